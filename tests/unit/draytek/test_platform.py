"""A Vigor as the engine sees it: what waits for a restart, what is found on the way in, what is shown of a unit."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import CREATE, DELETE, UPDATE, Change
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row
from ansible_collections.voip.hardening.plugins.module_utils.errors import LockOut
from ansible_collections.voip.hardening.plugins.module_utils.findings import Finding
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS, platform_named
from ansible_collections.voip.hardening.plugins.module_utils.platforms.base import Observation
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.commands import allowed
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.options import Options
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.platform import RESTART, DrayTek
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    ACCESS_LIST,
    BRUTE_FORCE,
    LANS,
    OBJECTS,
    RULES,
    SIP_ALG,
    TALK,
    VLAN,
    VLAN_ROWS,
    table,
)
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from tests.devices.vigor import Vigor
from tests.unit.draytek.units import (
    LARGE,
    MODELS,
    SMALL,
    TARGET,
    Logged,
    carry_out,
    harden,
    observed,
    plan,
    removal,
    typed,
    unit,
)
from tests.unit.fortios.sites import site

PLATFORM = DrayTek()
LONG = 3600.0


def test_the_platform_is_registered() -> None:
    assert isinstance(platform_named("draytek"), DrayTek)
    assert PLATFORM.name in PLATFORMS


# What waits for a restart


def altered(path: str, key: str, **fields: Any) -> Change:
    return Change(UPDATE, table(path), key, key, (), dict.fromkeys(fields), fields)


LIST_ENTRY: Row = {"id": "2", "object": "object 192"}
WAITING: dict[str, tuple[Change, bool, bool]] = {
    # the change, whether it waits on a small unit, and on a large one
    "a LAN's address": (altered(LANS, "LAN3", address="10.40.0.1"), True, True),
    "a LAN's switch": (altered(LANS, "LAN3", enabled=True), True, True),
    "a LAN's lease": (altered(LANS, "LAN3", lease=3600), False, False),
    "a LAN's address and lease": (altered(LANS, "LAN3", lease=3600, mask="255.255.255.0"), True, True),
    "routing": (altered(TALK, "", pairs=()), True, True),
    "the LAN of a VLAN": (altered(VLAN_ROWS, "2", lan="LAN3"), True, True),
    "a VLAN otherwise": (altered(VLAN_ROWS, "2", vid=40, ports=("p1",), tagged=True, pri=5), False, False),
    "VLANs": (altered(VLAN, "", enabled=True), False, False),
    "guessers": (altered(BRUTE_FORCE, "", enabled=True), False, False),
    "the helper": (altered(SIP_ALG, "", sip=False), False, False),
    "an administrator's network": (Change(CREATE, table(ACCESS_LIST), "2", "2", (), after=LIST_ENTRY), False, True),
    "one that goes": (Change(DELETE, table(ACCESS_LIST), "2", "2", (), before=LIST_ENTRY), False, True),
}


@cache
def seen_of(model: str) -> Observation:
    """What is read of a unit of this model that has an entry in its access list."""
    kind = "" if model == SMALL else "ip "
    return observed(typed(unit(model), f"mngt accesslist add {kind}2 5"))


@pytest.mark.parametrize(("change", "small", "large"), WAITING.values(), ids=WAITING)
def test_what_waits_for_a_restart(change: Change, small: bool, large: bool) -> None:
    for model, waits in ((SMALL, small), (LARGE, large)):
        assert PLATFORM.pending([change], seen_of(model)) == ([RESTART] if waits else [])


def test_a_restart_is_waited_for_until_it_came() -> None:
    """Also by later runs, of which none changes a LAN."""
    device = unit()
    device.advance(LONG)
    seen = observed(device)
    changes = plan(site(), seen)
    assert PLATFORM.pending(changes, seen) == [RESTART]
    carry_out(device, changes, seen)
    assert PLATFORM.pending([], observed(device)) == [RESTART]
    device.advance(LONG)
    assert PLATFORM.pending([], observed(device)) == [RESTART]
    device.reboot()
    assert PLATFORM.pending([], observed(device)) == []


def test_one_start_is_noted_once() -> None:
    """Clocks differ by a second or two; a plan that is shown is the one that is carried out all the same."""
    device = unit()
    device.advance(LONG)
    harden(device, site())
    later = site(voice_vlan__subnet="10.41.0.0/24")
    for seconds in (0, 7):
        device.advance(seconds)
        assert not [change for change in plan(later, observed(device)) if change.name == "VOIPH-wboot"]


def test_a_run_of_another_concern_waits_for_nothing() -> None:
    device = unit()
    device.advance(LONG)
    harden(device, site(), "sip_allowlist", "management_access")
    assert PLATFORM.pending([], observed(device, "sip_allowlist", "management_access")) == []


def test_taking_the_phones_network_away_waits_too() -> None:
    device = unit()
    device.advance(LONG)
    harden(device, site())
    device.reboot()
    seen = observed(device)
    assert PLATFORM.pending(removal(seen), seen) == [RESTART]


def test_which_notes_go_with_a_restart() -> None:
    assert set(PLATFORM.restart_notes) == {RESTART}


def test_restarting() -> None:
    device = unit()
    session = Logged(device)
    PLATFORM.restart(session)
    assert device.log[-1]["line"] == "sys reboot"
    assert device.down


# What is wrong with the way in

SAFE = replace(TARGET, fingerprint="x")
WAYS: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    "SSH with a known key": ({}, []),
    "telnet": ({"transport": "telnet"}, [("WEB-3", "high", "telnet")]),
    "broken ciphers": ({"legacy_ssh": True}, [("FWM-3", "medium", "SSH")]),
    "a key that nobody looks at": ({"validate_certs": False, "fingerprint": ""}, [("WEB-3", "medium", "SSH")]),
    "a key that is pinned all the same": ({"validate_certs": False}, []),
    "the factory's password": ({"password": Secret("admin")}, [("ADM-4", "critical", "account admin")]),
    "another account with that password": ({"username": "ops", "password": Secret("admin")}, []),
    "everything": (
        {"transport": "telnet", "validate_certs": False, "fingerprint": "", "password": Secret("admin")},
        [("WEB-3", "high", "telnet"), ("ADM-4", "critical", "account admin")],
    ),
}


@pytest.mark.parametrize(("changes", "found"), WAYS.values(), ids=WAYS)
def test_findings_about_the_way_in(changes: dict[str, Any], found: list[tuple[str, str, str]]) -> None:
    session = Logged(unit(), replace(SAFE, **changes))
    seen = PLATFORM.observe(session, ("sip_alg",), Options())
    assert [(one.control, one.severity, one.subject) for one in seen.findings] == found
    assert not any("Str0ng" in str(one) for one in seen.findings)


# What is found on a unit


def findings(device: Vigor, *concerns: str) -> list[Finding]:
    asked = concerns or CONCERNS
    return PLATFORM.findings(site(), asked, observed(device, *asked))


def test_findings_are_those_of_the_concerns() -> None:
    lines = (
        "srv nat portmap add 1 web tcp 8443 0 0 10.40.0.20 443 all 1", "mngt rmtcfg enable", "mngt rmtcfg tr069 on",
    )
    device = typed(unit(), *lines)
    assert {one.control for one in findings(device)} == {"WEB-1", "WEB-3"}
    assert {one.control for one in findings(device, "voice_vlan")} == {"WEB-1"}
    assert {one.control for one in findings(device, "sip_allowlist")} == set()
    assert findings(device, "management_access") == [
        Finding(
            "WEB-3",
            "low",
            "TR-069",
            "the unit can be managed by TR-069 from the WAN",
            "Switch it off unless a VigorACS manages the unit",
        )
    ]


def test_services_that_are_not_shown_are_not_found() -> None:
    device = typed(unit(SMALL, remote_status="opaque"), "mngt rmtcfg enable", "mngt rmtcfg tr069 on")
    assert findings(device, "management_access") == []


# What is shown


def test_gathered_shows_our_rows_and_the_settings_that_concerns_look_at() -> None:
    device = unit(SMALL, "lived-in")
    seen = observed(device)
    nothing = PLATFORM.owned(CONCERNS, seen)
    assert "VOIPH-" not in repr(nothing)
    assert nothing[SIP_ALG]["sip"] is True
    harden(device, site())
    seen = observed(device)
    shown = PLATFORM.owned(CONCERNS, seen)
    assert len(shown[RULES]) == 14
    assert shown[RULES]["12.5"]["name"] == "block-sip-out"
    assert {row["name"] for row in shown[OBJECTS].values()} >= {"VOIPH-walg", "VOIPH-BIUAAADA"}
    assert "marketing" not in repr(shown)
    assert not shown[SIP_ALG]["sip"]
    assert set(PLATFORM.owned(("sip_alg",), observed(device, "sip_alg"))) == {OBJECTS, SIP_ALG}


@pytest.mark.parametrize("model", MODELS)
def test_rendered_lines_are_those_of_a_new_unit(model: str) -> None:
    """But for what they cannot know: when it started, the guard, and a few values that guides do not tell."""
    policy = site(voice_vlan__provisioning_url="https://p.example.com/")
    seen = PLATFORM.offline(policy, Options(model=model))
    rendered = PLATFORM.render(plan(policy, seen), seen)
    assert all(set(step) == {"command"} for step in rendered)
    lines = [step["command"] for step in rendered]
    device = unit(model)
    sent = observed(device)
    typed_lines = carry_out(device, plan(policy, sent), sent)

    def comparable(found: list[str]) -> list[str]:
        unknown = ("object schedule", "mngt", "object ip obj 1")
        kept = [line.partition(" -t ")[0] for line in found if allowed(line).writes and not line.startswith(unknown)]
        return [line for line in kept if not re.fullmatch(r"ipf rule \d+ \d+", line)]

    assert comparable(lines) == comparable(typed_lines)
    assert lines[-2:] == ["vlan restart", "sys commit"]


def test_rendered_nothing_is_no_line() -> None:
    seen = PLATFORM.offline(site(), Options())
    assert PLATFORM.render([], seen) == []


@pytest.mark.parametrize(
    ("controls", "said"),
    [((), 0), (("WEB-3", "ADM-4"), 0), (("FW-1",), 1), (("FW-3",), 1), (("FW-2", "VLAN-1"), 1), (("SVC-1",), 1)],
)
def test_sessions_live_on(controls: tuple[str, ...], said: int) -> None:
    device = unit()
    told = PLATFORM.settle_flows(Logged(device), site(), controls, observed(device, "sip_alg"), clear=True)
    assert told == ["sessions that were open before live on until they time out, with whomever they are"][:said]


# The guard gets the way in


def guarded(device: Vigor, address: str, **changes: Any) -> None:
    session = Logged(device)
    session.peer_address, session.local_address = address, "192.0.2.200"
    seen: Observation = observed(device)
    policy = site(**changes)
    PLATFORM.guard(plan(policy, seen), seen, session, policy)


def test_the_controllers_declared_address_counts() -> None:
    device = typed(unit(SMALL, "lived-in"), "mngt rmtcfg ssh on")
    networks = {"management__networks": ["192.168.1.0/24", "192.0.2.32/28"]}
    guarded(device, "192.168.1.1", **networks)
    with pytest.raises(LockOut, match=r"192\.0\.2\.200"):
        guarded(device, "203.0.113.2", **networks)
    guarded(device, "203.0.113.2", **networks, management__controller_address="192.0.2.40")
