# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the compilers of the concerns share: the box they look at and the desired rows they collect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from ipaddress import ip_network
from typing import Any, TypeVar

from ....document.diff import Entry
from ....document.model import Document, Row, RowId, TableId, references
from ....errors import NotPossible
from ....policy.model import CONCERNS, Destination, Management, PortRange, SitePolicy, VoiceVlan
from ... import notes
from ...notes import Kept, Note
from .. import names
from ..details import Details
from ..ownership import Ownership, bears_mark
from ..tables import ALIASES, FLOATING, FORWARDS, NOTES, OUTBOUND, OUTBOUND_RULES, RULES, table
from ..topology import Topology

Section = TypeVar("Section", VoiceVlan, Management)
DESCRIPTION = "VOIPH-kept by voip.hardening"
_EITHER = ("inet", "inet6", "inet46")
_ALONE = frozenset({OUTBOUND, OUTBOUND_RULES, RULES})
"""Settings that only some policies ask for: `static_port`, `enforce_exclusive`."""


class Context:
    """One compilation. `concern` is the one being compiled."""

    def __init__(self, policy: SitePolicy, concerns: tuple[str, ...], document: Document, details: Details) -> None:
        self.policy = policy
        self.concerns = concerns
        self.document = document
        self.details = details
        self.concern = ""
        self.remarks: list[str] = []
        self._owned: dict[TableId, dict[str, Entry]] = {}
        self._settings: dict[RowId, Entry] = {}
        self._kept: list[Kept] = []
        self._ownership = Ownership(document)

    @cached_property
    def topology(self) -> Topology:
        return Topology(self.policy, self.document, self.details, may_create="voice_vlan" in self.concerns)

    @property
    def voice_vlan(self) -> VoiceVlan:
        """The policy's voice VLAN, which validation asks for with the concerns that need it."""
        return _given(self.policy.voice_vlan, "voip_policy.voice_vlan")

    @property
    def management(self) -> Management:
        """The policy's management section, which validation asks for with the concern that needs it."""
        return _given(self.policy.management, "voip_policy.management")

    def own(self, where: TableId, row: Row, *controls: str) -> None:
        """A row of ours; asked for by several concerns it is the same row, for the controls of all of them."""
        entries = self._owned.setdefault(where, {})
        identity = self.document.spec(where).identify(row)
        known = entries.get(identity)
        if known is not None:
            controls = tuple(dict.fromkeys((*known.controls, *controls)))
            row = known.row
        entries[identity] = Entry(row, controls)

    def keep(self, where: TableId, key: Any, values: Row, *controls: str) -> None:
        """Fields to keep at these values on a row that is not ours; what they were is remembered for the way back."""
        present = self.document.find(where, key)
        if present is None:
            raise NotPossible(f"{where} {key}: not on this box")
        row_id = RowId(where, key)
        known = self._settings.get(row_id)
        merged = {**known.row, **values} if known else dict(values)
        all_controls = tuple(dict.fromkeys((*(known.controls if known else ()), *controls)))
        self._settings[row_id] = Entry(merged, all_controls)
        for name, value in values.items():
            self._kept.append(Kept(self.concern, where, key, name, present[name], value, controls))

    def was_set(self, where: TableId, field: str) -> bool:
        """Whether an earlier run set this field: what it is now is nobody's first choice."""
        noted = [note for note in self._ownership.notes.values() if note is not None]
        return any((note["t"], note["f"]) == (str(where), field) for note in noted)

    def require(self, where: TableId, values: Row, *controls: str) -> None:
        """Like `keep`, of what is no setting of the site's: nothing is remembered."""
        self._settings[RowId(where, "")] = Entry(values, controls)

    def claims(self, where: TableId, row: Row) -> tuple[str, ...]:
        return self._ownership.claims(where, row, self.concerns)

    def collected(self) -> tuple[dict[TableId, list[Entry]], dict[RowId, Entry]]:
        """Our rows and the settings, as `Desired` wants them."""
        earlier = {
            name.removeprefix(names.NOTE): note for name, note in self._ownership.notes.items() if note is not None
        }
        for name, note, controls in self._remembered(earlier):
            row = {"name": f"{names.NOTE}{name}", "text": notes.written(note)}
            self.own(table(NOTES), row, *controls)
        used = self._used()
        owned = {
            where: [entry for entry in entries.values() if where.path != ALIASES or entry.row["name"] in used]
            for where, entries in self._owned.items()
        }
        self._carry(owned, table(NOTES))
        for where in (table(RULES, FLOATING), table(FORWARDS), table(OUTBOUND_RULES)):
            self._carry(owned, where)
        owned[table(RULES, FLOATING)].sort(key=lambda entry: names.rule_rank(entry.row["descr"]))
        # The first rule for translation that matches counts: what keeps source ports comes before what does not.
        owned[table(OUTBOUND_RULES)].sort(key=lambda entry: not entry.row["descr"].startswith(names.STATIC_PORT))
        return owned, self._settings

    def _remembered(self, earlier: Mapping[str, Note]) -> Iterator[tuple[str, Note, tuple[str, ...]]]:
        """The notes to make or update. Settings that every policy asks for are remembered together, in a concern's
        first run; those that a later policy may bring along, each in its own."""
        together = {name: note for name, note in earlier.items() if note["t"].rpartition(":")[2] not in _ALONE}
        yield from notes.remember(together, [kept for kept in self._kept if kept.table.path not in _ALONE])
        for kept in self._kept:
            if kept.table.path in _ALONE:
                known = earlier.get(kept.name())
                yield from notes.remember({kept.name(): known} if known else {}, [kept])

    def _used(self) -> set[str]:
        """The names of aliases that our rows lead to, through other aliases as well."""
        specs = self.document.specs
        aliases = self._owned.get(table(ALIASES), {})
        waiting = [
            (where.path, entry.row)
            for where, entries in self._owned.items()
            if where.path != ALIASES
            for entry in entries.values()
        ]
        used: set[str] = set()
        while waiting:
            for path, name in references(specs, *waiting.pop()):
                if path == ALIASES and name not in used:
                    used.add(name)
                    if name in aliases:
                        waiting.append((ALIASES, aliases[name].row))
        return used

    def _carry(self, owned: dict[TableId, list[Entry]], where: TableId) -> None:
        """Let rows of ours that other concerns keep stay as they are: they count for order, and as still in use."""
        entries = owned.setdefault(where, [])
        spec = self.document.spec(where)
        held = {spec.identify(entry.row) for entry in entries}
        for row in self.document.rows(where):
            if not bears_mark(where.path, row) or spec.identify(row) in held:
                continue
            if where.path == NOTES or not self.claims(where, row):
                controls = self._ownership.claims(where, row, CONCERNS)
                name = spec.identity or spec.key
                entries.append(Entry({spec.key: row[spec.key], name: row[name]}, controls))

    # Building blocks that several concerns use

    def networks(self, name: str, destinations: Iterable[Destination], *controls: str) -> bool:
        """An alias of networks, addresses and host names; False where there are none: empty ones match nothing."""
        addresses = tuple(sorted(_entry(destination) for destination in destinations))
        if addresses:
            row = {"name": name, "type": "network", "address": addresses, "descr": DESCRIPTION}
            self.own(table(ALIASES), row, *controls)
        return bool(addresses)

    def nested(self, name: str, members: Iterable[str], *controls: str) -> None:
        """An alias of aliases of networks."""
        row = {"name": name, "type": "network", "address": tuple(sorted(members)), "descr": DESCRIPTION}
        self.own(table(ALIASES), row, *controls)

    def ports(self, name: str, ranges: Iterable[PortRange], *controls: str) -> bool:
        """An alias of ports; False where there are none."""
        entries = tuple(
            sorted(str(one.first) if one.first == one.last else f"{one.first}:{one.last}" for one in ranges)
        )
        if entries:
            row = {"name": name, "type": "port", "address": entries, "descr": DESCRIPTION}
            self.own(table(ALIASES), row, *controls)
        return bool(entries)

    def translation(
        self, name: str, wan: str, destination: str, control: str, *, protocol: str = "any", static_port: bool = False
    ) -> None:
        """A rule of ours for translating what the phones send out by a WAN."""
        row: Row = {
            "key": name,
            "descr": name,
            "disabled": False,
            "interface": wan,
            "protocol": protocol,
            "source": str(self.voice_vlan.subnet),
            "source_not": False,
            "destination": destination,
            "destination_not": False,
            "static_port": static_port,
            "rest": (),
        }
        self.own(table(OUTBOUND_RULES), row, control)

    def rule(
        self,
        controls: tuple[str, ...],
        name: str,
        interfaces: Iterable[str],
        *,
        kind: str = "block",
        direction: str = "in",
        family: str = "inet46",
        protocol: str = "any",
        source: str = "any",
        destination: str = "any",
        all_but: str = "",
        ports: str = "",
        vlanprioset: str = "",
        queue: str = "",
        limiters: tuple[str, ...] = (),
    ) -> None:
        """A rule of ours. `all_but`: `source` or `destination`, whose addresses are those that it does *not* match."""
        if family not in _EITHER:
            raise ValueError(f"family: {family!r}")
        limiter, limiter_back = limiters or ("", "")
        row: Row = {
            "tracker": self._tracker(name),
            "numbered": True,
            "descr": name,
            "disabled": False,
            "type": kind,
            "interface": tuple(sorted(interfaces)),
            "direction": direction,
            "ipprotocol": family,
            "protocol": protocol,
            "vlanprioset": vlanprioset,
            "source": source,
            "source_not": all_but == "source",
            "source_port": "",
            "destination": destination,
            "destination_not": all_but == "destination",
            "destination_port": ports,
            "quick": True,
            "log": kind == "block",
            "gateway": "",
            "queue": queue,
            "limiter": limiter,
            "limiter_back": limiter_back,
            "linked": "",
            "rest": (),
        }
        self.own(table(RULES, FLOATING), row, *controls)

    def _tracker(self, name: str) -> str:
        taken = {str(row["tracker"]) for _table, row in self.document.every(RULES)}
        taken |= {str(entry.row["tracker"]) for entry in self._owned.get(table(RULES, FLOATING), {}).values()}
        return names.tracker(name, taken)


def _entry(destination: Destination) -> str:
    return destination if isinstance(destination, str) else str(ip_network(destination))


def _given(section: Section | None, field: str) -> Section:
    if section is None:
        raise NotPossible(f"{field}: needed for this concern")
    return section
