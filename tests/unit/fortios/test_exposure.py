"""Rules of others that let voice traffic in: found unless they are known for certain to be limited to the provider."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.exposure import (
    exposing_rules,
    findings,
)
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import V720, V744, Version, Wire, document, refs

POLICY = site()
ADDRESSES: list[Wire] = [
    {"name": "provider", "subnet": "198.51.100.0 255.255.255.192"},
    {"name": "one of the provider", "subnet": "198.51.100.9 255.255.255.255"},
    {"name": "media", "subnet": "203.0.113.0 255.255.255.128"},
    {"name": "stranger", "subnet": "192.0.2.0 255.255.255.0"},
    {"name": "wider", "subnet": "198.51.100.0 255.255.255.0"},
    {"name": "a name", "type": "fqdn", "fqdn": "sip.example.com"},
    {"name": "phones", "subnet": "10.40.0.0 255.255.255.0"},
    {"name": "one phone", "subnet": "10.40.0.9 255.255.255.255"},
    {"name": "servers", "subnet": "10.0.0.0 255.255.255.0"},
]
ADDRESSES6: list[Wire] = [{"name": "provider6", "ip6": "2001:db8:5060::/48"}]
SERVICES: list[Wire] = [
    {"name": "RTP", "udp-portrange": "12000-12010"},
    {"name": "web of phones", "tcp-portrange": "8443"},
    {"name": "high", "tcp-portrange": "6000-7000"},
]
VIPS: list[Wire] = [
    {"name": "sip-forward", "portforward": "enable", "protocol": "udp", "extport": "25060", "mappedport": "5060"},
    {"name": "web-forward", "portforward": "enable", "protocol": "tcp", "extport": "8080", "mappedport": "80"},
    {"name": "smtp-forward", "portforward": "enable", "protocol": "tcp", "extport": "25", "mappedport": "25"},
    {"name": "everything"},
    {"name": "off", "status": "disable"},
    {
        "name": "phone-web",
        "portforward": "enable",
        "protocol": "tcp",
        "extport": "4443",
        "mappedport": "443",
        "mappedip": [{"range": "10.40.0.9"}],
    },
    {"name": "phones-all", "mappedip": [{"range": "10.40.0.9-10.40.0.20"}]},
    {"name": "around the phones", "mappedip": [{"range": "10.39.255.0-10.41.0.255"}]},
    {"name": "by name", "type": "fqdn", "mappedip": []},
]
INTERFACES: list[Wire] = [
    {"name": "wan1", "role": "wan", "ip": "198.51.100.130 255.255.255.192"},
    {"name": "wan2", "role": "wan"},
    {"name": "internal", "type": "hard-switch", "role": "lan", "ip": "10.0.0.1 255.255.255.0"},
    {"name": "voice", "type": "vlan", "vlanid": 40, "interface": "internal", "ip": "10.40.0.1 255.255.255.0"},
]


def unit(version: Version = V744, **changes: Any) -> Document:
    """A unit with objects, with tables replaced; `_` stands for `/`."""
    return document(
        version,
        {
            "system/interface": INTERFACES,
            "firewall/policy": [],
            **{path.replace("__", "/"): rows for path, rows in changes.items()},
        },
        {
            "firewall/address": ADDRESSES,
            "firewall/address6": ADDRESSES6,
            "firewall.service/custom": SERVICES,
            "firewall/vip": VIPS,
            "firewall/vipgrp": [{"name": "forwards", "member": refs("sip-forward", "smtp-forward")}],
        },
    )


def inbound(**changes: Any) -> Wire:
    """A policy from the internet to the inside that accepts SIP from anybody, with changes."""
    return {
        "policyid": 7,
        "name": "theirs",
        "action": "accept",
        "srcintf": refs("wan1"),
        "dstintf": refs("internal"),
        "srcaddr": refs("all"),
        "dstaddr": refs("all"),
        "service": refs("SIP"),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }


def controls(*policies: Wire, version: Version = V744, wan: tuple[str, ...] = ("wan1",), **tables: Any) -> list[str]:
    found = findings(POLICY, unit(version, firewall__policy=policies, **tables), "root", wan)
    return [finding.control for finding in found]


EXPOSED: dict[str, tuple[Wire, list[str]]] = {
    "SIP from anybody": (inbound(), ["FW-1"]),
    "everything from anybody": (inbound(service=refs("ALL")), ["FW-1", "FW-2"]),
    "RTP from anybody": (inbound(service=refs("RTP")), ["FW-2"]),
    "an unknown service": (inbound(service=refs("gone")), ["FW-1", "FW-2"]),
    "no service": (inbound(service=[]), ["FW-1", "FW-2"]),
    "all but a service": (inbound(service=refs("HTTP"), service_negate="enable"), ["FW-1", "FW-2"]),
    "from strangers": (inbound(srcaddr=refs("stranger")), ["FW-1"]),
    "from more than the provider": (inbound(srcaddr=refs("wider")), ["FW-1"]),
    "from the provider and strangers": (inbound(srcaddr=refs("provider", "stranger")), ["FW-1"]),
    "from a DNS name": (inbound(srcaddr=refs("a name")), ["FW-1"]),
    "from an unknown address": (inbound(srcaddr=refs("gone")), ["FW-1"]),
    "from all but the provider": (inbound(srcaddr=refs("provider"), srcaddr_negate="enable"), ["FW-1"]),
    "from all but the provider's IPv6": (
        inbound(srcaddr=[], srcaddr6=refs("provider6"), srcaddr6_negate="enable"),
        ["FW-1"],
    ),
    "from the provider, and any IPv6": (inbound(srcaddr=refs("provider"), srcaddr6=refs("all")), ["FW-1"]),
    "from the vendor's service database": (
        inbound(srcaddr=[], internet_service_src="enable"),
        ["FW-1"],
    ),
    "from the vendor's service database for IPv6": (
        inbound(srcaddr=refs("provider"), internet_service6_src="enable"),
        ["FW-1"],
    ),
    "from nobody that is named": (inbound(srcaddr=[]), ["FW-1"]),
    "RTP from the signalling network": (inbound(service=refs("RTP"), srcaddr=refs("provider")), ["FW-2"]),
    "SIP from the media network": (inbound(srcaddr=refs("media")), ["FW-1"]),
    "from any interface": (inbound(srcintf=refs("any")), ["FW-1"]),
    "from several interfaces": (inbound(srcintf=refs("internal", "wan1")), ["FW-1"]),
    "by IPsec": (inbound(action="ipsec"), ["FW-1"]),
    "a forward to another port": (inbound(dstaddr=refs("sip-forward"), service=refs("ALL")), ["FW-1"]),
    "a group of forwards": (inbound(dstaddr=refs("forwards"), service=refs("ALL")), ["FW-1"]),
    "a forward and an address": (
        inbound(dstaddr=refs("smtp-forward", "servers"), service=refs("ALL")),
        ["FW-1", "FW-2"],
    ),
    "a forward of everything": (inbound(dstaddr=refs("everything"), service=refs("ALL")), ["FW-1", "FW-2"]),
    "the phones' web interface": (
        inbound(dstintf=refs("voice"), service=refs("HTTPS"), srcaddr=refs("provider")),
        ["WEB-1"],
    ),
    "the phones' web interface on another port": (
        inbound(dstintf=refs("voice"), service=refs("web of phones"), dstaddr=refs("phones")),
        ["WEB-1"],
    ),
    "the web interface of one phone": (
        inbound(dstintf=refs("any"), service=refs("HTTPS"), dstaddr=refs("one phone")),
        ["WEB-1"],
    ),
    "an unknown address behind the phones' interface": (
        inbound(dstintf=refs("voice"), service=refs("HTTPS"), dstaddr=refs("gone")),
        ["WEB-1"],
    ),
    "all but the servers": (
        inbound(dstintf=refs("voice"), service=refs("HTTPS"), dstaddr=refs("servers"), dstaddr_negate="enable"),
        ["WEB-1"],
    ),
    "a forward to a phone's web interface": (
        inbound(dstintf=refs("voice"), service=refs("ALL"), dstaddr=refs("phone-web")),
        ["WEB-1"],
    ),
    "a forward to some phones": (
        inbound(dstintf=refs("voice"), service=refs("HTTPS"), dstaddr=refs("phones-all")),
        ["WEB-1"],
    ),
    "a forward to more than the phones": (
        inbound(dstintf=refs("voice"), service=refs("HTTPS"), dstaddr=refs("around the phones")),
        ["WEB-1"],
    ),
    "a forward to a DNS name": (
        inbound(dstintf=refs("voice"), service=refs("HTTPS"), dstaddr=refs("by name")),
        ["WEB-1"],
    ),
}


@pytest.mark.parametrize(("row", "expected"), EXPOSED.values(), ids=EXPOSED)
def test_exposed(row: Wire, expected: list[str]) -> None:
    assert controls(row) == expected


CLOSED: dict[str, Wire] = {
    "from the provider": inbound(srcaddr=refs("provider")),
    "from one address of the provider": inbound(srcaddr=refs("one of the provider")),
    "from the provider by both families": inbound(srcaddr=refs("provider"), srcaddr6=refs("provider6")),
    "RTP from the provider": inbound(service=refs("RTP"), srcaddr=refs("media")),
    "denied": inbound(action="deny"),
    "switched off": inbound(status="disable"),
    "from the inside": inbound(srcintf=refs("internal"), dstintf=refs("wan1")),
    "another service": inbound(service=refs("high")),
    "ping": inbound(service=refs("ALL_ICMP")),
    "a forward of another port": inbound(dstaddr=refs("smtp-forward"), service=refs("ALL")),
    "ours": inbound(name="VOIPH-allow-pbx-signalling"),
    "web of the servers": inbound(service=refs("HTTPS"), dstaddr=refs("servers")),
    "web of the servers behind any interface": inbound(
        service=refs("HTTPS"), dstintf=refs("any"), dstaddr=refs("servers")
    ),
    "web of everything inside but the phones' interface": inbound(service=refs("HTTPS")),
    "a web forward to a server": inbound(service=refs("HTTP"), dstaddr=refs("web-forward")),
}


@pytest.mark.parametrize("row", CLOSED.values(), ids=CLOSED)
def test_not_exposed(row: Wire) -> None:
    assert controls(row) == []


def test_without_a_voice_vlan_no_phone_is_exposed() -> None:
    policy = site(concerns={"voice_vlan": False, "sip_allowlist": False}, voice_vlan=None)
    assert policy.voice_vlan is None
    row = inbound(dstintf=refs("voice"), service=refs("HTTPS"))
    assert findings(policy, unit(firewall__policy=[row]), "root", ("wan1",)) == []


def test_ipv4_negation_counts_on_releases_without_one_for_ipv6() -> None:
    row = inbound(srcaddr=[], srcaddr6=refs("provider6"), srcaddr_negate="enable")
    assert controls(row, version=V720) == ["FW-1"]
    assert controls(inbound(srcaddr=refs("provider")), version=V720) == []


def test_the_wan_may_be_named_by_its_zone() -> None:
    zones = [{"name": "outside", "interface": [{"interface-name": "wan1"}]}]
    zones.append({"name": "another", "interface": []})
    assert controls(inbound(srcintf=refs("outside")), system__zone=zones) == ["FW-1"]
    assert controls(inbound(srcintf=refs("another")), system__zone=zones) == []


def test_an_interface_that_nobody_knows_may_lead_anywhere() -> None:
    assert controls(inbound(srcintf=refs("unheard-of"))) == ["FW-1"]
    assert controls(inbound(dstintf=refs("unheard-of"), service=refs("HTTPS"))) == ["WEB-1"]
    assert controls(inbound(srcintf=refs("virtual-wan-link"))) == []


def test_the_wan_may_be_named_by_its_sdwan_zone() -> None:
    members = [{"seq-num": 1, "interface": "wan1", "zone": "virtual-wan-link"}]
    sdwan = [{"status": "enable", "members": members}]
    assert controls(inbound(srcintf=refs("virtual-wan-link")), system__sdwan=sdwan) == ["FW-1"]


def test_every_wan_counts() -> None:
    assert controls(inbound(srcintf=refs("wan2")), wan=("wan1",)) == []
    assert controls(inbound(srcintf=refs("wan2")), wan=("wan1", "wan2")) == ["FW-1"]


@pytest.mark.parametrize("source", ["any", "wan2", "internal"])
def test_a_rule_that_leads_out_only_lets_nobody_in(source: str) -> None:
    """The site's way to the internet is not an exposure, whatever it comes from."""
    row = inbound(srcintf=refs(source), dstintf=refs("wan1"), service=refs("ALL"))
    assert controls(row, wan=("wan1", "wan2")) == []
    zones = [{"name": "outside", "interface": [{"interface-name": "wan1"}, {"interface-name": "wan2"}]}]
    assert controls({**row, "dstintf": refs("outside")}, wan=("wan1", "wan2"), system__zone=zones) == []


