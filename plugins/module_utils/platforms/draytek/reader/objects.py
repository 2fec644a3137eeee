# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IP objects, service objects, their groups, and schedules: numbered places, most of which are free."""

from __future__ import annotations

import re

from ....document.model import Row
from ..models import SCHEDULES
from ..words import Answer, Labels, matches, number, word

FREE_MARK = "VOIPH-free"
"""The name of a place that was ours and is free again, on units that take no empty name."""

OBJECT, GROUP, SERVICE, SERVICE_GROUP = "object", "group", "service", "service group"
"""The words that the keys of these things begin with; the number follows."""

_TYPES = {
    "mask": "mask",
    "subnet": "mask",
    "subnet address": "mask",
    "mask address": "mask",
    "single": "single",
    "single address": "single",
    "any": "any",
    "any address": "any",
    "range": "range",
    "range address": "range",
    "mac": "mac",
    "mac address": "mac",
}
_INTERFACES = {"any": "any", "lan": "lan", "lan/dmz/rt/vpn": "lan", "lan/rt/vpn": "lan", "wan": "wan"}
PROTOCOLS = {
    "any": 0,
    "icmp": 1,
    "igmp": 2,
    "tcp": 6,
    "udp": 17,
    "icmpv6": 58,
    "tcp/udp": 255,
}
CHECKS = {"=": 0, "==": 0, "!=": 1, ">": 2, "<": 3}
_HEADS = {
    "object ip obj": "IP Object Profile",
    "object ip grp": "IP Group Profile",
    "object service obj": "Service Object Profile",
    "object service grp": "Service Group Profile",
}
_MEMBER = re.compile(r"^\s*\[(\d+):\]\s*\[(\d+)\]\s*$")
_PORTS = re.compile(r"(\d{1,5})\s*~\s*(\d{1,5})\Z")
_OTHER_PROTOCOL = re.compile(r"(?:other\D*)?(\d{1,3})\)?\Z", re.IGNORECASE)
_NO_MAC = "00:00:00:00:00:00"


def _expect_head(answer: Answer, index: int) -> None:
    """The answer must be about the place that was asked for."""
    kind = " ".join(answer.command.split()[:3])
    heads = [line.split() for line in answer.lines() if line.strip().startswith(_HEADS[kind])]
    if heads != [[*_HEADS[kind].split(), str(index)]]:
        raise answer.strange(f"no line '{_HEADS[kind]} {index}'")


def ip_object(answer: Answer, index: int) -> Row:
    """One IP object; addresses as text. One that stands for a network card starts with the card's address."""
    _expect_head(answer, index)
    labels = Labels(answer, bracketed=True)
    kind = labels.word("Address type", _TYPES)
    card = labels.text("MAC Address") if kind == "mac" else _NO_MAC
    return {
        "id": f"{OBJECT} {index}",
        "name": labels.text("Name"),
        "interface": labels.word("Interface", _INTERFACES),
        "type": kind,
        "start": labels.address("Start ip address") if card == _NO_MAC else card,
        "end": labels.address("End/Mask ip address"),
        "invert": labels.number("Invert Selection", 0, 1),
    }


def is_free_ip_object(row: Row) -> bool:
    """Whether nobody uses this place. One with an address in it was not given up, or not taken, to the end."""
    return bool(row["name"] in ("", FREE_MARK) and row["start"] == "0.0.0.0")


def group(answer: Answer, index: int, kind: str, member: str, count: int) -> Row:
    """A group of IP or service objects: its members' keys, and how many it has room for.

    `kind` and `member` are the words that its key and theirs begin with; `count` is the number of the highest object.
    """
    _expect_head(answer, index)
    labels = Labels(answer, bracketed=True)
    slots = [number(answer, f"[{match[1]}:]", match[2], 0, count) for match in matches(answer, _MEMBER)]
    if not slots:
        raise answer.strange("no line '[0:][0]'")
    if [int(match[1]) for match in matches(answer, _MEMBER)] != list(range(len(slots))):
        raise answer.strange("no unbroken list of members")
    return {
        "id": f"{kind} {index}",
        "name": labels.text("Name"),
        "interface": labels.word("Interface", _INTERFACES) if kind == GROUP else "any",
        "member": tuple(f"{member} {slot}" for slot in sorted(slots) if slot),
        "room": len(slots),
    }


