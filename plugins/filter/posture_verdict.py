# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: what a nightly run says at its end."""

from __future__ import annotations

DOCUMENTATION = r"""
name: posture_verdict
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: What a nightly run says at its end
description:
  - Says how many devices there are of each class, and names those for which the run fails by class, each with its
    reason in one line. Of a class that has many, the first ones are named; the reports have all of them. Waivers that
    have expired are named as well.
options:
  _input:
    description: The result of M(voip.hardening.posture_report).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say how the devices stand, and fail where one is not as it must be
  ansible.builtin.debug:
    msg: "{{ voip_report | voip.hardening.posture_verdict }}"
  failed_when: voip_report.failing | length > 0
"""

RETURN = r"""
_value:
  description: Lines of text.
  type: str
  sample: |-
    2 of 40 devices must be looked into: 38 compliant, 1 drift, 1 unreachable, 0 error, 0 unsupported
    drift:
      north-fw1: firewall/policy VOIPH-block-sip-in status [FW-1]
    unreachable:
      mill-fw1: 10.4.0.1:22: no connection: timed out
    written: /srv/voip/reports/posture.json, /srv/voip/reports/posture.html, /srv/voip/reports/history.jsonl
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.voip.hardening.plugins.module_utils.module import plain_input
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import record_from
from ansible_collections.voip.hardening.plugins.module_utils.posture.verdict import verdict


def posture_verdict(report: Mapping[str, Any]) -> str:
    """See above."""
    given = plain_input(report)
    try:
        records = [record_from(one, f"records[{place}]") for place, one in enumerate(given["records"])]
    except InputError as error:
        raise AnsibleFilterError(str(error)) from None
    return verdict(given["classes"], given["failing"], records, given["expired_waivers"], given["files"])


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """By name."""
        return {"posture_verdict": posture_verdict}
