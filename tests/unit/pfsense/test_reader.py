"""Parts of config.xml to rows: what the vendor's parser makes of them, and what is not understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import reader

Raw = dict[str, Any]


def rule(**fields: Any) -> tuple[str, Raw]:
    """The scope and the row of one rule with these elements."""
    ((scope, row),) = reader.rules([{"tracker": "17", "interface": "lan", **fields}])
    return scope, row


# Elements


@pytest.mark.parametrize(
    ("raw", "found"),
    [({}, ""), ({"a": None}, ""), ({"a": True}, ""), ({"a": ""}, ""), ({"a": "x y"}, "x y"), ({"a": 7}, "7")],
)
def test_texts(raw: Raw, found: str) -> None:
    assert reader.text(raw, "a", "p") == found


@pytest.mark.parametrize(
    ("raw", "on"), [({}, False), ({"a": None}, False), ({"a": False}, False), ({"a": ""}, True), ({"a": "x"}, True)]
)
def test_a_switch_is_on_by_being_there(raw: Raw, on: bool) -> None:
    assert reader.switch(raw, "a") is on


@pytest.mark.parametrize(("value", "found"), [(None, []), ("", []), ([{}], [{}]), ({"0": {"a": "1"}}, [{"a": "1"}])])
def test_lists(value: Any, found: list[Raw]) -> None:
    assert reader.entries(value, "p") == found


@pytest.mark.parametrize(
    ("value", "found"), [(None, ()), ("", ()), ("x", ("x",)), (["x", "", "y"], ("x", "y")), ({"3": "x"}, ("x",))]
)
def test_lists_of_texts(value: Any, found: tuple[str, ...]) -> None:
    assert reader.texts(value, "p") == found


STRANGE: dict[str, tuple[Callable[[], Any], str]] = {
    "a text with elements": (
        lambda: reader.alias({"name": {"x": "y"}}),
        'aliases/alias name: a text was expected, and the box has {"x": "y"}',
    ),
    "a number with letters": (
        lambda: reader.vlan({"if": "em1", "tag": "4x"}),
        'vlans/vlan tag: a number was expected, and the box has "4x"',
    ),
    "a number of another script": (
        lambda: reader.digits({"port": "٤"}, "port", "system/ssh"),
        "system/ssh port: a number was expected, and the box has",
    ),
    "a list that is a text": (lambda: reader.rules("none"), 'filter/rule: a list was expected, and the box has "none"'),
    "an entry that is a text": (
        lambda: reader.rules(["x"]),
        'filter/rule: elements were expected, and the box has "x"',
    ),
    "an address that is a text": (
        lambda: rule(source="any"),
        'filter/rule 17 source: elements were expected, and the box has "any"',
    ),
    "a list of lists": (
        lambda: reader.dhcp("opt3", {"dnsserver": [["x"]]}),
        "dhcpd/opt3 dnsserver: a list of texts was expected",
    ),
    "a range that is a list": (
        lambda: reader.dhcp("opt3", {"range": ["x"]}),
        "dhcpd/opt3 range: elements were expected",
    ),
}


@pytest.mark.parametrize(("read", "message"), STRANGE.values(), ids=STRANGE)
def test_another_shape_is_not_understood(read: Callable[[], Any], message: str) -> None:
    with pytest.raises(Misunderstood) as error:
        read()
    assert str(error.value).startswith(message)


def test_what_is_shown_of_strange_values_is_cut() -> None:
    with pytest.raises(Misunderstood) as error:
        reader.entries("x" * 500, "p")
    assert len(str(error.value)) < 150


# Aliases, VLANs, interfaces


def test_entries_of_an_alias_have_no_order() -> None:
    found = reader.alias({"name": "A", "type": "host", "address": "192.0.2.2  192.0.2.1", "descr": "x", "detail": "y"})
    assert found == {"name": "A", "type": "host", "address": ("192.0.2.1", "192.0.2.2"), "descr": "x"}


def test_a_vlan_without_a_device_gets_the_usual_one() -> None:
    found = reader.vlan({"if": "em1", "tag": "40"})
    assert found == {"vlanif": "em1.40", "if": "em1", "tag": 40, "pcp": "", "descr": ""}


def test_an_interface() -> None:
    raw = {"descr": "LAN", "if": "em1", "enable": "", "ipaddr": "10.0.0.1", "subnet": "24", "mtu": "", "spoofmac": ""}
    expected = {"name": "lan", "descr": "LAN", "if": "em1", "enable": True, "ipaddr": "10.0.0.1", "subnet": "24"}
    assert reader.interface("lan", raw) == {**expected, "rest": ()}


def test_what_else_an_interface_has_is_seen() -> None:
    found = reader.interface("wan", {"gateway": "WANGW", "blockpriv": "", "ipaddrv6": "dhcp6"})
    assert found["rest"] == ("blockpriv", "gateway=WANGW", "ipaddrv6=dhcp6")
    assert found["enable"] is False


def test_a_dhcp_server() -> None:
    raw = {
        "enable": "",
        "range": {"from": "10.40.0.2", "to": "10.40.0.9"},
        "defaultleasetime": "600",
        "maxleasetime": "900",
        "gateway": "10.40.0.1",
        "dnsserver": ["192.0.2.53"],
        "tftp": "https://p.example.com/",
        "numberoptions": {"item": [{"number": "160"}]},
        "denyunknown": "",
    }
    assert reader.dhcp("opt3", raw) == {
        "name": "opt3",
        "enable": True,
        "first": "10.40.0.2",
        "last": "10.40.0.9",
        "lease": "600",
        "longest": "900",
        "gateway": "10.40.0.1",
        "dns": ("192.0.2.53",),
        "ntp": (),
        "url": "https://p.example.com/",
        "rest": ("denyunknown", 'numberoptions={"item": [{"number": "160"}]}'),
    }


# Rules


@pytest.mark.parametrize(
    ("fields", "scope"),
    [
        ({}, "lan"),
        ({"interface": "INSIDE"}, "INSIDE"),
        ({"floating": "yes", "interface": "wan,lan"}, "floating"),
        ({"floating": "yes", "type": "match"}, "match"),
        ({"floating": "yes", "type": "match", "quick": "yes"}, "floating"),
        ({"floating": "yes", "type": "block"}, "floating"),
    ],
)
def test_rules_by_what_pf_asks_apart(fields: Raw, scope: str) -> None:
    assert rule(**fields)[0] == scope


def test_what_a_rule_does_not_say() -> None:
    """As the vendor completes it: pass, IPv4, any protocol, quick and inwards on an interface. One without addresses is
    left out (filter.inc: "source address is empty")."""
    _scope, row = rule()
    assert row == {
        "tracker": "17",
        "numbered": True,
        "descr": "",
        "disabled": False,
        "type": "pass",
        "interface": ("lan",),
        "direction": "in",
        "ipprotocol": "inet",
        "protocol": "any",
        "vlanprioset": "",
        "source": reader.UNKNOWN,
        "source_not": False,
        "source_port": "",
        "destination": reader.UNKNOWN,
        "destination_not": False,
        "destination_port": "",
        "quick": True,
        "log": False,
        "gateway": "",
        "queue": "",
        "limiter": "",
        "limiter_back": "",
        "linked": "",
        "rest": (),
    }


@pytest.mark.parametrize(
    ("fields", "field", "value"),
    [
        ({"type": "weird"}, "type", "pass"),
        ({"type": "reject"}, "type", "reject"),
        ({"disabled": ""}, "disabled", True),
        ({"log": ""}, "log", True),
        ({"floating": "yes"}, "direction", "any"),
        ({"floating": "yes", "direction": "out"}, "direction", "out"),
        ({"direction": "out"}, "direction", "in"),
        ({"floating": "yes"}, "quick", False),
        ({"floating": "yes", "quick": "yes"}, "quick", True),
        ({"floating": "yes", "interface": "wan,lan"}, "interface", ("lan", "wan")),
        ({"protocol": "TCP/UDP"}, "protocol", "tcp/udp"),
        ({"gateway": "GW"}, "gateway", "GW"),
        ({"defaultqueue": "qVoIP"}, "queue", "qVoIP"),
        ({"dnpipe": "Up", "pdnpipe": "Down"}, "limiter", "Up"),
        ({"dnpipe": "Up", "pdnpipe": "Down"}, "limiter_back", "Down"),
        ({"associated-rule-id": "nat_1"}, "linked", "nat_1"),
        ({"source": {"network": "wanip"}}, "source", "net:wanip"),
        ({"source": {"address": "Servers"}}, "source", "Servers"),
        ({"source": {"any": "", "address": "Servers"}}, "source", "any"),
        ({"source": {"address": "Servers", "not": ""}}, "source_not", True),
        ({"destination": {"any": "", "port": "80-90"}}, "destination_port", "80-90"),
        ({"source": {"geo": "somewhere"}}, "source", reader.UNKNOWN),
        ({"source": {"not": ""}}, "source", reader.UNKNOWN),
        ({"vlanprioset": "vo"}, "vlanprioset", "vo"),
    ],
)
def test_fields_of_a_rule(fields: Raw, field: str, value: Any) -> None:
    assert rule(**fields)[1][field] == value


@pytest.mark.parametrize(
    ("fields", "rest"),
    [
        ({"id": "", "created": {"time": "1"}, "updated": {"time": "1"}, "os": "", "max": "", "tag": ""}, ()),
        ({"statetype": "keep state", "statepolicy": "", "icmptype": "any"}, ()),
        ({"statetype": "none"}, ("statetype=none",)),
        ({"os": "Windows"}, ("os=Windows",)),
        ({"tag": "a", "tagged": "b", "sched": "nights"}, ("sched=nights", "tag=a", "tagged=b")),
        ({"disablereplyto": "", "nosync": "", "allowopts": ""}, ("allowopts", "disablereplyto", "nosync")),
        ({"labels": {"item": [{"x": "y"}]}}, ('labels={"item": [{"x": "y"}]}',)),
        ({"never-heard-of": "1"}, ("never-heard-of=1",)),
    ],
)
def test_whatever_else_a_rule_says_is_seen(fields: Raw, rest: tuple[str, ...]) -> None:
    assert rule(**fields)[1]["rest"] == rest


# Keys


def keys(*raws: Raw) -> list[str]:
    return [row["tracker"] for _scope, row in reader.rules(list(raws))]


def test_rules_are_addressed_by_their_numbers() -> None:
    assert keys({"tracker": "2"}, {"tracker": "1"}) == ["2", "1"]


def test_rules_without_a_number_of_their_own() -> None:
    found = keys({"tracker": "1", "descr": "a"}, {"tracker": "1", "descr": "b"}, {"descr": "c"}, {"descr": "c"})
    assert all(key.startswith("#") for key in found)
    assert len(set(found)) == 4
    assert found[3] == f"{found[2]}.2"
    rows = [row for _scope, row in reader.rules([{"tracker": "1"}, {"tracker": "1", "descr": "x"}])]
    assert [row["numbered"] for row in rows] == [False, False]


def test_a_rule_stays_the_same_when_it_is_saved_again_or_switched_off() -> None:
    (first,), (second,) = keys({"descr": "x"}), keys({"descr": "x", "updated": {"time": "9"}, "disabled": ""})
    assert first == second


def test_its_place_does_not_name_a_rule() -> None:
    assert keys({"descr": "x"}, {"descr": "y"}) == keys({"descr": "y"}, {"descr": "x"})[::-1]


# Translation


def test_a_forward() -> None:
    raw = {
        "source": {"any": ""},
        "destination": {"network": "wanip", "port": "5060"},
        "protocol": "udp",
        "target": "10.0.0.20",
        "local-port": "5070",
        "interface": "wan",
        "descr": "PBX",
        "associated-rule-id": "nat_1",
        "natreflection": "purenat",
        "nosync": "",
    }
    (row,) = reader.forwards([raw])
    assert row == {
        "key": "PBX",
        "descr": "PBX",
        "disabled": False,
        "interface": "wan",
        "ipprotocol": "inet",
        "protocol": "udp",
        "source": "any",
        "source_not": False,
        "source_port": "",
        "destination": "net:wanip",
        "destination_not": False,
        "destination_port": "5060",
        "target": "10.0.0.20",
        "port": "5070",
        "linked": "nat_1",
        "nordr": False,
        "rest": ("natreflection=purenat", "nosync"),
    }


def test_outgoing_translation() -> None:
    raw = {
        "source": {"network": "10.40.0.0/24"},
        "destination": {"network": "VOIPH_PROVIDER", "not": ""},
        "interface": "wan",
        "protocol": "udp",
        "staticnatport": "",
        "descr": "x",
        "target": "",
        "target_subnet": "",
        "natport": "5060",
    }
    (row,) = reader.outbound_rules([raw])
    assert row == {
        "key": "x",
        "descr": "x",
        "disabled": False,
        "interface": "wan",
        "protocol": "udp",
        "source": "10.40.0.0/24",
        "source_not": False,
        "destination": "VOIPH_PROVIDER",
        "destination_not": True,
        "static_port": True,
        "rest": ("natport=5060",),
    }


@pytest.mark.parametrize("read", [reader.forwards, reader.outbound_rules])
def test_translations_of_the_same_name_are_told_apart(read: Callable[[Any], list[Raw]]) -> None:
    found = [row["key"] for row in read([{"descr": "x", "interface": "wan"}, {"descr": "x"}, {"descr": "y"}, {}])]
    assert len(set(found)) == 4
    assert found[2] == "y"


def test_queues_are_those_that_are_on() -> None:
    value = [
        {
            "name": "wan",
            "enabled": "on",
            "queue": [{"name": "qVoIP", "enabled": "on"}, {"name": "qOff", "enabled": ""}],
        },
        {"name": "lan", "enabled": "", "queue": [{"name": "qLink", "enabled": "on"}]},
    ]
    assert reader.queues(value) == {"wan", "qVoIP"}


def test_limiters_and_their_queues_are_those_that_are_on() -> None:
    up, off = {"name": "VoiceUp", "enabled": "on"}, {"name": "RestUp", "enabled": ""}
    value = [
        {"name": "LineUp", "enabled": "on", "queue": [up, off]},
        {"name": "LineDown", "enabled": "", "queue": [{"name": "VoiceDown", "enabled": "on"}]},
        {"name": "Guests", "enabled": "on"},
    ]
    assert reader.limiters(value) == {"LineUp": False, "VoiceUp": True, "Guests": False}
