"""A FortiGate test device on a socket, and the product's modules run against it inside this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure, argument_spec, execute
from tests.devices.fortigate import FortiGate, FortiGateServer, Op, Switches, factory_config, lived_in_config
from tests.support.policies import policy, provider

VERSIONS = ("7.0.5", "7.2.4", "7.2.8", "7.4.1", "7.4.4", "7.6.2")
CONCERNS = ("sip_alg", "sip_allowlist", "voice_vlan", "management_access")
MODULES = ("firewall", *CONCERNS)
CONFIGS = ("factory", "lived-in")

HOST = "127.0.1.1"
USER, TOKEN = "voip-automation", "token-4711-VERY-secret"

_LOGINS = ("/api/v2/authentication", "/logincheck", "/logout")


def start_config(kind: str, version: str, management_ip: str = HOST, vdoms: tuple[str, ...] = ("root",)) -> Any:
    """One of the two starting configurations, or another one as it is."""
    if kind == "lived-in":
        return lived_in_config(version, management_ip=management_ip)
    assert kind == "factory"
    return factory_config(version, management_ip=management_ip, vdoms=vdoms)


@dataclass
class Unit:
    """A test device with its server. `options` are module options that every run of this unit takes."""

    device: FortiGate
    server: FortiGateServer
    options: dict[str, Any]

    @property
    def state(self) -> dict[str, Any]:
        """The whole running configuration."""
        return self.device.state()

    def run(self, module: str = "firewall", *, check: bool = False, **options: Any) -> dict[str, Any]:
        """The result of one module run, with the sample provider and policy unless the options name others."""
        given: dict[str, Any] = {
            "platform": "fortios",
            "host": self.server.host,
            "port": self.server.port,
            "ca_path": self.server.ca_path,
            "access_token": TOKEN,
            "connect_timeout": 5,
            "timeout": 60,
            **self.options,
            **options,
        }
        if given.get("state") not in ("deleted", "gathered"):
            given = {"provider": provider(), "policy": policy(), **given}
        checked = ArgumentSpecValidator(argument_spec(module)).validate(
            {name: value for name, value in given.items() if value is not None}
        )
        assert not checked.error_messages, checked.error_messages
        return execute(module, checked.validated_parameters, check)

    def fail(self, module: str = "firewall", *, check: bool = False, **options: Any) -> Failure:
        """The failure of a run that must fail."""
        with pytest.raises(Failure) as failure:
            self.run(module, check=check, **options)
        return failure.value

    def outcome(self, module: str = "firewall", **options: Any) -> tuple[dict[str, Any] | None, Failure | None]:
        """The result of a run, or its failure."""
        try:
            return self.run(module, **options), None
        except Failure as failure:
            return None, failure

    @property
    def writes(self) -> list[dict[str, Any]]:
        """The requests so far that may change something: not reads, not logins."""
        return [
            entry for entry in self.device.log if entry["method"] != "GET" and entry["path"] not in _LOGINS
        ]

    def forget(self) -> None:
        """Empty the log of requests."""
        self.device.log.clear()

    def rows(self, path: str, vdom: str = "root") -> list[dict[str, Any]]:
        """The rows of a table as they are now."""
        state = self.state
        found = state["global"].get(path) or state["vdom"][vdom].get(path) or []
        return list(found)

    def row(self, path: str, name: str, vdom: str = "root", field: str = "name") -> dict[str, Any]:
        """The one row with this name, or with this value of another field."""
        (found,) = (row for row in self.rows(path, vdom) if row[field] == name)
        return found

    def setting(self, path: str, field: str, vdom: str = "root") -> Any:
        """One field of a singleton."""
        state = self.state
        content = state["global"].get(path, state["vdom"][vdom].get(path))
        return content[field]

    def edit(self, path: str, key: object, vdom: str = "root", **fields: Any) -> None:
        """Another administrator changes a row, or a singleton (key "")."""
        keys = () if key == "" else (str(key),)
        body = {name.replace("_", "-"): value for name, value in fields.items()}
        self.device.apply(Op("set", path, vdom, keys, body))

    def add(self, path: str, vdom: str = "root", **fields: Any) -> Any:
        """Another administrator adds a row; its key."""
        body = {name.replace("_", "-"): value for name, value in fields.items()}
        return self.device.apply(Op("add", path, vdom, (), body))

    def remove(self, path: str, key: object, vdom: str = "root") -> None:
        """Another administrator deletes a row."""
        self.device.apply(Op("delete", path, vdom, (str(key),)))

    def move(self, path: str, key: object, vdom: str = "root", **place: object) -> None:
        """Another administrator moves a row: `before=` or `after=` another one's key."""
        self.device.apply(Op("move", path, vdom, (str(key),), {side: str(other) for side, other in place.items()}))


def make_unit(
    config: Any = "factory",
    version: str = "7.4.4",
    *,
    name: str = "fgt",
    host: str = HOST,
    management_ip: str = "",
    vdoms: tuple[str, ...] = ("root",),
    profile: str = "super_admin",
    ha_role: str = "standalone",
    switches: Switches | None = None,
    limits: dict[str, int] | None = None,
    seen_as: str = "",
    **options: Any,
) -> Unit:
    """A unit that is not yet served: use `unit.server` as a context manager. `options` are options of every run.

    `seen_as`: the address by which the unit sees whoever connects, where it is not the real one.
    """
    if isinstance(config, str):
        config = start_config(config, version, management_ip or host, vdoms)
    device = FortiGate(config, name=name, ha_role=ha_role, switches=switches, limits=limits, seen_as=seen_as)
    device.add_api_user(USER, TOKEN, accprofile=profile, vdoms=vdoms)
    return Unit(device, FortiGateServer(device, host=host), options)
