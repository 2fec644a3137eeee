"""Run the gates that every change passes, one after the other, and sum them up.

Each gate is one command of the table below. All of them run even when one fails; what a gate could not do is listed by
name with the reason. Full output goes to `build/gates/<leg>-<gate>.log`, a failing gate's is shown as well.

Usage: .venv/bin/python tools/gates.py lint | test | core221     run a leg
       .venv/bin/python tools/gates.py tally LEG...              closing line over legs that have run
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "gates"


@dataclass(frozen=True)
class Gate:
    """One command. `environments` are searched for programs in that order.

    `skips` finds the lines that say what it could not check, `errors` those that say what is wrong (None: all).
    """

    name: str
    command: list[str]
    environments: tuple[str, ...] = (".venv", ".venv-tools")
    skips: str | None = None
    errors: str | None = None
    junit: bool = False


@dataclass
class Result:
    """What one gate did; the three counts are tests for a gate that counts them, and the gate itself otherwise."""

    name: str
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """FAILED if anything failed, SKIPPED if nothing ran, passed otherwise."""
        if self.failed:
            return "FAILED"
        return "passed" if self.passed else "SKIPPED"


# ansible-test names each program that it misses and each test that it leaves out in a warning.
SANITY_SKIPS = r"^WARNING: (Required program .*|Skipping .*|.* skipped .*)$"
SANITY_ERRORS = r"^(?:ERROR|FATAL): .*$"

LINT = [
    Gate("yamllint", ["yamllint", "--strict", "."]),
    Gate("ruff", ["ruff", "check", "."]),
    Gate("mypy", ["mypy"]),
    Gate("ansible-lint", ["ansible-lint"]),
    Gate("changelog", ["antsibull-changelog", "lint"]),
    Gate("plugin-docs", ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "."]),
    Gate("controls-page", ["python", "tools/docs_controls.py", "--check"]),
]
DELIVERY = [
    Gate("docs", ["python", "-m", "tools.docs_html"], environments=(".venv-tools",)),
    Gate("galaxy-importer", ["python", "-m", "tools.importer"], environments=(".venv-importer",)),
    Gate("execution-environment", ["python", "-m", "tools.execution_environment"], environments=(".venv-tools",)),
    Gate("demo-installed", ["python", "-m", "tools.demo_installed"]),
]
# Many of these tests wait for others' programs: three at a time keep two processors busy.
PYTEST = Gate("pytest", ["pytest", "-n", "3", "--dist", "worksteal", "-q"], junit=True)
PROMISES = Gate("promises", ["pytest", "-n", "auto", "--dist", "worksteal", "-q", "tests/promises"], junit=True)
# What another ansible-core can break: the product, and runs by `ansible-playbook`. Test devices and oracles know
# nothing of Ansible, and the files that are left out run the product in the test's own process; a device that runs PHP
# gets the same requests as one that does not.
WITHOUT_ANSIBLE = ("unit/devices", "unit/oracles", *(f"integration/test_{name}.py" for name in (
    "cut", "drift", "failures", "generated_sites", "lock_out", "neighbours", "pfsense_drift", "pfsense_failures",
    "pfsense_source", "phone_config", "phone_config_properties", "phone_probe", "policy_changes", "refusals",
    "report_page", "sessions", "sites", "states", "transactions", "vendor_modules",
)))  # fmt: skip
OF_ANSIBLE = [*(f"--ignore=tests/{name}" for name in WITHOUT_ANSIBLE), "-k", "not php"]
MOLECULE = Gate("molecule", ["molecule", "test"])
SANITY = Gate("sanity", ["python", "tools/sanity.py"], skips=SANITY_SKIPS, errors=SANITY_ERRORS)
LEGS = {
    "lint": LINT,
    "test": [*LINT, *DELIVERY, PYTEST, PROMISES, MOLECULE, SANITY],
    "core221": [
        replace(gate, environments=(".venv-core221",))
        for gate in (replace(PYTEST, command=[*PYTEST.command, *OF_ANSIBLE]), SANITY)
    ],
}

# A failing gate's output is shown to this many lines; the log has the rest.
SHOWN_LINES = 200


def environment(gate: Gate) -> dict[str, str]:
    """The gate's environment variables; Ansible's own files stay inside the checkout."""
    programs = [str(ROOT / name / "bin") for name in gate.environments]
    return {
        **os.environ,
        "PATH": os.pathsep.join([*programs, os.environ["PATH"]]),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "ANSIBLE_HOME": str(ROOT / "build" / "ansible-home"),
        "ANSIBLE_NOCOLOR": "1",
        "MOLECULE_EPHEMERAL_DIRECTORY": str(ROOT / "build" / "molecule"),
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }


def count_tests(report: Path, result: Result) -> None:
    """Fill the counts from a junit report; an error counts as a failure."""
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        outcomes = {child.tag: child for child in case}
        if "failure" in outcomes or "error" in outcomes:
            result.failed += 1
        elif "skipped" in outcomes:
            result.skipped += 1
            result.reasons.append(f"{case.get('name')}: {outcomes['skipped'].get('message')}")
        else:
            result.passed += 1


def run(gate: Gate, leg: str) -> Result:
    """Run one gate and say what came of it."""
    missing = next((name for name in gate.environments if not (ROOT / name / ".stamp").exists()), None)
    if missing:
        why = "could not install its packages" if (ROOT / missing).exists() else "found no interpreter for it"
        return Result(gate.name, 0.0, skipped=1, reasons=[f"no {missing}: the set-up {why}"])
    log, junit = REPORTS / f"{leg}-{gate.name}.log", REPORTS / f"{leg}-{gate.name}.xml"
    junit.unlink(missing_ok=True)
    command = [*gate.command, f"--junitxml={junit}"] if gate.junit else gate.command
    start = time.monotonic()
    with log.open("wb") as output:
        status = subprocess.run(
            command, cwd=ROOT, env=environment(gate), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    result = Result(gate.name, time.monotonic() - start)
    text = log.read_text(encoding="utf-8", errors="replace")
    if gate.junit and junit.exists():
        count_tests(junit, result)
    elif status == 0:
        result.passed = 1
    if status != 0:
        result.failed = max(result.failed, 1)
        lines = re.findall(gate.errors, text, re.MULTILINE) if gate.errors else text.splitlines()
        print("\n".join(lines[-SHOWN_LINES:]), f"\n(exit status {status}; all of it: {log})", flush=True)
    if gate.skips:
        found = sorted(set(re.findall(gate.skips, text, re.MULTILINE)))
        result.skipped += len(found)
        result.reasons.extend(found)
    return result


def run_leg(leg: str) -> int:
    """Run every gate of a leg, print the table, keep the counts for the tally; 1 if anything failed."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"{leg}.json").unlink(missing_ok=True)
    results = []
    for gate in LEGS[leg]:
        print(f"{leg}: {gate.name} ...", flush=True)
        results.append(run(gate, leg))
        print(f"{leg}: {gate.name} {results[-1].verdict} ({results[-1].seconds:.1f} s)", flush=True)
    print(f"\n{leg:<24}{'verdict':<10}{'seconds':>8}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for result in results:
        counts = f"{result.seconds:>8.1f}{result.passed:>8}{result.failed:>8}{result.skipped:>8}"
        print(f"{result.name:<24}{result.verdict:<10}{counts}")
    reasons = [f"  {result.name}: {reason}" for result in results for reason in result.reasons]
    print("\n".join(["skipped:", *reasons]) if reasons else "skipped: nothing", flush=True)
    (REPORTS / f"{leg}.json").write_text(json.dumps([asdict(result) for result in results]), encoding="utf-8")
    return int(any(result.failed for result in results))


def tally(legs: list[str]) -> int:
    """Print `N passed, N failed, N skipped` over legs that have run; a leg without a report counts as one failure."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for leg in legs:
        report = REPORTS / f"{leg}.json"
        results = json.loads(report.read_text(encoding="utf-8")) if report.exists() else [{"failed": 1}]
        for name in counts:
            counts[name] += sum(result.get(name, 0) for result in results)
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return int(counts["failed"] > 0)


def main(arguments: list[str]) -> int:
    """Command line; 2 on a wrong one."""
    if len(arguments) == 1 and arguments[0] in LEGS:
        return run_leg(arguments[0])
    if len(arguments) > 1 and arguments[0] == "tally" and set(arguments[1:]) <= set(LEGS):
        return tally(arguments[1:])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
