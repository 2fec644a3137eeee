"""The policy changes from one run to the next: one run follows it, the next finds nothing, nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.policies import MEDIA, SIGNALLING, policy, provider
from tests.support.states import MARK, assert_same, is_ours, tables
from tests.support.units import Unit

Start = Callable[..., Unit]
Inputs = dict[str, dict[str, Any]]


def site(provider_changes: dict[str, Any] | None = None, **policy_changes: Any) -> Inputs:
    """Provider and policy of one run."""
    return {"provider": provider(**(provider_changes or {})), "policy": policy(**policy_changes)}


MORE = {"signalling": [*SIGNALLING, "192.0.2.64/26"]}
PBX = {"pbx": {"address": "10.40.0.5", "public_address": "198.51.100.7"}, "voice_vlan": {"dhcp_first": "10.40.0.50"}}
LAN_PBX = {"pbx": {"address": "10.10.10.9"}}
ONLY_V4 = {"signalling": [SIGNALLING[0]], "media": [MEDIA[0]]}
ONLY_V6 = {"signalling": [SIGNALLING[1]], "media": [MEDIA[1]]}

SEQUENCES: dict[str, tuple[Inputs, ...]] = {
    "range added and removed": (site(), site(MORE), site()),
    "range replaced": (site(), site({"signalling": ["192.0.2.64/26"], "media": ["192.0.2.128/26"]}), site()),
    "tls, udp, tcp, tls": (site(), site(transport="udp"), site(transport="tcp"), site()),
    "RTP ports": (site(), site({"rtp_ports": ["30000-40000", "50000"]}), site()),
    "SIP ports": (site(), site({"sip_ports": {"tls": [5061, "5071-5073"], "udp": [5080]}}), site()),
    "PBX in the voice VLAN": (site(), site(**PBX), site()),
    "PBX beside it": (site(), site(**LAN_PBX), site()),
    "exclusive": (site(), site(enforce_exclusive=True), site()),
    "DHCP range": (site(), site(voice_vlan={"dhcp_first": "10.40.0.100", "dhcp_last": "10.40.0.150"}), site()),
    "gateway": (site(), site(voice_vlan={"gateway": "10.40.0.254"}), site()),
    "marking": (site(), site(voice_vlan={"dscp": 40, "signalling_dscp": 24, "priority": 6}), site()),
    "bandwidth": (site(), site(voice_vlan={"bandwidth_kbps": 8000}), site()),
    "provisioning": (site(), site(voice_vlan={"provisioning_url": None, "provisioning": ["192.0.2.10"]}), site()),
    "time servers": (site(), site(voice_vlan={"ntp_servers": ["192.0.2.123"]}), site()),
    "IPv6 withdrawn": (site(), site(ONLY_V4), site()),
    "IPv4 withdrawn": (site(), site(ONLY_V6), site()),
    "another parent": (site(), site(voice_vlan={"parent_interface": "internal"}), site()),
    "WAN named": (site(), site(wan_interfaces=["wan1"]), site()),
    "management": (
        site(),
        site(management={"networks": ["10.0.0.0/24", "192.0.2.192/28"], "idle_timeout_minutes": 5}),
        site(),
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_one_run_follows_the_policy(name: str, start: Start) -> None:
    """Each step is reached in one run, the next plans nothing; back at the start the unit is as after the first run."""
    unit = start("lived-in")
    before = unit.state
    first: dict[str, Any] = {}
    for inputs in SEQUENCES[name]:
        shown = unit.run(check=True, **inputs)
        assert unit.run(**inputs)["plan"] == shown["plan"]
        assert unit.run(**inputs)["plan"] == []
        first = first or unit.state
    assert_same(_ours(first), _ours(unit.state), numbers=False)
    unit.run(state="deleted")
    assert_same(before, unit.state)


def _ours(state: dict[str, Any]) -> dict[str, Any]:
    """Our rows alone, without the notes on what settings were before."""
    kept: dict[str, Any] = {"global": {}, "vdom": {"root": {}}}
    for scope, path, content in tables(state):
        rows = [row for row in content if is_ours(path, row)] if isinstance(content, list) else []
        rows = [row for row in rows if not str(row.get("name", "")).startswith(f"{MARK}was-")]
        (kept["global"] if scope == "global" else kept["vdom"][scope])[path] = rows
    return kept


def names(unit: Unit, path: str) -> set[str]:
    """Names of our rows in a table, without the notes."""
    return {row["name"] for row in unit.rows(path) if row["name"].startswith(MARK) and "was-" not in row["name"]}


def member_names(row: dict[str, Any], field: str = "member") -> set[str]:
    """The names in a reference list."""
    return {item["name"] for item in row[field]}


def ports(text: str) -> set[int]:
    """The ports of a service's range."""
    spans = (word.partition("-") for word in text.split())
    return {port for first, _dash, last in spans for port in range(int(first), int(last or first) + 1)}


