# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LAN interfaces, VLANs, routing between LANs, DHCP options."""

from __future__ import annotations

import re

from ....document.model import Row
from ..words import Answer, address, matches, number, only

_LAN = re.compile(
    r"^\s*\[(?P<on>[VvXx])\]\s*LAN(?P<lan>\d{1,3})\s+(?P<address>\S+)\s+(?P<mask>\S+)(?:\s+(?P<dhcp>[VvXx]))?"
    r"\s+(?P<start>\d+\.\d+\.\d+\.\d+)\s+(?P<count>\d+)\s+(?P<gateway>\S+)\s*$"
)
_DNS = re.compile(r"^\s*%\s*LAN(?P<lan>\d{1,3})\s+(?P<which>Primary|Secondary) DNS:\s*\[(?P<server>[^\]]*)\]\s*$")
_LEASE = re.compile(r"\bLAN(?P<lan>\d{1,3})\s+(?P<seconds>\d+)(?=\s*(?:;|$))", re.MULTILINE)
_UNSET = "Not set"


def lans(answer: Answer, most: int) -> dict[int, Row]:
    """`show lan`: switched on, address, mask, DHCP with the first address, how many, and gateway."""
    found: dict[int, Row] = {}
    for match in matches(answer, _LAN):
        lan = number(answer, "LAN", match["lan"], 1, most)
        if lan in found:
            raise answer.strange(f"LAN{lan} twice")
        found[lan] = {
            "id": f"LAN{lan}",
            "enabled": match["on"].upper() == "V",
            "address": address(answer, f"LAN{lan}", match["address"]),
            "mask": address(answer, f"LAN{lan}", match["mask"]),
            "dhcp": (match["dhcp"] or "").upper() == "V",  # how it shows that it is off, no example says
            "start": address(answer, f"LAN{lan}", match["start"]),
            "count": number(answer, "Pool", match["count"], 0, 4095),
            "gateway": address(answer, f"LAN{lan}", match["gateway"]),
        }
    if 1 not in found or sorted(found) != list(range(1, len(found) + 1)):
        raise answer.strange("no unbroken list of LANs")
    if sum("LAN" in line and "[" in line for line in answer.lines()) != len(found):
        raise answer.strange("a line of a LAN that is not understood")
    return found


def name_servers(answer: Answer) -> dict[int, tuple[str, str]]:
    """`show dns`: the first and the second server of every LAN, "" where none is set."""
    found: dict[int, dict[str, str]] = {}
    for match in matches(answer, _DNS):
        server = match["server"].strip()
        told = "" if server == _UNSET else address(answer, f"LAN{match['lan']} DNS", server)
        servers = found.setdefault(int(match["lan"]), {})
        if match["which"] in servers:
            raise answer.strange(f"LAN{match['lan']} {match['which']} DNS twice")
        servers[match["which"]] = told
    if any(set(servers) != {"Primary", "Secondary"} for servers in found.values()):
        raise answer.strange("a LAN without a line for each of two name servers")
    return {lan: (servers["Primary"], servers["Secondary"]) for lan, servers in found.items()}


def lease_seconds(answer: Answer) -> dict[int, int]:
    """`msubnet leasetime ?`: the lease time of every LAN in seconds."""
    found = [(int(match["lan"]), match["seconds"]) for match in _LEASE.finditer(answer.text)]
    if len(dict(found)) != len(found):
        raise answer.strange("a LAN twice")
    return {lan: number(answer, f"LAN{lan}", seconds, 1, 259200) for lan, seconds in found}


_VLAN_STATE = re.compile(r"^\s*VLAN\s+is\s+(Enable|Disable)d?\s*:?\s*$", re.IGNORECASE)
_VLAN_HEAD = re.compile(r"^\s*VLAN\s+Enable\s+VID\s+Pri\b.*\bsubnet\s*$")
_VLAN_ROW = re.compile(
    r"^\s*(?P<row>\d{1,2})\s+(?P<tagged>ON|OFF)\s+(?P<vid>\d{1,4})\s+(?P<pri>\d)\b.*?(?P<lan>\d{1,3}):LAN"
)
_P1_UNTAGGED = re.compile(r"Permit untagged device in P1 to access router:\s*(ON|OFF)", re.IGNORECASE)
_PORT = re.compile(r"\S+")
_SYSTEM_VIDS = re.compile(r"range:\s*(\d+)\s*~\s*(\d+)")


