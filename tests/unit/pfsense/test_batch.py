"""One write, all of it or nothing, and the rollback that waits on the box."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.engine import ApplyFailed
from ansible_collections.voip.hardening.plugins.module_utils.errors import Refused, Unreachable
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.batch import (
    DESCRIPTION,
    ROLLBACK_SECONDS,
    PfSenseBatch,
)
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import Box, Direct, answered, harden, observed, plan, run, saved, text, unit

POLICY = site()
ARMED = "/var/db/voip_hardening/armed.json"


def batch(box: Box) -> tuple[PfSenseBatch, Direct]:
    """A plan on its way, not begun."""
    seen, session = observed(box), Direct(box)
    return PfSenseBatch(session, plan(POLICY, seen), seen.document, seen.details), session


def committed(box: Box) -> tuple[PfSenseBatch, Direct]:
    made, session = batch(box)
    made.start()
    made.commit()
    return made, session


def test_nothing_happens_before_the_commit() -> None:
    box = unit()
    made, _session = batch(box)
    made.start()
    for change in plan(POLICY, observed(box)):
        made.send(change)
    assert (made.atomic, made.armed) == (True, 0)
    assert box.counters.writes == 0


def test_one_write_with_our_name() -> None:
    box = unit()
    history = len(box.history)
    committed(box)
    assert box.counters.writes == 1
    assert len(box.history) == history + 1
    assert box.config["revision"]["description"].endswith(DESCRIPTION)


def test_the_rollback_waits_and_is_stopped() -> None:
    box = unit()
    made, session = committed(box)
    assert made.armed == ROLLBACK_SECONDS
    assert answered(box)["armed"]["seconds"] == ROLLBACK_SECONDS
    made.settle(session)
    assert made.armed == 0
    assert answered(box)["armed"] is None
    assert box.files.listed("/var/db/voip_hardening") == []
    after = text(box)
    box.advance(2 * ROLLBACK_SECONDS)
    assert text(box) == after


def test_the_rollback_happens_by_itself() -> None:
    box = unit()
    before, running = text(box), box.running
    made, session = committed(box)
    box.advance(ROLLBACK_SECONDS + 1)
    assert text(box) == before
    assert box.running == running
    assert "em1.40" not in box.kernel.devices
    with pytest.raises(Refused, match="the rollback was faster"):
        made.settle(session)


def test_settling_twice_asks_once() -> None:
    box = unit()
    made, session = committed(box)
    made.settle(session)
    made.settle(session)
    assert box.counters.requests["disarm"] == 1


def test_an_answer_that_was_lost_over_settling() -> None:
    box = unit()
    made, session = committed(box)
    box.faults.plant(kind="cut-after", op="disarm", times=1)
    with pytest.raises(Unreachable):
        made.settle(session)
    made.settle(session)
    assert made.armed == 0


def test_aborting_puts_everything_back() -> None:
    box = unit()
    before = text(box)
    made, session = committed(box)
    made.abort(session)
    assert (text(box), made.armed, answered(box)["armed"]) == (before, 0, None)


def test_there_is_nothing_to_abort_before_the_commit() -> None:
    made, session = batch(unit())
    with pytest.raises(Refused, match="there is no copy"):
        made.abort(session)


def test_what_is_only_applied_needs_no_rollback() -> None:
    box = saved(harden(unit(), POLICY), {"system/domain": "x.example.net"}, "filter")
    writes = box.counters.writes
    made, _session = committed(box)
    assert made.armed == 0
    assert answered(box)["armed"] is None
    assert (box.counters.writes, box.dirty) == (writes, [])


# Others


def test_a_rollback_that_a_lost_controller_left_is_stopped() -> None:
    """Our log-in shows that the box is within reach, and what stands is looked at: then it must not go back."""
    box = unit()
    committed(box)
    shown = run(box, POLICY, check=True)
    assert shown["plan"] == ["update running rollback waits -> \"\" [FW-1 FW-2]"]
    assert answered(box)["armed"] is not None
    assert run(box, POLICY)["changed"]
    assert answered(box)["armed"] is None
    box.advance(ROLLBACK_SECONDS + 1)
    assert not run(box, POLICY)["changed"]


def test_another_policy_stops_it_as_well() -> None:
    box = unit()
    committed(box)
    assert run(box, site(voice_vlan__id=50))["changed"]
    assert answered(box)["armed"] is None
    assert not run(box, site(voice_vlan__id=50))["changed"]


def test_one_that_happens_meanwhile_is_told() -> None:
    box = unit()
    committed(box)
    made, _session = batch(box)
    box.advance(ROLLBACK_SECONDS + 1)
    with pytest.raises(Refused, match="has happened meanwhile"):
        made.start()


def test_one_whose_process_is_gone_is_put_away() -> None:
    """The box was started again while it waited: nothing will ever fire, and the file stays."""
    box = unit()
    committed(box)
    box.boot()
    assert answered(box)["armed"] is not None
    assert run(box, site(voice_vlan__id=50))["changed"]
    assert answered(box)["armed"] is None


def test_a_configuration_that_somebody_changed_meanwhile_is_not_written_over() -> None:
    box = unit()
    made, _session = batch(box)
    saved(box, {"system/domain": "x.example.net"})
    before = text(box)
    with pytest.raises(Refused, match="changed since it was read"):
        made.commit()
    assert (text(box), made.armed, answered(box)["armed"]) == (before, 0, None)


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"locked": True}, "another run of this collection is busy"),
        ({"write_fails": "refused"}, "refused to write"),
        ({"write_fails": "failed"}, "refused to write"),
    ],
)
def test_what_the_box_refuses_leaves_nothing_behind(knobs: dict[str, Any], message: str) -> None:
    box = unit()
    before = text(box)
    made, _session = batch(box)
    for name, value in knobs.items():
        box.knobs.turn(name, value)
    with pytest.raises(Refused, match=message):
        made.commit()
    assert (text(box), made.armed, answered(box)["armed"]) == (before, 0, None)


def test_rules_that_pf_does_not_take_are_put_back_by_the_box() -> None:
    box = unit()
    before, running = text(box), box.running
    made, _session = batch(box)
    box.refuse_next("syntax error")
    with pytest.raises(Refused, match="the configuration was put back"):
        made.commit()
    assert (text(box), box.running, made.armed, answered(box)["armed"]) == (before, running, 0, None)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": "cut-before", "op": "write"}, "old state restored"),
        ({"kind": "cut-after", "op": "write"}, "old state restored"),
        ({"kind": "garbage", "op": "write"}, "old state restored"),
        ({"kind": "load", "op": "write"}, "old state restored"),
        ({"kind": "gui", "op": "write"}, "needs another run"),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_what_goes_wrong_over_the_write(fault: dict[str, Any], outcome: str) -> None:
    box = unit()
    before = text(box)
    box.faults.plant(times=1, **fault)
    with pytest.raises(ApplyFailed, match=f"Outcome: {outcome}"):
        run(box, POLICY)
    assert answered(box)["armed"] is None
    if fault["kind"] != "gui":
        assert text(box) == before
    box.advance(2 * ROLLBACK_SECONDS)
    assert run(box, POLICY)["changed"]
    assert not run(box, POLICY)["changed"]
