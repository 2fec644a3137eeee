"""LANs, VLANs, routing between LANs and DHCP options, as the Vigor2927 and Vigor3912 User's Guides print them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.reader import lan
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.words import Answer

LANS = """The LAN settings:
Status   IP              Mask            DHCP Start IP        Pool Gateway
-------- --------------- --------------- ---- --------------- ---- ---------------
[V]LAN1  192.168.1.1     255.255.255.0   V    192.168.1.10    200  192.168.1.1
[X]LAN2  192.168.2.1     255.255.255.0   V    192.168.2.10    100  192.168.2.1
[X]LAN3  192.168.3.1     255.255.255.0   X    192.168.3.10    100  192.168.3.1"""
DNS = """%%      Domain name server settings:
%  LAN1  Primary DNS: [Not set]
%  LAN1  Secondary DNS: [Not set]
%  LAN2  Primary DNS: [192.0.2.53]
%  LAN2  Secondary DNS: [192.0.2.54]"""
LEASES = """% msubnet leasetime <1/2/3/4/5/6/7/8/dmz> <Lease Time (sec.)>
% Now:LAN1 86400; LAN2 259200; LAN3 259200; DMZ Port 259200"""
LARGE_LEASES = "% Now: LAN1 86400\n        LAN2 259200\n        LAN10 3600\n\n        LAN100 60"
TALK = """% msubnet talk <1/../100> <1/../100> <On/Off>
% where 1:LAN1, 2:LAN2, 3:LAN3, 4:LAN4, 5:LAN5, 6:LAN6: .....
% Now:
%              LAN1   LAN2   LAN3
% LAN1          V
% LAN2          V      V
% LAN3                        V"""
SMALL_TALK = """% msubnet talk <1/2/dmz> <1/2/dmz> <On/Off>
% where 1:LAN1, 2:LAN2, dmz:DMZ Port
% Now:
%              LAN1   LAN2   DMZ Port
% LAN1          V
% LAN2                 V
% DMZ Port      V             V"""
SMALL_HEAD = "VLAN Enable VID Pri    p1 p2 p3 p4 p5 s1 s2 s3 s4 5gs1 5gs2 5gs3 5gs4 subnet"
SMALL_VLANS = f"""VLAN is Disable :
--------------------------------------------------------------------------------
{SMALL_HEAD}
--------------------------------------------------------------------------------
 0    OFF    0   0                                                    2:LAN2
 1    ON    20   3     V  V        V           V              V       1:LAN1
--------------------------------------------------------------------------------
 Note: they are only untag for s1/s2/s3/s4/5gs1/5gs2/5gs3/5gs4, but they can join tag vlan with lan ports.
 Permit untagged device in P1 to access router: ON...."""
LARGE_VLANS = """VLAN  is Enable :
---------------------------------------------------------------------
VLAN Enable VID  Pri   p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11 p12  subnet
---------------------------------------------------------------------
 0     OFF    0   0    V  V        V              V       V    1:LAN1
 1     ON  4095   7                                          100:LAN100

 2     OFF    0   0                                            1:LAN1
