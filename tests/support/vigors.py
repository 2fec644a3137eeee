"""A DrayTek Vigor test device behind SSH or telnet, and the product's modules run against it inside this process."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure, argument_spec, execute
from tests.devices.vigor import Knobs, Vigor, VigorServer, VigorTelnetServer, factory_config, lived_in_config
from tests.support.policies import policy, provider
from tests.support.states import differences

HOST = "127.0.30.1"
PASSWORD = "Vig0r-S3cret-passw0rd"
SMALL, LARGE = "Vigor2927", "Vigor3912"
VIGORS = (SMALL, LARGE)
UPTIME = 3600.0
"""Seconds that a unit has been up: two starts within two minutes are one to those who compare clocks."""

Stored = dict[str, Any]


def vigor_policy(**changes: Any) -> dict[str, Any]:
    """The sample policy as it is for a Vigor: every LAN port carries the phones' VLAN."""
    made = policy(**changes)
    made["voice_vlan"].pop("parent_interface", None)
    return made


@dataclass
class VigorUnit:
    """A test device with its server. `options` are module options that every run of this unit takes."""

    device: Vigor
    server: VigorServer | VigorTelnetServer
    options: dict[str, Any]

    @property
    def stored(self) -> Stored:
        """The whole stored configuration."""
        return self.device.stored()

    @property
    def written(self) -> list[str]:
        """The lines so far that stored something."""
        return [entry["line"] for entry in self.device.log if entry["write"]]

    def forget(self) -> None:
        """Empty the log of lines."""
        self.device.log.clear()

    def typed(self, *lines: str) -> VigorUnit:
        """Another administrator types some lines, each of which must change something."""
        for line in lines:
            writes = self.device.writes
            answer = self.device.execute(line, log=False).text
            assert self.device.writes > writes, f"{line}: {answer}"
        return self

    def run(self, module: str = "firewall", *, check: bool = False, **options: Any) -> dict[str, Any]:
        """The result of one module run, with the sample provider and policy unless the options name others."""
        telnet = isinstance(self.server, VigorTelnetServer)
        given: dict[str, Any] = {
            "platform": "draytek",
            "host": self.server.host,
            "port": self.server.port,
            "username": "admin",
            "password": PASSWORD,
            "connect_timeout": 5,
            "timeout": 60,
            **({"transport": "telnet"} if telnet else {"fingerprint": self.server.fingerprint}),  # type: ignore[union-attr]
            **self.options,
            **options,
        }
        if given.get("state") not in ("deleted", "gathered"):
            given = {"provider": provider(), "policy": vigor_policy(), **given}
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


def vigor_config(kind: str, model: str, lan_ip: str = HOST, version: str = "") -> Stored:
    """One of the two starting configurations."""
    return {"factory": factory_config, "lived-in": lived_in_config}[kind](model, version, lan_ip)


def make_vigor(
    config: str | Stored = "factory",
    model: str = SMALL,
    *,
    host: str = HOST,
    lan_ip: str = "",
    version: str = "",
    knobs: dict[str, Any] | None = None,
    telnet: bool = False,
    **options: Any,
) -> VigorUnit:
    """A unit that is not yet served: use `unit.server` as a context manager. `options` are options of every run."""
    made = vigor_config(config, model, lan_ip or host, version) if isinstance(config, str) else config
    device = Vigor(made, knobs=Knobs(**(knobs or {})))
    device.set_password("admin", PASSWORD)
    device.advance(UPTIME)
    return VigorUnit(device, (VigorTelnetServer if telnet else VigorServer)(device, host), options)


def vigor_variables(unit: VigorUnit, **variables: Any) -> dict[str, Any]:
    """The inventory's variables for a unit; None takes one away."""
    given = {
        "ansible_network_os": "draytek",
        "ansible_host": unit.server.host,
        "ansible_port": unit.server.port,
        "ansible_user": "admin",
        "ansible_password": PASSWORD,
        "voip_known_hosts": getattr(unit.server, "known_hosts", None),
        "voip_provider": provider(),
        "voip_policy": vigor_policy(),
        "voip_timeout": 60,
        "voip_connect_timeout": 5,
        **variables,
    }
    return {name: value for name, value in given.items() if value is not None}


# Comparing configurations


def comparable(stored: Stored, *, notes: bool = True) -> Stored:
    """A configuration in which two ways to say the same are one: a rule that lets everything through and is off is
    none, a set of such rules neither, an option's number is the unit's business.

    `notes` False leaves out what remembers when the unit had started, which no two runs share, and the names of places
    that are free again.
    """
    made = copy.deepcopy(stored)
    for number, found in list(made["sets"].items()):
        found["rules"] = {place: rule for place, rule in found["rules"].items() if not _says_nothing(rule)}
        if not found["rules"] and not found["comment"] and not found["next"]:
            del made["sets"][number]
    for option in made["dhcp_options"]:
        del option["index"]
    for entry in made["ip_objects"].values():
        if entry["name"] in ("VOIPH-wboot", "VOIPH-wlist") and not notes:
            entry["start"] = ""
    for kind in ("ip_objects", "ip_groups", "service_objects", "service_groups"):
        made[kind] = {key: entry for key, entry in made[kind].items() if entry["name"] != "VOIPH-free"}
    return made


def _says_nothing(rule: dict[str, Any]) -> bool:
    sides = [rule[side] for side in ("source", "destination", "service")]
    anything = all(side == ["any"] or side[:2] in (["u", 2], ["u", 0]) for side in sides)
    return anything and not (rule["enabled"] or rule["comment"] or rule["action"] or any(rule["schedules"]))


def assert_same_vigor(before: Stored, after: Stored, *, notes: bool = True) -> None:
    """The two configurations hold the same."""
    lines = differences(comparable(before, notes=notes), comparable(after, notes=notes))
    assert not lines, "\n".join(lines[:20])
