# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that may reach the device and nothing else."""

from __future__ import annotations

import html
import json
import re
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import Any

MASK = "***"
CUT = "..."
"""Stands at the end of every text that this collection cuts short, and tells the masking to look for the rest."""
_SHORTEST = 4
"""Shorter values are common as parts of other words, and are masked where they are a word of their own."""


class Secret:
    """A value that shows as `***` everywhere except through `reveal`, which only a session calls."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a secret is not serialised")


def redact(value: Any, secrets: Iterable[Secret]) -> Any:
    """A copy of a result with every occurrence of the secrets masked, in keys and values at any depth.

    Also as other texts quote them: what a device echoes, or an error message, has them escaped or cut short.
    """
    plain = {text.strip() for text in (secret.reveal() for secret in secrets)} - {""}  # blanks alone tell nothing
    if not plain:
        return value
    forms = sorted({form for text in plain for form in _spellings(text)}, key=len, reverse=True)
    words = {form for text in plain if len(text) < _SHORTEST for form in _spellings(text)}
    patterns = [_pattern(form, form in words) for form in forms]
    return _masked(value, patterns, [form for form in forms if form not in words])


def _spellings(text: str) -> set[str]:
    """A text as it may be quoted, and as that may be quoted once more."""
    return {twice for once in _quoted(text) for twice in _quoted(once)}


def _quoted(text: str) -> set[str]:
    single = repr(f'{text}"')[1:-2]  # the double quote makes repr choose single ones
    address = {"safe": "", "errors": "surrogatepass"}
    return {
        text,
        " ".join(text.split()) or text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        single,
        single.replace("\\'", "'"),
        text.replace("'", "''"),  # YAML
        urllib.parse.quote(text, **address),
        urllib.parse.quote_plus(text, **address),
        html.escape(text),
        html.escape(text, quote=False),
    }


def _pattern(form: str, as_word: bool) -> re.Pattern[str]:
    """A pattern for one spelling, whatever blanks and line ends its words were folded at."""
    pattern = r"\s+".join(re.escape(word) for word in form.split()) or re.escape(form)
    if as_word:
        before = r"(?<!\w)" if re.match(r"\w", form) else ""
        after = r"(?!\w)" if re.search(r"\w\Z", form) else ""
        pattern = f"{before}{pattern}{after}"
    return re.compile(pattern)


def _masked(value: Any, patterns: Sequence[re.Pattern[str]], forms: Sequence[str]) -> Any:
    if isinstance(value, str):
        for pattern in patterns:
            value = pattern.sub(MASK, value)
        return _without_stumps(value, forms) if CUT in value else value
    if isinstance(value, dict):
        return {_masked(k, patterns, forms): _masked(v, patterns, forms) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, patterns, forms) for item in value]
    return value


def _without_stumps(text: str, forms: Sequence[str]) -> str:
    """The text without what is left of a secret where it was cut short."""
    end = text.find(CUT)
    while end >= 0:
        stump = max((_overlap(text, end, form) for form in forms), default=0)
        if stump >= _SHORTEST:
            text = text[: end - stump] + MASK + text[end:]
            end += len(MASK) - stump
        end = text.find(CUT, end + len(CUT))
    return text


def _overlap(text: str, end: int, form: str) -> int:
    """How many characters of the form's beginning stand in the text before `end`."""
    sizes = range(min(len(form), end), 0, -1)
    return next((size for size in sizes if text.startswith(form[:size], end - size)), 0)
