# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP and RTP only between the site and its provider.

Rules that block match everybody *but* the provider (negated aliases), so that no reordering can cut the provider off.
The phones register outwards and their registration keeps the way back open: nothing is forwarded inwards unless the
policy declares a PBX at the site.
"""

from __future__ import annotations

from ....document.model import Row
from ....errors import NotPossible
from ....policy.model import TRANSPORT_PROTOCOL, Pbx, PortRange, Protocol, merge_ports, without
from .. import names
from ..exposure import exposing_rows
from ..tables import FORWARDS, table
from .context import Context
from .rules import allow_provider, closed_ports, forwarded_inside, provider_networks, voice_ports


def compile_concern(context: Context) -> None:
    """Add the provider's aliases and the rules that allow and block."""
    provider_networks(context)
    voice_ports(context)
    if context.topology.voice is None:
        context.remarks.append(
            "no interface carries the voice VLAN or its subnet yet: SIP and RTP of strangers are blocked, and the "
            "phones reach the provider by the rules that the site has"
        )
    allow_provider(context)
    if context.policy.pbx is not None:
        _forward_to_pbx(context, context.policy.pbx)
    _block(context)
    if context.policy.enforce_exclusive:
        for where, key in exposing_rows(context.policy, context.document, context.details, context.topology.wan):
            context.keep(where, key, {"disabled": True}, "FW-1", "FW-2")


def _block(context: Context) -> None:
    """Block SIP on closed ports altogether, and SIP and RTP on open ports for everybody but the provider."""
    policy, wan = context.policy, context.topology.wan
    used = policy.allowed_sip_ports
    protocols: tuple[Protocol, ...] = ("tcp", "udp")
    for protocol in protocols:
        # What a forward makes of the ports in use is the provider's as well, and nobody else's.
        moved = forwarded_inside(context, protocol, used[protocol]) if used[protocol] else ()
        closed = closed_ports(context, protocol)
        open_in = merge_ports((*used[protocol], *moved))
        if context.ports(names.CLOSED_IN[protocol], without(closed, open_in), "FW-1", "SVC-1"):
            name = f"{names.BLOCK_CLOSED_IN}-{protocol}"
            ports = names.CLOSED_IN[protocol]
            context.rule(("SVC-1", "FW-1"), name, wan, protocol=protocol, ports=ports)
        if context.ports(names.CLOSED[protocol], closed, "FW-1", "SVC-1"):
            name = f"{names.BLOCK_CLOSED_OUT}-{protocol}"
            ports = names.CLOSED[protocol]
            context.rule(("SVC-1", "FW-1"), name, wan, direction="out", protocol=protocol, ports=ports)
        if context.ports(names.SIP_IN[protocol], open_in, "FW-1"):
            context.rule(
                ("FW-1",),
                f"{names.BLOCK_SIP_IN}-{protocol}",
                wan,
                protocol=protocol,
                source=names.SIGNALLING,
                all_but="source",
                ports=names.SIP_IN[protocol],
            )
    context.rule(
        ("FW-1",),
        names.BLOCK_SIP_OUT,
        wan,
        direction="out",
        protocol=TRANSPORT_PROTOCOL[policy.transport],
        destination=names.SIGNALLING,
        all_but="destination",
        ports=names.SIP,
    )
    rtp = policy.provider.rtp_ports
    sip = policy.guarded_sip_ports["udp"]
    moved = without(forwarded_inside(context, "udp", rtp), sip)
    context.ports(names.RTP_IN, merge_ports((*rtp, *moved)), "FW-2")
    context.rule(
        ("FW-2",),
        names.BLOCK_RTP_IN,
        wan,
        protocol="udp",
        source=names.MEDIA,
        all_but="source",
        ports=names.RTP_IN,
    )


def _forward_to_pbx(context: Context, pbx: Pbx) -> None:
    """SIP and RTP from the provider to the PBX, limited twice: by the forward's source and by the rule's."""
    inside = context.topology.holding(pbx.address)
    if inside is None:
        raise NotPossible(f"voip_policy.pbx.address: {pbx.address} lies in the subnet of no interface of this box")
    policy, provider = context.policy, context.policy.provider
    for kind, control, allow, out, alias, protocol, ports, spans, networks in (
        (
            "sip",
            "FW-1",
            names.PBX_SIGNALLING,
            names.PBX_OUT_SIGNALLING,
            names.SIGNALLING,
            TRANSPORT_PROTOCOL[policy.transport],
            names.SIP,
            policy.sip_ports_in_use,
            provider.signalling,
        ),
        (
            "rtp",
            "FW-2",
            names.PBX_MEDIA,
            names.PBX_OUT_MEDIA,
            names.MEDIA,
            "udp",
            names.RTP,
            provider.rtp_ports,
            provider.media,
        ),
    ):
        if not any(network.version == 4 for network in networks):
            continue
        host = str(pbx.address)
        for wan in context.topology.wan:
            for span in spans:
                _forward(context, f"{names.FORWARD}{kind}-{wan}-{span}", wan, protocol, alias, span, pbx, control)
            # One rule an interface: only such a rule answers by the interface that it came by (`reply-to`).
            context.rule(
                (control,),
                f"{allow}-{wan}",
                (wan,),
                kind="pass",
                family="inet",
                protocol=protocol,
                source=alias,
                destination=host,
                ports=ports,
            )
        context.rule(
            (control,),
            out,
            (inside,),
            kind="pass",
            family="inet",
            protocol=protocol,
            source=host,
            destination=alias,
            ports=ports,
        )


def _forward(
    context: Context, name: str, wan: str, protocol: str, alias: str, span: PortRange, pbx: Pbx, control: str
) -> None:
    row: Row = {
        "key": name,
        "descr": name,
        "disabled": False,
        "interface": wan,
        "ipprotocol": "inet",
        "protocol": protocol,
        "source": alias,
        "source_not": False,
        "source_port": "",
        "destination": str(pbx.public_address or f"net:{wan}ip"),
        "destination_not": False,
        "destination_port": str(span),
        "target": str(pbx.address),
        "port": str(span.first),
        "linked": "",
        "nordr": False,
        "rest": (),
    }
    context.own(table(FORWARDS), row, control)
