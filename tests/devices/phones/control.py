"""The side channel of the phones of one process. Each call names the phone it is about."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tests.devices.side_channel import Calls, SideChannel

from .clock import Clock
from .phone import Phone
from .poly import PolyPhone
from .yealink import YealinkPhone


class Control(SideChannel):
    """The side channel of phones by name."""

    def __init__(self, phones: Mapping[str, Phone], clock: Clock, host: str, port: int = 0) -> None:
        super().__init__(host, port)
        self.phones = phones
        self.clock = clock

    def reads(self) -> Calls:
        """GET calls."""
        return {"/state": lambda _body: {name: state(phone) for name, phone in self.phones.items()}}

    def actions(self) -> Calls:
        """POST calls: the body's ``phone`` is the name of one."""
        return {
            "/provision": lambda body: dataclasses.asdict(self._phone(body).provision()),
            "/register": self._register, "/change": self._change, "/faults": self._faults, "/reboot": self._reboot,
            "/advance": self._advance,
        }

    def _phone(self, body: Any) -> Phone:
        name = str(body["phone"])
        if name not in self.phones:
            raise ValueError(f"no phone {name!r} (there are: {', '.join(self.phones)})")
        return self.phones[name]

    def _register(self, body: Any) -> Any:
        registrations = self._phone(body).register()
        return {f"{account}.{server}": result for (account, server), result in registrations.items()}

    def _change(self, body: Any) -> Any:
        return {"changed": self._phone(body).change(body["settings"])}

    def _faults(self, body: Any) -> Any:
        phone = self._phone(body)
        phone.faults.clear()
        for spec in body["faults"]:
            phone.faults.plant(**spec)
        phone.settle()
        return {"planted": len(phone.faults.planted)}

    def _reboot(self, body: Any) -> Any:
        self._phone(body).reboot()
        return {}

    def _advance(self, body: Any) -> Any:
        self.clock.advance(float(body["seconds"]))
        return {name: phone.down for name, phone in self.phones.items()}


def state(phone: Phone) -> dict[str, Any]:
    """What there is to know of a phone, passwords included: it is a test device."""
    found: dict[str, Any] = {
        "mac": phone.mac, "model": phone.model, "version": phone.version, "address": phone.address,
        "ports": phone.ports(), "down": phone.down, "reboots": phone.reboots, "rang": list(phone.rang),
        "fetches": phone.fetches, "history": [dataclasses.asdict(outcome) for outcome in phone.history],
        "requests": list(phone.requests),
    }
    with phone.lock:
        if isinstance(phone, YealinkPhone):
            found |= {"settings": dict(phone.settings.values), "passwords": dict(phone.settings.passwords),
                      "local": dict(phone.settings.local), "ignored": list(phone.settings.ignored)}
        elif isinstance(phone, PolyPhone):
            found |= {"settings": phone.settings.values(), "passwords": phone.passwords(),
                      "layers": {kind: dict(layer) for kind, layer in phone.settings.layers.items()},
                      "ignored": list(phone.settings.ignored)}
    return found
