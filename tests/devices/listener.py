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


class SocketLoop:
    """Sockets of the whole process that one daemon thread waits for. Each has a function, which is called with the
    socket when there is something to take from it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._woken)

    def add(self, one: socket.socket, ready: Callable[[socket.socket], None]) -> None:
        """Wait for a socket as well."""
        with self._lock:
            self._selector.register(one, selectors.EVENT_READ, ready)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        self._wake_write.send(b"x")

    def remove(self, one: socket.socket) -> None:
        """Wait for it no longer."""
        with self._lock:
            self._selector.unregister(one)
        self._wake_write.send(b"x")

    def _run(self) -> None:
        while True:
            for key, _events in self._selector.select():
                with contextlib.suppress(OSError):  # somebody closed it meanwhile
                    key.data(key.fileobj)

    @staticmethod
    def _woken(wake: socket.socket) -> None:
        wake.recv(4096)


_loop = SocketLoop("device-acceptor")


def _accepting(serve: Serve) -> Callable[[socket.socket], None]:
    """Take in a connection and serve it in a thread of its own."""

    def ready(listener: socket.socket) -> None:
        connection, peer = listener.accept()
        threading.Thread(target=serve, args=(connection, peer[0]), name=f"device-{peer[1]}", daemon=True).start()

    return ready


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
        _loop.add(listener, _accepting(self._accepted))
        return self

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        self.stopped.set()
        if self._listener is not None:
            _loop.remove(self._listener)
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
