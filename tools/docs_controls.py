"""Write `docs/controls.md` from `data/controls.yml`.

Usage: python tools/docs_controls.py            write the page
       python tools/docs_controls.py --check    fail when the page differs from the data
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".collections"))

from ansible_collections.voip.hardening.plugins.module_utils.policy.catalogue import (  # noqa: E402
    Assessment,
    CatalogueError,
    Control,
    load_controls,
)

DATA = ROOT / "data" / "controls.yml"
PAGE = ROOT / "docs" / "controls.md"

ASSESSED: dict[Assessment, str] = {"full": "yes", "partial": "in part", "none": "not yet"}

INTRODUCTION = """\
# Controls

Made from `data/controls.yml` by `python tools/docs_controls.py`; change that file, not this one.

Every finding and every drift names one of these ids. "Assessed today" is what the collection can tell about a device
now: **yes**, **in part** (the limits are told below), or **not yet**. What is not assessed, or could not be read, is
never counted as passed.
"""


def page(controls: Iterable[Control]) -> str:
    """The whole page in Markdown."""
    controls = list(controls)
    platforms = sorted({platform for control in controls for platform in control.assessed_today})
    lines = [INTRODUCTION]
    heading = ["Id", "Control", "Severity", "Enforced by", *(f"Assessed today: {name}" for name in platforms)]
    lines += [_row(heading), _row(["---"] * len(heading))]
    for control in controls:
        today = [ASSESSED[control.assessed_today.get(platform, "none")] for platform in platforms]
        lines.append(
            _row([f"[{control.id}](#{_anchor(control)})", control.title, control.severity, _modules(control), *today])
        )
    for control in controls:
        lines += [
            "",
            f"## {control.id}",
            "",
            f"**{control.title}.** {control.why}",
            "",
            f"- Severity of a failure: {control.severity}",
            f"- Assessed by: {control.assessed_by}",
            f"- Evidence: {control.evidence}",
            f"- Enforced by: {_modules(control)}",
        ]
        for platform in platforms:
            lines.append(f"- Assessed today on {platform}: {ASSESSED[control.assessed_today.get(platform, 'none')]}")
        if control.limits:
            lines.append(f"- Limits: {control.limits}")
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _anchor(control: Control) -> str:
    return control.id.lower()


def _modules(control: Control) -> str:
    return ", ".join(f"`{module}`" for module in control.enforced_by) or "nothing"


def main() -> int:
    parser = argparse.ArgumentParser(description="Write docs/controls.md from data/controls.yml.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page differs")
    check = parser.parse_args().check
    try:
        wanted = page(load_controls(yaml.safe_load(DATA.read_text(encoding="utf-8"))).values())
    except (CatalogueError, yaml.YAMLError) as error:
        print(f"{DATA.relative_to(ROOT)}: {error}", file=sys.stderr)
        return 1
    if not check:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{PAGE.relative_to(ROOT)} differs from its data; run: python tools/docs_controls.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