def test_a_zone_of_the_wan_and_an_inner_interface_is_a_way_in() -> None:
    zones = [{"name": "mixed", "interface": [{"interface-name": "wan1"}, {"interface-name": "internal"}]}]
    assert controls(inbound(dstintf=refs("mixed")), system__zone=zones) == ["FW-1"]
    assert controls(inbound(srcintf=refs("any"), dstintf=refs("wan1", "internal"))) == ["FW-1"]


def local_in(path: str, **changes: Any) -> Document:
    source = "provider" if path == "firewall/local-in-policy" else "provider6"
    row = {
        "policyid": 3,
        "action": "accept",
        "service": refs("SIP"),
        "srcaddr": refs("all"),
        **{
            name.replace("_", "-"): refs(source) if value == "the provider" else value
            for name, value in changes.items()
        },
    }
    return unit(**{path.replace("/", "__"): [row]})


@pytest.mark.parametrize("path", ["firewall/local-in-policy", "firewall/local-in-policy6"])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["FW-1"]),
        ({"service": refs("ALL")}, ["FW-1", "FW-2"]),
        ({"srcaddr": refs("gone")}, ["FW-1"]),
        ({"srcaddr": "the provider", "srcaddr_negate": "enable"}, ["FW-1"]),
        ({"intf": refs("any")}, ["FW-1"]),
        ({"srcaddr": []}, ["FW-1"]),
        ({"srcaddr": "the provider"}, []),
        ({"action": "deny"}, []),
        ({"status": "disable"}, []),
        ({"intf": refs("internal")}, []),
        ({"service": refs("HTTPS")}, []),
        ({"comments": "VOIPH-block-sip-wan1"}, []),
    ],
)
def test_local_in_policies(path: str, changes: Wire, expected: list[str]) -> None:
    found = findings(POLICY, local_in(path, **changes), "root", ("wan1",))
    assert [finding.control for finding in found] == expected
    assert all(finding.subject == f"{path} 3" for finding in found)
    assert all(finding.severity == "critical" for finding in found)


