"""Writes to a configuration: create, update, delete, move, and the same on sub-tables; each is all or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import errors, facts, rules
from .errors import Missing, NotAllowed, Rejection
from .rows import Reader, Row, defaults, merged
from .store import Config
from .vendor_schema import Field, Table

UUID_SPACE = uuid.UUID("00000000-0000-0000-0000-000000000f67")


@dataclass(frozen=True)
class Op:
    """One write. ``keys`` is the path after the table: ``(mkey, child, childmkey ...)``, empty for table or singleton.

    ``verb`` is add, set, delete, move or clone; for move ``body`` is ``{"before": id}`` or ``{"after": id}``, for clone
    ``{"nkey": key}``.
    """

    verb: str
    path: str
    vdom: str
    keys: tuple[str, ...] = ()
    body: Row = field(default_factory=dict)


@dataclass
class Editor:
    """Applies writes to one configuration. ``ignored`` collects the unknown keys that were dropped."""

    config: Config
    ignore_unknown: bool = False
    limits: Mapping[str, int] = field(default_factory=lambda: facts.TABLE_LIMITS)
    ignored: list[str] = field(default_factory=list)

    def apply(self, op: Op) -> Any:
        """Carry out a write; returns the mkey (None for a singleton). Raises Rejection and then changes nothing."""
        table = self.config.table(op.path)
        if table is None:
            raise Missing(f"unknown path {op.path}")
        if table.singleton:
            return self._singleton(table, op)
        if not op.keys:
            if op.verb != "add":
                raise NotAllowed(f"{op.verb} needs the key of a row")
            return self._create(table, op.vdom, op.body)
        row = self.config.find(table, op.vdom, op.keys[0])
        if op.verb == "add" and len(op.keys) == 1:
            raise NotAllowed("POST goes to the table")
        if op.verb in ("set", "delete") and len(op.keys) == 1 and table.integer_key and op.keys[0] == "0":
            raise NotAllowed("0 is not an existing key")
        if row is None:
            raise Missing(f"{op.path} {op.keys[0]} does not exist")
        if len(op.keys) > 1:
            return self._child(table, op, row)
        if op.verb == "move":
            self._move(table, op, row)
        elif op.verb == "delete":
            rules.check_delete(self.config, table, op.vdom, row)
            self.config.rows(op.path, op.vdom).remove(row)
            if op.path == "system/vdom":
                self.config.vdom.pop(str(row["name"]), None)
        elif op.verb == "clone":
            key = table.mkey or ""
            body = {k: v for k, v in row.items() if k not in (key, facts.UUID_FIELD)}
            return self._insert(table, op.vdom, {**body, key: self._new_key(table, op.vdom, op.body.get("nkey"))})
        else:
            self._update(table, op.vdom, row, self._read(table, op.body))
        return row[table.mkey or ""]

    def _read(self, table: Table, body: Row) -> Row:
        reader = Reader(table, self.config.version, self.ignore_unknown)
        stored = reader.read(body)
        self.ignored.extend(reader.ignored)
        if table.path == "system/admin" and isinstance(body.get("password"), str):
            rules.password(self.config, body["password"])
        return stored

    # --- whole rows ------------------------------------------------------------------------------------------------

    def _singleton(self, table: Table, op: Op) -> Any:
        row = dict(self.config.single(op.path, op.vdom))
        mkey = None
        if op.keys:
            mkey = self._child(table, op, row)
        elif op.verb != "set":
            raise NotAllowed(f"{op.path} is a single object")
        else:
            self._check_and_store(table, op.vdom, row, self._read(table, op.body), before=dict(row))
        stored = self.config.single_to_change(op.path, op.vdom)
        stored.clear()
        stored.update(row)
        return mkey

    def _new_key(self, table: Table, vdom: str, wanted: Any) -> Any:
        rows = self.config.rows(table.path, vdom)
        key = table.mkey or ""
        if table.integer_key:
            number = int(wanted or 0)
            return number or max((int(row[key]) for row in rows), default=0) + 1
        if wanted in (None, ""):
            raise Rejection(errors.EMPTY, f"Attribute '{key}' MUST be set.")
        return wanted

    def _create(self, table: Table, vdom: str, body: Row) -> Any:
        stored = self._read(table, body)
        stored[table.mkey or ""] = self._new_key(table, vdom, stored.get(table.mkey or ""))
        return self._insert(table, vdom, stored)

    def _insert(self, table: Table, vdom: str, stored: Row) -> Any:
        key = table.mkey or ""
        rows = self.config.rows(table.path, vdom)
        if any(row[key] == stored[key] for row in rows):
            raise Rejection(errors.DUPLICATE, f"a duplicate entry already exists: {stored[key]}")
        limit = self.limits.get(table.path)
        if limit is not None and len(rows) >= limit:
            raise Rejection(errors.TABLE_FULL, f"table is full: {table.path} holds {limit}")
        if facts.UUID_FIELD in table.fields and facts.UUID_FIELD not in stored:
            stored[facts.UUID_FIELD] = str(uuid.uuid5(UUID_SPACE, f"{vdom}/{table.path}/{stored[key]}"))
        after = {**defaults(table, self.config.version), **stored}
        rules.check(rules.Write(self.config, table, vdom, stored, after, None))
        self.config.rows_to_change(table.path, vdom).append(stored)
        if table.path == "system/vdom":
            self.config.vdom.setdefault(str(stored[key]), {})
        return stored[key]

    def _update(self, table: Table, vdom: str, row: Row, body: Row) -> None:
        key = table.mkey or ""
        if key in body and str(body[key]) != str(row[key]):
            raise Rejection(errors.COMMAND, f"{key} of an existing entry cannot be changed")
        self._check_and_store(table, vdom, row, body, before={**row})

    def _check_and_store(self, table: Table, vdom: str, row: Row, body: Row, before: Row) -> None:
        base = defaults(table, self.config.version)
        result = merged(row, body, table.fields)
        write = rules.Write(self.config, table, vdom, body, {**base, **result}, {**base, **before})
        rules.check(write)
        row.clear()
        row.update(result)

    def _move(self, table: Table, op: Op, row: Row) -> None:
        if op.path not in facts.ORDERED_TABLES:
            raise Rejection(errors.COMMAND, f"{op.path} is not ordered")
        where = [name for name in ("before", "after") if op.body.get(name) not in (None, "")]
        if len(where) != 1:
            raise Rejection(errors.COMMAND, "move takes one of before and after")
        target = self.config.find(table, op.vdom, op.body[where[0]])
        if target is None:
            raise Rejection(errors.NOT_FOUND, f"entry not found: {op.body[where[0]]}")
        if target is row:
            return
        rows = self.config.rows(op.path, op.vdom)
        rows.remove(row)
        rows.insert(next(i for i, other in enumerate(rows) if other is target) + (where[0] == "after"), row)

    # --- sub-tables ------------------------------------------------------------------------------------------------

    def _child(self, table: Table, op: Op, row: Row) -> Any:
        keys = op.keys if table.singleton else op.keys[1:]
        spec = table.fields.get(keys[0])
        if spec is None or spec.kind not in ("rows", "object"):
            raise Missing(f"{op.path} has no sub-table {keys[0]}")
        if spec.kind == "object":
            if op.verb != "set" or len(keys) > 1:
                raise NotAllowed(f"{keys[0]} is a single object")
            self._store_child(table, op, row, self._read(table, {keys[0]: op.body}))
            return row.get(table.mkey or "")
        members = [dict(item) for item in row.get(keys[0], [])]
        result, mkey = self._changed_members(table, spec, members, op, keys)
        self._store_child(table, op, row, {keys[0]: result})
        return mkey

    def _store_child(self, table: Table, op: Op, row: Row, body: Row) -> None:
        self._check_and_store(table, op.vdom, row, body, before=dict(row))

    def _changed_members(
        self, table: Table, spec: Field, members: list[Row], op: Op, keys: tuple[str, ...]
    ) -> tuple[list[Row], Any]:
        key = spec.mkey or ""
        if len(keys) > 2:
            raise NotAllowed("only one level of sub-tables is served")
        if op.verb == "add":
            item = self._read(table, {spec.name: [op.body]})[spec.name][0]
            if spec.children[key].kind == "integer" and not op.body.get(key):
                item[key] = max((int(member[key]) for member in members), default=0) + 1
            if len(keys) == 2:
                raise NotAllowed("POST goes to the sub-table")
            if any(member[key] == item[key] for member in members):
                raise Rejection(errors.DUPLICATE, f"a duplicate entry already exists: {item[key]}")
            return [*members, item], item[key]
        if len(keys) == 1:
            raise NotAllowed(f"{op.verb} needs the key of a row of {keys[0]}")
        found = next((member for member in members if str(member[key]) == keys[1]), None)
        if found is None:
            raise Missing(f"{keys[0]} has no {keys[1]}")
        if op.verb == "delete":
            return [member for member in members if member is not found], found[key]
        item = self._read(table, {spec.name: [{**op.body, key: found[key]}]})[spec.name][0]
        return [{**found, **item} if member is found else member for member in members], found[key]
