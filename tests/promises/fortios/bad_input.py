"""Bad input that is one for a FortiGate only, and the errors that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.promises.bad_input.options import each
from tests.promises.base import BadFile, BadInput

_VDOM = "the name of a VDOM, 1 to 31 letters, digits, - and _"
_LIST = "a list, each item text, in quotes where YAML takes it for something else"
_TOKEN = "access_token: *** is not allowed; visible ASCII characters, without blanks and line ends"
_PASSWORD = "password: *** is not allowed; text without line ends and other control characters"
_NO_CREDENTIALS = (
    "access_token: missing; it needs an API token, or username and password instead (voip_access_token, ansible_user,"
    " ansible_password)"
)
_RELEASE = "a release of 7.0, 7.2, 7.4, 7.6 such as 7.4.4"


def _vdoms(label: str, vdoms: Any, error: str) -> BadInput:
    return BadInput(label, {"voip_vdoms": vdoms}, (error,))


def _credentials(label: str, error: str, **variables: Any) -> BadInput:
    return BadInput(label, {"voip_access_token": None, **variables}, (error,))


BAD_INPUT: tuple[BadInput, ...] = (
    _credentials("no credentials", _NO_CREDENTIALS),
    _credentials("an empty token", _NO_CREDENTIALS, voip_access_token=""),
    _credentials("user without password", _NO_CREDENTIALS, ansible_user="admin"),
    _credentials("password without user", _NO_CREDENTIALS, ansible_password="hunter2"),
    *(
        _credentials(f"token {token!r}", _TOKEN, voip_access_token=token)
        for token in ("two words", "of-the-unit\n", "tökén", "\t")
    ),
    *(
        _credentials(f"password {password!r}", _PASSWORD, ansible_user="admin", ansible_password=password)
        for password in ("hunter2\n", "tab\there", "nul\0")
    ),
    *each(
        "voip_fingerprint",
        "fingerprint",
        "a SHA-256 fingerprint, 64 hexadecimal digits",
        "AB:CD",
        "sha256:zz",
        "0" * 63,
    ),
    _vdoms("no VDOM", [], "vdoms: an empty list is not allowed; at least one name of a VDOM"),
    _vdoms("every VDOM", ["*"], f'vdoms[0]: "*" is not allowed; {_VDOM}'),
    _vdoms("global", ["root", "global"], f'vdoms[1]: "global" is not allowed; {_VDOM}'),
    _vdoms("a VDOM with a blank", "root,a b", f'vdoms[1]: "a b" is not allowed; {_VDOM}'),
    _vdoms("a VDOM with a parameter", ["root&x=1"], f'vdoms[0]: "root&x=1" is not allowed; {_VDOM}'),
    _vdoms("a long VDOM", ["v" * 32], f'vdoms[0]: "{"v" * 32}" is not allowed; {_VDOM}'),
    _vdoms("a VDOM of another kind", [True], f"vdoms: a list of 1 item is not allowed; {_LIST}"),
    _vdoms("VDOMs of another kind", {"root": 1}, f"vdoms: a mapping with 1 key is not allowed; {_LIST}"),
)

BAD_OPTIONS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"version": "7.4"}, f'version: "7.4" is not allowed; {_RELEASE}'),
    ({"version": "8.0.1", "state": "rendered"}, f'version: "8.0.1" is not allowed; {_RELEASE}'),
)


def bad_files(folder: Path) -> Mapping[str, BadFile]:
    """Files of certificate authorities."""
    nonsense, missing = folder / "nonsense.pem", folder / "missing.pem"
    nonsense.write_text("no certificate", encoding="utf-8")
    return {
        "no file of authorities": BadFile({"voip_ca_path": str(missing)}, (f"ca_path '{missing}': ", "No such file")),
        "authorities that are none": BadFile({"voip_ca_path": str(nonsense)}, (f"ca_path '{nonsense}': ",)),
    }
