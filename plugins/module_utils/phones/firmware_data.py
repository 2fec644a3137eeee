# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware and advisory data as typed values; the facts themselves are in ``data/phone_firmware.yml``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ..policy.model import Severity
from ..policy.reading import InputError, Report, Section
from .releases import is_release

Support = Literal["active", "security_only", "eol", "unknown"]

SCHEMA = 1
REVIEW_INTERVAL = timedelta(days=120)
"""Control FWM-2 asks for a look every quarter; a month is left for doing it."""
PATH = "firmware_data"
CHANGED = "changed"
"""What is said of a password that is no default."""
VENDORS = ("yealink", "poly", "grandstream", "cisco")
SUPPORT: tuple[Support, ...] = ("active", "security_only", "eol", "unknown")
_SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

_KEYS = ("schema", "reviewed_on", "families", "advisories")
_FAMILY_KEYS = (
    "name", "vendor", "hardware", "line", "models", "latest", "minimum", "support", "unsure", "source", "checked_on",
)  # fmt: skip
_ADVISORY_KEYS = ("id", "vendor", "title", "severity", "needs", "products", "mitigations", "source", "checked_on")
_PRODUCT_KEYS = ("models", "line", "affected", "fixed", "unsure")
_MITIGATION_KEYS = ("intent", "value", "decisive")
_SURE_OF_FAMILIES = ("latest", "minimum", "support")
_SURE_OF_PRODUCTS = ("affected", "fixed")

_LINE = re.compile(r"[^\x00-\x1f\x7f]{1,300}")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_MODEL = re.compile(r"[A-Z0-9_]{0,30}\*?", re.ASCII)
_INTENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", re.ASCII)
_ID = re.compile(r"[A-Z][A-Za-z0-9-]{2,40}", re.ASCII)
_RANGE = re.compile(r"(<=|<|==)([0-9.]+)", re.ASCII)


class FirmwareDataError(InputError):
    """The data are malformed; ``errors`` holds every reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Models that run the same releases. `latest` and `minimum` are "" where nobody says.

    `hardware`: the first field of a Yealink's releases, None for others. `line`: the software line of a Poly, else "".
    `unsure`: the fields that were not read in a document of the vendor's or of those who use the releases.
    """

    name: str
    vendor: str
    hardware: int | None
    line: str
    models: tuple[str, ...]
    latest: str
    minimum: str
    support: Support
    unsure: frozenset[str]
    source: str
    checked_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What an advisory says of some models. `affected`: an operator (<, <=, ==) and a release, None where no record
    says which releases are meant. `fixed`: the first release without the weakness, "" where none is named."""

    models: tuple[str, ...]
    line: str
    affected: tuple[str, str] | None
    fixed: str
    unsure: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mitigation:
    """An intent of the phone policy that helps while it has this value; "changed" for a password that is no default.

    `decisive`: with it in force the weakness cannot be used at all.
    """

    intent: str
    value: bool | str
    decisive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One known weakness. `needs`: what an attacker must find."""

    id: str
    vendor: str
    title: str
    severity: Severity
    needs: str
    products: tuple[Product, ...]
    mitigations: tuple[Mitigation, ...]
    source: str
    checked_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareData:
    """All of it, and when somebody last went through it."""

    reviewed_on: date
    families: tuple[Family, ...]
    advisories: tuple[Advisory, ...]


def load_firmware(raw: object, today: date) -> FirmwareData:
    """The data of the parsed file.

    Raises `FirmwareDataError` with all errors; a day after `today` is one.
    """
    report = Report()
    section = Section(raw, PATH, _KEYS, report)
    section.integer("schema", "the version of the format", SCHEMA, SCHEMA)
    reviewed_on = _day(section, "reviewed_on", today)
    families = [
        _family(Section(item, path, _FAMILY_KEYS, report), today)
        for path, item in section.items("families", "a list of families", required=True)
    ]
    advisories = [
        _advisory(Section(item, path, _ADVISORY_KEYS, report), today)
        for path, item in section.items("advisories", "a list of advisories", required=False)
    ]
    _no_repeats([family.name for family in families], f"{PATH}.families", report)
    _no_repeats([advisory.id for advisory in advisories], f"{PATH}.advisories", report)
    if report.errors or reviewed_on is None:
        raise FirmwareDataError(report.errors)
    return FirmwareData(reviewed_on=reviewed_on, families=tuple(families), advisories=tuple(advisories))


