# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the rest of a site policy: management access, on-site PBX and WAN interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, ip_network

from .model import CONCERNS, Management, Pbx
from .networks import (
    ListedNetwork,
    combine,
    inside,
    is_usable_host,
    parse_address,
    read_networks,
    special_meaning,
)
from .reading import Report, Section, plain
from .voice_vlan import INTERFACE, INTERFACE_FORM

PATH = "voip_policy"
KEYS = (
    "transport",
    "voice_vlan",
    "management",
    "wan_interfaces",
    "pbx",
    "phones",
    "enforce_exclusive",
    "concerns",
)
MANAGEMENT_KEYS = (
    "networks",
    "idle_timeout_minutes",
    "lockout_threshold",
    "lockout_seconds",
    "password_min_length",
    "controller_address",
)
PBX_KEYS = ("address", "public_address")

WIDEST_MANAGEMENT_PREFIX: Mapping[int, int] = {4: 8, 6: 32}
"""10.0.0.0/8 is the widest network that a site can own."""
LONGEST_LOCKOUT_SECONDS = 86400
"""A day; longer would let anybody who can reach the log-in page keep the owner out."""


def read_management(raw: object, report: Report) -> tuple[Management, list[ListedNetwork]]:
    """From where the device is administered, and the networks with their places."""
    section = Section(raw, f"{PATH}.management", MANAGEMENT_KEYS, report)
    what = "a list of at least one network from which the device is administered"
    listed = [
        entry
        for entry in read_networks(section.items("networks", what, required=True), report)
        if _is_acceptable(entry, report)
    ]
    networks = combine(listed, section.at("networks"), "WEB-3", report)
    source = None
    if section.given("controller_address"):
        source = parse_address(section.raw("controller_address"))
        if source is None or not is_usable_host(source):
            report.reject(
                section.at("controller_address"), section.raw("controller_address"), "the IP address of a host"
            )
        elif not report.failed(section.at("networks")) and not any(
            inside(ip_network(source), network) for network in networks
        ):
            allowed = f"an address of {section.at('networks')}; the controller would lock itself out"
            report.reject(section.at("controller_address"), source, allowed)
    management = Management(
        networks=networks,
        idle_timeout_minutes=section.integer("idle_timeout_minutes", "a number of minutes", 1, 480, default=10),
        lockout_threshold=section.integer("lockout_threshold", "a number of failed log-ins", 1, 10, default=3),
        lockout_seconds=section.integer(
            "lockout_seconds", "a number of seconds", 1, LONGEST_LOCKOUT_SECONDS, default=300
        ),
        password_min_length=section.integer("password_min_length", "a number of characters", 12, 128, default=14),
        source=source,
    )
    return management, listed


def _is_acceptable(entry: ListedNetwork, report: Report) -> bool:
    network = entry.network
    widest = WIDEST_MANAGEMENT_PREFIX[network.version]
    if network.prefixlen < widest:
        report.reject(entry.path, network, f"a network of at least /{widest}")
        return False
    if not is_usable_host(network.network_address):
        report.reject(entry.path, network, "a network of hosts")
        return False
    if special_meaning(network) is None:
        report.note(
            "management-from-internet",
            "medium",
            "WEB-3",
            f"{entry.path}: {network} is public; remote administration should come through a VPN",
        )
    return True


def read_pbx(raw: object, report: Report) -> Pbx | None:
    """The on-site PBX; None after an error."""
    section = Section(raw, f"{PATH}.pbx", PBX_KEYS, report)
    form = "the inside IPv4 address of the PBX"
    address = _ipv4_host(section, "address", form) if section.require("address", form) else None
    public_address = None
    if section.given("public_address"):
        public_address = _ipv4_host(section, "public_address", "the public IPv4 address that is forwarded to the PBX")
    if address is None:
        return None
    if address == public_address:
        report.reject(section.at("public_address"), public_address, "an address other than the inside one")
    return Pbx(address=address, public_address=public_address)


def _ipv4_host(section: Section, key: str, form: str) -> IPv4Address | None:
    address = parse_address(section.raw(key))
    if isinstance(address, IPv4Address) and is_usable_host(address):
        return address
    section.report.reject(section.at(key), section.raw(key), form)
    return None


def read_wan_interfaces(section: Section) -> tuple[str, ...]:
    """Names of the interfaces that face the internet, in the order given, without repeats."""
    names: dict[str, None] = {}
    for path, value in section.items("wan_interfaces", "a list of interface names", required=False):
        if isinstance(value, str) and INTERFACE.fullmatch(plain(value)):
            names[plain(value)] = None
        else:
            section.report.reject(path, value, INTERFACE_FORM)
    return tuple(names)


def read_switches(raw: object, report: Report) -> dict[str, bool]:
    """Which concerns the site wants; all of them unless it says otherwise."""
    if raw is None:
        return dict.fromkeys(CONCERNS, True)
    section = Section(raw, f"{PATH}.concerns", CONCERNS, report)
    return {concern: section.boolean(concern, True) for concern in CONCERNS}
