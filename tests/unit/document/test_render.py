"""What a user sees of a plan: one line a step, and rows before and after as YAML."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
import yaml
from hypothesis import given

from ansible_collections.voip.hardening.plugins.module_utils.document import render
from ansible_collections.voip.hardening.plugins.module_utils.document.diff import (
    CREATE,
    DELETE,
    MOVE,
    UPDATE,
    Change,
    Desired,
    Place,
    difference,
)
from ansible_collections.voip.hardening.plugins.module_utils.document.model import (
    KEYED,
    Document,
    Field,
    TableId,
    TableSpec,
)
from ansible_collections.voip.hardening.plugins.module_utils.document.render import (
    as_yaml,
    before_and_after,
    plain,
    plan_line,
)
from tests.unit.document.samples import BLOCK, PORT, RULE, SETTINGS, SPECS, AsIs, block, desired, device, port, rule
from tests.unit.document.test_diff import sites

DOCUMENT = device(rules=[rule(1, "theirs"), rule(2, "VOIPH-a"), rule(3, "")])
LINES: dict[str, tuple[Change, str]] = {
    "create": (
        Change(CREATE, BLOCK, "VOIPH-a", "VOIPH-a", ("FW-1", "FW-2"), after=block("VOIPH-a")),
        "create block VOIPH-a [FW-1 FW-2]",
    ),
    "delete": (
        Change(DELETE, RULE, 2, "VOIPH-a", ("FW-1",), before=rule(2, "VOIPH-a")),
        "delete rule VOIPH-a [FW-1]",
    ),
    "update": (
        Change(
            UPDATE, PORT, 1, "wan1", ("WEB-3",), before={"note": ("a", "b"), "vlan": 1}, after={"note": (), "vlan": 2}
        ),
        'update port wan1 note a b -> "", vlan 1 -> 2 [WEB-3]',
    ),
    "settings": (
        Change(UPDATE, SETTINGS, "", "", ("FW-3",), before={"mode": "old"}, after={"mode": "new"}),
        "update settings mode old -> new [FW-3]",
    ),
    "move before": (
        Change(MOVE, RULE, 2, "VOIPH-a", ("FW-1",), place=Place("before", 1)),
        "move rule VOIPH-a before theirs [FW-1]",
    ),
    "move after": (
        Change(MOVE, RULE, 2, "VOIPH-a", ("FW-1",), place=Place("after", 1)),
        "move rule VOIPH-a after theirs [FW-1]",
    ),
    "move before a row without a name": (
        Change(MOVE, RULE, 2, "VOIPH-a", ("FW-1",), place=Place("before", 3)),
        "move rule VOIPH-a before 3 [FW-1]",
    ),
    "move before a row that is still to be made": (
        Change(MOVE, RULE, 2, "VOIPH-a", ("FW-1",), place=Place("before", 9)),
        "move rule VOIPH-a before 9 [FW-1]",
    ),
}


@pytest.mark.parametrize(("change", "line"), LINES.values(), ids=LINES)
def test_plan_line(change: Change, line: str) -> None:
    assert plan_line(change, DOCUMENT) == line


def test_a_plan_line_names_the_vdom() -> None:
    table = TableId("root", "block")
    document = Document(SPECS, {table: []})
    change = Change(CREATE, table, "VOIPH-a", "VOIPH-a", ("FW-1",), after=block("VOIPH-a"))
    assert plan_line(change, document) == "create root:block VOIPH-a [FW-1]"


def test_long_values_are_cut_in_a_plan_line_and_whole_in_the_diff() -> None:
    document = device(ports=[port(1, "wan1", note="x" * 100)])
    changes = difference(document, desired(kept={(PORT, 1): {"note": "y" * 60}}))
    assert plan_line(changes[0], document) == f"update port wan1 note {'x' * 57}... -> {'y' * 60} [FW-3]"
    before, after = before_and_after(changes, document)
    assert yaml.safe_load(before) == {"port": {"wan1": {"note": "x" * 100}}}
    assert yaml.safe_load(after) == {"port": {"wan1": {"note": "y" * 60}}}


def test_before_and_after() -> None:
    document = device(
        [block("VOIPH-old", 1), block("VOIPH-a", 1)],
        rules=[rule(1, "theirs"), rule(2, "VOIPH-r", "VOIPH-a"), rule(3, ""), rule(4, "VOIPH-gone")],
    )
    wanted = desired(
        {BLOCK: [block("VOIPH-a", 2), block("VOIPH-b")], RULE: [rule(9, "VOIPH-r", "VOIPH-a")]},
        {(SETTINGS, ""): {"mode": "new"}},
    )
    before, after = before_and_after(difference(document, wanted), document)
    assert before == (
        "block:\n"
        "  VOIPH-a:\n"
        "    value: 1\n"
        "  VOIPH-old:\n"
        "    value: 1\n"
        "rule:\n"
        "  VOIPH-gone:\n"
        "    id: 4\n"
        "    action: accept\n"
        "  (order):\n"
        "  - theirs\n"
        "  - VOIPH-r\n"
        "  - '3'\n"
        "  - VOIPH-gone\n"
        "settings:\n"
        "  (settings):\n"
        "    mode: old\n"
    )
    assert after == (
        "block:\n"
        "  VOIPH-b:\n"
        "    value: 0\n"
        "  VOIPH-a:\n"
        "    value: 2\n"
        "rule:\n"
        "  (order):\n"
        "  - VOIPH-r\n"
        "  - theirs\n"
        "  - '3'\n"
        "settings:\n"
        "  (settings):\n"
        "    mode: new\n"
    )


def test_a_diff_has_nothing_that_a_terminal_or_a_reader_is_misled_by() -> None:
    document = device([block("VOIPH-a\x9b2J\u202ekcolb", 1), block("VOIPH-b\x1b[2J", 1), block("VOIPH-ü", 1)], rules=[])
    before, _after = before_and_after(difference(document, desired({BLOCK: []}, {})), document)
    assert [name for name in ("VOIPH-a\\x9B2J\\u202ekcolb", "VOIPH-b\\e[2J", "VOIPH-ü") if name not in before] == []
    assert before.replace("\n", "").isprintable()


def test_of_whole_rows_only_what_says_something_is_shown() -> None:
    fields = {
        name: Field(name, AsIs(), usual=usual) for name, usual in (("name", None), ("status", "on"), ("to", None))
    }
    table = TableId("", "t")
    document = Document({"t": TableSpec("t", KEYED, fields, key="name")}, {table: []})
    rows = [
        {"name": "a", "status": "on", "to": ()},
        {"name": "b", "status": "off", "to": ("x", "y")},
        {"name": "c", "status": "", "to": ("x",)},
    ]
    changes = [Change(CREATE, table, row["name"], str(row["name"]), (), after=row) for row in rows]
    _before, after = before_and_after(changes, document)
    assert yaml.safe_load(after) == {"t": {"a": {}, "b": {"status": "off", "to": ["x", "y"]}, "c": {"to": ["x"]}}}
    # Of an update every field is shown, since it is what changes.
    update = Change(
        UPDATE, table, "a", "a", (), before={"status": "off", "to": ("x",)}, after={"status": "on", "to": ()}
    )
    before, after = before_and_after([update], document)
    assert yaml.safe_load(before) == {"t": {"a": {"status": "off", "to": ["x"]}}}
    assert yaml.safe_load(after) == {"t": {"a": {"status": "on", "to": []}}}


def test_what_depends_on_the_moment_is_not_told() -> None:
    """Check mode works it out a moment before the run does."""
    spec = dataclasses.replace(SPECS["block"], unsteady={"VOIPH-start": frozenset({"value"})})
    document = Document({**SPECS, "block": spec}, {BLOCK: [block("VOIPH-start"), block("VOIPH-a")]})
    told = []
    for value in (1764066000, 1764066001):
        steady = Change(UPDATE, BLOCK, "VOIPH-a", "VOIPH-a", ("FW-1",), block("VOIPH-a"), {"value": 5})
        made = Change(CREATE, BLOCK, "VOIPH-b", "VOIPH-start", ("FW-1",), after=block("VOIPH-start", value))
        changed = Change(UPDATE, BLOCK, "VOIPH-start", "VOIPH-start", ("FW-1",), {"value": 0}, {"value": value})
        told.append([before_and_after([steady, one], document) for one in (made, changed)])
        told[-1].append(plan_line(changed, document))
        assert "value: 5" in told[-1][0][1]
    assert told[0] == told[1]
    assert told[0][2] == "update block VOIPH-start value [FW-1]"


def test_no_change_is_no_text() -> None:
    assert before_and_after([], device()) == ("", "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (("a", ("b", 1)), ["a", ["b", 1]]),
        ({"a": ({"b": ()},)}, {"a": [{"b": []}]}),
        ("text", "text"),
        (None, None),
    ],
)
def test_plain(value: Any, expected: Any) -> None:
    assert plain(value) == expected


def test_yaml_keeps_the_given_order_and_other_alphabets() -> None:
    assert as_yaml({"b": 1, "a": "Zürich"}) == "b: 1\na: Zürich\n"
    assert as_yaml({}) == ""


def test_without_pyyaml_it_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "yaml", None)
    assert json.loads(as_yaml({"b": [1]})) == {"b": [1]}
    assert as_yaml({}) == ""


@given(sites())
def test_a_diff_shows_something_exactly_where_something_changes(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    changes = difference(document, wanted)
    before, after = before_and_after(changes, document)
    assert (before != after) == bool(changes)
    orders = (yaml.safe_load(before) or {}).get("rule", {}), (yaml.safe_load(after) or {}).get("rule", {})
    if any(change.action == MOVE for change in changes):
        kept = [row["name"] or str(row["id"]) for row in document.rows(RULE)]
        assert orders[0]["(order)"] == kept
        ours = [entry.row["name"] for entry in wanted.owned.get(RULE, [])]
        assert orders[1]["(order)"][: len(ours)] == ours
