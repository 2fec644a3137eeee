"""Somebody changes the unit behind our back: check mode finds exactly that, and a run puts exactly that right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.states import assert_same
from tests.support.units import Unit

Start = Callable[..., Unit]

BLOCK = "VOIPH-block-sip-in"


@dataclass(frozen=True)
class Drift:
    """What somebody does, the plan that must come of it, and whether the run gives the hardened state back."""

    name: str
    do: Callable[[Unit], object]
    plan: tuple[str, ...]
    restored: bool = True


def number(unit: Unit, name: str) -> int:
    """The policy's number."""
    return int(unit.row("firewall/policy", name)["policyid"])


def last(unit: Unit) -> int:
    """The number of the last policy in the table."""
    return int(unit.rows("firewall/policy")[-1]["policyid"])


def policy_row(name: str, **fields: Any) -> dict[str, Any]:
    """A policy that another administrator makes."""
    return {
        "name": name,
        "srcintf": [{"name": "wan1"}],
        "dstintf": [{"name": "internal"}],
        "srcaddr": [{"name": "all"}],
        "dstaddr": [{"name": "all"}],
        "service": [{"name": "SIP"}],
        "schedule": "always",
        "action": "accept",
        **fields,
    }


def _insert_on_top(unit: Unit) -> None:
    top = unit.rows("firewall/policy")[0]["policyid"]
    key = unit.add("firewall/policy", **policy_row("in a hurry"))
    unit.move("firewall/policy", key, before=top)


def _surplus_rule(unit: Unit) -> None:
    unit.add("firewall/policy", **policy_row("VOIPH-allow-everything"))


def _helper_again(unit: Unit) -> None:
    unit.add("system/session-helper", id=13, name="sip", protocol=17, port=5060)


def _move_below(unit: Unit) -> None:
    unit.move("firewall/policy", number(unit, BLOCK), after=last(unit))


def _without_option(unit: Unit) -> None:
    row = unit.row("system.dhcp/server", "VOIPH-VLAN40", field="interface")
    unit.edit("system.dhcp/server", row["id"], options=[])


def _group_member_gone(unit: Unit) -> None:
    unit.edit("firewall/addrgrp", "VOIPH-signalling", member=[{"name": "all"}])


def _add_to_group(unit: Unit) -> None:
    unit.add("firewall/address", name="friend", subnet="192.0.2.77 255.255.255.255")
    members = unit.row("firewall/addrgrp", "VOIPH-signalling")["member"]
    unit.edit("firewall/addrgrp", "VOIPH-signalling", member=[*members, {"name": "friend"}])


def _swap(unit: Unit) -> None:
    first, second = (row["policyid"] for row in unit.rows("firewall/policy")[:2])
    unit.move("firewall/policy", first, after=second)


def _local_in_below(unit: Unit) -> None:
    first, second = (row["policyid"] for row in unit.rows("firewall/local-in-policy")[:2])
    unit.move("firewall/local-in-policy", first, after=second)


def _open_wan(unit: Unit) -> None:
    admitted = unit.row("system/interface", "wan1")["allowaccess"]
    unit.edit("system/interface", "wan1", allowaccess=f"{admitted} https")


