# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share: their options, and the way from options to a result.

The action plugin calls `execute` in the Ansible worker; `run_module` is the same for a module that runs elsewhere.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from datetime import date
from typing import Any

from .engine import NEEDS_POLICY, ApplyFailed, Job, run
from .errors import DeviceError, Unreachable
from .findings import Finding
from .platforms import platform_named
from .platforms.fortios.platform import Options
from .policy.model import CONCERNS, SitePolicy
from .policy.validation import PolicyError, validate
from .secret import Secret, redact
from .target import Target

STATES = ("replaced", "deleted", "gathered", "rendered")
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)\Z")

_COMMON: dict[str, Any] = {
    "state": {"type": "str", "choices": list(STATES), "default": "replaced"},
    "provider": {"type": "raw"},
    "policy": {"type": "dict"},
    "platform": {"type": "str", "required": True},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "access_token": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "fingerprint": {"type": "str"},
    "connect_timeout": {"type": "int", "default": 10},
    "timeout": {"type": "int", "default": 300},
    "vdoms": {"type": "list", "elements": "str", "default": ["root"]},
    "version": {"type": "str", "default": "7.4.4"},
    "clear_sessions": {"type": "bool", "default": False},
}


def argument_spec(module: str) -> dict[str, Any]:
    """The options of a module; `firewall` alone takes the concerns to look at, the others are one concern."""
    if module != "firewall":
        return dict(_COMMON)
    concerns = {"type": "list", "elements": "str", "choices": list(CONCERNS)}
    return {**_COMMON, "concerns": concerns}


