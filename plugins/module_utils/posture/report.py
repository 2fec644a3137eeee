# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run as a whole: every device with its waivers and its history, sites, scores and the trend. Pure.

Everything that a report shows is here; the formats only write it down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from ..findings import SEVERITIES
from ..policy.catalogue import Control
from .history import UNREAD, History, Line, finding_key, key_of, since_of
from .record import CLASSES, COMPLIANT, DRIFT, FAIL, TIME, UNKNOWN, UNSUPPORTED, WAIVED, Record
from .score import Score, score_of, severity_of, total
from .waivers import ENDING, ENDS_SOON, EXPIRED, IN_FORCE, UNNEEDED, UNSEEN, Waiver

SCHEMA = 1
DIFFERENCE, FINDING, PENDING = KINDS = ("difference", "finding", "pending")
"""What is open on a device: not as declared, seen and not changed by us, waiting for a restart."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that is open on a device. `since`: when a run first saw it; empty where that was not kept.

    A difference has what is declared and what was found; a finding its severity, its evidence in `found` and advice.
    """

    kind: str
    controls: tuple[str, ...]
    subject: str
    field: str = ""
    declared: str = ""
    found: str = ""
    severity: str = ""
    advice: str = ""
    since: str = ""
    waived: bool = False

    def as_dict(self) -> dict[str, Any]:
        data = {name: getattr(self, name) for name in self.__slots__}
        return {**data, "controls": list(self.controls)}


@dataclass(frozen=True, slots=True)
class Device:
    """One device, as it stands after waivers.

    `results`: by control; of a device that could not be looked at, unknown for each control that it should have.
    `since`: what the history is to keep of it. `read`: when it was last read, empty for never.
    `appeared`, `resolved`: how many points are new since the run before, and gone.
    """

    record: Record
    classification: str
    results: Mapping[str, str]
    score: Score
    points: tuple[Point, ...]
    since: Mapping[str, str]
    waivers: Mapping[str, Waiver]
    read: str
    appeared: int
    resolved: int

    @property
    def host(self) -> str:
        return self.record.host

    @property
    def site(self) -> str:
        return self.record.site

    @property
    def would_change(self) -> bool:
        """Whether a run of harden.yml would change something on it."""
        return self.classification == DRIFT and self.record.remediable

    def judged(self, control: str) -> bool:
        """Whether nothing more could have been known of a control: it was read, or no unit of this model shows it."""
        if self.results[control] != UNKNOWN:
            return True
        return self.classification not in UNREAD and control not in _not_shown(self.record)

    def as_dict(self) -> dict[str, Any]:
        return {
            **{name: getattr(self.record, name) for name in ("host", "site", "platform", "model", "version")},
            "class": self.classification,
            "class_without_waivers": self.record.classification,
            "message": self.record.message,
            "remediable": self.would_change,
            "score": self.score.percent,
            "controls": dict(self.results),
            "waived": {control: waiver.as_dict() for control, waiver in self.waivers.items()},
            "count": self.record.count,
            "points": [point.as_dict() for point in self.points],
            "unverifiable": [one.as_dict() for one in self.record.unverifiable],
            "changed_by": None if self.record.changed_by is None else self.record.changed_by.as_dict(),
            "evidence": dict(self.record.evidence),
            "looked_at": self.record.read_at,
            "read_at": self.read,
        }


@dataclass(frozen=True, slots=True)
class Site:
    """The devices of one site."""

    name: str
    devices: tuple[Device, ...]
    trend: tuple[Night, ...]

    @property
    def score(self) -> Score:
        return total(device.score for device in self.devices)

    @property
    def classes(self) -> dict[str, int]:
        """How many devices are in each class."""
        return counted(device.classification for device in self.devices)

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "score": self.score.percent,
            "devices": len(self.devices),
            "classes": self.classes,
            "trend": [night.as_dict() for night in self.trend],
        }


