# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record without secrets. Pure.

Only what devices and errors say is looked through: a password that happens to be one of our own words, such as the
name of a platform, must not spoil what others reckon with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..secret import Secret, redact
from .record import ChangedBy, Difference, Record, Unverifiable


def redacted(record: Record, secrets: Sequence[Secret]) -> Record:
    """The record with every occurrence of the secrets masked in what was seen and said."""

    def masked(value: Any) -> Any:
        return redact(value, secrets)

    changed_by = record.changed_by
    return replace(
        record,
        model=masked(record.model),
        version=masked(record.version),
        message=masked(record.message),
        drift=tuple(
            Difference(one.controls, *map(masked, (one.subject, one.field, one.declared, one.found)))
            for one in record.drift
        ),
        findings=tuple(
            {name: value if name in ("control", "severity") else masked(value) for name, value in one.items()}
            for one in record.findings
        ),
        pending=tuple(masked(list(record.pending))),
        unverifiable=tuple(Unverifiable(one.control, masked(one.text), one.lasting) for one in record.unverifiable),
        changed_by=None if changed_by is None else ChangedBy(**masked(changed_by.as_dict())),
    )
