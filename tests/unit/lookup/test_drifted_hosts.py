"""A remediation is for the devices that are named, and refused where anything else is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError

from ansible_collections.voip.hardening.plugins.lookup.drifted_hosts import NEEDED, named

GROUPS = {
    "all": ["fw1", "fw2", "desk-1", "db1"], "firewalls": ["fw1", "fw2"], "phones": ["desk-1"], "office": ["fw1"],
}  # fmt: skip


def refused(limit: Any, file: str | None = None) -> list[str]:
    with pytest.raises(AnsibleLookupError) as error:
        named(limit, file, GROUPS)
    return str(error.value).splitlines()


@pytest.mark.parametrize("limit", ["fw2,desk-1", " fw2 , desk-1", ["fw2", "desk-1"], "fw2,desk-1,fw2"])
def test_names_are_taken_in_their_order(limit: Any) -> None:
    assert named(limit, None, GROUPS) == ["fw2", "desk-1"]


@pytest.mark.parametrize(
    "name",
    ["all", "*", "fw*", "firewalls", "office", "db1", "fw1:fw2", "!fw1", "~fw.", "fw1[0]", "fw3", "", "localhost"],
)
def test_everything_but_a_device_is_refused_by_name(name: str) -> None:
    assert refused(["fw1", name]) == [f'voip_drift_limit[1]: "{name}" is not allowed; {NEEDED}']
    assert refused(f"fw1,{name}") == [f'voip_drift_limit[1]: "{name}" is not allowed; {NEEDED}']


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert [line.partition(":")[0] for line in refused(["all", "fw1", None, 7])] == [
        "voip_drift_limit[0]", "voip_drift_limit[2]", "voip_drift_limit[3]",
    ]  # fmt: skip


@pytest.mark.parametrize("limit", ["", "  ", [], {}])
def test_an_empty_list_is_refused(limit: Any) -> None:
    assert refused(limit)[0].startswith("voip_drift_limit: an empty list is not allowed")


@pytest.mark.parametrize(("limit", "shown"), [(7, "7"), (True, "true"), ({"fw1": 1}, "a mapping with 1 key")])
def test_what_is_no_list_is_refused(limit: Any, shown: str) -> None:
    assert refused(limit)[0].startswith(f"voip_drift_limit: {shown} is not allowed")


def test_exactly_one_source_is_needed() -> None:
    assert refused(None) == refused("fw1", "report.json")
    assert refused(None)[0].startswith("voip_drift_limit, voip_report_file: one of the two is needed")


@pytest.mark.parametrize("name", ["fw1:fw2", "!fw1", "&fw1", "fw1,fw2", "fw1 fw2"])
def test_a_device_whose_name_means_others_is_refused(name: str) -> None:
    with pytest.raises(AnsibleLookupError, match="takes for no pattern"):
        named([name], None, {"firewalls": ["fw1", "fw2", "fw3", name]})


@pytest.mark.parametrize("name", ["office", "2001:db8::1", "192.0.2.1", "fw1.example.com", "fw_1", "büro-1"])
def test_a_device_may_be_called_as_hosts_are(name: str) -> None:
    """Ansible looks for a host before it looks for a group."""
    assert named([name], None, {"firewalls": [name], "office": ["fw1"]}) == [name]


def written(folder: Path, *devices: dict[str, Any], days: float = 0) -> str:
    """A report that was made so many days ago."""
    path = folder / "report.json"
    made = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path.write_text(json.dumps({"generated_at": made, "devices": devices}), encoding="utf-8")
    return str(path)


def test_of_a_report_the_devices_that_a_run_would_change(tmp_path: Path) -> None:
    file = written(
        tmp_path, {"host": "fw1", "remediable": False}, {"host": "fw2", "remediable": True},
        {"host": "desk-1", "remediable": True},
    )  # fmt: skip
    assert named(None, file, GROUPS) == ["fw2", "desk-1"]


def test_a_report_without_drift_or_of_another_inventory_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, {"host": "fw1", "remediable": False})
    assert refused(None, file)[0].startswith("voip_report_file: an empty list is not allowed")
    file = written(tmp_path, {"host": "elsewhere-fw1", "remediable": True})
    assert refused(None, file) == [f'voip_report_file[0]: "elsewhere-fw1" is not allowed; {NEEDED}']


@pytest.mark.parametrize("text", [None, "", "[]", "{", '{"devices": 1}', '{"devices": [{"host": "fw1"}]}', '"fw1"'])
def test_what_is_no_report_is_refused(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert refused(None, str(path))[0].startswith(f"voip_report_file: {path}: it is not a report in JSON")


@pytest.mark.parametrize("days", [3.01, 400, -4])
def test_an_old_report_is_refused(days: float, tmp_path: Path) -> None:
    """Or one of a clock that goes wrong."""
    file = written(tmp_path, {"host": "fw1", "remediable": True}, days=days)
    (line,) = refused(None, file)
    assert line.startswith(f"voip_report_file: {file}: it is of 20")
    assert line.endswith("one of the last 3 days is needed, which drift.yml makes")


def test_the_report_of_friday_is_good_on_monday(tmp_path: Path) -> None:
    assert named(None, written(tmp_path, {"host": "fw1", "remediable": True}, days=2.9), GROUPS) == ["fw1"]
