# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What default pairs were tried at which phone: so that none is tried again for nothing, and no phone is locked.

The file holds one JSON object a line: first a key, then records. Phones and pairs stand there as digests under that
key, so that the file tells nobody which phone was tried with what unless he knows both already. Lines are only ever
added, each in one write: workers share the file without a lock.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from .logins import MOST_FAILURES, Pair

_DAY = timedelta(days=1)
_BEGUN = "begun"
_REFUSALS = ("denied", "one_left")
_HARMLESS = ("accepted", "absent")
_STAND_STILL = ("one_left", "locked")


class LoginMemory:
    """The records of one file, or of this run alone where `path` is "".

    Raises `ValueError` for a file that cannot be read or holds something else; it is then not written to.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._key = secrets.token_bytes(32)
        self._records: list[dict[str, Any]] = []
        if path:
            self._create()
            self._read()

    def denied_at(self, phone: str, pair: Pair, since: datetime) -> str:
        """When a phone last refused this pair, not before `since`; "" where it did not."""
        digest = self._of_pair(phone, pair)
        times = (one["at"] for one in self._records if one.get("pair") == digest and one["outcome"] in _REFUSALS)
        return max((time for time in times if datetime.fromisoformat(time) >= since), default="")

    def reason_to_wait(self, phone: str, now: datetime) -> str:
        """Why nothing more may be tried at this phone now; "" where something may."""
        digest = self._of_phone(phone)
        recent = [
            one
            for one in self._records
            if one["phone"] == digest and datetime.fromisoformat(one["at"]) > now - _DAY
        ]
        locked = [one["at"] for one in recent if one["outcome"] in _STAND_STILL]
        if locked:
            return f"the phone was locked, or about to be, at {max(locked)}; it is left alone for a day"
        outcomes = [one["outcome"] for one in recent]
        failed = outcomes.count(_BEGUN) - sum(outcomes.count(outcome) for outcome in _HARMLESS)
        if failed >= MOST_FAILURES:
            return f"{failed} log-ins failed at this phone within a day; more than {MOST_FAILURES} may lock it"
        return ""

    def begin(self, phone: str, pair: Pair, now: datetime) -> None:
        """Note that a pair is about to be tried: it counts even where nobody hears the answer."""
        self._add(phone, pair, _BEGUN, now)

    def end(self, phone: str, pair: Pair, outcome: str, now: datetime) -> None:
        """Note what came of it."""
        self._add(phone, pair, outcome, now)

    def _add(self, phone: str, pair: Pair, outcome: str, now: datetime) -> None:
        record = {
            "phone": self._of_phone(phone),
            "pair": self._of_pair(phone, pair),
            "outcome": outcome,
            "at": now.isoformat(timespec="seconds"),
        }
        self._records.append(record)
        if self._path:
            _append(self._path, record)

    def _of_phone(self, phone: str) -> str:
        return self._digest([phone])

    def _of_pair(self, phone: str, pair: Pair) -> str:
        return self._digest([phone, pair.account, pair.password.reveal()])

    def _digest(self, parts: list[str]) -> str:
        return hmac.digest(self._key, json.dumps(parts).encode(), "sha256").hex()

    def _create(self) -> None:
        """Make the file where there is none, whole from its first moment on, for its owner alone."""
        if os.path.exists(self._path):
            return
        new = f"{self._path}.{secrets.token_hex(8)}"
        try:
            _append(new, {"key": self._key.hex()})
            with suppress(FileExistsError):  # another worker was faster, and its key counts
                os.link(new, self._path)
        except OSError as error:
            raise ValueError(f"remember: {self._path!r} cannot be made: {error.strerror}") from None
        finally:
            with suppress(OSError):
                os.unlink(new)

    def _read(self) -> None:
        try:
            with open(self._path, encoding="utf-8") as file:
                lines = file.read().splitlines() or [""]
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"remember: {self._path!r} cannot be read: {error}") from None
        for number, line in enumerate(lines, start=1):
            try:
                self._take(json.loads(line), first=number == 1)
            except (ValueError, KeyError, TypeError):
                raise ValueError(
                    f"remember: {self._path!r}, line {number}, is not one of this module's; move the file away"
                ) from None

    def _take(self, record: dict[str, Any], first: bool) -> None:
        if first:
            self._key = bytes.fromhex(record["key"])
            return
        for name in ("phone", "pair", "outcome"):
            if not isinstance(record[name], str):
                raise TypeError(name)
        if datetime.fromisoformat(record["at"]).tzinfo is None:
            raise ValueError("at")
        self._records.append(record)


def _append(path: str, record: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, (json.dumps(record) + "\n").encode())
    finally:
        os.close(descriptor)
