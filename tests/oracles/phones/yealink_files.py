"""Yealink's files: boot files and configurations (FusionPBX and WAZO templates; auto provisioning guide)."""

from __future__ import annotations

import re
from dataclasses import dataclass

VERSION = "#!version:1.0.0.1"
_INCLUDE = re.compile(r'include:config\s+(?:"([^"]*)"|(\S+))\s*')


@dataclass(frozen=True)
class Boot:
    """A boot file: what it includes, in the order of download, and whether what is absent goes back to the default."""

    includes: tuple[str, ...]
    overwrite: bool = False


def _lines(text: str) -> list[str]:
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].strip() != VERSION:
        raise ValueError(f"the first line is not {VERSION}")
    return [stripped for line in lines[1:] if (stripped := line.strip()) and not stripped.startswith("#")]


def parse_boot(text: str) -> Boot:
    """A boot file; raises ValueError when its first line is not the version or a line makes no sense."""
    includes: list[str] = []
    overwrite = False
    for line in _lines(text):
        if match := _INCLUDE.fullmatch(line):
            includes.append(match[1] if match[1] is not None else match[2])
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise ValueError(f"neither an include nor a setting: {line!r}")
        if name.strip() == "overwrite_mode":
            overwrite = value.strip() == "1"
    return Boot(tuple(includes), overwrite)


def parse_cfg(text: str) -> list[tuple[str, str]]:
    """The settings of a configuration in their order, since `static.security.user_password` comes once an account.

    Raises ValueError when the first line is not the version or a line is no setting. Blank values stay blank.
    """
    found = []
    for line in _lines(text):
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"not a setting: {line!r}")
        found.append((name.strip(), value.strip()))
    return found
