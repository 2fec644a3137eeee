#!/usr/bin/python
# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: sip_allowlist
short_description: Let SIP and RTP pass between a site and its provider only
version_added: 0.1.0
description:
  - Keeps the provider's networks and ports as objects, lets the phones reach them, and blocks SIP and RTP to and
    from anywhere else, with logging.
  - Rules that block match everybody but the provider, so that no step on the way can cut the provider off.
  - Nothing is forwarded inwards unless the policy declares a PBX at the site. The registration of a phone keeps its
    way back open.
  - Rules of others that let SIP or RTP in from elsewhere are reported as findings, and disabled only if the policy
    says C(enforce_exclusive).
  - A list of source addresses does not authenticate UDP, as its source can be forged. TLS does.
author:
  - The voip.hardening authors (@voip-hardening)
extends_documentation_fragment:
  - voip.hardening.device
"""

EXAMPLES = r"""
- name: Show what would change, and change nothing
  voip.hardening.sip_allowlist:
    provider: example-voice
    policy:
      transport: tls
      voice_vlan:
        id: 40
        subnet: 10.40.0.0/24
        parent_interface: internal
  check_mode: true
  diff: true
"""

RETURN = r"""
plan:
  description: The steps, in their order, one line each, with the controls of the catalogue that ask for them.
  returned: O(state=replaced) and O(state=deleted)
  type: list
  elements: str
  sample: ["update root:system/settings default-voip-alg-mode proxy-based -> kernel-helper-based [FW-3]"]
undo:
  description: The steps that take the plan back, in their order.
  returned: O(state=replaced) and O(state=deleted)
  type: list
  elements: dict
findings:
  description: What was found and is not changed by itself, the most severe first.
  returned: always
  type: list
  elements: dict
  contains:
    control:
      description: Id in the control catalogue.
      type: str
      sample: FW-1
    severity:
      description: One of V(info), V(low), V(medium), V(high), V(critical).
      type: str
    subject:
      description: What the finding is about.
      type: str
    evidence:
      description: What was seen.
      type: str
    advice:
      description: What to do about it.
      type: str
pending:
  description: What is not finished yet, such as settings that wait for a restart or sessions that live on.
  returned: O(state=replaced) and O(state=deleted)
  type: list
  elements: str
unverifiable:
  description: What the policy asks for and this device does not show, so that it is neither set nor called compliant.
  returned: O(state=replaced) and O(state=deleted)
  type: list
  elements: str
remarks:
  description: What was left out or could not be done, and why.
  returned: O(state=replaced), O(state=deleted) and O(state=rendered)
  type: list
  elements: str
platform:
  description: Model, release, serial number and name of the device.
  returned: success
  type: dict
gathered:
  description: What this collection owns on the device and the settings it looks at, by table.
  returned: O(state=gathered)
  type: dict
rendered:
  description: The requests or command lines, in their order.
  returned: O(state=rendered)
  type: list
  elements: dict
requests:
  description: How many requests were sent.
  returned: when a device was contacted
  type: int
outcome:
  description: After a failure, C(old state restored), C(new state in force) or C(needs another run).
  returned: when a plan was begun and not completed
  type: str
errors:
  description: What is wrong with the input, one line an error.
  returned: when the input is refused
  type: list
  elements: str
"""

from ansible_collections.voip.hardening.plugins.module_utils.module import run_module


def main() -> None:
    """Entry point."""
    run_module("sip_allowlist")


if __name__ == "__main__":
    main()
