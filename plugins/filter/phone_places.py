# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: who goes first when phones are changed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: phone_places
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: The order in which phones are changed
description:
  - Puts the phones of a play in turns. The first turn has a canary of each kind, which is a vendor and model in one
    provisioning folder; the following ones have the others. The role C(phones) goes by it.
  - The canary is the first phone of its kind for which C(voip_phone_canary) is true, or else the first one.
options:
  _input:
    description: Inventory names of phones, in the order in which they are to be changed.
    type: list
    elements: str
    required: true
  variables:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  at_once:
    description: How many phones there are in a turn after the first one, 1 or more.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Show who goes first
  ansible.builtin.debug:
    msg: "{{ groups['phones'] | voip.hardening.phone_places(hostvars, 10) }}"
"""

RETURN = r"""
_value:
  description: By inventory name, the C(turn), counted from 0, and the C(canary), empty for one that is a canary itself.
  type: dict
  sample:
    desk-101: {turn: 0, canary: ""}
    desk-102: {turn: 1, canary: desk-101}
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.voip.hardening.plugins.module_utils.phones.rollout import Member, places


def phone_places(names: Iterable[str], variables: Mapping[str, Any], at_once: int) -> dict[str, dict[str, Any]]:
    """See above."""
    number = int(at_once)
    if number < 1:
        raise AnsibleFilterError(f"voip_phones_at_once: {number} is not allowed; a number of phones from 1")
    members = [_member(str(name), variables[name]) for name in names]
    return {name: asdict(place) for name, place in places(members, number).items()}


def _member(name: str, variables: Mapping[str, Any]) -> Member:
    site, vendor, model = (
        str(variables.get(each) or "") for each in ("voip_provisioning_dir", "ansible_network_os", "voip_phone_model")
    )
    return Member(name, site, vendor, model, boolean(variables.get("voip_phone_canary", False)))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """By name."""
        return {"phone_places": phone_places}
