# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks into the log of a provisioning server inside the Ansible worker.

A task that is delegated to the server runs there as an ordinary module.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.phones.log_module import SPEC, VARIABLES, execute
from ansible_collections.voip.hardening.plugins.plugin_utils import tasks


class ActionModule(ActionBase):
    """One phone, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result."""
        super().run(tmp, task_vars)
        arguments, errors = tasks.given(self, SPEC, VARIABLES, task_vars)
        try:
            params = tasks.checked(arguments, errors, SPEC, lambda _arguments: ())
            if tasks.is_elsewhere(self):
                return tasks.run_there(self, "provisioning_log", arguments, (), task_vars)
            return execute(params)
        except Failure as failure:
            return tasks.failed(failure)
