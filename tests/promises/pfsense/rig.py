"""A generated pfSense under test, reached in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure, execute
from ansible_collections.voip.hardening.plugins.module_utils.options import argument_spec
from tests.devices.pfsense.operations import OWN
from tests.promises.pfsense.sites import ADMIN, LAN, PASSWORD, Remembering, Site, built
from tests.promises.pfsense.states import State, View
from tests.promises.pfsense.wanted import Wanted, options
from tests.promises.pfsense.wire import Request, Tamper, Wire, changes


class PfSenseRig:
    """One box of a site."""

    def __init__(self, site: Site) -> None:
        self.device: Remembering = built(site)  # type: ignore[assignment]
        self.wire = Wire(self.device)

    def __enter__(self) -> PfSenseRig:
        self.wire.__enter__()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.wire.__exit__()

    @property
    def state(self) -> State:
        return State.of(self.device)

    @property
    def writes(self) -> int:
        return sum(map(changes, self.wire.asked))

    @property
    def requests(self) -> int:
        return len(self.wire.asked)

    def run(self, wanted: Wanted, *, check: bool = False, state: str = "replaced") -> dict[str, Any]:
        asked = options(wanted)
        if state == "deleted":
            # Taking away does not depend on what the policy asks for today.
            asked = {"concerns": asked["concerns"]}
        given = {
            "platform": "pfsense", "host": LAN, "username": ADMIN, "password": PASSWORD, "state": state, "timeout": 60,
            **asked,
        }
        checked = ArgumentSpecValidator(argument_spec("firewall")).validate(given)
        assert not checked.error_messages, checked.error_messages
        return execute("firewall", checked.validated_parameters, check)

    def outcome(
        self, wanted: Wanted, *, check: bool = False, state: str = "replaced"
    ) -> tuple[dict[str, Any] | None, Any]:
        try:
            return self.run(wanted, check=check, state=state), None
        except Failure as failure:
            return None, failure

    def copy(self) -> PfSenseRig:
        other = PfSenseRig.__new__(PfSenseRig)
        other.device = self.device.copy()
        other.wire = Wire(other.device)
        return other

    def condition(self) -> str:
        box = self.device
        own = {name: box.files.read(f"{OWN}/{name}") for name in box.files.listed(OWN)}
        timers = [[timer.due, timer.token] for timer in box.timers]
        return json.dumps([box.xml, box.state(), own, timers, box.in_force], sort_keys=True, default=str)

    def cut(self, kind: str, at: int) -> None:
        self.device.faults.plant(kind=kind, at=at, times=1)

    def advance(self, seconds: float) -> None:
        self.device.advance(seconds)

    @contextmanager
    def spoiling(self, tamper: Tamper, said: dict[str, str] | None = None) -> Iterator[None]:
        self.wire.tamper, self.wire.said = tamper, said
        try:
            yield
        finally:
            self.wire.tamper = self.wire.said = None

    def reads(self, wanted: Wanted) -> dict[str, Any]:
        """The answer that a run gets to what it reads."""
        found: list[str] = []

        def keep(request: Request, answer: str) -> str:
            if not changes(request):
                found.append(answer)
            return answer

        with self, self.spoiling(keep):
            self.run(wanted, check=True)
        answer: dict[str, Any] = json.loads(found[0].split("\n")[2])
        return answer

    @contextmanager
    def points(self) -> Iterator[list[Any]]:
        found: list[Any] = []
        self.wire.seen = lambda request: found.append(self.copy())
        try:
            yield found
        finally:
            self.wire.seen = None

    @contextmanager
    def steps(self) -> Iterator[list[tuple[str, Any]]]:
        taken: list[tuple[str, Any]] = []
        known: dict[str, View] = {}

        def seen(request: Request) -> None:
            if changes(request):
                state = self.state
                state.view = known.setdefault(json.dumps(state.view.config, sort_keys=True), state.view)
                taken.append((request["op"], state))

        self.wire.seen = seen
        try:
            yield taken
        finally:
            self.wire.seen = None
