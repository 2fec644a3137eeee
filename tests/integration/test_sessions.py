"""Flows that were open before: closed one by one when that is asked for, and otherwise named as pending."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.policies import MEDIA, PROVIDER_RTP, PROVIDER_SIP, SIGNALLING, STRANGER, policy, provider
from tests.support.units import VERSIONS, Unit

Start = Callable[..., Unit]

WAN_ADDRESS = "198.51.100.2"
PHONE = "10.40.0.20"


def session(
    source: str, port: int, target: str, target_port: int, *, proto: str = "udp", inward: bool
) -> dict[str, Any]:
    """A session as the unit lists it."""
    srcintf, dstintf = ("wan1", "internal") if inward else ("internal", "wan1")
    return {
        "proto": proto,
        "saddr": source,
        "sport": port,
        "daddr": target,
        "dport": target_port,
        "policyid": 1,
        "srcintf": srcintf,
        "dstintf": dstintf,
    }


STRANGERS = (
    session(STRANGER, 5060, WAN_ADDRESS, 5060, inward=True),
    session(STRANGER, 40000, WAN_ADDRESS, 5061, proto="tcp", inward=True),
    session(PHONE, 5060, STRANGER, 5060, inward=False),
    session(PHONE, 50000, STRANGER, 5061, proto="tcp", inward=False),
    session(STRANGER, 4000, WAN_ADDRESS, 12000, inward=True),
    session(PHONE, 12002, STRANGER, 12000, inward=False),
)
PROVIDERS = (
    session(PHONE, 50001, PROVIDER_SIP, 5061, proto="tcp", inward=False),
    session(PROVIDER_SIP, 5061, WAN_ADDRESS, 5061, proto="tcp", inward=True),
    session(PHONE, 12004, PROVIDER_RTP, 15000, inward=False),
    session(PROVIDER_RTP, 15000, WAN_ADDRESS, 12004, inward=True),
)
OTHERS = (
    session(PHONE, 50002, STRANGER, 443, proto="tcp", inward=False),
    session("10.0.0.7", 50003, STRANGER, 53, inward=False),
    session(STRANGER, 50004, WAN_ADDRESS, 25, proto="tcp", inward=True),
    session("10.0.0.8", 12000, STRANGER, 12000, proto="tcp", inward=False),
)


def plant(unit: Unit) -> None:
    """Open all these sessions on a unit."""
    unit.device.sessions[:] = [dict(one) for one in (*STRANGERS, *PROVIDERS, *OTHERS)]


def closing(unit: Unit) -> list[dict[str, Any]]:
    """The requests that close sessions."""
    return [entry for entry in unit.writes if "/firewall/session" in entry["path"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_strangers_are_closed_one_by_one(version: str, start: Start) -> None:
    """After a change of the allowlist all flows with strangers on SIP and RTP ports end, and no other."""
    unit = start("factory", version)
    plant(unit)
    result = unit.run("sip_allowlist", clear_sessions=True)
    assert sorted(map(repr, unit.device.closed_sessions)) == sorted(map(repr, STRANGERS))
    assert unit.device.sessions == [*PROVIDERS, *OTHERS]
    for entry in closing(unit):
        assert entry["path"].endswith("/session/close")
        given = {**dict(map(tuple, entry["query"])), **(entry["body"] or {})}
        assert all(given.get(name) not in (None, "") for name in ("pro", "saddr", "daddr", "sport", "dport"))
    assert f"{len(STRANGERS)} session(s) closed" in " ".join(result["pending"])


@pytest.mark.parametrize("version", VERSIONS)
def test_the_list_of_sessions_is_the_one_the_release_has(version: str, start: Start) -> None:
    """7.6 serves `firewall/sessions`, earlier releases `firewall/session`."""
    unit = start("factory", version)
    unit.run("sip_allowlist", clear_sessions=True)
    read = {
        entry["path"].rpartition("/")[2]
        for entry in unit.device.log
        if entry["method"] == "GET" and "monitor/firewall/" in entry["path"] and entry["status"] == 200
    }
    assert read == ({"sessions"} if version.startswith("7.6") else {"session"})


@pytest.mark.parametrize("version", VERSIONS)
def test_switching_the_alg_off_ends_sip_sessions(version: str, start: Start) -> None:
    """The helper lives in SIP sessions, the provider's too: they end, RTP and everything else goes on."""
    unit = start("factory", version)
    plant(unit)
    unit.run("sip_alg", clear_sessions=True)
    sip = [one for one in (*STRANGERS, *PROVIDERS) if one["dport"] in (5060, 5061)]
    assert sorted(map(repr, unit.device.closed_sessions)) == sorted(map(repr, sip))


