# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How FortiOS spells values over REST, and the one spelling that documents use.

A value that the field cannot have is a `ValueError`, whoever's row it is: an option that we do not know, a number out
of its range, a text that no unit takes. A rule with such a value cannot be judged, and must not pass for harmless.

Sources: the vendor's Ansible collection `fortinet.fortios` 2.4.2 (wire forms, schema) and Terraform provider
(`sdk/request`, `sdk/sdkcore`): several options in one string separated by spaces, references as lists of objects,
networks as address and dotted mask, numbers as numbers or as text, `q_origin_key` added to every row. CLI references
7.0 to 7.6 for ranges.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_LONGEST = 1023
"""Characters of the longest text that we read, a policy's comment (CLI references)."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LARGEST = 2**32 - 1
_HIGHEST_PORT = 65535


class _Worded:
    """A text on the wire and in documents; `check` raises `ValueError` for one that it may not be."""

    __slots__ = ()

    def check(self, text: str) -> None:
        raise NotImplementedError

    def read(self, wire: Mapping[str, Any], name: str) -> str:
        return _checked(self, wire[name])

    def write(self, body: dict[str, Any], name: str, value: str) -> None:
        body[name] = value


@dataclass(frozen=True, slots=True)
class Text(_Worded):
    """Free text, of one line or several. `filled`: never empty, such as a name that a row is addressed by."""

    filled: bool = False

    def check(self, text: str) -> None:
        if self.filled and not text:
            raise ValueError("a text that is not empty expected")


@dataclass(frozen=True, slots=True, init=False)
class Choice(_Worded):
    """An option of an enumeration."""

    options: frozenset[str]

    def __init__(self, *options: str) -> None:
        object.__setattr__(self, "options", frozenset(options))

    def check(self, text: str) -> None:
        if text not in self.options:
            raise ValueError(f"one of {', '.join(sorted(self.options))} expected")


@dataclass(frozen=True, slots=True)
class Spelled(_Worded):
    """A text of a certain form, such as an address or a range of ports: `form` raises `ValueError` for others."""

    form: Callable[[str], object]

    def check(self, text: str) -> None:
        self.form(text)


@dataclass(frozen=True, slots=True)
class Respelled:
    """An option that releases spell differently: `here` on this one, `anywhere` in documents."""

    codec: Choice
    here: str
    anywhere: str

    def read(self, wire: Mapping[str, Any], name: str) -> str:
        value = self.codec.read(wire, name)
        return self.anywhere if value == self.here else value

    def write(self, body: dict[str, Any], name: str, value: str) -> None:
        body[name] = self.here if value == self.anywhere else value


@dataclass(frozen=True, slots=True)
class Number:
    """An integer within a range; some releases send it as text. `zero`: outside the range, it means none."""

    lowest: int = 0
    highest: int = _LARGEST
    zero: bool = False

    def read(self, wire: Mapping[str, Any], name: str) -> int:
        value = wire[name]
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(_LARGEST)):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("a number expected")
        if not self.lowest <= value <= self.highest and not (self.zero and value == 0):
            raise ValueError(f"{self.lowest} to {self.highest} expected")
        return value

    def write(self, body: dict[str, Any], name: str, value: int) -> None:
        body[name] = value


@dataclass(frozen=True, slots=True)
class Words:
    """Options or values whose order means nothing, on the wire one string with spaces (or a list)."""

    word: _Worded = Text(filled=True)

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = wire[name]
        return _distinct(self.word, value if isinstance(value, list) else _checked(Text(), value).split())

    def write(self, body: dict[str, Any], name: str, value: tuple[str, ...]) -> None:
        body[name] = " ".join(value)


@dataclass(frozen=True, slots=True)
class Names:
    """References, on the wire a list of objects with one member; their order means nothing. `filled`: never none."""

    member: str = "name"
    word: _Worded = Text(filled=True)
    filled: bool = False

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = wire[name]
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ValueError("a list of objects expected")
        if self.filled and not value:
            raise ValueError("a list that is not empty expected")
        return _distinct(self.word, [item[self.member] for item in value])

    def write(self, body: dict[str, Any], name: str, value: tuple[str, ...]) -> None:
        body[name] = [{self.member: item} for item in value]


@dataclass(frozen=True, slots=True)
class OneName:
    """A single reference that later releases hold as a list of one: `local-in-policy.intf` up to 7.4.1."""

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[str, ...]:
        return (Text(filled=True).read(wire, name),)

    def write(self, body: dict[str, Any], name: str, value: tuple[str, ...]) -> None:
        (body[name],) = value


@dataclass(frozen=True, slots=True)
class Cidr:
    """An address with its mask: dotted mask on the wire for IPv4, prefix for IPv6, always a prefix in documents.

    `host`: the host part counts (an interface's own address); otherwise it is cut off. `version`: the address family,
    0 for either.
    """

    host: bool = False
    version: int = 0

    def read(self, wire: Mapping[str, Any], name: str) -> str:
        return _spelled(_checked(Text(), wire[name]).strip(), self.host, self.version)

    def write(self, body: dict[str, Any], name: str, value: str) -> None:
        body[name] = wire_cidr(value)


@dataclass(frozen=True, slots=True)
class Rows:
    """Nested rows with a key of their own; documents keep the listed members only, the first of them is the key, in
    its order."""

    members: tuple[tuple[str, Any], ...]

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[dict[str, Any], ...]:
        value = wire[name]
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ValueError("a list of rows expected")
        rows = [{member: codec.read(item, member) for member, codec in self.members} for item in value]
        key = self.members[0][0]
        if len({row[key] for row in rows}) != len(rows):
            raise ValueError(f"the same {key} twice")
        return tuple(sorted(rows, key=lambda row: int(row[key])))

    def write(self, body: dict[str, Any], name: str, value: tuple[dict[str, Any], ...]) -> None:
        body[name] = [_encode(self.members, row) for row in value]


@dataclass(frozen=True, slots=True)
class Group:
    """A nested object of which the listed members are kept."""

    members: tuple[tuple[str, Any], ...]

    def read(self, wire: Mapping[str, Any], name: str) -> dict[str, Any]:
        value = wire[name]
        if not isinstance(value, dict):
            raise ValueError("an object expected")
        return {member: codec.read(value, member) for member, codec in self.members}

    def write(self, body: dict[str, Any], name: str, value: dict[str, Any]) -> None:
        body[name] = _encode(self.members, value)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Numbered fields that make one list, such as `trusthost1` to `trusthost10`; places count and are kept."""

    prefix: str
    count: int
    version: int = 0

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[str, ...]:
        network = Cidr(version=self.version)
        return tuple(network.read(wire, f"{self.prefix}{i}") for i in range(1, self.count + 1))

    def write(self, body: dict[str, Any], name: str, value: tuple[str, ...]) -> None:
        for i, row in enumerate(value, start=1):
            body[f"{self.prefix}{i}"] = wire_cidr(row)

    def wire_names(self) -> tuple[str, ...]:
        return tuple(f"{self.prefix}{i}" for i in range(1, self.count + 1))


# Forms: what a text must look like. Their errors do not repeat the value, which the reader names.

_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?\Z", re.ASCII)
_SIX_BITS = re.compile("[01]{6}\\Z")


def ports(text: str) -> None:
    """A port or a range of ports."""
    match = _PORTS.match(text)
    if match is None or not int(match[1]) <= int(match[2] or match[1]) <= _HIGHEST_PORT:
        raise ValueError("a port or a range of ports expected")


def service_ports(text: str) -> None:
    """Destination ports, and source ports after a colon."""
    for part in text.split(":", 1):
        ports(part)


def six_bits(text: str) -> None:
    """A DSCP value as FortiOS spells it."""
    if not _SIX_BITS.match(text):
        raise ValueError("six binary digits expected")


def ipv4(text: str) -> None:
    """An IPv4 address."""
    _parsed(ipaddress.IPv4Address, text, "an IPv4 address")


def ipv6(text: str) -> None:
    """An IPv6 address."""
    _parsed(ipaddress.IPv6Address, text, "an IPv6 address")


def addresses(text: str) -> None:
    """A network, an address, or the first and the last of a range."""
    what = "a network, an address or a range"
    if "/" in text:
        _parsed(lambda one: ipaddress.ip_network(one, strict=False), text, what)
        return
    first, last = (_parsed(ipaddress.ip_address, end, what) for end in (text.split("-", 1) * 2)[:2])
    if first.version != last.version or int(first) > int(last):
        raise ValueError(f"{what} expected")


def _parsed(parse: Callable[[str], Any], text: str, what: str) -> Any:
    try:
        return parse(text)
    except ValueError:
        raise ValueError(f"{what} expected") from None


@lru_cache(maxsize=4096)
def _spelled(value: str, host: bool, version: int) -> str:
    text = value.replace(" ", "/", 1)
    what = f"an IPv{version} network" if version else "a network"
    found = _parsed(ipaddress.ip_interface, text, what)
    mask = text.partition("/")[2]
    # Python takes the inverse of a mask as well.
    if ("." in mask and str(found.netmask) != mask) or (version and found.version != version):
        raise ValueError(f"{what} expected")
    return str(found if host else found.network)


def wire_cidr(value: str) -> str:
    """A prefix as FortiOS sends it: `10.0.0.0/8` as `10.0.0.0 255.0.0.0`, IPv6 unchanged."""
    if not value:
        return value
    interface = ipaddress.ip_interface(value)
    if interface.version == 6:
        return str(interface)
    return f"{interface.ip} {interface.netmask}"


def _encode(members: tuple[tuple[str, Any], ...], row: Mapping[str, Any]) -> dict[str, Any]:
    codecs = dict(members)
    body: dict[str, Any] = {}
    for member, value in row.items():
        codecs[member].write(body, member, value)
    return body


def _distinct(codec: _Worded, values: list[Any]) -> tuple[str, ...]:
    found = sorted(_checked(codec, value) for value in values)
    if len(set(found)) != len(found):
        raise ValueError("the same value twice")
    return tuple(found)


def _checked(codec: _Worded, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text expected")
    if len(value) > _LONGEST:
        raise ValueError(f"a text of {len(value)} characters")
    if _UNPRINTABLE.search(value):
        raise ValueError("a text with characters that cannot be shown")
    codec.check(value)
    return value
