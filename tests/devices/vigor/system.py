"""``sys``, ``show status``, leaving: what the unit is, its ALG, its clock, saving and restarting.

Answers as the User's Guides of Vigor2927 (2.2) and Vigor3912 (1.01) print them, ``sys version`` and ``show status`` as
a Vigor2927Lac 4.5.2.2 does, ``sys mpage`` as a Vigor3912S 4.4.7_RC2 does.
"""

from __future__ import annotations

import zlib

from . import factory
from .grammar import Command, Option, Usage, number, options, switch
from .lan import lan
from .state import State, lines

ALG_SESSIONS = 512
LOG_LINES = 20
ALG_USAGE = (
    "Usage: sys sip_alg <command> <parameter>", " -e: enable SIP ALG (0:disable, 1:enable)",
    " -p: set your listening port for SIP ALG", " -u: enable listen along UDP path (0:disable, 1:enable)",
    " -t: enable listen along TCP path (0:disable, 1:enable)",
)


def version(state: State, _arguments: list[str]) -> str:
    """sys version"""
    config, model = state.config, state.model
    first = lan(state, 1)
    rows = [
        f"Router Model: {model.name}    Version: {config['version']} English",
        f"Profile version: {model.profile}    Status: 1 ({_status(state)})",
        f"Router IP: {first['address']}    Netmask: {first['mask']}",
        "Firmware Build Date/Time: Jul  9 2026 11:31:06",
        f"Router Name: {config['name']}",
    ]
    digits = "".join(config["version"].split(".")[:3])
    if model.large:
        rows.append("Revision: 3682_4564_a39c288 V400_RD3")
    else:
        rows.append(f"Revision: 6569_e31a944115 drayos2015_Vigor{model.family}_{digits}_fd593bfca2")
        rows.append("Router serial no: None")
    return "\r\n".join(rows)


def _status(state: State) -> str:
    # What the number means, no source says; here it only depends on the unit.
    return f"0x{zlib.crc32(state.config['name'].encode()):08x}"


def cfg(state: State, arguments: list[str]) -> str:
    """sys cfg"""
    words = [argument.lower() for argument in arguments]
    if words == ["status"]:
        return f"Profile version: {state.model.profile}    Status: 1 ({_status(state)})"
    if words != ["default"]:
        raise Usage
    kept = {key: state.config[key] for key in ("model", "version")}
    state.config.clear()
    state.config.update({**factory.blank(state.model), **kept})
    state.took = True
    return ""


def mpage(state: State, arguments: list[str]) -> str:
    """sys mpage: only in memory"""
    words = [argument.lower() for argument in arguments]
    if words not in (["enable"], ["disable"]):
        raise Usage
    state.paging = words == ["enable"]
    return ""


# --- ALG -------------------------------------------------------------------------------------------------------------

SIP_ALG = {
    "-e": Option("sip", switch), "-p": Option("port", number(1, 65535)), "-u": Option("udp", switch),
    "-t": Option("tcp", switch),
}


def sip_alg(state: State, arguments: list[str]) -> str:
    """sys sip_alg"""
    alg, knobs = state.config["alg"], state.knobs
    if [str(argument) for argument in arguments] in (["?"], []):
        able = (knobs.alg_off, "Enabled")
        yes = (knobs.alg_no, "Yes")
        return lines(
            *ALG_USAGE, "", "Current SIP ALG status", f" -ALG Master Switch: {able[alg['master']]}",
            f" -SIP ALG: {able[alg['sip']]}", f" -Listen along UDP path: {yes[alg['udp']]}",
            f" -Listen along TCP path: {yes[alg['tcp']]}", f" -Listening Port: {alg['port']}",
            f" -Max sipalg session num: {ALG_SESSIONS}", f" -Remain sipalg session num: {ALG_SESSIONS}",
        )
    said: list[str] = []
    changes: dict[str, int] = {}
    for name, value in options(arguments, SIP_ALG):
        changes[name] = value
        if name == "port":
            said.append(f" Current listening port: {value}")
        elif name == "sip" and value:
            if state.model.large and not alg["master"]:
                changes["master"] = 1
            said += [" Auto enable ALG Master Switch"] if state.model.large else []
            said.append(" Enable SIP ALG")
        elif name == "sip":
            said.append(knobs.alg_off_reply)
    state.change(alg, **changes)
    return "\r\n".join(said)


def alg_master(state: State, arguments: list[str]) -> str:
    """sys alg"""
    alg = state.config["alg"]
    if [str(argument) for argument in arguments] in (["?"], []):
        return lines(
            "Usage: sys alg <command> <parameter>", " -e: enable ALG (0:disable, 1:enable)", "", " Current ALG status",
            f" -ALG Master Switch: {'Enabled' if alg['master'] else state.knobs.alg_off}",
        )
    found = options(arguments, {"-e": Option("master", switch)})
    state.change(alg, **dict(found))
    return f"{'Enable' if found[-1][1] else 'Disable'} ALG"


# --- clock, log, saving ----------------------------------------------------------------------------------------------


def system_time(state: State, arguments: list[str]) -> str:
    """sys time: only its state"""
    if [argument.lower() for argument in arguments] != ["show"]:
        raise Usage
    return lines(
        "  ***************  System Time  ***************",
        f"  Current System Time: [{state.now:%Y %b %d %a %H:%M:%S}]", "  Time Server: [pool.ntp.org]",
        "  Time Zone Index: [24]. GMT       Edinburgh, Lisbon, London",
        "  *********************************************",
    )


