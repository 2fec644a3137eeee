"""The records of all jobs of a night are found, and nothing else is."""

from __future__ import annotations

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
