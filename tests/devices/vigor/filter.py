"""``ipf``: general filter settings, filter sets, filter rules.

Answers and views as the User's Guides of Vigor2927 (2.2) and Vigor3912 (1.01) print them. Writes to the general
settings and to rules answer ``Setting saved.``; the guide shows none after ``ipf set N -m``.
"""

from __future__ import annotations

import copy
import ipaddress
from collections.abc import Callable
from typing import Any

from . import factory
from .grammar import (
    Command,
    Option,
    Quoted,
    Usage,
    anything,
    chosen,
    ipv4,
    netmask,
    nothing,
    number,
    numbers,
    options,
    switch,
    token,
    whole_number,
)
from .objects import PROTOCOLS
from .state import Entry, State, lines

SAVED = "Setting saved."
ACTIONS = (
    "Pass Immediately", "Block Immediately", "Pass if no further match", "Block if no further match",
)
FRAGMENTS = ("Don't Care", "Unfragmented", "Fragmented", "Too Short")
CLASSES = ("None", "Class 1", "Class 2", "Class 3", "Other")
SHOWN = {"RT": "Routed"}
SWITCHED = ("Disable", "Enable")
CODEPAGE = "ANSI(1252)-Latin I"
SIDES = {
    "o": ("IP Object", "ip_objects", 2), "g": ("IP Group", "ip_groups", 2), "o6": ("IPv6 Object", "ipv6_objects", 3),
    "g6": ("IPv6 Group", "ipv6_groups", 1), "c": ("Country Object", "countries", 1),
}
SERVICES = {"o": ("Service Object", "service_objects"), "g": ("Service Group", "service_groups")}
OPERATORS = ("", "!=", ">", "<")

# --- reading of values -----------------------------------------------------------------------------------------------


def routing(values: list[str]) -> tuple[str, int]:
    """v4|v6 and 0|1 of ipf set -R."""
    if len(values) != 2 or values[0] not in ("v4", "v6"):
        raise Usage
    return values[0], whole_number(values[1], 0, 1)


def interfaces(values: list[str]) -> tuple[str, list[str]]:
    """e|d and a list of interfaces."""
    if len(values) < 2 or values[0] not in ("e", "d"):
        raise Usage
    names = [name.strip().upper() for name in ",".join(values[1:]).split(",")]
    return values[0], [name for name in names if name]


def side(values: list[str]) -> list[Any]:
    """Source or destination of a rule, without the limits of the model."""
    if not values:
        raise Usage
    kind, given = values[0], values[1:]
    if kind == "u":
        return _user_side(given)
    if kind not in SIDES:
        raise Usage
    room = SIDES[kind][2]
    if not 1 <= len(given) <= room:
        raise Usage
    found = [whole_number(value, 0, 1000) for value in given]
    found += [0] * (room - len(found))
    return [kind, *found] if any(found) else ["any"]


def _user_side(given: list[str]) -> list[Any]:
    if not given:
        raise Usage
    kind = whole_number(given[0], 0, 3)
    needed = {0: 2, 1: 1, 2: 0, 3: 2}[kind]
    if len(given) - 1 != needed:
        raise Usage
    if kind == 2:
        return ["any"]
    first = ipv4(given[1])
    if kind == 1:
        return ["u", 1, first]
    if kind == 0:
        return ["u", 0, first, netmask(given[2])]
    last = ipv4(given[2])
    if ipaddress.IPv4Address(last) < ipaddress.IPv4Address(first):
        raise Usage
    return ["u", 3, first, last]


def service(values: list[str]) -> list[Any]:
    """Service of a rule; in the user-defined form operators, starts and ends of source and destination alternate."""
    if len(values) == 2 and values[0] in ("o", "g"):
        at = whole_number(values[1], 0, 1000)
        return [values[0], at] if at else ["any"]
    if not values or values[0] != "u":
        raise Usage
    if len(values) == 2:
        protocol = whole_number(values[1], 0, 255)
        return ["any"] if not protocol else ["u", protocol, 0, 0, 1, 1, 65535, 65535]
    port = (1, 65535)
    found: list[int] = numbers((0, 255), (0, 3), (0, 3), port, port, port, port)(values[1:])
    return ["u", *found]


