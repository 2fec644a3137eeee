"""Ports without others, and the shape of our rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.compiler.rules import without
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS, PortRange
from tests.unit.fortios.compiled import compiled, owned
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import V700, V744, Version, document


def ports(text: str) -> tuple[PortRange, ...]:
    pairs = [word.partition("-") for word in text.split()]
    return tuple(PortRange(int(first), int(last or first)) for first, _dash, last in pairs)


@pytest.mark.parametrize(
    ("given_ports", "taken", "left"),
    [
        ("5060-5061", "5061", "5060"),
        ("5060-5061", "5060", "5061"),
        ("5060-5061", "5060-5061", ""),
        ("5060-5061", "", "5060-5061"),
        ("5060-5061", "6000", "5060-5061"),
        ("5060-5070", "5065", "5060-5064 5066-5070"),
        ("5060-5070", "5062 5065", "5060-5061 5063-5064 5066-5070"),
        ("5060-5061 5080", "5061-5080", "5060"),
        ("5060-5061 5080 6000", "5080", "5060-5061 6000"),
        ("5060", "1-65535", ""),
        ("", "5060", ""),
    ],
)
def test_without(given_ports: str, taken: str, left: str) -> None:
    assert without(ports(given_ports), ports(taken)) == ports(left)


RANGES = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda pair: PortRange(pair[0], pair[0] + pair[1])), max_size=5
)


@given(RANGES, RANGES)
def test_without_leaves_exactly_the_other_ports(some: list[PortRange], taken: list[PortRange]) -> None:
    def numbers(ranges: list[PortRange]) -> set[int]:
        return {port for one in ranges for port in range(one.first, one.last + 1)}

    left = list(without(some, taken))
    assert numbers(left) == numbers(some) - numbers(taken)
    assert all(one.first <= one.last for one in left)


@pytest.mark.parametrize("version", [V700, V744])
@pytest.mark.parametrize("transport", ["tls", "tcp", "udp"])
def test_every_rule_of_ours(version: Version, transport: str) -> None:
    """What holds for all of them: logged when it denies, never an accept from or to everywhere, no VoIP profile."""
    policy = site(voice_vlan__parent_interface="internal", pbx={"address": "10.0.0.20"}, transport=transport)
    desired, _remarks = compiled(policy, document(version), *CONCERNS)
    rules = owned(desired, "firewall/policy")
    assert len({row["name"] for row in rules}) == len(rules)
    for row in rules:
        assert row["name"].startswith("VOIPH-")
        assert len(row["name"]) <= 35
        assert (row["status"], row["schedule"], row["voip-profile"]) == ("enable", "always", "")
        assert row["service"]
        assert row["srcaddr"] or row["srcaddr6"]
        assert bool(row["srcaddr"]) == bool(row["dstaddr"])
        assert bool(row["srcaddr6"]) == bool(row["dstaddr6"])
        if row["action"] == "deny":
            assert (row["logtraffic"], row["match-vip"], row["nat"]) == ("all", "enable", "disable")
        else:
            assert "match-vip" not in row  # only valid with deny
            assert not {"all", "any", "ALL"} & {
                *row["srcaddr"],
                *row["dstaddr"],
                *row["srcaddr6"],
                *row["dstaddr6"],
                *row["srcintf"],
                *row["dstintf"],
                *row["service"],
            }
            assert "enable" not in (row["srcaddr-negate"], row["dstaddr-negate"])


def test_allowing_rules_stand_before_blocking_ones() -> None:
    policy = site(voice_vlan__parent_interface="internal", pbx={"address": "10.0.0.20"})
    desired, _remarks = compiled(policy, document(), *CONCERNS)
    actions = [row["action"] for row in owned(desired, "firewall/policy")]
    assert actions == sorted(actions)  # accept, then deny


@pytest.mark.parametrize("order", [CONCERNS, tuple(reversed(CONCERNS))])
def test_the_order_of_concerns_does_not_matter(order: tuple[str, ...]) -> None:
    policy = site(voice_vlan__parent_interface="internal")
    one = compiled(policy, document(), *CONCERNS)[0]
    other = compiled(policy, document(), *order)[0]
    names = [[row["name"] for row in owned(desired, "firewall/policy")] for desired in (one, other)]
    assert names[0] == names[1]
