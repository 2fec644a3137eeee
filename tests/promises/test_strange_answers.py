"""Answers that nobody expects: an error that names the request, or a change; never "unchanged".

A unit that is as it should be is looked at again, while one field of one answer is gone or is something else. Whoever
takes a missing field for its default, a value of another type for nothing, or a word that he does not know for the
harmless one, calls such a unit unchanged. Then the same once more where it hurts most: everything is written, or a step
has failed, and the read that is to tell where the unit stands lies.
Breaks of the product that this catches: `.get(field, default)` in a codec, a wrong type turned into text, an option
compared with the bad ones only, an envelope that is not looked at, a page of a web server taken for an empty table, a
verification whose own failure passes for success.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any

import pytest

from tests.promises.base import CHANGE, ERROR, FINDING, KEPT, NOTHING, Spoiling
from tests.promises.platforms import PLATFORMS, Platform
from tests.promises.profile import FULL, SHARES
from tests.promises.tally import holding

UNVERIFIABLE = "unverifiable"
FEW = {ERROR: 61, NOTHING: 11}
"""Outside CI one in so many stands for the others of its kind."""
SITES = [
    pytest.param(platform, number, id=f"{platform.name}-{name}")
    for platform in PLATFORMS
    for number, (name, _site) in enumerate(platform.watched)
]


def _named(name: str) -> Platform:
    return next(platform for platform in PLATFORMS if platform.name == name)


@cache
def hardened(name: str, number: int, nearly: bool = False) -> Any:
    """A unit as it should be, or as a policy wanted it that differs a little. It is looked at, never changed."""
    platform = _named(name)
    rig = platform.make(platform.watched[number][1])
    with rig:
        rig.run(platform.nearly if nearly else platform.plain)
    return rig


@cache
def found(name: str, number: int) -> frozenset[tuple[str, ...]]:
    """The findings of an undisturbed look."""
    with hardened(name, number) as rig:
        return findings(rig.run(_named(name).plain, check=True))


@cache
def said(_name: str, _number: int) -> dict[str, Any]:
    """The unit's answers, by request."""
    return {}


def findings(result: dict[str, Any]) -> frozenset[tuple[str, ...]]:
    """What is wrong with the unit, and what of it cannot be told."""
    found = {(one["control"], one["subject"], one["evidence"]) for one in result["findings"]}
    return frozenset(found | {(UNVERIFIABLE, line) for line in result["unverifiable"]})


def complaint(spoiling: Spoiling, before: frozenset[tuple[str, ...]], result: Any, failure: Any) -> str:
    """What is wrong with a look at a unit whose answer was spoilt; "" where it ended as it should."""
    if failure is not None:
        # A change that the unit cannot make is refused with the names of the row and the field.
        refused = spoiling.expects == CHANGE and spoiling.place[0] in failure.message
        named = refused or spoiling.request in failure.message
        if "exception" in failure.result or not named:
            return f"{spoiling.label}: {failure.message}"
        return f"{spoiling.label}: {failure.message}" if spoiling.expects == NOTHING else ""
    now = findings(result)
    ends_well = {
        ERROR: False,
        CHANGE: bool(result["plan"]) or any(one[0] == UNVERIFIABLE for one in now - before),
        FINDING: bool(now - before),
        KEPT: bool(result["plan"]) or {one[:2] for one in before} <= {one[:2] for one in now},
        NOTHING: not result["plan"] and before == now,
    }
    return "" if ends_well[spoiling.expects] else f"{spoiling.label}: unchanged"


def look(platform: Platform, number: int, spoiling: Spoiling) -> str:
    """Look once while an answer is spoilt; what is wrong then."""
    rig, before = hardened(platform.name, number), found(platform.name, number)
    with rig, rig.spoiling(spoiling.tamper, said(platform.name, number)):
        earlier = rig.writes
        result, failure = rig.outcome(platform.plain, check=True)
        assert rig.writes == earlier
    return complaint(spoiling, before, result, failure)


@cache
def spoilings(name: str, number: int) -> list[Spoiling]:
    """All that can be spoilt on this site."""
    platform, rig = _named(name), hardened(name, number)
    return list(chain(platform.spoilt_fields(rig), platform.spoilt_answers(rig)))


