"""What cannot be made of a pfSense, worked out from the box's configuration and the policy.

A run that asks for it is refused before anything is written; whatever is not here must be possible.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

from tests.promises.pfsense.rig import PfSenseRig
from tests.promises.pfsense.sites import CONTROLLER
from tests.promises.pfsense.wanted import Wanted

VID = "40"
VOICE = ipaddress.ip_network("10.40.0.0/24")
NETWORKING = {"sip_allowlist", "voice_vlan"}


def impossible(rig: PfSenseRig, wanted: Wanted) -> Sequence[str]:
    """For each reason words of the message that names it; empty where it is possible."""
    return tuple(_Limits(rig, wanted).reasons())


class _Limits:
    def __init__(self, rig: PfSenseRig, wanted: Wanted) -> None:
        self.config = rig.device.config
        self.wanted = wanted
        self.concerns = set(wanted["concerns"])
        self.interfaces: dict[str, Any] = self.config["interfaces"]
        self.vlans = (self.config["vlans"] or {}).get("vlan") or []

    def reasons(self) -> Iterator[str]:
        if self._needs_phones:
            yield from self._phones()
        if self._needs_wan and self.wanted["wan_interfaces"] == ["opt9"]:
            yield "voip_policy.wan_interfaces"
        yield from self._pbx()
        if "management_access" in self.concerns:
            seen = ipaddress.ip_address(self.wanted["management"]["controller_address"] or CONTROLLER)
            networks = map(ipaddress.ip_network, self.wanted["management"]["networks"])
            if not any(seen in network for network in networks if network.version == 4):
                yield "the plan lets only"

    @property
    def _needs_phones(self) -> bool:
        return bool(self.concerns & NETWORKING)

    @property
    def _needs_wan(self) -> bool:
        static = "sip_alg" in self.concerns and self.wanted["static_port"]
        mode = (self.config["nat"] or {}).get("outbound", {}).get("mode")
        return bool(self.concerns & (NETWORKING | {"management_access"})) or (static and mode != "disabled")

    def _networks(self) -> Iterator[tuple[str, Any]]:
        for name, one in self.interfaces.items():
            if "enable" in one and one.get("ipaddr", "")[:1].isdigit():
                yield name, ipaddress.ip_network(f"{one['ipaddr']}/{one['subnet']}", strict=False)

    def _phones(self) -> Iterator[str]:
        tagged = {vlan["vlanif"] for vlan in self.vlans if vlan["tag"] == VID}
        fitting = {}
        for name, network in self._networks():
            if network == VOICE or self.interfaces[name]["if"] in tagged:
                fitting[name] = network
            elif network.overlaps(VOICE):
                yield "overlaps"
        if len(fitting) > 1:
            yield "several interfaces fit"
        elif fitting:
            if VOICE not in fitting.values():
                yield "which carries VLAN 40, has"
        elif "voice_vlan" in self.concerns:
            yield from self._new_vlan()

    def _new_vlan(self) -> Iterator[str]:
        parent = self.wanted["voice_vlan"].get("parent_interface") or "lan"
        ports = {one["if"] for one in self.interfaces.values()} | {vlan["if"] for vlan in self.vlans}
        port = self.interfaces["lan"]["if"] if parent.lower() == "lan" else parent
        if port not in ports:
            yield "is no interface and no port in use"
        elif any((vlan["if"], vlan["tag"]) == (port, VID) for vlan in self.vlans):
            yield "no interface in use carries it"

    def _pbx(self) -> Iterator[str]:
        pbx = self.wanted["pbx"]
        if pbx is None or not self.concerns & NETWORKING:
            return
        address = ipaddress.ip_address(pbx["address"])
        if any(address in network for _name, network in self._networks()):
            return
        if address not in VOICE or "voice_vlan" not in self.concerns:
            yield "lies in the subnet of no interface"
