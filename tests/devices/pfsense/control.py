"""The side channel of a pfSense test device."""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.devices.side_channel import Calls, SideChannel

from .device import PfSense


class Control(SideChannel):
    """The side channel of one box; ``info`` is what GET /info answers."""

    def __init__(self, device: PfSense, host: str, port: int = 0, info: dict[str, Any] | None = None) -> None:
        super().__init__(host, port)
        self.device = device
        self.info = info if info is not None else {}

    def reads(self) -> Calls:
        """GET calls."""
        device = self.device
        return {
            "/state": lambda _body: device.state(),
            "/config": lambda _body: device.config,
            "/xml": lambda _body: device.xml,
            "/history": lambda _body: device.history,
            "/log": lambda _body: list(device.log),
            "/counters": lambda _body: dataclasses.asdict(device.counters),
            "/knobs": lambda _body: dataclasses.asdict(device.knobs),
            "/info": lambda _body: self.info,
        }

    def actions(self) -> Calls:
        """POST calls."""
        return {
            "/faults": self._faults,
            "/knobs": self._knobs,
            "/gui": self._gui,
            "/gui-apply": lambda _body: self.device.gui_apply(),
            "/advance": self._advance,
            "/reset-log": lambda _body: self.device.log.clear(),
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

    def _gui(self, body: Any) -> Any:
        """Another administrator saves: ``edits`` by path, and the subsystems that are ``dirty`` then."""
        self.device.gui_write(body["edits"], dirty=tuple(body.get("dirty", ())))
        return {}

    def _advance(self, body: Any) -> Any:
        self.device.advance(float(body["seconds"]))
        return {"now": self.device.now}
