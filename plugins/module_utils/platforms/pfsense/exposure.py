# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules, forwards and helpers of others that let SIP, RTP or the phones' web interface in from where it should not
come.

What cannot be resolved counts as everything: an unknown alias of ports carries SIP, an unknown source is anybody.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from ...document.model import Document, Row, TableId
from ...findings import Finding
from ...policy.model import Network, PortRange, Protocol, SitePolicy
from . import names, reader
from .details import Details
from .ownership import bears_mark
from .tables import FLOATING, FORWARDS, MATCH, RULES, RUNNING, table
from .traffic import EVERY_PORT, may_reach, networks_of, ports_of, protocols_of, within

_WEB = tuple(PortRange(port, port) for port in (80, 443, 8080, 8443))
"""Ports that phones serve their web interface on."""
Ports = dict[Protocol, tuple[PortRange, ...]]


@dataclass(frozen=True, slots=True)
class _Guarded:
    control: str
    what: str
    ports: Ports
    allowed: tuple[Network, ...]
    blocked_by: tuple[str, ...]
    only_voice: bool = False


def _guarded(policy: SitePolicy) -> tuple[_Guarded, ...]:
    provider = policy.provider
    sip = (names.BLOCK_SIP_IN, names.BLOCK_CLOSED_IN)
    return (
        _Guarded("FW-1", "SIP", policy.guarded_sip_ports, provider.signalling, sip),
        _Guarded("FW-2", "RTP", {"tcp": (), "udp": provider.rtp_ports}, provider.media, (names.BLOCK_RTP_IN,)),
        _Guarded("WEB-1", "the phones' web interface", {"tcp": _WEB, "udp": ()}, (), (names.VOICE_DENY_IN,), True),
    )


def exposing_rows(
    policy: SitePolicy, document: Document, details: Details, wan: Sequence[str]
) -> Iterator[tuple[TableId, str]]:
    """The rules of others that let SIP or RTP in from beyond the provider's networks. Those that a forward keeps
    (`associated-rule-id`) are left out: they cannot be edited apart from it."""
    for where, row, guarded in _exposing(policy, document, details, wan):
        if not guarded.only_voice and not row["linked"]:
            yield where, row["tracker"]


def _exposing(
    policy: SitePolicy, document: Document, details: Details, wan: Sequence[str]
) -> Iterator[tuple[TableId, Row, _Guarded]]:
    for where, row in document.every(RULES):
        if where.scope == MATCH or row["disabled"] or row["type"] != "pass" or bears_mark(RULES, row):
            continue
        if not _from_outside(where.scope, row, details, wan):
            continue
        for guarded in _guarded(policy):
            if guarded.only_voice and not _reaches_phones(row, policy, document):
                continue
            limited = not row["source_not"] and within(networks_of(row["source"], document), guarded.allowed)
            if not limited and _carries(row["protocol"], row["destination_port"], guarded.ports, document):
                yield where, row, guarded


def _from_outside(scope: str, row: Row, details: Details, wan: Sequence[str]) -> bool:
    """Whether packets from the internet come by this rule on their way in."""
    if scope == FLOATING:
        if row["direction"] == "out":
            return False
        named = set(row["interface"]) or {"any"}
        return bool("any" in named or named & {*wan, *_groups_of(wan, details)})
    return scope in wan or scope in _groups_of(wan, details)


def _groups_of(wan: Sequence[str], details: Details) -> set[str]:
    return {name for name, members in details.groups.items() if set(members) & set(wan)}


def _carries(protocol: str, ports: str, guarded: Ports, document: Document) -> bool:
    # Without a protocol there are no ports either, whatever is given (inc/filter.inc `filter_generate_port`).
    spans = None if protocol == "any" else ports_of(ports, document)
    return any(
        span.overlaps(port)
        for name in protocols_of(protocol)
        for span in (EVERY_PORT if spans is None else spans)
        for port in guarded.get(name, ())  # type: ignore[call-overload]
    )


def _reaches_phones(row: Row, policy: SitePolicy, document: Document) -> bool:
    vlan = policy.voice_vlan
    if vlan is None or row["destination"].startswith("net:"):
        return False
    if row["destination"] == "any" or row["destination_not"]:
        return True
    return may_reach(networks_of(row["destination"], document), vlan.subnet)


def findings(policy: SitePolicy, document: Document, details: Details, wan: Sequence[str]) -> list[Finding]:
    """One finding for each rule, forward, translation and helper of others, and each thing that it exposes."""
    standing = _standing_blocks(document)
    found = []
    for where, row, guarded in _exposing(policy, document, details, wan):
        subject = f"{RULES} {where.scope} {row['tracker']} {row['descr']}".strip()
        found.append(_finding(guarded, subject, standing, "Remove the rule, or limit its source and ports"))
    found += _of_forwards(policy, document, {*wan, *_groups_of(wan, details)}, standing)
    found += _of_translations(details, standing)
    found += _of_helpers(details)
    found += _in_the_way(policy, document, wan)
    return found


