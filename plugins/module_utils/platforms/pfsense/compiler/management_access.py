# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management closed to the internet: web interface and SSH for the administrators' networks alone, on every
interface.

nginx listens on all addresses, so that rules alone decide who reaches it (www/system_advanced_admin.php). The
anti-lock-out rule lets all of LAN in before any rule of the user's; it goes, since ours lets the administrators in.
What is stricter on the box already is left alone. sshguard (sshguard(8)) scores 10 for each bad log-in, to the web
interface as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, ip_address, ip_network

from ....document.model import Row
from ....policy.model import Network, PortRange
from .. import names
from ..tables import SSH, SSHGUARD, WEB, number_of, table
from .context import Context

_SCORE = 10


def compile_concern(context: Context) -> None:
    """Add the rules and settings of the management plane."""
    management = context.management
    web, ssh = context.document.singleton(table(WEB)), context.document.singleton(table(SSH))
    values: Row = {
        "protocol": "https",
        "no_redirect": True,
        "no_anti_lock_out": True,
        **_at_most(WEB, web, "session_timeout", management.idle_timeout_minutes),
    }
    context.keep(table(WEB), "", values, "WEB-3", "ADM-4")
    present = context.document.singleton(table(SSHGUARD))
    lock_out = _at_most(SSHGUARD, present, "threshold", _SCORE * management.lockout_threshold)
    if number_of(SSHGUARD, present, "blocktime") < management.lockout_seconds:
        lock_out["blocktime"] = str(management.lockout_seconds)
    context.keep(table(SSHGUARD), "", lock_out, "ADM-4")
    ports = {number_of(WEB, {**web, **values}, "port")}
    ports |= {number_of(SSH, ssh, "port")} if ssh["enabled"] else set()
    context.ports(names.MANAGEMENT_PORTS, [PortRange(port, port) for port in sorted(ports)], "WEB-3")
    context.networks(names.MANAGERS, {*management.networks, *_pair(context)}, "WEB-3")
    everywhere = context.topology.every
    for name, interfaces in _ways_in(everywhere, context.topology.outside):
        _to_the_box(context, name, interfaces, "pass", names.MANAGERS)
    _to_the_box(context, names.BLOCK_MANAGEMENT, everywhere, "block", "any")


def _to_the_box(context: Context, name: str, interfaces: Sequence[str], kind: str, source: str) -> None:
    context.rule(
        ("WEB-3",),
        name,
        interfaces,
        kind=kind,
        protocol="tcp",
        source=source,
        destination="net:(self)",
        ports=names.MANAGEMENT_PORTS,
    )


def _ways_in(everywhere: Sequence[str], outside: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The rules for administrators, by interfaces. Where several lead out each has its own: only a rule of one
    interface answers by the interface that it came by (`reply-to`), and others by the one that is preferred."""
    if len(outside) < 2:
        return [(names.ALLOW_MANAGERS, tuple(everywhere))]
    inside = tuple(one for one in everywhere if one not in outside)
    found = [(names.ALLOW_MANAGERS, inside)] if inside else []
    return found + [(f"{names.ALLOW_MANAGERS}-{one}", (one,)) for one in outside]


def _pair(context: Context) -> list[Network]:
    """The addresses by which the boxes of a pair reach each other: the primary sends its settings to the web interface
    of the secondary, which gets these rules with them (inc/xmlrpc_client.inc)."""
    if not context.details.peer:
        return []
    try:
        peer = ip_address(context.details.peer)
    except ValueError:
        peer = None
    own = context.topology.own_address_towards(peer) if isinstance(peer, IPv4Address) else None
    if peer is None or own is None:
        context.remarks.append(
            f"the box copies its settings to {context.details.peer}, which is in the subnet of none of its interfaces: "
            "let the address that it comes from be one of voip_policy.management.networks"
        )
    return [ip_network(one) for one in (peer, own) if one is not None]


def _at_most(path: str, row: Row, name: str, wanted: int) -> Row:
    """The number that a field is to have, where it is larger; 0 is none at all (inc/auth.inc)."""
    present = number_of(path, row, name)
    return {} if 0 < present <= wanted else {name: str(wanted)}
