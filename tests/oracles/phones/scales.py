"""What a parameter's value may be. A scale says what is wrong with a value, in a few words, or nothing."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

# RFC 1123 labels; vendors take addresses in the same places.
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
# A Yealink list of addresses in which `*` stands for one part.
_PATTERN = re.compile(r"(?:\d{1,3}|\*)(?:\.(?:\d{1,3}|\*)){3}")
SIP_METHODS = frozenset(
    "INVITE ACK BYE REGISTER CANCEL OPTIONS INFO MESSAGE SUBSCRIBE NOTIFY REFER PRACK UPDATE PUBLISH".split()
)


class Scale(Protocol):
    """The values of a parameter."""

    def problem(self, value: str) -> str | None:
        """What is wrong with a value; None when the phone takes it."""


@dataclass(frozen=True)
class Choice:
    """One of some values, each with its meaning."""

    meanings: Mapping[str, str]

    def problem(self, value: str) -> str | None:
        if value in self.meanings:
            return None
        return f"is not one of {', '.join(sorted(self.meanings))}"


@dataclass(frozen=True)
class Number:
    """A whole number between two bounds, in decimal digits. ``blank``: it may also be left empty."""

    low: int
    high: int
    blank: bool = False

    def problem(self, value: str) -> str | None:
        if not value and self.blank:
            return None
        if not (value.isascii() and value.isdigit()) or not self.low <= int(value) <= self.high:
            return f"is not a number from {self.low} to {self.high}"
        return None


@dataclass(frozen=True)
class Text:
    """Printable text up to a length. ``blank``: it may be empty; ``lines``: it may have several lines, as a certificate
    does."""

    longest: int = 255
    blank: bool = True
    lines: bool = False

    def problem(self, value: str) -> str | None:
        if not value and not self.blank:
            return "is empty"
        if len(value) > self.longest:
            return f"is longer than {self.longest}"
        allowed = value.replace("\n", "") if self.lines else value
        return None if allowed.isprintable() else "has control characters"


@dataclass(frozen=True)
class Host:
    """A host name or an IP address, empty when ``blank``. ``path``: a path may follow, as in Poly's server name."""

    blank: bool = True
    path: bool = False

    def problem(self, value: str) -> str | None:
        if not value:
            return None if self.blank else "is empty"
        host = value.partition("/")[0] if self.path else value
        if self.path and (match := re.fullmatch(r"(.+):(\d{1,5})", host)):
            host = match[1]
        return None if is_host(host) else "is neither a host name nor an address"


@dataclass(frozen=True)
class Hosts:
    """Hosts between commas."""

    def problem(self, value: str) -> str | None:
        bad = [part for part in value.split(",") if part.strip() and not is_host(part.strip())]
        return f"names {bad[0].strip()!r}, neither a host name nor an address" if bad else None


@dataclass(frozen=True)
class Controllers:
    """Yealink's list of addresses that may send action URIs: empty for none, ``any``, or addresses and patterns."""

    def problem(self, value: str) -> str | None:
        if value in {"", "any"}:
            return None
        for part in value.split(","):
            if not _PATTERN.fullmatch(part.strip()):
                return f"names {part.strip()!r}, no address and no pattern"
        return None


@dataclass(frozen=True)
class Url:
    """An address of a server. ``schemes``: those that the phone knows."""

    schemes: frozenset[str] = frozenset({"http", "https", "ftp", "tftp"})
    blank: bool = True

    def problem(self, value: str) -> str | None:
        if not value:
            return None if self.blank else "is empty"
        parts = urlsplit(value)
        if parts.scheme.lower() not in self.schemes:
            return f"does not begin with one of {', '.join(sorted(self.schemes))}://"
        return None if parts.hostname and is_host(parts.hostname) else "has no host"


@dataclass(frozen=True)
class Methods:
    """SIP methods between commas; empty for none."""

    def problem(self, value: str) -> str | None:
        bad = [part for part in value.split(",") if value and part.strip() not in SIP_METHODS]
        return f"names {bad[0].strip()!r}, no SIP method" if bad else None


@dataclass(frozen=True)
class Credential:
    """Yealink's ``name:password``; the name is what the phone calls the account."""

    def problem(self, value: str) -> str | None:
        name, colon, password = value.partition(":")
        if not colon or not name or not password:
            return "is not of the form name:password"
        return None if not re.search(r"\s", value) else "has a blank"


@dataclass(frozen=True)
class Clock:
    """A time of day as HH:MM."""

    def problem(self, value: str) -> str | None:
        return None if not value or re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) else "is not HH:MM"


@dataclass(frozen=True)
class Days:
    """Days of the week as digits, 0 for Sunday to 6."""

    def problem(self, value: str) -> str | None:
        right = re.fullmatch(r"[0-6]{0,7}", value) and len(set(value)) == len(value)
        return None if right else "is not made of days 0-6"


@dataclass(frozen=True)
class Ciphers:
    """An OpenSSL list of ciphers."""

    longest: int = 1024

    def problem(self, value: str) -> str | None:
        if len(value) > self.longest:
            return f"is longer than {self.longest}"
        return None if re.fullmatch(r"[A-Za-z0-9_+!@=:.-]*", value) else "is not a list of ciphers"


SWITCH = Choice({"0": "off", "1": "on"})


def is_host(text: str) -> bool:
    """Whether a text is an IP address or a host name."""
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        labels = text.rstrip(".").split(".")
        # All digits would be an address, and is none.
        return len(text) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return True
