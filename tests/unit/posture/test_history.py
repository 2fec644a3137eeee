"""Since when: what is kept from run to run, also over runs that saw nothing; and what a damaged file does."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.posture.history import (
    LONGEST_KEY,
    MOST_KEYS,
    History,
    Line,
    key_of,
    read_history,
    since_of,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import (
    FEW,
    TIME,
    Difference,
    Record,
    record_from,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.score import Score
from tests.support.fleets import HARM, LAST, drifted, nights, record, report

NOW = LAST.strftime(TIME)
LINE = Line(NOW, "north-fw1", "north", "drift", Score(3, 4), {"difference: a": "2026-05-01T01:30:00Z"}, NOW)
DEAD = {"classification": "unreachable", "controls": {}, "message": "timed out"}


def night(back: int) -> str:
    return (LAST - timedelta(days=back)).strftime(TIME)


def on(back: int, of: Record) -> Record:
    return record_from({**of.as_dict(), "read_at": night(back)})


def test_a_line_comes_back_as_it_was() -> None:
    history = read_history([LINE.text().encode()], NOW, 90)
    assert (history.lines, history.broken, history.stale) == ([LINE], [], False)
    assert history.last == {"north-fw1": LINE}


@given(host=st.text(min_size=1), keys=st.dictionaries(st.text() | st.sampled_from(HARM), st.just(NOW)))
def test_any_text_is_one_line_of_ascii(host: str, keys: dict[str, str]) -> None:
    line = Line(NOW, host, host, "error", Score(0, 1), keys)
    text = line.text().encode("ascii")
    assert text.count(b"\n") == 1
    assert read_history([text], NOW, 90).lines == [line]


@pytest.mark.parametrize(
    "text",
    [
        b"\n",
        b"{\n",
        b"null\n",
        b"[]\n",
        b"\xff\xfe\n",
        b"{}\n",
        *(
            json.dumps({**json.loads(LINE.text()), name: value}).encode() + b"\n"
            for name, value in (
                ("schema", 2),
                ("class", "fine"),
                ("time", "yesterday"),
                ("time", 5),
                ("points", [2, 1]),
                ("points", [True, True]),
                ("points", "no"),
                ("points", None),
                ("since", ["a"]),
                ("since", {"a": 1}),
                ("time", "2026-13-01T00:00:00Z"),
                ("read", "yesterday"),
                ("read", None),
                ("since", {"a": "2026-05-31"}),
                ("host", None),
                ("site", 3),
            )
        ),
        LINE.text().encode()[:40] + b"\n",
        LINE.text().encode()[:40] + LINE.text().encode(),
    ],
)
def test_a_broken_line_is_left_out_and_numbered(text: bytes) -> None:
    good = LINE.text().encode()
    history = read_history([good, text, good], NOW, 90)
    assert (history.broken, history.lines) == ([2], [LINE, LINE])


def test_a_line_that_is_being_written_is_not_called_broken() -> None:
    good = LINE.text().encode()
    history = read_history([good, good[:-5]], NOW, 90)
    assert (history.broken, history.lines) == ([], [LINE])


def test_old_lines_are_left_out_and_said_to_be_there() -> None:
    old = Line(night(91), "north-fw1", "north", "drift", Score(), {"difference: a": night(120)})
    history = read_history([old.text().encode()], NOW, 90)
    assert (history.lines, history.stale, history.last) == ([], True, {})
    assert not read_history([old.text().encode()], NOW, 91).stale


def test_since_is_the_first_run_that_saw_it() -> None:
    found = nights([[on(2, record())], [on(1, drifted())], [on(0, drifted())]])
    assert found.devices[0].points[0].since == night(1)
    assert (found.summary["appeared"], found.summary["resolved"]) == (0, 0)


def test_since_outlives_runs_that_could_not_look_at_the_device() -> None:
    dead, failed = record(**DEAD), record(**{**DEAD, "classification": "error"})
    found = nights([[on(4, drifted())], [on(3, dead)], [on(2, failed)], [on(1, dead)], [on(0, drifted())]])
    device = found.devices[0]
    assert device.points[0].since == night(4)
    assert (device.appeared, device.resolved) == (0, 0)


def test_a_device_that_cannot_be_looked_at_has_the_time_of_its_last_reading() -> None:
    found = nights([[on(2, record())], [on(1, record(**DEAD))], [on(0, record(**DEAD))]])
    assert found.devices[0].read == night(2)
    assert nights([[on(0, record(**DEAD))]]).devices[0].read == ""


def test_what_was_mended_and_comes_back_is_new() -> None:
    found = nights([[on(2, drifted())], [on(1, record())], [on(0, drifted())]])
    assert found.devices[0].points[0].since == night(0)
    assert (found.summary["appeared"], found.summary["resolved"]) == (1, 0)


def test_without_an_earlier_run_nothing_is_called_new_or_resolved() -> None:
    assert [report(drifted()).summary[name] for name in ("appeared", "resolved")] == [None, None]


def test_what_is_gone_since_the_run_before_is_counted() -> None:
    found = nights([[on(1, drifted())], [on(0, record())]])
    assert (found.summary["appeared"], found.summary["resolved"]) == (0, 1)


def test_another_value_is_the_same_difference() -> None:
    other = drifted(drift=(Difference(("FW-1",), "firewall/policy VOIPH-in-1", "status", "enable", "gone"),))
    found = nights([[on(1, drifted())], [on(0, other)]])
    assert found.devices[0].points[0].since == night(1)


def test_findings_and_what_waits_have_a_since_of_their_own() -> None:
    finding = {"control": "ADM-1", "severity": "low", "subject": "admin", "evidence": "a", "advice": "b"}
    seen = record(findings=(finding,), pending=("restart",))
    found = nights([[on(1, seen)], [on(0, record(findings=({**finding, "evidence": "c"},), pending=("restart",)))]])
    assert [(point.kind, point.since) for point in found.devices[0].points] == [
        ("finding", night(1)),
        ("pending", night(1)),
    ]


def test_what_a_small_record_leaves_out_keeps_its_time() -> None:
    many = tuple(Difference(("FW-1",), f"rule {number}") for number in range(FEW + 3))
    whole = drifted(drift=many, count=len(many))
    small = record_from(on(1, whole).small())
    found = nights([[on(2, whole)], [small], [on(0, whole)]])
    assert {point.since for point in found.devices[0].points} == {night(2)}
    assert (found.summary["appeared"], found.summary["resolved"]) == (0, 0)


def test_what_a_whole_record_does_not_list_is_gone() -> None:
    two = drifted(drift=(Difference(("FW-1",), "a"), Difference(("FW-1",), "b")), count=2)
    one = drifted(drift=(Difference(("FW-1",), "a"),), count=1)
    found = nights([[on(1, two)], [on(0, one)]])
    assert set(found.devices[0].since) == {"difference: a"}


def test_what_is_kept_of_a_device_is_bounded_and_prefers_what_is_old() -> None:
    before = Line(NOW, "a", "a", "drift", Score(), {"difference: zz": "2020-01-01T00:00:00Z"})
    many = tuple(Difference(("FW-1",), f"{number:05}" + "x" * 500) for number in range(MOST_KEYS * 2))
    since = since_of(drifted(drift=(Difference((), "zz"), *many), count=len(many) + 1), before)
    assert len(since) == MOST_KEYS
    assert since["difference: zz"] == "2020-01-01T00:00:00Z"
    assert max(map(len, since)) < LONGEST_KEY + 40


def test_long_keys_that_begin_alike_stay_apart() -> None:
    assert key_of("finding", "x" * 500 + "a") != key_of("finding", "x" * 500 + "b")
    assert key_of("finding", "x" * 500) == key_of("finding", "x" * 500)


def test_the_trend_takes_each_device_once_a_day_and_only_those_of_this_run() -> None:
    def line(time: datetime, host: str, classification: str, points: Score) -> Line:
        return Line(time.strftime(TIME), host, "north", classification, points)

    history = History(
        lines=[
            line(LAST - timedelta(days=1), "north-fw1", "drift", Score(0, 10)),
            line(LAST - timedelta(hours=20), "north-fw1", "compliant", Score(10, 10)),
            line(LAST - timedelta(days=1), "north-fw2", "unreachable", Score(0, 10)),
            line(LAST - timedelta(days=1), "elsewhere-fw1", "drift", Score(0, 1000)),
        ]
    )
    found = report(record("north-fw1"), record("north-fw2"), history=history)
    assert [(one.day, one.score.percent) for one in found.trend] == [("2026-05-30", 50), ("2026-05-31", 100)]
    counts: dict[str, Any] = dict(found.trend[0].classes)
    assert (counts["compliant"], counts["unreachable"], counts["drift"]) == (1, 1, 0)
    assert [one.day for one in found.sites[0].trend] == ["2026-05-30", "2026-05-31"]
