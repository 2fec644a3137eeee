"""The options that a pfSense takes: what is refused, and with which words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.hostkeys import check_pin
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import options
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.options import Options, options_of
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report

GOOD: dict[str, Any] = {"username": "admin", "password": "Str0ng enough"}


def errors(check: Any, **changes: Any) -> list[str]:
    """What a check has against some options."""
    report = Report()
    check({**GOOD, **changes}, report)
    return [str(error) for error in report.errors]


@pytest.mark.parametrize(
    "version",
    [
        None, "", "2.7.2", "2.8", "2.8.0", "2.8.1", "23.09", "23.09.1", "24.03", "24.11", "25.07.1", "25.11", "26.03",
        "26.03.1",
    ],
)  # fmt: skip
def test_releases_that_are_taken(version: str | None) -> None:
    assert errors(options.check, version=version) == []


@pytest.mark.parametrize(
    "version",
    ["2.7.1", "2.7", "2.9.0", "23.05", "23.11", "24.13", "24.00", "27.3", "2.8.0-RELEASE", "2.8.0\n", "7.4.4"],
)
def test_releases_that_nobody_checked(version: str) -> None:
    shown = version.replace("\n", "\\n")
    (error,) = errors(options.check, version=version)
    assert error == (
        f'version: "{shown}" is not allowed; a release of CE 2.7.2 or 2.8, or of Plus 23.09 to 26, such as 2.8.1'
    )


def test_the_options_of_a_platform() -> None:
    assert options_of({}) == options_of({"version": "", "port": None}) == Options("2.8.1", 22)
    assert options_of({"version": "24.11", "port": 2222}) == Options("24.11", 2222)
    assert options_of({"limiters": ["Up", "Down"]}).limiters == ("Up", "Down")
    assert errors(options.check, limiters=["Up", "Down"]) == errors(options.check, limiters=[]) == []


NEEDS = "password: missing; it needs the administrator's password or private_key_file "
CREDENTIALS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a password": ({}, []),
    "a key": ({"password": None, "private_key_file": "/keys/id"}, []),
    "a key and a password": ({"private_key_file": "/keys/id"}, []),
    "a name with all that names have": ({"username": "voip-ops.2_x"}, []),
    "a password with letters of all kinds": ({"password": "ü \"'\\$"}, []),
    "neither": (
        {"password": ""},
        [f"{NEEDS}(ansible_password, ansible_ssh_private_key_file)"],
    ),
    "nobody": ({"username": None}, ["username: missing; it needs the administrator's account (ansible_user)"]),
    "a name with a blank": (
        {"username": "a b"},
        ['username: "a b" is not allowed; up to 32 letters, digits and . _ -'],
    ),
    "a long name": (
        {"username": "a" * 33},
        [f'username: "{"a" * 33}" is not allowed; up to 32 letters, digits and . _ -'],
    ),
    "a password with its line end": (
        {"password": "Str0ng\n", "private_key_file": "/keys/id"},
        ["password: *** is not allowed; text without line ends and other control characters"],
    ),
}


@pytest.mark.parametrize(("changes", "expected"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_credentials(changes: dict[str, Any], expected: list[str]) -> None:
    assert errors(options.check_credentials, **changes) == expected


def test_what_is_pinned_is_a_host_key() -> None:
    assert errors(check_pin, fingerprint=f"SHA256:{'A' * 43}") == []
    assert len(errors(check_pin, fingerprint="ab" * 32)) == 1
