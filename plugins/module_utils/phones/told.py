# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules for phones are told alike: the policy, and the secrets of a phone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..findings import Finding
from ..module import plain_input
from ..policy.model import SitePolicy
from ..policy.reading import Report
from ..policy.validation import PolicyError, validate
from ..secret import Secret


def secrets_in(params: Mapping[str, Any]) -> tuple[Secret, ...]:
    """The values of the options that no message may show."""
    given = params.get("passwords")
    values = [*(given.values() if isinstance(given, Mapping) else ()), params.get("provisioning_password")]
    return tuple(Secret(str(value)) for value in values if value)


def read_policy(params: Mapping[str, Any], report: Report) -> tuple[SitePolicy | None, tuple[Finding, ...]]:
    """The site policy and what is to be said about its provider profile; None after an error."""
    provider, policy = plain_input(params.get("provider")), plain_input(params.get("policy"))
    try:
        validated = validate(
            {} if provider is None else provider, {} if policy is None else policy, concerns=(), today=date.today()
        )
    except PolicyError as error:
        report.errors += error.errors
        return None, ()
    subject = f"provider profile {validated.policy.provider.name}"
    notes = (Finding(note.control, note.severity, subject, note.message, "") for note in validated.notes)
    return validated.policy, tuple(notes)


def read_provisioning_password(params: Mapping[str, Any], report: Report) -> Secret | None:
    """What the phone shows to its provisioning server, together with a name."""
    password = params.get("provisioning_password")
    if bool(password) != bool(params.get("provisioning_user")):
        report.missing(
            "provisioning_user" if password else "provisioning_password",
            "both or neither of provisioning_user and provisioning_password",
        )
    return Secret(password) if password else None
