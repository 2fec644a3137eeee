#!/usr/bin/python
# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: provisioning_log
short_description: See in a provisioning server's log whether a phone fetched its file
version_added: 0.1.0
description:
  - Says whether a phone has fetched the present version of its hardening file as a whole, from the log that the role
    C(provisioning_server) has nginx write. That is the evidence C(fetched). It does not say that the phone obeys.
  - Name, time of change and length of the file have to be those of what was sent, and the request has to have begun
    after the change.
  - The log before the present one is read as well, where it is not compressed yet.
author:
  - The voip.hardening authors (@voip-hardening)
options:
  path:
    description: The log, on the host that the task runs on. Taken from C(voip_provisioning_log).
    type: path
    default: /var/log/nginx/voip-phones.log
  directory:
    description:
      - The folder that the provisioning server serves to the phone. Taken from C(voip_provisioning_dir).
    type: path
  platform:
    description: The vendor of the phone. Taken from C(ansible_network_os).
    type: str
    required: true
  mac:
    description: Hardware address of the phone. Taken from C(voip_phone_mac).
    type: str
    required: true
  model:
    description: Model of the phone. Taken from C(voip_phone_model).
    type: str
    required: true
  firmware:
    description: What the phone runs, by which its file may have another name. Taken from C(voip_phone_firmware).
    type: str
  wait:
    description: Seconds to wait for the phone to fetch it.
    type: int
    default: 0
notes:
  - The module runs inside the Ansible worker. A task that is delegated to the provisioning server runs there as an
    ordinary module, which needs Python 3.11 or newer there. On Debian the log can be read by root and the group C(adm).
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: The module never changes anything.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: none
  platform:
    description: Where the log is.
    support: full
    platforms: posix
"""

EXAMPLES = r"""
- name: Wait until the phone has fetched what was published
  voip.hardening.provisioning_log:
    wait: 300
  register: log
  failed_when: not log.fetched

- name: The server is another host
  voip.hardening.provisioning_log:
    directory: /srv/phones/north
    platform: yealink
    mac: "80:5e:c0:12:34:56"
    model: T54W
    firmware: 96.86.0.45
  delegate_to: provisioning-1
  become: true
"""

RETURN = r"""
fetched:
  description:
    - Whether the phone has fetched the file as it is now. Null where the log does not reach back that far.
  returned: success
  type: bool
fetched_at:
  description: When it did for the last time; null where it did not.
  returned: success
  type: str
  sample: "2026-11-29T10:00:00.000+00:00"
file:
  description: The file that was looked for.
  returned: success
  type: str
  sample: 805ec0123456-hardening.cfg
requests:
  description: The last ten requests of the phone since the file was written.
  returned: success
  type: list
  elements: dict
  sample: [{at: 1796032800.123, file: 805ec0123456.boot, status: 200}]
user_agent:
  description: What the phone called itself when it fetched something for the last time; model and firmware are in it.
  returned: success
  type: str
remarks:
  description: What could not be seen, and why.
  returned: success
  type: list
  elements: str
errors:
  description: What is wrong with the input, one line an error.
  returned: when the input is refused
  type: list
  elements: str
"""

from ansible_collections.voip.hardening.plugins.module_utils.phones.log_module import run_module


def main() -> None:
    """Entry point."""
    run_module()


if __name__ == "__main__":
    main()
