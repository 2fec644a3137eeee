# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire: what a Yealink's web interface tells a stranger, and one log-in with a default pair.

Sources as in `yealink_web` and `logins`.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress

from .logins import Outcome, Pair, yealink_json, yealink_servlet
from .patience import NoAnswer
from .wire_http import Reply, Web
from .yealink_web import (
    FORM,
    JSON,
    JSON_INFO,
    JSON_LOGIN,
    JSON_LOGOUT,
    KEYS,
    LOGIN,
    LOGIN_PAGES,
    LOGOUT,
    browser,
    json_form,
    servlet_form,
    speaks_json,
)

_TOKEN = re.compile(r'"wui\.common\.token"\s*:\s*"([^"]+)"')
_SESSION = re.compile(r"JSESSIONID=([^;]*)")
BANNER = ("/api/common/info?p=StatusGeneral", json.dumps({"idlist": ["system"]}))
"""A request that needs a log-in: the refusal names model and release."""


def banner(web: Web) -> Reply:
    """What the JSON interface answers to who has not logged in. Raises `NoAnswer`."""
    return web.ask("POST", BANNER[0], BANNER[1], browser(web.origin, JSON))


def try_pair(web: Web, pair: Pair) -> Outcome:
    """The outcome of one log-in, by the interface that the phone has. Raises `NoAnswer`.

    Where the log-in succeeds, the session is left at once, as phones have few of them.
    """
    keys = web.ask("POST", JSON_INFO, KEYS, browser(web.origin, JSON))
    return _json(web, pair, keys) if speaks_json(keys.status, keys.text) else _servlet(web, pair)


def _json(web: Web, pair: Pair, keys: Reply) -> Outcome:
    try:
        form = json_form(keys.text, pair.account, pair.password)
    except ValueError:
        return "unclear"
    answer = web.ask("POST", JSON_LOGIN, form, browser(web.origin, FORM))
    outcome = yealink_json(answer.text)
    if outcome == "accepted":
        with suppress(NoAnswer):  # the phone ends the session by itself
            _leave(web, answer.cookies())
    return outcome


def _leave(web: Web, cookies: str) -> None:
    """End a session of the JSON interface, which takes its token for everything."""
    headers = {**browser(web.origin, JSON), "Cookie": cookies}
    token = _TOKEN.search(web.ask("POST", JSON_INFO, json.dumps({"idlist": ["wui"]}), headers).text)
    if token:
        web.ask("POST", JSON_LOGOUT, "", {**headers, "X-CSRFToken": token[1]})


def _servlet(web: Web, pair: Pair) -> Outcome:
    page = _login_page(web)
    if page is None:
        return "absent"
    if yealink_servlet(page.text) == "locked":
        return "locked"
    cookies = page.cookies()
    session = _SESSION.search(cookies)
    try:
        form = servlet_form(page.text, session[1] if session else "", pair.account, pair.password)
    except ValueError:
        return "unclear"
    headers = {**browser(web.origin, FORM), **({"Cookie": cookies} if cookies else {})}
    outcome = yealink_servlet(web.ask("POST", LOGIN, form, headers).text)
    if outcome == "accepted":
        with suppress(NoAnswer):  # the phone ends the session by itself
            web.ask("GET", LOGOUT, None, headers)
    return outcome


def _login_page(web: Web) -> Reply | None:
    for path in LOGIN_PAGES:
        page = web.ask("GET", path)
        if page.status == 200:
            return page
    return None
