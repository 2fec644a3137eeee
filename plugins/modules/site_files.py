#!/usr/bin/python
# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: site_files
short_description: Write a new site into the files of an inventory
version_added: 0.1.0
description:
  - Checks what was answered about a site, all of it and before any device is contacted, and writes what its devices
    turned out to be into files of their own, which the other files of the inventory do not notice.
  - C(site-NAME.yml) has its hosts and groups, C(group_vars/NAME.yml) its policy, C(host_vars/NAME-fw1.yml) what its
    firewall proves itself with and its secrets, each encrypted by Ansible Vault.
  - A file that this module wrote is changed where the answers have changed. A file that somebody else wrote or changed
    is never overwritten; that is an error, which shows the difference without secrets.
  - It runs on the control machine, with the vault secrets of the play. The role P(voip.hardening.onboarding#role) uses
    it.
author:
  - The voip.hardening authors (@voip-hardening)
options:
  state:
    description:
      - V(ready) looks at the folder and at the vault secrets only, without O(answers).
      - V(checked) checks the answers and writes nothing.
      - V(present) writes.
    type: str
    choices: [ready, checked, present]
    default: present
  folder:
    description:
      - Folder of the inventory, which may not exist yet. The first inventory source of the run that is a folder, or
        nothing yet, where it is not given.
    type: path
  answers:
    description:
      - "What was answered: C(site), C(address), C(port), C(platform), C(user), C(password), C(access_token),
        C(private_key_file), C(provider), C(transport), C(vlan_id), C(vlan_subnet), C(management_networks),
        C(provisioning_url), C(phones), C(policy), C(variables)."
      - They mean what the variables of the role P(voip.hardening.onboarding#role) mean, whose names begin with
        C(voip_onboard_).
    type: dict
    default: {}
  contact:
    description: What P(voip.hardening.device_identity#module) returned without a log-in. Needed for O(state=present).
    type: dict
    default: {}
  identity:
    description: What P(voip.hardening.device_identity#module) returned with a log-in. Needed for O(state=present).
    type: dict
    default: {}
  phones:
    description:
      - What P(voip.hardening.phone_probe#module) returned as C(phone), by the name of each phone that was looked at. It
        completes what the answers say of a phone, and must not contradict it.
    type: dict
    default: {}
attributes:
  action:
    description:
      - Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: full
    details: Secrets are masked.
  platform:
    description: Target devices.
    support: full
    platforms: fortios, draytek, pfsense
"""

EXAMPLES = r"""
- name: Check what was answered
  voip.hardening.site_files:
    state: checked
    answers:
      site: north
      address: 10.1.0.1
      access_token: "{{ token }}"
      provider: example-voice
      vlan_id: 40
      vlan_subnet: 10.1.40.0/24
      management_networks: [10.1.0.0/24]
"""

RETURN = r"""
folder:
  description: The folder of the inventory.
  returned: success
  type: str
providers:
  description: The names of the provider profiles that there are.
  returned: for O(state=ready)
  type: list
  elements: str
site:
  description: The site's name, its firewall's inventory name, address and platform, and its phones.
  returned: for O(state=checked)
  type: dict
pinned:
  description: The fingerprint that the firewall was pinned to when the site was onboarded before.
  returned: for O(state=checked)
  type: str
plan:
  description: What was written, one line a file.
  returned: for O(state=present)
  type: list
  elements: str
  sample: [create host_vars/north-fw1.yml]
hosts:
  description: The site's hosts with their groups and variables, without secrets, of which it has the names.
  returned: for O(state=present)
  type: list
  elements: dict
harden:
  description: The command that hardens the site.
  returned: for O(state=present)
  type: str
  sample: ansible-playbook -i inventories/production harden.yml --limit north --ask-vault-pass
errors:
  description: What is wrong with the answers, one line an error.
  returned: when they are refused
  type: list
  elements: str
"""
