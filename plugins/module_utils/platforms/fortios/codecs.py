# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How FortiOS spells values over REST, and the one spelling that documents use.

Sources: the vendor's Ansible collection `fortinet.fortios` 2.4.2 (wire forms, schema) and Terraform provider
(`sdk/request`, `sdk/sdkcore`): several options in one string separated by spaces, references as lists of objects,
networks as address and dotted mask, numbers as numbers or as text, `q_origin_key` added to every row.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """A string, an option of an enumeration among them."""

    def read(self, wire: Mapping[str, Any], name: str) -> str:
        value = wire[name]
        if not isinstance(value, str):
            raise ValueError("text expected")
        return value

    def write(self, body: dict[str, Any], name: str, value: str) -> None:
        body[name] = value


@dataclass(frozen=True, slots=True)
class Number:
    """An integer; some releases send it as text."""

    def read(self, wire: Mapping[str, Any], name: str) -> int:
        value = wire[name]
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise ValueError("a number expected")
        return int(value)

    def write(self, body: dict[str, Any], name: str, value: int) -> None:
        body[name] = value


@dataclass(frozen=True, slots=True)
class Words:
    """Options or values whose order means nothing, on the wire one string with spaces (or a list, or one number)."""

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = wire[name]
        if isinstance(value, str):
            return tuple(sorted(value.split()))
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, (str, int)) and not isinstance(item, bool) for item in items):
            raise ValueError("words expected")
        return tuple(sorted(str(item) for item in items))

    def write(self, body: dict[str, Any], name: str, value: tuple[str, ...]) -> None:
        body[name] = " ".join(value)


@dataclass(frozen=True, slots=True)
class Names:
    """References, on the wire a list of objects with one member; their order means nothing."""

    member: str = "name"

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = wire[name]
        if not isinstance(value, list):
            raise ValueError("a list expected")
        return tuple(sorted(_member(item, self.member) for item in value))

    def write(self, body: dict[str, Any], name: str, value: tuple[str, ...]) -> None:
        body[name] = [{self.member: item} for item in value]


@dataclass(frozen=True, slots=True)
class OneName:
    """A single reference that later releases hold as a list of one: `local-in-policy.intf` up to 7.4.1."""

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[str, ...]:
        return (Text().read(wire, name),)

    def write(self, body: dict[str, Any], name: str, value: tuple[str, ...]) -> None:
        (body[name],) = value


@dataclass(frozen=True, slots=True)
class Cidr:
    """An address with its mask: dotted mask on the wire for IPv4, prefix for IPv6, always a prefix in documents.

    `host`: the host part counts (an interface's own address); otherwise it is cut off.
    """

    host: bool = False

    def read(self, wire: Mapping[str, Any], name: str) -> str:
        value = Text().read(wire, name).strip()
        if not value:
            return ""
        return _spelled(value, self.host)

    def write(self, body: dict[str, Any], name: str, value: str) -> None:
        body[name] = wire_cidr(value)


@dataclass(frozen=True, slots=True)
class Rows:
    """Nested rows with an `id` of their own, or none; documents keep the listed members only, ordered by `id`."""

    members: tuple[tuple[str, Any], ...]

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[dict[str, Any], ...]:
        value = wire[name]
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ValueError("a list of rows expected")
        rows = [{member: codec.read(item, member) for member, codec in self.members} for item in value]
        return tuple(sorted(rows, key=lambda row: int(row.get("id", 0))))

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

    def read(self, wire: Mapping[str, Any], name: str) -> tuple[str, ...]:
        return tuple(Cidr().read(wire, f"{self.prefix}{i}") for i in range(1, self.count + 1))

    def write(self, body: dict[str, Any], name: str, value: tuple[str, ...]) -> None:
        for i, row in enumerate(value, start=1):
            body[f"{self.prefix}{i}"] = wire_cidr(row)

    def wire_names(self) -> tuple[str, ...]:
        return tuple(f"{self.prefix}{i}" for i in range(1, self.count + 1))


@lru_cache(maxsize=4096)
def _spelled(value: str, host: bool) -> str:
    text = value.replace(" ", "/", 1)
    return str(ipaddress.ip_interface(text) if host else ipaddress.ip_network(text, strict=False))


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


def _member(item: Any, member: str) -> str:
    if not isinstance(item, dict):
        raise ValueError("objects expected")
    value = item[member]
    if not isinstance(value, str):
        raise ValueError(f"{member} as text expected")
    return value
