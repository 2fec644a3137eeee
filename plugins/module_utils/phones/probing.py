# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the evidence of a probe says about the controls. Pure.

Silence proves nothing: a phone that does not answer may be off, or out of reach from here. It counts only while a
control signal shows that the phone is alive at that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ..findings import Finding, worst_first
from .certificates import has_expired
from .evidence import Evidence
from .firmware import Installed, firmware_findings, judge_firmware, review_finding
from .firmware_data import CHANGED, FirmwareData
from .logins import PAIRS

Result = Literal["pass", "fail", "unknown"]
Vantage = Literal["management", "voice", "data", "wan"]

VANTAGES: tuple[Vantage, ...] = ("management", "voice", "data", "wan")
FRESH = timedelta(minutes=1)
"""How old a control signal may be: what answered earlier than that may be off now."""
SIGNS_OF_LIFE = ("registered", "answered")

_WEB = ("http", "https")
_REMOTE = ("ssh", "telnet")
_OLD_TLS = {"TLSv1": "TLS 1.0", "TLSv1_1": "TLS 1.1"}
_REFUSALS = (401, 403, 405, 407)
"""Answers to an OPTIONS that refuse its sender, or the request as such; any other comes from a phone that listens."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The result of one control for this phone, and why."""

    control: str
    result: Result
    why: str


@dataclass(frozen=True, slots=True)
class Question:
    """From where the probe looked, of which phone, when, and what is known of it otherwise."""

    host: str
    vantage: Vantage
    now: datetime
    data: FirmwareData | None
    observed: Mapping[str, object]


def judge(evidence: Evidence, question: Question) -> tuple[list[Judged], list[Finding]]:
    """Results of the controls that a probe can say something about, and findings, the most severe first."""
    findings: list[Finding] = [
        *_reachable(evidence, question),
        *_old_tls(evidence, question),
        *_expired(evidence, question),
        *_logins(evidence, question),
        *_unsolicited(evidence, question),
    ]
    firmware, firmware_results = _firmware(evidence, question)
    findings += firmware
    failed = {one.control: one for one in reversed(worst_first(findings)) if one.severity not in ("info", "low")}
    judged = [
        _web_from_internet(evidence, question),
        _default_passwords(evidence),
        Judged("ADM-4", "unknown", "how strong a password is cannot be seen from outside"),
        Judged("ENC-1", "unknown", "by what a phone registers cannot be seen from outside"),
        _sip_from_strangers(evidence, question),
    ]
    judged = [
        Judged(one.control, "fail", failed[one.control].evidence) if one.control in failed else one for one in judged
    ]
    return [*judged, *firmware_results], worst_first(findings)


def web_state(evidence: Evidence, question: Question) -> dict[str, str]:
    """Whether the web interface can be reached from here: `state` is open, off or unknown."""
    opened = _ports(evidence, "open", _WEB)
    if opened:
        return {"state": "open", "from": question.vantage, "why": f"port {opened[0][1]} is open"}
    closed = {port["state"] for name, port in evidence.under("port").items() if name in _WEB} <= {"refused", "silent"}
    alive = sign_of_life(evidence, question.now)
    if closed and alive:
        return {"state": "off", "from": question.vantage, "why": f"closed while the phone is alive: {alive}"}
    why = "nothing shows that the phone is alive" if closed else "there is no way to the phone from here"
    return {"state": "unknown", "from": question.vantage, "why": why}


def sign_of_life(evidence: Evidence, now: datetime) -> str:
    """What shows that the phone is alive; "" where nothing does."""
    told = told_alive(evidence, now)
    if told:
        return told
    ports = _ports(evidence, "open")
    return f"port {ports[0][1]} is open" if ports else ""


def told_alive(evidence: Evidence, now: datetime) -> str:
    """What the caller's control signal shows; "" where there is none, or none of this minute."""
    signal = evidence.get("control_signal")
    if not signal or signal["state"] not in SIGNS_OF_LIFE:
        return ""
    if abs(now - datetime.fromisoformat(signal["at"])) > FRESH:
        return ""
    return f"{signal['state']} at {signal['at']} ({signal['by']})"


