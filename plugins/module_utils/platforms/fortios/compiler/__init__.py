# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy and observed unit to the desired unit, one file a concern."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ....document.diff import Desired
from ....document.model import Document, Row, TableId
from ....policy.model import SitePolicy
from ..memory import withdraw_settings
from ..ownership import Ownership
from . import management_access, sip_alg, sip_allowlist, voice_vlan
from .context import Context

_COMPILERS: Mapping[str, Callable[[Context], None]] = {
    "sip_alg": sip_alg.compile_concern,
    "sip_allowlist": sip_allowlist.compile_concern,
    "voice_vlan": voice_vlan.compile_concern,
    "management_access": management_access.compile_concern,
}

_RULES_AND_OBJECTS = (
    "firewall/address",
    "firewall/address6",
    "firewall/addrgrp",
    "firewall/addrgrp6",
    "firewall.service/custom",
    "firewall.service/group",
    "firewall.shaper/traffic-shaper",
    "system.lldp/network-policy",
    "system/interface",
    "system/zone",
    "system/sdwan",
    "system.dhcp/server",
    "firewall/vip",
    "firewall/vipgrp",
    "firewall/policy",
    "firewall/local-in-policy",
    "firewall/local-in-policy6",
    "firewall/shaping-policy",
)

READS: Mapping[str, tuple[str, ...]] = {
    "sip_alg": (
        "firewall/address",
        "firewall.service/custom",
        "firewall.service/group",
        "firewall/policy",
        "system/session-helper",
    ),
    "sip_allowlist": _RULES_AND_OBJECTS,
    "voice_vlan": _RULES_AND_OBJECTS,
    "management_access": (
        "firewall/address",
        "system/interface",
        "system/password-policy",
        "system/admin",
    ),
}
"""The tables that a concern looks at, besides those that tell whether the unit may be changed at all."""


def compile_policy(
    policy: SitePolicy, concerns: Sequence[str], document: Document, vdoms: Sequence[str]
) -> tuple[Desired, list[str]]:
    """What the policy asks of this unit for these concerns, and remarks on what could not be asked.

    Raises `NotPossible` where the unit lacks what the policy needs.
    """
    context = Context(policy, tuple(concerns), document, tuple(vdoms))
    for concern in concerns:
        context.concern = concern
        _COMPILERS[concern](context)
    return Desired(context.claims, *context.collected()), context.remarks


def withdraw(concerns: Sequence[str], document: Document, vdoms: Sequence[str]) -> tuple[Desired, list[str]]:
    """Nothing of ours left for these concerns, and the settings back at what they were before the first run."""

    ownership = Ownership(document)

    def claims(table: TableId, row: Row) -> tuple[str, ...]:
        return ownership.claims(table, row, concerns, withdrawing=True)

    desired = Desired(claims, giving_back=True)
    remarks = withdraw_settings(desired, concerns, document, TableId(vdoms[0], "firewall/address"))
    return desired, remarks
