"""What must hold for every pfSense configuration, on generated ones; and a slow evaluator that is easy to follow."""

from __future__ import annotations

import copy
import ipaddress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.pfsense import Packet, answers_locally, management_reachable, passes
from tests.unit.oracles.pfsense_samples import (
    ALIASES,
    EXTERNAL,
    GUEST,
    PC,
    PC_6,
    PHONE,
    PHONE_6,
    PROVIDER,
    PROVIDER_6,
    STRANGER,
    WAN,
    Row,
    end,
    floating,
    forward,
    rule,
    site,
)

ENDS = ["any", "lan", "opt1", "wanip", "provider", "phones", "!provider", "!lan", "(self)", "outer", PHONE,
        "10.0.0.0/8", "opt3", "gone", "nobody"]
UNSURE = ["named", "feed", "!feed"]
KINDS = st.sampled_from(["pass", "pass", "block", "reject"])
PROTOCOLS = st.sampled_from(["", "udp", "tcp", "tcp/udp", "icmp", "any"])
FAMILIES = st.sampled_from(["inet", "inet", "inet6", "inet46", None])
PORTS = st.sampled_from(["", "", " 5060", " 5000-6000", " sip", " gone"])
GROUP = {"ifgroups": {"ifgroupentry": [{"ifname": "inside", "members": "lan opt1"}]}}
SCHEDULE = {"schedules": {"schedule": [{"name": "office"}]}}


@st.composite
def rules(draw: st.DrawFn, unsure: bool = True) -> Row:
    """A rule of any kind, with or without what may be unknown."""
    names = [*ENDS, *UNSURE] if unsure else ENDS
    source, target = draw(st.sampled_from(names)), draw(st.sampled_from(names)) + draw(PORTS)
    more: Row = {"ipprotocol": draw(FAMILIES)}
    if unsure and draw(st.booleans()):
        more["sched"] = "office"
    if draw(st.integers(0, 5)) == 0:
        more["disabled"] = ""
    if draw(st.booleans()):
        more["direction"] = draw(st.sampled_from(["in", "out", "any"]))
        more["quick"] = draw(st.sampled_from(["yes", None]))
        interface = draw(st.sampled_from(["any", "wan", "opt1", "lan,opt1", "inside", "opt3"]))
        kinds = draw(st.one_of(KINDS, st.just("match")))
        if kinds == "match":
            more["quick"] = None
        return floating(interface, source, target, draw(PROTOCOLS), kinds, **more)
    interface = draw(st.sampled_from(["wan", "lan", "opt1", "opt2", "inside", "opt3", "opt9"]))
    return rule(interface, source, target, draw(PROTOCOLS), draw(KINDS), **more)


FORWARDS = st.builds(
    forward, st.sampled_from([PHONE, PC, "phones", "gone"]), st.sampled_from(["5060", "6000"]),
    st.sampled_from(["5060", "5000-6000", "sip"]), disabled=st.sampled_from([None, None, ""]),
    nordr=st.sampled_from([None, None, None, ""]), associated_rule_id=st.sampled_from(["", "pass"]),
    interface=st.sampled_from(["wan", "wan", "opt1"]),
    source=st.sampled_from([{"any": ""}, {"address": "provider"}, {"address": "feed"}]),
)
MAPPINGS = st.builds(
    lambda target, nobinat: {"interface": "wan", "external": EXTERNAL, "source": {"address": target},
                             "destination": {"any": ""}, **nobinat},
    st.sampled_from([PHONE, PC]), st.sampled_from([{}, {}, {"nobinat": ""}]),
)
OUTBOUND_RULES = st.builds(
    lambda source, static: {
        "interface": "wan", "source": {"network": source}, "destination": {"any": ""}, **static
    },
    st.sampled_from(["10.40.0.0/24", "any", "feed", "lan"]),
    st.sampled_from([{}, {"staticnatport": ""}, {"nonat": ""}]),
)
OUTBOUND = st.fixed_dictionaries({
    "mode": st.sampled_from(["automatic", "hybrid", "advanced", "disabled"]),
    "rule": st.lists(OUTBOUND_RULES, max_size=2),
})
CONTENTS = st.sampled_from(["", "203.0.113.0/24", "0.0.0.0/0", "10.0.0.0/8"])


