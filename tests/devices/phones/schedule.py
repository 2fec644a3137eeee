"""Times of day at which phones look for news by themselves. A phone's day is that of UTC."""

from __future__ import annotations

import time

DAY = 86400.0


def latest(now: float, at: str, days: str = "0123456") -> float:
    """The last moment not after ``now`` (seconds since the epoch) at which it was ``at`` (HH:MM) on one of these days
    (0 is Sunday); 0 where there are none."""
    hours, _colon, minutes = at.partition(":")
    begin = now - now % DAY + int(hours) * 3600 + int(minutes) * 60
    for back in range(8):
        moment = begin - back * DAY
        if moment <= now and time.strftime("%w", time.gmtime(moment)) in days:
            return moment
    return 0.0
