"""Changes to the lines that carry them out: what is typed, in which order, on which class of units."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import CREATE, DELETE, UPDATE, Change
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, Row
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.commands import allowed
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.details import Details
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.models import limits_of
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    ACCESS_LIST,
    BRUTE_FORCE,
    FILTER,
    GROUPS,
    LAN_ACCESS,
    LANS,
    OBJECTS,
    OPTIONS,
    PATHS,
    REMOTE,
    RULES,
    SCHEDULES,
    SERVICE_GROUPS,
    SERVICES,
    SETS,
    SIP_ALG,
    SPECS,
    TALK,
    VLAN,
    VLAN_ROWS,
    table,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.writer import (
    commands_for,
    free_schedule,
    guard_schedule,
)
from tests.unit.draytek.shapes import blocks, group, host, network, passes, service
from tests.unit.draytek.units import LARGE, MODELS, SMALL, carry_out, observed, plan, removal, unit
from tests.unit.fortios.sites import site

RULE: Row = {**blocks(0, service=("service 94",)), "id": "12.5", "set": "12", "name": "block-sip-out",
             "digest": "ABC234"}
HOST: Row = {"id": "object 190", "name": "VOIPH-YAAAEUEA", **host("192.0.2.80")}
LAN_ON: Row = {
    "address": "10.40.0.1", "mask": "255.255.255.0", "dhcp": True, "start": "10.40.0.2", "count": 220,
    "gateway": "10.40.0.1", "lease": 86400, "dns1": "192.0.2.53", "dns2": "", "enabled": True,
}
DOCUMENT = Document(
    SPECS,
    {
        table(OBJECTS): [HOST],
        table(RULES): [RULE],
        table(SIP_ALG): [{"master": True, "sip": True, "udp": True, "tcp": False, "port": 5060}],
    },
)


def details(model: str = SMALL, unused: str = "range") -> Details:
    return Details(limits_of(model), unused, {}, {})


def lines(change: Change, model: str = SMALL, **changes: Any) -> list[str]:
    """The lines of a change; each is one that may be typed."""
    found = [line.text for line in commands_for(change, DOCUMENT, replace(details(model), **changes))]
    assert all(allowed(text).writes for text in found)
    return found


def create(path: str, key: str, row: Row) -> Change:
    return Change(CREATE, table(path), key, "", (), after=row)


def update(path: str, key: str, before: Row, after: Row) -> Change:
    return Change(UPDATE, table(path), key, "", (), before, after)


def delete(path: str, key: str, row: Row) -> Change:
    return Change(DELETE, table(path), key, "", (), before=row)


NET: Row = {"id": "object 192", "name": "VOIPH-ZMAHCADM", **network("203.0.113.0", "255.255.255.224")}
SIGNAL: Row = {"id": "group 32", "name": "VOIPH-SIGNAL", **group(190, 192)}
SIP: Row = {"id": "service 96", "name": "VOIPH-SATYUJ4K", **service(6, 5061, 5061)}
SIPS: Row = {"id": "service group 32", "name": "VOIPH-SIP", "member": ("service 95", "service 96")}
FREE = '-D 0 -I "e all" -O "e all" -s "u 2" -d "u 2" -S "u 0 0 0 1 1 65535 65535" -F "0 0" -N 0 -f 0 -t "i 1 0"'
WHOLE = (
    'ipf rule 12 5 -e 1 -M VOIPH-B1ABC234 -D 0 -I "e all" -O "e all" -s "u 2" -d "u 2" -S "o 94" -F "1 1" -N 0 -f 0 '
    '-t "i 1 0"'
)

CASES: dict[str, tuple[Change, list[str]]] = {
    # Objects: the name first where a place is taken, last where it is given up
    "a network": (
        create(OBJECTS, "object 192", NET),
        ["object ip obj 192 -n VOIPH-ZMAHCADM", "object ip obj 192 -i 0",
         "object ip obj 192 -a 0 203.0.113.0 255.255.255.224", "object ip obj 192 -s 0"],
    ),
    "an address": (
        create(OBJECTS, "object 190", HOST),
        ["object ip obj 190 -n VOIPH-YAAAEUEA", "object ip obj 190 -i 0", "object ip obj 190 -a 1 192.0.2.80",
         "object ip obj 190 -s 0"],
    ),
    "an address that was altered": (
        update(OBJECTS, "object 190", {"start": "192.0.2.81", "invert": 1}, {"start": "192.0.2.80", "invert": 0}),
        ["object ip obj 190 -a 1 192.0.2.80", "object ip obj 190 -s 0"],
    ),
    "an object for the WAN that is none": (
        update(OBJECTS, "object 190", {"interface": "wan"}, {"interface": "any"}), ["object ip obj 190 -i 0"],
    ),
    "an object that is put back for the WAN": (
        update(OBJECTS, "object 190", {"interface": "any"}, {"interface": "wan"}), ["object ip obj 190 -i 3"],
    ),
    "an object that goes": (
        delete(OBJECTS, "object 190", HOST),
        ["object ip obj 190 -i 0", "object ip obj 190 -a 3 0.0.0.0 0.0.0.0", "object ip obj 190 -s 0",
         'object ip obj 190 -n ""'],
    ),
    "a group": (
        create(GROUPS, "group 32", SIGNAL),
        ["object ip grp 32 -n VOIPH-SIGNAL", "object ip grp 32 -i 0", 'object ip grp 32 -a "190 192"'],
    ),
    "a group for the WAN": (
        update(GROUPS, "group 32", {"interface": "any"}, {"interface": "wan"}), ["object ip grp 32 -i 2"],
    ),
    "members": (
        update(GROUPS, "group 32", {"member": ("object 190",)}, {"member": ("object 190", "object 192")}),
        ['object ip grp 32 -a "190 192"'],
    ),
    "a group that goes": (
        delete(GROUPS, "group 32", SIGNAL),
        ["object ip grp 32 -i 0", 'object ip grp 32 -a "0"', 'object ip grp 32 -n ""'],
    ),
    "a service": (
        create(SERVICES, "service 96", SIP),
        ["object service obj 96 -n VOIPH-SATYUJ4K", "object service obj 96 -p 6", "object service obj 96 -s 0 1 65535",
         "object service obj 96 -d 0 5061 5061"],
    ),
    "a service that goes": (
        delete(SERVICES, "service 96", SIP),
        ["object service obj 96 -p 0", "object service obj 96 -s 0 1 65535", "object service obj 96 -d 0 1 65535",
         'object service obj 96 -n ""'],
    ),
    "a group of services": (
        create(SERVICE_GROUPS, "service group 32", SIPS),
        ["object service grp 32 -n VOIPH-SIP", "object service grp 32 -a 95 96"],
    ),
    "a group of services that goes": (
        delete(SERVICE_GROUPS, "service group 32", SIPS),
        ["object service grp 32 -a 0", 'object service grp 32 -n ""'],
    ),
    # Sets and rules
    "a set": (
        create(SETS, "12", {"id": "12", "comment": "VOIPH-1", "next": "11"}),
        ["ipf set 12 -m VOIPH-1", "ipf set 12 -n 11"],
    ),
    "a set that leads nowhere": (update(SETS, "12", {"next": "11"}, {"next": ""}), ["ipf set 12 -n 0"]),
    "a set that goes": (
        delete(SETS, "12", {"id": "12", "comment": "VOIPH-1", "next": "11"}), ["ipf set 12 -n 0", 'ipf set 12 -m ""'],
    ),
    "a rule": (create(RULES, "12.5", RULE), [WHOLE]),
    "a rule with a class": (
        create(RULES, "12.5", {**RULE, "qos": 2}), [WHOLE.replace(" -f 0", ' -q "2 0" -f 0')],
    ),
    "a rule with sides": (
        create(
            RULES, "11.1",
            {**passes(1, source=("object 190", "object 192"), destination=("group 31", "group 32"),
                      service=("service group 32",)),
             "id": "11.1", "set": "11", "name": "allow-dns", "digest": "ABC234"},
        ),
        ['ipf rule 11 1 -e 1 -M VOIPH-V1ABC234 -D 1 -I "e all" -O "e all" -s "o 190 192" -d "g 31 32" -S "g 32" '
         '-F "0 0" -N 0 -f 0 -t "i 1 0"'],
    ),
    "a rule that is switched on": (
        update(RULES, "12.5", {"enabled": False}, {"enabled": True}), ["ipf rule 12 5 -e 1"],
    ),
    "a rule with another digest": (
        update(RULES, "12.5", {"digest": "ABC234", "service": ("service 94",)},
               {"digest": "XYZ567", "service": ("any",)}),
        ['ipf rule 12 5 -M VOIPH-B1XYZ567 -S "u 0 0 0 1 1 65535 65535"'],
    ),
    "a rule that passes at last": (
        update(RULES, "12.5", {"action": "block", "log": True}, {"action": "pass-pending", "log": False}),
        ['ipf rule 12 5 -F "2 0"'],
    ),
    "a rule that logs again": (update(RULES, "12.5", {"log": False}, {"log": True}), ['ipf rule 12 5 -F "1 1"']),
    "a rule that blocks again": (
        update(RULES, "12.5", {"action": "pass"}, {"action": "block"}), ['ipf rule 12 5 -F "1 1"'],
    ),
    "a rule without its branch": (update(RULES, "12.5", {"branch": "3"}, {"branch": ""}), ["ipf rule 12 5 -N 0"]),
    "a rule without its schedules": (
        update(RULES, "12.5", {"schedules": (1, 0, 4, 5)}, {"schedules": (0, 0, 0, 0)}),
        ['ipf rule 12 5 -t "i 1 0"', 'ipf rule 12 5 -t "i 3 0"', 'ipf rule 12 5 -t "i 4 0"'],
    ),
    "a rule that gets its schedules back": (
        update(RULES, "12.5", {"schedules": (0, 0, 0, 0)}, {"schedules": (1, 2, 0, 0)}),
        ['ipf rule 12 5 -t "i 1 1"', 'ipf rule 12 5 -t "i 2 2"'],
    ),
    "a rule for every interface": (
        update(RULES, "12.5", {"incoming": ("LAN1",)}, {"incoming": ("all",)}), ['ipf rule 12 5 -I "e all"'],
    ),
    "a rule that gets its interfaces back": (
        update(RULES, "12.5", {"incoming": ("all",), "outgoing": ("all",)},
               {"incoming": ("LAN1", "Routed", "VPN"), "outgoing": ("WAN1",)}),
        ['ipf rule 12 5 -I "d all" -O "d all"', 'ipf rule 12 5 -I "e LAN1,RT,VPN" -O "e WAN1"'],
    ),
    "a rule that had no interface": (
        update(RULES, "12.5", {"incoming": ("all",)}, {"incoming": ()}), ['ipf rule 12 5 -I "d all"'],
    ),
    "a rule that goes": (delete(RULES, "12.5", RULE), [f'ipf rule 12 5 -e 0 -M "" {FREE}']),
    "a rule with a class that goes": (
        delete(RULES, "12.5", {**RULE, "qos": 2}),
        [f'ipf rule 12 5 -e 0 -M "" {FREE}'.replace(" -f 0", ' -q "4 0" -f 0')],
    ),
    "a rule with a schedule that goes": (
        delete(RULES, "12.5", {**RULE, "schedules": (0, 3, 0, 0)}),
        [f'ipf rule 12 5 -e 0 -M "" {FREE}', 'ipf rule 12 5 -t "i 2 0"'],
    ),
    "the filter's start": (update(FILTER, "", {"data": "2"}, {"data": "12"}), ["ipf set -d 12"]),
    "a filter that is switched off": (update(FILTER, "", {"data": "12"}, {"data": ""}), ["ipf set -d 0"]),
    # LANs and VLANs
    "the helper": (update(SIP_ALG, "", {"sip": True}, {"sip": False}), ["sys sip_alg -e 0"]),
    "the helper that is given back": (update(SIP_ALG, "", {"sip": False}, {"sip": True}), ["sys sip_alg -e 1"]),
    "a LAN": (
        update(LANS, "LAN3", {}, LAN_ON),
        ["msubnet addr 3 10.40.0.1", "msubnet nmask 3 255.255.255.0", "msubnet gateway 3 10.40.0.1",
         "msubnet startip 3 10.40.0.2", "msubnet ipcnt 3 220", "msubnet leasetime 3 86400",
         "srv dhcp dns1 lan3 192.0.2.53", "srv dhcp dns2 lan3 0.0.0.0", "msubnet dhcps 3 On", "msubnet switch 3 On"],
    ),
    "a LAN that is switched off": (
        update(LANS, "LAN3", {}, {"enabled": False, "dhcp": False, "address": "192.168.3.1"}),
        ["msubnet switch 3 Off", "msubnet addr 3 192.168.3.1", "msubnet dhcps 3 Off"],
    ),
    "routing": (
        update(TALK, "", {"pairs": ("1-2", "1-3", "3-8")}, {"pairs": ("1-2", "2-3")}),
        ["msubnet talk 1 3 Off", "msubnet talk 3 8 Off", "msubnet talk 2 3 On"],
    ),
    "a VLAN": (
        update(VLAN_ROWS, "2", {}, {"lan": "LAN3", "vid": 40, "pri": 5, "tagged": True, "ports": ("p1", "p2")}),
        ["vlan subnet 2 3", "vlan vid 2 40", "vlan pri 2 5", "vlan tagged 2 on", "vlan group 2 set p1 p2"],
    ),
    "a VLAN that is taken apart": (
        update(VLAN_ROWS, "2", {}, {"lan": "LAN1", "vid": 0, "pri": 0, "tagged": False, "ports": ()}),
        ["vlan group 2 set", "vlan subnet 2 1", "vlan vid 2 0", "vlan pri 2 0", "vlan tagged 2 off"],
    ),
    "VLANs that are switched on": (
        update(VLAN, "", {"enabled": False}, {"enabled": True}), ["vlan restart", "vlan on"],
    ),
    "VLANs that are switched off": (
        update(VLAN, "", {"enabled": True}, {"enabled": False}), ["vlan off"],
    ),
    "an option": (
        create(OPTIONS, "lan3/66", {"where": "lan3", "enabled": True, "type": "ascii", "data": "https://p.example.com/"}),
        ["srv dhcp option -e 1 -i 3 -c 66 -v https://p.example.com/"],
    ),
    "an option that is altered": (
        update(OPTIONS, "lan3/160", {"index": 7, "data": "old"}, {"data": "https://p.example.com/"}),
        ["srv dhcp option -d 7", "srv dhcp option -e 1 -i 3 -c 160 -v https://p.example.com/"],
    ),
    "an option that goes": (delete(OPTIONS, "lan3/66", {"index": 12}), ["srv dhcp option -d 12"]),
    # Management
    "guessers": (
        update(BRUTE_FORCE, "", {},
               {"enabled": True, "services": ("FTP", "SSH"), "failures": 3, "penalty": 300}),
        ["mngt bfp -s FTP,SSH", "mngt bfp -l 3", "mngt bfp -p 300", "mngt bfp -e 1"],
    ),
    "guessers of every service": (
        update(BRUTE_FORCE, "", {}, {"services": ("FTP", "HTTP", "HTTPS", "SSH", "TELNET", "TR069")}),
        ["mngt bfp -s All"],
    ),
    "guessers of no service": (update(BRUTE_FORCE, "", {}, {"services": ()}), ["mngt bfp -s None"]),
    "access from some LANs": (
        update(LAN_ACCESS, "", {},
               {"enabled": True, "everywhere": False, "lans": ("LAN1", "LAN2"), "services": ("HTTPS", "SSH")}),
        ["mngt lanaccess -s HTTPS,SSH", "mngt lanaccess -i LAN2", "mngt lanaccess -e 1"],
    ),
    "access from the first LAN": (
        update(LAN_ACCESS, "", {}, {"everywhere": False, "lans": ("LAN1",)}), ["mngt lanaccess -i None"],
    ),
    "access that is given back": (
        update(LAN_ACCESS, "", {}, {"enabled": False, "everywhere": True, "lans": (), "services": ("SSH",)}),
        ["mngt lanaccess -e 0", "mngt lanaccess -s SSH", "mngt lanaccess -i All"],
    ),
    "an entry that goes": (delete(ACCESS_LIST, "3", {"object": "object 5"}), ["mngt accesslist remove 3"]),
    "nothing answers to the WAN": (
        update(REMOTE, "", {"master": True, "services": ("http", "https")}, {"master": False, "services": ()}),
        ["mngt rmtcfg http off", "mngt rmtcfg https off", "mngt rmtcfg disable"],
    ),
    "services that are given back": (
        update(REMOTE, "", {"master": False, "services": ()}, {"master": True, "services": ("http", "ssh")}),
        ["mngt rmtcfg enable", "mngt rmtcfg http on", "mngt rmtcfg ssh on"],
    ),
    "one service": (
        update(REMOTE, "", {"services": ("http", "ssh")}, {"services": ("ssh",)}), ["mngt rmtcfg http off"],
    ),
    # Schedules: a line takes one setting, and the comment is given up last
    "a guard that was left behind": (
        delete(SCHEDULES, "schedule 15", {"comment": "VOIPH-guard"}),
        ["object schedule set 15 -e 0", 'object schedule set 15 -D "2000 1 1"', 'object schedule set 15 -T "0 0"',
         'object schedule set 15 -d "0 0"', "object schedule set 15 -a 0", 'object schedule set 15 -h "0"',
         'object schedule set 15 -c ""'],
    ),
}


@pytest.mark.parametrize(("change", "typed"), CASES.values(), ids=CASES)
def test_lines(change: Change, typed: list[str]) -> None:
    assert lines(change) == typed


def test_every_table_is_written_by_some_line() -> None:
    assert {change.table.path for change, _lines in CASES.values()} == set(PATHS)


@pytest.mark.parametrize(
    ("model", "line"), [(SMALL, "mngt accesslist add 3 190"), (LARGE, "mngt accesslist add ip 3 190")]
)
def test_entries_of_the_access_list(model: str, line: str) -> None:
    entry = {"id": "3", "object": "object 190"}
    assert lines(create(ACCESS_LIST, "3", entry), model) == [line]
    changed = update(ACCESS_LIST, "3", {"object": "object 5"}, {"object": "object 190"})
    assert lines(changed, model) == ["mngt accesslist remove 3", line]


def test_a_master_that_was_off_is_put_back() -> None:
    """A Vigor3912 switches it on together with the helper."""
    off = Document(SPECS, {table(SIP_ALG): [{"master": False, "sip": False}]})
    change = update(SIP_ALG, "", {"sip": False}, {"sip": True})
    assert [line.text for line in commands_for(change, off, details(LARGE))] == ["sys sip_alg -e 1", "sys alg -e 0"]


@pytest.mark.parametrize(
    ("unused", "line"),
    [
        ("any", "-a 2"), ("mask", "-a 0 0.0.0.0 0.0.0.0"), ("single", "-a 1 0.0.0.0"),
        ("range", "-a 3 0.0.0.0 0.0.0.0"),
    ],
)
def test_an_object_is_given_back_as_unused_ones_are(unused: str, line: str) -> None:
    found = lines(delete(OBJECTS, "object 190", HOST), unused_type=unused)
    assert found[1] == f"object ip obj 190 {line}"


def test_a_guard_is_switched_on_last() -> None:
    made = [line.text for line in guard_schedule(15, datetime(2026, 11, 8, 8, 1), 75)]
    assert made == [
        "object schedule set 15 -c VOIPH-guard", 'object schedule set 15 -D "2026 11 8"',
        'object schedule set 15 -T "8 1"', 'object schedule set 15 -d "1 15"', "object schedule set 15 -a 0",
        'object schedule set 15 -h "0"', "object schedule set 15 -e 1",
    ]
    assert [line.text for line in free_schedule(15)] == CASES["a guard that was left behind"][1]


# Whole plans


@pytest.mark.parametrize("config", ["factory", "lived-in"])
@pytest.mark.parametrize("model", MODELS)
def test_every_line_of_a_plan_may_be_typed_and_stores_something(model: str, config: str) -> None:
    device = unit(model, config)
    policy = site(enforce_exclusive=True, voice_vlan__provisioning_url="https://p.example.com/")
    for make in (lambda seen: plan(policy, seen), removal):
        seen = observed(device)
        changes = make(seen)
        typed = carry_out(device, changes, seen)
        assert typed
        for entry in device.log[-len(typed):]:
            assert entry["write"] == (allowed(entry["line"]).writes and entry["line"] != "sys commit")


def test_nothing_is_led_to_before_it_is_complete() -> None:
    """Objects before groups, groups before rules, and the filter starts with our sets once all rules stand."""
    device = unit(SMALL, "lived-in")
    seen = observed(device)
    typed = carry_out(device, plan(site(voice_vlan__provisioning_url="https://p.example.com/"), seen), seen)
    first = {word: next(i for i, line in enumerate(typed) if line.startswith(word)) for word in
             ("object ip grp", "object service obj", "ipf set 12", "ipf rule", "ipf set -d", "sys sip_alg", "mngt")}
    last = {word: max(i for i, line in enumerate(typed) if line.startswith(word)) for word in
            ("object ip obj", "object ip grp", "object service obj", "ipf set 1", "srv dhcp option")}
    assert last["object ip obj"] < first["object ip grp"]
    assert last["object ip grp"] < first["object service obj"]
    assert last["object service obj"] < first["ipf set 12"]
    assert last["ipf set 1"] < first["ipf rule"]
    rules = [i for i, line in enumerate(typed) if line.startswith("ipf rule") and " -e 1 " in line]
    assert max(rules) < first["ipf set -d"] < first["sys sip_alg"] < first["mngt"]
    assert typed[-1] == "sys commit"


def test_what_is_allowed_is_made_before_what_is_blocked_and_goes_after_it() -> None:
    device = unit(SMALL)
    seen = observed(device)
    made = [line for line in carry_out(device, plan(site(), seen), seen) if line.startswith("ipf rule")]
    order = [line.split()[7] for line in made if " -M " in line]
    assert [one[6:8] for one in order] == "A1 A2 A3 A4 B1 B2 B3 V1 V2 V3 V4 V5 V6 V7".split()
    seen = observed(device)
    typed = carry_out(device, removal(seen), seen)
    led_away = typed.index("ipf set -d 2")
    gone = [i for i, line in enumerate(typed) if line.startswith("ipf rule")]
    assert led_away < min(gone)
    assert [line.split()[2:4] for line in typed if line.startswith("ipf rule 12")] == [
        ["12", str(place)] for place in range(7, 0, -1)
    ]
