"""Filter rules as pf sees them: the configuration's, ready to be compared with packets.

Facts: pfSense RELENG_2_7_2 and master, inc/filter.inc (filter_generate_user_rule, filter_generate_address,
filter_generate_port). What the vendor leaves out with no more than a comment is left out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..intervals import IntervalSet, PartlyKnown, Range
from ..logic import Truth, both, opposite
from ..packets import EVERY_ADDRESS, Packet
from .aliases import UNKNOWN_ADDRESSES, AliasBook, port_range
from .interfaces import Interface, Network
from .rows import Row, entries, present, text, value

Address = int | str | None
"""An address: a number, the name of the interface whose own address it is when that came from outside, or unknown."""
FAMILIES = {"inet": (4,), "inet6": (6,), "inet46": (4, 6)}
PROTOCOLS: dict[str, frozenset[int]] = {
    name: frozenset(numbers) for name, numbers in {
        "tcp": [6], "udp": [17], "tcp/udp": [6, 17], "icmp": [1, 58], "esp": [50], "ah": [51], "gre": [47],
        "etherip": [97], "ipv6": [41], "igmp": [2], "pim": [103], "ospf": [89], "sctp": [132], "carp": [112],
        "pfsync": [240], "ipv6-icmp": [58],
    }.items()
}
WITH_PORTS = {"tcp", "udp", "tcp/udp", "sctp"}
# Names of ICMP types, as pf.conf(5) has them: for IPv4, for IPv6.
_ICMP_TYPES: dict[str, tuple[int | None, int | None]] = {
    "echorep": (0, 129), "unreach": (3, 1), "squench": (4, None), "redir": (5, 137), "althost": (6, None),
    "echoreq": (8, 128), "routeradv": (9, 134), "routersol": (10, 133), "timex": (11, 3), "paramprob": (12, 4),
    "timereq": (13, None), "timerep": (14, None), "inforeq": (15, None), "inforep": (16, None),
    "maskreq": (17, None), "maskrep": (18, None), "toobig": (None, 2), "neighbrsol": (None, 135),
    "neighbradv": (None, 136),
}
# pf compares the whole byte, so that the two lowest bits count as well (pf.conf(5): tos).
_DSCP = {
    **{f"cs{number}": number << 3 for number in range(8)}, "ef": 46, "va": 44,
    **{f"af{high}{low}": high * 8 + low * 2 for high in range(1, 5) for low in range(1, 4)},
}
_ON_INTERFACE = re.compile(r"(wan|lan|opt\d+)(ip)?")


@dataclass(frozen=True, slots=True)
class Flow:
    """A packet on its way through one interface, translated as far as it is by then."""

    direction: str
    interface: Interface
    family: int
    source: Address
    destination: Address
    protocol: int
    source_ports: Range
    destination_ports: Range
    icmp_type: int
    dscp: int


def flow_of(packet: Packet, direction: str, interface: Interface) -> Flow:
    """A packet as it arrives."""
    here, there = packet.source_port, packet.destination_port
    return Flow(
        direction, interface, packet.family, packet.source_number, packet.destination_number, packet.protocol_number,
        (here, here), (there, there), packet.icmp[0] if packet.icmp else 0, packet.dscp,
    )


@dataclass(frozen=True, slots=True)
class Side:
    """The source or the destination of a rule. ``own``: interfaces whose addresses from outside are certainly in it;
    ``maybe_own``: whether such an address of another interface may be."""

    everything: bool
    addresses: PartlyKnown
    own: frozenset[str] = frozenset()
    maybe_own: Truth = False
    negated: bool = False

    def match(self, address: Address, family: int) -> Truth:
        """Whether an address is on this side."""
        if self.everything:
            return True
        if isinstance(address, int):
            inside = self.addresses.contains(address)
        elif address is None:
            inside = self.addresses.contains_something_in(EVERY_ADDRESS[family])
        else:
            inside = True if address in self.own else self.maybe_own
        return opposite(inside) if self.negated else inside


def match_ports(known: PartlyKnown | None, span: Range) -> Truth:
    """Whether a port, of which perhaps only the range is known, is one of a rule's; None as set = all ports."""
    if known is None:
        return True
    if span[0] == span[1]:
        return known.contains(span[0])
    wanted = IntervalSet([span])
    if not wanted - known.certain:
        return True
    return None if (wanted - known.possible) != wanted else False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of pf for one address family. ``interfaces`` None = all of them. ``conditions`` None = something that
    a packet does not show decides whether it matches."""

    label: str
    action: str  # pass, block, match
    quick: bool
    direction: str  # in, out, any
    interfaces: frozenset[str] | None
    family: int
    protocols: frozenset[int] | None
    source: Side
    destination: Side
    source_ports: PartlyKnown | None = None
    destination_ports: PartlyKnown | None = None
    icmp_types: frozenset[int] | None = None
    dscp: int | None = None
    conditions: Truth = True
    gateway: str = ""

    def concerns(self, direction: str, interface: Interface, family: int) -> bool:
        """Whether it is looked at for packets that pass an interface in a direction."""
        return (
            self.family == family
            and self.direction in ("any", direction)
            and (self.interfaces is None or not self.interfaces.isdisjoint(interface.labels))
        )

    def match(self, flow: Flow) -> Truth:
        """Whether it matches; the interface, the direction and the family are taken for granted."""
        if self.protocols is not None and flow.protocol not in self.protocols:
            return False
        result = self.conditions
        if self.destination_ports is not None:
            result = both(result, match_ports(self.destination_ports, flow.destination_ports))
        if self.source_ports is not None and result is not False:
            result = both(result, match_ports(self.source_ports, flow.source_ports))
        if self.icmp_types is not None and flow.icmp_type not in self.icmp_types:
            return False
        if self.dscp is not None and flow.dscp != self.dscp:
            return False
        if result is False:
            return False
        result = both(result, self.destination.match(flow.destination, flow.family))
        return False if result is False else both(result, self.source.match(flow.source, flow.family))


class SideReader:
    """Turns a rule's `source` or `destination` into sides."""

    def __init__(self, network: Network, aliases: AliasBook) -> None:
        self.network = network
        self.aliases = aliases

    def everything(self) -> Side:
        """Any address."""
        return Side(True, PartlyKnown.exactly(()))

    def of(self, addresses: PartlyKnown, family: int, negated: bool = False, own: frozenset[str] = frozenset()) -> Side:
        """The side of a set."""
        if not any(interface.dynamic(family) for interface in self.network.interfaces.values()):
            return Side(False, addresses, own, False, negated)
        dynamic = self.network.dynamic[family]
        maybe: Truth = None if (dynamic - addresses.possible) != dynamic else False
        return Side(False, addresses, own, True if not dynamic - addresses.certain else maybe, negated)

    def literal(self, family: int, *spans: Range) -> Side:
        """The side of certain addresses."""
        return self.of(PartlyKnown.exactly(spans), family)

    def read(self, row: Any, family: int) -> Side | None:
        """One end of a rule; None where the vendor finds no address for it and leaves the rule out."""
        negated = present(row, "not")
        if present(row, "any"):
            return self.everything()
        if text(row, "network"):
            return self._named(text(row, "network"), family, negated)
        if text(row, "address").startswith("::"):
            # Completed with the prefix that an interface got.
            return self.of(UNKNOWN_ADDRESSES[family], family, negated)
        return self.addressed(text(row, "address"), family, negated)

    def addressed(self, name: str, family: int, negated: bool) -> Side | None:
        """An alias, an address or a network."""
        found = self.aliases.addresses(name) if name else None
        return None if found is None else self.of(found[family], family, negated)

    def _named(self, name: str, family: int, negated: bool) -> Side | None:
        """A network or the address of an interface, of a group, or all addresses of the box."""
        if name == "(self)":
            return self._self(family, negated)
        if name in self.network.groups:
            return self._networks(self.network.groups[name], family, negated)
        if name in ("pppoe", "l2tp"):
            return self.of(UNKNOWN_ADDRESSES[family], family, negated) if name in self.network.virtual else None
        matched = _ON_INTERFACE.fullmatch(name)
        interface = self.network.interfaces.get(matched[1]) if matched else None
        if matched is None or interface is None or interface.addresses[family] is None:
            return None
        if matched[2]:
            return self.own_address(interface, family, negated)
        return self._networks([interface.name], family, negated)

    def own_address(self, interface: Interface, family: int, negated: bool = False) -> Side | None:
        """The address of an interface; None when it has none."""
        own = interface.addresses[family]
        if own is None:
            return None
        if isinstance(own, int):
            return self.of(PartlyKnown.exactly([(own, own)]), family, negated)
        return self.of(self.network.maybe_own(family), family, negated, frozenset({own}))

    def _self(self, family: int, negated: bool) -> Side:
        own = PartlyKnown.exactly((number, number) for known, number in self.network.own if known == family)
        loopback = (0x7F000001, 0x7F000001) if family == 4 else (1, 1)
        return self._with_dynamic(own | PartlyKnown.exactly([loopback]), self.network.interfaces, family, negated)

    def _networks(self, names: Any, family: int, negated: bool) -> Side:
        interfaces = {name: self.network.interfaces[name] for name in names if name in self.network.interfaces}
        spans = [span for interface in interfaces.values() for span in interface.networks[family]]
        return self._with_dynamic(PartlyKnown.exactly(spans), interfaces, family, negated)

    def _with_dynamic(
        self, addresses: PartlyKnown, interfaces: dict[str, Interface], family: int, negated: bool
    ) -> Side:
        outside = frozenset(name for name, each in interfaces.items() if each.dynamic(family))
        if outside:
            addresses = addresses | self.network.maybe_own(family)
        return self.of(addresses, family, negated, outside)


