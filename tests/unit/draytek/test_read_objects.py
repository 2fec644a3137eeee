"""IP objects, service objects, their groups and schedules, as the Vigor2927 and Vigor3912 User's Guides print them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row
from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.reader import objects
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.words import Answer

OBJECT = """ IP Object Profile 1
 Name   :[marketing]
 Interface:[Any]
 Address type:[single]
 Start ip address:[192.168.1.45]
 End/Mask ip address:[0.0.0.0]
 MAC Address:[00:00:00:00:00:00]
 Invert Selection:[0]"""
GROUP = """ IP Group Profile 2
 Name   :[First]
 Interface:[Any]
 Included ip object index:
 [0:][7]
 [1:][3]
 [2:][0]
 [3:][0]"""
SERVICE = """ Service Object Profile 1
 Name   :[limit]
 Protocol:[TCP/UDP]
 Source port check action:[!=]
 Source port range:[120~240]
 Destination port check action:[!=]
 Destination port range:[200~220]"""
SERVICE_GROUP = """ Service Group Profile 1
 Name   :[Grope_1]
 Included service object index:
 [0:][1]
 [1:][2]
 [2:][0]"""
SCHEDULE = """Index No.1

--------------------------------------------------
[v] Enable Schedule Setup
        Comment [ Working ]
        Start Date (yyyy-mm-dd)  [ 2023 ]-[ 11 ]-[ 23 ]
        Start Time (hh:mm)       [  8 ]:[  1 ]
        Duration Time (hh:mm)    [  2 ]:[ 30 ]
        Action                   [ Force On ]
        Idle Timeout             [   0 ] minute(s).(max. 255, 0 for default)

