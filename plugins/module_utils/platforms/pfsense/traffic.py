# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What addresses and ports a rule or a forward speaks of. What cannot be resolved is unknown, and may be anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network, summarize_address_range

from ...document.model import Document, Row
from ...policy.model import Network, PortRange, Protocol
from .tables import ALIASES, table

EVERY_PORT = (PortRange(0, 65535),)
_RESOLVED = frozenset({"host", "network"})
"""Kinds of aliases whose entries are in the configuration; the others are fetched from elsewhere."""
_CARRIES = {"tcp": ("tcp",), "udp": ("udp",), "tcp/udp": ("tcp", "udp"), "any": ("tcp", "udp")}


def protocols_of(protocol: str) -> tuple[str, ...]:
    """Those of tcp and udp that a rule's protocol stands for."""
    return _CARRIES.get(protocol, ())


def networks_of(name: str, document: Document, depth: int = 0) -> list[Network] | None:
    """The networks that an address or an alias stands for; None where that is not known."""
    if depth > 8:
        return None
    row = document.find(table(ALIASES), name)
    if row is None:
        return _literal(name)
    if row["type"] not in _RESOLVED:
        return None
    found: list[Network] = []
    for entry in row["address"]:
        inner = networks_of(entry, document, depth + 1)
        if inner is None:
            return None
        found += inner
    return found


def _literal(text: str) -> list[Network] | None:
    first, dash, last = text.partition("-")
    try:
        if dash:
            return list(summarize_address_range(ip_address(first), ip_address(last)))
        return [ip_network(text, strict=False)]
    except (ValueError, TypeError):
        return None


def ports_of(name: str, document: Document, depth: int = 0) -> tuple[PortRange, ...] | None:
    """The ports that a port field or an alias stands for, all of them where it is empty; None where not known."""
    if not name:
        return EVERY_PORT
    row = document.find(table(ALIASES), name)
    if row is None:
        first, _dash, last = name.replace(":", "-").partition("-")
        if not (first.isascii() and first.isdigit() and (not last or (last.isascii() and last.isdigit()))):
            return None
        ends = int(first), int(last or first)
        return (PortRange(min(ends), max(ends)),)
    if row["type"] != "port" or depth > 8:
        return None
    found: list[PortRange] = []
    for entry in row["address"]:
        inner = ports_of(entry, document, depth + 1)
        if inner is None:
            return None
        found += inner
    return tuple(found)


def within(networks: Sequence[Network] | None, allowed: Sequence[Network]) -> bool:
    """Whether these are networks, and all of them within the allowed ones."""
    return bool(networks) and all(
        any(network.version == outer.version and network.subnet_of(outer) for outer in allowed)  # type: ignore[arg-type]
        for network in networks or ()
    )


def may_reach(networks: Sequence[Network] | None, subnet: IPv4Network | IPv6Network) -> bool:
    """Whether an address of the subnet may be among these; what is not known may be anything."""
    return networks is None or any(one.version == subnet.version and one.overlaps(subnet) for one in networks)


def forward_ports(row: Row, document: Document, protocol: Protocol) -> Iterator[tuple[PortRange, PortRange]]:
    """The outside and inside ports of a forward; those that are not known for certain are left out.

    A range keeps its length from the first inside port on (filter.inc: `rdr ... -> target port first:*`); the ports of
    an alias all become one inside port.
    """
    if protocol not in protocols_of(row["protocol"]):
        return
    outside, inside = ports_of(row["destination_port"], document), ports_of(row["port"], document)
    if outside is None or inside is None or not row["destination_port"]:
        return
    for own in outside:
        if not row["port"] or (len(outside) > 1 and row["port"] == row["destination_port"]):
            yield own, own
        elif len(outside) == 1 and len(inside) == 1:
            first = inside[0].first
            yield own, PortRange(first, min(first + own.last - own.first, 65535))
        elif len(inside) == 1:
            yield from ((PortRange(port, port), inside[0]) for port in range(own.first, own.last + 1))
