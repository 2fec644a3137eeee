#!/usr/bin/python
# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: device_identity
short_description: Say what a firewall is, and what it proves itself with
version_added: 0.1.0
description:
  - Without a log-in it says which platform a device may be and shows the fingerprint of its certificate or SSH host
    key, for somebody to compare. Nothing secret is sent to it.
  - With a log-in, which needs a fingerprint that was confirmed, it says platform, model and release. That is one
    log-in, and credentials that are refused are not tried again.
  - Nothing is changed on a device.
author:
  - The voip.hardening authors (@voip-hardening)
options:
  log_in:
    description:
      - Whether to log in. Without it O(username), O(password) and O(access_token) are not used.
    type: bool
    default: true
  platform:
    description:
      - The kind of device. V(auto) looks for all of them, at O(port) or else at their usual ones, and is allowed
        without a log-in only.
      - A FortiGate is told by how it answers a request for its status without a log-in, a pfSense by its OpenSSH,
        which others have as well, a Vigor by an SSH server of another make. Only a log-in shows whether it is that.
    type: str
    choices: [auto, draytek, fortios, pfsense]
    default: auto
  host:
    description: Name or address of the device.
    type: str
  port:
    description: Port of its management interface. Where it is not given, 443 for a FortiGate and 22 for the others.
    type: int
  username:
    description: Account to log in with.
    type: str
  password:
    description: Password of the account.
    type: str
  private_key_file:
    description: File with an SSH key without a passphrase, for a pfSense.
    type: path
  access_token:
    description: Token of a REST API administrator of a FortiGate, instead of O(username) and O(password).
    type: str
  fingerprint:
    description:
      - What was confirmed, the SHA-256 of a FortiGate's certificate in hexadecimal, or of an SSH host key as
        C(ssh-keygen -l) prints it. A device that proves itself with anything else gets no credentials.
      - Without a log-in, what RV(expected) is about.
    type: str
  legacy_ssh:
    description: Whether broken SSH algorithms are accepted of a Vigor with old firmware.
    type: bool
    default: false
  connect_timeout:
    description: Seconds to wait for a connection.
    type: int
    default: 10
  timeout:
    description: Seconds for everything that is done over the log-in.
    type: int
    default: 300
  vdoms:
    description: FortiOS VDOMs that voice traffic crosses; the first one is asked for the status.
    type: list
    elements: str
    default: [root]
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: It never changes anything.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: none
  platform:
    description: Target devices.
    support: full
    platforms: fortios, draytek, pfsense
"""

EXAMPLES = r"""
- name: See what answers there
  voip.hardening.device_identity:
    host: 10.1.0.1
    log_in: false
  register: contact

- name: See what it is, once somebody has compared the fingerprint
  voip.hardening.device_identity:
    platform: "{{ contact.platform }}"
    host: 10.1.0.1
    port: "{{ contact.port }}"
    fingerprint: "{{ contact.fingerprint }}"
    username: "{{ username }}"
    password: "{{ password }}"
"""

RETURN = r"""
platform:
  description: The platform by its name; of a first contact, the one that it may be.
  returned: success
  type: str
  sample: fortios
model:
  description: The model.
  returned: after a log-in
  type: str
  sample: FGT60F
version:
  description: The release.
  returned: after a log-in
  type: str
  sample: 7.4.4
requests:
  description: How many requests were sent, the log-in included.
  returned: after a log-in
  type: int
port:
  description: The port at which it answered.
  returned: without a log-in
  type: int
  sample: 443
says:
  description: What it was told by.
  returned: without a log-in
  type: str
proof:
  description: What it proves itself with.
  returned: without a log-in
  type: str
  sample: host key
kind:
  description: The kind of an SSH host key.
  returned: without a log-in
  type: str
  sample: ssh-ed25519
fingerprint:
  description: The SHA-256 fingerprint of that, as C(voip_fingerprint) takes it.
  returned: without a log-in
  type: str
  sample: SHA256:Nv1LVgHmMmmlNfVmMIrJxxN2YoO3ohGfJ7nzGAaZ0Ks
expected:
  description: Whether that is O(fingerprint), however it is spelled; null where none was given.
  returned: without a log-in
  type: bool
errors:
  description: What is wrong with the options, one line an error.
  returned: when they are refused
  type: list
  elements: str
"""

from ansible_collections.voip.hardening.plugins.module_utils.onboarding.identity import run_module


def main() -> None:
    """Entry point."""
    run_module()


if __name__ == "__main__":
    main()
