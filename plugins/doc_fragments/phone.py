# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that the modules share which compare a phone, or its files, with the policy."""

from __future__ import annotations


class ModuleDocFragment:
    """Policy, phone, and passwords."""

    DOCUMENTATION = r"""
options:
  provider:
    description:
      - The name of a provider profile, or the profile itself. Taken from C(voip_provider).
    type: raw
  policy:
    description:
      - The site policy; C(phones) is what it says of phones alone. Taken from C(voip_policy).
    type: dict
  mac:
    description: Hardware address of the phone. Taken from C(voip_phone_mac).
    type: str
    required: true
  model:
    description: Model of the phone, such as V(T54W) or V(VVX 450). Taken from C(voip_phone_model).
    type: str
    required: true
  lines:
    description:
      - Numbers of the lines that the phone has. Those that it, or a file of others, is found to have are added by
        themselves. Taken from C(voip_phone_lines).
    type: list
    elements: int
    default: [1]
  provisioning_user:
    description:
      - Name that the phone shows to its provisioning server. Taken from C(voip_phone_provisioning_user).
    type: str
  provisioning_password:
    description: Password that goes with it. Taken from C(voip_phone_provisioning_password).
    type: str
  passwords:
    description:
      - The passwords that the phone is to have, for those who keep them elsewhere and look them up. C(admin) and
        C(user), of a Yealink C(var) as well. Taken from C(voip_phone_passwords).
    type: dict
"""
