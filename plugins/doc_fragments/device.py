# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that all device modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Connection, policy and states."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(replaced) makes the device match the policy. What this collection owns is kept exact; what it does not own
        is left alone.
      - V(deleted) takes away what this collection owns, and gives settings that it changed back the value they had
        before its first run, on a FortiGate unless somebody changed them since. It needs neither O(provider) nor
        O(policy).
      - V(gathered) reads only, and returns what this collection owns on the device and the settings it looks at.
      - V(rendered) contacts no device, and returns the requests or command lines that would harden one that is fresh
        from the factory.
      - Taken from C(voip_state).
    type: str
    choices: [replaced, deleted, gathered, rendered]
    default: replaced
  provider:
    description:
      - The name of a provider profile, which is looked for as P(voip.hardening.provider_profile#lookup) does, or
        the profile itself. Taken from C(voip_provider).
      - See the page on the policy in the collection's C(docs/policy.md) for its keys.
    type: raw
  policy:
    description:
      - "The site policy: C(transport), C(voice_vlan), C(management), C(wan_interfaces), C(pbx),
        C(enforce_exclusive), C(concerns)."
      - It is checked as a whole before any device is contacted. Every error names the field, the value and what is
        allowed.
      - See the page on the policy in the collection's C(docs/policy.md) for its keys.
    type: dict
  platform:
    description:
      - The kind of device, V(fortios), V(draytek) or V(pfsense). Taken from C(ansible_network_os); of a longer name
        such as V(fortinet.fortios.fortios) the last part counts.
    type: str
    required: true
  host:
    description: Name or address of the device. Taken from C(ansible_host), or else from the inventory name.
    type: str
  port:
    description:
      - Port of the device's management interface. Where it is not given, 443 for a FortiGate and 22 (telnet 23) for a
        Vigor.
      - Taken from C(ansible_port).
    type: int
  username:
    description:
      - Account for a session login, on a FortiGate used where there is no O(access_token), on a Vigor always.
      - Taken from C(ansible_user).
    type: str
  password:
    description: Password of the account. Taken from C(ansible_password).
    type: str
  private_key_file:
    description:
      - File with an SSH key without a passphrase to log in to a pfSense with, instead of O(password) or together with
        it. Other platforms take none. Taken from C(ansible_ssh_private_key_file) or C(ansible_private_key_file).
    type: path
  access_token:
    description:
      - Token of a REST API administrator of a FortiGate. It travels in a header only, never in a URL. Taken from
        C(voip_access_token).
      - Its access profile must be able to read what a concern looks at. Where it is not, that is an error, as what
        cannot be read is never taken for compliant.
    type: str
  validate_certs:
    description:
      - Whether the device's certificate (FortiGate) or host key (Vigor) is verified. Taken from C(voip_validate_certs)
        or C(ansible_httpapi_validate_certs).
      - O(fingerprint) is the better choice for a device with a certificate or a key that nobody vouches for.
    type: bool
    default: true
  ca_path:
    description:
      - File or folder with the authorities that may have issued the certificate. The system's are used where it is
        not given.
      - Taken from C(voip_ca_path) or C(ansible_httpapi_ca_path).
    type: path
  fingerprint:
    description:
      - SHA-256 fingerprint of what the device proves itself with. Exactly this is then accepted. Taken from
        C(voip_fingerprint).
      - Of a FortiGate's certificate in hexadecimal, with or without colons; of a Vigor's host key as C(ssh-keygen -l)
        prints it (V(SHA256:) and 43 characters).
    type: str
  known_hosts:
    description:
      - File with SSH host keys. The user's and the system's are used where it is not given. Taken from
        C(voip_known_hosts).
    type: path
  legacy_ssh:
    description:
      - Whether broken SSH key exchange, ciphers and keys (SHA-1, CBC) are accepted of a Vigor, for old firmware that
        knows no others. It is a finding. Taken from C(voip_legacy_ssh).
    type: bool
    default: false
  transport:
    description:
      - How to reach a Vigor's command line. V(telnet) sends the password unencrypted and is a finding. Taken from
        C(voip_transport).
    type: str
    choices: [ssh, telnet]
    default: ssh
  connect_timeout:
    description: Seconds to wait for a connection. Taken from C(voip_connect_timeout).
    type: int
    default: 10
  timeout:
    description:
      - Seconds for everything that is done over one login, after which the device counts as unreachable. Taken from
        C(voip_timeout).
    type: int
    default: 300
  vdoms:
    description:
      - FortiOS VDOMs that voice traffic crosses. The first one holds the voice VLAN, the WAN interfaces and the
        rules.
      - SIP ALG is switched off in all of them. The SIP session helper exists once a unit and is removed for all its
        VDOMs.
      - Taken from C(voip_vdoms).
    type: list
    elements: str
    default: [root]
  reserved_objects:
    description:
      - How many of a Vigor's 192 IP objects are kept for this collection, from the highest down. They are read on every
        run; more are needed for a provider with many networks.
      - Taken from C(voip_reserved_objects).
    type: int
    default: 64
  qos_class:
    description:
      - The QoS class, 1 to 3, that the site keeps for voice on a Vigor. The rules that let the provider in and out put
        what they pass into it. Where it is not given, no class is used.
      - Taken from C(voip_qos_class).
    type: int
  limiters:
    description:
      - Two limiters, or two queues of limiters, that the site keeps for voice on a pfSense, by their names. What the
        phones send to the provider goes through the first one, what comes back through the second one. Where they are
        not given, voice goes through none.
      - Taken from C(voip_limiters).
    type: list
    elements: str
  allow_reboot:
    description:
      - Whether a device may be started again where settings wait for that (LANs of a Vigor). The run then waits for it
        and verifies everything once more. Taken from C(voip_allow_reboot).
    type: bool
    default: false
  model:
    description:
      - Model of a Vigor to render for, V(Vigor2927) where it is not given. Used with O(state=rendered) only.
    type: str
  version:
    description:
      - Release to render for, V(7.4.4) of a FortiGate and V(4.4.5) of a Vigor where it is not given. Used with
        O(state=rendered) only; otherwise the device says what it runs.
    type: str
  clear_sessions:
    description:
      - Whether sessions that were open before are closed after a change, always by a filter. With SIP ALG switched
        off these are the SIP sessions, since the helper lives in them; after a change of the allowlist those with
        strangers on SIP and RTP ports.
      - A call whose SIP session is closed may drop. Without this, such sessions live on until they time out, and
        the result says so. A Vigor cannot close chosen sessions.
      - Taken from C(voip_clear_sessions).
    type: bool
    default: false
notes:
  - Modules run inside the Ansible worker. A task that is delegated to another host (a jump host) runs there as an
    ordinary module, which needs Python 3.11 or newer there. What it is given travels through the connection and is not
    written to a file there, unless the connection cannot do that or the task uses C(become).
  - What was written is verified by a new login that reads it again. After a failure the RV(outcome) says in which
    state the device is.
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: Nothing at all is written to the device, and the plan that is shown is the plan that a run carries out.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: full
  platform:
    description: Target devices.
    support: full
    platforms: fortios, draytek, pfsense
"""
