# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a phone and of its files, as the record of how it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..phones.configuring import Job
from ..phones.intents import BY_ID
from ..phones.provisioning import Job as Publishing
from ..phones.publishing import CHANGED_MASK, Plan
from ..phones.rollout import standing
from ..phones.table import Password, render
from ..phones.vendors import Vendor
from ..policy.catalogue import Control
from ..secret import MASK
from . import judging
from .differences import words
from .judging import Seen
from .record import UNSUPPORTED, Difference, Record, Unverifiable, now

MODULES = ("phone_provisioning", "phone_config")
"""The modules by which a phone is brought to its policy, and looked at."""


@dataclass(frozen=True, slots=True)
class Files:
    """What the files of a phone say, and whether it has fetched them: results of `phone_provisioning` in check mode
    and of `provisioning_log`. `drift`: what they do not say as it is wanted."""

    published: Mapping[str, Any]
    log: Mapping[str, Any]
    drift: tuple[Difference, ...]


def drift_of_files(job: Publishing, plan: Plan, loose: bool) -> tuple[Difference, ...]:
    """What the files do not say as it is wanted: our file setting by setting, any other one as a whole. `loose`: our
    file may be read by others than it should."""
    found: list[Difference] = []
    if loose:
        found.append(Difference(("PWD-5",), plan.name, "mode", "0640 and the group that is asked for", "another one"))
    if job.policy is None or plan.up_to_date:
        return tuple(found)
    unconfirmed = job.policy.phones.unconfirmed
    settings = render(job.vendor.parameters, plan.phone, plan.wanted, unconfirmed).settings
    controls = {setting.name: BY_ID[setting.intent].controls for setting in settings}
    every = tuple(dict.fromkeys(control for some in controls.values() for control in some))
    for write in plan.writes:
        inside = list(_of_our_file(plan, controls, every)) if write.name == plan.name and plan.before else []
        found += inside or [Difference(every, write.name, "", write.says if write.content is not None else "", "")]
    return tuple(found)


def _of_our_file(
    plan: Plan, controls: Mapping[str, tuple[str, ...]], every: tuple[str, ...]
) -> Iterator[Difference]:
    before, after = _lines(plan.before), _lines(plan.after)
    for name in dict.fromkeys([*after, *before]):
        declared, there = after.get(name, ""), before.get(name, "")
        if declared != there:
            yield Difference(controls.get(name, every), plan.name, name, declared, there)


def _lines(text: str) -> dict[str, str]:
    pairs = (line.partition(" = ") for line in text.splitlines())
    return {name: value for name, _equals, value in pairs}


def record_of(
    job: Job, live: Mapping[str, Any], files: Files | None, catalogue: Mapping[str, Control], host: str, site: str
) -> Record:
    """The record of a phone that was looked at.

    `live`: the result of `phone_config` in check mode. `files`: None where they were not looked at.
    """
    read, remarks = _was_read(live), "; ".join(live["remarks"])
    drift = (*(files.drift if files is not None else ()), *of_settings(live))
    published = files.published if files is not None else {}
    findings = tuple(_without_repetition([*published.get("findings", ()), *live["findings"]]))
    scope = judging.in_scope(catalogue, job.vendor.name, MODULES)
    unseen = (
        of_unseen(job.vendor, live)
        if read
        else tuple(Unverifiable(control, remarks, False) for control in scope)
    )
    seen = Seen(differences=drift, findings=findings, unverifiable=unseen, idle=_idle(scope, live, unseen))
    controls = judging.results(catalogue, scope, seen)
    classification = judging.classified(controls, unseen)
    return Record(
        host=host,
        site=site,
        platform=job.vendor.name,
        model=live["phone"]["model"],
        version=live["phone"]["firmware"],
        classification=classification,
        message="" if read and classification != UNSUPPORTED else remarks,
        read_at=now(),
        remediable=not job.foreign and bool(drift),
        controls=controls,
        drift=drift,
        count=len(drift),
        findings=findings,
        pending=tuple(live["pending"]),
        unverifiable=unseen,
        evidence=evidence(live, files),
    )


def of_settings(live: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The parameters that the phone shows to be another than is wanted; secrets masked."""
    found = []
    for intent in live["intents"].values():
        if intent.get("verdict") != "drift":
            continue
        wanted = intent["wanted"]
        for name, parameter in intent["parameters"].items():
            value = parameter["value"]
            if value is None or (value == wanted and type(value) is type(wanted) and value != MASK):
                continue
            there = CHANGED_MASK if value == MASK else words(value)
            found.append(Difference(tuple(intent["controls"]), name, "", words(wanted), there))
    return tuple(found)


def of_unseen(vendor: Vendor, live: Mapping[str, Any]) -> tuple[Unverifiable, ...]:
    """What is wanted of a phone and not seen of it.

    Lasting: what its vendor has no parameter for, what this collection does not tell it, passwords, which no phone
    shows, and parameters that the phone says it does not know. Anything else it should have shown.
    """
    found = [Unverifiable(control, one.text, True) for one in vendor.unshown for control in one.controls]
    for left in live["left_out"]:
        text = f"{left['intent']}: {left['says']}: {left['reason']}"
        found += [Unverifiable(control, text, True) for control in BY_ID[left["intent"]].controls]
    passwords = {one.intent for one in vendor.parameters if isinstance(one.codec, Password)}
    for intent, entry in live["intents"].items():
        if entry.get("verdict") != "unknown":
            continue
        hidden = [name for name, one in entry["parameters"].items() if one["value"] is None]
        lasting = intent in passwords or all(entry["parameters"][name].get("known") is False for name in hidden)
        if hidden:
            text = f"{intent}: {entry['says']}: the phone does not show {', '.join(hidden)}"
            found += [Unverifiable(control, text, lasting) for control in entry["controls"]]
    return tuple(dict.fromkeys(found))


def evidence(live: Mapping[str, Any], files: Files | None) -> dict[str, Any]:
    """How far rendered, fetched and observed go; None for what was not looked at."""
    published, log = (files.published, files.log) if files is not None else ({}, {})
    found = standing(published, log, live, {}, check=True)
    return {
        "rendered": found.rendered if files is not None else None,
        "fetched": found.fetched,
        "observed": found.observed,
    }


def _was_read(live: Mapping[str, Any]) -> bool:
    """Whether anything at all was seen: with its web interface off, a phone shows nothing."""
    return any(entry["found"] is not None for entry in live["intents"].values())


def _idle(scope: Sequence[str], live: Mapping[str, Any], unseen: Sequence[Unverifiable]) -> frozenset[str]:
    """The controls for which the policy asks this phone for nothing."""
    asked = {control for entry in live["intents"].values() if "wanted" in entry for control in entry["controls"]}
    return frozenset(scope) - asked - {one.control for one in unseen}


def _without_repetition(findings: Sequence[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """The provider profile is judged with the files and with the phone."""
    seen = set()
    for finding in findings:
        key = tuple(sorted(finding.items()))
        if key not in seen:
            seen.add(key)
            yield dict(finding)