@dataclass(frozen=True, slots=True)
class Night:
    """How devices stood on one day (UTC), each as it was seen for the last time on that day."""

    day: str
    classes: Mapping[str, int]
    score: Score

    def as_dict(self) -> dict[str, Any]:
        return {"day": self.day, "score": self.score.percent, "classes": dict(self.classes)}


@dataclass(frozen=True, slots=True)
class StandingWaiver:
    """A waiver and what it is; `hosts`: where it lets something pass."""

    waiver: Waiver
    state: str
    hosts: tuple[str, ...]

    def among(self, hosts: Container[str]) -> StandingWaiver:
        """What it is to these hosts, which are among those that it is about."""
        here = tuple(host for host in self.hosts if host in hosts)
        return StandingWaiver(self.waiver, self.state if here or self.state == EXPIRED else UNNEEDED, here)

    def as_dict(self) -> dict[str, Any]:
        return {**self.waiver.as_dict(), "state": self.state, "hosts": list(self.hosts)}


@dataclass(frozen=True, slots=True)
class PostureReport:
    """All of it. `controls`: the catalogue. `column_ids`: every control that a device has a result for, in the order of
    the catalogue, others after them. `compared`: whether there was an earlier run to compare with."""

    time: str
    devices: tuple[Device, ...]
    sites: tuple[Site, ...]
    trend: tuple[Night, ...]
    waivers: tuple[StandingWaiver, ...]
    controls: Mapping[str, Control]
    column_ids: tuple[str, ...]
    compared: bool

    @property
    def score(self) -> Score:
        return total(device.score for device in self.devices)

    @property
    def classes(self) -> dict[str, list[str]]:
        """The names of hosts by class; every class is there."""
        return {name: [one.host for one in self.devices if one.classification == name] for name in CLASSES}

    @property
    def expired(self) -> tuple[StandingWaiver, ...]:
        return tuple(one for one in self.waivers if one.state == EXPIRED)

    @property
    def summary(self) -> dict[str, Any]:
        """Counts of the run."""
        return {
            "devices": len(self.devices),
            "sites": len(self.sites),
            **counted(device.classification for device in self.devices),
            "score": self.score.percent,
            "differences": sum(device.record.count for device in self.devices),
            "appeared": sum(device.appeared for device in self.devices) if self.compared else None,
            "resolved": sum(device.resolved for device in self.devices) if self.compared else None,
            "waived": sum(len(device.waivers) for device in self.devices),
            "expired_waivers": len(self.expired),
        }

    def severity(self, control: str) -> str:
        """How bad it is to fail a control."""
        return severity_of(control, self.controls)

    def worst(self, controls: Iterable[str]) -> str:
        """How bad it is to fail any of them; empty where there are none."""
        return max(map(self.severity, controls), key=SEVERITIES.index, default="")

    def title(self, control: str) -> str:
        """What a control asks for; its id where the catalogue does not have it."""
        return self.controls[control].title if control in self.controls else control

    def why(self, control: str) -> str:
        """Why a control is asked for; empty where the catalogue does not have it."""
        return self.controls[control].why if control in self.controls else ""

    def of(self, site: Site) -> PostureReport:
        """The report of one site, which has nothing of any other one: it may be another customer's."""
        hosts = {device.host for device in site.devices}
        waivers = (
            one.among(hosts)
            for one in self.waivers
            if any(one.waiver.covers(device.host, site.name) for device in site.devices)
        )
        return replace(
            self,
            devices=site.devices,
            sites=(site,),
            trend=site.trend,
            waivers=tuple(waivers),
            column_ids=_columns(site.devices, self.controls),
        )

    def lines(self) -> list[Line]:
        """What the history is to keep of this run."""
        return [
            Line(self.time, one.host, one.site, one.classification, one.score, one.since, one.read)
            for one in self.devices
        ]

    def as_dict(self) -> dict[str, Any]:
        """As plain data; its schema is shipped in `data/posture_report.schema.json`."""
        return {
            "schema": SCHEMA,
            "generated_at": self.time,
            "summary": self.summary,
            "classes": self.classes,
            "controls": [
                {"id": control, "title": self.title(control), "severity": self.severity(control)}
                for control in self.column_ids
            ],
            "sites": [site.as_dict() for site in self.sites],
            "devices": [device.as_dict() for device in self.devices],
            "waivers": [one.as_dict() for one in self.waivers],
            "trend": [night.as_dict() for night in self.trend],
        }


