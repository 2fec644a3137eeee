# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire to a Poly: its REST interface, by one log-in. See `live_poly` for the requests and their sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..errors import LoginRefused, Misunderstood, NotListening
from ..secret import Secret
from ..target import Target
from . import live_poly
from .digest import Credentials
from .identity import Identity
from .live import Reading
from .session import WebSession
from .table import Setting

ADMINISTRATOR = "Polycom"
"""The one account that REST has."""
INFO = "/api/v1/mgmt/device/info"
GET, SET = "/api/v1/mgmt/config/get", "/api/v1/mgmt/config/set"
RESTART = "/api/v1/mgmt/safeRestart"
FETCH = "/api/v1/mgmt/updateConfiguration"
_REFUSED = (401, 403)


class RestIsOff(NotListening):
    """There is a phone, and its REST interface is off."""

    shows: Mapping[str, bool] = {"remote.rest": False}


class PolySession:
    """A Poly that let us in. Raises from the start `LoginRefused`, `RestIsOff`, and what `WebSession.ask` does."""

    def __init__(self, target: Target, mac: str, password: Secret) -> None:
        self._web = WebSession(target, mac)
        self._credentials = Credentials(self._web.origin, ADMINISTRATOR, password)
        self._most = live_poly.MOST
        self.taken = 0
        try:
            self._identity = self._log_in()
        except BaseException:
            self._web.hang_up()
            raise

    def _log_in(self) -> Identity:
        request = f"GET {self._web.origin}{INFO}"
        challenge = self._web.ask("GET", INFO)
        if challenge.status == 404:
            raise RestIsOff(f"{request}: HTTP 404: the REST interface is off (apps.restapi.enabled)")
        header = challenge.headers.get("www-authenticate", "")
        if challenge.status not in _REFUSED or not header:
            raise Misunderstood(f"{request}: HTTP {challenge.status} instead of a challenge")
        self._credentials.take(header)
        return live_poly.identity_of(request, self._ask("GET", INFO))

    def _ask(self, method: str, path: str, data: Any = None) -> str:
        """The text of an answer. One that is refused is not asked again, unless the phone only wants a fresh nonce."""
        request = f"{method} {self._web.origin}{path}"
        body = None if data is None else json.dumps({"data": data}).encode()
        for fresh in (False, True):
            try:
                answer = self._credentials.answer(method, path)
            except ValueError as error:
                raise Misunderstood(f"{request}: {error}") from None
            headers = {"Authorization": answer, "Content-Type": "application/json"}
            reply = self._web.ask(method, path, body, headers)
            if reply.status not in _REFUSED:
                break
            if fresh or not self._credentials.take(reply.headers.get("www-authenticate", "")):
                raise LoginRefused(f"{request}: HTTP {reply.status}: the phone refused the password of {ADMINISTRATOR}")
        if reply.status == 404:
            raise RestIsOff(f"{request}: HTTP 404: the REST interface is off (apps.restapi.enabled)")
        if reply.status != 200:
            raise Misunderstood(f"{request}: HTTP {reply.status}")
        return reply.text

    def read(self, names: Sequence[str]) -> Reading:
        """Value and source of each name, in as few requests as the phone takes."""
        left, readings = list(dict.fromkeys(names)), []
        while left:
            asked = left[: self._most]
            try:
                answer = self._ask("POST", GET, asked)
                readings.append(live_poly.reading_of(f"POST {self._web.origin}{GET}", asked, answer))
            except live_poly.TooLarge:
                self._halve()
                continue
            left = left[len(asked) :]
        whole = live_poly.together(readings)
        return Reading(values=whole.values, sources=whole.sources, unknown=whole.unknown, identity=self._identity)

    def write(self, settings: Sequence[Setting]) -> None:
        """Have the phone take settings, each request as a whole or not at all."""
        left = list(live_poly.requests_of(settings, self._most))
        while left:
            body = left.pop(0)
            try:
                live_poly.data_of(f"POST {self._web.origin}{SET}", self._ask("POST", SET, body))
                self.taken += 1
            except live_poly.TooLarge:
                self._halve()
                rest = [body, *left]
                sent = {name for one in rest for name in one}
                left = list(live_poly.requests_of([one for one in settings if one.name in sent], self._most))

    def _halve(self) -> None:
        """Raises the phone's own error where less is not possible."""
        if self._most <= _LEAST:
            raise Misunderstood(f"{self._web.origin}: {_LEAST} parameters in a request are too many for the phone")
        self._most = max(_LEAST, self._most // 2)

    def restart(self) -> None:
        """Have it restart once nobody talks."""
        live_poly.data_of(f"POST {self._web.origin}{RESTART}", self._ask("POST", RESTART, {}))

    def fetch(self) -> None:
        """Have it fetch its files now."""
        live_poly.data_of(f"POST {self._web.origin}{FETCH}", self._ask("POST", FETCH, {}))

    def close(self) -> None:
        """Hang up; REST has no log-out."""
        with suppress(OSError):
            self._web.hang_up()


_LEAST = 3
"""A setting in flash and its two companions."""


def open_poly(target: Target, mac: str, _username: str, password: Secret) -> PolySession:
    """Log in once as the administrator."""
    return PolySession(target, mac, password)
