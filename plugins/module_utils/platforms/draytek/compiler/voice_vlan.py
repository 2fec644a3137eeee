# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The voice VLAN: a LAN of its own with DHCP, a tagged VLAN on the LAN ports, access rules, isolation, priority.

A LAN that the site has for the voice subnet is used and left as it is. Settings of LANs take effect after a restart
only, which the result says; `vlan tagged p1_untag` is never touched, since it is what lets an untagged computer back
in. Sources: Vigor2927 Series User's Guide 2.2 part X and Vigor3912 Series User's Guide 1.01 part VIII, `msubnet`,
`vlan`, `srv dhcp`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from ....document.diff import Desired, Entry
from ....document.model import Document, Row, RowId
from ....errors import NotPossible
from ....policy.model import Destination, PortRange, VoiceVlan
from ....posture.record import Unverifiable
from .. import memory, names
from ..details import Details
from ..models import SMALL
from ..reader.rules import ANY
from ..tables import LANS, OPTIONS, TALK, VLAN, VLAN_ROWS, table
from .allow import ACROSS, BLOCK, INWARDS, OUTWARDS, PASS, allow_provider
from .context import Context

_UNUSED_VID = 0
LONGEST_LEASE = 259200
"""Seconds that `msubnet leasetime` takes at most."""


def compile_concern(context: Context) -> None:
    """Add everything that makes the phones' network."""
    vlan = context.voice_vlan
    allow_provider(context)
    _access(context, vlan)
    lan, ours = _lan(context, vlan)
    if ours:
        _addresses(context, vlan, lan)
        _options(context, vlan, lan)
    else:
        context.remarks.append(f"{lan} has the voice subnet already; its address and DHCP stay as the site set them")
    _isolate(context, lan)
    _tag(context, vlan, lan, ours)
    qos = context.details.qos_class
    unshown = (
        f"qos class {qos}: SIP and RTP of the provider are in it; whether QoS is on and what the class gets of the "
        "line, no documented view shows (Bandwidth Management >> Quality of Service)"
        if qos
        else "qos class: how a unit shows its classes is not documented, so queueing of voice (VLAN-2) is neither set "
        "nor judged; keep a class for voice in Bandwidth Management >> Quality of Service and name it (voip_qos_class)"
    )
    context.unverifiable.append(Unverifiable("VLAN-2", unshown, True))


def _lan(context: Context, vlan: VoiceVlan) -> tuple[str, bool]:
    """The LAN for the phones, and whether it is ours to set up: one of an earlier run, or a free one."""
    rows = context.document.rows(table(LANS))
    remembered = memory.remembered_lans(context.document)
    if remembered:
        return remembered[0], True
    for row in rows:
        network = IPv4Network((row["address"], row["mask"]), strict=False)
        if row["enabled"] and network == vlan.subnet:
            return str(row["id"]), False
        if row["enabled"] and network.overlaps(vlan.subnet):
            raise NotPossible(
                f"voip_policy.voice_vlan.subnet: {vlan.subnet} overlaps {row['id']} of this unit, {network}; nothing "
                f"was written"
            )
    used = {row["lan"] for row in context.document.rows(table(VLAN_ROWS)) if row["ports"] or row["vid"]}
    used |= {row["where"].upper() for row in context.document.rows(table(OPTIONS))}
    for row in rows[1:]:
        if not row["enabled"] and row["id"] not in used:
            return str(row["id"]), True
    raise NotPossible("msubnet: every LAN of this unit is in use; none is left for the phones")


def _addresses(context: Context, vlan: VoiceVlan, lan: str) -> None:
    limit = context.details.limits.pool
    wanted = int(vlan.dhcp_last) - int(vlan.dhcp_first) + 1
    if wanted > limit:
        context.remarks.append(f"{lan}: a Vigor hands out {limit} addresses at most, {wanted} were asked for")
    servers = [str(server) for server in vlan.dns_servers[:2]]
    values: Row = {
        "address": str(vlan.gateway),
        "mask": str(vlan.subnet.netmask),
        "dhcp": True,
        "start": str(vlan.dhcp_first),
        "count": min(wanted, limit),
        "gateway": str(vlan.gateway),
        "lease": min(vlan.lease_seconds, LONGEST_LEASE),
        "dns1": servers[0] if servers else "",
        "dns2": servers[1] if len(servers) > 1 else "",
        "enabled": True,
    }
    context.keep(LANS, lan, values, "VLAN-1")


