"""What waits for a restart and what cannot be verified is said; a device is started again only where that is allowed.

The device and the platform are those that the other tests of the engine are about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils import engine
from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Change, Desired
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document
from ansible_collections.voip.hardening.plugins.module_utils.engine import AGAIN, ApplyFailed, run
from ansible_collections.voip.hardening.plugins.module_utils.errors import (
    DeviceError,
    LoginRefused,
    Refused,
    Unreachable,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.base import Observation
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import Unverifiable
from tests.unit.document.samples import SETTINGS, settings
from tests.unit.engine.test_engine import Device, FakePlatform, Fault, Session, job, reached, start

NOTE, OTHER_NOTE = "restart: some settings wait for it", "licence: it has run out"
BACK = "the device was started again and holds everything"


@dataclass
class Restartable(FakePlatform):
    """A platform with settings that wait for a restart, until it came.

    `away`: how many log-ins a device that starts again refuses, and `refused_by` how. `loses`: what it does not hold
    afterwards. `refuses`: whether it takes the order.
    """

    waits_from_before: bool = False
    still_waits: bool = False
    away: int = 0
    refused_by: type[DeviceError] = Unreachable
    loses: bool = False
    refuses: bool = False
    unverified: tuple[str, ...] = ()
    restarted: int = 0
    opened: list[Session] = field(default_factory=list)

    def open(self, target: Any) -> Session:
        self.opened.append(Session(self.device, target))
        return self.opened[-1]

    def pending(self, changes: Sequence[Change], observed: Observation) -> list[str]:
        if self.restarted and not self.still_waits:
            return []
        return list(self.waiting) if changes or self.waits_from_before or self.restarted else []

    def restart(self, session: Session) -> None:
        assert all(one.closed for one in self.opened if one is not session), "nothing else is logged in by then"
        if self.refuses:
            raise Refused("restart: no")
        self.restarted += 1
        self.device.log.append("restart")
        self.device.no_login, self.device.no_logins = self.refused_by, self.device.logins - 1 + self.away
        if self.loses:
            self.device.state.tables[SETTINGS] = [settings("old")]

    def compile(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]:
        observed.unverifiable = [
            Unverifiable("FW-3", f"{one}, as read {len(self.opened)}", lasting=True) for one in self.unverified
        ]
        return super().compile(policy, concerns, observed)


def restartable(device: Device, **changes: Any) -> Restartable:
    """A device that has something to wait for, and one note that says so."""
    return Restartable(device, **{"waiting": (NOTE,), "restart_notes": (NOTE,), **changes})


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept; nobody really does."""
    slept: list[float] = []
    monkeypatch.setattr(engine.time, "sleep", slept.append)
    return slept


def finished(platform: FakePlatform) -> Document:
    run(job(platform))
    return platform.device.state


# What is only said


@pytest.mark.parametrize("check", [False, True])
def test_what_waits_is_said_and_nothing_is_started_again(check: bool) -> None:
    platform = restartable(Device(), waiting=(NOTE, OTHER_NOTE))
    result = run(job(platform, check=check))
    assert result["pending"] == [NOTE, OTHER_NOTE, *([] if check else ["sessions live on"])]
    assert platform.restarted == 0


def test_a_second_run_has_nothing_to_say() -> None:
    platform = restartable(Device())
    finished(platform)
    assert run(job(platform))["pending"] == []


@pytest.mark.parametrize("check", [False, True])
def test_what_cannot_be_verified_is_said(check: bool) -> None:
    """In a run of what was read last, so that nobody takes it for compliant."""
    platform = restartable(Device(), unverified=("the colour",))
    result = run(job(platform, check=check))
    assert result["unverifiable"] == [f"the colour, as read {1 if check else 2}"]


def test_what_cannot_be_verified_is_no_change() -> None:
    platform = restartable(Device(state=finished(FakePlatform(Device()))), unverified=("the colour",))
    result = run(job(platform))
    assert (result["changed"], result["plan"]) == (False, [])
    assert result["unverifiable"] == ["the colour, as read 1"]


