"""The shape of DrayOS command lines: words, then arguments, then flags with their values; and how a line is cut up.

A value form takes as many pieces of a line as it needs and says what is documented when they do not fit. Ranges may
differ between the two classes of models, the ones of Vigor2927 ("2927") and of Vigor3912 ("3912").
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CLASSES = ("2927", "3912")


class NotDocumented(ValueError):
    """A command line that the guides do not hold; the text names the place and what is documented there."""


class Mismatch(Exception):
    """A value that does not fit: what is documented instead, and how many pieces before it did fit."""

    def __init__(self, documented: str, offset: int = 0) -> None:
        super().__init__(documented)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line between blanks, or between double quotes."""

    text: str
    quoted: bool = False


_PIECE = re.compile(r'"([^"]*)"|([^" ]+)')


def pieces(line: str) -> list[Piece]:
    """A line cut up. ValueError when it is not printable ASCII, or its double quotes do not pair up."""
    if not line.isascii() or not line.isprintable():
        raise ValueError("only printable ASCII can be sent")
    found: list[Piece] = []
    place = 0
    while place < len(line):
        if line[place] == " ":
            place += 1
            continue
        part = _PIECE.match(line, place)
        if part is None:
            raise ValueError("a double quote is not closed")
        if part.end() < len(line) and line[part.end()] != " ":
            raise ValueError("a blank is missing beside a double quote")
        quoted = part[1] is not None
        found.append(Piece(part[1] if quoted else part[2], quoted))
        place = part.end()
    return found


class Form:
    """One value of a line."""

    def take(self, given: Sequence[Piece], model_class: str) -> int:
        """How many pieces it takes. Mismatch when they do not fit."""
        if not given or given[0].quoted or not self.fits(given[0].text, model_class):
            raise Mismatch(self.documented(model_class))
        return 1

    def fits(self, text: str, model_class: str) -> bool:
        """Whether a text without quotes is such a value."""
        raise NotImplementedError

    def documented(self, model_class: str) -> str:
        """What the guide says about it."""
        raise NotImplementedError


Span = tuple[int, int]


@dataclass(frozen=True)
class Number(Form):
    """A number in a range, written without sign (but for a range that begins below 0) and leading zeros."""

    small: Span
    big: Span | None = None  # of the 3912 class, where it differs

    def span(self, model_class: str) -> Span:
        """The range of a model class."""
        return self.big if self.big is not None and model_class == "3912" else self.small

    def fits(self, text: str, model_class: str) -> bool:
        low, high = self.span(model_class)
        return re.fullmatch(r"0|-?[1-9]\d*", text) is not None and low <= int(text) <= high

    def documented(self, model_class: str) -> str:
        low, high = self.span(model_class)
        return f"{low} to {high}"


@dataclass(frozen=True)
class Word(Form):
    """One of some words, in any case."""

    words: tuple[str, ...]
    big: tuple[str, ...] | None = None

    def choices(self, model_class: str) -> tuple[str, ...]:
        """The words of a model class."""
        return self.big if self.big is not None and model_class == "3912" else self.words

    def fits(self, text: str, model_class: str) -> bool:
        return text.lower() in {word.lower() for word in self.choices(model_class)}

    def documented(self, model_class: str) -> str:
        return _shortened(self.choices(model_class))


@dataclass(frozen=True)
class Listed(Form):
    """Several of some words, separated by commas without blanks."""

    words: tuple[str, ...]
    big: tuple[str, ...] | None = None

    def fits(self, text: str, model_class: str) -> bool:
        return all(Word(self.words, self.big).fits(part, model_class) for part in text.split(","))

    def documented(self, model_class: str) -> str:
        return f"any of {Word(self.words, self.big).documented(model_class)}, separated by commas"


@dataclass(frozen=True)
class Pattern(Form):
    """A text of a certain look."""

    expression: str
    meaning: str

    def fits(self, text: str, model_class: str) -> bool:
        return re.fullmatch(self.expression, text) is not None

    def documented(self, model_class: str) -> str:
        return self.meaning


@dataclass(frozen=True)
class Address(Form):
    """An IPv4 or IPv6 address."""

    family: int = 4

    def fits(self, text: str, model_class: str) -> bool:
        try:
            return ipaddress.ip_address(text).version == self.family
        except ValueError:
            return False

    def documented(self, model_class: str) -> str:
        return f"an IPv{self.family} address"


@dataclass(frozen=True)
class Text(Form):
    """A text of one piece; in double quotes it may be empty, blanks are not documented."""

    most: int | None = None
    least: int = 0

    def take(self, given: Sequence[Piece], model_class: str) -> int:
        if not given or not self.fits(given[0].text, model_class) or (not given[0].quoted and _is_flag(given[0])):
            raise Mismatch(self.documented(model_class))
        return 1

    def fits(self, text: str, model_class: str) -> bool:
        return " " not in text and self.least <= len(text) and (self.most is None or len(text) <= self.most)

    def documented(self, model_class: str) -> str:
        return "a text without blanks" + (f" of {self.least} to {self.most} characters" if self.most else "")


@dataclass(frozen=True)
class Quoted(Form):
    """Several values in double quotes; ``bare`` = the guide also prints them without."""

    forms: tuple[Form, ...]
    bare: bool = False

    def take(self, given: Sequence[Piece], model_class: str) -> int:
        if given and given[0].quoted:
            inner = [Piece(part) for part in given[0].text.split()]
            try:
                whole = take_all(self.forms, inner, model_class) == len(inner)
            except Mismatch as mismatch:
                raise Mismatch(str(mismatch)) from None
            if not whole:
                raise Mismatch(self.documented(model_class))
            return 1
        if self.bare:
            return take_all(self.forms, given, model_class)
        raise Mismatch(f"{self.documented(model_class)} in double quotes")

    def documented(self, model_class: str) -> str:
        return " then ".join(form.documented(model_class) for form in self.forms)


