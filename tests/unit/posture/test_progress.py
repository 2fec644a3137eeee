"""Lines come when they are due and say what is true; the time is the test's own."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.posture.progress import Progress, duration


def test_a_line_is_due_after_so_many_seconds() -> None:
    progress = Progress(total=10, now=100.0, seconds=30, hosts=0)
    assert progress.seen("compliant", 110.0) is None
    assert progress.seen("drift", 129.9) is None
    assert progress.seen("unreachable", 130.0) == (
        "3 of 10 devices (30 %): 1 compliant, 1 drift, 1 unreachable, 0 error, 0 unsupported; about 1 min 10 s left"
    )
    assert progress.seen("compliant", 159.9) is None
    assert progress.seen("compliant", 160.0) is not None


def test_a_line_is_due_after_so_many_hosts() -> None:
    progress = Progress(total=5, now=0.0, seconds=0, hosts=2)
    due = [progress.seen("compliant", float(number)) is not None for number in range(5)]
    assert due == [False, True, False, True, False]


def test_the_last_device_has_no_line_since_the_totals_follow() -> None:
    progress = Progress(total=1, now=0.0, seconds=1, hosts=1)
    assert progress.seen("error", 100.0) is None
    assert progress.totals(100.0) == (
        "1 of 1 devices in 1 min 40 s: 0 compliant, 0 drift, 0 unreachable, 1 error, 0 unsupported"
    )


def test_nothing_is_due_where_both_are_off() -> None:
    progress = Progress(total=100, now=0.0, seconds=0, hosts=0)
    assert not any(progress.seen("compliant", number * 1000.0) for number in range(100))


def test_a_device_without_a_result_is_not_forgotten() -> None:
    progress = Progress(total=3, now=0.0, seconds=0, hosts=0)
    progress.seen("compliant", 1.0)
    assert progress.totals(2.0) == (
        "1 of 3 devices in 2 s: 1 compliant, 0 drift, 0 unreachable, 0 error, 0 unsupported; 2 without a result"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"), (3600, "1 h 0 min"), (9000, "2 h 30 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
