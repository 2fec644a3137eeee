"""The score counts what was shown to be in place, by how severe it is to fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.posture.record import RESULTS
from ansible_collections.voip.hardening.plugins.module_utils.posture.score import Score, score_of
from tests.support.fleets import controls, drifted, record, report


@pytest.mark.parametrize(
    ("results", "percent"),
    [
        ({}, None),
        ({"FW-1": "pass"}, 100),
        ({"FW-1": "fail"}, 0),
        ({"FW-1": "unknown"}, 0),
        ({"FW-1": "waived"}, None),
        ({"FW-1": "not_applicable"}, None),
        ({"FW-1": "fail", "FW-2": "pass"}, 33),  # 5 of 15: FW-1 is critical, FW-2 high
        ({"FW-1": "pass", "VLAN-2": "fail"}, 83),  # 10 of 12: VLAN-2 is medium
        ({"FW-1": "pass", "FW-2": "waived", "VLAN-2": "unknown"}, 83),
        ({"ZZ-9": "pass", "FW-1": "fail"}, 16),  # what the catalogue does not have counts as medium
    ],
)
def test_score_of_a_device(results: dict[str, str], percent: int | None) -> None:
    assert score_of(results, controls()).percent == percent


@given(st.dictionaries(st.sampled_from(sorted(controls())), st.sampled_from(RESULTS)))
def test_only_everything_in_place_is_a_hundred(results: dict[str, str]) -> None:
    percent = score_of(results, controls()).percent
    asked = {result for result in results.values() if result in ("pass", "fail", "unknown")}
    assert (percent == 100) == (asked == {"pass"})
    assert (percent is None) == (not asked)


@given(st.dictionaries(st.sampled_from(sorted(controls())), st.sampled_from(RESULTS)), st.data())
def test_what_becomes_unknown_never_raises_a_score(results: dict[str, str], data: st.DataObject) -> None:
    known = {name: result for name, result in results.items() if result in ("pass", "fail")}
    if known:
        name = data.draw(st.sampled_from(sorted(known)))
        before, after = score_of(known, controls()), score_of({**known, name: "unknown"}, controls())
        assert (after.percent or 0) <= (before.percent or 0)


def test_a_device_that_cannot_be_read_has_no_points_of_those_that_others_of_its_kind_are_asked_for() -> None:
    dead = record("south-fw1", classification="unreachable", controls={})
    found = report(record(), dead)
    alive = found.devices[0].score
    assert found.devices[1].score == Score(0, alive.asked)
    assert set(found.devices[1].results) == set(found.devices[0].results)
    assert found.score.percent == 50
    assert [site.score.percent for site in found.sites] == [100, 0]


def test_alone_it_is_asked_for_what_the_catalogue_assesses_on_its_platform_or_on_any() -> None:
    of_platform = report(record(classification="error", controls={})).devices[0].results
    assert "FW-1" in of_platform
    assert "PWD-1" not in of_platform
    unheard_of = report(record(classification="unsupported", controls={}, platform="zyxel")).devices[0]
    assert unheard_of.score.percent == 0


def test_the_score_of_a_site_is_that_of_all_its_devices_together() -> None:
    found = report(record("north-fw1"), drifted("north-fw2"), record("north-fw3"))
    some = [device.score for device in found.devices]
    assert found.sites[0].score == Score(sum(one.proven for one in some), sum(one.asked for one in some))
    assert found.sites[0].score.percent not in (None, 100)
