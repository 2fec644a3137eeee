# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks into the log of a provisioning server inside the Ansible worker.

A task that is delegated to the server runs there as an ordinary module.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.options import check_against
from ansible_collections.voip.hardening.plugins.module_utils.phones.log_module import SPEC, VARIABLES, execute
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.plugin_utils.variables import completed

_HERE = ("localhost", "127.0.0.1", "::1")


class ActionModule(ActionBase):
    """One phone, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result."""
        super().run(tmp, task_vars)
        arguments, errors = completed(self._task.args, self._templar, SPEC, VARIABLES, task_vars or {})
        report = Report()
        check_against(SPEC, arguments, report)
        errors += [str(error) for error in report.errors]
        checked = ArgumentSpecValidator(dict(SPEC)).validate(arguments)
        if errors or checked.error_messages:
            lines = errors or list(checked.error_messages)
            return {"failed": True, "msg": "\n".join(lines), "errors": lines}
        if self._task.delegate_to not in (None, *_HERE):
            name = "voip.hardening.provisioning_log"
            result = self._execute_module(module_name=name, module_args=arguments, task_vars=task_vars)
            return {key: value for key, value in result.items() if key != "invocation"}
        try:
            return execute(checked.validated_parameters)
        except Failure as failure:
            return {"failed": True, "msg": failure.message, **failure.result}
