"""What a FortiOS configuration does to packets: the device's own decisions, worked out from the vendor's documents.

Every function takes a configuration as ``{"version", "global": {path: rows}, "vdom": {name: {path: rows}}}``, with or
without default values. It is indexed at its first question: change a copy, never one that was asked about.
"""

from __future__ import annotations

from ..logic import Truth
from ..packets import Packet, Verdict
from .forwarding import forward
from .local import answer, reachable
from .sip import sip_state
from .unit import Config, unit_of


def passes(config: Config, packet: Packet) -> Verdict:
    """Whether the unit forwards the first packet of a new flow, by which policy, translated and marked how."""
    return forward(unit_of(config), packet)


def answers_locally(config: Config, packet: Packet) -> Verdict:
    """Whether the unit itself takes in a packet sent to one of its addresses.

    For the services of ``allowaccess``: whether they answer. For SIP ports: what the local-in policies say. For any
    other port: False when a local-in policy denies it, else None, since listeners are not in the configuration.
    """
    return answer(unit_of(config), packet)


def management_reachable(config: Config, interface: str, source: str, service: str) -> Truth:
    """Whether ``source``, coming in by ``interface``, reaches ``service`` (https, ssh, ping ...) at its addresses.

    ValueError when the service is not one of ``allowaccess``.
    """
    return reachable(unit_of(config), interface, source, service)


def sip_alg_state(config: Config, vdom: str, policy: int | str | None) -> str:
    """What happens to SIP under a policy (id or name; None = one without a VoIP profile).

    ``alg:<profile>``, ``helper`` or ``none``. ValueError when there is no such policy.
    """
    return sip_state(unit_of(config), vdom, policy)


def marking(config: Config, packet: Packet) -> int | None:
    """The DSCP that a packet leaves with; None when it does not pass or the value is unknown."""
    return forward(unit_of(config), packet).dscp


__all__ = ["Packet", "Verdict", "answers_locally", "management_reachable", "marking", "passes", "sip_alg_state"]
