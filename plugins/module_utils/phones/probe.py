# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One probe of one phone: what is looked at, in which order, and what is recorded of it.

Cheapest first, and nothing that needs a password before all that needs none. What cannot be found out is recorded as
such, with the reason; it never ends the probe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..findings import Finding
from . import certificates, identity, wire_poly, wire_ports, wire_sip, wire_tls, wire_yealink, yealink_keys, yealink_web
from .evidence import Evidence
from .firmware_data import FirmwareData
from .identity import Identity
from .login_memory import LoginMemory
from .logins import PAIRS, STOPS, Outcome, Pair
from .patience import NoAnswer, Patience
from .probing import Judged, Question, Vantage, judge, web_state
from .wire_http import Reply, Web
from .wire_ports import Place

_TRY: Mapping[str, Callable[[Web, Pair], Outcome]] = {
    "yealink": wire_yealink.try_pair,
    "poly": wire_poly.try_pair,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What is asked for. `services`: TCP ports by name, among them `http`, `https`, `sip` and `sips`; `agent`: the
    user agent by which the PBX or the provisioning server knows the phone; `signal`: the caller's control signal with
    `state`, `by` and `at`; times in seconds."""

    host: str
    vantage: Vantage
    services: Mapping[str, int]
    mac: str = ""
    agent: str = ""
    signal: Mapping[str, str] | None = None
    observed: Mapping[str, object] = field(default_factory=dict)
    ports_only: bool = False
    unsolicited_sip: bool = True
    default_credentials: bool = False
    plain_http: bool = False
    memory: LoginMemory = field(default_factory=lambda: LoginMemory(""))
    remembered_for: timedelta = timedelta(days=30)
    data: FirmwareData | None = None
    each: float = 3
    total: float = 60


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a probe found."""

    evidence: Evidence
    judged: list[Judged]
    findings: list[Finding]
    remarks: list[str]


def run(asked: Probe, now: Callable[[], datetime], check: bool = False) -> Outcomes:
    """Look at a phone. `now` tells the time, with its zone.

    Raises `errors.Unreachable` where the host has no address.
    """
    place = wire_ports.find(asked.host)
    looking = _Looking(asked, place, now)
    with Patience(asked.each, asked.total) as patience:
        looking.at_everything(patience, check)
    if asked.ports_only:
        return Outcomes(looking.evidence, [], [], looking.remarks)
    question = Question(asked.host, asked.vantage, now(), asked.data, asked.observed)
    looking.evidence.add("web", web_state(looking.evidence, question), "the ports and the control signal together")
    judged, findings = judge(looking.evidence, question)
    return Outcomes(looking.evidence, judged, findings, looking.remarks)


class _Looking:
    """A probe under way."""

    def __init__(self, asked: Probe, place: Place, now: Callable[[], datetime]) -> None:
        self.evidence = Evidence(now)
        self.remarks: list[str] = []
        self._asked = asked
        self._place = place
        self._now = now
        self._seen: list[tuple[str, Identity]] = []

    def at_everything(self, patience: Patience, check: bool) -> None:
        asked = self._asked
        if asked.signal is not None:
            told = {name: asked.signal[name] for name in ("state", "by", "at")}
            self.evidence.add("control_signal", told, "told by the caller", asked.signal["at"])
        steps: tuple[tuple[str, Callable[[Patience], None]], ...] = (
            ("ports", self._ports),
            ("tls", self._tls),
            ("web", self._web),
            ("sip", self._sip),
        )
        for name, step in steps[:1] if asked.ports_only else steps:
            try:
                step(patience)
            except NoAnswer as error:
                self.remarks.append(f"{name}: {error}")
        if asked.ports_only:
            return
        phone = self._identify()
        left_out = self._try_logins(patience, phone, check)
        if left_out:
            self.evidence.add("logins_left_out", left_out, "the options and what was seen before")

    def _open(self, name: str) -> int:
        """The port of a service that is open; 0 where it is not."""
        port = self.evidence.get(f"port.{name}")
        return int(port["port"]) if port and port["state"] == "open" else 0

    def _ports(self, patience: Patience) -> None:
        states = wire_ports.look(self._place, self._asked.services, patience)
        for name, state in states.items():
            self.evidence.add(f"port.{name}", {"port": self._asked.services[name], "state": state}, "TCP connection")

    def _tls(self, patience: Patience) -> None:
        for name in ("https", "sips"):
            port = self._open(name)
            if not port:
                continue
            offer = wire_tls.look(self._place, port, patience)
            value = {"offered": offer.offered, "refused": offer.refused, "unclear": offer.unclear}
            self.evidence.add(f"tls.{name}", value, "a handshake for each version")
            if offer.certificate:
                self._certificate(name, offer.certificate)

    def _certificate(self, name: str, encoded: bytes) -> None:
        if certificates.MISSING is not None:
            self.remarks.append(f"the certificate of {name} was not read: {certificates.MISSING}")
            return
        try:
            described = certificates.describe(encoded)
        except ValueError as error:
            self.remarks.append(f"the certificate of {name} cannot be read: {error}")
            return
        self.evidence.add(f"certificate.{name}", described, "TLS handshake")
        self._note(f"{name}_certificate", identity.from_certificate(described), "its certificate")

    def _web(self, patience: Patience) -> None:
        secure, plain = self._open("https"), self._open("http")
        if secure:
            web = Web(self._place, secure, wire_tls.probing_context(), patience)
            self._read("https", web, thoroughly=True)
        if plain:
            self._read("http", Web(self._place, plain, None, patience), thoroughly=not secure)

    def _read(self, name: str, web: Web, thoroughly: bool) -> None:
        """What a web interface shows to a stranger; `thoroughly`: also where model and release stand."""
        page = self._page(name, web)
        if page is None or not thoroughly:
            return
        whole, _conflicts = identity.merged(self._seen)
        if whole.vendor in ("", "yealink") and not (whole.model and whole.release):
            self._yealink_pages(name, web)
        if identity.merged(self._seen)[0].vendor in ("", "poly"):
            reply = self._ask(web, "GET", wire_poly.REST)
            if reply is not None:
                self.evidence.add("rest", wire_poly.rest_state(reply), f"GET {wire_poly.REST} without credentials")

    def _page(self, name: str, web: Web) -> Reply | None:
        page = self._ask(web, "GET", "/")
        if page is None:
            return None
        target = page.headers.get("location", "")
        value = {
            "status": page.status,
            "server": page.headers.get("server", ""),
            "redirects_to_https": page.status in range(300, 400) and target.startswith("https://"),
        }
        self.evidence.add(f"web.{name}", value, f"GET {web.origin}/")
        server, challenge = (page.headers.get(header, "") for header in ("server", "www-authenticate"))
        self._note(f"{name}_server", identity.from_server_header(server), "the Server header of the web interface")
        self._note(f"{name}_challenge", identity.from_challenge(challenge), "the challenge of the web interface")
        if page.status in range(300, 400) and target.startswith("/"):
            page = self._ask(web, "GET", target) or page
        self._note(f"{name}_page", identity.from_page(page.text), f"its page for strangers, {target or '/'}")
        return page

    def _yealink_pages(self, name: str, web: Web) -> None:
        try:
            banner = identity.from_json(wire_yealink.banner(web).text)
            self._note(f"{name}_banner", banner, f"the refusal of POST {wire_yealink.BANNER[0]}")
        except NoAnswer as error:
            self.remarks.append(str(error))
        for path in yealink_web.LOGIN_PAGES:
            whole, _conflicts = identity.merged(self._seen)
            if whole.model and whole.release:
                return
            page = self._ask(web, "GET", path)
            if page is not None and page.status == 200:
                self._note(f"{name}_login_page", identity.from_page(page.text), f"GET {path}")

    def _ask(self, web: Web, method: str, path: str) -> Reply | None:
        try:
            return web.ask(method, path)
        except NoAnswer as error:
            self.remarks.append(str(error))
            return None

    def _sip(self, patience: Patience) -> None:
        if not self._asked.unsolicited_sip:
            return
        port = self._asked.services["sip"]
        answer = wire_sip.ask(self._place, port, patience)
        self.evidence.add("sip.options", asdict(answer), f"OPTIONS over UDP to port {port}, from a stranger")
        self._note("sip_agent", identity.from_user_agent(answer.agent), "the answer to OPTIONS")

    def _note(self, source: str, found: Identity, how: str) -> None:
        if found:
            self._seen.append((source, found))
            said = {name: value for name, value in asdict(found).items() if value}
            self.evidence.add(f"identity.{source}", said, how)

    def _identify(self) -> Identity:
        """Who the phone is, by its own words first, then by the caller's."""
        self._note("caller_agent", identity.from_user_agent(self._asked.agent), "the user agent that the caller knows")
        self._note("caller_mac", identity.from_mac(self._asked.mac), "the MAC address that the caller knows")
        whole, conflicts = identity.merged(self._seen)
        self.evidence.add("phone", asdict(whole), "all of these together")
        self.remarks += [f"this may be another phone than the one that is meant: {one}" for one in conflicts]
        return whole

    def _try_logins(self, patience: Patience, phone: Identity, check: bool) -> str:
        """Try default pairs; why some or all were left out, "" where none was."""
        asked = self._asked
        if not asked.default_credentials:
            return "default pairs were not asked to be tried"
        if check:
            return "no log-in is tried in check mode: a failed one counts towards the phone's lock-out"
        if phone.vendor not in PAIRS:
            return f"there are no default pairs for this make ({phone.vendor or 'unknown'})"
        if phone.vendor == "yealink" and yealink_keys.MISSING is not None:
            return f"a Yealink takes encrypted passwords alone: {yealink_keys.MISSING}"
        web = self._login_way(patience)
        if isinstance(web, str):
            return web
        name = phone.mac or asked.host
        for number, pair in enumerate(PAIRS[phone.vendor], start=1):
            reason = self._try(number, web, phone.vendor, name, pair)
            if reason:
                return reason
        return ""

    def _login_way(self, patience: Patience) -> Web | str:
        """The web interface to log in at, or why there is none."""
        secure, plain = self._open("https"), self._open("http")
        offered = (self.evidence.get("tls.https") or {}).get("offered", [])
        if secure and {"TLSv1_2", "TLSv1_3"} & set(offered):
            return Web(self._place, secure, wire_tls.login_context(), patience)
        if plain and self._asked.plain_http:
            return Web(self._place, plain, None, patience)
        if secure:
            return "the web interface has no TLS that is fit for a log-in (1.2 and up)"
        if plain:
            return "the web interface has no encryption, and a log-in over plain HTTP was not asked for"
        return "no web interface answers"

    def _try(self, number: int, web: Web, vendor: str, phone: str, pair: Pair) -> str:
        """One pair; why to stop after it, "" to go on."""
        memory, begun = self._asked.memory, self._now()
        known = memory.denied_at(phone, pair, begun - self._asked.remembered_for)
        if known:
            self._outcome(number, pair, "denied", known, "remembered from an earlier probe")
            return ""
        reason = memory.reason_to_wait(phone, begun)
        if reason:
            return reason
        memory.begin(phone, pair, begun)
        outcome: Outcome
        try:
            outcome, why = _TRY[vendor](web, pair), ""
        except NoAnswer as error:
            outcome, why = "unclear", f": {error}"
        memory.end(phone, pair, outcome, self._now())
        self._outcome(number, pair, outcome, "", f"one log-in at {web.origin}")
        if outcome in STOPS:
            return f"stopped after the answer {outcome!r}{why}"
        return ""

    def _outcome(self, number: int, pair: Pair, outcome: Outcome, at: str, how: str) -> None:
        when = at or self._now().isoformat(timespec="seconds")
        value: dict[str, Any] = {
            "account": pair.account,
            "administers": pair.administers,
            "origin": pair.origin,
            "outcome": outcome,
            "at": when,
        }
        self.evidence.add(f"login.{number}", value, how, when)
