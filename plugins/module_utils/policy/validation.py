# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validation of a provider profile and a site policy, before any device is contacted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_network

from . import phones, profile, site, voice_vlan
from .model import (
    CONCERNS,
    TRANSPORTS,
    Management,
    Note,
    Pbx,
    ProviderProfile,
    Severity,
    SitePolicy,
    Srtp,
    Transport,
    VoiceVlan,
)
from .networks import ListedNetwork
from .reading import FieldError, InputError, Report, Section

__all__ = ["FieldError", "PolicyError", "Validated", "validate"]

CONCERN_CONTROL = {
    "sip_alg": "FW-3",
    "sip_allowlist": "FW-1",
    "voice_vlan": "VLAN-1",
    "management_access": "WEB-3",
}

MANAGEMENT_NEEDED = "the networks from which the device is administered, for management_access"

SRTP_NOTES: dict[tuple[bool, Srtp], tuple[str, Severity, str, str]] = {
    (True, "none"): ("no-srtp", "high", "ENC-3", "signalling is encrypted but the provider offers no SRTP for media"),
    (True, "optional"): ("srtp-optional", "low", "ENC-3", "SRTP is optional, so that a call can fall back to clear"),
    (False, "none"): ("no-srtp", "high", "ENC-2", "the provider offers no SRTP: calls can be listened to on the way"),
    (False, "optional"): (
        "srtp-keys-exposed",
        "high",
        "ENC-3",
        "without TLS the keys of SRTP travel in clear, so that it protects nothing",
    ),
    (False, "required"): (
        "srtp-keys-exposed",
        "high",
        "ENC-3",
        "without TLS the keys of SRTP travel in clear, so that it protects nothing",
    ),
}
"""By whether signalling is encrypted, and the provider's SRTP mode."""


class PolicyError(InputError):
    """The provider profile or the site policy is refused; ``errors`` holds every reason."""


@dataclass(frozen=True, slots=True)
class Validated:
    """A complete policy, and what a reviewer should see about it."""

    policy: SitePolicy
    notes: tuple[Note, ...]


def validate(provider: object, policy: object, *, concerns: Sequence[str] | None, today: date) -> Validated:
    """Check a provider profile and a site policy and complete them with their defaults.

    :param provider: the mapping of a profile file.
    :param policy: the site's ``voip_policy`` mapping.
    :param concerns: what will be asked of the device, which decides what the policy must hold;
        None for everything. What the policy switches off is left out.
    :param today: the day by which the profile's dates are judged.
    :raises PolicyError: with all errors, the profile's first, then the policy's.
    """
    report = Report()
    provider_profile, provider_networks = profile.read_profile(provider, report, today)
    section = Section(policy, site.PATH, site.KEYS, report)
    transport = _transport(section, provider_profile)
    switches = site.read_switches(section.raw("concerns"), report)
    enabled = _enabled(concerns, switches, report)
    vlan = _voice_vlan(section, enabled, provider_profile)
    management, management_networks = _management(section, enabled)
    pbx = site.read_pbx(section.raw("pbx"), report) if section.given("pbx") else None
    phones_policy = phones.read_phones(section.raw("phones"), provider_profile, report)
    wan_interfaces = site.read_wan_interfaces(section)
    enforce_exclusive = section.boolean("enforce_exclusive", False)
    _lint_own_networks(provider_networks, vlan, management_networks, report)
    _lint_pbx(pbx, vlan, provider_networks, report)
    if vlan is not None and vlan.parent_interface in wan_interfaces:
        path = f"{voice_vlan.PATH}.parent_interface"
        report.reject(path, vlan.parent_interface, f"an interface that is not in {site.PATH}.wan_interfaces")
    if report.errors:
        raise PolicyError(report.errors)
    _note_transport(provider_profile, transport, report)
    return Validated(
        policy=SitePolicy(
            provider=provider_profile,
            transport=transport,
            voice_vlan=vlan,
            management=management,
            wan_interfaces=wan_interfaces,
            pbx=pbx,
            phones=phones_policy,
            enforce_exclusive=enforce_exclusive,
            concerns=enabled,
        ),
        notes=tuple(report.notes),
    )


def _transport(section: Section, provider: ProviderProfile) -> Transport:
    transport = section.choice("transport", TRANSPORTS, default="tls")
    report = section.report
    offered = provider.sip_ports
    known = section.usable and not report.failed(f"{profile.PATH}.sip_ports")
    if known and transport not in offered and not report.failed(section.at("transport")):
        allowed = f"a transport that the provider offers: {', '.join(offered)}"
        report.reject(section.at("transport"), transport, allowed)
    return transport