def _ports(evidence: Evidence, state: str, names: tuple[str, ...] | None = None) -> list[tuple[str, int]]:
    found = evidence.under("port")
    return [
        (name, port["port"])
        for name, port in found.items()
        if port["state"] == state and (names is None or name in names)
    ]


def _reachable(evidence: Evidence, question: Question) -> list[Finding]:
    """What is reachable and should not be, from where the probe looks."""
    host, found = question.host, []
    opened = _ports(evidence, "open")
    if question.vantage == "wan":
        for name, port in opened:
            control, advice = "WEB-3", "Close the way from the internet to the phone"
            if name in _WEB:
                control = "WEB-1"
            elif name in ("sip", "sips"):
                control, advice = "FW-1", "Let the provider's addresses alone through the firewall"
            found.append(Finding(control, "critical", host, f"port {port} is open to the internet", advice))
    elif question.vantage == "data" and opened:
        ports = ", ".join(str(port) for _name, port in opened)
        advice = "Separate the voice VLAN from the data network"
        found.append(Finding("VLAN-1", "high", host, f"open to the data network: port {ports}", advice))
    for name, port in _ports(evidence, "open", _REMOTE):
        severity, advice = ("high", "Switch it off") if name == "telnet" else ("medium", "Switch it off unless used")
        found.append(Finding("ADM-4", severity, host, f"{name} is open on port {port}", advice))
    web = evidence.get("web.http")
    if web and not web["redirects_to_https"] and web["status"] < 400:
        evidence_text = "the web interface is served without encryption, and so are its passwords"
        found.append(Finding("ADM-4", "medium", host, evidence_text, "Switch HTTP off and HTTPS on"))
    return found


def _old_tls(evidence: Evidence, question: Question) -> list[Finding]:
    found = []
    for name, control in (("https", "ADM-4"), ("sips", "ENC-1")):
        offer = evidence.get(f"tls.{name}")
        if not offer:
            continue
        old = [words for version, words in _OLD_TLS.items() if version in offer["offered"]]
        if old:
            alone = len(old) == len(offer["offered"])
            what = f"{name} offers {' and '.join(old)}{' and nothing newer' if alone else ''}"
            severity = "high" if alone else "medium"
            found.append(Finding(control, severity, question.host, what, "Allow TLS 1.2 and up alone"))
    return found


def _expired(evidence: Evidence, question: Question) -> list[Finding]:
    return [
        Finding("ADM-4", "low", question.host, f"the certificate of {name} expired at {one['not_after']}", "Renew it")
        for name, one in evidence.under("certificate").items()
        if one and has_expired(one, question.now)
    ]


def _logins(evidence: Evidence, question: Question) -> list[Finding]:
    found = []
    for one in evidence.under("login").values():
        who = f"the account {one['account']!r}"
        if one["outcome"] == "accepted":
            text = f"{who} has {one['origin']} as its password"
            advice = "Set a password of its own, unique to this phone"
            found.append(Finding("WEB-2", "critical", question.host, text, advice))
            found.append(Finding("ADM-4", "high", question.host, text, advice))
        elif one["outcome"] == "locked":
            advice = "Somebody guesses passwords, or one is set wrongly somewhere: look at the phone's log"
            found.append(Finding("ADM-4", "low", question.host, "log-ins are locked after failures", advice))
    return found


def _unsolicited(evidence: Evidence, question: Question) -> list[Finding]:
    answer = evidence.get("sip.options")
    if not answer or answer["state"] != "answered" or answer["status"] in _REFUSALS:
        return []
    severity: Literal["critical", "medium"] = "critical" if question.vantage == "wan" else "medium"
    text = f"SIP of a stranger over UDP is answered ({answer['status']} {answer['reason']})".replace(" )", ")")
    advice = "Let the phone take SIP from its registrar alone, and the firewall from the provider alone"
    return [Finding("FW-1", severity, question.host, text, advice)]


