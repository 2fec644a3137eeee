"""One `ansible-playbook` run and what it cost the controller."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.demo_site import ROOT

RECAP = re.compile(r"^(\S+) +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)

FORKS = 20


@dataclass(frozen=True)
class Cost:
    """Wall-clock and CPU seconds (user and system) of the whole process tree; peak memory of its largest process, MB.

    Processes that leave the tree (the vendor's persistent connections) are in the wall-clock time only.
    """

    wall: float
    cpu: float
    peak_mb: float


def playbook(
    name: Path | str,
    inventory: Path,
    log: Path,
    *options: str,
    hosts: int,
    changed: int | None = 0,
    program: tuple[str, ...] = ("-m", "ansible", "playbook"),
    environment: Mapping[str, str] | None = None,
    forks: int = FORKS,
    status: int = 0,
) -> Cost:
    """Run a playbook; every one of the `hosts` must end well, and so many of them `changed` (None: any number).

    `status` is the exit status that it must have.

    The environment is the user's without Ansible's own variables, with pipelining on and with what `environment` adds.
    `program` is what Python runs.
    """
    variables = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    variables |= {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1", **(environment or {})}
    command = [sys.executable, *program, "-i", str(inventory), "--forks", str(forks), str(name), *options]
    start = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            # Its own usage with that of all its children that have ended, and of nothing else that we started.
            _pid, ended, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(ended)
    recap = RECAP.findall(log.read_text(encoding="utf-8", errors="replace"))
    well = [line for line in recap if line[3:] == ("0", "0") and line[1] != "0"]
    told = sum(line[2] != "0" for line in recap)
    if process.returncode != status or len(well) != hosts or changed not in (None, told):
        raise SystemExit(
            f"{' '.join(command)}: exit status {process.returncode}, {len(well)} of {hosts} hosts went well, "
            f"{told} changed (expected: {changed}); see {log}"
        )
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
