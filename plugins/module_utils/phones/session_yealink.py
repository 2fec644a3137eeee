# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire to a Yealink: whichever generation of the web interface it has, by one log-in that is always left again."""

from __future__ import annotations

from ..errors import Misunderstood
from ..secret import Secret
from ..target import Target
from . import yealink_keys
from .session import Session, WebSession
from .session_yealink_json import JsonSession
from .session_yealink_servlet import ServletSession
from .yealink_web import JSON, JSON_INFO, KEYS, browser, speaks_json


def open_yealink(target: Target, mac: str, username: str, password: Secret) -> Session:
    """Log in once.

    Raises `LoginRefused`, `Unavailable` where the phone is locked or has no session left, `Misunderstood` where it
    answers neither yes nor no, and what `WebSession.ask` does.
    """
    if yealink_keys.MISSING is not None:
        raise Misunderstood(f"the library cryptography is needed to log in to a Yealink: {yealink_keys.MISSING}")
    web = WebSession(target, mac)
    try:
        keys = web.ask("POST", JSON_INFO, KEYS.encode(), browser(web.origin, JSON))
        if speaks_json(keys.status, keys.text):
            return JsonSession(web, keys.text, username, password)
        return ServletSession(web, username, password)
    except BaseException:
        web.hang_up()
        raise
