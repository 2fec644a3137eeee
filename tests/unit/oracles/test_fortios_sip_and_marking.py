"""SIP ALG or helper under a policy, and the DSCP a packet leaves with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracles.fortios import marking, passes, sip_alg_state
from tests.unit.oracles.samples import (
    PHONE_6,
    PROVIDER,
    PROVIDER_6,
    Row,
    inbound,
    outbound,
    policy,
    policy6,
    refs,
    site,
    vip,
)

KERNEL = {"default-voip-alg-mode": "kernel-helper-based"}
PROXY = {"default-voip-alg-mode": "proxy-based"}
HELPER = {"system/session-helper": [{"id": 13, "name": "sip", "protocol": 17, "port": 5060}]}
MOVED_HELPER = {"system/session-helper": [{"id": 99, "name": "sip", "protocol": 6, "port": 5065}]}
NO_HELPER = {"system/session-helper": [{"id": 9, "name": "ftp", "protocol": 6, "port": 21}]}
OFF = [{"name": "default", "sip": {"status": "disable"}}, {"name": "off", "sip": {"status": "disable"}}]
PLAIN = policy(1, "voice", "wan1", "all", "all")
PROFILED = {**PLAIN, "utm-status": "enable", "voip-profile": "strict"}

# settings, session helpers, VoIP profiles, policy, what touches SIP. Fortinet 211669, DOC 147933, help 5.2.
STATES: list[tuple[Row, Row, list[Row], Row | None, str]] = [
    ({}, HELPER, [], PLAIN, "alg:default"),  # proxy-based is the default
    (PROXY, HELPER, [], PLAIN, "alg:default"),
    (PROXY, NO_HELPER, [], PLAIN, "alg:default"),
    (PROXY, HELPER, OFF, PLAIN, "helper"),
    (PROXY, NO_HELPER, OFF, PLAIN, "none"),
    (PROXY, NO_HELPER, OFF, PROFILED, "alg:strict"),
    (KERNEL, NO_HELPER, [], PROFILED, "alg:strict"),
    (KERNEL, HELPER, [], {**PROFILED, "voip-profile": "off"}, "alg:off"),  # no such profile stored: on, as shipped
    (KERNEL, HELPER, OFF, {**PROFILED, "voip-profile": "off"}, "helper"),
    (KERNEL, NO_HELPER, OFF, {**PROFILED, "voip-profile": "off"}, "none"),
    (KERNEL, NO_HELPER, [], {**PLAIN, "ips-voip-filter": "strict"}, "alg:strict"),
    (KERNEL, NO_HELPER, [], {**PROFILED, "profile-type": "group", "profile-group": "staff"}, "alg:grouped"),
    (KERNEL, HELPER, [], PLAIN, "helper"),
    (KERNEL, MOVED_HELPER, [], PLAIN, "helper"),
    (KERNEL, NO_HELPER, [], PLAIN, "none"),
    (KERNEL, {}, [], None, "none"),
    (KERNEL, NO_HELPER, [], {**PLAIN, "service": refs("helped")}, "helper"),
    (KERNEL, NO_HELPER, [], {**PLAIN, "service": refs("helped group")}, "helper"),
]


@pytest.mark.parametrize(("settings", "helpers", "profiles", "row", "expected"), STATES)
def test_sip_state(settings: Row, helpers: Row, profiles: list[Row], row: Row | None, expected: str) -> None:
    config = site([row] if row else [], settings=settings, unit=helpers, voip__profile=profiles)
    tables = config["vdom"]["root"]
    tables["firewall/profile-group"] = [{"name": "staff", "voip-profile": "grouped"}]
    tables["firewall.service/custom"] = [{"name": "helped", "udp-portrange": "5060", "helper": "sip"}]
    tables["firewall.service/group"] = [{"name": "helped group", "member": refs("helped")}]
    assert sip_alg_state(config, "root", row["policyid"] if row else None) == expected


def test_policies_by_name_and_unheard_of_ones() -> None:
    config = site([{**PROFILED, "name": "voip"}])
    assert sip_alg_state(config, "root", "voip") == sip_alg_state(config, "root", 1) == "alg:strict"
    with pytest.raises(ValueError, match="VDOM root has no policy 7"):
        sip_alg_state(config, "root", 7)


SHAPERS: list[Row] = [
    {"name": "plain"}, {"name": "marks", "diffserv": "enable", "diffservcode": "011000"},
    {"name": "stages", "diffserv": "enable", "diffservcode": "011000", "dscp-marking-method": "multi-stage"},
]


def shaping(number: int, service: str = "ALL", **fields: Any) -> Row:
    """A shaping policy towards wan1 that marks EF."""
    row: Row = {"id": number, "dstintf": refs("wan1"), "srcaddr": refs("all"), "dstaddr": refs("all"),
                "service": refs(service), "diffserv-forward": "enable", "diffservcode-forward": "101110"}
    row.update({name.replace("_", "-"): value for name, value in fields.items()})
    return row


MARKED = {**PLAIN, "diffserv-forward": "enable", "diffservcode-forward": "001010"}

# policy, shaping policies, DSCP and shaper on leaving for a packet that came with DSCP 8 (DOC 813032: the shaper
# overrides the shaping policy, which overrides the policy).
MARKS: list[tuple[Row, list[Row], int | None, str]] = [
    (PLAIN, [], 8, ""),
    (MARKED, [], 10, ""),
    ({**MARKED, "diffserv-forward": "disable"}, [], 8, ""),
    (MARKED, [shaping(1)], 46, ""),
    (MARKED, [shaping(1, status="disable")], 10, ""),
    (MARKED, [shaping(1, "SMTP"), shaping(2, diffservcode_forward="011000")], 24, ""),
    (MARKED, [shaping(1), shaping(2, diffservcode_forward="011000")], 46, ""),
    (MARKED, [shaping(1, diffserv_forward="disable")], 10, ""),
    (MARKED, [shaping(1, dstintf=refs("dmz"))], 10, ""),
    (MARKED, [shaping(1, srcintf=refs("voice"))], 46, ""),
    (MARKED, [shaping(1, srcintf=refs("lan"))], 10, ""),
    (MARKED, [shaping(1, traffic_type="local-out")], 10, ""),
    (MARKED, [shaping(1, ip_version="6", srcaddr6=refs("all"), dstaddr6=refs("all"))], 10, ""),
    (MARKED, [shaping(1, traffic_shaper="plain")], 46, "plain"),
    (MARKED, [shaping(1, traffic_shaper="marks")], 24, "marks"),
    ({**MARKED, "traffic-shaper": "marks"}, [], 24, "marks"),
    ({**MARKED, "traffic-shaper": "marks"}, [shaping(1, traffic_shaper="plain")], 46, "plain"),
    (MARKED, [shaping(1, traffic_shaper="stages")], None, "stages"),
    (MARKED, [shaping(1, users=refs("anna"))], None, ""),
    (MARKED, [shaping(1, users=refs("anna")), shaping(2)], 46, ""),
    (MARKED, [shaping(1, dstaddr=refs("provider"))], 46, ""),
    (MARKED, [shaping(1, dstaddr=refs("server"))], 10, ""),
    ({**PLAIN, "action": "deny"}, [shaping(1)], None, ""),
]


@pytest.mark.parametrize(("row", "shapings", "dscp", "shaper"), MARKS)
def test_marking(row: Row, shapings: list[Row], dscp: int | None, shaper: str) -> None:
    config = site([row], firewall__shaping_policy=shapings)
    config["vdom"]["root"]["firewall.shaper/traffic-shaper"] = SHAPERS
    packet = outbound(target=PROVIDER, dscp=8)
    assert marking(config, packet) == dscp
    assert passes(config, packet).shaper == shaper


def test_marking_of_ipv6() -> None:
    row = shaping(1, ip_version="6", srcaddr6=refs("all"), dstaddr6=refs("all"))
    config = site([policy6(1, "voice", "wan1", "all", "all")], firewall__shaping_policy=[row])
    assert marking(config, outbound(PHONE_6, PROVIDER_6)) == 46


def test_a_translated_packet_is_marked_where_both_addresses_agree() -> None:
    """Which of the two addresses a shaping policy is compared with is not documented."""
    for names, expected in (("all", 46), ("server", None), ("server outside", 46), ("provider", 0)):
        row = shaping(1, dstaddr=refs(*names.split()), dstintf=refs("dmz"))
        config = site([policy(1, "wan1", "dmz", "all", "pbx")], firewall__vip=[vip()], firewall__shaping_policy=[row])
        assert marking(config, inbound()) == expected
