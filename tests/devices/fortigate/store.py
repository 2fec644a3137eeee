"""The configuration a unit holds: unit-wide tables and one set of tables per VDOM, plus who refers to whom."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import facts
from .rows import Row
from .vendor_schema import Field, Table
from .vendor_schema import table as vendor_table
from .versions import Version

GLOBAL = "global"
Tables = dict[str, Any]


class Use(NamedTuple):
    """One place that refers to an object."""

    path: str
    vdom: str
    mkey: Any
    field: str


class Config:
    """Stored rows by scope and CMDB path. Only what was set is kept; order is the table's order.

    ``data`` is ``{"version": "7.4.4", "global": {path: rows}, "vdom": {name: {path: rows}}}`` and is plain JSON data.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.version = Version.parse(data["version"])
        self.unit: Tables = copy.deepcopy(data.get(GLOBAL, {}))
        self.vdom: dict[str, Tables] = copy.deepcopy(data.get("vdom", {})) or {"root": {}}

    def data(self) -> dict[str, Any]:
        """A copy as plain JSON data; ``Config(config.data())`` is the same configuration."""
        return copy.deepcopy({"version": str(self.version), GLOBAL: self.unit, "vdom": self.vdom})

    def copy(self) -> Config:
        """An independent copy."""
        return Config({"version": str(self.version), GLOBAL: self.unit, "vdom": self.vdom})

    def same_as(self, other: Config) -> bool:
        """Whether both hold the same settings."""
        return self.unit == other.unit and self.vdom == other.vdom

    def table(self, path: str) -> Table | None:
        """What the release knows of a path."""
        return vendor_table(path, self.version)

    def _scope(self, path: str, vdom: str) -> Tables:
        return self.unit if facts.is_global(path) else self.vdom[vdom]

    def rows(self, path: str, vdom: str) -> list[Row]:
        """The rows of a table, in order."""
        rows: list[Row] = self._scope(path, vdom).get(path, [])
        return rows

    def rows_to_change(self, path: str, vdom: str) -> list[Row]:
        """As ``rows``; the list itself, made if there is none."""
        rows: list[Row] = self._scope(path, vdom).setdefault(path, [])
        return rows

    def single(self, path: str, vdom: str) -> Row:
        """A singleton's set values."""
        row: Row = self._scope(path, vdom).get(path, {})
        return row

    def single_to_change(self, path: str, vdom: str) -> Row:
        """As ``single``; the object itself, made if there is none."""
        row: Row = self._scope(path, vdom).setdefault(path, {})
        return row

    def find(self, table: Table, vdom: str, mkey: Any) -> Row | None:
        """The row with that key, or None."""
        return next((row for row in self.rows(table.path, vdom) if str(row[table.mkey or ""]) == str(mkey)), None)

    def setting(self, path: str, vdom: str, name: str) -> Any:
        """One value of a singleton with its default."""
        from .rows import default

        table = self.table(path)
        if table is None or name not in table.fields:
            return None
        value = self.single(path, vdom).get(name)
        return default(path, name, table.fields[name], self.version) if value is None else value

    def set(self, path: str, vdom: str, **values: Any) -> None:
        """Set values of a singleton directly (underscores become hyphens); for set-ups, without any check."""
        self.single_to_change(path, vdom).update({name.replace("_", "-"): value for name, value in values.items()})

    # --- references ------------------------------------------------------------------------------------------------

    def _scopes_for(self, path: str, vdom: str | None) -> list[str]:
        if facts.is_global(path) or vdom is None:
            return list(self.vdom) if not facts.is_global(path) else [next(iter(self.vdom))]
        return [vdom]

    def exists(self, path: str, child: str | None, name: Any, vdom: str | None) -> bool:
        """Whether an object of that name can be referred to. ``vdom`` None means from the unit's own tables."""
        if str(name) in facts.BUILT_IN.get(path, frozenset()):
            return True
        table = self.table(path)
        if table is None:
            return False
        for scope in self._scopes_for(path, vdom):
            if child is None:
                if table.mkey and self.find(table, scope, name):
                    return True
            elif child in table.fields and table.singleton:
                key = table.fields[child].mkey or ""
                if any(str(row.get(key)) == str(name) for row in self.single(path, scope).get(child, [])):
                    return True
        return False

    def references(self, table: Table, row: Row) -> Iterator[tuple[str, Any, Field]]:
        """(field, value, schema) for each set value of a row that must exist elsewhere."""
        yield from _walk(table.fields, row, "")

    def uses(self, path: str, child: str | None, name: Any, vdom: str) -> list[Use]:
        """Every place that refers to the object."""
        found: list[Use] = []
        for scope, tables in [(GLOBAL, self.unit), *self.vdom.items()]:
            if scope not in (GLOBAL, vdom) and not facts.is_global(path):
                continue
            for used_path, content in tables.items():
                table = self.table(used_path)
                if table is None:
                    continue
                for row in [content] if table.singleton else content:
                    for field_name, value, spec in _walk(table.fields, row, ""):
                        if (path, child) in spec.sources and str(value) == str(name):
                            if used_path == path and table.mkey and str(row[table.mkey]) == str(name):
                                continue
                            key = row[table.mkey] if table.mkey else None
                            found.append(Use(used_path, scope, key, field_name))
        return found


def _walk(fields: dict[str, Field], row: Row, prefix: str) -> Iterator[tuple[str, Any, Field]]:
    for name, value in row.items():
        spec = fields.get(name)
        if spec is None or value in ("", None):
            continue
        if spec.kind == "object":
            yield from _walk(spec.children, value, f"{prefix}{name}.")
        elif spec.kind == "rows":
            for item in value:
                yield from _walk(spec.children, item, f"{prefix}{name}.")
        elif spec.sources:
            yield prefix + name, value, spec
