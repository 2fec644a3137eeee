"""Schedules: only those that say always or never are known; the time of day is not part of a configuration."""

from __future__ import annotations

from ..logic import Truth
from .rows import Tables, rows

_WEEK = frozenset("sunday monday tuesday wednesday thursday friday saturday".split())
_SHIPPED: dict[str, Truth] = {"always": True, "none": False}


def schedule_holds(tables: Tables, name: str) -> Truth:
    """True for a schedule that always holds, False for one that never does, else None.

    ``always`` and ``none`` are shipped as recurring schedules; an administrator may have changed their days.
    """
    for row in rows(tables, "firewall.schedule/recurring"):
        if row.get("name") == name:
            days = frozenset(str(row.get("day") or "").split())
            whole_day = row.get("start", "00:00") == row.get("end", "00:00")
            if not days or days == {"none"}:
                return False
            return True if days == _WEEK and whole_day else None
    return _SHIPPED.get(name)
