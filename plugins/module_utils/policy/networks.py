# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses, networks and DNS names: parsing, aggregation and the lints on lists of networks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
)

from .model import Address, Destination, Host, Network
from .reading import Report, plain

WIDEST_PREFIX: Mapping[int, int] = {4: 16, 6: 32}
"""The shortest prefix of each IP version that passes without an acknowledgement. An IPv6 /32 is the usual
allocation of a whole provider (RFC 6177 and the registries' policies), an IPv4 /16 holds 65,536 addresses."""

SPECIAL_NETWORKS: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(cidr), meaning)
    for cidr, meaning in (
        ("0.0.0.0/8", '"this network"'),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared (carrier NAT)"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "reserved (former 6to4 relays)"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private (unique local)"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
)
"""Ranges that no provider serves customers from (IANA special-purpose address registries)."""

GLOBAL_UNICAST_IPV6 = IPv6Network("2000::/3")
"""Everything that IANA has opened for allocation (RFC 4291 section 2.4)."""

NETWORK_FORM = "a network such as 198.51.100.0/24 or 2001:db8:10::/48, or a single address"
NOT_EVERYTHING = "networks that are less than the whole internet"
HOST_FORM = "an IP address or a full DNS name such as ntp.example.com"
DESTINATION_FORM = "an IP address, a network or a full DNS name such as provisioning.example.com"

_NETWORK = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:/(?:0|[1-9][0-9]{0,2}))?", re.ASCII)
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,45}", re.ASCII)
_DNS_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ListedNetwork:
    """A network and the place of the input that names it."""

    path: str
    network: Network


def parse_address(value: object) -> Address | None:
    """An IPv4 or IPv6 address without zone; None for anything else."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(plain(value)):
        return None
    try:
        return ip_address(plain(value))
    except ValueError:
        return None


def parse_dns_name(value: object) -> str | None:
    """A full DNS name (RFC 1123, at least two labels, the last one not a number) in lower case, or None."""
    if not isinstance(value, str):
        return None
    name = plain(value).lower()
    labels = name.split(".")
    well_formed = len(name) <= 253 and len(labels) > 1 and all(_DNS_LABEL.fullmatch(label) for label in labels)
    return name if well_formed and not labels[-1].isdigit() else None


def is_usable_host(address: Address) -> bool:
    """Whether the address can be a host's: not multicast, loopback, link-local, unspecified or reserved."""
    if isinstance(address, IPv4Address) and (address.is_reserved or address in IPv4Network("0.0.0.0/8")):
        return False
    return not (address.is_multicast or address.is_loopback or address.is_link_local or address.is_unspecified)


def parse_host(value: object) -> Host | None:
    """A usable address or a full DNS name; None for anything else."""
    address = parse_address(value)
    if address is not None:
        return address if is_usable_host(address) else None
    return parse_dns_name(value)


def read_network(path: str, value: object, report: Report, form: str = NETWORK_FORM) -> Network | None:
    """A network; a single address counts as a network of one. /0 and set host bits are always errors."""
    if not isinstance(value, str) or not _NETWORK.fullmatch(plain(value)):
        report.reject(path, value, form)
        return None
    try:
        network = ip_network(plain(value), strict=False)
        exact = ip_address(plain(value).partition("/")[0]) == network.network_address
    except ValueError:
        report.reject(path, value, form)
        return None
    if network.prefixlen == 0:
        report.reject(path, value, NOT_EVERYTHING)
        return None
    if not exact:
        report.reject(path, value, f"the network itself, {network} (host bits are set)")
        return None
    return network


def read_networks(items: Iterable[tuple[str, object]], report: Report) -> list[ListedNetwork]:
    """Every well-formed network of a list; the others are reported."""
    listed = []
    for path, value in items:
        network = read_network(path, value, report)
        if network is not None:
            listed.append(ListedNetwork(path, network))
    return listed


