# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko drivers for DrayOS, the command line of DrayTek's Vigor routers, over SSH and over Telnet.

Sources: live captures of a Vigor2927Lac 4.5.2.2 (prompt, pager) and of a Vigor3912S 4.4.7_RC2; Vigor3912 Series User's
Guide 1.01 part VIII. Lines end with CR. The prompt is the router's name, `>` and one blank or two. There is no exec
channel, no configuration mode and no enabling.

netmiko's own way of reading asks every few hundredths of a second whether something came, and logs what it reads; these
drivers wait on the channel itself, until an instant that the caller names, and log nothing.
"""

from __future__ import annotations

import re
import select
import socket
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any

from ...errors import DeviceError, Misunderstood, Unreachable, Unsupported
from ...secret import CUT, Secret
from ...ssh import HostKeys, Link, both_ends, login_refused

MISSING: ImportError | None = None
"""Why nothing here can be used: netmiko is not installed where this runs."""
try:
    import paramiko
    from netmiko.base_connection import BaseConnection
    from netmiko.channel import SSHChannel
    from netmiko.no_config import NoConfig
    from netmiko.no_enable import NoEnable
except ImportError as error:
    MISSING = error
    BaseConnection, NoConfig, NoEnable = (type(name, (), {}) for name in "ABC")  # type: ignore[misc, assignment]

_PIECE = 65536
"""Bytes read at once."""
_LARGEST_ANSWER = 1024 * 1024
"""Bytes. The longest listings have some ten thousand."""
_PAGES = 200
"""A listing of a unit with 100 LANs has a handful of pages."""
_SHOWN = 40
"""Characters that an error shows of an answer."""
_FAREWELL = 1.0
"""Seconds that a unit may take to hang up after `exit`."""

_MARKER = rb"--- MORE ---[ \t]+\['q': Quit, 'Enter': New Lines, 'Space Bar': Next Page\](?:\s*---(?!-))?"
_MARKER_LAST = re.compile(_MARKER + rb"\s*\Z")
_MARKER_AND_END = re.compile(_MARKER + rb"(?:[ \t]*\r?\n)?")
_LONGEST_TAIL = 200
"""Bytes that the pager's mark or a prompt takes at most."""

_LAST_WORDS = {
    "account": re.compile(rb"Account:[ \t]*\Z"),
    "password": re.compile(rb"Password:[ \t]*\Z"),
    "DrayOS 5": re.compile(rb"Username:[ \t]*\Z", re.IGNORECASE),
    "Linux": re.compile(rb"(?:\A|[\r\n])(?:(?:Vigor\w* )?login:|Vigor(?:3900|2960|300B)[>#])[ \t]*\Z", re.IGNORECASE),
    "prompt": re.compile(rb"(?:\A|[\r\n])[ \t]*([^\r\n]{0,64})>[ \t]+\Z"),
}
"""How a unit ends what it says before it waits for us, and what it then is or wants."""
_UNSUPPORTED = {
    "DrayOS 5": "it asks for a user name as DrayOS 5 does, which has another command line",
    "Linux": "it answers like a Vigor3900, 2960 or 300B, whose command line (Linux) is another one",
}


