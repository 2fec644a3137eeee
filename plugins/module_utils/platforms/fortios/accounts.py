# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noticed about a FortiGate's management and never changed silently: second factors, passwords, odd ways in."""

from __future__ import annotations

from collections.abc import Sequence

from ...document.model import Document, TableId
from ...findings import Finding
from .compiler.management_access import MANAGEMENT_SERVICES
from .tables import GLOBAL

_WEAK_FACTORS = ("email", "sms")


def management_findings(document: Document, wan: Sequence[str], default_password: bool | None) -> list[Finding]:
    """Findings on accounts and ways in. `default_password`: what the unit says of itself; None: it says nothing."""
    return [*_account_findings(document, default_password), *_secondary_findings(document, wan)]


def _secondary_findings(document: Document, wan: Sequence[str]) -> list[Finding]:
    found = []
    for row in document.rows(TableId(GLOBAL, "system/interface")):
        for extra in row["secondaryip"] if row["name"] in wan else ():
            services = sorted(MANAGEMENT_SERVICES & set(extra["allowaccess"]))
            if services:
                found.append(
                    Finding(
                        "WEB-3",
                        "high",
                        f"system/interface {row['name']} secondary address {extra['ip']}",
                        f"admits {', '.join(services)} from the internet",
                        "Take these services off the secondary address",
                    )
                )
    return found


def _account_findings(document: Document, default_password: bool | None) -> list[Finding]:
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
            Finding(
                "ADM-4",
                "critical",
                "system/admin",
                "an account has the factory password",
                "Set a strong password on the unit",
            )
        )
    return found
