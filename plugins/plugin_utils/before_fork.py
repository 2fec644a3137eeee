# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done once, before Ansible forks its workers, which inherit it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ansible.errors import AnsibleLookupError

from ansible_collections.voip.hardening.plugins.lookup.provider_profile import find_profile, search_path
from ansible_collections.voip.hardening.plugins.module_utils.platforms import PLATFORMS, platform_named
from ansible_collections.voip.hardening.plugins.module_utils.rehearsal import rehearse

_READY: set[str] = set()
"""The platforms that this process is ready for."""


def prepare() -> None:
    """Make ready for the platforms that this play names, and for no others.

    Ansible's strategy imports an action plugin before it forks its workers, so what is done then is paid once a run.
    """
    strategy = next(_callers("_variable_manager", "_inventory"), None)
    if strategy is None:
        return  # no play: the documentation is read, or a test imports this
    for name in _platforms_and_profiles(strategy) - _READY:
        _READY.add(name)
        platform = platform_named(name)
        platform.prepare()
        rehearse(platform)
    # Workers look for garbage among what they inherit otherwise, and copy every page that they look at.
    gc.collect()
    gc.freeze()


def _callers(*attributes: str) -> Iterator[Any]:
    """The objects with these attributes whose methods led to the import of this file."""
    frame = sys._getframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if caller is not None and all(hasattr(caller, name) for name in attributes):
            yield caller
        frame = frame.f_back  # type: ignore[assignment]


def _platforms_and_profiles(strategy: Any) -> set[str]:
    """The platforms that the inventory names; all of them where a name is a template. Reads the profiles that it names.

    One host of each combination of groups is looked at, and all that have a platform of their own. A host whose
    platform or provider stands elsewhere is served as well, at a higher cost.
    """
    named, seen = set(), set()
    for host in strategy._inventory.get_hosts():
        groups = tuple(group.name for group in host.get_groups())
        own = host.vars.get("ansible_network_os")
        if groups not in seen:
            seen.add(groups)
            variables = strategy._variable_manager.get_vars(host=host, include_hostvars=False)
            own = own if own is not None else variables.get("ansible_network_os")
            with suppress(AnsibleLookupError):  # said of the host that it concerns
                find_profile(variables.get("voip_provider"), search_path(variables))
        if own is not None:
            named.add(str(own).rpartition(".")[2])
    if any("{" in name for name in named):
        return set(PLATFORMS)
    return named & set(PLATFORMS)
