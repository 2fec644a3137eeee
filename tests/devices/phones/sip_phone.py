"""What phones that speak SIP have in common: their doors for it, who may call, registering."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import partial

from . import sip
from .datagrams import DatagramServer
from .phone import Door, Phone, Server

Registrations = dict[tuple[int, int], str]


class SipPhone(Phone):
    """A phone whose subclasses say what it answers, where it registers, and which servers it knows."""

    registrations: Registrations

    def answer(self, message: sip.Message, source: sip.Source) -> sip.Replies:
        """What it answers to a SIP request."""
        raise NotImplementedError

    def register_everywhere(self) -> Registrations:
        """Register every line at every server of it."""
        raise NotImplementedError

    def servers(self) -> Iterable[str]:
        """Names or addresses of its servers and outbound proxies, as they are set."""
        raise NotImplementedError

    def sip_doors(self, port: int, tls: int) -> list[Door]:
        """SIP over UDP, TCP and TLS."""
        return [
            Door("sip-udp", port, self._udp), Door("sip-tcp", port, partial(self._sip, None)),
            Door("sip-tls", tls, partial(self._sip, self.context)),
        ]

    def _sip(self, context: object, host: str, port: int) -> Server:
        return sip.SipServer(self, host, port, self.answer_sip, context)  # type: ignore[arg-type]

    def _udp(self, host: str, port: int) -> Server:
        return DatagramServer(host, port, partial(sip.handle_datagram, self.answer_sip))

    def answer_sip(self, message: sip.Message, source: sip.Source) -> sip.Replies:
        """What it answers to a SIP request."""
        with self.lock:
            return self.answer(message, source)

    def register(self) -> Registrations:
        """Register everywhere, unless it restarts; returns what came of it by line and server."""
        self.registrations = {} if self.down else self.register_everywhere()
        return self.registrations

    def registrars(self) -> set[str]:
        """Addresses of its servers and outbound proxies, as far as its DNS server knows them."""
        found = set()
        for server in self.servers():
            try:
                found.add(str(ipaddress.ip_address(self.hosts.get(server, server))))
            except ValueError:
                continue
        return found
