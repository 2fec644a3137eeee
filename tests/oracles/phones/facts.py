"""Facts of phone parameters: which exist, what their values mean, and how sure that is.

Written from public templates and manuals, apart from anything that renders configurations, so that it can disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .scales import SWITCH, Scale

Mark = Literal["verified", "unsure"]


@dataclass(frozen=True)
class Fact:
    """One parameter.

    ``pattern``   its name; X and Y stand for indices from 1
    ``scale``     its values
    ``source``    where it is public
    ``name``      whether the name was read in the source
    ``values``    whether the meaning of the values was
    ``shown``     values whose meaning a source has, where that of the others was not read
    ``flash``     Yealink: a `static.` one, never kept among the user's changes. Poly: in flash, taken from a file only
                  with its companion `.set`
    ``reboot``    the phone restarts before it is in force
    ``secret``    never shown by an export
    ``default``   what a phone as delivered has; None where that is not known
    """

    pattern: str
    scale: Scale
    source: str
    name: Mark = "verified"
    values: Mark = "verified"
    shown: tuple[str, ...] = ()
    flash: bool = False
    reboot: bool = False
    secret: bool = False
    default: str | None = None

    @property
    def sure(self) -> bool:
        """Whether name and values were both read in a source."""
        return self.name == self.values == "verified"

    def sure_of(self, value: str) -> bool:
        """Whether a source has the parameter and this value of it. Every switch whose values were read is on at 1 and
        off at 0, and so is one that is known by its name alone."""
        if self.name != "verified":
            return False
        return self.values == "verified" or value in self.shown or self.scale is SWITCH


Table = tuple[Fact, ...]


_INDEX = re.compile(r"(?<=\.)[XY](?=\.|$)")


def _regex(pattern: str) -> re.Pattern[str]:
    """The pattern with its indices as numbers."""
    parts = (r"[1-9]\d{0,2}" if part in ("X", "Y") else re.escape(part) for part in pattern.split("."))
    return re.compile(r"\.".join(parts))


class Facts:
    """A table that finds facts by the name of a parameter."""

    def __init__(self, table: Iterable[Fact]) -> None:
        self.table = tuple(table)
        self._fixed: Mapping[str, Fact] = {fact.pattern: fact for fact in self.table}
        self._indexed = [(_regex(fact.pattern), fact) for fact in self.table if _INDEX.search(fact.pattern)]
        self.find = lru_cache(maxsize=8192)(self._find)

    def _find(self, parameter: str) -> Fact | None:
        fact = self._fixed.get(parameter)
        if fact is not None and not _INDEX.search(parameter):
            return fact
        return next((fact for regex, fact in self._indexed if regex.fullmatch(parameter)), None)
