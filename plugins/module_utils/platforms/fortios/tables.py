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
from .codecs import Cidr, Group, Names, Number, Numbered, OneName, Rows, Text, Words

Version = tuple[int, int, int]
GLOBAL = "global"
VDOM = "vdom"

_TEXT, _NUMBER, _WORDS, _NAMES, _CIDR = Text(), Number(), Words(), Names(), Cidr()
_ADDRESS4 = ("firewall/address", "firewall/addrgrp")
_ADDRESS6 = ("firewall/address6", "firewall/addrgrp6")
_DESTINATION4 = (*_ADDRESS4, "firewall/vip", "firewall/vipgrp")
_SERVICE = ("firewall.service/custom", "firewall.service/group")
_INTERFACE = ("system/interface", "system/zone", "system/sdwan")


@dataclass(frozen=True, slots=True)
class _Column:
    """A field with the releases that have it; `until` is the last one."""

    name: str
    codec: Codec = _TEXT
    refs: tuple[str, ...] = ()
    fixed: bool = False
    usual: Any = None
    held: Any = None
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
    guarded: frozenset[str] = frozenset()
    volatile: frozenset[str] = frozenset()


def _text(*names: str) -> tuple[_Column, ...]:
    return tuple(_Column(name) for name in names)


def _switches(*names: str) -> tuple[_Column, ...]:
    """Things that are off unless somebody switches them on."""
    return tuple(_Column(name, usual="disable") for name in names)


def _object(*columns: _Column) -> _Table:
    """A named building block that rules refer to."""
    return _Table(VDOM, KEYED, (_Column("name"), *columns), key="name", collected=True)


_LLDP_CLASS = Group((("status", _TEXT), ("tag", _TEXT), ("vlan", _NUMBER), ("priority", _NUMBER), ("dscp", _NUMBER)))
_SESSION_RULE = (
    _Column("policyid", _NUMBER),
    _Column("status", usual="enable"),
    _Column("schedule", usual="always"),
    _Column("action"),
    _Column("comments"),
)
_LOCAL_IN = (
    *_SESSION_RULE,
    _Column("intf", OneName(), refs=_INTERFACE, until=(7, 4, 1)),
    _Column("intf", _NAMES, refs=_INTERFACE, since=(7, 4, 2)),
    *_switches("srcaddr-negate", "dstaddr-negate", "service-negate"),
    _Column("service", _NAMES, refs=_SERVICE),
)

