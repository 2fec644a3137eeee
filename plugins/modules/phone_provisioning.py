#!/usr/bin/python
# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: phone_provisioning
short_description: Render and publish the hardening of one IP phone
version_added: 0.1.0
description:
  - Writes what a site's policy asks of a phone into files that the phone fetches from its provisioning server. Ours is
    a file of its own, laid over those of others, which stay as they are byte for byte.
  - Yealink phones (T series, firmware from 80) get C(MAC-hardening.cfg) and a last include in their boot file, Poly
    phones (UC Software from 5.9, PVOS 8) C(MAC-hardening.cfg) and the first place in C(CONFIG_FILES) of their master
    file.
  - For Grandstream, Snom, Fanvil and Cisco MPP phones a file is rendered to be handed over. No phone of theirs was
    tried with it.
  - What it reports is that the files say it (evidence C(rendered)), not that a phone fetched or obeys them.
  - See the page on phones in the collection's C(docs/phones.md) for the intents, the file layouts and what is unsure.
author:
  - The voip.hardening authors (@voip-hardening)
extends_documentation_fragment:
  - voip.hardening.phone
options:
  state:
    description:
      - V(replaced) publishes. Where the policy says that the provider provisions the phones, nothing is published, and
        a file to hand over is written into O(fragment_directory) instead, without passwords.
      - V(rendered) writes nothing and returns the text of the file, passwords masked.
      - V(deleted) takes our file and the lines that name it away. It needs neither O(provider) nor O(policy).
      - Taken from C(voip_state).
    type: str
    choices: [replaced, rendered, deleted]
    default: replaced
  platform:
    description:
      - The vendor of the phone, V(yealink) or V(poly), or for a file to be handed over V(grandstream), V(snom),
        V(fanvil) or V(cisco_mpp). Taken from C(ansible_network_os).
    type: str
    required: true
  model:
    description:
      - Model of the phone, such as V(T54W) or V(VVX 450). Taken from C(voip_phone_model).
      - Of Grandstream a model of GRP26xx, which takes aliases, or of GXP16xx or GXP21xx, which take P-values.
    type: str
    required: true
  firmware:
    description:
      - What the phone runs, such as V(96.86.0.45) or V(6.4.6.2453). It decides how parameters are spelled, and is
        needed for Yealink and Poly. Taken from C(voip_phone_firmware).
    type: str
  directory:
    description:
      - The folder that the provisioning server serves to the phone, on the host that the task runs on. Taken from
        C(voip_provisioning_dir).
    type: path
  fragment_directory:
    description:
      - The folder for files that are handed over. Taken from C(voip_fragment_dir).
    type: path
  group:
    description:
      - Group of our files, which their owner and group alone can read. The web server has to be in it. Taken from
        C(voip_provisioning_group).
    type: str
  secrets_file:
    description:
      - The file on the controller in which the passwords of the site's phones are kept, encrypted by Ansible Vault with
        a vault secret of the run. It is made when there is none. Taken from C(voip_phone_secrets_file).
    type: path
  rotate_passwords:
    description:
      - Whether the phone gets new passwords. The ones before are kept until O(passwords_proved), and as long as one
        waits for that no other is made. Taken from C(voip_phone_rotate_passwords).
    type: bool
    default: false
  passwords_proved:
    description:
      - Whether the passwords that were published last were seen to work on the phone. Taken from
        C(voip_phone_passwords_proved).
    type: bool
    default: false
  reapply:
    description:
      - Whether the phone was seen to hold something else than it was told. The file then gets other bytes, since a
        Yealink does not apply a file that it has applied before. Taken from C(voip_phone_reapply).
    type: bool
    default: false
notes:
  - The module runs inside the Ansible worker. A task that is delegated to the host with the files runs there as an
    ordinary module, which needs Python 3.11 or newer there. Passwords travel through the connection and are not
    written to a file there besides the phone's own, unless the connection cannot do that or the task uses C(become).
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: Nothing is written, neither files of phones nor the store of passwords.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: full
    details: Passwords are masked; one that changes is marked.
  platform:
    description: Phones whose files are rendered.
    support: full
    platforms: yealink, poly, grandstream, snom, fanvil, cisco_mpp
"""

EXAMPLES = r"""
- name: Publish the hardening of a phone
  voip.hardening.phone_provisioning:
    provider: "{{ voip_provider }}"
    policy: "{{ voip_policy }}"
    platform: yealink
    mac: "80:5e:c0:12:34:56"
    model: T54W
    firmware: 96.86.0.45
    directory: /srv/phones/north
    secrets_file: "{{ inventory_dir | dirname }}/secrets/north-phones.yml"

- name: Show what a run would change
  voip.hardening.phone_provisioning:
  check_mode: true
  diff: true

- name: Give a phone new passwords
  voip.hardening.phone_provisioning:
    rotate_passwords: true

- name: Passwords from HashiCorp Vault instead of a file
  voip.hardening.phone_provisioning:
    passwords: "{{ lookup('community.hashi_vault.vault_kv2_get', 'phones/' ~ voip_phone_mac).secret }}"

- name: Take our file back
  voip.hardening.phone_provisioning:
    state: deleted
"""

RETURN = r"""
plan:
  description: One line for each file that is written or removed, in that order.
  returned: success
  type: list
  elements: str
  sample: ["write 805ec0123456-hardening.cfg: the hardening, generation 1"]
file:
  description: Name of our file.
  returned: success
  type: str
  sample: 805ec0123456-hardening.cfg
evidence:
  description: How far this goes, always C(rendered). Whether a phone fetched the file and obeys it is shown elsewhere.
  returned: O(state=replaced) and O(state=rendered)
  type: str
up_to_date:
  description: Whether the files said it before this run, so that a phone has nothing new to fetch or fetches it again.
  returned: O(state=replaced) and O(state=rendered)
  type: bool
intents:
  description: What the policy asks of the phone, by intent, passwords masked.
  returned: O(state=replaced) and O(state=rendered)
  type: dict
left_out:
  description: What is asked for and not rendered, because the firmware has no parameter or its values are unsure.
  returned: O(state=replaced) and O(state=rendered)
  type: list
  elements: dict
unshown:
  description: What this vendor has no parameter for.
  returned: O(state=replaced) and O(state=rendered)
  type: list
  elements: str
rendered:
  description: The text of our file, passwords masked, by name.
  returned: O(state=rendered)
  type: dict
passwords:
  description: The accounts whose passwords are C(new), were C(proved) by this run, or are C(pending) until that.
  returned: O(state=replaced) with O(secrets_file)
  type: dict
findings:
  description: What was found and is not changed by itself, the most severe first.
  returned: success
  type: list
  elements: dict
  contains:
    control:
      description: Id in the control catalogue.
      type: str
      sample: WEB-1
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
remarks:
  description: What could not be looked at, and why.
  returned: success
  type: list
  elements: str
phone:
  description: Vendor, model, firmware and hardware address.
  returned: success
  type: dict
errors:
  description: What is wrong with the input, one line an error.
  returned: when the input is refused
  type: list
  elements: str
"""

from ansible_collections.voip.hardening.plugins.module_utils.phones.provisioning import run_module


def main() -> None:
    """Entry point."""
    run_module()


if __name__ == "__main__":
    main()
