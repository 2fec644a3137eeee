# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules take besides provider and policy, and what is wrong with what they were given."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from .platforms import PLATFORMS
from .platforms.base import Platform
from .policy.model import CONCERNS
from .policy.reading import Report, shown
from .secret import MASK, Secret

STATES = ("replaced", "deleted", "gathered", "rendered")

_COMMON: dict[str, Any] = {
    "state": {"type": "str", "choices": list(STATES), "default": "replaced"},
    "provider": {"type": "raw"},
    "policy": {"type": "dict"},
    "platform": {"type": "str", "required": True},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "private_key_file": {"type": "path"},
    "access_token": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "fingerprint": {"type": "str"},
    "connect_timeout": {"type": "int", "default": 10},
    "timeout": {"type": "int", "default": 300},
    "known_hosts": {"type": "path"},
    "legacy_ssh": {"type": "bool", "default": False},
    "transport": {"type": "str", "choices": ["ssh", "telnet"], "default": "ssh"},
    "vdoms": {"type": "list", "elements": "str", "default": ["root"]},
    "reserved_objects": {"type": "int", "default": 64},
    "qos_class": {"type": "int"},
    "limiters": {"type": "list", "elements": "str"},
    "allow_reboot": {"type": "bool", "default": False},
    "model": {"type": "str"},
    "version": {"type": "str"},
    "clear_sessions": {"type": "bool", "default": False},
}

LONGEST_TIMEOUT = 86400
"""Seconds; a day."""
_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NAME = re.compile(r"(?=.{1,253}\Z)[\w-]+(\.[\w-]+)*\.?")


def argument_spec(module: str) -> dict[str, Any]:
    """The options of a module; `firewall` alone takes the concerns to look at, the others are one concern."""
    if module != "firewall":
        return dict(_COMMON)
    concerns = {"type": "list", "elements": "str", "choices": list(CONCERNS)}
    return {**_COMMON, "concerns": concerns}


def secrets_in(params: Mapping[str, Any]) -> tuple[Secret, ...]:
    """The values of the options that no message may show."""
    names = (name for name, entry in _COMMON.items() if entry.get("no_log"))
    return tuple(Secret(str(params[name])) for name in names if isinstance(params.get(name), (str, int)))


# What Ansible does not refuse by itself: it makes text of any value, and a number of a switch.


def _is_text(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_text(value) and _NUMBER.fullmatch(str(value)) is not None


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool) or (_is_text(value) and str(value).strip().lower() in _SWITCHES)


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, (list, tuple)) and all(_is_text(item) for item in value))


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, str) and value.lstrip().startswith("{"))


_SWITCHES = frozenset("true false yes no on off y n t f 1 0".split())
_TEXT_FORM = "text, in quotes where YAML takes it for something else"
_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "str": (_is_text, _TEXT_FORM),
    "path": (_is_text, _TEXT_FORM),
    "int": (_is_number, "a whole number"),
    "bool": (_is_switch, "true or false"),
    "list": (_is_list_of_text, f"a list, each item {_TEXT_FORM}"),
    "dict": (_is_mapping, "a mapping"),
}


def platform_errors(arguments: Mapping[str, Any]) -> list[str]:
    """What is to be said of a device of no kind."""
    report = Report()
    if arguments.get("platform") is None:
        report.missing("platform", f"the kind of device, one of {', '.join(sorted(PLATFORMS))} (ansible_network_os)")
    return [str(error) for error in report.errors]


def check_against(spec: Mapping[str, Any], arguments: Mapping[str, Any], report: Report) -> None:
    """Report unknown options, and values of another kind than the options'. `arguments` are as they were given."""
    for name, value in arguments.items():
        if name not in spec:
            report.unknown(str(name), name, tuple(spec))
            continue
        fits, form = _KINDS.get(spec[name]["type"], (None, ""))
        if value is not None and fits is not None and not fits(value):
            report.refuse(name, MASK if spec[name].get("no_log") else shown(value), form)


def check_options(params: Mapping[str, Any], platform: Platform, report: Report) -> None:
    """Report every option that is not allowed. `params` are of the right kinds."""
    if params.get("concerns") == []:
        report.refuse("concerns", "an empty list", f"one or more of {', '.join(CONCERNS)}")
    platform.check(params, report)
    if params["state"] != "rendered":
        _check_connection(params, platform, report)


def _check_connection(params: Mapping[str, Any], platform: Platform, report: Report) -> None:
    check_address(params, "device", report)
    platform.check_credentials(params, report)
    check_timeouts(params, report)
    platform.check_pin(params, report)


def check_address(params: Mapping[str, Any], what: str, report: Report) -> None:
    """Report what is no address and port of a device; `what` it is called."""
    host, port = params.get("host") or "", params.get("port")
    if not host:
        report.missing("host", f"the address or name of the {what} (ansible_host)")
    elif not is_host(host):
        report.reject("host", host, "an IP address or a name, without port and scheme (ansible_host)")
    if port is not None and not 1 <= port <= 65535:
        report.reject("port", port, "a port from 1 to 65535")


def check_timeouts(params: Mapping[str, Any], report: Report) -> None:
    """Report times to wait that are none."""
    for name in ("connect_timeout", "timeout"):
        if not 1 <= params[name] <= LONGEST_TIMEOUT:
            report.reject(name, params[name], f"a number of seconds from 1 to {LONGEST_TIMEOUT}")


def is_host(text: str) -> bool:
    """Whether this is an IP address or a name, without port and scheme."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _NAME.fullmatch(text) is not None
    return True
