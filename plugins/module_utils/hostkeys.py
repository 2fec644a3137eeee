# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of SSH host keys: a pinned fingerprint, or the lines of known_hosts files."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os.path
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from .errors import NotTrusted
from .policy.reading import Report
from .target import Target

SSH_PORT = 22
_USUAL_FILES = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")
_FINGERPRINT = re.compile(r"(?:SHA256:)?[A-Za-z0-9+/]{43}=?", re.ASCII)


def check_pin(params: Mapping[str, Any], report: Report) -> None:
    """Report what is no fingerprint of a host key."""
    pin = params.get("fingerprint") or ""
    if pin and not _FINGERPRINT.fullmatch(pin):
        report.reject(
            "fingerprint", pin, "a host key's fingerprint as ssh-keygen -l prints it, SHA256: and 43 characters"
        )


class HostKeys:
    """What is known of the SSH host key of a device: a pinned fingerprint, or the lines of known_hosts files for it.

    `kinds`: the kinds of the known keys, such as `ssh-ed25519`. Raises `NotTrusted` for a file that cannot be read.
    Files are read as OpenSSH does (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), apart from its certificates.
    """

    def __init__(self, target: Target, port: int) -> None:
        self._where = f"{target.host}:{port}"
        self._pin = plain_fingerprint(target.fingerprint)
        self._checked = target.validate_certs
        self._files = (target.known_hosts,) if target.known_hosts else _USUAL_FILES
        name = target.host if port == SSH_PORT else f"[{target.host}]:{port}"
        read = self._checked and not self._pin
        self._known = list(_known(self._files, name, bool(target.known_hosts))) if read else []
        self.kinds = tuple(kind for revoked, kind, _key in self._known if not revoked)

    def check(self, kind: str, blob: bytes) -> None:
        """Raise `NotTrusted` unless this key is the pinned or a known one, or nobody wants it checked."""
        key = base64.b64encode(blob).decode()
        fingerprint = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        seen = f"{kind} SHA256:{fingerprint}"
        if self._pin:
            if not hmac.compare_digest(self._pin.encode(), fingerprint.encode()):
                raise NotTrusted(
                    f"{self._where}: the host key is {seen}, not the pinned one. If the unit was replaced or reset, "
                    "compare the key on the unit before you pin the new one (fingerprint)"
                )
        elif self._checked:
            self._check_known(key, seen)

    def _check_known(self, key: str, seen: str) -> None:
        states = {revoked for revoked, _kind, known in self._known if known == key}
        if True in states:
            raise NotTrusted(f"{self._where}: the host key {seen} is marked as revoked in known_hosts")
        if False in states:
            return
        files = " or ".join(self._files)
        if self.kinds:
            raise NotTrusted(
                f"{self._where}: the host key is {seen}, another one than in {files}. If the unit was replaced or "
                "reset, compare the key on the unit before you write the new one there"
            )
        raise NotTrusted(
            f"{self._where}: the host key {seen} is not known. Compare it on the unit, then pin it "
            f"(fingerprint) or add it to {files} (known_hosts)"
        )


def plain_fingerprint(text: str) -> str:
    """A fingerprint as OpenSSH prints it, without `SHA256:` and padding."""
    text = text.strip()
    return (text[7:] if text[:7].upper() == "SHA256:" else text).rstrip("=")


def _known(files: tuple[str, ...], name: str, must_exist: bool) -> Iterator[tuple[bool, str, str]]:
    """Whether it is revoked, kind and key (base64) of the lines for this name."""
    for file in files:
        try:
            with open(os.path.expanduser(file), encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    fields = line.split()
                    marker = fields.pop(0) if fields and fields[0].startswith("@") else ""
                    if len(fields) >= 3 and marker in ("", "@revoked") and _is_for(fields[0], name):
                        yield bool(marker), fields[1], fields[2]
        except OSError as error:
            if must_exist:
                raise NotTrusted(f"known_hosts {file!r}: {error.strerror or error}") from None


def _is_for(hosts: str, name: str) -> bool:
    """Whether the first field of a line means this name: patterns, or one hashed name."""
    if hosts.startswith("|1|"):
        salt, _bar, digest = hosts[3:].partition("|")
        with suppress(ValueError):
            return hmac.digest(base64.b64decode(salt), name.encode(), "sha1") == base64.b64decode(digest)
        return False
    found = False
    for pattern in hosts.split(","):
        wanted = re.escape(pattern.removeprefix("!")).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(wanted, name, re.IGNORECASE):
            if pattern.startswith("!"):
                return False
            found = True
    return found
