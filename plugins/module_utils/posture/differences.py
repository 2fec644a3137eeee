# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as what it finds: what is not as it is declared, with both values, for people and for a history. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..document.diff import CREATE, DELETE, MOVE, UPDATE, Change
from ..document.model import Document
from ..document.render import orders, told
from ..secret import CUT
from .record import Difference

ORDER = "order"
"""The field of a difference that is about the places of rows."""
_SHOWN = 300
"""Characters of a value; the whole row is in the diff of the module for the platform."""


def differences(changes: Sequence[Change], document: Document, remembered: str) -> tuple[Difference, ...]:
    """What the steps of a plan put right, in their order. `document` is what was observed.

    A row that is missing or too much is one difference, whatever steps it takes; an order that is not right is one a
    table. Of fields whose value depends on the moment only the name is told. Rows that only remember what settings
    were, whose names begin with `remembered`, go without saying along with others.
    """
    changes = [change for change in changes if not change.name.startswith(remembered)] or changes
    whole = {(change.table, change.key) for change in changes if change.action in (CREATE, DELETE)}
    found: list[Difference] = []
    for change in changes:
        if change.action in (CREATE, DELETE):
            declared, there = (_row(change, side, document) for side in (change.after, change.before))
            found.append(Difference(change.controls, _subject(change), "", declared, there))
        elif change.action == UPDATE and (change.table, change.key) not in whole:
            found += _fields(change, document)
    for table in dict.fromkeys(change.table for change in changes):
        moves = [change for change in changes if change.table == table and change.action == MOVE]
        if any((move.table, move.key) not in whole for move in moves):
            found.append(_order(moves, [change for change in changes if change.table == table], document))
    return tuple(found)


def _subject(change: Change) -> str:
    return f"{change.table} {change.name}".rstrip()


def _row(change: Change, row: dict[str, object] | None, document: Document) -> str:
    """A row in a line; of a row without anything to tell that it is there."""
    if row is None:
        return ""
    fields = told(change, row, document)
    return _short("; ".join(f"{name} {words(value)}" for name, value in fields.items())) or "there"


def _fields(change: Change, document: Document) -> Iterable[Difference]:
    before, after = change.before or {}, change.after or {}
    steady = told(change, after, document)
    for name in after:
        if name in steady:
            values = (_short(words(after[name])), _short(words(before.get(name, ""))))
            yield Difference(change.controls, _subject(change), name, *values)
        else:
            yield Difference(change.controls, _subject(change), name)


def _order(moves: Sequence[Change], changes: list[Change], document: Document) -> Difference:
    """The names of the rows as they should stand and as they do, up to the last one that stands elsewhere."""
    controls = tuple(dict.fromkeys(control for move in moves for control in move.controls))
    there, declared = (list(names) for names in orders(changes, document))
    while there and declared and there[-1] == declared[-1]:
        there, declared = there[:-1], declared[:-1]
    texts = (_short(", ".join(map(str, names))) for names in (declared, there))
    return Difference(controls, str(moves[0].table), ORDER, *texts)


def words(value: object) -> str:
    """A value as a difference tells it."""
    if isinstance(value, (tuple, list)):
        return " ".join(map(words, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - len(CUT)] + CUT
