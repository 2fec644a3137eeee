# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poly's files: XML whose attributes are the parameters, and a master file that lists them.

Sources: Polycom's administrator guide 1.4 (p. 12, `CONFIG_FILES`); wazo-platform/wazo-provd-plugins (commit 2321a3f3)
for a master file; fusionpbx/fusionpbx (commit c7a00dcb) for a `<mac>.cfg` that holds the parameters itself; the CX5100
guide (p. 16) for the files that phones upload. A phone takes `<mac>.cfg`, or else `000000000000.cfg`. Files are loaded
from left to right and the first occurrence of a parameter counts. A `device.` parameter counts where its `.set` is 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from ..errors import Misunderstood, Unsupported
from .layers import MARK, Folder, Layers, Write, read_others
from .phone import Phone
from .table import Setting

COMMON_MASTER = "000000000000.cfg"
MADE = f"<!-- {MARK}: made from what was here before; state deleted takes it away -->"
OVERRIDES = ("web", "phone")
"""What a phone uploads as `<mac>-web.cfg` and `<mac>-phone.cfg`, and loads over everything else."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MASTER, _OBI = "APPLICATION", "ParameterList"
_CONFIG_FILES = re.compile(rb"""(\bCONFIG_FILES(?:_\w+)?\s*=\s*)(["'])([^"']*)\2""")
_ROOT = re.compile(rb"<APPLICATION\b(?!_)")
_COMMENT = re.compile(rb"(<!--.*?-->)", re.DOTALL)
_LINE = re.compile(r"reg\.([1-9][0-9]?)\.(?:address|server\.([1-9])\.address)")
_SERVER = re.compile(r"(?:reg\.[1-9][0-9]?|voIpProt)\.server\.[1-9]\.address")


class PolyFiles:
    """See `layers.Format`."""

    def hardening_file(self, phone: Phone) -> str:
        return f"{phone.mac}-hardening.cfg"

    def render(self, settings: Sequence[Setting], generation: int) -> bytes:
        lines = [_HEAD, f"<!-- {MARK} generation {generation} -->", "<polycomConfig"]
        if any(setting.name.startswith("device.") for setting in settings):
            lines.append('  device.set="1"')
        for setting in settings:
            if setting.name.startswith("device."):
                lines.append(f'  {setting.name}.set="1"')
            lines.append(f"  {setting.name}={quoteattr(setting.text)}")
        return "".join(f"{line}\n" for line in [*lines, "/>"]).encode()

    def parse(self, name: str, content: bytes) -> dict[str, str]:
        root = _root(name, content)
        if root.tag == _MASTER:
            return {}
        settings: dict[str, str] = {}
        for element in root.iter():
            for key, value in element.attrib.items():
                settings.setdefault(key, value)
        return settings

    def others(self, phone: Phone, folder: Folder) -> Layers:
        names = self._loaded(phone, folder)
        layers, found = read_others(names, self.hardening_file(phone), folder, self.parse)
        first: dict[str, str] = {}
        for settings in reversed(found):
            first.update(settings)
        layers.settings = _in_force(first)
        return layers

    def _loaded(self, phone: Phone, folder: Folder) -> list[str]:
        """Names of the files that a phone loads, from left to right."""
        name, present = self._master(phone, folder)
        if present is None:
            return []
        if _root(name, present).tag != _MASTER:
            return [name]
        found = _CONFIG_FILES.finditer(_COMMENT.sub(b"", present))
        lists = [match.group(3).decode("utf-8", "replace") for match in found]
        names = [name.strip() for one in lists for name in one.split(",")]
        return list(dict.fromkeys(name.replace("[PHONE_MAC_ADDRESS]", phone.mac) for name in names))

    def _master(self, phone: Phone, folder: Folder) -> tuple[str, bytes | None]:
        """The file that the phone begins with, or what one of ours was made from."""
        own = folder.get(f"{phone.mac}.cfg")
        if own is not None and not _is_made(own):
            return f"{phone.mac}.cfg", own
        aside = folder.get(self._aside(phone))
        if own is not None and aside is not None:
            return self._aside(phone), aside
        return COMMON_MASTER, folder.get(COMMON_MASTER)

    def _aside(self, phone: Phone) -> str:
        """Where a `<mac>.cfg` is kept that holds parameters, so that a master file can take its place."""
        return f"{phone.mac}-site.cfg"

    def include(self, phone: Phone, folder: Folder) -> list[Write]:
        ours, name = self.hardening_file(phone), f"{phone.mac}.cfg"
        own = folder.get(name)
        source, present = self._master(phone, folder)
        writes: list[Write] = []
        if present is not None and _root(source, present).tag == _MASTER:
            content = with_config_file(present, ours)
            content = content if source == name else _made(content)
        else:
            listed = [ours]
            if source == name:
                listed.append(self._aside(phone))
                if folder.get(self._aside(phone)) != present:
                    writes.append(Write(self._aside(phone), present, f"what was {name}"))
            elif present is not None:
                listed.append(source)
            content = _master_file(listed)
        if content != own:
            writes.append(Write(name, content, f"{ours} as the first of CONFIG_FILES"))
        return writes

    def exclude(self, phone: Phone, folder: Folder) -> list[Write]:
        name = f"{phone.mac}.cfg"
        own, aside = folder.get(name), folder.get(self._aside(phone))
        if own is None:
            return []
        if not _is_made(own):
            if _root(name, own).tag != _MASTER:
                return [Write(self._aside(phone), None, f"what is {name} again")] if aside == own else []
            content = without_config_file(own, self.hardening_file(phone))
            return [] if content == own else [Write(name, content, "CONFIG_FILES without ours")]
        if aside is not None:
            return [
                Write(name, aside, f"what was here before, from {self._aside(phone)}"),
                Write(self._aside(phone), None, f"what is {name} again"),
            ]
        return [Write(name, None, "the master file that was made for this phone")]

    def retired(self, phone: Phone, folder: Folder) -> list[Write]:
        return []

    def overlaid(self, ours: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
        return {**others, **_in_force(ours)}

    def overrides(self, phone: Phone, folder: Folder) -> dict[str, dict[str, str]]:
        found = {}
        for layer in OVERRIDES:
            name = f"{phone.mac}-{layer}.cfg"
            content = folder.get(name)
            if content is not None:
                found[name] = self.parse(name, content)
        return found

    def lines(self, settings: Mapping[str, str]) -> dict[int, frozenset[int]]:
        found: dict[int, set[int]] = {}
        for key, value in settings.items():
            match = _LINE.fullmatch(key)
            if match and value.strip():
                servers = found.setdefault(int(match.group(1)), set())
                if match.group(2):
                    servers.add(int(match.group(2)))
        return {line: frozenset(servers) for line, servers in found.items()}

    def servers(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {key: value for key, value in settings.items() if _SERVER.fullmatch(key) and value.strip()}


def with_config_file(master: bytes, name: str) -> bytes:
    """The master file with ours first in every list. `without_config_file` gives the very same bytes back."""
    ours = name.encode()
    rest = without_config_file(master, name)

    def first(match: re.Match[bytes]) -> bytes:
        listed = match.group(3)
        return match.group(1) + match.group(2) + ours + (b", " + listed if listed else b"") + match.group(2)

    listing = _outside_comments(rest, _CONFIG_FILES, first)
    if listing != rest:
        return listing
    return _outside_comments(rest, _ROOT, lambda match: match.group(0) + b' CONFIG_FILES="' + ours + b'"')


def without_config_file(master: bytes, name: str) -> bytes:
    """The master file without ours in any list."""
    ours = re.escape(name.encode())
    alone = re.compile(rb'(<APPLICATION) CONFIG_FILES="' + ours + rb'"')
    without = _outside_comments(master, alone, lambda match: match.group(1))
    if without != master:
        return without

    def rest(match: re.Match[bytes]) -> bytes:
        listed = re.sub(rb"\A" + ours + rb"(?:, |\Z)", b"", match.group(3))
        listed = re.sub(rb"(?:\A|,)\s*" + ours + rb"\s*(?=,|\Z)", b"", listed)
        return match.group(1) + match.group(2) + listed + match.group(2)

    return _outside_comments(master, _CONFIG_FILES, rest)


def _outside_comments(content: bytes, pattern: re.Pattern[bytes], change: Callable[[re.Match[bytes]], bytes]) -> bytes:
    pieces = _COMMENT.split(content)
    return b"".join(piece if index % 2 else pattern.sub(change, piece) for index, piece in enumerate(pieces))


def _made(master: bytes) -> bytes:
    """A master file that says that it was made by us; the comment goes behind the XML declaration."""
    declaration = re.match(rb"\s*<\?xml.*?\?>\s*", master, re.DOTALL)
    end = declaration.end() if declaration else 0
    return master[:end].strip() + b"\n" + MADE.encode() + b"\n" + master[end:]


def _master_file(names: Sequence[str]) -> bytes:
    return f'{_HEAD}\n{MADE}\n<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="{", ".join(names)}"/>\n'.encode()


def _is_made(content: bytes) -> bool:
    return MADE.encode() in content


def _root(name: str, content: bytes) -> ElementTree.Element:
    """Raises `Misunderstood` for what is no XML, `Unsupported` for a phone of the OBi edition."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Misunderstood(f"{name}: it declares a document type, which no file for a phone does")
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Misunderstood(f"{name}: not XML: {error}") from None
    if root.tag == _OBI:
        raise Unsupported(f"{name}: a file for a phone of the OBi edition, which takes other parameters; left alone")
    return root


def _in_force(settings: Mapping[str, str]) -> dict[str, str]:
    """The parameters that count: those of the device with their `.set`, and without those marks."""
    return dict(_counting(settings))


def _counting(settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    every = settings.get("device.set") == "1"
    for name, value in settings.items():
        of_device = name.startswith("device.")
        if not of_device or (every and settings.get(f"{name}.set") == "1"):
            yield name, value
