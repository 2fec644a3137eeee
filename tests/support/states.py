"""Comparing configurations of a test device: the same, only ours added, or what differs.

Written from the meaning of the tables, not from the product: `ORDERED` tables work from top to bottom, in all others
the place of a row means nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MARK = "VOIPH-"
ORDERED = frozenset(
    {"firewall/policy", "firewall/local-in-policy", "firewall/local-in-policy6", "firewall/shaping-policy"}
)
NUMBERED = {
    "firewall/policy": "policyid",
    "firewall/local-in-policy": "policyid",
    "firewall/local-in-policy6": "policyid",
    "firewall/shaping-policy": "id",
    "system.dhcp/server": "id",
}
"""Tables of rules whose number is only a handle, as long as nobody but us made the row."""

Row = dict[str, Any]


def tables(state: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(scope, path, content) of every table of a state."""
    for path, content in state["global"].items():
        yield "global", path, content
    for vdom, found in state["vdom"].items():
        for path, content in found.items():
            yield vdom, path, content


def is_ours(path: str, row: Row) -> bool:
    """Whether a row bears the mark, or (a DHCP server) serves an interface that does."""
    value = row.get("name") or row.get("comments") or ""
    if path == "system.dhcp/server":
        value = row["interface"]
    return str(value).startswith(MARK)


def comparable(state: dict[str, Any], *, numbers: bool = True) -> dict[str, Any]:
    """A state by scope and table, with rows in an order of their own where their place means nothing.

    `numbers` False leaves out, for rows of ours, what the device or a run hands out: numbers and UUIDs.
    """
    result: dict[str, Any] = {}
    for scope, path, content in tables(state):
        if isinstance(content, dict):
            result[f"{scope}:{path}"] = content
            continue
        rows = [row if numbers or not is_ours(path, row) else _without_handles(path, row) for row in content]
        if path not in ORDERED:
            rows = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
        if rows:
            result[f"{scope}:{path}"] = rows
    return result


def _without_handles(path: str, row: Row) -> Row:
    handles = {"uuid", NUMBERED.get(path, "uuid"), "snmp-index"}
    return {name: value for name, value in row.items() if name not in handles}


def differences(before: Any, after: Any, where: str = "") -> list[str]:
    """What differs between two comparable states, one line each, for messages."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            line
            for key in sorted({*before, *after}, key=str)
            for line in differences(before.get(key, "<absent>"), after.get(key, "<absent>"), f"{where}/{key}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            line
            for index, pair in enumerate(zip(before, after, strict=True))
            for line in differences(*pair, f"{where}[{index}]")
        ]
    if isinstance(before, list) and isinstance(after, list):
        gone = [row for row in before if row not in after]
        new = [row for row in after if row not in before]
        return [*(f"{where}: gone: {_short(row)}" for row in gone), *(f"{where}: new: {_short(row)}" for row in new)]
    return [] if before == after else [f"{where}: {_short(before)} -> {_short(after)}"]


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 300 else f"{text[:300]}..."


def assert_same(before: dict[str, Any], after: dict[str, Any], *, numbers: bool = True) -> None:
    """The two states hold the same."""
    lines = differences(comparable(before, numbers=numbers), comparable(after, numbers=numbers))
    assert not lines, "\n".join(lines[:20])


@dataclass(frozen=True)
class Managed:
    """Fields of rows that are not ours, and which a concern may set; `rows` says of which rows."""

    path: str
    fields: frozenset[str]
    rows: Callable[[Row], bool] = lambda row: True


def managed(path: str, *fields: str, rows: Callable[[Row], bool] = lambda row: True) -> Managed:
    """Short for `Managed`."""
    return Managed(path, frozenset(fields), rows)


def assert_foreign_untouched(before: dict[str, Any], after: dict[str, Any], allowed: Sequence[Managed]) -> None:
    """Every row of others is as it was, in the order it was, but for the managed fields; all new rows are ours."""
    old = {(scope, path): content for scope, path, content in tables(before)}
    new = {(scope, path): content for scope, path, content in tables(after)}
    problems: list[str] = []
    for place in sorted({*old, *new}):
        path = place[1]
        here = [one for one in allowed if one.path == path]
        was = _foreign(path, old.get(place, []), here)
        now = _foreign(path, new.get(place, []), here)
        problems += differences(was, now, ":".join(place))
    assert not problems, "\n".join(problems[:20])


def _foreign(path: str, content: Any, allowed: Sequence[Managed]) -> Any:
    if isinstance(content, dict):
        return json.dumps(_without_managed(content, allowed))
    rows = [json.dumps(_without_managed(row, allowed)) for row in content if not is_ours(path, row)]
    rows = [row for row in rows if row != "null"]
    return rows if path in ORDERED else sorted(rows)


def _without_managed(row: Row, allowed: Sequence[Managed]) -> Row | None:
    """The row without its managed fields; None where the whole row may be taken away (field `*`)."""
    fields = {name for one in allowed if one.rows(row) for name in one.fields}
    if "*" in fields:
        return None
    return {name: value for name, value in row.items() if name not in fields}
