# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup: the hosts of a play, of whose playbook nothing is left out."""

from __future__ import annotations

DOCUMENTATION = r"""
name: whole_run
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: The hosts of a play, of whose playbook nothing is left out
description:
  - Returns its terms, and refuses a run of which C(--skip-tags) or C(--start-at-task) leave tasks out that always have
    to run.
  - A run that looks at nothing must not end as one that found nothing. Without its tasks a play cannot tell, so that
    its C(hosts) have to.
options:
  _terms:
    description: Names of hosts or groups.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Look at the devices
  hosts: "{{ query('voip.hardening.whole_run', 'firewalls') }}"
  gather_facts: false
  tags: always
  tasks:
    - name: Compare the device with its policy
      voip.hardening.device_posture:
"""

RETURN = r"""
_raw:
  description: The terms.
  type: list
  elements: str
"""

from collections.abc import Iterable
from typing import Any

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

LEAVING_OUT = ("always", "tagged")
"""The tags to skip that leave out what is tagged `always`."""


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        given = context.CLIARGS
        check(given.get("skip_tags") or (), given.get("start_at_task"))
        return terms


def check(skipped: Iterable[str], start: str | None) -> None:
    """Raise `AnsibleLookupError` where options of the command line leave out what always has to run."""
    wrong = [f"--skip-tags {tag}" for tag in skipped if tag in LEAVING_OUT]
    if start is not None:
        wrong.append(f"--start-at-task {start}")
    if wrong:
        raise AnsibleLookupError(
            f"{', '.join(wrong)}: not allowed here; a run that leaves tasks out ends well without a look at anything"
        )
