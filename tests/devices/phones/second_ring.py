"""Phones of other vendors, as far as public templates show them: they fetch a file, take what is in it, show a banner.

Grandstream, Snom, Fanvil and Cisco MPP. There is no SIP and no table of facts behind them: what a file says is taken by
its name, whatever it is. User-Agents and file names are those that WAZO's plugins and FusionPBX's templates know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from xml.etree import ElementTree

from . import second_ring_login
from .certificates import Authority, Trust, name
from .clock import Clock
from .downloads import Client
from .login import Attempts, Sessions
from .phone import Door, Outcome, Phone, Server
from .web import Request, Response, WebServer

Element = ElementTree.Element


@dataclass(frozen=True)
class Vendor:
    """How phones of a vendor ask and read: file names and User-Agent with ``{mac}``, ``{MAC}``, ``{model}`` and
    ``{version}``; the first file that is there counts. ``twins``: the other name of a setting; the last one counts."""

    files: tuple[str, ...]
    agent: str
    read: Callable[[Element], Iterator[tuple[str, str]]]
    web: Callable[[OtherPhone, Request], Response]
    server: str = ""
    twins: Mapping[str, str] = field(default_factory=dict)


P_VALUES = {
    "P1650": "security.webAccessMode", "P2": "users.admin.password", "P196": "users.user.password",
    "P276": "security.ssh", "P130": "account.1.sip.transport",
    "P2311": "account.1.sip.validate.domainCertificates", "P183": "account.1.audio.srtpMode",
    "P2347": "account.1.sip.validate.incomingServer", "P2306": "account.1.sip.validate.incomingMessage",
    "P258": "account.1.sip.validate.userIdforInvite", "P2447": "account.2.sip.validate.incomingServer",
    "P2406": "account.2.sip.validate.incomingMessage", "P449": "account.2.sip.validate.userIdforInvite",
    "P51": "network.port.eth.1.vlan.tag", "P87": "network.port.eth.1.vlan.priority",
    "P1348": "network.port.pc.mode", "P1684": "network.lldp.enable",
}
"""Grandstream's settings that have both a number and an alias."""


def _grandstream(root: Element) -> Iterator[tuple[str, str]]:
    """P-values, or items by name."""
    for config in root.iter("config"):
        for element in config:
            yield element.get("name", element.tag), element.text or ""


def _snom(root: Element) -> Iterator[tuple[str, str]]:
    """Settings, those of a line with its index."""
    for settings in root.iter("phone-settings"):
        for element in settings:
            index = element.get("idx")
            yield (f"{element.tag}!{index}" if index else element.tag), element.text or ""


def _fanvil(root: Element) -> Iterator[tuple[str, str]]:
    """Leaves by their path."""
    if root.tag == "sysConf":
        yield from _leaves(root, "")


def _leaves(element: Element, path: str) -> Iterator[tuple[str, str]]:
    for child in element:
        index = child.get("index")
        here = f"{path}{child.tag}" + (f".{index}" if index else "")
        if len(child):
            yield from _leaves(child, f"{here}.")
        else:
            yield here, child.text or ""


def _cisco(root: Element) -> Iterator[tuple[str, str]]:
    """Parameters of the flat profile."""
    for profile in root.iter("flat-profile"):
        for element in profile:
            yield element.tag, element.text or ""


VENDORS = {
    "grandstream": Vendor(
        ("cfg{mac}.xml", "cfg{model}.xml", "cfg.xml"), "Grandstream Model HW {model} SW {version} DevId {mac}",
        _grandstream, second_ring_login.grandstream, "Grandstream {model} {version}",
        {**P_VALUES, **{alias: number for number, alias in P_VALUES.items()}},
    ),
    "snom": Vendor(
        ("{model}-{MAC}.htm", "{MAC}.xml"), "Mozilla/4.0 (compatible; {model}-SIP {version} 1.1.5-IFX-05.01.12 {MAC})",
        _snom, second_ring_login.snom,
    ),
    "fanvil": Vendor(("{mac}.cfg",), "Fanvil {model} {version} {mac}", _fanvil, second_ring_login.fanvil),
    # Of multiplatform phones only the form of the User-Agent is guessed.
    "cisco": Vendor(
        ("{MAC}.xml", "{mac}.cfg"), "Cisco-{model}/{version} ({MAC})", _cisco, second_ring_login.cisco
    ),
}


