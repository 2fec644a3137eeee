"""`remediate.yml` against live units: the devices that are named, a few first, and none after a failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.devices.fortigate import Response
from tests.support.nights import ACCOUNTS, closed_port, night
from tests.support.phone_fleet import Fleet
from tests.support.playbooks import ROOT, Run, Site, host_variables
from tests.support.units import Unit

Start = Callable[..., Unit]
BLOCK = "VOIPH-block-sip-in"
REMEDIATE = "remediate.yml"


def disable(unit: Unit) -> None:
    """Somebody switches the rule that blocks strangers' SIP off."""
    unit.edit("firewall/policy", unit.row("firewall/policy", BLOCK)["policyid"], status="disable")


def is_open(unit: Unit) -> bool:
    """Whether it is still off."""
    return bool(unit.row("firewall/policy", BLOCK)["status"] == "disable")


@pytest.fixture
def drifted(tmp_path: Path, start: Start) -> tuple[Site, list[Unit]]:
    """Three units, hardened, on each of which the rule was switched off."""
    units = [start("factory") for _number in range(3)]
    site = Site(tmp_path, variables(units))
    run = site.play()
    assert run.status == 0, run.output
    for unit in units:
        disable(unit)
        unit.forget()
    return site, units


def variables(units: list[Unit]) -> dict[str, dict[str, Any]]:
    return {f"fw{number}": host_variables(unit, voip_waivers=ACCOUNTS) for number, unit in enumerate(units, 1)}


def remediate(site: Site, *options: str) -> Run:
    return site.play(*options, playbook=REMEDIATE)


def hardened(run: Run) -> list[str]:
    """The hosts whose hardening was begun, in their order."""
    return [entry["host"] for entry in run.results if "Bring the firewall" in entry["task"]]


def test_the_devices_of_a_report_and_no_others(drifted: tuple[Site, list[Unit]]) -> None:
    """A device that drifted after the report is none of it."""
    site, units = drifted
    for unit in units[1:2]:
        unit.edit("firewall/policy", unit.row("firewall/policy", BLOCK)["policyid"], status="enable")
    assert night(site).classes == {"fw1": "drift", "fw2": "compliant", "fw3": "drift"}
    disable(units[1])
    for unit in units:
        unit.forget()
    file = site.folder / "reports" / "posture.json"
    run = remediate(site, "-e", f"voip_report_file={file}")
    assert run.status == 0, run.output
    assert hardened(run) == ["fw1", "fw3"]
    assert [is_open(unit) for unit in units] == [False, True, False]
    assert units[1].device.log == []
    assert night(site).classes == {"fw1": "compliant", "fw2": "drift", "fw3": "compliant"}


def test_check_mode_shows_and_writes_nothing(drifted: tuple[Site, list[Unit]]) -> None:
    site, units = drifted
    run = remediate(site, "-e", "voip_drift_limit=fw1,fw3", "--check", "--diff")
    assert run.status == 0, run.output
    assert run.output.count("+    status: enable") == 2
    assert [is_open(unit) for unit in units] == [True, True, True]
    assert [unit.writes for unit in units] == [[], [], []]


def test_nothing_goes_on_after_a_failure(drifted: tuple[Site, list[Unit]]) -> None:
    """The first device goes alone: what fails there reaches no other one."""
    site, units = drifted
    answer = units[0].device._answer

    def refusing(request: Any, striking: Any) -> Any:
        if request.method in ("PUT", "POST", "DELETE") and request.path.startswith("/api/v2/cmdb"):
            return Response.of({"http_status": 500, "status": "error", "error": -61}, 500)
        return answer(request, striking)

    units[0].device._answer = refusing  # type: ignore[method-assign]
    run = remediate(site, "-e", "voip_drift_limit=fw1,fw2,fw3")
    assert run.status == 2
    assert hardened(run) == ["fw1"]
    assert [is_open(unit) for unit in units] == [True, True, True]
    assert [unit.writes for unit in units[1:]] == [[], []]


def test_a_device_that_is_lost_on_the_way_stops_the_rest(drifted: tuple[Site, list[Unit]]) -> None:
    """It answered, and is gone when it is to be hardened."""
    site, units = drifted
    connections = 0

    def gone() -> bool:
        nonlocal connections
        connections += 1
        return connections > 1

    units[0].device.faults.refuses_connection = gone  # type: ignore[method-assign]
    run = remediate(site, "-e", "voip_drift_limit=fw1,fw2,fw3")
    assert run.status == 2, run.output
    assert run.results[-1]["result"]["msg"].startswith("unreachable: "), run.output
    assert hardened(run) == ["fw1"]
    assert [is_open(unit) for unit in units] == [True, True, True]
    assert [unit.device.log for unit in units[1:]] == [[], []]