def test_check_mode_starts_nothing_again() -> None:
    platform = restartable(Device())
    result = run(job(platform, check=True, allow_reboot=True))
    assert (platform.restarted, result["pending"]) == (0, [NOTE])


@pytest.mark.parametrize(("allowed", "changed"), [(True, True), (False, False)])
def test_check_mode_says_that_a_run_would_start_it_again(allowed: bool, changed: bool) -> None:
    platform = restartable(Device(state=finished(FakePlatform(Device()))), waits_from_before=True)
    result = run(job(platform, check=True, allow_reboot=allowed))
    assert (result["plan"], result["changed"], result["pending"]) == ([], changed, [NOTE])
    assert platform.restarted == 0


@pytest.mark.parametrize("waiting", [(), (OTHER_NOTE,)])
def test_a_device_that_waits_for_no_restart_is_not_started_again(waiting: tuple[str, ...]) -> None:
    """Whatever else is pending, open sessions among it."""
    platform = restartable(Device(), waiting=waiting)
    result = run(job(platform, allow_reboot=True))
    assert platform.restarted == 0
    assert BACK not in result["remarks"]


@pytest.mark.parametrize("state", ["gathered", "rendered"])
def test_reading_starts_nothing_again(state: str) -> None:
    platform = restartable(Device(), waits_from_before=True)
    run(job(platform, state=state, allow_reboot=True))
    assert platform.restarted == 0


