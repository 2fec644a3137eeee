# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a Vigor: one connection whose host key is known, one log-in, allowed lines and their answers.

Sources: Vigor3912 Series User's Guide 1.01 part VIII and live captures of a Vigor3912S 4.4.7_RC2 for how units say that
they did not do something. They have no common way to, so that every write is to be read back all the same.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os.path
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Protocol

from ...errors import DeviceError, Misunderstood, NotTrusted, Refused, Unreachable
from ...secret import CUT
from ...target import Target
from .commands import Command, NotAllowed, allowed, command
from .words import unbroken

_LONGEST_ANSWER = 60.0
"""Seconds. A unit that takes longer for one line is gone: a change may have closed the way that we came by."""
_LONGEST_FAREWELL = 5.0
"""Seconds that a unit may take to restart before the connection is given up."""
_SHOWN_LINES, _SHOWN = 3, 200
"""Lines and characters that an error shows of an answer."""
_NO_PAGER = command("sys mpage disable")
_RESTART = command("sys reboot")

_FAILURE = re.compile(
    r"^\s*(?:%+\s*(?:invalid|unknown|incomplete|error|command not found|valid subcommands)\b"
    r"|(?:invalid|unknown) (?:command|input|parameter|argument|option)\b"
    r"|command not found|enable server fail)",
    re.IGNORECASE | re.MULTILINE,
)
_USAGE = re.compile(r"^[\s%]*(?:command )?(?:usage|usg|syntax)\s*:", re.IGNORECASE | re.MULTILINE)
_SHOWS_ITS_USAGE = ("srv dhcp dns1 ", "srv dhcp dns2 ")
"""Lines that are answered with their own usage even when they worked, and with the value that is in force now."""
_PORTS = {"ssh": 22, "telnet": 23}
_USUAL_FILES = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")


class Connection(Protocol):
    """A logged-in connection, as `driver` has them."""

    local_address: str
    peer_address: str

    def run(self, text: str, timeout: float) -> str: ...

    def close(self) -> None: ...


def connect(target: Target, deadline: float) -> Connection:
    """Log in, once; `deadline` is an instant of `time.monotonic`, and `connect_timeout` ends it before.

    Raises `Unreachable`, `NotTrusted`, `LoginRefused` and `Unsupported`.
    """
    port = target.port or _PORTS[target.transport]
    from . import driver  # not before it is needed: whoever works offline needs none of its libraries

    if driver.MISSING is not None:
        raise Unreachable(
            f"{target.host}:{port}: no connection: Vigor routers need the Python library netmiko where this runs "
            f"({driver.MISSING})"
        )
    login = {
        "host": target.host,
        "port": port,
        "username": target.username,
        "password": target.password,
        "conn_timeout": min(target.connect_timeout, deadline - time.monotonic()),
    }
    if target.transport == "telnet":
        return driver.DrayOSTelnet(**login)
    return driver.DrayOSSSH(host_keys=HostKeys(target, port), legacy=target.legacy_ssh, **login)


