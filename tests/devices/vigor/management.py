"""``mngt``: who may manage the unit, from where, over what.

Answers and views as the User's Guides of Vigor2927 (2.2) and Vigor3912 (1.01) print them; the text of
``mngt rmtcfg status`` is in neither of them, so that it is a knob.
"""

from __future__ import annotations

from collections.abc import Callable

from . import factory
from .grammar import (
    Command,
    Option,
    Reader,
    Usage,
    anything,
    index,
    ipv4,
    nothing,
    number,
    on_off,
    one,
    options,
    switch,
    whole_number,
)
from .lan import ROUTED
from .state import Entry, State, lines

SERVER_NAMES = {
    "http": "HTTP server", "https": "HTTPS server", "ftp": "FTP server", "telnet": "TELNET server",
    "ssh": "SSH server", "tr069": "TR069 server", "snmp": "SNMP server", "enforce_https": "Enforce HTTPS",
}
REMOTE_OFF = (
    "Enable server fail", "Remote configure function has been disabled",
    "please enable by enter mngt rmtcfg enable",
)


def _management(state: State) -> Entry:
    found: Entry = state.config["management"]
    return found


# --- login from the Internet -----------------------------------------------------------------------------------------


def rmtcfg(state: State, arguments: list[str]) -> str:
    """mngt rmtcfg"""
    management = _management(state)
    words = [argument.lower() for argument in arguments]
    if words == ["status"]:
        return REMOTE_VIEWS[state.knobs.remote_status](management)
    if words in (["enable"], ["disable"]):
        state.change(management, remote=int(words == ["enable"]))
        return f"%% Remote configure function has been {words[0]}d."
    if len(words) != 2 or words[0] not in SERVER_NAMES:
        raise Usage
    value = on_off(words[1])
    if value and not management["remote"]:
        return lines(*REMOTE_OFF, "")
    state.change(management["services"], **{words[0]: value})
    return f"%% {SERVER_NAMES[words[0]]} has been {'enabled' if value else 'disabled'}."


def _remote(management: Entry) -> list[tuple[str, int]]:
    return [("Remote configure function", management["remote"]), *(
        (SERVER_NAMES[service], management["services"][service]) for service in factory.REMOTE_SERVICES
    )]


def _flags(management: Entry) -> int:
    return sum(int(value) << at for at, (_name, value) in enumerate(_remote(management)))


REMOTE_VIEWS: dict[str, Callable[[Entry], str]] = {
    "words": lambda management: lines(
        *(f"%% {name} : {'Enable' if value else 'Disable'}" for name, value in _remote(management))
    ),
    "sentences": lambda management: lines(
        *(f"%% {name} has been {'enabled' if value else 'disabled'}." for name, value in _remote(management))
    ),
    "opaque": lambda management: f"%% rmtcfg flags: {_flags(management):#06x}",
}


def toggle(field: str, text: str) -> Callable[[State, list[str]], str]:
    """A command that takes enable or disable."""

    def run(state: State, arguments: list[str]) -> str:
        words = [argument.lower() for argument in arguments]
        if words not in (["enable"], ["disable"]):
            raise Usage
        state.change(_management(state), **{field: int(words == ["enable"])})
        return f"%% {text} {words[0]}d."

    return run


# --- access list -----------------------------------------------------------------------------------------------------


def accesslist(state: State, arguments: list[str]) -> str:
    """mngt accesslist"""
    if not arguments:
        raise Usage
    verb, given = arguments[0].lower(), arguments[1:]
    model, slots = state.model, _management(state)["acl"]
    if verb == "list":
        return _access_view(state)
    if verb == "flush":
        slots.clear()
    elif verb == "remove" and len(given) == 1:
        slots.pop(str(index(given, model.acl_slots)), None)
    elif verb == "add":
        # Only a Vigor3912 says of what kind the object is; host names are not simulated.
        if model.large:
            if not given or given[0].lower() != "ip":
                raise Usage
            given = given[1:]
        if len(given) != 2:
            raise Usage
        slots[str(index(given, model.acl_slots))] = whole_number(given[1], 1, model.ip_objects)
    else:
        raise Usage
    state.took = True
    return '%% Set OK. Please do "sys re" to reboot the router!' if model.large else "%% Set OK."


def _described(state: State, at: int) -> str:
    entry = state.config["ip_objects"].get(str(at))
    if entry is None:
        return f"Please setting index={at} for IP Object"
    if entry["type"] == 0:
        bits = sum(int(octet).bit_count() for octet in entry["end"].split("."))
        return f"{entry['start']}/{bits}"
    return f"{entry['start']} ~ {entry['end']}" if entry["type"] == 3 else str(entry["start"])


