"""What stands in the answers of a Vigor that matters: by view, which values, what else they could be, and whose.

Written from what the collection says that it looks at and keeps, not from its readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.promises.base import CHANGE, ERROR, FINDING

MARK = "VOIPH-"
PHONES = "10.40.0."
Ours = Callable[[str, str], bool]
"""Whether a line (of an answer) is about something that is kept exact."""


def _never(_line: str, _answer: str) -> bool:
    return False


def _always(_line: str, _answer: str) -> bool:
    return True


def _marked(_line: str, answer: str) -> bool:
    """An object, a group, a set or a rule of ours; not what only remembers something, which is looked at once it is to
    be given back."""
    return (f"[{MARK}" in answer and f"[{MARK}w" not in answer) or f": {MARK}" in answer


@dataclass(frozen=True)
class Value:
    """One value in the lines that `pattern` matches: its only group.

    `others` are values that it can have as well, and that are not as the policy wants them. `text`: it may be anything,
    and then is another one. `empty`, `strange`: what comes of it where it is not there, or is a word that nobody knows,
    None where nothing needs to. `gone`, `again`: the same for the line as a whole.
    """

    field: str
    pattern: str
    others: tuple[str, ...] = ()
    ours: Ours = _never
    text: bool = False
    empty: str | None = ERROR
    strange: str | None = ERROR
    gone: str | None = ERROR
    again: str | None = ERROR

    def find(self, line: str) -> re.Match[str] | None:
        return re.search(self.pattern, line)


def _switch(*fields: str, word: str = "Disable|Enable", ours: Ours = _never) -> Iterator[Value]:
    for field in fields:
        yield Value(field, rf"^\W*{re.escape(field)}\s*:\s*({word})\b", (), ours)


def _text(field: str, pattern: str, ours: Ours = _never, gone: str | None = ERROR) -> Value:
    return Value(field, pattern, ("other",), ours, text=True, empty=None, strange=None, gone=gone, again=gone)


def _of_phones(line: str, _answer: str) -> bool:
    """The line of the phones' LAN in a list of LANs."""
    return PHONES in line


_LAN = r"^\[[VX]\]LAN\d+\s+"
_ADDRESS = r"\d+\.\d+\.\d+\.\d+"
_OPTION = r"^% (?:enable|disable)\s+"
_OUR_OPTION: Ours = lambda line, _answer: "provisioning.example.com" in line  # noqa: E731
_PART = r"\[\s*\d+\s*\]"
_RULE_KEPT: Ours = _marked


def _lists_ours(line: str, _answer: str) -> bool:
    """An entry of ours in the access list: the policy's network."""
    return "192.0.2.128" in line


