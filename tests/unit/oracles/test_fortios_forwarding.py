"""Policies in order, interfaces and zones, routing, and what is left open, on hand-made FortiOS configurations."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.oracles.fortios import Packet, passes
from tests.unit.oracles.samples import (
    PC,
    PHONE,
    PHONE_6,
    PROVIDER,
    PROVIDER_6,
    SERVER,
    STRANGER,
    inbound,
    outbound,
    policy,
    policy6,
    refs,
    site,
)


class Case(NamedTuple):
    """A configuration, a packet, what becomes of it, and by which rule (empty = not of interest)."""

    config: dict[str, Any]
    packet: Packet
    allowed: bool | None
    rule: str = ""


ALLOW = policy(1, "voice", "wan1", "all", "all")
DENY = policy(9, "voice", "wan1", "all", "all", action="deny")
TO_PROVIDER = policy(2, "voice", "wan1", "voice-net", "provider", "SIP")
SDWAN = {"members": [{"seq-num": 1, "interface": "wan1", "zone": "uplinks"}], "zone": [{"name": "uplinks"}]}
BOTH_WANS = {"wan2": {"ip": "192.0.2.2 255.255.255.0"}}
INNER_ZONE = [{"name": "inside", "interface": [{"interface-name": "voice"}, {"interface-name": "lan"}]}]
OPEN_ZONE = [{**INNER_ZONE[0], "intrazone": "allow"}]
LONELY_ZONE = [{"name": "inside", "interface": [{"interface-name": "lan"}], "intrazone": "allow"}]
SILENT: dict[str, Any] = {"system/global": {}}
REDIRECT = {"system/global": {"allow-traffic-redirect": "enable"}}
BEHIND_LAN = [{"seq-num": 1, "dst": "172.16.0.0 255.255.0.0", "device": "lan"}]


def unsure(**fields: Any) -> dict[str, Any]:
    """A site whose accepting policy depends on something, above a deny."""
    return site([{**ALLOW, **{name.replace("_", "-"): value for name, value in fields.items()}}, DENY])


CASES: dict[str, Case] = {
    # Administration guide, firewall policy: from the top, the first match decides; what matches none is dropped (0).
    "accepted": Case(site([ALLOW]), outbound(), True, "policy 1"),
    "nothing matches": Case(site([]), outbound(), False, "policy 0"),
    "first match accepts": Case(site([ALLOW, DENY]), outbound(), True, "policy 1"),
    "first match denies": Case(site([DENY, ALLOW]), outbound(), False, "policy 9"),
    "order is the table's, not the number's": Case(site([DENY, TO_PROVIDER]), outbound(), False, "policy 9"),
    "action deny is the default": Case(
        site([{key: value for key, value in ALLOW.items() if key != "action"}]), outbound(), False, "policy 1"
    ),
    "disabled": Case(site([{**DENY, "status": "disable"}, ALLOW]), outbound(), True, "policy 1"),
    "other source": Case(site([TO_PROVIDER]), outbound(PC, ingress="lan"), False, "policy 0"),
    "other destination": Case(site([TO_PROVIDER]), outbound(target=STRANGER), False, "policy 0"),
    "other service": Case(site([TO_PROVIDER]), outbound(port=5061), False, "policy 0"),
    "other ingress": Case(site([ALLOW]), outbound(PC, ingress="lan"), False, "policy 0"),
    "ipv6": Case(site([policy6(1, "voice", "wan1", "all", "provider6")]), outbound(PHONE_6, PROVIDER_6), True),
    "the name is in the rule": Case(site([{**ALLOW, "name": "voip out"}]), outbound(), True, "policy 1 (voip out)"),
    "ipsec depends on the tunnel": Case(site([{**ALLOW, "action": "ipsec"}]), outbound(), None),
    # Interfaces
    "any to any": Case(site([policy(1, "any", "any", "all", "all")]), outbound(), True),
    "one of several": Case(site([policy(1, "lan voice", "wan2 wan1", "all", "all")]), outbound(), True),
    "no such interface": Case(
        site([policy(1, "any", "any", "all", "all")]), outbound(ingress="vlan40"), False, "interface"
    ),
    "ingress down": Case(site([ALLOW], interface={"voice": {"status": "down"}}), outbound(), False, "interface"),
    "its parent down": Case(site([ALLOW], interface={"lan": {"status": "down"}}), outbound(), False, "interface"),
    # Zones: policies name the zone (administration guide, zone).
    "zone": Case(site([policy(1, "inside", "wan1", "all", "all")], system__zone=INNER_ZONE), outbound(), True),
    "other zone": Case(site([policy(1, "guests", "wan1", "all", "all")], system__zone=INNER_ZONE), outbound(), False),
    "intrazone deny": Case(site([], system__zone=INNER_ZONE), outbound(target=PC), False, "policy 0"),
    "intrazone allow": Case(site([], system__zone=OPEN_ZONE), outbound(target=PC), True, "zone inside"),
    # Fortinet 264457: policies come before the intra-zone setting.
    "a deny before intrazone allow": Case(
        site([policy(999, "any", "any", "all", "all", action="deny")], system__zone=OPEN_ZONE), outbound(target=PC),
        False, "policy 999",
    ),
    "intrazone allow is for the zone only": Case(site([], system__zone=OPEN_ZONE), outbound(target=SERVER), False),
    # Fortinet 279733: with one member only since 7.4.4.
    **{
        f"zone of one on {version}": Case(
            site([], version=version, system__zone=LONELY_ZONE, router__static=BEHIND_LAN),
            outbound(PC, "172.16.0.9", ingress="lan"), allowed,
        )
        for version, allowed in (("7.4.3", False), ("7.4.4", True))
    },
    # SD-WAN zones stand for their members (administration guide, SD-WAN members and zones).
    "SD-WAN zone": Case(
        site([policy(1, "voice", "uplinks", "all", "all")], system__sdwan={**SDWAN, "status": "enable"}),
        outbound(), True,
    ),
    "SD-WAN off: not documented": Case(
        site([policy(1, "voice", "uplinks", "all", "all")], system__sdwan=SDWAN), outbound(), None
    ),
    "default SD-WAN zone": Case(
        site(
            [policy(1, "voice", "virtual-wan-link", "all", "all")],
            system__sdwan={"status": "enable", "members": [{"interface": "wan1"}]},
        ),
        outbound(), True,
    ),
    # Routing
    "connected network": Case(site([policy(1, "lan", "dmz", "all", "all")]), outbound(PC, SERVER, ingress="lan"), True),
    "connected, whatever egress is given": Case(
        site([policy(1, "lan", "dmz", "all", "all")]), outbound(PC, SERVER, ingress="lan", egress=("wan1",)), True
    ),
    "longest match": Case(
        site([policy(1, "voice", "dmz", "all", "all")], interface={"lan": {"ip": "10.0.0.1 255.0.0.0"}}),
        outbound(target=SERVER), True,
    ),
    "secondary address": Case(
        site([policy(1, "voice", "lan", "all", "all")], interface={
            "lan": {"secondary-IP": "enable", "secondaryip": [{"id": 1, "ip": "192.168.9.1 255.255.255.0"}]},
        }),
        outbound(target="192.168.9.5"), True,
    ),
    "secondary addresses off": Case(
        site([policy(1, "voice", "lan", "all", "all")], interface={
            "lan": {"secondaryip": [{"id": 1, "ip": "192.168.9.1 255.255.255.0"}]},
        }),
        outbound(target="192.168.9.5"), False,
    ),
    "static route": Case(
        site([policy(1, "voice", "lan", "all", "all")], router__static=BEHIND_LAN), outbound(target="172.16.0.9"), True
    ),
    "black hole": Case(
        site([policy(1, "any", "any", "all", "all")], router__static=[
            {"seq-num": 1, "dst": "172.16.0.0/16", "blackhole": "enable"},
        ]),
        outbound(target="172.16.0.9"), False, "route",
    ),
    "static default route beats the role": Case(
        site([policy(1, "voice", "wan2", "all", "all")], interface=BOTH_WANS, router__static=[
            {"seq-num": 1, "gateway": "192.0.2.1", "device": "wan2"},
        ]),
        outbound(), True,
    ),
    "two uplinks, one of them open": Case(site([ALLOW], interface=BOTH_WANS), outbound(), None),
    "two uplinks, both open": Case(
        site([policy(1, "voice", "wan1 wan2", "all", "all")], interface=BOTH_WANS), outbound(), True
    ),
    "two uplinks, one asked about": Case(site([ALLOW], interface=BOTH_WANS), outbound(egress=("wan1",)), True),
    "an uplink by DHCP": Case(
        site([policy(1, "voice", "wan2", "all", "all")], interface={
            "wan1": {"role": "undefined"}, "wan2": {"mode": "dhcp"},
        }),
        outbound(), True,
    ),
    "no uplink": Case(
        site([ALLOW], interface={"wan1": {"role": "lan"}, "wan2": {"role": "lan"}}), outbound(), False, "route"
    ),
    # An address given from outside may be the destination, so what would be forwarded is not certain.
    "from an interface with a dynamic address": Case(
        site([policy(1, "wan2", "any", "all", "all")], interface={"wan2": {"mode": "dhcp"}}),
        inbound(target="192.0.2.77", ingress="wan2"), None, "local",
    ),
    "from it to a known network": Case(
        site([policy(1, "wan2", "any", "all", "all")], interface={"wan2": {"mode": "dhcp"}}),
        inbound(target=SERVER, ingress="wan2"), True,
    ),
    "egress down": Case(
        site([ALLOW], interface={"wan1": {"status": "down"}}), outbound(egress=("wan1",)), False, "interface"
    ),
    # Not forwarded
    "to the unit itself": Case(
        site([policy(1, "any", "any", "all", "all")]), inbound(target="198.51.100.2"), False, "local"
    ),
    "to another address of the unit": Case(
        site([policy(1, "any", "any", "all", "all")]), outbound(target="10.0.0.1"), False, "local"
    ),
    "multicast": Case(site([ALLOW]), outbound(target="224.0.1.75"), None, "multicast"),
    # Fortinet 196651 and administration guide: same interface in and out.
    "redirect": Case(
        site([], unit=REDIRECT, router__static=BEHIND_LAN), outbound(PC, "172.16.0.9", ingress="lan"), True, "redirect"
    ),
    "redirect off": Case(
        site([], router__static=BEHIND_LAN), outbound(PC, "172.16.0.9", ingress="lan"), False
    ),
    "redirect is the default before 7.4.10": Case(
        site([], version="7.4.9", unit=SILENT, router__static=BEHIND_LAN),
        outbound(PC, "172.16.0.9", ingress="lan"), True,
    ),
    "redirect is off by default from 7.4.10": Case(
        site([], version="7.4.10", unit=SILENT, router__static=BEHIND_LAN),
        outbound(PC, "172.16.0.9", ingress="lan"), False,
    ),
    "redirect of a foreign source needs a policy on 7.4.3": Case(
        site([], version="7.4.3", unit=REDIRECT, router__static=BEHIND_LAN),
        outbound("172.17.0.9", "172.16.0.9", ingress="lan"), False,
    ),
    "redirect of a foreign source needs none on 7.4.4": Case(
        site([], version="7.4.4", unit=REDIRECT, router__static=BEHIND_LAN),
        outbound("172.17.0.9", "172.16.0.9", ingress="lan"), True,
    ),
    # Modes in which firewall/policy does not decide
    "NGFW policy mode": Case(site([ALLOW], settings={"ngfw-mode": "policy-based"}), outbound(), None, "vdom"),
    "transparent mode": Case(site([ALLOW], settings={"opmode": "transparent"}), outbound(), None, "vdom"),
    # What the configuration does not say
    "users": Case(unsure(users=refs("anna")), outbound(), None),
    "user groups": Case(unsure(groups=refs("staff")), outbound(), None),
    "working hours": Case(unsure(schedule="office"), outbound(), None),
    "ISDB destination": Case(unsure(internet_service="enable"), outbound(), None),
    "ISDB source": Case(unsure(internet_service_src="enable"), outbound(), None),
    "ISDB brings its own ports": Case(unsure(internet_service="enable", service=refs("SMTP")), outbound(), None),
    "users, but never": Case(unsure(users=refs("anna"), schedule="none"), outbound(), False, "policy 9"),
    "ISDB of the other family": Case(unsure(internet_service6_src="enable"), outbound(), True),
    "expiry": Case(unsure(policy_expiry="enable"), outbound(), None),
    "reputation": Case(unsure(reputation_minimum=3), outbound(), None),
    "ZTNA": Case(unsure(ztna_status="enable"), outbound(), None),
    "defaults written out": Case(
        unsure(users=[], groups=[], policy_expiry="disable", reputation_minimum=0, tos_mask="0x00",
               ztna_status="disable", internet_service="disable", vlan_filter="", sgt_check="disable"),
        outbound(), True, "policy 1",
    ),
    "unknown, but nothing would change": Case(
        site([{**DENY, "schedule": "office"}, policy(3, "voice", "wan1", "by-name", "all", action="deny")]),
        outbound(), False,
    ),
    "unknown accept above a definite accept": Case(
        site([policy(3, "voice", "wan1", "by-name", "all"), ALLOW]), outbound(), True
    ),
    "unknown deny above an accept": Case(
        site([policy(3, "voice", "wan1", "by-name", "all", action="deny"), ALLOW]), outbound(), None
    ),
    "unknown, but the service does not match": Case(
        site([policy(3, "voice", "wan1", "by-name", "all", "SMTP", "deny"), ALLOW]), outbound(), True, "policy 1"
    ),
    # Schedules: ``always`` and ``none`` are shipped recurring schedules.
    "never": Case(site([{**ALLOW, "schedule": "none"}]), outbound(), False),
    "DSCP asked for": Case(site([{**ALLOW, "tos-mask": "0xfc", "tos": "0xb8"}]), outbound(dscp=46), True),
    "other DSCP": Case(site([{**ALLOW, "tos-mask": "0xfc", "tos": "0xb8"}]), outbound(dscp=0), False),
    "any but that DSCP": Case(
        site([{**ALLOW, "tos-mask": "0xfc", "tos": "0xb8", "tos-negate": "enable"}]), outbound(dscp=0), True
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_verdict(name: str) -> None:
    config, packet, allowed, rule = CASES[name]
    verdict = passes(config, packet)
    assert verdict.allowed is allowed, verdict
    if rule:
        assert verdict.rule == rule


@pytest.mark.parametrize(("days", "start", "end", "expected"), [
    ("sunday monday tuesday wednesday thursday friday saturday", "00:00", "00:00", True),
    ("sunday monday tuesday wednesday thursday friday saturday", "08:00", "18:00", None),
    ("monday", "00:00", "00:00", None), ("none", "00:00", "00:00", False),
])
def test_schedules_that_were_changed(days: str, start: str, end: str, expected: bool | None) -> None:
    config = site([ALLOW])
    schedule = {"name": "always", "day": days, "start": start, "end": end}
    config["vdom"]["root"]["firewall.schedule/recurring"] = [schedule]
    assert passes(config, outbound()).allowed is expected


@pytest.mark.parametrize(("settings", "nat", "expected"), [
    ({}, "enable", True), ({}, "disable", False), ({"central-nat": "enable"}, "enable", None),
])
def test_source_nat(settings: dict[str, str], nat: str, expected: bool | None) -> None:
    """With central NAT the policy's switch does not decide (administration guide, central SNAT)."""
    assert passes(site([{**ALLOW, "nat": nat}], settings=settings), outbound()).source_nat is expected


def test_interfaces_of_another_vdom_are_out_of_reach() -> None:
    elsewhere = {"vdom": "other"}
    config = site([policy(1, "any", "any", "all", "all")], interface={"dmz": elsewhere, "wan1": elsewhere})
    config["vdom"]["other"] = {"firewall/policy": []}
    assert passes(config, outbound(target=SERVER)).rule == "route"
    assert passes(config, inbound(target=SERVER)).rule == "policy 0"


def test_the_provider_has_no_way_in_without_a_virtual_ip() -> None:
    config = site([policy(1, "wan1", "voice", "provider", "voice-net")])
    assert passes(config, inbound(PROVIDER, PHONE)).allowed is True
    assert passes(config, inbound(STRANGER, PHONE)).allowed is False
