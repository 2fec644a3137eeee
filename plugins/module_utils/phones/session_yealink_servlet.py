# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire to a Yealink with the servlet interface (T2x, T3x, T4xS, up to firmware 86).

Sources: luizsteinbach30/middleware-ramais (upload of a partial configuration, tried on a T31G), UrielCh/yealink (pages
and tokens).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlencode

from ..errors import DeviceError, Misunderstood, NotPossible, Unavailable
from ..secret import Secret
from . import live_yealink
from .identity import from_page
from .live import Reading
from .logins import yealink_servlet
from .session import WebSession, refuse_log_in
from .table import Setting
from .wire_http import Reply
from .yealink_web import FORM, LOGIN, LOGIN_PAGES, LOGOUT, browser, page_key, servlet_form

CONFIG_PAGE = "/servlet?m=mod_data&p=settings-config&q=load"
EXPORT = "/servlet?m=mod_configfile&q=exportcfgconfig&type=all"
UPLOAD = "/servlet?m=mod_res&p=upload&type=localcfg"
UPLOAD_FIELD = "UploadName"
_LONGEST = "5MB"
"""What the page sends, encrypted, as the limit of an upload; without it the phone takes none."""


class ServletSession:
    """See `session.Session`."""

    def __init__(self, web: WebSession, username: str, password: Secret) -> None:
        self.taken = 0
        self._web = web
        self._in = False
        page = self._login_page()
        request = f"POST {web.origin}/servlet (log-in)"
        if yealink_servlet(page.text) == "locked":
            refuse_log_in(request, "locked", username, page.text)
        try:
            form = servlet_form(page.text, web.cookies.get("JSESSIONID", ""), username, password)
        except ValueError as error:
            raise Misunderstood(f"{request}: no key to encrypt a password for: {error}") from None
        answer = web.ask("POST", LOGIN, form.encode(), browser(web.origin, FORM))
        refuse_log_in(request, yealink_servlet(answer.text), username, answer.text)
        self._in = True

    def _login_page(self) -> Reply:
        for path in LOGIN_PAGES:
            page = self._web.ask("GET", path)
            if page.status == 200:
                return page
        raise Misunderstood(f"GET {self._web.origin}/servlet: HTTP {page.status} instead of a page to log in")

    def _page(self) -> str:
        """The page that has the token of the session."""
        page = self._web.ask("GET", CONFIG_PAGE)
        if page.status != 200 or not live_yealink.token_of(page.text):
            raise Unavailable(f"GET {self._web.origin}/servlet (settings-config): the phone ended the session")
        return page.text

    def read(self, names: Sequence[str]) -> Reading:
        """The whole configuration, whatever is asked for."""
        page = self._page()
        request = f"POST {self._web.origin}/servlet (exportcfgconfig)"
        answer = self._web.ask("POST", EXPORT, b"", self._headers(FORM))
        if answer.status != 200:
            raise Misunderstood(f"{request}: HTTP {answer.status} instead of a configuration")
        return live_yealink.reading_of(request, answer.text, from_page(page))

    def write(self, settings: Sequence[Setting]) -> None:
        """One upload of a partial configuration."""
        page = self._page()
        request = f"POST {self._web.origin}/servlet (localcfg)"
        try:
            key = page_key(page)
        except ValueError as error:
            raise Misunderstood(f"{request}: the page has no key: {error}") from None
        longest = key.sealed(_LONGEST) if key is not None else _LONGEST
        more = urlencode({"maxlength": longest, "token": live_yealink.token_of(page)})
        body, kind = live_yealink.multipart(UPLOAD_FIELD, live_yealink.import_text(settings))
        answer = self._web.ask("POST", f"{UPLOAD}&{more}", body, self._headers(kind))
        if answer.status != 200:
            raise Misunderstood(f"{request}: HTTP {answer.status} instead of a result")
        live_yealink.check_upload(request, answer.text)
        self.taken += 1

    def _headers(self, kind: str) -> dict[str, str]:
        return {**browser(self._web.origin, kind), "Referer": f"{self._web.origin}{CONFIG_PAGE}"}

    def restart(self) -> None:
        """Nothing: these phones restart by themselves for what needs it."""

    def fetch(self) -> None:
        """No public source shows how these phones are asked for that, but by an action URI."""
        raise NotPossible(f"{self._web.origin}: a phone of this generation is told to fetch its files by its PBX alone")

    def close(self) -> None:
        """Log out, since a phone has few sessions, and hang up."""
        inside, self._in = self._in, False
        if inside:
            with suppress(DeviceError):  # the phone ends the session by itself after a while
                self._web.ask("GET", LOGOUT)
        self._web.hang_up()
