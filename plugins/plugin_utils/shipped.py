# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data that the collection ships, read on the control machine: elsewhere a module has no files of ours."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent.parent.parent / "data"


@lru_cache(maxsize=8)
def shipped(name: str) -> Any:
    """What the file of this name in `data` holds, dates as text, since it may travel to a module elsewhere as JSON.

    Read once a process: forked workers inherit it.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return _plain(yaml.load((DATA / name).read_text(encoding="utf-8"), Loader=loader))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
