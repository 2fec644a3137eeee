# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof, before anything is written, that the way by which a Vigor is managed stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address

from ...document.diff import Change, apply_to
from ...document.model import Document, Row
from ...errors import LockOut
from .tables import ACCESS_LIST, LAN_ACCESS, LANS, OBJECTS, REMOTE, VLAN, table

_INSIDE = "Connect to the address of LAN1 (through the LAN or a VPN)"


@dataclass(frozen=True, slots=True)
class Path:
    """How we reach the unit: its address, our own as far as we know it, and the service that we use (ssh, telnet)."""

    peer: str
    source: str
    service: str


def check(changes: Sequence[Change], document: Document, path: Path) -> None:
    """Raise `LockOut` unless the unit can be managed by this path after the changes."""
    touched = {change.table.path for change in changes} & {LAN_ACCESS, REMOTE, ACCESS_LIST, VLAN, LANS}
    if not touched:
        return
    after = apply_to(document, list(changes))
    lan = _lan_of(document, path.peer)
    if lan is None:
        if touched & {REMOTE, ACCESS_LIST}:
            _remote_stays_open(after, path)
        return
    if LAN_ACCESS in touched:
        _lan_stays_open(after, lan, path)
    if LANS in touched and any(change.table.path == LANS and change.key == lan for change in changes):
        raise LockOut(f"the plan changes {lan}, by whose address {path.peer} the unit is reached. {_INSIDE}")


def _lan_of(document: Document, peer: str) -> str | None:
    """The LAN whose address was connected to; None for an address of the WAN, or of nothing that is known."""
    if table(LANS) not in document.tables:
        return "LAN1"
    wanted = peer.partition("%")[0]
    return next((str(row["id"]) for row in document.rows(table(LANS)) if row["address"] == wanted), None)


def _lan_stays_open(after: Document, lan: str, path: Path) -> None:
    """A unit always lets LAN1 in; whether by services that are not on its list, no source says."""
    row: Row = after.singleton(table(LAN_ACCESS))
    let_in = lan == "LAN1" or row["everywhere"] or lan in row["lans"]
    if row["enabled"] and not (let_in and path.service.upper() in row["services"]):
        raise LockOut(
            f"the plan limits management from the LANs to {', '.join(row['lans'])} ({', '.join(row['services'])}), "
            f"and the "
            f"unit is reached by {path.service} at {path.peer}, an address of {lan}. Add the network to "
            f"voip_policy.management.networks, or: {_INSIDE}"
        )


def _remote_stays_open(after: Document, path: Path) -> None:
    row: Row = after.singleton(table(REMOTE))
    if not row["master"] or path.service not in row["services"]:
        raise LockOut(
            f"the plan closes {path.service} to the internet, and {path.peer}, by which the unit is reached, is the "
            f"address "
            f"of none of its LANs, so that may be the way we came. {_INSIDE}"
        )
    listed = [str(one["object"]) for one in after.rows(table(ACCESS_LIST))]
    if listed and not any(_holds(after, key, path.source) for key in listed):
        raise LockOut(
            f"the plan lets only the access list in from outside, and {path.source}, from where we connect, is not "
            f"on it. "
            "Name the address that the unit sees in voip_policy.management.controller_address"
        )


def _holds(document: Document, key: str, source: str) -> bool:
    row = document.find(table(OBJECTS), key)
    if row is None or row["invert"] or row["type"] not in ("single", "mask"):
        return False
    mask = "255.255.255.255" if row["type"] == "single" else row["end"]
    return ip_address(source.partition("%")[0]) in IPv4Network((row["start"], mask), strict=False)
