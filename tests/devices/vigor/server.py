"""The device over SSH: one interactive shell a connection, password logins only, no exec channel, no subsystem."""

from __future__ import annotations

import logging
import shutil
import socket
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.server import InteractiveQuery, ServerInterface

from tests.devices.hostkey import fingerprint, host_key, known_hosts_line
from tests.devices.listener import Listener, reset

from .device import Vigor
from .session import Session

HANDSHAKE_SECONDS = 15.0
HANG_SECONDS = 600.0
STEP_SECONDS = 0.25
FLUSH_SECONDS = 0.02
# What 4.4 offers; older releases have nothing but SHA-1 and CBC.
MODERN: dict[str, tuple[str, ...]] = {
    "kex": ("diffie-hellman-group14-sha256",), "key_types": ("rsa-sha2-256",), "ciphers": ("aes128-ctr",),
    "digests": ("hmac-sha2-256",),
}
LEGACY: dict[str, tuple[str, ...]] = {
    "kex": ("diffie-hellman-group14-sha1",), "key_types": ("ssh-rsa",), "ciphers": ("aes128-cbc", "3des-cbc"),
    "digests": ("hmac-sha1",),
}
CRYPTO: dict[str, dict[str, tuple[str, ...]]] = {
    "modern": MODERN, "legacy": LEGACY, "any": {name: (*MODERN[name], *LEGACY[name]) for name in MODERN},
}

# A client that is refused or goes away is no error of ours.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class _Door(ServerInterface):
    """What one connection may do: log in by password, ask for one shell."""

    def __init__(self, device: Vigor, source: str, password_only: bool) -> None:
        self.device = device
        self.source = source
        self.password_only = password_only
        self.shell = threading.Event()
        self._username = ""

    def get_allowed_auths(self, username: str) -> str:
        return "password" if self.password_only else "password,keyboard-interactive"

    def check_auth_none(self, username: str) -> int:
        return AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:
        if self.device.login(username, password, self.source):
            return AUTH_SUCCESSFUL
        return AUTH_FAILED

    def check_auth_publickey(self, username: str, key: Any) -> int:
        return AUTH_FAILED

    def check_auth_interactive(self, username: str, submethods: str) -> Any:
        if self.password_only:
            return AUTH_FAILED
        self._username = username
        return InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        if not responses:
            return AUTH_FAILED
        return self.check_auth_password(self._username, responses[0])

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_pty_request(self, *_arguments: Any) -> bool:
        return True

    def check_channel_window_change_request(self, *_arguments: Any) -> bool:
        return True

    def check_channel_shell_request(self, channel: Any) -> bool:
        if self.shell.is_set():
            return False
        self.shell.set()
        return True

    def check_channel_exec_request(self, channel: Any, command: bytes) -> bool:
        return False

    def check_channel_subsystem_request(self, channel: Any, name: str) -> bool:
        return False


class VigorServer(Listener[Vigor]):
    """Serves a device over SSH on a loopback address; a context manager.

    ``directory`` is where host key and known_hosts go (default: a temporary folder with the key of the process).
    ``password_only`` False also offers keyboard-interactive. Ready attributes: ``host``, ``port``, ``fingerprint`` as
    OpenSSH shows it, ``known_hosts`` (path of a file with the line of this server).
    """

    def __init__(
        self, device: Vigor, host: str = "127.0.30.1", port: int = 0, *, directory: Path | str | None = None,
        password_only: bool = True,
    ) -> None:
        super().__init__(device, host, port)
        self.password_only = password_only
        self._directory = Path(directory) if directory else None
        self._temporary: Path | None = None
        self.key = host_key(self._directory)
        self.fingerprint = fingerprint(self.key)
        self.known_hosts = ""

    def start(self) -> VigorServer:
        """Listen; returns itself."""
        super().start()
        folder = self._directory
        if folder is None:
            folder = self._temporary = Path(tempfile.mkdtemp(prefix="vigor-"))
        path = folder / f"known_hosts-{self.port}"
        path.write_text(known_hosts_line(self.host, self.port, self.key), encoding="ascii")
        self.known_hosts = str(path)
        return self

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        super().stop()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    # --- one connection --------------------------------------------------------------------------------------------

    def _serve(self, connection: socket.socket, source: str) -> None:
        transport = paramiko.Transport(connection)
        try:
            self._offer(transport)
            door = _Door(self.device, source, self.password_only)
            transport.start_server(server=door, event=threading.Event())
            channel = self._shell(transport, door)
            if channel is not None:
                self._session(transport, channel, connection)
        except (OSError, EOFError, paramiko.SSHException):
            pass
        finally:
            transport.close()

    def _offer(self, transport: Any) -> None:
        transport.daemon = True
        transport.banner_timeout = transport.auth_timeout = HANDSHAKE_SECONDS
        transport.local_version = "SSH-2.0-DraySSH_2.0"
        transport.add_server_key(self.key)
        security = transport.get_security_options()
        for name, values in CRYPTO[self.device.knobs.crypto].items():
            setattr(security, name, values)

    def _shell(self, transport: Any, door: _Door) -> Any:
        """The channel of the shell, or nothing when the client never asks for one."""
        deadline = time.monotonic() + HANDSHAKE_SECONDS
        channel = None
        while time.monotonic() < deadline and transport.is_active() and not self.stopped.is_set():
            channel = transport.accept(STEP_SECONDS) or channel
            if channel is not None and door.shell.wait(STEP_SECONDS):
                return channel
        return None

    def _session(self, transport: Any, channel: Any, connection: socket.socket) -> None:
        device = self.device
        if not device.enter():
            channel.close()
            return
        try:
            session = Session(device)
            channel.sendall(session.begin())
            channel.settimeout(STEP_SECONDS)
            quiet_since = time.monotonic()
            while transport.is_active() and not channel.closed and not self.stopped.is_set():
                try:
                    data = channel.recv(4096)
                except TimeoutError:
                    if time.monotonic() - quiet_since >= device.idle_seconds():
                        return
                    continue
                if not data:
                    return
                quiet_since = time.monotonic()
                for piece in session.feed(data):
                    if isinstance(piece, float):
                        self.stopped.wait(piece)
                    else:
                        channel.sendall(piece)
                if session.cut:
                    # A reset throws away what is not on the wire yet.
                    time.sleep(FLUSH_SECONDS)
                    reset(connection)
                    return
                if session.hangs:
                    self._hang(transport)
                    return
                if session.closed:
                    channel.close()
                    return
        finally:
            device.leave()

    def _hang(self, transport: Any) -> None:
        deadline = time.monotonic() + HANG_SECONDS
        while time.monotonic() < deadline and transport.is_active() and not self.stopped.wait(STEP_SECONDS):
            pass
