# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP and RTP only between the site and its provider.

Rules that block match everybody *but* the provider (negated addresses), so that no order of steps and no reordering
can cut the provider off. The phones register outwards and their registration keeps the way back open: nothing is
forwarded inwards unless the policy declares a PBX at the site.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....document.model import MARK, Row
from ....errors import NotPossible
from ....policy.model import TRANSPORT_PROTOCOL, Network, Pbx, PortRange
from .. import names
from ..exposure import exposing_rules
from .context import Context
from .rules import ALL, ANY, allow_provider, own_rule, provider_groups, voice_services

_OWN_ADDRESS = "0.0.0.0"
"""FortiOS's word for whatever address the outside interface has."""


def compile_concern(context: Context) -> None:
    """Add the provider's objects, the rules that allow and block, and the unit's own deafness to SIP."""
    voice_services(context)
    signalling6, media6 = provider_groups(context)
    if context.topology.voice is None:
        context.remarks.append(
            "no interface carries the voice VLAN or its subnet yet: SIP and RTP of strangers are blocked, and the "
            "phones reach the provider by the rules that the site has"
        )
    allow_provider(context)
    if context.policy.pbx is not None:
        _forward_to_pbx(context, context.policy.pbx)
    _block(context, signalling6, media6)
    _stay_deaf(context)
    if context.policy.enforce_exclusive:
        for path, row in exposing_rules(context.policy, context.document, context.vdoms[0], context.topology.wan):
            context.keep(path, row["policyid"], {"status": "disable"}, "FW-1", "FW-2")


def _block(context: Context, signalling6: bool, media6: bool) -> None:
    """Deny SIP on closed ports altogether, and SIP and RTP on open ports for everybody but the provider."""
    provider, wan = context.policy.provider, context.topology.wan_in_rules
    everyone = {"srcaddr": ALL, "dstaddr": ALL, "srcaddr6": ALL, "dstaddr6": ALL}
    for way, sources, destinations in (("out", ANY, wan), ("in", wan, ANY)):
        name = f"{names.BLOCK}sip-closed-{way}"
        own_rule(context, ("SVC-1", "FW-1"), name, sources, destinations, (names.SIP_CLOSED,), everyone)
    signalling4 = any(network.version == 4 for network in provider.signalling)
    media4 = any(network.version == 4 for network in provider.media)
    for kind, service, groups, ways, control in (
        ("sip", names.SIP, _groups(names.SIGNALLING, signalling4, signalling6), ("out", "in"), "FW-1"),
        ("rtp", names.RTP, _groups(names.MEDIA, media4, media6), ("in",), "FW-2"),
    ):
        for way in ways:
            for suffix, group in groups.items():
                addresses = {f"srcaddr{suffix}": ALL, f"dstaddr{suffix}": ALL}
                stranger = "dstaddr" if way == "out" else "srcaddr"
                if group is not None:
                    addresses[f"{stranger}{suffix}"] = (group,)
                own_rule(
                    context,
                    (control,),
                    f"{names.BLOCK}{kind}-{way}{suffix}",
                    ANY if way == "out" else wan,
                    wan if way == "out" else ANY,
                    (service,),
                    addresses,
                    all_but="" if group is None else stranger,
                )


def _groups(name: str, present4: bool, present6: bool) -> dict[str, str | None]:
    """The provider's group by address family (suffix of the field names); None where it has no such address."""
    return {"": name if present4 else None, "6": f"{name}6" if present6 else None}


def _stay_deaf(context: Context) -> None:
    """The unit itself answers no SIP: a local-in policy an interface and address family, first in its table."""
    for interface in sorted({context.topology.in_local_rules(name) for name in context.topology.wan}):
        for path in ("firewall/local-in-policy", "firewall/local-in-policy6"):
            row: Row = {
                "status": "enable",
                "intf": (interface,),
                "srcaddr": ALL,
                "srcaddr-negate": "disable",
                "dstaddr": ALL,
                "dstaddr-negate": "disable",
                "service": (names.SIP, names.SIP_CLOSED),
                "service-negate": "disable",
                "schedule": "always",
                "action": "deny",
                "comments": f"{names.BLOCK}sip-{interface}",
            }
            context.own(path, row, "FW-1")


