"""The names of what we put on a Vigor: short enough, each for one thing, and read back as what they were made of."""

from __future__ import annotations

import base64
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.document.model import MARK, Row
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek import memory, names
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.models import (
    LARGE,
    NAME_LENGTH,
    SMALL,
    Limits,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    LAN_ACCESS,
    LANS,
    REMOTE,
    RULES,
    SIP_ALG,
    VLAN,
    VLAN_ROWS,
)
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import PortRange

OBJECT_NAMES = (names.SIGNALLING, names.MEDIA, names.DNS, names.NTP, names.PROVISIONING)
SERVICE_NAMES = (
    *(names.SIP, names.SIP_GUARDED, names.RTP),
    *(names.DNS_SERVICE, names.NTP_SERVICE, names.PROVISIONING_SERVICE),
)
COMMENT_LENGTH = 14
"""Characters of a rule's comment on older units; the others take more."""
ADDRESSES = st.integers(0, 2**32 - 1)
LENGTHS = st.integers(0, 32)
NETWORKS = st.builds(lambda address, length: IPv4Network((address, length), strict=False), ADDRESSES, LENGTHS)
PORTS = st.tuples(st.integers(0, 65535), st.integers(0, 65535)).map(lambda ends: PortRange(*sorted(ends)))


@pytest.mark.parametrize("name", [*OBJECT_NAMES, *SERVICE_NAMES, *names.SETS, names.GUARD, names.STARTED])
def test_every_name_bears_the_mark_and_fits(name: str) -> None:
    # A group that one object does not hold has a second one, of the same name with a 2 behind it.
    assert name.startswith(MARK)
    assert len(name) + (name in OBJECT_NAMES) <= NAME_LENGTH


def test_every_name_stands_for_one_thing() -> None:
    groups = [*OBJECT_NAMES, *(f"{name}2" for name in OBJECT_NAMES)]
    assert len(set(groups)) == len(groups)
    assert len({*SERVICE_NAMES}) == len(SERVICE_NAMES)


def decoded(text: str) -> int:
    """The 40 bits that eight letters and digits stand for, five bits each; fewer are filled up with zeros."""
    return int.from_bytes(base64.b32decode(text.ljust(8, "A")))


@given(NETWORKS)
def test_an_object_says_which_network_it_is(network: IPv4Network) -> None:
    name = names.ip_object(network)
    assert len(name) == NAME_LENGTH
    number = decoded(name.removeprefix(MARK)) >> 2
    assert IPv4Network((number >> 6, number & 63)) == network


def test_an_address_is_a_network_of_its_own() -> None:
    address = IPv4Address("203.0.113.53")
    assert names.ip_object(address) == names.ip_object(IPv4Network(address)) == "VOIPH-ZMAHCNMA"


@given(NETWORKS, NETWORKS)
def test_two_networks_have_two_names(one: IPv4Network, other: IPv4Network) -> None:
    assert (names.ip_object(one) == names.ip_object(other)) == (one == other)


@given(st.sampled_from(["tcp", "udp", "any"]), PORTS)
def test_a_service_says_which_ports_it_is(protocol: str, ports: PortRange) -> None:
    name = names.service_object(protocol, ports)
    assert len(name) == NAME_LENGTH
    assert name.startswith(f"{MARK}S")
    number = decoded(name.removeprefix(f"{MARK}S")) >> 6
    assert (number >> 32, number >> 16 & 65535, number & 65535) == (
        {"tcp": 0, "udp": 1, "any": 2}[protocol],
        ports.first,
        ports.last,
    )


# Objects that remember


@pytest.mark.parametrize(
    ("path", "key"),
    [
        *((LANS, f"LAN{number}") for number in range(1, 101)),
        *((VLAN_ROWS, str(number)) for number in range(100)),
        *((RULES, f"{where}.{place}") for where in (1, 12, 50) for place in (1, 30)),
        *((path, "") for path in (SIP_ALG, VLAN, REMOTE, LAN_ACCESS)),
    ],
)
def test_an_object_that_remembers_fits_and_is_found_again(path: str, key: str) -> None:
    ports = ("p1", "p2")
    cells = memory.cells_of(path, key, ports)
    assert cells
    for cell in cells:
        assert len(cell.name) <= NAME_LENGTH
        again = memory.cell_named(cell.name, ports)
        assert again is not None
        assert (again.path, again.key, again.fields, again.concern) == (path, key, cell.fields, cell.concern)


def test_routing_between_lans_is_remembered_by_lan() -> None:
    for number in range(1, 101):
        for cell in memory.talk_cells(f"LAN{number}"):
            again = memory.cell_named(cell.name, ())
            assert len(cell.name) <= NAME_LENGTH
            assert again is not None
            assert again.code == cell.code


