"""The description of a Vigor's tables: complete, in the order in which rows can be made, and what the reader makes."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import SINGLETON, TableId, references
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.blank import blank_observation
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.options import Options
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    ACCESS_LIST,
    AFTER_RESTART,
    FILTER,
    GROUPS,
    LAN_ACCESS,
    LANS,
    OBJECTS,
    PATHS,
    REMOTE,
    RULES,
    SCHEDULES,
    SERVICE_GROUPS,
    SERVICES,
    SETS,
    SPECS,
    TALK,
    VLAN_ROWS,
    table,
)
from tests.unit.draytek.units import MODELS, observed, unit

# What rows may name, by table and field. A set leads to another set.
REFERENCES = {
    (GROUPS, "member"): (OBJECTS,),
    (SERVICE_GROUPS, "member"): (SERVICES,),
    (SETS, "next"): (SETS,),
    (RULES, "set"): (SETS,),
    (RULES, "source"): (OBJECTS, GROUPS),
    (RULES, "destination"): (OBJECTS, GROUPS),
    (RULES, "service"): (SERVICES, SERVICE_GROUPS),
    (FILTER, "data"): (SETS,),
    (FILTER, "call"): (SETS,),
    (VLAN_ROWS, "lan"): (LANS,),
    (ACCESS_LIST, "object"): (OBJECTS,),
}


def test_references() -> None:
    found = {(path, name): field.refs for path, spec in SPECS.items() for name, field in spec.fields.items()}
    assert {place: refs for place, refs in found.items() if refs} == REFERENCES


@pytest.mark.parametrize("path", PATHS)
def test_rows_refer_to_tables_that_stand_before_their_own(path: str) -> None:
    place = {one: index for index, one in enumerate(PATHS)}
    for name, field in SPECS[path].fields.items():
        for target in field.refs:
            assert place[target] < place[path] or (path, name) == (SETS, "next")


@pytest.mark.parametrize("path", PATHS)
def test_special_fields_are_fields(path: str) -> None:
    spec = SPECS[path]
    assert spec.path == path
    assert (spec.shape == SINGLETON) == (spec.key == "")
    for special in (spec.key, spec.identity, spec.title, *spec.guarded, *spec.volatile):
        assert special == "" or special in spec.fields
    for name, field in spec.fields.items():
        assert (field.name, field.fixed, field.held, field.when) == (name, False, None, None)


def test_building_blocks_are_what_rows_refer_to() -> None:
    """Rows that go once nothing refers to them; a schedule and a set are named by numbers that are no references."""
    collected = {path for path, spec in SPECS.items() if spec.collected}
    assert collected == {OBJECTS, GROUPS, SERVICES, SERVICE_GROUPS, SCHEDULES, SETS}


def test_what_the_way_in_depends_on_is_guarded() -> None:
    guarded = {path: set(spec.guarded) for path, spec in SPECS.items() if spec.guarded}
    assert guarded == {
        LAN_ACCESS: {"enabled", "services", "everywhere", "lans"},
        ACCESS_LIST: {"object"},
        REMOTE: {"master", "services"},
    }


def test_what_waits_for_a_restart() -> None:
    """Lease times act at once (`msubnet leasetime`); all other settings of LANs say that they wait."""
    assert set(AFTER_RESTART) == {LANS, TALK, VLAN_ROWS}
    for path, fields in AFTER_RESTART.items():
        assert fields <= set(SPECS[path].fields)
    assert set(SPECS[LANS].fields) - AFTER_RESTART[LANS] == {"lease"}
    assert AFTER_RESTART[VLAN_ROWS] == {"lan"}


def test_a_vigor_has_one_scope() -> None:
    assert table("ipf") == TableId("", "ipf")
    assert str(table("ipf rule")) == "ipf rule"


@pytest.mark.parametrize("config", ["factory", "lived-in"])
@pytest.mark.parametrize("model", MODELS)
def test_the_reader_fills_every_field_and_no_other(model: str, config: str) -> None:
    document = observed(unit(model, config)).document
    assert {where.path for where in document.tables} == set(PATHS)
    for where, rows in document.tables.items():
        spec = document.spec(where)
        assert (spec.shape != SINGLETON) or len(rows) == 1
        keys = [spec.key_of(row) for row in rows]
        assert len(keys) == len(set(keys)), where
        for row in rows:
            assert set(row) == set(spec.fields), where


@pytest.mark.parametrize("model", MODELS)
def test_a_blank_unit_fills_every_field_and_no_other(model: str) -> None:
    document = blank_observation(Options(model=model)).document
    assert {where.path for where in document.tables} == set(PATHS)
    for where, rows in document.tables.items():
        for row in rows:
            assert set(row) == set(document.spec(where).fields), where


@pytest.mark.parametrize("model", MODELS)
def test_what_is_referred_to_was_read(model: str) -> None:
    """Every object that a rule, a group or a list names is in the document."""
    document = observed(unit(model, "lived-in")).document
    known = {(where.path, document.spec(where).key_of(row)) for where, rows in document.tables.items() for row in rows}
    words = {OBJECTS: "object", GROUPS: "group", SERVICES: "service", SERVICE_GROUPS: "service group"}
    seen = 0
    for where, rows in document.tables.items():
        for row in rows:
            for path, key in references(SPECS, where.path, row):
                kind, _blank, number = key.rpartition(" ")
                if words.get(path) == kind and number.isdigit():
                    assert (path, key) in known
                    seen += 1
    assert seen == 9
