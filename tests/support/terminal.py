"""A program at a real terminal, which is typed to: `ansible-playbook` asks nobody who has none."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PIECE = 65536
_MOMENT = 0.1
"""Seconds between looks at the terminal."""
_AT_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
"""What makes the terminal on standard input that of a new session, and then becomes the program."""


class Stuck(AssertionError):
    """What was waited for did not come; the message holds what came."""


class Terminal:
    """A context manager: the program runs in a session of its own, on this terminal. `seen`: all that it showed."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float) -> None:
        self.seen = ""
        self._command, self._folder, self._environment = list(command), folder, dict(environment)
        self._until = time.monotonic() + seconds
        self._terminal = -1
        self._process: subprocess.Popen[bytes] | None = None
        self._read = 0

    def __enter__(self) -> Terminal:
        self._terminal, other_end = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _AT_TERMINAL, *self._command], cwd=self._folder, env=self._environment,
            stdin=other_end, stdout=other_end, stderr=other_end, start_new_session=True,
        )  # fmt: skip
        os.close(other_end)
        return self

    def __exit__(self, *_error: object) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
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
        assert self._process is not None
        return self._process.wait()

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