VIEWS: Mapping[str, tuple[Value, ...]] = {
    "sys version": (
        Value("Router Model", r"Router Model: (\S+)"),
        Value("Version", r"Version: (\S+)"),
        _text("Router Name", r"Router Name: (\S+)"),
        _text("Revision", r"Revision: (.+)"),
    ),
    "show status": (Value("System Uptime", r"System Uptime:(\S+)"),),
    "sys sip_alg ?": (
        *_switch("ALG Master Switch", "Listen along UDP path", "Listen along TCP path", word=r"\w+"),
        Value("SIP ALG", r"-SIP ALG: (\w+)", ("Enabled",), _always),
        Value("Listening Port", r"Listening Port: (\d+)"),
    ),
    "show lan": (
        Value("state", r"^\[([VX])\]LAN", ("X",), _of_phones),
        Value("lan", r"^\[[VX]\](LAN\d+)"),
        Value("address", rf"{_LAN}({_ADDRESS})", ("10.41.0.1",), _of_phones),
        Value("mask", rf"{_LAN}{_ADDRESS}\s+({_ADDRESS})", ("255.255.0.0",), _of_phones),
        Value("dhcp", rf"{_LAN}{_ADDRESS}\s+{_ADDRESS}\s+([VX])", ("X",), _of_phones, empty=None),
        Value("start", rf"{_LAN}.*?[VX]\s+({_ADDRESS})", ("10.40.0.77",), _of_phones),
        Value("count", rf"{_LAN}.*?[VX]\s+{_ADDRESS}\s+(\d+)", ("17",), _of_phones),
        Value("gateway", rf"{_LAN}.*\s({_ADDRESS})$", ("10.40.0.9",), _of_phones),
    ),
    "show dns": (
        Value("lan", r"^%  (LAN\d+)"),
        Value("which", r"^%  LAN\d+  (Primary|Secondary)"),
        Value("server", r"^%  LAN\d+  \w+ DNS: \[(.*)\]", ("192.0.2.53",), lambda line, _a: "203.0.113.53" in line),
    ),
    "msubnet leasetime ?": (
        Value("lease", r"LAN1 (\d+)"),
        Value("lease of others", r"\bLAN(?!1\b|3\b)\d+ (\d+)"),
        # On small units all of them stand in one line.
        Value("lease of the phones", r"LAN3 (\d+)", ("77",), _always),
    ),
    "msubnet talk ?": (
        Value("head", r"^%\s+(LAN1 +LAN2 .*)"),
        Value("row", r"^% LAN\d+\s+(V)\s*$"),
    ),
    "vlan status": (
        Value("enabled", r"^VLAN +is (Enable|Disable)"),
        Value("head", r"^VLAN Enable (VID) +Pri"),
        Value("row", r"^ ?(\d+)\s+O(?:N|FF)\b"),
        Value("tagged", r"^ ?\d+\s+(ON|OFF)\b", ("OFF",), lambda line, _a: " 40 " in line),
        Value("vid", r"^ ?\d+\s+O(?:N|FF)\s+(\d+)", ("41",), lambda line, _a: " 40 " in line),
        Value("pri", r"^ ?\d+\s+O(?:N|FF)\s+\d+\s+(\d+)", ("0",), lambda line, _a: " 40 " in line),
        Value("ports", r"^ ?\d+\s+O(?:N|FF)\s+\d+\s+\d+\s+(V)", (" ",), lambda line, _a: " 40 " in line),
        Value("lan", r"(\d+:LAN\d+)$", ("1:LAN1",), lambda line, _a: " 40 " in line),
        Value("P1", r"untagged device in P1 .*: (ON|OFF)"),
    ),
    "vlan sysvid show": (Value("first", r"range: (\d+)"), Value("last", r"~ (\d+)")),
    "srv dhcp option -l": (
        Value("head", r"^% (state)\s+idx"),
        Value("state", r"^% (enable|disable)\s", ("disable",), _OUR_OPTION, gone=None),
        Value("index", rf"{_OPTION}(\d+)", gone=None),
        Value("interface", rf"{_OPTION}\d+\s+(LAN\d+)", ("LAN5 ",), _OUR_OPTION, strange=None, gone=None),
        Value("code", rf"{_OPTION}\d+\s+\S+(?: LAN)?\s+(\d+)", ("99",), _OUR_OPTION, gone=None),
        Value("type", rf"{_OPTION}\d+\s+\S+(?: LAN)?\s+\d+\s+([A-Z]+)", ("HEX",), _OUR_OPTION, gone=None),
        Value("data", r"(https://\S+)$", ("https://other.example.com/",), _OUR_OPTION, text=True, empty=None,
              strange=None, gone=CHANGE),
    ),
    "mngt bfp -v": (
        Value("Enable", r"^\* Enable: (\w+)", ("no",), _always),
        *(
            Value(name, rf" - {name}:\s+(\w+)", ("no",), _always)
            for name in ("FTP", "HTTP", "HTTPS", "TELNET", "TR069", "SSH")
        ),
        Value("Maximum login failures", r"failures: (\d+)", ("10",), _always),
        Value("Penalty period", r"period: (\d+)", ("1",), _always),
    ),
    "mngt lanaccess -v": (
        Value("Enable", r"^\* Enable:(\w+)", ("No",), _always),
        *(
            Value(name, rf"- {name}:(\w+)")
            for name in ("FTP", "HTTP", "HTTPS", "TELNET", "SSH", "TR069", "Enforce HTTPS")
        ),
        Value("LAN 1", r"- LAN 1: (\w+)", ("disabled",), _always),
        Value("another LAN", r"- LAN (?!1:)\d+: (\w+)", ("enabled",), lambda line, _a: "LAN 2:" in line),
        Value("DMZ", r"- DMZ: (\w+)", gone=None),
        Value("IP Routed Subnet", r"- IP Routed Subnet: (\w+)"),
    ),
    "mngt accesslist list": (
        Value("head", r"^%% (Access list)"),
        Value("ruler", r"^(=+)$"),
        Value("place", r"^\s+(\d+)\s+(?:IP Object\s+)?\d+\s", gone=None),
        Value("object", r"^\s+\d+\s+(?:IP Object\s+)?(\d+)\s", ("77",), _lists_ours, gone=None),
        Value("ours", r"^\s+\d+\s+(?:IP Object\s+)?\d+\s+(192.0.2.128.*)", empty=None, strange=None, gone=CHANGE,
              again=ERROR),
    ),
    "mngt rmtcfg status": (
        Value("master", r"^%% Remote configure function (.*)", empty=FINDING, strange=FINDING, gone=FINDING,
              again=None),
        *(
            Value(name, rf"^%% {name} server (.*)", empty=FINDING, strange=FINDING, gone=FINDING, again=None)
            for name in ("HTTP", "HTTPS", "FTP", "TELNET", "SSH", "TR069")
        ),
        Value("TELNET off", r"^%% TELNET server : (Disable)", ("Enable",), _always, empty=None, strange=None, gone=None,
              again=None),
        Value("TELNET off, in words", r"^%% TELNET server has been (disabled)", ("enabled",), _always, empty=None,
              strange=None, gone=None, again=None),
    ),
    "object ip obj": (
        Value("place", r"IP Object Profile (\d+)"),
        _text("Name", r"Name\s*:\[(.*)\]", _marked),
        Value("Interface", r"Interface:\[(.*)\]", ("Wan",), _marked),
        Value("Address type", r"Address type:\[(.*)\]", ("range",), _marked),
        Value("Start ip address", r"Start ip address:\[(.*)\]", ("192.0.2.0",), _marked),
        Value("End/Mask ip address", r"End/Mask ip address:\[(.*)\]", ("255.255.0.0",), _marked),
        Value("Invert Selection", r"Invert Selection:\[(.*)\]", ("1",), _marked),
    ),
    "object ip grp": (
        Value("place", r"IP Group Profile (\d+)"),
        _text("Name", r"Name\s*:\[(.*)\]", _marked),
        Value("Interface", r"Interface:\[(.*)\]", ("Wan",), _marked),
        Value("first", r"^ \[0:\]\[(\d+)\]", ("77",), _marked),
        Value("second", r"^ \[1:\]\[(\d+)\]", ("77",), _marked),
        Value("slot", r"^ \[(\d+):\]"),
    ),
    "object service obj": (
        Value("place", r"Service Object Profile (\d+)"),
        _text("Name", r"Name\s*:\[(.*)\]", _marked),
        Value("Protocol", r"Protocol:\[(.*)\]", ("17", "TCP/UDP"), _marked),
        Value("Source port check action", r"Source port check action:\[(.*)\]", ("!=",), _marked),
        Value("Source port range", r"Source port range:\[(.*)\]", ("1~5",), _marked),
        Value("Destination port check action", r"Destination port check action:\[(.*)\]", ("!=",), _marked),
        Value("Destination port range", r"Destination port range:\[(.*)\]", ("1~5",), _marked),
    ),
    "object service grp": (
        Value("place", r"Service Group Profile (\d+)"),
        _text("Name", r"Name\s*:\[(.*)\]", _marked),
        Value("first", r"^ \[0:\]\[(\d+)\]", ("77",), _marked),
        Value("second", r"^ \[1:\]\[(\d+)\]", ("77",), _marked),
        Value("slot", r"^ \[(\d+):\]"),
    ),
    "object schedule": (
        Value("place", r"^Index No\.(\d+)"),
        Value("enabled", r"^(\[[ v]\]) Enable Schedule"),
        _text("Comment", r"Comment (\[.*\])"),
        Value("date", rf"Start Date \(yyyy-mm-dd\)\s+({_PART})"),
        Value("month", rf"Start Date \(yyyy-mm-dd\)\s+{_PART}-({_PART})"),
        Value("time", rf"Start Time \(hh:mm\)\s+({_PART})"),
        Value("duration", rf"Duration Time \(hh:mm\)\s+({_PART})"),
    ),
    "ipf set -v": (
        Value("Data Filter", r"^Data Filter: (.*)", ("Enable (Start Filter Set = 7)", "Disable"), _always),
        Value("Call Filter", r"^Call Filter: (.*)", gone=None),
        Value("Pass or Block", r"Pass or Block\s+: (\w+)"),
    ),
    "ipf set": (
        _text("Comments", r"^Comments\s+: (.*)", _marked),
        Value("Next Filter Set", r"^Next Filter Set : (.*)", ("Set#7",), _marked),
    ),
    "ipf rule": (
        Value("place", r"^Filter Set \d+ Rule (\d+):"),
        Value("set", r"^Filter Set (\d+) Rule"),
        Value("Status", r"^Status\s+: (\w+)", ("Disable",), _RULE_KEPT),
        _text("Comments", r"^Comments: (.*)", _RULE_KEPT),
        Value("schedules", r"in Schedule Setup: (<null>)", ("3",), _RULE_KEPT),
        Value("Direction", r"^Direction\s+: (.*)", ("LAN -> LAN",), _RULE_KEPT),
        Value("Src Interface", r"^Src Interface : (?:(?:LAN|WAN)1, )?(\w+)", ("",), _RULE_KEPT, empty=None),
        Value("Dst Interface", r"^Dst Interface : (?:(?:LAN|WAN)1, )?(\w+)", ("",), _RULE_KEPT, empty=None),
        Value("Source IP", r"^Source IP\s+: (.*)", ("192.0.2.1",), _RULE_KEPT, text=True, empty=None, strange=None),
        Value("Destination IP", r"^Destination IP\s+: (.*)", ("192.0.2.1",), _RULE_KEPT, text=True, empty=None,
              strange=None),
        Value("Service Type", r"^Service Type\s+: (.*)", ("TCP",), _RULE_KEPT, text=True, empty=None, strange=None),
        Value("Fragments", r"^Fragments\s+: (.*)", ("Too Short",), _RULE_KEPT),
        Value("Pass or Block", r"^Pass or Block\s+: (.*)", ("Block if no further match",), _RULE_KEPT),
        Value("Branch to Other Filter Set", r"^Branch to Other Filter Set : (.*)", ("Set#7",), _RULE_KEPT),
        Value("Qos Class", r"^Qos Class\s+: (.*)", ("Class 1",), _RULE_KEPT, text=True, empty=None, strange=None),
        Value("Log", r"^Log\s+: (\w+)", (), _RULE_KEPT),
    ),
    "srv nat showall ?": (
        Value("head", r"^Index   (Proto) "),
        Value("index", r"^([RO]\d+)", gone=None, again=None),
        Value("outside", rf"^[RO]\d+\s+\S+\s+({_ADDRESS}:\S+)", gone=None, again=None),
        Value("inside", rf"\s({_ADDRESS}:\S+)\s+[YN]$", gone=None, again=None),
        Value("active", r"\s([YN])$", gone=None, again=None),
        Value("foot", r"^(R:Port Redirection.*)"),
    ),
}
"""The values of every view, by the words that a line begins with: the longest beginning counts."""

ANOTHER_WAY: Mapping[str, tuple[str, str]] = {"Enable": ("Disable", "Disable"), "Disable": ("Enable", "Enable")}


def kind_of(line: str) -> str:
    """The view that a line asks for; "" for one of which nothing is looked at."""
    found = [kind for kind in VIEWS if line == kind or line.startswith(f"{kind} ")]
    return max(found, key=len) if found else ""


def representatives(reads: Mapping[str, str]) -> Sequence[str]:
    """The lines whose answers stand for all: of each view one of ours, of somebody else's, and one that nobody uses."""
    chosen: dict[tuple[str, str], str] = {}
    for line, answer in reads.items():
        kind = kind_of(line)
        if kind:
            whose = "ours" if MARK in answer else "free" if "[]" in answer or "<null>\r\nIndex" in answer else "others"
            if f"{MARK}w" in answer:
                whose = "remembers"
            action = "block" if "Block Immediately" in answer else ""
            chosen.setdefault((kind, whose + action), line)
    return list(chosen.values())
