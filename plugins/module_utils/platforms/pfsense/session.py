# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a pfSense: one SSH connection whose host key is known, one log-in, requests and their answers.

A request is one exec channel: `php` gets the program through standard input. Nothing is started in a shell of ours, as
accounts have `/bin/sh` behind a menu or `tcsh`.

Sources: pfSense RELENG_2_7_2 src/etc/inc/auth.inc (login shells), src/etc/rc.initial (`-c`), src/etc/sshd (ways to log
in); sudo(8); FreeBSD sh(1), tcsh(1) and nologin(8) for what they say.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from ... import ssh
from ...errors import DeviceError, LoginRefused, Misunderstood, Refused, Unreachable, Unsupported
from ...hostkeys import SSH_PORT, HostKeys
from ...secret import CUT
from ...target import Target
from .program import answer, program

with suppress(ImportError):
    import paramiko

PHP = "/usr/local/bin/php"
_LONGEST_ANSWER = 120.0
"""Seconds. A unit that takes longer for one request is gone: a change may have closed the way that we came by."""
_LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes. Sections of a large site have some hundred thousand."""
_LARGEST_COMPLAINT = 65536
"""Bytes that are kept of what comes on standard error."""
_PIECE = 65536
_SHOWN = 500
"""Characters that an error shows of what a device said."""
_ALL_POWERFUL = ("admin", "root")
"""Accounts with uid 0."""

_COMPLAINTS: tuple[tuple[str, type[DeviceError], str], ...] = (
    (
        r"sudo: .*password is required|sudo: .*terminal is required",
        LoginRefused,
        "sudo asks {user!r} for a password: it must be allowed to run {php} without one (NOPASSWD), or log in as admin",
    ),
    (
        r"sudo: .*not allowed|may not run sudo|is not allowed to (?:run|execute)|not in the sudoers file",
        LoginRefused,
        "sudo does not allow {user!r} to run {php}: allow it in the settings of the package sudo, or log in as admin",
    ),
    (
        r"^(?:.*: )?sudo: (?:command )?not found",
        LoginRefused,
        "{user!r} is not uid 0 and there is no sudo: install the package sudo, or log in as admin",
    ),
    (
        r"account is (?:currently )?not available",
        LoginRefused,
        "the shell of {user!r} runs no commands: give it the privilege 'User - System: Shell account access'",
    ),
    (
        r"/usr/local/bin/php: (?:command )?not found|/usr/local/bin/php.*no such file",
        Unsupported,
        "there is no {php}: this is no pfSense",
    ),
)
"""What stands on standard error in place of an answer, and what that means."""


class RequestRefused(Refused):
    """The device did not do what a request asks for. `code` says why in one word, as the program has them:

    `changed`: the configuration is not the one that was read. `lock`: another run is busy. `write`: nothing was
    written. `load`: the rules could not be loaded, or something else not be applied, and the configuration was put
    back. `missing`: there is no copy to put back. `unknown-op`. `exception`: anything else; what was done is not known.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Session:
    """A logged-in connection. Use as a context manager; `requests` counts what was sent, the log-in included.

    Everything raises `Unreachable` when the time for the device is over or the connection breaks. After an error of the
    connection nothing more is sent.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.requests = 0
        self.local_address = ""
        self.peer_address = ""
        self._where = f"{target.host}:{target.port or SSH_PORT}"
        self._deadline = time.monotonic() + target.timeout
        self._link: ssh.Link | None = None

    def __enter__(self) -> Session:
        self.requests += 1
        self._link = link = connect(self.target, self._deadline)
        self.local_address, self.peer_address = link.local_address, link.peer_address
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; never raises."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request: `op` and what that operation needs.

        Raises `RequestRefused` where the device did not do it, and `LoginRefused` or `Unsupported` where the account or
        the device cannot run the program. After `Misunderstood` the next request may be sent: each has a channel of
        its own. The connection is closed after `Unreachable`.
        """
        name = request["op"]
        link, left = self._usable(name)
        seconds = min(left, _LONGEST_ANSWER)
        late = f"no complete answer to `{name}` within {seconds:.3g} s (timeout)"
        broken = f"the connection broke while waiting for the answer to `{name}`"
        try:
            with link.limited(time.monotonic() + seconds, late, broken):
                said, complaint, code = _carried_out(link, self._command, program(request))
        except (Misunderstood, Unreachable):  # too long an answer is not read to its end
            self.close()
            raise
        found = self._understood(name, said, complaint, code)
        if not found["ok"]:
            message = _shown(str(found.get("message", "")))
            raise RequestRefused(f"{self._where}: `{name}`: {message}", str(found.get("error", "")))
        return found

    @property
    def _command(self) -> str:
        return PHP if self.target.username in _ALL_POWERFUL else f"sudo -n {PHP}"

    def _usable(self, name: str) -> tuple[ssh.Link, float]:
        """The connection and the seconds that are left. Counts the request."""
        left = self._deadline - time.monotonic()
        if self._link is None:
            raise Unreachable(f"{self._where}: `{name}` was not sent: the connection is closed")
        if left <= 0:
            raise Unreachable(
                f"{self._where}: `{name}` was not sent: the {self.target.timeout:g} s allowed for the device are over "
                "(timeout)"
            )
        self.requests += 1
        return self._link, left

    def _understood(self, name: str, said: bytes, complaint: str, code: int) -> dict[str, Any]:
        try:
            return answer(said)
        except Misunderstood as error:
            problem = error
        for pattern, kind, meaning in _COMPLAINTS:
            if re.search(pattern, f"{complaint}\n{said[:_SHOWN].decode('utf-8', 'replace')}", _FLAGS):
                raise kind(f"{self._where}: {meaning.format(user=self.target.username, php=PHP)}")
        if code and not said.strip() and not complaint.strip():
            # scponly and shells of its kind say nothing at all.
            raise LoginRefused(
                f"{self._where}: the shell of {self.target.username!r} ran no command (it ended with {code}): give it "
                "the privilege 'User - System: Shell account access'"
            )
        more = f" (ended with {code}, error output {_shown(complaint)!r})" if code or complaint.strip() else ""
        raise Misunderstood(f"{self._where}: `{name}`: {problem}{more}")