def _finding(guarded: _Guarded, subject: str, standing: frozenset[str], advice: str) -> Finding:
    evidence = f"lets {guarded.what} in from outside the provider's networks"
    held = _is_held(guarded.blocked_by, standing)
    if held:
        evidence += f"; the rules {' and '.join(guarded.blocked_by)} before it keep that from happening"
    severity = "low" if held else "high" if guarded.only_voice else "critical"
    return Finding(guarded.control, severity, subject, evidence, advice)


def _is_held(needed: Sequence[str], standing: frozenset[str]) -> bool:
    return all(any(name.startswith(one) for name in standing) for one in needed)


def _of_forwards(
    policy: SitePolicy, document: Document, facing: Container[str], standing: frozenset[str]
) -> list[Finding]:
    found = []
    for row in document.rows(table(FORWARDS)):
        if row["interface"] not in facing or row["disabled"] or row["nordr"] or bears_mark(FORWARDS, row):
            continue
        subject = f"{FORWARDS} {row['descr'] or row['key']} to {row['target']}".strip()
        for guarded in _guarded(policy):
            if not row["source_not"] and within(networks_of(row["source"], document), guarded.allowed):
                continue
            outside = _carries(row["protocol"], row["destination_port"], guarded.ports, document)
            inside = _carries(row["protocol"], row["port"] or row["destination_port"], guarded.ports, document)
            if guarded.only_voice:
                vlan = policy.voice_vlan
                if vlan is None or not inside or not may_reach(networks_of(row["target"], document), vlan.subnet):
                    continue
            elif not (outside or inside):
                continue
            # Filters see the inside port, so that only a forward to a guarded port is held; and one with `pass` is
            # let in without any rule being asked (filter.inc: `rdr pass`).
            held = standing if inside and row["linked"] != "pass" else frozenset()
            found.append(_finding(guarded, subject, held, "Remove it, or limit its source"))
    return found


def _of_translations(details: Details, standing: frozenset[str]) -> list[Finding]:
    found = []
    path = "nat/onetoone"
    for raw in reader.entries(details.config.get(path), path):
        if reader.switch(raw, "disabled"):
            continue
        held = _is_held((names.BLOCK_SIP_IN, names.BLOCK_CLOSED_IN, names.BLOCK_RTP_IN), standing)
        subject = f"{path} {reader.text(raw, 'external', path)} {reader.text(raw, 'descr', path)}".strip()
        evidence = "translates an outside address to a host inside, for every port"
        if held:
            evidence += "; SIP and RTP of strangers are blocked by our rules"
        advice = "See that rules let in only what is meant"
        found.append(Finding("FW-1", "low" if held else "medium", subject, evidence, advice))
    return found


def _of_helpers(details: Details) -> list[Finding]:
    path = "installedpackages/miniupnpd/config/0/enable"
    if reader.text(details.config, path, "miniupnpd") != "on":
        return []
    evidence = "UPnP is on: hosts inside may open ports to the internet by themselves"
    return [Finding("FW-1", "medium", "miniupnpd", evidence, "Switch it off (Services, UPnP & NAT-PMP)")]


def _in_the_way(policy: SitePolicy, document: Document, wan: Sequence[str]) -> list[Finding]:
    """Floating rules of others that block the provider on the way out, where no rule of ours comes before."""
    used: Ports = {"tcp": policy.allowed_sip_ports["tcp"], "udp": policy.allowed_sip_ports["udp"]}
    used["udp"] = (*used["udp"], *policy.provider.rtp_ports)
    networks = [*policy.provider.signalling, *policy.provider.media]
    found = []
    for row in document.rows(table(RULES, FLOATING)):
        if row["disabled"] or row["type"] not in ("block", "reject") or bears_mark(RULES, row):
            continue
        if row["direction"] == "in" or not set(row["interface"] or wan) & {*wan, "any"}:
            continue
        towards = row["destination"] in ("any", reader.UNKNOWN) or row["destination_not"]
        reached = None if towards else networks_of(row["destination"], document)
        meant = any(may_reach(reached, network) for network in networks)
        if meant and _carries(row["protocol"], row["destination_port"], used, document):
            subject = f"{RULES} {FLOATING} {row['tracker']} {row['descr']}".strip()
            evidence = "may block what goes out to the provider"
            found.append(Finding("FW-1", "medium", subject, evidence, "Limit the rule to what it is meant for"))
    return found


def _standing_blocks(document: Document) -> frozenset[str]:
    """Our block rules that are in force."""
    missing = document.singleton(table(RUNNING))["missing"]
    return frozenset(
        str(row["descr"])
        for row in document.rows(table(RULES, FLOATING))
        if bears_mark(RULES, row) and not row["disabled"] and row["type"] == "block" and row["descr"] not in missing
    )
