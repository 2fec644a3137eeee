# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a phone: one record a fact, with how and when it was seen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was seen. `what`: its name, such as `port.https`; `when`: UTC, ISO 8601."""

    what: str
    value: Any
    how: str
    when: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Evidence:
    """The facts of one probe, in the order in which they came. `now` tells the time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._facts: list[Fact] = []

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts)

    def add(self, what: str, value: Any, how: str, when: str = "") -> None:
        """Record a fact; it was seen now unless `when` says otherwise."""
        self._facts.append(Fact(what, value, how, when or stamp(self._now())))

    def get(self, what: str) -> Any:
        """The value of a fact; None where there is none of this name."""
        return next((fact.value for fact in self._facts if fact.what == what), None)

    def under(self, prefix: str) -> dict[str, Any]:
        """The values of all facts whose names begin with `prefix` and a dot, by the rest of their names."""
        return {
            fact.what.removeprefix(f"{prefix}."): fact.value
            for fact in self._facts
            if fact.what.startswith(f"{prefix}.")
        }


def stamp(moment: datetime) -> str:
    """A moment, which knows its time zone, to the second."""
    return moment.isoformat(timespec="seconds")
