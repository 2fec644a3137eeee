"""Monitor calls and faults, without sockets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.devices.fortigate import factory_config
from tests.unit.devices.fortigate_client import CMDB, MONITOR, Unit, factory, lived_in, switched

SESSIONS: list[dict[str, Any]] = [
    {"proto": "udp", "saddr": "203.0.113.9", "sport": 5060, "daddr": "198.51.100.2", "dport": 5060, "policyid": 6},
    {"proto": "udp", "saddr": "10.40.0.9", "sport": 5062, "daddr": "192.0.2.10", "dport": 5060, "policyid": 3},
    {"proto": "tcp", "saddr": "10.0.0.9", "sport": 50000, "daddr": "192.0.2.80", "dport": 443, "policyid": 3},
]


def monitor(unit: Unit, call: str) -> Any:
    return unit.send("GET", MONITOR + call).json()["results"]


def with_sessions(version: str = "7.4.4") -> Unit:
    unit = lived_in(version)
    unit.device.sessions.extend(dict(session) for session in SESSIONS)
    return unit


def test_status_and_web_ui_state() -> None:
    unit = lived_in()
    assert monitor(unit, "system/status")["hostname"] == "site-muster-fw1"
    assert monitor(unit, "web-ui/state")["admin_using_default_password"] is True
    unit.device.set_password("admin", "Test-Passw0rd!")
    assert monitor(unit, "web-ui/state")["admin_using_default_password"] is False


@pytest.mark.parametrize(("role", "masters"), [("standalone", []), ("primary", [1, 0]), ("secondary", [0, 1])])
def test_ha_roles(role: str, masters: list[int]) -> None:
    unit = factory(ha_role=role)
    assert [entry["is_manage_master"] for entry in monitor(unit, "system/ha-checksums")] == masters
    assert monitor(unit, "web-ui/state")["is_ha_master"] == (0 if role == "secondary" else 1)


def test_central_management_ngfw_mode_and_central_nat_are_visible() -> None:
    config = factory_config()
    config["global"]["system/central-management"] = {"type": "fortimanager"}
    config["vdom"]["root"]["system/settings"] = {"ngfw-mode": "policy-based", "central-nat": "enable"}
    unit = Unit(config)
    state = monitor(unit, "web-ui/state")
    assert state["centrally_managed"] is True
    assert state["vdom_info"]["root"]["ngfw_mode"] == "policy-based"
    assert unit.get("system/central-management")["type"] == "fortimanager"
    assert unit.get("system/settings")["central-nat"] == "enable"


@pytest.mark.parametrize(
    ("query", "found"),
    [("count=20", 3), ("count=20&destport=5060", 2), ("count=1000&source=203.0.113.9", 1),
     ("count=20&destport=5060&destport=443", 3), ("count=20&protocol=tcp", 1), ("count=20&policyid=3", 2),
     ("count=20&start=2", 1)],
)
def test_sessions_are_listed_and_filtered(query: str, found: int) -> None:
    assert len(monitor(with_sessions(), f"firewall/session?{query}")["details"]) == found


@pytest.mark.parametrize("query", ["", "count=19", "count=1001", "count=x"])
def test_the_count_is_mandatory_and_bounded(query: str) -> None:
    assert with_sessions().send("GET", f"{MONITOR}firewall/session?{query}").status == 400


def test_the_newer_session_call() -> None:
    new = with_sessions("7.6.4")
    assert new.send("GET", MONITOR + "firewall/session?count=20").status == 404
    assert len(monitor(new, "firewall/sessions?count=20&dstport=5060")["details"]) == 2
    assert with_sessions().send("GET", MONITOR + "firewall/sessions?count=20").status == 404


def test_closing_needs_filters() -> None:
    unit = with_sessions()
    assert unit.send("POST", MONITOR + "firewall/session/close-multiple", {}).status == 424
    assert unit.send("POST", MONITOR + "firewall/session/close", {"pro": "udp", "dport": 5060}).status == 424
    assert len(unit.device.sessions) == 3
    unit.send("POST", MONITOR + "firewall/session/close-multiple", {"proto": "udp", "saddr": "203.0.113.9"})
    assert [one["saddr"] for one in unit.device.closed_sessions] == ["203.0.113.9"]
    one = SESSIONS[1]
    whole = {"pro": "udp", **{name: one[name] for name in ("saddr", "daddr", "sport", "dport")}}
    unit.send("POST", MONITOR + "firewall/session/close", whole)
    assert [one["dport"] for one in unit.device.sessions] == [443]


def test_calls_can_be_missing() -> None:
    unit = switched(missing_calls=frozenset({"firewall/session/close-multiple"}))
    assert unit.send("POST", MONITOR + "firewall/session/close-multiple", {"dport": 5060}).status == 404
    assert unit.send("POST", MONITOR + "system/status").status == 405
    assert unit.send("GET", MONITOR + "system/nothing").status == 404


@pytest.mark.parametrize(("version", "get"), [("7.4.4", 200), ("7.4.5", 405), ("7.6.4", 405)])
def test_backup_is_raw_text(version: str, get: int) -> None:
    unit = factory(version)
    assert unit.send("GET", MONITOR + "system/config/backup?scope=global").status == get
    assert unit.send("POST", MONITOR + "system/config/backup", {"scope": "global"}).body.startswith(b"#config-version=")


def test_revisions_admins_and_firmware() -> None:
    unit = factory("7.2.8")
    unit.send("POST", MONITOR + "system/config-revision/save", {"comments": "before"})
    assert monitor(unit, "system/config-revision")["revisions"][0]["comment"] == "before"
    unit.send("POST", "/api/v2/authentication", {"username": "admin", "secretkey": "", "request_key": True}, token="")
    assert [row["admin"] for row in monitor(unit, "system/current-admins")] == ["admin"]
    assert monitor(unit, "system/firmware")["current"]["version"] == "v7.2.8"


# --- faults ----------------------------------------------------------------------------------------------------------


def test_a_fault_hits_the_nth_matching_request_only() -> None:
    unit = factory()
    unit.device.faults.plant(kind="cut-before", method="PUT", path="firewall/policy", at=2)
    put = [unit.send("PUT", CMDB + "firewall/policy/1", {"comments": str(n)}) for n in range(3)]
    assert [reply.transport for reply in put] == ["", "cut", ""]
    assert unit.send("GET", CMDB + "firewall/policy").transport == ""


def test_cut_before_and_after_acting() -> None:
    unit = factory()
    for kind, comment in (("cut-before", ""), ("cut-after", "x")):
        unit.device.faults.clear()
        unit.device.faults.plant(kind=kind, times=1)
        assert unit.send("PUT", CMDB + "firewall/policy/1", {"comments": "x"}).transport == "cut"
        assert unit.get("firewall/policy/1")[0]["comments"] == comment


def test_a_value_that_is_accepted_but_not_stored() -> None:
    unit = factory()
    unit.device.faults.plant(kind="ignore-field", path="system/settings", field="sip-expectation")
    unit.write("PUT", "system/settings", {"sip-expectation": "enable", "sip-nat-trace": "disable"})
    settings = unit.get("system/settings")
    assert (settings["sip-expectation"], settings["sip-nat-trace"]) == ("disable", "disable")


def test_replies_can_lose_or_change_fields() -> None:
    unit = factory()
    unit.device.faults.plant(kind="drop-field", path="system/settings", field="sip-nat-trace")
    unit.device.faults.plant(kind="replace-field", path="system/interface", field="allowaccess", value="ping")
    assert "sip-nat-trace" not in unit.get("system/settings")
    assert {row["allowaccess"] for row in unit.get("system/interface")} == {"ping"}


@pytest.mark.parametrize("kind", ["html", "truncated", "wrong-types", "status"])
def test_garbage(kind: str) -> None:
    unit = factory()
    unit.device.faults.plant(kind=kind)
    reply = unit.send("GET", CMDB + "firewall/policy")
    if kind == "wrong-types":
        assert reply.json()["results"] == "unavailable"
    else:
        with pytest.raises(ValueError):
            reply.json()
    assert reply.status == (403 if kind == "status" else 200)


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown fault 'nonsense'"):
        factory().device.faults.plant(kind="nonsense")
