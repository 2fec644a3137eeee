# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Default credentials: which pairs are tried, and what a phone's answer to one means. Pure.

The pairs are public: the vendors' own (Poly: 456 and 123; Yealink: the account's name), and those that widespread
provisioning templates set (wazo-platform/wazo-provd-plugins: Poly 9486, Yealink as the vendor).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..secret import Secret

Outcome = Literal["accepted", "denied", "one_left", "locked", "absent", "unclear"]
"""`one_left`: denied, and one more failure locks; `locked`: nothing can be said of the pair; `absent`: there is no way
to log in with it at all."""

STOPS: frozenset[Outcome] = frozenset({"one_left", "locked", "unclear"})
"""After these nothing more is tried at this phone."""
MOST_FAILURES = 2
"""Log-ins that may fail at one phone within a day: the third locks some phones."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An account and its default password. `origin`: who made it the default; `administers`: whether the account may
    change the phone's settings."""

    account: str
    password: Secret
    origin: str
    administers: bool


def _pair(account: str, password: str, administers: bool = False, origin: str = "the maker's default") -> Pair:
    return Pair(account, Secret(password), origin, administers)


PAIRS: Mapping[str, tuple[Pair, ...]] = {
    "yealink": (_pair("admin", "admin", True), _pair("user", "user"), _pair("var", "var")),
    "poly": (
        _pair("Polycom", "456", True),
        _pair("Polycom", "9486", True, "the default of a widespread provisioning template"),
        _pair("User", "123"),
    ),
}
"""By vendor, the account that can do most first."""

KNOWN_TO_ALL: frozenset[str] = frozenset(pair.password.reveal() for pairs in PAIRS.values() for pair in pairs)
"""Passwords that are no secret; to mask them would mask words such as `admin` wherever they stand."""

_SERVLET_STATE = re.compile(r"""authstatus["']?\s*:\s*["'](\w+)["']""")
_TRY_LATER = re.compile(r"try again [0-9]+ minutes? later", re.IGNORECASE)
_SERVLET_STATES: Mapping[str, Outcome] = {"done": "accepted", "none": "denied", "lock": "locked"}
_JSON_STATES: Mapping[str, Outcome] = {"error": "denied", "lock": "locked"}
_POLY_STATES: Mapping[str, Outcome] = {
    "SUCCESS": "accepted",
    "INVALID_LOGIN": "denied",
    "ONE_ATTEMPT_LEFT": "one_left",
    "LOCKEDFOR": "locked",
    "LOCKED": "locked",
}
_POLY_STATUSES: Mapping[int, Outcome] = {401: "denied", 404: "absent"}
_REST_OK, _REST_DEFAULT_PASSWORD = "2000", "4010"


def yealink_servlet(text: str) -> Outcome:
    """What the page says that answers a log-in of the servlet generation (supermarsx/sortOfRemoteNG; Greenbone)."""
    if _TRY_LATER.search(text):
        return "locked"
    match = _SERVLET_STATE.search(text)
    return _SERVLET_STATES.get(match[1], "unclear") if match else "unclear"


def yealink_json(text: str) -> Outcome:
    """What the JSON interface answers to a log-in."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return "unclear"
    if not isinstance(answer, dict):
        return "unclear"
    if answer.get("ret") == "ok":
        return "accepted"
    error = answer.get("error")
    return _JSON_STATES.get(str(error.get("webStatus")), "unclear") if isinstance(error, dict) else "unclear"


def poly_web(status: int, text: str) -> Outcome:
    """What Poly's web interface answers to a log-in (rdbahm/Posh-UCS). The text says more than the status."""
    name, _bar, rest = text.strip().partition("|")
    state, _bar, _more = rest.partition("|")
    if name == "lockparams":
        return _POLY_STATES.get(state, "unclear")
    return _POLY_STATUSES.get(status, "unclear")


def poly_rest(status: int, text: str) -> Outcome:
    """What Poly's REST interface answers to a request with credentials (rdbahm/Posh-UCS).

    4010 means that the factory password is still set: the phone took it and refuses to work with it.
    """
    if status in (401, 403):
        return "denied"
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return "unclear"
    code = str(answer.get("Status", answer.get("status", ""))) if isinstance(answer, dict) else ""
    return "accepted" if code in (_REST_OK, _REST_DEFAULT_PASSWORD) else "unclear"
