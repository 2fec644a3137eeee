"""The connection breaks, or the controller dies, at any request of a run: old state, new state, or one from which the
next run converges; never worse protected than before, never with the provider or the management cut off.

Breaks of the product that this catches: taking back skipped or in the wrong order, an outcome that is worded without
looking, a rollback left armed, a plan whose steps are unsafe in between, values remembered too late or not at all.

The full product (every request, both ways to cut, every mode of a unit, every start) is some ten thousand
runs. `VOIP_EXHAUSTIVE=1` does it. With `VOIP_FULL=1` the first start of a platform has every request cut in both ways
and the controller killed after every one; the other starts share the requests among them, those of a killed controller
by the seed, so that another change meets others.
"""

from __future__ import annotations

import itertools
import os
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.promises.platforms import PLATFORMS, Platform
from tests.promises.profile import FULL, SEED
from tests.promises.steps import Question, answers, assert_no_worse
from tests.promises.tally import holding

EXHAUSTIVE = bool(os.environ.get("VOIP_EXHAUSTIVE"))
KINDS = ("cut-before", "cut-after")
RESTORED, IN_FORCE, AGAIN = "old state restored", "new state in force", "needs another run"

CASES = [
    pytest.param(
        platform,
        number,
        mode,
        state,
        id=f"{platform.name}-{name}-{mode}-{state}",
    )
    for platform in PLATFORMS
    for number, (name, _site) in enumerate(platform.starts)
    if FULL or number % 3 == 0
    for mode, state in itertools.product(platform.modes, ("replaced", "deleted"))
]


@dataclass
class Course:
    """One run that nothing disturbs: the unit before it, how many requests it takes, the states at both ends.

    `points` are copies of the unit at the start and after every request, where they were asked for.
    """

    platform: Platform
    state: str
    begin: Any
    count: int
    points: list[Any]
    before: Any
    after: Any
    questions: list[Question]
    start: list[Any]
    end: list[Any]
    converged: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, platform: Platform, number: int, mode: str, state: str, points: bool) -> Course:
        wanted = platform.plain
        with platform.make(platform.starts[number][1], **platform.modes[mode]) as rig:
            questions = list(platform.questions(rig.state, wanted))
            if state == "deleted":
                rig.run(wanted)
            begin, before = rig.copy(), rig.state
            earlier = rig.requests
            with rig.points() if points else nullcontext([]) as copies:
                rig.run(wanted, state=state)
            count, after = rig.requests - earlier, rig.state
        known = answers(questions, before), answers(questions, after)
        return cls(platform, state, begin, count, [begin, *copies], before, after, questions, *known)

    def assert_safe(self, rig: Any) -> None:
        """Not worse than before; while taking away, not worse than before and afterwards."""
        end = self.end if self.state == "deleted" else None
        assert_no_worse(self.questions, self.start, [("now", rig.state)], end)

    def assert_converges(self, rig: Any) -> None:
        """The next run makes of it what an undisturbed one does, and the one after that finds nothing to do."""
        condition = rig.condition()
        if condition in self.converged:
            return
        with rig:
            _result, failure = rig.outcome(self.platform.plain, state=self.state)
            if failure is not None:
                # A transaction that nobody ends holds its objects until the unit drops it.
                assert self.platform.unlike(self.before, rig.state) == [], failure.message
                rig.advance(self.platform.rollback_seconds)
                rig.run(self.platform.plain, state=self.state)
            unlike = self.platform.unlike(self.after, rig.state)
            assert unlike == [], "\n".join(unlike[:12])
            assert rig.run(self.platform.plain, state=self.state, check=True)["plan"] == []
            # And it stays so: no rollback that an earlier run armed is left to fire.
            rig.advance(self.platform.rollback_seconds)
            unlike = self.platform.unlike(self.after, rig.state)
            assert unlike == [], "goes back by itself:\n" + "\n".join(unlike[:12])
        self.converged.add(condition)

    def assert_time_heals(self, rig: Any) -> None:
        """What the unit does by itself after a while leads to a state from which a run converges: where it goes back
        to what it saved, to the old or the new one."""
        later = rig.copy()
        later.advance(self.platform.rollback_seconds)
        if later.condition() != rig.condition():
            old, new = (self.platform.unlike(known, later.state) for known in (self.before, self.after))
            assert [] in (old, new) or not self.platform.reverts, "\n".join(min(old, new, key=len)[:12])
            self.assert_safe(later)
            self.assert_converges(later)


def chosen(number: int, turn: int, count: int, every: int) -> list[tuple[int, str]]:
    """The (request, way to cut) pairs of a case."""
    pairs = [(index, kind) for index in range(1, count + 1) for kind in KINDS]
    if EXHAUSTIVE or (FULL and number == 0):
        return pairs
    return pairs[(2 * number + turn) % every :: every]


@pytest.mark.parametrize(("platform", "number", "mode", "state"), CASES)
def test_cut_at_every_request(platform: Platform, number: int, mode: str, state: str) -> None:
    """The connection breaks once; the run takes back, goes on, or says that another one is needed."""
    course = Course.of(platform, number, mode, state, points=False)
    for index, kind in chosen(number, list(platform.modes).index(mode), course.count, 17 if FULL else 97):
        with holding("cut anywhere"):
            rig = course.begin.copy()
            try:
                cut_once(course, rig, kind, index)
            except AssertionError as error:
                error.add_note(f"{kind} at request {index}")
                raise


def cut_once(course: Course, rig: Any, kind: str, index: int) -> None:
    """One run, cut once, and all that must hold after it."""
    with rig:
        rig.cut(kind, index)
        _result, failure = rig.outcome(course.platform.plain, state=course.state)
    outcome = failure.result.get("outcome", "") if failure is not None else IN_FORCE
    if outcome.startswith(AGAIN):
        course.assert_safe(rig)
        course.assert_time_heals(rig)
        course.assert_converges(rig)
    else:
        # Without an outcome nothing had been written yet.
        expected = {RESTORED: course.before, IN_FORCE: course.after, "": course.before}[outcome]
        unlike = course.platform.unlike(expected, rig.state)
        assert unlike == [], f"{outcome or failure.message}:\n" + "\n".join(unlike[:12])
        course.platform.assert_same(expected, rig.state, numbers=False)
        settled = rig.copy()
        settled.advance(course.platform.rollback_seconds)
        unlike = course.platform.unlike(expected, settled.state)
        assert unlike == [], "goes back by itself:\n" + "\n".join(unlike[:12])


@pytest.mark.parametrize(("platform", "number", "mode", "state"), CASES)
def test_controller_killed_at_every_request(platform: Platform, number: int, mode: str, state: str) -> None:
    """Nobody takes anything back: the unit stays as it was after that request, until time or the next run heals it."""
    course = Course.of(platform, number, mode, state, points=True)
    every = 9 if not FULL else 1 if EXHAUSTIVE or number == 0 else 6
    looked_at: set[str] = set()
    points = list(enumerate(course.points))
    for index, point in points[(number + SEED) % min(every, len(points)) :: every]:
        with holding("cut anywhere"):
            condition = point.condition()  # most requests only read
            if condition in looked_at:
                continue
            looked_at.add(condition)
            try:
                course.assert_safe(point)
                course.assert_time_heals(point.copy())
                course.assert_converges(point)
            except AssertionError as error:
                error.add_note(f"killed after request {index}")
                raise
