"""Secrets that are recognised wherever they come to light: whole, in part, escaped, quoted or encoded."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Neither hexadecimal digits nor vowels: nothing that a digest, an identifier or a word holds by chance.
_LETTERS = "ghjkmnpqrstvwxyzGHJKMNPQRSTVWXYZ23456789"
_PIECE, _TOLD_BY = 14, 8
"""Characters of each piece, and how many of them in a row give the secret away."""


@dataclass(frozen=True)
class Canary:
    """One secret. `pieces` are parts of it that no escaping changes."""

    label: str
    text: str
    pieces: tuple[str, ...]

    @classmethod
    def make(cls, label: str, between: str = "", before: str = "", after: str = "") -> Canary:
        """A secret of two pieces with other characters around them; the same label gives the same pieces."""
        first, second = (_piece(f"{label}/{side}") for side in ("first", "second"))
        return cls(label, f"{before}{first}{between}{second}{after}", (first, second))

    @classmethod
    def of(cls, label: str, text: str) -> Canary:
        """A secret that somebody else made, of one piece; a short one is told by standing alone."""
        return cls(label, text, (text,))

    def is_in(self, content: bytes) -> bool:
        """Whether anything of it is there."""
        return any(form.search(content) for form in self._short()) or any(form in content for form in self._forms())

    def _short(self) -> Iterable[re.Pattern[bytes]]:
        for piece in self.pieces:
            if len(piece) < _TOLD_BY:
                yield re.compile(rb"(?<![A-Za-z0-9])" + re.escape(piece.encode()) + rb"(?![A-Za-z0-9])")

    def _forms(self) -> Iterable[bytes]:
        for piece in self.pieces:
            if len(piece) >= _TOLD_BY:
                raw = piece.encode()
                yield raw[:_TOLD_BY]
                yield raw[-_TOLD_BY:]
                yield raw.hex().encode()
                yield from _base64(raw)


def _piece(label: str) -> str:
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in hashlib.sha256(label.encode()).digest()[:_PIECE])


def _base64(raw: bytes) -> Iterable[bytes]:
    """What stands in base64 of any text that holds these bytes, wherever in it they begin."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        whole = len(shift * b"\0" + raw) // 3 * 4
        yield encoded[-(-shift * 8 // 6) : whole]


def leaks(canaries: Iterable[Canary], seen: Mapping[str, Iterable[bytes]]) -> list[str]:
    """Every place at which a secret is, with its label."""
    known = list(canaries)
    return [
        f"{canary.label} is in {place}: {_around(canary, content)}"
        for place, contents in seen.items()
        for content in contents
        for canary in known
        if canary.is_in(content)
    ]


def _around(canary: Canary, content: bytes) -> str:
    places = [content.find(piece.encode()[:_TOLD_BY]) for piece in canary.pieces]
    at = max(0, min((place for place in places if place >= 0), default=0) - 120)
    return repr(content[at : at + 300])
