# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found on a device that this collection reports and does not change by itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass

SEVERITIES = ("info", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation: the control it belongs to, how bad it is, what it is about, what was seen, what to do."""

    control: str
    severity: str
    subject: str
    evidence: str
    advice: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.control} {self.severity}: {self.subject}: {self.evidence}. {self.advice}"


def worst_first(findings: list[Finding]) -> list[Finding]:
    """The findings without repetitions, the most severe first, otherwise by control and subject."""
    return sorted(set(findings), key=lambda f: (-SEVERITIES.index(f.severity), f.control, f.subject, f.evidence))
