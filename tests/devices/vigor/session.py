"""What a terminal session sends and gets: echo, line editing, pager, prompt. No sockets."""

from __future__ import annotations

from collections.abc import Iterator

from .device import Reply, Vigor

MARKER = "--- MORE ---   ['q': Quit, 'Enter': New Lines, 'Space Bar': Next Page] ---"
WIDTH = 80
PAUSE = 0.05
ERASE = b"\b \b"

# Bytes to send, or seconds to wait.
Piece = bytes | float


class Session:
    """One session after its login. ``feed`` yields what goes out; the flags then say how the connection goes on."""

    def __init__(self, device: Vigor) -> None:
        self.device = device
        self.closed = False
        self.cut = False
        self.hangs = False
        self._line = bytearray()
        self._pending: list[str] = []
        self._paged = False
        self._waiting = False

    def begin(self) -> bytes:
        """Greeting and first prompt."""
        greeting = f"\r\n\r\n{self.device.knobs.banner}\r\n\r\n{self.device.prompt}".encode()
        self.device.count_bytes(sent=len(greeting))
        return greeting

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Take what was typed."""
        self.device.count_bytes(received=len(data))
        for piece in self._typed(data):
            if isinstance(piece, bytes):
                self.device.count_bytes(sent=len(piece))
            yield piece

    def _typed(self, data: bytes) -> Iterator[Piece]:
        for value in data:
            if self.closed or self.hangs:
                return
            key = bytes((value,))
            if self._waiting:
                yield from self._page_key(key)
            elif key == b"\r":
                yield b"\r\n"
                line = self._line.decode(errors="replace")
                self._line.clear()
                yield from self._run(line)
            elif key in (b"\b", b"\x7f"):
                if self._line:
                    del self._line[-1]
                    yield ERASE
            elif value >= 0x20:
                if self.device.knobs.unasked and not self._line:
                    yield self.device.knobs.unasked.encode()
                self._line += key
                yield key

    # --- answers ---------------------------------------------------------------------------------------------------

    def _run(self, line: str) -> Iterator[Piece]:
        reply = self.device.handle(line)
        if self.device.knobs.latency:
            yield self.device.knobs.latency
        if reply.cut in ("before", "after"):
            self.closed = self.cut = True
            return
        if reply.hangs:
            self.hangs = True
            return
        if reply.cut == "during":
            yield reply.text.encode()
            self.closed = self.cut = True
            return
        yield from self._show(reply)

    def _show(self, reply: Reply) -> Iterator[Piece]:
        if reply.closes:
            self.closed = True
            yield reply.text.encode()
            return
        rows = reply.text.split("\r\n") if reply.text else []
        if self.device.knobs.wrap_80:
            rows = [part for row in rows for part in _wrapped(row)]
        self._pending, self._paged = rows, False
        yield from self._more(self.device.knobs.page_lines)

    def _more(self, count: int) -> Iterator[Piece]:
        """The next lines, then the marker or the prompt."""
        if not self.device.paging:
            count = len(self._pending)
        now, self._pending = self._pending[:count], self._pending[count:]
        text = "".join(f"{row}\r\n" for row in now)
        if not self._pending:
            yield (text + self._prompt()).encode()
            return
        self._waiting = self._paged = True
        marker = ("\r\n" if self.device.knobs.blank_before_marker else "") + MARKER
        if self.device.knobs.split_marker:
            half = len(marker) // 2
            yield (text + marker[:half]).encode()
            yield PAUSE
            yield marker[half:].encode()
        else:
            yield (text + marker).encode()

    def _page_key(self, key: bytes) -> Iterator[Piece]:
        if key not in (b" ", b"\r", b"q", b"Q"):
            return
        self._waiting = False
        yield f"\r{' ' * len(MARKER)}\r".encode()
        if key in (b"q", b"Q"):
            self._pending = []
        yield from self._more(1 if key == b"\r" else self.device.knobs.page_lines)

    def _prompt(self) -> str:
        return self.device.prompt + (" " if self._paged and self.device.knobs.two_spaces else "")


def _wrapped(row: str) -> list[str]:
    return [row[at : at + WIDTH] for at in range(0, len(row), WIDTH)] or [""]
