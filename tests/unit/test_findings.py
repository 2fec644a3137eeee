"""Findings: their order, their words, no repetitions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.findings import SEVERITIES, Finding, worst_first


def finding(severity: str, control: str = "FW-1", subject: str = "s", evidence: str = "e") -> Finding:
    return Finding(control, severity, subject, evidence, "a")


def test_severities_from_mild_to_severe() -> None:
    assert SEVERITIES == ("info", "low", "medium", "high", "critical")


def test_the_most_severe_come_first() -> None:
    found = [finding(severity) for severity in ("low", "critical", "info", "high", "medium")]
    assert [one.severity for one in worst_first(found)] == ["critical", "high", "medium", "low", "info"]


def test_equally_severe_ones_stand_by_control_subject_and_evidence() -> None:
    ordered = [
        finding("high", "ADM-1", "b"),
        finding("high", "FW-1", "a", "first"),
        finding("high", "FW-1", "a", "second"),
        finding("high", "FW-1", "b"),
    ]
    assert worst_first(list(reversed(ordered))) == ordered


def test_the_same_finding_is_reported_once() -> None:
    assert worst_first([finding("low"), finding("low")]) == [finding("low")]


def test_words() -> None:
    one = Finding("WEB-3", "high", "interface wan1", "admits https", "Close it")
    assert str(one) == "WEB-3 high: interface wan1: admits https. Close it"
    assert one.as_dict() == {
        "control": "WEB-3",
        "severity": "high",
        "subject": "interface wan1",
        "evidence": "admits https",
        "advice": "Close it",
    }


def test_an_unknown_severity_is_an_error() -> None:
    with pytest.raises(ValueError):
        worst_first([finding("urgent")])


@given(st.lists(st.builds(finding, st.sampled_from(SEVERITIES), st.sampled_from(["FW-1", "ADM-1"])), max_size=8))
def test_nothing_is_lost(found: list[Finding]) -> None:
    ordered = worst_first(found)
    assert set(ordered) == set(found)
    assert len(ordered) == len(set(found))
    ranks = [SEVERITIES.index(one.severity) for one in ordered]
    assert ranks == sorted(ranks, reverse=True)
