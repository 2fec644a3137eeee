# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes of what settings were before we changed them, on platforms that have room for a text.

A note says where the value belongs (`t` table with scope, `k` key, `f` field, `*` for a whole row), what it was
(`was`), for which concern (`c`), and a short digest of what we set (`set`): a setting that somebody changed since is
not taken back. Where and how it is written down is the platform's business.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..document.diff import Desired, Entry
from ..document.model import Document, RowId, TableId
from ..policy.model import CONCERNS

WHOLE_ROW = "*"
_FIELDS = frozenset({"t", "k", "f", "was", "set", "c", "n"})
Note = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A setting that a concern keeps: where it is, what it is on the unit, what it is to be (None: a removed row)."""

    concern: str
    table: TableId
    key: Any
    field: str
    was: Any
    kept: Any
    controls: tuple[str, ...]

    def name(self) -> str:
        """What tells this setting from all others."""
        return _digest([str(self.table), self.key, self.field])


def remember(earlier: Mapping[str, Note], settings: Sequence[Kept]) -> list[tuple[str, Note, tuple[str, ...]]]:
    """The notes to make or update, by the setting's name, with the controls that ask for them.

    `earlier` are the notes on the unit. Values are remembered in a concern's first run only: what deviates later was
    spoilt by somebody and is not worth remembering. Each note says how many there are (`n`), so that a first run that
    was cut off is told from a complete one. A note that exists learns only what is set now.
    """
    wanted: list[tuple[str, Note, tuple[str, ...]]] = []
    for concern in dict.fromkeys(setting.concern for setting in settings):
        there = {name: note for name, note in earlier.items() if note["c"] == concern}
        complete = bool(there) and all(note["n"] == _count(len(there)) for note in there.values())
        changing = [
            s for s in settings if s.concern == concern and s.was != s.kept and (not complete or s.name() in there)
        ]
        count = _count(len({*there, *(setting.name() for setting in changing)}))
        for setting in changing:
            known = there.get(setting.name())
            note = {
                "t": str(setting.table),
                "k": setting.key,
                "f": setting.field,
                "was": known["was"] if known else _packed(setting.was),
                "set": _digest(_packed(setting.kept)),
                "c": concern,
                "n": count,
            }
            wanted.append((setting.name(), note, setting.controls))
    return wanted


def parsed(text: str) -> Note | None:
    """The note of a text; None where it makes no sense."""
    try:
        note = json.loads(text)
    except ValueError:
        return None
    if not isinstance(note, dict) or set(note) != _FIELDS:
        return None
    texts = all(isinstance(note[name], str) for name in ("t", "f", "set", "c", "n"))
    return note if texts and isinstance(note["k"], (str, int)) and note["c"] in CONCERNS else None


def written(note: Note) -> str:
    """The text of a note."""
    return json.dumps(note, separators=(",", ":"))


def give_back(
    desired: Desired, concerns: Sequence[str], document: Document, noted: Mapping[TableId, Mapping[str, Note | None]]
) -> list[str]:
    """Add to `desired` what gives the remembered settings of these concerns back; remarks on those that cannot be.

    `noted` are the notes on the unit by the table that holds them and the key of the (first) row that does.
    """
    remarks: list[str] = []
    for store, notes in noted.items():
        for name, note in notes.items():
            if note is None or note["c"] not in concerns:
                continue
            scope, _colon, path = note["t"].rpartition(":")
            table, key, field = TableId(scope, path), note["k"], note["f"]
            if path not in document.specs or table not in document.tables:
                remarks.append(f"{table} {key} {field}: not read, so it is not given back")
                continue
            controls = desired.claims(store, {"name": name})
            present = document.find(table, key)
            if field == WHOLE_ROW:
                restored = _unpacked(note["was"])
                if present is None and _is_row(restored, document, table, key):
                    desired.owned.setdefault(table, []).append(Entry(restored, controls))
            elif present is not None and field in present:
                was, now = _unpacked(note["was"]), present[field]
                if _digest(_packed(now)) == note["set"] and type(was) is type(now):
                    row_id = RowId(table, key)
                    known = desired.settings.get(row_id)
                    desired.settings[row_id] = Entry({**(known.row if known else {}), field: was}, controls)
                elif was != now:
                    remarks.append(f"{table} {key} {field}: changed by somebody since we set it; left as it is")
    return remarks


def _is_row(restored: Any, document: Document, table: TableId, key: Any) -> bool:
    spec = document.spec(table)
    return isinstance(restored, dict) and set(restored) == set(spec.fields) and spec.key_of(restored) == key


def _count(number: int) -> str:
    return f"{number:04d}"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def _packed(value: Any) -> Any:
    """A value for JSON; a list tells equal texts beside each other once, with their number (`["0.0.0.0/0", 10]`)."""
    if isinstance(value, dict):
        return {name: _packed(item) for name, item in value.items()}
    if not isinstance(value, (tuple, list)):
        return value
    packed: list[Any] = []
    for item, run in itertools.groupby(_packed(item) for item in value):
        length = len(list(run))
        packed += [[item, length]] if length > 1 and isinstance(item, str) else [item] * length
    return packed


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unpacked(item) for name, item in value.items()}
    if not isinstance(value, list):
        return value
    unpacked: list[Any] = []
    for item in value:
        unpacked += [item[0]] * item[1] if _is_run(item) else [_unpacked(item)]
    return tuple(unpacked)


def _is_run(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], int)
