# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to edits of config.xml, and to what has to be applied afterwards.

Lists are told by the places that their entries had, so that entries of others never pass through here: they stay byte
for byte what they were, whatever they hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...document.diff import DELETE, Change, apply_to
from ...document.model import MARK, Document, Row
from . import names, reader
from .details import Details
from .ownership import bears_mark
from .tables import (
    ALIASES,
    DHCP,
    FLOATING,
    FORWARDS,
    INTERFACES,
    MATCH,
    NOTES,
    OUTBOUND,
    OUTBOUND_RULES,
    RULE_TEXTS,
    RULES,
    RUNNING,
    SIPROXD,
    SSHGUARD,
    TIMEOUTS,
    UDP_TIMEOUTS,
    VLANS,
    WEB,
    table,
)

Edit = dict[str, Any]
_SEPARATORS = "filter/separator/floatingrules"
"""What marks sections of the list of floating rules (www/firewall_rules.php); places are `fr` and a number."""
_FORWARD_SEPARATORS = "nat/separator"


@dataclass(slots=True)
class Work:
    """What a box is told: `edits` of config.xml, and what to apply."""

    edits: list[Edit] = field(default_factory=list)
    apply: dict[str, Any] = field(default_factory=dict)


def work_for(changes: Sequence[Change], document: Document, details: Details) -> Work:
    """What carries the changes out on this box."""
    after = apply_to(document, list(changes))
    work = Work()
    touched = {change.table.path for change in changes}
    for path, of_table in _TABLES.items():
        if path in touched:
            mine = [change for change in changes if change.table.path == path]
            work.edits += of_table(path, mine, document, after, details)
    work.apply = _to_apply(changes, document, after)
    return work


# Singletons: an element for each field; an empty text is an element that is not there.

_ELEMENTS: Mapping[tuple[str, str], str] = {
    (OUTBOUND, "mode"): "nat/outbound/mode",
    (SIPROXD, "enabled"): "installedpackages/siproxdsettings/config/0/sipenable",
    (TIMEOUTS, "optimization"): "system/optimization",
    **{(TIMEOUTS, name): f"system/{name}" for name in UDP_TIMEOUTS},
    (WEB, "protocol"): "system/webgui/protocol",
    (WEB, "port"): "system/webgui/port",
    (WEB, "no_redirect"): "system/webgui/disablehttpredirect",
    (WEB, "no_anti_lock_out"): "system/webgui/noantilockout",
    (WEB, "session_timeout"): "system/webgui/session_timeout",
    (SSHGUARD, "threshold"): "system/sshguard_threshold",
    (SSHGUARD, "blocktime"): "system/sshguard_blocktime",
}


def _singleton(path: str, changes: list[Change], before: Document, after: Document, details: Details) -> list[Edit]:
    edits = []
    row = after.singleton(table(path))
    for name in dict.fromkeys(name for change in changes for name in change.after or {}):
        value, element = row[name], _ELEMENTS[path, name]
        if path == SIPROXD:
            value = "on" if value else ""  # the element keeps its place
        edit: Edit = {"path": element, "set": value}
        if path != SIPROXD and value in (False, ""):
            edit = {"path": element, "unset": True}
        edits.append(edit)
    return edits


# Lists


def _alias(row: Row) -> Edit:
    return {
        "name": row["name"],
        "type": row["type"],
        "address": " ".join(row["address"]),
        "descr": row["descr"],
        "detail": "||".join(["kept by voip.hardening"] * len(row["address"])),
    }


def _note(row: Row) -> Edit:
    return {"name": row["name"], "detail": row["text"]}


def _vlan(row: Row) -> Edit:
    return {
        "if": row["if"],
        "tag": str(row["tag"]),
        "pcp": row["pcp"],
        "descr": row["descr"],
        "vlanif": row["vlanif"],
    }


