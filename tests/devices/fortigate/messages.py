"""Requests and replies between the socket side and the device's state machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    """One HTTP request. ``segments`` are the decoded path parts; addresses are those of the TCP connection if any."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    source_ip: str | None = None
    destination_ip: str | None = None

    @property
    def path(self) -> str:
        """Path without the query, still quoted."""
        return urlsplit(self.target).path

    @property
    def segments(self) -> list[str]:
        """Decoded path parts; a quoted slash stays inside its part."""
        return [unquote(part) for part in self.path.split("/") if part]

    @property
    def query(self) -> list[tuple[str, str]]:
        """Query parameters in order; repeated ones are kept."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def header(self, name: str) -> str:
        """A header's value, empty when absent; names in any case."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def json(self) -> Any:
        """The body as JSON; ValueError when it is not."""
        return json.loads(self.body.decode("utf-8")) if self.body.strip() else {}

    @classmethod
    def make(cls, method: str, target: str, body: Any = None, token: str = "", **headers: str) -> Request:
        """A request for direct use: ``body`` is sent as JSON, ``token`` as bearer token, ``X_Y`` as header X-Y."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return cls(method, target, sent, b"" if body is None else json.dumps(body).encode())


@dataclass
class Response:
    """One reply. ``transport`` tells the socket side to misbehave: cut (no answer at all), hang, or trickle."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    close: bool = False
    transport: str = ""
    delay: float = 0.0

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @classmethod
    def of(cls, data: Any, status: int = 200) -> Response:
        """A JSON reply."""
        return cls(status, json.dumps(data, indent=2).encode())
