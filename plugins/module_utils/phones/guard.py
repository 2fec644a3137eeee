# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would take a phone off the air is refused before it is told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from ..errors import NotPossible
from ..policy.model import SitePolicy
from ..policy.reading import shown
from .table import Value


def refuse_nameless_servers(policy: SitePolicy, asked: Mapping[str, Value], servers: Mapping[str, str]) -> None:
    """A phone that compares names never registers at, or fetches from, a server that it knows by address alone.

    `servers`: addresses of its registrars by where they stand. Raises `NotPossible`.
    """
    addressed = dict(servers) if policy.transport == "tls" else {}
    provisioning = asked.get("prov.server")
    if isinstance(provisioning, str):
        addressed["voip_policy.voice_vlan.provisioning_url"] = urlsplit(f"https://{provisioning}").hostname or ""
    for key, server in addressed.items():
        if _is_address(server):
            raise NotPossible(
                f"{key}: {shown(server)} is an address, and the phone is told to accept a certificate only with the "
                "name of the server, so that it would not find it again. Give the server by the name in its certificate"
            )


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
