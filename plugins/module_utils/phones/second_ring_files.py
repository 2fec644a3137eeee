# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of Grandstream, Snom, Fanvil and Cisco phones: XML that is rendered to be handed over, never published."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ..errors import Misunderstood
from .layers import MARK, Folder, Layers, Write
from .phone import Phone
from .table import Setting

_STEP = re.compile(r"([\w.-]+)(?:\[([0-9]+)\])?")


@dataclass(frozen=True, slots=True)
class HandedOver:
    """See `layers.Format`: a file of elements, in which a name is a path and a number in brackets an index.

    `root`, `inner`: the elements around all of them. `index`: the attribute for the number. `fixed`: attributes that
    every one has. `item`: the element for a name that stands in an attribute.
    """

    root: str
    inner: str = ""
    index: str = "index"
    fixed: tuple[tuple[str, str], ...] = ()
    item: str = ""
    outermost: tuple[tuple[str, str], ...] = ()
    """Attributes of the outermost of the elements around."""
    around: tuple[tuple[str, str], ...] = ()
    """Attributes of the innermost of them."""

    def hardening_file(self, phone: Phone) -> str:
        return f"{phone.mac}-hardening.xml"

    def render(self, settings: Sequence[Setting], generation: int) -> bytes:
        root = Element(self.root, dict(self.outermost))
        body = SubElement(root, self.inner) if self.inner else root
        body.attrib.update(self.around)
        for setting in settings:
            self._leaf(body, setting.name).text = setting.text
        ElementTree.indent(root)
        comment = f"<!-- {MARK} generation {generation}: rendered only, for a phone of a kind that was not tried -->"
        text = ElementTree.tostring(root, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{comment}\n{text}\n'.encode()

    def _leaf(self, body: Element, name: str) -> Element:
        if self.item:
            return SubElement(body, self.item, {"name": name})
        place = body
        *outer, last = name.split("/")
        for step in outer:
            tag, attributes = self._step(step)
            found = [one for one in place if one.tag == tag and one.attrib == attributes]
            place = found[0] if found else SubElement(place, tag, attributes)
        tag, attributes = self._step(last)
        return SubElement(place, tag, {**attributes, **dict(self.fixed)})

    def _step(self, step: str) -> tuple[str, dict[str, str]]:
        match = _STEP.fullmatch(step)
        if match is None:
            raise ValueError(step)
        return match.group(1), {self.index: match.group(2)} if match.group(2) else {}

    def parse(self, name: str, content: bytes) -> dict[str, str]:
        try:
            root = ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            raise Misunderstood(f"{name}: not XML: {error}") from None
        body = root.find(self.inner) if self.inner else root
        settings: dict[str, str] = {}
        if body is not None:
            self._collect(body, "", settings)
        return settings

    def _collect(self, place: Element, path: str, settings: dict[str, str]) -> None:
        for one in place:
            number = one.get(self.index)
            step = f"{one.tag}[{number}]" if number else one.tag
            name = one.get("name", "") if self.item else f"{path}{step}"
            if len(one):
                self._collect(one, f"{name}/", settings)
            else:
                settings[name] = one.text or ""

    def others(self, phone: Phone, folder: Folder) -> Layers:
        return Layers()

    def include(self, phone: Phone, folder: Folder) -> list[Write]:
        return []

    def exclude(self, phone: Phone, folder: Folder) -> list[Write]:
        return []

    def retired(self, phone: Phone, folder: Folder) -> list[Write]:
        return []

    def overlaid(self, ours: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
        return {**others, **ours}

    def overrides(self, phone: Phone, folder: Folder) -> dict[str, dict[str, str]]:
        return {}

    def lines(self, settings: Mapping[str, str]) -> dict[int, frozenset[int]]:
        return {}

    def servers(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {}


_VERSION_1 = (("version", "1"),)
GRANDSTREAM = HandedOver(
    root="gs_provision", outermost=_VERSION_1, inner="config", around=(("version", "2"),), item="item"
)
GRANDSTREAM_P_VALUES = HandedOver(root="gs_provision", outermost=_VERSION_1, inner="config", around=_VERSION_1)
SNOM = HandedOver(root="settings", inner="phone-settings", index="idx", fixed=(("perm", "R"),))
FANVIL = HandedOver(root="sysConf")
CISCO_MPP = HandedOver(root="flat-profile", fixed=(("ua", "na"),))
