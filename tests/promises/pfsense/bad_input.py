"""Bad input that is one for a pfSense only, and the errors that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.promises.bad_input.options import each
from tests.promises.base import BadFile, BadInput

_ACCOUNT = "up to 32 letters, digits and . _ -"
_PASSWORD = "password: *** is not allowed; text without line ends and other control characters"
_NO_ACCOUNT = "username: missing; it needs the administrator's account (ansible_user)"
_NO_PASSWORD = (
    "password: missing; it needs the administrator's password or private_key_file (ansible_password,"
    " ansible_ssh_private_key_file)"
)
_PIN = "a host key's fingerprint as ssh-keygen -l prints it, SHA256: and 43 characters"
_RELEASE = "a release of CE 2.7.2 or 2.8, or of Plus 23.09 to 26, such as 2.8.1"


def _case(label: str, *errors: str, **variables: Any) -> BadInput:
    return BadInput(label, variables, errors)


_LIMITERS = "two different names of limiters, out and back"

BAD_INPUT: tuple[BadInput, ...] = (
    *each("voip_limiters", "limiters", _LIMITERS, ["up"], ["up", "up"], ["up", "down", "up"], ["a b", "up"]),
    *each("voip_fingerprint", "fingerprint", _PIN, "abc", "SHA256:", "A" * 42, "A" * 44, "MD5:" + "A" * 43, "0" * 64),
    *each("ansible_user", "username", _ACCOUNT, "two words", "admin\n", "ädmin", "\t", "a" * 33, "admin;id"),
    *(
        _case(f"password {number}", _PASSWORD, ansible_password=password)
        for number, password in enumerate(("hunter2\n", "tab\there", "nul\0", "\x7f"))
    ),
    _case("no account", _NO_ACCOUNT, ansible_user=None),
    _case("an empty account", _NO_ACCOUNT, ansible_user=""),
    _case("no password", _NO_PASSWORD, ansible_password=None),
    _case("an empty password", _NO_PASSWORD, ansible_password=""),
    _case(
        "a token only", _NO_ACCOUNT, _NO_PASSWORD, ansible_user=None, ansible_password=None, voip_access_token="hunter2"
    ),
    _case(
        "all at once",
        "port: 70000 is not allowed; a port from 1 to 65535",
        _NO_ACCOUNT,
        _PASSWORD,
        f'fingerprint: "abc" is not allowed; {_PIN}',
        ansible_port=70000,
        ansible_user=None,
        ansible_password="hunter2\n",
        voip_fingerprint="abc",
    ),
)

BAD_OPTIONS: tuple[tuple[dict[str, Any], str], ...] = tuple(
    ({"version": version, **state}, f'version: "{version}" is not allowed; {_RELEASE}')
    for version in ("2.6.0", "2.7.1", "2.9", "23.05", "27.01", "2.8.1-RELEASE", "v2.8.0")
    for state in ({}, {"state": "rendered"})
)


def bad_files(folder: Path) -> Mapping[str, BadFile]:
    """Files of known hosts."""
    missing = folder / "missing"
    return {
        "no file of hosts": BadFile({"voip_known_hosts": str(missing)}, (f"known_hosts '{missing}': ", "No such file")),
        "a folder for a file": BadFile({"voip_known_hosts": str(folder)}, (f"known_hosts '{folder}': ", "directory")),
    }
