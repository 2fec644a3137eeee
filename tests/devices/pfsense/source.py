"""A box whose programs run against the vendor's own PHP, from a checkout of github.com/pfsense/pfsense.

The folder that `VARIABLE` names is only read: its `src/etc` is copied into a temporary tree, folders of its
`src/usr/local` are mounted there. Parsing, serialising, history, and every rule in /tmp/rules.debug are the vendor's.
Ours are the extension's functions, the commands (which do nothing, or what the simulated box does) and a stand-in for
one package of PEAR. What no public checkout has stays simulated: pf, drivers, daemons, the siproxd package.

The programs run in namespaces of their own, so that nothing they may kill, mount or send leaves the box.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import interfaces, php
from .box import CONFIG, LEASE, NETWORK_CARDS, RULES
from .configxml import Tree, copied
from .interfaces import is_v4, is_v6
from .kernel import Kernel, Refused
from .knobs import Knobs
from .php import ENVIRONMENT, PATIENCE, STANDINS, PhpPfSense

VARIABLE = "VOIP_PFSENSE_SOURCE"
OWN = STANDINS / "source"
FOLDERS = """
bin box/local/bin box/local/captiveportal box/local/etc/kea box/local/pfSense box/local/pkg box/local/share/pear/Net
box/local/sbin box/local/www cf/conf/backup dev etc/alternatives etc/php proc root sbin tmp usr var/db/aliastables
var/dhcpd/etc var/dhcpd/var/db var/etc var/log var/run var/unbound
""".split()
# src/etc/rc.php_ini_setup
INCLUDE_PATH = ":".join(
    """
. /etc/inc /usr/local/pfSense/include /usr/local/pfSense/include/www /usr/local/www /usr/local/captiveportal
/usr/local/pkg /usr/local/www/classes /usr/local/www/classes/Form /usr/local/share/pear
""".split()
)
PLACEHOLDERS = {
    "PEAR.php": "class PEAR {\n\tpublic static function loadExtension($name) {\n\t}\n}\n",
    **dict.fromkeys(("Mail.php", "Auth/RADIUS.php", "Crypt/CHAP.php", "XML/RPC2/Client.php"), ""),
}
"""Files of PEAR that are included, and called only by what no test here asks for: mail, RADIUS, the pair of boxes."""
DEVICES = ("full", "null", "random", "urandom", "zero")
ACCOUNTS = {
    "passwd": "root:*:0:0::/root:/bin/sh\nnobody:*:65534:65534::/nonexistent:/usr/sbin/nologin\n",
    "group": "wheel:*:0:root\nnobody:*:65534:\n",
}
SHELL, BARE_PHP = "/bin/sh", "/usr/bin/php -n"
COMMANDS = (
    ("box/local/bin/php", OWN / "php", SHELL),
    ("box/local/bin/php-cgi", OWN / "php", SHELL),
    ("box/local/bin/sleep", STANDINS / "bin/sleep", SHELL),
    ("sbin/pfctl", STANDINS / "bin/pfctl", BARE_PHP),
    ("sbin/ifconfig", OWN / "ifconfig", BARE_PHP),
)
"""Where a stand-in goes, and what runs it; every other command that the vendor's files name does nothing."""
PROLOGUE = "".join(f"require_once('{name}.inc');\n" for name in ("config", "functions", "filter", "interfaces"))
FRESH = """
if (function_exists('config_read_file')) {
    config_read_file(false, false);
} else {
    $config = parse_config(true);
}
"""
EVENTS = "/var/run/check_reload_status"
RELOAD = "/etc/rc.filter_configure_sync"
_COMMAND = re.compile(r"(?<![\w/])/(?:sbin|usr/local/s?bin)/[A-Za-z0-9_.-]*[A-Za-z0-9_]")
_STATIC = re.compile(r"^(\s*)static (\$\w+) = (?=(?!array\()(?:\$|[\w:>$-]+\(|function\b))", re.MULTILINE)
"""Static variables that begin with a value that is computed, which PHP takes from 8.3 on."""
_LEVEL = re.compile(r"'latest_config' => '([0-9.]+)'")