@given(NETWORKS)
def test_no_other_object_is_taken_for_one_that_remembers(network: IPv4Network) -> None:
    assert not names.ip_object(network).startswith(names.REMEMBERED)
    assert memory.cell_named(names.ip_object(network), ("p1",)) is None


@pytest.mark.parametrize(
    "name",
    "VOIPH-w VOIPH-wx VOIPH-wL VOIPH-wL2 VOIPH-wL2z VOIPH-wL2xx VOIPH-wR1 VOIPH-wT VOIPH-wV1 VOIPH-wboot L2x".split(),
)
def test_names_that_remember_nothing(name: str) -> None:
    assert memory.cell_named(name, ("p1",)) is None


# Rules: their places and comments


def test_every_rule_has_letters_and_a_place_of_its_own() -> None:
    letters = [one for one, _set, _place in names.PLACES.values()]
    places = [(index, place) for _letters, index, place in names.PLACES.values()]
    assert len(set(letters)) == len(letters)
    assert len(set(places)) == len(places)
    assert all(len(one) == 2 for one in letters)
    # A set of the small class takes seven rules.
    assert all(index < len(names.SETS) and 1 <= place <= SMALL.rules for index, place in places)


@pytest.mark.parametrize(("limits", "needed"), [(SMALL, 2), (LARGE, 1)])
def test_what_is_allowed_comes_before_what_is_blocked(limits: Limits, needed: int) -> None:
    assert names.needed_sets(limits.rules) == needed
    sets = {names.SETS[0]: "12", names.SETS[1]: "11"}
    order = ["12", "11"]
    places = {name: names.place_of(name, sets, limits.rules) for name in names.PLACES}
    assert len(set(places.values())) == len(places)
    assert all(place <= limits.rules for _set, place in places.values())
    assert {where for where, _place in places.values()} == set(order[:needed])

    def rank(name: str) -> tuple[int, int]:
        return order.index(places[name][0]), places[name][1]

    provider = (names.ALLOW_SIGNALLING, names.ALLOW_MEDIA, names.SIGNALLING_IN, names.MEDIA_IN)
    others = (names.ALLOW_DNS, names.ALLOW_NTP, names.ALLOW_PROVISIONING)
    sip = (names.BLOCK_SIP_OUT, names.BLOCK_SIP_IN, names.BLOCK_RTP_IN)
    voice = (names.VOICE_DENY_OUT, names.VOICE_DENY_IN, names.VOICE_DENY_LAN, names.LAN_DENY_VOICE)
    assert {*provider, *others, *sip, *voice} == set(names.PLACES)
    assert max(map(rank, provider)) < min(map(rank, (*sip, *others, *voice)))
    assert max(map(rank, others)) < min(map(rank, voice))


@pytest.mark.parametrize("name", names.PLACES)
def test_a_comment_is_read_back(name: str) -> None:
    comment = names.comment_of(name, "ABC234")
    assert len(comment) <= COMMENT_LENGTH
    assert names.read_comment(comment) == (name, "ABC234")


@pytest.mark.parametrize(
    "comment",
    ["", "no SMB out", "A1ABC234", "VOIPH-", "VOIPH-A1", "VOIPH-A1ABC23", "VOIPH-A1ABC2345", "VOIPH-Z9ABC234"],
)
def test_other_comments_are_names_of_their_own(comment: str) -> None:
    assert names.read_comment(comment) == (comment, "")


RULE: Row = {
    "id": "12.5",
    "set": "12",
    "name": "block-sip-out",
    "enabled": True,
    "direction": 0,
    "incoming": ("all",),
    "outgoing": ("all",),
    "source": ("any",),
    "destination": ("any",),
    "service": ("service 94",),
    "fragments": 0,
    "action": "block",
    "branch": "",
    "schedules": (0, 0, 0, 0),
    "qos": 0,
    "log": True,
}


def test_a_digest_does_not_depend_on_the_order_of_fields() -> None:
    assert names.digest_of(RULE) == names.digest_of(dict(reversed(RULE.items())))
    assert len(names.digest_of(RULE)) == 6


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("direction", 1), ("incoming", ("LAN1",)), ("outgoing", ("WAN1",)), ("source", ("object 1",)),
        ("destination", ("group 1",)), ("service", ("service 93",)), ("fragments", 1), ("action", "pass"),
        ("branch", "3"), ("qos", 1), ("log", False), ("name", "block-sip-in"), ("id", "11.5"), ("set", "11"),
    ],
)
def test_a_digest_tells_one_rule_from_another(field: str, value: Any) -> None:
    assert names.digest_of({**RULE, field: value}) != names.digest_of(RULE)


@pytest.mark.parametrize(("field", "value"), [("enabled", False), ("schedules", (15, 0, 0, 0)), ("digest", "ABC234")])
def test_a_digest_leaves_out_what_a_unit_always_shows(field: str, value: Any) -> None:
    assert names.digest_of({**RULE, field: value}) == names.digest_of(RULE)
