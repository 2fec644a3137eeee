# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading untyped input (YAML, inventory variables): every error is collected, none stops the reading.

After an error a reader returns a stand-in, so that the rest of the input is still looked at. The collected
errors make sure that a stand-in is never used: ``Report.errors`` is checked before anything is handed on.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeVar

from ..secret import CUT, MASK
from .model import Note, Severity

Choice = TypeVar("Choice", bound=str)

SHOWN_LENGTH = 80
MISSING = "missing"
UNKNOWN_KEY = "unknown key"

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,11})\Z", re.ASCII)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}\Z", re.ASCII)
_CREDENTIALS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)?.*@", re.DOTALL)
"""All that stands before the last @, after a URL's scheme."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with the input, on one line."""

    field: str
    value: str
    """As shown to the user: at most 80 characters, strings quoted; or ``missing`` / ``unknown key``."""
    allowed: str

    def __str__(self) -> str:
        if self.value == MISSING:
            return f"{self.field}: missing; it needs {self.allowed}"
        if self.value == UNKNOWN_KEY:
            return f"{self.field}: unknown key; {self.allowed}"
        return f"{self.field}: {self.value} is not allowed; {self.allowed}"


class InputError(ValueError):
    """Input that is refused, with every reason."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


@dataclass(slots=True)
class Report:
    """What was found while reading: errors, which refuse the input, and notes, which do not."""

    errors: list[FieldError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def reject(self, path: str, value: object, allowed: str) -> None:
        """Record that ``value`` at ``path`` is refused and say what would be accepted."""
        self.refuse(path, shown(value), allowed)

    def refuse(self, path: str, description: str, allowed: str) -> None:
        """Record that what stands at ``path`` is refused, in words that were already made fit to be shown."""
        self.errors.append(FieldError(path, description, allowed))

    def unknown(self, path: str, key: object, known: Sequence[str]) -> None:
        """Record a key that nobody reads, and what it may have been meant for."""
        near = difflib.get_close_matches(plain(key)[:60], known, n=1) if isinstance(key, str) else []
        hint = f'did you mean "{near[0]}"? ' if near else ""
        self.refuse(path, UNKNOWN_KEY, f"{hint}known: {', '.join(known)}")

    def missing(self, path: str, needed: str) -> None:
        """Record that a required value is absent."""
        self.refuse(path, MISSING, needed)

    def note(self, code: str, severity: Severity, control: str, message: str) -> None:
        """Record something that a reviewer should see."""
        self.notes.append(Note(code=code, severity=severity, control=control, message=message))

    def failed(self, path: str) -> bool:
        """Whether the value at ``path``, something inside it or something around it was refused."""
        return any(_holds(path, error.field) or _holds(error.field, path) for error in self.errors)


def _holds(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


def plain(text: str) -> str:
    """The exact ``str`` of an instance of a subclass, such as Ansible's tagged strings."""
    return str.__str__(text)


def shown(value: object) -> str:
    """A value as an error message may show it: one line, short, without the password of a URL or host.

    Containers are only counted, because what they hold was not read and may be a secret.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 256:
        return "a number of more than 256 bits"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        quoted = json.dumps(_CREDENTIALS.sub(rf"\1{MASK}@", plain(value), count=1))
        return quoted if len(quoted) <= SHOWN_LENGTH else f'{quoted[: SHOWN_LENGTH - len(CUT) - 1]}{CUT}"'
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (IPv4Address, IPv6Address, IPv4Network, IPv6Network)):
        return str(value)
    if isinstance(value, Mapping):
        return f"a mapping with {_count(len(value), 'key')}"
    if isinstance(value, (list, tuple)):
        return f"a list of {_count(len(value), 'item')}"
    return f"a value of type {type(value).__name__}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def join_path(path: str, key: object) -> str:
    """The path of a key: plain names as they are, everything else quoted and shortened."""
    name = plain(key) if isinstance(key, str) else ""
    return f"{path}.{name if _PLAIN_KEY.match(name) else shown(key)}"


def decimal(value: object) -> int | None:
    """An integer, or a plain decimal string as inventories hold them; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and _DECIMAL.match(plain(value)):
        return int(plain(value))
    return None


