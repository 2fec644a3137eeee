# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device proves itself with, and which platform it may be, before anybody logs in.

Nothing secret is sent here, since nobody has looked at the proof yet.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import socket
import time
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

from .. import ssh
from ..errors import DeviceError, NotTrusted, Unreachable, Unsupported
from ..hostkeys import plain_fingerprint as plain_key
from ..https import HttpsConnection
from ..https import plain_fingerprint as plain_certificate
from ..policy.reading import plain
from ..target import Target
from .recognition import API_STATUS, AUTO, TITLES, WAYS, Wire, by_https, by_ssh

_PATIENCE = 3.0
"""Seconds that an SSH server gets to speak first; a TLS server waits for us."""
_SHOWN = 60
"""Characters that are shown of what a server calls itself."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What was seen of a device: how to reach it, what it may be, and what it proves itself with.

    `platform`: "" where it is none that is known. `says`: what it answered, for people. `proof`: "certificate" or
    "host key"; `fingerprint` is its SHA-256, in the form in which `voip_fingerprint` takes it. `kind`: of the key.
    """

    platform: str
    port: int
    says: str
    proof: str
    kind: str
    fingerprint: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def look(target: Target, platform: str) -> Contact:
    """The first contact with a device, `platform` being what it should be, or "auto".

    Raises `Unreachable`, `NotTrusted` (broken algorithms) and `Unsupported` where it is not that platform, or none.
    """
    if platform != AUTO:
        return _as_it_should_be(target, platform)
    if target.port is not None:
        contact = _CONTACTS[_wire_at(target)](target)
        if contact.platform:
            return contact
        raise Unsupported(f"{target.host}:{contact.port}: this is {_none()}: {contact.says}")
    return _wherever_it_answers(target)


def matches(contact: Contact, fingerprint: str) -> bool:
    """Whether this is the fingerprint of what the device proves itself with, however it is spelled."""
    spelled = plain_certificate if contact.proof == "certificate" else plain_key
    return spelled(plain(fingerprint)) == spelled(contact.fingerprint)


def _as_it_should_be(target: Target, platform: str) -> Contact:
    contact = _CONTACTS[WAYS[platform].wire](target)
    # An SSH server's name is a hint, and the user knows better; what answers HTTPS would be handed a password.
    if WAYS[platform].wire == "tls" and contact.platform != platform:
        raise Unsupported(f"{target.host}:{contact.port}: this is not {TITLES[platform]}: {contact.says}")
    return replace(contact, platform=platform)


def _wherever_it_answers(target: Target) -> Contact:
    """The first of the usual ports at which something answers that may be one of the platforms."""
    failures: list[DeviceError] = []
    said: list[str] = []
    for wire, port in dict.fromkeys(WAYS.values()):
        try:
            contact = _CONTACTS[wire](replace(target, port=port))
        except DeviceError as error:
            failures.append(error)
            continue
        if contact.platform:
            return contact
        said.append(f"port {port}: {contact.says}")
    if said:
        raise Unsupported(f"{target.host}: this is {_none()}: {'; '.join([*said, *map(str, failures)])}")
    kind = type(failures[0]) if len({type(error) for error in failures}) == 1 else Unreachable
    raise kind("; ".join(map(str, failures)))


def _none() -> str:
    return f"neither {', nor '.join(TITLES.values())}"


def _wire_at(target: Target) -> Wire:
    """Whether it is an SSH server: those speak first."""
    where = f"{target.host}:{target.port}"
    try:
        with socket.create_connection((target.host, target.port or 0), timeout=target.connect_timeout) as sock:
            sock.settimeout(min(_PATIENCE, target.connect_timeout))
            try:
                return "ssh" if sock.recv(4) == b"SSH-" else "tls"
            except TimeoutError:
                return "tls"
    except TimeoutError:
        raise Unreachable(f"{where}: no connection within {target.connect_timeout:g} s") from None
    except OSError as error:
        raise Unreachable(f"{where}: no connection: {error.strerror or error}") from None


def _by_tls(target: Target) -> Contact:
    connection = HttpsConnection(replace(target, validate_certs=False, fingerprint=""))
    where = f"{target.host}:{connection.port}"
    with closing(connection):
        connection.connect_checked(target.connect_timeout)
        certificate: bytes = connection.sock.getpeercert(binary_form=True)
        digest = hashlib.sha256(certificate).hexdigest()
        try:
            connection.request("GET", API_STATUS)
            status = connection.getresponse().status
        except http.client.BadStatusLine:
            status = 0
        except (OSError, http.client.HTTPException) as error:
            why = f"the connection broke: {error or type(error).__name__}"
            raise Unreachable(f"{where}: GET {API_STATUS}: {why}") from None
        port = int(connection.port)
    answer = f"HTTP {status}" if status else "something that is no HTTP"
    says = f"GET {API_STATUS} without log-in is answered with {answer}"
    pairs = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)).upper()
    return Contact(by_https(status), port, says, "certificate", "", pairs)


class _Seen:
    """Keeps the host key that a device shows, whichever it is."""

    kinds: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.kind, self.fingerprint = "", ""

    def check(self, kind: str, blob: bytes) -> None:
        self.kind = kind
        self.fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _by_ssh(target: Target) -> Contact:
    port = target.port or WAYS["pfsense"].port
    if ssh.MISSING is not None:
        raise Unreachable(
            f"{target.host}:{port}: no connection: SSH needs the Python library paramiko where this runs "
            f"({ssh.MISSING})"
        )
    seen = _Seen()
    link = ssh.Link(target.host, port, "", seen, legacy=target.legacy_ssh)
    with link.limited(time.monotonic() + target.connect_timeout, f"no connection within {target.connect_timeout:g} s"):
        link.connect()
        identification = str(link.transport.remote_version)
    link.close()
    if not seen.fingerprint:
        raise NotTrusted(f"{target.host}:{port}: it showed no host key")
    name = identification[:_SHOWN]
    return Contact(by_ssh(identification), port, f"it calls itself {name!r}", "host key", seen.kind, seen.fingerprint)


_CONTACTS = {"tls": _by_tls, "ssh": _by_ssh}
