"""One commit a run where the unit has transactions, the same result where it has none or they work differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.devices.fortigate import Op, Switches
from tests.support.states import assert_same
from tests.support.units import CONFIGS, VERSIONS, Unit

Start = Callable[..., Unit]


def actions(unit: Unit) -> list[str]:
    """The transaction requests so far, in order."""
    sent = [entry["query"] for entry in unit.writes if entry["path"] == "/api/v2/cmdb"]
    return [value for query in sent for name, value in query if name == "action"]


def hardened(start: Start, config: str, version: str = "7.4.4", **switches: Any) -> Unit:
    """A unit hardened under these switches; the second run finds nothing."""
    unit = start(config, version, switches=Switches(**switches))
    unit.run()
    assert unit.run(check=True)["plan"] == []
    return unit


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("version", VERSIONS)
def test_one_commit_a_run(version: str, config: str, start: Start) -> None:
    """All changes of a plan go into one transaction, which is committed once; only the rollback is outside it."""
    unit = hardened(start, config, version)
    assert actions(unit) == ["transaction-start", "transaction-commit"]
    outside = [
        entry
        for entry in unit.writes
        if not entry["transaction"] and entry["path"] not in ("/api/v2/cmdb", "/api/v2/monitor/system/config/save")
    ]
    assert {tuple(entry["body"]) for entry in outside} <= {("cfg-save", "cfg-revert-timeout")}
    assert not unit.device.workspace.open


VARIANTS: dict[str, dict[str, Any]] = {
    "none": {"transactions": False},
    "checked at commit": {"transaction_validation": "commit"},
    "other spelling of the number": {"transaction_id_key": "transaction_id"},
    "older rejections": {"rejection_status": 424},
    "unknown keys ignored": {"unknown_keys": "ignore"},
    "ports as numbers": {"sip_ports": "integer"},
    "ports as a list": {"sip_ports": "list"},
}


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_leads_to_the_same_state(variant: str, config: str, start: Start) -> None:
    """Whatever the release is like, the hardened unit is the same, and nothing unknown to it was sent."""
    plain = hardened(start, config)
    unit = hardened(start, config, **VARIANTS[variant])
    assert_same(plain.state, unit.state, numbers=False)
    assert unit.device.ignored_keys == []
    if variant == "none":
        assert actions(unit) == ["transaction-start"]


def test_a_unit_without_transactions_is_written_in_order(start: Start) -> None:
    """Provider traffic flows at every step: allow rules stand before the rules that block, at each moment."""
    unit = start("lived-in", switches=Switches(transactions=False))
    orders: list[list[str]] = []
    config = unit.device.config
    unit.device.on_change.append(lambda: orders.append([row["name"] for row in config.rows("firewall/policy", "root")]))
    unit.run()
    blocked = "VOIPH-voice-deny-out"
    seen = [order for order in orders if blocked in order]
    assert seen
    for order in seen:
        for allowed in ("VOIPH-allow-signalling", "VOIPH-allow-media"):
            assert order.index(allowed) < order.index(blocked), order


def test_several_vdoms_use_no_transaction(start: Start) -> None:
    """A transaction belongs to one VDOM, and global tables to none: with several VDOMs there is none."""
    unit = start("factory", vdoms=("root", "voice"))
    unit.run(vdoms=["root", "voice"])
    assert actions(unit) == []


def test_a_transaction_of_somebody_else_is_in_the_way(start: Start) -> None:
    """An object that another administrator has locked: the reason is told, the unit is as it was."""
    unit = start("lived-in")
    before = unit.state
    device = unit.device
    other = device.workspace.start(device.config, "root", "someone-else", 300, device.now())
    other.touched.add(("system/settings", "", ""))
    other.ops.append(Op("set", "system/settings", "root", (), {}))
    other.touched.add(("firewall/policy", "root", "5"))
    failure = unit.fail("sip_alg")
    assert "firewall/policy" in failure.message
    assert failure.result["outcome"] == "old state restored"
    assert_same(before, unit.state)
