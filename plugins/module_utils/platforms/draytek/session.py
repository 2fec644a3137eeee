# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a Vigor: one connection whose host key is known, one log-in, allowed lines and their answers.

Sources: Vigor3912 Series User's Guide 1.01 part VIII and live captures of a Vigor3912S 4.4.7_RC2 for how units say that
they did not do something. They have no common way to, so that every write is to be read back all the same.
"""

from __future__ import annotations

import re
import time
from types import TracebackType
from typing import Protocol

from ...errors import DeviceError, Misunderstood, Refused, Unreachable
from ...hostkeys import SSH_PORT, HostKeys
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
_PORTS = {"ssh": SSH_PORT, "telnet": 23}


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
