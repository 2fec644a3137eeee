# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device's relevant configuration as plain data, and the description of its tables.

A `Document` holds rows in the vendor's own words (`firewall/policy`, `filter/rule`) with normalised values: what
two spellings of the same setting share. The description (`TableSpec`) is data that a platform declares once;
differences, order, references and rendering are worked out from it and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

MARK = "VOIPH-"
"""Prefix of the name (or comment) of everything this collection creates on a device.

Longer than the obvious `VOIP-`, which sites use for objects of their own: whatever bears the mark is kept exact,
and taken away when it is surplus.
"""

Row = dict[str, Any]
"""One entry of a table: field name to normalised value (str, int, tuple of str, or nested rows)."""

Shape = str
SINGLETON: Shape = "singleton"
"""One row without a key, such as a page of global settings."""
KEYED: Shape = "keyed"
"""Rows told apart by their key; their order means nothing."""
ORDERED: Shape = "ordered"
"""Rows told apart by their key and evaluated first to last."""


class Codec(Protocol):
    """Translates one field between the wire and its normalised value.

    `read` raises `KeyError` where the reply lacks the field and `ValueError` where its value is not understood.
    """

    def read(self, wire: Mapping[str, Any], name: str) -> Any: ...

    def write(self, body: dict[str, Any], name: str, value: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table.

    `refs`: paths of the tables that the value's names may refer to. `fixed`: the device refuses to change it later.
    `usual`: the value that goes without saying when a whole row is shown. `held`: the value that a row of ours is made
    with and taken away with, such as an interface that is down: the wanted one comes last, once the rules stand.
    `when`: a field listed before this one and the values of it with which this one means anything. On other rows it is
    neither read nor kept: devices leave it out there, or say in it what belongs to the other field.
    """

    name: str
    codec: Codec
    refs: tuple[str, ...] = ()
    fixed: bool = False
    usual: Any = None
    held: Any = None
    when: tuple[str, tuple[str, ...]] | None = None

    def counts_in(self, row: Row) -> bool:
        """Whether the field means anything on this row."""
        return self.when is None or row[self.when[0]] in self.when[1]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a platform.

    `key` is the field that the device addresses a row by; `identity` the field that we recognise our rows by, where
    the key is a number that means nothing. `collected` rows are building blocks shared by several concerns: a row of
    ours is surplus as soon as nothing refers to it. `filled`: every device has rows of it. `guarded` names the fields
    that the way to the device depends on, `volatile` those that its automatic rollback changes while it is armed.
    `title` is a field that tells people which row it is, where what it is recognised by does not. `unsteady` names, by
    what a row of ours is recognised by, the fields whose value depends on the moment at which it was worked out: a
    diff leaves them out, so that check mode tells what a run then does.
    """

    path: str
    shape: Shape
    fields: Mapping[str, Field]
    key: str = ""
    identity: str = ""
    collected: bool = False
    filled: bool = False
    guarded: frozenset[str] = frozenset()
    volatile: frozenset[str] = frozenset()
    title: str = ""
    unsteady: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def identify(self, row: Row) -> str:
        """What one of our rows is recognised by: its identity field's value as text, "" for a singleton."""
        name = self.identity or self.key
        return _text(row.get(name, "")) if name else ""

    def name_of(self, row: Row) -> str:
        """What people know the row by."""
        title = _text(row.get(self.title, "")) if self.title else ""
        return f"{self.identify(row)} {title}".rstrip()

    def key_of(self, row: Row) -> Any:
        """The key that the device addresses the row by; "" for a singleton."""
        return row.get(self.key, "") if self.key else ""


def _text(value: Any) -> str:
    return " ".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True, order=True)
class TableId:
    """A table on one device: the scope it lives in (a VDOM, "global", or "") and its path."""

    scope: str
    path: str

    def __str__(self) -> str:
        return f"{self.scope}:{self.path}" if self.scope else self.path


@dataclass(frozen=True, slots=True)
class RowId:
    """A row that is not ours, by the key that the device addresses it with."""

    table: TableId
    key: Any


@dataclass(slots=True)
class Document:
    """Tables of one device, each a list of rows in the device's order.

    A table that is absent was not read: asking for it raises `KeyError`, since nothing may be concluded about it.
    """

    specs: Mapping[str, TableSpec]
    tables: dict[TableId, list[Row]] = field(default_factory=dict)

    def rows(self, table: TableId) -> list[Row]:
        return self.tables[table]

    def spec(self, table: TableId) -> TableSpec:
        return self.specs[table.path]

    def find(self, table: TableId, key: Any) -> Row | None:
        """The row with this key, or None."""
        spec = self.spec(table)
        return next((row for row in self.tables[table] if spec.key_of(row) == key), None)

    def singleton(self, table: TableId) -> Row:
        """The only row of a singleton."""
        return self.tables[table][0]

    def every(self, path: str) -> Iterator[tuple[TableId, Row]]:
        """All rows of a path over all scopes that were read."""
        for table, rows in self.tables.items():
            if table.path == path:
                for row in rows:
                    yield table, row

    def same_as(self, other: Document) -> bool:
        """Whether both hold the same rows, apart from volatile fields; in the same order where order counts."""
        return self._lasting() == other._lasting()

    def _lasting(self) -> dict[TableId, list[Row]]:
        lasting: dict[TableId, list[Row]] = {}
        for table, rows in self.tables.items():
            spec = self.spec(table)
            kept = [{name: value for name, value in row.items() if name not in spec.volatile} for row in rows]
            lasting[table] = kept if spec.shape == ORDERED else sorted(kept, key=lambda row: str(spec.key_of(row)))
        return lasting


def references(specs: Mapping[str, TableSpec], path: str, row: Row) -> set[tuple[str, str]]:
    """The (path, name) pairs that a row may refer to; a name is paired with every path that it could stand for."""
    found: set[tuple[str, str]] = set()
    for name, spec_field in specs[path].fields.items():
        if spec_field.refs and name in row:
            for value in _names(row[name]):
                found.update((ref, value) for ref in spec_field.refs)
    return found


def _names(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(str(item) for item in value)
