# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: one profile for the time between two lists of a provider."""

from __future__ import annotations

DOCUMENTATION = r"""
name: provider_union
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: One profile for the time between two lists of a provider
description:
  - Makes one provider profile of two, which allows what either of them does. It holds the signalling and media
    networks, SIP and RTP ports, DNS, NTP and provisioning servers of both, those of the new one first.
  - The modules do the same by themselves where C(voip_provider_former) is set beside C(voip_provider); the filter shows
    what comes of it.
  - Two profiles that no one profile can stand for are refused, with the field that is at fault. Both must offer the
    transport of the site, and have the same C(srtp).
  - The dates are the earlier ones of both.
options:
  _input:
    description: The new profile.
    type: dict
    required: true
  former:
    description: The profile that is about to be left.
    type: dict
    required: true
  transport:
    description: By which the site signals, its C(voip_policy.transport).
    type: str
    choices: [tls, tcp, udp]
    default: tls
seealso:
  - plugin: voip.hardening.provider_profile
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Show what the firewalls let in for as long as both lists are in force
  ansible.builtin.debug:
    msg: "{{ new | voip.hardening.provider_union(former) }}"
  vars:
    new: "{{ lookup('voip.hardening.provider_profile', 'acme-2027') }}"
    former: "{{ lookup('voip.hardening.provider_profile', 'acme-2026') }}"
"""

RETURN = r"""
_value:
  description: A provider profile.
  type: dict
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.voip.hardening.plugins.module_utils.module import plain_input
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError
from ansible_collections.voip.hardening.plugins.module_utils.policy.union import united


def provider_union(new: Mapping[str, Any], former: Mapping[str, Any], transport: str = "tls") -> dict[str, Any]:
    """See above."""
    try:
        return united(plain_input(new), plain_input(former), plain_input(transport), date.today())
    except InputError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """By name."""
        return {"provider_union": provider_union}