def schedule(values: list[str]) -> list[Any]:
    """i SLOT SCHEDULE, or c 0|1."""
    if len(values) == 3 and values[0] == "i":
        return ["i", whole_number(values[1], 1, 4), whole_number(values[2], 0, 15)]
    if len(values) == 2 and values[0] == "c":
        return ["c", whole_number(values[1], 0, 1)]
    raise Usage


def logged(lowest: int, highest: int) -> Callable[[list[str]], Any]:
    """A number, and whether to log; the second may be left out."""
    return numbers((lowest, highest), (0, 1), needed=1)


# --- general settings ------------------------------------------------------------------------------------------------

GENERAL = {
    "-c": Option("call", number(0, 50)), "-d": Option("data", number(0, 50)), "-p": Option("default", logged(0, 1)),
    "-R": Option("block_routing", routing), "-L": Option("strict", switch), "-f": Option("fragments", switch),
    "-t": Option("transparent", switch), "-v": Option("view", nothing),
    # Profiles of other functions: taken, neither stored nor acted on here.
    **{flag: Option("", anything) for flag in ("-C", "-M", "-U", "-W", "-D", "-E", "-Q", "-Y", "-y", "-w", "-A")},
}
SET = {
    "-m": Option("comment", token, whole=True), "-n": Option("next", number(0, 50)), "-v": Option("view", nothing),
}


def filter_set(state: State, arguments: list[str]) -> str:
    """ipf set"""
    if not arguments:
        raise Usage
    if isinstance(arguments[0], Quoted) or not arguments[0].isdigit():
        return _general(state, arguments)
    at = whole_number(arguments[0], 1, state.model.sets)
    if len(arguments) > 2 and arguments[1].lower() == "rule":
        return rule(state, [arguments[0], *arguments[2:]])
    found = options(arguments[1:], SET)
    if not found:
        raise Usage
    table = state.config["sets"]
    for name, value in found:
        if name == "view":
            entry = {**factory.SET, **table.get(str(at), {})}
            return lines(
                f"Filter Set {at}:", "", f"Comments        : {entry['comment'] or '<null>'}",
                f"Next Filter Set : {_set_name(entry['next'])}",
            )
        if name == "comment":
            value = state.comment(value, state.knobs.set_comment, 15)
        elif value > state.model.sets:
            raise Usage
        state.put(table, str(at), {**factory.SET, "rules": {}}, {name: value})
    return ""


def _general(state: State, arguments: list[str]) -> str:
    found = options(arguments, GENERAL)
    settings = state.config["filter"]
    changes: Entry = {}
    for name, value in found:
        if name == "view":
            return _general_view(state)
        if name in ("call", "data"):
            if value > state.model.sets or (name == "call" and not state.model.call_filter):
                raise Usage
            changes[name] = value
        elif name == "default":
            changes[name] = [value[0], value[1] if len(value) > 1 else settings["default"][1]]
        elif name == "block_routing":
            changes[name] = {**changes.get(name, settings[name]), value[0]: value[1]}
        elif name:
            changes[name] = value
    state.change(settings, **changes)
    return SAVED


def _start(at: int) -> str:
    return f"Enable (Start Filter Set = {at})" if at else "Disable"


def _mark(value: int) -> str:
    return "v" if value else " "