_FLAGS = re.IGNORECASE | re.MULTILINE


def connect(target: Target, deadline: float) -> ssh.Link:
    """Log in, once; `deadline` is an instant of `time.monotonic`, and `connect_timeout` ends it before.

    Raises `Unreachable`, `NotTrusted`, `LoginRefused` and `Unsupported`.
    """
    port = target.port or SSH_PORT
    if ssh.MISSING is not None:
        raise Unreachable(
            f"{target.host}:{port}: no connection: pfSense needs the Python library paramiko where this runs "
            f"({ssh.MISSING})"
        )
    key = _key(target.private_key_file)
    seconds = min(target.connect_timeout, deadline - time.monotonic())
    link = ssh.Link(target.host, port, target.username, HostKeys(target, port), legacy=target.legacy_ssh)
    with link.limited(time.monotonic() + seconds, f"no connection within {seconds:.3g} s"):
        link.connect()
        _log_in(link, target, key)
    return link


def _key(file: str) -> Any:
    """The key in this file, None without one. Raises `LoginRefused`."""
    if not file:
        return None
    try:
        return paramiko.PKey.from_path(file)
    except OSError as error:
        why = error.strerror or str(error)
    except (paramiko.PasswordRequiredException, TypeError):
        why = "the key has a passphrase, and keys with one are not taken"
    except (paramiko.SSHException, paramiko.pkey.UnknownKeyType, ValueError):
        why = "this is no SSH key that is known"
    raise LoginRefused(f"private_key_file {file!r}: {why}")


def _log_in(link: ssh.Link, target: Target, key: Any) -> None:
    """Give the key, and the password where the unit wants that too or does not take the key. Either is given once.

    What the unit takes is asked for first: sshd writes a password that it does not take at all down as a failed one,
    and sshguard shuts out whoever has some of them.
    """
    further = _offered(link, target.username)
    if key is not None and (not target.password or "publickey" in further):
        link.proof = "key"
        if "publickey" not in further:
            raise paramiko.BadAuthenticationType("", further)
        try:
            further = link.transport.auth_publickey(target.username, key)
        except paramiko.AuthenticationException:
            if not target.password or not link.transport.is_active() or further == ["publickey"]:
                raise
    if further and target.password:
        link.proof = "password"
        further = _by_password(link, target, further)
    if further:
        raise link.refused(f", or wants more than them ({', '.join(further)})")


def _offered(link: ssh.Link, username: str) -> list[str]:
    """The ways to log in that the unit names; none where it lets anybody in."""
    try:
        offered: list[str] = link.transport.auth_none(username)
    except paramiko.BadAuthenticationType as error:
        offered = error.allowed_types
    return offered


def _by_password(link: ssh.Link, target: Target, offered: list[str]) -> list[str]:
    """Give the password, in the way that the unit has for it. Returns what it wants besides."""
    password = target.password.reveal()
    if "password" in offered:
        further: list[str] = link.transport.auth_password(target.username, password, fallback=False)
        return further
    if "keyboard-interactive" not in offered:
        raise paramiko.BadAuthenticationType("", offered)
    asked = 0

    def reply(_title: str, _instructions: str, fields: list[tuple[str, bool]]) -> list[str]:
        nonlocal asked
        asked += len(fields)
        if asked > 1:
            raise paramiko.AuthenticationException("it asks again")
        return [password for _field in fields]

    further = link.transport.auth_interactive(target.username, reply)
    return further


def _carried_out(link: ssh.Link, command: str, text: str) -> tuple[bytes, str, int]:
    """What a command says when it gets this text: standard output, standard error, and the code that it ends with."""
    channel = link.transport.open_session()
    channel.exec_command(command)
    with suppress(OSError):  # it may have ended before, and says why
        channel.sendall(text.encode())
        channel.shutdown_write()
    said, complaint = bytearray(), bytearray()
    poll = select.poll()
    poll.register(channel.fileno(), select.POLLIN)
    while True:
        ended = channel.eof_received or channel.closed
        while channel.recv_ready():
            said += channel.recv(_PIECE)
            if len(said) > _LARGEST_ANSWER:
                raise Misunderstood(f"{link.where}: the answer has more than {_LARGEST_ANSWER} bytes")
        while channel.recv_stderr_ready():
            complaint += channel.recv_stderr(_PIECE)[: _LARGEST_COMPLAINT - len(complaint)]
        if ended:
            break
        poll.poll()
    code = channel.recv_exit_status()
    channel.close()
    if not link.transport.is_active():
        raise EOFError
    return bytes(said), complaint.decode("utf-8", "replace"), code


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + CUT
