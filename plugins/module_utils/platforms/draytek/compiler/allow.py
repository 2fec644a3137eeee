# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the provider may do: asked for by the allowlist and by the voice VLAN alike."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network

from ....errors import NotPossible
from ....policy.model import PortRange, Protocol, merge_ports
from .. import names
from .context import Context

OUTWARDS, INWARDS, ACROSS = 0, 1, 2
"""Directions of a rule: LAN to WAN, WAN to LAN, LAN to LAN."""
PASS, BLOCK = "pass", "block"
CONTROLS = ("FW-1", "FW-2")


def allow_provider(context: Context) -> None:
    """SIP on the ports in use and RTP pass between the site and the provider, both ways.

    Inwards too, although answers to what a phone sent pass anyway: what is blocked behind these rules matches
    everybody. Rules of some releases see the inside port of what is forwarded, so both are let in. They put what they
    pass into the QoS class that is kept for voice, where the site has one.
    """
    policy = context.policy
    provider = policy.provider
    sip = context.services(names.SIP, "FW-1", **policy.allowed_sip_ports)
    rtp = context.services(names.RTP, "FW-2", udp=provider.rtp_ports)
    sip_in, rtp_in = sip, rtp
    if inside := _inside_ports(context, policy.allowed_sip_ports):
        sip_in = context.services(names.SIP_IN, "FW-1", **_with(policy.allowed_sip_ports, inside))
    if inside := _inside_ports(context, {"udp": provider.rtp_ports}):
        rtp_in = context.services(names.RTP_IN, "FW-2", **_with({"udp": provider.rtp_ports}, inside))
    signalling = provider_side(context, names.SIGNALLING, "signalling", "FW-1")
    media = provider_side(context, names.MEDIA, "media", "FW-2")
    qos = context.details.qos_class
    first, second = (("FW-1", "VLAN-2"), ("FW-2", "VLAN-2")) if qos else (("FW-1",), ("FW-2",))
    context.rule(names.ALLOW_SIGNALLING, OUTWARDS, PASS, *first, destination=signalling, service=sip, qos=qos)
    context.rule(names.ALLOW_MEDIA, OUTWARDS, PASS, *second, destination=media, service=rtp, qos=qos)
    context.rule(names.SIGNALLING_IN, INWARDS, PASS, *first, source=signalling, service=sip_in, qos=qos)
    context.rule(names.MEDIA_IN, INWARDS, PASS, *second, source=media, service=rtp_in, qos=qos)


Ports = Mapping[Protocol, tuple[PortRange, ...]]


def _inside_ports(context: Context, ports: Ports) -> dict[Protocol, tuple[PortRange, ...]]:
    """The ports of the phones' network that the site forwards these to, where they are others; by protocol."""
    vlan, found = context.policy.voice_vlan, dict[Protocol, tuple[PortRange, ...]]()
    for forward in context.details.forwards or ():
        if vlan is None or forward.inside not in vlan.subnet or forward.outside == forward.mapped:
            continue
        outside, mapped = PortRange(*forward.outside), PortRange(*forward.mapped)
        for protocol, ranges in ports.items():
            if protocol in forward.protocols and any(outside.overlaps(one) for one in ranges):
                found[protocol] = (*found.get(protocol, ()), mapped)
    return found


def _with(ports: Ports, further: Ports) -> dict[Protocol, tuple[PortRange, ...]]:
    return {protocol: merge_ports((*ranges, *further.get(protocol, ()))) for protocol, ranges in ports.items()}


def provider_side(context: Context, name: str, kind: str, control: str) -> tuple[str, ...]:
    """The provider's networks as a side of a rule. Raises `NotPossible` where it has no IPv4 network."""
    listed = context.policy.provider.signalling if kind == "signalling" else context.policy.provider.media
    networks = [network for network in listed if isinstance(network, IPv4Network)]
    if not networks:
        raise NotPossible(f"voip_provider.{kind}: no IPv4 network, and phones at a Vigor are reached by IPv4 only")
    if len(networks) < len(listed):
        remark = "the provider's IPv6 networks are left out: the phones' network is IPv4"
        if remark not in context.remarks:
            context.remarks.append(remark)
    return context.group(name, networks, control)
