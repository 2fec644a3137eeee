# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the voice VLAN of a site policy (``voip_policy.voice_vlan``)."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network
from urllib.parse import urlsplit

from .model import Destination, Host, ProviderProfile, VoiceVlan
from .networks import (
    DESTINATION_FORM,
    HOST_FORM,
    WIDEST_PREFIX,
    is_usable_host,
    parse_address,
    parse_host,
    read_destinations,
    read_hosts,
    read_network,
    too_wide,
)
from .reading import Report, Section, plain

PATH = "voip_policy.voice_vlan"
KEYS = (
    "id",
    "subnet",
    "gateway",
    "dhcp_first",
    "dhcp_last",
    "lease_seconds",
    "priority",
    "dscp",
    "signalling_dscp",
    "parent_interface",
    "dns_servers",
    "ntp_servers",
    "provisioning",
    "provisioning_url",
    "bandwidth_kbps",
)

WIDEST_SUBNET, NARROWEST_SUBNET = 8, 29
"""Prefix lengths; a /29 is the smallest subnet with room for a gateway and a few phones."""
DEFAULT_BANDWIDTH_KBPS = 2000
"""About twenty calls with G.711, each of which takes some 100 kbit/s with its headers."""
INTERFACE = re.compile(r"[A-Za-z0-9._/-]{1,15}", re.ASCII)
INTERFACE_FORM = "an interface name of 1 to 15 letters, digits and . _ / -"

_SUBNET_FORM = f"an IPv4 network of hosts from /{WIDEST_SUBNET} to /{NARROWEST_SUBNET}, such as 10.40.0.0/24"
_URL = re.compile(r"https://[!-~]{1,247}", re.ASCII)
_URL_FORM = (
    "an https:// URL of up to 255 visible ASCII characters, without user name or password"
    " (http and tftp would show the phones' passwords to anyone on the way)"
)


def read_voice_vlan(raw: object, provider: ProviderProfile, report: Report) -> VoiceVlan | None:
    """The voice VLAN with its defaults, partly the provider's; None when its addresses cannot be used."""
    section = Section(raw, PATH, KEYS, report)
    vlan_id = section.integer("id", "a VLAN id", 1, 4094)
    if vlan_id == 1 and not report.failed(section.at("id")) and section.usable:
        report.note(
            "default-vlan",
            "medium",
            "VLAN-1",
            f"{section.at('id')}: switches put every unconfigured port into VLAN 1; give voice a VLAN of its own",
        )
    subnet = _subnet(section)
    gateway = _host_in(section, "gateway", subnet, default=subnet[1]) if subnet else None
    dhcp_range = _dhcp_range(section, subnet, gateway) if subnet and gateway else None
    lease_seconds = section.integer("lease_seconds", "a number of seconds", 300, 8640000, default=86400)
    priority = section.integer("priority", "an 802.1p priority", 0, 7, default=5)
    dscp = section.integer("dscp", "a DSCP value", 0, 63, default=46)
    signalling_dscp = section.integer("signalling_dscp", "a DSCP value", 0, 63, default=26)
    parent_interface = (
        section.text("parent_interface", INTERFACE_FORM, INTERFACE) if section.given("parent_interface") else None
    )
    dns_servers = _dns_servers(section, provider)
    ntp_servers = _ntp_servers(section) if section.given("ntp_servers") else provider.ntp
    provisioning = _provisioning(section) if section.given("provisioning") else provider.provisioning
    provisioning_url = _provisioning_url(section) if section.given("provisioning_url") else None
    unlimited = section.named("bandwidth_kbps") and not section.given("bandwidth_kbps")
    bandwidth_kbps = section.integer(
        "bandwidth_kbps", "a number of kbit/s", 64, 10_000_000, default=DEFAULT_BANDWIDTH_KBPS
    )
    if subnet is None or gateway is None or dhcp_range is None:
        return None
    return VoiceVlan(
        id=vlan_id,
        subnet=subnet,
        gateway=gateway,
        dhcp_first=dhcp_range[0],
        dhcp_last=dhcp_range[1],
        lease_seconds=lease_seconds,
        priority=priority,
        dscp=dscp,
        signalling_dscp=signalling_dscp,
        parent_interface=parent_interface,
        dns_servers=dns_servers,
        ntp_servers=ntp_servers,
        provisioning=provisioning,
        provisioning_url=provisioning_url,
        bandwidth_kbps=None if unlimited else bandwidth_kbps,
    )


