# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read of one pfSense besides its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...posture.record import ChangedBy


@dataclass(frozen=True, slots=True)
class Details:
    """`config`: the parts of config.xml that were read, by path, as the vendor's parser yields them. `digest` and
    `revision` tell this configuration from every other. `addresses`: what the interfaces have now, by name. `groups`:
    interfaces by interface group. `armed`: the token of a rollback that waits, or waited when the box was started
    again. `peer`: the address of the box that this one copies its settings to.
    `disabled`: the packet filter is off. `kea`: the DHCP server is Kea, not ISC's. `queues`: the names of the traffic
    shaper's queues that are on. `limiters`: those that voice goes through, out and back, as somebody asked for it.
    `limiters_there`: those that are on and their queues, by name, and whether it is a queue. `changed_by`: who wrote
    it, where the box says so.
    """

    config: Mapping[str, Any]
    digest: str = ""
    revision: str = ""
    addresses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    armed: str = ""
    disabled: bool = False
    kea: bool = False
    queues: frozenset[str] = frozenset()
    limiters: tuple[str, ...] = ()
    limiters_there: Mapping[str, bool] = field(default_factory=dict)
    peer: str = ""
    factory_password: bool | None = None
    changed_by: ChangedBy | None = None
