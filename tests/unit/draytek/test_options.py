"""Models that are known, and the options that a Vigor takes: what is refused, and with which words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Unsupported
from ansible_collections.voip.hardening.plugins.module_utils.hostkeys import check_pin
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek import options
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.models import LARGE, SMALL, limits_of
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.options import Options, options_of
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report

SMALL_MODELS = "Vigor2862 Vigor2862ac Vigor2865 Vigor2866 Vigor2915 Vigor2926 Vigor2927 Vigor2927Lac Vigor2865Lax-5G"
LARGE_MODELS = "Vigor2962 Vigor2962P Vigor3910 Vigor3912 Vigor3912S"


@pytest.mark.parametrize("model", SMALL_MODELS.split())
def test_small_models(model: str) -> None:
    """12 sets of 7 rules, 8 LANs, 16 rows of VLANs; the access list takes an object and nothing else."""
    limits = limits_of(model)
    assert limits is SMALL
    assert (limits.sets, limits.rules, limits.lans, limits.vlan_rows, limits.acl_kind) == (12, 7, 8, 16, "")


@pytest.mark.parametrize("model", LARGE_MODELS.split())
def test_large_models(model: str) -> None:
    """50 sets of 30 rules, 100 LANs, 100 rows of VLANs; the access list is told that an entry is an object."""
    limits = limits_of(model)
    assert limits is LARGE
    assert (limits.sets, limits.rules, limits.lans, limits.vlan_rows, limits.acl_kind) == (50, 30, 100, 100, "ip")


KNOWN = "Vigor2862, 2865, 2866, 2915, 2926, 2927, 2962, 3910 and 3912"


@pytest.mark.parametrize("model", ["Vigor2136", "Vigor167", "Vigor2133", "Vigor29271", "2927", "vigor2927", ""])
def test_models_that_nobody_checked(model: str) -> None:
    with pytest.raises(Unsupported) as refusal:
        limits_of(model)
    assert str(refusal.value) == f"{model} is not supported: {KNOWN} are"


@pytest.mark.parametrize("model", ["Vigor3900", "Vigor2960", "Vigor300B", "Vigor2960F"])
def test_models_with_another_command_line(model: str) -> None:
    with pytest.raises(Unsupported) as refusal:
        limits_of(model)
    said = f"{model} has a command line of its own (Linux) that this collection does not speak"
    assert str(refusal.value) == said


GOOD: dict[str, Any] = {"reserved_objects": 64, "username": "admin", "password": "Str0ng-enough"}


def errors(check: Any, **changes: Any) -> list[str]:
    """What a check has against some options."""
    report = Report()
    check({**GOOD, **changes}, report)
    return [str(error) for error in report.errors]


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"reserved_objects": 24}, {"reserved_objects": 192}, {"version": "3.9.6"}, {"version": "4.4.5.1"},
        {"version": "4.5.2.2"}, {"model": "Vigor2927Lac"}, {"model": "Vigor3912S", "version": "4.3.5"},
        {"version": None, "model": None},
    ],
)
def test_options_that_are_taken(changes: dict[str, Any]) -> None:
    assert errors(options.check, **changes) == []


RELEASES = "a release of DrayOS 3.9 to 4.x such as 4.4.5"
REFUSED_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "too few objects": (
        {"reserved_objects": 23},
        "reserved_objects: 23 is not allowed; a number of IP objects from 24 to 192",
    ),
    "too many objects": (
        {"reserved_objects": 193},
        "reserved_objects: 193 is not allowed; a number of IP objects from 24 to 192",
    ),
    "a class that there is not": (
        {"qos_class": 4},
        "qos_class: 4 is not allowed; a QoS class from 1 to 3",
    ),
    "DrayOS 5": ({"version": "5.3.2"}, f'version: "5.3.2" is not allowed; {RELEASES}'),
    "old release": ({"version": "3.8.9"}, f'version: "3.8.9" is not allowed; {RELEASES}'),
    "no release": ({"version": "4.4"}, f'version: "4.4" is not allowed; {RELEASES}'),
    "a model of another kind": (
        {"model": "Vigor3900"},
        f'model: "Vigor3900" is not allowed; one of {KNOWN}',
    ),
}


@pytest.mark.parametrize(("changes", "said"), REFUSED_OPTIONS.values(), ids=REFUSED_OPTIONS)
def test_options_that_are_refused(changes: dict[str, Any], said: str) -> None:
    assert errors(options.check, **changes) == [said]


REFUSED_CREDENTIALS: dict[str, tuple[dict[str, Any], str]] = {
    "no account": (
        {"username": None},
        "username: missing; it needs the administrator's account (ansible_user)",
    ),
    "an account with a blank": (
        {"username": "the admin"},
        'username: "the admin" is not allowed; up to 63 visible ASCII characters without blanks',
    ),
    "no password": (
        {"password": ""},
        "password: missing; it needs the administrator's password (ansible_password)",
    ),
    "a password that nobody can type": (
        {"password": "pass word"},
        "password: *** is not allowed; up to 83 visible ASCII characters without blanks",
    ),
    "a password that is too long": (
        {"password": "x" * 84},
        "password: *** is not allowed; up to 83 visible ASCII characters without blanks",
    ),
}


@pytest.mark.parametrize(("changes", "said"), REFUSED_CREDENTIALS.values(), ids=REFUSED_CREDENTIALS)
def test_credentials_that_are_refused(changes: dict[str, Any], said: str) -> None:
    assert errors(options.check_credentials, **changes) == [said]


def test_credentials_that_are_taken() -> None:
    assert errors(options.check_credentials) == []
    assert errors(options.check_credentials, password="x" * 83, username="a" * 63) == []


PIN = "1+RbhC5gTBjHnrMmIXB8fKcdbX1FQ8f2sBsmVWsVpqk"


@pytest.mark.parametrize("pin", ["", None, PIN, f"SHA256:{PIN}", f"{PIN}="])
def test_pins_that_are_taken(pin: str | None) -> None:
    assert errors(check_pin, fingerprint=pin) == []


@pytest.mark.parametrize("pin", ["AA:BB:CC", PIN[:-1], f"{PIN}x", f"MD5:{PIN}", "a" * 64])
def test_pins_that_are_refused(pin: str) -> None:
    said = "a host key's fingerprint as ssh-keygen -l prints it, SHA256: and 43 characters"
    assert errors(check_pin, fingerprint=pin) == [f'fingerprint: "{pin}" is not allowed; {said}']


def test_what_is_made_of_options() -> None:
    assert options_of(GOOD) == Options(64, "Vigor2927", "4.4.5")
    assert options_of({**GOOD, "reserved_objects": 30, "model": "Vigor3912", "version": "4.3.5"}) == Options(
        30, "Vigor3912", "4.3.5"
    )
