# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the compilers of the concerns share: the unit they look at and the desired rows they collect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, TypeVar

from ....document.diff import Entry
from ....document.model import MARK, Document, Row, RowId, TableId, references
from ....errors import NotPossible
from ....policy.model import CONCERNS, Destination, Management, SitePolicy, VoiceVlan
from ...notes import Kept
from .. import names
from ..memory import remember
from ..ownership import Ownership
from ..tables import GLOBAL, TCP_UDP, scope_of
from .topology import Topology

Section = TypeVar("Section", VoiceVlan, Management)


class Context:
    """One compilation. `concern` is the one being compiled; the first VDOM holds the voice VLAN and the rules."""

    def __init__(
        self, policy: SitePolicy, concerns: tuple[str, ...], document: Document, vdoms: tuple[str, ...]
    ) -> None:
        self.policy = policy
        self.concerns = concerns
        self.document = document
        self.vdoms = vdoms
        self.concern = ""
        self.remarks: list[str] = []
        self._owned: dict[TableId, dict[str, Entry]] = {}
        self._settings: dict[RowId, Entry] = {}
        self._removed: dict[RowId, tuple[str, ...]] = {}
        self._kept: list[Kept] = []
        self._ownership = Ownership(document)

    @cached_property
    def topology(self) -> Topology:
        return Topology(self.policy, self.document, self.vdoms[0], may_create="voice_vlan" in self.concerns)

    @property
    def voice_vlan(self) -> VoiceVlan:
        """The policy's voice VLAN, which validation asks for with the concerns that need it."""
        return _given(self.policy.voice_vlan, "voip_policy.voice_vlan")

    @property
    def management(self) -> Management:
        """The policy's management section, which validation asks for with the concern that needs it."""
        return _given(self.policy.management, "voip_policy.management")

    def table(self, path: str, vdom: str | None = None) -> TableId:
        return TableId(GLOBAL if scope_of(path) == GLOBAL else vdom or self.vdoms[0], path)

    def own(self, path: str, row: Row, *controls: str) -> None:
        """A row of ours; asked for by several concerns it is the same row, for the controls of all of them.

        Fields that this release does not have are left out.
        """
        table = self.table(path)
        spec = self.document.spec(table)
        row = {name: value for name, value in row.items() if name in spec.fields}
        entries = self._owned.setdefault(table, {})
        identity = spec.identify(row)
        known = entries.get(identity)
        if known is not None:
            controls = tuple(dict.fromkeys((*known.controls, *controls)))
            row = known.row
        elif spec.key not in row:
            row = {spec.key: self._free_number(table), **row}
        entries[identity] = Entry(row, controls)

    def _free_number(self, table: TableId) -> int:
        """An unused number for a new row: chosen here, so that a repeated request cannot make a second row."""
        spec = self.document.spec(table)
        taken = [int(row[spec.key]) for row in self.document.rows(table)]
        taken += [int(entry.row[spec.key]) for entry in self._owned.get(table, {}).values()]
        return max(taken, default=0) + 1

    def keep(self, path: str, key: Any, values: Row, *controls: str, vdom: str | None = None) -> None:
        """Fields to keep at these values on a row that is not ours; what they were is remembered for the way back."""
        table = self.table(path, vdom)
        present = self.document.find(table, key)
        if present is None:
            raise NotPossible(f"{table} {key}: not on this unit")
        row_id = RowId(table, key)
        known = self._settings.get(row_id)
        merged = {**known.row, **values} if known else dict(values)
        all_controls = tuple(dict.fromkeys((*(known.controls if known else ()), *controls)))
        self._settings[row_id] = Entry(merged, all_controls)
        for name, value in values.items():
            self._remember(table, key, name, present[name], value, *controls)

    def remove(self, path: str, key: Any, *controls: str, vdom: str | None = None) -> None:
        """Do away with a row that is not ours; it is remembered whole."""
        table = self.table(path, vdom)
        present = self.document.find(table, key)
        if present is not None:
            self._removed[RowId(table, key)] = controls
            self._remember(table, key, "*", present, None, *controls)

    def _remember(self, table: TableId, key: Any, name: str, was: Any, kept: Any, *controls: str) -> None:
        self._kept.append(Kept(self.concern, table, key, name, was, kept, controls))

    def collected(self) -> tuple[dict[TableId, list[Entry]], dict[RowId, Entry], dict[RowId, tuple[str, ...]]]:
        """Our rows, the settings and the removals, as `Desired` wants them.

        Building blocks that nothing asked for here uses are left out: another concern may ask for them.
        """
        for row, controls in remember(self.document.rows(self.table("firewall/address")), self._kept):
            self.own("firewall/address", row, *controls)
        used = self._used()
        owned = {
            table: [entry for entry in entries.values() if self._is_needed(table, entry.row, used)]
            for table, entries in self._owned.items()
        }
        self._carry(owned, self.table("firewall/address"), names.REMEMBERED)
        policies = self.table("firewall/policy")
        if policies in owned:
            self._carry(owned, policies, MARK)
            owned[policies].sort(key=lambda entry: names.rule_rank(entry.row["name"]))
        return owned, self._settings, self._removed

    def _is_needed(self, table: TableId, row: Row, used: set[tuple[str, str]]) -> bool:
        spec = self.document.spec(table)
        name = spec.identify(row)
        return not spec.collected or name.startswith(names.REMEMBERED) or (table.path, name) in used

    def _used(self) -> set[tuple[str, str]]:
        """The (path, name) pairs that rules and settings asked for here lead to, through groups as well."""
        specs = self.document.specs
        blocks: dict[tuple[str, str], Row] = {}
        waiting = [(row_id.table.path, entry.row) for row_id, entry in self._settings.items()]
        for table, entries in self._owned.items():
            for identity, entry in entries.items():
                if specs[table.path].collected:
                    blocks[table.path, identity] = entry.row
                else:
                    waiting.append((table.path, entry.row))
        used: set[tuple[str, str]] = set()
        while waiting:
            for found in references(specs, *waiting.pop()) - used:
                used.add(found)
                if found in blocks:
                    waiting.append((found[0], blocks[found]))
        return used

    def _carry(self, owned: dict[TableId, list[Entry]], table: TableId, beginning: str) -> None:
        """Let rows of ours that other concerns keep stay as they are: they count for order, and as still in use."""
        entries = owned.setdefault(table, [])
        held = {entry.row["name"] for entry in entries}
        key = self.document.spec(table).key
        for row in self.document.rows(table):
            if row["name"].startswith(beginning) and row["name"] not in held and not self._surplus_here(table, row):
                controls = self._ownership.claims(table, row, CONCERNS)
                entries.append(Entry({key: row[key], "name": row["name"]}, controls))

    def _surplus_here(self, table: TableId, row: Row) -> bool:
        """Whether a row that nobody asked for belongs to a concern of this run, and so has to go."""
        return bool(self.claims(table, row)) and not row["name"].startswith(names.REMEMBERED)

    def claims(self, table: TableId, row: Row) -> tuple[str, ...]:
        return self._ownership.claims(table, row, self.concerns)

    # Building blocks that several concerns use

    def address(self, destination: Destination, *controls: str) -> str:
        """An address object for a network, an address or a host name; returns its name."""
        name = names.address(destination)
        if isinstance(destination, str):
            self.own(
                "firewall/address",
                {"name": name, "type": "fqdn", "fqdn": destination, "comment": names.COMMENT},
                *controls,
            )
        elif isinstance(destination, (IPv4Network, IPv4Address)):
            row = {"name": name, "type": "ipmask", "subnet": str(IPv4Network(destination)), "comment": names.COMMENT}
            self.own("firewall/address", row, *controls)
        else:
            row = {"name": name, "type": "ipprefix", "ip6": str(IPv6Network(destination)), "comment": names.COMMENT}
            self.own("firewall/address6", row, *controls)
        return name

    def group(self, name: str, destinations: Iterable[Destination], *controls: str) -> bool:
        """An address group of the IPv4 addresses and names; False where there are none: groups cannot be empty."""
        return self._group("firewall/addrgrp", name, [d for d in destinations if not _is_v6(d)], controls)

    def group6(self, name: str, destinations: Iterable[Destination], *controls: str) -> bool:
        """The same for the IPv6 addresses."""
        return self._group("firewall/addrgrp6", name, [d for d in destinations if _is_v6(d)], controls)

    def _group(self, path: str, name: str, destinations: Sequence[Destination], controls: tuple[str, ...]) -> bool:
        members = tuple(sorted(self.address(destination, *controls) for destination in destinations))
        if members:
            row = {"name": name, "member": members, "exclude-member": (), "comment": names.COMMENT}
            self.own(path, row, *controls)
        return bool(members)

    def service(
        self,
        name: str,
        *controls: str,
        tcp: Iterable[object] = (),
        udp: Iterable[object] = (),
        udp_idle: int = 0,
        helper: str = "auto",
    ) -> None:
        """A service object. `udp_idle` in seconds, 0 for the unit's default; `helper` is the session helper's mode."""
        row = {
            "name": name,
            "protocol": TCP_UDP,
            "tcp-portrange": tuple(sorted(str(ports) for ports in tcp)),
            "udp-portrange": tuple(sorted(str(ports) for ports in udp)),
            "udp-idle-timer": udp_idle,
            "helper": helper,
            "comment": names.COMMENT,
        }
        self.own("firewall.service/custom", row, *controls)


def _given(section: Section | None, field: str) -> Section:
    if section is None:
        raise NotPossible(f"{field}: needed for this concern")
    return section


def _is_v6(destination: Destination) -> bool:
    return isinstance(destination, (IPv6Address, IPv6Network))
