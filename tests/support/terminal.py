"""A program at a real terminal, which is typed to: `ansible-playbook` asks nobody who has none."""

from __future__ import annotations

import os
import pty
import select
import signal
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PIECE = 65536
_MOMENT = 0.1
"""Seconds between looks at the terminal."""


class Stuck(AssertionError):
    """What was waited for did not come; the message holds what came."""


class Terminal:
    """A context manager: the program runs in a session of its own, on this terminal. `seen`: all that it showed."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float) -> None:
        self.seen = ""
        self.status: int | None = None
        self._command, self._folder, self._environment = list(command), folder, dict(environment)
        self._until = time.monotonic() + seconds
        self._process = self._terminal = -1
        self._read = 0

    def __enter__(self) -> Terminal:
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            try:
                os.chdir(self._folder)
                os.execve(self._command[0], self._command, self._environment)
            finally:
                os._exit(127)
        return self

    def __exit__(self, *_error: object) -> None:
        if self.status is None:
            os.killpg(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        os.close(self._terminal)

    def answer(self, prompt: str, text: str) -> None:
        """Wait until this is shown, after what was waited for before, and type a line."""
        while (at := self.seen.find(prompt, self._read)) < 0:
            if not self._more():
                raise Stuck(f"{prompt!r} was not asked:\n{self.seen[self._read :]}")
        self._read = at + len(prompt)
        # Ansible throws away what was typed before it had set the terminal to single characters.
        while termios.tcgetattr(self._terminal)[3] & termios.ICANON:
            if time.monotonic() > self._until:
                raise Stuck(f"after {prompt!r} nobody reads:\n{self.seen[self._read :]}")
            time.sleep(_MOMENT)
        time.sleep(_MOMENT)
        os.write(self._terminal, f"{text}\r".encode())
        self._wait_until_read()

    def _wait_until_read(self) -> None:
        """Wait until the program has set the terminal back, so that the next question is another one."""
        while not termios.tcgetattr(self._terminal)[3] & termios.ICANON:
            if not self._more(_MOMENT) and time.monotonic() > self._until:
                raise Stuck(f"what was typed is not read:\n{self.seen[self._read :]}")

    def finish(self) -> int:
        """Wait until the program ends; its exit status."""
        while self._more():
            pass
        _process, status = os.waitpid(self._process, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def _more(self, seconds: float | None = None) -> bool:
        """Take what comes next, within these seconds at most. Whether anything came; without them, before the end."""
        left = self._until - time.monotonic()
        ready = left > 0 and select.select([self._terminal], [], [], left if seconds is None else seconds)[0]
        if not ready and seconds is not None:
            return False
        if not ready:
            raise Stuck(f"nothing more came:\n{self.seen[self._read :]}")
        try:
            data = os.read(self._terminal, _PIECE)
        except OSError:  # the other end is closed
            return False
        self.seen += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)
