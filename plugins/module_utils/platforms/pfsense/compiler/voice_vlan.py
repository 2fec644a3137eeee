# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The voice VLAN: device, interface, DHCP, access rules, isolation, priority.

An interface that the site has for this VLAN or subnet is used and left as it is; then its addressing and DHCP are the
site's, and only rules are ours. Kea takes option 66 and leaves all numbered options out (inc/services.inc), so that
option 160 is for boxes with ISC's server.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from ....document.model import Row
from ....errors import NotPossible
from ....policy.model import TRANSPORT_PROTOCOL, Destination, PortRange, Protocol, VoiceVlan, merge_ports
from .. import names
from ..reader import entries, text
from ..tables import DHCP, INTERFACES, OUTBOUND, VLANS, table
from .context import Context
from .rules import allow_provider, provider_networks, voice_ports

_UNQUOTABLE = frozenset('"\\')
_OPTION_160 = "160"


def compile_concern(context: Context) -> None:
    """Add everything that makes the phones' network."""
    vlan = context.voice_vlan
    context.topology.require_wan()  # findings tell what comes in by it, once everything is written
    if context.topology.theirs is None:
        _interface(context, vlan)
        _dhcp(context, vlan)
        _translation(context)
        if context.details.peer:
            context.remarks.append(
                f"VLANs and interfaces are not copied to the secondary: make VLAN {vlan.id} there by hand, as "
                f"{context.topology.voice} and with the description {names.INTERFACE}"
            )
    else:
        context.remarks.append(
            f"interface {context.topology.theirs} carries the voice VLAN already; its address and DHCP stay as the "
            "site set them"
        )
    provider_networks(context)
    voice_ports(context)
    allow_provider(context)
    _access(context, vlan)


def _interface(context: Context, vlan: VoiceVlan) -> None:
    port = context.topology.parent
    device = f"{port}.{vlan.id}"
    _refuse_taken(context, vlan, port, device)
    row: Row = {"vlanif": device, "if": port, "tag": vlan.id, "pcp": str(vlan.priority), "descr": names.VLAN}
    context.own(table(VLANS), row, "VLAN-1")
    context.own(
        table(INTERFACES),
        {
            "name": context.topology.voice,
            "descr": names.INTERFACE,
            "if": device,
            "enable": True,
            "ipaddr": str(vlan.gateway),
            "subnet": str(vlan.subnet.prefixlen),
            "rest": (),
        },
        "VLAN-1",
    )


def _refuse_taken(context: Context, vlan: VoiceVlan, port: str, device: str) -> None:
    for row in context.document.rows(table(VLANS)):
        if row["descr"] != names.VLAN and (row["vlanif"] == device or (row["if"], row["tag"]) == (port, vlan.id)):
            raise NotPossible(
                f"voip_policy.voice_vlan.id: VLAN {vlan.id} exists on {port} and no interface in use carries it; "
                "enable its interface, or take the VLAN away"
            )
    for raw in entries(context.details.config.get("qinqs/qinqentry"), "qinqs/qinqentry"):
        path = "qinqs/qinqentry"
        if (text(raw, "if", path), text(raw, "tag", path)) == (port, str(vlan.id)):
            raise NotPossible(f"voip_policy.voice_vlan.id: {vlan.id} is the outer tag of a QinQ of {port}")
    taken = {str(row["name"]).lower() for row in context.document.rows(table("aliases/alias"))}
    if names.INTERFACE.lower() in taken | {name.lower() for name in context.details.groups}:
        raise NotPossible(f"{names.INTERFACE}: an alias or interface group of this box has the name of our interface")


def _dhcp(context: Context, vlan: VoiceVlan) -> None:
    if vlan.provisioning_url and _UNQUOTABLE & set(vlan.provisioning_url):
        # The vendor's code puts it between quotes as it is: ISC's server would take none of its settings any more.
        raise NotPossible(
            'voip_policy.voice_vlan.provisioning_url: no " and no \\ on a pfSense (%22 and %5C stand for them)'
        )
    numbered: tuple[str, ...] = ()
    if vlan.provisioning_url and context.details.kea:
        context.remarks.append(
            "Kea sends the provisioning address by option 66 alone: phones that ask for option 160 (Poly) do not get it"
        )
    elif vlan.provisioning_url:
        item = {
            "number": _OPTION_160,
            "type": "text",
            "value": b64encode(vlan.provisioning_url.encode()).decode(),
        }
        numbered = (f"numberoptions={json.dumps({'item': [item]}, sort_keys=True)}",)
    row: Row = {
        "name": context.topology.voice,
        "enable": True,
        "first": str(vlan.dhcp_first),
        "last": str(vlan.dhcp_last),
        "lease": str(vlan.lease_seconds),
        "longest": str(vlan.lease_seconds),
        "gateway": str(vlan.gateway),
        "dns": tuple(str(server) for server in vlan.dns_servers),
        "ntp": tuple(str(host) for host in vlan.ntp_servers if isinstance(host, IPv4Address)),
        "url": vlan.provisioning_url or "",
        "rest": numbered,
    }
    context.own(table(DHCP), row, "VLAN-1")


