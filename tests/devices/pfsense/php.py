"""A box that runs the programs it is sent with the machine's own `php`, against stand-ins for the vendor's includes.

The program's absolute paths lead into a temporary tree, which is the root of the mount namespace it runs in. Files are
the tree's. What needs a kernel, daemons or drivers the stand-ins ask of the simulated box over a socket, so both
flavours share that: interfaces, pf, the rule generator, DHCP, siproxd. The clock is the machine's; only sleeping
processes live by the box's time.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from . import interfaces, operations
from .box import CACHE, RULES
from .configxml import CDATA_PREFIXES, LIST_TAGS, Tree
from .device import PfSense
from .files import TreeFiles
from .knobs import Knobs

STANDINS = Path(__file__).with_name("standins")
PHP = "/usr/local/bin/php"
FOLDERS = """
sbin etc/inc etc/php etc/alternatives dev usr tmp var/run var/db box/local/bin box/local/pkg cf/conf/backup root
""".split()
COMMANDS = {
    "php": ("box/local/bin", "/bin/sh"),
    "sleep": ("box/local/bin", "/bin/sh"),
    "pfctl": ("sbin", "/usr/bin/php -n"),
    "rc.filter_configure_sync": ("etc", PHP),
}
"""Where the stand-in of a command goes, and what runs it."""
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
PATIENCE = 60.0
STEP_SECONDS = 0.02


def _unshare() -> list[str]:
    return ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]


@lru_cache(maxsize=1)
def unavailable() -> str:
    """Why this flavour cannot run on this machine, "" when it can."""
    for name in ("unshare", "chroot", "mount"):
        if shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            return f"{name} is not installed (Debian: util-linux, coreutils)"
    if not Path("/usr/bin/php").exists() or not Path("/etc/php").is_dir():
        return "php is not installed (Debian: php-cli, php-xml)"
    for folder in ("/bin", "/lib"):
        if not Path(folder).is_symlink():
            return f"{folder} is no link into /usr, as this flavour's tree has it"
    with tempfile.TemporaryDirectory(prefix="pfsense-try-") as folder:
        tree = build_tree(Path(folder))
        tried = entered(tree, [PHP, "-r", "echo function_exists('xml_parse') ? 'yes' : 'no xml';"], b"")
    if tried.stdout != b"yes":
        said = (tried.stdout + tried.stderr).decode(errors="replace").strip().splitlines()
        return f"php does not run in a mount namespace here: {said[-1] if said else tried.returncode}"
    return ""


def build_tree(root: Path) -> Path:
    """The files of a box that are no state of it."""
    for name in FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("bin", "lib", "lib64"):
        if Path(f"/{name}").exists():
            (root / name).symlink_to(f"usr/{name}")
    (root / "conf").symlink_to("cf/conf")
    words = {"@LIST_TAGS@": " ".join(sorted(LIST_TAGS)), "@CDATA_PREFIXES@": " ".join(CDATA_PREFIXES)}
    for source in (STANDINS / "inc").iterdir():
        text = source.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(word, value)
        (root / "etc/inc" / source.name).write_text(text, encoding="utf-8")
    for name, (folder, interpreter) in COMMANDS.items():
        place = root / folder / name
        place.write_text(f"#!{interpreter}\n{(STANDINS / 'bin' / name).read_text(encoding='utf-8')}", encoding="utf-8")
        place.chmod(0o755)
    return root


def entered(root: Path, command: list[str], text: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a tree, with a text on its standard input."""
    return subprocess.run(
        [*_unshare(), "/bin/sh", str(STANDINS / "bin/enter"), str(root), *command],
        input=text,
        capture_output=True,
        env=ENVIRONMENT,
        timeout=PATIENCE,
        check=False,
    )


