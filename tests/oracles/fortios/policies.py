"""Firewall policies, local-in policies and shaping policies, ready to be compared with packets.

All three are lists in which the first entry that matches decides (FortiOS administration guide, firewall policies).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..intervals import PartlyKnown, Range
from ..logic import Truth, agreed, both, opposite
from ..packets import EVERY_ADDRESS, Packet
from .addresses import AddressBook
from .interfaces import Interface
from .release import Release, default_match_vip, own_ipv6_negation
from .rows import Row, Tables, enabled, names
from .schedules import schedule_holds
from .services import ServiceBook, Services
from .vips import Translation, VirtualIP, VirtualIPs

# Fields that make a policy depend on who is behind the packet, on feeds, or on the date: field -> values that do not.
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "users": ([],), "groups": ([],), "fsso-groups": ([],), "src-vendor-mac": ([],), "sgt-check": ("disable",),
    "ztna-status": ("disable",), "ztna-ems-tag": ([],), "ztna-geo-tag": ([],), "vlan-filter": ("",),
    "policy-expiry": ("disable",), "reputation-minimum": (0,), "reputation-minimum6": (0,),
    "network-service-dynamic": ([],), "network-service-src-dynamic": ([],), "nat46": ("disable",),
    "nat64": ("disable",), "application": ([],), "app-category": ([],), "app-group": ([],), "url-category": ([],),
    "cos-mask": ("", "000"),
}
_ABSENT: tuple[Any, ...] = (None, "", [])


def conditions(tables: Tables, row: Row) -> Truth:
    """Whether what a packet does not show is fulfilled: the schedule, users, tags, reputation, expiry."""
    for field, neutral in _NEUTRAL.items():
        value = row.get(field)
        if value not in _ABSENT and value not in neutral:
            return both(None, schedule_holds(tables, str(row.get("schedule") or "always")))
    return schedule_holds(tables, str(row.get("schedule") or "always"))


@dataclass(frozen=True, slots=True)
class Ends:
    """The interfaces that one side of a policy names. ``labels`` None = any."""

    labels: frozenset[str] | None

    @classmethod
    def read(cls, value: Any, empty_is_any: bool = False) -> Ends:
        """From ``[{"name": ...}]`` or, for local-in policies up to 7.4.1, a string."""
        labels = frozenset(names(value))
        return cls(None if "any" in labels or (empty_is_any and not labels) else labels)

    def match(self, interface: Interface) -> Truth:
        """Whether the interface, or a zone that it is in, is named."""
        if self.labels is None or not self.labels.isdisjoint(interface.labels):
            return True
        return False if self.labels.isdisjoint(interface.unsure_labels) else None


@dataclass(frozen=True, slots=True)
class Side:
    """The source or destination of a policy for one address family.

    ``named`` False = nothing of this family is named, so no packet of it matches. ``open`` = an Internet Service takes
    the place of the addresses, and what is in it is not in the configuration.
    """

    addresses: PartlyKnown
    vips: frozenset[str]
    negated: bool
    named: bool
    open: bool = False

    def match(self, number: int) -> Truth:
        """Whether an address that no virtual IP translated is on this side."""
        if self.open:
            return None
        if not self.named:
            return False
        inside = self.addresses.contains(number)
        return opposite(inside) if self.negated else inside

    def match_somewhere(self, family: int, number: int | None) -> Truth:
        """As ``match``, for an address that may be unknown (None)."""
        if number is not None:
            return self.match(number)
        if self.open or not self.named:
            return None if self.open else False
        inside = self.addresses.contains_something_in(EVERY_ADDRESS[family])
        return opposite(inside) if self.negated else inside


@dataclass(frozen=True, slots=True)
class Policy:
    """One enabled entry of a policy table."""

    number: str
    label: str
    row: Row
    action: str
    source_ends: Ends
    destination_ends: Ends
    sources: dict[int, Side]
    destinations: dict[int, Side]
    services: Services
    service_negated: bool
    service_open: dict[int, bool]
    conditions: Truth
    tos: tuple[int, int, bool] | None  # value, mask, negated
    match_vip: Truth
    match_vip_only: bool

    def match_packet(self, packet: Packet, port: Range) -> Truth:
        """Source, service and conditions; ``port``: the destination port after translation."""
        source = self.sources[packet.family].match(packet.source_number)
        if source is False:
            return False
        service: Truth = None
        if not self.service_open[packet.family]:
            service = self.services.matches(packet.protocol_number, port, packet.source_port, packet.icmp)
            if self.service_negated:
                service = opposite(service)
        result = both(both(source, service), self.conditions)
        if self.tos is not None:
            value, mask, negated = self.tos
            result = both(result, ((packet.dscp << 2) & mask == value & mask) != negated)
        return result

    def match_destination(
        self, packet: Packet, vip: VirtualIP | None, translation: Translation | None, central_nat: bool
    ) -> Truth:
        """The destination, which a virtual IP may have translated.

        Without central NAT a policy has to name the virtual IP. One that names addresses matches translated packets
        only if it denies and ``match-vip`` is on (Fortinet 192456, release notes 6.4.3: not with accept). Whether its
        addresses are then compared with the external or the mapped address is not documented (article 94794 speaks of
        the translated one, the course material of the external one): where they differ, the answer is unknown.
        With central NAT policies name the mapped addresses (Fortinet 251572).
        """
        side = self.destinations[packet.family]
        if vip is None or translation is None:
            return False if self.match_vip_only else side.match(packet.destination_number)
        if central_nat:
            return side.match_somewhere(packet.family, translation.destination)
        if vip.name in side.vips:
            return not side.negated
        if not side.named or side.open:
            return None if side.open else False
        before = side.addresses.contains(packet.destination_number)
        if translation.destination is None:
            inside = side.addresses.contains_something_in(EVERY_ADDRESS[packet.family])
        else:
            inside = agreed((before, side.addresses.contains(translation.destination)))
        if self.action != "deny" or self.match_vip is False:
            return None if side.negated and inside is not True else False
        return both(self.match_vip, opposite(inside) if side.negated else inside)


class PolicyReader:
    """Turns rows into policies with the objects of one VDOM."""

    def __init__(
        self, tables: Tables, release: Release, books: Mapping[int, AddressBook], services: ServiceBook,
        vips: Mapping[int, VirtualIPs],
    ) -> None:
        self._tables = tables
        self._release = release
        self._books = books
        self._services = services
        self._vips = vips

    def firewall(self, row: Row) -> Policy:
        """An entry of firewall/policy."""
        fields = {4: "{}addr", 6: "{}addr6"}
        return self._read(row, "policyid", "policy", row.get("srcintf"), row.get("dstintf"), fields)

    def local_in(self, row: Row, family: int) -> Policy:
        """An entry of firewall/local-in-policy or local-in-policy6 (which has no addr6 fields)."""
        kind = "local-in policy" if family == 4 else "local-in policy6"
        return self._read(row, "policyid", kind, row.get("intf"), "any", {family: "{}addr"})

    def shaping(self, row: Row) -> Policy:
        """An entry of firewall/shaping-policy; it is for the family that ``ip-version`` says, default 4."""
        fields = {6: "{}addr6"} if str(row.get("ip-version") or 4) == "6" else {4: "{}addr"}
        return self._read(
            row, "id", "shaping policy", row.get("srcintf"), row.get("dstintf"), fields, empty_is_any=True
        )

    def _read(
        self, row: Row, key: str, kind: str, ingress: Any, egress: Any, fields: Mapping[int, str],
        empty_is_any: bool = False,
    ) -> Policy:
        number, name = str(row[key]), str(row.get("name") or "")
        mask = int(str(row.get("tos-mask") or "0"), 16)
        sides = {
            end: {family: self._side(row, end, family, fields.get(family)) for family in (4, 6)}
            for end in ("src", "dst")
        }
        return Policy(
            number=number,
            label=f"{kind} {number}" + (f" ({name})" if name else ""),
            row=row,
            action=str(row.get("action") or "deny"),
            source_ends=Ends.read(ingress, empty_is_any),
            destination_ends=Ends.read(egress, empty_is_any),
            sources=sides["src"],
            destinations=sides["dst"],
            services=self._services.union(names(row.get("service"))),
            service_negated=enabled(row, "service-negate"),
            # An Internet Service as destination brings its ports with it (administration guide, Internet Services).
            service_open={4: enabled(row, "internet-service"), 6: enabled(row, "internet-service6")},
            conditions=conditions(self._tables, row),
            tos=(int(str(row.get("tos") or "0"), 16), mask, enabled(row, "tos-negate")) if mask else None,
            match_vip=enabled(row, "match-vip") if row.get("match-vip") else default_match_vip(self._release),
            match_vip_only=enabled(row, "match-vip-only"),
        )

    def _side(self, row: Row, end: str, family: int, pattern: str | None) -> Side:
        if pattern is None:
            return Side(self._books[family].union(()), frozenset(), negated=False, named=False)
        field = pattern.format(end)
        wanted = names(row.get(field))
        vips = self._vips[family] if end == "dst" else None
        plain = [name for name in wanted if vips is None or not vips.is_name(name)]
        negation = f"{field}-negate" if own_ipv6_negation(self._release) else f"{end}addr-negate"
        service = f"internet-service{'6' if family == 6 else ''}{'-src' if end == 'src' else ''}"
        return Side(
            self._books[family].union(plain),
            vips.named(wanted) if vips is not None else frozenset(),
            negated=enabled(row, negation),
            named=bool(wanted),
            open=enabled(row, service),
        )
