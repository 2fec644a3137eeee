"""An AWX's API on a loopback port, in plain HTTP: who is who, and JSON to and fro."""

from __future__ import annotations

import base64
import binascii
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.devices.awx.api import Authorization, Awx

VERSION = "24.6.1"


class AwxServer:
    """Serves one AWX on 127.0.0.1; a context manager. `url` is where."""

    def __init__(self, awx: Awx) -> None:
        self.awx = awx

        class Handler(_Handler):
            device = awx

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="awx", daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


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
