"""The test device's two starting configurations: verdicts worked out by hand from the rows, on every release train."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devices.fortigate import FortiGate, factory_config, lived_in_config
from tests.oracles.fortios import Packet, answers_locally, management_reachable, passes, sip_alg_state

VERSIONS = ("7.0.12", "7.2.0", "7.2.3", "7.2.4", "7.4.1", "7.4.4", "7.6.4")
MANAGEMENT = "10.0.0.1"
INTERNET, WAN = "203.0.113.200", "198.51.100.2"

Question = tuple[str, str, str, str, int]

# ingress, source, destination, protocol, port -> allowed, rule (a policy's number; empty = none of them)
FACTORY: dict[Question, tuple[bool | None, str]] = {
    ("internal", "10.0.0.20", INTERNET, "udp", 5060): (True, "1"),
    ("internal", "10.0.0.20", "10.10.10.5", "tcp", 80): (False, "0"),
    ("dmz", "10.10.10.5", INTERNET, "tcp", 80): (False, "0"),
    ("wan1", INTERNET, "10.0.0.20", "udp", 5060): (False, "0"),
    ("wan1", INTERNET, WAN, "udp", 5060): (False, ""),  # the unit itself
    ("internal", "2001:db8:10::5", "2001:db8:aaaa::1", "udp", 5060): (False, "0"),  # no IPv6 addresses named
}
LIVED_IN: dict[Question, tuple[bool | None, str]] = {
    ("internal", "10.0.0.20", INTERNET, "udp", 5060): (True, "3"),
    ("internal", "192.168.8.9", INTERNET, "udp", 5060): (False, "14"),  # Cameras, denied at the top
    ("cctv", "192.168.8.9", INTERNET, "udp", 5060): (False, "0"),  # no policy from that VLAN
    ("internal", "10.0.10.5", INTERNET, "tcp", 443): (True, "4"),  # group Web Access
    ("internal", "10.0.10.5", INTERNET, "udp", 5060): (True, "2"),  # not in it: the catch-all
    ("internal", "192.168.9.5", "192.0.2.10", "udp", 5060): (True, "5"),
    ("internal", "192.168.9.5", "192.0.2.11", "udp", 5060): (True, "2"),
    ("wan1", INTERNET, WAN, "udp", 5060): (True, "6"),  # the forward from anywhere to the old PBX
    ("wan1", INTERNET, WAN, "tcp", 5060): (False, ""),  # it forwards UDP only: the unit itself
    ("wan1", INTERNET, WAN, "udp", 5061): (False, ""),
    ("wan1", "203.0.113.11", "198.51.100.3", "udp", 5060): (True, "7"),
    ("wan1", "203.0.113.12", "198.51.100.3", "udp", 5060): (False, ""),  # outside the src-filter
    ("wan1", INTERNET, "198.51.100.4", "tcp", 25): (True, "9"),
    ("wan1", INTERNET, "198.51.100.4", "tcp", 26): (False, ""),
    ("wan1", INTERNET, "192.168.9.30", "tcp", 3389): (False, "0"),  # policy 10 is disabled
    ("guest-wlan", "172.20.0.60", INTERNET, "tcp", 443): (True, "11"),  # by its zone
    ("guest-wlan", "172.20.0.60", INTERNET, "udp", 5060): (False, "0"),
    ("guest-wlan", "172.20.0.60", "10.0.0.20", "tcp", 443): (False, "0"),
    ("internal", "10.0.0.20", "10.10.10.25", "tcp", 22): (True, "12"),
    ("internal", "10.2.3.4", "10.10.10.25", "tcp", 22): (True, "12"),  # a group in a group
    ("internal", "192.168.9.5", "10.10.10.25", "tcp", 22): (False, "0"),
    ("dmz", "10.10.10.25", INTERNET, "tcp", 443): (None, "0"),  # to a name whose addresses are not known
    ("dmz", "10.10.10.25", INTERNET, "tcp", 80): (False, "0"),
    ("ssl.root", "10.9.0.10", "10.0.10.5", "tcp", 3389): (False, "0"),  # no route to the servers but the default one
    ("internal", "2001:db8:10::5", "2001:db8:aaaa::1", "udp", 5060): (False, "0"),
}
CONFIGS = {"factory": (factory_config, FACTORY), "lived-in": (lived_in_config, LIVED_IN)}


def build(name: str, version: str) -> dict[str, Any]:
    device = FortiGate(CONFIGS[name][0](version, management_ip=MANAGEMENT), name=name)
    return {"state": device.state(), "stored": device.stored()}


@pytest.mark.parametrize("form", ["state", "stored"])
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", CONFIGS)
def test_forwarding(name: str, version: str, form: str) -> None:
    """With all defaults written out and without them."""
    config = build(name, version)[form]
    for question, (allowed, number) in CONFIGS[name][1].items():
        verdict = passes(config, Packet(*question))
        assert verdict.allowed is allowed, (question, verdict)
        if number:
            assert verdict.rule.split()[:2] == ["policy", number], (question, verdict)


@pytest.mark.parametrize("version", VERSIONS)
def test_where_the_forwards_of_the_lived_in_site_lead(version: str) -> None:
    config = build("lived-in", version)["state"]
    targets = {
        (WAN, "udp", 5060): ("192.168.9.5", 5060), ("198.51.100.3", "udp", 5060): ("192.168.9.5", 5060),
        ("198.51.100.4", "tcp", 25): ("10.10.10.25", 25),
    }
    for (external, protocol, port), inside in targets.items():
        assert passes(config, Packet("wan1", "203.0.113.11", external, protocol, port)).destination == inside


# configuration, interface, source -> what is reachable of https, http, ssh, telnet, snmp, ping, fgfm
SERVICES = ("https", "http", "ssh", "telnet", "snmp", "ping", "fgfm")
REACHABLE: list[tuple[str, str, str, str]] = [
    ("factory", "wan1", INTERNET, "https ssh ping"),
    ("factory", "wan2", INTERNET, ""),  # it has no address
    ("factory", "internal", "10.0.0.20", "https ssh ping fgfm"),
    ("factory", "dmz", "10.10.10.5", "https ping fgfm"),
    ("lived-in", "wan1", INTERNET, "https http ssh telnet ping fgfm"),  # SNMP is denied by local-in policy 5
    ("lived-in", "internal", "10.0.0.20", "https http ssh snmp ping fgfm"),
    ("lived-in", "guest-wlan", "172.20.0.60", "ping"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("name", "interface", "source", "expected"), REACHABLE)
def test_management(name: str, interface: str, source: str, expected: str, version: str) -> None:
    for form, config in build(name, version).items():
        answers = {service: management_reachable(config, interface, source, service) for service in SERVICES}
        assert answers == {service: service in expected.split() for service in SERVICES}, form


def test_the_lived_in_site_answers_for_itself() -> None:
    config = build("lived-in", "7.4.4")["state"]
    assert answers_locally(config, Packet("internal", "192.168.9.5", "192.168.9.1", "tcp", 443)).allowed is False
    assert answers_locally(config, Packet("internal", "192.168.9.5", "192.168.9.1", "icmp")).allowed is True
    assert answers_locally(config, Packet("wan1", INTERNET, WAN, "udp", 5060)).rule == "virtual IP VIP-Old-PBX"
    assert answers_locally(config, Packet("wan1", INTERNET, WAN, "udp", 161)).rule == "local-in policy 5"
    assert answers_locally(config, Packet("wan1", INTERNET, WAN, "udp", 500)).allowed is None


@pytest.mark.parametrize("name", CONFIGS)
def test_sip(name: str) -> None:
    for config in build(name, "7.4.4").values():
        assert sip_alg_state(config, "root", None) == "alg:default"
    if name == "lived-in":
        assert sip_alg_state(config, "root", "old trunk") == "alg:default"
