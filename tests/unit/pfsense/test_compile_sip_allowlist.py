"""sip_allowlist: SIP and RTP between the site and its provider alone."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row
from ansible_collections.voip.hardening.plugins.module_utils.errors import NotPossible
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import (
    ALLOWLIST,
    VOICE,
    Box,
    Raw,
    aliases,
    compiled,
    entry,
    harden,
    kept,
    observed,
    owned,
    rules,
    run,
    said,
    section,
    take_away,
    text,
    unit,
)

POLICY = site()
RULES, FORWARDS = "filter/rule", "nat/rule"


def made(policy: SitePolicy, box: Box | None = None, *concerns: str) -> dict[str, str]:
    """Our rules, each in one line."""
    desired, _remarks = compiled(policy, observed(box or unit()), *(concerns or (ALLOWLIST,)))
    return {name.removeprefix("VOIPH-"): said(row) for name, row in rules(desired).items()}


BLOCKS = {
    "block-closed-in-tcp": "block in wan inet46 tcp any > any VOIPH_CLOSED_IN_TCP",
    "block-closed-out-tcp": "block out wan inet46 tcp any > any VOIPH_SIP_CLOSED_TCP",
    "block-sip-in-tcp": "block in wan inet46 tcp !VOIPH_SIGNALLING > any VOIPH_SIP_IN_TCP",
    "block-closed-in-udp": "block in wan inet46 udp any > any VOIPH_CLOSED_IN_UDP",
    "block-closed-out-udp": "block out wan inet46 udp any > any VOIPH_SIP_CLOSED_UDP",
    "block-sip-out": "block out wan inet46 tcp any > !VOIPH_SIGNALLING VOIPH_SIP",
    "block-rtp-in": "block in wan inet46 udp !VOIPH_MEDIA > any VOIPH_RTP_IN",
}
ALLOWS = {
    "allow-signalling": "pass in opt3 inet tcp 10.40.0.0/24 > VOIPH_SIGNALLING VOIPH_SIP",
    "allow-media": "pass in opt3 inet udp 10.40.0.0/24 > VOIPH_MEDIA VOIPH_RTP",
}


def test_without_a_voice_network() -> None:
    """Nothing is allowed that is not there; the phones go by the rules that the site has."""
    desired, remarks = compiled(POLICY, observed(unit()), ALLOWLIST)
    assert made(POLICY) == BLOCKS
    assert len(remarks) == 1
    assert remarks[0].startswith("no interface carries the voice VLAN or its subnet yet")
    assert aliases(desired) == {
        "VOIPH_SIGNALLING": ("198.51.100.0/26", "2001:db8:5060::/48"),
        "VOIPH_MEDIA": ("203.0.113.0/25",),
        "VOIPH_SIP": ("5061",),
        "VOIPH_CLOSED_IN_TCP": ("5060",),
        "VOIPH_SIP_CLOSED_TCP": ("5060",),
        "VOIPH_SIP_IN_TCP": ("5061",),
        "VOIPH_CLOSED_IN_UDP": ("5060:5061",),
        "VOIPH_SIP_CLOSED_UDP": ("5060:5061",),
        "VOIPH_RTP_IN": ("10000:20000",),
    }


def test_with_a_voice_network() -> None:
    assert made(POLICY, harden(unit(), POLICY, VOICE)) == {**ALLOWS, **BLOCKS, **VOICE_ALONE}


VOICE_ALONE = dict.fromkeys(("allow-dns", "allow-ntp", "allow-provisioning", "voice-deny-out", "voice-deny-in"), "")


@pytest.mark.parametrize(
    ("transport", "used", "closed"),
    [
        ("tls", ("tcp", "5061"), {"VOIPH_SIP_CLOSED_TCP": ("5060",), "VOIPH_SIP_CLOSED_UDP": ("5060:5061",)}),
        ("tcp", ("tcp", "5060"), {"VOIPH_SIP_CLOSED_TCP": ("5061",), "VOIPH_SIP_CLOSED_UDP": ("5060:5061",)}),
        ("udp", ("udp", "5060"), {"VOIPH_SIP_CLOSED_TCP": ("5060:5061",), "VOIPH_SIP_CLOSED_UDP": ("5061",)}),
    ],
)
def test_one_transport_is_open(transport: str, used: tuple[str, str], closed: dict[str, tuple[str, ...]]) -> None:
    policy = site({"srtp": "optional"}, transport=transport)
    protocol, port = used
    found = made(policy)
    assert found["block-sip-out"] == f"block out wan inet46 {protocol} any > !VOIPH_SIGNALLING VOIPH_SIP"
    assert [name for name in found if name.startswith("block-sip-in")] == [f"block-sip-in-{protocol}"]
    entries = aliases(compiled(policy, observed(unit()), ALLOWLIST)[0])
    assert entries["VOIPH_SIP"] == (port,)
    assert {name: ports for name, ports in entries.items() if "SIP_CLOSED" in name} == closed


def test_blocks_stand_on_every_wan() -> None:
    def second(tree: Raw) -> None:
        tree["interfaces"]["opt1"] |= {"gateway": "OTHER"}

    assert made(POLICY, unit(tree=second))["block-rtp-in"].startswith("block in opt1,wan ")


def test_what_a_rule_is_besides() -> None:
    found = rules(compiled(POLICY, observed(unit()), ALLOWLIST)[0])
    for row in found.values():
        assert (row["quick"], row["log"], row["disabled"], row["gateway"], row["rest"]) == (True, True, False, "", ())
        assert row["tracker"].isdigit()
    assert len({row["tracker"] for row in found.values()}) == len(found)


# Forwards of the site's


def forwarding(port: str, local: str, **fields: Any) -> Box:
    def alter(tree: Raw) -> None:
        tree["nat"]["rule"][1] |= {"destination": {"network": "wanip", "port": port}, "local-port": local, **fields}

    return unit(tree=alter)


@pytest.mark.parametrize(
    ("port", "local", "fields", "name", "ports"),
    [
        ("5061", "15061", {"protocol": "tcp"}, "VOIPH_SIP_IN_TCP", ("15061", "5061")),
        ("5060-5062", "15060", {"protocol": "tcp"}, "VOIPH_SIP_IN_TCP", ("15061", "5061")),
        ("5061", "", {"protocol": "tcp"}, "VOIPH_SIP_IN_TCP", ("5061",)),
        ("5061", "443", {"protocol": "tcp"}, "VOIPH_SIP_IN_TCP", ("5061",)),
        ("5061", "15061", {"protocol": "tcp", "disabled": ""}, "VOIPH_SIP_IN_TCP", ("5061",)),
        ("5061", "15061", {"protocol": "tcp", "nordr": ""}, "VOIPH_SIP_IN_TCP", ("5061",)),
        ("5061", "15061", {"protocol": "tcp", "interface": "lan"}, "VOIPH_SIP_IN_TCP", ("5061",)),
        ("5061", "15061", {"protocol": "udp"}, "VOIPH_SIP_IN_TCP", ("5061",)),
        ("10000-20000", "30000", {}, "VOIPH_RTP_IN", ("10000:20000", "30000:40000")),
    ],
)
def test_what_a_forward_makes_of_the_ports_in_use_is_the_providers_too(
    port: str, local: str, fields: Raw, name: str, ports: tuple[str, ...]
) -> None:
    """Filters see the inside port."""
    assert aliases(compiled(POLICY, observed(forwarding(port, local, **fields)), ALLOWLIST)[0])[name] == ports


def test_a_forward_to_a_closed_port_opens_it_to_the_provider_alone() -> None:
    found = aliases(compiled(POLICY, observed(forwarding("5061", "5060", protocol="tcp")), ALLOWLIST)[0])
    assert found["VOIPH_SIP_IN_TCP"] == ("5060:5061",)
    assert "VOIPH_CLOSED_IN_TCP" not in found
    assert found["VOIPH_SIP_CLOSED_TCP"] == ("5060",)


# A PBX


PBX = {
    "allow-pbx-signalling-wan": "pass in wan inet tcp VOIPH_SIGNALLING > 172.16.5.20 VOIPH_SIP",
    "allow-pbx-media-wan": "pass in wan inet udp VOIPH_MEDIA > 172.16.5.20 VOIPH_RTP",
    "pbx-out-signalling": "pass in opt1 inet tcp 172.16.5.20 > VOIPH_SIGNALLING VOIPH_SIP",
    "pbx-out-media": "pass in opt1 inet udp 172.16.5.20 > VOIPH_MEDIA VOIPH_RTP",
}


def test_a_pbx_in_a_network_of_its_own() -> None:
    assert made(site(pbx={"address": "172.16.5.20"})) == {**PBX, **BLOCKS}


def forward(**changes: Any) -> Row:
    return {
        "key": "VOIPH-pbx-sip-wan-5061",
        "descr": "VOIPH-pbx-sip-wan-5061",
        "disabled": False,
        "interface": "wan",
        "ipprotocol": "inet",
        "protocol": "tcp",
        "source": "VOIPH_SIGNALLING",
        "source_not": False,
        "source_port": "",
        "destination": "net:wanip",
        "destination_not": False,
        "destination_port": "5061",
        "target": "172.16.5.20",
        "port": "5061",
        "linked": "",
        "nordr": False,
        "rest": (),
        **changes,
    }


@pytest.mark.parametrize(("public", "destination"), [({}, "net:wanip"), ({"public_address": "192.0.2.9"}, "192.0.2.9")])
def test_forwards_to_the_pbx_are_the_providers(public: Raw, destination: str) -> None:
    desired, _remarks = compiled(site(pbx={"address": "172.16.5.20", **public}), observed(unit()), ALLOWLIST)
    name = "VOIPH-pbx-rtp-wan-10000-20000"
    rtp = {"key": name, "descr": name, "protocol": "udp", "source": "VOIPH_MEDIA", "port": "10000"}
    assert owned(desired, FORWARDS) == [
        forward(destination=destination),
        forward(destination=destination, **rtp, destination_port="10000-20000"),
    ]


def test_forwards_of_ours_come_before_those_of_the_site() -> None:
    box = unit()
    before = section(box.config, FORWARDS)
    harden(box, site(pbx={"address": "172.16.5.20"}), ALLOWLIST)
    found = section(box.config, FORWARDS)
    assert found[2:] == before
    assert found[0] == {
        "source": {"address": "VOIPH_SIGNALLING"},
        "destination": {"network": "wanip", "port": "5061"},
        "ipprotocol": "inet",
        "protocol": "tcp",
        "target": "172.16.5.20",
        "local-port": "5061",
        "interface": "wan",
        "descr": "VOIPH-pbx-sip-wan-5061",
        "associated-rule-id": "",
    }


def test_a_pbx_beside_the_phones() -> None:
    policy = site(pbx={"address": "10.40.0.20"}, voice_vlan__dhcp_first="10.40.0.100")
    found = made(policy, harden(unit(), policy, VOICE))
    assert found["pbx-out-signalling"] == "pass in opt3 inet tcp 10.40.0.20 > VOIPH_SIGNALLING VOIPH_SIP"
    assert found["allow-pbx-signalling-wan"] == "pass in wan inet tcp VOIPH_SIGNALLING > 10.40.0.20 VOIPH_SIP"


def test_a_pbx_that_lies_nowhere() -> None:
    with pytest.raises(NotPossible) as error:
        made(site(pbx={"address": "172.31.0.20"}))
    assert str(error.value) == ("voip_policy.pbx.address: 172.31.0.20 lies in the subnet of no interface of this box")


def test_a_provider_with_ipv6_alone_is_not_forwarded() -> None:
    policy = site({"signalling": ["2001:db8:5060::/48"]}, pbx={"address": "172.16.5.20"})
    assert [row["descr"] for row in owned(compiled(policy, observed(unit()), ALLOWLIST)[0], FORWARDS)] == [
        "VOIPH-pbx-rtp-wan-10000-20000"
    ]


# enforce_exclusive


def open_rule(**fields: Any) -> Raw:
    return {
        "tracker": "1700000001",
        "type": "pass",
        "interface": "wan",
        "ipprotocol": "inet",
        "protocol": "udp",
        "source": {"any": ""},
        "destination": {"address": "10.0.0.20", "port": "5060"},
        "descr": "open to everybody",
        **fields,
    }


def exposed(*more: Raw) -> Box:
    return unit(tree=lambda tree: tree["filter"]["rule"].extend(more))


EXCLUSIVE = site(enforce_exclusive=True)


def test_rules_that_expose_are_left_alone_unless_asked() -> None:
    assert kept(compiled(POLICY, observed(exposed(open_rule())), ALLOWLIST)[0]) == {}


@pytest.mark.parametrize(
    ("fields", "off"),
    [
        ({}, True),
        ({"source": {"address": "198.51.100.0/26"}}, False),
        ({"source": {"address": "198.51.100.0/26", "not": ""}}, True),
        ({"source": {"address": "no_such_alias"}}, True),
        ({"associated-rule-id": "nat_1"}, False),
        ({"disabled": ""}, False),
        ({"type": "block"}, False),
        ({"interface": "lan"}, False),
        ({"protocol": "icmp"}, False),
        ({"destination": {"any": "", "port": "443"}, "protocol": "tcp"}, False),
        ({"destination": {"any": "", "port": "443"}, "protocol": ""}, True),
        ({"floating": "yes", "interface": "", "direction": "in", "quick": "yes"}, True),
        ({"floating": "yes", "interface": "wan", "direction": "out"}, False),
        ({"floating": "yes", "interface": "wan", "type": "match"}, False),
        ({"descr": "VOIPH-mine"}, False),
    ],
)
def test_exposing_rules_are_switched_off(fields: Raw, off: bool) -> None:
    found = kept(compiled(EXCLUSIVE, observed(exposed(open_rule(**fields))), ALLOWLIST)[0])
    assert list(found.values()) == ([{"disabled": True}] if off else [])


@pytest.mark.parametrize("fields", [{}, {"tracker": "1690000001"}, {"tracker": ""}], ids=["", "doubled", "none"])
def test_they_are_given_back(fields: Raw) -> None:
    """Also where a rule has no number of its own to know it by."""
    box = exposed(open_rule(**fields))
    before = text(box)
    harden(box, EXCLUSIVE, ALLOWLIST)
    assert entry(box, RULES, "open to everybody")["disabled"] == ""
    assert not run(box, EXCLUSIVE, ALLOWLIST)["changed"]
    assert take_away(box, ALLOWLIST)["remarks"] == []
    assert text(box) == before


def test_a_rule_that_a_forward_keeps_is_a_finding_and_no_more() -> None:
    box = harden(unit(), EXCLUSIVE)
    assert "disabled" not in entry(box, RULES, "NAT old PBX")
    subjects = [one["subject"] for one in run(box, EXCLUSIVE)["findings"]]
    assert "filter/rule wan 1690000011 NAT old PBX" in subjects
