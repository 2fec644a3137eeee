"""Sites that are built differently: SD-WAN, zones, VDOMs, a voice VLAN of their own, clusters, other save modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.policies import MEDIA, SIGNALLING, policy, provider
from tests.support.states import MARK, assert_same
from tests.support.units import CONFIGS, VERSIONS, Unit, start_config

Start = Callable[..., Unit]


def full_circle(unit: Unit, **options: Any) -> dict[str, Any]:
    """Check, run, run again, and the hardened state; the plan shown must be the plan carried out."""
    shown = unit.run(check=True, **options)
    done = unit.run(**options)
    assert done["plan"] == shown["plan"]
    assert unit.run(**options)["plan"] == []
    return done


def back(unit: Unit, before: dict[str, Any], **options: Any) -> None:
    """`deleted` gives the starting configuration back."""
    unit.run(state="deleted", **options)
    assert_same(before, unit.state)


def our_policies(unit: Unit, vdom: str = "root") -> list[dict[str, Any]]:
    """Our firewall policies in their order."""
    return [row for row in unit.rows("firewall/policy", vdom) if row["name"].startswith(MARK)]


def interfaces(row: dict[str, Any]) -> set[str]:
    """All interfaces and zones that a policy names."""
    return {item["name"] for side in ("srcintf", "dstintf") for item in row[side]}


def without_policies(config: dict[str, Any], *interfaces_named: str) -> dict[str, Any]:
    """The configuration without the policies, local-in policies and VIPs that name an interface."""
    root = config["vdom"]["root"]
    for path in ("firewall/policy", "firewall/local-in-policy", "firewall/vip"):
        rows = root.get(path, [])
        root[path] = [row for row in rows if not any(f"'{name}'" in repr(row) for name in interfaces_named)]
    return config


@pytest.mark.parametrize("version", ["7.0.5", "7.4.4", "7.6.2"])
def test_sdwan_zone_towards_the_internet(version: str, start: Start) -> None:
    """Rules name the SD-WAN zone; local-in policies, which know no such zone, name its members."""
    config = without_policies(start_config("factory", version), "wan1", "wan2")
    config["vdom"]["root"]["system/sdwan"] = {
        "status": "enable",
        "zone": [{"name": "virtual-wan-link"}, {"name": "internet"}],
        "members": [
            {"seq-num": 1, "interface": "wan1", "zone": "internet"},
            {"seq-num": 2, "interface": "wan2", "zone": "internet"},
        ],
    }
    unit = start(config)
    before = unit.state
    full_circle(unit)
    assert our_policies(unit)
    for row in our_policies(unit):
        assert not interfaces(row) & {"wan1", "wan2"}
    (signalling,) = (row for row in our_policies(unit) if row["name"] == "VOIPH-allow-signalling")
    assert [item["name"] for item in signalling["dstintf"]] == ["internet"]
    local = [row["intf"] for row in unit.rows("firewall/local-in-policy")]
    assert {str(intf) if isinstance(intf, str) else intf[0]["name"] for intf in local} == {"wan1", "wan2"}
    back(unit, before)


def test_zone_towards_the_internet(start: Start) -> None:
    """A WAN interface in a zone is called by the zone's name."""
    config = without_policies(start_config("factory", "7.4.4"), "wan1", "wan2")
    config["vdom"]["root"]["system/zone"] = [
        {"name": "untrust", "intrazone": "deny", "interface": [{"interface-name": "wan1"}, {"interface-name": "wan2"}]}
    ]
    unit = start(config)
    before = unit.state
    full_circle(unit)
    for row in our_policies(unit):
        assert not interfaces(row) & {"wan1", "wan2"}
    back(unit, before)


def with_voice_vlan(version: str = "7.4.4", address: str = "10.40.0.1 255.255.255.0") -> dict[str, Any]:
    """The lived-in site with a voice VLAN of its own."""
    config = start_config("lived-in", version)
    config["global"]["system/interface"].append(
        {
            "name": "phones",
            "vdom": "root",
            "type": "vlan",
            "vlanid": 40,
            "interface": "internal",
            "ip": address,
            "role": "lan",
            "allowaccess": "ping",
            "snmp-index": 40,
        }
    )
    config["vdom"]["root"]["system.dhcp/server"].append(
        {
            "id": 9,
            "interface": "phones",
            "netmask": "255.255.255.0",
            "default-gateway": "10.40.0.1",
            "ip-range": [{"id": 1, "start-ip": "10.40.0.20", "end-ip": "10.40.0.90"}],
        }
    )
    return config


@pytest.mark.parametrize("version", VERSIONS)
def test_a_voice_vlan_of_the_site_is_used_and_left_alone(version: str, start: Start) -> None:
    """Rules name it; the interface and its DHCP server stay byte for byte."""
    unit = start(with_voice_vlan(version))
    before = unit.state
    interface = unit.row("system/interface", "phones")
    server = unit.row("system.dhcp/server", "phones", field="interface")
    result = full_circle(unit)
    assert "phones" in " ".join(result["remarks"])
    assert unit.row("system/interface", "phones") == interface
    assert unit.row("system.dhcp/server", "phones", field="interface") == server
    assert not [row for row in unit.rows("system/interface") if row["name"].startswith(MARK)]
    (signalling,) = (row for row in our_policies(unit) if row["name"] == "VOIPH-allow-signalling")
    assert [item["name"] for item in signalling["srcintf"]] == ["phones"]
    back(unit, before)


