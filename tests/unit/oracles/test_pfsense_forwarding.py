"""Rules in order, families, aliases, what the vendor leaves out, translation: on hand-made pfSense configurations."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.oracles.pfsense import Packet, passes, static_port
from tests.unit.oracles.pfsense_samples import (
    EXTERNAL,
    GUEST,
    PC,
    PHONE,
    PHONE_6,
    PROVIDER,
    PROVIDER_6,
    STRANGER,
    WAN,
    floating,
    forward,
    inbound,
    outbound,
    rule,
    site,
)


class Case(NamedTuple):
    """A configuration, a packet, what becomes of it, and by which rule (empty = not of interest)."""

    config: dict[str, Any]
    packet: Packet
    allowed: bool | None
    rule: str = ""


PASS = rule("opt1")
BLOCK = rule("opt1", kind="block")
TO_PROVIDER = rule("opt1", "opt1", "provider sip", "udp")
GROUP = {"ifgroups": {"ifgroupentry": [{"ifname": "inside", "members": "lan opt1"}]}}
LATER = floating(quick=None)
LINKED = rule("wan", "any", f"{PHONE} 5060", "udp", associated_rule_id="nat_1")
SCHEDULES = {"schedules": {"schedule": [{"name": "office", "timerange": []}]}}
UPNP = {"installedpackages": {"miniupnpd": {"config": [{"enable": "on", "ext_iface": "wan"}]}}}
SIPROXD = {"installedpackages": {
    "package": [{"name": "siproxd"}],
    "siproxdsettings": {"config": [{"sipenable": "on", "if_inbound": "opt1", "port": "", "rtpenable": "1"}]},
}}
DYNAMIC = {"wan": {"ipaddr": "dhcp", "subnet": ""}}
ROUTE = {"staticroutes": {"route": [{"network": "172.30.0.0/16", "gateway": "INNER"}]}}
TO_PHONES = {"nat": {"onetoone": [
    {"interface": "wan", "external": EXTERNAL, "source": {"address": PHONE}, "destination": {"any": ""}, "descr": "pbx"}
]}}
VIP = {"virtualip": {"vip": [
    {"mode": "ipalias", "interface": "wan", "uniqid": "a", "subnet": EXTERNAL, "subnet_bits": "32"}
]}}
EVERYTHING_IN = rule("wan")
FROM_PRIVATE = inbound("10.9.9.9", PHONE)

CASES: dict[str, Case] = {
    # Order (filter_rules_generate): floating, groups, interfaces; quick, or the last that matches.
    "nothing passes in by itself": Case(site(), outbound(), False, "Default deny rule"),
    "passed": Case(site(PASS), outbound(), True, "rule 1700000001 (pass any > any)"),
    "first match": Case(site(BLOCK, PASS), outbound(), False),
    "first match passes": Case(site(PASS, BLOCK), outbound(), True),
    "reject blocks": Case(site(rule("opt1", kind="reject"), PASS), outbound(), False),
    "an unknown type passes": Case(site(rule("opt1", kind="old")), outbound(), True),
    "disabled": Case(site({**BLOCK, "disabled": ""}, PASS), outbound(), True),
    "disabled as True": Case(site({**BLOCK, "disabled": True}, PASS), outbound(), True),
    "another interface": Case(site(rule("lan")), outbound(), False),
    "floating goes first": Case(site(PASS, floating(kind="block")), outbound(), False),
    "floating without quick is overruled": Case(
        site(floating(kind="block", quick=None, direction="in"), PASS), outbound(), True
    ),
    "but on the way out it is the last": Case(site(floating(kind="block", quick=None), PASS), outbound(), False),
    "floating without quick decides alone": Case(site(LATER), outbound(), True),
    "the last floating one decides": Case(site(LATER, floating(kind="block", quick=None)), outbound(), False),
    "groups come before interfaces": Case(site(PASS, rule("inside", kind="block"), **GROUP), outbound(), False),
    "groups come behind floating ones": Case(
        site(rule("inside", kind="block"), floating(), **GROUP), outbound(), True
    ),
    "a group is its members": Case(site(rule("inside"), **GROUP), outbound(GUEST, ingress="opt2"), False),
    "floating on two interfaces": Case(site(floating("lan,opt1")), outbound(), True),
    "floating on another": Case(site(floating("lan,opt2")), outbound(), False),
    "match decides nothing": Case(site(floating(kind="match", quick=None), PASS), outbound(), True),
    "a quick match may end the search": Case(site(floating(kind="match"), PASS), outbound(), None),
    # Both ways through the box
    "blocked on its way out": Case(site(PASS, floating("wan", kind="block", direction="out")), outbound(), False),
    "out of another interface": Case(site(PASS, floating("opt2", kind="block", direction="out")), outbound(), True),
    "in at the egress is something else": Case(
        site(PASS, floating("wan", kind="block", direction="in")), outbound(), True
    ),
    "out rules see the translated source": Case(
        site(PASS, floating("wan", "opt1", kind="block", direction="out")), outbound(), True
    ),
    "and the translated source blocks": Case(
        site(PASS, floating("wan", "wanip", kind="block", direction="out")), outbound(), False
    ),
    "untranslated between networks": Case(
        site(PASS, floating("lan", "opt1", "lan", kind="block", direction="out")), outbound(target=PC), False
    ),
    "any direction meets both ends": Case(site(floating("opt1,wan", "!opt1", kind="block"), PASS), outbound(), False),
    # Families and protocols
    "ipprotocol missing is IPv4": Case(site(rule("opt1", ipprotocol=None)), outbound(PHONE_6, PROVIDER_6), False),
    "IPv6": Case(site(rule("opt1", ipprotocol="inet6")), outbound(PHONE_6, PROVIDER_6), True),
    "both": Case(site(rule("opt1", ipprotocol="inet46")), outbound(PHONE_6, PROVIDER_6), True),
    "IPv6 off": Case(
        {**site(rule("opt1", ipprotocol="inet46")), "system": {}}, outbound(PHONE_6, PROVIDER_6), False,
        "Block all IPv6",
    ),
    "other protocol": Case(site(rule("opt1", protocol="tcp")), outbound(), False),
    "TCP and UDP": Case(site(rule("opt1", "any", "any 5060", "tcp/udp")), outbound(), True),
    "ports without a protocol are TCP's, all of them": Case(
        site(rule("opt1", "any", "any 443")), outbound(port=9, protocol="tcp"), True
    ),
    "and not UDP's": Case(site(rule("opt1", "any", "any 5060")), outbound(), False),
    "ICMP": Case(site(rule("opt1", protocol="icmp", icmptype="echoreq")), outbound(protocol="icmp"), True),
    "another ICMP": Case(site(rule("opt1", protocol="icmp", icmptype="unreach")), outbound(protocol="icmp"), False),
    "ICMP of unknown type": Case(site(rule("opt1", protocol="icmp", icmptype="odd")), outbound(protocol="icmp"), None),
    "ESP": Case(site(rule("opt1", protocol="esp")), outbound(protocol=50), True),
    "essential ICMPv6": Case(
        site(rule("opt1", kind="block", ipprotocol="inet6")),
        outbound(PHONE_6, PROVIDER_6, protocol="icmp", icmp=(2, 0)), True,
    ),
    "port range": Case(site(rule("opt1", "any", "any 5000-5100", "udp")), outbound(), True),
    "outside of it": Case(site(rule("opt1", "any", "any 5061-5100", "udp")), outbound(), False),
    "all ports": Case(site(rule("opt1", "any", "any 1-65535", "udp")), outbound(), True),
    "source port": Case(site(rule("opt1", "any 5060", "any", "udp")), outbound(), False),
    "its own source port": Case(site(rule("opt1", "any 5060", "any", "udp")), outbound(source_port=5060), True),
    "port zero": Case(site(PASS), outbound(port=0), False),
    "DSCP": Case(site(rule("opt1", dscp="ef")), outbound(dscp=46), True),
    "another DSCP": Case(site(rule("opt1", dscp="ef")), outbound(), False),
    "flags of a first packet": Case(
        site(rule("opt1", protocol="tcp", tcpflags1="syn", tcpflags2="syn,ack")), outbound(protocol="tcp"), True
    ),
    "flags of a later one": Case(
        site(rule("opt1", protocol="tcp", tcpflags1="ack", tcpflags2="syn,ack")), outbound(protocol="tcp"), False
    ),
    # Addresses
    "alias and port alias": Case(site(TO_PROVIDER), outbound(), True),
    "not in the alias": Case(site(TO_PROVIDER), outbound(target=STRANGER), False),
    "nested": Case(site(rule("opt1", "any", "outer")), outbound(), True),
    "nested ports": Case(site(rule("opt1", "any", "any rtp", "udp")), outbound(), True),
    "negated": Case(site(rule("opt1", "any", "!provider")), outbound(), False),
    "negated, another": Case(site(rule("opt1", "any", "!provider")), outbound(target=STRANGER), True),
    "network of an interface": Case(site(rule("opt1", "opt1")), outbound(), True),
    "not that of an interface": Case(site(rule("opt1", "!opt1")), outbound(), False),
    "address of an interface": Case(site(rule("opt1", "opt1ip")), outbound(), False),
    "network of a group": Case(site(rule("opt1", "inside"), **GROUP), outbound(), True),
    "networks of virtual IPs belong to an interface": Case(
        site(rule("opt1", "any", "wan"), **VIP), outbound(target="198.51.100.77"), True
    ),
    "CIDR": Case(site(rule("opt1", "10.40.0.48/28")), outbound(), True),
    "an empty alias holds nobody": Case(site(rule("opt1", "any", "nobody")), outbound(), False),
    "but everybody when negated": Case(site(rule("opt1", "any", "!nobody")), outbound(), True),
    "a name": Case(site(rule("opt1", "any", "named")), outbound(), None),
    "an address beside a name": Case(site(rule("opt1", "any", "named")), outbound(target="203.0.113.0"), True),
    "a list on the web": Case(site(rule("opt1", "any", "feed")), outbound(), None),
    "ports on the web": Case(site(rule("opt1", "any", "any feed_ports", "udp")), outbound(), None),
    # What is left out (filter_generate_user_rule)
    "no such alias": Case(site(rule("opt1", "any", "gone", kind="block"), PASS), outbound(), True),
    "no such alias, negated": Case(site(rule("opt1", "any", "!gone")), outbound(), False),
    "no such port alias": Case(site(rule("opt1", "any", "any gone", "udp", kind="block"), PASS), outbound(), True),
    "an empty port alias": Case(site(rule("opt1", "any", "any no_ports", "udp", kind="block"), PASS), outbound(), True),
    "an interface that is off": Case(site(floating("opt3", kind="block"), PASS), outbound(), True),
    "off beside on": Case(site(floating("opt3,opt1", kind="block"), PASS), outbound(), False),
    "the network of one that is off": Case(site(rule("opt1", "any", "opt3", kind="block"), PASS), outbound(), True),
    "the network of one without such an address": Case(
        site(rule("opt1", "any", "opt2", ipprotocol="inet6")), outbound(PHONE_6, PROVIDER_6), False
    ),
    "no source at all": Case(site({**BLOCK, "source": ""}, PASS), outbound(), True),
    "a VLAN that does not exist": Case(site(PASS, vlans=""), outbound(), False, "interface"),
    "ingress off": Case(site(floating()), outbound("172.16.9.5", ingress="opt3"), False, "interface"),
    "separator": Case(site({**BLOCK, "separator": ""}, PASS), outbound(), True),
    # Unknown
    "a schedule": Case(site(rule("opt1", sched="office", kind="block"), PASS, **SCHEDULES), outbound(), None),
    "a schedule that is gone": Case(site(rule("opt1", sched="office", kind="block"), PASS), outbound(), False),
    "a tag": Case(site(rule("opt1", tagged="x", kind="block"), PASS), outbound(), None),
    "an operating system": Case(site(rule("opt1", protocol="tcp", os="Windows")), outbound(protocol="tcp"), None),
    "captive portal": Case(
        site(PASS, captiveportal={"zone": {"enable": "", "interface": "opt1"}}), outbound(), None
    ),
    "OpenVPN": Case(
        site(floating(), openvpn={"openvpn-server": [{"mode": "p2p_tls"}]}), outbound(ingress="openvpn"), None
    ),
    "IPsec": Case(site(ipsec={"phase1": [{"ikeid": "1"}]}), outbound(ingress="enc0"), None),
    "multicast": Case(site(PASS), outbound(target="224.0.1.75"), None),
    # The vendor's own rules
    "private networks on the WAN": Case(
        site(EVERYTHING_IN, interfaces={"wan": {"blockpriv": ""}}), FROM_PRIVATE, False, "Block private networks"
    ),
    "without that": Case(site(EVERYTHING_IN), FROM_PRIVATE, True),
    "private networks against floating passes": Case(
        site(floating(), interfaces={"wan": {"blockpriv": True}}), FROM_PRIVATE, False
    ),
    "bogons": Case(
        site(EVERYTHING_IN, interfaces={"wan": {"blockbogons": ""}}), inbound("198.18.0.1", PHONE), False,
        "block bogon networks",
    ),
    "link-local": Case(site(PASS), outbound(target="169.254.1.1"), False, "Block IPv4 link-local"),
    "filter off": Case(site(BLOCK, system={"disablefilter": ""}), outbound(), True),
    "a host next door": Case(site(BLOCK), outbound(target="10.40.0.60"), True, "switch"),
    "the box itself": Case(site(PASS), outbound(target="10.40.0.1"), False, "local"),
    "its WAN's address": Case(site(PASS), outbound(target=WAN), False, "local"),
    "virtual IPs are its own": Case(site(EVERYTHING_IN, **VIP), inbound(target=EXTERNAL), False, "local"),
    "perhaps its own": Case(site(EVERYTHING_IN, interfaces=DYNAMIC), inbound(target="192.0.2.77"), None),
    # Routing
    "static route": Case(
        site(PASS, floating("lan", kind="block", direction="out"), **ROUTE), outbound(target="172.30.1.1"), False
    ),
    "no route": Case(site(PASS, interfaces={"wan": None}), outbound(), False, "route"),
    "a gateway leads elsewhere": Case(
        site(rule("opt1", gateway="INNER"), floating("lan", kind="block", direction="out")), outbound(), False
    ),
    "a gateway that nobody knows": Case(
        site(rule("opt1", gateway="GONE"), floating("lan", kind="block", direction="out")), outbound(), None
    ),
    "a gateway away from a connected network": Case(
        site(rule("opt1", gateway="WANGW")), outbound(target=PC), None
    ),
    # Port forwards
    "forwarded": Case(site(LINKED, nat={"rule": [forward()]}), inbound(), True),
    "rules see the inside address": Case(
        site(rule("wan", "any", "wanip 5060", "udp"), nat={"rule": [forward()]}), inbound(), False
    ),
    "no linked rule": Case(site(nat={"rule": [forward()]}), inbound(), False, "Default deny rule"),
    "passes by itself": Case(site(nat={"rule": [forward(associated_rule_id="pass")]}), inbound(), True),
    "even against floating blocks": Case(
        site(floating("wan", kind="block", direction="in"), nat={"rule": [forward(associated_rule_id="pass")]}),
        inbound(), True,
    ),
    "but not on its way out": Case(
        site(floating("opt1", kind="block", direction="out"), nat={"rule": [forward(associated_rule_id="pass")]}),
        inbound(), False,
    ),
    "another port": Case(site(LINKED, nat={"rule": [forward()]}), inbound(port=5070), False, "local"),
    "a disabled forward": Case(site(LINKED, nat={"rule": [forward(disabled="")]}), inbound(), False, "local"),
    "the first forward counts": Case(
        site(LINKED, nat={"rule": [forward("10.40.0.60"), forward()]}), inbound(), False
    ),
    "exempted": Case(
        site(LINKED, nat={"rule": [forward(nordr="", target=None), forward()]}), inbound(), False, "local"
    ),
    "a forward on another interface": Case(
        site(LINKED, nat={"rule": [forward(interface="lan")]}), inbound(), False, "local"
    ),
    "interface missing is the WAN": Case(site(LINKED, nat={"rule": [forward(interface=None)]}), inbound(), True),
    "to nowhere": Case(site(LINKED, nat={"rule": [forward("gone")]}), inbound(), False, "local"),
    "for some sources": Case(
        site(LINKED, nat={"rule": [forward(source={"address": "provider"})]}), inbound(), False, "local"
    ),
    "to one of several": Case(site(LINKED, nat={"rule": [forward("phones")]}), inbound(), None),
    "private networks even through a forward": Case(
        site(LINKED, nat={"rule": [forward()]}, interfaces={"wan": {"blockpriv": ""}}), inbound("10.9.9.9"), False
    ),
    "from inside without reflection": Case(site(PASS, nat={"rule": [forward()]}), outbound(target=WAN), False, "local"),
    "from inside with reflection": Case(
        site(PASS, nat={"rule": [forward(natreflection="purenat")]}), outbound(target=WAN), None
    ),
    # 1:1
    "1:1": Case(site(rule("wan", "any", PHONE), **TO_PHONES), inbound(target=EXTERNAL), True),
    "1:1 blocked": Case(site(**TO_PHONES), inbound(target=EXTERNAL), False, "Default deny rule"),
    "forwards come before 1:1": Case(
        site(rule("wan", "any", PHONE), nat={
            "rule": [forward("10.40.0.60", destination={"address": EXTERNAL, "port": "5060"})], **TO_PHONES["nat"]
        }), inbound(target=EXTERNAL), False, "Default deny rule",
    ),
    "an exemption leaves 1:1 alone": Case(
        site(rule("wan", "any", PHONE), nat={
            "rule": [forward(nordr="", target=None, destination={"address": EXTERNAL, "port": "5060"})],
            **TO_PHONES["nat"],
        }), inbound(target=EXTERNAL), True,
    ),
    # Packages
    "siproxd takes it": Case(site(PASS, **SIPROXD), outbound(), None, "siproxd"),
    "siproxd lets in what nothing blocks": Case(site(**SIPROXD), outbound(), None),
    "a block stops it": Case(site(BLOCK, **SIPROXD), outbound(), False),
    "siproxd's media": Case(site(**SIPROXD), outbound(port=7075), True),
    "UPnP may": Case(site(**UPNP), inbound(), None),
    "UPnP behind a block": Case(site(rule("wan", kind="block"), **UPNP), inbound(), False),
}


@pytest.mark.parametrize("name", CASES)
def test_verdict(name: str) -> None:
    case = CASES[name]
    verdict = passes(case.config, case.packet)
    assert verdict.allowed is case.allowed, verdict
    assert case.rule in ("", verdict.rule)


TARGETS: dict[str, tuple[dict[str, Any], int, tuple[str, int] | None]] = {
    "kept": (forward(), 5060, (PHONE, 5060)),
    "moved": (forward(inside="5070"), 5060, (PHONE, 5070)),
    "a range": (forward(inside="6000", outside="5000-5100"), 5060, (PHONE, 6060)),
    "a range at its place": (forward(inside="5000", outside="5000-5100"), 5060, (PHONE, 5060)),
    "an alias stays": (forward(inside="sip", outside="sip"), 5061, (PHONE, 5061)),
    "an alias to one port": (forward(inside="6000", outside="sip"), 5061, (PHONE, 6000)),
    "to the first of an alias": (forward(inside="rtp", outside="sip"), 5061, (PHONE, 10000)),
    "no inside port": (forward(inside=""), 5060, (PHONE, 5060)),
    "to an alias of one": (forward("one"), 5060, (PHONE, 5060)),
}


@pytest.mark.parametrize("name", TARGETS)
def test_where_a_forward_leads(name: str) -> None:
    row, port, target = TARGETS[name]
    config = site(rule("wan"), nat={"rule": [row]}, aliases=[
        *site()["aliases"]["alias"], {"name": "one", "type": "host", "address": PHONE},
    ])
    assert passes(config, inbound(port=port)).destination == target


def test_a_1_to_1_mapping_of_a_network_keeps_the_rest_of_the_address() -> None:
    mapping = {"interface": "wan", "external": "198.51.100.64", "source": {"address": "10.40.0.32/28"},
               "destination": {"any": ""}}
    config = site(rule("wan"), nat={"onetoone": [mapping]})
    assert passes(config, inbound(target="198.51.100.66")).destination == ("10.40.0.34", 5060)
    assert passes(config, inbound(target="198.51.100.81")).destination is None


STATIC = {"interface": "wan", "source": {"network": "10.40.0.0/24"}, "destination": {"any": ""}, "staticnatport": "",
          "descr": "voip"}
NOT_AT_ALL = {"interface": "wan", "source": {"network": "any"}, "destination": {"any": ""}, "nonat": ""}
TO_THEM = {**STATIC, "destination": {"network": "provider"}, "protocol": "udp"}


def out(mode: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"nat": {"outbound": {"mode": mode, "rule": list(rules)}}}


OUTBOUND: dict[str, tuple[dict[str, Any], Packet, bool | None, bool]] = {
    "automatic": (site(PASS), outbound(), False, True),
    "automatic for ISAKMP": (site(PASS), outbound(port=500), True, True),
    "automatic without saying so": (site(PASS, nat={"outbound": ""}), outbound(), False, True),
    "rules do not count then": (site(PASS, **out("automatic", STATIC)), outbound(), False, True),
    "hybrid": (site(PASS, **out("hybrid", STATIC)), outbound(), True, True),
    "hybrid for others": (site(PASS, rule("lan"), **out("hybrid", STATIC)), outbound(PC, ingress="lan"), False, True),
    "manual": (site(PASS, **out("advanced", STATIC)), outbound(), True, True),
    "manual for others": (site(rule("lan"), **out("advanced", STATIC)), outbound(PC, ingress="lan"), True, False),
    "to the provider": (site(PASS, **out("hybrid", TO_THEM)), outbound(), True, True),
    "to others": (site(PASS, **out("hybrid", TO_THEM)), outbound(target=STRANGER), False, True),
    "by another protocol": (site(PASS, **out("hybrid", TO_THEM)), outbound(protocol="tcp"), False, True),
    "first match": (site(PASS, **out("hybrid", {**STATIC, "staticnatport": None}, STATIC)), outbound(), False, True),
    "disabled": (site(PASS, **out("hybrid", {**STATIC, "disabled": ""})), outbound(), False, True),
    "not translated": (site(PASS, **out("hybrid", NOT_AT_ALL)), outbound(), True, False),
    "switched off": (site(PASS, **out("disabled", STATIC)), outbound(), True, False),
    "inside": (site(PASS), outbound(target=PC), True, False),
    "an unknown destination": (
        site(PASS, **out("hybrid", {**TO_THEM, "destination": {"network": "feed"}})), outbound(), None, True
    ),
    "an alias that is gone": (
        site(PASS, **out("hybrid", {**STATIC, "source": {"network": "gone"}})), outbound(), False, True
    ),
    "destination port": (site(PASS, **out("hybrid", {**TO_THEM, "dstport": "5060"})), outbound(), True, True),
    "another destination port": (site(PASS, **out("hybrid", {**TO_THEM, "dstport": "sip"})), outbound(port=9), False,
                                 True),
    "1:1": (site(PASS, **TO_PHONES), outbound(), True, True),
    "IPv6": (site(rule("opt1", ipprotocol="inet6")), outbound(PHONE_6, PROVIDER_6), True, False),
}


@pytest.mark.parametrize("name", OUTBOUND)
def test_outbound_nat(name: str) -> None:
    config, packet, static, translated = OUTBOUND[name]
    assert static_port(config, packet) is static
    assert passes(config, packet).source_nat is translated


def test_a_destination_in_doubt_is_none() -> None:
    """Where a forward leads to is unknown when the forward itself is."""
    config = site(rule("wan"), nat={"rule": [forward(source={"address": "feed"}), forward("10.0.0.9")]})
    assert passes(config, inbound()).destination is None


def test_the_provider_is_reached_whatever_the_address_of_the_wan() -> None:
    config = site(TO_PROVIDER, interfaces=DYNAMIC)
    verdict = passes(config, outbound(PHONE, PROVIDER))
    assert (verdict.allowed, verdict.source_nat) == (True, True)
