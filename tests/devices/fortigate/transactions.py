"""Configuration transactions (workspace mode over REST): writes gather on a staged copy until commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import errors, facts
from .editor import Editor, Op
from .errors import Rejection
from .store import Config

DEFAULT_IDLE_SECONDS = 300.0


@dataclass
class Transaction:
    """One open transaction of one VDOM. ``ops`` are replayed on the running configuration at commit."""

    number: int
    vdom: str
    owner: str
    staged: Config
    idle_seconds: float
    expires: float
    ops: list[Op] = field(default_factory=list)
    touched: set[tuple[str, str, str]] = field(default_factory=set)


def locked_object(op: Op, mkey: Any = None) -> tuple[str, str, str]:
    """What a write locks: (path, VDOM or empty for unit-wide, key)."""
    key = op.keys[0] if op.keys else str(mkey if mkey is not None else "")
    return op.path, "" if facts.is_global(op.path) else op.vdom, key


class Workspace:
    """All open transactions of a device."""

    def __init__(self) -> None:
        self.open: dict[int, Transaction] = {}
        self._next = 1

    def start(self, config: Config, vdom: str, owner: str, idle: float, now: float) -> Transaction:
        """Open one; the caller's writes that name its number go to a staged copy."""
        transaction = Transaction(self._next, vdom, owner, config.copy(), idle, now + idle)
        self._next += 1
        self.open[transaction.number] = transaction
        return transaction

    def get(self, number: str, owner: str, now: float) -> Transaction:
        """The live transaction with that number; touching it restarts its idle timer. Raises Rejection."""
        transaction = self.open.get(int(number)) if number.isdigit() else None
        if transaction is None or transaction.owner != owner:
            raise Rejection(errors.NOT_FOUND, f"transaction {number} does not exist or has expired")
        transaction.expires = now + transaction.idle_seconds
        return transaction

    def expire(self, now: float) -> None:
        """Drop what was idle for too long, with all its changes."""
        self.open = {number: one for number, one in self.open.items() if now < one.expires}

    def check_lock(self, op: Op, own: Transaction | None) -> None:
        """Raise Rejection when another transaction has touched the object."""
        wanted = locked_object(op, op.body.get("name") or op.body.get("policyid") or op.body.get("id"))
        for transaction in self.open.values():
            if transaction is not own and wanted in transaction.touched and wanted[2] not in ("", "0"):
                raise Rejection(errors.NO_PERMISSION, f"{wanted[0]} {wanted[2]} is locked by another administrator")
            if transaction is not own and not wanted[2] and wanted in transaction.touched:
                table = transaction.staged.table(op.path)
                if table is not None and table.singleton:
                    raise Rejection(errors.NO_PERMISSION, f"{wanted[0]} is locked by another administrator")


def check_allowed(op: Op) -> None:
    """Raise Rejection for tables and fields that a transaction does not take."""
    refused = facts.TRANSACTION_REFUSED_FIELDS.get(op.path, frozenset())
    if op.path in facts.TRANSACTION_REFUSED or any(name in refused for name in op.body):
        raise Rejection(errors.COMMAND, f"{op.path} cannot be changed in a transaction")


def replay(transaction: Transaction, running: Config, editor: Editor) -> Config:
    """The running configuration with the transaction's writes applied; raises Rejection and changes nothing."""
    result = running.copy()
    editor.config = result
    for op in transaction.ops:
        editor.apply(op)
    return result


def pending_lines(transaction: Transaction) -> str:
    """The pending writes as CLI lines, as transaction-show prints them."""
    verbs = {"add": "edit", "set": "edit", "delete": "delete", "move": "move", "clone": "clone"}
    lines: list[str] = []
    for op in transaction.ops:
        lines.append(f"config {op.path.replace('.', ' ').replace('/', ' ')}")
        if op.keys or op.verb == "add":
            key = op.keys[0] if op.keys else op.body.get("name") or op.body.get("policyid") or op.body.get("id")
            lines.append(f'    {verbs[op.verb]} "{key}"')
        if op.verb in ("add", "set"):
            lines.extend(f"        set {name} {value!r}" for name, value in op.body.items())
            lines.append("    next")
        lines.append("end")
    return "\n".join(lines)