class OtherPhone(Phone):
    """A phone of ``vendor`` that fetches from ``url``. ``settings`` are what it took so far."""

    def __init__(
        self, vendor: str, mac: str, model: str, version: str, url: str, *, authorities: Sequence[bytes] = (),
        user: str = "", password: str = "", address: str | None = None, clock: Clock | None = None,
        hosts: Mapping[str, str] | None = None,
    ) -> None:
        identity = Authority(name(f"{vendor} devices")).issue(mac.lower())
        super().__init__(mac, model, version, identity, address=address, clock=clock, hosts=hosts)
        self.vendor = VENDORS[vendor]
        self.provisioning_url = url
        self.settings: dict[str, str] = {}
        self.attempts = Attempts(self.clock, 0, 0.0)
        self.sessions = Sessions(self.clock, 2)
        self.token = ""
        self._authorities = tuple(authorities)
        self._credentials = (user, password)

    def _filled(self, form: str) -> str:
        return form.format(mac=self.mac, MAC=self.mac.upper(), model=self.model, version=self.version)

    def client(self) -> Client:
        """How it fetches: it checks whom it asks."""
        user, password = self._credentials
        return Client(
            address=self.address, agent=self._filled(self.vendor.agent), hosts=self.hosts,
            trust=Trust(self._authorities), identity=self.identity, user=user, password=password, now=self.now(),
        )

    def fetch_and_apply(self) -> Outcome:
        """Take the first file that is there."""
        files: list[tuple[str, int]] = []
        for form in self.vendor.files:
            file = self._filled(form)
            got = self.client().fetch(f"{self.provisioning_url.rstrip('/')}/{file}")
            files.append((file, got.status))
            if got.ok:
                try:
                    found = dict(self.vendor.read(ElementTree.fromstring(got.body)))
                except ElementTree.ParseError as error:
                    return Outcome(tuple(files), error=f"{file}: not XML: {error}")
                return Outcome(tuple(files), True, "", tuple(self.change(found)))
            if got.status != 404:
                return Outcome(tuple(files), error=f"{file}: {got.error or f'status {got.status}'}")
        return Outcome(tuple(files), error="no file to apply")

    def provisions_when_started(self) -> bool:
        """It does."""
        return True

    def due(self) -> bool:
        """It has no schedule."""
        return False

    def override(self, settings: Mapping[str, str]) -> None:
        """Take settings from another server."""
        self.change(settings)

    def register(self) -> dict[tuple[int, int], str]:
        """It has no SIP."""
        return {}

    def change(self, settings: Mapping[str, str]) -> list[str]:
        """Take settings; a number takes the place of its alias, and the other way round."""
        with self.lock:
            changed = sorted(key for key, value in settings.items() if self.settings.get(key) != value)
            for key in settings:
                self.settings.pop(self.vendor.twins.get(key, ""), None)
            self.settings |= settings
        return changed

    def restarted(self) -> None:
        """Forget who is logged in."""
        self.sessions.clear()

    def open_doors(self) -> list[Door]:
        """A web interface with and without TLS."""
        return [Door("http", 80, partial(self._web, None)), Door("https", 443, partial(self._web, self.context))]

    def _web(self, context: object, host: str, port: int) -> Server:
        server = self._filled(self.vendor.server)
        return WebServer(self, host, port, server, self.answer_web, context)  # type: ignore[arg-type]

    def web(self, request: Request) -> Response:
        """Its pages, as far as who may see them."""
        return self.vendor.web(self, request)
