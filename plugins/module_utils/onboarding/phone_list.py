# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the phones of a new site: a list, or the rows of a CSV file. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..options import is_host
from ..phones.identity import from_mac, plain_mac, plain_model
from ..phones.phone import VENDORS, read_phone
from ..policy.reading import MISSING, FieldError, Report, Section, plain
from .site import Phone, host_name

FIELD = "voip_onboard_phones"
COLUMNS = ("mac", "vendor", "model", "firmware", "address", "name")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", re.ASCII)
_MAC_FORM = "the hardware address of the phone, twelve hexadecimal digits"
_NAME_FORM = "up to 40 letters, digits and -, beginning with a letter or digit"
_OPTIONS: Mapping[str, str] = {"platform": "vendor"}
"""What `read_phone` calls the parts of a phone otherwise."""

Row = tuple[str, Mapping[str, Any]]
"""How an error names a phone, and what was said of it."""


def rows_of_csv(text: str, report: Report) -> list[Row]:
    """The rows of a CSV file, the first of which names its columns. Empty fields count as not given."""
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
    except csv.Error as error:
        report.refuse(FIELD, "the file", f"comma-separated values ({error})")
        return []
    titles = [title.strip().lower() for title in lines[0]] if lines else []
    unknown = [title for title in titles if title not in COLUMNS]
    for title in unknown:
        report.unknown(f"{FIELD} line 1", title, COLUMNS)
    if unknown:
        return []
    if "mac" not in titles:
        needed = f"the names of the columns: {', '.join(COLUMNS)}; mac at least"
        report.refuse(f"{FIELD} line 1", "its first line", needed)
        return []
    rows: list[Row] = []
    for number, fields in enumerate(lines[1:], 2):
        if len(fields) > len(titles):
            seen = f"a line with {len(fields)} fields"
            report.refuse(f"{FIELD} line {number}", seen, f"{len(titles)}, as line 1 has")
        elif any(value.strip() for value in fields):
            row = {title: value.strip() for title, value in zip(titles, fields, strict=False) if value.strip()}
            rows.append((f"{FIELD} line {number}", row))
    return rows


def rows_of_list(given: Sequence[Any]) -> list[Row]:
    """The items of a list."""
    return [(f"{FIELD}[{index}]", item) for index, item in enumerate(given)]


def read_phones(rows: Iterable[Row], site: str, report: Report) -> tuple[Phone, ...]:
    """The phones, as far as they are known without looking at them; one with an address can be asked for the rest."""
    phones = [phone for where, row in rows if (phone := _read(where, row, site, report)) is not None]
    for what in ("mac", "name", "address"):
        first: dict[str, Phone] = {}
        for phone in phones:
            value = getattr(phone, what)
            other = first.setdefault(value, phone) if value else phone
            if other is not phone:
                report.reject(f"{phone.where}.{what}", value, f"one that {other.where} has not")
    return tuple(phones)


def recognised(phone: Phone, seen: Mapping[str, Any], report: Report) -> Phone:
    """The phone with what it says of itself (the fields of `phones.identity.Identity`), which must not contradict."""
    says = {
        "vendor": seen.get("vendor") or "",
        "model": seen.get("model") or "",
        "firmware": seen.get("release") or "",
        "mac": _colons(seen.get("mac") or ""),
    }
    for what in ("vendor", "model", "mac"):
        given, said = getattr(phone, what), says[what]
        if given and said and _plain(what, given, says["vendor"]) != _plain(what, said, says["vendor"]):
            report.reject(f"{phone.where}.{what}", given, f"what the phone at {phone.address} says: {said}")
    whole = replace(
        phone,
        vendor=phone.vendor or says["vendor"],
        model=phone.model or says["model"],
        # What it runs now is what counts: somebody may have updated it since the list was written.
        firmware=says["firmware"] or phone.firmware,
    )
    _check_whole(whole, report)
    return whole


def _read(where: str, row: object, site: str, report: Report) -> Phone | None:
    before = len(report.errors)
    section = Section(row, where, COLUMNS, report)
    if not section.usable:
        return None
    mac = plain_mac(_text(section, "mac"))
    if not mac and section.require("mac", _MAC_FORM):
        report.reject(section.at("mac"), section.raw("mac"), _MAC_FORM)
    if not mac:
        return None
    address = _text(section, "address")
    if address and not is_host(address):
        report.reject(section.at("address"), address, "an IP address or a name")
    vendor = _text(section, "vendor").lower() or from_mac(mac).vendor
    name = _text(section, "name") or f"phone-{mac}"
    if not _NAME.fullmatch(name):
        report.reject(section.at("name"), name, _NAME_FORM)
    phone = Phone(
        where=where,
        name=host_name(site, name),
        mac=_colons(mac),
        vendor=vendor,
        model=_text(section, "model"),
        firmware=_text(section, "firmware"),
        address=address,
    )
    if len(report.errors) == before:
        _check_whole(phone, report, may_be_asked=bool(address))
    return phone if len(report.errors) == before else None


def _text(section: Section, key: str) -> str:
    value = section.raw(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        section.report.reject(section.at(key), value, "text, in quotes where YAML takes it for something else")
        return ""
    return plain(value).strip() if isinstance(value, str) else str(value)


def _check_whole(phone: Phone, report: Report, may_be_asked: bool = False) -> None:
    """Report what nobody could harden; with `may_be_asked` not what the phone itself can tell."""
    found = Report()
    read_phone(
        {
            "platform": phone.vendor,
            "mac": phone.mac,
            "model": phone.model or None,
            "firmware": phone.firmware or None,
            "lines": [1],
        },
        found,
    )
    for error in found.errors:
        absent = error.value == MISSING or (error.field == "platform" and not phone.vendor)
        if not (absent and may_be_asked):
            report.errors.append(_of_phone(phone, error, absent))


def _of_phone(phone: Phone, error: FieldError, absent: bool) -> FieldError:
    """An error of a module's option as one of the list. What a phone should have told and did not says so."""
    allowed = error.allowed.partition(" (")[0]
    if error.field == "platform":
        allowed = f"one of {', '.join(VENDORS)}"
    if absent:
        allowed += f", which the phone at {phone.address} does not tell" if phone.address else ""
    field = f"{phone.where}.{_OPTIONS.get(error.field, error.field)}"
    return FieldError(field, MISSING if absent else error.value, allowed)


def _plain(what: str, value: str, vendor: str) -> str:
    return plain_mac(value) if what == "mac" else plain_model(vendor, value) if what == "model" else value


def _colons(mac: str) -> str:
    return ":".join(mac[at : at + 2] for at in range(0, len(mac), 2))
