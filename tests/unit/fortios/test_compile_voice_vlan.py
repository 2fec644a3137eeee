"""The phones' network: the exact rows, written by hand from the vendor's descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import apply_to, difference
from ansible_collections.voip.hardening.plugins.module_utils.errors import NotPossible
from tests.unit.fortios.compiled import ALL, ANY, COMMENT, accept, blocks, compiled, controls, deny, kept, owned
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import V700, V721, V744, V764, Version, Wire, document

CONCERN = "voice_vlan"
WAN: tuple[str, ...] = ("wan1",)
VOICE: tuple[str, ...] = ("VOIPH-VLAN40",)
POLICY = site(voice_vlan__parent_interface="internal")
PRESENT: Wire = {
    "name": "phones",
    "type": "vlan",
    "vlanid": 40,
    "interface": "internal",
    "ip": "10.40.0.1 255.255.255.0",
}
EVERYONE = {"srcaddr": ALL, "dstaddr": ALL, "srcaddr6": ALL, "dstaddr6": ALL}


def allow(name: str, service: str, group: str, interface: tuple[str, ...] = VOICE) -> Wire:
    return accept(name, interface, WAN, service, srcaddr=("VOIPH-voice",), dstaddr=(group,), nat="enable")


def test_interface_and_dhcp() -> None:
    desired, remarks = compiled(POLICY, document(), CONCERN)
    assert owned(desired, "system/interface") == [
        {
            "name": "VOIPH-VLAN40",
            "vdom": "root",
            "type": "vlan",
            "vlanid": 40,
            "interface": "internal",
            "mode": "static",
            "ip": "10.40.0.1/24",
            "allowaccess": ("ping",),
            "ipv6": {"ip6-allowaccess": ()},
            "secondaryip": (),
            "role": "lan",
            "status": "up",
            "description": COMMENT,
        }
    ]
    assert owned(desired, "system.dhcp/server") == [
        {
            "status": "enable",
            "interface": "VOIPH-VLAN40",
            "default-gateway": "10.40.0.1",
            "netmask": "255.255.255.0",
            "lease-time": 86400,
            "ip-range": ({"id": 1, "start-ip": "10.40.0.2", "end-ip": "10.40.0.254"},),
            "dns-service": "specify",
            "dns-server1": "198.51.100.53",
            "dns-server2": "0.0.0.0",
            "dns-server3": "0.0.0.0",
            "dns-server4": "0.0.0.0",
            # The provider's clock has a name only, which DHCP cannot hand out.
            "ntp-service": "default",
            "ntp-server1": "0.0.0.0",
            "ntp-server2": "0.0.0.0",
            "ntp-server3": "0.0.0.0",
            "options": (),
        }
    ]
    assert remarks == []


def test_clocks_and_provisioning_by_dhcp() -> None:
    policy = site(
        voice_vlan__parent_interface="internal",
        voice_vlan__ntp_servers=["192.0.2.123", "192.0.2.124"],
        voice_vlan__provisioning_url="https://provisioning.example.com/p",
    )
    (row,) = owned(compiled(policy, document(), CONCERN)[0], "system.dhcp/server")
    assert (row["ntp-service"], row["ntp-server1"], row["ntp-server2"], row["ntp-server3"]) == (
        "specify",
        "192.0.2.123",
        "192.0.2.124",
        "0.0.0.0",
    )
    # Options 66 (TFTP server name, RFC 2132) and 160 (Polycom and Yealink), as text (article 310376).
    assert row["options"] == (
        {"id": 1, "code": 66, "type": "string", "value": "https://provisioning.example.com/p"},
        {"id": 2, "code": 160, "type": "string", "value": "https://provisioning.example.com/p"},
    )


def test_lldp_med() -> None:
    desired, _remarks = compiled(POLICY, document(), CONCERN)
    shape = {"status": "enable", "tag": "dot1q", "vlan": 40, "priority": 5}
    assert owned(desired, "system.lldp/network-policy") == [
        {
            "name": "VOIPH-voice",
            "comment": COMMENT,
            "voice": {**shape, "dscp": 46},
            "voice-signaling": {**shape, "dscp": 26},
        }
    ]
    assert kept(desired) == {
        ("global:system/interface", "internal"): {
            "lldp-transmission": "enable",
            "lldp-network-policy": "VOIPH-voice",
        }
    }


def test_rules() -> None:
    desired, _remarks = compiled(POLICY, document(), CONCERN)
    assert owned(desired, "firewall/policy") == [
        allow("VOIPH-allow-signalling", "VOIPH-SIP", "VOIPH-signalling"),
        allow("VOIPH-allow-media", "VOIPH-RTP", "VOIPH-media"),
        allow("VOIPH-allow-dns", "VOIPH-DNS", "VOIPH-dns"),
        allow("VOIPH-allow-ntp", "VOIPH-NTP", "VOIPH-ntp"),
        allow("VOIPH-allow-provisioning", "VOIPH-HTTPS", "VOIPH-provisioning"),
        deny("VOIPH-voice-deny-out", VOICE, ANY, "ALL", **EVERYONE),
        deny("VOIPH-voice-deny-in", ANY, VOICE, "ALL", **EVERYONE),
    ]
    assert controls(desired) == {
        "VOIPH-allow-signalling": ("FW-1", "VLAN-3"),
        "VOIPH-allow-media": ("FW-2", "VLAN-3"),
        "VOIPH-allow-dns": ("VLAN-3",),
        "VOIPH-allow-ntp": ("VLAN-3",),
        "VOIPH-allow-provisioning": ("VLAN-3",),
        "VOIPH-voice-deny-out": ("VLAN-1", "VLAN-3"),
        "VOIPH-voice-deny-in": ("VLAN-1", "WEB-1"),
    }


def test_objects() -> None:
    desired, _remarks = compiled(POLICY, document(), CONCERN)
    addresses = {row["name"]: row for row in blocks(desired, "firewall/address")}
    assert addresses == {
        "VOIPH-voice": {"name": "VOIPH-voice", "type": "ipmask", "subnet": "10.40.0.0/24"},
        "VOIPH-net-198.51.100.0-26": {
            "name": "VOIPH-net-198.51.100.0-26",
            "type": "ipmask",
            "subnet": "198.51.100.0/26",
        },
        "VOIPH-net-203.0.113.0-25": {"name": "VOIPH-net-203.0.113.0-25", "type": "ipmask", "subnet": "203.0.113.0/25"},
        "VOIPH-host-198.51.100.53": {
            "name": "VOIPH-host-198.51.100.53",
            "type": "ipmask",
            "subnet": "198.51.100.53/32",
        },
        "VOIPH-host-ntp1.example.com": {
            "name": "VOIPH-host-ntp1.example.com",
            "type": "fqdn",
            "fqdn": "ntp1.example.com",
        },
        "VOIPH-host-provisioning.example.com": {
            "name": "VOIPH-host-provisioning.example.com",
            "type": "fqdn",
            "fqdn": "provisioning.example.com",
        },
    }
    services = {
        row["name"]: (row["tcp-portrange"], row["udp-portrange"]) for row in blocks(desired, "firewall.service/custom")
    }
    assert services == {
        "VOIPH-SIP": (("5061",), ()),
        "VOIPH-RTP": ((), ("10000-20000",)),
        "VOIPH-DNS": (("53",), ("53",)),
        "VOIPH-NTP": ((), ("123",)),
        "VOIPH-HTTPS": (("443",), ()),
    }
    assert {row["name"]: row["member"] for row in blocks(desired, "firewall/addrgrp")} == {
        "VOIPH-signalling": ("VOIPH-net-198.51.100.0-26",),
        "VOIPH-media": ("VOIPH-net-203.0.113.0-25",),
        "VOIPH-dns": ("VOIPH-host-198.51.100.53",),
        "VOIPH-ntp": ("VOIPH-host-ntp1.example.com",),
        "VOIPH-provisioning": ("VOIPH-host-provisioning.example.com",),
    }


def test_priority() -> None:
    desired, _remarks = compiled(POLICY, document(), CONCERN)
    assert owned(desired, "firewall.shaper/traffic-shaper") == [
        {
            "name": "VOIPH-voice",
            "guaranteed-bandwidth": 2000,
            "maximum-bandwidth": 0,
            "bandwidth-unit": "kbps",
            "priority": "high",
            "per-policy": "disable",
        }
    ]
    shape = {
        "comment": COMMENT,
        "status": "enable",
        "ip-version": "4",
        "srcaddr": ("VOIPH-voice",),
        "srcintf": (),
        "dstintf": WAN,
        "traffic-shaper": "VOIPH-voice",
        "traffic-shaper-reverse": "VOIPH-voice",
        "diffserv-forward": "enable",
    }
    # DSCP values are six binary digits: EF (46) 101110, AF31 (26) 011010.
    assert owned(desired, "firewall/shaping-policy") == [
        {
            **shape,
            "name": "VOIPH-shape-media",
            "dstaddr": ("VOIPH-media",),
            "service": ("VOIPH-RTP",),
            "diffservcode-forward": "101110",
        },
        {
            **shape,
            "name": "VOIPH-shape-signalling",
            "dstaddr": ("VOIPH-signalling",),
            "service": ("VOIPH-SIP",),
            "diffservcode-forward": "011010",
        },
    ]


def test_an_interface_of_the_site_is_used_and_left_as_it_is() -> None:
    desired, remarks = compiled(POLICY, document(added={"system/interface": [PRESENT]}), CONCERN)
    assert owned(desired, "system/interface") == []
    assert owned(desired, "system.dhcp/server") == []
    assert remarks == [
        "interface phones carries the voice VLAN already; its address, services and DHCP stay as the site set them"
    ]
    rules = {row["name"]: row for row in owned(desired, "firewall/policy")}
    assert rules["VOIPH-voice-deny-in"]["dstintf"] == ("phones",)
    assert ("global:system/interface", "internal") in kept(desired)


def test_in_a_zone_with_other_networks_only_the_phones_are_meant() -> None:
    zones = [{"name": "inside", "interface": [{"interface-name": "phones"}, {"interface-name": "internal"}]}]
    unit = document(changes={"system/zone": zones}, added={"system/interface": [PRESENT]})
    rules = {row["name"]: row for row in owned(compiled(POLICY, unit, CONCERN)[0], "firewall/policy")}
    inside = ("inside",)
    assert rules["VOIPH-voice-deny-out"] == deny(
        "VOIPH-voice-deny-out", inside, ANY, "ALL", srcaddr=("VOIPH-voice",), dstaddr=ALL
    )
    assert rules["VOIPH-voice-deny-in"] == deny(
        "VOIPH-voice-deny-in", ANY, inside, "ALL", srcaddr=ALL, dstaddr=("VOIPH-voice",)
    )


def test_a_port_that_cannot_send_lldp_is_left_alone_and_said() -> None:
    rows: list[Wire] = [
        {"name": "wan1", "role": "wan"},
        {"name": "tunnel1", "type": "tunnel"},
    ]
    policy = site(voice_vlan__parent_interface="tunnel1")
    desired, remarks = compiled(policy, document(changes={"system/interface": rows}), CONCERN)
    assert remarks == ["LLDP-MED is not sent: tunnel1 is no port that sends it"]
    assert (kept(desired), owned(desired, "system.lldp/network-policy")) == ({}, [])


def test_phones_and_a_pbx_in_another_network_reach_each_other() -> None:
    policy = site(voice_vlan__parent_interface="internal", pbx={"address": "10.0.0.20"})
    rules = {row["name"]: row for row in owned(compiled(policy, document(), CONCERN)[0], "firewall/policy")}
    phones, host = ("VOIPH-voice",), ("VOIPH-host-10.0.0.20",)
    services = ("VOIPH-RTP", "VOIPH-SIP", "VOIPH-SIP-closed")
    assert rules["VOIPH-allow-voice-to-pbx"] == accept(
        "VOIPH-allow-voice-to-pbx", VOICE, ("internal",), *services, srcaddr=phones, dstaddr=host
    )
    assert rules["VOIPH-allow-pbx-to-voice"] == accept(
        "VOIPH-allow-pbx-to-voice", ("internal",), VOICE, *services, srcaddr=host, dstaddr=phones
    )


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no parent named": (
        {"voice_vlan__parent_interface": None},
        {},
        "voip_policy.voice_vlan.parent_interface: needed to make the voice VLAN; one of internal",
    ),
    "a parent that is not there": (
        {"voice_vlan__parent_interface": "port9"},
        {},
        "voip_policy.voice_vlan.parent_interface: 'port9' is not an interface of VDOM root; one of internal",
    ),
    "another voice VLAN of ours": (
        {"voice_vlan__id": 50},
        {
            "system/interface": [
                {"name": "VOIPH-VLAN40", "type": "vlan", "vlanid": 40, "interface": "internal", "ip": "10.40.0.1/24"}
            ]
        },
        "voip_policy.voice_vlan.id: 50 is asked for and this unit has the voice VLAN 40 of an earlier run; FortiOS "
        "cannot renumber it. Take it away first (state: deleted, concern voice_vlan), then run again",
    ),
}


@pytest.mark.parametrize(("changes", "added", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(changes: dict[str, Any], added: dict[str, Any], message: str) -> None:
    policy = site(**{"voice_vlan__parent_interface": "internal", **changes})
    with pytest.raises(NotPossible) as refusal:
        compiled(policy, document(added=added), CONCERN)
    assert str(refusal.value) == message


def test_rows_of_the_unit_keep_their_numbers() -> None:
    unit = document(
        added={
            "system.dhcp/server": [{"id": 4}],
            "firewall/policy": [{"policyid": 30, "name": "theirs"}],
            "firewall/shaping-policy": [{"id": 2, "name": "theirs"}],
        }
    )
    desired, _remarks = compiled(POLICY, unit, CONCERN)
    numbers = {
        table.path: [entry.row.get("policyid", entry.row.get("id")) for entry in entries]
        for table, entries in desired.owned.items()
    }
    assert numbers["system.dhcp/server"] == [5]
    assert sorted(numbers["firewall/policy"]) == list(range(31, 38))
    assert numbers["firewall/shaping-policy"] == [3, 4]


@pytest.mark.parametrize("version", [V700, V721, V744, V764])
def test_a_second_run_changes_nothing(version: Version) -> None:
    unit = document(version)
    after = apply_to(unit, difference(unit, compiled(POLICY, unit, CONCERN)[0]))
    assert difference(after, compiled(POLICY, after, CONCERN)[0]) == []


def test_the_parent_is_known_once_the_vlan_stands() -> None:
    unit = document()
    after = apply_to(unit, difference(unit, compiled(POLICY, unit, CONCERN)[0]))
    assert difference(after, compiled(site(), after, CONCERN)[0]) == []
