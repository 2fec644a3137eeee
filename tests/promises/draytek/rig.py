"""A generated Vigor under test, reached in this process."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voip.hardening.plugins.module_utils.module import Failure, execute
from ansible_collections.voip.hardening.plugins.module_utils.options import argument_spec
from tests.devices.vigor import Vigor
from tests.promises.draytek.sites import ADMIN, PASSWORD, Site, built
from tests.promises.draytek.states import State, View, in_effect
from tests.promises.draytek.wanted import Wanted, options
from tests.promises.draytek.wire import CONTROLLER, Tamper, Wire, changes


class VigorRig:
    """One unit of a site."""

    def __init__(self, site: Site) -> None:
        device, host = built(site)
        self.device = device
        self.wire = Wire(device, host, CONTROLLER)

    def __enter__(self) -> VigorRig:
        self.wire.__enter__()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.wire.__exit__()

    @property
    def state(self) -> State:
        with self.device.lock:
            return State(self.device.stored(), self.device.running(), self.device.now, self.device.knobs)

    @property
    def writes(self) -> int:
        return sum(map(changes, self.wire.typed))

    @property
    def requests(self) -> int:
        return len(self.wire.typed)

    def run(self, wanted: Wanted, *, check: bool = False, state: str = "replaced") -> dict[str, Any]:
        asked = options(wanted)
        if state == "deleted":
            # Taking away does not depend on what the policy asks for today.
            asked = {name: asked[name] for name in ("concerns", "reserved_objects", "transport")}
        given = {
            "platform": "draytek", "host": self.wire.host, "username": ADMIN, "password": PASSWORD, "state": state,
            "timeout": 60, **asked,
        }
        checked = ArgumentSpecValidator(argument_spec("firewall")).validate(given)
        assert not checked.error_messages, checked.error_messages
        try:
            return execute("firewall", checked.validated_parameters, check)
        finally:
            assert not self.wire.objections, self.wire.objections

    def outcome(
        self, wanted: Wanted, *, check: bool = False, state: str = "replaced"
    ) -> tuple[dict[str, Any] | None, Any]:
        try:
            return self.run(wanted, check=check, state=state), None
        except Failure as failure:
            return None, failure

    def copy(self) -> VigorRig:
        device = self.device
        with device.lock:
            twin = Vigor(device.stored(), knobs=device.knobs, clock=lambda: 0.0)
            # What a unit holds besides its stored configuration has no public setter: nobody else sets it.
            twin._in_force = pickle.loads(pickle.dumps(device._in_force))
            twin._skipped, twin._booted_at = device._skipped, device._booted_at
        other = VigorRig.__new__(VigorRig)
        other.device = twin
        other.wire = Wire(twin, self.wire.host, self.wire.source)
        return other

    def condition(self) -> str:
        device = self.device
        held = [number for number in device.stored()["schedules"] if device.schedule_holds(int(number))]
        return json.dumps([device.stored(), device.running(), held], sort_keys=True)

    def cut(self, kind: str, at: int) -> None:
        self.device.faults.plant(kind=kind, at=at, times=1)

    def advance(self, seconds: float) -> None:
        self.device.advance(seconds)

    def restart(self) -> None:
        """Start the unit again: what is stored comes into force."""
        self.device.reboot()

    @contextmanager
    def spoiling(self, tamper: Tamper, said: dict[str, str] | None = None) -> Iterator[None]:
        self.wire.tamper, self.wire.said = tamper, said
        try:
            yield
        finally:
            self.wire.tamper = self.wire.said = None

    def reads(self, wanted: Wanted) -> dict[str, str]:
        """What a run reads, and the good answers."""
        found: dict[str, str] = {}

        def keep(line: str, answer: str) -> str:
            if not changes(line):
                found[line] = answer
            return answer

        with self, self.spoiling(keep):
            self.run(wanted, check=True)
        return found

    @contextmanager
    def points(self) -> Iterator[list[Any]]:
        found: list[Any] = []
        self.wire.seen = lambda line: found.append(self.copy())
        try:
            yield found
        finally:
            self.wire.seen = None

    @contextmanager
    def steps(self) -> Iterator[list[tuple[str, Any]]]:
        taken: list[tuple[str, Any]] = []
        known: dict[str, View] = {}
        last: list[View] = []

        def seen(line: str) -> None:
            if changes(line):
                state = self.state
                state.views = {when: known.setdefault(in_effect(v.config), v) for when, v in state.views.items()}
                if list(state.views.values()) != last:
                    last[:] = state.views.values()
                    taken.append((line, state))

        self.wire.seen = seen
        try:
            yield taken
        finally:
            self.wire.seen = None
