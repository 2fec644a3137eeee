# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One answer of a box to what we know of it. Everything is read at once: it is one request anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from ...document.model import MARK, Document, Row
from ...errors import Misunderstood, Unsupported
from ...findings import Finding
from ...posture.record import ChangedBy, Unverifiable, at
from ..base import Observation
from . import names, reader
from .details import Details
from .tables import (
    ALIASES,
    DEFAULT_PORTS,
    DHCP,
    FLOATING,
    FORWARDS,
    INTERFACES,
    MATCH,
    NOTES,
    OUTBOUND,
    OUTBOUND_RULES,
    RULES,
    RUNNING,
    SIPROXD,
    SPECS,
    SSH,
    SSHGUARD,
    TIMEOUTS,
    UDP_TIMEOUTS,
    VLANS,
    WEB,
    table,
)

_SIPROXD_ON = "installedpackages/siproxdsettings/config/0/sipenable"
_UPNP_ON = "installedpackages/miniupnpd/config/0/enable"
SECTIONS: tuple[Any, ...] = (
    ALIASES,
    RULES,
    "filter/separator",
    FORWARDS,
    "nat/separator",
    "nat/onetoone",
    "nat/outbound/mode",
    OUTBOUND_RULES,
    VLANS,
    {"path": "qinqs/qinqentry", "fields": ["if", "tag"]},
    {"path": INTERFACES, "fields": list(reader.INTERFACE_FIELDS)},
    {"path": "ifgroups/ifgroupentry", "fields": ["ifname", "members"]},
    {"path": DHCP, "fields": list(reader.DHCP_FIELDS)},
    "dhcpbackend",
    "shaper/queue",
    "dnshaper/queue",
    "system/optimization",
    *(f"system/{name}" for name in UDP_TIMEOUTS),
    "system/disablefilter",
    *(f"system/webgui/{name}" for name in ("protocol", "port", "ssl-certref", "disablehttpredirect", "noantilockout")),
    *(f"system/webgui/{name}" for name in ("session_timeout", "authmode")),
    *(f"system/ssh/{name}" for name in ("enable", "port", "sshdkeyonly")),
    "system/sshguard_threshold",
    "system/sshguard_blocktime",
    _SIPROXD_ON,
    _UPNP_ON,
    {"path": "installedpackages", "fields": []},
    NOTES,
)
"""What a read asks for: nothing that holds a password or a key."""
TABLES = (*(names.SIGNALLING, names.MEDIA, names.PROVIDER, names.DNS, names.NTP, names.PROVISIONING, names.MANAGERS),)
"""Our aliases of addresses, whose entries the packet filter is asked for."""
APPLIED = frozenset({"aliases", "filter", "natconf", "shaper", "dhcpd"})
"""What we apply when somebody saved it and did not apply it: a reload of the filter clears the first four
(inc/filter.inc), one of DHCP the last. Interfaces, addresses and routes are left alone: they could cut the way off."""
OUR_RUNS = "voip.hardening: "
"""What the description of a revision has in it that a run of ours made; `write_config` puts the user's name before."""
_LOADED = ("Done", "")
_DISABLED = "Filter is disabled"
_LEAST_LEVEL, _MOST_LEVEL = (23, 3), (24, 999)
"""Configuration levels of 2.7.1 and 2.7.2 (23.3), 2.8 (23.9) and the Plus releases and development since (24.x)."""


def request(concerns: Sequence[str]) -> dict[str, Any]:
    """What a box is asked."""
    return {
        "op": "read",
        "sections": list(SECTIONS),
        "tables": list(TABLES),
        "accounts": "management_access" in concerns,
    }


def observed(answer: Mapping[str, Any], limiters: tuple[str, ...] = ()) -> Observation:
    """What an answer says. `limiters`: those that voice is to go through.

    Raises `Unsupported` for boxes that must not be changed and `Misunderstood` for strange answers.
    """
    config = _part(answer, "config", dict)
    missing = [path for path in (section_path(section) for section in SECTIONS) if path not in config]
    if missing:
        raise Misunderstood(f"read: the box says nothing of {', '.join(missing[:3])}")
    about = _about(answer)
    _refuse(answer, about)
    details = _details(answer, config, limiters)
    document = Document(SPECS, _tables(config))
    document.tables[table(RUNNING)] = [_running(answer, document, details)]
    findings = [_of_what_waits(name) for name in _part(answer, "dirty", list) if name not in APPLIED]
    if details.disabled:
        findings.append(
            Finding(
                "FW-1",
                "critical",
                "system/disablefilter",
                "the packet filter is switched off: nothing is blocked, whatever the rules say",
                "Switch it on (System, Advanced, Firewall & NAT)",
            )
        )
    unverifiable = []
    if details.disabled:
        unverifiable.append(Unverifiable("FW-1", "whether the rules act: the packet filter is switched off", False))
    return Observation(document, about, details, findings=findings, unverifiable=unverifiable)


