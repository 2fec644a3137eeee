# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate says, in plain data. Needs the library `cryptography`; pure otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .identity import plain_mac

MISSING: ImportError | None = None
"""Why nothing here can be used: cryptography is not installed where this runs."""
try:
    from cryptography import x509
    from cryptography.x509.oid import NameOID
except ImportError as error:
    MISSING = error


def describe(encoded: bytes) -> dict[str, Any]:
    """Subject, issuer, validity (ISO 8601, UTC), key, and the MAC address where the common name is one ("" otherwise).

    `encoded`: DER. Raises `ValueError` for what is no certificate.
    """
    certificate = x509.load_der_x509_certificate(encoded)
    key: Any = certificate.public_key()
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "not_before": _utc(certificate, "not_valid_before"),
        "not_after": _utc(certificate, "not_valid_after"),
        "key_bits": getattr(key, "key_size", None),
        "mac": plain_mac(str(names[0].value)) if names else "",
    }


def _utc(certificate: Any, name: str) -> str:
    """A time of a certificate; before its release 42 cryptography gave times without their zone."""
    moment = getattr(certificate, f"{name}_utc", None) or getattr(certificate, name).replace(tzinfo=UTC)
    return str(moment.isoformat())


def has_expired(certificate: dict[str, Any], now: datetime) -> bool:
    """Whether a described certificate is no longer valid."""
    return datetime.fromisoformat(certificate["not_after"]) < now
