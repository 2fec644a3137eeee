"""What the unit itself answers: local-in policies, administrative access, trusted hosts."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.oracles.fortios import answers_locally, management_reachable
from tests.unit.oracles.samples import (
    PC,
    PHONE,
    PROVIDER,
    PROVIDER_6,
    STRANGER,
    STRANGER_6,
    inbound,
    local_in,
    outbound,
    policy,
    refs,
    site,
    vip,
)

WAN, WAN_6 = "198.51.100.2", "2001:db8:ff::2"
OPEN_ADMIN = [{"name": "admin"}]
OPEN = {"system/admin": OPEN_ADMIN}


class Case(NamedTuple):
    """A configuration, who asks for what over which interface, and whether it is reachable."""

    config: dict[str, Any]
    interface: str
    source: str
    service: str
    expected: bool | None


def guarded(*policies: dict[str, Any], version: str = "7.4.4", **more: Any) -> dict[str, Any]:
    """A site without trusted hosts, with local-in policies."""
    return site(unit=OPEN, version=version, firewall__local_in_policy=list(policies), **more)


def admin(**fields: str) -> dict[str, Any]:
    return site(unit={"system/admin": [{"name": "admin", **{k.replace("_", "-"): v for k, v in fields.items()}}]})


def unit(**settings: Any) -> dict[str, Any]:
    fields = {name.replace("_", "-"): value for name, value in settings.items()}
    return site(unit={**OPEN, "system/global": fields}, interface={"wan1": {"allowaccess": "https http ssh telnet"}})


LOOPBACK = {"dmz": {"type": "loopback", "allowaccess": "https"}}
CLOSED = "10.0.0.0 255.255.255.0"
ANY = "0.0.0.0 0.0.0.0"

CASES: dict[str, Case] = {
    # Administrative access of the interface (administration guide, interface settings)
    "https on": Case(site(unit=OPEN), "wan1", STRANGER, "https", True),
    "ssh off": Case(site(unit=OPEN), "wan1", STRANGER, "ssh", False),
    "ping on": Case(site(unit=OPEN), "wan1", STRANGER, "ping", True),
    "nothing on": Case(site(unit=OPEN), "dmz", PC, "ping", False),
    "no address": Case(site(unit=OPEN), "wan2", STRANGER, "ping", False),
    "interface down": Case(site(unit=OPEN, interface={"wan1": {"status": "down"}}), "wan1", STRANGER, "https", False),
    "no such interface": Case(site(unit=OPEN), "wan9", STRANGER, "https", False),
    "IPv6 has its own switch": Case(site(unit=OPEN), "wan1", STRANGER_6, "https", False),
    "IPv6 ping": Case(site(unit=OPEN), "wan1", STRANGER_6, "ping", True),
    "secondary address": Case(
        site(unit=OPEN, interface={"wan1": {
            "secondary-IP": "enable", "secondaryip": [{"id": 1, "ip": "192.0.2.2 255.255.255.0", "allowaccess": "ssh"}],
        }}),
        "wan1", STRANGER, "ssh", True,
    ),
    "telnet": Case(unit(), "wan1", STRANGER, "telnet", True),
    "telnet off for the unit": Case(unit(admin_telnet="disable"), "wan1", STRANGER, "telnet", False),
    "a moved port is still the service": Case(unit(admin_sport=8443), "wan1", STRANGER, "https", True),
    # Trusted hosts (Fortinet 190592)
    "trusted": Case(site(), "lan", PC, "https", True),
    "not trusted": Case(site(), "wan1", STRANGER, "https", False),
    "ping is gated too": Case(site(), "wan1", STRANGER, "ping", False),
    "row 1 open": Case(admin(trusthost1=ANY, trusthost2=CLOSED), "wan1", STRANGER, "https", True),
    "row 1 closed, row 2 at any": Case(admin(trusthost1=CLOSED, trusthost2=ANY), "wan1", STRANGER, "https", False),
    "row 3 trusts": Case(
        admin(trusthost1=CLOSED, trusthost3="203.0.113.192 255.255.255.192"), "wan1", STRANGER, "https", True
    ),
    "one administrator without trusted hosts": Case(
        site(unit={"system/admin": [{"name": "a", "trusthost1": CLOSED}, {"name": "b"}]}), "wan1", STRANGER, "https",
        True,
    ),
    "closing IPv4 leaves IPv6 open": Case(site(), "lan", "2001:db8:1::9", "https", True),
    "IPv6 closed": Case(
        admin(trusthost1=CLOSED, ip6_trusthost1="2001:db8:1::/64"), "lan", STRANGER_6, "https", False
    ),
    "IPv6 trusted": Case(
        admin(trusthost1=CLOSED, ip6_trusthost1="2001:db8:1::/64"), "lan", "2001:db8:1::9", "https", True
    ),
    "an API user opens the web port": Case(
        site(unit={"system/api-user": [{"name": "bot", "trusthost": []}]}), "wan1", STRANGER, "https", True
    ),
    "but no other": Case(
        site(unit={"system/api-user": [{"name": "bot", "trusthost": []}]}), "lan", STRANGER, "ssh", False
    ),
    "an API user with trusted hosts": Case(
        site(unit={"system/api-user": [{"name": "bot", "trusthost": [
            {"id": 1, "type": "ipv4-trusthost", "ipv4-trusthost": "203.0.113.0/25"},
        ]}]}),
        "wan1", STRANGER, "https", False,
    ),
    "no administrators in the configuration": Case(site(unit={"system/admin": []}), "lan", PC, "https", None),
    "fgfm is not gated": Case(
        site(interface={"wan1": {"allowaccess": "fgfm"}}), "wan1", STRANGER, "fgfm", True
    ),
    # Local-in policies: first match; what matches none is left to administrative access (DOC 363127)
    "local-in deny": Case(guarded(local_in(1, "all", "HTTPS", "deny")), "wan1", STRANGER, "https", False),
    "local-in accept before deny": Case(
        guarded(local_in(1, "provider", "HTTPS", "accept"), local_in(2, "all", "ALL", "deny")), "wan1", PROVIDER,
        "https", True,
    ),
    "local-in for others": Case(
        guarded(local_in(1, "provider", "HTTPS", "accept"), local_in(2, "all", "ALL", "deny")), "wan1", STRANGER,
        "https", False,
    ),
    "local-in disabled": Case(
        guarded(local_in(1, "all", "HTTPS", "deny", status="disable")), "wan1", STRANGER, "https", True
    ),
    "local-in default action": Case(
        guarded({k: v for k, v in local_in(1, "all", "ALL", "").items() if k != "action"}), "wan1", STRANGER, "https",
        False,
    ),
    "local-in for another interface": Case(
        guarded(local_in(1, "all", "ALL", "deny", intf="wan2")), "wan1", STRANGER, "https", True
    ),
    "local-in for any interface": Case(
        guarded(local_in(1, "all", "ALL", "deny", intf="any")), "wan1", STRANGER, "https", False
    ),
    "interface as a list": Case(
        guarded(local_in(1, "all", "ALL", "deny", intf=refs("wan2", "wan1"))), "wan1", STRANGER, "https", False
    ),
    "interface as a zone": Case(
        guarded(local_in(1, "all", "ALL", "deny", intf="uplinks"), system__zone=[
            {"name": "uplinks", "interface": [{"interface-name": "wan1"}]},
        ]),
        "wan1", STRANGER, "https", False,
    ),
    "negated source": Case(
        guarded(local_in(1, "provider", "ALL", "deny", srcaddr_negate="enable")), "wan1", STRANGER, "https", False
    ),
    "for the HA port only": Case(
        guarded(local_in(1, "all", "ALL", "deny", ha_mgmt_intf_only="enable")), "wan1", STRANGER, "https", True
    ),
    "an accept opens nothing by itself": Case(
        guarded(local_in(1, "all", "ALL", "accept")), "wan1", STRANGER, "ssh", False
    ),
    "unknown deny": Case(guarded(local_in(1, "country", "ALL", "deny")), "wan1", STRANGER, "https", None),
    "unknown deny of what is closed anyway": Case(
        guarded(local_in(1, "country", "ALL", "deny")), "wan1", STRANGER, "ssh", False
    ),
    "ISDB source": Case(
        guarded(local_in(1, "all", "ALL", "deny", internet_service_src="enable")), "wan1", STRANGER, "https", None
    ),
    "local-in is by family": Case(guarded(local_in(1, "all", "ALL", "deny")), "wan1", STRANGER_6, "ping", True),
    "local-in policy6": Case(
        site(unit=OPEN, firewall__local_in_policy6=[local_in(1, "all", "ALL", "deny")]), "wan1", STRANGER_6, "ping",
        False,
    ),
    # A dynamic address is not in the configuration, but what does not depend on it is
    "dynamic address": Case(
        site(unit=OPEN, interface={"wan2": {"mode": "dhcp"}}), "wan2", STRANGER, "ping", True
    ),
    "dynamic address, denied": Case(
        guarded(local_in(1, "all", "ALL", "deny", intf="wan2"), interface={"wan2": {"mode": "dhcp"}}), "wan2", STRANGER,
        "ping", False,
    ),
    "dynamic address, denied for some address": Case(
        guarded(
            local_in(1, "all", "ALL", "deny", intf="wan2", dstaddr=refs("outside")),
            interface={"wan2": {"mode": "dhcp"}},
        ),
        "wan2", STRANGER, "ping", None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_management(name: str) -> None:
    config, interface, source, service, expected = CASES[name]
    assert management_reachable(config, interface, source, service) is expected


def test_an_unheard_of_service_is_refused() -> None:
    with pytest.raises(ValueError, match="service 'winbox': allowed are https, http, ssh"):
        management_reachable(site(), "wan1", STRANGER, "winbox")


@pytest.mark.parametrize(("fields", "remark"), [
    ({"trusthost1": CLOSED, "trusthost2": ANY}, "rows at 0.0.0.0 0.0.0.0 behind trusthost1 read as not set"),
    ({"trusthost1": ANY, "trusthost2": CLOSED}, "trusthost1 is open, so the rows behind it count for nothing"),
])
def test_rows_easily_misread_are_remarked_on(fields: dict[str, str], remark: str) -> None:
    assert remark in answers_locally(admin(**fields), inbound(STRANGER, WAN, 443, "tcp")).why


def test_ports_that_were_moved() -> None:
    moved = unit(admin_sport=8443)
    assert answers_locally(moved, inbound(STRANGER, WAN, 8443, "tcp")).allowed is True
    assert answers_locally(moved, inbound(STRANGER, WAN, 443, "tcp")).allowed is None


# local-in policies, port, protocol, answer: SIP on the unit is what the local-in policies let through; of other ports
# only a denial is certain.
LISTENERS: list[tuple[list[dict[str, Any]], int, str, bool | None]] = [
    ([], 5060, "udp", True), ([], 5061, "tcp", True), ([], 5062, "udp", None),
    ([local_in(1, "all", "SIP", "deny")], 5060, "udp", False), ([local_in(1, "all", "SIP", "deny")], 5061, "tcp", True),
    ([local_in(1, "provider", "SIP", "accept"), local_in(2, "all", "SIP", "deny")], 5060, "tcp", False),
    ([local_in(1, "country", "SIP", "deny")], 5060, "udp", None),
    ([local_in(1, "all", "ALL", "deny")], 9999, "udp", False),
]


@pytest.mark.parametrize(("policies", "port", "protocol", "expected"), LISTENERS)
def test_listeners(policies: list[dict[str, Any]], port: int, protocol: str, expected: bool | None) -> None:
    config = site(firewall__local_in_policy=policies)
    assert answers_locally(config, inbound(STRANGER, WAN, port, protocol)).allowed is expected


@pytest.mark.parametrize("value", ["5060 5090", [5060, 5090]])
def test_other_sip_ports_of_the_unit(value: Any) -> None:
    config = site(settings={"sip-udp-port": value})
    assert answers_locally(config, inbound(STRANGER, WAN, 5090)).allowed is True


def test_another_address_is_not_answered() -> None:
    verdict = answers_locally(site(unit=OPEN), inbound(STRANGER, "198.51.100.9", 443, "tcp"))
    assert (verdict.allowed, verdict.rule) == (False, "address")


def test_a_virtual_ip_takes_the_packet_first() -> None:
    """Fortinet 261055: translation comes before local-in, for the ports that are forwarded, if a policy names it."""
    forward = vip(extip=WAN, portforward="enable", protocol="tcp", extport="443", mappedport="443")
    config = site([policy(1, "wan1", "dmz", "provider", "pbx")], unit=OPEN, firewall__vip=[forward])
    unused = site([], unit=OPEN, firewall__vip=[forward])
    web, ping = inbound(STRANGER, WAN, 443, "tcp"), inbound(STRANGER, WAN, 0, "icmp")
    assert [answers_locally(config, packet).allowed for packet in (web, ping)] == [False, True]
    assert answers_locally(unused, web).allowed is True


@pytest.mark.parametrize(("lan", "expected"), [("https", True), ("ping", None)])
def test_an_address_of_another_interface(lan: str, expected: bool | None) -> None:
    """Whose allowaccess counts is not documented: certain where both interfaces agree."""
    config = site(unit=OPEN, interface={"voice": {"allowaccess": "https"}, "lan": {"allowaccess": lan}})
    assert answers_locally(config, outbound(PHONE, "10.0.0.1", 443, "tcp")).allowed is expected
    assert answers_locally(config, outbound(PHONE, "10.0.0.1", 22, "tcp")).allowed is False


@pytest.mark.parametrize(("policies", "port", "expected"), [
    ([], 443, False), ([policy(1, "voice", "dmz", "all", "all")], 443, True),
    ([policy(1, "voice", "dmz", "all", "all")], 22, False), ([policy(1, "voice", "dmz", "country", "all")], 443, None),
])
def test_a_loopback_interface_needs_a_policy(policies: list[dict[str, Any]], port: int, expected: bool | None) -> None:
    """Administration guide, loopback interfaces."""
    config = site(policies, unit=OPEN, interface=LOOPBACK)
    assert answers_locally(config, outbound(PHONE, "10.10.10.1", port, "tcp")).allowed is expected
    if expected:
        trusting_others = site(policies, interface=LOOPBACK)
        assert answers_locally(trusting_others, outbound(PHONE, "10.10.10.1", port, "tcp")).allowed is False


def test_an_unreachable_interface_is_named() -> None:
    assert answers_locally(site(), inbound(STRANGER, WAN, ingress="wan9")).rule == "interface"
    assert answers_locally(site(), inbound(PROVIDER_6, WAN_6, 5060)).allowed is True