class Unreadable(Exception):
    """The vendor leaves this rule out."""


def read_ports(aliases: AliasBook, written: str) -> PartlyKnown | None:
    """The ports that a rule names, None for all of them. Unreadable where they cannot be made out."""
    if not written:
        return None
    span = None if aliases.is_alias(written) else port_range(written, "-")
    known = PartlyKnown.exactly([span] if span[0] <= span[1] else []) if span else aliases.ports(written)
    if known is None:
        raise Unreadable(f"ports {written}")
    return known


class RuleReader:
    """Turns the configuration's rules into those of pf."""

    def __init__(self, config: Any, sides: SideReader) -> None:
        self._config = config
        self._sides = sides
        self._schedules = {text(row, "name") for row in entries(config, "schedules/schedule")}

    def all(self) -> list[Rule]:
        """Floating rules, those of groups and of services, those of interfaces: each kind in its order."""
        kinds: tuple[list[Rule], list[Rule], list[Rule]] = ([], [], [])
        for row in entries(self._config, "filter/rule"):
            if not present(row, "disabled") and not present(row, "separator"):
                kinds[self._kind(row)].extend(self.read(row))
        return [rule for kind in kinds for rule in kind]

    def _kind(self, row: Row) -> int:
        if present(row, "floating"):
            return 0
        name = text(row, "interface")
        return 1 if name in self._sides.network.groups or name in ("l2tp", "pppoe", "enc0", "openvpn") else 2

    def read(self, row: Row) -> Iterator[Rule]:
        """What becomes of one rule: one for each of its families, none where the vendor leaves it out."""
        for family in FAMILIES.get(text(row, "ipprotocol"), (4,)):
            try:
                yield self._read(row, family)
            except Unreadable:
                continue

    def _read(self, row: Row, family: int) -> Rule:
        protocol = text(row, "protocol").lower()
        source, destination = value(row, "source"), value(row, "destination")
        ports = [text(source, "port"), text(destination, "port")]
        protocols = self._protocols(protocol, any(ports))
        sides = [self._sides.read(end, family) for end in (source, destination)]
        if sides[0] is None or sides[1] is None:
            raise Unreadable("no address")
        known = [read_ports(self._sides.aliases, port) if protocol in WITH_PORTS else None for port in ports]
        action = text(row, "type")
        floating = present(row, "floating")
        icmp_types, conditions = self._icmp(row, protocol, family)
        dscp, sure = self._dscp(row)
        gateway = text(row, "gateway") if action not in ("block", "reject", "match") else ""
        return Rule(
            label=f"rule {text(row, 'tracker')} ({text(row, 'descr')})",
            action={"reject": "block"}.get(action, action) if action in ("block", "reject", "match") else "pass",
            quick=not floating or present(row, "quick"),
            direction=self._direction(row),
            interfaces=self._interfaces(row, floating),
            family=family,
            protocols=protocols,
            source=sides[0],
            destination=sides[1],
            source_ports=known[0],
            destination_ports=known[1],
            icmp_types=icmp_types,
            dscp=dscp,
            conditions=both(both(conditions, sure), self._conditions(row, protocol, protocols, gateway)),
            gateway=gateway,
        )

    def _protocols(self, protocol: str, with_ports: bool) -> frozenset[int] | None:
        if not protocol:
            # Ports without a protocol make it one for TCP, and the ports are left out.
            return PROTOCOLS["tcp"] if with_ports else None
        return None if protocol == "any" else PROTOCOLS.get(protocol, frozenset(range(256)))

    @staticmethod
    def _direction(row: Row) -> str:
        if text(row, "floating") != "yes":
            return "in"
        return text(row, "direction") if text(row, "direction") in ("in", "out") else "any"

    def _interfaces(self, row: Row, floating: bool) -> frozenset[str] | None:
        name = text(row, "interface")
        if floating and name in ("", "any"):
            return None
        wanted = name.split(",") if floating else [name]
        known = frozenset(each for each in wanted if self._sides.network.is_known(each))
        if not known:
            raise Unreadable(f"no interface {name}")
        return known

    @staticmethod
    def _icmp(row: Row, protocol: str, family: int) -> tuple[frozenset[int] | None, Truth]:
        wanted = [name for name in text(row, "icmptype").split(",") if name]
        if protocol != "icmp" or not wanted or "any" in wanted:
            return None, True
        numbers = [_ICMP_TYPES.get(name, (None, None))[family == 6] for name in wanted]
        if None in numbers:
            return None, None
        return frozenset(number for number in numbers if number is not None), True

    @staticmethod
    def _dscp(row: Row) -> tuple[int | None, Truth]:
        wanted = text(row, "dscp").lower()
        if not wanted:
            return None, True
        return (_DSCP[wanted], True) if wanted in _DSCP else (None, None)

    def _conditions(self, row: Row, protocol: str, protocols: frozenset[int] | None, gateway: str) -> Truth:
        """Schedules, tags, operating systems, priorities, gateways that may be down, translation between families:
        unknown. Flags of TCP are those of a first packet."""
        doubtful = (
            text(row, "sched") in self._schedules if text(row, "sched") else False,
            bool(text(row, "tagged")),
            protocol == "tcp" and bool(text(row, "os")),
            text(row, "vlanprio") not in ("", "none"),
            present(row, "nat"),
            bool(gateway) and present(self._config, "system/skip_rules_gw_down"),
            protocols is not None and len(protocols) == 256,
        )
        if any(doubtful):
            return None
        if protocol == "tcp" and not present(row, "tcpflags_any") and text(row, "tcpflags2"):
            wanted = {flag for flag in text(row, "tcpflags1").split(",") if flag}
            return wanted == {"syn"} & set(text(row, "tcpflags2").split(","))
        return True
