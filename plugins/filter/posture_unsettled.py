# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: which devices do not hold what a run has just declared, and why."""

from __future__ import annotations

DOCUMENTATION = r"""
name: posture_unsettled
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: Which devices do not hold what a run has just declared, and why
description:
  - Says of each host in one line what a look after a run found that the run should have put right. Hosts of which
    nothing is left to do are not in the answer; one that could not be looked at is.
  - Findings that no run of this collection can put right, such as exposing rules of others, do not count.
options:
  _input:
    description: Names of hosts whose C(voip_posture) has the registered result of M(voip.hardening.device_posture).
    type: list
    elements: str
    required: true
  variables:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  waiting_counts:
    description: Whether settings that wait for a restart count.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Say which devices do not hold what was declared
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | voip.hardening.posture_unsettled(hostvars) }}"
"""

RETURN = r"""
_value:
  description: By name of the host, what is left to do.
  type: dict
  sample:
    north-fw1: firewall/policy VOIPH-block-sip-in status [FW-1]
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.module import plain_input
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import now
from ansible_collections.voip.hardening.plugins.module_utils.posture.results import record_of
from ansible_collections.voip.hardening.plugins.module_utils.posture.verdict import unsettled


def posture_unsettled(
    names: Iterable[str], variables: Mapping[str, Any], waiting_counts: bool = False
) -> dict[str, str]:
    """See above."""
    reasons = {}
    for name in sorted(map(str, names)):
        result = plain_input(variables[name].get("voip_posture"))
        reasons[name] = unsettled(record_of(result, name, lambda: ("", ""), now()), waiting_counts)
    return {name: reason for name, reason in reasons.items() if reason}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """By name."""
        return {"posture_unsettled": posture_unsettled}
