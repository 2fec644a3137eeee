# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach one device."""

from __future__ import annotations

from dataclasses import dataclass, field

from .secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Address, credentials and trust of one device; times in seconds.

    `timeout` bounds everything that is done with the device, from the first connection to the last answer.
    `session_keys`: what the device hands out at a log-in, which lets in whoever has it until the log-out.
    `private_key_file`: a file with an SSH key without a passphrase. `known_hosts`: a file of SSH host keys, "" for the
    user's and the system's. `legacy_ssh`: key exchange and ciphers that are broken are taken as well, for units that
    know no others. `transport`: "ssh" or "telnet".
    """

    host: str
    port: int | None = None
    username: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    private_key_file: str = ""
    access_token: Secret = field(default_factory=lambda: Secret(""))
    validate_certs: bool = True
    ca_path: str = ""
    fingerprint: str = ""
    known_hosts: str = ""
    legacy_ssh: bool = False
    transport: str = "ssh"
    connect_timeout: float = 10
    timeout: float = 300
    session_keys: list[Secret] = field(default_factory=list)

    def secrets(self) -> tuple[Secret, ...]:
        """Everything that no result may hold."""
        return tuple(secret for secret in (self.password, self.access_token, *self.session_keys) if secret)
