# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A provisioning folder on disk: read when asked, written one whole file at a time."""

from __future__ import annotations

import errno
import grp
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import NotPossible

MODE = 0o640
"""Of our files: they hold passwords, and the web server reads them through its group."""
LARGEST = 4 * 1024 * 1024
"""Bytes. Nothing that a phone loads as configuration is larger."""
_NAME = re.compile(r"[A-Za-z0-9$][A-Za-z0-9$._-]{0,200}", re.ASCII)


class DiskFolder(Mapping[str, bytes]):
    """The files right in a folder, by name. Raises `NotPossible` for links and for what cannot be read."""

    def __init__(self, path: Path, group: int | None = None) -> None:
        self.path = path
        self.group = group

    def __getitem__(self, name: str) -> bytes:
        path = self._path(name)
        if path is None:
            raise KeyError(name)
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise NotPossible(f"{path}: not a file")
                content = stream.read(LARGEST + 1)
        except FileNotFoundError:
            raise KeyError(name) from None
        except OSError as error:
            reason = "a symbolic link" if error.errno == errno.ELOOP else f"cannot be read: {error.strerror}"
            raise NotPossible(f"{path}: {reason}") from None
        if len(content) > LARGEST:
            raise NotPossible(f"{path}: more than {LARGEST} bytes")
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(entry.name for entry in os.scandir(self.path)))

    def __len__(self) -> int:
        return sum(1 for _entry in os.scandir(self.path))

    def _path(self, name: str) -> Path | None:
        return self.path / name if _NAME.fullmatch(name) else None

    def loose(self, name: str) -> bool:
        """Whether a file of ours can be read by more than its owner and group, or belongs to another group."""
        try:
            status = os.lstat(self.path / name)
        except FileNotFoundError:
            return False
        wrong_group = self.group is not None and status.st_gid != self.group
        return stat.S_IMODE(status.st_mode) != MODE or wrong_group

    def write(self, name: str, content: bytes) -> None:
        """Put a file in its place in one step, so that a phone that fetches it meanwhile gets the old or the new one.

        A file that others made keeps its mode, owner and group as far as we may set them. Raises `NotPossible`.
        """
        target = self.path / name
        try:
            before = os.lstat(target)
        except FileNotFoundError:
            before = None
        if before is not None and not stat.S_ISREG(before.st_mode):
            raise NotPossible(f"{target}: not a file")
        try:
            for left in self.path.glob(f".{name}.*"):  # by a run that was cut off
                os.unlink(left)
            handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=self.path)
        except OSError as error:
            raise NotPossible(f"{self.path}: cannot be written: {error.strerror}") from None
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                self._own(stream.fileno(), before if before is not None and not _is_ours(name) else None)
                os.fsync(stream.fileno())
            os.rename(temporary, target)
        except OSError as error:
            raise NotPossible(f"{target}: cannot be written: {error.strerror}") from None
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
        self._sync()

    def _own(self, handle: int, like: os.stat_result | None) -> None:
        if like is None:
            if self.group is not None:
                os.fchown(handle, -1, self.group)
            os.fchmod(handle, MODE)
            return
        with suppress(PermissionError):
            os.fchown(handle, like.st_uid, like.st_gid)
        os.fchmod(handle, stat.S_IMODE(like.st_mode))

    def remove(self, name: str) -> None:
        """Take a file away. Raises `NotPossible`."""
        try:
            os.unlink(self.path / name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise NotPossible(f"{self.path / name}: cannot be removed: {error.strerror}") from None
        self._sync()

    def _sync(self) -> None:
        handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _is_ours(name: str) -> bool:
    return name.endswith("-hardening.cfg") or "-authority-" in name


def group_id(name: str) -> int | None:
    """The number of a group of this host; None where there is none of that name."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None
