"""pfSense boxes that must not be changed, or break off: what is said is true, nobody is locked out, nothing is lost."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paramiko import RSAKey

from ansible_collections.voip.hardening.plugins.module_utils import ssh
from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import session
from tests.devices.pfsense.accounts import with_password
from tests.devices.pfsense.operations import request_of
from tests.devices.pfsense.tree import entries
from tests.support.pfsenses import (
    HOST,
    PASSWORD,
    PfSenseUnit,
    Tree,
    make_pfsense,
    pfsense_policy,
    pfsense_variables,
    shared_by_flavours,
    start_tree,
    without_revision,
)
from tests.support.playbooks import Site

Start = Callable[..., PfSenseUnit]
RESTORED, IN_FORCE, AGAIN = "old state restored", "new state in force", "needs another run"
ROLLBACK = 120
UNLESS = f"; unless that happens the box goes back to the configuration that it had by itself within {ROLLBACK} s"
WAITS = 'update running rollback waits -> "" [FW-1 FW-2]'


def changed(tree: Tree, **parts: Any) -> Tree:
    """A configuration with other top-level parts."""
    return {**tree, **parts}


def secondary() -> Tree:
    """The second box of a pair."""
    shared = {
        "mode": "carp", "interface": "lan", "uniqid": "6650d1f2a7b99", "vhid": "1", "type": "single",
        "subnet_bits": "24", "subnet": "10.0.0.254",
    }  # fmt: skip
    return changed(start_tree("lived-in", "2.8.0"), virtualip={"vip": [shared]})


def with_ops(*privileges: str) -> Tree:
    """The lived-in site where `ops` has a password and these privileges."""
    tree = start_tree("lived-in", "2.8.0")
    (ops,) = (user for user in tree["system"]["user"] if user["name"] == "ops")
    ops.pop("disabled")
    ops["priv"] = list(privileges)
    with_password(tree, "ops", PASSWORD)
    return tree


def test_boxes_that_must_not_be_changed(tmp_path: Path, flavour: str, start_pfsense: Start) -> None:
    """One play over boxes of many kinds: each is refused with its own reason, and none is written to."""
    plain = start_tree("lived-in", "2.8.0")
    shell = ("user-shell-access", "page-all")
    starts: dict[str, tuple[Tree, dict[str, Any]]] = {
        "wrong-password": (plain, {"guard": 2}),
        "no-password": (plain, {}),
        "unknown-key": (plain, {}),
        "changed-key": (plain, {}),
        "wrong-pin": (plain, {}),
        "pinned": (plain, {}),
        "newer": (changed(plain, version="25.1"), {}),
        "older": (changed(plain, version="22.9"), {}),
        "no-level": (changed(plain, version="new"), {}),
        "secondary": (secondary(), {"carp": "BACKUP"}),
        "sudo-asks": (with_ops(*shell), {"sudo": "password"}),
        "no-sudo": (with_ops(*shell), {"sudo": "absent"}),
        "no-shell": (with_ops("page-dashboard-all"), {}),
        "elsewhere": (plain, {}),
        "no-uplink": (changed(plain, interfaces={"lan": plain["interfaces"]["lan"]}), {}),
        "strange": (plain, {}),
        "bad-input": (plain, {}),
    }
    units = {name: start_pfsense(tree, flavour=flavour, knobs=knobs) for name, (tree, knobs) in starts.items()}
    units["strange"].device.faults.plant(kind="garbage")
    empty, other = tmp_path / "known-none", tmp_path / "known-other"
    empty.write_text("", encoding="ascii")
    shutil.copy(units["changed-key"].server.known_hosts, other)
    other.write_text(re.sub(r"AAAA\S+", another_key(), other.read_text(encoding="ascii")), encoding="ascii")
    ops = {"ansible_user": "ops"}
    variables: dict[str, dict[str, Any]] = {
        "wrong-password": {"ansible_password": "not-the-password"},
        "no-password": {"ansible_password": None},
        "unknown-key": {"voip_known_hosts": str(empty)},
        "changed-key": {"voip_known_hosts": str(other)},
        "wrong-pin": {"voip_known_hosts": None, "voip_fingerprint": "A" * 43},
        "pinned": {"voip_known_hosts": str(empty), "voip_fingerprint": units["pinned"].server.fingerprint},
        "sudo-asks": ops,
        "no-sudo": ops,
        "no-shell": ops,
        "elsewhere": {"voip_policy": pfsense_policy(management={"controller_address": None})},
        "bad-input": {"voip_fingerprint": "abc", "ansible_user": "nobody here"},
    }
    kept = {name: unit.kept for name, unit in units.items()}
    seen = {name: unit.watched() for name, unit in units.items()}
    site = Site(tmp_path, {name: pfsense_variables(unit, **variables.get(name, {})) for name, unit in units.items()})
    run = site.play("--check")  # what cannot be done is refused in check mode already, but for a lock-out
    said = {name: run.of(name)["result"].get("msg", "") for name in units}

    assert {name for name in units if run.of(name)["kind"] == "ok"} == {"pinned", "elsewhere"}
    assert {name for name in units if run.of(name)["kind"] == "unreachable"} == set()
    assert PASSWORD not in run.output
    assert "not-the-password" not in run.output
    assert "'admin'. It is not tried again" in said["wrong-password"]
    assert "password: missing" in said["no-password"]
    assert "is not known. Compare it on the unit" in said["unknown-key"]
    assert "another one than in" in said["changed-key"]
    assert "not the pinned one" in said["wrong-pin"]
    known = "known are 23.3 (2.7.1) to 24.x"
    assert said["newer"] == f"pfSense 2.8.0-RELEASE keeps its configuration at level 25.1; {known}"
    assert said["older"] == f"pfSense 2.8.0-RELEASE keeps its configuration at level 22.9; {known}"
    assert said["no-level"].endswith("the box has 'new', which is no level of configuration")
    assert said["secondary"].endswith("manage the primary")
    assert "sudo asks 'ops' for a password" in said["sudo-asks"]
    assert "there is no sudo: install the package sudo" in said["no-sudo"]
    assert "the shell of 'ops' runs no commands" in said["no-shell"]
    assert "no interface of this box has a gateway" in said["no-uplink"]
    assert "is not one line between two marks" in said["strange"] or "is no JSON" in said["strange"]
    assert [line.partition(":")[0] for line in said["bad-input"].splitlines()] == ["username", "fingerprint"]
    refused = [line for line in run.of("elsewhere")["result"]["remarks"] if "a run would be refused" in line]
    assert len(refused) == 1
    assert "10.0.0.0/24" in refused[0]

    run = site.play("--limit", "elsewhere")
    assert "127.0.0.1, from where we connect, is not among them" in run.of("elsewhere")["result"]["msg"]
    assert {name: unit.kept for name, unit in units.items()} == kept
    assert {op for requests in seen.values() for _login, op in requests} == {"read"}
    # One attempt each, which sshguard counts, and the rest was not even tried.
    counters = {name: unit.device.counters for name, unit in units.items()}
    assert (counters["wrong-password"].failures, counters["wrong-password"].connections) == (1, 1)
    assert counters["wrong-password"].blocked == 0
    for name in ("no-password", "bad-input"):
        assert counters[name].connections == 0
    for name in ("unknown-key", "changed-key", "wrong-pin"):
        assert (counters[name].failures, counters[name].logins) == (0, 0), name


def another_key() -> str:
    """The public part of a host key that no device has."""
    return RSAKey.generate(2048).get_base64()


def test_a_wrong_password_locks_nobody_out(flavour: str, start_pfsense: Start) -> None:
    """Two failed log-ins are one too many for this box: a run makes one, and the right password works after it."""
    unit = start_pfsense("lived-in", flavour=flavour, knobs={"guard": 2})
    unit.fail(password="wrong")
    assert unit.device.counters.failures == 1
    assert unit.run()["changed"]


def test_nobody_there(start_pfsense: Start) -> None:
    """A closed port and one that says nothing: unreachable, and soon."""
    unit = start_pfsense()
    with socket.create_server((HOST, 0)) as silent:
        failure = unit.fail(port=silent.getsockname()[1], connect_timeout=1)
        assert failure.unreachable
        assert "no connection within 1 s" in failure.message
        closed = silent.getsockname()[1]
    failure = unit.fail(port=closed)
    assert failure.unreachable
    assert "refused" in failure.message
    assert unit.device.counters.connections == 0


# The way by which a box is managed


def test_controller_outside_the_management_networks(flavour: str, start_pfsense: Start) -> None:
    """Refused before any write, each way that leads there; other concerns work, and what is in force may stay."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before, kept, seen = unit.device.xml, unit.kept, unit.watched()
    elsewhere = pfsense_policy(management={"controller_address": None})
    for module in ("firewall", "management_access"):
        (remark,) = (one for one in unit.run(module, check=True, policy=elsewhere)["remarks"] if "refused" in one)
        assert remark == f"a run would be refused: {unit.fail(module, policy=elsewhere).message}"
    assert unit.kept == kept
    assert {op for _login, op in seen} == {"read"}
    others = ["sip_alg", "sip_allowlist", "voice_vlan"]
    assert unit.run(concerns=others, policy=elsewhere)["changed"]
    unit.run()  # the box sees us by the declared address
    assert unit.run(policy=elsewhere)["plan"] == []
    for concern in others:
        assert unit.run(concern, state="deleted")["changed"]
    assert unit.run("management_access", state="deleted")["changed"]
    assert without_revision(unit.device.xml) == without_revision(before)


