# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and forwards of others that let SIP, RTP or the phones' web interface in from where it should not come.

What cannot be resolved counts as everything: an unknown service carries SIP, an unknown source is anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, summarize_address_range

from ...document.model import Document, Row
from ...findings import Finding
from ...policy.model import PortRange, Protocol, SitePolicy
from . import names
from .ownership import bears_mark
from .reader.nat import Forward
from .reader.rules import ANY
from .tables import FILTER, GROUPS, OBJECTS, RULES, SERVICE_GROUPS, SERVICES, SETS, table

_WEB = tuple(PortRange(port, port) for port in (80, 443, 8080, 8443))
"""Ports that phones serve their web interface on."""
_INWARDS = 1
Ports = dict[Protocol, tuple[PortRange, ...]]
_EVERYTHING: Ports = {"tcp": (PortRange(0, 65535),), "udp": (PortRange(0, 65535),)}
_PROTOCOLS: dict[int, tuple[Protocol, ...]] = {0: ("tcp", "udp"), 6: ("tcp",), 17: ("udp",), 255: ("tcp", "udp")}


@dataclass(frozen=True, slots=True)
class _Guarded:
    control: str
    what: str
    ports: Ports
    allowed: tuple[IPv4Network, ...]
    blocked_by: str


def _guarded(policy: SitePolicy) -> tuple[_Guarded, ...]:
    provider = policy.provider
    signalling = tuple(n for n in provider.signalling if isinstance(n, IPv4Network))
    media = tuple(n for n in provider.media if isinstance(n, IPv4Network))
    return (
        _Guarded("FW-1", "SIP", policy.guarded_sip_ports, signalling, names.BLOCK_SIP_IN),
        _Guarded("FW-2", "RTP", {"tcp": (), "udp": provider.rtp_ports}, media, names.BLOCK_RTP_IN),
    )


def exposing_rules(policy: SitePolicy, document: Document) -> Iterator[Row]:
    """The rules of others that let SIP or RTP in from beyond the provider's networks."""
    for row in document.rows(table(RULES)):
        if any(_exposes(row, guarded, document) for guarded in _guarded(policy)):
            yield row


def findings(policy: SitePolicy, document: Document, forwards: Sequence[Forward], armed: bool = False) -> list[Finding]:
    """One finding for each rule and each forward of others, and each thing that it exposes.

    `armed`: our block rules are bound to a schedule until they are proved.
    """
    standing = _standing_blocks(document, armed)
    found = []
    for row in document.rows(table(RULES)):
        for guarded in _guarded(policy):
            if _exposes(row, guarded, document):
                subject = f"{RULES} {row['id']} {row['name']}".strip()
                found.append(_finding(guarded, subject, standing, "Remove the rule, or limit its source and service"))
    for forward in forwards:
        for guarded in _guarded(policy):
            if _carries(forward, guarded.ports):
                subject = f"{forward.kind} {forward.index} to {forward.inside}"
                held = standing if _is_held(forward, guarded.ports) else frozenset()
                found.append(_finding(guarded, subject, held, "Remove it, or limit its source"))
        found += _web_finding(policy, forward, standing)
    return found


def _finding(guarded: _Guarded, subject: str, standing: frozenset[str], advice: str) -> Finding:
    evidence = f"lets {guarded.what} in from outside the provider's networks"
    if guarded.blocked_by in standing:
        evidence += f"; the rule {guarded.blocked_by} before it keeps that from happening"
    severity = "low" if guarded.blocked_by in standing else "critical"
    return Finding(guarded.control, severity, subject, evidence, advice)


def _web_finding(policy: SitePolicy, forward: Forward, standing: frozenset[str]) -> list[Finding]:
    vlan = policy.voice_vlan
    if vlan is None or forward.inside not in vlan.subnet:
        return []
    inner = PortRange(*forward.mapped)
    if "tcp" not in forward.protocols or not any(inner.overlaps(port) for port in _WEB):
        return []
    hidden = names.VOICE_DENY_IN in standing
    evidence = "lets the phones' web interface in from outside"
    if hidden:
        evidence += f"; the rule {names.VOICE_DENY_IN} before it keeps that from happening"
    subject = f"{forward.kind} {forward.index} to {forward.inside}"
    return [Finding("WEB-1", "low" if hidden else "high", subject, evidence, "Remove it")]


def _carries(forward: Forward, ports: Ports) -> bool:
    """Whether a forward takes one of these ports in, by its outside or by its inside number."""
    spans = (PortRange(*forward.outside), PortRange(*forward.mapped))
    return any(
        span.overlaps(port)
        for protocol in forward.protocols
        for span in spans
        for port in ports.get(protocol, ())  # type: ignore[call-overload]
    )


