#!/usr/bin/python
# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: phone_config
short_description: Read a live IP phone, and bring it to the policy
version_added: 0.1.0
description:
  - Reads from a phone itself what it is set to, compares it with what a site's policy asks of it, and sends it what is
    another. What was sent is read back by a new log-in. So its word is C(observed), where
    M(voip.hardening.phone_provisioning) says what the files say.
  - A phone obeys its provisioning server, which is where it should be changed. This module is for reading back, and for
    what cannot wait for the phone's next fetch.
  - Poly phones (UC Software from 5.9, PVOS 8) are spoken to by their REST interface, which has to be on
    (C(voip_policy.phones.rest_api)); Yealink phones (T series) by their web interface, of either generation, which
    exports and imports the text that is provisioned. Both over HTTPS alone.
  - It logs in once, and leaves. No password is tried twice, and no more than two that are refused; a phone that is
    locked, busy, in a call or restarting is said to be that, and left alone; so is one that says it is another one than
    O(mac).
  - What a phone does not show is C(unknown) and never compliant, such as its passwords. The one of the administrator is
    proved by the log-in.
  - See the page on phones in the collection's C(docs/phones.md).
author:
  - The voip.hardening authors (@voip-hardening)
extends_documentation_fragment:
  - voip.hardening.phone
options:
  state:
    description:
      - V(replaced) brings the phone to the policy. Where the policy says that the provider provisions the phones, it is
        only audited; see O(push_to_provider_phones).
      - V(gathered) reads only. It needs neither O(provider) nor O(policy), and compares with them where they are given.
      - V(fetched) has the phone fetch its files now, which a Yealink with the older web interface is not known to do on
        request. The phone is not changed by this itself; M(voip.hardening.provisioning_log) says whether it fetched.
      - V(rendered) contacts nobody, and returns what a phone of which nothing is known would be sent, passwords masked.
      - Taken from C(voip_state).
    type: str
    choices: [replaced, gathered, rendered, fetched]
    default: replaced
  platform:
    description:
      - The vendor of the phone, V(yealink) or V(poly). Taken from C(ansible_network_os).
    type: str
    required: true
  firmware:
    description:
      - What the phone runs, such as V(96.86.0.45) or V(6.4.6.2453). What it says itself counts, and another one is
        remarked. Taken from C(voip_phone_firmware).
    type: str
  host:
    description: Name or address of the phone. Taken from C(ansible_host), or else from the inventory name.
    type: str
  port:
    description: Port of the phone's HTTPS, 443 where none is given. Taken from C(ansible_port).
    type: int
  username:
    description:
      - What the administrator is called on the phone, V(admin) on a Yealink and V(Polycom) on a Poly unless this is
        given. Taken from C(ansible_user).
    type: str
  password:
    description:
      - A password that may let the administrator in, besides those that O(secrets_file) or O(passwords) know, such as
        the one that the phone came with. Taken from C(ansible_password).
    type: str
  login_passwords:
    description:
      - Passwords that may let the administrator in, the likeliest first. They are filled in from O(secrets_file), a
        pending one before the current one. Of all that are known, two at most are tried.
    type: list
    elements: str
  try_pending:
    description:
      - Whether a password is tried that the phone is to have and was not seen to work yet, a pending one of
        O(secrets_file) or that of O(passwords). Say no for a phone that has not fetched its files since, which cannot
        have it.
    type: bool
    default: true
  secrets_file:
    description:
      - The file on the controller in which M(voip.hardening.phone_provisioning) keeps the passwords of the site's
        phones. It is only read. Taken from C(voip_phone_secrets_file).
    type: path
  validate_certs:
    description:
      - Whether the phone's certificate is verified. One that the vendor made for this very phone has to bear its
        hardware address, any other one the name of O(host). Taken from C(voip_validate_certs) or
        C(ansible_httpapi_validate_certs).
    type: bool
    default: true
  ca_path:
    description:
      - File or folder with the authorities that may have issued the certificate, such as the vendor's for its phones.
        The system's are used where it is not given. Taken from C(voip_ca_path) or C(ansible_httpapi_ca_path).
    type: path
  fingerprint:
    description:
      - SHA-256 fingerprint of the certificate, in hexadecimal, with or without colons. Exactly this one is then
        accepted. Taken from C(voip_fingerprint).
    type: str
  connect_timeout:
    description: Seconds to wait for a connection. Taken from C(voip_connect_timeout).
    type: int
    default: 10
  timeout:
    description:
      - Seconds for everything that is done over one log-in. Taken from C(voip_timeout).
    type: int
    default: 300
  allow_reboot:
    description:
      - Whether the phone may restart, which it does for what is said of its network. Such settings are otherwise not
        sent, and are C(pending). A Poly is asked to wait until nobody talks. Taken from C(voip_allow_reboot).
    type: bool
    default: false
  push_to_provider_phones:
    description:
      - Whether a phone that its provider provisions is changed all the same. The provider's next sync reverts it. Taken
        from C(voip_push_to_provider_phones).
    type: bool
    default: false
  send_unshown:
    description:
      - Whether settings that the phone does not show are sent although nothing else is. They always go along with
        what is to be changed. Taken from C(voip_phone_send_unshown).
    type: bool
    default: false
