"""Schedule profiles: whether a rule bound to them is in force at a moment.

Start date and time, a duration, once or on days of the week (Vigor3912 User's Guide 1.01, ``object schedule``). A rule
names up to four. Not in the guides, so unknown: what a profile with another action than "force on", a disabled one or
one without a duration does to a rule, and whether a weekly one holds before its start date.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from ..logic import Truth, either
from .rows import Configuration, Row, on, section

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FORCE_ON = 0


def active(configuration: Configuration, indexes: Iterable[Any], now: datetime | None) -> Truth:
    """Whether a rule with these schedules is in force; 0 fills an unused place, and without any it always is."""
    wanted = [int(index) for index in indexes if int(index)]
    if not wanted:
        return True
    if now is None:
        return None
    table = section(configuration, "schedules")
    return either(_holds(table.get(str(index)), now) for index in wanted)


def _holds(row: Row | None, now: datetime) -> Truth:
    if row is None or not on(row, "enabled") or int(row.get("action") or 0) != _FORCE_ON:
        return None
    start = datetime.strptime(str(row["start"]), "%Y-%m-%d %H:%M")
    length = timedelta(minutes=int(row.get("minutes") or 0))
    if not length:
        return None
    days = row.get("days") or ()
    if not days:
        return start <= now < start + length
    listed = {str(day)[:3].capitalize() for day in days}
    # A profile lasts less than a day: what is on now began today or yesterday.
    for began in (now.date(), now.date() - timedelta(days=1)):
        if _DAYS[began.weekday()] in listed and _begun(began, start) <= now < _begun(began, start) + length:
            return True if began >= start.date() else None
    return False


def _begun(day: date, start: datetime) -> datetime:
    return datetime.combine(day, start.time())
