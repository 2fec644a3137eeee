"""The question itself, three-valued logic, and sets that are only partly known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.intervals import IntervalSet, PartlyKnown
from tests.oracles.logic import agreed, both, either, opposite
from tests.oracles.packets import Packet

NONSENSE: dict[str, tuple[dict[str, Any], str]] = {
    "two families": ({"source": "10.0.0.1", "destination": "2001:db8::1"}, "not of one address family"),
    "protocol": ({"protocol": "quic"}, "protocol 'quic': allowed are icmp, tcp, udp, sctp or an IP protocol number"),
    "port": ({"destination_port": 65536}, "destination_port 65536: allowed are 0 to 65535"),
    "address": ({"source": "10.0.0.256"}, "10.0.0.256"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_named(name: str) -> None:
    fields, message = NONSENSE[name]
    sound: dict[str, Any] = {"ingress": "wan1", "source": "10.0.0.1", "destination": "10.0.0.2", "protocol": "udp"}
    with pytest.raises(ValueError, match=message):
        Packet(**{**sound, **fields})


def test_icmp_is_icmpv6_between_ipv6_addresses() -> None:
    packet = Packet("wan1", "2001:db8::1", "2001:db8::2", "icmp")
    assert (packet.protocol_number, packet.icmp) == (58, (128, 0))


TRUTHS = (True, False, None)


@pytest.mark.parametrize("first", TRUTHS)
@pytest.mark.parametrize("second", TRUTHS)
def test_logic_holds_for_every_value_of_the_unknown(first: bool | None, second: bool | None) -> None:
    """An answer is definite exactly when every way to settle the unknowns gives it."""
    worlds = [(a, b) for a in (True, False) for b in (True, False) if first in (a, None) and second in (b, None)]
    for combined, real in ((both(first, second), all), (either((first, second)), any)):
        outcomes = {real(world) for world in worlds}
        assert combined is (outcomes.pop() if len(outcomes) == 1 else None)
    assert agreed((first, second)) is (first if first is second else None)
    assert opposite(opposite(first)) is first


ENDS = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda ends: (min(ends), max(ends)))
RANGES = st.lists(ENDS, max_size=5)
NUMBERS = range(31)


def numbers(ranges: list[tuple[int, int]]) -> set[int]:
    return {number for low, high in ranges for number in range(low, high + 1)}


@given(RANGES, RANGES)
def test_interval_sets_are_sets(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    one, two = IntervalSet(first), IntervalSet(second)
    assert {n for n in NUMBERS if n in one} == numbers(first)
    assert {n for n in NUMBERS if n in one | two} == numbers(first) | numbers(second)
    assert {n for n in NUMBERS if n in one - two} == numbers(first) - numbers(second)


@given(RANGES, RANGES, RANGES, RANGES, st.sets(st.integers(0, 30)))
def test_partly_known_sets_never_claim_too_much(
    sure: list[tuple[int, int]], perhaps: list[tuple[int, int]], other_sure: list[tuple[int, int]],
    other_perhaps: list[tuple[int, int]], settled: set[int],
) -> None:
    """However the unknown is settled, a definite answer stays right."""
    def build(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> PartlyKnown:
        return PartlyKnown(IntervalSet(a), IntervalSet([*a, *b]))

    one, two = build(sure, perhaps), build(other_sure, other_perhaps)
    world = numbers(sure) | (numbers(perhaps) & settled)
    other = numbers(other_sure) | (numbers(other_perhaps) & settled)
    for known, real in ((one | two, world | other), (one - two, world - other)):
        for number in NUMBERS:
            assert known.contains(number) in (None, number in real)