def is_free_group(row: Row) -> bool:
    """Whether nobody uses this place."""
    return row["name"] == FREE_MARK or (row["name"] == "" and not row["member"])


def service_object(answer: Answer, index: int) -> Row:
    """One service object: protocol as a number, ports as (check, first, last) with the check as a number."""
    _expect_head(answer, index)
    labels = Labels(answer, bracketed=True)
    return {
        "id": f"{SERVICE} {index}",
        "name": labels.text("Name"),
        "protocol": _protocol(answer, labels.text("Protocol")),
        "source": _ports(answer, labels, "Source"),
        "destination": _ports(answer, labels, "Destination"),
    }


def _protocol(answer: Answer, text: str) -> int:
    other = _OTHER_PROTOCOL.match(text)
    if other and int(other[1]) <= 255:
        return int(other[1])
    return word(answer, "Protocol", text, PROTOCOLS)


def _ports(answer: Answer, labels: Labels, side: str) -> tuple[int, int, int]:
    match = _PORTS.match(labels.text(f"{side} port range"))
    if match is None or int(match[1]) > 65535 or int(match[2]) > 65535:
        raise answer.strange(f"'{side} port range' is {labels.text(f'{side} port range')!r}, no range of ports,")
    return labels.word(f"{side} port check action", CHECKS), int(match[1]), int(match[2])


def is_free_service(row: Row) -> bool:
    """Whether nobody uses this place: a service without a name that stands for no ports of its own."""
    return row["name"] == FREE_MARK or (
        row["name"] == "" and row["destination"][0] == 0 and row["destination"][1:] in ((0, 0), (1, 65535), (0, 65535))
    )


def is_free_schedule(row: Row) -> bool:
    """Whether nobody uses this place: a schedule that is off and lasts for no time."""
    return not row["enabled"] and not row["minutes"] and row["comment"] in ("", FREE_MARK)


_SCHEDULE_HEAD = re.compile(r"^\s*Index No\.\s*(\d+)\s*$")
_SCHEDULE_FIELDS = {
    "enabled": re.compile(r"^\s*\[([ vV])\]\s*Enable Schedule Setup\s*$"),
    "comment": re.compile(r"^\s*Comment\s*\[\s*(.*?)\s*\]\s*$"),
    "date": re.compile(r"^\s*Start Date.*\[\s*(\d+)\s*\]-\[\s*(\d+)\s*\]-\[\s*(\d+)\s*\]\s*$"),
    "time": re.compile(r"^\s*Start Time.*\[\s*(\d+)\s*\]:\[\s*(\d+)\s*\]\s*$"),
    "duration": re.compile(r"^\s*Duration Time.*\[\s*(\d+)\s*\]:\[\s*(\d+)\s*\]\s*$"),
}


def schedule(answer: Answer, index: int) -> Row:
    """One schedule: whether it is on, its comment, its start as text, how long it lasts in minutes."""
    lines = answer.lines()
    heads = [match for line in lines if (match := _SCHEDULE_HEAD.match(line))]
    if [int(head[1]) for head in heads] != [index] or not 1 <= index <= SCHEDULES:
        raise answer.strange(f"no line 'Index No.{index}'")
    found = {}
    for name, pattern in _SCHEDULE_FIELDS.items():
        hits = [match for line in lines if (match := pattern.match(line))]
        if len(hits) != 1:
            raise answer.strange(f"no {name} of the schedule")
        found[name] = hits[0]
    date, hour = found["date"], found["time"]
    return {
        "id": f"schedule {index}",
        "enabled": found["enabled"][1].lower() == "v",
        "comment": found["comment"][1],
        "start": f"{int(date[1]):04d}-{int(date[2]):02d}-{int(date[3]):02d} {int(hour[1]):02d}:{int(hour[2]):02d}",
        "minutes": int(found["duration"][1]) * 60 + int(found["duration"][2]),
    }
