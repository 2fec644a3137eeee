# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Vigor as it leaves the factory, as tables: what rendering without a unit starts from.

Sources: the views of unused places in the Vigor2927 Series User's Guide 2.2 part X and the Vigor3912 Series User's
Guide 1.01 part VIII, "Telnet Commands".
"""

from __future__ import annotations

from ...document.model import Document, Row
from ..base import Observation
from .details import Details
from .models import IP_GROUPS, IP_OBJECTS, LARGE, SERVICE_OBJECTS, SMALL, Limits, limits_of
from .models import SERVICE_GROUPS as GROUPS_OF_SERVICES
from .observation import KEPT_GROUPS, KEPT_SERVICE_GROUPS, KEPT_SERVICES
from .options import Options
from .reader import objects
from .tables import (
    ACCESS_LIST,
    BRUTE_FORCE,
    FILTER,
    GROUPS,
    LAN_ACCESS,
    LANS,
    OBJECTS,
    OPTIONS,
    REMOTE,
    RULES,
    SCHEDULES,
    SERVICE_GROUPS,
    SERVICES,
    SETS,
    SIP_ALG,
    SPECS,
    TALK,
    VLAN,
    VLAN_ROWS,
    table,
)

_DATA_SET = "2"
_ROOM, _SERVICE_ROOM = 32, 8
_PORTS = {
    SMALL: tuple("p1 p2 p3 p4 p5 s1 s2 s3 s4 5gs1 5gs2 5gs3 5gs4".split()),
    LARGE: tuple(f"p{number}" for number in range(1, 13)),
}
_SHOWN_LANS = 8


def blank_observation(options: Options) -> Observation:
    """What would be read of a new unit of this model."""
    limits = limits_of(options.model)
    document = Document(SPECS, {table(path): rows for path, rows in _tables(limits).items()})
    about = {"platform": "draytek", "model": options.model, "version": options.version}
    free = {
        OBJECTS: _places(objects.OBJECT, IP_OBJECTS, options.reserved),
        GROUPS: _places(objects.GROUP, IP_GROUPS, KEPT_GROUPS),
        SERVICES: _places(objects.SERVICE, SERVICE_OBJECTS, KEPT_SERVICES),
        SERVICE_GROUPS: _places(objects.SERVICE_GROUP, GROUPS_OF_SERVICES, KEPT_SERVICE_GROUPS),
        SETS: (str(limits.sets), str(limits.sets - 1)),
    }
    details = Details(limits, "any", free, {}, _PORTS[limits], _ROOM, _SERVICE_ROOM, qos_class=options.qos_class)
    return Observation(document, about, details)


def _places(word: str, most: int, kept: int) -> tuple[str, ...]:
    return tuple(f"{word} {index}" for index in range(most, most - kept, -1))


def _tables(limits: Limits) -> dict[str, list[Row]]:
    rules: list[Row] = []
    return {
        OBJECTS: [],
        GROUPS: [],
        SERVICES: [],
        SERVICE_GROUPS: [],
        SCHEDULES: [],
        SETS: [{"id": _DATA_SET, "comment": "Default", "next": ""}],
        RULES: rules,
        FILTER: [{"data": _DATA_SET, "call": "", "default": "pass"}],
        SIP_ALG: [{"master": False, "sip": False, "udp": True, "tcp": False, "port": 5060}],
        LANS: [_lan(number) for number in range(1, _SHOWN_LANS + 1)],
        TALK: [{"pairs": ()}],
        VLAN_ROWS: [
            {"id": str(row), "tagged": False, "vid": 0, "pri": 0, "ports": (), "lan": "LAN1"}
            for row in range(limits.vlan_rows)
        ],
        VLAN: [{"enabled": False, "p1_untagged": True}],
        OPTIONS: [],
        BRUTE_FORCE: [{"enabled": False, "services": (), "failures": 5, "penalty": 0}],
        LAN_ACCESS: [{"enabled": False, "services": (), "everywhere": True, "lans": ()}],
        ACCESS_LIST: [],
        REMOTE: [{"master": False, "services": ()}],
    }


def _lan(number: int) -> Row:
    return {
        "id": f"LAN{number}",
        "enabled": number == 1,
        "address": f"192.168.{number}.1",
        "mask": "255.255.255.0",
        "dhcp": True,
        "start": f"192.168.{number}.10",
        "count": 150 if number == 1 else 100,
        "gateway": f"192.168.{number}.1",
        "lease": 86400 if number == 1 else 259200,
        "dns1": "",
        "dns2": "",
    }
