# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a phone and at its files that writes nothing, and the record of how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.errors import Unsupported
from ansible_collections.voip.hardening.plugins.module_utils.module import Failure, failing
from ansible_collections.voip.hardening.plugins.module_utils.phones import (
    config_module,
    config_options,
    log_module,
    options,
    provisioning,
)
from ansible_collections.voip.hardening.plugins.module_utils.phones.configuring import Job
from ansible_collections.voip.hardening.plugins.module_utils.phones.disk import DiskFolder
from ansible_collections.voip.hardening.plugins.module_utils.phones.identity import plain_mac
from ansible_collections.voip.hardening.plugins.module_utils.phones.passwords import PasswordBook
from ansible_collections.voip.hardening.plugins.module_utils.policy.catalogue import Control
from ansible_collections.voip.hardening.plugins.module_utils.posture.phones import Files, drift_of_files, record_of
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import unsupported
from ansible_collections.voip.hardening.plugins.module_utils.posture.redacting import redacted
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret, redact
from ansible_collections.voip.hardening.plugins.plugin_utils import tasks
from ansible_collections.voip.hardening.plugins.plugin_utils.phone_passwords import of_files, of_phone
from ansible_collections.voip.hardening.plugins.plugin_utils.vault_file import StoreError, VaultFile

_FIXED: Mapping[str, Any] = {
    "state": "replaced",
    "login_passwords": None,
    "try_pending": True,
    "push_to_provider_phones": False,
    "send_unshown": False,
    "rotate_passwords": False,
    "passwords_proved": False,
    "reapply": False,
    "wait": 0,
}
"""Options of the modules that are not asked for: nothing is to be done, however a run is set up."""
_MODULES = (log_module, options, config_options)
_SPEC = {name: entry for module in _MODULES for name, entry in module.SPEC.items() if name not in _FIXED}
_VARIABLES = {name: names for module in _MODULES for name, names in module.VARIABLES.items() if name not in _FIXED}


def look(
    action: ActionBase,
    task_vars: Mapping[str, Any],
    files_elsewhere: str,
    catalogue: Mapping[str, Control],
    host: str,
    site: str,
) -> dict[str, Any]:
    """How a phone stands to its policy, everything taken from its variables.

    `files_elsewhere`: the host that has its files, where that is another one; they are not looked at then. `host` and
    `site` by their names. Returns the `posture`, and the `diff` of what a run would change. Raises `Failure`.
    """
    arguments, errors = tasks.given(action, _SPEC, _VARIABLES, task_vars)
    params = {**tasks.checked(arguments, errors, _SPEC, config_module.all_secrets), **_FIXED}
    secrets = list(config_module.all_secrets(params))
    try:
        book = _book(action, params)
    except StoreError as error:
        raise Failure(str(error), {}) from None
    given, job = _job(params, book, try_pending=True)
    secrets += config_module.all_secrets(given)
    with failing(lambda: secrets):
        try:
            files = None
            if not files_elsewhere and not job.foreign:
                files = _files(params, book, secrets)
                if files.log["fetched"] is False and book is not None and "admin" in book.pending(job.phone.mac):
                    # It cannot have the new password yet, and a refused log-in counts towards a lock-out.
                    given, job = _job(params, book, try_pending=False)
            live = _seen(job, given)
            record = record_of(job, live, files, catalogue, host, site)
            if files_elsewhere and not job.foreign:
                text = f"its files are on {files_elsewhere} and were not looked at"
                record = replace(record, message="; ".join(filter(None, (record.message, text))))
        except Unsupported as error:
            live, record = {}, unsupported(str(error), job.vendor.name, host, site)
    diff = live.get("diff", {"before": "", "after": ""})
    return {"posture": redacted(record, secrets).as_dict(), "diff": redact(diff, secrets)}


def _book(action: ActionBase, params: Mapping[str, Any]) -> PasswordBook | None:
    """The passwords of the site's phones, where they are not given."""
    path = params.get("secrets_file")
    if not path or params.get("passwords") or not Path(path).is_absolute():
        return None
    return VaultFile(Path(path), action._loader._vault).load()


def _job(params: Mapping[str, Any], book: PasswordBook | None, try_pending: bool) -> tuple[dict[str, Any], Job]:
    """What `phone_config` is asked for, and the options that say so. Raises `Failure` for bad input."""
    known = {} if book is None else of_phone(book, plain_mac(str(params["mac"])), try_pending)
    given = {**params, **known, "try_pending": try_pending or book is None}
    return given, config_module.prepare(given, check=True)


def _files(params: Mapping[str, Any], book: PasswordBook | None, secrets: list[Secret]) -> Files:
    """What the phone's files say, and whether it has fetched them. Raises `Failure` and `DeviceError`."""
    job = provisioning.prepare(params, check=True)
    passwords = job.passwords
    if not passwords and book is not None:
        passwords, _told = of_files(book, job)
    secrets += [*job.secrets(), *passwords.values()]
    plan = provisioning.plan_for(job, passwords)
    loose = job.folder is not None and provisioning.is_loose(job, plan, DiskFolder(job.folder, job.group))
    return Files(
        published=provisioning.result_of(job, plan),
        log=log_module.execute(params),
        drift=drift_of_files(job, plan, loose),
    )


def _seen(job: Job, params: Mapping[str, Any]) -> dict[str, Any]:
    """The result of `phone_config`; what can be said of a phone that lets nobody in before it has a password of its
    own. Raises `Failure`."""
    try:
        return config_module.execute(job, params)
    except Failure as failure:
        if failure.unreachable or not failure.result.get("findings") or "outcome" in failure.result:
            raise
        return {
            "intents": {},
            "findings": failure.result["findings"],
            "remarks": [failure.message],
            "pending": [],
            "left_out": [],
            "phone": job.phone.about,
        }
