# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the compilers of the concerns share: the unit they look at and the desired rows they collect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network

from ....document.diff import Entry
from ....document.model import Document, Row, RowId, references
from ....errors import NotPossible
from ....policy.model import CONCERNS, Management, PortRange, SitePolicy, VoiceVlan
from ....posture.record import Unverifiable
from .. import memory, names
from ..details import Details
from ..models import SIDE
from ..ownership import Ownership
from ..reader.rules import ANY, EVERYWHERE, UNKNOWN
from ..tables import ACCESS_LIST, AFTER_RESTART, FILTER, GROUPS, OBJECTS, RULES, SERVICE_GROUPS, SERVICES, SETS, table
from ..writer import OTHER_CLASS

_SHOWN_IN_WORDS = ("source", "destination", "service", "qos")
_BLOCKS = {OBJECTS: "IP objects", GROUPS: "IP groups", SERVICES: "service objects", SERVICE_GROUPS: "service groups"}
WHOLE = PortRange(1, 65535)


class Context:
    """One compilation: what is desired is collected by table."""

    def __init__(
        self, policy: SitePolicy, concerns: Sequence[str], document: Document, details: Details, armed: bool = False
    ) -> None:
        self.policy = policy
        self.concerns = tuple(concerns)
        self.document = document
        self.details = details
        self.remarks: list[str] = []
        self.unverifiable: list[Unverifiable] = []
        self.settings: dict[RowId, Entry] = {}
        self.extra_cells: list[memory.Cell] = []
        self.ownership = Ownership(document, details.ports)
        self._armed = armed
        self._owned: dict[str, dict[str, Entry]] = {}
        self._free = {path: list(keys) for path, keys in details.free.items()}
        self._sets = dict(details.sets)
        self._meant: list[Row] = []
        self._hidden: dict[str, str] = {}

    @property
    def voice_vlan(self) -> VoiceVlan:
        """The policy's voice VLAN, which validation asks for with the concerns that need it."""
        if self.policy.voice_vlan is None:
            raise NotPossible("voip_policy.voice_vlan: needed for this concern")
        return self.policy.voice_vlan

    @property
    def management(self) -> Management:
        """The policy's management section, which validation asks for with the concern that needs it."""
        if self.policy.management is None:
            raise NotPossible("voip_policy.management: needed for this concern")
        return self.policy.management

    # Rows of ours

    def own(self, path: str, name: str, row: Row, *controls: str) -> str:
        """A row of ours in a table of numbered places: it keeps the place that it has, or takes a free one. Returns
        its key.

        Asked for by several concerns it is the same row, for the controls of all of them. Raises `NotPossible` where
        there is no room.
        """
        entries = self._owned.setdefault(path, {})
        known = entries.get(name)
        if known is not None:
            entries[name] = Entry(known.row, tuple(dict.fromkeys((*known.controls, *controls))))
            return str(known.row["id"])
        present = next((one for one in self.document.rows(table(path)) if one["name"] == name), None)
        key = str(present["id"]) if present is not None else self._take(path)
        entries[name] = Entry({"id": key, "name": name, **row}, controls)
        return key

    def rows_of(self, path: str) -> dict[str, Entry]:
        """The rows of ours that are wanted in a table so far, for tables whose rows have no names."""
        return self._owned.setdefault(path, {})

    def _take(self, path: str) -> str:
        free = self._free.get(path, [])
        if not free:
            raise NotPossible(
                f"{_BLOCKS[path]}: no free place is left among those that are kept for this collection on this unit "
                "(voip_reserved_objects, for IP objects); nothing was written"
            )
        return free.pop(0)

    def network(self, network: IPv4Network | IPv4Address, *controls: str) -> str:
        """The object of a network or an address; returns its key."""
        whole = IPv4Network(network)
        alone = whole.prefixlen == 32
        row: Row = {
            "interface": "any",
            "type": "single" if alone else "mask",
            "start": str(whole.network_address),
            "end": "0.0.0.0" if alone else str(whole.netmask),
            "invert": 0,
        }
        return self.own(OBJECTS, names.ip_object(whole), row, *controls)

    def group(self, name: str, networks: Iterable[IPv4Network | IPv4Address], *controls: str) -> tuple[str, ...]:
        """Groups of these networks, as a side of a rule names them: one, or two where one has no room for all."""
        members = [self.network(network, *controls) for network in networks]
        room = self.details.room
        parts = [members[start : start + room] for start in range(0, len(members), room)]
        if len(parts) > SIDE:
            raise NotPossible(
                f"{name}: {len(members)} networks, and a rule of this unit takes {SIDE} groups of {room}; nothing "
                f"was written"
            )
        sides = []
        for number, part in enumerate(parts):
            row: Row = {"interface": "any", "member": _by_number(part)}
            sides.append(self.own(GROUPS, f"{name}2" if number else name, row, *controls))
        return tuple(sides)

    def service(self, protocol: str, ports: PortRange, *controls: str) -> str:
        """The object of a range of destination ports; `protocol` is tcp, udp or any (both). Returns its key."""
        row: Row = {
            "protocol": {"tcp": 6, "udp": 17, "any": 255}[protocol],
            "source": (0, WHOLE.first, WHOLE.last),
            "destination": (0, ports.first, ports.last),
        }
        return self.own(SERVICES, names.service_object(protocol, ports), row, *controls)

    def services(
        self, name: str, *controls: str, tcp: Sequence[PortRange] = (), udp: Sequence[PortRange] = ()
    ) -> tuple[str, ...]:
        """A service, as a rule names it: one object, or a group of several."""
        both = [ports for ports in tcp if ports in udp]
        keys = [self.service("any", ports, *controls) for ports in both]
        keys += [self.service("tcp", ports, *controls) for ports in tcp if ports not in both]
        keys += [self.service("udp", ports, *controls) for ports in udp if ports not in both]
        if len(keys) == 1:
            return (keys[0],)
        if len(keys) > self.details.service_room:
            raise NotPossible(
                f"{name}: {len(keys)} ranges of ports, and a service group of this unit takes "
                f"{self.details.service_room}; nothing was written"
            )
        return (self.own(SERVICE_GROUPS, name, {"member": _by_number(keys)}, *controls),)

    def rule(
        self,
        name: str,
        direction: int,
        action: str,
        *controls: str,
        source: tuple[str, ...] = ANY,
        destination: tuple[str, ...] = ANY,
        service: tuple[str, ...] = ANY,
        qos: int = 0,
    ) -> None:
        """One of our rules, in the place that is its own."""
        entries = self._owned.setdefault(RULES, {})
        if name in entries:
            known = entries[name]
            entries[name] = Entry(known.row, tuple(dict.fromkeys((*known.controls, *controls))))
            return
        self._claim_set(names.PLACES[name][1], *controls)
        where, place = names.place_of(name, self._sets, self.details.limits.rules)
        row: Row = {
            "id": f"{where}.{place}",
            "set": where,
            "name": name,
            "enabled": True,
            "direction": direction,
            "incoming": EVERYWHERE,
            "outgoing": EVERYWHERE,
            "source": source,
            "destination": destination,
            "service": service,
            "fragments": 0,
            "action": action,
            "branch": "",
            "schedules": (0, 0, 0, 0),
            **({"qos": qos} if qos else {}),
            "log": action == "block",
        }
        row["digest"] = names.digest_of(row)
        present = self.document.find(table(RULES), row["id"])
        if not qos and present is not None and present.get("qos", 0) not in (0, OTHER_CLASS):
            row["qos"] = OTHER_CLASS
        self._meant.append(row)
        entries[name] = Entry(self._as_far_as_shown(row), controls)

    def _as_far_as_shown(self, row: Row) -> Row:
        """The row, with the parts as the unit shows them that nobody understands, where its digest says that they are
        ours."""
        present = self.document.find(table(RULES), row["id"])
        if present is None:
            return row
        if not present["digest"]:
            raise NotPossible(
                f"{RULES} {row['id']}: the site has a rule of its own there, in a filter set that is ours; move it to "
                "another set, then run again"
            )
        if self._armed:
            row["schedules"] = present["schedules"]
        if present["digest"] != row["digest"]:
            return row
        hidden = [field for field in _SHOWN_IN_WORDS if field in row and _is_unknown(present[field])]
        if hidden:
            self._hidden[row["name"]] = (
                f"{RULES} {row['id']} {row['name']}: the unit shows {', '.join(hidden)} in words that are not "
                "understood; what was set last is known by the rule's comment only"
            )
        return {**row, **{field: present[field] for field in hidden}}

    def unverified(self) -> list[Unverifiable]:
        """What was asked for and could not be read. Other units show the sides of a rule in words that are understood,
        so that this one should have."""
        rules = self._owned.get(RULES, {})
        hidden = [
            Unverifiable(control, text, False)
            for name, text in self._hidden.items()
            for control in rules[name].controls
        ]
        return [*hidden, *self.unverifiable]

    def _claim_set(self, index: int, *controls: str) -> None:
        if names.needed_sets(self.details.limits.rules) == 1:
            index = 0
        comment = names.SETS[index]
        entries = self._owned.setdefault(SETS, {})
        if comment in entries:
            return
        if comment not in self._sets:
            if not self._free.get(SETS):
                raise NotPossible(
                    "filter sets: none of this unit's is free (no comment, no next set, no rule in use); nothing was "
                    "written"
                )
            self._sets[comment] = self._free[SETS].pop(0)
        entries[comment] = Entry({"id": self._sets[comment], "comment": comment, "next": ""}, controls)

    # Settings, which are not ours

    def keep(self, path: str, key: str, values: Row, *controls: str) -> None:
        """Fields to keep at these values on a row that is not ours; what they were is remembered for the way back."""
        where = table(path)
        if self.document.find(where, key) is None:
            raise NotPossible(f"{path} {key}: not on this unit")
        row_id = RowId(where, key)
        known = self.settings.get(row_id)
        merged = {**known.row, **values} if known else dict(values)
        self.settings[row_id] = Entry(merged, tuple(dict.fromkeys((*(known.controls if known else ()), *controls))))

    # What comes of it

    def collected(self) -> dict[str, list[Entry]]:
        """Our rows, as `Desired` wants them; building blocks that nothing asked for here uses are left out."""
        self._carry_other_rules()
        self._link()
        self._remember()
        used = self._used()
        return {
            path: [entry for entry in entries.values() if self._is_needed(path, entry.row, used)]
            for path, entries in self._owned.items()
        }

    def _carry_other_rules(self) -> None:
        """Let rules of ours that other concerns keep stay as they are."""
        entries = self._owned.setdefault(RULES, {})
        for row in self.document.tables.get(table(RULES), ()):
            ours = row["name"] in names.PLACES and row["digest"] and row["name"] not in entries
            if ours and not self.ownership.claims(table(RULES), row, self.concerns):
                controls = self.ownership.claims(table(RULES), row, CONCERNS)
                self._claim_set(names.PLACES[row["name"]][1], *controls)
                entries[row["name"]] = Entry({"id": row["id"], "set": row["set"], "name": row["name"]}, controls)

    def _link(self) -> None:
        """Our sets come first, one after the other, and lead to the set that the site starts with."""
        entries = self._owned.get(SETS)
        if not entries:
            return
        controls = next(iter(entries.values())).controls
        chain = [entries[comment] for comment in names.SETS if comment in entries]
        ours = set(self._sets.values())
        start = linked_start(self.document, ours)
        for entry, following in zip(chain, [*(str(one.row["id"]) for one in chain[1:]), start], strict=True):
            entry.row["next"] = following
        present = self.document.singleton(table(FILTER))
        if not present["data"] and present["default"] == "block":
            raise NotPossible(
                "ipf: the data filter is off and blocks what no rule matches: switching it on would cut the site off. "
                "Let its default rule pass first, or switch the filter on with rules of your own"
            )
        self.settings[RowId(table(FILTER), "")] = Entry({"data": str(chain[0].row["id"])}, controls)

    def _remember(self) -> None:
        for cell, number in memory.to_remember(
            self.document, self.details.ports, self.settings, self.extra_cells, self.concerns
        ):
            self._note(cell.name, number, *_CELL_CONTROLS[cell.concern])
        waits = {memory.VOICE: self._settings_wait, memory.MANAGEMENT: self._list_waits}
        for concern, name in memory.STARTS.items():
            if concern in self.concerns:
                self._note_start(name, waits[concern](), *_CELL_CONTROLS[concern])

    def _note(self, name: str, number: int, *controls: str) -> None:
        row: Row = {
            "interface": "any",
            "type": "single",
            "start": str(IPv4Address(number)),
            "end": "0.0.0.0",
            "invert": 0,
        }
        self.own(OBJECTS, name, row, *controls)

    def _note_start(self, name: str, waits: bool, *controls: str) -> None:
        """When the unit had started at the time of a change that takes effect only once it is started again."""
        present = next((row for row in self.document.rows(table(OBJECTS)) if row["name"] == name), None)
        noted = None if present is None else memory.number_of(present)
        if waits and (noted is None or abs(self.details.started - noted) > memory.CLOCK_SLACK):
            self._note(name, self.details.started, *controls)
        elif noted is not None:
            self._note(name, noted, *controls)

    def _settings_wait(self) -> bool:
        """Whether a setting changes that takes effect when the unit starts again."""
        return any(
            (self.document.find(row_id.table, row_id.key) or {}).get(field) != value
            for row_id, entry in self.settings.items()
            for field, value in entry.row.items()
            if field in AFTER_RESTART.get(row_id.table.path, ())
        )

    def _list_waits(self) -> bool:
        """Whether the list of administrators changes, on a unit that heeds it from the next start only."""
        where = table(ACCESS_LIST)
        rows = self.document.rows(where)
        ours = {row["id"]: row["object"] for row in rows if self.ownership.claims(where, row, self.concerns)}
        wanted = {key: entry.row["object"] for key, entry in self._owned.get(ACCESS_LIST, {}).items()}
        return self.details.limits.acl_restarts and ours != wanted

    def _is_needed(self, path: str, row: Row, used: set[tuple[str, str]]) -> bool:
        spec = self.document.specs[path]
        kept = path == SETS or str(row.get("name", "")).startswith(names.REMEMBERED)
        return not spec.collected or kept or (path, str(row["id"])) in used

    def _used(self) -> set[tuple[str, str]]:
        """The (path, key) pairs that rules and settings asked for here lead to, through groups as well."""
        specs = self.document.specs
        blocks: dict[tuple[str, str], Row] = {}
        waiting = [(row_id.table.path, entry.row) for row_id, entry in self.settings.items()]
        waiting += [(RULES, row) for row in self._meant]
        for path, entries in self._owned.items():
            for entry in entries.values():
                if specs[path].collected and path != SETS:
                    blocks[path, str(entry.row["id"])] = entry.row
                else:
                    waiting.append((path, entry.row))
        used: set[tuple[str, str]] = set()
        while waiting:
            for found in references(specs, *waiting.pop()) - used:
                used.add(found)
                if found in blocks:
                    waiting.append((found[0], blocks[found]))
        return used


_CELL_CONTROLS = {
    memory.ALG: ("FW-3",),
    memory.ALLOWLIST: ("FW-1",),
    memory.VOICE: ("VLAN-1",),
    memory.MANAGEMENT: ("WEB-3",),
}


def _is_unknown(shown: int | str | Sequence[str]) -> bool:
    """Whether a unit shows it in words that are not understood."""
    parts = (shown,) if isinstance(shown, str) else () if isinstance(shown, int) else shown
    return any(part.startswith(UNKNOWN) for part in parts)


def linked_start(document: Document, ours: set[str]) -> str:
    """The set that the site itself starts with: what the filter starts with, or what our last set leads to."""
    present = str(document.singleton(table(FILTER))["data"])
    following = {str(row["id"]): str(row["next"]) for row in document.rows(table(SETS))}
    seen: set[str] = set()
    while present in ours and present not in seen:
        seen.add(present)
        present = following.get(present, "")
    return "" if present in seen else present


def _by_number(keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(keys), key=lambda key: int(key.rpartition(" ")[2])))
