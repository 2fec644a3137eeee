# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of everything that we put on a Vigor.

A name has room for 14 characters, of which the mark takes six. Objects are named by what they hold, so that one never
changes its meaning while a rule uses it; groups and rules by what they are for. A rule's comment ends with a digest of
the rule, by which its parts are known that a unit shows in words that nobody understands.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network

from ...document.model import MARK, Row
from ...policy.model import PortRange

SIGNALLING, MEDIA = f"{MARK}SIGNAL", f"{MARK}MEDIA"
DNS, NTP, PROVISIONING = f"{MARK}DNS", f"{MARK}NTP", f"{MARK}PROV"
SIP, SIP_GUARDED, RTP = f"{MARK}SIP", f"{MARK}SIPALL", f"{MARK}RTP"
SIP_IN, RTP_IN = f"{MARK}SIPIN", f"{MARK}RTPIN"
DNS_SERVICE, NTP_SERVICE, PROVISIONING_SERVICE = f"{MARK}DNSPORT", f"{MARK}NTPPORT", f"{MARK}HTTPS"
REMEMBERED = f"{MARK}w"
"""Followed by what was remembered; no other name goes on with a small letter."""
STARTED, LIST_STARTED = f"{MARK}wboot", f"{MARK}wlist"
"""Remember when the unit had started at the time its LANs, or its list of administrators, were changed, to tell whether
it was started again since."""
GUARD = f"{MARK}guard"
"""The schedule that lets new block rules run out until they are proved."""
SETS = (f"{MARK}1", f"{MARK}2")
"""Comments of our filter sets, in the order in which they are passed through."""

ALLOW_SIGNALLING, ALLOW_MEDIA = "allow-signalling", "allow-media"
SIGNALLING_IN, MEDIA_IN = "allow-signalling-in", "allow-media-in"
BLOCK_SIP_OUT, BLOCK_SIP_IN, BLOCK_RTP_IN = "block-sip-out", "block-sip-in", "block-rtp-in"
ALLOW_DNS, ALLOW_NTP, ALLOW_PROVISIONING = "allow-dns", "allow-ntp", "allow-provisioning"
VOICE_DENY_OUT, VOICE_DENY_IN = "voice-deny-out", "voice-deny-in"
VOICE_DENY_LAN, LAN_DENY_VOICE = "voice-deny-lan", "lan-deny-voice"
AROUND_PHONES = (VOICE_DENY_OUT, VOICE_DENY_IN, VOICE_DENY_LAN, LAN_DENY_VOICE)

PLACES: Mapping[str, tuple[str, int, int]] = {
    ALLOW_SIGNALLING: ("A1", 0, 1),
    ALLOW_MEDIA: ("A2", 0, 2),
    SIGNALLING_IN: ("A3", 0, 3),
    MEDIA_IN: ("A4", 0, 4),
    BLOCK_SIP_OUT: ("B1", 0, 5),
    BLOCK_SIP_IN: ("B2", 0, 6),
    BLOCK_RTP_IN: ("B3", 0, 7),
    ALLOW_DNS: ("V1", 1, 1),
    ALLOW_NTP: ("V2", 1, 2),
    ALLOW_PROVISIONING: ("V3", 1, 3),
    VOICE_DENY_OUT: ("V4", 1, 4),
    VOICE_DENY_IN: ("V5", 1, 5),
    VOICE_DENY_LAN: ("V6", 1, 6),
    LAN_DENY_VOICE: ("V7", 1, 7),
}
"""For each rule: its two letters in the comment, which of our sets it is in, and its place there. What is allowed comes
before what is blocked, so that no order of steps cuts the provider off."""
_BY_LETTERS = {letters: name for name, (letters, _set, _place) in PLACES.items()}

_DIGEST = 6
_PROTOCOLS = {"tcp": 0, "udp": 1, "any": 2}


def _base32(number: int, characters: int) -> str:
    """A number in that many capital letters and digits."""
    bits = 5 * characters
    return base64.b32encode((number << (-bits % 40)).to_bytes(5 * -(-bits // 40), "big")).decode()[:characters]


def ip_object(network: IPv4Network | IPv4Address) -> str:
    """The name of the object of a network: its address and length, in eight characters."""
    whole = IPv4Network(network)
    return f"{MARK}{_base32((int(whole.network_address) << 6 | whole.prefixlen) << 2, 8)}"


def service_object(protocol: str, ports: PortRange) -> str:
    """The name of the object of some ports: S, the protocol and both ends, in eight characters."""
    number = (_PROTOCOLS[protocol] << 32 | ports.first << 16 | ports.last) << 1
    return f"{MARK}S{_base32(number, 7)}"


def place_of(name: str, sets: Mapping[str, str], rules: int) -> tuple[str, int]:
    """The set (its key) and the place of one of our rules.

    `sets` are the keys of our sets by comment, `rules` how many a set takes: where one takes all of ours, the rules of
    the second follow those of the first.
    """
    _letters, index, place = PLACES[name]
    if needed_sets(rules) == 1:
        return sets[SETS[0]], place + index * 7
    return sets[SETS[index]], place


def needed_sets(rules: int) -> int:
    """How many sets all of our rules take, where one takes so many."""
    return 1 if rules >= len(PLACES) else 2


def comment_of(name: str, digest: str) -> str:
    """A rule's comment: the mark, its letters and its digest."""
    return f"{MARK}{PLACES[name][0]}{digest}"


def read_comment(comment: str) -> tuple[str, str]:
    """(name, digest) of one of our rules; other comments are names of their own, without a digest."""
    body = comment.removeprefix(MARK)
    if not comment.startswith(MARK) or body[:2] not in _BY_LETTERS or len(body) != 2 + _DIGEST:
        return comment, ""
    return _BY_LETTERS[body[:2]], body[2:]


def digest_of(row: Row) -> str:
    """A short digest of what a rule is to hold, for its comment."""
    content = {name: value for name, value in row.items() if name not in ("digest", "schedules", "enabled")}
    text = json.dumps(content, sort_keys=True, default=str)
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:_DIGEST]
