"""Which interfaces lead where, and what rules must call them."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import NotPossible
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.compiler.topology import Topology
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import Wire, document

WANS: list[Wire] = [
    {"name": "wan1", "role": "wan", "ip": "198.51.100.130 255.255.255.192"},
    {"name": "wan2", "role": "wan"},
]
INSIDE: Wire = {"name": "internal", "type": "hard-switch", "role": "lan", "ip": "10.0.0.1 255.255.255.0"}


def vlan(name: str, number: int, address: str = "0.0.0.0 0.0.0.0", parent: str = "internal", **more: Any) -> Wire:
    return {"name": name, "type": "vlan", "vlanid": number, "interface": parent, "ip": address, **more}


PHONES = vlan("phones", 40, "10.40.0.1 255.255.255.0")
OURS = vlan("VOIPH-VLAN40", 40, "10.40.0.1 255.255.255.0")


def topology(
    interfaces: list[Wire],
    may_create: bool = False,
    tables: dict[str, list[Wire]] | None = None,
    vdom: str = "root",
    **changes: Any,
) -> Topology:
    unit = document(changes={"system/interface": interfaces, **(tables or {})})
    return Topology(site(**changes), unit, vdom, may_create)


def test_wan_interfaces_by_their_role() -> None:
    assert topology([*WANS, INSIDE]).wan == ("wan1", "wan2")


def test_wan_interfaces_by_name() -> None:
    found = topology([*WANS, INSIDE], wan_interfaces=["wan2"])
    assert found.wan == ("wan2",)
    assert topology([INSIDE, {"name": "ppp1"}], wan_interfaces=["ppp1"]).wan == ("ppp1",)


def test_interfaces_of_other_vdoms_do_not_count() -> None:
    assert topology([WANS[0], {**WANS[1], "vdom": "voice"}]).wan == ("wan1",)


@pytest.mark.parametrize(
    ("interfaces", "changes", "message"),
    [
        (
            [*WANS, INSIDE],
            {"wan_interfaces": ["wan9", "wan1"]},
            "voip_policy.wan_interfaces: wan9: not an interface of VDOM root; it has internal, wan1, wan2",
        ),
        (
            [INSIDE],
            {},
            "voip_policy.wan_interfaces: needed, as no interface of VDOM root has the role wan; it has internal",
        ),
    ],
)
def test_no_wan(interfaces: list[Wire], changes: dict[str, Any], message: str) -> None:
    with pytest.raises(NotPossible) as refusal:
        _found = topology(interfaces, **changes).wan
    assert str(refusal.value) == message


VOICE: dict[str, tuple[list[Wire], bool, dict[str, Any], str | None, bool]] = {
    "by its VLAN id": ([PHONES], False, {}, "phones", False),
    "by its subnet": ([{"name": "port5", "ip": "10.40.0.254 255.255.255.0"}], False, {}, "port5", False),
    "ours": ([OURS], False, {}, "VOIPH-VLAN40", True),
    "ours before another of the subnet": (
        [{"name": "port5", "ip": "10.40.0.1 255.255.255.0"}, OURS],
        False,
        {},
        "VOIPH-VLAN40",
        True,
    ),
    "to be made": ([], True, {}, "VOIPH-VLAN40", True),
    "not there and not to be made": ([], False, {}, None, False),
    "another VLAN": ([vlan("cctv", 30, "192.168.8.1 255.255.255.0")], True, {}, "VOIPH-VLAN40", True),
    "another size of subnet": ([{"name": "port5", "ip": "10.40.0.1 255.255.0.0"}], True, {}, "VOIPH-VLAN40", True),
    "on the parent that is named": (
        [vlan("p1", 40, "10.40.0.1 255.255.255.0", "port1"), vlan("p2", 40, "10.40.0.1 255.255.255.0", "port2")],
        False,
        {"voice_vlan__parent_interface": "port2"},
        "p2",
        False,
    ),
    "of another VDOM": ([{**PHONES, "vdom": "voice"}], False, {}, None, False),
    "with the id of the VLAN but no VLAN": (
        [{"name": "port5", "type": "physical", "vlanid": 40}],
        False,
        {},
        None,
        False,
    ),
}


@pytest.mark.parametrize(("interfaces", "may_create", "changes", "name", "ours"), VOICE.values(), ids=VOICE)
def test_voice_interface(
    interfaces: list[Wire], may_create: bool, changes: dict[str, Any], name: str | None, ours: bool
) -> None:
    found = topology([*WANS, INSIDE, *interfaces], may_create, **changes)
    assert (found.voice, found.voice_in_rules) == (name, name)
    assert found.voice_is_ours is ours


@pytest.mark.parametrize(
    ("interfaces", "message"),
    [
        (
            [vlan("p1", 40, parent="port1"), vlan("p2", 40, parent="port2")],
            "voip_policy.voice_vlan.parent_interface: VLAN 40 is on several interfaces: port1, port2; name one",
        ),
        (
            [vlan("phones", 40, "10.41.0.1 255.255.255.0")],
            "voip_policy.voice_vlan.subnet: 10.40.0.0/24 is asked for and interface phones (VLAN 40) has 10.41.0.0/24",
        ),
        (
            [vlan("phones", 40)],
            "voip_policy.voice_vlan.subnet: 10.40.0.0/24 is asked for and interface phones (VLAN 40) has no address",
        ),
    ],
)
def test_a_voice_interface_that_does_not_fit(interfaces: list[Wire], message: str) -> None:
    with pytest.raises(NotPossible) as refusal:
        _found = topology([*WANS, *interfaces]).voice
    assert str(refusal.value) == message


def test_parent() -> None:
    assert topology([*WANS, INSIDE], voice_vlan__parent_interface="internal").parent["name"] == "internal"
    assert topology([*WANS, INSIDE, OURS]).parent["name"] == "internal"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "voip_policy.voice_vlan.parent_interface: needed to make the voice VLAN; one of internal, port3"),
        (
            {"voice_vlan__parent_interface": "port9"},
            "voip_policy.voice_vlan.parent_interface: 'port9' is not an interface of VDOM root; one of internal, port3",
        ),
    ],
)
def test_no_parent(changes: dict[str, Any], message: str) -> None:
    rows: list[Wire] = [*WANS, INSIDE, {"name": "port3"}, {"name": "ssl.root", "type": "tunnel"}]
    with pytest.raises(NotPossible) as refusal:
        _found = topology(rows, True, **changes).parent
    assert str(refusal.value) == message


ZONE: dict[str, list[Wire]] = {"system/zone": [{"name": "outside", "interface": [{"interface-name": "wan1"}]}]}
SDWAN: dict[str, list[Wire]] = {
    "system/sdwan": [
        {
            "status": "enable",
            "members": [
                {"seq-num": 1, "interface": "wan1", "zone": "virtual-wan-link"},
                {"seq-num": 2, "interface": "wan2", "zone": "virtual-wan-link"},
            ],
        }
    ]
}


def test_rules_call_a_member_of_a_zone_by_the_zone() -> None:
    found = topology([*WANS, INSIDE], tables=ZONE)
    assert found.wan_in_rules == ("outside", "wan2")
    assert (found.in_local_rules("wan1"), found.in_rules("internal")) == ("outside", "internal")


def test_rules_call_a_member_of_sdwan_by_its_zone() -> None:
    found = topology([*WANS, INSIDE], tables=SDWAN)
    assert found.wan_in_rules == ("virtual-wan-link",)


def test_sdwan_that_is_off_does_not_count() -> None:
    (settings,) = SDWAN["system/sdwan"]
    found = topology([*WANS, INSIDE], tables={"system/sdwan": [{**settings, "status": "disable"}]})
    assert found.wan_in_rules == ("wan1", "wan2")


@pytest.mark.parametrize(
    ("address", "interfaces", "expected"),
    [
        ("10.0.0.20", [INSIDE], "internal"),
        ("10.40.0.20", [INSIDE, PHONES], "phones"),
        ("10.40.0.20", [INSIDE], "VOIPH-VLAN40"),
        ("172.16.0.20", [INSIDE], None),
    ],
)
def test_the_interface_that_holds_an_address(address: str, interfaces: list[Wire], expected: str | None) -> None:
    assert topology([*WANS, *interfaces], True).holding(IPv4Address(address)) == expected