@dataclass(frozen=True, slots=True)
class _Flow:
    """One kind of traffic between the provider and the PBX."""

    kind: str
    control: str
    allow_in: str
    allow_out: str
    group: str
    service: str
    protocol: str
    ports: tuple[PortRange, ...]
    networks: tuple[Network, ...]


def _forward_to_pbx(context: Context, pbx: Pbx) -> None:
    """SIP and RTP from the provider to the PBX, limited twice: by the rule's source and by the virtual IP's filter."""
    beside = context.topology.holding(pbx.address)
    if beside is None:
        raise NotPossible(f"voip_policy.pbx.address: {pbx.address} lies in the subnet of no interface of this unit")
    inside = (context.topology.in_rules(beside),)
    _refuse_taken(context, pbx)
    policy, wans, outside = context.policy, context.topology.wan, context.topology.wan_in_rules
    provider, protocol = policy.provider, TRANSPORT_PROTOCOL[policy.transport]
    host = (context.address(pbx.address, "FW-1"),)
    for flow in (
        _Flow(
            "sip",
            "FW-1",
            names.ALLOW_PBX_SIGNALLING,
            names.PBX_OUT_SIGNALLING,
            names.SIGNALLING,
            names.SIP,
            protocol,
            policy.sip_ports_in_use,
            provider.signalling,
        ),
        _Flow(
            "rtp",
            "FW-2",
            names.ALLOW_PBX_MEDIA,
            names.PBX_OUT_MEDIA,
            names.MEDIA,
            names.RTP,
            "udp",
            provider.rtp_ports,
            provider.media,
        ),
    ):
        networks = tuple(sorted(str(network) for network in flow.networks if network.version == 4))
        if not networks:
            continue
        forwards = tuple(
            sorted(_virtual_ip(context, flow, ports, pbx, wan, networks) for wan in wans for ports in flow.ports)
        )
        addresses = {"srcaddr": (flow.group,), "dstaddr": forwards}
        own_rule(context, (flow.control,), flow.allow_in, outside, inside, (flow.service,), addresses, accept=True)
        addresses = {"srcaddr": host, "dstaddr": (flow.group,)}
        nat = pbx.address.is_private
        own_rule(
            context,
            (flow.control,),
            flow.allow_out,
            inside,
            outside,
            (flow.service,),
            addresses,
            accept=True,
            nat=nat,
        )


def _refuse_taken(context: Context, pbx: Pbx) -> None:
    """A virtual IP of the site that takes the whole outside address would keep the traffic that ours is for."""
    address = str(pbx.public_address or _OWN_ADDRESS)
    elsewhere = {row["name"] for row in context.document.rows(context.table("system/interface"))}
    elsewhere -= set(context.topology.wan)
    for row in context.document.rows(context.table("firewall/vip")):
        taken = row["status"] == "enable" and row["portforward"] != "enable" and row.get("extip") == address
        if taken and row["extintf"] not in elsewhere and not row["name"].startswith(MARK):
            raise NotPossible(
                f"voip_policy.pbx.public_address: {address} is taken by the virtual IP {row['name']!r} of this unit, "
                "which forwards all its ports; limit that one to ports, or use another address"
            )


def _virtual_ip(context: Context, flow: _Flow, ports: PortRange, pbx: Pbx, wan: str, networks: tuple[str, ...]) -> str:
    row: Row = {
        "name": f"{MARK}pbx-{flow.kind}-{wan}-{ports}",
        "type": "static-nat",
        "status": "enable",
        "extip": str(pbx.public_address or _OWN_ADDRESS),
        "extintf": wan,
        "mappedip": (str(pbx.address),),
        "portforward": "enable",
        "protocol": flow.protocol,
        "extport": str(ports),
        "mappedport": str(ports),
        "src-filter": networks,
        "comment": names.COMMENT,
    }
    context.own("firewall/vip", row, flow.control)
    return str(row["name"])
