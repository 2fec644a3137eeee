# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter: general set-up, sets, rules, and what the texts of a rule's sides stand for.

How a rule shows objects and groups in its sides is documented by no example: a number, a name or both are understood,
and whatever is not is kept as an unknown text, which is never taken for compliant nor for harmless.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from ....document.model import Row
from ..words import Answer, Labels, number, switch

ANY: tuple[str, ...] = ("any",)
UNKNOWN = "? "
"""What a side whose text is not understood begins with."""
EVERYWHERE = ("all",)
ITSELF = ("Localhost",)
"""The side of a rule that guards the unit itself."""

DIRECTIONS = {"LAN->WAN": 0, "WAN->LAN": 1, "LAN->LAN": 2, "WAN->LOCALHOST": 3}
_ACTIONS = {
    "pass immediately": "pass",
    "block immediately": "block",
    "pass if no further match": "pass-pending",
    "block if no further match": "block-pending",
}
_FRAGMENTS = {"don't care": 0, "unfragmented": 1, "fragmented": 2, "too short": 3}
_QOS = {"none": 0, "class 1": 1, "class 2": 2, "class 3": 3, "class1": 1, "class2": 2, "class3": 3, "other": 4}
_FILTER = re.compile(r"(Enable|Disable)d?\s*(?:\(\s*Start Filter Set\s*=\s*(\d+)\s*\))?\Z", re.IGNORECASE)
_SET = re.compile(r"(?:set\s*#?\s*)?(\d{1,2})\Z", re.IGNORECASE)
_NOTHING = ("none", "<null>", "0", "")
_HEAD = re.compile(r"^\s*Filter Set\s+(\d+)\s+Rule\s+(\d+)\s*:\s*$")
_LABEL = re.compile(r"^[^,]*:")
_TERMINAL = 80
"""Columns at which some units break lines, in the middle of words too."""
_INTERFACE = re.compile(r"(LAN|WAN)\d{1,3}|DMZ|Routed|VPN|RT|Localhost", re.IGNORECASE)


def general(answer: Answer) -> Row:
    """`ipf set -v`: start sets ("": off, or not shown), and what becomes of packets without a rule."""
    labels = Labels(answer)
    row: Row = {
        "data": _start(answer, labels.text("Data Filter")),
        "call": _start(answer, labels.text("Call Filter")) if "Call Filter" in labels else "",
        "default": labels.word("Pass or Block", {"pass": "pass", "block": "block"}),
    }
    return row


def _start(answer: Answer, text: str) -> str:
    match = _FILTER.match(text)
    if match is None:
        raise answer.strange(f"a filter is {text!r}, neither enabled with a start set nor disabled,")
    if match[1].lower() == "disable":
        return ""
    if match[2] is None or int(match[2]) == 0:
        raise answer.strange(f"a filter is {text!r}, without a start set,")
    return str(int(match[2]))


def filter_set(answer: Answer, index: int, sets: int) -> Row:
    """`ipf set N -v`: comment and next set ("": none)."""
    labels = Labels(answer)
    comment = labels.text("Comments" if "Comments" in labels else "Comment")
    following = labels.text("Next Filter Set")
    return {
        "id": str(index),
        "comment": "" if comment == "<null>" else comment,
        "next": _set_number(answer, "Next Filter Set", following, sets),
    }


def _set_number(answer: Answer, label: str, text: str, sets: int) -> str:
    if text and text.lower() in _NOTHING:
        return ""
    match = _SET.match(text)
    if match is None or not 1 <= int(match[1]) <= sets:
        raise answer.strange(f"{label!r} is {text!r}, no filter set,")
    return str(int(match[1]))


def rule(answer: Answer, index: int, place: int, sets: int) -> Row:
    """`ipf rule S R -v`, with its sides as the unit shows them."""
    heads = [match.groups() for line in answer.lines() if (match := _HEAD.match(line))]
    if heads != [(str(index), str(place))]:
        raise answer.strange(f"no line 'Filter Set {index} Rule {place}:'")
    lines = _joined(answer.lines())
    labels = Labels(answer, lines)
    comment = labels.text("Comments")
    return {
        "id": f"{index}.{place}",
        "set": str(index),
        "comment": "" if comment == "<null>" else comment,
        "enabled": switch(answer, "Status", labels.text("Status")),
        "direction": _direction(answer, labels.text("Direction")),
        "incoming": _interfaces(answer, "Src Interface", labels),
        "outgoing": _interfaces(answer, "Dst Interface", labels),
        "source": _one_line(labels.text("Source IP")),
        "destination": _one_line(labels.text("Destination IP")),
        "service": _one_line(labels.text("Service Type")),
        "fragments": labels.word("Fragments", _FRAGMENTS),
        "action": labels.word("Pass or Block", _ACTIONS),
        "branch": _set_number(answer, "Branch to Other Filter Set", labels.text("Branch to Other Filter Set"), sets),
        "schedules": _schedules(answer, labels.text("Index(1-15) in Schedule Setup")),
        "qos": _qos(labels.text("Qos Class")),
        "log": labels.switch("Log"),
    }


def _qos(text: str) -> int | str:
    """The number of a QoS class, 0 for none. No example shows a rule with one, and a class may have a name."""
    return _QOS.get(text.lower(), f"{UNKNOWN}{text}")