def _is_held(forward: Forward, ports: Ports) -> bool:
    """Whether a rule that blocks these ports holds a forward up, be it that the rule sees the outside port or the
    inside one: newer releases are documented to show rules the inside, of older ones nothing is."""
    return forward.outside == forward.mapped or all(
        any(port.first <= first and last <= port.last for port in ports.get(protocol, ()))  # type: ignore[call-overload]
        for protocol in forward.protocols
        for first, last in (forward.outside, forward.mapped)
    )


def _exposes(row: Row, guarded: _Guarded, document: Document) -> bool:
    if bears_mark(RULES, row) or not row["enabled"] or not str(row["action"]).startswith("pass"):
        return False
    if row["direction"] != _INWARDS:
        return False
    ports = service_ports(row["service"], document)
    touched = any(
        ports_range.overlaps(port)
        for protocol, ranges in ports.items()
        for ports_range in ranges
        for port in guarded.ports.get(protocol, ())
    )
    return touched and not _limited(row["source"], guarded.allowed, document)


def _standing_blocks(document: Document, armed: bool) -> frozenset[str]:
    """Our block rules that are in force: switched on, in a set that the data filter comes by, bound to no schedule
    that may have run out."""
    following = {str(row["id"]): str(row["next"]) for row in document.rows(table(SETS))}
    reached: set[str] = set()
    now = str(document.singleton(table(FILTER))["data"])
    while now and now not in reached:
        reached.add(now)
        now = following.get(now, "")
    return frozenset(
        str(row["name"])
        for row in document.rows(table(RULES))
        if bears_mark(RULES, row)
        and row["enabled"]
        and row["action"] == "block"
        and row["set"] in reached
        and (armed or not any(row["schedules"]))
    )


def service_ports(service: Sequence[str], document: Document) -> Ports:
    """The destination ports that the service side of a rule stands for."""
    merged: Ports = {"tcp": (), "udp": ()}
    keys = _members(service, document, SERVICE_GROUPS)
    if not keys:
        return _EVERYTHING  # what a group stands for that is empty, no source says
    for key in keys:
        row = document.find(table(SERVICES), key)
        if row is None:
            return _EVERYTHING
        for protocol in _PROTOCOLS.get(row["protocol"], ()):
            merged[protocol] += _spans(*row["destination"])
    return merged


def _spans(check: int, first: int, last: int) -> tuple[PortRange, ...]:
    """The ports that a check (0 =, 1 !=, 2 >, 3 <) lets through; whether the limit itself counts is not documented."""
    if check == 0:
        return (PortRange(min(first, last), max(first, last)),)
    if check == 1:
        return (PortRange(0, max(first - 1, 0)), PortRange(min(last + 1, 65535), 65535))
    return (PortRange(first, 65535),) if check == 2 else (PortRange(0, first),)


def _members(side: Sequence[str], document: Document, groups: str) -> tuple[str, ...]:
    """The keys of the objects that a side names, those of groups among them."""
    found: list[str] = []
    for key in side:
        group = document.find(table(groups), key)
        found += group["member"] if group is not None else [key]
    return tuple(found)


def _limited(side: Sequence[str], allowed: Sequence[IPv4Network], document: Document) -> bool:
    """Whether every address that a side stands for lies in the allowed networks."""
    if tuple(side) == ANY:
        return False
    keys = _members(side, document, GROUPS)
    for key in keys:
        networks = _networks(key, document)
        if not networks or not all(any(one.subnet_of(outer) for outer in allowed) for one in networks):
            return False
    return bool(keys)


def _networks(key: str, document: Document) -> list[IPv4Network]:
    """What an object or an address in a rule stands for; nothing where it is not known for certain."""
    row = document.find(table(OBJECTS), key)
    try:
        if row is not None:
            return _object_networks(row)
        first, dash, last = key.partition(" - ")
        if dash:
            return list(summarize_address_range(IPv4Address(first), IPv4Address(last)))
        return [IPv4Network(key, strict=False)]
    except ValueError:
        return []


def _object_networks(row: Row) -> list[IPv4Network]:
    if row["invert"]:
        return []
    if row["type"] == "single":
        return [IPv4Network(row["start"])]
    if row["type"] == "mask":
        return [IPv4Network((row["start"], row["end"]), strict=False)]
    if row["type"] == "range":
        return list(summarize_address_range(IPv4Address(row["start"]), IPv4Address(row["end"])))
    return []