class Reply:
    """What comes back for one line: the echo, the answer in pages, and the prompt.

    `prompt` is the name in front of the `>` as it was at the log-in. It may follow the last line of an answer without a
    line end, so that name and `>` count at the end of what came only; a `>` elsewhere is text. Without a name only a
    `>` that begins a line counts.
    """

    def __init__(self, line: str, prompt: bytes) -> None:
        self._line = line
        self._sent = bytes(line, "ascii").replace(b" ", b"")
        self._prompt = prompt + b">"
        self._came = bytearray()
        self._begin = -1
        self._paged = -1
        self._pages = 0

    def feed(self, data: bytes) -> bool:
        """Take what came. Returns whether the unit waits for the key to its next page. Raises `Misunderstood`."""
        self._came += data
        if len(self._came) > _LARGEST_ANSWER:
            raise self._strange(f"has more than {_LARGEST_ANSWER} bytes")
        if self._begin < 0:
            self._begin = self._behind_echo()
        return self._begin >= 0 and self._new_marker()

    @property
    def complete(self) -> bool:
        """Whether the prompt stands at the end of what came."""
        return self._begin >= 0 and self._prompt_at() >= 0

    def text(self) -> str:
        """The lines of a complete answer, without the pager's marks and without what was printed over."""
        answer = _MARKER_AND_END.sub(b"", bytes(self._came[self._begin : self._prompt_at()]))
        lines = [_as_seen(line) for line in answer.decode("utf-8", "replace").split("\n")]
        return "\n".join(lines).strip("\n")

    def _behind_echo(self) -> int:
        """Where the answer begins, -1 while the echo is not complete.

        The echo may be wrapped at the width of the unit's terminal, and the prompt may be printed anew before it.
        """
        at = self._behind_blanks(0)
        while self._came.startswith(self._prompt, at):
            at = self._behind_blanks(at + len(self._prompt))
        if self._prompt.startswith(self._came[at:]):
            return -1
        for byte in self._sent:
            at = self._behind_blanks(at)
            if at == len(self._came):
                return -1
            if self._came[at] != byte:
                raise self._strange("begins with something else than the command")
            at += 1
        end = self._came.find(b"\n", at)
        if self._came[at : max(end, at)].strip():
            raise self._strange("begins with more than the command")
        return end + 1 if end >= 0 else -1

    def _behind_blanks(self, at: int) -> int:
        while at < len(self._came) and self._came[at] in b" \t\r\n\b\0":
            at += 1
        return at

    def _new_marker(self) -> bool:
        """Whether a page ends here that was not answered: a marker that is painted again is still the same."""
        begin = max(self._begin, len(self._came) - _LONGEST_TAIL)
        match = _MARKER_LAST.search(self._came, begin)
        if match is None:
            return False
        between = self._came[self._paged : match.start()] if self._paged >= 0 else b"\n"
        if match.start() < self._paged or not between.strip(b" \t\r\b-"):
            return False
        self._paged = match.end()
        self._pages += 1
        if self._pages > _PAGES:
            raise self._strange(f"has more than {_PAGES} pages")
        return True

    def _prompt_at(self) -> int:
        """Where the prompt begins that ends what came, -1 without one."""
        tail = self._came[-_LONGEST_TAIL:]
        end = len(self._came) - len(tail) + len(tail.rstrip(b" \t"))
        at = end - len(self._prompt)
        if end == len(self._came) or at < self._begin or not self._came.startswith(self._prompt, at):
            return -1
        if len(self._prompt) == 1 and self._came[at - 1] not in b"\r\n":
            return -1
        return at

    def _strange(self, what: str) -> Misunderstood:
        # What came so far may end anywhere, within a secret too.
        shown = " ".join(self._came.decode("utf-8", "replace").split())[:_SHOWN] + CUT
        return Misunderstood(f"`{self._line}`: the answer {what}: {shown!r}")


def _as_seen(line: str) -> str:
    """A line as it stands on a terminal in the end: CR and BS go back, and what follows is printed over."""
    cells: list[str] = []
    column = 0
    for character in line:
        if character == "\r":
            column = 0
        elif character == "\b":
            column = max(column - 1, 0)
        elif character >= " " or character == "\t":
            cells[column : column + 1] = character
            column += 1
    return "".join(cells).rstrip()