def _of_what_waits(name: Any) -> Finding:
    evidence = "changes were saved on the box and not applied; they are left as they are"
    return Finding("FW-1", "medium", str(name), evidence, "Apply them in the web interface, or take them back")


def section_path(section: Any) -> str:
    """The path of one of `SECTIONS`."""
    return str(section["path"] if isinstance(section, Mapping) else section)


def _part(answer: Mapping[str, Any], name: str, kind: type | tuple[type, ...]) -> Any:
    value = answer.get(name)
    if isinstance(value, list) and kind is dict and not value:
        return {}  # an empty PHP array is an empty list in JSON
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise Misunderstood(f"read {name}: the box has {str(value)[:80]!r}, which is not understood")
    return value


def _about(answer: Mapping[str, Any]) -> dict[str, str]:
    version = _part(answer, "version", str).strip()
    if not version:
        raise Misunderstood("read version: the box does not say which release it has")
    return {
        "platform": "pfsense",
        "version": version,
        "level": _part(answer, "level", str),
        "hostname": _part(answer, "hostname", str),
    }


def _refuse(answer: Mapping[str, Any], about: Mapping[str, str]) -> None:
    major, _dot, minor = about["level"].partition(".")
    if not (major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()):
        raise Misunderstood(f"read level: the box has {about['level']!r}, which is no level of configuration")
    if not _LEAST_LEVEL <= (int(major), int(minor)) <= _MOST_LEVEL:
        raise Unsupported(
            f"pfSense {about['version']} keeps its configuration at level {about['level']}; known are "
            f"{_LEAST_LEVEL[0]}.{_LEAST_LEVEL[1]} (2.7.1) to {_MOST_LEVEL[0]}.x"
        )
    carp = _part(answer, "carp", dict)
    backup = carp.get("backup")
    if not isinstance(backup, int) or isinstance(backup, bool):
        raise Misunderstood("read carp: the box does not say whether it is the primary of a pair")
    if backup:
        raise Unsupported(
            "the box is the secondary of a pair (CARP: BACKUP), which copies the primary; manage the primary"
        )


def _details(answer: Mapping[str, Any], config: Mapping[str, Any], limiters: tuple[str, ...]) -> Details:
    groups = {}
    for raw in reader.entries(config["ifgroups/ifgroupentry"], "ifgroups/ifgroupentry"):
        members = reader.text(raw, "members", "ifgroups/ifgroupentry").split()
        groups[reader.text(raw, "ifname", "ifgroups/ifgroupentry")] = tuple(members)
    backend = reader.text(config, "dhcpbackend", "read") or "isc"
    if backend not in ("isc", "kea"):
        raise Misunderstood(f"dhcpbackend: the box has {backend!r}; known are isc and kea")
    digest, revision = _part(answer, "digest", str), reader.mapping(answer.get("revision"), "revision")
    password = answer.get("factory_password")
    if password is not None and not isinstance(password, bool):
        raise Misunderstood("read factory_password: neither yes nor no")
    return Details(
        config=config,
        digest=digest,
        revision=reader.text(revision, "time", "revision"),
        addresses=_part(answer, "addresses", dict),
        groups=groups,
        packages=reader.texts(answer.get("packages"), "packages"),
        armed=reader.text(reader.mapping(answer.get("armed"), "armed"), "token", "armed"),
        disabled=reader.switch(config, "system/disablefilter"),
        kea=backend == "kea",
        queues=reader.queues(config["shaper/queue"]),
        limiters=limiters,
        limiters_there=reader.limiters(config["dnshaper/queue"]),
        peer=reader.text(_part(answer, "carp", dict), "peer", "carp"),
        factory_password=password,
        changed_by=_changed_by(revision),
    )


def _changed_by(revision: Mapping[str, Any]) -> ChangedBy | None:
    """What `write_config` noted of its last call (inc/config.lib.inc), which is the one whose result was read."""
    said = {name: reader.text(revision, name, "revision").strip() for name in ("username", "time", "description")}
    if not said["username"] or not said["time"].isdecimal():
        return None
    try:
        when = at(int(said["time"]))
    except ValueError:
        return None
    what = said["description"]
    if OUR_RUNS in what:
        what += "; this was a run of this collection"
    return ChangedBy(said["username"], when, what, "revision in config.xml")