def _options(context: Context, vlan: VoiceVlan, lan: str) -> None:
    """Options 66 and 160 tell phones where their configuration is."""
    entries = context.rows_of(OPTIONS)
    where = lan.lower()
    for code in (66, 160) if vlan.provisioning_url else ():
        key = f"{where}/{code}"
        row: Row = {"id": key, "where": where, "enabled": True, "type": "ascii", "data": vlan.provisioning_url}
        present = context.document.find(table(OPTIONS), key)
        if present is not None:
            row["index"] = present["index"]
        entries[key] = Entry(row, ("VLAN-1",))


def _isolate(context: Context, lan: str) -> None:
    """No routing between the phones' LAN and the others."""
    own = lan.removeprefix("LAN")
    present = context.document.singleton(table(TALK))["pairs"]
    context.extra_cells += memory.talk_cells(lan)
    context.keep(TALK, "", {"pairs": tuple(pair for pair in present if own not in pair.split("-"))}, "VLAN-1")


def _tag(context: Context, vlan: VoiceVlan, lan: str, ours: bool) -> None:
    """The VLAN's row: its id, priority and ports, tagged, for the phones' LAN (`ours`: one that we set up)."""
    details = context.details
    first, last = details.system_vids
    if first <= vlan.id <= last:
        raise NotPossible(
            f"voip_policy.voice_vlan.id: {vlan.id} is one of {first} to {last}, which this unit keeps for itself "
            "(vlan sysvid); choose another"
        )
    rows = context.document.rows(table(VLAN_ROWS))
    ports = _ports(context, vlan)
    remembered = [row for row in memory.remembered_rows(context.document) if row != _data_row(context)]
    taken = next((row for row in rows if row["vid"] == vlan.id and row["tagged"]), None)
    if taken is not None and taken["id"] not in remembered:
        if taken["lan"] != lan:
            raise NotPossible(
                f"voip_policy.voice_vlan.id: VLAN {vlan.id} of this unit (row {taken['id']}) belongs to "
                f"{taken['lan']}, and the "
                f"voice subnet to {lan}"
            )
        context.remarks.append(f"row {taken['id']} has VLAN {vlan.id} already; its ports stay as the site set them")
        context.keep(VLAN_ROWS, taken["id"], {"pri": vlan.priority}, "VLAN-2")
        return
    place = (
        remembered[0]
        if remembered
        else next(
            (row["id"] for row in rows[1:] if not row["ports"] and row["vid"] == _UNUSED_VID and not row["tagged"]),
            None,
        )
    )
    if place is None:
        raise NotPossible("vlan: no row of this unit's table of VLANs is free")
    if not context.document.singleton(table(VLAN))["enabled"]:
        _switch_on(context, rows, place, (lan,) if ours else ())
    values: Row = {"ports": ports, "vid": vlan.id, "pri": vlan.priority, "tagged": True, "lan": lan}
    context.keep(VLAN_ROWS, place, values, "VLAN-1", "VLAN-2")


def _data_row(context: Context) -> str:
    """The row that holds the untagged ports where we switched VLANs on."""
    return str(context.document.rows(table(VLAN_ROWS))[0]["id"])


def _switch_on(context: Context, rows: list[Row], place: str, lans: Sequence[str]) -> None:
    """Switch VLANs on in such a way that everything untagged stays where it is: in LAN1, on every port. `lans` are
    those of our making."""
    data = rows[0]
    busy = [row["id"] for row in rows[1:] if row["id"] != place and _is_set_up(row)]
    if busy or data["vid"] or data["tagged"]:
        raise NotPossible(
            f"vlan: VLANs are off on this unit and rows {', '.join(busy or [data['id']])} are set up all the same; "
            f"switching "
            "them on would put these into force. Switch VLANs on yourself, or clear the rows, then run again"
        )
    further = _further_lans(context.document, context.details, lans)
    if further:
        raise NotPossible(
            f"vlan: VLANs are off on this unit and {', '.join(further)} are on all the same; switching VLANs off again "
            "would switch these off too. Switch VLANs on yourself, then run again"
        )
    context.keep(VLAN_ROWS, data["id"], {"ports": context.details.ports, "lan": "LAN1"}, "VLAN-1")
    context.keep(VLAN, "", {"enabled": True}, "VLAN-1")