def test_a_voice_vlan_with_another_subnet_is_refused(start: Start) -> None:
    """The VLAN id is taken by an interface with another subnet: nothing is written, both subnets are named."""
    unit = start(with_voice_vlan(address="10.41.0.1 255.255.255.0"))
    before = unit.state
    failure = unit.fail()
    assert "10.40.0.0/24" in failure.message
    assert "10.41.0.0/24" in failure.message
    assert unit.writes == []
    assert unit.state == before


def test_a_voice_vlan_in_a_zone(start: Start) -> None:
    """Where the site's voice VLAN shares a zone with others, the deny rules mean the phones' addresses only."""
    config = with_voice_vlan()
    (zone,) = config["vdom"]["root"]["system/zone"]
    zone["interface"].append({"interface-name": "phones"})
    unit = start(config)
    before = unit.state
    full_circle(unit)
    (deny,) = (row for row in our_policies(unit) if row["name"] == "VOIPH-voice-deny-out")
    assert [item["name"] for item in deny["srcintf"]] == ["Guests"]
    assert [item["name"] for item in deny["srcaddr"]] == ["VOIPH-voice"]
    back(unit, before)


VDOMS = ("root", "voice")


@pytest.mark.parametrize("version", VERSIONS)
def test_several_vdoms(version: str, start: Start) -> None:
    """SIP ALG is switched off in each of them; rules go into the first one only; other VDOMs stay as they are."""
    unit = start("factory", version, vdoms=("root", "voice", "other"))
    before = unit.state
    full_circle(unit, vdoms=list(VDOMS))
    for vdom in VDOMS:
        assert unit.setting("system/settings", "default-voip-alg-mode", vdom) == "kernel-helper-based"
    assert unit.setting("system/settings", "default-voip-alg-mode", "other") == "proxy-based"
    assert our_policies(unit, "root")
    assert not our_policies(unit, "voice")
    assert unit.state["vdom"]["other"] == before["vdom"]["other"]
    assert unit.run("sip_alg", check=True, vdoms=list(VDOMS))["plan"] == []
    back(unit, before, vdoms=list(VDOMS))


def test_rules_go_into_the_first_vdom_that_is_named(start: Start) -> None:
    """With the site's interfaces in another VDOM than root that one is named first."""
    config = start_config("factory", "7.4.4", vdoms=("edge", "root"))
    unit = start(config, vdoms=("edge", "root"))
    before = unit.state
    full_circle(unit, vdoms=["edge"])
    assert our_policies(unit, "edge")
    assert unit.state["vdom"]["root"] == before["vdom"]["root"]
    back(unit, before, vdoms=["edge"])


def test_a_vdom_that_does_not_exist_is_an_error(start: Start) -> None:
    """A misspelt VDOM changes nothing."""
    unit = start("factory")
    before = unit.state
    failure = unit.fail(vdoms=["voise"])
    assert not failure.unreachable
    assert unit.writes == []
    assert unit.state == before


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("kind", "index"), [("both", None), ("IPv4", 0), ("IPv6", 1)])
def test_provider_ranges_of_either_family(kind: str, index: int | None, version: str, start: Start) -> None:
    """Blocks for both families stand whichever one the provider has: a family without addresses is shut whole."""
    pick = list if index is None else (lambda ranges: [ranges[index]])
    unit = start("lived-in", version)
    before = unit.state
    full_circle(unit, provider=provider(signalling=pick(SIGNALLING), media=pick(MEDIA)))
    policies = our_policies(unit)
    for family, everyone in (("srcaddr", "dstaddr"), ("srcaddr6", "dstaddr6")):
        inbound = [
            row
            for row in policies
            if row["action"] == "deny"
            and row["status"] == "enable"
            and {item["name"] for item in row["service"]} & {"VOIPH-SIP", "VOIPH-RTP", "VOIPH-SIP-closed"}
            and "wan1" in {item["name"] for item in row["srcintf"]}
            and row[family]
            and [item["name"] for item in row[everyone]] == ["all"]
        ]
        blocked = {item["name"] for row in inbound for item in row["service"]}
        assert blocked == {"VOIPH-SIP", "VOIPH-RTP", "VOIPH-SIP-closed"}, (kind, family)
    back(unit, before)


@pytest.mark.parametrize("config", CONFIGS)
def test_the_primary_of_a_cluster_is_hardened(config: str, start: Start) -> None:
    """A cluster's primary is written to."""
    settings = start_config(config, "7.4.4")
    settings["global"]["system/ha"] = {"mode": "a-p", "group-name": "site"}
    unit = start(settings, ha_role="primary")
    before = unit.state
    full_circle(unit)
    back(unit, before)


def test_nobody_names_the_wan(start: Start) -> None:
    """Without a role wan on any interface the policy has to say which they are; naming one works."""
    config = start_config("factory", "7.4.4")
    for row in config["global"]["system/interface"]:
        row.pop("role", None)
    unit = start(config)
    before = unit.state
    assert "wan_interfaces" in unit.fail().message
    assert unit.state == before
    full_circle(unit, policy=policy(wan_interfaces=["wan1"]))
    back(unit, before)
