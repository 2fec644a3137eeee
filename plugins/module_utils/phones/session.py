# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire to the web server of a phone: one kept-alive HTTPS connection, over which nothing is ever sent twice.

A phone that is locked, busy or restarting is said to be that, and left alone.
"""

from __future__ import annotations

import http.client
import select
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from ..errors import LoginRefused, Misunderstood, Unavailable, Unreachable
from ..https import HttpsConnection
from ..target import Target
from .identity import plain_mac
from .live import Reading
from .live_yealink import lock_of
from .logins import Outcome
from .table import Setting
from .wire_http import Reply

_LARGEST = 8 * 1024 * 1024
"""Bytes; the configuration of a phone has some hundred thousand."""
_BUSY = 503


class Session(Protocol):
    """A phone that let us in as its administrator; left when it is closed. `taken`: writes that it acknowledged."""

    taken: int

    def read(self, names: Sequence[str]) -> Reading:
        """What it shows of these parameters; of all of them where it has one answer for everything."""

    def write(self, settings: Sequence[Setting]) -> None:
        """Have it take settings, the one with the administrator's password last. It may restart afterwards."""

    def restart(self) -> None:
        """Have it restart once nobody talks."""

    def fetch(self) -> None:
        """Have it fetch its files now. Raises `NotPossible` where no way to ask for that is known."""

    def close(self) -> None:
        """Log out and hang up, if that is still to be done; never raises."""


def refuse_log_in(request: str, outcome: Outcome, username: str, text: str) -> None:
    """Return where a log-in was accepted.

    Raises `LoginRefused` where it was not, `Unavailable` where the phone is locked, `Misunderstood` where it says
    neither. `text`: its answer, of which nothing is shown but for how long it is locked.
    """
    if outcome == "accepted":
        return
    if outcome == "locked":
        raise Unavailable(
            f"{request}: the phone is locked after failed log-ins{lock_of(text)}; nothing more is tried until then"
        )
    if outcome == "denied":
        raise LoginRefused(f"{request}: the phone refused the password of {username}")
    raise Misunderstood(f"{request}: the answer says neither that the log-in was accepted nor that it was not")


class WebSession:
    """Requests to one phone. `origin`: what a browser calls the phone, `https://host:port`."""

    def __init__(self, target: Target, mac: str) -> None:
        host = f"[{target.host}]" if ":" in target.host else target.host
        port = target.port or http.client.HTTPS_PORT
        self.host = host if port == http.client.HTTPS_PORT else f"{host}:{port}"
        self.origin = f"https://{self.host}"
        self.cookies: dict[str, str] = {}
        self.requests = 0
        self._target = target
        self._mac = mac
        self._connection: HttpsConnection | None = None
        self._end = time.monotonic() + target.timeout
        self._watchdog = threading.Timer(target.timeout, self._abort)
        self._watchdog.daemon = True
        self._watchdog.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection."""
        self._watchdog.cancel()
        self._drop()

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer to one request, which is sent once.

        Raises `Unreachable` where there is none, `Unavailable` for HTTP 503, `NotTrusted` for another certificate.
        """
        request = f"{method} {self.origin}{path.partition('?')[0]}"
        connection = self._connected(request)
        given = {"Host": self.host, "User-Agent": "Mozilla/5.0", **(headers or {})}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.sock.settimeout(self._left(request))
            connection.request(method, path, body, given)
            self.requests += 1
            answer = connection.getresponse()
            raw = answer.read(_LARGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            self._left(request)
            if isinstance(error, TimeoutError):
                raise Unreachable(f"{request}: no answer in time") from None
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Unreachable(f"{request}: the connection broke: {reason}") from None
        self._left(request)  # what the end of time cut off looks like an answer
        if len(raw) > _LARGEST:
            raise Misunderstood(f"{request}: an answer of more than {_LARGEST} bytes")
        if answer.length:
            self._drop()
            raise Unreachable(f"{request}: the connection broke: the answer ends too early")
        reply = Reply(answer.status, _headers(answer), raw.decode("utf-8", "replace"))
        self._take_cookies(reply)
        if answer.will_close:
            self._drop()
        if reply.status == _BUSY:
            raise Unavailable(f"{request}: the phone is busy, or has no session left (HTTP 503); not asked again")
        return reply

    def _take_cookies(self, reply: Reply) -> None:
        for pair in reply.cookies().split("; "):
            name, equals, value = pair.partition("=")
            if equals:
                self.cookies[name] = value

    def _connected(self, request: str) -> HttpsConnection:
        """The connection; a new one where there is none, or the phone closed it while it was idle."""
        if self._connection is not None and _has_ended(self._connection):
            self._drop()
        if self._connection is None:
            left = self._left(request)
            connection = HttpsConnection(self._target, names=False)
            connection.connect_checked(left)
            if self._is_verified() and not self._is_ours(connection):
                connection.close()
                connection = HttpsConnection(self._target)
                connection.connect_checked(self._left(request))
            self._connection = connection
        return self._connection

    def _is_verified(self) -> bool:
        return self._target.validate_certs and not self._target.fingerprint

    def _is_ours(self, connection: HttpsConnection) -> bool:
        """Whether the certificate is the one that the vendor made for this very phone (rapid7/recog): no name is in it,
        but the phone's hardware address, which says more."""
        subject = connection.sock.getpeercert().get("subject", ())
        names = [value for part in subject for key, value in part if key == "commonName"]
        return self._mac in [plain_mac(name) for name in names]

    def _left(self, request: str) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unreachable(
                f"{request}: not finished within the {self._target.timeout:g} s allowed for the phone (timeout)"
            )
        return left

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _abort(self) -> None:
        connection = self._connection
        if connection is not None:
            connection.abort()


def _has_ended(connection: HttpsConnection) -> bool:
    """Whether an idle connection has something to read, which can only be its end: nothing was asked."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _headers(answer: http.client.HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in answer.getheaders():
        lower = name.lower()
        found[lower] = f"{found[lower]}\n{value}" if lower in found else value
    return found