class Session:
    """A logged-in connection. Use as a context manager; `requests` counts what was sent, the log-in included.

    Everything raises `Unreachable` when the time for the device is over or the connection breaks. After an error of the
    connection nothing more is sent: what came next might belong to another line.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.requests = 0
        self.local_address = ""
        self.peer_address = ""
        self._deadline = time.monotonic() + target.timeout
        self._connection: Connection | None = None

    def __enter__(self) -> Session:
        self.requests += 1
        self._connection = connect(self.target, self._deadline)
        try:
            self.local_address = self._connection.local_address
            self.peer_address = self._connection.peer_address
            self._ask(_NO_PAGER)  # units that do not know it go on paging, which the driver sees to
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Log out and hang up; never raises."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def run(self, line: Command) -> str:
        """The answer to a line, its own lines separated by line feeds; blank ones mean nothing.

        Raises `Refused` (a write) or `Misunderstood` (a read) where the answer says that it was not done.
        """
        return self._answer(allowed(line.text))

    def read(self, text: str) -> str:
        """The answer to a line that changes nothing. Raises `NotAllowed` for others."""
        return self._answer(self._of_kind(text, writes=False))

    def write(self, text: str) -> str:
        """The answer to a line that changes something. Raises `NotAllowed` for others."""
        return self._answer(self._of_kind(text, writes=True))

    def restart(self) -> None:
        """Restart the unit and hang up. Whether it restarts is found out by a new log-in: it says nothing about it.

        Raises `Refused` where it says something.
        """
        connection, left = self._usable(_RESTART)
        try:
            answer = connection.run(_RESTART.text, min(left, _LONGEST_FAREWELL))
        except Unreachable:
            return
        finally:
            self.close()
        if answer.strip():
            raise Refused(f"`{_RESTART.text}`: the unit answered {_shown(answer)!r}")

    def _answer(self, line: Command) -> str:
        answer = self._ask(line)
        said = failure(line.text, answer)
        if said:
            raise (Refused if line.writes else Misunderstood)(f"`{line.text}`: the unit answered {said!r}")
        return answer

    def _of_kind(self, text: str, writes: bool) -> Command:
        line = allowed(text)
        if line.writes is not writes:
            raise NotAllowed(f"{text!r} is not allowed here: it {'changes' if line.writes else 'only reads'} something")
        return line

    def _usable(self, line: Command) -> tuple[Connection, float]:
        """The connection and the seconds that are left. Counts the line."""
        left = self._deadline - time.monotonic()
        if self._connection is None:
            raise Unreachable(f"{self.target.host}: `{line.text}` was not sent: the connection is closed")
        if left <= 0:
            raise Unreachable(
                f"{self.target.host}: `{line.text}` was not sent: the {self.target.timeout:g} s allowed for the device "
                "are over (timeout)"
            )
        self.requests += 1
        return self._connection, left

    def _ask(self, line: Command) -> str:
        connection, left = self._usable(line)
        try:
            return connection.run(line.text, min(left, _LONGEST_ANSWER))
        except DeviceError:
            self.close()
            raise


def failure(line: str, answer: str) -> str:
    """The beginning of an answer that says that the line was not done, else "".

    Malformed lines are answered with their usage; so is a `?`, and that is what it asks for.
    """
    if line.startswith(_SHOWS_ITS_USAGE):
        done = re.search(rf"Now:\s*{re.escape(line.split()[-1])}\s*$", answer, re.MULTILINE)
        return "" if done else _shown(answer) or "nothing"
    failed = _FAILURE.search(answer)
    if not failed and not line.endswith("?"):
        words = r"\s+".join(re.escape(word) for word in line.split()[:2])
        failed = _USAGE.search(answer) or re.search(rf"^\s*%+\s*{words}(?:\s|$)", answer, re.MULTILINE)
    return _shown(answer) if failed else ""


def _shown(answer: str) -> str:
    lines = [" ".join(line.split()) for line in unbroken(answer)]
    text = " / ".join(lines[:_SHOWN_LINES])
    return text if len(lines) <= _SHOWN_LINES and len(text) <= _SHOWN else text[:_SHOWN] + CUT


class HostKeys:
    """What is known of the SSH host key of a unit: a pinned fingerprint, or the lines of known_hosts files for it.

    `kinds`: the kinds of the known keys, such as `ssh-ed25519`. Raises `NotTrusted` for a file that cannot be read.
    Files are read as OpenSSH does (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), apart from its certificates.
    """

    def __init__(self, target: Target, port: int) -> None:
        self._where = f"{target.host}:{port}"
        self._pin = plain_fingerprint(target.fingerprint)
        self._checked = target.validate_certs
        self._files = (target.known_hosts,) if target.known_hosts else _USUAL_FILES
        name = target.host if port == _PORTS["ssh"] else f"[{target.host}]:{port}"
        read = self._checked and not self._pin
        self._known = list(_known(self._files, name, bool(target.known_hosts))) if read else []
        self.kinds = tuple(kind for revoked, kind, _key in self._known if not revoked)

    def check(self, kind: str, blob: bytes) -> None:
        """Raise `NotTrusted` unless this key is the pinned or a known one, or nobody wants it checked."""
        key = base64.b64encode(blob).decode()
        fingerprint = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        seen = f"{kind} SHA256:{fingerprint}"
        if self._pin:
            if not hmac.compare_digest(self._pin.encode(), fingerprint.encode()):
                raise NotTrusted(
                    f"{self._where}: the host key is {seen}, not the pinned one. If the unit was replaced or reset, "
                    "compare the key on the unit before you pin the new one (fingerprint)"
                )
        elif self._checked:
            self._check_known(key, seen)

    def _check_known(self, key: str, seen: str) -> None:
        states = {revoked for revoked, _kind, known in self._known if known == key}
        if True in states:
            raise NotTrusted(f"{self._where}: the host key {seen} is marked as revoked in known_hosts")
        if False in states:
            return
        files = " or ".join(self._files)
        if self.kinds:
            raise NotTrusted(
                f"{self._where}: the host key is {seen}, another one than in {files}. If the unit was replaced or "
                "reset, compare the key on the unit before you write the new one there"
            )
        raise NotTrusted(
            f"{self._where}: the host key {seen} is not known. Compare it on the unit, then pin it "
            f"(fingerprint) or add it to {files} (known_hosts)"
        )


def plain_fingerprint(text: str) -> str:
    """A fingerprint as OpenSSH prints it, without `SHA256:` and padding."""
    text = text.strip()
    return (text[7:] if text[:7].upper() == "SHA256:" else text).rstrip("=")


def _known(files: tuple[str, ...], name: str, must_exist: bool) -> Iterator[tuple[bool, str, str]]:
    """Whether it is revoked, kind and key (base64) of the lines for this name."""
    for file in files:
        try:
            with open(os.path.expanduser(file), encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    fields = line.split()
                    marker = fields.pop(0) if fields and fields[0].startswith("@") else ""
                    if len(fields) >= 3 and marker in ("", "@revoked") and _is_for(fields[0], name):
                        yield bool(marker), fields[1], fields[2]
        except OSError as error:
            if must_exist:
                raise NotTrusted(f"known_hosts {file!r}: {error.strerror or error}") from None


def _is_for(hosts: str, name: str) -> bool:
    """Whether the first field of a line means this name: patterns, or one hashed name."""
    if hosts.startswith("|1|"):
        salt, _bar, digest = hosts[3:].partition("|")
        with suppress(ValueError):
            return hmac.digest(base64.b64decode(salt), name.encode(), "sha1") == base64.b64decode(digest)
        return False
    found = False
    for pattern in hosts.split(","):
        wanted = re.escape(pattern.removeprefix("!")).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(wanted, name, re.IGNORECASE):
            if pattern.startswith("!"):
                return False
            found = True
    return found
