# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One plan on its way to a pfSense: one write, all of it or nothing, and a rollback that waits on the box itself.

The box compares its configuration with the one that was read and writes nothing where it is another. Before it
writes, it keeps a copy and starts a timer that puts the copy back; once a fresh log-in has read everything back, the
timer is stopped.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from ...document.diff import Change
from ...document.model import Document
from ...errors import Misunderstood, Refused
from .details import Details
from .observation import OUR_RUNS
from .session import Session
from .writer import work_for

ROLLBACK_SECONDS = 120
DESCRIPTION = f"{OUR_RUNS}the site's voice policy"


class PfSenseBatch:
    """Keeps changes until `commit`. `atomic`, `armed` and `lapse` as the engine wants them."""

    atomic = True
    lapse = "the box goes back to the configuration that it had by itself"

    def __init__(self, session: Session, changes: Sequence[Change], document: Document, details: Details) -> None:
        self.armed = 0
        self._session = session
        self._changes = list(changes)
        self._document = document
        self._details = details
        self._token = secrets.token_hex(8)
        self._stopped = False

    def start(self) -> None:
        """Stop a rollback that a lost controller left armed. Raises `Refused` where it has happened meanwhile."""
        if self._details.armed:
            answer = self._session.ask({"op": "disarm", "token": self._details.armed})
            if answer.get("fired") is True:
                raise Refused("the rollback of an earlier run has happened meanwhile; run again")

    def send(self, change: Change) -> None:
        """Everything goes with `commit`."""

    def commit(self) -> None:
        """Write and apply. Raises `Refused` with the box's reason."""
        work = work_for(self._changes, self._document, self._details)
        self.armed = ROLLBACK_SECONDS if work.edits else 0
        try:
            self._session.ask(
                {
                    "op": "write",
                    "digest": self._details.digest,
                    "revision": self._details.revision,
                    "description": DESCRIPTION,
                    "edits": work.edits,
                    "apply": work.apply,
                    "rollback": self.armed,
                    "token": self._token,
                }
            )
        except Refused:
            self.armed = 0  # nothing was written, or the box has put it back
            raise

    def abort(self, session: Session) -> None:
        """Put the configuration back that the box had. Raises `Refused` where nothing of ours was written."""
        session.ask({"op": "restore", "token": self._token})
        self.armed = 0

    def settle(self, session: Session) -> None:
        """Stop the rollback. Raises `Refused` where it has happened."""
        if not self.armed or self._stopped:
            self.armed = 0
            return
        try:
            answer = self._disarmed(session)
        except Misunderstood:
            answer = self._disarmed(session)  # asking twice does no harm
        if answer.get("fired") is True:
            self.armed = 0
            raise Refused("the rollback was faster: the box has the configuration that it had before")
        # One that is neither armed nor has fired was stopped by a request whose answer was lost.
        self._stopped = True
        self.armed = 0

    def _disarmed(self, session: Session) -> dict[str, Any]:
        return session.ask({"op": "disarm", "token": self._token})
