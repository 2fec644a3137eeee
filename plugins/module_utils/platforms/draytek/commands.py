# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only lines that are ever typed at a Vigor.

DrayOS hands a `?` to the command itself, and some commands take it for an order: on a Vigor3912S 4.4.7_RC2
`ipf default ?` set all filter rules back. So a line is made from the tables below, word by word and argument by
argument, in the one spelling that they give it, or not at all.

Sources: Vigor3912 Series User's Guide 1.01 part VIII and Vigor2927 Series User's Guide 2.2 part X, "Telnet Commands",
for words and ranges (the wider range where the models differ); live captures of that Vigor3912S for `sys mpage` and
for what a `?` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network

_LONGEST_LINE = 255
"""Characters. How long a line a unit takes is not documented, and one that is cut short is another command."""
_TOKEN = re.compile(r'"[^"]*"|[^" ]+')
_LINE = re.compile(rf"(?:{_TOKEN.pattern})(?: (?:{_TOKEN.pattern}))*")
_DANGEROUS = frozenset(
    "all clean clear default delete erase flush format halt passwd password re reboot reset restart setdefault".split()
)
"""No free text is one of these words: nobody knows which command looks for its own wherever they stand."""


class NotAllowed(ValueError):
    """A line that may not be sent. Says which word is wrong and what may stand there."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line without its end, and whether it changes what the unit keeps or does."""

    text: str
    writes: bool


def command(words: str, *arguments: str | int) -> Command:
    """The line of these words and arguments, quoted as the unit wants it. Raises `NotAllowed`."""
    return _fitted([*words.split(" "), *(one if isinstance(one, str) else str(int(one)) for one in arguments)])


@lru_cache(maxsize=4096)
def allowed(text: str) -> Command:
    """The command that a line is. Raises `NotAllowed` where it is none, or is not spelled as `command` spells it."""
    if not _LINE.fullmatch(text):
        raise NotAllowed(f"{text!r} is not allowed: words with one blank between them, quotes around whole words")
    found = _fitted([token.strip('"') for token in _TOKEN.findall(text)])
    if found.text != text:
        raise NotAllowed(f"{text!r} is not allowed: it is written {found.text!r}")
    return found


@dataclass(frozen=True, slots=True)
class _Element:
    """One word of a line: what may stand there, said and tested. `many`: it may be repeated."""

    described: str
    allows: Callable[[str], object]
    quoted: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    """A command: its words, then at least one of the options, in any order and each once."""

    elements: tuple[_Element, ...]
    options: Mapping[str, tuple[_Element, ...]]
    writes: bool


class _Stopped(Exception):
    """A line fits a form up to a word. `expected` may stand there instead."""

    def __init__(self, at: int, expected: str) -> None:
        super().__init__()
        self.at = at
        self.expected = expected


def _fitted(values: Sequence[str]) -> Command:
    stops: list[_Stopped] = []
    for form in _FORMS:
        try:
            text = " ".join(_rendered(form, values))
        except _Stopped as stopped:
            stops.append(stopped)
            continue
        if len(text) > _LONGEST_LINE:
            raise NotAllowed(f"{text!r} is not allowed: it has more than {_LONGEST_LINE} characters")
        return Command(text, form.writes)
    at = max(stop.at for stop in stops)
    expected = sorted({stop.expected for stop in stops if stop.at == at})
    found = repr(values[at]) if at < len(values) else "the end of the line"
    after = f" after {' '.join(values[:at])!r}" if at else ""
    raise NotAllowed(f"{found} is not allowed{after}: {' or '.join(expected)}")


def _rendered(form: _Form, values: Sequence[str]) -> list[str]:
    """The words of a line as they are written. Raises `_Stopped`."""
    done: list[str] = []
    for element in form.elements:
        _take(element, values, done)
    left = dict(form.options)
    while left and (len(done) < len(values) or len(left) == len(form.options)):
        option = values[len(done)] if len(done) < len(values) else ""
        if option not in left:
            raise _Stopped(len(done), " or ".join(left))
        done.append(option)
        for element in left.pop(option):
            _take(element, values, done)
    if len(done) < len(values):
        raise _Stopped(len(done), "the end of the line")
    return done


def _take(element: _Element, values: Sequence[str], done: list[str]) -> None:
    count = len(values) - len(done) if element.many else 1
    for at in range(len(done), len(done) + max(count, 1)):
        if at == len(values) or not element.allows(values[at]):
            raise _Stopped(at, element.described)
        done.append(f'"{values[at]}"' if element.quoted or not values[at] else values[at])


