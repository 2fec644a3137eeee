# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables that a Vigor's settings are kept in, in the words of its command line, in the order in which they are
made.

A numbered place that nobody uses is no row: making a row takes a free place, taking it away leaves the place as it left
the factory. Keys of objects hold their kind (`object 3`, `group 2`), so that a reference tells which table it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ...document.model import SINGLETON, TableId, TableSpec
from ..tabular import described
from . import names

OBJECTS, GROUPS = "object ip obj", "object ip grp"
SERVICES, SERVICE_GROUPS = "object service obj", "object service grp"
SCHEDULES = "object schedule"
LANS, TALK = "msubnet", "msubnet talk"
VLAN_ROWS, VLAN = "vlan row", "vlan"
OPTIONS = "srv dhcp option"
SETS, RULES, FILTER = "ipf set", "ipf rule", "ipf"
SIP_ALG = "sys sip_alg"
BRUTE_FORCE, LAN_ACCESS, ACCESS_LIST, REMOTE = "mngt bfp", "mngt lanaccess", "mngt accesslist", "mngt rmtcfg"


_table = partial(described, key="id")
_SIDES = (OBJECTS, GROUPS)

SPECS: Mapping[str, TableSpec] = {
    spec.path: spec
    for spec in (
        _table(
            OBJECTS,
            *("id", "name", "interface", "type", "start", "end", "invert"),
            identity="name",
            collected=True,
            usual={"interface": "any", "end": "0.0.0.0", "invert": 0},
            unsteady=dict.fromkeys((names.STARTED, names.LIST_STARTED), frozenset({"start"})),
        ),
        _table(
            GROUPS,
            *("id", "name", "interface", "member"),
            identity="name",
            collected=True,
            refs={"member": (OBJECTS,)},
            usual={"interface": "any"},
        ),
        _table(
            SERVICES,
            *("id", "name", "protocol", "source", "destination"),
            identity="name",
            collected=True,
            usual={"source": (0, 1, 65535)},
        ),
        _table(
            SERVICE_GROUPS,
            *("id", "name", "member"),
            identity="name",
            collected=True,
            refs={"member": (SERVICES,)},
        ),
        # The one that guards new block rules comes and goes with them.
        _table(
            SCHEDULES,
            *("id", "enabled", "comment", "start", "minutes"),
            collected=True,
            volatile=("enabled", "comment", "start", "minutes"),
        ),
        _table(SETS, "id", "comment", "next", identity="comment", collected=True, refs={"next": (SETS,)}),
        _table(
            RULES,
            *("id", "set", "name", "digest", "enabled", "direction", "incoming", "outgoing", "source", "destination"),
            *("service", "fragments", "action", "branch", "schedules", "qos", "log"),
            title="name",
            refs={"set": (SETS,), "source": _SIDES, "destination": _SIDES, "service": (SERVICES, SERVICE_GROUPS)},
            usual={
                "incoming": ("all",),
                "outgoing": ("all",),
                "fragments": 0,
                "branch": "",
                "schedules": (0, 0, 0, 0),
                "qos": 0,
                "enabled": True,
            },
        ),
        _table(FILTER, "data", "call", "default", shape=SINGLETON, refs={"data": (SETS,), "call": (SETS,)}),
        _table(SIP_ALG, "master", "sip", "udp", "tcp", "port", shape=SINGLETON),
        _table(
            LANS,
            *("id", "address", "mask", "dhcp", "start", "count", "gateway", "lease", "dns1", "dns2", "enabled"),
        ),
        _table(TALK, "pairs", shape=SINGLETON),
        _table(VLAN_ROWS, "id", "ports", "vid", "pri", "tagged", "lan", refs={"lan": (LANS,)}),
        _table(VLAN, "enabled", "p1_untagged", shape=SINGLETON),
        _table(OPTIONS, "id", "where", "index", "enabled", "type", "data"),
        _table(BRUTE_FORCE, "enabled", "services", "failures", "penalty", shape=SINGLETON),
        _table(
            LAN_ACCESS,
            *("enabled", "services", "everywhere", "lans"),
            shape=SINGLETON,
            guarded=("enabled", "services", "everywhere", "lans"),
        ),
        _table(ACCESS_LIST, "id", "object", refs={"object": (OBJECTS,)}, guarded=("object",)),
        _table(REMOTE, "master", "services", shape=SINGLETON, guarded=("master", "services")),
    )
}
"""By path. Settings (rows that are not ours) change in this order too, once everything of ours stands."""

PATHS = tuple(SPECS)

AFTER_RESTART: Mapping[str, frozenset[str]] = {
    LANS: frozenset(SPECS[LANS].fields) - {"lease"},
    TALK: frozenset({"pairs"}),
    VLAN_ROWS: frozenset({"lan"}),
}
"""Fields that take effect when the unit starts again ("This setting will take effect after rebooting")."""


def table(path: str) -> TableId:
    """The table of a unit; a Vigor has one scope only."""
    return TableId("", path)
