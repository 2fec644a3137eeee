# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pfSense as it leaves the factory, as an answer: what rendering without a box starts from.

Source: src/conf.default/config.xml of pfSense CE 2.7.2 and 2.8.0.
"""

from __future__ import annotations

from typing import Any

from ...policy.model import SitePolicy
from .observation import SECTIONS, section_path
from .options import Options

_LEVELS = (("2.7", "23.3"), ("2.8", "23.9"))
"""Levels of the configuration by the beginning of the release; Plus releases and newer ones are at 24."""
_ANY_FROM_LAN: dict[str, Any] = {
    "type": "pass",
    "interface": "lan",
    "source": {"network": "lan"},
    "destination": {"any": ""},
}


def blank_answer(policy: SitePolicy, options: Options) -> dict[str, Any]:
    """What a new box would say, with the interfaces that the policy names."""
    vlan = policy.voice_vlan
    interfaces: dict[str, Any] = {
        "wan": {"enable": "", "if": "wan0", "descr": "WAN", "ipaddr": "dhcp"},
        "lan": {"enable": "", "if": "lan0", "descr": "LAN", "ipaddr": "192.168.1.1", "subnet": "24"},
    }
    for number, name in enumerate(policy.wan_interfaces, start=1):
        if name.lower() not in interfaces:
            interfaces[f"opt{number}"] = {"enable": "", "if": f"wan{number}", "descr": name, "ipaddr": "dhcp"}
    parent = vlan.parent_interface if vlan is not None else None
    if parent is not None and parent.lower() not in interfaces:
        interfaces["lan"]["if"] = parent
    if policy.pbx is not None and (vlan is None or policy.pbx.address not in vlan.subnet):
        address = str(policy.pbx.address)
        interfaces["opt99"] = {"enable": "", "if": "pbx0", "descr": "PBX", "ipaddr": address, "subnet": "32"}
    config: dict[str, Any] = dict.fromkeys(map(section_path, SECTIONS))
    config |= {
        "interfaces": interfaces,
        "filter/rule": [
            {**_ANY_FROM_LAN, "ipprotocol": "inet", "descr": "Default allow LAN to any rule", "tracker": "0100000101"},
            {**_ANY_FROM_LAN, "ipprotocol": "inet6", "descr": "Default allow LAN IPv6 to any", "tracker": "0100000102"},
        ],
        "nat/outbound/mode": "automatic",
        "dnshaper/queue": [{"name": name, "enabled": "on"} for name in options.limiters],
        "system/optimization": "normal",
        "system/webgui/protocol": "https",
        "system/ssh/enable": "",
    }
    return {
        "version": f"{options.version}-RELEASE",
        "level": next((level for start, level in _LEVELS if options.version.startswith(start)), "24.0"),
        "hostname": "pfSense",
        "revision": {"time": ""},
        "digest": "",
        "config": config,
        "dirty": [],
        "status": "Done",
        "running": [],
        "tables": {},
        "addresses": {},
        "packages": [],
        "carp": {"peer": "", "vips": 0, "backup": 0},
        "armed": None,
        "fired": None,
        "factory_password": None,
    }
