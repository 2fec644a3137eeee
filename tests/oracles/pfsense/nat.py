"""Translation: port forwards, 1:1, prefixes, siproxd and UPnP on the way in; 1:1 and outbound NAT on the way out.

Facts: pfSense RELENG_2_7_2, inc/filter.inc (filter_nat_rules_generate and its helpers). The order is pf's: inwards
redirections, then 1:1, outwards 1:1, then outbound NAT; the first rule that matches counts, and a "no" rule ends the
search of its own kind only. NAT reflection is not worked out: what it may take is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..intervals import PartlyKnown, Range
from ..logic import Truth, both, opposite
from .aliases import EVERY_PORT, network, port_range
from .rows import Row, active, entries, present, text, value
from .rules import FAMILIES, PROTOCOLS, WITH_PORTS, Address, Flow, Side, SideReader, Unreadable, match_ports, read_ports
from .system_rules import siproxd, siproxd_port

LOCALHOST = {4: 0x7F000001, 6: 1}
_NEW_PORTS: Range = (1024, 65535)
"""What pf chooses source ports from, unless it is told to keep them."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What becomes of a packet on its way in. ``destination`` None = not in the configuration. ``passes``: filter rules
    of the ingress are left out. ``taken``: by siproxd, or by a mapping that only the box knows."""

    label: str
    destination: Address
    ports: Range
    passes: bool = False
    taken: str = ""


@dataclass(frozen=True, slots=True)
class Departure:
    """What becomes of a packet on its way out. ``static``: whether its source port is kept."""

    label: str
    source: Address
    ports: Range
    translated: bool
    static: bool


@dataclass(frozen=True, slots=True)
class Match:
    """What a translation rule looks at."""

    interfaces: frozenset[str]
    family: int
    protocols: frozenset[int] | None
    source: Side
    destination: Side
    source_ports: PartlyKnown | None
    destination_ports: PartlyKnown | None

    def takes(self, flow: Flow) -> Truth:
        """Whether it matches."""
        if self.family != flow.family or self.interfaces.isdisjoint(flow.interface.labels):
            return False
        if self.protocols is not None and flow.protocol not in self.protocols:
            return False
        result = match_ports(self.destination_ports, flow.destination_ports)
        if result is not False:
            result = both(result, match_ports(self.source_ports, flow.source_ports))
        if result is not False:
            result = both(result, self.destination.match(flow.destination, flow.family))
        return False if result is False else both(result, self.source.match(flow.source, flow.family))


@dataclass(frozen=True, slots=True)
class Forward:
    """A port forward. ``target`` None = unknown; ``first``: the inside port of its first outside port, None = the port
    stays; ``low``: that first outside port where a range is mapped one to one."""

    label: str
    match: Match
    no: bool
    passes: bool
    target: int | None
    first: int | None
    low: int | None
    reflected: bool

    def translate(self, flow: Flow) -> Arrival:
        """Where a packet that it takes goes."""
        ports = flow.destination_ports
        if self.first is not None:
            moved = self.first + (ports[0] - self.low if self.low is not None else 0)
            ports = (moved, moved)
        return Arrival(self.label, self.target, ports, self.passes)


@dataclass(frozen=True, slots=True)
class OneToOne:
    """A 1:1 mapping: ``inside``, None where the addresses inside are not one range, from ``outside`` on."""

    label: str
    interfaces: frozenset[str]
    family: int
    inside: Range | None
    source: Side
    peers: Side
    outside: Address
    external: Side  # all of the outside
    no: bool

    def is_on(self, flow: Flow) -> bool:
        """Whether it is for the interface and the family of a flow."""
        return self.family == flow.family and not self.interfaces.isdisjoint(flow.interface.labels)

    def arrival(self, flow: Flow) -> tuple[Truth, Arrival | None]:
        """(whether it takes what comes in, where that goes)."""
        if not self.is_on(flow):
            return False, None
        if self.no:
            here = self.source.match(flow.source, flow.family)
            return both(here, self.peers.match(flow.destination, flow.family)), None
        taken = both(
            self.external.match(flow.destination, flow.family), self.peers.match(flow.source, flow.family)
        )
        inside: int | None = None
        if self.inside is not None and self.inside[0] == self.inside[1]:
            inside = self.inside[0]
        elif self.inside is not None and isinstance(self.outside, int) and isinstance(flow.destination, int):
            inside = self.inside[0] + flow.destination - self.outside
        return taken, Arrival(self.label, inside, flow.destination_ports)

    def departure(self, flow: Flow) -> tuple[Truth, Departure | None]:
        """(whether it takes what goes out, as what that leaves)."""
        if not self.is_on(flow):
            return False, None
        taken = both(self.source.match(flow.source, flow.family), self.peers.match(flow.destination, flow.family))
        if taken is False or self.no:
            return taken, None
        source = self.outside
        if isinstance(source, int) and self.inside and self.inside[0] != self.inside[1]:
            source = source + flow.source - self.inside[0] if isinstance(flow.source, int) else None
        return taken, Departure(self.label, source, flow.source_ports, True, True)


@dataclass(frozen=True, slots=True)
class Outbound:
    """A rule of outbound NAT. ``target`` "" = the address of the interface; None = one of several."""

    label: str
    match: Match
    no: bool
    static: bool
    target: int | str | None
    port: int | None

    def departure(self, flow: Flow) -> Departure:
        """As what a packet that it takes leaves."""
        source: Address = flow.interface.addresses[flow.family] if self.target == "" else self.target
        ports = flow.source_ports if self.static else (self.port, self.port) if self.port else _NEW_PORTS
        return Departure(self.label, source, ports, True, self.static)


class Nat:
    """The translations of a configuration."""

    def __init__(self, config: Any, sides: SideReader) -> None:
        self._config = config
        self._sides = sides
        self.forwards = list(self._read_all(entries(config, "nat/rule"), self._forward))
        self.one_to_one = [
            *self._read_all(entries(config, "nat/onetoone"), self._one_to_one),
            *self._read_all(entries(config, "nat/npt"), self._prefix),
        ]
        self.outbound = list(self._outbound())
        self._siproxd = siproxd(config)
        upnp = value(config, "installedpackages/miniupnpd/config/0") or {}
        self._upnp = (text(upnp, "ext_iface") or "wan") if text(upnp, "enable") == "on" else ""

    @staticmethod
    def _read_all(rows: list[Row], read: Any) -> Iterator[Any]:
        for row in rows:
            if present(row, "disabled"):
                continue
            try:
                yield from read(row)
            except Unreadable:
                continue

    # Packets

    def arrivals(self, flow: Flow) -> list[Arrival | None]:
        """What may become of a packet on its way in; None in the list = it may stay as it is."""
        found: list[Arrival | None] = []
        for forward in self.forwards:
            taken = forward.match.takes(flow)
            if taken is False:
                continue
            if not forward.no:
                found.append(forward.translate(flow))
            elif taken is None:
                found += self._mapped(flow)
            else:
                return found + self._mapped(flow)
            if taken is True:
                return found
        return [*found, *self._by_services(flow)]

    def _by_services(self, flow: Flow) -> list[Arrival | None]:
        found: list[Arrival | None] = []
        if self._siproxd is not None and flow.interface.name in text(self._siproxd, "if_inbound").split(","):
            port = siproxd_port(self._siproxd)
            own = self._sides.own_address(flow.interface, flow.family)
            elsewhere = True if own is None else opposite(own.match(flow.destination, flow.family))
            taken = elsewhere if flow.protocol == 17 and flow.destination_ports == (port, port) else False
            if taken is not False:
                found.append(Arrival("siproxd", LOCALHOST[flow.family], (port, port), taken="siproxd"))
            if taken is True:
                return found
        if self._upnp == flow.interface.name and flow.family == 4 and flow.protocol in (6, 17):
            own = self._sides.own_address(flow.interface, flow.family)
            if own is not None and own.match(flow.destination, flow.family) is not False:
                found.append(Arrival("UPnP", None, EVERY_PORT, taken="UPnP"))
        return found + self._mapped(flow)

    def _mapped(self, flow: Flow) -> list[Arrival | None]:
        found: list[Arrival | None] = []
        for mapping in self.one_to_one:
            taken, arrival = mapping.arrival(flow)
            if taken is not False:
                found.append(arrival)
            if taken is True:
                return found
        return [*found, None]

    def departures(self, flow: Flow) -> list[Departure]:
        """What may become of a packet on its way out."""
        found: list[Departure] = []
        for mapping in self.one_to_one:
            taken, departure = mapping.departure(flow)
            if taken is not False and departure is not None:
                found.append(departure)
            if taken is True:
                if departure is not None:
                    return found
                break
        kept = Departure("", flow.source, flow.source_ports, False, True)
        for rule in self.outbound:
            taken = rule.match.takes(flow)
            if taken is not False:
                found.append(kept if rule.no else rule.departure(flow))
            if taken is True:
                return found
        return [*found, kept]

    def reflects(self, flow: Flow) -> bool:
        """Whether NAT reflection may take a packet from inside to an outside address. Interfaces with a gateway are
        left out (inc/filter.inc `filter_get_reflection_interfaces`)."""
        if flow.interface.has_gateway:
            return False
        for forward in self.forwards:
            if forward.reflected and flow.interface.labels.isdisjoint(forward.match.interfaces):
                outside = replace(forward.match, interfaces=flow.interface.labels)
                if outside.takes(flow) is not False:
                    return True
        return any(
            self._binat_reflection and not mapping.is_on(flow)
            and mapping.external.match(flow.destination, flow.family) is not False
            for mapping in self.one_to_one
        )

    @property
    def _binat_reflection(self) -> bool:
        return present(self._config, "system/enablebinatreflection") or any(
            text(row, "natreflection") == "enable" for row in active(self._config, "nat/onetoone")
        )

    # Rules

    def _on(self, row: Row) -> frozenset[str]:
        name = text(row, "interface") or "wan"
        if not self._sides.network.is_known(name):
            raise Unreadable(f"no interface {name}")
        return frozenset({name})

    def _side(self, row: Any, family: int) -> Side:
        side = self._sides.read(row, family)
        if side is None:
            raise Unreadable("no address")
        return side

    def _forward(self, row: Row) -> Iterator[Forward]:
        family = 6 if text(row, "ipprotocol") == "inet6" else 4
        protocol = text(row, "protocol").lower()
        with_ports = protocol in WITH_PORTS
        aliases = self._sides.aliases
        source, destination = value(row, "source"), value(row, "destination")
        no = present(row, "nordr")
        target = self._target(text(row, "target"), family, no)
        sides = [self._side(end, family) for end in (source, destination)]
        known = [read_ports(aliases, text(end, "port")) if with_ports else None for end in (source, destination)]
        first, low = self._inside_port(row) if with_ports else (None, None)
        yield Forward(
            label=f"port forward ({text(row, 'descr')})",
            match=Match(
                self._on(row), family, None if protocol == "any" else PROTOCOLS.get(protocol, frozenset()),
                sides[0], sides[1], known[0], known[1],
            ),
            no=no,
            passes=text(row, "associated-rule-id") == "pass" and not no,
            target=target,
            first=first,
            low=low,
            reflected=self._reflected(row),
        )

    def _reflected(self, row: Row) -> bool:
        kind = text(row, "natreflection")
        if kind in ("disable", "enable", "purenat"):
            return kind != "disable"
        return not present(self._config, "system/disablenatreflection")

    def _target(self, name: str, family: int, no: bool) -> int | None:
        """Where a forward leads to; None when that is one of several addresses, or not in the configuration."""
        literal = network(name)
        if literal is not None and literal[1][0] == literal[1][1]:
            return literal[1][0]
        aliases = self._sides.aliases
        if aliases.is_alias(name):
            found = aliases.addresses(name)
            if found is not None:
                ranges = found[family].possible.ranges
                return ranges[0][0] if len(ranges) == 1 and ranges[0][0] == ranges[0][1] else None
        elif name and name.endswith("ip"):
            interface = self._sides.network.interfaces.get(name.removesuffix("ip"))
            own = interface.addresses[family] if interface is not None else None
            if own is not None:
                return own if isinstance(own, int) else None
        if no:
            return None
        raise Unreadable(f"target {name}")

    def _inside_port(self, row: Row) -> tuple[int | None, int | None]:
        """(the inside port, the outside port that it belongs to where a range is mapped)."""
        inside, outside = text(row, "local-port"), text(value(row, "destination"), "port")
        aliases = self._sides.aliases
        if not inside or inside == outside:
            return None, None
        if aliases.is_alias(inside):
            return aliases.first_port(inside), None
        span, wanted = port_range(inside), port_range(outside, "-")
        if span is None:
            return None, None
        if aliases.is_alias(outside) or wanted is None or wanted[0] == wanted[1]:
            return span[0], None
        return (None, None) if wanted[0] == span[0] else (span[0], wanted[0])

    def _one_to_one(self, row: Row) -> Iterator[OneToOne]:
        external = text(row, "external")
        literal = network(external)
        six = text(row, "ipprotocol") == "inet6" or (literal is not None and literal[0] == 6)
        family = 6 if six else 4
        source = self._side(value(row, "source"), family)
        peers = self._side(value(row, "destination"), family)
        inside = _single(source)
        outside: Address
        side: Side | None
        if literal is not None:
            outside = literal[1][0]
            size = inside[1] - inside[0] if inside else literal[1][1] - literal[1][0]
            side = self._sides.literal(family, (outside, outside + size))
        else:
            interface = self._sides.network.interfaces.get(external.removesuffix("ip"))
            outside = interface.addresses[family] if interface is not None else None
            side = self._sides.own_address(interface, family) if interface is not None else None
        if side is None:
            raise Unreadable(f"external {external}")
        yield OneToOne(
            f"1:1 ({text(row, 'descr')})", self._on(row), family, inside, source, peers, outside, side,
            present(row, "nobinat"),
        )

    def _prefix(self, row: Row) -> Iterator[OneToOne]:
        """Network prefix translation of IPv6."""
        inside, outside = (network(text(value(row, end), "address")) for end in ("source", "destination"))
        if inside is None or outside is None or (inside[0], outside[0]) != (6, 6):
            raise Unreadable("prefixes")
        source = self._side(value(row, "source"), 6)
        everything = self._sides.everything()
        yield OneToOne(
            f"NPt ({text(row, 'descr')})", self._on(row), 6, inside[1], source, everything, outside[1][0],
            self._sides.literal(6, outside[1]), False,
        )

    def _outbound(self) -> Iterator[Outbound]:
        mode = text(self._config, "nat/outbound/mode") or "automatic"
        if mode in ("advanced", "hybrid"):
            yield from self._read_all(entries(self._config, "nat/outbound/rule"), self._manual)
        if mode in ("automatic", "hybrid"):
            yield from self._automatic()

    def _manual(self, row: Row) -> Iterator[Outbound]:
        on = text(row, "interface")
        if not on or not self._sides.network.is_known(on):
            raise Unreadable(f"no interface {on}")
        protocol = text(row, "protocol").lower()
        aliases = self._sides.aliases
        ports = [read_ports(aliases, text(row, name).replace(":", "-")) for name in ("sourceport", "dstport")]
        targets = self._outbound_target(row)
        for family in FAMILIES.get(text(row, "ipprotocol"), (4, 6)):
            sides = [self._outbound_side(value(row, end), family) for end in ("source", "destination")]
            if sides[0] is None or sides[1] is None:
                raise Unreadable("no address")
            yield Outbound(
                label=f"outbound NAT ({text(row, 'descr')})",
                match=Match(
                    self._on(row), family,
                    None if protocol in ("", "any") else PROTOCOLS.get(protocol, frozenset()),
                    sides[0], sides[1], *ports,
                ),
                no=present(row, "nonat"),
                static=present(row, "staticnatport"),
                target=targets.get(family, ""),
                port=(port_range(text(row, "natport"), "-") or (None,))[0],
            )

    def _outbound_side(self, row: Any, family: int) -> Side | None:
        """As in filter rules, but networks and aliases stand in `network` as well."""
        name = text(row, "network")
        if present(row, "any") or name == "any":
            return self._sides.everything()
        found = self._sides.addressed(name, family, present(row, "not")) if name else None
        if found is not None:
            return found
        if name and self._sides.aliases.is_alias(name):
            return None
        return self._sides.read(row, family)

    def _outbound_target(self, row: Row) -> dict[int, int | str | None]:
        """By family: the address that packets get, "" for that of the interface, None for one of several."""
        name, bits = text(row, "target"), text(row, "target_subnet")
        if not name:
            return {}
        literal = network(f"{name}/{bits}") if bits and "/" not in name else network(name)
        if literal is not None:
            family, (low, high) = literal
            return {family: low if low == high else None}
        if self._sides.aliases.is_alias(name) or name.startswith("other"):
            return {4: None, 6: None}
        return {}

    def _automatic(self) -> Iterator[Outbound]:
        """For what is inside, at every uplink; the port of ISAKMP is kept."""
        net = self._sides.network
        inside = [
            span for interface in net.interfaces.values() if not interface.has_gateway
            for span in interface.networks[4] if isinstance(interface.addresses[4], int)
        ]
        for row in active(self._config, "staticroutes/route"):
            literal = network(text(row, "network"))
            through = net.gateway(text(row, "gateway")) or frozenset()
            if literal is not None and literal[0] == 4 and _is_private(literal[1][0]) and not any(
                net.interfaces[name].has_gateway for name in through
            ):
                inside.append(literal[1])
        source = self._sides.literal(4, (0x7F000000, 0x7FFFFFFF), *inside)
        tunnels = ("openvpn/openvpn-server", "openvpn/openvpn-client", "ipsec/client")
        if any(value(self._config, path) for path in tunnels):
            certain = PartlyKnown.exactly([(0x7F000000, 0x7FFFFFFF), *inside])
            # Networks of tunnels are translated too; which ones these are is not looked at.
            source = self._sides.of(certain | net.maybe_own(4), 4)
        for name, interface in net.interfaces.items():
            if not interface.has_gateway or text(interface.row, "if").startswith(("ovpn", "ipsec")):
                continue
            for ports, static in ((PartlyKnown.exactly([(500, 500)]), True), (None, False)):
                match = Match(frozenset({name}), 4, None if ports is None else PROTOCOLS["tcp/udp"], source,
                              self._sides.everything(), None, ports)
                off = present(interface.row, "nonat") and not static
                yield Outbound(f"automatic outbound NAT on {name}", match, off, static, "", None)


def _single(side: Side) -> Range | None:
    ranges = side.addresses.certain.ranges
    return ranges[0] if not side.everything and not side.negated and len(ranges) == 1 else None


def _is_private(number: int) -> bool:
    spans = ((0x0A000000, 0x0AFFFFFF), (0xAC100000, 0xAC1FFFFF), (0xC0A80000, 0xC0A8FFFF))
    return any(low <= number <= high for low, high in spans)
