"""Tokens, sessions, lock-out, trusted hosts, profiles, and which connections get in at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.devices.fortigate import FortiGate, Request, factory_config
from tests.unit.devices.fortigate_client import CMDB, MONITOR, TOKEN, Unit, factory, lived_in, switched

STATUS = MONITOR + "system/status"
PASSWORD = "Test-Passw0rd!"


def log_in(unit: Unit, password: str = PASSWORD, name: str = "admin") -> Any:
    body = {"username": name, "secretkey": password, "password": password, "request_key": True}
    return unit.send("POST", "/api/v2/authentication", body, token="")


def with_password(version: str = "7.4.4", **options: Any) -> Unit:
    unit = factory(version, **options)
    unit.device.set_password("admin", PASSWORD)
    return unit


def test_requests_need_a_good_token() -> None:
    unit = factory()
    assert unit.send("GET", STATUS).status == 200
    assert unit.send("GET", STATUS, token="").status == 401
    assert unit.send("GET", STATUS, token="wrong").status == 401


@pytest.mark.parametrize(
    ("version", "status"), [("7.4.4", 200), ("7.4.5", 401), ("7.6.0", 200), ("7.6.1", 401), ("7.2.8", 200)]
)
def test_tokens_in_the_url(version: str, status: int) -> None:
    unit = factory(version)
    assert unit.send("GET", f"{STATUS}?access_token={TOKEN}", token="").status == status
    if status == 401:
        unit.write("PUT", "system/global", {"rest-api-key-url-query": "enable"})
        assert unit.send("GET", f"{STATUS}?access_token={TOKEN}", token="").status == 200


def test_session_key() -> None:
    unit = with_password()
    reply = log_in(unit)
    assert b"LOGIN_SUCCESS" in reply.body
    key = reply.json()["session_key"]
    assert unit.send("GET", STATUS, token=key).status == 200
    unit.send("DELETE", "/api/v2/authentication", token=key)
    assert unit.send("GET", STATUS, token=key).status == 401


def test_an_idle_session_ends() -> None:
    unit = with_password()
    key = log_in(unit).json()["session_key"]
    unit.device.advance(4 * 60)
    assert unit.send("GET", STATUS, token=key).status == 200
    unit.device.advance(6 * 60)
    assert unit.send("GET", STATUS, token=key).status == 401


def test_the_newer_login_call_can_be_absent() -> None:
    unit = switched(authentication_call=False)
    assert log_in(unit, "").status == 404


def form_login(unit: Unit, password: str) -> Any:
    body = f"username=admin&secretkey={password}&ajax=1".encode()
    return unit.device.handle(Request("POST", "/logincheck", {}, body))


@pytest.mark.parametrize(("version", "cookie"), [("7.2.8", "APSCOOKIE_443"), ("7.6.4", "session_key_443")])
def test_cookies_and_csrf(version: str, cookie: str) -> None:
    unit = with_password(version)
    assert form_login(unit, "wrong").body == b"0"
    reply = form_login(unit, "Test-Passw0rd%21")
    assert reply.body.startswith(b"1")
    pairs = [value.split(";")[0] for _name, value in reply.headers]
    assert pairs[0].startswith(cookie)
    csrf = pairs[1].partition("=")[2]
    jar = "; ".join(pairs)
    assert unit.send("GET", STATUS, token="", Cookie=jar).status == 200
    change = {"comments": "x"}
    assert unit.send("PUT", CMDB + "firewall/policy/1", change, token="", Cookie=jar).status == 403
    assert unit.send("PUT", CMDB + "firewall/policy/1", change, token="", Cookie=jar, X_CSRFTOKEN=csrf).status == 200
    unit.send("POST", "/logout", token="", Cookie=jar)
    assert unit.send("GET", STATUS, token="", Cookie=jar).status == 401


def test_logincheck_without_a_form_redirects() -> None:
    assert factory().send("GET", "/logincheck", token="").status == 302


def test_failed_logins_block_the_source_for_a_while() -> None:
    unit = with_password()
    assert [log_in(unit, "wrong").status for _n in range(3)] == [401, 401, 401]
    assert log_in(unit).status == 429
    assert unit.send("GET", STATUS).status == 429
    unit.device.advance(61)
    assert log_in(unit).status == 200


def test_an_administrator_is_refused_from_elsewhere() -> None:
    unit = with_password()
    unit.write("PUT", "system/admin/admin", {"trusthost1": "10.0.0.0/24"})

    def from_address(source: str) -> int:
        body = json.dumps({"username": "admin", "secretkey": PASSWORD, "request_key": True}).encode()
        return unit.device.handle(Request("POST", "/api/v2/authentication", {}, body, source)).status

    assert from_address("10.0.0.7") == 200
    assert from_address("10.0.1.7") == 401


@pytest.mark.parametrize(
    ("rows", "allowed"),
    [
        ({"trusthost1": "10.0.0.0/24"}, False),
        ({"trusthost1": "10.0.0.0/24", "trusthost5": "192.0.2.0/24"}, True),
        ({"trusthost2": "10.0.0.0/24"}, True),
        ({"ip6-trusthost1": "2001:db8::/32"}, True),
    ],
)
def test_the_first_trusted_host_decides(rows: dict[str, str], allowed: bool) -> None:
    unit = with_password()
    unit.write("PUT", "system/admin/admin", rows)
    body = json.dumps({"username": "admin", "secretkey": PASSWORD, "request_key": True}).encode()
    reply = unit.device.handle(Request("POST", "/api/v2/authentication", {}, body, "192.0.2.7"))
    assert (reply.status == 200) is allowed


def test_closing_ipv4_alone_leaves_ipv6_open() -> None:
    unit = with_password()
    unit.write("PUT", "system/admin/admin", {"trusthost1": "10.0.0.0/24"})
    body = json.dumps({"username": "admin", "secretkey": PASSWORD, "request_key": True}).encode()
    assert unit.device.handle(Request("POST", "/api/v2/authentication", {}, body, "2001:db8::7")).status == 200


def test_a_session_dies_when_its_source_loses_trust() -> None:
    unit = with_password()
    key = log_in(unit).json()["session_key"]
    unit.write("PUT", "system/admin/admin", {"trusthost1": "10.0.0.0/24"})
    request = Request("GET", STATUS, {"Authorization": f"Bearer {key}"}, b"", "127.0.0.1")
    assert unit.device.handle(request).status == 401


def test_a_token_is_bound_to_its_trusted_hosts() -> None:
    unit = factory()
    unit.device.add_api_user("bound", "bound-token", trusted_hosts=("10.0.0.0 255.255.255.0",))

    def from_address(source: str) -> int:
        return unit.device.handle(Request("GET", STATUS, {"Authorization": "Bearer bound-token"}, b"", source)).status

    assert (from_address("10.0.0.7"), from_address("10.0.1.7")) == (200, 401)
    everywhere = {"id": 1, "ipv4-trusthost": "0.0.0.0/0"}
    assert unit.refused("PUT", "system/api-user/bound", {"trusthost": [everywhere]}) == (500, -8)


def test_a_read_only_token_reads_everything_and_writes_nothing() -> None:
    unit = factory(accprofile="read_only")
    assert unit.get("system/settings")["default-voip-alg-mode"] == "proxy-based"
    assert unit.get("firewall/policy/1")[0]["action"] == "accept"
    for method, path in (("PUT", "system/settings"), ("POST", "firewall/address"), ("DELETE", "firewall/policy/1")):
        assert unit.refused(method, path, {"name": "x"}) == (403, -14)
    assert unit.send("POST", CMDB + "?action=transaction-start", {}).status == 403
    assert unit.send("POST", MONITOR + "system/config/save", {}).status == 403


def test_a_profile_without_access_gets_trimmed_rows_and_no_error() -> None:
    unit = factory(accprofile="no_access")
    row = unit.get("firewall/policy/1")[0]
    assert row["policyid"] == 1
    assert "srcintf" in row
    assert "action" not in row
    assert unit.get("system/settings") == {}


def test_access_by_group_and_by_part_of_a_group() -> None:
    config = factory_config()
    config["global"]["system/accprofile"].append(
        {"name": "part", "fwgrp": "custom", "fwgrp-permission": {"policy": "read-write", "address": "read"},
         "netgrp": "read"}
    )
    unit = Unit(config, accprofile="part")
    unit.write("PUT", "firewall/policy/1", {"comments": "x"})
    assert unit.refused("POST", "firewall/address", {"name": "x"}) == (403, -14)
    assert unit.get("firewall/address/all")[0]["type"] == "ipmask"
    assert unit.get("firewall.service/custom/SIP") == [{"name": "SIP", "q_origin_key": "SIP"}]
    assert unit.get("system/interface/wan1")[0]["role"] == "wan"
    assert "hostname" not in unit.get("system/global")


def test_a_token_stays_in_its_vdoms() -> None:
    unit = Unit(factory_config("7.4.4", vdoms=("root", "voice")))
    unit.device.add_api_user("voice-only", "voice-token", accprofile="prof_admin", vdoms=("voice",))
    for vdom, status in (("voice", 200), ("root", 403)):
        assert unit.send("GET", f"{CMDB}firewall/policy?vdom={vdom}", token="voice-token").status == status
    replies = unit.send("GET", f"{CMDB}firewall/policy?vdom=*", token="voice-token").json()
    assert [reply["vdom"] for reply in replies] == ["voice"]


def refuses(device: FortiGate, source: str = "127.0.0.1", destination: str = "127.0.1.1") -> str:
    return device.gate.refuses(source, destination, device.sport)


def test_the_management_interface_decides_who_gets_in() -> None:
    unit = factory()
    assert refuses(unit.device) == ""
    assert "no interface owns" in refuses(unit.device, destination="127.9.9.9")
    unit.write("PUT", "system/interface/internal", {"allowaccess": "ping ssh"})
    assert "does not allow https" in refuses(unit.device)
    unit.write("PUT", "system/interface/internal", {"allowaccess": "ping https", "status": "down"})
    assert "is down" in refuses(unit.device)


def test_a_changed_port_is_no_longer_answered() -> None:
    unit = factory()
    unit.write("PUT", "system/global", {"admin-sport": 8443})
    assert refuses(unit.device) == "admin-sport was changed"


def test_nobody_trusted_from_a_source_means_no_answer() -> None:
    unit = factory()
    unit.device.add_api_user("unit-test", TOKEN, trusted_hosts=("10.0.0.0 255.255.255.0",))
    assert refuses(unit.device) == ""
    unit.write("PUT", "system/admin/admin", {"trusthost1": "10.0.0.0/24"})
    assert "no trusted host" in refuses(unit.device)
    assert refuses(unit.device, source="10.0.0.9") == ""


@pytest.mark.parametrize(
    ("change", "refused"),
    [({}, True), ({"action": "accept"}, False), ({"status": "disable"}, False), ({"srcaddr-negate": "enable"}, False),
     ({"service": [{"name": "SIP"}]}, False), ({"service": [{"name": "HTTPS"}]}, True),
     ({"service": [{"name": "Web Access"}]}, True), ({"intf": [{"name": "wan1"}]}, False),
     ({"srcaddr": [{"name": "none"}]}, False)],
)
def test_local_in_policies_can_lock_out(change: dict[str, Any], refused: bool) -> None:
    unit = factory()
    everything = [{"name": "all"}]
    unit.write("POST", "firewall/local-in-policy", {
        "intf": [{"name": "any"}], "srcaddr": everything, "dstaddr": everything, "service": [{"name": "ALL"}],
        "schedule": "always", **change,
    })
    assert bool(refuses(unit.device)) is refused


def test_key_generation_is_for_super_administrators() -> None:
    unit = factory()
    unit.write("POST", "system/api-user", {"name": "fresh", "accprofile": "read_only"})
    reply = unit.send("POST", MONITOR + "system/api-user/generate-key", {"api-user": "fresh"})
    fresh = reply.json()["results"]["access_token"]
    assert unit.send("GET", STATUS, token=fresh).status == 200
    assert unit.send("POST", MONITOR + "system/api-user/generate-key", {"api-user": "fresh"}, token=fresh).status == 403
    assert unit.send("POST", MONITOR + "system/api-user/generate-key", {"api-user": "nobody"}).status == 404


def test_the_log_holds_requests_but_no_passwords() -> None:
    unit = with_password()
    log_in(unit)
    form_login(unit, PASSWORD)
    unit.write("PUT", "firewall/policy/1?vdom=root", {"comments": "x"})
    assert PASSWORD not in json.dumps(unit.device.log)
    last = unit.device.log[-1]
    assert (last["method"], last["path"], last["vdom"], last["body"], last["status"]) == (
        "PUT", "/api/v2/cmdb/firewall/policy/1", "root", {"comments": "x"}, 200,
    )


def test_the_lived_in_site_has_several_administrators() -> None:
    rows = {row["name"]: row for row in lived_in().get("system/admin")}
    assert len(rows) == 4
    assert rows["msp-helpdesk"]["trusthost1"] == "203.0.113.64 255.255.255.240"
    assert rows["noc"]["two-factor"] == "email"