def _words(*words: str) -> _Element:
    return _Element(" or ".join(words), frozenset(words).__contains__)


def _number(lowest: int, highest: int) -> _Element:
    digits = re.compile("0|[1-9][0-9]{0,9}")
    return _Element(f"{lowest} to {highest}", lambda text: digits.fullmatch(text) and lowest <= int(text) <= highest)


def _pattern(described: str, pattern: str, many: bool = False) -> _Element:
    return _Element(described, re.compile(pattern).fullmatch, many=many)


def _text(described: str, longest: int, first: str = "A-Za-z0-9_") -> _Element:
    """Free text without blanks, quotes, `?` and whatever else a command line may understand; "" is none."""
    spelled = re.compile(rf"(?:[{first}][A-Za-z0-9_.:/@=+,%~-]*)?")
    return _Element(
        f"{described} of at most {longest} letters, digits and some signs",
        lambda text: len(text) <= longest and spelled.fullmatch(text) and text.lower() not in _DANGEROUS,
    )


def _list(described: str, one: _Element, separator: str = ",", quoted: bool = False) -> _Element:
    return _Element(described, lambda text: all(one.allows(part) for part in text.split(separator)), quoted)


def _phrase(described: str, *templates: str) -> _Element:
    """Words within quotes that have a grammar of their own."""
    forms = [_form(template) for template in templates]
    return _Element(described, lambda text: any(_fits(form, text.split(" ")) for form in forms), quoted=True)


def _fits(form: _Form, values: Sequence[str]) -> bool:
    try:
        _rendered(form, values)
    except _Stopped:
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        return str(IPv4Address(text)) == text
    except AddressValueError:
        return False


_MASKS = frozenset(str(IPv4Network(f"0.0.0.0/{length}").netmask) for length in range(33))
_LAN = "LAN(?:[1-9][0-9]?|100)"
_WAN = "WAN(?:[1-9]|[1-4][0-9]|5[0-2])"

_ELEMENTS: dict[str, _Element] = {
    "bit": _words("0", "1"),
    "address": _Element("a dotted IPv4 address", _is_address),
    "mask": _Element("a dotted netmask", _MASKS.__contains__),
    "name": _text("a name", 14),
    "comment": _text("a comment", 32),
    "value": _text("a text", 127, first="A-Za-z0-9_/"),
    "port": _number(0, 65535),
    "operator": _number(0, 3),
    "protocol": _number(0, 255),
    "ip-object": _number(1, 192),
    "ip-group": _number(1, 32),
    "ipv6-object": _number(1, 64),
    "ipv6-group": _number(1, 32),
    "service-object": _number(1, 96),
    "service-group": _number(1, 32),
    "schedule": _number(1, 15),
    "set": _number(1, 50),
    "rule": _number(1, 30),
    "open-port": _number(1, 260),
    "lan": _number(1, 100),
    "further-lan": _number(2, 100),
    "lan-word": _pattern("lan1 to lan100", _LAN.lower()),
    "vlan-row": _number(0, 99),
    "vlan-id": _number(0, 4095),
    "priority": _number(0, 7),
    "switch-ports": _pattern("p1 to p12, s1 to s4 or 5gs1 to 5gs4", "p(?:[1-9]|1[0-2])|(?:5g)?s[1-4]", many=True),
    "pool": _number(0, 256),
    "lease": _number(1, 259200),
    "slot": _number(1, 10),
    "class": _number(1, 3),
    "class-rule": _number(1, 99),
    "none-or-ip-object": _number(0, 192),
    "none-or-ip-group": _number(0, 32),
    "none-or-ipv6-object": _number(0, 64),
    "none-or-service-object": _number(0, 96),
    "none-or-service-group": _number(0, 32),
    "none-or-schedule": _number(0, 15),
    "none-or-set": _number(0, 50),
    "year": _number(2000, 2049),
    "month": _number(1, 12),
    "day": _number(1, 31),
    "hour": _number(0, 23),
    "minute": _number(0, 59),
    "weekdays": _pattern("Sun to Sat", "Sun|Mon|Tue|Wed|Thu|Fri|Sat", many=True),
    "interface-list": _list("interfaces", _pattern("", f"all|DMZ|RT|VPN|{_LAN}|{_WAN}")),
    "country": _number(1, 32),
    "option-place": _pattern("a, r or the number of a LAN", "a|r|[1-9][0-9]?|100"),
    "option-code": _number(0, 255),
    "option-index": _number(1, 999),
    "lan-services": _list(
        "services such as HTTPS,SSH", _words(*"FTP HTTP HTTPS ENFORCE_HTTPS TELNET TR069 SSH None All".split())
    ),
    "lan-list": _list("LANs such as LAN1,LAN2", _pattern("", f"{_LAN}|DMZ|None|All")),
    "guarded-services": _list(
        "services such as HTTPS,SSH", _words(*"FTP HTTP HTTPS TELNET TR069 SSH VPN None All".split())
    ),
    "failures": _number(1, 255),
    "seconds": _number(0, 65535),
    "dscp": _pattern("1 to 20 or ALL_AF", "[1-9]|1[0-9]|20|ALL_AF"),
    "class-service": _number(1, 30),
    "class-objects": _pattern(
        "two IP objects and two IP groups such as 3,0,0,0", "(?:0|[1-9][0-9]{0,2})(?:,(?:0|[1-9][0-9]{0,2})){3}"
    ),
    "class-hosts": _list(
        "any, an address or two with a colon", _Element("", lambda text: text == "any" or _is_address(text)), ":"
    ),
}


