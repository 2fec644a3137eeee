"""What must hold for every Vigor configuration, on generated ones."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.drayos import Packet, Unit
from tests.unit.oracles.drayos_samples import (
    ACROSS,
    BASE,
    BLOCK,
    CAMERA,
    IN,
    LOCAL,
    NEVER_USED,
    OUT,
    PASS,
    PC,
    PHONE,
    PROVIDER,
    STRANGER,
    WAN,
    Row,
    configuration,
    open_ports,
    redirection,
    rule,
)

SIDES = st.sampled_from([
    ["any"], ["o", 1, 0], ["o", 2, 3], ["o", 4, 13], ["o", 5, 0], ["o", 7, 0], ["o", 8, 1], ["o", NEVER_USED, 2],
    ["g", 1, 0], ["g", 2, 0], ["g", 3, 0], ["g", 5, 4], ["c", 1], ["u", 2], ["u", 1, WAN],
    ["u", 0, "10.40.0.0", "255.255.255.0"],
])
SERVICES = st.sampled_from([
    ["any"], ["o", 1], ["o", 3], ["o", 6], ["o", 9], ["o", NEVER_USED % 96], ["g", 1], ["g", 3],
    ["u", 17, 0, 0, 1, 5060, 65535, 5061],
])
INTERFACES = st.sampled_from([["all"], ["LAN1", "WAN1"], ["LAN2"], ["WAN2"], []])
ANY_SWITCH = st.sampled_from([1, 1, 1, 0])


@st.composite
def rules(draw: st.DrawFn) -> Row:
    """A rule of any kind, with everything that may be unknown."""
    return rule(
        draw(st.integers(0, 3)), draw(st.integers(0, 3)), in_=draw(INTERFACES), out=draw(INTERFACES),
        source=draw(SIDES), destination=draw(SIDES), service=draw(SERVICES), enabled=draw(ANY_SWITCH),
        branch=draw(st.sampled_from([0, 0, 3, 4, 9])), schedules=[draw(st.sampled_from([0, 0, 0, 1])), 0, 0, 0],
        fragments=draw(st.sampled_from([0, 0, 1, 2])),
    )


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Any]:
    """Three sets in any order after each other, and the general settings."""
    return {
        "sets": {
            str(index): {
                "comment": "", "next": draw(st.sampled_from([0, 0, 2, 3, 4])),
                "rules": {str(place): each for place, each in enumerate(draw(st.lists(rules(), max_size=4)), 1)},
            } for index in (2, 3, 4)
        },
        "filter": {
            "data": draw(st.sampled_from([2, 2, 2, 3, 0])), "default": [draw(st.integers(0, 1)), 0],
            "block_routing": {"v4": draw(st.integers(0, 1)), "v6": 1},
        },
        "portmaps": {"1": redirection(source=[0, draw(st.sampled_from([0, 1, NEVER_USED]))]),
                     "2": redirection(443, PHONE, protocol="tcp", enabled=draw(ANY_SWITCH))},
        "openports": {"1": open_ports(5061, 5080, PHONE, source=[1, draw(st.sampled_from([0, 1, 3]))])},
        "talk": draw(st.sampled_from([[], [[1, 2]], [[1, 2], [3, 1]]])),
    }


PACKETS = st.builds(
    lambda ends, protocol, port, source_port: Packet(*ends, protocol, port, source_port),
    ends=st.sampled_from([
        ("LAN1", PC, PROVIDER), ("LAN2", PHONE, STRANGER), ("LAN1", PC, PHONE), ("LAN3", CAMERA, PC),
        ("LAN1", PC, "192.168.1.99"), ("WAN1", PROVIDER, WAN), ("WAN1", STRANGER, WAN), ("WAN1", STRANGER, PHONE),
        ("LAN2", "2001:db8:40::50", "2001:db8:aaaa::1"),
    ]),
    protocol=st.sampled_from(["udp", "tcp", "icmp"]),
    port=st.sampled_from([5060, 5061, 443, 80, 12000]),
    source_port=st.sampled_from([5060, 40000]),
)
FEW = settings(max_examples=60)


def reaches_the_filter(packet: Packet) -> bool:
    return packet.destination != "192.168.1.99"


def in_front(tables: dict[str, Any], *first: Row, start: int | None = None) -> Row:
    """The configuration with rules in front of its start set, which is on."""
    tables = copy.deepcopy(tables)
    start = start or tables["filter"]["data"] or 2
    tables["filter"]["data"] = start
    following = list(tables["sets"][str(start)]["rules"].values())
    tables["sets"][str(start)]["rules"] = {str(place): each for place, each in enumerate([*first, *following], 1)}
    return configuration(**tables)


@FEW
@given(filters(), PACKETS.filter(reaches_the_filter))
def test_blocking_everything_first_blocks_everything(tables: dict[str, Any], packet: Packet) -> None:
    walls = [rule(BLOCK, direction) for direction in (OUT, IN, ACROSS, LOCAL)]
    assert Unit(in_front(tables, *walls)).forward(packet).allowed is False


@FEW
@given(filters(), PACKETS.filter(lambda packet: packet.ingress.startswith("LAN")))
def test_passing_everything_first_passes_what_is_routed(tables: dict[str, Any], packet: Packet) -> None:
    gates = [rule(PASS, direction) for direction in (OUT, IN, ACROSS, LOCAL)]
    verdict = Unit(in_front(tables, *gates)).forward(packet)
    assert verdict.allowed is (verdict.rule != "inter-LAN routing")


@FEW
@given(filters(), PACKETS, st.integers(0, 1), rules())
def test_behind_a_rule_that_ends_the_search_nothing_changes(
    tables: dict[str, Any], packet: Packet, action: int, more: Row
) -> None:
    ends = [rule(action, direction) for direction in (OUT, IN, ACROSS, LOCAL)]
    without, behind = in_front(tables, *ends), in_front(tables, *ends, more)
    assert Unit(without).forward(packet) == Unit(behind).forward(packet)


@FEW
@given(filters(), PACKETS, rules(), st.sampled_from(["enabled", "direction"]))
def test_a_rule_that_cannot_match_changes_nothing(
    tables: dict[str, Any], packet: Packet, idle: Row, reason: str
) -> None:
    idle = {**idle, **({"enabled": 0} if reason == "enabled" else {"direction": LOCAL})}
    tables["filter"]["data"] = tables["filter"]["data"] or 2
    before, after = Unit(configuration(**tables)).forward(packet), Unit(in_front(tables, idle)).forward(packet)
    assert (before.allowed, before.destination) == (after.allowed, after.destination)


@FEW
@given(filters(), PACKETS, st.sampled_from(["source", "destination", "service"]))
def test_what_is_settled_stays_when_the_unknown_is_settled(
    tables: dict[str, Any], packet: Packet, part: str
) -> None:
    """Whatever an unknown part of a rule turns out to be, an answer that was given holds."""
    answer = Unit(configuration(**tables)).forward(packet).allowed
    if answer is None:
        return
    for settled in (["any"], ["u", 1, "192.0.2.1"] if part != "service" else ["u", 6, 0, 0, 1, 9, 65535, 9]):
        changed = copy.deepcopy(tables)
        for row in changed["sets"].values():
            for each in row["rules"].values():
                if each[part] in (["c", 1], ["o", NEVER_USED % 96]):
                    each[part] = settled
        assert Unit(configuration(**changed)).forward(packet).allowed is answer


def renumbered(reference: list[Any], shift: int) -> list[Any]:
    kind, *rest = reference
    return [kind, *(index and index + shift for index in rest)] if kind in ("o", "g") else reference


@FEW
@given(filters(), PACKETS, st.integers(1, 40))
def test_renumbering_objects_changes_nothing(tables: dict[str, Any], packet: Packet, shift: int) -> None:
    before = configuration(**tables)
    after = copy.deepcopy(before)
    for name in ("ip_objects", "ip_groups"):
        after[name] = {str(int(index) + shift): row for index, row in BASE[name].items()}
    after["ip_groups"] = {
        index: {**row, "members": [member and member + shift for member in row["members"]]}
        for index, row in after["ip_groups"].items()
    }
    for row in after["sets"].values():
        for each in row["rules"].values():
            for part in ("source", "destination"):
                each[part] = renumbered(each[part], shift)
    for name in ("portmaps", "openports"):
        for row in after[name].values():
            kind, index = row["source"]
            row["source"] = [kind, index and index + shift]
    assert Unit(before).forward(packet) == Unit(after).forward(packet)


@FEW
@given(filters(), PACKETS)
def test_the_same_question_has_the_same_answer(tables: dict[str, Any], packet: Packet) -> None:
    asked = Unit(configuration(**tables))
    assert asked.forward(packet) == asked.forward(packet) == Unit(configuration(**tables)).forward(packet)


@FEW
@given(filters(), PACKETS, st.sampled_from([True, False]))
def test_knowing_what_inbound_rules_see_only_settles_answers(
    tables: dict[str, Any], packet: Packet, after_nat: bool
) -> None:
    stored = configuration(**tables)
    answer = Unit(stored).forward(packet).allowed
    if answer is not None:
        assert Unit(stored, after_nat=after_nat).forward(packet).allowed is answer


@FEW
@given(filters(), PACKETS, st.datetimes(datetime(2026, 11, 7), datetime(2026, 11, 20)))
def test_knowing_the_time_only_settles_answers(tables: dict[str, Any], packet: Packet, now: datetime) -> None:
    schedule = {"enabled": 1, "comment": "", "start": "2026-11-08 08:00", "minutes": 600, "action": 0, "days": ["Mon"]}
    stored = configuration(**tables, schedules={"1": schedule})
    answer = Unit(stored).forward(packet).allowed
    if answer is not None:
        assert Unit(stored, now=now).forward(packet).allowed is answer


@FEW
@given(filters(), PACKETS)
def test_asking_leaves_the_configuration_as_it_is(tables: dict[str, Any], packet: Packet) -> None:
    stored = configuration(**tables)
    kept = copy.deepcopy(stored)
    asked = Unit(stored)
    asked.forward(packet)
    asked.local(packet)
    assert stored == kept
