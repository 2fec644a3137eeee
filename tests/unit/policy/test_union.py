"""One profile for the time between two: it allows what either does, and what cannot be combined is refused by name."""

# ruff: noqa: E501 - an expected error is one line here as it is on the screen

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.filter.provider_union import provider_union
from ansible_collections.voip.hardening.plugins.module_utils.policy.networks import inside
from ansible_collections.voip.hardening.plugins.module_utils.policy.profile import read_profile
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError, Report
from ansible_collections.voip.hardening.plugins.module_utils.policy.union import united
from tests.unit.policy.samples import PROFILE, REMOVED, TODAY, acknowledged, profile

NETWORKS = [f"203.0.{third}.{fourth}/28" for third in (112, 113) for fourth in range(0, 256, 16)]


def former(**changes: Any) -> dict[str, Any]:
    """The sample profile on other addresses."""
    networks = {"signalling": ["192.0.2.0/27"], "media": ["192.0.2.128/26"]}
    reasons = acknowledged("192.0.2.0/27", "192.0.2.128/26")
    return profile(**{"name": "acme-2026", "title": "Acme in 2026", "acknowledge": reasons, **networks, **changes})


def read(raw: Any) -> Any:
    """The profile, which must be a good one."""
    report = Report()
    found = read_profile(raw, report, TODAY)[0]
    assert not report.errors, report.errors
    return found


def refused(*arguments: Any) -> list[str]:
    with pytest.raises(InputError) as error:
        united(*arguments, TODAY)
    return str(error.value).splitlines()


def test_the_union_holds_both_and_the_new_ones_first() -> None:
    new, old = profile(dns=["192.0.2.200"], ntp=["ntp.example.com"]), former(
        dns=["192.0.2.53"], ntp=["old.example.com", "ntp.example.com"], rtp_ports=["30000-30100"], static_port=True,
        sip_ports={"tls": [5071], "udp": [5062]}, provisioning=["files.example.com"],
    )  # fmt: skip
    both, ours, theirs = (read(one) for one in (united(new, old, "tls", TODAY), new, old))
    for name in ("signalling", "media"):
        for network in (*getattr(ours, name), *getattr(theirs, name)):
            assert any(inside(network, wider) for wider in getattr(both, name)), network
    assert both.name == ours.name
    assert both.title == f"{ours.title}, and Acme in 2026 until it is left"
    assert [str(one) for one in both.dns] == ["192.0.2.200", "192.0.2.53"]
    assert both.ntp == ("ntp.example.com", "old.example.com")
    assert set(both.provisioning) == {*ours.provisioning, *theirs.provisioning}
    assert both.static_port
    for transport in ours.sip_ports | theirs.sip_ports:
        assert set(both.sip_ports[transport]) >= {*theirs.sip_ports.get(transport, ())}
    assert {str(ports) for ports in both.rtp_ports} >= {"30000-30100"}


def test_the_dates_are_the_earlier_ones() -> None:
    old = former(reviewed_on=TODAY - timedelta(days=80), valid_until=TODAY - timedelta(days=1))
    both = united(profile(), old, "tls", TODAY)
    assert both["reviewed_on"] == (TODAY - timedelta(days=80)).isoformat()
    assert both["valid_until"] == (TODAY - timedelta(days=1)).isoformat()


@given(st.lists(st.sampled_from(NETWORKS), min_size=1), st.lists(st.sampled_from(NETWORKS), min_size=1))
def test_no_address_is_lost_and_none_comes_in(first: list[str], second: list[str]) -> None:
    def of(networks: list[str]) -> dict[str, Any]:
        return profile(signalling=networks, acknowledge=acknowledged(*networks, *PROFILE["media"]))

    addresses = {
        address for network in read(united(of(first), of(second), "tls", TODAY)).signalling for address in network
    }
    assert addresses == {
        address for networks in (first, second) for network in read(of(networks)).signalling for address in network
    }


@pytest.mark.parametrize("transport", ["tls", "udp"])
def test_a_union_with_itself_is_itself(transport: str) -> None:
    new = profile()
    both, ours = read(united(new, new, transport, TODAY)), read(new)
    for name in ("name", "signalling", "media", "sip_ports", "rtp_ports", "srtp", "dns", "ntp", "provisioning"):
        assert getattr(both, name) == getattr(ours, name), name


@pytest.mark.parametrize(
    ("new", "old", "errors"),
    [
        (
            profile(),
            former(srtp="optional"),
            ['voip_provider_former.srtp: "optional" is not allowed; required, as in voip_provider; change it in a step of its own'],
        ),
        (
            profile(),
            former(sip_ports={"udp": [5060]}),
            [
                "voip_provider_former.sip_ports: a choice of udp is not allowed; ports for tls, the transport of the site, "
                "by which it must be able to reach both"
            ],
        ),
        (
            profile(sip_ports={"udp": [5060], "tcp": [5060]}),
            former(),
            ["voip_provider.sip_ports: a choice of tcp, udp is not allowed; ports for tls, the transport of the site, by which it must be able to reach both"],
        ),
        (
            profile(rtp_ports=["5100-6000"]),
            former(sip_ports={"tls": [5061], "udp": [5200]}),
            ['voip_provider with voip_provider_former.rtp_ports[0]: "5100-6000" is not allowed; a range without the SIP ports, UDP 5200'],
        ),
        (
            profile(sip_ports={"tls": ["6000-6059"]}),
            former(sip_ports={"tls": ["7000-7059"]}),
            ["voip_provider with voip_provider_former.sip_ports.tls: 6000-6059, 7000-7059 is not allowed; at most 100 SIP ports for each transport"],
        ),
        (
            profile(title=REMOVED),
            former(signalling=[], acknowledge=acknowledged("192.0.2.128/26")),
            [
                "voip_provider.title: missing; it needs one line of text",
                "voip_provider_former.signalling: an empty list is not allowed; a list of at least one network of the provider's signalling",
            ],
        ),
        (profile(), "acme-2026", ['voip_provider_former: "acme-2026" is not allowed; a mapping of name']),
    ],
    ids=["srtp", "former-transport", "new-transport", "rtp-meets-sip", "too-many-ports", "bad-profiles", "a-name"],
)  # fmt: skip
def test_what_cannot_be_combined_is_refused_by_name(new: Any, old: Any, errors: list[str]) -> None:
    found = refused(new, old, "tls")
    assert [line[: len(error)] for line, error in zip(found, errors, strict=True)] == errors


def test_the_filter_says_the_same() -> None:
    assert provider_union(profile(), former(valid_until="2999-01-01"))["name"] == PROFILE["name"]
    with pytest.raises(AnsibleFilterError, match=r"voip_provider_former\.srtp"):
        provider_union(profile(), former(srtp="none"))
