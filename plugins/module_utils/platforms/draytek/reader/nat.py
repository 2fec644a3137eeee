# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is forwarded inwards: port redirections, open ports and DMZ hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address

from ..words import Answer, address, matches

_HEAD = re.compile(r"^\s*Index\s+Proto\s+WAN IP:Port\s+Private IP:Port\s+Act\s*$")
_ROW = re.compile(
    r"^\s*(?P<index>[ROD]\d{1,3})\s+(?P<proto>\S+)\s+(?P<outside>-- ALL --|\d+\.\d+\.\d+\.\d+)(?::(?P<ports>[\d~]+))?"
    r"\s+(?P<inside>\d+\.\d+\.\d+\.\d+)(?::(?P<mapped>[\d~]+))?\s+(?P<active>[YN])\s*$"
)
_FOOT = "R:Port Redirection, O:Open Ports, D:DMZ"
_KINDS = {"R": "port redirection", "O": "open ports", "D": "DMZ host"}
_PROTOCOLS: dict[str, tuple[str, ...]] = {"tcp": ("tcp",), "udp": ("udp",)}


@dataclass(frozen=True, slots=True)
class Forward:
    """One way inwards; `ports` of the outside and of the inside as (first, last), all of them for a DMZ host."""

    index: str
    kind: str
    protocols: tuple[str, ...]
    outside: tuple[int, int]
    inside: IPv4Address
    mapped: tuple[int, int]


def forwards(answer: Answer) -> list[Forward]:
    """`srv nat showall`: the ways inwards that are switched on.

    Its first column numbers them, an open port's line once for each of its ten parts, unused ones with port 0. Which
    sources may use them it does not say, and the protocol of open ports neither.
    """
    lines = answer.lines()
    if not lines or not _HEAD.match(lines[0]) or lines[-1].strip() != _FOOT:
        raise answer.strange("no table of redirections with its legend")
    rows = list(matches(answer, _ROW))
    if sum(set(line.strip()) != {"*"} for line in lines[1:-1]) != len(rows):
        raise answer.strange("a line that is no redirection")
    found = []
    for row in rows:
        kind = row["index"][0]
        outside = (0, 65535) if kind == "D" else _span(answer, row["ports"])
        mapped = (0, 65535) if kind == "D" else _span(answer, row["mapped"])
        if row["active"] == "Y" and outside != (0, 0):
            protocols = _PROTOCOLS.get(row["proto"].lower(), ("tcp", "udp"))
            inside = IPv4Address(address(answer, "Private IP", row["inside"]))
            found.append(Forward(row["index"], _KINDS[kind], protocols, outside, inside, mapped))
    return found


def _span(answer: Answer, text: str | None) -> tuple[int, int]:
    first, _tilde, last = (text or "").partition("~")
    if not first.isdigit() or not (last or first).isdigit() or int(last or first) > 65535:
        raise answer.strange(f"ports {text!r}")
    return int(first), int(last or first)
