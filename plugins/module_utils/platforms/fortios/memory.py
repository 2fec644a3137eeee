# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What settings were before we changed them, kept on the unit itself, so that `state: deleted` can give them back.

Each remembered value is an address object that nothing refers to. Its comment says, in JSON with tildes for quotes,
where the value belongs (`t` table with scope, `k` key, `f` field, `*` for a whole row), what it was (`was`), for which
concern (`c`), and a short digest of what we set (`set`): a setting that somebody changed since is not taken back. Kept
on the unit, it needs no file on a controller, survives the loss of one, and any engineer can read it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...document.diff import Desired, Entry
from ...document.model import Document, Row, RowId, TableId
from . import names

_ROOM = 255
"""Characters of an address object's comment (CLI reference 7.6)."""
_QUOTE = "~"
"""Stands for the double quotes of JSON, which FortiOS does not take in texts (document 651640)."""
_UNWELCOME = "'<>"
"""Others that it does not take."""
_NOWHERE = "0.0.0.0/32"
WHOLE_ROW = "*"
_ALL_CONCERNS = ("sip_alg", "sip_allowlist", "voice_vlan", "management_access")


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
        return f"{names.REMEMBERED}{_digest([str(self.table), self.key, self.field])}"


def remember(rows: Sequence[Row], settings: Sequence[Kept]) -> tuple[list[tuple[Row, tuple[str, ...]]], list[str]]:
    """The objects to make or update, with the controls that ask for them, and remarks on values that do not fit.

    `rows` are the address objects on the unit. Values are remembered in a concern's first run only: what deviates
    later was spoilt by somebody and is not worth remembering. Each object says how many there are (`n`), so that a
    first run that was cut off is told from a complete one. An object that exists learns only what is set now.
    """
    earlier = {row["name"]: note for row in rows if (note := _parsed(row)) is not None}
    wanted: list[tuple[Row, tuple[str, ...]]] = []
    remarks: list[str] = []
    for concern in dict.fromkeys(setting.concern for setting in settings):
        there = {name: note for name, note in earlier.items() if note["c"] == concern}
        complete = bool(there) and all(note["n"] == len(there) for note in there.values())
        changing = [
            s for s in settings if s.concern == concern and s.was != s.kept and (not complete or s.name() in there)
        ]
        count = len({*there, *(setting.name() for setting in changing)})
        for setting in changing:
            note = {
                "t": str(setting.table),
                "k": setting.key,
                "f": setting.field,
                "was": there[setting.name()]["was"] if setting.name() in there else _plain(setting.was),
                "set": _digest(_plain(setting.kept)),
                "c": concern,
                "n": count,
            }
            comment = _written(note)
            if len(comment) <= _ROOM:
                row = {"name": setting.name(), "type": "ipmask", "subnet": _NOWHERE, "comment": comment}
                wanted.append((row, setting.controls))
            else:
                remarks.append(
                    f"{setting.table} {setting.key} {setting.field}: its value is too long to be remembered; "
                    "state: deleted will leave ours in place"
                )
    return wanted, remarks


def concerns_of(row: Row) -> tuple[str, ...]:
    """The concern that a remembered value belongs to; all of them where the comment is not ours any more."""
    note = _parsed(row)
    return (note["c"],) if note else _ALL_CONCERNS


def withdraw_settings(desired: Desired, concerns: Sequence[str], document: Document, store: TableId) -> list[str]:
    """Add to `desired` what gives the remembered settings of these concerns back; remarks on those that cannot be."""
    remarks: list[str] = []
    for row in document.rows(store):
        note = _parsed(row) if row["name"].startswith(names.REMEMBERED) else None
        if note is None or note["c"] not in concerns:
            continue
        scope, _colon, path = note["t"].partition(":")
        table, key, field = TableId(scope, path), note["k"], note["f"]
        spec = document.specs.get(path)
        if spec is None or table not in document.tables:
            remarks.append(f"{table} {key} {field}: not read, so it is not given back")
            continue
        if field == WHOLE_ROW:
            if document.find(table, key) is None:
                restored = {name: _value(value) for name, value in note["was"].items()}
                desired.owned.setdefault(table, []).append(Entry(restored, desired.claims(store, row)))
            continue
        present = document.find(table, key)
        if present is None or field not in present:
            continue
        if _digest(_plain(present[field])) != note["set"]:
            if _plain(present[field]) != note["was"]:
                remarks.append(f"{table} {key} {field}: changed by somebody since we set it; left as it is")
            continue
        row_id = RowId(table, key)
        known = desired.settings.get(row_id)
        values = {**(known.row if known else {}), field: _value(note["was"])}
        desired.settings[row_id] = Entry(values, desired.claims(store, row))
    return remarks


def _parsed(row: Row) -> dict[str, Any] | None:
    try:
        note = json.loads(row["comment"].replace(_QUOTE, '"'))
    except ValueError:
        return None
    valid = (
        isinstance(note, dict) and {"t", "k", "f", "was", "set", "c", "n"} <= set(note) and note["c"] in _ALL_CONCERNS
    )
    return note if valid and isinstance(note["t"], str) and isinstance(note["f"], str) else None


def _written(note: dict[str, Any]) -> str:
    text = json.dumps(note, separators=(",", ":"))
    for character in f"{_UNWELCOME}{_QUOTE}":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.replace('"', _QUOTE)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _value(item) for name, item in value.items()}
    return tuple(_value(item) for item in value) if isinstance(value, list) else value
