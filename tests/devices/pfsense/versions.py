"""Releases of pfSense that a box can be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """``text``: /etc/version. ``level``: `version` in config.xml (globals.inc, latest_config).

    ``reserved_aliases``: rules know the system's aliases by name. ``reads_anew``: config_read_file is there and
    parse_config is only kept for old callers; config_restore takes a label and answers true or false.
    """

    text: str
    level: str
    reserved_aliases: bool
    reads_anew: bool


RELEASES = {
    "2.7.2": Release("2.7.2-RELEASE", "23.3", reserved_aliases=False, reads_anew=False),
    "2.8.0": Release("2.8.0-RELEASE", "23.9", reserved_aliases=True, reads_anew=True),
    "2.8.1": Release("2.8.1-RELEASE", "23.9", reserved_aliases=True, reads_anew=True),
    "24.11": Release("24.11-RELEASE", "23.9", reserved_aliases=True, reads_anew=True),
}


def release(name: str) -> Release:
    """The release of that name; raises ValueError that lists the known ones."""
    if name not in RELEASES:
        raise ValueError(f"unknown release {name!r} (known: {', '.join(RELEASES)})")
    return RELEASES[name]
