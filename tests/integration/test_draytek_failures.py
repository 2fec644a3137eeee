"""Vigor routers that must not be changed, or are not: what is said is true, and nobody is locked out."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from paramiko import RSAKey

from ansible_collections.voip.hardening.plugins.module_utils import engine
from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from tests.support.playbooks import Site
from tests.support.policies import provider
from tests.support.vigors import (
    LARGE,
    PASSWORD,
    SMALL,
    VIGORS,
    Stored,
    VigorUnit,
    assert_same_vigor,
    make_vigor,
    vigor_variables,
)

Start = Callable[..., VigorUnit]
RESTORED, IN_FORCE, AGAIN = "old state restored", "new state in force", "needs another run"
UNLESS = "; unless that happens the new block rules cease to act by themselves within 900 s"
WAN = "127.0.30.9"
INSIDE = "Connect to the address of LAN1 (through the LAN or a VPN)"


def test_units_that_must_not_be_changed(tmp_path: Path, start_vigor: Start) -> None:
    """One play over units of many kinds: each is refused with its own reason, and none is written to."""
    many = provider(signalling=[f"203.0.113.{8 * number}" for number in range(25)])
    units = {
        "wrong-password": start_vigor(host="127.0.30.11"),
        "no-password": start_vigor(host="127.0.30.12"),
        "unknown-key": start_vigor(host="127.0.30.13"),
        "changed-key": start_vigor(host="127.0.30.14"),
        "wrong-pin": start_vigor(host="127.0.30.15"),
        "pinned": start_vigor(host="127.0.30.16"),
        "drayos-5": start_vigor("factory", "Vigor2927", version="5.3.2", host="127.0.30.17"),
        "linux": start_vigor(host="127.0.30.18"),
        "no-room": start_vigor(host="127.0.30.19"),
        "by-the-wan": start_vigor("lived-in", host=WAN, lan_ip="192.168.1.1"),
        "strange": start_vigor(host="127.0.30.20"),
        "bad-input": start_vigor(host="127.0.30.21"),
    }
    empty, changed = tmp_path / "known-none", tmp_path / "known-other"
    empty.write_text("", encoding="ascii")
    shutil.copy(units["changed-key"].server.known_hosts, changed)  # type: ignore[union-attr]
    changed.write_text(re.sub(r"AAAA\S+", another_key(), changed.read_text(encoding="ascii")), encoding="ascii")
    version = units["linux"].device.execute("sys version", log=False).text
    units["linux"].device.faults.plant(
        kind="garbage", line="sys version", text=version.replace("Vigor2927", "Vigor3900")
    )
    units["strange"].device.faults.plant(kind="garbage", line="object ip obj 180 -v")
    variables: dict[str, dict[str, Any]] = {
        "wrong-password": {"ansible_password": "not-the-password"},
        "no-password": {"ansible_password": None},
        "unknown-key": {"voip_known_hosts": str(empty)},
        "changed-key": {"voip_known_hosts": str(changed)},
        "wrong-pin": {"voip_known_hosts": None, "voip_fingerprint": "A" * 43},
        "pinned": {"voip_known_hosts": str(empty), "voip_fingerprint": units["pinned"].server.fingerprint},  # type: ignore[union-attr]
        "no-room": {"voip_provider": many},
        "bad-input": {"voip_reserved_objects": 500, "voip_fingerprint": "abc"},
    }
    before = {name: unit.stored for name, unit in units.items()}
    site = Site(tmp_path, {name: vigor_variables(unit, **variables.get(name, {})) for name, unit in units.items()})
    run = site.play("--check")  # what cannot be done is refused in check mode already, but for a lock-out
    said = {name: run.of(name)["result"].get("msg", "") for name in units}
    kinds = {name: run.of(name)["kind"] for name in units}

    assert {name for name, kind in kinds.items() if kind == "ok"} == {"pinned", "by-the-wan"}
    assert {name for name, kind in kinds.items() if kind == "unreachable"} == set()
    assert "admin" in said["wrong-password"]
    assert PASSWORD not in run.output
    assert "not-the-password" not in run.output
    assert "password: missing" in said["no-password"]
    assert "is not known. Compare it on the unit" in said["unknown-key"]
    assert "another one than in" in said["changed-key"]
    assert "not the pinned one" in said["wrong-pin"]
    assert said["drayos-5"] == "sys version: DrayOS 5.3.2 is not supported: 3.9 to 4.x are"
    assert said["linux"] == (
        "Vigor3900 has a command line of its own (Linux) that this collection does not speak"
    )
    assert said["no-room"] == (
        "VOIPH-SIGNAL: 25 networks, and a rule of this unit takes 2 groups of 12; nothing was written"
    )
    assert said["strange"].startswith("object ip obj 180 -v: no line 'IP Object Profile 180' in the answer ")
    assert said["bad-input"].splitlines() == [
        "reserved_objects: 500 is not allowed; a number of IP objects from 24 to 192",
        'fingerprint: "abc" is not allowed; a host key\'s fingerprint as ssh-keygen -l prints it, SHA256: and 43 '
        "characters",
    ]
    refused = [line for line in run.of("by-the-wan")["result"]["remarks"] if "a run would be refused" in line]
    assert len(refused) == 1
    assert WAN in refused[0]

    assert {name: unit.stored for name, unit in units.items()} == before
    assert {name for name, unit in units.items() if unit.written} == set()
    # One attempt each: brute-force protection counts them, and the rest was not even tried.
    assert units["wrong-password"].device.counters.failures == 1
    assert units["wrong-password"].device.counters.connections == 1
    for name in ("no-password", "bad-input"):
        assert units[name].device.counters.connections == 0
    for name in ("unknown-key", "changed-key", "wrong-pin"):
        assert (units[name].device.counters.failures, units[name].device.counters.logins) == (0, 0), name
    assert [entry["line"] for entry in units["linux"].device.log] == ["sys mpage disable", "sys version", "exit"]

    # A lock-out is refused for good where the run would write.
    run = site.play("--limit", "by-the-wan")
    assert run.of("by-the-wan")["result"]["msg"].endswith(f"so that may be the way we came. {INSIDE}")
    assert units["by-the-wan"].stored == before["by-the-wan"]


def another_key() -> str:
    """The public part of a host key that no device has."""
    return RSAKey.generate(2048).get_base64()


def test_other_concerns_work_through_the_wan(start_vigor: Start) -> None:
    """Only what would close the way is refused."""
    unit = start_vigor("lived-in", host=WAN, lan_ip="192.168.1.1")
    before = unit.stored
    concerns = ["sip_alg", "sip_allowlist", "voice_vlan"]
    assert unit.run(concerns=concerns)["changed"]
    assert unit.run(concerns=concerns)["plan"] == []
    unit.run(concerns=concerns, state="deleted")
    assert_same_vigor(before, unit.stored)
    assert INSIDE in unit.fail("management_access").message


# Texts and manners that units differ in

VARIANTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    # model, configuration, what is different
    "names, paged": (SMALL, "lived-in", {"references": "name", "mpage": False, "group_slots": 24}),
    "numbers with names, two blanks": (
        LARGE, "factory",
        {"references": "both", "mpage": False, "two_spaces": True, "blank_before_marker": True, "page_lines": 22},
    ),
    "hidden sides, broken lines": (SMALL, "factory", {"references": "opaque", "mpage": False, "wrap_80": True}),
    "no empty name": (
        SMALL, "lived-in", {"empty_name": "refused", "remote_status": "sentences", "protocol_words": "words"},
    ),
    "hidden services": (LARGE, "lived-in", {"remote_status": "opaque", "protocol_words": "numbers"}),
    "interfaces replace": (
        SMALL, "factory", {"interface_lists": "replace", "long_name": "cut", "empty_object_type": 2, "banner": ""},
    ),
    "a unit that takes its time": (SMALL, "factory", {"latency": 0.002}),
}


@pytest.mark.parametrize(("model", "config", "knobs"), VARIANTS.values(), ids=VARIANTS)
def test_units_that_speak_otherwise(model: str, config: str, knobs: dict[str, Any], start_vigor: Start) -> None:
    """Check, harden, again, and back, whatever the texts are that no public example settles."""
    unit = start_vigor(config, model, knobs=knobs)
    before = unit.stored
    shown = unit.run(check=True)
    assert unit.written == []
    done = unit.run()
    assert done["plan"] == shown["plan"] != []
    unit.forget()
    again = unit.run()
    assert (again["plan"], unit.written) == ([], [])
    hidden = [line for line in again["unverifiable"] if line.startswith("ipf rule")]
    assert bool(hidden) == (knobs.get("references") == "opaque")
    assert any("rmtcfg" in line for line in again["unverifiable"]) == (knobs.get("remote_status") == "opaque")
    if knobs.get("remote_status") == "opaque":
        assert unit.stored["management"]["services"] == before["management"]["services"]
    unit.run(state="deleted")
    assert_same_vigor(before, unit.stored)
    assert unit.run(state="deleted")["plan"] == []
    if knobs.get("empty_name") == "refused":
        # What is free again is used again.
        names = {entry["name"] for entry in unit.stored["ip_objects"].values()}
        assert "VOIPH-free" in names
        unit.run()
        assert unit.run()["plan"] == []


def test_tables_that_a_terminal_broke_are_not_guessed_at(start_vigor: Start) -> None:
    """A large unit whose lines are broken at eighty columns: what cannot be put together again is an error."""
    unit = start_vigor("factory", LARGE, knobs={"mpage": False, "wrap_80": True})
    assert unit.fail("voice_vlan").message == (
        "show lan: 'LAN100' is '192.168.101', no IPv4 address, in the answer 'The LAN settings:'"
    )
    assert unit.written == []


def test_a_marker_in_two_packets(start_vigor: Start) -> None:
    """Pages that stop at a marker which comes in two packets."""
    unit = start_vigor("lived-in", knobs={"mpage": False, "split_marker": True})
    before = unit.stored
    assert unit.run("management_access")["changed"]
    assert unit.run("management_access")["plan"] == []
    unit.run("management_access", state="deleted")
    assert_same_vigor(before, unit.stored)


def test_over_telnet(start_vigor: Start) -> None:
    """It works, and is found."""
    unit = start_vigor("factory", telnet=True)
    before = unit.stored
    result = unit.run()
    found = [one["subject"] for one in result["findings"] if one["severity"] == "high"]
    assert "telnet" in found
    assert unit.run()["plan"] == []
    unit.run(state="deleted")
    assert_same_vigor(before, unit.stored)


# Plans that are cut off


@cache
def hardened(model: str) -> Stored:
    """What a run without trouble makes of a lived-in unit."""
    unit = make_vigor("lived-in", model)
    with unit.server:
        unit.run()
        return unit.stored


CUTS = [
    # kind, model, the line at which it happens
    ("cut-before", SMALL, "object ip obj 192 -n"),
    ("cut-after", LARGE, "object ip grp 31 -a"),
    ("cut-before", SMALL, "object schedule set 15 -e 1"),
    ("cut-after", SMALL, "ipf set 12 -n"),
    ("cut-after", SMALL, "ipf rule 12 6 -e 1"),
    ("truncated", SMALL, "ipf rule 11 5 -e 1"),
    ("cut-after", SMALL, "ipf set -d 12"),
    ("cut-before", SMALL, "msubnet switch 3"),
    ("cut-after", SMALL, "vlan group 2 set"),
    ("cut-before", LARGE, "vlan restart"),
    ("cut-after", SMALL, "vlan restart"),
    ("cut-after", SMALL, "mngt rmtcfg disable"),
    ("usage", SMALL, "mngt bfp -l"),
    ("usage", SMALL, "vlan vid 2"),
    ("garbage", SMALL, "ipf rule 12 3 -e 1"),
    ("ignore", SMALL, "ipf rule 12 6 -e 1"),
    ("ignore", LARGE, "mngt bfp -l"),
    ("ignore", SMALL, "srv dhcp option -e 1"),
    ("ignore", SMALL, "ipf set 11 -n"),
]


@pytest.mark.parametrize(("kind", "model", "line"), CUTS, ids=lambda value: str(value).replace(" ", "_"))
def test_a_plan_that_breaks(kind: str, model: str, line: str, start_vigor: Start) -> None:
    """What is said of the unit is what it holds, running VLANs included; the next run arrives, and what was not known
    for certain is given back all the same."""
    unit = start_vigor("lived-in", model)
    before, running = unit.stored, unit.device.running()
    fault = unit.device.faults.plant(kind=kind, line=f"^{line}", times=1)
    outcome = outcome_of(unit)
    assert fault.struck == 1, "the line is in no plan"
    if outcome == RESTORED:
        assert_same_vigor(before, unit.stored)
        assert_same_vigor(running, unit.device.running())
    elif outcome in ("", IN_FORCE):
        assert_same_vigor(hardened(model), unit.stored, notes=False)
        assert unit.device.running()["vlans"]["rows"]["2"]["vid"] == 40
    else:
        assert outcome in (AGAIN, f"{AGAIN}{UNLESS}")
        assert (outcome != AGAIN) == guarded(unit.stored)
    unit.run()
    assert unit.run()["plan"] == []
    assert not guarded(unit.stored)
    if outcome.startswith(AGAIN):
        unit.run(state="deleted")
        assert_same_vigor(before, unit.stored)


def outcome_of(unit: VigorUnit) -> str:
    """What a run says of the state that the unit is in; nothing where it went well."""
    try:
        unit.run()
    except Failure as failure:
        return str(failure.result["outcome"])
    return ""


def guarded(stored: Stored) -> bool:
    """Whether block rules on the unit run out by themselves."""
    return any(entry["comment"] == "VOIPH-guard" for entry in stored["schedules"].values())


def test_which_breaks_are_taken_back(start_vigor: Start) -> None:
    """A connection that breaks in the middle is followed by a new log-in that takes everything back."""
    unit = start_vigor("lived-in", SMALL)
    unit.device.faults.plant(kind="cut-after", line="^ipf rule 12 6 -e 1", times=1)
    failure = unit.fail()
    assert failure.result["outcome"] == RESTORED
    assert "ipf rule 12 6 -e 1" in failure.message
    assert failure.message.endswith(f"Outcome: {RESTORED}")
    assert unit.device.counters.logins == 2


def test_a_controller_that_is_lost(start_vigor: Start) -> None:
    """No log-in works any more: it is said what the unit does by itself, and it does that."""
    unit = start_vigor("lived-in", SMALL)
    unit.device.faults.plant(kind="cut-after", line="^ipf rule 11 5 -e 1", times=1)
    refuse = unit.device.faults.plant(kind="refuse")
    refuse.times, refuse.struck = 0, 0
    connections = iter(range(1_000_000))
    unit.device.faults.refuses_connection = lambda: next(connections) > 0  # type: ignore[method-assign]
    failure = unit.fail(timeout=10)
    assert failure.result["outcome"] == f"{AGAIN}{UNLESS}"
    bound = [
        rule for found in unit.stored["sets"].values() for rule in found["rules"].values()
        if rule["comment"].startswith("VOIPH-B")
    ]
    assert len(bound) == 3
    assert all(rule["schedules"][0] == 15 for rule in bound)
    assert unit.device.schedule_holds(15)
    unit.device.advance(900)
    assert not unit.device.schedule_holds(15)
    unit.device.faults = type(unit.device.faults)()
    unit.run()
    assert unit.run()["plan"] == []


@pytest.mark.parametrize("model", VIGORS)
def test_no_new_login_after_the_last_step(model: str, start_vigor: Start) -> None:
    """The old session takes everything back, VLANs that are in force already among it."""
    unit = start_vigor("lived-in", model)
    before, running = unit.stored, unit.device.running()
    connections = iter(range(1_000_000))
    unit.device.faults.refuses_connection = lambda: next(connections) == 1  # type: ignore[method-assign]
    failure = unit.fail()
    assert failure.result["outcome"] == RESTORED
    assert_same_vigor(before, unit.stored)
    assert_same_vigor(running, unit.device.running())


def test_a_unit_that_does_not_come_back_from_its_restart(
    start_vigor: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was hardened before, and nobody may take it for started again."""
    monkeypatch.setattr(engine, "RESTART_SECONDS", 0)
    monkeypatch.setattr(engine, "RESTART_PAUSE_SECONDS", 0.2)
    unit = start_vigor("factory", SMALL, knobs={"reboot_seconds": 3600.0})
    failure = unit.fail(allow_reboot=True)
    assert failure.message.startswith("the device was started again, and looking at it afterwards failed: ")
    assert failure.result["outcome"] == AGAIN
    unit.device.advance(7200)
    assert unit.run()["plan"] == []


