"""The real nginx on loopback, from a folder of configuration, started and stopped by its process id.

Tests that need it take the fixture `nginx_program` of tests/conftest.py, which skips and says why where it is not
installed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

START_SECONDS = 10.0
# Debian's package puts it where users' PATH does not lead.
SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
# What nginx needs to run beside another one without being root.
MAIN = """\
{user}worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
    default_type application/octet-stream;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/temp-body;
    proxy_temp_path {folder}/temp-proxy;
    fastcgi_temp_path {folder}/temp-fastcgi;
    uwsgi_temp_path {folder}/temp-uwsgi;
    scgi_temp_path {folder}/temp-scgi;
    include {configuration}/*.conf;
}}
"""


def program() -> str | None:
    """The program, where there is one."""
    return shutil.which("nginx", path=SEARCH)


class Nginx:
    """One nginx; a context manager that is ready once it listens, or runs where there is nothing to listen for yet.

    ``configuration`` is a folder with files `*.conf`, each of them content of `http { }`, that listen on loopback only;
    ``listens`` is one address and port where they do. ``folder`` is where logs and process id go. Raises ValueError,
    with what nginx says, for a configuration that it does not take.
    """

    def __init__(self, configuration: Path, folder: Path, listens: tuple[str, int]) -> None:
        self.folder = folder
        self.access_log, self.error_log = folder / "access.log", folder / "error.log"
        self._listens = listens
        self._configuration = configuration
        self._main = folder / "nginx.conf"
        folder.mkdir(parents=True, exist_ok=True)
        # Workers of a root's nginx would be somebody else, who may not read a test's folders.
        user = "user root;\n" if os.getuid() == 0 else ""
        main = MAIN.format(user=user, folder=folder, configuration=configuration)
        self._main.write_text(main, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.check()
        self._process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._wait(self._answers if any(self._configuration.glob("*.conf")) else self._runs)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(START_SECONDS)
            self._process = None

    def check(self) -> None:
        """Let nginx judge the configuration."""
        done = subprocess.run([*self.command(), "-t"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(done.stderr)

    def reload(self) -> None:
        """Take a changed configuration; returns when no worker takes connections by the old one."""
        self.check()
        assert self._process is not None
        with self.reloading():
            self._process.send_signal(signal.SIGHUP)

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """What somebody does that has nginx take a changed configuration."""
        before = self._retired()
        yield
        self._wait(lambda: self._retired() > before and self._answers())

    def _retired(self) -> int:
        return self.error_log.read_text(encoding="utf-8").count("gracefully shutting down")

    def _wait(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + START_SECONDS
        while not condition():
            if self._process is None or self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"nginx is not ready: {self.error_log.read_text(encoding='utf-8')}")
            time.sleep(0.005)

    def command(self) -> list[str]:
        """What runs it; with `-t` added, what lets it judge the configuration."""
        return [program() or "nginx", "-p", str(self.folder), "-e", str(self.error_log), "-c", str(self._main)]

    def _runs(self) -> bool:
        return (self.folder / "nginx.pid").exists() and "start worker process" in self.error_log.read_text("utf-8")

    def _answers(self) -> bool:
        try:
            socket.create_connection(self._listens, 1.0).close()
        except OSError:
            return False
        return True
