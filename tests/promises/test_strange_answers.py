"""Answers that nobody expects: an error or a change, never "unchanged".

A unit that is as it should be is looked at again, while one field of one answer is gone or is something else. Whoever
takes a missing field for its default, or a value of another type for nothing, calls such a unit unchanged.
Breaks of the product that this catches: `.get(field, default)` in a codec, a wrong type turned into text, an envelope
that is not looked at, a page of a web server taken for an empty table.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.promises.platforms import Platform
from tests.promises.profile import FULL, SHARES
from tests.promises.tally import holding


def hardened(platform: Platform, number: int) -> Any:
    """A unit as it should be."""
    rig = platform.make(platform.starts[number][1])
    with rig:
        rig.run(platform.plain)
    return rig


def assert_noticed(platform: Platform, rig: Any, spoiling: Any) -> None:
    """The run fails, or finds something to change; and nothing is written."""
    with rig, rig.spoiling(spoiling.tamper):
        earlier = rig.writes
        result, failure = rig.outcome(platform.plain, check=True)
        assert rig.writes == earlier
    assert failure is not None or result["plan"], f"{spoiling.label}: unchanged"
    if failure is not None:
        assert spoiling.request in failure.message, f"{spoiling.label}: {failure.message}"


@pytest.mark.parametrize("number", [0, 6])
@pytest.mark.parametrize("share", range(SHARES))
def test_a_field_that_is_gone_or_strange(platform: Platform, number: int, share: int) -> None:
    """Every field of every read in turn."""
    rig = hardened(platform, number)
    spoilings = list(platform.spoilt_fields(rig))[share::SHARES]
    unnoticed = []
    for spoiling in spoilings if FULL else spoilings[::12]:
        with holding("strange answers"):
            try:
                assert_noticed(platform, rig, spoiling)
            except AssertionError as error:
                unnoticed.append(str(error).partition("\n")[0])
    with holding("strange answers"):
        assert not unnoticed, "\n".join(unnoticed[:40])


def test_an_answer_that_is_something_else(platform: Platform) -> None:
    """A page, half an answer, an error's status with a good body, nothing at all: for every read in turn."""
    rig = hardened(platform, 0)
    for spoiling in platform.spoilt_answers(rig):
        with holding("strange answers"):
            assert_noticed(platform, rig, spoiling)
