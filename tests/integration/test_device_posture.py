"""`device_posture` by a play, against live firewalls of every kind: what it calls them; that it writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.posture.record import record_from
from tests.devices.fortigate import Switches
from tests.devices.pfsense.tree import entries
from tests.support.pfsenses import PfSenseUnit, pfsense_policy, pfsense_variables
from tests.support.playbooks import Run, Site, host_variables
from tests.support.policies import policy, provider
from tests.support.units import TOKEN, Unit
from tests.support.vigors import PASSWORD as VIGOR_PASSWORD
from tests.support.vigors import VigorUnit, vigor_variables

Start = Callable[..., Unit]
StartVigor = Callable[..., VigorUnit]
StartPfSense = Callable[..., PfSenseUnit]
STRATEGIES = ("free", "linear")
NOBODY = "127.0.1.250"
"""An address on which nothing listens."""


def night(folder: Path, strategy: str = "free", **task: Any) -> str:
    """A playbook as a nightly run has it; its path. `task`: keywords of the task, or of the play in `check_mode`."""
    look = {
        "name": "Look", "voip.hardening.device_posture": None, "register": "voip_posture", "ignore_errors": True,
        "ignore_unreachable": True, **task,
    }  # fmt: skip
    play = {
        "name": "Night", "hosts": "firewalls", "gather_facts": False, "check_mode": True, "strategy": strategy,
        "tasks": [look],
    }  # fmt: skip
    path = folder / "night.yml"
    path.write_text(json.dumps([play]), encoding="utf-8")
    return str(path)


def looked(site: Site, *options: str, strategy: str = "free", **task: Any) -> Run:
    """One night, which ends well whatever it finds."""
    run = site.play(*options, playbook=night(site.folder, strategy, **task))
    assert run.status == 0, run.output
    return run


def record(run: Run, host: str) -> dict[str, Any]:
    """The record of a host, which is one as the other parts of the collection read it."""
    found: dict[str, Any] = run.result(host)["posture"]
    assert record_from(found).as_dict() == found
    assert run.result(host)["changed"] is (found["class"] == "drift")
    return found


def by_either(site: Site, host: str) -> dict[str, Any]:
    """The record of a host, which is the same by either strategy."""
    free, linear = (record(looked(site, strategy=strategy), host) for strategy in STRATEGIES)
    assert {**free, "read_at": ""} == {**linear, "read_at": ""}
    return free


def failing(found: dict[str, Any]) -> list[str]:
    return [name for name, result in found["controls"].items() if result == "fail"]


def without_findings(unit: Unit) -> None:
    """The administrator has a password and a second factor."""
    unit.device.set_password("admin", "n0t-the-Factory-one")
    unit.edit("system/admin", "admin", two_factor="fortitoken-cloud")


# --- from the first night to drift and back --------------------------------------------------------------------------


def test_a_fortigate(tmp_path: Path, start: Start) -> None:
    unit = start("factory")
    without_findings(unit)
    site = Site(tmp_path, {"fw1": host_variables(unit, voip_site="north")})
    before = by_either(site, "fw1")
    assert (before["class"], before["site"], before["remediable"]) == ("drift", "north", True)
    assert {"FW-1", "FW-2", "FW-3", "SVC-1", "VLAN-1", "WEB-3"} <= set(failing(before))
    # What our own notes remember is not told beside everything else.
    assert not [one for one in before["drift"] if "VOIPH-was-" in one["subject"]]
    assert unit.writes == []

    assert site.play().status == 0
    unit.forget()
    hardened = by_either(site, "fw1")
    assert (hardened["class"], hardened["drift"], hardened["remediable"], hardened["message"]) == (
        "compliant", [], False, "",
    )  # fmt: skip
    assert set(hardened["controls"].values()) == {"pass"}
    assert set(hardened["controls"]) == {
        "FW-1", "FW-2", "FW-3", "SVC-1", "VLAN-1", "VLAN-2", "VLAN-3", "WEB-1", "WEB-3", "AUD-3", "ADM-1", "ADM-2",
        "ADM-4",
    }  # fmt: skip
    assert (hardened["model"], hardened["version"], hardened["platform"]) == ("FortiGate 60F", "7.4.4", "fortios")
    assert not [entry for entry in unit.device.log if "config-revision" in entry["path"]]

    unit.device.add_revision("alice", "before the holidays")
    unit.edit("system/settings", "", default_voip_alg_mode="proxy-based")
    drifted = by_either(site, "fw1")
    assert drifted["drift"] == [
        {
            "controls": ["FW-3"], "subject": "root:system/settings", "field": "default-voip-alg-mode",
            "declared": "kernel-helper-based", "found": "proxy-based",
        }
    ]  # fmt: skip
    assert (drifted["class"], drifted["count"], failing(drifted), drifted["remediable"]) == (
        "drift", 1, ["FW-3"], True,
    )  # fmt: skip
    assert drifted["changed_by"] == {
        "who": "alice", "when": "2023-11-14T22:13:20Z", "what": "revision 1: before the holidays",
        "source": "list of configuration revisions",
    }  # fmt: skip
    assert unit.writes == []


def test_a_fortigate_without_revisions_has_drifted_all_the_same(tmp_path: Path, start: Start) -> None:
    unit = start("factory", switches=Switches(missing_calls=frozenset({"system/config-revision"})))
    found = record(looked(Site(tmp_path, {"fw1": host_variables(unit)})), "fw1")
    assert (found["class"], found["changed_by"]) == ("drift", None)


def test_a_fortigate_that_does_not_say_whether_it_has_the_factory_password(tmp_path: Path, start: Start) -> None:
    """Nobody passes for what was not read; where no run can read it, that is no drift either."""
    unit = start("factory", switches=Switches(missing_calls=frozenset({"web-ui/state"})))
    without_findings(unit)
    site = Site(tmp_path, {"fw1": host_variables(unit)})
    assert site.play().status == 0
    found = record(looked(site), "fw1")
    assert (found["class"], found["controls"]["ADM-4"]) == ("compliant", "unknown")
    assert [(one["control"], one["lasting"]) for one in found["unverifiable"]] == [("ADM-4", True)]


def test_a_vigor(tmp_path: Path, start_vigor: StartVigor) -> None:
    """What waits for a restart is drift; what no Vigor shows is not."""
    unit = start_vigor("factory")
    site = Site(tmp_path, {"fw1": vigor_variables(unit)})
    assert site.play().status == 0
    unit.forget()
    waiting = by_either(site, "fw1")
    assert (waiting["class"], failing(waiting), waiting["drift"], waiting["remediable"]) == (
        "drift", ["VLAN-1"], [], False,
    )  # fmt: skip
    assert [line.partition(":")[0] for line in waiting["pending"]] == ["restart"]

    unit.device.reboot()
    hardened = by_either(site, "fw1")
    assert (hardened["class"], hardened["pending"]) == ("compliant", [])
    assert {name for name, result in hardened["controls"].items() if result != "pass"} == {"VLAN-2"}
    assert [(one["control"], one["lasting"]) for one in hardened["unverifiable"]] == [("VLAN-2", True)]

    unit.typed("sys sip_alg -e 1", "sys alg -e 1")
    unit.forget()
    drifted = by_either(site, "fw1")
    assert (failing(drifted), drifted["remediable"], drifted["changed_by"]) == (["FW-3"], True, None)
    assert [(one["subject"], one["field"], one["declared"], one["found"]) for one in drifted["drift"]] == [
        ("sys sip_alg", "sip", "false", "true")
    ]
    assert unit.written == []


def test_a_vigor_that_may_be_started_again_would_be(tmp_path: Path, start_vigor: StartVigor) -> None:
    unit = start_vigor("factory")
    site = Site(tmp_path, {"fw1": vigor_variables(unit)})
    assert site.play().status == 0
    site.write({"fw1": vigor_variables(unit, voip_allow_reboot=True)})
    assert record(looked(site), "fw1")["remediable"]


def test_a_vigor_that_hides_what_others_show_is_not_judged(tmp_path: Path, start_vigor: StartVigor) -> None:
    unit = start_vigor("factory", knobs={"remote_status": "opaque"})
    site = Site(tmp_path, {"fw1": vigor_variables(unit)})
    assert site.play().status == 0
    unit.device.reboot()
    found = record(looked(site), "fw1")
    assert (found["class"], found["controls"]["WEB-3"], found["drift"]) == ("unsupported", "unknown", [])


def test_a_pfsense(tmp_path: Path, start_pfsense: StartPfSense) -> None:
    unit = start_pfsense("lived-in")
    unit.device.gui_write({"system/webgui/authmode": "office radius", "system/ssh/sshdkeyonly": "both"})
    site = Site(tmp_path, {"fw1": pfsense_variables(unit)})
    assert site.play().status == 0
    kept = unit.kept
    hardened = by_either(site, "fw1")
    assert (hardened["class"], failing(hardened)) == ("compliant", []), hardened["findings"]

    rules = entries(unit.stored, "filter/rule")
    place = next(n for n, one in enumerate(rules) if one.get("descr") == "VOIPH-block-sip-in-tcp")
    unit.device.gui_write({f"filter/rule/{place}": {**rules[place], "disabled": ""}})
    unit.device.gui_apply()
    kept = unit.kept
    drifted = by_either(site, "fw1")
    assert (drifted["class"], "FW-1" in failing(drifted), drifted["remediable"]) == ("drift", True, True)
    changed_by = drifted["changed_by"]
    assert changed_by is not None
    assert changed_by["who"] == unit.stored["revision"]["username"]
    assert changed_by["what"] == unit.stored["revision"]["description"]
    assert unit.kept == kept


# --- a fleet in one night --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_class_in_one_night(strategy: str, tmp_path: Path, start: Start, start_vigor: StartVigor) -> None:
    """Whatever is wrong with one, the others are judged, and nobody is written to."""
    unit, other = start("factory"), start("factory", host="127.0.1.2")
    secondary = start("factory", host="127.0.1.3", ha_role="secondary")
    secondary.edit("system/ha", "", mode="a-p")
    strange = start("factory", host="127.0.1.4")
    strange.device.faults.plant(kind="html", path="cmdb/firewall/policy")
    cut = start("factory", host="127.0.1.5")
    cut.device.faults.plant(kind="cut-before", path="cmdb/firewall/policy", times=9)
    old = start_vigor("factory", version="5.3.2", host="127.0.30.17")
    nothing = {"concerns": dict.fromkeys(("sip_alg", "sip_allowlist", "voice_vlan", "management_access"), False)}
    nobody = {"ansible_network_os": "fortios", "ansible_host": NOBODY, "voip_connect_timeout": 2}
    hosts: dict[str, dict[str, Any]] = {
        "drifts": host_variables(unit),
        "asked-for-one": host_variables(other, voip_concerns=["sip_alg"]),
        "secondary": host_variables(secondary),
        "strange": host_variables(strange),
        "cut-off": host_variables(cut),
        "drayos-5": vigor_variables(old),
        "not-there": {**host_variables(unit), **nobody},
        "wrong-token": host_variables(unit, voip_access_token="another-one"),
        "asked-for-nothing": host_variables(unit, voip_policy=policy(**nothing)),
        "empty-policy": host_variables(unit, voip_policy={}),
        "no-policy": host_variables(unit, voip_policy=None),
        "no-provider": host_variables(unit, voip_provider=None),
        "empty-provider": host_variables(unit, voip_provider={**provider(), "signalling": []}),
        "no-kind": host_variables(unit, ansible_network_os=None),
        "switch": host_variables(unit, ansible_network_os="cisco.ios.ios"),
        "grandstream": host_variables(unit, ansible_network_os="grandstream"),
    }
    run = looked(Site(tmp_path, hosts), strategy=strategy)

    classes = {host: record(run, host)["class"] for host in hosts if run.of(host)["kind"] == "ok"}
    assert classes == {
        "drifts": "drift", "asked-for-one": "drift", "secondary": "unsupported", "drayos-5": "unsupported",
        "switch": "unsupported", "grandstream": "unsupported",
    }  # fmt: skip
    assert set(record(run, "asked-for-one")["controls"]) == {"FW-3"}
    messages = {host: record(run, host)["message"] for host in classes}
    assert "is the secondary of a cluster" in messages["secondary"]
    assert "DrayOS 5.3.2 is not supported" in messages["drayos-5"]
    assert messages["switch"].startswith("ansible_network_os: ios cannot be looked at by this collection; ")
    assert "live phones of grandstream" in messages["grandstream"]

    kinds = {host: run.of(host)["kind"] for host in hosts if host not in classes}
    assert {host for host, kind in kinds.items() if kind == "unreachable"} == {"not-there", "cut-off"}
    said = {host: run.of(host)["result"]["msg"] for host in kinds}
    assert "instead of an envelope" in said["strange"]
    assert NOBODY in said["not-there"]
    assert said["asked-for-nothing"].startswith("voip_policy.concerns: nothing is asked of this device")
    assert "voip_policy.voice_vlan: missing" in said["empty-policy"]
    assert "voip_policy.voice_vlan: missing" in said["no-policy"]
    assert "voip_provider.name: missing" in said["no-provider"]
    assert "voip_provider.signalling" in said["empty-provider"]
    assert said["no-kind"].startswith("platform: missing; it needs the kind of device")
    for one in (unit, other, secondary, strange, cut):
        assert one.writes == []
    assert old.written == []
    everything = run.output + str(run.results)
    for secret in (TOKEN, "another-one", VIGOR_PASSWORD):
        assert secret not in everything


# --- how it is asked -------------------------------------------------------------------------------------------------


def test_it_writes_nothing_outside_of_check_mode_either(tmp_path: Path, start: Start) -> None:
    unit = start("factory")
    site = Site(tmp_path, {"fw1": host_variables(unit, voip_state="deleted")})
    run = looked(site, "--diff", check_mode=False)
    found = record(run, "fw1")
    assert (found["class"], unit.writes) == ("drift", [])
    assert "+++ after" in run.output
    assert "VOIPH-block-sip-in" in run.output


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("module", ["device_posture", "firewall"])
def test_workers_inherit_what_was_made_ready_once(module: str, strategy: str, tmp_path: Path) -> None:
    """For the platforms of the inventory, whichever of the modules a play has."""
    hosts = {"fw1": {"ansible_network_os": "fortios"}, "fw2": {"ansible_network_os": "pfsense"}}
    site = Site(tmp_path, {name: {**values, "ansible_host": NOBODY} for name, values in hosts.items()})
    book = night(tmp_path, strategy)
    text = Path(book).read_text(encoding="utf-8").replace("hardening.device_posture", f"hardening.{module}")
    Path(book).write_text(text, encoding="utf-8")
    told = tmp_path / "prepared"
    environment = {"ANSIBLE_CALLBACKS_ENABLED": "recorded,prepared", "VOIP_TEST_PREPARED": str(told)}
    site.play(playbook=book, environment=environment)
    assert told.read_text(encoding="utf-8") == "fortios pfsense"


def test_a_diff_comes_only_where_it_is_asked_for(tmp_path: Path, start: Start) -> None:
    """Without it a result is a record and no more, of which there are many in a night."""
    unit = start("factory")
    site = Site(tmp_path, {"fw1": host_variables(unit)})
    book = night(tmp_path)
    (play,) = json.loads(Path(book).read_text(encoding="utf-8"))
    told = {"name": "Tell", "ansible.builtin.debug": {"msg": "{{ voip_posture | list | sort | join(' ') }}"}}
    Path(book).write_text(json.dumps([{**play, "tasks": [*play["tasks"], told]}]), encoding="utf-8")
    for option, names in (("-v", "changed failed posture"), ("--diff", "changed diff failed posture")):
        assert site.play(option, playbook=book).results[-1]["result"]["msg"] == names


def test_a_run_that_would_be_refused_is_no_remedy(tmp_path: Path, start: Start) -> None:
    """The plan would close the way that we come by."""
    unit = start("factory")
    away = policy(management={"controller_address": None})
    found = record(looked(Site(tmp_path, {"fw1": host_variables(unit, voip_policy=away)})), "fw1")
    assert (found["class"], found["remediable"]) == ("drift", False)
    assert found["message"].startswith("a run would be refused: ")


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"delegate_to": "jump"}, "delegate_to: jump cannot look for the controller; delegate voip.hardening.firewall"),
        ({"voip.hardening.device_posture": {"polcy": 1}}, "polcy: unknown option; everything is taken from variables"),
    ],
)
def test_what_it_does_not_take(task: dict[str, Any], message: str, tmp_path: Path, start: Start) -> None:
    unit = start("factory")
    run = looked(Site(tmp_path, {"fw1": host_variables(unit)}), **task)
    assert run.of("fw1")["result"]["msg"].startswith(message)
    assert unit.device.log == []


def test_a_policy_of_a_pfsense_alone(tmp_path: Path, start_pfsense: StartPfSense) -> None:
    """Only what was asked for is judged, and a filter that is off fails what its rules are for."""
    unit = start_pfsense("factory")
    unit.device.gui_write({"system/disablefilter": ""})
    concerns = ["sip_allowlist", "voice_vlan"]
    site = Site(tmp_path, {"fw1": pfsense_variables(unit, voip_policy=pfsense_policy(), voip_concerns=concerns)})
    found = record(looked(site), "fw1")
    assert (found["class"], found["controls"]["FW-1"]) == ("drift", "fail")
    assert not {"FW-3", "WEB-3", "ADM-1"} & set(found["controls"])
    assert [(one["control"], one["lasting"]) for one in found["unverifiable"]] == [("FW-1", False)]
