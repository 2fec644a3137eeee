"""What is no file on a pfSense box: interfaces with their addresses, and pf with its rules, tables and states."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field

Reads = Callable[[str], str]
"""The text of a file; "" when it is not there."""

_MACRO = re.compile(r'^(\w+)\s*= "(.*)"\s*$')
_TABLE = re.compile(r'^table <(\S+)>(?: persist)?(?: file "([^"]+)")?(?: \{(.*)\})?\s*$')
_QUEUE = re.compile(r"^\s*queue (\S+) on ")
_USES = re.compile(r"\$(\w+)")
_QUEUES = re.compile(r" queue \(([^)]*)\)")
_TRACKER = re.compile(r" ridentifier (\d+)")
_RULE = re.compile(r"^(?:pass|block|match)\b")


class Refused(Exception):
    """pfctl does not take a file of rules; the text is what it prints."""


@dataclass
class Loaded:
    """A set of rules as pf holds it. ``text`` is the file that it came from."""

    text: str = ""
    trackers: frozenset[int] = frozenset()
    rules: tuple[str, ...] = ()
    tables: dict[str, list[str] | None] = field(default_factory=dict)


@dataclass
class Kernel:
    """The running system.

    ``devices``: every network device; ``ipv4`` and ``ipv6``: address and prefix length of those that have one.
    ``states``: source and destination of the states of pf. ``journal``: what happened to devices, oldest first.
    """

    devices: set[str] = field(default_factory=set)
    ipv4: dict[str, tuple[str, int]] = field(default_factory=dict)
    ipv6: dict[str, tuple[str, int]] = field(default_factory=dict)
    states: list[tuple[str, str]] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    enabled: bool = True
    loaded: Loaded = field(default_factory=Loaded)
    tables: dict[str, list[str]] = field(default_factory=dict)
    unknown_queue: str = "refused"
    load_error: str = ""

    # --- devices ---------------------------------------------------------------------------------------------------

    def create(self, device: str) -> None:
        """Make a device; one of that name goes first and takes its addresses with it."""
        if device in self.devices:
            self.destroy(device)
        self.devices.add(device)
        self.journal.append(f"create {device}")

    def destroy(self, device: str) -> None:
        """Take a device away."""
        self.devices.discard(device)
        self.unaddress(device)
        self.journal.append(f"destroy {device}")

    def unaddress(self, device: str) -> None:
        """Take the addresses of a device away."""
        self.ipv4.pop(device, None)
        self.ipv6.pop(device, None)

    # --- pf --------------------------------------------------------------------------------------------------------

    def checked(self, text: str, path: str, reads: Reads) -> Loaded:
        """The rules of a file as ``pfctl -nf`` takes them; raises Refused."""
        if self.load_error:
            raise Refused(f"{path}:1: {self.load_error}\npfctl: Syntax error in config file: pf rules not loaded")
        macros: set[str] = set()
        queues: set[str] = set()
        rules: list[str] = []
        tables: dict[str, list[str] | None] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            if found := _MACRO.match(line):
                macros.add(found[1])
                line = found[2]
            elif found := _TABLE.match(line):
                try:
                    tables[found[1]] = _table(found[2], found[3], reads)
                except ValueError as error:
                    # pfctl(8) looks up as a name whatever is no address.
                    raise Refused(_syntax(path, number, f"no IP address found: {error}")) from None
                continue
            elif found := _QUEUE.match(line):
                queues.add(found[1])
                continue
            for name in _USES.findall(line):
                if name not in macros:
                    raise Refused(_syntax(path, number, f"macro '{name}' not defined"))
            if _RULE.match(line):
                for names in _QUEUES.findall(line):
                    for name in names.split(","):
                        if name.strip() not in queues and self.unknown_queue == "refused":
                            raise Refused(_syntax(path, number, f"queue {name.strip()} is not defined"))
                rules.append(line)
        trackers = frozenset(int(number) for line in rules for number in _TRACKER.findall(line))
        return Loaded(text, trackers, tuple(rules), tables)

    def load(self, text: str, path: str, reads: Reads) -> None:
        """``pfctl -f``: all or nothing; a table without entries in the file keeps the ones that it has."""
        self.loaded = self.checked(text, path, reads)
        for name, entries in self.loaded.tables.items():
            if entries is not None:
                self.tables[name] = entries
            else:
                self.tables.setdefault(name, [])

    def kill(self, source: str, destination: str = "") -> int:
        """``pfctl -k``: how many states it ended. Raises ValueError for what is no address."""
        from_net = ipaddress.ip_network(source, strict=False)
        to_net = ipaddress.ip_network(destination, strict=False) if destination else None
        left = [
            state
            for state in self.states
            if not _within(state[0], from_net) or (to_net is not None and not _within(state[1], to_net))
        ]
        killed = len(self.states) - len(left)
        self.states = left
        return killed


Net = ipaddress.IPv4Network | ipaddress.IPv6Network


def _within(address: str, network: Net) -> bool:
    return ipaddress.ip_address(address) in network


def _syntax(path: str, line: int, text: str) -> str:
    return f"{path}:{line}: {text}\npfctl: Syntax error in config file: pf rules not loaded"


def _table(file: str | None, listed: str | None, reads: Reads) -> list[str] | None:
    if file:
        return table_entries(reads(file).split())
    return None if listed is None else table_entries(listed.split())


def table_entries(texts: list[str]) -> list[str]:
    """Entries as ``pfctl -T show`` prints them: in order, once, networks by their first address, hosts without /32."""
    nets = {ipaddress.ip_network(text, strict=False) for text in texts}
    ordered = sorted(nets, key=lambda net: (net.version, int(net.network_address), net.prefixlen))
    return [str(net.network_address) if net.prefixlen == net.max_prefixlen else str(net) for net in ordered]
