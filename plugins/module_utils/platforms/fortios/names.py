# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of everything that we create on a FortiGate.

Lengths: interfaces 15, policies, shapers and shaping policies 35, addresses, groups and services 79 characters
(CLI references 7.0 to 7.6).
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from ...document.model import MARK
from ...policy.model import Destination

VOICE = f"{MARK}voice"
SIGNALLING, MEDIA = f"{MARK}signalling", f"{MARK}media"
SIGNALLING6, MEDIA6 = f"{MARK}signalling6", f"{MARK}media6"
DNS, NTP, PROVISIONING = f"{MARK}dns", f"{MARK}ntp", f"{MARK}provisioning"

SIP, SIP_CLOSED, RTP = f"{MARK}SIP", f"{MARK}SIP-closed", f"{MARK}RTP"
DNS_SERVICE, NTP_SERVICE, PROVISIONING_SERVICE = f"{MARK}DNS", f"{MARK}NTP", f"{MARK}HTTPS"

ALLOW_SIGNALLING, ALLOW_MEDIA = f"{MARK}allow-signalling", f"{MARK}allow-media"
ALLOW_DNS, ALLOW_NTP, ALLOW_PROVISIONING = f"{MARK}allow-dns", f"{MARK}allow-ntp", f"{MARK}allow-provisioning"
ALLOW_PBX_SIGNALLING, ALLOW_PBX_MEDIA = f"{MARK}allow-pbx-signalling", f"{MARK}allow-pbx-media"
PBX_OUT_SIGNALLING, PBX_OUT_MEDIA = f"{MARK}pbx-out-signalling", f"{MARK}pbx-out-media"
VOICE_TO_PBX, PBX_TO_VOICE = f"{MARK}allow-voice-to-pbx", f"{MARK}allow-pbx-to-voice"
BLOCK = f"{MARK}block-"
VOICE_DENY_OUT, VOICE_DENY_IN = f"{MARK}voice-deny-out", f"{MARK}voice-deny-in"
SHAPE = f"{MARK}shape-"
REMEMBERED = f"{MARK}was-"

RULE_ORDER = (
    ALLOW_SIGNALLING,
    ALLOW_MEDIA,
    ALLOW_PBX_SIGNALLING,
    ALLOW_PBX_MEDIA,
    PBX_OUT_SIGNALLING,
    PBX_OUT_MEDIA,
    VOICE_TO_PBX,
    PBX_TO_VOICE,
    ALLOW_DNS,
    ALLOW_NTP,
    ALLOW_PROVISIONING,
    BLOCK,
    VOICE_DENY_OUT,
    VOICE_DENY_IN,
)
"""Beginnings of our policies' names in the order in which they stand, whichever concerns are looked at."""

COMMENT = "Kept by voip.hardening"


def vlan_interface(vlan_id: int) -> str:
    """The name of the VLAN interface that we make; at most 14 of 15 characters."""
    return f"{MARK}VLAN{vlan_id}"


def address(destination: Destination) -> str:
    """The name of the address object of a network, an address or a host name."""
    if isinstance(destination, (IPv4Network, IPv6Network)):
        return f"{MARK}net-{destination.network_address}-{destination.prefixlen}"
    return f"{MARK}host-{destination}"[:79]


def rule_rank(name: str) -> int:
    """The place of one of our policies among the others."""
    return next((i for i, start in enumerate(RULE_ORDER) if name.startswith(start)), len(RULE_ORDER))
