# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire: whether a Poly's REST interface is on, and one log-in with a default pair, by REST or by the web page.

Source: rdbahm/Posh-UCS and zacs/ha-polycom_speakerphone. REST takes Digest, older builds Basic; the first answer says
which.
"""

from __future__ import annotations

from typing import Literal

from . import digest
from .digest import Credentials
from .logins import Outcome, Pair, poly_rest, poly_web
from .patience import NoAnswer
from .wire_http import Reply, Web

REST = "/api/v1/mgmt/device/info"
_LOGIN = "/form-submit/auth.htm"
_ADMINISTRATOR = "Polycom"
"""The one account that REST has."""

RestState = Literal["on", "off", "unclear"]


def rest_state(reply: Reply) -> RestState:
    """What the answer to a request for `REST` without credentials says."""
    if reply.status in (401, 403):
        return "on"
    return "off" if reply.status == 404 else "unclear"


def try_pair(web: Web, pair: Pair) -> Outcome:
    """The outcome of one log-in. Raises `NoAnswer`."""
    if pair.account == _ADMINISTRATOR:
        challenge = web.ask("GET", REST)
        if rest_state(challenge) == "on" and "www-authenticate" in challenge.headers:
            answer = _rest(web, pair, challenge)
            return poly_rest(answer.status, answer.text)
    return _web(web, pair)


def _rest(web: Web, pair: Pair, challenge: Reply) -> Reply:
    credentials = Credentials(web.origin, pair.account, pair.password)
    credentials.take(challenge.headers["www-authenticate"])
    try:
        answer = credentials.answer("GET", REST)
    except ValueError as error:
        raise NoAnswer(f"GET {REST}: {error}") from None
    return web.ask("GET", REST, None, {"Authorization": answer})


def _web(web: Web, pair: Pair) -> Outcome:
    basic = digest.basic(pair.account, pair.password)
    headers = {
        "Authorization": basic,
        "Cookie": f"Authorization={basic}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = web.ask("POST", _LOGIN, "", headers)
    return poly_web(answer.status, answer.text)
