"""`device_posture` by a play, against live test devices of every kind: what it calls them, and that nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.posture.record import record_from
from tests.support.playbooks import Site, host_variables
from tests.support.units import Unit

Start = Callable[..., Unit]
STRATEGIES = ("free", "linear")


def night(folder: Path, hosts: str = "firewalls", strategy: str = "free") -> str:
    """A playbook as a nightly run has it; its path."""
    task = {
        "name": "Look", "voip.hardening.device_posture": None, "register": "voip_posture", "ignore_errors": True,
        "ignore_unreachable": True,
    }  # fmt: skip
    play = {
        "name": "Night", "hosts": hosts, "gather_facts": False, "check_mode": True, "strategy": strategy,
        "tasks": [task],
    }  # fmt: skip
    path = folder / "night.yml"
    path.write_text(json.dumps([play]), encoding="utf-8")
    return str(path)


def looked_at(site: Site, *hosts: str, strategy: str = "free") -> list[dict[str, Any]]:
    """The records of these hosts after one night."""
    run = site.play(playbook=night(site.folder, strategy=strategy))
    assert run.status == 0, run.output
    records = [run.result(host)["posture"] for host in hosts]
    for record in records:
        assert record_from(record).as_dict() == record
    return records


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_fortigate_from_its_first_night_to_drift(strategy: str, tmp_path: Path, start: Start) -> None:
    unit = start("factory")
    site = Site(tmp_path, {"fw1": host_variables(unit, voip_site="north")})
    (before,) = looked_at(site, "fw1", strategy=strategy)
    assert (before["class"], before["site"], before["remediable"]) == ("drift", "north", True)
    assert before["controls"]["FW-1"] == "fail"
    assert unit.writes == []

    assert site.play().status == 0
    unit.forget()
    unit.edit("system/settings", "", default_voip_alg_mode="proxy-based")
    (after,) = looked_at(site, "fw1", strategy=strategy)
    assert after["drift"] == [
        {
            "controls": ["FW-3"], "subject": "root:system/settings", "field": "default-voip-alg-mode",
            "declared": "kernel-helper-based", "found": "proxy-based",
        }
    ]  # fmt: skip
    assert (after["class"], after["count"], after["controls"]["FW-3"], after["controls"]["FW-1"]) == (
        "drift", 1, "fail", "pass",
    )  # fmt: skip
    assert unit.writes == []
