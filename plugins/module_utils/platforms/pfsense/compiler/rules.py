# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The aliases and the rules that the allowlist and the voice VLAN share, and what the site's own forwards lead to.

All rules of ours are floating and quick and stand first, so that no floating rule, no rule of an interface group and no
rule of an interface comes before them (inc/filter.inc: floating, then groups, then interfaces; the first quick match
counts). Filters see addresses and ports as forwards have changed them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....document.model import Document
from ....errors import NotPossible
from ....policy.model import TRANSPORT_PROTOCOL, PortRange, Protocol, merge_ports, without
from .. import names
from ..ownership import bears_mark
from ..tables import FORWARDS, table
from ..traffic import forward_ports
from .context import Context

QUEUE = "qVoIP"
"""The queue that the traffic shaper's wizard makes for voice. A rule with a queue that is not there fails to load. One
that is given on the way in goes with the packet to any interface with a queue of that name (pf.conf(5), QUEUEING)."""
FIRST_FORWARDED_PORT = 1024
"""A forward to a port below leads to a service of every network: shutting that to all but the provider is no way."""
PRIORITIES = ("bk", "be", "ee", "ca", "vi", "vo", "ic", "nc")
"""pfSense's words for the priorities 0 to 7 of IEEE 802.1p (inc/globals.inc `$vlanprio_values`)."""


def provider_networks(context: Context) -> None:
    """The aliases of the provider's networks."""
    provider = context.policy.provider
    context.networks(names.SIGNALLING, provider.signalling, "FW-1")
    context.networks(names.MEDIA, provider.media, "FW-2")


def voice_ports(context: Context) -> None:
    """The aliases of the SIP ports in use and of RTP."""
    context.ports(names.SIP, context.policy.sip_ports_in_use, "FW-1")
    context.ports(names.RTP, context.policy.provider.rtp_ports, "FW-2")


def allow_provider(context: Context) -> None:
    """From the phones to the provider: signalling on the ports in use, and media."""
    voice = context.topology.voice
    if voice is None:
        return
    policy, provider = context.policy, context.policy.provider
    priority, limiters = PRIORITIES[context.voice_vlan.priority], _limiters(context)
    for name, networks, alias, protocol, ports, control in (
        (
            names.ALLOW_SIGNALLING,
            provider.signalling,
            names.SIGNALLING,
            TRANSPORT_PROTOCOL[policy.transport],
            names.SIP,
            "FW-1",
        ),
        (names.ALLOW_MEDIA, provider.media, names.MEDIA, "udp", names.RTP, "FW-2"),
    ):
        if any(network.version == 4 for network in networks):
            context.rule(
                (control, "VLAN-3"),
                name,
                (voice,),
                kind="pass",
                family="inet",
                protocol=protocol,
                source=str(context.voice_vlan.subnet),
                destination=alias,
                ports=ports,
                vlanprioset=priority,
                queue=QUEUE if QUEUE in context.details.queues else "",
                limiters=limiters,
            )


def _limiters(context: Context) -> tuple[str, ...]:
    """Those that voice is to go through. With one that is not there or off, the vendor's code leaves both out without
    a word; of a limiter and a queue it makes a line that does not load (inc/filter.inc)."""
    wanted, there = context.details.limiters, context.details.limiters_there
    for name in wanted:
        if name not in there:
            found = ", ".join(sorted(there)) or "none"
            raise NotPossible(f"limiters (voip_limiters): {name} is not on this box, or off; it has {found}")
    if len({there[name] for name in wanted}) > 1:
        raise NotPossible(f"limiters (voip_limiters): of {' and '.join(wanted)} only one is a queue")
    return wanted


def forwarded_inside(context: Context, protocol: Protocol, outside: tuple[PortRange, ...]) -> tuple[PortRange, ...]:
    """The inside ports of the site's forwards from these outside ports, where they are others."""
    return merge_ports(_inside(context.document, context.topology.wan, protocol, outside))


def _inside(
    document: Document, wan: tuple[str, ...], protocol: Protocol, outside: tuple[PortRange, ...]
) -> Iterator[PortRange]:
    for row in document.rows(table(FORWARDS)):
        if row["disabled"] or row["nordr"] or bears_mark(FORWARDS, row) or row["interface"] not in wan:
            continue
        for own, inner in forward_ports(row, document, protocol):
            for wanted in outside:
                first, last = max(own.first, wanted.first), min(own.last, wanted.last)
                if first <= last and own.first != inner.first:
                    moved = PortRange(first - own.first + inner.first, last - own.first + inner.first)
                    if moved.first >= FIRST_FORWARDED_PORT and moved.last <= 65535:
                        yield moved


def closed_ports(context: Context, protocol: Protocol) -> tuple[PortRange, ...]:
    """The SIP ports that nobody may use."""
    policy = context.policy
    return without(policy.guarded_sip_ports[protocol], policy.allowed_sip_ports[protocol])
