# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of devices made fit to be shown. Pure.

What a device calls itself may hold anything: control characters that a terminal obeys, characters that no XML may
hold, and marks that turn the direction of writing, so that a reader sees other words than are there.
"""

from __future__ import annotations

import re

# Controls but for tab and line feed; C1 controls; soft hyphen; marks of direction; characters without a width; line and
# paragraph separators; surrogates that stand alone; what is no character.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with every character that cannot be seen, or is no character, in the way that programs write it."""
    return _UNSEEN.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number > 0xFFFF:
        return f"\\U{number:08x}"
    return f"\\u{number:04x}" if number > 0xFF else f"\\x{number:02x}"
