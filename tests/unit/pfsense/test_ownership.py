"""Which rows of a box are ours, and for which concerns."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import MARK, Row
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import names
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.ownership import (
    Ownership,
    bears_mark,
    rule_concerns,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.tables import (
    ALIASES,
    DHCP,
    FLOATING,
    FORWARDS,
    INTERFACES,
    NOTES,
    OUTBOUND_RULES,
    RULES,
    VLANS,
    WEB,
    table,
)
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import ALG, ALLOWLIST, MANAGEMENT, VOICE, harden, observed, unit

EVERYTHING = site({"static_port": True}, pbx={"address": "10.0.0.20"})
INSIDE = site({"static_port": True}, pbx={"address": "10.40.0.20"}, voice_vlan__dhcp_first="10.40.0.100")


def ownership(*concerns: str) -> Ownership:
    """Of a box that was hardened for these concerns."""
    return Ownership(observed(harden(unit(outbound="advanced"), EVERYTHING, *concerns)).document)


@pytest.mark.parametrize(
    ("path", "row", "ours"),
    [
        (ALIASES, {"name": "VOIPH_SIP", "descr": ""}, True),
        (ALIASES, {"name": "Servers", "descr": "VOIPH-kept"}, False),
        (INTERFACES, {"descr": "VOIPH_VOICE"}, True),
        (INTERFACES, {"descr": "VOIP"}, False),
        (NOTES, {"name": "VOIPH-was-0", "text": ""}, True),
        (NOTES, {"name": "other", "text": ""}, False),
        (RULES, {"descr": "VOIPH-block-rtp-in"}, True),
        (RULES, {"descr": "allow VOIPH-block"}, False),
        (VLANS, {"descr": "VOIPH-voice"}, True),
        (WEB, {"port": ""}, False),
    ],
)
def test_what_bears_our_mark(path: str, row: Row, ours: bool) -> None:
    assert bears_mark(path, row) is ours


def test_every_rule_has_its_concern_and_its_place() -> None:
    made = {
        row["descr"]
        for policy in (EVERYTHING, INSIDE, site(transport="udp"))
        for row in observed(harden(unit(), policy)).document.rows(table(RULES, FLOATING))
        if bears_mark(RULES, row)
    }
    assert len(made) > 30
    assert {name for name in made if rule_concerns(name) == (ALLOWLIST, VOICE)} == {
        names.ALLOW_SIGNALLING,
        names.ALLOW_MEDIA,
    }
    assert {owner for name in made for owner in rule_concerns(name)} == {ALLOWLIST, VOICE, MANAGEMENT}
    assert all(names.rule_rank(name) < len(names.RULE_ORDER) for name in made)


def test_names_fit() -> None:
    """Aliases have up to 31 letters, digits and underscores, descriptions of rules up to 52 characters."""
    document = observed(harden(unit(), EVERYTHING)).document
    ours = [row["name"] for row in document.rows(table(ALIASES)) if bears_mark(ALIASES, row)]
    assert ours
    assert all(len(name) <= 31 and name.replace("_", "").isalnum() for name in ours)
    assert all(len(row["descr"]) <= 52 for row in document.rows(table(RULES, FLOATING)))


def test_trackers_are_ours_alone() -> None:
    assert names.tracker("x", set()) == names.tracker("x", set())
    taken = {names.tracker("x", set())}
    assert names.tracker("x", taken) == str(int(next(iter(taken))) + 1)
    assert 3_000_000_000 <= int(names.tracker("y", set())) < 4_000_000_000


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        (VLANS, {VOICE}),
        (INTERFACES, {VOICE}),
        (DHCP, {VOICE}),
        (FORWARDS, {ALLOWLIST}),
        (ALIASES, set(CONCERNS)),
        (NOTES, {ALG, MANAGEMENT}),
        (OUTBOUND_RULES, {ALG, VOICE}),
    ],
)
def test_claims_by_table(path: str, owners: set[str]) -> None:
    document = observed(harden(unit(outbound="advanced"), EVERYTHING)).document
    found = Ownership(document)
    claimed = {
        concern
        for concern in CONCERNS
        if any(found.claims(table(path), row, [concern]) for row in document.rows(table(path)))
    }
    assert claimed == owners
    others = observed(unit(outbound="advanced")).document.rows(table(path))
    assert not any(found.claims(table(path), row, CONCERNS) for row in others)


def test_a_note_that_makes_no_sense_is_anybodys() -> None:
    seen = observed(
        unit(), config={NOTES: [{"name": "VOIPH-was-x", "detail": "{"}, {"name": "theirs", "detail": "{}"}]}
    )
    found = Ownership(seen.document)
    ours, theirs = seen.document.rows(table(NOTES))
    assert all(found.claims(table(NOTES), ours, [concern]) for concern in CONCERNS)
    assert not found.claims(table(NOTES), theirs, CONCERNS)


def claimed(found: Ownership, name: str, *concerns: str, interface: str = "lan", withdrawing: bool = True) -> bool:
    row = {"descr": name, "interface": (interface,)}
    return bool(found.claims(table(RULES, FLOATING), row, concerns, withdrawing))


def test_a_shared_rule_stays_with_the_concern_that_still_asks_for_it() -> None:
    found = ownership()
    assert claimed(found, f"{MARK}allow-signalling", VOICE, ALLOWLIST)
    assert not claimed(found, f"{MARK}allow-signalling", VOICE)
    assert not claimed(found, f"{MARK}allow-signalling", ALLOWLIST)
    assert claimed(found, f"{MARK}allow-signalling", VOICE, withdrawing=False)
    assert claimed(ownership(VOICE), f"{MARK}allow-signalling", VOICE)


def test_rules_for_our_interface_go_with_it() -> None:
    found = ownership()
    for name in (f"{MARK}allow-signalling", f"{MARK}pbx-out-media"):
        assert claimed(found, name, VOICE, interface="opt3")
        assert not claimed(found, name, VOICE, interface="opt1")
        assert not claimed(found, name, ALG, interface="opt3")


def test_a_concern_is_active_by_the_rules_that_only_it_makes() -> None:
    found = ownership(ALLOWLIST)
    assert [concern for concern in CONCERNS if found.active(concern)] == [ALLOWLIST]
