"""A side channel for tests and the demo: look at a device, misuse it, change it behind the caller's back.

Plain HTTP on loopback, JSON in and out. No real device has one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Calls = Mapping[str, Callable[[Any], Any]]


class SideChannel:
    """Serves calls by path: they get the decoded body, and what they return is the answer.

    A ``ValueError``, ``TypeError`` or ``KeyError`` of a call is answered with status 400 and its text.
    """

    def __init__(self, host: str, port: int) -> None:
        channel = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(channel.reads())

            def do_POST(self) -> None:
                self._answer(channel.actions())

            def _answer(self, calls: Calls) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                text = self.rfile.read(length) if length else b""
                call = calls.get(self.path)
                status = 200
                if call is None:
                    status, reply = 404, {"error": f"no such call (there are: {', '.join(sorted(calls))})"}
                else:
                    try:
                        reply = call(json.loads(text) if text.strip() else None)
                    except (ValueError, TypeError, KeyError) as error:
                        status, reply = 400, {"error": str(error)}
                data = json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.url = f"http://{host}:{self.port}"

    def start(self) -> None:
        """Serve in a daemon thread."""
        threading.Thread(target=self._server.serve_forever, name="side-channel", daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def reads(self) -> Calls:
        """GET calls by path."""
        raise NotImplementedError

    def actions(self) -> Calls:
        """POST calls by path."""
        raise NotImplementedError
