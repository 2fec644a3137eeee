"""A pfSense test device behind SSH or without it, and the product's modules run against it inside this process."""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure, argument_spec, execute
from tests.devices.pfsense import Knobs, PfSense, PfSenseServer, dumped, factory_tree, lived_in_tree
from tests.devices.pfsense.accounts import with_key, with_password
from tests.devices.pfsense.operations import OWN, request_of
from tests.support.policies import policy, provider
from tests.support.states import differences

HOST = "127.0.40.1"
PASSWORD = "pfS3nse-S3cret-passw0rd"
VERSIONS = ("2.7.2", "2.8.0", "24.11")
STARTS = ("factory", "lived-in")
FLAVOURS = ("python", "php")


def shared_by_flavours(cases: Iterable[Any], every: int) -> list[tuple[Any, str]]:
    """Cases with a flavour of the device: all of them with the one that needs nothing, every so many with real PHP."""
    python, php = FLAVOURS
    some = list(cases)
    return [*((case, python) for case in some), *((case, php) for case in some[::every])]


MARK = "---- voip.hardening ----"
VOLATILE = ("revision",)
"""Parts of a configuration that every write changes."""

Tree = dict[str, Any]


def pfsense_policy(**changes: Any) -> Tree:
    """The sample policy as it is for a pfSense: the phones' VLAN hangs on the card of the LAN."""
    changes["voice_vlan"] = {"parent_interface": "em1", **(changes.get("voice_vlan") or {})}
    return policy(**changes)


def start_tree(start: str | Tree, version: str, **choices: Any) -> Tree:
    """A starting configuration; `choices` are those of `lived_in_tree`. The administrator's password is `PASSWORD`."""
    if isinstance(start, str):
        makers: dict[str, Any] = {"factory": factory_tree, "lived-in": lived_in_tree}
        tree = makers[start](version, **choices)
    else:
        tree = copy.deepcopy(start)
    with_password(tree, "admin", PASSWORD)
    return tree


def make_box(
    start: str | Tree = "lived-in",
    version: str = "2.8.0",
    flavour: str = "python",
    *,
    patch: str = "",
    key: str = "",
    choices: Tree | None = None,
    **knobs: Any,
) -> PfSense:
    """A box without a server. `start`: factory, lived-in or a tree; `key`: a public key of the administrator's.

    `flavour`: python, php or source; the last one has the release of its checkout, whatever `version` says.
    """
    tree = start_tree(start, version, **(choices or {}))
    if key:
        with_key(tree, "admin", key)
    if flavour == "php":
        from tests.devices.pfsense.php import PhpPfSense  # asks for a machine that has php and lets us mount

        return PhpPfSense(dumped(tree), version=version, patch=patch, knobs=Knobs(**knobs))
    if flavour == "source":
        from tests.devices.pfsense.source import SourcePfSense, level, nearest_release  # asks for a checkout

        tree["version"] = level()
        return SourcePfSense(dumped(tree), version=nearest_release(), patch=patch, knobs=Knobs(**knobs))
    return PfSense(dumped(tree), version=version, patch=patch, knobs=Knobs(**knobs))


def request_program(**request: Any) -> str:
    """The shortest program that carries a request, for the Python flavour of the box."""
    encoded = base64.b64encode(json.dumps(request).encode()).decode()
    return f"<?php\n$request = json_decode(base64_decode('{encoded}'), true);\n"


def answer_of(output: bytes) -> Tree:
    """The answer in what a program printed."""
    lines = output.decode().split("\n")
    assert lines.count(MARK) == 2, output[:200]
    answer: Tree = json.loads(lines[lines.index(MARK) + 1])
    return answer


def ask(box: PfSense, **request: Any) -> Tree:
    """The answer of a box to a request, without SSH."""
    return answer_of(box.handle(request_program(**request)))


@dataclass
class PfSenseUnit:
    """A test device with its server. `options` are module options that every run of this unit takes."""

    device: PfSense
    server: PfSenseServer
    options: dict[str, Any]

    @property
    def stored(self) -> Tree:
        """The whole configuration."""
        return self.device.config

    @property
    def kept(self) -> tuple[str, dict[str, str]]:
        """All that a write changes: the text of config.xml and the vendor's history of it."""
        return self.device.xml, self.device.history

    @property
    def armed(self) -> bool:
        """Whether a rollback of ours waits on the box."""
        return any(self.device.files.exists(f"{OWN}/{name}") for name in ("armed.json", "firing.json"))

    def watched(self) -> list[tuple[int, str]]:
        """Every request from now on: by which log-in it comes, and its operation."""
        seen: list[tuple[int, str]] = []
        carry_out, logins = self.device.handle, self.device.counters.logins

        def handle(program: str) -> bytes:
            seen.append((self.device.counters.logins - logins, (request_of(program) or {})["op"]))
            return carry_out(program)

        self.device.handle = handle  # type: ignore[method-assign]
        return seen

    def run(self, module: str = "firewall", *, check: bool = False, **options: Any) -> dict[str, Any]:
        """The result of one module run, with the sample provider and policy unless the options name others."""
        given: dict[str, Any] = {
            "platform": "pfsense",
            "host": self.server.host,
            "port": self.server.port,
            "username": "admin",
            "password": PASSWORD,
            "fingerprint": self.server.fingerprint,
            "connect_timeout": 5,
            "timeout": 60,
            **self.options,
            **options,
        }
        if given.get("state") not in ("deleted", "gathered"):
            given = {"provider": provider(), "policy": pfsense_policy(), **given}
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


def make_pfsense(
    start: str | Tree = "factory",
    version: str = "2.8.0",
    flavour: str = "python",
    *,
    host: str = HOST,
    choices: Tree | None = None,
    knobs: dict[str, Any] | None = None,
    **options: Any,
) -> PfSenseUnit:
    """A unit that is not yet served: use `unit.server` as a context manager. `options` are options of every run."""
    device = make_box(start, version, flavour, choices=choices, **(knobs or {}))
    return PfSenseUnit(device, PfSenseServer(device, host), options)


def pfsense_variables(unit: PfSenseUnit, **variables: Any) -> dict[str, Any]:
    """The inventory's variables for a unit; None takes one away."""
    given = {
        "ansible_network_os": "pfsense",
        "ansible_host": unit.server.host,
        "ansible_port": unit.server.port,
        "ansible_user": "admin",
        "ansible_password": PASSWORD,
        "voip_known_hosts": unit.server.known_hosts,
        "voip_provider": provider(),
        "voip_policy": pfsense_policy(),
        "voip_timeout": 60,
        "voip_connect_timeout": 5,
        **variables,
    }
    return {name: value for name, value in given.items() if value is not None}


def assert_same_pfsense(before: Tree, after: Tree, *parts: str) -> None:
    """The two configurations hold the same, but for who wrote last and the other top-level `parts` that are named."""
    without = {*VOLATILE, *parts}
    kept = [{name: value for name, value in tree.items() if name not in without} for tree in (before, after)]
    lines = differences(*kept)
    assert not lines, "\n".join(lines[:20])


def without_revision(xml: str) -> str:
    """The text of config.xml without who wrote last."""
    return re.sub(r"\t<revision>.*?</revision>\n", "", xml, flags=re.DOTALL)
