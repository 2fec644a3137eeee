"""Cost of harden runs over a growing number of FortiGate test devices.

Prints wall-clock seconds and CPU seconds of `ansible-playbook` (the test devices' own time is not in the CPU figure,
but they share the machine, so wall-clock time on two cores is an upper bound).

Usage: python -m tools.bench [NUMBER OF DEVICES ...]     default: 1 5 20
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from tools.demo_site import ROOT, Device, Site

RUNS = {"first run": (), "second run": (), "check": ("--check", "--diff")}


def devices(number: int) -> tuple[Device, ...]:
    """That many devices, each on a loopback address of its own."""
    return tuple(
        Device(name=f"bench-fw{index}", host=f"127.0.22.{index}", version="7.4.4", config="lived-in")
        for index in range(1, number + 1)
    )


def cpu_seconds() -> float:
    """User and system time of all ended child processes."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(number: int) -> None:
    """Print one line for each kind of run with that many devices."""
    folder = ROOT / "build" / "bench"
    # The demo site's variables, without its host.
    inventory = folder / "site"
    (inventory / "group_vars").mkdir(parents=True, exist_ok=True)
    variables = (ROOT / "inventories" / "demo" / "group_vars" / "all.yml").read_text(encoding="utf-8")
    (inventory / "group_vars" / "all.yml").write_text(variables, encoding="utf-8")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    with Site(devices(number), inventory) as site:
        for run, options in RUNS.items():
            log = folder / f"{number}-{run.replace(' ', '-')}.log"
            command = ["ansible-playbook", "-i", str(site.inventory), "-e", "ansible_network_os=fortios"]
            command += ["--forks", "20", "harden.yml", *options]
            wall, cpu = time.monotonic(), cpu_seconds()
            with log.open("wb") as output:
                done = subprocess.run(
                    command,
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
            wall, cpu = time.monotonic() - wall, cpu_seconds() - cpu
            if done.returncode:
                raise SystemExit(f"{number} devices, {run}: exit status {done.returncode}, see {log}")
            print(f"{number:>8}  {run:<12}{wall:>8.1f}{cpu:>8.1f}{1000 * cpu / number:>15.0f}", flush=True)


def main(arguments: list[str]) -> int:
    """Measure each number of devices given."""
    print(f"{'devices':>8}  {'run':<12}{'wall s':>8}{'CPU s':>8}{'CPU ms/device':>15}")
    for number in [int(argument) for argument in arguments] or [1, 5, 20]:
        measure(number)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
