# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One plan on its way to a FortiGate: a transaction where there can be one, and the automatic rollback.

Sources: documents 174532 and 530847 for transactions over REST; articles 191106 and 194054 for `cfg-save revert`, under
which changes act at once and the unit goes back to its saved configuration when they are not saved in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...document.diff import MOVE, Change
from ...document.model import Document, TableId
from ...errors import Misunderstood, Refused
from .guard import guarded_changes
from .session import Session
from .tables import GLOBAL
from .writer import BASE, request_for, table_path

REVERT_SECONDS = 307
"""How long the unit waits for us before it goes back. An odd number, so that one left armed by a controller that died
is told from a site that works in this mode by itself."""
FACTORY_REVERT_SECONDS = 600
_TRANSACTION_SECONDS = 60
_SAVE = "/api/v2/monitor/system/config/save"
_GLOBAL_SETTINGS = table_path("system/global")


class FortiOSBatch:
    """Sends changes one by one. `atomic`, `armed` and `lapse` as the engine wants them."""

    lapse = "the device goes back to its saved configuration by itself"

    def __init__(self, session: Session, changes: Sequence[Change], document: Document, vdom: str) -> None:
        self.atomic = False
        self.armed = 0
        self._session = session
        self._document = document
        self._vdom = vdom
        self._transaction: int | None = None
        self._sent: list[Change] = []
        settings = document.singleton(TableId(GLOBAL, "system/global"))
        self._saving = str(settings["cfg-save"])
        self._site_seconds = int(settings["cfg-revert-timeout"])
        self._must_arm = self._saving == "automatic" and bool(guarded_changes(changes, document))
        # A transaction belongs to one VDOM; on a unit with several, global tables are outside it.
        self._may_group = settings["vdom-mode"] == "no-vdom" and len(changes) > 1

    def start(self) -> None:
        """Arm the automatic rollback where the plan needs it, and open a transaction where there can be one."""
        if self._must_arm:
            # An answer that is lost leaves it armed; one that refuses does not.
            self.armed = REVERT_SECONDS
            try:
                self._write("PUT", _GLOBAL_SETTINGS, {"cfg-save": "revert", "cfg-revert-timeout": REVERT_SECONDS})
            except Refused:
                self.armed = 0
                raise
        if self._may_group:
            self._open_transaction()

    def _open_transaction(self) -> None:
        try:
            envelope = self._session.send(
                "POST", BASE, {"action": "transaction-start", "vdom": self._vdom}, {"timeout": _TRANSACTION_SECONDS}
            ).envelope()
        except Refused:
            return  # this unit or token has none: the plan's order is safe at every step without it
        results = envelope.get("results")
        results = results if isinstance(results, dict) else {}
        number = results.get("transaction-id", results.get("transaction_id"))
        if isinstance(number, bool) or not isinstance(number, int):
            raise Misunderstood(f"transaction-start: no transaction number in {results!r}")
        self._transaction = number
        self.atomic = True

    def send(self, change: Change) -> None:
        """Carry out one change. Raises `Refused` with the unit's reason.

        No source settles whether a row can be moved inside a transaction. A unit that refuses it gets the plan without
        one, which is as safe: every plan is in an order that keeps the site protected and connected at every step.
        """
        try:
            self._carry_out(change)
        except Refused:
            if self._transaction is None or change.action != MOVE:
                raise
            self.abort(self._session)
            self.atomic = False
            for earlier in (*self._sent, change):
                self._carry_out(earlier)
        self._sent.append(change)

    def _carry_out(self, change: Change) -> None:
        vdom = self._vdom if change.table.scope == GLOBAL else change.table.scope
        request = request_for(change, self._document.spec(change.table), vdom)
        headers = {} if self._transaction is None else {"X-TRANSACTION-ID": str(self._transaction)}
        self._session.send(request.method, request.path, request.params, request.body, headers).envelope()

    def commit(self) -> None:
        """Make the transaction's changes take effect; nothing to do without one. Steps sent later act at once."""
        if self._transaction is not None:
            self._end(self._session, "transaction-commit")
            self._transaction, self.atomic = None, False

    def abort(self, session: Session) -> None:
        """Drop the transaction's changes; the unit drops them by itself when its time is over."""
        if self._transaction is not None:
            self._end(session, "transaction-abort")
            self._transaction = None

    def _end(self, session: Session, action: str) -> None:
        session.send(
            "POST", BASE, {"action": action, "vdom": self._vdom}, {"transaction_id": self._transaction}
        ).envelope()

    def settle(self, session: Session) -> None:
        """Keep what is running: save it where the unit does not save by itself, and disarm the rollback."""
        if self.armed or self._saving != "automatic":
            session.send("POST", _SAVE, {"vdom": self._vdom}, {}).envelope()
        if self.armed:
            self._session = session
            self._write("PUT", _GLOBAL_SETTINGS, {"cfg-save": "automatic", "cfg-revert-timeout": self._site_seconds})
            self.armed = 0

    def _write(self, method: str, path: str, body: dict[str, Any]) -> None:
        self._session.send(method, path, {"vdom": self._vdom}, body).envelope()
