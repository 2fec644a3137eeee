"""Whole runs of the module against a Vigor test device in this process."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils.module import execute
from ansible_collections.voip.hardening.plugins.module_utils.options import argument_spec
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek import session
from tests.devices.vigor import Vigor
from tests.support.policies import policy, provider
from tests.unit.draytek.units import PEER, Direct


def site_policy(**changes: Any) -> dict[str, Any]:
    """The sample policy as it is for a Vigor, whose administrators are in LAN1; keywords replace keys."""
    made = policy(management={"networks": ["192.168.1.0/24"], "controller_address": None}, **changes)
    del made["voice_vlan"]["parent_interface"]
    return made


def run(monkeypatch: pytest.MonkeyPatch, device: Vigor, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """The module's result."""
    monkeypatch.setattr(session, "connect", lambda _target, _deadline: Direct(device))
    given = {"platform": "draytek", "host": PEER, "username": "admin", "password": "Str0ng-enough", **options}
    if options.get("state", "replaced") == "replaced":
        given = {"provider": provider(), "policy": site_policy(), **given}
    checked = ArgumentSpecValidator(argument_spec("firewall")).validate(given)
    assert not checked.error_messages, checked.error_messages
    return execute("firewall", checked.validated_parameters, check)
