"""A small made-up site with a Vigor, written by hand, and shorthand for its tables and for packets.

WAN1 198.51.100.2 to the internet; LAN1 192.168.1.1/24 for the office, LAN2 10.40.0.1/24 for the phones, LAN3
10.50.0.1/24 without a route to the others. 203.0.113.0/24 is the internet; its first half is the provider.
"""

from __future__ import annotations

import copy
from typing import Any

from tests.oracles.drayos import Packet, Unit

Row = dict[str, Any]

PROVIDER, STRANGER = "203.0.113.10", "203.0.113.200"
WAN = "198.51.100.2"
PHONE, PC, CAMERA = "10.40.0.50", "192.168.1.20", "10.50.0.20"
PROVIDER_6, PHONE_6 = "2001:db8:aaaa::10", "2001:db8:40::50"

NEVER_USED = 150  # an index that no object of the site has
BASE: Row = {
    "model": "Vigor2927", "version": "4.4.5.1", "name": "DrayTek",
    "alg": {"master": 1, "sip": 0, "udp": 1, "tcp": 0, "port": 5060},
    "ip_objects": {
        "1": {"name": "provider", "interface": 0, "type": 0, "start": "203.0.113.0", "end": "255.255.255.128"},
        "2": {"name": "phones", "interface": 0, "type": 0, "start": "10.40.0.0", "end": "255.255.255.0", "invert": 0},
        "3": {"name": "stranger", "interface": 0, "type": 1, "start": STRANGER, "end": "0.0.0.0", "invert": 0},
        "4": {"name": "range", "interface": 0, "type": 3, "start": "203.0.113.8", "end": "203.0.113.11", "invert": 0},
        "5": {"name": "not-provider", "type": 0, "start": "203.0.113.0", "end": "255.255.255.128", "invert": 1},
        "6": {"name": "any", "interface": 0, "type": 2, "start": "0.0.0.0", "end": "0.0.0.0", "invert": 0},
        "7": {"name": "mac", "interface": 0, "type": 4, "start": "0.0.0.0", "end": "0.0.0.0", "invert": 0},
        "8": {"name": "in-lan", "interface": 1, "type": 1, "start": PROVIDER, "end": "0.0.0.0", "invert": 0},
        "9": {"name": "new", "interface": 0, "type": 1, "start": "0.0.0.0", "end": "0.0.0.0", "invert": 0},
        "10": {"name": "holes", "interface": 0, "type": 0, "start": "10.0.0.0", "end": "255.0.255.0", "invert": 0},
        "11": {"name": "backward", "interface": 0, "type": 3, "start": "10.0.0.9", "end": "10.0.0.1", "invert": 0},
        "12": {"name": "in-lan-not", "interface": 1, "type": 1, "start": PROVIDER, "end": "0.0.0.0", "invert": 1},
        "13": {"name": "pbx", "interface": 0, "type": 1, "start": "192.168.1.10", "end": "0.0.0.0", "invert": 0},
    },
    "ip_groups": {
        "1": {"name": "provider", "interface": 0, "members": [1, 0, 0]},
        "2": {"name": "both", "interface": 0, "members": [1, 3]},
        "3": {"name": "empty", "interface": 0, "members": []},
        "4": {"name": "in-wan", "interface": 2, "members": [1]},
        "5": {"name": "gone", "interface": 0, "members": [3, NEVER_USED]},
    },
    "ipv6_objects": {
        "1": {"name": "provider", "type": 0, "start": "2001:db8:aaaa::", "end": "::", "prefix": 48, "invert": 0},
        "2": {"name": "one", "type": 1, "start": PHONE_6, "end": "::", "prefix": 0, "invert": 0},
        "3": {"name": "range", "type": 3, "start": "2001:db8::4", "end": "2001:db8::5", "prefix": 0, "invert": 0},
        "4": {"name": "not", "type": 1, "start": PHONE_6, "end": "::", "prefix": 0, "invert": 1},
    },
    "ipv6_groups": {"1": {"name": "provider", "members": [1, 2]}},
    "service_objects": {
        "1": {"name": "sip", "protocol": 255, "source": [0, 1, 65535], "destination": [0, 5060, 5061]},
        "2": {"name": "rtp", "protocol": 17, "source": [0, 1, 65535], "destination": [0, 10000, 20000]},
        "3": {"name": "not-sip", "protocol": 17, "source": [0, 1, 65535], "destination": [1, 5060, 5061]},
        "4": {"name": "high", "protocol": 6, "source": [0, 1, 65535], "destination": [2, 1024, 1024]},
        "5": {"name": "low", "protocol": 6, "source": [0, 1, 65535], "destination": [3, 1024, 1024]},
        "6": {"name": "from-5060", "protocol": 17, "source": [0, 5060, 5060], "destination": [0, 1, 65535]},
        "7": {"name": "icmp", "protocol": 1, "source": [0, 1, 65535], "destination": [0, 1, 65535]},
        "8": {"name": "any", "protocol": 0, "source": [0, 1, 65535], "destination": [0, 1, 65535]},
        "9": {"name": "any-80", "protocol": 0, "source": [0, 1, 65535], "destination": [0, 80, 80]},
        "10": {"name": "backward", "protocol": 6, "source": [0, 1, 65535], "destination": [0, 90, 80]},
    },
    "service_groups": {
        "1": {"name": "voice", "members": [1, 2]}, "2": {"name": "empty", "members": []},
        "3": {"name": "gone", "members": [1, 90]},
    },
    "schedules": {},
    "filter": {"call": 1, "data": 2, "default": [0, 0], "block_routing": {"v4": 1, "v6": 1}, "strict": 0,
               "fragments": 1, "transparent": 0},
    "sets": {},
    "portmaps": {}, "openports": {}, "dmz": {},
    "lans": {
        "1": {"enabled": 1, "address": "192.168.1.1", "mask": "255.255.255.0", "nat": 1, "dhcp": 1},
        "2": {"enabled": 1, "address": "10.40.0.1", "mask": "255.255.255.0", "nat": 1, "dhcp": 0},
        "3": {"enabled": 1, "address": "10.50.0.1", "mask": "255.255.255.0", "nat": 0, "dhcp": 1},
        "4": {"enabled": 0, "address": "10.60.0.1", "mask": "255.255.255.0", "nat": 1, "dhcp": 1},
    },
    "talk": [[1, 2]],
    "vlans": {"enabled": 0, "untag_p1": 1, "rows": {}},
    "dhcp_options": [],
    "qos": {"setup": {}, "classes": {}, "voip": 0},
    "management": {
        "remote": 0, "wan_login": 0, "ping": 0, "acl": {},
        "services": {"http": 0, "https": 0, "ftp": 0, "telnet": 0, "ssh": 0, "tr069": 0, "snmp": 0, "enforce_https": 0},
        "lan_access": {"enabled": 0, "services": ["HTTPS", "SSH"], "lans": [1], "objects": {}},
        "ports": {"http": 80, "https": 443, "telnet": 23, "ssh": 22, "ftp": 21},
    },
    "wans": {
        "1": {"enabled": 1, "mode": "Static IP", "address": WAN, "gateway": "198.51.100.1", "up": 1},
        "2": {"enabled": 0, "mode": "---", "address": "", "gateway": "", "up": 0},
    },
}

