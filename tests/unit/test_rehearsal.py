"""Before Ansible forks, every platform is rehearsed to its end, and nobody is contacted."""

from __future__ import annotations

import socket

import pytest

from ansible_collections.voip.hardening.plugins.module_utils import rehearsal
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS, platform_named


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_a_platform_is_rehearsed_to_its_end_and_nobody_is_contacted(name, monkeypatch):
    def contacted(*_arguments, **_options):
        raise AssertionError("somebody was contacted")

    monkeypatch.setattr(socket.socket, "connect", contacted)
    platform = platform_named(name)
    rounds = []
    read = type(platform).rehearse_reading

    def watched(self, observed, options):
        read(self, observed, options)
        rounds.append(observed)

    monkeypatch.setattr(type(platform), "rehearse_reading", watched)
    rehearsal.rehearse(platform)
    assert len(rounds) == 3
