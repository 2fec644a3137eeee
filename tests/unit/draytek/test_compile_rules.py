"""SIP and RTP only between a site and its provider, and the phones' rules: the exact rows, on both classes of units."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Desired
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row
from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood, NotPossible
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    FILTER,
    GROUPS,
    OBJECTS,
    RULES,
    SERVICE_GROUPS,
    SERVICES,
    SETS,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import Unverifiable
from tests.unit.draytek.shapes import ACROSS, IN, OUT, blocks, group, host, network, passes, service
from tests.unit.draytek.units import (
    LARGE,
    MODELS,
    SMALL,
    compiled,
    controls,
    harden,
    kept,
    named,
    observed,
    owned,
    plan,
    typed,
    unit,
)
from tests.unit.fortios.sites import site

ALLOWLIST, VOICE = "sip_allowlist", "voice_vlan"
NO_IPV6 = "the provider's IPv6 networks are left out: the phones' network is IPv4"
ADDRESSES = {"voice_vlan__ntp_servers": ["192.0.2.123"], "voice_vlan__provisioning": ["192.0.2.80"]}


def rules(desired: Desired) -> dict[str, Row]:
    """Our rules by name, without keys and digests."""
    hidden = ("id", "set", "name", "digest")
    return {
        one["name"]: {field: value for field, value in one.items() if field not in hidden}
        for one in owned(desired, RULES)
    }


def places(desired: Desired) -> dict[str, str]:
    return {one["name"]: one["id"] for one in owned(desired, RULES)}


def test_objects_of_the_allowlist() -> None:
    desired, remarks = compiled(site(), observed(unit(), ALLOWLIST), ALLOWLIST)
    assert remarks == [NO_IPV6]
    assert named(desired, OBJECTS) == {
        "VOIPH-YYZWIADI": network("198.51.100.0", "255.255.255.192"),
        "VOIPH-ZMAHCADE": network("203.0.113.0", "255.255.255.128"),
    }
    assert named(desired, GROUPS) == {"VOIPH-SIGNAL": group(192), "VOIPH-MEDIA": group(191)}
    assert named(desired, SERVICES) == {
        "VOIPH-SATYUJ4K": service(6, 5061, 5061),
        "VOIPH-SJHCBHCA": service(17, 10000, 20000),
        "VOIPH-SQTYQJ4K": service(255, 5060, 5061),
    }
    assert named(desired, SERVICE_GROUPS) == {}


@pytest.mark.parametrize("model", MODELS)
def test_rules_of_the_allowlist(model: str) -> None:
    desired, _remarks = compiled(site(), observed(unit(model), ALLOWLIST), ALLOWLIST)
    sip, rtp, guarded = ("service 96",), ("service 95",), ("service 94",)
    signalling, media = ("group 32",), ("group 31",)
    assert rules(desired) == {
        "allow-signalling": passes(OUT, destination=signalling, service=sip),
        "allow-media": passes(OUT, destination=media, service=rtp),
        "allow-signalling-in": passes(IN, source=signalling, service=sip),
        "allow-media-in": passes(IN, source=media, service=rtp),
        "block-sip-out": blocks(OUT, service=guarded),
        "block-sip-in": blocks(IN, service=guarded),
        "block-rtp-in": blocks(IN, service=rtp),
    }
    assert controls(desired, RULES) == {
        "allow-signalling": ("FW-1",),
        "allow-media": ("FW-2",),
        "allow-signalling-in": ("FW-1",),
        "allow-media-in": ("FW-2",),
        "block-sip-out": ("FW-1", "SVC-1"),
        "block-sip-in": ("FW-1", "SVC-1"),
        "block-rtp-in": ("FW-2",),
    }


@pytest.mark.parametrize("model", MODELS)
def test_rules_of_the_phones(model: str) -> None:
    desired, _remarks = compiled(site(**ADDRESSES), observed(unit(model), VOICE), VOICE)
    phones = ("object 190",)
    found = rules(desired)
    del found["allow-signalling"], found["allow-media"], found["allow-signalling-in"], found["allow-media-in"]
    assert found == {
        "allow-dns": passes(OUT, source=phones, destination=("group 30",), service=("service 94",)),
        "allow-ntp": passes(OUT, source=phones, destination=("group 29",), service=("service 93",)),
        "allow-provisioning": passes(OUT, source=phones, destination=("group 28",), service=("service 92",)),
        "voice-deny-out": blocks(OUT, source=phones),
        "voice-deny-in": blocks(IN, destination=phones),
        "voice-deny-lan": blocks(ACROSS, source=phones),
        "lan-deny-voice": blocks(ACROSS, destination=phones),
    }
    assert controls(desired, RULES)["voice-deny-in"] == ("VLAN-1", "WEB-1")
    assert controls(desired, RULES)["allow-dns"] == ("VLAN-3",)
    assert named(desired, OBJECTS) == {
        "VOIPH-YYZWIADI": network("198.51.100.0", "255.255.255.192"),
        "VOIPH-ZMAHCADE": network("203.0.113.0", "255.255.255.128"),
        "VOIPH-BIUAAADA": network("10.40.0.0", "255.255.255.0"),
        "VOIPH-YYZWINMA": host("198.51.100.53"),
        "VOIPH-YAAAE64A": host("192.0.2.123"),
        "VOIPH-YAAAEUEA": host("192.0.2.80"),
    }
    assert named(desired, GROUPS) == {
        "VOIPH-SIGNAL": group(192), "VOIPH-MEDIA": group(191), "VOIPH-DNS": group(189), "VOIPH-NTP": group(188),
        "VOIPH-PROV": group(187),
    }
    assert named(desired, SERVICES) == {
        "VOIPH-SATYUJ4K": service(6, 5061, 5061),
        "VOIPH-SJHCBHCA": service(17, 10000, 20000),
        "VOIPH-SQAGUADK": service(255, 53, 53),
        "VOIPH-SIAPMAHW": service(17, 123, 123),
        "VOIPH-SABXMA3W": service(6, 443, 443),
    }


def test_several_ranges_of_ports_are_a_group() -> None:
    policy = site({"rtp_ports": ["10000-12000", "30000-30999"]})
    desired, _remarks = compiled(policy, observed(unit(), ALLOWLIST), ALLOWLIST)
    assert named(desired, SERVICE_GROUPS) == {"VOIPH-RTP": {"member": ("service 94", "service 95")}}
    assert rules(desired)["block-rtp-in"]["service"] == ("service group 32",)
    assert {row["destination"] for row in owned(desired, SERVICES)} == {
        (0, 5061, 5061), (0, 10000, 12000), (0, 30000, 30999), (0, 5060, 5061),
    }


FORWARDED: dict[str, tuple[str, set[tuple[int, int, int]]]] = {
    "to the port that it has": ("tcp 5061 0 0 10.40.0.20 5061", set()),
    "to another one": ("tcp 5061 0 0 10.40.0.20 15061", {(0, 15061, 15061)}),
    "to another one elsewhere": ("tcp 5061 0 0 192.168.1.20 15061", set()),
    "of another protocol": ("udp 5061 0 0 10.40.0.20 15061", set()),
    "of another port": ("tcp 8443 0 0 10.40.0.20 443", set()),
}


@pytest.mark.parametrize(("line", "further"), FORWARDED.values(), ids=FORWARDED)
def test_the_provider_passes_by_the_inside_port_of_a_forward_too(line: str, further: set[tuple[int, int, int]]) -> None:
    """Rules of newer releases see the inside port, and what denies access to the phones stands behind."""
    device = typed(unit(), f"srv nat portmap add 1 pbx {line} wan1 1")
    desired, _remarks = compiled(site(), observed(device, ALLOWLIST, VOICE), ALLOWLIST, VOICE)
    found = rules(desired)
    blocks_of = {one["id"]: (one["destination"],) for one in owned(desired, SERVICES)}
    blocks_of |= {
        one["id"]: tuple(blocks_of[key][0] for key in one["member"]) for one in owned(desired, SERVICE_GROUPS)
    }
    (outwards,) = found["allow-signalling"]["service"]
    (inwards,) = found["allow-signalling-in"]["service"]
    assert set(blocks_of[outwards]) == {(0, 5061, 5061)}
    assert set(blocks_of[inwards]) == {(0, 5061, 5061)} | further
    assert found["allow-media"]["service"] == found["allow-media-in"]["service"]


def test_a_destination_with_a_name_leaves_its_port_open_and_that_is_said() -> None:
    desired, remarks = compiled(site(), observed(unit(), VOICE), VOICE)
    found = rules(desired)
    assert found["allow-ntp"]["destination"] == ("any",)
    assert found["allow-provisioning"]["destination"] == ("any",)
    said = (
        "{}: a Vigor's rules know addresses only, so its ports are open from the phones to any destination, because of "
        "{}; give addresses in voip_policy.voice_vlan to limit it"
    )
    assert remarks[:3] == [
        NO_IPV6,
        said.format("allow-ntp", "ntp1.example.com"),
        said.format("allow-provisioning", "provisioning.example.com"),
    ]


def test_destinations_by_ipv6_only_need_no_rule() -> None:
    policy = site({"dns": ["2001:db8:53::53"]}, voice_vlan__dns_servers=["192.0.2.53"],
                  voice_vlan__provisioning=["2001:db8::80"], voice_vlan__ntp_servers=["2001:db8::123"])
    desired, _remarks = compiled(policy, observed(unit(), VOICE), VOICE)
    assert not {"allow-ntp", "allow-provisioning"} & set(rules(desired))
    assert "VOIPH-SIAPMAHW" not in named(desired, SERVICES)


# Where rules stand


def test_a_small_unit_takes_two_sets_that_lead_to_the_sites() -> None:
    desired, _remarks = compiled(site(), observed(unit(SMALL, "lived-in")))
    assert owned(desired, SETS) == [
        {"id": "12", "comment": "VOIPH-1", "next": "11"},
        {"id": "11", "comment": "VOIPH-2", "next": "2"},
    ]
    assert kept(desired)[FILTER, ""] == {"data": "12"}
    assert places(desired) == {
        "allow-signalling": "12.1", "allow-media": "12.2", "allow-signalling-in": "12.3", "allow-media-in": "12.4",
        "block-sip-out": "12.5", "block-sip-in": "12.6", "block-rtp-in": "12.7",
        "allow-dns": "11.1", "allow-ntp": "11.2", "allow-provisioning": "11.3", "voice-deny-out": "11.4",
        "voice-deny-in": "11.5", "voice-deny-lan": "11.6", "lan-deny-voice": "11.7",
    }


def test_a_large_unit_takes_one_set() -> None:
    desired, _remarks = compiled(site(), observed(unit(LARGE, "lived-in")))
    assert owned(desired, SETS) == [{"id": "50", "comment": "VOIPH-1", "next": "2"}]
    assert kept(desired)[FILTER, ""] == {"data": "50"}
    assert list(places(desired).values()) == [f"50.{place}" for place in range(1, 15)]


def test_a_set_that_the_site_uses_is_passed_over() -> None:
    lines = ("ipf set 12 -m last", "ipf rule 11 3 -e 1 -M here", "ipf set 10 -n 5", 'ipf rule 9 7 -t "i 4 1"')
    device = typed(unit(), *lines)
    desired, _remarks = compiled(site(), observed(device))
    assert [one["id"] for one in owned(desired, SETS)] == ["8", "7"]


def test_an_allowlist_alone_takes_one_set_of_a_small_unit() -> None:
    desired, _remarks = compiled(site(), observed(unit(), ALLOWLIST), ALLOWLIST)
    assert owned(desired, SETS) == [{"id": "12", "comment": "VOIPH-1", "next": "2"}]


def test_a_filter_that_is_off_is_switched_on() -> None:
    desired, _remarks = compiled(site(), observed(typed(unit(), "ipf set -d 0")))
    assert [one["next"] for one in owned(desired, SETS)] == ["11", ""]
    assert kept(desired)[FILTER, ""] == {"data": "12"}


def test_the_sites_own_start_is_found_behind_ours_again() -> None:
    device = unit(SMALL, "lived-in")
    harden(device, site())
    typed(device, "ipf set -d 5")  # somebody lets the filter start with a set of theirs
    desired, _remarks = compiled(site(), observed(device))
    assert [one["next"] for one in owned(desired, SETS)] == ["11", "5"]


# What does not fit

FULL = (
    "{}: no free place is left among those that are kept for this collection on this unit (voip_reserved_objects, for "
    "IP objects); nothing was written"
)
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    # provider, policy, what is said of a Vigor2927 fresh from the factory
    "no IPv4 network for signalling": (
        {"signalling": ["2001:db8:5060::/48"]},
        {},
        "voip_provider.signalling: no IPv4 network, and phones at a Vigor are reached by IPv4 only",
    ),
    "no IPv4 network for media": (
        {"media": ["2001:db8:5061::/48"]},
        {},
        "voip_provider.media: no IPv4 network, and phones at a Vigor are reached by IPv4 only",
    ),
    "more networks than two groups take": (
        {"signalling": [f"198.51.100.{8 * number}" for number in range(25)]},
        {},
        "VOIPH-SIGNAL: 25 networks, and a rule of this unit takes 2 groups of 12; nothing was written",
    ),
    "more networks than there are objects": (
        {
            "signalling": [f"198.51.100.{8 * number}" for number in range(24)],
            "media": [f"203.0.113.{8 * number}" for number in range(24)],
        },
        {"voice_vlan__ntp_servers": [f"192.0.2.{8 * number}" for number in range(1, 24)]},
        FULL.format("IP objects"),
    ),
    "more ranges of ports than a group takes": (
        {"rtp_ports": [f"{port}-{port + 100}" for port in range(10000, 19000, 1000)]},
        {},
        "VOIPH-RTP: 9 ranges of ports, and a service group of this unit takes 8; nothing was written",
    ),
    "a PBX outside the phones' network": (
        {},
        {"pbx": {"address": "10.0.0.20"}},
        "voip_policy.pbx.address: 10.0.0.20 is outside the voice subnet; on a Vigor a phone system is reached in the "
        "phones' own network only",
    ),
}


@pytest.mark.parametrize(("provider", "changes", "said"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit(provider: dict[str, Any], changes: dict[str, Any], said: str) -> None:
    device = unit()
    with pytest.raises(NotPossible) as refusal:
        compiled(site(provider, **changes), observed(device))
    assert str(refusal.value) == said
    assert device.writes == 0


def test_a_large_group_takes_what_a_small_one_does_not() -> None:
    policy = site({"signalling": [f"198.51.100.{8 * number}" for number in range(25)]})
    desired, _remarks = compiled(policy, observed(unit(LARGE)))
    assert len(named(desired, GROUPS)["VOIPH-SIGNAL"]["member"]) == 25


def test_networks_that_one_group_does_not_take_are_in_two() -> None:
    policy = site({"signalling": [f"198.51.100.{8 * number}" for number in range(15)]})
    desired, _remarks = compiled(policy, observed(unit()), ALLOWLIST)
    groups = named(desired, GROUPS)
    assert len(groups["VOIPH-SIGNAL"]["member"]) == 12
    assert len(groups["VOIPH-SIGNAL2"]["member"]) == 3
    assert rules(desired)["allow-signalling"]["destination"] == ("group 32", "group 31")


SITES: dict[str, tuple[tuple[str, ...], str]] = {
    "no set is free": (
        tuple(f"ipf set {number} -m taken" for number in range(1, 13)),
        "filter sets: none of this unit's is free (no comment, no next set, no rule in use); nothing was written",
    ),
    "a filter that is off and blocks": (
        ("ipf set -d 0 -p 1 0",),
        "ipf: the data filter is off and blocks what no rule matches: switching it on would cut the site off. Let its "
        "default rule pass first, or switch the filter on with rules of your own",
    ),
    "groups of others everywhere": (
        tuple(f"object ip grp {number} -n taken" for number in range(21, 33)),
        FULL.format("IP groups"),
    ),
    "services of others everywhere": (
        tuple(f"object service obj {number} -n taken" for number in range(65, 97)),
        FULL.format("service objects"),
    ),
}


@pytest.mark.parametrize(("lines", "said"), SITES.values(), ids=SITES)
def test_units_that_have_no_room(lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(NotPossible) as refusal:
        compiled(site(), observed(typed(unit(), *lines)))
    assert str(refusal.value) == said


def test_a_rule_of_the_site_in_a_set_of_ours() -> None:
    device = unit()
    harden(device, site(), ALLOWLIST)
    typed(device, "ipf rule 12 5 -M theirs")
    with pytest.raises(NotPossible) as refusal:
        compiled(site(), observed(device))
    assert str(refusal.value) == (
        "ipf rule 12.5: the site has a rule of its own there, in a filter set that is ours; move it to another set, "
        "then run again"
    )


# A PBX, exclusive sites


def test_a_pbx_among_the_phones() -> None:
    policy = site(pbx={"address": "10.40.0.9"}, voice_vlan__dhcp_first="10.40.0.20")
    desired, remarks = compiled(policy, observed(unit(), ALLOWLIST), ALLOWLIST)
    assert remarks == [
        "port redirections to the phone system are the site's to make; whatever they are, SIP and RTP pass through "
        "them for the provider only",
        NO_IPV6,
    ]
    assert set(rules(desired)) == set(rules(compiled(site(), observed(unit(), ALLOWLIST), ALLOWLIST)[0]))


def test_exposing_rules_of_others_are_switched_off_where_that_is_asked_for() -> None:
    device = unit(SMALL, "lived-in")
    plain, _remarks = compiled(site(), observed(device))
    exclusive, _remarks = compiled(site(enforce_exclusive=True), observed(device))
    assert (RULES, "5.2") not in kept(plain)
    assert kept(exclusive)[RULES, "5.2"] == {"enabled": False}
    assert [key for path, key in kept(exclusive) if path == RULES] == ["5.2"]


# What a unit does not show


def test_parts_that_a_unit_hides_are_known_by_the_comment_only() -> None:
    device = unit(SMALL, references="opaque")
    harden(device, site(), ALLOWLIST)
    seen = observed(device, ALLOWLIST)
    assert plan(site(), seen, ALLOWLIST) == []
    assert seen.unverifiable[0] == Unverifiable(
        "FW-1",
        "ipf rule 12.1 allow-signalling: the unit shows destination, service in words that are not understood; what "
        "was set last is known by the rule's comment only",
        False,
    )
    assert len(seen.unverifiable_texts) == 7
    assert {one.control for one in seen.unverifiable} >= {"FW-1", "FW-2", "SVC-1"}


def test_hidden_parts_are_written_again_once_the_policy_is_another() -> None:
    device = unit(SMALL, references="opaque")
    harden(device, site(), ALLOWLIST)
    seen = observed(device, ALLOWLIST)
    changes = plan(site(transport="udp"), seen, ALLOWLIST)
    changed = {change.key: set(change.after or {}) for change in changes if change.table.path == RULES}
    assert changed == {key: {"service", "digest"} | side for key, side in {
        "12.1": {"destination"}, "12.3": {"source"}}.items()}


# Several concerns


@pytest.mark.parametrize("model", MODELS)
def test_a_rule_that_two_concerns_ask_for_is_one(model: str) -> None:
    desired, _remarks = compiled(site(), observed(unit(model)))
    found = controls(desired, RULES)
    assert len(found) == 14
    assert found["allow-signalling"] == ("FW-1",)
    assert controls(desired, OBJECTS)["VOIPH-BIUAAADA"] == ("VLAN-3",)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("first", [ALLOWLIST, VOICE])
def test_rules_of_another_concern_stay_as_they_are(first: str, model: str) -> None:
    device = unit(model, "lived-in")
    harden(device, site(), first)
    second = VOICE if first == ALLOWLIST else ALLOWLIST
    changes = harden(device, site(), second)
    assert not [change for change in changes if change.action == "delete"]
    assert plan(site(), observed(device, first), first) == []
    assert plan(site(), observed(device, ALLOWLIST, VOICE), ALLOWLIST, VOICE) == []


@pytest.mark.parametrize("config", ["factory", "lived-in"])
@pytest.mark.parametrize("model", MODELS)
def test_a_plan_that_is_carried_out_leaves_nothing_to_do(model: str, config: str) -> None:
    device = unit(model, config)
    assert harden(device, site(**ADDRESSES))
    assert plan(site(**ADDRESSES), observed(device)) == []


def test_a_comment_that_bears_our_mark_and_is_none_of_ours() -> None:
    """Nobody knows what such a rule is, so nothing is done to the unit."""
    with pytest.raises(Misunderstood) as error:
        observed(typed(unit(), "ipf rule 2 3 -M VOIPH-mine"))
    assert str(error.value) == (
        "ipf rule 2.3: the comment 'VOIPH-mine' bears our mark and is not one of ours; rename it, or clear the rule"
    )
