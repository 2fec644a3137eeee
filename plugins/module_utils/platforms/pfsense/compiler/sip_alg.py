# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing between phones and provider that rewrites SIP, and states that outlive the pauses between refreshes.

pf itself has no SIP helper (no such thing in inc/filter.inc); the package siproxd is one, and takes every packet to UDP
5060 over. `conservative` keeps UDP states for 300, 150 and 900 s (set timeout udp.first, udp.single, udp.multiple).
"""

from __future__ import annotations

from ....document.model import Row
from .. import names
from ..ownership import bears_mark
from ..tables import OUTBOUND, OUTBOUND_RULES, SIPROXD, TIMEOUTS, UDP_TIMEOUTS, number_of, table
from .context import Context
from .rules import provider_networks

LEAST_SECONDS = 180
"""Phones refresh their registration or send a keep-alive more often than that."""


def compile_concern(context: Context) -> None:
    """Add the settings; and the rule for translation that keeps source ports where the provider asks for it."""
    if "siproxd" in context.details.packages or context.document.singleton(table(SIPROXD))["enabled"]:
        context.keep(table(SIPROXD), "", {"enabled": False}, "FW-3")
    context.keep(table(TIMEOUTS), "", _timeouts(context), "FW-3")
    if context.policy.provider.static_port and context.policy.voice_vlan is not None:
        _static_port(context)


def _timeouts(context: Context) -> Row:
    """What is to change so that no UDP state ends before its time; a site's own choice other than `normal` stays."""
    present = context.document.singleton(table(TIMEOUTS))
    given = {name: number_of(TIMEOUTS, present, name) for name in UDP_TIMEOUTS}
    if all(seconds >= LEAST_SECONDS for seconds in given.values()):
        return {}
    ours = context.was_set(table(TIMEOUTS), "optimization")
    chosen = present["optimization"] not in ("", "normal", "conservative") and not ours
    raised = {n: str(LEAST_SECONDS) for n, s in given.items() if s < LEAST_SECONDS and (s or chosen)}
    return raised if chosen else {"optimization": "conservative", **raised}


def _static_port(context: Context) -> None:
    mode = context.document.singleton(table(OUTBOUND))["mode"]
    if mode == "disabled":
        context.remarks.append("outgoing translation is switched off on this box: source ports stay as they are")
        return
    if mode in ("", "automatic"):
        context.keep(table(OUTBOUND), "", {"mode": "hybrid"}, "FW-3")
        for row in context.document.rows(table(OUTBOUND_RULES)):
            if not row["disabled"] and not bears_mark(OUTBOUND_RULES, row):
                # Left over from another mode: with automatic rules alone it has no effect, and is to get none.
                context.keep(table(OUTBOUND_RULES), row["key"], {"disabled": True}, "FW-3")
    provider_networks(context)
    context.nested(names.PROVIDER, (names.SIGNALLING, names.MEDIA), "FW-3")
    for wan in context.topology.wan:
        name = f"{names.STATIC_PORT}-{wan}"
        context.translation(name, wan, names.PROVIDER, "FW-3", protocol="udp", static_port=True)