def test_an_added_range_is_allowed_before_a_dropped_one_is_shut(start: Start) -> None:
    """A provider that moves house is reachable at every step: new ranges come in before old ones go."""
    unit = start("factory")
    unit.run(**site({"signalling": ["203.0.113.0/27"]}))
    moved = unit.run(**site({"signalling": ["192.0.2.64/26"]}))
    lines = [line for line in moved["plan"] if "VOIPH-net-" in line or "VOIPH-signalling" in line]
    assert [line.split(" ")[0] for line in lines] == ["create", "update", "delete"]
    assert member_names(unit.row("firewall/addrgrp", "VOIPH-signalling")) == {"VOIPH-net-192.0.2.64-26"}
    assert "VOIPH-net-203.0.113.0-27" not in names(unit, "firewall/address")


def test_transport_decides_which_ports_are_open(start: Start) -> None:
    """With tls 5060 is among the closed ports; with udp it is open to the provider, and 5061 is closed."""
    unit = start("factory")
    unit.run(policy=policy(transport="tls"))
    service, closed = (unit.row("firewall.service/custom", name) for name in ("VOIPH-SIP", "VOIPH-SIP-closed"))
    assert (service["tcp-portrange"], service["udp-portrange"]) == ("5061", "")
    assert ports(closed["tcp-portrange"]) >= {5060}
    assert ports(closed["udp-portrange"]) >= {5060, 5061}
    assert 5061 not in ports(closed["tcp-portrange"])
    unit.run(policy=policy(transport="udp"))
    service, closed = (unit.row("firewall.service/custom", name) for name in ("VOIPH-SIP", "VOIPH-SIP-closed"))
    assert (service["tcp-portrange"], service["udp-portrange"]) == ("", "5060")
    assert service["udp-idle-timer"] >= 300
    assert ports(closed["tcp-portrange"]) >= {5060, 5061}
    assert 5060 not in ports(closed["udp-portrange"])


def test_a_pbx_is_forwarded_to_only_while_it_is_declared(start: Start) -> None:
    """No virtual IP without a PBX; with one, virtual IPs limited to the provider; none when it is withdrawn."""
    unit = start("lived-in")
    foreign = {row["name"] for row in unit.rows("firewall/vip")}
    unit.run()
    assert names(unit, "firewall/vip") == set()
    unit.run(**site(**PBX))
    ours = [row for row in unit.rows("firewall/vip") if row["name"] not in foreign]
    assert ours
    for row in ours:
        assert {item["range"] for item in row["mappedip"]} == {"10.40.0.5"}
        assert row["extip"] == "198.51.100.7"
        assert {item["range"] for item in row["src-filter"]} <= {SIGNALLING[0], MEDIA[0]}
        assert row["src-filter"]
        assert row["extport"] not in ("5060", "0-65535")
    unit.run()
    assert names(unit, "firewall/vip") == set()


def test_exclusive_disables_only_what_lets_strangers_in(start: Start) -> None:
    """The forward of SIP from anywhere is switched off; the one limited to the provider and all others stay.

    Withdrawing the switch opens nothing again by itself; `deleted` does.
    """
    unit = start("lived-in")
    before = {row["policyid"]: row["status"] for row in unit.rows("firewall/policy")}
    unit.run(**site(enforce_exclusive=True))
    now = {row["policyid"]: row["status"] for row in unit.rows("firewall/policy")}
    assert {number for number, status in before.items() if now[number] != status} == {6}
    assert now[6] == "disable"
    unit.run(**site(enforce_exclusive=False))
    assert unit.row("firewall/policy", "PBX-from-anywhere")["status"] == "disable"
    unit.run(state="deleted")
    assert unit.row("firewall/policy", "PBX-from-anywhere")["status"] == "enable"


def test_the_voice_vlan_cannot_be_renumbered_in_place(start: Start) -> None:
    """Another VLAN id or parent is refused before anything is written, and possible after `deleted`."""
    unit = start("factory")
    before = unit.state
    unit.run()
    hardened = unit.state
    for changes in ({"id": 41}, {"parent_interface": "dmz"}):
        failure = unit.fail(policy=policy(voice_vlan=changes))
        assert "state: deleted" in failure.message
        assert unit.state == hardened
    unit.run("voice_vlan", state="deleted")
    assert unit.run(policy=policy(voice_vlan={"id": 41}))["changed"]
    assert unit.row("system/interface", "VOIPH-VLAN41")["vlanid"] == 41
    unit.run(state="deleted")
    assert_same(before, unit.state)


def test_what_somebody_changed_since_is_not_taken_back(start: Start) -> None:
    """`deleted` leaves a setting alone that another administrator set after us, and says so."""
    unit = start("lived-in")
    unit.run()
    unit.edit("system/global", "", admintimeout=3)
    result = unit.run(state="deleted")
    assert unit.setting("system/global", "admintimeout") == 3
    assert "admintimeout" in " ".join(result["remarks"])


def test_what_is_stricter_already_stays(start: Start) -> None:
    """A unit with a shorter idle timeout, a longer lock-out and narrower trusted hosts keeps them."""
    unit = start("factory")
    unit.edit("system/global", "", admintimeout=2, admin_lockout_threshold=2, admin_lockout_duration=3600)
    unit.edit("system/password-policy", "", status="enable", minimum_length=24)
    unit.run()
    assert unit.setting("system/global", "admintimeout") == 2
    assert unit.setting("system/global", "admin-lockout-threshold") == 2
    assert unit.setting("system/global", "admin-lockout-duration") == 3600
    assert unit.setting("system/password-policy", "minimum-length") == 24
