# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors whose live phones are spoken to: how one is opened, and what it would be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from ..target import Target
from . import live_poly, live_yealink
from .configuring import Opener
from .session_poly import SET, open_poly
from .session_yealink import open_yealink
from .session_yealink_json import IMPORT
from .table import Setting

NOWHERE = Target(host="")
"""Where nobody is contacted."""
Requests: TypeAlias = list[dict[str, Any]]


def _poly_requests(settings: Sequence[Setting]) -> Requests:
    masked = [replace(setting, text=setting.shown) for setting in settings]
    return [{"request": f"POST {SET}", "data": body} for body in live_poly.requests_of(masked)]


def _yealink_requests(settings: Sequence[Setting]) -> Requests:
    masked = [replace(setting, text=setting.shown) for setting in settings]
    return [{"request": f"POST {IMPORT}", "file": live_yealink.import_text(masked)}]


OPENERS: Mapping[str, Opener] = {"poly": open_poly, "yealink": open_yealink}
REQUESTS: Mapping[str, Callable[[Sequence[Setting]], Requests]] = {
    "poly": _poly_requests,
    "yealink": _yealink_requests,
}
"""What each vendor's phones are sent, as a result may show it."""
