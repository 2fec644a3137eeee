# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of what is asked is shown to be in place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..policy.catalogue import Control
from .record import FAIL, PASS, UNKNOWN

WEIGHTS: Mapping[str, int] = {"critical": 10, "high": 5, "medium": 2, "low": 1}
"""What a control counts for, by the severity that the catalogue gives it."""
UNLISTED = "medium"
"""The severity of a control that the catalogue does not have."""
ASKED = (PASS, FAIL, UNKNOWN)
"""Results that count: what is waived or not applicable is not asked for, and what is unknown was not shown."""


@dataclass(frozen=True, slots=True)
class Score:
    """Points by the weights of controls: shown to be in place, and asked for."""

    proven: int = 0
    asked: int = 0

    @property
    def percent(self) -> int | None:
        """From 0 to 100, which is given for everything alone; None where nothing was asked for."""
        return 100 * self.proven // self.asked if self.asked else None

    def __add__(self, other: Score) -> Score:
        return Score(self.proven + other.proven, self.asked + other.asked)


def severity_of(control: str, controls: Mapping[str, Control]) -> str:
    """How bad it is to fail a control."""
    return controls[control].severity if control in controls else UNLISTED


def score_of(results: Mapping[str, str], controls: Mapping[str, Control]) -> Score:
    """The score of a device's results by control id."""
    weights = {name: WEIGHTS[severity_of(name, controls)] for name, result in results.items() if result in ASKED}
    return Score(sum(weights[name] for name in weights if results[name] == PASS), sum(weights.values()))


def total(scores: Iterable[Score]) -> Score:
    """The score of several devices together."""
    return sum(scores, Score())
