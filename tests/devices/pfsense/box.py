"""A pfSense box: its files, its running system, and what the vendor's functions do to them.

Sources: pfsense/pfsense RELENG_2_7_2 and master at 6a92af1458 (2.8.0), src/etc/inc/config.lib.inc, util.inc,
filter.inc, interfaces.inc, services.inc; the siproxd package of pfsense/FreeBSD-ports.
"""

from __future__ import annotations

import base64
import binascii
import copy
import json
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Self

from . import interfaces
from .accounts import Accounts
from .configxml import ParseError, Thrown, Tree, copied, dumped, parsed
from .faults import Faults
from .files import Files, MemoryFiles
from .filter import Generator, siproxd_on
from .kernel import Kernel, Refused, table_entries
from .knobs import Counters, Knobs
from .tree import del_path, entries, fields, get_path, set_path
from .versions import Release, release

CONFIG = "/cf/conf/config.xml"
BACKUPS = "/cf/conf/backup"
CACHE = "/tmp/config.cache"
STATUS = "/var/run/filter_reload_status"
RULES = "/tmp/rules.debug"
LAST_RULES = "/cf/conf/rules.debug.old"
BOOTING = "/var/run/booting"
BACKUP_COUNT = 30
SUBSYSTEMS = ("aliases", "filter", "natconf", "shaper", "interfaces", "dhcpd", "vip", "staticroutes")
FILTER_SUBSYSTEMS = SUBSYSTEMS[:4]
NETWORK_CARDS = ("em0", "em1", "em2", "lo0")
LEASE = ("203.0.113.2", 24)
"""What a DHCP server of the provider gives to the first card."""
START = 1_750_000_000
PLAUSIBLE = 1_093_996_800
"""Before September 2004 a revision is written without its time."""
STEP_SECONDS = 0.02
GUI_USER = "admin@10.0.0.50 (Local Database)"
OPTION_NUMBERS = {"tftp-server-name": 66, "boot-file-name": 67, "ntp-servers": 42, "domain-name-servers": 6}


class Dead(Exception):
    """PHP ends with a text and without an answer."""


@dataclass
class Timer:
    """A detached process that sleeps until `due` on the simulated clock and then runs a program."""

    due: float
    token: str


