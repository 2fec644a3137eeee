"""The rules that pfSense makes of a configuration, as far as the questions asked of them go.

Source: master at 6a92af1458, src/etc/inc/filter.inc (filter_configure_sync and what it calls). The text is what pf is
given: aliases as tables and macros, NAT, the vendor's own rules, then the user's rules, with the comment that stands in
place of each rule that is left out. Left out of this device: scrubbing, gateway groups, reflection, limiters,
schedules.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from .configxml import Tree
from .interfaces import Link, is_v4, is_v6, rule_interfaces
from .kernel import Kernel, Reads
from .tree import enabled, entries, fields, get_path

ALIAS_FILES = "/var/db/aliastables"
RESERVED = frozenset(
    """
bogons bogonsv6 sshguard snort2c virusprot vpn_networks negate_networks tonatsubnets _loopback4_ _loopback6_
_loopback46_ _linklocal4_ _linklocal6_ _linklocal46_ _private4_ _private6_ _private46_ _multicast4_ _multicast6_
_multicast46_ _reserved4_ _reserved6_ _reserved46_
""".split()
)
"""Aliases of the system, which releases from 2.8.0 on know by name in rules."""
WITH_PORTS = frozenset(("tcp", "udp", "tcp/udp", "sctp"))
PRIORITIES = {"bk": 0, "be": 1, "ee": 2, "ca": 3, "vi": 4, "vo": 5, "ic": 6, "nc": 7}
TUNNELS = ("openvpn", "enc0", "l2tp", "pppoe")
LABEL_LENGTH = 63
_PORT = re.compile(r"\d+([-:]\d+)?")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_OPT_NETWORK = re.compile(r"opt\d+$")
_OPT_ADDRESS = re.compile(r"(opt\d+)ip")
# The vendor's own rules that are always there, by the number that each gets from a counter starting at 1000000000.
DEFAULT_TRACKER = 1_000_000_000
ANTILOCKOUT_TRACKER = 10_000


@dataclass
class Ruleset:
    """What one run makes: the text of rules.debug, and the host names that filterdns is to resolve, by alias."""

    text: str
    names: dict[str, list[str]] = field(default_factory=dict)


class Generator:
    """One run of the rule generator."""

    def __init__(
        self, config: Tree, kernel: Kernel, reads: Reads, *, reserved: bool, known: Collection[str] | None = None
    ) -> None:
        self.config = config
        self.links = rule_interfaces(config, kernel)
        self.reads = reads
        self.reserved = RESERVED if reserved else frozenset[str]()
        self.aliases: dict[str, Tree] = {
            entry["name"]: entry
            for entry in entries(config, "aliases/alias")
            if isinstance(entry, dict) and entry.get("name")
        }
        self.known = known
        self.names: dict[str, list[str]] = {}
        self.groups = {
            entry["ifname"]: str(entry.get("members", "")).split()
            for entry in entries(config, "ifgroups/ifgroupentry")
            if entry.get("ifname")
        }

    def run(self) -> Ruleset:
        """The rules of the configuration."""
        lines = [
            *self.tables(),
            "",
            *self.interface_macros(),
            "",
            *self.queues(),
            "",
            *self.nat(),
            "",
            *self.own_rules(),
            "",
            "# User-defined rules follow",
            'anchor "userrules/*"',
            *self.user_rules(),
            *self.package_rules(),
            "",
        ]
        return Ruleset("\n".join(lines), self.names)

    # --- aliases ---------------------------------------------------------------------------------------------------

    def expands(self, name: str) -> str:
        """alias_expand: what stands for a name or a literal in a rule, "" for what cannot be resolved."""
        if name in self.reserved:
            return f"<{name}>"
        alias = self.aliases.get(name) if self.known is None or name in self.known else None
        if alias is None or alias.get("address") is None:
            return name if _literal(name) else ""
        if name.isdigit():
            return ""
        if alias.get("type") in ("url", "url_ports", "urltable", "urltable_ports"):
            filled = self.reads(f"{ALIAS_FILES}/{name}.txt").strip()
            if not (alias.get("url") and filled) and not isinstance(alias.get("aliasurl"), list):
                return ""
        return f"${name}"

    def members(self, name: str, seen: set[str]) -> tuple[list[str], list[str]]:
        """The literals and the host names of an alias and of the aliases in it."""
        seen.add(name)
        alias = self.aliases[name]
        if alias.get("type") in ("urltable", "urltable_ports"):
            return self.reads(f"{ALIAS_FILES}/{name}.txt").split(), []
        literals: list[str] = []
        names: list[str] = []
        for text in str(alias.get("address") or "").split():
            if text in self.aliases:
                if text not in seen:
                    inner = self.members(text, seen)
                    literals += inner[0]
                    names += inner[1]
            elif _literal(text):
                literals.append(text)
            elif _HOST.fullmatch(text):
                names.append(text)
        return list(dict.fromkeys(literals)), list(dict.fromkeys(names))

    def tables(self) -> list[str]:
        """Aliases as tables and macros. One host name in an alias leaves the table to filterdns, literals and all."""
        lines = [
            "table <sshguard> persist",
            "table <virusprot>",
            "table <snort2c>",
            'table <bogons> persist file "/etc/bogons"',
        ]
        for name, alias in self.aliases.items():
            kind = alias.get("type")
            literals, names = self.members(name, set())
            if kind in ("port", "url_ports", "urltable_ports"):
                lines.append(f'{name} = "{{ {" ".join(literals)} }}"')
                continue
            if kind == "urltable":
                if not self.expands(name):
                    continue
                lines.append(f'table <{name}> persist file "{ALIAS_FILES}/{name}.txt"')
            elif names:
                self.names[name] = literals + names
                lines.append(f"table <{name}> persist")
            else:
                lines.append(f"table <{name}> {{ {' '.join(literals)} }}" if literals else f"table <{name}> persist")
            lines.append(f'{name} = "<{name}>"')
        return lines

    # --- interfaces and queues -------------------------------------------------------------------------------------

    def interface_macros(self) -> list[str]:
        """A macro for each interface, and a table of its networks where it has any; a group has its members'."""
        lines = ['loopback = "{ lo0 }"']
        for name, link in self.links.items():
            lines.append(f'{link.macro} = "{{ {link.device} }}"')
            members = [self.links[member] for member in self.groups.get(name, ()) if member in self.links] or [link]
            networks = [_network(*pair) for member in members for pair in _pairs(member) if pair[0]]
            if networks:
                table = f"{name.upper()}__NETWORK"
                lines += [f"table <{table}> {{ {' '.join(networks)} }}", f'{table} = "<{table}>"']
        return lines

    def queues(self) -> list[str]:
        """ALTQ: a queue is known to pf when its interface is there and it is switched on."""
        lines = []
        for root in entries(self.config, "shaper/queue"):
            link = self.links.get(str(root.get("interface", "")))
            if link is None or root.get("enabled") != "on":
                continue
            names = [child["name"] for child in root.get("queue", []) if child.get("enabled") == "on"]
            lines.append(
                f"altq on {link.device} {str(root.get('scheduler', '')).lower()} queue {{ {', '.join(names)} }}"
            )
            lines += [f"queue {name} on {link.device}" for name in names]
        return lines

    # --- NAT -------------------------------------------------------------------------------------------------------

    def nat(self) -> list[str]:
        """Outbound translation, then port forwards."""
        mode = get_path(self.config, "nat/outbound/mode", "automatic")
        lines = []
        if mode in ("hybrid", "advanced"):
            lines += [line for rule in entries(self.config, "nat/outbound/rule") for line in self.outbound(rule)]
        if mode in ("automatic", "hybrid"):
            inside = [
                _network(link.addresses.ipv4, link.addresses.bits4)
                for link in self.links.values()
                if link.addresses.ipv4 and not link.gateway
            ]
            for link in self.links.values():
                if link.gateway and link.addresses.ipv4 and inside:
                    lines.append(
                        f"nat on ${link.macro} inet from {{ {' '.join(inside)} }} to any -> {link.addresses.ipv4}/32"
                        " port 1024:65535"
                    )
        return [*lines, *(line for rule in entries(self.config, "nat/rule") for line in self.forward(rule))]

    def outbound(self, rule: Tree) -> list[str]:
        """One rule of outbound NAT, or the comment in its place."""
        link = self.links.get(str(rule.get("interface", "")))
        if "disabled" in rule or link is None:
            return []
        descr = rule.get("descr", "")
        source = str(get_path(rule, "source/network", ""))
        destination = (
            "any"
            if enabled(rule, "destination/any")
            else str(get_path(rule, "destination/network") or get_path(rule, "destination/address", ""))
        )
        for side, name in (("source", source), ("destination", destination)):
            if name not in ("any", "(self)") and name not in self.links and not self.expands(name):
                return [f"# Unresolvable {side} alias '{name}' for rule '{descr}'"]
        protocol = f" proto {rule['protocol']}" if rule.get("protocol") not in (None, "", "any") else ""
        verb = "no nat" if "nonat" in rule else "nat"
        ports = " static-port" if "staticnatport" in rule else " port 1024:65535"
        target = rule.get("target") or link.addresses.ipv4
        arrow = "" if "nonat" in rule else f" -> {self.expands(str(target)) or target}{ports}"
        return [
            f"{verb} on ${link.macro} inet{protocol} from {self._nat_side(source)} to {self._nat_side(destination)}"
            f"{arrow}"
        ]

    def _nat_side(self, name: str) -> str:
        if name in self.links:
            return f"${name.upper()}__NETWORK"
        return name if name in ("any", "(self)") else self.expands(name)

    def forward(self, rule: Tree) -> list[str]:
        """One port forward, or the comment in its place."""
        link = self.links.get(str(rule.get("interface", "")))
        if "disabled" in rule or link is None:
            return []
        target = self.expands(str(rule.get("target", "")))
        if not target and "nordr" not in rule:
            return [f"# Unresolvable alias {rule.get('target', '')}"]
        sides = {
            side: self.side({**rule, "ipprotocol": rule.get("ipprotocol") or "inet"}, side)
            for side in ("source", "destination")
        }
        if not all(sides.values()):
            return []
        protocol = "{ tcp udp }" if rule.get("protocol") == "tcp/udp" else rule.get("protocol", "tcp")
        local = str(rule.get("local-port") or "")
        same = local == str(get_path(rule, "destination/port", "")).replace("-", ":").partition(":")[0]
        port = f" port {self.expands(local)}" if local and not same else ""
        how = " pass" if rule.get("associated-rule-id") == "pass" else ""
        way = f"from {sides['source']} to {sides['destination']} -> {target}{port}"
        return [f"rdr{how} on {link.device} inet proto {protocol} {way}"]

    # --- rules -----------------------------------------------------------------------------------------------------

    def own_rules(self) -> list[str]:
        """The vendor's own rules, as far as somebody may look for them: default deny, sshguard, anti-lockout."""
        number = DEFAULT_TRACKER
        lines = []
        for text in (
            'block in log quick from 169.254.0.0/16 to any{} label "Block IPv4 link-local"',
            'block in log inet all{} label "Default deny rule IPv4"',
            'block out log inet all{} label "Default deny rule IPv4"',
            'block in log inet6 all{} label "Default deny rule IPv6"',
            'block out log inet6 all{} label "Default deny rule IPv6"',
            'block in log quick proto tcp from <sshguard> to (self) port 22{} label "sshguard"',
            'pass out inet all keep state allow-opts{} label "let out anything IPv4 from firewall host itself"',
        ):
            number += 1
            lines.append(text.format(f" ridentifier {number}"))
        lines.append(
            'block in log quick from <virusprot> to any ridentifier 1000000400 label "virusprot overload table"'
        )
        if not enabled(self.config, "system/webgui/noantilockout"):
            name = "lan" if "lan" in fields(self.config, "interfaces") else "wan"
            if name in self.links:
                link = self.links[name]
                lines.append(
                    f"pass in quick on {link.device} proto tcp from any to ({link.device}) port {{ 443 80 22 }}"
                    f' ridentifier {ANTILOCKOUT_TRACKER + 1} keep state label "anti-lockout rule"'
                )
        return lines

    def user_rules(self) -> list[str]:
        """The user's rules: floating ones first, then those of groups and tunnels, then those of interfaces."""
        ranked: tuple[list[str], list[str], list[str]] = ([], [], [])
        for rule in entries(self.config, "filter/rule"):
            if not isinstance(rule, dict) or "disabled" in rule or "separator" in rule:
                continue
            interface = rule.get("interface", "")
            rank = 0 if "floating" in rule else 1 if interface in self.groups or interface in TUNNELS else 2
            families = ("inet", "inet6") if rule.get("ipprotocol") == "inet46" else (rule.get("ipprotocol", ""),)
            for family in families:
                line = self.rule({**rule, "ipprotocol": family}).strip()
                descr = rule.get("descr") or ""
                label = _label(f"USER_RULE: {descr}" if descr else "USER_RULE")
                number = rule.get("tracker")
                identified = f'label "id:{number}"' if number and not line.startswith("#") else ""
                ranked[rank].append(" ".join(filter(None, (line, label, identified))))
        return [line for lines in ranked for line in lines]

    def rule(self, rule: Tree) -> str:
        """filter_generate_user_rule: one rule, or the comment that stands in its place."""
        descr = rule.get("descr", "")
        where = self._where(rule)
        if where.startswith("#"):
            return where
        for side in ("source", "destination"):
            name = get_path(rule, f"{side}/address", "")
            if name and not self.expands(name):
                return f"# Unresolvable {side} alias '{name}' for rule '{descr}'"
        protocol = str(rule.get("protocol") or "").lower()
        for side in ("source", "destination"):
            name = get_path(rule, f"{side}/port", "")
            if name and protocol in WITH_PORTS and not _PORT.fullmatch(name):
                if not self.expands(name):
                    return f"# Unresolvable {side} port alias '{name}' for rule '{descr}'"
                if name in self.aliases and not self.members(name, set())[0]:
                    return f"# Empty {side} port alias '{name}' for rule '{descr}'"
        sides = {}
        for side in ("source", "destination"):
            sides[side] = self.side(rule, side)
            if not sides[side]:
                return f"# {side} address is empty. "
        return self._line(rule, where, protocol, sides)

    def _where(self, rule: Tree) -> str:
        interface = rule.get("interface", "")
        if "floating" in rule:
            if interface in ("", "any"):
                return ""
            devices = [self.links[name].device for name in interface.split(",") if name in self.links]
            if not devices:
                return f"# rule {rule.get('descr', '')} has no enabled interfaces"
            return f" on {{ {' '.join(devices)} }}"
        if interface not in self.links:
            known = "".join(f"{link.macro} " for link in self.links.values())
            return f'# array key "{interface}" does not exist for "{rule.get("descr", "")}" in array: {{{known}}}'
        return f" on ${self.links[interface].macro}"

    def _line(self, rule: Tree, where: str, protocol: str, sides: dict[str, str]) -> str:
        kind = rule.get("type")
        action = {"block": "block", "reject": "block return", "match": "match"}.get(str(kind), "pass")
        direction = str(rule.get("direction", "in")) if rule.get("floating") == "yes" else "in"
        words: list[Any] = [
            action,
            "" if direction == "any" else direction,
            "log" if "log" in rule else "",
            "quick" if "floating" not in rule or "quick" in rule else "",
            where.strip(),
            "inet6" if rule["ipprotocol"] == "inet6" else "inet",
        ]
        if protocol:
            words.append(_protocol(protocol, rule["ipprotocol"]))
        elif get_path(rule, "source/port", "") or get_path(rule, "destination/port", ""):
            words.append("proto tcp")
        words += [f"from {sides['source']}", f"to {sides['destination']}"]
        if kinds := _icmp_types(rule, protocol):
            words.append(kinds)
        if rule.get("tag"):
            words.append(f'tag "{rule["tag"]}"')
        if rule.get("dscp"):
            words.append(f"tos {rule['dscp']}")
        if rule.get("tracker"):
            words.append(f"ridentifier {rule['tracker']}")
        if rule.get("vlanprioset") in PRIORITIES:
            words.append(f"set prio {PRIORITIES[rule['vlanprioset']]}")
        if protocol == "tcp":
            words.append("flags any" if "tcpflags_any" in rule else "flags S/SA")
        if action == "pass":
            words += _state(rule, protocol)
        if rule.get("defaultqueue"):
            words.append(f"queue ({','.join(filter(None, (rule['defaultqueue'], rule.get('ackqueue'))))})")
        return " ".join(filter(None, words))

    def side(self, rule: Tree, side: str) -> str:
        """filter_generate_address with its port: "" where the interface has no address of the family."""
        spec = rule.get(side)
        if not isinstance(spec, dict):
            return ""
        refused = "not" in spec
        six = rule["ipprotocol"] == "inet6"
        if "any" in spec:
            text = "any"
        elif spec.get("network"):
            text = self._network(str(spec["network"]), six=six, refused=refused)
        elif spec.get("address"):
            text = ("! " if refused else "") + self.expands(str(spec["address"]))
        else:
            text = ""
        return f"{text}{self._port(rule, spec)}" if text else ""

    def _network(self, name: str, *, six: bool, refused: bool) -> str:
        valid = is_v6 if six else is_v4
        sign = "! " if refused else ""
        if name in self.groups:
            # Of a group whose members have no addresses the table is missing, and pf refuses the rules.
            return f"{sign}${name.upper()}__NETWORK"
        if name == "(self)":
            return f"{sign}(self)"
        address_of = _OPT_ADDRESS.match(name) or re.match(r"(wan|lan)ip$", name)
        link = self.links.get(address_of[1] if address_of else name)
        if link is None or not (address_of or name in ("wan", "lan") or _OPT_NETWORK.match(name)):
            return ""
        own = link.addresses.ipv6 if six else link.addresses.ipv4
        if not valid(own):
            return ""
        if address_of:
            return f"{sign}{own}"
        if six and name in ("wan", "lan"):
            return f"{sign}{_network(own, link.addresses.bits6)}"
        return f"{sign}${name.upper()}__NETWORK"

    def _port(self, rule: Tree, spec: Tree) -> str:
        port = str(spec.get("port") or "")
        if not port or str(rule.get("protocol") or "").lower() not in WITH_PORTS:
            return ""
        first, _dash, last = port.partition("-")
        expanded = self.expands(first)
        if not expanded:
            return ""
        if not last or first == last:
            return f" port {expanded}"
        if (first, last) == ("1", "65535"):
            return ""
        if last == "65535":
            return f" port >= {expanded}"
        if first == "1":
            return f" port <= {last}"
        return f" port {int(first) - 1} >< {int(last) + 1}"

    # --- packages --------------------------------------------------------------------------------------------------

    def package_rules(self) -> list[str]:
        """siproxd takes every SIP packet of its interface for itself (pfSense-pkg-siproxd, siproxd.inc)."""
        if not siproxd_on(self.config):
            return []
        settings = entries(self.config, "installedpackages/siproxdsettings/config")[0]
        link = self.links.get(str(settings.get("if_inbound", "")))
        if link is None:
            return []
        device = link.device
        return [
            f"rdr on {device} proto udp from any to !({device}) port 5060 -> 127.0.0.1",
            f'pass in quick on {device} inet proto udp from any to (self) port 5060 keep state label "siproxd"',
        ]


