"""A Vigor test device reached by direct calls instead of a terminal, so that a run costs milliseconds.

Everything of the product's session runs as it is, but for the connection: which lines are allowed, what their answers
mean. Whatever it types is compared with what DrayTek documents, and must destroy nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.errors import Unreachable
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek import observation, session
from tests.devices.vigor import Reply, Vigor
from tests.oracles.drayos.commands import check, destructive
from tests.oracles.drayos.grammar import NotDocumented

CONTROLLER = "192.168.1.10"
_READ = re.compile(
    r" -v\Z| \?\Z|^(show |sys (version|mpage|time)\b|object schedule view |srv dhcp option -l\Z|vlan (status|sysvid)\b|"
    r"msubnet status |mngt (accesslist list|rmtcfg status)\Z|qos class -V |exit\Z)"
)
EPOCH = 1_767_600_000
"""What the controller's clock says when the unit's steady clock says 0."""


def changes(line: str) -> bool:
    """Whether a line may change something."""
    return _READ.search(line) is None


UNDOCUMENTED = {
    r"vlan group \d+ set": "no documented line takes the last port out of a row and leaves the other rows as they are",
}
"""Lines that no guide has, and why they are typed all the same."""


@lru_cache(maxsize=65536)
def objection(line: str, family: str) -> str:
    """Why a line must not be typed at such a unit: DrayTek does not document it, or it destroys something; "" else."""
    try:
        check(line, family)
    except NotDocumented as error:
        if not any(re.fullmatch(pattern, line) for pattern in UNDOCUMENTED):
            return f"{line!r}: {error}"
    return destructive(line)


Tamper = Callable[[str, str], str]


class Wire:
    """The way to one unit; a context manager.

    `seen` is called with every line that the device acted on, before the answer is on its way. `tamper` may change an
    answer. `said`, where it is set, holds the answers of a unit that does not change. `typed`: every line so far,
    `objections`: what was wrong with them.
    """

    def __init__(self, device: Vigor, host: str, source: str) -> None:
        self.device = device
        self.host = host
        self.source = source
        self.typed: list[str] = []
        self.objections: list[str] = []
        self.seen: Callable[[str], None] | None = None
        self.tamper: Tamper | None = None
        self.said: dict[str, str] | None = None
        self.era = 0
        self._originals: tuple[Any, Any] | None = None

    def __enter__(self) -> Wire:
        self._originals = session.connect, observation.time
        session.connect = lambda target, deadline: _Connection(self, target)  # type: ignore[assignment]
        # The controller's clock goes as the unit's does, so that whoever compares the two sees what time it is there.
        observation.time = SimpleNamespace(time=self.controller_time)  # type: ignore[assignment]
        self.device.on_drop.append(self._drop)
        return self

    def __exit__(self, *_exc: object) -> None:
        assert self._originals is not None
        session.connect, observation.time = self._originals
        self.device.on_drop.remove(self._drop)

    def controller_time(self) -> float:
        """Seconds since 1970."""
        return EPOCH + self.device._time()

    def _drop(self) -> None:
        self.era += 1

    def exchange(self, line: str) -> Reply:
        """One line and its answer."""
        wrong = objection(line, self.device.model.family)
        if wrong:
            self.objections.append(wrong)
        if self.said is not None and not changes(line):
            if line not in self.said:
                self.said[line] = self._handled(line).text
            return Reply(self._tampered(line, self.said[line]))
        reply = self._handled(line)
        if self.seen is not None:
            self.seen(line)
        return reply if reply.cut or reply.hangs else Reply(self._tampered(line, reply.text), reply.closes)

    def _handled(self, line: str) -> Reply:
        self.typed.append(line)
        return self.device.handle(line)

    def _tampered(self, line: str, text: str) -> str:
        return self.tamper(line, text) if self.tamper is not None else text


class _Connection:
    """What the product's session uses of a netmiko driver."""

    def __init__(self, wire: Wire, target: Any) -> None:
        assert target.host == wire.host, target.host
        self.local_address, self.peer_address = wire.source, wire.host
        device = wire.device
        if not device.admits(wire.source):
            raise Unreachable(f"{wire.host}: no connection: refused")
        assert device.login(target.username, target.password.reveal(), wire.source, target.transport.upper())
        if not device.enter():
            raise Unreachable(f"{wire.host}: the unit hung up before its first prompt")
        self._wire = wire
        self._era = wire.era
        self._open = True

    def run(self, text: str, timeout: float) -> str:
        if not self._open or self._era != self._wire.era:
            raise self._broken(text)
        reply = self._wire.exchange(text)
        if reply.cut or reply.hangs or reply.closes:
            self._end()
            raise self._broken(text)
        return "\n".join(line.rstrip() for line in reply.text.split("\r\n")).strip("\n")

    def close(self) -> None:
        """Log out, as the driver does where nothing is under way, and hang up."""
        if self._open and self._era == self._wire.era:
            self._wire.exchange("exit")
        self._end()

    def _end(self) -> None:
        if self._open:
            self._open = False
            self._wire.device.leave()

    def _broken(self, text: str) -> Unreachable:
        return Unreachable(f"{self._wire.host}: the connection broke while waiting for the answer to `{text}`")
