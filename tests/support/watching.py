"""What a run of Ansible leaves lying about: files, and arguments and environments of processes while it runs."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path


class Watch:
    """Keeps what there is to see, whenever `look` is called, of a folder and of the processes that this one started.

    `planted`: files that the user wrote, which are not looked at. `commands`: whole command lines of the user's, whose
    arguments are not looked at; those of all other processes are.
    """

    def __init__(self, folder: Path, planted: Collection[Path] = ()) -> None:
        self.folder = folder
        self.planted = planted
        self.commands: set[tuple[str, ...]] = set()
        self.seen: dict[str, set[bytes]] = defaultdict(set)
        self.processes: set[tuple[str, ...]] = set()
        self._versions: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def look(self) -> None:
        """Look at everything now."""
        with self._lock:
            for process in _started_by(os.getpid()):
                self._look_at_process(process)
            for folder, _folders, files in os.walk(self.folder):
                for name in files:
                    self._look_at_file(Path(folder, name))

    def keep(self, place: str, text: str) -> None:
        """Something else to search, such as what was printed."""
        self.seen[place].add(text.encode("utf-8", "surrogateescape"))

    def _look_at_process(self, process: int) -> None:
        arguments, environment = (_content(Path(f"/proc/{process}/{name}")) for name in ("cmdline", "environ"))
        command = tuple(os.fsdecode(part) for part in arguments.split(b"\0")[:-1])
        self.processes.add(command)
        if not any(command[-len(known) :] == known for known in self.commands):
            self.seen["the arguments of a process"].add(arguments)
        self.seen["the environment of a process"].add(environment)

    def _look_at_file(self, path: Path) -> None:
        try:
            status = path.stat()
        except OSError:
            return
        version = (status.st_mtime_ns, status.st_size)
        if path not in self.planted and self._versions.get(str(path)) != version:
            self._versions[str(path)] = version
            contents, content = self.seen[str(path.relative_to(self.folder))], _content(path)
            # A log grows: what it began with is looked for once.
            contents -= {earlier for earlier in contents if content.startswith(earlier)}
            contents.add(content)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it is gone, or a socket
        return b""


def _started_by(process: int) -> list[int]:
    """The processes below this one."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            # Name in brackets, then state and parent.
            fields = _content(Path(f"/proc/{entry}/stat")).rpartition(b")")[2].split()
            if len(fields) > 1:
                children[int(fields[1])].append(int(entry))
    found = list(children[process])
    for child in found:
        found += children[child]
    return found
