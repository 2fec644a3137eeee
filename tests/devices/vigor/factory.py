"""Configurations to start from, and what an entry is before anybody touched it.

Tables hold only what differs from factory, so a view and a write both begin with the entries of this file.
"""

from __future__ import annotations

import copy
import ipaddress
from typing import Any

from .models import Model, model_named

Entry = dict[str, Any]

RULE: Entry = {
    "enabled": 0, "comment": "", "direction": 0, "in": ["all"], "out": ["all"], "source": ["any"],
    "destination": ["any"], "service": ["any"], "action": 0, "log": 0, "branch": 0, "fragments": 0,
    "schedules": [0, 0, 0, 0], "clear": 0, "qos": 0,
}
SET: Entry = {"comment": "", "next": 0, "rules": {}}
IP_GROUP: Entry = {"name": "", "interface": 0, "members": []}
IPV6_OBJECT: Entry = {"name": "", "type": 3, "start": "::", "end": "::", "prefix": 0, "invert": 0}
IPV6_GROUP: Entry = {"name": "", "members": []}
SERVICE_OBJECT: Entry = {"name": "", "protocol": 0, "source": [0, 1, 65535], "destination": [0, 1, 65535]}
SERVICE_GROUP: Entry = {"name": "", "members": []}
SCHEDULE: Entry = {
    "enabled": 0, "comment": "", "start": "2000-01-01 00:00", "minutes": 0, "action": 0, "days": [],
}
OPENPORT: Entry = {
    "enabled": 0, "comment": "", "local": "0.0.0.0", "wan": 1, "alias": 1, "source": [0, 0], "items": {},
}
OPENPORT_ITEM: Entry = {"protocol": "---", "start": 0, "end": 0}
DMZ: Entry = {"enabled": 0, "private": "0.0.0.0"}
VLAN: Entry = {"tagged": 0, "vid": 0, "pri": 0, "ports": [], "lan": 1}
WAN: Entry = {"enabled": 0, "mode": "---", "address": "0.0.0.0", "gateway": "0.0.0.0", "up": 0}
QOS_SETUP: Entry = {"mode": 0, "in": 0, "out": 0, "ratios": {}}
QOS_CLASS: Entry = {"name": "", "rules": []}
FILTER: Entry = {
    "call": 1, "data": 2, "default": [0, 0], "block_routing": {"v4": 1, "v6": 1}, "strict": 0, "fragments": 1,
    "transparent": 0,
}
SETS: Entry = {
    "1": {"comment": "Default Call Filter", "next": 0, "rules": {}},
    "2": {"comment": "Default Data Filter", "next": 0, "rules": {}},
}
REMOTE_SERVICES = ("http", "https", "ftp", "telnet", "ssh", "tr069", "snmp", "enforce_https")
ACCESS_SERVICES = ("FTP", "HTTP", "HTTPS", "TELNET", "SSH", "TR069")
VERSIONS = {"2927": "4.4.5.1", "3912": "4.3.5.1"}


def ip_object(kind: int) -> Entry:
    """An IP object never used; which address type it has, no source says."""
    return {"name": "", "interface": 0, "type": kind, "start": "0.0.0.0", "end": "0.0.0.0", "invert": 0}


def lan(number: int) -> Entry:
    """A LAN as delivered: LAN1 on, the others prepared and off."""
    first = number == 1
    # Vigor3912 User's Guide: LAN100 has 192.168.101.1, because a router's own 192.168.100.1 is left out.
    third = number if number < 100 else number + 1
    return {
        "enabled": int(first), "address": f"192.168.{third}.1", "mask": "255.255.255.0", "nat": 1, "dhcp": 1,
        "start": f"192.168.{third}.10", "count": 150 if first else 100, "gateway": f"192.168.{third}.1",
        "lease": 86400 if first else 259200, "dns1": "", "dns2": "", "mtu": 1500,
    }


