# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module for the provisioning of phones takes, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..policy.reading import Report
from .disk import group_id

STATES = ("replaced", "rendered", "deleted")

COMMON: Mapping[str, dict[str, Any]] = {
    "provider": {"type": "raw"},
    "policy": {"type": "dict"},
    "platform": {"type": "str", "required": True},
    "mac": {"type": "str", "required": True},
    "model": {"type": "str", "required": True},
    "firmware": {"type": "str"},
    "lines": {"type": "list", "elements": "int", "default": [1]},
    "provisioning_user": {"type": "str"},
    "provisioning_password": {"type": "str", "no_log": True},
    "passwords": {"type": "dict", "no_log": True},
    "secrets_file": {"type": "path", "no_log": False},
}
"""What every module takes that tells a phone something, or reads what it was told."""
SPEC: Mapping[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": list(STATES), "default": "replaced"},
    **COMMON,
    "directory": {"type": "path"},
    "fragment_directory": {"type": "path"},
    "group": {"type": "str"},
    "rotate_passwords": {"type": "bool", "default": False, "no_log": False},
    "passwords_proved": {"type": "bool", "default": False, "no_log": False},
    "reapply": {"type": "bool", "default": False},
}
COMMON_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "state": ("voip_state",),
    "provider": ("voip_provider",),
    "policy": ("voip_policy",),
    "platform": ("ansible_network_os",),
    "mac": ("voip_phone_mac",),
    "model": ("voip_phone_model",),
    "firmware": ("voip_phone_firmware",),
    "lines": ("voip_phone_lines",),
    "provisioning_user": ("voip_phone_provisioning_user",),
    "provisioning_password": ("voip_phone_provisioning_password",),
    "passwords": ("voip_phone_passwords",),
    "secrets_file": ("voip_phone_secrets_file",),
}
VARIABLES: Mapping[str, tuple[str, ...]] = {
    **COMMON_VARIABLES,
    "directory": ("voip_provisioning_dir",),
    "fragment_directory": ("voip_fragment_dir",),
    "group": ("voip_provisioning_group",),
    "rotate_passwords": ("voip_phone_rotate_passwords",),
    "passwords_proved": ("voip_phone_passwords_proved",),
    "reapply": ("voip_phone_reapply",),
}
"""Options that a task leaves out, and the variables that they are then taken from, the first that is set."""


def read_folder(params: Mapping[str, Any], option: str, variable: str, report: Report) -> Path | None:
    """A folder that has to be there; None after an error."""
    form = f"the absolute path of a folder that is there ({variable})"
    value = params.get(option)
    if not value:
        report.missing(option, form)
        return None
    path = Path(value)
    if not path.is_absolute() or not path.is_dir():
        report.reject(option, str(value), form)
        return None
    return path


def read_group(params: Mapping[str, Any], report: Report) -> int | None:
    """The number of the group that reads our files; None where none is given."""
    name = params.get("group")
    if not name:
        return None
    number = group_id(name)
    if number is None:
        report.reject("group", name, "a group of the host that has the folder (voip_provisioning_group)")
    return number


def check_secrets_file(params: Mapping[str, Any], report: Report) -> None:
    """Report a store of passwords that is not named, or whose folder is not there."""
    value = params.get("secrets_file")
    if not value:
        report.missing(
            "secrets_file",
            "the file in which the passwords of the site's phones are kept (voip_phone_secrets_file),"
            " or the passwords themselves (voip_phone_passwords)",
        )
    elif not Path(value).is_absolute() or not Path(value).parent.is_dir():
        form = "the absolute path of a file in a folder that is there (voip_phone_secrets_file)"
        report.reject("secrets_file", str(value), form)
