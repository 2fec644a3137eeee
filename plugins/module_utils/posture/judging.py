# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which controls a look at a device judges, what came of each, and what that makes of the device. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..findings import SEVERITIES
from ..policy.catalogue import Control
from .record import (
    COMPLIANT,
    DRIFT,
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    UNSUPPORTED,
    Difference,
    Unverifiable,
)

FAILING = "medium"
"""From this severity on a finding fails its control."""
LOOKED_AT_WITH: Mapping[str, tuple[str, ...]] = {"ADM-1": ("management_access",), "ADM-2": ("management_access",)}
"""Controls that no module enforces, and those that look at them all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of a device, as far as it decides.

    `waiting`: controls of settings that wait for a restart. `idle`: controls for which the policy asks for nothing.
    """

    differences: Sequence[Difference] = ()
    findings: Iterable[Mapping[str, str]] = ()
    waiting: Collection[str] = ()
    unverifiable: Sequence[Unverifiable] = ()
    idle: Collection[str] = ()


def in_scope(catalogue: Mapping[str, Control], platform: str, asked: Collection[str]) -> tuple[str, ...]:
    """The controls that a look at a device of this platform judges, in the order of the catalogue.

    `asked`: the modules, or concerns of `firewall`, that look at it.
    """
    return tuple(
        control.id
        for control in catalogue.values()
        if control.assessed_today.get(platform, "none") != "none"
        and not asked_of(control).isdisjoint(asked)
    )


def asked_of(control: Control) -> frozenset[str]:
    """The modules that look at a control."""
    return frozenset({*control.enforced_by, *LOOKED_AT_WITH.get(control.id, ())})


def results(catalogue: Mapping[str, Control], scope: Collection[str], seen: Seen) -> dict[str, str]:
    """What came of each control in scope, and of those out of it that a difference is about.

    A failure counts more than what could not be read, and that more than what could.
    """
    least = SEVERITIES.index(FAILING)
    failing = {control for one in seen.differences for control in one.controls} | set(seen.waiting)
    failing |= {
        one["control"]
        for one in seen.findings
        if one["control"] in scope and SEVERITIES.index(one["severity"]) >= least
    }
    unknown = {one.control for one in seen.unverifiable}
    found = {}
    for control in catalogue:
        if control in failing:
            found[control] = FAIL
        elif control in scope:
            found[control] = UNKNOWN if control in unknown else NOT_APPLICABLE if control in seen.idle else PASS
    return found


def classified(judged: Mapping[str, str], unverifiable: Iterable[Unverifiable]) -> str:
    """What these results make of a device."""
    if FAIL in judged.values():
        return DRIFT
    if any(judged.get(one.control) == UNKNOWN and not one.lasting for one in unverifiable):
        return UNSUPPORTED
    return COMPLIANT
