"""The device on a socket: HTTPS, HTTP/1.1 with keep-alive, one acceptor thread for all devices of a process."""

from __future__ import annotations

import contextlib
import ipaddress
import selectors
import shutil
import socket
import ssl
import tempfile
import threading
from http.client import responses
from pathlib import Path
from types import TracebackType

from .certificate import Certificate, make_certificate
from .device import FortiGate
from .messages import Request, Response

MAX_HEAD = 64 * 1024
HANDSHAKE_SECONDS = 10.0
HANG_SECONDS = 600.0


class _Acceptor:
    """Accepts for every server of the process in one daemon thread; each connection then gets a thread of its own."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)

    def add(self, server: FortiGateServer, listener: socket.socket) -> None:
        with self._lock:
            self._selector.register(listener, selectors.EVENT_READ, server)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fortigate-acceptor", daemon=True)
                self._thread.start()
        self._wake_write.send(b"x")

    def remove(self, listener: socket.socket) -> None:
        with self._lock:
            self._selector.unregister(listener)
        self._wake_write.send(b"x")

    def _run(self) -> None:
        while True:
            for key, _events in self._selector.select():
                server = key.data
                if server is None:
                    with contextlib.suppress(BlockingIOError):
                        self._wake_read.recv(4096)
                    continue
                try:
                    connection, peer = key.fileobj.accept()  # type: ignore[union-attr]
                except OSError:
                    continue
                name = f"fortigate-{server.port}"
                threading.Thread(target=server.serve, args=(connection, peer[0]), name=name, daemon=True).start()


_acceptor = _Acceptor()


class FortiGateServer:
    """Serves a device over HTTPS on a loopback address; a context manager.

    ``port`` 0 takes a free one. ``certificate`` lets several servers share one; by default each makes its own.
    ``directory`` is where the authority's certificate is written (default: a temporary folder, removed at the end).
    Ready attributes: ``host``, ``port``, ``ca_path``, ``fingerprint``, ``url``.
    """

    def __init__(
        self, device: FortiGate, host: str = "127.0.1.1", port: int = 0, certificate: Certificate | None = None,
        directory: Path | str | None = None,
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"test devices listen on loopback only, not on {host}")
        self.device = device
        self.host = host
        self.port = port
        self.certificate = certificate or make_certificate(host, device.serial)
        self.fingerprint = self.certificate.fingerprint
        self.ca_path = ""
        self._directory = Path(directory) if directory else None
        self._temporary: Path | None = None
        self._context = self.certificate.context()
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._stopped = threading.Event()

    @property
    def url(self) -> str:
        """Base address of the web server."""
        return f"https://{self.host}:{self.port}"

    def start(self) -> FortiGateServer:
        """Listen; returns itself."""
        folder = self._directory
        if folder is None:
            folder = self._temporary = Path(tempfile.mkdtemp(prefix="fortigate-"))
        folder.mkdir(parents=True, exist_ok=True)
        listener = socket.create_server((self.host, self.port), backlog=64)
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self.ca_path = str(self.certificate.write_ca(folder, f"{self.device.name}-{self.port}"))
        self._listener = listener
        self.device.on_drop.append(self.drop_connections)
        _acceptor.add(self, listener)
        return self

    def stop(self) -> None:
        """Stop listening and close every connection."""
        self._stopped.set()
        if self._listener is not None:
            _acceptor.remove(self._listener)
            self._listener.close()
            self._listener = None
        self.drop_connections()
        if self.drop_connections in self.device.on_drop:
            self.device.on_drop.remove(self.drop_connections)
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> FortiGateServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def drop_connections(self) -> None:
        """Cut every open connection, as a reboot does."""
        with self._guard:
            open_now, self._connections = self._connections, set()
        for connection in open_now:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # --- one connection --------------------------------------------------------------------------------------------

    def serve(self, connection: socket.socket, source: str) -> None:
        """Serve one accepted connection until it ends."""
        device = self.device
        device.counters.connections += 1
        connection.setblocking(True)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        source = device.seen_as or source
        destination = connection.getsockname()[0]
        with device.lock:
            refused = device.faults.refuses_connection() or device.gate.refuses(source, destination, device.sport)
        if refused:
            device.counters.refused_connections += 1
            _reset(connection)
            return
        with self._guard:
            self._connections.add(connection)
        wrapped: ssl.SSLSocket | None = None
        try:
            connection.settimeout(HANDSHAKE_SECONDS)
            wrapped = self._context.wrap_socket(connection, server_side=True)
            with self._guard:
                self._connections.discard(connection)
                self._connections.add(wrapped)
            device.counters.handshakes += 1
            wrapped.settimeout(None)
            self._requests(wrapped, source, destination)
        except (OSError, ValueError):
            pass
        finally:
            with self._guard:
                self._connections.discard(connection)
                if wrapped is not None:
                    self._connections.discard(wrapped)
            with contextlib.suppress(OSError):
                (wrapped or connection).close()

    def _requests(self, connection: ssl.SSLSocket, source: str, destination: str) -> None:
        stream = connection.makefile("rb")
        with contextlib.closing(stream):
            while not self._stopped.is_set():
                request = _read_request(stream, source, destination)
                if request is None:
                    return
                response = self.device.handle(request)
                if response.transport == "cut":
                    _reset(connection)
                    return
                if response.transport == "hang":
                    self._stopped.wait(HANG_SECONDS)
                    return
                if response.delay and response.transport != "trickle":
                    self._stopped.wait(response.delay)
                close = response.close or request.header("Connection").lower() == "close"
                data = _encode(response, close)
                if response.transport == "trickle":
                    for index in range(len(data)):
                        connection.sendall(data[index : index + 1])
                        if self._stopped.wait(response.delay):
                            return
                else:
                    connection.sendall(data)
                if close:
                    return


def _reset(connection: socket.socket) -> None:
    """Close with a TCP reset, so that the client sees a cut and not an orderly end."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    with contextlib.suppress(OSError):
        connection.close()


def _read_request(stream: object, source: str, destination: str) -> Request | None:
    readline = stream.readline  # type: ignore[attr-defined]
    line: bytes = readline(MAX_HEAD)
    while line in (b"\r\n", b"\n"):
        line = readline(MAX_HEAD)
    if not line:
        return None
    method, target, _protocol = line.decode("latin-1").split(None, 2)
    headers: dict[str, str] = {}
    while (line := readline(MAX_HEAD)) not in (b"\r\n", b"\n", b""):
        name, _colon, value = line.decode("latin-1").partition(":")
        headers[name.strip()] = value.strip()
    lengths = [value for name, value in headers.items() if name.lower() == "content-length"]
    body: bytes = stream.read(int(lengths[0])) if lengths else b""  # type: ignore[attr-defined]
    return Request(method, target, headers, body, source, destination)


def _encode(response: Response, close: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {responses.get(response.status, 'Unknown')}",
        f"Content-Type: {response.content_type}", f"Content-Length: {len(response.body)}",
        f"Connection: {'close' if close else 'keep-alive'}", "Cache-Control: no-cache, must-revalidate",
        "X-Frame-Options: SAMEORIGIN",
        *(f"{name}: {value}" for name, value in response.headers),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + response.body