def _tables(config: Mapping[str, Any]) -> dict[Any, list[Row]]:
    tables: dict[Any, list[Row]] = {
        table(ALIASES): [reader.alias(raw) for raw in reader.entries(config[ALIASES], ALIASES)],
        table(NOTES): _notes(config[NOTES]),
        table(VLANS): [reader.vlan(raw) for raw in reader.entries(config[VLANS], VLANS)],
        table(INTERFACES): [
            reader.interface(name, reader.mapping(raw, f"interfaces/{name}"))
            for name, raw in reader.mapping(config[INTERFACES], INTERFACES).items()
        ],
        table(DHCP): [
            reader.dhcp(name, reader.mapping(raw, f"dhcpd/{name}"))
            for name, raw in reader.mapping(config[DHCP], DHCP).items()
        ],
        table(FORWARDS): reader.forwards(config[FORWARDS]),
        table(OUTBOUND): [{"mode": reader.text(config, "nat/outbound/mode", "read")}],
        table(OUTBOUND_RULES): reader.outbound_rules(config[OUTBOUND_RULES]),
        table(SIPROXD): [{"enabled": reader.text(config, _SIPROXD_ON, "read") == "on"}],
        table(TIMEOUTS): [
            {
                "optimization": reader.text(config, "system/optimization", "read"),
                **{name: reader.digits(config, f"system/{name}", "read") for name in UDP_TIMEOUTS},
            }
        ],
        table(WEB): [_web(config)],
        table(SSH): [
            {
                "enabled": reader.switch(config, "system/ssh/enable"),
                "port": reader.digits(config, "system/ssh/port", "read"),
                "key_only": reader.text(config, "system/ssh/sshdkeyonly", "read"),
            }
        ],
        table(SSHGUARD): [
            {
                "threshold": reader.digits(config, "system/sshguard_threshold", "read"),
                "blocktime": reader.digits(config, "system/sshguard_blocktime", "read"),
            }
        ],
        table(RULES, FLOATING): [],
        table(RULES, MATCH): [],
    }
    for scope, row in reader.rules(config[RULES]):
        tables.setdefault(table(RULES, scope), []).append(row)
    return tables


def _web(config: Mapping[str, Any]) -> Row:
    protocol = reader.text(config, "system/webgui/protocol", "read")
    if protocol not in ("", *DEFAULT_PORTS):
        raise Misunderstood(f"system/webgui protocol: the box has {protocol!r}; known are http and https")
    return {
        "protocol": protocol,
        "port": reader.digits(config, "system/webgui/port", "read"),
        "no_redirect": reader.switch(config, "system/webgui/disablehttpredirect"),
        "no_anti_lock_out": reader.switch(config, "system/webgui/noantilockout"),
        "session_timeout": reader.digits(config, "system/webgui/session_timeout", "read"),
    }


def _notes(value: Any) -> list[Row]:
    return [
        {"name": reader.text(raw, "name", NOTES), "text": reader.text(raw, "detail", NOTES)}
        for raw in reader.entries(value, NOTES)
    ]


def _running(answer: Mapping[str, Any], document: Document, details: Details) -> Row:
    """What was saved and is not in force: changes that nobody applied, rules and aliases of ours that are not there."""
    dirty = _part(answer, "dirty", list)
    numbers = _part(answer, "running", list)
    if not all(isinstance(item, str) for item in dirty) or not all(isinstance(item, int) for item in numbers):
        raise Misunderstood("read dirty, running: neither names nor numbers")
    status = _part(answer, "status", str)
    unapplied: list[str] = []
    missing: list[str] = []
    if not details.disabled:  # nothing is in force then, and a reload clears no flag (inc/filter.inc)
        unapplied += [name for name in dirty if name in APPLIED]
        if status not in _LOADED and not status.startswith(_DISABLED):
            unapplied.append(f"the last reload ended with: {status[:200]}")
        loaded = set(numbers)
        for row in document.rows(table(RULES, FLOATING)):
            ours = row["descr"].startswith(MARK) and not row["disabled"]
            if ours and not (row["tracker"].isdigit() and int(row["tracker"]) in loaded):
                missing.append(row["descr"])
        missing += _aliases_not_loaded(_part(answer, "tables", dict), document)
    return {
        "unapplied": tuple(sorted(set(unapplied))),
        "missing": tuple(sorted(missing)),
        "rollback": "waits" if details.armed else "",
    }


def _aliases_not_loaded(loaded: Mapping[str, Any], document: Document) -> list[str]:
    found = []
    for row in document.rows(table(ALIASES)):
        if row["name"] not in TABLES or not _used(row["name"], document):
            continue
        wanted = [_network(entry) for entry in row["address"]]
        if None in wanted:
            continue  # a name among them is resolved by filterdns, some time later
        there = loaded.get(row["name"])
        if not isinstance(there, list) or {_network(str(entry)) for entry in there} != set(wanted):
            found.append(row["name"])
    return found


def _used(name: str, document: Document) -> bool:
    """Whether a rule that is on uses the alias: pf keeps no table that nothing uses."""
    return any(
        name in (row["source"], row["destination"]) and not row["disabled"] for _table, row in document.every(RULES)
    )


def _network(entry: str) -> str | None:
    try:
        return str(ip_network(entry, strict=False))
    except ValueError:
        return None
