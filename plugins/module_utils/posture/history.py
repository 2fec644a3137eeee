# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of earlier runs, one line of JSON for a device and a run. Pure.

The last line of a device is enough to know since when something is so: a run that could not look at the device hands
on what the one before had seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .record import CLASSES, ERROR, FEW, TIME, UNREACHABLE, Record, is_time
from .score import Score

SCHEMA = 1
UNREAD = (UNREACHABLE, ERROR)
"""Classes of devices of which a run knows nothing."""
LONGEST_KEY = 160
MOST_KEYS = 300
"""So many open points of a device are kept, those that have been there longest."""


@dataclass(frozen=True, slots=True)
class Line:
    """One device in one run. `since`: when each of its open points was first seen, by their keys. `read`: when the
    device was last read; empty where it never was."""

    time: str
    host: str
    site: str
    classification: str
    score: Score
    since: Mapping[str, str] = field(default_factory=dict)
    read: str = ""

    def text(self) -> str:
        """As it stands in the file."""
        data = {
            "schema": SCHEMA,
            "time": self.time,
            "host": self.host,
            "site": self.site,
            "class": self.classification,
            "score": self.score.percent,
            "points": [self.score.proven, self.score.asked],
            "read": self.read,
            "since": dict(self.since),
        }
        return json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n"


@dataclass(slots=True)
class History:
    """What was read. `lines` in the order of the file; `broken`: numbers of the lines that are none; `stale`: whether
    something is older than what is to be kept."""

    lines: list[Line] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    stale: bool = False
    last: dict[str, Line] = field(default_factory=dict)
    """The last line of each host."""


def read_history(content: Iterable[bytes], now: str, days: int) -> History:
    """The lines of the file that are no older than so many days.

    A last line without an end is left out: another run may be writing it just now.
    """
    first = (datetime.strptime(now, TIME) - timedelta(days=days)).strftime(TIME)
    history = History()
    for number, text in enumerate(content, 1):
        if not text.endswith(b"\n"):
            break
        line = _line(text)
        if line is None:
            history.broken.append(number)
        elif line.time < first:
            history.stale = True
        else:
            history.lines.append(line)
            if line.host not in history.last or history.last[line.host].time <= line.time:
                history.last[line.host] = line
    return history


def _line(text: bytes) -> Line | None:
    try:
        data: Any = json.loads(text)
        proven, asked = data["points"]
        line = Line(
            time=data["time"],
            host=data["host"],
            site=data["site"],
            classification=data["class"],
            score=Score(proven, asked),
            since=dict(data["since"]),
            read=data["read"],
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    numbers = all(isinstance(one, int) and not isinstance(one, bool) for one in (proven, asked))
    texts = (line.host, line.site, line.time, line.read, *line.since, *line.since.values())
    times = (line.time, *line.since.values(), *((line.read,) if line.read else ()))
    known = data["schema"] == SCHEMA and line.classification in CLASSES
    good = known and numbers and 0 <= proven <= asked and all(isinstance(one, str) for one in texts)
    return line if good and all(map(is_time, times)) else None


def open_points(record: Record) -> dict[str, str]:
    """The keys of what is open on a device, by the kind of point: `difference`, `finding` or `pending`."""
    keys = {key_of("difference", one.key): "difference" for one in record.drift}
    keys |= {finding_key(one): "finding" for one in record.findings}
    return keys | {key_of("pending", one): "pending" for one in record.pending}


def key_of(kind: str, text: str) -> str:
    """A key by which an open point is known again; of bounded length."""
    if len(text) > LONGEST_KEY:
        text = f"{text[:LONGEST_KEY]}~{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    return f"{kind}: {text}"


def finding_key(finding: Mapping[str, str]) -> str:
    """The key of a finding."""
    return key_of("finding", f"{finding['control']} {finding['subject']}")


def since_of(record: Record, before: Line | None) -> dict[str, str]:
    """When each open point of a device was first seen.

    What a small record leaves out may still be there, and keeps its time; so does everything of a device that could not
    be looked at.
    """
    earlier = dict(before.since) if before else {}
    if record.classification in UNREAD:
        return earlier
    cut = {"difference": record.count > len(record.drift), "finding": len(record.findings) == FEW}
    kept = {key: time for key, time in earlier.items() if cut.get(key.partition(":")[0])}
    seen = {key: earlier.get(key, record.read_at) for key in open_points(record)}
    longest = sorted((kept | seen).items(), key=lambda pair: (pair[1], pair[0]))
    return dict(longest[:MOST_KEYS])