def vlans(answer: Answer, most: int) -> tuple[bool, dict[int, Row], bool, tuple[str, ...]]:
    """`vlan status`: whether VLANs are on, the rows, whether P1 lets untagged devices in, and the names of the ports.

    A row's members are the ports under whose heads a V stands. What stands elsewhere in the line is not understood.
    """
    states = [match[1].lower() == "enable" for match in matches(answer, _VLAN_STATE)]
    heads = [line for line in answer.lines() if _VLAN_HEAD.match(line)]
    if len(states) != 1 or len(set(heads)) != 1:
        raise answer.strange("no state and no head of the table of VLANs")
    head = heads[0]
    columns = [(match.start(), match.end(), match[0]) for match in _PORT.finditer(head)][4:-1]
    found: dict[int, Row] = {}
    for line in answer.lines():
        match = _VLAN_ROW.match(line)
        if match is None:
            continue
        row = number(answer, "VLAN", match["row"], 0, most - 1)
        if row in found:
            raise answer.strange(f"row {row} twice")
        found[row] = {
            "id": str(row),
            "tagged": match["tagged"] == "ON",
            "vid": number(answer, "VID", match["vid"], 0, 4095),
            "pri": number(answer, "Pri", match["pri"], 0, 7),
            "ports": _members(answer, line, match.end("pri"), match.start("lan"), columns),
            "lan": f"LAN{int(match['lan'])}",
        }
    if sorted(found) != list(range(len(found))) or not found:
        raise answer.strange("no unbroken list of VLAN rows")
    untagged = only(answer, _P1_UNTAGGED, "line about untagged devices in P1")
    return states[0], found, untagged[1].upper() == "ON", tuple(name for start, end, name in columns)


def _members(answer: Answer, line: str, begin: int, end: int, columns: list[tuple[int, int, str]]) -> tuple[str, ...]:
    members = []
    for position in range(begin, end):
        if line[position] in " \t":
            continue
        port = next((name for first, last, name in columns if first <= position < last), None)
        if line[position] not in "Vv" or port is None:
            raise answer.strange(f"{line.strip()!r} has something that stands under no port")
        members.append(port)
    return tuple(members)


def system_vids(answer: Answer) -> tuple[int, int]:
    """`vlan sysvid show`: the first and the last VLAN id that the unit keeps for itself."""
    match = only(answer, _SYSTEM_VIDS, "range of VLAN ids")
    return int(match[1]), int(match[2])


_TALK_ROW = re.compile(r"^\s*%\s*LAN(\d{1,3})\s+([Vv ]*[Vv])\s*$")
_TALK_HEAD = re.compile(r"^\s*%\s+(?:LAN\d+\s*)+(?:DMZ Port\s*)?$")
_TALK_DMZ = re.compile(r"DMZ Port")


def talk(answer: Answer, most: int) -> frozenset[tuple[int, int]]:
    """`msubnet talk ?`: the pairs of LANs with routing between them, the lower number first."""
    heads = [line for line in answer.lines() if _TALK_HEAD.match(line)]
    if len(heads) != 1:
        raise answer.strange("no head of the table of LANs")
    columns = [(match.start(), match.end(), int(match[1])) for match in re.finditer(r"LAN(\d+)", heads[0])]
    beside = _TALK_DMZ.search(heads[0])
    pairs: set[tuple[int, int]] = set()
    seen: set[int] = set()
    for line in answer.lines():
        match = _TALK_ROW.match(line)
        if match is None:
            continue
        row = number(answer, "LAN", match[1], 1, most)
        if row in seen:
            raise answer.strange(f"the row of LAN{row} twice")
        seen.add(row)
        for position in range(match.start(2), len(line)):
            if line[position] in "Vv":
                column = next((lan for first, last, lan in columns if first <= position < last), None)
                if column is None and not (beside and beside.start() <= position < beside.end()):
                    raise answer.strange(f"{line.strip()!r} has something that stands under no LAN")
                if column is not None and column != row:
                    pairs.add((min(row, column), max(row, column)))
    if seen != {lan for first, last, lan in columns}:
        raise answer.strange("no row of every LAN")
    return frozenset(pairs)


_OPTION = re.compile(
    r"^\s*%\s*(?P<state>enable|disable)d?\s+(?P<index>\d{1,3})\s+(?P<where>ALL LAN|LAN\s*\d{1,3}|routed subnet|\S+)"
    r"\s+(?P<code>\d{1,3})\s+(?P<type>ASCII|HEX|ADDR\w*|IP\w*)\s+(?P<data>.*?)\s*$",
    re.IGNORECASE,
)
_OPTION_HEAD = re.compile(r"^\s*%\s*state\s+idx\s+interface\s+opt\s+type\s+data\s*$", re.IGNORECASE)


def options(answer: Answer) -> list[Row]:
    """`srv dhcp option -l`: the options that DHCP servers hand out besides the usual ones."""
    lines = answer.lines()
    heads = [line for line in lines if _OPTION_HEAD.match(line)]
    if len(heads) != 1:
        raise answer.strange("no head of the table of options")
    found: list[Row] = []
    for line in lines[lines.index(heads[0]) + 1 :]:
        match = _OPTION.match(line)
        if match is None:
            raise answer.strange(f"{line.strip()!r}, no option,")
        if any(row["index"] == int(match["index"]) for row in found):
            raise answer.strange(f"option {match['index']} twice")
        where = re.sub(r"\s+", "", match["where"]).lower()
        found.append(
            {
                "id": f"{where}/{number(answer, 'opt', match['code'], 0, 255)}",
                "where": where,
                "index": int(match["index"]),
                "enabled": match["state"].lower().startswith("enable"),
                "type": match["type"].lower(),
                "data": match["data"],
            }
        )
    return found