def read_hosts(items: Iterable[tuple[str, object]], report: Report) -> tuple[Host, ...]:
    """Addresses and DNS names in the order given, without repeats."""
    hosts: dict[Host, None] = {}
    for path, value in items:
        host = parse_host(value)
        if host is None:
            report.reject(path, value, HOST_FORM)
        else:
            hosts[host] = None
    return tuple(hosts)


def read_addresses(items: Iterable[tuple[str, object]], report: Report) -> tuple[Address, ...]:
    """Addresses of hosts in the order given, without repeats."""
    addresses: dict[Address, None] = {}
    for path, value in items:
        address = parse_address(value)
        if address is None or not is_usable_host(address):
            report.reject(path, value, "the IP address of a host")
        else:
            addresses[address] = None
    return tuple(addresses)


def read_destinations(
    items: Iterable[tuple[str, object]], report: Report
) -> tuple[tuple[Destination, ...], list[ListedNetwork]]:
    """Hosts and networks in the order given, without repeats; and all but the DNS names as networks."""
    destinations: dict[Destination, None] = {}
    listed = []
    for path, value in items:
        name = parse_dns_name(value)
        if name is not None:
            destinations[name] = None
            continue
        network = read_network(path, value, report, DESTINATION_FORM)
        if network is not None:
            single = network.prefixlen == network.max_prefixlen
            destinations[network.network_address if single else network] = None
            listed.append(ListedNetwork(path, network))
    return tuple(destinations), listed


def aggregate(networks: Iterable[Network]) -> tuple[Network, ...]:
    """The fewest networks that cover exactly the same addresses: IPv4 before IPv6, then by address."""
    ipv4, ipv6 = [], []
    for network in networks:
        if isinstance(network, IPv4Network):
            ipv4.append(network)
        else:
            ipv6.append(network)
    return (*collapse_addresses(ipv4), *collapse_addresses(ipv6))


def inside(inner: Network, outer: Network) -> bool:
    """Whether every address of one network belongs to the other."""
    return (
        inner.version == outer.version
        and outer.network_address <= inner.network_address  # type: ignore[operator]
        and inner.broadcast_address <= outer.broadcast_address  # type: ignore[operator]
    )


def combine(listed: Sequence[ListedNetwork], path: str, control: str, report: Report) -> tuple[Network, ...]:
    """Aggregate a list, with a note for every repeat and for every merger.

    Networks that together are a whole address family are an error, as a /0 is.
    """
    counts = Counter(entry.network for entry in listed)
    for network, count in counts.items():
        if count > 1:
            report.note("duplicate-network", "info", control, f"{path}: {network} is listed {count} times")
    result = aggregate(counts)
    # The aggregates are in order and share no address: the last one that begins no later than a part holds it.
    begins = [(network.version, int(network.network_address)) for network in result]
    parts_of: dict[Network, list[str]] = {network: [] for network in result}
    for part in counts:
        place = bisect_right(begins, (part.version, int(part.network_address))) - 1
        parts_of[result[place]].append(str(part))
    for network, parts in parts_of.items():
        if network.prefixlen == 0:
            report.refuse(path, f"{network} (in {len(parts)} parts)", NOT_EVERYTHING)
        elif len(parts) > 1:
            report.note(
                "aggregated-networks", "info", control, f"{path}: {', '.join(parts)} are aggregated to {network}"
            )
    return result


def special_meaning(network: Network) -> str | None:
    """What kind of special-purpose addresses the network holds; None when all are ordinary public ones."""
    for special, meaning in SPECIAL_NETWORKS:
        if network.version == special.version and network.overlaps(special):
            return f"{meaning} addresses"
    if isinstance(network, IPv6Network) and not inside(network, GLOBAL_UNICAST_IPV6):
        return f"addresses outside {GLOBAL_UNICAST_IPV6}"
    return None


def too_wide(network: Network) -> bool:
    """Whether the prefix is shorter than what passes unasked (``WIDEST_PREFIX``)."""
    return network.prefixlen < WIDEST_PREFIX[network.version]