def _access_view(state: State) -> str:
    slots = sorted(_management(state)["acl"].items(), key=lambda pair: int(pair[0]))
    if state.model.large:
        return lines(
            "%% Access list :", "  [NO.]       [Type]      [Index]     [Description]", "=" * 78,
            *(f"  {slot:<12}IP Object   {at:<12}{_described(state, at)}" for slot, at in slots),
        )
    return lines(
        "%% Access list :", "  [Index]      [IP Object Index]      [IP/CIDR or StartIP ~ EndIP]", "=" * 71,
        *(f"  {slot:<11}{at:<21}{_described(state, at)}" for slot, at in slots),
    )


# --- access from the LANs --------------------------------------------------------------------------------------------


def listed(*known: str) -> Reader:
    """Services behind commas, None or All, as the unit spells them."""
    spelled = {word.upper(): word for word in known}

    def read(values: list[str]) -> list[str]:
        words = [word.upper() for value in values for word in value.split(",") if word]
        if words == ["NONE"]:
            return []
        if words == ["ALL"]:
            return list(known)
        if not words or any(word not in spelled for word in words):
            raise Usage
        return [word for word in known if word.upper() in words]

    return read


# A unit lists TR069 in the view, but takes it with All only.
ACCESS = ("FTP", "HTTP", "HTTPS", "TELNET", "SSH", "TR069", "ENFORCE_HTTPS")
LAN_ACCESS = {
    "-e": Option("enabled", switch), "-s": Option("services", listed(*ACCESS)), "-i": Option("lans", anything),
    "-I": Option("object", number(1, 500)), "-E": Option("specific", switch), "-v": Option("view", nothing),
    "-f": Option("flush", nothing), "-d": Option("default", nothing), "-h": Option("usage", nothing),
}


def lanaccess(state: State, arguments: list[str]) -> str:
    """mngt lanaccess: silent"""
    found = dict(options(arguments, LAN_ACCESS))
    if not found or "usage" in found:
        raise Usage
    management, model = _management(state), state.model
    access = management["lan_access"]
    if "view" in found:
        return _lan_access_view(state)
    if "flush" in found or "default" in found:
        # -f empties everything, -d restores what is delivered.
        blank = factory.blank(model)["management"]["lan_access"]
        management["lan_access"] = blank if "default" in found else {**blank, "services": [], "lans": [1]}
        state.took = True
        return ""
    changes: Entry = {key: found[key] for key in ("enabled", "services") if key in found}
    if "lans" in found:
        changes["lans"] = _lans(found["lans"], model.access_lans)
    if "object" in found and found["object"] > model.ip_objects and not model.large:
        raise Usage
    objects = dict(access["objects"])
    if "object" in found or "specific" in found:
        for at in changes.get("lans", access["lans"]):
            enabled, chosen = objects.get(str(at), [0, 0])
            objects[str(at)] = [found.get("specific", enabled), found.get("object", chosen)]
    state.change(access, **changes, objects=objects)
    return ""


def _lans(values: list[str], highest: int) -> list[int]:
    words = [word.upper() for value in values for word in value.split(",") if word]
    if words == ["ALL"]:
        return list(range(1, highest + 1))
    if words == ["NONE"]:
        return [1]
    found = {1}
    for word in words:
        if not word.startswith("LAN"):
            raise Usage
        found.add(whole_number(word[3:], 1, highest))
    if not words:
        raise Usage
    return sorted(found)


SHOWN_SERVICES = ("FTP", "HTTP", "HTTPS", "TELNET", "SSH", "TR069")


def _lan_access_view(state: State) -> str:
    access, model = _management(state)["lan_access"], state.model
    large = model.large
    indent = "   " if large else "  "
    rows = ["Current LAN Access Control Setting:", f"* Enable:{_yes(access['enabled'])}"]
    rows += ["* Service:"] if large else []
    rows += [f"{indent}- {name}:{_yes(name in access['services'])}" for name in SHOWN_SERVICES]
    rows.append(f"{indent}- Enforce HTTPS:{_yes('ENFORCE_HTTPS' in access['services'])}")
    rows.append("* Subnet:" if large else " Subnet:")
    lans = set(access["lans"])
    everywhere = len(lans) == model.access_lans
    numbers = range(1, model.access_lans + 1)
    places = [(f"LAN {at}", at in lans, access["objects"].get(str(at), [0, 0])) for at in numbers]
    places += [] if large else [("DMZ", everywhere, [0, 0])]
    places.append((ROUTED, everywhere, [0, 0]))
    for name, enabled, (specific, at) in places:
        rows.append(f"{indent}- {name}: {_able(enabled)}")
        rows.append(f"{indent}  - Specific IP(type:IP Object)(index:{at}) is {_able(specific)}")
    return "\r\n".join(rows)


def _yes(value: object) -> str:
    return "Yes" if value else "No"


