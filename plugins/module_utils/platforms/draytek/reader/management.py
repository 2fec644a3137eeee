# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may manage the unit, from where, and what keeps guessers out."""

from __future__ import annotations

import re

from ....document.model import Row
from ..words import Answer, Labels, matches, number, switch

SERVICES = ("ftp", "http", "https", "ssh", "telnet", "tr069", "snmp", "enforce_https")
_ACL_HEAD = re.compile(r"^\s*%%\s*Access list\s*:", re.IGNORECASE)
_ACL_ROW = re.compile(r"^\s*(\d{1,2})\s+(?:IP Object\s+)?(\d{1,3})(?:\s+.*)?$", re.IGNORECASE)
_ACL_NAMED = re.compile(r"^\s*(\d{1,2})\s+Host ?name\b", re.IGNORECASE)
BY_NAME = 0
"""Stands for the object of an entry that names a host."""

_LAN_WORDS = {
    "FTP": "FTP",
    "HTTP": "HTTP",
    "HTTPS": "HTTPS",
    "TELNET": "TELNET",
    "SSH": "SSH",
    "TR069": "TR069",
    "Enforce HTTPS": "ENFORCE_HTTPS",
}
LAN_SERVICES = tuple(sorted(_LAN_WORDS.values()))
_LAN_STATE = re.compile(r"^\s*-?\s*(LAN \d{1,3}|IP Routed Subnet|DMZ)\s*:\s*(.*?)\s*$", re.IGNORECASE)
_LAST_PLACE = "IP ROUTED SUBNET"
SHOWN_BFP_SERVICES = ("FTP", "HTTP", "HTTPS", "TELNET", "TR069", "SSH")
BFP_SERVICES = (*SHOWN_BFP_SERVICES, "VPN")


def access_list(answer: Answer) -> dict[int, int]:
    """`mngt accesslist list`: the number of the IP object by place; `BY_NAME` for an entry that names a host."""
    lines = answer.lines()
    if sum(bool(_ACL_HEAD.match(line)) for line in lines) != 1:
        raise answer.strange("no line '%% Access list :'")
    rules = [number_of for number_of, line in enumerate(lines) if set(line.strip()) == {"="}]
    if not rules:
        raise answer.strange("no table of the access list")
    found: dict[int, int] = {}
    for line in lines[rules[-1] + 1 :]:
        named, match = _ACL_NAMED.match(line), _ACL_ROW.match(line)
        entry = named or match
        if entry is None:
            raise answer.strange(f"{line.strip()!r}, no entry,")
        place = number(answer, "index", entry[1], 1, 10)
        if place in found:
            raise answer.strange(f"entry {place} twice")
        found[place] = BY_NAME if named else number(answer, "object", entry[2], 1, 500)
    return found


def lan_access(answer: Answer) -> Row:
    """`mngt lanaccess -v`: whether it is limited, for which services, from which LANs, or from everywhere inside."""
    labels = Labels(answer)
    enabled = labels.switch("Enable")
    services = tuple(sorted(word for label, word in _LAN_WORDS.items() if labels.switch(label)))
    labels.text("LAN 1")
    states = {match[1].upper(): switch(answer, match[1], match[2]) for match in matches(answer, _LAN_STATE)}
    lans = [name for name in states if name.startswith("LAN ")]
    if lans != [f"LAN {number_of}" for number_of in range(1, len(lans) + 1)] or _LAST_PLACE not in states:
        raise answer.strange(f"no unbroken list of LANs up to {_LAST_PLACE!r}")
    for name in states:
        labels.text(name)
    shut = not all(states.values())
    return {
        "enabled": enabled,
        "services": services,
        "everywhere": not shut,
        "lans": tuple(name.replace(" ", "") for name in lans if states[name]) if shut else (),
    }


def brute_force(answer: Answer) -> Row:
    """`mngt bfp -v`: whether guessers are kept out, of which services, after how many tries, for how many seconds."""
    labels = Labels(answer)
    for name in SHOWN_BFP_SERVICES:
        labels.switch(name)
    return {
        "enabled": labels.switch("Enable"),
        "services": tuple(sorted(name for name in BFP_SERVICES if name in labels and labels.switch(name))),
        "failures": labels.number("Maximum login failures", 0, 255),
        "penalty": labels.number("Penalty period", 0, 65535),
    }


_REMOTE_WORDS = re.compile(
    r"(?P<service>remote (?:configure|management)\w*(?: function)?"
    r"|enforce[ _]https|https|http|web|ftp|telnet|ssh|tr-?069|snmp)"
    r"(?:\s+server)?(?:\s*:\s*|\s+(?:is|has been)\s+)(?P<state>enable|disable|on|off)d?\b",
    re.IGNORECASE,
)
_SAME = {"web": "http", "tr-069": "tr069", "enforce https": "enforce_https"}


def remote(answer: Answer) -> Row | None:
    """`mngt rmtcfg status`: the master switch and the services that answer to the WAN; None where the text, of which
    there is no public example, does not speak of them."""
    found: dict[str, bool] = {}
    for match in _REMOTE_WORDS.finditer(answer.text):
        name = match["service"].lower()
        name = "master" if name.startswith("remote") else _SAME.get(name, name)
        state = switch(answer, name, match["state"])
        if found.setdefault(name, state) != state:
            raise answer.strange(f"{name} is on and off")
    if not {"master", "http", "https", "ftp", "telnet", "ssh", "tr069"} <= set(found):
        return None
    return {"master": found["master"], "services": tuple(sorted(n for n in SERVICES if found.get(n)))}
