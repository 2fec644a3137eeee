"""Virtual IPs of FortiOS: what they take, where it goes, and which policies see it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracles.fortios import passes
from tests.unit.oracles.samples import (
    EXTERNAL,
    PROVIDER,
    PROVIDER_6,
    SERVER,
    STRANGER,
    Row,
    inbound,
    policy,
    refs,
    site,
    vip,
)

IN = policy(1, "wan1", "dmz", "all", "pbx")
FORWARD = {"portforward": "enable", "protocol": "udp", "extport": "5060", "mappedport": "5070"}


def with_vips(policies: list[Row], *vips: Row, **more: Any) -> dict[str, Any]:
    return site(policies, firewall__vip=list(vips), **more)


# fields of the virtual IP, packet, is it let in, where it goes. CLI reference, firewall vip.
MAPPING: list[tuple[dict[str, Any], dict[str, Any], bool, tuple[str, int] | None]] = [
    ({}, {}, True, (SERVER, 5060)),
    ({}, {"target": "198.51.100.11"}, False, None),
    ({}, {"protocol": "tcp", "port": 80}, True, (SERVER, 80)),
    ({"status": "disable"}, {}, False, None),
    ({"extintf": "wan2"}, {}, False, None),
    ({"extintf": "any"}, {}, True, (SERVER, 5060)),
    ({"extintf": "uplinks"}, {}, True, (SERVER, 5060)),
    ({"srcintf-filter": [{"interface-name": "wan2"}]}, {}, False, None),
    ({"srcintf-filter": [{"interface-name": "wan1"}]}, {}, True, (SERVER, 5060)),
    (FORWARD, {}, True, (SERVER, 5070)),
    (FORWARD, {"port": 5061}, False, None),
    (FORWARD, {"protocol": "tcp"}, False, None),
    ({**FORWARD, "protocol": "tcp"}, {"protocol": "tcp"}, True, (SERVER, 5070)),
    ({**FORWARD, "extport": "10000-10099", "mappedport": "20000-20099"}, {"port": 10042}, True, (SERVER, 20042)),
    ({**FORWARD, "extport": "10000-10099", "mappedport": "20000-20099"}, {"port": 10100}, False, None),
    ({**FORWARD, "mappedport": ""}, {}, True, (SERVER, 5060)),
    ({**FORWARD, "protocol": "icmp", "extport": "", "mappedport": ""}, {"protocol": "icmp", "port": 0}, True,
     (SERVER, 0)),
    # A range is mapped one to one from its first address (Fortinet 217660, 216348).
    ({"extip": "198.51.100.10-198.51.100.12", "mappedip": [{"range": "10.10.10.25-10.10.10.27"}]},
     {"target": "198.51.100.12"}, True, ("10.10.10.27", 5060)),
    # A single external address stands for as many as are mapped (help, vip: extip).
    ({"mappedip": [{"range": "10.10.10.25-10.10.10.27"}]}, {"target": "198.51.100.11"}, True, ("10.10.10.26", 5060)),
    # 0.0.0.0 = the address of the interface.
    ({"extip": "0.0.0.0", **FORWARD}, {"target": "198.51.100.2"}, True, (SERVER, 5070)),
    ({"extip": "0.0.0.0", **FORWARD}, {"target": EXTERNAL}, False, None),
    ({"extip": "0.0.0.0", "extintf": "any", **FORWARD}, {"target": "10.0.0.1"}, False, None),
    # DNS translation changes answers to DNS questions, not packets (administration guide).
    ({"type": "dns-translation"}, {}, False, None),
    # Its own address may be forwarded as well; it is no longer the unit's then (Fortinet 261055).
    ({"extip": "198.51.100.2", **FORWARD}, {"target": "198.51.100.2"}, True, (SERVER, 5070)),
    # src-filter: others are not translated and end at policy 0 or the unit (Fortinet 355966).
    ({"src-filter": [{"range": "203.0.113.10-203.0.113.11"}]}, {"source": "203.0.113.11"}, True, (SERVER, 5060)),
    ({"src-filter": [{"range": "203.0.113.10-203.0.113.11"}]}, {"source": "203.0.113.12"}, False, None),
    ({"src-filter": [{"range": "192.0.2.1"}, {"range": "203.0.113.0/25"}]}, {}, True, (SERVER, 5060)),
    # Virtual IP with services (administration guide): only these, ports kept unless mapped.
    ({"service": refs("SIP")}, {}, True, (SERVER, 5060)),
    ({"service": refs("SIP")}, {"port": 5061}, False, None),
    ({"service": refs("SIP"), "mappedport": "5070"}, {}, True, (SERVER, 5070)),
]


@pytest.mark.parametrize(("fields", "packet", "allowed", "destination"), MAPPING)
def test_mapping(
    fields: dict[str, Any], packet: dict[str, Any], allowed: bool, destination: tuple[str, int] | None
) -> None:
    uplinks = [{"name": "uplinks", "interface": [{"interface-name": "wan1"}]}]
    zone = uplinks if fields.get("extintf") == "uplinks" else []
    ingress = policy(1, "wan1 uplinks", "dmz", "all", "pbx")
    config = site([ingress], firewall__vip=[{**vip(), **fields}], system__zone=zone)
    verdict = passes(config, inbound(**packet))
    assert (verdict.allowed, verdict.destination) == (allowed, destination), verdict


# What only the running unit knows: allowed with an open policy, denied where no policy lets the source in.
@pytest.mark.parametrize("fields", [
    {"type": "server-load-balance", "server-type": "udp", "extport": "5060"},
    {"type": "fqdn", "mapped-addr": "by-name"},
    {"nat44": "disable", "nat46": "enable"},
    {"type": "load-balance", "mappedip": [{"range": "10.10.10.25-10.10.10.30"}]},
])
def test_unknown_targets_are_unknown_only_where_it_matters(fields: dict[str, Any]) -> None:
    balanced = {**vip(), **fields}
    anywhere = with_vips([policy(1, "wan1", "any", "provider", "pbx")], balanced)
    to_dmz = with_vips([policy(1, "wan1", "dmz", "provider", "pbx")], balanced)
    assert passes(anywhere, inbound()).allowed is True
    assert passes(to_dmz, inbound()).allowed is None
    for config in (anywhere, to_dmz):
        assert passes(config, inbound(STRANGER)).allowed is False


def test_server_load_balancing_takes_its_port_only() -> None:
    balanced = {**vip(), "type": "server-load-balance", "server-type": "udp", "extport": "5060"}
    config = with_vips([policy(1, "wan1", "any", "all", "pbx")], balanced)
    assert passes(config, inbound()).allowed is True
    assert passes(config, inbound(port=5061)).allowed is False
    assert passes(config, inbound(protocol="tcp")).allowed is False


def test_many_ports_to_many_leave_the_port_open() -> None:
    """portmapping-type m-to-n: which of the ports is taken is not known beforehand."""
    spread = {**FORWARD, "extport": "5060-5069", "mappedport": "5060-5079", "portmapping-type": "m-to-n"}
    wide, narrow = (policy(1, "wan1", "dmz", "all", "pbx", name) for name in ("ALL", "SIP"))
    assert passes(with_vips([wide], vip(**spread)), inbound()).allowed is True
    assert passes(with_vips([narrow], vip(**spread)), inbound()).allowed is None
    to_one = vip(**{**spread, "mappedport": "5060"})
    assert passes(with_vips([narrow], to_one), inbound(port=5065)).destination == (SERVER, 5060)


def test_the_service_of_a_policy_is_the_mapped_one() -> None:
    """Fortinet 355966: a policy that accepts only the external port drops what was translated to another."""
    mapped = vip(portforward="enable", protocol="udp", extport="5070", mappedport="5060")
    config = with_vips([policy(1, "wan1", "dmz", "all", "pbx", "SIP")], mapped)
    assert passes(config, inbound(port=5070)).allowed is True
    back = with_vips([policy(1, "wan1", "dmz", "all", "pbx", "SIP")], vip(**FORWARD))
    assert passes(back, inbound(port=5060)).allowed is False


def test_the_first_virtual_ip_of_the_table_translates() -> None:
    """Fortinet 350101, 362148: their own order decides, not that of the policies, and there is no second try."""
    first, second = vip("first", mappedip=[{"range": "10.10.10.1"}]), vip("second")
    first["mappedip"] = [{"range": "10.10.10.26"}]
    policies = [policy(1, "wan1", "dmz", "provider", "second"), policy(2, "wan1", "dmz", "provider", "first", "SMTP")]
    assert passes(with_vips(policies, first, second), inbound()).allowed is False
    assert passes(with_vips(policies, second, first), inbound()).allowed is True


@pytest.mark.parametrize(("policies", "expected"), [
    ([], False), ([{**IN, "status": "disable"}, policy(2, "wan1", "voice", "all", "all")], False),
    ([policy(2, "wan1", "dmz", "all", "group")], True),
])
def test_only_virtual_ips_in_enabled_policies_count(policies: list[Row], expected: bool) -> None:
    """Fortinet 261055, 350101; a group stands for its members."""
    groups = [{"name": "group", "interface": "wan1", "member": refs("pbx")}]
    config = with_vips(policies, vip(), firewall__vipgrp=groups)
    assert passes(config, inbound()).allowed is expected


@pytest.mark.parametrize(("version", "rule"), [
    ("7.0.12", "policy 0"), ("7.0.13", "local"), ("7.2.5", "policy 0"), ("7.2.6", "local"), ("7.4.0", "policy 0"),
    ("7.4.1", "local"), ("7.6.0", "local"),
])
def test_an_unused_virtual_ip_still_takes_its_address(version: str, rule: str) -> None:
    """Fortinet 277823, 189573: on most releases the unit answers for the address, so it does not forward to it."""
    config = site([], version=version, firewall__vip=[vip(extip="10.10.10.77", extintf="any")])
    assert passes(config, inbound(target="10.10.10.77")).rule == rule
    silent = site([], version=version, firewall__vip=[vip(extip="10.10.10.77", extintf="any", arp_reply="disable")])
    assert passes(silent, inbound(target="10.10.10.77")).rule == "policy 0"


DENY_ALL = policy(5, "wan1", "dmz", "all", "all", action="deny")
# release, match-vip of a deny for all above the policy with the virtual IP, does the provider get in.
# Fortinet 192456/94794: without match-vip it does not stop translated traffic; default enable since 7.2.3 or 7.2.4.
MATCH_VIP: list[tuple[str, str | None, bool | None]] = [
    ("7.0.12", None, True), ("7.2.2", None, True), ("7.2.3", None, None), ("7.2.4", None, False),
    ("7.6.0", None, False),
    ("7.2.2", "enable", False), ("7.2.3", "enable", False), ("7.2.3", "disable", True), ("7.6.0", "disable", True),
]


@pytest.mark.parametrize(("version", "match_vip", "expected"), MATCH_VIP)
def test_match_vip_of_a_deny(version: str, match_vip: str | None, expected: bool | None) -> None:
    deny = {**DENY_ALL, **({"match-vip": match_vip} if match_vip else {})}
    assert passes(with_vips([deny, IN], vip(), version=version), inbound()).allowed is expected


# The first policy, then what it does to translated traffic on 7.4.4. The second one lets everybody in.
BEFORE_VIP: dict[str, tuple[Row, bool | None]] = {
    "a deny that names the virtual IP": (policy(5, "wan1", "dmz", "all", "pbx", action="deny"), False),
    "a deny of strangers": (policy(5, "wan1", "dmz", "outside", "all", action="deny"), True),
    # Which address is compared is not documented where the external and the mapped one differ.
    "a deny that names the mapped address": (policy(5, "wan1", "dmz", "all", "server", action="deny"), None),
    "a deny that names the external address": (policy(5, "wan1", "dmz", "all", "outside", action="deny"), None),
    "a deny that names both": (policy(5, "wan1", "dmz", "all", "server outside", action="deny"), False),
    "a deny that names neither": (policy(5, "wan1", "dmz", "all", "provider", action="deny"), True),
    "a deny of all but neither": (
        policy(5, "wan1", "dmz", "all", "provider", action="deny", dstaddr_negate="enable"), False
    ),
    "only virtual IP traffic": ({**DENY_ALL, "match-vip-only": "enable"}, False),
}


@pytest.mark.parametrize("name", BEFORE_VIP)
def test_denies_above_a_virtual_ip(name: str) -> None:
    first, expected = BEFORE_VIP[name]
    assert passes(with_vips([first, IN], vip()), inbound()).allowed is expected


@pytest.mark.parametrize("match_vip", [{}, {"match_vip": "enable"}])
@pytest.mark.parametrize("target", ["all", "server", "outside"])
def test_an_accept_without_the_virtual_ip_never_lets_it_in(target: str, match_vip: dict[str, str]) -> None:
    """Release notes 6.4.8: match-vip is not allowed with accept; a policy needs the virtual IP itself."""
    open_door = policy(1, "wan1", "dmz", "all", target, **match_vip)
    elsewhere = policy(2, "wan1", "voice", "all", "pbx")  # makes the virtual IP count
    assert passes(with_vips([open_door, elsewhere], vip()), inbound()).allowed is False


def test_an_accept_of_all_but_an_address_is_not_certain() -> None:
    """Whether a negated address takes in translated traffic is certain only where both addresses match."""
    elsewhere = policy(2, "wan1", "voice", "all", "pbx")
    for target, expected in (("provider", None), ("all", False), ("server outside", False)):
        but = policy(1, "wan1", "dmz", "all", target, dstaddr_negate="enable")
        assert passes(with_vips([but, elsewhere], vip()), inbound()).allowed is expected


def test_a_hairpin_needs_a_policy() -> None:
    """A redirect without policy check is for packets that nothing translates (Fortinet 196651)."""
    redirect = {"system/global": {"allow-traffic-redirect": "enable"}}
    for ends, expected in (("wan1", False), ("any", True)):
        config = with_vips([policy(1, ends, "dmz", "all", "pbx")], vip(extintf="any"), unit=redirect)
        assert passes(config, inbound("10.10.10.30", ingress="dmz")).allowed is expected


def test_match_vip_only_leaves_ordinary_traffic_alone() -> None:
    config = with_vips([{**DENY_ALL, "match-vip-only": "enable"}, policy(2, "wan1", "dmz", "all", "all")], vip())
    assert passes(config, inbound(target=SERVER)).allowed is True


def test_a_policy_with_a_virtual_ip_is_not_for_the_mapped_address() -> None:
    assert passes(with_vips([IN], vip()), inbound(target=SERVER)).allowed is False


def test_a_negated_virtual_ip() -> None:
    """Fortinet 194290: the opposite of the cell, so everything but what this virtual IP translates."""
    but = policy(1, "wan1", "dmz", "all", "pbx", dstaddr_negate="enable")
    assert passes(with_vips([but], vip()), inbound()).allowed is False
    assert passes(with_vips([but], vip()), inbound(target=SERVER)).allowed is True


def test_central_nat() -> None:
    """Fortinet 251572: no policy has to name the virtual IP, and policies name the mapped address."""
    central = {"central-nat": "enable"}
    for target, expected in (("server", True), ("outside", False), ("all", True)):
        config = with_vips([policy(1, "wan1", "dmz", "all", target)], vip(), settings=central)
        assert passes(config, inbound()).allowed is expected


def test_ipv6() -> None:
    """vip6 has no interface; policies name it in dstaddr6."""
    vip6 = {"name": "pbx6", "extip": "2001:db8:ff::10", "mappedip": "2001:db8:40::25",
            "portforward": "enable", "protocol": "udp", "extport": "5060", "mappedport": "5070"}
    row = policy(1, "wan1", "voice", "", "", srcaddr6=refs("provider6"), dstaddr6=refs("pbx6"))
    config = site([row], firewall__vip6=[vip6])
    assert passes(config, inbound(PROVIDER_6, "2001:db8:ff::10")).destination == ("2001:db8:40::25", 5070)
    assert passes(config, inbound("2001:db8:bbbb::1", "2001:db8:ff::10")).allowed is False
    assert passes(config, inbound(PROVIDER, "198.51.100.10")).allowed is False


def test_a_dynamic_address_may_be_the_target() -> None:
    """The interface gets its address by DHCP: that a packet is for it cannot be seen, nor ruled out."""
    config = site(
        [policy(1, "wan2", "dmz", "all", "pbx")], interface={"wan2": {"mode": "dhcp"}},
        firewall__vip=[vip(extip="0.0.0.0", extintf="wan2", **FORWARD)],
    )
    assert passes(config, inbound(target="192.0.2.77", ingress="wan2")).allowed is None
    assert passes(config, inbound(target="192.0.2.77", ingress="wan2", port=5061)).allowed is False
