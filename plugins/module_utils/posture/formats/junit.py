# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JUnit XML, for what shows test results: a suite a site, a case a device and control. Pure."""

from __future__ import annotations

from xml.etree import ElementTree

from ...text import visible
from ..record import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, WAIVED
from ..report import Device, PostureReport

_OUTCOMES = ("failure", "error", "skipped")


def junit(report: PostureReport) -> str:
    """The whole document.

    A control that fails is a failure; one that should have been known and is not, and a device that could not be
    judged, is an error; one that no unit of the model shows, is waived or does not apply is skipped.
    """
    root = ElementTree.Element("testsuites", {"name": "voip.hardening posture"})
    for site in report.sites:
        suite = _suite(root, site.name, report)
        for device in site.devices:
            _device(suite, device, report)
    waivers = _suite(root, "waivers", report)
    for one in report.expired:
        case = _case(waivers, "waivers", f"{one.waiver.control} {one.waiver.device}")
        _outcome(case, "failure", "expired", f"expired on {one.waiver.expires}: {one.waiver.reason}")
    for suite in (*root, root):
        _count(suite)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(root: ElementTree.Element, name: str, report: PostureReport) -> ElementTree.Element:
    given = {"name": visible(name), "timestamp": report.time.removesuffix("Z"), "time": "0"}
    return ElementTree.SubElement(root, "testsuite", given)


def _device(suite: ElementTree.Element, device: Device, report: PostureReport) -> None:
    case = _case(suite, device.host, "can be judged")
    if device.record.message:
        _outcome(case, "error", device.classification, device.record.message)
    for control in (one for one in report.column_ids if one in device.results):
        case = _case(suite, device.host, f"{control} {report.title(control)}")
        kind, message = _told(device, control)
        if kind:
            _outcome(case, kind, report.severity(control), message, _details(device, control))


def _told(device: Device, control: str) -> tuple[str, str]:
    """The kind of outcome of a control, empty for passed, and what is said of it."""
    result = device.results[control]
    if result == UNKNOWN:
        return ("skipped", "no unit of this model shows it") if device.judged(control) else ("error", "unknown")
    if result == WAIVED:
        waiver = device.waivers.get(control)
        told = f" until {waiver.expires} by {waiver.approver}: {waiver.reason}" if waiver else ""
        return "skipped", f"waived{told}"
    return {
        PASS: ("", ""),
        FAIL: ("failure", "not as declared"),
        NOT_APPLICABLE: ("skipped", "does not apply"),
    }[result]


def _details(device: Device, control: str) -> str:
    lines = []
    for point in device.points:
        if control in point.controls:
            values = f": declared {point.declared!r}, found {point.found!r}" if point.declared or point.found else ""
            since = f", since {point.since}" if point.since else ""
            lines.append(f"{point.subject} {point.field}".rstrip() + values + since)
    return "\n".join(lines)


def _case(suite: ElementTree.Element, owner: str, name: str) -> ElementTree.Element:
    given = {"classname": visible(owner), "name": visible(name), "time": "0"}
    return ElementTree.SubElement(suite, "testcase", given)


def _outcome(case: ElementTree.Element, kind: str, sort: str, message: str, details: str = "") -> None:
    given = {"message": visible(message)} if kind == "skipped" else {"type": sort, "message": visible(message)}
    ElementTree.SubElement(case, kind, given).text = visible(details) or None


def _count(element: ElementTree.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    for kind in _OUTCOMES:
        name = kind if kind == "skipped" else f"{kind}s"
        element.set(name, str(len(list(element.iter(kind)))))
