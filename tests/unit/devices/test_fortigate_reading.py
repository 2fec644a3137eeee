"""What GET returns: envelopes, defaults, spelling, filters."""

from __future__ import annotations

import pytest

from tests.devices.fortigate import factory_config
from tests.unit.devices.fortigate_client import CMDB, MONITOR, TOKEN, Unit, factory, lived_in, switched


def test_envelope_of_a_table() -> None:
    reply = factory().send("GET", CMDB + "firewall/policy").json()
    assert {k: v for k, v in reply.items() if k not in ("results", "revision", "build")} == {
        "http_method": "GET", "vdom": "root", "path": "firewall", "name": "policy", "status": "success",
        "http_status": 200, "serial": "FGT60FTK20000001", "version": "v7.4.4", "size": 1, "matched_count": 1,
        "next_idx": 1,
    }
    assert "size" not in factory("7.2.8").send("GET", CMDB + "firewall/policy").json()


def test_a_single_row_comes_as_a_list_and_a_singleton_as_an_object() -> None:
    unit = factory()
    reply = unit.send("GET", CMDB + "firewall/address/all").json()
    assert reply["mkey"] == "all"
    assert [row["name"] for row in reply["results"]] == ["all"]
    assert isinstance(unit.get("system/settings"), dict)


def test_every_field_of_the_release_is_returned_with_its_default() -> None:
    row = factory().get("firewall/policy/1")[0]
    assert row["q_origin_key"] == 1
    assert row["srcintf"] == [{"name": "internal", "q_origin_key": "internal"}]
    assert (row["logtraffic"], row["inspection-mode"], row["vlan-cos-fwd"]) == ("utm", "flow", 255)
    assert "dlp-sensor" not in row
    assert "dlp-sensor" in factory("7.0.12").get("firewall/policy/1")[0]


@pytest.mark.parametrize(
    ("version", "path", "field", "value"),
    [
        ("7.2.2", "firewall/policy/1", "match-vip", "disable"), ("7.4.4", "firewall/policy/1", "match-vip", "enable"),
        ("7.2.4", "voip/profile/default", "feature-set", "proxy"),
        ("7.2.5", "voip/profile/default", "feature-set", "voipd"),
        ("7.4.4", "firewall.service/custom/SIP", "protocol", "TCP/UDP/SCTP"),
        ("7.6.0", "firewall.service/custom/SIP", "protocol", "TCP/UDP/UDP-Lite/SCTP"),
    ],
)
def test_defaults_follow_the_release(version: str, path: str, field: str, value: str) -> None:
    assert factory(version).get(path)[0][field] == value


@pytest.mark.parametrize("version", ["7.0.12", "7.2.8", "7.4.4", "7.6.4"])
def test_factory_state(version: str) -> None:
    unit = factory(version)
    helpers = unit.get("system/session-helper")
    assert len(helpers) == 20
    assert [(row["id"], row["protocol"], row["port"]) for row in helpers if row["name"] == "sip"] == [(13, 17, 5060)]
    settings = unit.get("system/settings")
    assert (settings["default-voip-alg-mode"], settings["sip-nat-trace"], settings["sip-udp-port"]) == (
        "proxy-based", "enable", "5060",
    )
    assert {row["name"] for row in unit.get("firewall.service/custom")} >= {"ALL", "SIP", "DNS", "NTP", "HTTPS", "PING"}
    assert unit.get("system/admin/admin")[0]["trusthost1"] == "0.0.0.0 0.0.0.0"
    assert unit.get("system/interface/wan1")[0]["allowaccess"] == "ping https ssh"
    assert unit.get("firewall.schedule/recurring/always")[0]["day"].startswith("sunday monday")


def test_a_missing_row_and_an_unknown_path_are_404_without_results() -> None:
    unit = factory()
    reply = unit.send("GET", CMDB + "firewall/address/nobody")
    assert reply.status == 404
    assert (reply.json()["status"], reply.json()["mkey"], "results" in reply.json()) == ("error", "nobody", False)
    assert unit.send("GET", CMDB + "firewall/nothing").status == 404
    assert unit.send("GET", "/api/v2/elsewhere").status == 404


