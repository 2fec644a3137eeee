"""A look at a device: what it finds, and that it writes nothing, whatever the job says."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.engine import examine, run
from ansible_collections.voip.hardening.plugins.module_utils.errors import (
    DeviceError,
    Misunderstood,
    Unreachable,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.base import Observation
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import ChangedBy
from tests.unit.engine.test_engine import FINDING, NOTE, STEPS, Device, FakePlatform, Fault, job, start

SOMEBODY = ChangedBy("alice", "2026-05-31T01:30:00Z", "in a hurry", "list")


@dataclass
class Lookable(FakePlatform):
    """It says who changed it, or breaks over that; `asked_who` counts how often it was asked."""

    breaks_over_it: type[DeviceError] | None = None
    asked_who: int = 0
    restarts_for: tuple[str, ...] = ()

    def awaiting_restart(self, observed: Observation) -> tuple[str, ...]:
        return self.restarts_for

    def last_change(self, session: Any, observed: Observation) -> ChangedBy | None:
        self.asked_who += 1
        if self.breaks_over_it is not None:
            raise self.breaks_over_it("over it")
        return SOMEBODY


@pytest.mark.parametrize("check", [True, False])
def test_nothing_is_written_and_everything_is_told(check: bool) -> None:
    platform = Lookable(Device(), restarts_for=("VLAN-1",))
    found = examine(job(platform, check=check, findings=(NOTE,)))
    assert platform.device.state == start()
    assert platform.device.log == ["login", "read"]
    assert len(found.plan.changes) == STEPS
    assert {NOTE, FINDING} <= set(found.findings)
    assert [one.severity for one in found.findings] == ["critical", "high", "low"]
    assert (found.refusal, found.waiting, found.changed_by) == ("", ("VLAN-1",), SOMEBODY)


def test_it_finds_what_check_mode_finds() -> None:
    device = Device()
    found, shown = examine(job(Lookable(device))), run(job(Lookable(device), check=True))
    result = found.plan.as_result()
    assert [result[name] for name in ("plan", "diff", "undo")] == [shown[name] for name in ("plan", "diff", "undo")]
    assert [one.as_dict() for one in found.findings] == shown["findings"]


def test_who_changed_it_is_asked_only_where_something_did() -> None:
    hardened = FakePlatform(Device())
    run(job(hardened))
    platform = Lookable(Device(state=copy.deepcopy(hardened.device.state)))
    found = examine(job(platform))
    assert (found.plan.changes, found.changed_by, platform.asked_who) == ([], None, 0)


@pytest.mark.parametrize("kind", [Misunderstood, Unreachable])
def test_drift_is_drift_whether_or_not_somebody_is_named(kind: type[DeviceError]) -> None:
    found = examine(job(Lookable(device=Device(), breaks_over_it=kind)))
    assert (len(found.plan.changes), found.changed_by) == (STEPS, None)


def test_a_run_that_would_be_refused_is_said_to_be_that() -> None:
    found = examine(job(Lookable(Device(), lock_out=True)))
    assert found.refusal.startswith("a run would be refused: ")


def test_a_device_that_breaks_off_while_it_is_read_is_not_judged() -> None:
    with pytest.raises(Unreachable):
        examine(job(Lookable(Device(fault=Fault(1, "cut before")))))
