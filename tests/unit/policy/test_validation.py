"""What good input becomes: defaults, derived values and the notes that a reviewer should see."""

from __future__ import annotations

from datetime import date, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS, PortRange, SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.policy.validation import Validated, validate
from tests.unit.policy.samples import (
    MEDIA,
    POLICY,
    PROFILE,
    REMOVED,
    SIGNALLING,
    TODAY,
    acknowledged,
    policy,
    profile,
    refused,
)


def accepted(provider: Any = PROFILE, site: Any = POLICY, concerns: Any = None, today: date = TODAY) -> Validated:
    return validate(provider, site, concerns=concerns, today=today)


def site_policy(provider: Any = PROFILE, site: Any = POLICY) -> SitePolicy:
    return accepted(provider, site).policy


def notes(provider: Any = PROFILE, site: Any = POLICY, **options: Any) -> list[tuple[str, str, str]]:
    """Code, severity and control of every note but those on the documentation networks of the sample."""
    found = accepted(provider, site, **options).notes
    return [(note.code, note.severity, note.control) for note in found if not note.message.endswith(": documentation")]


def test_the_shortest_policy_is_completed() -> None:
    site = site_policy()
    vlan, management = site.voice_vlan, site.management
    assert vlan is not None
    assert management is not None
    assert (vlan.id, vlan.subnet) == (40, IPv4Network("10.40.0.0/24"))
    assert (str(vlan.gateway), str(vlan.dhcp_first), str(vlan.dhcp_last)) == ("10.40.0.1", "10.40.0.2", "10.40.0.254")
    assert (vlan.lease_seconds, vlan.priority, vlan.dscp, vlan.signalling_dscp) == (86400, 5, 46, 26)
    assert (vlan.parent_interface, vlan.provisioning_url, vlan.bandwidth_kbps) == (None, None, 2000)
    assert vlan.dns_servers == (IPv4Address("198.51.100.53"),)  # the IPv6 one cannot be handed out by DHCP for IPv4
    assert vlan.ntp_servers == ("ntp1.example.com",)
    assert vlan.provisioning == ("provisioning.example.com",)
    assert management.networks == (IPv4Network("10.0.0.0/24"),)
    assert (management.idle_timeout_minutes, management.lockout_threshold) == (10, 3)
    assert (management.lockout_seconds, management.password_min_length, management.source) == (300, 14, None)
    assert (site.wan_interfaces, site.pbx, site.enforce_exclusive) == ((), None, False)
    assert site.concerns == CONCERNS