--------------------------------------------------------------------
        How Often
         [v] Weekdays
             [ ]Sun  [v]Mon  [ ]Tue  [v]Wed  [ ]Thu  [ ]Fri  [ ]Sat"""


def ip_object(text: str, index: int = 1) -> Row:
    return objects.ip_object(Answer(f"object ip obj {index} -v", text), index)


def group(text: str, index: int = 2) -> Row:
    return objects.group(Answer(f"object ip grp {index} -v", text), index, objects.GROUP, objects.OBJECT, 192)


def service(text: str, index: int = 1) -> Row:
    return objects.service_object(Answer(f"object service obj {index} -v", text), index)


def service_group(text: str, index: int = 1) -> Row:
    answer = Answer(f"object service grp {index} -v", text)
    return objects.group(answer, index, objects.SERVICE_GROUP, objects.SERVICE, 96)


def schedule(text: str, index: int = 1) -> Row:
    return objects.schedule(Answer(f"object schedule view {index}", text), index)


def test_an_object() -> None:
    assert ip_object(OBJECT) == {
        "id": "object 1",
        "name": "marketing",
        "interface": "any",
        "type": "single",
        "start": "192.168.1.45",
        "end": "0.0.0.0",
        "invert": 0,
    }


@pytest.mark.parametrize(
    ("shown", "kind"),
    [("mask", "mask"), ("Subnet Address", "mask"), ("Single", "single"), ("any", "any"), ("range", "range"),
     ("Range Address", "range"), ("mac", "mac")],
)
def test_address_types(shown: str, kind: str) -> None:
    assert ip_object(OBJECT.replace("[single]", f"[{shown}]"))["type"] == kind


@pytest.mark.parametrize(
    ("shown", "side"),
    [("Any", "any"), ("LAN/DMZ/RT/VPN", "lan"), ("Lan", "lan"), ("LAN/RT/VPN", "lan"), ("WAN", "wan")],
)
def test_interfaces(shown: str, side: str) -> None:
    assert ip_object(OBJECT.replace("Interface:[Any]", f"Interface:[{shown}]"))["interface"] == side


def test_a_name_of_any_kind() -> None:
    for name in ("", "a b", "x:y", "Grope_1", "VOIPH-ZMAHCADM"):
        assert ip_object(OBJECT.replace("[marketing]", f"[{name}]"))["name"] == name


CARD = (
    OBJECT.replace("[single]", "[mac]").replace("192.168.1.45", "0.0.0.0")
    .replace("00:00:00:00:00:00", "00:50:7F:12:34:56")
)


def test_an_object_for_a_network_card() -> None:
    """Its address is not lost, and what is said of it is no place that nobody uses."""
    row = ip_object(CARD)
    assert (row["type"], row["start"], row["end"]) == ("mac", "00:50:7F:12:34:56", "0.0.0.0")
    unused = ip_object(CARD.replace("00:50:7F:12:34:56", "00:00:00:00:00:00"))
    assert (unused["type"], unused["start"]) == ("mac", "0.0.0.0")


def test_a_group() -> None:
    """Members in the order of their numbers, whatever slots they are in; and how many it has room for."""
    assert group(GROUP) == {
        "id": "group 2",
        "name": "First",
        "interface": "any",
        "member": ("object 3", "object 7"),
        "room": 4,
    }


def test_a_group_of_a_hundred_slots() -> None:
    slots = "\n".join(f" [{slot}:][{slot + 1 if slot < 40 else 0}]" for slot in range(100))
    row = group(f" IP Group Profile 2\n Name   :[]\n Interface:[Any]\n Included ip object index:\n{slots}\n\nSet ok!")
    assert row["room"] == 100
    assert row["member"] == tuple(f"object {number}" for number in range(1, 41))


def test_a_service_of_a_vigor3912() -> None:
    assert service(SERVICE) == {
        "id": "service 1",
        "name": "limit",
        "protocol": 255,
        "source": (1, 120, 240),
        "destination": (1, 200, 220),
    }


@pytest.mark.parametrize(
    ("shown", "number"),
    [("255", 255), ("Any", 0), ("any", 0), ("ICMP", 1), ("IGMP", 2), ("TCP", 6), ("UDP", 17), ("ICMPv6", 58),
     ("tcp/udp", 255), ("47", 47), ("Other(50)", 50), ("other 51", 51)],
)
def test_protocols(shown: str, number: int) -> None:
    """A Vigor2927 shows the number, a Vigor3912 the word."""
    assert service(SERVICE.replace("[TCP/UDP]", f"[{shown}]"))["protocol"] == number


@pytest.mark.parametrize(("shown", "check"), [("=", 0), ("==", 0), ("!=", 1), (">", 2), ("<", 3)])
def test_checks_of_ports(shown: str, check: int) -> None:
    text = SERVICE.replace("Source port check action:[!=]", f"Source port check action:[{shown}]")
    assert service(text)["source"] == (check, 120, 240)


def test_a_group_of_services() -> None:
    assert service_group(SERVICE_GROUP) == {
        "id": "service group 1",
        "name": "Grope_1",
        "interface": "any",
        "member": ("service 1", "service 2"),
        "room": 3,
    }


def test_a_schedule() -> None:
    assert schedule(SCHEDULE) == {
        "id": "schedule 1",
        "enabled": True,
        "comment": "Working",
        "start": "2023-11-23 08:01",
        "minutes": 150,
    }
    never = SCHEDULE.replace("[v] Enable", "[ ] Enable").replace("[ Working ]", "[  ]")
    assert (schedule(never)["enabled"], schedule(never)["comment"]) == (False, "")


Read = Callable[[str], Row]
STRANGE: dict[str, tuple[Read, str, str, str, str]] = {
    # reader, what it reads, what is replaced, by what, what is said
    "another object": (
        ip_object, OBJECT, "Profile 1", "Profile 2",
        "object ip obj 1 -v: no line 'IP Object Profile 1' in the answer 'IP Object Profile 2'",
    ),
    "a type that is not known": (
        ip_object, OBJECT, "[single]", "[country]",
        "object ip obj 1 -v: 'Address type' is 'country', none of mask, subnet, subnet address, mask address, single, "
        "single address, any, any address, range, range address, mac, mac address, in the answer 'IP Object Profile 1'",
    ),
    "an interface that is not known": (
        ip_object, OBJECT, "Interface:[Any]", "Interface:[LAN9]",
        "object ip obj 1 -v: 'Interface' is 'LAN9', none of any, lan, lan/dmz/rt/vpn, lan/rt/vpn, wan, "
        "in the answer 'IP Object Profile 1'",
    ),
    "no start": (
        ip_object, OBJECT, "192.168.1.45", "2001:db8::1",
        "object ip obj 1 -v: 'Start ip address' is '2001:db8::1', no IPv4 address, "
        "in the answer 'IP Object Profile 1'",
    ),
    "no end": (
        ip_object, OBJECT, "End/Mask ip address:[0.0.0.0]", "",
        "object ip obj 1 -v: no line 'End/Mask ip address' in the answer 'IP Object Profile 1'",
    ),
    "neither inverted nor not": (
        ip_object, OBJECT, "Selection:[0]", "Selection:[2]",
        "object ip obj 1 -v: 'Invert Selection' is '2', no number from 0 to 1, in the answer 'IP Object Profile 1'",
    ),
    "two names": (
        ip_object, OBJECT, " Interface", " Name :[x]\n Interface",
        "object ip obj 1 -v: more than one line 'Name' in the answer 'IP Object Profile 1'",
    ),
    "no name": (
        ip_object, OBJECT, "Name", "Title",
        "object ip obj 1 -v: no line 'Name' in the answer 'IP Object Profile 1'",
    ),
    "another group": (
        group, GROUP, "Profile 2", "Profile 22",
        "object ip grp 2 -v: no line 'IP Group Profile 2' in the answer 'IP Group Profile 22'",
    ),
    "a member that there is not": (
        group, GROUP, "[1:][3]", "[1:][193]",
        "object ip grp 2 -v: '[1:]' is '193', no number from 0 to 192, in the answer 'IP Group Profile 2'",
    ),
    "another service": (
        service, SERVICE, "Service Object", "Service Group",
        "object service obj 1 -v: no line 'Service Object Profile 1' in the answer 'Service Group Profile 1'",
    ),
    "a protocol that is not known": (
        service, SERVICE, "[TCP/UDP]", "[SCTP]",
        "object service obj 1 -v: 'Protocol' is 'SCTP', none of any, icmp, igmp, tcp, udp, icmpv6, tcp/udp, "
        "in the answer 'Service Object Profile 1'",
    ),
    "a protocol that there is not": (
        service, SERVICE, "[TCP/UDP]", "[256]",
        "object service obj 1 -v: 'Protocol' is '256', none of any, icmp, igmp, tcp, udp, icmpv6, tcp/udp, "
        "in the answer 'Service Object Profile 1'",
    ),
    "no range of ports": (
        service, SERVICE, "[120~240]", "[120-240]",
        "object service obj 1 -v: 'Source port range' is '120-240', no range of ports, "
        "in the answer 'Service Object Profile 1'",
    ),
    "ports that there are not": (
        service, SERVICE, "[200~220]", "[200~65536]",
        "object service obj 1 -v: 'Destination port range' is '200~65536', no range of ports, "
        "in the answer 'Service Object Profile 1'",
    ),
    "a check that is not known": (
        service, SERVICE, "Destination port check action:[!=]", "Destination port check action:[<>]",
        "object service obj 1 -v: 'Destination port check action' is '<>', none of =, ==, !=, >, <, "
        "in the answer 'Service Object Profile 1'",
    ),
    "another schedule": (
        schedule, SCHEDULE, "No.1", "No.2",
        "object schedule view 1: no line 'Index No.1' in the answer 'Index No.2'",
    ),
    "a schedule without a switch": (
        schedule, SCHEDULE, "[v] Enable Schedule Setup", "",
        "object schedule view 1: no enabled of the schedule in the answer 'Index No.1'",
    ),
    "a schedule without a date": (
        schedule, SCHEDULE, "[ 2023 ]-[ 11 ]-[ 23 ]", "[ never ]",
        "object schedule view 1: no date of the schedule in the answer 'Index No.1'",
    ),
    "a schedule with two durations": (
        schedule, SCHEDULE, "        Action", "        Duration Time (hh:mm)    [  2 ]:[ 30 ]\n        Action",
        "object schedule view 1: no duration of the schedule in the answer 'Index No.1'",
    ),
}


@pytest.mark.parametrize(("read", "text", "old", "new", "said"), STRANGE.values(), ids=STRANGE)
def test_strange_answers(read: Read, text: str, old: str, new: str, said: str) -> None:
    assert old in text
    with pytest.raises(Misunderstood) as error:
        read(text.replace(old, new))
    assert str(error.value) == said


def test_a_group_without_slots() -> None:
    with pytest.raises(Misunderstood) as error:
        group(GROUP.partition(" [0:]")[0])
    assert str(error.value) == "object ip grp 2 -v: no line '[0:][0]' in the answer 'IP Group Profile 2'"


# Which places nobody uses

FREE: dict[str, tuple[Callable[[Row], bool], Row, bool]] = {
    "an object as it left the factory": (
        objects.is_free_ip_object, ip_object(OBJECT.replace("marketing", "").replace("192.168.1.45", "0.0.0.0")), True
    ),
    "an object with a name": (
        objects.is_free_ip_object, ip_object(OBJECT.replace("192.168.1.45", "0.0.0.0")), False
    ),
    "an object with an address": (objects.is_free_ip_object, ip_object(OBJECT.replace("marketing", "")), False),
    "an object without a name for a network card": (
        objects.is_free_ip_object, ip_object(CARD.replace("marketing", "")), False
    ),
    "an object that we gave back": (
        objects.is_free_ip_object,
        ip_object(OBJECT.replace("marketing", objects.FREE_MARK).replace("192.168.1.45", "0.0.0.0")),
        True,
    ),
    "an object that we began to take": (
        objects.is_free_ip_object, ip_object(OBJECT.replace("marketing", objects.FREE_MARK)), False
    ),
    "a group as it left the factory": (
        objects.is_free_group, group(GROUP.replace("First", "").replace("[7]", "[0]").replace("[3]", "[0]")), True
    ),
    "a group with a name": (
        objects.is_free_group, group(GROUP.replace("[7]", "[0]").replace("[3]", "[0]")), False
    ),
    "a group with a member": (objects.is_free_group, group(GROUP.replace("First", "")), False),
    "a group that we gave back": (objects.is_free_group, group(GROUP.replace("First", objects.FREE_MARK)), True),
    "a service with ports": (objects.is_free_service, service(SERVICE.replace("limit", "")), False),
    "a service that we gave back": (
        objects.is_free_service, service(SERVICE.replace("limit", objects.FREE_MARK)), True
    ),
}


@pytest.mark.parametrize(("is_free", "row", "free"), FREE.values(), ids=FREE)
def test_places_that_nobody_uses(is_free: Callable[[Row], bool], row: dict[str, Any], free: bool) -> None:
    assert is_free(row) is free


@pytest.mark.parametrize(
    ("ports", "free"), [("1~65535", True), ("0~0", True), ("0~65535", True), ("1~1024", False), ("5060~5060", False)]
)
def test_services_without_a_name(ports: str, free: bool) -> None:
    """What ports a service has that nobody used is not documented: all of them, or none."""
    text = SERVICE.replace("limit", "").replace("200~220", ports).replace("!=", "=")
    assert objects.is_free_service(service(text)) is free
