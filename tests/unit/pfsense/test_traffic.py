"""What addresses and ports mean; what cannot be resolved may be anything."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.traffic import (
    EVERY_PORT,
    forward_ports,
    may_reach,
    networks_of,
    ports_of,
    protocols_of,
    within,
)
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import PortRange
from tests.unit.pfsense.boxes import observed, unit

ALIASES: dict[str, tuple[str, str]] = {
    "Hosts": ("host", "192.0.2.1 192.0.2.2"),
    "Nets": ("network", "192.0.2.0/28 2001:db8::/64"),
    "Named": ("host", "192.0.2.1 vpn.example.net"),
    "Both": ("network", "Hosts 192.0.2.128/25"),
    "Half": ("network", "Hosts Gone"),
    "Loop": ("network", "Loop"),
    "Table": ("urltable", ""),
    "Nobody": ("host", ""),
    "Web": ("port", "80 443 8000:8010"),
    "More": ("port", "Web 22"),
    "Round": ("port", "Round"),
    "NoPorts": ("port", ""),
}


def document() -> Document:
    entries = [{"name": name, "type": kind, "address": text} for name, (kind, text) in ALIASES.items()]
    return observed(unit(), config={"aliases/alias": entries}).document


def spans(*ports: Any) -> tuple[PortRange, ...]:
    return tuple(PortRange(port, port) if isinstance(port, int) else PortRange(*port) for port in ports)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("192.0.2.1", ["192.0.2.1/32"]),
        ("192.0.2.9/28", ["192.0.2.0/28"]),
        ("2001:db8::1", ["2001:db8::1/128"]),
        ("192.0.2.0-192.0.2.3", ["192.0.2.0/30"]),
        ("192.0.2.3-192.0.2.0", None),
        ("Hosts", ["192.0.2.1/32", "192.0.2.2/32"]),
        ("Nets", ["192.0.2.0/28", "2001:db8::/64"]),
        ("Both", ["192.0.2.1/32", "192.0.2.128/25", "192.0.2.2/32"]),
        ("Nobody", []),
        ("Named", None),
        ("Half", None),
        ("Loop", None),
        ("Table", None),
        ("Web", None),
        ("Gone", None),
        ("any", None),
        ("net:lan", None),
        ("?", None),
    ],
)
def test_networks(name: str, found: list[str] | None) -> None:
    networks = networks_of(name, document())
    assert (None if networks is None else sorted(map(str, networks))) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("", EVERY_PORT),
        ("5060", spans(5060)),
        ("10000-20000", spans((10000, 20000))),
        ("10000:20000", spans((10000, 20000))),
        ("20-10", spans((10, 20))),
        ("Web", spans(443, 80, (8000, 8010))),
        ("NoPorts", ()),
        ("Round", None),
        ("Hosts", None),
        ("Gone", None),
        ("5060-", spans(5060)),
        ("-5060", None),
    ],
)
def test_ports(name: str, found: tuple[PortRange, ...] | None) -> None:
    assert ports_of(name, document()) == found


def test_nested_ports() -> None:
    assert set(ports_of("More", document()) or ()) == {*spans(22, 80, 443, (8000, 8010))}


@pytest.mark.parametrize(
    ("protocol", "found"),
    [
        ("tcp", ("tcp",)),
        ("udp", ("udp",)),
        ("tcp/udp", ("tcp", "udp")),
        ("any", ("tcp", "udp")),
        ("icmp", ()),
        ("", ()),
    ],
)
def test_protocols(protocol: str, found: tuple[str, ...]) -> None:
    assert protocols_of(protocol) == found


@pytest.mark.parametrize(
    ("networks", "inside"),
    [
        (["192.0.2.0/28"], True),
        (["192.0.2.0/28", "192.0.2.16/28"], True),
        (["192.0.2.0/28", "203.0.113.0/24"], False),
        (["192.0.0.0/16"], False),
        (["2001:db8::/64"], False),
        ([], False),
        (None, False),
    ],
)
def test_within(networks: list[str] | None, inside: bool) -> None:
    """What is empty or not known is not within anything."""
    given = None if networks is None else [ip_network(one) for one in networks]
    assert within(given, [ip_network("192.0.2.0/24")]) is inside


@pytest.mark.parametrize(
    ("networks", "reached"),
    [
        (["10.40.0.9/32"], True),
        (["10.0.0.0/8"], True),
        (["10.41.0.0/24"], False),
        (["2001:db8::/64"], False),
        (None, True),
    ],
)
def test_may_reach(networks: list[str] | None, reached: bool) -> None:
    given = None if networks is None else [ip_network(one) for one in networks]
    assert may_reach(given, ip_network("10.40.0.0/24")) is reached


@pytest.mark.parametrize(
    ("outside", "inside", "found"),
    [
        ("5060", "5060", [(5060, 5060)]),
        ("5060", "15060", [(5060, 15060)]),
        ("5060", "", [(5060, 5060)]),
        ("Web", "Web", [(443, 443), (80, 80), (8000, 8000)]),
        ("Web", "8080", [(443, 8080), (80, 8080), *((port, 8080) for port in range(8000, 8011))]),
        ("Gone", "8080", []),
        ("5060", "Gone", []),
        ("", "5060", []),
    ],
)
def test_ports_of_a_forward(outside: str, inside: str, found: list[tuple[int, int]]) -> None:
    row = {"protocol": "tcp/udp", "destination_port": outside, "port": inside}
    pairs = [(own.first, inner.first) for own, inner in forward_ports(row, document(), "tcp")]
    assert pairs == found


def test_a_range_keeps_its_length() -> None:
    row = {"protocol": "udp", "destination_port": "10000-20000", "port": "30000"}
    assert list(forward_ports(row, document(), "udp")) == [(PortRange(10000, 20000), PortRange(30000, 40000))]
    row["port"] = "60000"
    assert list(forward_ports(row, document(), "udp")) == [(PortRange(10000, 20000), PortRange(60000, 65535))]
    assert list(forward_ports(row, document(), "tcp")) == []
