# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that may reach the device and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

MASK = "***"
_SHORTEST_MASKED = 4
"""Shorter values are too common as parts of ordinary words to be replaced wherever they occur."""


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
    """A copy of a result with every occurrence of the secrets masked, in keys and values at any depth."""
    plain = sorted((s.reveal() for s in secrets if len(s.reveal()) >= _SHORTEST_MASKED), key=len, reverse=True)
    return _masked(value, plain) if plain else value


def _masked(value: Any, plain: list[str]) -> Any:
    if isinstance(value, str):
        for secret in plain:
            if secret in value:
                value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {_masked(k, plain): _masked(v, plain) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, plain) for item in value]
    return value
