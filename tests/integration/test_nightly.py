"""`drift.yml` against live units: it names every device by its class, fails by `voip_fail_on`, and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.nights import ACCOUNTS, closed_port, night, waived
from tests.support.pfsenses import PfSenseUnit, pfsense_variables
from tests.support.playbooks import Site, host_variables
from tests.support.units import Unit
from tests.support.vigors import VigorUnit, vigor_variables

Start = Callable[..., Unit]
BLOCK = "VOIPH-block-sip-in"
STRATEGIES = ("free", "linear")


def disable(unit: Unit) -> None:
    """Somebody switches the rule that blocks strangers' SIP off."""
    unit.edit("firewall/policy", unit.row("firewall/policy", BLOCK)["policyid"], status="disable")


def variables(unit: Unit, **more: Any) -> dict[str, Any]:
    """A unit's variables, with the state of its accounts waived."""
    return host_variables(unit, voip_waivers=ACCOUNTS, **more)


def hardened(folder: Path, hosts: dict[str, dict[str, Any]]) -> Site:
    """A site that was hardened."""
    site = Site(folder, hosts)
    run = site.play()
    assert run.status == 0, run.output
    return site


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_fleet_of_every_platform_from_compliance_to_drift(
    strategy: str, tmp_path: Path, start: Start, start_vigor: Callable[..., VigorUnit],
    start_pfsense: Callable[..., PfSenseUnit],
) -> None:  # fmt: skip
    fortigate, vigor, pfsense = start("factory"), start_vigor(), start_pfsense()
    site = hardened(tmp_path, {
        "fw1": variables(fortigate, voip_site="north"),
        "fw2": vigor_variables(vigor, voip_waivers=ACCOUNTS, voip_allow_reboot=True),
        "fw3": pfsense_variables(pfsense, voip_waivers=ACCOUNTS),
    })  # fmt: skip
    fortigate.forget()
    vigor.forget()
    held = pfsense.kept
    good = night(site, strategy=strategy)
    assert good.status == 0, good.run.output
    assert good.classes == {"fw1": "compliant", "fw2": "compliant", "fw3": "compliant"}
    assert good.message.startswith("3 devices: 3 compliant, 0 drift, 0 unreachable, 0 error, 0 unsupported\nwritten: ")
    assert "fleet: 3 of 3 devices in " in good.run.output

    disable(fortigate)
    bad = night(site, "--diff", strategy=strategy)
    assert bad.status == 2
    assert bad.classes == {"fw1": "drift", "fw2": "compliant", "fw3": "compliant"}
    assert bad.message.splitlines()[:3] == [
        "1 of 3 devices must be looked into: 2 compliant, 1 drift, 0 unreachable, 0 error, 0 unsupported",
        "drift:",
        f"  fw1: root:firewall/policy {BLOCK} status [FW-1]",
    ]
    # Without --check as well: the play itself is in check mode.
    assert (fortigate.writes, vigor.written) == ([], [])
    assert pfsense.kept == held
    assert fortigate.row("firewall/policy", BLOCK)["status"] == "disable"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_all_five_classes_in_one_night(strategy: str, tmp_path: Path, start: Start) -> None:
    good, drifted, garbled = (start("factory") for _unit in range(3))
    site = hardened(tmp_path, {"good": variables(good), "drifted": variables(drifted)})
    disable(drifted)
    garbled.device.faults.plant(kind="wrong-types")
    site.write({
        "good": variables(good),
        "drifted": variables(drifted),
        "dead": variables(good, ansible_port=closed_port()),
        "garbled": variables(garbled),
        "stranger": variables(good, voip_access_token="wrong"),
        "switch": {"ansible_network_os": "ios", "ansible_host": "127.0.0.1"},
        "broken": variables(good, voip_policy="{{ no_such_variable }}"),
        "broken-port": variables(good, ansible_port="{{ no_such_variable }}"),
        "broken-connection": {"ansible_network_os": "fortios", "ansible_user": "{{ no_such_variable }}"},
    })  # fmt: skip
    every = night(site, strategy=strategy)
    assert every.status == 2, every.run.output
    assert every.classes == {
        "good": "compliant", "drifted": "drift", "dead": "unreachable", "garbled": "error", "stranger": "error",
        "switch": "unsupported", "broken": "error", "broken-port": "error", "broken-connection": "error",
    }  # fmt: skip
    lines = every.message.splitlines()
    assert lines[0] == "8 of 9 devices must be looked into: 1 compliant, 1 drift, 1 unreachable, 5 error, 1 unsupported"
    assert [line for line in lines if not line.startswith((" ", "written"))][1:] == [
        "drift:", "unreachable:", "error:", "unsupported:",
    ]  # fmt: skip
    reasons = dict(line.strip().split(": ", 1) for line in lines[1:-1] if line.startswith("  "))
    assert "Connection refused" in reasons["dead"]
    assert "no_such_variable" in reasons["broken"]
    assert "ios" in reasons["switch"]
    assert "fleet: 9 of 9 devices in " in every.run.output
    # No host is failed or unreachable to Ansible: what a device is says the report.
    assert not [entry for entry in every.run.results if entry["host"] != "localhost" and "Fail" in entry["task"]]
    assert "unreachable=1" not in every.run.output


