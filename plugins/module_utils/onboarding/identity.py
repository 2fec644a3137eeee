# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device is, by one log-in that changes nothing; and the way from options to the result of `device_identity`."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from ..errors import DeviceError, Unreachable
from ..module import Failure, clean
from ..options import argument_spec, check_address, check_timeouts
from ..platforms import PLATFORMS, platform_named
from ..policy.reading import InputError, Report
from ..secret import Secret, redact
from ..target import Target
from .first_contact import look, matches
from .recognition import AUTO

_EVERY_DEVICE: Mapping[str, Any] = argument_spec("firewall")
_TAKEN = (
    "host port username password private_key_file access_token fingerprint legacy_ssh connect_timeout timeout vdoms"
)
SPEC: Mapping[str, Any] = {
    "platform": {"type": "str", "choices": [AUTO, *sorted(PLATFORMS)], "default": AUTO},
    "log_in": {"type": "bool", "default": True},
    **{name: _EVERY_DEVICE[name] for name in _TAKEN.split()},
}


def secrets_in(params: Mapping[str, Any]) -> tuple[Secret, ...]:
    """The values of the options that no message may show."""
    return tuple(Secret(str(params[name])) for name in ("password", "access_token") if params.get(name))


def execute(params: Mapping[str, Any]) -> dict[str, Any]:
    """Look at the device, log in to it once where that is asked for, and return the module's result.

    Raises `Failure`. What is wrong with the options is found before the device is contacted.
    """
    given = {name: entry.get("default") for name, entry in _EVERY_DEVICE.items()} | dict(params)
    try:
        _check(given)
    except InputError as error:
        lines = redact([str(one) for one in error.errors], secrets_in(params))
        raise Failure("\n".join(lines), {"errors": lines}) from None
    target = _target(given)
    try:
        result = _logged_in(target, given) if given["log_in"] else _looked_at(target, given["platform"])
    except DeviceError as error:
        message = redact(str(error), target.secrets())
        raise Failure(message, {}, unreachable=isinstance(error, Unreachable)) from None
    except Exception as error:  # a defect of ours, in whose words no secret may show either
        message = redact(f"{type(error).__name__}: {error}", target.secrets())
        raise Failure(message, clean({"exception": traceback.format_exc()}, target.secrets())) from None
    # A device repeats what it was told, but for the name of its platform, which is a word of ours: pfSense leaves the
    # factory with its own name as password.
    return clean({"changed": False, **result}, target.secrets()) | {"platform": result["platform"]}


def _check(params: Mapping[str, Any]) -> None:
    report = Report()
    check_address(params, "device", report)
    check_timeouts(params, report)
    if params["log_in"]:
        if params["platform"] == AUTO:
            report.reject("platform", AUTO, f"one of {', '.join(sorted(PLATFORMS))}; auto is for the first contact")
        else:
            platform = platform_named(params["platform"])
            platform.check(params, report)
            platform.check_credentials(params, report)
            platform.check_pin(params, report)
        if not params.get("fingerprint"):
            report.missing("fingerprint", "the one that was confirmed, before anything secret is sent")
    if report.errors:
        raise InputError(report.errors)


def _looked_at(target: Target, platform: str) -> dict[str, Any]:
    contact = look(target, platform)
    expected = matches(contact, target.fingerprint) if target.fingerprint else None
    return {**contact.as_dict(), "expected": expected}


def _logged_in(target: Target, params: Mapping[str, Any]) -> dict[str, Any]:
    platform = platform_named(params["platform"])
    with platform.open(target) as session:
        observed = platform.observe(session, (), platform.options_of(params))
        return {**observed.about, "requests": session.requests}


def _target(params: Mapping[str, Any]) -> Target:
    return Target(
        host=params["host"],
        port=params["port"],
        username=params["username"] or "",
        password=Secret(params["password"] or ""),
        private_key_file=params["private_key_file"] or "",
        access_token=Secret(params["access_token"] or ""),
        fingerprint=params["fingerprint"] or "",
        legacy_ssh=params["legacy_ssh"],
        connect_timeout=params["connect_timeout"],
        timeout=params["timeout"],
    )


def run_module() -> None:
    """The module, for hosts where the action plugin does not run it in the worker."""
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec=dict(SPEC), supports_check_mode=True)
    try:
        result = execute(module.params)
    except Failure as failure:
        module.fail_json(msg=failure.message, **failure.result, invocation={})
    module.exit_json(**result, invocation={})
