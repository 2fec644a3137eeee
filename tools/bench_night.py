"""The devices of a night: firewalls of every kind, some that drifted, and some that are dead in one of several ways."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any

SHARES = {"fortigate": 0.40, "vigor": 0.30, "pfsense": 0.25}
"""Of all devices; the rest is dead."""
DRIFTED = 0.05
"""Of the live ones of each kind."""
GARBAGE_BYTES = 4096
BACKLOG = 512


SLICES, SLICE_FORKS = 20, 50
START_SECONDS = 90
"""What a job of AWX takes to start, in the middle of the one to two minutes that it usually is."""


def estimate(devices: int, cpu: float, seconds: float, processors: int) -> float:
    """Seconds that a night over so many devices takes in slices: as long as the processors or the waiting take,
    whichever is longer, and the start. `cpu` and `seconds`: of a processor and by the clock, for one device."""
    return START_SECONDS + max(devices * cpu / processors, devices * seconds / (SLICES * SLICE_FORKS))


class Refusing:
    """An address at which nobody listens, kept so that nobody else takes it meanwhile."""

    def __init__(self, host: str) -> None:
        self._socket = socket.socket()
        self._socket.bind((host, 0))
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()


class Hanging(Refusing):
    """Takes connections, as far as the network is concerned, and never says a word."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self._socket.listen(BACKLOG)


class Babbling(Hanging):
    """Sends noise to whoever connects, and keeps the connection open."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _address = self._socket.accept()
                self._open.append(client)
                client.sendall(os.urandom(GARBAGE_BYTES))

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        super().close()
        for client in self._open:
            client.close()


WAYS: dict[str, Callable[[str], Refusing]] = {"refusing": Refusing, "hanging": Hanging, "babbling": Babbling}


class Dead:
    """That many dead devices while the `with` block lasts, in turn of each way; `hosts` are the inventory's by name."""

    def __init__(self, devices: int) -> None:
        self._devices = devices
        self._stack = ExitStack()
        self.hosts: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Dead:
        ways = list(WAYS)
        for index in range(self._devices):
            way = ways[index % len(ways)]
            host = f"127.0.63.{1 + index % 250}"
            server = WAYS[way](host)
            self._stack.callback(server.close)
            self.hosts[f"{way}-{index + 1}"] = {"ansible_host": host, "ansible_port": server.port}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