def test_what_fails_a_night_is_chosen(tmp_path: Path, start: Start) -> None:
    unit, other = start("factory"), start("factory")
    site = hardened(tmp_path, {"good": variables(unit)})
    site.write({
        "good": variables(unit),
        "dead": variables(unit, ansible_port=closed_port()),
        "stranger": variables(other, voip_access_token="wrong"),
    })  # fmt: skip
    for fail_on, status, named in (
        ("drift,unreachable", 2, {"dead"}),
        ("drift", 0, set()),
        (["error"], 2, {"stranger"}),
        (["compliant"], 2, {"good"}),
    ):
        found = night(site, "-e", json.dumps({"voip_fail_on": fail_on}))
        assert found.status == status, found.run.output
        assert {line.partition(":")[0].strip() for line in found.message.splitlines() if line[:1] == " "} == named
        assert found.classes == {"good": "compliant", "dead": "unreachable", "stranger": "error"}


def test_settings_that_are_none_are_refused(tmp_path: Path, start: Start) -> None:
    site = Site(tmp_path, {"fw1": variables(start("factory"))})
    found = night(site, "-e", "voip_fail_on=drifted")
    assert found.status == 2
    assert '"drifted" is not allowed; a list of compliant, drift' in found.run.output


def test_an_expired_waiver_fails_a_night(tmp_path: Path, start: Start) -> None:
    unit = start("factory")
    hosts = {"fw1": variables(unit)}
    site = hardened(tmp_path, hosts)
    hosts["fw1"]["voip_waivers"] = [*ACCOUNTS, *waived("FW-1", device="elsewhere", days=-1)]
    site.write(hosts)
    found = night(site)
    assert found.status == 2
    assert "waivers that have expired:\n  FW-1 for elsewhere, until " in found.message
    assert found.classes == {"fw1": "compliant"}


def test_no_variable_of_a_host_hides_the_others(tmp_path: Path, start: Start) -> None:
    unit = start("factory")
    good = variables(unit)
    site = hardened(tmp_path, {"good": good})
    broken = "{{ no_such_variable }}"
    hosts = {
        name: {**good, name: broken}
        for name in ("voip_site", "ansible_network_os", "voip_provider", "ansible_host", "voip_access_token")
    }
    hosts["voip_waivers"] = {**good, "voip_waivers": broken}
    site.write({"good": good, **{name.replace("_", "-"): values for name, values in hosts.items()}})
    found = night(site)
    assert found.status == 2, found.run.output
    assert found.classes == {"good": "compliant", **{name.replace("_", "-"): "error" for name in hosts}}


