# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must change so that a device holds what is desired: the difference, in an order that is safe at every step.

Make before break: new building blocks, then the rows that use them, then altered rows, then places in ordered tables
(ours first, top down), then what must wait for the rules (an interface goes up, rows of others change), then removals
from the users down to what they used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .model import ORDERED, SINGLETON, Document, Row, RowId, TableId, TableSpec, references

CREATE, UPDATE, MOVE, DELETE = "create", "update", "move", "delete"
_LATE = "late"
_PHASES = (CREATE, UPDATE, MOVE, _LATE, DELETE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, or some fields of a row, that the policy asks for, and the controls that ask for it."""

    row: Row
    controls: tuple[str, ...]


@dataclass(slots=True)
class Desired:
    """What a policy asks of one device.

    `owned`: our rows, whole, in their order. `settings`: fields to keep on rows that are not ours.
    `removed`: rows that are not ours and that the policy does away with.
    `claims`: the controls for which a row on the device counts as ours; empty where it is not ours (or belongs to a
    concern that is not being looked at). A claimed row that is not desired is surplus.
    `giving_back`: the settings are those that rows of others had before us.
    """

    claims: Callable[[TableId, Row], tuple[str, ...]]
    owned: dict[TableId, list[Entry]] = field(default_factory=dict)
    settings: dict[RowId, Entry] = field(default_factory=dict)
    removed: dict[RowId, tuple[str, ...]] = field(default_factory=dict)
    giving_back: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an ordered table: right before or right after the row with this key."""

    side: str
    key: Any

    def index(self, keys: list[Any]) -> int:
        """Where a row goes in the list of the other rows' keys; the end where the neighbour is not there."""
        if self.key not in keys:
            return len(keys)
        return keys.index(self.key) + (self.side == "after")


@dataclass(frozen=True, slots=True)
class Change:
    """One step on a device.

    `before`/`after` hold whole rows for create and delete, the differing fields only for update, and nothing for a
    move. `place` is where a moved row goes; `origin` where a moved or removed row stood (None: it stood alone).
    """

    action: str
    table: TableId
    key: Any
    name: str
    controls: tuple[str, ...]
    before: Row | None = None
    after: Row | None = None
    place: Place | None = None
    origin: Place | None = None
    late: bool = False

    @property
    def phase(self) -> str:
        """When it is its turn: late updates come after the moves, once our rules stand where they should."""
        return _LATE if self.late else self.action

    def inverse(self) -> tuple[Change, ...]:
        """The steps that take this one back: a removed row of an ordered table is made again and put in its place."""
        opposite = {CREATE: DELETE, DELETE: CREATE}.get(self.action, self.action)
        back = Change(
            opposite, self.table, self.key, self.name, self.controls, self.after, self.before, self.origin, self.place
        )
        if self.action == DELETE and self.origin is not None:
            return back, Change(MOVE, self.table, self.key, self.name, self.controls, place=self.origin)
        return (back,)


class Immutable(ValueError):
    """A field that the device fixes at creation would have to change; names the row, the field and both values."""


def difference(observed: Document, desired: Desired) -> list[Change]:
    """The ordered steps from what was observed to what is desired; empty when nothing is to be done.

    Raises `Immutable` where a step is impossible in place.
    """
    changes: list[Change] = []
    surplus = _surplus(observed, desired)
    for table in _tables(observed, desired):
        spec = observed.spec(table)
        wanted = desired.owned.get(table, [])
        matched = _match(spec, observed.rows(table), wanted)
        changes += _row_changes(spec, table, wanted, matched)
        changes += _setting_changes(spec, table, observed, desired)
        going = surplus.get(table, []) + _removed(table, observed, desired)
        order = [spec.key_of(row) for row in observed.rows(table)]
        if spec.shape == ORDERED:
            moves, order = _moves(spec, table, order, wanted, matched, {spec.key_of(row) for row, _controls in going})
            changes += moves
        changes += _deletes(spec, table, order, going)
    return _in_order(observed.specs, changes, desired.giving_back)


def apply_to(document: Document, changes: list[Change]) -> Document:
    """The document that the steps would make of this one, without touching it."""
    tables = {table: [dict(row) for row in rows] for table, rows in document.tables.items()}
    for change in changes:
        spec, rows = document.spec(change.table), tables[change.table]
        index = next((i for i, row in enumerate(rows) if spec.key_of(row) == change.key), None)
        if change.action == CREATE:
            rows.append(dict(change.after or {}))
        elif index is None:
            continue
        elif change.action == UPDATE:
            rows[index].update(change.after or {})
        elif change.action == DELETE:
            del rows[index]
        else:
            row = rows.pop(index)
            keys = [spec.key_of(other) for other in rows]
            rows.insert(change.place.index(keys) if change.place else len(rows), row)
    return Document(document.specs, tables)


def _tables(observed: Document, desired: Desired) -> list[TableId]:
    named = set(desired.owned) | {row.table for row in desired.settings} | {row.table for row in desired.removed}
    rank = {path: i for i, path in enumerate(observed.specs)}
    return sorted(set(observed.tables) | named, key=lambda table: (rank[table.path], table.scope))


def _match(spec: TableSpec, rows: list[Row], wanted: list[Entry]) -> dict[str, Row]:
    """Our rows on the device by identity; of two with the same identity the first counts, the other is surplus."""
    identities = {spec.identify(entry.row) for entry in wanted}
    matched: dict[str, Row] = {}
    for row in rows:
        identity = spec.identify(row)
        if identity in identities:
            matched.setdefault(identity, row)
    return matched


def _row_changes(spec: TableSpec, table: TableId, wanted: list[Entry], matched: Mapping[str, Row]) -> list[Change]:
    changes = []
    for entry in wanted:
        identity = spec.identify(entry.row)
        present = matched.get(identity)
        if present is None:
            held = _held(spec, entry.row)
            made = {**entry.row, **held}
            key, name = spec.key_of(entry.row), spec.name_of(entry.row)
            changes.append(Change(CREATE, table, key, name, entry.controls, after=made))
            if held:
                wanted_now = {field: entry.row[field] for field in held}
                changes.append(Change(UPDATE, table, key, name, entry.controls, held, wanted_now, late=True))
        else:
            # The number under which the device filed our row is the device's business.
            wanted_fields = {k: v for k, v in entry.row.items() if k != spec.key}
            changes += _update(spec, table, present, wanted_fields, entry.controls)
    return changes


def _setting_changes(spec: TableSpec, table: TableId, observed: Document, desired: Desired) -> list[Change]:
    changes: list[Change] = []
    for row_id, entry in desired.settings.items():
        if row_id.table == table:
            present = observed.find(table, row_id.key)
            if present is not None:
                # What others made is changed once our rules stand: it may have been all that kept something closed.
                changes += [
                    replace(change, late=True) for change in _update(spec, table, present, entry.row, entry.controls)
                ]
    return changes


def _update(spec: TableSpec, table: TableId, present: Row, wanted: Row, controls: tuple[str, ...]) -> list[Change]:
    after = {name: value for name, value in wanted.items() if present.get(name) != value}
    if not after:
        return []
    before = {name: present[name] for name in after if name in present}
    for name in after:
        if spec.fields[name].fixed:
            raise Immutable(
                f"{table} {spec.identify(present)}: {name} is {before.get(name, '')!r} on the device and the policy "
                f"asks for {after[name]!r}; the device cannot change it in place. Take ours away first (state: "
                "deleted), then run again"
            )
    return [Change(UPDATE, table, spec.key_of(present), spec.name_of(present), controls, before, after)]


def _surplus(observed: Document, desired: Desired) -> dict[TableId, list[tuple[Row, tuple[str, ...]]]]:
    """Rows that bear our mark and are not desired; building blocks only once nothing that stays refers to them."""
    candidates: dict[TableId, list[tuple[Row, tuple[str, ...]]]] = {}
    staying: list[tuple[str, Row]] = []
    for table, rows in observed.tables.items():
        spec = observed.spec(table)
        matched = _match(spec, rows, desired.owned.get(table, []))
        kept = {id(row) for row in matched.values()}
        for entry in desired.owned.get(table, []):
            staying.append((table.path, {**matched.get(spec.identify(entry.row), {}), **entry.row}))
        for row in rows:
            row_id = RowId(table, spec.key_of(row))
            if id(row) in kept or row_id in desired.removed:
                continue
            controls = desired.claims(table, row) if spec.shape != SINGLETON else ()
            if controls:
                candidates.setdefault(table, []).append((row, controls))
            else:
                setting = desired.settings.get(row_id)
                staying.append((table.path, {**row, **setting.row} if setting else row))
    return _without_referenced(observed, candidates, staying)


def _without_referenced(
    observed: Document,
    candidates: dict[TableId, list[tuple[Row, tuple[str, ...]]]],
    staying: list[tuple[str, Row]],
) -> dict[TableId, list[tuple[Row, tuple[str, ...]]]]:
    specs = observed.specs
    used: set[tuple[str, str]] = set()
    for path, row in staying:
        used |= references(specs, path, row)
    changed = True
    while changed:
        changed = False
        for table, rows in list(candidates.items()):
            spec = specs[table.path]
            for pair in list(rows):
                if spec.collected and (table.path, str(spec.key_of(pair[0]))) in used:
                    rows.remove(pair)
                    used |= references(specs, table.path, pair[0])
                    changed = True
    return candidates


def _removed(table: TableId, observed: Document, desired: Desired) -> list[tuple[Row, tuple[str, ...]]]:
    return [
        (row, controls)
        for row_id, controls in desired.removed.items()
        if row_id.table == table and (row := observed.find(table, row_id.key)) is not None
    ]


def _moves(
    spec: TableSpec,
    table: TableId,
    order: list[Any],
    wanted: list[Entry],
    matched: Mapping[str, Row],
    going: set[Any],
) -> tuple[list[Change], list[Any]]:
    """Bring our rows to the top in their order; rows of others keep their order and are never moved.

    Created rows stand at the end first, as devices append. Rows that go still stand while others are moved, since
    removals come last; they are passed over. Returns the moves and the keys in the order that results.
    """
    order = list(order)
    keys = []
    for entry in wanted:
        present = matched.get(spec.identify(entry.row))
        keys.append(spec.key_of(present) if present is not None else spec.key_of(entry.row))
        if present is None:
            order.append(keys[-1])
    changes = []
    place = 0
    for entry, key in zip(wanted, keys, strict=True):
        while order[place] in going:
            place += 1
        if order[place] != key:
            was = order.index(key)
            origin, target = _standing(order, was), Place("before", order[place])
            order.pop(was)
            order.insert(place, key)
            changes.append(
                Change(MOVE, table, key, spec.name_of(entry.row), entry.controls, place=target, origin=origin)
            )
        place += 1
    return changes, order


def _deletes(
    spec: TableSpec, table: TableId, order: list[Any], going: list[tuple[Row, tuple[str, ...]]]
) -> list[Change]:
    """Removals from the first to the last row; `_in_order` runs them backwards."""
    position = {key: index for index, key in enumerate(order)}
    gone = {spec.key_of(row) for row, _controls in going}
    changes = []
    for row, controls in sorted(going, key=lambda pair: position[spec.key_of(pair[0])]):
        origin = _last_place(order, position[spec.key_of(row)], gone) if spec.shape == ORDERED else None
        held, key, name = _held(spec, row), spec.key_of(row), spec.name_of(row)
        if held:
            now = {field: row[field] for field in held}
            changes.append(Change(UPDATE, table, key, name, controls, now, held, late=True))
        changes.append(Change(DELETE, table, key, name, controls, before={**row, **held}, origin=origin))
    return changes


def _standing(order: list[Any], index: int) -> Place | None:
    if index + 1 < len(order):
        return Place("before", order[index + 1])
    return Place("after", order[index - 1]) if index else None


def _held(spec: TableSpec, row: Row) -> Row:
    """The fields that a row does not have from the start, with the values that it is made with."""
    return {
        name: field.held
        for name, field in spec.fields.items()
        if field.held is not None and name in row and row[name] != field.held
    }


def _last_place(order: list[Any], index: int, gone: set[Any]) -> Place | None:
    """Where a removed row is made again. Removals run from the last row to the first and are taken back from the first
    to the last, so every row before this one stands by then, and of those after it the ones that stay."""
    if index:
        return Place("after", order[index - 1])
    stay = next((key for key in order[index + 1 :] if key not in gone), None)
    return None if stay is None else Place("before", stay)


def _in_order(specs: Mapping[str, TableSpec], changes: list[Change], giving_back: bool) -> list[Change]:
    rank = {path: i for i, path in enumerate(specs)}
    phase = {action: i for i, action in enumerate(_PHASES)}
    numbered = list(enumerate(changes))

    def place(item: tuple[int, Change]) -> tuple[int, int, int]:
        index, change = item
        # Removals run from the users down to what they used, and within a table from the last rule to the first. What
        # was set one after the other is given back in the opposite order: every state between was safe on the way in.
        backwards = change.action == DELETE or (giving_back and change.phase == _LATE)
        sign = -1 if backwards else 1
        return phase[change.phase], sign * rank[change.table.path], sign * index

    return [change for _index, change in sorted(numbered, key=place)]
