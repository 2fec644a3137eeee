"""What the box answers to requests, how a write is applied or put back, the rollback timer, and planted faults."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devices.pfsense import Cut, Hang, PfSense
from tests.devices.pfsense.operations import OWN
from tests.support.pfsenses import MARK, ask, make_box, request_program

NEW_RULE = {
    "tracker": "3000000001",
    "type": "pass",
    "interface": "lan",
    "ipprotocol": "inet",
    "source": {"network": "lan"},
    "destination": {"any": True},
    "descr": "VOIPH-rule",
}
ADD = [{"path": "filter/rule", "list": [{"new": NEW_RULE}, *({"keep": place} for place in range(16))]}]
BAD = [{"path": "filter/rule", "list": [{"new": {**NEW_RULE, "defaultqueue": "qNone"}}]}]


def write(box: PfSense, edits: list[dict[str, Any]] | None = None, **request: Any) -> Any:
    seen = ask(box, op="read")
    given = {
        "op": "write",
        "digest": seen["digest"],
        "revision": seen["revision"]["time"],
        "description": "voip.hardening: test",
        "edits": ADD if edits is None else edits,
        "apply": {"filter": True},
        "rollback": 0,
        "token": "t1",
        **request,
    }
    return ask(box, **given)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_sections() -> None:
    sections = [
        "system/hostname",
        "no/such",
        "aliases/alias",
        {"path": "interfaces", "fields": ["if", "descr"]},
        {"path": "aliases/alias", "fields": ["name"]},
        {"path": "staticroutes", "fields": ["x"]},
    ]
    config = ask(make_box(), op="read", sections=sections)["config"]
    assert config["system/hostname"] == "branch-gw"
    assert config["no/such"] is None
    assert config["interfaces"]["opt1"] == {"descr": "DMZ", "if": "em2"}
    assert config["aliases/alias"][0] == {"name": "Servers"}
    assert config["staticroutes"] == ""


def test_what_a_read_tells() -> None:
    box = make_box()
    answer = ask(box, op="read", tables=["Offices", "Nobody"])
    assert answer["tables"] == {"Offices": ["192.0.2.0/28", "192.0.2.64/27"], "Nobody": None}
    assert answer["packages"] == ["openvpn-client-export", "siproxd"]
    assert answer["status"] == "Done"
    assert answer["skipped"] == [
        "# Unresolvable destination alias 'Long_gone' for rule 'NAT left over' label \"USER_RULE: NAT left over\"",
        '# array key "opt2" does not exist for "guests out" in array: {WAN LAN DMZ OpenVPN INSIDE } '
        'label "USER_RULE: guests out"',
    ]
    assert 1690000012 in answer["running"]
    assert 1690000013 not in answer["running"]
    assert (answer["armed"], answer["fired"], answer["factory_password"]) == (None, None, None)
    assert answer["clock"] == int(box.now)


def test_the_factory_password() -> None:
    box = make_box("factory")
    assert ask(box, op="read", accounts=True)["factory_password"] is False
    factory = "$2b$10$13u6qwCOwODv34GyCMgdWub6oQF3RX0rG7c3d3X4JvzuEmAXLYDd2"
    box.gui_write({"system/user/0/bcrypt-hash": factory})
    assert ask(box, op="read", accounts=True)["factory_password"] is True
    box.gui_write({"system/user/0/bcrypt-hash": None})
    assert ask(box, op="read", accounts=True)["factory_password"] is None


@pytest.mark.parametrize(("status", "waiting"), [("MASTER", 0), ("BACKUP", 2)])
def test_carp(status: str, waiting: int) -> None:
    box = make_box("factory", carp=status)
    vips = [{"mode": mode, "uniqid": str(number)} for number, mode in enumerate(("carp", "ipalias", "carp"))]
    box.gui_write({"virtualip": {"vip": vips}, "hasync": {"synchronizetoip": "10.9.0.2"}})
    assert ask(box, op="read")["carp"] == {"peer": "10.9.0.2", "vips": 2, "backup": waiting}


def test_an_unknown_operation_and_no_request() -> None:
    box = make_box("factory")
    assert ask(box, op="format")["error"] == "unknown-op"
    assert box.handle("<?php echo 1;") == b""
    assert (box.counters.requests, box.counters.unknown) == ({"format": 1}, 1)


def test_a_box_that_starts_prints_a_dot() -> None:
    box = make_box("factory")
    box.booting = True
    assert box.handle(request_program(op="read")).startswith(b".\n" + MARK.encode())


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_write() -> None:
    box = make_box()
    before = box.config
    answer = write(box)
    assert (answer["ok"], answer["written"], answer["status"], answer["load"]) == (True, True, "Done", 0)
    after = box.config
    assert after["filter"]["rule"][1:] == before["filter"]["rule"]
    # A presence boolean is an empty element once it is on disk.
    assert after["filter"]["rule"][0] == {**NEW_RULE, "destination": {"any": ""}}
    assert answer["revision"] == after["revision"]
    assert answer["revision"]["description"] == "(system): voip.hardening: test"
    assert ask(box, op="read")["digest"] == answer["digest"]
    assert 3000000001 in box.running
    assert box.counters.writes == 1


def test_edits_in_their_order_and_indexes_of_before() -> None:
    box = make_box()
    aliases = box.config["aliases"]["alias"]
    edits: list[dict[str, Any]] = [
        {"path": "system/optimization", "set": "conservative"},
        {"path": "system/newflag", "set": True},
        {"path": "system/domain", "unset": True},
        {"path": "aliases/alias", "list": [{"keep": 4}, {"keep": 0, "set": {"descr": "new"}, "unset": ["detail"]}]},
        {"path": "aliases/alias", "list": [{"keep": 1}, {"keep": 4}]},
        {"path": "nat/rule", "list": []},
        {"path": "vlans/vlan", "list": [], "empty": True},
    ]
    assert write(box, edits)["ok"]
    config = box.config
    assert (config["system"]["optimization"], config["system"]["newflag"]) == ("conservative", "")
    assert "domain" not in config["system"]
    assert config["aliases"]["alias"] == [aliases[1], aliases[4]]
    assert "rule" not in config["nat"]
    assert config["vlans"] == ""


def test_nothing_to_edit_writes_nothing() -> None:
    box = make_box()
    before = box.xml
    reloads = box.counters.reloads
    answer = write(box, [])
    assert (answer["ok"], answer["written"], box.xml, box.history) == (True, False, before, {})
    assert box.counters.reloads == reloads + 1


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"digest": "0" * 64}, "changed"),
        ({"revision": "1"}, "changed"),
        ({"token": ""}, "missing"),
        ({"token": "../x"}, "missing"),
        ({"edits": [{"path": "filter/rule", "list": [{"keep": 99}]}]}, "write"),
        ({"edits": [{"path": "system/hostname/x", "set": "1"}]}, "write"),
    ],
)
def test_a_write_that_is_refused(request_: dict[str, Any], error: str) -> None:
    box = make_box()
    before = box.xml
    assert write(box, **request_)["error"] == error
    assert (box.xml, box.files.listed(OWN)) == (before, [])


@pytest.mark.parametrize("how", ["refused", "failed"])
def test_a_write_that_the_vendor_refuses(how: str) -> None:
    box = make_box(write_fails=how)
    answer = write(box, apply={"interfaces": ["opt1"], "filter": True}, rollback=60)
    assert (answer["ok"], answer["error"]) == (False, "write")
    assert box.files.listed(OWN) == []
    assert box.kernel.ipv4["em2"] == ("172.16.5.1", 24)


def test_another_run_is_busy() -> None:
    box = make_box(locked=True)
    assert write(box)["error"] == "lock"
    assert ask(box, op="restore", token="t1")["error"] == "lock"


def test_applying() -> None:
    box = make_box()
    vlan = {"if": "em1", "tag": "40", "pcp": "5", "descr": "VOIPH-voice", "vlanif": "em1.40"}
    opt = {"descr": "VOIPH_VOICE", "if": "em1.40", "enable": True, "ipaddr": "10.40.0.1", "subnet": "24"}
    edits = [
        {"path": "vlans/vlan", "list": [{"keep": 0}, {"new": vlan}]},
        {"path": "interfaces/opt3", "set": opt},
        {"path": "dhcpd/opt3", "set": {"enable": True, "range": {"from": "10.40.0.10", "to": "10.40.0.99"}}},
        {"path": "installedpackages/siproxdsettings/config/0/sipenable", "unset": True},
    ]
    apply = {
        "vlans": ["em1.40"], "interfaces": ["opt3"], "dhcp": True, "siproxd": True, "filter": True, "webgui": True,
        "sshd": True, "sshguard": True,
    }  # fmt: skip
    box.mark_dirty("dhcpd")
    assert write(box, edits, apply=apply)["ok"]
    assert box.kernel.ipv4["em1.40"] == ("10.40.0.1", 24)
    assert box.dhcp["opt3"]["from"] == "10.40.0.10"
    assert (box.siproxd, box.dirty, box.restarts) == (False, [], {"webgui": 1, "sshd": 1, "sshguard": 1})

    gone = [
        {"path": "vlans/vlan", "list": [{"keep": 0}]},
        {"path": "interfaces/opt3", "unset": True},
        {"path": "dhcpd/opt3", "unset": True},
    ]
    assert write(box, gone, apply={"vlans_gone": ["em1.40"], "interfaces_down": ["opt3"]}, token="t2")["ok"]
    assert "em1.40" not in box.kernel.devices
    # Nobody asked for DHCP and rules to follow.
    assert "opt3" in box.dhcp


def test_a_vlan_on_no_device_puts_everything_back() -> None:
    box = make_box()
    vlan = {"if": "em9", "tag": "40", "pcp": "", "descr": "VOIPH-voice", "vlanif": "em9.40"}
    answer = write(box, [{"path": "vlans/vlan", "list": [{"keep": 0}, {"new": vlan}]}], apply={"vlans": ["em9.40"]})
    assert answer["error"] == "load"
    assert len(box.config["vlans"]["vlan"]) == 1


def test_a_load_that_fails_puts_everything_back() -> None:
    box = make_box()
    before, running = box.config, box.running
    answer = write(box, BAD, rollback=60)
    assert (answer["ok"], answer["error"]) == (False, "load")
    assert "qNone" in answer["message"]
    after = box.config
    assert {**after, "revision": 0} == {**before, "revision": 0}
    assert after["revision"]["description"].startswith("(system): Reverted to ")
    assert (box.status, box.running, box.timers) == ("Done", running, [])
    assert ask(box, op="read")["armed"] is None


def test_a_load_that_fails_twice_is_no_load_error() -> None:
    box = make_box(load_error="syntax error")
    assert write(box)["error"] == "exception"


def test_a_switched_off_firewall_is_no_failure() -> None:
    box = make_box()
    box.gui_write({"system/disablefilter": "enabled"})
    answer = write(box)
    assert (answer["ok"], answer["status"]) == (True, "Filter is disabled.  Not loading rules.")
    assert 3000000001 not in box.running


# --- the rollback timer ----------------------------------------------------------------------------------------------


def test_a_timer_that_fires() -> None:
    box = make_box()
    before = box.config
    written = write(box, rollback=60)
    armed = ask(box, op="read")["armed"]
    assert (armed["token"], armed["seconds"], armed["backup"]) == ("t1", 60, f"{OWN}/t1.xml")
    box.advance(50)
    assert 3000000001 in box.running
    box.advance(20)
    answer = ask(box, op="read")
    assert answer["fired"] == {"token": "t1", "at": armed["since"] + 60}
    assert answer["armed"] is None
    assert {**box.config, "revision": 0} == {**before, "revision": 0}
    assert 3000000001 not in box.running
    assert answer["digest"] != written["digest"]
    assert ask(box, op="disarm", token="t1") == {"ok": True, "disarmed": False, "fired": True}


def test_a_timer_that_is_disarmed() -> None:
    box = make_box()
    write(box, rollback=60)
    assert ask(box, op="disarm", token="other") == {"ok": True, "disarmed": False, "fired": False}
    assert ask(box, op="disarm", token="t1") == {"ok": True, "disarmed": True}
    assert ask(box, op="disarm", token="t1") == {"ok": True, "disarmed": False, "fired": False}
    assert (box.files.listed(OWN), box.timers) == ([], [])
    box.advance(1000)
    assert 3000000001 in box.running


def test_further_steps_of_a_run_are_under_its_first_timer() -> None:
    box = make_box()
    write(box, rollback=60)
    box.advance(30)
    assert write(box, [{"path": "system/optimization", "set": "aggressive"}], rollback=60)["ok"]
    assert write(box, [], token="t2")["error"] == "lock"
    box.advance(31)
    assert (box.config["system"]["optimization"], 3000000001 in box.running) == ("normal", False)


def test_a_fresh_write_forgets_what_fired() -> None:
    box = make_box()
    write(box, rollback=10)
    box.advance(11)
    assert write(box, [], token="t2", rollback=10)["ok"]
    assert ask(box, op="read")["fired"] is None
    assert ask(box, op="disarm", token="t2")["disarmed"] is True


def test_a_restart_loses_the_timer_and_not_its_record() -> None:
    box = make_box()
    write(box, rollback=60)
    box.boot()
    box.advance(1000)
    assert (3000000001 in box.running, ask(box, op="read")["armed"]["token"]) == (True, "t1")


def test_restoring_now() -> None:
    box = make_box()
    assert ask(box, op="restore", token="t1")["error"] == "missing"
    write(box, rollback=60)
    assert ask(box, op="restore", token="t1") == {"ok": True, "restored": True}
    assert (3000000001 in box.running, box.timers) == (False, [])
    assert ask(box, op="restore", token="t1")["error"] == "missing"


def test_restoring_what_fired_is_done() -> None:
    box = make_box()
    write(box, rollback=60)
    box.advance(60)
    writes = box.counters.writes
    assert ask(box, op="restore", token="t1") == {"ok": True, "restored": True}
    assert box.counters.writes == writes


def test_a_rollback_takes_a_new_vlan_away_again() -> None:
    box = make_box()
    vlan = {"if": "em1", "tag": "40", "pcp": "", "descr": "VOIPH-voice", "vlanif": "em1.40"}
    opt = {"descr": "VOIPH_VOICE", "if": "em1.40", "enable": True, "ipaddr": "10.40.0.1", "subnet": "24"}
    edits = [
        {"path": "vlans/vlan", "list": [{"keep": 0}, {"new": vlan}]},
        {"path": "interfaces/opt3", "set": opt},
    ]
    apply = {"vlans": ["em1.40"], "interfaces": ["opt3"], "filter": True}
    assert write(box, edits, apply=apply, rollback=60)["ok"]
    assert "em1.40" in box.kernel.devices
    box.advance(61)
    assert "em1.40" not in box.kernel.devices
    assert "opt3" not in box.config["interfaces"]


# --- flows -----------------------------------------------------------------------------------------------------------


def test_flows() -> None:
    box = make_box()
    box.kernel.states = [("10.0.0.20", "203.0.113.5"), ("10.0.0.20", "192.0.2.99"), ("10.0.0.21", "203.0.113.5")]
    kill = [{"source": "10.0.0.20/32", "destination": "203.0.113.0/24"}, {"source": "no address"}]
    assert ask(box, op="flows", kill=kill) == {"ok": True, "killed": 1}
    assert ask(box, op="flows", kill=[{"source": "10.0.0.0/24"}]) == {"ok": True, "killed": 2}


# --- faults ----------------------------------------------------------------------------------------------------------


def test_cuts() -> None:
    box = make_box()
    for kind, done in (("cut-before", False), ("cut-after", True), ("truncated", True), ("hang", True)):
        box.faults.clear()
        box.faults.plant(kind=kind, op="write")
        box.gui_write({"system/optimization": "normal"})
        edits = [{"path": "system/optimization", "set": "aggressive"}]
        with pytest.raises(Hang if kind == "hang" else Cut):
            write(box, edits)
        assert (box.config["system"]["optimization"] == "aggressive") is done


def test_tampered_answers() -> None:
    box = make_box()
    box.faults.plant(kind="garbage", at=2)
    box.faults.plant(kind="noise", text="PHP Warning: x\n", times=1)
    assert box.handle(request_program(op="read")).startswith(b"PHP Warning: x\n\n" + MARK.encode())
    assert box.handle(request_program(op="read")).endswith(b"{]\n")
    assert ask(box, op="read")["ok"]


def test_somebody_saves_between_read_and_write() -> None:
    box = make_box()
    box.faults.plant(kind="gui", op="write", times=1)
    assert write(box)["error"] == "changed"
    assert box.config["filter"]["rule"][-1]["descr"] == "added in the GUI"
    assert box.dirty == ["filter"]


def test_a_load_that_fails_at_will() -> None:
    box = make_box()
    box.faults.plant(kind="load", op="write", text="syntax error")
    answer = write(box)
    assert (answer["error"], box.status) == ("load", "Done")


def test_unknown_faults() -> None:
    with pytest.raises(ValueError, match="unknown fault 'explode'"):
        make_box().faults.plant(kind="explode")