def blank(model: Model) -> Entry:
    """A configuration with every table, all of them as delivered but without any address."""
    return {
        "model": model.name,
        "version": VERSIONS[model.family],
        "name": "DrayTek",
        "alg": {"master": 0, "sip": 0, "udp": 1, "tcp": 0, "port": 5060},
        "ip_objects": {}, "ip_groups": {}, "ipv6_objects": {}, "ipv6_groups": {}, "service_objects": {},
        "service_groups": {}, "schedules": {},
        "filter": copy.deepcopy(FILTER),
        "sets": copy.deepcopy(SETS),
        "portmaps": {}, "openports": {}, "dmz": {}, "lans": {}, "talk": [],
        "vlans": {"enabled": 0, "untag_p1": 1, "rows": {}},
        "dhcp_options": [],
        "qos": {"setup": {}, "classes": {}, "voip": 0},
        "management": {
            "remote": 0, "wan_login": 0, "services": dict.fromkeys(REMOTE_SERVICES, 0), "ping": 0, "acl": {},
            "lan_access": {
                "enabled": 0, "services": list(ACCESS_SERVICES), "lans": list(range(1, model.access_lans + 1)),
                "objects": {},
            },
            "bfp": {"enabled": 0, "services": [], "failures": 5, "penalty": 300},
            "ports": {"http": 80, "https": 443, "telnet": 23, "ssh": 22, "ftp": 21},
            "ssh_timeout": 300, "telnet_timeout": 300,
        },
        "wans": {},
        "accounts": {"admin": "admin"},
    }


def complete(config: Entry) -> Entry:
    """A copy of a configuration in which every table is there; what it does not say is as delivered."""
    model = model_named(config["model"])
    return _over(blank(model), copy.deepcopy(config), top=True)


def _over(default: Entry, given: Entry, top: bool = False) -> Entry:
    # Tables are taken whole; groups of settings are filled up field by field.
    filled = {"alg", "filter", "block_routing", "vlans", "qos", "management", "lan_access", "bfp", "ports", "services"}
    merged = {**default, **given}
    for key, value in default.items():
        if key in given and isinstance(value, dict) and key in filled:
            merged[key] = _over(value, given[key])
    if top:
        merged["lans"] = {number: {**lan(int(number)), **entry} for number, entry in merged["lans"].items()}
    return merged


def factory_config(
    model: str = "Vigor2927", version: str = "", lan_ip: str = "192.168.1.1", *, name: str = "DrayTek",
    wans: int = 1,
) -> Entry:
    """A unit as delivered, with ``wans`` connected lines and its first LAN at ``lan_ip``/24."""
    config = blank(model_named(model))
    config["version"] = version or config["version"]
    config["name"] = name
    config["wans"] = {
        str(number): {
            "enabled": 1, "mode": "Static IP", "address": f"203.0.113.{2 + 8 * (number - 1)}",
            "gateway": f"203.0.113.{1 + 8 * (number - 1)}", "up": 1,
        }
        for number in range(1, wans + 1)
    }
    if lan_ip != lan(1)["address"]:
        network = ipaddress.IPv4Network(f"{lan_ip}/24", strict=False)
        config["lans"]["1"] = {
            **lan(1), "address": lan_ip, "gateway": lan_ip, "start": str(network.network_address + 10),
        }
    return config


