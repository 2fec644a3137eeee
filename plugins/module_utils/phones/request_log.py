# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log of a provisioning server says of one phone and one file. Pure.

The log is that of the role `provisioning_server`: one JSON object a request, in the order in which they ended. nginx
names the version of a file by its time of change, in seconds, and its length (`ETag`, ngx_http_set_etag); both may be
the same again within a second, so that a request also has to have begun after the change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

SLACK_SECONDS = 0.01
"""nginx counts in whole milliseconds, and the kernel stamps files by the clock's last tick (4 ms)."""
MOST_SHOWN = 10
_SERVED = 200


@dataclass(frozen=True, slots=True)
class Version:
    """A file as it is: its name, its time of change in seconds since 1970, and its length in bytes."""

    name: str
    changed: float
    size: int

    @property
    def etag(self) -> str:
        return f'"{int(self.changed):x}-{self.size:x}"'


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the phone. `at`: when it ended, in seconds since 1970."""

    at: float
    name: str
    status: int

    @property
    def data(self) -> dict[str, Any]:
        return {"at": round(self.at, 3), "file": self.name, "status": self.status}


@dataclass(slots=True)
class Evidence:
    """`fetched`: whether the phone has fetched this version; None where the log does not reach back far enough.

    `at`: when it did for the last time. `requests`: what it asked for since the change, the last ones. `agent`: what it
    called itself when it fetched something for the last time. `torn`: lines that are no entries.
    """

    fetched: bool | None = None
    at: float | None = None
    requests: list[Request] = field(default_factory=list)
    agent: str = ""
    torn: int = 0


def evidence_of(lines: Iterable[bytes], mac: str, version: Version, kept_since: float | None = None) -> Evidence:
    """What the log says of a phone (twelve hexadecimal digits in lower case) and the present version of its file.

    `kept_since`: since when the log is known to be kept, where its entries do not say.
    """
    evidence = Evidence()
    first = kept_since
    for line in lines:
        if first is not None and mac.encode() not in line:
            continue
        entry = _entry(line)
        if entry is None:
            evidence.torn += 1
            continue
        at = float(entry["at"])
        first = at if first is None else first
        if entry.get("phone") == mac:
            _note(evidence, version, at, entry)
    if evidence.at is not None:
        evidence.fetched = True
    elif first is not None and first <= version.changed:
        evidence.fetched = False
    del evidence.requests[:-MOST_SHOWN]
    return evidence


def _note(evidence: Evidence, version: Version, at: float, entry: dict[str, Any]) -> None:
    began = at - float(entry.get("seconds") or 0)
    name, status = str(entry.get("path", "")).rpartition("/")[2], int(entry["status"])
    if status == _SERVED:  # until then, anybody may have claimed to be the phone
        evidence.agent = str(entry.get("agent", ""))
    if began + SLACK_SECONDS < version.changed:
        return
    evidence.requests.append(Request(at, name, status))
    whole = status == _SERVED and entry.get("method") == "GET" and entry.get("complete") == "OK"
    if whole and name == version.name and entry.get("etag") == version.etag and entry.get("bytes") == version.size:
        evidence.at = at


def _entry(line: bytes) -> dict[str, Any] | None:
    """An entry, or None for what is none: a line that was cut off, or one of another log."""
    try:
        entry = json.loads(line)
        float(entry["at"]), int(entry["status"]), float(entry.get("seconds") or 0)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return dict(entry)
