"""FortiOS answers as a unit gives them, written by hand from the vendor's descriptions, and documents read from them.

Every row here is complete for its table: what a unit sends when it is asked for the fields that we know, with its
factory defaults (CLI references 7.0 to 7.6) and its own spellings: dotted masks, options in one string, references as
lists of objects, `q_origin_key` on every row.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, TableId
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.reader import rows
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.tables import specs_for

Wire = dict[str, Any]
Version = tuple[int, int, int]

V700, V720, V721, V724, V725 = (7, 0, 0), (7, 2, 0), (7, 2, 1), (7, 2, 4), (7, 2, 5)
V741, V742, V744, V764 = (7, 4, 1), (7, 4, 2), (7, 4, 4), (7, 6, 4)

GLOBAL_PATHS = frozenset(
    "system.lldp/network-policy system/interface system/session-helper system/password-policy system/admin "
    "system/central-management system/ha system/global".split()
)
SINGLETONS = frozenset(
    "system/sdwan system/settings system/password-policy system/central-management system/ha system/global".split()
)
KEYS = {
    "firewall/policy": "policyid",
    "firewall/local-in-policy": "policyid",
    "firewall/local-in-policy6": "policyid",
    "firewall/shaping-policy": "id",
    "system.dhcp/server": "id",
    "system/session-helper": "id",
}
"""Tables whose key is not `name`."""


def refs(*names: str) -> list[Wire]:
    return [{"name": name, "q_origin_key": name} for name in names]


_ANY4 = "0.0.0.0 0.0.0.0"
_LLDP = {"status": "disable", "tag": "none", "vlan": 0, "priority": 5, "dscp": 46}

DEFAULTS: dict[str, Wire] = {
    "firewall/address": {
        "name": "all",
        "type": "ipmask",
        "fqdn": "",
        "start-ip": "0.0.0.0",
        "end-ip": "0.0.0.0",
        "comment": "",
        "subnet": _ANY4,
    },
    "firewall/address6": {
        "name": "all",
        "type": "ipprefix",
        "fqdn": "",
        "start-ip": "::",
        "end-ip": "::",
        "comment": "",
        "ip6": "::/0",
    },
    "firewall/addrgrp": {"name": "g", "member": [], "exclude": "disable", "exclude-member": [], "comment": ""},
    "firewall/addrgrp6": {"name": "g", "member": [], "comment": ""},
    "firewall.service/custom": {
        "name": "s",
        "protocol": "TCP/UDP/SCTP",
        "helper": "auto",
        "comment": "",
        "tcp-portrange": "",
        "udp-portrange": "",
        "udp-idle-timer": 0,
    },
    "firewall.service/group": {"name": "g", "member": []},
    "voip/profile": {"name": "default", "sip": {"status": "enable", "rtp": "enable"}},
    "firewall.shaper/traffic-shaper": {
        "name": "high-priority",
        "guaranteed-bandwidth": 0,
        "maximum-bandwidth": 1048576,
        "bandwidth-unit": "kbps",
        "priority": "high",
        "per-policy": "enable",
    },
    "system.lldp/network-policy": {"name": "p", "comment": "", "voice": _LLDP, "voice-signaling": _LLDP},
    "system/interface": {
        "name": "port1",
        "vdom": "root",
        "type": "physical",
        "mode": "static",
        "status": "up",
        "role": "undefined",
        "description": "",
        "vlanid": 0,
        "interface": "",
        "ip": _ANY4,
        "allowaccess": "",
        "ipv6": {"ip6-address": "::/0", "ip6-allowaccess": "", "ip6-mode": "static"},
        "secondaryip": [],
        "lldp-transmission": "vdom",
        "lldp-network-policy": "",
    },
    "system/zone": {"name": "z", "intrazone": "deny", "interface": []},
    "system/sdwan": {"status": "disable", "zone": refs("virtual-wan-link"), "members": []},
    "system.dhcp/server": {
        "id": 1,
        "status": "enable",
        "interface": "internal",
        "netmask": "255.255.255.0",
        "default-gateway": "192.168.1.99",
        "dns-service": "default",
        "ntp-service": "specify",
        **{f"dns-server{i}": "0.0.0.0" for i in range(1, 5)},
        **{f"ntp-server{i}": "0.0.0.0" for i in range(1, 4)},
        "lease-time": 604800,
        "ip-range": [{"id": 1, "q_origin_key": 1, "start-ip": "192.168.1.110", "end-ip": "192.168.1.210"}],
        "options": [],
    },
    "firewall/vip": {
        "name": "v",
        "type": "static-nat",
        "status": "enable",
        "extip": "198.51.100.2",
        "extintf": "wan1",
        "mappedip": [{"range": "192.168.1.5", "q_origin_key": "192.168.1.5"}],
        "portforward": "disable",
        "protocol": "tcp",
        "extport": "0",
        "mappedport": "0",
        "src-filter": [],
        "comment": "",
    },
    "firewall/vipgrp": {"name": "g", "member": []},
    "firewall/policy": {
        "policyid": 1,
        "name": "",
        "status": "enable",
        "schedule": "always",
        "action": "deny",
        "comments": "",
        "srcintf": refs("internal"),
        "dstintf": refs("internal"),
        "srcaddr": [],
        "dstaddr": [],
        "srcaddr6": [],
        "dstaddr6": [],
        "service": [],
        "srcaddr-negate": "disable",
        "dstaddr-negate": "disable",
        "service-negate": "disable",
        "srcaddr6-negate": "disable",
        "dstaddr6-negate": "disable",
        "nat": "disable",
        "logtraffic": "utm",
        "match-vip": "disable",
        "internet-service": "disable",
        "internet-service-src": "disable",
        "internet-service6": "disable",
        "internet-service6-src": "disable",
        "voip-profile": "",
        "ips-voip-filter": "",
    },
    "firewall/local-in-policy": {
        "policyid": 1,
        "status": "enable",
        "schedule": "always",
        "action": "deny",
        "comments": "",
        "intf": refs("wan1"),
        "srcaddr": refs("all"),
        "dstaddr": refs("all"),
        "srcaddr-negate": "disable",
        "dstaddr-negate": "disable",
        "service": refs("ALL"),
        "service-negate": "disable",
    },
    "firewall/shaping-policy": {
        "id": 1,
        "name": "",
        "status": "enable",
        "ip-version": "4",
        "schedule": "",
        "comment": "",
        "diffserv-forward": "disable",
        "diffservcode-forward": "000000",
        "srcaddr": refs("all"),
        "dstaddr": refs("all"),
        "service": refs("ALL"),
        "srcintf": [],
        "dstintf": refs("wan1"),
        "traffic-shaper": "",
        "traffic-shaper-reverse": "",
    },
    "system/settings": {
        "opmode": "nat",
        "ngfw-mode": "profile-based",
        "central-nat": "disable",
        "default-voip-alg-mode": "proxy-based",
        "sip-expectation": "disable",
        "sip-nat-trace": "enable",
    },
    "system/session-helper": {"id": 13, "name": "sip", "protocol": 17, "port": 5060},
    "system/password-policy": {
        "status": "disable",
        "apply-to": "admin-password",
        "minimum-length": 8,
        "min-lower-case-letter": 0,
        "min-upper-case-letter": 0,
        "min-number": 0,
        "min-non-alphanumeric": 0,
    },
    "system/admin": {
        "name": "admin",
        "accprofile": "super_admin",
        "remote-auth": "disable",
        "two-factor": "disable",
        **{f"trusthost{i}": _ANY4 for i in range(1, 11)},
        **{f"ip6-trusthost{i}": "::/0" for i in range(1, 11)},
    },
    "system/central-management": {"type": "none"},
    "system/ha": {"mode": "standalone"},
    "system/global": {
        "vdom-mode": "no-vdom",
        "cfg-save": "automatic",
        "cfg-revert-timeout": 600,
        "admin-telnet": "enable",
        "admintimeout": 5,
        "admin-lockout-threshold": 3,
        "admin-lockout-duration": 60,
        "admin-https-ssl-versions": "tlsv1-2 tlsv1-3",
    },
}
DEFAULTS["firewall/local-in-policy6"] = copy.deepcopy(DEFAULTS["firewall/local-in-policy"])


def wire(path: str, version: Version = V744, **changes: Any) -> Wire:
    """One row (or a singleton) as a unit of this release sends it; `_` in a keyword stands for `-`."""
    row = copy.deepcopy(DEFAULTS[path])
    row.update({name.replace("_", "-"): value for name, value in changes.items()})
    if path == "firewall/policy":
        if version < V721:
            for name in ("srcaddr6-negate", "dstaddr6-negate", "internet-service6", "internet-service6-src"):
                del row[name]
        if version < V725:
            del row["ips-voip-filter"]
    if path in ("firewall/local-in-policy", "firewall/local-in-policy6") and version < V742:
        (interface,) = row["intf"]
        row["intf"] = interface["name"]
    if path == "firewall.service/custom" and version >= (7, 6, 0) and row["protocol"] == "TCP/UDP/SCTP":
        row["protocol"] = "TCP/UDP/UDP-Lite/SCTP"
    if path not in SINGLETONS:
        row["q_origin_key"] = row[KEYS.get(path, "name")]
    return row


def envelope(path: str, results: Any, version: Version = V744, **changes: Any) -> Wire:
    """The envelope around an answer (recorded answers of prometheus-community/fortigate_exporter)."""
    folder, name = path.split("/")
    return {
        "http_method": "GET",
        "revision": "d4bf2c5f4ebdf11c5ad1bbd5d7d9ae01",
        "results": results,
        "vdom": "root",
        "path": folder,
        "name": name,
        "status": "success",
        "http_status": 200,
        "serial": "FGT60FTK00000001",
        "version": "v{}.{}.{}".format(*version),
        "build": 2662,
        **changes,
    }


_FACTORY: Mapping[str, Sequence[Wire]] = {
    "firewall/address": ({"name": "none", "subnet": "0.0.0.0 255.255.255.255"}, {"name": "all"}),
    "firewall/address6": ({"name": "all"}, {"name": "none", "ip6": "::/128"}),
    "firewall.service/custom": (
        {"name": "ALL", "protocol": "IP"},
        {"name": "ALL_ICMP", "protocol": "ICMP"},
        {"name": "HTTP", "tcp-portrange": "80"},
        {"name": "HTTPS", "tcp-portrange": "443"},
        {"name": "DNS", "tcp-portrange": "53", "udp-portrange": "53"},
        {"name": "SIP", "tcp-portrange": "5060", "udp-portrange": "5060"},
    ),
    "voip/profile": ({"name": "default"}, {"name": "strict"}),
    "firewall.shaper/traffic-shaper": ({"name": "high-priority"},),
    "firewall/policy": (
        {
            "policyid": 1,
            "srcintf": refs("internal"),
            "dstintf": refs("wan1"),
            "srcaddr": refs("all"),
            "dstaddr": refs("all"),
            "service": refs("ALL"),
            "action": "accept",
            "nat": "enable",
        },
    ),
    "system/interface": (
        {
            "name": "wan1",
            "role": "wan",
            "ip": "198.51.100.130 255.255.255.192",
            "allowaccess": "ping https ssh",
        },
        {
            "name": "internal",
            "type": "hard-switch",
            "role": "lan",
            "ip": "10.0.0.1 255.255.255.0",
            "allowaccess": "ping https ssh fgfm",
        },
        {"name": "ssl.root", "type": "tunnel"},
    ),
    "system/session-helper": (
        {"id": 12, "name": "pmap", "protocol": 17, "port": 111},
        {"id": 13},
        {"id": 14, "name": "dns-udp", "protocol": 17, "port": 53},
    ),
    "system/admin": ({"name": "admin"},),
}
"""What a small unit holds beside its defaults when it leaves the factory, with one account and two networks."""


def tables(version: Version = V744) -> dict[str, list[Wire]]:
    """Every table of a factory unit on the wire."""
    found: dict[str, list[Wire]] = {}
    for path in DEFAULTS:
        if path in SINGLETONS:
            found[path] = [wire(path, version)]
        else:
            found[path] = [wire(path, version, **row) for row in _FACTORY.get(path, ())]
    return found


def document(
    version: Version = V744,
    changes: Mapping[str, Sequence[Wire]] | None = None,
    added: Mapping[str, Sequence[Wire]] | None = None,
    vdoms: Sequence[str] = ("root",),
) -> Document:
    """The document of a factory unit, with whole tables replaced (`changes`) or rows appended (`added`).

    Rows name only what differs from a default; a singleton is one row. Keys of rows may hold `-`.
    """
    specs = specs_for(version)
    found: dict[TableId, list[dict[str, Any]]] = {}
    content = tables(version)
    for path, given in (changes or {}).items():
        content[path] = [wire(path, version, **row) for row in given]
    for path, given in (added or {}).items():
        content[path] += [wire(path, version, **row) for row in given]
    for path, content_rows in content.items():
        for vdom in ("global",) if path in GLOBAL_PATHS else vdoms:
            results: Any = content_rows[0] if path in SINGLETONS else content_rows
            found[TableId(vdom, path)] = rows(specs[path], envelope(path, results, version), f"GET {path}")
    return Document(specs, found)


def read(path: str, version: Version = V744, **changes: Any) -> dict[str, Any]:
    """One normalised row."""
    row = wire(path, version, **changes)
    results: Any = row if path in SINGLETONS else [row]
    return rows(specs_for(version)[path], envelope(path, results, version), f"GET {path}")[0]
