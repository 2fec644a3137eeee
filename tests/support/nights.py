"""Nightly runs over test devices: what came of one, from its output, its report and what it handed on."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.support.playbooks import Run, Site

ENDS = ("Say how", "Fail where")
"""Tasks whose message is the last word of a run."""
STATS = re.compile(r"^\tRUN: (\{.*\})$", re.MULTILINE)


def waived(*controls: str, device: str = "*", days: int = 30) -> list[dict[str, str]]:
    """Waivers of these controls until so many days from now."""
    until = (date.today() + timedelta(days=days)).isoformat()
    return [
        {"control": name, "device": device, "reason": "a test device", "approver": "the test", "expires": until}
        for name in controls
    ]


ACCOUNTS = waived("ADM-1", "ADM-4")
"""A unit as it leaves the factory has one account, without a second factor and with the factory's password."""


@dataclass(frozen=True)
class Night:
    """One run. `message`: what it says at its end. `report`: the one in JSON, None where none was written."""

    run: Run
    message: str
    report: dict[str, Any] | None

    @property
    def status(self) -> int:
        return self.run.status

    @property
    def classes(self) -> dict[str, str]:
        """The class of each device by its name."""
        assert self.report is not None, self.run.output
        return {device["host"]: device["class"] for device in self.report["devices"]}

    @property
    def handed_on(self) -> dict[str, Any]:
        """What `set_stats` hands to the jobs after this one."""
        found = STATS.search(self.run.output)
        assert found, self.run.output
        stats: dict[str, Any] = json.loads(found[1])
        return stats


def night(site: Site, *options: str, playbook: str = "drift.yml", strategy: str = "linear") -> Night:
    """Run drift.yml, or the playbook that follows it, with reports in the site's own folder."""
    folder = site.folder / "reports"
    (folder / "posture.json").unlink(missing_ok=True)
    run = site.play(
        "-e", f"voip_report_dir={folder}", *options, playbook=playbook,
        environment={
            "ANSIBLE_SHOW_CUSTOM_STATS": "1", "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_CALLBACKS_ENABLED": "recorded,voip.hardening.fleet_progress", "ANSIBLE_STRATEGY": strategy,
        },
    )  # fmt: skip
    ends = [one for one in run.results if one["kind"] != "skipped" and one["task"].startswith(ENDS)]
    return Night(run, ends[-1]["result"]["msg"] if ends else "", report_of(folder))


def report_of(folder: Path) -> dict[str, Any] | None:
    """The report in JSON that a folder has."""
    path = folder / "posture.json"
    if not path.exists():
        return None
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def closed_port() -> int:
    """A port of the loopback interface on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
