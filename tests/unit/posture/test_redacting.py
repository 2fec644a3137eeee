"""A record without secrets, whatever the secrets are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.posture.record import record_from
from ansible_collections.voip.hardening.plugins.module_utils.posture.redacting import redacted
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from tests.unit.posture.test_record import WHOLE


def test_no_secret_is_left_in_what_was_seen() -> None:
    said = "hunter-2-hunter"
    difference, unverifiable = WHOLE.drift[0], WHOLE.unverifiable[0]
    assert WHOLE.changed_by is not None
    told = replace(
        WHOLE,
        model=said,
        version=said,
        message=f"it says {said}",
        drift=(replace(difference, subject=said, field=said, declared=said, found=f"x {said}"),),
        findings=({**WHOLE.findings[0], "subject": said, "evidence": said, "advice": said},),
        pending=(said,),
        unverifiable=(replace(unverifiable, text=said),),
        changed_by=replace(WHOLE.changed_by, who=said, when=said, what=said, source=said),
    )
    assert repr(told).count(said) == 16
    clean = redacted(told, [Secret(said)])
    assert said not in repr(clean)
    assert record_from(clean.as_dict()) == clean


@pytest.mark.parametrize("word", ["drift", "fail", "pass", "high", "FW-1", "fortios", "north", WHOLE.host, "2026"])
def test_a_password_that_is_a_word_of_ours_spoils_no_record(word: str) -> None:
    clean = redacted(WHOLE, [Secret(word)])
    assert record_from(clean.as_dict()) == clean
    names = ("host", "site", "platform", "classification", "read_at", "controls", "count")
    assert [getattr(clean, name) for name in names] == [getattr(WHOLE, name) for name in names]
    assert [(one["control"], one["severity"]) for one in clean.findings] == [
        (one["control"], one["severity"]) for one in WHOLE.findings
    ]
    assert [one.controls for one in clean.drift] == [one.controls for one in WHOLE.drift]


def test_without_secrets_nothing_changes() -> None:
    assert redacted(WHOLE, ()) == WHOLE