def test_sessions_that_could_not_be_closed_are_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device is hardened all the same."""

    def breaks(*_arguments: Any) -> list[str]:
        raise Refused("flows: no")

    platform = restartable(Device())
    monkeypatch.setattr(platform, "settle_flows", breaks)
    result = run(job(platform))
    assert result["pending"] == [NOTE, "sessions that were open before were not all closed: flows: no"]
    assert reached(platform.device.state)


# Started again


@pytest.mark.parametrize("atomic", [False, True])
@pytest.mark.parametrize("revert", [0, 300])
def test_a_device_is_started_again_and_looked_at_once_more(atomic: bool, revert: int, naps: list[float]) -> None:
    platform = restartable(Device(atomic=atomic, revert=revert), unverified=("the colour",))
    result = run(job(platform, allow_reboot=True))
    assert reached(platform.device.state)
    assert (platform.restarted, result["changed"]) == (1, True)
    assert result["pending"] == ["sessions live on"]
    assert result["remarks"] == ["a remark", BACK]
    # Everything is proved and settled before; then one log-in for the order, one to look.
    assert platform.device.log[-4:] == ["login", "restart", "login", "read"]
    assert platform.device.saved is None
    assert naps == [engine.RESTART_PAUSE_SECONDS]
    assert all(session.closed for session in platform.opened)
    assert result["unverifiable"] == ["the colour, as read 4"]
    assert [one["evidence"] for one in result["findings"]] == ["lets SIP in", "mode is new"]


@pytest.mark.parametrize("away", [1, 3])
def test_a_device_that_takes_its_time_is_waited_for(away: int, naps: list[float]) -> None:
    platform = restartable(Device(), away=away)
    result = run(job(platform, allow_reboot=True))
    assert naps == [engine.RESTART_PAUSE_SECONDS] * (away + 1)
    assert result["pending"] == ["sessions live on"]
    assert BACK in result["remarks"]


def test_an_earlier_run_may_have_left_it_waiting() -> None:
    """Nothing is to be changed, and the device is started again: that is a change."""
    platform = restartable(Device(state=finished(FakePlatform(Device()))), waits_from_before=True)
    result = run(job(platform, allow_reboot=True))
    assert (result["plan"], result["changed"], platform.restarted) == ([], True, 1)
    assert result["pending"] == []
    assert platform.device.log == ["login", "read", "login", "restart", "login", "read"]


def test_taking_away_may_need_it_too() -> None:
    platform = restartable(Device())
    finished(platform)
    result = run(job(platform, state="deleted", policy=None, allow_reboot=True))
    assert (platform.restarted, result["changed"], result["pending"]) == (1, True, [])


def test_what_else_is_pending_stays_said() -> None:
    platform = restartable(Device(), waiting=(NOTE, OTHER_NOTE))
    result = run(job(platform, allow_reboot=True))
    assert result["pending"] == [OTHER_NOTE, "sessions live on"]


def test_a_device_that_waits_all_the_same() -> None:
    platform = restartable(Device(), still_waits=True)
    result = run(job(platform, allow_reboot=True))
    assert platform.restarted == 1
    assert result["pending"] == ["sessions live on", NOTE]


# When it goes wrong


def failed(platform: Restartable) -> ApplyFailed:
    with pytest.raises(ApplyFailed) as failure:
        run(job(platform, allow_reboot=True))
    assert failure.value.outcome == AGAIN
    assert failure.value.result["changed"] is True
    assert all(session.closed for session in platform.opened if session.requests)
    return failure.value


def test_a_device_that_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "RESTART_SECONDS", -1)
    platform = restartable(Device(), away=99)
    assert str(failed(platform)) == (
        f"the device was started again, and looking at it afterwards failed: login: no. Outcome: {AGAIN}"
    )
    assert reached(platform.device.state)


def test_how_long_a_device_is_waited_for(monkeypatch: pytest.MonkeyPatch, naps: list[float]) -> None:
    now = [1000.0]
    monkeypatch.setattr(engine.time, "monotonic", lambda: now[0])

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(engine.time, "sleep", sleep)
    failed(restartable(Device(), away=10_000))
    assert engine.RESTART_SECONDS < sum(naps) <= engine.RESTART_SECONDS + 2 * engine.RESTART_PAUSE_SECONDS


def test_a_device_that_lets_us_in_no_more_is_not_asked_again(naps: list[float]) -> None:
    """Failed log-ins may shut us out for good."""
    platform = restartable(Device(), away=1, refused_by=LoginRefused)
    assert str(failed(platform)).startswith("the device was started again, and looking at it afterwards failed: ")
    assert len(naps) == 1


def test_a_device_that_does_not_take_the_order() -> None:
    platform = restartable(Device(), refuses=True)
    assert str(failed(platform)) == (
        "what waits for a restart is written, and starting the device again failed: restart: no. "
        f"Outcome: {AGAIN}"
    )
    assert platform.restarted == 0
    assert reached(platform.device.state)


def test_a_device_that_cannot_be_reached_for_the_order() -> None:
    platform = restartable(Device(state=finished(FakePlatform(Device())), no_login=Unreachable, no_logins=1),
                           waits_from_before=True)
    assert str(failed(platform)) == (
        "what waits for a restart is written, and starting the device again failed: login: no. "
        f"Outcome: {AGAIN}"
    )
    assert platform.restarted == 0


def test_a_device_that_does_not_hold_it() -> None:
    platform = restartable(Device(), loses=True)
    assert str(failed(platform)) == (
        "the device does not hold after a restart what it held before: update settings mode old -> new [FW-3]. "
        f"Outcome: {AGAIN}"
    )
    # The next run arrives.
    platform.loses = False
    run(job(platform))
    assert reached(platform.device.state)


@pytest.mark.parametrize("kind", ["cut before", "garbage", "defect"])
def test_an_answer_that_spoils_the_last_look(kind: str) -> None:
    operations = FakePlatform(Device())
    run(job(operations))
    platform = restartable(Device(fault=Fault(operations.device.operations + 1, kind)))
    if kind == "cut before":
        result = run(job(platform, allow_reboot=True))
        assert BACK in result["remarks"]
    else:
        assert "looking at it afterwards failed: " in str(failed(platform))
    assert reached(platform.device.state)


def test_a_plan_that_failed_restarts_nothing() -> None:
    platform = restartable(Device(fault=Fault(3, "refuse")))
    with pytest.raises(ApplyFailed):
        run(job(platform, allow_reboot=True))
    assert platform.restarted == 0
    assert start().tables == platform.device.state.tables
