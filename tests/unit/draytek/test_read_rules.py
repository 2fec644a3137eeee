"""The filter as units show it: general set-up, sets, rules of both classes, and what the text of a side stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row
from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.reader import rules
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.reader.rules import (
    ANY,
    EVERYWHERE,
    Names,
    over_all,
    side,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.words import Answer

# `ipf set -v`, Vigor3912 Series User's Guide 1.01.
GENERAL = """
Call Filter: Enable (Start Filter Set = 3)
Data Filter: Enable (Start Filter Set = 2)
Log Flag   : Disable

Actions for packet not matching any rule:
  Pass or Block     : Pass
  CodePage          : ANSI(1252)-Latin I
  Max Sessions Limit: 150000
  Current Sessions  : 7
  Mac Bind IP       : Non-Strict
  QOS Class         : None
  Packet Capture    : Disable
  APP Enforcement   : None
  URL Content Filter: None
  WEB Content Filter: None
  DNS Filter        : None
  Load-Balance policy : Auto-select

------------------------------------------------------------------
  CodePage                   : ANSI(1252)-Latin I
  Window size                : 65535
  Session timeout            : 60
  DrayTek Banner             : Enable

------------------------------------------------------------------
  Accept large incoming fragmented UDP or ICMP packets: Enable
  Transparent Mode                                    : Disable

------------------------------------------------------------------
  Block routing packet from WAN:
    [v] IPv4
    [v] IPv6

------------------------------------------------------------------
  [v] Enable Strict Security Firewall"""
CALL = "Call Filter: Enable (Start Filter Set = 3)\n"

# `ipf rule 2 1 -v`, Vigor2927 Series User's Guide 2.2.
SMALL = """Filter Set 2 Rule 1:

Status  : Disable
Comments: <null>
Index(1-15) in Schedule Setup: <null>, <null>, <null>, <null>

Clear sessions when schedule is ON: Disable

Direction     : LAN/DMZ/RT/VPN -> WAN
Src Interface : LAN1, LAN2, LAN3, LAN4, LAN5, LAN6, LAN7, LAN8, DMZ, Routed, VPN
Dst Interface : WAN1, WAN2, WAN3, WAN4, WAN5, WAN6, WAN7, WAN8, WAN9
Source IP      : Any
Destination IP : Any
Service Type   : Any
Fragments      : Don't Care

Pass or Block              : Pass Immediately
Branch to Other Filter Set : None
Max Sessions Limit         : 60000
Current Sessions           : 0
Mac Bind IP                : Non-Strict
Qos Class                  : None
Packet Capture             : Disable
APP Enforcement            : None
URL Content Filter         : None
WEB Content Filter         : None
DNS Filter                 : None
Load-Balance policy        : Auto-select
Log                        : Disable
----------------------------------------------------------------------
CodePage                   : ANSI(1252)-Latin I
Window size                : 65535
Session timeout            : 60
DrayTek Banner             : Enable

----------------------------------------------------------------------
  Strict Security Checking
    [ ]APP Enforcement"""

# `ipf rule 3 1 -v`, Vigor3912 Series User's Guide 1.01; lists of interfaces are broken into lines.
LARGE = """Filter Set 3 Rule 1:

Status  : Enable
Comments: testtest
Index(1-15) in Schedule Setup: <null>, <null>, <null>, <null>

Clear sessions when schedule is ON: Disable

Direction     : LAN/RT/VPN -> WAN
Src Interface : LAN1, LAN2, LAN3, LAN4, LAN5, LAN6, LAN7, LAN8, LAN9,
LAN10, LAN11, LAN12, LAN13, LAN14, LAN15, LAN16, LAN17, LAN18, LAN19,
LAN20, LAN21, LAN22, LAN23, LAN24, LAN25, LAN26, LAN27, LAN28, LAN29,
LAN100, Routed, VPN,

Dst Interface : WAN1, WAN2, WAN3, WAN4, WAN5, WAN6, WAN7, WAN8, WAN9,
WAN50, WAN51, WAN52
Source IP      : 192.168.1.20
Destination IP : Any
service Type   : Any
Fragments      : Don't Care