@st.composite
def sites(draw: st.DrawFn, unsure: bool = True) -> Row:
    """A site of chance."""
    found = draw(st.lists(rules(unsure), max_size=7))
    wan = draw(st.sampled_from([{}, {}, {"blockpriv": ""}, {"ipaddr": "dhcp", "subnet": ""} if unsure else {}]))
    nat: Row = {"outbound": draw(OUTBOUND)} if unsure else {}
    if unsure:
        nat |= {"rule": draw(st.lists(FORWARDS, max_size=2)), "onetoone": draw(st.lists(MAPPINGS, max_size=1))}
    return site(*found, interfaces={"wan": wan}, nat=nat, **GROUP, **SCHEDULE)


PACKETS = st.builds(
    lambda ends, protocol, port: Packet(*ends, protocol, port),
    ends=st.sampled_from([
        ("lan", PC, PROVIDER), ("opt1", PHONE, STRANGER), ("opt1", PHONE, PROVIDER), ("lan", PC, PHONE),
        ("opt1", PHONE, PC), ("opt2", GUEST, PHONE), ("wan", PROVIDER, WAN), ("wan", STRANGER, WAN),
        ("wan", STRANGER, PHONE), ("wan", STRANGER, EXTERNAL), ("opt1", PHONE_6, PROVIDER_6), ("lan", PC_6, PHONE_6),
        ("wan", "10.9.9.9", PHONE),
    ]),
    protocol=st.sampled_from(["udp", "tcp", "icmp"]),
    port=st.sampled_from([5060, 5061, 443, 12000]),
)
FEW = settings(max_examples=150)


def with_rules(config: Row, found: list[Row]) -> Row:
    """The same site with other rules."""
    return {**{name: copy.deepcopy(part) for name, part in config.items() if name != "filter"},
            "filter": {"rule": found}}


def rules_of(config: Row) -> list[Row]:
    return list((config["filter"] or {}).get("rule", []))


@FEW
@given(sites(), PACKETS, rules(), st.integers(0, 7))
def test_a_disabled_rule_changes_nothing(config: Row, packet: Packet, idle: Row, place: int) -> None:
    found = rules_of(config)
    more = with_rules(config, [*found[:place], {**idle, "disabled": ""}, *found[place:]])
    assert passes(more, packet) == passes(config, packet)
    assert answers_locally(more, packet) == answers_locally(config, packet)


@FEW
@given(sites(), PACKETS)
def test_only_the_order_on_a_tab_counts(config: Row, packet: Packet) -> None:
    """Floating rules, and each interface's, may stand anywhere between the others."""
    def kind(row: Row) -> str:
        return "" if "floating" in row else "0" if row["interface"] == "inside" else row["interface"]

    sorted_rules = sorted(rules_of(config), key=kind)
    assert passes(with_rules(config, sorted_rules), packet) == passes(config, packet)


@FEW
@given(sites(), PACKETS)
def test_a_block_of_everything_in_front_blocks(config: Row, packet: Packet) -> None:
    wall = floating(kind="block", ipprotocol="inet46")
    for row in (config["nat"].get("rule") or []):
        row["associated-rule-id"] = ""
    blocked = passes(with_rules(config, [wall, *rules_of(config)]), packet)
    essential = packet.protocol_number == 58 and packet.icmp is not None and packet.icmp[0] in (1, 2, 135, 136)
    assert blocked.allowed is False or essential


