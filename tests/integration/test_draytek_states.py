"""`ansible-playbook harden.yml` against live Vigor routers of both classes: every state, every concern, every way."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.playbooks import Run, Site
from tests.support.policies import policy
from tests.support.units import CONCERNS
from tests.support.vigors import (
    LARGE,
    PASSWORD,
    SMALL,
    VigorUnit,
    assert_same_vigor,
    comparable,
    vigor_policy,
    vigor_variables,
)

Start = Callable[..., VigorUnit]
PLAN_FIELDS = ("changed", "plan", "pending", "unverifiable", "remarks")
RESTART = "restart: settings of LANs"
HOSTS = {"fw1": "127.0.30.1", "fw2": "127.0.30.2", "fw3": "127.0.30.3", "fw4": "127.0.30.4"}


def site_of(folder: Path, *units: VigorUnit, **variables: Any) -> Site:
    """A site with these units as fw1, fw2 ..."""
    return Site(folder, {f"fw{n}": vigor_variables(unit, **variables) for n, unit in enumerate(units, 1)})


def planned(run: Run, host: str) -> dict[str, Any]:
    """What a run says of a host; open sessions are of runs that write only."""
    result = run.result(host)
    told = {name: result.get(name) for name in PLAN_FIELDS}
    told["pending"] = [line for line in result["pending"] if not line.startswith("sessions")]
    return told


def went_well(run: Run) -> Run:
    """The run, which must have ended without failures."""
    assert run.status == 0, run.output
    return run


def test_harden_a_site(tmp_path: Path, start_vigor: Start) -> None:
    """Check, harden, again; a rule changed behind its back is found alone; deleted gives the start back."""
    units = [start_vigor("lived-in", SMALL, host=HOSTS["fw1"]), start_vigor("factory", LARGE, host=HOSTS["fw2"])]
    before = [unit.stored for unit in units]
    site = site_of(tmp_path, *units)

    shown = went_well(site.play("--check", "--diff"))
    assert [unit.written for unit in units] == [[], []]
    assert [unit.stored for unit in units] == before
    assert "+++ after" in shown.output
    assert "block-sip-in" in shown.output

    done = went_well(site.play("--diff"))
    for host in ("fw1", "fw2"):
        assert planned(done, host) == planned(shown, host)
        assert done.result(host)["changed"]
        assert RESTART in " ".join(done.result(host)["pending"])
        assert done.result(host)["undo"]
    assert done.output.count("changed=1") == 2
    hardened = [unit.stored for unit in units]
    # One session to observe and apply, a fresh log-in to verify; nothing of ours is left running out.
    assert [unit.device.counters.logins for unit in units] == [3, 3]
    assert [unit.stored["schedules"] for unit in units] == [state["schedules"] for state in before]

    for unit in units:
        unit.forget()
    again = went_well(site.play())
    assert again.output.count("changed=0") == 2
    assert [again.result(host)["plan"] for host in ("fw1", "fw2")] == [[], []]
    assert [unit.written for unit in units] == [[], []]
    assert [unit.stored for unit in units] == hardened

    units[0].typed("ipf rule 12 6 -e 0")
    units[1].typed('ipf rule 50 6 -F "0 0"')
    found = went_well(site.play("--check", "--diff"))
    assert found.result("fw1")["plan"] == [
        "update ipf rule 12.6 block-sip-in enabled False -> True [FW-1 SVC-1]"
    ]
    assert found.result("fw2")["plan"] == [
        "update ipf rule 50.6 block-sip-in action pass -> block, log False -> True [FW-1 SVC-1]"
    ]
    lines = [line for line in found.output.splitlines() if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]
    assert sorted(line.replace(" ", "") for line in lines) == [
        "+action:block", "+enabled:true", "+log:true", "-action:pass", "-enabled:false", "-log:false",
    ]
    assert [unit.written for unit in units] == [[], []]

    went_well(site.play())
    for state, unit in zip(hardened, units, strict=True):
        assert_same_vigor(state, unit.stored)
    went_well(site.play("-e", "voip_state=deleted"))
    for state, unit in zip(before, units, strict=True):
        assert_same_vigor(state, unit.stored)


def test_each_concern_alone(tmp_path: Path, start_vigor: Start) -> None:
    """Each of the four modules in a play of its own; taken back, the unit is as it was."""
    units = [start_vigor("lived-in", model, host=host)
             for model, host in zip((SMALL, LARGE, SMALL, LARGE), HOSTS.values(), strict=True)]
    before = [unit.stored for unit in units]
    site = site_of(tmp_path, *units)
    steps: tuple[dict[str, Any], ...] = ({"check_mode": True}, {}, {}, {"vars": {"voip_state": "deleted"}})
    plays = [
        {
            "name": concern,
            "hosts": f"fw{n}",
            "gather_facts": False,
            "tasks": [{"name": concern, f"voip.hardening.{concern}": {}, **step} for step in steps],
        }
        for n, concern in enumerate(CONCERNS, 1)
    ]
    playbook = tmp_path / "concerns.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    run = went_well(site.play(playbook=str(playbook)))
    planned_by = []
    for n, (concern, unit) in enumerate(zip(CONCERNS, units, strict=True), 1):
        shown, done, again, back = results_of(run, f"fw{n}")
        assert shown["plan"] == done["plan"] != [], concern
        assert (again["changed"], again["plan"]) == (False, []), concern
        assert back["plan"], concern
        assert_same_vigor(before[n - 1], unit.stored)
        planned_by.append({" ".join(line.split()[1:3]) for line in done["plan"]})
    # What each of them is about, told by the tables that it changes.
    helper, allowlist, voice, management = planned_by
    assert helper == {"object ip", "sys sip_alg"}
    assert {"ipf rule", "ipf set", "ipf data"} <= allowlist
    assert {"msubnet LAN3", "vlan row", "ipf rule"} <= voice
    assert management == {"object ip", "mngt bfp", "mngt lanaccess", "mngt rmtcfg"}


def results_of(run: Run, host: str) -> list[dict[str, Any]]:
    """What the tasks returned that a host had."""
    return [entry["result"] for entry in run.results if entry["host"] == host and entry["kind"] == "ok"]


def of_task(run: Run, host: str) -> dict[str, Any]:
    """What the one task returned that a host had."""
    (found,) = results_of(run, host)
    return found


def test_gathered_and_rendered(tmp_path: Path, start_vigor: Start) -> None:
    """`gathered` writes nothing; `rendered` does not even connect, and needs no device, account or password."""
    unit = start_vigor("lived-in", SMALL)
    unit.run()
    unit.forget()
    hardened, connections = unit.stored, unit.device.counters.connections
    options: dict[str, Any] = {"provider": "{{ voip_provider }}", "policy": "{{ voip_policy }}", "state": "rendered"}
    offline = {
        "ansible_network_os": "draytek", "ansible_host": "192.0.2.1", "voip_policy": vigor_policy(),
        "voip_provider": vigor_variables(unit)["voip_provider"],
    }
    site = Site(tmp_path, {"fw1": vigor_variables(unit), "small": offline, "large": offline})
    tasks = [
        {"name": "Read", "voip.hardening.firewall": {"state": "gathered"}, "when": "inventory_hostname == 'fw1'"},
        {"name": "Small", "voip.hardening.firewall": options, "when": "inventory_hostname == 'small'"},
        {"name": "Large", "voip.hardening.firewall": {**options, "model": "Vigor3912S", "version": "4.3.5"},
         "when": "inventory_hostname == 'large'"},
    ]
    run = went_well(site.play(playbook=site.playbook_file(tasks)))
    gathered = of_task(run, "fw1")
    assert gathered["gathered"]["ipf rule"]["12.6"]["name"] == "block-sip-in"
    assert gathered["gathered"]["sys sip_alg"]["sip"] is False
    assert "marketing" not in repr(gathered["gathered"])
    assert (gathered["changed"], unit.written, unit.stored == hardened) == (False, [], True)
    assert unit.device.counters.connections == connections + 1

    lines = {host: [step["command"] for step in of_task(run, host)["rendered"]] for host in ("small", "large")}
    for host, found in lines.items():
        assert not of_task(run, host)["changed"]
        assert found[-2:] == ["vlan restart", "sys commit"]
        assert "sys sip_alg -e 0" not in found  # it is off on a new unit
    assert [line for line in lines["small"] if line.startswith("ipf set -d")] == ["ipf set -d 12"]
    assert [line for line in lines["large"] if line.startswith("ipf set -d")] == ["ipf set -d 50"]
    assert of_task(run, "large")["platform"]["model"] == "Vigor3912S"


def test_delegated_to_a_jump_host(tmp_path: Path, start_vigor: Start) -> None:
    """On another host the task runs as an ordinary module, packed with all it needs, with the same result."""
    here = start_vigor("lived-in", host=HOSTS["fw1"])
    there = start_vigor("lived-in", host=HOSTS["fw2"], lan_ip=HOSTS["fw1"])
    hosts = {
        "fw1": vigor_variables(there, voip_policy=vigor_policy(concerns={"management_access": False})),
        "jump": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
    }
    site = Site(tmp_path, hosts)
    task: dict[str, Any] = {
        "name": "Through the jump host",
        "voip.hardening.firewall": {"provider": "{{ voip_provider }}", "policy": "{{ voip_policy }}"},
        "delegate_to": "jump",
    }
    playbook = site.playbook_file([task])
    expected = here.run(policy=vigor_policy(concerns={"management_access": False}))
    shown = went_well(site.play("--check", playbook=playbook)).result("fw1")
    assert there.written == []
    run = went_well(site.play("-vvvv", playbook=playbook))
    done = run.result("fw1")
    assert shown["plan"] == done["plan"] == expected["plan"]
    for name in ("findings", "pending", "unverifiable", "remarks"):
        assert done[name] == expected[name], name
    assert_same_vigor(here.stored, there.stored, notes=False)
    assert PASSWORD not in run.output
    assert went_well(site.play(playbook=playbook)).result("fw1")["plan"] == []

    # Failures come as they do in the worker.
    there.device.faults.plant(kind="garbage", line="^vlan status", text="VLAN is Perhaps :")
    failed = site.play(playbook=playbook)
    assert failed.of("fw1")["kind"] == "failed"
    assert failed.of("fw1")["result"]["msg"].startswith("vlan status: no state and no head of the table of VLANs")


def test_started_again_where_that_is_allowed(tmp_path: Path, start_vigor: Start) -> None:
    """The restart puts the phones' LAN into force, everything is looked at again, and nothing is left to wait for."""
    unit = start_vigor("factory", SMALL, knobs={"reboot_seconds": 1.0})
    site = site_of(tmp_path, unit)
    run = went_well(site.play("-e", "voip_allow_reboot=true"))
    result = run.result("fw1")
    assert unit.device.uptime < 3600
    assert "the device was started again and holds everything" in result["remarks"]
    assert [line for line in result["pending"] if not line.startswith("sessions")] == []
    running = unit.device.running()
    assert running["lans"]["2"]["address"] == "10.40.0.1"
    assert running["vlans"]["rows"]["1"]["lan"] == 2
    assert [entry["line"] for entry in unit.device.log].count("sys reboot") == 1

    unit.forget()
    again = went_well(site.play("-e", "voip_allow_reboot=true")).result("fw1")
    assert (again["changed"], again["plan"], again["pending"]) == (False, [], [])
    assert unit.written == []
    assert "sys reboot" not in [entry["line"] for entry in unit.device.log]


