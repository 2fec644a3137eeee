# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the text of DrayOS is made of: labelled lines, bracketed values, words that mean yes or no.

Everything here raises `Misunderstood` with the command and the line, so that what is missing from an answer or strange
in it is never taken for a default. Labels are compared without their blanks: guides and units space them differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypeVar

from ...errors import Misunderstood
from ...secret import CUT

_SHOWN = 80
TERMINAL = 80
"""Columns at which units break lines that are longer: a text, or a secret in it, may go on in the next line."""
_YES = frozenset({"enable", "enabled", "yes", "on"})
_NO = frozenset({"disable", "disabled", "no", "off"})
_BRACKETED = re.compile(r"^\s*([^:\[\]]+?)\s*:\s*\[(.*)\]\s*$")
_LABELLED = re.compile(r"^[\s\-*%]*([^:]*?[A-Za-z0-9)])\s*:\s?(.*?)\s*$")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit printed for a command, lines separated by line feeds."""

    command: str
    text: str

    def lines(self) -> list[str]:
        """The lines that hold something, without blanks at their ends."""
        return [line.rstrip() for line in self.text.split("\n") if line.strip()]

    def strange(self, what: str) -> Misunderstood:
        """The error that says what is wrong with this answer."""
        first = next(iter(self.lines()), "")
        shown, whole = first.strip(), len(first) < TERMINAL
        shown = shown if whole else shown[:_SHOWN] + CUT
        return Misunderstood(f"{self.command}: {what} in the answer {shown!r}")


def unbroken(text: str) -> list[str]:
    """The lines of a text that hold something, those put together again that a terminal broke."""
    lines: list[str] = []
    full = False
    for line in text.split("\n"):
        if full:
            lines[-1] += line
        elif line.strip():
            lines.append(line)
        full = len(line) == TERMINAL and not line.isspace()
    return lines


def plain_label(label: str) -> str:
    """A label by which lines are compared: lower case, without blanks."""
    return re.sub(r"\s+", "", label).lower()


class Labels:
    """The labelled lines of one answer, or of a part of it."""

    def __init__(self, answer: Answer, lines: list[str] | None = None, bracketed: bool = False) -> None:
        self._answer = answer
        self._values: dict[str, list[str]] = {}
        pattern = _BRACKETED if bracketed else _LABELLED
        for line in answer.lines() if lines is None else lines:
            match = pattern.match(line)
            if match:
                self._values.setdefault(plain_label(match[1]), []).append(match[2].strip())

    def __contains__(self, label: str) -> bool:
        return plain_label(label) in self._values

    def text(self, label: str) -> str:
        """The value of a label that stands there once."""
        values = self._values.get(plain_label(label), [])
        if len(values) != 1:
            raise self._answer.strange(f"{'no' if not values else 'more than one'} line {label!r}")
        return values[0]

    def switch(self, label: str) -> bool:
        """A value that means yes or no."""
        return switch(self._answer, label, self.text(label))

    def number(self, label: str, lowest: int = 0, highest: int = 2**31) -> int:
        """A whole number within a range."""
        return number(self._answer, label, self.text(label), lowest, highest)

    def address(self, label: str) -> str:
        """An IPv4 address."""
        return address(self._answer, label, self.text(label))

    def word(self, label: str, words: Mapping[str, Value]) -> Value:
        """One of some words, in whatever case."""
        return word(self._answer, label, self.text(label), words)


def switch(answer: Answer, label: str, text: str) -> bool:
    """Whether a word means yes."""
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise answer.strange(f"{label!r} is {text!r}, neither enabled nor disabled,")


def number(answer: Answer, label: str, text: str, lowest: int = 0, highest: int = 2**31) -> int:
    """A whole number within a range."""
    if not re.fullmatch(r"[0-9]{1,10}", text) or not lowest <= int(text) <= highest:
        raise answer.strange(f"{label!r} is {text!r}, no number from {lowest} to {highest},")
    return int(text)


def address(answer: Answer, label: str, text: str) -> str:
    """An IPv4 address, in its usual spelling."""
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise answer.strange(f"{label!r} is {text!r}, no IPv4 address,") from None


def word(answer: Answer, label: str, text: str, words: Mapping[str, Value]) -> Value:
    """The meaning of one of some words, in whatever case."""
    found = words.get(" ".join(text.lower().split()))
    if found is None:
        raise answer.strange(f"{label!r} is {text!r}, none of {', '.join(words)},")
    return found


def only(answer: Answer, pattern: re.Pattern[str], what: str) -> re.Match[str]:
    """The one place in an answer that looks like this; `what` says what that is."""
    found = list(pattern.finditer(answer.text))
    if len(found) != 1:
        raise answer.strange(f"{'no' if not found else 'more than one'} {what}")
    return found[0]


def matches(answer: Answer, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The lines that look like this."""
    for line in answer.lines():
        match = pattern.match(line)
        if match:
            yield match
