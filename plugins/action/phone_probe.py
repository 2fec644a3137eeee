# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at one phone inside the Ansible worker.

It brings the firmware data that the collection ships. A task that is delegated to another host, to look from another
network, runs there as an ordinary module, which is handed them.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.phones.probe_module import execute, prepared
from ansible_collections.voip.hardening.plugins.module_utils.phones.probe_options import SPEC, VARIABLES
from ansible_collections.voip.hardening.plugins.plugin_utils import tasks
from ansible_collections.voip.hardening.plugins.plugin_utils.shipped import shipped

_FIRMWARE = "phone_firmware.yml"

shipped(_FIRMWARE)  # Ansible imports this file before it forks its workers, which inherit what was read.


class ActionModule(ActionBase):
    """One phone, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; a host without an address is unreachable."""
        super().run(tmp, task_vars)
        arguments, errors = tasks.given(self, SPEC, VARIABLES, task_vars)
        if arguments.get("firmware_data") is None:
            arguments["firmware_data"] = shipped(_FIRMWARE)
        try:
            params, check = tasks.checked(arguments, errors, SPEC, lambda _arguments: ()), self._task.check_mode
            if not tasks.is_elsewhere(self):
                return execute(params, check)
            prepared(params, check=True)  # a file that remembers log-ins is on the other host
            return tasks.run_there(self, "phone_probe", arguments, (), task_vars)
        except Failure as failure:
            return tasks.failed(failure)
