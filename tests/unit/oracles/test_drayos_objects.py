"""What objects, groups, services and schedules of a Vigor stand for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.drayos import Unit
from tests.oracles.packets import address
from tests.unit.oracles.drayos_samples import (
    BLOCK,
    NEVER_USED,
    PHONE_6,
    PROVIDER,
    PROVIDER_6,
    STRANGER,
    configuration,
    outbound,
    rule,
)

SITE = Unit(configuration())
INSIDE, OUTSIDE = "203.0.113.9", "203.0.113.200"

# reference -> whether it covers (an address of the provider's, one outside)
SIDES: dict[str, tuple[list[Any], bool | None, bool | None]] = {
    "any": (["any"], True, True),
    "mask": (["o", 1, 0], True, False),
    "single": (["o", 3, 0], False, True),
    "range": (["o", 4, 0], True, False),
    "two objects": (["o", 1, 3], True, True),
    "inverted": (["o", 5, 0], False, True),
    "type any": (["o", 6, 0], True, True),
    "mac": (["o", 7, 0], None, None),
    "of another interface, elsewhere": (["o", 8, 0], False, False),
    "inverted and of an interface": (["o", 12, 0], None, None),
    "0.0.0.0 as a new object holds it": (["o", 9, 0], None, None),
    "mask with holes": (["o", 10, 0], None, None),
    "range backwards": (["o", 11, 0], None, None),
    "never stored": (["o", NEVER_USED, 0], None, None),
    "no object at all": (["o", 0, 0], None, None),
    "group": (["g", 1, 0], True, False),
    "two groups": (["g", 1, 2], True, True),
    "empty group": (["g", 3, 0], None, None),
    "group of an interface": (["g", 4, 0], None, False),
    "group with a member never stored": (["g", 5, 0], None, True),
    "country": (["c", 3], None, None),
    "own subnet": (["u", 0, "203.0.113.0", "255.255.255.128"], True, False),
    "own single": (["u", 1, OUTSIDE], False, True),
    "own any": (["u", 2], True, True),
    "own range": (["u", 3, "203.0.113.1", "203.0.113.100"], True, False),
    "IPv6 object": (["o6", 1, 0, 0], False, False),
}


@pytest.mark.parametrize("name", SIDES)
def test_a_rule_side_covers_addresses(name: str) -> None:
    reference, inside, outside = SIDES[name]
    covered = SITE.addresses(reference)
    assert (covered.contains(address(INSIDE)[1]), covered.contains(address(OUTSIDE)[1])) == (inside, outside)


SIDES_6: dict[str, tuple[list[Any], bool | None, bool | None]] = {
    "any": (["any"], True, True),
    "own any": (["u", 2], True, True),
    "prefix": (["o6", 1, 0, 0], True, False),
    "single": (["o6", 2, 0, 0], False, True),
    "range": (["o6", 3, 0, 0], False, False),
    "inverted": (["o6", 4, 0, 0], True, False),
    "two objects": (["o6", 1, 2, 0], True, True),
    "group": (["g6", 1], True, True),
    "never stored": (["g6", 9], None, None),
    "IPv4 object": (["o", 1, 0], False, False),
    "IPv4 object, inverted": (["o", 5, 0], None, None),
    "IPv4 object of type any": (["o", 6, 0], None, None),
}


@pytest.mark.parametrize("name", SIDES_6)
def test_a_rule_side_covers_ipv6_addresses(name: str) -> None:
    reference, inside, outside = SIDES_6[name]
    covered = SITE.addresses(reference, 6)
    assert (covered.contains(address(PROVIDER_6)[1]), covered.contains(address(PHONE_6)[1])) == (inside, outside)


def test_the_networks_of_a_side_are_named() -> None:
    assert SITE.networks(["g", 2, 0]) == {"203.0.113.0/25", "203.0.113.200/32"}
    assert SITE.networks(["o", 4, 0]) == {"203.0.113.8/30"}
    assert SITE.networks(["o6", 1, 0, 0], 6) == {"2001:db8:aaaa::/48"}
    assert SITE.networks(["any"]) == {"0.0.0.0/0"}
    assert SITE.networks(["g", 5, 0]) is None


# reference -> protocol, source port, port, whether it covers them
SERVICES: dict[str, tuple[list[Any], str | int, int, int, bool | None]] = {
    "both protocols": (["o", 1], "tcp", 4000, 5061, True),
    "another port": (["o", 1], "udp", 4000, 5062, False),
    "another protocol": (["o", 1], "icmp", 0, 0, False),
    "range": (["o", 2], "udp", 4000, 15000, True),
    "not equal, inside": (["o", 3], "udp", 4000, 5060, False),
    "not equal, outside": (["o", 3], "udp", 4000, 80, True),
    "larger": (["o", 4], "tcp", 4000, 1025, True),
    "larger, the port itself": (["o", 4], "tcp", 4000, 1024, False),
    "less": (["o", 5], "tcp", 4000, 1023, True),
    "less, the port itself": (["o", 5], "tcp", 4000, 1024, False),
    "source port": (["o", 6], "udp", 5060, 9, True),
    "another source port": (["o", 6], "udp", 5061, 9, False),
    "icmp has no ports": (["o", 7], "icmp", 0, 0, True),
    "protocol any": (["o", 8], 47, 0, 0, True),
    "protocol any with a port": (["o", 9], "tcp", 4000, 80, True),
    "protocol any with another port": (["o", 9], "tcp", 4000, 81, None),
    "range backwards": (["o", 10], "tcp", 4000, 85, None),
    "never stored": (["o", 90], "tcp", 4000, 85, None),
    "group": (["g", 1], "udp", 4000, 12000, True),
    "group, another port": (["g", 1], "udp", 4000, 80, False),
    "empty group": (["g", 2], "udp", 4000, 80, None),
    "group with a member never stored": (["g", 3], "udp", 4000, 80, None),
    "own": (["u", 17, 0, 0, 1, 5060, 65535, 5061], "udp", 4000, 5061, True),
    "own, another port": (["u", 17, 0, 0, 1, 5060, 65535, 5061], "udp", 4000, 5062, False),
    "own, source port": (["u", 17, 1, 0, 5060, 1, 5061, 65535], "udp", 5060, 9, False),
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_covers_packets(name: str) -> None:
    reference, protocol, source_port, port, expected = SERVICES[name]
    blocking = Unit(configuration(rule(BLOCK, service=reference)))
    packet = outbound(port=port, protocol=protocol, source_port=source_port)
    assert blocking.forward(packet).allowed is (None if expected is None else not expected)


def test_the_ports_of_a_service_are_named() -> None:
    assert SITE.ports(["g", 1]) == {(6, 5060, 5061), (17, 5060, 5061), (17, 10000, 20000)}
    assert SITE.ports(["o", 3]) == {(17, 0, 5059), (17, 5062, 65535)}
    assert SITE.ports(["o", 7]) == {(1, 0, 65535)}
    assert SITE.ports(["any"]) == {(0, 0, 65535)}
    assert SITE.ports(["o", 6]) is None
    assert SITE.ports(["g", 3]) is None


def schedule(**fields: Any) -> dict[str, Any]:
    return {"enabled": 1, "comment": "", "start": "2026-11-08 08:00", "minutes": 150, "action": 0, "days": [], **fields}


# schedule, time -> whether a rule bound to it is in force. 2026-11-08 is a Sunday.
SCHEDULES: dict[str, tuple[dict[str, Any], str | None, bool | None]] = {
    "time not known": (schedule(), None, None),
    "once, within": (schedule(), "2026-11-08 10:29", True),
    "once, at the start": (schedule(), "2026-11-08 08:00", True),
    "once, over": (schedule(), "2026-11-08 10:30", False),
    "once, before": (schedule(), "2026-11-08 07:59", False),
    "weekly, within": (schedule(days=["Mon", "Wed"]), "2026-11-11 09:00", True),
    "weekly, another day": (schedule(days=["Mon", "Wed"]), "2026-11-12 09:00", False),
    "weekly, before its first date": (schedule(days=["Mon"]), "2026-11-02 09:00", None),
    "weekly, over midnight": (schedule(days=["Mon"], start="2026-11-02 23:00"), "2026-11-10 01:00", True),
    "disabled": (schedule(enabled=0), "2026-11-08 09:00", None),
    "force down": (schedule(action=1), "2026-11-08 09:00", None),
    "no duration": (schedule(minutes=0), "2026-11-08 09:00", None),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_decides_whether_a_rule_is_in_force(name: str) -> None:
    row, now, expected = SCHEDULES[name]
    stored = configuration(rule(BLOCK, schedules=[0, 3, 0, 0]), schedules={"3": row})
    verdict = Unit(stored, now=datetime.fromisoformat(now) if now else None).forward(outbound())
    assert verdict.allowed is (None if expected is None else not expected)


def test_one_schedule_of_several_is_enough() -> None:
    tables = {"schedules": {"1": schedule(start="2026-01-01 00:00"), "2": schedule()}}
    stored = configuration(rule(BLOCK, schedules=[1, 2, 0, 0]), **tables)
    assert Unit(stored, now=datetime(2026, 11, 8, 9)).forward(outbound()).allowed is False
    unused = configuration(rule(BLOCK, schedules=[9, 0, 0, 0]))
    assert Unit(unused, now=datetime(2026, 11, 8, 9)).forward(outbound()).allowed is None


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_an_inverted_object_covers_exactly_the_rest(number: int, length: int) -> None:
    mask = (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF
    row = {"interface": 0, "type": 0, "start": PROVIDER, "end": ".".join(str(mask >> shift & 255)
                                                                         for shift in (24, 16, 8, 0))}
    stored = configuration(ip_objects={"20": {**row, "invert": 0}, "21": {**row, "invert": 1}})
    asked = Unit(stored)
    plain, inverted = asked.addresses(["o", 20, 0]), asked.addresses(["o", 21, 0])
    assert plain.contains(number) is not inverted.contains(number)
    assert plain.contains(address(STRANGER)[1]) is (address(STRANGER)[1] & mask == address(PROVIDER)[1] & mask)
