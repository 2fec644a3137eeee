# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rows of a box are ours, and for which concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from ...document.model import MARK, Document, Row, TableId
from ...policy.model import CONCERNS
from .. import notes
from ..notes import Note
from . import names
from .tables import (
    ALIASES,
    DHCP,
    FLOATING,
    FORWARDS,
    INTERFACES,
    NOTES,
    OUTBOUND_RULES,
    RULES,
    VLANS,
    table,
)

ALG, ALLOWLIST, VOICE, MANAGEMENT = CONCERNS

_RULE_CONCERNS: Mapping[str, tuple[str, ...]] = {
    names.ALLOW_MANAGERS: (MANAGEMENT,),
    names.BLOCK_MANAGEMENT: (MANAGEMENT,),
    names.PBX_SIGNALLING: (ALLOWLIST,),
    names.PBX_MEDIA: (ALLOWLIST,),
    names.PBX_OUT_SIGNALLING: (ALLOWLIST,),
    names.PBX_OUT_MEDIA: (ALLOWLIST,),
    names.INTO_VOICE_SIGNALLING: (VOICE,),
    names.INTO_VOICE_MEDIA: (VOICE,),
    names.VOICE_TO_PBX: (VOICE,),
    names.PBX_TO_VOICE: (VOICE,),
    names.ALLOW_DNS: (VOICE,),
    names.ALLOW_NTP: (VOICE,),
    names.ALLOW_PROVISIONING: (VOICE,),
    names.BLOCK: (ALLOWLIST,),
    names.VOICE_DENY_OUT: (VOICE,),
    names.VOICE_DENY_IN: (VOICE,),
}
"""Which concerns ask for a rule, by the beginning of its name; those of the phones to the provider serve two."""
_TABLE_CONCERNS: Mapping[str, tuple[str, ...]] = {
    VLANS: (VOICE,),
    INTERFACES: (VOICE,),
    DHCP: (VOICE,),
    FORWARDS: (ALLOWLIST,),
    OUTBOUND_RULES: (ALG,),
    ALIASES: CONCERNS,
}
_CONTROLS: Mapping[str, tuple[str, ...]] = {
    ALG: ("FW-3",),
    ALLOWLIST: ("FW-1", "FW-2"),
    VOICE: ("VLAN-1", "VLAN-3"),
    MANAGEMENT: ("WEB-3",),
}


def bears_mark(path: str, row: Row) -> bool:
    """Whether we made this row, by itself; a DHCP server is ours with its interface."""
    if path == ALIASES:
        return str(row["name"]).startswith(names.ALIAS_MARK)
    if path == INTERFACES:
        return str(row["descr"]).startswith(names.ALIAS_MARK)
    if path == NOTES:
        return str(row["name"]).startswith(names.NOTE)
    return str(row.get("descr", "")).startswith(MARK)


class Ownership:
    """Which rows of one box are ours, and for which concerns."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def notes(self) -> dict[str, Note | None]:
        """What the box remembers of settings, by the name of the note."""
        rows = [row for row in self._document.rows(table(NOTES)) if bears_mark(NOTES, row)]
        return {row["name"]: notes.parsed(row["text"]) for row in rows}

    @cached_property
    def _our_interfaces(self) -> frozenset[str]:
        rows = self._document.rows(table(INTERFACES))
        return frozenset(row["name"] for row in rows if bears_mark(INTERFACES, row))

    def claims(self, where: TableId, row: Row, concerns: Sequence[str], withdrawing: bool = False) -> tuple[str, ...]:
        """The controls for which a row counts as ours while these concerns are looked at; empty where it does not.

        When they are withdrawn, a rule that another concern still asks for is left to that one, unless the interface
        that it is for goes.
        """
        owners = self._owners(where, row)
        if withdrawing and VOICE in concerns and self._goes_with_interface(where, row):
            return _CONTROLS[VOICE]
        mine = [concern for concern in owners if concern in concerns]
        if not mine:
            return ()
        if withdrawing and where.path == RULES:
            others = [concern for concern in owners if concern not in concerns]
            if any(self.active(concern) for concern in others):
                return ()
        return tuple(dict.fromkeys(control for concern in mine for control in _CONTROLS[concern]))

    def _goes_with_interface(self, where: TableId, row: Row) -> bool:
        ours = where.path == RULES and bears_mark(RULES, row)
        return ours and bool(row["interface"]) and set(row["interface"]) <= self._our_interfaces

    def _owners(self, where: TableId, row: Row) -> tuple[str, ...]:
        if where.path == DHCP:
            return (VOICE,) if row["name"] in self._our_interfaces else ()
        if where.path not in (NOTES, RULES) and where.path not in _TABLE_CONCERNS:
            return ()
        if not bears_mark(where.path, row):
            return ()
        if where.path == NOTES:
            note = self.notes.get(row["name"])
            return (note["c"],) if note else CONCERNS
        if where.path == RULES:
            return rule_concerns(row["descr"])
        if where.path == OUTBOUND_RULES and row["descr"].startswith(names.TRANSLATE):
            return (VOICE,)
        return _TABLE_CONCERNS[where.path]

    def active(self, concern: str) -> bool:
        """Whether rules that only this concern makes stand on the box."""
        return any(
            bears_mark(RULES, row) and rule_concerns(row["descr"]) == (concern,)
            for row in self._document.rows(table(RULES, FLOATING))
        )


def rule_concerns(name: str) -> tuple[str, ...]:
    """The concerns that ask for a rule of this name."""
    return next((owners for start, owners in _RULE_CONCERNS.items() if name.startswith(start)), (ALLOWLIST, VOICE))