def _general_view(state: State) -> str:
    settings, model = state.config["filter"], state.model
    ruler = "-" * (66 if model.large else 70)
    rows = [""] if model.large else []
    if model.call_filter:
        rows.append(f"Call Filter: {_start(settings['call'])}")
    rows += [
        f"Data Filter: {_start(settings['data'])}", f"Log Flag   : {SWITCHED[settings['default'][1]]}", "",
        "Actions for packet not matching any rule:",
        f"  Pass or Block     : {('Pass', 'Block')[settings['default'][0]]}", f"  CodePage          : {CODEPAGE}",
        f"  Max Sessions Limit: {model.sessions}", "  Current Sessions  : 0", "  Mac Bind IP       : Non-Strict",
        "  QOS Class         : None", "  Packet Capture    : Disable", "  APP Enforcement   : None",
        "  URL Content Filter: None", "  WEB Content Filter: None", "  DNS Filter        : None",
        "  Load-Balance policy : Auto-select", "  ", ruler,
        f"  CodePage                   : {CODEPAGE}", "  Window size                : 65535",
        "  Session timeout            : 60", "  DrayTek Banner             : Enable", "  ", ruler,
        f"  Accept large incoming fragmented UDP or ICMP packets: {SWITCHED[settings['fragments']]}",
        f"  Transparent Mode                                    : {SWITCHED[settings['transparent']]}", "  ", ruler,
        "  Block routing packet from WAN:", f"    [{_mark(settings['block_routing']['v4'])}] IPv4",
        f"    [{_mark(settings['block_routing']['v6'])}] IPv6", "  ", ruler,
        f"  [{_mark(settings['strict'])}] Enable Strict Security Firewall",
    ]
    return "\r\n".join(rows)


# --- rules -----------------------------------------------------------------------------------------------------------

RULE = {
    "-e": Option("enabled", switch), "-D": Option("direction", number(0, 3)), "-I": Option("in", interfaces),
    "-O": Option("out", interfaces), "-s": Option("source", side), "-d": Option("destination", side),
    "-S": Option("service", service), "-f": Option("fragments", number(0, 3)), "-F": Option("action", logged(0, 3)),
    "-N": Option("branch", number(0, 50)), "-q": Option("qos", logged(0, 4)), "-t": Option("schedule", schedule),
    "-M": Option("comment", token, whole=True), "-U": Option("move", chosen("up", "down")),
    "-v": Option("view", nothing),
    # Profiles of other functions: taken, neither stored nor acted on here.
    **{flag: Option("", anything) for flag in "-m -Y -y -L -A -l -a -u -w -n -c -C -b".split()},
}


def _qos(state: State, number: int) -> str:
    return f"({number}) voice" if number and state.knobs.rule_qos == "opaque" else CLASSES[number]


def rule(state: State, arguments: list[str]) -> str:
    """ipf rule"""
    if len(arguments) < 2:
        raise Usage
    at = str(whole_number(arguments[0], 1, state.model.sets))
    number_in_set = str(whole_number(arguments[1], 1, state.model.rules))
    found = options(arguments[2:], RULE)
    if not found:
        raise Usage
    rules = state.config["sets"].get(at, factory.SET)["rules"]
    entry = rules.get(number_in_set, factory.RULE)
    changes: Entry = {}
    move = ""
    for name, value in found:
        if name == "view":
            return _rule_view(state, at, number_in_set, {**factory.RULE, **entry})
        if name == "move":
            move = value
        elif name:
            changes.update(_rule_change(state, name, value, {**factory.RULE, **entry, **changes}))
    sets = state.config["sets"]
    if at not in sets:
        sets[at] = {**factory.SET, "rules": {}}
    rules = sets[at]["rules"]
    state.put(rules, number_in_set, factory.RULE, changes)
    if move:
        _move(rules, int(number_in_set), -1 if move == "up" else 1, state.model.rules)
    if sets[at] == factory.SET:
        del sets[at]
    return SAVED


