"""What services and service groups stand for (FortiOS CLI reference: firewall.service custom and group)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..intervals import Range
from ..logic import Truth
from .rows import Row, Tables, names, port_range, rows

TCP, UDP, SCTP, UDP_LITE, ICMP, ICMP6 = 6, 17, 132, 136, 1, 58
_PORT_FIELDS = {
    "tcp-portrange": TCP, "udp-portrange": UDP, "sctp-portrange": SCTP, "udplite-portrange": UDP_LITE,
}
# The name changed with 7.6.0 (the vendor's published schema).
_PORT_PROTOCOLS = frozenset({"", "TCP/UDP/SCTP", "TCP/UDP/UDP-Lite/SCTP"})
_ICMP_PROTOCOLS = {"ICMP": ICMP, "ICMP6": ICMP6}


@dataclass(slots=True)
class Services:
    """A union of services. ``ports``: protocol -> (destination range, source range) of each."""

    anything: bool = False
    ports: dict[int, list[tuple[Range, Range]]] = field(default_factory=dict)
    protocols: set[int] = field(default_factory=set)
    icmp: list[tuple[int, int | None, int | None]] = field(default_factory=list)
    # A service that depends on what the configuration does not hold (an application, an FQDN, an unknown name).
    unknown: bool = False

    def matches(self, protocol: int, port: Range, source_port: int, icmp: tuple[int, int] | None) -> Truth:
        """Whether a packet is of these services. ``port``: where it goes, a range when not exactly known."""
        if self.anything or protocol in self.protocols:
            return True
        result: Truth = None if self.unknown else False
        low, high = port
        for (first, last), (source_first, source_last) in self.ports.get(protocol, ()):
            if source_first <= source_port <= source_last:
                if first <= low and high <= last:
                    return True
                if first <= high and low <= last:
                    result = None
        if self.icmp and icmp is not None:
            kind, code = icmp
            for wanted, wanted_kind, wanted_code in self.icmp:
                if protocol == wanted and wanted_kind in (None, kind) and wanted_code in (None, code):
                    return True
        return result

    def add(self, other: Services) -> None:
        """Take in another union."""
        self.anything |= other.anything
        self.unknown |= other.unknown
        self.protocols |= other.protocols
        self.icmp += other.icmp
        for protocol, spans in other.ports.items():
            self.ports.setdefault(protocol, []).extend(spans)


def _number(value: object) -> int | None:
    return None if value in (None, "") else int(str(value))


def _read(row: Row) -> Services:
    result = Services()
    protocol = str(row.get("protocol") or "")
    if row.get("app-service-type", "disable") not in ("", "disable"):
        result.unknown = True
    elif protocol == "IP":
        number = int(row.get("protocol-number") or 0)
        if number:
            result.protocols.add(number)
        else:
            result.anything = True
    elif protocol in _ICMP_PROTOCOLS:
        result.icmp.append((_ICMP_PROTOCOLS[protocol], _number(row.get("icmptype")), _number(row.get("icmpcode"))))
    elif protocol not in _PORT_PROTOCOLS:
        result.unknown = True  # the explicit proxies' protocols
    elif row.get("fqdn") or row.get("iprange", "0.0.0.0") not in ("", "0.0.0.0"):
        result.unknown = True  # tied to addresses as well
    else:
        for field_name, number in _PORT_FIELDS.items():
            for text in str(row.get(field_name) or "").split():
                destination, _colon, source = text.partition(":")
                result.ports.setdefault(number, []).append(
                    (port_range(destination), port_range(source) if source else (0, 65535))
                )
    return result


class ServiceBook:
    """The services of one VDOM; each is worked out when first asked for."""

    def __init__(self, tables: Tables) -> None:
        self._services = {str(row["name"]): row for row in rows(tables, "firewall.service/custom")}
        self._groups = {str(row["name"]): row for row in rows(tables, "firewall.service/group")}
        self._known: dict[str, Services] = {}

    def resolve(self, name: str) -> Services:
        """The service behind a name; a name that the configuration does not hold may stand for anything."""
        if name not in self._known:
            self._known[name] = Services(unknown=True)  # inside itself, as in AddressBook
            if name in self._services:
                self._known[name] = _read(self._services[name])
            elif name in self._groups:
                self._known[name] = self.union(names(self._groups[name].get("member")))
            elif name == "ALL":  # shipped with every unit
                self._known[name] = Services(anything=True)
        return self._known[name]

    def union(self, wanted: Iterable[str]) -> Services:
        """The services behind any of the names."""
        result = Services()
        for name in wanted:
            result.add(self.resolve(name))
        return result

    def helpers(self, wanted: Iterable[str]) -> set[str]:
        """The session helpers that the services behind the names ask for (``auto`` = the session-helper table)."""
        found: set[str] = set()
        waiting, seen = list(wanted), set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self._services:
                found.add(str(self._services[name].get("helper") or "auto"))
            else:
                waiting += names(self._groups.get(name, {}).get("member"))
        return found
