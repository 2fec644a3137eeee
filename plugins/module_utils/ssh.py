# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One SSH connection to a device, up to the log-in: in limited time, and with a host key that is known.

Nothing here says anything to a device before its host key is checked, looks for keys or asks an agent.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from .errors import DeviceError, LoginRefused, NotTrusted, Unreachable, Unsupported

MISSING: ImportError | None = None
"""Why nothing here can be used: paramiko is not installed where this runs."""
try:
    import paramiko
except ImportError as error:
    MISSING = error

_LOG = "voip.hardening.ssh"
logging.getLogger(_LOG).disabled = True  # paramiko prints tracebacks of whatever ends a connection

_NO_BANNER = "Error reading SSH protocol banner"
"""How paramiko begins to say that a server's first line is none of SSH's; what follows is of its inner life."""

_LEGACY = {
    "kex": ("diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"),
    "ciphers": ("aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"),
    "digests": ("hmac-md5", "hmac-sha1-96", "hmac-md5-96"),
    "key_types": ("ssh-rsa",),
}
"""What OpenSSH gave up too, by the names of paramiko's security options."""
_RSA = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")
"""Algorithms of a host key of the kind ssh-rsa, the good ones first."""


class HostKeys(Protocol):
    """What is known of a device's host key: the kinds to ask for first, and a check that raises `NotTrusted`."""

    kinds: tuple[str, ...]

    def check(self, kind: str, blob: bytes) -> None: ...


def both_ends(sock: socket.socket) -> tuple[str, str]:
    """The local and the peer's address of a connected socket, from which nothing is kept waiting from now on."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock.getsockname()[0], sock.getpeername()[0]


def login_refused(where: str, what: str) -> LoginRefused:
    """The error for credentials that were refused."""
    return LoginRefused(
        f"{where}: the unit refused the {what}. It is not tried again: units ban an address after some failures"
    )


class Link:
    """A connection that is made, and bounded, by its caller: `with link.limited(...): link.connect()`.

    `proof`: what the log-in gives besides the user name, for the error that says that it was refused. `legacy` admits
    algorithms that are broken.
    """

    def __init__(
        self, host: str, port: int, username: str, host_keys: HostKeys, *, legacy: bool = False, proof: str = "password"
    ) -> None:
        self.where = f"{host}:{port}"
        self.proof = proof
        self.transport: Any = None
        self.local_address = ""
        self.peer_address = ""
        self._peer = (host, port)
        self._username = username
        self._host_keys = host_keys
        self._legacy = legacy
        self._until = 0.0
        self._socket: socket.socket | None = None

    @contextmanager
    def limited(self, until: float, late: str, broken: str = "no connection: {}") -> Iterator[None]:
        """End what is done within at this instant of `time.monotonic`; whatever goes wrong there hangs up.

        `late` and `broken` are what is said then, of the time and of the connection (`{}` is what happened to it).
        Raises `Unreachable`, `NotTrusted`, `LoginRefused` and `Unsupported`.
        """
        self._until = until
        watchdog = threading.Timer(until - time.monotonic(), self._abort)
        watchdog.daemon = True
        watchdog.start()  # paramiko waits for some answers without any limit
        try:
            yield
        except (EOFError, OSError, paramiko.SSHException) as error:
            explained = self._explained(error, late, broken)
            self.close()
            raise explained from None
        except BaseException:
            self.close()
            raise
        finally:
            watchdog.cancel()

    def connect(self) -> None:
        """Connect, agree on algorithms and check the host key. Within `limited`."""
        left = self._until - time.monotonic()
        self._socket = socket.create_connection(self._peer, timeout=max(left, 0.001))
        self.local_address, self.peer_address = both_ends(self._socket)
        self.transport = transport = paramiko.Transport(self._socket)
        transport.set_log_channel(_LOG)
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = left
        self._choose_algorithms(transport.get_security_options())
        transport.start_client(timeout=left)
        key = transport.get_remote_server_key()
        self._host_keys.check(key.get_name(), key.asbytes())

    def close(self) -> None:
        """Hang up."""
        for part in (self.transport, self._socket):
            if part is not None:
                part.close()

    def refused(self, why: str = "") -> LoginRefused:
        """The error for the credentials of this log-in."""
        return login_refused(self.where, f"user name or {self.proof} of {self._username!r}{why}")

    def _choose_algorithms(self, options: Any) -> None:
        if not self._legacy:
            for kind, names in _LEGACY.items():
                setattr(options, kind, tuple(name for name in getattr(options, kind) if name not in names))
        known = [name for kind in self._host_keys.kinds for name in (_RSA if kind == "ssh-rsa" else (kind,))]
        options.key_types = tuple(sorted(options.key_types, key=lambda name: name not in known))

    def _explained(self, error: Exception, late: str, broken: str) -> DeviceError:
        """What went wrong, in the user's words."""
        what = str(error) or type(error).__name__
        if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
            return self._incompatible(what)
        if time.monotonic() >= self._until or isinstance(error, TimeoutError):
            return Unreachable(f"{self.where}: {late}")
        if isinstance(error, paramiko.BadAuthenticationType):
            return LoginRefused(
                f"{self.where}: the unit takes no {self.proof}, but {', '.join(error.allowed_types) or 'nothing else'}"
            )
        if isinstance(error, paramiko.AuthenticationException):
            return self.refused("" if self.transport.is_active() else ", or hung up for another reason")
        if isinstance(error, OSError):
            what = error.strerror or what
        if what.startswith(_NO_BANNER):
            what = "what answers does not speak SSH, or hung up at once"
        return Unreachable(f"{self.where}: {broken.format(what)}")

    def _incompatible(self, what: str) -> DeviceError:
        if self._legacy:
            return Unsupported(
                f"{self.where}: nothing in common with what the unit offers: {what}. paramiko {paramiko.__version__} "
                "is installed; versions from 5 on know no SHA-1 any more"
            )
        return NotTrusted(
            f"{self.where}: the unit offers nothing that is trusted: {what}. Old firmware knows broken algorithms "
            "only; legacy_ssh admits them"
        )

    def _abort(self) -> None:
        """Make whatever waits for the unit end with an error, from the watchdog's thread."""
        if self._socket is not None:
            with suppress(OSError):  # it was closed at the same moment
                self._socket.shutdown(socket.SHUT_RDWR)
