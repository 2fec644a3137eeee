# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declared state of a site: the provider's networks and ports, and what the site wants of them.

Every value here has been validated (``validation.validate``) and completed with its defaults, so that a
compiler never has to ask whether something is set. Ports and networks are merged, sorted and free of
repeats: the same policy always yields the same objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network  # pylint: disable=unused-import
from typing import Literal, TypeAlias

Network: TypeAlias = "IPv4Network | IPv6Network"
Address: TypeAlias = "IPv4Address | IPv6Address"
Host: TypeAlias = "IPv4Address | IPv6Address | str"
"""An address, or a full DNS name in lower case."""
Destination: TypeAlias = "IPv4Address | IPv6Address | str | IPv4Network | IPv6Network"
"""A host, or a network of more than one address."""

Transport = Literal["tls", "tcp", "udp"]
Srtp = Literal["required", "optional", "none"]
Severity = Literal["info", "low", "medium", "high", "critical"]
Protocol = Literal["tcp", "udp"]
SyslogTransport = Literal["udp", "tcp", "tls"]

TRANSPORTS: tuple[Transport, ...] = ("tls", "tcp", "udp")
SRTP_MODES: tuple[Srtp, ...] = ("required", "optional", "none")
CONCERNS = ("sip_alg", "sip_allowlist", "voice_vlan", "management_access")
"""What a device is asked for, in the order in which it is reported."""

TRANSPORT_PROTOCOL: Mapping[Transport, Protocol] = {"tls": "tcp", "tcp": "tcp", "udp": "udp"}
"""The IP protocol that carries each SIP transport."""


