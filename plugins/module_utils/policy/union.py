# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time between two lists of a provider: one profile that lets the new and the former addresses in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from .model import TRANSPORTS, ProviderProfile
from .profile import PATH, read_profile
from .reading import FieldError, InputError, Report

FORMER = "voip_provider_former"
TOGETHER = f"{PATH} with {FORMER}"
_LISTS = ("signalling", "media", "rtp_ports", "dns", "ntp", "provisioning", "acknowledge")
_LONGEST_LINE = 300


def united(new: object, former: object, transport: object, today: date) -> dict[str, Any]:
    """The profile that allows what either of two profiles does, as plain data of the same form.

    What comes in order has the new one's first. The dates are the earlier ones: it is as old as its older half, and
    valid as long as both are. `transport`: by which the site signals, so that both have to offer it.

    Raises `InputError`, with every reason: for a profile that is none, and for two that no one profile can stand for,
    since the phones of a site have one transport and one way of protecting media.
    """
    report = Report()
    ours, theirs = _profile(new, PATH, report, today), _profile(former, FORMER, report, today)
    if report.errors or not isinstance(new, Mapping) or not isinstance(former, Mapping):
        raise InputError(report.errors)
    for profile, path in ((ours, PATH), (theirs, FORMER)):
        if transport not in profile.sip_ports:
            allowed = f"ports for {transport}, the transport of the site, by which it must be able to reach both"
            report.refuse(f"{path}.sip_ports", f"a choice of {', '.join(profile.sip_ports)}", allowed)
    if theirs.srtp != ours.srtp:
        report.reject(f"{FORMER}.srtp", theirs.srtp, f"{ours.srtp}, as in {PATH}; change it in a step of its own")
    if report.errors:
        raise InputError(report.errors)
    both = {
        "name": ours.name,
        "title": f"{ours.title}, and {theirs.title} until it is left"[:_LONGEST_LINE],
        "sip_ports": _ports(new["sip_ports"], former["sip_ports"]),
        "srtp": ours.srtp,
        "static_port": ours.static_port or theirs.static_port,
        "reviewed_on": min(ours.reviewed_on, theirs.reviewed_on).isoformat(),
        "valid_until": min(ours.valid_until, theirs.valid_until).isoformat(),
        "source": f"{ours.source}; {theirs.source}"[:_LONGEST_LINE],
        **{name: _joined(new.get(name), former.get(name)) for name in _LISTS},
    }
    _profile(both, TOGETHER, report, today)
    if report.errors:
        raise InputError(report.errors)
    return both


def _profile(raw: object, path: str, report: Report, today: date) -> ProviderProfile:
    """The profile, with what is wrong with it reported under `path`."""
    own = Report()
    profile = read_profile(raw, own, today)[0]
    report.errors += [FieldError(path + one.field.removeprefix(PATH), one.value, one.allowed) for one in own.errors]
    return profile


def _ports(new: Mapping[str, Any], former: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: _joined(new.get(name), former.get(name)) for name in TRANSPORTS if name in new or name in former}


def _joined(*lists: Iterable[Any] | None) -> list[Any]:
    """The items of all lists in their order, each once."""
    return list({repr(item): item for some in lists for item in some or ()}.values())