def _side(row: Row, name: str) -> Edit:
    said = row[name]
    kind = "network" if said.startswith("net:") else "address"
    side: Edit = {"any": True} if said == "any" else {kind: said.removeprefix("net:")}
    if row[f"{name}_not"]:
        side["not"] = True
    if row[f"{name}_port"]:
        side["port"] = row[f"{name}_port"]
    return side


def _rule(row: Row) -> Edit:
    texts = {name: row[name] for name in RULE_TEXTS}
    texts["interface"] = ",".join(row["interface"])
    shown: Edit = {"id": "", "tracker": row["tracker"], **texts, "statetype": "keep state", "os": ""}
    shown |= {"source": _side(row, "source"), "destination": _side(row, "destination"), "descr": row["descr"]}
    shown |= {"floating": "yes", "quick": "yes" if row["quick"] else None}
    shown |= {name: True if row[name] else None for name in ("disabled", "log")}
    shown |= {"defaultqueue": row["queue"] or None, "gateway": row["gateway"] or None}
    shown |= {"dnpipe": row["limiter"] or None, "pdnpipe": row["limiter_back"] or None}
    if row["protocol"] == "any":
        shown["protocol"] = None
    return _without_none(shown)


_RULE_ELEMENTS = {
    "numbered": "tracker",
    "queue": "defaultqueue",
    "limiter": "dnpipe",
    "limiter_back": "pdnpipe",
    "linked": "associated-rule-id",
    **{name: name for name in (*RULE_TEXTS, "descr", "disabled", "quick", "log", "gateway", "source", "destination")},
}


def _forward(row: Row) -> Edit:
    shown: Edit = {
        "source": _side(row, "source"),
        "destination": _side(row, "destination"),
        "ipprotocol": row["ipprotocol"],
        "protocol": row["protocol"],
        "target": row["target"],
        "local-port": row["port"],
        "interface": row["interface"],
        "descr": row["descr"],
        "associated-rule-id": row["linked"],
        "disabled": True if row["disabled"] else None,
        "nordr": True if row["nordr"] else None,
    }
    return _without_none(shown)


_FORWARD_ELEMENTS = {
    "port": "local-port",
    "linked": "associated-rule-id",
    **{name: name for name in "descr disabled interface ipprotocol protocol source destination target nordr".split()},
}


def _outbound_side(row: Row, name: str) -> Edit:
    side: Edit = {"any": ""} if row[name] == "any" and name == "destination" else {"network": row[name]}
    return {**side, "not": True} if row[f"{name}_not"] else side


def _outbound(row: Row) -> Edit:
    shown: Edit = {
        "source": _outbound_side(row, "source"),
        "sourceport": "",
        "descr": row["descr"],
        "target": "",
        "target_subnet": "",
        "interface": row["interface"],
        "poolopts": "",
        "source_hash_key": "",
        "staticnatport": True if row["static_port"] else None,
        "protocol": row["protocol"] if row["protocol"] != "any" else None,
        "destination": _outbound_side(row, "destination"),
        "disabled": True if row["disabled"] else None,
    }
    return _without_none(shown)


_OUTBOUND_ELEMENTS = {
    "static_port": "staticnatport",
    **{name: name for name in "descr disabled interface protocol source destination".split()},
}


