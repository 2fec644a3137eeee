"""Policies made up by chance for a Vigor: valid ones, of every kind that a site may declare."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.policies import policy, provider
from tests.support.units import CONCERNS

PHONES = "10.40.0.1"
"""The unit's address in the phones' network, 10.40.0.0/24."""
NETWORKS = ("203.0.113.0/27", "203.0.113.8/29", "203.0.113.5/32", "203.0.113.128/26", "203.0.113.64/26")
NETWORKS6 = ("2001:db8:5060::/48", "2001:db8:5061::/48", "2001:db8:5062:1::/64")
ROOM = 64
"""IP objects that are kept for the collection where nobody says otherwise."""


def _some() -> st.SearchStrategy[list[str]]:
    four = st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=3, unique=True)
    six = st.lists(st.sampled_from(NETWORKS6), max_size=2, unique=True)
    return st.tuples(four, six).map(lambda both: [*both[0], *both[1]])


def _many(lowest: int) -> st.SearchStrategy[list[str]]:
    """Up to as many single addresses as two groups of a small unit have room for, and one more."""
    return st.integers(2, 25).map(lambda count: [f"203.0.113.{lowest + 2 * number}/32" for number in range(count)])


SIP_PORTS = st.fixed_dictionaries(
    {
        "tls": st.sampled_from([[5061], [5061, 5071], ["5061-5063"]]),
        "tcp": st.sampled_from([[5060], [5060, 5065], ["5070-5079"]]),
        "udp": st.sampled_from([[5060], [5060, "5080-5090"], [6060]]),
    }
)
RTP_PORTS = st.sampled_from([["10000-20000"], ["16384-32767"], ["10000-10499", "30000-30199"], ["4000-4999"], [49152]])
PBX = st.sampled_from([None] * 12 + [{"address": "10.40.0.5"}] * 6 + [{"address": "192.168.1.20"}])
VOICE = st.fixed_dictionaries(
    {"dhcp_first": st.just("10.40.0.100")},
    optional={
        "parent_interface": st.sampled_from(["p1", "p2", "p4"] * 6 + ["internal"]),
        "dns_servers": st.sampled_from([["203.0.113.53"], ["192.168.1.53", "203.0.113.53"]]),
        "ntp_servers": st.sampled_from([["ntp1.example.com"], ["203.0.113.53"], ["203.0.113.53", "ntp1.example.com"]]),
        "provisioning": st.sampled_from([["provisioning.example.com"], ["203.0.113.64/28", "192.0.2.200"]]),
        "provisioning_url": st.sampled_from(["https://provisioning.example.com/p/", None]),
        "priority": st.integers(0, 7),
        "dscp": st.integers(0, 63),
        "bandwidth_kbps": st.sampled_from([None, 512, 10000]),
        "lease_seconds": st.one_of(st.integers(300, 86400), st.just(8640000)),
    },
)
MANAGEMENT = st.fixed_dictionaries(
    {
        "networks": st.sampled_from(
            [
                ["192.168.1.0/24"],
                ["192.168.1.10/32"],
                ["192.168.1.0/24", "192.168.2.0/24"],
                ["192.168.1.0/25", "192.0.2.128/25"],
                ["192.168.1.0/24", "192.0.2.200/32", "198.51.100.9/32"],
                ["192.168.1.0/24", "2001:db8:10::/64"],
            ]
        ),
        "controller_address": st.sampled_from([None, "192.168.1.10"]),
    },
    optional={
        "idle_timeout_minutes": st.integers(1, 60),
        "lockout_threshold": st.integers(1, 10),
        "lockout_seconds": st.integers(60, 86400),
        "password_min_length": st.integers(12, 40),
    },
)
POLICIES = st.fixed_dictionaries(
    {
        "transport": st.sampled_from(["tls", "tcp", "udp"]),
        "signalling": st.one_of(_some(), _some(), _some(), _many(1)),
        "media": st.one_of(_some(), _some(), _some(), _many(129)),
        "sip_ports": SIP_PORTS,
        "rtp_ports": RTP_PORTS,
        "pbx": PBX,
        "voice_vlan": VOICE,
        "management": MANAGEMENT,
        "enforce_exclusive": st.booleans(),
        "concerns": st.one_of(
            st.just(list(CONCERNS)), st.lists(st.sampled_from(CONCERNS), min_size=1, unique=True).map(sorted)
        ),
        "reserved_objects": st.sampled_from([ROOM, 128]),
        "transport_of_ours": st.sampled_from(["ssh", "ssh", "ssh", "telnet"]),
    }
)
Wanted = dict[str, Any]


def _possible(wanted: Wanted) -> Wanted:
    """A PBX in the voice VLAN needs that VLAN."""
    pbx = wanted["pbx"]
    if pbx and pbx["address"].startswith("10.40.") and "voice_vlan" not in wanted["concerns"]:
        return {**wanted, "pbx": None}
    return wanted


POLICIES = POLICIES.map(_possible)

PLAIN: Wanted = {
    "transport": "tls",
    "signalling": ["203.0.113.0/27", "2001:db8:5060::/48"],
    "media": ["203.0.113.128/26", "2001:db8:5061::/48"],
    "sip_ports": {"tls": [5061], "tcp": [5060], "udp": [5060]},
    "rtp_ports": ["10000-20000"],
    "pbx": None,
    "voice_vlan": {},
    "management": {"networks": ["192.168.1.0/24", "192.0.2.128/25"], "controller_address": "192.168.1.10"},
    "enforce_exclusive": False,
    "concerns": list(CONCERNS),
    "reserved_objects": ROOM,
    "transport_of_ours": "ssh",
}
"""What tests ask for that do not vary the policy."""

NEARLY: Wanted = {
    **PLAIN,
    "rtp_ports": ["10000-19999"],
    "voice_vlan": {"priority": 3, "provisioning_url": "https://provisioning.example.com/old/"},
    "management": {
        "networks": ["192.168.1.0/24", "192.0.2.128/26"],
        "controller_address": "192.168.1.10",
        "lockout_threshold": 2,
    },
}
"""What a unit was hardened for that now gets `PLAIN`: objects, rules and settings change."""


def options(wanted: Wanted) -> dict[str, Any]:
    """The module options that ask for it."""
    profile = provider(**{name: wanted[name] for name in ("signalling", "media", "sip_ports", "rtp_ports")})
    voice = {"parent_interface": None, **wanted["voice_vlan"]}
    site = policy(
        transport=wanted["transport"],
        voice_vlan=voice,
        management=wanted["management"],
        enforce_exclusive=wanted["enforce_exclusive"],
        **({"pbx": wanted["pbx"]} if wanted["pbx"] is not None else {}),
    )
    return {
        "provider": profile,
        "policy": _without_none(site),
        "concerns": wanted["concerns"],
        "reserved_objects": wanted["reserved_objects"],
        "transport": wanted["transport_of_ours"],
    }


def _without_none(site: Any) -> Any:
    if isinstance(site, dict):
        return {
            name: _without_none(value) for name, value in site.items() if value is not None or name == "bandwidth_kbps"
        }
    return site
