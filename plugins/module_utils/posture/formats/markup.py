# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML in which nothing can be forgotten: every text is escaped, and only `tag` makes what is not. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ...text import visible


class Markup:
    """HTML. No text: whatever is put together as text is escaped once more, and never too little."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


Child: TypeAlias = "Markup | str | int | Iterable[Child] | None"
"""What may stand in an element: text, which is escaped; elements; nothing; several of these."""
_EMPTY = frozenset(("meta", "link", "br", "hr"))


def tag(name: str, /, *children: Child, **attributes: str | int | None) -> Markup:
    """An element. Attributes are named as Python allows it: `class_`, `aria_label`; one that is None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(visible(str(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{''.join(_texts(children))}</{name}>")


def _texts(children: Iterable[Child]) -> Iterator[str]:
    for child in children:
        if isinstance(child, Markup):
            yield child.text
        elif isinstance(child, (str, int)):
            yield html.escape(visible(str(child)))
        elif child is not None:
            yield from _texts(child)
