# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: report_delivery
short_description: Deliver a report by mail and to a webhook
version_added: 0.1.0
description:
  - Sends what M(voip.hardening.posture_report) made to those who are to read it, from the control machine.
  - Connections are encrypted by TLS and the server's certificate is verified, always. A server that offers no TLS is an
    error, and nothing is sent to it.
  - Everybody is tried. The task fails where a server did not take the report, and the message names each one and its
    reason. What was written to disk is not touched.
author:
  - The voip.hardening authors (@voip-hardening)
options:
  report:
    description: What M(voip.hardening.posture_report) returned, registered.
    type: dict
    required: true
  mail:
    description:
      - The mail server, and from whom and to whom. The mail has the summary as text, and the HTML page attached where
        one was written.
      - Taken from C(voip_report_mail). Without it no mail is sent.
    type: dict
    suboptions:
      host:
        description: Name or address of the server, which its certificate has to bear.
        type: str
        required: true
      port:
        description: Its port. Where it is not given, 587 with V(starttls) and 465 with V(tls).
        type: int
      security:
        description: Whether TLS begins after the greeting, or with the connection.
        type: str
        choices: [starttls, tls]
        default: starttls
      username:
        description: Account to log in with, after the connection is encrypted. Without it there is no log-in.
        type: str
      password:
        description: Password of the account. It is never shown.
        type: str
      from:
        description: Address of the sender.
        type: str
        required: true
      to:
        description: One address, or a list of them.
        type: raw
        required: true
      ca_path:
        description: File or folder with the authorities that may have issued the certificate, in place of the system's.
        type: path
  webhook:
    description:
      - An address that a JSON object is posted to, with C(headline), C(text), C(summary), C(classes), C(drifted),
        C(failing) and C(expired_waivers) as M(voip.hardening.posture_report) returns them.
      - Taken from C(voip_report_webhook). Without it nothing is posted.
    type: dict
    suboptions:
      url:
        description: The address, which begins with V(https://). Messages name its server only, as paths hold tokens.
        type: str
        required: true
      headers:
        description: Headers to send, such as C(Authorization). Their values are never shown.
        type: dict
      ca_path:
        description: File with the authorities that may have issued the certificate, beside the system's.
        type: path
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: Nothing is sent. A run that is in check mode as a whole sets C(check_mode=false) for this task.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)) when in diff mode.
    support: none
  platform:
    description: From where the report is sent.
    support: full
    platforms: posix
"""

EXAMPLES = r"""
- name: Deliver the report to those whom voip_report_mail and voip_report_webhook name
  voip.hardening.report_delivery:
    report: "{{ voip_report }}"
  check_mode: false

- name: Send it by mail
  voip.hardening.report_delivery:
    report: "{{ voip_report }}"
    mail:
      host: smtp.example.com
      username: voip-reports
      password: "{{ vault_mail_password }}"
      from: voip-reports@example.com
      to: [noc@example.com]
"""

RETURN = r"""
delivered:
  description: The servers that took the report.
  returned: success
  type: list
  elements: str
  sample: ["mail server smtp.example.com:587"]
errors:
  description: What is wrong with the input, or which server did not take the report and why, one line each.
  returned: always
  type: list
  elements: str
"""