@dataclass(frozen=True)
class Either(Form):
    """One of several shapes, the longest first."""

    shapes: tuple[tuple[Form, ...], ...]

    def take(self, given: Sequence[Piece], model_class: str) -> int:
        fits: list[int] = []
        nearest = Mismatch(self.documented(model_class))
        for shape in self.shapes:
            try:
                fits.append(take_all(shape, given, model_class))
            except Mismatch as mismatch:
                nearest = max(nearest, mismatch, key=lambda each: each.offset)
        if not fits:
            raise nearest
        return max(fits)

    def documented(self, model_class: str) -> str:
        return " or ".join(
            "[" + " then ".join(form.documented(model_class) for form in shape) + "]" for shape in self.shapes
        )


@dataclass(frozen=True)
class Many(Form):
    """A value once or several times, up to the next flag."""

    form: Form
    most: Mapping[str, int] | None = None  # by model class

    def take(self, given: Sequence[Piece], model_class: str) -> int:
        taken = 0
        while taken < len(given) and not _is_flag(given[taken]):
            try:
                taken += self.form.take(given[taken:], model_class)
            except Mismatch as mismatch:
                raise Mismatch(str(mismatch), taken + mismatch.offset) from None
        if not taken or (self.most is not None and taken > self.most[model_class]):
            raise Mismatch(self.documented(model_class))
        return taken

    def documented(self, model_class: str) -> str:
        most = "" if self.most is None else f" to {self.most[model_class]} times"
        return f"{self.form.documented(model_class)}, once{most or ' or more'}"


@dataclass(frozen=True)
class Optional(Form):
    """A value that may be left out."""

    form: Form

    def take(self, given: Sequence[Piece], model_class: str) -> int:
        return self.form.take(given, model_class) if given and not _is_flag(given[0]) else 0

    def documented(self, model_class: str) -> str:
        return f"{self.form.documented(model_class)}, or nothing"


def take_all(forms: Sequence[Form], given: Sequence[Piece], model_class: str) -> int:
    """How many pieces some values in a row take. Mismatch when one does not fit."""
    taken = 0
    for form in forms:
        try:
            taken += form.take(given[taken:], model_class)
        except Mismatch as mismatch:
            raise Mismatch(str(mismatch), taken + mismatch.offset) from None
    return taken


def _is_flag(piece: Piece) -> bool:
    return not piece.quoted and re.fullmatch(r"-[A-Za-z]\S*", piece.text) is not None


def _shortened(words: Sequence[str]) -> str:
    return ", ".join(words) if len(words) <= 12 else f"{', '.join(words[:3])} ... {words[-1]}"


@dataclass(frozen=True)
class Command:
    """A documented command: its words, arguments and flags.

    ``several``: several flags may stand in one line. ``alone``: flags that stand by themselves. ``again``: flags that
    may be repeated. ``bare``: it may stand without any flag. ``classes``: the guides that hold it. ``only``: flags that
    only one guide has, by flag. ``note``: where the guides are at odds with themselves.
    """

    words: str
    arguments: tuple[Form, ...] = ()
    flags: Mapping[str, tuple[Form, ...]] = field(default_factory=dict)
    several: bool = True
    alone: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    bare: bool = False
    classes: tuple[str, ...] = CLASSES
    only: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def known_flags(self, model_class: str) -> list[str]:
        """The flags of a model class."""
        return [flag for flag in self.flags if self.only.get(flag, model_class) == model_class]

    def parse(self, given: Sequence[Piece], model_class: str) -> None:
        """Compare what follows the words. NotDocumented at the first difference; its ``place`` is how far it got."""
        place = 0
        try:
            place += take_all(self.arguments, given, model_class)
        except Mismatch as mismatch:
            raise _difference(self.words, _shown(given, mismatch.offset), str(mismatch), mismatch.offset) from None
        seen: list[str] = []
        while place < len(given):
            flag = given[place]
            documented = self.known_flags(model_class)
            if flag.quoted or flag.text not in documented:
                meant = ", ".join(documented) or "nothing more"
                raise _difference(self.words, _shown(given, place), meant, place)
            if flag.text in seen and flag.text not in self.again:
                raise _difference(self.words, f"{flag.text} again", "each flag once", place)
            seen.append(flag.text)
            if len(seen) > 1 and (not self.several or self.alone & {*seen}):
                raise _difference(self.words, flag.text, f"{seen[0]} by itself", place)
            place += 1
            try:
                place += take_all(self.flags[flag.text], given[place:], model_class)
            except Mismatch as mismatch:
                where = f"{self.words} ... {flag.text}"
                place += mismatch.offset
                raise _difference(where, _shown(given, place), str(mismatch), place) from None
        if self.flags and not seen and not self.bare:
            raise _difference(self.words, "no flag", ", ".join(self.known_flags(model_class)), place)


class Difference(NotDocumented):
    """Where a line leaves a documented command."""

    def __init__(self, text: str, place: int) -> None:
        super().__init__(text)
        self.place = place


def _difference(where: str, got: str, documented: str, place: int) -> Difference:
    return Difference(f"{where}: {got} is not documented; documented: {documented}", place)


def _shown(given: Sequence[Piece], place: int) -> str:
    if place >= len(given):
        return "the end of the line"
    return f'"{given[place].text}"' if given[place].quoted else given[place].text
