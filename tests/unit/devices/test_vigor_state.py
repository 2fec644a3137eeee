"""What a Vigor stores, what is in force, what happens at a restart, and how faults and knobs bend it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.devices.vigor import Knobs, Vigor, factory_config, lived_in_config

MODELS = ("Vigor2927", "Vigor3912")


def unit(model: str = "Vigor2927", lived_in: bool = False, **knobs: Any) -> Vigor:
    maker = lived_in_config if lived_in else factory_config
    return Vigor(maker(model), knobs=Knobs(**knobs))


def run(device: Vigor, *lines: str) -> None:
    for line in lines:
        device.handle(line)
        assert device.log[-1]["write"], line


# --- what is stored --------------------------------------------------------------------------------------------------

WHOLE_RULE = (
    'ipf set 3 rule 2 -e 1 -D 1 -I "d all" -I "e WAN1,WAN2" -s "g 1 0" -d "u 3 10.0.0.1 10.0.0.9" -S "o 1" -F "3 1"'
    ' -N 5 -q 2 1 -f 1 -t "i 2 3" -t "c 1" -M x'
)
STORED = [
    ("object ip obj 7 -a 0 198.51.100.0 255.255.255.0", ("ip_objects", "7"), {
        "name": "", "interface": 0, "type": 0, "start": "198.51.100.0", "end": "255.255.255.0", "invert": 0}),
    ('object ip grp 2 -a "1 2"', ("ip_groups", "2"), {"name": "", "interface": 0, "members": [1, 2]}),
    ("object ipv6 obj 3 -a 3 2001:db8::4 2001:db8::5", ("ipv6_objects", "3"), {
        "name": "", "type": 3, "start": "2001:db8::4", "end": "2001:db8::5", "prefix": 0, "invert": 0}),
    ("object ipv6 grp 1 -a 3", ("ipv6_groups", "1"), {"name": "", "members": [3]}),
    ("object service obj 1 -d 1 200 220", ("service_objects", "1"), {
        "name": "", "protocol": 0, "source": [0, 1, 65535], "destination": [1, 200, 220]}),
    ("object service grp 1 -a 1 2", ("service_groups", "1"), {"name": "", "members": [1, 2]}),
    ('object schedule set 1 -e 1 -D "2026 11 8" -T "8 1" -d "2 30" -a 0 -h "0"', ("schedules", "1"), {
        "enabled": 1, "comment": "", "start": "2026-11-08 08:01", "minutes": 150, "action": 0, "days": []}),
    ("ipf set 3 -n 4", ("sets", "3"), {"comment": "", "next": 4, "rules": {}}),
    (WHOLE_RULE, ("sets", "3", "rules", "2"), {
        "enabled": 1, "comment": "x", "direction": 1, "in": ["WAN1", "WAN2"], "out": ["all"], "source": ["g", 1, 0],
        "destination": ["u", 3, "10.0.0.1", "10.0.0.9"], "service": ["o", 1], "action": 3, "log": 1, "branch": 5,
        "fragments": 1, "schedules": [0, 3, 0, 0], "clear": 1, "qos": 2}),
    ('ipf rule 3 1 -S "u 17 0 1 1 5060 65535 5061"', ("sets", "3", "rules", "1", "service"),
     ["u", 17, 0, 1, 1, 5060, 65535, 5061]),
    ('ipf rule 3 1 -s "o6 1 0 0" -d "u 1 10.0.0.1"', ("sets", "3", "rules", "1", "source"), ["o6", 1, 0, 0]),
    ("srv nat portmap add 1 x tcp 100 0 0 192.168.1.10 200 wan1 1", ("portmaps", "1"), {
        "enabled": 1, "name": "x", "protocol": "tcp", "port": 100, "source": [0, 0], "private": "192.168.1.10",
        "private_port": 200, "wan": "wan1", "alias": 1}),
    ("srv nat openport 1 1 -a 1 -c games -i 192.168.1.55 -w 1 1 -p TCP -s 56 -e 83 -l 3 -g 1", ("openports", "1"), {
        "enabled": 1, "comment": "games", "local": "192.168.1.55", "wan": 1, "alias": 1, "source": [1, 3],
        "items": {"1": {"protocol": "TCP", "start": 56, "end": 83}}}),
    ("srv nat dmz 1 1 -i 192.168.1.96", ("dmz", "1"), {"enabled": 0, "private": "192.168.1.96"}),
    ("msubnet talk 3 1 on", ("talk",), [[1, 3]]),
    ("srv dhcp option -e 1 -i 2 -c 66 -v x", ("dhcp_options",), [
        {"index": 1, "enabled": 1, "interface": "2", "code": 66, "type": "v", "value": "x"}]),
    ("qos class -c 1 -a -m 1 -p 20 -s 22", ("qos", "classes", "1"), {
        "name": "", "rules": [{"enabled": 1, "local": "any", "remote": "any", "dscp": "20", "service": "22"}]}),
    ("qos setup -m 3 -r 1:25", ("qos", "setup", "1"), {"mode": 3, "in": 0, "out": 0, "ratios": {"1": 25}}),
    ("mngt lanaccess -e 1 -s HTTPS,SSH -i LAN1 -I 5", ("management", "lan_access"), {
        "enabled": 1, "services": ["HTTPS", "SSH"], "lans": [1], "objects": {"1": [0, 5]}}),
    ("mngt bfp -e 1 -s HTTP -l 5 -p 300", ("management", "bfp"), {
        "enabled": 1, "services": ["HTTP"], "failures": 5, "penalty": 300}),
    ("vlan group 2 set p1 p3", ("vlans", "rows", "2"), {
        "tagged": 0, "vid": 0, "pri": 0, "ports": ["p1", "p3"], "lan": 1}),
    ("vlan tagged p1_untag off", ("vlans", "untag_p1"), 0),
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("line", "path", "value"), STORED, ids=[" ".join(entry[0].split()[:5]) for entry in STORED])
def test_stored(model: str, line: str, path: tuple[str, ...], value: Any) -> None:
    device = unit(model)
    run(device, line)
    found = device.stored()
    for key in path:
        found = found[key]
    assert found == value
    assert json.loads(json.dumps(device.stored())) == device.stored()


BACK_TO_FACTORY = [
    ("object ip obj 7 -n x", 'object ip obj 7 -n ""'), ('object ip grp 2 -a "1 2"', "object ip grp 2 -a 0"),
    ("object service obj 1 -p 6", "object service obj 1 -p 0"), ("ipf set 3 -n 4", "ipf set 3 -n 0"),
    ('ipf rule 3 1 -e 1 -s "o 1" -I "d LAN1"', 'ipf rule 3 1 -e 0 -s "u 2" -I "e all"'),
    ("ipf rule 3 1 -M x -F 1", "ipf default"), ("vlan group 2 set p1", "vlan group 2 set"),
    ("msubnet talk 1 2 on", "msubnet talk 2 1 off"),
    ("srv nat portmap add 1 x tcp 1 0 0 10.0.0.1 1 all 1", "srv nat portmap del 1"),
    ("srv dhcp dns1 lan2 10.0.0.1", "srv dhcp dns1 lan2 0.0.0.0"),
    ("srv dhcp option -c 1 -v x", "srv dhcp option -d 1"),
    ("object ip obj 7 -n x", "object ip obj setdefault"), ("object ip obj 7 -n x", "sys cfg default"),
    ("srv nat openport 1 1 -a 1", "srv nat openport 1 1 -r 1"),
    ("srv nat portmap add 1 x tcp 1 0 0 10.0.0.1 1 all 1", "srv nat portmap flush"),
    ("mngt lanaccess -e 1 -s SSH -i LAN2", "mngt lanaccess -d"), ("qos voip on", "qos setdefault"),
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("there", "back"), BACK_TO_FACTORY)
def test_what_is_as_delivered_is_not_stored(model: str, there: str, back: str) -> None:
    config = factory_config(model)
    config["wans"] = {}
    device = Vigor(config)
    before = device.stored()
    run(device, there)
    assert device.stored() != before
    run(device, back)
    assert device.stored() == before


@pytest.mark.parametrize("lived_in", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_a_configuration_is_kept_as_given(model: str, lived_in: bool) -> None:
    config = (lived_in_config if lived_in else factory_config)(model)
    device = Vigor(config)
    assert device.stored() == config
    assert device.running() == config
    device.stored()["name"] = "changed"
    assert device.name == config["name"]
    assert Vigor({"model": model}).stored()["filter"]["data"] == 2


def test_ports_that_change_groups() -> None:
    device = unit("Vigor3912", lived_in=True)
    run(device, "vlan group 5 add_ex p3 p12", "vlan group 5 add p1")
    rows = device.stored()["vlans"]["rows"]
    assert {at: row["ports"] for at, row in rows.items()} == {"0": ["p1", "p2"], "1": ["p4"], "5": ["p1", "p3", "p12"]}
    assert device.handle("vlan group 5 show").text.endswith("   5  V     V                            V")


def test_rules_change_places() -> None:
    device = unit("Vigor2927", lived_in=True)
    run(device, "ipf rule 2 2 -U up", "ipf rule 2 4 -U down")
    rules = device.stored()["sets"]["2"]["rules"]
    assert {at: rule["comment"] for at, rule in rules.items()} == {"1": "guests", "2": "no SMB out", "5": "old phones"}
    run(device, "ipf rule 2 1 -U up")
    assert device.stored()["sets"]["2"]["rules"]["1"]["comment"] == "guests"


def test_interfaces_are_added_or_replaced() -> None:
    device = unit()
    run(device, 'ipf rule 1 1 -I "e LAN1"')
    assert "Src Interface : LAN1, LAN2," in device.handle("ipf rule 1 1 -v").text
    run(device, 'ipf rule 1 1 -I "d all" -I "e lan1, vpn"')
    assert "Src Interface : LAN1, VPN\r\n" in device.handle("ipf rule 1 1 -v").text
    device.knobs.turn("interface_lists", "replace")
    run(device, 'ipf rule 1 1 -I "e LAN2"')
    assert device.stored()["sets"]["1"]["rules"]["1"]["in"] == ["LAN2"]


def test_the_log_tells_what_took() -> None:
    device = unit()
    changes: list[int] = []
    device.on_change.append(lambda: changes.append(device.writes))
    device.handle("sys version")
    device.handle("object ip obj 1 -n x")
    device.handle("object ip obj 999 -n x")
    device.execute("object ip obj 2 -n y", log=False)
    assert device.log == [
        {"line": "sys version", "write": False}, {"line": "object ip obj 1 -n x", "write": True},
        {"line": "object ip obj 999 -n x", "write": False},
    ]
    assert device.writes == 2
    assert changes == [1, 2]
    assert device.handle("sys cmdlog").text.split("\r\n")[1:3] == [
        "    [1] sys cmdlog", "    [2] object ip obj 2 -n y"]
    device.reset_log()
    assert (device.log, device.writes, device.counters.commands) == ([], 0, 0)


# --- restart ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_what_waits_for_a_restart(model: str) -> None:
    device = unit(model, lived_in=True)
    before = device.running()
    run(
        device, "msubnet switch 3 On", "msubnet addr 3 192.168.33.1", "msubnet talk 1 2 on", "vlan subnet 1 3",
        "msubnet leasetime 2 3600", "object ip obj 9 -n new",
    )
    now = device.running()
    assert now["talk"] == []
    assert "3" not in now["lans"]
    assert now["lans"]["2"] == {**before["lans"]["2"], "lease": 3600}
    assert now["vlans"]["rows"]["1"]["lan"] == 2
    assert now["ip_objects"]["9"]["name"] == "new"
    assert "% LAN3        On: 192.168.33.1/" in device.handle("msubnet status 3").text
    device.reboot()
    assert device.running() == device.stored()
    assert device.running()["lans"]["3"]["enabled"] == 1


def test_rows_wait_for_their_own_restart() -> None:
    device = unit("Vigor3912", lived_in=True)
    run(device, "vlan vid 1 30", "vlan group 4 set p9", "vlan subnet 4 2", "vlan tagged p1_untag off", "vlan off")
    now = device.running()["vlans"]
    assert (now["enabled"], now["untag_p1"], now["rows"]["1"]["vid"]) == (0, 1, 20)
    assert "4" not in now["rows"]
    run(device, "vlan restart")
    now = device.running()["vlans"]
    assert (now["untag_p1"], now["rows"]["1"]["vid"]) == (0, 30)
    assert now["rows"]["4"] == {"tagged": 0, "vid": 0, "pri": 0, "ports": ["p9"], "lan": 1}
    device.reboot()
    assert device.running()["vlans"]["rows"]["4"]["lan"] == 2


def test_vlans_off_takes_the_other_lans_along() -> None:
    device = unit(lived_in=True)
    run(device, "vlan off")
    assert device.stored()["lans"]["2"]["enabled"] == 0
    other = unit(lived_in=True, vlan_off_forces=False)
    run(other, "vlan off")
    assert other.stored()["lans"]["2"]["enabled"] == 1


def test_an_access_list_of_a_3912_waits() -> None:
    device = unit("Vigor3912")
    run(device, "mngt accesslist add ip 1 5")
    assert device.running()["management"]["acl"] == {}
    device.reboot()
    assert device.running()["management"]["acl"] == {"1": 5}


def test_restarting_takes_its_time() -> None:
    device = unit(reboot_seconds=60.0)
    device.handle("sys mpage disable")
    assert not device.paging
    assert device.handle("sys re").closes
    assert device.down
    assert device.handle("sys version").cut == "before"
    assert not device.admits("127.0.0.1")
    device.advance(61)
    assert not device.down
    assert device.paging
    assert 0 < device.uptime < 30
    assert device.handle("sys version").text


def test_a_halted_unit_stays_down() -> None:
    device = unit()
    device.handle("sys halt")
    device.advance(1e6)
    assert device.down
    device.reboot()
    assert not device.down


def test_schedules_run_out() -> None:
    device = unit(lived_in=True)
    assert f"{device.now:%Y %b %d %a %H:%M}" in device.handle("sys time show").text
    # Monday at noon; the lived-in schedule is from 8 to 18 on working days.
    assert device.schedule_holds(1)
    device.handle('object schedule set 2 -e 1 -D "2026 1 5" -T "11 50" -d "0 20"')
    assert device.schedule_holds(2)
    device.advance(11 * 60)
    assert not device.schedule_holds(2)
    device.advance(6 * 3600)
    assert not device.schedule_holds(1)
    assert not device.schedule_holds(3)


def test_bans_end() -> None:
    device = unit()
    device.handle("mngt bfp -e 1 -s SSH -l 2 -p 60")
    for _attempt in range(2):
        assert device.admits("127.0.0.9")
        assert not device.login("admin", "wrong", "127.0.0.9")
    assert not device.admits("127.0.0.9")
    assert device.admits("127.0.0.8")
    device.advance(61)
    assert device.admits("127.0.0.9")
    assert device.login("admin", "admin", "127.0.0.9")
    assert not device.login("nobody", "", "127.0.0.9", "TELNET")
    counters = device.counters
    assert (counters.connections, counters.failures, counters.refused, counters.logins) == (5, 3, 1, 1)


# --- faults ----------------------------------------------------------------------------------------------------------

WRITE = "object ip obj 1 -n x"


@pytest.mark.parametrize(("kind", "text", "cut", "hangs", "stored"), [
    ("cut-before", "", "before", False, False), ("cut-after", "", "after", False, True), ("hang", "", None, True, True),
    ("garbage", "#?", None, False, True), ("truncated", "O", "during", False, True),
    ("ignore", "OK.", None, False, False), ("usage", " Usage:", None, False, False),
])
def test_fault(kind: str, text: str, cut: str | None, hangs: bool, stored: bool) -> None:
    device = unit()
    device.faults.plant(kind=kind, line="ip obj", at=2, times=1, text="#?")
    assert device.handle("object ip obj 2 -n y").text == "OK."
    reply = device.handle(WRITE)
    assert reply.text.split("\r\n")[0] == text
    assert (reply.cut, reply.hangs, reply.closes) == (cut, hangs, cut is not None)
    assert ("1" in device.stored()["ip_objects"]) == stored
    assert device.log[-1] == {"line": WRITE, "write": stored, "fault": kind}
    assert device.handle(WRITE).text == "OK."
    assert "2" in device.stored()["ip_objects"]


def test_faults_are_plain_data() -> None:
    device = unit()
    with pytest.raises(ValueError, match="unknown fault 'explode'"):
        device.faults.plant(kind="explode")
    device.faults.plant(kind="refuse", times=1)
    assert not device.admits("127.0.0.1")
    assert device.admits("127.0.0.1")


# --- knobs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "source", "group", "service"), [
    ("index", "IP Object 2, IP Object 5", "IP Group 1", "Service Object 4"),
    ("name", "HQ, it-office", "branch", "SIP-old"), ("both", "2-HQ, 5-it-office", "1-branch", "4-SIP-old"),
    ("opaque", "User Defined", "User Defined", "User Defined"),
])
def test_how_rules_name_objects(words: str, source: str, group: str, service: str) -> None:
    device = unit(lived_in=True, references=words)
    assert f"Source IP      : {source}\r\n" in device.handle("ipf rule 5 2 -v").text
    shown = device.handle("ipf rule 2 4 -v").text
    assert f"Source IP      : {group}\r\n" in shown
    assert f"Service Type   : {service}\r\n" in shown


@pytest.mark.parametrize(("knob", "value", "line", "found"), [
    ("remote_status", "words", "mngt rmtcfg status", "%% HTTP server : Enable"),
    ("remote_status", "sentences", "mngt rmtcfg status", "%% FTP server has been disabled."),
    ("remote_status", "opaque", "mngt rmtcfg status", "%% rmtcfg flags: 0x0017"),
    ("qos_view", "rules", "qos class -V 3", " Class 3 Name: backup"),
    ("qos_view", "opaque", "qos class -V 3", " Class 3: 1 rule(s)"),
    ("protocol_words", "words", "object service obj 4 -v", " Protocol:[UDP]"),
    ("protocol_words", "numbers", "object service obj 4 -v", " Protocol:[17]"),
    ("alg_off_reply", "Disabled", "sys sip_alg -e 0", "Disabled"),
    ("group_slots", 32, "object ip grp 1 -v", " [31:][0]"),
    ("mpage", False, "sys mpage disable", "% Valid subcommands are:"),
    ("sysvid", 200, "vlan sysvid show", " The system VLAN ID is in range: 200 ~ 277"),
    ("empty_object_type", 2, "object ip obj 100 -v", " Address type:[any]"),
    ("empty_name", "refused", 'object ip obj 1 -n ""', " Usage:"),
])
def test_knob(knob: str, value: Any, line: str, found: str) -> None:
    device = unit(lived_in=True)
    device.knobs.turn(knob, value)
    assert found in device.handle(line).text.split("\r\n")


def test_members_of_a_group() -> None:
    device = unit(lived_in=True)
    run(device, 'object ip grp 2 -a "5 7 5"')
    assert device.stored()["ip_groups"]["2"]["members"] == [5, 7]
    device.knobs.turn("group_add", "append")
    run(device, "object ip grp 2 -a 7 9")
    assert device.stored()["ip_groups"]["2"]["members"] == [5, 7, 9]
    device.knobs.turn("group_overflow", "cut")
    run(device, f'object ip grp 2 -a "{" ".join(str(at) for at in range(20, 40))}"')
    assert device.stored()["ip_groups"]["2"]["members"] == [5, 7, 9, *range(20, 29)]


@pytest.mark.parametrize(("name", "value", "message"), [
    ("nosuch", 1, "unknown knob 'nosuch'"), ("references", "x", "knob references is 'x' (allowed: index, name, both"),
    ("page_lines", "x", "knob page_lines is 'x' (allowed: int)"), ("page_lines", True, "knob page_lines is True"),
])
def test_a_knob_that_cannot_be_turned(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Knobs().turn(name, value)
    assert str(caught.value).startswith(message)


def test_secrets_that_a_unit_gives_away() -> None:
    device = unit()
    device.handle("sys passwd admin s3cret")
    assert "User Password:s3cret" in device.handle("sys adminuser view 1").text
    assert device.login("admin", "s3cret", "127.0.0.1")