def cmdlog(state: State, _arguments: list[str]) -> str:
    """sys cmdlog: newest first, secrets included"""
    newest = state.history[-LOG_LINES:][::-1]
    return lines(
        "% Commands Log: (The lowest index is the newest !!!)",
        *(f"    [{at}] {line}" for at, line in enumerate(newest, 1)),
    )


def commit(_state: State, _arguments: list[str]) -> str:
    """sys commit: silent; settings are kept without it as well"""
    return ""


def wants(what: str) -> Command:
    """A command by which the unit or the session ends."""

    def run(state: State, _arguments: list[str]) -> str:
        state.wants = what
        return ""

    return Command({"reboot": "sys reboot", "halt": "sys halt"}.get(what, what), run)


def autoreboot(state: State, arguments: list[str]) -> str:
    """sys autoreboot"""
    if len(arguments) != 1:
        raise Usage
    word = arguments[0].lower()
    if word in ("on", "off"):
        state.autoreboot[0] = int(word == "on")
        return f" autoreboot is {word.upper()}"
    state.autoreboot[:] = [1, number(1, 999)([word])]
    return lines(" autoreboot is ON", f" autoreboot time is {state.autoreboot[1]} hour(s)")


def name(state: State, arguments: list[str]) -> str:
    """sys name: the name on the lines, which is also the router's"""
    words = [str(argument) for argument in arguments]
    if words == ["?"]:
        return lines(
            "% sys name <wan1/wan2> <ASCII string (max. 20 characters)>", "% sys name <wan1/wan2> clear",
            f"% Now: wan1 == {state.config['name']}, wan2 == ",
        )
    if len(words) != 2 or words[0].lower() not in ("wan1", "wan2"):
        return "% input wan1/wan2 to set name"
    if words[0].lower() == "wan1":
        state.change(state.config, name="DrayTek" if words[1] == "clear" else words[1][:39])
    return ""


def passwd(state: State, arguments: list[str]) -> str:
    """sys passwd: silent, nothing is asked"""
    if not 1 <= len(arguments) <= 2:
        raise Usage
    state.change(state.config["accounts"], admin=str(arguments[-1])[:83])
    return ""


def adminuser(state: State, arguments: list[str]) -> str:
    """sys adminuser view: shows the password in clear"""
    words = [str(argument) for argument in arguments]
    if len(words) != 2 or words[0].lower() != "view" or not words[1].isdigit():
        raise Usage
    accounts = list(state.config["accounts"].items())
    user, secret = accounts[int(words[1]) - 1] if 0 < int(words[1]) <= len(accounts) else ("", "")
    return lines("", f"Index:{words[1]}", f"User Name:{user}", f"User Password:{secret}")


# --- show status -----------------------------------------------------------------------------------------------------


def clock(seconds: float, hours: str) -> str:
    """Hours, minutes, seconds."""
    minutes, rest = divmod(int(seconds), 60)
    whole, minutes = divmod(minutes, 60)
    return f"{whole:{hours}}:{minutes:02d}:{rest:02d}"


def show_status(state: State, _arguments: list[str]) -> str:
    """show status"""
    first = lan(state, 1)
    rows = [
        f"System Uptime:{clock(state.uptime, 'd')}", "LAN Status",
        f"Primary DNS:{first['dns1'] or '8.8.8.8':<18}Secondary DNS:{first['dns2'] or '8.8.4.4'}",
        f"IP Address:{first['address']:<19}Tx Rate:103850    Rx Rate:68112", "",
    ]
    hours = "d" if state.model.large else "02d"
    for at in range(1, state.model.status_wans + 1):
        wan = {**factory.WAN, **state.config["wans"].get(str(at), {})}
        up = wan["enabled"] and wan["up"]
        rows += [
            f"WAN {at} Status: {'Connected' if up else 'Disconnected'}",
            f"Enable:{'Yes' if wan['enabled'] else 'No':<10}Line:{'Ethernet' if at < 5 else 'USB':<12}Name:",
            f"Mode:{wan['mode']:<12}Up Time:{clock(state.uptime if up else 0, hours):<12}"
            f"IP:{wan['address'] if up else '---':<15}GW IP:{wan['gateway'] if up else '---'}",
            f"TX Packets:{47380 if up else 0:<11}TX Rate(bps):{2600 if up else 0:<3} "
            f"RX Packets:{59135 if up else 0:<11}RX Rate(bps):{5704 if up else 0}",
            "",
        ]
    return "\r\n".join(rows)


COMMANDS = (
    Command("show status", show_status),
    wants("exit"), wants("quit"),
    Command("sys adminuser", adminuser, (" Usage:", " sys adminuser view <INDEX>")),
    Command("sys cfg", cfg, ("% sys cfg default", "% sys cfg status")),
    Command("sys cmdlog", cmdlog),
    Command("sys name", name),
    Command("sys passwd", passwd, ("% sys passwd <old password> <new password>",)),
    wants("reboot"), wants("halt"),
    Command("sys autoreboot", autoreboot, ("% sys autoreboot <on/off/hour(s)>",)),
    Command("sys commit", commit),
    Command("sys version", version),
    Command("sys alg", alg_master, ("Usage: sys alg <command> <parameter>", " -e: enable ALG (0:disable, 1:enable)")),
    Command("sys sip_alg", sip_alg, ALG_USAGE),
    Command("sys time", system_time, ("  sys time show",)),
)
MPAGE = Command("sys mpage", mpage, (
    "Enable/Disable More Page", "Syntax:", "  sys mpage enable: Set enable show more page.",
    "  sys mpage disable: Set disable show more page.", "",
    "  (*) For test only, just save on memory, it will be reset after reboot.", "",
))
HELPS: dict[str, str] = {}
