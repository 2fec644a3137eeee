# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the reports of a run on the control machine, of what the tasks of the devices left in their variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.path import unfrackpath

from ansible_collections.voip.hardening.plugins.module_utils.module import plain_input
from ansible_collections.voip.hardening.plugins.module_utils.phones.config_options import PLATFORMS as PHONES
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS as FIREWALLS
from ansible_collections.voip.hardening.plugins.module_utils.policy.catalogue import Control, load_controls
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError, Report
from ansible_collections.voip.hardening.plugins.module_utils.posture.formats import FORMATS
from ansible_collections.voip.hardening.plugins.module_utils.posture.options import (
    GROUPS,
    VARIABLES,
    WAIVERS,
    Options,
    read_options,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.outcome import outcome
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import (
    ERROR,
    UNREACHABLE,
    Record,
    now,
)
from ansible_collections.voip.hardening.plugins.module_utils.posture.report import PostureReport, reported
from ansible_collections.voip.hardening.plugins.module_utils.posture.results import record_of
from ansible_collections.voip.hardening.plugins.module_utils.posture.waivers import Waiver, read_waivers
from ansible_collections.voip.hardening.plugins.plugin_utils.report_folder import FolderError, ReportFolder
from ansible_collections.voip.hardening.plugins.plugin_utils.shipped import shipped
from ansible_collections.voip.hardening.plugins.plugin_utils.variables import completed, is_open

KNOWN = frozenset((*FIREWALLS, *PHONES))
"""The platforms that are looked at."""
REGISTERED = "voip_posture"
"""The variable in which the task of a device leaves its result."""


class ActionModule(ActionBase):
    """One run, one task, no connection."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        given, errors = completed(self._task.args, self._templar, VARIABLES, VARIABLES, variables)
        if errors:
            return {"failed": True, "msg": "\n".join(errors), "errors": errors}
        try:
            return self._result(given, _Hosts(variables))
        except InputError as error:
            lines = [str(one) for one in error.errors]
            return {"failed": True, "msg": "\n".join(lines), "errors": lines}
        except (FolderError, AnsibleError) as error:
            return {"failed": True, "msg": str(error)}

    def _result(self, given: Mapping[str, Any], hosts: _Hosts) -> dict[str, Any]:
        time, controls = now(), load_controls(shipped("controls.yml"))
        options = read_options(given, controls)
        records = _records(options, hosts, time)
        waivers, unclear = _waivers(options, records, hosts, controls)
        records = [replace(one, **unclear[one.host]) if one.host in unclear else one for one in records]
        folder = ReportFolder(Path(unfrackpath(options.directory, follow=False)))
        history = folder.history(time, options.history_days)
        report = reported(records, waivers, history, controls, time)
        warnings = []
        if history.broken:
            lines = ", ".join(map(str, history.broken[:10]))
            warnings.append(f"{folder.path}: history.jsonl has broken lines, which were left out: {lines}")
        strays = hosts.strays()
        if strays:
            warnings.append(
                f"{', '.join(strays)}: with a voip_policy, and in neither of the groups {' and '.join(GROUPS)}, so "
                "that nobody looks at it"
            )
        result = {**outcome(report, options.fail_on), "changed": False, "files": []}
        if warnings:
            result["warnings"] = warnings
        if not self._task.check_mode:
            try:
                result.update(changed=True, files=_written(folder, report, options))
            except FolderError as error:
                result.update(failed=True, msg=f"{error}. {result['headline']}")
        return result


class _Hosts:
    """Variables of other hosts, untemplated but for what is asked for: a result is long, and nothing in it is ours."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._hostvars = variables["hostvars"]
        self._own = variables
        self._raw: dict[str, Mapping[str, Any]] = {}

    def raw(self, host: str, name: str) -> Any:
        """A variable as it was set; None where there is none, or no such host."""
        if host not in self._raw:
            # An inventory may know less than the records of another one: what this task is told holds for them.
            here = host in self._hostvars
            self._raw[host] = self._hostvars.raw_get(host) if here else {WAIVERS: self._own.get(WAIVERS)}
        return self._raw[host].get(name)

    def value(self, host: str, name: str) -> Any:
        """A variable, worked out."""
        value = self.raw(host, name)
        return plain_input(self._hostvars[host][name] if host in self._hostvars and is_open(value) else value)

    def strays(self) -> list[str]:
        """Devices with a policy that stand in none of the groups, such as in one that is misspelt."""
        groups = self._own.get("groups", {})
        members = {host for group in GROUPS for host in groups.get(group, ())}
        return [
            host
            for host in groups.get("all", ())
            if host not in members and self.raw(host, "voip_policy") is not None and self.place(host)[1] in KNOWN
        ]

    def place(self, host: str) -> tuple[str, str]:
        """Its site, and what kind of device it is.

        A variable that cannot be worked out counts as not set here: the device's own result says what is wrong with it.
        """

        def known(name: str) -> Any:
            try:
                return self.value(host, name)
            except AnsibleError:
                return None

        return str(known("voip_site") or host), str(known("ansible_network_os") or "").rpartition(".")[2]


def _records(options: Options, hosts: _Hosts, time: str) -> list[Record]:
    """A record of every host that is named, and of every one that there is a record of."""
    records = list(options.records or ())
    known = {record.host for record in records}
    for host in options.hosts:
        if host not in known:
            result = plain_input(hosts.raw(host, REGISTERED)) if options.records is None else None
            records.append(record_of(result, host, partial(hosts.place, host), time))
    return records


def _waivers(
    options: Options, records: Sequence[Record], hosts: _Hosts, controls: Mapping[str, Control]
) -> tuple[dict[str, Sequence[Waiver]], dict[str, dict[str, str]]]:
    """By host, the waivers that are declared for it, and what its record says where they cannot be worked out.

    A broken variable of one host hides no other host; a list that is wrong is refused. Raises `InputError`.
    """
    unclear: dict[str, dict[str, str]] = {}
    if options.waivers is not None:
        return {record.host: options.waivers for record in records}, unclear
    report = Report()
    read: dict[int, Sequence[Waiver]] = {}  # most hosts share one list
    found: dict[str, Sequence[Waiver]] = {}
    for record in records:
        raw = hosts.raw(record.host, WAIVERS)
        if raw is None:
            continue
        if id(raw) not in read or is_open(raw):
            try:
                value = hosts.value(record.host, WAIVERS)
            except AnsibleError as error:
                if record.classification != UNREACHABLE:
                    message = f"{WAIVERS}: it cannot be worked out: {error}"
                    unclear[record.host] = {"classification": ERROR, "message": message}
                continue
            path = f"{WAIVERS} of {record.host}"
            if isinstance(value, (list, tuple)):
                items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
                read[id(raw)] = read_waivers(items, controls, report)
            else:
                report.reject(path, value, "a list of waivers")
                read[id(raw)] = ()
        found[record.host] = read[id(raw)]
    if report.errors:
        raise InputError(report.errors)
    return found, unclear


def _written(folder: ReportFolder, report: PostureReport, options: Options) -> list[str]:
    files = [folder.write(*file) for name in options.formats for file in FORMATS[name](report).items()]
    return [*files, folder.keep(report.lines(), report.time, options.history_days)]
