"""SIP ALG, VLAN priorities and QoS classes of a Vigor."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracles.drayos import Packet, Unit
from tests.oracles.drayos.marking import dscp_of
from tests.unit.oracles.drayos_samples import PC, PHONE, PROVIDER, Row, configuration, inbound, outbound, unit

ALG: dict[str, tuple[Row, bool | None]] = {
    "both on": ({"master": 1, "sip": 1, "udp": 1, "tcp": 0}, True),
    "master off": ({"master": 0, "sip": 1, "udp": 1, "tcp": 1}, False),
    "SIP off": ({"master": 1, "sip": 0, "udp": 1, "tcp": 1}, False),
    "both off": ({"master": 0, "sip": 0, "udp": 1, "tcp": 1}, False),
    "listens nowhere": ({"master": 1, "sip": 1, "udp": 0, "tcp": 0}, None),
    "not in the configuration": ({}, None),
}


@pytest.mark.parametrize("name", ALG)
def test_sip_alg_needs_both_switches(name: str) -> None:
    alg, expected = ALG[name]
    assert Unit({**configuration(), "alg": alg}).sip_alg_active() is expected


def vlans(enabled: int, *rows: Row) -> Row:
    return {"enabled": enabled, "untag_p1": 1, "rows": {str(index): row for index, row in enumerate(rows)}}


def row(lan: int, pri: int, tagged: int = 1) -> Row:
    return {"tagged": tagged, "vid": 10 * lan, "pri": pri, "ports": ["p1"], "lan": lan}


VLANS: dict[str, tuple[Row, int | None]] = {
    "tagged": (vlans(1, row(1, 0, 0), row(2, 5)), 5),
    "VLANs off": (vlans(0, row(2, 5)), None),
    "untagged": (vlans(1, row(2, 5, 0)), None),
    "another LAN": (vlans(1, row(1, 5)), None),
    "two that agree": (vlans(1, row(2, 6), row(2, 6)), 6),
    "two that differ": (vlans(1, row(2, 6), row(2, 5)), None),
}


@pytest.mark.parametrize("name", VLANS)
def test_the_priority_is_that_of_the_lans_vlan(name: str) -> None:
    table, expected = VLANS[name]
    assert unit(vlans=table).priority(2) == expected


def qos(mode: int = 3, **classes: Any) -> Row:
    return {
        "setup": {"1": {"mode": mode, "in": 9500, "out": 8500, "ratios": {}}}, "voip": 0,
        "classes": {name.removeprefix("class"): {"name": "", "rules": rules} for name, rules in classes.items()},
    }


def qos_rule(**fields: Any) -> Row:
    return {"enabled": 1, "local": "any", "remote": "any", "dscp": "", "service": "", **fields}


EF, SIP = qos_rule(dscp="20"), qos_rule(service="22")
CLASSES: dict[str, tuple[Row, Packet, int | None]] = {
    "off": (qos(0, class1=[EF]), outbound(dscp=46), 0),
    "inward only": (qos(1, class1=[EF]), outbound(dscp=46), 0),
    "inward only, inbound": (qos(1, class1=[EF]), inbound(dscp=46), 1),
    "outward only": (qos(2, class1=[EF]), outbound(dscp=46), 1),
    "another DSCP": (qos(3, class1=[EF]), outbound(), 4),
    "AF41": (qos(3, class2=[qos_rule(dscp="17")]), outbound(dscp=34), 2),
    "all AF": (qos(3, class2=[qos_rule(dscp="ALL_AF")]), outbound(dscp=26), 2),
    "precedence": (qos(3, class2=[qos_rule(dscp="5")]), outbound(dscp=40), 2),
    "DSCP default is not clear": (qos(3, class2=[qos_rule(dscp="0")]), outbound(), None),
    "SIP": (qos(3, class3=[SIP]), outbound(), 3),
    "SIP over TLS may be meant": (qos(3, class3=[SIP]), outbound(port=5061), None),
    "not SIP": (qos(3, class3=[SIP]), outbound(port=80), 4),
    "not SIP, no ports": (qos(3, class3=[SIP]), outbound(protocol="icmp"), 4),
    "another service": (qos(3, class3=[qos_rule(service="6")]), outbound(port=80), None),
    "rule off": (qos(3, class1=[qos_rule(enabled=0)]), outbound(), 4),
    "local address": (qos(3, class1=[qos_rule(local=PHONE)]), outbound(), 1),
    "another local address": (qos(3, class1=[qos_rule(local=PHONE)]), outbound(PC), 4),
    "local range": (qos(3, class1=[qos_rule(local="10.40.0.1:10.40.0.99")]), outbound(), 1),
    "local network": (qos(3, class1=[qos_rule(local="10.40.0.0:255.255.255.0")]), outbound(), 1),
    "another local network": (qos(3, class1=[qos_rule(local="10.40.0.0:255.255.255.0")]), outbound(PC), 4),
    "local address that is none": (qos(3, class1=[qos_rule(local="1,2,0,0")]), outbound(PC), None),
    "remote address": (qos(3, class1=[qos_rule(remote=PROVIDER)]), outbound(), 1),
    "two classes": (qos(3, class1=[EF], class2=[SIP]), outbound(dscp=46), None),
}


@pytest.mark.parametrize("name", CLASSES)
def test_the_class_of_a_packet(name: str) -> None:
    table, packet, expected = CLASSES[name]
    assert unit(qos=table).qos_class(packet) == expected


def test_dscp_identifiers() -> None:
    assert [dscp_of(str(number)) for number in (1, 7, 8, 10, 11, 19, 20)] == [
        {8}, {56}, {10}, {14}, {18}, {38}, {46}
    ]
    assert dscp_of("0") is None


def test_without_qos_a_packet_keeps_its_marking() -> None:
    assert unit(qos=qos(0)).marking(outbound(dscp=46)) == 46
    assert unit(qos=qos(3, class1=[EF])).marking(outbound(dscp=46)) is None
