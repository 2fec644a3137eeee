# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback: how far a look at a fleet has come, and when it will be through."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_progress
type: aggregate
author:
  - the voip.hardening authors (@voip-hardening)
version_added: 0.1.0
short_description: Progress of a nightly run over many devices
description:
  - While M(voip.hardening.device_posture) looks at the devices of a play, prints one line now and then, with how many
    were looked at, how they stand to their policies, and an estimate of the time left. The totals come at the end.
  - Says nothing in other plays. It prints beside any stdout callback, that of AWX included.
  - A line is printed when a device has answered or was given up, so that none comes while all of them are waited for.
requirements:
  - It has to be enabled by name, see the notes.
options:
  seconds:
    description: A line is due after so many seconds. V(0) means not because of the time.
    type: float
    default: 30
    ini:
      - section: callback_fleet_progress
        key: seconds
    env:
      - name: VOIP_PROGRESS_SECONDS
  hosts:
    description: A line is due after so many devices. V(0) means not because of their number.
    type: int
    default: 0
    ini:
      - section: callback_fleet_progress
        key: hosts
    env:
      - name: VOIP_PROGRESS_HOSTS
notes:
  - It is enabled by name in C(ansible.cfg), which AWX reads at the root of the project, or in the environment variable
    C(ANSIBLE_CALLBACKS_ENABLED).
"""

EXAMPLES = r"""
# ansible.cfg
ansible_cfg: |
  [defaults]
  callbacks_enabled = voip.hardening.fleet_progress

  [callback_fleet_progress]
  seconds = 30
"""

import time
from collections.abc import Callable
from typing import Any

from ansible.plugins.callback import CallbackBase

from ansible_collections.voip.hardening.plugins.module_utils.posture.progress import Progress
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import CLASSES, ERROR, UNREACHABLE

LOOKS = ("voip.hardening.device_posture", "device_posture")
"""The action whose results are counted, as playbooks spell it."""


class CallbackModule(CallbackBase):
    """See above. Looks at nothing but the class of a result, so that it costs the same for any result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "voip.hardening.fleet_progress"
    CALLBACK_NEEDS_ENABLED = True

    clock: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._play: Any = None
        self._progress: Progress | None = None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """A play, or the next hosts of one that takes them in turns."""
        self._close()
        self._play = play

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """The first device of a play is about to be looked at."""
        if self._progress is None and self._is_look(task):
            seconds, hosts = float(self.get_option("seconds")), int(self.get_option("hosts"))
            self._progress = Progress(self._size(), self.clock(), seconds, hosts)

    def v2_runner_on_ok(self, result: Any) -> None:
        """A device that could be looked at, or that this collection cannot judge."""
        if self._is_look(result._task):
            posture = result._result.get("posture")
            found = posture.get("class") if isinstance(posture, dict) else None
            self._seen(found if found in CLASSES else ERROR)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A device that could not be judged."""
        if self._is_look(result._task):
            self._seen(ERROR)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A device that could not be talked to."""
        if self._is_look(result._task):
            self._seen(UNREACHABLE)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The end of the last play."""
        self._close()

    def _is_look(self, task: Any) -> bool:
        return task.action in LOOKS

    def _size(self) -> int:
        """How many hosts the play has at a time; the strategy has restricted the inventory to them."""
        variables = self._play.get_variable_manager()
        return len(variables._inventory.get_hosts(self._play.hosts, order=self._play.order))

    def _seen(self, classification: str) -> None:
        if self._progress is not None:
            line = self._progress.seen(classification, self.clock())
            if line is not None:
                self._say(line)
            if self._progress.done >= self._progress.total:
                self._close()

    def _close(self) -> None:
        if self._progress is not None:
            self._say(self._progress.totals(self.clock()))
            self._progress = None

    def _say(self, line: str) -> None:
        self._display.display(f"fleet: {line}")
