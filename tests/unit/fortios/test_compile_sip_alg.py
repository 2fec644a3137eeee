"""SIP ALG off: the four conditions of Fortinet documents 147933 and 211669, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import apply_to, difference
from ansible_collections.voip.hardening.plugins.module_utils.document.model import RowId, TableId
from tests.unit.fortios.compiled import compiled, kept, owned
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import V700, V744, Version, Wire, document, refs

POLICY = site()
SETTINGS = {
    "default-voip-alg-mode": "kernel-helper-based",
    "sip-expectation": "disable",
    "sip-nat-trace": "disable",
}
HELPERS = TableId("global", "system/session-helper")


def rule(**changes: Any) -> Wire:
    return {
        "policyid": 7,
        "action": "accept",
        "srcintf": refs("internal"),
        "dstintf": refs("wan1"),
        "srcaddr": refs("all"),
        "dstaddr": refs("all"),
        "service": refs("SIP"),
        **changes,
    }


@pytest.mark.parametrize("version", [V700, V744])
def test_a_factory_unit(version: Version) -> None:
    desired, remarks = compiled(POLICY, document(version), "sip_alg")
    assert kept(desired) == {("root:system/settings", ""): SETTINGS}
    assert desired.removed == {RowId(HELPERS, 13): ("FW-3",)}
    assert all(entry.controls == ("FW-3",) for entry in desired.settings.values())
    assert {row["name"][:10] for row in owned(desired, "firewall/address")} == {"VOIPH-was-"}
    assert remarks == []


def test_every_helper_called_sip_goes_and_no_other() -> None:
    rows = [
        {"id": 3, "name": "sip", "protocol": 17, "port": 5060},
        {"id": 21, "name": "sip", "protocol": 6, "port": 5061},
        {"id": 4, "name": "h323", "protocol": 6, "port": 1720},
    ]
    desired, _remarks = compiled(POLICY, document(changes={"system/session-helper": rows}), "sip_alg")
    assert {row_id.key for row_id in desired.removed} == {3, 21}


def test_a_unit_without_the_helper() -> None:
    desired, _remarks = compiled(POLICY, document(changes={"system/session-helper": []}), "sip_alg")
    assert desired.removed == {}


PROFILES: dict[str, tuple[Wire, Wire | None]] = {
    "SIP": (rule(**{"voip-profile": "default"}), {"voip-profile": ""}),
    "the filter of 7.2.5": (rule(**{"ips-voip-filter": "strict"}), {"ips-voip-filter": ""}),
    "both": (
        rule(**{"voip-profile": "default", "ips-voip-filter": "strict"}),
        {"voip-profile": "", "ips-voip-filter": ""},
    ),
    "everything": (rule(**{"voip-profile": "default", "service": refs("ALL")}), {"voip-profile": ""}),
    "an unknown service": (rule(**{"voip-profile": "default", "service": refs("gone")}), {"voip-profile": ""}),
    "no service": (rule(**{"voip-profile": "default", "service": []}), {"voip-profile": ""}),
    "switched off": (rule(**{"voip-profile": "default", "status": "disable"}), {"voip-profile": ""}),
    "no profile": (rule(), None),
    "another service": (rule(**{"voip-profile": "default", "service": refs("HTTP")}), None),
    "denied": (rule(**{"voip-profile": "default", "action": "deny"}), None),
}


@pytest.mark.parametrize(("row", "expected"), PROFILES.values(), ids=PROFILES)
def test_profiles_go_from_the_policies_that_carry_sip(row: Wire, expected: Wire | None) -> None:
    desired, _remarks = compiled(POLICY, document(changes={"firewall/policy": [row]}), "sip_alg")
    assert kept(desired).get(("root:firewall/policy", 7)) == expected


def test_the_providers_own_ports_count_as_sip() -> None:
    policy = site({"sip_ports": {"tls": [5081]}})
    rows = {"firewall.service/custom": [{"name": "theirs", "tcp-portrange": "5081"}]}
    unit = document(changes={"firewall/policy": [rule(service=refs("theirs"), **{"voip-profile": "default"})], **rows})
    desired, _remarks = compiled(policy, unit, "sip_alg")
    assert ("root:firewall/policy", 7) in kept(desired)


def test_every_vdom_that_voice_crosses() -> None:
    unit = document(changes={"firewall/policy": [rule(**{"voip-profile": "default"})]}, vdoms=("root", "voice"))
    desired, _remarks = compiled(POLICY, unit, "sip_alg", vdoms=("root", "voice"))
    assert set(kept(desired)) == {
        (f"{vdom}:{path}", key)
        for vdom in ("root", "voice")
        for path, key in (("system/settings", ""), ("firewall/policy", 7))
    }


def test_a_unit_with_the_alg_off_is_left_alone() -> None:
    unit = document(changes={"system/settings": [SETTINGS], "system/session-helper": []})
    desired, _remarks = compiled(POLICY, unit, "sip_alg")
    assert difference(unit, desired) == []


def test_a_second_run_changes_nothing() -> None:
    unit = document(added={"firewall/policy": [rule(**{"voip-profile": "default"})]})
    after = apply_to(unit, difference(unit, compiled(POLICY, unit, "sip_alg")[0]))
    assert difference(after, compiled(POLICY, after, "sip_alg")[0]) == []
