# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The FortiOS tables that we read and write: one place for their fields, versions and references.

Sources: the schema that ships with the vendor's Ansible collection (`versioned_schema` of each module) for fields,
types and version ranges; CLI references 7.0 to 7.6 for lengths. Tables are listed so that a row refers only to rows of
tables that stand before its own: that order is the order in which they can be made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...document.model import KEYED, ORDERED, SINGLETON, Codec, Field, TableSpec
from .codecs import (
    Choice,
    Cidr,
    Group,
    Names,
    Number,
    Numbered,
    OneName,
    Respelled,
    Rows,
    Spelled,
    Text,
    Words,
    addresses,
    ipv4,
    ipv6,
    ports,
    service_ports,
    six_bits,
)

Version = tuple[int, int, int]
GLOBAL = "global"
VDOM = "vdom"

_TEXT, _NAME, _NUMBER, _NAMES, _SOME_NAMES = Text(), Text(filled=True), Number(), Names(), Names(filled=True)
_SWITCH = Choice("enable", "disable")
_NET4, _NET6, _OWN4 = Cidr(version=4), Cidr(version=6), Cidr(host=True, version=4)
_IPV4, _IPV6, _SPAN, _PORTS = Spelled(ipv4), Spelled(ipv6), Spelled(addresses), Spelled(ports)
_SERVICE_PORTS = Words(Spelled(service_ports))
_ADDRESS4 = ("firewall/address", "firewall/addrgrp")
_ADDRESS6 = ("firewall/address6", "firewall/addrgrp6")
_DESTINATION4 = (*_ADDRESS4, "firewall/vip", "firewall/vipgrp")
_SERVICE = ("firewall.service/custom", "firewall.service/group")
_INTERFACE = ("system/interface", "system/zone", "system/sdwan")

_HELPERS = tuple(
    "ftp tftp ras h323 tns mms sip pptp rtsp dns-udp dns-tcp pmap rsh dcerpc mgcp gtp-c gtp-u gtp-b pfcp".split()
)
_SERVICES4 = Words(
    Choice(*"ping https ssh snmp http telnet fgfm radius-acct probe-response fabric ftm speed-test scim".split())
)
_SERVICES6 = Words(Choice(*"ping https ssh snmp http telnet fgfm fabric scim".split()))

TCP_UDP = "TCP/UDP/SCTP"
"""A service on ports, as documents spell it."""
_TCP_UDP_76 = "TCP/UDP/UDP-Lite/SCTP"
_PROTOCOL = Choice(*"ICMP ICMP6 IP HTTP FTP CONNECT SOCKS-TCP SOCKS-UDP ALL".split(), TCP_UDP, _TCP_UDP_76)
_ON_PORTS = ("protocol", (TCP_UDP,))
_FORWARDS_PORTS = ("portforward", ("enable",))
_MAPS = ("type", ("static-nat", "load-balance", "dns-translation"))


@dataclass(frozen=True, slots=True)
class _Column:
    """A field with the releases that have it; `until` is the last one. `when` as in `Field`: a unit says in the fields
    that a row does not use what belongs to others (an address range's ends in `subnet`), or leaves them out."""

    name: str
    codec: Codec = _TEXT
    refs: tuple[str, ...] = ()
    fixed: bool = False
    usual: Any = None
    held: Any = None
    when: tuple[str, tuple[str, ...]] | None = None
    since: Version = (0, 0, 0)
    until: Version = (99, 0, 0)


@dataclass(frozen=True, slots=True)
class _Table:
    scope: str
    shape: str
    columns: tuple[_Column, ...]
    key: str = ""
    identity: str = ""
    collected: bool = False
    filled: bool = False
    guarded: frozenset[str] = frozenset()
    volatile: frozenset[str] = frozenset()


def _text(*names: str) -> tuple[_Column, ...]:
    return tuple(_Column(name) for name in names)


def _switches(*names: str) -> tuple[_Column, ...]:
    """Things that are off unless somebody switches them on."""
    return tuple(_Column(name, _SWITCH, usual="disable") for name in names)


