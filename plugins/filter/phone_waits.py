# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: why a phone is not changed now."""

from __future__ import annotations

DOCUMENTATION = r"""
name: phone_waits
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: Why a phone is not changed now
description:
  - A phone waits where the canary of its kind did not come back from its change, and where too many phones did not.
options:
  _input:
    description: What P(voip.hardening.phone_places#filter) returned.
    type: dict
    required: true
  name:
    description: Inventory name of the phone.
    type: str
    required: true
  variables:
    description:
      - The variables of all hosts, C(hostvars). C(voip_phone_back) says of a phone that was changed whether it came
        back.
    type: dict
    required: true
  limit:
    description: So many phones may not come back before no more are changed.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Show why this phone waits
  ansible.builtin.debug:
    msg: "{{ voip_phone_places | voip.hardening.phone_waits(inventory_hostname, hostvars, 1) }}"
"""

RETURN = r"""
_value:
  description: The reason, or an empty text for a phone that does not wait.
  type: str
  sample: desk-101, which goes first for phones of its kind, did not come back
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.phones.rollout import Place, reason_to_wait


def phone_waits(placed: Mapping[str, Mapping[str, Any]], name: str, variables: Mapping[str, Any], limit: int) -> str:
    """See above."""
    known = {str(one): Place(int(place["turn"]), str(place["canary"])) for one, place in placed.items()}
    came_back = {one: variables[one].get("voip_phone_back") for one in known}
    return reason_to_wait(str(name), known, came_back, int(limit))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """By name."""
        return {"phone_waits": phone_waits}
