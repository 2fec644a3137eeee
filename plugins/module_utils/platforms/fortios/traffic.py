# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ports and addresses a FortiGate's rules speak of, resolved from their objects.

What cannot be resolved counts as everything: an unknown service carries SIP, an unknown source is anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)

from ...document.model import Document, Row, TableId
from ...policy.model import PortRange, Protocol

Networks = Sequence[IPv4Network | IPv6Network]
Ports = Mapping[Protocol, tuple[PortRange, ...]]
"""Port ranges by protocol, "tcp" and "udp"."""

ANY_PORT = PortRange(0, 65535)
EVERYTHING: Ports = {"tcp": (ANY_PORT,), "udp": (ANY_PORT,)}
_DEEPEST = 20
"""Nesting of groups that is followed; FortiOS itself refuses loops."""


def carries_sip(policy: Row, document: Document, vdom: str, sip_ports: Ports) -> bool:
    """Whether an accepting policy may carry SIP on one of these ports."""
    return policy["action"] != "deny" and bool(touched(policy_ports(policy, document, vdom), sip_ports))


def policy_ports(policy: Row, document: Document, vdom: str) -> Ports:
    """The destination ports that a rule matches."""
    services = policy["service"]
    # A rule on the vendor's internet service database names no services of its own.
    if not services or policy["service-negate"] == "enable":
        return EVERYTHING
    merged: dict[Protocol, list[PortRange]] = {"tcp": [], "udp": []}
    for name in services:
        for protocol, ports in _service_ports(name, document, vdom, _DEEPEST).items():
            merged[protocol] += ports
    return {protocol: tuple(ports) for protocol, ports in merged.items()}


def touched(ports: Ports, guarded: Ports) -> tuple[tuple[str, PortRange], ...]:
    """The guarded ranges, with their protocol, that these ports overlap."""
    return tuple(
        (protocol, wanted)
        for protocol, ranges in guarded.items()
        for wanted in ranges
        if any(wanted.overlaps(open_range) for open_range in ports.get(protocol, ()))
    )


def _service_ports(name: str, document: Document, vdom: str, depth: int) -> Ports:
    group = document.find(TableId(vdom, "firewall.service/group"), name)
    if group is not None and depth:
        merged: dict[Protocol, tuple[PortRange, ...]] = {"tcp": (), "udp": ()}
        for member in group["member"]:
            for protocol, ports in _service_ports(member, document, vdom, depth - 1).items():
                merged[protocol] += ports
        return merged
    service = document.find(TableId(vdom, "firewall.service/custom"), name)
    if service is None:
        return EVERYTHING
    if not service["protocol"].startswith("TCP/UDP"):
        return {"tcp": (), "udp": ()} if service["protocol"] in ("ICMP", "ICMP6") else EVERYTHING
    return {
        "tcp": tuple(span_of(word.partition(":")[0]) for word in service["tcp-portrange"]),
        "udp": tuple(span_of(word.partition(":")[0]) for word in service["udp-portrange"]),
    }


def span_of(text: str) -> PortRange:
    """A port or a range as FortiOS writes it; any port where it is neither."""
    first, _dash, last = text.partition("-")
    if not first.isdigit() or not (last or first).isdigit():
        return ANY_PORT
    return PortRange(int(first), int(last or first))


def address_networks(names: Iterable[str], document: Document, vdom: str, family: int) -> Networks | None:
    """The networks that address objects stand for; None where one of them is not known for certain."""
    found: list[IPv4Network | IPv6Network] = []
    for name in names:
        networks = _resolved(name, document, vdom, "" if family == 4 else "6", _DEEPEST)
        if networks is None:
            return None
        found += networks
    return found


def _resolved(name: str, document: Document, vdom: str, suffix: str, depth: int) -> Networks | None:
    group = document.find(TableId(vdom, f"firewall/addrgrp{suffix}"), name)
    if group is not None and depth:
        networks: list[IPv4Network | IPv6Network] = []
        for member in group["member"]:
            found = _resolved(member, document, vdom, suffix, depth - 1)
            if found is None:
                return None
            networks += found
        return networks  # what a group excludes only makes it narrower
    row = document.find(TableId(vdom, f"firewall/address{suffix}"), name)
    if row is None:
        return None
    if row["type"] in ("ipmask", "ipprefix"):
        return [ip_network(row["subnet" if not suffix else "ip6"])]
    if row["type"] == "iprange":
        return _span(row["start-ip"], row["end-ip"])
    return None


def _span(first: str, last: str) -> Networks | None:
    start, end = ip_address(first), ip_address(last)
    if isinstance(start, IPv4Address) and isinstance(end, IPv4Address) and start <= end:
        return list(summarize_address_range(start, end))
    if isinstance(start, IPv6Address) and isinstance(end, IPv6Address) and start <= end:
        return list(summarize_address_range(start, end))
    return None
