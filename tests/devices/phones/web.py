"""The phone's web server: HTTP/1.1 with keep-alive, with or without TLS, in front of a function."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.client import responses
from typing import Any, BinaryIO
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.devices.listener import Listener, Served, reset

MAX_LINE = 64 * 1024
HANDSHAKE_SECONDS = 10.0


@dataclass(frozen=True)
class Request:
    """One request. ``source`` is the address it came from."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    source: str = ""
    tls: bool = False

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Parameters of the address; of several the last."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """Fields of an urlencoded form."""
        return {name: values[-1] for name, values in parse_qs(self.body.decode("latin-1"), True).items()}

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies by name."""
        pairs = (part.strip().partition("=") for part in self.header("Cookie").split(";"))
        return {name: value for name, _equals, value in pairs if name}

    @property
    def basic(self) -> tuple[str, str] | None:
        """User and password of Basic authentication."""
        scheme, _blank, text = self.header("Authorization").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _colon, password = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return user, password

    def header(self, name: str) -> str:
        """A header's value, empty when absent; names in any case."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def json(self) -> Any:
        """The body as JSON; ValueError when it is not."""
        return json.loads(self.body) if self.body.strip() else {}

    def file(self, field_name: str) -> bytes | None:
        """An uploaded file of a multipart form, by the name of its field."""
        head = f"Content-Type: {self.header('Content-Type')}\r\n\r\n".encode("latin-1")
        for part in BytesParser(policy=HTTP).parsebytes(head + self.body).iter_parts():
            if part.get_param("name", header="Content-Disposition") == field_name:
                payload = part.get_payload(decode=True)
                return payload if isinstance(payload, bytes) else None
        return None


@dataclass(frozen=True)
class Response:
    """One answer. ``cut``: none at all, the connection is reset. ``sent`` is set once it is on its way."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=UTF-8"
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    sent: threading.Event | None = None

    @classmethod
    def of(cls, data: Any, status: int = 200, *headers: tuple[str, str]) -> Response:
        """JSON."""
        return cls(status, json.dumps(data).encode(), "application/json; charset=UTF-8", headers)

    @classmethod
    def text(cls, text: str, status: int = 200, *headers: tuple[str, str]) -> Response:
        """A page."""
        return cls(status, text.encode(), headers=headers)

    def encode(self, server: str) -> bytes:
        """The bytes on the wire."""
        lines = [
            f"HTTP/1.1 {self.status} {responses.get(self.status, 'Unknown')}",
            *([f"Server: {server}"] if server else []),
            f"Content-Type: {self.content_type}", f"Content-Length: {len(self.body)}", "Connection: keep-alive",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + self.body


Handle = Callable[[Request], Response]


class WebServer(Listener[Served]):
    """Serves requests on one port. ``context`` is asked at each connection; without it there is no TLS."""

    def __init__(
        self, device: Served, host: str, port: int, server: str, handle: Handle,
        context: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        super().__init__(device, host, port)
        self._server = server
        self._handle = handle
        self._context = context

    def _serve(self, connection: socket.socket, source: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context is None:
                self._requests(connection, source)
                return
            connection.settimeout(HANDSHAKE_SECONDS)
            with self._context().wrap_socket(connection, server_side=True) as wrapped:
                with self._guard:
                    self._connections.add(wrapped)
                try:
                    wrapped.settimeout(None)
                    self._requests(wrapped, source)
                finally:
                    with self._guard:
                        self._connections.discard(wrapped)

    def _requests(self, connection: socket.socket, source: str) -> None:
        with connection.makefile("rb") as stream:
            while not self.stopped.is_set():
                request = _read(stream, source, self._context is not None)
                if request is None:
                    return
                response = self._handle(request)
                try:
                    if response.cut:
                        reset(connection)
                        return
                    connection.sendall(response.encode(self._server))
                finally:
                    if response.sent is not None:
                        response.sent.set()
                if request.header("Connection").lower() == "close":
                    return


def _read(stream: BinaryIO, source: str, tls: bool) -> Request | None:
    line = stream.readline(MAX_LINE)
    if not line.strip():
        return None
    method, target, _protocol = line.decode("latin-1").split(None, 2)
    headers: dict[str, str] = {}
    while (line := stream.readline(MAX_LINE)) not in (b"\r\n", b"\n", b""):
        name, _colon, value = line.decode("latin-1").partition(":")
        headers[name.strip()] = value.strip()
    request = Request(method, target, headers, b"", source, tls)
    length = int(request.header("Content-Length") or 0)
    return Request(method, target, headers, stream.read(length), source, tls) if length else request
