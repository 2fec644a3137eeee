"""Running `ansible-playbook` as a user does, in a process of its own, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.policies import policy, provider
from tests.support.units import TOKEN, Unit

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = Path(sys.executable).parent
LONGEST_RUN = 180
"""Seconds after which a run that hangs is killed; no test depends on how long a run takes below that."""


@dataclass(frozen=True)
class Run:
    """One run: exit status, what was printed (both streams), and the results in the order they came."""

    status: int
    output: str
    results: tuple[dict[str, Any], ...]

    def of(self, host: str) -> dict[str, Any]:
        """The one recorded result of a host: `kind` and `result`."""
        (found,) = (entry for entry in self.results if entry["host"] == host)
        return found

    def result(self, host: str) -> dict[str, Any]:
        """What the one task of a host returned; it must have gone well."""
        entry = self.of(host)
        assert entry["kind"] == "ok", entry
        result: dict[str, Any] = entry["result"]
        return result


def host_variables(unit: Unit, **variables: Any) -> dict[str, Any]:
    """The inventory's variables for a unit; None takes one away."""
    given = {
        "ansible_network_os": "fortios",
        "ansible_host": unit.server.host,
        "ansible_port": unit.server.port,
        "voip_access_token": TOKEN,
        "voip_ca_path": unit.server.ca_path,
        "voip_provider": provider(),
        "voip_policy": policy(),
        "voip_timeout": 60,
        **variables,
    }
    return {name: value for name, value in given.items() if value is not None}


class Site:
    """An inventory in a folder of its own, and runs with it. `hosts` are the hosts' variables by name."""

    def __init__(self, folder: Path, hosts: dict[str, dict[str, Any]]) -> None:
        self.folder = folder
        self.inventory = folder / "inventory.json"
        self.write(hosts)
        self._runs = 0

    def write(self, hosts: dict[str, dict[str, Any]]) -> None:
        """Write the inventory: all hosts are firewalls, except those with a connection of their own."""
        firewalls = {name: values for name, values in hosts.items() if "ansible_connection" not in values}
        others = {name: values for name, values in hosts.items() if name not in firewalls}
        groups = {"firewalls": {"hosts": firewalls}, "others": {"hosts": others}}
        self.inventory.write_text(json.dumps({"all": {"children": groups}}), encoding="utf-8")

    def command(self, *options: str, playbook: str = "harden.yml") -> tuple[str, ...]:
        """What `play` runs."""
        return (str(PROGRAMS / "ansible-playbook"), "-i", str(self.inventory), str(ROOT / playbook), *options)

    def play(
        self,
        *options: str,
        playbook: str = "harden.yml",
        environment: Mapping[str, str] | None = None,
        folder: Path = ROOT,
    ) -> Run:
        """Run a playbook of the checkout, or one that `playbook_file` wrote, in this folder; `environment` is added."""
        self._runs += 1
        results = self.folder / f"results-{self._runs}.jsonl"
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "VOIP_"))},
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "support" / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "recorded",
            "VOIP_TEST_RESULTS": str(results),
            **(environment or {}),
        }
        done = subprocess.run(
            self.command(*options, playbook=playbook), cwd=folder, env=variables, capture_output=True, text=True,
            check=False, timeout=LONGEST_RUN, stdin=subprocess.DEVNULL,
        )
        lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, tuple(json.loads(line) for line in lines))

    def playbook_file(self, tasks: list[dict[str, Any]], name: str = "tasks.yml") -> str:
        """Write a playbook with these tasks for the firewalls; its path."""
        path = self.folder / name
        play = {"name": "Test", "hosts": "firewalls", "gather_facts": False, "tasks": tasks}
        path.write_text(json.dumps([play]), encoding="utf-8")
        return str(path)
