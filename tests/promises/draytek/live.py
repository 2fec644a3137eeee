"""A Vigor on a socket, for the suites that run `ansible-playbook`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.devices.vigor.device import Reply
from tests.devices.vigor.factory import RULE
from tests.support.vigors import make_vigor, vigor_variables

ADMIN = "admin"
CONTROLLER = "127.0.0.1"
"""Where all connections come from."""
RESERVED = 24
"""IP objects that are kept: the fewest, since every one is asked for."""

SIGNS = "\\'\"%&<>={[(!$~`^|*;:?@#-/.,)]}\\n%20"
"""Visible ASCII characters that mean something in Python, JSON, YAML, URLs, HTML or a shell: passwords end at 83."""
WAYS: Mapping[str, str] = {"password": SIGNS, "telnet": SIGNS, "legacy": SIGNS}
"""SSH, telnet, and SSH to old firmware, which knows broken algorithms only."""

Change = Callable[[str], str]


class LiveVigor:
    """A small unit that was run for years, which lets in by one of `WAYS`."""

    def __init__(self, way: str = "password", secret: str = "") -> None:
        knobs = {"crypto": "legacy"} if way == "legacy" else {}
        self.unit = make_vigor("lived-in", telnet=way == "telnet", knobs=knobs)
        self.device = self.unit.device
        self.handed_out: list[str] = []
        self.asked: Callable[[], None] = lambda: None
        self._changes: list[tuple[re.Pattern[str], Change]] = []
        self._handle = self.device.handle
        self.device.handle = self._answer  # type: ignore[method-assign]
        self._given: dict[str, Any] = {"voip_reserved_objects": RESERVED}
        if way == "telnet":
            self._given["voip_transport"] = "telnet"
        if way == "legacy":
            self._given["voip_legacy_ssh"] = True
        if secret:
            self.device.set_password(ADMIN, secret)
            self._given["ansible_password"] = secret

    def __enter__(self) -> LiveVigor:
        self.unit.server.__enter__()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.unit.server.__exit__(None, None, None)

    @property
    def connections(self) -> int:
        return self.device.counters.connections

    def variables(self, **changes: Any) -> dict[str, Any]:
        return vigor_variables(self.unit, **{**self._given, **changes})

    def spoil(self, line: str, change: Change) -> None:
        """Let answers to lines in which this regular expression finds something be others."""
        self._changes.append((re.compile(line), change))

    def rename(self, name: str) -> None:
        """Another name of the router, however long, which its prompt shows too."""
        self.device._state.config["name"] = name

    def let_in(self, comment: str) -> None:
        """One more rule of the site's, which lets everything in, with a comment however long."""
        rule = {**RULE, "enabled": 1, "direction": 1, "in": ["WAN1"], "comment": comment}
        self.device._state.config["sets"]["5"]["rules"]["3"] = rule

    def _answer(self, line: str) -> Reply:
        self.asked()
        reply = self._handle(line)
        for wanted, change in self._changes:
            if wanted.search(line) and not (reply.cut or reply.hangs or reply.closes):
                reply = replace(reply, text=change(reply.text))
        return reply
