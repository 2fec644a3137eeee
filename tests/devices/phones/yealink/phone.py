"""A Yealink phone."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

from tests.oracles.phones import line_of

from .. import sip
from ..certificates import Trust, yealink_authority
from ..clock import Clock
from ..downloads import Client
from ..login import Attempts, Sessions
from ..phone import Door, Outcome, Server
from ..schedule import latest
from ..sip_phone import Registrations, SipPhone
from ..web import Request, Response, WebServer
from . import calls, web
from .provisioning import Run
from .settings import Settings

Web = Literal["servlet", "json"]
# Whether unchanged files are skipped all together, one by one, or not at all. The guide says so of the common and the
# MAC's file; of boot includes on v86 and later nothing was read.
Md5Skip = Literal["set", "file", "never"]
LOCK_AFTER = 3
LOCK_SECONDS = 180.0
WEB_SESSIONS = 2


class YealinkPhone(SipPhone):
    """A phone as delivered, but for ``settings``, which whoever unpacked it set at the phone.

    ``web``          generation of the web interface
    ``login``        for servlets: pwd encrypted by RSA, by AES with an RSA-wrapped key, or plain
    ``lock_page``    some servlet firmwares say in words that they are locked, and for how long
    ``md5_skip``     what the phone does with unchanged files
    ``authorities``  PEM of authorities uploaded to it
    ``built_in``     PEM of authorities that its firmware trusts
    """

    def __init__(
        self, mac: str, model: str = "T54W", version: str = "96.86.0.45", *, web: Web = "json",
        login: Literal["rsa", "aes", "plain"] = "rsa", lock_page: bool = False, md5_skip: Md5Skip = "set",
        settings: Mapping[str, str] | None = None, authorities: Sequence[bytes] = (), built_in: Sequence[bytes] = (),
        address: str | None = None, clock: Clock | None = None, hosts: Mapping[str, str] | None = None,
    ) -> None:
        identity = yealink_authority().issue(mac.lower())
        super().__init__(mac, model, version, identity, address=address, clock=clock, hosts=hosts)
        self.settings = Settings(line_of("yealink", version))
        self.settings.change((settings or {}).items())
        self.web_generation = web
        self.login_shape = login
        self.lock_page = lock_page
        self.md5_skip: Md5Skip = md5_skip
        self.digests: dict[str, str] = {}
        self.authorities = list(authorities)
        self.authorities_from = ""
        self.built_in = list(built_in)
        self.attempts = Attempts(self.clock, LOCK_AFTER, LOCK_SECONDS)
        self.sessions = Sessions(self.clock, WEB_SESSIONS)
        # Controllers whose action URIs somebody agreed to on the screen, and those that wait for it.
        self.agreed: set[str] = set()
        self.asks_for_consent: list[str] = []
        self.keys: list[str] = []
        self.registrations = {}
        self._fetched_at = self.clock.now()

    # --- provisioning ------------------------------------------------------------------------------------------------

    def client(self) -> Client:
        """How it fetches: the settings say whom it trusts."""
        get = self.settings.get
        return Client(
            address=self.address, agent=self.agent("Yealink SIP-{model} {version} {mac}"), hosts=self.hosts,
            trust=self.trust(), identity=self.identity, user=get("auto_provision.server.username"),
            password=get("auto_provision.server.password"), now=self.now(),
        )

    def agent(self, form: str) -> str:
        """A User-Agent; the provisioning one is in WAZO's plugins/wazo_yealink/common/common.py."""
        mac = ":".join(self.mac[index : index + 2] for index in range(0, 12, 2))
        return form.format(model=self.model, version=self.version, mac=mac)

    def trust(self) -> Trust:
        """Whom it trusts, over provisioning and SIP alike."""
        get = self.settings.get
        oldest, newest = {
            "0": (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1), "4": (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1),
            "5": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2),
        }.get(get("security.default_ssl_method"), (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2))
        if not self.settings.on("security.trust_certificates"):
            return Trust(None, False, oldest, newest)
        kind = get("security.ca_cert", "2")
        chosen = (self.built_in if kind != "1" else []) + (self.authorities if kind != "0" else [])
        return Trust(tuple(chosen), self.settings.on("security.cn_validation"), oldest, newest)

    def fetch_and_apply(self) -> Outcome:
        """One provisioning."""
        self._fetched_at = self.clock.now()
        return Run(self).go()

    def provisions_when_started(self) -> bool:
        """Whether it fetches its files after each start."""
        return self.settings.on("auto_provision.power_on")

    def due(self) -> bool:
        """Whether its repeated provisioning is due, or the weekly one, which is at the beginning of its window."""
        get, on, now = self.settings.get, self.settings.on, self.clock.now()
        minutes = get("auto_provision.repeat.minutes", "1440")
        if on("auto_provision.repeat.enable") and now >= self._fetched_at + int(minutes) * 60:
            return True
        days = get("auto_provision.weekly.dayofweek") or get("auto_provision.weekly.mask")
        begin = get("auto_provision.weekly.begin_time", "00:00")
        return on("auto_provision.weekly.enable") and latest(now, begin, days) > self._fetched_at

    def override(self, settings: Mapping[str, str]) -> None:
        """Take settings from another server, as if they were its own."""
        with self.lock:
            self.settings.provision(settings.items(), overwrite=False)

    def restarted(self) -> None:
        """Sessions do not outlast a restart."""
        self.sessions.clear()

    # --- changes at the phone ----------------------------------------------------------------------------------------

    def change(self, settings: Mapping[str, str] | Sequence[tuple[str, str]]) -> list[str]:
        """A change at the phone or in its web interface; returns what has another value than before."""
        pairs = settings.items() if isinstance(settings, Mapping) else settings
        with self.lock:
            changed = self.settings.change(pairs)
        if self.settings.reboots(changed):
            self.reboot()
        self.settle()
        return changed

    def factory_reset(self) -> None:
        """Everything as delivered."""
        with self.lock:
            self.settings = Settings(self.settings.line)
            self.digests = {}
            self.authorities, self.authorities_from = [], ""
        self.reboot()

    def agree(self) -> None:
        """Somebody presses OK on the screen for every controller that waits."""
        self.agreed.update(self.asks_for_consent)
        self.asks_for_consent.clear()

    # --- doors -------------------------------------------------------------------------------------------------------

    def open_doors(self) -> list[Door]:
        """Web interface as `wui.*` say; SIP over UDP, TCP and TLS, whatever `sip.listen_mode` may mean."""
        settings = self.settings
        doors = []
        for name, context in (("http", None), ("https", self.context)):
            if settings.on(f"wui.{name}_enable"):
                doors.append(Door(name, int(settings.get(f"network.port.{name}")), partial(self._web, context)))
        port, tls = int(settings.get("sip.listen_port")), int(settings.get("sip.tls_listen_port"))
        return [*doors, *self.sip_doors(port, tls)]

    def _web(self, context: object, host: str, port: int) -> Server:
        return WebServer(self, host, port, "yealink", self.answer_web, context)  # type: ignore[arg-type]

    def web(self, request: Request) -> Response:
        """What its web server answers."""
        return web.answer(self, request)

    def web_idle(self) -> float:
        """Seconds after which an idle web session ends."""
        return 60.0 * float(self.settings.get("features.relog_offtime", "5"))

    # --- SIP ---------------------------------------------------------------------------------------------------------

    def answer(self, message: sip.Message, source: sip.Source) -> sip.Replies:
        """What it answers to a SIP request."""
        return calls.answer(self, message, source)

    def register_everywhere(self) -> Registrations:
        """Register every account at every server of it."""
        return calls.register(self)

    def servers(self) -> Iterable[str]:
        """Its servers and outbound proxies."""
        settings = self.settings.values.items()
        return [value for name, value in settings if re.fullmatch(r"account\..*\.address", name) and value]