@pytest.mark.parametrize(
    ("strategy", "explicit"), [("free", False), ("linear", True)], ids=["implicit-localhost", "explicit-localhost"]
)
def test_a_limit(strategy: str, explicit: bool, tmp_path: Path, start: Start) -> None:
    """The report comes as well, of the hosts that the limit leaves, be they dead or broken."""
    unit = start("factory")
    hosts = {
        "broken": variables(unit, ansible_port="{{ no_such_variable }}"),
        "dead": variables(unit, ansible_port=closed_port()),
        "fw1": variables(unit),
        "fw2": variables(unit),
    }
    if explicit:
        hosts["localhost"] = {"ansible_connection": "local"}
    site = hardened(tmp_path, {"fw1": variables(unit)})
    site.write(hosts)
    assert (one := night(site, "--limit", "fw1", strategy=strategy)).status == 0, one.run.output
    assert one.classes == {"fw1": "compliant"}
    assert list(one.handed_on) == ["voip_drift_0"]
    for limit, names in (("dead:broken", {"dead", "broken"}), ("all:!fw2", {"dead", "broken", "fw1"})):
        found = night(site, "--limit", limit, strategy=strategy)
        assert (found.status, set(found.classes)) == (2, names), found.run.output
        assert {record["host"] for record in found.handed_on["voip_drift_0"]} == names


def test_a_night_that_looks_at_nothing_fails(tmp_path: Path, start: Start) -> None:
    """However it came to that."""
    site = Site(tmp_path, {"server": {"ansible_connection": "local"}})
    for options in ((), ("--limit", "server"), ("--tags", "nothing")):
        found = night(site, *options)
        assert found.status == 2, found.run.output
        assert found.message.startswith("No device was looked at: the inventory has no host in the groups firewall")
        assert found.report is None
    site.write({"fw1": variables(start("factory"))})
    assert night(site, "--limit", "nobody").status == 1


@pytest.mark.parametrize("playbook", ["drift.yml", "report.yml"])
@pytest.mark.parametrize(
    "options",
    [("--skip-tags", "always"), ("--skip-tags", "slow,tagged"), ("--start-at-task", "Write the reports"),
     ("--start-at-task", "no such task")],
    ids=" ".join,
)  # fmt: skip
def test_a_night_that_leaves_tasks_out_fails(
    options: tuple[str, ...], playbook: str, tmp_path: Path, start: Start
) -> None:
    """Ansible itself ends well where no task is left to run."""
    unit = start("factory")
    found = night(Site(tmp_path, {"fw1": variables(unit)}), *options, playbook=playbook)
    assert found.status not in (0, 2), found.run.output
    assert f"{options[0]} " in found.run.output
    assert "not allowed here" in " ".join(found.run.output.split())
    assert found.report is None
    assert unit.device.log == []


def test_words_of_a_device_are_never_a_template(tmp_path: Path, start: Start) -> None:
    """Neither in the run that reads them, nor in the one that takes its records as variables."""
    unit = start("factory")
    site = hardened(tmp_path, {"fw1": variables(unit)})
    name = "{{ 6 * 7 }}"
    key = unit.add(
        "firewall/policy", name=name, srcintf=[{"name": "wan1"}], dstintf=[{"name": "internal"}],
        srcaddr=[{"name": "all"}], dstaddr=[{"name": "all"}], service=[{"name": "SIP"}], schedule="always",
        action="accept",
    )  # fmt: skip
    unit.move("firewall/policy", key, before=unit.rows("firewall/policy")[0]["policyid"])
    first = night(site)
    assert first.status == 2
    assert name in json.dumps(first.report)
    artifacts = tmp_path / "artifacts.json"
    artifacts.write_text(json.dumps(first.handed_on), encoding="utf-8")
    assert name in artifacts.read_text(encoding="utf-8")
    second = night(site, "-e", f"@{artifacts}", playbook="report.yml")
    for found in (first, second):
        assert name in json.dumps(found.report)
        assert "42" not in found.message
