# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interfaces are what: towards the internet, the phones', the port that carries the voice VLAN."""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, ip_address

from ...document.model import Document, Row
from ...errors import NotPossible
from ...policy.model import SitePolicy
from . import names
from .details import Details
from .ownership import bears_mark
from .tables import DHCP, FORWARDS, INTERFACES, OUTBOUND_RULES, RULES, VLANS, table

_DYNAMIC = frozenset("dhcp pppoe ppp pptp l2tp".split())
_NAT = (FORWARDS, OUTBOUND_RULES)
_OPTIONAL = re.compile(r"opt([1-9][0-9]*)")


class Topology:
    """The interfaces of one box, by their internal names (wan, lan, opt1 ...). Raises `NotPossible` when asked for
    something that is not there."""

    def __init__(self, policy: SitePolicy, document: Document, details: Details, may_create: bool) -> None:
        self._policy = policy
        self._document = document
        self._details = details
        self._may_create = may_create
        self._rows = {str(row["name"]): row for row in document.rows(table(INTERFACES))}

    @cached_property
    def every(self) -> tuple[str, ...]:
        """All of the site's that are in use. Ours is closed to all but voice anyway, and goes with its concern."""
        return tuple(sorted(name for name, row in self._rows.items() if row["enable"] and not self._is_ours(row)))

    @cached_property
    def wan(self) -> tuple[str, ...]:
        """Those that face the internet: the named ones, or all that have a gateway or get an address from outside."""
        if not self.outside:
            raise NotPossible(
                "voip_policy.wan_interfaces: no interface of this box has a gateway; name those that face the internet"
            )
        return self.outside

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """The same, and none where there are none."""
        if self._policy.wan_interfaces:
            return tuple(sorted({self._named(name) for name in self._policy.wan_interfaces}))
        return tuple(sorted(name for name, row in self._rows.items() if row["enable"] and _faces_out(row)))

    def require_wan(self) -> None:
        """Raise `NotPossible` unless there is an interface that faces the internet."""
        _found = self.wan

    def _named(self, wanted: str) -> str:
        for name, row in self._rows.items():
            if wanted.lower() in (name, str(row["descr"]).lower()):
                if not row["enable"]:
                    raise NotPossible(f"voip_policy.wan_interfaces: {wanted!r} is switched off on this box")
                return name
        raise NotPossible(
            f"voip_policy.wan_interfaces: {wanted!r} is no interface of this box; it has "
            f"{', '.join(sorted(self._rows))}"
        )

    @cached_property
    def theirs(self) -> str | None:
        """An interface of the site's for the phones: with the VLAN's number or in their subnet."""
        vlan = self._policy.voice_vlan
        if vlan is None:
            return None
        tagged = {row["vlanif"] for row in self._document.rows(table(VLANS)) if row["tag"] == vlan.id}
        found = []
        for name, row in self._rows.items():
            if self._is_ours(row) or not row["enable"]:
                continue
            own = network_of(row)
            # The provider of a line may use the same number: that is the number of another VLAN, on another port.
            carries = row["if"] in tagged and own is not None and not _faces_out(row)
            if (own is not None and own.network == vlan.subnet) or carries:
                found.append(name)
            elif own is not None and own.network.overlaps(vlan.subnet):
                raise NotPossible(
                    f"voip_policy.voice_vlan.subnet: {vlan.subnet} overlaps {own.network} of interface {name}"
                )
        if len(found) > 1:
            raise NotPossible(f"voip_policy.voice_vlan: several interfaces fit: {', '.join(sorted(found))}")
        own = network_of(self._rows[found[0]]) if found else None
        if own is not None and own.network != vlan.subnet:
            raise NotPossible(
                f"voip_policy.voice_vlan.subnet: {vlan.subnet} is asked for, and interface {found[0]}, which carries "
                f"VLAN {vlan.id}, has {own}"
            )
        return found[0] if found else None

    @cached_property
    def ours(self) -> str | None:
        """The interface that an earlier run made."""
        return next((name for name, row in self._rows.items() if self._is_ours(row)), None)

    @cached_property
    def voice(self) -> str | None:
        """The phones' interface: the site's, ours, or the one to be made; None where there is to be none."""
        if self.theirs is not None or self.ours is not None or not self._may_create:
            return self.theirs or self.ours
        return self._free_name()

    def _free_name(self) -> str:
        # What is left of an interface that somebody took away, such as rules, must not come back to life with ours.
        left = {str(row["name"]) for row in self._document.rows(table(DHCP))}
        rules = [row for _table, row in self._document.every(RULES) if not bears_mark(RULES, row)]
        left |= {name for row in rules for name in row["interface"]}
        left |= {str(row["interface"]) for path in _NAT for row in self._document.rows(table(path))}
        taken = {int(match[1]) for match in map(_OPTIONAL.fullmatch, {*self._rows, *left}) if match}
        number = 1
        while number in taken:
            number += 1
        return f"opt{number}"

    @cached_property
    def parent(self) -> str:
        """The port that carries the voice VLAN: the named one, by its device or its interface, or LAN's."""
        vlan = self._policy.voice_vlan
        wanted = vlan.parent_interface if vlan is not None else None
        devices = {str(row["if"]) for row in self._rows.values()}
        ports = {str(row["vlanif"]): str(row["if"]) for row in self._document.rows(table(VLANS))}
        for name, row in self._rows.items():
            if (wanted or "lan").lower() in (name, str(row["descr"]).lower()):
                return ports.get(str(row["if"]), str(row["if"]))
        if wanted is None:
            raise NotPossible(
                "voip_policy.voice_vlan.parent_interface: this box has no LAN interface; name the port that carries "
                "the voice VLAN"
            )
        if wanted in devices or wanted in ports.values():
            return ports.get(wanted, wanted)
        raise NotPossible(
            f"voip_policy.voice_vlan.parent_interface: {wanted!r} is no interface and no port in use on this box; it "
            f"has {', '.join(sorted({*self._rows, *devices}))}"
        )

    def holding(self, address: IPv4Address) -> str | None:
        """The interface in whose subnet an address lies."""
        for name, row in self._rows.items():
            own = network_of(row)
            if own is not None and row["enable"] and address in own.network:
                return name
        vlan = self._policy.voice_vlan
        return self.voice if vlan is not None and address in vlan.subnet else None

    def own_address_towards(self, address: IPv4Address) -> IPv4Address | None:
        """The box's own address in the subnet in which another one lies."""
        own = network_of(self._rows.get(self.holding(address) or "", {}))
        return own.ip if own is not None else None

    @staticmethod
    def _is_ours(row: Row) -> bool:
        return str(row["descr"]).startswith(names.ALIAS_MARK)


def _faces_out(row: Row) -> bool:
    return row["ipaddr"] in _DYNAMIC or any(str(one).startswith(("gateway=", "gatewayv6=")) for one in row["rest"])


def network_of(row: Row) -> IPv4Interface | None:
    """The static IPv4 address of an interface; None where it has none."""
    try:
        address = ip_address(row.get("ipaddr", ""))
        return IPv4Interface(f"{address}/{int(row['subnet'])}") if address.version == 4 else None
    except ValueError:
        return None
