# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: the phones of the inventory as a provisioning server knows them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: provisioning_clients
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: Phones as their provisioning server knows them
description:
  - Turns phones of the inventory into what a web server has to know of each, namely its address, its folder, its name
    and a hash of its password. The role C(provisioning_server) writes the server's configuration from it.
  - Phones without C(voip_provisioning_dir) are left out.
options:
  _input:
    description: Inventory names of phones.
    type: list
    elements: str
    required: true
  variables:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  root:
    description: The folder below which all of their C(voip_provisioning_dir) are.
    type: str
    required: true
  passwords:
    description:
      - Whether each phone shows C(voip_phone_provisioning_user) and C(voip_phone_provisioning_password).
    type: bool
    default: false
notes:
  - Everything that is wrong with the variables is reported at once, each with the phone and what is allowed.
"""

EXAMPLES = r"""
- name: Show whom the server serves
  ansible.builtin.debug:
    msg: "{{ groups['phones'] | voip.hardening.provisioning_clients(hostvars, '/srv/phones') }}"
"""

RETURN = r"""
_value:
  description: One entry a phone, by its MAC address.
  type: list
  elements: dict
  contains:
    mac:
      description: Twelve hexadecimal digits in lower case.
      type: str
    folder:
      description: What the paths of its URLs begin with.
      type: str
      sample: /north/
    user:
      description: The name that it shows, empty where it shows none.
      type: str
    hash:
      description: Its password as nginx compares it (bcrypt), empty where it shows none.
      type: str
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.voip.hardening.plugins.module_utils.phones.clients import clients
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError

VARIABLES = (
    "voip_phone_mac", "voip_provisioning_dir", "voip_phone_provisioning_user", "voip_phone_provisioning_password",
)  # fmt: skip


def provisioning_clients(
    names: Iterable[str], variables: Mapping[str, Any], root: str, passwords: bool = False
) -> list[dict[str, str]]:
    """See above. Of each phone only the variables that matter are worked out: others may be none of our business."""
    wanted = VARIABLES if passwords else VARIABLES[:2]
    phones = {name: {each: variables[name].get(each) for each in wanted} for name in names}
    try:
        return [client.data for client in clients(phones, root, passwords)]
    except InputError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """By name."""
        return {"provisioning_clients": provisioning_clients}
