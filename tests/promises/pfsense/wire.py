"""A pfSense test device reached by direct calls instead of SSH, so that a run costs milliseconds.

Everything of the product's session runs as it is but for the connection: programs, answers, and what they mean.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.errors import Unreachable
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import session
from tests.devices.pfsense import Cut, Hang, PfSense
from tests.devices.pfsense.operations import request_of
from tests.promises.pfsense.sites import CONTROLLER, LAN

Request = dict[str, Any]
Tamper = Callable[[Request, str], str]
READS = ("read",)


def changes(request: Request) -> bool:
    """Whether a request may change something."""
    return request["op"] not in READS


class Wire:
    """The way to one box; a context manager.

    `seen` is called with every request that the box acted on, before the answer is on its way. `tamper` may change an
    answer. `said`, where it is set, holds the answers of a box that does not change. `asked`: every request so far.
    """

    def __init__(self, device: PfSense) -> None:
        self.device = device
        self.asked: list[Request] = []
        self.seen: Callable[[Request], None] | None = None
        self.tamper: Tamper | None = None
        self.said: dict[str, str] | None = None
        self._originals: tuple[Any, Any] | None = None

    def __enter__(self) -> Wire:
        self._originals = session.connect, session._carried_out
        session.connect = lambda target, _deadline: _Link(self, target)  # type: ignore[assignment]
        session._carried_out = lambda link, command, text: link.exchange(command, text)
        return self

    def __exit__(self, *_exc: object) -> None:
        assert self._originals is not None
        session.connect, session._carried_out = self._originals

    def exchange(self, program: str) -> str:
        """What `php` prints for a program."""
        request = request_of(program)
        assert request is not None
        if self.said is not None and not changes(request):
            name = json.dumps(request, sort_keys=True)
            if name not in self.said:
                self.said[name] = self._handled(request, program)
            return self._tampered(request, self.said[name])
        said = self._handled(request, program)
        if self.seen is not None:
            self.seen(request)
        return self._tampered(request, said)

    def _handled(self, request: Request, program: str) -> str:
        self.asked.append(request)
        return self.device.handle(program).decode()

    def _tampered(self, request: Request, text: str) -> str:
        return self.tamper(request, text) if self.tamper is not None else text


class _Link:
    """What the product's session uses of a connection."""

    def __init__(self, wire: Wire, target: Any) -> None:
        self.where = f"{target.host}:22"
        self.local_address, self.peer_address = CONTROLLER, LAN
        if wire.device.faults.refuses_connection():
            raise Unreachable(f"{self.where}: no connection: refused")
        self._wire = wire

    @contextmanager
    def limited(self, _until: float, late: str, broken: str) -> Iterator[None]:
        try:
            yield
        except Cut:
            raise Unreachable(f"{self.where}: {broken}") from None
        except Hang:
            raise Unreachable(f"{self.where}: {late}") from None

    def exchange(self, command: str, program: str) -> tuple[bytes, str, int]:
        assert command == "/usr/local/bin/php", command
        return self._wire.exchange(program).encode(), "", 0

    def close(self) -> None:
        """Hang up."""
