"""Query parameters of a table GET: filter, format, start and count, key and pattern."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import errors
from .errors import Rejection
from .rows import Row
from .versions import Version

_CONDITION = re.compile(r"^(?P<key>[A-Za-z0-9_.\-]+?)(?P<operator>==|!=|=@|!@|=\*|!\*|<=|>=|<|>)(?P<pattern>.*)$", re.S)
# Where "==" begins to distinguish upper and lower case: the documents of 6.4 and 7.6 disagree, the cut is a guess.
CASE_SENSITIVE_SINCE = Version(7, 6, 0)

Query = list[tuple[str, str]]


def values(query: Query, name: str) -> list[str]:
    """All values of a parameter."""
    return [value for key, value in query if key == name]


def first(query: Query, name: str) -> str | None:
    """First value of a parameter, None when absent."""
    return next(iter(values(query, name)), None)


def _split(text: str) -> list[str]:
    """Split on commas that are not escaped with a backslash."""
    return re.split(r"(?<!\\),", text)


def condition(text: str, case_sensitive: bool) -> Callable[[Row], bool]:
    """One ``key<operator>pattern``. Raises Rejection (HTTP 400) on anything else."""
    match = _CONDITION.match(text)
    if match is None:
        raise Rejection(errors.BAD_FORMAT, f"invalid filter '{text}'", http_status=400)
    operator = match["operator"]
    pattern = re.sub(r"\\(.)", r"\1", match["pattern"])
    names = match["key"].split(".")
    folded = operator in ("=*", "!*") or not case_sensitive

    def fold(value: Any) -> str:
        return str(value).lower() if folded else str(value)

    def holds(value: Any) -> bool:
        if operator in ("==", "=*"):
            return fold(value) == fold(pattern)
        if operator == "=@":
            return fold(pattern) in fold(value)
        try:
            left, right = float(value), float(pattern)
        except (TypeError, ValueError):
            return False
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]

    def accept(row: Row) -> bool:
        found = list(_values(row, names))
        if operator in ("!=", "!*"):
            return all(fold(value) != fold(pattern) for value in found)
        if operator == "!@":
            return all(fold(pattern) not in fold(value) for value in found)
        return any(holds(value) for value in found)

    return accept


def _values(row: Any, names: list[str]) -> list[Any]:
    if isinstance(row, list):
        return [value for item in row for value in _values(item, names)]
    if not names:
        return [row.get("q_origin_key")] if isinstance(row, dict) else [row]
    if not isinstance(row, dict) or names[0] not in row:
        return []
    return _values(row[names[0]], names[1:])


def select(rows: list[Row], query: Query, version: Version) -> list[Row]:
    """Rows that pass every ``filter`` (comma inside one means or) and ``key``/``pattern``."""
    sensitive = version >= CASE_SENSITIVE_SINCE
    for text in values(query, "filter"):
        alternatives = [condition(part, sensitive) for part in _split(text)]
        rows = [row for row in rows if any(accept(row) for accept in alternatives)]
    key, pattern = first(query, "key"), first(query, "pattern")
    if key and pattern is not None:
        accept = condition(f"{key}=={pattern}", sensitive)
        rows = [row for row in rows if accept(row)]
    return rows


def _integer(query: Query, name: str) -> int | None:
    text = first(query, name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise Rejection(errors.BAD_FORMAT, f"invalid {name} '{text}'", http_status=400) from None


def page(rows: list[Row], query: Query) -> tuple[list[Row], int]:
    """(rows of the page asked for, index after the last one)."""
    start = _integer(query, "start") or 0
    count = _integer(query, "count")
    chosen = rows[start:] if count is None or count <= 0 else rows[start : start + count]
    return chosen, start + len(chosen)


def formatted(row: Row, query: Query) -> Row:
    """Only the fields named in ``format`` (q_origin_key is always there)."""
    wanted = first(query, "format")
    if not wanted:
        return row
    names = set(wanted.split("|"))
    return {name: value for name, value in row.items() if name in names or name == "q_origin_key"}
