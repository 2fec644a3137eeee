# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of `provisioning_log` to its result: the log is read, and waited for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..module import Failure, plain_input
from ..policy.reading import Report
from .options import COMMON, COMMON_VARIABLES, read_folder
from .phone import read_phone
from .request_log import Evidence, Version, evidence_of
from .vendors import VENDORS

SPEC: Mapping[str, dict[str, Any]] = {
    "path": {"type": "path", "default": "/var/log/nginx/voip-phones.log"},
    "directory": {"type": "path"},
    **{name: COMMON[name] for name in ("platform", "mac", "model", "firmware")},
    "wait": {"type": "int", "default": 0},
}
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "path": ("voip_provisioning_log",),
    "directory": ("voip_provisioning_dir",),
    **{name: COMMON_VARIABLES[name] for name in ("platform", "mac", "model", "firmware")},
}
"""Options that a task leaves out, and the variables that they are then taken from, the first that is set."""

LONGEST_WAIT = 86400
_POLL_SECONDS = 0.25


def execute(params: Mapping[str, Any]) -> dict[str, Any]:
    """Look at the log, again and again if it is to be waited for; the module's result. Raises `Failure`."""
    path, folder, mac, name, seconds = _checked(plain_input(params))
    end = time.monotonic() + seconds
    seen: object = None
    evidence, version = Evidence(), None
    try:
        while True:
            state = [_state(one) for one in (*_logs(path), folder / name)]
            if state != seen:
                seen, version = state, _version(folder / name)
                evidence = Evidence(fetched=False)
                if version is not None:
                    evidence = evidence_of(_lines(path), mac, version, _kept_since(path))
            if evidence.fetched or version is None or time.monotonic() >= end:
                break
            time.sleep(_POLL_SECONDS)
    except OSError as error:
        raise Failure(f"{error.filename}: cannot be read: {error.strerror}", {}) from None
    return _result(evidence, version, path, name)


def _checked(params: Mapping[str, Any]) -> tuple[Path, Path, str, str, int]:
    """Log, folder, MAC address, name of the file, seconds to wait. Raises `Failure` with everything that is wrong."""
    report = Report()
    folder = read_folder(params, "directory", "voip_provisioning_dir", report)
    phone = read_phone({**params, "lines": [1]}, report)
    if not 0 <= params["wait"] <= LONGEST_WAIT:
        report.reject("wait", params["wait"], f"a number of seconds from 0 to {LONGEST_WAIT}")
    path = Path(params["path"])
    if not path.is_absolute():
        report.reject("path", params["path"], "the absolute path of the log (voip_provisioning_log)")
    if report.errors or folder is None or phone is None:
        lines = [str(error) for error in report.errors]
        raise Failure("\n".join(lines), {"errors": lines})
    return path, folder, phone.mac, VENDORS[phone.vendor].files.hardening_file(phone), params["wait"]


def _logs(path: Path) -> tuple[Path, Path]:
    """The log before this one, which Debian's logrotate leaves uncompressed for a day, and this one."""
    return path.with_name(f"{path.name}.1"), path


def _state(path: Path) -> object:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _version(path: Path) -> Version | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return Version(path.name, status.st_mtime_ns / 1e9, status.st_size)


def _kept_since(path: Path) -> float | None:
    """When an empty log was made."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return None if status.st_size else status.st_mtime


def _lines(path: Path) -> Iterator[bytes]:
    for log in _logs(path):
        try:
            with log.open("rb") as stream:
                yield from stream
        except FileNotFoundError:
            continue


def _result(evidence: Evidence, version: Version | None, path: Path, name: str) -> dict[str, Any]:
    remarks = []
    if version is None:
        remarks.append(f"{name}: there is no such file yet")
    elif evidence.fetched is None:
        remarks.append(f"{path}: it does not reach back to when {name} was written")
    if evidence.torn:
        remarks.append(f"{path}: {evidence.torn} lines are not understood")
    fetched_at = None if evidence.at is None else datetime.fromtimestamp(evidence.at, UTC)
    return {
        "changed": False,
        "fetched": evidence.fetched,
        "fetched_at": None if fetched_at is None else fetched_at.isoformat(timespec="milliseconds"),
        "file": name,
        "requests": [request.data for request in evidence.requests],
        "user_agent": evidence.agent,
        "remarks": remarks,
    }


def run_module() -> None:
    """The module, for hosts where the action plugin does not run it in the worker."""
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec=dict(SPEC), supports_check_mode=True)
    try:
        result = execute(module.params)
    except Failure as failure:
        module.fail_json(msg=failure.message, **failure.result)
    module.exit_json(**result)
