"""The control catalogue: the shipped data, and what the loader refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.voip.hardening.plugins.module_utils.policy.catalogue import CatalogueError, load_controls

ROOT = Path(__file__).resolve().parents[3]

IDS = (
    "PWD-1 PWD-2 PWD-3 PWD-4 PWD-5 ENC-1 ENC-2 ENC-3 ENC-4 FW-1 FW-2 FW-3 FW-4 SVC-1 SVC-2 SVC-3 FWM-1 FWM-2 FWM-3"
    " VLAN-1 VLAN-2 VLAN-3 WEB-1 WEB-2 WEB-3 AUD-1 AUD-2 AUD-3 AUD-4 AUD-5 MON-1 MON-2 MON-3 MON-4"
    " ADM-1 ADM-2 ADM-3 ADM-4"
).split()

PLATFORMS = ("draytek", "fortios", "pfsense", "poly", "yealink")
ASSESSED = {
    "PWD-5": ("none", "none", "none", "partial", "partial"),
    "ENC-1": ("none", "none", "none", "partial", "partial"),
    "ENC-2": ("none", "none", "none", "partial", "full"),
    "ENC-3": ("none", "none", "none", "partial", "full"),
    "FW-1": ("full", "full", "full", "partial", "partial"),
    "FW-2": ("full", "full", "full", "none", "none"),
    "FW-3": ("full", "full", "full", "none", "none"),
    "SVC-1": ("full", "full", "full", "full", "full"),
    "FWM-1": ("none", "none", "none", "partial", "full"),
    "FWM-2": ("none", "none", "none", "partial", "partial"),
    "FWM-3": ("none", "none", "none", "partial", "partial"),
    "VLAN-1": ("full", "full", "full", "partial", "full"),
    "VLAN-2": ("partial", "full", "partial", "partial", "full"),
    "VLAN-3": ("full", "full", "full", "none", "none"),
    "WEB-1": ("partial", "partial", "partial", "partial", "partial"),
    "WEB-2": ("none", "none", "none", "partial", "partial"),
    "WEB-3": ("partial", "full", "full", "partial", "partial"),
    "AUD-3": ("partial", "partial", "partial", "none", "none"),
    "MON-1": ("none", "none", "none", "partial", "partial"),
    "ADM-1": ("none", "full", "partial", "none", "none"),
    "ADM-2": ("none", "full", "none", "none", "none"),
    "ADM-4": ("partial", "partial", "partial", "partial", "partial"),
}
NOWHERE = ("none",) * len(PLATFORMS)

ROW: dict[str, Any] = {
    "id": "FW-1",
    "title": "A title",
    "why": "A reason.",
    "severity": "high",
    "assessed_by": "A look.",
    "enforced_by": ["firewall"],
    "evidence": "A record.",
    "assessed_today": {"fortios": "full"},
}


def shipped() -> Any:
    return yaml.safe_load((ROOT / "data" / "controls.yml").read_text(encoding="utf-8"))


def test_the_catalogue_has_exactly_the_38_ids_in_order() -> None:
    assert list(load_controls(shipped())) == IDS
    assert len(IDS) == 38


def test_what_is_assessed_today_is_said_for_every_control() -> None:
    controls = load_controls(shipped()).values()
    assert {control.id: dict(control.assessed_today) for control in controls} == {
        name: dict(zip(PLATFORMS, ASSESSED.get(name, NOWHERE), strict=True)) for name in IDS
    }


def test_a_row_becomes_a_control() -> None:
    control = load_controls([ROW])["FW-1"]
    assert (control.title, control.severity, control.enforced_by, control.limits) == (
        "A title",
        "high",
        ("firewall",),
        "",
    )


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        (None, ["controls: null is not allowed; a list of controls"]),
        ([], ["controls: a list of 0 items is not allowed; a list of controls"]),
        ([ROW, ROW], ['controls[1].id: "FW-1" is not allowed; an id that no other control has']),
        (
            [{**ROW, "severity": "info"}],
            ['controls[0].severity: "info" is not allowed; one of critical, high, medium, low'],
        ),
        ([{**ROW, "id": "FW1"}], ['controls[0].id: "FW1" is not allowed; an id such as FW-1']),
        ([{**ROW, "why": ""}], ['controls[0].why: "" is not allowed; one paragraph']),
        (
            [{**ROW, "enforced_by": ["Fire wall"]}],
            ['controls[0].enforced_by[0]: "Fire wall" is not allowed; the name of a module'],
        ),
        (
            [{**ROW, "assessed_today": {"fortios": "yes"}}],
            ['controls[0].assessed_today.fortios: "yes" is not allowed; one of none, partial, full'],
        ),
        (
            [{**ROW, "assessed_today": {"fortios": "partial"}}],
            [
                'controls[0].limits: "" is not allowed;'
                " what the assessment leaves out, where it is partial and only there"
            ],
        ),
        (
            [{**ROW, "owner": "me"}],
            [
                "controls[0].owner: unknown key; known: id, title, why, severity, assessed_by, enforced_by, evidence,"
                " assessed_today, limits"
            ],
        ),
    ],
)
def test_a_malformed_catalogue_is_refused(rows: Any, errors: list[str]) -> None:
    with pytest.raises(CatalogueError) as refusal:
        load_controls(rows)
    assert str(refusal.value).splitlines() == errors


def test_the_page_is_up_to_date() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "tools" / "docs_controls.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stderr) == (0, "")
