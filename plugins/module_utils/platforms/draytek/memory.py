# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What settings were before we changed them, kept on the unit itself, so that `state: deleted` can give them back.

A Vigor has no place for notes, but IP objects that nothing refers to do nothing: each holds one number of 32 bits as
its address, and says in its name (`VOIPH-w` and a code) which settings the bits stand for. Kept on the unit, it needs
no file on a controller and survives the loss of one.

Values are remembered in a concern's first run: of LANs and VLAN rows all that a policy may ever ask for, since another
policy may change what the first one left as it was. A rule of the site's is remembered when it is switched off. All of
them are written before the first setting is changed, so a run that was cut off either had changed nothing yet or had
remembered everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from ...document.diff import Desired, Entry
from ...document.model import Document, Row, RowId
from . import names
from .reader.management import BFP_SERVICES, LAN_SERVICES, SERVICES
from .tables import BRUTE_FORCE, LAN_ACCESS, LANS, OBJECTS, REMOTE, RULES, SIP_ALG, TALK, VLAN, VLAN_ROWS, table

ALG, VOICE, MANAGEMENT, ALLOWLIST = "sip_alg", "voice_vlan", "management_access", "sip_allowlist"
_LANS_IN_A_CELL = 32
_TALK_PARTS = ("", "b", "c", "d")
STARTS = {VOICE: names.STARTED, MANAGEMENT: names.LIST_STARTED}
"""What remembers when a unit had started at the time of a concern's changes that wait for the next start."""
CLOCK_SLACK = 120
"""Seconds by which two calculations of when a unit started may differ."""


@dataclass(frozen=True, slots=True)
class Bits:
    """Some bits of a cell: the field that they hold, how many, and how its value becomes a number and back."""

    field: str
    width: int
    pack: Callable[[Any], int]
    unpack: Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """Up to 32 bits of one row's settings. `unpack` gets the row as it is as well, for fields that are shared."""

    code: str
    concern: str
    path: str
    key: str
    fields: tuple[str, ...]
    pack: Callable[[Row], int]
    unpack: Callable[[int, Row], Row]

    @property
    def name(self) -> str:
        return f"{names.REMEMBERED}{self.code}"


def _cell(code: str, concern: str, path: str, key: str, *parts: Bits) -> Cell:
    def pack(row: Row) -> int:
        number = 0
        for bits in parts:
            number = number << bits.width | bits.pack(row[bits.field])
        return number

    def unpack(number: int, _present: Row) -> Row:
        found: Row = {}
        for bits in reversed(parts):
            found[bits.field] = bits.unpack(number & ((1 << bits.width) - 1))
            number >>= bits.width
        return found

    return Cell(code, concern, path, key, tuple(bits.field for bits in parts), pack, unpack)


def _switch(field: str) -> Bits:
    return Bits(field, 1, int, bool)


def _number(field: str, width: int) -> Bits:
    return Bits(field, width, int, int)


def _address(field: str) -> Bits:
    """An IPv4 address, or none, which no setting has as 0.0.0.0 and as nothing."""
    empty = "" if field.startswith("dns") else "0.0.0.0"
    return Bits(
        field,
        32,
        lambda text: int(IPv4Address(text or 0)),
        lambda number: str(IPv4Address(number)) if number else empty,
    )


def _some_of(field: str, listed: Sequence[str], width: int = 0) -> Bits:
    """Which of a list of words are there."""

    def pack(value: Sequence[str]) -> int:
        return sum(1 << listed.index(word) for word in value)

    def unpack(number: int) -> tuple[str, ...]:
        found = [word for index, word in enumerate(listed) if number >> index & 1]
        return tuple(found if field == "ports" else sorted(found))

    return Bits(field, width or len(listed), pack, unpack)


def _lan(field: str) -> Bits:
    return Bits(field, 7, lambda name: int(name.removeprefix("LAN")), lambda number: f"LAN{number}")


def lan_cells(lan: str) -> list[Cell]:
    """The settings of one LAN."""
    number = lan.removeprefix("LAN")
    addresses = (("a", "address"), ("m", "mask"), ("s", "start"), ("g", "gateway"), ("1", "dns1"), ("2", "dns2"))
    return [
        _cell(
            f"L{number}x",
            VOICE,
            LANS,
            lan,
            _switch("enabled"),
            _switch("dhcp"),
            _number("count", 12),
            _number("lease", 18),
        ),
        *(_cell(f"L{number}{code}", VOICE, LANS, lan, _address(field)) for code, field in addresses),
    ]


def vlan_row_cells(row: str, ports: Sequence[str]) -> list[Cell]:
    """The settings of one VLAN row; `ports` are the unit's, in their order."""
    return [
        _cell(
            f"V{row}x",
            VOICE,
            VLAN_ROWS,
            row,
            _switch("tagged"),
            _number("vid", 12),
            _number("pri", 3),
            _lan("lan"),
        ),
        _cell(f"V{row}p", VOICE, VLAN_ROWS, row, _some_of("ports", tuple(ports))),
    ]


