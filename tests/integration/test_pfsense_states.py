"""pfSense boxes of several releases over SSH: every state, every concern, every way in, with real PHP and without."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
import pytest

from tests.devices.pfsense.tree import entries
from tests.support.pfsenses import (
    PASSWORD,
    STARTS,
    VERSIONS,
    PfSenseUnit,
    Tree,
    pfsense_policy,
    pfsense_variables,
    start_tree,
    without_revision,
)
from tests.support.playbooks import Run, Site
from tests.support.policies import provider
from tests.support.units import CONCERNS

Start = Callable[..., PfSenseUnit]
PLAN_FIELDS = ("changed", "plan", "diff", "undo", "unverifiable", "remarks", "platform")
UNCHANGED = [(1, "read")]
CHANGED = [(1, "read"), (1, "write"), (2, "read"), (2, "disarm")]
"""The requests of a run, by log-in."""

ORDERS = (CONCERNS, CONCERNS[::-1], ("voice_vlan", "management_access", "sip_alg", "sip_allowlist"))


def planned(result: dict[str, Any]) -> dict[str, Any]:
    """What check mode promises and a run does; open states are of runs that write only."""
    return {name: result.get(name) for name in PLAN_FIELDS}


def given_back(unit: PfSenseUnit, before: str) -> None:
    """Taking everything away leaves config.xml as it was, byte for byte but for who wrote last."""
    unit.run(state="deleted")
    assert without_revision(unit.device.xml) == without_revision(before)
    kept = unit.kept
    assert unit.run(state="deleted")["plan"] == []
    assert unit.kept == kept


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", STARTS)
def test_check_harden_again_and_back(kind: str, version: str, flavour: str, start_pfsense: Start) -> None:
    """Check mode writes nothing and promises what a run does; a second run is one log-in and one request; `deleted`
    gives the start back byte for byte."""
    unit = start_pfsense(kind, version, flavour)
    before, kept, seen = unit.device.xml, unit.kept, unit.watched()

    shown = unit.run(check=True)
    assert seen == UNCHANGED
    assert unit.kept == kept
    assert (shown["changed"], shown["requests"]) == (True, 2)
    assert shown["platform"]["version"] == f"{version}-RELEASE"

    seen.clear()
    logins = unit.device.counters.logins
    done = unit.run()
    assert [(login - logins, op) for login, op in seen] == CHANGED
    assert planned(done) == planned(shown)
    assert done["requests"] == 6
    assert unit.device.counters.logins == logins + 2
    assert unit.device.counters.writes == 1
    assert len(unit.device.history) == len(kept[1]) + 1
    assert not unit.armed
    assert (unit.device.dirty, unit.device.status) == ([], "Done")

    seen.clear()
    kept = unit.kept
    logins = unit.device.counters.logins
    again = unit.run()
    assert [(login - logins, op) for login, op in seen] == UNCHANGED
    assert (again["changed"], again["plan"], again["requests"]) == (False, [], 2)
    assert unit.device.counters.logins == logins + 1
    assert unit.kept == kept
    given_back(unit, before)
    assert not unit.armed


@pytest.mark.parametrize("concern", CONCERNS)
def test_each_concern_alone(concern: str, flavour: str, start_pfsense: Start) -> None:
    """A module does its own work alone, and takes it back."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    shown = unit.run(concern, check=True)
    done = unit.run(concern)
    assert planned(done) == planned(shown)
    touched = {line.split()[1] for line in done["plan"]}
    assert touched == TOUCHED[concern]
    assert unit.run(concern)["plan"] == []
    unit.run(concern, state="deleted")
    assert without_revision(unit.device.xml) == without_revision(before)


