# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says at its end, in lines that are understood at a glance; and whether a run left nothing to do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..findings import SEVERITIES
from ..text import visible
from .record import CLASSES, COMPLIANT, DRIFT, FAIL, UNKNOWN, Record

MOST = 20
"""So many hosts of a class are named with their reasons; the reports have all of them."""
LONGEST = 160
"""Characters of a line."""


def verdict(
    classes: Mapping[str, Sequence[str]],
    failing: Iterable[str],
    records: Iterable[Record],
    expired: Sequence[Mapping[str, str]] = (),
    files: Sequence[str] = (),
) -> str:
    """The lines at the end of a run.

    `classes`: names of hosts by class, after waivers. `failing`: those for which the run fails; each is named with its
    class and its reason, by the class, up to `MOST` of one. `records`: small ones will do. `expired`: waivers.
    `files`: the reports.
    """
    failed, reasons = set(failing), {record.host: reason(record) for record in records}
    total = sum(len(classes.get(name, ())) for name in CLASSES)
    counts = ", ".join(f"{len(classes.get(name, ()))} {name}" for name in CLASSES)
    devices = f"{total} {'device' if total == 1 else 'devices'}"
    lines = [f"{len(failed)} of {devices} must be looked into: {counts}" if failed else f"{devices}: {counts}"]
    for name in CLASSES:
        hosts = [host for host in classes.get(name, ()) if host in failed]
        if hosts:
            lines.append(f"{name}:")
            lines += [_line(f"{host}: {reasons.get(host) or 'see the report'}") for host in hosts[:MOST]]
        if len(hosts) > MOST:
            lines.append(f"  and {len(hosts) - MOST} more: see the report")
    if expired:
        lines.append("waivers that have expired:")
        lines += [_line(f"{one['control']} for {one['device']}, until {one['expires']}") for one in expired]
    if files:
        lines.append(f"written: {', '.join(files)}")
    return "\n".join(lines)


def reason(record: Record) -> str:
    """In one line, why a device is not compliant; empty for one that is."""
    parts = []
    if record.drift:
        first = record.drift[0]
        ids = f" [{' '.join(first.controls)}]" if first.controls else ""
        more = f", and {record.count - 1} more" if record.count > 1 else ""
        parts.append(f"{first.key}{ids}{more}")
    found = [one for one in record.findings if record.controls.get(one["control"]) == FAIL]
    if found and not record.drift:
        worst = max(found, key=lambda one: SEVERITIES.index(one["severity"]))
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        parts.append(f"{worst['control']} {worst['severity']}: {worst['subject']}{more}")
    parts += [f"waiting: {one}" for one in record.pending[:1]]
    message = record.message.splitlines()
    parts += [f"{message[0]} ..." if len(message) > 1 else message[0]] if message else []
    if not parts and record.classification != COMPLIANT:
        parts = [f"{control} {result}" for control, result in record.controls.items() if result in (FAIL, UNKNOWN)]
    return "; ".join(parts)


def unsettled(record: Record, waiting_counts: bool) -> str:
    """Why a device does not hold what a run has just declared; empty where it does.

    Findings that no run of ours can put right do not count. `waiting_counts`: whether what waits for a restart does.
    """
    if record.classification not in (COMPLIANT, DRIFT):
        return f"{record.classification}: {reason(record)}"
    if record.remediable or record.count or (waiting_counts and record.pending):
        return reason(record) or record.classification
    return ""


def _line(text: str) -> str:
    """One short line without what a terminal would obey: some of it is a device's own words."""
    line = f"  {' '.join(visible(text).split())}"
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 4]} ..."
