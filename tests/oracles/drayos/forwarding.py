"""What becomes of a packet that goes through the unit.

From a WAN: destination NAT, then the filter. DrayTek UK, "Limit access to Port Forwarding with Firewall Rules", has
rules name the inside address and port; the guides do not say, and older firmware is covered too, so by default a packet
is tried both ways and the answer is unknown where they differ. What is not translated reaches a LAN only by routing,
which "Block routing packet from WAN" refuses when no rule says otherwise; whether a passing rule overrides that switch
is not documented.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..logic import Truth, agreed
from ..packets import Packet, Verdict, text_of
from .filters import LAN_TO_LAN, LAN_TO_WAN, NO_RULE, WAN_TO_LAN, Filter, Flow, Outcome
from .nat import Entry, Nat
from .networks import Lan, Networks, Wan


def settle(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict from those of every possible course: definite only where all agree. Where it leads to counts for the
    courses that may let it pass."""
    distinct = list(dict.fromkeys(verdicts))
    if len(distinct) == 1:
        return distinct[0]
    why = "; or ".join(dict.fromkeys(f"{verdict.rule}: {verdict.why}" for verdict in distinct))
    targets = {verdict.destination for verdict in distinct if verdict.allowed is not False}
    nats = {verdict.source_nat for verdict in distinct}
    return Verdict(
        agreed(verdict.allowed for verdict in distinct), distinct[-1].rule, f"not certain which: {why}",
        destination=targets.pop() if len(targets) == 1 else None,
        source_nat=nats.pop() if len(nats) == 1 else None,
    )


def flow_of(packet: Packet, destination: int | None = None, port: int | None = None) -> Flow:
    """What the filter sees of a packet, translated or not."""
    return Flow(
        packet.family, packet.source_number, packet.destination_number if destination is None else destination,
        packet.protocol_number, packet.source_port, packet.destination_port if port is None else port,
    )


