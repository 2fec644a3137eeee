"""A provider profile and a site policy for tests against devices, and changes to them."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

SIGNALLING = ("203.0.113.0/27", "2001:db8:5060::/48")
MEDIA = ("203.0.113.128/26", "2001:db8:5061::/48")

STRANGER = "192.0.2.99"
"""An address outside everything that the provider has."""
PROVIDER_SIP, PROVIDER_RTP = "203.0.113.5", "203.0.113.140"


def provider(**changes: Any) -> dict[str, Any]:
    """A provider on documentation addresses; keywords replace keys, and the networks are acknowledged."""
    today = date.today()
    profile: dict[str, Any] = {
        "name": "acme-voice",
        "title": "Acme Voice",
        "signalling": list(SIGNALLING),
        "media": list(MEDIA),
        "sip_ports": {"tls": [5061], "tcp": [5060], "udp": [5060]},
        "rtp_ports": ["10000-20000"],
        "srtp": "required",
        "dns": ["203.0.113.53", "2001:db8:53::53"],
        "ntp": ["ntp1.example.com"],
        "provisioning": ["provisioning.example.com"],
        "reviewed_on": today.isoformat(),
        "valid_until": (today + timedelta(days=90)).isoformat(),
        "source": "https://voice.example.com/addresses",
        **changes,
    }
    networks = dict.fromkeys([*profile["signalling"], *profile["media"]])
    profile["acknowledge"] = [{"cidr": cidr, "reason": "documentation addresses"} for cidr in networks]
    return profile


_POLICY: dict[str, Any] = {
    "transport": "tls",
    "voice_vlan": {
        "id": 40,
        "subnet": "10.40.0.0/24",
        "parent_interface": "internal",
        "provisioning_url": "https://provisioning.example.com/",
    },
    # The test devices see the loopback address; to the site the controller is this host.
    "management": {"networks": ["10.0.0.0/24"], "controller_address": "10.0.0.10"},
}


def policy(**changes: Any) -> dict[str, Any]:
    """The site policy; a mapping given for a key is merged into the one that is there, None takes a key away."""
    result = copy.deepcopy(_POLICY)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = {**result[key], **value}
        else:
            result[key] = value
    return result
