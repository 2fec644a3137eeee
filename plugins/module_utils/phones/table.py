# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vendors' tables: which parameter says what, with which text; both directions. Pure.

A table is a list of `Parameter`. `render` turns what is wanted into settings of one phone, `read` turns the settings of
a phone back into what they mean, so that two phones are compared by meaning and never by text.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from ..secret import MASK, Secret
from .phone import Line, Phone

Value: TypeAlias = "bool | int | str | Secret"
"""What an intent asks for, in no vendor's words."""
Verdict = Literal["compliant", "drift", "unknown"]
Reason = Literal["unconfirmed", "release", "value"]


class Codec(Protocol):
    """How a value is written for a phone.

    `write` raises `KeyError` where the vendor has no text for it. `read` gives None for what says nothing, such as a
    masked password.
    """

    def write(self, value: Value) -> str: ...

    def read(self, text: str) -> Value | None: ...


@dataclass(frozen=True, slots=True)
class Words:
    """Each value has its text; a text that stands for none of them is a value of its own, unlike all that is wanted."""

    texts: tuple[tuple[Value, str], ...]

    def write(self, value: Value) -> str:
        for one, text in self.texts:
            if one is value or (type(one) is type(value) and one == value):
                return text
        raise KeyError(value)

    def read(self, text: str) -> Value | None:
        return next((value for value, one in self.texts if one == text), text) if text else None


SWITCH = Words(((True, "1"), (False, "0")))
INVERTED = Words(((True, "0"), (False, "1")))
STRONG_CIPHERS = "ECDHE+AESGCM:ECDHE+AES:AES:!aNULL:!eNULL:!LOW:!EXPORT:!RC4:!3DES:!MD5"
"""OpenSSL's words: best first, and at the end what old servers have with TLS 1.2."""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number as decimal digits."""

    def write(self, value: Value) -> str:
        return str(int(value))  # type: ignore[arg-type]

    def read(self, text: str) -> Value | None:
        if text.isascii() and text.isdecimal():
            return int(text)
        return text or None


@dataclass(frozen=True, slots=True)
class Text:
    """A text that stands as it is behind a fixed beginning."""

    prefix: str = ""

    def write(self, value: Value) -> str:
        return f"{self.prefix}{value}"

    def read(self, text: str) -> Value | None:
        if not text:
            return None
        # What lacks the beginning must not look like what has it.
        return text.removeprefix(self.prefix) if text.startswith(self.prefix) else f"not {self.prefix}: {text}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate (PEM) in one line, as XML has attributes whose lines end; both ways its line ends do not matter."""

    def write(self, value: Value) -> str:
        return " ".join(str(value).split("\n")).strip()

    def read(self, text: str) -> Value | None:
        match = re.fullmatch(r"(-----BEGIN CERTIFICATE-----)(.*)(-----END CERTIFICATE-----)", text, re.DOTALL)
        if match is None:
            return text or None
        return "\n".join((match[1], *textwrap.wrap("".join(match[2].split()), 64), match[3], ""))


@dataclass(frozen=True, slots=True)
class Password:
    """A secret; phones give it back masked or not at all."""

    def write(self, value: Value) -> str:
        if not isinstance(value, Secret):
            raise TypeError("a password is a Secret")
        return value.reveal()

    def read(self, text: str) -> Value | None:
        return Secret(text) if text.strip("*•") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a vendor and what it says of one intent.

    `names`: its spelling from each release on, ascending; an empty one ends it. `{line}` and `{server}` stand for the
    numbers of a line and of its server. `by_line`: what stands for `{line}`, from the first line on, where that is
    another number. `confirmed`: whether a public source shows the values, not the name alone.
    `source`: where name and values were read.
    """

    intent: str
    names: tuple[tuple[int, str], ...]
    codec: Codec
    source: str
    confirmed: bool = True
    by_line: tuple[int, ...] = ()

    def name(self, release: int) -> str:
        """The spelling of a release; empty where it has no such parameter."""
        spelling = ""
        for since, name in self.names:
            if since <= release:
                spelling = name
        return spelling

    def spelled(self, phone: Phone) -> Iterator[str]:
        """The names on this phone: one for each line and server where the parameter has those, and one for each server
        where the phone has servers that are all lines' alike."""
        name = self.name(phone.release)
        if not name:
            return
        if "{line}" not in name:
            every = sorted({server for line in phone.lines for server in line.servers})
            yield from (name.format(server=server) for server in every) if "{server}" in name else (name,)
            return
        for line in phone.lines:
            for server in _servers(name, line):
                number = self.by_line[line.number - 1] if self.by_line else line.number
                yield name.format(line=number, server=server)


