"""Changes to edits of config.xml: what others have stays byte for byte, and where it stands."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.platforms.base import Observation
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.writer import Work, work_for
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import (
    ALG,
    ALLOWLIST,
    MANAGEMENT,
    VOICE,
    Box,
    Raw,
    altered,
    entry,
    harden,
    observed,
    plan,
    removal,
    run,
    saved,
    section,
    take_away,
    text,
    unit,
)

POLICY = site()
RULES = "filter/rule"


def work(box: Box, *concerns: str, policy: Any = POLICY) -> Work:
    seen = observed(box)
    return work_for(plan(policy, seen, *concerns), seen.document, seen.details)


def edits(found: Work) -> dict[str, Raw]:
    return {edit["path"]: edit for edit in found.edits}


def of_removal(seen: Observation, *concerns: str) -> Work:
    return work_for(removal(seen, *concerns), seen.document, seen.details)


def ours(box: Box) -> list[Raw]:
    return [one for one in section(box.config, RULES) if one["descr"].startswith("VOIPH-")]


def order(box: Box) -> list[str]:
    """The rules in their order, each block of ours as one."""
    names = ["ours" if one["descr"].startswith("VOIPH-") else one["descr"] for one in section(box.config, RULES)]
    return [name for index, name in enumerate(names) if name != "ours" or names[index - 1 : index] != ["ours"]]


# Edits


def test_nothing_to_do_is_nothing() -> None:
    found = work_for([], observed(unit()).document, observed(unit()).details)
    assert (found.edits, found.apply) == ([], {"filter": True})


def test_a_new_alias() -> None:
    found = edits(work(unit(), ALLOWLIST))["aliases/alias"]["list"]
    assert found[:5] == [{"keep": place} for place in range(5)]
    assert found[5] == {
        "new": {
            "name": "VOIPH_SIGNALLING",
            "type": "network",
            "address": "198.51.100.0/26 2001:db8:5060::/48",
            "descr": "VOIPH-kept by voip.hardening",
            "detail": "kept by voip.hardening||kept by voip.hardening",
        }
    }


def test_an_alias_keeps_one_detail_an_entry() -> None:
    box = harden(unit(), POLICY, ALLOWLIST)
    harden(box, site({"signalling": ["198.51.100.0/26", "198.51.100.128/26", "192.0.2.128/25"]}), ALLOWLIST)
    found = entry(box, "aliases/alias", "VOIPH_SIGNALLING")
    assert len(found["address"].split()) == len(found["detail"].split("||")) == 3


def test_a_rule_as_the_web_interface_writes_one() -> None:
    box = harden(unit(), POLICY, VOICE)
    assert entry(box, RULES, "VOIPH-allow-signalling") == {
        "id": "",
        "tracker": entry(box, RULES, "VOIPH-allow-signalling")["tracker"],
        "type": "pass",
        "interface": "opt3",
        "direction": "in",
        "ipprotocol": "inet",
        "protocol": "tcp",
        "vlanprioset": "vo",
        "statetype": "keep state",
        "os": "",
        "source": {"address": "10.40.0.0/24"},
        "destination": {"address": "VOIPH_SIGNALLING", "port": "VOIPH_SIP"},
        "descr": "VOIPH-allow-signalling",
        "floating": "yes",
        "quick": "yes",
    }


def test_a_rule_that_blocks_all_but_some() -> None:
    found = entry(harden(unit(), POLICY, ALLOWLIST), RULES, "VOIPH-block-rtp-in")
    assert found["source"] == {"address": "VOIPH_MEDIA", "not": ""}
    assert found["destination"] == {"any": "", "port": "VOIPH_RTP_IN"}
    assert found["log"] == ""


def test_any_protocol_is_an_element_that_is_not_there() -> None:
    assert "protocol" not in entry(harden(unit(), POLICY, VOICE), RULES, "VOIPH-voice-deny-out")


@pytest.mark.parametrize("concern", [ALG, ALLOWLIST, VOICE, MANAGEMENT])
def test_only_what_changes_is_edited(concern: str) -> None:
    paths = {
        ALG: {
            "installedpackages/siproxdsettings/config/0/sipenable",
            "installedpackages/voiphardening/config",
            "system/optimization",
        },
        ALLOWLIST: {"aliases/alias", RULES},
        VOICE: {"aliases/alias", RULES, "vlans/vlan", "interfaces/opt3", "dhcpd/opt3"},
        MANAGEMENT: {
            "aliases/alias",
            RULES,
            "installedpackages/voiphardening/config",
            "system/webgui/noantilockout",
            "system/webgui/session_timeout",
            "system/sshguard_blocktime",
        },
    }
    assert set(edits(work(unit(), concern))) == paths[concern]


# What is applied


@pytest.mark.parametrize(
    ("concern", "expected"),
    [
        (ALG, {"siproxd": True}),
        (ALLOWLIST, {}),
        (VOICE, {"vlans": ["em1.40"], "interfaces": ["opt3"], "dhcp": True}),
        (MANAGEMENT, {"sshguard": True}),
    ],
)
def test_what_is_applied(concern: str, expected: Raw) -> None:
    assert work(unit(), concern).apply == {**expected, "filter": True}


def test_what_is_applied_when_all_goes() -> None:
    found = of_removal(observed(harden(unit(), POLICY))).apply
    expected = {"vlans_gone": ["em1.40"], "interfaces_down": ["opt3"], "dhcp": True, "siproxd": True, "sshguard": True}
    assert found == {**expected, "filter": True}


def test_another_priority_makes_the_vlan_anew_with_its_interface() -> None:
    found = work(harden(unit(), POLICY, VOICE), VOICE, policy=site(voice_vlan__priority=6))
    expected = {"vlans": ["em1.40"], "interfaces_down": ["opt3"], "interfaces": ["opt3"], "dhcp": True}
    assert found.apply == {**expected, "filter": True}


def test_a_dhcp_server_alone() -> None:
    found = work(harden(unit(), POLICY, VOICE), VOICE, policy=site(voice_vlan__lease_seconds=600))
    assert found.apply == {"dhcp": True, "filter": True}
    assert edits(found) == {
        "dhcpd/opt3/defaultleasetime": {"path": "dhcpd/opt3/defaultleasetime", "set": "600"},
        "dhcpd/opt3/maxleasetime": {"path": "dhcpd/opt3/maxleasetime", "set": "600"},
    }


# Places


def test_ours_stand_before_the_first_floating_rule_that_decides() -> None:
    assert order(harden(unit(), POLICY))[:3] == ["ours", "block guessers everywhere", "queue the rest"]


def matching_first(tree: Raw) -> None:
    rules = tree["filter"]["rule"]
    rules[0], rules[1] = rules[1], rules[0]


def test_rules_that_only_match_stay_in_front() -> None:
    box = unit(tree=matching_first)
    before = text(box)
    harden(box, POLICY)
    assert order(box)[:3] == ["queue the rest", "ours", "block guessers everywhere"]
    assert not run(box, POLICY)["changed"]
    take_away(box)
    assert text(box) == before


def test_without_floating_rules_ours_come_first() -> None:
    def none(tree: Raw) -> None:
        del tree["filter"]["rule"][:2]

    assert order(harden(unit(tree=none), POLICY))[:2] == ["ours", "ping inside"]


def test_with_matching_rules_alone_ours_follow_them() -> None:
    def match_alone(tree: Raw) -> None:
        del tree["filter"]["rule"][0]

    assert order(harden(unit(tree=match_alone), POLICY))[:3] == ["queue the rest", "ours", "ping inside"]


@pytest.mark.parametrize("place", [0, 5, 1000])
def test_a_rule_that_was_moved_comes_back(place: int) -> None:
    box = harden(unit(), POLICY)
    before = [one["descr"] for one in section(box.config, RULES)]
    rules = copy.deepcopy(section(box.config, RULES))
    rules.insert(place, rules.pop(next(i for i, one in enumerate(rules) if one["descr"] == "VOIPH-voice-deny-in")))
    saved(box, {RULES: rules})
    assert run(box, POLICY)["changed"]
    assert [one["descr"] for one in section(box.config, RULES)] == before
    assert not run(box, POLICY)["changed"]


def test_a_floating_rule_that_somebody_puts_first_goes_behind_ours() -> None:
    box = harden(unit(), POLICY)
    rules = copy.deepcopy(section(box.config, RULES))
    theirs = {**rules[-1], "tracker": "1700000001", "descr": "let all in", "floating": "yes", "quick": "yes"}
    saved(box, {RULES: [theirs, *rules]})
    assert run(box, POLICY)["changed"]
    assert order(box)[:3] == ["ours", "let all in", "block guessers everywhere"]


def test_rules_of_others_are_what_they_were() -> None:
    """Elements that nobody here knows, empty ones, their order: all of it."""
    box = unit()
    before = section(box.config, RULES)
    harden(box, POLICY)
    found = [one for one in section(box.config, RULES) if not one["descr"].startswith("VOIPH-")]
    assert [list(one.items()) for one in found] == [list(one.items()) for one in before]


# Separators


def separated(*rows: int, kind: str = "filter") -> Box:
    """A box with marks between floating rules, or between forwards, before these places."""

    def alter(tree: Raw) -> None:
        marks = {f"sep{i}": {"row": f"fr{row}", "text": str(row), "color": "bg-info"} for i, row in enumerate(rows)}
        if kind == "filter":
            tree["filter"]["separator"]["floatingrules"] = marks
        else:
            tree["nat"]["separator"] = marks

    return unit(tree=alter)


def places(box: Box, path: str) -> list[str]:
    return [one["row"][0] if isinstance(one["row"], list) else one["row"] for one in section(box.config, path).values()]


@pytest.mark.parametrize("tree", [None, matching_first], ids=["deciding first", "matching first"])
def test_separators_stay_before_the_rule_that_they_stood_before(tree: Any) -> None:
    box = separated(0, 1, 2)
    if tree is not None:
        saved(box, {RULES: [section(box.config, RULES)[i] for i in (1, 0, *range(2, 16))]})
    before, count = text(box), 0
    harden(box, POLICY)
    count = len(ours(box))
    first = 0 if tree is not None else count
    assert places(box, "filter/separator/floatingrules") == [f"fr{first}", f"fr{1 + count}", f"fr{2 + count}"]
    assert places(box, "filter/separator/wan") == ["fr2"]
    take_away(box)
    assert text(box) == before


def test_a_separator_above_ours_stays_there() -> None:
    box = harden(separated(0), POLICY)
    saved(box, {"filter/separator/floatingrules/sep0/row": ["fr0"]})
    harden(box, site(pbx={"address": "172.16.5.20"}))
    assert places(box, "filter/separator/floatingrules") == ["fr0"]


def test_separators_of_forwards() -> None:
    box = separated(0, 2, 3, kind="nat")
    before = text(box)
    harden(box, site(pbx={"address": "172.16.5.20"}))
    assert places(box, "nat/separator") == ["fr2", "fr4", "fr5"]
    take_away(box)
    assert text(box) == before


# Drift


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "block"},
        {"type": "match"},
        {"disabled": ""},
        {"interface": "lan"},
        {"interface": "opt3,lan"},
        {"direction": "out"},
        {"ipprotocol": "inet6"},
        {"protocol": "udp"},
        {"protocol": None},
        {"vlanprioset": "bk"},
        {"vlanprioset": None},
        {"source": {"any": ""}},
        {"source": {"address": "10.40.0.0/24", "not": ""}},
        {"source": {"address": "10.40.0.0/24", "port": "5060"}},
        {"destination": {"any": "", "port": "VOIPH_SIP"}},
        {"destination": {"address": "VOIPH_SIGNALLING"}},
        {"destination": {"address": "VOIPH_SIGNALLING", "port": "VOIPH_SIP", "not": ""}},
        {"quick": None},
        {"floating": None},
        {"log": ""},
        {"gateway": "WANGW"},
        {"defaultqueue": "qVoIP"},
        {"dnpipe": "Up"},
        {"dnpipe": "Up", "pdnpipe": "Down"},
        {"associated-rule-id": "nat_1"},
        {"tracker": "1690000010"},
        {"tracker": None},
        {"statetype": "none"},
        {"os": "Windows"},
        {"sched": "nights"},
        {"tag": "x"},
        {"tagged": "x"},
        {"dscp": "ef"},
        {"vlanprio": "vo"},
        {"max": "1"},
        {"max-src-states": "1"},
        {"statetimeout": "1"},
        {"dnpipe": "slow", "pdnpipe": "slow"},
        {"disablereplyto": ""},
        {"tcpflags_any": ""},
        {"allowopts": ""},
        {"nosync": ""},
        {"never-heard-of": {"x": "y"}},
        {"descr": "not ours any more"},
    ],
    ids=lambda fields: " ".join(f"{name}={value}" for name, value in fields.items())[:40],
)
def test_whatever_somebody_does_to_a_rule_is_mended(fields: Raw) -> None:
    box = harden(unit(), POLICY)
    before = {one["descr"]: {name: one[name] for name in one if name != "tracker"} for one in ours(box)}
    numbers = {one["tracker"] for one in ours(box)}
    altered(box, RULES, "VOIPH-allow-signalling", **fields)
    assert run(box, POLICY)["changed"]
    assert {one["descr"]: {name: one[name] for name in one if name != "tracker"} for one in ours(box)} == before
    assert len({one["tracker"] for one in ours(box)}) == len(numbers)
    assert not run(box, POLICY)["changed"]


@pytest.mark.parametrize(
    "fields",
    [
        {"address": "192.0.2.1", "detail": "x"},
        {"address": ""},
        {"type": "host"},
        {"type": "urltable", "url": "https://example.com/"},
        {"descr": "x"},
        {"name": "Mine"},
    ],
)
def test_whatever_somebody_does_to_an_alias_is_mended(fields: Raw) -> None:
    box = harden(unit(), POLICY)
    before = entry(box, "aliases/alias", "VOIPH_MEDIA")
    altered(box, "aliases/alias", "VOIPH_MEDIA", **fields)
    assert run(box, POLICY)["changed"]
    after = entry(box, "aliases/alias", "VOIPH_MEDIA")
    assert {name: after[name] for name in before} == before
    assert not run(box, POLICY)["changed"]


@pytest.mark.parametrize(
    ("path", "name", "fields"),
    [
        ("nat/outbound/rule", "VOIPH-static-port-wan", {"target": "198.51.100.9", "target_subnet": "32"}),
        ("nat/outbound/rule", "VOIPH-static-port-wan", {"sourceport": "5060"}),
        ("nat/outbound/rule", "VOIPH-static-port-wan", {"natport": "5060"}),
        ("nat/outbound/rule", "VOIPH-static-port-wan", {"nonat": ""}),
        ("nat/outbound/rule", "VOIPH-static-port-wan", {"staticnatport": None}),
        ("nat/outbound/rule", "VOIPH-static-port-wan", {"disabled": ""}),
        ("nat/outbound/rule", "VOIPH-static-port-wan", {"protocol": None}),
        ("nat/outbound/rule", "VOIPH-static-port-wan", {"destination": {"network": "VOIPH_PROVIDER", "not": ""}}),
        ("nat/outbound/rule", "VOIPH-static-port-wan", {"destination": {"any": ""}}),
        ("nat/rule", "VOIPH-pbx-sip-wan-5061", {"source": {"any": ""}}),
        ("nat/rule", "VOIPH-pbx-sip-wan-5061", {"target": "172.16.5.21"}),
        ("nat/rule", "VOIPH-pbx-sip-wan-5061", {"local-port": "5070"}),
        ("nat/rule", "VOIPH-pbx-sip-wan-5061", {"disabled": ""}),
        ("nat/rule", "VOIPH-pbx-sip-wan-5061", {"nordr": ""}),
        ("nat/rule", "VOIPH-pbx-sip-wan-5061", {"associated-rule-id": "pass"}),
        ("nat/rule", "VOIPH-pbx-sip-wan-5061", {"natreflection": "purenat"}),
    ],
)
def test_whatever_somebody_does_to_a_translation_is_mended(path: str, name: str, fields: Raw) -> None:
    policy = site({"static_port": True}, pbx={"address": "172.16.5.20"})
    box = harden(unit(), policy)
    before = entry(box, path, name)
    altered(box, path, name, **fields)
    assert run(box, policy)["changed"]
    assert entry(box, path, name) == before
    assert not run(box, policy)["changed"]


def test_a_copy_of_one_of_ours_goes() -> None:
    box = harden(unit(), POLICY)
    count = len(ours(box))
    saved(box, {f"{RULES}/": {**entry(box, RULES, "VOIPH-allow-media"), "tracker": "1700000001", "interface": "wan"}})
    assert run(box, POLICY)["changed"]
    assert len(ours(box)) == count
    assert not run(box, POLICY)["changed"]


def test_a_copy_with_the_same_number_of_a_rule_of_the_sites() -> None:
    """The site's rule stays; ours gets another number, since pf could not tell which of the two it holds."""
    box = harden(unit(), POLICY)
    number = entry(box, RULES, "VOIPH-allow-media")["tracker"]
    altered(box, RULES, "no mail out", tracker=number)
    assert run(box, POLICY)["changed"]
    assert entry(box, RULES, "no mail out")["tracker"] == number
    assert entry(box, RULES, "VOIPH-allow-media")["tracker"] == str(int(number) + 1)
    assert not run(box, POLICY)["changed"]
