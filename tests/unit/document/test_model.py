"""Documents and the description of their tables."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import (
    KEYED,
    MARK,
    SINGLETON,
    Document,
    Row,
    TableId,
    TableSpec,
    references,
)
from tests.unit.document.samples import (
    BLOCK,
    PORT,
    RULE,
    SETTINGS,
    SPECS,
    block,
    device,
    group,
    port,
    rule,
    settings,
)


def test_our_mark_is_longer_than_the_names_that_sites_choose() -> None:
    assert MARK == "VOIPH-"


@pytest.mark.parametrize(
    ("path", "row", "identity", "key"),
    [
        ("block", block("a"), "a", "a"),
        ("rule", rule(7, "r"), "r", 7),
        ("rule", rule(7, ""), "", 7),
        ("settings", settings(), "", ""),
        ("port", port(3, "p"), "p", 3),
    ],
)
def test_identity_and_key(path: str, row: Row, identity: str, key: Any) -> None:
    assert SPECS[path].identify(row) == identity
    assert SPECS[path].key_of(row) == key


@pytest.mark.parametrize(("value", "text"), [(("a", "b"), "a b"), (5, "5"), ((), "")])
def test_identity_is_text(value: Any, text: str) -> None:
    assert TableSpec("t", KEYED, {}, key="k").identify({"k": value}) == text


@pytest.mark.parametrize(
    ("path", "row", "expected"),
    [
        ("rule", rule(1, "r", "a"), {("block", "a"), ("group", "a")}),
        ("rule", rule(1, "r"), set()),
        ("group", group("g", "a", "b"), {(path, name) for path in ("block", "group") for name in "ab"}),
        ("port", port(1, "p", tag="a"), {("block", "a")}),
        ("port", port(1, "p", tag=""), set()),
        ("block", block("a"), set()),
        ("rule", {"id": 1}, set()),
    ],
)
def test_references(path: str, row: Row, expected: set[tuple[str, str]]) -> None:
    assert references(SPECS, path, row) == expected


def test_find_by_key() -> None:
    document = device(rules=[rule(2, "b"), rule(1, "a")])
    assert document.find(RULE, 1) == rule(1, "a")
    assert document.find(RULE, 3) is None
    assert document.singleton(SETTINGS) == settings()


def test_a_table_that_was_not_read_is_an_error() -> None:
    document = Document(SPECS, {})
    with pytest.raises(KeyError):
        document.rows(RULE)
    with pytest.raises(KeyError):
        document.find(RULE, 1)
    with pytest.raises(KeyError):
        document.singleton(SETTINGS)


def test_table_names() -> None:
    assert str(TableId("root", "firewall/policy")) == "root:firewall/policy"
    assert str(TableId("", "ipf")) == "ipf"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (device(rules=[rule(1, "a"), rule(2, "b")], ports=[port(1, "p"), port(2, "q")]), True),
        (device(rules=[rule(1, "a"), rule(2, "b")], ports=[port(2, "q"), port(1, "p")]), True),
        (device(rules=[rule(1, "a"), rule(2, "b")], ports=[port(1, "p"), port(2, "q")], mode=settings(timer=9)), True),
        (device(rules=[rule(1, "a"), rule(2, "b")], ports=[port(1, "p"), port(2, "q")], mode=settings("new")), False),
        (device(rules=[rule(2, "b"), rule(1, "a")], ports=[port(1, "p"), port(2, "q")]), False),
        (device(rules=[rule(1, "a")], ports=[port(1, "p"), port(2, "q")]), False),
        (device(rules=[rule(1, "a"), rule(2, "b")], ports=[port(1, "p", note="x"), port(2, "q")]), False),
    ],
    ids=["equal", "order of a keyed table", "volatile field", "setting", "order", "row missing", "field"],
)
def test_same_as(other: Document, same: bool) -> None:
    document = device(rules=[rule(1, "a"), rule(2, "b")], ports=[port(1, "p"), port(2, "q")])
    assert document.same_as(other) is same
    assert other.same_as(document) is same


def test_same_as_looks_at_every_table() -> None:
    document, other = device(), device()
    del other.tables[BLOCK]
    assert not document.same_as(other)
    assert not other.same_as(document)


def test_a_singleton_has_no_key() -> None:
    spec = TableSpec("s", SINGLETON, {})
    assert (spec.identify({"a": 1}), spec.key_of({"a": 1})) == ("", "")
    assert PORT.path == "port"
