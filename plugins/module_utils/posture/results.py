# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a task left of a host to a record: also where there is nothing, or nothing good. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..policy.reading import InputError
from .record import ERROR, UNREACHABLE, Record, record_from

KEY = "posture"
"""Where a result has its record."""


def record_of(result: object, host: str, place: Callable[[], tuple[str, str]], time: str) -> Record:
    """The record of a host by the registered result of its task, or one that says why there is none.

    `place`: site and platform of the host, for where there is no record to tell; `time`: of this run, likewise.
    """

    def none(classification: str, message: str) -> Record:
        site, platform = place()
        return Record(
            host=host, site=site, platform=platform, classification=classification, read_at=time, message=message
        )

    if not isinstance(result, Mapping):
        return none(ERROR, "the device was not looked at: no result")
    if result.get("unreachable"):
        return none(UNREACHABLE, _message(result, "unreachable"))
    if result.get("failed"):
        return none(ERROR, _message(result, "failed without a message"))
    if KEY not in result:
        return none(ERROR, f"the device was not looked at: {_message(result, 'its result has no record')}")
    try:
        record = record_from(result[KEY], KEY)
    except InputError as error:
        return none(ERROR, f"its record cannot be read: {error}")
    return record if record.host == host else none(ERROR, f"its record is one of {record.host}")


_OF_ANSIBLE = "Task failed: "
"""What ansible-core 2.19 and newer put before the message of a task that was ended by an exception."""


def _message(result: Mapping[str, Any], otherwise: str) -> str:
    message = result.get("msg") or result.get("skip_reason")
    return str(message).removeprefix(_OF_ANSIBLE) if message else otherwise
