# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: a control that a device may fail until a day, who says so and why. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date

from ..policy.reading import Report, Section

KEYS = ("control", "device", "reason", "approver", "expires")
EVERY = "*"
"""The device of a waiver for all of them."""
ENDS_SOON = 14
"""Days before its end from which a waiver is called ending."""
IN_FORCE, ENDING, UNNEEDED, UNSEEN, EXPIRED = STATES = ("in_force", "ending", "unneeded", "unseen", "expired")
"""What a waiver is: it lets something pass; it does, and not for much longer; what it would let pass is in order; the
run saw none of its devices; it counts for nothing, and is a failure of its own until somebody removes or renews it."""

_LINE = re.compile(r"(?=.*\S)[^\x00-\x1f]+")
_DATE = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Waiver:
    """One of them. `device`: a host, a site, or `*`. `expires`: the last day (UTC) on which it counts."""

    control: str
    device: str
    reason: str
    approver: str
    expires: date

    def covers(self, host: str, site: str) -> bool:
        """Whether it is about this host."""
        return self.device in (EVERY, host, site)

    def has_expired(self, today: date) -> bool:
        return today > self.expires

    def as_dict(self) -> dict[str, str]:
        return {
            "control": self.control,
            "device": self.device,
            "reason": self.reason,
            "approver": self.approver,
            "expires": self.expires.isoformat(),
        }


def read_waivers(given: Iterable[tuple[str, object]], controls: Container[str], report: Report) -> tuple[Waiver, ...]:
    """The waivers of items with their paths; what is wrong with them is reported. `controls`: ids that there are."""
    return tuple(_waiver(Section(item, path, KEYS, report), controls) for path, item in given)


def _waiver(section: Section, controls: Container[str]) -> Waiver:
    report = section.report
    control = section.text("control", "an id of the control catalogue such as FW-1", _LINE)
    if control and control not in controls:
        report.reject(section.at("control"), control, "an id of the control catalogue such as FW-1")
    return Waiver(
        control=control,
        device=section.text("device", "the name of a host or of a site, or * for every device", _LINE),
        reason=section.text("reason", "one line: why this may be so", _LINE),
        approver=section.text("approver", "the name of who allows it", _LINE),
        expires=section.day("expires") or _DATE,
    )
