# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker does for a device, done once before Ansible forks its workers.

Python specialises code that has run (PEP 659), and a forked worker inherits that: it is a tenth of what a device
costs the controller (docs/benchmarks.md).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from .document.diff import apply_to, difference
from .module import execute
from .options import argument_spec
from .platforms.base import Platform
from .policy.model import CONCERNS
from .policy.validation import validate

_ROUNDS = 3
_PROVIDER: dict[str, Any] = {
    "name": "rehearsal",
    "title": "Rehearsal",
    "signalling": ["198.51.100.0/26", "2001:db8:5060::/48"],
    "media": ["203.0.113.0/25"],
    "sip_ports": {"tls": [5061], "udp": [5060]},
    "rtp_ports": ["10000-20000"],
    "srtp": "required",
    "dns": ["198.51.100.53"],
    "ntp": ["ntp.example.com"],
    "provisioning": ["provisioning.example.com"],
    "source": "https://voice.example.com/addresses",
    "acknowledge": [
        {"cidr": cidr, "reason": "documentation addresses"}
        for cidr in ("198.51.100.0/26", "2001:db8:5060::/48", "203.0.113.0/25")
    ],
}
_POLICY: dict[str, Any] = {
    "transport": "tls",
    "voice_vlan": {"id": 40, "subnet": "10.40.0.0/24"},
    "management": {"networks": ["10.0.0.0/24"]},
}


def rehearse(platform: Platform) -> None:
    """Harden a device of this platform that does not exist, and look at it again; nobody is contacted."""
    today = date.today()
    provider = {**_PROVIDER, "reviewed_on": today, "valid_until": today}
    site = {**_POLICY, "voice_vlan": {**_POLICY["voice_vlan"], "parent_interface": platform.usual_parent}}
    params = {name: entry.get("default") for name, entry in argument_spec("firewall").items()}
    params |= {"platform": platform.name, "state": "rendered", "provider": provider, "policy": site}
    options = platform.options_of(params)
    try:
        for _round in range(_ROUNDS):
            execute("firewall", params, check=True)
            policy = validate(provider, site, concerns=CONCERNS, today=today).policy
            observed = platform.offline(policy, options)
            desired, _notes = platform.compile(policy, CONCERNS, observed)
            observed.document = apply_to(observed.document, difference(observed.document, desired))
            desired, _notes = platform.compile(policy, CONCERNS, observed)
            difference(observed.document, desired)
            platform.findings(policy, CONCERNS, observed)
            platform.rehearse_reading(observed, options)
    except Exception:
        return  # what cannot be rehearsed is only slower; a defect shows where it matters, and in the tests
