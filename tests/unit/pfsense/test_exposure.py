"""What of the site's lets SIP, RTP or the phones' web interface in, and what keeps that from happening."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.findings import Finding
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import exposure
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import Box, Raw, harden, observed, run, unit

POLICY = site()
Found = list[tuple[str, str, str]]


def found(box: Box, **parts: Any) -> list[Finding]:
    seen = observed(box, **parts)
    return exposure.findings(POLICY, seen.document, seen.details, ("wan",))


def of(box: Box, **parts: Any) -> Found:
    """Control, severity and subject of each finding."""
    return [(one.control, one.severity, one.subject) for one in found(box, **parts)]


def rule(**fields: Any) -> Raw:
    base = {"tracker": "7", "type": "pass", "interface": "wan", "ipprotocol": "inet", "descr": "theirs"}
    return {**base, "protocol": "udp", "source": {"any": ""}, "destination": {"any": ""}, **fields}


def rules(*some: Raw) -> Raw:
    return {"config": {"filter/rule": list(some), "nat/rule": []}}


@pytest.mark.parametrize(
    ("fields", "controls"),
    [
        ({"destination": {"any": "", "port": "5060"}}, ["FW-1"]),
        ({"destination": {"any": "", "port": "5000-6000"}}, ["FW-1"]),
        ({"destination": {"any": "", "port": "12000"}}, ["FW-2"]),
        ({"destination": {"any": "", "port": "9000"}}, []),
        ({}, ["FW-1", "FW-2"]),
        ({"protocol": "tcp"}, ["FW-1", "WEB-1"]),
        ({"protocol": ""}, ["FW-1", "FW-2", "WEB-1"]),
        ({"protocol": "", "destination": {"any": "", "port": "9000"}}, ["FW-1", "FW-2", "WEB-1"]),
        ({"protocol": "icmp"}, []),
        ({"protocol": "tcp", "destination": {"address": "10.0.0.9", "port": "443"}}, []),
        ({"protocol": "tcp", "destination": {"address": "10.40.0.9", "port": "443"}}, ["WEB-1"]),
        ({"protocol": "tcp", "destination": {"address": "10.0.0.9", "not": "", "port": "443"}}, ["WEB-1"]),
        ({"protocol": "tcp", "destination": {"address": "no_such_alias", "port": "443"}}, ["WEB-1"]),
        ({"protocol": "tcp", "destination": {"network": "wanip", "port": "443"}}, []),
        ({"destination": {"any": "", "port": "no_such_alias"}}, ["FW-1", "FW-2"]),
        ({"source": {"address": "198.51.100.0/27"}, "destination": {"any": "", "port": "5060"}}, []),
        ({"source": {"address": "203.0.113.0/25"}, "destination": {"any": "", "port": "5060"}}, ["FW-1"]),
        ({"source": {"address": "203.0.113.0/25"}, "destination": {"any": "", "port": "12000"}}, []),
        ({"source": {"address": "no_such_alias"}, "destination": {"any": "", "port": "12000"}}, ["FW-2"]),
        ({"disabled": ""}, []),
        ({"type": "reject"}, []),
        ({"interface": "lan"}, []),
        ({"descr": "VOIPH-theirs"}, []),
    ],
)
def test_rules(fields: Raw, controls: list[str]) -> None:
    assert [control for control, _severity, _subject in of(unit(), **rules(rule(**fields)))] == controls


@pytest.mark.parametrize(
    ("fields", "outside"),
    [
        ({"interface": "", "floating": "yes"}, True),
        ({"interface": "any", "floating": "yes"}, True),
        ({"interface": "lan,wan", "floating": "yes", "direction": "in"}, True),
        ({"interface": "lan", "floating": "yes"}, False),
        ({"interface": "wan", "floating": "yes", "direction": "out"}, False),
        ({"interface": "wan", "floating": "yes", "type": "match"}, False),
        ({"interface": "LINES"}, True),
        ({"interface": "INSIDE"}, False),
        ({"interface": "LINES", "floating": "yes"}, True),
    ],
)
def test_where_packets_from_outside_come_by(fields: Raw, outside: bool) -> None:
    groups = [{"ifname": "LINES", "members": "wan opt9"}, {"ifname": "INSIDE", "members": "lan opt1"}]
    config = {"filter/rule": [rule(**fields)], "nat/rule": [], "ifgroups/ifgroupentry": groups}
    assert bool(of(unit(), config=config)) is outside


def test_severity_by_what_stands_before() -> None:
    """A rule of the site's is worth a line still, since it comes into force when ours goes."""
    exposed = rule(destination={"address": "10.0.0.20", "port": "5060"})
    before = unit(tree=lambda tree: tree["filter"]["rule"].append(exposed))
    assert ("FW-1", "critical", "filter/rule wan 7 theirs") in of(before)
    after = harden(before, POLICY)
    assert ("FW-1", "low", "filter/rule wan 7 theirs") in of(after)
    (held,) = [one for one in found(after) if one.subject == "filter/rule wan 7 theirs"]
    assert held.evidence.endswith(
        "the rules VOIPH-block-sip-in and VOIPH-block-closed-in before it keep that from happening"
    )


