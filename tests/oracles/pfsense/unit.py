"""A configuration, indexed once so that many packets can be asked about."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..logic import Truth
from .aliases import AliasBook
from .interfaces import Interface, Network
from .nat import Nat
from .rows import active, entries, present, text
from .rules import Flow, Rule, RuleReader, SideReader
from .system_rules import SystemRules

Config = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the filter may decide at one interface. ``gateway``: where a rule of policy routing sends the packet."""

    allowed: bool
    label: str
    gateway: str = ""


_NO_FILTER = Outcome(True, "filter disabled")
_NO_RULE = Outcome(True, "no rule")  # pf passes what no rule matches


class Unit:
    """The whole configuration."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.network = Network(config)
        self.sides = SideReader(self.network, AliasBook(config))
        self.enabled = not present(config, "system/disablefilter")
        self.nat = Nat(config, self.sides)
        system = SystemRules(config, self.sides)
        self._rules = [*system.before(), *RuleReader(config, self.sides).all(), *system.after()]
        self._chosen: dict[tuple[str, str, int], list[Rule]] = {}
        self._portals = {
            name for zone in _zones(config) if present(zone, "enable") for name in text(zone, "interface").split(",")
        }

    def has_portal(self, interface: Interface) -> bool:
        """Whether a captive portal decides at an interface who may pass."""
        return interface.name in self._portals

    @property
    def has_tunnels(self) -> bool:
        """Whether the box itself speaks IPsec."""
        return bool(active(self.config, "ipsec/phase1"))

    def rules(self, direction: str, interface: Interface, family: int) -> list[Rule]:
        """The rules that pf looks at, in order."""
        key = (direction, interface.name, family)
        if key not in self._chosen:
            self._chosen[key] = [rule for rule in self._rules if rule.concerns(direction, interface, family)]
        return self._chosen[key]

    def outcomes(self, flow: Flow) -> list[Outcome]:
        """What the filter may decide: one outcome where everything is known.

        The last rule that matches decides, or the first one that is quick. Whether a quick `match` ends the search is
        not documented for pfSense, so that both are possible then.
        """
        if not self.enabled:
            return [_NO_FILTER]
        last, ended = [_NO_RULE], []
        for rule in self.rules(flow.direction, flow.interface, flow.family):
            matched = rule.match(flow)
            if matched is False:
                continue
            if rule.action == "match":
                ended += last if rule.quick else []
                continue
            outcome = Outcome(rule.action == "pass", rule.label, rule.gateway)
            if rule.quick:
                ended.append(outcome)
                if matched is True:
                    return list(dict.fromkeys(ended))
            elif matched is True:
                last = [outcome]
            else:
                last = [*last, outcome]
        return list(dict.fromkeys([*ended, *last]))


def _zones(config: Config) -> list[Any]:
    found = config.get("captiveportal")
    return list(found.values()) if isinstance(found, Mapping) else entries(config, "captiveportal")


# Configurations asked about lately. Each is kept alive here, so no other object can get its id meanwhile.
_KEPT = 8
_units: OrderedDict[int, Unit] = OrderedDict()


def unit_of(config: Config) -> Unit:
    """The index of a configuration object, made at its first question. It must not be changed afterwards."""
    unit = _units.get(id(config))
    if unit is None:
        unit = Unit(config)
        _units[id(config)] = unit
        if len(_units) > _KEPT:
            _units.popitem(last=False)
    return unit


def allowed(outcomes: list[Outcome]) -> Truth:
    """What all outcomes agree on."""
    kinds = {outcome.allowed for outcome in outcomes}
    return kinds.pop() if len(kinds) == 1 else None
