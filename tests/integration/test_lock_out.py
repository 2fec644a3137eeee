"""The way by which a unit is managed stays open: the guard, the automatic rollback, and what the site had set of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.devices.fortigate import Switches
from tests.support.policies import policy
from tests.support.states import assert_same
from tests.support.units import CONFIGS, VERSIONS, Unit, start_config

Start = Callable[..., Unit]

WAN_HOST = "127.0.3.1"


def reached_by_wan(version: str = "7.4.4") -> dict[str, Any]:
    """A unit whose WAN address is the one that we connect to."""
    config = start_config("factory", version, management_ip="192.168.1.99")
    (wan,) = (row for row in config["global"]["system/interface"] if row["name"] == "wan1")
    wan["ip"] = f"{WAN_HOST} 255.0.0.0"
    return config


@pytest.mark.parametrize("module", ["firewall", "management_access"])
def test_through_the_wan_is_refused(module: str, start: Start) -> None:
    """Closing HTTPS on the interface by which we came is refused before any write; check mode says so beforehand."""
    unit = start(reached_by_wan(), host=WAN_HOST)
    before = unit.state
    remarks = " ".join(unit.run(module, check=True)["remarks"])
    assert "a run would be refused" in remarks
    assert "wan1" in remarks
    failure = unit.fail(module)
    assert "wan1" in failure.message
    assert WAN_HOST in failure.message
    assert unit.writes == []
    assert unit.state == before


def test_other_concerns_work_through_the_wan(start: Start) -> None:
    """Only what would close the way is refused."""
    unit = start(reached_by_wan(), host=WAN_HOST)
    before = unit.state
    concerns = ["sip_alg", "sip_allowlist", "voice_vlan"]
    assert unit.run(concerns=concerns)["changed"]
    assert unit.run(concerns=concerns)["plan"] == []
    unit.run(concerns=concerns, state="deleted")
    assert_same(before, unit.state)


def test_controller_outside_the_management_networks(start: Start) -> None:
    """We come from an address that would not be trusted any more: refused before any write."""
    unit = start("factory")
    before = unit.state
    elsewhere = policy(management={"controller_address": None})
    assert "a run would be refused" in " ".join(unit.run(check=True, policy=elsewhere)["remarks"])
    failure = unit.fail(policy=elsewhere)
    assert "127.0.0.1" in failure.message
    assert "controller_address" in failure.message
    assert unit.writes == []
    assert unit.state == before


def test_a_declared_controller_address_must_be_a_management_address(start: Start) -> None:
    """A `controller_address` outside the networks is bad input, not a way round the guard."""
    unit = start("factory")
    failure = unit.fail(policy=policy(management={"controller_address": "192.0.2.1"}))
    assert "voip_policy.management.controller_address" in failure.message
    assert unit.device.counters.connections == 0


def is_arming(entry: dict[str, Any]) -> bool:
    """Whether a write switches the automatic rollback on."""
    return entry["path"].endswith("system/global") and (entry["body"] or {}).get("cfg-save") == "revert"


def is_disarming(entry: dict[str, Any]) -> bool:
    """Whether a write switches it off."""
    return entry["path"].endswith("system/global") and (entry["body"] or {}).get("cfg-save") == "automatic"


@pytest.mark.parametrize("arming_is_saved", [True, False])
@pytest.mark.parametrize("transactions", [True, False])
@pytest.mark.parametrize("version", VERSIONS)
def test_rollback_is_armed_first_and_disarmed_last(
    version: str, transactions: bool, arming_is_saved: bool, start: Start
) -> None:
    """The first write arms it, then comes the plan, a save, and the last write disarms it with the site's time-out."""
    unit = start("lived-in", version, switches=Switches(transactions=transactions, arming_is_saved=arming_is_saved))
    unit.edit("system/global", "", cfg_revert_timeout=456)
    unit.run()
    writes = unit.writes
    assert is_arming(writes[0])
    assert is_disarming(writes[-1])
    assert writes[-1]["body"]["cfg-revert-timeout"] == 456
    assert writes[-2]["path"] == "/api/v2/monitor/system/config/save"
    assert [is_arming(entry) or is_disarming(entry) for entry in writes].count(True) == 2
    assert unit.setting("system/global", "cfg-save") == "automatic"
    assert unit.setting("system/global", "cfg-revert-timeout") == 456
    # Nothing is waiting to go off.
    hardened = unit.state
    unit.device.advance(10_000)
    assert unit.device.reverts == 0
    assert unit.state == hardened
    assert not unit.device.unsaved


@pytest.mark.parametrize("concern", ["sip_alg", "sip_allowlist", "voice_vlan"])
def test_rollback_is_not_armed_without_need(concern: str, start: Start) -> None:
    """A plan that touches no way of management needs none."""
    unit = start("lived-in")
    unit.run(concern)
    assert not any(is_arming(entry) for entry in unit.writes)


@pytest.mark.parametrize("mode", ["manual", "revert"])
@pytest.mark.parametrize("config", CONFIGS)
def test_a_site_that_saves_by_hand_keeps_its_mode_and_gets_a_save(config: str, mode: str, start: Start) -> None:
    """What was written survives a reboot; mode and time-out of the site stay."""
    unit = start(config)
    unit.edit("system/global", "", cfg_save=mode, cfg_revert_timeout=900)
    unit.device.save()
    before = unit.state
    unit.run()
    assert unit.setting("system/global", "cfg-save") == mode
    assert unit.setting("system/global", "cfg-revert-timeout") == 900
    assert not unit.device.unsaved
    hardened = unit.state
    unit.device.advance(10_000)
    assert unit.state == hardened
    assert unit.run()["plan"] == []
    unit.run(state="deleted")
    assert not unit.device.unsaved
    assert_same(before, unit.state)


