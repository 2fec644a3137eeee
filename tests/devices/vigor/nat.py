"""``srv nat``: port redirection, open ports, DMZ hosts, and what they add up to.

Answers and views as the Vigor3912 User's Guide 1.01 prints them. No view shows the source object of an open port.
"""

from __future__ import annotations

from . import factory
from .grammar import (
    Command,
    Option,
    Usage,
    chosen,
    index,
    ipv4,
    nothing,
    number,
    numbers,
    options,
    switch,
    token,
    whole_number,
)
from .state import Entry, State, lines

ITEMS = 10
RULER = "*" * 77


def _wan_address(state: State, wan: int) -> str:
    return str({**factory.WAN, **state.config["wans"].get(str(wan), {})}["address"])


# --- open ports ------------------------------------------------------------------------------------------------------

OPENPORT = {
    "-a": Option("enabled", switch), "-c": Option("comment", token, whole=True),
    "-l": Option("source_index", number(0, 192)), "-g": Option("source_kind", switch),
    "-i": Option("local", lambda values: ipv4(token(values))), "-w": Option("wan", numbers((1, 52), (1, 32), needed=1)),
    "-p": Option("protocol", chosen("tcp", "udp", "all")), "-s": Option("start", number(0, 65535)),
    "-e": Option("end", number(0, 65535)), "-v": Option("view", nothing), "-r": Option("remove", number(1, 260)),
    "-f": Option("reset", number(1, 260)),
}
COMMENT = 22


def openport(state: State, arguments: list[str]) -> str:
    """srv nat openport"""
    at = index(arguments, state.model.openports)
    item = str(index(arguments[1:], ITEMS))
    found = options(arguments[2:], OPENPORT)
    if not found:
        raise Usage
    table = state.config["openports"]
    blank = {**factory.OPENPORT, "items": {}}
    entry = {**blank, **table.get(str(at), {})}
    changes: Entry = {}
    port: Entry = {}
    for name, value in found:
        if name == "view":
            return _openport_view(entry)
        if name == "remove":
            state.took = True
            table.pop(str(value), None)
            return ""
        if name == "reset":
            state.took = True
            table.clear()
            return ""
        if name in ("protocol", "start", "end"):
            port[name] = value.upper() if name == "protocol" else value
        elif name == "source_index":
            changes["source"] = [changes.get("source", entry["source"])[0], value]
        elif name == "source_kind":
            changes["source"] = [value, changes.get("source", entry["source"])[1]]
        elif name == "wan":
            changes.update(wan=value[0], alias=value[1] if len(value) > 1 else 1)
        else:
            changes[name] = value[:COMMENT] if name == "comment" else value
    if changes.get("wan", 1) > state.model.wans:
        raise Usage
    items = dict(entry["items"])
    if port:
        state.put(items, item, factory.OPENPORT_ITEM, port)
    state.put(table, str(at), blank, {**changes, "items": items})
    return " Set WAN Port ok!!" if "wan" in changes else ""


def _openport_view(entry: Entry) -> str:
    rows = [
        f"%% Status: {'Enable' if entry['enabled'] else 'Disable'}", f"%% Comment: {entry['comment']}",
        f"%% WAN Interface: WAN{entry['wan']}", f"%% Private IP address: {entry['local']}",
        "Index   Protocal        Start Port      End Port", "*" * 65,
    ]
    for item, port in sorted(entry["items"].items(), key=lambda pair: int(pair[0])):
        rows.append(f"{item:>3}.    {port['protocol']:<16}{port['start']:<16}{port['end']}")
    return "\r\n".join(rows)


def show_openport(state: State, _arguments: list[str]) -> str:
    """show openport"""
    rows = ["%%      Openport settings:", "Index   Status  Comment         Local IP Address", "*" * 56]
    table = state.config["openports"]
    for at in sorted(table, key=int):
        entry = {**factory.OPENPORT, **table[at]}
        status = "Enable" if entry["enabled"] else "Disable"
        rows.append(f"{at:>3}.    {status:<8}{entry['comment']:<16}{entry['local']}")
    return lines(*rows, f"Total {len(table)} items listed.")


# --- port redirection ------------------------------------------------------------------------------------------------


def portmap(state: State, arguments: list[str]) -> str:
    """srv nat portmap"""
    if not arguments:
        raise Usage
    verb, given = arguments[0].lower(), arguments[1:]
    table = state.config["portmaps"]
    if verb == "flush":
        state.took = True
        table.clear()
        return ""
    if verb in ("table", "view"):
        return _portmap_table(state)
    if verb not in ("add", "del", "enable", "disable"):
        raise Usage
    at = str(index(given, state.model.portmaps))
    if verb == "add":
        table[at] = _redirection(state, given[1:])
    elif verb == "del":
        table.pop(at, None)
    elif at in table:
        table[at] = {**table[at], "enabled": int(verb == "enable")}
    else:
        raise Usage
    state.took = True
    return ""


