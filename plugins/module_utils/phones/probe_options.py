# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `phone_probe` takes, and what is wrong with what it was given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ..options import check_address, check_timeouts
from ..policy.reading import InputError, Report
from .firmware_data import load_firmware
from .identity import plain_mac
from .login_memory import LoginMemory
from .probe import Probe
from .probing import SIGNS_OF_LIFE, VANTAGES

SERVICES: Mapping[str, int] = {"http": 80, "https": 443, "ssh": 22, "telnet": 23, "sip": 5060, "sips": 5061}
"""Services of a phone and the usual ports of them (TCP; SIP over UDP has the same port as over TCP)."""

SPEC: Mapping[str, Any] = {
    "host": {"type": "str"},
    "vantage": {"type": "str", "choices": list(VANTAGES), "default": "management"},
    "services": {
        "type": "dict",
        "apply_defaults": True,
        "options": {name: {"type": "int", "default": port} for name, port in SERVICES.items()},
    },
    "ports": {"type": "list", "elements": "int", "default": []},
    "ports_only": {"type": "bool", "default": False},
    "mac": {"type": "str"},
    "user_agent": {"type": "str"},
    "control_signal": {
        "type": "dict",
        "options": {
            "state": {"type": "str", "choices": [*SIGNS_OF_LIFE, "absent"], "required": True},
            "by": {"type": "str", "required": True},
            "at": {"type": "str", "required": True},
        },
    },
    "observed": {"type": "dict", "default": {}},
    "unsolicited_sip": {"type": "bool", "default": True},
    "default_credentials": {"type": "bool", "default": False},
    "plain_http": {"type": "bool", "default": False},
    "remember": {"type": "path"},
    "remember_days": {"type": "int", "default": 30},
    "firmware_data": {"type": "dict"},
    "connect_timeout": {"type": "int", "default": 3},
    "timeout": {"type": "int", "default": 60},
}

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "host": ("ansible_host", "inventory_hostname"),
    "vantage": ("voip_probe_vantage",),
    "services": ("voip_phone_services",),
    "mac": ("voip_phone_mac",),
    "user_agent": ("voip_phone_user_agent",),
    "control_signal": ("voip_phone_control_signal",),
    "observed": ("voip_phone_observed",),
    "remember": ("voip_probe_memory",),
    "firmware_data": ("voip_firmware_data",),
    "connect_timeout": ("voip_connect_timeout",),
    "timeout": ("voip_timeout",),
}
"""Options that a task leaves out, and the variables that they are then taken from, the first that is set."""

_INTENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", re.ASCII)


def read(params: Mapping[str, Any], now: datetime, check: bool) -> Probe:
    """The probe that validated parameters ask for. Raises `InputError` with everything that is not allowed."""
    report = Report()
    check_address(params, "phone", report)
    services = _services(params, report)
    if params.get("mac") and not plain_mac(params["mac"]):
        report.reject("mac", params["mac"], "a MAC address of twelve hexadecimal digits")
    signal = _signal(params.get("control_signal"), report)
    for intent in params["observed"]:
        if not isinstance(intent, str) or not _INTENT.fullmatch(intent):
            report.reject("observed", intent, "intents of the phone policy such as nat.ice, each with its value")
    check_timeouts(params, report)
    if not 1 <= params["remember_days"] <= 365:
        report.reject("remember_days", params["remember_days"], "a number of days from 1 to 365")
    data = None
    if params.get("firmware_data") is not None:
        try:
            data = load_firmware(params["firmware_data"], now.date())
        except InputError as error:
            report.errors += error.errors
    if report.errors:
        raise InputError(report.errors)
    tries = params["default_credentials"] and not check
    return Probe(
        host=params["host"],
        vantage=params["vantage"],
        services=services,
        mac=plain_mac(params.get("mac") or ""),
        agent=params.get("user_agent") or "",
        signal=signal,
        observed=params["observed"],
        ports_only=params["ports_only"],
        unsolicited_sip=params["unsolicited_sip"],
        default_credentials=params["default_credentials"],
        plain_http=params["plain_http"],
        memory=LoginMemory((params.get("remember") or "") if tries else ""),
        remembered_for=timedelta(days=params["remember_days"]),
        data=data,
        each=params["connect_timeout"],
        total=params["timeout"],
    )


def _services(params: Mapping[str, Any], report: Report) -> dict[str, int]:
    """The ports by service; those that have no name are called by their number."""
    services = dict(params["services"])
    for name, port in services.items():
        if not 1 <= port <= 65535:
            report.reject(f"services.{name}", port, "a port from 1 to 65535")
    for index, port in enumerate(params["ports"]):
        if not 1 <= port <= 65535:
            report.reject(f"ports[{index}]", port, "a port from 1 to 65535")
        elif port not in services.values():
            services[str(port)] = port
    return services


def _signal(given: Mapping[str, Any] | None, report: Report) -> dict[str, str] | None:
    if given is None:
        return None
    allowed = "a time with its zone such as 2026-05-31T10:00:00+00:00"
    try:
        moment = datetime.fromisoformat(given["at"])
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        report.reject("control_signal.at", given["at"], allowed)
        return None
    at = moment.astimezone(UTC).isoformat(timespec="seconds")
    return {"state": given["state"], "by": given["by"], "at": at}
