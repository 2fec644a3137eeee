"""Test phones of every kind that can be read and changed live, and runs of `phone_config` against them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure
from ansible_collections.voip.hardening.plugins.module_utils.phones.config_module import execute, prepare
from ansible_collections.voip.hardening.plugins.module_utils.phones.config_options import SPEC
from tests.devices.phones import Phone, PolyPhone, YealinkPhone
from tests.devices.phones.certificates import poly_authority, yealink_authority
from tests.devices.phones.faults import Fault
from tests.support.policies import policy, provider

PASSWORDS = {"admin": "N3wAdminNotShown12345", "user": "N3wUserNotShown123456", "var": "N3wVarNotShown1234567"}
OLD = "0ldAdminNotShown98765"
"""The administrator's password before a run."""
PROVISIONING_PASSWORD = "Pr0visNotShown123456"
SECRETS = (*PASSWORDS.values(), OLD, PROVISIONING_PASSWORD)
KINDS = ("json", "servlet", "servlet-aes", "poly")
MACS = {"yealink": "805ec0aa0042", "poly": "64167faa0042"}


@dataclass(frozen=True)
class Kind:
    """A kind of phone: its vendor, and how one of it is made with these settings."""

    vendor: str
    make: Callable[[Mapping[str, str]], Phone]


def _yealink(model: str, version: str, **more: Any) -> Callable[[Mapping[str, str]], Phone]:
    def make(settings: Mapping[str, str]) -> Phone:
        phone = YealinkPhone(MACS["yealink"], model, version, settings=settings, **more)
        phone.settings.passwords["admin"] = OLD
        return phone

    return make


def _poly(settings: Mapping[str, str]) -> Phone:
    known = {"apps.restapi.enabled": "1", "device.auth.localAdminPassword": OLD}
    return PolyPhone(MACS["poly"], "VVX 450", "6.4.6.2453", settings={**known, **settings})


MAKERS: Mapping[str, Kind] = {
    "json": Kind("yealink", _yealink("T46U", "108.86.0.90", web="json")),
    "servlet": Kind("yealink", _yealink("T31G", "124.86.0.75", web="servlet")),
    "servlet-aes": Kind("yealink", _yealink("T42S", "66.86.0.15", web="servlet", login="aes")),
    "poly": Kind("poly", _poly),
}
ACCOUNTS = {"yealink": ("admin", "user", "var"), "poly": ("admin", "user")}


def made(kind: str, settings: Mapping[str, str] | None = None) -> Phone:
    """A phone of a kind that is not plugged in yet, with `OLD` as its administrator's password."""
    return MAKERS[kind].make(settings or {})


def vendor_of(phone: Phone) -> str:
    """The vendor's name."""
    return "poly" if isinstance(phone, PolyPhone) else "yealink"


def authority_file(folder: Path, phone: Phone) -> str:
    """A file with the vendor's authority for its phones."""
    path = folder / "authority.pem"
    path.write_bytes((poly_authority() if isinstance(phone, PolyPhone) else yealink_authority()).pem)
    return str(path)


def site(**phones: Any) -> dict[str, Any]:
    """The site policy with this section of phones; a Poly can be read."""
    return policy(phones={"rest_api": True, **phones})


def options(phone: Phone, **more: Any) -> dict[str, Any]:
    """The options of a task for a phone: its new passwords, and the one that it has now."""
    vendor = vendor_of(phone)
    given = {
        "platform": vendor,
        "mac": phone.mac,
        "model": phone.model,
        "firmware": phone.version,
        "host": phone.address,
        "port": phone.ports().get("https", 20443),
        "validate_certs": False,
        "provider": provider(),
        "policy": site(),
        "passwords": {account: PASSWORDS[account] for account in ACCOUNTS[vendor]},
        "password": OLD,
        "connect_timeout": 5,
        "timeout": 60,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def run(phone: Phone, *, check: bool = False, **more: Any) -> dict[str, Any]:
    """The result of one run; where it waits for a phone, the phone does what it has to. Raises `Failure`."""
    checked = ArgumentSpecValidator(dict(SPEC)).validate(options(phone, **more))
    assert not checked.error_messages, checked.error_messages
    params = checked.validated_parameters
    result = execute(prepare(params, check, pause=lambda _seconds: phone.finish()), params)
    assert not shown_secrets(result)
    return result


def failed(phone: Phone, **more: Any) -> Failure:
    """The failure of one run, in which no password shows."""
    _result, failure = tried(phone, **more)
    assert failure is not None
    return failure


def tried(phone: Phone, **more: Any) -> tuple[dict[str, Any], Failure | None]:
    """The result of one run, or what it came to otherwise; no password shows in either."""
    try:
        return run(phone, **more), None
    except Failure as error:
        failure = error
    assert not shown_secrets([failure.message, dict(failure.result)])
    return {}, failure


def shown_secrets(result: Any) -> list[str]:
    """The passwords that a result shows."""
    return [secret for secret in SECRETS if secret in repr(result)]


def settled(phone: Phone, **more: Any) -> dict[str, Any]:
    """Bring a phone to the policy, let it restart, and run again: the second result."""
    run(phone, allow_reboot=True, **more)
    woken(phone)
    return run(phone, allow_reboot=True, **more)


def woken(phone: Phone) -> None:
    """Let a phone that restarts come up again."""
    phone.finish()
    if phone.down:
        phone.clock.advance(100)


def verdicts(result: Mapping[str, Any], verdict: str) -> set[str]:
    """The intents of a verdict."""
    return {intent for intent, entry in result["intents"].items() if entry.get("verdict") == verdict}


def values(phone: Phone) -> dict[str, str]:
    """All that a phone is set to, passwords included."""
    if isinstance(phone, PolyPhone):
        return phone.settings.values()
    assert isinstance(phone, YealinkPhone)
    return {**phone.settings.values, **{f"password {name}": text for name, text in phone.settings.passwords.items()}}


def sessions(phone: Phone) -> int:
    """Web sessions that are open; a Poly's REST has none."""
    return len(phone.sessions._open) if isinstance(phone, YealinkPhone) else 0


def struck(phone: Phone) -> list[Fault]:
    """The planted faults that came to something."""
    return [fault for fault in phone.faults.planted if fault.struck]


def log_ins(phone: Phone) -> int:
    """How often somebody showed a password: a Poly is first asked for its challenge, and then with the answer."""
    asked = [target for method, target in phone.requests if method == "POST" or isinstance(phone, PolyPhone)]
    if isinstance(phone, PolyPhone):
        return sum(target.endswith("/device/info") for target in asked) // 2
    return sum("/api/auth/login" in target or "p=login&q=login" in target for target in asked)
