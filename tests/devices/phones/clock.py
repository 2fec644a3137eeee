"""Time of the test phones: it stands still until a test moves it, and whoever waits for it is woken then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Clock:
    """Seconds since the epoch. ``running``: it also goes by itself, and `tick` has to be called now and then.

    It begins at the real day, because certificates of the process are valid around it.
    """

    def __init__(self, *, running: bool = False) -> None:
        # Noon of today: whatever phones do at some time of the night, no test meets by chance.
        self._start = time.time() // 86400 * 86400 + 43200
        self._skipped = 0.0
        self._running = running
        self._lock = threading.Lock()
        self.on_tick: list[Callable[[], None]] = []

    def now(self) -> float:
        """The time."""
        return (time.time() if self._running else self._start) + self._skipped

    def advance(self, seconds: float) -> None:
        """Let time pass: whatever is due happens before this returns."""
        with self._lock:
            self._skipped += seconds
        self.tick()

    def tick(self) -> None:
        """Wake everybody who waits."""
        for call in list(self.on_tick):
            call()
