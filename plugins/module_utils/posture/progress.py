# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run over many devices has come, in one line now and then. Pure: the time is handed in."""

from __future__ import annotations

from collections import Counter

from .record import CLASSES


class Progress:
    """Counts devices by class. Times are seconds of a clock that never goes back.

    `total`: how many devices there are. A line is due after `seconds`, or after so many `hosts`, whichever comes
    first; 0 switches either off.
    """

    def __init__(self, total: int, now: float, seconds: float, hosts: int) -> None:
        self.total = total
        self.done = 0
        self._classes: Counter[str] = Counter()
        self._seconds, self._hosts = seconds, hosts
        self._began = self._said_at = now
        self._said_of = 0

    def seen(self, classification: str, now: float) -> str | None:
        """Count a device, one of `CLASSES`; the line where one is due."""
        self._classes[classification] += 1
        self.done += 1
        late = self._seconds and now - self._said_at >= self._seconds
        many = self._hosts and self.done - self._said_of >= self._hosts
        if self.done >= self.total or not (late or many):
            return None  # after the last one come the totals
        self._said_at, self._said_of = now, self.done
        left = (now - self._began) / self.done * (self.total - self.done)
        percent = self.done * 100 // self.total
        return f"{self.done} of {self.total} devices ({percent} %): {self._counts()}; about {duration(left)} left"

    def totals(self, now: float) -> str:
        """The line at the end."""
        missing = self.total - self.done
        without = f"; {missing} without a result" if missing > 0 else ""
        return f"{self.done} of {self.total} devices in {duration(now - self._began)}: {self._counts()}{without}"

    def _counts(self) -> str:
        return ", ".join(f"{self._classes[name]} {name}" for name in CLASSES)


def duration(seconds: float) -> str:
    """So many seconds as people say it, such as `4 min 10 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
