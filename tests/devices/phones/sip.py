"""SIP messages (RFC 3261) and a server of them over TCP and TLS."""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from tests.devices.listener import Listener, Served

HANDSHAKE_SECONDS = 10.0
_COPIED = ("via", "from", "to", "call-id", "cseq")
_SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "c": "content-type", "l": "content-length",
          "o": "event", "m": "contact"}


@dataclass(frozen=True)
class Message:
    """A request or an answer: its first line, headers in order, a body."""

    start: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    @property
    def method(self) -> str:
        """The request's method; empty for an answer."""
        return "" if self.start.startswith("SIP/2.0") else self.start.partition(" ")[0]

    @property
    def uri(self) -> str:
        """The request's address."""
        return self.start.split(" ")[1] if self.method and self.start.count(" ") == 2 else ""

    @property
    def status(self) -> int:
        """The answer's status; 0 for a request."""
        return int(self.start.split(" ")[1]) if not self.method else 0

    def header(self, name: str) -> str:
        """A header's first value; names in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def encode(self) -> bytes:
        """The bytes on the wire."""
        body = self.body.encode()
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers), f"Content-Length: {len(body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def parse(data: bytes) -> Message:
    """A message; ValueError when it is none."""
    head, _blank, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    if "SIP/2.0" not in start:
        raise ValueError(f"not SIP: {start[:40]!r}")
    headers = []
    for line in lines:
        name, _colon, value = line.partition(":")
        name = _SHORT.get(name.strip().lower(), name.strip())
        if name.lower() != "content-length":
            headers.append((name, value.strip()))
    return Message(start, tuple(headers), body)


def answer(request: Message, status: int, reason: str, *more: tuple[str, str], body: str = "") -> Message:
    """An answer to a request, with a tag of its own."""
    headers = []
    for name, value in request.headers:
        if name.lower() in _COPIED:
            tag = f";tag={secrets.token_hex(4)}" if name.lower() == "to" and ";tag=" not in value else ""
            headers.append((name, value + tag))
    return Message(f"SIP/2.0 {status} {reason}", (*headers, *more), body)


@dataclass(frozen=True)
class Source:
    """Where a message came from."""

    address: str
    transport: str


@dataclass(frozen=True)
class Replies:
    """What goes back for a request. ``sent`` is set once it is on its way."""

    messages: tuple[Message, ...] = ()
    sent: threading.Event | None = None

    def deliver(self, send: Callable[[bytes], object]) -> None:
        """Send it."""
        try:
            for message in self.messages:
                send(message.encode())
        finally:
            if self.sent is not None:
                self.sent.set()


Handle = Callable[[Message, Source], Replies]


def handle_datagram(handle: Handle, data: bytes, sender: tuple[str, int], send: Callable[[bytes], object]) -> None:
    """Answer a datagram, unless it is no request."""
    try:
        message = parse(data)
    except ValueError:
        return
    if message.method:
        handle(message, Source(sender[0], "udp")).deliver(send)


class SipServer(Listener[Served]):
    """Serves SIP over TCP, or TLS with a ``context``."""

    def __init__(
        self, device: Served, host: str, port: int, handle: Handle,
        context: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        super().__init__(device, host, port)
        self._handle = handle
        self._context = context

    def _serve(self, connection: socket.socket, source: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context is None:
                self._messages(connection, Source(source, "tcp"))
                return
            connection.settimeout(HANDSHAKE_SECONDS)
            with self._context().wrap_socket(connection, server_side=True) as wrapped:
                with self._guard:
                    self._connections.add(wrapped)
                try:
                    wrapped.settimeout(None)
                    self._messages(wrapped, Source(source, "tls"))
                finally:
                    with self._guard:
                        self._connections.discard(wrapped)

    def _messages(self, connection: socket.socket, source: Source) -> None:
        with connection.makefile("rb") as stream:
            while (message := read(stream)) is not None:
                if message.method:
                    self._handle(message, source).deliver(connection.sendall)


def read(stream: BinaryIO) -> Message | None:
    """The next message of a stream; None at its end. ValueError when it is no SIP."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline(65536)
        if not line:
            return None
        if line == b"\r\n" and not head:
            continue
        head += line
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n")
               if line.partition(b":")[0].strip().lower() in (b"content-length", b"l")]
    return parse(head + stream.read(int(lengths[0]) if lengths else 0))


@dataclass
class Dialogue:
    """Requests of one caller. ``address`` and ``transport`` are what its Via says."""

    address: str
    transport: str = "UDP"
    user: str = "caller"
    sequence: int = field(default=0)

    def request(
        self, method: str, uri: str, *more: tuple[str, str], body: str = "", to: str = "", call: str = ""
    ) -> Message:
        """A request with everything that has to be in it."""
        self.sequence += 1
        headers = (
            ("Via", f"SIP/2.0/{self.transport} {self.address};branch=z9hG4bK{secrets.token_hex(6)};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.user}@{self.address}>;tag={secrets.token_hex(4)}"),
            ("To", f"<{to or uri}>"),
            ("Call-ID", call or f"{secrets.token_hex(8)}@{self.address}"),
            ("CSeq", f"{self.sequence} {method}"),
            ("Contact", f"<sip:{self.user}@{self.address}>"),
            *more,
        )
        return Message(f"{method} {uri} SIP/2.0", headers, body)


def exchange(
    request: Message, source: str, target: tuple[str, int], transport: str = "udp",
    context: ssl.SSLContext | None = None, name: str | None = None, seconds: float = 5.0,
) -> Message | None:
    """Send a request from an address and return its final answer; None when nothing comes in ``seconds`` of real time.

    Raises OSError when there is no connection.
    """
    if transport == "udp":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind((source, 0))
            udp.settimeout(seconds)
            udp.sendto(request.encode(), target)
            try:
                while (reply := parse(udp.recv(65535))).status < 200:
                    pass
            except TimeoutError:
                return None
            return reply
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_connection(target, seconds, source_address=(source, 0)))
        if context is not None:
            tcp = stack.enter_context(context.wrap_socket(tcp, server_hostname=name or target[0]))
        tcp.sendall(request.encode())
        stream = stack.enter_context(tcp.makefile("rb"))
        try:
            while (final := read(stream)) is not None and final.status < 200:
                pass
        except TimeoutError:
            return None
        return final