def _family(section: Section, today: date) -> Family:
    vendor = section.choice("vendor", VENDORS)
    hardware = section.integer("hardware", "the first field of the releases", 1, 999) if vendor == "yealink" else None
    if vendor != "yealink" and section.given("hardware"):
        section.report.reject(section.at("hardware"), section.raw("hardware"), "nothing: only Yealink has it")
    family = Family(
        name=section.text("name", "one line", _LINE),
        vendor=vendor,
        hardware=hardware,
        line=_line(section, vendor),
        models=_models(section),
        latest=_release(section, "latest", vendor, hardware),
        minimum=_release(section, "minimum", vendor, hardware),
        support=section.choice("support", SUPPORT),
        unsure=_unsure(section, _SURE_OF_FAMILIES),
        source=section.text("source", "one line that names where this was read", _LINE),
        checked_on=_day(section, "checked_on", today),
    )
    return family


def _advisory(section: Section, today: date) -> Advisory:
    report = section.report
    vendor = section.choice("vendor", VENDORS)
    mitigations = [
        _mitigation(Section(item, path, _MITIGATION_KEYS, report))
        for path, item in section.items("mitigations", "a list of {intent, value, decisive}", required=False)
    ]
    return Advisory(
        id=section.text("id", "an id such as CVE-2026-0826", _ID),
        vendor=vendor,
        title=section.text("title", "one line", _LINE),
        severity=section.choice("severity", _SEVERITIES),
        needs=section.text("needs", "one line that says what an attacker must find", _LINE),
        products=tuple(
            _product(Section(item, path, _PRODUCT_KEYS, report), vendor)
            for path, item in section.items("products", "a list of at least one product", required=True)
        ),
        mitigations=tuple(mitigations),
        source=section.text("source", "one line that names where this was read", _LINE),
        checked_on=_day(section, "checked_on", today),
    )


def _mitigation(section: Section) -> Mitigation:
    allowed = f"true, false or {CHANGED}"
    value = section.raw("value")
    if section.require("value", allowed) and not isinstance(value, bool) and value != CHANGED:
        section.report.reject(section.at("value"), value, allowed)
    intent = section.text("intent", "an intent of the phone policy", _INTENT)
    return Mitigation(intent, value if isinstance(value, bool) else CHANGED, section.boolean("decisive", False))


def _product(section: Section, vendor: str) -> Product:
    return Product(
        models=_models(section),
        line=_line(section, vendor),
        affected=_affected(section, vendor),
        fixed=_release(section, "fixed", vendor, None),
        unsure=_unsure(section, _SURE_OF_PRODUCTS),
    )


def _line(section: Section, vendor: str) -> str:
    """Only Poly has several lines of software on one name, and there it has to be said."""
    if vendor == "poly":
        return section.text("line", "the software line, such as ucs or pvos", _NAME)
    if section.given("line"):
        section.report.reject(section.at("line"), section.raw("line"), "nothing: only Poly has lines")
    return ""


def _models(section: Section) -> tuple[str, ...]:
    models = []
    what = "a list of models in capitals, such as T54W or VVX*"
    for path, value in section.items("models", what, required=True):
        if isinstance(value, str) and value and _MODEL.fullmatch(value):
            models.append(value)
        else:
            section.report.reject(path, value, "a model in capitals, with or without * at its end")
    return tuple(models)


def _release(section: Section, key: str, vendor: str, hardware: int | None) -> str:
    """A release, or "" for a null; the key itself must be there, so that nobody forgets it."""
    allowed = "a release, or null where nobody says"
    if not section.named(key):
        if section.usable:
            section.report.missing(section.at(key), allowed)
        return ""
    value = section.raw(key)
    if value is None:
        return ""
    fits = isinstance(value, str) and is_release(value, vendor)
    if fits and hardware is not None and not str(value).startswith(f"{hardware}."):
        fits, allowed = False, f"a release for hardware {hardware}"
    if not fits:
        section.report.reject(section.at(key), value, allowed)
        return ""
    return str(value)


def _affected(section: Section, vendor: str) -> tuple[str, str] | None:
    allowed = "<, <= or == and a release, or null where no record says which releases are meant"
    if not section.named("affected"):
        if section.usable:
            section.report.missing(section.at("affected"), allowed)
        return None
    value = section.raw("affected")
    if value is None:
        return None
    match = _RANGE.fullmatch(value) if isinstance(value, str) else None
    if match is None or not is_release(match[2], vendor):
        section.report.reject(section.at("affected"), value, allowed)
        return None
    return match[1], match[2]


def _unsure(section: Section, fields: tuple[str, ...]) -> frozenset[str]:
    named = []
    for path, value in section.items("unsure", f"a list of {', '.join(fields)}", required=False):
        if value in fields:
            named.append(str(value))
        else:
            section.report.reject(path, value, f"one of {', '.join(fields)}")
    return frozenset(named)


def _day(section: Section, key: str, today: date) -> date | None:
    day = section.day(key)
    if day is not None and day > today:
        section.report.reject(section.at(key), day, f"a day that is not after today, {today}")
        return None
    return day


def _no_repeats(names: list[str], path: str, report: Report) -> None:
    for index, name in enumerate(names):
        if name and name in names[:index]:
            report.reject(f"{path}[{index}]", name, "a name that no other entry has")