@FEW
@given(sites(), PACKETS, rules(), st.sampled_from(["in", "out"]))
def test_behind_a_quick_rule_for_everything_nothing_counts(
    config: Row, packet: Packet, more: Row, direction: str
) -> None:
    ends = [floating(direction=way, kind="block" if way == direction else "pass", ipprotocol="inet46")
            for way in ("in", "out")]
    first = with_rules(config, [*ends, *rules_of(config)])
    second = with_rules(config, [*ends, *rules_of(config), more])
    assert passes(first, packet) == passes(second, packet)


@FEW
@given(sites(), PACKETS, KINDS)
def test_a_rule_for_both_families_is_two_rules(config: Row, packet: Packet, kind: str) -> None:
    both = rule("opt1", "any", "any", "udp", kind, ipprotocol="inet46")
    split = [{**both, "ipprotocol": family} for family in ("inet", "inet6")]
    found = rules_of(config)
    assert passes(with_rules(config, [both, *found]), packet) == passes(with_rules(config, [*split, *found]), packet)


@FEW
@given(sites(), PACKETS, st.booleans(), st.booleans(), CONTENTS)
def test_whatever_the_unknown_turns_out_to_be_a_definite_verdict_stands(
    config: Row, packet: Packet, office: bool, dynamic: bool, content: str
) -> None:
    """Lists, names, schedules and addresses from outside are settled in some way: no definite verdict changes."""
    settled = copy.deepcopy({name: part for name, part in config.items() if name != "schedules"})
    settled["aliases"] = {"alias": [
        {**row, "type": "network", "address": f"203.0.113.0 {content}" if row["name"] == "named" else content}
        if row["name"] in ("named", "feed") else row for row in ALIASES
    ]}
    settled["filter"] = {"rule": [row for row in rules_of(settled) if office or "sched" not in row]}
    if settled["interfaces"]["wan"]["ipaddr"] == "dhcp":
        own = "203.0.113.200" if dynamic else WAN
        settled["interfaces"]["wan"].update(ipaddr=own, subnet="24" if own == WAN else "30")
        if packet.source == own:
            return
    for ask in (passes, answers_locally):
        known = ask(config, packet).allowed
        if known is not None:
            assert ask(settled, packet).allowed is known
    for service in ("https", "ssh"):
        reached = management_reachable(config, packet.ingress, packet.source, service)
        if reached is not None:
            assert management_reachable(settled, packet.ingress, packet.source, service) is reached


@FEW
@given(sites(), PACKETS)
def test_asking_changes_nothing(config: Row, packet: Packet) -> None:
    kept = copy.deepcopy(config)
    first = passes(config, packet)
    answers_locally(config, packet)
    assert config == kept
    assert passes(config, packet) == first == passes(kept, packet)


# A slow evaluator: no translation, nothing unknown. It looks at every rule as text, in the order in which pf has them.

NETS = {"lan": ("10.0.0.0/24", "2001:db8:1::/64"), "opt1": ("10.40.0.0/24", "2001:db8:40::/64"),
        "opt2": ("192.168.50.0/24", ""), "wan": ("198.51.100.0/24", "2001:db8:ff::/64")}
OWN = {"wan": (WAN, "2001:db8:ff::2"), "lan": ("10.0.0.1", "2001:db8:1::1"),
       "opt1": ("10.40.0.1", "2001:db8:40::1"), "opt2": ("192.168.50.1", "")}
LISTED = {"provider": ["203.0.113.0/25", "2001:db8:aaaa::/48"], "phones": ["10.40.0.50", "10.40.0.51"],
          "outer": ["203.0.113.0/25", "2001:db8:aaaa::/48", "192.0.2.0/24"], "nobody": []}
PLACES = {"inside": {"lan", "opt1"}}


