"""The data filter: which rule decides about a packet.

The search begins at the start set and takes its rules in order. "Immediately" ends it; "if no further match" holds its
verdict unless a later rule matches. A rule of the latter kind may branch to another set, which is never left again
(Vigor2820 User's Guide); without branch and match the next set of a set follows (Vigor2700 User's Guide, filter set).
What no rule matches gets the default rule, whatever its direction (draytek.pl, "Zasada dzialania Firewall"). The call
filter is not here: it is for packets that would bring up an idle WAN.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..logic import Truth, both
from .objects import EVERYTHING, AddressBook, Sides
from .rows import Configuration, Row, numbered, section
from .schedules import active
from .services import ServiceBook, Services

LAN_TO_WAN, WAN_TO_LAN, LAN_TO_LAN, WAN_TO_LOCALHOST = range(4)
# (verdict, name of the rule) of one possible course; NO_RULE = none matches.
Outcome = tuple[Truth, str]
NO_RULE: Outcome = (None, "")
_UNFRAGMENTED = (0, 1)  # don't care, unfragmented: the packets of the question are whole


@dataclass(frozen=True, slots=True)
class Flow:
    """What of a packet the rules look at."""

    family: int
    source: int
    destination: int
    protocol: int
    source_port: int
    port: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One enabled rule, ready to be compared with packets."""

    outcome: Outcome
    direction: int
    incoming: frozenset[str] | None  # None = all interfaces
    outgoing: frozenset[str] | None
    base: Truth  # unknown when a schedule decides
    source: Sides | None  # None = any
    destination: Sides | None
    services: Services | None
    immediate: bool
    branch: int

    def match(self, flow: Flow, interfaces: Truth) -> Truth:
        """Whether it matches a packet whose interfaces match it as ``interfaces`` says."""
        result = interfaces
        if self.services is not None:
            matched = self.services.match(flow.protocol, flow.source_port, flow.port)
            if matched is False:
                return False
            result = both(result, matched)
        if self.destination is not None:
            matched = self.destination[flow.family].contains(flow.destination)
            if matched is False:
                return False
            result = both(result, matched)
        if self.source is not None:
            matched = self.source[flow.family].contains(flow.source)
            if matched is False:
                return False
            result = both(result, matched)
        return result


def _through(listed: frozenset[str] | None, possible: tuple[str, ...]) -> Truth:
    """Whether the interfaces of a rule hold the one that the packet uses, which is one of ``possible``."""
    if listed is None:
        return True
    if not listed:
        return None  # a rule with no interface left: not documented
    held = sum(name in listed for name in possible)
    if held == len(possible):
        return True if possible else None
    return None if held else False


def _interfaces(value: object) -> frozenset[str] | None:
    listed = ["all"] if value is None else list(value) if isinstance(value, list | tuple) else [str(value)]
    names = frozenset(str(name).upper() for name in listed)
    return None if "ALL" in names else names


class Filter:
    """All filter sets of a configuration."""

    def __init__(
        self, configuration: Configuration, addresses: AddressBook, services: ServiceBook, now: datetime | None
    ) -> None:
        settings = section(configuration, "filter")
        self.start = int(settings.get("data") or 0)
        default = settings.get("default") or (0, 0)
        self.default_allows = int(default[0]) == 0
        blocked = settings.get("block_routing") or {}
        self.blocks_routing = {4: bool(int(blocked.get("v4", 1))), 6: bool(int(blocked.get("v6", 1)))}
        self._next: dict[int, int] = {}
        self._rules: dict[int, list[Rule]] = {}
        for index, row in numbered(configuration, "sets"):
            self._next[index] = int(row.get("next") or 0)
            self._rules[index] = [
                rule for place, each in numbered(row, "rules")
                if (rule := _rule(configuration, index, place, each, addresses, services, now)) is not None
            ]
        # Which rules may match between which interfaces, by set.
        self._between: dict[tuple[int, tuple[str, ...], tuple[str, ...]], dict[int, list[tuple[Rule, Truth]]]] = {}

    def search(
        self, direction: int, incoming: tuple[str, ...], outgoing: tuple[str, ...], flow: Flow
    ) -> set[Outcome]:
        """Every outcome that the packet may have; ``incoming``, ``outgoing``: the interfaces it may use."""
        if not self.start:
            return {NO_RULE}
        key = (direction, incoming, outgoing)
        rules = self._between.get(key)
        if rules is None:
            rules = self._between[key] = self._select(*key)
        outcomes: set[Outcome] = set()
        self._walk(rules, flow, self.start, frozenset(), {NO_RULE}, outcomes)
        return outcomes

    def _select(
        self, direction: int, incoming: tuple[str, ...], outgoing: tuple[str, ...]
    ) -> dict[int, list[tuple[Rule, Truth]]]:
        result: dict[int, list[tuple[Rule, Truth]]] = {}
        for index, rules in self._rules.items():
            result[index] = []
            for rule in rules:
                if rule.direction != direction:
                    continue
                ends = _through(rule.incoming, incoming)
                if direction != WAN_TO_LOCALHOST:
                    ends = both(ends, _through(rule.outgoing, outgoing))
                if ends is not False:
                    result[index].append((rule, both(rule.base, ends)))
        return result

    def _walk(
        self, rules: dict[int, list[tuple[Rule, Truth]]], flow: Flow, index: int, visited: frozenset[int],
        pending: set[Outcome], outcomes: set[Outcome],
    ) -> None:
        while index and index not in visited:
            visited |= {index}
            for rule, interfaces in rules.get(index, ()):
                matched = rule.match(flow, interfaces)
                if matched is False:
                    continue
                if rule.immediate:
                    outcomes.add(rule.outcome)
                elif rule.branch:
                    self._walk(rules, flow, rule.branch, visited, {rule.outcome}, outcomes)
                else:
                    pending = {rule.outcome} if matched else pending | {rule.outcome}
                    continue
                if matched:
                    return
            index = self._next.get(index, 0)
        outcomes |= pending


def _rule(
    configuration: Configuration, index: int, place: int, row: Row, addresses: AddressBook, services: ServiceBook,
    now: datetime | None,
) -> Rule | None:
    """A rule to compare packets with; None for one that never matches."""
    in_force = active(configuration, row.get("schedules") or (), now)
    if not int(row.get("enabled") or 0) or in_force is False:
        return None
    if int(row.get("fragments") or 0) not in _UNFRAGMENTED:
        return None
    action = int(row.get("action") or 0)
    source = addresses.side(row.get("source") or ("any",))
    destination = addresses.side(row.get("destination") or ("any",))
    wanted = services.services(row.get("service") or ("any",))
    return Rule(
        outcome=(action in (0, 2), f"set {index} rule {place}"),
        direction=int(row.get("direction") or 0),
        incoming=_interfaces(row.get("in")),
        outgoing=_interfaces(row.get("out")),
        base=in_force,
        source=None if source is EVERYTHING else source,
        destination=None if destination is EVERYTHING else destination,
        services=None if wanted.anything else wanted,
        immediate=action in (0, 1),
        branch=int(row.get("branch") or 0),
    )
