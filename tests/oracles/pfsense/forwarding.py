"""What becomes of a packet that wants to go through the box.

Order (pf): redirection and 1:1 at the ingress, the ingress's filter, routing (by a rule's gateway or the tables),
1:1 and outbound NAT at the egress, the egress's filter, which sees the packet as it leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..logic import Truth, agreed
from ..packets import Packet, Verdict, text_of
from .interfaces import Interface
from .nat import Arrival, Departure
from .rules import Address, Flow, flow_of
from .unit import Outcome, Unit

_MULTICAST = {4: (0xE0000000, 0xFFFFFFFF), 6: (0xFF << 120, 2**128 - 1)}


def settle(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict from those of every possible course: definite only where all agree. Where it leads to counts for the
    courses that may let it pass."""
    distinct = list(dict.fromkeys(verdicts))
    if len(distinct) == 1:
        return distinct[0]
    passing = [verdict for verdict in distinct if verdict.allowed is not False]
    targets = {verdict.destination for verdict in passing}
    nats = {verdict.source_nat for verdict in passing}
    return Verdict(
        agreed(verdict.allowed for verdict in distinct), distinct[-1].rule,
        "not certain which: " + "; or ".join(dict.fromkeys(f"{each.rule}: {each.why}" for each in distinct)),
        destination=targets.pop() if len(targets) == 1 else None,
        source_nat=nats.pop() if len(nats) == 1 else None,
        dscp=distinct[0].dscp,
    )


def undirected(packet: Packet) -> bool:
    """Whether it goes to a group or to everybody."""
    low, high = _MULTICAST[packet.family]
    return low <= packet.destination_number <= high


def forward(unit: Unit, packet: Packet) -> Verdict:
    """The verdict on the first packet of a forwarded flow."""
    network = unit.network
    ingress = network.interfaces.get(packet.ingress)
    if ingress is None:
        if packet.ingress in network.virtual:
            return Verdict(None, "tunnel", f"what comes by {packet.ingress} is beyond the configuration")
        return Verdict(False, "interface", f"there is no interface {packet.ingress}, or it is off")
    if undirected(packet):
        return Verdict(None, "multicast", "the configuration does not say what becomes of groups and broadcast")
    ends = (packet.source_number, packet.destination_number)
    if network.stays_inside(packet.family, ingress.name, *ends) and not network.is_own(packet.family, ends[1]):
        return Verdict(True, "switch", f"stays inside {ingress.name}: never reaches the filter", source_nat=False,
                       dscp=packet.dscp)
    flow = flow_of(packet, "in", ingress)
    courses = [_arrived(unit, packet, flow, arrival) for arrival in arrivals(unit, flow)]
    verdict = settle(courses)
    if unit.has_portal(ingress) and verdict.allowed is True:
        return replace(verdict, allowed=None, why=f"{verdict.why}; the captive portal decides who may pass")
    return verdict


def arrivals(unit: Unit, flow: Flow) -> list[Arrival | None]:
    """What may become of a packet at its ingress; without the filter nothing is translated."""
    return unit.nat.arrivals(flow) if unit.enabled else [None]


def as_arrived(flow: Flow, arrival: Arrival | None) -> Flow:
    """A flow as the ingress's filter sees it."""
    if arrival is None:
        return flow
    return replace(flow, destination=arrival.destination, destination_ports=arrival.ports)


def _arrived(unit: Unit, packet: Packet, flow: Flow, arrival: Arrival | None) -> Verdict:
    seen = as_arrived(flow, arrival)
    local, sure = (None, False) if arrival is not None and arrival.taken else _local(unit, packet, seen, arrival)
    if local is not None and sure:
        return local
    decided = [Outcome(True, arrival.label)] if arrival is not None and arrival.passes else unit.outcomes(seen)
    courses = [] if local is None else [local]
    for outcome in decided:
        if arrival is not None and arrival.taken and outcome.allowed is not False:
            courses.append(Verdict(None, arrival.taken, f"what {arrival.taken} does with it no rule says"))
        elif arrival is not None and arrival.taken == "UPnP" and outcome.label == "Default deny rule":
            courses.append(Verdict(None, "UPnP", "a mapping that the box made may let it in"))
        elif not outcome.allowed:
            courses.append(Verdict(False, outcome.label, f"blocked at {flow.interface.name}"))
        else:
            courses += _routed(unit, packet, seen, arrival, outcome)
    return settle(courses)


