"""``msubnet``, ``ip``, ``srv dhcp``, ``show lan``, ``show dns``: LANs, their DHCP servers, routing between them.

Answers and views as the User's Guides of Vigor2927 (2.2) and Vigor3912 (1.01) print them. Most settings wait for a
restart, and say so; lease time and MTU do not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import factory
from .grammar import (
    Command,
    Option,
    Usage,
    anything,
    index,
    ipv4,
    netmask,
    nothing,
    number,
    on_off,
    options,
    switch,
    whole_number,
)
from .state import REBOOT_NOTE, Entry, State, lines

LEASE_MAX = 259200
ROUTED = "IP Routed Subnet"


def lan(state: State, at: int) -> Entry:
    """A LAN as stored."""
    return {**factory.lan(at), **state.config["lans"].get(str(at), {})}


def change(state: State, at: int, **changes: Any) -> None:
    """Store settings of a LAN."""
    state.put(state.config["lans"], str(at), factory.lan(at), changes)


def _second(arguments: list[str]) -> str:
    if len(arguments) != 2:
        raise Usage
    return arguments[1]


# --- msubnet ---------------------------------------------------------------------------------------------------------

Setting = tuple[str, Callable[[str], Any], Callable[[str, Any], tuple[str, ...]]]
ROUTING_NOTE = (
    "%Note: If you have multiple WAN connections, please be reminded to setup a Load-Balance policy so that packets"
    " from this subnet will be forwarded to the right WAN interface!"
)


def _nat_reply(name: str, value: Any) -> tuple[str, ...]:
    if value:
        return (f"% {name} Subnet is for NAT usage!",)
    return (f"% {name} Subnet is for Routing usage!", ROUTING_NOTE)


SETTINGS: dict[str, Setting] = {
    "switch": ("enabled", on_off, lambda name, value: (f"% {name:<12}Subnet {'On' if value else 'Off'}!",)),
    "addr": ("address", ipv4, lambda name, _value: (f"% Set {name} subnet IP address done !!!",)),
    "nmask": ("mask", netmask, lambda name, _value: (f"% Set {name} subnet mask done !!!",)),
    "dhcps": ("dhcp", on_off, lambda name, value: (
        f"% {name:<12}Subnet DHCP Server {'enabled' if value else 'disabled'}!",)),
    "nat": ("nat", on_off, _nat_reply),
    "gateway": ("gateway", ipv4, lambda name, _value: (f"% Set {name} Dhcp Gateway IP done !!!",)),
    "ipcnt": ("count", lambda text: whole_number(text, 0, 220), lambda _name, _value: ()),
    "startip": ("start", ipv4, lambda name, _value: (f"% Set {name} Dhcp Start IP done !!!",)),
}


def setting(word: str) -> Callable[[State, list[str]], str]:
    """The command that stores one setting of LAN2 and up."""
    field, read, reply = SETTINGS[word]

    def run(state: State, arguments: list[str]) -> str:
        at = index(arguments, state.model.lans, 2)
        value = read(_second(arguments))
        change(state, at, **{field: value})
        said = lines(*reply(f"LAN{at}", value))
        return f"{said}\r\n{REBOOT_NOTE}" if said else REBOOT_NOTE[2:]

    return run


def status(state: State, arguments: list[str]) -> str:
    """msubnet status"""
    at = index(arguments, state.model.lans, 2)
    entry = lan(state, at)
    # A start of pool without address counts on from its own number, as the guide's 0.0.0.60 behind 0.0.0.10 shows.
    network = entry["address"].rsplit(".", 1)[0]
    last = int(entry["start"].rsplit(".", 1)[1]) + entry["count"] if entry["address"] == "0.0.0.0" else 200
    return lines(
        f"% {f'LAN{at}':<12}{_on(entry['enabled'])}: {entry['address']}/{entry['mask']},"
        f" PPP Start IP: {network}.{last}",
        f"% DHCP server: {_on(entry['dhcp'])}",
        f"% Dhcp Gateway: {entry['gateway']}, Start IP: {entry['start']}, Pool Count: {entry['count']}",
    )


def _on(value: int) -> str:
    return "On" if value else "Off"


def talk(state: State, arguments: list[str]) -> str:
    """msubnet talk"""
    if [str(argument) for argument in arguments] in (["?"], []):
        return _talk_matrix(state)
    if len(arguments) != 3:
        raise Usage
    first, second = sorted(whole_number(argument, 1, state.model.lans) for argument in arguments[:2])
    value = on_off(arguments[2])
    if first == second:
        raise Usage
    pairs = state.config["talk"]
    if value and [first, second] not in pairs:
        pairs.append([first, second])
        pairs.sort()
    elif not value and [first, second] in pairs:
        pairs.remove([first, second])
    state.took = True
    return lines(
        "", f"% {'Enable' if value else 'Disable'} routing between {f'LAN{first}':<12}and {f'LAN{second}':<11}!",
    ) + "\r\n" + REBOOT_NOTE


def _talk_matrix(state: State) -> str:
    model = state.model
    names = [f"LAN{at}" for at in range(1, model.lans + 1)]
    if model.large:
        rows = [
            "% msubnet talk <1/../100> <1/../100> <On/Off>",
            "% where 1:LAN1, 2:LAN2, 3:LAN3, 4:LAN4, 5:LAN5, 6:LAN6: .....",
        ]
    else:
        numbers = "/".join(str(at) for at in range(1, model.lans + 1)) + "/dmz"
        where = ", ".join(f"{at}:LAN{at}" for at in range(1, model.lans + 1))
        rows = [f"% msubnet talk <{numbers}> <{numbers}> <On/Off>", f"% where {where}, dmz:DMZ Port"]
        names.append("DMZ Port")
    rows += ["% Now:", "%              " + "".join(f"{name:<7}" for name in names).rstrip()]
    pairs = set(map(tuple, state.config["talk"]))
    for at, name in enumerate(names, 1):
        marks = "".join(
            "V      " if other == at or (other, at) in pairs else "       " for other in range(1, at + 1)
        ).rstrip()
        rows.append(f"{f'% {name}':<16}{marks}")
    return "\r\n".join(rows)


def leasetime(state: State, arguments: list[str]) -> str:
    """msubnet leasetime: acts at once"""
    model = state.model
    if [str(argument) for argument in arguments] in (["?"], []):
        leases = [(f"LAN{at}", lan(state, at)["lease"]) for at in range(1, model.lans + 1)]
        if model.large:
            first, *others = [f"{name} {lease}" for name, lease in leases]
            return lines(f"% Now: {first}", *(f"        {text}" for text in others))
        text = "; ".join(f"{name} {lease}" for name, lease in [*leases, ("DMZ Port", LEASE_MAX)])
        numbers = "/".join(str(at) for at in range(1, model.lans + 1))
        return lines(f"% msubnet leasetime <{numbers}/dmz> <Lease Time (sec.)>", f"% Now:{text}")
    at = index(arguments, model.lans)
    # Without a value the unit takes the longest time.
    value = LEASE_MAX if len(arguments) == 1 else whole_number(_second(arguments), 1 if model.large else 10, LEASE_MAX)
    change(state, at, lease=value)
    return f"% Set LAN{at} lease time: {value}"


def mtu(state: State, arguments: list[str]) -> str:
    """msubnet mtu: acts at once, silent"""
    if [str(argument) for argument in arguments] in (["?"], []):
        rows = [
            "Usage:", "", "  >msubnet mtu <interface> <value>", "",
            "  <interface>: LAN1~LAN6,IP_Routed_Subnet,DMZ",
            "  <value>:     1000 ~ 1508 (Bytes), default: 1500 (Bytes)", "", "  e.x: >msubnet mtu LAN1 1492", "",
            "Current Settings:", "",
        ]
        rows += [
            f"   {f'LAN{at} MTU:':<22}{lan(state, at)['mtu']} (Bytes)" for at in range(1, state.model.lans + 1)
        ]
        return lines(*rows, f"   {ROUTED} MTU: 1500 (Bytes)")
    value = whole_number(_second(arguments), 1000, 1508)
    change(state, _lan_named(state, arguments[0]), mtu=value)
    return ""


def _lan_named(state: State, text: str) -> int:
    if not text.lower().startswith("lan"):
        raise Usage
    return whole_number(text[3:], 1, state.model.lans)


# --- LAN1 ------------------------------------------------------------------------------------------------------------


def first_lan(field: str, read: Callable[[str], Any], usage: str) -> Callable[[State, list[str]], str]:
    """The command that stores one setting of LAN1; a question mark shows it."""

    def run(state: State, arguments: list[str]) -> str:
        if [str(argument) for argument in arguments] in (["?"], []):
            return lines(f"% {usage}", f"% Now: {lan(state, 1)[field]}")
        if len(arguments) != 1:
            raise Usage
        change(state, 1, **{field: read(arguments[0])})
        return "" if field == "lease" else REBOOT_NOTE[2:]

    return run


def dhcp_switch(value: int) -> Callable[[State, list[str]], str]:
    """srv dhcp on, srv dhcp off"""

    def run(state: State, _arguments: list[str]) -> str:
        change(state, 1, dhcp=value)
        return REBOOT_NOTE[2:]

    return run


def dns(field: str) -> Callable[[State, list[str]], str]:
    """srv dhcp dns1, srv dhcp dns2"""

    def run(state: State, arguments: list[str]) -> str:
        if not 1 <= len(arguments) <= 2:
            raise Usage
        at = _lan_named(state, arguments[0])
        if len(arguments) == 2 and arguments[1] != "?":
            value = ipv4(arguments[1])
            change(state, at, **{field: "" if value == "0.0.0.0" else value})
        return lines(f"% srv dhcp {field} lan{at} <DNS IP address>", f"% Now: {lan(state, at)[field] or '0.0.0.0'}")

    return run


# --- DHCP options ----------------------------------------------------------------------------------------------------

KINDS = {"v": "ASCII", "x": "HEX", "a": "IP"}


def _raw(values: list[str]) -> str:
    if len(values) != 1 or not values[0]:
        raise Usage
    return str(values[0])


OPTION = {
    "-e": Option("enabled", switch), "-i": Option("interface", lambda values: _raw(values).lower()),
    "-c": Option("code", number(0, 255)), "-v": Option("v", _raw, whole=True), "-x": Option("x", _raw, whole=True),
    "-a": Option("a", _raw), "-d": Option("delete", number(1, 1000)), "-u": Option("update", number(1, 1000)),
    "-l": Option("list", nothing), "-s": Option("next", anything),
}


def dhcp_option(state: State, arguments: list[str]) -> str:
    """srv dhcp option: silent"""
    found = dict(options(arguments, OPTION))
    table: list[Entry] = state.config["dhcp_options"]
    if not found:
        raise Usage
    if "list" in found:
        return _option_list(table)
    if "delete" in found:
        kept = [entry for entry in table if entry["index"] != found["delete"]]
        if len(kept) == len(table):
            raise Usage
        table[:] = kept
        state.took = True
        return ""
    changes: Entry = {key: found[key] for key in ("enabled", "code") if key in found}
    kinds = [kind for kind in KINDS if kind in found]
    if len(kinds) > 1 or "next" in found:
        raise Usage
    if kinds:
        changes.update(type=kinds[0], value=_option_value(kinds[0], found[kinds[0]]))
    if "interface" in found:
        changes["interface"] = _option_interface(state, found["interface"])
    if "update" in found:
        hit = next((entry for entry in table if entry["index"] == found["update"]), None)
        if hit is None:
            raise Usage
        hit.update(changes)
    else:
        if not kinds or "code" not in found:
            raise Usage
        taken = {entry["index"] for entry in table}
        free = next(at for at in range(1, 1001) if at not in taken)
        table.append({"index": free, "enabled": 1, "interface": "a", **changes})
        table.sort(key=lambda entry: int(entry["index"]))
    state.took = True
    return ""


def _option_value(kind: str, text: str) -> str:
    if kind == "a":
        return ipv4(text)
    if kind == "x" and not all(character in "0123456789abcdefABCDEF:" for character in text):
        raise Usage
    return text


def _option_interface(state: State, text: str) -> str:
    return text if text in ("a", "r") else str(whole_number(text, 1, state.model.lans))


def _option_list(table: list[Entry]) -> str:
    rows = ["% state   idx interface          opt type     data"]
    for entry in table:
        where = {"a": "ALL LAN", "r": "Routed Subnet"}.get(entry["interface"], f"LAN{entry['interface']}")
        on, kind = ("enable" if entry["enabled"] else "disable"), KINDS[entry["type"]]
        rows.append(f"% {on:<8}{entry['index']:<4}{where:<19}{entry['code']:<4}{kind:<9}{entry['value']}")
    return "\r\n".join(rows)


# --- show ------------------------------------------------------------------------------------------------------------


def show_lan(state: State, _arguments: list[str]) -> str:
    """show lan"""
    rows = [
        "The LAN settings:", "Status   IP              Mask            DHCP Start IP        Pool Gateway",
        "-------- --------------- --------------- ---- --------------- ---- ---------------",
    ]
    for at in range(1, state.model.lans + 1):
        entry = lan(state, at)
        dhcp = "V" if entry["dhcp"] else state.knobs.dhcp_off
        rows.append(
            f"[{'V' if entry['enabled'] else 'X'}]LAN{at}  {entry['address']:<16}{entry['mask']:<16}"
            f"{dhcp:<5}{entry['start']:<16}{entry['count']:<5}{entry['gateway']}"
        )
    return "\r\n".join(rows)


def show_dns(state: State, _arguments: list[str]) -> str:
    """show dns"""
    rows = ["%%      Domain name server settings:"]
    for at in range(1, state.model.lans + 1):
        entry = lan(state, at)
        for title, field in (("Primary", "dns1"), ("Secondary", "dns2")):
            rows.append(f"%  LAN{at}  {title} DNS: [{entry[field] or 'Not set'}]")
    return "\r\n".join(rows)


def _count(text: str) -> int:
    return whole_number(text, 0, 256)


def _lease(text: str) -> int:
    return whole_number(text, 1, LEASE_MAX)


COMMANDS = (
    *(
        Command(f"msubnet {word}", setting(word), (f"% msubnet {word} <LAN> <value>",))
        for word in ("switch", "addr", "nmask")
    ),
    Command("msubnet status", status, ("% msubnet status <LAN>",)),
    *(
        Command(f"msubnet {word}", setting(word), (f"% msubnet {word} <LAN> <value>",))
        for word in ("dhcps", "nat", "gateway", "ipcnt")
    ),
    Command("msubnet talk", talk, ("% msubnet talk <LAN> <LAN> <On/Off>",)),
    Command("msubnet startip", setting("startip"), ("% msubnet startip <LAN> <Gateway IP>",)),
    Command("msubnet mtu", mtu, ("Usage:", "", "  >msubnet mtu <interface> <value>")),
    Command("msubnet leasetime", leasetime, ("% msubnet leasetime <LAN> <Lease Time (sec.)>",)),
    Command("ip addr", first_lan("address", ipv4, "ip addr <IP address>"), ("% ip addr <IP address>",)),
    Command("ip nmask", first_lan("mask", netmask, "ip nmask <IP netmask>"), ("% ip nmask <IP netmask>",)),
    Command("srv dhcp dns1", dns("dns1"), ("% srv dhcp dns1 <lan1/lan2/..> <DNS IP address>",)),
    Command("srv dhcp dns2", dns("dns2"), ("% srv dhcp dns2 <lan1/lan2/..> <DNS IP address>",)),
    Command("srv dhcp gateway", first_lan("gateway", ipv4, "srv dhcp gateway <Gateway IP>"), (
        "% srv dhcp gateway <Gateway IP>",)),
    Command("srv dhcp ipcnt", first_lan("count", _count, "srv dhcp ipcnt <IP counts>"), (
        "% srv dhcp ipcnt <IP counts>",)),
    Command("srv dhcp off", dhcp_switch(0)),
    Command("srv dhcp on", dhcp_switch(1)),
    Command("srv dhcp startip", first_lan("start", ipv4, "srv dhcp startip <IP address>"), (
        "% srv dhcp startip <IP address>",)),
    Command("srv dhcp leasetime", first_lan("lease", _lease, "srv dhcp leasetime <Lease Time (sec.)>"), (
        "% srv dhcp leasetime <Lease Time (sec.)>",)),
    Command("srv dhcp option", dhcp_option, (
        "% srv dhcp option -h", "% srv dhcp option -l", "% srv dhcp option -d <idx>",
        "% srv dhcp option -e <1 or 0> -i <lan number> -c <option number> -v <option value>",
        "% srv dhcp option -e <1 or 0> -i <lan number> -c <option number> -x <option value>",
        "% srv dhcp option -e <1 or 0> -i <lan number> -c <option number> -a <option value>",
        "% srv dhcp option -u <idx unmber>")),
    Command("show lan", show_lan),
    Command("show dns", show_dns),
)
HELPS: dict[str, str] = {}
