# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Vigor says of itself: model, release, name, how long it has been up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ....errors import Unsupported
from ..words import Answer, Labels, only

_MODEL = re.compile(r"^\s*Router Model:\s*(\S+)\s+Version:\s*(\S+)", re.MULTILINE)
_RELEASE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{1,2})(\.\d{1,3})?(\S*)\Z")
_UPTIME = re.compile(r"^\s*System Uptime:\s*(\d+):(\d{1,2}):(\d{1,2})\s*$", re.MULTILINE)
_OLDEST = (3, 9)
"""The first releases with the command lines that the guides describe; DrayOS 5 has another log-in and none of them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What `sys version` says."""

    model: str
    version: str
    name: str
    build: str


def identity(answer: Answer) -> Identity:
    """Model, release and name. Raises `Unsupported` for releases whose command line is another one."""
    match = only(answer, _MODEL, "line 'Router Model: ... Version: ...'")
    release = _RELEASE.match(match[2])
    if release is None:
        raise answer.strange(f"'Version' is {match[2]!r}, no release such as 4.4.5,")
    train = int(release[1]), int(release[2])
    if not _OLDEST <= train < (5, 0):
        raise Unsupported(f"{answer.command}: DrayOS {match[2]} is not supported: 3.9 to 4.x are")
    labels = Labels(answer)
    return Identity(match[1], match[2], labels.text("Router Name"), labels.text("Revision"))


def uptime(answer: Answer) -> int:
    """Seconds since the unit started, from `show status`."""
    match = only(answer, _UPTIME, "line 'System Uptime:h:mm:ss'")
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
