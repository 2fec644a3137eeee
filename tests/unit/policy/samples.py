"""A provider profile and a site policy that pass, and ways to spoil them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.policy.validation import PolicyError, validate

TODAY = date(2026, 11, 24)
REMOVED: Any = object()

SIGNALLING = ["198.51.100.0/26", "2001:db8:5060::/48"]
MEDIA = ["203.0.113.0/25"]


def acknowledged(*cidrs: str) -> list[dict[str, str]]:
    """Acknowledgements of these networks."""
    return [{"cidr": cidr, "reason": "documentation"} for cidr in cidrs]


PROFILE: dict[str, Any] = {
    "name": "acme-voice",
    "title": "Acme Voice",
    "signalling": SIGNALLING,
    "media": MEDIA,
    "sip_ports": {"tls": [5061], "tcp": [5060], "udp": [5060]},
    "rtp_ports": ["10000-20000"],
    "srtp": "required",
    "dns": ["198.51.100.53", "2001:db8:53::53"],
    "ntp": ["ntp1.example.com"],
    "provisioning": ["provisioning.example.com"],
    "reviewed_on": date(2026, 10, 1),
    "valid_until": date(2027, 3, 31),
    "source": "https://voice.example.com/addresses",
    "acknowledge": acknowledged(*SIGNALLING, *MEDIA),
}

POLICY: dict[str, Any] = {
    "transport": "tls",
    "voice_vlan": {"id": 40, "subnet": "10.40.0.0/24"},
    "management": {"networks": ["10.0.0.0/24"]},
}


def changed(original: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy with values replaced; ``a.b`` reaches into mappings, REMOVED takes a key away."""
    result = copy.deepcopy(original)
    for path, value in changes.items():
        *outer, key = path.split(".")
        target = result
        for name in outer:
            target = target.setdefault(name, {})
        if value is REMOVED:
            del target[key]
        else:
            target[key] = value
    return result


def profile(**changes: Any) -> dict[str, Any]:
    """The sample profile with changes; ``__`` in a keyword stands for the dot of a path."""
    return changed(PROFILE, {path.replace("__", "."): value for path, value in changes.items()})


def policy(**changes: Any) -> dict[str, Any]:
    """The sample policy with changes, as for ``profile``."""
    return changed(POLICY, {path.replace("__", "."): value for path, value in changes.items()})


def refused(provider: Any, site: Any, concerns: Sequence[str] | None = None) -> list[str]:
    """The errors, one line each, with which the input is refused."""
    with pytest.raises(PolicyError) as refusal:
        validate(provider, site, concerns=concerns, today=TODAY)
    lines = str(refusal.value).splitlines()
    assert lines == [str(error) for error in refusal.value.errors]
    return lines
