# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP ALG off.

Two switches: the master (`sys alg`) and the one of SIP. The helper works only where both are on; the master serves RTSP
and others as well and is left alone. Sources: draytek.co.uk, "SIP ALG" (NAT >> ALG); Vigor2927 Series User's Guide 2.2
part X and Vigor3912 Series User's Guide 1.01 part VIII, `sys alg` and `sys sip_alg`.
"""

from __future__ import annotations

from ..tables import SIP_ALG, table
from .context import Context


def compile_concern(context: Context) -> None:
    """Add what switches the helper off; without the master it is off."""
    if context.document.singleton(table(SIP_ALG))["master"]:
        context.keep(SIP_ALG, "", {"sip": False}, "FW-3")
