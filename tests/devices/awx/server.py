"""An AWX's API on a loopback port, in plain HTTP: who is who, and JSON to and fro."""

from __future__ import annotations

import base64
import binascii
import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.devices.awx.api import Authorization, Awx
from tests.devices.http_server import HttpServer

VERSION = "24.6.1"


class AwxServer(HttpServer):
    """Serves one AWX."""

    def __init__(self, awx: Awx) -> None:
        self.awx = awx
        super().__init__(type("Handler", (_Handler,), {"device": awx}))


class _Handler(BaseHTTPRequestHandler):
    device: Awx

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)
        body = json.loads(text) if text else {}
        sender = _authorization(self.headers.get("Authorization", ""))
        status, answer = self.device.answer(self.command, self.path, body, sender)
        sent = b"" if answer is None else (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(answer, str) else "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", VERSION)
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: `Awx.requests` has it all."""


def _authorization(header: str) -> Authorization:
    """What a header says of who is asking; nothing where it cannot be read."""
    scheme, _space, value = header.partition(" ")
    if scheme == "Bearer":
        return Authorization(token=value)
    if scheme == "Basic":
        try:
            username, _colon, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return Authorization()
        return Authorization(username=username, password=password)
    return Authorization()
