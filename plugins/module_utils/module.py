# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share: the way from their options to a result.

The action plugin calls `execute` in the Ansible worker; `run_module` is the same for a module that runs elsewhere.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from .engine import NEEDS_POLICY, ApplyFailed, Job, run
from .errors import DeviceError, Unreachable
from .findings import Finding
from .options import argument_spec, check_options
from .platforms import platform_named
from .policy.model import CONCERNS, SitePolicy
from .policy.reading import Report
from .policy.validation import PolicyError, validate
from .secret import Secret, redact
from .target import Target
from .text import visible


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
    job = prepared(module, params, check)
    target = job.target
    with failing(target.secrets):
        result = _skipped(params) if not job.concerns else run(job)
    warnings = warnings_of(result)
    return clean({**result, "warnings": warnings} if warnings else result, target.secrets())


@contextmanager
def failing(secrets: Callable[[], Sequence[Secret]]) -> Iterator[None]:
    """What goes wrong with a device becomes a `Failure`, without secrets; more of them may be known by then."""
    try:
        yield
    except Failure:
        raise
    except ApplyFailed as error:
        raise _failure(
            secrets(),
            str(error),
            {
                "plan": error.result["plan"],
                "platform": error.result["platform"],
                "changed": True,
                "outcome": error.outcome,
            },
        ) from None
    except DeviceError as error:
        raise _failure(secrets(), str(error), {}, unreachable=isinstance(error, Unreachable)) from None
    except Exception as error:  # a defect of ours, in whose words no secret may show either
        message = f"{type(error).__name__}: {error}"
        raise _failure(secrets(), message, {"exception": traceback.format_exc()}) from None


def prepared(module: str, params: Mapping[str, Any], check: bool) -> Job:
    """What a module's options ask for. Raises `Failure` for bad input; contacts nobody."""
    target = _target(params)
    try:
        return _job(module, params, check, target)
    except PolicyError as error:
        lines = [str(one) for one in error.errors]
        raise _failure(target.secrets(), "\n".join(lines), {"errors": lines}) from None
    except ValueError as error:
        raise _failure(target.secrets(), str(error), {"errors": [str(error)]}) from None


def _failure(
    secrets: Sequence[Secret], message: str, result: Mapping[str, Any], unreachable: bool = False
) -> Failure:
    return Failure(redact(message, secrets), clean(result, secrets), unreachable)


def clean(result: Mapping[str, Any], secrets: Sequence[Secret]) -> dict[str, Any]:
    """A result without secrets. The names of its parts are our own words, even where a password is one of them."""
    return dict(zip(result, redact(list(result.values()), secrets), strict=True))


def _target(params: Mapping[str, Any]) -> Target:
    return Target(
        host=params.get("host") or "",
        port=params.get("port"),
        username=params.get("username") or "",
        password=Secret(params.get("password") or ""),
        private_key_file=params.get("private_key_file") or "",
        access_token=Secret(params.get("access_token") or ""),
        validate_certs=bool(params["validate_certs"]),
        ca_path=params.get("ca_path") or "",
        fingerprint=params.get("fingerprint") or "",
        known_hosts=params.get("known_hosts") or "",
        legacy_ssh=bool(params["legacy_ssh"]),
        transport=params["transport"],
        connect_timeout=params["connect_timeout"],
        timeout=params["timeout"],
    )


def _job(module: str, params: Mapping[str, Any], check: bool, target: Target) -> Job:
    platform = platform_named(params["platform"])
    state = params["state"]
    report = Report()
    check_options(params, platform, report)
    asked = tuple(params.get("concerns") or CONCERNS) if module == "firewall" else (module,)
    policy: SitePolicy | None = None
    findings: tuple[Finding, ...] = ()
    try:
        policy, findings = _policy(params, asked, state)
    except PolicyError as error:
        report.errors += error.errors
    if report.errors:
        raise PolicyError(report.errors)
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
        options=platform.options_of(params),
        clear_sessions=params["clear_sessions"],
        allow_reboot=params["allow_reboot"],
        findings=findings,
    )


def _policy(
    params: Mapping[str, Any], asked: tuple[str, ...], state: str
) -> tuple[SitePolicy | None, tuple[Finding, ...]]:
    provider, policy = plain_input(params.get("provider")), plain_input(params.get("policy"))
    if state not in NEEDS_POLICY and (provider is None or policy is None):
        return None, ()
    validated = validate(
        {} if provider is None else provider, {} if policy is None else policy, concerns=asked, today=date.today()
    )
    subject = f"provider profile {validated.policy.provider.name}"
    notes = (Finding(note.control, note.severity, subject, note.message, "") for note in validated.notes)
    return validated.policy, tuple(notes)


def _skipped(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "changed": False,
        "plan": [],
        "findings": [],
        "remarks": ["the policy switches off everything that was asked for; the device was not contacted"],
        "pending": [],
        "unverifiable": [],
    }


def plain_input(value: Any) -> Any:
    """Ansible's tagged values as the built-in types that they extend; other types are left to validation."""
    if isinstance(value, Mapping):
        return {plain_input(key): plain_input(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_input(item) for item in value]
    if isinstance(value, str):
        return str.__str__(value)
    if getattr(value, "yaml_tag", "") == "!vault":  # no kind of text before ansible-core 2.19
        return str(value)
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


_UNSAID: Mapping[str, Any] = {"invocation": {}}
"""Ansible would return all options, and mask those marked as secret only: a policy may hold one where none belongs."""


def run_module(module: str) -> None:
    """`main` of every module: for hosts where the action plugin does not run it in the worker."""
    from ansible.module_utils.basic import AnsibleModule

    ansible_module = AnsibleModule(argument_spec=argument_spec(module), supports_check_mode=True)
    try:
        result = execute(module, ansible_module.params, ansible_module.check_mode)
    except Failure as failure:
        ansible_module.fail_json(msg=failure.message, **failure.result, **_UNSAID)
    for line in result.pop("warnings", ()):
        ansible_module.warn(line)
    ansible_module.exit_json(**result, **_UNSAID)


def warnings_of(result: Mapping[str, Any]) -> list[str]:
    """What the user should see without asking: findings that matter, remarks and what is pending.

    Without what a terminal would obey: rules and phones are called whatever somebody calls them.
    """
    lines = [
        f"{one['control']} {one['severity']}: {one['subject']}: {one['evidence']}. {one['advice']}".rstrip(". ")
        for one in result.get("findings", ())
        if one["severity"] in ("medium", "high", "critical")
    ]
    lines += [line for name in ("remarks", "pending", "unverifiable") for line in result.get(name, ())]
    return [visible(line) for line in lines]
