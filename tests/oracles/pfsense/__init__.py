"""What a pfSense configuration does to packets, worked out from the vendor's sources (RELENG_2_7_2 and master).

Every function takes a config.xml as the vendor's parser yields it: nested dicts, lists for list tags, "" for empty
elements. It is indexed at its first question: change a copy, never one that was asked about. Interfaces go by their
keys: wan, lan, opt1. Only the first packet of a flow is looked at; limits of states and connections are not.
"""

from __future__ import annotations

from ..logic import Truth
from ..packets import Packet, Verdict
from . import local
from .forwarding import forward, keeps_source_port
from .local import answer, reachable
from .system_rules import siproxd
from .unit import Config, unit_of


def passes(config: Config, packet: Packet) -> Verdict:
    """Whether the box forwards the first packet of a new flow, by which rule, translated how.

    Unknown are packets from tunnels, those that NAT reflection, siproxd, UPnP or a captive portal may take, and what
    depends on names, files or addresses from outside.
    """
    return forward(unit_of(config), packet)


def answers_locally(config: Config, packet: Packet) -> Verdict:
    """Whether the box itself answers a packet sent to one of its addresses.

    False when the filter blocks it or translation takes it elsewhere. For the web interface, SSH, siproxd and ping what
    the filter says; None for other ports that it lets in, since their listeners are not looked at.
    """
    return answer(unit_of(config), packet)


def management_reachable(config: Config, interface: str, source: str, service: str) -> Truth:
    """Whether ``source``, coming in by ``interface``, reaches ``service`` at any of the box's addresses.

    ``service``: https, http (the web interface without TLS, or its redirection to https) or ssh; ValueError otherwise.
    One that is off is not reached.
    """
    return reachable(unit_of(config), interface, source, service)


def sip_alg_state(config: Config) -> str:
    """``siproxd`` when that package is installed and on, else ``none``: pf itself knows nothing of SIP."""
    return "siproxd" if siproxd(config) is not None else "none"


def static_port(config: Config, packet: Packet) -> Truth:
    """Whether a packet leaves with the source port that it came with: not translated, by 1:1, or with static port."""
    return keeps_source_port(unit_of(config), packet)


def udp_timeout(config: Config) -> int:
    """Seconds after which a UDP state may be gone: the smallest of udp.first (one packet so far), udp.single (several,
    all one way) and udp.multiple. A rule's own `statetimeout` is not looked at."""
    return local.udp_timeout(unit_of(config))


__all__ = [
    "Packet", "Verdict", "answers_locally", "management_reachable", "passes", "sip_alg_state", "static_port",
    "udp_timeout",
]