def test_a_way_in_that_nobody_has_applied_yet(start_pfsense: Start) -> None:
    """Somebody takes us out of the alias and applies nothing: a run would, so that it is refused."""
    unit = start_pfsense("lived-in")
    unit.run()
    place = next(n for n, one in enumerate(entries(unit.stored, "aliases/alias")) if one["name"] == "VOIPH_MANAGERS")
    unit.device.gui_write({f"aliases/alias/{place}/address": "10.9.9.0/24"}, dirty=("aliases",))
    kept = unit.kept
    message = unit.fail("sip_allowlist").message
    assert "lets only 10.9.9.0/24 manage the box" in message
    assert unit.kept == kept
    unit.run()
    assert unit.run(check=True)["plan"] == []


def test_through_the_phones_network(start_pfsense: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A controller among the phones would be shut out."""
    ends = ssh.both_ends
    monkeypatch.setattr(ssh, "both_ends", lambda sock: ("10.40.0.77", ends(sock)[1]))
    unit = start_pfsense("lived-in")
    kept = unit.kept
    among = pfsense_policy(management=None)
    shown = unit.run("voice_vlan", check=True, policy=among)["remarks"]
    message = unit.fail("voice_vlan", policy=among).message
    assert "10.40.0.77, from where we connect, lies in 10.40.0.0/24, which the plan closes" in message
    assert f"a run would be refused: {message}" in shown
    assert unit.kept == kept


# Boxes in a state of their own


def test_a_filter_that_is_switched_off(flavour: str, start_pfsense: Start) -> None:
    """The rules are written, and nobody is told that they act."""
    tree = start_tree("lived-in", "2.8.0")
    tree["system"]["disablefilter"] = "enabled"
    unit = start_pfsense(tree, flavour=flavour)
    before = unit.device.xml
    done = unit.run()
    for result in (done, unit.run(), unit.run(check=True)):
        worst = result["findings"][0]
        assert (worst["severity"], worst["subject"]) == ("critical", "system/disablefilter")
        assert result["unverifiable"] == ["whether the rules act: the packet filter is switched off"]
    assert unit.run()["plan"] == []
    unit.run(state="deleted")
    assert without_revision(unit.device.xml) == without_revision(before)


def test_another_run_is_busy(start_pfsense: Start) -> None:
    """Its lock is respected; how long the program waits for it is a matter of the unit tests."""
    unit = start_pfsense("lived-in", knobs={"locked": True})
    kept = unit.kept
    unit.run(check=True)
    failure = unit.fail()
    assert "another run of this collection is busy on the device" in failure.message
    assert failure.result["outcome"] == RESTORED
    assert unit.kept == kept
    assert not unit.armed
    unit.device.knobs.turn("locked", False)
    assert unit.run()["changed"]


@pytest.mark.parametrize("way", ["refused", "failed"])
def test_a_configuration_that_cannot_be_written(way: str, flavour: str, start_pfsense: Start) -> None:
    """Nothing is applied, nothing is left armed, and the next run gets there."""
    unit = start_pfsense("lived-in", flavour=flavour, knobs={"write_fails": way})
    before, rules = unit.device.xml, unit.device.kernel.loaded
    failure = unit.fail()
    assert "refused to write its configuration, or could not" in failure.message
    assert failure.result["outcome"] == RESTORED
    assert (unit.device.xml, unit.device.kernel.loaded.rules, unit.armed) == (before, rules.rules, False)
    unit.device.knobs.turn("write_fails", "")
    unit.run()
    assert unit.run(check=True)["plan"] == []


def test_somebody_saves_between_reading_and_writing(flavour: str, start_pfsense: Start) -> None:
    """Nothing of ours is written over it, and it is said; the next run comes after it."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.device.faults.plant(kind="gui", op="write", times=1)
    failure = unit.fail()
    assert "the configuration was changed since it was read" in failure.message
    assert failure.result["outcome"] == AGAIN
    assert "VOIPH" not in unit.device.xml
    assert "added in the GUI" in unit.device.xml
    assert unit.device.counters.writes == 1
    assert not unit.armed
    assert unit.device.dirty == ["filter"]
    theirs = unit.device.xml
    done = unit.run()
    assert "settings were saved on the box and not applied; applying ours applies them too" in done["remarks"]
    assert unit.run()["plan"] == []
    unit.run(state="deleted")
    assert without_revision(unit.device.xml) == without_revision(theirs)


def test_somebody_saves_after_the_write(flavour: str, start_pfsense: Start) -> None:
    """What they saved stays; it has nothing to do with ours, and nothing of it is lost over the rollback's end."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.device.faults.plant(kind="gui", op="disarm", times=1)
    unit.run()
    assert not unit.armed
    assert "added in the GUI" in unit.device.xml
    assert unit.run()["plan"] == ['update running unapplied filter -> "" [FW-1 FW-2]']
    assert unit.device.dirty == []


def test_two_runs_at_once(flavour: str, start_pfsense: Start) -> None:
    """One of them writes; the other one does as well, or says that it did not; the box is hardened once."""
    unit = start_pfsense("lived-in", flavour=flavour)
    outcomes: list[Any] = []

    def run() -> None:
        try:
            outcomes.append(unit.run())
        except Failure as failure:
            outcomes.append(failure)

    workers = [threading.Thread(target=run) for _n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    failures = [one for one in outcomes if isinstance(one, Failure)]
    assert len(failures) < len(outcomes)
    for failure in failures:
        assert re.search(r"changed since it was read|changed at the same time|another run|earlier run", failure.message)
    assert not unit.armed
    descriptions = [rule["descr"] for rule in entries(unit.stored, "filter/rule")]
    assert len([one for one in descriptions if one.startswith("VOIPH-")]) == len(
        {one for one in descriptions if one.startswith("VOIPH-")}
    )
    unit.run()
    assert unit.run()["plan"] == []


# Loads that fail


def test_rules_that_do_not_load(flavour: str, start_pfsense: Start) -> None:
    """The box has its configuration back, the old rules run, and the error says why."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before, rules, devices = unit.device.xml, unit.device.kernel.loaded.rules, set(unit.device.kernel.devices)
    unit.device.faults.plant(kind="load", op="write", times=1, text="cannot allocate memory")
    failure = unit.fail()
    assert "the configuration was put back" in failure.message
    assert "cannot allocate memory" in failure.message
    assert failure.result["outcome"] == RESTORED
    assert without_revision(unit.device.xml) == without_revision(before)
    assert (unit.device.kernel.loaded.rules, unit.device.kernel.devices) == (rules, devices)
    assert not unit.armed
    assert unit.device.status == "Done"
    unit.run()
    assert unit.run()["plan"] == []


def test_no_rules_load_any_more(flavour: str, start_pfsense: Start) -> None:
    """Not even the old ones: the old configuration is back, and that its rules could not be loaded is said."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before, rules = unit.device.xml, unit.device.kernel.loaded.rules
    unit.device.knobs.turn("load_error", "syntax error")
    failure = unit.fail()
    assert "syntax error" in failure.message
    assert "was to be put back, and that failed" in failure.message
    assert failure.result["outcome"] == AGAIN
    assert without_revision(unit.device.xml) == without_revision(before)
    assert unit.device.kernel.loaded.rules == rules
    assert not unit.armed
    unit.device.knobs.turn("load_error", "")
    unit.run()
    assert unit.run()["plan"] == []


# Connections that break


CUTS = [
    # the operation and which of its kind, what happens to it
    *(("read", 1, kind) for kind in ("cut-before", "cut-after", "truncated", "garbage", "hang")),
    *(("write", 1, kind) for kind in ("cut-before", "cut-after", "truncated", "garbage", "hang")),
    *(("read", 2, kind) for kind in ("cut-before", "cut-after", "truncated", "garbage", "hang")),
    *(("disarm", 1, kind) for kind in ("cut-before", "cut-after", "truncated", "garbage", "hang")),
]


@pytest.mark.parametrize(
    ("cut", "flavour"),
    shared_by_flavours(CUTS, 3),
    indirect=["flavour"],
    ids=lambda part: part if isinstance(part, str) else "-".join(map(str, part)),
)
def test_a_run_that_breaks_off(
    cut: tuple[str, int, str], flavour: str, start_pfsense: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said of the box is what it holds; whatever waits on it is said; the next run arrives."""
    op, at, kind = cut
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    after = hardened()
    if kind == "hang":
        monkeypatch.setattr(session, "_LONGEST_ANSWER", 3.0)
    fault = unit.device.faults.plant(kind=kind, op=op, at=at, times=1)
    outcome = outcome_of(unit)
    assert fault.struck == 1
    assert outcome == EXPECTED[op, at](kind)
    if outcome in ("never written", RESTORED):
        assert without_revision(unit.device.xml) == without_revision(before)
    else:
        assert without_revision(unit.device.xml) == after
    assert unit.armed == (UNLESS in outcome)
    if unit.armed:
        # Nobody takes what is about to go for what is there.
        kept = unit.kept
        assert WAITS in unit.run(check=True)["plan"]
        assert unit.run(state="gathered")["gathered"]
        assert unit.kept == kept
        unit.device.advance(ROLLBACK + 1)
        assert without_revision(unit.device.xml) == without_revision(before)
    unit.run()
    assert unit.run()["plan"] == []
    unit.run(state="deleted")
    assert without_revision(unit.device.xml) == without_revision(before)


EXPECTED: dict[tuple[str, int], Callable[[str], str]] = {
    ("read", 1): lambda _kind: "never written",
    ("write", 1): lambda _kind: RESTORED,
    # Everything was written, nothing is proved, and the box takes it back.
    ("read", 2): lambda _kind: f"{AGAIN}{UNLESS}",
    # An answer to the disarming that is lost is asked for again.
    ("disarm", 1): lambda _kind: "",
}


def outcome_of(unit: PfSenseUnit) -> str:
    """What a run says of the state that the box is in; nothing where it went well."""
    try:
        unit.run()
    except Failure as failure:
        return str(failure.result.get("outcome", "never written"))
    return ""


_HARDENED: list[str] = []


def hardened() -> str:
    """What a run without trouble makes of a lived-in box."""
    if not _HARDENED:
        unit = make_pfsense("lived-in")
        with unit.server:
            unit.run()
        _HARDENED.append(without_revision(unit.device.xml))
    return _HARDENED[0]


def test_a_controller_that_is_lost(flavour: str, start_pfsense: Start) -> None:
    """No log-in works any more: it is said what the box does by itself, and it does that, and no sooner."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before, rules = unit.device.xml, unit.device.kernel.loaded.rules
    devices, dhcp = set(unit.device.kernel.devices), unit.device.dhcp
    unit.device.faults.plant(kind="cut-after", op="write", times=1)
    connections = iter(range(1_000_000))
    unit.device.faults.refuses_connection = lambda: next(connections) > 0  # type: ignore[method-assign]
    failure = unit.fail()
    assert failure.result["outcome"] == f"{AGAIN}{UNLESS}"
    assert "finding out where the device stands failed too" in failure.message
    assert without_revision(unit.device.xml) == hardened()
    unit.device.advance(ROLLBACK - 30)
    assert unit.armed
    unit.device.advance(31)
    assert not unit.armed
    assert without_revision(unit.device.xml) == without_revision(before)
    assert (unit.device.kernel.loaded.rules, set(unit.device.kernel.devices), unit.device.dhcp) == (
        rules,
        devices,
        dhcp,
    )
    unit.device.faults = type(unit.device.faults)()
    unit.run()
    assert unit.run()["plan"] == []
    assert without_revision(unit.device.xml) == hardened()


def test_a_rollback_that_is_faster(flavour: str, start_pfsense: Start) -> None:
    """The proof comes too late: it is said that the box has gone back, and nothing that it might still do so."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    late(unit, "disarm")
    failure = unit.fail()
    assert "the rollback was faster: the box has the configuration that it had before" in failure.message
    assert failure.result["outcome"] == AGAIN
    assert without_revision(unit.device.xml) == without_revision(before)
    unit.run()
    assert unit.run()["plan"] == []


def test_a_box_that_has_gone_back_before_it_is_looked_at(flavour: str, start_pfsense: Start) -> None:
    """The same, found out by reading already."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    unit.device.faults.plant(kind="cut-after", op="write", times=1)
    late(unit, "restore")
    failure = unit.fail()
    assert failure.result["outcome"] == RESTORED
    assert without_revision(unit.device.xml) == without_revision(before)
    assert not unit.armed


def late(unit: PfSenseUnit, op: str) -> None:
    """The rollback's time is over right before the next request of this operation."""
    carry_out, waiting = unit.device.handle, [op]

    def handle(program: str) -> bytes:
        if (request_of(program) or {})["op"] in waiting:
            waiting.clear()
            unit.device.advance(ROLLBACK + 1)
        return carry_out(program)

    unit.device.handle = handle  # type: ignore[method-assign]


def test_a_rollback_that_a_restart_of_the_box_ended(start_pfsense: Start) -> None:
    """Its process is gone, so that it never happens, and it does not keep runs off for ever."""
    unit = start_pfsense("lived-in")
    unit.device.faults.plant(kind="cut-before", op="read", at=2)
    assert unit.fail().result["outcome"] == f"{AGAIN}{UNLESS}"
    unit.device.faults.clear()
    unit.device.boot()
    assert unit.run(check=True)["plan"] == [WAITS]
    unit.run()
    assert not unit.armed
    unit.device.advance(ROLLBACK + 1)
    assert unit.run(check=True)["plan"] == []
    assert without_revision(unit.device.xml) == hardened()
    unit.run("sip_alg", state="deleted")  # which writes, and arms its own
    assert not unit.armed
    unit.run()
    assert unit.run(check=True)["plan"] == []


def test_a_password_in_what_is_not_understood(flavour: str, start_pfsense: Start) -> None:
    """It is not shown, wherever the box prints it."""
    unit = start_pfsense("lived-in", flavour=flavour)
    for text in (f"{PASSWORD}\n", f"---- voip.hardening ----\n{{{PASSWORD}\n---- voip.hardening ----\n"):
        unit.device.faults.clear()
        unit.device.faults.plant(kind="garbage", text=text)
        failure = unit.fail()
        assert PASSWORD not in f"{failure.message}{failure.result}"