def _web_from_internet(evidence: Evidence, question: Question) -> Judged:
    if question.vantage != "wan":
        return Judged("WEB-1", "unknown", f"seen from the {question.vantage} network, not from the internet")
    states = {port["state"] for name, port in evidence.under("port").items() if name in _WEB}
    if not states or states - {"refused", "silent"}:
        return Judged("WEB-1", "unknown", "there is no way to the phone from here")
    told = told_alive(evidence, question.now)
    if not told:
        return Judged("WEB-1", "unknown", "nothing answers, and no control signal shows that the phone is alive")
    return Judged("WEB-1", "pass", f"closed from here while the phone is alive: {told}")


def _default_passwords(evidence: Evidence) -> Judged:
    tried = [one for one in evidence.under("login").values() if one["administers"]]
    wanted = sum(pair.administers for pair in PAIRS.get((evidence.get("phone") or {}).get("vendor", ""), ()))
    missed = evidence.get("logins_left_out")
    outcomes = {one["outcome"] for one in tried}
    if wanted and len(tried) == wanted and "denied" in outcomes and outcomes <= {"denied", "absent"}:
        oldest = min(one["at"] for one in tried)
        why = f"the administrator's default passwords are refused (tried at {oldest} or later)"
        return Judged("WEB-2", "pass", f"{why}; of other accounts: {missed}" if missed else why)
    return Judged("WEB-2", "unknown", str(missed or "no answer to a default pair was clear"))


def _sip_from_strangers(evidence: Evidence, question: Question) -> Judged:
    answer = evidence.get("sip.options")
    if not answer:
        return Judged("FW-1", "unknown", "no SIP was sent to the phone")
    if answer["state"] == "answered":
        return Judged("FW-1", "pass", f"SIP of a stranger is refused ({answer['status']})")
    told = told_alive(evidence, question.now)
    if not told:
        return Judged("FW-1", "unknown", "SIP is not answered, and no control signal shows that the phone would do so")
    return Judged("FW-1", "pass", f"SIP of a stranger is ignored while the phone is alive: {told}")


def _firmware(evidence: Evidence, question: Question) -> tuple[list[Finding], list[Judged]]:
    if question.data is None:
        why = "no firmware data were given"
        return [], [Judged("FWM-2", "unknown", why), Judged("FWM-3", "unknown", why)]
    phone: Mapping[str, Any] = evidence.get("phone") or {}
    installed = Installed(phone.get("vendor", ""), phone.get("model", ""), phone.get("release", ""))
    observed = {**_seen_intents(evidence, question), **question.observed}
    verdict = judge_firmware(installed, question.data, observed)
    findings = firmware_findings(question.host, verdict, observed)
    review = review_finding(question.data, question.now.date())
    checked = Judged("FWM-2", "pass", f"compared with the data of {question.data.reviewed_on}")
    if review is not None:
        findings.append(review)
        checked = Judged("FWM-2", "fail", review.evidence)
    elif not installed.release:
        checked = Judged("FWM-2", "unknown", "the release is not known, so that there was nothing to compare")
    return findings, [checked, Judged("FWM-3", verdict.result, verdict.why)]


def _seen_intents(evidence: Evidence, question: Question) -> dict[str, object]:
    """What the probe itself shows of intents of the phone policy that advisories ask for."""
    seen: dict[str, object] = {}
    for one in evidence.under("login").values():
        if one["outcome"] in ("accepted", "denied"):
            intent = "auth.user" if one["account"].lower() == "user" else "auth.admin"
            accepted = one["outcome"] == "accepted" or seen.get(intent) == "default"
            seen[intent] = "default" if accepted else CHANGED
    web = web_state(evidence, question)["state"]
    if web == "open" or (web == "off" and question.vantage == "voice"):  # elsewhere a firewall may be what is closed
        seen["web.https"] = web == "open"
    return seen
