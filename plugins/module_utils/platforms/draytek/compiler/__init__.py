# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy and observed unit to the desired unit, one file a concern."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ....document.diff import Desired, Entry
from ....document.model import Document, Row, RowId, TableId
from ....policy.model import SitePolicy
from ....posture.record import Unverifiable
from .. import memory, names
from ..details import Details
from ..ownership import Ownership
from ..tables import FILTER, RULES, SETS, table
from . import management_access, sip_alg, sip_allowlist, voice_vlan
from .context import Context, linked_start

_COMPILERS: Mapping[str, Callable[[Context], None]] = {
    "sip_alg": sip_alg.compile_concern,
    "sip_allowlist": sip_allowlist.compile_concern,
    "voice_vlan": voice_vlan.compile_concern,
    "management_access": management_access.compile_concern,
}


def compile_policy(
    policy: SitePolicy, concerns: Sequence[str], document: Document, details: Details, armed: bool
) -> tuple[Desired, list[str], list[Unverifiable]]:
    """What the policy asks of this unit for these concerns, remarks, and what cannot be verified.

    `armed`: new block rules are bound to the schedule that lets them run out. Raises `NotPossible`.
    """
    context = Context(policy, concerns, document, details, armed)
    for concern in concerns:
        _COMPILERS[concern](context)
    owned = {table(path): entries for path, entries in context.collected().items() if entries}

    def claims(where: TableId, row: Row) -> tuple[str, ...]:
        if armed and row.get("comment") == names.GUARD:
            return ()
        return context.ownership.claims(where, row, concerns)

    return Desired(claims, owned, context.settings), context.remarks, context.unverified()


def withdraw(concerns: Sequence[str], document: Document, details: Details, armed: bool) -> tuple[Desired, list[str]]:
    """Nothing of ours left for these concerns, and the settings back at what they were before the first run."""
    ownership = Ownership(document, details.ports)

    def claims(where: TableId, row: Row) -> tuple[str, ...]:
        if armed and row.get("comment") == names.GUARD:
            return ()
        return ownership.claims(where, row, concerns, withdrawing=True)

    desired = Desired(claims, giving_back=True)
    remarks = memory.give_back(desired, document, details.ports, concerns)
    remarks += voice_vlan.leave_on(desired, document, details)
    if table(RULES) in document.tables:
        _unlink(desired, document, details)
    return desired, remarks


def _unlink(desired: Desired, document: Document, details: Details) -> None:
    """The sets that still hold rules of ours stay linked; behind them, or in their stead, comes the site's own
    start."""
    staying = {
        str(row["set"])
        for row in document.rows(table(RULES))
        if row["name"] in names.PLACES and row["digest"] and not desired.claims(table(RULES), row)
    }
    ours = set(details.sets.values())
    start = linked_start(document, ours)
    chain = [(comment, key) for comment, key in details.sets.items() if key in staying]
    following = [*(key for dummy, key in chain[1:]), start]
    if chain:
        desired.owned[table(SETS)] = [
            Entry({"id": key, "comment": comment, "next": behind}, ("FW-1",))
            for (comment, key), behind in zip(chain, following, strict=True)
        ]
    if str(document.singleton(table(FILTER))["data"]) in ours:
        head = chain[0][1] if chain else start
        desired.settings[RowId(table(FILTER), "")] = Entry({"data": head}, ("FW-1",))
