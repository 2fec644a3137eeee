"""What rules speak of. Unknown is never compliant: what cannot be resolved counts as every port and as anybody."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.traffic import (
    ANY_PORT,
    EVERYTHING,
    Ports,
    address_networks,
    carries_sip,
    policy_ports,
    touched,
)
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import PortRange
from tests.unit.fortios.wire import V764, Wire, document, read, refs

NOTHING: Ports = {"tcp": (), "udp": ()}
SERVICES: list[Wire] = [
    {"name": "SIP", "tcp-portrange": "5060", "udp-portrange": "5060"},
    {"name": "several", "tcp-portrange": "80 443", "udp-portrange": "10000-20000"},
    {"name": "with source ports", "tcp-portrange": "5061:1024-65535", "udp-portrange": "53:53"},
    {"name": "none", "tcp-portrange": "", "udp-portrange": ""},
    {"name": "ALL", "protocol": "IP"},
    {"name": "PING", "protocol": "ICMP"},
    {"name": "PING6", "protocol": "ICMP6"},
    {"name": "proxy", "protocol": "HTTP", "tcp-portrange": "8080"},
    {"name": "socks", "protocol": "SOCKS-UDP"},
]
GROUPS: list[Wire] = [
    {"name": "phones", "member": refs("SIP", "several")},
    {"name": "nested", "member": refs("phones", "PING")},
    {"name": "open", "member": refs("SIP", "gone")},
    {"name": "empty", "member": []},
    {"name": "loop", "member": refs("loop")},
]


def unit() -> Document:
    return document(changes={"firewall.service/custom": SERVICES, "firewall.service/group": GROUPS})


def ports(tcp: str = "", udp: str = "") -> Ports:
    def ranges(text: str) -> tuple[PortRange, ...]:
        pairs = [word.partition("-") for word in text.split()]
        return tuple(PortRange(int(first), int(last or first)) for first, _dash, last in pairs)

    return {"tcp": ranges(tcp), "udp": ranges(udp)}


PORTS: dict[str, tuple[tuple[str, ...], Ports]] = {
    "service": (("SIP",), ports("5060", "5060")),
    "several ports": (("several",), ports("443 80", "10000-20000")),
    "source ports do not matter": (("with source ports",), ports("5061", "53")),
    "several services": (("SIP", "with source ports"), ports("5060 5061", "5060 53")),
    "group": (("phones",), ports("5060 443 80", "5060 10000-20000")),
    "group of groups": (("nested",), ports("5060 443 80", "5060 10000-20000")),
    "service without ports": (("none",), NOTHING),
    "ping": (("PING", "PING6"), NOTHING),
    "all protocols": (("ALL",), EVERYTHING),
    "a service of a proxy": (("proxy",), EVERYTHING),
    "a service of a socks proxy": (("socks",), EVERYTHING),
    "empty group": (("empty",), NOTHING),
    "unknown service": (("gone",), EVERYTHING),
    "group with an unknown member": (("open",), ports("5060 0-65535", "5060 0-65535")),
    "a group that holds itself": (("loop",), EVERYTHING),
    "no service at all": ((), EVERYTHING),
}


@pytest.mark.parametrize(("services", "expected"), PORTS.values(), ids=PORTS)
def test_policy_ports(services: tuple[str, ...], expected: Ports) -> None:
    row = read("firewall/policy", service=refs(*services))
    found = policy_ports(row, unit(), "root")
    assert {p: sorted(set(r)) for p, r in found.items()} == {p: sorted(r) for p, r in expected.items()}


def test_all_but_some_services_is_everything() -> None:
    row = read("firewall/policy", service=refs("PING"), **{"service-negate": "enable"})
    assert policy_ports(row, unit(), "root") == EVERYTHING


def test_the_name_of_the_protocol_in_76() -> None:
    found = document(V764, {"firewall.service/custom": [{"name": "SIP", "udp-portrange": "5060"}]})
    assert policy_ports(read("firewall/policy", V764, service=refs("SIP")), found, "root") == ports("", "5060")


def test_everything_is_every_port() -> None:
    assert PortRange(0, 65535) == ANY_PORT


SIP_PORTS = ports("5060-5061", "5060")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (ports("5060"), ["tcp 5060-5061"]),
        (ports("5061-5070"), ["tcp 5060-5061"]),
        (ports("", "5060"), ["udp 5060"]),
        (ports("", "5061"), []),
        (ports("80 443", "53"), []),
        (ports("5000-6000", "1-65535"), ["tcp 5060-5061", "udp 5060"]),
        (EVERYTHING, ["tcp 5060-5061", "udp 5060"]),
        (NOTHING, []),
        ({}, []),
    ],
)
def test_touched(found: Ports, expected: list[str]) -> None:
    assert [f"{protocol} {span}" for protocol, span in touched(found, SIP_PORTS)] == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"action": "accept", "service": refs("SIP")}, True),
        ({"action": "accept", "service": refs("ALL")}, True),
        ({"action": "accept", "service": refs("gone")}, True),
        ({"action": "accept", "service": []}, True),
        ({"action": "ipsec", "service": refs("SIP")}, True),
        ({"action": "accept", "service": refs("PING")}, False),
        ({"action": "accept", "service": refs("several")}, False),
        ({"action": "deny", "service": refs("SIP")}, False),
    ],
)
def test_carries_sip(changes: Wire, expected: bool) -> None:
    assert carries_sip(read("firewall/policy", **changes), unit(), "root", SIP_PORTS) is expected


ADDRESSES: list[Wire] = [
    {"name": "net", "subnet": "198.51.100.0 255.255.255.192"},
    {"name": "host", "subnet": "203.0.113.5 255.255.255.255"},
    {"name": "all"},
    {"name": "range", "type": "iprange", "start-ip": "192.0.2.0", "end-ip": "192.0.2.5"},
    {"name": "backwards", "type": "iprange", "start-ip": "192.0.2.5", "end-ip": "192.0.2.0"},
    *(
        {"name": kind, "type": kind, "fqdn": "sip.example.com"}
        for kind in ("fqdn", "geography", "wildcard", "dynamic", "interface-subnet", "mac", "route-tag")
    ),
]
ADDRESS_GROUPS: list[Wire] = [
    {"name": "known", "member": refs("net", "host")},
    {"name": "nested", "member": refs("known", "range")},
    {"name": "holding a name", "member": refs("net", "fqdn")},
    {"name": "holding nothing known", "member": refs("net", "gone")},
    {"name": "excluding", "member": refs("net"), "exclude": "enable", "exclude-member": refs("host")},
    {"name": "loop", "member": refs("loop")},
]
ADDRESSES6: list[Wire] = [
    {"name": "net6", "ip6": "2001:db8:5060::/48"},
    {"name": "range6", "type": "iprange", "start-ip": "2001:db8::", "end-ip": "2001:db8::1"},
    {"name": "fqdn6", "type": "fqdn", "fqdn": "sip.example.com"},
]
NET, HOST = "198.51.100.0/26", "203.0.113.5/32"
RANGE = ("192.0.2.0/30", "192.0.2.4/31")

RESOLVED: dict[str, tuple[tuple[str, ...], int, tuple[str, ...] | None]] = {
    "network": (("net",), 4, (NET,)),
    "several": (("net", "host"), 4, (NET, HOST)),
    "everybody": (("all",), 4, ("0.0.0.0/0",)),
    "range": (("range",), 4, RANGE),
    "group": (("known",), 4, (NET, HOST)),
    "group of groups": (("nested",), 4, (NET, HOST, *RANGE)),
    "a group that excludes some": (("excluding",), 4, (NET,)),
    "none": ((), 4, ()),
    "unknown": (("gone",), 4, None),
    "one of them unknown": (("net", "gone"), 4, None),
    "group with an unknown member": (("holding nothing known",), 4, None),
    "group with a DNS name": (("holding a name",), 4, None),
    "a group that holds itself": (("loop",), 4, None),
    "range backwards": (("backwards",), 4, None),
    **{
        kind: ((kind,), 4, None)
        for kind in ("fqdn", "geography", "wildcard", "dynamic", "interface-subnet", "mac", "route-tag")
    },
    "IPv6 network": (("net6",), 6, ("2001:db8:5060::/48",)),
    "IPv6 range": (("range6",), 6, ("2001:db8::/127",)),
    "IPv6 group": (("group6",), 6, ("2001:db8:5060::/48", "2001:db8::/127")),
    "IPv6 name": (("fqdn6",), 6, None),
    "IPv4 name asked for as IPv6": (("net",), 6, None),
    "IPv6 name asked for as IPv4": (("net6",), 4, None),
}


@pytest.mark.parametrize(("names", "family", "expected"), RESOLVED.values(), ids=RESOLVED)
def test_address_networks(names: tuple[str, ...], family: int, expected: tuple[str, ...] | None) -> None:
    found = document(
        changes={
            "firewall/address": ADDRESSES,
            "firewall/addrgrp": ADDRESS_GROUPS,
            "firewall/address6": ADDRESSES6,
            "firewall/addrgrp6": [{"name": "group6", "member": refs("net6", "range6")}],
        }
    )
    networks = address_networks(names, found, "root", family)
    assert (None if networks is None else {str(network) for network in networks}) == (
        None if expected is None else set(expected)
    )


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_range_is_exactly_its_addresses(first: int, last: int, probe: int) -> None:
    first, last = sorted((first, last))
    row: Wire = {
        "name": "range",
        "type": "iprange",
        "start-ip": str(ip_address(first)),
        "end-ip": str(ip_address(last)),
    }
    networks: Any = address_networks(("range",), document(changes={"firewall/address": [row]}), "root", 4)
    for address in (probe, first, last, max(first - 1, 0), min(last + 1, 2**32 - 1)):
        inside = any(ip_address(address) in ip_network(network) for network in networks)
        assert inside == (first <= address <= last)