NOTES, RULES = "installedpackages/voiphardening/config", "floating:filter/rule"
TOUCHED: dict[str, set[str]] = {
    "sip_alg": {NOTES, "installedpackages/siproxdsettings", "system/optimization"},
    "sip_allowlist": {"aliases/alias", RULES},
    "voice_vlan": {"aliases/alias", "dhcpd", RULES, "interfaces", "vlans/vlan"},
    "management_access": {"aliases/alias", NOTES, RULES, "system/sshguard", "system/webgui"},
}


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order[0])
def test_concerns_withdrawn_one_after_the_other(order: tuple[str, ...], flavour: str, start_pfsense: Start) -> None:
    """What the others ask for stays in force until the last of them goes, and then the box is as it was."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    unit.run()
    for number, concern in enumerate(order, 1):
        unit.run(concern, state="deleted")
        rest = [one for one in CONCERNS if one in order[number:]]
        left = unit.run(concerns=rest, check=True)["plan"] if rest else []
        # Management is closed on every interface that there is, and the phones' is none any more.
        gone = concern == "voice_vlan" and "management_access" in rest
        assert len(left) == (2 if gone else 0), (concern, left)
        assert all("managers interface" in line or "block-management interface" in line for line in left)
    assert without_revision(unit.device.xml) == without_revision(before)


def test_concern_by_concern_or_all_at_once(start_pfsense: Start) -> None:
    """The box ends up with the same rules in the same order, whichever way they came."""
    whole, *others = (start_pfsense("lived-in", host=f"127.0.40.{number}") for number in range(1, 2 + len(ORDERS)))
    whole.run()
    expected = running(whole)
    for unit, order in zip(others, ORDERS, strict=True):
        for concern in order:
            unit.run(concern)
        unit.run()  # management is closed on the phones' interface as well, which came later
        assert unit.run(check=True)["plan"] == [], order
        assert running(unit) == expected, order


def running(unit: PfSenseUnit) -> tuple[str, ...]:
    """The rules that pf holds."""
    return tuple(unit.device.kernel.loaded.rules)


def test_a_concern_that_is_withdrawn_and_comes_back(flavour: str, start_pfsense: Start) -> None:
    """The box then holds what it held, on the interface on which it was."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.run()
    hardened, rules = unit.stored, running(unit)
    for concern in CONCERNS:
        unit.run(concern, state="deleted")
        unit.run()
        assert running(unit) == rules, concern
        assert unit.stored["interfaces"] == hardened["interfaces"], concern
        assert unit.run(check=True)["plan"] == [], concern


