"""Waivers: everything is mandatory, they end, and they let pass what they are about and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import (
    COMPLIANT,
    DRIFT,
    FAIL,
    PASS,
    UNKNOWN,
    UNSUPPORTED,
    WAIVED,
    Difference,
    Unverifiable,
    record_from,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.waivers import Waiver, read_waivers
from tests.support.fleets import controls, drifted, record, report, waiver

GIVEN = {"control": "FW-1", "device": "north", "reason": "so", "approver": "J. Doe", "expires": "2026-12-31"}


def read(*given: object) -> tuple[tuple[Waiver, ...], list[str]]:
    told = Report()
    found = read_waivers([(f"voip_waivers[{index}]", one) for index, one in enumerate(given)], controls(), told)
    return found, [str(error) for error in told.errors]


def test_a_waiver_is_read_with_its_date_as_text_or_as_yaml_has_it() -> None:
    found, errors = read(GIVEN, {**GIVEN, "expires": date(2026, 12, 31)})
    assert errors == []
    assert found == (Waiver("FW-1", "north", "so", "J. Doe", date(2026, 12, 31)),) * 2


@pytest.mark.parametrize("name", list(GIVEN))
def test_every_part_of_a_waiver_is_mandatory(name: str) -> None:
    assert read({key: value for key, value in GIVEN.items() if key != name})[1][0].startswith(
        f"voip_waivers[0].{name}: missing"
    )
    assert read({**GIVEN, name: ""})[1][0].startswith(f'voip_waivers[0].{name}: "" is not allowed')
    assert read({**GIVEN, name: "  "})[1][0].startswith(f'voip_waivers[0].{name}: "  " is not allowed')


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({**GIVEN, "control": "FW-9"}, 'voip_waivers[0].control: "FW-9" is not allowed; an id of the control'),
        ({**GIVEN, "control": ["FW-1"]}, "voip_waivers[0].control: a list of 1 item is not allowed"),
        ({**GIVEN, "expires": "soon"}, 'voip_waivers[0].expires: "soon" is not allowed; a date such as 2026-05-31'),
        ({**GIVEN, "expires": "2026-02-30"}, 'voip_waivers[0].expires: "2026-02-30" is not allowed'),
        ({**GIVEN, "expires": None}, "voip_waivers[0].expires: missing"),
        ({**GIVEN, "until": "2027-01-01"}, "voip_waivers[0].until: unknown key"),
        ("FW-1", 'voip_waivers[0]: "FW-1" is not allowed; a mapping of control, device'),
    ],
)
def test_what_is_no_waiver_is_refused_by_name(given: object, told: str) -> None:
    assert any(error.startswith(told) for error in read(given)[1])


@pytest.mark.parametrize("device", ["north-fw1", "north", "*"])
def test_a_device_all_of_whose_failures_are_waived_is_compliant(device: str) -> None:
    found = report(drifted(), waivers={"north-fw1": [waiver(device=device)]})
    device_found = found.devices[0]
    assert device_found.classification == COMPLIANT
    assert device_found.results["FW-1"] == WAIVED
    assert device_found.waivers["FW-1"].approver == "J. Doe"
    assert [point.waived for point in device_found.points] == [True]
    assert not device_found.would_change
    assert [(one.state, one.hosts) for one in found.waivers] == [("in_force", ("north-fw1",))]
    assert found.summary["waived"] == 1


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"device": "south"}, "unseen"),
        ({"device": "nort"}, "unseen"),
        ({"control": "FW-2"}, "unneeded"),
        ({"expires": "2026-05-30"}, "expired"),
    ],
)
def test_a_waiver_about_something_else_or_of_yesterday_lets_nothing_pass(changes: dict[str, str], state: str) -> None:
    found = report(drifted(), waivers={"north-fw1": [waiver(**changes)]})
    assert found.devices[0].classification == DRIFT
    assert found.devices[0].results["FW-1"] == FAIL
    assert [one.state for one in found.waivers] == [state]
    assert found.devices[0].would_change


def test_a_waiver_counts_on_its_last_day_and_is_called_ending_before_it() -> None:
    found = report(drifted(), waivers={"north-fw1": [waiver(expires="2026-05-31")]})
    assert (found.devices[0].classification, found.waivers[0].state) == (COMPLIANT, "ending")
    assert report(drifted(), waivers={"north-fw1": [waiver(expires="2026-06-13")]}).waivers[0].state == "ending"
    assert report(drifted(), waivers={"north-fw1": [waiver(expires="2026-06-14")]}).waivers[0].state == "in_force"


def test_an_expired_waiver_is_named_also_where_nothing_fails() -> None:
    found = report(record(), waivers={"north-fw1": [waiver(expires="2025-01-01")]})
    assert [one.waiver.control for one in found.expired] == ["FW-1"]
    assert found.summary["expired_waivers"] == 1


def test_a_waiver_that_was_renewed_counts_beside_the_one_that_ended() -> None:
    some = [waiver(expires="2026-12-31"), waiver(expires="2026-01-01")]
    found = report(drifted(), waivers={"north-fw1": some})
    assert found.devices[0].classification == COMPLIANT
    assert [one.state for one in found.waivers] == ["expired", "in_force"]


def test_one_failure_that_is_not_waived_keeps_a_device_drifted() -> None:
    both = drifted(
        controls={"FW-1": FAIL, "FW-2": FAIL, "FW-3": PASS},
        drift=(Difference(("FW-1", "FW-2"), "rule"), Difference(("FW-1",), "other rule")),
        count=2,
    )
    found = report(both, waivers={"north-fw1": [waiver()]})
    assert found.devices[0].classification == DRIFT
    assert found.devices[0].results == {"FW-1": WAIVED, "FW-2": FAIL, "FW-3": PASS}
    assert [point.waived for point in found.devices[0].points] == [False, True]


@pytest.mark.parametrize(("lasting", "classification"), [(True, COMPLIANT), (False, UNSUPPORTED)])
@pytest.mark.parametrize("small", [False, True])
def test_unknown_stays_unknown_whatever_is_waived(lasting: bool, classification: str, small: bool) -> None:
    given: Any = drifted(
        controls={"FW-1": FAIL, "VLAN-2": UNKNOWN}, unverifiable=(Unverifiable("VLAN-2", "queues", lasting),)
    )
    if small:
        given = record_from(given.small())
    some = [waiver(), waiver("VLAN-2")]
    found = report(given, waivers={"north-fw1": some})
    assert found.devices[0].classification == classification
    assert found.devices[0].results["VLAN-2"] == UNKNOWN


def test_a_device_that_could_not_be_looked_at_is_not_made_compliant_by_a_waiver() -> None:
    for name in ("unreachable", "error", "unsupported"):
        found = report(record(classification=name, controls={}), waivers={"north-fw1": [waiver(device="*")]})
        assert found.devices[0].classification == name


def test_a_waiver_of_one_host_is_none_of_another() -> None:
    found = report(drifted("north-fw1"), drifted("south-fw1"), waivers={"north-fw1": [waiver(device="*")]})
    assert [one.classification for one in found.devices] == [COMPLIANT, DRIFT]