def _without_none(shown: Edit) -> Edit:
    return {name: value for name, value in shown.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Part:
    """How an entry is written: a whole one, and the element of each field that may change alone."""

    whole: Callable[[Row], Edit]
    elements: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _List(_Part):
    """The same of the entries of a list, whose `keys` are told from the list as it was read."""

    keys: Callable[[Any], list[str]]


def _keys(rows: Callable[[Any], list[Row]], key: str) -> Callable[[Any], list[str]]:
    return lambda value: [str(row[key]) for row in rows(value)]


_LISTS: Mapping[str, _List] = {
    ALIASES: _List(
        _alias,
        {"name": "name", "type": "type", "address": "address", "descr": "descr"},
        _keys(lambda value: [reader.alias(raw) for raw in reader.entries(value, ALIASES)], "name"),
    ),
    NOTES: _List(
        _note,
        {"text": "detail"},
        lambda value: [reader.text(raw, "name", NOTES) for raw in reader.entries(value, NOTES)],
    ),
    VLANS: _List(
        _vlan,
        {"if": "if", "tag": "tag", "pcp": "pcp", "descr": "descr"},
        _keys(lambda value: [reader.vlan(raw) for raw in reader.entries(value, VLANS)], "vlanif"),
    ),
    FORWARDS: _List(_forward, _FORWARD_ELEMENTS, _keys(reader.forwards, "key")),
    OUTBOUND_RULES: _List(_outbound, _OUTBOUND_ELEMENTS, _keys(reader.outbound_rules, "key")),
    RULES: _List(_rule, _RULE_ELEMENTS, lambda value: [row["tracker"] for _scope, row in reader.rules(value)]),
}


def _list(path: str, changes: list[Change], before: Document, after: Document, details: Details) -> list[Edit]:
    spec = after.specs[path]
    rows = {str(spec.key_of(row)): row for row in after.rows(table(path))}
    return _list_edits(path, list(rows), rows, changes, details)


def _list_edits(
    path: str, order: Sequence[str], rows: Mapping[str, Row], changes: Sequence[Change], details: Details
) -> list[Edit]:
    """One edit that makes the list hold these rows in this order; and those of the sections' marks."""
    how, raw = _LISTS[path], details.config.get(path)
    present = how.keys(raw)
    raws = reader.entries(raw, path)
    entries: list[Edit] = []
    for key in order:
        if key not in present:
            entries.append({"new": how.whole(rows[key])})
            continue
        index = present.index(key)
        mine = [change for change in changes if str(change.key) == key and change.action != DELETE]
        fields = [name for change in mine for name in change.after or {}]
        entry: Edit = {"keep": index}
        if fields:
            entry |= _altered(how, rows[key], fields, raws[index])
        entries.append(entry)
    if path == NOTES and not entries:
        return [{"path": _room_for_notes(details), "unset": True}]
    edits: list[Edit] = [{"path": path, "list": entries}]
    if path == FORWARDS:
        edits += _marks(details, _FORWARD_SEPARATORS, present, order)
    return edits


def _room_for_notes(details: Details) -> str:
    """What goes with the last note: its own element, and the one around it where nothing else is in that."""
    own = NOTES.rpartition("/")[0]
    around, _slash, name = own.rpartition("/")
    others = set(reader.mapping(details.config.get(around), around)) - {name}
    return own if others else around


def _altered(how: _Part, row: Row, fields: Iterable[str], raw: Mapping[str, Any]) -> Edit:
    """The elements of an entry that change, and those that go."""
    whole = how.whole(row)
    elements: dict[str, None] = {}
    for name in fields:
        if name == "rest":
            # Elements that the web interface keeps empty are among them: what somebody wrote there goes as well.
            rest = [element for element in (*raw, *whole) if _is_rest(element, how)]
            elements |= dict.fromkeys(element for element in rest if raw.get(element) != whole.get(element))
        else:
            side = name.removesuffix("_not").removesuffix("_port")
            elements[how.elements.get(name) or how.elements[side]] = None
    if "address" in elements:
        elements["detail"] = None  # one text an entry
    entry: Edit = {}
    changed = {element: whole[element] for element in elements if element in whole}
    gone = [element for element in elements if element not in whole]
    if changed:
        entry["set"] = changed
    if gone:
        entry["unset"] = sorted(gone)
    return entry


def _is_rest(element: str, how: _Part) -> bool:
    return element not in how.elements.values() and element not in ("id", "tracker", "created", "updated", "floating")


def _rules(path: str, changes: list[Change], before: Document, after: Document, details: Details) -> list[Edit]:
    """The rules of all scopes are one list. Rules of others keep their places; ours stand before the first floating
    rule of others that decides something, or before all rules where there is none."""
    scoped = reader.rules(details.config.get(RULES))
    rows = {row["tracker"]: row for where, found in after.tables.items() if where.path == RULES for row in found}
    ours = [row["tracker"] for row in after.rows(table(RULES, FLOATING)) if bears_mark(RULES, row)]
    taken = {reader.text(raw, "tracker", RULES) for raw in reader.entries(details.config.get(RULES), RULES)}
    for key in ours:
        if not key.isdigit():  # it has no number, or one that another rule has as well
            number = names.tracker(rows[key]["descr"], taken)
            taken.add(number)
            rows[key] = {**rows[key], "tracker": number}
    order: list[str] = []
    waiting = True
    for scope, row in scoped:
        if scope == FLOATING and bears_mark(RULES, row):
            continue
        if waiting and scope == FLOATING:
            order += ours
            waiting = False
        if row["tracker"] in rows:
            order.append(row["tracker"])
    if waiting:
        matches = [index for index, key in enumerate(order) if _scope_of(key, scoped) == MATCH]
        place = matches[-1] + 1 if matches else 0
        order[place:place] = ours
    edits = _list_edits(RULES, order, rows, changes, details)
    was = [row["tracker"] for scope, row in scoped if scope in (FLOATING, MATCH)]
    now = [key for key in order if key in ours or _scope_of(key, scoped) in (FLOATING, MATCH)]
    return edits + _marks(details, _SEPARATORS, was, now)


def _scope_of(key: str, scoped: Sequence[tuple[str, Row]]) -> str:
    return next((scope for scope, row in scoped if row["tracker"] == key), FLOATING)


def _marks(details: Details, path: str, before: Sequence[str], after: Sequence[str]) -> list[Edit]:
    """Sections' marks go with the entry of others that they stood before."""
    found: Any = details.config.get("filter/separator" if path.startswith("filter") else path)
    if path.startswith("filter"):
        found = reader.mapping(found, "filter/separator").get(path.rpartition("/")[2])
    edits: list[Edit] = []
    for name, raw in reader.mapping(found, path).items():
        if not isinstance(raw, Mapping) or "row" not in raw:
            continue
        row = raw["row"][0] if isinstance(raw["row"], list) and raw["row"] else raw["row"]
        if not (isinstance(row, str) and row.startswith("fr") and row[2:].isdigit()):
            continue
        place = int(row[2:])
        anchor = next((key for key in before[place:] if key in after and not _is_ours(key)), None)
        if place == 0 and before and before[0] in after and _is_ours(before[0]):
            moved = 0  # somebody put it above ours
        elif anchor is not None:
            moved = after.index(anchor)
        else:
            moved = max(place + len(after) - len(before), 0)
        if moved != place:
            text = f"fr{moved}"
            edits.append({"path": f"{path}/{name}/row", "set": [text] if isinstance(raw["row"], list) else text})
    return edits


def _is_ours(key: str) -> bool:
    """Whether a key is one of ours, which begin with our mark or are numbered beyond the web interface's."""
    return key.startswith(MARK) or (key.isdigit() and int(key) >= names.FIRST_TRACKER)


# Parts that are told by name


def _interface(row: Row) -> Edit:
    shown: Edit = {"descr": row["descr"], "if": row["if"], "enable": True if row["enable"] else None}
    return _without_none({**shown, "ipaddr": row["ipaddr"], "subnet": row["subnet"], "spoofmac": ""})


def _server(row: Row) -> Edit:
    shown: Edit = {
        "enable": True if row["enable"] else None,
        "range": {"from": row["first"], "to": row["last"]},
        "defaultleasetime": row["lease"],
        "maxleasetime": row["longest"],
        "gateway": row["gateway"],
        "dnsserver": list(row["dns"]) or None,
        "ntpserver": list(row["ntp"]) or None,
        "tftp": row["url"] or None,
    }
    for one in row["rest"]:
        name, _equals, value = one.partition("=")
        shown[name] = json.loads(value)
    return _without_none(shown)


_PARTS: Mapping[str, _Part] = {
    INTERFACES: _Part(_interface, {name: name for name in "descr if enable ipaddr subnet".split()}),
    DHCP: _Part(
        _server,
        {
            **{"first": "range", "last": "range", "lease": "defaultleasetime", "longest": "maxleasetime"},
            **{"enable": "enable", "gateway": "gateway", "dns": "dnsserver", "ntp": "ntpserver", "url": "tftp"},
        },
    ),
}


def _named(path: str, changes: list[Change], before: Document, after: Document, details: Details) -> list[Edit]:
    """Rows of ours alone. What changes is set element by element: what the site put beside it, such as fixed addresses
    of phones, stays."""
    how = _PARTS[path]
    raws = reader.mapping(details.config.get(path), path)
    edits: list[Edit] = []
    for key in dict.fromkeys(str(change.key) for change in changes):
        row, place = after.find(table(path), key), f"{path}/{key}"
        if row is None:
            edits.append({"path": place, "unset": True})
        elif key not in raws:
            edits.append({"path": place, "set": how.whole(row)})
        else:
            fields = [name for change in changes if str(change.key) == key for name in change.after or {}]
            altered = _altered(how, row, fields, reader.mapping(raws[key], place))
            edits += [{"path": f"{place}/{name}", "set": value} for name, value in altered.get("set", {}).items()]
            edits += [{"path": f"{place}/{name}", "unset": True} for name in altered.get("unset", ())]
    return edits


def _nothing(path: str, changes: list[Change], before: Document, after: Document, details: Details) -> list[Edit]:
    """What is no part of config.xml."""
    return []


_TABLES: Mapping[str, Callable[[str, list[Change], Document, Document, Details], list[Edit]]] = {
    ALIASES: _list,
    NOTES: _list,
    VLANS: _list,
    INTERFACES: _named,
    DHCP: _named,
    FORWARDS: _list,
    OUTBOUND: _singleton,
    OUTBOUND_RULES: _list,
    RULES: _rules,
    SIPROXD: _singleton,
    TIMEOUTS: _singleton,
    WEB: _singleton,
    SSHGUARD: _singleton,
    RUNNING: _nothing,
}
_RESTARTS_WEB = frozenset({"protocol", "port", "no_redirect"})


def _to_apply(changes: Sequence[Change], before: Document, after: Document) -> dict[str, Any]:
    """What has to be applied: a VLAN's device is made anew only where it changes, since that interrupts it."""
    by_path: dict[str, list[Change]] = {}
    for change in changes:
        by_path.setdefault(change.table.path, []).append(change)
    made = [change for change in by_path.get(VLANS, ()) if change.action != DELETE]
    gone = [str(change.key) for change in by_path.get(VLANS, ()) if change.action == DELETE]
    interfaces = {str(change.key): change for change in by_path.get(INTERFACES, ())}
    devices = {str(change.key) for change in made}
    for row in after.rows(table(INTERFACES)):
        if row["if"] in devices:
            interfaces.setdefault(str(row["name"]), made[0])
    standing = {str(row["name"]) for row in before.rows(table(INTERFACES))}
    staying = {str(row["name"]) for row in after.rows(table(INTERFACES))}
    apply: dict[str, Any] = {
        "vlans_gone": gone,
        "vlans": sorted(devices),
        "interfaces_down": sorted(name for name in interfaces if name in standing),
        "interfaces": sorted(name for name in interfaces if name in staying),
        "dhcp": DHCP in by_path or bool(interfaces) or _waits("dhcpd", by_path),
        "siproxd": SIPROXD in by_path,
        "filter": True,
        "webgui": any(_RESTARTS_WEB & set(change.after or {}) for change in by_path.get(WEB, ())),
        "sshguard": SSHGUARD in by_path,
    }
    return {name: value for name, value in apply.items() if value}


def _waits(subsystem: str, by_path: Mapping[str, list[Change]]) -> bool:
    """Whether somebody saved what this subsystem has not applied yet."""
    return any(subsystem in (change.before or {}).get("unapplied", ()) for change in by_path.get(RUNNING, ()))
