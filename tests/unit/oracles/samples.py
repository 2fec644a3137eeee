"""A small made-up site, written by hand, and shorthand for its rows and for packets. Only set values, no defaults.

wan1 (198.51.100.2/24) and an unaddressed wan2 to the internet, lan 10.0.0.1/24, voice 10.40.0.1/24 (a VLAN on lan),
dmz 10.10.10.1/24; IPv6 on wan1, lan and voice. 203.0.113.0/24 is the internet; its first half is the provider.
"""

from __future__ import annotations

import copy
from typing import Any

from tests.oracles.fortios import Packet

Row = dict[str, Any]

PROVIDER, PROVIDER_6 = "203.0.113.10", "2001:db8:aaaa::10"
STRANGER, STRANGER_6 = "203.0.113.200", "2001:db8:bbbb::1"
PHONE, PHONE_6 = "10.40.0.50", "2001:db8:40::50"
PC = "10.0.0.20"
SERVER = "10.10.10.25"
EXTERNAL = "198.51.100.10"

INTERFACES: list[Row] = [
    {"name": "wan1", "role": "wan", "ip": "198.51.100.2 255.255.255.0", "allowaccess": "ping https",
     "ipv6": {"ip6-address": "2001:db8:ff::2/64", "ip6-allowaccess": "ping"}},
    {"name": "wan2", "role": "wan", "allowaccess": "ping"},
    {"name": "lan", "ip": "10.0.0.1 255.255.255.0", "allowaccess": "ping https ssh",
     "ipv6": {"ip6-address": "2001:db8:1::1/64", "ip6-allowaccess": "https"}},
    {"name": "voice", "type": "vlan", "interface": "lan", "ip": "10.40.0.1 255.255.255.0",
     "ipv6": {"ip6-address": "2001:db8:40::1/64"}},
    {"name": "dmz", "ip": "10.10.10.1 255.255.255.0", "allowaccess": ""},
]
ADDRESSES: list[Row] = [
    {"name": "all"}, {"name": "none", "subnet": "0.0.0.0 255.255.255.255"},
    {"name": "provider", "subnet": "203.0.113.0 255.255.255.128"},
    {"name": "voice-net", "subnet": "10.40.0.0/24"},
    {"name": "range", "type": "iprange", "start-ip": "203.0.113.8", "end-ip": "203.0.113.11"},
    {"name": "gateways", "type": "wildcard", "wildcard": "10.0.0.1 255.255.0.255"},
    {"name": "upper-halves", "type": "wildcard", "wildcard": "10.0.0.128 255.255.0.128"},
    {"name": "odd-hosts", "type": "wildcard", "wildcard": "0.0.0.1 0.0.0.1"},
    {"name": "server", "subnet": "10.10.10.25 255.255.255.255"},
    {"name": "outside", "subnet": "198.51.100.0 255.255.255.0"},
    {"name": "by-name", "type": "fqdn", "fqdn": "sip.example.com"},
    {"name": "country", "type": "geography", "country": "DE"},
]
ADDRESSES_6: list[Row] = [
    {"name": "all"}, {"name": "provider6", "ip6": "2001:db8:aaaa::/48"},
    {"name": "range6", "type": "iprange", "start-ip": "2001:db8:aaaa::1", "end-ip": "2001:db8:aaaa::f"},
]
GROUPS: list[Row] = [
    {"name": "inner", "member": [{"name": "provider"}]},
    {"name": "outer", "member": [{"name": "inner"}, {"name": "server"}]},
    {"name": "without", "member": [{"name": "all"}], "exclude": "enable", "exclude-member": [{"name": "provider"}]},
    {"name": "idle-exclusion", "member": [{"name": "all"}], "exclude-member": [{"name": "provider"}]},
    {"name": "maybe", "member": [{"name": "provider"}, {"name": "by-name"}]},
    {"name": "all-but-maybe", "member": [{"name": "all"}], "exclude": "enable", "exclude-member": [{"name": "maybe"}]},
]
SERVICES: list[Row] = [
    {"name": "ALL", "protocol": "IP"},
    {"name": "SIP", "tcp-portrange": "5060", "udp-portrange": "5060"},
    {"name": "RTP", "udp-portrange": "10000-20000"},
    {"name": "from-high", "udp-portrange": "5060:1024-65535"},
    {"name": "several", "tcp-portrange": "80 443 8000-8010:5000"},
    {"name": "SMTP", "tcp-portrange": "25"}, {"name": "HTTPS", "tcp-portrange": "443"},
    {"name": "stream", "sctp-portrange": "5060"},
    {"name": "PING", "protocol": "ICMP", "icmptype": 8}, {"name": "ALL_ICMP", "protocol": "ICMP", "icmptype": ""},
    {"name": "PING6", "protocol": "ICMP6", "icmptype": 128},
    {"name": "GRE", "protocol": "IP", "protocol-number": 47},
    {"name": "tied", "udp-portrange": "5060", "iprange": "203.0.113.1-203.0.113.9"},
    {"name": "app", "app-service-type": "app-id", "application": [{"id": 1}]},
]
SERVICE_GROUPS: list[Row] = [
    {"name": "voice", "member": [{"name": "SIP"}, {"name": "media"}]}, {"name": "media", "member": [{"name": "RTP"}]},
]