_TABLES: Mapping[str, _Table] = {
    "firewall/address": _object(
        _Column("type", usual="ipmask"),
        _Column("subnet", _CIDR),
        _Column("start-ip", usual="0.0.0.0"),
        _Column("end-ip", usual="0.0.0.0"),
        *_text("fqdn", "comment"),
    ),
    "firewall/address6": _object(
        _Column("type", usual="ipprefix"),
        _Column("ip6", _CIDR),
        _Column("start-ip", usual="::"),
        _Column("end-ip", usual="::"),
        *_text("fqdn", "comment"),
    ),
    "firewall/addrgrp": _object(
        _Column("member", _NAMES, refs=_ADDRESS4),
        _Column("exclude-member", _NAMES, refs=_ADDRESS4),
        _Column("comment"),
    ),
    "firewall/addrgrp6": _object(_Column("member", _NAMES, refs=_ADDRESS6), _Column("comment")),
    "firewall.service/custom": _object(
        *_text("protocol", "comment"),
        _Column("helper", usual="auto"),
        _Column("tcp-portrange", _WORDS),
        _Column("udp-portrange", _WORDS),
        _Column("udp-idle-timer", _NUMBER, usual=0),
    ),
    "firewall.service/group": _object(_Column("member", _NAMES, refs=_SERVICE)),
    "voip/profile": _Table(VDOM, KEYED, (_Column("name"),), key="name"),
    "firewall.shaper/traffic-shaper": _object(
        _Column("guaranteed-bandwidth", _NUMBER),
        _Column("maximum-bandwidth", _NUMBER, usual=0),
        *_text("bandwidth-unit", "priority"),
        *_switches("per-policy"),
    ),
    "system.lldp/network-policy": _Table(
        GLOBAL,
        KEYED,
        (
            _Column("name"),
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
            *_text("name", "type", "role", "description"),
            _Column("mode", usual="static"),
            _Column("status", usual="up", held="down"),
            _Column("vdom", fixed=True),
            _Column("vlanid", _NUMBER, fixed=True),
            _Column("interface", fixed=True),
            _Column("ip", Cidr(host=True)),
            _Column("allowaccess", _WORDS),
            _Column("ipv6", Group((("ip6-allowaccess", _WORDS),))),
            _Column("secondaryip", Rows((("id", _NUMBER), ("ip", Cidr(host=True)), ("allowaccess", _WORDS)))),
            _Column("lldp-transmission"),
            _Column("lldp-network-policy", refs=("system.lldp/network-policy",)),
        ),
        key="name",
        collected=True,
        guarded=frozenset({"allowaccess", "ipv6", "ip", "status"}),
    ),
    "system/zone": _Table(
        VDOM,
        KEYED,
        (
            _Column("name"),
            _Column("interface", Names("interface-name"), refs=("system/interface",)),
        ),
        key="name",
    ),
    "system/sdwan": _Table(
        VDOM,
        SINGLETON,
        (_Column("status"), _Column("members", Rows((("interface", _TEXT), ("zone", _TEXT), ("seq-num", _NUMBER))))),
    ),
    "system.dhcp/server": _Table(
        VDOM,
        KEYED,
        (
            _Column("id", _NUMBER),
            _Column("status", usual="enable"),
            _Column("interface", refs=("system/interface",)),
            *_text("netmask", "default-gateway", "dns-service", "ntp-service"),
            *(_Column(f"dns-server{i}", usual="0.0.0.0") for i in range(1, 5)),
            *(_Column(f"ntp-server{i}", usual="0.0.0.0") for i in range(1, 4)),
            _Column("lease-time", _NUMBER),
            _Column("ip-range", Rows((("id", _NUMBER), ("start-ip", _TEXT), ("end-ip", _TEXT)))),
            _Column("options", Rows((("id", _NUMBER), ("code", _NUMBER), ("type", _TEXT), ("value", _TEXT)))),
        ),
        key="id",
        identity="interface",
    ),
    "firewall/vip": _object(
        *_text("extip", "extintf", "portforward", "protocol", "extport", "mappedport", "comment"),
        _Column("type", usual="static-nat"),
        _Column("status", usual="enable"),
        _Column("mappedip", Names("range")),
        _Column("src-filter", Names("range")),
    ),
    "firewall/vipgrp": _object(_Column("member", _NAMES, refs=("firewall/vip",))),
    "firewall/policy": _Table(
        VDOM,
        ORDERED,
        (
            _Column("name"),
            *_SESSION_RULE,
            _Column("srcintf", _NAMES, refs=_INTERFACE),
            _Column("dstintf", _NAMES, refs=_INTERFACE),
            _Column("srcaddr", _NAMES, refs=_ADDRESS4),
            _Column("dstaddr", _NAMES, refs=_DESTINATION4),
            _Column("srcaddr6", _NAMES, refs=_ADDRESS6),
            _Column("dstaddr6", _NAMES, refs=_ADDRESS6),
            _Column("service", _NAMES, refs=_SERVICE),
            *_switches("srcaddr-negate", "dstaddr-negate", "service-negate", "nat"),
            *_text("logtraffic", "match-vip"),
            *_switches("internet-service", "internet-service-src"),
            *(
                _Column(name, usual="disable", since=(7, 2, 1))
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
            *_text("name", "comment", "diffserv-forward", "diffservcode-forward"),
            _Column("status", usual="enable"),
            _Column("ip-version", usual="4"),
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
        _text("ngfw-mode", "central-nat", "default-voip-alg-mode", "sip-expectation", "sip-nat-trace"),
    ),
    "system/session-helper": _Table(
        GLOBAL,
        KEYED,
        (_Column("id", _NUMBER), _Column("name"), _Column("protocol", _NUMBER), _Column("port", _NUMBER)),
        key="id",
    ),
    "system/password-policy": _Table(
        GLOBAL,
        SINGLETON,
        (
            _Column("status"),
            _Column("apply-to", _WORDS),
            *(
                _Column(name, _NUMBER)
                for name in (
                    "minimum-length",
                    "min-lower-case-letter",
                    "min-upper-case-letter",
                    "min-number",
                )
            ),
        ),
    ),
    "system/admin": _Table(
        GLOBAL,
        KEYED,
        (
            *_text("name", "two-factor"),
            _Column("trusthosts", Numbered("trusthost", 10)),
            _Column("ip6-trusthosts", Numbered("ip6-trusthost", 10)),
        ),
        key="name",
        guarded=frozenset({"trusthosts", "ip6-trusthosts"}),
    ),
    "system/central-management": _Table(GLOBAL, SINGLETON, _text("type")),
    "system/ha": _Table(GLOBAL, SINGLETON, _text("mode")),
    "system/global": _Table(
        GLOBAL,
        SINGLETON,
        (
            *_text("vdom-mode", "cfg-save", "admin-telnet"),
            *(
                _Column(name, _NUMBER)
                for name in ("admintimeout", "admin-lockout-threshold", "admin-lockout-duration", "cfg-revert-timeout")
            ),
            _Column("admin-https-ssl-versions", _WORDS),
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
                column.name: Field(column.name, column.codec, column.refs, column.fixed, column.usual, column.held)
                for column in table.columns
                if column.since <= version <= column.until
            },
            table.key,
            table.identity,
            table.collected,
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