@dataclass(frozen=True, slots=True)
class Forwarding:
    """The parts of a unit that decide about what goes through it. ``after_nat`` None = not certain."""

    networks: Networks
    nat: Nat
    filter: Filter
    after_nat: Truth

    def decide(self, packet: Packet) -> Verdict:
        """The verdict on the first packet of a flow through the unit."""
        if self.networks.undirected(packet.family, packet.destination_number):
            return Verdict(None, "multicast", "the configuration does not say what becomes of groups and broadcast")
        lan = self.networks.lans.get(packet.ingress)
        if lan is not None:
            return self._from_lan(packet, lan)
        wan = self.networks.wans.get(packet.ingress)
        if wan is not None:
            return self._from_wan(packet, wan)
        return Verdict(False, "interface", f"there is no interface {packet.ingress}, or it is off")

    def _from_lan(self, packet: Packet, lan: Lan) -> Verdict:
        number = packet.destination_number
        if packet.family == 4:
            target = self.networks.lan_of(number)
            if number in self.networks.own:
                return Verdict(False, "local", f"{packet.destination} is the unit's own address")
            if target is not None:
                return self._between_lans(packet, lan, target)
            wan = self.networks.outside.get(number)
            if wan is not None:
                if self.nat.courses(wan.name, packet, True) != [None]:
                    return Verdict(None, "NAT loopback", "comes back in by an entry of the NAT tables: not documented")
                return Verdict(False, "local", f"{packet.destination} is the address of {wan.name}")
        return settle(self._out_of_lan(packet, lan))

    def _out_of_lan(self, packet: Packet, lan: Lan) -> list[Verdict]:
        known = [name for name in packet.egress if name in self.networks.wans or name in self.networks.lans]
        names = known or list(self.networks.wans)
        courses = [
            self._between_lans(packet, lan, self.networks.lans[name]) for name in names if name in self.networks.lans
        ]
        wans = tuple(name for name in names if name in self.networks.wans)
        if not wans and not courses:
            return [Verdict(False, "route", "no WAN is on")]
        if wans and not any(self.networks.wans[name].up for name in wans):
            why = "no WAN is up: the call filter decides whether one is dialled"
            return [*courses, Verdict(None, "call filter", why)]
        if wans:
            outcomes = self.filter.search(LAN_TO_WAN, (lan.name,), wans, flow_of(packet))
            courses += self._verdicts(outcomes, source_nat=packet.family == 4 and lan.nat)
        return courses

    def _between_lans(self, packet: Packet, lan: Lan, target: Lan) -> Verdict:
        if target.name == lan.name:
            return Verdict(True, "switch", f"stays inside {lan.name}: never reaches the filter", source_nat=False)
        if not self.networks.routed(lan.name, target.name):
            return Verdict(False, "inter-LAN routing", f"no routing between {lan.name} and {target.name}")
        outcomes = self.filter.search(LAN_TO_LAN, (lan.name,), (target.name,), flow_of(packet))
        return settle(self._verdicts(outcomes, source_nat=False))

    def _from_wan(self, packet: Packet, wan: Wan) -> Verdict:
        if packet.family == 6:
            return self._routed_in(packet, wan, tuple(
                name for name in packet.egress if name in self.networks.lans
            ) or tuple(self.networks.lans))
        number = packet.destination_number
        if number in self.networks.own:
            return Verdict(False, "local", f"{packet.destination} is the unit's own address")
        target = self.networks.lan_of(number)
        if target is not None:
            return self._routed_in(packet, wan, (target.name,))
        own = self.is_own(packet, wan)
        if own is False:
            return Verdict(False, "route", f"{packet.destination} is no address of {wan.name}")
        courses = [self._translated(packet, wan, entry) for entry in self.nat.courses(wan.name, packet, own)]
        if own is None:
            courses.append(Verdict(False, "route", f"perhaps no address of {wan.name}"))
        return settle(courses)

    def is_own(self, packet: Packet, wan: Wan) -> Truth:
        """Whether a packet that came by a WAN goes to an address of that WAN."""
        number = packet.destination_number
        if wan.address is not None and number == wan.address:
            return True
        if wan.address is None or number in self.networks.outside or self.nat.has_aliases:
            return None
        return False

    def _translated(self, packet: Packet, wan: Wan, entry: Entry | None) -> Verdict:
        if entry is None:
            return Verdict(False, "NAT", f"no entry of the NAT tables takes it at {wan.name}")
        target = self.networks.lan_of(entry.target)
        port = entry.port or packet.destination_port
        if target is None:
            return Verdict(False, "route", f"{entry.name} leads to {text_of(4, entry.target)}, which is in no LAN")
        seen = []
        if self.after_nat is not True:
            seen.append(flow_of(packet))
        if self.after_nat is not False:
            seen.append(flow_of(packet, entry.target, port))
        outcomes: set[Outcome] = set()
        for flow in seen:
            outcomes |= self.filter.search(WAN_TO_LAN, (wan.name,), (target.name,), flow)
        return settle(self._verdicts(
            outcomes, f" after {entry.name}", destination=(text_of(4, entry.target), port), source_nat=False
        ))

    def _routed_in(self, packet: Packet, wan: Wan, lans: tuple[str, ...]) -> Verdict:
        outcomes = self.filter.search(WAN_TO_LAN, (wan.name,), lans, flow_of(packet))
        if not self.filter.blocks_routing[packet.family]:
            return settle(self._verdicts(outcomes, source_nat=False))
        blocked = Verdict(False, "block routing", "routing packets from WAN are blocked", source_nat=False)
        courses = []
        for allowed, name in outcomes:
            if allowed is True:
                courses.append(Verdict(
                    None, name, "passes, but routing packets from WAN are blocked: which one wins is not documented",
                    source_nat=False,
                ))
            else:
                courses.append(blocked if not name else Verdict(False, name, "blocked", source_nat=False))
        return settle(courses)

    def _verdicts(
        self, outcomes: set[Outcome], addition: str = "", *, source_nat: bool,
        destination: tuple[str, int] | None = None,
    ) -> list[Verdict]:
        courses = []
        for outcome in sorted(outcomes, key=lambda each: each[1]):
            allowed, name = outcome
            why = "passed" if allowed else "blocked"
            if outcome == NO_RULE:
                allowed, name, why = self._default()
            courses.append(Verdict(allowed, name, why + addition, destination if allowed else None, source_nat))
        return courses

    def _default(self) -> tuple[Truth, str, str]:
        if not self.filter.start:
            if self.filter.default_allows:
                return True, "data filter", "the data filter is off"
            return None, "data filter", "the data filter is off: whether the default rule still blocks is open"
        if self.filter.default_allows:
            return True, "default rule", "passed"
        return False, "default rule", "blocked"
