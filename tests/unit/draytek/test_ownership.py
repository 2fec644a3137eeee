"""Which rows on a Vigor are ours, and for which concerns; and what taking one concern away leaves."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, Row
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek import names
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.ownership import (
    RULE_CONCERNS,
    Ownership,
    bears_mark,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.reader.objects import FREE_MARK
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    ACCESS_LIST,
    GROUPS,
    LANS,
    OBJECTS,
    OPTIONS,
    RULES,
    SCHEDULES,
    SERVICE_GROUPS,
    SERVICES,
    SETS,
    SPECS,
    table,
)
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from tests.unit.draytek.units import MODELS, SMALL, harden, observed, plan, take_away, typed, unit
from tests.unit.fortios.sites import site

ALG, ALLOWLIST, VOICE, MANAGEMENT = CONCERNS
NAMES = [("VOIPH-ZMAHCADM", True), ("VOIPH-", True), ("VOIP-x", False), ("voiph-x", False), ("", False), ("x", False),
         ("my VOIPH-x", False)]


@pytest.mark.parametrize("path", [OBJECTS, GROUPS, SERVICES, SERVICE_GROUPS])
def test_places_that_were_given_up(path: str) -> None:
    """An IP object that is free has no address, and is no row; one that is was left between name and address."""
    assert bears_mark(path, {"name": FREE_MARK}) is (path == OBJECTS)


@pytest.mark.parametrize("path", [OBJECTS, GROUPS, SERVICES, SERVICE_GROUPS])
@pytest.mark.parametrize(("name", "ours"), NAMES)
def test_objects_by_their_names(path: str, name: str, ours: bool) -> None:
    assert bears_mark(path, {"name": name}) is ours


@pytest.mark.parametrize("path", [SETS, SCHEDULES])
@pytest.mark.parametrize(("comment", "ours"), NAMES)
def test_sets_and_schedules_by_their_comments(path: str, comment: str, ours: bool) -> None:
    assert bears_mark(path, {"comment": comment}) is ours


@pytest.mark.parametrize(
    ("name", "digest", "ours"),
    [(names.BLOCK_SIP_IN, "ABC234", True), (names.BLOCK_SIP_IN, "", False), ("VOIPH-B2", "", False), ("", "", False)],
)
def test_rules_by_their_comments(name: str, digest: str, ours: bool) -> None:
    """A comment that only says the same as one of our names is somebody else's."""
    assert bears_mark(RULES, {"name": name, "digest": digest}) is ours


@pytest.mark.parametrize("path", [LANS, ACCESS_LIST])
def test_rows_without_names_bear_no_mark(path: str) -> None:
    assert not bears_mark(path, {"id": "1"})


def test_every_rule_belongs_to_a_concern() -> None:
    assert set(RULE_CONCERNS) == set(names.PLACES)
    assert {concern for concerns in RULE_CONCERNS.values() for concern in concerns} == {ALLOWLIST, VOICE}


def note(name: str, key: str = "object 192") -> Row:
    return {"id": key, "name": name, "type": "single", "start": "0.0.0.1", "end": "0.0.0.0"}


def document(*objects: Row, **tables: list[Row]) -> Document:
    made = {table(path.replace("__", " ")): rows for path, rows in tables.items()}
    return Document(SPECS, {table(OBJECTS): list(objects), table(RULES): [], **made})


def claims(unit_seen: Document, path: str, row: Row, *concerns: str) -> bool:
    return bool(Ownership(unit_seen, ("p1",)).claims(table(path), row, concerns))


CLAIMED: dict[str, tuple[str, Row, tuple[str, ...]]] = {
    # table, row, the concerns for which it is ours
    "a network": (OBJECTS, note("VOIPH-ZMAHCADM"), (ALLOWLIST, VOICE, MANAGEMENT)),
    "a group": (GROUPS, {"name": "VOIPH-SIGNAL"}, (ALLOWLIST, VOICE, MANAGEMENT)),
    "a set": (SETS, {"comment": "VOIPH-1"}, (ALLOWLIST, VOICE, MANAGEMENT)),
    "what the helper was": (OBJECTS, note("VOIPH-walg"), (ALG,)),
    "what a LAN was": (OBJECTS, note("VOIPH-wL3x"), (VOICE,)),
    "when the unit started": (OBJECTS, note("VOIPH-wboot"), (VOICE,)),
    "what kept guessers out": (OBJECTS, note("VOIPH-wbfp"), (MANAGEMENT,)),
    "whether a rule was on": (OBJECTS, note("VOIPH-wR5.2"), (ALLOWLIST,)),
    "something of another release": (OBJECTS, note("VOIPH-wnew"), ()),
    "a rule that lets the provider in": (
        RULES, {"name": names.SIGNALLING_IN, "digest": "ABC234"}, (ALLOWLIST, VOICE),
    ),
    "a rule that blocks SIP": (RULES, {"name": names.BLOCK_SIP_IN, "digest": "ABC234"}, (ALLOWLIST,)),
    "a rule of the phones": (RULES, {"name": names.VOICE_DENY_OUT, "digest": "ABC234"}, (VOICE,)),
    "a rule of the site's": (RULES, {"name": "theirs", "digest": ""}, ()),
    "an option of the phones' LAN": (OPTIONS, {"id": "lan3/66", "where": "lan3"}, (VOICE,)),
    "another option of it": (OPTIONS, {"id": "lan3/43", "where": "lan3"}, ()),
    "an option of another LAN": (OPTIONS, {"id": "lan2/66", "where": "lan2"}, ()),
    "an option of all LANs": (OPTIONS, {"id": "alllan/66", "where": "alllan"}, ()),
    "who is let in by us": (ACCESS_LIST, {"id": "1", "object": "object 190"}, (MANAGEMENT,)),
    "who is let in by the site": (ACCESS_LIST, {"id": "2", "object": "object 5"}, ()),
    "a host that is let in by name": (ACCESS_LIST, {"id": "3", "object": 0}, ()),
}


