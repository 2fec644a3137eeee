"""Administrators from outside: the access list, and when it counts."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.devices.vigor import Vigor
from tests.unit.draytek.runs import run, site_policy
from tests.unit.draytek.units import LARGE, MODELS, SMALL, unit

POLICY = {**site_policy(), "management": {"networks": ["192.168.1.0/24", "198.51.100.0/28"]}}
ONLY = {"policy": POLICY, "concerns": ["management_access"]}


def waits(result: dict[str, list[str]]) -> bool:
    """Whether the unit has to be started again."""
    return any(line.startswith("restart:") for line in result["pending"])


@pytest.mark.parametrize("model", MODELS)
def test_the_list_lets_in_who_is_outside_and_goes_again(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    device = unit(model, "lived-in")
    before = device.stored()
    shown = run(monkeypatch, device, check=True, **ONLY)
    done = run(monkeypatch, device, **ONLY)
    assert done["plan"] == shown["plan"]
    assert [line for line in done["plan"] if line.startswith("create mngt accesslist")]
    assert run(monkeypatch, device, check=True, **ONLY)["plan"] == []
    run(monkeypatch, device, state="deleted", concerns=["management_access"])
    assert device.stored() == before


@pytest.mark.parametrize(("model", "later"), [(SMALL, False), (LARGE, True)])
def test_a_list_that_counts_from_the_next_start_waits_for_it(
    model: str, later: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = unit(model, "lived-in")
    assert waits(run(monkeypatch, device, check=True, **ONLY)) is later
    assert waits(run(monkeypatch, device, **ONLY)) is later
    assert waits(run(monkeypatch, device, **ONLY)) is later


def test_a_check_tells_what_a_later_run_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a unit started is worked out from two clocks, and differs by a second from one look to the next."""
    device = unit(LARGE)
    clock = 1764066000.0
    monkeypatch.setattr(time, "time", lambda: clock)
    shown = run(monkeypatch, device, check=True, policy=POLICY)
    clock += 1
    done = run(monkeypatch, device, policy=POLICY)
    assert (done["plan"], done["diff"]) == (shown["plan"], shown["diff"])
    clock += 1
    assert run(monkeypatch, device, policy=POLICY)["plan"] == []


def test_the_list_goes_with_its_objects_and_leaves_those_of_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    device = unit(SMALL, "lived-in")
    run(monkeypatch, device, policy=site_policy())
    without_list = device.stored()
    device = unit(SMALL, "lived-in")
    run(monkeypatch, device, policy=POLICY)
    assert networks(device) > networks_of(without_list)
    run(monkeypatch, device, state="deleted", concerns=["management_access"])
    assert networks(device) == networks_of(without_list)
    others = ["sip_alg", "sip_allowlist", "voice_vlan"]
    assert run(monkeypatch, device, check=True, policy=POLICY, concerns=others)["plan"] == []


def networks(device: Vigor) -> set[str]:
    """The names of our objects that are networks."""
    return networks_of(device.stored())


def networks_of(stored: dict[str, Any]) -> set[str]:
    """The same, of a configuration."""
    names = {row["name"] for row in stored["ip_objects"].values()}
    return {name for name in names if name.startswith("VOIPH-") and not name.startswith("VOIPH-w")}
