# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: how far a phone has come."""

from __future__ import annotations

DOCUMENTATION = r"""
name: phone_standing
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: How far a phone has come
description:
  - Puts together what the modules for phones found out, without concluding one level of evidence from another.
  - C(rendered), its files say what is wanted. C(fetched), it has fetched them as they are. C(observed), it shows what
    is wanted of all settings that it shows, and lets its administrator in by the password that is wanted. A phone is
    hardened only when that was observed.
options:
  _input:
    description: The result of M(voip.hardening.phone_provisioning).
    type: dict
    required: true
  log:
    description: The result of M(voip.hardening.provisioning_log), or an empty mapping.
    type: dict
    required: true
  live:
    description: The result of C(phone_config), or an empty mapping.
    type: dict
    required: true
  seen:
    description: The result of M(voip.hardening.phone_probe), or an empty mapping.
    type: dict
    default: {}
  waited:
    description: Whether the phone was given time to fetch its files.
    type: bool
    default: false
  check:
    description: Whether these are the results of check mode, in which nothing was written.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Put it together
  ansible.builtin.set_fact:
    voip_phone_standing: "{{ published | voip.hardening.phone_standing(log, live, seen) }}"
"""

RETURN = r"""
_value:
  description: The levels, and what is missing.
  type: dict
  contains:
    rendered:
      description: Whether the phone's files say what is wanted.
      type: bool
    fetched:
      description: Whether the phone has fetched them as they are; null where that is not known.
      type: bool
    observed:
      description: V(as wanted), V(drift) or V(not seen).
      type: str
    hardened:
      description: Whether what is wanted was observed.
      type: bool
    back:
      description:
        - Whether the phone came back after a change. Null where it was not waited for.
      type: bool
    drift:
      description: Intents that the phone does not meet.
      type: list
      elements: str
    unseen:
      description: Intents of which the phone shows nothing, such as passwords.
      type: list
      elements: str
    outside:
      description: What was seen from outside against it.
      type: list
      elements: str
    says:
      description: All levels in a line.
      type: str
      sample: "rendered yes, fetched yes, observed as wanted: hardened"
    why:
      description: What keeps it from being hardened; empty for a phone that is.
      type: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.phones.rollout import (
    alive,
    came_back,
    readable,
    standing,
)


def phone_standing(
    published: Mapping[str, Any],
    log: Mapping[str, Any],
    live: Mapping[str, Any],
    seen: Mapping[str, Any] | None = None,
    waited: bool = False,
    check: bool = False,
) -> dict[str, Any]:
    """See above."""
    looked = seen or {}
    found = standing(published, log, live, looked, check)
    lives = alive(looked.get("evidence", ()))
    back = came_back(
        found, lives=lives, can_be_read=readable(published), news=bool(published.get("changed")), waited=waited
    )
    return {**found.data, "back": back}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """By name."""
        return {"phone_standing": phone_standing}
