"""Every kind of bad site policy and the exact errors it gets."""

# ruff: noqa: E501 - an expected error is one line here as it is on the screen

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.policy.samples import POLICY, PROFILE, REMOVED, SIGNALLING, acknowledged, policy, profile, refused

POLICY_KEYS = "transport, voice_vlan, management, wan_interfaces, pbx, phones, enforce_exclusive, concerns"
VOICE_VLAN_KEYS = (
    "id, subnet, gateway, dhcp_first, dhcp_last, lease_seconds, priority, dscp, signalling_dscp, parent_interface,"
    " dns_servers, ntp_servers, provisioning, provisioning_url, bandwidth_kbps"
)
NAME = "up to 40 lower-case letters, digits, - and _, beginning with a letter or digit"
SUBNET = "an IPv4 network of hosts from /8 to /29, such as 10.40.0.0/24"
HTTPS = (
    "an https:// URL of up to 255 visible ASCII characters, without user name or password"
    " (http and tftp would show the phones' passwords to anyone on the way)"
)
LESS = "networks that are less than the whole internet"

CASES: list[tuple[str, Any, Any, list[str]]] = [
    (
        "policy-unknown-key",
        PROFILE,
        policy(voicevlan={"id": 40}),
        [f'voip_policy.voicevlan: unknown key; did you mean "voice_vlan"? known: {POLICY_KEYS}'],
    ),
    (
        "policy-secret-under-unknown-key",
        PROFILE,
        policy(password="hunter2"),
        [f"voip_policy.password: unknown key; known: {POLICY_KEYS}"],
    ),
    ("policy-key-not-text", PROFILE, {**POLICY, 5: "x"}, [f"voip_policy.5: unknown key; known: {POLICY_KEYS}"]),
    (
        "transport-unknown",
        PROFILE,
        policy(transport="sips"),
        ['voip_policy.transport: "sips" is not allowed; one of tls, tcp, udp'],
    ),
    (
        "transport-not-offered",
        profile(sip_ports={"tls": [5061]}),
        policy(transport="udp"),
        ['voip_policy.transport: "udp" is not allowed; a transport that the provider offers: tls'],
    ),
    (
        "default-transport-not-offered",
        profile(sip_ports={"tcp": [5060], "udp": [5060]}),
        policy(transport=REMOVED),
        ['voip_policy.transport: "tls" is not allowed; a transport that the provider offers: tcp, udp'],
    ),
    (
        "concern-unknown",
        PROFILE,
        policy(concerns={"sip_alg": True, "allowlist": True}),
        [
            'voip_policy.concerns.allowlist: unknown key; '
            'did you mean "sip_allowlist"? known: sip_alg, sip_allowlist, voice_vlan, management_access'
        ],
    ),
    (
        "concern-not-boolean",
        PROFILE,
        policy(concerns={"sip_alg": "no"}),
        ['voip_policy.concerns.sip_alg: "no" is not allowed; true or false'],
    ),
    (
        "enforce-exclusive-not-boolean",
        PROFILE,
        policy(enforce_exclusive=1),
        ["voip_policy.enforce_exclusive: 1 is not allowed; true or false"],
    ),
    (
        "voice-vlan-missing",
        PROFILE,
        policy(voice_vlan=REMOVED),
        ["voip_policy.voice_vlan: missing; it needs the voice VLAN, for sip_allowlist and voice_vlan"],
    ),
    (
        "voice-vlan-number",
        PROFILE,
        policy(voice_vlan=40),
        [f"voip_policy.voice_vlan: 40 is not allowed; a mapping of {VOICE_VLAN_KEYS}"],
    ),
    (
        "vlan-id-too-high",
        PROFILE,
        policy(voice_vlan__id=5000),
        ["voip_policy.voice_vlan.id: 5000 is not allowed; a VLAN id from 1 to 4094"],
    ),
    (
        "vlan-id-zero",
        PROFILE,
        policy(voice_vlan__id=0),
        ["voip_policy.voice_vlan.id: 0 is not allowed; a VLAN id from 1 to 4094"],
    ),
    (
        "vlan-id-boolean",
        PROFILE,
        policy(voice_vlan__id=True),
        ["voip_policy.voice_vlan.id: true is not allowed; a VLAN id from 1 to 4094"],
    ),
    (
        "vlan-id-leading-zero",
        PROFILE,
        policy(voice_vlan__id="040"),
        ['voip_policy.voice_vlan.id: "040" is not allowed; a VLAN id from 1 to 4094'],
    ),
    (
        "vlan-id-float",
        PROFILE,
        policy(voice_vlan__id=40.0),
        ["voip_policy.voice_vlan.id: 40.0 is not allowed; a VLAN id from 1 to 4094"],
    ),
    (
        "vlan-id-huge",
        PROFILE,
        policy(voice_vlan__id=10**5000),
        ["voip_policy.voice_vlan.id: a number of more than 256 bits is not allowed; a VLAN id from 1 to 4094"],
    ),
    (
        "vlan-id-missing",
        PROFILE,
        policy(voice_vlan__id=REMOVED),
        ["voip_policy.voice_vlan.id: missing; it needs a VLAN id from 1 to 4094"],
    ),
    (
        "subnet-missing",
        PROFILE,
        policy(voice_vlan__subnet=REMOVED),
        [f"voip_policy.voice_vlan.subnet: missing; it needs {SUBNET}"],
    ),
    (
        "subnet-host-bits",
        PROFILE,
        policy(voice_vlan__subnet="10.40.0.1/24"),
        [
            'voip_policy.voice_vlan.subnet: "10.40.0.1/24" is not allowed; '
            'the network itself, 10.40.0.0/24 (host bits are set)'
        ],
    ),
    (
        "subnet-ipv6",
        PROFILE,
        policy(voice_vlan__subnet="2001:db8:40::/64"),
        [f'voip_policy.voice_vlan.subnet: "2001:db8:40::/64" is not allowed; {SUBNET}'],
    ),
    (
        "subnet-too-small",
        PROFILE,
        policy(voice_vlan__subnet="10.40.0.0/30"),
        [f'voip_policy.voice_vlan.subnet: "10.40.0.0/30" is not allowed; {SUBNET}'],
    ),
    (
        "subnet-too-big",
        PROFILE,
        policy(voice_vlan__subnet="8.0.0.0/7"),
        [f'voip_policy.voice_vlan.subnet: "8.0.0.0/7" is not allowed; {SUBNET}'],
    ),
    (
        "subnet-multicast",
        PROFILE,
        policy(voice_vlan__subnet="239.0.0.0/24"),
        [f'voip_policy.voice_vlan.subnet: "239.0.0.0/24" is not allowed; {SUBNET}'],
    ),
    (
        "gateway-outside",
        PROFILE,
        policy(voice_vlan__gateway="10.41.0.1"),
        [
            'voip_policy.voice_vlan.gateway: "10.41.0.1" is not allowed; '
            'a host address of 10.40.0.0/24, from 10.40.0.1 to 10.40.0.254'
        ],
    ),
    (
        "gateway-broadcast",
        PROFILE,
        policy(voice_vlan__gateway="10.40.0.255"),
        [
            'voip_policy.voice_vlan.gateway: "10.40.0.255" is not allowed; '
            'a host address of 10.40.0.0/24, from 10.40.0.1 to 10.40.0.254'
        ],
    ),
    (
        "gateway-ipv6",
        PROFILE,
        policy(voice_vlan__gateway="2001:db8::1"),
        [
            'voip_policy.voice_vlan.gateway: "2001:db8::1" is not allowed; '
            'a host address of 10.40.0.0/24, from 10.40.0.1 to 10.40.0.254'
        ],
    ),
    (
        "gateway-first-in-range",
        PROFILE,
        policy(voice_vlan__dhcp_first="10.40.0.1"),
        [
            "voip_policy.voice_vlan.gateway: 10.40.0.1 is not allowed; "
            "an address outside the DHCP range, 10.40.0.1 to 10.40.0.254 (set dhcp_first and dhcp_last)"
        ],
    ),
    (
        "gateway-in-range",
        PROFILE,
        policy(voice_vlan__gateway="10.40.0.100"),
        [
            "voip_policy.voice_vlan.gateway: 10.40.0.100 is not allowed; "
            "an address outside the DHCP range, 10.40.0.2 to 10.40.0.254 (set dhcp_first and dhcp_last)"
        ],
    ),
    (
        "dhcp-first-network",
        PROFILE,
        policy(voice_vlan__dhcp_first="10.40.0.0"),
        [
            'voip_policy.voice_vlan.dhcp_first: "10.40.0.0" is not allowed; '
            'a host address of 10.40.0.0/24, from 10.40.0.1 to 10.40.0.254'
        ],
    ),
    (
        "dhcp-backwards",
        PROFILE,
        policy(voice_vlan__dhcp_first="10.40.0.200", voice_vlan__dhcp_last="10.40.0.100"),
        [
            "voip_policy.voice_vlan.dhcp_last: 10.40.0.100 is not allowed; "
            "an address that is not before dhcp_first, 10.40.0.200"
        ],
    ),
    (
        "lease-too-short",
        PROFILE,
        policy(voice_vlan__lease_seconds=60),
        ["voip_policy.voice_vlan.lease_seconds: 60 is not allowed; a number of seconds from 300 to 8640000"],
    ),
    (
        "priority-too-high",
        PROFILE,
        policy(voice_vlan__priority=8),
        ["voip_policy.voice_vlan.priority: 8 is not allowed; an 802.1p priority from 0 to 7"],
    ),
    (
        "dscp-too-high",
        PROFILE,
        policy(voice_vlan__dscp="64"),
        ['voip_policy.voice_vlan.dscp: "64" is not allowed; a DSCP value from 0 to 63'],
    ),
    (
        "signalling-dscp-word",
        PROFILE,
        policy(voice_vlan__signalling_dscp="AF31"),
        ['voip_policy.voice_vlan.signalling_dscp: "AF31" is not allowed; a DSCP value from 0 to 63'],
    ),
    (
        "parent-interface-spaces",
        PROFILE,
        policy(voice_vlan__parent_interface="internal 1"),
        [
            'voip_policy.voice_vlan.parent_interface: "internal 1" is not allowed; '
            'an interface name of 1 to 15 letters, digits and . _ / -'
        ],
    ),
    (
        "parent-interface-is-wan",
        PROFILE,
        policy(voice_vlan__parent_interface="wan1", wan_interfaces=["wan1"]),
        [
            'voip_policy.voice_vlan.parent_interface: "wan1" is not allowed; '
            'an interface that is not in voip_policy.wan_interfaces'
        ],
    ),
    (
        "dns-servers-nowhere",
        profile(dns=["2001:db8:53::53"]),
        POLICY,
        [
            "voip_policy.voice_vlan.dns_servers: missing; "
            "it needs a list of the IPv4 addresses of DNS servers, because the provider profile names none"
        ],
    ),
    (
        "dns-servers-ipv6",
        PROFILE,
        policy(voice_vlan__dns_servers=["2001:db8:53::53"]),
        ['voip_policy.voice_vlan.dns_servers[0]: "2001:db8:53::53" is not allowed; the IPv4 address of a DNS server'],
    ),
    (
        "dns-servers-empty",
        PROFILE,
        policy(voice_vlan__dns_servers=[]),
        [
            "voip_policy.voice_vlan.dns_servers: an empty list is not allowed; "
            "a list of the IPv4 addresses of DNS servers"
        ],
    ),
    (
        "ntp-servers-word",
        PROFILE,
        policy(voice_vlan__ntp_servers=["-ntp.example.com"]),
        [
            'voip_policy.voice_vlan.ntp_servers[0]: "-ntp.example.com" is not allowed; '
            'an IP address or a full DNS name such as ntp.example.com'
        ],
    ),
    (
        "provisioning-wide",
        PROFILE,
        policy(voice_vlan__provisioning=["10.0.0.0/8"]),
        ["voip_policy.voice_vlan.provisioning[0]: 10.0.0.0/8 is not allowed; a network of at least /16"],
    ),
    (
        "provisioning-everything",
        PROFILE,
        policy(voice_vlan__provisioning=["0.0.0.0/0"]),
        [f'voip_policy.voice_vlan.provisioning[0]: "0.0.0.0/0" is not allowed; {LESS}'],
    ),
    (
        "provisioning-url-http",
        PROFILE,
        policy(voice_vlan__provisioning_url="http://provisioning.example.com/"),
        [f'voip_policy.voice_vlan.provisioning_url: "http://provisioning.example.com/" is not allowed; {HTTPS}'],
    ),
    (
        "provisioning-url-tftp",
        PROFILE,
        policy(voice_vlan__provisioning_url="tftp://10.0.0.5"),
        [f'voip_policy.voice_vlan.provisioning_url: "tftp://10.0.0.5" is not allowed; {HTTPS}'],
    ),
    (
        "provisioning-url-password",
        PROFILE,
        policy(voice_vlan__provisioning_url="https://phone:hunter2@provisioning.example.com/"),
        [f'voip_policy.voice_vlan.provisioning_url: "https://***@provisioning.example.com/" is not allowed; {HTTPS}'],
    ),
    (
        "provisioning-url-space",
        PROFILE,
        policy(voice_vlan__provisioning_url="https://provisioning.example.com/a b"),
        [f'voip_policy.voice_vlan.provisioning_url: "https://provisioning.example.com/a b" is not allowed; {HTTPS}'],
    ),
    (
        "bandwidth-too-low",
        PROFILE,
        policy(voice_vlan__bandwidth_kbps=10),
        ["voip_policy.voice_vlan.bandwidth_kbps: 10 is not allowed; a number of kbit/s from 64 to 10000000"],
    ),
    (
        "management-missing",
        PROFILE,
        policy(management=REMOVED),
        [
            "voip_policy.management: missing; "
            "it needs the networks from which the device is administered, for management_access"
        ],
    ),
    (
        "management-networks-missing",
        PROFILE,
        policy(management={}),
        [
            "voip_policy.management.networks: missing; "
            "it needs a list of at least one network from which the device is administered"
        ],
    ),
    (
        "management-networks-empty",
        PROFILE,
        policy(management={"networks": []}),
        [
            "voip_policy.management.networks: an empty list is not allowed; "
            "a list of at least one network from which the device is administered"
        ],
    ),
    (
        "management-default-route",
        PROFILE,
        policy(management__networks=["0.0.0.0/0"]),
        [f'voip_policy.management.networks[0]: "0.0.0.0/0" is not allowed; {LESS}'],
    ),
    (
        "management-wide",
        PROFILE,
        policy(management__networks=["10.0.0.0/7"]),
        ["voip_policy.management.networks[0]: 10.0.0.0/7 is not allowed; a network of at least /8"],
    ),
    (
        "management-wide-ipv6",
        PROFILE,
        policy(management__networks=["fd00::/8"]),
        ["voip_policy.management.networks[0]: fd00::/8 is not allowed; a network of at least /32"],
    ),
    (
        "management-two-halves",
        PROFILE,
        policy(management__networks=["0.0.0.0/1", "128.0.0.0/1"]),
        [
            "voip_policy.management.networks[0]: 0.0.0.0/1 is not allowed; a network of at least /8",
            "voip_policy.management.networks[1]: 128.0.0.0/1 is not allowed; a network of at least /8",
        ],
    ),
    (
        "management-multicast",
        PROFILE,
        policy(management__networks=["239.0.0.0/24"]),
        ["voip_policy.management.networks[0]: 239.0.0.0/24 is not allowed; a network of hosts"],
    ),
    (
        "management-is-voice",
        PROFILE,
        policy(management__networks=["10.40.0.0/16"]),
        [
            "voip_policy.management.networks[0]: 10.40.0.0/16 is not allowed; "
            "a network apart from voip_policy.voice_vlan.subnet, 10.40.0.0/24"
        ],
    ),
    (
        "management-idle-timeout",
        PROFILE,
        policy(management__idle_timeout_minutes=0),
        ["voip_policy.management.idle_timeout_minutes: 0 is not allowed; a number of minutes from 1 to 480"],
    ),
    (
        "management-lockout-threshold",
        PROFILE,
        policy(management__lockout_threshold=11),
        ["voip_policy.management.lockout_threshold: 11 is not allowed; a number of failed log-ins from 1 to 10"],
    ),
    (
        "management-lockout-seconds",
        PROFILE,
        policy(management__lockout_seconds=0),
        ["voip_policy.management.lockout_seconds: 0 is not allowed; a number of seconds from 1 to 86400"],
    ),
    (
        "management-password-length",
        PROFILE,
        policy(management__password_min_length=8),
        ["voip_policy.management.password_min_length: 8 is not allowed; a number of characters from 12 to 128"],
    ),
    (
        "controller-outside",
        PROFILE,
        policy(management__controller_address="192.0.2.9"),
        [
            "voip_policy.management.controller_address: 192.0.2.9 is not allowed; "
            "an address of voip_policy.management.networks; the controller would lock itself out"
        ],
    ),
    (
        "controller-name",
        PROFILE,
        policy(management__controller_address="controller.example.com"),
        [
            'voip_policy.management.controller_address: "controller.example.com" is not allowed; '
            'the IP address of a host'
        ],
    ),
    (
        "wan-interface-too-long",
        PROFILE,
        policy(wan_interfaces=["abcdefghijklmnop"]),
        [
            'voip_policy.wan_interfaces[0]: "abcdefghijklmnop" is not allowed; '
            'an interface name of 1 to 15 letters, digits and . _ / -'
        ],
    ),
    (
        "wan-interfaces-string",
        PROFILE,
        policy(wan_interfaces="wan1"),
        ['voip_policy.wan_interfaces: "wan1" is not allowed; a list of interface names'],
    ),
    (
        "pbx-without-address",
        PROFILE,
        policy(pbx={}),
        ["voip_policy.pbx.address: missing; it needs the inside IPv4 address of the PBX"],
    ),
    (
        "pbx-ipv6",
        PROFILE,
        policy(pbx={"address": "2001:db8::5"}),
        ['voip_policy.pbx.address: "2001:db8::5" is not allowed; the inside IPv4 address of the PBX'],
    ),
    (
        "pbx-public-is-inside",
        PROFILE,
        policy(pbx={"address": "10.50.0.5", "public_address": "10.50.0.5"}),
        ["voip_policy.pbx.public_address: 10.50.0.5 is not allowed; an address other than the inside one"],
    ),
    (
        "pbx-is-gateway",
        PROFILE,
        policy(pbx={"address": "10.40.0.1"}),
        [
            "voip_policy.pbx.address: 10.40.0.1 is not allowed; "
            "a host address of 10.40.0.0/24 apart from the gateway, 10.40.0.1, and the DHCP range, 10.40.0.2 to 10.40.0.254"
        ],
    ),
    (
        "pbx-in-dhcp-range",
        PROFILE,
        policy(pbx={"address": "10.40.0.5"}),
        [
            "voip_policy.pbx.address: 10.40.0.5 is not allowed; "
            "a host address of 10.40.0.0/24 apart from the gateway, 10.40.0.1, and the DHCP range, 10.40.0.2 to 10.40.0.254"
        ],
    ),
    (
        "pbx-is-provider",
        PROFILE,
        policy(pbx={"address": "10.50.0.5", "public_address": "203.0.113.9"}),
        [
            "voip_policy.pbx.public_address: 203.0.113.9 is not allowed; "
            "an address apart from the provider's voip_provider.media[0], 203.0.113.0/25"
        ],
    ),
    (
        "provider-overlaps-voice",
        profile(
            media=["10.40.0.128/25"],
            acknowledge=[*acknowledged(*SIGNALLING), {"cidr": "10.40.0.128/25", "reason": "private interconnect"}],
        ),
        POLICY,
        [
            "voip_provider.media[0]: 10.40.0.128/25 is not allowed; "
            "a network apart from the site's own voip_policy.voice_vlan.subnet, 10.40.0.0/24"
        ],
    ),
    (
        "provider-overlaps-management",
        PROFILE,
        policy(management__networks=["198.51.100.0/24"]),
        [
            "voip_provider.signalling[0]: 198.51.100.0/26 is not allowed; "
            "a network apart from the site's own voip_policy.management.networks[0], 198.51.100.0/24"
        ],
    ),
    (
        "everything-at-once",
        profile(name=5, media=[], srtp="sdes", acknowledge=acknowledged(*SIGNALLING)),
        policy(transport="sctp", voice_vlan__id=9999, management__networks=["10.0.0.1/24"], vlan=1),
        [
            f"voip_provider.name: 5 is not allowed; {NAME}",
            "voip_provider.media: an empty list is not allowed; "
            "a list of at least one network of the provider's media",
            'voip_provider.srtp: "sdes" is not allowed; one of required, optional, none',
            f"voip_policy.vlan: unknown key; known: {POLICY_KEYS}",
            'voip_policy.transport: "sctp" is not allowed; one of tls, tcp, udp',
            "voip_policy.voice_vlan.id: 9999 is not allowed; a VLAN id from 1 to 4094",
            'voip_policy.management.networks[0]: "10.0.0.1/24" is not allowed; '
            'the network itself, 10.0.0.0/24 (host bits are set)',
        ],
    ),
]


@pytest.mark.parametrize(("provider", "site", "errors"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_it_is_refused_with_exactly_these_errors(provider: Any, site: Any, errors: list[str]) -> None:
    assert refused(provider, site) == errors
