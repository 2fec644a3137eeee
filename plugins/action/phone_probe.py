# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at one phone inside the Ansible worker.

It brings the firmware data that the collection ships. A task that is delegated to another host, to look from another
network, runs there as an ordinary module, which is handed them.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.options import check_against
from ansible_collections.voip.hardening.plugins.module_utils.phones.probe_module import execute, prepared
from ansible_collections.voip.hardening.plugins.module_utils.phones.probe_options import SPEC, VARIABLES
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.plugin_utils.shipped import shipped
from ansible_collections.voip.hardening.plugins.plugin_utils.variables import completed

_HERE = ("localhost", "127.0.0.1", "::1")
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
        arguments, errors = completed(self._task.args, self._templar, SPEC, VARIABLES, task_vars or {})
        if arguments.get("firmware_data") is None:
            arguments["firmware_data"] = shipped(_FIRMWARE)
        report = Report()
        check_against(SPEC, arguments, report)
        errors += [str(error) for error in report.errors]
        checked = ArgumentSpecValidator(dict(SPEC)).validate(arguments)
        if errors or checked.error_messages:
            lines = errors or list(checked.error_messages)
            return {"failed": True, "msg": "\n".join(lines), "errors": lines}
        params, check = checked.validated_parameters, self._task.check_mode
        try:
            if self._task.delegate_to not in (None, *_HERE):
                prepared(params, check=True)  # a file that remembers log-ins is on the other host
                name = "voip.hardening.phone_probe"
                result = self._execute_module(module_name=name, module_args=arguments, task_vars=task_vars)
                return {key: value for key, value in result.items() if key != "invocation"}
            return execute(params, check)
        except Failure as failure:
            if failure.unreachable:
                raise AnsibleConnectionFailure(failure.message) from None
            return {"failed": True, "msg": failure.message, **failure.result}