def counted(classes: Iterable[str]) -> dict[str, int]:
    """How many there are of each class; every class is there."""
    found = Counter(classes)
    return {name: found[name] for name in CLASSES}


def reported(
    records: Iterable[Record],
    waivers: Mapping[str, Sequence[Waiver]],
    history: History,
    controls: Mapping[str, Control],
    time: str,
) -> PostureReport:
    """The report of a run: of several records of a host the last one counts.

    `waivers`: by host, those that are declared for it, whatever device they are about. `controls`: the catalogue.
    `time`: of this run.
    """
    today = datetime.strptime(time, TIME).date()
    newest: dict[str, Record] = {}
    for record in sorted(records, key=lambda one: one.read_at):
        newest[record.host] = record
    expected = _Expected(newest.values(), controls)
    devices = tuple(
        sorted(
            (
                _device(record, waivers.get(host, ()), history.last.get(host), expected, controls, today)
                for host, record in newest.items()
            ),
            key=lambda one: (one.site, one.host),
        )
    )
    past = [line for line in history.lines if line.host in newest]
    standing, columns = _standing(devices, waivers, today), _columns(devices, controls)
    unfinished = PostureReport(time, devices, (), (), standing, controls, columns, bool(past))
    nights = _nights([*past, *unfinished.lines()])
    return replace(unfinished, sites=_sites(devices, nights), trend=_trend(nights))


class _Expected:
    """Which controls a device that could not be looked at should have: those of its platform in this run, or else of
    the catalogue; where it says nothing of the platform, all that it could be asked for."""

    def __init__(self, records: Iterable[Record], controls: Mapping[str, Control]) -> None:
        self._seen: dict[str, dict[str, None]] = {}
        for record in records:
            self._seen.setdefault(record.platform, {}).update(dict.fromkeys(record.controls))
        self._controls = controls

    def of(self, platform: str) -> tuple[str, ...]:
        listed = [
            name for name, one in self._controls.items() if one.assessed_today.get(platform, "none") != "none"
        ] or [name for name, one in self._controls.items() if set(one.assessed_today.values()) != {"none"}]
        return tuple(self._seen.get(platform) or listed)


def _not_shown(record: Record) -> set[str]:
    """Controls of which this unit should have shown something, and did not."""
    return {one.control for one in record.unverifiable if not one.lasting}


def _device(
    record: Record,
    declared: Sequence[Waiver],
    before: Line | None,
    expected: _Expected,
    controls: Mapping[str, Control],
    today: date,
) -> Device:
    applied = {
        waiver.control: waiver
        for waiver in sorted(declared, key=lambda one: one.expires)
        if record.controls.get(waiver.control) == FAIL
        and waiver.covers(record.host, record.site)
        and not waiver.has_expired(today)
    }
    results = {name: WAIVED if name in applied else result for name, result in record.controls.items()}
    if not results:
        results = dict.fromkeys(expected.of(record.platform), UNKNOWN)
    since = since_of(record, before)
    read = record.classification not in UNREAD
    known = before.since if before else {}
    return Device(
        record=record,
        classification=_class_after(record, results),
        results=results,
        score=score_of(results, controls),
        points=_points(record, since, applied),
        since=since,
        waivers=applied,
        read=record.read_at if read else (before.read if before else ""),
        appeared=len(set(since) - set(known)),
        resolved=len(set(known) - set(since)),
    )


def _class_after(record: Record, results: Mapping[str, str]) -> str:
    """The class of a device after waivers: they can only make something of drift."""
    if record.classification != DRIFT or WAIVED not in results.values() or FAIL in results.values():
        return record.classification
    return UNSUPPORTED if _not_shown(record) else COMPLIANT


