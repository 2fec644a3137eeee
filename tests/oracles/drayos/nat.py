"""Destination NAT of what arrives at a WAN: port redirection, open ports, DMZ host, in this order.

The order: DrayTek UK, "Vigor port forwarding: differences". A source object or group lets only those addresses in
(DrayTek UK, "How to apply firewall rules to port forwarding"); whether another source is refused there or tried
against the entries behind is not said, so both are courses. Alias 1 is the WAN's own address (Vigor3912 User's Guide
1.01, ``srv nat openport``: ``-w 1 1`` is shown as WAN1); addresses of the other aliases are not in the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..intervals import PartlyKnown
from ..logic import Truth, both
from ..packets import Packet
from .objects import AddressBook, number
from .rows import Configuration, Row, numbered, on
from .services import TCP, UDP

_PROTOCOLS = {"TCP": frozenset({TCP}), "UDP": frozenset({UDP}), "ALL": frozenset({TCP, UDP}),
              "TCP/UDP": frozenset({TCP, UDP})}


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in. ``wan`` empty = every WAN; ``protocols`` None = all; ``port`` None = it stays as it is."""

    name: str
    wan: str
    alias: int
    protocols: frozenset[int] | None
    low: int
    high: int
    sources: PartlyKnown | None
    target: int
    port: int | None

    def takes(self, wan: str, packet: Packet, own: Truth) -> Truth:
        """Whether it is for a packet to an address of ``wan``; ``own``: whether that is the WAN's own."""
        if self.wan not in ("", wan):
            return False
        if self.protocols is not None and (
            packet.protocol_number not in self.protocols or not self.low <= packet.destination_port <= self.high
        ):
            return False
        return own if self.alias <= 1 else False if own is True else None


class Nat:
    """The enabled entries of a configuration in the order in which they are tried."""

    def __init__(self, configuration: Configuration, addresses: AddressBook) -> None:
        self.entries = [*_redirections(configuration, addresses), *_open_ports(configuration, addresses),
                        *_dmz_hosts(configuration)]
        self.has_aliases = any(entry.alias > 1 for entry in self.entries)

    def courses(self, wan: str, packet: Packet, own: Truth) -> list[Entry | None]:
        """The entries that may translate a packet; None in the list = perhaps none does."""
        found: list[Entry | None] = []
        if packet.family == 6:
            return [None]
        for entry in self.entries:
            taken = entry.takes(wan, packet, own)
            if taken is False:
                continue
            welcome: Truth = True if entry.sources is None else entry.sources.contains(packet.source_number)
            found.append(None if welcome is False else entry)
            if both(taken, welcome) is True:
                return found
        return [*found, None]


def _sources(row: Row, addresses: AddressBook) -> PartlyKnown | None:
    kind, index = row.get("source") or (0, 0)
    return addresses.all_of("g" if int(kind) else "o", [index])[4] if int(index) else None


def _redirections(configuration: Configuration, addresses: AddressBook) -> Iterator[Entry]:
    for index, row in numbered(configuration, "portmaps"):
        target = number(row.get("private"), 4)
        if not on(row, "enabled") or target is None:
            continue
        wan = str(row.get("wan") or "all").upper()
        port = int(row.get("port") or 0)
        yield Entry(
            f"port redirection {index}", "" if wan == "ALL" else wan, int(row.get("alias") or 1),
            _PROTOCOLS[str(row.get("protocol")).upper()], port, port, _sources(row, addresses), target,
            int(row.get("private_port") or 0) or None,
        )


def _open_ports(configuration: Configuration, addresses: AddressBook) -> Iterator[Entry]:
    for index, row in numbered(configuration, "openports"):
        target = number(row.get("local"), 4)
        if not on(row, "enabled") or target is None:
            continue
        for _item, item in numbered(row, "items"):
            low, high = int(item.get("start") or 0), int(item.get("end") or 0)
            if (low, high) == (0, 0):
                continue  # not in use: an unused item is shown as 0~0 (same guide, ``srv nat showall``)
            yield Entry(
                f"open ports {index}", f"WAN{int(row.get('wan') or 1)}", int(row.get("alias") or 1),
                _PROTOCOLS[str(item.get("protocol")).upper()], low, high or low, _sources(row, addresses), target,
                None,
            )


def _dmz_hosts(configuration: Configuration) -> Iterator[Entry]:
    for index, row in numbered(configuration, "dmz"):
        target = number(row.get("private"), 4)
        if on(row, "enabled") and target:
            yield Entry(f"DMZ host of WAN{index}", f"WAN{index}", 1, None, 0, 65535, None, target, None)
