"""The device over telnet: account and password are asked in the session, options are refused or taken for granted."""

from __future__ import annotations

import contextlib
import socket
import time

from tests.devices.listener import Listener, reset

from .device import Vigor
from .session import Session

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
ECHO, GO_AHEAD = 1, 3
OFFER = bytes((IAC, WILL, ECHO, IAC, WILL, GO_AHEAD))
ATTEMPTS = 3
STEP_SECONDS = 0.25
FLUSH_SECONDS = 0.02


class Plain:
    """Telnet's own bytes taken out of a stream, in whatever pieces it comes."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._inside = False

    def feed(self, data: bytes) -> bytes:
        """The bytes that a person typed; CR NUL is CR."""
        self._rest += data
        typed = bytearray()
        while self._rest:
            first = self._rest[0]
            if self._inside:
                end = self._rest.find(bytes((IAC, SE)))
                if end < 0:
                    break
                del self._rest[: end + 2]
                self._inside = False
            elif first != IAC:
                typed.append(first)
                del self._rest[0]
            elif len(self._rest) < 2:
                break
            elif self._rest[1] == IAC:
                typed.append(IAC)
                del self._rest[:2]
            elif self._rest[1] == SB:
                self._inside = True
                del self._rest[:2]
            elif self._rest[1] in (DO, DONT, WILL, WONT):
                if len(self._rest) < 3:
                    break
                del self._rest[:3]
            else:
                del self._rest[:2]
        return bytes(typed).replace(b"\r\0", b"\r").replace(b"\r\n", b"\r")


class VigorTelnetServer(Listener[Vigor]):
    """Serves a device over telnet on a loopback address; a context manager with ``host`` and ``port``."""

    def __init__(self, device: Vigor, host: str = "127.0.30.1", port: int = 0) -> None:
        super().__init__(device, host, port)

    def _serve(self, connection: socket.socket, source: str) -> None:
        plain = Plain()
        with contextlib.suppress(OSError):
            connection.settimeout(STEP_SECONDS)
            connection.sendall(OFFER)
            if self._login(connection, plain, source) and self.device.enter():
                try:
                    self._session(connection, plain)
                finally:
                    self.device.leave()

    def _login(self, connection: socket.socket, plain: Plain, source: str) -> bool:
        for _attempt in range(ATTEMPTS):
            account = self._ask(connection, plain, f"\r\n{self.device.knobs.login_prompt}", shown=True)
            password = None if account is None else self._ask(connection, plain, "\r\nPassword: ", shown=False)
            if account is None or password is None:
                return False
            if self.device.login(account, password, source, "TELNET"):
                return True
        return False

    def _ask(self, connection: socket.socket, plain: Plain, prompt: str, shown: bool) -> str | None:
        connection.sendall(prompt.encode())
        text = bytearray()
        while True:
            data = self._typed(connection, plain)
            if data is None:
                return None
            for value in data:
                if value == 13:
                    return text.decode(errors="replace")
                if value in (8, 127):
                    del text[-1:]
                elif value >= 32:
                    text.append(value)
                    connection.sendall(bytes((value,)) if shown else b"*")

    def _typed(self, connection: socket.socket, plain: Plain) -> bytes | None:
        """What was typed; nothing when the connection ended or was silent too long."""
        quiet_since = time.monotonic()
        while not self.stopped.is_set():
            try:
                data = connection.recv(4096)
            except TimeoutError:
                if time.monotonic() - quiet_since >= self.device.idle_seconds("telnet"):
                    return None
                continue
            if not data:
                return None
            typed = plain.feed(data)
            if typed:
                return typed
        return None

    def _session(self, connection: socket.socket, plain: Plain) -> None:
        session = Session(self.device)
        connection.sendall(session.begin())
        while (data := self._typed(connection, plain)) is not None:
            for piece in session.feed(data):
                if isinstance(piece, float):
                    self.stopped.wait(piece)
                else:
                    connection.sendall(piece)
            if session.cut:
                # Half an answer has to be on the wire before the reset.
                time.sleep(FLUSH_SECONDS)
                reset(connection)
                return
            if session.hangs:
                while not self.stopped.wait(STEP_SECONDS):
                    if not connection.recv(4096):
                        return
            if session.closed:
                return
