# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site as it was answered for, before and after its devices were recognised. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..secret import Secret

FIREWALLS, PHONES = "firewalls", "phones"
GROUPS: Mapping[str, str] = {
    "fortios": "fortigates",
    "draytek": "vigors",
    "pfsense": "pfsenses",
    "yealink": "yealinks",
    "poly": "polys",
    "grandstream": "grandstreams",
    "snom": "snoms",
    "fanvil": "fanvils",
    "cisco_mpp": "cisco_phones",
}
"""The group of all devices of a platform, where what they share can be said once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone of the site. `where`: how an error names it. `mac`: with colons. "" for what is not known yet."""

    where: str
    name: str
    mac: str
    vendor: str = ""
    model: str = ""
    firmware: str = ""
    address: str = ""

    def as_dict(self) -> dict[str, str]:
        shown = ("name", "mac", "vendor", "model", "firmware", "address")
        return {name: str(getattr(self, name)) for name in shown}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`platform`: of the firewall, or "auto". `port`: None for the usual one. `policy`: what `voip_policy` will be.

    `variables`: further ones of the site, in clear.
    """

    name: str
    platform: str
    host: str
    port: int | None
    username: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    access_token: Secret = field(default_factory=lambda: Secret(""))
    private_key_file: str = ""
    provider: str = ""
    policy: Mapping[str, Any] = field(default_factory=dict)
    phones: tuple[Phone, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def firewall(self) -> str:
        """The inventory name of the firewall."""
        return host_name(self.name, "fw1")

    @property
    def secrets(self) -> dict[str, Secret]:
        """What is kept encrypted, by the variable that holds it."""
        held = {"voip_access_token": self.access_token, "ansible_password": self.password}
        return {name: secret for name, secret in held.items() if secret}

    def as_dict(self) -> dict[str, Any]:
        """What the tasks need of it; no secrets."""
        return {
            "name": self.name,
            "firewall": self.firewall,
            "platform": self.platform,
            "host": self.host,
            "port": self.port,
            "phones": [phone.as_dict() for phone in self.phones],
        }


def host_name(site: str, device: str) -> str:
    """The inventory name of a device: of the site's and its own, which no two sites share."""
    prefix = site.replace("_", "-") + "-"
    return device if device.startswith(prefix) else prefix + device
