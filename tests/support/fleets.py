"""Runs over fleets, night after night, as reports are made of: a realistic one, a tiny one, and one that means harm."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.voip.hardening.plugins.module_utils.policy.catalogue import Control, load_controls
from ansible_collections.voip.hardening.plugins.module_utils.posture.history import History, read_history
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import (
    COMPLIANT,
    DRIFT,
    ERROR,
    FAIL,
    PASS,
    TIME,
    UNKNOWN,
    UNREACHABLE,
    UNSUPPORTED,
    ChangedBy,
    Difference,
    Record,
    Unverifiable,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.report import PostureReport, reported
from ansible_collections.voip.hardening.plugins.module_utils.posture.waivers import Waiver

CATALOGUE = Path(__file__).resolve().parents[2] / "data" / "controls.yml"
LAST = datetime(2026, 5, 31, 1, 30)
"""The last night of every sample."""
FIREWALL = ("FW-1", "FW-2", "FW-3", "SVC-1", "VLAN-1", "VLAN-2", "VLAN-3", "WEB-1", "WEB-3", "AUD-3", "ADM-1", "ADM-4")
PHONE = ("ENC-1", "ENC-2", "ENC-3", "PWD-5", "FWM-1", "WEB-2", "ADM-4")

Waivers = Mapping[str, Sequence[Waiver]]


@lru_cache(maxsize=1)
def controls() -> dict[str, Control]:
    """The shipped catalogue."""
    return load_controls(yaml.safe_load(CATALOGUE.read_text(encoding="utf-8")))


def record(host: str = "north-fw1", **changes: Any) -> Record:
    """A compliant firewall but for what is changed."""
    given: dict[str, Any] = {
        "host": host,
        "site": host.partition("-")[0],
        "platform": "fortios",
        "model": "FortiGate-60F",
        "version": "7.4.4",
        "classification": COMPLIANT,
        "read_at": LAST.strftime(TIME),
        "controls": dict.fromkeys(FIREWALL, PASS),
    }
    return Record(**given | changes)


def drifted(host: str = "north-fw1", **changes: Any) -> Record:
    """A firewall on which somebody disabled a rule, but for what is changed."""
    return record(
        host,
        **{
            "classification": DRIFT,
            "remediable": True,
            "controls": {**dict.fromkeys(FIREWALL, PASS), "FW-1": FAIL},
            "drift": (Difference(("FW-1",), "firewall/policy VOIPH-in-1", "status", "enable", "disable"),),
            "count": 1,
            **changes,
        },
    )


def waiver(control: str = "FW-1", device: str = "north-fw1", expires: str = "2026-12-31", **changes: str) -> Waiver:
    """A waiver but for what is changed."""
    words = {"reason": "the old trunk is kept until it is ported", "approver": "J. Doe", **changes}
    return Waiver(control, device, words["reason"], words["approver"], date.fromisoformat(expires))


def report(
    *records: Record, waivers: Waivers | None = None, history: History | None = None, time: str = ""
) -> PostureReport:
    """The report of a run."""
    return reported(records, waivers or {}, history or History(), controls(), time or LAST.strftime(TIME))


def nights(runs: Sequence[Sequence[Record]], waivers: Waivers | None = None) -> PostureReport:
    """The report of the last of several nightly runs."""
    text = b""
    for index, records in enumerate(runs):
        time = (LAST - timedelta(days=len(runs) - 1 - index)).strftime(TIME)
        history = read_history(text.splitlines(keepends=True), time, 90)
        night = report(*records, waivers=waivers, history=history, time=time)
        text += "".join(line.text() for line in night.lines()).encode()
    return night


_SITES = (
    "aldgate", "bristol", "camden", "derby", "exeter", "falmouth", "glasgow", "hull", "ipswich", "jarrow", "kendal",
    "leeds", "margate", "newport", "oxford", "preston", "reading", "stirling", "truro", "york",
)  # fmt: skip
_FIREWALLS = (
    ("fortios", "FortiGate-60F", "7.4.4"),
    ("draytek", "Vigor2865", "4.4.5"),
    ("pfsense", "Netgate 4200", "24.11"),
)
_PHONES = (("yealink", "T54W", "96.86.0.45"), ("poly", "VVX 450", "6.4.6"))
_CHANGES: Sequence[tuple[tuple[str, ...], str, str, str, str]] = (
    (("FW-1",), "firewall/policy VOIPH-in-1", "status", "enable", "disable"),
    (("FW-1", "SVC-1"), "firewall/policy 31 \"SIP from anywhere\"", "srcaddr", "VOIPH-signalling", "all"),
    (("FW-3",), "system/settings", "sip-helper", "disable", "enable"),
    (("WEB-3",), "system/interface wan1", "allowaccess", "ping", "ping https ssh"),
    (("VLAN-3",), "filter/rule VOIPH-voice-out", "destination", "VOIPH_provider", "any"),
    (("VLAN-2",), "system/interface voice", "egress-cos", "cos5", ""),
)
_PHONE_CHANGES: Sequence[tuple[tuple[str, ...], str, str, str, str]] = (
    (("ENC-1", "ENC-3"), "account.1", "sip_server.1.transport_type", "2 (TLS)", "0 (UDP)"),
    (("ENC-2",), "account.1", "srtp_encryption", "2 (compulsory)", "1 (optional)"),
    (("FWM-1",), "static.auto_provision.repeat", "enable", "1", "0"),
)
_FINDINGS = (
    {
        "control": "ADM-1",
        "severity": "high",
        "subject": "administrator admin",
        "evidence": "no second factor is asked for",
        "advice": "Enrol a token for the account",
    },
    {
        "control": "AUD-3",
        "severity": "low",
        "subject": "provider profile example-voice",
        "evidence": "reviewed 131 days ago",
        "advice": "Compare it with what the provider publishes",
    },
)


@lru_cache(maxsize=1)
def realistic(days: int = 30) -> PostureReport:
    """Twenty sites with a firewall and two phones each: things drift, are found, and are mended."""
    chance = random.Random(20)
    fleet = list(_hosts())
    open_since: dict[str, int] = {}
    runs = []
    for day in range(days):
        for host, *_rest in fleet:
            if host in open_since and chance.random() < 0.3:
                del open_since[host]
            elif host not in open_since and chance.random() < 0.025:
                open_since[host] = chance.randrange(100)
        time = LAST - timedelta(days=days - 1 - day)
        runs.append([_looked_at(*one, open_since.get(one[0]), time, day) for one in fleet])
    some = (
        waiver("ADM-1", "*", "2026-06-08", reason="Tokens are on order, ticket 4711", approver="A. Patel (security)"),
        waiver("VLAN-2", "york", "2026-12-31", reason="The site's uplink has no queues", approver="M. Okafor"),
        waiver("FW-3", "hull-fw1", "2026-04-30", reason="An old PBX needed the helper", approver="M. Okafor"),
    )
    return nights(runs, {host: some for host, *_rest in fleet})


def _hosts() -> Iterator[tuple[str, str, str, str]]:
    for index, site in enumerate(_SITES):
        yield (f"{site}-fw1", *_FIREWALLS[index % 3])
        for number in (101, 102):
            yield (f"{site}-desk-{number}", *_PHONES[index % 2])


def _looked_at(
    host: str, platform: str, model: str, version: str, change: int | None, time: datetime, day: int
) -> Record:
    read_at = time.strftime(TIME)
    is_phone = "desk" in host
    common: dict[str, Any] = {
        "platform": platform,
        "model": model,
        "version": version,
        "read_at": read_at,
        "controls": dict.fromkeys(PHONE if is_phone else FIREWALL, PASS),
    }
    if is_phone:
        common["evidence"] = {"rendered": True, "fetched": True, "observed": "as wanted"}
    if platform == "draytek":
        common["controls"]["VLAN-2"] = UNKNOWN
        common["unverifiable"] = (Unverifiable("VLAN-2", "the queue of the LAN port", True),)
    if host == "jarrow-fw1" and day > 26:
        return record(host, **common | {
            "classification": UNREACHABLE, "controls": {}, "model": "", "version": "",
            "message": "https://192.0.2.10:443: timed out after 10 seconds",
        })  # fmt: skip
    if host == "kendal-desk-102":
        return record(host, **common | {
            "classification": ERROR, "controls": {}, "evidence": {},
            "message": "GET /api/v1/mgmt/device/info: the phone refused the account (401)",
        })  # fmt: skip
    if host == "truro-desk-101":
        return record(host, **common | {
            "classification": UNSUPPORTED, "controls": common["controls"] | {"ENC-2": UNKNOWN},
            "unverifiable": (Unverifiable("ENC-2", "this release does not show account.1.srtp_encryption", False),),
        })  # fmt: skip
    if platform == "fortios":
        common["controls"]["ADM-1"] = FAIL
        common.update(classification=DRIFT, findings=_FINDINGS)
    if change is None:
        return record(host, **common)
    table = _PHONE_CHANGES if is_phone else _CHANGES
    some = [table[(change + step) % len(table)] for step in range(1 + change % 2)]
    return record(host, **common | {
        "classification": DRIFT,
        "remediable": True,
        "controls": common["controls"] | {name: FAIL for names, *_rest in some for name in names},
        "drift": tuple(Difference(*one) for one in some),
        "count": len(some),
        "pending": ("restart: LAN 3 is in use after a restart only",) if platform == "draytek" else (),
        "changed_by": None if is_phone else ChangedBy(
            "s.miller", (time - timedelta(hours=9)).strftime("%Y-%m-%d %H:%M:%S"),
            "Edit firewall.policy 31 by GUI(198.51.100.7)", "configuration revisions",
        ),
    })  # fmt: skip


def tiny() -> PostureReport:
    """One device, compliant, looked at for the first time."""
    return report(record())


HARM = (
    "<script>alert(1)</script>",
    "</style></title></textarea>--><img src=https://192.0.2.1/x onerror=alert(2)>",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\"' onmouseover=alert(3) x='",
    "]]><x/>&amp;&#60;b&#62;",
    "\x00\x07\x1b[31mred\x1b[0m\x7f\x9b2J",
    "\u202egnp.exe\u2066\ufeff\ufffe\ud800",
    "{{ lookup('pipe', 'id') }}",
    "a\r\nb\tc\\d\"e",
    "javascript:alert(4)",
    "W" * 4000,
    "\u6f22\u5b57 \U0001f4de \u0627\u0644\u0647\u0627\u062a\u0641",
)
"""What devices may call themselves."""


@lru_cache(maxsize=1)
def hostile() -> PostureReport:
    """Devices, sites and waivers whose every text means harm."""
    records = [
        drifted(
            _one_line(text),
            site=_one_line(text[::-1]),
            platform=text,
            model=text,
            version=text,
            message=text,
            drift=(Difference(("FW-1",), text, text, text, text), Difference((), "", "", "", text)),
            count=2,
            findings=({"control": "FW-2", "severity": "high", "subject": text, "evidence": text, "advice": text},),
            pending=(text,),
            unverifiable=(Unverifiable("FW-3", text, False),),
            changed_by=ChangedBy(text, text, text, text),
            evidence={"rendered": text, "fetched": {text: [text]}, "observed": None},
        )
        for text in HARM
    ]
    texts = map(_one_line, HARM)
    every = tuple(waiver("SVC-1", text, "2026-05-01", reason=text, approver=text) for text in texts)
    return report(*records, waivers={one.host: every for one in records})


def _one_line(text: str) -> str:
    """What an inventory may call a host: no control characters below a blank."""
    return "".join(character for character in text if character >= " ")
