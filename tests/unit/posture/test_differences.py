"""What a plan puts right, as differences."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Desired, difference
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, Row, TableId
from ansible_collections.voip.hardening.plugins.module_utils.posture.differences import differences, words
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import Difference
from tests.unit.document.samples import (
    BLOCK,
    GROUP,
    PORT,
    RULE,
    SETTINGS,
    SPECS,
    block,
    desired,
    device,
    group,
    port,
    rule,
)

REMEMBERED = "VOIPH-was-"
OURS = ("FW-1",)


def told(document: Document, wanted: Desired) -> list[tuple[str, str, str, str]]:
    """Subject, field, declared and found of each difference."""
    found = differences(difference(document, wanted), document, REMEMBERED)
    return [(one.subject, one.field, one.declared, one.found) for one in found]


def owned(**tables: Sequence[Row]) -> Mapping[TableId, Sequence[Row]]:
    by_name = {"blocks": BLOCK, "groups": GROUP, "ports": PORT, "rules": RULE}
    return {by_name[name]: rows for name, rows in tables.items()}


def test_nothing_to_do_is_no_difference() -> None:
    assert told(device([block("VOIPH-a")]), desired(owned(blocks=[block("VOIPH-a")]))) == []


def test_an_altered_row_is_a_difference_a_field() -> None:
    there = device(rules=[rule(1, "VOIPH-r", "VOIPH-a", action="accept")], blocks=[block("VOIPH-a")])
    wanted = desired(owned(blocks=[block("VOIPH-a")], rules=[rule(9, "VOIPH-r", action="deny")]))
    assert told(there, wanted) == [
        ("rule VOIPH-r", "action", "deny", "accept"),
        ("rule VOIPH-r", "uses", "", "VOIPH-a"),
    ]


def test_a_setting_names_its_table_and_its_controls() -> None:
    there = device()
    found = differences(difference(there, desired(kept={(SETTINGS, ""): {"mode": "new"}})), there, REMEMBERED)
    assert found == (Difference(("FW-3",), "settings", "mode", "new", "old"),)
    assert found[0].key == "settings mode"


def test_a_row_that_is_missing_or_too_much_is_one_difference() -> None:
    there = device([block("VOIPH-surplus", 7)])
    wanted = desired(owned(rules=[rule(5, "VOIPH-r", action="deny")]))
    assert told(there, wanted) == [
        ("rule VOIPH-r", "", "id 5; action deny", ""),
        ("block VOIPH-surplus", "", "", "value 7"),
    ]


def test_a_row_that_is_made_in_two_steps_is_told_once() -> None:
    """An interface of ours is made while it is down, and goes up last."""
    fields = {**SPECS["port"].fields}
    fields["note"] = dataclasses.replace(fields["note"], held="down")
    specs = {**SPECS, "port": dataclasses.replace(SPECS["port"], fields=fields)}
    up = port(3, "VOIPH-p", note="up")
    missing = Document(specs, device().tables)
    wanted = desired(owned(ports=[up]))
    assert [change.action for change in difference(missing, wanted)] == ["create", "update"]
    assert len(told(missing, wanted)) == 1
    surplus = Document(specs, device(ports=[up]).tables)
    assert [change.action for change in difference(surplus, desired())] == ["update", "delete"]
    assert len(told(surplus, desired())) == 1


def test_an_order_is_one_difference_a_table_up_to_the_last_row_elsewhere() -> None:
    ours = [rule(1, "VOIPH-a"), rule(2, "VOIPH-b")]
    there = device(rules=[rule(7, "in a hurry"), *ours, rule(8, "theirs")])
    wanted = desired(owned(rules=ours))
    assert told(there, wanted) == [
        ("rule", "order", "VOIPH-a, VOIPH-b, in a hurry", "in a hurry, VOIPH-a, VOIPH-b"),
    ]


def test_the_place_of_a_row_that_is_missing_goes_without_saying() -> None:
    there = device(rules=[rule(8, "theirs")])
    wanted = desired(owned(rules=[rule(1, "VOIPH-a")]))
    assert {change.action for change in difference(there, wanted)} == {"create", "move"}
    assert [subject for subject, *_rest in told(there, wanted)] == ["rule VOIPH-a"]


def test_what_depends_on_the_moment_is_named_only() -> None:
    spec = dataclasses.replace(SPECS["block"], unsteady={"VOIPH-start": frozenset({"value"})})
    there = Document({**SPECS, "block": spec}, device([block("VOIPH-start", 1)]).tables)
    assert told(there, desired(owned(blocks=[block("VOIPH-start", 2)]))) == [("block VOIPH-start", "value", "", "")]


def test_what_is_remembered_goes_without_saying_beside_other_things_only() -> None:
    note, other = block("VOIPH-was-1"), block("VOIPH-a")
    assert told(device(), desired(owned(blocks=[note, other]))) == [("block VOIPH-a", "", "value 0", "")]
    assert told(device(), desired(owned(blocks=[note]))) == [("block VOIPH-was-1", "", "value 0", "")]


def test_long_values_are_cut() -> None:
    there = device(groups=[group("VOIPH-g", "x")])
    wanted = desired(owned(groups=[group("VOIPH-g", *(f"member-{n}" for n in range(100)))]))
    ((_subject, _field, declared, _found),) = told(there, wanted)
    assert (len(declared), declared[-3:]) == (300, "...")


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (0, "0"), ("Sip.Example.com", "Sip.Example.com"), (("a", (1, 2)), "a 1 2")]
)
def test_values_in_words(value: Any, text: str) -> None:
    assert words(value) == text
