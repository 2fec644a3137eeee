"""The connection is cut at every request of a run: old state, new state, or one from which the next run gets there.

Every index is tried: before the device acts on the request, and after it did but before its answer.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.devices.fortigate import Switches
from tests.support.managed import managed_by
from tests.support.outcomes import IN_FORCE, RESTORED, assert_converges, assert_true
from tests.support.states import assert_foreign_untouched, assert_same, managed
from tests.support.units import Unit, make_unit

# Armed while a plan is on its way; a site's own time-out is lost where nobody is left who knew it.
ROLLBACK = managed("system/global", "cfg-save", "cfg-revert-timeout")

SHARES = 6
"""The indices are dealt out to this many tests, so that they run side by side."""


@cache
def requests_of(transactions: bool) -> tuple[int, int]:
    """How many requests an undisturbed run sends, and how many of them come before the first write."""
    unit = prepared(make_unit("lived-in", switches=Switches(transactions=transactions)))
    with unit.server:
        unit.run()
    methods = [entry["method"] for entry in unit.device.log]
    return len(methods), next(index for index, method in enumerate(methods) if method != "GET")


def prepared(unit: Unit) -> Unit:
    """The unit with a rollback time-out of the site's own, to see it come back."""
    unit.edit("system/global", "", cfg_revert_timeout=456)
    return unit


def assert_protected(state: dict[str, Any]) -> None:
    """The provider is not cut off: no rule that blocks the phones stands before those that allow."""
    names = [row["name"] for row in state["vdom"]["root"]["firewall/policy"]]
    for allowing in ("VOIPH-allow-signalling", "VOIPH-allow-media"):
        if "VOIPH-voice-deny-out" in names:
            assert names.index(allowing) < names.index("VOIPH-voice-deny-out"), names


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("kind", ["cut-before", "cut-after"])
@pytest.mark.parametrize("transactions", [True, False], ids=["transaction", "one-by-one"])
def test_cut_at_every_request(transactions: bool, kind: str, share: int) -> None:
    """A full harden of the lived-in site, cut once."""
    total, reads = requests_of(transactions)
    # All reads before the first write are alike; the last few of them stand for the others.
    for index in range(reads - 2 + share, total + 1, SHARES):
        cut_once(kind, index, transactions)


def cut_once(kind: str, index: int, transactions: bool) -> None:
    """One run on a unit of its own, cut at the request with this number (1 is the first)."""
    unit = prepared(make_unit("lived-in", switches=Switches(transactions=transactions)))
    before, after = start_and_end()
    with unit.server:
        unit.device.faults.plant(kind=kind, at=index, times=1)
        _result, failure = unit.outcome()
        cut = unit.device.log[index - 1]
        now = unit.state
        try:
            outcome = failure.result.get("outcome") if failure else None
            assert_protected(now)
            armed = now["global"]["system/global"]["cfg-save"] == "revert"
            assert_foreign_untouched(before, now, [*managed_by("firewall"), *([ROLLBACK] if armed else [])])
            if failure is None:
                assert_same(after, now, numbers=False)
            elif outcome is None:
                assert failure.unreachable
                assert_same(before, now)
            else:
                assert_true(outcome, before, after, now)
                if outcome not in (RESTORED, IN_FORCE):
                    assert_converges(after, unit, ignore=ROLLBACK)
        except AssertionError as error:
            told = failure.message if failure else "no failure"
            raise AssertionError(f"{kind} {index} ({cut['method']} {cut['path']}): {told}\n{error}") from None


@cache
def start_and_end() -> tuple[dict[str, Any], dict[str, Any]]:
    """The state before a run and after one that nothing disturbs."""
    unit = prepared(make_unit("lived-in"))
    before = unit.state
    with unit.server:
        unit.run()
        return before, unit.state