DRIFTS = (
    Drift(
        "rule edited",
        lambda unit: unit.edit("firewall/policy", number(unit, "VOIPH-allow-signalling"), srcaddr=[{"name": "all"}]),
        ("update root:firewall/policy VOIPH-allow-signalling srcaddr all -> VOIPH-voice [FW-1 VLAN-3]",),
    ),
    Drift(
        "rule disabled",
        lambda unit: unit.edit("firewall/policy", number(unit, BLOCK), status="disable"),
        (f"update root:firewall/policy {BLOCK} status disable -> enable [FW-1]",),
    ),
    Drift(
        "rule no longer logs",
        lambda unit: unit.edit("firewall/policy", number(unit, BLOCK), logtraffic="disable"),
        (f"update root:firewall/policy {BLOCK} logtraffic disable -> all [FW-1]",),
    ),
    Drift(
        "rule deleted",
        lambda unit: unit.remove("firewall/policy", number(unit, BLOCK)),
        (
            f"create root:firewall/policy {BLOCK} [FW-1]",
            f"move root:firewall/policy {BLOCK} before VOIPH-block-sip-in6 [FW-1]",
        ),
    ),
    Drift(
        "rule moved below",
        _move_below,
        (f"move root:firewall/policy {BLOCK} before VOIPH-block-sip-in6 [FW-1]",),
    ),
    Drift(
        "our rules swapped",
        _swap,
        ("move root:firewall/policy VOIPH-allow-signalling before VOIPH-allow-media [FW-1 VLAN-3]",),
    ),
    Drift(
        "group changed",
        _group_member_gone,
        ("update root:firewall/addrgrp VOIPH-signalling member all -> VOIPH-net-203.0.113.0-27 [FW-1]",),
    ),
    Drift(
        "group widened",
        _add_to_group,
        (
            "update root:firewall/addrgrp VOIPH-signalling member VOIPH-net-203.0.113.0-27 friend -> "
            "VOIPH-net-203.0.113.0-27 [FW-1]",
        ),
        restored=False,  # the object that somebody made stays
    ),
    Drift(
        "address widened",
        lambda unit: unit.edit("firewall/address", "VOIPH-net-203.0.113.0-27", subnet="203.0.112.0 255.255.254.0"),
        (
            "update root:firewall/address VOIPH-net-203.0.113.0-27 subnet 203.0.112.0/23 -> 203.0.113.0/27 [FW-1]",
        ),
    ),
    Drift(
        "SIP mode flipped",
        lambda unit: unit.edit("system/settings", "", default_voip_alg_mode="proxy-based"),
        ("update root:system/settings default-voip-alg-mode proxy-based -> kernel-helper-based [FW-3]",),
    ),
    Drift(
        "session helper added again",
        _helper_again,
        ("delete global:system/session-helper 13 [FW-3]",),
    ),
    Drift(
        "service widened",
        lambda unit: unit.edit("firewall.service/custom", "VOIPH-SIP", tcp_portrange="1-65535"),
        ("update root:firewall.service/custom VOIPH-SIP tcp-portrange 1-65535 -> 5061 [FW-1]",),
    ),
    Drift(
        "LLDP policy changed",
        lambda unit: unit.edit(
            "system.lldp/network-policy", "VOIPH-voice", voice={"status": "enable", "tag": "dot1q", "vlan": 1}
        ),
        ("update global:system.lldp/network-policy VOIPH-voice voice",),
    ),
    Drift(
        "LLDP switched off",
        lambda unit: unit.edit("system/interface", "internal", lldp_transmission="disable"),
        ("update global:system/interface internal lldp-transmission disable -> enable [VLAN-1 VLAN-2]",),
    ),
    Drift(
        "DHCP options removed",
        _without_option,
        ("update root:system.dhcp/server VOIPH-VLAN40 options",),
    ),
    Drift(
        "voice VLAN opened for management",
        lambda unit: unit.edit("system/interface", "VOIPH-VLAN40", allowaccess="ping https"),
        ("update global:system/interface VOIPH-VLAN40 allowaccess https ping -> ping [VLAN-1]",),
    ),
    Drift(
        "surplus rule with our mark",
        _surplus_rule,
        ("delete root:firewall/policy VOIPH-allow-everything [FW-1 FW-2 VLAN-3]",),
    ),
    Drift(
        "management opened on the WAN",
        _open_wan,
        ("update global:system/interface wan1 allowaccess",),
    ),
    Drift(
        "account opened to everyone",
        lambda unit: unit.edit("system/admin", "admin", trusthost1="0.0.0.0 0.0.0.0"),
        ("update global:system/admin admin trusthosts",),
    ),
    Drift(
        "old TLS allowed",
        lambda unit: unit.edit("system/global", "", admin_https_ssl_versions="tlsv1-1 tlsv1-2 tlsv1-3"),
        (
            "update global:system/global admin-https-ssl-versions tlsv1-1 tlsv1-2 tlsv1-3 -> tlsv1-2 tlsv1-3 "
            "[ADM-4 WEB-3]",
        ),
    ),
    Drift(
        "local-in policy below another one",
        _local_in_below,
        ("move root:firewall/local-in-policy VOIPH-block-sip-wan1 before VOIPH-block-sip-wan2 [FW-1]",),
    ),
    Drift(
        "shaping rule disabled",
        lambda unit: unit.edit(
            "firewall/shaping-policy", unit.row("firewall/shaping-policy", "VOIPH-shape-media")["id"], status="disable"
        ),
        ("update root:firewall/shaping-policy VOIPH-shape-media status disable -> enable [VLAN-2]",),
    ),
)


