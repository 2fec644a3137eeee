"""Records survive the way through plain data, whole and small, and what is none is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import (
    CLASSES,
    FEW,
    ChangedBy,
    Difference,
    Record,
    Unverifiable,
    record_from,
)

WHOLE = Record(
    host="north-fw1",
    site="north",
    platform="fortios",
    model="FortiGate-60F",
    version="7.4.4",
    classification="drift",
    read_at="2026-05-31T01:30:00Z",
    remediable=True,
    controls={"FW-1": "fail", "FW-3": "pass"},
    drift=tuple(
        Difference(("FW-1", "FW-2"), f"firewall/policy VOIPH-in-{number}", "status", "enable", "disable")
        for number in range(FEW + 2)
    ),
    count=FEW + 2,
    findings=({"control": "FW-1", "severity": "high", "subject": "a", "evidence": "b", "advice": "c"},),
    pending=("restart",),
    unverifiable=(Unverifiable("VLAN-2", "queues", True),),
    changed_by=ChangedBy("admin", "2026-05-30 17:00", "edit policy", "revision 12"),
    evidence={"rendered": True, "fetched": None, "observed": "as wanted"},
)


def test_a_whole_record_comes_back_as_it_was() -> None:
    assert record_from(json.loads(json.dumps(WHOLE.as_dict()))) == WHOLE


def test_a_small_record_has_no_values_and_few_entries_but_the_whole_count() -> None:
    small = WHOLE.small()
    found = record_from(json.loads(json.dumps(small)))
    assert (found.host, found.classification, found.count) == ("north-fw1", "drift", FEW + 2)
    assert [one.subject for one in found.drift] == [one.subject for one in WHOLE.drift[:FEW]]
    assert "disable" not in json.dumps(small)
    assert found.controls == WHOLE.controls


def test_a_small_record_of_a_compliant_device_is_a_line() -> None:
    fine = replace(WHOLE, classification="compliant", drift=(), count=0, findings=(), unverifiable=(), evidence={})
    assert len(json.dumps(fine.small())) < 400


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"class": "fine"}, f'record.class: "fine" is not allowed; one of {", ".join(CLASSES)}'),
        ({"schema": 2}, "record.schema: 2 is not allowed"),
        ({"host": None}, "record.host: missing"),
        ({"read_at": "yesterday"}, 'record.read_at: "yesterday" is not allowed'),
        ({"read_at": "2026-02-30T01:30:00Z"}, 'record.read_at: "2026-02-30T01:30:00Z" is not allowed; a time such as'),
        ({"read_at": None}, "record.read_at: missing"),
        ({"read_at": 5}, "record.read_at: 5 is not allowed"),
        ({"controls": {"FW-1": "good"}}, 'record.controls.FW-1: "good" is not allowed'),
        ({"controls": {"x": "pass"}}, 'record.controls: "x" is not allowed; an id of the control catalogue'),
        ({"controls": ["FW-1"]}, "record.controls: a list of 1 item is not allowed"),
        ({"drift": [{"subject": "a", "controls": ["?"]}]}, 'record.drift[0].controls: "?" is not allowed'),
        ({"drift": "much"}, 'record.drift: "much" is not allowed'),
        ({"findings": [{"control": "FW-1", "severity": "bad", "subject": "a"}]}, "record.findings[0].severity"),
        ({"pending": [1]}, "record.pending[0]: 1 is not allowed; text"),
        ({"changed_by": "me"}, "record.changed_by"),
        ({"colour": "red"}, "record.colour: unknown key"),
    ],
)
def test_what_is_no_record_is_refused_by_name(change: dict[str, object], told: str) -> None:
    with pytest.raises(InputError) as caught:
        record_from({**WHOLE.as_dict(), **change})
    assert told in str(caught.value)
