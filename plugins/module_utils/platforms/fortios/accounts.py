# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noticed about a FortiGate's administrators and never changed silently: second factors and passwords."""

from __future__ import annotations

from ...document.model import Document, TableId
from ...findings import Finding
from .tables import GLOBAL

_WEAK_FACTORS = ("email", "sms")


def account_findings(document: Document, default_password: bool | None) -> list[Finding]:
    """Findings on the accounts. `default_password`: what the unit says of itself, None where it says nothing."""
    found = []
    for admin in document.rows(TableId(GLOBAL, "system/admin")):
        subject = f"system/admin {admin['name']}"
        if admin["two-factor"] == "disable":
            found.append(
                Finding(
                    "ADM-1",
                    "high",
                    subject,
                    "the account has no second factor",
                    "Assign a FortiToken to it; this is not done automatically, since it would lock its owner out",
                )
            )
        elif admin["two-factor"] in _WEAK_FACTORS:
            found.append(
                Finding(
                    "ADM-2",
                    "medium",
                    subject,
                    f"the second factor comes by {admin['two-factor']}",
                    "Use a FortiToken (authenticator app) instead",
                )
            )
    if default_password:
        found.append(
            Finding("ADM-4", "critical", "system/admin", "an account has the factory password", "Set a strong password on the unit")
        )
    elif default_password is None:
        found.append(
            Finding(
                "ADM-4",
                "low",
                "system/admin",
                "the unit does not say whether an account has the factory password",
                "Try it by hand, or give the access profile of the login the right to see it",
            )
        )
    return found
