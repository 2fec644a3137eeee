"""A unit that nobody has configured, for `state: rendered`."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import difference
from ansible_collections.voip.hardening.plugins.module_utils.document.model import TableId
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.blank import blank_document
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.platform import FortiOS, Options
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.tables import PATHS, specs_for
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from tests.unit.fortios.compiled import compiled
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import SINGLETONS, V700, V725, V744, V764, Version, read

POLICY = site(voice_vlan__parent_interface="internal", wan_interfaces=["wan1", "wan2"])
VERSIONS = (V700, V725, V744, V764)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_table_is_there_with_every_field(version: Version) -> None:
    unit = blank_document(POLICY, ("root",), version)
    assert {table.path for table in unit.tables} == set(PATHS)
    for table, rows in unit.tables.items():
        for row in rows:
            fields = specs_for(version)[table.path].fields
            assert set(row) == {name for name, field in fields.items() if field.counts_in(row)}, table


@pytest.mark.parametrize("path", sorted(SINGLETONS))
def test_settings_are_those_of_the_factory(path: str) -> None:
    unit = blank_document(POLICY, ("root",), V744)
    table = next(table for table in unit.tables if table.path == path)
    assert unit.singleton(table) == read(path)


def test_the_account_and_the_helper_of_the_factory() -> None:
    unit = blank_document(POLICY, ("root",), V744)
    assert unit.rows(TableId("global", "system/admin")) == [read("system/admin")]
    assert read("system/session-helper") in unit.rows(TableId("global", "system/session-helper"))


def test_the_interfaces_are_those_that_the_policy_names() -> None:
    unit = blank_document(POLICY, ("root",), V744)
    found = {row["name"]: row["role"] for row in unit.rows(TableId("global", "system/interface"))}
    assert found == {"wan1": "wan", "wan2": "wan", "internal": "lan"}
    assert "https" in unit.rows(TableId("global", "system/interface"))[0]["allowaccess"]


def test_a_policy_that_names_no_interfaces_has_usual_ones() -> None:
    found = blank_document(site(), ("root",), V744).rows(TableId("global", "system/interface"))
    assert [row["role"] for row in found] == ["wan", "lan"]


def test_tables_of_every_vdom() -> None:
    unit = blank_document(POLICY, ("root", "voice"), V744)
    assert TableId("voice", "system/settings") in unit.tables
    assert TableId("voice", "system/global") not in unit.tables
    assert {row["vdom"] for row in unit.rows(TableId("global", "system/interface"))} == {"root"}


@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_hardened_by_requests_that_can_be_shown(version: Version) -> None:
    platform = FortiOS()
    observed = platform.offline(POLICY, Options(("root",), version))
    desired, _remarks = platform.compile(POLICY, CONCERNS, observed)
    requests = platform.render(difference(observed.document, desired), observed)
    assert observed.about["version"] == ".".join(map(str, version))
    assert {request["method"] for request in requests} == {"POST", "PUT", "DELETE"}
    assert {request["params"]["vdom"] for request in requests} == {"root"}
    paths = [request["path"] for request in requests]
    assert "/api/v2/cmdb/system/session-helper/13" in paths
    assert paths.index("/api/v2/cmdb/firewall/address") < paths.index("/api/v2/cmdb/firewall/policy")


@pytest.mark.parametrize("address", ["10.0.0.20", "10.0.0.1", "192.168.7.254", "10.40.0.20"])
def test_a_pbx_is_taken_to_be_on_the_lan_or_among_the_phones(address: str) -> None:
    policy = site(
        voice_vlan__parent_interface="internal", voice_vlan__dhcp_first="10.40.0.100", pbx={"address": address}
    )
    unit = blank_document(policy, ("root",), V744)
    desired, _remarks = compiled(policy, unit, *CONCERNS)
    vips = next(entries for table, entries in desired.owned.items() if table.path == "firewall/vip")
    assert {entry.row["mappedip"] for entry in vips} == {(address,)}
    assert address not in {str(row["ip"]).partition("/")[0] for row in unit.rows(TableId("global", "system/interface"))}


def test_nothing_of_ours_is_there() -> None:
    unit = blank_document(POLICY, ("root",), V744)
    desired, _remarks = compiled(POLICY, unit, *CONCERNS)
    assert {change.action for change in difference(unit, desired)} == {"create", "update", "delete"}
