"""The shape of our rows on a Vigor, written down once by hand."""

from __future__ import annotations

from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row

ANY: tuple[str, ...] = ("any",)
OUT, IN, ACROSS = 0, 1, 2
"""LAN to WAN, WAN to LAN, LAN to LAN."""

# A rule as `ipf rule` takes it, with everything said that could narrow or widen it.
_RULE: Row = {
    "enabled": True,
    "incoming": ("all",),
    "outgoing": ("all",),
    "source": ANY,
    "destination": ANY,
    "service": ANY,
    "fragments": 0,
    "branch": "",
    "schedules": (0, 0, 0, 0),
}


def passes(direction: int, **sides: Any) -> Row:
    """A rule that lets through at once, without a log."""
    return {**_RULE, "direction": direction, "action": "pass", "log": False, **sides}


def blocks(direction: int, **sides: Any) -> Row:
    """A rule that blocks at once, with a log."""
    return {**_RULE, "direction": direction, "action": "block", "log": True, **sides}


def network(start: str, mask: str) -> Row:
    """The object of a network."""
    return {"interface": "any", "type": "mask", "start": start, "end": mask, "invert": 0}


def host(address: str) -> Row:
    """The object of an address."""
    return {"interface": "any", "type": "single", "start": address, "end": "0.0.0.0", "invert": 0}


def group(*members: int) -> Row:
    """A group of objects, by their numbers."""
    return {"interface": "any", "member": tuple(f"object {number}" for number in members)}


def service(protocol: int, first: int, last: int) -> Row:
    """The object of destination ports, whatever the source port is."""
    return {"protocol": protocol, "source": (0, 1, 65535), "destination": (0, first, last)}