def test_a_table_that_nobody_uses_is_served_empty_from_its_schema() -> None:
    assert factory().get("router/static") == []


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("filter=name==lan-to-internet", [3]), ("filter=name!=lan-to-internet&filter=action==deny", [14]),
        ("filter=policyid==3,policyid==5", [3, 5]), ("filter=name=@SBC", [7]), ("filter=policyid>=12", [14, 12, 17]),
        ("filter=srcintf==dmz", [17]), ("filter=name!@a&filter=status==enable", [6, 7]),
        ("filter=dstaddr.name==VIP-Mail", [9]), ("filter=name==update\\.s,name==updates", [17]),
        ("start=11", [8, 2]), ("start=1&count=2", [3, 4]), ("key=policyid&pattern=4", [4]),
    ],
)
def test_filters_and_pages(query: str, ids: list[int]) -> None:
    found = {row["policyid"] for row in lived_in().get(f"firewall/policy?{query}")}
    if "name!@a" in query:
        assert found == {row["policyid"] for row in lived_in().get("firewall/policy")
                         if "a" not in row["name"].lower() and row["status"] == "enable"}
    else:
        assert [row["policyid"] for row in lived_in().get(f"firewall/policy?{query}")] == ids


def test_equality_ignores_case_on_old_releases_only() -> None:
    assert factory("7.4.4").get("firewall.service/custom?filter=name==sip")
    assert factory("7.6.4").get("firewall.service/custom?filter=name==sip") == []
    assert factory("7.6.4").get("firewall.service/custom?filter=name=*sip")


def test_a_bad_filter_is_400() -> None:
    assert factory().send("GET", CMDB + "firewall/policy?filter=name").status == 400


def test_format_limits_the_fields() -> None:
    assert factory().get("firewall/policy?format=policyid|nat") == [{"policyid": 1, "q_origin_key": 1, "nat": "enable"}]


def test_schema_default_and_exclude_default_values() -> None:
    unit = factory("7.4.1")
    schema = unit.get("firewall/local-in-policy?action=schema")
    assert (schema["mkey"], schema["children"]["intf"]["category"]) == ("policyid", "unitary")
    assert unit.get("system/settings?action=default")["default-voip-alg-mode"] == "proxy-based"
    short = unit.get("firewall/policy/1?exclude-default-values=1")[0]
    assert "nat" in short
    assert "logtraffic" not in short


@pytest.mark.parametrize("query", ["vdom=*", "vdom=root,voice", "global=1", "scope=global"])
def test_wide_scopes_answer_with_an_array(query: str) -> None:
    unit = Unit(factory_config("7.4.4", vdoms=("root", "voice")))
    replies = unit.send("GET", f"{CMDB}firewall/policy?{query}").json()
    assert [(reply["vdom"], len(reply["results"])) for reply in replies] == [("root", 1), ("voice", 0)]
    wide = unit.send("GET", f"{CMDB}system/interface?{query}").json()
    assert len(wide) == 1


def test_vdoms_hold_their_own_tables() -> None:
    unit = Unit(factory_config("7.4.4", vdoms=("root", "voice")))
    unit.write("POST", "firewall/address?vdom=voice", {"name": "VOIP-a", "subnet": "192.0.2.0/24"})
    assert unit.send("GET", CMDB + "firewall/address/VOIP-a").status == 404
    assert unit.get("firewall/address/VOIP-a?vdom=voice")[0]["subnet"] == "192.0.2.0 255.255.255.0"
    assert unit.send("GET", CMDB + "firewall/address?vdom=nowhere").status == 424


@pytest.mark.parametrize(("shape", "value"), [("string", "5060"), ("integer", 5060), ("list", [5060])])
def test_spelling_of_the_sip_ports_is_switchable(shape: str, value: object) -> None:
    assert switched(sip_ports=shape).get("system/settings")["sip-udp-port"] == value


def test_secrets_are_never_readable() -> None:
    unit = factory()
    unit.device.set_password("admin", "Test-Passw0rd!")
    row = unit.get("system/admin/admin")[0]
    assert row["password"] == "ENC XXXX"
    unit.write("PUT", "system/ha", {"password": "very-secret-indeed"})
    assert unit.get("system/ha")["password"] == "ENC XXXX"
    everything = unit.send("GET", CMDB + "system/api-user").body
    assert TOKEN.encode() not in everything
    assert b"_api-key" not in everything


def test_sub_tables_can_be_read() -> None:
    unit = lived_in()
    assert [row["name"] for row in unit.get("firewall/addrgrp/Branches/member")] == ["Branch-North", "Branch-South"]
    assert unit.get("firewall/addrgrp/Branches/member/Branch-South")[0]["q_origin_key"] == "Branch-South"
    assert unit.send("GET", CMDB + "firewall/addrgrp/Branches/member/nobody").status == 404
    assert unit.get("voip/profile/default/sip")["status"] == "enable"


def test_monitor_envelope() -> None:
    reply = factory().send("GET", MONITOR + "system/status").json()
    assert (reply["path"], reply["name"], reply["version"], reply["results"]["model"]) == (
        "system", "status", "v7.4.4", "FGT60F",
    )
