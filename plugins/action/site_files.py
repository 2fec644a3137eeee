# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what was answered about a new site, and what its devices are, into files of the inventory.

It runs on the control machine only: there are the inventory, the provider profiles and the vault secrets of the play.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.lookup.provider_profile import (
    find_profile,
    profile_names,
    search_path,
)
from ansible_collections.voip.hardening.plugins.module_utils.module import Failure, clean
from ansible_collections.voip.hardening.plugins.module_utils.onboarding import answers, files, phone_list
from ansible_collections.voip.hardening.plugins.module_utils.onboarding.existing import Device, Existing
from ansible_collections.voip.hardening.plugins.module_utils.onboarding.site import Site
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import Note
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret, redact
from ansible_collections.voip.hardening.plugins.plugin_utils import tasks
from ansible_collections.voip.hardening.plugins.plugin_utils.command_line import to_harden
from ansible_collections.voip.hardening.plugins.plugin_utils.site_folder import (
    FolderError,
    SiteFolder,
    existing_devices,
    inventory_folder,
    read_csv,
)

SPEC: Mapping[str, Any] = {
    "state": {"type": "str", "choices": ["ready", "checked", "present"], "default": "present"},
    "folder": {"type": "path"},
    "answers": {"type": "dict", "default": {}},
    "contact": {"type": "dict", "default": {}},
    "identity": {"type": "dict", "default": {}},
    "phones": {"type": "dict", "default": {}},
}


class ActionModule(ActionBase):
    """One site, one task."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result, without secrets."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        arguments, errors = tasks.given(self, SPEC, {}, variables)
        secrets = _secrets_in(arguments)
        try:
            params = tasks.checked(arguments, errors, SPEC, _secrets_in)
            folder = SiteFolder(
                inventory_folder(params["folder"] or "", variables.get("ansible_inventory_sources") or ()),
                self._loader._vault,
            )
            folder.check()
            if params["state"] == "ready":
                return {"changed": False, "folder": str(folder.path), "providers": _providers(folder, variables)}
            result = self._result(params, folder, variables)
        except Failure as failure:
            return tasks.failed(failure)
        except FolderError as error:
            return {"failed": True, "msg": clean({"msg": str(error)}, secrets)["msg"]}
        # Nothing of it is secret, and a password that is one of our own words must not spoil what is gone on with.
        return result

    def _result(self, params: Mapping[str, Any], folder: SiteFolder, variables: Mapping[str, Any]) -> dict[str, Any]:
        report = Report()
        site, notes = self._site(params["answers"], folder, variables, report)
        _refuse(report, site)
        if params["state"] == "checked":
            result: dict[str, Any] = {
                "changed": False,
                "folder": str(folder.path),
                "site": site.as_dict(),
                "pinned": folder.fingerprint(site),
            }
        else:
            site = _recognised(site, params, report)
            _refuse(report, site)
            result = self._written(site, params["contact"]["fingerprint"], folder)
        warnings = [f"{note.control} {note.severity}: {note.message}" for note in notes if note.severity != "low"]
        return {**result, "warnings": warnings} if warnings and params["state"] == "checked" else result

    def _site(
        self, given: Mapping[str, Any], folder: SiteFolder, variables: Mapping[str, Any], report: Report
    ) -> tuple[Site, tuple[Note, ...]]:
        def profile_named(name: object) -> Mapping[str, Any]:
            try:
                return find_profile(name, _search_path(folder, variables))
            except AnsibleLookupError as error:
                raise ValueError(str(error)) from None

        groups = {name: tuple(hosts) for name, hosts in variables["groups"].items()}
        found = existing_devices(variables["hostvars"], groups.get("all", ()))
        devices = {name: Device(**known) for name, known in found.items()}
        return answers.read(
            given,
            profile_named=profile_named,
            csv_file=lambda path: read_csv(Path(path).expanduser().absolute()),
            inventory=Existing(groups, devices),
            again=folder.has(str(given.get("site") or "")),
            today=date.today(),
            report=report,
        )

    def _written(self, site: Site, fingerprint: str, folder: SiteFolder) -> dict[str, Any]:
        steps = folder.plan(site, fingerprint)
        if not self._task.check_mode:
            folder.write(steps)
        groups, hosts = files.groups_of(site), files.hosts_of(site, fingerprint)
        return {
            "changed": bool(steps),
            "plan": [step.line for step in steps],
            "diff": redact([step.diff() for step in steps], tuple(site.secrets.values())),
            "folder": str(folder.path),
            "hosts": [
                {
                    "name": name,
                    "groups": groups[name],
                    # Ansible sets it for hosts that stand in a file, and what belongs to a fleet finds its place by it.
                    "variables": {**hosts[name], "inventory_dir": str(folder.path)},
                    "secrets": sorted(site.secrets) if name == site.firewall else [],
                }
                for name in groups
            ],
            "harden": to_harden(folder.path, site.name),
        }


def _recognised(site: Site, params: Mapping[str, Any], report: Report) -> Site:
    """The site with what its devices said."""
    contact, identity = params["contact"], params["identity"]
    for option, found, needed in (("contact", contact, "fingerprint"), ("identity", identity, "platform")):
        if needed not in found:
            report.missing(option, "what voip.hardening.device_identity returned")
    if report.errors:
        return site
    seen = params["phones"]
    phones = tuple(phone_list.recognised(phone, seen.get(phone.name) or {}, report) for phone in site.phones)
    return replace(site, platform=identity["platform"], port=contact.get("port"), phones=phones)


def _refuse(report: Report, site: Site) -> None:
    """Raise `Failure` with everything that is wrong."""
    if report.errors:
        lines = [str(error) for error in report.errors]
        result = clean({"msg": "\n".join(lines), "errors": lines}, tuple(site.secrets.values()))
        raise Failure(result.pop("msg"), result)


def _secrets_in(arguments: Mapping[str, Any]) -> tuple[Secret, ...]:
    given = arguments.get("answers")
    known = given if isinstance(given, Mapping) else {}
    return tuple(Secret(str(known[name])) for name in answers.SECRETS if known.get(name))


def _search_path(folder: SiteFolder, variables: Mapping[str, Any]) -> list[Path]:
    """Where profiles are looked for; the folder may not be a source of this run."""
    return search_path({**variables, "inventory_dir": str(folder.path)})


def _providers(folder: SiteFolder, variables: Mapping[str, Any]) -> list[str]:
    return profile_names(_search_path(folder, variables))
