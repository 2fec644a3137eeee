# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a file as a whole, in one step: whoever reads it sees what was there before, or all that is new."""

from __future__ import annotations

import glob
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_NEW = ".new"


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put a file in the place of the one before; it is on disk when this returns. Raises `OSError`.

    For a file that nobody else writes meanwhile: what a run that was cut off left of one is taken away.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.*{_NEW}"):
        os.unlink(left)
    put_file(path, content, mode)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def put_file(path: Path, content: bytes, mode: int) -> None:
    """The same for a file that several runs may write at a time, the last of which wins. Raises `OSError`."""
    handle, temporary = tempfile.mkstemp(_NEW, f".{path.name}.", path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
