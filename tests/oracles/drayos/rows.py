"""Reading a stored configuration: numbered tables with text keys, of which only what was ever changed is present."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]
Configuration = Mapping[str, Any]


def section(configuration: Configuration, name: str) -> Row:
    """A table or settings block; empty (all factory) when the configuration has none."""
    found: Row = configuration.get(name) or {}
    return found


def numbered(configuration: Configuration, name: str) -> Iterator[tuple[int, Row]]:
    """The rows of a numbered table, by ascending number."""
    table = section(configuration, name)
    for key in sorted(table, key=int):
        yield int(key), table[key]


def on(row: Row, field: str, default: bool = False) -> bool:
    """Whether a 0/1 switch is 1; ``default`` when the row does not say."""
    value = row.get(field)
    return default if value in (None, "") else bool(int(value))
