# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at one device, whatever its platform, inside the Ansible worker, and says how it stands to its policy.

It writes nothing, whatever the mode, and runs on the controller alone: the control catalogue, the store of passwords
and the files of phones are there.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure, plain_input
from ansible_collections.voip.hardening.plugins.module_utils.options import platform_errors
from ansible_collections.voip.hardening.plugins.module_utils.phones.config_options import PLATFORMS as PHONES
from ansible_collections.voip.hardening.plugins.module_utils.phones.phone import VENDORS
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS as FIREWALLS
from ansible_collections.voip.hardening.plugins.module_utils.policy.catalogue import Control, load_controls
from ansible_collections.voip.hardening.plugins.module_utils.posture import firewalls as firewall_looks
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import DRIFT, unsupported
from ansible_collections.voip.hardening.plugins.plugin_utils import before_fork, firewalls, phone_looks, tasks
from ansible_collections.voip.hardening.plugins.plugin_utils.shipped import shipped

_FIREWALL_VARIABLES = {name: names for name, names in firewalls.VARIABLES.items() if name != "state"}
"""Whatever a run was told to do with a device, it is looked at here."""

# Ansible imports this file before it forks its workers, which inherit what is made here.
_CATALOGUE: Mapping[str, Control] = load_controls(shipped("controls.yml"))
before_fork.prepare()


class ActionModule(ActionBase):
    """One device, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The record of a device; one that cannot be reached makes its host unreachable."""
        gc.disable()  # the worker ends with this task
        super().run(tmp, task_vars)
        try:
            result = self._look(task_vars or {})
        except Failure as failure:
            return tasks.failed(failure)
        if not self._task.diff:
            del result["diff"]
        return {**result, "changed": result["posture"]["class"] == DRIFT}

    def _look(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        self._refuse_what_is_given()
        host = str(task_vars["inventory_hostname"])
        site = str(self._variable("voip_site", task_vars) or host)
        name = self._variable("ansible_network_os", task_vars)
        platform = str(name or "").rpartition(".")[2]
        if name is None:
            errors = platform_errors({})
            raise Failure(errors[0], {"errors": errors})
        if platform in FIREWALLS:
            _arguments, params = firewalls.parameters(self, "firewall", task_vars, _FIREWALL_VARIABLES)
            return firewall_looks.look(params, _CATALOGUE, host, site)
        if platform in PHONES:
            server = str(self._variable("voip_provisioning_host", task_vars) or "")
            elsewhere = "" if server in tasks.HERE else server
            return phone_looks.look(self, task_vars, elsewhere, _CATALOGUE, host, site)
        kind = "live phones of " if platform in VENDORS else ""
        known = ", ".join((*sorted(FIREWALLS), *PHONES))
        line = f"ansible_network_os: {kind}{platform} cannot be looked at by this collection; {known} can"
        return {"posture": unsupported(line, platform, host, site).as_dict(), "diff": {"before": "", "after": ""}}

    def _refuse_what_is_given(self) -> None:
        lines = [f"{name}: unknown option; everything is taken from variables" for name in self._task.args]
        if tasks.is_elsewhere(self):
            lines.append(
                f"delegate_to: {self._task.delegate_to} cannot look for the controller; delegate "
                "voip.hardening.firewall or voip.hardening.phone_config in check mode instead"
            )
        if lines:
            raise Failure("\n".join(lines), {"errors": lines})

    def _variable(self, name: str, task_vars: Mapping[str, Any]) -> Any:
        try:
            return plain_input(self._templar.template(task_vars.get(name)))
        except AnsibleError as error:
            raise Failure(f"{name}: it cannot be worked out: {error}", {}) from None