def _left(until: float) -> float:
    """Seconds until an instant. Raises `TimeoutError` when it is over, however much still comes."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class _DrayOS(NoEnable, NoConfig, BaseConnection, ABC):
    """What SSH and Telnet share. Connects when it is made, in `conn_timeout` seconds up to the first prompt at most.

    Making one raises `Unreachable`, `NotTrusted`, `LoginRefused` and `Unsupported`. There is one attempt to log in.
    """

    def __init__(self, *, password: Secret, conn_timeout: float, **connection: Any) -> None:
        self._secret = password
        self._until = time.monotonic() + conn_timeout
        self._prompt = b""
        self._idle = False
        self.local_address = ""
        self.peer_address = ""
        super().__init__(default_enter="\r", conn_timeout=conn_timeout, **connection)

    def run(self, text: str, timeout: float) -> str:
        """The answer to a line, its own lines separated by line feeds; `timeout` in seconds.

        Raises `Unreachable` where no complete answer came and `Misunderstood` where it is none to this line; what comes
        afterwards on this connection may still belong to it.
        """
        until = time.monotonic() + timeout
        reply = Reply(text, self._prompt)
        self._idle = False
        try:
            while self._ready():  # it belongs to nothing
                _left(until)
            self._write(text + self.RETURN)
            while data := self._ready() or (b"" if reply.complete else self._read(_left(until))):
                if reply.feed(data):
                    self._write(" ")
        except TimeoutError:
            raise Unreachable(
                f"{self._where}: no complete answer to `{text}` within {timeout:.3g} s (timeout)"
            ) from None
        except (EOFError, OSError, paramiko.SSHException):
            raise Unreachable(f"{self._where}: the connection broke while waiting for the answer to `{text}`") from None
        self._idle = True
        return reply.text()

    def close(self) -> None:
        """Log out and hang up; never raises."""
        self.disconnect()

    def cleanup(self, command: str = "exit") -> None:
        """Log out where the unit waits for a command; anything typed elsewhere might be taken for a log-in.

        Waits for the unit to hang up, so that the session is free for the next log-in.
        """
        if not self._idle:
            return
        self._idle = False
        until = time.monotonic() + _FAREWELL
        self._write(command + self.RETURN)
        while True:
            self._read(_left(until))

    def session_preparation(self) -> None:
        """Wait for the first prompt and keep the name in it."""
        self._prompt = self._wait_for("prompt")[1].strip()
        self._idle = True
        self.base_prompt = self._prompt.decode("utf-8", "replace")

    def _try_session_preparation(self, force_data: bool = False) -> None:
        super()._try_session_preparation(force_data=force_data)

    @property
    def _where(self) -> str:
        return f"{self.host}:{self.port}"

    def _wait_for(self, wanted: str) -> re.Match[bytes]:
        """Read until the unit waits for something. Raises where that is not what is wanted."""
        came = b""
        while True:
            try:
                came = (came + self._read(_left(self._until)))[-_LONGEST_TAIL:]
            except TimeoutError:
                raise self._too_late() from None
            except (EOFError, OSError, paramiko.SSHException):
                raise self._hung_up(wanted) from None
            for name, pattern in _LAST_WORDS.items():
                match = pattern.search(came)
                if match and name != wanted:
                    raise self._not_wanted(wanted, name)
                if match:
                    return match

    def _too_late(self) -> DeviceError:
        return Unreachable(f"{self._where}: no prompt within {self.conn_timeout:.3g} s")

    def _refused(self, why: str = "") -> DeviceError:
        return login_refused(self._where, f"user name or password of {self.username!r}{why}")

    def _not_wanted(self, wanted: str, name: str) -> DeviceError:
        return Unsupported(f"{self._where}: {_UNSUPPORTED.get(name, 'its log-in is not the one of DrayOS')}")

    @abstractmethod
    def _hung_up(self, wanted: str) -> DeviceError:
        """What it means that the unit closed the connection when that was waited for."""

    @abstractmethod
    def _read(self, seconds: float) -> bytes:
        """What came, after so many seconds at most. Raises `TimeoutError`, and `EOFError` at the end."""

    @abstractmethod
    def _ready(self) -> bytes:
        """What came by now."""

    def _write(self, text: str) -> None:
        self.channel.write_channel(text)


class DrayOSSSH(_DrayOS):
    """DrayOS over SSH: a terminal of 511 columns after one attempt with the password, no keys and no agent.

    `host_keys` checks the unit's key before anything is said to it; `legacy` admits algorithms that are broken.
    """

    def __init__(self, *, host_keys: HostKeys, legacy: bool = False, **connection: Any) -> None:
        self._host_keys = host_keys
        self._legacy = legacy
        self._link: Link | None = None
        self._transport: Any = None
        self._shell: Any = None
        super().__init__(device_type="drayos_ssh", **connection)

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        self._link = link = Link(self.host, self.port, self.username, self._host_keys, legacy=self._legacy)
        with link.limited(self._until, f"no connection within {self.conn_timeout:.3g} s"):
            link.connect()
            self._transport = link.transport
            self.local_address, self.peer_address = link.local_address, link.peer_address
            self._log_in()
            self._open_shell(width, height)

    def paramiko_cleanup(self) -> None:
        """Hang up."""
        if self._link is not None:
            self._link.close()

    def _log_in(self) -> None:
        further = self._transport.auth_password(self.username, self._secret.reveal(), fallback=False)
        if further:
            raise self._refused(f", or wants more than them ({', '.join(further)})")

    def _open_shell(self, width: int, height: int) -> None:
        self._shell = shell = self._transport.open_session(timeout=self._until - time.monotonic())
        shell.get_pty("vt100", width, height)
        shell.invoke_shell()
        self.remote_conn = shell
        self.channel = SSHChannel(conn=shell, encoding=self.encoding)

    def _hung_up(self, wanted: str) -> DeviceError:
        return Unreachable(
            f"{self._where}: the unit hung up before its first prompt; all of its sessions may be in use"
        )

    def _read(self, seconds: float) -> bytes:
        self._shell.settimeout(seconds)
        data: bytes = self._shell.recv(_PIECE)
        if not data:
            raise EOFError
        return data

    def _ready(self) -> bytes:
        return self._read(0) if self._shell.recv_ready() else b""


_IAC, _DONT, _DO, _WONT, _WILL = (bytes((code,)) for code in (255, 254, 253, 252, 251))
_ECHO_AND_GO_AHEAD = (b"\x01", b"\x03")


class DrayOSTelnet(_DrayOS):
    """DrayOS over Telnet, which shows the password and everything else to whoever listens."""

    def __init__(self, **connection: Any) -> None:
        self._telnet: Any = None
        self._poll = select.poll()
        super().__init__(device_type="drayos_telnet", **connection)

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        try:
            super().establish_connection(width, height)
        except TimeoutError:
            raise self._too_late() from None
        except OSError as error:
            raise Unreachable(f"{self._where}: no connection: {error.strerror or error}") from None
        except DeviceError:
            self._telnet.close()
            raise

    def telnet_login(self, *dummy: Any, **dummies: Any) -> str:
        """Give the user name and the password, once. What comes of it shows in the first prompt."""
        self._telnet = self.remote_conn
        self._telnet.set_option_negotiation_callback(_agree)
        self.local_address, self.peer_address = both_ends(self._telnet.get_socket())
        self._poll.register(self._telnet, select.POLLIN)
        self._wait_for("account")
        self._write(self.username + self.RETURN)
        self._wait_for("password")
        self._write(self._secret.reveal() + self.RETURN)
        return ""

    def _not_wanted(self, wanted: str, name: str) -> DeviceError:
        asks_again = wanted == "prompt" and name in ("account", "password")
        return self._refused() if asks_again else super()._not_wanted(wanted, name)

    def _hung_up(self, wanted: str) -> DeviceError:
        if wanted == "prompt":
            return self._refused(", or hung up for another reason")
        return Unreachable(f"{self._where}: the unit hung up before the log-in; all of its sessions may be in use")

    def _read(self, seconds: float) -> bytes:
        until = time.monotonic() + seconds
        data: bytes = self._telnet.read_eager()
        while not data:  # negotiations hold none
            if not self._poll.poll(_left(until) * 1000):
                raise TimeoutError
            data = self._telnet.read_eager()
        return data

    def _ready(self) -> bytes:
        with suppress(EOFError):
            data: bytes = self._telnet.read_eager()
            return data
        return b""


def _agree(sock: socket.socket, command: bytes, option: bytes) -> None:
    """Let the unit echo and leave out go-aheads, as it does anyway; refuse everything else."""
    if command == _WILL:
        sock.sendall(_IAC + (_DO if option in _ECHO_AND_GO_AHEAD else _DONT) + option)
    elif command == _DO:
        sock.sendall(_IAC + _WONT + option)
