# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rows on a FortiGate are ours, and for which concerns.

A named row is ours when its name begins with our mark; a local-in policy, which has no name, when its comment does;
a DHCP server when it serves an interface of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from ...document.model import MARK, Document, Row, TableId
from ...policy.model import CONCERNS
from ..notes import Note
from . import memory, names

ALLOWLIST, VLAN = "sip_allowlist", "voice_vlan"

_RULE_CONCERNS: Mapping[str, tuple[str, ...]] = {
    names.ALLOW_SIGNALLING: (ALLOWLIST, VLAN),
    names.ALLOW_MEDIA: (ALLOWLIST, VLAN),
    names.ALLOW_PBX_SIGNALLING: (ALLOWLIST,),
    names.ALLOW_PBX_MEDIA: (ALLOWLIST,),
    names.PBX_OUT_SIGNALLING: (ALLOWLIST,),
    names.PBX_OUT_MEDIA: (ALLOWLIST,),
    names.VOICE_TO_PBX: (VLAN,),
    names.PBX_TO_VOICE: (VLAN,),
    names.BLOCK: (ALLOWLIST,),
    names.ALLOW_DNS: (VLAN,),
    names.ALLOW_NTP: (VLAN,),
    names.ALLOW_PROVISIONING: (VLAN,),
    names.VOICE_DENY_OUT: (VLAN,),
    names.VOICE_DENY_IN: (VLAN,),
}
"""Which concerns ask for a policy, by the beginning of its name."""

_TABLE_CONCERNS: Mapping[str, tuple[str, ...]] = {
    "firewall/local-in-policy": (ALLOWLIST,),
    "firewall/local-in-policy6": (ALLOWLIST,),
    "firewall/shaping-policy": (VLAN,),
    "system/interface": (VLAN,),
    "system.lldp/network-policy": (VLAN,),
    "system.dhcp/server": (VLAN,),
}
"""Tables that one concern alone puts rows into; building blocks elsewhere serve both."""

_CONTROLS: Mapping[str, tuple[str, ...]] = {
    "firewall.shaper/traffic-shaper": ("VLAN-2",),
    "firewall/shaping-policy": ("VLAN-2",),
    "system.lldp/network-policy": ("VLAN-1",),
    "system/interface": ("VLAN-1",),
    "system.dhcp/server": ("VLAN-1",),
}
_CONCERN_CONTROLS: Mapping[str, tuple[str, ...]] = {
    "sip_alg": ("FW-3",),
    ALLOWLIST: ("FW-1", "FW-2"),
    VLAN: ("VLAN-3",),
    "management_access": ("WEB-3",),
}


def bears_mark(path: str, row: Row) -> bool:
    """Whether we made this row."""
    if path in ("firewall/local-in-policy", "firewall/local-in-policy6"):
        return str(row["comments"]).startswith(MARK)
    if path == "system.dhcp/server":
        return str(row["interface"]).startswith(MARK)
    return str(row.get("name", "")).startswith(MARK)


class Ownership:
    """Which rows of one unit are ours, and for which concerns."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def notes(self) -> dict[str, Note | None]:
        """What the unit remembers of settings, by the name of the object."""
        rows = [row for table, row in self._document.every("firewall/address")]
        return memory.notes(rows)

    def claims(self, table: TableId, row: Row, concerns: Sequence[str], withdrawing: bool = False) -> tuple[str, ...]:
        """The controls for which a row counts as ours while these concerns are looked at; empty where it does not.

        When they are withdrawn, a rule that another concern still asks for is left to that one.
        """
        if not bears_mark(table.path, row):
            return ()
        owners = self._owners(table.path, row)
        mine = [concern for concern in owners if concern in concerns]
        if not mine:
            return ()
        if withdrawing and table.path == "firewall/policy":
            others = [concern for concern in owners if concern not in concerns]
            if any(self._active(concern, table) for concern in others):
                return ()
        controls = dict.fromkeys(control for concern in mine for control in _CONCERN_CONTROLS[concern])
        return _CONTROLS.get(table.path) or tuple(controls)

    def _owners(self, path: str, row: Row) -> tuple[str, ...]:
        name = str(row.get("name", ""))
        if name.startswith(names.REMEMBERED):
            note = self.notes.get(memory.first_object(name))
            return (note["c"],) if note else CONCERNS
        if path == "firewall/policy":
            if name in (names.ALLOW_SIGNALLING, names.ALLOW_MEDIA) and any(i.startswith(MARK) for i in row["srcintf"]):
                return (VLAN,)  # it goes with the interface that we made
            return _rule_concerns(name)
        return _TABLE_CONCERNS.get(path, (ALLOWLIST, VLAN))

    def _active(self, concern: str, table: TableId) -> bool:
        """Whether rules that only this concern makes stand on the unit."""
        return any(
            bears_mark(table.path, row) and _rule_concerns(row["name"]) == (concern,)
            for row in self._document.rows(table)
        )


def _rule_concerns(name: str) -> tuple[str, ...]:
    return next((owners for start, owners in _RULE_CONCERNS.items() if name.startswith(start)), (ALLOWLIST, VLAN))
