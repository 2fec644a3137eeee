# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as a text file for Prometheus (node_exporter's textfile collector). Pure.

Labels hold names of the inventory, never what a device says of itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from ...text import visible
from ..record import CLASSES, RESULTS, TIME
from ..report import PostureReport
from ..waivers import STATES

_Samples = Iterator[tuple[Mapping[str, str], float]]


def metrics(report: PostureReport) -> str:
    """The whole file."""
    lines: list[str] = []
    for name, what, samples in (
        ("voip_posture_last_run_timestamp_seconds", "When the last run was.", iter([({}, _seconds(report.time))])),
        ("voip_posture_device_class", "1 for the class that a device is in, otherwise 0.", _classes(report)),
        ("voip_posture_device_differences", "How much of a device is not as declared.", _differences(report)),
        ("voip_posture_device_score", "Share of what is asked of a device that is shown, in percent.", _scores(report)),
        ("voip_posture_device_last_read_timestamp_seconds", "When a device was last read.", _reads(report)),
        ("voip_posture_site_score", "Share of what is asked of a site that is shown, in percent.", _sites(report)),
        ("voip_posture_site_control_devices", "Devices of a site by control and result.", _controls(report)),
        ("voip_posture_waivers", "Waivers by what they are.", _waivers(report)),
    ):
        lines += (f"# HELP {name} {what}", f"# TYPE {name} gauge")
        lines += (f"{name}{_labels(labels)} {value:.15g}" for labels, value in samples)
    return "\n".join(lines) + "\n"


def _seconds(time: str) -> float:
    return datetime.strptime(time, TIME).replace(tzinfo=UTC).timestamp()


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_quoted(value)}"' for name, value in labels.items()) + "}" if labels else ""


def _quoted(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _classes(report: PostureReport) -> _Samples:
    for one in report.devices:
        for name in CLASSES:
            yield {"site": one.site, "device": one.host, "class": name}, float(one.classification == name)


def _differences(report: PostureReport) -> _Samples:
    for one in report.devices:
        yield {"site": one.site, "device": one.host}, one.record.count


def _scores(report: PostureReport) -> _Samples:
    for one in report.devices:
        if one.score.percent is not None:
            yield {"site": one.site, "device": one.host}, one.score.percent


def _reads(report: PostureReport) -> _Samples:
    for one in report.devices:
        if one.read:
            yield {"site": one.site, "device": one.host}, _seconds(one.read)


def _sites(report: PostureReport) -> _Samples:
    for site in report.sites:
        if site.score.percent is not None:
            yield {"site": site.name}, site.score.percent


def _controls(report: PostureReport) -> _Samples:
    for site in report.sites:
        for control in report.column_ids:
            found = Counter(device.results[control] for device in site.devices if control in device.results)
            for result in RESULTS if found else ():
                yield {"site": site.name, "control": control, "result": result}, found[result]


def _waivers(report: PostureReport) -> _Samples:
    yield from _by_state(one.state for one in report.waivers)


def _by_state(states: Iterable[str]) -> _Samples:
    found = Counter(states)
    for state in STATES:
        yield {"state": state}, found[state]
