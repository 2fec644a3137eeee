# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof, before anything is written, that the way by which a FortiGate is managed stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network

from ...document.diff import UPDATE, Change, apply_to
from ...document.model import MARK, Document, Row, TableId
from ...errors import LockOut
from .tables import GLOBAL


@dataclass(frozen=True, slots=True)
class Path:
    """How we reach the unit: its address, our own as far as we know it, and the account (empty for a token)."""

    peer: str
    source: str
    account: str


def guarded_changes(changes: Sequence[Change], document: Document) -> list[Change]:
    """The changes that touch what a management path depends on; nobody comes by an interface that we are making."""
    return [
        change
        for change in changes
        if change.action == UPDATE
        and document.spec(change.table).guarded & set(change.after or {})
        and not change.name.startswith(MARK)
    ]


def check(changes: Sequence[Change], document: Document, path: Path) -> None:
    """Raise `LockOut` unless the unit can be managed by this path after the changes."""
    touched = guarded_changes(changes, document)
    if not touched:
        return
    after = apply_to(document, list(changes))
    if any(change.table.path == "system/interface" for change in touched):
        _interface_stays_open(touched, after, path)
    if any(change.table.path == "system/admin" for change in touched):
        _source_stays_trusted(after, path)


def _interface_stays_open(touched: Sequence[Change], after: Document, path: Path) -> None:
    closing = [
        change
        for change in touched
        if change.table.path == "system/interface" and _https(change.before or {}) - _https(change.after or {})
    ]
    if not closing:
        return
    peer = ip_address(path.peer.partition("%")[0])
    owner = next(
        (row for row in after.rows(TableId(GLOBAL, "system/interface")) if ip_interface(row["ip"]).ip == peer),
        None,
    )
    closed = ", ".join(change.name for change in closing)
    if owner is None:
        raise LockOut(
            f"the plan closes HTTPS on {closed}, and {path.peer}, by which the unit is reached, is the address of none "
            "of its interfaces, so it cannot be told whether that is the way we came. Connect to an inside address of "
            "the unit (through the LAN or a VPN)"
        )
    if peer.version not in _https(owner):
        raise LockOut(
            f"the plan closes HTTPS on {closed}, and the unit is reached through {owner['name']} ({path.peer}). "
            "Connect to an inside address of the unit (through the LAN or a VPN)"
        )


def _https(row: Row) -> set[int]:
    """The address families in which these fields of an interface admit HTTPS."""
    open4 = "https" in row.get("allowaccess", ())
    open6 = "https" in row.get("ipv6", {}).get("ip6-allowaccess", ())
    return {version for version, admitted in ((4, open4), (6, open6)) if admitted}


def _source_stays_trusted(after: Document, path: Path) -> None:
    source = ip_address(path.source.partition("%")[0])
    field = "trusthosts" if source.version == 4 else "ip6-trusthosts"
    admins = after.rows(TableId(GLOBAL, "system/admin"))
    named = [row for row in admins if row["name"] == path.account] or admins
    if not any(_contains(row[field], source) for row in named):
        who = f"account {path.account!r}" if path.account else "any account"
        raise LockOut(
            f"the plan limits the accounts to hosts among which {source}, from where we connect, is not, so that {who} "
            "could not log in from here again. Add its network to voip_policy.management.networks, or, where the unit "
            "sees another address (NAT, VPN), name that one in voip_policy.management.controller_address"
        )


def _contains(rows: Sequence[str], source: IPv4Address | IPv6Address) -> bool:
    return any(source in ip_network(row) for row in rows)
