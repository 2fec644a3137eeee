"""Who takes reports in tests: a mail server that knows TLS and an HTTPS server, on loopback, told what to do."""

from __future__ import annotations

import asyncio
import email
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.devices.phones.certificates import Authority, name

USER, PASSWORD = "voip-reports", "M4il-P4ssw0rd-%41&quot;"


class Certificates:
    """An authority that both servers have a certificate of, and one that nobody has."""

    def __init__(self, folder: Path) -> None:
        self._authority = Authority(name("Test authority of servers"))
        self.ca_path = str(folder / "authority.pem")
        self.other_ca_path = str(folder / "other.pem")
        Path(self.ca_path).write_bytes(self._authority.pem)
        Path(self.other_ca_path).write_bytes(Authority(name("Another authority")).pem)

    def context(self, *names: str) -> ssl.SSLContext:
        """What a server of these names and addresses shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with self._authority.issue(names[0], *names).file() as path:
            context.load_cert_chain(path)
        return context


class Mailbox:
    """What a mail server took, and what it is told to do."""

    def __init__(self, refused: frozenset[str] = frozenset(), answer: str = "") -> None:
        self.mails: list[tuple[str, list[str], EmailMessage]] = []
        self.logins: list[tuple[str, str]] = []
        self._refused = refused
        self._answer = answer

    def login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        if self.logins[-1] == (USER, PASSWORD):
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False, message=f"535 no such account {data.password.decode()}")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self._refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert server.transport.get_extra_info("ssl_object") is not None, "mail came unencrypted"
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = email.message_from_bytes(content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append((str(envelope.mail_from), list(envelope.rcpt_tos), parsed))
        return self._answer or "250 OK"


@contextmanager
def mail_server(
    box: Mailbox, host: str, context: ssl.SSLContext | None, *, wrapped: bool = False, login: bool = False
) -> Iterator[int]:
    """A mail server; yields its port. Without a context it knows no TLS; `wrapped`: TLS from the first byte."""
    options: dict[str, Any] = {"hostname": "mail.example.com", "authenticator": box.login, "auth_required": login}
    if wrapped or context is None:
        options["auth_require_tls"] = False
    else:
        options |= {"tls_context": context, "require_starttls": True}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def started() -> asyncio.Server:
        encrypted = context if wrapped else None
        return await loop.create_server(lambda: SMTP(box, loop=loop, **options), host, 0, ssl=encrypted)

    async def stopped() -> None:
        server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(started(), loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stopped(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Post(BaseHTTPRequestHandler):
    posts: ClassVar[list[tuple[str, dict[str, str], Any]]]
    status: ClassVar[int]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posts.append((self.path, dict(self.headers.items()), json.loads(body)))
        self.send_response(self.status, "No, not with that token")
        if self.status in (301, 302, 307, 308):
            self.send_header("Location", "https://198.51.100.1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def web_server(
    host: str, context: ssl.SSLContext, status: int = 200
) -> Iterator[tuple[int, list[tuple[str, dict[str, str], Any]]]]:
    """An HTTPS server; yields its port, and what is posted to it: path, headers, JSON."""
    handler = type("_Handler", (_Post,), {"posts": [], "status": status})
    server = ThreadingHTTPServer((host, 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], handler.posts
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
