"""A pfSense on a socket, for the suites that run `ansible-playbook`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.devices.pfsense.accounts import with_password
from tests.devices.pfsense.operations import MARK, request_of
from tests.support.pfsenses import make_pfsense, pfsense_variables

ADMIN = "admin"
SIGNS = "\\'\"%&<>{[($`|*;#)]} \\nä"
"""Characters that mean something in Python, JSON, YAML, URLs, XML or a shell, and one that is no ASCII: bcrypt takes 72
bytes of a password."""
WAYS: Mapping[str, str] = {"password": SIGNS, "sudo": SIGNS}
"""The administrator, and an account that runs `php` by sudo."""
Change = Callable[[dict[str, Any]], None]


class LivePfSense:
    """A box that was run for years, which lets in by one of `WAYS`."""

    def __init__(self, way: str = "password", secret: str = "") -> None:
        self.unit = make_pfsense("lived-in", host="127.0.40.2")
        self.device = self.unit.device
        self.handed_out: list[str] = []
        self.asked: Callable[[], None] = lambda: None
        self._changes: list[tuple[str, Change]] = []
        self._texts: list[tuple[str, Callable[[str], str]]] = []
        self._handle = self.device.handle
        self.device.handle = self._answer  # type: ignore[method-assign]
        self._given: dict[str, Any] = {}
        self.account = "ops" if way == "sudo" else ADMIN
        self._given["ansible_user"] = self.account
        if secret:
            self.let_in_with(secret)
            self._given["ansible_password"] = secret

    def let_in_with(self, secret: str) -> None:
        """Another password of the account's, which is on."""
        tree = self.device.config
        with_password(tree, self.account, secret)
        for user in tree["system"]["user"]:
            if user["name"] == self.account:
                user.pop("disabled", None)
        self.device.gui_write({"system/user": tree["system"]["user"]})
        self.device.gui_apply()

    def __enter__(self) -> LivePfSense:
        self.unit.server.__enter__()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.unit.server.__exit__(None, None, None)

    @property
    def connections(self) -> int:
        return self.device.counters.connections

    def variables(self, **changes: Any) -> dict[str, Any]:
        return pfsense_variables(self.unit, **{**self._given, **changes})

    def change(self, op: str, change: Change) -> None:
        """Let answers to an operation be others."""
        self._changes.append((op, change))

    def say(self, op: str, told: Callable[[str], str]) -> None:
        """Let something else be printed for an operation, made of what would be."""
        self._texts.append((op, told))

    def _answer(self, program: str) -> bytes:
        self.asked()
        op = (request_of(program) or {}).get("op", "")
        text = self._handle(program).decode()
        for wanted, change in self._changes:
            if wanted == op:
                answer = json.loads(text.split("\n")[2])
                change(answer)
                text = f"\n{MARK}\n{json.dumps(answer)}\n{MARK}\n"
        for wanted, told in self._texts:
            text = told(text) if wanted == op else text
        return text.encode()