def noticeable(platform: Platform, number: int) -> list[Spoiling]:
    """All of them but the exceptions."""
    return [one for one in spoilings(platform.name, number) if one.place not in platform.unnoticed]


@pytest.mark.parametrize(("platform", "number"), SITES)
@pytest.mark.parametrize("share", range(SHARES))
def test_an_answer_that_is_strange(platform: Platform, number: int, share: int) -> None:
    """Every field of every read in turn, every envelope, every read as a whole."""
    wrong = []
    for index, spoiling in enumerate(noticeable(platform, number)[share::SHARES]):
        if FULL or index % FEW.get(spoiling.expects, 1) == 0:
            with holding("strange answers"):
                wrong.append(look(platform, number, spoiling))
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("platform", PLATFORMS, ids=[platform.name for platform in PLATFORMS])
def test_nothing_is_left_out(platform: Platform) -> None:
    """Every field that a run asks for is spoilt on one of the sites."""
    sites = range(len(platform.watched))
    asked = {pair for number in sites for pair in platform.asked_for(hardened(platform.name, number))}
    assert asked - {one.place[:2] for number in sites for one in noticeable(platform, number)} == set()


@pytest.mark.parametrize("platform", PLATFORMS, ids=[platform.name for platform in PLATFORMS])
def test_every_exception_is_needed(platform: Platform) -> None:
    """What may stay unnoticed does stay unnoticed, on one of the sites."""
    left = dict(platform.unnoticed)
    for number in range(len(platform.watched)):
        for spoiling in spoilings(platform.name, number):
            if spoiling.place in left and look(platform, number, spoiling):
                del left[spoiling.place]
    assert not left


@pytest.mark.parametrize(("platform", "number"), SITES)
@pytest.mark.parametrize("share", range(SHARES))
def test_a_verification_that_is_lied_to(platform: Platform, number: int, share: int) -> None:
    """Everything is written, and a read of the verification is spoilt: the run does not report success."""
    wrong = []
    fatal = [one for one in noticeable(platform, number) if one.expects in (ERROR, CHANGE)]
    for spoiling in fatal[share :: SHARES * (61 if FULL else 299)]:
        with holding("strange answers"):
            wrong.append(lied_to(platform, number, spoiling))
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize(("platform", "number"), SITES)
def test_a_look_after_a_failure_that_is_lied_to(platform: Platform, number: int) -> None:
    """The connection breaks between two steps, and a read of the new login is spoilt: nobody says how the unit is."""
    wrong = []
    fatal = [one for one in noticeable(platform, number) if one.expects == ERROR]
    for spoiling in fatal[number :: 499 if FULL else 1999]:
        with holding("strange answers"):
            wrong.append(lied_to(platform, number, spoiling, cut=True))
    assert not any(wrong), "\n".join(filter(None, wrong))


def lied_to(platform: Platform, number: int, spoiling: Spoiling, cut: bool = False) -> str:
    """One run whose answers are spoilt once it has written; what is wrong with how it ends."""
    rig = hardened(platform.name, number, nearly=True).copy()
    if cut:
        earlier = rig.requests
        with rig:
            rig.run(platform.plain, check=True)
        kind, number_of_write = platform.breaks
        rig.cut(kind, rig.requests - earlier + number_of_write)
    earlier = rig.writes

    def tamper(request: Any, response: Any) -> Any:
        return spoiling.tamper(request, response) if rig.writes > earlier else response

    with rig, rig.spoiling(tamper):
        _result, failure = rig.outcome(platform.plain)
    if failure is None:
        return f"{spoiling.label}: success"
    outcome = failure.result.get("outcome", "")
    named = spoiling.expects == CHANGE or spoiling.request in failure.message
    if not named or not outcome.startswith("needs another run"):
        return f"{spoiling.label}: {outcome}: {failure.message}"
    with rig:
        rig.run(platform.plain)  # an automatic rollback may be armed still
        plan = rig.run(platform.plain, check=True)["plan"]
    return f"{spoiling.label}: after another run there is still to do: {plan}" if plan else ""
