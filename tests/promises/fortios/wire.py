"""A FortiGate test device reached by direct calls instead of sockets, so that a run costs milliseconds.

Everything of the product's session runs as it is, but for its connection class: retries, errors, logins. What the
device does to connections (refusing, cutting) happens here as it does in `FortiGateServer`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.errors import Unreachable
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios import session
from tests.devices.fortigate import FortiGate, Request
from tests.devices.fortigate.messages import Response

CONTROLLER = "10.0.0.10"


class Wire:
    """Stands in for a `FortiGateServer` of a `Unit`; a context manager.

    `seen` is called with every request that the device acted on, before the answer is on its way. `tamper` may change
    an answer. `said`, where it is set, holds the answers of a unit that does not change.
    """

    def __init__(self, device: FortiGate, host: str = "10.0.0.1", source: str = CONTROLLER) -> None:
        self.device = device
        self.host = host
        self.port = 443
        self.ca_path = ""
        self.source = source
        self.seen: Callable[[Request], None] | None = None
        self.tamper: Callable[[Request, Response], Response] | None = None
        self.said: dict[str, Response] | None = None
        self.era = 0
        self._original: Any = None

    def __enter__(self) -> Wire:
        self._original = session.HttpsConnection
        session.HttpsConnection = lambda target: _Connection(self, target)  # type: ignore[assignment,misc]
        self.device.on_drop.append(self._drop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session.HttpsConnection = self._original  # type: ignore[misc]
        self.device.on_drop.remove(self._drop)

    def _drop(self) -> None:
        self.era += 1

    def exchange(self, request: Request) -> Response:
        """One request and its answer."""
        response = self._answer(request)
        if self.seen is not None:
            self.seen(request)
        return self.tamper(request, response) if self.tamper is not None else response

    def _answer(self, request: Request) -> Response:
        if self.said is None or request.method != "GET":
            return self.device.handle(request)
        if request.target not in self.said:
            self.said[request.target] = self.device.handle(request)
        return self.said[request.target]


class _Connection:
    """What the product's session uses of `http.client.HTTPSConnection`."""

    def __init__(self, wire: Wire, target: Any) -> None:
        assert target.host == wire.host, target.host
        self._wire = wire
        self._era = 0
        self.sock: _Socket | None = None

    def connect_checked(self, remaining: float) -> None:
        wire = self._wire
        refused = wire.device.faults.refuses_connection() or wire.device.gate.refuses(
            wire.source, wire.host, wire.device.sport
        )
        if refused:
            wire.device.counters.refused_connections += 1
            raise Unreachable(f"{wire.host}: no connection: {refused}")
        wire.device.counters.connections += 1
        self._era = wire.era
        self.sock = _Socket(wire)

    def request(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> None:
        if self._era != self._wire.era:
            raise ConnectionResetError("reset")
        self._request = Request(method, url, dict(headers), body or b"", self._wire.source, self._wire.host)

    def getresponse(self) -> _Reply:
        response = self._wire.exchange(self._request)
        if response.transport:
            raise ConnectionResetError("reset")
        return _Reply(response)

    def abort(self) -> None:
        self.sock = None

    def close(self) -> None:
        self.sock = None


class _Socket:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def getsockname(self) -> tuple[str, int]:
        return self._wire.source, 50000

    def getpeername(self) -> tuple[str, int]:
        return self._wire.host, self._wire.port

    def settimeout(self, seconds: float) -> None:
        """Nothing waits here."""


class _Reply:
    def __init__(self, response: Response) -> None:
        self._response = response
        self.status = response.status
        self.will_close = response.close

    def read(self, limit: int) -> bytes:
        return self._response.body[:limit]

    def getheaders(self) -> list[tuple[str, str]]:
        return [("Content-Type", self._response.content_type), *self._response.headers]
