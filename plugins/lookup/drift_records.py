# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup: the records that the jobs of a night handed on."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drift_records
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: The records that the jobs of a night handed on
description:
  - Collects the records of all variables C(voip_drift_0), C(voip_drift_17) and so on, which C(drift.yml) sets with
    C(set_stats) and AWX hands to the following jobs of a workflow. Each job of a sliced night has its own.
  - What they hold is taken as it is and never for a template, since some of it is in the words of a device.
  - A record that is older than a day is refused, since nobody knows how its device stands tonight.
options:
  _terms:
    description: Takes none.
    required: false
"""

EXAMPLES = r"""
- name: Say how many devices were looked at
  ansible.builtin.debug:
    msg: "{{ query('voip.hardening.drift_records') | length }} devices"
"""

RETURN = r"""
_raw:
  description: Records, one a device, as M(voip.hardening.posture_report) takes them.
  type: list
  elements: dict
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.voip.hardening.plugins.module_utils.module import plain_input
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import TIME

NAME = re.compile(r"voip_drift_[0-9]+", re.ASCII)
NEEDED = "a list of records, as drift.yml hands them on"
NIGHT = timedelta(days=1)
"""How far the records of one night may be apart from its report."""


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        found = []
        for name in sorted(filter(NAME.fullmatch, variables or {})):
            value = plain_input((variables or {})[name])
            if not isinstance(value, list):
                raise AnsibleLookupError(f"{name}: it is not {NEEDED}")
            _refuse_old(name, value, datetime.now(UTC))
            found += value
        return found


def _refuse_old(name: str, records: list[Any], now: datetime) -> None:
    """Raise `AnsibleLookupError` where a record is of another night; what is no record is told by who reads them."""
    times = [one.get("read_at") for one in records if isinstance(one, dict)]
    first, last = ((now + far).strftime(TIME) for far in (-NIGHT, NIGHT))
    other = [time for time in times if isinstance(time, str) and not first <= time <= last]
    if other:
        raise AnsibleLookupError(
            f"{name}: {len(other)} of its {len(records)} records are not of this night, such as one of {other[0]}; "
            f"it is {now.strftime(TIME)}"
        )
