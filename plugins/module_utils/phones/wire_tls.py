# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire: which versions of TLS a port of a phone offers, and its certificate. No credentials ever go this way."""

from __future__ import annotations

import socket
import ssl
import warnings
from dataclasses import dataclass, field
from functools import cache

from .patience import NoAnswer, Patience
from .wire_ports import Place

VERSIONS: tuple[str, ...] = ("TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3")
"""The names that `ssl.TLSVersion` has for them, the oldest first."""


@dataclass(slots=True)
class TlsOffer:
    """Versions that a port took, refused, or said nothing about, and its certificate (DER)."""

    offered: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unclear: dict[str, str] = field(default_factory=dict)
    certificate: bytes = b""


def look(place: Place, port: int, patience: Patience) -> TlsOffer:
    """One handshake for each version."""
    offer = TlsOffer()
    for version in VERSIONS:
        try:
            with connected(place, port, probing_context(version), patience) as sock:
                offer.offered.append(version)
                offer.certificate = offer.certificate or sock.getpeercert(binary_form=True) or b""
        except NoAnswer as error:
            if error.silent:
                offer.unclear[version] = str(error)
            else:
                offer.refused.append(version)
    return offer


def connected(place: Place, port: int, context: ssl.SSLContext, patience: Patience) -> ssl.SSLSocket:
    """A connection over TLS. Raises `NoAnswer`."""
    sock = open_stream(place, port, patience)
    try:
        with patience.holding(sock):
            return context.wrap_socket(sock, server_hostname=None)
    except TimeoutError:
        sock.close()
        raise NoAnswer(f"port {port}: no TLS handshake in time", silent=True) from None
    except OSError as error:  # ssl.SSLError among them
        sock.close()
        raise NoAnswer(f"port {port}: no TLS: {getattr(error, 'reason', None) or error.strerror or error}") from None


def open_stream(place: Place, port: int, patience: Patience) -> socket.socket:
    """A TCP connection. Raises `NoAnswer`."""
    sock = place.socket(socket.SOCK_STREAM)
    try:
        sock.settimeout(patience.seconds())
        with patience.holding(sock):
            sock.connect((place.address, port))
    except TimeoutError:
        sock.close()
        raise NoAnswer(f"port {port}: no connection in time", silent=True) from None
    except OSError as error:
        sock.close()
        raise NoAnswer(f"port {port}: no connection: {error.strerror or error}") from None
    except NoAnswer:
        sock.close()
        raise
    return sock


@cache
def probing_context(version: str = "") -> ssl.SSLContext:
    """A context that talks to anything, also to a phone that knows TLS 1.0 and a 1024-bit key alone.

    OpenSSL 3 refuses those at its usual security level, so that a probe without this would report the worst phones as
    closed (measured with OpenSSL 3.0). `version`: that one alone. Never to be used for credentials.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what we look for
        context.minimum_version = ssl.TLSVersion[version or VERSIONS[0]]
        context.maximum_version = ssl.TLSVersion[version or VERSIONS[-1]]
    return context


@cache
def login_context() -> ssl.SSLContext:
    """For log-ins with default credentials: TLS 1.2 and up, with the usual ciphers.

    The certificate is not verified. Phones have one of their vendor's for their MAC address, and everything that is
    sent is public.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
