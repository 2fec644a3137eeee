"""Which interfaces are what."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import NotPossible
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.topology import Topology
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import Raw, observed, unit

WAN: Raw = {"descr": "WAN", "if": "em0", "enable": "", "ipaddr": "192.0.2.2", "subnet": "24", "gateway": "WANGW"}
LAN: Raw = {"descr": "LAN", "if": "em1", "enable": "", "ipaddr": "10.0.0.1", "subnet": "24"}
SECOND: Raw = {"descr": "Cable", "if": "em2", "enable": "", "ipaddr": "dhcp"}
PHONES: Raw = {"descr": "Phones", "if": "em1.40", "enable": "", "ipaddr": "10.40.0.1", "subnet": "24"}
OURS: Raw = {**PHONES, "descr": "VOIPH_VOICE"}
VLAN: Raw = {"if": "em1", "tag": "40", "vlanif": "em1.40"}


def topology(
    interfaces: Raw, vlans: list[Raw] | None = None, may_create: bool = True, config: Raw | None = None, **changes: Any
) -> Topology:
    nothing = {"filter/rule": [], "dhcpd": {}, "nat/rule": [], "nat/outbound/rule": []}
    parts = {"interfaces": interfaces, "vlans/vlan": vlans or [], **nothing, **(config or {})}
    seen = observed(unit(), config=parts)
    return Topology(site(**changes), seen.document, seen.details, may_create)


# Towards the internet


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (SECOND, ("opt1", "wan")),
        ({**SECOND, "ipaddr": "pppoe"}, ("opt1", "wan")),
        ({**SECOND, "ipaddr": "172.16.5.1", "subnet": "24"}, ("wan",)),
        ({**SECOND, "ipaddr": "172.16.5.1", "subnet": "24", "gateway": "OTHER"}, ("opt1", "wan")),
        ({**SECOND, "ipaddr": "", "gatewayv6": "V6"}, ("opt1", "wan")),
        ({"descr": "Cable", "if": "em2", "ipaddr": "dhcp"}, ("wan",)),
    ],
)
def test_wans_have_a_gateway_or_an_address_from_outside(second: Raw, found: tuple[str, ...]) -> None:
    assert topology({"wan": WAN, "lan": LAN, "opt1": second}).wan == found


@pytest.mark.parametrize(
    ("named", "found"), [(["cable"], ("opt1",)), (["opt1", "WAN"], ("opt1", "wan")), (["wan", "WAN"], ("wan",))]
)
def test_wans_by_name(named: list[str], found: tuple[str, ...]) -> None:
    assert topology({"wan": WAN, "lan": LAN, "opt1": SECOND}, wan_interfaces=named).wan == found


@pytest.mark.parametrize(
    ("interfaces", "named", "message"),
    [
        ({"lan": LAN}, [], "voip_policy.wan_interfaces: no interface of this box has a gateway; name those"),
        (
            {"wan": WAN, "lan": LAN},
            ["dsl"],
            "voip_policy.wan_interfaces: 'dsl' is no interface of this box; it has lan, wan",
        ),
        (
            {"wan": WAN, "lan": LAN, "opt1": {"descr": "Cable", "if": "em2", "ipaddr": "dhcp"}},
            ["cable"],
            "voip_policy.wan_interfaces: 'cable' is switched off on this box",
        ),
    ],
)
def test_no_wan(interfaces: Raw, named: list[str], message: str) -> None:
    with pytest.raises(NotPossible) as error:
        _wan = topology(interfaces, wan_interfaces=named).wan
    assert str(error.value).startswith(message)


def test_management_needs_no_wan() -> None:
    assert topology({"lan": LAN}).outside == ()


# The phones' interface


@pytest.mark.parametrize(
    ("interface", "vlans", "may_create", "voice", "theirs"),
    [
        (PHONES, [VLAN], False, "opt1", "opt1"),
        ({**PHONES, "if": "em2"}, [], False, "opt1", "opt1"),
        (OURS, [VLAN], False, "opt1", None),
        (OURS, [VLAN], True, "opt1", None),
        ({**SECOND, "ipaddr": "172.16.5.1", "subnet": "24"}, [], True, "opt2", None),
        ({**SECOND, "ipaddr": "172.16.5.1", "subnet": "24"}, [], False, None, None),
        ({"descr": "Phones", "if": "em1.40", "ipaddr": "10.40.0.1", "subnet": "24"}, [VLAN], False, None, None),
        ({**PHONES, "ipaddr": "", "subnet": ""}, [VLAN], False, None, None),
    ],
    ids=[
        "by its VLAN",
        "by its subnet",
        "ours",
        "ours, which may be made",
        "to be made",
        "not to be made",
        "switched off",
        "without an address",
    ],
)
def test_the_phones_interface(
    interface: Raw, vlans: list[Raw], may_create: bool, voice: str | None, theirs: str | None
) -> None:
    found = topology({"wan": WAN, "lan": LAN, "opt1": interface}, vlans, may_create)
    assert (found.voice, found.theirs) == (voice, theirs)


@pytest.mark.parametrize(
    ("more", "vlans", "message"),
    [
        (
            {"opt1": PHONES, "opt2": {**PHONES, "if": "em2"}},
            [VLAN],
            "voip_policy.voice_vlan: several interfaces fit: opt1, opt2",
        ),
        (
            {"opt1": {**PHONES, "ipaddr": "10.41.0.1"}},
            [VLAN],
            "voip_policy.voice_vlan.subnet: 10.40.0.0/24 is asked for, and interface opt1, which carries VLAN 40, has "
            "10.41.0.1/24",
        ),
        (
            {"opt1": {**PHONES, "if": "em2", "subnet": "16"}},
            [],
            "voip_policy.voice_vlan.subnet: 10.40.0.0/24 overlaps 10.40.0.0/16 of interface opt1",
        ),
    ],
)
def test_what_does_not_fit(more: Raw, vlans: list[Raw], message: str) -> None:
    with pytest.raises(NotPossible) as error:
        _voice = topology({"wan": WAN, "lan": LAN, **more}, vlans).voice
    assert str(error.value) == message


def test_the_line_may_use_the_same_number() -> None:
    """VLAN 40 of the provider of the line is another one than VLAN 40 of the site."""
    line = {"if": "em0", "tag": "40", "vlanif": "em0.40"}
    found = topology({"wan": {**WAN, "if": "em0.40"}, "lan": LAN}, [line])
    assert (found.theirs, found.voice) == (None, "opt1")


@pytest.mark.parametrize(
    ("more", "config", "name"),
    [
        ({}, {}, "opt1"),
        ({"opt2": SECOND}, {}, "opt1"),
        ({"opt1": SECOND, "opt3": {**SECOND, "if": "em3"}}, {}, "opt2"),
        ({}, {"dhcpd": {"opt1": {"range": {"from": "172.16.0.2", "to": "172.16.0.9"}}}}, "opt2"),
        ({}, {"filter/rule": [{"tracker": "1", "interface": "opt1"}]}, "opt2"),
        ({}, {"filter/rule": [{"tracker": "1", "floating": "yes", "interface": "lan,opt1"}]}, "opt2"),
        ({}, {"nat/outbound/rule": [{"interface": "opt1", "descr": "x"}], "nat/rule": [{"interface": "opt2"}]}, "opt3"),
    ],
    ids=["first", "gap before", "gap between", "DHCP left over", "rule left over", "floating rule", "translation"],
)
def test_the_name_of_an_interface_to_be_made(more: Raw, config: Raw, name: str) -> None:
    """What is left of an interface that somebody took away must not come back to life with ours."""
    assert topology({"wan": WAN, "lan": LAN, **more}, config=config).voice == name


def test_every_interface_of_the_sites_in_use() -> None:
    off = {"descr": "Off", "if": "em3"}
    ours = {"descr": "VOIPH_VOICE", "if": "em1.40", "enable": "", "ipaddr": "10.40.0.1", "subnet": "24"}
    assert topology({"wan": WAN, "lan": LAN, "opt1": ours, "opt9": off}).every == ("lan", "wan")


# The port


@pytest.mark.parametrize(
    ("lan", "named", "port"),
    [
        (LAN, None, "em1"),
        (LAN, "LAN", "em1"),
        (LAN, "em1", "em1"),
        (LAN, "cable", "em2"),
        (LAN, "em2", "em2"),
        ({**LAN, "if": "em1.10"}, None, "em1"),
        ({**LAN, "if": "em1.10"}, "em1", "em1"),
        ({**LAN, "if": "em1.10"}, "em1.10", "em1"),
    ],
)
def test_the_port_that_carries_the_vlan(lan: Raw, named: str | None, port: str) -> None:
    tagged = {"if": "em1", "tag": "10", "vlanif": "em1.10"}
    changes = {"voice_vlan__parent_interface": named} if named else {}
    assert topology({"wan": WAN, "lan": lan, "opt1": SECOND}, [tagged], **changes).parent == port


def test_no_such_port() -> None:
    with pytest.raises(NotPossible) as error:
        _port = topology({"wan": WAN, "lan": LAN}, voice_vlan__parent_interface="em7").parent
    assert str(error.value) == (
        "voip_policy.voice_vlan.parent_interface: 'em7' is no interface and no port in use on this box; it has em0, "
        "em1, lan, wan"
    )
    with pytest.raises(NotPossible, match="this box has no LAN interface"):
        _port = topology({"wan": WAN, "opt1": SECOND}).parent


# Where an address lies


@pytest.mark.parametrize(
    ("address", "name", "own"),
    [
        ("10.0.0.20", "lan", "10.0.0.1"),
        ("192.0.2.9", "wan", "192.0.2.2"),
        ("10.40.0.9", "opt1", None),
        ("172.16.0.1", None, None),
    ],
)
def test_where_an_address_lies(address: str, name: str | None, own: str | None) -> None:
    found = topology({"wan": WAN, "lan": LAN})
    assert found.holding(IPv4Address(address)) == name
    towards = found.own_address_towards(IPv4Address(address))
    assert towards == (IPv4Address(own) if own else None)
