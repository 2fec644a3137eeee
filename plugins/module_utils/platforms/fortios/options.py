# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules take for a FortiGate besides what they take for every device, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...policy.reading import Report
from ...secret import MASK
from .reader import SUPPORTED_TRAINS
from .tables import Version

DEFAULT_VERSION = "7.4.4"
_TOKEN = re.compile(r"[!-~]+", re.ASCII)
_PASSWORD = re.compile(r"[^\x00-\x1f\x7f]+")
_VDOM = re.compile(r"(?!global\Z)[A-Za-z0-9_-]{1,31}", re.ASCII)
_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Options:
    """`vdoms`: those that voice crosses; the first holds the voice VLAN and the rules. `version`: for offline use."""

    vdoms: tuple[str, ...] = ("root",)
    version: Version = (7, 4, 4)


def options_of(params: Mapping[str, Any]) -> Options:
    """The options of parameters that `check` let pass."""
    major, minor, patch = (int(part) for part in (params.get("version") or DEFAULT_VERSION).split("."))
    return Options(tuple(dict.fromkeys(params["vdoms"])), (major, minor, patch))


def check(params: Mapping[str, Any], report: Report) -> None:
    """Report every option that a FortiGate cannot take."""
    if not params["vdoms"]:
        report.refuse("vdoms", "an empty list", "at least one name of a VDOM")
    for index, vdom in enumerate(params["vdoms"]):
        if not _VDOM.fullmatch(vdom):
            report.reject(f"vdoms[{index}]", vdom, "the name of a VDOM, 1 to 31 letters, digits, - and _")
    version = DEFAULT_VERSION if params.get("version") is None else params["version"]
    match = _VERSION.fullmatch(version)
    if match is None or (int(match[1]), int(match[2])) not in SUPPORTED_TRAINS:
        trains = ", ".join(f"{major}.{minor}" for major, minor in SUPPORTED_TRAINS)
        report.reject("version", version, f"a release of {trains} such as 7.4.4")


def check_credentials(params: Mapping[str, Any], report: Report) -> None:
    """Report what nobody can log in with."""
    token, password = params.get("access_token") or "", params.get("password") or ""
    if token:
        if not _TOKEN.fullmatch(token):
            report.refuse("access_token", MASK, "visible ASCII characters, without blanks and line ends")
    elif not (params.get("username") and password):
        needed = "an API token, or username and password instead (voip_access_token, ansible_user, ansible_password)"
        report.missing("access_token", needed)
    elif not _PASSWORD.fullmatch(password):
        report.refuse("password", MASK, "text without line ends and other control characters")