def _translation(context: Context) -> None:
    """Manual translation knows nothing of a network that is new: its phones would go out with inside addresses."""
    if context.document.singleton(table(OUTBOUND))["mode"] == "advanced":
        for wan in context.topology.wan:
            context.translation(f"{names.TRANSLATE}-{wan}", wan, "any", "VLAN-1")


def _access(context: Context, vlan: VoiceVlan) -> None:
    """DNS, time and provisioning; then nothing else, in either direction."""
    voice, phones = (context.topology.voice or "",), str(vlan.subnet)
    wanted: tuple[tuple[str, str, str, str, Iterable[Destination]], ...] = (
        (names.ALLOW_DNS, names.DNS, "tcp/udp", "53", vlan.dns_servers),
        (names.ALLOW_NTP, names.NTP, "udp", "123", vlan.ntp_servers),
        (names.ALLOW_PROVISIONING, names.PROVISIONING, "tcp", "443", vlan.provisioning),
    )
    for name, alias, protocol, port, destinations in wanted:
        reachable = [d for d in destinations if not isinstance(d, (IPv6Address, IPv6Network))]
        if context.networks(alias, reachable, "VLAN-3"):
            context.rule(
                ("VLAN-3",),
                name,
                voice,
                kind="pass",
                family="inet",
                protocol=protocol,
                source=phones,
                destination=alias,
                ports=port,
            )
    _reach_pbx(context, voice, phones)
    context.rule(("VLAN-1", "VLAN-3"), names.VOICE_DENY_OUT, voice)
    context.rule(("VLAN-1", "WEB-1"), names.VOICE_DENY_IN, voice, direction="out")


def _reach_pbx(context: Context, voice: tuple[str, ...], phones: str) -> None:
    """A PBX beside the phones hears the provider; phones and a PBX in another network talk to each other."""
    pbx, policy = context.policy.pbx, context.policy
    if pbx is None:
        return
    host = str(pbx.address)
    if pbx.address in context.voice_vlan.subnet:
        for name, alias, protocol, ports in (
            (names.INTO_VOICE_SIGNALLING, names.SIGNALLING, TRANSPORT_PROTOCOL[policy.transport], names.SIP),
            (names.INTO_VOICE_MEDIA, names.MEDIA, "udp", names.RTP),
        ):
            context.rule(
                ("VLAN-3",),
                name,
                voice,
                kind="pass",
                direction="out",
                family="inet",
                protocol=protocol,
                source=alias,
                destination=host,
                ports=ports,
            )
        return
    beside = context.topology.holding(pbx.address)
    if beside is None:
        raise NotPossible(f"voip_policy.pbx.address: {pbx.address} lies in the subnet of no interface of this box")
    guarded = policy.guarded_sip_ports
    protocols: tuple[tuple[Protocol, tuple[PortRange, ...]], ...] = (
        ("tcp", guarded["tcp"]),
        ("udp", merge_ports((*guarded["udp"], *policy.provider.rtp_ports))),
    )
    for protocol, spans in protocols:
        alias = names.WITH_PBX[protocol]
        context.ports(alias, spans, "VLAN-3")
        ways = (
            (names.VOICE_TO_PBX, "in", voice, phones, host),
            (f"{names.VOICE_TO_PBX}-there", "out", (beside,), phones, host),
            (names.PBX_TO_VOICE, "in", (beside,), host, phones),
            (f"{names.PBX_TO_VOICE}-there", "out", voice, host, phones),
        )
        for name, direction, interfaces, source, destination in ways:
            context.rule(
                ("VLAN-3",),
                f"{name}-{protocol}",
                interfaces,
                kind="pass",
                direction=direction,
                family="inet",
                protocol=protocol,
                source=source,
                destination=destination,
                ports=alias,
            )
