"""What commands work on: the stored configuration, the model, the knobs, and what is not stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .grammar import Usage
from .knobs import Knobs
from .models import Model

Entry = dict[str, Any]
NAME_LIMIT = 14
REBOOT_NOTE = (
    '\r\n This setting will take effect after rebooting.\r\n Please use "sys reboot" command to reboot the router.'
)


def lines(*rows: str) -> str:
    """Rows as a unit ends them."""
    return "\r\n".join(rows)


class State:
    """The configuration of one unit and what its commands note about themselves.

    ``took`` is set by every command that changed or confirmed a stored value, ``wants`` names what a command asks of
    the unit itself: reboot, halt or leave.
    """

    def __init__(self, config: Entry, model: Model, knobs: Knobs) -> None:
        self.config = config
        self.model = model
        self.knobs = knobs
        self.took = False
        self.wants = ""
        self.paging = True
        self.restart_vlans = False
        self.uptime = 0.0
        self.now = datetime(2026, 1, 5, 12, 0)
        self.history: list[str] = []
        self.autoreboot = [0, 0]

    def put(self, table: Entry, key: str, factory: Entry, changes: Entry) -> None:
        """Change an entry of a table that holds only what differs from factory."""
        entry = {**factory, **table.get(key, {}), **changes}
        if entry == factory:
            table.pop(key, None)
        else:
            table[key] = entry
        self.took = True

    def change(self, entry: Entry, **changes: Any) -> None:
        """Change fields of an entry that is always there."""
        entry.update(changes)
        self.took = True

    def name(self, text: str) -> str:
        """A name of an object or group, within what the unit takes."""
        if not text and self.knobs.empty_name == "refused":
            raise Usage
        if len(text) > NAME_LIMIT and self.knobs.long_name == "refused":
            raise Usage
        return text[:NAME_LIMIT]

    def comment(self, text: str, limit: int, small: int) -> str:
        """A comment, cut where the unit cuts it; ``small`` is the limit of the small class."""
        if limit < 0:
            limit = 0 if self.model.large else small
        return text[:limit] if limit else text
