#!/usr/bin/python
# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: phone_probe
short_description: Look at an IP phone from outside
version_added: 0.1.0
description:
  - Collects evidence of one phone from where the module runs. Which ports are open, which versions of TLS they offer
    and with which certificate, whether the web interface can be reached, what the phone says that it is, and whether
    it answers SIP of strangers.
  - Nothing is changed, and no password is needed. With O(default_credentials=true) the public default passwords of the
    phone's vendor are tried, one attempt a pair.
  - Silence proves nothing. A closed port or an ignored message counts only while a sign shows that the phone is alive,
    see O(control_signal). What could not be seen is V(unknown), never V(pass).
author:
  - The voip.hardening authors (@voip-hardening)
options:
  host:
    description: Name or address of the phone. Taken from C(ansible_host), or else from the inventory name.
    type: str
  vantage:
    description:
      - From which network this looks. What is reachable from V(wan) or V(data) is a finding; from V(management) and
        V(voice) the web interface may be.
      - Only from V(wan) can it be shown that the web interface is closed to the internet.
      - Taken from C(voip_probe_vantage).
    type: str
    choices: [management, voice, data, wan]
    default: management
  services:
    description:
      - TCP ports by service, where they are not the usual ones. SIP over UDP is sent to the port of O(services.sip).
      - Taken from C(voip_phone_services).
    type: dict
    suboptions:
      http:
        description: Web interface without encryption.
        type: int
        default: 80
      https:
        description: Web interface.
        type: int
        default: 443
      ssh:
        description: Remote shell.
        type: int
        default: 22
      telnet:
        description: Diagnostic shell.
        type: int
        default: 23
      sip:
        description: SIP without encryption.
        type: int
        default: 5060
      sips:
        description: SIP over TLS.
        type: int
        default: 5061
  ports:
    description: Further TCP ports to look at.
    type: list
    elements: int
    default: []
  ports_only:
    description:
      - Whether to see which ports are open and no more, as a sign of life. Nothing is judged then.
    type: bool
    default: false
  mac:
    description:
      - The phone's MAC address. It tells the vendor where the phone says nothing, and it is by this address that
        O(remember) knows the phone. Taken from C(voip_phone_mac).
    type: str
  user_agent:
    description:
      - The user agent by which the PBX or the provisioning server knows the phone. It gives model and firmware where
        the phone says nothing itself. Taken from C(voip_phone_user_agent).
    type: str
  control_signal:
    description:
      - What somebody whom the phone trusts saw of it within the last minute, usually the PBX.
      - Taken from C(voip_phone_control_signal).
    type: dict
    suboptions:
      state:
        description: Whether the phone is registered, answered a request, or did neither.
        type: str
        choices: [registered, answered, absent]
        required: true
      by:
        description: Who saw it and how, in a few words.
        type: str
        required: true
      at:
        description: When, with the time zone, such as V(2026-05-31T10:00:00+00:00).
        type: str
        required: true
  observed:
    description:
      - What is known otherwise of the phone's settings, by intents of the phone policy, such as V(nat.ice). Advisories
        say what it means for them.
      - Taken from C(voip_phone_observed).
    type: dict
    default: {}
  unsolicited_sip:
    description:
      - Whether an OPTIONS request is sent over UDP, as any stranger may. Switch it off where this runs on the host of
        the phone's registrar, whose requests the phone has to answer.
    type: bool
    default: true
  default_credentials:
    description:
      - Whether the default pairs of the phone's vendor are tried, one attempt a pair. It ends with the first sign of a
        lock-out, with the phone's last attempt, with an answer that is not understood, and after two failures within a
        day.
      - A failed attempt counts towards the phone's lock-out. None is made in check mode.
      - Only over TLS 1.2 and up. The certificate is not verified, since everything that is sent is public.
    type: bool
    default: false
  plain_http:
    description:
      - Whether the default pairs may be tried over HTTP without encryption, where the phone offers nothing better.
    type: bool
    default: false
  remember:
    description:
      - File that remembers which pairs a phone refused and when it was tried, as keyed digests. Without it every run
        tries all pairs. It is made where it does not exist, readable for its owner alone.
      - Taken from C(voip_probe_memory).
    type: path
  remember_days:
    description: Days for which a refusal counts, before the pair is tried again.
    type: int
    default: 30
  firmware_data:
    description:
      - Firmware and advisory data to compare the phone with. The collection's C(data/phone_firmware.yml) where it is
        not given. Taken from C(voip_firmware_data).
    type: dict
  connect_timeout:
    description: Seconds to wait for one answer. Taken from C(voip_connect_timeout).
    type: int
    default: 3
  timeout:
    description: Seconds for everything together. Taken from C(voip_timeout).
    type: int
    default: 60
notes:
  - Modules run inside the Ansible worker. To look from another network, delegate the task to a host there, which needs
    Python 3.11 or newer and C(cryptography).
  - See C(docs/phone-probe.md) in the collection for what the results mean.
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: The module never changes anything. No log-in is tried in check mode.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: none
  platform:
    description: Target devices.
    support: full
    platforms: yealink, poly
"""

EXAMPLES = r"""
- name: Look at a phone
  voip.hardening.phone_probe:
    mac: 80:5e:c0:00:00:17

- name: Look at the site from a host on the internet, while the PBX sees the phone
  voip.hardening.phone_probe:
    host: 203.0.113.20
    vantage: wan
    control_signal:
      state: registered
      by: pbx1, contact of extension 117
      at: "{{ pbx_seen_at }}"
  delegate_to: outside-host

- name: Try the default passwords, and remember what was refused
  voip.hardening.phone_probe:
    default_credentials: true
    remember: "{{ inventory_dir }}/.phone-logins"
  tags: [never, probe_default_credentials]
"""

RETURN = r"""
phone:
  description: What the phone is, as far as it can be told.
  returned: success
  type: dict
  sample: {vendor: yealink, model: T54W, release: 96.86.0.45, mac: 805ec0000017}
evidence:
  description: One record a fact, in the order in which they were seen.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: Name of the fact.
      type: str
      sample: port.https
    value:
      description: What was seen.
      type: raw
      sample: {port: 443, state: open}
    how:
      description: How it was seen.
      type: str
      sample: TCP connection
    when:
      description: When it was seen.
      type: str
      sample: "2026-05-31T10:00:00+00:00"
controls:
  description: What this says about controls of the catalogue.
  returned: success
  type: list
  elements: dict
  contains:
    control:
      description: Id in the control catalogue.
      type: str
      sample: WEB-2
    result:
      description: One of V(pass), V(fail), V(unknown).
      type: str
    why:
      description: The reason.
      type: str
findings:
  description: What was found, the most severe first.
  returned: success
  type: list
  elements: dict
  contains:
    control:
      description: Id in the control catalogue.
      type: str
      sample: FWM-3
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
errors:
  description: What is wrong with the input, one line an error.
  returned: when the input is refused
  type: list
  elements: str
"""

from ansible_collections.voip.hardening.plugins.module_utils.phones.probe_module import run_module


def main() -> None:
    """Entry point."""
    run_module()


if __name__ == "__main__":
    main()
