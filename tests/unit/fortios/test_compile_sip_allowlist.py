"""SIP and RTP only between the site and its provider: the exact rows, written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import apply_to, difference
from ansible_collections.voip.hardening.plugins.module_utils.errors import NotPossible
from tests.unit.fortios.compiled import (
    ALL,
    ANY,
    accept,
    blocks,
    compiled,
    controls,
    deny,
    kept,
    owned,
)
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import V700, V720, V721, V744, Version, Wire, document, refs

CONCERN = "sip_allowlist"
WAN: tuple[str, ...] = ("wan1",)
VOICE_INTERFACE: Wire = {
    "name": "phones",
    "type": "vlan",
    "vlanid": 40,
    "interface": "internal",
    "ip": "10.40.0.1 255.255.255.0",
}
EVERYONE = {"srcaddr": ALL, "dstaddr": ALL, "srcaddr6": ALL, "dstaddr6": ALL}

BLOCKING = [
    deny("VOIPH-block-sip-closed-out", ANY, WAN, "VOIPH-SIP-closed", **EVERYONE),
    deny("VOIPH-block-sip-closed-in", WAN, ANY, "VOIPH-SIP-closed", **EVERYONE),
    deny(
        "VOIPH-block-sip-out",
        ANY,
        WAN,
        "VOIPH-SIP",
        srcaddr=ALL,
        dstaddr=("VOIPH-signalling",),
        dstaddr_negate="enable",
    ),
    deny(
        "VOIPH-block-sip-out6",
        ANY,
        WAN,
        "VOIPH-SIP",
        srcaddr6=ALL,
        dstaddr6=("VOIPH-signalling6",),
        dstaddr6_negate="enable",
    ),
    deny(
        "VOIPH-block-sip-in", WAN, ANY, "VOIPH-SIP", srcaddr=("VOIPH-signalling",), dstaddr=ALL, srcaddr_negate="enable"
    ),
    deny(
        "VOIPH-block-sip-in6",
        WAN,
        ANY,
        "VOIPH-SIP",
        srcaddr6=("VOIPH-signalling6",),
        dstaddr6=ALL,
        srcaddr6_negate="enable",
    ),
    deny("VOIPH-block-rtp-in", WAN, ANY, "VOIPH-RTP", srcaddr=("VOIPH-media",), dstaddr=ALL, srcaddr_negate="enable"),
    # The provider has no media address of IPv6: then nobody has any business there.
    deny("VOIPH-block-rtp-in6", WAN, ANY, "VOIPH-RTP", srcaddr6=ALL, dstaddr6=ALL),
]
ALLOWING = [
    accept(
        "VOIPH-allow-signalling",
        ("phones",),
        WAN,
        "VOIPH-SIP",
        srcaddr=("VOIPH-voice",),
        dstaddr=("VOIPH-signalling",),
        nat="enable",
    ),
    accept(
        "VOIPH-allow-media",
        ("phones",),
        WAN,
        "VOIPH-RTP",
        srcaddr=("VOIPH-voice",),
        dstaddr=("VOIPH-media",),
        nat="enable",
    ),
]
DEAF = {
    "status": "enable",
    "intf": WAN,
    "srcaddr": ALL,
    "srcaddr-negate": "disable",
    "dstaddr": ALL,
    "dstaddr-negate": "disable",
    "service": ("VOIPH-SIP", "VOIPH-SIP-closed"),
    "service-negate": "disable",
    "schedule": "always",
    "action": "deny",
}


def test_a_site_whose_phones_have_an_interface() -> None:
    unit = document(added={"system/interface": [VOICE_INTERFACE]})
    desired, remarks = compiled(site(), unit, CONCERN)
    assert owned(desired, "firewall/policy") == [*ALLOWING, *BLOCKING]
    assert blocks(desired, "firewall/address") == [
        {"name": "VOIPH-net-198.51.100.0-26", "type": "ipmask", "subnet": "198.51.100.0/26"},
        {"name": "VOIPH-net-203.0.113.0-25", "type": "ipmask", "subnet": "203.0.113.0/25"},
        {"name": "VOIPH-voice", "type": "ipmask", "subnet": "10.40.0.0/24"},
    ]
    assert blocks(desired, "firewall/address6") == [
        {"name": "VOIPH-net-2001:db8:5060::-48", "type": "ipprefix", "ip6": "2001:db8:5060::/48"}
    ]
    assert blocks(desired, "firewall/addrgrp") == [
        {"name": "VOIPH-signalling", "member": ("VOIPH-net-198.51.100.0-26",), "exclude-member": ()},
        {"name": "VOIPH-media", "member": ("VOIPH-net-203.0.113.0-25",), "exclude-member": ()},
    ]
    assert blocks(desired, "firewall/addrgrp6") == [
        {"name": "VOIPH-signalling6", "member": ("VOIPH-net-2001:db8:5060::-48",)}
    ]
    assert blocks(desired, "firewall.service/custom") == [
        service("VOIPH-SIP", tcp=("5061",), helper="disable"),
        service("VOIPH-SIP-closed", tcp=("5060",), udp=("5060-5061",), helper="disable"),
        service("VOIPH-RTP", udp=("10000-20000",)),
    ]
    (local,) = owned(desired, "firewall/local-in-policy")
    (local6,) = owned(desired, "firewall/local-in-policy6")
    assert local.pop("comments").startswith("VOIPH-block-sip-wan1")
    assert local6.pop("comments").startswith("VOIPH-block-sip-wan1")
    assert local == local6 == DEAF
    assert owned(desired, "firewall/vip") == []
    assert (kept(desired), desired.removed, remarks) == ({}, {}, [])


def service(name: str, tcp: Any = (), udp: Any = (), idle: int = 0, helper: str = "auto") -> Wire:
    ports = {"tcp-portrange": tcp, "udp-portrange": udp}
    return {"name": name, "protocol": "TCP/UDP/SCTP", **ports, "udp-idle-timer": idle, "helper": helper}


def test_the_controls_that_ask_for_each_rule() -> None:
    desired, _remarks = compiled(site(), document(added={"system/interface": [VOICE_INTERFACE]}), CONCERN)
    assert controls(desired) == {
        "VOIPH-allow-signalling": ("FW-1", "VLAN-3"),
        "VOIPH-allow-media": ("FW-2", "VLAN-3"),
        "VOIPH-block-sip-closed-out": ("SVC-1", "FW-1"),
        "VOIPH-block-sip-closed-in": ("SVC-1", "FW-1"),
        "VOIPH-block-sip-out": ("FW-1",),
        "VOIPH-block-sip-out6": ("FW-1",),
        "VOIPH-block-sip-in": ("FW-1",),
        "VOIPH-block-sip-in6": ("FW-1",),
        "VOIPH-block-rtp-in": ("FW-2",),
        "VOIPH-block-rtp-in6": ("FW-2",),
    }


def test_a_site_whose_phones_have_no_interface_yet() -> None:
    desired, remarks = compiled(site(), document(), CONCERN)
    assert owned(desired, "firewall/policy") == BLOCKING
    (remark,) = remarks
    assert remark.startswith("no interface carries the voice VLAN or its subnet yet: ")
    assert "VOIPH-voice" not in [row["name"] for row in blocks(desired, "firewall/address")]


SERVICES: dict[str, tuple[dict[str, Any], dict[str, Any], list[Wire]]] = {
    "tls": (
        {},
        {},
        [
            service("VOIPH-SIP", ("5061",), helper="disable"),
            service("VOIPH-SIP-closed", ("5060",), ("5060-5061",), helper="disable"),
        ],
    ),
    "tcp": (
        {"transport": "tcp"},
        {},
        [
            service("VOIPH-SIP", ("5060",), helper="disable"),
            service("VOIPH-SIP-closed", ("5061",), ("5060-5061",), helper="disable"),
        ],
    ),
    "udp stays open for longer than a registration": (
        {"transport": "udp"},
        {},
        [
            service("VOIPH-SIP", (), ("5060",), 300, "disable"),
            service("VOIPH-SIP-closed", ("5060-5061",), ("5061",), helper="disable"),
        ],
    ),
    "a provider with ports of its own": (
        {"transport": "tls"},
        {"sip_ports": {"tls": ["5081-5082"], "udp": [5080]}},
        [
            service("VOIPH-SIP", ("5081-5082",), helper="disable"),
            service("VOIPH-SIP-closed", ("5060-5061",), ("5060-5061", "5080"), helper="disable"),
        ],
    ),
}


@pytest.mark.parametrize(("changes", "provider", "expected"), SERVICES.values(), ids=SERVICES)
def test_services(changes: dict[str, Any], provider: dict[str, Any], expected: list[Wire]) -> None:
    desired, _remarks = compiled(site(provider, **changes), document(), CONCERN)
    assert blocks(desired, "firewall.service/custom") == [*expected, service("VOIPH-RTP", udp=("10000-20000",))]


def test_a_provider_of_ipv4_only() -> None:
    desired, _remarks = compiled(site({"signalling": ["198.51.100.0/26"]}), document(), CONCERN)
    rules = {row["name"]: row for row in owned(desired, "firewall/policy")}
    assert rules["VOIPH-block-sip-out6"] == deny(
        "VOIPH-block-sip-out6", ANY, WAN, "VOIPH-SIP", srcaddr6=ALL, dstaddr6=ALL
    )
    assert rules["VOIPH-block-sip-in6"] == deny(
        "VOIPH-block-sip-in6", WAN, ANY, "VOIPH-SIP", srcaddr6=ALL, dstaddr6=ALL
    )
    assert blocks(desired, "firewall/addrgrp6") == []


def test_a_provider_of_ipv6_only() -> None:
    provider = {"signalling": ["2001:db8:5060::/48"], "media": ["2001:db8:7000::/48"]}
    unit = document(added={"system/interface": [VOICE_INTERFACE]})
    desired, _remarks = compiled(site(provider), unit, CONCERN)
    rules = {row["name"]: row for row in owned(desired, "firewall/policy")}
    assert not [name for name in rules if "allow" in name]
    assert rules["VOIPH-block-sip-in"] == deny("VOIPH-block-sip-in", WAN, ANY, "VOIPH-SIP", srcaddr=ALL, dstaddr=ALL)
    assert rules["VOIPH-block-rtp-in6"] == deny(
        "VOIPH-block-rtp-in6",
        WAN,
        ANY,
        "VOIPH-RTP",
        srcaddr6=("VOIPH-media6",),
        dstaddr6=ALL,
        srcaddr6_negate="enable",
    )
    assert blocks(desired, "firewall/addrgrp") == []


@pytest.mark.parametrize("version", [V700, V720])
def test_until_721_one_switch_negates_both_families(version: Version) -> None:
    desired, _remarks = compiled(site(), document(version), CONCERN)
    rules = {row["name"]: row for row in owned(desired, "firewall/policy")}
    assert all("srcaddr6-negate" not in row and "internet-service6" not in row for row in rules.values())
    for name, switch in (("VOIPH-block-sip-in6", "srcaddr-negate"), ("VOIPH-block-sip-out6", "dstaddr-negate")):
        assert rules[name][switch] == "enable"
        # A switch that negates both families must not meet IPv4 addresses.
        assert (rules[name]["srcaddr"], rules[name]["dstaddr"]) == ((), ())
    for row in rules.values():
        if "enable" in (row["srcaddr-negate"], row["dstaddr-negate"]):
            assert not (row["srcaddr"] and row["srcaddr6"])


@pytest.mark.parametrize("version", [V700, V720, V721, V744])
def test_no_rule_that_blocks_all_but_some_takes_in_the_provider(version: Version) -> None:
    desired, _remarks = compiled(site(), document(version), CONCERN)
    for row in owned(desired, "firewall/policy"):
        if "-closed-" in row["name"]:
            continue
        for side in ("srcaddr", "dstaddr"):
            negated = "enable" in (row[f"{side}-negate"], row.get(f"{side}6-negate"))
            named = {*row[side], *row[f"{side}6"]} & {"VOIPH-signalling", "VOIPH-signalling6", "VOIPH-media"}
            assert negated == bool(named)


def test_interfaces_go_by_their_zones() -> None:
    unit = document(
        changes={
            "system/zone": [
                {"name": "outside", "interface": [{"interface-name": "wan1"}]},
                {"name": "inside", "interface": [{"interface-name": "phones"}]},
            ]
        },
        added={"system/interface": [VOICE_INTERFACE]},
    )
    desired, _remarks = compiled(site(), unit, CONCERN)
    rules = {row["name"]: row for row in owned(desired, "firewall/policy")}
    assert (rules["VOIPH-allow-media"]["srcintf"], rules["VOIPH-allow-media"]["dstintf"]) == (("inside",), ("outside",))
    assert rules["VOIPH-block-sip-in"]["srcintf"] == ("outside",)
    assert owned(desired, "firewall/local-in-policy")[0]["intf"] == ("outside",)


def test_several_wans() -> None:
    unit = document(added={"system/interface": [{"name": "wan2", "role": "wan"}]})
    desired, _remarks = compiled(site(), unit, CONCERN)
    rules = {row["name"]: row for row in owned(desired, "firewall/policy")}
    assert rules["VOIPH-block-sip-in"]["srcintf"] == ("wan1", "wan2")
    assert [row["intf"] for row in owned(desired, "firewall/local-in-policy")] == [("wan1",), ("wan2",)]


# A PBX at the site


def test_a_pbx() -> None:
    policy = site(pbx={"address": "10.0.0.20", "public_address": "198.51.100.131"})
    desired, _remarks = compiled(policy, document(), CONCERN)
    assert owned(desired, "firewall/policy")[:4] == [
        accept(
            "VOIPH-allow-pbx-signalling",
            WAN,
            ("internal",),
            "VOIPH-SIP",
            srcaddr=("VOIPH-signalling",),
            dstaddr=("VOIPH-pbx-sip-wan1-5061",),
        ),
        accept(
            "VOIPH-allow-pbx-media",
            WAN,
            ("internal",),
            "VOIPH-RTP",
            srcaddr=("VOIPH-media",),
            dstaddr=("VOIPH-pbx-rtp-wan1-10000-20000",),
        ),
        accept(
            "VOIPH-pbx-out-signalling",
            ("internal",),
            WAN,
            "VOIPH-SIP",
            srcaddr=("VOIPH-host-10.0.0.20",),
            dstaddr=("VOIPH-signalling",),
            nat="enable",
        ),
        accept(
            "VOIPH-pbx-out-media",
            ("internal",),
            WAN,
            "VOIPH-RTP",
            srcaddr=("VOIPH-host-10.0.0.20",),
            dstaddr=("VOIPH-media",),
            nat="enable",
        ),
    ]
    assert owned(desired, "firewall/policy")[4:] == BLOCKING
    assert blocks(desired, "firewall/vip") == [
        {
            "name": "VOIPH-pbx-sip-wan1-5061",
            "type": "static-nat",
            "status": "enable",
            "extip": "198.51.100.131",
            "extintf": "wan1",
            "mappedip": ("10.0.0.20",),
            "portforward": "enable",
            "protocol": "tcp",
            "extport": "5061",
            "mappedport": "5061",
            "src-filter": ("198.51.100.0/26",),
        },
        {
            "name": "VOIPH-pbx-rtp-wan1-10000-20000",
            "type": "static-nat",
            "status": "enable",
            "extip": "198.51.100.131",
            "extintf": "wan1",
            "mappedip": ("10.0.0.20",),
            "portforward": "enable",
            "protocol": "udp",
            "extport": "10000-20000",
            "mappedport": "10000-20000",
            "src-filter": ("203.0.113.0/25",),
        },
    ]


def test_a_pbx_behind_the_address_of_the_wan() -> None:
    desired, _remarks = compiled(site(pbx={"address": "10.0.0.20"}, transport="udp"), document(), CONCERN)
    sip = blocks(desired, "firewall/vip")[0]
    assert (sip["extip"], sip["protocol"], sip["extport"]) == ("0.0.0.0", "udp", "5060")


def test_a_pbx_that_is_nowhere() -> None:
    with pytest.raises(NotPossible) as refusal:
        compiled(site(pbx={"address": "172.16.9.20"}), document(), CONCERN)
    assert str(refusal.value) == (
        "voip_policy.pbx.address: 172.16.9.20 lies in the subnet of no interface of this unit"
    )


def test_without_a_pbx_nothing_is_ever_forwarded() -> None:
    desired, _remarks = compiled(site(), document(added={"system/interface": [VOICE_INTERFACE]}), CONCERN)
    inbound = [row for row in owned(desired, "firewall/policy") if row["srcintf"] == WAN]
    assert inbound
    assert all(row["action"] == "deny" for row in inbound)


def test_a_pbx_on_several_wans() -> None:
    unit = document(added={"system/interface": [{"name": "wan2", "role": "wan"}]})
    desired, _remarks = compiled(site(pbx={"address": "10.0.0.20"}), unit, CONCERN)
    inbound = [row for row in owned(desired, "firewall/policy") if "allow-pbx" in row["name"]]
    assert {(wan, forward) for row in inbound for wan in row["srcintf"] for forward in row["dstaddr"]} >= {
        (wan, f"VOIPH-pbx-{kind}") for wan in ("wan1", "wan2") for kind in (f"sip-{wan}-5061", f"rtp-{wan}-10000-20000")
    }
    assert {(row["name"], row["extintf"]) for row in blocks(desired, "firewall/vip")} == {
        (f"VOIPH-pbx-{kind}", wan) for wan in ("wan1", "wan2") for kind in (f"sip-{wan}-5061", f"rtp-{wan}-10000-20000")
    }


def test_wans_with_long_names_alike() -> None:
    names = ("ISP-Telekom-1", "ISP-Telekom-2")
    rows: list[Wire] = [
        *({"name": name, "role": "wan"} for name in names),
        {"name": "internal", "ip": "10.0.0.1 255.255.255.0"},
    ]
    policy = site(pbx={"address": "10.0.0.20"})
    desired, _remarks = compiled(policy, document(changes={"system/interface": rows}), CONCERN)
    inbound = [row for row in owned(desired, "firewall/policy") if "allow-pbx-signalling" in row["name"]]
    assert all(len(row["name"]) <= 35 for row in inbound)
    assert {interface for row in inbound for interface in row["srcintf"]} == set(names)


# Rules of others


OPEN: Wire = {
    "policyid": 9,
    "name": "theirs",
    "action": "accept",
    "srcintf": refs("wan1"),
    "dstintf": refs("internal"),
    "srcaddr": refs("all"),
    "dstaddr": refs("all"),
    "service": refs("SIP"),
}


def test_rules_of_others_are_left_alone_unless_the_policy_asks() -> None:
    unit = document(added={"firewall/policy": [OPEN]})
    assert kept(compiled(site(), unit, CONCERN)[0]) == {}
    desired, _remarks = compiled(site(enforce_exclusive=True), unit, CONCERN)
    assert kept(desired) == {("root:firewall/policy", 9): {"status": "disable"}}


@pytest.mark.parametrize("version", [V700, V721, V744])
@pytest.mark.parametrize("exclusive", [False, True])
def test_a_second_run_changes_nothing(version: Version, exclusive: bool) -> None:
    policy = site(pbx={"address": "10.0.0.20"}, enforce_exclusive=exclusive)
    unit = document(version, added={"firewall/policy": [OPEN], "system/interface": [VOICE_INTERFACE]})
    after = apply_to(unit, difference(unit, compiled(policy, unit, CONCERN)[0]))
    assert [row["name"] for row in after.rows(next(t for t in after.tables if t.path == "firewall/policy"))][-2:] == [
        "",
        "theirs",
    ]
    assert difference(after, compiled(policy, after, CONCERN)[0]) == []
