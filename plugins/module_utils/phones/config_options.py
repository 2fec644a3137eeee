# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `phone_config` takes, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..https import check_pin, plain_fingerprint
from ..options import check_address, check_timeouts
from ..policy.reading import Report
from ..secret import Secret
from ..target import Target
from .logins import MOST_FAILURES
from .options import COMMON, COMMON_VARIABLES

STATES = ("replaced", "gathered", "rendered", "fetched")
PLATFORMS = ("yealink", "poly")
ADMINISTRATORS: Mapping[str, str] = {"yealink": "admin", "poly": "Polycom"}
"""What the account is called that may change a phone, where nobody gave it another name."""

SPEC: Mapping[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": list(STATES), "default": "replaced"},
    **COMMON,
    "host": {"type": "str"},
    "port": {"type": "int"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "login_passwords": {"type": "list", "elements": "str", "no_log": True},
    "try_pending": {"type": "bool", "default": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "fingerprint": {"type": "str"},
    "connect_timeout": {"type": "int", "default": 10},
    "timeout": {"type": "int", "default": 300},
    "allow_reboot": {"type": "bool", "default": False},
    "push_to_provider_phones": {"type": "bool", "default": False},
    "send_unshown": {"type": "bool", "default": False},
}
VARIABLES: Mapping[str, tuple[str, ...]] = {
    **COMMON_VARIABLES,
    "host": ("ansible_host", "inventory_hostname"),
    "port": ("ansible_port",),
    "username": ("ansible_user",),
    "password": ("ansible_password",),
    "validate_certs": ("voip_validate_certs", "ansible_httpapi_validate_certs"),
    "ca_path": ("voip_ca_path", "ansible_httpapi_ca_path"),
    "fingerprint": ("voip_fingerprint",),
    "connect_timeout": ("voip_connect_timeout",),
    "timeout": ("voip_timeout",),
    "allow_reboot": ("voip_allow_reboot",),
    "push_to_provider_phones": ("voip_push_to_provider_phones",),
    "send_unshown": ("voip_phone_send_unshown",),
}
"""Options that a task leaves out, and the variables that they are then taken from, the first that is set."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,32}", re.ASCII)


def check_platform(params: Mapping[str, Any], report: Report) -> None:
    """Report a phone of a vendor whose live phones are not spoken to."""
    vendor = str(params.get("platform") or "").rpartition(".")[2]
    if vendor not in PLATFORMS:
        report.reject("platform", vendor, f"one of {', '.join(PLATFORMS)} (ansible_network_os)")


def read_target(params: Mapping[str, Any], report: Report) -> Target | None:
    """How to reach the phone; None after an error."""
    before = len(report.errors)
    check_address(params, "phone", report)
    check_timeouts(params, report)
    check_pin(params, report)
    if len(report.errors) > before:
        return None
    return Target(
        host=params["host"],
        port=params.get("port"),
        validate_certs=params["validate_certs"],
        ca_path=params.get("ca_path") or "",
        fingerprint=plain_fingerprint(params.get("fingerprint") or ""),
        connect_timeout=params["connect_timeout"],
        timeout=params["timeout"],
    )


def read_username(params: Mapping[str, Any], vendor: str, report: Report) -> str:
    """What the administrator is called on the phone."""
    usual = ADMINISTRATORS[vendor]
    name = params.get("username") or usual
    if vendor == "poly" and name != usual:
        report.reject("username", name, f"{usual}, or nothing: the REST interface has no other account (ansible_user)")
    elif not _NAME.fullmatch(name):
        report.reject("username", name, "the name of the administrator on the phone (ansible_user)")
    return name


def read_login_passwords(params: Mapping[str, Any], report: Report) -> tuple[Secret, ...]:
    """The passwords that may let the administrator in, without repetitions, the likeliest first."""
    wanted = (params.get("passwords") or {}).get("admin") if params["try_pending"] else None
    given = [
        *(params.get("login_passwords") or ()),
        *([wanted] if wanted else []),
        *([params["password"]] if params.get("password") else []),
    ]
    passwords = list(dict.fromkeys(str(one) for one in given if one))
    if not passwords:
        report.missing(
            "password",
            "the phone's present password (ansible_password), the passwords that it is to have (voip_phone_passwords),"
            " or the store that knows them (voip_phone_secrets_file)",
        )
    return tuple(Secret(one) for one in passwords[:MOST_FAILURES])


def check_store(params: Mapping[str, Any], report: Report) -> None:
    """Report a store of passwords by a relative path. One that is not there yet knows of no phone."""
    value = params.get("secrets_file")
    if value and not Path(value).is_absolute():
        form = "the absolute path of the store that phone_provisioning keeps (voip_phone_secrets_file)"
        report.reject("secrets_file", str(value), form)
