# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of everything that we create on a pfSense.

Rules, forwards, VLANs and notes are known by their descriptions, aliases by their names, which allow no dash
(inc/util.inc `is_validaliasname`: up to 31 letters, digits and underscores).
"""

from __future__ import annotations

import zlib

from ...document.model import MARK

ALIAS_MARK = "VOIPH_"
"""What the names of our aliases and the description of our interface begin with; the latter becomes a pf macro."""

SIGNALLING, MEDIA, PROVIDER = f"{ALIAS_MARK}SIGNALLING", f"{ALIAS_MARK}MEDIA", f"{ALIAS_MARK}PROVIDER"
SIP, RTP = f"{ALIAS_MARK}SIP", f"{ALIAS_MARK}RTP"
SIP_IN = {"tcp": f"{ALIAS_MARK}SIP_IN_TCP", "udp": f"{ALIAS_MARK}SIP_IN_UDP"}
"""What the provider alone may send to: the ports in use, and the inside ports of forwards from those."""
RTP_IN = f"{ALIAS_MARK}RTP_IN"
CLOSED = {"tcp": f"{ALIAS_MARK}SIP_CLOSED_TCP", "udp": f"{ALIAS_MARK}SIP_CLOSED_UDP"}
CLOSED_IN = {"tcp": f"{ALIAS_MARK}CLOSED_IN_TCP", "udp": f"{ALIAS_MARK}CLOSED_IN_UDP"}
WITH_PBX = {"tcp": f"{ALIAS_MARK}PBX_TCP", "udp": f"{ALIAS_MARK}PBX_UDP"}
DNS, NTP, PROVISIONING = f"{ALIAS_MARK}DNS", f"{ALIAS_MARK}NTP", f"{ALIAS_MARK}PROVISIONING"
MANAGERS, MANAGEMENT_PORTS = f"{ALIAS_MARK}MANAGERS", f"{ALIAS_MARK}MANAGEMENT_PORTS"
INTERFACE = f"{ALIAS_MARK}VOICE"

VLAN = f"{MARK}voice"
STATIC_PORT, TRANSLATE = f"{MARK}static-port", f"{MARK}translate"
FORWARD = f"{MARK}pbx-"
NOTE = f"{MARK}was-"

ALLOW_MANAGERS, BLOCK_MANAGEMENT = f"{MARK}allow-managers", f"{MARK}block-management"
ALLOW_SIGNALLING, ALLOW_MEDIA = f"{MARK}allow-signalling", f"{MARK}allow-media"
PBX_SIGNALLING, PBX_MEDIA = f"{MARK}allow-pbx-signalling", f"{MARK}allow-pbx-media"
PBX_OUT_SIGNALLING, PBX_OUT_MEDIA = f"{MARK}pbx-out-signalling", f"{MARK}pbx-out-media"
INTO_VOICE_SIGNALLING, INTO_VOICE_MEDIA = f"{MARK}into-voice-signalling", f"{MARK}into-voice-media"
VOICE_TO_PBX, PBX_TO_VOICE = f"{MARK}allow-voice-to-pbx", f"{MARK}allow-pbx-to-voice"
ALLOW_DNS, ALLOW_NTP, ALLOW_PROVISIONING = f"{MARK}allow-dns", f"{MARK}allow-ntp", f"{MARK}allow-provisioning"
BLOCK = f"{MARK}block-"
BLOCK_SIP_IN, BLOCK_RTP_IN, BLOCK_CLOSED_IN = f"{BLOCK}sip-in", f"{BLOCK}rtp-in", f"{BLOCK}closed-in"
BLOCK_SIP_OUT, BLOCK_CLOSED_OUT = f"{BLOCK}sip-out", f"{BLOCK}closed-out"
VOICE_DENY_OUT, VOICE_DENY_IN = f"{MARK}voice-deny-out", f"{MARK}voice-deny-in"

RULE_ORDER = (
    ALLOW_MANAGERS,
    BLOCK_MANAGEMENT,
    ALLOW_SIGNALLING,
    ALLOW_MEDIA,
    PBX_SIGNALLING,
    PBX_MEDIA,
    PBX_OUT_SIGNALLING,
    PBX_OUT_MEDIA,
    INTO_VOICE_SIGNALLING,
    INTO_VOICE_MEDIA,
    VOICE_TO_PBX,
    PBX_TO_VOICE,
    ALLOW_DNS,
    ALLOW_NTP,
    ALLOW_PROVISIONING,
    BLOCK,
    VOICE_DENY_OUT,
    VOICE_DENY_IN,
)
"""Beginnings of our rules' names in the order in which they stand, whichever concerns are looked at."""

FIRST_TRACKER, TRACKERS = 3_000_000_000, 1_000_000_000
"""Where the numbers of our rules lie: the web interface takes the clock (1.7 thousand million), pf has 32 bits."""


def rule_rank(name: str) -> int:
    """The place of one of our rules among the others."""
    return next((i for i, start in enumerate(RULE_ORDER) if name.startswith(start)), len(RULE_ORDER))


def tracker(name: str, taken: frozenset[str] | set[str]) -> str:
    """The number of a new rule of ours: the same one on every box, unless somebody has taken it."""
    number = zlib.crc32(name.encode()) % TRACKERS
    while str(FIRST_TRACKER + number) in taken:
        number = (number + 1) % TRACKERS
    return str(FIRST_TRACKER + number)
