"""The files of a box: in memory, or below a folder that a real program runs in."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """Files by absolute path; every text is UTF-8."""

    def read(self, path: str) -> str:
        """The text of a file, "" when it is not there."""

    def exists(self, path: str) -> bool:
        """Whether the file is there."""

    def write(self, path: str, text: str) -> None:
        """Make or replace a file whole."""

    def remove(self, path: str) -> bool:
        """Take a file away; False when there was none."""

    def listed(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted."""


class MemoryFiles:
    """Files in a dictionary."""

    def __init__(self, texts: dict[str, str] | None = None) -> None:
        self.texts = dict(texts or {})

    def read(self, path: str) -> str:
        return self.texts.get(path, "")

    def exists(self, path: str) -> bool:
        return path in self.texts

    def write(self, path: str, text: str) -> None:
        self.texts[path] = text

    def remove(self, path: str) -> bool:
        return self.texts.pop(path, None) is not None

    def listed(self, folder: str) -> list[str]:
        start = f"{folder}/"
        return sorted(
            path[len(start) :] for path in self.texts if path.startswith(start) and "/" not in path[len(start) :]
        )


class TreeFiles:
    """Files below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def read(self, path: str) -> str:
        try:
            return self._at(path).read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, IsADirectoryError):
            return ""

    def exists(self, path: str) -> bool:
        return self._at(path).is_file()

    def write(self, path: str, text: str) -> None:
        place = self._at(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}.draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(place)

    def remove(self, path: str) -> bool:
        try:
            self._at(path).unlink()
        except FileNotFoundError:
            return False
        return True

    def listed(self, folder: str) -> list[str]:
        place = self._at(folder)
        return sorted(entry.name for entry in place.iterdir() if entry.is_file()) if place.is_dir() else []
