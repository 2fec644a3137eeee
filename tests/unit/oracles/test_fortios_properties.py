"""What must hold for every FortiOS configuration, on generated ones."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.fortios import Packet, passes
from tests.unit.oracles.samples import ADDRESSES, EXTERNAL, GROUPS, SERVICES, Row, policy, refs, site, vip

VERSIONS = st.sampled_from(["7.0.12", "7.2.0", "7.2.3", "7.2.4", "7.4.4", "7.6.4"])
ENDS = st.sampled_from(["wan1", "voice", "dmz", "lan", "any", "wan1 dmz", "inside"])
PLAIN = ["all", "none", "provider", "voice-net", "server", "outside", "range", "by-name", "country", "outer", "without",
         "maybe", "all-but-maybe"]
SOURCES = st.lists(st.sampled_from(PLAIN), min_size=1, max_size=2, unique=True)
TARGETS = st.lists(st.sampled_from([*PLAIN, "pbx", "pbx2", "both"]), min_size=1, max_size=2, unique=True)
WANTED = st.lists(
    st.sampled_from(["ALL", "SIP", "RTP", "voice", "app", "SMTP", "from-high"]), min_size=1, max_size=2, unique=True
)
SWITCH = st.sampled_from(["disable", "disable", "enable"])
VIPS = [
    vip("pbx", extip="198.51.100.2", portforward="enable", protocol="udp", extport="5060", mappedport="5070"),
    vip("pbx2", src_filter=[{"range": "203.0.113.0/25"}]),
]
MORE: dict[str, Any] = {
    "firewall__vip": VIPS, "firewall__vipgrp": [{"name": "both", "member": refs("pbx", "pbx2")}],
    "system__zone": [{"name": "inside", "interface": [{"interface-name": "lan"}]}],
}


@st.composite
def policies(draw: st.DrawFn, targets: st.SearchStrategy[list[str]] = TARGETS) -> Row:
    """A policy between anything, with everything that may be unknown."""
    return policy(
        0, draw(ENDS), draw(ENDS), " ".join(draw(SOURCES)), " ".join(draw(targets)), " ".join(draw(WANTED)),
        draw(st.sampled_from(["accept", "deny"])), srcaddr_negate=draw(SWITCH), dstaddr_negate=draw(SWITCH),
        service_negate=draw(SWITCH), schedule=draw(st.sampled_from(["always", "always", "none", "office"])),
        status=draw(st.sampled_from(["enable", "enable", "enable", "disable"])),
        **draw(st.sampled_from([{}, {"match_vip": "enable"}, {"match_vip": "disable"}])),
    )


TABLES = st.lists(policies(), max_size=6)
PACKETS = st.builds(
    Packet,
    ingress=st.sampled_from(["wan1", "voice", "lan", "dmz"]),
    source=st.sampled_from(["203.0.113.10", "203.0.113.200", "10.40.0.50", "10.0.0.20", "10.10.10.25"]),
    destination=st.sampled_from(
        ["203.0.113.10", "203.0.113.200", "10.40.0.50", "10.10.10.25", EXTERNAL, "198.51.100.2"]
    ),
    protocol=st.sampled_from(["udp", "tcp"]),
    destination_port=st.sampled_from([5060, 5070, 12000, 25]),
)


def configured(rows: list[Row], version: str, **tables: Any) -> dict[str, Any]:
    """The made-up site with these policies, numbered in order."""
    return site([{**row, "policyid": number} for number, row in enumerate(rows, 1)], version=version, **MORE, **tables)


@given(TABLES, VERSIONS, PACKETS, policies(), st.integers(0, 6))
def test_a_disabled_policy_changes_nothing(
    rows: list[Row], version: str, packet: Packet, idle: Row, place: int
) -> None:
    more = [*rows[:place], {**idle, "status": "disable"}, *rows[place:]]
    assert passes(configured(more, version), packet).allowed is passes(configured(rows, version), packet).allowed


@given(TABLES.filter(bool), VERSIONS, PACKETS, st.data())
def test_taking_a_deny_away_shuts_nothing_out(
    rows: list[Row], version: str, packet: Packet, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    rows[place] = {**rows[place], "action": "deny"}
    before = passes(configured(rows, version), packet).allowed
    if before is True:
        assert passes(configured(rows[:place] + rows[place + 1:], version), packet).allowed is True


@given(TABLES, VERSIONS, PACKETS, policies(st.just(["all"])))
def test_an_accept_at_the_end_shuts_nothing_out(rows: list[Row], version: str, packet: Packet, last: Row) -> None:
    if passes(configured(rows, version), packet).allowed is True:
        more = [*rows, {**last, "action": "accept"}]
        assert passes(configured(more, version), packet).allowed is True


@given(TABLES, VERSIONS, PACKETS)
def test_a_deny_for_everything_at_the_end_is_what_happens_anyway(
    rows: list[Row], version: str, packet: Packet
) -> None:
    """Policy 0 is that deny; without an open zone nothing comes between."""
    more = [*rows, policy(0, "any", "any", "all", "all", action="deny", match_vip="enable")]
    assert passes(configured(more, version), packet).allowed is passes(configured(rows, version), packet).allowed


@given(TABLES, VERSIONS, PACKETS, st.sampled_from(PLAIN))
def test_everything_but_everything_but_a_name_is_that_name(
    rows: list[Row], version: str, packet: Packet, name: str
) -> None:
    """Negated twice by exclusion; and once by exclusion is what the negate switch says."""
    but = {"exclude": "enable", "member": refs("all")}
    groups = [*GROUPS, {"name": "not", **but, "exclude-member": refs(name)},
              {"name": "not-not", **but, "exclude-member": refs("not")}]
    sides = ("srcaddr", "srcaddr-negate")

    def verdict(wanted: str, negate: str) -> bool | None:
        first = {**policy(0, "any", "any", "all", "all"), sides[0]: refs(wanted), sides[1]: negate}
        return passes(configured([first, *rows], version, firewall__addrgrp=groups), packet).allowed

    assert verdict("not-not", "disable") is verdict(name, "disable")
    assert verdict("not", "disable") is verdict(name, "enable")
    assert verdict("not", "enable") is verdict(name, "disable")


@given(TABLES.filter(bool), VERSIONS, PACKETS, st.data())
def test_a_policy_for_two_is_two_policies(rows: list[Row], version: str, packet: Packet, data: st.DataObject) -> None:
    """Lists are alternatives: one policy each, one after the other, does the same."""
    place = data.draw(st.integers(0, len(rows) - 1))
    field, negate = data.draw(st.sampled_from([("srcaddr", "srcaddr-negate"), ("service", "service-negate")]))
    row = {**rows[place], negate: "disable"}
    split = [{**row, field: [member]} for member in row[field]]
    together = configured([*rows[:place], row, *rows[place + 1:]], version)
    apart = configured([*rows[:place], *split, *rows[place + 1:]], version)
    assert passes(apart, packet).allowed is passes(together, packet).allowed


SETTLED = st.sampled_from(["0.0.0.0 0.0.0.0", "0.0.0.0 255.255.255.255", "203.0.113.0 255.255.255.128", "10.40.0.0/24"])


@settings(max_examples=400)
@given(TABLES, VERSIONS, PACKETS, SETTLED, SETTLED, st.sampled_from(["", "5060", "1-65535"]), st.booleans(),
       st.sampled_from(["enable", "disable"]))
def test_whatever_the_unknown_turns_out_to_be_a_definite_verdict_stands(
    rows: list[Row], version: str, packet: Packet, by_name: str, country: str, ports: str, office: bool, match_vip: str,
) -> None:
    """Names, applications, office hours and an unset match-vip are settled in some way: no definite verdict changes."""
    settled = {"by-name": by_name, "country": country}
    addresses = [
        {"name": row["name"], "subnet": settled[row["name"]]} if row["name"] in settled else row for row in ADDRESSES
    ]
    services = [{"name": "app", "udp-portrange": ports, "tcp-portrange": ports} if row["name"] == "app" else row
                for row in SERVICES]
    answered = copy.deepcopy(rows)
    for row in answered:
        if row["schedule"] == "office":
            row["schedule"] = "always" if office else "none"
        if version == "7.2.3":
            row.setdefault("match-vip", match_vip)
    known = passes(configured(rows, version), packet).allowed
    really = passes(
        configured(answered, version, firewall__address=addresses, **{"firewall.service__custom": services}), packet
    ).allowed
    if known is not None:
        assert really is known
