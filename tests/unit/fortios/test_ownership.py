"""Which rows are ours, and for which concerns."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import apply_to, difference
from ansible_collections.voip.hardening.plugins.module_utils.document.model import TableId
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.compiler import compile_policy
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.memory import remember
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.ownership import (
    Ownership,
    bears_mark,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.tables import PATHS, scope_of
from ansible_collections.voip.hardening.plugins.module_utils.platforms.notes import Kept
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import DEFAULTS, SINGLETONS, document, read, refs

ALLOWLIST, VLAN = "sip_allowlist", "voice_vlan"
NAMED = [path for path in PATHS if path not in SINGLETONS and "name" in DEFAULTS[path]]


def table(path: str) -> TableId:
    return TableId("global" if scope_of(path) == "global" else "root", path)


@pytest.mark.parametrize("path", NAMED)
@pytest.mark.parametrize(
    ("name", "ours"),
    [("VOIPH-x", True), ("VOIPH-", True), ("VOIP-x", False), ("voiph-x", False), ("", False), ("my VOIPH-x", False)],
)
def test_named_rows(path: str, name: str, ours: bool) -> None:
    assert bears_mark(path, read(path) | {"name": name}) is ours


@pytest.mark.parametrize("path", ["firewall/local-in-policy", "firewall/local-in-policy6"])
def test_local_in_policies_by_their_comment(path: str) -> None:
    assert bears_mark(path, read(path, comments="VOIPH-block-sip-wan1"))
    assert not bears_mark(path, read(path, comments="see VOIPH-block-sip-wan1"))
    assert not bears_mark(path, read(path))


def test_dhcp_servers_by_their_interface() -> None:
    assert bears_mark("system.dhcp/server", read("system.dhcp/server", interface="VOIPH-VLAN40"))
    assert not bears_mark("system.dhcp/server", read("system.dhcp/server", interface="internal"))


RULES: dict[str, tuple[str, ...]] = {
    "VOIPH-allow-signalling": (ALLOWLIST, VLAN),
    "VOIPH-allow-media": (ALLOWLIST, VLAN),
    "VOIPH-allow-pbx-signalling": (ALLOWLIST,),
    "VOIPH-allow-pbx-media-wan1": (ALLOWLIST,),
    "VOIPH-pbx-out-signalling": (ALLOWLIST,),
    "VOIPH-pbx-out-media": (ALLOWLIST,),
    "VOIPH-block-sip-closed-in": (ALLOWLIST,),
    "VOIPH-block-rtp-in6": (ALLOWLIST,),
    "VOIPH-allow-voice-to-pbx": (VLAN,),
    "VOIPH-allow-pbx-to-voice": (VLAN,),
    "VOIPH-allow-dns": (VLAN,),
    "VOIPH-allow-ntp": (VLAN,),
    "VOIPH-allow-provisioning": (VLAN,),
    "VOIPH-voice-deny-out": (VLAN,),
    "VOIPH-voice-deny-in": (VLAN,),
    "VOIPH-of an earlier release": (ALLOWLIST, VLAN),
}


@pytest.mark.parametrize(("name", "owners"), RULES.items())
def test_concerns_of_a_rule(name: str, owners: tuple[str, ...]) -> None:
    row = read("firewall/policy", name=name, srcintf=refs("internal"))
    unit = document(changes={"firewall/policy": []})
    found = tuple(concern for concern in CONCERNS if Ownership(unit).claims(table("firewall/policy"), row, (concern,)))
    assert found == owners


def test_rules_for_an_interface_of_ours_go_with_it() -> None:
    row = read("firewall/policy", name="VOIPH-allow-media", srcintf=refs("VOIPH-VLAN40"))
    unit = document()
    assert Ownership(unit).claims(table("firewall/policy"), row, (ALLOWLIST,)) == ()
    assert Ownership(unit).claims(table("firewall/policy"), row, (VLAN,))


OTHERS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("firewall/local-in-policy", {"comments": "VOIPH-block-sip-wan1"}, (ALLOWLIST,)),
    ("firewall/local-in-policy6", {"comments": "VOIPH-block-sip-wan1"}, (ALLOWLIST,)),
    ("firewall/shaping-policy", {"name": "VOIPH-shape-media"}, (VLAN,)),
    ("system/interface", {"name": "VOIPH-VLAN40"}, (VLAN,)),
    ("system.lldp/network-policy", {"name": "VOIPH-voice"}, (VLAN,)),
    ("system.dhcp/server", {"interface": "VOIPH-VLAN40"}, (VLAN,)),
    ("firewall/address", {"name": "VOIPH-net-192.0.2.0-24"}, (ALLOWLIST, VLAN)),
    ("firewall.service/custom", {"name": "VOIPH-SIP"}, (ALLOWLIST, VLAN)),
    ("firewall/address", {"name": "theirs"}, ()),
    ("system/interface", {"name": "wan1"}, ()),
]


@pytest.mark.parametrize(("path", "changes", "owners"), OTHERS)
def test_concerns_of_other_rows(path: str, changes: dict[str, Any], owners: tuple[str, ...]) -> None:
    row, unit = read(path, **changes), document()
    assert tuple(c for c in CONCERNS if Ownership(unit).claims(table(path), row, (c,))) == owners


def test_while_one_concern_is_taken_away_shared_rules_stay_with_the_other() -> None:
    shared = {"policyid": 2, "name": "VOIPH-allow-media", "srcintf": refs("phones")}
    theirs = {"policyid": 3, "name": "VOIPH-voice-deny-in"}
    both = document(changes={"firewall/policy": [shared, theirs]})
    alone = document(changes={"firewall/policy": [shared]})
    row = read("firewall/policy", **shared)
    where = table("firewall/policy")
    assert Ownership(both).claims(where, row, (ALLOWLIST,), withdrawing=True) == ()
    assert Ownership(alone).claims(where, row, (ALLOWLIST,), withdrawing=True)
    assert Ownership(both).claims(where, row, (ALLOWLIST, VLAN), withdrawing=True)


def test_a_remembered_value_belongs_to_its_concern() -> None:
    setting = Kept("voice_vlan", table("system/settings"), "", "sip-expectation", "x" * 300, "disable", ("VLAN-1",))
    rows = [row for row, _controls in remember([], [setting])]
    assert len(rows) == 2
    edited = {"name": "VOIPH-was-0123456789ab", "comment": "edited by somebody"}
    unit = document(changes={"firewall/address": [*({k: r[k] for k in ("name", "comment")} for r in rows), edited]})
    owners = {
        row["name"]: tuple(c for c in CONCERNS if Ownership(unit).claims(table("firewall/address"), row, (c,)))
        for row in unit.rows(table("firewall/address"))
    }
    assert owners == {rows[0]["name"]: (VLAN,), rows[1]["name"]: (VLAN,), edited["name"]: CONCERNS}


def test_whatever_is_made_is_claimed_and_nothing_else() -> None:
    """Every row that a run makes bears the mark, and no row of a factory unit does."""
    policy = site(voice_vlan__parent_interface="internal", pbx={"address": "10.0.0.20"})
    start = document()
    desired, _remarks = compile_policy(policy, CONCERNS, start, ("root",))
    after = apply_to(start, difference(start, desired))
    for where, rows in after.tables.items():
        if after.spec(where).shape == "singleton":
            continue
        before = [start.spec(where).key_of(row) for row in start.rows(where)]
        for row in rows:
            made = after.spec(where).key_of(row) not in before
            assert bool(Ownership(after).claims(where, row, CONCERNS)) == made, f"{where} {row}"
