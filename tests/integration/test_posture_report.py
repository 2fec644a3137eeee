"""`posture_report` in a play: what tasks of devices left behind becomes reports, a history and a result."""

from __future__ import annotations

import csv
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.support.fleets import HARM, drifted, record
from tests.support.playbooks import ROOT, Run, Site

WAIVER = {"control": "FW-1", "device": "waived-fw1", "reason": "so", "approver": "J. Doe", "expires": "2999-12-31"}
GOOD = {"hosts": ["good-fw1"]}
ALL_FORMATS = ["json", "html", "sites", "junit", "csv", "prometheus"]
DEVICES = {
    "name": "Look at the devices",
    "hosts": "firewalls",
    "gather_facts": False,
    "ignore_errors": True,
    "ignore_unreachable": True,
    "tasks": [
        {"name": "Look", "left_behind": {}, "register": "voip_posture", "when": "left is defined"},
    ],
}


def left(posture: Any) -> dict[str, Any]:
    return {"changed": False, "posture": posture.as_dict()}


def report_task(**options: Any) -> dict[str, Any]:
    return {"name": "Report", "voip.hardening.posture_report": options, "check_mode": False}


def run(site: Site, *tasks: dict[str, Any], options: tuple[str, ...] = (), hosts: str = "localhost") -> Run:
    book = site.folder / "report.yml"
    report = {"name": "Report", "hosts": hosts, "gather_facts": False, "tasks": list(tasks)}
    book.write_text(json.dumps([DEVICES, report]), encoding="utf-8")
    actions = str(ROOT / "tests" / "support" / "action")
    return site.play(*options, playbook=str(book), folder=site.folder, environment={"ANSIBLE_ACTION_PLUGINS": actions})


def result_of(done: Run, kind: str = "ok") -> dict[str, Any]:
    (entry,) = (one for one in done.results if one["task"] == "Report")
    assert entry["kind"] == kind, entry
    result: dict[str, Any] = entry["result"]
    return result


