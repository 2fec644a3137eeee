"""Which controls are judged, what comes of them, and what that makes of a device."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import BY_ID, INTENTS
from ansible_collections.voip.hardening.plugins.module_utils.phones.vendors import VENDORS
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS
from ansible_collections.voip.hardening.plugins.module_utils.policy.catalogue import load_controls
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from ansible_collections.voip.hardening.plugins.module_utils.posture.judging import (
    Seen,
    asked_of,
    classified,
    in_scope,
    results,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.phones import MODULES
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import Difference, Unverifiable
from tests.support.playbooks import ROOT

CATALOGUE = load_controls(yaml.safe_load((ROOT / "data" / "controls.yml").read_text(encoding="utf-8")))
SCOPE = in_scope(CATALOGUE, "fortios", CONCERNS)
LASTING, PASSING = Unverifiable("FW-2", "no unit shows it", True), Unverifiable("FW-2", "this unit hides it", False)


def finding(control: str, severity: str) -> dict[str, str]:
    return {"control": control, "severity": severity, "subject": "s", "evidence": "e", "advice": ""}


@pytest.mark.parametrize(
    ("platform", "asked", "controls"),
    [
        ("fortios", ("sip_alg",), ("FW-3",)),
        ("fortios", ("sip_allowlist",), ("FW-1", "FW-2", "SVC-1", "AUD-3")),
        ("fortios", ("voice_vlan",), ("VLAN-1", "VLAN-2", "VLAN-3", "WEB-1")),
        ("fortios", ("management_access",), ("WEB-3", "ADM-1", "ADM-2", "ADM-4")),
        ("draytek", ("management_access",), ("WEB-3", "ADM-4")),
        ("pfsense", ("management_access",), ("WEB-3", "ADM-1", "ADM-4")),
        ("snom", MODULES, ()),
    ],
)
def test_controls_in_scope(platform: str, asked: tuple[str, ...], controls: tuple[str, ...]) -> None:
    found = in_scope(CATALOGUE, platform, asked)
    assert set(found) == set(controls)
    assert list(found) == [one for one in CATALOGUE if one in found]


def test_every_control_that_is_assessed_on_a_firewall_is_looked_at_by_a_concern() -> None:
    for control in CATALOGUE.values():
        if any(control.assessed_today[name] != "none" for name in PLATFORMS):
            assert not asked_of(control).isdisjoint(CONCERNS), control.id


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_the_catalogue_says_of_phones_what_their_intents_are_for(vendor: str) -> None:
    """In scope are the controls of all intents that the vendor has a parameter for, and no others."""
    with_parameter = {parameter.intent for parameter in VENDORS[vendor].parameters}
    served = {control for intent in INTENTS if intent.id in with_parameter for control in intent.controls}
    assert set(in_scope(CATALOGUE, vendor, MODULES)) == served


@pytest.mark.parametrize("vendor", ["yealink", "poly"])
def test_a_control_with_an_intent_that_is_left_out_is_assessed_in_part_only(vendor: str) -> None:
    """`full` is said only of controls that every vendor's parameter is confirmed for, and nothing is unshown."""
    unconfirmed = {one.intent for one in VENDORS[vendor].parameters if not one.confirmed}
    short = {control for intent in unconfirmed for control in BY_ID[intent].controls}
    short |= {control for one in VENDORS[vendor].unshown for control in one.controls}
    full = {control.id for control in CATALOGUE.values() if control.assessed_today[vendor] == "full"}
    assert not short & full


@pytest.mark.parametrize(
    ("seen", "failing"),
    [
        (Seen(), ()),
        (Seen(differences=[Difference(("FW-1", "FW-2"), "rule")]), ("FW-1", "FW-2")),
        (Seen(waiting=("VLAN-1",)), ("VLAN-1",)),
        (Seen(findings=[finding("FW-1", "medium")]), ("FW-1",)),
        (Seen(findings=[finding("FW-1", "critical"), finding("FW-3", "low")]), ("FW-1",)),
        (Seen(findings=[finding("ENC-1", "high")]), ()),  # not in scope of a firewall
        (Seen(differences=[Difference(("ENC-1",), "rule")]), ("ENC-1",)),  # a difference counts wherever it belongs
        (Seen(findings=[finding("FW-2", "high")], unverifiable=[PASSING]), ("FW-2",)),
    ],
)
def test_what_fails(seen: Seen, failing: tuple[str, ...]) -> None:
    judged = results(CATALOGUE, SCOPE, seen)
    assert {name for name, result in judged.items() if result == "fail"} == set(failing)
    assert {name for name, result in judged.items() if result == "pass"} == set(SCOPE) - set(failing)
    assert classified(judged, seen.unverifiable) == ("drift" if failing else "compliant")


def test_nobody_passes_who_was_not_read() -> None:
    for unverifiable, meaning in ((LASTING, "compliant"), (PASSING, "unsupported")):
        judged = results(CATALOGUE, SCOPE, Seen(unverifiable=[unverifiable]))
        assert (judged["FW-2"], judged["FW-1"]) == ("unknown", "pass")
        assert classified(judged, [unverifiable]) == meaning
    # Both kinds on one control: this unit should have shown some of it.
    assert classified(judged, [LASTING, PASSING]) == "unsupported"
    # Drift elsewhere is what is to be dealt with first.
    judged = results(CATALOGUE, SCOPE, Seen(unverifiable=[PASSING], waiting=("VLAN-1",)))
    assert classified(judged, [PASSING]) == "drift"


def test_what_could_not_be_read_and_was_not_asked_for_counts_for_nothing() -> None:
    elsewhere = Unverifiable("MON-1", "logs", False)
    judged = results(CATALOGUE, SCOPE, Seen(unverifiable=[elsewhere]))
    assert classified(judged, [elsewhere]) == "compliant"


def test_a_control_for_which_nothing_is_asked_does_not_apply() -> None:
    judged = results(CATALOGUE, SCOPE, Seen(idle={"FW-2", "FW-3"}, unverifiable=[PASSING], waiting=("FW-3",)))
    assert (judged["FW-2"], judged["FW-3"]) == ("unknown", "fail")
    assert results(CATALOGUE, SCOPE, Seen(idle={"FW-2"}))["FW-2"] == "not_applicable"


def test_results_come_in_the_order_of_the_catalogue() -> None:
    judged: dict[str, Any] = results(CATALOGUE, SCOPE, Seen(waiting=("ENC-1",)))
    assert list(judged) == [name for name in CATALOGUE if name in judged]