PASS, BLOCK, PASS_UNLESS, BLOCK_UNLESS = range(4)
OUT, IN, ACROSS, LOCAL = range(4)


def rule(action: int, direction: int = OUT, **fields: Any) -> Row:
    """A filter rule that matches everything between any interfaces, unless ``fields`` say otherwise."""
    return {
        "enabled": 1, "comment": "", "direction": direction, "in": ["all"], "out": ["all"], "source": ["any"],
        "destination": ["any"], "service": ["any"], "action": action, "log": 0, "branch": 0, "fragments": 0,
        "schedules": [0, 0, 0, 0], "clear": 0, "qos": 0, **{name.rstrip("_"): value for name, value in fields.items()},
    }


def filter_set(*rules: Row, following: int = 0) -> Row:
    """A filter set with these rules from number 1 on."""
    return {"comment": "", "next": following, "rules": {str(index): each for index, each in enumerate(rules, 1)}}


def configuration(*rules: Row, **tables: Any) -> Row:
    """The site with these rules in its start set. A mapping given by table name is laid over the table."""
    result = copy.deepcopy(BASE)
    if rules:
        result["sets"]["2"] = filter_set(*rules)
    for name, value in tables.items():
        if isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = {**result[name], **value}
        else:
            result[name] = value
    return result


def unit(*rules: Row, **tables: Any) -> Unit:
    """The same, ready to be asked."""
    return Unit(configuration(*rules, **tables))


def outbound(source: str = PHONE, destination: str = PROVIDER, port: int = 5060, **fields: Any) -> Packet:
    """A packet from the LAN of its source to the internet."""
    ingress = {PHONE: "LAN2", PC: "LAN1", CAMERA: "LAN3", PHONE_6: "LAN2"}[source]
    return Packet(**{
        "ingress": ingress, "source": source, "destination": destination, "protocol": "udp", "destination_port": port,
        **fields,
    })


def inbound(source: str = PROVIDER, destination: str = WAN, port: int = 5060, **fields: Any) -> Packet:
    """A packet from the internet to the unit."""
    return Packet(**{
        "ingress": "WAN1", "source": source, "destination": destination, "protocol": "udp", "destination_port": port,
        **fields,
    })


def redirection(port: int = 5060, private: str = "192.168.1.10", **fields: Any) -> Row:
    """A port redirection."""
    return {
        "enabled": 1, "name": "x", "protocol": "udp", "port": port, "source": [0, 0], "private": private,
        "private_port": port, "wan": "wan1", "alias": 1, **fields,
    }


def open_ports(start: int, end: int, local: str = "192.168.1.10", **fields: Any) -> Row:
    """An open ports entry with one item."""
    return {
        "enabled": 1, "comment": "x", "local": local, "wan": 1, "alias": 1, "source": [0, 0],
        "items": {"1": {"protocol": "UDP", "start": start, "end": end}}, **fields,
    }
