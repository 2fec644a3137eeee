"""How a phone fetches a file: over a real connection from its own address, with its own idea of whom to trust."""

from __future__ import annotations

import base64
import contextlib
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from . import digest
from .addresses import real_port
from .certificates import Identity, Trust

SECONDS = 10.0
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Download:
    """What came of it: a status and a body, or an error that names what failed."""

    status: int = 0
    body: bytes = b""
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is a file."""
        return self.status == 200


def tls_error(error: ssl.SSLError) -> str:
    """What failed, as OpenSSL calls it."""
    return f"TLS: {getattr(error, 'reason', None) or error}"


@dataclass(frozen=True)
class Client:
    """Who fetches. ``hosts`` are the names that its DNS server knows; addresses of loopback need none."""

    address: str
    agent: str
    hosts: Mapping[str, str]
    trust: Trust
    identity: Identity | None
    user: str
    password: str
    now: float

    def fetch(self, url: str, method: str = "GET", body: bytes | None = None) -> Download:
        """Fetch, or upload. Credentials are sent when the server asks for them."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            return Download(error=f"cannot fetch from {parts.scheme or 'nowhere'}")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            status, challenge, text = self._once(parts, method, target, body, "")
            if status == 401 and self.user and challenge:
                proof = self._proof(challenge, method, target)
                status, _challenge, text = self._once(parts, method, target, body, proof)
            return Download(status, text)
        except ssl.SSLError as error:
            return Download(error=tls_error(error))
        except (OSError, http.client.HTTPException) as error:
            return Download(error=f"{type(error).__name__}: {error}")

    def connect(self, host: str, port: int, *, tls: bool) -> socket.socket:
        """A connection to a host that the phone's DNS server knows. Raises OSError, ssl.SSLError among them."""
        raw = socket.create_connection((self.resolve(host), port), SECONDS, source_address=(self.address, 0))
        if not tls:
            return raw
        try:
            wrapped = self.trust.context(self.identity).wrap_socket(raw, server_hostname=host)
            self._in_time(wrapped)
        except BaseException:
            raw.close()
            raise
        return wrapped

    def resolve(self, host: str) -> str:
        """The address of a host; raises OSError when its DNS server does not know it or it is outside of loopback."""
        address = self.hosts.get(host, host)
        try:
            inside = ipaddress.ip_address(address).is_loopback
        except ValueError:
            raise OSError(f"no address of {host}") from None
        if not inside:
            raise OSError(f"no route to {address}")
        return address

    def _in_time(self, connection: ssl.SSLSocket) -> None:
        """The certificate is judged by the phone's own clock; OpenSSL used the real one."""
        shown = connection.getpeercert()
        if not shown:
            return
        begin, end = (ssl.cert_time_to_seconds(str(shown[name])) for name in ("notBefore", "notAfter"))
        if not begin <= self.now <= end:
            connection.close()
            raise ssl.SSLError(1, "certificate is not valid now, by the phone's clock")

    def _proof(self, challenge: str, method: str, target: str) -> str:
        if challenge.lower().startswith("digest "):
            return digest.answer(challenge, self.user, self.password, method, target)
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def _once(
        self, parts: SplitResult, method: str, target: str, body: bytes | None, proof: str
    ) -> tuple[int, str, bytes]:
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        headers = {"User-Agent": self.agent, "Accept": "*/*"} | ({"Authorization": proof} if proof else {})
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
        connection.sock = self.connect(host, real_port(port), tls=parts.scheme == "https")
        with contextlib.closing(connection):
            connection.request(method, target, body, headers)
            reply = connection.getresponse()
            return reply.status, reply.getheader("WWW-Authenticate", ""), reply.read()
