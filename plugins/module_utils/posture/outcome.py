# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `posture_report` returns. Pure."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from .report import PostureReport
from .words import headline, plain_text


def outcome(report: PostureReport, fail_on: Container[str]) -> dict[str, Any]:
    """The result of the module but for the files. Classes are those after waivers.

    Records are as they were before, so that a report which is made of the records of several runs applies waivers once.
    """
    return {
        "classes": report.classes,
        "summary": report.summary,
        "drifted": [one.host for one in report.devices if one.would_change],
        "failing": [one.host for one in report.devices if one.classification in fail_on],
        "expired_waivers": [one.waiver.as_dict() for one in report.expired],
        "records": [one.record.small() for one in report.devices],
        "headline": headline(report),
        "text": plain_text(report),
    }
