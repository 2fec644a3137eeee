# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes for people: one plan line a step, and the rows before and after as YAML."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from ..text import visible
from .diff import CREATE, DELETE, MOVE, UPDATE, Change
from .model import SINGLETON, Document, Row, TableId, TableSpec

try:
    import yaml
except ImportError:  # PyYAML comes with Ansible; a host that only runs the modules may lack it, and then gets JSON.
    yaml = None  # type: ignore[assignment]

_SHOWN = 60
"""Characters of a value in a plan line; the whole value is in the diff."""


class Lines(list[Any]):
    """A list that is shown one item a line, so that a diff tells which item moved."""


def plan_line(change: Change, document: Document) -> str:
    """One step in one line: what, where, which row, which fields, for which controls.

    `document` is what was observed: it names the row that a moved row goes before.
    """
    words = [change.action, str(change.table), change.name]
    if change.action == UPDATE:
        before, after = change.before or {}, change.after or {}
        unsteady = _unsteady(change, document)
        fields = (
            name if name in unsteady else f"{name} {_short(before.get(name, ''))} -> {_short(after[name])}"
            for name in after
        )
        words.append(", ".join(fields))
    elif change.action == MOVE:
        words.append(f"{change.place.side} {_row_name(change, document)}" if change.place else "")
    return " ".join(word for word in words if word) + f" [{' '.join(change.controls)}]"


def rows_shown(
    document: Document, is_ours: Callable[[TableId, Row], Any], name_of: Callable[[TableSpec, Row], Any]
) -> dict[str, Any]:
    """Our rows by table and name, plain; of settings, which are nobody's alone, everything that was read."""
    shown: dict[str, Any] = {}
    for table, rows in document.tables.items():
        spec = document.spec(table)
        if spec.shape == SINGLETON:
            shown[str(table)] = plain(rows[0])
            continue
        ours = {str(name_of(spec, row)): plain(row) for row in rows if is_ours(table, row)}
        if ours:
            shown[str(table)] = ours
    return shown


def before_and_after(changes: list[Change], document: Document) -> tuple[str, str]:
    """The rows that the changes touch, as they are and as they will be, as two YAML texts; equal texts: no change."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    # Both texts name tables and rows in one order, so that a comparison of lines shows what differs and nothing else.
    for table in dict.fromkeys(change.table for change in changes):
        here = [change for change in changes if change.table == table]
        old: dict[str, Any] = {}
        new: dict[str, Any] = {}
        for change in here:
            name = change.name or "(settings)"
            before_it, after_it = told(change, change.before, document), told(change, change.after, document)
            if change.action == CREATE or (change.action == UPDATE and name not in old and name in new):
                new[name] = {**new.get(name, {}), **after_it}
            elif change.action == DELETE:
                old[name] = {**before_it, **old.get(name, {})}
                new.pop(name, None)
            elif change.action == UPDATE:
                old[name] = {**before_it, **old.get(name, {})}
                new[name] = {**new.get(name, {}), **after_it}
        if any(change.action == MOVE for change in here):
            old["(order)"], new["(order)"] = orders(here, document)
        if old:
            before[str(table)] = old
        if new:
            after[str(table)] = new
    # YAML leaves marks of direction as they are, and with them a reader sees other words than are there.
    return visible(as_yaml(before)), visible(as_yaml(after))


def told(change: Change, row: Row | None, document: Document) -> dict[str, Any]:
    """A row's fields; of a whole row those that say something: neither empty nor what goes without saying."""
    unsteady = _unsteady(change, document)
    row = {name: value for name, value in (row or {}).items() if name not in unsteady}
    if change.action == UPDATE:
        return {name: plain(value) for name, value in row.items()}
    spec = document.spec(change.table)
    repeated = spec.identity or spec.key
    return {
        name: plain(value)
        for name, value in row.items()
        if name != repeated and value not in ("", ()) and value != spec.fields[name].usual
    }


def _unsteady(change: Change, document: Document) -> frozenset[str]:
    return document.spec(change.table).unsteady.get(change.name, frozenset())


def orders(changes: list[Change], document: Document) -> tuple[Lines, Lines]:
    """The names of an ordered table's rows, as they stand and as they will."""
    table = changes[0].table
    spec = document.spec(table)
    order = [(spec.key_of(row), spec.identify(row)) for row in document.rows(table)]
    before = Lines(name or str(key) for key, name in order)
    order += [(change.key, change.name) for change in changes if change.action == CREATE]
    for move in (change for change in changes if change.action == MOVE):
        row = next(item for item in order if item[0] == move.key)
        order.remove(row)
        order.insert(move.place.index([key for key, _name in order]) if move.place else len(order), row)
    gone = {change.key for change in changes if change.action == DELETE}
    return before, Lines(name or str(key) for key, name in order if key not in gone)


def plain(value: Any) -> Any:
    """Rows as lists, dicts and scalars only, for YAML, JSON and Ansible results."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def as_yaml(value: Any) -> str:
    """YAML text in the given order, a list of plain values on one line; "" for nothing."""
    if not value:
        return ""
    if yaml is None:
        return json.dumps(value, indent=2)
    return str(
        yaml.dump(value, Dumper=_dumper(), default_flow_style=False, sort_keys=False, allow_unicode=True, width=120)
    )


@cache
def _dumper() -> Any:
    class Dumper(yaml.SafeDumper):
        """Rows one field a line, lists of names on one line: what people can read, and lines that differ say what."""

    def a_list(dumper: Any, items: list[Any]) -> Any:
        on_one_line = not any(isinstance(item, (dict, list)) for item in items)
        return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=on_one_line)

    def lines(dumper: Any, items: list[Any]) -> Any:
        return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=False)

    Dumper.add_representer(list, a_list)
    Dumper.add_representer(Lines, lines)
    return Dumper


def _row_name(change: Change, document: Document) -> str:
    key = change.place.key if change.place else None
    row: Row | None = document.find(change.table, key)
    return (document.spec(change.table).identify(row) if row else "") or str(key)


def _short(value: Any) -> str:
    text = " ".join(str(item) for item in value) if isinstance(value, tuple) else str(value)
    text = text or '""'
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
