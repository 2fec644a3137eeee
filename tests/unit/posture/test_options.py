"""What `posture_report` takes, and how it says what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError
from ansible_collections.voip.hardening.plugins.module_utils.posture.options import read_options
from tests.support.fleets import controls, drifted

WAIVER = {"control": "FW-1", "device": "*", "reason": "so", "approver": "me", "expires": "2026-12-31"}


def test_what_is_left_out_has_a_default() -> None:
    options = read_options({"hosts": ["north-fw1", "north-fw1"]}, controls())
    assert options.hosts == ("north-fw1",)
    assert (options.records, options.waivers) == (None, None)
    assert options.formats == ("json", "html")
    assert options.fail_on == ("drift", "unreachable", "error", "unsupported")
    assert (options.directory, options.history_days) == ("reports", 90)


def test_what_is_given_is_taken() -> None:
    options = read_options(
        {
            "records": [drifted().as_dict(), drifted("south-fw1").small()],
            "waivers": [WAIVER],
            "directory": "/srv/reports",
            "formats": "csv, prometheus",
            "fail_on": [],
            "history_days": "30",
        },
        controls(),
    )
    assert [record.host for record in options.records or ()] == ["north-fw1", "south-fw1"]
    assert [waiver.control for waiver in options.waivers or ()] == ["FW-1"]
    assert options.formats == ("csv", "prometheus")
    assert options.fail_on == ()
    assert (options.directory, options.history_days) == ("/srv/reports", 30)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "posture_report.hosts: an empty list is not allowed; the names of hosts, or records: no device"),
        ({"hosts": []}, "posture_report.hosts: an empty list is not allowed"),
        ({"records": []}, "posture_report.hosts: an empty list is not allowed"),
        ({"hosts": "all"}, 'posture_report.hosts: "all" is not allowed; a list of names of hosts'),
        ({"hosts": ["a", 5]}, "posture_report.hosts[1]: 5 is not allowed; the name of a host"),
        ({"records": [{"host": "a"}]}, "posture_report.records[0].schema: missing"),
        ({"records": {"a": 1}}, "posture_report.records: a mapping with 1 key is not allowed; a list of records"),
        ({"waivers": [{}]}, "posture_report.waivers[0].control: missing"),
        ({"waivers": WAIVER}, "posture_report.waivers: a mapping with 5 keys is not allowed; a list of waivers"),
        ({"formats": ["pdf"]}, 'posture_report.formats: "pdf" is not allowed; a list of json, html, sites, junit'),
        ({"formats": "json,pdf"}, 'posture_report.formats: "pdf" is not allowed'),
        ({"formats": 5}, "posture_report.formats: 5 is not allowed"),
        ({"formats": [["json"]]}, "posture_report.formats: a list of 1 item is not allowed"),
        ({"fail_on": ""}, 'posture_report.fail_on: "" is not allowed; a list of compliant, drift'),
        ({"fail_on": " , "}, 'posture_report.fail_on: " , " is not allowed; a list of compliant, drift'),
        ({"fail_on": ["bad"]}, 'posture_report.fail_on: "bad" is not allowed; a list of compliant, drift'),
        ({"history_days": 0}, "posture_report.history_days: 0 is not allowed; days from 1 to 3660"),
        ({"directory": ""}, 'posture_report.directory: "" is not allowed; the path of a folder (voip_report_dir)'),
        ({"directory": 5}, "posture_report.directory: 5 is not allowed"),
        ({"dest": "x"}, "posture_report.dest: unknown key"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as caught:
        read_options(given, controls())
    assert any(str(error).startswith(told) for error in caught.value.errors)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        read_options({"hosts": 1, "formats": 2, "fail_on": 3, "history_days": 0, "waivers": [{}]}, controls())
    assert len(caught.value.errors) == 9
