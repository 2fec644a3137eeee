# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report in a few words, for who reads no more than that. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..text import visible
from .record import COMPLIANT
from .report import DIFFERENCE, PENDING, Device, PostureReport

CLASS_WORDS = {
    "compliant": "compliant",
    "drift": "drifted",
    "unreachable": "unreachable",
    "error": "failed",
    "unsupported": "not judged",
}
_MOST_DEVICES = 30
_MOST_POINTS = 3


def headline(report: PostureReport) -> str:
    """The run in a line."""
    every = len(report.devices)
    bad = every - report.summary[COMPLIANT]
    if bad:
        return f"{bad} of {several(every, 'device')} {'needs' if bad == 1 else 'need'} attention"
    return "The device is as declared" if every == 1 else f"All {every} devices are as declared"


def news(report: PostureReport) -> str:
    """What is new since the run before, in a sentence."""
    if not report.compared:
        return "There is no earlier run to compare with."
    appeared, resolved = report.summary["appeared"], report.summary["resolved"]
    if not appeared and not resolved:
        return "Nothing is new since the run before."
    return f"Since the run before: {appeared} new, {resolved} resolved."


def plain_text(report: PostureReport) -> str:
    """The run in as many lines as fit a mail or a message; text of devices has no control characters."""
    return "\n".join(visible(line) for line in _lines(report)) + "\n"


def _lines(report: PostureReport) -> Iterator[str]:
    summary, score = report.summary, report.score.percent
    yield f"{headline(report)}. {'' if score is None else f'Score {score} of 100. '}{news(report)}"
    yield f"Looked at {moment(report.time)}."
    yield "  ".join(f"{word}: {summary[name]}" for name, word in CLASS_WORDS.items() if summary[name])
    for one in report.expired:
        yield f"Waiver of {one.waiver.control} for {one.waiver.device} expired on {one.waiver.expires}."
    bad = [device for device in report.devices if device.classification != COMPLIANT]
    for device in bad[:_MOST_DEVICES]:
        yield ""
        yield f"{device.site} / {device.host}: {CLASS_WORDS[device.classification]}{_why(device)}"
        yield from _points(device)
    if len(bad) > _MOST_DEVICES:
        yield ""
        yield f"and {len(bad) - _MOST_DEVICES} more"


def _why(device: Device) -> str:
    message = " ".join(device.record.message.split())
    return f" ({message[:160]})" if message else ""


def _points(device: Device) -> Iterator[str]:
    points = [point for point in device.points if point.kind in (DIFFERENCE, PENDING) and not point.waived]
    for point in points[:_MOST_POINTS]:
        about = " ".join(f"{point.subject} {point.field}".split())
        yield f"  {' '.join(point.controls)} {about[:120]}".rstrip() + (
            f" (since {point.since[:10]})" if point.since else ""
        )
    count = max(len(points), device.record.count)
    if count > _MOST_POINTS:
        yield f"  and {count - min(len(points), _MOST_POINTS)} more"


def several(count: int, noun: str) -> str:
    """So many of something."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def moment(time: str) -> str:
    """A time of a record as people read it; it is UTC."""
    return f"{time[:10]} {time[11:16]} UTC"
