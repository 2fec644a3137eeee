# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire: one HTTP request at a time to a phone, over TLS or not, without following redirects."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from .patience import NoAnswer, Patience
from .wire_ports import Place
from .wire_tls import connected, open_stream

_LARGEST = 512 * 1024
"""Bytes; a log-in page of a phone has some ten thousand."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers (names in lower case, repeated ones one a line) and text of an answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    def cookies(self) -> str:
        """The cookies that the answer sets, as a request sends them back."""
        lines = self.headers.get("set-cookie", "").split("\n")
        return "; ".join(line.partition(";")[0].strip() for line in lines if line)


class Web:
    """A web interface of a phone. `context`: None for plain HTTP."""

    def __init__(self, place: Place, port: int, context: ssl.SSLContext | None, patience: Patience) -> None:
        self.scheme = "http" if context is None else "https"
        host = f"[{place.name}]" if ":" in place.name else place.name
        usual = http.client.HTTP_PORT if context is None else http.client.HTTPS_PORT
        self.host = host if port == usual else f"{host}:{port}"
        self.origin = f"{self.scheme}://{self.host}"
        self._place = place
        self._port = port
        self._context = context
        self._patience = patience

    def ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer to one request on a connection of its own. Raises `NoAnswer`."""
        request = f"{method} {self.origin}{path.partition('?')[0]}"
        sock = (
            open_stream(self._place, self._port, self._patience)
            if self._context is None
            else connected(self._place, self._port, self._context, self._patience)
        )
        connection = http.client.HTTPConnection(self._place.address, self._port)
        connection.sock = sock
        try:
            with self._patience.holding(sock):
                sock.settimeout(self._patience.seconds())
                given = {"Host": self.host, "Connection": "close", "User-Agent": "Mozilla/5.0", **(headers or {})}
                connection.request(method, path, None if body is None else body.encode(), given)
                reply = connection.getresponse()
                raw = reply.read(_LARGEST)
            self._patience.seconds()  # what the end of time cut off looks like an answer
            if reply.length and len(raw) < _LARGEST:
                raise NoAnswer(f"{request}: the answer ends too early")
        except TimeoutError:
            raise NoAnswer(f"{request}: no answer in time", silent=True) from None
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{request}: {_reason(error)}") from None
        finally:
            connection.close()
        found: dict[str, str] = {}
        for name, value in reply.getheaders():
            lower = name.lower()
            found[lower] = f"{found[lower]}\n{value}" if lower in found else value
        return Reply(reply.status, found, raw.decode("utf-8", "replace"))


def _reason(error: Exception) -> str:
    if isinstance(error, http.client.HTTPException):
        return f"no HTTP answer ({type(error).__name__})"
    return f"the connection broke: {getattr(error, 'strerror', None) or type(error).__name__}"
