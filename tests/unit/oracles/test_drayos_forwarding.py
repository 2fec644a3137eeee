"""What a Vigor forwards: filter sets, routing between LANs, destination NAT."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pytest

from tests.oracles.drayos import Packet, Unit
from tests.unit.oracles.drayos_samples import (
    ACROSS,
    BLOCK,
    BLOCK_UNLESS,
    CAMERA,
    IN,
    LOCAL,
    OUT,
    PASS,
    PASS_UNLESS,
    PC,
    PHONE,
    PHONE_6,
    PROVIDER,
    PROVIDER_6,
    STRANGER,
    WAN,
    Row,
    configuration,
    filter_set,
    inbound,
    open_ports,
    outbound,
    redirection,
    rule,
    unit,
)

VOICE = {"source": ["o", 2, 0], "destination": ["g", 1, 0], "service": ["g", 1]}
PBX = "192.168.1.10"


class Case(NamedTuple):
    """A configuration, a packet, and what becomes of it by which rule."""

    stored: Row
    packet: Packet
    allowed: bool | None
    rule: str


def sets(start: Row, **others: Row) -> Row:
    """The site with a start set and others, given as ``set3=``."""
    return configuration(sets={"2": start, **{name.removeprefix("set"): row for name, row in others.items()}})


OUTGOING: dict[str, Case] = {
    "no rule": Case(configuration(), outbound(), True, "default rule"),
    "default blocks": Case(configuration(filter={"default": [1, 0]}), outbound(), False, "default rule"),
    "filter off": Case(configuration(rule(BLOCK), filter={"data": 0}), outbound(), True, "data filter"),
    "filter off, default blocks": Case(
        configuration(filter={"data": 0, "default": [1, 0]}), outbound(), None, "data filter"
    ),
    "block immediately": Case(configuration(rule(BLOCK), rule(PASS)), outbound(), False, "set 2 rule 1"),
    "pass immediately": Case(configuration(rule(PASS), rule(BLOCK)), outbound(), True, "set 2 rule 1"),
    "disabled rule": Case(configuration(rule(BLOCK, enabled=0)), outbound(), True, "default rule"),
    "rule 10 after rule 9": Case(
        configuration(sets={"2": {"next": 0, "rules": {"10": rule(BLOCK), "9": rule(PASS)}}}), outbound(), True,
        "set 2 rule 9",
    ),
    "another direction": Case(configuration(rule(BLOCK, IN)), outbound(), True, "default rule"),
    "held, nothing after it": Case(configuration(rule(BLOCK_UNLESS)), outbound(), False, "set 2 rule 1"),
    "held, a later one matches": Case(
        configuration(rule(BLOCK_UNLESS), rule(PASS, **VOICE)), outbound(), True, "set 2 rule 2"
    ),
    "held, a later one does not match": Case(
        configuration(rule(BLOCK_UNLESS), rule(PASS, **VOICE)), outbound(PC), False, "set 2 rule 1"
    ),
    "held twice": Case(configuration(rule(BLOCK_UNLESS), rule(PASS_UNLESS)), outbound(), True, "set 2 rule 2"),
    "next set": Case(sets(filter_set(following=3), set3=filter_set(rule(BLOCK))), outbound(), False, "set 3 rule 1"),
    "no next set": Case(sets(filter_set(), set3=filter_set(rule(BLOCK))), outbound(), True, "default rule"),
    "held over a next set": Case(
        sets(filter_set(rule(BLOCK_UNLESS), following=3), set3=filter_set(rule(PASS, service=["o", 2]))), outbound(),
        False, "set 2 rule 1",
    ),
    "next set never stored": Case(sets(filter_set(following=9)), outbound(), True, "default rule"),
    "loop of sets": Case(
        sets(filter_set(following=3), set3=filter_set(rule(BLOCK_UNLESS), following=2)), outbound(), False,
        "set 3 rule 1",
    ),
    "set next to itself": Case(sets(filter_set(rule(PASS_UNLESS), following=2)), outbound(), True, "set 2 rule 1"),
    "branch": Case(
        sets(filter_set(rule(PASS_UNLESS, branch=4), rule(BLOCK)), set4=filter_set()), outbound(), True, "set 2 rule 1"
    ),
    "branch, decided there": Case(
        sets(filter_set(rule(PASS_UNLESS, branch=4)), set4=filter_set(rule(BLOCK))), outbound(), False, "set 4 rule 1"
    ),
    "branch, not taken": Case(
        sets(filter_set(rule(PASS_UNLESS, branch=4, service=["o", 2]), rule(BLOCK)), set4=filter_set(rule(PASS))),
        outbound(), False, "set 2 rule 2",
    ),
    "branch of an immediate rule": Case(
        sets(filter_set(rule(PASS, branch=4)), set4=filter_set(rule(BLOCK))), outbound(), True, "set 2 rule 1"
    ),
    "branch in a circle": Case(
        sets(filter_set(rule(BLOCK_UNLESS, branch=4)), set4=filter_set(rule(PASS_UNLESS, branch=2))), outbound(), True,
        "set 4 rule 1",
    ),
    "branch goes on to the next set": Case(
        sets(filter_set(rule(PASS_UNLESS, branch=4)), set4=filter_set(following=5), set5=filter_set(rule(BLOCK))),
        outbound(), False, "set 5 rule 1",
    ),
    "incoming interface": Case(configuration(rule(BLOCK, in_=["LAN1", "LAN3"])), outbound(), True, "default rule"),
    "incoming interface, of it": Case(configuration(rule(BLOCK, in_=["LAN2"])), outbound(), False, "set 2 rule 1"),
    "outgoing interface": Case(configuration(rule(BLOCK, out=["WAN2"])), outbound(), True, "default rule"),
    "one of two possible WANs": Case(
        configuration(rule(BLOCK, out=["WAN2"]), wans={"2": {"enabled": 1, "address": "", "up": 1}}), outbound(), None,
        "set 2 rule 1",
    ),
    "routed to the other WAN": Case(
        configuration(rule(BLOCK, out=["WAN2"]), wans={"2": {"enabled": 1, "address": "", "up": 1}}),
        outbound(egress=("WAN1",)), True, "default rule",
    ),
    "no interface left": Case(configuration(rule(BLOCK, in_=[])), outbound(), None, "set 2 rule 1"),
    "fragments only": Case(configuration(rule(BLOCK, fragments=2)), outbound(), True, "default rule"),
    "whole packets only": Case(configuration(rule(BLOCK, fragments=1)), outbound(), False, "set 2 rule 1"),
    "unknown, then pass": Case(
        configuration(rule(BLOCK, source=["c", 1]), rule(PASS)), outbound(), None, "set 2 rule 2"
    ),
    "unknown, then block": Case(
        configuration(rule(BLOCK, source=["c", 1]), rule(BLOCK)), outbound(), False, "set 2 rule 2"
    ),
    "unknown held, then the same held": Case(
        configuration(rule(BLOCK_UNLESS, source=["c", 1]), rule(BLOCK_UNLESS)), outbound(), False, "set 2 rule 2"
    ),
    "unknown held, default passes": Case(
        configuration(rule(PASS_UNLESS, source=["c", 1])), outbound(), True, "set 2 rule 1"
    ),
    "unknown branch": Case(
        sets(filter_set(rule(PASS_UNLESS, branch=4, source=["c", 1]), rule(PASS)), set4=filter_set(rule(BLOCK))),
        outbound(), None, "set 4 rule 1",
    ),
    "own address": Case(configuration(), outbound(destination="10.40.0.1"), False, "local"),
    "address of the WAN": Case(configuration(), outbound(destination=WAN), False, "local"),
    "NAT loopback": Case(configuration(portmaps={"1": redirection()}), outbound(destination=WAN), None, "NAT loopback"),
    "multicast": Case(configuration(), outbound(destination="224.0.1.75"), None, "multicast"),
    "broadcast of the LAN": Case(configuration(), outbound(destination="10.40.0.255"), None, "multicast"),
    "LAN that is off": Case(configuration(), Packet("LAN4", "10.60.0.9", PROVIDER, "udp", 5060), False, "interface"),
    "no such interface": Case(configuration(), Packet("lan1", PC, PROVIDER, "udp", 5060), False, "interface"),
    "no WAN on": Case(configuration(wans={"1": {"enabled": 0}}), outbound(), False, "route"),
    "no WAN up": Case(configuration(wans={"1": {"enabled": 1, "up": 0}}), outbound(), None, "call filter"),
    "IPv6 by any": Case(
        configuration(rule(BLOCK)), outbound(PHONE_6, PROVIDER_6), False, "set 2 rule 1"
    ),
    "IPv6 and IPv4 objects": Case(
        configuration(rule(BLOCK, source=["o", 2, 0])), outbound(PHONE_6, PROVIDER_6), True, "default rule"
    ),
    "IPv6 objects": Case(
        configuration(rule(BLOCK, destination=["g6", 1])), outbound(PHONE_6, PROVIDER_6), False, "set 2 rule 1"
    ),
}
ACROSS_LANS: dict[str, Case] = {
    "inside a LAN": Case(
        configuration(rule(BLOCK, ACROSS)), Packet("LAN1", PC, "192.168.1.99", "udp", 5060), True, "switch"
    ),
    "routing off": Case(
        configuration(rule(PASS, ACROSS)), Packet("LAN1", PC, CAMERA, "tcp", 80), False, "inter-LAN routing"
    ),
    "routing on": Case(configuration(), Packet("LAN1", PC, PHONE, "tcp", 80), True, "default rule"),
    "routing on, the other way": Case(configuration(), Packet("LAN2", PHONE, PC, "tcp", 80), True, "default rule"),
    "blocked": Case(
        configuration(rule(BLOCK, ACROSS)), Packet("LAN1", PC, PHONE, "tcp", 80), False, "set 2 rule 1"
    ),
    "rules for the internet do not count": Case(
        configuration(rule(BLOCK, OUT)), Packet("LAN1", PC, PHONE, "tcp", 80), True, "default rule"
    ),
    "outgoing interface": Case(
        configuration(rule(BLOCK, ACROSS, out=["LAN3"])), Packet("LAN1", PC, PHONE, "tcp", 80), True, "default rule"
    ),
}
TAKEN = {"portmaps": {"1": redirection()}}
INCOMING: dict[str, Case] = {
    "nothing takes it": Case(configuration(), inbound(), False, "NAT"),
    "not the WAN's address": Case(configuration(), inbound(destination="198.51.100.9"), False, "route"),
    "redirected": Case(configuration(**TAKEN), inbound(), True, "default rule"),
    "redirection off": Case(configuration(portmaps={"1": redirection(enabled=0)}), inbound(), False, "NAT"),
    "another port": Case(configuration(**TAKEN), inbound(port=5061), False, "NAT"),
    "another protocol": Case(configuration(**TAKEN), inbound(protocol="tcp"), False, "NAT"),
    "another WAN": Case(configuration(portmaps={"1": redirection(wan="wan2")}), inbound(), False, "NAT"),
    "all WANs": Case(configuration(portmaps={"1": redirection(wan="all")}), inbound(), True, "default rule"),
    "an alias, at the WAN's own address": Case(
        configuration(portmaps={"1": redirection(alias=2)}), inbound(), False, "NAT"
    ),
    "an alias, at an address that may be it": Case(
        configuration(portmaps={"1": redirection(alias=2)}), inbound(destination="198.51.100.9"), None, "route"
    ),
    "WAN address not known": Case(
        configuration(**TAKEN, wans={"1": {"enabled": 1, "address": "", "up": 1}}), inbound(), None, "route"
    ),
    "to an address in no LAN": Case(
        configuration(portmaps={"1": redirection(private="10.99.0.1")}), inbound(), False, "route"
    ),
    "source is the object": Case(
        configuration(portmaps={"1": redirection(source=[0, 1])}), inbound(), True, "default rule"
    ),
    "source is not the object": Case(
        configuration(portmaps={"1": redirection(source=[0, 1])}), inbound(STRANGER), False, "NAT"
    ),
    "source is in the group": Case(
        configuration(portmaps={"1": redirection(source=[1, 2])}), inbound(STRANGER), True, "default rule"
    ),
    "source object never stored": Case(
        configuration(portmaps={"1": redirection(source=[0, 99])}), inbound(), None, "NAT"
    ),
    "source refused, another entry takes it": Case(
        configuration(portmaps={"1": redirection(source=[0, 1])}, dmz={"1": {"enabled": 1, "private": PBX}}),
        inbound(STRANGER), None, "default rule",
    ),
    "open ports": Case(configuration(openports={"1": open_ports(5000, 5100)}), inbound(), True, "default rule"),
    "open ports, unused item": Case(configuration(openports={"1": open_ports(0, 0)}), inbound(port=0), False, "NAT"),
    "open ports with a source": Case(
        configuration(openports={"1": open_ports(5000, 5100, source=[1, 1])}), inbound(STRANGER), False, "NAT"
    ),
    "DMZ host": Case(
        configuration(dmz={"1": {"enabled": 1, "private": PBX}}), inbound(protocol="tcp", port=22), True, "default rule"
    ),
    "DMZ host off": Case(configuration(dmz={"1": {"enabled": 0, "private": PBX}}), inbound(), False, "NAT"),
    "DMZ host of another WAN": Case(
        configuration(dmz={"2": {"enabled": 1, "private": PBX}}), inbound(), False, "NAT"
    ),
    "redirected and blocked": Case(configuration(rule(BLOCK, IN), **TAKEN), inbound(), False, "set 2 rule 1"),
    "blocked by its outside address only": Case(
        configuration(rule(BLOCK, IN, destination=["u", 1, WAN]), **TAKEN), inbound(), None, "set 2 rule 1"
    ),
    "blocked by its inside address only": Case(
        configuration(rule(BLOCK, IN, destination=["o", 13, 0]), **TAKEN), inbound(), None, "set 2 rule 1"
    ),
    "blocked by source": Case(
        configuration(rule(PASS, IN, source=["o", 1, 0]), rule(BLOCK, IN), **TAKEN), inbound(STRANGER), False,
        "set 2 rule 2",
    ),
    "passed by source": Case(
        configuration(rule(PASS, IN, source=["o", 1, 0]), rule(BLOCK, IN), **TAKEN), inbound(), True, "set 2 rule 1"
    ),
    "outgoing rules do not count": Case(configuration(rule(BLOCK, OUT), **TAKEN), inbound(), True, "default rule"),
    "rules for the unit itself do not count": Case(
        configuration(rule(BLOCK, LOCAL), model="Vigor3912", **TAKEN), inbound(), True, "default rule"
    ),
    "routed, blocked": Case(configuration(), inbound(destination=PHONE), False, "block routing"),
    "routed, a rule passes": Case(
        configuration(rule(PASS, IN)), inbound(destination=PHONE), None, "set 2 rule 1"
    ),
    "routed, a rule blocks": Case(
        configuration(rule(BLOCK, IN)), inbound(destination=PHONE), False, "set 2 rule 1"
    ),
    "routing allowed": Case(
        configuration(filter={"block_routing": {"v4": 0, "v6": 1}}), inbound(destination=PHONE), True, "default rule"
    ),
    "routing allowed, default blocks": Case(
        configuration(filter={"block_routing": {"v4": 0, "v6": 0}, "default": [1, 0]}), inbound(destination=PHONE),
        False, "default rule",
    ),
    "inside address of the unit": Case(configuration(), inbound(destination="10.40.0.1"), False, "local"),
    "IPv6 blocked": Case(configuration(), inbound(PROVIDER_6, PHONE_6), False, "block routing"),
    "IPv6 allowed": Case(
        configuration(filter={"block_routing": {"v4": 1, "v6": 0}}), inbound(PROVIDER_6, PHONE_6), True, "default rule"
    ),
    "IPv6 to one of several LANs": Case(
        configuration(rule(BLOCK, IN, out=["LAN2"]), filter={"block_routing": {"v4": 1, "v6": 0}}),
        inbound(PROVIDER_6, PHONE_6), None, "set 2 rule 1",
    ),
    "IPv6 to a LAN that routing names": Case(
        configuration(rule(BLOCK, IN, out=["LAN2"]), filter={"block_routing": {"v4": 1, "v6": 0}}),
        inbound(PROVIDER_6, PHONE_6, egress=("LAN1",)), True, "default rule",
    ),
}
CASES = {
    **{f"out: {name}": case for name, case in OUTGOING.items()},
    **{f"across: {name}": case for name, case in ACROSS_LANS.items()},
    **{f"in: {name}": case for name, case in INCOMING.items()},
}


@pytest.mark.parametrize("name", CASES)
def test_what_becomes_of_a_packet(name: str) -> None:
    case = CASES[name]
    verdict = Unit(case.stored).forward(case.packet)
    assert (verdict.allowed, verdict.rule) == (case.allowed, case.rule)


# Of two entries that take a packet, the one that decides.
ORDER: dict[str, tuple[dict[str, Any], tuple[str, int]]] = {
    "redirection before open ports": (
        {"portmaps": {"7": redirection(private_port=5070)}, "openports": {"1": open_ports(5060, 5060, "192.168.1.11")}},
        (PBX, 5070),
    ),
    "open ports before the DMZ host": (
        {"openports": {"9": open_ports(5060, 5060)}, "dmz": {"1": {"enabled": 1, "private": "192.168.1.12"}}},
        (PBX, 5060),
    ),
    "redirections by number": (
        {"portmaps": {"10": redirection(private="192.168.1.11"), "9": redirection()}}, (PBX, 5060),
    ),
}


@pytest.mark.parametrize("name", ORDER)
def test_the_first_entry_translates(name: str) -> None:
    tables, target = ORDER[name]
    verdict = unit(**tables).forward(inbound())
    assert (verdict.allowed, verdict.destination, verdict.source_nat) == (True, target, False)


@pytest.mark.parametrize(("after_nat", "allowed"), [(None, None), (True, False), (False, True)])
def test_what_inbound_rules_see_can_be_told(after_nat: bool | None, allowed: bool | None) -> None:
    stored = configuration(rule(BLOCK, IN, destination=["o", 13, 0]), **TAKEN)
    assert Unit(stored, after_nat=after_nat).forward(inbound()).allowed is allowed


def test_source_nat_is_that_of_the_lan() -> None:
    asked = unit()
    assert asked.forward(outbound()).source_nat is True
    assert asked.forward(outbound(CAMERA)).source_nat is False
    assert asked.forward(Packet("LAN1", PC, PHONE, "tcp", 80)).source_nat is False


def test_a_factory_configuration_has_one_lan_and_passes_outward() -> None:
    factory = Unit({"model": "Vigor3912"})
    assert factory.forward(Packet("LAN1", PC, PROVIDER, "udp", 5060)).allowed is True
    assert factory.forward(Packet("LAN2", PHONE, PROVIDER, "udp", 5060)).rule == "interface"


def test_questions_are_answered_quickly() -> None:
    """Hundreds of questions are asked of one configuration: with 84 rules, 100 of them take well under a second."""
    full = [rule(index % 4, index % 3, **VOICE) for index in range(7)]
    chain = {str(index): filter_set(*full, following=(index + 1) % 13) for index in range(1, 13)}
    asked = Unit(configuration(sets=chain, **TAKEN))
    packets = [outbound(PC), outbound(), inbound(), inbound(STRANGER, port=443)]
    started = time.process_time()
    for _round in range(25):
        for packet in packets:
            asked.forward(packet)
    assert time.process_time() - started < 0.5
