"""A pfSense as the engine sees it: whole runs against the box in this process."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils import engine
from ansible_collections.voip.hardening.plugins.module_utils.errors import NotPossible, Unsupported
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS, platform_named
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.options import Options
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.platform import PfSense
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS, SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import (
    ALG,
    ALLOWLIST,
    MANAGEMENT,
    OPTIONS,
    TARGET,
    VOICE,
    Box,
    Direct,
    OneBox,
    Raw,
    altered,
    entry,
    harden,
    run,
    saved,
    section,
    take_away,
    text,
    unit,
)

POLICY = site()
EVERYTHING = site({"static_port": True}, pbx={"address": "172.16.5.20"}, enforce_exclusive=True)


def names(box: Box, path: str = "filter/rule") -> list[str]:
    """Our rules on a box, or other entries of ours."""
    return [one["descr"] for one in section(box.config, path) if one["descr"].startswith("VOIPH-")]


def test_the_platform_is_registered() -> None:
    assert isinstance(platform_named("pfsense"), PfSense)
    assert PfSense.name in PLATFORMS


# There and back

BOXES: dict[str, Raw] = {
    "factory": {"kind": "factory"},
    "factory 2.7.2": {"kind": "factory", "version": "2.7.2"},
    "lived in": {},
    "lived in 2.7.2": {"version": "2.7.2"},
    "Plus": {"version": "24.11"},
    "Kea": {"backend": "kea"},
    "hybrid": {"outbound": "hybrid"},
    "manual": {"outbound": "advanced"},
    "no translation": {"outbound": "disabled"},
    "no siproxd": {"siproxd": "absent"},
    "siproxd off": {"siproxd": "off"},
}


@pytest.mark.parametrize("policy", [POLICY, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("choices", BOXES.values(), ids=BOXES)
def test_there_and_back(choices: Raw, policy: SitePolicy) -> None:
    """Hardened, hardened again without a change, and given back byte for byte; what runs goes back too."""
    if choices.get("kind") == "factory" and policy.pbx is not None:
        policy = replace(policy, pbx=None)
    box = unit(**choices)
    before, running, dhcp = text(box), box.running, box.dhcp
    devices, siproxd = set(box.kernel.devices), box.siproxd
    result = run(box, policy)
    assert (result["changed"], result["unverifiable"]) == (True, [])
    after = text(box)
    again = run(box, policy)
    assert (again["changed"], again["plan"], text(box)) == (False, [], after)
    assert take_away(box)["remarks"] == []
    assert text(box) == before
    assert (box.running, box.dhcp, box.kernel.devices, box.siproxd) == (running, dhcp, devices, siproxd)
    assert not take_away(box)["changed"]
    assert box.files.listed("/var/db/voip_hardening") == []


def test_check_mode_writes_nothing_and_tells_what_a_run_does() -> None:
    box = unit()
    before, writes, reloads = box.xml, box.counters.writes, box.counters.reloads
    checked = run(box, POLICY, check=True)
    assert (box.xml, box.counters.writes, box.counters.reloads) == (before, writes, reloads)
    assert set(box.counters.requests) == {"read"}
    done = run(box, POLICY)
    assert [checked[name] for name in ("changed", "plan", "diff")] == [
        done[name] for name in ("changed", "plan", "diff")
    ]


def test_a_run_that_finds_everything_asks_once() -> None:
    box = harden(unit(), POLICY)
    writes, requests = box.counters.writes, dict(box.counters.requests)
    assert run(box, POLICY)["requests"] == 2
    assert box.counters.writes == writes
    assert box.counters.requests == {**requests, "read": requests["read"] + 1}


# One concern and others


@pytest.mark.parametrize("order", list(itertools.permutations(CONCERNS))[::3])
def test_one_concern_after_the_other(order: tuple[str, ...]) -> None:
    """In whichever order, everything comes to stand as if it had been asked for at once, and goes again."""
    box = unit()
    before = text(box)
    for concern in order:
        harden(box, EVERYTHING, concern)
        assert not run(box, EVERYTHING, concern)["changed"]
    run(box, EVERYTHING)
    assert not any(run(box, EVERYTHING, concern)["changed"] for concern in CONCERNS)
    at_once = harden(unit(), EVERYTHING)
    assert sorted(names(box)) == sorted(names(at_once))
    assert [one for one in names(box) if "block-" not in one] == [one for one in names(at_once) if "block-" not in one]
    for concern in order:
        take_away(box, concern)
    assert text(box) == before


@pytest.mark.parametrize("gone", [ALG, ALLOWLIST, MANAGEMENT])
def test_one_concern_goes_and_the_others_stay(gone: str) -> None:
    box = harden(unit(), EVERYTHING)
    take_away(box, gone)
    others = [concern for concern in CONCERNS if concern != gone]
    assert not run(box, EVERYTHING, *others)["changed"]
    alone = harden(unit(), EVERYTHING, *others)
    assert sorted(names(box)) == sorted(names(alone))
    assert {one["name"] for one in section(box.config, "aliases/alias")} == {
        one["name"] for one in section(alone.config, "aliases/alias")
    }


def test_the_phones_network_goes_and_the_others_stay() -> None:
    """Rules for its interface go with it; what the other concerns asked for is as it was."""
    policy = site()
    box = harden(unit(), policy)
    take_away(box, VOICE)
    assert "opt3" not in section(box.config, "interfaces")
    assert not [name for name in names(box) if "voice" in name or name.startswith("VOIPH-allow-s")]
    assert not run(box, policy, ALG, ALLOWLIST, MANAGEMENT)["changed"]
    assert sorted(names(box)) == sorted(names(harden(unit(), policy, ALG, ALLOWLIST, MANAGEMENT)))


# Another policy


@pytest.mark.parametrize(
    "policy",
    [
        site(voice_vlan__id=50),
        site(voice_vlan__subnet="10.50.0.0/24"),
        site(voice_vlan__priority=7),
        site({"signalling": ["192.0.2.128/26"]}),
        site({"media": ["192.0.2.192/26", "2001:db8:5061::/48"]}),
        site({"sip_ports": {"tls": [5081, 5083]}}),
        site({"rtp_ports": ["30000-30999", 40000]}),
        site(management__networks=["10.0.0.0/25", "10.9.0.0/24"]),
        site({"srtp": "optional"}, transport="udp"),
        site(pbx={"address": "172.16.5.20"}),
        site(voice_vlan__parent_interface="em2"),
    ],
)
def test_another_policy_comes_to_what_it_would_have_been_at_once(policy: SitePolicy) -> None:
    box = unit()
    before = text(box)
    harden(box, POLICY)
    harden(box, policy)
    assert not run(box, policy)["changed"]
    fresh = harden(unit(), policy)
    for path in ("vlans/vlan", "interfaces", "dhcpd"):
        assert section(box.config, path) == section(fresh.config, path)
    assert sorted(map(str, section(box.config, "filter/rule"))) == sorted(
        map(str, section(fresh.config, "filter/rule"))
    )
    assert {one["name"]: one["address"] for one in section(box.config, "aliases/alias")} == {
        one["name"]: one["address"] for one in section(fresh.config, "aliases/alias")
    }
    take_away(box)
    assert text(box) == before


# What settings were


def test_settings_that_were_spoilt_are_mended_and_the_first_ones_given_back() -> None:
    box = unit()
    before = text(box)
    harden(box, POLICY)
    saved(box, {"system/optimization": "aggressive", "system/webgui/session_timeout": "480"})
    harden(box, POLICY)
    take_away(box)
    assert text(box) == before


def test_a_setting_that_somebody_changed_since_is_left() -> None:
    box = harden(unit(), POLICY)
    saved(box, {"system/webgui/session_timeout": "480"})
    assert take_away(box)["remarks"] == [
        "system/webgui  session_timeout: changed by somebody since we set it; left as it is"
    ]
    assert section(box.config, "system/webgui/session_timeout") == "480"


def test_a_stricter_setting_of_the_sites_stays() -> None:
    box = harden(unit(), POLICY)
    saved(box, {"system/webgui/session_timeout": "5"})
    assert not run(box, POLICY)["changed"]


def test_a_rule_that_was_switched_off_for_good() -> None:
    """Who deletes it meanwhile has the last word."""
    box = harden(unit(tree=open_to_all), EVERYTHING)
    assert "disabled" in entry(box, "filter/rule", "open to everybody")
    rules = [one for one in section(box.config, "filter/rule") if one["descr"] != "open to everybody"]
    saved(box, {"filter/rule": rules})
    assert not run(box, EVERYTHING)["changed"]
    take_away(box)
    assert not [one for one in section(box.config, "filter/rule") if "disabled" in one and one["descr"] != "old VPN"]


def test_one_that_somebody_switches_on_again_is_switched_off_again() -> None:
    box = harden(unit(tree=open_to_all), EVERYTHING)
    altered(box, "filter/rule", "open to everybody", disabled=None)
    harden(box, EVERYTHING)
    assert "disabled" in entry(box, "filter/rule", "open to everybody")


def open_to_all(tree: Raw) -> None:
    tree["filter"]["rule"].append(
        {
            "tracker": "1700000001",
            "type": "pass",
            "interface": "wan",
            "ipprotocol": "inet",
            "protocol": "udp",
            "source": {"any": ""},
            "destination": {"address": "10.0.0.20", "port": "5060"},
            "descr": "open to everybody",
        }
    )


# Shown


def test_gathered() -> None:
    box = harden(unit(), POLICY)
    result = run(box, None, VOICE, state="gathered")
    assert (result["changed"], result["platform"]["hostname"]) == (False, "branch-gw")
    found = result["gathered"]
    assert list(found["vlans/vlan"]) == ["em1.40"]
    assert found["interfaces"]["VOIPH_VOICE"]["name"] == "opt3"
    assert "VOIPH-voice-deny-in" in found["floating:filter/rule"]
    assert "VOIPH-block-management" not in found["floating:filter/rule"]
    assert found["system/optimization"]["optimization"] == "conservative"
    json.dumps(found)


def test_nothing_of_ours_is_gathered_from_a_box_without_it() -> None:
    found = run(unit(), None, state="gathered")["gathered"]
    assert set(found) == {
        "nat/outbound",
        "installedpackages/siproxdsettings",
        "system/optimization",
        "system/webgui",
        "system/ssh",
        "system/sshguard",
        "running",
    }


def rendered(policy: SitePolicy, options: Options = OPTIONS) -> Raw:
    job = engine.Job(
        platform=PfSense(),
        target=TARGET,
        concerns=CONCERNS,
        state="rendered",
        check=False,
        policy=policy,
        options=options,
    )
    return engine.run(job)


@pytest.mark.parametrize("version", ["2.7.2", "2.8.0", "24.11"])
def test_rendered(version: str) -> None:
    """The edits that the same policy leads to on a box from the factory, but for names of ports."""
    result = rendered(site(voice_vlan__parent_interface="em1"), Options(version=version))
    assert result["platform"]["version"] == f"{version}-RELEASE"
    found = {edit["path"]: edit for edit in result["rendered"]}
    assert found["interfaces/opt1"]["set"]["if"] == "em1.40"
    assert [one["new"]["descr"] for one in found["filter/rule"]["list"] if "new" in one] == names(
        harden(unit("factory"), POLICY)
    )
    json.dumps(result["rendered"])


def test_rendered_with_wans_and_a_pbx() -> None:
    result = rendered(site(wan_interfaces=["wan", "DSL"], pbx={"address": "172.16.5.20"}))
    rules = next(edit for edit in result["rendered"] if edit["path"] == "filter/rule")["list"]
    on = {one["new"]["interface"] for one in rules if one.get("new", {}).get("descr") == "VOIPH-block-rtp-in"}
    assert on == {"opt2,wan"}


# Refused


def test_the_secondary_of_a_pair() -> None:
    def paired(tree: Raw) -> None:
        tree["virtualip"] = {"vip": [{"mode": "carp", "interface": "lan", "subnet": "10.0.0.254", "uniqid": "1"}]}
        tree["hasync"] = {"synchronizetoip": "172.16.5.2"}

    with pytest.raises(Unsupported, match="secondary of a pair"):
        run(unit(tree=paired, carp="BACKUP"), POLICY)
    box = unit(tree=paired)
    before = text(box)
    harden(box, POLICY)
    assert "172.16.5.1/32 172.16.5.2/32" in entry(box, "aliases/alias", "VOIPH_MANAGERS")["address"]
    take_away(box)
    assert text(box) == before


def test_a_level_that_is_not_known() -> None:
    def newer(tree: Raw) -> None:
        tree["version"] = "31.0"

    with pytest.raises(Unsupported, match=r"at level 31\.0"):
        run(unit(tree=newer), POLICY)


def test_no_wan() -> None:
    def inside(tree: Raw) -> None:
        del tree["interfaces"]["wan"]["gateway"]

    with pytest.raises(NotPossible, match=r"voip_policy\.wan_interfaces"):
        run(unit(tree=inside), POLICY)


# Findings


def subjects(box: Box, *concerns: str, policy: SitePolicy | None = POLICY) -> set[tuple[str, str]]:
    return {(one["control"], one["subject"]) for one in run(box, policy, *concerns, check=True)["findings"]}


def test_accounts() -> None:
    found = subjects(unit(), MANAGEMENT)
    assert {("ADM-4", "account admin"), ("ADM-1", "web interface"), ("ADM-1", "SSH")} <= found
    assert not any(control.startswith("ADM") for control, _subject in subjects(unit(), ALG, ALLOWLIST))


@pytest.mark.parametrize(("key_only", "weak"), [("", True), ("enabled", False), ("both", False)])
def test_ssh_with_a_password_alone(key_only: str, weak: bool) -> None:
    def alter(tree: Raw) -> None:
        tree["system"]["ssh"] |= {"sshdkeyonly": key_only}

    assert (("ADM-1", "SSH") in subjects(unit(tree=alter), MANAGEMENT)) is weak


def test_a_second_factor_of_the_web_interface() -> None:
    def alter(tree: Raw) -> None:
        tree["system"]["webgui"] |= {"authmode": "radius.example.net"}

    assert ("ADM-1", "web interface") not in subjects(unit(tree=alter), MANAGEMENT)


@pytest.mark.parametrize(
    ("changes", "weak"),
    [
        ({"validate_certs": False, "fingerprint": ""}, True),
        ({"validate_certs": False}, False),
        ({"fingerprint": ""}, False),
    ],
)
def test_the_way_in(changes: dict[str, Any], weak: bool) -> None:
    box = unit()
    observed = OneBox(box).observe(Direct(box, replace(TARGET, **changes)), CONCERNS, OPTIONS)
    assert [one.subject for one in observed.findings] == (["SSH"] if weak else [])


# States that are open


def test_open_states_are_told_of() -> None:
    (pending,) = run(unit(), POLICY)["pending"]
    assert pending.startswith("states that were open before live on until they time out")
    assert run(unit(), POLICY, MANAGEMENT)["pending"] == []


def test_open_states_of_the_phones_are_closed() -> None:
    box = unit()
    other = ("10.0.0.9", "192.0.2.1")
    box.kernel.states = [("10.40.0.9", "192.0.2.1"), ("192.0.2.1", "10.40.0.9"), other]
    assert run(box, POLICY, clear=True)["pending"] == []
    assert box.kernel.states == [other]


def test_without_phones_nothing_tells_which_states_are_theirs() -> None:
    policy = replace(POLICY, voice_vlan=None)
    (pending,) = run(unit(), policy, ALLOWLIST, clear=True)["pending"]
    assert "without a voice VLAN nothing tells" in pending


def test_a_target_is_opened_by_ssh() -> None:
    session = PfSense().open(Target(host="192.0.2.1", username="admin", timeout=5))
    assert (session.requests, session.target.host) == (0, "192.0.2.1")


def test_a_password_in_another_form_is_compared_with_nothing() -> None:
    def other(tree: Raw) -> None:
        for user in tree["system"]["user"]:
            user.pop("bcrypt-hash", None)
            user["sha512-hash"] = "$6$stands-in"

    box = unit(tree=other)
    assert [line.partition(":")[0] for line in run(box, POLICY, check=True)["unverifiable"]] == ["account admin"]
    assert run(box, POLICY, "sip_alg", check=True)["unverifiable"] == []
