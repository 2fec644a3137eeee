"""What others build on our objects, and what they had before us, gets in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.managed import managed_by
from tests.support.policies import policy
from tests.support.states import MARK, assert_foreign_untouched, assert_same, is_ours
from tests.support.units import VERSIONS, Unit, start_config

Start = Callable[..., Unit]


def foreign_rule(name: str, **fields: Any) -> dict[str, Any]:
    """A policy of the site's own people."""
    return {
        "name": name,
        "srcintf": [{"name": "internal"}],
        "dstintf": [{"name": "wan1"}],
        "srcaddr": [{"name": "all"}],
        "dstaddr": [{"name": "all"}],
        "service": [{"name": "ALL"}],
        "schedule": "always",
        "action": "accept",
        **fields,
    }


@pytest.mark.parametrize("transactions", [True, False])
def test_what_others_use_of_ours_stays(transactions: bool, start: Start) -> None:
    """`deleted` leaves the objects that a rule of others refers to, and nothing else of ours; the rule is untouched."""
    unit = start("lived-in")
    unit.device.switches.transactions = transactions
    before = unit.state
    unit.run()
    unit.add(
        "firewall/policy",
        **foreign_rule("own", dstaddr=[{"name": "VOIPH-signalling"}], service=[{"name": "VOIPH-SIP"}]),
    )
    row = unit.row("firewall/policy", "own")
    assert unit.run(check=True)["plan"] == []
    unit.run(state="deleted")
    assert unit.row("firewall/policy", "own") == row
    left = {
        one["name"]
        for path in ("firewall/address", "firewall/addrgrp", "firewall.service/custom", "firewall/policy")
        for one in unit.rows(path)
        if is_ours(path, one)
    }
    assert left == {"VOIPH-signalling", "VOIPH-net-203.0.113.0-27", "VOIPH-SIP"}
    assert unit.run(state="deleted")["plan"] == []
    # Once nobody uses them any more they go as well.
    unit.remove("firewall/policy", row["policyid"])
    unit.run(state="deleted")
    assert_same(before, unit.state)


def test_a_rule_of_others_on_our_voice_vlan(start: Start) -> None:
    """Our interface stays as long as somebody's rule names it; everything else goes."""
    unit = start("factory")
    before = unit.state
    unit.run()
    key = unit.add("firewall/policy", **foreign_rule("printers", srcintf=[{"name": "VOIPH-VLAN40"}]))
    unit.run(state="deleted")
    assert [row["name"] for row in unit.rows("firewall/policy")] == ["", "printers"]
    assert unit.row("system/interface", "VOIPH-VLAN40")
    assert unit.run(state="deleted")["plan"] == []
    unit.remove("firewall/policy", key)
    unit.run(state="deleted")
    assert_same(before, unit.state)


def test_a_group_of_others_with_our_objects(start: Start) -> None:
    """A group of the site that took our address in survives `deleted` with its member."""
    unit = start("factory")
    unit.run()
    unit.add("firewall/addrgrp", name="Carriers", member=[{"name": "VOIPH-net-203.0.113.0-27"}])
    group = unit.row("firewall/addrgrp", "Carriers")
    unit.run(state="deleted")
    assert unit.row("firewall/addrgrp", "Carriers") == group
    assert unit.row("firewall/address", "VOIPH-net-203.0.113.0-27")


@pytest.mark.parametrize(
    "name", ["a", "operations-centre-night-shift-account", "Müller & Söhne <ops>", 'quote"d \\ name']
)
def test_accounts_of_every_name(name: str, start: Start) -> None:
    """Whatever an account is called, its trusted hosts are set, found right again, and given back."""
    config = start_config("factory", "7.4.4")
    config["global"]["system/admin"].append(
        {
            "name": name[:64],
            "accprofile": "super_admin",
            "vdom": [{"name": "root"}],
            "trusthost1": "192.0.2.0 255.255.255.0",
            "trusthost2": "198.51.100.0 255.255.255.0",
            "password": "ENC 1f0c",
        }
    )
    unit = start(config)
    before = unit.state
    unit.run("management_access")
    assert unit.run("management_access")["plan"] == []
    account = unit.row("system/admin", name[:64])
    assert account["trusthost1"] == "10.0.0.0 255.255.255.0"
    assert "192.0.2.0" not in repr(account)
    unit.run("management_access", state="deleted")
    assert_same(before, unit.state)


def test_many_accounts(start: Start) -> None:
    """Twenty accounts, each with trusted hosts of its own, all get them back."""
    config = start_config("lived-in", "7.4.4")
    for n in range(20):
        config["global"]["system/admin"].append(
            {
                "name": f"tech{n}",
                "accprofile": "prof_admin",
                "vdom": [{"name": "root"}],
                **{f"trusthost{i}": f"192.0.2.{n * 10 + i} 255.255.255.255" for i in range(1, 11)},
                "password": "ENC 1f0c",
            }
        )
    unit = start(config)
    before = unit.state
    unit.run()
    assert unit.run()["plan"] == []
    unit.run(state="deleted")
    assert_same(before, unit.state)


