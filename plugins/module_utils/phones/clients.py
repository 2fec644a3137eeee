# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a provisioning server serves: the phones of the inventory, each with its folder and what it shows."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..policy.reading import InputError, Report, plain

ROUNDS = 6
"""Cost of a hash, as a power of two: a phone shows its password for each file, and passwords are random."""
SHORTEST, LONGEST = 12, 64
"""Characters of a password; bcrypt looks at 72 bytes."""

_SEPARATORS = re.compile(r"[:.-]")
_MAC = re.compile(r"[0-9a-f]{12}", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_PASSWORD = re.compile(rf"[!-~]{{{SHORTEST},{LONGEST}}}", re.ASCII)
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", re.ASCII)
_BCRYPT = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
)


@dataclass(frozen=True, slots=True)
class Client:
    """A phone. `folder`: what its URLs begin with, such as `/north/`. `user`, `hash`: empty without a password."""

    mac: str
    folder: str
    user: str
    hash: str

    @property
    def data(self) -> dict[str, str]:
        return {"mac": self.mac, "folder": self.folder, "user": self.user, "hash": self.hash}


def clients(phones: Mapping[str, Mapping[str, object]], root: str, passwords: bool) -> tuple[Client, ...]:
    """The phones that are served, by MAC address. `phones`: the variables of each by its inventory name.

    A phone without `voip_provisioning_dir` is left out: it is provisioned by somebody else. `passwords`: whether each
    shows a name and a password. Raises `InputError` with everything that is wrong; it holds no password.
    """
    report = Report()
    found = [
        _client(name, variables, root, passwords, report)
        for name, variables in phones.items()
        if variables.get("voip_provisioning_dir") is not None
    ]
    _refuse_twins([client.mac for client in found], "voip_phone_mac", report)
    if passwords:
        _refuse_twins([client.user for client in found], "voip_phone_provisioning_user", report)
    if report.errors:
        raise InputError(report.errors)
    return tuple(sorted(found, key=lambda client: client.mac))


def _client(name: str, variables: Mapping[str, object], root: str, passwords: bool, report: Report) -> Client:
    mac = _SEPARATORS.sub("", _text(variables, "voip_phone_mac")).lower()
    if not _MAC.fullmatch(mac):
        report.reject(f"{name}.voip_phone_mac", variables.get("voip_phone_mac"), "twelve hexadecimal digits")
    folder = _folder(name, _text(variables, "voip_provisioning_dir"), root, report)
    if not passwords:
        return Client(mac, folder, "", "")
    user, password = (_text(variables, f"voip_phone_provisioning_{part}") for part in ("user", "password"))
    if not _USER.fullmatch(user):
        field = f"{name}.voip_phone_provisioning_user"
        report.reject(field, variables.get("voip_phone_provisioning_user"), "letters, digits and _ . -")
    if not _PASSWORD.fullmatch(password):
        form = f"{SHORTEST} to {LONGEST} visible ASCII characters"
        report.refuse(f"{name}.voip_phone_provisioning_password", "what was given", form)
        return Client(mac, folder, user, "")
    return Client(mac, folder, user, hashed(mac, password))


def _text(variables: Mapping[str, object], name: str) -> str:
    value = variables.get(name)
    return plain(value) if isinstance(value, str) else ""


def _folder(name: str, given: str, root: str, report: Report) -> str:
    """The beginning of the URLs of a folder below the root."""
    path = PurePosixPath(given)
    if path.is_absolute() and path.is_relative_to(root):
        parts = path.relative_to(root).parts
        if all(_PART.fullmatch(part) for part in parts):
            return "".join(f"/{part}" for part in parts) + "/"
    report.reject(f"{name}.voip_provisioning_dir", given, f"a folder below {root} (voip_provisioning_root)")
    return "/"


def _refuse_twins(values: Sequence[str], variable: str, report: Report) -> None:
    for value in sorted({value for value in values if value and values.count(value) > 1}):
        report.reject(variable, value, "another one for each phone")


def hashed(mac: str, password: str) -> str:
    """A password as nginx compares it: by the C library's crypt, which knows bcrypt on Debian from release 11.

    The salt comes from the MAC address, another one for each phone, so that a second run writes the same.
    """
    import bcrypt

    salt = hashlib.sha256(f"voip.hardening {mac}".encode("ascii")).digest()[:16]
    text = base64.b64encode(salt).decode("ascii").rstrip("=").translate(_BCRYPT)
    return bcrypt.hashpw(password.encode("ascii"), f"$2b${ROUNDS:02}${text}".encode("ascii")).decode("ascii")
