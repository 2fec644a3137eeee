"""The side channel of a Vigor test device."""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.devices.side_channel import Calls, SideChannel

from .device import Vigor


class Control(SideChannel):
    """The side channel of one device; ``info`` is what GET /info answers."""

    def __init__(self, device: Vigor, host: str, port: int = 0, info: dict[str, Any] | None = None) -> None:
        super().__init__(host, port)
        self.device = device
        self.info = info if info is not None else {}

    def reads(self) -> Calls:
        """GET calls."""
        device = self.device
        return {
            "/state": lambda _body: device.stored(),
            "/running": lambda _body: device.running(),
            "/log": lambda _body: list(device.log),
            "/counters": lambda _body: {**dataclasses.asdict(device.counters), "writes": device.writes},
            "/knobs": lambda _body: dataclasses.asdict(device.knobs),
            "/info": lambda _body: self.info,
        }

    def actions(self) -> Calls:
        """POST calls."""
        return {
            "/faults": self._faults, "/knobs": self._knobs, "/cli": self._cli, "/advance": self._advance,
            "/reset-log": self._reset_log,
        }

    def _faults(self, body: Any) -> Any:
        with self.device.lock:
            self.device.faults.clear()
            for spec in body or []:
                self.device.faults.plant(**spec)
            return {"planted": len(self.device.faults.planted)}

    def _knobs(self, body: Any) -> Any:
        with self.device.lock:
            for name, value in (body or {}).items():
                self.device.knobs.turn(name, value)
        return {}

    def _cli(self, body: Any) -> Any:
        return {"answers": [self.device.execute(str(line), log=False).text for line in body or []]}

    def _advance(self, body: Any) -> Any:
        self.device.advance(float(body["seconds"]))
        return {"now": self.device.now.isoformat(" ", "seconds"), "down": self.device.down}

    def _reset_log(self, _body: Any) -> Any:
        self.device.reset_log()
        return {}
