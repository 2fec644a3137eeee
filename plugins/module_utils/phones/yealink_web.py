# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How somebody logs in to the web interface of a Yealink, of either generation: addresses and forms. Pure.

Sources as in `yealink_keys` and `logins`; the JSON interface asks for a browser's Origin and Referer.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

from ..secret import Secret
from . import yealink_keys
from .yealink_keys import PhoneKey

LOGIN_PAGES = (
    "/servlet?m=mod_listener&p=login&q=loginForm&jumpto=status",
    "/servlet?p=login&q=loginForm&jumpto=status",
)
LOGIN = "/servlet?m=mod_listener&p=login&q=login"
LOGOUT = "/servlet?m=mod_listener&p=login&q=logout"
JSON_INFO = "/api/common/info?p=Login"
JSON_LOGIN = "/api/auth/login?p=Login"
JSON_LOGOUT = "/api/auth/logout?p=Login"
_KEY_IDS = ["wui.common.rsaN", "wui.common.rsaE"]
KEYS = json.dumps({"idlist": _KEY_IDS})
"""Asks the JSON interface for the key that passwords are encrypted for; no log-in is needed for that."""
FORM = "application/x-www-form-urlencoded"
JSON = "application/json;charset=UTF-8"

_MODULUS = re.compile(r"""g_rsa_n\s*=\s*["']([0-9A-Fa-f]+)["']""")
_EXPONENT = re.compile(r"""g_rsa_e\s*=\s*["']([0-9A-Fa-f]+)["']""")
_SCHEME = "__WUI_ENC__:"


def browser(origin: str, kind: str) -> dict[str, str]:
    """The headers that a page of the phone would send along."""
    return {"Content-Type": kind, "Origin": origin, "Referer": f"{origin}/"}


def speaks_json(status: int, text: str) -> bool:
    """Whether the phone that answered so to `KEYS` is of the JSON generation."""
    return status != 404 and text.lstrip().startswith("{")


def json_form(keys: str, account: str, password: Secret) -> str:
    """The form that logs in to the JSON interface which answered so to `KEYS`.

    Builds that show no key take the password as it is. Raises `ValueError` for an answer, or a key, that is none.
    """
    answer = json.loads(keys)
    data = answer.get("data") if isinstance(answer, dict) else None
    found = [data.get(name) for name in _KEY_IDS] if isinstance(data, dict) else [None]
    plain = password.reveal()
    sent = _SCHEME + PhoneKey(*map(str, found)).sealed(plain) if all(found) else plain
    return urlencode({"username": account, "pwd": sent})


def page_key(page: str) -> PhoneKey | None:
    """The key that a page of the servlet generation shows; None where it shows none. Raises `ValueError`."""
    modulus, exponent = _MODULUS.search(page), _EXPONENT.search(page)
    return PhoneKey(modulus[1], exponent[1]) if modulus and exponent else None


def servlet_form(page: str, session: str, account: str, password: Secret) -> str:
    """The form that logs in to the servlet generation, in the shape that its page asks for.

    `session`: the JSESSIONID. Raises `ValueError` for a key that is none.
    """
    key, plain = page_key(page), password.reveal()
    fields = {"pwd": plain}
    if key is not None:
        fields = (
            yealink_keys.sealed_in_aes(key, session, plain) if "rsakey" in page else {"pwd": key.sealed(plain)}
        )
    return urlencode({"username": account, **fields})
