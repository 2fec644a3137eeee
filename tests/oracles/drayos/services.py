"""What the service part of a rule covers: service objects, their groups, and user-defined protocol and ports.

Protocol 0 any, 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6, 255 TCP/UDP, any other by its number. A port check is 0 ``=`` (the
range), 1 ``!=`` (all but the range), 2 ``>`` or 3 ``<`` the first port (Vigor3912 User's Guide 1.01, ``object service
obj``). Ports count for TCP and UDP only; with protocol any and ports set, what other protocols do is not in the guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..intervals import Range
from ..logic import Truth
from .objects import Reference
from .rows import Configuration, Row, section

TCP, UDP = 6, 17
_ANY, _TCP_UDP = 0, 255
_LAST = 65535
_ALL: tuple[Range, ...] = ((0, _LAST),)


def checked(check: int, start: int, end: int) -> tuple[Range, ...] | None:
    """The ports that pass a check; None when the check makes no sense and so may mean anything."""
    if check == 2:
        return ((start + 1, _LAST),) if start < _LAST else ()
    if check == 3:
        return ((0, start - 1),) if start else ()
    if check not in (0, 1) or start > end or (start, end) == (0, 0):
        return None
    if check == 0:
        return _ALL if (start, end) == (1, _LAST) else ((start, end),)
    return tuple(span for span in ((0, start - 1), (end + 1, _LAST)) if span[0] <= span[1])


def _inside(port: int, spans: Iterable[Range]) -> bool:
    return any(low <= port <= high for low, high in spans)


class Services:
    """A union of services."""

    __slots__ = ("anything", "ports", "protocols", "unknown")

    def __init__(self, anything: bool = False, unknown: bool = False) -> None:
        self.anything = anything
        self.unknown = unknown  # may cover anything else as well
        self.protocols: set[int] = set()
        # protocol -> (source ports, destination ports) of each service
        self.ports: dict[int, list[tuple[tuple[Range, ...], tuple[Range, ...]]]] = {}

    def match(self, protocol: int, source_port: int, port: int) -> Truth:
        """Whether a packet is of these services."""
        if self.anything or protocol in self.protocols:
            return True
        for sources, destinations in self.ports.get(protocol, ()):
            if _inside(port, destinations) and _inside(source_port, sources):
                return True
        return None if self.unknown else False

    def add(self, other: Services) -> None:
        """Take in another union."""
        self.anything |= other.anything
        self.unknown |= other.unknown
        self.protocols |= other.protocols
        for protocol, pairs in other.ports.items():
            self.ports.setdefault(protocol, []).extend(pairs)


def _service(protocol: int, source: Sequence[Any], destination: Sequence[Any]) -> Services:
    sources, destinations = checked(*map(int, source)), checked(*map(int, destination))
    if protocol not in (_ANY, TCP, UDP, _TCP_UDP):
        result = Services()
        result.protocols.add(protocol)
        return result
    if sources is None or destinations is None:
        return Services(unknown=True)
    if protocol == _ANY and (sources, destinations) == (_ALL, _ALL):
        return Services(anything=True)
    result = Services(unknown=protocol == _ANY)
    for number in (TCP, UDP) if protocol in (_ANY, _TCP_UDP) else (protocol,):
        result.ports[number] = [(sources, destinations)]
    return result


class ServiceBook:
    """The service objects and groups of a configuration; each is worked out when first asked for."""

    def __init__(self, configuration: Configuration) -> None:
        self._objects = section(configuration, "service_objects")
        self._groups = section(configuration, "service_groups")
        self._known: dict[tuple[str, int], Services] = {}

    def services(self, reference: Reference) -> Services:
        """What the service part of a rule covers."""
        kind, *rest = reference
        if kind == "any":
            return Services(anything=True)
        if kind in ("o", "g"):
            return self._all_of(kind, rest)
        if kind == "u" and len(rest) == 7:
            protocol, source, destination, source_low, low, source_high, high = rest
            return _service(int(protocol), (source, source_low, source_high), (destination, low, high))
        return Services(unknown=True)

    def _all_of(self, kind: str, indexes: Iterable[Any]) -> Services:
        wanted = [int(index) for index in indexes if int(index)]
        result = Services(unknown=not wanted)
        for index in wanted:
            result.add(self._one(kind, index))
        return result

    def _one(self, kind: str, index: int) -> Services:
        known = self._known.get((kind, index))
        if known is None:
            row = (self._objects if kind == "o" else self._groups).get(str(index))
            known = self._known[kind, index] = self._read(kind, row)
        return known

    def _read(self, kind: str, row: Row | None) -> Services:
        if row is None:
            return Services(unknown=True)
        if kind == "g":
            return self._all_of("o", row.get("members") or ())
        unchanged = (0, 1, _LAST)
        return _service(
            int(row.get("protocol", _ANY)), row.get("source") or unchanged, row.get("destination") or unchanged
        )


def ports(services: Services) -> frozenset[tuple[int, int, int]] | None:
    """The (protocol, first, last destination port) that services cover from any source port; None when not known.

    A protocol without ports has 0 to 65535. Everything (``any``) is protocol 0.
    """
    if services.unknown or any(
        sources != _ALL for pairs in services.ports.values() for sources, _destinations in pairs
    ):
        return None
    if services.anything:
        return frozenset({(0, 0, _LAST)})
    spans = {(protocol, 0, _LAST) for protocol in services.protocols}
    for protocol, pairs in services.ports.items():
        spans |= {(protocol, low, high) for _sources, destinations in pairs for low, high in destinations}
    return frozenset(spans)
