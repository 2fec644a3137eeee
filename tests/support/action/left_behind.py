"""Stands in for the task of a device: returns what the variable `left` says, fails with it, or is unreachable."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """One task."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        left = (task_vars or {})["left"]
        if left.get("unreachable"):
            raise AnsibleConnectionFailure(left["msg"])
        return dict(left)
