# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The voice VLAN: interface, DHCP, LLDP-MED, access rules, isolation, priority.

An interface that the site has for this VLAN or subnet is used and left as it is; then its addressing and DHCP are the
site's, and only rules and shaping are ours. Sources: the vendor's schema; article 310376 for provisioning by DHCP
options 66 and 160; CLI reference for DSCP values as six binary digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from ....document.model import Row
from ....errors import NotPossible
from ....policy.model import Destination, VoiceVlan
from .. import names
from .context import Context
from .rules import ALL, ANY, EVERY_SERVICE, allow_provider, own_rule, provider_groups, voice_services, voice_source

_LLDP_PARENTS = ("physical", "aggregate", "redundant", "hard-switch", "switch")
_NO_ADDRESS = "0.0.0.0"


def compile_concern(context: Context) -> None:
    """Add everything that makes the phones' network."""
    vlan = context.voice_vlan
    if context.topology.voice_is_ours:
        _interface(context, vlan)
        _dhcp(context, vlan)
    else:
        context.remarks.append(
            f"interface {context.topology.voice} carries the voice VLAN already; its address, services and DHCP stay "
            "as the site set them"
        )
    _lldp(context, vlan)
    voice_services(context)
    provider_groups(context)
    allow_provider(context)
    _access(context, vlan)
    _shape(context, vlan)


def _interface(context: Context, vlan: VoiceVlan) -> None:
    name = names.vlan_interface(vlan.id)
    for other in context.document.rows(context.table("system/interface")):
        if other["name"].startswith(names.vlan_interface(0)[:-1]) and other["name"] != name:
            raise NotPossible(
                f"voip_policy.voice_vlan.id: {vlan.id} is asked for and this unit has the voice VLAN "
                f"{other.get('vlanid')} of an earlier run; FortiOS cannot renumber it. Take it away first (state: "
                "deleted, concern voice_vlan), then run again"
            )
    row: Row = {
        "name": name,
        "vdom": context.vdoms[0],
        "type": "vlan",
        "vlanid": vlan.id,
        "interface": context.topology.parent["name"],
        "mode": "static",
        "ip": f"{vlan.gateway}/{vlan.subnet.prefixlen}",
        "allowaccess": ("ping",),
        "ipv6": {"ip6-allowaccess": ()},
        "secondaryip": (),
        "role": "lan",
        "status": "up",
        "description": names.COMMENT,
    }
    context.own("system/interface", row, "VLAN-1")


def _dhcp(context: Context, vlan: VoiceVlan) -> None:
    clocks = [str(host) for host in vlan.ntp_servers if isinstance(host, IPv4Address)]
    row: Row = {
        "status": "enable",
        "interface": names.vlan_interface(vlan.id),
        "default-gateway": str(vlan.gateway),
        "netmask": str(vlan.subnet.netmask),
        "lease-time": vlan.lease_seconds,
        "ip-range": ({"id": 1, "start-ip": str(vlan.dhcp_first), "end-ip": str(vlan.dhcp_last)},),
        "dns-service": "specify",
        **_servers("dns-server", 4, [str(server) for server in vlan.dns_servers]),
        "ntp-service": "specify" if clocks else "default",
        **_servers("ntp-server", 3, clocks),
        "options": tuple(
            {"id": number, "code": code, "type": "string", "value": vlan.provisioning_url}
            for number, code in enumerate((66, 160), start=1)
            if vlan.provisioning_url
        ),
    }
    context.own("system.dhcp/server", row, "VLAN-1")


def _servers(field: str, count: int, servers: list[str]) -> Row:
    return {f"{field}{i + 1}": servers[i] if i < len(servers) else _NO_ADDRESS for i in range(count)}


def _lldp(context: Context, vlan: VoiceVlan) -> None:
    """Tell phones their VLAN and marking by LLDP-MED, on a port that can send it."""
    name = context.topology.voice
    present = context.document.find(context.table("system/interface"), name)
    parent = (
        context.topology.parent
        if present is None
        else context.document.find(context.table("system/interface"), present.get("interface"))
    )
    if parent is None or parent["type"] not in _LLDP_PARENTS:
        context.remarks.append(f"LLDP-MED is not sent: {parent['name'] if parent else name} is no port that sends it")
        return
    classes = {
        field: {"status": "enable", "tag": "dot1q", "vlan": vlan.id, "priority": vlan.priority, "dscp": dscp}
        for field, dscp in (("voice", vlan.dscp), ("voice-signaling", vlan.signalling_dscp))
    }
    context.own(
        "system.lldp/network-policy", {"name": names.VOICE, "comment": names.COMMENT, **classes}, "VLAN-1", "VLAN-2"
    )
    context.keep(
        "system/interface",
        parent["name"],
        {"lldp-transmission": "enable", "lldp-network-policy": names.VOICE},
        "VLAN-1",
        "VLAN-2",
    )


