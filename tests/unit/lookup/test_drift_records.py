"""The records of all jobs of a night are found, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible.errors import AnsibleLookupError

from ansible_collections.voip.hardening.plugins.lookup.drift_records import LookupModule


def test_the_records_of_every_job_are_found() -> None:
    variables = {
        "voip_drift_17": [{"host": "fw2"}],
        "voip_drift_0": [{"host": "fw1"}, {"host": "fw3"}],
        "voip_drift_limit": "fw1",
        "voip_drift_": [{"host": "no"}],
        "my_voip_drift_1": [{"host": "no"}],
        "voip_drift_1x": [{"host": "no"}],
    }
    assert [record["host"] for record in LookupModule().run([], variables)] == ["fw1", "fw3", "fw2"]
    assert LookupModule().run([], {}) == []


@pytest.mark.parametrize("value", ["fw1", {"fw1": {}}, None, 7])
def test_what_is_no_list_is_refused_by_name(value: object) -> None:
    with pytest.raises(AnsibleLookupError, match="voip_drift_3: "):
        LookupModule().run([], {"voip_drift_3": value})


def record(hours: float) -> dict[str, str]:
    """One that was made so many hours ago."""
    return {"host": "fw1", "read_at": (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")}


@pytest.mark.parametrize("hours", [24.1, 240, -25])
def test_records_of_another_night_are_refused(hours: float) -> None:
    """They would say of tonight what was true then; or the clock of a node goes wrong."""
    with pytest.raises(AnsibleLookupError, match="voip_drift_3: 1 of its 2 records are not of this night"):
        LookupModule().run([], {"voip_drift_3": [record(0), record(hours)]})


def test_a_night_may_be_long() -> None:
    assert len(LookupModule().run([], {"voip_drift_3": [record(23.9), record(-1)]})) == 2
