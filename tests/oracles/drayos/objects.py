"""What the address part of a rule covers: IP and IPv6 objects, their groups, and user-defined addresses.

Types 0 mask, 1 single, 2 any, 3 range, 4 MAC (Vigor3912 User's Guide 1.01, ``object ip obj``). A rule side takes two
IPv4 objects or two groups, three IPv6 objects or one IPv6 group, or one country object (same guide, ``ipf rule``).

Not in the guides, so unknown here: what an object's or group's interface adds to its address, what an index that no
object was ever stored under stands for, what an empty group matches, and how an IPv4 object takes an IPv6 packet when
it is inverted or of type any.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from ..intervals import IntervalSet, PartlyKnown, Range
from ..packets import EVERY_ADDRESS, address, text_of
from .rows import Configuration, Row, on, section

# What a rule side says, as the configuration stores it: ("any",), ("g", 1, 0), ("u", 1, "10.0.0.1") and so on.
Reference = Sequence[Any]
Sides = dict[int, PartlyKnown]  # by address family

NOTHING = PartlyKnown.exactly(())
EVERYTHING = {family: PartlyKnown.exactly([span]) for family, span in EVERY_ADDRESS.items()}
UNKNOWN = {family: PartlyKnown.unknown(span) for family, span in EVERY_ADDRESS.items()}
_MASK, _SINGLE, _ANY, _RANGE = 0, 1, 2, 3


def number(text: object, family: int) -> int | None:
    """The address as an integer; None when the text is none of the family."""
    try:
        found, value = address(str(text))
    except ValueError:
        return None
    return value if found == family else None


def masked(start: object, mask: object) -> Range | None:
    """The IPv4 network of an address and a mask; None when they make none (a mask with holes)."""
    low, bits = number(start, 4), number(mask, 4)
    if low is None or bits is None:
        return None
    spare = 0xFFFFFFFF ^ bits
    return (low & bits, low & bits | spare) if spare & (spare + 1) == 0 else None


def _prefixed(start: object, length: object) -> Range | None:
    low, bits = number(start, 6), int(str(length or 0))
    if low is None or not 0 <= bits <= 128:
        return None
    spare = (1 << (128 - bits)) - 1
    return low & ~spare, low | spare


def between(start: object, end: object, family: int) -> Range | None:
    low, high = number(start, family), number(end, family)
    return None if low is None or high is None or low > high else (low, high)


def _exactly(span: Range | None, family: int) -> PartlyKnown:
    return UNKNOWN[family] if span is None else PartlyKnown.exactly([span])


def _union(parts: Iterable[Sides]) -> Sides:
    result = {4: NOTHING, 6: NOTHING}
    for part in parts:
        result = {family: result[family] | part[family] for family in result}
    return result


def _perhaps(sides: Sides) -> Sides:
    """The same, with nothing of it certain any more."""
    return {family: PartlyKnown(IntervalSet(), side.possible) for family, side in sides.items()}


class AddressBook:
    """The objects and groups of a configuration; each is worked out when first asked for."""

    def __init__(self, configuration: Configuration) -> None:
        self._tables = {
            "o": section(configuration, "ip_objects"), "g": section(configuration, "ip_groups"),
            "o6": section(configuration, "ipv6_objects"), "g6": section(configuration, "ipv6_groups"),
        }
        self._known: dict[tuple[str, int], Sides] = {}

    def side(self, reference: Reference) -> Sides:
        """What a rule side covers, by address family."""
        kind, *rest = reference
        if kind == "any":
            return EVERYTHING
        if kind in self._tables:
            return self.all_of(kind, rest)
        if kind == "u":
            return _user_defined(rest)
        return UNKNOWN  # a country: the list of its addresses is not in the configuration

    def all_of(self, kind: str, indexes: Iterable[Any]) -> Sides:
        """The union of objects (``o``, ``o6``) or groups (``g``, ``g6``); 0 fills an unused place."""
        wanted = [int(index) for index in indexes if int(index)]
        return _union(self._one(kind, index) for index in wanted) if wanted else UNKNOWN

    def _one(self, kind: str, index: int) -> Sides:
        known = self._known.get((kind, index))
        if known is None:
            row = self._tables[kind].get(str(index))
            known = self._known[kind, index] = UNKNOWN if row is None else self._read(kind, row)
        return known

    def _read(self, kind: str, row: Row) -> Sides:
        if kind == "o6":
            return _ipv6_object(row)
        if kind == "o":
            return _ip_object(row)
        result = self.all_of("o" if kind == "g" else "o6", row.get("members") or ())
        return _perhaps(result) if int(row.get("interface") or 0) else result


def _ip_object(row: Row) -> Sides:
    kind = int(row.get("type", _ANY))
    start, end = row.get("start"), row.get("end")
    if kind == _ANY:
        result = {4: EVERYTHING[4], 6: UNKNOWN[6]}
    elif kind == _MASK:
        result = {4: _exactly(masked(start, end), 4), 6: NOTHING}
    elif kind == _SINGLE:
        alone = number(start, 4)
        # 0.0.0.0 is what a new object holds; whether it then stands for one address or for all is not documented.
        result = {4: _exactly((alone, alone) if alone else None, 4), 6: NOTHING}
    elif kind == _RANGE:
        result = {4: _exactly(between(start, end, 4), 4), 6: NOTHING}
    else:
        return UNKNOWN  # a MAC address: the question does not hold the sender's
    if on(row, "invert"):
        result = {4: EVERYTHING[4] - result[4], 6: UNKNOWN[6]}
    if int(row.get("interface") or 0):
        return UNKNOWN if on(row, "invert") else _perhaps(result)
    return result


def _ipv6_object(row: Row) -> Sides:
    kind = int(row.get("type", _ANY))
    start, end = row.get("start"), row.get("end")
    if int(row.get("match") or 0):
        return UNKNOWN  # only the last 64 bits are compared
    if kind == _ANY:
        span: Range | None = EVERY_ADDRESS[6]
    elif kind == _MASK:
        span = _prefixed(start, row.get("prefix"))
    elif kind == _SINGLE:
        span = between(start, start, 6)
    elif kind == _RANGE:
        span = between(start, end, 6)
    else:
        return UNKNOWN
    side = _exactly(span, 6)
    if on(row, "invert"):
        return {4: UNKNOWN[4], 6: EVERYTHING[6] - side}
    return {4: UNKNOWN[4] if kind == _ANY else NOTHING, 6: side}


def _user_defined(rest: Sequence[Any]) -> Sides:
    kind, *values = rest
    if int(kind) == _ANY:
        return EVERYTHING
    span = None
    if int(kind) == _MASK and len(values) == 2:
        span = masked(values[0], values[1])
    elif int(kind) == _SINGLE and values:
        span = between(values[0], values[0], 4)
    elif int(kind) == _RANGE and len(values) == 2:
        span = between(values[0], values[1], 4)
    return {4: _exactly(span, 4), 6: NOTHING}


def networks(side: PartlyKnown, family: int) -> frozenset[str] | None:
    """The networks that a side covers, as prefixes; None when it is not fully known."""
    if side.certain != side.possible:
        return None
    found: list[str] = []
    for low, high in side.certain.ranges:
        if family == 4:
            found += map(str, ipaddress.summarize_address_range(
                ipaddress.IPv4Address(text_of(4, low)), ipaddress.IPv4Address(text_of(4, high))
            ))
        else:
            found += map(str, ipaddress.summarize_address_range(
                ipaddress.IPv6Address(text_of(6, low)), ipaddress.IPv6Address(text_of(6, high))
            ))
    return frozenset(found)