def _subnet(section: Section) -> IPv4Network | None:
    if not section.require("subnet", _SUBNET_FORM):
        return None
    path, value = section.at("subnet"), section.raw("subnet")
    network = read_network(path, value, section.report, _SUBNET_FORM)
    if network is None:
        return None
    if (
        isinstance(network, IPv4Network)
        and WIDEST_SUBNET <= network.prefixlen <= NARROWEST_SUBNET
        and is_usable_host(network.network_address)
    ):
        return network
    section.report.reject(path, value, _SUBNET_FORM)
    return None


def _host_in(section: Section, key: str, subnet: IPv4Network, default: IPv4Address) -> IPv4Address | None:
    """The address at ``key``, which must be one for a host of the subnet."""
    if not section.given(key):
        return default
    address = parse_address(section.raw(key))
    if isinstance(address, IPv4Address) and subnet[0] < address < subnet[-1]:
        return address
    allowed = f"a host address of {subnet}, from {subnet[1]} to {subnet[-2]}"
    section.report.reject(section.at(key), section.raw(key), allowed)
    return None


def _dhcp_range(section: Section, subnet: IPv4Network, gateway: IPv4Address) -> tuple[IPv4Address, IPv4Address] | None:
    """First and last address for phones; by default the second to the last host, less a gateway at either end."""
    first = _host_in(section, "dhcp_first", subnet, default=subnet[3] if gateway == subnet[2] else subnet[2])
    last = _host_in(section, "dhcp_last", subnet, default=subnet[-3] if gateway == subnet[-2] else subnet[-2])
    if first is None or last is None:
        return None
    if first > last:
        section.report.reject(section.at("dhcp_last"), last, f"an address that is not before dhcp_first, {first}")
        return None
    if first <= gateway <= last:
        allowed = f"an address outside the DHCP range, {first} to {last} (set dhcp_first and dhcp_last)"
        section.report.reject(section.at("gateway"), gateway, allowed)
        return None
    return first, last


def _dns_servers(section: Section, provider: ProviderProfile) -> tuple[IPv4Address, ...]:
    """The site's own servers or else the provider's: DHCP for IPv4 can hand out IPv4 addresses only."""
    report = section.report
    if not section.given("dns_servers"):
        servers = tuple(address for address in provider.dns if isinstance(address, IPv4Address))
        if not servers and section.usable and not report.failed("voip_provider.dns"):
            report.missing(
                section.at("dns_servers"),
                "a list of the IPv4 addresses of DNS servers, because the provider profile names none",
            )
        return servers
    addresses: dict[IPv4Address, None] = {}
    for path, value in section.items("dns_servers", "a list of the IPv4 addresses of DNS servers", required=True):
        address = parse_address(value)
        if isinstance(address, IPv4Address) and is_usable_host(address):
            addresses[address] = None
        else:
            report.reject(path, value, "the IPv4 address of a DNS server")
    return tuple(addresses)


def _ntp_servers(section: Section) -> tuple[Host, ...]:
    what = f"a list of NTP servers, each {HOST_FORM}"
    return read_hosts(section.items("ntp_servers", what, required=False), section.report)


def _provisioning(section: Section) -> tuple[Destination, ...]:
    what = f"a list of destinations, each {DESTINATION_FORM}"
    destinations, networks = read_destinations(section.items("provisioning", what, required=False), section.report)
    for entry in networks:
        if too_wide(entry.network):
            allowed = f"a network of at least /{WIDEST_PREFIX[entry.network.version]}"
            section.report.reject(entry.path, entry.network, allowed)
    return destinations


def _provisioning_url(section: Section) -> str | None:
    value = section.raw("provisioning_url")
    url = plain(value) if isinstance(value, str) else ""
    if _URL.fullmatch(url):
        try:
            parts = urlsplit(url)
            if "@" not in parts.netloc and parse_host(parts.hostname) is not None and parts.port != 0:
                return url
        except ValueError:
            pass
    section.report.reject(section.at("provisioning_url"), value, _URL_FORM)
    return None
