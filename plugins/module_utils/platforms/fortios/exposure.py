# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of others that let SIP, RTP or the phones' web interface in from where it should not come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_interface, ip_network

from ...document.model import Document, Row, TableId
from ...findings import Finding
from ...policy.model import PortRange, Protocol, SitePolicy
from .names import BLOCK, VOICE_DENY_IN
from .ownership import bears_mark
from .tables import GLOBAL
from .traffic import Networks, Ports, address_networks, policy_ports, span_of, touched

_WEB: Ports = {"tcp": tuple(PortRange(port, port) for port in (80, 443, 8080, 8443)), "udp": ()}
"""Ports that phones serve their web interface on."""


@dataclass(frozen=True, slots=True)
class _Guarded:
    control: str
    what: str
    ports: Ports
    allowed: Networks
    only_voice: bool
    shadowed_by: tuple[str, ...]


def _guarded(policy: SitePolicy) -> tuple[_Guarded, ...]:
    provider = policy.provider
    sip = f"{BLOCK}sip-in"
    return (
        _Guarded("FW-1", "SIP", policy.guarded_sip_ports, provider.signalling, False, (sip, f"{BLOCK}sip-closed-in")),
        _Guarded("FW-2", "RTP", {"tcp": (), "udp": provider.rtp_ports}, provider.media, False, (f"{BLOCK}rtp-in",)),
        _Guarded("WEB-1", "the phones' web interface", _WEB, (), True, (VOICE_DENY_IN,)),
    )


