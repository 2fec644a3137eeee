"""A plain terminal on a Vigor: what a person with an SSH or telnet client sees, byte for byte."""

from __future__ import annotations

import socket
import time
from types import TracebackType
from typing import Any

import paramiko

from tests.devices.vigor import VigorServer, VigorTelnetServer

MARKER = "--- MORE ---   ['q': Quit, 'Enter': New Lines, 'Space Bar': Next Page] ---"
PATIENCE = 5.0


class Gone(Exception):
    """The connection ended; ``text`` is what had come."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Shell:
    """An SSH session with a shell."""

    def __init__(self, server: VigorServer, password: str = "admin", username: str = "admin", **options: Any) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_host_keys(server.known_hosts)
        self.client.connect(
            server.host, server.port, username, password, look_for_keys=False, allow_agent=False, timeout=PATIENCE,
            banner_timeout=PATIENCE, auth_timeout=PATIENCE, **options,
        )
        self.channel = self.client.invoke_shell("vt100", 200, 200)
        self.channel.settimeout(PATIENCE)

    def __enter__(self) -> Shell:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def send(self, text: str) -> None:
        try:
            self.channel.sendall(text.encode())
        except OSError:
            raise Gone("") from None

    def read(self, *ends: str) -> str:
        """Everything up to the first of some ends. Raises Gone when the connection ends before."""
        text = ""
        while not any(text.endswith(end) for end in ends):
            try:
                data = self.channel.recv(4096)
            except OSError:
                raise Gone(text) from None
            if not data:
                raise Gone(text)
            text += data.decode()
        return text

    def run(self, line: str, *ends: str) -> str:
        """Type a line, read up to the prompt or one of some ends."""
        self.send(f"{line}\r")
        return self.read(*(ends or ("> ",)))


class Telnet:
    """A telnet connection, without a thought for telnet's options."""

    def __init__(self, server: VigorTelnetServer) -> None:
        self.socket = socket.create_connection((server.host, server.port), PATIENCE)

    def __enter__(self) -> Telnet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, end: bytes) -> bytes:
        data = b""
        while not data.endswith(end):
            more = self.socket.recv(4096)
            if not more:
                raise Gone(data.decode("latin-1"))
            data += more
        return data


def eventually(condition: Any, seconds: float = PATIENCE) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False