def test_the_finding() -> None:
    (found,) = findings(POLICY, unit(firewall__policy=[inbound()]), "root", ("wan1",))
    assert found.subject == "firewall/policy 7 theirs"
    assert found.severity == "critical"
    assert found.evidence == "lets SIP (tcp/5060-5061, udp/5060-5061) in from outside the provider's networks"
    assert found.advice == (
        "Remove the rule, or limit its source and services; the voip.hardening rules will shadow it"
    )


def blocks(*names: str, **changes: Any) -> list[Wire]:
    return [{"policyid": 90 + len(name), "name": name, "action": "deny", **changes} for name in names]


SIP_BLOCKS = ("VOIPH-block-sip-in", "VOIPH-block-sip-closed-in")


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        (blocks(*SIP_BLOCKS), [], "low"),
        ([], blocks(*SIP_BLOCKS), "critical"),
        (blocks("VOIPH-block-sip-in"), [], "critical"),
        (blocks("VOIPH-block-sip-in"), blocks("VOIPH-block-sip-closed-in"), "critical"),
        (blocks(*SIP_BLOCKS, status="disable"), [], "critical"),
        (blocks(*SIP_BLOCKS, action="accept", srcintf=refs("internal")), [], "critical"),
    ],
    ids=["before", "after", "one missing", "one after", "switched off", "accepting"],
)
def test_a_rule_that_our_blocks_shadow_is_a_mild_finding(before: list[Wire], after: list[Wire], severity: str) -> None:
    found = findings(POLICY, unit(firewall__policy=[*before, inbound(), *after]), "root", ("wan1",))
    assert [one.severity for one in found if one.subject.endswith("theirs")] == [severity]


