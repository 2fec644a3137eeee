"""The unit's interfaces: LAN1 and on with their IPv4 networks, WAN1 and on, and which LANs route to each other.

LAN1 is on with 192.168.1.1/24 until changed, the others are off (Vigor3912 User's Guide 1.01, ``show lan``); routing
between LANs is off until turned on (same guide, ``msubnet talk``: the matrix holds only its diagonal).
"""

from __future__ import annotations

from dataclasses import dataclass

from .objects import masked, number
from .rows import Configuration, numbered, on, section

_MULTICAST = 0xE0000000  # and above: broadcast too


@dataclass(frozen=True, slots=True)
class Lan:
    """A LAN that is on."""

    name: str
    own: int | None
    low: int
    high: int
    nat: bool
    dhcp: bool


@dataclass(frozen=True, slots=True)
class Wan:
    """A WAN that is on. ``address`` None = it comes from outside and is not known."""

    name: str
    address: int | None
    up: bool


class Networks:
    """Every interface that is on."""

    def __init__(self, configuration: Configuration) -> None:
        rows = dict(numbered(configuration, "lans"))
        rows.setdefault(1, {"enabled": 1, "address": "192.168.1.1", "mask": "255.255.255.0"})
        self.lans: dict[str, Lan] = {}
        for index, row in sorted(rows.items()):
            if not on(row, "enabled", default=index == 1):
                continue
            span = masked(row.get("address"), row.get("mask") or "255.255.255.0")
            low, high = span or (1, 0)
            self.lans[f"LAN{index}"] = Lan(
                f"LAN{index}", number(row.get("address"), 4), low, high, on(row, "nat", default=True),
                on(row, "dhcp", default=True),
            )
        # The narrowest network first: it is the one that a route lookup takes.
        self._narrow = sorted(self.lans.values(), key=lambda lan: lan.high - lan.low)
        wans = dict(numbered(configuration, "wans")) if section(configuration, "wans") else {1: {"enabled": 1, "up": 1}}
        self.wans = {
            f"WAN{index}": Wan(f"WAN{index}", number(row.get("address"), 4) or None, on(row, "up", default=True))
            for index, row in wans.items() if on(row, "enabled")
        }
        self.own = {lan.own: lan for lan in self.lans.values() if lan.own is not None}
        self.outside = {wan.address: wan for wan in self.wans.values() if wan.address is not None}
        self._routed = {frozenset(map(int, pair)) for pair in configuration.get("talk") or ()}

    def lan_of(self, address: int) -> Lan | None:
        """The LAN whose network holds an IPv4 address."""
        return next((lan for lan in self._narrow if lan.low <= address <= lan.high), None)

    def routed(self, first: str, second: str) -> bool:
        """Whether the unit routes between two LANs."""
        return frozenset((int(first[3:]), int(second[3:]))) in self._routed

    def undirected(self, family: int, address: int) -> bool:
        """Whether an address is a group's or a broadcast: nothing here says what becomes of those."""
        if family == 6:
            return address >> 120 == 0xFF
        lan = self.lan_of(address)
        return address >= _MULTICAST or (lan is not None and lan.high - lan.low > 1 and address == lan.high)
