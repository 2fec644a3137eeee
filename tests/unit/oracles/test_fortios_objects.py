"""Address and service objects of FortiOS, asked about through one policy that names them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracles.fortios import passes
from tests.unit.oracles.samples import (
    PHONE,
    PHONE_6,
    PROVIDER,
    PROVIDER_6,
    SERVER,
    STRANGER,
    STRANGER_6,
    outbound,
    policy,
    policy6,
    refs,
    site,
)

# destination object, destination address, does it match. CLI reference, firewall address and addrgrp.
ADDRESS_CASES: list[tuple[str, str, bool | None]] = [
    ("all", STRANGER, True),
    ("none", STRANGER, False),
    ("provider", "203.0.113.0", True), ("provider", "203.0.113.127", True), ("provider", "203.0.113.128", False),
    ("range", "203.0.113.7", False), ("range", "203.0.113.8", True), ("range", "203.0.113.11", True),
    ("range", "203.0.113.12", False),
    # Administration guide, wildcard addressing: set bits of the mask must match, clear bits are free.
    ("gateways", "10.0.99.1", True), ("gateways", "10.0.99.2", False), ("gateways", "10.1.99.1", False),
    ("upper-halves", "10.0.99.128", True), ("upper-halves", "10.0.99.255", True),
    ("upper-halves", "10.0.99.127", False),
    # Too many pieces to keep: unknown rather than wrong.
    ("odd-hosts", STRANGER, None),
    ("by-name", PROVIDER, None), ("country", STRANGER, None), ("not-in-the-configuration", PROVIDER, None),
    ("inner", PROVIDER, True), ("inner", STRANGER, False), ("outer", PROVIDER, True), ("outer", STRANGER, False),
    ("provider range", "203.0.113.100", True), ("server range", "203.0.113.100", False),
    # Administration guide, address group exclusions: the members but for the excluded ones, when switched on.
    ("without", PROVIDER, False), ("without", STRANGER, True), ("idle-exclusion", PROVIDER, True),
    # A member that is unknown makes unknown only what the known ones leave open.
    ("maybe", PROVIDER, True), ("maybe", STRANGER, None),
    ("all-but-maybe", PROVIDER, False), ("all-but-maybe", STRANGER, None),
]


@pytest.mark.parametrize(("name", "target", "expected"), ADDRESS_CASES)
def test_addresses(name: str, target: str, expected: bool | None) -> None:
    config = site([policy(1, "voice", "wan1", "all", name)])
    assert passes(config, outbound(target=target, egress=("wan1",))).allowed is expected


@pytest.mark.parametrize(("name", "target", "expected"), ADDRESS_CASES)
@pytest.mark.parametrize("end", ["src", "dst"])
def test_negated_addresses(name: str, target: str, expected: bool | None, end: str) -> None:
    """Fortinet 194290: negate takes the opposite of the cell."""
    names = {"src": (name, "all"), "dst": ("all", name)}[end]
    config = site([policy(1, "voice", "wan1", *names, **{f"{end}addr_negate": "enable"})])
    ends: dict[str, Any] = {"src": {"source": target, "target": "192.0.2.1"}, "dst": {"target": target}}[end]
    opposite = None if expected is None else not expected
    assert passes(config, outbound(**ends, egress=("wan1",))).allowed is opposite


ADDRESS_6_CASES: list[tuple[str, str, bool | None]] = [
    ("all", STRANGER_6, True), ("provider6", PROVIDER_6, True), ("provider6", STRANGER_6, False),
    ("range6", "2001:db8:aaaa::f", True), ("range6", "2001:db8:aaaa::10", False), ("unheard-of", PROVIDER_6, None),
]


@pytest.mark.parametrize(("name", "target", "expected"), ADDRESS_6_CASES)
def test_ipv6_addresses(name: str, target: str, expected: bool | None) -> None:
    config = site([policy6(1, "voice", "wan1", "all", name)])
    assert passes(config, outbound(PHONE_6, target)).allowed is expected


# release, the switch that is on, the family of the packet, does "not provider" match the provider's own address.
# The vendor's published schema: srcaddr6-negate and dstaddr6-negate since 7.2.1; before, one switch for both families.
NEGATION_CASES = [
    ("7.0.12", "dstaddr-negate", 4, False), ("7.0.12", "dstaddr-negate", 6, False),
    ("7.2.0", "dstaddr-negate", 6, False), ("7.2.1", "dstaddr-negate", 6, True), ("7.2.1", "dstaddr6-negate", 6, False),
    ("7.4.4", "dstaddr-negate", 4, False), ("7.4.4", "dstaddr6-negate", 4, True),
    ("7.6.4", "dstaddr6-negate", 6, False),
]


@pytest.mark.parametrize(("version", "switch", "family", "expected"), NEGATION_CASES)
def test_negation_by_family_and_release(version: str, switch: str, family: int, expected: bool) -> None:
    row = policy(1, "voice", "wan1", "all", "provider", srcaddr6=refs("all"), dstaddr6=refs("provider6"))
    row[switch] = "enable"
    packet = outbound() if family == 4 else outbound(PHONE_6, PROVIDER_6)
    assert passes(site([row], version=version), packet).allowed is expected


@pytest.mark.parametrize("version", ["7.2.0", "7.4.4"])
def test_a_policy_of_one_family_leaves_the_other_alone(version: str) -> None:
    """Fortinet 191945: the IP version of sources and destinations has to match; unset means not for this family.

    Also where one switch negates both: not documented apart, but "everything but nothing" is not what is configured.
    """
    negated = policy(1, "voice", "wan1", "all", "all", srcaddr_negate="enable", dstaddr_negate="enable")
    only_4 = site([negated], version=version)
    only_6 = site([policy6(1, "voice", "wan1", "all", "all")])
    assert passes(only_4, outbound(PHONE_6, PROVIDER_6)).allowed is False
    assert passes(only_6, outbound()).allowed is False


# service, protocol, port, source port, icmp, does it match. CLI reference, firewall.service custom.
SERVICE_CASES: list[tuple[str, str | int, int, int, tuple[int, int] | None, bool | None]] = [
    ("ALL", "udp", 5060, 40000, None, True), ("ALL", "icmp", 0, 0, None, True), ("ALL", 47, 0, 0, None, True),
    ("SIP", "udp", 5060, 40000, None, True), ("SIP", "tcp", 5060, 40000, None, True),
    ("SIP", "udp", 5061, 40000, None, False), ("SIP", "sctp", 5060, 40000, None, False),
    ("RTP", "udp", 9999, 40000, None, False), ("RTP", "udp", 10000, 40000, None, True),
    ("RTP", "udp", 20000, 40000, None, True), ("RTP", "udp", 20001, 40000, None, False),
    ("RTP", "tcp", 10000, 40000, None, False),
    # destination:source, each a port or a range
    ("from-high", "udp", 5060, 1024, None, True), ("from-high", "udp", 5060, 1023, None, False),
    ("several", "tcp", 443, 1, None, True), ("several", "tcp", 8005, 5000, None, True),
    ("several", "tcp", 8005, 5001, None, False), ("stream", "sctp", 5060, 1, None, True),
    ("stream", "tcp", 5060, 1, None, False), ("PING", "icmp", 0, 0, None, True),
    ("PING", "icmp", 0, 0, (13, 0), False), ("ALL_ICMP", "icmp", 0, 0, (13, 0), True),
    ("PING6", "icmp", 0, 0, None, False), ("GRE", 47, 0, 0, None, True), ("GRE", 50, 0, 0, None, False),
    ("voice", "udp", 12000, 1, None, True), ("voice", "udp", 5060, 1, None, True), ("voice", "udp", 53, 1, None, False),
    ("tied", "udp", 5060, 1, None, None), ("app", "udp", 5060, 1, None, None),
    ("unheard-of", "udp", 5060, 1, None, None),
    ("unheard-of SIP", "udp", 5060, 1, None, True),
]


@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize(("service", "protocol", "port", "source_port", "icmp", "expected"), SERVICE_CASES)
def test_services(
    service: str, protocol: str | int, port: int, source_port: int, icmp: tuple[int, int] | None, expected: bool | None,
    negated: bool,
) -> None:
    extra: dict[str, Any] = {"service_negate": "enable"} if negated else {}
    config = site([policy(1, "voice", "wan1", "all", "all", service, **extra)])
    packet = outbound(port=port, protocol=protocol, source_port=source_port, icmp=icmp)
    wanted = (None if expected is None else not expected) if negated else expected
    assert passes(config, packet).allowed is wanted


def test_icmpv6_services_are_for_ipv6() -> None:
    ping6, ping4 = (policy6(1, "voice", "wan1", "all", "all", service=name) for name in ("PING6", "ALL_ICMP"))
    packet = outbound(PHONE_6, PROVIDER_6, protocol="icmp")
    assert passes(site([ping6]), packet).allowed is True
    assert passes(site([ping4]), packet).allowed is False


def test_a_group_that_contains_itself_is_unknown_not_endless() -> None:
    loop = [{"name": "loop", "member": refs("loop", "server")}]
    config = site([policy(1, "voice", "dmz wan1", "all", "loop")], firewall__addrgrp=loop)
    assert passes(config, outbound(PHONE, SERVER)).allowed is True
    assert passes(config, outbound(PHONE, STRANGER)).allowed is None