def _able(value: object) -> str:
    return "enabled" if value else "disabled"


# --- brute force protection ------------------------------------------------------------------------------------------

GUARDED = ("FTP", "HTTP", "HTTPS", "TELNET", "TR069", "SSH", "VPN")
BFP = {
    "-e": Option("enabled", switch), "-s": Option("services", listed(*GUARDED)),
    "-l": Option("failures", number(1, 255)), "-p": Option("penalty", number(0, 65535)),
    "-u": Option("", lambda values: ipv4(one(values))), "-v": Option("view", nothing),
}


def bfp(state: State, arguments: list[str]) -> str:
    """mngt bfp: silent"""
    found = options(arguments, BFP)
    if not found:
        raise Usage
    guard = _management(state)["bfp"]
    for name, _value in found:
        if name == "view":
            return lines(
                "Current Brute Force Protection Setting:", f"* Enable: {'yes' if guard['enabled'] else 'no'}",
                "* Service:", *(
                    f" - {f'{name}:':<13}{'yes' if name in guard['services'] else 'no'}" for name in GUARDED[:-1]
                ),
                f"* Maximum login failures: {guard['failures']}", f"* Penalty period: {guard['penalty']}",
            )
    state.change(guard, **{name: value for name, value in found if name})
    return ""


# --- ports and time-outs ---------------------------------------------------------------------------------------------

PORTS = {
    "ftpport": ("ftp", "FTP server"), "httpport": ("http", "web server"), "httpsport": ("https", "web server"),
    "telnetport": ("telnet", "Telnet server"), "sshport": ("ssh", "ssh"),
}


def port(word: str) -> Callable[[State, list[str]], str]:
    """mngt sshport and its like"""
    service, title = PORTS[word]

    def run(state: State, arguments: list[str]) -> str:
        if len(arguments) != 1:
            raise Usage
        value = whole_number(arguments[0], 1, 65535)
        state.change(_management(state)["ports"], **{service: value})
        return f"% Set {title} port to {value} done."

    return run


def timeout(field: str, title: str) -> Callable[[State, list[str]], str]:
    """mngt sshtimeout, mngt telnettimeout"""

    def run(state: State, arguments: list[str]) -> str:
        if len(arguments) != 1:
            raise Usage
        value = whole_number(arguments[0], 60, 300)
        state.change(_management(state), **{field: value})
        return f"% {title} timeout : {value}s"

    return run


def ssh_oldkex(state: State, arguments: list[str]) -> str:
    """mngt ssh_oldkex: only its state"""
    word = "disabled" if state.knobs.crypto == "modern" else "enabled"
    if [str(argument) for argument in arguments] not in (["?"], []):
        raise Usage
    return lines("%% mngt ssh_oldkex enable/disable", f"%% Current setting is {word}", "")


COMMANDS = (
    *(Command(f"mngt {word}", port(word), (f"% mngt {word} <port>",)) for word in PORTS),
    Command("mngt rmtcfg", rmtcfg, (
        "%% mngt rmtcfg status", "%% mngt rmtcfg enable", "%% mngt rmtcfg disable",
        "%% mngt rmtcfg <http/https/ftp/telnet/ssh/tr069/snmp/enforce_https> <on/off>")),
    Command("mngt lanaccess", lanaccess, (
        " Usage:", " mngt lanaccess -e <0/1> -s <value> -i <value> -I <value>", " mngt lanaccess -f",
        " mngt lanaccess -d", " mngt lanaccess -v", " mngt lanaccess -h")),
    Command("mngt echoicmp", toggle("ping", "Echo ICMP packet"), (
        "%% mngt echoicmp enable", "%% mngt echoicmp disable")),
    Command("mngt accesslist", accesslist, (
        "%% mngt accesslist list", "%% mngt accesslist add <IP/Hostname> <No.> <Index>",
        "%% mngt accesslist remove <index>", "%% mngt accesslist flush")),
    Command("mngt wanlogin", toggle("wan_login", "wan login"), ("%% mngt wanlogin enable", "%% mngt wanlogin disable")),
    Command("mngt bfp", bfp, (
        " Usage:", " mngt bfp [<command> <parameter> | ... ]", " -e <0/1>: disable or enable", " -s <service>",
        " -l <failure>", " -p <penalty>", " -v: view")),
    Command("mngt telnettimeout", timeout("telnet_timeout", "Telnet"), ("% mngt telnettimeout <60-300>",)),
    Command("mngt sshtimeout", timeout("ssh_timeout", "SSH"), ("% mngt sshtimeout <60-300>",)),
    Command("mngt ssh_oldkex", ssh_oldkex, ("%% mngt ssh_oldkex enable/disable",)),
    Command("mngt acme", lambda _state, _arguments: lines("invalid command !!")),
)
HELPS: dict[str, str] = {}