def test_secrets_are_not_shown(tmp_path: Path, start_vigor: Start) -> None:
    """At the highest verbosity the password appears neither in what is printed nor in what is left in files."""
    good, bad = start_vigor("lived-in", host=HOSTS["fw1"]), start_vigor("lived-in", host=HOSTS["fw2"])
    bad.device.faults.plant(kind="garbage", line="^ipf rule", text=f"passwd {PASSWORD}")
    site = site_of(tmp_path, good, bad)
    run = site.play("-vvvv", "--diff")
    assert run.of("fw1")["kind"] == "ok"
    assert run.of("fw2")["kind"] == "failed"
    assert PASSWORD not in run.output
    for file in tmp_path.rglob("*"):
        if file.is_file() and file != site.inventory:
            assert PASSWORD not in file.read_text(encoding="utf-8", errors="replace"), file
    assert not any(PASSWORD in entry["line"] for unit in (good, bad) for entry in unit.device.log)


def test_a_second_site_with_the_same_policy(start_vigor: Start) -> None:
    """Concern by concern or all at once: the unit ends up the same, but for the places that things are in."""
    whole = start_vigor("factory", host=HOSTS["fw1"])
    pieces = start_vigor("factory", host=HOSTS["fw2"], lan_ip=HOSTS["fw1"])
    whole.run(concerns=["sip_alg", "sip_allowlist", "voice_vlan"])
    for concern in ("voice_vlan", "sip_allowlist", "sip_alg"):
        pieces.run(concern)
    assert pieces.run(check=True, concerns=["sip_alg", "sip_allowlist", "voice_vlan"])["plan"] == []
    one, other = comparable(whole.stored), comparable(pieces.stored)
    for table in ("lans", "vlans", "alg", "talk", "filter"):
        assert one[table] == other[table], table
    assert {rule["comment"][:8] for found in one["sets"].values() for rule in found["rules"].values()} == {
        rule["comment"][:8] for found in other["sets"].values() for rule in found["rules"].values()
    }


def test_nothing_is_contacted_when_the_policy_switches_everything_off(start_vigor: Start) -> None:
    """A run without a concern left says so, and opens no connection."""
    unit = start_vigor()
    result = unit.run("sip_alg", policy=vigor_policy(concerns={"sip_alg": False}))
    assert not result["changed"]
    assert "not contacted" in " ".join(result["remarks"])
    assert unit.device.counters.connections == 0
    assert policy()["voice_vlan"]["parent_interface"] == "internal"