@pytest.mark.parametrize("version", VERSIONS)
def test_voip_profiles_on_rules_of_every_vdom(version: str, start: Start) -> None:
    """Rules that carry SIP lose their VoIP profile in each VDOM named, others keep theirs; all come back."""
    config = start_config("factory", version, vdoms=("root", "voice"))
    ports = config["global"]["system/interface"]
    for n, port in enumerate(("voice1", "voice2"), len(ports) + 1):
        ports.append({"name": port, "type": "physical", "vdom": "voice", "snmp-index": n})
    rule = foreign_rule("sip out", srcintf=[{"name": "voice1"}], dstintf=[{"name": "voice2"}])
    profile = {"utm-status": "enable", "voip-profile": "default"}
    config["vdom"]["voice"]["firewall/policy"] = [
        {"policyid": 1, **rule, **profile, "service": [{"name": "SIP"}]},
        {"policyid": 2, **rule, **profile, "name": "anything"},
        {"policyid": 3, **rule, **profile, "name": "web", "service": [{"name": "HTTPS"}]},
    ]
    unit = start(config, vdoms=("root", "voice"))
    before = unit.state
    unit.run("sip_alg", vdoms=["root", "voice"])
    assert unit.run("sip_alg", vdoms=["root", "voice"])["plan"] == []
    profiles = {row["name"]: row["voip-profile"] for row in unit.rows("firewall/policy", "voice")}
    assert profiles == {"sip out": "", "anything": "", "web": "default"}
    assert_foreign_untouched(before, unit.state, managed_by("sip_alg"))
    unit.run("sip_alg", vdoms=["root", "voice"], state="deleted")
    assert_same(before, unit.state)


def test_several_session_helpers_for_sip(start: Start) -> None:
    """Each helper called sip goes, by whatever number and port, and each comes back with its number."""
    config = start_config("factory", "7.4.4")
    config["global"]["system/session-helper"] += [
        {"id": 40, "name": "sip", "protocol": 6, "port": 5060},
        {"id": 41, "name": "sip", "protocol": 17, "port": 5080},
    ]
    unit = start(config)
    before = unit.state
    unit.run("sip_alg")
    assert [row for row in unit.rows("system/session-helper") if row["name"] == "sip"] == []
    assert len(unit.rows("system/session-helper")) == len(before["global"]["system/session-helper"]) - 3
    unit.run("sip_alg", state="deleted")
    assert_same(before, unit.state)


def test_a_vlan_id_on_several_parents(start: Start) -> None:
    """VLAN 40 on two parents, and the policy names none: refused with both named."""
    config = start_config("factory", "7.4.4")
    for n, parent in enumerate(("dmz", "internal1"), 20):
        config["global"]["system/interface"].append(
            {
                "name": f"v40-{parent}",
                "vdom": "root",
                "type": "vlan",
                "vlanid": 40,
                "interface": parent,
                "snmp-index": n,
            }
        )
    unit = start(config)
    failure = unit.fail(policy=policy(voice_vlan={"parent_interface": None}))
    assert "dmz" in failure.message
    assert "internal1" in failure.message
    assert unit.writes == []
    # Naming another parent makes a VLAN of ours there.
    before = unit.state
    unit.run(policy=policy(voice_vlan={"parent_interface": "internal"}))
    assert unit.row("system/interface", "VOIPH-VLAN40")["interface"] == "internal"
    unit.run(state="deleted")
    assert_same(before, unit.state)


def test_numbers_are_never_taken_over(start: Start) -> None:
    """New rows get numbers that nobody has, though the highest are in use."""
    config = start_config("lived-in", "7.4.4")
    for number in (4000, 70_000):
        config["vdom"]["root"]["firewall/policy"].append({"policyid": number, **foreign_rule(f"high {number}")})
    unit = start(config)
    before = unit.state
    unit.run()
    assert_foreign_untouched(before, unit.state, managed_by("firewall"))
    numbers = [row["policyid"] for row in unit.rows("firewall/policy")]
    assert len(set(numbers)) == len(numbers)
    unit.run(state="deleted")
    assert_same(before, unit.state)


def test_objects_of_others_with_a_similar_name(start: Start) -> None:
    """`VOIP-` and `voiph-` are names of the site's own; only our mark, as it is written, is ours."""
    unit = start("factory")
    for name in ("VOIP-Provider", "voiph-test", "VOIPHONE", "XVOIPH-1"):
        unit.add("firewall/address", name=name, subnet="192.0.2.1 255.255.255.255")
    before = unit.state
    unit.run()
    unit.run(state="deleted")
    assert_same(before, unit.state)
    assert not [row for row in unit.rows("firewall/address") if row["name"].startswith(MARK)]
