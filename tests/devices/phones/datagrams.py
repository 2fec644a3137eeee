"""UDP sockets of all phones of the process, read by one thread."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable
from functools import partial

Send = Callable[[bytes], object]
Received = Callable[[bytes, tuple[str, int], Send], None]
LARGEST = 65535


class _Reader:
    """Reads in one daemon thread; functions get what came, from where, and how to answer."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)

    def add(self, udp: socket.socket, received: Received) -> None:
        with self._lock:
            self._selector.register(udp, selectors.EVENT_READ, received)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="phone-datagrams", daemon=True)
                self._thread.start()
        self._wake_write.send(b"x")

    def remove(self, udp: socket.socket) -> None:
        with self._lock, contextlib.suppress(KeyError):
            self._selector.unregister(udp)
        self._wake_write.send(b"x")

    def _run(self) -> None:
        while True:
            for key, _events in self._selector.select():
                if key.data is None:
                    with contextlib.suppress(BlockingIOError):
                        self._wake_read.recv(4096)
                    continue
                with contextlib.suppress(OSError):
                    udp: socket.socket = key.fileobj  # type: ignore[assignment]
                    data, sender = udp.recvfrom(LARGEST)
                    key.data(data, sender, partial(_send, udp, sender))


def _send(udp: socket.socket, sender: tuple[str, int], data: bytes) -> None:
    udp.sendto(data, sender)


_reader = _Reader()


class DatagramServer:
    """One UDP port."""

    def __init__(self, host: str, port: int, received: Received) -> None:
        self._host, self._port, self._received = host, port, received
        self._udp: socket.socket | None = None

    def start(self) -> None:
        """Listen."""
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((self._host, self._port))
        self._udp.setblocking(False)
        _reader.add(self._udp, self._received)

    def stop(self) -> None:
        """Stop listening."""
        if self._udp is not None:
            _reader.remove(self._udp)
            self._udp.close()
            self._udp = None