@pytest.mark.parametrize("module", ["firewall", "sip_alg", "sip_allowlist", "voice_vlan", "management_access"])
def test_nothing_is_closed_unless_asked(module: str, start: Start) -> None:
    """Without `clear_sessions` no session ends; where rules or the ALG changed the result says that they live on."""
    unit = start("lived-in")
    plant(unit)
    result = unit.run(module)
    assert closing(unit) == []
    assert unit.device.closed_sessions == []
    concerned = module in ("firewall", "sip_alg", "sip_allowlist")
    told = "live on until they time out" in " ".join(result["pending"])
    assert told or not concerned
    if module == "management_access":
        assert result["pending"] == []


def test_nothing_is_closed_without_a_change(start: Start) -> None:
    """A run that changes nothing closes nothing and reads no sessions; nor does check mode, nor `deleted`."""
    unit = start("factory")
    plant(unit)
    unit.run(check=True, clear_sessions=True)
    assert unit.device.closed_sessions == []
    unit.run(clear_sessions=True)
    plant(unit)
    unit.device.closed_sessions.clear()
    unit.forget()
    assert unit.run(clear_sessions=True)["pending"] == []
    unit.run(state="deleted", clear_sessions=True)
    assert unit.device.closed_sessions == []
    assert closing(unit) == []
    assert not [entry for entry in unit.device.log if "monitor/firewall/" in entry["path"]]


def test_every_vdom_is_looked_at(start: Start) -> None:
    """SIP sessions of each VDOM end when the ALG is switched off there; those of other VDOMs stay."""
    unit = start("factory", vdoms=("root", "voice", "other"))
    own = [{**STRANGERS[0], "sport": 4000 + n, "vdom": vdom} for n, vdom in enumerate(("root", "voice", "other"))]
    unit.device.sessions[:] = [dict(one) for one in own]
    unit.run("sip_alg", vdoms=["root", "voice"], clear_sessions=True)
    assert unit.device.sessions == own[2:]


def test_more_sessions_than_a_page_holds(start: Start) -> None:
    """A stranger's flow behind a thousand others is found too."""
    unit = start("factory")
    many = [session(f"10.0.{n // 250}.{n % 250 + 1}", 1024 + n, STRANGER, 53, inward=False) for n in range(2300)]
    unit.device.sessions[:] = [*many, *(dict(one) for one in STRANGERS)]
    unit.run("sip_allowlist", clear_sessions=True)
    assert sorted(map(repr, unit.device.closed_sessions)) == sorted(map(repr, STRANGERS))


def test_a_unit_that_does_not_list_sessions_is_hardened_all_the_same(start: Start) -> None:
    """Where sessions cannot be read that is said; the rules are in force."""
    unit = start("factory")
    plant(unit)
    unit.device.faults.plant(kind="html", path="monitor/firewall/session")
    result = unit.run("sip_allowlist", clear_sessions=True)
    assert result["changed"]
    assert "session" in " ".join([*result["pending"], *result["remarks"]])
    assert unit.run("sip_allowlist")["plan"] == []


def test_a_narrowed_range_ends_flows_with_what_is_no_longer_the_providers(start: Start) -> None:
    """What was the provider's yesterday is a stranger today."""
    unit = start("factory")
    unit.run("sip_allowlist", provider=provider(signalling=[*SIGNALLING, "192.0.2.64/26"], media=list(MEDIA)))
    plant(unit)
    unit.device.closed_sessions.clear()
    unit.run("sip_allowlist", clear_sessions=True)
    assert {one["daddr"] if one["srcintf"] == "internal" else one["saddr"] for one in unit.device.closed_sessions} == {
        STRANGER
    }
    assert unit.device.sessions == [*PROVIDERS, *OTHERS]


def test_cleartext_transport_keeps_the_providers_flows(start: Start) -> None:
    """With udp the provider's flows on 5060 stay, strangers' end."""
    unit = start("factory")
    ours = session(PHONE, 5060, PROVIDER_SIP, 5060, inward=False)
    unit.device.sessions[:] = [dict(STRANGERS[0]), dict(ours)]
    unit.run("sip_allowlist", policy=policy(transport="udp"), clear_sessions=True)
    assert unit.device.sessions == [ours]
