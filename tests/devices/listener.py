"""Listening sockets: one thread accepts for every server of the process, each connection then gets its own."""

from __future__ import annotations

import contextlib
import ipaddress
import selectors
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

Serve = Callable[[socket.socket, str], None]


class Served(Protocol):
    """A device behind a server. ``on_drop``: called when every connection is to be cut."""

    on_drop: list[Callable[[], None]]

    def admits(self, source: str) -> bool:
        """Whether a connection from this address is let in; counts it."""


Device = TypeVar("Device", bound=Served)


class _Acceptor:
    """Accepts in one daemon thread."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)

    def add(self, listener: socket.socket, serve: Serve) -> None:
        with self._lock:
            self._selector.register(listener, selectors.EVENT_READ, serve)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="device-acceptor", daemon=True)
                self._thread.start()
        self._wake_write.send(b"x")

    def remove(self, listener: socket.socket) -> None:
        with self._lock:
            self._selector.unregister(listener)
        self._wake_write.send(b"x")

    def _run(self) -> None:
        while True:
            for key, _events in self._selector.select():
                if key.data is None:
                    with contextlib.suppress(BlockingIOError):
                        self._wake_read.recv(4096)
                    continue
                try:
                    connection, peer = key.fileobj.accept()  # type: ignore[union-attr]
                except OSError:
                    continue
                name = f"device-{peer[1]}"
                threading.Thread(target=key.data, args=(connection, peer[0]), name=name, daemon=True).start()


_acceptor = _Acceptor()


class Listener(Generic[Device]):
    """A server of one device on a loopback address; a context manager. ``port`` 0 takes a free one.

    Subclasses serve a connection in ``_serve`` and may end it early in ``_drop``.
    """

    def __init__(self, device: Device, host: str, port: int) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"test devices listen on loopback only, not on {host}")
        self.device = device
        self.host = host
        self.port = port
        self.stopped = threading.Event()
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()

    def start(self) -> Self:
        """Listen; returns itself."""
        listener = socket.create_server((self.host, self.port), backlog=64)
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self._listener = listener
        self.device.on_drop.append(self.drop_connections)
        _acceptor.add(listener, self._accepted)
        return self

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        self.stopped.set()
        if self._listener is not None:
            _acceptor.remove(self._listener)
            self._listener.close()
            self._listener = None
        self.drop_connections()
        if self.drop_connections in self.device.on_drop:
            self.device.on_drop.remove(self.drop_connections)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def drop_connections(self) -> None:
        """Cut every open connection, as a restart does: without a farewell."""
        with self._guard:
            open_now, self._connections = self._connections, set()
        for connection in open_now:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accepted(self, connection: socket.socket, source: str) -> None:
        connection.setblocking(True)
        if not self.device.admits(source):
            reset(connection)
            return
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._guard:
            self._connections.add(connection)
        try:
            self._serve(connection, source)
        finally:
            with self._guard:
                self._connections.discard(connection)
            with contextlib.suppress(OSError):
                connection.close()

    def _serve(self, connection: socket.socket, source: str) -> None:
        raise NotImplementedError


def reset(connection: socket.socket) -> None:
    """Close with a TCP reset, so that the client sees a cut and not an orderly end."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    with contextlib.suppress(OSError):
        connection.close()