def talk_cells(lan: str) -> list[Cell]:
    """Which LANs one LAN was routed to, 32 in a cell; the routing between others is none of our business."""
    return [_talk_cell(int(lan.removeprefix("LAN")), part) for part in range(len(_TALK_PARTS))]


def _talk_cell(own: int, part: int) -> Cell:
    lans = range(_LANS_IN_A_CELL * part + 1, _LANS_IN_A_CELL * (part + 1) + 1)

    def pack(row: Row) -> int:
        return sum(1 << (other - lans.start) for other in _partners(row["pairs"], own) if other in lans)

    def unpack(number: int, present: Row) -> Row:
        kept = [pair for pair in present["pairs"] if not any(other in lans for other in _partners([pair], own))]
        others = [other for other in lans if number >> (other - lans.start) & 1]
        back = [f"{min(own, other)}-{max(own, other)}" for other in others]
        return {"pairs": in_order([*kept, *back])}

    return Cell(f"T{own}{_TALK_PARTS[part]}", VOICE, TALK, "", ("pairs",), pack, unpack)


def _partners(pairs: Iterable[str], own: int) -> list[int]:
    found = []
    for pair in pairs:
        first, second = (int(part) for part in pair.split("-"))
        if own in (first, second):
            found.append(second if first == own else first)
    return found


def in_order(pairs: Iterable[str]) -> tuple[str, ...]:
    """Pairs of LANs, sorted by number."""
    return tuple(sorted(set(pairs), key=lambda pair: [int(part) for part in pair.split("-")]))


def rule_cell(slot: str) -> Cell:
    """Whether a rule of the site's was switched on."""
    return _cell(f"R{slot}", ALLOWLIST, RULES, slot, _switch("enabled"))


def _lan_access_cell(part: int) -> Cell:
    """Which of 32 LANs were let in; the cells of the others hold the rest."""
    lans = [f"LAN{number}" for number in range(32 * part + 1, 32 * part + 33)]
    bits = _some_of("lans", lans)

    def pack(row: Row) -> int:
        return bits.pack([lan for lan in row["lans"] if lan in lans])

    def unpack(number: int, present: Row) -> Row:
        found = [*(lan for lan in present["lans"] if lan not in lans), *bits.unpack(number)]
        return {"lans": tuple(sorted(found, key=lambda lan: int(lan.removeprefix("LAN"))))}

    return Cell(f"lal{part}", MANAGEMENT, LAN_ACCESS, "", ("lans",), pack, unpack)


_SINGLE_CELLS = (
    _cell("alg", ALG, SIP_ALG, "", _switch("sip")),
    _cell("von", VOICE, VLAN, "", _switch("enabled")),
    _cell("rmt", MANAGEMENT, REMOTE, "", _switch("master"), _some_of("services", SERVICES)),
    _cell(
        "lac",
        MANAGEMENT,
        LAN_ACCESS,
        "",
        *(_switch("enabled"), _switch("everywhere"), _some_of("services", LAN_SERVICES)),
    ),
    _cell(
        "bfp",
        MANAGEMENT,
        BRUTE_FORCE,
        "",
        _switch("enabled"),
        _some_of("services", BFP_SERVICES),
        _number("failures", 8),
        _number("penalty", 16),
    ),
    *(_lan_access_cell(part) for part in range(4)),
)
_CODE = re.compile(
    r"(?:L(?P<lan>\d{1,3})[xamsg12]|V(?P<row>\d{1,2})[xp]|T(?P<talk>\d{1,3})[bcd]?|R(?P<slot>\d{1,2}\.\d{1,2}))\Z"
)


def cells_of(path: str, key: str, ports: Sequence[str]) -> list[Cell]:
    """The cells that hold the settings of a row; a table of pairs has one for each LAN, which `talk_cells` makes."""
    if path == LANS:
        return lan_cells(key)
    if path == VLAN_ROWS:
        return vlan_row_cells(key, ports)
    if path == RULES:
        return [rule_cell(key)]
    return [cell for cell in _SINGLE_CELLS if cell.path == path]


def cell_named(name: str, ports: Sequence[str]) -> Cell | None:
    """The cell that an object of ours is, by its name; None for a name that is none."""
    code = name.removeprefix(names.REMEMBERED)
    single = next((cell for cell in _SINGLE_CELLS if cell.code == code), None)
    match = _CODE.match(code)
    if single is not None or match is None or not name.startswith(names.REMEMBERED):
        return single
    made = (
        talk_cells(f"LAN{match['talk']}")
        if match["talk"]
        else lan_cells(f"LAN{match['lan']}")
        if match["lan"]
        else vlan_row_cells(match["row"], ports)
        if match["row"]
        else [rule_cell(match["slot"])]
    )
    return next((cell for cell in made if cell.code == code), None)


