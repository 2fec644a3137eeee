"""Virtual IPs: which packets they translate, and to where.

Virtual IPs are looked at in the order of their table, and the first that matches translates (Fortinet 362148, 350101).
Unless central NAT is on, only those that an enabled policy refers to count (Fortinet 261055, 350101). Translation comes
before routing, before policies, and before local-in policies (Fortinet 189573, 261055).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..intervals import IntervalSet, Range
from ..logic import Truth, both
from ..packets import Packet
from .interfaces import Interface, Network
from .rows import Row, Tables, address_range, enabled, names, port_range, rows
from .services import ServiceBook, Services

_PATHS = {4: ("firewall/vip", "firewall/vipgrp"), 6: ("firewall/vip6", "firewall/vipgrp6")}
_PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1}
# extip: "the address of the interface" (Fortinet, port forwarding with a dynamic WAN address).
_OWN_ADDRESS = ("", "0.0.0.0", "::")
# Server load balancing takes its protocol from its kind of server; those not named here speak TCP.
_SERVER_PROTOCOLS: dict[str, int | None] = {"udp": 17, "ip": None}


@dataclass(frozen=True, slots=True)
class Translation:
    """Where a packet goes. ``destination`` None = the configuration does not say. ``port``: a range when not exact."""

    destination: int | None
    port: Range


@dataclass(frozen=True, slots=True)
class VirtualIP:
    """One virtual IP, ready to be compared with packets."""

    name: str
    external: Range | None  # None = the address of the interface (extip 0.0.0.0)
    interface: str
    ingress: frozenset[str]  # srcintf-filter; empty = any
    sources: IntervalSet | None
    protocol: int | None  # None = all of them
    port: Range
    services: Services | None
    mapped: Range | None  # None = not in the configuration (server load balancing, FQDN, other family)
    mapped_port: Range | None
    many_to_many: bool
    answers_arp: bool

    def takes(self, packet: Packet, interface: Interface, network: Network) -> Truth:
        """Whether it translates the packet, which came in by ``interface``."""
        if self.external is not None and not self.external[0] <= packet.destination_number <= self.external[1]:
            return False
        if self.protocol is not None and (
            packet.protocol_number != self.protocol or not self.port[0] <= packet.destination_port <= self.port[1]
        ):
            return False
        if self.sources is not None and packet.source_number not in self.sources:
            return False
        if self.ingress and interface.name not in self.ingress:
            return False
        result: Truth = True
        if self.interface not in ("", "any") and self.interface not in interface.labels:
            if self.interface not in interface.unsure_labels:
                return False
            result = None
        if self.services is not None:
            port = (packet.destination_port, packet.destination_port)
            result = both(
                result, self.services.matches(packet.protocol_number, port, packet.source_port, packet.icmp)
            )
        return both(result, self._to_own_address(packet, interface, network)) if self.external is None else result

    @staticmethod
    def _to_own_address(packet: Packet, interface: Interface, network: Network) -> Truth:
        own = network.own.get((packet.family, packet.destination_number))
        if own is not None:
            return own.interface == interface.name
        return None if interface.dynamic(packet.family) else False

    def translate(self, packet: Packet) -> Translation:
        """Where a packet that it takes goes: ranges are mapped one to one, counted from their first numbers."""
        here = packet.destination_port
        port: Range = (here, here)
        if self.mapped_port is not None:
            low, high = self.mapped_port
            there = low + here - self.port[0]
            if low == high:
                port = (low, low)
            elif self.many_to_many or there > high:
                port = self.mapped_port
            else:
                port = (there, there)
        if self.mapped is None:
            return Translation(None, port)
        low, high = self.mapped
        target = low if self.external is None else low + packet.destination_number - self.external[0]
        return Translation(target if target <= high else None, port)


def _read(row: Row, family: int, book: ServiceBook) -> VirtualIP:
    kind = str(row.get("type") or "static-nat")
    same_family = enabled(row, "nat44" if family == 4 else "nat66", default=True)
    mapped_text = names(row.get("mappedip"), "range") if family == 4 else [str(row.get("mappedip") or "")]
    mapped: Range | None = None
    if kind in ("static-nat", "load-balance") and same_family and len(mapped_text) == 1 and mapped_text[0]:
        mapped = address_range(mapped_text[0])[1]
    external_text = str(row.get("extip") or "")
    external: Range | None = None if external_text in _OWN_ADDRESS else address_range(external_text)[1]
    if external is not None and external[0] == external[1] and mapped is not None and kind == "static-nat":
        # A single first address stands for as many as are mapped (FortiOS 5.0 help, vip: extip).
        external = (external[0], external[0] + mapped[1] - mapped[0])
    if kind == "load-balance" and mapped is not None and mapped[0] != mapped[1]:
        mapped = None  # any of them may be chosen
    forward = enabled(row, "portforward")
    protocol = _PROTOCOLS[str(row.get("protocol") or "tcp")] if forward else None
    if kind in ("server-load-balance", "access-proxy"):
        protocol = _SERVER_PROTOCOLS.get(str(row.get("server-type") or "http"), 6)
        forward = protocol is not None
    external_port = str(row.get("extport") or "")
    mapped_port = str(row.get("mappedport") or "")
    wanted = names(row.get("service"))
    sources = names(row.get("src-filter"), "range")
    return VirtualIP(
        name=str(row["name"]),
        external=external,
        interface=str(row.get("extintf") or "") if family == 4 else "any",
        ingress=frozenset(names(row.get("srcintf-filter"), "interface-name")),
        sources=IntervalSet(address_range(text)[1] for text in sources) if sources else None,
        protocol=protocol,
        port=port_range(external_port) if forward and external_port and protocol != 1 else (0, 65535),
        services=book.union(wanted) if wanted and not forward else None,
        mapped=mapped,
        mapped_port=port_range(mapped_port) if (forward or wanted) and mapped_port not in ("", "0") else None,
        many_to_many=row.get("portmapping-type") == "m-to-n",
        answers_arp=enabled(row, "arp-reply", default=True),
    )


class VirtualIPs:
    """The virtual IPs of one VDOM and family. ``used``: the names that enabled policies have; None = all count."""

    def __init__(self, tables: Tables, family: int, book: ServiceBook) -> None:
        path, groups = _PATHS[family]
        self._groups = {str(row["name"]): names(row.get("member")) for row in rows(tables, groups)}
        # dns-translation changes DNS answers, not packets.
        self._every = [
            _read(row, family, book) for row in rows(tables, path)
            if enabled(row, "status", default=True) and row.get("type") != "dns-translation"
        ]
        self._names = frozenset(str(row["name"]) for row in rows(tables, path))
        self.active = self._every

    def named(self, wanted: Iterable[str]) -> frozenset[str]:
        """The virtual IPs behind those of the names that are virtual IPs or groups of them."""
        found: set[str] = set()
        for name in wanted:
            if name in self._names:
                found.add(name)
            found.update(self._groups.get(name, ()))
        return frozenset(found)

    def is_name(self, name: str) -> bool:
        """Whether a name is one of a virtual IP or of a group of them."""
        return name in self._names or name in self._groups

    def keep_used(self, used: frozenset[str]) -> None:
        """Leave aside those that no enabled policy refers to."""
        self.active = [vip for vip in self._every if vip.name in used]

    def external_address_of(self, number: int) -> VirtualIP | None:
        """The virtual IP that makes the unit answer for an address, used by a policy or not (Fortinet 277823)."""
        return next(
            (vip for vip in self._every
             if vip.answers_arp and vip.external and vip.external[0] <= number <= vip.external[1]),
            None,
        )