def test_a_block_that_does_not_run_keeps_nothing_out() -> None:
    exposed = rule(destination={"address": "10.0.0.20", "port": "12000"})
    box = harden(unit(tree=lambda tree: tree["filter"]["rule"].append(exposed)), POLICY)
    assert ("FW-2", "low", "filter/rule wan 7 theirs") in of(box)
    assert ("FW-2", "critical", "filter/rule wan 7 theirs") in of(box, running=[])


# Forwards


def forward(**fields: Any) -> Raw:
    base = {"interface": "wan", "protocol": "udp", "target": "10.0.0.20", "local-port": "5060", "descr": "theirs"}
    return {**base, "source": {"any": ""}, "destination": {"network": "wanip", "port": "5060"}, **fields}


@pytest.mark.parametrize(
    ("fields", "before", "after"),
    [
        ({}, "critical", "low"),
        ({"local-port": "9060"}, "critical", "critical"),
        ({"associated-rule-id": "pass"}, "critical", "critical"),
        ({"destination": {"network": "wanip", "port": "9999"}}, "critical", "low"),
        ({"source": {"address": "198.51.100.0/26"}}, None, None),
        ({"disabled": ""}, None, None),
        ({"nordr": ""}, None, None),
        ({"interface": "lan"}, None, None),
        ({"descr": "VOIPH-theirs"}, None, None),
        ({"destination": {"network": "wanip", "port": "9999"}, "local-port": "9999"}, None, None),
    ],
    ids=[
        "same port",
        "another inside",
        "pass",
        "another outside",
        "provider",
        "off",
        "no rdr",
        "LAN",
        "ours",
        "no SIP",
    ],
)
def test_forwards(fields: Raw, before: str | None, after: str | None) -> None:
    parts = {"config": {"nat/rule": [forward(**fields)]}}
    hardened = harden(unit(), POLICY)
    for box, severity in ((unit(), before), (hardened, after)):
        severities = [one[1] for one in of(box, **parts) if one[2].startswith("nat/rule theirs")]
        assert severities == ([severity] if severity else [])


def test_a_forward_to_the_phones_web_interface() -> None:
    parts = {"config": {"nat/rule": [forward(protocol="tcp", target="10.40.0.9", **{"local-port": "443"})]}}
    assert ("WEB-1", "high", "nat/rule theirs to 10.40.0.9") in of(unit(), **parts)


# The rest


def test_translation_of_a_whole_address() -> None:
    one = {"external": "198.51.100.9", "descr": "web", "interface": "wan"}
    parts = {"config": {"nat/onetoone": [one, {**one, "disabled": ""}]}}
    expected = "nat/onetoone 198.51.100.9 web"
    assert [one for one in of(unit(), **parts) if "onetoone" in one[2]] == [("FW-1", "medium", expected)]
    assert ("FW-1", "low", expected) in of(harden(unit(), POLICY), **parts)


@pytest.mark.parametrize(("on", "expected"), [("on", True), ("off", False), (None, False)])
def test_upnp(on: str | None, expected: bool) -> None:
    parts = {"config": {"installedpackages/miniupnpd/config/0/enable": on}}
    assert (("FW-1", "medium", "miniupnpd") in of(unit(), **parts)) is expected


@pytest.mark.parametrize(
    ("fields", "in_the_way"),
    [
        ({}, True),
        ({"direction": "out"}, True),
        ({"direction": "in"}, False),
        ({"type": "reject"}, True),
        ({"type": "pass", "protocol": "icmp"}, False),
        ({"interface": "lan"}, False),
        ({"interface": ""}, True),
        ({"protocol": "udp", "destination": {"any": "", "port": "5060"}}, False),
        ({"destination": {"address": "203.0.113.9"}}, True),
        ({"destination": {"address": "192.0.2.9"}}, False),
        ({"destination": {"address": "192.0.2.9", "not": ""}}, True),
        ({"disabled": ""}, False),
        ({"descr": "VOIPH-block-x"}, False),
    ],
)
def test_what_blocks_the_provider_on_the_way_out(fields: Raw, in_the_way: bool) -> None:
    """No rule of ours can come before it: going out, pf asks once more."""
    base = rule(type="block", floating="yes", quick="yes", direction="any", protocol="")
    parts = rules({**base, **fields})
    assert (("FW-1", "medium", f"filter/rule floating 7 {fields.get('descr', 'theirs')}") in of(unit(), **parts)) is (
        in_the_way
    )


def test_a_run_reports_the_worst_first() -> None:
    exposed = rule(destination={"address": "10.0.0.20", "port": "5060"}, tracker="1700000001")
    box = unit(tree=lambda tree: tree["filter"]["rule"].append(exposed))
    result = run(box, POLICY, check=True)
    severities = [one["severity"] for one in result["findings"]]
    assert severities == sorted(severities, key=["critical", "high", "medium", "low"].index)
    assert severities[0] == "critical"
