# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `posture_report` is asked for, checked as a whole. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from ..policy.reading import InputError, Report, Section
from .formats import FORMATS
from .record import CLASSES, COMPLIANT, Record, record_from
from .waivers import Waiver, read_waivers

KEYS = ("hosts", "records", "waivers", "directory", "formats", "fail_on", "history_days")
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "directory": ("voip_report_dir",),
    "formats": ("voip_report_formats",),
    "fail_on": ("voip_fail_on",),
    "history_days": ("voip_history_days",),
}
"""Options that a task leaves out, and the variables that they are then taken from."""
GROUPS = ("firewalls", "phones")
"""The groups of the inventory whose hosts a night looks at."""
WAIVERS = "voip_waivers"
"""The variable of a host that has its waivers, where the task names none."""
DIRECTORY = "reports"
FORMATS_MADE = ("json", "html")
FAIL_ON = tuple(name for name in CLASSES if name != COMPLIANT)
HISTORY_DAYS = 90
LONGEST_HISTORY = 3660


@dataclass(frozen=True, slots=True)
class Options:
    """`hosts`: of whom there must be something. `records`: None where the results of `hosts` are meant. `waivers`: None
    where each host's own are meant."""

    hosts: tuple[str, ...]
    records: tuple[Record, ...] | None
    waivers: tuple[Waiver, ...] | None
    directory: str
    formats: tuple[str, ...]
    fail_on: tuple[str, ...]
    history_days: int


def read_options(given: object, controls: Container[str]) -> Options:
    """The options of a task, completed from variables. Raises `InputError` with everything that is wrong."""
    report = Report()
    section = Section(given, "posture_report", KEYS, report)
    options = Options(
        hosts=_names(section),
        records=_records(section),
        waivers=_waivers(section, controls),
        directory=_directory(section),
        formats=_words(section, "formats", tuple(FORMATS), FORMATS_MADE),
        fail_on=_words(section, "fail_on", CLASSES, FAIL_ON),
        history_days=section.integer("history_days", "days", 1, LONGEST_HISTORY, default=HISTORY_DAYS),
    )
    if not report.errors and not options.hosts and not options.records:
        report.refuse(section.at("hosts"), "an empty list", "the names of hosts, or records: no device was looked at")
    if report.errors:
        raise InputError(report.errors)
    return options


def _names(section: Section) -> tuple[str, ...]:
    items = section.items("hosts", "a list of names of hosts", required=False)
    for path, name in items:
        if not isinstance(name, str) or not name:
            section.report.reject(path, name, "the name of a host")
    return tuple(dict.fromkeys(str(name) for dummy, name in items))


def _records(section: Section) -> tuple[Record, ...] | None:
    if not section.given("records"):
        return None
    records = []
    for path, item in section.items("records", "a list of records", required=False):
        try:
            records.append(record_from(item, path))
        except InputError as error:
            section.report.errors += error.errors
    return tuple(records)


def _waivers(section: Section, controls: Container[str]) -> tuple[Waiver, ...] | None:
    if not section.given("waivers"):
        return None
    return read_waivers(section.items("waivers", "a list of waivers", required=False), controls, section.report)


def _directory(section: Section) -> str:
    value = section.raw("directory")
    if value is None:
        return DIRECTORY
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        section.report.reject(section.at("directory"), value, "the path of a folder (voip_report_dir)")
        return DIRECTORY
    return value


def _words(section: Section, key: str, options: Sequence[str], default: tuple[str, ...]) -> tuple[str, ...]:
    """Words of a list, or of a text with commas, as `-e` has them. A text without any was left empty by mistake: who
    wants none says so with a list of none."""
    value = section.raw(key)
    if value is None:
        return default
    words = [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value
    allowed = f"a list of {', '.join(options)}"
    if not isinstance(words, (list, tuple)) or (isinstance(value, str) and not words):
        section.report.reject(section.at(key), value, allowed)
        return default
    for word in words:
        if word not in options:
            section.report.reject(section.at(key), word, allowed)
    return tuple(dict.fromkeys(word for word in words if word in options))