notes:
  - The module runs inside the Ansible worker, and needs the Python library C(cryptography) for Yealink phones. A task
    that is delegated to another host runs there as an ordinary module, which needs Python 3.11 or newer there.
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: The phone is logged in to and read.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: full
    details: Passwords are masked; one that changes is marked.
  platform:
    description: Phones that can be read and changed.
    support: full
    platforms: yealink, poly
"""

EXAMPLES = r"""
- name: See how a phone stands to the policy
  voip.hardening.phone_config:
    state: gathered

- name: Show what a run would change
  voip.hardening.phone_config:
  check_mode: true
  diff: true

- name: Bring a phone to the policy now
  voip.hardening.phone_config:
    provider: "{{ voip_provider }}"
    policy: "{{ voip_policy }}"
    platform: poly
    host: 192.0.2.41
    mac: "64:16:7f:12:34:56"
    model: VVX 450
    firmware: 6.4.6.2453
    ca_path: poly-devices.pem
    secrets_file: "{{ inventory_dir | dirname }}/secrets/north-phones.yml"

- name: Have the phone fetch its files
  voip.hardening.phone_config:
    state: fetched

- name: The same at night, when phones may restart
  voip.hardening.phone_config:
    allow_reboot: true
"""

RETURN = r"""
plan:
  description: One line for each setting that is sent, in that order, passwords masked.
  returned: success
  type: list
  elements: str
  sample: ["set static.wui.http_enable = 0 (was 1)"]
evidence:
  description: How far this goes, always C(observed).
  returned: O(state=replaced) and O(state=gathered)
  type: str
intents:
  description: What the phone was last seen to be set to, by intent.
  returned: O(state=replaced) and O(state=gathered)
  type: dict
  contains:
    says:
      description: What the intent is.
      type: str
    controls:
      description: Ids in the control catalogue.
      type: list
      elements: str
    wanted:
      description: What the policy asks for, where it asks for something. Passwords are masked.
      type: raw
    found:
      description: The value, a list where parameters differ, or nothing where the phone shows none.
      type: raw
    verdict:
      description: V(compliant), V(drift) or V(unknown), where the policy asks for something.
      type: str
    parameters:
      description:
        - Each parameter with its value. On a Poly also the layer that it comes from (C(source)), and where the phone
          says that it does not know the parameter, C(known) as V(false).
      type: dict
rendered:
  description: The requests that would be sent, passwords masked.
  returned: O(state=rendered)
  type: list
  elements: dict
pending:
  description: What waits for a restart, or was sent and could not be read back yet.
  returned: O(state=replaced) and O(state=gathered)
  type: list
  elements: str
proved:
  description: The accounts whose wanted password let us in.
  returned: O(state=replaced) and O(state=gathered)
  type: list
  elements: str
waiting:
  description: The accounts whose new password the store does not know to work yet.
  returned: with O(secrets_file)
  type: list
  elements: str
left_out:
  description: What is asked for and not sent, because the firmware has no parameter or its values are unsure.
  returned: with a policy
  type: list
  elements: dict
unshown:
  description: What this vendor has no parameter for.
  returned: with a policy
  type: list
  elements: str
findings:
  description: What is not as it is wanted, the most severe first.
  returned: success
  type: list
  elements: dict
  contains:
    control:
      description: Id in the control catalogue.
      type: str
      sample: ENC-1
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
  description: What else there is to say.
  returned: success
  type: list
  elements: str
phone:
  description: Vendor, model, firmware and hardware address.
  returned: success
  type: dict
outcome:
  description:
    - How the phone was left after a failure, C(old state restored) or C(needs another run).
  returned: when something may have been sent before a failure
  type: str
errors:
  description: What is wrong with the input, one line an error.
  returned: when the input is refused
  type: list
  elements: str
"""

from ansible_collections.voip.hardening.plugins.module_utils.phones.config_module import run_module


def main() -> None:
    """Entry point."""
    run_module()


if __name__ == "__main__":
    main()