def _object(*columns: _Column, filled: bool = False) -> _Table:
    """A named building block that rules refer to. `filled`: some come with every unit and cannot be deleted."""
    return _Table(VDOM, KEYED, (_Column("name", _NAME), *columns), key="name", collected=True, filled=filled)


_LLDP_CLASS = Group(
    (
        ("status", _SWITCH),
        ("tag", Choice("none", "dot1q", "dot1p")),
        ("vlan", Number(0, 4094)),
        ("priority", Number(0, 7)),
        ("dscp", Number(0, 63)),
    )
)
_SESSION_RULE = (
    _Column("status", _SWITCH, usual="enable"),
    _Column("schedule", usual="always"),
    _Column("comments"),
)
_LOCAL_IN = (
    _Column("policyid", _NUMBER),
    *_SESSION_RULE,
    _Column("action", Choice("accept", "deny")),
    _Column("intf", OneName(), refs=_INTERFACE, until=(7, 4, 1)),
    _Column("intf", _SOME_NAMES, refs=_INTERFACE, since=(7, 4, 2)),
    *_switches("srcaddr-negate", "dstaddr-negate", "service-negate"),
    _Column("service", _NAMES, refs=_SERVICE),
)

_TABLES: Mapping[str, _Table] = {
    "firewall/address": _object(
        _Column(
            "type",
            Choice(*"ipmask iprange fqdn geography wildcard dynamic interface-subnet mac route-tag".split()),
            usual="ipmask",
        ),
        _Column("subnet", _NET4, when=("type", ("ipmask",))),
        _Column("start-ip", _IPV4, when=("type", ("iprange",))),
        _Column("end-ip", _IPV4, when=("type", ("iprange",))),
        _Column("fqdn", when=("type", ("fqdn",))),
        _Column("comment"),
        filled=True,
    ),
    "firewall/address6": _object(
        _Column(
            "type",
            Choice(*"ipprefix iprange fqdn geography dynamic template mac route-tag wildcard".split()),
            usual="ipprefix",
        ),
        _Column("ip6", _NET6, when=("type", ("ipprefix",))),
        _Column("start-ip", _IPV6, when=("type", ("iprange",))),
        _Column("end-ip", _IPV6, when=("type", ("iprange",))),
        _Column("fqdn", when=("type", ("fqdn",))),
        _Column("comment"),
        filled=True,
    ),
    "firewall/addrgrp": _object(
        _Column("member", _NAMES, refs=_ADDRESS4),
        _Column("exclude-member", _NAMES, refs=_ADDRESS4),
        _Column("comment"),
    ),
    "firewall/addrgrp6": _object(_Column("member", _NAMES, refs=_ADDRESS6), _Column("comment")),
    "firewall.service/custom": _object(
        _Column("protocol", Respelled(_PROTOCOL, TCP_UDP, TCP_UDP), usual=TCP_UDP, until=(7, 4, 99)),
        _Column("protocol", Respelled(_PROTOCOL, _TCP_UDP_76, TCP_UDP), usual=TCP_UDP, since=(7, 6, 0)),
        _Column("comment"),
        _Column("helper", Choice("auto", "disable", *_HELPERS), usual="auto", when=_ON_PORTS),
        _Column("tcp-portrange", _SERVICE_PORTS, when=_ON_PORTS),
        _Column("udp-portrange", _SERVICE_PORTS, when=_ON_PORTS),
        _Column("udp-idle-timer", Number(0, 86400), usual=0, when=_ON_PORTS),
    ),
    "firewall.service/group": _object(_Column("member", _NAMES, refs=_SERVICE)),
    "voip/profile": _Table(VDOM, KEYED, (_Column("name", _NAME),), key="name"),
    "firewall.shaper/traffic-shaper": _object(
        _Column("guaranteed-bandwidth", _NUMBER),
        _Column("maximum-bandwidth", _NUMBER, usual=0),
        _Column("bandwidth-unit", Choice("kbps", "mbps", "gbps")),
        _Column("priority", Choice("low", "medium", "high")),
        *_switches("per-policy"),
    ),
    "system.lldp/network-policy": _Table(
        GLOBAL,
        KEYED,
        (
            _Column("name", _NAME),
            _Column("comment"),
            _Column("voice", _LLDP_CLASS),
            _Column("voice-signaling", _LLDP_CLASS),
        ),
        key="name",
        collected=True,
    ),
    "system/interface": _Table(
        GLOBAL,
        KEYED,
        (
            _Column("name", _NAME),
            _Column(
                "type",
                Choice(
                    *"physical vlan aggregate redundant tunnel vdom-link loopback switch hard-switch".split(),
                    *"vap-switch wl-mesh fext-wan vxlan geneve switch-vlan emac-vlan hdlc ssl lan-extension".split(),
                ),
            ),
            _Column("role", Choice("lan", "wan", "dmz", "undefined")),
            _Column("description"),
            _Column("mode", Choice("static", "dhcp", "pppoe"), usual="static"),
            _Column("status", Choice("up", "down"), usual="up", held="down"),
            _Column("vdom", _NAME, fixed=True),
            _Column("vlanid", Number(1, 4094), fixed=True, when=("type", ("vlan",))),
            _Column("interface", _NAME, fixed=True, when=("type", ("vlan",))),
            _Column("ip", _OWN4),
            _Column("allowaccess", _SERVICES4),
            _Column("ipv6", Group((("ip6-allowaccess", _SERVICES6),))),
            _Column("secondaryip", Rows((("id", _NUMBER), ("ip", _OWN4), ("allowaccess", _SERVICES4)))),
            _Column("lldp-transmission", Choice("enable", "disable", "vdom")),
            _Column("lldp-network-policy", refs=("system.lldp/network-policy",)),
        ),
        key="name",
        collected=True,
        filled=True,
        guarded=frozenset({"allowaccess", "ipv6", "ip", "status"}),
    ),
    "system/zone": _Table(
        VDOM,
        KEYED,
        (
            _Column("name", _NAME),
            _Column("interface", Names("interface-name"), refs=("system/interface",)),
        ),
        key="name",
    ),
    "system/sdwan": _Table(
        VDOM,
        SINGLETON,
        (
            _Column("status", _SWITCH),
            _Column("zone", _NAMES),
            _Column("members", Rows((("seq-num", _NUMBER), ("interface", _TEXT), ("zone", _TEXT)))),
        ),
    ),
    "system.dhcp/server": _Table(
        VDOM,
        KEYED,
        (
            _Column("id", _NUMBER),
            _Column("status", _SWITCH, usual="enable"),
            _Column("interface", _NAME, refs=("system/interface",)),
            _Column("netmask", _IPV4),
            _Column("default-gateway", _IPV4),
            _Column("dns-service", Choice("local", "default", "specify")),
            _Column("ntp-service", Choice("local", "default", "specify")),
            *(_Column(f"dns-server{i}", _IPV4, usual="0.0.0.0") for i in range(1, 5)),
            *(_Column(f"ntp-server{i}", _IPV4, usual="0.0.0.0") for i in range(1, 4)),
            _Column("lease-time", Number(300, 8640000, zero=True)),
            _Column("ip-range", Rows((("id", _NUMBER), ("start-ip", _IPV4), ("end-ip", _IPV4)))),
            _Column(
                "options",
                Rows(
                    (
                        ("id", _NUMBER),
                        ("code", Number(0, 255)),
                        ("type", Choice("hex", "string", "ip", "fqdn")),
                        ("value", _TEXT),
                    )
                ),
            ),
        ),
        key="id",
        identity="interface",
    ),
    "firewall/vip": _object(
        _Column(
            "type",
            Choice(*"static-nat load-balance server-load-balance dns-translation fqdn access-proxy".split()),
            usual="static-nat",
        ),
        _Column("extip", _SPAN, when=_MAPS),
        _Column("mappedip", Names("range", _SPAN), when=_MAPS),
        _Column("extintf", _NAME),
        _Column("portforward", _SWITCH),
        _Column("protocol", Choice("tcp", "udp", "sctp", "icmp"), when=_FORWARDS_PORTS),
        _Column("extport", _PORTS, when=_FORWARDS_PORTS),
        _Column("mappedport", _PORTS, when=_FORWARDS_PORTS),
        _Column("comment"),
        _Column("status", _SWITCH, usual="enable"),
        _Column("src-filter", Names("range", _SPAN)),
    ),
    "firewall/vipgrp": _object(_Column("member", _NAMES, refs=("firewall/vip",))),
    "firewall/policy": _Table(
        VDOM,
        ORDERED,
        (
            _Column("name"),
            _Column("policyid", Number(0, 4294967294)),
            *_SESSION_RULE,
            _Column("action", Choice("accept", "deny", "ipsec")),
            _Column("srcintf", _SOME_NAMES, refs=_INTERFACE),
            _Column("dstintf", _SOME_NAMES, refs=_INTERFACE),
            _Column("srcaddr", _NAMES, refs=_ADDRESS4),
            _Column("dstaddr", _NAMES, refs=_DESTINATION4),
            _Column("srcaddr6", _NAMES, refs=_ADDRESS6),
            _Column("dstaddr6", _NAMES, refs=_ADDRESS6),
            _Column("service", _NAMES, refs=_SERVICE),
            *_switches("srcaddr-negate", "dstaddr-negate", "service-negate", "nat"),
            _Column("logtraffic", Choice("all", "utm", "disable")),
            _Column("match-vip", _SWITCH),
            *_switches("internet-service", "internet-service-src"),
            *(
                _Column(name, _SWITCH, usual="disable", since=(7, 2, 1))
                for name in ("srcaddr6-negate", "dstaddr6-negate", "internet-service6", "internet-service6-src")
            ),
            _Column("voip-profile", refs=("voip/profile",)),
            _Column("ips-voip-filter", refs=("voip/profile",), since=(7, 2, 5)),
        ),
        key="policyid",
        identity="name",
    ),
    "firewall/local-in-policy": _Table(
        VDOM,
        ORDERED,
        (*_LOCAL_IN, _Column("srcaddr", _NAMES, refs=_ADDRESS4), _Column("dstaddr", _NAMES, refs=_ADDRESS4)),
        key="policyid",
        identity="comments",
    ),
    "firewall/local-in-policy6": _Table(
        VDOM,
        ORDERED,
        (*_LOCAL_IN, _Column("srcaddr", _NAMES, refs=_ADDRESS6), _Column("dstaddr", _NAMES, refs=_ADDRESS6)),
        key="policyid",
        identity="comments",
    ),
    "firewall/shaping-policy": _Table(
        VDOM,
        ORDERED,
        (
            _Column("id", _NUMBER),
            *_text("name", "comment"),
            _Column("diffserv-forward", _SWITCH),
            _Column("diffservcode-forward", Spelled(six_bits)),
            _Column("status", _SWITCH, usual="enable"),
            _Column("ip-version", Choice("4", "6"), usual="4"),
            _Column("srcaddr", _NAMES, refs=_ADDRESS4),
            _Column("dstaddr", _NAMES, refs=_ADDRESS4),
            _Column("service", _NAMES, refs=_SERVICE),
            _Column("srcintf", _NAMES, refs=_INTERFACE),
            _Column("dstintf", _NAMES, refs=_INTERFACE),
            _Column("traffic-shaper", refs=("firewall.shaper/traffic-shaper",)),
            _Column("traffic-shaper-reverse", refs=("firewall.shaper/traffic-shaper",)),
        ),
        key="id",
        identity="name",
    ),
    "system/settings": _Table(
        VDOM,
        SINGLETON,
        (
            _Column("ngfw-mode", Choice("profile-based", "policy-based")),
            _Column("central-nat", _SWITCH),
            _Column("default-voip-alg-mode", Choice("proxy-based", "kernel-helper-based")),
            _Column("sip-expectation", _SWITCH),
            _Column("sip-nat-trace", _SWITCH),
        ),
    ),
    "system/session-helper": _Table(
        GLOBAL,
        KEYED,
        (
            _Column("id", _NUMBER),
            _Column("name", Choice(*_HELPERS)),
            _Column("protocol", Number(0, 255)),
            _Column("port", Number(1, 65535)),
        ),
        key="id",
    ),
    "system/password-policy": _Table(
        GLOBAL,
        SINGLETON,
        (
            _Column("status", _SWITCH),
            _Column("apply-to", Words(Choice("admin-password", "ipsec-preshared-key"))),
            _Column("minimum-length", Number(8, 128)),
            *(
                _Column(name, Number(0, 128))
                for name in ("min-lower-case-letter", "min-upper-case-letter", "min-number")
            ),
        ),
    ),
    "system/admin": _Table(
        GLOBAL,
        KEYED,
        (
            _Column("name", _NAME),
            _Column("two-factor", Choice("disable", "fortitoken", "fortitoken-cloud", "email", "sms")),
            _Column("trusthosts", Numbered("trusthost", 10, version=4)),
            _Column("ip6-trusthosts", Numbered("ip6-trusthost", 10, version=6)),
        ),
        key="name",
        filled=True,
        guarded=frozenset({"trusthosts", "ip6-trusthosts"}),
    ),
    "system/central-management": _Table(
        GLOBAL, SINGLETON, (_Column("type", Choice("fortimanager", "fortiguard", "none")),)
    ),
    "system/ha": _Table(GLOBAL, SINGLETON, (_Column("mode", Choice("standalone", "a-a", "a-p")),)),
    "system/global": _Table(
        GLOBAL,
        SINGLETON,
        (
            _Column("vdom-mode", Choice("no-vdom", "multi-vdom", "split-vdom")),
            _Column("cfg-save", Choice("automatic", "manual", "revert")),
            _Column("admin-telnet", _SWITCH),
            _Column("admintimeout", Number(1, 480)),
            _Column("admin-lockout-threshold", Number(1, 10)),
            _Column("admin-lockout-duration", Number(1, 2147483647)),
            _Column("cfg-revert-timeout", Number(10, 4294967295)),
            _Column("admin-https-ssl-versions", Words(Choice("tlsv1-1", "tlsv1-2", "tlsv1-3"))),
        ),
        guarded=frozenset({"admin-https-ssl-versions"}),
        volatile=frozenset({"cfg-save", "cfg-revert-timeout"}),
    ),
}

