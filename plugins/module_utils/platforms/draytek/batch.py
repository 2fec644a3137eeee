# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One plan on its way to a Vigor, line by line.

A Vigor has no transactions and no rollback. New block rules are bound to a schedule that runs out by itself where the
unit has a free one and knows what time it is: should the controller be lost before everything is proved, they cease to
block, and nobody is cut off for longer than that. Once it is proved, they are unbound, and the configuration goes to
flash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ...document.diff import CREATE, UPDATE, Change
from ...document.model import Document
from ...errors import Refused
from . import memory, names
from .commands import Command, command
from .details import Details
from .ownership import bears_mark
from .reader import lan, rules
from .reader.objects import FREE_MARK
from .session import Session
from .tables import LANS, OBJECTS, OPTIONS, RULES, SETS, VLAN, VLAN_ROWS, table
from .tables import SCHEDULES as SCHEDULE_TABLE
from .words import Answer
from .writer import commands_for, free_schedule, guard_schedule, rule_line

GUARD_MINUTES = 15
"""How long new block rules act before they run out, unless they are proved by then."""
_CLOCK = re.compile(r"(20[2-4]\d)[-/. ](\d{1,2})[-/. ](\d{1,2})\D+?(\d{1,2}):(\d{2})(?::\d{2})?")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_YEAR_FIRST = re.compile(
    rf"(20[2-4]\d)\s+({'|'.join(_MONTHS)})[a-z]*\s+(\d{{1,2}})\s+(?:[A-Z][a-z]+\s+)?(\d{{1,2}}):(\d{{2}})"
)
_WORDED = re.compile(rf"({'|'.join(_MONTHS)})[a-z]*\s+(\d{{1,2}})\s+(\d{{1,2}}):(\d{{2}}):\d{{2}}\s+(20[2-4]\d)")


class VigorBatch:
    """Sends changes one by one. `atomic`, `armed` and `lapse` as the engine wants them."""

    atomic = False
    lapse = "the new block rules cease to act by themselves"

    def __init__(self, session: Session, changes: Sequence[Change], document: Document, details: Details) -> None:
        self.armed = 0
        self._session = session
        self._document = document
        self._details = details
        self._blocks = _blocking(changes, document)
        self._changes_vlans = any(change.table.path in (VLAN, VLAN_ROWS) for change in changes)
        self._restart_vlans = False
        self._schedule = 0
        self._bound: list[str] = []

    def start(self) -> None:
        """Set the schedule that lets new block rules run out, where there can be one.

        Left behind, it also tells the next run that this one was not finished: VLANs that were written may not be in
        force, which no view shows.
        """
        free = self._details.free.get(SCHEDULE_TABLE, ())
        ours = [
            row["id"] for row in self._document.tables.get(table(SCHEDULE_TABLE), ()) if row["comment"] == names.GUARD
        ]
        place = next(iter([*ours, *free]), "")
        self._restart_vlans = bool(ours)
        if not (self._blocks or self._changes_vlans) or not place:
            return
        now = clock(Answer("sys time show", self._session.read("sys time show")))
        if now is None:
            return
        self._schedule = int(place.rpartition(" ")[2])
        for line in guard_schedule(self._schedule, now - timedelta(minutes=1), GUARD_MINUTES):
            self._run(line)
        self.armed = 60 * GUARD_MINUTES

    def send(self, change: Change) -> None:
        """Carry out one change. Raises `Refused` with the unit's answer."""
        if change.table.path == OPTIONS:
            change = self._with_number(change)
        self._restart_vlans |= change.table.path in (VLAN, VLAN_ROWS)
        if self._schedule and change in self._blocks:
            # In the line that makes it block, so that it never blocks for good before it is proved.
            change = replace(change, after={**(change.after or {}), "schedules": (self._schedule, 0, 0, 0)})
            self._bound.append(change.key)
        for line in commands_for(change, self._document, self._details):
            self._run(line)
        if change.table.path == SETS and change.after is not None and "next" in change.after:
            self._leads_to(change.key, str(change.after["next"]))

    def _leads_to(self, key: str, wanted: str) -> None:
        """Raise `Refused` unless a set of ours leads to where it was told to: behind ours come the site's own rules,
        and once the filter starts with ours, nothing else on the unit says where those begin."""
        line = f"{SETS} {key} -v"
        kept = rules.filter_set(Answer(line, self._session.read(line)), int(key), self._details.limits.sets)["next"]
        if kept != wanted:
            raise Refused(f"`{SETS} {key} -n {wanted or 0}`: the unit took it and keeps {kept or 0}")

    def _run(self, line: Command) -> str:
        try:
            return self._session.run(line)
        except Refused:
            # Whether a unit takes an empty name is not documented; where it does not, a word says that a place is free.
            if not line.text.endswith((' -n ""', ' -c ""')):
                raise
            return self._session.run(command(line.text.removesuffix(' ""'), FREE_MARK))

    def _with_number(self, change: Change) -> Change:
        """The change with the number that the unit gave to the option, which is its own business."""
        listed = lan.options(Answer("srv dhcp option -l", self._session.read("srv dhcp option -l")))
        number = next((row["index"] for row in listed if row["id"] == change.key), None)
        before = {name: value for name, value in (change.before or {}).items() if name != "index"}
        if number is not None:
            before["index"] = number
        return Change(
            change.action,
            change.table,
            change.key,
            change.name,
            change.controls,
            before,
            change.after,
            late=change.late,
        )

    def commit(self) -> None:
        """Put changed VLANs into force; everything else is in force already."""
        if self._restart_vlans:
            self._run(command("vlan restart"))
            self._restart_vlans = False

    def abort(self, session: Any) -> None:
        """There is no transaction to drop."""

    def settle(self, session: Session) -> None:
        """Let block rules act for good, take the schedule back, and write everything to flash. VLANs that were taken
        back come into force too."""
        self._session = session
        self.commit()
        for slot in self._bound:
            self._run(rule_line(slot, {"schedules": (0, 0, 0, 0)}))
        self._bound = []
        if self._schedule:
            for line in free_schedule(self._schedule):
                self._run(line)
            self._schedule = 0
        self.armed = 0
        self._run(command("sys commit"))


def _blocking(changes: Sequence[Change], document: Document) -> list[Change]:
    """The changes that make a rule of ours block somebody who is there. Rules of others keep the schedules that they
    have; and a network that we made for the phones has nobody to be cut off, but would be open without its rules."""
    known = table(OBJECTS) in document.tables and bool(memory.remembered_lans(document))
    new = known or any(change.table.path == LANS for change in changes)
    found = []
    for change in changes:
        if change.table.path != RULES or change.action not in (CREATE, UPDATE):
            continue
        after = change.after or {}
        row = {**(document.find(change.table, change.key) or {}), **after}
        blocks = row["action"] == "block" and ("action" in after or bool(after.get("enabled")))
        if blocks and bears_mark(RULES, row) and not (new and row["name"] in names.AROUND_PHONES):
            found.append(change)
    return found


def clock(answer: Answer) -> datetime | None:
    """What time it is at the unit, from `sys time show`; None where its text, of which there is no public example, does
    not say."""
    if match := _CLOCK.search(answer.text):
        return _moment(*(int(part) for part in match.groups()))
    if match := _YEAR_FIRST.search(answer.text):
        year, month, day, hour, minute = match.groups()
        return _moment(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute))
    if match := _WORDED.search(answer.text):
        month, day, hour, minute, year = match.groups()
        return _moment(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute))
    return None


def _moment(year: int, month: int, day: int, hour: int, minute: int) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute)
    except ValueError:
        return None