def test_a_leftover_rollback_is_disarmed_by_the_next_run(start: Start) -> None:
    """A controller died between arming and disarming: the next run puts that right, check mode shows it."""
    unit = start("factory")
    unit.run()
    hardened = unit.state
    unit.edit("system/global", "", cfg_save="revert", cfg_revert_timeout=307)
    shown = unit.run(check=True)
    assert len(shown["plan"]) == 1
    assert "cfg-save revert -> automatic" in shown["plan"][0]
    assert unit.run()["plan"] == shown["plan"]
    assert unit.run()["plan"] == []
    assert_same(hardened, unit.state)
    unit.device.advance(10_000)
    assert_same(hardened, unit.state)


def test_a_leftover_rollback_is_disarmed_by_taking_back_too(start: Start) -> None:
    """`deleted` does the same."""
    unit = start("factory")
    before = unit.state
    unit.run()
    unit.edit("system/global", "", cfg_save="revert", cfg_revert_timeout=307)
    unit.run(state="deleted")
    assert_same(before, unit.state)
    unit.device.advance(10_000)
    assert_same(before, unit.state)


@pytest.mark.parametrize("transactions", [True, False])
def test_a_controller_that_dies_is_rolled_back(transactions: bool, start: Start) -> None:
    """From the middle of the plan on no connection works: the message says when the unit goes back, and it does."""
    unit = start("factory", switches=Switches(transactions=transactions), timeout=5)
    before = unit.state
    unit.device.faults.plant(kind="cut-before", path="firewall/policy", method="POST", at=3)
    # The connection that starts with the run works; all later ones are refused.
    refuse = unit.device.faults.plant(kind="refuse")
    refuse.struck = refuse.seen = -1
    refuse.times = 0
    original = unit.device.faults.refuses_connection
    count = iter(range(1_000_000))
    unit.device.faults.refuses_connection = lambda: next(count) > 0 and original()  # type: ignore[method-assign]
    failure = unit.fail()
    assert "needs another run" in failure.result["outcome"]
    assert "307 s" in failure.result["outcome"]
    unit.device.faults.clear()
    unit.device.advance(400)
    unit.device.advance(400)
    assert_same(_without_save_mode(before), _without_save_mode(unit.state))
    unit.run()
    assert unit.run()["plan"] == []
    assert unit.setting("system/global", "cfg-save") == "automatic"
    unit.run(state="deleted")
    # What the site had set as its time-out is lost with the controller that knew it.
    assert_same(before, unit.state)


def _without_save_mode(state: dict[str, Any]) -> dict[str, Any]:
    state = copy.deepcopy(state)
    for name in ("cfg-save", "cfg-revert-timeout"):
        del state["global"]["system/global"][name]
    return state


PASSWORD = "Test-Passw0rd!"


@pytest.mark.parametrize("transactions", [True, False])
def test_a_login_that_is_refused_afterwards(transactions: bool, start: Start) -> None:
    """The controller's declared address is not the one that the unit sees: it rolls back by itself, and that is told.

    The account's session ends with its trusted hosts, so that nothing can be taken back by us.
    """
    unit = start("factory", switches=Switches(transactions=transactions), seen_as="192.0.2.50")
    unit.device.set_password("admin", PASSWORD)
    before = unit.state
    failure = unit.fail("management_access", access_token=None, username="admin", password=PASSWORD)
    assert "needs another run" in failure.result["outcome"]
    assert "307 s" in failure.result["outcome"]
    assert PASSWORD not in repr(failure.message) + repr(failure.result)
    unit.device.advance(308)
    assert_same(_without_save_mode(before), _without_save_mode(unit.state))
    # With the right address the next run gets there and puts the rollback's switch right.
    right = policy(management={"networks": ["10.0.0.0/24", "192.0.2.0/24"], "controller_address": "192.0.2.50"})
    login: dict[str, Any] = {"access_token": None, "username": "admin", "password": PASSWORD, "policy": right}
    unit.run("management_access", **login)
    assert unit.run("management_access", **login)["plan"] == []
    assert unit.setting("system/global", "cfg-save") == "automatic"
    unit.device.advance(10_000)
    assert unit.run("management_access", **login)["plan"] == []


@pytest.mark.parametrize("concern", ["firewall", "management_access"])
def test_a_session_login_from_a_management_address(concern: str, start: Start) -> None:
    """An account whose trusted hosts are narrowed goes on working from there, and from nowhere else."""
    unit = start("lived-in", seen_as="10.0.0.10")
    unit.device.set_password("admin", PASSWORD)
    before = unit.state
    login: dict[str, Any] = {"access_token": None, "username": "admin", "password": PASSWORD}
    unit.run(concern, **login)
    assert unit.run(concern, **login)["plan"] == []
    unit.device.seen_as = "192.0.2.50"
    assert unit.fail(concern, **login).message
    unit.device.seen_as = "10.0.0.10"
    unit.run(concern, state="deleted", **login)
    assert_same(before, unit.state)
