# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management closed to the internet, limited to the administrators' LANs, and guarded against guessing.

What is stricter on the unit already is left alone. TR-069 is left alone too and reported: a VigorACS needs it. Sources:
Vigor2927 Series User's Guide 2.2 part X and Vigor3912 Series User's Guide 1.01 part VIII, `mngt`.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from ....document.diff import Entry
from ....document.model import MARK, Row
from ....errors import NotPossible
from ....posture.record import Unverifiable
from ..reader.management import BY_NAME, SHOWN_BFP_SERVICES
from ..tables import ACCESS_LIST, BRUTE_FORCE, LAN_ACCESS, LANS, OBJECTS, REMOTE, table
from .context import Context

LEFT_ALONE = ("tr069",)
ACL_PLACES = 10
LONGEST_SESSION_MINUTES = 5
"""`mngt sshtimeout` and `telnettimeout` take 300 s at most, which is what they are unless somebody shortened it."""
LONGEST_PENALTY = 65535
"""Seconds for which brute-force protection shuts an address out at most."""
_LAN_SERVICES = ("HTTPS", "SSH")
"""What administrators need."""
_LONGEST_LIST = 216
"""Characters of a list of LANs, for which `mngt lanaccess -i` leaves room in a line."""

_INSIDE = tuple(
    IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
)
"""Addresses that no packet from the internet has (RFC 1918, 6598, 3927)."""


def _is_inside(network: IPv4Network) -> bool:
    return any(network.subnet_of(block) for block in _INSIDE)


def compile_concern(context: Context) -> None:
    """Add what keeps strangers away from the unit's own services."""
    outside = [n for n in context.management.networks if isinstance(n, IPv4Network) and not _is_inside(n)]
    _from_wan(context, outside)
    _from_lan(context)
    _against_guessing(context)
    if context.management.idle_timeout_minutes < LONGEST_SESSION_MINUTES:
        unshown = (
            "mngt sshtimeout: a unit does not show it; log-ins end after 300 s at most, and less than that is neither "
            "set nor judged"
        )
        context.unverifiable.append(Unverifiable("ADM-4", unshown, True))
    if any(network.version == 6 for network in context.management.networks):
        context.remarks.append(
            "IPv6 management networks are left out: lists of a Vigor's administrators know IPv4 objects"
        )


def _from_wan(context: Context, outside: list[IPv4Network]) -> None:
    """Nothing answers to the WAN; where the policy administers from outside, HTTPS and SSH do, to the listed
    networks."""
    if not context.details.remote_is_shown:
        # Its text is not documented, and other units have one that is understood.
        unshown = (
            "mngt rmtcfg status: its text is not understood on this unit, so which services answer to the WAN (WEB-3) "
            "is neither set nor judged; look at System Maintenance >> Management"
        )
        context.unverifiable.append(Unverifiable("WEB-3", unshown, False))
        return
    present = context.document.singleton(table(REMOTE))
    if not present["master"]:
        return  # nothing answers, whatever is switched on below it; nor could that be switched on again
    open_now = set(present["services"])
    if outside:
        _list_outsiders(context, outside)
        allowed = {"https", "ssh", "enforce_https", *LEFT_ALONE}
        kept = tuple(sorted(open_now & allowed))
        if set(kept) != open_now:
            context.keep(REMOTE, "", {"services": kept}, "WEB-3")
        return
    kept = tuple(sorted(open_now & set(LEFT_ALONE)))
    values: Row = {"services": kept}
    if not kept:
        values["master"] = False
    context.keep(REMOTE, "", values, "WEB-3")


def _list_outsiders(context: Context, outside: list[IPv4Network]) -> None:
    """The access list: the controller's own network first, so that it is there before the list starts to count."""
    rows = context.document.rows(table(ACCESS_LIST))
    foreign = [row for row in rows if not _is_ours(context, row)]
    free = [str(place) for place in range(1, ACL_PLACES + 1) if str(place) not in {row["id"] for row in rows}]
    held = {row["object"]: row["id"] for row in rows}
    source = context.management.source
    own_first = sorted(outside, key=lambda network: not (isinstance(source, IPv4Address) and source in network))
    entries = context.rows_of(ACCESS_LIST)
    for network in own_first:
        key = context.network(network, "WEB-3")
        place = held.get(key) or (free.pop(0) if free else None)
        if place is None:
            raise NotPossible(f"mngt accesslist: no place is left for {network}; a Vigor has {ACL_PLACES}")
        entries[place] = Entry({"id": place, "object": key}, ("WEB-3",))
    for row in foreign:
        what = "a host name" if row["object"] == BY_NAME else row["object"]
        context.remarks.append(f"mngt accesslist {row['id']}: {what} of the site's is let in as well")


def _is_ours(context: Context, row: Row) -> bool:
    held = context.document.find(table(OBJECTS), row["object"])
    return held is not None and str(held["name"]).startswith(MARK)


def _from_lan(context: Context) -> None:
    """Only LANs that hold a management network reach the unit's services; LAN1 always does."""
    present = context.document.singleton(table(LAN_ACCESS))
    networks = [n for n in context.management.networks if isinstance(n, IPv4Network)]
    lans = ["LAN1"]
    for row in context.document.rows(table(LANS)):
        network = IPv4Network((row["address"], row["mask"]), strict=False)
        if row["enabled"] and row["id"] != "LAN1" and any(network.overlaps(other) for other in networks):
            lans.append(str(row["id"]))
    wanted = tuple(sorted(lans, key=lambda lan: int(lan.removeprefix("LAN"))))
    for listed in (wanted, present["lans"]):
        if len(",".join(listed)) > _LONGEST_LIST:
            raise NotPossible(
                f"mngt lanaccess: {len(listed)} LANs on one list, and a line has room for about {_LONGEST_LIST // 6}; "
                "narrow voip_policy.management.networks, or the list in System Maintenance >> Management >> LAN Access "
                "Setup, then run again"
            )
    values: Row = {"enabled": True, "everywhere": False, "lans": wanted}
    offered = set(present["services"])
    if not present["enabled"] and not offered >= set(_LAN_SERVICES):
        # Until now the list did not count. What is on it stays: `mngt lanaccess -s` takes TR069 with `All` only, so
        # that a list with it could not be given back.
        if "TR069" in offered:
            raise NotPossible(
                "mngt lanaccess: its list of services is without HTTPS or SSH and has TR069, which no line can put "
                "back; tick HTTPS and SSH in System Maintenance >> Management >> LAN Access Setup, then run again"
            )
        values["services"] = tuple(sorted(offered | set(_LAN_SERVICES)))
    context.keep(LAN_ACCESS, "", values, "WEB-3")


def _against_guessing(context: Context) -> None:
    """Brute-force protection for every service; what is stricter stays."""
    present = context.document.singleton(table(BRUTE_FORCE))
    management = context.management
    guarded = set(present["services"]) | set(SHOWN_BFP_SERVICES)
    failures = present["failures"] if present["enabled"] else 0
    penalty = present["penalty"] if present["enabled"] else 0
    values: Row = {
        "enabled": True,
        "services": tuple(sorted(guarded)),
        "failures": failures if 0 < failures <= management.lockout_threshold else management.lockout_threshold,
        "penalty": max(penalty, min(management.lockout_seconds, LONGEST_PENALTY)),
    }
    context.keep(BRUTE_FORCE, "", values, "ADM-4")
