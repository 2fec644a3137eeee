# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management closed to the internet: WAN services, trusted hosts, log-in behaviour, password policy.

What is stricter on the unit already is left alone. Trusted hosts: Fortinet article 190592 (an open first row opens the
account to everyone) and the FortiOS handbooks (no row should be left open); rows that are not needed hold
an address from which nobody comes, as in that article. IPv6 has rows of its own, which are open by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from ....document.model import Row
from ....errors import NotPossible
from ....policy.model import Management, Network
from .context import Context

MANAGEMENT_SERVICES = frozenset({"http", "https", "ssh", "snmp", "telnet"})
_TRUSTED_ROWS = 10
_FILL = {4: "255.255.255.255/32", 6: "::1/128"}
_OPEN = {4: "0.0.0.0/0", 6: "::/0"}
_TLS = ("tlsv1-2", "tlsv1-3")


def compile_concern(context: Context) -> None:
    """Add the settings of the management plane."""
    management = context.management
    for name in context.topology.wan:
        row = context.document.find(context.table("system/interface"), name)
        if row is not None:
            left, left6 = _harmless(row["allowaccess"]), _harmless(row["ipv6"]["ip6-allowaccess"])
            context.keep("system/interface", name, {"allowaccess": left, "ipv6": {"ip6-allowaccess": left6}}, "WEB-3")
    _admins(context, management)
    _login(context, management)
    _passwords(context, management)


def _harmless(services: Sequence[str]) -> tuple[str, ...]:
    return tuple(service for service in services if service not in MANAGEMENT_SERVICES)


def _admins(context: Context, management: Management) -> None:
    by_version: dict[int, list[Network]] = {4: [], 6: []}
    for network in management.networks:
        by_version[network.version].append(network)
    for version, networks in by_version.items():
        if len(networks) > _TRUSTED_ROWS:
            raise NotPossible(
                f"voip_policy.management.networks: {len(networks)} IPv{version} networks; FortiOS takes "
                f"{_TRUSTED_ROWS} an account"
            )
    for admin in context.document.rows(context.table("system/admin")):
        values: Row = {
            "trusthosts": trusted_rows(admin["trusthosts"], by_version[4], 4),
            "ip6-trusthosts": trusted_rows(admin["ip6-trusthosts"], by_version[6], 6),
        }
        context.keep("system/admin", admin["name"], values, "WEB-3", "ADM-4")


def trusted_rows(present: Sequence[str], allowed: Sequence[Network], version: int) -> tuple[str, ...]:
    """The ten rows of one account: narrower ones that it has are kept, open ones are closed."""
    fill, opened = _FILL[version], _OPEN[version]
    own = [row for row in present if row not in (fill, opened)]
    if own and present[0] != opened and all(_within(ip_network(row), allowed) for row in own):
        return tuple(fill if row == opened else row for row in present)
    rows = [str(network) for network in allowed]
    return tuple(rows + [fill] * (_TRUSTED_ROWS - len(rows)))


def _within(network: IPv4Network | IPv6Network, allowed: Sequence[Network]) -> bool:
    return any(network.version == outer.version and network.subnet_of(outer) for outer in allowed)  # type: ignore[arg-type]


def _login(context: Context, management: Management) -> None:
    present = context.document.singleton(context.table("system/global"))
    versions = tuple(version for version in present["admin-https-ssl-versions"] if version in _TLS)
    values: Row = {
        "admintimeout": min(present["admintimeout"], management.idle_timeout_minutes),
        "admin-lockout-threshold": min(present["admin-lockout-threshold"], management.lockout_threshold),
        "admin-lockout-duration": max(present["admin-lockout-duration"], management.lockout_seconds),
        "admin-https-ssl-versions": versions or _TLS,
        "admin-telnet": "disable",
    }
    context.keep("system/global", "", values, "ADM-4", "WEB-3")


def _passwords(context: Context, management: Management) -> None:
    present = context.document.singleton(context.table("system/password-policy"))
    values: Row = {
        "status": "enable",
        "apply-to": tuple(sorted({*present["apply-to"], "admin-password"})),
        "minimum-length": max(present["minimum-length"], management.password_min_length),
    }
    for name in ("min-lower-case-letter", "min-upper-case-letter", "min-number"):
        values[name] = max(present[name], 1)
    context.keep("system/password-policy", "", values, "ADM-4")
