"""A headless Chromium, told what to do over a pair of pipes: no port is opened, and no driver has to fit its version.

The protocol is that of the DevTools: JSON messages, each ended by a zero byte, read by the browser from file
descriptor 3 and written by it to descriptor 4.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
_END = b"\0"
_LONGEST_WAIT = 120
"""Seconds after which a browser that hangs is given up."""


def program() -> str | None:
    """The path of the browser; None where there is none."""
    return shutil.which("chromium")


class BrowserError(Exception):
    """The browser refused a command or went away."""


class Tab:
    """One page of a browser. `events`: what the browser told unasked, oldest first."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._read = b""
        self._number = 0
        self._session: str | None = None
        self.events: deque[dict[str, Any]] = deque()

    def attach(self) -> None:
        """Open an empty page and talk to it from now on."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Security"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + _END
        while data:
            data = data[os.write(self._commands, data) :]
        while True:
            answer = self._next()
            if answer.get("id") != self._number:
                self.events.append(answer)
            elif "error" in answer:
                raise BrowserError(f"{method}: {answer['error']}")
            else:
                result: dict[str, Any] = answer["result"]
                return result

    def wait_for(self, method: str) -> None:
        """Read what the browser tells until it tells this."""
        while True:
            answer = self._next()
            self.events.append(answer)
            if answer.get("method") == method:
                return

    def _next(self) -> dict[str, Any]:
        while _END not in self._read:
            if not select.select([self._answers], [], [], _LONGEST_WAIT)[0]:
                raise BrowserError(f"the browser said nothing for {_LONGEST_WAIT} seconds")
            more = os.read(self._answers, 1 << 16)
            if not more:
                raise BrowserError("the browser went away")
            self._read += more
        message, _end, self._read = self._read.partition(_END)
        answer: dict[str, Any] = json.loads(message)
        return answer

    def show(self, address: str, width: int, scheme: str, media: str = "screen") -> None:
        """Load a page at this width in CSS pixels, light or dark, on a screen or as printed."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.ask("Emulation.setEmulatedMedia", media="" if media == "screen" else media, features=features)
        self.events.clear()
        self.ask("Page.navigate", url=address)
        if not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.wait_for("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What an expression comes to in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def told(self, *methods: str) -> list[dict[str, Any]]:
        """The parameters of such events since the page was loaded."""
        return [event["params"] for event in self.events if event.get("method") in methods]

    def picture(self, path: Path, highest: int = 16000) -> None:
        """Write the page as PNG, as far down as the browser can."""
        path.parent.mkdir(parents=True, exist_ok=True)
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], highest), "scale": 1}
        data = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        path.write_bytes(base64.b64decode(data))


def _pipe() -> tuple[int, int]:
    """Both ends of a pipe, by numbers above those that the browser is to have."""
    ends = os.pipe()
    above = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in ends)
    for end in ends:
        os.close(end)
    return above[0], above[1]


@contextmanager
def opened() -> Iterator[Tab]:
    """A browser of our own with an empty page, gone at the end with all that it wrote."""
    found = program()
    assert found is not None, "chromium is not installed"
    with tempfile.TemporaryDirectory(prefix="voip-chromium-", ignore_cleanup_errors=True) as profile:
        (their_in, our_out), (our_in, their_out) = _pipe(), _pipe()
        # A shell gives the descriptors the numbers that the browser looks for.
        script = f'exec "$@" 3<&{their_in} 4>&{their_out} {their_in}<&- {their_out}>&-'
        browser = subprocess.Popen(
            ["bash", "-c", script, "bash", found, *_FLAGS, f"--user-data-dir={profile}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=(their_in, their_out), start_new_session=True,
        )  # fmt: skip
        os.close(their_in)
        os.close(their_out)
        try:
            tab = Tab(our_out, our_in)
            tab.attach()
            yield tab
            tab._session = None
            tab.ask("Browser.close")
        finally:
            os.close(our_out)
            os.close(our_in)
            try:
                browser.wait(timeout=20)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()
