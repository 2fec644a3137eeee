"""How values are spelled on the wire: both ways, and every spelling of the same value read as one."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.codecs import (
    Choice,
    Cidr,
    Group,
    Names,
    Number,
    Numbered,
    OneName,
    Respelled,
    Rows,
    Spelled,
    Text,
    Words,
    addresses,
    ipv4,
    ipv6,
    ports,
    service_ports,
    six_bits,
    wire_cidr,
)

NESTED = Rows((("id", Number()), ("ip", Cidr(host=True)), ("allowaccess", Words())))
GROUPED = Group((("status", Text()), ("vlan", Number())))
SWITCH = Choice("enable", "disable")
PROTOCOL = Respelled(Choice("IP", "TCP/UDP/SCTP", "TCP/UDP/UDP-Lite/SCTP"), "TCP/UDP/UDP-Lite/SCTP", "TCP/UDP/SCTP")
SERVICES = Words(Spelled(service_ports))

READ: list[tuple[Any, Any, Any]] = [
    (Text(), "on", "on"),
    (Text(), "", ""),
    (Text(), "one line\r\n\tand another, Zürich", "one line\r\n\tand another, Zürich"),
    (Text(), "x" * 1023, "x" * 1023),
    (SWITCH, "enable", "enable"),
    (PROTOCOL, "TCP/UDP/UDP-Lite/SCTP", "TCP/UDP/SCTP"),
    (PROTOCOL, "IP", "IP"),
    (Spelled(ipv4), "0.0.0.0", "0.0.0.0"),
    (Spelled(ipv6), "2001:db8::1", "2001:db8::1"),
    (Spelled(addresses), "192.0.2.1", "192.0.2.1"),
    (Spelled(addresses), "192.0.2.0/24", "192.0.2.0/24"),
    (Spelled(addresses), "192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9"),
    (Spelled(ports), "5060", "5060"),
    (Spelled(ports), "0-65535", "0-65535"),
    (Spelled(six_bits), "101110", "101110"),
    (SERVICES, "5060 5061-5063:1024-65535", ("5060", "5061-5063:1024-65535")),
    (Number(1, 10), 10, 10),
    (Number(300, 900, zero=True), 0, 0),
    (Number(), 5, 5),
    (Number(), "5", 5),
    (Number(), 0, 0),
    (Words(), "ping https", ("https", "ping")),
    (Words(), "https ping", ("https", "ping")),
    (Words(), ["ping", "https"], ("https", "ping")),
    (Words(), "  ping   https ", ("https", "ping")),
    (Words(), "", ()),
    (Words(), [], ()),
    (Words(), "5060", ("5060",)),
    (Names(), [{"name": "b"}, {"name": "a", "q_origin_key": "a"}], ("a", "b")),
    (Names(), [], ()),
    (Names("interface-name"), [{"interface-name": "wan1", "q_origin_key": "wan1"}], ("wan1",)),
    (Names("range"), [{"range": "192.0.2.1-192.0.2.9"}], ("192.0.2.1-192.0.2.9",)),
    (OneName(), "wan1", ("wan1",)),
    (Cidr(), "198.51.100.0 255.255.255.192", "198.51.100.0/26"),
    (Cidr(), "198.51.100.0/26", "198.51.100.0/26"),
    (Cidr(), "198.51.100.7 255.255.255.192", "198.51.100.0/26"),
    (Cidr(), "0.0.0.0 0.0.0.0", "0.0.0.0/0"),
    (Cidr(), "255.255.255.255 255.255.255.255", "255.255.255.255/32"),
    (Cidr(), "2001:db8::/32", "2001:db8::/32"),
    (Cidr(), "2001:DB8:0:0::/32", "2001:db8::/32"),
    (Cidr(), "::/0", "::/0"),
    (Cidr(version=4), "10.0.0.0/8", "10.0.0.0/8"),
    (Cidr(version=6), "2001:db8::/32", "2001:db8::/32"),
    (Cidr(), " 198.51.100.0 255.255.255.192 ", "198.51.100.0/26"),
    (Cidr(host=True), "10.0.0.1 255.255.255.0", "10.0.0.1/24"),
    (Cidr(host=True), "10.0.0.1/24", "10.0.0.1/24"),
    (Cidr(host=True), "0.0.0.0 0.0.0.0", "0.0.0.0/0"),
    (
        NESTED,
        [
            {"id": 2, "q_origin_key": 2, "ip": "10.0.2.1 255.255.255.0", "allowaccess": "ping", "ha-priority": 1},
            {"id": 1, "q_origin_key": 1, "ip": "10.0.1.1/24", "allowaccess": ""},
        ],
        (
            {"id": 1, "ip": "10.0.1.1/24", "allowaccess": ()},
            {"id": 2, "ip": "10.0.2.1/24", "allowaccess": ("ping",)},
        ),
    ),
    (NESTED, [], ()),
    (GROUPED, {"status": "enable", "vlan": "40", "other": 1}, {"status": "enable", "vlan": 40}),
]


@pytest.mark.parametrize(("codec", "wire", "value"), READ)
def test_read(codec: Any, wire: Any, value: Any) -> None:
    assert codec.read({"field": wire}, "field") == value


WRITTEN: list[tuple[Any, Any, Any]] = [
    (Text(), "on", "on"),
    (SWITCH, "enable", "enable"),
    (PROTOCOL, "TCP/UDP/SCTP", "TCP/UDP/UDP-Lite/SCTP"),
    (PROTOCOL, "IP", "IP"),
    (Spelled(ports), "5060-5061", "5060-5061"),
    (Number(), 5, 5),
    (Words(), ("https", "ping"), "https ping"),
    (Words(), (), ""),
    (Names(), ("a", "b"), [{"name": "a"}, {"name": "b"}]),
    (Names(), (), []),
    (Names("vlan-name"), ("a",), [{"vlan-name": "a"}]),
    (OneName(), ("wan1",), "wan1"),
    (Cidr(), "198.51.100.0/26", "198.51.100.0 255.255.255.192"),
    (Cidr(), "192.0.2.1/32", "192.0.2.1 255.255.255.255"),
    (Cidr(), "2001:db8::/32", "2001:db8::/32"),
    (Cidr(host=True), "10.40.0.1/24", "10.40.0.1 255.255.255.0"),
    (Cidr(), "", ""),
    (
        NESTED,
        ({"id": 1, "ip": "10.0.1.1/24", "allowaccess": ("https", "ping")},),
        [{"id": 1, "ip": "10.0.1.1 255.255.255.0", "allowaccess": "https ping"}],
    ),
    (GROUPED, {"vlan": 40}, {"vlan": 40}),
]


@pytest.mark.parametrize(("codec", "value", "wire"), WRITTEN)
def test_write(codec: Any, value: Any, wire: Any) -> None:
    body: dict[str, Any] = {}
    codec.write(body, "field", value)
    assert body == {"field": wire}


def test_numbered_fields_are_one_list_in_their_places() -> None:
    codec = Numbered("trusthost", 3)
    wire = {"trusthost1": "10.0.0.0 255.0.0.0", "trusthost2": "0.0.0.0 0.0.0.0", "trusthost3": "192.0.2.1/32"}
    value = ("10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32")
    assert codec.read(wire, "trusthosts") == value
    body: dict[str, Any] = {}
    codec.write(body, "trusthosts", value)
    assert body == {**wire, "trusthost3": "192.0.2.1 255.255.255.255"}
    assert codec.wire_names() == ("trusthost1", "trusthost2", "trusthost3")


@pytest.mark.parametrize("missing", ["trusthost1", "trusthost2", "trusthost3"])
def test_of_numbered_fields_none_may_be_missing(missing: str) -> None:
    wire = {f"trusthost{i}": "0.0.0.0 0.0.0.0" for i in (1, 2, 3)}
    del wire[missing]
    with pytest.raises(KeyError, match=missing):
        Numbered("trusthost", 3).read(wire, "trusthosts")


REFUSED: list[tuple[Any, Any]] = [
    *((Text(), wire) for wire in (5, None, True, [], {}, 1.5, "a\x07", "\ud800", "x" * 1024)),
    (Text(filled=True), ""),
    *((SWITCH, wire) for wire in ("", "enabled", "Enable", "enable ", None, True, 1)),
    *((PROTOCOL, wire) for wire in ("", "TCP", None)),
    *((Spelled(ipv4), wire) for wire in ("", "x", "2001:db8::1", "192.0.2.1/24", "192.0.2.256", None)),
    *((Spelled(ipv6), wire) for wire in ("", "192.0.2.1", "2001:db8::1/64")),
    *((Spelled(addresses), wire) for wire in ("", "x", "192.0.2.9-192.0.2.1", "192.0.2.1-2001:db8::1", "192.0.2.1-")),
    *((Spelled(ports), wire) for wire in ("", "5061-5060", "65536", "-1", "1-2-3", "five", "\u0665", "5060\n")),
    *((Spelled(six_bits), wire) for wire in ("", "10111", "1011100", "102110", "101110\n")),
    *((SERVICES, wire) for wire in ("5060:", ":5060", "1:2:3", "sip", 5060, [5060], "5060 5060")),
    *((Number(1, 10), wire) for wire in (0, 11, -1, "0", "11")),
    *((Number(300, 900, zero=True), wire) for wire in (1, 901)),
    *((Number(), wire) for wire in (True, None, [], {}, 1.5, "", "five", "1.5", -1, 2**32, "5_0", " 5", "\u0665")),
    *((Words(), wire) for wire in (None, True, {}, 1.5, 5, [None], [True], [1.5], [5], [{"name": "ping"}], [["a"]])),
    *((Words(), wire) for wire in ("ping ping", ["ping", "ping"], ["ping", ""])),
    (Words(SWITCH), "enable unheard-of"),
    *((Names(), wire) for wire in (None, "a", {}, 5, ["a"], [None], [{"name": "a"}, 5], [{"name": "a"}] * 2)),
    *((Names(), [{"name": name}]) for name in (None, True, 1.5, [], ["a"], {}, "")),
    (Names(filled=True), []),
    (OneName(), ""),
    *((OneName(), wire) for wire in (None, 5, [], ["wan1"], [{"name": "wan1"}])),
    *((Cidr(), wire) for wire in (None, 5, [], "", "10.0.0.0 255.0.255.0", "x", "10.0.0.0/33", "1 2 3")),
    # What a unit says of an address range in this field, and an inverse mask.
    *((Cidr(), wire) for wire in ("10.212.134.200 10.212.134.210", "10.0.0.0 0.0.0.255")),
    (Cidr(version=4), "2001:db8::/32"),
    (Cidr(version=6), "10.0.0.0/8"),
    *((Cidr(host=True), wire) for wire in (None, "10.0.0.1 255.255.0.255")),
    *((NESTED, wire) for wire in (None, "", {}, [5], [{"id": 1, "ip": 5, "allowaccess": ""}])),
    (NESTED, [{"id": 1, "ip": "10.0.0.1/24", "allowaccess": ""}] * 2),
    *((GROUPED, wire) for wire in (None, "", [], {"status": 1, "vlan": 1})),
]


@pytest.mark.parametrize(("codec", "wire"), REFUSED)
def test_what_is_not_understood_is_an_error(codec: Any, wire: Any) -> None:
    with pytest.raises(ValueError):
        codec.read({"field": wire}, "field")


@pytest.mark.parametrize("codec", [Text(), Number(), Words(), Names(), OneName(), Cidr(), NESTED, GROUPED])
def test_what_is_not_there_is_an_error(codec: Any) -> None:
    with pytest.raises(KeyError, match="field"):
        codec.read({"other": 1}, "field")


@pytest.mark.parametrize(
    ("codec", "wire", "missing"),
    [
        (NESTED, [{"id": 1, "ip": "10.0.0.1/24"}], "allowaccess"),
        (GROUPED, {"status": "enable"}, "vlan"),
        (Names(), [{"q_origin_key": "a"}], "name"),
    ],
)
def test_what_is_not_there_inside_is_an_error_that_names_it(codec: Any, wire: Any, missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        codec.read({"field": wire}, "field")


# Properties: what is written is read as it was, and both spellings are one value

WORD = st.text("abcXYZ0189-_./", min_size=1, max_size=8)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
NAME = TEXT.filter(bool)
WORDS = st.lists(WORD, unique=True, max_size=4).map(lambda words: tuple(sorted(words)))
NAMES = st.lists(NAME, unique=True, max_size=4).map(lambda names: tuple(sorted(names)))
NUMBERS = st.integers(0, 2**32 - 1)


@st.composite
def networks(draw: st.DrawFn, host: bool = False) -> str:
    version = draw(st.sampled_from([4, 6]))
    width = 32 if version == 4 else 128
    length = draw(st.integers(0, width))
    address = draw(st.integers(0, 2**width - 1))
    if not host:
        address = address >> (width - length) << (width - length)
    return f"{IPv4Address(address) if version == 4 else IPv6Address(address)}/{length}"


SECONDARY = st.fixed_dictionaries({"id": NUMBERS, "ip": networks(host=True), "allowaccess": WORDS})
ROUND_TRIPS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (Text(), TEXT),
    "number": (Number(), NUMBERS),
    "words": (Words(), WORDS),
    "names": (Names(), NAMES),
    "names by another member": (Names("interface-name"), NAMES),
    "one name": (OneName(), NAME.map(lambda name: (name,))),
    "network": (Cidr(), networks()),
    "interface address": (Cidr(host=True), networks(host=True)),
    "rows": (
        NESTED,
        st.lists(SECONDARY, max_size=4, unique_by=lambda row: row["id"]).map(
            lambda rows: tuple(sorted(rows, key=lambda row: row["id"]))
        ),
    ),
    "group": (GROUPED, st.fixed_dictionaries({"status": TEXT, "vlan": NUMBERS})),
    "numbered": (Numbered("row", 3), st.tuples(networks(), networks(), networks())),
}


@pytest.mark.parametrize(("codec", "values"), ROUND_TRIPS.values(), ids=ROUND_TRIPS)
@given(data=st.data())
def test_what_is_written_is_read_as_it_was(codec: Any, values: st.SearchStrategy[Any], data: st.DataObject) -> None:
    value = data.draw(values)
    body: dict[str, Any] = {}
    codec.write(body, "field", value)
    assert codec.read(body, "field") == value


@given(networks(host=True), st.booleans())
def test_prefix_and_dotted_mask_are_one_value(address: str, host: bool) -> None:
    codec = Cidr(host)
    assert codec.read({"f": address}, "f") == codec.read({"f": wire_cidr(address)}, "f")


@given(WORDS, st.randoms())
def test_a_list_and_one_string_are_one_value_in_any_order(words: tuple[str, ...], random: Any) -> None:
    shuffled = list(words)
    random.shuffle(shuffled)
    assert Words().read({"f": " ".join(shuffled)}, "f") == Words().read({"f": shuffled}, "f") == words


@given(NAMES, st.randoms())
def test_references_are_one_value_in_any_order(names: tuple[str, ...], random: Any) -> None:
    shuffled = list(names)
    random.shuffle(shuffled)
    wire = [{"name": name, "q_origin_key": name} for name in shuffled]
    assert Names().read({"f": wire}, "f") == names