def _enabled(concerns: Sequence[str] | None, switches: dict[str, bool], report: Report) -> tuple[str, ...]:
    requested = CONCERNS if concerns is None else tuple(concerns)
    for concern in requested:
        if concern not in CONCERNS:
            report.reject("concerns", concern, f"one of {', '.join(CONCERNS)}")
    for concern in CONCERNS:
        if concern in requested and not switches[concern]:
            report.note(
                "concern-off",
                "medium",
                CONCERN_CONTROL[concern],
                f"{site.PATH}.concerns.{concern}: the site policy switches {concern} off",
            )
    return tuple(concern for concern in CONCERNS if concern in requested and switches[concern])


def _voice_vlan(section: Section, enabled: Sequence[str], provider: ProviderProfile) -> VoiceVlan | None:
    needing = [concern for concern in ("sip_allowlist", "voice_vlan") if concern in enabled]
    if needing and not section.require("voice_vlan", f"the voice VLAN, for {' and '.join(needing)}"):
        return None
    raw = section.raw("voice_vlan")
    return None if raw is None else voice_vlan.read_voice_vlan(raw, provider, section.report)


def _management(section: Section, enabled: Sequence[str]) -> tuple[Management | None, list[ListedNetwork]]:
    if "management_access" in enabled and not section.require("management", MANAGEMENT_NEEDED):
        return None, []
    raw = section.raw("management")
    return (None, []) if raw is None else site.read_management(raw, section.report)


def _lint_own_networks(
    provider_networks: Iterable[ListedNetwork],
    vlan: VoiceVlan | None,
    management: Sequence[ListedNetwork],
    report: Report,
) -> None:
    """The provider's, the phones' and the administrators' networks must not share an address."""
    own = list(management)
    if vlan is not None:
        own.append(ListedNetwork(f"{voice_vlan.PATH}.subnet", vlan.subnet))
        for entry in management:
            if entry.network.overlaps(vlan.subnet):
                allowed = f"a network apart from {voice_vlan.PATH}.subnet, {vlan.subnet}"
                report.reject(entry.path, entry.network, allowed)
    for listed in provider_networks:
        for entry in own:
            if listed.network.overlaps(entry.network) and not report.failed(listed.path):
                allowed = f"a network apart from the site's own {entry.path}, {entry.network}"
                report.reject(listed.path, listed.network, allowed)


def _lint_pbx(
    pbx: Pbx | None, vlan: VoiceVlan | None, provider_networks: Iterable[ListedNetwork], report: Report
) -> None:
    if pbx is None:
        return
    for key, address in (("address", pbx.address), ("public_address", pbx.public_address)):
        for listed in provider_networks:
            if address is not None and listed.network.overlaps(ip_network(address)):
                allowed = f"an address apart from the provider's {listed.path}, {listed.network}"
                report.reject(f"{site.PATH}.pbx.{key}", address, allowed)
    if vlan is None or pbx.address not in vlan.subnet:
        return
    taken = pbx.address in (vlan.gateway, vlan.subnet[0], vlan.subnet[-1])
    if taken or vlan.dhcp_first <= pbx.address <= vlan.dhcp_last:
        allowed = (
            f"a host address of {vlan.subnet} apart from the gateway, {vlan.gateway},"
            f" and the DHCP range, {vlan.dhcp_first} to {vlan.dhcp_last}"
        )
        report.reject(f"{site.PATH}.pbx.address", pbx.address, allowed)


def _note_transport(provider: ProviderProfile, transport: Transport, report: Report) -> None:
    encrypted = transport == "tls"
    if not encrypted:
        ports = ", ".join(str(ports) for ports in provider.sip_ports[transport])
        instead = (
            "choose tls, which the provider offers" if "tls" in provider.sip_ports else "the provider offers no tls"
        )
        report.note(
            "cleartext-signalling",
            "high",
            "ENC-1",
            f"{site.PATH}.transport: signalling over {transport} can be read and altered on the way; {instead}",
        )
        report.note(
            "cleartext-port-open",
            "medium",
            "SVC-1",
            f"{site.PATH}.transport: {transport} keeps the cleartext port {ports} open to the provider",
        )
    shared = [
        str(ports)
        for ports in provider.sip_ports[transport]
        if encrypted and any(ports.overlaps(cleartext) for cleartext in provider.sip_ports.get("tcp", ()))
    ]
    if shared:
        report.note(
            "cleartext-port-open",
            "medium",
            "SVC-1",
            f"{profile.PATH}.sip_ports: {', '.join(shared)} serves tls and tcp alike, so that cleartext can use it",
        )
    found = SRTP_NOTES.get((encrypted, provider.srtp))
    if found is not None:
        code, severity, control, message = found
        report.note(code, severity, control, f"{profile.PATH}.srtp: {message}")
