"""On any site, for any policy: every promise about a run that nothing disturbs, in one walk.

Breaks of the product that this catches: phases of a plan in another order (removals first, moves bottom up), a
negation left out or on the wrong side, blocks placed above the provider's rules, a building block that is not looked
for again, a setting that is not remembered, a foreign row that is taken for ours, check mode that plans otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from tests.promises.platforms import Platform
from tests.promises.profile import EXAMPLES, SHARES, examples
from tests.promises.steps import answers, assert_no_worse, assert_promised
from tests.promises.tally import holding


def refused(rig: Any, wanted: Any, reasons: Sequence[str]) -> None:
    """What the unit cannot be made: check and run say why, and nothing is written. Of a lock-out a check warns."""
    before = rig.state
    with holding("the impossible is refused"):
        for check in (True, False):
            result, failure = rig.outcome(wanted, check=check)
            told = [failure.message] if failure is not None else result["remarks"] if check else []
            assert any(reason in line for line in told for reason in reasons), (told, reasons)
            assert rig.writes == 0
            assert rig.state == before


@pytest.mark.parametrize("share", range(SHARES))
def test_any_site_and_policy(platform: Platform, share: int) -> None:
    """Check, run step by step, run again, take away step by step."""

    @examples(EXAMPLES, share)
    @given(site=platform.sites, wanted=platform.policies)
    def walk(site: Any, wanted: Any) -> None:
        with platform.make(site) as rig:
            before = rig.state
            reasons = platform.impossible(rig, wanted)
            if reasons:
                refused(rig, wanted, reasons)
                return
            asked = platform.questions(before, wanted)
            start = answers(asked, before)
            with holding("check mode tells the truth"):
                shown = rig.run(wanted, check=True)
                assert rig.writes == 0
                assert rig.state == before
            with rig.steps() as steps:
                done = rig.run(wanted)
            with holding("check mode tells the truth"):
                assert done["plan"] == shown["plan"]
                assert done["diff"] == shown["diff"]
            hardened = rig.state
            with holding("safe at every step"):
                assert_no_worse(asked, start, steps)
            with holding("provider in, strangers out"):
                assert_promised(asked, hardened)
            with holding("nothing foreign touched"):
                platform.assert_foreign_untouched(before, hardened, wanted)
            with holding("idempotent"):
                again = rig.run(wanted)
                assert again["plan"] == []
                assert not again["changed"]
                assert rig.state == hardened
            end = answers(asked, hardened)
            with rig.steps() as steps:
                rig.run(wanted, state="deleted")
            with holding("safe at every step"):
                assert_no_worse(asked, start, steps, end)
            with holding("deleted gives the start back"):
                platform.assert_same(before, rig.state)

    walk()
