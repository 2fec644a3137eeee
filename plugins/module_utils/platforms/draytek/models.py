# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of Vigor that this collection knows, and what fits into them.

Sources: Vigor2927 Series User's Guide 2.2 part X and Vigor3912 Series User's Guide 1.01 part VIII, "Telnet Commands";
`sys version` of a Vigor2927Lac 4.5.2.2 and of a Vigor3912S 4.4.7_RC2. The other models of a class share its commands by
descent; no transcript of them is public, so what a unit prints is checked all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import Unsupported

IP_OBJECTS, IP_GROUPS, SERVICE_OBJECTS, SERVICE_GROUPS, SCHEDULES = 192, 32, 96, 32, 15
"""How many there are of each, on every class."""
NAME_LENGTH = 14
"""Characters of an object's name ("less than 15 characters")."""
SIDE = 2
"""IPv4 objects or groups that one side of a filter rule takes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits into a class of units.

    `sets` filter sets of `rules` rules; LANs 1 to `lans`; VLAN rows 0 to `vlan_rows` - 1; `pool` addresses that a
    LAN's DHCP server hands out; `acl_kind`: the word that tells objects from names in `mngt accesslist add`;
    `acl_restarts`: whether the access list counts from the next start only ("Please do "sys re" to reboot").
    """

    sets: int
    rules: int
    lans: int
    vlan_rows: int
    pool: int = 220
    acl_kind: str = ""
    acl_restarts: bool = False


SMALL = Limits(sets=12, rules=7, lans=8, vlan_rows=16)
LARGE = Limits(sets=50, rules=30, lans=100, vlan_rows=100, acl_kind="ip", acl_restarts=True)

_SUFFIX = "[A-Za-z]{0,6}(-5G)?"
"""Radios, lines and power of a model: `Lac`, `ax`, `Lax-5G`, `P`, `S`."""
_CLASSES: tuple[tuple[re.Pattern[str], Limits], ...] = (
    (re.compile(rf"Vigor(2862|2865|2866|2915|2926|2927){_SUFFIX}"), SMALL),
    (re.compile(rf"Vigor(2962|3910|3912){_SUFFIX}"), LARGE),
)
_LINUX = re.compile(r"Vigor(3900|2960|300B)")
KNOWN = "Vigor2862, 2865, 2866, 2915, 2926, 2927, 2962, 3910 and 3912"
DEFAULT_MODEL, DEFAULT_VERSION = "Vigor2927", "4.4.5"
"""What is rendered for where no unit says what it is."""


def limits_of(model: str) -> Limits:
    """The limits of a model by the name that it gives itself. Raises `Unsupported` for models that nobody checked."""
    if _LINUX.match(model):
        raise Unsupported(f"{model} has a command line of its own (Linux) that this collection does not speak")
    limits = next((limits for pattern, limits in _CLASSES if pattern.fullmatch(model)), None)
    if limits is None:
        raise Unsupported(f"{model} is not supported: {KNOWN} are")
    return limits