class Failure(Exception):
    """A run that failed: what to tell the user, what is known besides, and whether there was no device at all."""

    def __init__(self, message: str, result: Mapping[str, Any], unreachable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.result = result
        self.unreachable = unreachable


def execute(module: str, params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Do what a module's options ask for and return its result, without secrets.

    Raises `Failure`. Input is looked at as a whole before any device is contacted.
    """
    target = _target(params)
    try:
        job = _job(module, params, check, target)
    except PolicyError as error:
        lines = [str(one) for one in error.errors]
        raise _failure(target, "\n".join(lines), {"errors": lines}) from None
    except ValueError as error:
        raise _failure(target, str(error), {"errors": [str(error)]}) from None
    try:
        result = _skipped(params) if not job.concerns else run(job)
    except ApplyFailed as error:
        raise _failure(
            target,
            str(error),
            {
                "plan": error.result["plan"],
                "platform": error.result["platform"],
                "changed": True,
                "outcome": error.outcome,
            },
        ) from None
    except DeviceError as error:
        raise _failure(target, str(error), {}, unreachable=isinstance(error, Unreachable)) from None
    except Exception as error:  # a defect of ours, in whose words no secret may show either
        message = f"{type(error).__name__}: {error}"
        raise _failure(target, message, {"exception": traceback.format_exc()}) from None
    clean: dict[str, Any] = redact(result, target.secrets())
    return clean


def _failure(target: Target, message: str, result: Mapping[str, Any], unreachable: bool = False) -> Failure:
    secrets = target.secrets()
    return Failure(redact(message, secrets), redact(dict(result), secrets), unreachable)


def _target(params: Mapping[str, Any]) -> Target:
    return Target(
        host=params.get("host") or "",
        port=params.get("port"),
        username=params.get("username") or "",
        password=Secret(params.get("password") or ""),
        access_token=Secret(params.get("access_token") or ""),
        validate_certs=bool(params["validate_certs"]),
        ca_path=params.get("ca_path") or "",
        fingerprint=params.get("fingerprint") or "",
        connect_timeout=params["connect_timeout"],
        timeout=params["timeout"],
    )


def _job(module: str, params: Mapping[str, Any], check: bool, target: Target) -> Job:
    platform = platform_named(params["platform"])
    state = params["state"]
    _check_connection(params, target, state)
    asked = tuple(params.get("concerns") or CONCERNS) if module == "firewall" else (module,)
    policy, findings = _policy(params, asked, state)
    # Taking away does not depend on what the policy asks for today.
    concerns = (
        policy.concerns if policy is not None and state != "deleted" else tuple(c for c in CONCERNS if c in asked)
    )
    return Job(
        platform=platform,
        target=target,
        concerns=concerns,
        state=state,
        check=check,
        policy=policy,
        options=Options(_vdoms(params), _version(params["version"])),
        clear_sessions=params["clear_sessions"],
        findings=findings,
    )


def _policy(
    params: Mapping[str, Any], asked: tuple[str, ...], state: str
) -> tuple[SitePolicy | None, tuple[Finding, ...]]:
    provider, policy = plain_input(params.get("provider")), plain_input(params.get("policy"))
    if state not in NEEDS_POLICY and (provider is None or policy is None):
        return None, ()
    validated = validate(provider or {}, policy or {}, concerns=asked, today=date.today())
    subject = f"provider profile {validated.policy.provider.name}"
    notes = (Finding(note.control, note.severity, subject, note.message, "") for note in validated.notes)
    return validated.policy, tuple(notes)


def _check_connection(params: Mapping[str, Any], target: Target, state: str) -> None:
    if state == "rendered":
        return
    if not target.host:
        raise ValueError("host: needed: the address or name of the device (ansible_host)")
    if not target.access_token and not (target.username and target.password):
        raise ValueError(
            "access_token: needed, or username and password (voip_access_token, ansible_user, ansible_password)"
        )
    for name in ("connect_timeout", "timeout"):
        if params[name] < 1:
            raise ValueError(f"{name}: {params[name]} is not allowed; seconds, at least 1")
    port = params.get("port")
    if port is not None and not 1 <= port <= 65535:
        raise ValueError(f"port: {port} is not allowed; 1 to 65535")
    pin = re.sub(r"[: ]", "", target.fingerprint.lower().removeprefix("sha256:"))
    if pin and not re.fullmatch(r"[0-9a-f]{64}", pin):
        raise ValueError(
            f"fingerprint: {target.fingerprint!r} is not allowed; a SHA-256 fingerprint, 64 hexadecimal digits"
        )


def _vdoms(params: Mapping[str, Any]) -> tuple[str, ...]:
    vdoms = tuple(dict.fromkeys(str(vdom) for vdom in params["vdoms"]))
    wrong = [vdom for vdom in vdoms if not re.fullmatch(r"[A-Za-z0-9_-]{1,31}", vdom) or vdom == "global"]
    if wrong or not vdoms:
        raise ValueError(
            f"vdoms: {wrong or list(vdoms)} is not allowed; names of VDOMs, 1 to 31 letters, digits, - and _"
        )
    return vdoms


def _version(text: str) -> tuple[int, int, int]:
    match = _VERSION.match(text)
    if match is None:
        raise ValueError(f"version: {text!r} is not allowed; a release such as 7.4.4")
    return int(match[1]), int(match[2]), int(match[3])


def _skipped(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "changed": False,
        "plan": [],
        "findings": [],
        "remarks": ["the policy switches off everything that was asked for; the device was not contacted"],
        "pending": [],
    }


def plain_input(value: Any) -> Any:
    """Ansible's tagged values as the built-in types that they extend; other types are left to validation."""
    if isinstance(value, Mapping):
        return {plain_input(key): plain_input(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_input(item) for item in value]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


def run_module(module: str) -> None:
    """`main` of every module: for hosts where the action plugin does not run it in the worker."""
    from ansible.module_utils.basic import AnsibleModule

    ansible_module = AnsibleModule(argument_spec=argument_spec(module), supports_check_mode=True)
    try:
        result = execute(module, ansible_module.params, ansible_module.check_mode)
    except Failure as failure:
        ansible_module.fail_json(msg=failure.message, **failure.result)
    for line in warnings_of(result):
        ansible_module.warn(line)
    ansible_module.exit_json(**result)


def warnings_of(result: Mapping[str, Any]) -> list[str]:
    """What the user should see without asking: findings that matter, remarks and what is pending."""
    lines = [
        f"{one['control']} {one['severity']}: {one['subject']}: {one['evidence']}. {one['advice']}".rstrip(". ")
        for one in result.get("findings", ())
        if one["severity"] in ("medium", "high", "critical")
    ]
    return [*lines, *result.get("remarks", ()), *result.get("pending", ())]
