# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of reports: files that are there whole or not at all, and a history that several runs may add to."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.voip.hardening.plugins.module_utils.posture.history import History, Line, read_history
from ansible_collections.voip.hardening.plugins.plugin_utils.replacing import put_file

HISTORY = "history.jsonl"
_MODE = 0o640
"""Of every file: a web server or node_exporter is let in by the group."""
_FOLDER_MODE = 0o750


class FolderError(Exception):
    """The folder cannot be used; the message names file and reason."""


class ReportFolder:
    """One folder. Nothing is made in it before the first `keep` or `write`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._history = path / HISTORY

    def history(self, now: str, days: int) -> History:
        """What is kept of earlier runs, no older than so many days; empty where there is none. Raises `FolderError`."""
        try:
            with self._history.open("rb") as stream:
                return read_history(stream, now, days)
        except FileNotFoundError:
            return History()
        except OSError as error:
            raise _told(self._history, "read", error) from None

    def keep(self, lines: Iterable[Line], now: str, days: int) -> str:
        """Add lines to the history, and take out what is older than so many days. Returns the path.

        Other runs may add theirs at the same time. Raises `FolderError`; the history is then as it was.
        """
        added = _bytes(lines)
        try:
            with self._locked():
                history = self.history(now, days)
                if history.stale:
                    put_file(self._history, _bytes(history.lines) + added, _MODE)
                else:
                    _append(self._history, added)
        except OSError as error:
            raise _told(self._history, "written", error) from None
        return str(self._history)

    def write(self, name: str, text: str) -> str:
        """Put a file in the place of the one before, in one step. Returns its path. Raises `FolderError`."""
        path = self.path / name
        try:
            _make(path.parent)
            put_file(path, text.encode("utf-8"), _MODE)
        except OSError as error:
            raise _told(path, "written", error) from None
        return str(path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        _make(self.path)
        handle = os.open(self.path / f".{HISTORY}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _make(folder: Path) -> None:
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)


def _bytes(lines: Iterable[Line]) -> bytes:
    return "".join(line.text() for line in lines).encode("ascii")


def _append(path: Path, content: bytes) -> None:
    """All of it, or nothing. What a run that was ended left half-written stays a line of its own."""
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
    try:
        size = os.fstat(handle).st_size
        if not size:
            os.fchmod(handle, _MODE)
        elif os.pread(handle, 1, size - 1) != b"\n":
            content = b"\n" + content
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)


def _told(path: Path, what: str, error: OSError) -> FolderError:
    return FolderError(f"{path}: cannot be {what}: {error.strerror}")