def exposing_rules(policy: SitePolicy, document: Document, vdom: str, wan: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """(path, row) of the rules of others that let SIP or RTP in from beyond the provider's networks."""
    for path, row, guarded, _ports in _exposures(policy, document, vdom, wan):
        if not guarded.only_voice:
            yield path, row


def findings(policy: SitePolicy, document: Document, vdom: str, wan: Sequence[str]) -> list[Finding]:
    """One finding for each rule of others and each thing that it exposes."""
    found = []
    for path, row, guarded, ports in _exposures(policy, document, vdom, wan):
        shown = ", ".join(f"{protocol}/{span}" for protocol, span in ports)
        hidden = path == "firewall/policy" and _blocks_stand(document, vdom, row, guarded.shadowed_by)
        evidence = f"lets {guarded.what} ({shown}) in from outside the provider's networks"
        advice = "Remove the rule, or limit its source and services"
        if hidden:
            evidence += f"; the rules {' and '.join(guarded.shadowed_by)} before it keep that from happening"
        elif path == "firewall/policy":
            advice += "; the voip.hardening rules will shadow it"
        severity = "low" if hidden else "high" if guarded.only_voice else "critical"
        found.append(
            Finding(
                guarded.control, severity, f"{path} {row['policyid']} {row.get('name', '')}".strip(), evidence, advice
            )
        )
    return found


def _exposures(
    policy: SitePolicy, document: Document, vdom: str, wan: Sequence[str]
) -> Iterator[tuple[str, Row, _Guarded, tuple[tuple[str, PortRange], ...]]]:
    # What nobody knows may be outside, so it is told apart by what is known to be inside.
    inside = _known_interfaces(document, vdom) - {*wan, *_zones_of(wan, document, vdom)}
    way_out = {*wan, *_zones_within(wan, document, vdom)}
    for row in document.rows(TableId(vdom, "firewall/policy")):
        if bears_mark("firewall/policy", row) or row["status"] != "enable" or row["action"] == "deny":
            continue
        # A rule that leads nowhere but out again is how the site reaches the internet, from whatever interface.
        if inside.issuperset(row["srcintf"]) or way_out.issuperset(row["dstintf"]):
            continue
        for guarded in _guarded(policy):
            if not guarded.only_voice or _reaches_voice(row, policy, document, vdom):
                ports = touched(_reached_ports(row, document, vdom), guarded.ports)
                if ports and not _limited(row, guarded.allowed, document, vdom):
                    yield "firewall/policy", row, guarded, ports
    for path, family in (("firewall/local-in-policy", 4), ("firewall/local-in-policy6", 6)):
        for row in document.rows(TableId(vdom, path)):
            if (
                bears_mark(path, row)
                or row["status"] != "enable"
                or row["action"] != "accept"
                or inside.issuperset(row["intf"])
            ):
                continue
            for guarded in _guarded(policy):
                ports = touched(policy_ports(row, document, vdom), guarded.ports)
                networks = address_networks(row["srcaddr"], document, vdom, family)
                if (
                    ports
                    and not guarded.only_voice
                    and (row["srcaddr-negate"] == "enable" or not _inside(networks, guarded.allowed))
                ):
                    yield path, row, guarded, ports


def _reached_ports(row: Row, document: Document, vdom: str) -> Ports:
    """The ports a policy opens; where all destinations are port forwards, only those that are forwarded."""
    ports = policy_ports(row, document, vdom)
    forwards, others = _destinations(row, document, vdom)
    if not forwards or others or any(vip["portforward"] != "enable" for vip in forwards):
        return ports
    opened: dict[Protocol, list[PortRange]] = {"tcp": [], "udp": []}
    for vip in forwards:
        if vip["protocol"] in opened:
            opened[vip["protocol"]] += [span_of(vip["extport"]), span_of(vip["mappedport"])]
    return {protocol: tuple(ranges) for protocol, ranges in opened.items() if ports[protocol]}


def _destinations(row: Row, document: Document, vdom: str) -> tuple[list[Row], list[str]]:
    """The virtual IPs that a policy leads to, and the names of its other destinations.

    A virtual IP that is switched off is among the others: it redirects nothing, and its name is no address.
    """
    forwards: list[Row] = []
    others: list[str] = []
    for name in row["dstaddr"]:
        group = document.find(TableId(vdom, "firewall/vipgrp"), name)
        for member in group["member"] if group else (name,):
            vip = document.find(TableId(vdom, "firewall/vip"), member)
            if vip is not None and vip["status"] == "enable":
                forwards.append(vip)
            else:
                others.append(member)
    return forwards, others


def _limited(row: Row, allowed: Networks, document: Document, vdom: str) -> bool:
    """Whether every source that the policy lets in lies within the allowed networks; named by nobody, it does not."""
    if row["internet-service-src"] == "enable" or row.get("internet-service6-src") == "enable":
        return False
    if "enable" in (row["srcaddr-negate"], row.get("srcaddr6-negate")):
        return False
    named = [(names, family) for names, family in ((row["srcaddr"], 4), (row["srcaddr6"], 6)) if names]
    return bool(named) and all(
        _inside(address_networks(names, document, vdom, family), allowed) for names, family in named
    )


def _inside(networks: Networks | None, allowed: Networks) -> bool:
    """Whether these are networks, and all of them within the allowed ones."""
    return bool(networks) and all(
        any(network.version == outer.version and network.subnet_of(outer) for outer in allowed)  # type: ignore[arg-type]
        for network in networks or ()
    )


def _reaches_voice(row: Row, policy: SitePolicy, document: Document, vdom: str) -> bool:
    """Whether the policy's destinations include an address of the voice subnet; what is not known for certain does."""
    if policy.voice_vlan is None:
        return False
    subnet = policy.voice_vlan.subnet
    forwards, others = _destinations(row, document, vdom)
    if any(_spans(mapped, subnet) for vip in forwards for mapped in vip.get("mappedip", ())):
        return True
    if not _leads_to(row["dstintf"], subnet, document, vdom):
        return False
    if row["dstaddr-negate"] == "enable" or any(not vip.get("mappedip") for vip in forwards):
        return True
    networks = address_networks(others, document, vdom, 4)
    return networks is None or any(isinstance(n, IPv4Network) and n.overlaps(subnet) for n in networks)


def _spans(mapped: str, subnet: IPv4Network) -> bool:
    """Whether a mapped address or range shares an address with the subnet."""
    first, _dash, last = mapped.partition("-")
    low, high = ip_interface(first).ip, ip_interface(last or first).ip
    return low.version == 4 and int(low) <= int(subnet.broadcast_address) and int(high) >= int(subnet.network_address)


def _leads_to(interfaces: Sequence[str], subnet: IPv4Network, document: Document, vdom: str) -> bool:
    """Whether one of these leads to the subnet; one that nobody knows may."""
    if not _known_interfaces(document, vdom).issuperset(interfaces):
        return True
    for row in document.rows(TableId(GLOBAL, "system/interface")):
        network = ip_network(ip_interface(row["ip"]).network)
        if network == subnet and {row["name"], *_zones_of((row["name"],), document, vdom)} & set(interfaces):
            return True
    return False


def _known_interfaces(document: Document, vdom: str) -> set[str]:
    """What rules may name: interfaces and zones. "any" is none of them."""
    known = {str(row["name"]) for row in document.rows(TableId(GLOBAL, "system/interface"))}
    return known | set(_zones(document, vdom)) | set(document.singleton(TableId(vdom, "system/sdwan"))["zone"])


def _zones_of(interfaces: Sequence[str], document: Document, vdom: str) -> set[str]:
    """The zones, SD-WAN ones among them, that any of these interfaces belongs to."""
    return {zone for zone, members in _zones(document, vdom).items() if members & set(interfaces)}


def _zones_within(interfaces: Sequence[str], document: Document, vdom: str) -> set[str]:
    """The zones that hold none but these interfaces."""
    return {zone for zone, members in _zones(document, vdom).items() if members and members <= set(interfaces)}


def _zones(document: Document, vdom: str) -> dict[str, set[str]]:
    zones = {str(zone["name"]): set(zone["interface"]) for zone in document.rows(TableId(vdom, "system/zone"))}
    for member in document.singleton(TableId(vdom, "system/sdwan"))["members"]:
        zones.setdefault(str(member["zone"]), set()).add(member["interface"])
    return zones


def _blocks_stand(document: Document, vdom: str, row: Row, names: Sequence[str]) -> bool:
    """Whether our blocking rules stand before this one and are switched on."""
    before: set[str] = set()
    for other in document.rows(TableId(vdom, "firewall/policy")):
        if other is row:
            break
        if other["status"] == "enable" and other["action"] == "deny":
            before.add(other["name"])
    return set(names) <= before