def fleet(folder: Path, **hosts: dict[str, Any]) -> Site:
    common = {"ansible_network_os": "fortios"}
    return Site(folder, {name.replace("_", "-"): {**common, **one} for name, one in hosts.items()})


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A fleet with something of everything."""
    return fleet(
        tmp_path,
        good_fw1={"left": left(record("good-fw1"))},
        drifted_fw1={"left": left(drifted("drifted-fw1"))},
        waived_fw1={"left": left(drifted("waived-fw1")), "voip_waivers": [WAIVER]},
        dead_fw1={"left": {"unreachable": True, "msg": "192.0.2.1: timed out"}, "voip_site": "{{ 'de' ~ 'pot' }}"},
        failed_fw1={"left": {"failed": True, "msg": "voip_policy: missing"}},
        untouched_fw1={"ansible_network_os": "fortinet.fortios.fortios"},
    )


def test_a_run_becomes_reports_a_history_and_a_result(site: Site) -> None:
    options: dict[str, Any] = {"hosts": "{{ groups.firewalls }}", "formats": ALL_FORMATS}
    done = run(site, report_task(**options))
    assert done.status == 0, done.output
    result = result_of(done)
    assert result["classes"] == {
        "compliant": ["good-fw1", "waived-fw1"],
        "drift": ["drifted-fw1"],
        "unreachable": ["dead-fw1"],
        "error": ["failed-fw1", "untouched-fw1"],
        "unsupported": [],
    }
    assert result["drifted"] == ["drifted-fw1"]
    assert sorted(result["failing"]) == ["dead-fw1", "drifted-fw1", "failed-fw1", "untouched-fw1"]
    assert result["headline"] == "4 of 6 devices need attention"
    assert "drifted / drifted-fw1: drifted\n  FW-1 firewall/policy VOIPH-in-1 status" in result["text"]
    assert result["changed"]
    records = {one["host"]: one for one in result["records"]}
    assert records["dead-fw1"]["site"] == "depot"
    assert (records["dead-fw1"]["message"], records["dead-fw1"]["class"]) == ("192.0.2.1: timed out", "unreachable")
    assert records["failed-fw1"]["message"] == "voip_policy: missing"
    assert records["untouched-fw1"]["platform"] == "fortios"
    assert "Conditional result was False" in records["untouched-fw1"]["message"]
    assert records["waived-fw1"]["class"] == "drift"  # as it was, so that another report can apply waivers
    folder = site.folder / "reports"
    assert sorted(str(Path(path).relative_to(folder)) for path in result["files"]) == [
        "history.jsonl",
        "posture.csv",
        "posture.html",
        "posture.json",
        "posture.xml",
        *(f"sites/{site}-posture.html" for site in "depot drifted failed-fw1 good untouched-fw1 waived".split()),
        "voip_posture.prom",
    ]
    assert all(stat.S_IMODE(os.stat(path).st_mode) == 0o640 for path in result["files"])
    data = json.loads((folder / "posture.json").read_text())
    assert data["summary"] == result["summary"]
    assert (folder / "posture.html").read_text().startswith("<!DOCTYPE html>")
    assert (folder / "posture.xml").read_text().startswith("<?xml")
    assert len(list(csv.reader((folder / "posture.csv").open(newline="")))) == 7
    assert 'voip_posture_device_class{site="depot",device="dead-fw1",class="unreachable"} 1' in (
        (folder / "voip_posture.prom").read_text()
    )
    assert len((folder / "history.jsonl").read_text().splitlines()) == 6


def test_a_second_run_knows_since_when_also_of_a_device_that_it_cannot_reach(site: Site) -> None:
    task = report_task(hosts=["drifted-fw1"])
    assert run(site, task).status == 0
    site.write({"drifted-fw1": {"left": {"unreachable": True, "msg": "timed out"}}})
    assert result_of(run(site, task))["classes"]["unreachable"] == ["drifted-fw1"]
    later = drifted("drifted-fw1", read_at="2026-06-30T01:30:00Z")
    site.write({"drifted-fw1": {"left": left(later)}})
    assert result_of(run(site, task))["summary"]["appeared"] == 0
    data = json.loads((site.folder / "reports" / "posture.json").read_text())
    assert data["devices"][0]["points"][0]["since"] == drifted().read_at


def test_check_mode_works_everything_out_and_writes_nothing(site: Site) -> None:
    task = {**report_task(hosts=["drifted-fw1", "good-fw1"]), "check_mode": True}
    result = result_of(run(site, task))
    assert result["classes"]["drift"] == ["drifted-fw1"]
    assert (result["files"], result["changed"]) == ([], False)
    assert not (site.folder / "reports").exists()


def test_with_check_for_the_whole_run_reports_are_written(site: Site) -> None:
    result = result_of(run(site, report_task(hosts=["drifted-fw1"]), options=("--check", "--diff")))
    assert (site.folder / "reports" / "posture.html").exists()
    assert result["changed"]


def test_settings_come_from_variables(site: Site) -> None:
    variables = {
        "voip_report_dir": str(site.folder / "elsewhere"),
        "voip_report_formats": "csv",
        "voip_fail_on": ["unreachable"],
        "voip_history_days": 7,
    }
    done = run(site, report_task(hosts="{{ groups.firewalls }}"), options=("-e", json.dumps(variables)))
    result = result_of(done)
    assert [Path(path).name for path in result["files"]] == ["posture.csv", "history.jsonl"]
    assert Path(result["files"][0]).parent == site.folder / "elsewhere"
    assert result["failing"] == ["dead-fw1"]


def test_records_of_other_runs_are_merged_and_who_is_missing_is_an_error(site: Site) -> None:
    records = [drifted("waived-fw1").small(), record("good-fw1").as_dict(), drifted("elsewhere-fw1").small()]
    hosts = ["waived-fw1", "good-fw1", "drifted-fw1"]
    done = run(site, report_task(hosts=hosts, records=records))
    result = result_of(done)
    assert result["classes"]["compliant"] == ["good-fw1", "waived-fw1"]
    assert result["classes"]["drift"] == ["elsewhere-fw1"]
    assert result["classes"]["error"] == ["drifted-fw1"]
    message = next(one["message"] for one in result["records"] if one["host"] == "drifted-fw1")
    assert message == "the device was not looked at: no result"


def test_one_of_the_hosts_may_stand_in_for_localhost(site: Site) -> None:
    task = {**report_task(hosts="{{ ansible_play_hosts_all }}"), "delegate_to": "localhost", "run_once": True}
    done = run(site, task, options=("--limit", "drifted-fw1,good-fw1"), hosts="firewalls")
    result = result_of(done)
    assert sorted(host for some in result["classes"].values() for host in some) == ["drifted-fw1", "good-fw1"]
    assert (site.folder / "reports" / "posture.json").exists()


def test_an_expired_waiver_is_returned(site: Site) -> None:
    old = {**WAIVER, "expires": "2020-01-01"}
    result = result_of(run(site, report_task(hosts=["waived-fw1"], waivers=[old])))
    assert result["expired_waivers"] == [old]
    assert result["classes"]["drift"] == ["waived-fw1"]


@pytest.mark.parametrize(
    ("options", "variables", "told"),
    [
        ({"hosts": []}, {}, "no device was looked at"),
        ({"hosts": ["good-fw1"], "formats": ["pdf"]}, {}, 'posture_report.formats: "pdf" is not allowed'),
        (GOOD, {"voip_waivers": [{**WAIVER, "control": "FW-99"}]}, "voip_waivers of good-fw1[0].control"),
        (GOOD, {"voip_waivers": {}}, "voip_waivers of good-fw1: a mapping with 0 keys is not allowed"),
        (GOOD, {"voip_report_dir": "{{ nowhere }}"}, "voip_report_dir: it cannot be worked out"),
        ({"records": [{"host": "a"}]}, {}, "posture_report.records[0].class: missing"),
        (GOOD, {"voip_report_dir": "/dev/null/reports"}, "cannot be"),
    ],
)
def test_bad_input_is_refused_by_name_and_nothing_is_written(
    site: Site, options: dict[str, Any], variables: dict[str, Any], told: str
) -> None:
    done = run(site, report_task(**options), options=("-e", json.dumps(variables)))
    assert done.status == 2
    assert told in result_of(done, "failed")["msg"]
    assert not (site.folder / "reports").exists()


def test_a_broken_line_of_the_history_is_named(site: Site) -> None:
    folder = site.folder / "reports"
    folder.mkdir()
    (folder / "history.jsonl").write_text("{}\n")
    done = run(site, report_task(hosts=["good-fw1"]))
    assert done.status == 0
    assert "history.jsonl has broken lines, which were left out: 1" in done.output


def test_a_device_with_a_policy_in_no_group_is_named(tmp_path: Path) -> None:
    """Such as in `firewall` for `firewalls`, where nothing else would tell that nobody looks at it."""
    elsewhere = {"ansible_connection": "local"}
    devices = fleet(
        tmp_path,
        good_fw1={"left": left(record("good-fw1")), "voip_policy": {}},
        stray_fw1={**elsewhere, "voip_policy": {}},
        foreign_fw1=elsewhere,
        pbx_1={**elsewhere, "ansible_network_os": None, "voip_policy": {}},
    )
    done = run(devices, report_task(**GOOD))
    assert done.status == 0, done.output
    warning = " ".join(done.output.split())
    assert "stray-fw1: with a voip_policy, and in neither of the groups firewalls and phones, so that nobody" in warning
    assert "foreign-fw1: with" not in warning
    assert "good-fw1, stray-fw1" not in warning
    assert "pbx-1" not in warning


def test_what_devices_say_is_text_to_ansible_as_well(tmp_path: Path) -> None:
    texts = [text for text in HARM if text.isprintable()]
    assert any("lookup(" in text for text in texts)
    hosts = {
        f"phone-{number}": {
            "ansible_network_os": "fortios",
            "left": left(drifted(f"phone-{number}", model=text, message=text)),
        }
        for number, text in enumerate(texts)
    }
    site = Site(tmp_path, hosts)
    debug = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ shown.text }}{{ shown.records }}"}}
    done = run(site, {**report_task(hosts="{{ groups.firewalls }}"), "register": "shown"}, debug)
    assert done.status == 0, done.output
    data = json.loads((tmp_path / "reports" / "posture.json").read_text())
    assert [device["model"] for device in sorted(data["devices"], key=lambda one: int(one["host"][6:]))] == texts
    assert "uid=" not in done.output
