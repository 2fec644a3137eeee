# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rows on a Vigor are ours, and for which concerns.

Objects and groups are ours by the mark in their names, filter sets and rules by the mark in their comments, a schedule
by its comment, a DHCP option when it is for a LAN that we made the phones' network of, an entry of the access list when
it lets an object of ours in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...document.model import MARK, Document, Row, TableId
from ...policy.model import CONCERNS
from . import memory, names
from .reader.objects import FREE_MARK
from .tables import ACCESS_LIST, OBJECTS, OPTIONS, RULES, SCHEDULES, SETS, table

ALLOWLIST, VLAN = "sip_allowlist", "voice_vlan"
BOTH = (ALLOWLIST, VLAN)

RULE_CONCERNS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((names.ALLOW_SIGNALLING, names.ALLOW_MEDIA, names.SIGNALLING_IN, names.MEDIA_IN), BOTH),
    **dict.fromkeys((names.BLOCK_SIP_OUT, names.BLOCK_SIP_IN, names.BLOCK_RTP_IN), (ALLOWLIST,)),
    **dict.fromkeys(
        (
            names.ALLOW_DNS,
            names.ALLOW_NTP,
            names.ALLOW_PROVISIONING,
            names.VOICE_DENY_OUT,
            names.VOICE_DENY_IN,
            names.VOICE_DENY_LAN,
            names.LAN_DENY_VOICE,
        ),
        (VLAN,),
    ),
}
"""Which concerns ask for a rule."""

_CONCERN_CONTROLS: Mapping[str, tuple[str, ...]] = {
    "sip_alg": ("FW-3",),
    ALLOWLIST: ("FW-1", "FW-2"),
    VLAN: ("VLAN-3",),
    "management_access": ("WEB-3",),
}
OPTION_CODES = (66, 160)
"""DHCP options that tell phones where their configuration is."""


def bears_mark(path: str, row: Row) -> bool:
    """Whether we made this row."""
    if path == RULES:
        return row["name"] in names.PLACES and bool(row["digest"])
    text = str(row.get("comment" if path in (SETS, SCHEDULES) else "name", ""))
    return text.startswith(MARK) and (text != FREE_MARK or path == OBJECTS)


class Ownership:
    """Which rows of one unit are ours, and for which concerns. `ports` are the names of its LAN ports."""

    def __init__(self, document: Document, ports: Sequence[str]) -> None:
        self._document = document
        self._ports = ports
        known = table(OBJECTS) in document.tables
        self._our_lans = {lan.lower() for lan in memory.remembered_lans(document)} if known else set()

    def claims(self, where: TableId, row: Row, concerns: Sequence[str], withdrawing: bool = False) -> tuple[str, ...]:
        """The controls for which a row counts as ours while these concerns are looked at; empty where it does not.

        When they are withdrawn, a rule that another concern still asks for is left to that one.
        """
        owners = self._owners(where.path, row)
        mine = [concern for concern in owners if concern in concerns]
        if not mine:
            return ()
        if withdrawing and where.path == RULES:
            others = [concern for concern in owners if concern not in concerns]
            if any(self.active(concern) for concern in others):
                return ()
        return tuple(dict.fromkeys(control for concern in mine for control in _CONCERN_CONTROLS[concern]))

    def _owners(self, path: str, row: Row) -> tuple[str, ...]:
        if path == OPTIONS:
            ours = row["where"] in self._our_lans and int(row["id"].rpartition("/")[2]) in OPTION_CODES
            return (VLAN,) if ours else ()
        if path == ACCESS_LIST:
            held = self._document.find(table(OBJECTS), row["object"])
            return ("management_access",) if held is not None and bears_mark(OBJECTS, held) else ()
        if not bears_mark(path, row):
            return ()
        if path == RULES:
            return RULE_CONCERNS[row["name"]]
        if row.get("name") == FREE_MARK:
            return CONCERNS  # it remembered something, and what is left of it means nothing
        if path == OBJECTS and row["name"].startswith(names.REMEMBERED):
            concern = memory.concern_of(row["name"], self._ports)
            return (concern,) if concern else ()
        if table(RULES) not in self._document.tables:
            return ()  # whether rules use it has not been looked at
        return (*BOTH, "management_access")

    def active(self, concern: str) -> bool:
        """Whether rules that only this concern makes stand on the unit."""
        return any(
            bears_mark(RULES, row) and RULE_CONCERNS[row["name"]] == (concern,)
            for row in self._document.tables.get(table(RULES), ())
        )