def _rule_change(state: State, name: str, value: Any, entry: Entry) -> Entry:
    """What one option changes, within the limits of the model."""
    model = state.model
    if name in ("source", "destination"):
        kind = value[0]
        if kind in SIDES and max(value[1:]) > getattr(model, SIDES[kind][1]):
            raise Usage
    elif name == "service":
        if value[0] in SERVICES and value[1] > getattr(model, SERVICES[value[0]][1]):
            raise Usage
    elif name in ("in", "out"):
        return {name: _switched(state, entry[name], *value)}
    elif name == "action":
        return {"action": value[0], "log": value[1] if len(value) > 1 else entry["log"]}
    elif name == "qos":
        return {"qos": value[0]}
    elif name == "schedule":
        if value[0] == "c":
            return {"clear": value[1]}
        slots = list(entry["schedules"])
        slots[value[1] - 1] = value[2]
        return {"schedules": slots}
    elif name == "comment":
        return {"comment": state.comment(value, state.knobs.rule_comment, 15)}
    elif (name == "direction" and value >= len(model.directions)) or (name == "branch" and value > model.sets):
        raise Usage
    return {name: value}


def _switched(state: State, before: list[str], verb: str, names: list[str]) -> list[str]:
    """Interfaces after e or d of some names; all of them are again all."""
    known = state.model.interfaces
    wanted = set(known) if "ALL" in names else set(names)
    if not names or not wanted <= set(known):
        raise Usage
    had = set(known) if before == ["all"] else set(before)
    if verb == "d":
        left = had - wanted
    elif state.knobs.interface_lists == "replace":
        left = wanted
    else:
        left = had | wanted
    if left == set(known):
        return ["all"]
    return [name for name in known if name in left]


def _move(rules: Entry, at: int, step: int, highest: int) -> None:
    """Change places with the neighbour inside the set."""
    other = at + step
    if not 1 <= other <= highest:
        return
    mine, theirs = rules.pop(str(at), None), rules.pop(str(other), None)
    if mine is not None:
        rules[str(other)] = mine
    if theirs is not None:
        rules[str(at)] = theirs


def _set_name(at: int) -> str:
    return f"Set#{at}" if at else "None"


def _rule_view(state: State, at: str, number_in_set: str, entry: Entry) -> str:
    model = state.model
    large = model.large
    schedules = ", ".join(str(slot) if slot else "<null>" for slot in entry["schedules"])
    direction = entry["direction"]
    inner, outer = model.lan_side, model.wan_side
    sources, destinations = ((inner, outer), (outer, inner), (inner, inner), (outer, ("Localhost",)))[direction]
    ruler = "-" * (66 if large else 70)
    return (
        f"Filter Set {at} Rule {number_in_set}:\r\n\r\n"
        f"Status  : {SWITCHED[entry['enabled']]}\r\nComments: {entry['comment'] or '<null>'}\r\n"
        f"Index(1-15) in Schedule Setup: {schedules}\r\n\r\n"
        f"Clear sessions when schedule is ON: {SWITCHED[entry['clear']]}\r\n\r\n"
        f"Direction     : {model.directions[direction]}\r\n"
        f"Src Interface : {_interface_list(entry['in'], sources, large)}\r\n"
        f"Dst Interface : {_interface_list(entry['out'], destinations, large)}\r\n"
        f"Source IP      : {_side_text(state, entry['source'])}\r\n"
        f"Destination IP : {_side_text(state, entry['destination'])}\r\n"
        f"Service Type   : {_service_text(state, entry['service'])}\r\n"
        f"Fragments      : {FRAGMENTS[entry['fragments']]}\r\n\r\n"
        f"Pass or Block              : {ACTIONS[entry['action']]}\r\n"
        f"Branch to Other Filter Set : {_set_name(entry['branch'])}\r\n"
        f"Max Sessions Limit         : {model.rule_sessions}\r\nCurrent Sessions           : 0\r\n"
        f"Mac Bind IP                : Non-Strict\r\nQos Class                  : {_qos(state, entry['qos'])}\r\n"
        "Packet Capture             : Disable\r\nAPP Enforcement            : None\r\n"
        "URL Content Filter         : None\r\nWEB Content Filter         : None\r\n"
        "DNS Filter                 : None\r\nLoad-Balance policy        : Auto-select\r\n"
        f"Log                        : {SWITCHED[entry['log']]}\r\n{ruler}\r\n"
        f"CodePage                   : {CODEPAGE}\r\nWindow size                : 65535\r\n"
        f"Session timeout            : 60\r\nDrayTek Banner             : Enable\r\n  \r\n{ruler}\r\n"
        "  Strict Security Checking\r\n    [ ]APP Enforcement"
    )


