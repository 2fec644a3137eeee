"""Writes to a file for which platforms the controller itself was made ready, before it forked its workers.

The file's name comes from the environment (VOIP_TEST_PREPARED).
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: prepared
type: notification
short_description: Tells what was prepared, for tests
description:
  - Tells what was prepared, for tests.
"""
MODULE = "ansible_collections.voip.hardening.plugins.plugin_utils.before_fork"


class CallbackModule(CallbackBase):
    """Looks once everything has run; callbacks live in the process that forks."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "prepared"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_stats(self, stats: Any) -> None:
        ready = sorted(getattr(sys.modules.get(MODULE), "_READY", ()))
        with open(os.environ["VOIP_TEST_PREPARED"], "w", encoding="utf-8") as file:
            file.write(" ".join(ready))
