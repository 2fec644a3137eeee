"""What writes do and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devices.fortigate import Request
from tests.unit.devices.fortigate_client import CMDB, POLICY, TOKEN, factory, lived_in, switched

VLAN = {"name": "voice", "vdom": "root", "type": "vlan", "vlanid": 40, "interface": "internal", "role": "lan",
        "ip": "10.40.0.1/24", "allowaccess": "ping"}
DHCP = {"interface": "voice", "netmask": "255.255.255.0", "default-gateway": "10.40.0.1",
        "ip-range": [{"id": 1, "start-ip": "10.40.0.10", "end-ip": "10.40.0.99"}]}


def members(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def test_create_update_delete() -> None:
    unit = factory()
    reply = unit.write("POST", "firewall/address", {"name": "VOIP-a", "subnet": "192.0.2.0/24"})
    assert (reply["mkey"], reply["revision_changed"]) == ("VOIP-a", True)
    row = unit.get("firewall/address/VOIP-a")[0]
    assert (row["subnet"], row["type"]) == ("192.0.2.0 255.255.255.0", "ipmask")
    assert row["uuid"]
    unit.write("PUT", "firewall/address/VOIP-a", {"comment": "x"})
    row = unit.get("firewall/address/VOIP-a")[0]
    assert (row["subnet"], row["comment"]) == ("192.0.2.0 255.255.255.0", "x")
    unit.write("DELETE", "firewall/address/VOIP-a")
    assert unit.refused("DELETE", "firewall/address/VOIP-a") == (404, None)
    assert unit.refused("PUT", "firewall/address/VOIP-a", {"comment": "y"}) == (404, None)


@pytest.mark.parametrize("character", "\"'<>")
def test_texts_hold_no_characters_that_browsers_interpret(character: str) -> None:
    unit = factory()
    assert unit.refused("POST", "firewall/address", {"name": f"a{character}", "subnet": "192.0.2.0/24"}) == (500, -61)
    assert unit.refused("PUT", "firewall/policy/1", {"comments": f"a {character}"}) == (500, -61)


def test_the_same_data_again_changes_no_revision() -> None:
    unit = factory()
    unit.write("PUT", "firewall/policy/1", {"comments": "x"})
    assert unit.write("PUT", "firewall/policy/1", {"comments": "x"})["revision_changed"] is False


def test_a_quoted_slash_stays_in_the_key() -> None:
    unit = factory()
    unit.write("POST", "firewall/address", {"name": "a/b", "subnet": "192.0.2.0/24"})
    assert unit.get("firewall/address/a%2Fb")[0]["name"] == "a/b"


@pytest.mark.parametrize("key", [{}, {"policyid": 0}])
def test_the_device_assigns_policy_ids_and_appends(key: dict[str, Any]) -> None:
    unit = lived_in()
    assert unit.write("POST", "firewall/policy", {**POLICY, **key})["mkey"] == 18
    assert unit.get("firewall/policy")[-1]["name"] == "VOIP-out"


def test_an_explicit_id_is_taken() -> None:
    unit = factory()
    assert unit.write("POST", "firewall/policy", {**POLICY, "policyid": 77})["mkey"] == 77
    assert unit.refused("POST", "firewall/policy", {**POLICY, "name": "other", "policyid": 77}) == (500, -5)


def test_put_replaces_lists_and_merges_objects() -> None:
    unit = lived_in()
    unit.write("PUT", "firewall/addrgrp/Carrier-SBC", {"member": members("Carrier-SBC-2")})
    assert [row["name"] for row in unit.get("firewall/addrgrp/Carrier-SBC")[0]["member"]] == ["Carrier-SBC-2"]
    unit.write("POST", "system.lldp/network-policy", {"name": "voip", "voice": {"status": "enable", "vlan": 40}})
    unit.write("PUT", "system.lldp/network-policy/voip", {"voice": {"dscp": 34}})
    voice = unit.get("system.lldp/network-policy/voip")[0]["voice"]
    assert (voice["status"], voice["vlan"], voice["dscp"], voice["priority"]) == ("enable", 40, 34, 5)


def test_clone() -> None:
    unit = lived_in()
    unit.write("POST", "firewall/address/HQ-LAN?action=clone&nkey=HQ-copy")
    assert unit.get("firewall/address/HQ-copy")[0]["subnet"] == "10.0.0.0 255.255.255.0"


def test_option_words_come_back_in_the_unit_s_order() -> None:
    unit = factory()
    unit.write("PUT", "system/interface/wan1", {"allowaccess": "fgfm ping ping"})
    assert unit.get("system/interface/wan1")[0]["allowaccess"] == "ping fgfm"
    unit.write("PUT", "system/interface/wan1", {"allowaccess": ""})
    assert unit.get("system/interface/wan1")[0]["allowaccess"] == ""


def test_spelling_is_normalised() -> None:
    unit = factory()
    unit.write("POST", "firewall.service/custom", {"name": "VOIP-rtp", "udp-portrange": "10000-20000 5060-5060"})
    assert unit.get("firewall.service/custom/VOIP-rtp")[0]["udp-portrange"] == "10000-20000 5060"
    unit.write("POST", "firewall/address6", {"name": "VOIP-6", "ip6": "2001:0DB8:0:0::/32"})
    assert unit.get("firewall/address6/VOIP-6")[0]["ip6"] == "2001:db8::/32"
    unit.write("PUT", "system/settings", {"sip-udp-port": "5060 5070"})
    assert unit.get("system/settings")["sip-udp-port"] == "5060 5070"
    unit.write("PUT", "system/admin/admin", {"trusthost1": "10.0.0.0/8", "ip6-trusthost1": "2001:DB8::/32"})
    row = unit.get("system/admin/admin")[0]
    assert (row["trusthost1"], row["ip6-trusthost1"]) == ("10.0.0.0 255.0.0.0", "2001:db8::/32")


def test_sub_table_writes() -> None:
    unit = lived_in()
    unit.write("POST", "firewall/addrgrp/Branches/member", {"name": "HQ-LAN"})
    assert unit.refused("POST", "firewall/addrgrp/Branches/member", {"name": "HQ-LAN"}) == (500, -5)
    assert unit.refused("POST", "firewall/addrgrp/Branches/member", {"name": "nobody"}) == (500, -3)
    unit.write("DELETE", "firewall/addrgrp/Branches/member/Branch-North")
    unit.write("DELETE", "firewall/addrgrp/Branches/member/Branch-South")
    assert unit.refused("DELETE", "firewall/addrgrp/Branches/member/HQ-LAN") == (500, -56)
    unit.write("PUT", "system.dhcp/server/4/options/1", {"value": "other"})
    option = unit.get("system.dhcp/server/4")[0]["options"][0]
    assert (option["code"], option["value"], option["type"]) == (43, "other", "string")
    unit.write("POST", "system/sdwan/zone", {"name": "uplinks"})
    assert [row["name"] for row in unit.get("system/sdwan")["zone"]] == ["virtual-wan-link", "uplinks"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("PUT", "firewall/policy/0", {"status": "enable"}, 405, -61),
        ("DELETE", "firewall/policy/0", None, 405, -61),
        ("POST", "system/settings", {"sip-expectation": "disable"}, 405, -61),
        ("DELETE", "system/settings", None, 405, -61),
        ("POST", "firewall/address/all", {}, 405, -61),
        ("PUT", "firewall/address", {"name": "x"}, 405, -61),
        ("POST", "firewall/address", {"name": "all"}, 500, -5),
        ("POST", "firewall/address", {"subnet": "192.0.2.0/24"}, 500, -56),
        ("POST", "firewall/address", {"name": "x" * 80}, 500, -1),
        ("POST", "firewall/address", {"name": "x", "subnet": "192.0.2.300/24"}, 500, -8),
        ("POST", "firewall/address", {"name": "x", "subnet": "192.0.2.0 255.0.255.0"}, 500, -9),
        ("POST", "firewall/address", {"name": "x", "subnet": "192.0.2.0 0.0.0.255"}, 500, -9),
        ("POST", "firewall/address", {"name": "x", "type": "subnet"}, 500, -651),
        ("POST", "firewall/address", {"name": "x", "type": "fqdn"}, 500, -56),
        ("POST", "firewall/address", {"name": "x", "type": "iprange", "start-ip": "192.0.2.9", "end-ip": "192.0.2.1"},
         500, -8),
        ("POST", "firewall/address", {"name": "x", "nonsense": 1}, 500, -61),
        ("POST", "firewall/address", {"name": "Branches"}, 500, -163),
        ("POST", "firewall/addrgrp", {"name": "HQ-LAN", "member": members("all")}, 500, -164),
        ("POST", "firewall/address", {"name": "VIP-Mail"}, 500, -165),
        ("POST", "firewall.service/group", {"name": "SIP", "member": members("DNS")}, 500, -162),
        ("POST", "firewall/addrgrp", {"name": "x", "member": []}, 500, -56),
        ("POST", "firewall/addrgrp", {"name": "x"}, 500, -56),
        ("POST", "firewall/addrgrp", {"name": "x", "member": members("nobody")}, 500, -3),
        ("PUT", "firewall/addrgrp/Branches", {"member": members("Internal-all")}, 500, -61),
        ("DELETE", "firewall/address/HQ-LAN", None, 500, -23),
        ("DELETE", "firewall.service/custom/SIP", None, 500, -23),
        ("DELETE", "firewall/vip/VIP-Mail", None, 500, -23),
        ("DELETE", "voip/profile/default", None, 500, -23),
        ("DELETE", "system/interface/guest-wlan", None, 500, -23),
        ("DELETE", "system/interface/wan2", None, 500, -61),
        ("POST", "firewall.service/custom", {"name": "x", "tcp-portrange": "70000"}, 500, -363),
        ("POST", "firewall.service/custom", {"name": "x", "udp-portrange": "20-10"}, 500, -363),
        ("POST", "firewall.service/custom", {"name": "x", "udp-idle-timer": 86401}, 500, -650),
        ("PUT", "system/global", {"admintimeout": 481}, 500, -650),
        ("PUT", "system/settings", {"sip-udp-port": "0"}, 500, -650),
        ("PUT", "firewall/policy/3", {"name": "mail-in"}, 500, -15),
        ("PUT", "firewall/policy/3", {"srcaddr": []}, 500, -56),
        ("PUT", "firewall/policy/3", {"service": []}, 500, -56),
        ("PUT", "firewall/policy/3", {"schedule": "never"}, 500, -3),
        ("PUT", "firewall/policy/3", {"srcintf": members("port2032")}, 500, -651),
        ("PUT", "firewall/policy/3", {"srcintf": members("guest-wlan")}, 500, -651),
        ("PUT", "firewall/policy/3", {"policyid": 4}, 500, -61),
        ("PUT", "firewall/policy/3", {"diffservcode-forward": "46"}, 500, -651),
        ("POST", "system/zone", {"name": "x", "interface": [{"interface-name": "dmz"}]}, 500, -157),
        ("POST", "system/zone", {"name": "x", "interface": [{"interface-name": "guest-wlan"}]}, 500, -157),
        ("POST", "system/zone", {"name": "dmz"}, 500, -553),
        ("PUT", "system/sdwan", {"members": [{"seq-num": 1, "interface": "wan1"}]}, 500, -23),
        ("POST", "system/interface", {**VLAN, "name": "x" * 16}, 500, -1),
        ("POST", "system/interface", {**VLAN, "vlanid": 4095}, 500, -650),
        ("POST", "system/interface", {**VLAN, "vlanid": 20}, 500, -158),
        ("POST", "system/interface", {**VLAN, "interface": "nowhere"}, 500, -3),
        ("POST", "system/interface", {**VLAN, "ip": "192.168.8.129/25"}, 500, -54),
        ("POST", "system/interface", {**VLAN, "type": "physical"}, 500, -61),
        ("PUT", "system/interface/cctv", {"vlanid": 31}, 500, -522),
        ("PUT", "system/interface/cctv", {"interface": "dmz"}, 500, -522),
        ("POST", "system.dhcp/server", {**DHCP, "interface": "wan2"}, 500, -236),
        ("POST", "system.dhcp/server", {**DHCP, "interface": "cctv"}, 500, -8),
        ("POST", "firewall/vip", {"name": "x", "extip": "198.51.100.9", "extintf": "wan1", "portforward": "enable",
                                  "mappedip": [{"range": "10.0.0.1"}]}, 500, -56),
        ("POST", "system/session-helper", {"name": "sip", "protocol": 17}, 500, -56),
        ("POST", "system/admin", {"name": "x"}, 500, -56),
        ("POST", "system/admin", {"name": "x", "accprofile": "nobody"}, 500, -3),
        ("PUT", "firewall/address/all?action=move&before=none", None, 500, -61),
    ],
)
def test_refusals(method: str, path: str, body: Any, status: int, error: int) -> None:
    assert lived_in().refused(method, path, body) == (status, error)


def test_a_refusal_explains_itself_in_both_forms() -> None:
    reply = factory().send("DELETE", CMDB + "firewall.schedule/recurring/always")
    assert reply.status == 500
    assert "Command fail. Return code -23" in reply.json()["cli_error"]
    assert switched(rejection_status=424).refused("DELETE", "firewall.schedule/recurring/always") == (424, -23)


def test_invalid_json_is_400() -> None:
    broken = Request("POST", CMDB + "firewall/address", {"Authorization": f"Bearer {TOKEN}"}, b"{")
    assert factory().device.handle(broken).status == 400


def test_unknown_keys_can_be_ignored_silently() -> None:
    unit = switched(unknown_keys="ignore")
    unit.write("PUT", "system/settings", {"sip-helper": "disable", "sip-expectation": "enable"})
    assert unit.get("system/settings")["sip-expectation"] == "enable"
    assert unit.device.ignored_keys == ["sip-helper"]


def test_a_full_table() -> None:
    unit = factory(limits={"firewall/address": 4})
    unit.write("POST", "firewall/address", {"name": "VOIP-a"})
    assert unit.refused("POST", "firewall/address", {"name": "VOIP-b"}) == (500, -4)


def test_voice_vlan_with_dhcp_and_lldp() -> None:
    unit = factory()
    unit.write("POST", "system/interface", VLAN)
    unit.write("POST", "system.lldp/network-policy", {"name": "VOIP", "voice": {"status": "enable", "vlan": 40}})
    unit.write("PUT", "system/interface/internal", {"lldp-network-policy": "VOIP", "lldp-transmission": "enable"})
    options = [{"id": 0, "code": 66, "type": "string", "value": "https://prov.example.com/"},
               {"id": 0, "code": 160, "type": "string", "value": "https://prov.example.com/"}]
    assert unit.write("POST", "system.dhcp/server", {**DHCP, "options": options})["mkey"] == 1
    assert [row["id"] for row in unit.get("system.dhcp/server/1")[0]["options"]] == [1, 2]
    assert unit.refused("POST", "system.dhcp/server", DHCP) == (500, -526)
    assert unit.refused("DELETE", "system/interface/voice") == (500, -23)
    assert unit.refused("DELETE", "system.lldp/network-policy/VOIP") == (500, -23)
    unit.write("DELETE", "system.dhcp/server/1")
    unit.write("DELETE", "system/interface/voice")


def test_an_sdwan_member_is_addressed_through_its_zone() -> None:
    unit = factory()
    unit.write("PUT", "system/sdwan", {"members": [{"seq-num": 1, "interface": "wan2"}]})
    assert unit.refused("PUT", "firewall/policy/1", {"dstintf": members("wan2")}) == (500, -651)
    unit.write("PUT", "firewall/policy/1", {"dstintf": members("virtual-wan-link")})


def test_shaping_needs_its_shaper() -> None:
    unit = factory()
    body = {"name": "VOIP", "srcaddr": members("all"), "dstaddr": members("all"), "service": members("SIP"),
            "dstintf": members("wan1"), "traffic-shaper": "VOIP"}
    assert unit.refused("POST", "firewall/shaping-policy", body) == (500, -3)
    unit.write("POST", "firewall.shaper/traffic-shaper", {"name": "VOIP", "guaranteed-bandwidth": 1000})
    assert unit.write("POST", "firewall/shaping-policy", body)["mkey"] == 1


def test_local_in_policies_in_both_shapes() -> None:
    body = {"srcaddr": members("all"), "dstaddr": members("all"), "service": members("SIP"), "schedule": "always"}
    old, new = factory("7.4.1"), factory("7.4.2")
    old.write("POST", "firewall/local-in-policy", {**body, "intf": "wan1"})
    new.write("POST", "firewall/local-in-policy", {**body, "intf": members("wan1", "wan2")})
    assert old.get("firewall/local-in-policy/1")[0]["intf"] == "wan1"
    assert [row["name"] for row in new.get("firewall/local-in-policy/1")[0]["intf"]] == ["wan1", "wan2"]
    assert new.get("firewall/local-in-policy/1")[0]["action"] == "deny"
    six = {**body, "intf": members("wan1")}
    assert new.write("POST", "firewall/local-in-policy6", six)["mkey"] == 1


def test_policies_over_ipv6() -> None:
    unit = factory()
    unit.write("POST", "firewall/address6", {"name": "VOIP-6", "ip6": "2001:db8::/32"})
    unit.write("POST", "firewall/addrgrp6", {"name": "VOIP-6-all", "member": members("VOIP-6")})
    body = {name: value for name, value in POLICY.items() if name not in ("srcaddr", "dstaddr")}
    unit.write("POST", "firewall/policy", {**body, "srcaddr6": members("all"), "dstaddr6": members("VOIP-6-all")})
    assert unit.refused("DELETE", "firewall/addrgrp6/VOIP-6-all") == (500, -23)
    assert unit.refused("DELETE", "firewall/address6/VOIP-6") == (500, -23)


@pytest.mark.parametrize("version", ["7.0.12", "7.6.4"])
def test_password_policy(version: str) -> None:
    unit = factory(version)
    unit.write("PUT", "system/password-policy", {"status": "enable", "minimum-length": 12, "min-number": 1})
    admin = {"name": "VOIP-admin", "accprofile": "super_admin", "password": "short"}
    assert unit.refused("POST", "system/admin", admin) == (500, -49)
    unit.write("POST", "system/admin", {**admin, "password": "Long-enough-2026"})


def test_the_last_super_administrator_stays() -> None:
    unit = factory()
    assert unit.refused("DELETE", "system/admin/admin") == (500, -61)
    assert unit.refused("PUT", "system/admin/admin", {"accprofile": "prof_admin"}) == (500, -61)


def order(unit: Any, path: str = "firewall/policy") -> list[int]:
    return [row["policyid"] for row in unit.get(path)]


def test_move() -> None:
    unit = lived_in()
    start = order(unit)
    unit.write("PUT", "firewall/policy/7?action=move&before=14")
    assert order(unit) == [7, *(number for number in start if number != 7)]
    unit.write("PUT", "firewall/policy/7?action=move&after=2")
    assert order(unit) == [*(number for number in start if number != 7), 7]
    unit.write("PUT", "firewall/local-in-policy/5?action=move&before=1")
    assert order(unit, "firewall/local-in-policy") == [5, 1, 2]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("firewall/policy/3?action=move&before=999", (500, -3)), ("firewall/policy/3?action=move", (500, -61)),
        ("firewall/policy/3?action=move&before=4&after=5", (500, -61)),
        ("firewall/policy/999?action=move&before=3", (404, None)),
    ],
)
def test_moves_that_are_refused(path: str, answer: tuple[int, int | None]) -> None:
    assert lived_in().refused("PUT", path) == answer
