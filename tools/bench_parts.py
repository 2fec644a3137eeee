"""What the controller's CPU time of a check is made of: `ansible-playbook` with its workers' steps timed.

Every worker appends the CPU milliseconds of each step to a file. Steps inside a step are taken off its time.

Usage: python -m tools.bench_parts OUTPUT.jsonl ARGUMENTS-OF-ANSIBLE-PLAYBOOK...     (started by `tools.bench`)
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

_OURS = "ansible_collections.voip.hardening.plugins"

# (module, class or "", function, step). A function is named where it is looked up.
STEPS = (
    ("ansible.playbook.task", "Task", "post_validate", "Ansible templates the task"),
    ("ansible.executor.task_queue_manager", "FinalQueue", "send_task_result", "Ansible sends the result to its parent"),
    (f"{_OURS}.plugin_utils.firewalls", "", "parameters", "options from variables, provider profile"),
    (f"{_OURS}.module_utils.module", "", "validate", "policy: validate"),
    (f"{_OURS}.module_utils.platforms.fortios.session", "Session", "__enter__", "connect, TLS, log in"),
    (f"{_OURS}.module_utils.platforms.fortios.session", "Session", "get", "HTTP and JSON"),
    (f"{_OURS}.module_utils.platforms.fortios.reader", "", "rows", "answers to tables"),
    (f"{_OURS}.module_utils.platforms.fortios.platform", "FortiOS", "compile", "compile the policy"),
    (f"{_OURS}.module_utils.engine", "", "difference", "compare and plan"),
    (f"{_OURS}.module_utils.platforms.fortios.platform", "FortiOS", "findings", "findings"),
    (f"{_OURS}.action.firewall", "ActionModule", "run", "the rest of the module"),
)
WORKER = "the rest of Ansible's worker"


class Clock:
    """CPU time by step; the time of steps inside a step counts for those only."""

    def __init__(self) -> None:
        self.milliseconds: defaultdict[str, float] = defaultdict(float)
        self._inner = [0.0]

    def timed(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its CPU time added to the step."""

        @functools.wraps(function)
        def run(*arguments: Any, **options: Any) -> Any:
            start = time.process_time()
            self._inner.append(0.0)
            try:
                return function(*arguments, **options)
            finally:
                whole = time.process_time() - start
                self.milliseconds[step] += 1000 * (whole - self._inner.pop())
                self._inner[-1] += whole

        return run


def instrument(clock: Clock) -> None:
    """Time every step; the modules are loaded before Ansible forks its workers."""
    for module, owner, name, step in STEPS:
        place = sys.modules[module]
        target = getattr(place, owner) if owner else place
        setattr(target, name, clock.timed(step, getattr(target, name)))


def main(output: Path, arguments: list[str]) -> None:
    """Run `ansible-playbook` with instrumented workers."""
    from ansible.cli.playbook import main as ansible_playbook
    from ansible.executor.process import worker

    original = worker.WorkerProcess._run

    def run(self: Any) -> Any:
        clock = Clock()
        instrument(clock)
        try:
            return clock.timed(WORKER, original)(self)
        finally:
            with output.open("a", encoding="utf-8") as file:
                file.write(json.dumps(clock.milliseconds) + "\n")

    worker.WorkerProcess._run = run
    ansible_playbook(["ansible-playbook", *arguments])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
