# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a provider profile: what it must say, and the lints on what it allows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from .model import (
    SRTP_MODES,
    TRANSPORTS,
    Network,
    PortRange,
    ProviderProfile,
    Transport,
    guarded_ports,
    merge_ports,
)
from .networks import (
    DESTINATION_FORM,
    HOST_FORM,
    WIDEST_PREFIX,
    ListedNetwork,
    combine,
    read_addresses,
    read_destinations,
    read_hosts,
    read_network,
    read_networks,
    special_meaning,
    too_wide,
)
from .reading import Report, Section, decimal, plain

PATH = "voip_provider"
KEYS = (
    "name",
    "title",
    "signalling",
    "media",
    "sip_ports",
    "rtp_ports",
    "srtp",
    "static_port",
    "dns",
    "ntp",
    "provisioning",
    "reviewed_on",
    "valid_until",
    "source",
    "acknowledge",
)

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
NAME_FORM = "up to 40 lower-case letters, digits, - and _, beginning with a letter or digit"
REVIEW_INTERVAL = timedelta(days=180)
"""Providers announce changes months ahead at best; half a year is the longest that a list goes unread."""
FIRST_PORT = 1024
"""The ports below carry the system services of every network (SSH, DNS, HTTP, HTTPS ...): guarding one of them
as a SIP port would cut off those, and a media range that holds one would open them."""
MOST_SIP_PORTS = 100
"""A SIP port is closed to everybody else; a range as wide as "any port" would close the site."""

_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,300}")
_PORTS = re.compile(r"([1-9][0-9]{0,4})-([1-9][0-9]{0,4})", re.ASCII)
_PORTS_FORM = f"a port from {FIRST_PORT} to 65535 or a range such as 10000-20000"


def read_profile(raw: object, report: Report, today: date) -> tuple[ProviderProfile, list[ListedNetwork]]:
    """The profile of a parsed profile file, and its signalling and media networks with their places.

    The profile is complete only when nothing was reported as an error.
    """
    section = Section(raw, PATH, KEYS, report)
    name = section.text("name", NAME_FORM, NAME)
    title = section.text("title", "one line of text", _LINE)
    signalling = _networks(section, "signalling")
    media = _networks(section, "media")
    sip_ports = _sip_ports(section)
    rtp_ports = _rtp_ports(section, sip_ports)
    srtp = section.choice("srtp", SRTP_MODES)
    static_port = section.boolean("static_port", False)
    dns = read_addresses(section.items("dns", "a list of the IP addresses of DNS servers", required=False), report)
    ntp = read_hosts(section.items("ntp", f"a list of NTP servers, each {HOST_FORM}", required=False), report)
    provisioning, provisioning_networks = read_destinations(
        section.items("provisioning", f"a list of destinations, each {DESTINATION_FORM}", required=False), report
    )
    reviewed_on, valid_until = _dates(section, today)
    source = section.text("source", "one line that names the published source, such as its URL", _LINE)
    acknowledged = _acknowledged(section, [*signalling, *media, *provisioning_networks])
    _lint_reach(signalling, "FW-1", acknowledged, report)
    _lint_reach(media, "FW-2", acknowledged, report)
    _lint_reach(provisioning_networks, "VLAN-3", acknowledged, report)
    profile = ProviderProfile(
        name=name,
        title=title,
        signalling=combine(signalling, section.at("signalling"), "FW-1", report),
        media=combine(media, section.at("media"), "FW-2", report),
        sip_ports=sip_ports,
        rtp_ports=rtp_ports,
        srtp=srtp,
        static_port=static_port,
        dns=dns,
        ntp=ntp,
        provisioning=provisioning,
        reviewed_on=reviewed_on,
        valid_until=valid_until,
        source=source,
    )
    return profile, [*signalling, *media]


def _networks(section: Section, key: str) -> list[ListedNetwork]:
    what = f"a list of at least one network of the provider's {key}"
    return read_networks(section.items(key, what, required=True), section.report)


def _port_range(value: object) -> PortRange | None:
    number = decimal(value)
    if number is not None:
        first = last = number
    else:
        match = _PORTS.fullmatch(plain(value)) if isinstance(value, str) else None
        if match is None:
            return None
        first, last = int(match[1]), int(match[2])
    return PortRange(first, last) if FIRST_PORT <= first <= last <= 65535 else None


def _port_ranges(items: Iterable[tuple[str, object]], report: Report) -> tuple[PortRange, ...]:
    ranges = []
    for path, value in items:
        ports = _port_range(value)
        if ports is None:
            report.reject(path, value, _PORTS_FORM)
        else:
            ranges.append(ports)
    return merge_ports(ranges)


