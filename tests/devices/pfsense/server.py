"""The box over SSH: exec channels that take a program, and an interactive shell with the vendor's menu."""

from __future__ import annotations

import contextlib
import logging
import queue
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
    AUTH_PARTIALLY_SUCCESSFUL,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.server import InteractiveQuery, ServerInterface

from tests.devices.hostkey import fingerprint, host_key, known_hosts_line
from tests.devices.listener import Listener, reset

from .accounts import Account
from .device import PfSense
from .operations import Cut, Hang
from .shell import Session, command, unreadable

HANDSHAKE_SECONDS = 15.0
HANG_SECONDS = 600.0
STEP_SECONDS = 0.25
FLUSH_SECONDS = 0.02
CHUNK = 65536
# src/etc/sshd of RELENG_2_7_2 and later, as far as the library here has it.
CRYPTO: dict[str, tuple[str, ...]] = {
    "kex": ("curve25519-sha256@libssh.org",),
    "key_types": ("rsa-sha2-512", "rsa-sha2-256"),
    "ciphers": ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"),
    "digests": ("hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com"),
}

# A client that is refused or goes away is no error of ours.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class _Door(ServerInterface):
    """What one connection may do: log in as the box's sshd wants it, then run commands or a shell."""

    def __init__(self, box: PfSense, source: str) -> None:
        self.box = box
        self.source = source
        self.jobs: queue.Queue[tuple[Any, str | None]] = queue.Queue()
        self.account: Account | None = None
        self.with_key = False
        self._username = ""

    def get_allowed_auths(self, username: str) -> str:
        accounts = self.box.accounts
        if accounts.needs_both and self.with_key:
            return "password"
        return ",".join(accounts.methods)

    def check_auth_none(self, username: str) -> int:
        return AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:
        accounts = self.box.accounts
        allowed = self.with_key if accounts.needs_both else "password" in accounts.methods
        if not allowed or not accounts.password(username, password, self.source):
            return AUTH_FAILED
        return self._enter(username)

    def check_auth_publickey(self, username: str, key: Any) -> int:
        accounts = self.box.accounts
        if not accounts.key(username, f"{key.get_name()} {key.get_base64()}"):
            return AUTH_FAILED
        if accounts.needs_both:
            self.with_key = True
            return AUTH_PARTIALLY_SUCCESSFUL
        return self._enter(username)

    def check_auth_interactive(self, username: str, submethods: str) -> Any:
        if "keyboard-interactive" not in self.box.accounts.methods:
            return AUTH_FAILED
        self._username = username
        return InteractiveQuery("", "", (f"Password for {username}@pfSense:", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        if len(responses) != 1:
            return AUTH_FAILED
        accounts = self.box.accounts
        if not accounts.password(self._username, responses[0], self.source):
            return AUTH_FAILED
        return self._enter(self._username)

    def _enter(self, username: str) -> int:
        self.account = self.box.accounts.find(username)
        return AUTH_SUCCESSFUL if self.account is not None else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_pty_request(self, *_arguments: Any) -> bool:
        return True

    def check_channel_window_change_request(self, *_arguments: Any) -> bool:
        return True

    def check_channel_shell_request(self, channel: Any) -> bool:
        self.jobs.put((channel, None))
        return True

    def check_channel_exec_request(self, channel: Any, command: bytes) -> bool:
        self.jobs.put((channel, command.decode("utf-8", "replace")))
        return True

    def check_channel_subsystem_request(self, channel: Any, name: str) -> bool:
        return False


class PfSenseServer(Listener[PfSense]):
    """Serves a box over SSH on a loopback address; a context manager.

    ``directory`` is where host key and known_hosts go (default: a temporary folder with the key of the process).
    Ready attributes: ``host``, ``port``, ``fingerprint`` as OpenSSH shows it, ``known_hosts`` (path of a file with the
    line of this server).
    """

    def __init__(
        self, device: PfSense, host: str = "127.0.40.1", port: int = 0, *, directory: Path | str | None = None
    ) -> None:
        super().__init__(device, host, port)
        self._directory = Path(directory) if directory else None
        self._temporary: Path | None = None
        self.key = host_key(self._directory)
        self.fingerprint = fingerprint(self.key)
        self.known_hosts = ""

    def start(self) -> PfSenseServer:
        """Listen; returns itself."""
        super().start()
        folder = self._directory
        if folder is None:
            folder = self._temporary = Path(tempfile.mkdtemp(prefix="pfsense-"))
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
        transport: Any = paramiko.Transport(connection)
        workers: list[threading.Thread] = []
        try:
            transport.daemon = True
            transport.banner_timeout = transport.auth_timeout = HANDSHAKE_SECONDS
            transport.local_version = "SSH-2.0-OpenSSH_9.7"
            transport.add_server_key(self.key)
            security = transport.get_security_options()
            for name, values in CRYPTO.items():
                setattr(security, name, values)
            door = _Door(self.device, source)
            transport.start_server(server=door, event=threading.Event())
            counted = False
            while not self.stopped.is_set():
                # Asked before the queue is: a request that came before the end is carried out.
                alive = transport.is_active()
                try:
                    channel, text = door.jobs.get(timeout=STEP_SECONDS)
                except queue.Empty:
                    if not alive:
                        break
                    continue
                if not counted:
                    counted = True
                    self.device.counters.logins += 1
                worker = threading.Thread(
                    target=self._work, args=(door, channel, text, connection), name="pfsense-channel", daemon=True
                )
                workers.append(worker)
                worker.start()
        except (OSError, EOFError, paramiko.SSHException):
            pass
        finally:
            transport.close()
            for worker in workers:
                worker.join()

    def _work(self, door: _Door, channel: Any, text: str | None, connection: socket.socket) -> None:
        assert door.account is not None
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            if text is None:
                self._shell(door.account, channel)
            else:
                self._exec(door.account, channel, text, connection)

    def _exec(self, account: Account, channel: Any, text: str, connection: socket.socket) -> None:
        found = command(self.device, account, text)
        out, error, code = found.out.encode(), found.error, found.code
        if found.program:
            program = self._input(channel)
            if program is None:
                return
            self.stopped.wait(self.device.knobs.latency)
            try:
                out = unreadable() if found.private else self.device.handle(program)
            except Cut as cut:
                channel.sendall(cut.said)
                # A reset throws away what is not on the wire yet.
                time.sleep(FLUSH_SECONDS)
                reset(connection)
                return
            except Hang:
                self._hang(channel)
                return
        channel.sendall(out)
        if error:
            channel.sendall_stderr(error.encode())
        channel.send_exit_status(code)
        channel.shutdown_write()
        channel.close()

    def _input(self, channel: Any) -> str | None:
        """Standard input up to its end; nothing when the connection ended before."""
        channel.settimeout(STEP_SECONDS)
        data = bytearray()
        while not self.stopped.is_set():
            try:
                piece = channel.recv(CHUNK)
            except TimeoutError:
                continue
            if not piece:
                # A lost connection looks like an end of input, which `php` would take for one as well.
                return data.decode("utf-8", "replace") if channel.eof_received and not channel.closed else None
            data += piece
        return None

    def _hang(self, channel: Any) -> None:
        deadline = time.monotonic() + HANG_SECONDS
        while time.monotonic() < deadline and not channel.closed and not self.stopped.wait(STEP_SECONDS):
            pass

    def _shell(self, account: Account, channel: Any) -> None:
        session = Session(self.device, account)
        channel.sendall(session.begin().encode())
        channel.settimeout(STEP_SECONDS)
        while not session.closed and not channel.closed and not self.stopped.is_set():
            try:
                data = channel.recv(CHUNK)
            except TimeoutError:
                continue
            if not data:
                break
            channel.sendall(session.feed(data.decode("utf-8", "replace")).encode())
        channel.close()