@dataclass(frozen=True, slots=True, order=True)
class PortRange:
    """Consecutive TCP or UDP ports, both ends included; a single port has ``first == last``."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def contains(self, port: int) -> bool:
        """Whether the port lies in the range."""
        return self.first <= port <= self.last

    def overlaps(self, other: PortRange) -> bool:
        """Whether the two ranges share a port."""
        return self.first <= other.last and other.first <= self.last


STANDARD_SIP_PORTS = PortRange(5060, 5061)
"""RFC 3261 section 19.1.2: 5060 for SIP over UDP and TCP, 5061 for SIP over TLS."""


def merge_ports(ranges: Iterable[PortRange]) -> tuple[PortRange, ...]:
    """The same ports as the fewest ranges, sorted; overlapping and adjacent ranges become one."""
    merged: list[PortRange] = []
    for current in sorted(ranges):
        if merged and current.first <= merged[-1].last + 1:
            merged[-1] = PortRange(merged[-1].first, max(merged[-1].last, current.last))
        else:
            merged.append(current)
    return tuple(merged)


def without(ports: Iterable[PortRange], taken: Iterable[PortRange]) -> tuple[PortRange, ...]:
    """The ports that are not among those taken."""
    left = list(ports)
    for hole in taken:
        left = (
            [
                piece
                for ports_left in left
                for piece in (
                    PortRange(ports_left.first, min(ports_left.last, hole.first - 1)),
                    PortRange(max(ports_left.first, hole.last + 1), ports_left.last),
                )
                if piece.first <= piece.last
            ]
            if any(item.overlaps(hole) for item in left)
            else left
        )
    return tuple(sorted(set(left)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderProfile:
    """What a hosted-voice provider publishes about its service, and when that was last read.

    Networks are aggregated without changing the addresses they cover: IPv4 before IPv6, then by address.
    """

    name: str
    title: str
    signalling: tuple[Network, ...]
    media: tuple[Network, ...]
    sip_ports: Mapping[Transport, tuple[PortRange, ...]]
    """The transports that the provider offers and their ports."""
    rtp_ports: tuple[PortRange, ...]
    """UDP."""
    srtp: Srtp
    static_port: bool
    """Whether firewalls must not change the source ports of the phones' UDP towards the provider."""
    dns: tuple[Address, ...]
    ntp: tuple[Host, ...]
    provisioning: tuple[Destination, ...]
    reviewed_on: date
    valid_until: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceVlan:
    """The VLAN of the phones: addressing, DHCP, marking and what it may reach besides the provider."""

    id: int
    subnet: IPv4Network
    gateway: IPv4Address
    dhcp_first: IPv4Address
    dhcp_last: IPv4Address
    lease_seconds: int
    priority: int
    """IEEE 802.1p priority, 0 to 7."""
    dscp: int
    """Marking of media, 0 to 63."""
    signalling_dscp: int
    parent_interface: str | None
    """The interface that carries the VLAN; None leaves the choice to the platform."""
    dns_servers: tuple[IPv4Address, ...]
    ntp_servers: tuple[Host, ...]
    provisioning: tuple[Destination, ...]
    provisioning_url: str | None
    """Handed to the phones by DHCP (options 66 and 160)."""
    bandwidth_kbps: int | None
    """Guaranteed bandwidth for voice in kbit/s; None reserves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Management:
    """From where the device may be administered, and how its log-in behaves."""

    networks: tuple[Network, ...]
    idle_timeout_minutes: int
    lockout_threshold: int
    """Failed log-ins before an address is locked out."""
    lockout_seconds: int
    password_min_length: int
    source: Address | None
    """The controller's address as the device sees it, where it is translated on the way
    (``management.controller_address``); None: the controller's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pbx:
    """A phone system at the site, which the provider may reach from outside."""

    address: IPv4Address
    """Inside address."""
    public_address: IPv4Address | None
    """The outside address that is forwarded to it; None: the address of the WAN interface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockout:
    """When a phone's web interface locks: failed log-ins within a time, and for how long."""

    attempts: int
    window_seconds: int
    lock_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Syslog:
    """Where phones send their logs."""

    server: Host
    port: int
    transport: SyslogTransport


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """Where phones fetch firmware, and which file each model of a vendor that names files takes."""

    source: str
    """An https:// URL that ends in a slash."""
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonesPolicy:
    """What a site wants of its phones besides what it says elsewhere: transport, ports, voice VLAN, NTP servers."""

    provisioning_owner: Literal["site", "provider"]
    """Whose provisioning server the phones obey."""
    web_interface: Literal["https_only", "off"]
    web_session_minutes: int
    lockout: Lockout
    action_uri_from: tuple[Address, ...]
    """Hosts that may control phones by URL; empty switches that off."""
    rest_api: bool
    """Poly's REST interface, by which a phone can be read back."""
    registrar_only: bool
    """SIP is taken from the registrar alone."""
    srtp: Srtp
    vlan_assignment: Literal["lldp", "static"]
    pc_port: Literal["unchanged", "off"]
    switch_off: tuple[str, ...]
    """What the site's phones do not need (`policy.phones.SWITCHES`)."""
    authority: str | None
    """The site's own authority: one certificate, as PEM in lines of 64 characters."""
    syslog: Syslog | None
    firmware: Firmware | None
    window_from: str
    """Local time, HH:MM, from which phones look for news."""
    window_to: str
    onboarding: bool
    """Whether phones are still being connected, so that they must find their provisioning server by themselves."""
    password_length: int
    keypad_passwords: bool
    """Digits only, for phones whose local menu is used."""
    unconfirmed: tuple[str, ...]
    """What is rendered although its values are not shown by any public source; ``vendor.intent``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePolicy:
    """Everything that a site declares, complete."""

    provider: ProviderProfile
    transport: Transport
    voice_vlan: VoiceVlan | None
    management: Management | None
    wan_interfaces: tuple[str, ...]
    """Empty: derived from the device."""
    pbx: Pbx | None
    """None: hosted phones only, so that nothing is ever forwarded inwards."""
    phones: PhonesPolicy
    enforce_exclusive: bool
    """Also disable foreign rules that let voice traffic of strangers in."""
    concerns: tuple[str, ...]
    """The enabled ones of ``CONCERNS``, in that order."""

    @property
    def sip_ports_in_use(self) -> tuple[PortRange, ...]:
        """The provider's ports of the chosen transport."""
        return self.provider.sip_ports[self.transport]

    @property
    def allowed_sip_ports(self) -> dict[Protocol, tuple[PortRange, ...]]:
        """Ports per IP protocol on which SIP may pass to the provider: those of the chosen transport only."""
        allowed: dict[Protocol, tuple[PortRange, ...]] = {"tcp": (), "udp": ()}
        allowed[TRANSPORT_PROTOCOL[self.transport]] = self.sip_ports_in_use
        return allowed

    @property
    def guarded_sip_ports(self) -> dict[Protocol, tuple[PortRange, ...]]:
        """Ports per IP protocol that must be closed to everybody but the provider (see ``guarded_ports``)."""
        return guarded_ports(self.provider.sip_ports)


def guarded_ports(
    sip_ports: Mapping[Transport, tuple[PortRange, ...]],
) -> dict[Protocol, tuple[PortRange, ...]]:
    """The standard SIP ports and every port of every offered transport, per IP protocol, merged."""
    guarded: dict[Protocol, list[PortRange]] = {"tcp": [STANDARD_SIP_PORTS], "udp": [STANDARD_SIP_PORTS]}
    for transport, ranges in sip_ports.items():
        guarded[TRANSPORT_PROTOCOL[transport]].extend(ranges)
    return {protocol: merge_ports(ranges) for protocol, ranges in guarded.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something in the input that is allowed but that a reviewer should see."""

    code: str
    """Stable and machine-readable, such as ``cleartext-signalling``."""
    severity: Severity
    control: str
    """Id in the control catalogue."""
    message: str
