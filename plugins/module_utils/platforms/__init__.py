# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platforms that this collection speaks to, by the name that `ansible_network_os` gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .base import Platform


def _fortios() -> Platform:
    from .fortios.platform import FortiOS

    return FortiOS()


def _draytek() -> Platform:
    from .draytek.platform import DrayTek

    return DrayTek()


def _pfsense() -> Platform:
    from .pfsense.platform import PfSense

    return PfSense()


PLATFORMS: Mapping[str, Callable[[], Platform]] = {"fortios": _fortios, "draytek": _draytek, "pfsense": _pfsense}
"""Imported when asked for, so that nobody pays for the libraries of platforms that are not there."""


def platform_named(name: str) -> Platform:
    """The platform of this name; the last part counts of a collection's name such as `fortinet.fortios.fortios`.

    Raises `ValueError` naming those that exist.
    """
    make = PLATFORMS.get(name.rpartition(".")[2])
    if make is None:
        raise ValueError(f"ansible_network_os: {name!r} is not supported; one of {', '.join(sorted(PLATFORMS))}")
    return make()
