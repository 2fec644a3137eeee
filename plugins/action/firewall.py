# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every module of this collection inside the Ansible worker: no process and no file transfer a task.

A task that is delegated to another host (a jump host) runs there as an ordinary module. The standard connection
variables become the module's options.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleLookupError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.lookup.provider_profile import find_profile, search_path
from ansible_collections.voip.hardening.plugins.module_utils.module import (
    Failure,
    argument_spec,
    execute,
    plain_input,
    warnings_of,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS, platform_named

_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "provider": ("voip_provider",),
    "policy": ("voip_policy",),
    "concerns": ("voip_concerns",),
    "platform": ("ansible_network_os",),
    "host": ("ansible_host", "inventory_hostname"),
    "port": ("ansible_port",),
    "username": ("ansible_user",),
    "password": ("ansible_password",),
    "access_token": ("voip_access_token",),
    "validate_certs": ("voip_validate_certs", "ansible_httpapi_validate_certs"),
    "ca_path": ("voip_ca_path", "ansible_httpapi_ca_path"),
    "fingerprint": ("voip_fingerprint",),
    "connect_timeout": ("voip_connect_timeout",),
    "timeout": ("voip_timeout",),
    "vdoms": ("voip_vdoms",),
    "state": ("voip_state",),
    "clear_sessions": ("voip_clear_sessions",),
}
"""Options that a task leaves out, and the variables that they are then taken from, the first that is set."""

_HERE = ("localhost", "127.0.0.1", "::1")

# This file is imported before Ansible forks its workers: what is loaded here is paid once a play, not once a host.
for _name in PLATFORMS:
    platform_named(_name).prepare()


class ActionModule(ActionBase):
    """One device, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; a device that cannot be reached makes its host unreachable."""
        super().run(tmp, task_vars)
        module = self._task.action.rpartition(".")[2]
        try:
            arguments = self._with_variables(argument_spec(module), task_vars or {})
        except AnsibleLookupError as error:
            return {"failed": True, "msg": str(error), "errors": [str(error)]}
        if self._task.delegate_to not in (None, *_HERE):
            return self._execute_module(
                module_name=f"voip.hardening.{module}", module_args=arguments, task_vars=task_vars
            )
        checked = ArgumentSpecValidator(argument_spec(module)).validate(arguments)
        if checked.error_messages:
            return {"failed": True, "msg": "\n".join(checked.error_messages), "errors": list(checked.error_messages)}
        try:
            result = execute(module, checked.validated_parameters, self._task.check_mode)
        except Failure as failure:
            if failure.unreachable:
                raise AnsibleConnectionFailure(failure.message) from None
            return {"failed": True, "msg": failure.message, **failure.result}
        warnings = warnings_of(result)
        return {**result, "warnings": warnings} if warnings else result

    def _with_variables(self, spec: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """The task's options, completed from variables; a provider that is named by its profile's contents."""
        arguments = plain_input(self._task.args)
        for option, variables in _VARIABLES.items():
            if option in spec and arguments.get(option) is None:
                value = next((task_vars[name] for name in variables if task_vars.get(name) is not None), None)
                if value is not None:
                    arguments[option] = plain_input(self._templar.template(value))
        if isinstance(arguments.get("provider"), str):
            arguments["provider"] = find_profile(arguments["provider"], search_path(task_vars))
        return arguments
