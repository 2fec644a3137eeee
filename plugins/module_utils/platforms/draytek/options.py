# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules take for a Vigor besides what they take for every device, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import Unsupported
from ...policy.reading import Report
from ...secret import MASK
from .models import DEFAULT_MODEL, DEFAULT_VERSION, IP_OBJECTS, KNOWN, limits_of

LEAST_RESERVED, MOST_RESERVED = 24, IP_OBJECTS
RESERVED = 64
QOS_CLASSES = (1, 2, 3)
TRANSPORTS = ("ssh", "telnet")
_VERSION = re.compile(r"(3\.(9|[1-9][0-9])|4\.[0-9]{1,2})\.[0-9]{1,2}(\.[0-9]{1,3})?", re.ASCII)
_PASSWORD = re.compile(r"[!-~]{1,83}", re.ASCII)
_ACCOUNT = re.compile(r"[!-~]{1,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Options:
    """`reserved`: how many IP objects, from the highest down, are kept for this collection. `model` and `version`: for
    rendering without a unit. `qos_class`: which QoS class the site keeps for voice, 0 for none."""

    reserved: int = RESERVED
    model: str = DEFAULT_MODEL
    version: str = DEFAULT_VERSION
    qos_class: int = 0


def options_of(params: Mapping[str, Any]) -> Options:
    """The options of parameters that `check` let pass."""
    return Options(
        params["reserved_objects"],
        params.get("model") or DEFAULT_MODEL,
        params.get("version") or DEFAULT_VERSION,
        params.get("qos_class") or 0,
    )


def check(params: Mapping[str, Any], report: Report) -> None:
    """Report every option that a Vigor cannot take."""
    if not LEAST_RESERVED <= params["reserved_objects"] <= MOST_RESERVED:
        allowed = f"a number of IP objects from {LEAST_RESERVED} to {MOST_RESERVED}"
        report.reject("reserved_objects", params["reserved_objects"], allowed)
    if params.get("qos_class") is not None and params["qos_class"] not in QOS_CLASSES:
        report.reject("qos_class", params["qos_class"], "a QoS class from 1 to 3")
    if params.get("version") and not _VERSION.fullmatch(params["version"]):
        report.reject("version", params["version"], "a release of DrayOS 3.9 to 4.x such as 4.4.5")
    if params.get("model"):
        try:
            limits_of(params["model"])
        except Unsupported:
            report.reject("model", params["model"], f"one of {KNOWN}")


def check_credentials(params: Mapping[str, Any], report: Report) -> None:
    """Report what nobody can log in with."""
    if not params.get("username"):
        report.missing("username", "the administrator's account (ansible_user)")
    elif not _ACCOUNT.fullmatch(params["username"]):
        report.reject("username", params["username"], "up to 63 visible ASCII characters without blanks")
    if not params.get("password"):
        report.missing("password", "the administrator's password (ansible_password)")
    elif not _PASSWORD.fullmatch(params["password"]):
        report.refuse("password", MASK, "up to 83 visible ASCII characters without blanks")