def _redirection(state: State, given: list[str]) -> Entry:
    if len(given) != 9:
        raise Usage
    name, protocol, public, kind, source, private, private_port, wan, alias = given
    wan = wan.lower()
    known = {"all", *(f"wan{number_}" for number_ in range(1, state.model.wans + 1))}
    if protocol.lower() not in ("tcp", "udp") or wan not in known:
        raise Usage
    return {
        "enabled": 1, "name": str(name), "protocol": protocol.lower(), "port": whole_number(public, 0, 65535),
        "source": [whole_number(kind, 0, 1), whole_number(source, 0, 192)], "private": ipv4(private),
        "private_port": whole_number(private_port, 1, 65535), "wan": wan, "alias": whole_number(alias, 0, 32),
    }


def _portmap_table(state: State) -> str:
    rows = [
        "", "NAT Port Redirection Configuration Table:", "",
        "Index  Service Name    Protocol  Public Port  Private IP      Private Port ifno",
    ]
    for at, entry in sorted(state.config["portmaps"].items(), key=lambda pair: int(pair[0])):
        ifno = 0 if entry["wan"] == "all" else int(entry["wan"][3:]) + 2
        rows.append(
            f"{at:<8}{entry['name']:<17}{entry['protocol'].upper():<8}{entry['port']:>6}    {entry['private']:<16}"
            f"{entry['private_port']:>8}     {ifno}"
        )
    return lines(*rows, "", "ifno: 0 = all, 3 = wan1, 4 = wan2")


# --- DMZ hosts -------------------------------------------------------------------------------------------------------

HOST = {
    "-e": Option("enabled", switch), "-i": Option("private", lambda values: ipv4(token(values))),
    "-r": Option("remove", nothing), "-v": Option("view", nothing),
}


def dmz(state: State, arguments: list[str]) -> str:
    """srv nat dmz"""
    table = state.config["dmz"]
    if [str(argument) for argument in arguments] == ["-v"]:
        return _dmz_view(state)
    at = str(index(arguments, state.model.status_wans))
    index(arguments[1:], 300)
    found = options(arguments[2:], HOST)
    if not found:
        raise Usage
    for name, value in found:
        if name == "view":
            return _dmz_view(state)
        if name == "remove":
            table.pop(at, None)
            state.took = True
        else:
            state.put(table, at, factory.DMZ, {name: value})
    return ""


def _dmz_view(state: State) -> str:
    rows: list[str] = []
    for wan in range(1, state.model.status_wans + 1):
        entry = {**factory.DMZ, **state.config["dmz"].get(str(wan), {})}
        private = "" if entry["private"] == "0.0.0.0" else entry["private"]
        rows += [
            f"%      WAN{wan} DMZ mapping status:", f" Index  Status  WAN{wan} aux IP     Private IP", "-" * 52,
            f"   1    {'Enable' if entry['enabled'] else 'Disable':<8}{_wan_address(state, wan):<16}{private}".rstrip(),
            "",
        ]
    return "\r\n".join(rows)


def showall(state: State, _arguments: list[str]) -> str:
    """srv nat showall: redirections, the ten items of every open port, DMZ hosts"""
    rows = ["Index   Proto   WAN IP:Port                 Private IP:Port             Act", RULER]
    config = state.config
    groups: list[list[str]] = [[], [], []]
    for at, entry in sorted(config["portmaps"].items(), key=lambda pair: int(pair[0])):
        address = "-- ALL --" if entry["wan"] == "all" else _wan_address(state, int(entry["wan"][3:]))
        groups[0].append(_row(
            "R", at, entry["protocol"].upper(), f"{address}:{entry['port']}",
            f"{entry['private']}:{entry['private_port']}", entry["enabled"],
        ))
    for at, entry in sorted(config["openports"].items(), key=lambda pair: int(pair[0])):
        address = _wan_address(state, entry["wan"])
        for item in range(1, ITEMS + 1):
            port = {**factory.OPENPORT_ITEM, **entry["items"].get(str(item), {})}
            ports = f"{port['start']}~{port['end']}"
            groups[1].append(_row(
                "O", at, "---", f"{address}:{ports}", f"{entry['local']}:{ports}", entry["enabled"],
            ))
    for at, entry in sorted(config["dmz"].items(), key=lambda pair: int(pair[0])):
        groups[2].append(_row("D", at, "All", _wan_address(state, int(at)), entry["private"], entry["enabled"]))
    for group in groups:
        rows += [*group, ""] if group else []
    return lines(*rows, "R:Port Redirection, O:Open Ports, D:DMZ")


def _row(kind: str, at: str, protocol: str, public: str, private: str, enabled: int) -> str:
    return f"{kind}{int(at):02d}     {protocol:<8}{public:<28}{private:<28}{'Y' if enabled else 'N'}"


COMMANDS = (
    Command("srv nat dmz", dmz, (" Usage:", " srv nat dmz n m [-<command> <parameter> | ... ]")),
    Command("srv nat openport", openport, (" Usage:", " srv nat openport n m [-<command> <parameter> | ... ]")),
    Command("srv nat portmap", portmap, (
        " Usage:", " srv nat portmap add <idx> <serv name> <proto> <pub port> <src ip type> <src ip idx> <pri ip>"
        " <pri port> <wan idx> <alias IP>", " srv nat portmap del <idx>", " srv nat portmap disable <idx>",
        " srv nat portmap enable <idx> <proto>", " srv nat portmap flush", " srv nat portmap table")),
    Command("srv nat showall", showall),
    Command("show openport", show_openport),
    Command("show dmz", lambda state, _arguments: _dmz_view(state)),
)
HELPS: dict[str, str] = {}