def test_gathered_and_rendered(tmp_path: Path, flavour: str, start_pfsense: Start) -> None:
    """`gathered` reads once and shows ours and the settings; `rendered` contacts nobody and needs no account."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.run()
    kept, seen, connections = unit.kept, unit.watched(), unit.device.counters.connections
    offline = {"ansible_network_os": "pfsense", "ansible_host": "192.0.2.1", "voip_policy": pfsense_policy()}
    offline["voip_provider"] = provider()
    site = Site(tmp_path, {"fw1": pfsense_variables(unit), "new": offline})
    options: dict[str, Any] = {"provider": "{{ voip_provider }}", "policy": "{{ voip_policy }}", "state": "rendered"}
    tasks = [
        {"name": "Read", "voip.hardening.firewall": {"state": "gathered"}, "when": "inventory_hostname == 'fw1'"},
        {"name": "Show", "voip.hardening.firewall": {**options, "version": "2.7.2"},
         "when": "inventory_hostname == 'new'"},
    ]  # fmt: skip
    run = went_well(site.play(playbook=site.playbook_file(tasks)))
    gathered, rendered = of_task(run, "fw1"), of_task(run, "new")
    assert (seen, unit.kept, unit.device.counters.connections) == (UNCHANGED, kept, connections + 1)
    assert not gathered["changed"]
    shown = gathered["gathered"]
    assert shown[RULES]["VOIPH-block-sip-in-tcp"]["type"] == "block"
    assert shown["interfaces"]["VOIPH_VOICE"]["if"] == "em1.40"
    assert shown["system/optimization"]["optimization"] == "conservative"
    assert "Servers" not in repr(shown)

    assert not rendered["changed"]
    assert rendered["platform"]["version"] == "2.7.2-RELEASE"
    paths = [edit["path"] for edit in rendered["rendered"]]
    assert {"aliases/alias", "vlans/vlan", "interfaces/opt1", "dhcpd/opt1", "filter/rule"} <= set(paths)
    (rules,) = (edit["list"] for edit in rendered["rendered"] if edit["path"] == "filter/rule")
    # What a factory-new box does is what is rendered for one, but for the numbers of its interfaces' cards.
    new = start_pfsense("factory", "2.7.2", flavour)
    new.run()
    made = [rule["descr"] for rule in entries(new.stored, "filter/rule") if rule["descr"].startswith("VOIPH-")]
    assert [entry["new"]["descr"] for entry in rules if "new" in entry] == made


# Playbooks


def site_of(folder: Path, *units: PfSenseUnit, **variables: Any) -> Site:
    """A site with these units as fw1, fw2 ..."""
    return Site(folder, {f"fw{n}": pfsense_variables(unit, **variables) for n, unit in enumerate(units, 1)})


def went_well(run: Run) -> Run:
    """The run, which must have ended without failures."""
    assert run.status == 0, run.output
    return run


def of_task(run: Run, host: str) -> dict[str, Any]:
    """What the one task returned that a host had."""
    (found,) = (entry["result"] for entry in run.results if entry["host"] == host and entry["kind"] == "ok")
    result: dict[str, Any] = found
    return result


def test_harden_a_site(tmp_path: Path, flavour: str, start_pfsense: Start) -> None:
    """Check, harden, again; a rule changed behind its back is found alone; deleted gives the start back."""
    units = [start_pfsense("lived-in", "24.11", flavour), start_pfsense("factory", "2.7.2", flavour)]
    before, kept = [unit.device.xml for unit in units], [unit.kept for unit in units]
    site = site_of(tmp_path, *units)

    shown = went_well(site.play("--check", "--diff"))
    assert [unit.kept for unit in units] == kept
    assert "+++ after" in shown.output
    assert "VOIPH-block-sip-in-tcp" in shown.output
    done = went_well(site.play("--diff"))
    for host in ("fw1", "fw2"):
        assert planned(done.result(host)) == planned(shown.result(host))
        assert done.result(host)["changed"]
    assert done.output.count("changed=1") == 2

    kept = [unit.kept for unit in units]
    again = went_well(site.play())
    assert again.output.count("changed=0") == 2
    assert [unit.kept for unit in units] == kept
    assert [unit.device.counters.logins for unit in units] == [4, 4]

    for unit in units:
        rules = entries(unit.stored, "filter/rule")
        place = next(n for n, rule in enumerate(rules) if rule["descr"] == "VOIPH-block-sip-in-tcp")
        unit.device.gui_write({f"filter/rule/{place}/disabled": True}, dirty=("filter",))
        unit.device.gui_apply()
    found = went_well(site.play("--check", "--diff"))
    line = f"update {RULES} VOIPH-block-sip-in-tcp disabled True -> False [FW-1]"
    assert [found.result(host)["plan"] for host in ("fw1", "fw2")] == [[line], [line]]
    lines = [line for line in found.output.splitlines() if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]
    assert sorted({line.replace(" ", "") for line in lines}) == ["+disabled:false", "-disabled:true"]

    went_well(site.play())
    assert [without_revision(unit.device.xml) for unit in units] == [without_revision(xml) for xml, _history in kept]
    went_well(site.play("-e", "voip_state=deleted"))
    assert [without_revision(unit.device.xml) for unit in units] == [without_revision(xml) for xml in before]


def test_delegated_to_a_jump_host(tmp_path: Path, start_pfsense: Start) -> None:
    """On another host the task runs as an ordinary module, packed with all it needs, with the same result."""
    here, there = start_pfsense("lived-in"), start_pfsense("lived-in")
    hosts = {
        "fw1": pfsense_variables(there),
        "jump": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
    }
    site = Site(tmp_path, hosts)
    task: dict[str, Any] = {
        "name": "Through the jump host",
        "voip.hardening.firewall": {"provider": "{{ voip_provider }}", "policy": "{{ voip_policy }}"},
        "delegate_to": "jump",
    }
    playbook = site.playbook_file([task])
    expected = {**planned(here.run()), "diff": None}  # which Ansible prints and keeps to itself
    assert planned(went_well(site.play("--check", playbook=playbook)).result("fw1")) == expected
    run = went_well(site.play("-vvvv", playbook=playbook))
    assert planned(run.result("fw1")) == expected
    assert without_revision(here.device.xml) == without_revision(there.device.xml)
    assert PASSWORD not in run.output
    assert went_well(site.play(playbook=playbook)).result("fw1")["plan"] == []


def test_secrets_are_not_shown(tmp_path: Path, flavour: str, start_pfsense: Start) -> None:
    """At the highest verbosity neither the password nor anything secret of config.xml appears: in what is printed, in
    what is left in files, in what the box was sent."""
    good, bad, broken = (start_pfsense("lived-in", flavour=flavour) for _n in range(3))
    bad.device.faults.plant(kind="load", text=f"syntax error, passwd {PASSWORD}")
    broken.device.faults.plant(kind="truncated", op="read")
    site = site_of(tmp_path, good, bad, broken)
    runs = [site.play("-vvvv", "--diff"), site.play("-vvvv", "-e", "voip_state=gathered")]
    assert [run.of(f"fw{n}")["kind"] for run in runs for n in (1, 2, 3)] == [
        "ok", "failed", "unreachable", "ok", "ok", "unreachable",
    ]  # fmt: skip
    tree = good.stored
    secrets = {PASSWORD, *(user["bcrypt-hash"] for user in tree["system"]["user"] if user["bcrypt-hash"])}
    secrets |= {tree["cert"][0]["prv"], tree["acme_like_extension"]["accountkeys"]["item"][0]["secret"]}
    assert len(secrets) == 4
    places = [run.output for run in runs]
    for file in tmp_path.rglob("*"):
        if file.is_file() and file != site.inventory:
            places.append(file.read_text(encoding="utf-8", errors="replace"))
    places += [json.dumps(unit.device.log) for unit in (good, bad, broken)]
    assert [secret for secret in secrets for place in places if secret in place] == []


def test_nothing_is_contacted_when_the_policy_switches_everything_off(start_pfsense: Start) -> None:
    """A run without a concern left says so, and opens no connection."""
    unit = start_pfsense()
    result = unit.run("sip_alg", policy=pfsense_policy(concerns={"sip_alg": False}))
    assert not result["changed"]
    assert "not contacted" in " ".join(result["remarks"])
    assert unit.device.counters.connections == 0
