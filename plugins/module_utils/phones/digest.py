# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to the challenges of HTTP authentication, Digest (RFC 7616) by the standard library, and Basic. Pure."""

from __future__ import annotations

import base64
import urllib.request

from ..secret import Secret


def basic(account: str, password: Secret) -> str:
    """The header that shows account and password as they are."""
    text = f"{account}:{password.reveal()}"
    return f"Basic {base64.b64encode(text.encode()).decode()}"


class Credentials:
    """One account at one origin (`https://host:port`). A challenge is kept, and answered with every request."""

    def __init__(self, origin: str, account: str, password: Secret) -> None:
        self._origin = origin
        self._account = account
        self._password = password
        self._challenge: dict[str, str] | None = None
        keyring = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        keyring.add_password(None, origin, account, password.reveal())
        self._handler = urllib.request.AbstractDigestAuthHandler(keyring)

    def take(self, headers: str) -> bool:
        """Take the WWW-Authenticate headers of an answer, one a line: Digest where it is offered, or else Basic.

        Returns whether the phone only wants a fresh answer, the one before having been right.
        """
        line = next((line for line in headers.split("\n") if line.lower().startswith("digest ")), None)
        self._challenge = None
        if line is not None:
            self._challenge = urllib.request.parse_keqv_list(urllib.request.parse_http_list(line.partition(" ")[2]))
        return self._challenge is not None and self._challenge.get("stale", "").lower() == "true"

    def answer(self, method: str, path: str) -> str:
        """The Authorization header of a request. Raises `ValueError` for a challenge that is not understood."""
        if self._challenge is None:
            return basic(self._account, self._password)
        request = urllib.request.Request(self._origin + path, method=method)
        try:
            answer = self._handler.get_authorization(request, self._challenge)
        except OSError:  # what the library raises for a quality of protection that it does not know
            answer = None
        if not answer:
            raise ValueError("a Digest challenge that is not understood")
        return f"Digest {answer}"
