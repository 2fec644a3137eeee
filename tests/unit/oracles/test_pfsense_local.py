"""What a pfSense box itself answers: management, ping, siproxd, other ports; and what it does to SIP and UDP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracles.pfsense import Packet, answers_locally, management_reachable, sip_alg_state, udp_timeout
from tests.unit.oracles.pfsense_samples import (
    EXTERNAL,
    GUEST,
    PC,
    PC_6,
    PHONE,
    PROVIDER,
    STRANGER,
    WAN,
    floating,
    forward,
    inbound,
    rule,
    site,
)

SSH = {"ssh": {"enable": "enabled"}}
GUI = {"webgui": {"protocol": "https", "port": "8443", "disablehttpredirect": "", "noantilockout": ""}}
NOBODY = {"webgui": {"protocol": "https", "noantilockout": ""}}
TO_GUI = rule("wan", "any", "wanip 443", "tcp")
ELSEWHERE = forward("10.0.0.9", "443", "443", protocol="tcp")
DYNAMIC = {"wan": {"ipaddr": "pppoe", "subnet": ""}}
VIP = {"virtualip": {"vip": [
    {"mode": "carp", "interface": "wan", "uniqid": "a", "subnet": EXTERNAL, "subnet_bits": "24"}
]}}

MANAGEMENT: dict[str, tuple[dict[str, Any], str, str, str, bool | None]] = {
    # The anti-lockout rule (filter_get_antilockout_ports): the web interface, its redirection, SSH.
    "by the LAN": (site(), "lan", PC, "https", True),
    "by the LAN, redirected": (site(), "lan", PC, "http", True),
    "by the LAN, SSH": (site(), "lan", PC, "ssh", True),
    "by the LAN, IPv6": (site(), "lan", PC_6, "https", True),
    "by another network": (site(), "opt2", GUEST, "https", False),
    "even when the LAN blocks": (site(rule("lan", kind="block")), "lan", PC, "https", True),
    "and before floating blocks": (site(floating(kind="block")), "lan", PC, "https", True),
    "without it": (site(rule("lan", kind="block"), system=NOBODY), "lan", PC, "https", False),
    "without it, by a rule": (site(rule("lan", "lan", "(self) 443", "tcp"), system=NOBODY), "lan", PC, "https", True),
    "a network's rule opens everything": (site(rule("opt2")), "opt2", GUEST, "https", True),
    "one for elsewhere does not": (site(rule("opt2", "any", "!(self)")), "opt2", GUEST, "https", False),
    "one for others does not": (site(rule("opt2", "any", "!lan")), "opt2", GUEST, "https", True),
    "by the WAN": (site(), "wan", STRANGER, "https", False),
    "by the WAN, opened": (site(TO_GUI), "wan", STRANGER, "https", True),
    "opened for another port": (site(TO_GUI), "wan", STRANGER, "ssh", False),
    "to the LAN's address by the WAN": (site(rule("wan", "any", "lanip", "tcp")), "wan", STRANGER, "https", True),
    "to a virtual IP": (site(rule("wan", "any", EXTERNAL, "tcp"), **VIP), "wan", STRANGER, "https", True),
    "to a WAN's address from outside": (site(TO_GUI, interfaces=DYNAMIC), "wan", STRANGER, "https", True),
    "blocked there": (
        site(rule("wan", "any", "wanip", kind="block"), TO_GUI, interfaces=DYNAMIC), "wan", STRANGER, "https", False
    ),
    "forwarded elsewhere": (site(TO_GUI, nat={"rule": [ELSEWHERE]}), "wan", STRANGER, "https", False),
    "for a schedule": (
        site({**TO_GUI, "sched": "office"}, schedules={"schedule": [{"name": "office"}]}), "wan", STRANGER, "https",
        None,
    ),
    "another port": (site(rule("wan", "any", "wanip 8443", "tcp"), system=GUI), "wan", STRANGER, "https", True),
    "the usual one then": (site(TO_GUI, system=GUI), "wan", STRANGER, "https", False),
    "http is off": (site(rule("wan"), system=GUI), "wan", STRANGER, "http", False),
    "SSH is off": (site(rule("wan"), system={"ssh": ""}), "wan", STRANGER, "ssh", False),
    "SSH elsewhere": (
        site(rule("wan", "any", "wanip 2222", "tcp"), system={"ssh": {"enable": "", "port": "2222"}}), "wan", STRANGER,
        "ssh", True,
    ),
    "plain http": (
        site(rule("wan", "any", "wanip 80", "tcp"), system={"webgui": {"protocol": "http"}}), "wan", STRANGER, "http",
        True,
    ),
    "and then no https": (site(rule("wan"), system={"webgui": {"protocol": "http"}}), "wan", STRANGER, "https", False),
    "a single interface is let in": (
        site(interfaces={"lan": None, "opt1": None, "opt2": None, "opt3": None}), "wan", STRANGER, "https", True
    ),
    "private sources": (
        site(TO_GUI, interfaces={"wan": {"blockpriv": ""}}), "wan", "192.168.1.1", "https", False
    ),
    "no such interface": (site(), "opt9", PC, "https", False),
    "a tunnel": (site(openvpn={"openvpn-server": [{"mode": "p2p_tls"}]}), "openvpn", PC, "https", None),
    "no filter": (site(system={"disablefilter": "", **SSH}), "wan", STRANGER, "ssh", True),
}


@pytest.mark.parametrize("name", MANAGEMENT)
def test_management(name: str) -> None:
    config, interface, source, service, reached = MANAGEMENT[name]
    assert management_reachable(config, interface, source, service) is reached


def test_another_service_is_named() -> None:
    with pytest.raises(ValueError, match="service 'telnet': allowed are https, http, ssh"):
        management_reachable(site(), "wan", STRANGER, "telnet")


PROXY = {
    "package": [{"name": "siproxd"}],
    "siproxdsettings": {"config": [{"sipenable": "on", "if_inbound": "lan", "port": "5070"}]},
}
ANSWERS: dict[str, tuple[dict[str, Any], Packet, bool | None]] = {
    "blocked": (site(), inbound(), False),
    "ping": (site(rule("wan", protocol="icmp")), inbound(protocol="icmp"), True),
    "ping blocked": (site(), inbound(protocol="icmp"), False),
    "the web interface": (site(TO_GUI), inbound(protocol="tcp", port=443), True),
    "who knows what listens": (site(rule("wan")), inbound(), None),
    "siproxd": (site(rule("wan"), installedpackages=PROXY), inbound(port=5070), True),
    "siproxd blocked": (site(installedpackages=PROXY), inbound(port=5070), False),
    "to elsewhere": (site(rule("wan")), inbound(target=PHONE), False),
    "forwarded": (site(rule("wan"), nat={"rule": [forward()]}), inbound(), False),
    "IPsec": (site(ipsec={"phase1": [{"ikeid": "1"}]}), inbound(port=500), None),
    "IPsec when there is none": (site(), inbound(port=500), False),
    "perhaps its own": (site(TO_GUI, interfaces=DYNAMIC), inbound(target="192.0.2.9", protocol="tcp", port=443), None),
    "off": (site(), Packet("opt3", PC, WAN, "udp", 5060), False),
    "DHCP": (site(dhcpd={"lan": {"enable": ""}}), Packet("lan", PC, "10.0.0.1", "udp", 67, 68), None),
    "DHCP where it is off": (site(dhcpd={"lan": {}}), Packet("lan", PC, "10.0.0.1", "udp", 67, 68), False),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str) -> None:
    config, packet, answered = ANSWERS[name]
    assert answers_locally(config, packet).allowed is answered


def test_siproxd_counts_when_installed_and_on() -> None:
    off = {**PROXY, "siproxdsettings": {"config": [{"sipenable": "", "if_inbound": "lan"}]}}
    gone = {**PROXY, "package": [{"name": "arpwatch"}]}
    states = [sip_alg_state(site(installedpackages=packages)) for packages in (PROXY, off, gone, "")]
    assert states == ["siproxd", "none", "none", "none"]


@pytest.mark.parametrize(("system", "seconds"), [
    ({}, 30), ({"optimization": "normal"}, 30), ({"optimization": "conservative"}, 150),
    ({"optimization": "high-latency"}, 30), ({"udpsingletimeout": "90"}, 60), ({"udpmultipletimeout": "20"}, 20),
    ({"optimization": "conservative", "udpfirsttimeout": "120"}, 120), ({"udpsingletimeout": ""}, 30),
])
def test_udp_timeout(system: dict[str, str], seconds: int) -> None:
    assert udp_timeout(site(system=system)) == seconds


def test_provider_is_no_manager() -> None:
    config = site(rule("wan", "provider", "wanip 5060", "udp"))
    assert management_reachable(config, "wan", PROVIDER, "https") is False
