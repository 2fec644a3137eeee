# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of our firewall policies, and the objects and allow rules that the allowlist and the voice VLAN share."""

from __future__ import annotations

from collections.abc import Iterable

from ....document.model import Row
from ....policy.model import PortRange
from .. import names
from .context import Context

ANY = ("any",)
ALL = ("all",)
EVERY_SERVICE = ("ALL",)
_UDP_IDLE_SECONDS = 300
"""How long a silent UDP signalling flow stays open: longer than the registration refresh of common phones behind NAT."""


def rule(
    name: str,
    sources: Iterable[str],
    destinations: Iterable[str],
    services: Iterable[str],
    *,
    accept: bool = False,
    nat: bool = False,
    srcaddr: Iterable[str] = (),
    dstaddr: Iterable[str] = (),
    srcaddr6: Iterable[str] = (),
    dstaddr6: Iterable[str] = (),
    but_from: bool = False,
    but_to: bool = False,
) -> Row:
    """A firewall policy of ours. `but_from`/`but_to`: everything but the given source or destination addresses.

    A deny rule logs everything and also matches traffic that a virtual IP redirects (`match-vip`; Fortinet article
    192456), which a plain `all` does not. Up to 7.2.0 one negation switch serves both address families (the vendor's
    schema gives `srcaddr6-negate` from 7.2.1), so our rules never mix families when they negate.
    """
    v6 = bool(tuple(srcaddr6))
    return {
        "name": name,
        "status": "enable",
        "action": "accept" if accept else "deny",
        "srcintf": tuple(sorted(sources)),
        "dstintf": tuple(sorted(destinations)),
        "srcaddr": tuple(srcaddr),
        "dstaddr": tuple(dstaddr),
        "srcaddr6": tuple(srcaddr6),
        "dstaddr6": tuple(dstaddr6),
        "srcaddr-negate": _switch(but_from),
        "dstaddr-negate": _switch(but_to),
        "srcaddr6-negate": _switch(but_from and v6),
        "dstaddr6-negate": _switch(but_to and v6),
        "service": tuple(sorted(services)),
        "service-negate": "disable",
        "schedule": "always",
        "nat": _switch(nat),
        "logtraffic": "utm" if accept else "all",
        **({} if accept else {"match-vip": "enable"}),
        "internet-service": "disable",
        "internet-service-src": "disable",
        "internet-service6": "disable",
        "internet-service6-src": "disable",
        "voip-profile": "",
        "ips-voip-filter": "",
        "comments": names.COMMENT,
    }


def voice_services(context: Context) -> None:
    """The services for the SIP ports in use, the SIP ports that stay closed, and RTP."""
    policy = context.policy
    allowed, guarded = policy.allowed_sip_ports, policy.guarded_sip_ports
    context.service(
        names.SIP,
        "FW-1",
        tcp=allowed["tcp"],
        udp=allowed["udp"],
        udp_idle=_UDP_IDLE_SECONDS if allowed["udp"] else 0,
        helper="disable",
    )
    context.service(
        names.SIP_CLOSED,
        "FW-1",
        "SVC-1",
        tcp=without(guarded["tcp"], allowed["tcp"]),
        udp=without(guarded["udp"], allowed["udp"]),
        helper="disable",
    )
    context.service(names.RTP, "FW-2", udp=policy.provider.rtp_ports)


def provider_groups(context: Context) -> tuple[bool, bool]:
    """The provider's signalling and media groups; whether both families have any signalling and media addresses of IPv6."""
    provider = context.policy.provider
    context.group(names.SIGNALLING, provider.signalling, "FW-1")
    context.group(names.MEDIA, provider.media, "FW-2")
    signalling6 = context.group6(names.SIGNALLING6, provider.signalling, "FW-1")
    media6 = context.group6(names.MEDIA6, provider.media, "FW-2")
    return signalling6, media6


def voice_source(context: Context) -> tuple[str, ...]:
    """The address object of the voice subnet."""
    vlan = context.policy.voice_vlan
    assert vlan is not None  # noqa: S101 - validation asks for it with these concerns
    row = {"name": names.VOICE, "type": "ipmask", "subnet": str(vlan.subnet), "comment": names.COMMENT}
    context.own("firewall/address", row, "VLAN-3")
    return (names.VOICE,)


def allow_provider(context: Context) -> None:
    """From the phones to the provider: signalling on the ports in use, and media."""
    interface = context.topology.voice_in_rules
    if interface is None:
        return
    source, wan = voice_source(context), context.topology.wan_in_rules
    provider = context.policy.provider
    nat = context.policy.voice_vlan is not None and context.policy.voice_vlan.subnet.is_private
    for name, networks, group, service, control in (
        (names.ALLOW_SIGNALLING, provider.signalling, names.SIGNALLING, names.SIP, "FW-1"),
        (names.ALLOW_MEDIA, provider.media, names.MEDIA, names.RTP, "FW-2"),
    ):
        if any(network.version == 4 for network in networks):
            row = rule(name, (interface,), wan, (service,), accept=True, nat=nat, srcaddr=source, dstaddr=(group,))
            context.own("firewall/policy", row, control, "VLAN-3")


def without(ports: Iterable[PortRange], taken: Iterable[PortRange]) -> tuple[PortRange, ...]:
    """The ports that are not among those taken."""
    left = list(ports)
    for hole in taken:
        left = [
            piece
            for ports_left in left
            for piece in (
                PortRange(ports_left.first, min(ports_left.last, hole.first - 1)),
                PortRange(max(ports_left.first, hole.last + 1), ports_left.last),
            )
            if piece.first <= piece.last
        ] if any(item.overlaps(hole) for item in left) else left
    return tuple(sorted(set(left)))


def _switch(on: bool) -> str:
    return "enable" if on else "disable"
