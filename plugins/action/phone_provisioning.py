# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders and publishes the files of one phone inside the Ansible worker.

It alone opens the store of passwords, with the vault secrets of the play: what a phone is told is known to the store
before any file says it. A task that is delegated to the host with the files runs there as an ordinary module, which is
handed the passwords.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.errors import DeviceError
from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.phones.options import SPEC, VARIABLES
from ansible_collections.voip.hardening.plugins.module_utils.phones.provisioning import (
    Job,
    execute,
    plan_for,
    prepare,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.told import secrets_in
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.plugin_utils import tasks
from ansible_collections.voip.hardening.plugins.plugin_utils.phone_passwords import of_files
from ansible_collections.voip.hardening.plugins.plugin_utils.vault_file import StoreError, VaultFile


class ActionModule(ActionBase):
    """One phone, one task, no connection of Ansible's own."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result, which holds no password."""
        super().run(tmp, task_vars)
        elsewhere = tasks.is_elsewhere(self)
        arguments, errors = tasks.given(self, SPEC, VARIABLES, task_vars)
        try:
            params = tasks.checked(arguments, errors, SPEC, secrets_in)
            job = prepare(params, self._task.check_mode, elsewhere)
            passwords, told = self._passwords(job, params, elsewhere)
            result = self._execute_there(arguments, passwords, task_vars) if elsewhere else execute(job, passwords)
        except Failure as failure:
            return tasks.failed(failure)
        except (DeviceError, StoreError) as error:
            return {"failed": True, "msg": str(error)}
        return _with_passwords(result, told)

    def _passwords(
        self, job: Job, params: Mapping[str, Any], elsewhere: bool
    ) -> tuple[Mapping[str, Secret], dict[str, tuple[str, ...]]]:
        """What the phone's files are to say, known to the store; and which accounts have something new."""
        if job.passwords or not job.needs_passwords:
            return job.passwords, {}
        store = VaultFile(Path(params["secrets_file"]), self._loader._vault)
        if job.check:
            return of_files(store.load(), job, params["passwords_proved"], params["rotate_passwords"])
        with store.locked():
            book = store.load()
            passwords, told = of_files(book, job, params["passwords_proved"], params["rotate_passwords"])
            if not elsewhere:
                plan_for(job, passwords)  # what cannot be published is refused before it is stored
            if told["new"] or told["proved"]:
                store.save(book)
        return passwords, told

    def _execute_there(
        self, arguments: dict[str, Any], passwords: Mapping[str, Secret], task_vars: dict[str, Any] | None
    ) -> dict[str, Any]:
        """The result of the module on the host with the files, which is handed the passwords."""
        given = {name: value for name, value in arguments.items() if name != "secrets_file"}
        if passwords:
            given["passwords"] = {account: secret.reveal() for account, secret in passwords.items()}
        secrets = (*secrets_in(arguments), *passwords.values())
        return tasks.run_there(self, "phone_provisioning", given, secrets, task_vars)


def _with_passwords(result: dict[str, Any], told: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The result with the accounts whose passwords are new, were proved, or wait for that."""
    if not told or result.get("failed"):
        return result
    lines = [f"store: {word} passwords of {', '.join(told[word])}" for word in ("proved", "new") if told[word]]
    changed = result.get("changed") or bool(lines)
    passwords = {word: list(accounts) for word, accounts in told.items()}
    return {**result, "changed": changed, "plan": [*lines, *result.get("plan", [])], "passwords": passwords}
