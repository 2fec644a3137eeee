"""Policies made up by chance for a pfSense: valid ones, of every kind that a site may declare."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from hypothesis import strategies as st

from tests.support.policies import policy, provider
from tests.support.units import CONCERNS

NETWORKS = ("203.0.113.0/27", "203.0.113.8/29", "203.0.113.5/32", "203.0.113.128/26", "203.0.113.64/26")
NETWORKS6 = ("2001:db8:5060::/48", "2001:db8:5061::/48", "2001:db8:5062:1::/64")
Wanted = dict[str, Any]


def _some() -> st.SearchStrategy[list[str]]:
    four = st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=3, unique=True)
    six = st.lists(st.sampled_from(NETWORKS6), max_size=2, unique=True)
    return st.tuples(four, six).map(lambda both: [*both[0], *both[1]])


SIP_PORTS = st.fixed_dictionaries(
    {
        "tls": st.sampled_from([[5061], [5061, 5071], ["5061-5063"]]),
        "tcp": st.sampled_from([[5060], [5060, 5065], ["5070-5079"]]),
        "udp": st.sampled_from([[5060], [5060, "5080-5090"], [6060]]),
    }
)
RTP_PORTS = st.sampled_from([["10000-20000"], ["16384-32767"], ["10000-10499", "30000-30199"], ["4000-4999"], [49152]])
PBX = st.sampled_from(
    [None] * 8 + [{"address": "10.40.0.5"}] * 4 + [{"address": "10.0.0.20"}] * 3
    + [{"address": "172.16.5.10"}, {"address": "10.0.0.20", "public_address": "198.51.100.21"}]
)
VOICE = st.fixed_dictionaries(
    {"dhcp_first": st.just("10.40.0.100")},
    optional={
        "parent_interface": st.sampled_from(["lan", "LAN", "em1", "em1", "em2", "em9"]),
        "dns_servers": st.sampled_from([["203.0.113.53"], ["10.0.0.53", "203.0.113.53"]]),
        "ntp_servers": st.sampled_from([["ntp1.example.com"], ["203.0.113.53"], ["203.0.113.53", "ntp1.example.com"]]),
        "provisioning": st.sampled_from([["provisioning.example.com"], ["203.0.113.64/28", "192.0.2.200"]]),
        "provisioning_url": st.sampled_from(["https://provisioning.example.com/p/", None]),
        "priority": st.integers(0, 7),
        "lease_seconds": st.integers(300, 86400),
    },
)
MANAGEMENT = st.fixed_dictionaries(
    {
        "networks": st.sampled_from(
            [["10.0.0.0/24"], ["10.0.0.10/32"], ["10.0.0.0/25", "192.0.2.128/25"], ["10.0.0.0/24", "2001:db8:10::/64"],
             ["10.0.0.0/24", "192.0.2.200/32"], ["10.0.0.64/26"]]
        ),
        "controller_address": st.sampled_from([None, "10.0.0.10", "10.0.0.70"]),
    },
    optional={
        "idle_timeout_minutes": st.integers(1, 60), "lockout_threshold": st.integers(1, 10),
        "lockout_seconds": st.integers(60, 86400), "password_min_length": st.integers(12, 40),
    },
)
POLICIES = st.fixed_dictionaries(
    {
        "transport": st.sampled_from(["tls", "tcp", "udp"]),
        "signalling": _some(),
        "media": _some(),
        "static_port": st.booleans(),
        "sip_ports": SIP_PORTS,
        "rtp_ports": RTP_PORTS,
        "pbx": PBX,
        "voice_vlan": VOICE,
        "management": MANAGEMENT,
        "wan_interfaces": st.sampled_from([None, None, None, ["wan"], ["WAN"], ["opt9"]]),
        "enforce_exclusive": st.booleans(),
        "concerns": st.one_of(
            st.just(list(CONCERNS)), st.lists(st.sampled_from(CONCERNS), min_size=1, unique=True).map(sorted)
        ),
    }
)


def _possible(wanted: Wanted) -> Wanted:
    """A PBX in the voice VLAN needs that VLAN; the controller is one of the administrators."""
    pbx, management = wanted["pbx"], wanted["management"]
    if pbx and pbx["address"].startswith("10.40.") and "voice_vlan" not in wanted["concerns"]:
        wanted = {**wanted, "pbx": None}
    networks = [ip_network(one) for one in management["networks"]]
    if not any(ip_address(management["controller_address"] or "::") in network for network in networks):
        wanted = {**wanted, "management": {**management, "controller_address": None}}
    return wanted


POLICIES = POLICIES.map(_possible)

PLAIN: Wanted = {
    "transport": "tls",
    "signalling": ["203.0.113.0/27", "2001:db8:5060::/48"],
    "media": ["203.0.113.128/26", "2001:db8:5061::/48"],
    "static_port": False,
    "sip_ports": {"tls": [5061], "tcp": [5060], "udp": [5060]},
    "rtp_ports": ["10000-20000"],
    "pbx": None,
    "voice_vlan": {},
    "management": {"networks": ["10.0.0.0/24", "192.0.2.128/25"], "controller_address": "10.0.0.10"},
    "wan_interfaces": None,
    "enforce_exclusive": False,
    "concerns": list(CONCERNS),
}
"""What tests ask for that do not vary the policy."""

NEARLY: Wanted = {
    **PLAIN,
    "rtp_ports": ["10000-19999"],
    "static_port": True,
    "voice_vlan": {"priority": 3, "provisioning_url": "https://provisioning.example.com/old/"},
    "management": {
        "networks": ["10.0.0.0/24", "192.0.2.128/26"], "controller_address": "10.0.0.10", "lockout_threshold": 2,
    },
}
"""What a box was hardened for that now gets `PLAIN`: aliases, rules and settings change."""


def options(wanted: Wanted) -> dict[str, Any]:
    """The module options that ask for it."""
    profile = provider(
        **{name: wanted[name] for name in ("signalling", "media", "sip_ports", "rtp_ports", "static_port")}
    )
    site = policy(
        transport=wanted["transport"],
        voice_vlan={"parent_interface": None, **wanted["voice_vlan"]},
        management=wanted["management"],
        enforce_exclusive=wanted["enforce_exclusive"],
        **{name: wanted[name] for name in ("pbx", "wan_interfaces") if wanted[name] is not None},
    )
    return {"provider": profile, "policy": _without_none(site), "concerns": wanted["concerns"]}


def _without_none(site: Any) -> Any:
    if isinstance(site, dict):
        return {name: _without_none(value) for name, value in site.items() if value is not None}
    return site
