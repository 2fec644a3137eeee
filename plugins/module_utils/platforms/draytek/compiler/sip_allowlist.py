# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP and RTP only between the site and its provider.

A Vigor has no rule for everybody *but* a group, so what is allowed stands before what is blocked, in filter sets of
our own that come before the site's. They are led to only once they are complete.
"""

from __future__ import annotations

from ....errors import NotPossible
from .. import names
from ..exposure import exposing_rules
from ..tables import RULES
from .allow import BLOCK, INWARDS, OUTWARDS, allow_provider
from .context import Context


def compile_concern(context: Context) -> None:
    """Add the provider's objects, the rules that allow, then those that block."""
    policy = context.policy
    if policy.pbx is not None and policy.voice_vlan is not None and policy.pbx.address not in policy.voice_vlan.subnet:
        raise NotPossible(
            f"voip_policy.pbx.address: {policy.pbx.address} is outside the voice subnet; on a Vigor a phone system is "
            "reached in the phones' own network only"
        )
    if policy.pbx is not None:
        context.remarks.append(
            "port redirections to the phone system are the site's to make; whatever they are, SIP and RTP pass through "
            "them for the provider only"
        )
    allow_provider(context)
    guarded = context.services(names.SIP_GUARDED, "FW-1", **policy.guarded_sip_ports)
    media = context.services(names.RTP, "FW-2", udp=policy.provider.rtp_ports)
    context.rule(names.BLOCK_SIP_OUT, OUTWARDS, BLOCK, "FW-1", "SVC-1", service=guarded)
    context.rule(names.BLOCK_SIP_IN, INWARDS, BLOCK, "FW-1", "SVC-1", service=guarded)
    context.rule(names.BLOCK_RTP_IN, INWARDS, BLOCK, "FW-2", service=media)
    if policy.enforce_exclusive:
        for row in exposing_rules(policy, context.document):
            context.keep(RULES, row["id"], {"enabled": False}, "FW-1", "FW-2")
