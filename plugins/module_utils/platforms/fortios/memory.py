# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What settings were before we changed them, kept on the unit itself, so that `state: deleted` can give them back.

Each remembered value is an address object that nothing refers to; its comment is a note (`platforms.notes`) in JSON
with tildes for quotes. Kept on the unit, it needs no file on a controller, survives the loss of one, and any engineer
can read it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...document.diff import Desired
from ...document.model import Document, Row, TableId
from .. import notes as shared
from ..notes import Kept, Note
from . import names

_ROOM = 255
"""Characters of an address object's comment (CLI reference 7.6)."""
_QUOTE = "~"
"""Stands for the double quotes of JSON, which FortiOS does not take in texts (document 651640)."""
_UNWELCOME = "'<>"
"""Others that it does not take."""
_NOWHERE = "0.0.0.0/32"
_OBJECT = re.compile(rf"({re.escape(names.REMEMBERED)}[0-9a-f]{{12}})(?:-([2-9]))?")


def remember(rows: Sequence[Row], settings: Sequence[Kept]) -> list[tuple[Row, tuple[str, ...]]]:
    """The objects to make or update, with the controls that ask for them. `rows` are the unit's address objects."""
    earlier = {name.removeprefix(names.REMEMBERED): note for name, note in notes(rows).items() if note is not None}
    wanted: list[tuple[Row, tuple[str, ...]]] = []
    for name, note, controls in shared.remember(earlier, settings):
        wanted += [(row, controls) for row in _objects(f"{names.REMEMBERED}{name}", _written(note))]
    return wanted


def notes(rows: Sequence[Row]) -> dict[str, Note | None]:
    """What the objects on the unit remember, by the name of the first object; None where it makes no sense."""
    texts: dict[str, dict[int, str]] = {}
    for row in rows:
        match = _OBJECT.fullmatch(row["name"])
        if match:
            texts.setdefault(match[1], {})[int(match[2] or 1)] = row["comment"]
    return {name: _parsed("".join(pieces[i] for i in sorted(pieces))) for name, pieces in texts.items()}


def first_object(name: str) -> str:
    """The name of the first object of the note that this one belongs to."""
    match = _OBJECT.fullmatch(name)
    return match[1] if match else name


def withdraw_settings(desired: Desired, concerns: Sequence[str], document: Document, store: TableId) -> list[str]:
    """Add to `desired` what gives the remembered settings of these concerns back; remarks on those that cannot be.

    `store` is the table of address objects that remember.
    """
    return shared.give_back(desired, concerns, document, {store: notes(document.rows(store))})


def _objects(name: str, text: str) -> list[Row]:
    """The address objects that hold a note: one, or several where a comment has no room for it.

    A note keeps its length for ever (what changes in it has a fixed width), and so its number of objects.
    """
    pieces = [text[i : i + _ROOM] for i in range(0, len(text), _ROOM)]
    return [
        {"name": f"{name}-{i}" if i > 1 else name, "type": "ipmask", "subnet": _NOWHERE, "comment": piece}
        for i, piece in enumerate(pieces, start=1)
    ]


def _parsed(text: str) -> Note | None:
    return shared.parsed(text.replace(_QUOTE, '"'))


def _written(note: Note) -> str:
    text = shared.written(note)
    for character in f"{_UNWELCOME}{_QUOTE}":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.replace('"', _QUOTE)
