# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an installed release means: is it recent enough, and which known weaknesses has it. Pure.

What is not known, or marked as unsure in the data, makes a verdict unknown; it never makes one outdated or safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal

from ..findings import Finding
from .firmware_data import REVIEW_INTERVAL, Advisory, Family, FirmwareData, Mitigation, Product
from .releases import compare, hardware_of

Verdict = Literal["current", "behind", "outdated", "unknown"]
State = Literal["affected", "mitigated", "not_affected", "unknown"]
_WORST_FIRST: tuple[State, ...] = ("affected", "unknown", "not_affected")

CHECKED = "FWM-2"
"""Firmware is checked at least every quarter."""
PATCHED = "FWM-3"
"""Security fixes are installed promptly."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What a phone runs, as far as it is known. `model` as in the data (T54W, VVX350), "" for what is not known."""

    vendor: str = ""
    model: str = ""
    release: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.vendor, self.model, self.release) if part) or "phone of unknown make"


@dataclass(frozen=True, slots=True)
class ReleaseVerdict:
    """How recent a release is, and why that is said. `outdated`: below the minimum; `behind`: below the newest."""

    verdict: Verdict
    why: str
    family: Family | None = None


@dataclass(frozen=True, slots=True)
class AdvisoryVerdict:
    """What an advisory means for a phone. `mitigated`: what the weakness needs is known to be absent.

    `fixed`: the first release without it, "" where none is known for sure.
    """

    advisory: Advisory
    state: State
    why: str
    fixed: str


@dataclass(frozen=True, slots=True)
class FirmwareVerdict:
    """All that the data say of a phone. `result` and `why` are those of control FWM-3."""

    installed: Installed
    release: ReleaseVerdict
    advisories: tuple[AdvisoryVerdict, ...]
    result: Literal["pass", "fail", "unknown"]
    why: str


def judge_firmware(installed: Installed, data: FirmwareData, observed: Mapping[str, object]) -> FirmwareVerdict:
    """The verdict on what a phone runs.

    `observed`: by intent of the phone policy, what the phone has; an absent one is not known.
    """
    release = judge_release(installed, data)
    advisories = tuple(
        judge_advisory(advisory, installed, observed)
        for advisory in data.advisories
        if _products(advisory, installed)
    )
    affected = [one.advisory.id for one in advisories if one.state == "affected"]
    undecided = [one.advisory.id for one in advisories if one.state == "unknown"]
    if release.verdict == "outdated" or affected or _ended(release.family):
        why = "; ".join(filter(None, [release.why, f"affected by {', '.join(affected)}" if affected else ""]))
        return FirmwareVerdict(installed, release, advisories, "fail", why)
    if release.verdict == "current" and not undecided:
        return FirmwareVerdict(installed, release, advisories, "pass", release.why)
    why = "; ".join([release.why, *([f"not decided: {', '.join(undecided)}"] if undecided else [])])
    return FirmwareVerdict(installed, release, advisories, "unknown", why)


def judge_release(installed: Installed, data: FirmwareData) -> ReleaseVerdict:
    """How recent the installed release is."""
    if not installed.release:
        return ReleaseVerdict("unknown", "the release is not known")
    family = family_of(installed, data)
    if family is None:
        return ReleaseVerdict("unknown", f"the data have no family for {installed}")
    minimum, latest = (_sure(family, field) for field in ("minimum", "latest"))
    if minimum:
        order = compare(family.vendor, installed.release, minimum)
        if order.sign is None:
            return ReleaseVerdict("unknown", order.why, family)
        if order.sign < 0:
            return ReleaseVerdict("outdated", f"{installed.release} is older than the minimum {minimum}", family)
    if not latest:
        return ReleaseVerdict("unknown", f"the newest release for {family.name} is not known for sure", family)
    order = compare(family.vendor, installed.release, latest)
    if order.sign is None:
        return ReleaseVerdict("unknown", order.why, family)
    if order.sign < 0:
        return ReleaseVerdict("behind", f"{installed.release} is older than {latest}", family)
    return ReleaseVerdict("current", f"no newer release than {installed.release} is known", family)


def judge_advisory(advisory: Advisory, installed: Installed, observed: Mapping[str, object]) -> AdvisoryVerdict:
    """What an advisory means for a phone that may be one of its products."""
    judged = [(product, *_exposed(product, installed)) for product in _products(advisory, installed)]
    product, state, why = min(judged, key=lambda one: _WORST_FIRST.index(one[1]))
    decisive = [one for one in advisory.mitigations if one.decisive]
    if state != "not_affected" and any(_is_in_force(one, observed) for one in decisive):
        state = "mitigated"
    return AdvisoryVerdict(advisory, state, why, "" if "fixed" in product.unsure else product.fixed)


def family_of(installed: Installed, data: FirmwareData) -> Family | None:
    """The family that a phone belongs to: a Yealink by the hardware in its release, others by their model."""
    hardware = hardware_of(installed.release) if installed.vendor == "yealink" else None
    for family in data.families:
        if family.vendor != installed.vendor:
            continue
        if hardware is not None and family.hardware == hardware:
            return family
        if hardware is None and _is_one_of(installed.model, family.models):
            return family
    return None


