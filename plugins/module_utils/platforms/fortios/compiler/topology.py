# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interfaces of a FortiGate lead to the internet, to the phones and to a PBX, and what rules must call them.

A member of a zone (or of an SD-WAN zone) cannot be named in a rule; the zone is named instead.
"""

from __future__ import annotations

from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, ip_interface

from ....document.model import MARK, Document, Row, TableId
from ....errors import NotPossible
from ....policy.model import SitePolicy, VoiceVlan
from .. import names
from ..tables import GLOBAL

_CARRIERS = ("physical", "aggregate", "redundant", "hard-switch", "switch")
"""Types of interfaces that can carry a VLAN and are worth naming as a choice."""


class Topology:
    """Interfaces by their part. `may_create`: the voice VLAN interface is made by this very run when it is missing."""

    def __init__(self, policy: SitePolicy, document: Document, vdom: str, may_create: bool) -> None:
        self._policy = policy
        self._document = document
        self._vdom = vdom
        self._may_create = may_create
        self._interfaces = [row for row in document.rows(TableId(GLOBAL, "system/interface")) if row["vdom"] == vdom]

    @cached_property
    def wan(self) -> tuple[str, ...]:
        """The interfaces towards the internet: those the policy names, otherwise those whose role says so."""
        present = {row["name"] for row in self._interfaces}
        wanted = self._policy.wan_interfaces
        missing = [name for name in wanted if name not in present]
        if missing:
            raise NotPossible(
                f"voip_policy.wan_interfaces: {', '.join(missing)}: not an interface of VDOM {self._vdom}; it has "
                f"{', '.join(sorted(present))}"
            )
        found = wanted or tuple(sorted(row["name"] for row in self._interfaces if row["role"] == "wan"))
        if not found:
            raise NotPossible(
                f"voip_policy.wan_interfaces: needed, as no interface of VDOM {self._vdom} has the role wan; it has "
                f"{', '.join(sorted(present))}"
            )
        return found

    @cached_property
    def wan_in_rules(self) -> tuple[str, ...]:
        """What rules call the WAN interfaces."""
        return tuple(sorted({self.in_rules(name) for name in self.wan}))

    @cached_property
    def voice(self) -> str | None:
        """The interface of the phones: the one with the VLAN id or the subnet, otherwise the one that is to be made."""
        vlan = self._policy.voice_vlan
        if vlan is None:
            return None
        row = self._present_voice(vlan)
        if row is not None:
            return str(row["name"])
        return names.vlan_interface(vlan.id) if self._may_create else None

    @cached_property
    def voice_is_ours(self) -> bool:
        """Whether the voice interface is one that we make and keep."""
        vlan = self._policy.voice_vlan
        return vlan is not None and self.voice == names.vlan_interface(vlan.id)

    def _present_voice(self, vlan: VoiceVlan) -> Row | None:
        ours = names.vlan_interface(vlan.id)
        for row in self._interfaces:
            if row["name"] == ours:
                return row
        with_id = [
            row
            for row in self._interfaces
            if row["type"] == "vlan"
            and row["vlanid"] == vlan.id
            and vlan.parent_interface in (None, row["interface"])
            and not row["name"].startswith(MARK)
        ]
        if len(with_id) > 1:
            raise NotPossible(
                f"voip_policy.voice_vlan.parent_interface: VLAN {vlan.id} is on several interfaces: "
                f"{', '.join(row['interface'] for row in with_id)}; name one"
            )
        if with_id:
            subnet = _subnet(with_id[0])
            if subnet != vlan.subnet:
                raise NotPossible(
                    f"voip_policy.voice_vlan.subnet: {vlan.subnet} is asked for and interface {with_id[0]['name']} "
                    f"(VLAN {vlan.id}) has {subnet or 'no address'}"
                )
            return with_id[0]
        same = [row for row in self._interfaces if _subnet(row) == vlan.subnet and not row["name"].startswith(MARK)]
        return same[0] if same else None

    @cached_property
    def voice_in_rules(self) -> str | None:
        """What rules call the voice interface."""
        return self.in_rules(self.voice) if self.voice else None

    @cached_property
    def parent(self) -> Row:
        """The interface that carries a voice VLAN of ours."""
        vlan = self._policy.voice_vlan
        named = vlan.parent_interface if vlan else None
        if named is None:
            made = next((row for row in self._interfaces if row["name"] == self.voice), None)
            named = made.get("interface") if made else None
        row = next((row for row in self._interfaces if row["name"] == named), None)
        if row is None:
            choice = ", ".join(
                sorted(r["name"] for r in self._interfaces if r["type"] in _CARRIERS and r["name"] not in self.wan)
            )
            given = f"{named!r} is not an interface of VDOM {self._vdom}" if named else "needed to make the voice VLAN"
            raise NotPossible(f"voip_policy.voice_vlan.parent_interface: {given}; one of {choice}")
        return row

    def holding(self, address: IPv4Address) -> str | None:
        """The interface in whose subnet an address lies; the voice VLAN that is still to be made counts."""
        for row in self._interfaces:
            subnet = _subnet(row)
            if subnet is not None and address in subnet:
                return str(row["name"])
        vlan = self._policy.voice_vlan
        return self.voice if vlan and address in vlan.subnet else None

    def in_local_rules(self, name: str) -> str:
        """What local-in policies call an interface: its zone, or itself; they know no SD-WAN zones."""
        for zone in self._document.rows(TableId(self._vdom, "system/zone")):
            if name in zone["interface"]:
                return str(zone["name"])
        return name

    def in_rules(self, name: str) -> str:
        """What firewall policies call an interface: its zone, its SD-WAN zone, or itself."""
        zone_name = self.in_local_rules(name)
        if zone_name != name:
            return zone_name
        sdwan = self._document.singleton(TableId(self._vdom, "system/sdwan"))
        if sdwan["status"] == "enable":
            for member in sdwan["members"]:
                if member["interface"] == name:
                    return str(member["zone"])
        return name


def _subnet(row: Row) -> IPv4Network | None:
    interface = ip_interface(row["ip"])
    if interface.version != 4 or not int(interface.ip):
        return None
    return IPv4Network(interface.network)
