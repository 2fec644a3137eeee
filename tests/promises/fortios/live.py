"""A FortiGate on a socket, for the suites that run `ansible-playbook`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.devices.fortigate import Request, Response, Switches
from tests.support.playbooks import host_variables
from tests.support.units import make_unit

ADMIN = "admin"
CONTROLLER = "10.0.0.10"

SIGNS = "\\'\"%&<>=+/{[(!$~`^|*;:,.?@#-_)]}\\n\\x41%20"
"""Visible ASCII characters that mean something in Python, JSON, YAML, URLs, HTML or a shell."""
LETTERS = "  äß€Ж\u00a0\U0001f511"
"""Blanks and letters, which no header can hold."""
WAYS: Mapping[str, str] = {"token": SIGNS, "password": SIGNS + LETTERS, "web form": SIGNS + LETTERS}

Change = Callable[[Request, Response], Response]


class LiveFortiGate:
    """A site run for years, which lets in by one of `WAYS`. Answers go through what `spoil` was given."""

    def __init__(self, way: str = "token", secret: str = "") -> None:
        self.unit = make_unit(
            "lived-in", seen_as=CONTROLLER, switches=Switches(authentication_call=way != "web form")
        )
        self.handed_out: list[str] = []
        self.asked: Callable[[], None] = lambda: None
        self._changes: list[tuple[str, re.Pattern[str], Change]] = []
        self._handle, self._log_in = self.unit.device.handle, self.unit.device.gate.log_in
        self.unit.device.handle = self._answer  # type: ignore[method-assign]
        self.unit.device.gate.log_in = self._new_session  # type: ignore[method-assign]
        self._credentials: dict[str, Any] = {}
        if secret and way == "token":
            self.unit.device.add_api_user("canary", secret)
            self._credentials = {"voip_access_token": secret}
        elif secret:
            self.unit.device.set_password(ADMIN, secret)
            self._credentials = {"voip_access_token": None, "ansible_user": ADMIN, "ansible_password": secret}

    def __enter__(self) -> LiveFortiGate:
        self.unit.server.__enter__()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.unit.server.__exit__(None, None, None)

    @property
    def connections(self) -> int:
        return self.unit.device.counters.connections

    def variables(self, **changes: Any) -> dict[str, Any]:
        return host_variables(self.unit, **{**self._credentials, **changes})

    def spoil(self, method: str, path: str, change: Change) -> None:
        """Let answers to such requests be others."""
        self._changes.append((method, re.compile(path), change))

    def _answer(self, request: Request) -> Response:
        self.asked()
        response = self._handle(request)
        for method, path, change in self._changes:
            if request.method == method and path.search(request.path):
                response = change(request, response)
        return response

    def _new_session(self, name: str, password: str, source: str | None, now: float) -> Any:
        session = self._log_in(name, password, source, now)
        if session is not None:
            self.handed_out += [session.key, session.csrf]
        return session