def held(row: Row, text: str, six: bool) -> bool | None:
    """Whether an address is at one end of a rule; None = the rule is left out."""
    name = row.get("network") or row.get("address") or ""
    if "any" in row:
        return True
    if name == "(self)":
        listed = [pair[six] for pair in OWN.values() if pair[six]] + ["127.0.0.1", "::1"]
    elif name == "wanip":
        listed = [OWN["wan"][six]]
    elif name in ("wan", "lan", "opt1", "opt2", "opt3"):
        if not NETS.get(name, ("", ""))[six]:
            return None
        listed = [NETS[name][six]]
    elif name in LISTED:
        listed = LISTED[name]
    elif name[:1].isdigit():
        listed = [name]
    else:
        return None
    networks = [ipaddress.ip_network(each) for each in listed]
    found = any(ipaddress.ip_address(text) in each for each in networks if each.version == (6 if six else 4))
    return found != ("not" in row)


def slow_filter(config: Row, direction: str, interface: str, packet: Packet, source: str) -> bool:
    """pf, word by word."""
    six = packet.family == 6
    port_zero = packet.protocol in ("udp", "tcp") and 0 in (packet.destination_port, packet.source_port)
    if port_zero:
        return False
    private = ipaddress.ip_address(source)
    if direction == "in" and "blockpriv" in config["interfaces"][interface] and any(
        private in ipaddress.ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
        if ipaddress.ip_network(each).version == private.version
    ):
        return False
    verdict = direction == "out"
    tabs: list[list[Row]] = [[], [], []]
    for row in rules_of(config):
        tabs[0 if "floating" in row else 1 if row["interface"] == "inside" else 2].append(row)
    for row in [row for tab in tabs for row in tab]:
        if "disabled" in row or row["type"] == "match":
            continue
        if (row.get("ipprotocol") or "inet") not in (("inet6", "inet46") if six else ("inet", "inet46")):
            continue
        way = row["direction"] if "floating" in row else "in"
        if way not in ("any", direction):
            continue
        named = row["interface"].split(",")
        if named != ["any"] and interface not in {one for each in named for one in PLACES.get(each, {each})}:
            continue
        ends = [held(row["source"], source, six), held(row["destination"], packet.destination, six)]
        protocol = row.get("protocol", "")
        port = row["destination"].get("port", "")
        if None in ends or (port == "gone" and protocol in ("udp", "tcp", "tcp/udp")):
            continue
        if port and not protocol:
            protocol = port_protocol = "tcp"
            port = ""
        else:
            port_protocol = protocol
        if protocol not in ("", "any") and packet.protocol not in protocol.split("/"):
            continue
        if port and port_protocol in ("udp", "tcp", "tcp/udp"):
            wanted = {"5060": range(5060, 5061), "5000-6000": range(5000, 6001), "sip": range(5060, 5062)}[port]
            if packet.destination_port not in wanted:
                continue
        if False in ends:
            continue
        verdict = row["type"] == "pass"
        if "floating" not in row or "quick" in row:
            break
    return verdict


def home(text: str) -> str:
    """The interface behind which an address is."""
    return next(
        (name for name, pair in NETS.items() for net in pair
         if net and ipaddress.ip_address(text) in ipaddress.ip_network(net)), "wan",
    )


@settings(max_examples=600)
@given(sites(unsure=False), PACKETS)
def test_the_slow_evaluator_agrees(config: Row, packet: Packet) -> None:
    if packet.destination in (WAN, EXTERNAL):
        return
    egress = home(packet.destination)
    # What leaves by the WAN has the WAN's address by then; IPv6, and what comes from elsewhere, keeps its own.
    inside = packet.family == 4 and home(packet.source) != "wan"
    leaving = WAN if egress == "wan" and inside else packet.source
    expected = slow_filter(config, "in", packet.ingress, packet, packet.source) and slow_filter(
        config, "out", egress, packet, leaving
    )
    assert passes(config, packet).allowed is expected


def test_the_shorthand_of_these_tests() -> None:
    assert end("!provider sip") == {"address": "provider", "port": "sip", "not": ""}
    assert end("opt1ip") == {"network": "opt1ip"}
    known: Any = rule("wan", associated_rule_id="nat_1", ipprotocol=None)
    assert known["associated-rule-id"] == "nat_1"
    assert "ipprotocol" not in known