---------------------------------------------------------------------
 Permit untagged device in P1 to access router: OFF...."""
OPTIONS = """% state   idx interface          opt type     data
% enable  1   ALL LAN            66  ASCII    tftp.example.net
% disable 2   LAN1               42  IP       192.168.1.1
% enable  12  LAN 3              160 ASCII    https://provisioning.example.com/a b
% enable  3   routed subnet      43  HEX      0104"""


def lans(text: str) -> Any:
    return lan.lans(Answer("show lan", text), 8)


def servers(text: str) -> Any:
    return lan.name_servers(Answer("show dns", text))


def leases(text: str) -> Any:
    return lan.lease_seconds(Answer("msubnet leasetime ?", text))


def talk(text: str) -> Any:
    return lan.talk(Answer("msubnet talk ?", text), 100)


def vlans(text: str) -> Any:
    return lan.vlans(Answer("vlan status", text), 16)


def options(text: str) -> Any:
    return lan.options(Answer("srv dhcp option -l", text))


def system_vids(text: str) -> Any:
    return lan.system_vids(Answer("vlan sysvid show", text))


def test_lans() -> None:
    shape = {"mask": "255.255.255.0", "dhcp": True, "count": 100, "enabled": False}
    assert lans(LANS) == {
        1: {**shape, "id": "LAN1", "enabled": True, "address": "192.168.1.1", "start": "192.168.1.10", "count": 200,
            "gateway": "192.168.1.1"},
        2: {**shape, "id": "LAN2", "address": "192.168.2.1", "start": "192.168.2.10", "gateway": "192.168.2.1"},
        3: {**shape, "id": "LAN3", "dhcp": False, "address": "192.168.3.1", "start": "192.168.3.10",
            "gateway": "192.168.3.1"},
    }


def test_a_lan_without_dhcp_may_show_nothing() -> None:
    """How a unit shows that it is off, no example says."""
    assert lans(LANS.replace(" X    192", "      192"))[3]["dhcp"] is False


def test_name_servers() -> None:
    assert servers(DNS) == {1: ("", ""), 2: ("192.0.2.53", "192.0.2.54")}


def test_leases() -> None:
    assert leases(LEASES) == {1: 86400, 2: 259200, 3: 259200}
    assert leases(LARGE_LEASES) == {1: 86400, 2: 259200, 10: 3600, 100: 60}


def test_routing_between_lans() -> None:
    """What stands on the diagonal is a LAN with itself."""
    assert talk(TALK) == {(1, 2)}
    assert talk(SMALL_TALK) == frozenset()
    assert talk(TALK.replace("% LAN3                        V", "% LAN3          V      V      V")) == {
        (1, 2), (1, 3), (2, 3),
    }


def test_vlans_of_a_vigor2927() -> None:
    enabled, rows, untagged, ports = vlans(SMALL_VLANS)
    assert (enabled, untagged) == (False, True)
    assert ports == tuple("p1 p2 p3 p4 p5 s1 s2 s3 s4 5gs1 5gs2 5gs3 5gs4".split())
    assert rows == {
        0: {"id": "0", "tagged": False, "vid": 0, "pri": 0, "ports": (), "lan": "LAN2"},
        1: {"id": "1", "tagged": True, "vid": 20, "pri": 3, "ports": ("p1", "p2", "p5", "s4", "5gs3"), "lan": "LAN1"},
    }


def test_vlans_of_a_vigor3912() -> None:
    enabled, rows, untagged, ports = vlans(LARGE_VLANS)
    assert (enabled, untagged) == (True, False)
    assert ports == tuple(f"p{number}" for number in range(1, 13))
    assert rows == {
        0: {"id": "0", "tagged": False, "vid": 0, "pri": 0, "ports": ("p1", "p2", "p5", "p10", "p12"), "lan": "LAN1"},
        1: {"id": "1", "tagged": True, "vid": 4095, "pri": 7, "ports": (), "lan": "LAN100"},
        2: {"id": "2", "tagged": False, "vid": 0, "pri": 0, "ports": (), "lan": "LAN1"},
    }


def test_vlans_that_a_pager_broke() -> None:
    """A head that is repeated on the next page is the same head."""
    again = SMALL_VLANS.replace(" 1    ON ", f"{SMALL_HEAD}\n 1    ON ")
    assert vlans(again) == vlans(SMALL_VLANS)


def test_system_vids() -> None:
    assert system_vids(" The system VLAN ID is in range: 200 ~ 263") == (200, 263)


def test_dhcp_options() -> None:
    assert options(OPTIONS) == [
        {"id": "alllan/66", "where": "alllan", "index": 1, "enabled": True, "type": "ascii",
         "data": "tftp.example.net"},
        {"id": "lan1/42", "where": "lan1", "index": 2, "enabled": False, "type": "ip", "data": "192.168.1.1"},
        {"id": "lan3/160", "where": "lan3", "index": 12, "enabled": True, "type": "ascii",
         "data": "https://provisioning.example.com/a b"},
        {"id": "routedsubnet/43", "where": "routedsubnet", "index": 3, "enabled": True, "type": "hex", "data": "0104"},
    ]
    assert options("% state   idx interface          opt type     data") == []


Read = Callable[[str], Any]
IN_LANS = "in the answer 'The LAN settings:'"
IN_DNS = "in the answer '%%      Domain name server settings:'"
IN_VLANS = "in the answer 'VLAN is Disable :'"
IN_TALK = "in the answer '% msubnet talk <1/../100> <1/../100> <On/Off>'"
IN_OPTIONS = "in the answer '% state   idx interface          opt type     data'"
STRANGE: dict[str, tuple[Read, str, str, str, str]] = {
    "a LAN that is left out": (
        lans, LANS, "[X]LAN2  192.168.2.1     255.255.255.0   V    192.168.2.10    100  192.168.2.1\n", "",
        f"show lan: no unbroken list of LANs {IN_LANS}",
    ),
    "a LAN that is there twice": (lans, LANS, "LAN3", "LAN2", f"show lan: LAN2 twice {IN_LANS}"),
    "a LAN that there is not": (
        lans, LANS, "LAN3", "LAN9", f"show lan: 'LAN' is '9', no number from 1 to 8, {IN_LANS}",
    ),
    "an address that is none": (
        lans, LANS, "192.168.2.1     ", "192.168.2.300   ",
        f"show lan: 'LAN2' is '192.168.2.300', no IPv4 address, {IN_LANS}",
    ),
    "a pool that is too large": (
        lans, LANS, "   V    192.168.1.10    200", "   V    192.168.1.10    4096",
        f"show lan: 'Pool' is '4096', no number from 0 to 4095, {IN_LANS}",
    ),
    "a line that is cut": (
        lans, LANS, "100  192.168.3.1", "100", f"show lan: a line of a LAN that is not understood {IN_LANS}",
    ),
    "no LANs": (lans, LANS, "[", "(", f"show lan: no unbroken list of LANs {IN_LANS}"),
    "one name server": (
        servers, DNS, "%  LAN1  Secondary DNS: [Not set]\n", "",
        f"show dns: a LAN without a line for each of two name servers {IN_DNS}",
    ),
    "a name server that is none": (
        servers, DNS, "192.0.2.54", "none", f"show dns: 'LAN2 DNS' is 'none', no IPv4 address, {IN_DNS}",
    ),
    "a lease of two LANs": (
        leases, LEASES, "LAN3", "LAN2",
        "msubnet leasetime ?: a LAN twice in the answer "
        "'% msubnet leasetime <1/2/3/4/5/6/7/8/dmz> <Lease Time (sec.)>'",
    ),
    "a lease that is too long": (
        leases, LEASES, "LAN3 259200", "LAN3 259201",
        "msubnet leasetime ?: 'LAN3' is '259201', no number from 1 to 259200, in the answer "
        "'% msubnet leasetime <1/2/3/4/5/6/7/8/dmz> <Lease Time (sec.)>'",
    ),
    "no table of LANs": (
        talk, TALK, "%              LAN1", "% Table", f"msubnet talk ?: no head of the table of LANs {IN_TALK}",
    ),
    "a row of a LAN that is left out": (
        talk, TALK, "% LAN2          V      V\n", "", f"msubnet talk ?: no row of every LAN {IN_TALK}",
    ),
    "a mark between two LANs": (
        talk, TALK, "% LAN2          V      V", "% LAN2              V  V",
        f"msubnet talk ?: '% LAN2              V  V' has something that stands under no LAN {IN_TALK}",
    ),
    "neither on nor off": (
        vlans, SMALL_VLANS, "Disable", "Auto",
        "vlan status: no state and no head of the table of VLANs in the answer 'VLAN is Auto :'",
    ),
    "two heads": (
        vlans, SMALL_VLANS, " 1    ON ", f"{SMALL_HEAD.replace('p5 ', '')}\n 1    ON ",
        f"vlan status: no state and no head of the table of VLANs {IN_VLANS}",
    ),
    "a row that is there twice": (
        vlans, SMALL_VLANS, " 1    ON ", " 0    ON ", f"vlan status: row 0 twice {IN_VLANS}",
    ),
    "a row that there is not": (
        vlans, SMALL_VLANS, " 1    ON ", "16    ON ",
        f"vlan status: 'VLAN' is '16', no number from 0 to 15, {IN_VLANS}",
    ),
    "a row that is left out": (
        vlans, SMALL_VLANS, " 1    ON ", " 2    ON ", f"vlan status: no unbroken list of VLAN rows {IN_VLANS}",
    ),
    "an id that there is not": (
        vlans, SMALL_VLANS, "ON    20", "ON  4096",
        f"vlan status: 'VID' is '4096', no number from 0 to 4095, {IN_VLANS}",
    ),
    "a priority that there is not": (
        vlans, SMALL_VLANS, "20   3", "20   8", f"vlan status: 'Pri' is '8', no number from 0 to 7, {IN_VLANS}",
    ),
    "a mark between two ports": (
        vlans, SMALL_VLANS, "V  V        V", "V    V      V",
        "vlan status: '1    ON    20   3     V    V      V           V              V       1:LAN1' has something "
        f"that stands under no port {IN_VLANS}",
    ),
    "another sign under a port": (
        vlans, SMALL_VLANS, "V  V        V", "V  U        V",
        "vlan status: '1    ON    20   3     V  U        V           V              V       1:LAN1' has something "
        f"that stands under no port {IN_VLANS}",
    ),
    "nothing on untagged devices": (
        vlans, SMALL_VLANS, "Permit", "Let", f"vlan status: no line about untagged devices in P1 {IN_VLANS}",
    ),
    "no table of options": (
        options, OPTIONS, "% state ", "% mode ",
        "srv dhcp option -l: no head of the table of options in the answer "
        "'% mode   idx interface          opt type     data'",
    ),
    "a line that is no option": (
        options, OPTIONS, "% enable  3 ", "% pending 3 ",
        f"srv dhcp option -l: '% pending 3   routed subnet      43  HEX      0104', no option, {IN_OPTIONS}",
    ),
    "an option that there is not": (
        options, OPTIONS, "43  HEX", "256 HEX",
        f"srv dhcp option -l: 'opt' is '256', no number from 0 to 255, {IN_OPTIONS}",
    ),
    "no range of ids": (
        system_vids, "range: 200 ~ 263", "~", "to",
        "vlan sysvid show: no range of VLAN ids in the answer 'range: 200 to 263'",
    ),
}


@pytest.mark.parametrize(("read", "text", "old", "new", "said"), STRANGE.values(), ids=STRANGE)
def test_strange_answers(read: Read, text: str, old: str, new: str, said: str) -> None:
    assert old in text
    with pytest.raises(Misunderstood) as error:
        read(text.replace(old, new))
    assert str(error.value) == said