def test_a_device_that_does_not_hold_it_stops_the_rest(drifted: tuple[Site, list[Unit]]) -> None:
    """Somebody switches the rule off again between the run's own verification and the look that comes after it."""
    site, units = drifted
    answer, sessions = units[0].device._answer, 0

    def undone(request: Any, striking: Any) -> Any:
        nonlocal sessions
        sessions += request.path == "/api/v2/monitor/system/status"  # a session begins with it
        if sessions == 4 and not is_open(units[0]):
            disable(units[0])
        return answer(request, striking)

    units[0].device._answer = undone  # type: ignore[method-assign]
    run = remediate(site, "-e", "voip_drift_limit=fw1,fw2")
    assert run.status == 2, run.output
    assert run.results[-1]["task"] == "Fail where the device does not hold what was declared"
    assert run.results[-1]["result"]["msg"] == f"root:firewall/policy {BLOCK} status [FW-1]"
    assert [is_open(unit) for unit in units] == [True, True, True]


def test_dead_devices_are_left_out_and_named(drifted: tuple[Site, list[Unit]]) -> None:
    """The others are put right all the same, although a dead one comes first, and one beside them."""
    site, units = drifted
    hosts = variables(units)
    for name in ("fw1", "fw3"):
        hosts[name]["ansible_port"] = closed_port()
    site.write(hosts)
    run = remediate(site, "-e", "voip_drift_limit=fw1,fw2,fw3")
    assert run.status == 2, run.output
    assert "2 of 3 devices that drifted are not put right:\n" in run.output
    assert "fw1: unreachable: " in run.output
    assert [is_open(unit) for unit in units] == [True, False, True]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ((), "voip_drift_limit, voip_report_file: one of the two is needed"),
        (("-e", "voip_drift_limit="), "voip_drift_limit: an empty list is not allowed"),
        (("-e", "voip_drift_limit=all"), 'voip_drift_limit[0]: "all" is not allowed'),
        (("-e", "voip_drift_limit=fw1,fw*"), 'voip_drift_limit[1]: "fw*" is not allowed'),
        (("-e", '{"voip_drift_limit": ["fw1", "firewalls"]}'), 'voip_drift_limit[1]: "firewalls" is not allowed'),
        (("-e", '{"voip_drift_limit": "{{ groups.all }}"}'), "voip_drift_limit"),
        (("-e", "voip_drift_limit=fw1,server"), 'voip_drift_limit[1]: "server" is not allowed'),
        (("-e", "voip_report_file=/no/such/report.json"), "voip_report_file: /no/such/report.json: it is not a report"),
    ],
)
def test_anything_but_a_list_of_devices_is_refused(
    options: tuple[str, ...], named: str, tmp_path: Path, start: Start
) -> None:
    unit = start("factory")
    site = Site(tmp_path, {"fw1": host_variables(unit), "server": {"ansible_connection": "local"}})
    run = remediate(site, *options)
    assert run.status != 0
    assert named in run.output
    assert run.results == ()
    assert unit.device.log == []


def test_phones_that_drifted(tmp_path: Path, nginx_program: str) -> None:
    """By the role, which has its own turns; a phone that is not named is not touched."""
    with Fleet(tmp_path, {"desk-1": "yealink", "desk-2": "poly"}) as fleet:
        assert fleet.play().status == 0
        files = {path: path.read_bytes() for path in fleet.files.rglob("*") if path.is_file()}
        fleet.phones["desk-1"].change({"features.action_uri.enable": "1"})  # type: ignore[attr-defined]
        options = ("-e", f"voip_report_dir={tmp_path}/reports", "-e", "voip_fail_on=drift")
        found = fleet.play(*options, playbook=str(ROOT / "drift.yml"))
        assert found.status == 2, found.output
        report = tmp_path / "reports" / "posture.json"
        named = [device["host"] for device in json.loads(report.read_text())["devices"] if device["remediable"]]
        assert named == ["desk-1"]
        run = fleet.play("-e", f"voip_report_file={report}", playbook=str(ROOT / REMEDIATE))
        assert run.status == 0, run.output
        assert fleet.play(*options, playbook=str(ROOT / "drift.yml")).status == 0
        changed = {path.name for path, content in files.items() if path.read_bytes() != content}
        assert not any(fleet.phones["desk-2"].mac in name for name in changed), changed

        # Nobody can tell this phone to fetch: it is not put right before it comes by itself, and that is said.
        fleet.forget("desk-1")
        fleet.phones["desk-1"].change({"features.action_uri.enable": "1"})  # type: ignore[attr-defined]
        waiting = fleet.play("-e", "voip_drift_limit=desk-1", "-e", "voip_phone_fetch_seconds=1",
                             playbook=str(ROOT / REMEDIATE))  # fmt: skip
        assert waiting.status == 2, waiting.output
        assert "it has not fetched its file yet" in waiting.results[-1]["result"]["msg"]