def lived_in_config(
    model: str = "Vigor2927", version: str = "", lan_ip: str = "192.168.1.1", *, name: str = "branch-gw",
    wans: int = 2,
) -> Entry:
    """A unit that a site has used for years: things of others everywhere, and voice left open."""
    config = factory_config(model, version, lan_ip, name=name, wans=wans)
    network = ipaddress.IPv4Network(f"{lan_ip}/24", strict=False)
    host = [str(network.network_address + offset) for offset in range(256)]
    config["alg"] = {"master": 1, "sip": 1, "udp": 1, "tcp": 1, "port": 5060}
    config["ip_objects"] = {
        "1": {"name": "marketing", "interface": 1, "type": 1, "start": host[45], "end": "0.0.0.0", "invert": 0},
        "2": {"name": "HQ", "interface": 3, "type": 0, "start": "198.51.100.0", "end": "255.255.255.128", "invert": 0},
        "3": {"name": "printers", "interface": 0, "type": 3, "start": host[200], "end": host[209], "invert": 0},
        "5": {"name": "it-office", "interface": 3, "type": 1, "start": "198.51.100.9", "end": "0.0.0.0", "invert": 0},
        "17": {"name": "not-guests", "interface": 0, "type": 0, "start": "192.168.2.0", "end": "255.255.255.0",
               "invert": 1},
    }
    config["ip_groups"] = {
        "1": {"name": "branch", "interface": 0, "members": [1, 3]},
        "2": {"name": "trusted", "interface": 0, "members": [2, 5]},
    }
    config["ipv6_objects"] = {
        "3": {"name": "v6-hq", "type": 3, "start": "2001:db8::4", "end": "2001:db8::5", "prefix": 0, "invert": 0},
    }
    config["ipv6_groups"] = {"1": {"name": "v6-trusted", "members": [3]}}
    config["service_objects"] = {
        "1": {"name": "limit", "protocol": 255, "source": [1, 120, 240], "destination": [1, 200, 220]},
        "2": {"name": "SMB", "protocol": 6, "source": [0, 1, 65535], "destination": [0, 445, 445]},
        "4": {"name": "SIP-old", "protocol": 17, "source": [0, 1, 65535], "destination": [0, 5060, 5061]},
    }
    config["service_groups"] = {"1": {"name": "Grope_1", "members": [1, 2]}}
    config["schedules"] = {
        "1": {"enabled": 1, "comment": "Working", "start": "2025-11-03 08:00", "minutes": 600, "action": 0,
              "days": ["Mon", "Tue", "Wed", "Thu", "Fri"]},
    }
    config["sets"] = {
        "1": {"comment": "Default Call Filter", "next": 0, "rules": {
            "1": {**RULE, "enabled": 1, "comment": "Block NetBios", "service": ["u", 255, 0, 0, 137, 1, 139, 65535],
                  "action": 1},
        }},
        "2": {"comment": "Default Data Filter", "next": 5, "rules": {
            "1": {**RULE, "enabled": 1, "comment": "no SMB out", "service": ["o", 2], "action": 1, "log": 1},
            "2": {**RULE, "enabled": 1, "comment": "guests", "direction": 2, "in": ["LAN2"], "out": ["LAN1"],
                  "action": 3},
            "4": {**RULE, "comment": "old phones", "source": ["g", 1, 0], "service": ["o", 4]},
        }},
        "5": {"comment": "office", "next": 0, "rules": {
            "1": {**RULE, "enabled": 1, "comment": "working hours", "source": ["o", 1, 0],
                  "schedules": [1, 0, 0, 0], "action": 2},
            "2": {**RULE, "enabled": 1, "comment": "HQ in", "direction": 1, "in": ["WAN1"],
                  "source": ["o", 2, 5], "destination": ["u", 0, host[0], "255.255.255.0"]},
        }},
    }
    config["filter"] = {**FILTER, "block_routing": {"v4": 1, "v6": 1}, "default": [0, 0]}
    config["portmaps"] = {
        "1": {"enabled": 1, "name": "sip", "protocol": "udp", "port": 5060, "source": [0, 0], "private": host[10],
              "private_port": 5060, "wan": "wan1", "alias": 1},
        "2": {"enabled": 1, "name": "webshop", "protocol": "tcp", "port": 443, "source": [0, 0], "private": host[20],
              "private_port": 8443, "wan": "all", "alias": 1},
    }
    config["openports"] = {
        "1": {"enabled": 1, "comment": "RTP", "local": host[10], "wan": 1, "alias": 1, "source": [0, 0],
              "items": {"1": {"protocol": "UDP", "start": 10000, "end": 20000}}},
    }
    config["lans"]["2"] = {**lan(2), "enabled": 1, "count": 50}
    config["vlans"] = {"enabled": 1, "untag_p1": 1, "rows": {
        "0": {"tagged": 0, "vid": 0, "pri": 0, "ports": ["p1", "p2", "p3"], "lan": 1},
        "1": {"tagged": 1, "vid": 20, "pri": 0, "ports": ["p3", "p4"], "lan": 2},
    }}
    config["dhcp_options"] = [
        {"index": 1, "enabled": 1, "interface": "a", "code": 66, "type": "v", "value": "tftp.example.net"},
        {"index": 2, "enabled": 0, "interface": "1", "code": 42, "type": "a", "value": host[1]},
    ]
    config["qos"] = {
        "setup": {"1": {"mode": 3, "in": 95000, "out": 38000, "ratios": {"1": 25}}},
        "classes": {"3": {"name": "backup", "rules": [
            {"enabled": 1, "local": host[30], "remote": "any", "dscp": "1", "service": "21"},
        ]}},
        "voip": 0,
    }
    management = config["management"]
    management.update(remote=1, wan_login=1, ping=1)
    management["services"].update(http=1, https=1, telnet=1)
    management["acl"] = {"1": 5}
    # Rules share the lists of RULE; nobody may change those through a configuration.
    return copy.deepcopy(config)