class Box:
    """One box. ``text`` is its config.xml; see the package for starting ones."""

    flavour = "python"
    own_parts = frozenset(("lock", "accounts", "faults", "counters", "on_change", "on_drop", "release"))
    """What a copy does not take over."""

    def __init__(
        self,
        text: str,
        *,
        version: str = "2.8.0",
        patch: str = "",
        knobs: Knobs | None = None,
        files: Files | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.release: Release = release(version)
        self.knobs = knobs or Knobs()
        self.faults = Faults()
        self.counters = Counters()
        self.accounts = Accounts(self)
        self.kernel = Kernel()
        self.files: Files = files if files is not None else MemoryFiles()
        self.leases = {NETWORK_CARDS[0]: LEASE}
        self.timers: list[Timer] = []
        self.log: list[dict[str, Any]] = []
        self.restarts = {"webgui": 0, "sshd": 0, "sshguard": 0}
        self.dhcp: Tree = {}
        self.siproxd = False
        self.on_change: list[Callable[[], None]] = []
        self.on_drop: list[Callable[[], None]] = []
        self._filterdns: dict[str, list[str]] = {}
        self._refusal = self._next_refusal = ""
        self._clock = float(START)
        self._since = time.monotonic()
        self.files.write("/etc/version", f"{self.release.text}\n")
        if patch:
            self.files.write("/etc/versionpatch", f"{patch}\n")
        self.files.write("/etc/bogons", "")
        self.files.write(CONFIG, text)
        self.boot()

    # --- what tests look at ----------------------------------------------------------------------------------------

    @property
    def xml(self) -> str:
        """The text of config.xml."""
        self.settle()
        return self.files.read(CONFIG)

    @xml.setter
    def xml(self, text: str) -> None:
        # As somebody's editor does: the cache and the running system know nothing of it.
        self.files.write(CONFIG, text)

    @property
    def config(self) -> Tree:
        """The configuration as the vendor's parser gives it, a copy; raises ParseError for a broken file."""
        tree: Tree = copied(parsed(self.xml))
        return tree

    @property
    def history(self) -> dict[str, str]:
        """The texts of the backups by file name."""
        return {name: self.files.read(f"{BACKUPS}/{name}") for name in self.files.listed(BACKUPS)}

    @property
    def dirty(self) -> list[str]:
        """The subsystems with changes that were saved and not applied."""
        return sorted(name for name in SUBSYSTEMS if self.files.exists(f"/var/run/{name}.dirty"))

    @property
    def status(self) -> str:
        """The last line of filter_reload_status that says something."""
        lines = [line.strip() for line in self.files.read(STATUS).splitlines() if line.strip()]
        return lines[-1] if lines else ""

    @property
    def running(self) -> list[int]:
        """The trackers of the rules that pf holds, sorted, each once."""
        return sorted(self.kernel.loaded.trackers)

    @property
    def booting(self) -> bool:
        """Whether the box is still starting up: whatever loads the configuration then prints a dot."""
        return self.files.exists(BOOTING)

    @booting.setter
    def booting(self, value: bool) -> None:
        if value:
            self.files.write(BOOTING, "")
        else:
            self.files.remove(BOOTING)

    @property
    def now(self) -> float:
        """The box's clock, seconds since 1970."""
        return self._clock + (time.monotonic() - self._since if self.knobs.realtime else 0.0)

    def state(self) -> dict[str, Any]:
        """What the box does and holds beside its files, for comparison and for the side channel."""
        self.settle()
        kernel = self.kernel
        return {
            "config": self.config,
            "dirty": self.dirty,
            "status": self.status,
            "running": self.running,
            "tables": kernel.tables,
            "devices": sorted(kernel.devices),
            "ipv4": kernel.ipv4,
            "ipv6": kernel.ipv6,
            "dhcp": self.dhcp,
            "siproxd": self.siproxd,
            "states": kernel.states,
            "restarts": self.restarts,
        }

    def copy(self) -> Self:
        """Another box in the same state, with nothing shared; servers, faults and what was counted stay behind."""
        made = type(self).__new__(type(self))
        with self.lock:
            made.take(self)
        return made

    def take(self, other: Self) -> None:
        """Become a copy of another box."""
        for name, value in other.__dict__.items():
            if name not in self.own_parts:
                setattr(self, name, copy.deepcopy(value))
        self.release = other.release
        self.lock = threading.RLock()
        self.faults, self.counters, self.on_change, self.on_drop = Faults(), Counters(), [], []
        self.accounts = Accounts(self)
        self.accounts.key_only = other.accounts.key_only

    def note(self, op: str, request: dict[str, Any]) -> None:
        """Count a request, and let the time before it go by."""
        self.counters.requests[op] = self.counters.requests.get(op, 0) + 1
        self.tick()
        edits = len(request.get("edits") or [])
        self.log.append({"op": op, "description": request.get("description", ""), "edits": edits})

    def changed(self) -> None:
        """Tell those who want to know that something was stored or applied."""
        for call in self.on_change:
            call()

    # --- time ------------------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Let time go by: timers fire at their time, filterdns resolves."""
        with self.lock:
            end = self._clock + seconds
            while due := sorted((timer for timer in self.timers if timer.due <= end), key=lambda timer: timer.due):
                self._clock = max(self._clock, due[0].due)
                self._fire(due[0])
            self._clock = end
            self.resolve()

    def settle(self) -> None:
        """With a clock that goes on by itself: what should have happened by now happens."""
        if self.knobs.realtime:
            with self.lock:
                for timer in [timer for timer in self.timers if timer.due <= self.now]:
                    self._fire(timer)

    def set_clock(self, seconds: float) -> None:
        """Put the clock right, or wrong. Processes that sleep do not mind."""
        with self.lock:
            shift = seconds - self.now
            self._clock += shift
            for timer in self.timers:
                timer.due += shift

    def start_timer(self, seconds: int, token: str) -> None:
        """A detached process begins to sleep."""
        self.timers.append(Timer(self.now + seconds, token))

    def tick(self) -> None:
        """The time between two requests goes by."""
        self.settle()
        self._clock += self.knobs.tick

    def wait_past(self, second: str) -> None:
        """Wait, as a program does, until the clock shows another second than this one."""
        while str(int(self.now)) == second:
            if self.knobs.realtime:
                time.sleep(STEP_SECONDS)
            else:
                self._clock += 1

    def _fire(self, timer: Timer) -> None:
        self.timers.remove(timer)
        self.expired(timer.token)

    def expired(self, token: str) -> None:
        """The process of a timer has slept enough."""
        raise NotImplementedError

    # --- configuration ---------------------------------------------------------------------------------------------

    def parse(self, *, cached: bool = False) -> Tree:
        """The configuration, from the cache where that is wanted and there; raises Dead where PHP would die.

        The cache of this flavour is the text that the vendor's holds the parsed form of. A file that cannot be read is
        replaced with the newest backup that can.
        """
        if cached and self.files.exists(CACHE):
            return parsed(self.files.read(CACHE))
        self.files.remove(CACHE)
        try:
            tree = parsed(self.files.read(CONFIG))
        except ParseError as error:
            if isinstance(error, Thrown) and not self.release.reads_anew:
                raise Dead(f"Uncaught Exception: {error}") from error
            text = self._last_backup()
            if text is None:
                raise Dead("Config.xml is corrupted and is 0 bytes.  Could not restore a previous backup.") from None
            self.files.write(CONFIG, text)
            tree = parsed(text)
        self.files.write(CACHE, self.files.read(CONFIG))
        return tree

    def _last_backup(self) -> str | None:
        for name in sorted(self.files.listed(BACKUPS), key=_natural, reverse=True):
            text = self.files.read(f"{BACKUPS}/{name}")
            try:
                parsed(text)
            except ParseError:
                continue
            return text
        return None

    def write_config(
        self, tree: Tree, description: str, *, user: str = "(system)", backup: bool = True
    ) -> Tree | int | bool:
        """write_config: a backup named after the last revision's second, a new revision, the file, the history pruned.

        Returns the tree as it is read again, False when it is refused, -1 when it fails.
        """
        if "reset_factory_defaults" in tree or self.knobs.write_fails == "refused":
            return False
        if backup:
            self.backup_config(tree)
        revision: Tree = {"time": int(self.now)} if self.now > PLAUSIBLE else {}
        tree["revision"] = {**revision, "description": f"{user}: {description}", "username": user}
        if self.knobs.write_fails == "failed":
            return -1
        self.files.write(CONFIG, dumped(tree))
        self._prune(tree)
        self.counters.writes += 1
        if get_path(tree, "hasync/synchronizetoip"):
            self.counters.synced += 1
        made = self.parse()
        self.changed()
        return made

    def backup_config(self, tree: Tree) -> None:
        """backup_config: one file a second; a second one within it replaces the first."""
        self.files.write(f"{BACKUPS}/config-{get_path(tree, 'revision/time', '') or 0}.xml", self.files.read(CONFIG))

    def _prune(self, tree: Tree) -> None:
        wanted = str(get_path(tree, "system/backupcount", ""))
        count = int(wanted) if wanted.isdigit() else BACKUP_COUNT
        names = sorted((name for name in self.files.listed(BACKUPS) if name.startswith("config-")), key=_natural)
        for name in names[: max(0, len(names) - count)]:
            self.files.remove(f"{BACKUPS}/{name}")

    def restore_config(self, path: str, label: str) -> None:
        """config_restore: a backup of what is there, another file in its place, and a new revision of that.

        The revision names the label; before 2.8 there is none, and it names the file.
        """
        text = self.files.read(path)
        self.backup_config(self.parse())
        self.files.write(CONFIG, text)
        said = f'"{label}"' if self.release.reads_anew else f"{path.rpartition('/')[2]}."
        self.write_config(copied(self.parse()), f"Reverted to {said}", backup=False)

    # --- applying --------------------------------------------------------------------------------------------------

    def mark_dirty(self, *names: str) -> None:
        """mark_subsystem_dirty."""
        for name in names:
            self.files.write(f"/var/run/{name}.dirty", "DIRTY")

    def clear_dirty(self, *names: str) -> None:
        """clear_subsystem_dirty."""
        for name in names:
            self.files.remove(f"/var/run/{name}.dirty")

    def reload_filter(self, config: Tree | None = None, known: Collection[str] | None = None) -> None:
        """filter_configure_sync: rules made and loaded; refused ones leave the old ones where they are.

        With `system/disablefilter` pf is switched off and nothing more is done: the old rules stay in it, and the
        flags of unapplied changes stay set. `known`: the names that are in the table of aliases, if not all are.
        """
        tree = config if config is not None else self.parse(cached=True)
        self.counters.reloads += 1
        made = Generator(tree, self.kernel, self.files.read, reserved=self.release.reserved_aliases, known=known).run()
        lines = [
            "Initializing",
            "Creating aliases",
            "Generating NAT rules",
            "Generating filter rules",
            "Loading filter rules",
        ]
        self.kernel.enabled = "disablefilter" not in fields(tree, "system")
        if not self.kernel.enabled:
            self._status([*lines, "Filter is disabled.  Not loading rules."])
            return
        self.files.write(RULES, made.text)
        self._refusal, self._next_refusal = self._next_refusal, ""
        try:
            self.load()
        except Refused as refused:
            error = str(refused).splitlines()[0]
            number = int(error.split(":")[1])
            line = made.text.splitlines()[number - 1]
            text = f"There were error(s) loading the rules: {error} - The line in question reads [{number}]: {line}\n"
            self._status([*lines, text])
            return
        self.files.write(LAST_RULES, made.text)
        wanted = set(self.kernel.loaded.tables)
        for name in [name for name in self.kernel.tables if name not in wanted]:
            del self.kernel.tables[name]
        self._filterdns = made.names
        self._status([*lines, "Processing down interface states", "Running plugins", "Done"])
        self.clear_dirty(*FILTER_SUBSYSTEMS)

    def _status(self, lines: list[str]) -> None:
        self.files.write(STATUS, "".join(f"{line}\n" for line in lines))

    def load(self) -> None:
        """``pfctl -f /tmp/rules.debug``; raises Refused."""
        self._tune()
        self.kernel.load(self.files.read(RULES), RULES, self.files.read)

    def check_load(self) -> int:
        """The return code of ``pfctl -nf /tmp/rules.debug``."""
        self._tune()
        try:
            self.kernel.checked(self.files.read(RULES), RULES, self.files.read)
        except Refused:
            return 1
        return 0

    def _tune(self) -> None:
        self.kernel.load_error = self._refusal or self.knobs.load_error
        self.kernel.unknown_queue = self.knobs.unknown_queue

    def refuse_next(self, text: str) -> None:
        """pf refuses the rules that are made next, and only those."""
        self._next_refusal = text

    def resolve(self) -> None:
        """filterdns fills the tables of aliases with host names, as far as it can resolve them."""
        for table, names in self._filterdns.items():
            found = [known for name in names for known in self.knobs.resolves.get(name, "").split()]
            literals = [name for name in names if name[0].isdigit() or ":" in name]
            self.kernel.tables[table] = table_entries(literals + found)

    def apply_dhcp(self, config: Tree) -> None:
        """services_dhcpd_configure: what the DHCP server hands out from now on, by interface.

        Kea hands out what it has a field for and `custom_kea_config`; `numberoptions` are only for ISC.
        """
        kea = get_path(config, "dhcpbackend") == "kea"
        self.dhcp = {}
        for name, entry in fields(config, "dhcpd").items():
            own = interfaces.address(config, self.kernel, name)
            interface = fields(config, f"interfaces/{name}")
            if not isinstance(entry, dict) or "enable" not in entry or "enable" not in interface or not own.ipv4:
                continue
            options: dict[str, str] = {}
            if entry.get("tftp"):
                options["66"] = entry["tftp"]
            if kea:
                options |= _kea_options(entry.get("custom_kea_config", ""))
            else:
                options |= {
                    str(item.get("number")): _unpacked(item.get("value", ""))
                    for item in entries(entry, "numberoptions/item")
                }
            ranges = fields(entry, "range")
            self.dhcp[name] = {
                "backend": "kea" if kea else "isc",
                "from": ranges.get("from", ""),
                "to": ranges.get("to", ""),
                "options": options,
                "closed": "denyunknown" in entry,
                "hosts": {
                    host["mac"]: host.get("ipaddr", "") for host in entries(entry, "staticmap") if host.get("mac")
                },
            }

    def siproxd_installed(self, config: Tree) -> bool:
        """Whether the package is there, and its functions with it."""
        return any(entry.get("name") == "siproxd" for entry in entries(config, "installedpackages/package"))

    def apply_siproxd(self, config: Tree) -> None:
        """sync_package_siproxd: the proxy runs or it does not; the filter is not told."""
        self.siproxd = siproxd_on(config)

    def apply_all(self) -> None:
        """What a restored configuration asks for: devices, addresses, DHCP, packages and rules, all of it."""
        config = self.parse()
        vlans = {str(entry.get("vlanif")) for entry in entries(config, "vlans/vlan")}
        for device in sorted(self.kernel.devices - vlans - set(NETWORK_CARDS)):
            self.kernel.destroy(device)
        for device in sorted(vlans - self.kernel.devices):
            interfaces.configure_vlan(config, self.kernel, device, self.leases)
        for name in fields(config, "interfaces"):
            interfaces.configure(config, self.kernel, name, self.leases)
        self.apply_dhcp(config)
        self.apply_siproxd(config)
        self.reload_filter(config)

    def boot(self) -> None:
        """Start: /tmp and /var/run are empty, sleeping processes gone, everything made from the configuration."""
        for folder in ("/tmp", "/var/run"):
            for name in self.files.listed(folder):
                self.files.remove(f"{folder}/{name}")
        self.timers.clear()
        self.kernel = Kernel(devices=set(NETWORK_CARDS), journal=self.kernel.journal)
        self.apply_all()
        self.accounts.restart()

    def restart(self, service: str) -> None:
        """A service is asked to start anew: webgui, sshd or sshguard."""
        self.restarts[service] += 1
        if service == "sshd":
            self.accounts.restart()

    # --- somebody else ---------------------------------------------------------------------------------------------

    def gui_write(
        self, edits: dict[str, Any], *, dirty: tuple[str, ...] = (), description: str = "edited in the GUI"
    ) -> None:
        """Another administrator saves: values by path (None takes away), and flags of what is not applied yet."""
        with self.lock:
            tree = copied(self.parse(cached=True))
            for path, value in edits.items():
                if value is None:
                    del_path(tree, path)
                else:
                    set_path(tree, path, value)
            self._clock += self.knobs.tick
            self.write_config(tree, description, user=GUI_USER)
            self.mark_dirty(*dirty)

    def gui_apply(self) -> None:
        """Another administrator applies what is saved."""
        with self.lock:
            self.apply_all()
            self.clear_dirty(*SUBSYSTEMS)
            self.changed()


def _natural(name: str) -> tuple[int, str]:
    digits = "".join(letter for letter in name if letter.isdigit())
    return int(digits or 0), name


def _unpacked(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _kea_options(text: str) -> dict[str, str]:
    try:
        data = json.loads(_unpacked(text) or "{}")
    except ValueError:
        return {}
    return {
        str(option.get("code") or OPTION_NUMBERS.get(option.get("name", ""), option.get("name"))): str(
            option.get("data", "")
        )
        for option in data.get("option-data", [])
    }
