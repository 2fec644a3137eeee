"""Rules and forwards of others that let voice traffic in: found unless they are known for certain to be limited."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.findings import Finding
from ansible_collections.voip.hardening.plugins.module_utils.platforms.base import Observation
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.exposure import (
    exposing_rules,
    findings,
    service_ports,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import RULES
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import PortRange
from tests.unit.draytek.units import SMALL, harden, observed, row, typed, unit
from tests.unit.fortios.sites import site

POLICY = site()  # signalling 198.51.100.0/26, media 203.0.113.0/25, SIP 5060 and 5061, RTP 10000-20000
CONCERNS = ("sip_allowlist", "voice_vlan")

# Objects of the site's; what their names say, relative to the provider.
OBJECTS = (
    "object ip obj 1 -n provider", "object ip obj 1 -a 0 198.51.100.0 255.255.255.192",
    "object ip obj 2 -n one-of-it", "object ip obj 2 -a 1 198.51.100.9",
    "object ip obj 3 -n wider", "object ip obj 3 -a 0 198.51.100.0 255.255.255.0",
    "object ip obj 4 -n stranger", "object ip obj 4 -a 1 192.0.2.9",
    "object ip obj 5 -n all-but-it", "object ip obj 5 -a 0 198.51.100.0 255.255.255.192", "object ip obj 5 -s 1",
    "object ip obj 6 -n some-of-it", "object ip obj 6 -a 3 198.51.100.3 198.51.100.11",
    "object ip obj 7 -n anybody", "object ip obj 7 -a 2",
    "object ip obj 8 -n a-card", "object ip obj 8 -a 4 00:50:7F:12:34:56",
    "object ip obj 9 -n media", "object ip obj 9 -a 0 203.0.113.0 255.255.255.128",
    "object ip grp 1 -n it-and-one", 'object ip grp 1 -a "1 2"',
    "object ip grp 2 -n it-and-other", 'object ip grp 2 -a "1 4"',
    "object ip grp 3 -n empty",
    "object service obj 1 -n web", "object service obj 1 -p 6", "object service obj 1 -d 0 443 443",
    "object service obj 2 -n sip", "object service obj 2 -p 17", "object service obj 2 -d 0 5060 5060",
    "object service obj 3 -n rtp", "object service obj 3 -p 17", "object service obj 3 -d 0 12000 12010",
    "object service obj 4 -n not-web", "object service obj 4 -p 255", "object service obj 4 -d 1 443 443",
    "object service obj 5 -n high", "object service obj 5 -p 6", "object service obj 5 -d 2 5000 5000",
    "object service obj 6 -n low", "object service obj 6 -p 6", "object service obj 6 -d 3 1024 1024",
    "object service obj 7 -n ping", "object service obj 7 -p 1",
    "object service grp 1 -n web-sip", "object service grp 1 -a 1 2",
    "object service grp 2 -n empty",
)
PLAIN = 'ipf rule 2 1 -e 1 -D 1 -M theirs -F "0 0"'


def look(*lines: str) -> Observation:
    """A unit with these objects and rules, as it is seen."""
    return observed(typed(unit(), *OBJECTS, *lines), *CONCERNS)


def exposed(*lines: str) -> set[str]:
    """The controls of what is found on rules."""
    seen = look(*lines)
    return {one.control for one in findings(POLICY, seen.document, ()) if one.subject.startswith("ipf rule")}


BOTH, SIP, RTP, NOTHING = {"FW-1", "FW-2"}, {"FW-1"}, {"FW-2"}, set[str]()
RULES_OF_OTHERS: dict[str, tuple[str, set[str]]] = {
    "anything from anybody": (PLAIN, BOTH),
    "switched off": (PLAIN.replace("-e 1", "-e 0"), NOTHING),
    "outwards": (PLAIN.replace("-D 1", "-D 0"), NOTHING),
    "between LANs": (PLAIN.replace("-D 1", "-D 2"), NOTHING),
    "blocking": (PLAIN.replace('"0 0"', '"1 0"'), NOTHING),
    "passing at last": (PLAIN.replace('"0 0"', '"2 0"'), BOTH),
    "blocking at last": (PLAIN.replace('"0 0"', '"3 0"'), NOTHING),
    "SIP": (f'{PLAIN} -S "o 2"', SIP),
    "RTP": (f'{PLAIN} -S "o 3"', RTP),
    "the web": (f'{PLAIN} -S "o 1"', NOTHING),
    "all but the web": (f'{PLAIN} -S "o 4"', BOTH),
    "high ports": (f'{PLAIN} -S "o 5"', SIP),
    "low ports": (f'{PLAIN} -S "o 6"', NOTHING),
    "ping": (f'{PLAIN} -S "o 7"', NOTHING),
    "a group with SIP": (f'{PLAIN} -S "g 1"', SIP),
    "a group of nothing": (f'{PLAIN} -S "g 2"', BOTH),
    "ports that are not understood": (f'{PLAIN} -S "u 6 0 0 1 443 65535 443"', BOTH),
    "from the provider": (f'{PLAIN} -S "o 2" -s "o 1 0"', NOTHING),
    "from one address of the provider": (f'{PLAIN} -S "o 2" -s "o 2 0"', NOTHING),
    "from a range within the provider": (f'{PLAIN} -S "o 2" -s "o 6 0"', NOTHING),
    "from the provider written out": (f'{PLAIN} -S "o 2" -s "u 0 198.51.100.0 255.255.255.192"', NOTHING),
    "from one of it written out": (f'{PLAIN} -S "o 2" -s "u 1 198.51.100.63"', NOTHING),
    "from some of it written out": (f'{PLAIN} -S "o 2" -s "u 3 198.51.100.1 198.51.100.62"', NOTHING),
    "from beyond it written out": (f'{PLAIN} -S "o 2" -s "u 3 198.51.100.1 198.51.100.64"', SIP),
    "from more than the provider": (f'{PLAIN} -S "o 2" -s "o 3 0"', SIP),
    "from a stranger": (f'{PLAIN} -S "o 2" -s "o 4 0"', SIP),
    "from the provider and a stranger": (f'{PLAIN} -S "o 2" -s "o 1 4"', SIP),
    "from all but the provider": (f'{PLAIN} -S "o 2" -s "o 5 0"', SIP),
    "from an object that is anybody": (f'{PLAIN} -S "o 2" -s "o 7 0"', SIP),
    "from a network card": (f'{PLAIN} -S "o 2" -s "o 8 0"', SIP),
    "from an object that nobody filled": (f'{PLAIN} -S "o 2" -s "o 20 0"', SIP),
    "from a group of the provider's": (f'{PLAIN} -S "o 2" -s "g 1 0"', NOTHING),
    "from a group with a stranger": (f'{PLAIN} -S "o 2" -s "g 2 0"', SIP),
    "from a group of nobody": (f'{PLAIN} -S "o 2" -s "g 3 0"', SIP),
    "from a country": (f'{PLAIN} -S "o 2" -s "c 3"', SIP),
    "media from where signalling comes from": (f'{PLAIN} -S "o 3" -s "o 1 0"', RTP),
    "media from where it comes from": (f'{PLAIN} -S "o 3" -s "o 9 0"', NOTHING),
}


@pytest.mark.parametrize(("line", "controls"), RULES_OF_OTHERS.values(), ids=RULES_OF_OTHERS)
def test_rules_of_others(line: str, controls: set[str]) -> None:
    assert exposed(line) == controls


@pytest.mark.parametrize(("line", "controls"), RULES_OF_OTHERS.values(), ids=RULES_OF_OTHERS)
def test_rules_that_are_switched_off_are_those_that_are_found(line: str, controls: set[str]) -> None:
    rows = list(exposing_rules(POLICY, look(line).document))
    assert [one["id"] for one in rows] == (["2.1"] if controls else [])


def test_our_own_rules_expose_nothing() -> None:
    device = unit()
    harden(device, POLICY)
    assert list(exposing_rules(POLICY, observed(device, *CONCERNS).document)) == []


def test_a_finding_says_what_and_what_to_do() -> None:
    seen = look(f'{PLAIN} -S "o 2"')
    assert findings(POLICY, seen.document, ()) == [
        Finding(
            "FW-1",
            "critical",
            "ipf rule 2.1 theirs",
            "lets SIP in from outside the provider's networks",
            "Remove the rule, or limit its source and service",
        )
    ]


def test_a_rule_behind_ours_is_held() -> None:
    device = typed(unit(), *OBJECTS, f'{PLAIN} -S "o 2"')
    harden(device, POLICY, "sip_allowlist")
    seen = observed(device, *CONCERNS)
    assert findings(POLICY, seen.document, ()) == [
        Finding(
            "FW-1",
            "low",
            "ipf rule 2.1 theirs",
            "lets SIP in from outside the provider's networks; the rule block-sip-in before it keeps that from "
            "happening",
            "Remove the rule, or limit its source and service",
        )
    ]


HELD_NO_MORE = {
    "switched off": ("12.6", {"enabled": False}),
    "that lets through": ("12.6", {"action": "pass"}),
    "that a schedule may have let run out": ("12.6", {"schedules": (15, 0, 0, 0)}),
}


@pytest.mark.parametrize(("key", "changes"), HELD_NO_MORE.values(), ids=HELD_NO_MORE)
def test_a_rule_of_ours_that_does_not_block_holds_nothing(key: str, changes: dict[str, object]) -> None:
    device = typed(unit(), *OBJECTS, f'{PLAIN} -S "o 2"')
    harden(device, POLICY, "sip_allowlist")
    seen = observed(device, *CONCERNS)
    row(seen.document, RULES, key, **changes)
    assert [one.severity for one in findings(POLICY, seen.document, ())] == ["critical"]


def test_a_rule_of_ours_that_waits_for_its_proof_blocks_meanwhile() -> None:
    device = typed(unit(), *OBJECTS, f'{PLAIN} -S "o 2"')
    harden(device, POLICY, "sip_allowlist")
    seen = observed(device, *CONCERNS)
    row(seen.document, RULES, "12.6", schedules=(15, 0, 0, 0))
    assert [one.severity for one in findings(POLICY, seen.document, (), armed=True)] == ["low"]


def test_a_set_that_the_filter_does_not_come_by_holds_nothing() -> None:
    device = typed(unit(), *OBJECTS, f'{PLAIN} -S "o 2"')
    harden(device, POLICY, "sip_allowlist")
    seen = observed(typed(device, "ipf set -d 2"), *CONCERNS)
    assert [one.severity for one in findings(POLICY, seen.document, ())] == ["critical"]


PORTS = PortRange
SERVICES: dict[str, tuple[PortRange, ...]] = {
    "service 1": (PORTS(443, 443),),
    "service 4": (PORTS(0, 442), PORTS(444, 65535)),
    "service 5": (PORTS(5000, 65535),),
    "service 6": (PORTS(0, 1024),),
}


@pytest.mark.parametrize(("key", "ports"), SERVICES.items())
def test_ports_that_a_service_stands_for(key: str, ports: tuple[PortRange, ...]) -> None:
    """Whether the limit of > and < counts itself is not documented, so it does."""
    seen = look(f'{PLAIN} -S "o {key.split()[1]}"')
    assert service_ports((key,), seen.document)["tcp"] == ports


# Forwards

FORWARDS: dict[str, tuple[tuple[str, ...], list[tuple[str, str, str]]]] = {
    # what the site forwards; control, severity and subject of what is found
    "SIP": (
        ("srv nat portmap add 1 sip udp 5060 0 0 192.168.1.10 5060 wan1 1",),
        [("FW-1", "critical", "port redirection R01 to 192.168.1.10")],
    ),
    "SIP by another port": (
        ("srv nat portmap add 1 sip udp 25060 0 0 192.168.1.10 5060 wan1 1",),
        [("FW-1", "critical", "port redirection R01 to 192.168.1.10")],
    ),
    "SIP by TCP": (
        ("srv nat portmap add 1 sip tcp 5061 0 0 192.168.1.10 15061 wan1 1",),
        [("FW-1", "critical", "port redirection R01 to 192.168.1.10")],
    ),
    "RTP": (
        ("srv nat openport 1 1 -a 1 -i 192.168.1.10 -w 1 1 -p UDP -s 9000 -e 10000",),
        [("FW-2", "critical", "open ports O01 to 192.168.1.10")],
    ),
    "the web": (("srv nat portmap add 2 web tcp 443 0 0 192.168.1.20 8443 all 1",), []),
    "the web of a phone": (
        ("srv nat portmap add 2 web tcp 10443 0 0 10.40.0.20 443 all 1",),
        [("WEB-1", "high", "port redirection R02 to 10.40.0.20")],
    ),
    "something else of a phone": (("srv nat portmap add 2 web tcp 22 0 0 10.40.0.20 22 all 1",), []),
    "switched off": (
        ("srv nat portmap add 1 sip udp 5060 0 0 192.168.1.10 5060 wan1 1", "srv nat portmap disable 1"),
        [],
    ),
}


@pytest.mark.parametrize(("lines", "found"), FORWARDS.values(), ids=FORWARDS)
def test_forwards(lines: tuple[str, ...], found: list[tuple[str, str, str]]) -> None:
    seen = look(*lines)
    shown = findings(POLICY, seen.document, seen.details.forwards)
    assert [(one.control, one.severity, one.subject) for one in shown] == found


def test_a_dmz_host_gets_everything() -> None:
    device = unit(SMALL)
    config = device.stored()
    config["dmz"] = {"1": {"enabled": 1, "private": "10.40.0.30"}}
    seen = observed(type(device)(config), *CONCERNS)
    shown = findings(POLICY, seen.document, seen.details.forwards)
    assert [(one.control, one.subject) for one in shown] == [
        ("FW-1", "DMZ host D01 to 10.40.0.30"),
        ("FW-2", "DMZ host D01 to 10.40.0.30"),
        ("WEB-1", "DMZ host D01 to 10.40.0.30"),
    ]


def test_forwards_behind_our_rules_are_held() -> None:
    lines = (
        "srv nat portmap add 1 sip udp 5060 0 0 192.168.1.10 5060 wan1 1",
        "srv nat portmap add 2 web tcp 10443 0 0 10.40.0.20 443 all 1",
    )
    device = typed(unit(), *lines)
    harden(device, POLICY)
    seen = observed(device)
    shown = {one.control: one for one in findings(POLICY, seen.document, seen.details.forwards)}
    assert {control: one.severity for control, one in shown.items()} == {"FW-1": "low", "WEB-1": "low"}
    assert shown["WEB-1"].evidence == (
        "lets the phones' web interface in from outside; the rule voice-deny-in before it keeps that from happening"
    )
    assert shown["FW-1"].advice == "Remove it, or limit its source"


BY_ANOTHER_PORT: dict[str, tuple[str, str]] = {
    "one that is blocked too": ("5061 0 0 192.168.1.10 5060", "low"),
    "one that is not, outside": ("25060 0 0 192.168.1.10 5060", "critical"),
    "one that is not, inside": ("5060 0 0 192.168.1.10 25060", "critical"),
}


@pytest.mark.parametrize(("ports", "severity"), BY_ANOTHER_PORT.values(), ids=BY_ANOTHER_PORT)
def test_a_forward_to_another_port_is_held_only_where_both_ports_are_blocked(ports: str, severity: str) -> None:
    """Whether rules see the port before or after it is translated depends on the release."""
    device = typed(unit(), f"srv nat portmap add 1 sip tcp {ports} wan1 1")
    harden(device, POLICY)
    seen = observed(device)
    assert [one.severity for one in findings(POLICY, seen.document, seen.details.forwards)] == [severity]
