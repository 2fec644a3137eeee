# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup: the hosts that a remediation is for, and no others."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drifted_hosts
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: The hosts that a remediation is for, and no others
description:
  - Takes the hosts that drifted from C(voip_drift_limit), which C(report.yml) hands on, or from the report in JSON that
    C(voip_report_file) names.
  - Everything but names of devices of the inventory is refused, patterns and groups as well, and so is an empty list. A
    remediation must never be for all devices because a variable is missing or misspelt.
options:
  _terms:
    description: Groups of which the hosts are wanted, such as V(firewalls).
    type: list
    elements: str
    required: true
  voip_drift_limit:
    description: Names of hosts, as a list or separated by commas.
    type: raw
    vars:
      - name: voip_drift_limit
  voip_report_file:
    description:
      - A report that M(voip.hardening.posture_report) wrote as JSON, no older than three days. Not together with
        O(voip_drift_limit).
    type: path
    vars:
      - name: voip_report_file
"""

EXAMPLES = r"""
- name: Harden the firewalls that drifted
  hosts: "{{ query('voip.hardening.drifted_hosts', 'firewalls') }}"
  gather_facts: false
  roles:
    - role: voip.hardening.firewall
"""

RETURN = r"""
_raw:
  description: Names of hosts, in the order given, those of the groups named.
  type: list
  elements: str
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.inventory.manager import split_host_pattern
from ansible.plugins.lookup import LookupBase

from ansible_collections.voip.hardening.plugins.module_utils.module import plain_input
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.posture.options import GROUPS
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import TIME

LIMIT = "voip_drift_limit"
FILE = "voip_report_file"
OLDEST = timedelta(days=3)
"""How old a report may be: Friday night's is good on Monday. Devices are put right by what it says of them."""
NEEDED = f"the names of hosts of the groups {' and '.join(GROUPS)}"


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[str]:
        if context.CLIARGS.get("syntax"):
            return []  # ansible-playbook --syntax-check runs nothing, and need not know for whom
        self.set_options(var_options=variables, direct=kwargs)
        groups = (variables or {})["groups"]
        hosts = named(plain_input(self.get_option(LIMIT)), self.get_option(FILE), groups)
        wanted = {host for term in terms for host in groups.get(term, ())}
        return [host for host in hosts if host in wanted]


def named(limit: object, file: str | None, groups: Mapping[str, Iterable[str]]) -> list[str]:
    """The hosts that are named, each a device of the inventory. Raises `AnsibleLookupError` with all that is wrong."""
    report = Report()
    if (limit is None) == (file is None):
        raise AnsibleLookupError(
            f"{LIMIT}, {FILE}: one of the two is needed: {NEEDED} that drifted, or a report in JSON that has them"
        )
    source, given = (LIMIT, _listed(limit)) if file is None else (FILE, _reported(file))
    if not isinstance(given, list):
        report.reject(source, given, f"{NEEDED}, as a list or separated by commas")
        given = []
    elif not given:
        report.refuse(source, "an empty list", f"{NEEDED}; where nothing drifted there is nothing to put right")
    devices = {host for group in GROUPS for host in groups.get(group, ())}
    for place, name in enumerate(given):
        if not isinstance(name, str) or name not in devices:
            report.reject(f"{source}[{place}]", name, NEEDED)
        elif not _means_itself(name):
            report.reject(f"{source}[{place}]", name, "a name that Ansible takes for no pattern: rename it")
    if report.errors:
        raise AnsibleLookupError("\n".join(map(str, report.errors)))
    return list(dict.fromkeys(given))


def _means_itself(name: str) -> bool:
    """Whether a play for a host of this name is for it and no others: `fw1:fw2` is two, `!fw1` the rest."""
    return name[0] not in "!&" and split_host_pattern([name]) == [name]


def _listed(limit: object) -> object:
    if not isinstance(limit, str):
        return limit or []
    return [name.strip() for name in limit.split(",")] if limit.strip() else []


def _reported(file: str) -> object:
    """The devices of a report that a run would change. One that is no longer of today says nothing of who drifted."""
    try:
        data = json.loads(Path(file).expanduser().read_text(encoding="utf-8"))
        hosts = [device["host"] for device in data["devices"] if device["remediable"] is True]
        made = datetime.strptime(data["generated_at"], TIME).replace(tzinfo=UTC)
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise AnsibleLookupError(f"{FILE}: {file}: it is not a report in JSON: {error}") from None
    if not datetime.now(UTC) - OLDEST < made < datetime.now(UTC) + OLDEST:
        raise AnsibleLookupError(
            f"{FILE}: {file}: it is of {data['generated_at']}; one of the last {OLDEST.days} days is needed, which "
            "drift.yml makes"
        )
    return hosts
