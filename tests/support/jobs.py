"""Jobs as AWX runs them: ansible-runner on a private data directory, with AWX's variables, and what comes of one."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.nights import report_of
from tests.support.playbooks import LONGEST_RUN, PROGRAMS, ROOT


@dataclass(frozen=True)
class JobResult:
    """One job. `artifacts`: what AWX hands to the jobs after it."""

    status: str
    code: int
    stdout: str
    events: tuple[dict[str, Any], ...]
    artifacts: dict[str, Any]
    report: dict[str, Any] | None

    def events_of(self, host: str) -> Counter[str]:
        """How many events of each kind there are about a host."""
        return Counter(one["event"] for one in self.events if one["event_data"].get("host") == host)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """By `changed`, `failures`, `dark` and so on, how often for which host."""
        (stats,) = (one["event_data"] for one in self.events if one["event"] == "playbook_on_stats")
        return {name: stats[name] for name in ("changed", "failures", "dark", "ignored")}


class Job:
    """A project that is this checkout, with an inventory of its own. Every run is another job with its own number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._number = 100
        for name in ("inventory", "env"):
            (folder / name).mkdir(parents=True)
        (folder / "project").symlink_to(ROOT, target_is_directory=True)

    def run(self, playbook: str, inventory: dict[str, Any], *options: str, **extra: Any) -> JobResult:
        """Run a playbook of the project. `inventory`: groups; `extra`: variables that AWX hands to the job."""
        self._number += 1
        name, reports = str(self._number), self.folder / f"reports-{self._number}"
        (self.folder / "inventory" / "hosts.json").write_text(json.dumps(inventory), encoding="utf-8")
        variables = {
            "awx_job_id": self._number, "awx_job_template_name": "night", "tower_job_id": self._number,
            "voip_report_dir": str(reports), **extra,
        }  # fmt: skip
        (self.folder / "env" / "extravars").write_text(json.dumps(variables), encoding="utf-8")
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "VOIP_", "AWX_"))},
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_CALLBACKS_ENABLED": "voip.hardening.fleet_progress",
            "VOIP_PROGRESS_HOSTS": "1",
        }
        command = [str(PROGRAMS / "ansible-runner"), "run", str(self.folder), "-p", playbook, "--ident", name]
        # The program keeps what it is told here for the runs that come after.
        (self.folder / "env" / "cmdline").unlink(missing_ok=True)
        if options:
            command += ["--cmdline", " ".join(options)]
        subprocess.run(
            command, env=environment, capture_output=True, check=False, timeout=LONGEST_RUN, stdin=subprocess.DEVNULL
        )
        made = self.folder / "artifacts" / name
        events = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((made / "job_events").glob("*.json"), key=lambda one: int(one.name.partition("-")[0]))
        ]
        ends = [one["event_data"] for one in events if one["event"] == "playbook_on_stats"]
        return JobResult(
            status=(made / "status").read_text(encoding="utf-8"),
            code=int((made / "rc").read_text(encoding="utf-8")),
            stdout=(made / "stdout").read_text(encoding="utf-8"),
            events=tuple(events),
            artifacts=ends[-1].get("artifact_data", {}) if ends else {},
            report=report_of(reports),
        )
