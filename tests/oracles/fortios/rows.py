"""Reading rows of a stored configuration: tables that may be missing, references, switches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..intervals import Range
from ..packets import EVERY_ADDRESS, address

Row = Mapping[str, Any]
Tables = Mapping[str, Any]


def rows(tables: Tables, path: str) -> list[Row]:
    """The rows of a table; none when the configuration has no such table."""
    found = tables.get(path) or []
    return [found] if isinstance(found, Mapping) else list(found)


def singleton(tables: Tables, path: str) -> Row:
    """A settings object; empty (all defaults) when the configuration has none."""
    found = tables.get(path) or {}
    return found[0] if isinstance(found, list) else found


def names(value: Any, key: str = "name") -> list[str]:
    """The names in a reference: a list of ``{key: name}``, or one or several in a string."""
    if isinstance(value, str):
        return value.split()
    return [str(member[key]) for member in value or ()]


def enabled(row: Row, field: str, default: bool = False) -> bool:
    """Whether a switch is on; ``default`` when the row does not say."""
    value = row.get(field)
    return default if value in (None, "") else value == "enable"


@lru_cache(maxsize=65536)
def network(text: str) -> tuple[int, Range]:
    """(family, range) of ``a.b.c.d m.m.m.m``, ``a.b.c.d/len``, ``2001:db8::/32`` or a single address."""
    first, _space, rest = text.replace("/", " ").partition(" ")
    family, number = address(first)
    bits = 32 if family == 4 else 128
    if not rest:
        length = bits
    elif rest.isdigit():
        length = int(rest)
    else:
        length = address(rest)[1].bit_count()
    spare = bits - length
    low = number >> spare << spare
    return family, (low, low + (1 << spare) - 1)


@lru_cache(maxsize=65536)
def address_range(text: str) -> tuple[int, Range]:
    """(family, range) of ``first-last``, a network in any spelling, or a single address."""
    if "-" in text:
        first, last = text.split("-")
        family, low = address(first.strip())
        return family, (low, address(last.strip())[1])
    return network(text.strip())


@lru_cache(maxsize=4096)
def port_range(text: str) -> Range:
    """``5060`` or ``10000-20000``."""
    first, _dash, last = text.partition("-")
    return int(first), int(last or first)


def is_everything(family: int, span: Range) -> bool:
    """Whether a range is the whole address space."""
    return span == EVERY_ADDRESS[family]
