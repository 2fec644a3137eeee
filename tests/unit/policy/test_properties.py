"""Properties that hold for whatever is put in."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import pairwise
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.policy.model import PortRange, merge_ports
from ansible_collections.voip.hardening.plugins.module_utils.policy.networks import aggregate, inside
from ansible_collections.voip.hardening.plugins.module_utils.policy.validation import (
    FieldError,
    PolicyError,
    validate,
)
from tests.unit.policy.samples import POLICY, PROFILE, TODAY, changed

# Networks of a small corner of each address space, so that they touch, nest and repeat.
ipv4_networks = st.builds(
    lambda host, length: IPv4Network((0xC0000200 + host, length), strict=False),
    st.integers(0, 255),
    st.integers(24, 32),
)
ipv6_networks = st.builds(
    lambda host, length: IPv6Network(((0x20010DB8 << 96) + host, length), strict=False),
    st.integers(0, 255),
    st.integers(120, 128),
)
networks = st.lists(ipv4_networks | ipv6_networks, max_size=40)


@given(networks)
def test_aggregation_covers_exactly_the_same_addresses(listed: list[Any]) -> None:
    result = aggregate(listed)
    assert {address for network in result for address in network} == {
        address for network in listed for address in network
    }


@given(networks)
def test_aggregation_is_sorted_disjoint_and_final(listed: list[Any]) -> None:
    result = aggregate(listed)
    assert list(result) == sorted(result, key=lambda network: (network.version, network.network_address))
    assert not any(one is not other and inside(one, other) for one in result for other in result)
    assert aggregate(result) == result
    assert aggregate(reversed(listed)) == result


ranges = st.lists(st.builds(lambda a, b: PortRange(min(a, b), max(a, b)), st.integers(1, 60), st.integers(1, 60)))


@given(ranges)
def test_merged_ports_are_exactly_the_same_ports(listed: list[PortRange]) -> None:
    result = merge_ports(listed)
    for port in range(0, 62):
        assert any(ports.contains(port) for ports in result) == any(ports.contains(port) for ports in listed)
    assert all(one.last + 1 < other.first for one, other in pairwise(result))


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.sampled_from(
        ["0.0.0.0/0", "::/0", "10.0.0.0/8", "192.0.2.1", "fe80::1%1", "5060-5061", "tls", "a.b", "https://["]
    )
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
)

PROFILE_PATHS = [*PROFILE, "sip_ports.tls", "sip_ports.udp"]
POLICY_PATHS = [
    "transport",
    "voice_vlan",
    "management",
    "wan_interfaces",
    "pbx",
    "enforce_exclusive",
    "concerns",
    *(
        f"voice_vlan.{key}"
        for key in (
            "id subnet gateway dhcp_first dhcp_last lease_seconds priority dscp parent_interface dns_servers"
            " ntp_servers provisioning provisioning_url bandwidth_kbps"
        ).split()
    ),
    *(f"management.{key}" for key in "networks idle_timeout_minutes controller_address".split()),
    "pbx.address",
    "pbx.public_address",
    "concerns.sip_alg",
]


def judge(provider: Any, site: Any) -> None:
    """Accepted, or refused with one line for each error; nothing else may happen."""
    errors: tuple[FieldError, ...] = ()
    try:
        validate(provider, site, concerns=None, today=TODAY)
    except PolicyError as refusal:
        errors = refusal.errors
        if not errors:
            raise
    for error in errors:
        assert len(str(error).splitlines()) == 1
        assert len(error.value) <= 80


@given(anything, anything)
def test_arbitrary_input_is_accepted_or_refused(provider: Any, site: Any) -> None:
    judge(provider, site)


@given(st.sampled_from(PROFILE_PATHS), anything | st.lists(scalars, max_size=3))
@example("signalling", ["\ud800"])
@example("reviewed_on", "0000-00-00")
def test_an_arbitrary_value_anywhere_in_a_profile_is_accepted_or_refused(path: str, value: Any) -> None:
    judge(changed(PROFILE, {path: value}), POLICY)


@given(st.sampled_from(POLICY_PATHS), anything | st.lists(scalars, max_size=3))
@example("voice_vlan.provisioning_url", "https://[")
@example("voice_vlan.provisioning_url", "https://a.b:99999/")
def test_an_arbitrary_value_anywhere_in_a_policy_is_accepted_or_refused(path: str, value: Any) -> None:
    judge(PROFILE, changed(POLICY, {path: value}))


@given(networks.filter(bool))
def test_a_profile_allows_the_listed_addresses_and_no_others(listed: list[Any]) -> None:
    cidrs = [str(network) for network in listed]
    provider = changed(
        PROFILE,
        {"signalling": cidrs, "media": cidrs, "acknowledge": [{"cidr": cidr, "reason": "test"} for cidr in cidrs]},
    )
    allowed = validate(provider, POLICY, concerns=None, today=TODAY).policy.provider.signalling
    assert {address for network in allowed for address in network} == {
        address for cidr in cidrs for address in ip_network(cidr)
    }
