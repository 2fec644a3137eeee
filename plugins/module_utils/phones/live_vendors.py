# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors whose live phones are spoken to: how one is opened, and what it would be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from ..target import Target
from . import live_poly
from .configuring import Opener
from .session_poly import SET, open_poly
from .table import Setting

NOWHERE = Target(host="")
"""Where nobody is contacted."""
Requests: TypeAlias = list[dict[str, Any]]


def _poly_requests(settings: Sequence[Setting]) -> Requests:
    return [{"request": f"POST {SET}", "data": body} for body in live_poly.requests_of(settings)]


OPENERS: Mapping[str, Opener] = {"poly": open_poly}
REQUESTS: Mapping[str, Callable[[Sequence[Setting]], Requests]] = {"poly": _poly_requests}
