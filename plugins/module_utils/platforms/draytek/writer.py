# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to the lines that carry them out.

A place is taken by its name first and given up by it last, so that a run that is cut off between two lines finds again
what it began. What a unit cannot do in one line is ordered so that nothing is open in between. Sources: Vigor2927
Series User's Guide 2.2 part X and Vigor3912 Series User's Guide 1.01 part VIII, "Telnet Commands".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from ...document.diff import CREATE, DELETE, Change
from ...document.model import Document, Row
from . import names
from .commands import Command, command
from .details import Details
from .reader.management import SERVICES as REMOTE_SERVICES
from .reader.management import SHOWN_BFP_SERVICES
from .reader.objects import FREE_MARK
from .reader.rules import ANY, EVERYWHERE
from .tables import (
    ACCESS_LIST,
    BRUTE_FORCE,
    FILTER,
    GROUPS,
    LAN_ACCESS,
    LANS,
    OBJECTS,
    OPTIONS,
    REMOTE,
    RULES,
    SCHEDULES,
    SERVICE_GROUPS,
    SERVICES,
    SETS,
    SIP_ALG,
    TALK,
    VLAN,
    VLAN_ROWS,
    table,
)

_ADDRESS_TYPES = {"mask": 0, "single": 1, "any": 2, "range": 3}
_OBJECT_SIDES = {"any": 0, "lan": 1, "wan": 3}
_GROUP_SIDES = {"any": 0, "lan": 1, "wan": 2}
_ACTIONS = {"pass": 0, "block": 1, "pass-pending": 2, "block-pending": 3}
_DEFAULTS: Mapping[str, Row] = {
    OBJECTS: {"interface": "any", "type": "", "start": "0.0.0.0", "end": "0.0.0.0", "invert": 0, "name": ""},
    GROUPS: {"interface": "any", "member": (), "name": ""},
    SERVICES: {"protocol": 0, "source": (0, 1, 65535), "destination": (0, 1, 65535), "name": ""},
    SERVICE_GROUPS: {"member": (), "name": ""},
    SETS: {"next": "", "comment": ""},
}
"""What a place is given back as."""
OTHER_CLASS = 4
"""Where traffic goes that is in no QoS class. No documented value takes a rule's class away again."""
_FREE_RULE: Row = {
    "enabled": False,
    "direction": 0,
    "incoming": ("all",),
    "outgoing": ("all",),
    "source": ANY,
    "destination": ANY,
    "service": ANY,
    "fragments": 0,
    "action": "pass",
    "branch": "",
    "schedules": (0, 0, 0, 0),
    "log": False,
    "comment": "",
}


def commands_for(change: Change, document: Document, details: Details) -> list[Command]:
    """The lines that carry out one change. `document` is what was observed."""
    after = dict(change.after or {})
    if change.action == DELETE and change.table.path in _DEFAULTS:
        after = dict(_DEFAULTS[change.table.path])
    return _WRITERS[change.table.path](change, after, document, details)


def _index(key: str) -> int:
    return int(str(key).rpartition(" ")[2])


def _indexes(keys: Iterable[str]) -> list[int]:
    return [_index(key) for key in keys]


def _ordered(change: Change, row: Row, fields: Sequence[str]) -> list[str]:
    """The fields to write: the name first where a place is taken, and last where it is given up."""
    present = [field for field in fields if field in row]
    return [*present[1:], present[0]] if change.action == DELETE and present else present


def _object(change: Change, row: Row, document: Document, details: Details) -> list[Command]:
    """What remembers a setting is believed as soon as it bears its name: that comes last, and goes first."""
    name = str(row.get("name") or change.name)
    if name.startswith(names.REMEMBERED) and change.action in (CREATE, DELETE):
        free, rest = {"name": FREE_MARK}, {field: value for field, value in row.items() if field != "name"}
        parts = (free, rest, {"name": row["name"]})
        return [line for part in parts for line in _object_lines(change, part, document, details)]
    return _object_lines(change, row, document, details)


def _object_lines(change: Change, row: Row, document: Document, details: Details) -> list[Command]:
    key, lines = _index(change.key), []
    whole = {**(document.find(change.table, change.key) or {}), **row}
    whole["type"] = whole.get("type") or details.unused_type
    if {"type", "start", "end"} & set(row):
        row = {**row, "address": True}
    for field in _ordered(change, row, ("name", "interface", "address", "invert")):
        if field == "name":
            lines.append(command(f"{OBJECTS} {key} -n", row["name"]))
        elif field == "interface":
            lines.append(command(f"{OBJECTS} {key} -i", _OBJECT_SIDES[row["interface"]]))
        elif field == "invert":
            lines.append(command(f"{OBJECTS} {key} -s", row["invert"]))
        else:
            lines.append(command(f"{OBJECTS} {key} -a", *_address(whole)))
    return lines