def _access(context: Context, vlan: VoiceVlan) -> None:
    """DNS, time and provisioning; then nothing else, in either direction."""
    source, wan = voice_source(context), context.topology.wan_in_rules
    interface = context.topology.voice_in_rules or names.vlan_interface(vlan.id)
    nat = vlan.subnet.is_private
    context.service(names.DNS_SERVICE, "VLAN-3", tcp=(53,), udp=(53,))
    context.service(names.NTP_SERVICE, "VLAN-3", udp=(123,))
    context.service(names.PROVISIONING_SERVICE, "VLAN-3", tcp=(443,))
    wanted: tuple[tuple[str, str, str, Iterable[Destination]], ...] = (
        (names.ALLOW_DNS, names.DNS, names.DNS_SERVICE, vlan.dns_servers),
        (names.ALLOW_NTP, names.NTP, names.NTP_SERVICE, vlan.ntp_servers),
        (names.ALLOW_PROVISIONING, names.PROVISIONING, names.PROVISIONING_SERVICE, vlan.provisioning),
    )
    for name, group, service, destinations in wanted:
        reachable = [d for d in destinations if not isinstance(d, (IPv6Address, IPv6Network))]
        if context.group(group, reachable, "VLAN-3"):
            addresses = {"srcaddr": source, "dstaddr": (group,)}
            own_rule(context, ("VLAN-3",), name, (interface,), wan, (service,), addresses, accept=True, nat=nat)
    _reach_pbx(context, interface)
    # A zone may hold other networks beside the phones': then only the phones' addresses are meant.
    alone = interface == context.topology.voice
    everyone = {"srcaddr": ALL, "srcaddr6": ALL, "dstaddr": ALL, "dstaddr6": ALL}
    out_of = everyone if alone else {"srcaddr": source, "dstaddr": ALL}
    into = everyone if alone else {"srcaddr": ALL, "dstaddr": source}
    own_rule(context, ("VLAN-1", "VLAN-3"), names.VOICE_DENY_OUT, (interface,), ANY, EVERY_SERVICE, out_of)
    own_rule(context, ("VLAN-1", "WEB-1"), names.VOICE_DENY_IN, ANY, (interface,), EVERY_SERVICE, into)


def _reach_pbx(context: Context, interface: str) -> None:
    """Phones and a PBX in another network of the site talk to each other, by whichever SIP port."""
    pbx = context.policy.pbx
    if pbx is None or pbx.address in context.voice_vlan.subnet:
        return
    beside = context.topology.holding(pbx.address)
    if beside is None:
        raise NotPossible(f"voip_policy.pbx.address: {pbx.address} lies in the subnet of no interface of this unit")
    host, phones = (context.address(pbx.address, "VLAN-3"),), voice_source(context)
    inside, services = (context.topology.in_rules(beside),), (names.SIP, names.SIP_CLOSED, names.RTP)
    for name, sources, destinations, addresses in (
        (names.VOICE_TO_PBX, (interface,), inside, {"srcaddr": phones, "dstaddr": host}),
        (names.PBX_TO_VOICE, inside, (interface,), {"srcaddr": host, "dstaddr": phones}),
    ):
        own_rule(context, ("VLAN-3",), name, sources, destinations, services, addresses, accept=True)


def _shape(context: Context, vlan: VoiceVlan) -> None:
    """Guaranteed bandwidth, high priority and DSCP for media and signalling on their way to the provider."""
    source, wan = voice_source(context), context.topology.wan_in_rules
    provider = context.policy.provider
    shaper: Row = {
        "name": names.VOICE,
        "guaranteed-bandwidth": vlan.bandwidth_kbps or 0,
        "maximum-bandwidth": 0,
        "bandwidth-unit": "kbps",
        "priority": "high",
        "per-policy": "disable",
    }
    context.own("firewall.shaper/traffic-shaper", shaper, "VLAN-2")
    for kind, networks, group, service, dscp in (
        ("media", provider.media, names.MEDIA, names.RTP, vlan.dscp),
        ("signalling", provider.signalling, names.SIGNALLING, names.SIP, vlan.signalling_dscp),
    ):
        if any(network.version == 4 for network in networks):
            row: Row = {
                "name": f"{names.SHAPE}{kind}",
                "comment": names.COMMENT,
                "status": "enable",
                "ip-version": "4",
                "srcaddr": source,
                "dstaddr": (group,),
                "service": (service,),
                "srcintf": (),
                "dstintf": wan,
                "traffic-shaper": names.VOICE,
                "traffic-shaper-reverse": names.VOICE,
                "diffserv-forward": "enable",
                "diffservcode-forward": f"{dscp:06b}",
            }
            context.own("firewall/shaping-policy", row, "VLAN-2")
