"""What a Vigor itself answers: management, ping, DNS and DHCP."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.oracles.drayos import Packet, Unit
from tests.unit.oracles.drayos_samples import (
    BLOCK,
    LOCAL,
    PASS,
    PC,
    PHONE,
    PROVIDER,
    PROVIDER_6,
    STRANGER,
    WAN,
    Row,
    configuration,
    inbound,
    redirection,
    rule,
)


def managed(**settings: Any) -> Row:
    """The site with management settings; ``on=`` names the services that are on for the Internet."""
    services = dict.fromkeys(settings.pop("on", ()), 1)
    stored = configuration()
    management = stored["management"]
    management["services"].update(services)
    management["lan_access"].update(settings.pop("lan_access", {}))
    management["ports"].update(settings.pop("ports", {}))
    management.update(settings)
    return stored


OPEN = {"remote": 1, "wan_login": 1, "on": ("https", "ssh", "snmp")}


class Case(NamedTuple):
    """A configuration, who asks for what over which interface, and whether it is reached."""

    stored: Row
    interface: str
    source: str
    service: str
    expected: bool | None


CASES: dict[str, Case] = {
    "factory": Case(managed(), "WAN1", STRANGER, "https", False),
    "service on, management off": Case(managed(on=("https",), wan_login=1), "WAN1", STRANGER, "https", False),
    "management on, service off": Case(managed(**OPEN), "WAN1", STRANGER, "telnet", False),
    "open to all": Case(managed(**OPEN), "WAN1", STRANGER, "https", True),
    "wanlogin off": Case(managed(**{**OPEN, "wan_login": 0}), "WAN1", STRANGER, "https", None),
    "listed": Case(managed(**OPEN, acl={"1": 1}), "WAN1", PROVIDER, "ssh", True),
    "not listed": Case(managed(**OPEN, acl={"1": 1}), "WAN1", STRANGER, "ssh", False),
    "listed second": Case(managed(**OPEN, acl={"1": 1, "4": 3}), "WAN1", STRANGER, "ssh", True),
    "list names an object never stored": Case(managed(**OPEN, acl={"1": 99}), "WAN1", STRANGER, "ssh", None),
    "WAN that is off": Case(managed(**OPEN), "WAN2", STRANGER, "https", False),
    "ping off": Case(managed(), "WAN1", STRANGER, "ping", False),
    "ping on": Case(managed(ping=1), "WAN1", STRANGER, "ping", True),
    "ping on, not listed": Case(managed(ping=1, acl={"1": 1}), "WAN1", STRANGER, "ping", None),
    "IPv6": Case(managed(), "WAN1", PROVIDER_6, "https", None),
    "DNS from outside": Case(managed(), "WAN1", STRANGER, "dns", None),
    "LAN": Case(managed(), "LAN2", PHONE, "https", True),
    "LAN, FTP may be off": Case(managed(), "LAN2", PHONE, "ftp", None),
    "LAN that is off": Case(managed(), "LAN4", PHONE, "https", False),
    "LAN ping": Case(managed(lan_access={"enabled": 1}), "LAN2", PHONE, "ping", True),
    "LAN DNS": Case(managed(lan_access={"enabled": 1}), "LAN2", PHONE, "dns", True),
    "LAN DHCP": Case(managed(), "LAN1", PC, "dhcp", True),
    "LAN DHCP off": Case(managed(), "LAN2", PHONE, "dhcp", False),
    "LAN not allowed": Case(managed(lan_access={"enabled": 1}), "LAN2", PHONE, "https", False),
    "LAN allowed": Case(managed(lan_access={"enabled": 1, "lans": [2]}), "LAN2", PHONE, "https", True),
    "LAN allowed, service not": Case(managed(lan_access={"enabled": 1, "lans": [2]}), "LAN2", PHONE, "telnet", False),
    "LAN allowed all services": Case(
        managed(lan_access={"enabled": 1, "lans": [2], "services": ["All"]}), "LAN2", PHONE, "telnet", True
    ),
    "LAN allowed no services": Case(
        managed(lan_access={"enabled": 1, "lans": [2], "services": ["None"]}), "LAN2", PHONE, "https", False
    ),
    "LAN1 is always allowed": Case(managed(lan_access={"enabled": 1, "lans": []}), "LAN1", PC, "https", True),
    "LAN1, service not": Case(managed(lan_access={"enabled": 1}), "LAN1", PC, "telnet", None),
    "one address of a LAN": Case(
        managed(lan_access={"enabled": 1, "lans": [2], "objects": {"2": [1, 2]}}), "LAN2", PHONE, "https", True
    ),
    "another address of a LAN": Case(
        managed(lan_access={"enabled": 1, "lans": [2], "objects": {"2": [1, 3]}}), "LAN2", PHONE, "https", False
    ),
    "address of a LAN, not enabled": Case(
        managed(lan_access={"enabled": 1, "lans": [2], "objects": {"2": [0, 3]}}), "LAN2", PHONE, "https", True
    ),
    "address of a LAN, object never stored": Case(
        managed(lan_access={"enabled": 1, "lans": [2], "objects": {"2": [1, 99]}}), "LAN2", PHONE, "https", None
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_who_reaches_what(name: str) -> None:
    case = CASES[name]
    assert Unit(case.stored).reaches(case.interface, case.source, case.service) is case.expected


def test_an_unknown_service_is_named() -> None:
    with pytest.raises(ValueError, match="service 'gopher': allowed are http, https,"):
        Unit(managed()).reaches("WAN1", STRANGER, "gopher")


HTTPS = {"protocol": "tcp", "port": 443}
PACKETS: dict[str, tuple[Row, Packet, bool | None, str]] = {
    "management": (managed(**OPEN), inbound(**HTTPS), True, "management"),
    "another address": (managed(**OPEN), inbound(destination="198.51.100.9", **HTTPS), False, "address"),
    "port moved": (managed(**OPEN, ports={"https": 8443}), inbound(protocol="tcp", port=8443), True, "management"),
    "old port": (managed(**OPEN, ports={"https": 8443}), inbound(**HTTPS), None, "listener"),
    "snmp": (managed(**OPEN), inbound(port=161), True, "management"),
    "ping": (managed(ping=1), inbound(protocol="icmp"), True, "ping"),
    "another ICMP": (managed(ping=1), inbound(protocol="icmp", icmp=(13, 0)), None, "listener"),
    "nothing known": (managed(), inbound(port=5060), None, "listener"),
    "redirected": ({**managed(), "portmaps": {"1": redirection()}}, inbound(), False, "port redirection 1"),
    "redirected, but a service too": (
        {**managed(**OPEN), "portmaps": {"1": redirection(443, protocol="tcp")}}, inbound(**HTTPS), None, "management",
    ),
    "no such interface": (managed(), Packet("WAN9", PROVIDER, WAN, "tcp", 443), False, "interface"),
    "LAN": (managed(), Packet("LAN2", PHONE, "10.40.0.1", "tcp", 443), True, "LAN access"),
    "LAN, address of another": (managed(), Packet("LAN2", PHONE, "192.168.1.1", "tcp", 443), None, "LAN access"),
    "LAN, address of another, not allowed": (
        managed(lan_access={"enabled": 1}), Packet("LAN2", PHONE, "192.168.1.1", "tcp", 443), False, "LAN access"
    ),
    "LAN, another host": (managed(), Packet("LAN2", PHONE, "10.40.0.9", "tcp", 443), False, "address"),
    "DHCP broadcast": (managed(), Packet("LAN1", "0.0.0.0", "255.255.255.255", "udp", 67), True, "DHCP server"),
    "DNS": (managed(), Packet("LAN2", PHONE, "10.40.0.1", "udp", 53), True, "dns"),
    "LAN, nothing known": (managed(), Packet("LAN2", PHONE, "10.40.0.1", "udp", 5060), None, "listener"),
    "IPv6": (managed(), Packet("LAN2", "2001:db8::2", "2001:db8::1", "tcp", 443), None, "IPv6"),
}


@pytest.mark.parametrize("name", PACKETS)
def test_what_the_unit_answers(name: str) -> None:
    stored, packet, allowed, rule_name = PACKETS[name]
    verdict = Unit(stored).local(packet)
    assert (verdict.allowed, verdict.rule) == (allowed, rule_name)


FILTERED: dict[str, tuple[str, Row, Row, bool | None]] = {
    "blocked": ("Vigor3912S", rule(BLOCK, LOCAL), {}, False),
    "blocked for another": ("Vigor3912", rule(BLOCK, LOCAL, source=["o", 3, 0]), {}, True),
    "passed": ("Vigor3910", rule(PASS, LOCAL), {}, True),
    "no rule": ("Vigor2962", rule(BLOCK, 1), {}, True),
    "no rule, default blocks": ("Vigor2962", rule(PASS, 1), {"default": [1, 0]}, None),
    "passed, default blocks": ("Vigor2962", rule(PASS, LOCAL), {"default": [1, 0]}, True),
    "another family has no such rules": ("Vigor2927Lac", rule(BLOCK, LOCAL), {"default": [1, 0]}, True),
}


@pytest.mark.parametrize("name", FILTERED)
def test_rules_for_the_unit_itself(name: str) -> None:
    model, blocking, settings, allowed = FILTERED[name]
    stored = managed(**OPEN)
    stored["sets"]["2"] = {"next": 0, "rules": {"1": blocking}}
    stored["filter"].update(settings)
    assert Unit({**stored, "model": model}).local(inbound(**HTTPS)).allowed is allowed