class Section:
    """A mapping of the input whose keys are known; unknown keys and a wrong type are reported at once."""

    def __init__(self, raw: object, path: str, known: Sequence[str], report: Report) -> None:
        self.path = path
        self.report = report
        self.usable = isinstance(raw, Mapping)
        self._values: dict[str, object] = {}
        if not isinstance(raw, Mapping):
            report.reject(path, raw, f"a mapping of {', '.join(known)}")
            return
        for key, value in raw.items():
            if isinstance(key, str) and plain(key) in known:
                self._values[plain(key)] = value
            else:
                report.unknown(join_path(path, key), key, known)

    def at(self, key: str) -> str:
        """The full path of a key."""
        return f"{self.path}.{key}"

    def raw(self, key: str) -> object:
        """The value as it was given; None when absent."""
        return self._values.get(key)

    def names(self) -> list[str]:
        """The keys that are present, in their order."""
        return list(self._values)

    def named(self, key: str) -> bool:
        """Whether the key is present, be it with a null."""
        return key in self._values

    def given(self, key: str) -> bool:
        """Whether the key is present and not null."""
        return self._values.get(key) is not None

    def require(self, key: str, needed: str) -> bool:
        """Whether the key is given; if not, that is an error."""
        if not self.given(key) and self.usable:
            self.report.missing(self.at(key), needed)
        return self.given(key)

    def integer(self, key: str, what: str, low: int, high: int, default: int | None = None) -> int:
        """An integer within bounds; required when there is no default."""
        allowed = f"{what} from {low} to {high}"
        if default is not None and not self.given(key):
            return default
        if self.require(key, allowed):
            number = decimal(self.raw(key))
            if number is not None and low <= number <= high:
                return number
            self.report.reject(self.at(key), self.raw(key), allowed)
        return low

    def boolean(self, key: str, default: bool) -> bool:
        """A true boolean; words such as "on" are refused."""
        if not self.given(key):
            return default
        value = self.raw(key)
        if not isinstance(value, bool):
            self.report.reject(self.at(key), value, "true or false")
            return default
        return value

    def choice(self, key: str, options: Sequence[Choice], default: Choice | None = None) -> Choice:
        """One word of a list; required when there is no default."""
        allowed = f"one of {', '.join(options)}"
        if default is not None and not self.given(key):
            return default
        if self.require(key, allowed):
            value = self.raw(key)
            for option in options:
                if isinstance(value, str) and plain(value) == option:
                    return option
            self.report.reject(self.at(key), value, allowed)
        return options[0]

    def text(self, key: str, what: str, pattern: re.Pattern[str]) -> str:
        """A required string that the pattern matches as a whole."""
        if self.require(key, what):
            value = self.raw(key)
            if isinstance(value, str) and pattern.fullmatch(plain(value)):
                return plain(value)
            self.report.reject(self.at(key), value, what)
        return ""

    def day(self, key: str) -> date | None:
        """A required date; None after an error."""
        allowed = "a date such as 2026-05-31"
        if not self.require(key, allowed):
            return None
        value = self.raw(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return date(value.year, value.month, value.day)
        if isinstance(value, str) and _ISO_DATE.match(plain(value)):
            try:
                return date.fromisoformat(plain(value))
            except ValueError:
                pass
        self.report.reject(self.at(key), value, allowed)
        return None

    def items(self, key: str, what: str, *, required: bool) -> list[tuple[str, object]]:
        """The items of a list, each with its path; a required list must not be empty."""
        if required and not self.require(key, what):
            return []
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            self.report.reject(self.at(key), value, what)
            return []
        if required and not value:
            self.report.refuse(self.at(key), "an empty list", what)
        return [(f"{self.at(key)}[{index}]", item) for index, item in enumerate(value)]
