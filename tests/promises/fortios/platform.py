"""FortiOS for the suites of promises."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.devices.fortigate import FortiGate, Request
from tests.devices.fortigate.messages import Response
from tests.promises.base import Platform
from tests.promises.fortios.answers import UNNOTICED, spoilt_answers, spoilt_fields
from tests.promises.fortios.bad_input import BAD_INPUT, BAD_OPTIONS, bad_files
from tests.promises.fortios.fields import WATCHED, asked_for
from tests.promises.fortios.live import WAYS, LiveFortiGate
from tests.promises.fortios.mishaps import MISHAPS
from tests.promises.fortios.questions import questions
from tests.promises.fortios.sites import SITES, Site, bare, built
from tests.promises.fortios.wanted import NEARLY, PLAIN, POLICIES, Wanted, options
from tests.promises.fortios.wire import Wire
from tests.support.managed import managed_by
from tests.support.outcomes import without
from tests.support.states import assert_foreign_untouched, assert_same, comparable, differences, managed
from tests.support.units import Unit

_BUILDING_BLOCK = re.compile(
    r"/cmdb/(firewall/(address6?|addrgrp6?)|firewall\.service/(custom|group)|firewall\.shaper/traffic-shaper|"
    r"system\.lldp/network-policy)(/|$)"
)
"""Objects that do nothing until a rule names them: one that is new is named nowhere, one that is named cannot go."""


class FortiGateRig:
    """A generated FortiGate; `transactions` False lets every step take effect at once."""

    def __init__(self, site: Site, *, transactions: bool = False) -> None:
        self._use(built(site, transactions=transactions))

    def _use(self, unit: Unit) -> None:
        self.unit = unit
        self.wire = unit.server

    def __enter__(self) -> FortiGateRig:
        self.wire.__enter__()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.wire.__exit__(None, None, None)

    @property
    def state(self) -> Any:
        return self.unit.state

    @property
    def writes(self) -> int:
        return len(self.unit.writes)

    @property
    def requests(self) -> int:
        return len(self.unit.device.log)

    def run(self, wanted: Wanted, *, check: bool = False, state: str = "replaced") -> dict[str, Any]:
        return self.unit.run(check=check, state=state, **_options(wanted, state))

    def outcome(
        self, wanted: Wanted, *, check: bool = False, state: str = "replaced"
    ) -> tuple[dict[str, Any] | None, Any]:
        return self.unit.outcome(check=check, state=state, **_options(wanted, state))

    def copy(self) -> FortiGateRig:
        device = self.unit.device
        with device.lock:
            twin = FortiGate(device.stored(), switches=device.switches, ha_role=device.ha_role)
            # What a unit holds besides its running configuration has no public setter: nobody else sets it.
            twin._flash = device._flash.copy() if device._flash is not None else None
            twin._revert_at = device._revert_at
            twin._skipped = device._skipped
            twin.workspace = copy.deepcopy(device.workspace)
        other = FortiGateRig.__new__(FortiGateRig)
        other._use(Unit(twin, Wire(twin, self.wire.host, self.wire.source), self.unit.options))  # type: ignore[arg-type]
        return other

    def condition(self) -> str:
        device = self.unit.device
        flash = device._flash.data() if device._flash is not None else None
        touched = [sorted(one.touched) for one in device.workspace.open.values()]
        return json.dumps([device.stored(), flash, device._revert_at is not None, touched], sort_keys=True)

    def cut(self, kind: str, at: int) -> None:
        self.unit.device.faults.plant(kind=kind, at=at, times=1)

    def advance(self, seconds: float) -> None:
        self.unit.device.advance(seconds)

    @contextmanager
    def spoiling(
        self, tamper: Callable[[Request, Response], Response], said: dict[str, Response] | None = None
    ) -> Iterator[None]:
        self.wire.tamper, self.wire.said = tamper, said
        try:
            yield
        finally:
            self.wire.tamper, self.wire.said = None, None

    def reads(self, wanted: Wanted) -> dict[str, Any]:
        """What a run reads, and the good answers."""
        found: dict[str, Any] = {}

        def keep(request: Request, response: Response) -> Response:
            if request.method == "GET":
                found[request.target] = response.json()
            return response

        with self, self.spoiling(keep):
            self.run(wanted, check=True)
        return found

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

        def seen(request: Request) -> None:
            changes = request.method == "PUT" or not _BUILDING_BLOCK.search(request.path)
            if request.method != "GET" and "/cmdb/" in request.path and changes:
                name = f"{request.method} {request.target.partition('/cmdb/')[2]} {request.body.decode()[:90]}"
                taken.append((name, _copy_of(self.unit)))

        self.wire.seen = seen
        try:
            yield taken
        finally:
            self.wire.seen = None


def _copy_of(unit: Unit) -> Any:
    """What `FortiGate.stored` returns, made faster: it is asked for after every step."""
    config = unit.device.config
    return pickle.loads(pickle.dumps({"version": str(config.version), "global": config.unit, "vdom": config.vdom}))


def _options(wanted: Wanted, state: str) -> dict[str, Any]:
    asked = options(wanted)
    # Taking away does not depend on what the policy asks for today.
    return {"concerns": asked["concerns"]} if state == "deleted" else asked


def _foreign_untouched(before: Any, after: Any, wanted: Wanted) -> None:
    allowed = [one for concern in wanted["concerns"] for one in managed_by(concern)]
    if wanted["enforce_exclusive"] and "sip_allowlist" in wanted["concerns"]:
        allowed += [
            managed("firewall/policy", "status"),
            managed("firewall/local-in-policy", "status"),
            managed("firewall/local-in-policy6", "status"),
        ]
    parent = wanted["voice_vlan"].get("parent_interface")
    if "voice_vlan" in wanted["concerns"]:
        allowed.append(
            managed("system/interface", "lldp-transmission", "lldp-network-policy", rows=lambda r: r["name"] == parent)
        )
    if "management_access" in wanted["concerns"]:
        wans = wanted["wan_interfaces"] or ()
        allowed.append(managed("system/interface", "allowaccess", "ipv6", rows=lambda r: r["name"] in wans))
    assert_foreign_untouched(before, after, allowed)


_ROLLBACK = managed("system/global", "cfg-save", "cfg-revert-timeout")


def _unlike(first: Any, second: Any) -> list[str]:
    both = (comparable(without(state, _ROLLBACK), numbers=False) for state in (first, second))
    return differences(*both)


_TRAINS = ("7.0.5", "7.2.8", "7.4.4", "7.6.2")

FORTIOS = Platform(
    name="fortios",
    sites=SITES,
    policies=POLICIES,
    make=FortiGateRig,
    modes={"single": {"transactions": False}, "grouped": {"transactions": True}},
    impossible=lambda _rig, _wanted: (),
    questions=questions,
    assert_same=assert_same,
    assert_foreign_untouched=_foreign_untouched,
    unlike=_unlike,
    asked_for=lambda rig: asked_for(rig.reads(PLAIN)),
    spoilt_fields=lambda rig: spoilt_fields(rig.reads(PLAIN)),
    spoilt_answers=lambda rig: spoilt_answers(rig.reads(PLAIN)),
    starts=tuple(
        (f"{start}-{version}", bare(version, start)) for start in ("lived-in", "factory") for version in _TRAINS
    ),
    watched=tuple(
        (f"{release}-{wan}", bare(release, "lived-in", wan=wan, six=True, ha=role, **WATCHED))
        for release, wan, role in (("7.0.5", "plain", "standalone"), ("7.6.2", "sdwan", "primary"))
    ),
    unnoticed=UNNOTICED,
    plain=PLAIN,
    nearly=NEARLY,
    breaks=("cut-before", 3),
    rollback_seconds=400,
    reverts=True,
    live=LiveFortiGate,
    ways=WAYS,
    mishaps=MISHAPS,
    bad_input=BAD_INPUT,
    bad_options=BAD_OPTIONS,
    bad_files=bad_files,
)
