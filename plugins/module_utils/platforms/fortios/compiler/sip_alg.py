# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP ALG off: the four conditions under which a FortiGate leaves SIP alone.

Sources: Fortinet document 147933, articles 211669, 194131 and 384586. Under `proxy-based` the ALG handles SIP with
the default profile, whatever the session helper; a policy with a VoIP profile uses the ALG under either mode. So: the
mode is `kernel-helper-based`, no session helper called `sip` is left, no policy that carries SIP has a VoIP profile or
VoIP filter, and expectations and NAT tracing are off.
"""

from __future__ import annotations

from ..traffic import carries_sip
from .context import Context

_SETTINGS = {
    "default-voip-alg-mode": "kernel-helper-based",
    "sip-expectation": "disable",
    "sip-nat-trace": "disable",
}
_PROFILES = ("voip-profile", "ips-voip-filter")


def compile_concern(context: Context) -> None:
    """Add what switches the ALG off in every VDOM that voice crosses."""
    document = context.document
    for vdom in context.vdoms:
        context.keep("system/settings", "", _SETTINGS, "FW-3", vdom=vdom)
        for row in document.rows(context.table("firewall/policy", vdom)):
            used = [name for name in _PROFILES if row.get(name)]
            if used and carries_sip(row, document, vdom, context.policy.guarded_sip_ports):
                context.keep("firewall/policy", row["policyid"], dict.fromkeys(used, ""), "FW-3", vdom=vdom)
    helpers = context.table("system/session-helper")
    for row in document.rows(helpers):
        if row["name"] == "sip":
            context.remove("system/session-helper", row["id"], "FW-3")