Pass or Block              : Pass Immediately
Branch to Other Filter Set : None
Max Sessions Limit         : 300000
Current Sessions           : 0
Mac Bind IP                 : Non-Strict
Qos Class                   : None
Packet Capture             : Disable
APP Enforcement            : None
URL Content Filter         : None
WEB Content Filter         : None
DNS Filter                  : None
Load-Balance policy        : Auto-select
Log                         : Enable
------------------------------------------------------------------
CodePage                    : ANSI(1252)-Latin I
Window size                 : 65535
Session timeout             : 60
DrayTek Banner              : Enable

-----------------------------------------------------------------
  Strict Security Checking
    [ ]APP Enforcement"""
SET = "Filter Set 2:\n\nComments        : Default Data Filter\nNext Filter Set : Set#5"


def general(text: str) -> Row:
    return rules.general(Answer("ipf set -v", text))


def filter_set(text: str, index: int = 2) -> Row:
    return rules.filter_set(Answer(f"ipf set {index} -v", text), index, 12)


def small(text: str) -> Row:
    return rules.rule(Answer("ipf rule 2 1 -v", text), 2, 1, 12)


def large(text: str) -> Row:
    return rules.rule(Answer("ipf rule 3 1 -v", text), 3, 1, 50)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (GENERAL, {"data": "2", "call": "3", "default": "pass"}),
        (GENERAL.replace(CALL, ""), {"data": "2", "call": "", "default": "pass"}),  # a Vigor2927 shows no call filter
        (
            GENERAL.replace("Data Filter: Enable (Start Filter Set = 2)", "Data Filter: Disable").replace(
                ": Pass\n", ": Block\n"
            ),
            {"data": "", "call": "3", "default": "block"},
        ),
        (
            GENERAL.replace("Data Filter: Enable (", "Data Filter: Disable ("),
            {"data": "", "call": "3", "default": "pass"},
        ),
    ],
)
def test_general_set_up(text: str, row: Row) -> None:
    assert general(text) == row


@pytest.mark.parametrize(
    ("comment", "following", "row"),
    [
        ("Default Data Filter", "Set#5", ("Default Data Filter", "5")),
        ("<null>", "None", ("", "")),
        ("VOIPH-1", "Set #11", ("VOIPH-1", "11")),
        ("a: b", "3", ("a: b", "3")),
        ("", "0", ("", "")),
    ],
)
def test_a_set(comment: str, following: str, row: tuple[str, str]) -> None:
    found = filter_set(SET.replace("Default Data Filter", comment).replace("Set#5", following))
    assert found == {"id": "2", "comment": row[0], "next": row[1]}


LANS = ("LAN1", "LAN2", "LAN3", "LAN4", "LAN5", "LAN6", "LAN7", "LAN8", "DMZ", "Routed", "VPN")
WANS = tuple(f"WAN{number}" for number in range(1, 10))


def test_a_rule_that_nobody_used() -> None:
    assert small(SMALL) == {
        "id": "2.1",
        "set": "2",
        "comment": "",
        "enabled": False,
        "direction": 0,
        "incoming": LANS,
        "outgoing": WANS,
        "source": "Any",
        "destination": "Any",
        "service": "Any",
        "fragments": 0,
        "action": "pass",
        "branch": "",
        "schedules": (0, 0, 0, 0),
        "qos": 0,
        "log": False,
    }


def test_a_rule_of_a_vigor3912() -> None:
    row = large(LARGE)
    assert row["incoming"] == (*(f"LAN{number}" for number in range(1, 30)), "LAN100", "Routed", "VPN")
    assert row["outgoing"] == (*WANS, "WAN50", "WAN51", "WAN52")
    shown = {name: row[name] for name in ("id", "set", "comment", "enabled", "source", "destination", "log")}
    assert shown == {
        "id": "3.1",
        "set": "3",
        "comment": "testtest",
        "enabled": True,
        "source": "192.168.1.20",
        "destination": "Any",
        "log": True,
    }


def test_lists_that_a_terminal_broke() -> None:
    """In the middle of words too, at its eightieth column."""
    long = SMALL
    for kind, first in (("LAN", "Src Interface : LAN1, "), ("WAN", "Dst Interface : WAN1, ")):
        line = next(one for one in SMALL.split("\n") if one.startswith(first))
        many = ", ".join([line, *(f"{kind}{number}" for number in range(20, 60))])
        long = long.replace(line, "\n".join(many[at : at + 80] for at in range(0, len(many), 80)))
    row = small(long)
    assert row["incoming"] == (*LANS, *(f"LAN{number}" for number in range(20, 60)))
    assert row["outgoing"] == (*WANS, *(f"WAN{number}" for number in range(20, 60)))


Case = tuple[str, str, str, Any]
FIELDS: dict[str, Case] = {
    # what is replaced, by what, the field, its value
    "a comment with a colon": ("Comments: <null>", "Comments: a: b, c", "comment", "a: b, c"),
    "schedules": ("<null>, <null>, <null>, <null>", "1, <null>, 15, <null>", "schedules", (1, 0, 15, 0)),
    "from the WAN": ("LAN/DMZ/RT/VPN -> WAN", "WAN -> LAN/DMZ/RT/VPN", "direction", 1),
    "between LANs": ("LAN/DMZ/RT/VPN -> WAN", "LAN/DMZ/RT/VPN -> LAN/DMZ/RT/VPN", "direction", 2),
    "to the unit itself": ("LAN/DMZ/RT/VPN -> WAN", "WAN -> Localhost", "direction", 3),
    "without blanks": ("LAN/DMZ/RT/VPN -> WAN", "LAN/RT/VPN->WAN", "direction", 0),
    "blocks": ("Pass Immediately", "Block Immediately", "action", "block"),
    "passes at last": ("Pass Immediately", "Pass if no further match", "action", "pass-pending"),
    "blocks at last": ("Pass Immediately", "Block if no further match", "action", "block-pending"),
    "unfragmented": ("Don't Care", "Unfragmented", "fragments", 1),
    "fragmented": ("Don't Care", "Fragmented", "fragments", 2),
    "too short": ("Don't Care", "Too Short", "fragments", 3),
    "a branch": ("Other Filter Set : None", "Other Filter Set : Set#12", "branch", "12"),
    "a class": ("Qos Class                  : None", "Qos Class : Class 2", "qos", 2),
    "another class": ("Qos Class                  : None", "Qos Class : Other", "qos", 4),
    "a class with a name": ("Qos Class                  : None", "Qos Class : VoIP", "qos", "? VoIP"),
    "any interface": ("Dst Interface : WAN1, WAN2, WAN3, WAN4, WAN5, WAN6, WAN7, WAN8, WAN9",
                      "Dst Interface : Any", "outgoing", EVERYWHERE),
    "no interface": ("Dst Interface : WAN1, WAN2, WAN3, WAN4, WAN5, WAN6, WAN7, WAN8, WAN9",
                     "Dst Interface : ", "outgoing", ()),
    "the unit itself": ("Dst Interface : WAN1, WAN2, WAN3, WAN4, WAN5, WAN6, WAN7, WAN8, WAN9",
                        "Dst Interface : Localhost", "outgoing", ("Localhost",)),
    "a side with many blanks": ("Source IP      : Any", "Source IP : IP Object  3,   IP Object 5", "source",
                                "IP Object 3, IP Object 5"),
}


@pytest.mark.parametrize(("old", "new", "field", "value"), FIELDS.values(), ids=FIELDS)
def test_fields(old: str, new: str, field: str, value: Any) -> None:
    assert old in SMALL
    found, usual = small(SMALL.replace(old, new)), small(SMALL)
    assert found[field] == value
    assert {name for name in found if found[name] != usual[name]} <= {field}


Read = Callable[[str], Row]
HEAD = "in the answer 'Filter Set 2 Rule 1:'"
FIRST = "in the answer 'Call Filter: Enable (Start Filter Set = 3)'"
STRANGE: dict[str, tuple[Read, str, str, str, str]] = {
    "no data filter": (
        general, GENERAL, "Data Filter", "Date Filter", f"ipf set -v: no line 'Data Filter' {FIRST}",
    ),
    "a filter that is neither on nor off": (
        general, GENERAL, "Data Filter: Enable", "Data Filter: Auto",
        "ipf set -v: a filter is 'Auto (Start Filter Set = 2)', neither enabled with a start set nor disabled, "
        f"{FIRST}",
    ),
    "a filter without a start": (
        general, GENERAL, " (Start Filter Set = 2)", "",
        f"ipf set -v: a filter is 'Enable', without a start set, {FIRST}",
    ),
    "a filter that starts nowhere": (
        general, GENERAL, "Set = 2", "Set = 0",
        f"ipf set -v: a filter is 'Enable (Start Filter Set = 0)', without a start set, {FIRST}",
    ),
    "a default that is neither": (
        general, GENERAL, ": Pass\n", ": Ask\n",
        f"ipf set -v: 'Pass or Block' is 'Ask', none of pass, block, {FIRST}",
    ),
    "no comment of a set": (
        filter_set, SET, "Comments", "Notes", "ipf set 2 -v: no line 'Comment' in the answer 'Filter Set 2:'",
    ),
    "no next set": (
        filter_set, SET, "Next", "Other", "ipf set 2 -v: no line 'Next Filter Set' in the answer 'Filter Set 2:'",
    ),
    "a next set that there is not": (
        filter_set, SET, "Set#5", "Set#13",
        "ipf set 2 -v: 'Next Filter Set' is 'Set#13', no filter set, in the answer 'Filter Set 2:'",
    ),
    "a next set that is no set": (
        filter_set, SET, "Set#5", "office",
        "ipf set 2 -v: 'Next Filter Set' is 'office', no filter set, in the answer 'Filter Set 2:'",
    ),
    "another rule": (
        small, SMALL, "Set 2 Rule 1", "Set 2 Rule 2",
        "ipf rule 2 1 -v: no line 'Filter Set 2 Rule 1:' in the answer 'Filter Set 2 Rule 2:'",
    ),
    "no status": (small, SMALL, "Status", "State", f"ipf rule 2 1 -v: no line 'Status' {HEAD}"),
    "neither on nor off": (
        small, SMALL, "Status  : Disable", "Status  : Scheduled",
        f"ipf rule 2 1 -v: 'Status' is 'Scheduled', neither enabled nor disabled, {HEAD}",
    ),
    "a direction that is not known": (
        small, SMALL, "LAN/DMZ/RT/VPN -> WAN", "WAN -> WAN",
        f"ipf rule 2 1 -v: 'Direction' is 'WAN -> WAN', which is not known, {HEAD}",
    ),
    "something that is no interface": (
        small, SMALL, "LAN8, DMZ", "LAN8, Tunnel",
        f"ipf rule 2 1 -v: 'Src Interface' names 'Tunnel', no interface, {HEAD}",
    ),
    "fragments that are not known": (
        small, SMALL, "Don't Care", "Some",
        f"ipf rule 2 1 -v: 'Fragments' is 'Some', none of don't care, unfragmented, fragmented, too short, {HEAD}",
    ),
    "an action that is not known": (
        small, SMALL, "Pass Immediately", "Redirect",
        "ipf rule 2 1 -v: 'Pass or Block' is 'Redirect', none of pass immediately, block immediately, "
        f"pass if no further match, block if no further match, {HEAD}",
    ),
    "a branch that there is not": (
        small, SMALL, "Other Filter Set : None", "Other Filter Set : Set#13",
        f"ipf rule 2 1 -v: 'Branch to Other Filter Set' is 'Set#13', no filter set, {HEAD}",
    ),
    "three schedules": (
        small, SMALL, "<null>, <null>, <null>, <null>", "<null>, <null>, <null>",
        f"ipf rule 2 1 -v: 'Schedule Setup' is '<null>, <null>, <null>', not four schedules, {HEAD}",
    ),
    "a schedule that there is not": (
        small, SMALL, "<null>, <null>, <null>, <null>", "16, <null>, <null>, <null>",
        f"ipf rule 2 1 -v: 'Schedule Setup' is '16', no number from 0 to 15, {HEAD}",
    ),
    "no log": (small, SMALL, "\nLog  ", "\nLogs ", f"ipf rule 2 1 -v: no line 'Log' {HEAD}"),
}


@pytest.mark.parametrize(("read", "text", "old", "new", "said"), STRANGE.values(), ids=STRANGE)
def test_strange_answers(read: Read, text: str, old: str, new: str, said: str) -> None:
    assert old in text
    with pytest.raises(Misunderstood) as error:
        read(text.replace(old, new))
    assert str(error.value) == said


@pytest.mark.parametrize("label", ["Comments", "Source IP", "Destination IP", "Service Type", "Direction"])
def test_a_rule_without_a_line(label: str) -> None:
    text = "\n".join(line for line in SMALL.split("\n") if not line.startswith(label))
    with pytest.raises(Misunderstood) as error:
        small(text)
    assert str(error.value) == f"ipf rule 2 1 -v: no line {label!r} {HEAD}"


# Lists of interfaces that name all of them


def listed(incoming: tuple[str, ...], outgoing: tuple[str, ...]) -> Row:
    return {"incoming": incoming, "outgoing": outgoing}


def test_lists_that_name_every_interface_say_so() -> None:
    """Which interfaces a model has is told by rules that nobody narrowed."""
    rows = [listed(LANS, WANS), listed(LANS[:2], WANS[:1]), listed(WANS, LANS), listed(("LAN1",), LANS)]
    over_all(rows)
    assert rows == [
        listed(EVERYWHERE, EVERYWHERE),
        listed(("LAN1", "LAN2"), ("WAN1",)),
        listed(EVERYWHERE, EVERYWHERE),
        listed(("LAN1",), EVERYWHERE),
    ]


def test_rules_that_guard_the_unit_itself_do_not_count() -> None:
    rows = [listed(LANS, WANS), listed(WANS, ("Localhost",)), listed(WANS[:1], ("Localhost",))]
    over_all(rows)
    assert rows == [
        listed(EVERYWHERE, EVERYWHERE),
        listed(EVERYWHERE, ("Localhost",)),
        listed(("WAN1",), ("Localhost",)),
    ]


def test_a_rule_without_interfaces_matches_nothing() -> None:
    rows = [listed(LANS, WANS), listed((), WANS)]
    over_all(rows)
    assert rows[1] == listed((), EVERYWHERE)


# What the text of a side stands for

HOSTS = Names(
    "object", "group",
    {"marketing": "object 1", "VOIPH-ZMAHCADM": "object 192", "both": "object 7", "3": "object 8"},
    {"branch": "group 1", "VOIPH-SIGNAL": "group 32", "both": "group 7"},
)
SERVICES = Names("service", "service group", {"SIP-old": "service 4"}, {"VOIPH-SIP": "service group 32"})

SIDES: dict[str, tuple[Names, tuple[str, ...]]] = {
    # text as a unit may show it; names of hosts or services, what it stands for
    "Any": (HOSTS, ANY),
    "any": (HOSTS, ANY),
    "Any Address": (HOSTS, ANY),
    "---": (HOSTS, ANY),
    "192.168.1.20": (HOSTS, ("192.168.1.20",)),
    "10.0.0.0 / 255.0.0.0": (HOSTS, ("10.0.0.0/255.0.0.0",)),
    "10.0.0.0/255.0.0.0": (HOSTS, ("10.0.0.0/255.0.0.0",)),
    "10.0.0.0/8": (HOSTS, ("10.0.0.0/255.0.0.0",)),
    "10.0.0.1 ~ 10.0.0.9": (HOSTS, ("10.0.0.1 - 10.0.0.9",)),
    "10.0.0.1-10.0.0.9": (HOSTS, ("10.0.0.1 - 10.0.0.9",)),
    "10.0.0.1 to 10.0.0.9": (HOSTS, ("10.0.0.1 - 10.0.0.9",)),
    "IP Object 3": (HOSTS, ("object 3",)),
    "IP Object 3, IP Object 5": (HOSTS, ("object 3", "object 5")),
    "IP Object#3": (HOSTS, ("object 3",)),
    "Object 3": (HOSTS, ("object 3",)),
    "obj 3,obj 5": (HOSTS, ("object 3", "object 5")),
    "IP Group 2": (HOSTS, ("group 2",)),
    "Group #2": (HOSTS, ("group 2",)),
    "grp 2, grp 3": (HOSTS, ("group 2", "group 3")),
    "IPv6 Object 3": (HOSTS, ("ipv6 object 3",)),
    "IPv6 Group 1": (HOSTS, ("ipv6 group 1",)),
    "marketing": (HOSTS, ("object 1",)),
    "[marketing]": (HOSTS, ("object 1",)),
    "1-marketing": (HOSTS, ("object 1",)),
    "1. marketing": (HOSTS, ("object 1",)),
    "192-VOIPH-ZMAHCADM": (HOSTS, ("object 192",)),
    "VOIPH-ZMAHCADM": (HOSTS, ("object 192",)),
    "branch": (HOSTS, ("group 1",)),
    "32-VOIPH-SIGNAL": (HOSTS, ("group 32",)),
    "branch, VOIPH-SIGNAL": (HOSTS, ("group 1", "group 32")),
    "Service Object 4": (SERVICES, ("service 4",)),
    "Service Type Object 4": (SERVICES, ("service 4",)),
    "Service Group 32": (SERVICES, ("service group 32",)),
    "SIP-old": (SERVICES, ("service 4",)),
    "32-VOIPH-SIP": (SERVICES, ("service group 32",)),
    # Not understood, and kept as it is
    "User Defined": (HOSTS, ("? User Defined",)),
    "stranger": (HOSTS, ("? stranger",)),
    "both": (HOSTS, ("? both",)),
    "2-marketing": (HOSTS, ("? 2-marketing",)),
    "marketing, branch": (HOSTS, ("? marketing, branch",)),
    "marketing, stranger": (HOSTS, ("? marketing, stranger",)),
    "IP Object 3, IP Group 2": (HOSTS, ("? IP Object 3, IP Group 2",)),
    "10.0.0.0/33": (HOSTS, ("? 10.0.0.0/33",)),
    "10.0.0.300": (HOSTS, ("? 10.0.0.300",)),
    "10.0.0.0/255.0.300.0": (HOSTS, ("? 10.0.0.0/255.0.300.0",)),
    "IP Object": (HOSTS, ("? IP Object",)),
    "Country Object 3": (HOSTS, ("? Country Object 3",)),
    "TCP, Port: from =1~65535 to =5060~5060": (SERVICES, ("? TCP, Port: from =1~65535 to =5060~5060",)),
    "": (HOSTS, ("? ",)),
}


@pytest.mark.parametrize(("text", "names", "found"), [(text, *case) for text, case in SIDES.items()], ids=SIDES)
def test_sides(text: str, names: Names, found: tuple[str, ...]) -> None:
    assert side(text, names) == found


def test_a_name_that_is_a_number_is_not_taken_for_an_index() -> None:
    """An object called 3 is meant by `3`; no unit is known to show a bare index."""
    assert side("3", HOSTS) == ("object 8",)
    assert side("4", HOSTS) == ("? 4",)


@given(st.text(alphabet="ab1.,-/~[] ?", max_size=20))
def test_a_side_is_never_empty_and_never_wider_than_it_looks(text: str) -> None:
    found = side(text, HOSTS)
    assert found
    assert found != ANY or text.lower() in ("any", "any address", "---")