def test_a_unit_that_loses_something_over_its_restart(start_vigor: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not held afterwards is named."""
    monkeypatch.setattr(engine, "RESTART_PAUSE_SECONDS", 0.2)
    unit = start_vigor("factory", SMALL, knobs={"reboot_seconds": 0.1})
    boot = unit.device._boot

    def forgetful(seconds: float = 0.0) -> None:
        unit.typed("vlan pri 1 1")
        boot(seconds)

    monkeypatch.setattr(unit.device, "_boot", forgetful)
    failure = unit.fail(allow_reboot=True)
    assert failure.message == (
        "the device does not hold after a restart what it held before: update vlan row 1 pri 1 -> 5 [VLAN-1 VLAN-2]. "
        f"Outcome: {AGAIN}"
    )


def test_a_unit_that_bans_after_failed_logins(start_vigor: Start) -> None:
    """Nobody is banned over a run: a wrong password is tried once."""
    unit = start_vigor("factory", knobs={"ban_after": 2})
    assert "admin" in unit.fail(password="wrong").message
    assert unit.device.counters.failures == 1
    assert unit.run()["changed"]


def test_a_unit_with_one_session(start_vigor: Start) -> None:
    """The first session is over before the second begins where a unit has no more; what is then said is true."""
    unit = start_vigor("factory", knobs={"max_sessions": 1})
    before = unit.stored
    failure = unit.fail()
    assert failure.result["outcome"] in (RESTORED, AGAIN, f"{AGAIN}{UNLESS}")
    if failure.result["outcome"] == RESTORED:
        assert_same_vigor(before, unit.stored)
