"""The jobs of a night as AWX runs them: status, events, and what one job hands to the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.jobs import Job, JobResult
from tests.support.nights import ACCOUNTS, closed_port
from tests.support.playbooks import Site, host_variables
from tests.support.receivers import Certificates, web_server
from tests.support.units import Unit

Start = Callable[..., Unit]
BLOCK = "VOIPH-block-sip-in"
CHECK = ("--check", "--diff")


def firewalls(**hosts: dict[str, Any]) -> dict[str, Any]:
    """An inventory's groups."""
    return {"firewalls": {"hosts": hosts}}


def variables(unit: Unit, **more: Any) -> dict[str, Any]:
    return host_variables(unit, voip_waivers=ACCOUNTS, **more)


@pytest.fixture
def units(tmp_path: Path, start: Start) -> list[Unit]:
    """Two that are hardened."""
    made = [start("factory") for _number in range(2)]
    (tmp_path / "site").mkdir()
    site = Site(tmp_path / "site", {f"fw{number}": variables(unit) for number, unit in enumerate(made, 1)})
    assert site.play().status == 0
    for unit in made:
        unit.forget()
    return made


def disable(unit: Unit) -> None:
    """Somebody switches the rule that blocks strangers' SIP off."""
    unit.edit("firewall/policy", unit.row("firewall/policy", BLOCK)["policyid"], status="disable")


def classes(result: JobResult) -> dict[str, str]:
    """The class of each device in the report that a job wrote."""
    assert result.report is not None, result.stdout
    return {device["host"]: device["class"] for device in result.report["devices"]}


def test_a_job(tmp_path: Path, units: list[Unit]) -> None:
    job = Job(tmp_path / "job")
    hosts = firewalls(fw1=variables(units[0]), fw2=variables(units[1]))
    good = job.run("drift.yml", hosts, *CHECK)
    assert (good.status, good.code) == ("successful", 0), good.stdout
    assert list(good.artifacts) == ["voip_drift_101"]
    # Records are as they were before waivers, which the report that is made of them applies.
    assert {record["host"]: record["class"] for record in good.artifacts["voip_drift_101"]} == {
        "fw1": "drift", "fw2": "drift",
    }  # fmt: skip
    assert classes(good) == {"fw1": "compliant", "fw2": "compliant"}  # written although the job is in check mode

    disable(units[0])
    hosts["firewalls"]["hosts"]["fw3"] = variables(units[1], ansible_port=closed_port())
    bad = job.run("drift.yml", hosts, *CHECK)
    assert (bad.status, bad.code) == ("failed", 2), bad.stdout
    assert classes(bad) == {"fw1": "drift", "fw2": "compliant", "fw3": "unreachable"}
    # What AWX shows of the hosts: only those that drifted are changed, and none is failed or unreachable.
    counts = bad.counts
    assert set(counts["changed"]) >= {"fw1"}
    assert (counts["failures"], counts["dark"]) == ({"localhost": 1}, {})
    for name in ("fw1", "fw2", "fw3"):
        assert sum(bad.events_of(name).values()) <= 3, bad.events_of(name)
    # A template's diff mode shows the difference in the event of its host.
    (event,) = (one for one in bad.events if one["event"] == "runner_on_ok" and one["event_data"]["host"] == "fw1")
    assert "status: disable" in event["event_data"]["res"]["diff"]["before"]
    assert "fleet: 3 of 3 devices in " in bad.stdout
    assert "fleet: 1 of 3 devices (33 %): " in bad.stdout
    assert [unit.writes for unit in units] == [[], []]


