# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP and RTP only between the site and its provider.

Rules that block match everybody *but* the provider (negated addresses), so that no order of steps and no reordering
can cut the provider off. The phones register outwards and their registration keeps the way back open: nothing is
forwarded inwards unless the policy declares a PBX at the site.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from ....document.model import Row
from ....errors import NotPossible
from ....policy.model import Pbx, PortRange
from ..exposure import exposing_rules
from .. import names
from .context import Context
from .rules import ALL, ANY, allow_provider, provider_groups, rule, voice_services


def compile_concern(context: Context) -> None:
    """Add the provider's objects, the rules that allow and block, and the unit's own deafness to SIP."""
    voice_services(context)
    signalling6, media6 = provider_groups(context)
    if context.topology.voice is None:
        context.remarks.append(
            "no interface carries the voice VLAN or its subnet yet: SIP and RTP of strangers are blocked, and the phones "
            "reach the provider by the rules that the site has"
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
    provider = context.policy.provider
    wan = context.topology.wan_in_rules
    signalling4 = any(network.version == 4 for network in provider.signalling)
    media4 = any(network.version == 4 for network in provider.media)
    to4 = {"srcaddr": ALL, "dstaddr": (names.SIGNALLING,), "but_to": True} if signalling4 else {"srcaddr": ALL, "dstaddr": ALL}
    to6 = {"srcaddr6": ALL, "dstaddr6": (names.SIGNALLING6,), "but_to": True} if signalling6 else {"srcaddr6": ALL, "dstaddr6": ALL}
    everything = {"srcaddr": ALL, "dstaddr": ALL, "srcaddr6": ALL, "dstaddr6": ALL}
    rows = [
        rule(f"{names.BLOCK}sip-closed-out", ANY, wan, (names.SIP_CLOSED,), **everything),
        rule(f"{names.BLOCK}sip-out", ANY, wan, (names.SIP,), **to4),
        rule(f"{names.BLOCK}sip-out6", ANY, wan, (names.SIP,), **to6),
        rule(f"{names.BLOCK}sip-closed-in", wan, ANY, (names.SIP_CLOSED,), **everything),
    ]
    for kind, service, present4, present6, group4, group6 in (
        ("sip", names.SIP, signalling4, signalling6, names.SIGNALLING, names.SIGNALLING6),
        ("rtp", names.RTP, media4, media6, names.MEDIA, names.MEDIA6),
    ):
        from4 = {"srcaddr": (group4,), "dstaddr": ALL, "but_from": True} if present4 else {"srcaddr": ALL, "dstaddr": ALL}
        from6 = {"srcaddr6": (group6,), "dstaddr6": ALL, "but_from": True} if present6 else {"srcaddr6": ALL, "dstaddr6": ALL}
        rows.append(rule(f"{names.BLOCK}{kind}-in", wan, ANY, (service,), **from4))
        rows.append(rule(f"{names.BLOCK}{kind}-in6", wan, ANY, (service,), **from6))
    for row in rows:
        controls = ("SVC-1", "FW-1") if names.SIP_CLOSED in row["service"] else ("FW-2",) if names.RTP in row["service"] else ("FW-1",)
        context.own("firewall/policy", row, *controls)


def _stay_deaf(context: Context) -> None:
    """The unit itself answers no SIP: a local-in policy an interface and address family, first in its table."""
    for interface in context.topology.wan:
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
                "comments": f"{names.BLOCK}sip-{interface}: {names.COMMENT}",
            }
            context.own(path, row, "FW-1")


def _forward_to_pbx(context: Context, pbx: Pbx) -> None:
    """SIP and RTP from the provider to the PBX, limited twice: by the rule's source and by the virtual IP's filter."""
    inside = context.topology.holding(pbx.address)
    if inside is None:
        raise NotPossible(f"voip_policy.pbx.address: {pbx.address} lies in the subnet of no interface of this unit")
    inside_in_rules = context.topology.in_rules(inside)
    provider, policy = context.policy.provider, context.policy
    host = context.address(pbx.address, "FW-1")
    signalling4 = tuple(str(network) for network in provider.signalling if network.version == 4)
    media4 = tuple(str(network) for network in provider.media if network.version == 4)
    wanted = [
        (names.ALLOW_PBX_SIGNALLING, names.PBX_OUT_SIGNALLING, names.SIGNALLING, names.SIP, "sip", protocol, ports, signalling4, "FW-1")
        for protocol, ports in policy.allowed_sip_ports.items()
        if ports
    ]
    wanted.append(
        (names.ALLOW_PBX_MEDIA, names.PBX_OUT_MEDIA, names.MEDIA, names.RTP, "rtp", "udp", provider.rtp_ports, media4, "FW-2")
    )
    for allow_in, allow_out, group, service, kind, protocol, ports, networks, control in wanted:
        if not networks:
            continue
        for wan in context.topology.wan:
            forwards = [
                _virtual_ip(context, f"{names.MARK}pbx-{kind}-{wan}-{one}", pbx, wan, protocol, one, networks, control) for one in ports
            ]
            wan_in_rules = (context.topology.in_rules(wan),)
            name = allow_in if len(context.topology.wan) == 1 else f"{allow_in}-{wan}"[:35]
            row = rule(name, wan_in_rules, (inside_in_rules,), (service,), accept=True, srcaddr=(group,), dstaddr=forwards)
            context.own("firewall/policy", {**row, "dstaddr": tuple(sorted(forwards))}, control)
        row = rule(
            allow_out,
            (inside_in_rules,),
            context.topology.wan_in_rules,
            (service,),
            accept=True,
            nat=IPv4Network(pbx.address).is_private,
            srcaddr=(host,),
            dstaddr=(group,),
        )
        context.own("firewall/policy", row, control)


def _virtual_ip(
    context: Context, name: str, pbx: Pbx, wan: str, protocol: str, ports: PortRange, networks: tuple[str, ...], control: str
) -> str:
    row: Row = {
        "name": name,
        "type": "static-nat",
        "status": "enable",
        "extip": str(pbx.public_address or "0.0.0.0"),  # noqa: S104 - FortiOS's word for the interface's own address
        "extintf": wan,
        "mappedip": (str(pbx.address),),
        "portforward": "enable",
        "protocol": protocol,
        "extport": str(ports),
        "mappedport": str(ports),
        "src-filter": tuple(sorted(networks)),
        "comment": names.COMMENT,
    }
    context.own("firewall/vip", row, control)
    return name
