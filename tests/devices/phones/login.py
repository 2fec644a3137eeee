"""Failed logins are counted, and too many of them lock the web interface for a while."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .clock import Clock


class Attempts:
    """Failed logins of all comers. ``limit`` of them within ``window`` seconds lock for ``seconds``; 0 never does."""

    def __init__(self, clock: Clock, limit: int, seconds: float, window: float = 0.0) -> None:
        self._clock = clock
        self.limit, self.seconds, self.window = limit, seconds, window
        self._failed: list[float] = []
        self._until = 0.0

    @property
    def locked(self) -> float:
        """Seconds for which it stays locked; 0 when it is not."""
        return max(0.0, self._until - self._clock.now())

    @property
    def left(self) -> int | None:
        """How many more may fail before the lock; None without one."""
        if not self.limit:
            return None
        now = self._clock.now()
        if self.window:
            self._failed = [at for at in self._failed if at > now - self.window]
        return self.limit - len(self._failed)

    def fail(self) -> None:
        """Count one."""
        self._failed.append(self._clock.now())
        if self.left == 0:
            self._until = self._clock.now() + self.seconds
            self._failed.clear()

    def succeed(self) -> None:
        """Begin anew."""
        self._failed.clear()


@dataclass
class Session:
    """One web session. ``token`` comes with every change."""

    user: str
    token: str
    seen: float


class Sessions:
    """Web sessions by cookie, few of them, each until it was idle for too long."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self.most = most
        self._open: dict[str, Session] = {}

    def find(self, cookie: str, idle: float) -> Session | None:
        """The session of a cookie; ``idle`` seconds end it."""
        self._expire(idle)
        session = self._open.get(cookie)
        if session is not None:
            session.seen = self._clock.now()
        return session

    def begin(self, cookie: str, user: str, idle: float) -> Session | None:
        """A session; None when there are as many as the phone takes."""
        self._expire(idle)
        if len(self._open) >= self.most and cookie not in self._open:
            return None
        self._open[cookie] = Session(user, secrets.token_hex(8), self._clock.now())
        return self._open[cookie]

    def end(self, cookie: str) -> None:
        """Log out."""
        self._open.pop(cookie, None)

    def clear(self) -> None:
        """End all, as a restart does."""
        self._open.clear()

    def _expire(self, idle: float) -> None:
        oldest = self._clock.now() - idle
        self._open = {cookie: session for cookie, session in self._open.items() if session.seen >= oldest}