class PhpPfSense(PfSense):
    """A test device that carries programs out with real PHP. Call ``close`` (or leave ``with``) when done.

    Raises RuntimeError where `unavailable` has a reason.
    """

    flavour = "php"
    unavailable = staticmethod(unavailable)
    build = staticmethod(build_tree)
    own_parts = PfSense.own_parts | {"files", "root", "slept", "armed_at", "sleepers", "_time", "_socket", "_end"}

    def __init__(self, text: str, *, version: str = "2.8.0", patch: str = "", knobs: Knobs | None = None) -> None:
        if why := self.unavailable():
            raise RuntimeError(why)
        self._begin(self.build(Path(tempfile.mkdtemp(prefix="pfsense-"))))
        super().__init__(text, version=version, patch=patch, knobs=knobs, files=self.files)

    def _begin(self, root: Path) -> None:
        self.root = root
        self.files = TreeFiles(root)
        self.slept = 0.0
        self.armed_at: dict[str, float] = {}
        self.sleepers: dict[int, float] = {}
        self._time = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(root / "box/socket"))
        self._socket.listen(64)
        self._end = weakref.finalize(self, _finish, root, self._socket)
        method = weakref.WeakMethod(self.called)
        threading.Thread(target=_listen, args=(self._socket, method), name="pfsense-box", daemon=True).start()

    def close(self) -> None:
        """Take the tree away; processes that still sleep end without having done anything."""
        self._end()
        with self._time:
            self.slept = float("inf")
            self._time.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def take(self, other: Self) -> None:
        """Become a copy with a tree of its own; processes that sleep stay with the other."""
        root = Path(tempfile.mkdtemp(prefix="pfsense-"))
        shutil.copytree(other.root, root, symlinks=True, dirs_exist_ok=True, ignore=_sockets)
        super().take(other)
        self._begin(root)

    def boot(self) -> None:
        super().boot()
        source, place = STANDINS / "pkg/siproxd.inc", self.root / "box/local/pkg/siproxd.inc"
        if self.siproxd_installed(self.parse()):
            shutil.copyfile(source, place)
        else:
            place.unlink(missing_ok=True)

    # --- programs --------------------------------------------------------------------------------------------------

    def handle(self, program: str) -> bytes:
        """What `php` prints for a program on its standard input; faults strike as on the other flavour."""
        request = operations.request_of(program) or {}
        op = str(request.get("op", ""))
        with self.lock:
            self.note(op, request)
        return operations.struck(self, op, lambda: self._run(program))

    def _run(self, program: str) -> bytes:
        before, known = self._armed(), len(self.sleepers)
        with self._held("voip_hardening") if self.knobs.locked else contextlib.nullcontext():
            out = self.entered([PHP], program.encode()).stdout
        token = self._armed()
        if token and token != before:
            # Its time begins now, and not when its process comes to sleep.
            self.wait_for_sleepers(known + 1)
            self.armed_at = {token: self.slept}
        return out

    def entered(self, command: list[str], text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command in the box's tree, with a text on its standard input."""
        return entered(self.root, command, text)

    def _armed(self) -> str:
        found = operations.record(self, "armed.json")
        return str(found["token"]) if found else ""

    @contextlib.contextmanager
    def _held(self, name: str) -> Iterator[None]:
        with open(self.root / f"tmp/{name}.lock", "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def parse(self, *, cached: bool = False) -> Tree:
        """The configuration from the file: the cache in the tree is PHP's, and goes."""
        tree = super().parse()
        self.files.remove(CACHE)
        return tree

    # --- time ------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The machine's clock."""
        return time.time()

    def tick(self) -> None:
        """The time between two requests goes by without us."""

    def set_clock(self, seconds: float) -> None:
        """Raises NotImplementedError: PHP asks the machine."""
        raise NotImplementedError("php has the machine's clock")

    def advance(self, seconds: float) -> None:
        """Let sleeping processes sleep that long; returns when a timer that is due has done its work."""
        token = self._armed()
        armed = operations.record(self, "armed.json") if token else None
        with self._time:
            self.slept += seconds
            self._time.notify_all()
        if armed is not None and self.armed_at.get(token, self.slept) + armed["seconds"] <= self.slept:
            left = [f"{operations.OWN}/{name}" for name in ("armed.json", "firing.json")]
            self.wait_for(lambda: not any(map(self.files.exists, left)))
        self.resolve()

    def settle(self) -> None:
        """Processes need no telling."""

    def wait_for(self, done: Callable[[], bool]) -> None:
        """Wait for something that processes in the tree do; raises TimeoutError when they do not."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError("what the processes of the box were to do is not done")
            time.sleep(STEP_SECONDS)

    def wait_for_sleepers(self, count: int) -> None:
        """Wait until so many processes have come to sleep."""
        self.wait_for(lambda: len(self.sleepers) >= count)

    def _sleep(self, process: int, seconds: float) -> bool:
        """A process sleeps: it has a time of its own, so that many short sleeps are one long one."""
        with self._time:
            end = self.sleepers.setdefault(process, self.slept) + seconds
            began = time.monotonic()
            while self.slept + (time.monotonic() - began if self.knobs.realtime else 0.0) < end:
                self._time.wait(STEP_SECONDS if self.knobs.realtime else None)
            self.sleepers[process] = end
            return self._end.alive

    # --- what the stand-ins ask --------------------------------------------------------------------------------------

    def called(self, request: dict[str, Any]) -> Any:
        """The answer to a stand-in; raises KeyError for a call that is not known."""
        call = str(request["call"])
        if call == "sleep":
            return self._sleep(int(request["process"]), float(request["seconds"]))
        with self.lock:
            return getattr(self, CALLS[call])(request)

    def _call_write_gate(self, _request: Tree) -> str:
        return self.knobs.write_fails

    def _call_wrote(self, request: Tree) -> None:
        self.counters.writes += 1
        if request["peer"]:
            self.counters.synced += 1
        self.changed()

    def _call_reload(self, request: Tree) -> None:
        self.reload_filter(request["config"], request["aliases"])

    def _call_devices(self, _request: Tree) -> list[str]:
        return sorted(self.kernel.devices)

    def _call_address(self, request: Tree) -> Tree:
        return asdict(interfaces.address(request["config"], self.kernel, request["name"]))

    def _call_carp(self, _request: Tree) -> str:
        return self.knobs.carp

    def _call_down(self, request: Tree) -> None:
        interfaces.bring_down(request["config"], self.kernel, request["name"])

    def _call_configure(self, request: Tree) -> None:
        interfaces.configure(request["config"], self.kernel, request["name"], self.leases)

    def _call_vlan(self, request: Tree) -> str | None:
        return interfaces.configure_vlan(request["config"], self.kernel, request["vlanif"], self.leases)

    def _call_destroy(self, request: Tree) -> None:
        self.kernel.destroy(request["device"])

    def _call_dhcp(self, request: Tree) -> None:
        self.apply_dhcp(request["config"])

    def _call_siproxd(self, request: Tree) -> None:
        self.apply_siproxd(request["config"])

    def _call_event(self, request: Tree) -> None:
        words = str(request["event"]).split()
        if words[:2] == ["service", "restart"] and words[2] in self.restarts:
            self.restart(words[2])

    def _call_pfctl(self, request: Tree) -> Tree:
        out, error, code = self.pfctl([str(word) for word in request["arguments"]])
        return {"out": out, "error": error, "code": code}

    def pfctl(self, words: list[str]) -> tuple[str, str, int]:
        """What pfctl prints, on standard output and standard error, and its return code."""
        if words == ["-sr", "-vv"]:
            return "".join(f"@{place} {rule}\n" for place, rule in enumerate(self.kernel.loaded.rules)), "", 0
        if words == ["-nf", RULES]:
            code = self.check_load()
            return "", "pfctl: Syntax error in config file: pf rules not loaded\n" if code else "", code
        if len(words) == 4 and (words[0], *words[2:]) == ("-t", "-T", "show"):
            if words[1] not in self.kernel.tables:
                return "", "pfctl: Table does not exist.\n", 255
            return "".join(f"   {entry}\n" for entry in self.kernel.tables[words[1]]), "", 0
        if words[:1] == ["-k"] and words[2:3] in ([], ["-k"]):
            try:
                killed = self.kernel.kill(words[1], *words[3:])
            except ValueError:
                return "", f"pfctl: getaddrinfo: {words[1]}\n", 1
            return "", f"killed {killed} states from 1 sources and {len(words) // 4} destinations\n", 0
        return "", "usage: pfctl\n", 1


CALLS = {name.removeprefix("_call_"): name for name in vars(PhpPfSense) if name.startswith("_call_")}


def _sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if Path(folder, name).is_socket()]


def _listen(listener: socket.socket, method: weakref.WeakMethod[Callable[[dict[str, Any]], Any]]) -> None:
    while True:
        try:
            connection, _peer = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, method), name="pfsense-call", daemon=True).start()


def _answer(connection: socket.socket, method: weakref.WeakMethod[Callable[[dict[str, Any]], Any]]) -> None:
    with connection, connection.makefile("r", encoding="utf-8") as lines:
        called = method()
        text = lines.readline()
        if called is not None and text:
            answer = json.dumps(called(json.loads(text))).encode()
            # The process may be gone, as the tree is when a box is closed.
            with contextlib.suppress(OSError):
                connection.sendall(answer)


def _finish(root: Path, listener: socket.socket) -> None:
    shutil.rmtree(root, ignore_errors=True)
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
