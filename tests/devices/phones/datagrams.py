"""UDP sockets of all phones of the process, read by one thread."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

from ..listener import SocketLoop

Send = Callable[[bytes], object]
Received = Callable[[bytes, tuple[str, int], Send], None]
LARGEST = 65535


_loop = SocketLoop("phone-datagrams")


def _reading(received: Received) -> Callable[[socket.socket], None]:
    """Hand on what came, from where, and how to answer."""

    def ready(udp: socket.socket) -> None:
        data, sender = udp.recvfrom(LARGEST)
        received(data, sender, partial(_send, udp, sender))

    return ready


def _send(udp: socket.socket, sender: tuple[str, int], data: bytes) -> None:
    udp.sendto(data, sender)


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
        _loop.add(self._udp, _reading(self._received))

    def stop(self) -> None:
        """Stop listening."""
        if self._udp is not None:
            _loop.remove(self._udp)
            self._udp.close()
            self._udp = None