def concern_of(name: str, ports: Sequence[str]) -> str | None:
    """The concern that an object remembers something for."""
    for concern, note in STARTS.items():
        if name == note:
            return concern
    cell = cell_named(name, ports)
    return None if cell is None else cell.concern


def number_of(row: Row) -> int:
    """The number that an object remembers."""
    return int(IPv4Address(row["start"]))


def known_cells(document: Document, ports: Sequence[str]) -> dict[str, tuple[Cell, int]]:
    """What the unit remembers: cells with their numbers, by name."""
    found = {}
    for row in document.rows(table(OBJECTS)):
        cell = cell_named(row["name"], ports) if row["name"].startswith(names.REMEMBERED) else None
        if cell is not None:
            found[cell.name] = (cell, number_of(row))
    return found


def remembered_lans(document: Document) -> tuple[str, ...]:
    """The LANs that an earlier run made the phones' network of."""
    found = []
    for row in document.rows(table(OBJECTS)):
        match = _CODE.match(row["name"].removeprefix(names.REMEMBERED))
        if match and match["lan"] and row["name"].startswith(names.REMEMBERED):
            found.append(f"LAN{match['lan']}")
    return tuple(dict.fromkeys(found))


def remembered_rows(document: Document) -> tuple[str, ...]:
    """The VLAN rows that an earlier run used. One that had a tag of the site's before is the site's still."""
    found, tagged = [], set()
    for row in document.rows(table(OBJECTS)):
        match = _CODE.match(row["name"].removeprefix(names.REMEMBERED))
        if match and match["row"] and row["name"].startswith(names.REMEMBERED):
            found.append(match["row"])
            settings = vlan_row_cells(match["row"], ())[0]
            if row["name"] == settings.name and settings.unpack(number_of(row), {})["tagged"]:
                tagged.add(match["row"])
    return tuple(row for row in dict.fromkeys(found) if row not in tagged)


def to_remember(
    document: Document,
    ports: Sequence[str],
    settings: Mapping[RowId, Entry],
    extra: Sequence[Cell],
    concerns: Sequence[str],
) -> list[tuple[Cell, int]]:
    """The cells to have, those that are there among them, each with what it holds; `extra` are cells of shared
    tables."""
    known = known_cells(document, ports)
    wanted: dict[str, tuple[Cell, int]] = {}
    changing: list[tuple[Cell, int]] = []
    for row_id, entry in settings.items():
        present = document.find(row_id.table, row_id.key)
        if present is None:
            continue
        kept = {**present, **entry.row}
        own = [cell for cell in extra if cell.path == row_id.table.path]
        cells = own or cells_of(row_id.table.path, row_id.key, ports)
        changed = [cell for cell in cells if cell.pack(present) != cell.pack(kept)]
        if changed and row_id.table.path in (LANS, VLAN_ROWS):
            changed = [cell for cell in cells if set(cell.fields) & set(entry.row)]
        changing += [(cell, cell.pack(present)) for cell in changed]
    for name, (cell, number) in known.items():
        if cell.concern in concerns:
            wanted[name] = (cell, number)
    for cell, number in changing:
        if cell.name not in wanted and (cell.path == RULES or not _begun(document, known, cell.concern)):
            wanted[cell.name] = (cell, number)
    return list(wanted.values())


def _begun(document: Document, known: Mapping[str, tuple[Cell, int]], concern: str) -> bool:
    """Whether a run has changed a setting of this concern, before which it remembered all that it needed."""
    for cell, number in known.values():
        if cell.concern == concern:
            present = document.find(table(cell.path), cell.key)
            if present is not None and cell.pack(present) != number:
                return True
    return False


def give_back(desired: Desired, document: Document, ports: Sequence[str], concerns: Sequence[str]) -> list[str]:
    """Add to `desired` what gives the remembered settings of these concerns back; remarks on those that cannot be."""
    remarks = []
    for cell, number in known_cells(document, ports).values():
        if cell.concern not in concerns:
            continue
        target = table(cell.path)
        present = document.find(target, cell.key) if target in document.tables else None
        if present is None:
            remarks.append(f"{cell.path} {cell.key}: not read, so {', '.join(cell.fields)} is not given back")
            continue
        row_id = RowId(target, cell.key)
        earlier = desired.settings.get(row_id)
        row = dict(earlier.row) if earlier else {}
        row |= cell.unpack(number, {**present, **row})
        controls = desired.claims(table(OBJECTS), {"name": cell.name})
        desired.settings[row_id] = Entry(row, controls)
    return remarks
