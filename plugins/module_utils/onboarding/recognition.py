# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which platform a device may be, by what it tells everybody. Pure; a log-in then shows whether it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Wire = Literal["tls", "ssh"]
AUTO = "auto"


class Way(NamedTuple):
    """How a platform is spoken to: over which wire, and its usual port."""

    wire: Wire
    port: int


WAYS: Mapping[str, Way] = {"fortios": Way("tls", 443), "pfsense": Way("ssh", 22), "draytek": Way("ssh", 22)}
"""In the order in which they are looked for: a FortiGate may answer SSH as well."""
TITLES: Mapping[str, str] = {"fortios": "a FortiGate", "pfsense": "a pfSense", "draytek": "a DrayTek Vigor"}

API_STATUS = "/api/v2/monitor/system/status"
_NO_LOG_IN = 401
"""What a FortiGate answers to a request for its status by whom it does not know (SDKs of the vendor: "no login")."""


def by_https(status: int) -> str:
    """The platform that answers a request for `API_STATUS`, which nobody's credentials come with, like this; or ""."""
    return "fortios" if status == _NO_LOG_IN else ""


def by_ssh(identification: str) -> str:
    """The platform whose SSH server may say this about itself (RFC 4253, 4.2); "" where it is no SSH server.

    pfSense has the OpenSSH of FreeBSD, as a great many others have; a Vigor's is not OpenSSH.
    """
    if not identification.startswith("SSH-"):
        return ""
    return "pfsense" if identification.partition("-")[2].partition("-")[2].startswith("OpenSSH") else "draytek"
