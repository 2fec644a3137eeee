# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of this run, and the one that goes on from it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import context

_BY_NAME = "voip.hardening."


def to_harden(folder: Path, limit: str) -> str:
    """The command that hardens these hosts, as somebody types it who has typed this run's."""
    given: Mapping[str, Any] = context.CLIARGS
    words = ["ansible-playbook", "-i", _near(folder), _playbook(str((given.get("args") or ("",))[0]))]
    words += ["--limit", limit]
    for identity in given.get("vault_ids") or ():
        words += ["--vault-id", identity]
    for file in given.get("vault_password_files") or ():
        words += ["--vault-password-file", _near(Path(file))]
    if given.get("ask_vault_pass"):
        words.append("--ask-vault-pass")
    return shlex.join(words)


def _playbook(typed: str) -> str:
    """The playbook that hardens, from where this one was named."""
    path = Path(typed)
    beside = path.with_name("harden.yml")
    return str(beside) if path.name == "onboard.yml" and beside.exists() else f"{_BY_NAME}harden"


def _near(path: Path) -> str:
    """A path as it is typed in the folder of this run."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
