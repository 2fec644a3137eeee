"""Every kind of bad provider profile and the exact errors it gets."""

# ruff: noqa: E501 - an expected error is one line here as it is on the screen

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.unit.policy.samples import (
    MEDIA,
    POLICY,
    PROFILE,
    REMOVED,
    SIGNALLING,
    acknowledged,
    policy,
    profile,
    refused,
)

PROFILE_KEYS = (
    "name, title, signalling, media, sip_ports, rtp_ports, srtp, static_port, dns, ntp, provisioning, reviewed_on,"
    " valid_until,"
    " source, acknowledge"
)
POLICY_KEYS = "transport, voice_vlan, management, wan_interfaces, pbx, phones, enforce_exclusive, concerns"
NETWORK = "a network such as 198.51.100.0/24 or 2001:db8:10::/48, or a single address"
PUBLIC = "a public network of at least /{} or an entry in voip_provider.acknowledge with a reason ({})"
NAME = "up to 40 lower-case letters, digits, - and _, beginning with a letter or digit"
PORTS = "a port from 1024 to 65535 or a range such as 10000-20000"
LESS = "networks that are less than the whole internet"

CASES: list[tuple[str, Any, Any, list[str]]] = [
    (
        "profile-is-a-name",
        "acme-voice",
        POLICY,
        [f'voip_provider: "acme-voice" is not allowed; a mapping of {PROFILE_KEYS}'],
    ),
    ("profile-is-null", None, POLICY, [f"voip_provider: null is not allowed; a mapping of {PROFILE_KEYS}"]),
    (
        "policy-is-a-list",
        PROFILE,
        ["tls"],
        [f"voip_policy: a list of 1 item is not allowed; a mapping of {POLICY_KEYS}"],
    ),
    ("policy-is-null", PROFILE, None, [f"voip_policy: null is not allowed; a mapping of {POLICY_KEYS}"]),
    ("profile-name-missing", profile(name=REMOVED), POLICY, [f"voip_provider.name: missing; it needs {NAME}"]),
    ("profile-name-upper-case", profile(name="Acme"), POLICY, [f'voip_provider.name: "Acme" is not allowed; {NAME}']),
    ("profile-name-path", profile(name="../acme"), POLICY, [f'voip_provider.name: "../acme" is not allowed; {NAME}']),
    (
        "title-two-lines",
        profile(title="Acme\nVoice"),
        POLICY,
        ['voip_provider.title: "Acme\\nVoice" is not allowed; one line of text'],
    ),
    (
        "profile-unknown-key",
        profile(signaling=["198.51.100.0/26"]),
        POLICY,
        [f'voip_provider.signaling: unknown key; did you mean "signalling"? known: {PROFILE_KEYS}'],
    ),
    ("profile-unknown-key-far", profile(zzz=1), POLICY, [f"voip_provider.zzz: unknown key; known: {PROFILE_KEYS}"]),
    (
        "signalling-missing",
        profile(signalling=REMOVED, acknowledge=acknowledged(*MEDIA)),
        POLICY,
        ["voip_provider.signalling: missing; it needs a list of at least one network of the provider's signalling"],
    ),
    (
        "signalling-empty",
        profile(signalling=[], acknowledge=acknowledged(*MEDIA)),
        POLICY,
        [
            "voip_provider.signalling: an empty list is not allowed; "
            "a list of at least one network of the provider's signalling"
        ],
    ),
    (
        "signalling-one-string",
        profile(signalling="198.51.100.0/26", acknowledge=acknowledged(*MEDIA)),
        POLICY,
        [
            'voip_provider.signalling: "198.51.100.0/26" is not allowed; '
            'a list of at least one network of the provider\'s signalling'
        ],
    ),
    (
        "media-empty",
        profile(media=[], acknowledge=acknowledged(*SIGNALLING)),
        POLICY,
        ["voip_provider.media: an empty list is not allowed; a list of at least one network of the provider's media"],
    ),
    (
        "signalling-ipv4-default-route",
        profile(signalling=[*SIGNALLING, "0.0.0.0/0"]),
        POLICY,
        [f'voip_provider.signalling[2]: "0.0.0.0/0" is not allowed; {LESS}'],
    ),
    (
        "signalling-ipv6-default-route",
        profile(signalling=[*SIGNALLING, "::/0"]),
        POLICY,
        [f'voip_provider.signalling[2]: "::/0" is not allowed; {LESS}'],
    ),
    (
        "signalling-default-route-acknowledged",
        profile(
            signalling=[*SIGNALLING, "0.0.0.0/0"],
            acknowledge=[*PROFILE["acknowledge"], {"cidr": "0.0.0.0/0", "reason": "all"}],
        ),
        POLICY,
        [
            f'voip_provider.signalling[2]: "0.0.0.0/0" is not allowed; {LESS}',
            f'voip_provider.acknowledge[3].cidr: "0.0.0.0/0" is not allowed; {LESS}',
        ],
    ),
    (
        "signalling-two-halves",
        profile(
            signalling=[*SIGNALLING, "0.0.0.0/1", "128.0.0.0/1"],
            acknowledge=[
                *PROFILE["acknowledge"],
                {"cidr": "0.0.0.0/1", "reason": "all"},
                {"cidr": "128.0.0.0/1", "reason": "all"},
            ],
        ),
        policy(
            management=REMOVED,
            voice_vlan=REMOVED,
            concerns={"sip_allowlist": False, "voice_vlan": False, "management_access": False},
        ),
        [f"voip_provider.signalling: 0.0.0.0/0 (in 3 parts) is not allowed; {LESS}"],
    ),
    (
        "signalling-wide-ipv4",
        profile(signalling=[*SIGNALLING, "52.112.0.0/14"]),
        POLICY,
        ["voip_provider.signalling[2]: 52.112.0.0/14 is not allowed; " + PUBLIC.format("16,", "shorter than /16")],
    ),
    (
        "media-wide-ipv6",
        profile(media=[*MEDIA, "2603:1000::/24"]),
        POLICY,
        ["voip_provider.media[1]: 2603:1000::/24 is not allowed; " + PUBLIC.format("32,", "shorter than /32")],
    ),
    (
        "signalling-private",
        profile(signalling=[*SIGNALLING, "172.20.0.0/16"]),
        POLICY,
        ["voip_provider.signalling[2]: 172.20.0.0/16 is not allowed; " + PUBLIC.format("16,", "private addresses")],
    ),
    (
        "signalling-carrier-nat",
        profile(signalling=[*SIGNALLING, "100.64.1.0/24"]),
        POLICY,
        [
            "voip_provider.signalling[2]: 100.64.1.0/24 is not allowed; "
            + PUBLIC.format("16,", "shared (carrier NAT) addresses")
        ],
    ),
    (
        "signalling-documentation",
        profile(signalling=[*SIGNALLING, "192.0.2.0/24"]),
        POLICY,
        [
            "voip_provider.signalling[2]: 192.0.2.0/24 is not allowed; "
            + PUBLIC.format("16,", "documentation addresses")
        ],
    ),
    (
        "media-multicast",
        profile(media=[*MEDIA, "239.1.0.0/16"]),
        POLICY,
        ["voip_provider.media[1]: 239.1.0.0/16 is not allowed; " + PUBLIC.format("16,", "multicast addresses")],
    ),
    (
        "media-unique-local",
        profile(media=[*MEDIA, "fd00:1::/48"]),
        POLICY,
        [
            "voip_provider.media[1]: fd00:1::/48 is not allowed; "
            + PUBLIC.format("32,", "private (unique local) addresses")
        ],
    ),
    (
        "media-ipv4-mapped",
        profile(media=[*MEDIA, "::ffff:192.0.2.8"]),
        POLICY,
        [
            "voip_provider.media[1]: ::ffff:c000:208/128 is not allowed; "
            + PUBLIC.format("32,", "addresses outside 2000::/3")
        ],
    ),
    (
        "media-wide-and-private",
        profile(media=[*MEDIA, "172.16.0.0/12"]),
        POLICY,
        [
            "voip_provider.media[1]: 172.16.0.0/12 is not allowed; "
            + PUBLIC.format("16,", "shorter than /16 and private addresses")
        ],
    ),
    (
        "signalling-host-bits",
        profile(signalling=[*SIGNALLING, "192.0.2.1/30"]),
        POLICY,
        [
            'voip_provider.signalling[2]: "192.0.2.1/30" is not allowed; '
            'the network itself, 192.0.2.0/30 (host bits are set)'
        ],
    ),
    (
        "signalling-netmask",
        profile(signalling=[*SIGNALLING, "192.0.2.0/255.255.255.252"]),
        POLICY,
        [f'voip_provider.signalling[2]: "192.0.2.0/255.255.255.252" is not allowed; {NETWORK}'],
    ),
    (
        "signalling-name",
        profile(signalling=[*SIGNALLING, "sip.example.com"]),
        POLICY,
        [f'voip_provider.signalling[2]: "sip.example.com" is not allowed; {NETWORK}'],
    ),
    (
        "signalling-number",
        profile(signalling=[*SIGNALLING, 3232235776]),
        POLICY,
        [f"voip_provider.signalling[2]: 3232235776 is not allowed; {NETWORK}"],
    ),
    (
        "signalling-zone",
        profile(signalling=[*SIGNALLING, "fe80::1%eth0"]),
        POLICY,
        [f'voip_provider.signalling[2]: "fe80::1%eth0" is not allowed; {NETWORK}'],
    ),
    (
        "signalling-prefix-too-long",
        profile(signalling=[*SIGNALLING, "192.0.2.0/33"]),
        POLICY,
        [f'voip_provider.signalling[2]: "192.0.2.0/33" is not allowed; {NETWORK}'],
    ),
    (
        "signalling-long-value",
        profile(signalling=[*SIGNALLING, "x" * 200]),
        POLICY,
        [
            f'voip_provider.signalling[2]: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." is not allowed; {NETWORK}'
        ],
    ),
    (
        "acknowledge-without-reason",
        profile(acknowledge=[*acknowledged(*SIGNALLING), {"cidr": "203.0.113.0/25"}]),
        POLICY,
        ["voip_provider.acknowledge[2].reason: missing; it needs one line that says why the range is right"],
    ),
    (
        "acknowledge-not-listed",
        profile(acknowledge=[*PROFILE["acknowledge"], {"cidr": "192.0.2.0/24", "reason": "x"}]),
        POLICY,
        [
            'voip_provider.acknowledge[3].cidr: "192.0.2.0/24" is not allowed; '
            'a network that signalling, media or provisioning lists'
        ],
    ),
    (
        "acknowledge-string",
        profile(acknowledge=[*PROFILE["acknowledge"], "192.0.2.0/24"]),
        POLICY,
        ['voip_provider.acknowledge[3]: "192.0.2.0/24" is not allowed; a mapping of cidr, reason'],
    ),
    (
        "sip-ports-missing",
        profile(sip_ports=REMOVED),
        POLICY,
        ["voip_provider.sip_ports: missing; it needs the ports of at least one transport of tls, tcp, udp"],
    ),
    (
        "sip-ports-empty",
        profile(sip_ports={}),
        POLICY,
        [
            "voip_provider.sip_ports: a mapping with 0 keys is not allowed; "
            "the ports of at least one transport of tls, tcp, udp"
        ],
    ),
    (
        "sip-ports-list",
        profile(sip_ports=[5061]),
        POLICY,
        ["voip_provider.sip_ports: a list of 1 item is not allowed; a mapping of tls, tcp, udp"],
    ),
    (
        "sip-ports-unknown-transport",
        profile(sip_ports__tsl=[5061]),
        POLICY,
        ['voip_provider.sip_ports.tsl: unknown key; did you mean "tls"? known: tls, tcp, udp'],
    ),
    (
        "sip-ports-none-for-tls",
        profile(sip_ports__tls=[]),
        POLICY,
        ["voip_provider.sip_ports.tls: an empty list is not allowed; a list of SIP ports"],
    ),
    (
        "sip-port-zero",
        profile(sip_ports__udp=[0]),
        POLICY,
        [f"voip_provider.sip_ports.udp[0]: 0 is not allowed; {PORTS}"],
    ),
    (
        "sip-port-of-https",
        profile(sip_ports__tls=[443]),
        POLICY,
        [f"voip_provider.sip_ports.tls[0]: 443 is not allowed; {PORTS}"],
    ),
    (
        "sip-port-too-high",
        profile(sip_ports__udp=["5060-70000"]),
        POLICY,
        [f'voip_provider.sip_ports.udp[0]: "5060-70000" is not allowed; {PORTS}'],
    ),
    (
        "sip-port-backwards",
        profile(sip_ports__udp=["5099-5090"]),
        POLICY,
        [f'voip_provider.sip_ports.udp[0]: "5099-5090" is not allowed; {PORTS}'],
    ),
    (
        "sip-port-boolean",
        profile(sip_ports__udp=[True]),
        POLICY,
        [f"voip_provider.sip_ports.udp[0]: true is not allowed; {PORTS}"],
    ),
    (
        "sip-ports-any",
        profile(sip_ports__udp=["1024-9999"]),
        POLICY,
        ["voip_provider.sip_ports.udp: 1024-9999 is not allowed; at most 100 SIP ports for each transport"],
    ),
    (
        "sip-tls-on-5060",
        profile(sip_ports__tls=["5060-5061"]),
        POLICY,
        [
            "voip_provider.sip_ports.tls: 5060-5061 is not allowed; "
            "ports other than 5060, which is closed where TLS is used"
        ],
    ),
    (
        "rtp-ports-missing",
        profile(rtp_ports=REMOVED),
        POLICY,
        ["voip_provider.rtp_ports: missing; it needs a list of UDP ports for media, such as [10000-20000]"],
    ),
    (
        "rtp-ports-privileged",
        profile(rtp_ports=["500-20000"]),
        POLICY,
        [f'voip_provider.rtp_ports[0]: "500-20000" is not allowed; {PORTS}'],
    ),
    (
        "rtp-ports-hold-sip",
        profile(rtp_ports=["5000-6000"]),
        POLICY,
        ['voip_provider.rtp_ports[0]: "5000-6000" is not allowed; a range without the SIP ports, UDP 5060-5061'],
    ),
    (
        "rtp-ports-hold-provider-port",
        profile(sip_ports__udp=[15060]),
        POLICY,
        ['voip_provider.rtp_ports[0]: "10000-20000" is not allowed; a range without the SIP ports, UDP 15060'],
    ),
    (
        "srtp-unknown",
        profile(srtp="yes"),
        POLICY,
        ['voip_provider.srtp: "yes" is not allowed; one of required, optional, none'],
    ),
    (
        "static-port-text",
        profile(static_port="always"),
        POLICY,
        ['voip_provider.static_port: "always" is not allowed; true or false'],
    ),
    (
        "srtp-boolean",
        profile(srtp=True),
        POLICY,
        ["voip_provider.srtp: true is not allowed; one of required, optional, none"],
    ),
    (
        "dns-name",
        profile(dns=["198.51.100.53", "dns.example.com"]),
        POLICY,
        ['voip_provider.dns[1]: "dns.example.com" is not allowed; the IP address of a host'],
    ),
    (
        "dns-loopback",
        profile(dns=["198.51.100.53", "127.0.0.1"]),
        POLICY,
        ['voip_provider.dns[1]: "127.0.0.1" is not allowed; the IP address of a host'],
    ),
    (
        "ntp-malformed",
        profile(ntp=["10.0.0.256"]),
        POLICY,
        ['voip_provider.ntp[0]: "10.0.0.256" is not allowed; an IP address or a full DNS name such as ntp.example.com'],
    ),
    (
        "ntp-single-label",
        profile(ntp=["pool"]),
        POLICY,
        ['voip_provider.ntp[0]: "pool" is not allowed; an IP address or a full DNS name such as ntp.example.com'],
    ),
    (
        "provisioning-private",
        profile(provisioning=["10.60.0.0/24"]),
        POLICY,
        [f"voip_provider.provisioning[0]: 10.60.0.0/24 is not allowed; {PUBLIC.format('16,', 'private addresses')}"],
    ),
    (
        "provisioning-url",
        profile(provisioning=["https://user:secret@provisioning.example.com/"]),
        POLICY,
        [
            'voip_provider.provisioning[0]: "https://***@provisioning.example.com/" is not allowed; '
            'an IP address, a network or a full DNS name such as provisioning.example.com'
        ],
    ),
    (
        "reviewed-on-future",
        profile(reviewed_on="2026-11-25"),
        POLICY,
        ["voip_provider.reviewed_on: 2026-11-25 is not allowed; a day that is not after today, 2026-11-24"],
    ),
    (
        "reviewed-on-no-date",
        profile(reviewed_on="last week"),
        POLICY,
        ['voip_provider.reviewed_on: "last week" is not allowed; a date such as 2026-05-31'],
    ),
    (
        "reviewed-on-impossible",
        profile(reviewed_on="2026-02-30"),
        POLICY,
        ['voip_provider.reviewed_on: "2026-02-30" is not allowed; a date such as 2026-05-31'],
    ),
    (
        "reviewed-on-with-time",
        profile(reviewed_on=datetime(2026, 10, 1, 12, 0)),
        POLICY,
        ["voip_provider.reviewed_on: 2026-10-01T12:00:00 is not allowed; a date such as 2026-05-31"],
    ),
    (
        "valid-until-before-review",
        profile(valid_until="2026-09-30"),
        POLICY,
        ["voip_provider.valid_until: 2026-09-30 is not allowed; a day that is not before reviewed_on, 2026-10-01"],
    ),
    (
        "valid-until-missing",
        profile(valid_until=REMOVED),
        POLICY,
        ["voip_provider.valid_until: missing; it needs a date such as 2026-05-31"],
    ),
    (
        "source-missing",
        profile(source=REMOVED),
        POLICY,
        ["voip_provider.source: missing; it needs one line that names the published source, such as its URL"],
    ),
    (
        "source-empty",
        profile(source=""),
        POLICY,
        ['voip_provider.source: "" is not allowed; one line that names the published source, such as its URL'],
    ),
]


@pytest.mark.parametrize(("provider", "site", "errors"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_it_is_refused_with_exactly_these_errors(provider: Any, site: Any, errors: list[str]) -> None:
    assert refused(provider, site) == errors