def _address(row: Row) -> tuple[str | int, ...]:
    kind = _ADDRESS_TYPES[row["type"]]
    if row["type"] == "any":
        return (kind,)
    return (kind, row["start"]) if row["type"] == "single" else (kind, row["start"], row["end"])


def _group(change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    key, lines = _index(change.key), []
    for field in _ordered(change, row, ("name", "interface", "member")):
        if field == "name":
            lines.append(command(f"{GROUPS} {key} -n", row["name"]))
        elif field == "interface":
            lines.append(command(f"{GROUPS} {key} -i", _GROUP_SIDES[row["interface"]]))
        else:
            lines.append(command(f"{GROUPS} {key} -a", _listed(row["member"])))
    return lines


def _listed(members: Sequence[str]) -> str:
    """Members as a unit takes them; 0 stands for none."""
    return " ".join(str(index) for index in _indexes(members)) or "0"


def _service(change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    key, lines = _index(change.key), []
    for field in _ordered(change, row, ("name", "protocol", "source", "destination")):
        if field == "name":
            lines.append(command(f"{SERVICES} {key} -n", row["name"]))
        elif field == "protocol":
            lines.append(command(f"{SERVICES} {key} -p", row["protocol"]))
        else:
            lines.append(command(f"{SERVICES} {key} {'-s' if field == 'source' else '-d'}", *row[field]))
    return lines


def _service_group(change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    key, lines = _index(change.key), []
    for field in _ordered(change, row, ("name", "member")):
        if field == "name":
            lines.append(command(f"{SERVICE_GROUPS} {key} -n", row["name"]))
        else:
            lines.append(command(f"{SERVICE_GROUPS} {key} -a", *(_indexes(row["member"]) or [0])))
    return lines


def _schedule(change: Change, _row: Row, _document: Document, _details: Details) -> list[Command]:
    """The only thing that plans do with a schedule is to take ours away."""
    return free_schedule(_index(change.key))


def _schedule_lines(number: int, *settings: tuple[str, str | int]) -> list[Command]:
    """A schedule takes one setting a line."""
    return [command(f"{SCHEDULES} set {number}", flag, value) for flag, value in settings]


def guard_schedule(number: int, begin: datetime, minutes: int) -> list[Command]:
    """The lines that make a schedule ours which is on once, for so many minutes: switched on last."""
    return _schedule_lines(
        number,
        ("-c", names.GUARD),
        ("-D", f"{begin.year} {begin.month} {begin.day}"),
        ("-T", f"{begin.hour} {begin.minute}"),
        ("-d", f"{minutes // 60} {minutes % 60}"),
        ("-a", 0),
        ("-h", "0"),
        ("-e", 1),
    )


def free_schedule(number: int) -> list[Command]:
    """The lines that leave a schedule as it left the factory."""
    never: tuple[tuple[str, str | int], ...] = (("-D", "2000 1 1"), ("-T", "0 0"), ("-d", "0 0"))
    return _schedule_lines(number, ("-e", 0), *never, ("-a", 0), ("-h", "0"), ("-c", ""))


def _set(change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    lines = []
    for field in _ordered(change, row, ("comment", "next")):
        if field == "comment":
            lines.append(command(f"{SETS} {change.key} -m", row["comment"]))
        else:
            lines.append(command(f"{SETS} {change.key} -n", int(row["next"] or 0)))
    return lines


def _rule(change: Change, row: Row, document: Document, _details: Details) -> list[Command]:
    """One line for the whole rule, so that there is never half of one; further schedules come behind it."""
    if change.action == DELETE:
        classed = bool(change.before and change.before.get("qos"))
        row = {**_FREE_RULE, **({"qos": OTHER_CLASS} if classed else {})}
    else:
        whole = {**(document.find(change.table, change.key) or {}), **row}
        if "name" in row or "digest" in row:
            row = {**row, "comment": names.comment_of(whole["name"], whole["digest"])}
        if "action" in row or "log" in row:
            row = {**row, "action": whole["action"], "log": whole["log"]}
    lines = _without_interfaces(change.key, row)
    told = {field: value for field, value in row.items() if value != ()}
    return [*lines, *([rule_line(change.key, told)] if told else []), *_further_schedules(change, row)]


def _without_interfaces(slot: str, row: Row) -> list[Command]:
    """Interfaces are added to those that a rule has, so a list that is none of ours begins with none of them."""
    where, _dot, place = slot.partition(".")
    sides = (("incoming", "-I"), ("outgoing", "-O"))
    words = [word for field, flag in sides if row.get(field, EVERYWHERE) != EVERYWHERE for word in (flag, "d all")]
    return [command(f"{RULES} {where} {place}", *words)] if words else []


def _further_schedules(change: Change, row: Row) -> list[Command]:
    """A line sets one of a rule's four schedules; ours have none, so that lines for the others are rare."""
    before: Sequence[int] = (change.before or {}).get("schedules", (0, 0, 0, 0))
    after: Sequence[int] = row.get("schedules") or before
    where, _dot, place = change.key.partition(".")
    slots = [(slot, pair[1]) for slot, pair in enumerate(zip(before, after, strict=True), 1) if len(set(pair)) == 2]
    return [command(f"{RULES} {where} {place}", "-t", f"i {slot} {new}") for slot, new in slots if slot > 1]


def rule_line(slot: str, row: Row) -> Command:
    """The line that sets these fields of a rule."""
    where, _dot, place = slot.partition(".")
    words: list[str | int] = []
    for field, flag, render in _RULE_FLAGS:
        if field in row:
            words += [flag, render(row)]
    return command(f"{RULES} {where} {place}", *words)


def _side(field: str) -> Callable[[Row], str]:
    def render(row: Row) -> str:
        side = row[field]
        if tuple(side) == ANY:
            return "u 2"
        indexes = [*_indexes(side), 0][:2]
        return f"{'g' if side[0].startswith('group') else 'o'} {indexes[0]} {indexes[1]}"

    return render


def _interfaces(names: Sequence[str]) -> str:
    """What is shown as `Routed` is typed as `RT`."""
    return f"e {','.join('RT' if name == 'Routed' else name for name in names)}"


def _rule_service(row: Row) -> str:
    side = row["service"]
    if tuple(side) == ANY:
        return "u 0 0 0 1 1 65535 65535"
    return f"{'g' if side[0].startswith('service group') else 'o'} {_index(side[0])}"


_RULE_FLAGS: tuple[tuple[str, str, Callable[[Row], str | int]], ...] = (
    ("enabled", "-e", lambda row: int(row["enabled"])),
    ("comment", "-M", lambda row: row["comment"]),
    ("direction", "-D", lambda row: row["direction"]),
    ("incoming", "-I", lambda row: _interfaces(row["incoming"])),
    ("outgoing", "-O", lambda row: _interfaces(row["outgoing"])),
    ("source", "-s", _side("source")),
    ("destination", "-d", _side("destination")),
    ("service", "-S", _rule_service),
    ("action", "-F", lambda row: f"{_ACTIONS[row['action']]} {int(row['log'])}"),
    ("branch", "-N", lambda row: int(row["branch"] or 0)),
    ("qos", "-q", lambda row: f"{row['qos']} 0"),
    ("fragments", "-f", lambda row: row["fragments"]),
    ("schedules", "-t", lambda row: f"i 1 {row['schedules'][0]}"),
)


def _filter(_change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    return [command("ipf set -d", int(row["data"] or 0))] if "data" in row else []


def _sip_alg(_change: Change, row: Row, document: Document, _details: Details) -> list[Command]:
    """Large units switch the master on with it, which is put back where it was off."""
    lines = [command("sys sip_alg -e", int(row["sip"]))]
    if row["sip"] and not document.singleton(table(SIP_ALG))["master"]:
        lines.append(command("sys alg -e", 0))
    return lines


_LAN_WORDS = {"address": "addr", "mask": "nmask", "gateway": "gateway", "start": "startip", "count": "ipcnt"}


def _lan(change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    """A LAN is switched on last and off first."""
    number, lines = int(change.key.removeprefix("LAN")), []
    for field, word in _LAN_WORDS.items():
        if field in row:
            lines.append(command(f"{LANS} {word} {number}", row[field]))
    if "lease" in row:
        lines.append(command(f"{LANS} leasetime {number}", row["lease"]))
    for field in ("dns1", "dns2"):
        if field in row:
            lines.append(command(f"srv dhcp {field} lan{number}", row[field] or "0.0.0.0"))
    if "dhcp" in row:
        lines.append(command(f"{LANS} dhcps {number}", "On" if row["dhcp"] else "Off"))
    if "enabled" in row:
        switch = command(f"{LANS} switch {number}", "On" if row["enabled"] else "Off")
        lines = [*lines, switch] if row["enabled"] else [switch, *lines]
    return lines


def _talk(change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    before, after = set((change.before or {}).get("pairs", ())), set(row["pairs"])
    lines = []
    for pair, state in [
        *((pair, "Off") for pair in sorted(before - after)),
        *((p, "On") for p in sorted(after - before)),
    ]:
        first, second = pair.split("-")
        lines.append(command(f"{TALK} {first} {second}", state))
    return lines


def _vlan_row(change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    """The LAN, the tag and the ids first: ports join what is complete, and leave what is taken apart."""
    key, lines = change.key, []
    if "lan" in row:
        lines.append(command(f"vlan subnet {key}", int(row["lan"].removeprefix("LAN"))))
    if "vid" in row:
        lines.append(command(f"vlan vid {key}", row["vid"]))
    if "pri" in row:
        lines.append(command(f"vlan pri {key}", row["pri"]))
    if "tagged" in row:
        lines.append(command(f"vlan tagged {key}", "on" if row["tagged"] else "off"))
    if "ports" in row:
        ports = command(f"vlan group {key} set", *row["ports"])
        lines = [*lines, ports] if row["ports"] else [ports, *lines]
    return lines


def _vlan(_change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    """What the rows hold is put into force before VLANs are on: with none in force no port would lead anywhere."""
    return [command("vlan restart"), command("vlan on")] if row["enabled"] else [command("vlan off")]


def _option(change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    """An option is made anew to change it; the unit numbers it."""
    lines = []
    old = change.before or {}
    if change.action != CREATE and "index" in old:
        lines.append(command("srv dhcp option -d", old["index"]))
    if change.action != DELETE:
        where, _slash, code = change.key.partition("/")
        place = {"alllan": "a", "routedsubnet": "r"}.get(where, where.removeprefix("lan"))
        lines.append(command("srv dhcp option -e 1 -i", place, "-c", int(code), "-v", row["data"]))
    return lines


def _access_list(change: Change, row: Row, _document: Document, details: Details) -> list[Command]:
    kind = f" {details.limits.acl_kind}" if details.limits.acl_kind else ""
    lines = []
    if change.action != CREATE:
        lines.append(command("mngt accesslist remove", int(change.key)))
    if change.action != DELETE:
        lines.append(command(f"mngt accesslist add{kind}", int(change.key), _index(row["object"])))
    return lines


def _lan_access(_change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    """What is let in first, then the switch; switched off first where it is."""
    lines = []
    if "services" in row:
        lines.append(command("mngt lanaccess -s", ",".join(row["services"]) or "None"))
    if row.get("everywhere"):
        lines.append(command("mngt lanaccess -i", "All"))
    elif "lans" in row:
        # LAN1 is always let in; small units do not take its name.
        further = [lan for lan in row["lans"] if lan != "LAN1"]
        lines.append(command("mngt lanaccess -i", ",".join(further) or "None"))
    if "enabled" in row:
        switch = command("mngt lanaccess -e", int(row["enabled"]))
        lines = [*lines, switch] if row["enabled"] else [switch, *lines]
    return lines


def _brute_force(_change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    lines = []
    if "services" in row:
        # No view shows whether VPN log-ins are guarded: they stay so, where all that is shown is.
        every = set(row["services"]) >= set(SHOWN_BFP_SERVICES)
        lines.append(command("mngt bfp -s", "All" if every else ",".join(row["services"]) or "None"))
    if "failures" in row:
        lines.append(command("mngt bfp -l", row["failures"]))
    if "penalty" in row:
        lines.append(command("mngt bfp -p", row["penalty"]))
    if "enabled" in row:
        lines.append(command("mngt bfp -e", int(row["enabled"])))
    return lines


def _remote(change: Change, row: Row, _document: Document, _details: Details) -> list[Command]:
    """Services are switched while the master is on: a unit refuses it otherwise."""
    before = set((change.before or {}).get("services", ()))
    after = set(row.get("services", before))
    switches = [
        command(f"mngt rmtcfg {service}", "on" if service in after else "off")
        for service in REMOTE_SERVICES
        if (service in before) != (service in after)
    ]
    if "master" not in row:
        return switches
    master = command("mngt rmtcfg enable" if row["master"] else "mngt rmtcfg disable")
    return [master, *switches] if row["master"] else [*switches, master]


_WRITERS: Mapping[str, Callable[[Change, Row, Document, Details], list[Command]]] = {
    OBJECTS: _object,
    GROUPS: _group,
    SERVICES: _service,
    SERVICE_GROUPS: _service_group,
    SCHEDULES: _schedule,
    SETS: _set,
    RULES: _rule,
    FILTER: _filter,
    SIP_ALG: _sip_alg,
    LANS: _lan,
    TALK: _talk,
    VLAN_ROWS: _vlan_row,
    VLAN: _vlan,
    OPTIONS: _option,
    BRUTE_FORCE: _brute_force,
    LAN_ACCESS: _lan_access,
    ACCESS_LIST: _access_list,
    REMOTE: _remote,
}
