# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a phone says it is, read from what it tells everybody. Pure; no password is ever needed for it.

Sources: rapid7/recog (`xml/http_servers.xml`, `sip_user_agents.xml`, `x509_subjects.xml`, `x509_issuers.xml`) for
headers and certificates, Greenbone's detection of Yealink phones (OID 1.3.6.1.4.1.25623.1.0.113280) for pages and the
JSON interface, wazo-platform/wazo-provd-plugins for the user agents of provisioning and the vendors' MAC prefixes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of a phone; "" for what is not. `model` in capitals without separators (T54W, T21P_E2, VVX350);
    `mac`: twelve lower-case hexadecimal digits."""

    vendor: str = ""
    model: str = ""
    release: str = ""
    mac: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


_MAC = r"(?P<mac>[0-9A-Fa-f]{12}|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})"
_AGENTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (vendor, re.compile(pattern))
    for vendor, pattern in (
        ("yealink", rf"Yealink (?:SIP-)?(?P<model>[A-Z]+[0-9][\w-]*) (?P<release>[0-9]+(?:\.[0-9]+){{3}})(?: {_MAC})?"),
        (
            "poly",
            r"(?:FileTransport )?Poly(?:com)?[A-Za-z]+-(?P<model>[A-Za-z]+_?[A-Z]?[0-9]+)-UA/"
            rf"(?P<release>[0-9]+(?:\.[0-9]+){{1,4}})(?:_{_MAC})?",
        ),
        ("grandstream", rf"Grandstream Model HW (?P<model>\w+) SW (?P<release>[0-9.]+)(?: DevId {_MAC})?"),
        ("grandstream", r"Grandstream (?P<model>[A-Z]+[0-9]\w*) (?P<release>[0-9]+(?:\.[0-9]+){3})"),
        ("snom", rf".*?snom(?P<model>[A-Z]?[0-9]+)(?:-SIP)?[ /](?P<release>[0-9]+(?:\.[0-9]+)+)(?:.* {_MAC})?"),
        ("fanvil", rf"Fanvil (?P<model>\w+(?: Pro)?) (?P<release>[0-9]+(?:\.[0-9]+)+)(?: {_MAC})?"),
    )
)
_SERVERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("yealink", re.compile(r"yealink\b", re.IGNORECASE)),
    ("poly", re.compile(r"Poly(?:com)? SoundPoint IP Telephone HTTPd")),
    ("grandstream", re.compile(r"Grandstream (?P<model>\w+) (?P<release>[0-9.]+)")),
    ("snom", re.compile(r"snom embedded")),
)
_MODEL_VARIABLE = re.compile(r"""g_phonetype\s*=\s*["']([\w-]+)["']""", re.IGNORECASE)
_RELEASE_VARIABLE = re.compile(r"""g_strfirmware\s*=\s*["']([0-9.]+)["']""", re.IGNORECASE)
_TITLE = re.compile(r"<title>([^<]{0,120})</title>", re.IGNORECASE)
_POLY_TITLE = re.compile(r"(?P<model>(?:VVX|CCX|Trio|Edge E) ?[0-9]+)")
_REALM = re.compile(r"""realm="Yealink (?:SIP-)?([\w-]+)\"""")
_YEALINK_ISSUER = "Yealink Equipment Issuing CA"
_POLY_ORGANISATIONS = ("Polycom Inc.", "Polycom, Inc.")

_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "yealink": (
        "001565", "e434d7", "805ec0", "805e0c", "249ad8", "3497d7",
        "44dbd2", "644f56", "b061a9", "c4fc22", "ec1da9", "f01653",
    ),
    "poly": ("64167f",),
}  # fmt: skip


def plain_mac(text: str) -> str:
    """A MAC address as twelve lower-case digits; "" for what is none."""
    digits = re.sub(r"[:.\s-]", "", text).lower()
    return digits if re.fullmatch(r"[0-9a-f]{12}", digits) else ""


def plain_model(vendor: str, text: str) -> str:
    """A model in the spelling of the firmware data: capitals, without "SIP-"; a Poly's also without separators."""
    model = text.strip().upper().removeprefix("SIP-")
    return re.sub(r"[ _-]", "", model) if vendor == "poly" else model.replace(" ", "_")


def from_user_agent(text: str) -> Identity:
    """Of a SIP User-Agent or Server header, or of the user agent that fetches files."""
    for vendor, pattern in _AGENTS:
        match = pattern.match(text)
        if match:
            return _matched(vendor, match)
    return Identity()


def from_server_header(text: str) -> Identity:
    """Of the Server header of a web interface."""
    for vendor, pattern in _SERVERS:
        match = pattern.match(text)
        if match:
            return _matched(vendor, match)
    return Identity()


def from_challenge(text: str) -> Identity:
    """Of the WWW-Authenticate header of an old Yealink."""
    match = _REALM.search(text)
    return Identity("yealink", plain_model("yealink", match[1])) if match else Identity()


def from_page(text: str) -> Identity:
    """Of a page that the web interface shows before a log-in."""
    model, release = _MODEL_VARIABLE.search(text), _RELEASE_VARIABLE.search(text)
    title = _TITLE.search(text)
    heading = title[1].strip() if title else ""
    if model or release or heading.startswith("Yealink"):
        return Identity("yealink", plain_model("yealink", model[1]) if model else "", release[1] if release else "")
    poly = _POLY_TITLE.search(heading)
    if poly:
        return Identity("poly", plain_model("poly", poly["model"]))
    return Identity("poly") if heading.startswith("Polycom") else Identity()


def from_json(text: str) -> Identity:
    """Of what Yealink's JSON interface answers to anybody who has not logged in."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return Identity()
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("phoneName"), str):
        return Identity()
    release = error.get("firmware")
    return Identity("yealink", plain_model("yealink", error["phoneName"]), release if isinstance(release, str) else "")


def from_certificate(certificate: Mapping[str, Any]) -> Identity:
    """Of a certificate that the vendor put into the phone (`certificates.describe`)."""
    if _YEALINK_ISSUER in certificate["issuer"]:
        return Identity("yealink", mac=certificate["mac"])
    if any(organisation in certificate["subject"] for organisation in _POLY_ORGANISATIONS):
        return Identity("poly", mac=certificate["mac"])
    return Identity()


def from_mac(text: str) -> Identity:
    """Of the MAC address itself."""
    mac = plain_mac(text)
    vendor = next((vendor for vendor, known in _PREFIXES.items() if mac[:6] in known), "")
    return Identity(vendor, mac=mac)


def merged(found: Iterable[tuple[str, Identity]]) -> tuple[Identity, list[str]]:
    """One identity of several, each with where it is from, the most credible first; and where they contradict."""
    whole, sources, conflicts = Identity(), dict[str, str](), []
    for source, identity in found:
        for field in fields(Identity):
            name, value = field.name, getattr(identity, field.name)
            if not value:
                continue
            known = getattr(whole, name)
            if not known:
                whole = replace(whole, **{name: value})
                sources[name] = source
            elif known != value:
                conflicts.append(f"{name} is {known} by {sources[name]} and {value} by {source}")
    return whole, conflicts


def _matched(vendor: str, match: re.Match[str]) -> Identity:
    found = {name: value or "" for name, value in match.groupdict().items()}
    return Identity(
        vendor,
        plain_model(vendor, found.get("model", "")),
        found.get("release", "").rstrip("."),
        plain_mac(found.get("mac", "")),
    )