def refs(*names: str) -> list[Row]:
    """A reference list."""
    return [{"name": name} for name in names]


def policy(
    number: int, ingress: str, egress: str, source: str, target: str, service: str = "ALL", action: str = "accept",
    **extra: Any,
) -> Row:
    """A firewall policy; several names with spaces between; ``_`` in further fields stands for ``-``."""
    row: Row = {
        "policyid": number, "srcintf": refs(*ingress.split()), "dstintf": refs(*egress.split()),
        "srcaddr": refs(*source.split()), "dstaddr": refs(*target.split()), "service": refs(*service.split()),
        "schedule": "always", "action": action,
    }
    row.update({field.replace("_", "-"): value for field, value in extra.items()})
    return row


def policy6(number: int, ingress: str, egress: str, source: str, target: str, **extra: Any) -> Row:
    """A firewall policy with IPv6 addresses only."""
    return policy(
        number, ingress, egress, "", "", srcaddr6=refs(*source.split()), dstaddr6=refs(*target.split()), **extra
    )


def local_in(number: int, source: str, service: str, action: str, intf: Any = "wan1", **extra: Any) -> Row:
    """A local-in policy."""
    row: Row = {
        "policyid": number, "intf": intf, "srcaddr": refs(*source.split()), "dstaddr": refs("all"),
        "service": refs(*service.split()), "schedule": "always", "action": action,
    }
    row.update({field.replace("_", "-"): value for field, value in extra.items()})
    return row


def vip(name: str = "pbx", **fields: Any) -> Row:
    """A virtual IP: EXTERNAL on wan1 to SERVER; ``_`` in field names stands for ``-``."""
    row: Row = {"name": name, "extip": EXTERNAL, "extintf": "wan1", "mappedip": [{"range": SERVER}]}
    row.update({field.replace("_", "-"): value for field, value in fields.items()})
    return row


def site(
    policies: list[Row] | None = None, *, version: str = "7.4.4", settings: Row | None = None,
    unit: dict[str, Any] | None = None, interface: dict[str, Row] | None = None, **tables: Any,
) -> dict[str, Any]:
    """A configuration of the made-up site.

    ``tables``: further tables of the VDOM, with ``__`` for ``/``; ``unit``: further global tables; ``interface``:
    fields to set on interfaces, by name. What leaves by the interface it came in by needs a policy.
    """
    interfaces = copy.deepcopy(INTERFACES)
    for row in interfaces:
        row.update({"vdom": "root", **(interface or {}).get(row["name"], {})})
    return {
        "version": version,
        "global": {
            "system/interface": interfaces, "system/admin": [{"name": "admin", "trusthost1": "10.0.0.0 255.255.255.0"}],
            "system/global": {"allow-traffic-redirect": "disable", "ipv6-allow-traffic-redirect": "disable"},
            **(unit or {}),
        },
        "vdom": {"root": {
            "firewall/address": ADDRESSES, "firewall/address6": ADDRESSES_6, "firewall/addrgrp": GROUPS,
            "firewall.service/custom": SERVICES, "firewall.service/group": SERVICE_GROUPS,
            "firewall/policy": policies or [], "system/settings": settings or {},
            **{path.replace("__", "/").replace("_", "-"): value for path, value in tables.items()},
        }},
    }


def outbound(
    source: str = PHONE, target: str = PROVIDER, port: int = 5060, protocol: str | int = "udp", **more: Any
) -> Packet:
    """From the voice VLAN (or where the source lives) to the internet."""
    return Packet(more.pop("ingress", "voice"), source, target, protocol, port, **more)


def inbound(
    source: str = PROVIDER, target: str = EXTERNAL, port: int = 5060, protocol: str | int = "udp", **more: Any
) -> Packet:
    """From the internet."""
    return Packet(more.pop("ingress", "wan1"), source, target, protocol, port, **more)
