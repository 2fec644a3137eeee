# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control catalogue as typed data; the facts themselves are in ``data/controls.yml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .model import Severity
from .reading import InputError, Report, Section

Assessment = Literal["none", "partial", "full"]

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
ASSESSMENTS: tuple[Assessment, ...] = ("none", "partial", "full")
KEYS = (
    "id",
    "title",
    "why",
    "severity",
    "assessed_by",
    "enforced_by",
    "evidence",
    "assessed_today",
    "limits",
)

_ID = re.compile(r"[A-Z]{2,4}-[1-9]", re.ASCII)
_LINE = re.compile(r"[^\x00-\x1f]+")
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One thing that is asked of a site."""

    id: str
    title: str
    why: str
    severity: Severity
    """Of a failure."""
    assessed_by: str
    enforced_by: tuple[str, ...]
    """Modules that bring a device into the wanted state; empty when there is none."""
    evidence: str
    assessed_today: Mapping[str, Assessment]
    """By platform name."""
    limits: str
    """What a partial assessment leaves out; empty when no assessment is partial."""


class CatalogueError(InputError):
    """The catalogue is malformed; ``errors`` holds every reason."""


def load_controls(rows: object) -> dict[str, Control]:
    """The controls of the parsed catalogue by id, in the order of the file.

    :raises CatalogueError: with all errors.
    """
    report = Report()
    controls: dict[str, Control] = {}
    if not isinstance(rows, list) or not rows:
        report.reject("controls", rows, "a list of controls")
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        control = _control(row, f"controls[{index}]", report)
        if control.id in controls:
            report.reject(f"controls[{index}].id", control.id, "an id that no other control has")
        controls[control.id] = control
    if report.errors:
        raise CatalogueError(report.errors)
    return controls


def _control(row: object, path: str, report: Report) -> Control:
    section = Section(row, path, KEYS, report)
    platforms = section.raw("assessed_today")
    names = tuple(str(name) for name in platforms) if isinstance(platforms, Mapping) else ()
    today = Section(platforms, section.at("assessed_today"), names or ("a platform",), report)
    assessed_today = {name: today.choice(name, ASSESSMENTS) for name in names}
    control = Control(
        id=section.text("id", "an id such as FW-1", _ID),
        title=section.text("title", "one line", _LINE),
        why=section.text("why", "one paragraph", _LINE),
        severity=section.choice("severity", SEVERITIES),
        assessed_by=section.text("assessed_by", "one paragraph", _LINE),
        enforced_by=_modules(section),
        evidence=section.text("evidence", "one paragraph", _LINE),
        assessed_today=assessed_today,
        limits=section.text("limits", "one paragraph", _LINE) if section.given("limits") else "",
    )
    if ("partial" in assessed_today.values()) != bool(control.limits) and not report.failed(path):
        report.reject(
            section.at("limits"), control.limits, "what the assessment leaves out, where it is partial and only there"
        )
    return control


def _modules(section: Section) -> tuple[str, ...]:
    modules = []
    for path, value in section.items("enforced_by", "a list of module names", required=False):
        if isinstance(value, str) and _NAME.fullmatch(value):
            modules.append(value)
        else:
            section.report.reject(path, value, "the name of a module")
    return tuple(modules)
