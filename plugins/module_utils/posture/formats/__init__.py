# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms in which a report is written: for each a function from the report to files by their names. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import quote

from ..report import PostureReport
from .junit import junit
from .metrics import metrics
from .page import page
from .table import table

Files: TypeAlias = Mapping[str, str]
"""Texts by the names of files below the folder of reports."""
PAGE = "posture.html"
_LONGEST_NAME = 120


def canonical(report: PostureReport) -> str:
    """The report as JSON: the same report is always the same text."""
    return json.dumps(report.as_dict(), sort_keys=True, indent=2) + "\n"


def site_pages(report: PostureReport) -> Files:
    """A page for each site, which has nothing of any other site."""
    return {f"sites/{_file_name(site.name)}-{PAGE}": page(report.of(site)) for site in report.sites}


def _file_name(text: str) -> str:
    """A name that has no folder in it and is no longer than a file's may be; different ones stay different."""
    name = quote(text, safe="", errors="surrogatepass")
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME]}~{hashlib.sha256(name.encode('ascii')).hexdigest()[:16]}"


FORMATS: Mapping[str, Callable[[PostureReport], Files]] = {
    "json": lambda report: {"posture.json": canonical(report)},
    "html": lambda report: {PAGE: page(report)},
    "sites": site_pages,
    "junit": lambda report: {"posture.xml": junit(report)},
    "csv": lambda report: {"posture.csv": table(report)},
    "prometheus": lambda report: {"voip_posture.prom": metrics(report)},
}