def _points(record: Record, since: Mapping[str, str], waived: Mapping[str, Waiver]) -> tuple[Point, ...]:
    def is_waived(controls: Iterable[str]) -> bool:
        return bool(waived) and set(controls) <= set(waived)

    differences = (
        Point(
            kind=DIFFERENCE,
            controls=one.controls,
            subject=one.subject,
            field=one.field,
            declared=one.declared,
            found=one.found,
            since=since.get(key_of(DIFFERENCE, one.key), ""),
            waived=is_waived(one.controls) and bool(one.controls),
        )
        for one in record.drift
    )
    findings = (
        Point(
            kind=FINDING,
            controls=(one["control"],),
            subject=one["subject"],
            found=one.get("evidence", ""),
            severity=one["severity"],
            advice=one.get("advice", ""),
            since=since.get(finding_key(one), ""),
            waived=is_waived((one["control"],)),
        )
        for one in sorted(record.findings, key=lambda one: -SEVERITIES.index(one["severity"]))
    )
    pending = (
        Point(kind=PENDING, controls=(), subject=one, since=since.get(key_of(PENDING, one), ""))
        for one in record.pending
    )
    return (*differences, *findings, *pending)


def _standing(
    devices: Sequence[Device], declared: Mapping[str, Sequence[Waiver]], today: date
) -> tuple[StandingWaiver, ...]:
    """Every waiver of the run once, with what it is; what has ended first."""
    used: dict[Waiver, list[str]] = {}
    seen: set[Waiver] = set()
    for device in devices:
        for waiver in device.waivers.values():
            used.setdefault(waiver, []).append(device.host)
        seen.update(one for one in declared.get(device.host, ()) if one.covers(device.host, device.site))

    def state(waiver: Waiver) -> str:
        if waiver.has_expired(today):
            return EXPIRED
        if waiver not in seen:
            return UNSEEN
        if waiver not in used:
            return UNNEEDED
        return ENDING if (waiver.expires - today).days < ENDS_SOON else IN_FORCE

    every = {waiver for some in declared.values() for waiver in some}
    return tuple(
        StandingWaiver(one, state(one), tuple(used.get(one, ())))
        for one in sorted(every, key=lambda one: (one.expires, one))
    )


def _columns(devices: Iterable[Device], controls: Mapping[str, Control]) -> tuple[str, ...]:
    named = {control for device in devices for control in device.results}
    return (*(control for control in controls if control in named), *sorted(named - set(controls)))


def _nights(lines: Iterable[Line]) -> dict[str, dict[str, Line]]:
    """The last line of each host on each day, by day and host."""
    nights: dict[str, dict[str, Line]] = {}
    for line in sorted(lines, key=lambda one: one.time):
        nights.setdefault(line.time[:10], {})[line.host] = line
    return nights


def _trend(nights: Mapping[str, Mapping[str, Line]]) -> tuple[Night, ...]:
    return tuple(_night(day, lines.values()) for day, lines in nights.items())


def _night(day: str, lines: Iterable[Line]) -> Night:
    some = list(lines)
    return Night(day, counted(line.classification for line in some), total(line.score for line in some))


def _sites(devices: Sequence[Device], nights: Mapping[str, Mapping[str, Line]]) -> tuple[Site, ...]:
    of_site: dict[str, list[Device]] = {}
    for device in devices:
        of_site.setdefault(device.site, []).append(device)
    site_of = {device.host: device.site for device in devices}
    trends: dict[str, list[Night]] = {}
    for day, lines in nights.items():
        there: dict[str, list[Line]] = {}
        for line in lines.values():
            there.setdefault(site_of[line.host], []).append(line)
        for name, some in there.items():
            trends.setdefault(name, []).append(_night(day, some))
    return tuple(Site(name, tuple(some), tuple(trends[name])) for name, some in of_site.items())
