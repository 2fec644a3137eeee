# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one device stood to its policy when it was looked at: what a nightly run keeps of it. Pure.

A record travels as plain data: as the result of a task, as an artifact of a job, in a report and in its history. A
small one leaves out values and evidence, for where many records share a line of a database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ..findings import SEVERITIES
from ..policy.reading import InputError, Report, Section

SCHEMA = 1
COMPLIANT, DRIFT, UNREACHABLE, ERROR, UNSUPPORTED = CLASSES = (
    "compliant",
    "drift",
    "unreachable",
    "error",
    "unsupported",
)
"""What a device is: everything in scope was read and is as wanted; something is not; it could not be talked to; it
could not be judged because something went wrong; it, or what is asked of it, cannot be judged by this collection."""
PASS, FAIL, UNKNOWN, NOT_APPLICABLE, WAIVED = RESULTS = ("pass", "fail", "unknown", "not_applicable", "waived")
"""What came of a control. Unknown never counts as pass."""
TIME = "%Y-%m-%dT%H:%M:%SZ"
"""How a time is written: UTC, whole seconds."""
FEW = 5
"""So many entries of a list a small record keeps."""

_ANY = re.compile(r".*", re.DOTALL)
_LINE = re.compile(r"[^\x00-\x1f]+")
_CONTROL = re.compile(r"[A-Z]{2,4}-[1-9]", re.ASCII)
_A_CONTROL = "an id of the control catalogue such as FW-1"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the policy declares it, which is right.

    `subject`: the row or parameter in the vendor's words. `field`: empty where the whole of it is meant. `declared` and
    `found`: as text without secrets; empty for what is not there.
    """

    controls: tuple[str, ...]
    subject: str
    field: str = ""
    declared: str = ""
    found: str = ""

    @property
    def key(self) -> str:
        """What makes it the same difference night after night, whatever the value has become."""
        return f"{self.subject} {self.field}".rstrip()

    def as_dict(self) -> dict[str, Any]:
        return {
            "controls": list(self.controls),
            "subject": self.subject,
            "field": self.field,
            "declared": self.declared,
            "found": self.found,
        }


@dataclass(frozen=True, slots=True)
class ChangedBy:
    """Who last changed a device, as its own log or list of revisions says. `when`: by the device's clock."""

    who: str
    when: str
    what: str
    source: str

    def as_dict(self) -> dict[str, str]:
        return {"who": self.who, "when": self.when, "what": self.what, "source": self.source}


@dataclass(frozen=True, slots=True)
class Unverifiable:
    """What was asked for and could not be read. `lasting`: no unit of this model or release shows it, so that it is
    outside of what a run can judge, and only the report says so; otherwise this unit should have shown it."""

    control: str
    text: str
    lasting: bool

    def as_dict(self) -> dict[str, Any]:
        return {"control": self.control, "text": self.text, "lasting": self.lasting}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One device at one time.

    `classification`: one of `CLASSES`. `message`: why, where it could not be judged. `read_at`: UTC.
    `remediable`: a run of harden.yml would change something. `controls`: result by control id, of those in scope.
    `drift` and `count`: the differences and how many there are; a small record lists a few. `findings`: as the modules
    return them. `pending`: what waits for a restart. `changed_by`: only where something drifted and the device says.
    `evidence`: of phones, how far rendered, fetched and observed go.
    """

    host: str
    site: str
    platform: str
    classification: str
    read_at: str
    model: str = ""
    version: str = ""
    message: str = ""
    remediable: bool = False
    controls: Mapping[str, str] = field(default_factory=dict)
    drift: tuple[Difference, ...] = ()
    count: int = 0
    findings: tuple[Mapping[str, str], ...] = ()
    pending: tuple[str, ...] = ()
    unverifiable: tuple[Unverifiable, ...] = ()
    changed_by: ChangedBy | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As plain data, whole."""
        return {
            "schema": SCHEMA,
            "host": self.host,
            "site": self.site,
            "platform": self.platform,
            "model": self.model,
            "version": self.version,
            "class": self.classification,
            "message": self.message,
            "read_at": self.read_at,
            "remediable": self.remediable,
            "controls": dict(self.controls),
            "drift": [one.as_dict() for one in self.drift],
            "count": self.count,
            "findings": [dict(one) for one in self.findings],
            "pending": list(self.pending),
            "unverifiable": [one.as_dict() for one in self.unverifiable],
            "changed_by": None if self.changed_by is None else self.changed_by.as_dict(),
            "evidence": dict(self.evidence),
        }

    def small(self) -> dict[str, Any]:
        """As plain data without values and evidence; `record_from` reads it too.

        What this unit should have shown is named, since a class after waivers depends on it.
        """
        whole = self.as_dict()
        whole["message"] = self.message[:200]
        told = ("controls", "subject", "field")
        whole["drift"] = [{name: one.as_dict()[name] for name in told} for one in self.drift[:FEW]]
        told = ("control", "severity", "subject")
        whole["findings"] = [{name: one[name] for name in told} for one in self.findings[:FEW]]
        unread = dict.fromkeys(one.control for one in self.unverifiable if not one.lasting)
        whole["unverifiable"] = [Unverifiable(control, "", False).as_dict() for control in unread]
        return {name: value for name, value in whole.items() if value not in ("", [], {}, None)}


def unsupported(message: str, platform: str, host: str, site: str) -> Record:
    """The record of a device that this collection cannot judge."""
    return Record(
        host=host, site=site, platform=platform, classification=UNSUPPORTED, read_at=now(), message=message
    )


