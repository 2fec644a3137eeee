"""What a phone finds at a site: a provisioning server with TLS and passwords, its authority, and names in DNS."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.devices.phones import Authority, Phone
from tests.devices.phones.addresses import Claim
from tests.devices.phones.certificates import Identity, name, server_context
from tests.devices.phones.web import Request, Response, WebServer

HOST = "prov.example.com"
PORT = 8443


class Site:
    """A provisioning server in Python: ``files`` by path, ``users`` with their passwords (none: everybody may fetch).

    ``log`` has method, path, status and User-Agent of each request; ``statuses`` answers paths with a status instead.
    """

    def __init__(self, *, names: tuple[str, ...] = (HOST,), identity: Identity | None = None) -> None:
        self.authority = Authority(name("Site CA"))
        self.files: dict[str, str] = {}
        self.users: dict[str, str] = {}
        self.uploads: dict[str, bytes] = {}
        self.statuses: dict[str, int] = {}
        self.log: list[tuple[str, str, int, str]] = []
        self.on_drop: list[Callable[[], None]] = []
        self._claim = Claim()
        self.address = self._claim.address
        self._context = server_context(identity or self.authority.issue(HOST, *names))
        self._server = WebServer(self, self.address, PORT, "files", self._answer, lambda: self._context)
        self.hosts = {HOST: self.address}
        self.url = f"https://{HOST}:{PORT}/"

    def __enter__(self) -> Site:
        self._server.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.stop()
        self._claim.release()

    def admits(self, source: str) -> bool:
        return True

    def _answer(self, request: Request) -> Response:
        response = self._file(request)
        self.log.append((request.method, request.path, response.status, request.header("User-Agent")))
        return response

    def _file(self, request: Request) -> Response:
        if self.users and (request.basic is None or self.users.get(request.basic[0]) != request.basic[1]):
            return Response.text("", 401, ("WWW-Authenticate", 'Basic realm="phones"'))
        if request.path in self.statuses:
            return Response.text("", self.statuses[request.path])
        if request.method == "PUT":
            self.uploads[request.path] = request.body
            return Response.text("", 201)
        text = self.files.get(request.path)
        return Response.text("", 404) if text is None else Response(200, text.encode(), "application/octet-stream")

    def fetched(self) -> list[str]:
        """Paths that were asked for successfully since the last call."""
        found = [path for method, path, status, _agent in self.log if method == "GET" and status == 200]
        self.log.clear()
        return found


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """A site for a fixture."""
    with Site() as running:
        yield running


class Browser:
    """A client of a phone's web interface that keeps cookies and trusts any certificate."""

    def __init__(self, phone: Phone, scheme: str = "https", source: str | None = None) -> None:
        self.base = phone.url(scheme)
        self.cookies: dict[str, str] = {}
        self.status, self.text = 0, ""
        self.headers: dict[str, str] = {}
        self._source = (source, 0) if source else None

    def ask(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> str:
        """One request; returns the body. ``status`` and ``headers`` are those of the answer."""
        parts = urlsplit(self.base)
        assert parts.hostname is not None
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=10, context=context, source_address=self._source
            )
        else:
            connection = http.client.HTTPConnection(
                parts.hostname, parts.port, timeout=10, source_address=self._source
            )
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        with contextlib.closing(connection):
            connection.request(method, target, body, sent)
            reply = connection.getresponse()
            self.status, self.text = reply.status, reply.read().decode("utf-8", "replace")
            self.headers = {key.lower(): value for key, value in reply.getheaders()}
            for cookie in reply.headers.get_all("Set-Cookie") or []:
                key, _equals, value = cookie.partition(";")[0].partition("=")
                self.cookies[key] = value
        return self.text

    def form(self, target: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> str:
        """Send a form."""
        more = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.ask("POST", target, urlencode(fields).encode(), more)

    def json(self, target: str, data: Any, headers: dict[str, str] | None = None) -> Any:
        """Send JSON; returns the answer decoded."""
        more = {"Content-Type": "application/json", **(headers or {})}
        return json.loads(self.ask("POST", target, json.dumps(data).encode(), more))

    def upload(
        self, target: str, field: str, content: str, headers: dict[str, str] | None = None, file: str = "config.cfg"
    ) -> str:
        """Send a file in a multipart form."""
        body = (
            f'--edge\r\nContent-Disposition: form-data; name="{field}"; filename="{file}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n{content}\r\n--edge--\r\n"
        )
        more = {"Content-Type": "multipart/form-data; boundary=edge", **(headers or {})}
        return self.ask("POST", target, body.encode(), more)

    def variable(self, variable: str) -> str:
        """A variable of the page that came last."""
        match = re.search(rf'{variable}\s*=\s*"([^"]*)"', self.text)
        assert match is not None, f"no {variable} in {self.text[:200]}"
        return match[1]
