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
        before its first run, unless somebody changed them since. It needs neither O(provider) nor O(policy).
      - V(gathered) reads only, and returns what this collection owns on the device and the settings it looks at.
      - V(rendered) contacts no device, and returns the requests that would harden one that is fresh from the
        factory.
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
      - The kind of device, V(fortios). Taken from C(ansible_network_os); of a longer name such as
        V(fortinet.fortios.fortios) the last part counts.
    type: str
    required: true
  host:
    description: Name or address of the device. Taken from C(ansible_host), or else from the inventory name.
    type: str
  port:
    description: Port of the device's management interface, 443 where it is not given. Taken from C(ansible_port).
    type: int
  username:
    description: Account for a session login, used where there is no O(access_token). Taken from C(ansible_user).
    type: str
  password:
    description: Password of the account. Taken from C(ansible_password).
    type: str
  access_token:
    description:
      - Token of a REST API administrator. It travels in a header only, never in a URL. Taken from
        C(voip_access_token).
      - Its access profile must be able to read what a concern looks at. Where it is not, that is an error, as what
        cannot be read is never taken for compliant.
    type: str
  validate_certs:
    description:
      - Whether the device's certificate is verified. Taken from C(voip_validate_certs) or
        C(ansible_httpapi_validate_certs).
      - O(fingerprint) is the better choice for a device with a certificate of its own.
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
      - SHA-256 fingerprint of the device's certificate, in hexadecimal, with or without colons. Exactly this
        certificate is then accepted. Taken from C(voip_fingerprint).
    type: str
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
  version:
    description: Release to render for. Used with O(state=rendered) only; otherwise the device says what it runs.
    type: str
    default: 7.4.4
  clear_sessions:
    description:
      - Whether sessions that were open before are closed after a change, always by a filter. With SIP ALG switched
        off these are the SIP sessions, since the helper lives in them; after a change of the allowlist those with
        strangers on SIP and RTP ports.
      - A call whose SIP session is closed may drop. Without this, such sessions live on until they time out, and
        the result says so.
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
    platforms: fortios
"""
