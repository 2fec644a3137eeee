"""Counts the cases behind every promise and writes `build/promises.json`; profiles and seeds of the property tests.

`build/promises.json` is a list of `{promise, suite, platform, cases, failed}`: `cases` counts examples of hypothesis
and cases inside a test as well as tests, `failed` the tests in which the promise broke. Under xdist the controller
adds up what its workers report.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

_WITH_ASSERTS = ("steps", "fortios", "draytek", "pfsense")
pytest.register_assert_rewrite("tests.support", *(f"tests.promises.{name}" for name in _WITH_ASSERTS))

from tests.promises import profile, tally  # noqa: E402
from tests.promises.platforms import PLATFORMS, Platform  # noqa: E402

REPORT = Path(__file__).resolve().parent.parent.parent / "build" / "promises.json"
_PROPERTY = "promises"
_totals: dict[tuple[str, str, str], Counter[str]] = {}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "promise(name, ...): the promises of docs/architecture.md that a test holds")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # At the end, since a quiet run leaves its head out.
    if _totals:
        cases = sum(total["cases"] for total in _totals.values())
        terminalreporter.write_line(
            f"promises: seed {profile.SEED} (VOIP_SEED), {profile.EXAMPLES} examples a platform (VOIP_EXAMPLES), "
            f"{cases} cases in {REPORT.parent.name}/{REPORT.name}"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    # A test that goes through cases of several platforms names the platform of each itself.
    by_itself = any("platform" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "platform" in metafunc.fixturenames and not by_itself:
        metafunc.parametrize("platform", PLATFORMS, ids=[platform.name for platform in PLATFORMS])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    marked = [name for marker in item.iter_markers("promise") for name in marker.args]
    counted = tally.begin()
    failed = True
    try:
        result = yield
        failed = False
        return result
    finally:
        if marked or counted.cases:
            cases = counted.cases or Counter(dict.fromkeys(marked, 1))
            broken = sorted(counted.failed or cases) if failed else []
            platform = item.callspec.params.get("platform") if hasattr(item, "callspec") else None
            name = platform.name if isinstance(platform, Platform) else str(platform or "all")
            item.user_properties.append(
                (_PROPERTY, {"suite": item.path.stem, "platform": name, "cases": dict(cases), "failed": broken})
            )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when != "call":
        return
    for name, counted in report.user_properties:
        if name == _PROPERTY:
            for promise, cases in counted["cases"].items():
                total = _totals.setdefault((promise, counted["suite"], counted["platform"]), Counter())
                total["cases"] += cases
                total["failed"] += promise in counted["failed"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or not _totals:
        return
    rows = [
        {"promise": promise, "suite": suite, "platform": platform, "cases": total["cases"], "failed": total["failed"]}
        for (promise, suite, platform), total in sorted(_totals.items())
    ]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
