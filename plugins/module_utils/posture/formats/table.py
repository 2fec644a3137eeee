# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as a table for a spreadsheet, one line an open point of a device, and one a device without any. Pure.

A cell that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises: what a phone calls
itself is not to be carried out on the desk of who reads of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ...text import visible
from ..report import Device, Point, PostureReport

COLUMNS = (
    "site", "device", "platform", "model", "version", "class", "score", "kind", "controls", "severity", "subject",
    "field", "declared", "found", "since", "waived", "changed_by", "message", "read_at",
)  # fmt: skip
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a formula begins with; also in the full width that some spreadsheets read as the same."""


def table(report: PostureReport) -> str:
    """The whole file, lines ended as RFC 4180 has them."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for device in report.devices:
        for row in _rows(device, report):
            writer.writerow([_cell(row.get(name, "")) for name in COLUMNS])
    return stream.getvalue()


def _cell(text: str) -> str:
    return f"'{visible(text)}" if text.lstrip(" ").startswith(_FORMULA) else visible(text)


def _rows(device: Device, report: PostureReport) -> Iterator[dict[str, str]]:
    record, by = device.record, device.record.changed_by
    common = {
        "site": device.site,
        "device": device.host,
        "platform": record.platform,
        "model": record.model,
        "version": record.version,
        "class": device.classification,
        "score": "" if device.score.percent is None else str(device.score.percent),
        "changed_by": "" if by is None else f"{by.who} {by.when} {by.what} ({by.source})",
        "message": record.message,
        "read_at": device.read,
    }
    for point in device.points:
        yield {**common, **_point(point, report)}
    if not device.points:
        yield common


def _point(point: Point, report: PostureReport) -> dict[str, str]:
    return {
        "kind": point.kind,
        "controls": " ".join(point.controls),
        "severity": point.severity or report.worst(point.controls),
        "subject": point.subject,
        "field": point.field,
        "declared": point.declared,
        "found": point.found,
        "since": point.since,
        "waived": "yes" if point.waived else "no",
    }
