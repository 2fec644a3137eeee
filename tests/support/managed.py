"""What each concern may change on rows that it did not make, by table: everything else stays byte for byte."""

from __future__ import annotations

from typing import Any

from tests.support.states import Managed, managed
from tests.support.units import CONCERNS


def _is_wan(row: dict[str, Any]) -> bool:
    return row["role"] == "wan"


_ACCOUNT_ROWS = [f"{prefix}{n}" for prefix in ("trusthost", "ip6-trusthost") for n in range(1, 11)]

# All that a concern may change on what it did not make; "*" is a row that it may take away.
MANAGED: dict[str, tuple[Managed, ...]] = {
    "sip_alg": (
        managed("system/settings", "default-voip-alg-mode", "sip-expectation", "sip-nat-trace"),
        managed("firewall/policy", "voip-profile", "ips-voip-filter"),
        managed("system/session-helper", "*", rows=lambda row: row["name"] == "sip"),
    ),
    "sip_allowlist": (),
    "voice_vlan": (
        managed(
            "system/interface",
            "lldp-transmission",
            "lldp-network-policy",
            rows=lambda row: row["name"] == "internal",
        ),
    ),
    "management_access": (
        managed("system/interface", "allowaccess", "ipv6", rows=_is_wan),
        managed("system/admin", *_ACCOUNT_ROWS),
        managed(
            "system/global",
            "admintimeout",
            "admin-lockout-threshold",
            "admin-lockout-duration",
            "admin-https-ssl-versions",
            "admin-telnet",
        ),
        managed(
            "system/password-policy",
            "status",
            "apply-to",
            "minimum-length",
            "min-lower-case-letter",
            "min-upper-case-letter",
            "min-number",
        ),
    ),
}


def managed_by(module: str) -> list[Managed]:
    """What this module may change on rows of others."""
    return [one for concern in ((module,) if module in MANAGED else CONCERNS) for one in MANAGED[concern]]