def source() -> Path:
    """The folder `src` of the checkout; raises RuntimeError that says what is wrong with the variable."""
    named = os.environ.get(VARIABLE, "")
    if not named:
        raise RuntimeError(f"{VARIABLE} is not set (CONTRIBUTING.md says what it names)")
    folder = Path(named).resolve() / "src"
    for needed in ("etc/inc/config.lib.inc", "etc/inc/filter.inc", "etc/version", "usr/local/pfSense/include"):
        if not (folder / needed).exists():
            raise RuntimeError(f"{VARIABLE} is {named}, which has no src/{needed}")
    return folder


@lru_cache(maxsize=1)
def unavailable() -> str:
    """Why this flavour cannot run on this machine, "" when it can."""
    if shutil.which("nsenter", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
        return "nsenter is not installed (Debian: util-linux)"
    if why := php.unavailable():
        return why
    needs = "echo implode(' ', array_filter(['ctype', 'mbstring', 'posix', 'xml'], fn($n) => !extension_loaded($n)));"
    lacks = subprocess.run(["/usr/bin/php", "-r", needs], capture_output=True, text=True, check=False).stdout
    if lacks:
        return f"php lacks {lacks} (Debian: php-mbstring, php-xml)"
    try:
        source()
    except RuntimeError as error:
        return str(error)
    return ""


def release_text() -> str:
    """The release of the checkout, as /etc/version has it."""
    return (source() / "etc/version").read_text(encoding="ascii").strip()


def level() -> str:
    """The level of configuration that the checkout writes."""
    found = _LEVEL.search((source() / "etc/inc/globals.inc").read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError("src/etc/inc/globals.inc does not say latest_config")
    return found[1]


def nearest_release() -> str:
    """The simulated release whose manners the checkout has: the accessors of 2.7 or those since."""
    return "2.7.2" if release_text().startswith("2.7") else "2.8.0"


@lru_cache(maxsize=1)
def _php_is_older() -> bool:
    asked = ["/usr/bin/php", "-n", "-r", "echo PHP_VERSION_ID;"]
    return int(subprocess.run(asked, capture_output=True, check=True).stdout) < 80300


def edited(text: str) -> str:
    """A file of the vendor's as this machine's PHP takes it."""
    return _STATIC.sub(r"\1static \2 = null; \2 ??= ", text) if _php_is_older() else text


@lru_cache(maxsize=1)
def _template() -> tuple[Path, tuple[str, ...]]:
    """The vendor's `etc` as it goes into every tree, and the commands that his files name."""
    folder = Path(tempfile.mkdtemp(prefix="pfsense-source-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(source() / "etc", folder / "etc")
    commands: set[str] = set()
    for place in (folder / "etc").rglob("*"):
        if not place.is_file() or place.name.startswith("dh-parameters"):
            continue
        text = place.read_text(encoding="utf-8", errors="surrogateescape")
        commands.update(_COMMAND.findall(text))
        changed = edited(text) if place.suffix == ".inc" else text
        if changed != text:
            place.write_text(changed, encoding="utf-8", errors="surrogateescape")
        if text.startswith("#!"):
            place.chmod(0o755)
    return folder / "etc", tuple(sorted(commands))


def build_tree(root: Path) -> Path:
    """The files of a box that are no state of it; raises RuntimeError where `source` does."""
    folder = source()
    etc, commands = _template()
    for name in FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "bin").rmdir()
    for name in ("bin", "lib", "lib64"):
        if Path(f"/{name}").exists():
            (root / name).symlink_to(f"usr/{name}")
    (root / "conf").symlink_to("cf/conf")
    for device in DEVICES:
        (root / "dev" / device).touch()
    shutil.copytree(etc, root / "etc", dirs_exist_ok=True)
    for name, text in ACCOUNTS.items():
        (root / "etc" / name).write_text(text, encoding="ascii")
    for name in ("sbin", "bin"):
        shutil.copytree(folder / "usr/local" / name, root / "box/local" / name, dirs_exist_ok=True)
    for name in ("box.inc", "sleep.php"):
        shutil.copyfile(STANDINS / "inc" / name, root / "etc/inc" / name)
    shutil.copyfile(OWN / "extension.inc", root / "box/extension.inc")
    shutil.copyfile(OWN / "IPv6.php", root / "box/local/share/pear/Net/IPv6.php")
    for name, text in PLACEHOLDERS.items():
        place = root / "box/local/share/pear" / name
        place.parent.mkdir(exist_ok=True, parents=True)
        place.write_text(f"<?php\n{text}", encoding="ascii")
    for command in commands:
        place = root / command.lstrip("/").replace("usr/local", "box/local")
        if not place.exists():
            _install(place, OWN / "command", SHELL)
    for name, file, interpreter in COMMANDS:
        _install(root / name, file, interpreter)
    return root


def _install(place: Path, file: Path, interpreter: str) -> None:
    text = file.read_text(encoding="ascii").replace("@INCLUDE_PATH@", INCLUDE_PATH)
    place.write_text(f"#!{interpreter}\n{text}", encoding="ascii")
    place.chmod(0o755)


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["--map-root-user"]


class SourcePfSense(PhpPfSense):
    """A test device that carries programs out with the vendor's PHP. Call ``close`` (or leave ``with``) when done.

    `wrote_down`: calls of functions of the extension that the box does not simulate. `events`: what the daemon that
    starts things was told. Raises RuntimeError where `unavailable` has a reason.
    """

    flavour = "source"
    own_parts = PhpPfSense.own_parts | {"wrote_down", "events", "_parsed", "_calls", "_holder", "_events_end"}
    unavailable = staticmethod(unavailable)
    build = staticmethod(build_tree)

    def __init__(self, text: str, *, version: str = "2.8.0", patch: str = "", knobs: Knobs | None = None) -> None:
        super().__init__(text, version=version, patch=patch, knobs=knobs)
        # As a box has it, which wrote its file itself.
        self.files.write(CONFIG, self.said(f"{FRESH}$said = dump_xml_config($config, 'pfsense');"))
        self.parse()

    def _begin(self, root: Path) -> None:
        self.wrote_down: list[tuple[str, list[Any]]] = []
        self.events: list[str] = []
        self._parsed: tuple[str, Tree] = ("", {})
        # Not the box's own lock: that one is held while a program of a test runs, which asks things.
        self._calls = threading.RLock()
        super()._begin(root)
        held = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", *_as_root()]
        self._holder = subprocess.Popen(
            [*held, "/bin/sh", str(OWN / "enter"), str(root), str(source())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        assert self._holder.stdout is not None
        assert self._holder.stderr is not None
        if self._holder.stdout.readline() != b"ready\n":
            self._holder.wait()
            raise RuntimeError(f"the namespaces of the box: {self._holder.stderr.read().decode().strip()}")
        listener = socket.socket(socket.AF_UNIX)
        # A path that is bound may be 107 bytes long, which is less than a temporary folder's may have.
        here = os.open(root, os.O_PATH)
        try:
            listener.bind(f"/proc/self/fd/{here}{EVENTS}")
        finally:
            os.close(here)
        listener.listen(8)
        method = weakref.WeakMethod(self._told)
        threading.Thread(target=_hear, args=(listener, method), name="pfsense-events", daemon=True).start()
        self._events_end = weakref.finalize(self, _let_go, listener, self._holder)

    def close(self) -> None:
        """End every process of the box and take its tree away."""
        self._events_end()
        super().close()

    def entered(self, command: list[str], text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command in the box's tree, with a text on its standard input."""
        process = self._holder.pid
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        into = ["--mount", "--net", f"--pid=/proc/{process}/ns/pid_for_children"]
        return subprocess.run(
            ["nsenter", f"--target={process}", *user, *into, "chroot", str(self.root), *command],
            input=text,
            capture_output=True,
            env=ENVIRONMENT,
            timeout=PATIENCE,
            check=False,
        )

    def said(self, text: str, given: Any = None) -> Any:
        """What a program of a test leaves in `$said`; `$given` is its input. Raises RuntimeError when it dies.

        What the vendor's includes print, and warnings, are not looked at.
        """
        self.files.write("/box/given", json.dumps(given))
        program = (
            f"<?php\n{PROLOGUE}$given = json_decode(file_get_contents('/box/given'), true);\n$said = null;\n{text}\n"
        )
        ended = self.entered([php.PHP], f'{program}echo "\\n@@", json_encode($said);'.encode())
        _before, mark, answer = ended.stdout.decode().rpartition("\n@@")
        if not mark:
            raise RuntimeError(f"the program died: {(ended.stdout + ended.stderr).decode(errors='replace')[-500:]}")
        return json.loads(answer)

    # --- what the vendor does ----------------------------------------------------------------------------------------

    def parse(self, *, cached: bool = False) -> Tree:
        """The configuration in the file as the vendor's parser gives it; raises RuntimeError where PHP dies."""
        text = self.files.read(CONFIG)
        if self._parsed[0] != text:
            self._parsed = (text, self.said(f"{FRESH}$said = $config;"))
        tree: Tree = copied(self._parsed[1])
        return tree

    @property
    def config(self) -> Tree:
        """The whole configuration, read anew from the file."""
        return self.parse()

    def write_config(
        self, tree: Tree, description: str, *, user: str = "(system)", backup: bool = True
    ) -> Tree | int | bool:
        """write_config of the vendor."""
        session = "" if user == "(system)" else "$_SESSION['Username'] = $given['user'];"
        text = f"{session} $config = $given['tree']; write_config($given['description'], $given['backup']);"
        self.said(text, {"tree": tree, "description": description, "user": user, "backup": backup})
        self.counters.writes += 1
        return tree

    def boot(self) -> None:
        self.files.write("/etc/version", f"{release_text()}\n")
        super().boot()

    def apply_all(self) -> None:
        """Devices and addresses as a start leaves them; the rules are the vendor's."""
        config = self.parse()
        vlans = {str(entry["vlanif"]) for entry in _listed(config, "vlans", "vlan")}
        lines = {str(entry["if"]) for entry in config["interfaces"].values() if entry.get("ipaddr") == "pppoe"}
        self.kernel = Kernel(devices={*NETWORK_CARDS, *vlans, *lines}, journal=self.kernel.journal)
        self.kernel.ipv4 |= dict.fromkeys(lines, (LEASE[0], 32))
        for name, entry in config["interfaces"].items():
            if entry["if"] not in lines:
                interfaces.configure(config, self.kernel, name, self.leases)
        self.apply_siproxd(config)
        self.reload_filter()

    def reload_filter(self, config: Tree | None = None, known: Collection[str] | None = None) -> None:
        """filter_configure_sync of the vendor."""
        self.counters.reloads += 1
        done = self.entered([RELOAD])
        if done.returncode:
            raise RuntimeError(f"{RELOAD}: {(done.stdout + done.stderr).decode(errors='replace')[-500:]}")

    @property
    def rules(self) -> list[str]:
        """The lines of /tmp/rules.debug."""
        return self.files.read(RULES).splitlines()

    def backups(self) -> dict[str, str]:
        """The configurations of the history by file name."""
        return {name: text for name, text in self.history.items() if name.endswith(".xml")}

    # --- what the stand-ins ask --------------------------------------------------------------------------------------

    def called(self, request: dict[str, Any]) -> Any:
        call = str(request["call"])
        if call == "sleep":
            return super().called(request)
        with self._calls:
            return getattr(self, OWN_CALLS.get(call) or php.CALLS[call])(request)

    def _own_extension(self, request: Tree) -> None:
        self.wrote_down.append((request["function"], request["arguments"]))

    def _own_device(self, request: Tree) -> Tree | None:
        device = request["device"]
        if device not in self.kernel.devices:
            return None
        return {"ipv4": self.kernel.ipv4.get(device), "ipv6": self.kernel.ipv6.get(device)}

    def _own_create(self, request: Tree) -> str:
        kind = str(request["kind"])
        name = kind if kind[-1].isdigit() else f"{kind}{len(self.kernel.devices)}"
        self.kernel.create(name)
        return name

    def _own_rename(self, request: Tree) -> bool:
        if request["device"] not in self.kernel.devices or request["name"] in self.kernel.devices:
            return False
        self.kernel.destroy(request["device"])
        self.kernel.create(request["name"])
        return True

    def _own_tag(self, request: Tree) -> None:
        self.wrote_down.append(("tag", [request[name] for name in ("device", "parent", "tag", "priority")]))
        if request["parent"] not in self.kernel.devices:
            self.kernel.destroy(request["device"])

    def _own_setaddress(self, request: Tree) -> bool:
        address, _slash, bits = str(request["address"]).partition("/")
        if request["device"] not in self.kernel.devices or not is_v4(address):
            return False
        self.kernel.ipv4[request["device"]] = (address, int(bits or 32))
        return True

    def _own_deladdress(self, request: Tree) -> bool:
        address = str(request["address"]).partition("/")[0]
        for held in (self.kernel.ipv4, self.kernel.ipv6):
            if held.get(request["device"], ("", 0))[0] == address:
                del held[request["device"]]
                return True
        return False

    def _own_ifconfig(self, request: Tree) -> None:
        """Addresses that go or are IPv6, which the vendor does with this command."""
        device, *words = [str(word) for word in request["arguments"]] or [""]
        if words == ["delete"]:
            self.kernel.ipv4.pop(device, None)
        elif words[:1] == ["inet6"] and len(words) > 1 and is_v6(words[1]):
            if words[2:] == ["delete"]:
                self._own_deladdress({"device": device, "address": words[1]})
            elif words[2:3] == ["prefixlen"] and device in self.kernel.devices:
                self.kernel.ipv6[device] = (words[1], int(words[3]))

    def pfctl(self, words: list[str]) -> tuple[str, str, int]:
        """What pfctl prints, on standard output and standard error, and its return code."""
        if words in (["-o", "basic", "-f", RULES], ["-f", RULES]):
            if "-o" in words:
                self._refusal, self._next_refusal = self._next_refusal, ""
            try:
                self.load()
            except Refused as refused:
                return "", f"{refused}\n", 1
            return "", "", 0
        if words in (["-e"], ["-d"]):
            self.kernel.enabled = words == ["-e"]
            return "", "", 0
        if words == ["-sT"]:
            return "".join(f"{name}\n" for name in self.kernel.tables), "", 0
        if len(words) == 4 and (words[0], *words[2:]) == ("-t", "-T", "kill"):
            self.kernel.tables.pop(words[1], None)
            return "", "", 0
        if words[:1] in (["-sr"], ["-nf"], ["-k"]) or words[2:] == ["-T", "show"]:
            return super().pfctl(words)
        return "", "", 0

    def _told(self, event: str) -> None:
        with self._calls:
            self.events.append(event)
        self._call_event({"event": event})


OWN_CALLS = {name.removeprefix("_own_"): name for name in vars(SourcePfSense) if name.startswith("_own_")}


def _listed(config: Tree, section: str, tag: str) -> list[Tree]:
    held = config.get(section)
    found = held.get(tag, []) if isinstance(held, dict) else []
    return [entry for entry in found if isinstance(entry, dict)]


def _hear(listener: socket.socket, method: weakref.WeakMethod[Any]) -> None:
    """The daemon that starts things: it says OK to each event."""
    while True:
        try:
            connection, _peer = listener.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            while told := connection.recv(4096):
                if (heard := method()) is not None:
                    heard(told.decode(errors="replace"))
                connection.sendall(b"OK\n")


def _let_go(listener: socket.socket, holder: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    if holder.stdin is not None:
        holder.stdin.close()
    try:
        holder.wait(10)
    except subprocess.TimeoutExpired:
        holder.kill()
        holder.wait()
    for stream in (holder.stdout, holder.stderr):
        if stream is not None:
            stream.close()
