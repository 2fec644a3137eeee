# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins share: a task's options, checked, and the way to a module on another host."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure, clean
from ansible_collections.voip.hardening.plugins.module_utils.options import check_against
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import Report
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret, redact
from ansible_collections.voip.hardening.plugins.plugin_utils.variables import completed

HERE = ("", "localhost", "127.0.0.1", "::1")
"""What the controller is called as a host that a task is delegated to."""

Secrets = Callable[[Mapping[str, Any]], Sequence[Secret]]
"""The values of options that no message may show."""


def given(
    action: ActionBase,
    spec: Mapping[str, Any],
    variables: Mapping[str, tuple[str, ...]],
    task_vars: Mapping[str, Any] | None,
) -> tuple[dict[str, Any], list[str]]:
    """The options of a task, completed from the variables of its host; and what went wrong with that."""
    return completed(action._task.args, action._templar, spec, variables, task_vars or {})


def checked(
    arguments: Mapping[str, Any], errors: Sequence[str], spec: Mapping[str, Any], secrets: Secrets
) -> dict[str, Any]:
    """The parameters of a module. Raises `Failure` with everything that is wrong with them."""
    report = Report()
    check_against(spec, arguments, report)
    errors = [*errors, *map(str, report.errors)]
    found = ArgumentSpecValidator(dict(spec)).validate(dict(arguments))
    if errors or found.error_messages:
        lines = redact(list(errors or found.error_messages), secrets(arguments))
        raise Failure("\n".join(lines), {"errors": lines})
    parameters: dict[str, Any] = found.validated_parameters
    return parameters


def failed(failure: Failure) -> dict[str, Any]:
    """The result of a task that failed. Raises what makes its host unreachable where there was no device at all."""
    if failure.unreachable:
        raise AnsibleConnectionFailure(failure.message) from None
    return {"failed": True, "msg": failure.message, **failure.result}


def is_elsewhere(action: ActionBase) -> bool:
    """Whether the task is delegated to another host."""
    return action._task.delegate_to not in (None, *HERE)


def run_there(
    action: ActionBase,
    module: str,
    arguments: Mapping[str, Any],
    secrets: Sequence[Secret],
    task_vars: dict[str, Any] | None,
) -> dict[str, Any]:
    """The result of a module on the host that the task is delegated to.

    What the module is given travels in its standard input where the connection can do that, whatever is configured,
    since it would otherwise be written to a file on that host, secrets included. With `become` that is left as
    configured: some hosts let nobody become another user without a terminal.
    """
    if action._connection.has_pipelining and action._connection.become is None:
        action._connection.set_option("pipelining", True)
    name = f"voip.hardening.{module}"
    result = action._execute_module(module_name=name, module_args=dict(arguments), task_vars=task_vars)
    result.pop("invocation", None)
    return clean(result, tuple(secrets))
