# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a task, completed from the variables of its host."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError

from ansible_collections.voip.hardening.plugins.lookup.provider_profile import find_profile, search_path
from ansible_collections.voip.hardening.plugins.module_utils.module import plain_input
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import TRANSPORTS
from ansible_collections.voip.hardening.plugins.module_utils.policy.reading import InputError
from ansible_collections.voip.hardening.plugins.module_utils.policy.union import FORMER, united


def completed(
    given: Mapping[str, Any],
    templar: Any,
    spec: Mapping[str, Any],
    variables: Mapping[str, tuple[str, ...]],
    task_vars: Mapping[str, Any],
) -> tuple[dict[str, Any], list[str]]:
    """A task's options, completed from variables, a named provider by its profile; and what went wrong.

    `variables`: for each option the variables that it is taken from, the first that is set. A provider that is taken
    from its variable is joined with the one in `voip_provider_former`, where there is one.
    """
    arguments, errors = plain_input(given), []

    def worked_out(name: str) -> Any:
        value = task_vars[name]
        try:
            return plain_input(templar.template(value) if is_open(value) else value)
        except AnsibleError as error:
            # Ansible would show the lines of the inventory above this one, and secrets often stand beside it.
            errors.append(f"{name}: it cannot be worked out: {error}")
            return None

    two_lists = "provider" in spec and arguments.get("provider") is None and task_vars.get(FORMER) is not None
    for option, names in variables.items():
        if option in spec and arguments.get(option) is None:
            name = next((name for name in names if task_vars.get(name) is not None), None)
            value = None if name is None else worked_out(name)
            if value is not None:
                arguments[option] = value
    former = worked_out(FORMER) if two_lists else None
    try:
        if isinstance(arguments.get("provider"), str):
            arguments["provider"] = find_profile(arguments["provider"], search_path(task_vars))
        if isinstance(former, str):
            former = find_profile(former, search_path(task_vars))
    except AnsibleLookupError as error:
        errors.append(str(error))
    if former is not None and not errors:
        try:
            arguments["provider"] = united(arguments.get("provider"), former, _transport(arguments), date.today())
        except InputError as error:
            errors += map(str, error.errors)
    return arguments, errors


def _transport(arguments: Mapping[str, Any]) -> Any:
    """By which the site signals; a policy that is none is refused elsewhere."""
    policy = arguments.get("policy")
    return (policy.get("transport") if isinstance(policy, Mapping) else None) or TRANSPORTS[0]


def is_open(value: Any) -> bool:
    """Whether templating may make something else of a value. Asking Jinja costs more than looking."""
    if isinstance(value, str):
        return "{" in value
    if isinstance(value, Mapping):
        return any(is_open(part) for pair in value.items() for part in pair)
    if isinstance(value, (list, tuple)):
        return any(map(is_open, value))
    return not isinstance(value, (int, float, date, type(None)))
