# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules take for a pfSense besides what they take for every device, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...hostkeys import SSH_PORT
from ...policy.reading import Report
from ...secret import MASK

DEFAULT_VERSION = "2.8.1"
_VERSION = re.compile(r"2\.7\.2|2\.8(\.[0-9])?|23\.09(\.1)?|2[456]\.(0[1-9]|1[0-2])(\.[0-9])?", re.ASCII)
"""CE 2.7.2 and 2.8; Plus 23.09 to 26, whose releases are a year and a month."""
_PASSWORD = re.compile(r"[^\x00-\x1f\x7f]+")
_ACCOUNT = re.compile(r"[A-Za-z0-9._-]{1,32}", re.ASCII)
_LIMITER = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
"""The web interface takes no other names (inc/shaper.inc `validate_input`)."""


@dataclass(frozen=True, slots=True)
class Options:
    """`version`: for rendering without a unit. `port`: where its SSH is reached, which no rule may close. `limiters`:
    those that voice goes through, out and back; none or two."""

    version: str = DEFAULT_VERSION
    port: int = SSH_PORT
    limiters: tuple[str, ...] = ()


def options_of(params: Mapping[str, Any]) -> Options:
    """The options of parameters that `check` let pass."""
    return Options(
        params.get("version") or DEFAULT_VERSION, params.get("port") or SSH_PORT, tuple(params.get("limiters") or ())
    )


def check(params: Mapping[str, Any], report: Report) -> None:
    """Report every option that a pfSense cannot take."""
    if params.get("version") and not _VERSION.fullmatch(params["version"]):
        releases = "a release of CE 2.7.2 or 2.8, or of Plus 23.09 to 26, such as 2.8.1"
        report.reject("version", params["version"], releases)
    limiters = params.get("limiters") or []
    if limiters and (len(set(limiters)) != 2 or len(limiters) != 2 or not all(map(_LIMITER.fullmatch, limiters))):
        report.reject("limiters", limiters, "two different names of limiters, out and back")


def check_credentials(params: Mapping[str, Any], report: Report) -> None:
    """Report what nobody can log in with."""
    if not params.get("username"):
        report.missing("username", "the administrator's account (ansible_user)")
    elif not _ACCOUNT.fullmatch(params["username"]):
        report.reject("username", params["username"], "up to 32 letters, digits and . _ -")
    password = params.get("password") or ""
    if not password and not params.get("private_key_file"):
        needed = "the administrator's password or private_key_file (ansible_password, ansible_ssh_private_key_file)"
        report.missing("password", needed)
    elif password and not _PASSWORD.fullmatch(password):
        report.refuse("password", MASK, "text without line ends and other control characters")
