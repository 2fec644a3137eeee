"""Runs of awx.yml against an AWX that is a test device, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.devices.awx.api import Awx, Request
from tests.devices.awx.server import AwxServer
from tests.support.playbooks import ROOT, Run, Site

TOKEN = "a-fortigates-token"
SECRETS = {
    TOKEN: "fortios",
    "a-vigors-password": "draytek",
    "a-vaults-password": "vault",
    "a-mailbox-password": "email",
}
MAIL = {
    "name": "NOC by mail",
    "type": "email",
    "events": ["success", "error", "approval"],
    "configuration": {
        "host": "mail.example.com",
        "port": 587,
        "sender": "awx@example.com",
        "recipients": ["noc@example.com"],
        "username": "awx",
        "password": "a-mailbox-password",
    },
}
HOOK = {
    "name": "Monitoring",
    "type": "webhook",
    "events": ["error"],
    "configuration": {"url": "https://monitoring.example.com/awx"},
}
FORTIGATES = {"name": "FortiGates", "type": "fortios", "use": ["read", "write"], "inputs": {"token": TOKEN}}
VIGORS_READ = {
    "name": "Vigors, to look",
    "type": "draytek",
    "use": ["read"],
    "inputs": {"username": "auditor", "password": "a-vigors-password"},
}
VIGORS_WRITE = {**VIGORS_READ, "name": "Vigors, to write", "use": ["write"]}
VAULT = {
    "name": "Inventory",
    "type": "vault",
    "use": ["read", "write"],
    "inputs": {"vault_password": "a-vaults-password"},
}
SETTINGS = {
    "voip_awx_image": "registry.example.com/voip-hardening:0.1.0",
    "voip_awx_project_url": "https://git.example.com/sites.git",
    "voip_awx_inventory_path": "inventories/production",
    "voip_awx_devices": 1200,
    "voip_awx_timezone": "Europe/London",
    "voip_awx_approver_teams": ["NOC"],
    "voip_awx_credentials": [FORTIGATES, VIGORS_READ, VIGORS_WRITE, VAULT],
    "voip_awx_notifications": [MAIL, HOOK],
}
"""What a provider of managed services would set: 1,200 devices, two sets of credentials, two ways of being told."""


def playbooks() -> tuple[str, ...]:
    """The playbooks at the root of the checkout, as a sync of a project finds them: files that are a list of plays."""
    files = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in ROOT.glob("*.yml")}
    return tuple(sorted(name for name, content in files.items() if isinstance(content, list)))


def new_awx() -> Awx:
    """An AWX that has the team NOC, and syncs the checkout."""
    awx = Awx(playbooks=playbooks())
    awx.add("organizations", name="Default")
    awx.add("teams", name="NOC", organization=awx.named("organizations", "Default")["id"])
    return awx


@dataclass(frozen=True)
class Setting:
    """One run of awx.yml: its run, and the requests that it made."""

    run: Run
    requests: tuple[Request, ...]

    @property
    def changed(self) -> list[str]:
        """What was changed, by the names of tasks, each followed by what it went through in a loop."""
        names = []
        for entry in self.run.results:
            result = entry["result"]
            if "results" in result:
                items = [one for one in result["results"] if one.get("changed")]
                names += [f"{entry['task']}: {_item(one)}" for one in items]
            elif result.get("changed"):
                names.append(entry["task"])
        return [name.removeprefix("voip.hardening.awx : ") for name in names]

    @property
    def writes(self) -> list[Request]:
        """The requests that were not for looking."""
        return [one for one in self.requests if one.method != "GET"]


def set_up(folder: Path, awx: Awx, *options: str, **others: Any) -> Setting:
    """Run awx.yml; `others` are laid over `SETTINGS`, None takes one away."""
    folder = folder / f"run-{len(list(folder.iterdir()))}"
    folder.mkdir()
    before = len(awx.requests)
    with AwxServer(awx) as server:
        wanted = {"voip_awx_host": server.url, "voip_awx_token": awx.token, **SETTINGS, **others}
        file = folder / "settings.json"
        file.write_text(
            json.dumps({name: value for name, value in wanted.items() if value is not None}), encoding="utf-8"
        )
        run = Site(folder, {}).play("-e", f"@{file}", *options, playbook="awx.yml")
    return Setting(run, tuple(awx.requests[before:]))


def _item(result: Mapping[str, Any]) -> str:
    """The name of what a task of a loop was about, where that is shown."""
    item = result.get("item")
    return str(item["name"]) if isinstance(item, dict) else ""
