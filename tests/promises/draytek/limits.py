"""What cannot be made of a Vigor, worked out from the unit's configuration and the policy.

A run that asks for it is refused before anything is written; whatever is not here must be possible.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

from tests.devices.vigor import factory, model_named
from tests.promises.draytek.rig import VigorRig
from tests.promises.draytek.wanted import Wanted

VID = 40
VOICE = ipaddress.ip_network("10.40.0.0/24")
FILTERING = {"sip_allowlist", "voice_vlan"}


def impossible(rig: VigorRig, wanted: Wanted) -> Sequence[str]:
    """For each reason words of the message that names it; empty where it is possible."""
    return tuple(_Limits(rig, wanted).reasons())


class _Limits:
    def __init__(self, rig: VigorRig, wanted: Wanted) -> None:
        self.config = rig.device.stored()
        self.model = model_named(self.config["model"])
        self.knobs = rig.device.knobs
        self.host = rig.wire.host
        self.wanted = wanted
        self.concerns = set(wanted["concerns"])
        self.lans = {
            number: {**factory.lan(number), **self.config["lans"].get(str(number), {})}
            for number in range(1, self.model.lans + 1)
        }

    def reasons(self) -> Iterator[str]:
        if self.concerns & FILTERING:
            yield from self._filter()
        pbx = self.wanted["pbx"]
        if "sip_allowlist" in self.concerns and pbx and ipaddress.ip_address(pbx["address"]) not in VOICE:
            yield "outside the voice subnet"
        if "voice_vlan" in self.concerns:
            yield from self._voice()
        if "management_access" in self.concerns:
            yield from self._management()

    def _filter(self) -> Iterator[str]:
        general = self.config["filter"]
        if not general["data"] and general["default"][0]:
            yield "the data filter is off and blocks"
        slots = self.knobs.group_slots or self.model.ip_slots
        for kind in ("signalling", "media"):
            networks = ipaddress.collapse_addresses(
                ipaddress.IPv4Network(one) for one in self.wanted[kind] if ":" not in one
            )
            if len(list(networks)) > 2 * slots:
                yield "and a rule of this unit takes 2 groups"

    # The phones' network

    def _voice(self) -> Iterator[str]:
        ours = self._lan_of_phones()
        overlapping = [number for number, one in self.lans.items() if one["enabled"] and self._overlaps(one)]
        if overlapping and ours is None:
            yield f"overlaps LAN{overlapping[0]}"
        vlans = self.config["vlans"]
        first = self.knobs.sysvid if self.knobs.sysvid >= 0 else self.model.sysvid_last
        if first <= VID < first + self.model.sysvids:
            yield "which this unit keeps for itself"
        parent = self.wanted["voice_vlan"].get("parent_interface")
        if parent and parent not in self.model.ports:
            yield f"{parent} is no LAN port"
        lan = ours or self._free_lan()
        if lan is None and not overlapping:
            yield "every LAN of this unit is in use"
        rows = {int(at): one for at, one in vlans["rows"].items()}
        taken = next((one for at, one in sorted(rows.items()) if one["vid"] == VID and one["tagged"]), None)
        if taken is not None:
            if lan is not None and taken["lan"] != lan:
                yield "belongs to LAN"
            return
        free = [
            at for at in range(1, self.model.vlans)
            if at not in rows or not (rows[at]["ports"] or rows[at]["vid"] or rows[at]["tagged"])
        ]
        if not free:
            yield "no row of this unit's table of VLANs is free"
        if not vlans["enabled"]:
            busy = [at for at, one in rows.items() if one["vid"] or one["tagged"] or (at and one["ports"])]
            if busy:
                yield "VLANs are off on this unit and rows"
            further = [number for number, one in self.lans.items() if number > 1 and one["enabled"]]
            if further and not self.model.large:
                yield f"VLANs are off on this unit and LAN{further[0]}"

    def _overlaps(self, lan: dict[str, Any]) -> bool:
        return ipaddress.ip_network(f"{lan['address']}/{lan['mask']}", strict=False).overlaps(VOICE)

    def _lan_of_phones(self) -> int | None:
        """A LAN that the site has for the phones already: the first of all that hold any of their network."""
        for number, one in self.lans.items():
            if one["enabled"] and self._overlaps(one):
                exact = ipaddress.ip_network(f"{one['address']}/{one['mask']}", strict=False) == VOICE
                return number if exact else None
        return None

    def _free_lan(self) -> int | None:
        used = {one["lan"] for one in self.config["vlans"]["rows"].values() if one["ports"] or one["vid"]}
        used |= {int(one["interface"]) for one in self.config["dhcp_options"] if one["interface"].isdigit()}
        return next((n for n, one in self.lans.items() if n > 1 and not one["enabled"] and n not in used), None)

    # The way in

    def _management(self) -> Iterator[str]:
        access = self.config["management"]["lan_access"]
        offered = set(access["services"])
        if not access["enabled"] and not offered >= {"HTTPS", "SSH"}:
            if "TR069" in offered:
                yield "has TR069, which no line can put back"
            offered |= {"HTTPS", "SSH"}
        reached = next((n for n, one in self.lans.items() if one["address"] == self.host), 1)
        lan = ipaddress.ip_network(f"{self.host}/{self.lans[reached]['mask']}", strict=False)
        networks = [ipaddress.ip_network(one) for one in self.wanted["management"]["networks"] if ":" not in one]
        listed = reached == 1 or any(one.overlaps(lan) for one in networks)
        changed = not access["enabled"] or not self._limited_already(networks)
        if changed and not (listed and self.wanted["transport_of_ours"].upper() in offered):
            yield "the plan limits management from the LANs"

    def _limited_already(self, networks: list[Any]) -> bool:
        """Whether the LANs that are let in are those of the policy."""
        wanted = {1} | {
            number
            for number, one in self.lans.items()
            if one["enabled"]
            and any(net.overlaps(ipaddress.ip_network(f"{one['address']}/{one['mask']}", strict=False))
                    for net in networks)
        }
        return set(self.config["management"]["lan_access"]["lans"]) == wanted
