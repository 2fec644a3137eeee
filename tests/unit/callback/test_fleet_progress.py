"""The callback counts looks at devices, in any play and batch, and is silent otherwise."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.callback.fleet_progress import CallbackModule

LOOK = SimpleNamespace(action="voip.hardening.device_posture")
OTHER = SimpleNamespace(action="voip.hardening.firewall")


class Screen:
    """Stands for Ansible's display, and for the time."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.verbosity = 0
        self.now = 0.0

    def display(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def callback(screen: Screen) -> CallbackModule:
    made = CallbackModule(display=screen)
    made.clock = lambda: screen.now
    options = {"seconds": "30", "hosts": "0"}
    made.get_option = options.__getitem__
    return made


def play(hosts: int) -> Any:
    """A play with so many hosts."""
    inventory = SimpleNamespace(get_hosts=lambda pattern, order: ["host"] * hosts)
    variables = SimpleNamespace(_inventory=inventory)
    return SimpleNamespace(hosts="firewalls", order=None, get_variable_manager=lambda: variables)


def result(task: Any = LOOK, **returned: Any) -> Any:
    return SimpleNamespace(_task=task, _result=returned)


def test_classes_are_counted_and_the_totals_come_with_the_last_device(callback: Any, screen: Screen) -> None:
    callback.v2_playbook_on_play_start(play(7))
    callback.v2_runner_on_start(None, LOOK)
    for name in ("compliant", "drift", "unsupported"):
        callback.v2_runner_on_ok(result(posture={"class": name}))
    callback.v2_runner_on_failed(result(failed=True), ignore_errors=True)
    screen.now = 35.0
    callback.v2_runner_on_unreachable(result(unreachable=True))
    assert screen.lines == [
        "fleet: 5 of 7 devices (71 %): 1 compliant, 1 drift, 1 unreachable, 1 error, 1 unsupported; about 14 s left"
    ]
    callback.v2_runner_on_ok(result(posture={"class": "better than ever"}))
    callback.v2_runner_on_ok(result(posture="none"))
    assert screen.lines[1:] == [
        "fleet: 7 of 7 devices in 35 s: 1 compliant, 1 drift, 1 unreachable, 3 error, 1 unsupported"
    ]
    callback.v2_playbook_on_stats(None)
    assert len(screen.lines) == 2


@pytest.mark.parametrize("ends", ["v2_playbook_on_play_start", "v2_playbook_on_stats"])
def test_a_play_that_ends_early_says_what_is_missing(ends: str, callback: Any, screen: Screen) -> None:
    callback.v2_playbook_on_play_start(play(2))
    callback.v2_runner_on_start(None, LOOK)
    callback.v2_runner_on_ok(result(posture={"class": "compliant"}))
    getattr(callback, ends)(play(9))
    assert [line.rpartition("; ")[2] for line in screen.lines] == ["1 without a result"]


def test_each_batch_is_counted_by_itself(callback: Any, screen: Screen) -> None:
    for hosts in (1, 2):
        callback.v2_playbook_on_play_start(play(hosts))
        for _number in range(hosts):
            callback.v2_runner_on_start(None, LOOK)
            callback.v2_runner_on_ok(result(posture={"class": "compliant"}))
    assert [line.partition(" in ")[0] for line in screen.lines] == ["fleet: 1 of 1 devices", "fleet: 2 of 2 devices"]


def test_other_plays_are_none_of_its_business(callback: Any, screen: Screen) -> None:
    callback.v2_playbook_on_play_start(SimpleNamespace())  # whose hosts nobody counts
    callback.v2_runner_on_start(None, OTHER)
    screen.now = 1000.0
    callback.v2_runner_on_ok(result(OTHER, changed=True))
    callback.v2_runner_on_failed(result(OTHER, failed=True))
    callback.v2_runner_on_unreachable(result(OTHER, unreachable=True))
    callback.v2_playbook_on_stats(None)
    assert screen.lines == []