PATHS = tuple(_TABLES)


def scope_of(path: str) -> str:
    """`GLOBAL` where the table exists once per unit, `VDOM` where every VDOM has its own."""
    return _TABLES[path].scope


def specs_for(version: Version) -> Mapping[str, TableSpec]:
    """The tables with the fields that this release has, in the order in which rows can be made."""
    return _specs(max(cut for cut in _CUTS if cut <= version))


def describe_every_release() -> None:
    """Work the tables out for all releases, once for all hosts."""
    for cut in _CUTS:
        _specs(cut)


@cache
def _specs(version: Version) -> Mapping[str, TableSpec]:
    return {
        path: TableSpec(
            path,
            table.shape,
            {
                column.name: Field(
                    column.name, column.codec, column.refs, column.fixed, column.usual, column.held, column.when
                )
                for column in table.columns
                if column.since <= version <= column.until
            },
            table.key,
            table.identity,
            table.collected,
            table.filled,
            table.guarded,
            table.volatile,
        )
        for path, table in _TABLES.items()
    }


def _cuts() -> tuple[Version, ...]:
    """The releases at which a field comes or goes."""
    columns = [column for table in _TABLES.values() for column in table.columns]
    after_last = {(major, minor, patch + 1) for major, minor, patch in (column.until for column in columns)}
    return tuple(sorted({column.since for column in columns} | after_last))


_CUTS = _cuts()


def wire_names(spec: TableSpec) -> tuple[str, ...]:
    """The field names to ask the device for."""
    names: list[str] = []
    for name, spec_field in spec.fields.items():
        codec = spec_field.codec
        names += codec.wire_names() if isinstance(codec, Numbered) else (name,)
    return tuple(names)
