# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what a site wants of its phones (``voip_policy.phones``).

What the rest of the policy and the provider profile say already is not asked again: transport and ports, the voice
VLAN with its marking, NTP servers and the provisioning URL.
"""

from __future__ import annotations

import re
import ssl
import textwrap
from collections.abc import Mapping
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from .model import (
    Address,
    Firmware,
    Lockout,
    PhonesPolicy,
    ProviderProfile,
    Srtp,
    Syslog,
    SyslogTransport,
)
from .networks import HOST_FORM, parse_host, read_addresses
from .reading import Report, Section, join_path, plain, shown

Choice = TypeVar("Choice", bound=str)

PATH = "voip_policy.phones"
KEYS = (
    "provisioning_owner",
    "web_interface",
    "web_session_minutes",
    "lockout",
    "action_uri_from",
    "rest_api",
    "registrar_only",
    "srtp",
    "vlan_assignment",
    "pc_port",
    "switch_off",
    "authority",
    "syslog",
    "firmware",
    "update_window",
    "onboarding",
    "password_length",
    "keypad_passwords",
    "unconfirmed",
)
LOCKOUT_KEYS = ("attempts", "window_seconds", "lock_seconds")
SYSLOG_KEYS = ("server", "port", "transport")
FIRMWARE_KEYS = ("source", "files")
WINDOW_KEYS = ("from", "to")

SWITCHES = ("bluetooth", "wifi", "usb_storage", "call_recording", "call_events", "reset_key")
"""What some site needs and another one does not: switched off for those alone who say so."""

UNCONFIRMED = (
    "poly.auth.admin_length",
    "poly.auth.user_length",
    "poly.port.filters",
    "poly.port.pc",
    "poly.qos.priorities",
    "poly.srtp.lines",
    "poly.srtp.lines_offered",
    "poly.tls.ciphers",
    "poly.web.service",
    "yealink.auth.level",
    "yealink.log.facility",
    "yealink.log.port",
    "yealink.log.transport",
    "yealink.nat.ice",
    "yealink.remote.xml_push_server",
    "yealink.sip.validated_requests",
    "yealink.tls.authorities",
    "yealink.tls.ciphers",
)
"""Vendor and intent of parameters whose values no public source shows. They are rendered for those who ask for them."""

SYSLOG_TRANSPORTS: tuple[SyslogTransport, ...] = ("udp", "tcp", "tls")
SYSLOG_PORTS: Mapping[SyslogTransport, int] = {"udp": 514, "tcp": 514, "tls": 6514}
"""RFC 5426 and RFC 5425; for TCP what collectors commonly listen on (RFC 6587)."""

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ()/_+-]{0,39}", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._()+-]{0,119}", re.ASCII)
_HTTPS = re.compile(r"https://[!#-;=?-Z_a-z~]{1,200}", re.ASCII)
_PEM = re.compile(
    r"\s*(-----BEGIN CERTIFICATE-----)([A-Za-z0-9+/=\s]{64,16000})(-----END CERTIFICATE-----)\s*", re.ASCII
)
_AUTHORITY_FORM = "one certificate as text, -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"
_HTTPS_FORM = "an https:// URL without user name and password, of up to 208 characters without blanks and quotes"


def read_phones(raw: object, provider: ProviderProfile, report: Report) -> PhonesPolicy:
    """The phones' part of a site policy, complete; an absent section is an empty one."""
    section = Section({} if raw is None else raw, PATH, KEYS, report)
    window_from, window_to = _update_window(section)
    return PhonesPolicy(
        provisioning_owner=section.choice("provisioning_owner", ("site", "provider"), default="site"),
        web_interface=_or_off(section, "web_interface", "https_only"),
        web_session_minutes=section.integer("web_session_minutes", "a number of minutes", 1, 1000, default=5),
        lockout=_lockout(section),
        action_uri_from=_action_uri_from(section),
        rest_api=section.boolean("rest_api", False),
        registrar_only=section.boolean("registrar_only", True),
        srtp=_srtp(section, provider),
        vlan_assignment=section.choice("vlan_assignment", ("lldp", "static"), default="lldp"),
        pc_port=_or_off(section, "pc_port", "unchanged"),
        switch_off=_listed(section, "switch_off", SWITCHES),
        authority=_authority(section),
        syslog=_syslog(section),
        firmware=_firmware(section),
        window_from=window_from,
        window_to=window_to,
        onboarding=section.boolean("onboarding", False),
        password_length=section.integer("password_length", "a number of characters", 16, 32, default=20),
        keypad_passwords=section.boolean("keypad_passwords", False),
        unconfirmed=_listed(section, "unconfirmed", UNCONFIRMED),
    )


def _or_off(section: Section, key: str, default: Choice) -> Choice | Literal["off"]:
    """The default word or "off", which YAML 1.1 reads as false where it stands without quotes."""
    if section.raw(key) is False:
        return "off"
    return section.choice(key, (default, "off"), default=default)


