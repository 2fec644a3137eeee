"""Interfaces, the zones they are in, the unit's own addresses, and where a packet leaves.

Routing as far as the configuration tells it: connected networks, static routes, else the WAN interfaces (the default
route). Dynamic routing, policy routes and reverse path checks are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..intervals import Range
from ..packets import address
from .rows import Row, Tables, enabled, is_everything, names, network, rows, singleton

_BITS = {4: 32, 6: 128}
# Modes in which the address comes from outside, so the configuration does not hold it.
_DYNAMIC_MODES = {4: frozenset({"dhcp", "pppoe"}), 6: frozenset({"dhcp", "pppoe", "delegated"})}


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """An address of the unit and the services that it answers (``allowaccess``)."""

    family: int
    number: int
    interface: str
    access: frozenset[str]


@dataclass(slots=True)
class Interface:
    """One interface. ``labels``: the names that policies may call it by; ``unsure_labels``: perhaps also these."""

    name: str
    row: Row
    up: bool
    own: list[OwnAddress] = field(default_factory=list)
    connected: dict[int, list[Range]] = field(default_factory=lambda: {4: [], 6: []})
    labels: set[str] = field(default_factory=set)
    unsure_labels: set[str] = field(default_factory=set)

    def dynamic(self, family: int) -> bool:
        """Whether it gets its address of the family from outside, so that the configuration does not hold it."""
        if any(own.family == family for own in self.own):
            return False
        mode = self.row.get("mode") if family == 4 else (self.row.get("ipv6") or {}).get("ip6-mode")
        return mode in _DYNAMIC_MODES[family]

    def access(self, family: int) -> frozenset[str]:
        """The services that its primary address answers."""
        ipv6 = self.row.get("ipv6") or {}
        listed = self.row.get("allowaccess") if family == 4 else ipv6.get("ip6-allowaccess")
        return frozenset(str(listed or "").split())


def _read(row: Row, every: dict[str, Row]) -> Interface:
    name = str(row["name"])
    chain = [name]  # a VLAN, what it is on, and so forth
    while (parent := str(every[chain[-1]].get("interface") or "")) in every and parent not in chain:
        chain.append(parent)
    interface = Interface(name, row, up=all(every[each].get("status") != "down" for each in chain), labels={name})

    def take(text: str, access: str | None) -> None:
        family, span = network(text)
        number = address(text.replace("/", " ").split()[0])[1]
        if number:
            interface.own.append(OwnAddress(family, number, name, frozenset((access or "").split())))
            interface.connected[family].append(span)

    take(str(row.get("ip") or "0.0.0.0 0.0.0.0"), row.get("allowaccess"))
    if enabled(row, "secondary-IP"):
        for second in row.get("secondaryip") or ():
            take(str(second.get("ip") or "0.0.0.0 0.0.0.0"), second.get("allowaccess"))
    ipv6 = row.get("ipv6") or {}
    take(str(ipv6.get("ip6-address") or "::/0"), ipv6.get("ip6-allowaccess"))
    for extra in ipv6.get("ip6-extra-addr") or ():
        take(str(extra["prefix"]), ipv6.get("ip6-allowaccess"))
    return interface


def _static_routes(tables: Tables, family: int) -> Iterable[tuple[Range, str, bool]]:
    """(destination, interface, black hole) of the enabled static routes that name a network."""
    path, default = ("router/static", "0.0.0.0 0.0.0.0") if family == 4 else ("router/static6", "::/0")
    for row in rows(tables, path):
        if row.get("status") != "disable" and not row.get("dstaddr"):
            yield network(str(row.get("dst") or default))[1], str(row.get("device") or ""), enabled(row, "blackhole")


@dataclass(frozen=True, slots=True)
class Zone:
    """A ``system/zone``: how many members it has, and whether they may talk to each other."""

    name: str
    members: frozenset[str]
    intrazone: bool


class Network:
    """The interfaces of one VDOM."""

    def __init__(self, unit: Tables, tables: Tables, vdom: str) -> None:
        every = {str(row["name"]): row for row in rows(unit, "system/interface")}
        self.interfaces = {
            name: _read(row, every) for name, row in every.items() if str(row.get("vdom") or "root") == vdom
        }
        self.zones = [
            Zone(str(row["name"]), frozenset(names(row.get("interface"), "interface-name")),
                 row.get("intrazone") == "allow")
            for row in rows(tables, "system/zone")
        ]
        for zone in self.zones:
            for member in zone.members & self.interfaces.keys():
                self.interfaces[member].labels.add(zone.name)
        self._join_sdwan(singleton(tables, "system/sdwan"))
        living = [interface for interface in self.interfaces.values() if interface.up]
        self.own = {(own.family, own.number): own for interface in living for own in interface.own}
        # (range size, range, interfaces), the most specific first.
        self._routes = {family: sorted(self._known_routes(living, tables, family)) for family in (4, 6)}
        self._wan = {family: self._default_route(living, tables, family) for family in (4, 6)}

    def _join_sdwan(self, settings: Row) -> None:
        for member in settings.get("members") or ():
            interface = self.interfaces.get(str(member.get("interface") or ""))
            if interface is not None and enabled(member, "status", default=True):
                # Whether policies for the zone still apply while SD-WAN as a whole is off is not documented.
                labels = interface.labels if enabled(settings, "status") else interface.unsure_labels
                labels.add(str(member.get("zone") or "virtual-wan-link"))

    def _known_routes(
        self, living: Iterable[Interface], tables: Tables, family: int
    ) -> Iterable[tuple[int, Range, tuple[str, ...]]]:
        for interface in living:
            for low, high in interface.connected[family]:
                yield high - low, (low, high), (interface.name,)
        for span, device, blackhole in _static_routes(tables, family):
            if blackhole and not is_everything(family, span):
                yield span[1] - span[0], span, ()
            elif device in self.interfaces and not is_everything(family, span):
                yield span[1] - span[0], span, (device,)

    @staticmethod
    def _default_route(living: Iterable[Interface], tables: Tables, family: int) -> tuple[str, ...]:
        static = {device for span, device, _gateway in _static_routes(tables, family) if is_everything(family, span)}
        chosen = tuple(interface.name for interface in living if interface.name in static)
        if chosen:
            return chosen
        wan = [interface for interface in living if interface.row.get("role") == "wan"]
        addressed = [each for each in wan if each.connected[family] or each.dynamic(family)]
        return tuple(interface.name for interface in addressed or (wan if family == 6 else ()))

    def egress(self, family: int, destination: int, given: tuple[str, ...]) -> tuple[str, ...]:
        """The interfaces by which a packet may leave; ``given``: those to take where no known route covers it."""
        through = self.known_route(family, destination)
        return (given or self._wan[family]) if through is None else through

    def known_route(self, family: int, destination: int) -> tuple[str, ...] | None:
        """The interface of the most specific network that covers an address; None when only the default route does."""
        for _prefix, (low, high), through in self._routes[family]:
            if low <= destination <= high:
                return through
        return None

    def connected_to(self, interface: str, family: int, number: int) -> bool:
        """Whether an address is in one of the interface's own networks."""
        return any(low <= number <= high for low, high in self.interfaces[interface].connected[family])

    def common_zone(self, first: str, second: str) -> Zone | None:
        """The zone that both interfaces are in."""
        return next((zone for zone in self.zones if first in zone.members and second in zone.members), None)