def _joined(lines: Sequence[str]) -> list[str]:
    """The lines, those put together again that a list was broken into: behind a comma, or where a terminal ends."""
    joined: list[str] = []
    before = ""
    for line in lines:
        if joined and joined[-1].rstrip().endswith(",") and not _LABEL.match(line):
            joined[-1] = f"{joined[-1]} {line.strip()}"
        elif joined and len(before) == _TERMINAL and "," in before and not _LABEL.match(line):
            joined[-1] += line
        else:
            joined.append(line)
        before = line
    return joined


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _direction(answer: Answer, text: str) -> int:
    left, arrow, right = text.upper().replace(" ", "").partition("->")
    found = DIRECTIONS.get(f"{left.partition('/')[0]}{arrow}{right.partition('/')[0]}")
    if found is None:
        raise answer.strange(f"'Direction' is {text!r}, which is not known,")
    return found


def _interfaces(answer: Answer, label: str, labels: Labels) -> tuple[str, ...]:
    names = [name.strip() for name in labels.text(label).split(",") if name.strip()]
    if [name.lower() for name in names] in (["any"], ["all"]):
        return EVERYWHERE
    for name in names:
        if not _INTERFACE.fullmatch(name):
            raise answer.strange(f"{label!r} names {name!r}, no interface,")
    return tuple(names)


def _schedules(answer: Answer, text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4:
        raise answer.strange(f"'Schedule Setup' is {text!r}, not four schedules,")
    return tuple(0 if part == "<null>" else number(answer, "Schedule Setup", part, 0, 15) for part in parts)


def over_all(rows: Sequence[Row]) -> None:
    """Let lists of interfaces that name every interface of their side say so: which ones a model has is told by its own
    rules, since one that nobody narrowed names them all."""
    known: dict[bool, set[str]] = {True: set(), False: set()}
    for row in rows:
        for field in ("incoming", "outgoing"):
            if row[field] not in (EVERYWHERE, ITSELF):
                known[_is_wan(row[field])] |= set(row[field])
    for row in rows:
        for field in ("incoming", "outgoing"):
            if row[field] != EVERYWHERE and row[field] and known[_is_wan(row[field])] == set(row[field]):
                row[field] = EVERYWHERE


def _is_wan(names: Sequence[str]) -> bool:
    return any(name.upper().startswith("WAN") for name in names)


# What the text of a side stands for

_ADDRESS = r"(\d{1,3}(?:\.\d{1,3}){3})"
_SINGLE = re.compile(rf"{_ADDRESS}\Z")
_PREFIX = re.compile(rf"{_ADDRESS}\s*/\s*(\d{{1,2}})\Z")
_MASKED = re.compile(rf"{_ADDRESS}\s*/\s*{_ADDRESS}\Z")
_SPAN = re.compile(rf"{_ADDRESS}\s*(?:~|-|to)\s*{_ADDRESS}\Z")
_NUMBERED = re.compile(
    r"(?P<six>ipv6\s+)?(?:ip\s+|service\s+(?:type\s+)?)?(?P<kind>object|obj|group|grp)\s*#?\s*(?P<number>\d{1,3})\Z",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?:(?P<number>\d{1,3})\s*[-.:)]\s*)?\[?(?P<name>.*?)\]?\Z")


@dataclass(frozen=True, slots=True)
class Names:
    """The keys of objects and groups by their names, and the words that keys begin with: `object 3`, `group 2`."""

    object_word: str
    group_word: str
    objects: Mapping[str, str]
    groups: Mapping[str, str]


def side(text: str, names: Names) -> tuple[str, ...]:
    """What the text of a side stands for: `any`, an address, `10.0.0.0/255.0.0.0`, `10.0.0.1 - 10.0.0.9`, the keys of
    objects or groups, or `? ` and the text where it is not understood."""
    if text.lower() in ("any", "any address", "---"):
        return ANY
    return _literal(text) or _referred(text, names) or (f"{UNKNOWN}{text}",)


def _literal(text: str) -> tuple[str, ...] | None:
    try:
        if match := _SINGLE.match(text):
            return (str(IPv4Address(match[1])),)
        if match := _PREFIX.match(text):
            return (f"{match[1]}/{IPv4Network((match[1], int(match[2])), strict=False).netmask}",)
        if match := _MASKED.match(text):
            IPv4Network((match[1], match[2]), strict=False)
            return (f"{match[1]}/{match[2]}",)
        if match := _SPAN.match(text):
            return (f"{IPv4Address(match[1])} - {IPv4Address(match[2])}",)
    except ValueError:
        pass
    return None


def _referred(text: str, names: Names) -> tuple[str, ...] | None:
    found = [_one(item.strip(), names) for item in text.split(",") if item.strip()]
    keys = [key for key in found if key is not None]
    kinds = {key.rpartition(" ")[0] for key in keys}
    return tuple(keys) if keys and len(keys) == len(found) and len(kinds) == 1 else None


def _one(item: str, names: Names) -> str | None:
    if match := _NUMBERED.match(item):
        word = names.object_word if match["kind"].lower().startswith("o") else names.group_word
        return f"{'ipv6 ' if match['six'] else ''}{word} {int(match['number'])}"
    match = _NAMED.match(item)
    if match is None or not match["name"]:
        return None
    name = match["name"].strip()
    hits = [table[name] for table in (names.objects, names.groups) if name in table]
    if match["number"] is not None:
        hits = [hit for hit in hits if hit.endswith(f" {int(match['number'])}")]
    return hits[0] if len(hits) == 1 else None