def now() -> str:
    """The time, as records have it."""
    return datetime.now(UTC).strftime(TIME)


@lru_cache(maxsize=4096)
def is_time(text: str) -> bool:
    """Whether this is a time as records have it. Many of them are the same: those of a run."""
    try:
        return datetime.strptime(text, TIME).strftime(TIME) == text
    except ValueError:
        return False


def at(seconds: int) -> str:
    """A time, given in seconds since 1970, as records have it. Raises `ValueError` for what is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime(TIME)
    except (OverflowError, OSError) as error:
        raise ValueError(str(error)) from None


def record_from(data: object, path: str = "record") -> Record:
    """The record that plain data holds, whole or small; `path` names it in errors.

    Raises `InputError` with everything that is wrong with it.
    """
    report = Report()
    record = _record(data, path, report)
    if report.errors:
        raise InputError(report.errors)
    return record


def _record(data: object, path: str, report: Report) -> Record:
    section = Section(data, path, _KEYS, report)
    section.integer("schema", "the schema of records,", SCHEMA, SCHEMA)
    return Record(
        host=section.text("host", "the name of a host", _LINE),
        site=section.text("site", "the name of a site", _LINE),
        platform=_text(section, "platform"),
        model=_text(section, "model"),
        version=_text(section, "version"),
        classification=section.choice("class", CLASSES),
        message=_text(section, "message"),
        read_at=_time(section, "read_at"),
        remediable=section.boolean("remediable", False),
        controls=_controls(section),
        drift=tuple(_difference(Section(item, at, _DIFFERENCE, report)) for at, item in _items(section, "drift")),
        count=section.integer("count", "how many differences there are,", 0, 1_000_000, default=0),
        findings=tuple(_finding(Section(item, at, _FINDING, report)) for at, item in _items(section, "findings")),
        pending=_texts(section, "pending"),
        unverifiable=tuple(
            _unverifiable(Section(item, at, _UNVERIFIABLE, report)) for at, item in _items(section, "unverifiable")
        ),
        changed_by=_changed_by(section),
        evidence=_evidence(section),
    )


_KEYS = (
    "schema",
    "host",
    "site",
    "platform",
    "model",
    "version",
    "class",
    "message",
    "read_at",
    "remediable",
    "controls",
    "drift",
    "count",
    "findings",
    "pending",
    "unverifiable",
    "changed_by",
    "evidence",
)
_DIFFERENCE = ("controls", "subject", "field", "declared", "found")
_FINDING = ("control", "severity", "subject", "evidence", "advice")
_UNVERIFIABLE = ("control", "text", "lasting")
_CHANGED_BY = ("who", "when", "what", "source")
_EVIDENCE = ("rendered", "fetched", "observed")


def _time(section: Section, key: str) -> str:
    what = "a time such as 2026-05-31T01:30:00Z"
    text = section.text(key, what, _ANY)
    if section.given(key) and isinstance(section.raw(key), str) and not is_time(text):
        section.report.reject(section.at(key), text, what)
    return text


def _text(section: Section, key: str) -> str:
    return section.text(key, "text", _ANY) if section.given(key) else ""


def _items(section: Section, key: str) -> list[tuple[str, object]]:
    return section.items(key, "a list", required=False)


def _texts(section: Section, key: str) -> tuple[str, ...]:
    found = _items(section, key)
    for at, item in found:
        if not isinstance(item, str):
            section.report.reject(at, item, "text")
    return tuple(str(item) for dummy, item in found)


def _controls(section: Section) -> dict[str, str]:
    given = section.raw("controls")
    if given is None:
        return {}
    at = section.at("controls")
    results = Section(given, at, tuple(map(str, given)) if isinstance(given, Mapping) else ("ids",), section.report)
    for name in results.names():
        if not _CONTROL.fullmatch(name):
            section.report.reject(at, name, _A_CONTROL)
    return {name: results.choice(name, RESULTS) for name in results.names()}


def _difference(section: Section) -> Difference:
    controls = _texts(section, "controls")
    for name in controls:
        if not _CONTROL.fullmatch(name):
            section.report.reject(section.at("controls"), name, _A_CONTROL)
    return Difference(
        controls=controls,
        subject=section.text("subject", "text", _ANY),
        field=_text(section, "field"),
        declared=_text(section, "declared"),
        found=_text(section, "found"),
    )


def _finding(section: Section) -> dict[str, str]:
    return {
        "control": section.text("control", _A_CONTROL, _CONTROL),
        "severity": section.choice("severity", SEVERITIES),
        "subject": section.text("subject", "text", _ANY),
        "evidence": _text(section, "evidence"),
        "advice": _text(section, "advice"),
    }


def _unverifiable(section: Section) -> Unverifiable:
    return Unverifiable(
        control=section.text("control", _A_CONTROL, _CONTROL),
        text=section.text("text", "text", _ANY),
        lasting=section.boolean("lasting", False),
    )


def _changed_by(section: Section) -> ChangedBy | None:
    if not section.given("changed_by"):
        return None
    inner = Section(section.raw("changed_by"), section.at("changed_by"), _CHANGED_BY, section.report)
    who, when, what, source = (_text(inner, name) for name in _CHANGED_BY)
    return ChangedBy(who, when, what, source)


def _evidence(section: Section) -> dict[str, Any]:
    if not section.given("evidence"):
        return {}
    inner = Section(section.raw("evidence"), section.at("evidence"), _EVIDENCE, section.report)
    return {name: inner.raw(name) for name in _EVIDENCE if inner.named(name)}
