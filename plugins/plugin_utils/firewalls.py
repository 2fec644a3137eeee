# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins that speak to firewalls share: the options of the modules, completed from variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.voip.hardening.plugins.module_utils.options import argument_spec, platform_errors, secrets_in
from ansible_collections.voip.hardening.plugins.plugin_utils import tasks

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "provider": ("voip_provider",),
    "policy": ("voip_policy",),
    "concerns": ("voip_concerns",),
    "platform": ("ansible_network_os",),
    "host": ("ansible_host", "inventory_hostname"),
    "port": ("ansible_port",),
    "username": ("ansible_user",),
    "password": ("ansible_password",),
    "private_key_file": ("ansible_ssh_private_key_file", "ansible_private_key_file"),
    "access_token": ("voip_access_token",),
    "validate_certs": ("voip_validate_certs", "ansible_httpapi_validate_certs"),
    "ca_path": ("voip_ca_path", "ansible_httpapi_ca_path"),
    "fingerprint": ("voip_fingerprint",),
    "connect_timeout": ("voip_connect_timeout",),
    "timeout": ("voip_timeout",),
    "known_hosts": ("voip_known_hosts",),
    "legacy_ssh": ("voip_legacy_ssh",),
    "transport": ("voip_transport",),
    "vdoms": ("voip_vdoms",),
    "reserved_objects": ("voip_reserved_objects",),
    "qos_class": ("voip_qos_class",),
    "limiters": ("voip_limiters",),
    "allow_reboot": ("voip_allow_reboot",),
    "state": ("voip_state",),
    "clear_sessions": ("voip_clear_sessions",),
}
"""Options that a task leaves out, and the variables that they are then taken from, the first that is set."""


def parameters(
    action: ActionBase,
    module: str,
    task_vars: Mapping[str, Any] | None,
    variables: Mapping[str, tuple[str, ...]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of a task as they were given or taken from variables, and the module's parameters.

    Raises `Failure` with everything that is wrong with them.
    """
    spec = argument_spec(module)
    arguments, errors = tasks.given(action, spec, variables, task_vars)
    return arguments, tasks.checked(arguments, [*errors, *platform_errors(arguments)], spec, secrets_in)
