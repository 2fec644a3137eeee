# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a phone is waited for: a limit for each answer, and one for all of them together."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType


class NoAnswer(Exception):
    """No complete answer, and why; `silent`: nothing came at all, rather than a refusal or nonsense."""

    def __init__(self, why: str, silent: bool = False) -> None:
        super().__init__(why)
        self.silent = silent


class Patience:
    """A context manager that ends whatever is being waited for when the time is up.

    `each` and `total`: seconds. A timer shuts the sockets, since a phone that sends one byte now and then would
    otherwise hold a read for ever.
    """

    def __init__(self, each: float, total: float) -> None:
        self._each = each
        self._total = total
        self._end = time.monotonic() + total
        self._held: list[socket.socket] = []
        self._timer = threading.Timer(total, self._give_up)
        self._timer.daemon = True

    def __enter__(self) -> Patience:
        self._end = time.monotonic() + self._total
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def seconds(self) -> float:
        """How long to wait for the next answer. Raises `NoAnswer` where no time is left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise NoAnswer(f"not finished within the {self._total:g} s allowed for the phone (timeout)", silent=True)
        return min(self._each, left)

    @contextmanager
    def holding(self, sock: socket.socket) -> Iterator[None]:
        """Watch over a socket while it is used."""
        self._held.append(sock)
        try:
            yield
        finally:
            self._held.remove(sock)

    def _give_up(self) -> None:
        for sock in list(self._held):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