def _form(template: str, options: Mapping[str, str] | None = None, writes: bool = False) -> _Form:
    return _Form(_elements(template), {name: _elements(words) for name, words in (options or {}).items()}, writes)


def _elements(template: str) -> tuple[_Element, ...]:
    return tuple(_ELEMENTS[word[1:-1]] if word[0] == "<" else _words(*word.split("|")) for word in template.split())


_ELEMENTS |= {
    "ip-objects": _list("indexes of IP objects", _number(0, 192), separator=" ", quoted=True),
    "service-objects": replace(_number(0, 96), many=True),
    "date": _phrase('a date such as "2026 11 8"', "<year> <month> <day>"),
    "time": _phrase('hours and minutes such as "8 1"', "<hour> <minute>"),
    "days": _phrase('"0" for once or weekdays such as "1 Mon Wed"', "0", "1 <weekdays>"),
    "interfaces": _phrase('interfaces such as "e all" or "d LAN2,WAN1"', "e|d <interface-list>"),
    "hosts": _phrase(
        'objects such as "o 3 0" or "g 1 2", or addresses such as "u 0 192.0.2.0 255.255.255.0"',
        "o <none-or-ip-object> <none-or-ip-object>",
        "g <none-or-ip-group> <none-or-ip-group>",
        "o6 <none-or-ipv6-object> <none-or-ipv6-object> <none-or-ipv6-object>",
        "g6 <ipv6-group>",
        "c <country>",
        "u 0 <address> <mask>",
        "u 1 <address>",
        "u 2",
        "u 3 <address> <address>",
    ),
    "services": _phrase(
        'a service such as "o 3" or "g 1"',
        "o <service-object>",
        "g <service-group>",
        "u <protocol> <operator> <operator> <port> <port> <port> <port>",
    ),
    "action": _phrase('an action and its log such as "1 0"', "0|1|2|3 <bit>"),
    "queue": _phrase('a QoS class and its log such as "1 0"', "1|2|3|4 <bit>"),
    "rule-schedule": _phrase(
        'a schedule such as "i 1 3", or "c 0" or "c 1"', "i 1|2|3|4 <none-or-schedule>", "c <bit>"
    ),
}

_READS: tuple[str, ...] = (
    "sys version",
    "sys mpage disable",
    "sys sip_alg ?",
    "sys time show",
    "show status|lan|dns",
    "ipf set -v",
    "ipf set <set> -v",
    "ipf rule <set> <rule> -v",
    "object ip obj <ip-object> -v",
    "object ip grp <ip-group> -v",
    "object ipv6 obj <ipv6-object> -v",
    "object ipv6 grp <ipv6-group> -v",
    "object service obj <service-object> -v",
    "object service grp <service-group> -v",
    "object schedule view <schedule>",
    "srv nat showall ?",
    "srv nat openport <open-port> 1 -v",
    "srv dhcp option -l",
    "srv dhcp ipcnt ?",
    "vlan status",
    "vlan sysvid show",
    "msubnet status <further-lan>",
    "msubnet talk|leasetime ?",
    "mngt accesslist list",
    "mngt lanaccess|bfp -v",
    "mngt rmtcfg status",
    "qos class -V <class>",
    "exit",
)
"""`sys mpage disable` turns paging off until the next restart; nothing of the configuration changes."""

