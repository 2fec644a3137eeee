"""``qos``: bandwidth of the lines, classes of traffic, the switch for voice.

Answers as the Vigor3912 User's Guide 1.01 prints them; it shows no view of a class, so that this is a knob.
"""

from __future__ import annotations

from typing import Any

from . import factory
from .grammar import (
    Command,
    Option,
    Usage,
    anything,
    ipv4,
    nothing,
    number,
    on_off,
    one,
    options,
    switch,
    token,
    whole_number,
)
from .state import Entry, State, lines

MODES = ("disable", "in", "out", "both")
SERVICES = dict(enumerate((
    "ANY", "DNS", "FTP", "GRE", "H.323", "HTTP", "HTTPS", "IKE", "IPSEC-AH", "IPSEC-ESP", "IRC", "L2TP", "NEWS", "NFS",
    "NNTP", "PING", "POP3", "PPTP", "REAL-AUDIO", "RTSP", "SFTP", "SIP", "SMTP", "SNMP", "SNMP-TRAPS", "SQL-NET", "SSH",
    "SYSLOG", "TELNET", "TFTP",
), 1))
CODEPOINTS = {
    **{at: f"IP precedence {at}" for at in range(1, 8)},
    **{
        8 + 3 * (group - 1) + level: f"AF Class{group} ({drop} Drop)"
        for group in range(1, 5) for level, drop in enumerate(("Low", "Medium", "High"))
    },
    20: "EF Class",
}


def _ratio(values: list[str]) -> tuple[str, int]:
    at, colon, ratio = one(values).partition(":")
    if not colon:
        raise Usage
    return str(whole_number(at, 1, 4)), whole_number(ratio, 0, 100)


SETUP = {
    "-W": Option("wan", number(1, 12)), "-m": Option("mode", number(0, 3)), "-i": Option("in", number(1, 100000)),
    "-o": Option("out", number(1, 100000)), "-r": Option("ratio", _ratio), "-V": Option("view", nothing),
    "-D": Option("default", nothing),
    # Taken, neither stored nor acted on here.
    **{flag: Option("", anything) for flag in ("-u", "-p", "-t", "-I", "-O", "-v")},
}


def setup(state: State, arguments: list[str]) -> str:
    """qos setup"""
    found = options(arguments, SETUP)
    table = state.config["qos"]["setup"]
    if not found:
        raise Usage
    names = [name for name, _value in found]
    if "default" in names:
        table.clear()
        state.took = True
        return "Set all WAN QoS to default; restart QoS"
    wan = str(next((value for name, value in found if name == "wan"), 1))
    blank = {**factory.QOS_SETUP, "ratios": {}}
    entry = {**blank, **table.get(wan, {})}
    if "view" in names:
        return _setup_view(wan, entry)
    changes: Entry = {}
    rows = [""]
    for name, value in found:
        if name == "mode":
            changes["mode"] = value
            rows.append(f" WAN{wan} QOS mode is {MODES[value]}")
        elif name in ("in", "out"):
            changes[name] = value
            rows.append(f" {name}bound bandwidth set to {value}")
        elif name == "ratio":
            changes["ratios"] = {**changes.get("ratios", entry["ratios"]), value[0]: value[1]}
            rows.append(f" WAN{wan} class {value[0]} ratio set to {value[1]}")
    state.put(table, wan, blank, changes)
    return lines(*rows, f"QoS WAN{wan} set complete; restart QoS")


def _setup_view(wan: str, entry: Entry) -> str:
    ratios = ", ".join(f"{at}:{ratio}" for at, ratio in sorted(entry["ratios"].items())) or "default"
    return lines(
        f" WAN{wan} QOS mode is {MODES[entry['mode']]}", f" inbound bandwidth {entry['in']}",
        f" outbound bandwidth {entry['out']}", f" class ratio {ratios}",
    )


# --- classes ---------------------------------------------------------------------------------------------------------


def _address(values: list[str]) -> str:
    if not values:
        return "any"
    text = one(values)
    if text.lower() == "any":
        return "any"
    parts = text.split(":")
    if len(parts) > 2:
        raise Usage
    return ":".join(ipv4(part) for part in parts)


def _codepoint(values: list[str]) -> str:
    text = one(values).upper()
    return text if text == "ALL_AF" else str(whole_number(text, 1, 20))


