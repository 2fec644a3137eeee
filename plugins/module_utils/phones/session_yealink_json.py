# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire to a Yealink with the JSON interface (T4xU, T5xW, T7x from firmware 86).

Source: Buhoy-Ded/YealinkAdmin-Visual-Studio, a client tried on T43U, T46U and T57W phones.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlencode

from ..errors import DeviceError, Misunderstood
from ..secret import Secret
from . import live_yealink
from .identity import Identity
from .live import Reading
from .logins import yealink_json
from .session import WebSession, refuse_log_in
from .table import Setting
from .yealink_web import FORM, JSON, JSON_INFO, JSON_LOGIN, JSON_LOGOUT, browser, json_form

EXPORT = "/api/diagnosis/cfg/file?action=export&type=all"
IMPORT = "/api/diagnosis/cfg/file?action=import"
IMPORT_FIELD = "CFGConfigUpload"
FETCH = "/api/autop/now?p=SettingAutop"


class JsonSession:
    """See `session.Session`. `keys`: what the phone answered when it was asked for its key."""

    def __init__(self, web: WebSession, keys: str, username: str, password: Secret) -> None:
        self.taken = 0
        self._web = web
        self._token = ""
        try:
            form = json_form(keys, username, password)
        except ValueError as error:
            raise Misunderstood(f"POST {web.origin}{JSON_INFO}: no key to encrypt a password for: {error}") from None
        answer = web.ask("POST", _fresh(JSON_LOGIN), form.encode(), browser(web.origin, FORM))
        refuse_log_in(f"POST {web.origin}{JSON_LOGIN}", yealink_json(answer.text), username, answer.text)
        self._token = web.cookies.get("csrfToken", "")
        try:
            self._identity = self._identify()
        except BaseException:
            self.close()
            raise

    def _identify(self) -> Identity:
        """Who the phone says it is; the token of the session comes with it."""
        told = self._ask("POST", JSON_INFO, json.dumps({"idlist": ["wui"]}), JSON)
        token, identity = live_yealink.identity_of(live_yealink.data_of(self._said(JSON_INFO), told))
        if not token:
            raise Misunderstood(f"{self._said(JSON_INFO)}: no token came with the session")
        self._token = token
        return identity

    def _said(self, path: str) -> str:
        return f"POST {self._web.origin}{path.partition('?')[0]}"

    def _ask(self, method: str, path: str, body: str | bytes, kind: str) -> str:
        headers = browser(self._web.origin, kind)
        if self._token:
            headers["X-CSRFToken"] = self._token
        sent = body.encode() if isinstance(body, str) else body
        return self._web.ask(method, _fresh(path), sent, headers).text

    def read(self, names: Sequence[str]) -> Reading:
        """The whole configuration, whatever is asked for."""
        text = self._ask("POST", EXPORT, urlencode({"csrfmiddlewaretoken": self._token}), FORM)
        if text.lstrip().startswith("{"):
            live_yealink.data_of(self._said(EXPORT), text)
        return live_yealink.reading_of(self._said(EXPORT), text, self._identity)

    def write(self, settings: Sequence[Setting]) -> None:
        """One partial import."""
        body, kind = live_yealink.multipart(IMPORT_FIELD, live_yealink.import_text(settings))
        live_yealink.data_of(self._said(IMPORT), self._ask("POST", IMPORT, body, kind))
        self.taken += 1

    def restart(self) -> None:
        """Nothing: these phones restart by themselves for what needs it."""

    def fetch(self) -> None:
        """Have it fetch its files now."""
        live_yealink.data_of(self._said(FETCH), self._ask("POST", FETCH, b"", JSON))

    def close(self) -> None:
        """Log out, since a phone has few sessions, and hang up."""
        token, self._token = self._token, ""
        if token:
            headers = {**browser(self._web.origin, JSON), "X-CSRFToken": token}
            with suppress(DeviceError):  # the phone ends the session by itself after a while
                self._web.ask("POST", _fresh(JSON_LOGOUT), b"", headers)
        self._web.hang_up()


def _fresh(path: str) -> str:
    """An address as no cache has it."""
    return f"{path}&t={time.time_ns() // 1_000_000}"
