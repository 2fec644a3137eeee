"""GET on the configuration: one VDOM's reply to a table, row, singleton or sub-table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import facts, query
from .access import Caller
from .envelope import envelope
from .errors import Missing
from .messages import Request
from .rows import Row, defaults, shown
from .vendor_schema import Field, Table
from .versions import Version

if TYPE_CHECKING:
    from .device import FortiGate

# Counts were added to the read envelope by newer trains.
COUNTS_SINCE = Version(7, 4, 0)


def read(
    device: FortiGate, request: Request, caller: Caller, table: Table, vdom: str, segments: list[str]
) -> dict[str, Any]:
    """The reply for one VDOM; raises Missing for an absent row."""
    reply = envelope(device, request, segments, vdom)
    reply["revision"] = device.revision_of(table.path, vdom)
    action = query.first(request.query, "action")
    if action in ("schema", "default"):
        reply["results"] = schema(table) if action == "schema" else defaults(table, device.version)
        return reply
    rows, keys = _rows(device, table, vdom, segments)
    if len(segments) > 2 and not table.singleton:
        reply["mkey"] = segments[2]
    if keys:
        found, single = _sub_rows(table, rows[0], keys)
        reply["results"] = found[0] if single else found
        return reply
    if caller.level(table.path) == "none":
        rows = [trimmed(row) for row in rows]
    if table.path == "system/settings":
        rows = [_sip_ports(row, device.switches.sip_ports) for row in rows]
    total = len(rows)
    if query.first(request.query, "exclude-default-values") in ("1", "true"):
        rows = [_without_defaults(table, row, device.version) for row in rows]
    if table.singleton:
        reply["results"] = query.formatted(rows[0], request.query)
        return reply
    matched = query.select(rows, request.query, device.version)
    chosen, next_index = query.page(matched, request.query)
    if device.version >= COUNTS_SINCE:
        reply.update(size=total, matched_count=len(matched), next_idx=next_index)
    reply["results"] = [query.formatted(row, request.query) for row in chosen]
    return reply


def _rows(device: FortiGate, table: Table, vdom: str, segments: list[str]) -> tuple[list[Row], list[str]]:
    """(rows as shown, path parts below the row)."""
    if table.singleton:
        return [shown(table, device.config.single(table.path, vdom), device.version)], segments[2:]
    if len(segments) == 2:
        return [shown(table, row, device.version) for row in device.config.rows(table.path, vdom)], []
    found = device.config.find(table, vdom, segments[2])
    if found is None:
        raise Missing(f"{table.path} {segments[2]} does not exist")
    return [shown(table, found, device.version)], segments[3:]


def trimmed(row: Row) -> Row:
    """What a profile without read access still sees: the key and filled lists (recorded: ha-config-no-access)."""
    kept = {name: value for name, value in row.items() if isinstance(value, list) and value}
    head = next(iter(row), None)
    if "q_origin_key" in row and head is not None:
        return {head: row[head], "q_origin_key": row["q_origin_key"], **kept}
    return kept


def _without_defaults(table: Table, row: Row, version: Version) -> Row:
    usual = defaults(table, version)
    return {name: value for name, value in row.items() if name == table.mkey or usual.get(name) != value}


def _sip_ports(row: Row, shape: str) -> Row:
    """The SIP port lists as a release may spell them: one string, an integer, or a list."""
    if shape == "string":
        return row
    result = dict(row)
    for name in facts.SIP_PORTS & row.keys():
        words = [int(word) for word in str(row[name]).split()]
        result[name] = words if shape == "list" else words[0] if len(words) == 1 else row[name]
    return result


def _sub_rows(table: Table, row: Row, keys: list[str]) -> tuple[list[Row], bool]:
    spec = table.fields.get(keys[0])
    if spec is None or spec.kind not in ("rows", "object"):
        raise Missing(f"{table.path} has no sub-table {keys[0]}")
    if spec.kind == "object":
        return [row[keys[0]]], True
    rows = row[keys[0]]
    if len(keys) > 1:
        rows = [item for item in rows if str(item["q_origin_key"]) == keys[1]]
        if not rows:
            raise Missing(f"{keys[0]} has no {keys[1]}")
    return rows, False


def schema(table: Table) -> dict[str, Any]:
    """What ``action=schema`` says of a table; the shape is only as deep as a client needs to see what exists."""
    result: dict[str, Any] = {"category": "complex" if table.singleton else "table"}
    if table.mkey:
        result.update(mkey=table.mkey, mkey_type="integer" if table.integer_key else "string")
    result["children"] = {name: _schema_of(spec) for name, spec in table.fields.items()}
    return result


def _schema_of(spec: Field) -> dict[str, Any]:
    category = {"rows": "table", "object": "complex"}.get(spec.kind, "unitary")
    result: dict[str, Any] = {"name": spec.name, "category": category, "type": "option" if spec.choices else spec.kind}
    if spec.choices:
        result["options"] = [{"name": choice} for choice in spec.choices]
    if spec.children:
        result["children"] = {name: _schema_of(child) for name, child in spec.children.items()}
    return result
