"""Runs for some of the concerns on a site that was hardened for all of them: the others' work stays.

Breaks of the product that this catches: a building block is given up because a run did not read what uses it, a rule
that two concerns share goes with one of them, a setting that another concern remembers is given back.
"""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from tests.promises.platforms import PLATFORMS, Platform
from tests.promises.profile import FULL
from tests.promises.tally import holding

SOME = tuple(chain.from_iterable(combinations(CONCERNS, size) for size in range(1, len(CONCERNS))))
CASES = [
    pytest.param(platform, site, id=f"{platform.name}-{name}")
    for platform in PLATFORMS
    for name, site in (platform.starts if FULL else platform.starts[:2])
]


@pytest.mark.parametrize(("platform", "site"), CASES)
def test_some_concerns_leave_the_work_of_the_others(platform: Platform, site: Any) -> None:
    """Hardened for all, checked for some; taken away for some, the rest checked; brought back, and all taken away."""
    for some in SOME:
        wanted = {**platform.plain, "concerns": list(some)}
        rest = {**platform.plain, "concerns": [concern for concern in CONCERNS if concern not in some]}
        with platform.make(site) as rig:
            before = rig.state
            rig.run(platform.plain)
            hardened = rig.state
            with holding("idempotent"):
                assert rig.run(wanted, check=True)["plan"] == [], some
            rig.run(wanted, state="deleted")
            with holding("nothing foreign touched"):
                assert rig.run(rest, check=True)["plan"] == [], some
            rig.run(wanted)
            with holding("idempotent"):
                assert platform.unlike(hardened, rig.state) == [], some
            rig.run(platform.plain, state="deleted")
            with holding("deleted gives the start back"):
                platform.assert_same(before, rig.state)
