"""Bad input that is one for a Vigor only, and the errors that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.promises.bad_input.options import each
from tests.promises.base import BadFile, BadInput

_ACCOUNT = "up to 63 visible ASCII characters without blanks"
_PASSWORD = "password: *** is not allowed; up to 83 visible ASCII characters without blanks"
_NO_ACCOUNT = "username: missing; it needs the administrator's account (ansible_user)"
_NO_PASSWORD = "password: missing; it needs the administrator's password (ansible_password)"
_PIN = "a host key's fingerprint as ssh-keygen -l prints it, SHA256: and 43 characters"
_RESERVED = "a number of IP objects from 24 to 192"
_RELEASE = "a release of DrayOS 3.9 to 4.x such as 4.4.5"
_MODELS = "one of Vigor2862, 2865, 2866, 2915, 2926, 2927, 2962, 3910 and 3912"


def _case(label: str, *errors: str, **variables: Any) -> BadInput:
    return BadInput(label, variables, errors)


BAD_INPUT: tuple[BadInput, ...] = (
    *each("voip_reserved_objects", "reserved_objects", _RESERVED, 23, 193, 0, -1, 10**9),
    *each("voip_qos_class", "qos_class", "a QoS class from 1 to 3", 0, 4, -1),
    *each("voip_fingerprint", "fingerprint", _PIN, "abc", "SHA256:", "A" * 42, "A" * 44, "MD5:" + "A" * 43, "0" * 64),
    *each("ansible_user", "username", _ACCOUNT, "two words", "admin\n", "ädmin", "\t", "a" * 64),
    *(
        _case(f"password {number}", _PASSWORD, ansible_password=password)
        for number, password in enumerate(
            ("two words", "hunter2\n", " hunter2", "hunter2 ", "tab\there", "nul\0", "pässword", " ", "p" * 84)
        )
    ),
    _case("no account", _NO_ACCOUNT, ansible_user=None),
    _case("an empty account", _NO_ACCOUNT, ansible_user=""),
    _case("no password", _NO_PASSWORD, ansible_password=None),
    _case("an empty password", _NO_PASSWORD, ansible_password=""),
    _case(
        "a token only", _NO_ACCOUNT, _NO_PASSWORD, ansible_user=None, ansible_password=None, voip_access_token="hunter2"
    ),
    _case(
        "no account over telnet", _NO_ACCOUNT, ansible_user=None, voip_transport="telnet"
    ),
    _case(
        "all at once",
        f"reserved_objects: 200 is not allowed; {_RESERVED}",
        "qos_class: 9 is not allowed; a QoS class from 1 to 3",
        "port: 70000 is not allowed; a port from 1 to 65535",
        _NO_ACCOUNT,
        _PASSWORD,
        f'fingerprint: "abc" is not allowed; {_PIN}',
        voip_reserved_objects=200,
        voip_qos_class=9,
        ansible_port=70000,
        ansible_user=None,
        ansible_password="two words",
        voip_fingerprint="abc",
    ),
    *(
        _case(
            f"too few objects to be {state}",
            f"reserved_objects: 5 is not allowed; {_RESERVED}",
            voip_state=state,
            voip_reserved_objects=5,
        )
        for state in ("deleted", "gathered", "rendered")
    ),
)

BAD_OPTIONS: tuple[tuple[dict[str, Any], str], ...] = (
    *(
        ({"version": version, **state}, f'version: "{version}" is not allowed; {_RELEASE}')
        for version in ("4.4", "5.3.2", "3.8.9", "4", "4.4.5-beta", "v4.4.5")
        for state in ({}, {"state": "rendered"})
    ),
    *(
        ({"model": model, "state": "rendered"}, f'model: "{model}" is not allowed; {_MODELS}')
        for model in ("Vigor9999", "Vigor3900", "2927")
    ),
)


def bad_files(folder: Path) -> Mapping[str, BadFile]:
    """Files of known hosts."""
    missing = folder / "missing"
    return {
        "no file of hosts": BadFile({"voip_known_hosts": str(missing)}, (f"known_hosts '{missing}': ", "No such file")),
        "a folder for a file": BadFile({"voip_known_hosts": str(folder)}, (f"known_hosts '{folder}': ", "directory")),
    }
