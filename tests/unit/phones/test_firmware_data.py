"""The firmware data: what is shipped, and what the loader refuses."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.phones.firmware_data import (
    FirmwareDataError,
    Mitigation,
    load_firmware,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.intents import BY_ID
from ansible_collections.voip.hardening.plugins.module_utils.phones.releases import compare
from tests.unit.phones.firmware_samples import DATA, TODAY, shipped


def test_the_shipped_data_are_well_formed_and_every_entry_names_its_source() -> None:
    data = shipped()
    assert data.reviewed_on == date(2026, 11, 29)
    assert all(entry.source for entry in (*data.families, *data.advisories))


def test_the_shipped_families_are_apart() -> None:
    """A phone belongs to one family: by its hardware on a Yealink, by its model otherwise."""
    data = shipped()
    hardware = [family.hardware for family in data.families if family.vendor == "yealink"]
    assert len(hardware) == len(set(hardware))
    models = [(family.vendor, model) for family in data.families for model in family.models]
    assert len(models) == len(set(models))


def test_no_shipped_minimum_is_newer_than_the_newest() -> None:
    for family in shipped().families:
        if family.minimum and family.latest:
            assert compare(family.vendor, family.minimum, family.latest).sign in (-1, 0), family.name


def test_ucs_and_pvos_are_never_one_product() -> None:
    lines = {family.line for family in shipped().families if family.vendor == "poly"}
    assert {"ucs", "pvos"} <= lines
    for advisory in shipped().advisories:
        if advisory.vendor == "poly":
            assert all(product.line in lines for product in advisory.products), advisory.id


def test_the_mitigations_are_intents_of_the_phone_policy() -> None:
    named = {mitigation.intent for advisory in shipped().advisories for mitigation in advisory.mitigations}
    assert named <= BY_ID.keys()


def test_reading() -> None:
    data = load_firmware(DATA, TODAY)
    yealink, poly = data.families
    assert (yealink.hardware, yealink.latest, yealink.minimum, yealink.unsure) == (
        96, "96.87.0.15", "96.86.0.45", frozenset(),
    )  # fmt: skip
    assert (poly.hardware, poly.line, poly.minimum, poly.unsure) == (None, "pvos", "", {"latest"})
    (advisory,) = data.advisories
    assert advisory.products[0].affected == ("<=", "6.4.7.4477")
    assert advisory.mitigations == (Mitigation("nat.ice", False, True),)


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        *holders, last = [int(part) if part.isdigit() else part for part in path.split("/")]
        place: Any = data
        for holder in holders:
            place = place[holder]
        if value is _GONE:
            del place[last]
        else:
            place[last] = value

    return change


_GONE = object()


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("schema", 2, "schema: 2 is not allowed; the version of the format from 1 to 1"),
        ("reviewed_on", _GONE, "reviewed_on: missing; it needs a date such as 2026-05-31"),
        (
            "reviewed_on",
            date(2026, 12, 2),
            "reviewed_on: 2026-12-02 is not allowed; a day that is not after today, 2026-12-01",
        ),
        ("families", [], "families: an empty list is not allowed; a list of families"),
        (
            "families/0/latest",
            "96.87",
            'families[0].latest: "96.87" is not allowed; a release, or null where nobody says',
        ),
        (
            "families/0/latest",
            "108.86.0.90",
            'families[0].latest: "108.86.0.90" is not allowed; a release for hardware 96',
        ),
        (
            "families/0/minimum",
            _GONE,
            "families[0].minimum: missing; it needs a release, or null where nobody says",
        ),
        ("families/0/line", "ucs", 'families[0].line: "ucs" is not allowed; nothing: only Poly has lines'),
        (
            "families/1/line",
            _GONE,
            "families[1].line: missing; it needs the software line, such as ucs or pvos",
        ),
        ("families/1/hardware", 96, "families[1].hardware: 96 is not allowed; nothing: only Yealink has it"),
        (
            "families/0/source",
            _GONE,
            "families[0].source: missing; it needs one line that names where this was read",
        ),
        (
            "families/0/models",
            ["t54w"],
            'families[0].models[0]: "t54w" is not allowed; a model in capitals, with or without * at its end',
        ),
        (
            "families/1/unsure",
            ["source"],
            'families[1].unsure[0]: "source" is not allowed; one of latest, minimum, support',
        ),
        (
            "families/0/eol",
            True,
            "families[0].eol: unknown key; known: name, vendor, hardware, line, models, latest, minimum,"
            " support, unsure, source, checked_on",
        ),
        (
            "families/1/name",
            "Yealink T5xW",
            'families[1]: "Yealink T5xW" is not allowed; a name that no other entry has',
        ),
        (
            "advisories/0/products/0/affected",
            "6.4.7",
            'advisories[0].products[0].affected: "6.4.7" is not allowed; <, <= or == and a release, or null'
            " where no record says which releases are meant",
        ),
        (
            "advisories/0/mitigations/0/intent",
            "ICE",
            'advisories[0].mitigations[0].intent: "ICE" is not allowed; an intent of the phone policy',
        ),
        (
            "advisories/0/mitigations/0/value",
            "off",
            'advisories[0].mitigations[0].value: "off" is not allowed; true, false or changed',
        ),
        (
            "advisories/0/severity",
            "bad",
            'advisories[0].severity: "bad" is not allowed; one of critical, high, medium, low',
        ),
    ],
)
def test_refused(path: str, value: Any, complaint: str) -> None:
    data = copy.deepcopy(DATA)
    _set(path, value)(data)
    with pytest.raises(FirmwareDataError) as refused:
        load_firmware(data, TODAY)
    assert [str(error).removeprefix("firmware_data.") for error in refused.value.errors] == [complaint]


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(FirmwareDataError, match="firmware_data: a list of 0 items is not allowed"):
        load_firmware([], TODAY)
