"""Writes the result of every task of a playbook run to a file, one JSON object a line.

The file's name comes from the environment (VOIP_TEST_RESULTS). Results are what Ansible shows and no more.
"""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorded
type: notification
short_description: Records results for tests
description:
  - Records results for tests.
"""


class CallbackModule(CallbackBase):
    """Records every result with its host, task and kind."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorded"
    CALLBACK_NEEDS_ENABLED = True

    def _record(self, kind: str, result: Any) -> None:
        entry = {
            "kind": kind,
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "result": json.loads(self._dump_results(result._result)),
        }
        with open(os.environ["VOIP_TEST_RESULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record("skipped", result)