def test_phones_shown_to_the_internet_are_a_severe_finding_unless_blocked() -> None:
    row = inbound(dstintf=refs("voice"), service=refs("HTTPS"), srcaddr=refs("provider"))
    (found,) = findings(POLICY, unit(firewall__policy=[row]), "root", ("wan1",))
    assert (found.control, found.severity) == ("WEB-1", "high")
    (found,) = findings(POLICY, unit(firewall__policy=[*blocks("VOIPH-voice-deny-in"), row]), "root", ("wan1",))
    assert found.severity == "low"


def test_exposing_rules_are_those_for_voice_traffic() -> None:
    rows = [
        inbound(policyid=1),
        inbound(policyid=2, srcaddr=refs("provider")),
        inbound(policyid=3, dstintf=refs("voice"), service=refs("HTTPS")),
        inbound(policyid=4, service=refs("RTP")),
    ]
    local = [{"policyid": 9, "action": "accept", "service": refs("SIP")}]
    found = exposing_rules(
        POLICY, unit(firewall__policy=rows, **{"firewall__local-in-policy": local}), "root", ("wan1",)
    )
    assert [(path, row["policyid"]) for path, row in found] == [
        ("firewall/policy", 1),
        ("firewall/policy", 4),
        ("firewall/local-in-policy", 9),
    ]