CLASS = {
    "-c": Option("class", number(1, 3)), "-n": Option("name", token, whole=True), "-a": Option("add", nothing),
    "-e": Option("edit", number(1, 100)), "-d": Option("delete", number(1, 100)), "-m": Option("enabled", switch),
    "-l": Option("local", _address), "-r": Option("remote", _address), "-p": Option("dscp", _codepoint),
    "-s": Option("service", number(1, 30)), "-V": Option("view", number(1, 3)), "-h": Option("usage", nothing),
}
RULE: Entry = {"enabled": 0, "local": "any", "remote": "any", "dscp": "", "service": "1"}


def qos_class(state: State, arguments: list[str]) -> str:
    """qos class"""
    found = options(arguments, CLASS)
    values: dict[str, Any] = dict(found)
    if not found or "usage" in values:
        raise Usage
    if "view" in values:
        return _class_view(state, str(values["view"]))
    at = str(values.get("class", 1))
    table = state.config["qos"]["classes"]
    blank = {**factory.QOS_CLASS, "rules": []}
    entry = {**blank, **table.get(at, {})}
    rules: list[Entry] = [dict(rule) for rule in entry["rules"]]
    if sum(word in values for word in ("add", "edit", "delete")) > 1:
        raise Usage
    rows = ["", f" Following setting will set in the class{at}"]
    if "name" in values:
        rows.append(f" class {at} name set to {values['name']}")
    changes: Entry = {"name": values["name"]} if "name" in values else {}
    details = {word: value for word, value in found if word in ("enabled", "local", "remote", "dscp", "service")}
    if "delete" in values:
        if values["delete"] > len(rules):
            raise Usage
        del rules[values["delete"] - 1]
        rows.append(f" Delete the {values['delete']} rule in class{at}")
    elif "add" in values or "edit" in values:
        place = values.get("edit", len(rules) + 1)
        if "add" in values:
            rules.append(dict(RULE))
            rows.append(f" Add a rule in class{at}")
        elif place > len(rules):
            raise Usage
        else:
            rows.append(f" Edit the {place} rule in class{at}")
        for word, value in details.items():
            rules[place - 1][word] = str(value) if word == "service" else value
            rows.append(_said(word, value, at, place))
    elif details or not changes:
        raise Usage
    state.put(table, at, blank, {**changes, "rules": rules})
    return "\r\n".join(rows)


def _said(word: str, value: Any, at: str, place: int) -> str:
    if word == "enabled":
        return f" Class{at} the {place} rule {'enabled' if value else 'disabled'}"
    if word == "dscp":
        return f" Set DSCP to {CODEPOINTS[int(value)] if value.isdigit() else value}"
    if word == "service":
        return f" Set service type to {SERVICES[value]}"
    kind = "Any" if value == "any" else "Single" if ":" not in value else "Range"
    if kind == "Range" and value.rpartition(":")[2].startswith("255."):
        kind = "Subnet"
    return f" Set {word} address type to {kind}{'' if value == 'any' else f', {value}'}"


def _class_view(state: State, at: str) -> str:
    entry = {**factory.QOS_CLASS, **state.config["qos"]["classes"].get(at, {})}
    if state.knobs.qos_view == "opaque":
        return f" Class {at}: {len(entry['rules'])} rule(s)"
    rows = [
        f" Class {at} Name: {entry['name']}",
        " No. Status   Local Address                    Remote Address                   DSCP    Service Type",
    ]
    for place, rule in enumerate(entry["rules"], 1):
        service = SERVICES.get(int(rule["service"]) if rule["service"] else 1, rule["service"])
        rows.append(
            f" {place:<4}{'Enable' if rule['enabled'] else 'Disable':<9}{rule['local']:<33}{rule['remote']:<33}"
            f"{rule['dscp'] or 'ANY':<8}{service}"
        )
    return "\r\n".join(rows)


def voip(state: State, arguments: list[str]) -> str:
    """qos voip"""
    if len(arguments) != 1:
        raise Usage
    value = on_off(arguments[0])
    state.change(state.config["qos"], voip=value)
    return f"QoS for VoIP: {'Enable' if value else 'Disable'}; SIP Port: {state.config['alg']['port']}"


def setdefault(state: State, _arguments: list[str]) -> str:
    """qos setdefault: whatever stands behind it, a question mark too"""
    state.config["qos"] = {"setup": {}, "classes": {}, "voip": 0}
    state.took = True
    return "setdefault!"


COMMANDS = (
    Command("qos setup", setup, (" Usage:", " qos setup [-<command> <parameter> | ... ]")),
    Command("qos class", qos_class, (" Usage:", " qos class -c <no> -<a|e|d <no>> [-<command> <parameter> | ... ]")),
    Command("qos voip", voip, (" Usage:", " qos voip <on/off>")),
    Command("qos setdefault", setdefault),
)
HELPS: dict[str, str] = {}
