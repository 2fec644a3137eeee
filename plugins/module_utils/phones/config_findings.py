# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be said about a live phone besides its settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..findings import Finding
from ..secret import Secret
from .configuring import Job, Outcome
from .intents import BY_ID
from .live import plain
from .live_poly import OVERRIDES
from .logins import PAIRS
from .table import State, Value, same, verdicts

SEVERITIES: Mapping[str, str] = {
    "WEB-2": "critical",
    "VLAN-1": "medium",
    "VLAN-2": "low",
    "PWD-5": "medium",
    "ADM-4": "medium",
    "FWM-1": "medium",
    "MON-1": "medium",
    "SVC-1": "medium",
}
"""How bad it is that an intent of a control is not met; high where nothing else is said."""


def findings_of(
    job: Job, outcome: Outcome, states: Mapping[str, State], asked: Mapping[str, Value]
) -> list[Finding]:
    """Every intent that is not met, passwords that everybody knows, and layers that outrank provisioning."""
    findings = [_drift(job, outcome, intent, states[intent], asked[intent]) for intent in _drifting(states, asked)]
    if outcome.observed is None:
        return findings
    if any(same(pair.password, outcome.observed.password) for pair in PAIRS.get(job.vendor.name, ())):
        findings.append(
            Finding(
                "WEB-2",
                "critical",
                job.phone.mac,
                "a password that everybody knows lets the administrator in",
                "Give the phone passwords of its own",
            )
        )
    return [*findings, *_overrides(job, outcome, states, asked)]


def _drifting(states: Mapping[str, State], asked: Mapping[str, Value]) -> list[str]:
    return [intent for intent, verdict in verdicts(states, asked).items() if verdict == "drift"]


def _drift(job: Job, outcome: Outcome, intent: str, state: State, value: Value) -> Finding:
    sources = {} if outcome.observed is None else outcome.observed.reading.sources
    wrong = [(name, found) for name, found in state.values if found is not None and not same(found, value)]
    control = BY_ID[intent].controls[0]
    if isinstance(value, Secret):
        seen = "another one is in force than the one that the site has for it"
    else:
        parts = [
            f"{name} is {_said(found)}{f' (from {sources[name]})' if name in sources else ''}" for name, found in wrong
        ]
        seen = f"{', '.join(parts)}, not {_said(value)}"
    return Finding(
        control,
        SEVERITIES.get(control, "high"),
        f"{job.phone.mac} {intent}",
        f"{BY_ID[intent].says}: {seen}",
        "Have the phone take the policy, by provisioning or by this module",
    )


def _said(value: Value) -> str:
    return str(plain(value)).lower()


def _overrides(
    job: Job, outcome: Outcome, states: Mapping[str, State], asked: Mapping[str, Value]
) -> list[Finding]:
    """What was set at the phone, by this module as well, hides what provisioning says of it later."""
    sources = {} if outcome.observed is None else outcome.observed.reading.sources
    names = {name for intent in asked if intent in states for name, _value in states[intent].values}
    findings = []
    for layer in sorted({source for name, source in sources.items() if name in names and source in OVERRIDES}):
        of_layer = sorted(name for name in names if sources.get(name) == layer)
        findings.append(
            Finding(
                "FWM-1",
                "low",
                f"{job.phone.mac} layer {layer}",
                f"{len(of_layer)} of these settings come from the layer {layer}, which outranks the provisioning "
                f"server: {', '.join(of_layer)}",
                "Once the files of the phone say the same, clear that layer and let it fetch them again",
            )
        )
    return findings
