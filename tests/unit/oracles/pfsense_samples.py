"""A small made-up site, written by hand, and shorthand for its rules and for packets.

wan 198.51.100.2/24, lan 10.0.0.1/24, opt1 (voice) 10.40.0.1/24, opt2 (guests) 192.168.50.1/24, opt3 (off); IPv6 on wan,
lan and opt1. 203.0.113.0/24 is the internet; its first half is the provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.oracles.pfsense import Packet

Row = dict[str, Any]

PROVIDER, PROVIDER_6 = "203.0.113.10", "2001:db8:aaaa::10"
STRANGER, STRANGER_6 = "203.0.113.200", "2001:db8:bbbb::1"
WAN, WAN_6 = "198.51.100.2", "2001:db8:ff::2"
EXTERNAL = "198.51.100.10"
PHONE, PHONE_6 = "10.40.0.50", "2001:db8:40::50"
PC, PC_6 = "10.0.0.20", "2001:db8:1::20"
GUEST = "192.168.50.20"
ANY: Row = {"any": ""}

INTERFACES: dict[str, Row] = {
    "wan": {"enable": "", "if": "em0", "descr": "WAN", "ipaddr": WAN, "subnet": "24", "gateway": "WANGW",
            "ipaddrv6": WAN_6, "subnetv6": "64", "gatewayv6": "WANGW6"},
    "lan": {"enable": "", "if": "em1", "descr": "LAN", "ipaddr": "10.0.0.1", "subnet": "24",
            "ipaddrv6": "2001:db8:1::1", "subnetv6": "64"},
    "opt1": {"enable": "", "if": "em1.40", "descr": "VOICE", "ipaddr": "10.40.0.1", "subnet": "24",
             "ipaddrv6": "2001:db8:40::1", "subnetv6": "64"},
    "opt2": {"enable": "", "if": "em2", "descr": "GUESTS", "ipaddr": "192.168.50.1", "subnet": "24"},
    "opt3": {"if": "em3", "descr": "OLD", "ipaddr": "172.16.9.1", "subnet": "24"},
}
ALIASES: list[Row] = [
    {"name": "provider", "type": "network", "address": "203.0.113.0/25 2001:db8:aaaa::/48"},
    {"name": "phones", "type": "host", "address": "10.40.0.50 10.40.0.51"},
    {"name": "outer", "type": "network", "address": "provider 192.0.2.0/24"},
    {"name": "named", "type": "host", "address": "203.0.113.0 sip.example.com"},
    {"name": "feed", "type": "urltable", "url": "https://example.com/list", "address": ""},
    {"name": "nobody", "type": "host", "address": ""},
    {"name": "sip", "type": "port", "address": "5060 5061"},
    {"name": "rtp", "type": "port", "address": "10000:20000 sip"},
    {"name": "no_ports", "type": "port", "address": ""},
    {"name": "feed_ports", "type": "urltable_ports", "url": "https://example.com/ports", "address": ""},
]


def end(text: str) -> Row:
    """A rule's source or destination: `any`, `!lan`, `wanip:443`, `provider:sip` ..., also `address port`."""
    negated, text = text.startswith("!"), text.removeprefix("!")
    name, _space, port = text.partition(" ")
    row: Row = {}
    if name == "any":
        row["any"] = ""
    elif name == "(self)" or name.removesuffix("ip") in ("wan", "lan", "opt1", "opt2", "opt3", "opt9", "inside"):
        row["network"] = name
    else:
        row["address"] = name
    if port:
        row["port"] = port
    if negated:
        row["not"] = ""
    return row


def rule(
    interface: str, source: str = "any", destination: str = "any", protocol: str = "", kind: str = "pass", **extra: Any
) -> Row:
    """A filter rule; ``_`` in further fields stands for ``-``; None takes a field away."""
    row: Row = {
        "tracker": "1700000001", "type": kind, "interface": interface, "ipprotocol": "inet", "source": end(source),
        "destination": end(destination), "descr": f"{kind} {source} > {destination}",
    }
    if protocol:
        row["protocol"] = protocol
    row.update({name.replace("_", "-"): field for name, field in extra.items()})
    return {name: field for name, field in row.items() if field is not None}


def floating(interface: str = "any", *ends: str, **extra: Any) -> Row:
    """A floating rule, quick unless told otherwise."""
    more = {"floating": "yes", "quick": "yes", "direction": "any", **extra}
    return rule(interface, *ends, **more)


def forward(target: str = PHONE, inside: str = "5060", outside: str = "5060", **extra: Any) -> Row:
    """A port forward of UDP from the address of the WAN."""
    row: Row = {
        "interface": "wan", "ipprotocol": "inet", "protocol": "udp", "source": ANY,
        "destination": {"network": "wanip", "port": outside}, "target": target, "local-port": inside, "descr": "old",
    }
    row.update({name.replace("_", "-"): field for name, field in extra.items()})
    return {name: field for name, field in row.items() if field is not None}


def site(
    *rules: Row, interfaces: Mapping[str, Row | None] | None = None, nat: Row | None = None, system: Row | None = None,
    aliases: list[Row] | None = None, **sections: Any,
) -> Row:
    """A configuration. ``interfaces``: fields to change, by interface; None takes one away."""
    changed = {
        name: {**row, **((interfaces or {}).get(name) or {})} for name, row in INTERFACES.items()
        if (interfaces or {}).get(name, {}) is not None
    }
    return {
        "version": "23.3",
        "system": {
            "ipv6allow": "", "disablenatreflection": "yes", "webgui": {"protocol": "https", "port": ""},
            "ssh": {"enable": "enabled"}, **(system or {}),
        },
        "interfaces": changed,
        "vlans": {"vlan": [{"if": "em1", "tag": "40", "vlanif": "em1.40"}]},
        "gateways": {"gateway_item": [
            {"interface": "wan", "gateway": "198.51.100.1", "name": "WANGW"},
            {"interface": "lan", "gateway": "10.0.0.2", "name": "INNER"},
        ]},
        "aliases": {"alias": ALIASES if aliases is None else aliases},
        "filter": {"rule": list(rules)} if rules else "",
        "nat": {"outbound": {"mode": "automatic"}, **(nat or {})},
        **sections,
    }


def outbound(
    source: str = PHONE, target: str = PROVIDER, port: int = 5060, protocol: str | int = "udp", **more: Any
) -> Packet:
    """From the voice network to the internet."""
    return Packet(more.pop("ingress", "opt1"), source, target, protocol, port, **more)


def inbound(
    source: str = STRANGER, target: str = WAN, port: int = 5060, protocol: str | int = "udp", **more: Any
) -> Packet:
    """From the internet."""
    return Packet(more.pop("ingress", "wan"), source, target, protocol, port, **more)