def test_one_message_a_night(tmp_path: Path, units: list[Unit]) -> None:
    """Of a workflow the report's job sends it, and not every slice; a job that stands alone does."""
    job, certificates = Job(tmp_path / "job"), Certificates(tmp_path)
    disable(units[0])
    with web_server("127.0.0.1", certificates.context("127.0.0.1")) as (port, posts):
        hook = {"url": f"https://127.0.0.1:{port}/", "ca_path": certificates.ca_path}
        hosts = firewalls(fw1=variables(units[0], voip_report_webhook=hook), fw2=variables(units[1]))
        hosts |= {"all": {"vars": {"voip_report_webhook": hook}}}
        first = job.run("drift.yml", hosts, *CHECK, awx_workflow_job_id=7)
        assert (first.status, posts) == ("failed", []), first.stdout
        report = job.run("report.yml", hosts, **first.artifacts, awx_workflow_job_id=7)
        assert (report.status, len(posts)) == ("failed", 1), report.stdout
        alone = job.run("drift.yml", hosts, *CHECK, "--limit", "fw1")
        assert (alone.status, len(posts)) == ("failed", 2), alone.stdout
    assert [body["drifted"] for path, headers, body in posts] == [["fw1"], ["fw1"]]
    # Nobody takes it any more: what was found is said all the same.
    refused = job.run("drift.yml", hosts, *CHECK)
    assert (refused.status, refused.code) == ("failed", 2)
    assert "fw1: root:firewall/policy VOIPH-block-sip-in status [FW-1]" in refused.stdout
    assert "webhook 127.0.0.1" in refused.stdout


def test_a_job_with_a_limit(tmp_path: Path, units: list[Unit]) -> None:
    job = Job(tmp_path / "job")
    hosts = firewalls(fw1=variables(units[0]), fw2=variables(units[1], ansible_port=closed_port()))
    found = job.run("drift.yml", hosts, *CHECK, "--limit", "fw2")
    assert (found.status, classes(found)) == ("failed", {"fw2": "unreachable"})
    assert [record["host"] for record in found.artifacts["voip_drift_101"]] == ["fw2"]


def test_a_night_in_slices_from_drift_to_verification(tmp_path: Path, units: list[Unit]) -> None:
    """Two jobs with half of the inventory each, the report of both, the remediation of what it names, a last look."""
    job = Job(tmp_path / "job")
    disable(units[1])
    fw1, fw2 = variables(units[0]), variables(units[1])
    dead = variables(units[0], ansible_port=closed_port())
    every = firewalls(fw1=fw1, fw2=fw2, fw3=dead)
    slices = [job.run("drift.yml", half, *CHECK) for half in (firewalls(fw1=fw1, fw3=dead), firewalls(fw2=fw2))]
    assert [one.status for one in slices] == ["failed", "failed"]
    # AWX puts what all jobs hand on into one mapping: nothing may be overwritten there.
    handed_on = {**slices[0].artifacts, **slices[1].artifacts}
    assert sorted(handed_on) == ["voip_drift_101", "voip_drift_102"]

    report = job.run("report.yml", every, **handed_on)
    assert (report.status, report.code) == ("failed", 2)
    assert classes(report) == {"fw1": "compliant", "fw2": "drift", "fw3": "unreachable"}
    assert report.artifacts == {"voip_drift_limit": "fw2"}

    one_lost = job.run("report.yml", every, voip_drift_101=handed_on["voip_drift_101"])
    assert classes(one_lost) == {"fw1": "compliant", "fw2": "error", "fw3": "unreachable"}
    assert one_lost.artifacts == {"voip_drift_limit": ""}
    none = job.run("report.yml", every)
    assert (none.status, none.report, none.artifacts) == ("failed", None, {})
    assert "There are no records of a night" in none.stdout

    for unit in units:
        unit.forget()
    nothing = job.run("remediate.yml", every, **one_lost.artifacts)
    assert nothing.status == "failed"
    done = job.run("remediate.yml", every, **handed_on, **report.artifacts)
    assert (done.status, done.code) == ("successful", 0), done.stdout
    assert units[0].device.log == []

    # The last look is given the night's records as well, and goes by its own alone.
    verified = job.run("drift.yml", firewalls(fw1=fw1, fw2=fw2), *CHECK, **handed_on, **report.artifacts)
    assert verified.status == "successful", verified.stdout
    assert classes(verified) == {"fw1": "compliant", "fw2": "compliant"}
