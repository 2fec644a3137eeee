"""The difference between what a device holds and what a policy asks for, and the order of its steps."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import (
    CREATE,
    DELETE,
    MOVE,
    UPDATE,
    Change,
    Desired,
    Immutable,
    Place,
    apply_to,
    difference,
)
from ansible_collections.voip.hardening.plugins.module_utils.document.model import (
    MARK,
    Document,
    Row,
    RowId,
    TableId,
    references,
)
from tests.unit.document.samples import (
    BLOCK,
    GROUP,
    PORT,
    RULE,
    SETTINGS,
    SPECS,
    TABLES,
    block,
    by_key,
    claims,
    dangling,
    desired,
    device,
    group,
    port,
    rule,
    settings,
)


def steps(document: Document, wanted: Desired) -> list[tuple[str, str, Any]]:
    """Action, table and key of every step."""
    return [(change.action, str(change.table), change.key) for change in difference(document, wanted)]


# One thing at a time


def test_nothing_asked_for_and_nothing_of_ours_is_no_change() -> None:
    document = device([block("a")], [group("g", "a")], [port(1, "p")], [rule(1, "r", "g")])
    assert difference(document, desired()) == []


def test_a_missing_row_is_created_whole() -> None:
    (change,) = difference(device(), desired({BLOCK: [block("VOIPH-a", 1)]}))
    assert change == Change(
        CREATE, BLOCK, "VOIPH-a", "VOIPH-a", ("FW-1",), before=None, after=block("VOIPH-a", 1), place=None, origin=None
    )


def test_an_altered_row_is_updated_in_the_fields_that_differ() -> None:
    (change,) = difference(device([block("VOIPH-a", 1)]), desired({BLOCK: [block("VOIPH-a", 2)]}))
    assert (change.action, change.before, change.after) == (UPDATE, {"value": 1}, {"value": 2})


def test_an_equal_row_is_left_alone() -> None:
    assert difference(device([block("VOIPH-a", 1)]), desired({BLOCK: [block("VOIPH-a", 1)]})) == []


def test_the_number_of_our_row_is_the_devices_business() -> None:
    document = device(rules=[rule(9, "VOIPH-r")])
    assert difference(document, desired({RULE: [rule(4, "VOIPH-r")]})) == []
    (change,) = difference(document, desired({RULE: [rule(4, "VOIPH-r", action="deny")]}))
    assert (change.action, change.key, change.after) == (UPDATE, 9, {"action": "deny"})


def test_a_surplus_row_is_deleted_and_whole_in_the_step() -> None:
    (change,) = difference(device([block("VOIPH-a", 1)]), desired())
    assert (change.action, change.before, change.after) == (DELETE, block("VOIPH-a", 1), None)
    assert change.controls == ("FW-1",)


def test_of_two_rows_with_our_identity_the_first_counts() -> None:
    document = device(rules=[rule(1, "VOIPH-r"), rule(2, "VOIPH-r")])
    assert steps(document, desired({RULE: [rule(7, "VOIPH-r")]})) == [(DELETE, "rule", 2)]


def test_a_setting_of_a_foreign_row_is_kept_and_its_other_fields_are_not_named() -> None:
    document = device(ports=[port(3, "wan", note="x")])
    (change,) = difference(document, desired(kept={(PORT, 3): {"note": "y"}}))
    assert (change.action, change.before, change.after, change.controls) == (
        UPDATE,
        {"note": "x"},
        {"note": "y"},
        ("FW-3",),
    )
    assert difference(device(ports=[port(3, "wan", note="y")]), desired(kept={(PORT, 3): {"note": "y"}})) == []


def test_a_setting_of_a_row_that_is_not_there_is_nothing() -> None:
    assert difference(device(), desired(kept={(PORT, 3): {"note": "y"}})) == []


def test_a_page_of_settings() -> None:
    (change,) = difference(device(), desired(kept={(SETTINGS, ""): {"mode": "new"}}))
    assert (change.action, change.key, change.name, change.before, change.after) == (
        UPDATE,
        "",
        "",
        {"mode": "old"},
        {"mode": "new"},
    )


def test_a_removed_foreign_row_is_deleted_for_its_controls() -> None:
    (change,) = difference(device(ports=[port(3, "wan")]), desired(removed=[(PORT, 3)]))
    assert (change.action, change.key, change.controls) == (DELETE, 3, ("FW-3",))
    assert difference(device(), desired(removed=[(PORT, 3)])) == []


def test_a_fixed_field_cannot_change() -> None:
    with pytest.raises(Immutable) as refusal:
        difference(device(ports=[port(3, "VOIPH-p", vlan=40)]), desired({PORT: [port(3, "VOIPH-p", vlan=50)]}))
    assert str(refusal.value) == (
        "port VOIPH-p: vlan is 40 on the device and the policy asks for 50; the device cannot change it in place. Take "
        "ours away first (state: deleted), then run again"
    )


def test_a_table_that_was_not_read_is_an_error() -> None:
    with pytest.raises(KeyError):
        difference(Document(SPECS, {}), desired({BLOCK: [block("VOIPH-a")]}))


# Order


def test_building_blocks_first_removals_last_from_the_users_down() -> None:
    document = device(
        [block("VOIPH-old"), block("VOIPH-same", 1)],
        [group("VOIPH-oldgroup", "VOIPH-old"), group("VOIPH-group", "VOIPH-old")],
        rules=[rule(1, "x"), rule(2, "VOIPH-oldrule", "VOIPH-oldgroup")],
    )
    wanted = desired(
        {
            BLOCK: [block("VOIPH-same", 2), block("VOIPH-new")],
            GROUP: [group("VOIPH-group", "VOIPH-new")],
            RULE: [rule(3, "VOIPH-rule", "VOIPH-group")],
        }
    )
    assert steps(document, wanted) == [
        (CREATE, "block", "VOIPH-new"),
        (CREATE, "rule", 3),
        (UPDATE, "block", "VOIPH-same"),
        (UPDATE, "group", "VOIPH-group"),
        (MOVE, "rule", 3),
        (DELETE, "rule", 2),
        (DELETE, "group", "VOIPH-oldgroup"),
        (DELETE, "block", "VOIPH-old"),
    ]


def test_settings_are_given_back_in_the_opposite_order() -> None:
    document = device(ports=[port(3, "wan", note="x")])
    wanted = desired(kept={(PORT, 3): {"note": "y"}, (SETTINGS, ""): {"mode": "new"}})
    there = steps(document, wanted)
    wanted.giving_back = True
    assert steps(document, wanted) == there[::-1]
    assert len(there) == 2


@pytest.mark.parametrize(
    ("standing", "wanted", "moves"),
    [
        (["x", "y"], ["VOIPH-a", "VOIPH-b"], [("VOIPH-a", "before", "x"), ("VOIPH-b", "before", "x")]),
        (["VOIPH-a", "x", "VOIPH-b"], ["VOIPH-a", "VOIPH-b"], [("VOIPH-b", "before", "x")]),
        (["VOIPH-b", "VOIPH-a", "x"], ["VOIPH-a", "VOIPH-b"], [("VOIPH-a", "before", "VOIPH-b")]),
        (["VOIPH-a", "VOIPH-b", "x"], ["VOIPH-a", "VOIPH-b"], []),
        ([], ["VOIPH-a", "VOIPH-b"], []),
        (["VOIPH-gone", "VOIPH-a", "x"], ["VOIPH-a"], []),
        (["x", "VOIPH-gone", "VOIPH-a"], ["VOIPH-a"], [("VOIPH-a", "before", "x")]),
    ],
    ids=["new", "one below", "swapped", "in place", "alone", "after one that goes", "under one that goes"],
)
def test_our_rules_go_to_the_top(standing: list[str], wanted: list[str], moves: list[tuple[str, str, str]]) -> None:
    numbers = {name: number for number, name in enumerate(dict.fromkeys([*standing, *wanted]), start=1)}
    document = device(rules=[rule(numbers[name], name) for name in standing])
    changes = difference(document, desired({RULE: [rule(numbers[name], name) for name in wanted]}))
    found = [change for change in changes if change.action == MOVE]
    by_number = {number: name for name, number in numbers.items()}
    assert [
        (change.name, change.place.side, by_number[change.place.key]) for change in found if change.place is not None
    ] == moves
    names = [row["name"] for row in apply_to(document, changes).rows(RULE)]
    assert names == [*wanted, *(name for name in standing if not name.startswith(MARK))]


# Building blocks that are still in use


def test_a_surplus_block_that_a_foreign_row_refers_to_stays() -> None:
    document = device([block("VOIPH-a")], rules=[rule(1, "theirs", "VOIPH-a")])
    assert difference(document, desired()) == []


def test_what_a_group_that_stays_refers_to_stays_too() -> None:
    document = device(
        [block("VOIPH-a"), block("VOIPH-b")], [group("VOIPH-g", "VOIPH-a")], rules=[rule(1, "theirs", "VOIPH-g")]
    )
    assert steps(document, desired()) == [(DELETE, "block", "VOIPH-b")]


def test_a_block_that_only_a_removed_row_refers_to_goes() -> None:
    document = device([block("VOIPH-a")], rules=[rule(1, "theirs", "VOIPH-a")])
    assert steps(document, desired(removed=[(RULE, 1)])) == [(DELETE, "rule", 1), (DELETE, "block", "VOIPH-a")]


def test_a_block_that_a_kept_setting_refers_to_stays() -> None:
    document = device([block("VOIPH-a")])
    assert steps(document, desired(kept={(SETTINGS, ""): {"default": "VOIPH-a"}})) == [(UPDATE, "settings", "")]


def test_a_block_that_a_setting_ceases_to_refer_to_goes_after_it() -> None:
    document = device([block("VOIPH-a")], mode=settings(default="VOIPH-a"))
    assert steps(document, desired(kept={(SETTINGS, ""): {"default": ""}})) == [
        (UPDATE, "settings", ""),
        (DELETE, "block", "VOIPH-a"),
    ]


def test_a_block_that_a_row_of_ours_keeps_referring_to_in_a_field_nobody_asks_about_stays() -> None:
    document = device([block("VOIPH-a")], rules=[rule(1, "VOIPH-r", "VOIPH-a")])
    assert difference(document, desired({RULE: [{"id": 1, "name": "VOIPH-r"}]})) == []


def test_a_rule_of_ours_goes_although_another_names_it() -> None:
    document = device(rules=[rule(1, "VOIPH-r"), rule(2, "x", "VOIPH-r")])
    assert steps(document, desired()) == [(DELETE, "rule", 1)]


# The way back


def test_inverse_of_each_step() -> None:
    create = Change(CREATE, RULE, 3, "r", ("FW-1",), after=rule(3, "r"))
    assert create.inverse() == (Change(DELETE, RULE, 3, "r", ("FW-1",), before=rule(3, "r")),)
    update = Change(UPDATE, RULE, 3, "r", ("FW-1",), before={"action": "deny"}, after={"action": "accept"})
    assert update.inverse() == (
        Change(UPDATE, RULE, 3, "r", ("FW-1",), before={"action": "accept"}, after={"action": "deny"}),
    )
    move = Change(MOVE, RULE, 3, "r", ("FW-1",), place=Place("before", 1), origin=Place("after", 2))
    assert move.inverse() == (
        Change(MOVE, RULE, 3, "r", ("FW-1",), place=Place("after", 2), origin=Place("before", 1)),
    )
    delete = Change(DELETE, RULE, 3, "r", ("FW-1",), before=rule(3, "r"), origin=Place("before", 1))
    assert delete.inverse() == (
        Change(CREATE, RULE, 3, "r", ("FW-1",), after=rule(3, "r"), place=Place("before", 1)),
        Change(MOVE, RULE, 3, "r", ("FW-1",), place=Place("before", 1)),
    )


@pytest.mark.parametrize(
    ("place", "index"),
    [(Place("before", 2), 1), (Place("after", 2), 2), (Place("before", 1), 0), (Place("after", 3), 3)],
)
def test_place(place: Place, index: int) -> None:
    assert place.index([1, 2, 3]) == index


def test_a_place_beside_a_row_that_is_gone_is_the_end() -> None:
    assert Place("before", 9).index([1, 2, 3]) == 3
    assert Place("after", 9).index([1, 2, 3]) == 3


def test_apply_to_leaves_its_document_alone() -> None:
    document = device([block("VOIPH-a", 1)], rules=[rule(1, "x"), rule(2, "VOIPH-r")])
    before = copy.deepcopy(document.tables)
    changes = difference(document, desired({BLOCK: [block("VOIPH-a", 2)], RULE: [rule(2, "VOIPH-r")]}))
    assert {change.action for change in changes} == {UPDATE, MOVE}
    apply_to(document, changes)
    assert document.tables == before


# Properties, over small devices and policies of every kind

_BLOCKS = [f"{MARK}b{i}" for i in range(4)] + ["theirs-b0", "theirs-b1"]
_GROUPS = [f"{MARK}g{i}" for i in range(3)] + ["theirs-g0"]
_RULES = [f"{MARK}r{i}" for i in range(5)] + [f"theirs-r{i}" for i in range(4)] + [""]
_PORTS = [f"{MARK}p0", f"{MARK}p1", "theirs-p0", "theirs-p1"]
_ACTIONS = st.sampled_from(["accept", "deny"])


def _ours(names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(MARK)]


@st.composite
def devices(draw: st.DrawFn) -> Document:
    """A device on which nothing refers to a row that does not exist; two rules may have one name."""
    blocks = draw(st.lists(st.sampled_from(_BLOCKS), unique=True))
    some_blocks = st.lists(st.sampled_from(blocks), unique=True, max_size=3) if blocks else st.just([])
    groups = draw(st.lists(st.sampled_from(_GROUPS), unique=True))
    used = st.lists(st.sampled_from([*blocks, *groups]), unique=True, max_size=3) if blocks or groups else st.just([])
    one = st.sampled_from(["", *blocks])
    numbers = draw(st.permutations(range(1, 9)))
    rules = draw(st.lists(st.sampled_from(_RULES), max_size=8))
    ports = draw(st.lists(st.sampled_from(_PORTS), unique=True))
    return device(
        [block(name, draw(st.integers(0, 2))) for name in blocks],
        [group(name, *draw(some_blocks)) for name in groups],
        [port(n, name, 1, draw(st.sampled_from("xy")), draw(one)) for n, name in enumerate(ports, start=1)],
        [rule(n, name, *draw(used), action=draw(_ACTIONS)) for n, name in zip(numbers, rules, strict=False)],
        settings(draw(st.sampled_from(["old", "new"])), draw(st.integers(0, 1)), draw(one)),
    )


@st.composite
def sites(draw: st.DrawFn) -> tuple[Document, Desired]:
    """A device, and what a policy asks of it; what is asked for is complete in itself."""
    document = draw(devices())
    theirs = [row["name"] for row in document.rows(BLOCK) if not row["name"].startswith(MARK)]
    blocks = draw(st.lists(st.sampled_from(_ours(_BLOCKS)), unique=True))
    groups = draw(st.lists(st.sampled_from(_ours(_GROUPS)), unique=True))
    members = (
        st.lists(st.sampled_from([*blocks, *theirs]), unique=True, max_size=3) if blocks or theirs else st.just([])
    )
    every = [*blocks, *theirs, *groups]
    used = st.lists(st.sampled_from(every), unique=True, max_size=3) if every else st.just([])
    one = st.sampled_from(["", *blocks, *theirs])
    rules = draw(st.lists(st.sampled_from(_ours(_RULES)), unique=True))
    ports = draw(st.lists(st.sampled_from(_ours(_PORTS)), unique=True))
    owned = {
        BLOCK: [block(name, draw(st.integers(0, 2))) for name in blocks],
        GROUP: [group(name, *draw(members)) for name in groups],
        PORT: [port(20 + n, name, 1, draw(st.sampled_from("xy")), draw(one)) for n, name in enumerate(ports)],
        RULE: [rule(20 + n, name, *draw(used), action=draw(_ACTIONS)) for n, name in enumerate(rules)],
    }
    kept: dict[tuple[TableId, Any], Row] = {}
    removed: list[tuple[TableId, Any]] = []
    for table in (RULE, PORT):
        for row in document.rows(table):
            if not row["name"].startswith(MARK):
                fate = draw(st.sampled_from(["leave", "leave", "keep", "remove"]))
                if fate == "keep" and table == RULE:
                    kept[table, row["id"]] = {"action": "deny", "uses": tuple(draw(used))}
                elif fate == "keep":
                    kept[table, row["id"]] = {"tag": draw(one)}
                elif fate == "remove":
                    removed.append((table, row["id"]))
    if draw(st.booleans()):
        kept[SETTINGS, ""] = {"mode": "new", "default": draw(one)}
    return document, desired({t: rows for t, rows in owned.items() if rows or draw(st.booleans())}, kept, removed)


@given(sites())
def test_a_second_run_changes_nothing(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    after = apply_to(document, difference(document, wanted))
    assert difference(after, wanted) == []


@given(sites())
def test_a_run_makes_what_is_asked_for(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    after = apply_to(document, difference(document, wanted))
    for table, entries in wanted.owned.items():
        spec = after.spec(table)
        found = {spec.identify(row): row for row in after.rows(table)}
        for entry in entries:
            row = found[spec.identify(entry.row)]
            assert {k: v for k, v in row.items() if k != spec.key} == {
                k: v for k, v in entry.row.items() if k != spec.key
            }
    ours = [entry.row["name"] for entry in wanted.owned.get(RULE, [])]
    assert [row["name"] for row in after.rows(RULE)][: len(ours)] == ours
    for row_id, entry in wanted.settings.items():
        present = after.find(row_id.table, row_id.key)
        assert present is not None
        assert present | entry.row == present
    for row_id in wanted.removed:
        assert after.find(row_id.table, row_id.key) is None


@given(sites())
def test_the_inverses_give_the_start_back(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    changes = difference(document, wanted)
    after = apply_to(document, changes)
    undone = apply_to(after, [step for change in reversed(changes) for step in change.inverse()])
    assert by_key(undone) == by_key(document)


@given(sites(), st.data())
def test_the_inverses_give_the_start_back_from_every_cut(site: tuple[Document, Desired], data: st.DataObject) -> None:
    document, wanted = site
    changes = difference(document, wanted)
    done = changes[: data.draw(st.integers(0, len(changes)))]
    back = [step for change in reversed(done) for step in change.inverse()]
    for cut in range(len(back) + 1):
        assert dangling(apply_to(document, [*done, *back[:cut]])) == []
    assert by_key(apply_to(document, [*done, *back])) == by_key(document)


@given(sites())
def test_rows_of_others_are_untouched_and_keep_their_order(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    after = apply_to(document, difference(document, wanted))

    def foreign(state: Document, table: TableId) -> list[Row]:
        spec = state.spec(table)
        return [
            row
            for row in state.rows(table)
            if not claims(table, row)
            and RowId(table, spec.key_of(row)) not in wanted.removed
            and RowId(table, spec.key_of(row)) not in wanted.settings
        ]

    for table in TABLES:
        assert foreign(after, table) == foreign(document, table)
    left = [row["id"] for row in document.rows(RULE) if not claims(RULE, row)]
    assert [row["id"] for row in after.rows(RULE) if not claims(RULE, row)] == [
        number for number in left if RowId(RULE, number) not in wanted.removed
    ]
    for row_id, entry in wanted.settings.items():
        present, was = after.find(row_id.table, row_id.key), document.find(row_id.table, row_id.key)
        assert present is not None
        assert was is not None
        assert {k: v for k, v in present.items() if k not in entry.row} == {
            k: v for k, v in was.items() if k not in entry.row
        }


@given(sites())
def test_no_row_ever_refers_to_one_of_ours_that_is_not_there(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    assert dangling(document) == []
    changes = difference(document, wanted)
    for length in range(len(changes) + 1):
        assert dangling(apply_to(document, changes[:length])) == []


@given(sites())
def test_blocks_in_use_are_never_deleted(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    state = document
    for change in difference(document, wanted):
        if change.action == DELETE and state.spec(change.table).collected:
            used = {
                name
                for table, rows in state.tables.items()
                for row in rows
                for path, name in references(SPECS, table.path, row)
                if path == change.table.path
            }
            assert change.key not in used
        state = apply_to(state, [change])


@given(sites())
def test_surplus_that_nothing_uses_goes(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    after = apply_to(document, difference(document, wanted))
    used = {pair for table, rows in after.tables.items() for row in rows for pair in references(SPECS, table.path, row)}
    for table in TABLES[:-1]:
        asked = {entry.row["name"] for entry in wanted.owned.get(table, [])}
        surplus = [row["name"] for row in after.rows(table) if claims(table, row) and row["name"] not in asked]
        assert all((table.path, name) in used for name in surplus)
        if not SPECS[table.path].collected:
            assert surplus == []


@given(sites(), st.data())
def test_a_run_that_was_cut_is_completed_by_the_next(site: tuple[Document, Desired], data: st.DataObject) -> None:
    document, wanted = site
    changes = difference(document, wanted)
    cut = apply_to(document, changes[: data.draw(st.integers(0, len(changes)))])
    rest = difference(cut, wanted)
    assert by_key(apply_to(cut, rest)) == by_key(apply_to(document, changes))


@given(sites())
def test_every_step_names_its_controls_and_says_what_was(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    state = document
    for change in difference(document, wanted):
        assert change.controls
        present = state.find(change.table, change.key)
        if change.action == CREATE:
            assert present is None
        else:
            assert present is not None
            assert present | (change.before or {}) == present
        state = apply_to(state, [change])


@given(sites())
def test_the_document_is_left_alone(site: tuple[Document, Desired]) -> None:
    document, wanted = site
    before = copy.deepcopy(document.tables)
    difference(document, wanted)
    assert document.tables == before