def _servers(name: str, line: Line) -> Sequence[int]:
    return line.servers if "{server}" in name else (0,)


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter with its text for one phone."""

    name: str
    text: str
    intent: str
    secret: bool = False

    @property
    def shown(self) -> str:
        """The text as a result may show it."""
        return MASK if self.secret else self.text


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An intent that is wanted and that a parameter could carry but does not."""

    intent: str
    name: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Unshown:
    """What a policy asks for and no parameter of a vendor says, in a sentence, and the controls that it belongs to."""

    text: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a phone is told, in the order of its vendor's table, and what it is not told."""

    settings: tuple[Setting, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What a phone's parameters say of one intent: a value each, None where it is not known."""

    values: tuple[tuple[str, Value | None], ...]

    def verdict(self, wanted: Value) -> Verdict:
        """Drift as soon as one value is another; compliant only if every value is known."""
        if any(value is not None and not same(value, wanted) for _name, value in self.values):
            return "drift"
        return "compliant" if self.values and all(value is not None for _name, value in self.values) else "unknown"


def same(one: Value, other: Value) -> bool:
    """Whether two values mean the same; a switch is no number."""
    if isinstance(one, Secret) and isinstance(other, Secret):
        return one.reveal() == other.reveal()
    return type(one) is type(other) and one == other


def in_use(table: Iterable[Parameter], vendor: str, unconfirmed: Iterable[str]) -> tuple[Parameter, ...]:
    """The parameters that are rendered: all confirmed ones, and those that the policy asks for by name."""
    asked = frozenset(unconfirmed)
    return tuple(one for one in table if one.confirmed or f"{vendor}.{one.intent}" in asked)


def render(
    table: Sequence[Parameter], phone: Phone, wanted: Mapping[str, Value], unconfirmed: Iterable[str] = ()
) -> Rendering:
    """The settings that say what is wanted. Deterministic: the order is the table's, lines and servers ascending."""
    used = frozenset(map(id, in_use(table, phone.vendor, unconfirmed)))
    settings: list[Setting] = []
    left_out: list[LeftOut] = []
    for parameter in table:
        value = wanted.get(parameter.intent)
        if value is None:
            continue
        if not parameter.name(phone.release):
            left_out.append(LeftOut(parameter.intent, parameter.names[-1][1] or parameter.names[0][1], "release"))
        elif id(parameter) not in used:
            left_out.append(LeftOut(parameter.intent, parameter.name(phone.release), "unconfirmed"))
        else:
            try:
                text = parameter.codec.write(value)
            except KeyError:
                left_out.append(LeftOut(parameter.intent, parameter.name(phone.release), "value"))
                continue
            secret = isinstance(value, Secret)
            settings += [Setting(name, text, parameter.intent, secret) for name in parameter.spelled(phone)]
    return Rendering(tuple(settings), tuple(left_out))


def read(
    table: Sequence[Parameter], phone: Phone, live: Mapping[str, str], unconfirmed: Iterable[str] = ()
) -> dict[str, State]:
    """What the parameters of a phone say, by intent. `live` maps names to texts; what it lacks is not known."""
    values: dict[str, list[tuple[str, Value | None]]] = {}
    for parameter in in_use(table, phone.vendor, unconfirmed):
        for name in parameter.spelled(phone):
            text = live.get(name)
            value = None if text is None else parameter.codec.read(text.strip())
            values.setdefault(parameter.intent, []).append((name, value))
    return {intent: State(tuple(found)) for intent, found in values.items()}


def verdicts(states: Mapping[str, State], wanted: Mapping[str, Value]) -> dict[str, Verdict]:
    """How each wanted intent stands; one that no parameter speaks of is unknown."""
    return {
        intent: states[intent].verdict(value) if intent in states else "unknown" for intent, value in wanted.items()
    }
