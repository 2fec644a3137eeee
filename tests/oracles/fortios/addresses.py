"""What address objects and groups stand for (FortiOS CLI reference: firewall address, address6, addrgrp, addrgrp6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from ..intervals import IntervalSet, PartlyKnown, Range
from ..packets import EVERY_ADDRESS, address
from .rows import Row, Tables, enabled, names, network, rows

_TABLES = {4: ("firewall/address", "firewall/addrgrp"), 6: ("firewall/address6", "firewall/addrgrp6")}
# A wildcard of more pieces than this is kept as unknown: nobody writes one.
_MOST_PIECES = 65536


@lru_cache(maxsize=4096)
def wildcard(text: str) -> PartlyKnown:
    """``address mask``: a set bit of the mask must match, a clear one is free, wherever it stands."""
    first, mask_text = text.split()
    (family, number), mask = address(first), address(mask_text)[1]
    bits = 32 if family == 4 else 128
    tail = 0  # how many of the lowest bits are free: they make one range
    while tail < bits and not mask >> tail & 1:
        tail += 1
    free = [bit for bit in range(tail, bits) if not mask >> bit & 1]
    if 1 << len(free) > _MOST_PIECES:
        return PartlyKnown.unknown(EVERY_ADDRESS[family])
    starts = [number & mask]
    for bit in free:
        starts += [start | 1 << bit for start in starts]
    return PartlyKnown.exactly((start, start + (1 << tail) - 1) for start in starts)


def _subnet(row: Row, field: str, default: str) -> PartlyKnown:
    return PartlyKnown.exactly((network(str(row.get(field) or default))[1],))


def _span(row: Row) -> PartlyKnown:
    low, high = address(str(row["start-ip"]))[1], address(str(row["end-ip"]))[1]
    return PartlyKnown.exactly(((low, high),))


# Types whose addresses stand in the row. All others (fqdn, geography, dynamic, mac, interface-subnet, template ...)
# depend on what only the running unit knows.
_READERS: dict[int, dict[str, Callable[[Row], PartlyKnown]]] = {
    4: {
        "ipmask": lambda row: _subnet(row, "subnet", "0.0.0.0 0.0.0.0"),
        "iprange": _span,
        "wildcard": lambda row: wildcard(str(row["wildcard"])),
    },
    6: {
        "ipprefix": lambda row: _subnet(row, "ip6", "::/0"),
        "iprange": _span,
    },
}
_DEFAULT_TYPE = {4: "ipmask", 6: "ipprefix"}


class AddressBook:
    """The address objects of one VDOM and family; each is worked out when first asked for."""

    def __init__(self, tables: Tables, family: int) -> None:
        objects, groups = _TABLES[family]
        self._family = family
        self._objects = {str(row["name"]): row for row in rows(tables, objects)}
        self._groups = {str(row["name"]): row for row in rows(tables, groups)}
        self._known: dict[str, PartlyKnown] = {}

    @property
    def _anything(self) -> Range:
        return EVERY_ADDRESS[self._family]

    def resolve(self, name: str) -> PartlyKnown:
        """The addresses behind a name; a name that the configuration does not hold may stand for anything."""
        if name not in self._known:
            # A group that contains itself (refused by a unit) is unknown inside itself.
            self._known[name] = PartlyKnown.unknown(self._anything)
            self._known[name] = self._work_out(name)
        return self._known[name]

    def union(self, wanted: Iterable[str]) -> PartlyKnown:
        """The addresses behind any of the names."""
        result = PartlyKnown(IntervalSet(), IntervalSet())
        for name in wanted:
            result |= self.resolve(name)
        return result

    def _work_out(self, name: str) -> PartlyKnown:
        row = self._objects.get(name)
        if row is not None:
            reader = _READERS[self._family].get(str(row.get("type") or _DEFAULT_TYPE[self._family]))
            return reader(row) if reader else PartlyKnown.unknown(self._anything)
        group = self._groups.get(name)
        if group is not None:
            inside = self.union(names(group.get("member")))
            return inside - self.union(names(group.get("exclude-member"))) if enabled(group, "exclude") else inside
        if name == "all":  # shipped with every unit
            return PartlyKnown.exactly((self._anything,))
        return PartlyKnown.unknown(self._anything)