def test_a_full_policy_is_taken_as_it_is() -> None:
    site = site_policy(
        site={
            "transport": "udp",
            "voice_vlan": {
                "id": "40",
                "subnet": "10.40.0.0/23",
                "gateway": "10.40.1.254",
                "dhcp_first": "10.40.0.10",
                "dhcp_last": "10.40.1.200",
                "lease_seconds": "3600",
                "priority": 6,
                "dscp": 40,
                "signalling_dscp": 24,
                "parent_interface": "internal1.10/2",
                "dns_servers": ["10.40.1.254", "10.40.1.254", "192.0.2.53"],
                "ntp_servers": ["NTP2.Example.com", "2001:db8::7b"],
                "provisioning": ["10.60.0.5", "10.60.1.0/24", "2001:db8:60::/64", "Provisioning.example.com"],
                "provisioning_url": "https://provisioning.example.com:8443/phones/",
                "bandwidth_kbps": 512,
            },
            "management": {
                "networks": ["2001:db8:1::/64", "10.0.0.0/24"],
                "idle_timeout_minutes": 5,
                "lockout_threshold": 5,
                "lockout_seconds": 600,
                "password_min_length": 20,
                "controller_address": "2001:db8:1::9",
            },
            "wan_interfaces": ["wan2", "wan1"],
            "pbx": {"address": "10.40.0.5", "public_address": "192.0.2.5"},
            "enforce_exclusive": True,
            "concerns": {"voice_vlan": True},
        }
    )
    vlan = site.voice_vlan
    assert vlan is not None
    assert (str(vlan.gateway), str(vlan.dhcp_first), str(vlan.dhcp_last)) == (
        "10.40.1.254",
        "10.40.0.10",
        "10.40.1.200",
    )
    assert (vlan.id, vlan.lease_seconds, vlan.priority, vlan.dscp, vlan.signalling_dscp) == (40, 3600, 6, 40, 24)
    assert (vlan.parent_interface, vlan.bandwidth_kbps) == ("internal1.10/2", 512)
    assert vlan.dns_servers == (IPv4Address("10.40.1.254"), IPv4Address("192.0.2.53"))
    assert vlan.ntp_servers == ("ntp2.example.com", IPv6Address("2001:db8::7b"))
    assert vlan.provisioning == (
        IPv4Address("10.60.0.5"),
        IPv4Network("10.60.1.0/24"),
        IPv6Network("2001:db8:60::/64"),
        "provisioning.example.com",
    )
    assert vlan.provisioning_url == "https://provisioning.example.com:8443/phones/"
    assert site.management is not None
    assert site.management.networks == (IPv4Network("10.0.0.0/24"), IPv6Network("2001:db8:1::/64"))
    assert site.management.source == IPv6Address("2001:db8:1::9")
    assert (site.management.idle_timeout_minutes, site.management.lockout_threshold) == (5, 5)
    assert (site.management.lockout_seconds, site.management.password_min_length) == (600, 20)
    assert site.wan_interfaces == ("wan2", "wan1")
    assert site.pbx is not None
    assert (str(site.pbx.address), str(site.pbx.public_address)) == ("10.40.0.5", "192.0.2.5")
    assert site.enforce_exclusive is True


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [("10.40.0.1", "2-254"), ("10.40.0.2", "3-254"), ("10.40.0.254", "2-253")],
)
def test_the_default_dhcp_range_leaves_a_gateway_at_its_end_out(gateway: str, expected: str) -> None:
    vlan = site_policy(site=policy(voice_vlan__gateway=gateway)).voice_vlan
    assert vlan is not None
    assert f"{str(vlan.dhcp_first).split('.')[3]}-{str(vlan.dhcp_last).split('.')[3]}" == expected


def test_null_bandwidth_reserves_nothing_and_other_nulls_count_as_absent() -> None:
    vlan = site_policy(site=policy(voice_vlan__bandwidth_kbps=None, voice_vlan__dscp=None)).voice_vlan
    assert vlan is not None
    assert (vlan.bandwidth_kbps, vlan.dscp) == (None, 46)


def test_networks_are_aggregated_sorted_and_ipv4_comes_first() -> None:
    cidrs = ["2001:db8:2::/48", "203.0.113.128/25", "192.0.2.7", "203.0.113.0/25", "203.0.113.64/26", "2001:db8:1::/48"]
    provider = profile(signalling=cidrs, acknowledge=acknowledged(*cidrs, *MEDIA), media=["203.0.113.0/25"])
    assert [str(network) for network in site_policy(provider).provider.signalling] == [
        "192.0.2.7/32",
        "203.0.113.0/24",
        "2001:db8:1::/48",
        "2001:db8:2::/48",
    ]


def test_order_and_spelling_of_the_input_do_not_matter() -> None:
    cidrs = ["192.0.2.0/26", "192.0.2.64/26", "2001:db8:0:0::/64", "2001:DB8:1::/64"]
    one = profile(signalling=cidrs, acknowledge=acknowledged(*cidrs, *MEDIA), rtp_ports=["10000-15000", "15001-20000"])
    other = profile(
        signalling=[*reversed(cidrs)],
        acknowledge=acknowledged(*MEDIA, *cidrs),
        rtp_ports=["12000-20000", "10000-12000"],
    )
    assert site_policy(one) == site_policy(other)


