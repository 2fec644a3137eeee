# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every module of this collection inside the Ansible worker: no process and no file transfer a task.

A task that is delegated to another host (a jump host) runs there as an ordinary module. The standard connection
variables become the module's options.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleLookupError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.lookup.provider_profile import find_profile, search_path
from ansible_collections.voip.hardening.plugins.module_utils.module import (
    Failure,
    execute,
    prepared,
)
from ansible_collections.voip.hardening.plugins.module_utils.options import argument_spec, check_kinds, secrets_in
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS, platform_named
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.rehearsal import rehearse
from ansible_collections.voip.hardening.plugins.module_utils.secret import redact
from ansible_collections.voip.hardening.plugins.plugin_utils import tasks

_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "provider": ("voip_provider",),
    "policy": ("voip_policy",),
    "concerns": ("voip_concerns",),
    "platform": ("ansible_network_os",),
    "host": ("ansible_host", "inventory_hostname"),
    "port": ("ansible_port",),
    "username": ("ansible_user",),
    "password": ("ansible_password",),
    "private_key_file": ("ansible_ssh_private_key_file", "ansible_private_key_file"),
    "access_token": ("voip_access_token",),
    "validate_certs": ("voip_validate_certs", "ansible_httpapi_validate_certs"),
    "ca_path": ("voip_ca_path", "ansible_httpapi_ca_path"),
    "fingerprint": ("voip_fingerprint",),
    "connect_timeout": ("voip_connect_timeout",),
    "timeout": ("voip_timeout",),
    "known_hosts": ("voip_known_hosts",),
    "legacy_ssh": ("voip_legacy_ssh",),
    "transport": ("voip_transport",),
    "vdoms": ("voip_vdoms",),
    "reserved_objects": ("voip_reserved_objects",),
    "qos_class": ("voip_qos_class",),
    "limiters": ("voip_limiters",),
    "allow_reboot": ("voip_allow_reboot",),
    "state": ("voip_state",),
    "clear_sessions": ("voip_clear_sessions",),
}
"""Options that a task leaves out, and the variables that they are then taken from, the first that is set."""


def _prepare() -> None:
    """Make ready for the platforms that this play names, and for no others.

    Ansible's strategy imports this file before it forks its workers, so what is done here is paid once a play.
    """
    strategy = next(_callers("_variable_manager", "_inventory"), None)
    if strategy is None:
        return  # no play: the documentation is read, or a test imports this
    for name in _platforms_and_profiles(strategy):
        platform = platform_named(name)
        platform.prepare()
        rehearse(platform)
    # Workers look for garbage among what they inherit otherwise, and copy every page that they look at.
    gc.collect()
    gc.freeze()


def _callers(*attributes: str) -> Iterator[Any]:
    """The objects with these attributes whose methods led to the import of this file."""
    frame = sys._getframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if caller is not None and all(hasattr(caller, name) for name in attributes):
            yield caller
        frame = frame.f_back  # type: ignore[assignment]


def _platforms_and_profiles(strategy: Any) -> set[str]:
    """The platforms that the inventory names; all of them where a name is a template. Reads the profiles that it names.

    One host of each combination of groups is looked at, and all that have a platform of their own. A host whose
    platform or provider stands elsewhere is served as well, at a higher cost.
    """
    named, seen = set(), set()
    for host in strategy._inventory.get_hosts():
        groups = tuple(group.name for group in host.get_groups())
        own = host.vars.get("ansible_network_os")
        if groups not in seen:
            seen.add(groups)
            variables = strategy._variable_manager.get_vars(host=host, include_hostvars=False)
            own = own if own is not None else variables.get("ansible_network_os")
            with suppress(AnsibleLookupError):  # said of the host that it concerns
                find_profile(variables.get("voip_provider"), search_path(variables))
        if own is not None:
            named.add(str(own).rpartition(".")[2])
    if any("{" in name for name in named):
        return set(PLATFORMS)
    return named & set(PLATFORMS)


_prepare()


class ActionModule(ActionBase):
    """One device, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; a device that cannot be reached makes its host unreachable."""
        gc.disable()  # the worker ends with this task
        super().run(tmp, task_vars)
        module = self._task.action.rpartition(".")[2]
        spec = argument_spec(module)
        arguments, errors = tasks.given(self, spec, _VARIABLES, task_vars)
        report = Report()
        check_kinds(module, arguments, report)
        errors += [str(error) for error in report.errors]
        checked = ArgumentSpecValidator(spec).validate(arguments)
        if errors or checked.error_messages:
            lines = redact(errors or list(checked.error_messages), secrets_in(arguments))
            return {"failed": True, "msg": "\n".join(lines), "errors": lines}
        params, check = checked.validated_parameters, self._task.check_mode
        try:
            if tasks.is_elsewhere(self):
                prepared(module, params, check)
                return tasks.run_there(self, module, arguments, secrets_in(arguments), task_vars)
            return execute(module, params, check)
        except Failure as failure:
            if failure.unreachable:
                raise AnsibleConnectionFailure(failure.message) from None
            return {"failed": True, "msg": failure.message, **failure.result}