def _sub(section: Section, key: str, known: tuple[str, ...]) -> Section:
    value = section.raw(key)
    return Section({} if value is None else value, section.at(key), known, section.report)


def _lockout(section: Section) -> Lockout:
    """Ranges in which guessing is slow and a stranger cannot keep the owner out for long."""
    lockout = _sub(section, "lockout", LOCKOUT_KEYS)
    return Lockout(
        attempts=lockout.integer("attempts", "a number of failed log-ins", 3, 20, default=5),
        window_seconds=lockout.integer("window_seconds", "a number of seconds", 60, 300, default=60),
        lock_seconds=lockout.integer("lock_seconds", "a number of seconds", 60, 300, default=60),
    )


def _action_uri_from(section: Section) -> tuple[Address, ...]:
    what = "a list of the IP addresses of hosts that may control phones"
    return read_addresses(section.items("action_uri_from", what, required=False), section.report)


def _srtp(section: Section, provider: ProviderProfile) -> Srtp:
    """What the site asks for, or else what the provider does; none where the provider offers nothing."""
    if not section.given("srtp"):
        return provider.srtp
    srtp: Srtp = section.choice("srtp", ("required", "optional"))
    if provider.srtp == "none" and not section.report.failed(section.at("srtp")):
        section.report.reject(section.at("srtp"), srtp, "nothing, because the provider offers no SRTP")
    return srtp


def _syslog(section: Section) -> Syslog | None:
    if not section.given("syslog"):
        return None
    syslog = _sub(section, "syslog", SYSLOG_KEYS)
    host = None
    if syslog.require("server", f"the collector, {HOST_FORM}"):
        host = parse_host(syslog.raw("server"))
        if host is None:
            section.report.reject(syslog.at("server"), syslog.raw("server"), HOST_FORM)
    transport = syslog.choice("transport", SYSLOG_TRANSPORTS, default="udp")
    port = syslog.integer("port", "a port", 1, 65535, default=SYSLOG_PORTS[transport])
    return None if host is None else Syslog(server=host, port=port, transport=transport)


def _firmware(section: Section) -> Firmware | None:
    if not section.given("firmware"):
        return None
    firmware = _sub(section, "firmware", FIRMWARE_KEYS)
    source = ""
    if firmware.require("source", _HTTPS_FORM):
        source = _https_url(firmware, "source")
    files: dict[str, str] = {}
    raw = firmware.raw("files")
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            path = join_path(firmware.at("files"), key)
            if not isinstance(key, str) or not _MODEL.fullmatch(plain(key)):
                section.report.reject(path, key, "the model of a phone, such as T54W")
            elif not isinstance(value, str) or not _FILE.fullmatch(plain(value)):
                section.report.reject(path, value, "the name of a firmware file, such as T54W-96.87.0.15.rom")
            else:
                files[plain(key)] = plain(value)
    elif raw is not None:
        section.report.reject(firmware.at("files"), raw, "a mapping of models to the names of firmware files")
    return Firmware(source=source, files=files)


def _https_url(section: Section, key: str) -> str:
    value = section.raw(key)
    url = plain(value) if isinstance(value, str) else ""
    if _HTTPS.fullmatch(url):
        try:
            parts = urlsplit(url)
            if "@" not in parts.netloc and parse_host(parts.hostname) is not None and parts.port != 0:
                return url if url.endswith("/") else f"{url}/"
        except ValueError:
            pass
    section.report.reject(section.at(key), value, _HTTPS_FORM)
    return ""


def _update_window(section: Section) -> tuple[str, str]:
    window = _sub(section, "update_window", WINDOW_KEYS)
    form = 'a time of day in quotes, such as "02:00"'
    begin = window.text("from", form, _TIME) if window.given("from") else "02:00"
    end = window.text("to", form, _TIME) if window.given("to") else "04:00"
    if begin >= end and not section.report.failed(window.path):
        section.report.reject(window.at("to"), end, f"a time of the same day after {begin}")
    return begin, end


def _listed(section: Section, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Names out of those that are known, in their order."""
    names = []
    for path, value in section.items(key, f"a list of {', '.join(known)}", required=False):
        if isinstance(value, str) and plain(value) in known:
            names.append(plain(value))
        else:
            section.report.reject(path, value, f"one of {', '.join(known)}")
    return tuple(name for name in known if name in names)


def _authority(section: Section) -> str | None:
    """One certificate. Nothing of another text is shown: it may be a private key."""
    if not section.given("authority"):
        return None
    value = section.raw("authority")
    match = _PEM.fullmatch(plain(value)) if isinstance(value, str) else None
    if match is not None:
        pem = "\n".join((match[1], *textwrap.wrap("".join(match[2].split()), 64), match[3], ""))
        try:
            if ssl.PEM_cert_to_DER_cert(pem)[:1] == b"\x30":  # a sequence, as every certificate
                return pem
        except ValueError:
            pass
    said = f"a text of {len(value)} characters" if isinstance(value, str) else shown(value)
    section.report.refuse(section.at("authority"), said, _AUTHORITY_FORM)
    return None
