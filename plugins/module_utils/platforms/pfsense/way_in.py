# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the rules of a box certainly let one connection to the box itself in.

Source: inc/filter.inc of pfSense: the anti-lock-out rule, then floating rules, then those of interface groups, then
those of the interface; the first quick one that matches counts, and nothing lets in by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from ...document.model import Document, Row
from .reader import UNKNOWN
from .tables import FLOATING, INTERFACES, RULES, WEB, table
from .topology import network_of
from .traffic import networks_of, ports_of, protocols_of

Groups = Mapping[str, Sequence[str]]
_FAMILIES = {"inet": (4,), "inet6": (6,), "inet46": (4, 6)}


@dataclass(frozen=True, slots=True)
class Connection:
    """TCP to an address and port of the box. `interface`: by which one it comes in."""

    source: IPv4Address | IPv6Address
    peer: IPv4Address | IPv6Address
    port: int
    interface: str


def connections(document: Document, source: str, peer: str, port: int) -> list[Connection]:
    """One for every interface that it may come in by: that of the network that the source is in, or any of them. None
    where an address is none."""
    try:
        ends = ip_address(source.partition("%")[0]), ip_address(peer.partition("%")[0])
    except ValueError:
        return []
    used = {str(row["name"]): network_of(row) for row in document.rows(table(INTERFACES)) if row["enable"]}
    near = [name for name, own in used.items() if own is not None and ends[0] in own.network]
    return [Connection(*ends, port, name) for name in near or used]


def lets_in(document: Document, groups: Groups, connection: Connection) -> bool:
    """Whether it is certain that this connection is let in."""
    if connection.interface == "lan" and not document.singleton(table(WEB))["no_anti_lock_out"]:
        return True
    for row in _asked(document, groups, connection.interface):
        matches = _matches(row, document, connection)
        if matches and row["type"] == "pass":
            return True
        if matches is not False and row["type"] in ("block", "reject"):
            return False
    return False


def _asked(document: Document, groups: Groups, interface: str) -> Iterator[Row]:
    """The quick rules that are on for what comes in by an interface, in the order in which they are asked."""
    around = [name for name, members in groups.items() if interface in members]
    for row in document.rows(table(RULES, FLOATING)):
        named = set(row["interface"]) or {"any"}
        if row["quick"] and row["direction"] != "out" and named & {"any", interface, *around}:
            yield row
    for scope in (*around, interface):
        yield from document.tables.get(table(RULES, scope), ())


def _matches(row: Row, document: Document, connection: Connection) -> bool | None:
    """None where that is not known."""
    if row["disabled"] or "tcp" not in protocols_of(row["protocol"]):
        return False
    if connection.source.version not in _FAMILIES.get(row["ipprotocol"], ()):
        return False
    known = [
        _is_of(row, "source", connection.source, document),
        _is_of(row, "destination", connection.peer, document),
        _is_port(row, connection.port, document),
        None if row["source_port"] or row["rest"] else True,
    ]
    return False if False in known else None if None in known else True


def _is_of(row: Row, side: str, address: IPv4Address | IPv6Address, document: Document) -> bool | None:
    said = row[side]
    found: bool | None
    if said in ("any", UNKNOWN):
        found = True if said == "any" else None
    elif said.startswith("net:"):
        found = _is_of_interface(said.removeprefix("net:"), side, address, document)
    else:
        networks = networks_of(said, document)
        found = None if networks is None else any(address in network for network in networks)
    return found if found is None or not row[f"{side}_not"] else not found


def _is_of_interface(word: str, side: str, address: IPv4Address | IPv6Address, document: Document) -> bool | None:
    """The vendor's words for addresses: `(self)`, `lan` for LAN's network, `lanip` for the address in it."""
    if word == "(self)":
        return side == "destination"
    row = document.find(table(INTERFACES), word) or document.find(table(INTERFACES), word.removesuffix("ip"))
    own = network_of(row) if row is not None else None
    if row is None or own is None:
        return None
    return address in own.network if word == row["name"] else address == own.ip


def _is_port(row: Row, port: int, document: Document) -> bool | None:
    # Without a protocol there are no ports either, whatever is given (inc/filter.inc `filter_generate_port`).
    spans = ports_of("" if row["protocol"] == "any" else row["destination_port"], document)
    return None if spans is None else any(span.first <= port <= span.last for span in spans)
