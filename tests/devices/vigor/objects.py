"""``object``: IP and IPv6 objects and groups, service objects and groups, schedules.

Answers and views as the User's Guides of Vigor2927 (2.2) and Vigor3912 (1.01) print them. An object takes one option a
call; a schedule takes several.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from . import factory
from .grammar import (
    Command,
    Option,
    Quoted,
    Usage,
    index,
    ipv4,
    ipv6,
    netmask,
    nothing,
    number,
    numbers,
    one,
    options,
    switch,
    token,
    whole_number,
)
from .state import Entry, State, lines

INTERFACES = {0: "Any", 1: "Lan", 2: "Wan", 3: "Wan"}
ADDRESS_TYPES = {0: "mask", 1: "single", 2: "any", 3: "range", 4: "mac"}
CHECKS = {0: "=", 1: "!=", 2: ">", 3: "<"}
PROTOCOLS = {0: "Any", 1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 255: "TCP/UDP"}
ACTIONS = ("Force On", "Force Down", "Enable Dial-On-Demand", "Disable Dial-On-Demand")
DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
NO_MAC = "00:00:00:00:00:00"
PORT = (0, 65535)


def interface(*allowed: int) -> Callable[[list[str]], int]:
    """The number of an interface; objects and groups number the WAN differently."""

    def read(values: list[str]) -> int:
        value = number(0, 3)(values)
        if value not in allowed:
            raise Usage
        return int(value)

    return read


def _mac(text: str) -> str:
    digits = text.replace("-", ":").upper().split(":")
    if len(digits) != 6 or any(len(pair) != 2 or not set(pair) <= set("0123456789ABCDEF") for pair in digits):
        raise Usage
    return ":".join(digits)


def address(values: list[str]) -> Entry:
    """TYPE and addresses of an IP object."""
    if not values:
        raise Usage
    kind, given = whole_number(values[0], 0, 4), values[1:]
    changes: Entry = {"type": kind, "start": "0.0.0.0", "end": "0.0.0.0"}
    needed = {0: 2, 1: 1, 2: 0, 3: 2, 4: 1}[kind]
    if len(given) < needed or len(given) > 2:
        raise Usage
    if kind == 4:
        return {**changes, "mac": _mac(given[0])}
    if needed:
        changes["start"] = ipv4(given[0])
    if kind == 0:
        changes["end"] = netmask(given[1])
    elif kind == 3:
        changes["end"] = ipv4(given[1])
        if ipaddress.IPv4Address(changes["end"]) < ipaddress.IPv4Address(changes["start"]):
            raise Usage
    return changes


def address6(values: list[str]) -> Entry:
    """TYPE, addresses and prefix length of an IPv6 object; a number behind the addresses is the prefix length."""
    if not values:
        raise Usage
    kind, given = whole_number(values[0], 0, 4), values[1:]
    changes: Entry = {"type": kind, "start": "::", "end": "::", "prefix": 0}
    if kind == 4:
        return {**changes, "mac": _mac(one(given))}
    if given and given[-1].isdigit():
        changes["prefix"] = whole_number(given.pop(), 0, 128)
    needed = {0: 1, 1: 1, 2: 0, 3: 2}[kind]
    if len(given) < needed or len(given) > 2:
        raise Usage
    if given:
        changes["start"] = ipv6(given[0])
    if len(given) > 1:
        changes["end"] = ipv6(given[1])
    return changes


def members(values: list[str]) -> list[str]:
    """Indexes for a group, in quotes or not."""
    if not values:
        raise Usage
    return values


def single(arguments: list[str], table: dict[str, Option]) -> tuple[str, Any]:
    """The one option of a call."""
    found = options(arguments, table)
    if len(found) != 1:
        raise Usage
    return found[0]


def setdefault(arguments: list[str]) -> bool:
    """Whether a call resets the whole table; nothing is asked before."""
    return bool(arguments) and not isinstance(arguments[0], Quoted) and arguments[0].lower() == "setdefault"


# --- IP objects ------------------------------------------------------------------------------------------------------

IP_OBJECT = {
    "-n": Option("name", one, whole=True), "-i": Option("interface", interface(0, 1, 3)),
    "-s": Option("invert", switch), "-a": Option("", address), "-v": Option("view", nothing),
}


def ip_object(state: State, arguments: list[str]) -> str:
    """object ip obj"""
    table = state.config["ip_objects"]
    if setdefault(arguments):
        state.took = True
        table.clear()
        return "OK."
    at = str(index(arguments, state.model.ip_objects))
    name, value = single(arguments[1:], IP_OBJECT)
    blank = factory.ip_object(state.knobs.empty_object_type)
    if name == "view":
        return _ip_object_view(at, {**blank, **table.get(at, {})})
    changes = value if not name else {name: state.name(value) if name == "name" else value}
    if not name and value["type"] != 4 and "mac" in table.get(at, {}):
        del table[at]["mac"]
    state.put(table, at, blank, changes)
    return "OK."


def _ip_object_view(at: str, entry: Entry) -> str:
    return (
        f" IP Object Profile {at}\r\n Name   :[{entry['name']}]\r\n Interface:[{INTERFACES[entry['interface']]}]\r\n"
        f" Address type:[{ADDRESS_TYPES[entry['type']]}]\r\n Start ip address:[{entry['start']}]\r\n"
        f" End/Mask ip address:[{entry['end']}]\r\n MAC Address:[{entry.get('mac', NO_MAC)}]\r\n"
        f" Invert Selection:[{entry['invert']}]"
    )


IPV6_OBJECT = {
    "-n": Option("name", one, whole=True), "-s": Option("invert", switch), "-e": Option("match", switch),
    "-a": Option("", address6), "-v": Option("view", nothing),
}


def ipv6_object(state: State, arguments: list[str]) -> str:
    """object ipv6 obj"""
    table = state.config["ipv6_objects"]
    if setdefault(arguments):
        state.took = True
        table.clear()
        return "Setting saved."
    at = str(index(arguments, state.model.ipv6_objects))
    name, value = single(arguments[1:], IPV6_OBJECT)
    if name == "view":
        entry = {**factory.IPV6_OBJECT, **table.get(at, {})}
        return lines(
            f" IPv6 Object Profile {at}", f" Name   :[{entry['name']}]",
            f" Address Type:[{ADDRESS_TYPES[entry['type']]}]",
            f" Start IPv6 Address:[{entry['start'].upper()}]", f" End IPv6 Address:[{entry['end'].upper()}]",
            f" Prefix Length:[{entry['prefix']}]", f" MAC Address:[{entry.get('mac', NO_MAC)}]",
            f" Invert Selection:[{entry['invert']}]", f" Match Type:[{entry.get('match', 0)}]",
        )
    if name == "match" and not value:
        entry = table.get(at, {})
        entry.pop("match", None)
        state.put(table, at, factory.IPV6_OBJECT, {})
        return "Setting saved."
    changes = value if not name else {name: state.name(value) if name == "name" else value}
    state.put(table, at, factory.IPV6_OBJECT, changes)
    return "Setting saved."


# --- service objects -------------------------------------------------------------------------------------------------


def _ports(values: list[str]) -> list[int]:
    found: list[int] = numbers((0, 3), PORT, PORT)(values)
    return found


SERVICE_OBJECT = {
    "-n": Option("name", one, whole=True), "-p": Option("protocol", number(0, 255)), "-s": Option("source", _ports),
    "-d": Option("destination", _ports), "-v": Option("view", nothing),
}


def service_object(state: State, arguments: list[str]) -> str:
    """object service obj: writes are silent"""
    table = state.config["service_objects"]
    if setdefault(arguments):
        state.took = True
        table.clear()
        return ""
    at = str(index(arguments, state.model.service_objects))
    name, value = single(arguments[1:], SERVICE_OBJECT)
    if name != "view":
        changes = {name: state.name(value) if name == "name" else value}
        state.put(table, at, factory.SERVICE_OBJECT, changes)
        return ""
    entry = {**factory.SERVICE_OBJECT, **table.get(at, {})}
    rows = [f" Service Object Profile {at}", f" Name   :[{entry['name']}]", f" Protocol:[{_protocol(state, entry)}]"]
    for title, side in (("Source", "source"), ("Destination", "destination")):
        check, start, end = entry[side]
        rows.append(f" {title} port check action:[{CHECKS[check]}]")
        rows.append(f" {title} port range:[{start}~{end}]")
    return "\r\n".join(rows)


def _protocol(state: State, entry: Entry) -> str:
    # Vigor2927 User's Guide 2.2 shows [255], Vigor3912 User's Guide 1.01 shows [TCP/UDP] for the same command.
    value: int = entry["protocol"]
    chosen = state.knobs.protocol_words
    if chosen == "numbers" or (chosen == "class" and not state.model.large):
        return str(value)
    return PROTOCOLS.get(value, str(value))


# --- groups ----------------------------------------------------------------------------------------------------------

GROUP = {
    "-n": Option("name", one, whole=True), "-a": Option("members", members), "-v": Option("view", nothing),
}
IP_GROUP = {**GROUP, "-i": Option("interface", interface(0, 1, 2))}


def group(
    table_name: str, blank: Entry, groups: str, objects: str, slots: str, title: str, inner: str, end: str,
    state: State, arguments: list[str],
) -> str:
    """object ip grp, object ipv6 grp, object service grp: every call answers with the view"""
    table = state.config[table_name]
    if setdefault(arguments):
        state.took = True
        table.clear()
        return end
    at = str(index(arguments, getattr(state.model, groups)))
    name, value = single(arguments[1:], IP_GROUP if "interface" in blank else GROUP)
    room = state.knobs.group_slots or getattr(state.model, slots)
    if name == "name":
        state.put(table, at, blank, {"name": state.name(value)})
    elif name == "interface":
        state.put(table, at, blank, {"interface": value})
    elif name == "members":
        given = [whole_number(member, 0, getattr(state.model, objects)) for member in value]
        given = [member for member in given if member]
        before = table.get(at, blank)["members"] if state.knobs.group_add == "append" else []
        wanted = [*before, *(member for member in dict.fromkeys(given) if member not in before)]
        if len(wanted) > room and state.knobs.group_overflow == "refused":
            raise Usage
        state.put(table, at, blank, {"members": wanted[:room]})
    entry = {**blank, **table.get(at, {})}
    found = entry["members"]
    rows = [f" {title} Profile {at}", f" Name   :[{entry['name']}]"]
    if "interface" in entry:
        rows.append(f" Interface:[{INTERFACES[entry['interface']]}]")
    rows.append(f" Included {inner} object index:")
    rows.extend(f" [{slot}:][{member}]" for slot, member in enumerate(found))
    rows.extend([f" [{slot}:][0]" for slot in range(len(found), room)])
    if name != "view" and end:
        rows.extend(["", end] if state.model.large else [end])
    return "\r\n".join(rows)


ip_group = partial(
    group, "ip_groups", factory.IP_GROUP, "ip_groups", "ip_objects", "ip_slots", "IP Group", "ip", "Set ok!"
)
ipv6_group = partial(
    group, "ipv6_groups", factory.IPV6_GROUP, "ipv6_groups", "ipv6_objects", "ipv6_slots", "IPv6 Group", "ip", ""
)
service_group = partial(
    group, "service_groups", factory.SERVICE_GROUP, "service_groups", "service_objects", "service_slots",
    "Service Group", "service", "",
)


# --- schedules -------------------------------------------------------------------------------------------------------


def _days(values: list[str]) -> list[str]:
    if not values:
        raise Usage
    if values[0] == "0":
        return []
    days = [day.capitalize() for day in values[1:]]
    if values[0] != "1" or not days or any(day not in DAYS for day in days):
        raise Usage
    return [day for day in DAYS if day in days]


SCHEDULE = {
    "-e": Option("enabled", switch), "-c": Option("comment", token, whole=True),
    "-D": Option("date", numbers((2000, 2049), (1, 12), (1, 31))), "-T": Option("time", numbers((0, 23), (0, 59))),
    "-d": Option("duration", numbers((0, 23), (0, 59))), "-a": Option("action", number(0, 3)),
    "-I": Option("idle", number(0, 255)), "-h": Option("days", _days),
}
COMMENT_LIMIT = 32


def schedule_set(state: State, arguments: list[str]) -> str:
    """object schedule set: silent"""
    at = str(index(arguments, state.model.schedules))
    found = options(arguments[1:], SCHEDULE)
    if not found:
        raise Usage
    table = state.config["schedules"]
    entry = {**factory.SCHEDULE, **table.get(at, {})}
    day, _blank, clock = entry["start"].partition(" ")
    changes: Entry = {}
    for name, value in found:
        if name == "date":
            try:
                day = date(*value).isoformat()
            except ValueError:
                raise Usage from None
        elif name == "time":
            clock = f"{value[0]:02d}:{value[1]:02d}"
        elif name == "duration":
            changes["minutes"] = value[0] * 60 + value[1]
        elif name == "comment":
            changes["comment"] = value[:COMMENT_LIMIT]
        elif name != "idle":
            changes[name] = value
    state.put(table, at, factory.SCHEDULE, {**changes, "start": f"{day} {clock}"})
    return ""


def schedule_view(state: State, arguments: list[str]) -> str:
    """object schedule view"""
    at = index(arguments, state.model.schedules)
    entry = {**factory.SCHEDULE, **state.config["schedules"].get(str(at), {})}
    start = datetime.strptime(entry["start"], "%Y-%m-%d %H:%M")
    hours, minutes = divmod(entry["minutes"], 60)
    rows = [
        f"Index No.{at}", "", "-" * 50, f"[{'v' if entry['enabled'] else ' '}] Enable Schedule Setup",
        f"        Comment [ {entry['comment']} ]",
        f"        Start Date (yyyy-mm-dd)  [ {start.year} ]-[ {start.month:>2} ]-[ {start.day:>2} ]",
        f"        Start Time (hh:mm)       [ {start.hour:>2} ]:[ {start.minute:>2} ]",
        f"        Duration Time (hh:mm)    [ {hours:>2} ]:[ {minutes:>2} ]",
        f"        Action                   [ {ACTIONS[entry['action']]} ]",
        "        Idle Timeout             [   0 ] minute(s).(max. 255, 0 for default)", "        ", "-" * 68,
        "        How Often",
    ]
    if entry["days"]:
        marks = "  ".join(f"[{'v' if day in entry['days'] else ' '}]{day}" for day in DAYS)
        rows += ["         [v] Weekdays", f"             {marks}"]
    else:
        rows.append("         [v] Once")
    return "\r\n".join(rows)


def schedule_default(state: State, _arguments: list[str]) -> str:
    """object schedule setdefault"""
    state.took = True
    state.config["schedules"].clear()
    return ""


def _usage(words: str, *forms: str) -> tuple[str, ...]:
    return (" Usage:", f" {words} setdefault", *(f" {words} INDEX {form}" for form in ("-v", "-n NAME", *forms)))


COMMANDS = (
    Command("object ip obj", ip_object, _usage(
        "object ip obj", "-i INTERFACE", "-s INVERT", "-a TYPE <START_IP> <END/MASK_IP>")),
    Command("object ip grp", ip_group, _usage("object ip grp", "-i INTERFACE", '-a "IP_OBJ_INDEX ..."')),
    Command("object ipv6 obj", ipv6_object, _usage(
        "object ipv6 obj", "-s INVERT", "-e MATCH_TYPE", "-a TYPE <START_IP> <END_IP> <Prefix Length>")),
    Command("object ipv6 grp", ipv6_group, _usage("object ipv6 grp", "-a IP_OBJ_INDEX ...")),
    Command("object service obj", service_object, _usage(
        "object service obj", "-p PROTOCOL", "-s CHK <START_P> <END_P>", "-d CHK <START_P> <END_P>")),
    Command("object service grp", service_group, _usage("object service grp", "-a SER_OBJ_INDEX ...")),
    Command("object schedule set", schedule_set, (
        " Usage:", " object schedule set INDEX -e <value> -c <comment> -D <year> <month> <day>",
        " -T <hour> <minute> -d <hour> <minute> -a <value> -I <value> -h <option> <day>")),
    Command("object schedule view", schedule_view, (" Usage:", " object schedule view INDEX")),
    Command("object schedule setdefault", schedule_default),
)
HELPS = {
    "object": lines(
        " Object setting usage:", " ip: IP object setting", " ipv6: IPv6 object setting",
        " country: Country object setting", " service: Service object setting", " kw: Key word object setting",
        " fe: File extension object setting", " sms: SMS object setting", " mail: Mail Service object setting",
        " noti: Notification object setting", " schedule: Schedule object setting", "",
    ),
}
