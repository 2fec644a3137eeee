# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and changes one live phone inside the Ansible worker.

It alone opens the store of passwords, with the vault secrets of the play, and only reads it. A task that is delegated
to another host runs there as an ordinary module, which is handed the passwords.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.phones.config_module import (
    all_secrets,
    execute,
    prepare,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.config_options import SPEC, VARIABLES
from ansible_collections.voip.hardening.plugins.module_utils.phones.identity import plain_mac
from ansible_collections.voip.hardening.plugins.module_utils.phones.passwords import PasswordBook
from ansible_collections.voip.hardening.plugins.plugin_utils import tasks
from ansible_collections.voip.hardening.plugins.plugin_utils.phone_passwords import of_phone
from ansible_collections.voip.hardening.plugins.plugin_utils.vault_file import StoreError, VaultFile


class ActionModule(ActionBase):
    """One phone, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; a phone that cannot be reached makes its host unreachable."""
        super().run(tmp, task_vars)
        arguments, errors = tasks.given(self, SPEC, VARIABLES, task_vars)
        try:
            params = tasks.checked(arguments, errors, SPEC, all_secrets)
            book = self._book(params)
            known = {} if book is None else of_phone(book, plain_mac(str(params["mac"])), params["try_pending"])
            params |= known
            job = prepare(params, self._task.check_mode)
            if not tasks.is_elsewhere(self):
                result = execute(job, params)
            else:
                handed = {name: value for name, value in arguments.items() if name != "secrets_file"} | known
                result = tasks.run_there(self, "phone_config", handed, all_secrets(params), task_vars)
        except Failure as failure:
            return tasks.failed(failure)
        except StoreError as error:
            return {"failed": True, "msg": str(error)}
        if book is None or result.get("failed"):
            return result
        return {**result, "waiting": list(book.pending(plain_mac(str(params["mac"]))))}

    def _book(self, params: dict[str, Any]) -> PasswordBook | None:
        """The passwords of the site's phones, where they are needed and not given."""
        path = params.get("secrets_file")
        if not path or params.get("passwords") or params["state"] == "rendered" or not Path(path).is_absolute():
            return None
        return VaultFile(Path(path), self._loader._vault).load()
