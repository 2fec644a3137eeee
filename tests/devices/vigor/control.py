"""A side channel for tests and the demo: look at the device, misuse it, change it behind the caller's back.

Plain HTTP on loopback, JSON in and out. It is no part of a Vigor.
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .device import Vigor


class Control:
    """The side channel of one device; ``info`` is what GET /info answers."""

    def __init__(self, device: Vigor, host: str, port: int = 0, info: dict[str, Any] | None = None) -> None:
        self.device = device
        self.info = info if info is not None else {}
        control = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(control.reads())

            def do_POST(self) -> None:
                self._answer(control.actions())

            def _answer(self, calls: dict[str, Callable[[Any], Any]]) -> None:
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
        threading.Thread(target=self._server.serve_forever, name="vigor-control", daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def reads(self) -> dict[str, Callable[[Any], Any]]:
        """GET calls."""
        device = self.device
        return {
            "/state": lambda _body: device.stored(),
            "/running": lambda _body: device.running(),
            "/log": lambda _body: list(device.log),
            "/counters": lambda _body: {**dataclasses.asdict(device.counters), "writes": device.writes},
            "/knobs": lambda _body: dataclasses.asdict(device.knobs),
            "/info": lambda _body: self.info,
        }

    def actions(self) -> dict[str, Callable[[Any], Any]]:
        """POST calls."""
        return {
            "/faults": self._faults, "/knobs": self._knobs, "/cli": self._cli, "/advance": self._advance,
            "/reset-log": self._reset_log,
        }

    def _faults(self, body: Any) -> Any:
        with self.device.lock:
            self.device.faults.clear()
            for spec in body or []:
                self.device.faults.plant(**spec)
            return {"planted": len(self.device.faults.planted)}

    def _knobs(self, body: Any) -> Any:
        with self.device.lock:
            for name, value in (body or {}).items():
                self.device.knobs.turn(name, value)
        return {}

    def _cli(self, body: Any) -> Any:
        return {"answers": [self.device.execute(str(line), log=False).text for line in body or []]}

    def _advance(self, body: Any) -> Any:
        self.device.advance(float(body["seconds"]))
        return {"now": self.device.now.isoformat(" ", "seconds"), "down": self.device.down}

    def _reset_log(self, _body: Any) -> Any:
        self.device.reset_log()
        return {}
