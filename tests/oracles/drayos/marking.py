"""Priorities: the 802.1p value of a LAN's VLANs, and the QoS class that a packet falls into.

A class rule compares local and remote address, DSCP (an ID: 1-7 IP precedence, 8-19 AF11 to AF43, 20 EF) and a
predefined service (22 SIP); the bandwidth control has a direction per WAN (Vigor3912 User's Guide 1.01, ``qos setup``,
``qos class``). Classes are numbered 1 to 3; what none of them takes is class 4, "other". No documented command changes
the DSCP of a packet; the classes can be made to in the web pages, which the configuration does not hold.
"""

from __future__ import annotations

from ..logic import Truth, both
from ..packets import Packet
from .objects import between, masked
from .objects import number as object_number
from .rows import Configuration, Row, numbered, on, section
from .services import TCP, UDP

OTHER = 4
_BOTH, _IN, _OUT = 3, 1, 2
_ANY_SERVICE, _SIP = "1", "22"
_RESERVED = 0xF0000000
_ALL_AF = frozenset(8 * group + 2 * drop for group in range(1, 5) for drop in range(1, 4))


def dscp_of(identifier: str) -> frozenset[int] | None:
    """The DSCP values of an ID; None when the guide leaves it open (0: default)."""
    if identifier.upper() == "ALL_AF":
        return _ALL_AF
    number = int(identifier)
    if 1 <= number <= 7:
        return frozenset({8 * number})
    if 8 <= number <= 19:
        group, drop = divmod(number - 8, 3)
        return frozenset({8 * (group + 1) + 2 * (drop + 1)})
    return frozenset({46}) if number == 20 else None


def priority(configuration: Configuration, lan: int) -> int | None:
    """The 802.1p priority of frames in a LAN's tagged VLANs; None when there are none or they differ."""
    vlans = section(configuration, "vlans")
    if not on(vlans, "enabled"):
        return None
    found = {
        int(row.get("pri") or 0) for _index, row in numbered(vlans, "rows")
        if on(row, "tagged") and int(row.get("lan") or 1) == lan
    }
    return found.pop() if len(found) == 1 else None


def qos_class(configuration: Configuration, packet: Packet, wan: int) -> int | None:
    """The QoS class that a packet to or from a WAN falls into: 1 to 3, 4 other, 0 none (QoS is off); None unknown."""
    qos = section(configuration, "qos")
    mode = int((section(qos, "setup").get(str(wan)) or {}).get("mode") or 0)
    inbound = packet.ingress == f"WAN{wan}"
    if mode not in (_BOTH, _IN if inbound else _OUT):
        return 0
    possible: set[int] = set()
    certain = False
    for index, row in numbered(qos, "classes"):
        for rule in row.get("rules") or ():
            matched = _match(rule, packet, inbound) if on(rule, "enabled", default=True) else False
            if matched is not False:
                possible.add(index)
                certain |= matched is True
    if not certain:
        possible.add(OTHER)
    return possible.pop() if len(possible) == 1 else None


def _match(rule: Row, packet: Packet, inbound: bool) -> Truth:
    local, remote = (packet.destination_number, packet.source_number) if inbound else (
        packet.source_number, packet.destination_number
    )
    result = _address(rule.get("local"), packet.family, local)
    result = both(result, _address(rule.get("remote"), packet.family, remote))
    result = both(result, _dscp(rule.get("dscp"), packet.dscp))
    return both(result, _service(str(rule.get("service") or _ANY_SERVICE), packet))


def _address(value: object, family: int, number: int) -> Truth:
    text = str(value or "any")
    if text.lower() == "any":
        return True
    if family == 6:
        return None
    first, _colon, second = text.partition(":")
    # "a:b" is a range, or an address with its mask: no range ends among the reserved addresses that masks look like.
    end = object_number(second, 4)
    span = masked(first, second) if end is not None and end >= _RESERVED else between(first, second or first, 4)
    return None if span is None else span[0] <= number <= span[1]


def _dscp(value: object, dscp: int) -> Truth:
    text = str(value if value not in (None, "") else "any")
    if text.lower() == "any":
        return True
    values = dscp_of(text)
    return None if values is None else dscp in values


def _service(text: str, packet: Packet) -> Truth:
    if text.lower() in ("any", _ANY_SERVICE):
        return True
    if text != _SIP:
        return None
    if packet.protocol_number not in (TCP, UDP):
        return False
    return True if packet.destination_port == 5060 else None if packet.source_port in (5060, 5061) else (
        None if packet.destination_port == 5061 else False
    )
