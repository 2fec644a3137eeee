# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof, before anything is written, that the way by which a pfSense is managed stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from ...document.diff import UPDATE, Change, apply_to
from ...document.model import Document, Row
from ...errors import LockOut
from ...policy.model import Network
from . import names
from .ownership import bears_mark
from .tables import ALIASES, FLOATING, INTERFACES, RULES, RUNNING, SSH, WEB, table
from .topology import network_of
from .traffic import networks_of
from .way_in import Groups, connections, lets_in

_MANAGEMENT = (names.ALLOW_MANAGERS, names.BLOCK_MANAGEMENT)


@dataclass(frozen=True, slots=True)
class Path:
    """How we reach the box: its address and port, and our own address as the box sees it."""

    peer: str
    port: int
    source: str


def check(changes: Sequence[Change], document: Document, path: Path, groups: Groups) -> None:
    """Raise `LockOut` unless the box can be managed by this path after the changes. `groups`: those of interfaces."""
    after = apply_to(document, list(changes))
    _interface_stays(changes, document, path)
    _ssh_stays(after, path)
    if not _unchanged(_MANAGEMENT, document, after):
        _source_stays_allowed(after, path)
    if not _unchanged((*_MANAGEMENT, names.VOICE_DENY_OUT), document, after):
        _not_among_phones(after, path)
    _what_lets_us_in_stays(changes, document, after, path, groups)


def _unchanged(closing: tuple[str, ...], before: Document, after: Document) -> bool:
    """Whether the rules that close the way are in force already and stay as they are: they have let us in, whatever
    address the box sees us by."""
    waits = any(before.singleton(table(RUNNING)).values())
    return not waits and _standing(closing, before) == _standing(closing, after)


def _standing(starts: tuple[str, ...], document: Document) -> tuple[list[Row], list[Row | None], bool]:
    rules = [row for row in document.rows(table(RULES, FLOATING)) if row["descr"].startswith(starts)]
    aliases = [document.find(table(ALIASES), name) for name in (names.MANAGERS, names.MANAGEMENT_PORTS)]
    return rules, aliases, document.singleton(table(WEB))["no_anti_lock_out"]


def _interface_stays(changes: Sequence[Change], document: Document, path: Path) -> None:
    """Nobody comes by an interface that we are making; one of ours may go with the way to the box."""
    for change in changes:
        if change.table.path == INTERFACES:
            row = document.find(table(INTERFACES), change.key)
            own = network_of(row) if row is not None else None
            if own is not None and str(own.ip) == path.peer:
                raise LockOut(
                    f"the plan changes interface {change.key}, by whose address {path.peer} the box is reached. "
                    "Connect to the address of LAN (through the LAN or a VPN)"
                )


def _ssh_stays(after: Document, path: Path) -> None:
    row = after.singleton(table(SSH))
    if not row["enabled"]:
        raise LockOut("the plan switches SSH off, by which the box is managed")


def _source_stays_allowed(after: Document, path: Path) -> None:
    """Where our rule closes management to all but the administrators, our own address is to be among them."""
    blocks = any(
        row["descr"] == names.BLOCK_MANAGEMENT and not row["disabled"] for row in after.rows(table(RULES, FLOATING))
    )
    if not blocks:
        return
    networks = _managers(after)
    if not _is_among(path.source, networks):
        raise LockOut(
            f"the plan lets only {', '.join(str(one) for one in networks) or 'nobody'} manage the box, and "
            f"{path.source}, from where we connect, is not among them. Add it to voip_policy.management.networks, or "
            "name the address that the box sees in voip_policy.management.controller_address"
        )


def _not_among_phones(after: Document, path: Path) -> None:
    """The phones' network is closed to everything but voice, the box itself included; no policy has administrators in
    it."""
    closed = {
        name
        for row in after.rows(table(RULES, FLOATING))
        if row["descr"] == names.VOICE_DENY_OUT and not row["disabled"]
        for name in row["interface"]
    }
    if not after.singleton(table(WEB))["no_anti_lock_out"]:
        closed.discard("lan")
    for row in after.rows(table(INTERFACES)):
        own = network_of(row)
        if row["name"] in closed and own is not None and _is_among(path.source, [own.network]):
            raise LockOut(
                f"{path.source}, from where we connect, lies in {own.network}, which the plan closes to everything but "
                "voice. Connect from another network"
            )


def _what_lets_us_in_stays(
    changes: Sequence[Change], before: Document, after: Document, path: Path, groups: Groups
) -> None:
    """A rule of the site's that the plan switches off may be the one that we come by."""
    changed = [before.find(one.table, one.key) for one in changes if one.table.path == RULES and one.action == UPDATE]
    theirs = [row["descr"] or row["tracker"] for row in changed if row is not None and not bears_mark(RULES, row)]
    if not theirs:
        return
    for connection in connections(before, path.source, path.peer, path.port):
        if lets_in(before, groups, connection) and not lets_in(after, groups, connection):
            raise LockOut(
                f"the plan switches off what lets {path.source}, from where we connect, in by {connection.interface}: "
                f"{', '.join(theirs)}. Add management_access to voip_policy.concerns, whose rules let the "
                "administrators in, or connect from the LAN or through a VPN"
            )


def _managers(after: Document) -> list[Network]:
    return networks_of(names.MANAGERS, after) or [] if after.find(table(ALIASES), names.MANAGERS) else []


def _is_among(source: str, networks: Sequence[Network]) -> bool:
    try:
        address = ip_address(source.partition("%")[0])
    except ValueError:
        return False
    return any(address.version == one.version and address in one for one in networks)
