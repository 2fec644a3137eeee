"""A caller for the FortiGate test device's own tests: requests without sockets."""

from __future__ import annotations

import json
from typing import Any

from tests.devices.fortigate import FortiGate, Request, Response, Switches, factory_config, lived_in_config

TOKEN = "unit-test-token"
CMDB = "/api/v2/cmdb/"
MONITOR = "/api/v2/monitor/"
POLICY = {
    "name": "VOIP-out", "srcintf": [{"name": "internal"}], "dstintf": [{"name": "wan1"}],
    "srcaddr": [{"name": "all"}], "dstaddr": [{"name": "all"}], "service": [{"name": "SIP"}], "schedule": "always",
    "action": "accept",
}


class Unit:
    """A device with one token, and shorthands for requests to it."""

    def __init__(self, config: dict[str, Any], accprofile: str = "super_admin", **options: Any) -> None:
        self.now = 1000.0
        self.device = FortiGate(config, clock=lambda: self.now, **options)
        self.device.add_api_user("unit-test", TOKEN, accprofile=accprofile)

    def send(self, method: str, target: str, body: Any = None, token: str = TOKEN, **headers: str) -> Response:
        return self.device.handle(Request.make(method, target, body, token, **headers))

    def get(self, path: str, **headers: str) -> Any:
        reply = self.send("GET", CMDB + path, **headers)
        assert reply.status == 200, reply.body
        return reply.json()["results"]

    def write(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """A write that must succeed; returns the envelope."""
        reply = self.send(method, CMDB + path, body, **headers)
        assert reply.status == 200, reply.body
        data: dict[str, Any] = reply.json()
        return data

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, int | None]:
        """(HTTP status, error number) of a write that must fail and change nothing."""
        before = json.dumps(self.device.stored(), sort_keys=True)
        reply = self.send(method, CMDB + path, body, **headers)
        assert reply.status != 200, reply.body
        assert json.dumps(self.device.stored(), sort_keys=True) == before
        return reply.status, reply.json().get("error")


def factory(version: str = "7.4.4", **options: Any) -> Unit:
    return Unit(factory_config(version), **options)


def lived_in(version: str = "7.4.4", **options: Any) -> Unit:
    return Unit(lived_in_config(version), **options)


def switched(version: str = "7.4.4", **switches: Any) -> Unit:
    return Unit(factory_config(version), switches=Switches(**switches))
