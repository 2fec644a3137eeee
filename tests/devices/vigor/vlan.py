"""``vlan``: rows of ports, tags and LANs. Changes act at ``vlan restart``, the LAN of a row at a restart of the unit.

Answers and views as the User's Guides of Vigor2927 (2.2) and Vigor3912 (1.01) print them; members stand below the
port's name in the header.
"""

from __future__ import annotations

from . import factory
from .grammar import Command, Usage, index, on_off, whole_number
from .state import REBOOT_NOTE, Entry, State, lines

SMALL_HEADER = "VLAN Enable VID Pri    "
LARGE_HEADER = "VLAN Enable VID  Pri   "
WIRELESS_NOTE = (
    " Note: they are only untag for s1/s2/s3/s4/5gs1/5gs2/5gs3/5gs4, but they can join tag vlan with lan ports."
)
VERBS = {"2927": ("set", "set_ex"), "3912": ("add", "add_ex", "set", "set_ex", "show")}
# The Vigor2927 User's Guide prints LAN16 although it describes eight LANs.
FORCED = "  Force subnet LAN2/3/4/5/6/7/8/9/10/11/12/13/14/15/16 to be disabled!!"


def row(state: State, at: int) -> Entry:
    """A VLAN row as stored."""
    return {**factory.VLAN, **state.config["vlans"]["rows"].get(str(at), {})}


def _change(state: State, at: int, **changes: object) -> None:
    state.put(state.config["vlans"]["rows"], str(at), factory.VLAN, changes)


def _row_index(state: State, arguments: list[str]) -> int:
    return index(arguments, state.model.vlans - 1, 0)


def group(state: State, arguments: list[str]) -> str:
    """vlan group"""
    at = _row_index(state, arguments)
    if len(arguments) < 2 or arguments[1].lower() not in VERBS[state.model.family]:
        raise Usage
    verb, ports = arguments[1].lower(), [port.lower() for port in arguments[2:]]
    if any(port not in state.model.ports for port in ports):
        raise Usage
    if verb != "show":
        had = row(state, at)["ports"] if verb.startswith("add") else []
        if verb.endswith("_ex"):
            for other in range(state.model.vlans):
                left = [port for port in row(state, other)["ports"] if port not in ports]
                _change(state, other, ports=left)
        _change(state, at, ports=[port for port in state.model.ports if port in had or port in ports])
    if state.model.large and verb != "show":
        return lines(" OK.", "Use cmd 'vlan status' if you want to check result.")
    header = " VLAN " + " ".join(state.model.ports)
    return lines(header, f" {'-' * 63}", _marks(f"{at:>4}", header, row(state, at)["ports"]))


def _marks(start: str, header: str, ports: list[str]) -> str:
    """A line with a V below the name of each port."""
    text = start
    for name in sorted(ports, key=lambda port: header.index(f" {port} ") if f" {port} " in header else len(header)):
        column = f"{header} ".index(f" {name} ") + 1
        text = f"{text:<{column}}V"
    return text


def status(state: State, _arguments: list[str]) -> str:
    """vlan status"""
    model, vlans = state.model, state.config["vlans"]
    word = "Enable" if vlans["enabled"] else "Disable"
    header = (LARGE_HEADER if model.large else SMALL_HEADER) + " ".join(model.ports)
    header += "  subnet" if model.large else " subnet"
    column = header.index("subnet")
    ruler = "-" * (69 if model.large else 80)
    rows = [f"VLAN  is {word} :" if model.large else f"VLAN is {word} :", ruler, header, ruler]
    stored = vlans["rows"]
    for at in range(model.vlans):
        entry = {**factory.VLAN, **stored[str(at)]} if str(at) in stored else factory.VLAN
        tagged = "ON " if entry["tagged"] else "OFF"
        start = (
            f"{at:>2}     {tagged}{entry['vid']:>5}{entry['pri']:>4}" if model.large
            else f"{at:>2}    {tagged}{entry['vid']:>5}{entry['pri']:>4}"
        )
        text = _marks(start, header, entry["ports"]) if entry["ports"] else start
        rows.append(f"{text:<{column}}{entry['lan']}:LAN{entry['lan']}")
    rows.append(ruler)
    if not model.large:
        rows.append(WIRELESS_NOTE)
    rows.append(f" Permit untagged device in P1 to access router: {'ON' if vlans['untag_p1'] else 'OFF'}....")
    return "\r\n".join(rows)


def turn_on(state: State, _arguments: list[str]) -> str:
    """vlan on"""
    state.change(state.config["vlans"], enabled=1)
    return " VLAN is Enable!"