_WRITES: tuple[str, ...] = (
    "sys alg -e 0",
    "sys sip_alg -e <bit>",
    "sys commit",
    "sys reboot",
    "object ip obj <ip-object> -n <name>",
    "object ip obj <ip-object> -i 0|1|3",
    "object ip obj <ip-object> -s <bit>",
    "object ip obj <ip-object> -a 0 <address> <mask>",
    "object ip obj <ip-object> -a 1 <address>",
    "object ip obj <ip-object> -a 2",
    "object ip obj <ip-object> -a 3 <address> <address>",
    "object ip grp <ip-group> -n <name>",
    "object ip grp <ip-group> -i 0|1|2",
    "object ip grp <ip-group> -a <ip-objects>",
    "object service obj <service-object> -n <name>",
    "object service obj <service-object> -p <protocol>",
    "object service obj <service-object> -s|-d <operator> <port> <port>",
    "object service grp <service-group> -n <name>",
    "object service grp <service-group> -a <service-objects>",
    "object schedule set <schedule> -e <bit>",
    "object schedule set <schedule> -c <comment>",
    "object schedule set <schedule> -D <date>",
    "object schedule set <schedule> -T|-d <time>",
    "object schedule set <schedule> -a 0|1",
    "object schedule set <schedule> -h <days>",
    "ipf set -c|-d <none-or-set>",
    "ipf set <set> -m <comment>",
    "ipf set <set> -n <none-or-set>",
    "vlan on|off|restart",
    "vlan group <vlan-row> set|set_ex|add|add_ex <switch-ports>",
    "vlan group <vlan-row> set",
    "vlan tagged <vlan-row> on|off",
    "vlan vid <vlan-row> <vlan-id>",
    "vlan pri <vlan-row> <priority>",
    "vlan subnet <vlan-row> <lan>",
    "msubnet switch|dhcps|nat <further-lan> On|Off",
    "msubnet addr|gateway|startip <further-lan> <address>",
    "msubnet nmask <further-lan> <mask>",
    "msubnet ipcnt <further-lan> <pool>",
    "msubnet leasetime <lan> <lease>",
    "msubnet talk <lan> <lan> On|Off",
    "srv dhcp dns1|dns2 <lan-word> <address>",
    "srv dhcp option -e 1 -i <option-place> -c <option-code> -v <value>",
    "srv dhcp option -d <option-index>",
    "mngt rmtcfg enable|disable",
    "mngt rmtcfg http|https|ftp|telnet|ssh|tr069|snmp|enforce_https on|off",
    "mngt wanlogin enable|disable",
    "mngt accesslist add <slot> <ip-object>",
    "mngt accesslist add ip <slot> <ip-object>",
    "mngt accesslist remove <slot>",
    "mngt lanaccess|bfp -e <bit>",
    "mngt lanaccess -s <lan-services>",
    "mngt lanaccess -i <lan-list>",
    "mngt bfp -s <guarded-services>",
    "mngt bfp -l <failures>",
    "mngt bfp -p <seconds>",
)

_WRITES_WITH_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "ipf rule <set> <rule>": {
        "-e": "<bit>",
        "-D": "0|1|2|3",
        "-I": "<interfaces>",
        "-O": "<interfaces>",
        "-s": "<hosts>",
        "-d": "<hosts>",
        "-S": "<services>",
        "-F": "<action>",
        "-N": "<none-or-set>",
        "-q": "<queue>",
        "-f": "0|1|2|3",
        "-t": "<rule-schedule>",
        "-M": "<comment>",
    },
    "qos class -c <class>": {
        "-n": "<name>",
        "-a": "",
        "-e": "<class-rule>",
        "-d": "<class-rule>",
        "-m": "<bit>",
        "-l": "<class-hosts>",
        "-r": "<class-hosts>",
        "-L": "<class-objects>",
        "-M": "<class-objects>",
        "-p": "<dscp>",
        "-s": "<class-service>",
        "-o": "<service-object>",
        "-g": "<service-group>",
    },
}

_FORMS: tuple[_Form, ...] = (
    *(_form(template) for template in _READS),
    *(_form(template, writes=True) for template in _WRITES),
    *(_form(template, options, writes=True) for template, options in _WRITES_WITH_OPTIONS.items()),
)
