"""What addresses, ports and their aliases stand for (pfSense RELENG_2_7_2, inc/util.inc and inc/filter.inc)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ..intervals import PartlyKnown, Range
from ..packets import EVERY_ADDRESS
from .rows import Row, entries, text

Addresses = dict[int, PartlyKnown]
"""Addresses by family, 4 and 6."""
EVERY_PORT = (0, 65535)
UNKNOWN_ADDRESSES: Addresses = {family: PartlyKnown.unknown(every) for family, every in EVERY_ADDRESS.items()}
UNKNOWN_PORTS = PartlyKnown.unknown(EVERY_PORT)
# Their content is in files on the box (`/var/db/aliastables`).
_FROM_FILES = {"urltable", "urltable_ports"}
_OF_PORTS = {"port", "url_ports", "urltable_ports"}
# Tables of the system that rules of newer releases may name; what is in them no configuration says.
_SYSTEM_TABLES = {
    "bogons", "bogonsv6", "sshguard", "snort2c", "virusprot", "vpn_networks", "negate_networks", "tonatsubnets",
    "_private4_",
}
# Names of /etc/services that stand for ports; the file has many more, but nobody writes them into rules.
_SERVICES = {"ssh": 22, "domain": 53, "http": 80, "ntp": 123, "https": 443, "sip": 5060, "sips": 5061}


@lru_cache(maxsize=16384)
def network(literal: str) -> tuple[int, Range] | None:
    """(family, first and last address) of an address or a CIDR network; None when it is neither."""
    try:
        found = ipaddress.ip_network(literal.strip(), strict=False)
    except ValueError:
        return None
    return found.version, (int(found[0]), int(found[-1]))


def _port(literal: str) -> int | None:
    if literal.isascii() and literal.isdigit():
        return int(literal) if 1 <= int(literal) <= 65535 else None
    return _SERVICES.get(literal)


def port_range(literal: str, separator: str = ":") -> Range | None:
    """A port or a range of ports; None when it is neither."""
    first, _separator, last = literal.partition(separator)
    low, high = _port(first), _port(last or first)
    return None if low is None or high is None else (low, high)


class AliasBook:
    """The aliases of a configuration."""

    def __init__(self, config: Any) -> None:
        self._rows: dict[str, Row] = {}
        for row in entries(config, "aliases/alias"):
            self._rows.setdefault(text(row, "name"), row)
        self._addresses: dict[str, Addresses | None] = {}
        self._ports: dict[str, PartlyKnown | None] = {}

    def is_alias(self, name: str) -> bool:
        """Whether an alias has this name."""
        return name in self._rows

    def addresses(self, name: str) -> Addresses | None:
        """The addresses behind an alias, an address or a network; None where the vendor leaves the rule out."""
        if name not in self._addresses:
            self._addresses[name] = self._work_out(name)
        return self._addresses[name]

    def ports(self, name: str) -> PartlyKnown | None:
        """The ports behind an alias, a port or `first:last`; None where the vendor leaves the rule out."""
        if name not in self._ports:
            self._ports[name] = self._work_out_ports(name)
        return self._ports[name]

    def first_port(self, name: str) -> int | None:
        """The first port that a port alias lists; None when it has none that the configuration holds."""
        for entry in self._entries(name, {name}):
            span = port_range(entry or "")
            if span is not None:
                return span[0]
        return None

    def _work_out(self, name: str) -> Addresses | None:
        row = self._rows.get(name)
        if row is None:
            if name in _SYSTEM_TABLES:
                return UNKNOWN_ADDRESSES
            literal = network(name)
            if literal is None:
                return None
            return {family: PartlyKnown.exactly([literal[1]] if family == literal[0] else []) for family in (4, 6)}
        if name.isdigit() or not self._expands(row):
            return None
        if text(row, "type") in _OF_PORTS:
            return UNKNOWN_ADDRESSES  # ports where addresses belong: the rules are not loaded
        known: dict[int, list[Range]] = {4: [], 6: []}
        complete = True
        for entry in self._entries(name, {name}):
            found = network(entry) if entry is not None else None
            if found is None:  # a name, resolved on the box, or a file on it
                complete = False
            else:
                known[found[0]].append(found[1])
        sets = {family: PartlyKnown.exactly(ranges) for family, ranges in known.items()}
        return sets if complete else {family: some | UNKNOWN_ADDRESSES[family] for family, some in sets.items()}

    def _work_out_ports(self, name: str) -> PartlyKnown | None:
        row = self._rows.get(name)
        if row is None:
            span = port_range(name)
            return None if span is None else PartlyKnown.exactly([span] if span[0] <= span[1] else [])
        if name.isdigit() or not self._expands(row):
            return None
        if text(row, "type") not in _OF_PORTS:
            return UNKNOWN_PORTS
        listed = list(self._entries(name, {name}))
        spans = [port_range(entry) for entry in listed if entry is not None]
        if not listed:
            return None  # "Empty port alias"
        known = PartlyKnown.exactly(span for span in spans if span is not None and span[0] <= span[1])
        return known if None not in spans and None not in listed else known | UNKNOWN_PORTS

    @staticmethod
    def _expands(row: Row) -> bool:
        return row.get("address") is not None or text(row, "type").startswith("url")

    def _entries(self, name: str, seen: set[str]) -> Iterator[str | None]:
        """What an alias lists, nested ones in their places, each once; None stands for a file on the box."""
        row = self._rows[name]
        if text(row, "type") in _FROM_FILES:
            yield None
            return
        for entry in text(row, "address").split():
            if entry not in self._rows:
                yield entry
            elif entry not in seen:
                seen.add(entry)
                yield from self._entries(entry, seen)
