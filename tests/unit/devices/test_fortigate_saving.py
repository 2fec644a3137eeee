"""Transactions, and the three ways of saving the configuration."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.devices.fortigate import FortiGate, Op, factory_config
from tests.unit.devices.fortigate_client import CMDB, MONITOR, POLICY, Unit, factory, switched

ADDRESS = {"name": "VOIP-a", "subnet": "192.0.2.0/24"}


def start(unit: Unit, timeout: int = 60, token: str = "unit-test-token") -> str:
    reply = unit.send("POST", CMDB + "?action=transaction-start&vdom=root", {"timeout": timeout}, token)
    results = reply.json()["results"]
    return str(results.get("transaction-id") or results["transaction_id"])


def finish(unit: Unit, action: str, number: str) -> Any:
    return unit.send("POST", f"{CMDB}?action=transaction-{action}&vdom=root", {"transaction_id": int(number)})


def test_nothing_happens_before_commit() -> None:
    unit = factory()
    number = start(unit)
    before = unit.device.stored()
    reply = unit.write("POST", "firewall/address", ADDRESS, X_TRANSACTION_ID=number)
    assert reply["revision_changed"] is False
    group = {"name": "VOIP-g", "member": [{"name": "VOIP-a"}]}
    unit.write("POST", "firewall/addrgrp", group, X_TRANSACTION_ID=number)
    added = unit.write("POST", "firewall/policy", {**POLICY, "dstaddr": [{"name": "VOIP-g"}]}, X_TRANSACTION_ID=number)
    unit.write("PUT", f"firewall/policy/{added['mkey']}?action=move&before=1", X_TRANSACTION_ID=number)
    assert unit.device.stored() == before
    shown = unit.send("GET", f"{CMDB}?action=transaction-show&transaction_id={number}").json()["results"]["commands"]
    assert 'edit "VOIP-a"' in shown
    assert finish(unit, "commit", number).status == 200
    assert [row["policyid"] for row in unit.get("firewall/policy")] == [added["mkey"], 1]
    assert finish(unit, "commit", number).status == 500


def test_abort_drops_everything() -> None:
    unit = factory()
    before = unit.device.stored()
    number = start(unit)
    unit.write("POST", "firewall/address", ADDRESS, X_TRANSACTION_ID=number)
    assert finish(unit, "abort", number).status == 200
    assert unit.device.stored() == before
    assert unit.refused("POST", "firewall/address", ADDRESS, X_TRANSACTION_ID=number) == (500, -3)


def test_an_idle_transaction_expires() -> None:
    unit = factory()
    number = start(unit, timeout=60)
    unit.write("POST", "firewall/address", ADDRESS, X_TRANSACTION_ID=number)
    unit.device.advance(50)
    unit.write("PUT", "firewall/address/VOIP-a", {"comment": "x"}, X_TRANSACTION_ID=number)
    unit.device.advance(50)
    assert unit.send("GET", CMDB + "?action=transaction-list").json()["results"] != []
    unit.device.advance(61)
    assert unit.send("GET", CMDB + "?action=transaction-list").json()["results"] == []
    assert finish(unit, "commit", number).status == 500


def test_errors_at_the_request() -> None:
    unit = factory()
    number = start(unit)
    bad = {"name": "VOIP-g", "member": [{"name": "nobody"}]}
    assert unit.refused("POST", "firewall/addrgrp", bad, X_TRANSACTION_ID=number) == (500, -3)


def test_errors_at_commit_leave_everything_as_it_was() -> None:
    unit = switched(transaction_validation="commit")
    before = unit.device.stored()
    number = start(unit)
    unit.write("POST", "firewall/address", ADDRESS, X_TRANSACTION_ID=number)
    unit.write("POST", "firewall/addrgrp", {"name": "g", "member": [{"name": "nobody"}]}, X_TRANSACTION_ID=number)
    reply = finish(unit, "commit", number)
    assert (reply.status, reply.json()["error"]) == (500, -3)
    assert unit.device.stored() == before


def test_touched_objects_are_locked_for_others() -> None:
    unit = factory()
    number = start(unit)
    unit.write("PUT", "firewall/policy/1", {"comments": "x"}, X_TRANSACTION_ID=number)
    assert unit.refused("PUT", "firewall/policy/1", {"comments": "y"}) == (500, -37)
    unit.write("PUT", "firewall/address/all", {"comment": "free"})
    finish(unit, "abort", number)
    unit.write("PUT", "firewall/policy/1", {"comments": "y"})


def test_changes_of_others_survive_a_commit() -> None:
    unit = factory()
    number = start(unit)
    unit.write("POST", "firewall/address", ADDRESS, X_TRANSACTION_ID=number)
    unit.device.apply(Op("set", "firewall/policy", "root", ("1",), {"comments": "by hand"}))
    finish(unit, "commit", number)
    assert unit.get("firewall/policy/1")[0]["comments"] == "by hand"
    assert unit.get("firewall/address/VOIP-a")


@pytest.mark.parametrize(
    ("path", "body"),
    [("system/settings", {"opmode": "transparent"}), ("system/global", {"management-vdom": "root"}),
     ("system/console", {"output": "standard"})],
)
def test_what_a_transaction_does_not_take(path: str, body: dict[str, str]) -> None:
    unit = factory()
    assert unit.refused("PUT", path, body, X_TRANSACTION_ID=start(unit)) == (500, -61)


def test_a_transaction_belongs_to_one_vdom_and_one_account() -> None:
    unit = Unit(factory_config("7.4.4", vdoms=("root", "voice")))
    unit.device.add_api_user("other", "other-token")
    number = start(unit)
    assert unit.refused("POST", "firewall/address?vdom=voice", ADDRESS, X_TRANSACTION_ID=number) == (500, -37)
    reply = unit.send("POST", CMDB + "firewall/address", ADDRESS, "other-token", X_TRANSACTION_ID=number)
    assert reply.json()["error"] == -3


def test_releases_and_units_without_parts_of_it() -> None:
    old = factory("7.2.8")
    assert old.send("GET", f"{CMDB}?action=transaction-show&transaction_id={start(old)}").status == 405
    assert switched(transactions=False).send("POST", CMDB + "?action=transaction-start", {}).status == 405
    assert start(switched(transaction_id_key="transaction_id")) == "1"


# --- cfg-save --------------------------------------------------------------------------------------------------------


def unsaved(unit: Unit) -> bool:
    results = unit.send("GET", MONITOR + "system/config-revision").json()["results"]
    return bool(results["current_config_unsaved"])


def arm(unit: Unit, seconds: int = 300) -> None:
    unit.write("PUT", "system/global", {"cfg-save": "revert", "cfg-revert-timeout": seconds})


def test_automatic_saves_at_once() -> None:
    unit = factory()
    unit.write("POST", "firewall/address", ADDRESS)
    assert not unsaved(unit)
    unit.device.revert()
    assert unit.get("firewall/address/VOIP-a")


def test_unsaved_changes_are_reverted_and_connections_dropped() -> None:
    unit = factory()
    dropped: list[str] = []
    unit.device.on_drop.append(lambda: dropped.append("x"))
    arm(unit)
    assert not unsaved(unit)
    unit.device.advance(1000)
    assert unit.device.reverts == 0
    unit.write("POST", "firewall/address", ADDRESS)
    assert unsaved(unit)
    unit.device.advance(299)
    assert unit.get("firewall/address/VOIP-a")
    unit.device.advance(2)
    assert (unit.device.reverts, dropped) == (1, ["x"])
    assert unit.send("GET", CMDB + "firewall/address/VOIP-a").status == 404
    assert unit.get("system/global")["cfg-save"] == "revert"


def test_saving_disarms() -> None:
    unit = factory()
    arm(unit)
    unit.write("POST", "firewall/address", ADDRESS)
    assert unit.send("POST", MONITOR + "system/config/save").status == 200
    assert not unsaved(unit)
    unit.device.advance(1000)
    assert unit.device.reverts == 0
    assert unit.get("firewall/address/VOIP-a")
    unit.write("PUT", "firewall/address/VOIP-a", {"comment": "x"})
    unit.device.advance(301)
    assert unit.device.reverts == 1
    assert unit.get("firewall/address/VOIP-a")[0]["comment"] == ""


def test_going_back_to_automatic_saves() -> None:
    unit = factory()
    arm(unit)
    unit.write("POST", "firewall/address", ADDRESS)
    unit.write("PUT", "system/global", {"cfg-save": "automatic"})
    unit.device.advance(1000)
    assert unit.device.reverts == 0
    assert unit.get("firewall/address/VOIP-a")


def test_the_arming_itself_may_be_lost_too() -> None:
    unit = switched(arming_is_saved=False)
    arm(unit)
    unit.device.advance(301)
    assert unit.device.reverts == 1
    assert unit.get("system/global")["cfg-save"] == "automatic"


def test_a_revert_ends_sessions_and_transactions() -> None:
    unit = factory()
    arm(unit)
    number = start(unit, timeout=3600)
    unit.write("POST", "firewall/address", ADDRESS)
    unit.device.advance(301)
    assert finish(unit, "commit", number).status == 500


def test_manual_waits_for_a_save() -> None:
    unit = factory()
    unit.write("PUT", "system/global", {"cfg-save": "manual"})
    unit.write("POST", "firewall/address", ADDRESS)
    unit.device.advance(100000)
    assert unsaved(unit)
    unit.device.revert()
    assert unit.send("GET", CMDB + "firewall/address/VOIP-a").status == 404


def test_a_site_that_already_runs_manual_keeps_its_flash_apart() -> None:
    config = factory_config()
    config["global"]["system/global"]["cfg-save"] = "manual"
    unit = Unit(config)
    unit.write("POST", "firewall/address", ADDRESS)
    assert unsaved(unit)


def test_a_stored_configuration_makes_the_same_device_again() -> None:
    unit = factory()
    unit.write("POST", "firewall/address", ADDRESS)
    copy = FortiGate(json.loads(json.dumps(unit.device.stored())))
    assert copy.state() == unit.device.state()
