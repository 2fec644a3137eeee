# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A FortiGate that nobody has configured, as far as our compilers look at one: for `state: rendered`.

Factory values: CLI references 7.0 to 7.6. The interfaces are those that the policy names.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_interface

from ...document.model import SINGLETON, Document, Row, TableId
from ...policy.model import SitePolicy
from .tables import GLOBAL, PATHS, Version, scope_of, specs_for

_DEFAULT_WAN, _DEFAULT_LAN = "wan1", "internal"
_NO_ADDRESS = "0.0.0.0/0"

_SETTINGS: dict[str, Row] = {
    "system/settings": {
        "ngfw-mode": "profile-based",
        "central-nat": "disable",
        "default-voip-alg-mode": "proxy-based",
        "sip-expectation": "disable",
        "sip-nat-trace": "enable",
    },
    "system/sdwan": {"status": "disable", "zone": ("virtual-wan-link",), "members": ()},
    "system/password-policy": {
        "status": "disable",
        "apply-to": ("admin-password",),
        "minimum-length": 8,
        "min-lower-case-letter": 0,
        "min-upper-case-letter": 0,
        "min-number": 0,
    },
    "system/central-management": {"type": "none"},
    "system/ha": {"mode": "standalone"},
    "system/global": {
        "vdom-mode": "no-vdom",
        "cfg-save": "automatic",
        "cfg-revert-timeout": 600,
        "admin-telnet": "enable",
        "admintimeout": 5,
        "admin-lockout-threshold": 3,
        "admin-lockout-duration": 60,
        "admin-https-ssl-versions": ("tlsv1-2", "tlsv1-3"),
    },
}

_ROWS: dict[str, tuple[Row, ...]] = {
    "system/session-helper": ({"id": 13, "name": "sip", "protocol": 17, "port": 5060},),
    "system/admin": (
        {
            "name": "admin",
            "two-factor": "disable",
            "trusthosts": ("0.0.0.0/0",) * 10,
            "ip6-trusthosts": ("::/0",) * 10,
        },
    ),
}


def blank_document(policy: SitePolicy, vdoms: Sequence[str], version: Version) -> Document:
    """Every table of a unit fresh from the factory with the policy's interfaces."""
    document = Document(specs_for(version))
    for path in PATHS:
        for vdom in (GLOBAL,) if scope_of(path) == GLOBAL else vdoms:
            rows = [dict(row) for row in _ROWS.get(path, ())]
            if document.specs[path].shape == SINGLETON:
                rows = [dict(_SETTINGS[path])]
            elif path == "system/interface":
                rows = [_interface(policy, name, role, vdoms[0]) for name, role in _interfaces(policy)]
            document.tables[TableId(vdom, path)] = rows
    return document


def _interfaces(policy: SitePolicy) -> list[tuple[str, str]]:
    parent = (policy.voice_vlan.parent_interface if policy.voice_vlan else None) or _DEFAULT_LAN
    return [*((name, "wan") for name in policy.wan_interfaces or (_DEFAULT_WAN,)), (parent, "lan")]


def _interface(policy: SitePolicy, name: str, role: str, vdom: str) -> Row:
    return {
        "name": name,
        "type": "physical",
        "role": role,
        "description": "",
        "mode": "static",
        "status": "up",
        "vdom": vdom,
        "ip": _lan_address(policy) if role == "lan" else _NO_ADDRESS,
        "allowaccess": ("https", "ping", "ssh"),
        "ipv6": {"ip6-allowaccess": ()},
        "secondaryip": (),
        "lldp-transmission": "vdom",
        "lldp-network-policy": "",
    }


def _lan_address(policy: SitePolicy) -> str:
    """A PBX outside the voice VLAN is taken to be on the LAN."""
    pbx, vlan = policy.pbx, policy.voice_vlan
    if pbx is None or (vlan is not None and pbx.address in vlan.subnet):
        return _NO_ADDRESS
    lan = ip_interface(f"{pbx.address}/24").network
    return f"{lan[1] if lan[1] != pbx.address else lan[2]}/24"
