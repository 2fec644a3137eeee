# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory has already, and what a new site must not have as well. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..phones.identity import plain_mac
from ..policy.reading import Report
from .recognition import WAYS
from .site import Site


@dataclass(frozen=True, slots=True)
class Device:
    """A host of the inventory: address and port of its management, platform, and hardware address of a phone."""

    address: str = ""
    port: str = ""
    platform: str = ""
    mac: str = ""


@dataclass(frozen=True, slots=True)
class Existing:
    """Groups with the names of their hosts, and hosts by name."""

    groups: Mapping[str, Collection[str]]
    devices: Mapping[str, Device]


def check(site: Site, existing: Existing, again: bool, report: Report) -> None:
    """Report what other sites have. `again`: this site was onboarded before, so that its own hosts do not count."""
    own = set(existing.groups.get(site.name, ())) if again else set()
    if site.name in existing.devices or (site.name in existing.groups and not again):
        kind = "host" if site.name in existing.devices else "group"
        report.reject("voip_onboard_site", site.name, f"a name that is no {kind} of the inventory yet")
    others = {name: device for name, device in existing.devices.items() if name not in own}
    names = {"voip_onboard_site": site.firewall, **{f"{phone.where}.name": phone.name for phone in site.phones}}
    for field, name in names.items():
        if name in others:
            report.reject(field, name, "a name of a host that the inventory has not yet")
    for name, device in others.items():
        if device.address == site.host and _same_port(site, device):
            report.reject("voip_onboard_address", site.host, f"another address than that of {name}")
    by_mac = {plain_mac(device.mac): name for name, device in others.items() if device.mac}
    by_address = {device.address: name for name, device in others.items() if device.address and device.mac}
    for phone in site.phones:
        for field, value, owner in (
            ("mac", phone.mac, by_mac.get(plain_mac(phone.mac))),
            ("address", phone.address, by_address.get(phone.address)),
        ):
            if owner is not None:
                report.reject(f"{phone.where}.{field}", value, f"one that the inventory has not yet; {owner} has it")


def _same_port(site: Site, device: Device) -> bool:
    """Whether it may be the same port; one that is not known may be any."""
    way = WAYS.get(device.platform.rpartition(".")[2])
    theirs = device.port or (str(way.port) if way else "")
    return site.port is None or not theirs or theirs == str(site.port)
