"""Interfaces, their networks and addresses, and where routing sends a packet.

Facts: pfSense RELENG_2_7_2, inc/filter.inc (filter_generate_optcfg_array), inc/interfaces.inc, inc/util.inc.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..intervals import IntervalSet, PartlyKnown, Range
from ..logic import Truth
from ..packets import EVERY_ADDRESS, address
from .aliases import network
from .rows import Row, active, entries, present, text, value

_FIELDS = {4: ("ipaddr", "subnet"), 6: ("ipaddrv6", "subnetv6")}
_FROM_OUTSIDE = {4: {"dhcp", "pppoe", "ppp", "pptp", "l2tp"}, 6: {"dhcp6", "slaac", "6rd", "6to4", "track6"}}
_WITH_GATEWAY = {"dhcp", "pppoe", "pptp", "l2tp", "ppp"}
_BOUND = {"ipalias", "carp"}
"""Kinds of virtual IPs that are addresses of the box; the others only answer ARP."""
# Neither networks inside nor an uplink's address: loopback, link-local, multicast and what is behind it.
_NEVER_OWN = {
    4: ((0, 0x00FFFFFF), (0x7F000000, 0x7FFFFFFF), (0xA9FE0000, 0xA9FEFFFF), (0xE0000000, 0xFFFFFFFF)),
    6: ((0, 0xFFFF), (0xFE80 << 112, (0xFEC0 << 112) - 1), (0xFF << 120, 2**128 - 1)),
}
_LOOPBACK = {4: (0x7F000000, 0x7FFFFFFF), 6: (1, 1)}


@dataclass(frozen=True, eq=False, slots=True)
class Interface:
    """One enabled interface. ``labels``: the names of rules' interfaces that mean it. An address is None where it has
    none, its own name where it comes from outside."""

    name: str
    row: Row
    labels: frozenset[str]
    addresses: dict[int, int | str | None]
    networks: dict[int, tuple[Range, ...]]  # its own, then those of its virtual IPs
    has_gateway: bool

    def dynamic(self, family: int) -> bool:
        """Whether its address is not in the configuration."""
        return isinstance(self.addresses[family], str)


class Network:
    """The interfaces of a configuration and its routes."""

    def __init__(self, config: Any) -> None:
        self._config = config
        self.groups = {
            text(row, "ifname"): text(row, "members").replace(",", " ").split()
            for row in entries(config, "ifgroups/ifgroupentry")
        }
        self.virtual = frozenset(self._virtual())
        self.own: dict[tuple[int, int], str] = {}
        """Addresses of the box and the interfaces that have them."""
        self._vips = {text(row, "uniqid"): row for row in entries(config, "virtualip/vip")}
        self.interfaces: dict[str, Interface] = {}
        tagged = {text(row, "vlanif") for row in entries(config, "vlans/vlan")}
        for name, row in (value(config, "interfaces") or {}).items():
            # One whose VLAN does not exist has no device: the vendor leaves it out.
            gone = "." in text(row, "if") and text(row, "if") not in tagged and not entries(config, "qinqs/qinqentry")
            if isinstance(row, dict) and present(row, "enable") and not gone:
                self.interfaces[name] = self._read(name, row)
        self._routes = [*self._connected(), *self._static()]
        self.dynamic = {family: self._dynamic(family) for family in (4, 6)}
        """Where addresses that come from outside may be: in none of the networks that the configuration holds."""

    def _virtual(self) -> Iterator[str]:
        """Interfaces that the vendor adds for services; packets of theirs are beyond the configuration."""
        config = self._config
        if text(config, "l2tp/mode") == "server":
            yield "l2tp"
        if any(text(row, "mode") == "server" for row in entries(config, "pppoes/pppoe")):
            yield "pppoe"
        if active(config, "ipsec/phase1"):
            yield "enc0"
        if entries(config, "openvpn/openvpn-server") or entries(config, "openvpn/openvpn-client"):
            yield "openvpn"

    def is_known(self, name: str) -> bool:
        """Whether rules for this interface, group or service are loaded."""
        return name in self.interfaces or name in self.groups or name in self.virtual

    def _read(self, name: str, row: Row) -> Interface:
        addresses: dict[int, int | str | None] = {}
        networks: dict[int, tuple[Range, ...]] = {}
        tunnel = text(row, "if").startswith(("ovpn", "ipsec"))
        for family, (field, bits) in _FIELDS.items():
            given = text(row, field)
            literal = network(f"{given}/{text(row, bits) or EVERY_BITS[family]}") if given[:1].isalnum() else None
            spans: list[Range] = []
            if literal is not None and literal[0] == family:
                addresses[family] = address(given)[1]
                self.own[family, address(given)[1]] = name
                spans.append(literal[1])
            elif given in _FROM_OUTSIDE[family] or (tunnel and family == 4):
                addresses[family] = name
            else:
                addresses[family] = None
            networks[family] = (*spans, *self._vip_networks(name, family))
        labels = {name, *(group for group, members in self.groups.items() if name in members)}
        if text(row, "if").startswith("ovpn"):
            labels.add("openvpn")
        kind = text(row, "ipaddr")
        gateway = kind in _WITH_GATEWAY or tunnel or bool(text(row, "gateway"))
        return Interface(name, row, frozenset(labels), addresses, networks, gateway)

    def _vip_networks(self, name: str, family: int) -> Iterator[Range]:
        for row in entries(self._config, "virtualip/vip"):
            if self._home(row) != name:
                continue
            number, bits = text(row, "subnet"), text(row, "subnet_bits")
            literal = network(f"{number}/{bits or EVERY_BITS[family]}")
            if literal is None or literal[0] != family:
                continue
            if text(row, "mode") in _BOUND:
                self.own[family, address(number)[1]] = name
            yield literal[1]

    def _home(self, vip: Row) -> str:
        """The interface of a virtual IP, which may be on another one."""
        on = text(vip, "interface")
        if on.startswith("_vip"):
            on = text(self._vips.get(on.removeprefix("_vip"), {}), "interface")
        return on

    def _connected(self) -> Iterator[tuple[int, Range, frozenset[str]]]:
        for name, interface in self.interfaces.items():
            for family, spans in interface.networks.items():
                yield from ((family, span, frozenset({name})) for span in spans)

    def _static(self) -> Iterator[tuple[int, Range, frozenset[str]]]:
        for row in active(self._config, "staticroutes/route"):
            literal = network(text(row, "network"))
            if literal is not None:
                through = self.gateway(text(row, "gateway"))
                yield (*literal, frozenset(self.interfaces) if through is None else through)

    def _dynamic(self, family: int) -> IntervalSet:
        taken = [span for known, span, _through in self._routes if known == family]
        return IntervalSet((EVERY_ADDRESS[family],)) - IntervalSet([*taken, *_NEVER_OWN[family]])

    def maybe_own(self, family: int) -> PartlyKnown:
        """What an address that comes from outside may be."""
        return PartlyKnown(IntervalSet(), self.dynamic[family])

    def gateway(self, name: str) -> frozenset[str] | None:
        """The interfaces of a gateway or a group of gateways; None when the configuration does not hold it."""
        for row in active(self._config, "gateways/gateway_item"):
            if text(row, "name") == name:
                return frozenset({text(row, "interface")} & set(self.interfaces))
        for row in entries(self._config, "gateways/gateway_group"):
            if text(row, "name") == name:
                items = value(row, "item") or []
                members = [str(item).partition("|")[0] for item in ([items] if isinstance(items, str) else items)]
                found = [self.gateway(member) for member in members if member != name]
                return None if None in found else frozenset().union(*(each for each in found if each is not None))
        # Gateways that come with an address from outside go by the name of their interface.
        for interface in self.interfaces.values():
            descr = (text(interface.row, "descr") or interface.name).upper()
            if name.rpartition("_")[0] == descr and any(interface.dynamic(family) for family in (4, 6)):
                return frozenset({interface.name})
        return None

    def is_own(self, family: int, number: int, ingress: Interface | None = None) -> Truth:
        """Whether an address is the box's own: None when it may be the one that came from outside, at ``ingress``."""
        low, high = _LOOPBACK[family]
        if (family, number) in self.own or low <= number <= high:
            return True
        if ingress is not None and ingress.dynamic(family) and number in self.dynamic[family]:
            return None
        return False

    def egress(self, family: int, number: int | None, hinted: tuple[str, ...]) -> frozenset[str]:
        """The interfaces by which a packet may leave; ``hinted`` counts where no network or static route covers it."""
        if number is None:
            return frozenset(self.interfaces)
        covering = [
            (high - low, through) for known, (low, high), through in self._routes
            if known == family and low <= number <= high
        ]
        if covering:
            return min(covering, key=lambda each: each[0])[1]
        known = frozenset(hinted) & frozenset(self.interfaces)
        return known or self._uplinks(family)

    def _uplinks(self, family: int) -> frozenset[str]:
        default = text(self._config, "gateways/defaultgw4" if family == 4 else "gateways/defaultgw6")
        found = self.gateway(default) if default not in ("", "-") else None
        return found or frozenset(name for name, each in self.interfaces.items() if each.has_gateway)

    def stays_inside(self, family: int, name: str, *numbers: int) -> bool:
        """Whether all of the addresses are in one network of an interface."""
        spans = self.interfaces[name].networks[family]
        return any(all(low <= number <= high for number in numbers) for low, high in spans)


EVERY_BITS = {4: 32, 6: 128}