def turn_off(state: State, _arguments: list[str]) -> str:
    """vlan off: a Vigor2927 then has no use for LAN2 and up, and switches them off"""
    state.change(state.config["vlans"], enabled=0)
    if state.model.large or not state.knobs.vlan_off_forces:
        return " VLAN is Disable!"
    for at in range(2, state.model.lans + 1):
        if str(at) in state.config["lans"]:
            state.put(state.config["lans"], str(at), factory.lan(at), {"enabled": 0})
    return lines(" VLAN is Disable!", FORCED)


def tagged(state: State, arguments: list[str]) -> str:
    """vlan tagged"""
    if len(arguments) != 2:
        raise Usage
    what, value = arguments[0].lower(), on_off(arguments[1])
    word = "ON" if value else "OFF"
    if what == "unlimited":
        state.took = True
        return f"Unlimited mode is {word} "
    if what == "p1_untag":
        state.change(state.config["vlans"], untag_p1=value)
        return f" Permit untagged device in P1 to access router: {word}"
    at = _row_index(state, arguments)
    _change(state, at, tagged=value)
    return f"VLAN{at}: tagged {word}"


def sysvid_range(state: State) -> tuple[int, int]:
    """The VLAN IDs that the unit uses itself."""
    first = state.config["vlans"].get("sysvid", state.knobs.sysvid)
    if first < 0:
        first = state.model.sysvid_last
    return first, first + state.model.sysvids - 1


def vid(state: State, arguments: list[str]) -> str:
    """vlan vid"""
    at = _row_index(state, arguments)
    if len(arguments) != 2:
        raise Usage
    value = whole_number(arguments[1], 0, 4095)
    first, last = sysvid_range(state)
    if first <= value <= last:
        raise Usage
    _change(state, at, vid=value)
    return f"VLAN{at}, vid={value}"


def pri(state: State, arguments: list[str]) -> str:
    """vlan pri"""
    at = _row_index(state, arguments)
    if len(arguments) != 2:
        raise Usage
    value = whole_number(arguments[1], 0, 7)
    _change(state, at, pri=value)
    return f"VLAN{at}: Priority={value}"


def subnet(state: State, arguments: list[str]) -> str:
    """vlan subnet: a row that is no number is row 0, as the guides' own example shows"""
    if len(arguments) != 2:
        raise Usage
    at = whole_number(arguments[0], 0, state.model.vlans - 1) if arguments[0].isdigit() else 0
    value = whole_number(arguments[1], 1, state.model.lans)
    _change(state, at, lan=value)
    return f"% Vlan Group-{at} using {f'LAN{value}':<11}!\r\n{REBOOT_NOTE}"


def restart(state: State, _arguments: list[str]) -> str:
    """vlan restart: whatever stands behind it, a question mark too"""
    state.restart_vlans = True
    state.took = True
    return " VLAN restarts!!!"


def sysvid(state: State, arguments: list[str]) -> str:
    """vlan sysvid"""
    if len(arguments) != 1:
        raise Usage
    if arguments[0].lower() != "show":
        state.change(state.config["vlans"], sysvid=whole_number(arguments[0], 0, state.model.sysvid_last))
        first, last = sysvid_range(state)
        return lines(
            f" You have set system VLAN ID to range: {first} ~ {last},",
            " We recommend that you reboot the system now.",
        )
    first, last = sysvid_range(state)
    return f" The system VLAN ID is in range: {first} ~ {last}"


def submode(_state: State, arguments: list[str]) -> str:
    """vlan submode: only its state"""
    if [argument.lower() for argument in arguments] != ["status"]:
        raise Usage
    return "% vlan subnet mode : normal mode"


COMMANDS = (
    Command("vlan group", group, ("% vlan group id <set/set_ex> <ports>",)),
    Command("vlan off", turn_off),
    Command("vlan on", turn_on),
    Command("vlan pri", pri, ("% vlan pri n pri_no",)),
    Command("vlan restart", restart),
    Command("vlan status", status),
    Command("vlan subnet", subnet, ("% vlan subnet group_id <LAN>",)),
    Command("vlan submode", submode, ("% vlan submode <on|off|status>",)),
    Command("vlan sysvid", sysvid, ("% vlan sysvid <show | n>",)),
    Command("vlan tagged", tagged, (
        "% vlan tagged <n> <on/off>", "% vlan tagged <unlimited> <on/off>", "% vlan tagged <p1_untag> <on/off>")),
    Command("vlan vid", vid, ("% vlan vid n vid_no",)),
)
HELPS: dict[str, str] = {}
