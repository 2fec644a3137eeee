"""A small device made up for these tests: building blocks, groups of them, rules that use both, pages of settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Desired, Entry
from ansible_collections.voip.hardening.plugins.module_utils.document.model import (
    KEYED,
    MARK,
    ORDERED,
    SINGLETON,
    Document,
    Field,
    Row,
    RowId,
    TableId,
    TableSpec,
    references,
)


@dataclass(frozen=True)
class AsIs:
    """A field that is the same on the wire."""

    def read(self, wire: Mapping[str, Any], name: str) -> Any:
        return wire[name]

    def write(self, body: dict[str, Any], name: str, value: Any) -> None:
        body[name] = value


def _fields(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


def _plain(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, AsIs()) for name in names)


SPECS: Mapping[str, TableSpec] = {
    "block": TableSpec("block", KEYED, _fields(*_plain("name", "value")), key="name", collected=True),
    "group": TableSpec(
        "group",
        KEYED,
        _fields(*_plain("name"), Field("member", AsIs(), refs=("block", "group"))),
        key="name",
        collected=True,
    ),
    "port": TableSpec(
        "port",
        KEYED,
        _fields(
            *_plain("id", "name", "note"),
            Field("vlan", AsIs(), fixed=True),
            Field("tag", AsIs(), refs=("block",)),
        ),
        key="id",
        identity="name",
    ),
    "rule": TableSpec(
        "rule",
        ORDERED,
        _fields(*_plain("id", "name", "action"), Field("uses", AsIs(), refs=("block", "group"))),
        key="id",
        identity="name",
    ),
    "settings": TableSpec(
        "settings",
        SINGLETON,
        _fields(*_plain("mode", "timer"), Field("default", AsIs(), refs=("block",))),
        volatile=frozenset({"timer"}),
    ),
}
BLOCK, GROUP, PORT, RULE, SETTINGS = (TableId("", path) for path in SPECS)
TABLES = (BLOCK, GROUP, PORT, RULE, SETTINGS)
OUR_CONTROLS = ("FW-1",)


def block(name: str, value: int = 0) -> Row:
    return {"name": name, "value": value}


def group(name: str, *member: str) -> Row:
    return {"name": name, "member": member}


def port(number: int, name: str, vlan: int = 1, note: str = "", tag: str = "") -> Row:
    return {"id": number, "name": name, "vlan": vlan, "note": note, "tag": tag}


def rule(number: int, name: str, *uses: str, action: str = "accept") -> Row:
    return {"id": number, "name": name, "action": action, "uses": uses}


def settings(mode: str = "old", timer: int = 0, default: str = "") -> Row:
    return {"mode": mode, "timer": timer, "default": default}


def device(
    blocks: Sequence[Row] = (),
    groups: Sequence[Row] = (),
    ports: Sequence[Row] = (),
    rules: Sequence[Row] = (),
    mode: Row | None = None,
) -> Document:
    rows = {BLOCK: blocks, GROUP: groups, PORT: ports, RULE: rules, SETTINGS: [mode or settings()]}
    return Document(SPECS, {table: [dict(row) for row in content] for table, content in rows.items()})


def claims(_table: TableId, row: Row) -> tuple[str, ...]:
    return OUR_CONTROLS if str(row.get("name", "")).startswith(MARK) else ()


def desired(
    owned: Mapping[TableId, Sequence[Row]] | None = None,
    kept: Mapping[tuple[TableId, Any], Row] | None = None,
    removed: Sequence[tuple[TableId, Any]] = (),
) -> Desired:
    return Desired(
        claims,
        {table: [Entry(row, OUR_CONTROLS) for row in rows] for table, rows in (owned or {}).items()},
        {RowId(table, key): Entry(row, ("FW-3",)) for (table, key), row in (kept or {}).items()},
        {RowId(table, key): ("FW-3",) for table, key in removed},
    )


def dangling(document: Document) -> list[str]:
    """References to blocks and groups of ours that are not there."""
    names = {
        (table.path, document.spec(table).identify(row)) for table, rows in document.tables.items() for row in rows
    }
    names |= {(table.path, str(row.get("name", ""))) for table, rows in document.tables.items() for row in rows}
    missing = []
    for table, rows in document.tables.items():
        for row in rows:
            for name in sorted({name for _path, name in references(SPECS, table.path, row)}):
                if name.startswith(MARK) and not {(path, name) for path in ("block", "group")} & names:
                    missing.append(f"{table} {row} refers to {name}")
    return missing


def by_key(document: Document) -> dict[TableId, list[Row]]:
    """The tables, of which only the ordered ones keep an order; a timer that is volatile does not count."""
    found = {}
    for table, rows in document.tables.items():
        plain = [{name: value for name, value in row.items() if name != "timer"} for row in rows]
        found[table] = plain if table == RULE else sorted(plain, key=lambda row: str(row.get("name", "")))
    return found
