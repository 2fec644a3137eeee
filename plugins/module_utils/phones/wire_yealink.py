# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire: what a Yealink's web interface tells a stranger, and one log-in with a default pair.

Sources as in `yealink_keys` and `logins`; the JSON interface asks for a browser's Origin and Referer.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from urllib.parse import urlencode

from . import yealink_keys
from .logins import Outcome, Pair, yealink_json, yealink_servlet
from .patience import NoAnswer
from .wire_http import Reply, Web
from .yealink_keys import PhoneKey

LOGIN_PAGES = (
    "/servlet?m=mod_listener&p=login&q=loginForm&jumpto=status",
    "/servlet?p=login&q=loginForm&jumpto=status",
)
_LOGIN = "/servlet?m=mod_listener&p=login&q=login"
_LOGOUT = "/servlet?m=mod_listener&p=login&q=logout"
_JSON_INFO = "/api/common/info?p=Login"
_JSON_LOGIN = "/api/auth/login?p=Login"
_JSON_LOGOUT = "/api/auth/logout?p=Login"
_TOKEN = re.compile(r'"wui\.common\.token"\s*:\s*"([^"]+)"')
BANNER = ("/api/common/info?p=StatusGeneral", json.dumps({"idlist": ["system"]}))
"""A request that needs a log-in: the refusal names model and release."""

_MODULUS = re.compile(r"""g_rsa_n\s*=\s*["']([0-9A-Fa-f]+)["']""")
_EXPONENT = re.compile(r"""g_rsa_e\s*=\s*["']([0-9A-Fa-f]+)["']""")
_SESSION = re.compile(r"JSESSIONID=([^;]*)")
_SCHEME = "__WUI_ENC__:"
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json;charset=UTF-8"


def banner(web: Web) -> Reply:
    """What the JSON interface answers to who has not logged in. Raises `NoAnswer`."""
    return web.ask("POST", BANNER[0], BANNER[1], _browser(web, _JSON))


def try_pair(web: Web, pair: Pair) -> Outcome:
    """The outcome of one log-in, by the interface that the phone has. Raises `NoAnswer`.

    Where the log-in succeeds, the session is left at once, as phones have few of them.
    """
    keys = web.ask("POST", _JSON_INFO, json.dumps({"idlist": _KEY_IDS}), _browser(web, _JSON))
    if keys.status == 404 or not keys.text.lstrip().startswith("{"):
        return _servlet(web, pair)
    return _json(web, pair, keys)


_KEY_IDS = ["wui.common.rsaN", "wui.common.rsaE"]


def _json(web: Web, pair: Pair, keys: Reply) -> Outcome:
    password = pair.password.reveal()
    try:
        key = _json_key(keys.text)
    except ValueError:
        return "unclear"
    form = {"username": pair.account, "pwd": password if key is None else _SCHEME + key.sealed(password)}
    answer = web.ask("POST", _JSON_LOGIN, urlencode(form), _browser(web, _FORM))
    outcome = yealink_json(answer.text)
    if outcome == "accepted":
        with suppress(NoAnswer):  # the phone ends the session by itself
            _leave(web, answer.cookies())
    return outcome


def _leave(web: Web, cookies: str) -> None:
    """End a session of the JSON interface, which takes its token for everything."""
    headers = {**_browser(web, _JSON), "Cookie": cookies}
    token = _TOKEN.search(web.ask("POST", _JSON_INFO, json.dumps({"idlist": ["wui"]}), headers).text)
    if token:
        web.ask("POST", _JSON_LOGOUT, "", {**headers, "X-CSRFToken": token[1]})


def _json_key(text: str) -> PhoneKey | None:
    """The key of an answer; None where the build has none and takes the password as it is.

    Raises `ValueError` for an answer, or a key, that is none.
    """
    answer = json.loads(text)
    data = answer.get("data") if isinstance(answer, dict) else None
    found = [data.get(name) for name in _KEY_IDS] if isinstance(data, dict) else [None]
    return PhoneKey(*map(str, found)) if all(found) else None


def _servlet(web: Web, pair: Pair) -> Outcome:
    page = _login_page(web)
    if page is None:
        return "absent"
    if yealink_servlet(page.text) == "locked":
        return "locked"
    cookies = page.cookies()
    modulus, exponent = _MODULUS.search(page.text), _EXPONENT.search(page.text)
    session = _SESSION.search(cookies)
    password = pair.password.reveal()
    fields = {"pwd": password}
    if modulus and exponent:
        try:
            key = PhoneKey(modulus[1], exponent[1])
        except ValueError:
            return "unclear"
        if "rsakey" in page.text:
            fields = yealink_keys.sealed_in_aes(key, session[1] if session else "", password)
        else:
            fields = {"pwd": key.sealed(password)}
    headers = {**_browser(web, _FORM), **({"Cookie": cookies} if cookies else {})}
    outcome = yealink_servlet(web.ask("POST", _LOGIN, urlencode({"username": pair.account, **fields}), headers).text)
    if outcome == "accepted":
        with suppress(NoAnswer):  # the phone ends the session by itself
            web.ask("GET", _LOGOUT, None, headers)
    return outcome


def _login_page(web: Web) -> Reply | None:
    for path in LOGIN_PAGES:
        page = web.ask("GET", path)
        if page.status == 200:
            return page
    return None


def _browser(web: Web, kind: str) -> dict[str, str]:
    return {"Content-Type": kind, "Origin": web.origin, "Referer": f"{web.origin}/"}
