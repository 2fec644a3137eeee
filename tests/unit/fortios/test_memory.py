"""What settings were before our first run, kept on the unit, and given back by `state: deleted`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Desired, apply_to, difference
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, Row, TableId
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.compiler import (
    compile_policy,
    withdraw,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.memory import (
    remember,
    withdraw_settings,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.notes import Kept
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import V700, V744, V764, Version, document, refs

POLICY = site(voice_vlan__parent_interface="internal", enforce_exclusive=True)
STORE = TableId("root", "firewall/address")
SETTINGS, GLOBAL = TableId("root", "system/settings"), TableId("global", "system/global")
ROOT = ("root",)


def harden(unit: Document, *concerns: str) -> Document:
    desired, _remarks = compile_policy(POLICY, concerns or CONCERNS, unit, ROOT)
    return apply_to(unit, difference(unit, desired))


def take_away(unit: Document, *concerns: str) -> tuple[Document, list[str]]:
    desired, remarks = withdraw(concerns or CONCERNS, unit, ROOT)
    return apply_to(unit, difference(unit, desired)), remarks


def changed(unit: Document, table: TableId, key: Any, **values: Any) -> Document:
    """The unit after somebody set these fields."""
    copy = apply_to(unit, [])
    row = copy.find(table, key)
    assert row is not None
    row.update({name.replace("_", "-"): value for name, value in values.items()})
    return copy


def objects(unit: Document) -> list[str]:
    """The names of the objects that remember."""
    return [row["name"] for row in unit.rows(STORE) if row["name"].startswith("VOIPH-was-")]


def lived_in(version: Version = V744) -> Document:
    return document(
        version,
        {
            "system/settings": [{"sip-expectation": "enable"}],
            "system/global": [{"admintimeout": 300, "admin-https-ssl-versions": "tlsv1-1 tlsv1-2 tlsv1-3"}],
            "system/admin": [{"name": "admin"}, {"name": "ops", "trusthost1": "192.0.2.0 255.255.255.0"}],
        },
        {
            "firewall/policy": [
                {
                    "policyid": 9,
                    "action": "accept",
                    "srcintf": refs("wan1"),
                    "dstintf": refs("internal"),
                    "srcaddr": refs("all"),
                    "dstaddr": refs("all"),
                    "service": refs("SIP"),
                    "voip-profile": "default",
                }
            ]
        },
    )


def same(one: Document, other: Document) -> None:
    for table, rows in one.tables.items():
        key = one.spec(table).key_of
        if one.spec(table).shape == "keyed":
            assert sorted(rows, key=lambda row: str(key(row))) == sorted(
                other.rows(table), key=lambda row: str(key(row))
            )
        else:
            assert rows == other.rows(table)


@pytest.mark.parametrize("version", [V700, V744, V764])
def test_taking_away_gives_the_start_back(version: Version) -> None:
    start = lived_in(version)
    hardened = harden(start)
    assert objects(hardened)
    after, remarks = take_away(hardened)
    same(after, start)
    assert remarks == []


@pytest.mark.parametrize("order", [CONCERNS, tuple(reversed(CONCERNS))])
def test_taking_away_one_concern_after_the_other_gives_the_start_back(order: tuple[str, ...]) -> None:
    start = lived_in()
    unit = harden(start)
    for concern in order:
        unit, _remarks = take_away(unit, concern)
    same(unit, start)


@pytest.mark.parametrize("concern", CONCERNS)
def test_taking_away_one_concern_leaves_the_others_as_they_are(concern: str) -> None:
    others = tuple(other for other in CONCERNS if other != concern)
    left, _remarks = take_away(harden(lived_in()), concern)
    desired, _remarks = compile_policy(POLICY, others, left, ROOT)
    assert difference(left, desired) == []


def test_nothing_is_remembered_where_nothing_changes() -> None:
    hardened = harden(document())
    assert objects(harden(hardened)) == objects(hardened)
    bare, _remarks = take_away(hardened)
    assert objects(bare) == []


def test_what_is_spoilt_later_is_repaired_and_not_remembered() -> None:
    start = lived_in()
    hardened = harden(start)
    spoilt = changed(hardened, SETTINGS, "", sip_nat_trace="enable", sip_expectation="enable")
    spoilt = changed(spoilt, GLOBAL, "", admin_telnet="enable", admin_lockout_threshold=9)
    repaired = harden(spoilt)
    assert objects(repaired) == objects(hardened)
    after, _remarks = take_away(repaired)
    assert after.singleton(GLOBAL)["admin-lockout-threshold"] == 3  # it was right before the first run
    same(after, start)


def test_a_setting_that_somebody_changed_since_is_left_as_it_is() -> None:
    unit = changed(harden(lived_in()), GLOBAL, "", admintimeout=7)
    after, remarks = take_away(unit)
    assert after.singleton(GLOBAL)["admintimeout"] == 7
    assert remarks == ["global:system/global  admintimeout: changed by somebody since we set it; left as it is"]
    assert objects(after) == []


def test_a_setting_that_somebody_set_back_is_no_remark() -> None:
    unit = changed(harden(lived_in()), GLOBAL, "", admintimeout=300)
    _after, remarks = take_away(unit)
    assert remarks == []


def test_a_row_that_is_gone_meanwhile_is_no_remark() -> None:
    unit = harden(lived_in())
    policies = TableId("root", "firewall/policy")
    unit.tables[policies] = [row for row in unit.rows(policies) if row["policyid"] != 9]
    after, remarks = take_away(unit)
    assert remarks == []
    assert after.find(policies, 9) is None


def test_a_removed_helper_that_somebody_made_again_is_left() -> None:
    start = document()
    helpers = TableId("global", "system/session-helper")
    unit = harden(start)
    assert unit.find(helpers, 13) is None
    unit.tables[helpers] = [*unit.rows(helpers), {"id": 13, "name": "sip", "protocol": 6, "port": 5060}]
    after, _remarks = take_away(unit)
    assert [row["protocol"] for row in after.rows(helpers) if row["id"] == 13] == [6]


def test_what_was_not_read_is_not_given_back_and_said() -> None:
    unit = harden(lived_in())
    del unit.tables[GLOBAL]
    _desired, remarks = withdraw(("management_access",), unit, ROOT)
    assert "global:system/global  admintimeout: not read, so it is not given back" in remarks


def test_a_first_run_that_was_cut_off_is_completed() -> None:
    start = lived_in()
    desired, _remarks = compile_policy(POLICY, CONCERNS, start, ROOT)
    changes = difference(start, desired)
    for cut in range(0, len(changes) + 1, 3):
        half = apply_to(start, changes[:cut])
        after, _remarks = take_away(harden(half))
        same(after, start)


# Single values


def kept(**changes: Any) -> Kept:
    given: dict[str, Any] = {
        "concern": "sip_alg",
        "table": SETTINGS,
        "key": "",
        "field": "sip-expectation",
        "was": "enable",
        "kept": "disable",
        "controls": ("FW-3",),
    }
    return Kept(**{**given, **changes})


def remembered(*settings: Kept, known: Sequence[Row] = ()) -> list[Row]:
    return [row for row, _controls in remember(known, settings)]


def holding(rows: Sequence[Row]) -> Document:
    """A unit on which these objects stand."""
    return document(changes={"firewall/address": [{"name": row["name"], "comment": row["comment"]} for row in rows]})


def test_a_remembered_value_is_an_address_that_nobody_has() -> None:
    ((row, controls),) = remember([], [kept()])
    assert row["name"].startswith("VOIPH-was-")
    assert (row["type"], row["subnet"], controls) == ("ipmask", "0.0.0.0/32", ("FW-3",))


def test_a_value_that_is_right_already_is_not_remembered() -> None:
    assert remembered(kept(was="disable")) == []


def test_two_settings_have_two_names() -> None:
    variants = [kept(), kept(field="sip-nat-trace"), kept(table=TableId("voice", "system/settings")), kept(key=3)]
    assert len({row["name"] for row in remembered(*variants)}) == len(variants)


def given_back(was: Any, now: Any = "disable") -> Any:
    """A value after it was remembered on a unit and given back."""
    rows = remembered(kept(was=was, kept=now))
    unit = holding(rows)
    unit.singleton(SETTINGS)["sip-expectation"] = now
    desired = Desired(lambda _table, _row: ("FW-3",))
    assert withdraw_settings(desired, ("sip_alg",), unit, STORE) == []
    entries = list(desired.settings.values())
    assert len(entries) == 1
    return entries[0].row["sip-expectation"]


OPEN = "0.0.0.0/0"
VALUES: list[tuple[Any, Any]] = [
    ("a", "b"),
    (("a", "b"), ()),
    ((), ("a",)),
    (5, 6),
    ({"x": ("<y>",)}, {"x": ()}),
    ('it\'s #1 (really) <b> "q" ~t~', ""),
    ("Zürich", ""),
    ("", "a"),
    ((OPEN,) * 10, ("10.0.0.0/24",)),
    ((OPEN, OPEN, "10.0.0.0/8", OPEN), (OPEN,)),
    (tuple(f"192.0.2.{i}/32" for i in range(100, 110)), (OPEN,)),
    (("a*3",), ()),
    (("a*0", "b"), ()),
    (("a", "a*2", "*2"), ()),
    ("x" * 2000, ""),
]


@pytest.mark.parametrize(("was", "now"), VALUES)
def test_a_remembered_value_comes_back_as_it_was(was: Any, now: Any) -> None:
    assert given_back(was, now) == was


TEXTS = st.sampled_from(["a*2", "*0", OPEN]) | st.text("ab2*~\\'<> \"/", max_size=6)


@given(
    st.one_of(
        st.tuples(TEXTS, TEXTS),
        st.tuples(st.integers(0, 99), st.integers(0, 99)),
        st.tuples(st.lists(TEXTS).map(tuple), st.lists(TEXTS).map(tuple)),
        st.tuples(
            st.dictionaries(TEXTS, st.lists(TEXTS).map(tuple), max_size=2),
            st.dictionaries(TEXTS, st.lists(TEXTS).map(tuple), max_size=2),
        ),
    ).filter(lambda pair: pair[0] != pair[1])
)
def test_every_remembered_value_comes_back_as_it_was(values: tuple[Any, Any]) -> None:
    assert given_back(*values) == values[0]


# FortiOS refuses < > ' and " in texts (administration guide, "Text strings") and takes 255 characters (CLI reference).
@pytest.mark.parametrize(("was", "now"), VALUES)
def test_what_a_comment_holds(was: Any, now: Any) -> None:
    rows = remembered(kept(was=was, kept=now))
    assert len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert not set("<>'\"") & set(row["comment"])
        assert len(row["comment"]) <= 255
        assert len(row["name"]) <= 79


def test_the_first_value_is_kept() -> None:
    first = remembered(kept(was="enable"))
    second = remembered(kept(was="other", kept="third"), known=first)
    assert [row["name"] for row in second] == [row["name"] for row in first]
    assert "enable" in second[0]["comment"]
    assert "other" not in second[0]["comment"]


def test_a_long_note_does_not_spoil_the_others() -> None:
    # Trusted hosts and a name of this length make more than a comment holds.
    hosts = {f"trusthost{i}": f"192.0.2.{100 + i} 255.255.255.255" for i in range(1, 11)}
    start = document(changes={"system/admin": [{"name": "support-of-the-network-engineers", **hosts}]})
    hardened = harden(start, "management_access")
    assert any(name.endswith("-2") for name in objects(hardened))
    repaired = harden(changed(hardened, GLOBAL, "", admin_lockout_threshold=9), "management_access")
    assert objects(repaired) == objects(hardened)
    after, remarks = take_away(repaired, "management_access")
    assert remarks == []
    same(after, start)


def _spoilt_notes() -> list[str]:
    (row,) = remembered(kept())
    comment: str = row["comment"]
    return [
        "",
        "edited",
        "null",
        "5",
        "[]",
        "{}",
        comment[:-1],
        comment.replace("sip_alg", "another"),
        comment.replace("root:system/settings", "root:another/table"),
        comment.replace("root:system/settings", "nothing"),
        comment.replace("sip-expectation", "*"),
        comment.replace("sip-expectation", "another"),
    ]


@pytest.mark.parametrize("comment", _spoilt_notes())
@pytest.mark.parametrize("name", ["VOIPH-was-0123456789ab", "VOIPH-was-0123456789ab-2", "VOIPH-was-x"])
def test_a_note_that_somebody_edited_changes_nothing_on_the_unit(comment: str, name: str) -> None:
    unit = holding([{"name": name, "comment": comment}])
    after, _remarks = take_away(unit, "sip_alg")
    assert objects(after) == []
    assert after.singleton(SETTINGS) == unit.singleton(SETTINGS)
    harden(unit)


HELPERS = TableId("global", "system/session-helper")
STRANGE: list[dict[str, Any]] = [
    {"key": ["a"]},
    {"was": ("enable",)},
    {"was": None},
    {"table": HELPERS, "key": 99, "field": "*"},
    {"table": HELPERS, "key": ["a"], "field": "*", "was": {"id": 1}},
    {"table": HELPERS, "key": 99, "field": "*", "was": {"another": 1}},
    {"table": HELPERS, "key": 99, "field": "*", "was": {"id": 98, "name": "sip", "protocol": 17, "port": 5060}},
]


@pytest.mark.parametrize("changes", STRANGE)
def test_a_note_that_makes_no_sense_changes_nothing(changes: dict[str, Any]) -> None:
    unit = holding(remembered(kept(**changes)))
    after, _remarks = take_away(unit, "sip_alg")
    for table in (SETTINGS, HELPERS):
        assert after.rows(table) == unit.rows(table)
