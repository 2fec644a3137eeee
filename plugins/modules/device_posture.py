#!/usr/bin/python
# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: device_posture
short_description: Say how a device stands to its policy
version_added: 0.1.0
description:
  - Compares one device, whatever its platform, with the policy of its site, and returns a record of how it stands. One
    task a device is what a nightly run over a fleet needs.
  - It never writes anything, whatever the mode.
  - A firewall (C(ansible_network_os) V(fortios), V(draytek) or V(pfsense)) is compared as
    M(voip.hardening.firewall) does in check mode; a phone (V(yealink), V(poly)) as M(voip.hardening.phone_provisioning)
    and M(voip.hardening.phone_config) do, together with what M(voip.hardening.provisioning_log) knows. A phone that its
    provider provisions is audited by M(voip.hardening.phone_config) alone.
  - Compliant is a device only of which everything in scope was read and is as it is wanted. What could not be read is
    never taken for compliant.
author:
  - The voip.hardening authors (@voip-hardening)
options: {}
notes:
  - Everything is taken from the variables that the modules for the platform take, and from C(voip_site), the name of
    the site, for which the inventory name of the host stands where it is not set. C(voip_state) counts for nothing.
  - It runs on the controller and cannot be delegated. The files of phones are looked at where they are on the
    controller; where C(voip_provisioning_host) names another host, the record says that they were not.
  - A policy that switches off all concerns, an empty one, and one without a provider are errors. Of nothing nobody can
    be sure.
  - A difference fails its controls, and so does what waits for a restart, and a finding of severity C(medium) or
    worse. That holds for what the policy itself gives away as well, such as signalling without TLS.
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: Nothing is written outside of check mode either.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: full
  platform:
    description: Target devices.
    support: full
    platforms: fortios, draytek, pfsense, yealink, poly
"""

EXAMPLES = r"""
- name: Look at every device
  hosts: firewalls:phones
  gather_facts: false
  check_mode: true
  tasks:
    - name: Compare the device with its policy
      voip.hardening.device_posture:
      register: voip_posture
      ignore_errors: true
      ignore_unreachable: true
"""

RETURN = r"""
changed:
  description: Whether the device is not as its policy wants it; nothing was changed.
  returned: success
  type: bool
posture:
  description: How the device stood when it was looked at.
  returned: success
  type: dict
  contains:
    schema:
      description: Number of the form of records.
      type: int
      sample: 1
    host:
      description: Inventory name of the device.
      type: str
    site:
      description: Name of its site.
      type: str
    platform:
      description: Kind of device.
      type: str
      sample: fortios
    model:
      description: Model that the device names.
      type: str
    version:
      description: Release that the device names.
      type: str
    class:
      description:
        - V(compliant), V(drift), or V(unsupported) where the device, or what is asked of it, cannot be judged.
        - A device that cannot be reached makes its host unreachable, and anything else that goes wrong is a failure;
          neither has a record.
      type: str
    message:
      description: Why it could not be judged, why a run would be refused, or what was not looked at.
      type: str
    read_at:
      description: When, in UTC.
      type: str
      sample: "2026-05-31T01:30:00Z"
    remediable:
      description: Whether a run of C(harden.yml) would change something.
      type: bool
    controls:
      description:
        - What came of each control in scope, by its id. One of V(pass), V(fail), V(unknown), V(not_applicable).
        - In scope are the controls that the concerns which were asked for look at on this platform.
      type: dict
      sample: {FW-1: pass, FW-3: fail}
    drift:
      description: What is not as it is declared.
      type: list
      elements: dict
      contains:
        controls:
          description: Ids in the control catalogue.
          type: list
          elements: str
        subject:
          description: The row, file or parameter, in the vendor's words.
          type: str
          sample: root:system/settings
        field:
          description: The field of the row; empty where the whole of it is meant, V(order) for the places of rows.
          type: str
          sample: default-voip-alg-mode
        declared:
          description: What the policy wants; empty for what should not be there.
          type: str
        found:
          description: What was found; empty for what is not there.
          type: str
    count:
      description: How many entries RV(posture.drift) has.
      type: int
    findings:
      description: What was found and is not changed by itself, as the module for the platform returns it.
      type: list
      elements: dict
    pending:
      description: What waits, such as settings for a restart.
      type: list
      elements: str
    unverifiable:
      description: What was asked for and could not be read.
      type: list
      elements: dict
      contains:
        control:
          description: Id in the control catalogue.
          type: str
        text:
          description: What, and why.
          type: str
        lasting:
          description: Whether no unit of this model or release shows it. If so it does not make a device unsupported.
          type: bool
    changed_by:
      description:
        - Who last changed a device that drifted, as its own list of revisions says (FortiGate, pfSense); null where it
          does not say. That this was the change which is the drift, nobody can tell.
      type: dict
      contains:
        who:
          description: Account.
          type: str
        when:
          description: By the device's clock, in UTC.
          type: str
        what:
          description: The device's comment.
          type: str
        source:
          description: Where the device says so.
          type: str
    evidence:
      description:
        - Of a phone how far it has come. C(rendered), its files say what is wanted; C(fetched), it has fetched them;
          C(observed), what it shows. Null for what was not looked at.
      type: dict
errors:
  description: What is wrong with the input, one line an error.
  returned: when the input is refused
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Where the action plugin does not run it in the worker there is no catalogue and no store of passwords."""
    AnsibleModule(argument_spec={}, supports_check_mode=True).fail_json(
        msg="voip.hardening.device_posture runs on the controller alone"
    )


if __name__ == "__main__":
    main()