def test_subclasses_of_the_plain_types_leave_no_trace() -> None:
    class Tagged(str):
        def __str__(self) -> str:
            return "tag"

    class TaggedNumber(int):
        pass

    vlan = site_policy(
        profile(title=Tagged("Acme"), srtp=Tagged("required")),
        policy(transport=Tagged("tls"), voice_vlan={Tagged("id"): TaggedNumber(40), "subnet": Tagged("10.40.0.0/24")}),
    ).voice_vlan
    assert vlan is not None
    assert (type(vlan.id), vlan.id, str(vlan.subnet)) == (int, 40, "10.40.0.0/24")


def test_guarded_ports_hold_every_port_of_every_transport_and_the_standard_ones() -> None:
    site = site_policy(profile(sip_ports={"tls": [5096], "tcp": ["5090-5095"], "udp": [5062, 6050]}))
    assert site.guarded_sip_ports == {
        "tcp": (PortRange(5060, 5061), PortRange(5090, 5096)),
        "udp": (PortRange(5060, 5062), PortRange(6050, 6050)),
    }


@pytest.mark.parametrize(
    ("transport", "tcp", "udp"),
    [("tls", ["5061"], []), ("tcp", ["5060"], []), ("udp", [], ["5060", "5090-5099"])],
)
def test_only_the_chosen_transport_is_allowed(transport: str, tcp: list[str], udp: list[str]) -> None:
    site = site_policy(profile(sip_ports__udp=["5090-5099", 5060]), policy(transport=transport))
    allowed = site.allowed_sip_ports
    assert {protocol: [str(ports) for ports in ranges] for protocol, ranges in allowed.items()} == {
        "tcp": tcp,
        "udp": udp,
    }
    assert [str(ports) for ports in site.sip_ports_in_use] == tcp + udp


def test_sections_are_needed_by_the_concerns_that_use_them() -> None:
    bare = {"transport": "tls"}
    assert accepted(site=bare, concerns=["sip_alg"]).policy.concerns == ("sip_alg",)
    assert refused(PROFILE, bare, ["sip_allowlist"]) == [
        "voip_policy.voice_vlan: missing; it needs the voice VLAN, for sip_allowlist"
    ]
    assert refused(PROFILE, bare, ["management_access"]) == [
        "voip_policy.management: missing; it needs the networks from which the device is administered,"
        " for management_access"
    ]


def test_sections_that_are_not_needed_are_checked_all_the_same() -> None:
    assert refused(PROFILE, policy(voice_vlan__id=0), ["sip_alg"]) == [
        "voip_policy.voice_vlan.id: 0 is not allowed; a VLAN id from 1 to 4094"
    ]


def test_concerns_come_in_their_own_order_and_can_be_switched_off() -> None:
    site = policy(concerns={"voice_vlan": False})
    result = accepted(site=site, concerns=["management_access", "voice_vlan", "sip_alg"])
    assert result.policy.concerns == ("sip_alg", "management_access")
    assert notes(site=site, concerns=["management_access", "voice_vlan"]) == [("concern-off", "medium", "VLAN-1")]
    assert notes(site=site, concerns=["management_access"]) == []


def test_an_unknown_concern_is_refused() -> None:
    assert refused(PROFILE, POLICY, ["alg"]) == [
        'concerns: "alg" is not allowed; one of sip_alg, sip_allowlist, voice_vlan, management_access'
    ]


def test_the_sample_has_nothing_to_note_but_its_acknowledged_networks() -> None:
    assert notes() == []
    assert [(note.code, note.severity, note.control, note.message) for note in accepted().notes] == [
        (
            "acknowledged-range",
            "low",
            control,
            f"voip_provider.{place}: {cidr} (documentation addresses) is acknowledged: documentation",
        )
        for control, place, cidr in (
            ("FW-1", "signalling[0]", SIGNALLING[0]),
            ("FW-1", "signalling[1]", SIGNALLING[1]),
            ("FW-2", "media[0]", MEDIA[0]),
        )
    ]


CLEARTEXT = [("cleartext-signalling", "high", "ENC-1"), ("cleartext-port-open", "medium", "SVC-1")]


