# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendors' file formats have in common: a folder of files, what others wrote in it, and our part of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from urllib.parse import urlsplit

from ..errors import Misunderstood
from ..policy.reading import shown
from .phone import Phone
from .table import Setting

Folder: TypeAlias = Mapping[str, bytes]
"""The files of a provisioning folder by name; read when they are asked for."""

MARK = "voip.hardening"
_GENERATION = re.compile(rb"voip\.hardening generation ([0-9]{1,9})\b")


@dataclass(frozen=True, slots=True)
class Write:
    """A file to be written whole, or taken away (None). `says`: what of it is ours, in a line that holds no secret."""

    name: str
    content: bytes | None
    says: str


@dataclass(slots=True)
class Layers:
    """What others wrote for a phone. `settings`: what of it is in force, by name, before our file is laid over it.

    `unread`: files that it is also told to load and that cannot be read here, and why.
    """

    settings: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_others(
    names: Iterable[str], ours: str, folder: Folder, parse: Callable[[str, bytes], dict[str, str]]
) -> tuple[Layers, list[dict[str, str]]]:
    """What others wrote, and the settings of each file of theirs in the order in which the phone loads them.

    `names`: the files that a phone loads, of which `ours` is left out. What is in force is left to the caller.
    """
    layers, found = Layers(), []
    for name in names:
        if name in ("", ours):
            continue
        content = None if "/" in name else folder.get(name)
        if content is None:
            layers.unread.append(f"{place_of(name)}: it is not in the folder")
            continue
        try:
            found.append(parse(name, content))
            layers.files.append(name)
        except Misunderstood as error:
            layers.unread.append(str(error))
    return layers, found


class Format(Protocol):
    """How a vendor's files are written, and how ours is laid over those of others."""

    def hardening_file(self, phone: Phone) -> str:
        """Name of the file that is ours alone."""

    def render(self, settings: Sequence[Setting], generation: int) -> bytes:
        """Our file."""

    def parse(self, name: str, content: bytes) -> dict[str, str]:
        """The settings of a file. Raises `DeviceError` for what is no such file."""

    def others(self, phone: Phone, folder: Folder) -> Layers:
        """What others wrote for the phone."""

    def include(self, phone: Phone, folder: Folder) -> list[Write]:
        """What has to be written so that the phone loads our file, over those of others."""

    def exclude(self, phone: Phone, folder: Folder) -> list[Write]:
        """What has to be written so that nothing of ours is left but our file."""

    def retired(self, phone: Phone, folder: Folder) -> list[Write]:
        """Takes away what is ours under a name that the phone's firmware before this one called for."""

    def overlaid(self, ours: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
        """What is in force once both are loaded in their order."""

    def overrides(self, phone: Phone, folder: Folder) -> dict[str, dict[str, str]]:
        """Settings by file of what the phone itself uploaded and loads over everything that is provisioned."""

    def lines(self, settings: Mapping[str, str]) -> dict[int, frozenset[int]]:
        """The lines that these settings make, with the numbers of their servers."""

    def servers(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Addresses of the registrars, by the names of the settings."""


def place_of(name: str) -> str:
    """A file that phones are told to load, as a message may show it: of another server its name alone."""
    return f"a file of {urlsplit(name).hostname}" if "://" in name else shown(name)


def generation_of(content: bytes | None) -> int:
    """The generation that a file of ours bears; 0 where it bears none."""
    found = _GENERATION.search(content) if content is not None else None
    return int(found.group(1)) if found else 0