@pytest.mark.parametrize(("path", "row", "concerns"), CLAIMED.values(), ids=CLAIMED)
def test_rows_are_ours_for_some_concerns(path: str, row: Row, concerns: tuple[str, ...]) -> None:
    seen = document(note("VOIPH-wL3a"), note("VOIPH-YAAAEADE", "object 190"), note("it-office", "object 5"))
    assert tuple(concern for concern in CONCERNS if claims(seen, path, row, concern)) == concerns


def test_blocks_are_nobodys_where_rules_were_not_looked_at() -> None:
    """A rule may use them."""
    seen = document()
    del seen.tables[table(RULES)]
    assert not claims(seen, OBJECTS, note("VOIPH-ZMAHCADM"), *CONCERNS)
    assert claims(seen, OBJECTS, note("VOIPH-walg"), *CONCERNS)


def test_a_rule_that_another_concern_still_asks_for_is_left_to_it() -> None:
    shared: Row = {"name": names.SIGNALLING_IN, "digest": "ABC234"}
    voice: Row = {"name": names.VOICE_DENY_OUT, "digest": "ABC234"}
    alone = Ownership(document(ipf__rule=[shared]), ("p1",))
    both = Ownership(document(ipf__rule=[shared, voice]), ("p1",))
    rules = table(RULES)
    assert alone.claims(rules, shared, (ALLOWLIST,), withdrawing=True)
    assert not both.claims(rules, shared, (ALLOWLIST,), withdrawing=True)
    assert both.claims(rules, shared, (ALLOWLIST, VOICE), withdrawing=True)
    assert both.claims(rules, shared, (ALLOWLIST,))


# On units


def comparable(stored: dict[str, Any]) -> dict[str, Any]:
    """A configuration in which a rule that means the same as one that nobody used is none, nor a set of such rules."""
    sets: dict[str, Any] = {}
    for number, found in stored["sets"].items():
        rules = {
            place: rule for place, rule in found["rules"].items()
            if rule["enabled"] or rule["comment"] or rule["action"] or rule["service"][:2] not in (["any"], ["u", 0])
        }
        if rules or found["comment"] or found["next"]:
            sets[number] = {**found, "rules": rules}
    return {**stored, "sets": sets}


@pytest.mark.parametrize("config", ["factory", "lived-in"])
@pytest.mark.parametrize("model", MODELS)
def test_taking_everything_away_gives_the_start_back(model: str, config: str) -> None:
    device = unit(model, config)
    before = comparable(device.stored())
    harden(device, site(enforce_exclusive=True, voice_vlan__provisioning_url="https://p.example.com/"))
    assert comparable(device.stored()) != before
    assert take_away(device)
    assert comparable(device.stored()) == before
    assert take_away(device) == []


@pytest.mark.parametrize("order", [CONCERNS, tuple(reversed(CONCERNS))])
@pytest.mark.parametrize("model", MODELS)
def test_one_concern_after_the_other_gives_the_start_back(model: str, order: tuple[str, ...]) -> None:
    device = unit(model, "lived-in")
    before = comparable(device.stored())
    harden(device, site())
    left = set(CONCERNS)
    for concern in order:
        assert take_away(device, concern)
        left.remove(concern)
        for other in left:
            assert plan(site(), observed(device, other), other) == [], (concern, other)
    # A building block that only looks unused to a concern that reads no rules goes with the next whole look.
    take_away(device)
    assert comparable(device.stored()) == before


def test_a_rule_that_was_switched_off_keeps_its_schedules() -> None:
    device = typed(unit(SMALL, "lived-in"), 'ipf rule 5 2 -t "i 1 1"', 'ipf rule 5 2 -t "i 3 4"')
    before = device.stored()["sets"]["5"]
    harden(device, site(enforce_exclusive=True))
    assert device.stored()["sets"]["5"]["rules"]["2"]["enabled"] == 0
    take_away(device)
    assert device.stored()["sets"]["5"] == before


def test_another_policy_is_taken_away_whole() -> None:
    device = unit()
    before = comparable(device.stored())
    harden(device, site())
    harden(device, site(voice_vlan__subnet="10.41.0.0/25", voice_vlan__id=41, voice_vlan__priority=6,
                        voice_vlan__dns_servers=["192.0.2.53", "192.0.2.54"]))
    take_away(device)
    assert comparable(device.stored()) == before


def test_rules_that_came_later_are_given_back_too() -> None:
    policy = site(enforce_exclusive=True)
    device = unit()
    harden(device, policy)
    for place in (1, 2):
        typed(device, f'ipf rule 2 {place} -e 1 -D 1 -M open{place} -F "0 0"')
        harden(device, policy)
    rules = device.stored()["sets"]["2"]["rules"]
    assert [rules[place]["enabled"] for place in ("1", "2")] == [0, 0]
    take_away(device)
    rules = device.stored()["sets"]["2"]["rules"]
    assert [rules[place]["enabled"] for place in ("1", "2")] == [1, 1]