def firmware_findings(host: str, verdict: FirmwareVerdict, observed: Mapping[str, object]) -> list[Finding]:
    """What is to be done about the firmware of the phone at `host`."""
    subject, release = f"{host} ({verdict.installed})", verdict.release
    findings = []
    if release.verdict == "outdated":
        findings.append(Finding(PATCHED, "high", subject, release.why, "Install a newer release"))
    elif release.verdict == "behind":
        findings.append(Finding(PATCHED, "low", subject, release.why, "Plan the newer release"))
    elif release.verdict == "unknown":
        evidence = f"unknown whether it is recent: {release.why}"
        findings.append(Finding(PATCHED, "info", subject, evidence, "Compare it with the vendor's list"))
    family = release.family
    if family is not None and family.support == "eol":
        if _ended(family):
            evidence = f"{family.name} gets no more fixes ({family.source})"
            findings.append(Finding(PATCHED, "high", subject, evidence, "Replace the phone"))
        else:
            evidence = f"{family.name} probably gets no more fixes ({family.source})"
            findings.append(Finding(PATCHED, "info", subject, evidence, "Ask the vendor, and plan a replacement"))
    findings += [_advisory_finding(one, subject, observed) for one in verdict.advisories if one.state == "affected"]
    findings += [_advisory_finding(one, subject, observed) for one in verdict.advisories if one.state == "mitigated"]
    undecided = [one for one in verdict.advisories if one.state == "unknown"]
    if undecided:
        evidence = "unknown whether it is affected: " + "; ".join(
            f"{one.advisory.id} ({one.why}; {_told(one.advisory, observed)})" for one in undecided
        )
        findings.append(Finding(PATCHED, "info", subject, evidence, "Look the releases up in the vendor's bulletins"))
    return findings


def review_finding(data: FirmwareData, today: date) -> Finding | None:
    """What to say of the data's own age; None while it is recent enough."""
    age = today - data.reviewed_on
    if age <= REVIEW_INTERVAL:
        return None
    return Finding(
        CHECKED,
        "medium",
        "firmware data",
        f"last reviewed on {data.reviewed_on}, {age.days} days ago",
        f"Review them every {REVIEW_INTERVAL.days} days: newer releases and advisories are missing",
    )


def _advisory_finding(one: AdvisoryVerdict, subject: str, observed: Mapping[str, object]) -> Finding:
    advisory = one.advisory
    severity = advisory.severity if one.state == "affected" else "low"
    evidence = (
        f"{advisory.id}, {advisory.title} (needs: {advisory.needs}): {one.why}; {_told(advisory, observed)}"
    )
    advice = f"Install {one.fixed} or newer" if one.fixed else f"Ask the vendor for the fix ({advisory.source})"
    return Finding(PATCHED, severity, subject, evidence, advice)


def _is_in_force(mitigation: Mitigation, observed: Mapping[str, object]) -> bool | None:
    """Whether a mitigation is in force; None where that is not known."""
    seen = observed.get(mitigation.intent)
    return None if seen is None else seen == mitigation.value


def _told(advisory: Advisory, observed: Mapping[str, object]) -> str:
    """Of each mitigation whether it is in force, as far as that is known."""
    words = {True: "in force", False: "not in force", None: "not known"}
    told = [f"{one.intent} {_shown(one.value)}: {words[_is_in_force(one, observed)]}" for one in advisory.mitigations]
    return f"mitigations: {', '.join(told)}" if told else "no mitigation is known"


def _shown(value: bool | str) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _exposed(product: Product, installed: Installed) -> tuple[State, str]:
    """Whether the installed release has the weakness of this product, mitigations aside."""
    if not installed.model and product.models != ("*",):
        return "unknown", "the model is not known"
    if product.affected is None:
        return "unknown", "no record says which releases are affected"
    if not installed.release:
        return "unknown", "the release is not known"
    if "affected" in product.unsure:
        return "unknown", "which releases are affected is not known for sure"
    operator, bound = product.affected
    order = compare(installed.vendor, installed.release, bound)
    if order.sign is None:
        return "unknown", order.why
    if (order.sign < 0 and operator != "==") or (order.sign == 0 and operator != "<"):
        return "affected", f"{installed.release} is affected ({operator}{bound})"
    if product.fixed and "fixed" not in product.unsure:
        since = compare(installed.vendor, installed.release, product.fixed)
        if since.sign is not None and since.sign >= 0:
            return "not_affected", f"fixed since {product.fixed}"
        return "unknown", f"{installed.release} is neither among the affected nor as new as the fix {product.fixed}"
    if operator == "==" or product.fixed:
        return "unknown", f"the record names {operator}{bound}, and no fixed release is known for sure"
    return "not_affected", f"newer than the affected releases ({operator}{bound})"


def _products(advisory: Advisory, installed: Installed) -> list[Product]:
    """The products of an advisory that a phone may be one of; all of its vendor's where the model is not known."""
    if advisory.vendor != installed.vendor:
        return []
    return [
        product for product in advisory.products if not installed.model or _is_one_of(installed.model, product.models)
    ]


def _is_one_of(model: str, patterns: tuple[str, ...]) -> bool:
    return bool(model) and any(fnmatchcase(model, pattern) for pattern in patterns)


def _sure(family: Family, field: Literal["latest", "minimum"]) -> str:
    if field in family.unsure:
        return ""
    return family.latest if field == "latest" else family.minimum


def _ended(family: Family | None) -> bool:
    return family is not None and family.support == "eol" and "support" not in family.unsure
