# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: posture_report
short_description: Write the reports of how devices stand to their policies
version_added: 0.1.0
description:
  - Takes the results of the tasks that looked at devices, applies waivers, compares with earlier runs, and writes
    reports on the control machine.
  - The page on reports in the collection's C(docs/reports.md) says how the score is made, what waivers are, what is
    kept of earlier runs, and what each format holds.
  - No device is contacted. A device without a good result is in the report as V(unreachable) or V(error).
author:
  - The voip.hardening authors (@voip-hardening)
options:
  hosts:
    description:
      - The hosts that there must be something of. The result of each one is taken from its variable C(voip_posture),
        which the task of the device registers; with O(records) they are those that a record is expected of.
      - One of O(hosts) and O(records) is needed, since a run that looked at no device is an error.
    type: list
    elements: str
    default: []
  records:
    description:
      - Records of other runs, whole or small, such as RV(records) of the slices of a job. Of several records of a host
        the newest one counts.
    type: list
    elements: dict
  waivers:
    description:
      - Controls that devices may fail. Where this is not given, the variable C(voip_waivers) of each host has its
        waivers.
    type: list
    elements: dict
    suboptions:
      control:
        description: Id of the control, such as V(FW-1).
        type: str
        required: true
      device:
        description: Name of a host or of a site, or V(*) for every device.
        type: str
        required: true
      reason:
        description: Why this may be so.
        type: str
        required: true
      approver:
        description: Who allows it.
        type: str
        required: true
      expires:
        description: The last day (UTC) on which it counts, such as V(2026-05-31). An expired waiver is a failure.
        type: str
        required: true
  directory:
    description:
      - The folder on the control machine that reports and history are written to. It is made where it is not there. A
        relative path is one of the folder in which the run was started.
      - Taken from C(voip_report_dir).
    type: path
    default: reports
  formats:
    description:
      - What is written besides the history. V(sites) is a page for each site, which has nothing of any other site.
      - Taken from C(voip_report_formats).
    type: list
    elements: str
    choices: [json, html, sites, junit, csv, prometheus]
    default: [json, html]
  fail_on:
    description:
      - The classes of devices that RV(failing) names. The module itself does not fail because of them. Taken from
        C(voip_fail_on).
    type: list
    elements: str
    choices: [compliant, drift, unreachable, error, unsupported]
    default: [drift, unreachable, error, unsupported]
  history_days:
    description: For how many days a run is kept in the history. Taken from C(voip_history_days).
    type: int
    default: 90
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: partial
    details: >-
      Everything is worked out and returned, and nothing is written. A run that is in check mode as a whole sets
      C(check_mode=false) for this task to have its reports.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: none
  platform:
    description: Where the reports are written.
    support: full
    platforms: posix
"""

EXAMPLES = r"""
- name: Report how the devices of this run stand
  voip.hardening.posture_report:
    hosts: "{{ groups['firewalls'] }}"
    formats: [json, html, prometheus]
  check_mode: false
  register: voip_report

- name: Report on the slices of a job, whose records came as variables
  voip.hardening.posture_report:
    hosts: "{{ groups['firewalls'] + groups['phones'] }}"
    records: "{{ q('ansible.builtin.varnames', '^voip_drift_[0-9]+$') | map('extract', vars) | flatten(levels=1) }}"
    waivers:
      - control: ADM-1
        device: north
        reason: The unit's release has no second factor; it is replaced in March
        approver: J. Doe
        expires: "2027-03-31"
  register: voip_report
"""

RETURN = r"""
classes:
  description: Names of hosts by class, after waivers.
  returned: success
  type: dict
  sample: {compliant: [north-fw1], drift: [south-fw1], unreachable: [], error: [], unsupported: []}
summary:
  description:
    - How many devices and sites there are, how many devices in each class, the score, how much differs, and how much of
      that is new (C(appeared)) and gone (C(resolved)) since the run before; null where there was none.
  returned: success
  type: dict
  sample:
    devices: 2
    sites: 2
    compliant: 1
    drift: 1
    unreachable: 0
    error: 0
    unsupported: 0
    score: 87
    differences: 1
    appeared: 1
    resolved: 0
    waived: 0
    expired_waivers: 0
drifted:
  description: Hosts that a run of C(harden.yml) would change.
  returned: success
  type: list
  elements: str
failing:
  description: Hosts of the classes that O(fail_on) names.
  returned: success
  type: list
  elements: str
expired_waivers:
  description: Waivers that no longer count. Each one is a failure until it is renewed or removed.
  returned: success
  type: list
  elements: dict
records:
  description: A small record of each host, before waivers, as O(records) takes them.
  returned: success
  type: list
  elements: dict
headline:
  description: The run in a line.
  returned: success
  type: str
  sample: 1 of 2 devices needs attention
text:
  description: The run in some lines, for a message.
  returned: success
  type: str
files:
  description: Paths of what was written, the history last.
  returned: success
  type: list
  elements: str
  sample: [/srv/voip/reports/posture.json, /srv/voip/reports/posture.html, /srv/voip/reports/history.jsonl]
errors:
  description: What is wrong with the input, one line an error.
  returned: when the input is refused
  type: list
  elements: str
"""