@pytest.mark.parametrize("config", ["factory", "lived-in"])
@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.name.replace(" ", "-"))
def test_drift_is_found_and_repaired(drift: Drift, config: str, start: Start) -> None:
    """The plan is the expected steps and no others; a run repairs it, and `deleted` still gives the start back."""
    unit = start(config)
    before = unit.state
    unit.run()
    hardened = unit.state
    drift.do(unit)
    drifted = unit.state
    assert drifted != hardened

    unit.forget()
    found = unit.run(check=True)
    assert unit.writes == []
    assert unit.state == drifted
    assert len(found["plan"]) == len(drift.plan), found["plan"]
    for line, expected in zip(found["plan"], drift.plan, strict=True):
        # A line that is given whole ends with its controls; others are too long to be repeated here.
        assert line == expected if expected.endswith("]") else line.startswith(f"{expected} "), found["plan"]
    assert found["changed"]
    assert found["diff"]["before"] != found["diff"]["after"]

    assert unit.run()["plan"] == found["plan"]
    assert unit.run(check=True)["plan"] == []
    if drift.restored:
        assert_same(hardened, unit.state, numbers=False)
        unit.run(state="deleted")
        assert_same(before, unit.state)


def test_a_foreign_rule_on_top_is_shadowed_again(start: Start) -> None:
    """A rule of somebody else before ours is left as it is and where it is; ours go before it, and it is a finding."""
    unit = start("lived-in")
    unit.run()
    order = [row["name"] for row in unit.rows("firewall/policy")]
    ours = [name for name in order if name.startswith("VOIPH-")]
    _insert_on_top(unit)
    row = unit.row("firewall/policy", "in a hurry")

    found = unit.run(check=True)
    assert all(line.startswith("move root:firewall/policy VOIPH-") for line in found["plan"])
    assert len(found["plan"]) == len(ours)
    critical = [one for one in found["findings"] if "in a hurry" in one["subject"] and one["severity"] == "critical"]
    assert [one["control"] for one in critical] == ["FW-1"]

    unit.run()
    names = [policy["name"] for policy in unit.rows("firewall/policy")]
    assert names == [*ours, "in a hurry", *order[len(ours) :]]
    assert unit.row("firewall/policy", "in a hurry") == row
    assert unit.run()["plan"] == []


def test_several_drifts_at_once(start: Start) -> None:
    """One run finds and repairs all kinds together."""
    unit = start("lived-in")
    unit.run()
    hardened = unit.state
    clashing = ("group changed", "rule deleted", "our rules swapped")
    independent = [drift for drift in DRIFTS if drift.restored and drift.name not in clashing]
    for drift in independent:
        drift.do(unit)
    found = unit.run(check=True)
    assert unit.run()["plan"] == found["plan"]
    assert unit.run()["plan"] == []
    assert_same(hardened, unit.state, numbers=False)


def test_changes_to_what_is_not_ours_are_no_drift(start: Start) -> None:
    """Everyday work of the site's own people is neither reported as drift nor undone."""
    unit = start("lived-in")
    unit.run()
    unit.add("firewall/address", name="New-Printer", subnet="192.168.7.9 255.255.255.255")
    unit.add("firewall/policy", **policy_row("printer", service=[{"name": "HTTPS"}], srcaddr=[{"name": "MSP-Office"}]))
    unit.edit("firewall/policy", 3, comments="asked for by Ms Schmidt")
    unit.remove("firewall/policy", 10)
    unit.edit("system/interface", "dmz", description="servers")
    assert unit.run(check=True)["plan"] == []
