# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy and observed box to the desired box, one file a concern."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ....document.diff import Desired
from ....document.model import Document, Row, TableId
from ....policy.model import SitePolicy
from ... import notes
from ..details import Details
from ..ownership import Ownership
from ..tables import NOTES, RUNNING, table
from . import management_access, sip_alg, sip_allowlist, voice_vlan
from .context import Context

_COMPILERS: Mapping[str, Callable[[Context], None]] = {
    "sip_alg": sip_alg.compile_concern,
    "sip_allowlist": sip_allowlist.compile_concern,
    "voice_vlan": voice_vlan.compile_concern,
    "management_access": management_access.compile_concern,
}
_IN_FORCE: Row = {"unapplied": (), "missing": ()}


def compile_policy(
    policy: SitePolicy, concerns: Sequence[str], document: Document, details: Details
) -> tuple[Desired, list[str]]:
    """What the policy asks of this box for these concerns, and remarks on what could not be asked.

    Raises `NotPossible` where the box lacks what the policy needs.
    """
    context = Context(policy, tuple(concerns), document, details)
    for concern in concerns:
        context.concern = concern
        _COMPILERS[concern](context)
    context.require(table(RUNNING), _IN_FORCE, "FW-1", "FW-2")
    owned, settings = context.collected()
    if document.singleton(table(RUNNING))["unapplied"]:
        context.remarks.append("settings were saved on the box and not applied; applying ours applies them too")
    return Desired(context.claims, owned, settings), context.remarks


def withdraw(concerns: Sequence[str], document: Document, details: Details) -> tuple[Desired, list[str]]:
    """Nothing of ours left for these concerns, and the settings back at what they were before the first run."""
    ownership = Ownership(document)

    def claims(where: TableId, row: Row) -> tuple[str, ...]:
        return ownership.claims(where, row, concerns, withdrawing=True)

    desired = Desired(claims, giving_back=True)
    remarks = notes.give_back(desired, concerns, document, {table(NOTES): ownership.notes})
    return desired, remarks
