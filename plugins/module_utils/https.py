# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTPS connection to a device whose certificate is verified, or compared with a pinned one."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from .errors import NotListening, NotTrusted, Unreachable
from .policy.reading import Report
from .target import Target

_FINGERPRINT = re.compile(r"[0-9a-f]{64}", re.ASCII)


class HttpsConnection(http.client.HTTPSConnection):
    """An HTTPS connection that checks a pinned certificate and can be ended from another thread.

    `names`: whether a verified certificate has to bear the host's name; who says no looks at it himself.
    """

    sock: Any

    def __init__(self, target: Target, names: bool = True) -> None:
        self._target = target
        super().__init__(target.host, target.port or 443, context=_context(target, names))
        self.auto_open = 0  # connections are made by connect_checked only

    def connect_checked(self, remaining: float) -> None:
        """Connect within `remaining` seconds. Raises `NotTrusted`, `Unreachable`."""
        target = self._target
        where = f"{target.host}:{self.port}"
        self.timeout = min(target.connect_timeout, remaining)
        try:
            self.connect()
        except ssl.SSLCertVerificationError as error:
            raise NotTrusted(
                f"{where}: the certificate is not trusted: {error.verify_message}. Name its issuer (ca_path) or pin "
                "its SHA-256 fingerprint (fingerprint)"
            ) from None
        except ssl.SSLError as error:
            raise Unreachable(f"{where}: no TLS connection: {error.reason or error}") from None
        except TimeoutError:
            raise Unreachable(f"{where}: no connection within {self.timeout:g} s") from None
        except ConnectionRefusedError as error:
            raise NotListening(f"{where}: no connection: {error.strerror or error}") from None
        except OSError as error:
            raise Unreachable(f"{where}: no connection: {error.strerror or error}") from None
        if target.fingerprint:
            self._check_fingerprint(where)

    def _check_fingerprint(self, where: str) -> None:
        seen = hashlib.sha256(self.sock.getpeercert(binary_form=True)).hexdigest()
        if not hmac.compare_digest(seen, plain_fingerprint(self._target.fingerprint)):
            self.close()
            raise NotTrusted(
                f"{where}: the certificate's SHA-256 fingerprint is {seen}, not the pinned one. If the certificate was "
                "renewed, compare it on the unit before you pin the new one"
            )

    def abort(self) -> None:
        """Make a blocked read or write return with an error, from whichever thread."""
        sock = self.sock
        if sock is not None:
            with suppress(OSError):  # it was closed at the same moment
                sock.shutdown(socket.SHUT_RDWR)


def check_pin(params: Mapping[str, Any], report: Report) -> None:
    """Report what is no fingerprint of a certificate."""
    pin = plain_fingerprint(params.get("fingerprint") or "")
    if pin and not _FINGERPRINT.fullmatch(pin):
        report.reject("fingerprint", params["fingerprint"], "a SHA-256 fingerprint, 64 hexadecimal digits")


def plain_fingerprint(text: str) -> str:
    """A fingerprint in lower-case hexadecimal without separators or a leading `sha256:`."""
    return text.lower().removeprefix("sha256:").replace(":", "").replace(" ", "")


@cache
def trusting_context(ca_path: str = "", names: bool = True) -> ssl.SSLContext:
    """A context that verifies against the system's authorities, or against those in the file or folder `ca_path`.

    Made once a process: loading the system's authorities takes tens of milliseconds.
    """
    from pathlib import Path

    folder = Path(ca_path).is_dir() if ca_path else False
    context = ssl.create_default_context(
        cafile=None if folder or not ca_path else ca_path, capath=ca_path if folder else None
    )
    context.check_hostname = names
    return context


def _context(target: Target, names: bool) -> ssl.SSLContext:
    if target.validate_certs and not target.fingerprint:
        try:
            return trusting_context(target.ca_path, names)
        except OSError as error:
            raise NotTrusted(f"ca_path {target.ca_path!r}: {error.strerror or error}") from None
    return unverified_context()


@cache
def unverified_context() -> ssl.SSLContext:
    """For a pinned certificate, which is compared after the handshake, and for users who ask for no verification."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
