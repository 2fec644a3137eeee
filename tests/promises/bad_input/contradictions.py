"""What does not go together in profile and policy, is too much, or is known to nobody, and the errors that it gets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.promises.bad_input.wording import (
    BESIDE_DHCP,
    CONCERNS,
    GONE,
    HOST,
    INTERFACE,
    MANAGEMENT_KEYS,
    OUTSIDE_DHCP,
    POLICY_KEYS,
    PROFILE_KEYS,
    PUBLIC,
    SERVERS,
    URL,
    VLAN_KEYS,
    WHOLE,
    changed,
    good,
    told,
)
from tests.promises.base import BadInput
from tests.support.policies import provider

TODAY = date.today()
Change = tuple[str, Any]

VLAN, MANAGEMENT, PBX = "voip_policy.voice_vlan", "voip_policy.management", "voip_policy.pbx"
SIGNALLING, MEDIA, PORTS = "voip_provider.signalling", "voip_provider.media", "voip_provider.sip_ports"
ACKNOWLEDGE = "voip_provider.acknowledge"


def _case(errors: tuple[str, ...], *changes: Change) -> BadInput:
    variables = good()
    for path, value in changes:
        variables = changed(variables, path, value)
    return BadInput(errors[0], variables, errors)


def _no(path: str, value: Any, allowed: str, *also: Change, shown: str = "", at: str = "") -> BadInput:
    """A value, with other changes that go before it. `shown` where it is not told as it is, `at` where the error is."""
    return _case((f"{at or path}: {shown or told(value)} is not allowed; {allowed}",), *also, (path, value))


def _gone(path: str, needed: str, *also: Change) -> BadInput:
    return _case((f"{path}: missing; it needs {needed}",), *also, (path, GONE))


def _unknown(path: str, known: str, hint: str = "") -> BadInput:
    meant = f'did you mean "{hint}"? ' if hint else ""
    return _case((f"{path}: unknown key; {meant}known: {known}",), (path, 1))


def _reach(which: str, cidr: str, widest: int, why: str) -> BadInput:
    """One more network, which nobody acknowledged."""
    return _no(f"{which}[2]", cidr, PUBLIC.format(widest, why), shown=cidr)


def _acknowledged(cidr: str, place: int = 4) -> Change:
    return f"{ACKNOWLEDGE}[{place}]", {"cidr": cidr, "reason": "interconnect"}


# Without the networks of one kind their acknowledgements go too.
_ONLY_SIGNALLING, _ONLY_MEDIA = (
    (ACKNOWLEDGE, provider()["acknowledge"][:2]),
    (ACKNOWLEDGE, provider()["acknowledge"][2:]),
)
_NETWORKS = "a list of at least one network of the provider's {}"
_LISTED = "a network that signalling, media or provisioning lists"
_APART = "a network apart from the site's own {}, {}"
_LATER, _EARLIER = ((TODAY + timedelta(days=days)).isoformat() for days in (2, -9))
_UNACKNOWLEDGED = tuple(
    f"{path}[{index}]: {cidr} is not allowed; " + PUBLIC.format(16 if "." in cidr else 32, "documentation addresses")
    for path in (SIGNALLING, MEDIA)
    for index, cidr in enumerate(provider()[path.partition(".")[2]])
)

CONTRADICTIONS: tuple[BadInput, ...] = (
    _gone(SIGNALLING, _NETWORKS.format("signalling"), _ONLY_MEDIA),
    _no(SIGNALLING, [], _NETWORKS.format("signalling"), _ONLY_MEDIA),
    _no(SIGNALLING, "203.0.113.0/27", _NETWORKS.format("signalling"), _ONLY_MEDIA),
    _gone(MEDIA, _NETWORKS.format("media"), _ONLY_SIGNALLING),
    _no(MEDIA, [], _NETWORKS.format("media"), _ONLY_SIGNALLING),
    _no(MEDIA, {"a": "203.0.113.128/26"}, _NETWORKS.format("media"), _ONLY_SIGNALLING),
    _reach(SIGNALLING, "52.112.0.0/14", 16, "shorter than /16"),
    _reach(SIGNALLING, "172.20.0.0/16", 16, "private addresses"),
    _reach(SIGNALLING, "100.64.1.0/24", 16, "shared (carrier NAT) addresses"),
    _reach(SIGNALLING, "192.0.2.0/24", 16, "documentation addresses"),
    _reach(MEDIA, "2603:1000::/24", 32, "shorter than /32"),
    _reach(MEDIA, "239.1.0.0/16", 16, "multicast addresses"),
    _reach(MEDIA, "fd00:1::/48", 32, "private (unique local) addresses"),
    _reach(MEDIA, "172.16.0.0/12", 16, "shorter than /16 and private addresses"),
    _no(
        "voip_provider.provisioning[1]",
        "10.60.0.0/24",
        PUBLIC.format(16, "private addresses"),
        shown="10.60.0.0/24",
    ),
    _no(
        f"{MEDIA}[3]",
        "128.0.0.0/1",
        WHOLE,
        (f"{MEDIA}[2]", "0.0.0.0/1"),
        _acknowledged("0.0.0.0/1"),
        _acknowledged("128.0.0.0/1", 5),
        shown="0.0.0.0/0 (in 3 parts)",
        at=MEDIA,
    ),
    _no(f"{PORTS}.udp", ["1024-9999"], "at most 100 SIP ports for each transport", shown="1024-9999"),
    _no(
        f"{PORTS}.tls", ["5060-5061"], "ports other than 5060, which is closed where TLS is used", shown="5060-5061"
    ),
    _no("voip_provider.reviewed_on", _LATER, f"a day that is not after today, {TODAY}", shown=_LATER),
    _no("voip_provider.valid_until", _EARLIER, f"a day that is not before reviewed_on, {TODAY}", shown=_EARLIER),
    _case((f'{ACKNOWLEDGE}: "all" is not allowed; a list of {{cidr, reason}}', *_UNACKNOWLEDGED), (ACKNOWLEDGE, "all")),
    _no(f"{ACKNOWLEDGE}[4].cidr", "192.0.2.0/24", _LISTED, _acknowledged("")),
    _gone(f"{ACKNOWLEDGE}[4].cidr", _LISTED, _acknowledged("")),
    _unknown(f"{ACKNOWLEDGE}[3].resaon", "cidr, reason", "reason"),
    _unknown("voip_provider.signaling", PROFILE_KEYS, "signalling"),
    _unknown("voip_provider.password", PROFILE_KEYS),
    _unknown(f"{PORTS}.tsl", "tls, tcp, udp", "tls"),
    _unknown("voip_policy.enforce_exclusiv", POLICY_KEYS, "enforce_exclusive"),
    _unknown("voip_policy.voicevlan", POLICY_KEYS, "voice_vlan"),
    _unknown("voip_policy.password", POLICY_KEYS),
    _unknown(f"{VLAN}.gatway", VLAN_KEYS, "gateway"),
    _unknown(f"{MANAGEMENT}.netwroks", MANAGEMENT_KEYS, "networks"),
    _unknown("voip_policy.concerns.allowlist", CONCERNS, "sip_allowlist"),
    _case(
        (f'{PBX}.adress: unknown key; did you mean "address"? known: address, public_address',),
        (PBX, {"adress": "10.40.0.5", "address": "10.50.0.5"}),
    ),
    _no("voip_policy.concerns", [], f"a mapping of {CONCERNS}", shown="a list of 0 items"),
    _no("voip_policy.transport", "udp", "a transport that the provider offers: tls", (PORTS, {"tls": [5061]})),
    _case(
        ('voip_policy.transport: "tls" is not allowed; a transport that the provider offers: udp',),
        (PORTS, {"udp": [5060]}),
        ("voip_policy.transport", GONE),
    ),
    _gone(VLAN, "the voice VLAN, for sip_allowlist and voice_vlan"),
    _gone(MANAGEMENT, "the networks from which the device is administered, for management_access"),
    _no(f"{VLAN}.gateway", "10.40.0.100", OUTSIDE_DHCP, shown="10.40.0.100"),
    _no(
        f"{VLAN}.dhcp_last",
        "10.40.0.100",
        "an address that is not before dhcp_first, 10.40.0.200",
        (f"{VLAN}.dhcp_first", "10.40.0.200"),
        shown="10.40.0.100",
    ),
    _no(
        f"{VLAN}.parent_interface",
        "wan1",
        "an interface that is not in voip_policy.wan_interfaces",
        ("voip_policy.wan_interfaces", ["wan1"]),
    ),
    _gone(
        f"{VLAN}.dns_servers",
        f"{SERVERS}, because the provider profile names none",
        ("voip_provider.dns", ["2001:db8:53::53"]),
        (f"{VLAN}.dns_servers", []),
    ),
    _no(
        f"{VLAN}.dns_servers[0]",
        "dns.example.com",
        "the IPv4 address of a DNS server",
        (f"{VLAN}.dns_servers", []),
    ),
    _no(
        f"{VLAN}.dns_servers[1]",
        "2001:db8:53::53",
        "the IPv4 address of a DNS server",
        (f"{VLAN}.dns_servers", ["10.0.0.53"]),
    ),
    _no(f"{VLAN}.ntp_servers[0]", "pool", HOST, (f"{VLAN}.ntp_servers", [])),
    _no(
        f"{VLAN}.provisioning[0]",
        "10.0.0.0/8",
        "a network of at least /16",
        (f"{VLAN}.provisioning", []),
        shown="10.0.0.0/8",
    ),
    _no(f"{VLAN}.provisioning[0]", "0.0.0.0/0", WHOLE, (f"{VLAN}.provisioning", [])),
    _no(
        f"{VLAN}.provisioning_url",
        "https://phone:hunter2@provisioning.example.com/",
        URL,
        shown='"https://***@provisioning.example.com/"',
    ),
    _no(f"{MANAGEMENT}.networks[1]", "10.0.0.0/7", "a network of at least /8", shown="10.0.0.0/7"),
    _no(f"{MANAGEMENT}.networks[1]", "fd00::/8", "a network of at least /32", shown="fd00::/8"),
    _no(f"{MANAGEMENT}.networks[1]", "239.0.0.0/24", "a network of hosts", shown="239.0.0.0/24"),
    _no(
        f"{MANAGEMENT}.networks[1]",
        "10.40.0.0/16",
        f"a network apart from {VLAN}.subnet, 10.40.0.0/24",
        shown="10.40.0.0/16",
    ),
    _no(
        f"{MANAGEMENT}.controller_address",
        "192.0.2.9",
        f"an address of {MANAGEMENT}.networks; the controller would lock itself out",
        shown="192.0.2.9",
    ),
    _no(
        "voip_policy.wan_interfaces[0]", "abcdefghijklmnop", INTERFACE, ("voip_policy.wan_interfaces", [])
    ),
    _no("voip_policy.wan_interfaces[1]", 2, INTERFACE, ("voip_policy.wan_interfaces", ["wan1"])),
    _gone(f"{PBX}.address", "the inside IPv4 address of the PBX", (PBX, {"address": ""})),
    _no(
        f"{PBX}.public_address",
        "10.50.0.5",
        "an address other than the inside one",
        (PBX, {"address": "10.50.0.5"}),
        shown="10.50.0.5",
    ),
    _no(
        f"{PBX}.public_address",
        "pbx.example.com",
        "the public IPv4 address that is forwarded to the PBX",
        (PBX, {"address": "10.50.0.5"}),
    ),
    _no(f"{PBX}.address", "10.40.0.1", BESIDE_DHCP, shown="10.40.0.1"),
    _no(f"{PBX}.address", "10.40.0.9", BESIDE_DHCP, shown="10.40.0.9"),
    _no(
        f"{PBX}.address",
        "203.0.113.9",
        f"an address apart from the provider's {SIGNALLING}[0], 203.0.113.0/27",
        shown="203.0.113.9",
    ),
    _no(
        f"{MEDIA}[2]",
        "10.40.0.128/25",
        _APART.format(f"{VLAN}.subnet", "10.40.0.0/24"),
        _acknowledged("10.40.0.128/25"),
        shown="10.40.0.128/25",
    ),
    _no(
        f"{MANAGEMENT}.networks[1]",
        "203.0.113.0/26",
        _APART.format(f"{MANAGEMENT}.networks[1]", "203.0.113.0/26"),
        shown="203.0.113.0/27",
        at=f"{SIGNALLING}[0]",
    ),
    _case(
        (
            "voip_provider.name: 5 is not allowed;"
            " up to 40 lower-case letters, digits, - and _, beginning with a letter or digit",
            'voip_provider.srtp: "sdes" is not allowed; one of required, optional, none',
            f"voip_policy.vlan: unknown key; known: {POLICY_KEYS}",
            'voip_policy.transport: "sctp" is not allowed; one of tls, tcp, udp',
            f"{VLAN}.id: 9999 is not allowed; a VLAN id from 1 to 4094",
        ),
        ("voip_provider.name", 5),
        ("voip_provider.srtp", "sdes"),
        ("voip_policy.vlan", 1),
        ("voip_policy.transport", "sctp"),
        (f"{VLAN}.id", 9999),
    ),
)
