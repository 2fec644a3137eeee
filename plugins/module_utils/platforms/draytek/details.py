# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read of one Vigor besides its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .models import Limits
from .reader.nat import Forward


@dataclass(frozen=True, slots=True)
class Details:
    """`unused_type`: the address type of an IP object that nobody used. `free`: the keys of free places by table, in
    the order in which we take them. `sets`: our filter sets by comment. `ports`: names of the LAN ports, as `vlan
    status` heads its columns. `room`: members that a group has room for; `service_room`: a service group.
    `system_vids`: the VLAN ids that the unit keeps for itself. `forwards`: None where they were not read; so with
    `remote_is_shown`, which says whether the unit tells which services answer to the WAN. `started`: when it started,
    in seconds since 1970 by the controller's clock. `qos_class`: the class for voice, 0 where the site keeps none.
    """

    limits: Limits
    unused_type: str
    free: Mapping[str, tuple[str, ...]]
    sets: Mapping[str, str]
    ports: tuple[str, ...] = ()
    room: int = 0
    service_room: int = 0
    system_vids: tuple[int, int] = (0, 0)
    forwards: tuple[Forward, ...] | None = None
    remote_is_shown: bool = True
    started: int = 0
    qos_class: int = 0
