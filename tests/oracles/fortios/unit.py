"""A stored configuration, indexed once so that many packets can be asked about."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from .addresses import AddressBook
from .interfaces import Interface, Network
from .policies import Policy, PolicyReader
from .release import Release
from .rows import Row, enabled, rows, singleton
from .services import ServiceBook
from .vips import VirtualIPs

Config = Mapping[str, Any]


class Vdom:
    """One virtual domain: its objects, policies and virtual IPs."""

    def __init__(self, config: Config, name: str, release: Release) -> None:
        self.name = name
        self.tables: Mapping[str, Any] = config["vdom"].get(name) or {}
        self.release = release
        self.settings = singleton(self.tables, "system/settings")
        self.network = Network(config["global"], self.tables, name)
        self.central_nat = enabled(self.settings, "central-nat")
        self.services = ServiceBook(self.tables)
        self.vips = {family: VirtualIPs(self.tables, family, self.services) for family in (4, 6)}
        books = {family: AddressBook(self.tables, family) for family in (4, 6)}
        reader = PolicyReader(self.tables, release, books, self.services, self.vips)
        self.policies = [
            reader.firewall(row) for row in rows(self.tables, "firewall/policy") if enabled(row, "status", default=True)
        ]
        if not self.central_nat:
            for family, vips in self.vips.items():
                used = [policy.destinations[family].vips for policy in self.policies]
                vips.keep_used(frozenset().union(*used))
        self.local_in = {
            family: [
                reader.local_in(row, family) for row in rows(self.tables, path)
                # Rows for the dedicated HA management port do not apply to other interfaces.
                if enabled(row, "status", default=True) and not enabled(row, "ha-mgmt-intf-only")
            ]
            for family, path in ((4, "firewall/local-in-policy"), (6, "firewall/local-in-policy6"))
        }
        self.shaping = [
            reader.shaping(row) for row in rows(self.tables, "firewall/shaping-policy")
            if enabled(row, "status", default=True) and row.get("traffic-type", "forwarding") in ("", "forwarding")
        ]
        self.shapers = {str(row["name"]): row for row in rows(self.tables, "firewall.shaper/traffic-shaper")}
        self._by_ingress: dict[str, list[Policy]] = {}

    @property
    def undecidable(self) -> str:
        """Why firewall/policy does not decide in this VDOM; empty when it does."""
        if self.settings.get("ngfw-mode") == "policy-based":
            return "NGFW mode is policy-based: firewall/security-policy decides"
        return "transparent mode: the VDOM does not route" if self.settings.get("opmode") == "transparent" else ""

    def policies_from(self, interface: Interface) -> list[Policy]:
        """The enabled policies that may match what comes in by an interface, in order."""
        found = self._by_ingress.get(interface.name)
        if found is None:
            found = [policy for policy in self.policies if policy.source_ends.match(interface) is not False]
            self._by_ingress[interface.name] = found
        return found


class Unit:
    """The whole configuration."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.release = Release.parse(str(config["version"]))
        self.globals: Mapping[str, Any] = config["global"]
        self.settings: Row = singleton(self.globals, "system/global")
        self._homes = {
            str(row["name"]): str(row.get("vdom") or "root") for row in rows(self.globals, "system/interface")
        }
        self._vdoms: dict[str, Vdom] = {}

    def vdom(self, name: str) -> Vdom:
        """A VDOM of the configuration."""
        if name not in self._vdoms:
            self._vdoms[name] = Vdom(self.config, name, self.release)
        return self._vdoms[name]

    def home(self, interface: str) -> Vdom | None:
        """The VDOM that an interface belongs to; None when there is no such interface."""
        name = self._homes.get(interface)
        return None if name is None else self.vdom(name)


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
