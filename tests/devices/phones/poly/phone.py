"""A Poly phone."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

from tests.devices.listener import Listener
from tests.oracles.phones import line_of

from .. import sip
from ..certificates import Trust, name, poly_authority
from ..clock import Clock
from ..digest import Challenger
from ..downloads import Client
from ..login import Attempts, Sessions
from ..phone import Door, Outcome, Server
from ..schedule import DAY, latest
from ..sip_phone import Registrations, SipPhone
from ..web import Request, Response, WebServer
from . import calls, rest, web
from .provisioning import Run, upload
from .settings import Settings

Service = Literal["prov", "SIP"]
_SERVERS = re.compile(r"(?:reg\.\d+\.(?:server\.\d+|outboundProxy)|voIpProt\.server\.\d+)\.address")


class PolyPhone(SipPhone):
    """A phone as delivered, but for ``settings``, which it had in flash or from files before.

    ``family``    what comes before the model in its User-Agent: PolycomVVX, or PolyEdge
    ``built_in``  PEM of authorities that its firmware trusts
    ``rest_auth``  how REST asks for the password
    ``set_layer``  where REST's config/set puts values (no source says which layer it is)
    ``batch``      how many parameters one REST request may have
    ``tells_mac``  whether its address is in the User-Agent of SIP, too
    """

    def __init__(
        self, mac: str, model: str = "VVX 411", version: str = "6.4.7.4477", *, family: str = "PolycomVVX",
        rest_auth: Literal["digest", "basic"] = "digest", set_layer: Literal["local", "web"] = "local",
        batch: int = 20, tells_mac: bool = False, settings: Mapping[str, str] | None = None,
        built_in: Sequence[bytes] = (), address: str | None = None, clock: Clock | None = None,
        hosts: Mapping[str, str] | None = None,
    ) -> None:
        identity = poly_authority().issue(name(mac.upper(), "Polycom Inc."))
        super().__init__(mac, model, version, identity, address=address, clock=clock, hosts=hosts)
        self.settings = Settings(line_of("poly", version))
        self.settings.change("config", settings or {})
        self.family = family
        self.rest_auth = rest_auth
        self.set_layer = set_layer
        self.batch = batch
        self.tells_mac = tells_mac
        self.built_in = list(built_in)
        self.in_call = False
        self.waiting: list[str] = []
        self.attempts = Attempts(self.clock, 0, 0.0)
        self.sessions = Sessions(self.clock, 1)
        self.challenger = Challenger("Polycom")
        self.sip_challenger = Challenger("PolycomSPIP")
        self.ice_parsed = 0
        self.registrations = {}
        self._fetched_at = self.clock.now()

    # --- provisioning ------------------------------------------------------------------------------------------------

    def client(self, service: Service = "prov") -> Client:
        """How it fetches, or registers: by the platform's profile, or the application's."""
        get = self.settings.get
        return Client(
            address=self.address, agent=f"FileTransport {self.agent(self._serial())} Type/Application",
            hosts=self.hosts, trust=self.trust(service), identity=self.identity, user=get("device.prov.user"),
            password=get("device.prov.password"), now=self.now(),
        )

    def _serial(self) -> str:
        return f" (SN:{self.mac.upper()})" if self.settings.on("device.prov.tagSerialNo") else ""

    def agent(self, more: str = "") -> str:
        """Its User-Agent (rapid7/recog xml/sip_user_agents.xml, WAZO plugins/wazo_polycom)."""
        return f"{self.family}-{self.model.replace(' ', '_')}-UA/{self.version}{more}"

    @property
    def sip_agent(self) -> str:
        """Its User-Agent in SIP (rapid7/recog)."""
        return self.agent(f"_{self.mac}" if self.tells_mac else "")

    def trust(self, service: Service) -> Trust:
        """Whom it trusts when it fetches, or registers."""
        get = self.settings.get
        prefix = "device." if service == "prov" else ""
        protocol = get(f"{prefix}sec.TLS.protocol.{service if prefix else service.lower()}")
        oldest = {
            "TLSv1_2": ssl.TLSVersion.TLSv1_2, "TLSv1_1": ssl.TLSVersion.TLSv1_1,
        }.get(protocol, ssl.TLSVersion.TLSv1)
        named = r"device\.sec\.TLS\.customCaCert[12]" + ("" if prefix else r"|sec\.TLS\.customCaCert\.\d+")
        custom = [pem(get(each)) for each in sorted(self.settings.names()) if re.fullmatch(named, each)]
        strict = self.settings.on(f"{prefix}sec.TLS.{service}.strictCertCommonNameValidation")
        return Trust((*self.built_in, *filter(None, custom)), strict, oldest, ssl.TLSVersion.TLSv1_2)

    def fetch_and_apply(self) -> Outcome:
        """One provisioning."""
        self._fetched_at = self.clock.now()
        return Run(self).go()

    def provisions_when_started(self) -> bool:
        """It always does."""
        return True

    def due(self) -> bool:
        """Whether its polling is due: after a period; in the other modes at a time of day, or at the beginning of those
        between two, after so many days."""
        get, now = self.settings.get, self.clock.now()
        if not self.settings.on("prov.polling.enabled"):
            return False
        period = int(get("prov.polling.period", "86400"))
        if get("prov.polling.mode") not in ("abs", "random"):
            return now >= self._fetched_at + period
        moment = latest(now, get("prov.polling.time", "03:00"))
        return moment > self._fetched_at and moment - self._fetched_at > period - DAY

    def override(self, settings: Mapping[str, str]) -> None:
        """Take settings from another server, as if they came in files."""
        with self.lock:
            self.settings.layers["config"] |= settings

    def restarted(self) -> None:
        """Sessions and calls do not outlast a restart."""
        self.sessions.clear()
        self.in_call = False
        self.waiting.clear()

    # --- changes at the phone ----------------------------------------------------------------------------------------

    def change(self, settings: Mapping[str, str], kind: Literal["local", "web"] = "local") -> list[str]:
        """A change at the phone or in its web interface; returns what has another value than before."""
        with self.lock:
            changed = self.settings.change(kind, settings)
        if self.settings.layers[kind]:
            upload(self, kind)
        if self.settings.reboots(changed):
            self.reboot()
        self.settle()
        return changed

    def reset(self, *kinds: str) -> None:
        """Empty layers of settings, and restart as the phone does then."""
        with self.lock:
            self.settings.reset(*kinds)
        self.reboot()

    def begin_call(self) -> None:
        """Somebody talks."""
        self.in_call = True

    def end_call(self) -> None:
        """Nobody talks any more: restarts that waited happen."""
        self.in_call = False
        waiting, self.waiting = self.waiting, []
        if waiting:
            self.reboot()

    def restart_when_idle(self) -> None:
        """Restart, after the call if there is one."""
        if self.in_call:
            self.waiting.append("restart")
        else:
            self.reboot()

    # --- doors -------------------------------------------------------------------------------------------------------

    def open_doors(self) -> list[Door]:
        """Web and REST as `httpd.*` say; telnet for either debugging mode; SIP over UDP, TCP and TLS."""
        on, get = self.settings.on, self.settings.get
        doors = []
        if on("httpd.enabled") and on("httpd.cfg.enabled"):
            if not on("httpd.cfg.secureTunnelRequired"):
                doors.append(Door("http", int(get("httpd.cfg.port")), partial(self._web, None)))
            if on("httpd.cfg.secureTunnelEnabled"):
                doors.append(Door("https", int(get("httpd.cfg.secureTunnelPort")), partial(self._web, self.context)))
        if on("diags.telnetd.enabled") or on("httpd.ta.enabled"):
            doors.append(Door("telnet", 23, partial(Telnet, self)))
        port = int(get("voIpProt.SIP.local.port")) or 5060
        return [*doors, *self.sip_doors(port, port + 1)]

    def _web(self, context: object, host: str, port: int) -> Server:
        agent = "Polycom SoundPoint IP Telephone HTTPd"
        return WebServer(self, host, port, agent, self.answer_web, context)  # type: ignore[arg-type]

    # --- web, SIP ----------------------------------------------------------------------------------------------------

    def web(self, request: Request) -> Response:
        """What its web server answers."""
        return rest.answer(self, request) if request.path.startswith("/api/") else web.answer(self, request)

    def passwords(self) -> dict[str, str]:
        """Passwords of the web interface by user name."""
        return {
            "Polycom": self.settings.get("device.auth.localAdminPassword"),
            "User": self.settings.get("device.auth.localUserPassword"),
        }

    def answer(self, message: sip.Message, source: sip.Source) -> sip.Replies:
        """What it answers to a SIP request."""
        return calls.answer(self, message, source)

    def register_everywhere(self) -> Registrations:
        """Register every line at every server of it."""
        return calls.register(self)

    def servers(self) -> Iterable[str]:
        """Its servers and outbound proxies."""
        return [value for name, value in self.settings.values().items() if _SERVERS.fullmatch(name) and value]


class Telnet(Listener[PolyPhone]):
    """A port that shows a prompt and lets nobody in."""

    def _serve(self, connection: socket.socket, source: str) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(f"{self.device.model} login: ".encode())
            connection.recv(1024)


def pem(text: str) -> bytes:
    """A certificate out of an XML attribute, where line ends have become blanks; empty when there is none."""
    match = re.search(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", text, re.DOTALL)
    if match is None:
        return b""
    body = "\n".join(textwrap.wrap("".join(match[1].split()), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode()
