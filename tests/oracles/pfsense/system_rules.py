"""The rules that the vendor puts in front of and behind the configuration's own.

Facts: pfSense RELENG_2_7_2, inc/filter.inc (filter_rules_generate, filter_get_antilockout_ports), and siproxd.inc of
its package. Left out are those that no new flow between networks meets: loopback, CARP, IPv6 link-local; and the
run-time tables of sshguard, snort2c and virusprot, which are taken to be empty. `antispoof` has no `quick` and only
blocks what would be blocked without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..intervals import PartlyKnown, Range
from .aliases import network, port_range
from .interfaces import Interface
from .rows import active, entries, present, text
from .rules import PROTOCOLS, Rule, Side, SideReader

TCP, UDP, ICMP6 = PROTOCOLS["tcp"], PROTOCOLS["udp"], PROTOCOLS["ipv6-icmp"]
_PRIVATE = ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
# src/etc/bogons without the networks for documentation, which stand for public ones in examples. The lists are updated
# from the network; what is allocated is in none of them, so that nothing else is taken to be.
_BOGONS = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/3")
_LINK_LOCAL = "169.254.0.0/16"


def _span(literal: str) -> Range:
    found = network(literal)
    assert found is not None
    return found[1]


def _ports(*numbers: int) -> PartlyKnown:
    return PartlyKnown.exactly((number, number) for number in numbers)


def gui_ports(config: Any) -> dict[str, int]:
    """The TCP ports of the web interface and of SSH: `https` or `http`, `redirect`, `ssh`; those that are served."""
    secure = text(config, "system/webgui/protocol") == "https"
    span = port_range(text(config, "system/webgui/port"))
    port = span[0] if span else 443 if secure else 80
    found = {"https" if secure else "http": port}
    if secure and not present(config, "system/webgui/disablehttpredirect") and port != 80:
        found["redirect"] = 80
    if present(config, "system/ssh/enable"):
        span = port_range(text(config, "system/ssh/port"))
        found["ssh"] = span[0] if span else 22
    return found


def siproxd(config: Any) -> Any:
    """The settings of siproxd when it is installed and on, else None."""
    settings = entries(config, "installedpackages/siproxdsettings/config")[:1]
    installed = any(text(row, "name") == "siproxd" for row in entries(config, "installedpackages/package"))
    return settings[0] if installed and settings and text(settings[0], "sipenable") == "on" else None


def siproxd_port(settings: Any) -> int:
    """The port that siproxd listens on."""
    span = port_range(text(settings, "port"))
    return span[0] if span else 5060


class SystemRules:
    """Makes the vendor's own rules."""

    def __init__(self, config: Any, sides: SideReader) -> None:
        self._config = config
        self._sides = sides
        self._any = sides.everything()

    def before(self) -> list[Rule]:
        """What comes before the configuration's rules."""
        return [
            *self._families(), *self._default(), *self._interfaces(), *self._out(), *self._anti_lockout(),
        ]

    def after(self) -> list[Rule]:
        """What comes behind them."""
        return [*self._static_routes(), *self._siproxd()]

    def _rule(
        self, label: str, action: str, direction: str, family: int, *, quick: bool = True,
        interface: Interface | None = None, source: Side | None = None, destination: Side | None = None, **more: Any,
    ) -> Rule:
        return Rule(
            label, action, quick, direction, frozenset({interface.name}) if interface else None, family,
            more.pop("protocols", None), source or self._any, destination or self._any, **more,
        )

    def _literal(self, *literals: str) -> dict[int, Side]:
        found = [network(literal) for literal in literals]
        return {
            family: self._sides.literal(family, *(each[1] for each in found if each and each[0] == family))
            for family in (4, 6)
        }

    @property
    def _six(self) -> bool:
        return present(self._config, "system/ipv6allow")

    def _families(self) -> Iterator[Rule]:
        if not self._six:
            yield self._rule("Block all IPv6", "block", "any", 6)
        if not present(self._config, "system/no_apipa_block"):
            local = self._literal(_LINK_LOCAL)[4]
            yield self._rule("Block IPv4 link-local", "block", "in", 4, source=local)
            yield self._rule("Block IPv4 link-local", "block", "in", 4, destination=local)

    def _default(self) -> Iterator[Rule]:
        for family in (4, 6):
            yield self._rule("Default deny rule", "block", "any", family, quick=False)
        needed = frozenset({1, 2, 135, 136})
        yield self._rule("essential ICMPv6", "pass", "any", 6, protocols=ICMP6, icmp_types=needed)
        for family in (4, 6):
            for field in ("source_ports", "destination_ports"):
                zero: dict[str, Any] = {field: _ports(0)}
                yield self._rule("Block traffic from or to port 0", "block", "any", family, protocols=TCP | UDP, **zero)

    def _interfaces(self) -> Iterator[Rule]:
        private, bogons = self._literal(*_PRIVATE), self._literal(*_BOGONS)
        bridged = {
            name for row in entries(self._config, "bridges/bridged") for name in text(row, "members").split(",")
        }
        for interface in self._sides.network.interfaces.values():
            yield from self._dhcp_client(interface)
            if present(interface.row, "blockbogons"):
                yield self._rule("block bogon networks", "block", "in", 4, interface=interface, source=bogons[4])
            if present(interface.row, "blockpriv") and interface.name not in bridged:
                for family in (4, 6):
                    yield self._rule(
                        "Block private networks", "block", "in", family, interface=interface, source=private[family]
                    )
            yield from self._dhcp_server(interface)

    def _dhcp_client(self, interface: Interface) -> Iterator[Rule]:
        if text(interface.row, "ipaddr") == "dhcp":
            for direction, here, there in (("in", 67, 68), ("out", 68, 67)):
                yield self._rule(
                    "allow dhcp client", "pass", direction, 4, interface=interface, protocols=UDP,
                    source_ports=_ports(here), destination_ports=_ports(there),
                )
        if text(interface.row, "ipaddrv6") in ("slaac", "dhcp6"):
            for direction, here, there in (("in", 547, 546), ("out", 546, 547)):
                yield self._rule(
                    "allow dhcpv6 client", "pass", direction, 6, interface=interface, protocols=UDP,
                    source_ports=_ports(here), destination_ports=_ports(there),
                )

    def _dhcp_server(self, interface: Interface) -> Iterator[Rule]:
        own = interface.addresses[4]
        if present(self._config, f"dhcpd/{interface.name}/enable") and isinstance(own, int):
            for direction, here, there in (("in", 68, 67), ("out", 67, 68)):
                end = "destination" if direction == "in" else "source"
                side: dict[str, Any] = {end: self._sides.literal(4, (own, own))}
                yield self._rule(
                    "allow access to DHCP server", "pass", direction, 4, interface=interface, protocols=UDP,
                    source_ports=_ports(here), destination_ports=_ports(there), **side,
                )

    def _out(self) -> Iterator[Rule]:
        for family in (4, 6):
            yield self._rule("let out anything", "pass", "out", family, quick=False)

    def _anti_lockout(self) -> Iterator[Rule]:
        if present(self._config, "system/webgui/noantilockout"):
            return
        interfaces = self._config.get("interfaces") or {}
        name = "wan" if len(interfaces) == 1 else "lan"
        interface = self._sides.network.interfaces.get(name)
        if interface is None:
            return
        ports = _ports(*gui_ports(self._config).values())
        for family in (4, 6):
            own = {number for (known, number), at in self._sides.network.own.items() if (known, at) == (family, name)}
            addresses = PartlyKnown.exactly((number, number) for number in own)
            outside: frozenset[str] = frozenset()
            if interface.dynamic(family):
                addresses, outside = addresses | self._sides.network.maybe_own(family), frozenset({name})
            yield self._rule(
                "anti-lockout rule", "pass", "in", family, interface=interface, protocols=TCP,
                destination=self._sides.of(addresses, family, own=outside), destination_ports=ports,
            )

    def _static_routes(self) -> Iterator[Rule]:
        """Passing traffic between a network and those routed behind it, where that is switched on."""
        if not present(self._config, "filter/bypassstaticroutes"):
            return
        for row in active(self._config, "staticroutes/route"):
            found = network(text(row, "network"))
            for name in self._sides.network.gateway(text(row, "gateway")) or ():
                interface = self._sides.network.interfaces[name]
                if found is None or not isinstance(interface.addresses[found[0]], int):
                    continue
                family, far = found[0], self._sides.literal(found[0], found[1])
                near = self._sides.literal(family, interface.networks[family][0])
                for source, destination in ((near, far), (far, near)):
                    yield self._rule(
                        "statically routed subnets", "pass", "any", family, interface=interface, source=source,
                        destination=destination,
                    )

    def _siproxd(self) -> Iterator[Rule]:
        settings = siproxd(self._config)
        if settings is None:
            return
        wanted = [_ports(siproxd_port(settings))]
        if text(settings, "rtpenable") == "1":
            low, high = (port_range(text(settings, name)) for name in ("rtplower", "rtpupper"))
            wanted.append(PartlyKnown.exactly([((low or (7070, 0))[0], (high or (7079, 0))[0])]))
        for name in text(settings, "if_inbound").split(","):
            interface = self._sides.network.interfaces.get(name)
            for ports in wanted if interface is not None else ():
                for family in (4, 6):
                    yield self._rule(
                        "allow SIP signaling and RTP traffic", "pass", "in", family, quick=False, interface=interface,
                        protocols=UDP, destination_ports=ports,
                    )
