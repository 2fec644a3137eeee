"""A VLAN that the site has for its phones already: its priority is kept, its ports are the site's, on every run."""

from __future__ import annotations

import pytest

from tests.unit.draytek.runs import run, site_policy
from tests.unit.draytek.units import typed, unit

LINES = (
    "msubnet addr 6 10.40.0.1", "msubnet nmask 6 255.255.255.0", "msubnet switch 6 On", "vlan group 7 set p2 p3",
    "vlan tagged 7 on", "vlan vid 7 40", "vlan subnet 7 6", "vlan on",
)


def test_a_row_of_the_sites_stays_the_sites_once_its_priority_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    device = typed(unit(), *LINES)
    before = device.stored()["vlans"]
    policy = site_policy()
    policy["voice_vlan"]["parent_interface"] = "p1"
    for _again in range(2):
        run(monkeypatch, device, policy=policy, concerns=["voice_vlan"])
        assert device.stored()["vlans"]["rows"]["7"] == {**before["rows"]["7"], "pri": 5}
    run(monkeypatch, device, state="deleted")
    assert device.stored()["vlans"] == before
