"""The side channel of a FortiGate test device."""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.devices.side_channel import Calls, SideChannel

from .device import FortiGate
from .editor import Op
from .errors import Rejection
from .switches import Counters, Switches


def command(entry: dict[str, Any]) -> Op:
    """One entry of POST /cli as a write. Raises ValueError naming what is wrong with it."""
    verb = entry.get("op")
    if verb not in ("set", "delete", "add", "move"):
        raise ValueError(f"op is {verb!r} (allowed: set, delete, add, move)")
    mkey = entry.get("mkey")
    keys = () if mkey is None or verb == "add" else (str(mkey),)
    data = dict(entry.get("data") or {})
    return Op(verb, str(entry["path"]), str(entry.get("vdom", "root")), keys, data)


class Control(SideChannel):
    """The side channel of one device; ``info`` is what GET /info answers."""

    def __init__(self, device: FortiGate, host: str, port: int = 0, info: dict[str, Any] | None = None) -> None:
        super().__init__(host, port)
        self.device = device
        self.info = info if info is not None else {}

    def reads(self) -> Calls:
        """GET calls."""
        device = self.device
        return {
            "/state": lambda _body: device.state(),
            "/stored": lambda _body: device.stored(),
            "/log": lambda _body: list(device.log),
            "/counters": lambda _body: dataclasses.asdict(device.counters),
            "/info": lambda _body: self.info,
        }

    def actions(self) -> Calls:
        """POST calls."""
        return {
            "/reset-log": self._reset_log, "/faults": self._faults, "/switches": self._switches, "/cli": self._cli,
            "/advance": self._advance, "/sessions": self._sessions,
        }

    def _reset_log(self, _body: Any) -> Any:
        with self.device.lock:
            self.device.log.clear()
            self.device.counters = Counters()
        return {}

    def _faults(self, body: Any) -> Any:
        with self.device.lock:
            self.device.faults.clear()
            for spec in body or []:
                self.device.faults.plant(**spec)
        return {"planted": len(self.device.faults.planted)}

    def _switches(self, body: Any) -> Any:
        known = {entry.name for entry in dataclasses.fields(Switches)}
        for name, value in (body or {}).items():
            if name not in known:
                raise ValueError(f"unknown switch {name!r} (allowed: {', '.join(sorted(known))})")
            setattr(self.device.switches, name, frozenset(value) if name == "missing_calls" else value)
        return {}

    def _cli(self, body: Any) -> Any:
        try:
            return {"mkeys": [self.device.apply(command(entry)) for entry in body or []]}
        except Rejection as error:
            raise ValueError(str(error)) from error

    def _advance(self, body: Any) -> Any:
        self.device.advance(float(body["seconds"]))
        return {"reverts": self.device.reverts}

    def _sessions(self, body: Any) -> Any:
        with self.device.lock:
            self.device.sessions[:] = body or []
        return {"sessions": len(self.device.sessions)}