@pytest.mark.parametrize(
    ("transport", "srtp", "expected"),
    [
        ("tls", "required", []),
        ("tls", "optional", [("srtp-optional", "low", "ENC-3")]),
        ("tls", "none", [("no-srtp", "high", "ENC-3")]),
        ("tcp", "required", [*CLEARTEXT, ("srtp-keys-exposed", "high", "ENC-3")]),
        ("udp", "optional", [*CLEARTEXT, ("srtp-keys-exposed", "high", "ENC-3")]),
        ("udp", "none", [*CLEARTEXT, ("no-srtp", "high", "ENC-2")]),
    ],
)
def test_notes_on_encryption(transport: str, srtp: str, expected: list[tuple[str, str, str]]) -> None:
    assert notes(profile(srtp=srtp), policy(transport=transport)) == expected


def test_a_port_that_serves_tls_and_cleartext_is_noted() -> None:
    assert notes(profile(sip_ports={"tls": ["5090-5099"], "tcp": [5095]})) == [
        ("cleartext-port-open", "medium", "SVC-1")
    ]


@pytest.mark.parametrize(
    ("reviewed_on", "valid_until", "expected"),
    [
        (TODAY, TODAY, []),
        (TODAY - timedelta(days=180), TODAY, []),
        (TODAY - timedelta(days=181), TODAY, [("review-overdue", "medium", "AUD-3")]),
        (TODAY - timedelta(days=1), TODAY - timedelta(days=1), [("profile-stale", "high", "AUD-3")]),
        (
            date(2020, 1, 1),
            date(2020, 6, 1),
            [("review-overdue", "medium", "AUD-3"), ("profile-stale", "high", "AUD-3")],
        ),
    ],
)
def test_notes_on_the_age_of_the_profile(
    reviewed_on: date, valid_until: date, expected: list[tuple[str, str, str]]
) -> None:
    assert notes(profile(reviewed_on=reviewed_on, valid_until=valid_until.isoformat())) == expected


def test_notes_on_repeated_and_mergeable_networks() -> None:
    cidrs = ["192.0.2.0/25", "192.0.2.128/25", "192.0.2.0/25"]
    found = accepted(profile(signalling=cidrs, acknowledge=acknowledged(*cidrs, *MEDIA))).notes
    assert [note.message for note in found if note.code in ("duplicate-network", "aggregated-networks")] == [
        "voip_provider.signalling: 192.0.2.0/25 is listed 2 times",
        "voip_provider.signalling: 192.0.2.0/25, 192.0.2.128/25 are aggregated to 192.0.2.0/24",
    ]


def test_a_wide_network_passes_when_acknowledged_and_the_reason_is_told() -> None:
    wide = {"cidr": "52.112.0.0/14", "reason": "published as a whole"}
    found = accepted(
        profile(media=[*MEDIA, "52.112.0.0/14"], acknowledge=[*acknowledged(*SIGNALLING, *MEDIA), wide])
    ).notes
    assert [note.message for note in found if "52.112" in note.message] == [
        "voip_provider.media[1]: 52.112.0.0/14 (shorter than /16) is acknowledged: published as a whole"
    ]


def test_notes_on_the_site() -> None:
    assert notes(site=policy(voice_vlan__id=1)) == [("default-vlan", "medium", "VLAN-1")]
    assert notes(site=policy(management__networks=["10.0.0.0/24", "52.1.2.0/24"])) == [
        ("management-from-internet", "medium", "WEB-3")
    ]


def test_a_null_optional_section_counts_as_absent() -> None:
    assert site_policy(site=policy(pbx=None, concerns=None, wan_interfaces=None)).pbx is None


def test_removed_optional_lists_of_the_profile_are_empty() -> None:
    provider = profile(dns=REMOVED, ntp=REMOVED, provisioning=REMOVED)
    site = site_policy(provider, policy(voice_vlan__dns_servers=["192.0.2.53"]))
    assert (site.provider.dns, site.provider.ntp, site.provider.provisioning) == ((), (), ())
