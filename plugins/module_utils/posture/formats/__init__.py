# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms in which a report is written: for each a file name and a function from the report to its text. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..report import PostureReport
from .junit import junit
from .metrics import metrics
from .page import page
from .table import table


@dataclass(frozen=True, slots=True)
class Format:
    """One of them."""

    file_name: str
    text: Callable[[PostureReport], str]


def canonical(report: PostureReport) -> str:
    """The report as JSON: the same report is always the same text."""
    return json.dumps(report.as_dict(), sort_keys=True, indent=2) + "\n"


FORMATS: Mapping[str, Format] = {
    "json": Format("posture.json", canonical),
    "html": Format("posture.html", page),
    "junit": Format("posture.xml", junit),
    "csv": Format("posture.csv", table),
    "prometheus": Format("voip_posture.prom", metrics),
}
