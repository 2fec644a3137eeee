# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every module for firewalls inside the Ansible worker: no process and no file transfer a task.

A task that is delegated to another host (a jump host) runs there as an ordinary module. The standard connection
variables become the module's options.
"""

from __future__ import annotations

import gc
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.module import (
    Failure,
    execute,
    prepared,
)
from ansible_collections.voip.hardening.plugins.module_utils.options import secrets_in
from ansible_collections.voip.hardening.plugins.plugin_utils import before_fork, firewalls, tasks

before_fork.prepare()


class ActionModule(ActionBase):
    """One device, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; a device that cannot be reached makes its host unreachable."""
        gc.disable()  # the worker ends with this task
        super().run(tmp, task_vars)
        module, check = self._task.action.rpartition(".")[2], self._task.check_mode
        try:
            arguments, params = firewalls.parameters(self, module, task_vars, firewalls.VARIABLES)
            if tasks.is_elsewhere(self):
                prepared(module, params, check)
                return tasks.run_there(self, module, arguments, secrets_in(arguments), task_vars)
            return execute(module, params, check)
        except Failure as failure:
            return tasks.failed(failure)