def siproxd_on(config: Tree) -> bool:
    """Whether the siproxd package is installed and switched on."""
    installed = any(entry.get("name") == "siproxd" for entry in entries(config, "installedpackages/package"))
    return installed and get_path(config, "installedpackages/siproxdsettings/config/0/sipenable") == "on"


def _label(text: str) -> str:
    text = text.replace('"', "")
    return f'label "{text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 3] + "..."}"'


def _literal(text: str) -> bool:
    if _PORT.fullmatch(text):
        return True
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _icmp_types(rule: Tree, protocol: str) -> str:
    types = str(rule.get("icmptype") or "any")
    if protocol != "icmp" or types == "any":
        return ""
    shown = f"{{ {types} }}" if "," in types else types
    return f"{'icmp6-type' if rule['ipprotocol'] == 'inet6' else 'icmp-type'} {shown}"


def _pairs(link: Link) -> tuple[tuple[str, int], tuple[str, int]]:
    own = link.addresses
    return (own.ipv4, own.bits4), (own.ipv6, own.bits6)


def _network(address: str, bits: int) -> str:
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def _protocol(name: str, family: str) -> str:
    if name == "any":
        return ""
    if name == "icmp" and family == "inet6":
        return "proto ipv6-icmp"
    return "proto { tcp udp }" if name == "tcp/udp" else f"proto {name}"


TIMEOUTS = {
    "": ("tcp.established", "udp.multiple", "other.multiple"),
    "tcp/udp": ("tcp.established", "udp.multiple"),
    "tcp": ("tcp.established",),
    "sctp": ("tcp.established",),
    "udp": ("udp.multiple",),
}
"""The timeouts that `statetimeout` of a rule sets, by its protocol; others have `other.multiple`."""


def _state(rule: Tree, protocol: str) -> list[str]:
    kind = rule.get("statetype")
    if kind == "none":
        return ["no state"]
    words = ["keep state"] if kind != "synproxy state" else ["synproxy state"] if protocol == "tcp" else []
    options = []
    if "nopfsync" in rule:
        options.append("no-sync")
    if rule.get("statepolicy"):
        options.append(rule["statepolicy"])
    if rule.get("statetype") == "sloppy state":
        options.append("sloppy")
    if rule.get("statetimeout"):
        options += [f"{name} {rule['statetimeout']}" for name in TIMEOUTS.get(protocol, ("other.multiple",))]
    return [*words, f"({' '.join(options)})"] if options else words
