"""How a command line is read: words, abbreviations, quoted arguments, options with values.

Words lead through a tree to a leaf; what is behind them, a question mark included, is handed to the leaf. That is why a
question mark behind a leaf without arguments runs it: live help of a Vigor3912S 4.4.7_RC2 shows ``ipf default ?``
resetting the filter.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .state import State

_TOKEN = re.compile(r'"([^"]*)"?|(\S+)')
_OPTION = re.compile(r"-[A-Za-z]")
COLUMN = 14
CUT = 13
COLUMNS = 6


class Usage(Exception):
    """A malformed call: the unit answers with the usage text of the command."""


class Quoted(str):
    """An argument that stood in quotes."""

    __slots__ = ()


def split(line: str) -> list[str]:
    """The words of a line; quotes keep blanks together, and a quote that is never closed ends with the line."""
    if '"' not in line:
        return line.split()
    return [
        word if word is not None else Quoted(quoted)
        for quoted, word in ((found[1], found[2]) for found in _TOKEN.finditer(line))
    ]


@dataclass(frozen=True)
class Command:
    """A leaf: its words, what it does with its arguments, and its usage lines."""

    words: str
    run: Callable[[State, list[str]], str]
    usage: tuple[str, ...] = ()


@dataclass
class Node:
    """A place in the tree of words."""

    children: dict[str, Node] = field(default_factory=dict)
    command: Command | None = None
    shown: list[str] = field(default_factory=list)
    help: str = ""

    def child(self, word: str) -> Node | None:
        """The node a word leads to; a beginning that only one word has is enough."""
        lower = word.lower()
        node = self.children.get(lower)
        if node is None and lower and not isinstance(word, Quoted):
            fitting = [known for known in self.children if known.startswith(lower)]
            if len(fitting) == 1:
                node = self.children[fitting[0]]
        return node

    def listing(self) -> str:
        """What a unit prints when a word is missing or unknown here."""
        if self.help:
            return self.help
        cells = [name[:CUT].ljust(COLUMN) for name in self.shown]
        rows = ["".join(cells[at : at + COLUMNS]).rstrip() for at in range(0, len(cells), COLUMNS)]
        return "\r\n".join(["% Valid subcommands are:", *rows, ""])


def tree(commands: Iterable[Command], top: Sequence[str], helps: Mapping[str, str]) -> Node:
    """The tree of words; ``top`` lists the first words as units print them."""
    root = Node(shown=list(top))
    for command in commands:
        node = root
        for word in command.words.split():
            if word.lower() not in node.children:
                node.children[word.lower()] = Node()
                if word not in node.shown:
                    node.shown.append(word)
            node = node.children[word.lower()]
        node.command = command
    for words, text in helps.items():
        node = root
        for word in words.split():
            node = node.children[word]
        node.help = text
    return root


# --- options ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    """An option: the name of what it sets, and how its value is read. ``whole`` values keep their blanks."""

    name: str
    read: Callable[[list[str]], Any]
    whole: bool = False


Options = Mapping[str, Option]


def options(arguments: list[str], table: Options) -> list[tuple[str, Any]]:
    """The options of a call in their order. Raises Usage for anything that does not belong there."""
    found: list[tuple[str, Any]] = []
    at, end = 0, len(arguments)
    while at < end:
        word = arguments[at]
        option = None if isinstance(word, Quoted) else table.get(word)
        if option is None:
            raise Usage
        at += 1
        values: list[str] = []
        while at < end:
            value = arguments[at]
            if isinstance(value, Quoted):
                if option.whole:
                    values.append(value)
                else:
                    values.extend(value.split())
            elif len(value) == 2 and _OPTION.fullmatch(value):
                break
            else:
                values.append(value)
            at += 1
        found.append((option.name, option.read(values)))
    return found


# --- values ----------------------------------------------------------------------------------------------------------

Reader = Callable[[list[str]], Any]


def whole_number(text: str, lowest: int, highest: int) -> int:
    """A decimal number within a range."""
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise Usage
    value = int(text)
    if not lowest <= value <= highest:
        raise Usage
    return value


def number(lowest: int, highest: int) -> Reader:
    """Exactly one number."""

    def read(values: list[str]) -> int:
        if len(values) != 1:
            raise Usage
        return whole_number(values[0], lowest, highest)

    return read


def numbers(*ranges: tuple[int, int], needed: int | None = None) -> Reader:
    """A number for each range; those behind ``needed`` may be left out."""
    least = len(ranges) if needed is None else needed

    def read(values: list[str]) -> list[int]:
        if not least <= len(values) <= len(ranges):
            raise Usage
        return [
            whole_number(value, lowest, highest) for value, (lowest, highest) in zip(values, ranges, strict=False)
        ]

    return read


switch = number(0, 1)


def nothing(values: list[str]) -> None:
    """An option without value."""
    if values:
        raise Usage


def one(values: list[str]) -> str:
    """Exactly one argument."""
    if len(values) != 1:
        raise Usage
    return str(values[0])


def token(values: list[str]) -> str:
    """One word: what stands behind a blank is lost, in quotes or not."""
    if not values:
        raise Usage
    words = values[0].split()
    return words[0] if words else ""


def anything(values: list[str]) -> list[str]:
    """Whatever stands there."""
    return [str(value) for value in values]


def chosen(*words: str) -> Reader:
    """One of some words, in whatever case."""

    def read(values: list[str]) -> str:
        word = one(values).lower()
        if word not in words:
            raise Usage
        return word

    return read


def ipv4(text: str) -> str:
    """An IPv4 address."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise Usage from None


def netmask(text: str) -> str:
    """A netmask whose ones come first."""
    value = int(ipaddress.IPv4Address(ipv4(text))) ^ 0xFFFFFFFF
    if value & (value + 1):
        raise Usage
    return str(text)


def ipv6(text: str) -> str:
    """An IPv6 address."""
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise Usage from None


def on_off(text: str) -> int:
    """on or off, in whatever case."""
    word = text.lower()
    if word not in ("on", "off"):
        raise Usage
    return int(word == "on")


def index(arguments: list[str], highest: int, lowest: int = 1) -> int:
    """The first argument as the index of something."""
    if not arguments:
        raise Usage
    return whole_number(arguments[0], lowest, highest)
