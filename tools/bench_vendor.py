"""The vendor's playbook for what our run makes of a unit: a module call for every row and setting.

Written as a user would: one task a table, with a loop where it has several rows, and in every row only what was set.
What only we need (the notes of remembered settings) and the places of rules are left out: the vendor's modules cannot
look at a place, and move rules even in check mode (issue 236 of their collection).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.devices.fortigate.vendor_schema import table
from tests.devices.fortigate.versions import Version
from tests.support import vendor_modules

_NOTE = "VOIPH-was-"


def tasks(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tasks that make `after` of `before`, two stored configurations of one unit with the VDOM root."""
    return [
        task
        for was, now in ((before["global"], after["global"]), (before["vdom"]["root"], after["vdom"]["root"]))
        for path, found in now.items()
        for task in _table_tasks(path, was.get(path), found, after["version"])
    ]


def calls(tasks: list[dict[str, Any]]) -> int:
    """How many module calls the tasks are, every turn of a loop counted."""
    return sum(len(task.get("loop", [None])) for task in tasks)


def play(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A playbook with these tasks."""
    return [{"name": "The vendor's modules", "hosts": "all", "gather_facts": False, "tasks": tasks}]


def _table_tasks(path: str, before: Any, after: Any, version: str) -> Iterator[dict[str, Any]]:
    known = table(path, Version.parse(version))
    if known is None or before == after:
        return
    if known.mkey is None:
        yield vendor_modules.task(path, [_set(before or {}, after)], version)
        return
    key = known.mkey
    old = {row[key]: row for row in before or ()}
    new = {row[key]: row for row in after if not str(row[key]).startswith(_NOTE)}
    changed = [{key: number, **_set(old.get(number, {}), row)} for number, row in new.items() if old.get(number) != row]
    gone = [{key: number} for number in old if number not in new]
    if changed:
        yield vendor_modules.task(path, changed, version)
    if gone:
        yield vendor_modules.task(path, gone, version, state="absent")


def _set(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if name not in before or before[name] != value}
