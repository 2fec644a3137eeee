# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one HTML page that needs nothing besides: no script, no request, no font, no image of elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ...secret import CUT
from ..history import UNREAD
from ..record import COMPLIANT, FAIL, NOT_APPLICABLE, PASS, TIME, UNKNOWN, WAIVED, ChangedBy
from ..report import DIFFERENCE, FINDING, PENDING, Device, Point, PostureReport, Site
from ..score import WEIGHTS
from ..waivers import STATES
from ..words import CLASS_WORDS, headline, moment, news
from .charts import attention_chart, score_chart, sparkline
from .markup import Child, Markup, tag
from .page_style import STYLE

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Nothing may be loaded and nothing run, should an escape be missing one day."""
_SIGNS = {PASS: "\u2713", FAIL: "\u2717", UNKNOWN: "?", NOT_APPLICABLE: "\u2013", WAIVED: "W"}
_SIGN_WORDS = {
    PASS: "in place",
    FAIL: "fails",
    UNKNOWN: "unknown: could not be read, and never counts as in place",
    NOT_APPLICABLE: "does not apply",
    WAIVED: "waived",
}
_WAIVER_WORDS = dict(zip(STATES, ("in force", "ends soon", "not needed", "device not seen", "expired"), strict=True))
_MOST_HOSTS = 12
_LONGEST = 400
"""Characters of one text that are shown."""
_MOST_POINTS = 50
"""So many differences of a device are shown; the other formats have all."""


def page(report: PostureReport) -> str:
    """The whole file."""
    body = tag(
        "body",
        tag("header", _head(report)),
        tag(
            "main",
            _trend(report),
            _sites(report),
            _attention(report),
            _also_seen(report),
            _matrix(report),
            _evidence(report),
            _waivers(report),
            _explained(report),
        ),
        tag("footer", f"Made by voip.hardening, {moment(report.time)}. Nothing on any device was changed for it."),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name_="color-scheme", content="light dark"),
        tag("link", rel="icon", href="data:,"),
        tag("title", f"VoIP security{_of_site(report)}: {headline(report)}"),
        tag("style", Markup(STYLE)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en').text}\n"


def _head(report: PostureReport) -> Iterator[Markup]:
    summary, score = report.summary, report.score.percent
    yield tag(
        "div",
        tag("p", f"VoIP security report{_of_site(report)}", class_="kicker"),
        tag("h1", headline(report)),
        tag("p", f"Looked at {moment(report.time)}. ", news(report), class_="sub"),
        tag(
            "ul",
            (tag("li", _badge(name), f" {summary[name]}") for name in CLASS_WORDS if summary[name]),
            tag("li", _mark("expired waiver", "expired"), f" {summary['expired_waivers']}")
            if summary["expired_waivers"]
            else None,
            class_="chips",
        ),
    )
    yield tag(
        "div",
        tag("span", "no score" if score is None else score, class_="number"),
        tag("span", "of 100 points", class_="unit") if score is not None else None,
        _bar(score),
        class_="score",
    )


def _of_site(report: PostureReport) -> str:
    """The name of the site, where the report is about one."""
    return f", {report.sites[0].name}" if len(report.sites) == 1 else ""


def _trend(report: PostureReport) -> Markup | None:
    if len(report.trend) < 2:
        return None
    rows = (
        tag(
            "tr",
            tag("th", night.day, scope="row"),
            tag("td", "" if night.score.percent is None else night.score.percent),
            (tag("td", night.classes[name]) for name in CLASS_WORDS),
        )
        for night in reversed(report.trend)
    )
    words = ((name, word) for name, word in CLASS_WORDS.items() if name != COMPLIANT)
    legend = tag("ul", (tag("li", tag("i", class_=f"key {name}"), word) for name, word in words), class_="legend")
    table = _table("Score and devices by day", ("Day", "Score", *CLASS_WORDS.values()), rows)
    return _section(
        "Trend",
        tag(
            "div",
            _figure("Score of 100", score_chart(report.trend)),
            _figure("Devices that need attention", attention_chart(report.trend), legend),
            class_="charts",
        ),
        tag("details", tag("summary", "As a table"), table, class_="screen"),
    )


def _figure(title: str, *content: Child) -> Markup:
    return tag("figure", tag("figcaption", title), content)


def _sites(report: PostureReport) -> Markup | None:
    if len(report.sites) == 1:
        return None
    worst_first = sorted(report.sites, key=lambda site: (-1 if site.score.percent is None else site.score.percent))
    rows = (_site_row(site) for site in worst_first)
    heads = ("Site", "Score", "Not compliant", "Devices", "Trend")
    return _section("Sites", _table("Score and devices of each site", heads, rows))


def _site_row(site: Site) -> Markup:
    score = site.score.percent
    bad = [(_badge(name), f" {count} ") for name, count in site.classes.items() if count and name != COMPLIANT]
    return tag(
        "tr",
        tag("th", site.name, scope="row"),
        tag("td", tag("b", "no score" if score is None else score), _bar(score), class_="scored"),
        tag("td", bad or "none"),
        tag("td", len(site.devices)),
        tag("td", sparkline(site.trend)),
    )


def _attention(report: PostureReport) -> Markup:
    order = [*list(CLASS_WORDS)[1:], COMPLIANT]
    some = sorted(filter(_needs_attention, report.devices), key=lambda one: order.index(one.classification))
    cards = [_card(device, report) for device in some]
    return _section("What needs attention", tag("div", cards, class_="cards") if cards else tag("p", "Nothing."))


def _needs_attention(device: Device) -> bool:
    return device.classification != COMPLIANT or any(point.kind != FINDING for point in device.points)


def _also_seen(report: PostureReport) -> Markup | None:
    """Findings on devices that need no attention, each with its devices: most of them are the same all over a fleet."""
    seen: dict[tuple[str, str, str, str, bool], list[str]] = {}
    for device in report.devices:
        if not _needs_attention(device):
            for point in device.points:
                text = f"{point.subject}: {point.found}"
                what = (point.severity, point.controls[0], text, point.advice, point.waived)
                seen.setdefault(what, []).append(device.host)
    if not seen:
        return None
    rows = (
        tag(
            "tr",
            tag("th", tag("span", control, class_="control", title=report.title(control)), scope="row"),
            tag("td", _mark(severity, f"severity {severity}"), (" ", _mark("waived", WAIVED)) if waived else None),
            tag("td", _cut(f"{text}. {advice}".strip(". "))),
            tag("td", _few(hosts)),
        )
        for (severity, control, text, advice, waived), hosts in seen.items()
    )
    heads = ("Control", "Severity", "Finding", "Devices")
    return _section("Also seen", _table("Findings on devices that are compliant", heads, rows, "wide"))


def _few(hosts: Sequence[str]) -> str:
    shown = ", ".join(hosts[:_MOST_HOSTS])
    return shown if len(hosts) <= _MOST_HOSTS else f"{shown} and {len(hosts) - _MOST_HOSTS} more"


def _card(device: Device, report: PostureReport) -> Markup:
    record = device.record
    by_kind = {kind: [one for one in device.points if one.kind == kind] for kind in (DIFFERENCE, FINDING, PENDING)}
    differences = by_kind[DIFFERENCE]
    left_out = max(record.count, len(differences)) - len(differences[:_MOST_POINTS])
    unread = [one for one in record.unverifiable if not one.lasting]
    lists = (
        _points("Not as declared", [_difference(one, device, report) for one in differences[:_MOST_POINTS]]),
        tag("p", f"and {left_out} more", class_="sub") if left_out > 0 else None,
        _points("Findings", [_finding(one, device, report) for one in by_kind[FINDING]]),
        _points("Waits for a restart", [_waiting(one, device, report) for one in by_kind[PENDING]]),
        _points("Could not be read", [tag("li", _control(one.control, report), _cut(one.text)) for one in unread]),
    )
    return tag(
        "article",
        tag("h3", tag("span", device.host, class_="name"), " ", _badge(device.classification)),
        tag("p", _about(device), class_="sub"),
        tag("p", _cut(record.message), class_="message") if record.message else None,
        tag("p", f"Last read {moment(device.read)}." if device.read else "Never read so far.", class_="sub")
        if record.classification in UNREAD
        else None,
        _changed_by(record.changed_by),
        lists,
        class_=f"device {device.classification}",
    )


def _about(device: Device) -> str:
    record = device.record
    return " \u00b7 ".join(text for text in (device.site, record.platform, record.model, record.version) if text)


def _changed_by(by: ChangedBy | None) -> Markup | None:
    if by is None:
        return None
    return tag(
        "p", "Last changed by ", tag("b", by.who or "somebody unnamed"), f", {by.when}: {by.what} ",
        tag("span", f"(according to its {by.source})", class_="sub"), class_="by",
    )  # fmt: skip


def _points(title: str, items: Sequence[Markup]) -> Markup | None:
    return tag("div", tag("h4", title), tag("ul", items, class_="points")) if items else None


def _difference(point: Point, device: Device, report: PostureReport) -> Markup:
    values = tag(
        "dl",
        tag("dt", "declared"),
        tag("dd", _cut(point.declared) or "absent", class_="declared"),
        tag("dt", "found"),
        tag("dd", _cut(point.found) or "absent", class_="found"),
    )
    return tag(
        "li",
        tag("div", tag("code", _cut(point.subject)), " ", tag("code", point.field, class_="field")),
        values if point.declared or point.found else None,
        _foot(point, device, report),
        class_="waived" if point.waived else None,
    )


def _finding(point: Point, device: Device, report: PostureReport) -> Markup:
    return tag(
        "li",
        tag("div", _mark(point.severity, f"severity {point.severity}"), " ", _cut(point.subject)),
        tag("div", _cut(f"{point.found}. {point.advice}".strip(". "))) if point.found or point.advice else None,
        _foot(point, device, report),
        class_="waived" if point.waived else None,
    )


def _waiting(point: Point, device: Device, report: PostureReport) -> Markup:
    return tag("li", tag("div", _cut(point.subject)), _foot(point, device, report))


def _foot(point: Point, device: Device, report: PostureReport) -> Markup:
    controls = (_control(control, report) for control in point.controls)
    waived = (" ", _mark("waived", WAIVED)) if point.waived else None
    return tag("div", controls, _since(point, device, report), waived)


def _since(point: Point, device: Device, report: PostureReport) -> Markup | None:
    if not point.since:
        return None
    told = f" since {point.since[:10]}, {_age(point.since, report.time)}"
    if point.since == device.read:
        told = " first seen in this run"
    return tag("span", tag("time", told, datetime=point.since), class_="sub")


def _control(control: str, report: PostureReport) -> Child:
    return tag("span", control, class_="control", title=report.title(control)), " "


def _matrix(report: PostureReport) -> Markup:
    columns = report.column_ids
    head = tag(
        "tr",
        tag("th", "Device", scope="col", class_="pinned"),
        (tag("th", tag("abbr", control, title=report.title(control)), scope="col") for control in columns),
    )
    groups = (
        tag(
            "tbody",
            tag("tr", tag("th", site.name, scope="rowgroup", colspan=len(columns) + 1, class_="group")),
            (_matrix_row(device, columns) for device in site.devices),
        )
        for site in report.sites
    )
    table = tag(
        "table",
        tag("caption", "Result of each control on each device", class_="hidden"),
        tag("thead", head),
        groups,
        class_="matrix",
    )
    key = (tag("li", tag("b", _SIGNS[name], class_=name), word) for name, word in _SIGN_WORDS.items())
    return _section("Controls and devices", tag("ul", key, class_="legend"), _scroller("Controls and devices", table))


def _matrix_row(device: Device, columns: Iterable[str]) -> Markup:
    name = tag("th", device.host, scope="row", class_="pinned")
    return tag("tr", name, (_matrix_cell(device.results.get(control)) for control in columns))


def _matrix_cell(result: str | None) -> Markup:
    if result is None:
        return tag("td")
    return tag("td", _SIGNS[result], tag("span", f" {result}", class_="hidden"), class_=result)


def _evidence(report: PostureReport) -> Markup:
    levels = ("rendered", "fetched", "observed")
    shown = [name for name in levels if any(name in device.record.evidence for device in report.devices)]
    heads = ("Device", "Class", "Kind", "Model", "Version", "Read", "Age", *shown)
    rows = (
        tag(
            "tr",
            tag("th", device.host, scope="row", class_="pinned"),
            tag("td", _badge(device.classification)),
            (tag("td", text) for text in (device.record.platform, device.record.model, device.record.version)),
            tag("td", moment(device.read) if device.read else "never", class_="time"),
            tag("td", _age(device.read, report.time), class_="time"),
            (tag("td", _evidence_word(device, name)) for name in shown),
        )
        for device in report.devices
    )
    return _section("Evidence", _table("When each device was read, and what is known of it", heads, rows))


def _evidence_word(device: Device, name: str) -> str:
    if name not in device.record.evidence:
        return ""
    value = device.record.evidence[name]
    if value is None:
        return "unknown"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _waivers(report: PostureReport) -> Markup:
    heads = ("Control", "Device or site", "State", "Until", "Reason", "Approved by", "Lets pass")
    if not report.waivers:
        return _section("Waivers", tag("p", "There are none."))
    rows = (
        tag(
            "tr",
            tag("th", one.waiver.control, scope="row"),
            tag("td", one.waiver.device),
            tag("td", _mark(_WAIVER_WORDS[one.state], one.state)),
            tag("td", one.waiver.expires.isoformat(), class_="time"),
            tag("td", one.waiver.reason),
            tag("td", one.waiver.approver),
            tag("td", _few(one.hosts) or "nothing"),
        )
        for one in report.waivers
    )
    note = "An expired waiver counts for nothing, and is a failure until it is removed or renewed."
    return _section(
        "Waivers",
        _table("Controls that devices may fail, until when and why", heads, rows, "wide"),
        tag("p", note, class_="sub") if report.expired else None,
    )


def _explained(report: PostureReport) -> Markup:
    rows = (
        tag(
            "tr",
            tag("th", control, scope="row"),
            tag("td", _mark(report.severity(control), f"severity {report.severity(control)}")),
            tag("td", tag("b", f"{report.title(control)}."), " ", report.why(control)),
        )
        for control in report.column_ids
    )
    heads = ("Control", "Severity", "What it asks for, and why")
    points = ", ".join(f"{weight} if {severity}" for severity, weight in WEIGHTS.items())
    score = (
        "The score is the share of what is asked for that was shown to be in place. A control has as many points as it "
        f"is severe: {points}. What could not be read counts as not in place; what is waived or does not apply is not "
        "counted."
    )
    table = _table("What the controls ask for", heads, rows, "wide")
    return _section("What was looked at", tag("p", score, class_="sub"), table)


def _section(title: str, *content: Child) -> Markup:
    return tag("section", tag("h2", title), content)


def _table(label: str, heads: Iterable[str], rows: Child, class_: str | None = None) -> Markup:
    columns = tag("tr", (tag("th", name, scope="col") for name in heads))
    caption = tag("caption", label, class_="hidden")
    return _scroller(label, tag("table", caption, tag("thead", columns), tag("tbody", rows), class_=class_))


def _scroller(label: str, content: Markup) -> Markup:
    """A table that is wider than a phone scrolls in itself, also by keyboard."""
    return tag("div", content, class_="scroller", role="region", aria_label=label, tabindex=0)


def _badge(classification: str) -> Markup:
    return _mark(CLASS_WORDS[classification], classification)


def _mark(text: str, kind: str) -> Markup:
    return tag("span", text, class_=f"mark {kind}")


def _bar(percent: int | None) -> Markup | None:
    if percent is None:
        return None
    level = "good" if percent >= 90 else "fair" if percent >= 70 else "poor"
    return tag("span", tag("i", style=f"width:{percent}%", class_=level), class_="bar", aria_hidden="true")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}{CUT} ({len(text) - _LONGEST} more characters)"


def _age(time: str, now: str) -> str:
    if not time:
        return ""
    minutes = max(0, int((datetime.strptime(now, TIME) - datetime.strptime(time, TIME)).total_seconds()) // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
