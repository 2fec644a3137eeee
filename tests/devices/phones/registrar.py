"""A SIP registrar on loopback: the provider's server, or the PBX of a site, with UDP, TCP and TLS."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import Self

from . import sip
from .addresses import Claim
from .certificates import Identity, server_context
from .datagrams import DatagramServer
from .digest import Challenger
from .phone import Phone, Server

PORT, TLS_PORT = 5060, 5061


class Registrar:
    """A registrar with digest authentication; a context manager. ``passwords`` by user name.

    ``bindings`` are the registered users with the addresses they came from and how.
    """

    def __init__(
        self, passwords: Mapping[str, str], identity: Identity | None = None, *, address: str | None = None,
        realm: str = "sip.example.com",
    ) -> None:
        self.passwords = dict(passwords)
        self.bindings: dict[str, tuple[str, str]] = {}
        self.on_drop: list[Callable[[], None]] = []
        self._challenger = Challenger(realm)
        self._claim = Claim(address)
        self.address = self._claim.address
        self._context = server_context(identity) if identity is not None else None
        servers: list[Server] = [
            DatagramServer(self.address, PORT, partial(sip.handle_datagram, self._answer)),
            sip.SipServer(self, self.address, PORT, self._answer),
        ]
        if self._context is not None:
            servers.append(sip.SipServer(self, self.address, TLS_PORT, self._answer, self._tls))
        self._servers = servers

    def __enter__(self) -> Self:
        for server in self._servers:
            server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.stop()
        self._claim.release()

    def admits(self, source: str) -> bool:
        """Everybody may connect."""
        return True

    def _tls(self) -> ssl.SSLContext:
        assert self._context is not None
        return self._context

    def _answer(self, message: sip.Message, source: sip.Source) -> sip.Replies:
        if message.method != "REGISTER":
            return sip.Replies((sip.answer(message, 405, "Method Not Allowed"),))
        user = self._challenger.accepts(message.header("Authorization"), "REGISTER", self.passwords)
        if user is None:
            challenge = ("WWW-Authenticate", self._challenger.challenge())
            return sip.Replies((sip.answer(message, 401, "Unauthorized", challenge),))
        match = re.search(r"sips?:([^@>]+)@", message.header("To"))
        self.bindings[match[1] if match else user] = (source.address, source.transport)
        return sip.Replies((sip.answer(message, 200, "OK", ("Expires", "3600")),))

    def ask(
        self, phone: Phone, method: str, *headers: tuple[str, str], user: str = "phone", body: str = "",
        seconds: float = 5.0,
    ) -> sip.Message | None:
        """Send a request to a phone over UDP, as from the server it is registered at; its final answer, or None."""
        return ask(self.address, phone, method, *headers, user=user, body=body, seconds=seconds)

    def check_sync(self, phone: Phone, *, reboot: bool | None = None) -> sip.Message | None:
        """Tell a phone to fetch its configuration; ``reboot`` says so explicitly."""
        event = "check-sync" + ("" if reboot is None else f";reboot={str(reboot).lower()}")
        return self.ask(phone, "NOTIFY", ("Event", event), ("Subscription-State", "terminated"))


def ask(
    source: str, phone: Phone, method: str, *headers: tuple[str, str], user: str = "phone", body: str = "",
    transport: str = "udp", context: ssl.SSLContext | None = None, seconds: float = 5.0,
) -> sip.Message | None:
    """Send a request to a phone from any address of loopback; its final answer, or None when there is none in time."""
    port = phone.ports()[f"sip-{transport}"]
    more = (*headers, ("Content-Type", "application/sdp")) if body else headers
    request = sip.Dialogue(source, transport.upper()).request(method, f"sip:{user}@{phone.address}", *more, body=body)
    return sip.exchange(request, source, (phone.address, port), transport, context, phone.address, seconds)