def _is_set_up(row: Row) -> bool:
    return bool(row["ports"] or row["vid"] or row["tagged"])


def _further_lans(document: Document, details: Details, ours: Sequence[str]) -> list[str]:
    """LANs of the site's besides LAN1 that a small unit switches off together with its VLANs ("Force subnet LAN2/3/...
    to be disabled")."""
    if details.limits is not SMALL:
        return []
    return [row["id"] for row in document.rows(table(LANS))[1:] if row["enabled"] and row["id"] not in ours]


def leave_on(desired: Desired, document: Document, details: Details) -> list[str]:
    """VLANs that we switched on stay on where the site has come to use them since; a remark says so."""
    setting = RowId(table(VLAN), "")
    if setting not in desired.settings:
        return []
    ours = memory.remembered_rows(document)
    rows = [f"row {row['id']}" for row in document.rows(table(VLAN_ROWS)) if row["id"] not in ours and _is_set_up(row)]
    used = [*rows, *_further_lans(document, details, memory.remembered_lans(document))]
    if not used:
        return []
    del desired.settings[setting]
    desired.settings.pop(RowId(table(VLAN_ROWS), document.rows(table(VLAN_ROWS))[0]["id"]), None)
    return [f"vlan: VLANs stay on, since the site uses them by now: {', '.join(used)}"]


def _ports(context: Context, vlan: VoiceVlan) -> tuple[str, ...]:
    """The LAN ports that carry the VLAN: the one that the policy names, or all."""
    wired = tuple(port for port in context.details.ports if port.startswith("p"))
    if vlan.parent_interface is None:
        return wired
    if vlan.parent_interface not in wired:
        raise NotPossible(
            f"voip_policy.voice_vlan.parent_interface: {vlan.parent_interface} is no LAN port of this unit; one of "
            f"{', '.join(wired)}"
        )
    return (vlan.parent_interface,)


def _access(context: Context, vlan: VoiceVlan) -> None:
    """DNS, time and provisioning; then nothing else, in any direction."""
    phones = (context.network(vlan.subnet, "VLAN-3"),)
    port = PortRange
    services = (
        (
            names.ALLOW_DNS,
            names.DNS,
            vlan.dns_servers,
            context.services(names.DNS_SERVICE, "VLAN-3", tcp=(port(53, 53),), udp=(port(53, 53),)),
        ),
        (
            names.ALLOW_NTP,
            names.NTP,
            vlan.ntp_servers,
            context.services(names.NTP_SERVICE, "VLAN-3", udp=(port(123, 123),)),
        ),
        (
            names.ALLOW_PROVISIONING,
            names.PROVISIONING,
            vlan.provisioning,
            context.services(names.PROVISIONING_SERVICE, "VLAN-3", tcp=(port(443, 443),)),
        ),
    )
    for name, group, destinations, service in services:
        side = _destinations(context, group, destinations, name)
        if side:
            context.rule(name, OUTWARDS, PASS, "VLAN-3", source=phones, destination=side, service=service)
    context.rule(names.VOICE_DENY_OUT, OUTWARDS, BLOCK, "VLAN-1", "VLAN-3", source=phones)
    context.rule(names.VOICE_DENY_IN, INWARDS, BLOCK, "VLAN-1", "WEB-1", destination=phones)
    context.rule(names.VOICE_DENY_LAN, ACROSS, BLOCK, "VLAN-1", "VLAN-3", source=phones)
    context.rule(names.LAN_DENY_VOICE, ACROSS, BLOCK, "VLAN-1", "WEB-1", destination=phones)


def _destinations(context: Context, group: str, destinations: Iterable[Destination], name: str) -> tuple[str, ...]:
    """What phones may reach, as a side of a rule: anything where a destination is a name, which no object can hold."""
    wanted = [d for d in destinations if not isinstance(d, (IPv6Address, IPv6Network))]
    listed = [d for d in wanted if isinstance(d, (IPv4Network, IPv4Address))]
    if len(listed) < len(wanted):
        hosts = ", ".join(str(d) for d in wanted if isinstance(d, str))
        context.remarks.append(
            f"{name}: a Vigor's rules know addresses only, so its ports are open from the phones to any destination, "
            f"because of "
            f"{hosts}; give addresses in voip_policy.voice_vlan to limit it"
        )
        return ANY
    return context.group(group, listed, "VLAN-3") if listed else ()
