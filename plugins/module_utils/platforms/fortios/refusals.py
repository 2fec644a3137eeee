# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FortiOS error numbers as sentences.

Sources: the error table of the vendor's collection (-3, -61) and public client libraries generated from a 7.6 unit for
the others; HTTP statuses from the vendor's REST description. FortiOS answers a rejected change with 424 or 500 and a
negative `error`, newer releases with the command line's own words in `cli_error`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ERRORS: Mapping[int, str] = {
    -1: "a value has an invalid length",
    -2: "an index is out of range",
    -3: "the entry, or one that it refers to, does not exist",
    -4: "the table is full",
    -5: "the entry exists already",
    -8: "invalid IP address",
    -9: "invalid netmask",
    -14: "permission denied",
    -15: "the entry is a duplicate",
    -23: "the entry is in use",
    -37: "permission denied",
    -49: "the password does not meet the unit's password policy",
    -50: "invalid format",
    -54: "the address lies in the subnet of another interface",
    -56: "an empty value is not allowed",
    -61: "the input is not understood",
    -72: "a value is too long",
    -88: "invalid VLAN name",
    -157: "the interface is already used elsewhere",
    -158: "invalid VLAN id",
    -160: "the unit gives no more detail",
    -162: "the name is taken by another service or group",
    -163: "the name is taken by another address or group",
    -164: "the name is taken by another address or group",
    -165: "the name is taken by an address or virtual IP",
    -236: "a DHCP server needs an interface with a static address",
    -363: "invalid port range",
    -515: "the name is reserved",
    -522: "the VLAN id or parent interface cannot be changed after creation",
    -526: "the DHCP range overlaps with another",
    -553: "the name is reserved",
    -560: "the name is taken",
    -650: "a number is out of range",
    -651: "a value is not one of those allowed",
}

_STATUSES: Mapping[int, str] = {
    400: "bad request",
    403: "the token's access profile does not permit this",
    404: "no such entry",
    405: "the unit does not offer this method here",
    413: "the request is too large",
    424: "a dependency failed",
    500: "internal error",
}


def sentence(status: int, body: Mapping[str, Any]) -> str:
    """Why a unit refused: its error number in words, its own text, and the HTTP status."""
    error = body.get("error")
    parts = [f"HTTP {status}"]
    if isinstance(error, int) and not isinstance(error, bool):
        parts.append(f"error {error} ({_ERRORS.get(error, 'not in our table')})")
    elif status in _STATUSES:
        parts.append(_STATUSES[status])
    text = body.get("cli_error")
    if isinstance(text, str) and text.strip():
        parts.append("the unit says: " + " / ".join(line.strip() for line in text.splitlines() if line.strip()))
    return ", ".join(parts)
