"""Running `onboard.yml` as a user does, with answers in variables or typed at a terminal, and what came of it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret

from tests.support.pfsenses import PASSWORD as PFSENSE_PASSWORD
from tests.support.pfsenses import PfSenseUnit
from tests.support.playbooks import LONGEST_RUN, PROGRAMS, ROOT, Run
from tests.support.terminal import Terminal
from tests.support.units import TOKEN, Unit
from tests.support.vigors import PASSWORD as VIGOR_PASSWORD
from tests.support.vigors import VigorUnit

VAULT_PASSWORD = "correct horse battery"
_RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
_USUAL: Mapping[str, Any] = {
    "site": "north",
    "platform": "",
    "provider": "example-voice",
    "vlan_id": "40",
    "vlan_subnet": "10.40.0.0/24",
    "management_networks": "10.0.0.0/24",
    "phones": "",
    # The test devices see the loopback address; to the site the controller is this host.
    "policy": {"management": {"controller_address": "10.0.0.10"}},
}


@dataclass(frozen=True)
class Firewall:
    """A test device as somebody knows it who onboards its site."""

    kind: str
    unit: Unit | VigorUnit | PfSenseUnit
    answers: Mapping[str, Any]

    @property
    def writes(self) -> int:
        """How often anything was written on it."""
        if isinstance(self.unit, Unit):
            return len(self.unit.writes)
        return self.unit.device.writes if isinstance(self.unit, VigorUnit) else self.unit.device.counters.writes

    @property
    def let_in(self) -> int:
        """Log-ins that went well; of a FortiGate, requests with a token that it knows."""
        if isinstance(self.unit, Unit):
            return [entry["status"] for entry in self.unit.device.log].count(200)
        return self.unit.device.counters.logins

    @property
    def refused(self) -> int:
        """Log-ins that failed."""
        if isinstance(self.unit, Unit):
            return sum(self.unit.device.gate.lockout.failures.values())
        return self.unit.device.counters.failures


def firewall_of(kind: str, unit: Any) -> Firewall:
    """A running test device with the answers that its site needs; `kind` is its platform."""
    address = f"{unit.server.host}:{unit.server.port}"
    policies: Mapping[str, Any] = {
        "fortios": {"voice_vlan": {"parent_interface": "internal"}},
        "pfsense": {"voice_vlan": {"parent_interface": "em1"}},
        "draytek": {"voice_vlan": {"ntp_servers": ["198.51.100.123"], "provisioning": ["198.51.100.124"]}},
    }
    credentials: Mapping[str, Any] = {
        "fortios": {"user": "", "access_token": TOKEN},
        "pfsense": {"user": "admin", "password": PFSENSE_PASSWORD},
        "draytek": {"user": "admin", "password": VIGOR_PASSWORD},
    }
    policy = {**_USUAL["policy"], **policies[kind]}
    return Firewall(kind, unit, {**_USUAL, "address": address, "policy": policy, **credentials[kind]})


class Newcomer:
    """A folder in which a site is onboarded, and runs there. `inventory`: the inventory's folder, not there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inventory = folder / "inventories" / "production"
        self.vault = folder / "vault-password"
        self.vault.write_text(VAULT_PASSWORD, encoding="utf-8")
        self._runs = 0

    @property
    def files(self) -> dict[str, str]:
        """Every file of the inventory, by its path there."""
        return {
            str(path.relative_to(self.inventory)): path.read_text(encoding="utf-8")
            for path in sorted(self.inventory.rglob("*")) if path.is_file()
        }  # fmt: skip

    def command(
        self, answers: Mapping[str, Any], *options: str, playbook: str = "onboard.yml", vault: bool = True, **more: Any
    ) -> list[str]:
        """What is typed. `answers` without the prefix of their variables, `more` with it."""
        variables = {f"voip_onboard_{name}": value for name, value in answers.items()} | more
        given = self.folder / "answers.json"
        given.write_text(json.dumps(variables), encoding="utf-8")
        return [
            str(PROGRAMS / "ansible-playbook"), "-i", str(self.inventory), str(ROOT / playbook), "-e", f"@{given}",
            *(["--vault-id", f"production@{self.vault}"] if vault else []), *options,
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        """Nothing of whoever runs the tests."""
        self._runs += 1
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "VOIP_"))},
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "support" / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "recorded",
            "VOIP_TEST_RESULTS": str(self.results),
        }

    @property
    def results(self) -> Path:
        """Where the results of the last run are."""
        return self.folder / f"results-{self._runs}.jsonl"

    def run(self, answers: Mapping[str, Any], *options: str, **more: Any) -> Run:
        """One run without a terminal."""
        done = subprocess.run(
            self.command(answers, *options, **more), cwd=ROOT, env=self.environment(), capture_output=True, text=True,
            check=False, timeout=LONGEST_RUN, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        lines = self.results.read_text(encoding="utf-8").splitlines() if self.results.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, tuple(json.loads(line) for line in lines))

    def typed(self, command: str) -> subprocess.CompletedProcess[str]:
        """What comes of a command that a run named."""
        program, *words = shlex.split(command)
        return subprocess.run(
            [str(PROGRAMS / program), *words], cwd=ROOT, env=self.environment(), capture_output=True, text=True,
            check=False, timeout=LONGEST_RUN, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def at_terminal(self, answers: Mapping[str, Any], *options: str) -> Terminal:
        """One run at a terminal; a context manager."""
        return Terminal(self.command(answers, *options), ROOT, self.environment(), LONGEST_RUN)

    def listed(self) -> dict[str, Any]:
        """What `ansible-inventory` makes of the inventory, and of its secrets whoever has the vault password."""
        command = [str(PROGRAMS / "ansible-inventory"), "-i", str(self.inventory), "--list"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=True)
        assert "WARNING" not in done.stderr, done.stderr
        found: dict[str, Any] = json.loads(done.stdout, object_hook=_decrypted)
        return found


def _decrypted(value: dict[str, Any]) -> Any:
    if "__ansible_vault" not in value:
        return value
    vault = VaultLib([("production", VaultSecret(VAULT_PASSWORD.encode()))])
    return vault.decrypt(value["__ansible_vault"]).decode()


def changed(run: Run) -> int:
    """How many tasks a run reports as changed, over all hosts; it must have gone well."""
    assert run.status == 0, run.output
    return sum(int(hosts[1]) for hosts in _RECAP.findall(run.output))


def said(run: Run) -> str:
    """The message of the task that failed, on one line."""
    (entry,) = [entry for entry in run.results if entry["kind"] in ("failed", "unreachable")]
    return str(entry["result"]["msg"])