def _interface_list(chosen_names: list[str], all_names: tuple[str, ...], large: bool) -> str:
    if all_names == ("Localhost",):
        return "Localhost"
    names = all_names if chosen_names == ["all"] else [name for name in all_names if name in set(chosen_names)]
    text = ", ".join([SHOWN.get(name, name) for name in names])
    # A Vigor3912 leaves the comma behind the last interface of the inner side, and an empty line.
    return f"{text}, \r\n" if large and "VPN" in all_names and text else text


def _reference(state: State, title: str, table: str, at: int) -> str:
    chosen_words = state.knobs.references
    if chosen_words == "index":
        return f"{title} {at}"
    name = state.config.get(table, {}).get(str(at), {}).get("name", "")
    return name if chosen_words == "name" else f"{at}-{name}"


def _side_text(state: State, value: list[Any]) -> str:
    kind = value[0]
    if kind == "any" or value[:2] == ["u", 2]:
        return "Any"
    if kind == "u":
        return {0: " / ", 1: "", 3: " ~ "}[value[1]].join(value[2:])
    if state.knobs.references == "opaque":
        return "User Defined"
    title, table, _room = SIDES[kind]
    return ", ".join(_reference(state, title, table, at) for at in value[1:] if at)


def _service_text(state: State, value: list[Any]) -> str:
    if value[0] == "any":
        return "Any"
    if value[0] in SERVICES:
        if state.knobs.references == "opaque":
            return "User Defined"
        return _reference(state, *SERVICES[value[0]], value[1])
    _u, protocol, source_op, target_op, source, target, source_end, target_end = value
    word = PROTOCOLS.get(protocol, str(protocol))
    if protocol not in (6, 17, 255):
        return word
    return (
        f"{word}, Port: from {OPERATORS[source_op]}{source}~{source_end}"
        f" to {OPERATORS[target_op]}{target}~{target_end}"
    )


# --- the rest --------------------------------------------------------------------------------------------------------


def default(state: State, _arguments: list[str]) -> str:
    """ipf default: everything is reset, whatever stands behind it, a question mark too"""
    state.config["filter"] = copy.deepcopy(factory.FILTER)
    state.config["sets"] = copy.deepcopy(factory.SETS)
    state.took = True
    return "All filter rules was set to default values.\r\n"


def view(state: State, arguments: list[str]) -> str:
    """ipf view"""
    if not arguments or any(argument == "?" for argument in arguments):
        raise Usage
    return lines(
        "ipf: IP Filter: v3.3.1 (14800)", "Kernel: IP Filter: v3.3.1", "Running: yes", "Log Flags: 0x0 = none set",
        "Default: pass all, Logging: available",
    )


COMMANDS = (
    Command("ipf view", view, (" Usage:", " ipf view [-VcdhrtzZ]")),
    Command("ipf set", filter_set, (
        " Usage:", " ipf set <Options>", " ipf set <SET_NO> <Options>", " ipf set <SET_NO> rule <RULE_NO> <Options>",
        " -v: view the configuration of general set", " -d: set Data Filter", " -p: actions for packet not matching",
        " -R: accept routing packet from WAN", " -L: Strict Security Firewall")),
    Command("ipf rule", rule, (
        " Usage:", " ipf rule s r [-<command> <parameter> | ...", " ipf rule s r -v", " -e: enable or disable",
        " -D: direction", " -I, -O: interfaces", " -s, -d: source and destination", " -S: service type",
        " -F: filter action", " -N: branch to other filter set", " -M: comments")),
    Command("ipf default", default),
)
HELPS: dict[str, str] = {}