def _local(unit: Unit, packet: Packet, seen: Flow, arrival: Arrival | None) -> tuple[Verdict | None, bool]:
    """(the verdict on what is not forwarded, None on what is; whether that is certain)."""
    number = seen.destination
    if not isinstance(number, int):
        return None, False
    own = unit.network.is_own(packet.family, number, seen.interface if arrival is None else None)
    if own is True and arrival is None and unit.enabled and unit.nat.reflects(seen):
        return Verdict(None, "NAT reflection", "perhaps turned back inside by a port forward or a 1:1 mapping"), True
    if own is True:
        return Verdict(False, "local", f"{text_of(packet.family, number)} is the box's own address"), True
    if own is None:
        return Verdict(False, "local", f"perhaps the address that {seen.interface.name} got from outside"), False
    return None, False


def _routed(
    unit: Unit, packet: Packet, seen: Flow, arrival: Arrival | None, outcome: Outcome
) -> Iterator[Verdict]:
    network = unit.network
    number = seen.destination if isinstance(seen.destination, int) else None
    names = network.egress(packet.family, number, packet.egress)
    if outcome.gateway:
        through = network.gateway(outcome.gateway)
        if through is None:
            names = names | frozenset(network.interfaces)
        elif through and not through & names:
            if number is not None and any(
                network.stays_inside(packet.family, name, number) for name in names
            ):
                yield Verdict(None, outcome.label, f"gateway {outcome.gateway} leads away from a connected network")
                return
            names = through
    if not names:
        yield Verdict(False, "route", f"no route to {packet.destination}")
    for name in sorted(names):
        yield from _left(unit, packet, seen, network.interfaces[name], arrival, outcome)


def leaving(seen: Flow, egress: Interface) -> Flow:
    """A flow as it comes to its egress."""
    return replace(seen, direction="out", interface=egress)


def departures(unit: Unit, flow: Flow) -> list[Departure]:
    """What may become of a packet at its egress."""
    if not unit.enabled:
        return [Departure("", flow.source, flow.source_ports, False, True)]
    return unit.nat.departures(flow)


def _left(
    unit: Unit, packet: Packet, seen: Flow, egress: Interface, arrival: Arrival | None, outcome: Outcome
) -> Iterator[Verdict]:
    flow = leaving(seen, egress)
    for departure in departures(unit, flow):
        out = replace(flow, source=departure.source, source_ports=departure.ports)
        for last in unit.outcomes(out):
            if last.allowed:
                why = f"passes to {egress.name}" + (f" after {arrival.label}" if arrival is not None else "")
                yield Verdict(
                    True, outcome.label, why, _target(packet, seen.destination, seen, arrival), departure.translated,
                    packet.dscp,
                )
            else:
                yield Verdict(False, last.label, f"blocked on its way out of {egress.name}")


def _target(packet: Packet, address: Address, seen: Flow, arrival: Arrival | None) -> tuple[str, int] | None:
    if arrival is None or not isinstance(address, int) or seen.destination_ports[0] != seen.destination_ports[1]:
        return None
    return text_of(packet.family, address), seen.destination_ports[0]


def keeps_source_port(unit: Unit, packet: Packet) -> Truth:
    """Whether a packet leaves with the source port that it came with, if it leaves."""
    ingress = unit.network.interfaces.get(packet.ingress)
    if ingress is None:
        return None
    flow = flow_of(packet, "in", ingress)
    found: list[Truth] = []
    for arrival in arrivals(unit, flow):
        seen = as_arrived(flow, arrival)
        number = seen.destination if isinstance(seen.destination, int) else None
        names = unit.network.egress(packet.family, number, packet.egress)
        for outcome in unit.outcomes(seen):
            through = unit.network.gateway(outcome.gateway) if outcome.gateway and outcome.allowed else None
            for name in through or names:
                found += [each.static for each in departures(unit, leaving(seen, unit.network.interfaces[name]))]
    return agreed(found) if found else None
