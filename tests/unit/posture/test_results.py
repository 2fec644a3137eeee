"""What tasks leave behind, good and bad, comes to one record a host."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.posture.record import ERROR, UNREACHABLE
from ansible_collections.voip.hardening.plugins.module_utils.posture.results import record_of
from tests.support.fleets import drifted

TIME = "2026-05-31T01:30:00Z"


def of(result: object) -> Any:
    return record_of(result, "north-fw1", lambda: ("north", "fortios"), TIME)


def test_a_record_is_taken_as_it_is() -> None:
    assert of({"changed": True, "posture": drifted().as_dict()}) == drifted()
    assert of({"changed": True, "posture": drifted().small()}).classification == "drift"


@pytest.mark.parametrize(
    ("result", "classification", "message"),
    [
        (None, ERROR, "the device was not looked at: no result"),
        ("text", ERROR, "the device was not looked at: no result"),
        ({}, ERROR, "the device was not looked at: its result has no record"),
        ({"skipped": True, "skip_reason": "Conditional result was False"}, ERROR, "Conditional result was False"),
        ({"unreachable": True, "msg": "192.0.2.1: timed out"}, UNREACHABLE, "192.0.2.1: timed out"),
        ({"unreachable": True, "msg": "Task failed: 192.0.2.1: timed out"}, UNREACHABLE, "192.0.2.1: timed out"),
        ({"unreachable": True, "changed": False}, UNREACHABLE, "unreachable"),
        ({"failed": True, "msg": "provider: missing"}, ERROR, "provider: missing"),
        ({"failed": True, "posture": drifted().as_dict()}, ERROR, "failed without a message"),
        ({"posture": {"schema": 9}}, ERROR, "its record cannot be read: posture.schema: 9 is not allowed"),
        ({"posture": drifted("south-fw1").as_dict()}, ERROR, "its record is one of south-fw1"),
    ],
)
def test_anything_else_is_a_record_that_says_why(result: object, classification: str, message: str) -> None:
    found = of(result)
    assert (found.host, found.site, found.platform, found.read_at) == ("north-fw1", "north", "fortios", TIME)
    assert found.classification == classification
    assert message in found.message
    assert not found.controls
    assert not found.message.startswith("Task failed")
