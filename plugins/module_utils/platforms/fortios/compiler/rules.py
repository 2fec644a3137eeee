# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of our firewall policies, and the objects and allow rules that the allowlist and the voice VLAN share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ....document.model import Row
from ....policy.model import without
from .. import names
from .context import Context

ANY = ("any",)
ALL = ("all",)
EVERY_SERVICE = ("ALL",)
_NEGATIONS = ("srcaddr-negate", "dstaddr-negate", "srcaddr6-negate", "dstaddr6-negate")
_SERVICE_DATABASE = ("internet-service", "internet-service-src", "internet-service6", "internet-service6-src")
_UDP_IDLE_SECONDS = 300
"""How long a silent UDP signalling flow stays open: longer than phones behind NAT take to refresh it."""


def own_rule(
    context: Context,
    controls: tuple[str, ...],
    name: str,
    sources: Iterable[str],
    destinations: Iterable[str],
    services: Iterable[str],
    addresses: Mapping[str, tuple[str, ...]],
    *,
    accept: bool = False,
    nat: bool = False,
    all_but: str = "",
) -> None:
    """Ask for a firewall policy of ours.

    `addresses`: names by field (`srcaddr`, `dstaddr`, `srcaddr6`, `dstaddr6`). `all_but`: `srcaddr` or `dstaddr`, whose
    addresses are those that the rule does *not* match; such a rule speaks of one address family only, since up to
    7.2.0 one switch negates both (the vendor's schema has `srcaddr6-negate` from 7.2.1).
    """
    v6 = "srcaddr6" in addresses and "srcaddr" not in addresses
    apart = "srcaddr6-negate" in context.document.specs["firewall/policy"].fields
    negated = f"{all_but}6-negate" if v6 and apart else f"{all_but}-negate"
    row: Row = {
        "name": name,
        "status": "enable",
        "action": "accept" if accept else "deny",
        "srcintf": tuple(sorted(sources)),
        "dstintf": tuple(sorted(destinations)),
        **{field: addresses.get(field, ()) for field in ("srcaddr", "dstaddr", "srcaddr6", "dstaddr6")},
        **{field: _switch(field == negated) for field in _NEGATIONS},
        "service": tuple(sorted(services)),
        "service-negate": "disable",
        "schedule": "always",
        "nat": _switch(nat),
        "logtraffic": "utm" if accept else "all",
        # A plain `all` does not match what a virtual IP redirects (Fortinet article 192456); blocking must.
        **({} if accept else {"match-vip": "enable"}),
        **dict.fromkeys(_SERVICE_DATABASE, "disable"),
        "voip-profile": "",
        "ips-voip-filter": "",
        "comments": names.COMMENT,
    }
    context.own("firewall/policy", row, *controls)


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
    """The provider's signalling and media groups; whether there is IPv6 in them."""
    provider = context.policy.provider
    context.group(names.SIGNALLING, provider.signalling, "FW-1")
    context.group(names.MEDIA, provider.media, "FW-2")
    signalling6 = context.group6(names.SIGNALLING6, provider.signalling, "FW-1")
    media6 = context.group6(names.MEDIA6, provider.media, "FW-2")
    return signalling6, media6


def voice_source(context: Context) -> tuple[str, ...]:
    """The address object of the voice subnet."""
    row = {"name": names.VOICE, "type": "ipmask", "subnet": str(context.voice_vlan.subnet), "comment": names.COMMENT}
    context.own("firewall/address", row, "VLAN-3")
    return (names.VOICE,)


def allow_provider(context: Context) -> None:
    """From the phones to the provider: signalling on the ports in use, and media."""
    interface = context.topology.voice_in_rules
    if interface is None:
        return
    source, wan = voice_source(context), context.topology.wan_in_rules
    provider = context.policy.provider
    nat = context.voice_vlan.subnet.is_private
    for name, networks, group, service, control in (
        (names.ALLOW_SIGNALLING, provider.signalling, names.SIGNALLING, names.SIP, "FW-1"),
        (names.ALLOW_MEDIA, provider.media, names.MEDIA, names.RTP, "FW-2"),
    ):
        if any(network.version == 4 for network in networks):
            addresses = {"srcaddr": source, "dstaddr": (group,)}
            own_rule(context, (control, "VLAN-3"), name, (interface,), wan, (service,), addresses, accept=True, nat=nat)


def _switch(on: bool) -> str:
    return "enable" if on else "disable"
