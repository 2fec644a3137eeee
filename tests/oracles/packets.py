"""The question that every oracle is asked, and its answer, in no vendor's words."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from functools import lru_cache

from .logic import Truth

# Protocols with a name of their own; any other is given as its IP protocol number.
PROTOCOL_NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "sctp": 132}
_ICMP6 = 58
ECHO_REQUEST = {4: 8, 6: 128}
EVERY_ADDRESS = {4: (0, 2**32 - 1), 6: (0, 2**128 - 1)}


@lru_cache(maxsize=65536)
def address(text: str) -> tuple[int, int]:
    """(family 4 or 6, the address as an integer). ValueError when it is not an IP address."""
    parsed = ipaddress.ip_address(text)
    return parsed.version, int(parsed)


def text_of(family: int, number: int) -> str:
    """The address in its usual spelling."""
    return str(ipaddress.IPv4Address(number) if family == 4 else ipaddress.IPv6Address(number))


@dataclass(frozen=True, slots=True)
class Packet:
    """The first packet of a flow, as it arrives at an interface of the device.

    ``protocol``: tcp, udp, sctp, icmp (ICMPv6 for IPv6 addresses) or an IP protocol number. Ports are ignored for the
    protocols that have none. ``egress``: the interfaces that routing may choose for a destination that no connected
    network or static route of the configuration covers; empty = the device's WAN interfaces. ``icmp``: type and code;
    left out, it is an echo request. ``dscp``: as it arrives. ValueError names a field that makes no sense.
    """

    ingress: str
    source: str
    destination: str
    protocol: str | int
    destination_port: int = 0
    source_port: int = 49152
    egress: tuple[str, ...] = ()
    icmp: tuple[int, int] | None = None
    dscp: int = 0
    # Worked out once: oracles are asked the same packet many times.
    family: int = field(init=False, repr=False, compare=False)
    source_number: int = field(init=False, repr=False, compare=False)
    destination_number: int = field(init=False, repr=False, compare=False)
    protocol_number: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        family, source = address(self.source)
        other, destination = address(self.destination)
        if family != other:
            raise ValueError(f"source {self.source} and destination {self.destination} are not of one address family")
        if isinstance(self.protocol, int):
            number = self.protocol
        elif self.protocol in PROTOCOL_NUMBERS:
            number = PROTOCOL_NUMBERS[self.protocol]
        else:
            allowed = ", ".join(PROTOCOL_NUMBERS)
            raise ValueError(f"protocol {self.protocol!r}: allowed are {allowed} or an IP protocol number")
        if family == 6 and number == PROTOCOL_NUMBERS["icmp"]:
            number = _ICMP6
        for name, port in (("source_port", self.source_port), ("destination_port", self.destination_port)):
            if not 0 <= port <= 65535:
                raise ValueError(f"{name} {port}: allowed are 0 to 65535")
        set_field = object.__setattr__  # the dataclass is frozen
        set_field(self, "family", family)
        set_field(self, "source_number", source)
        set_field(self, "destination_number", destination)
        set_field(self, "protocol_number", number)
        if self.icmp is None:
            set_field(self, "icmp", (ECHO_REQUEST[family], 0))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a packet.

    ``allowed`` is None when something that the configuration does not hold (what a name resolves to, what time it is)
    could change the answer. ``rule`` names the deciding entry in the device's own words. ``destination`` (address,
    port) after translation, when translated and known. ``source_nat``: whether the source is translated. ``dscp``: as
    it leaves; None = unknown. ``shaper``: the traffic shaper it goes through.
    """

    allowed: Truth
    rule: str
    why: str
    destination: tuple[str, int] | None = None
    source_nat: Truth = None
    dscp: int | None = None
    shaper: str = ""
