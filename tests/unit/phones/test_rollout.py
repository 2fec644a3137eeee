"""Who goes first, who waits, and what counts as evidence of what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.filter.phone_places import phone_places
from ansible_collections.voip.hardening.plugins.module_utils.phones.rollout import (
    Member,
    Place,
    alive,
    came_back,
    places,
    readable,
    reason_to_wait,
    standing,
)

KINDS = st.sampled_from([("north", "yealink", "T54W"), ("north", "poly", "VVX 450"), ("south", "yealink", "t54w")])


@st.composite
def members(draw: st.DrawFn) -> list[Member]:
    kinds = draw(st.lists(st.tuples(KINDS, st.booleans()), min_size=1, max_size=30))
    return [Member(f"phone-{n}", *kind, chosen) for n, (kind, chosen) in enumerate(kinds)]


@given(members(), st.integers(1, 7))
def test_one_of_each_kind_goes_first_and_then_so_many_at_once(phones: list[Member], at_once: int) -> None:
    placed = places(phones, at_once)
    assert list(placed) == [phone.name for phone in phones]
    canaries = [phone for phone in phones if placed[phone.name].turn == 0]
    assert sorted(phone.kind for phone in canaries) == sorted({phone.kind for phone in phones})
    for phone in phones:
        place = placed[phone.name]
        assert (place.canary == "") is (place.turn == 0)
        if place.canary:
            (canary,) = [other for other in canaries if other.name == place.canary]
            assert canary.kind == phone.kind
    chosen = {phone.kind for phone in phones if phone.chosen}
    assert all(canary.chosen for canary in canaries if canary.kind in chosen)
    turns = [place.turn for place in placed.values() if place.turn]
    assert sorted(turns) == turns
    assert all(turns.count(turn) == at_once for turn in sorted(set(turns))[:-1])
    assert set(turns) == set(range(1, max(turns, default=0) + 1))


def test_places_by_variables() -> None:
    phone = {"voip_provisioning_dir": "/srv/phones/north", "ansible_network_os": "yealink", "voip_phone_model": "T54W"}
    variables = {"a": phone, "b": {**phone, "voip_phone_canary": "yes"}, "c": {**phone, "voip_phone_model": "T46U"}}
    assert phone_places(variables, variables, 1) == {
        "a": {"turn": 1, "canary": "b"}, "b": {"turn": 0, "canary": ""}, "c": {"turn": 0, "canary": ""},
    }  # fmt: skip


PLACED = {"a": Place(0, ""), "b": Place(1, "a"), "c": Place(1, "a"), "d": Place(2, "a"), "e": Place(0, ""),
          "f": Place(2, "e")}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "back", "limit", "reason"),
    [
        ("a", {}, 0, ""),
        ("b", {"a": True}, 0, ""),
        ("b", {}, 0, "a, which goes first for phones of its kind, did not come back"),
        ("b", {"a": None}, 0, "a, which goes first for phones of its kind, did not come back"),
        ("b", {"a": False}, 9, "a, which goes first for phones of its kind, did not come back"),
        ("f", {"a": False, "e": True}, 1, ""),
        ("f", {"a": False, "e": True}, 0, "1 phones did not come back, more than 0: a"),
        ("d", {"a": True, "b": False, "c": False}, 1, "2 phones did not come back, more than 1: b, c"),
        ("e", {"a": False}, 0, ""),
    ],
)
def test_who_waits(name: str, back: dict[str, bool | None], limit: int, reason: str) -> None:
    assert reason_to_wait(name, PLACED, {**dict.fromkeys(PLACED), **back}, limit) == reason


def live(proved: bool = True, **verdicts: str) -> dict[str, Any]:
    """A result of phone_config, verdicts by intent."""
    intents = {name.replace("__", "."): {"verdict": verdict} for name, verdict in verdicts.items()}
    return {"evidence": "observed", "intents": intents, "proved": ["admin"] if proved else [], "remarks": []}


RENDERED = {"evidence": "rendered", "changed": False}
GOOD = live(web__http="compliant", auth__user="unknown")


def test_a_phone_that_shows_what_is_wanted_is_hardened() -> None:
    found = standing(RENDERED, {"fetched": True}, GOOD, {})
    assert found.data == {
        "rendered": True, "fetched": True, "observed": "as wanted", "hardened": True, "drift": [],
        "unseen": ["auth.user"], "outside": [], "why": "",
        "says": "rendered yes, fetched yes, observed as wanted: hardened",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("published", "log", "seen", "levels", "why"),
    [
        (RENDERED, {"fetched": True}, {}, (True, True, "not seen"), "it was not looked at"),
        (RENDERED, {"fetched": False}, {}, (True, False, "not seen"), "it has not fetched its file yet"),
        (RENDERED, {}, live(a__b="drift"), (True, None, "drift"), "it shows something else than is wanted"),
        (RENDERED, {"fetched": True}, {"unreachable": True, "msg": "no route"}, (True, True, "not seen"),
         "nothing could be seen of it: no route"),
        (RENDERED, {"fetched": True}, {"failed": False, "msg": "locked"}, (True, True, "not seen"),
         "nothing could be seen of it: locked"),
        (RENDERED, {"fetched": True}, {**GOOD, "msg": "it did not take a.b"}, (True, True, "not seen"),
         "nothing could be seen of it: it did not take a.b"),
        (RENDERED, {"fetched": True}, live(proved=False, a__b="compliant"), (True, True, "not seen"),
         "nothing could be seen of it: no log-in"),
        ({"failed": True, "msg": "no folder"}, {}, GOOD, (False, None, "as wanted"), "not published: no folder"),
        ({}, {}, {}, (False, None, "not seen"), "its files do not say what is wanted yet"),
    ],
)  # fmt: skip
def test_what_does_not_make_a_phone_hardened(
    published: Mapping[str, Any], log: Mapping[str, Any], seen: Mapping[str, Any], levels: tuple[Any, ...], why: str
) -> None:
    found = standing(published, log, seen, {})
    assert (found.rendered, found.fetched, found.observed) == levels
    assert (found.hardened, found.why) == (False, why)


def test_what_is_seen_from_outside_counts_against_what_a_phone_says() -> None:
    judged = [{"control": control, "result": "fail", "why": "it answers strangers"} for control in ("FW-1", "FWM-3")]
    found = standing(RENDERED, {"fetched": True}, GOOD, {"controls": judged})
    assert (found.hardened, found.why) == (False, "FW-1: it answers strangers")
    passed = [{"control": "FW-1", "result": "pass", "why": ""}]
    assert standing(RENDERED, {}, GOOD, {"controls": passed}).hardened is True


def test_in_check_mode_what_would_be_written_is_not_rendered() -> None:
    assert standing({**RENDERED, "up_to_date": False}, {}, GOOD, {}, check=True).hardened is False
    assert standing({**RENDERED, "up_to_date": False}, {}, GOOD, {}).hardened is True
    assert standing({**RENDERED, "up_to_date": True}, {}, GOOD, {}, check=True).hardened is True


@pytest.mark.parametrize(
    ("log", "seen", "signs", "back"),
    [
        ({"fetched": True}, GOOD, "can_be_read waited news", True),
        ({"fetched": None}, GOOD, "can_be_read", True),
        ({"fetched": False}, {}, "lives can_be_read waited", False),
        ({"fetched": False}, {}, "lives can_be_read", None),
        ({"fetched": None}, {}, "lives waited news", False),
        ({"fetched": None}, {}, "lives news", None),
        ({"fetched": None}, {}, "lives waited", True),
        ({"fetched": None}, {}, "lives waited can_be_read", False),
        ({"fetched": True}, live(a__b="drift"), "lives can_be_read waited news", False),
        ({"fetched": True}, live(a__b="drift"), "lives waited news", False),
        ({"fetched": True}, {}, "lives waited news", True),
        ({"fetched": True}, {}, "lives can_be_read waited news", False),
        ({"fetched": True}, {}, "waited news", False),
    ],
)
def test_who_came_back(log: Mapping[str, Any], seen: Mapping[str, Any], signs: str, back: bool | None) -> None:
    given = {sign: sign in signs.split() for sign in ("lives", "can_be_read", "news", "waited")}
    assert came_back(standing(RENDERED, log, seen, {}), **given) is back


@pytest.mark.parametrize(
    ("vendor", "intents", "expected"),
    [
        ("yealink", {"web.https": True}, True), ("yealink", {"web.https": False}, False), ("yealink", {}, False),
        ("poly", {"web.https": True, "remote.rest": True}, True), ("poly", {"web.https": True}, False),
        ("poly", {"web.https": False, "remote.rest": True}, False),
    ],
)  # fmt: skip
def test_who_can_be_read(vendor: str, intents: dict[str, bool], expected: bool) -> None:
    assert readable({"phone": {"vendor": vendor}, "intents": intents}) is expected


def test_a_sign_of_life_is_an_open_port() -> None:
    def port(state: str) -> dict[str, Any]:
        return {"what": "port.https", "value": {"port": 443, "state": state}}

    assert alive([{"what": "phone", "value": {}}, port("closed"), port("open")])
    assert not alive([port("closed"), port("silent")])
