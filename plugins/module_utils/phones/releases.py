# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of two firmware releases is older, where that can be said at all. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DOTTED = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){1,5}", re.ASCII)
_YEALINK_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Order:
    """`sign`: -1, 0 or 1 as the first release is older, the same or newer; None where they do not compare, and why."""

    sign: int | None
    why: str = ""


def is_release(text: str, vendor: str) -> bool:
    """Whether this is a release as the vendor writes it: numbers with dots between, four of them on a Yealink."""
    return bool(_DOTTED.fullmatch(text)) and (vendor != "yealink" or text.count(".") == _YEALINK_FIELDS - 1)


def compare(vendor: str, one: str, other: str) -> Order:
    """The order of two releases of one vendor.

    A Yealink release is hardware, line, customisation, build (wazo-platform/wazo-provd-plugins, `wazo_yealink`, lists
    them by model): releases of two hardwares have nothing to do with each other, and what a provider had built
    (customisation other than 0) is numbered by itself. Others compare number by number; whether both are of one
    software line is for the caller to know.
    """
    for text in (one, other):
        if not is_release(text, vendor):
            return Order(None, f"{text!r} is no release of this vendor's")
    first, second = _numbers(one), _numbers(other)
    if vendor == "yealink":
        if first[0] != second[0]:
            return Order(None, f"{one} and {other} are for different hardware ({first[0]} and {second[0]})")
        if first[2] != second[2]:
            return Order(None, f"{one} and {other} are customised differently ({first[2]} and {second[2]})")
    length = max(len(first), len(second))
    padded = [numbers + (0,) * (length - len(numbers)) for numbers in (first, second)]
    return Order((padded[0] > padded[1]) - (padded[0] < padded[1]))


def hardware_of(release: str) -> int | None:
    """The hardware that a Yealink release is for; None where it is no such release."""
    return _numbers(release)[0] if is_release(release, "yealink") else None


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