def _sip_ports(section: Section) -> dict[Transport, tuple[PortRange, ...]]:
    needed = "the ports of at least one transport of tls, tcp, udp"
    if not section.require("sip_ports", needed):
        return {}
    report = section.report
    transports = Section(section.raw("sip_ports"), section.at("sip_ports"), TRANSPORTS, report)
    if transports.usable and not any(transports.named(transport) for transport in TRANSPORTS):
        report.reject(transports.path, section.raw("sip_ports"), needed)
    offered: dict[Transport, tuple[PortRange, ...]] = {}
    for transport in TRANSPORTS:
        if not transports.named(transport):
            continue
        path = transports.at(transport)
        ranges = _port_ranges(transports.items(transport, "a list of SIP ports", required=True), report)
        if sum(ports.last - ports.first + 1 for ports in ranges) > MOST_SIP_PORTS:
            report.refuse(path, _join(ranges), f"at most {MOST_SIP_PORTS} SIP ports for each transport")
        if transport == "tls" and any(ports.contains(5060) for ports in ranges):
            report.refuse(path, _join(ranges), "ports other than 5060, which is closed where TLS is used")
        if ranges:
            offered[transport] = ranges
    return offered


def _join(ranges: Iterable[PortRange]) -> str:
    return ", ".join(str(ports) for ports in ranges)


def _rtp_ports(section: Section, sip_ports: Mapping[Transport, tuple[PortRange, ...]]) -> tuple[PortRange, ...]:
    items = section.items("rtp_ports", "a list of UDP ports for media, such as [10000-20000]", required=True)
    guarded = guarded_ports(sip_ports)["udp"]
    for path, value in items:
        ports = _port_range(value)
        shared = [sip for sip in guarded if ports is not None and ports.overlaps(sip)]
        if shared:
            section.report.reject(path, value, f"a range without the SIP ports, UDP {_join(shared)}")
    return _port_ranges(items, section.report)


def _dates(section: Section, today: date) -> tuple[date, date]:
    report = section.report
    reviewed_on, valid_until = section.day("reviewed_on"), section.day("valid_until")
    if reviewed_on is not None and reviewed_on > today:
        report.reject(section.at("reviewed_on"), reviewed_on, f"a day that is not after today, {today}")
    elif reviewed_on is not None and today - reviewed_on > REVIEW_INTERVAL:
        report.note(
            "review-overdue",
            "medium",
            "AUD-3",
            f"{section.at('reviewed_on')}: the provider's ranges were last reviewed on {reviewed_on},"
            f" {(today - reviewed_on).days} days ago; review them every {REVIEW_INTERVAL.days} days",
        )
    if reviewed_on is not None and valid_until is not None and valid_until < reviewed_on:
        report.reject(section.at("valid_until"), valid_until, f"a day that is not before reviewed_on, {reviewed_on}")
    elif valid_until is not None and valid_until < today:
        report.note(
            "profile-stale",
            "high",
            "AUD-3",
            f"{section.at('valid_until')}: the profile was valid until {valid_until};"
            " compare its ranges with the provider's current ones",
        )
    return reviewed_on or today, valid_until or today


def _acknowledged(section: Section, listed: Iterable[ListedNetwork]) -> dict[Network, str]:
    networks = {entry.network for entry in listed}
    acknowledged: dict[Network, str] = {}
    for path, value in section.items("acknowledge", "a list of {cidr, reason}", required=False):
        entry = Section(value, path, ("cidr", "reason"), section.report)
        reason = entry.text("reason", "one line that says why the range is right", _LINE)
        if not entry.require("cidr", "a network that signalling, media or provisioning lists"):
            continue
        network = read_network(entry.at("cidr"), entry.raw("cidr"), section.report)
        if network is not None and network not in networks:
            section.report.reject(
                entry.at("cidr"), entry.raw("cidr"), "a network that signalling, media or provisioning lists"
            )
        elif network is not None:
            acknowledged[network] = reason
    return acknowledged


def _lint_reach(
    listed: Iterable[ListedNetwork], control: str, acknowledged: Mapping[Network, str], report: Report
) -> None:
    """Refuse ranges that are too wide or not public, unless the profile says why they are right."""
    for entry in listed:
        network = entry.network
        problems = []
        if too_wide(network):
            problems.append(f"shorter than /{WIDEST_PREFIX[network.version]}")
        meaning = special_meaning(network)
        if meaning is not None:
            problems.append(meaning)
        if not problems:
            continue
        what = " and ".join(problems)
        if network in acknowledged:
            report.note(
                "acknowledged-range",
                "low",
                control,
                f"{entry.path}: {network} ({what}) is acknowledged: {acknowledged[network]}",
            )
        else:
            report.reject(
                entry.path,
                network,
                f"a public network of at least /{WIDEST_PREFIX[network.version]}, or an entry in"
                f" {PATH}.acknowledge with a reason ({what})",
            )
