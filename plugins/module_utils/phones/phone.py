# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One phone: what it is and which lines it has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..policy.reading import Report, decimal, plain

VENDORS = ("yealink", "poly", "grandstream", "snom", "fanvil", "cisco_mpp")
"""Names of the platforms, as in ``ansible_network_os``."""
MOST_LINES = 34
SERVERS = (1, 2)
"""Both servers of a line are hardened: a second one that is left on UDP is where signalling falls back to."""

OLDEST: Mapping[str, int] = {"yealink": 80, "poly": 509}
_MAC = re.compile(r"[0-9a-f]{12}", re.ASCII)
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ()/_+-]{0,39}", re.ASCII)
_FIRMWARE = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,6}){1,4}", re.ASCII)
_GRANDSTREAM = re.compile(r"(?:grandstream )?((?:GXP16|GXP21|GRP26)[0-9]{2}[A-Z]?)", re.ASCII | re.IGNORECASE)
P_VALUE_LINES: Mapping[str, int] = {"GXP16": 3, "GXP21": 6}
"""Grandstream's models with numbered settings, by their beginnings, and the lines of which the numbers are known
(fusionpbx/fusionpbx: `grandstream/gxp16xx` and `gxp21xx`)."""
_OBI = re.compile(r"obi|d2[0-9]{2}\b", re.IGNORECASE)
_FIRMWARE_FORM: Mapping[str, str] = {
    "yealink": "four numbers such as 96.86.0.45, of a release from 80",
    "poly": "numbers such as 6.4.6.2453, of UC Software from 5.9 or PVOS 8",
}


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """An account of a phone and the numbers of its servers; both count from 1."""

    number: int
    servers: tuple[int, ...] = SERVERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """`release` orders the firmware of one vendor: Yealink's second number (86), Poly's first two (604 for 6.4)."""

    vendor: str
    model: str
    firmware: str
    release: int
    mac: str
    """Twelve hexadecimal digits in lower case."""
    lines: tuple[Line, ...]

    def with_lines(self, found: Mapping[int, frozenset[int]]) -> Phone:
        """The phone with these lines and servers besides its own."""
        numbers = {line.number: set(line.servers) for line in self.lines}
        for number, servers in found.items():
            numbers.setdefault(number, set(SERVERS)).update(servers)
        lines = (Line(number, tuple(sorted(servers))) for number, servers in sorted(numbers.items()))
        return replace(self, lines=tuple(lines))

    def running(self, firmware: str) -> Phone:
        """The phone with the firmware that it says it runs; unchanged where that is not understood."""
        report = Report()
        firmware, release = _firmware(self.vendor, firmware, report)
        return self if report.errors else replace(self, firmware=firmware, release=release)

    @property
    def takes_p_values(self) -> bool:
        """Whether it is a Grandstream of those whose settings are numbers."""
        return self.vendor == "grandstream" and self.model[:5] in P_VALUE_LINES

    @property
    def about(self) -> dict[str, str]:
        return {"vendor": self.vendor, "model": self.model, "firmware": self.firmware, "mac": self.mac}


def read_phone(params: Mapping[str, Any], report: Report) -> Phone | None:
    """The phone that a module's options describe; None after an error."""
    before = len(report.errors)
    vendor = str(params.get("platform") or "").rpartition(".")[2]
    if vendor not in VENDORS:
        report.reject("platform", vendor, f"one of {', '.join(VENDORS)} (ansible_network_os)")
    mac = _mac(params.get("mac"), report)
    model = _model(vendor, params.get("model"), report)
    firmware, release = _firmware(vendor, params.get("firmware"), report)
    most = P_VALUE_LINES.get(model[:5], MOST_LINES) if vendor == "grandstream" else MOST_LINES
    lines = _lines(params.get("lines"), most, report)
    if len(report.errors) > before:
        return None
    return Phone(vendor=vendor, model=model, firmware=firmware, release=release, mac=mac, lines=lines)


def _mac(value: object, report: Report) -> str:
    form = "twelve hexadecimal digits, with or without colons (voip_phone_mac)"
    if value is None:
        report.missing("mac", form)
        return ""
    mac = re.sub(r"[:.-]", "", plain(value)).lower() if isinstance(value, str) else ""
    if not _MAC.fullmatch(mac) or int(mac[:2], 16) & 1 or mac == "0" * 12:
        report.reject("mac", value, form)
    return mac


def _model(vendor: str, value: object, report: Report) -> str:
    form = "the model of the phone, such as T54W or VVX 450 (voip_phone_model)"
    if value is None:
        report.missing("model", form)
        return ""
    model = plain(value).strip() if isinstance(value, str) else ""
    if not _MODEL.fullmatch(model):
        report.reject("model", value, form)
    elif vendor == "poly" and _OBI.search(model):
        report.reject("model", value, "a phone with UC Software or PVOS; those of the OBi edition take other files")
    elif vendor == "grandstream":
        known = _GRANDSTREAM.fullmatch(model)
        if known is None:
            report.reject("model", value, "a model of GXP16xx or GXP21xx (P-values) or of GRP26xx (their aliases)")
            return ""
        return known.group(1).upper()
    return re.sub(r"(?i)^(?:sip-|yealink |poly |polycom )", "", model)


def _firmware(vendor: str, value: object, report: Report) -> tuple[str, int]:
    form = _FIRMWARE_FORM.get(vendor, "numbers such as 1.0.7.81")
    if value is None:
        if vendor in OLDEST:
            report.missing("firmware", f"{form}; it decides how parameters are spelled (voip_phone_firmware)")
        return "", 0
    firmware = plain(value).strip() if isinstance(value, str) else ""
    if not _FIRMWARE.fullmatch(firmware):
        report.reject("firmware", value, form)
        return "", 0
    numbers = [int(number) for number in firmware.split(".")]
    release = numbers[0] * 100 + numbers[1]
    if vendor == "yealink":
        release = numbers[1] if len(numbers) == 4 else 0
    if release < OLDEST.get(vendor, 0) or (vendor == "poly" and 700 <= release < 800):
        report.reject("firmware", value, form)
    return firmware, release


def _lines(value: object, most: int, report: Report) -> tuple[Line, ...]:
    form = f"a list of the numbers of the phone's lines, from 1 to {most} (voip_phone_lines)"
    if not isinstance(value, (list, tuple)) or not value:
        report.reject("lines", value, form)
        return ()
    numbers = [decimal(item) for item in value]
    if any(number is None or not 1 <= number <= most for number in numbers):
        report.reject("lines", value, form)
        return ()
    return tuple(Line(number) for number in sorted({number for number in numbers if number is not None}))
