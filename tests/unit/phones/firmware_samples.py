"""Firmware data for these tests: those that are shipped, and a small sample."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.voip.hardening.plugins.module_utils.phones.firmware_data import FirmwareData, load_firmware

FILE = Path(__file__).resolve().parents[3] / "data" / "phone_firmware.yml"
TODAY = date(2026, 12, 1)

DATA: dict[str, Any] = {
    "schema": 1,
    "reviewed_on": date(2026, 11, 1),
    "families": [
        {
            "name": "Yealink T5xW",
            "vendor": "yealink",
            "hardware": 96,
            "models": ["T54W"],
            "latest": "96.87.0.15",
            "minimum": "96.86.0.45",
            "support": "active",
            "source": "a list",
            "checked_on": date(2026, 11, 1),
        },
        {
            "name": "Poly Edge E",
            "vendor": "poly",
            "line": "pvos",
            "models": ["EDGEE*"],
            "latest": "8.3.1",
            "minimum": None,
            "support": "unknown",
            "unsure": ["latest"],
            "source": "a list",
            "checked_on": "2026-11-01",
        },
    ],
    "advisories": [
        {
            "id": "CVE-2026-0826",
            "vendor": "poly",
            "title": "a title",
            "severity": "critical",
            "needs": "ICE",
            "products": [{"models": ["VVX*"], "line": "ucs", "affected": "<=6.4.7.4477", "fixed": None}],
            "mitigations": [{"intent": "nat.ice", "value": False, "decisive": True}],
            "source": "a record",
            "checked_on": date(2026, 11, 1),
        }
    ],
}


def shipped() -> FirmwareData:
    return load_firmware(yaml.safe_load(FILE.read_text(encoding="utf-8")), TODAY)
