# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine asks of a platform."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol

from ..document.diff import Change, Desired
from ..document.model import Document
from ..findings import Finding
from ..policy.model import SitePolicy
from ..policy.reading import Report
from ..posture.record import ChangedBy, Unverifiable
from ..target import Target


@dataclass(slots=True)
class Observation:
    """What was read of one device: its tables, what it says of itself, and what was noticed on the way.

    `details` belongs to the platform. `armed`: the automatic rollback is on because of the plan that is being verified.
    `unverifiable`: what was asked for and cannot be read on this device, so that nobody may call it compliant.
    """

    document: Document
    about: dict[str, str]
    details: Any
    armed: bool = False
    findings: list[Finding] = field(default_factory=list)
    unverifiable: list[Unverifiable] = field(default_factory=list)

    @property
    def unverifiable_texts(self) -> list[str]:
        """Each text once, whatever number of controls it is about."""
        return list(dict.fromkeys(one.text for one in self.unverifiable))


class Session(Protocol):
    """A logged-in connection."""

    requests: int

    def __enter__(self) -> Session: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None: ...


class Batch(Protocol):
    """One plan on its way to a device: made without contacting it, then started, sent, committed and settled.

    `atomic`: nothing takes effect before `commit`, and `abort` drops it. `armed`: seconds after which `lapse` happens
    unless `settle` is reached, which says what the device then takes back by itself; 0 where it has no such thing or
    needs none.
    """

    atomic: bool
    armed: int
    lapse: str

    def start(self) -> None: ...

    def send(self, change: Change) -> None: ...

    def commit(self) -> None: ...

    def abort(self, session: Any) -> None: ...

    def settle(self, session: Any) -> None: ...


class Platform(Protocol):
    """One kind of device. Everything but `open`, `observe`, `begin` and `settle_flows` is pure.

    `options` are the module's platform options. `compile`, `withdraw` and `guard` raise `errors.NotPossible`,
    `errors.Unsupported` and `errors.LockOut`.
    """

    name: str
    usual_parent: str | None
    """The name of a port that usually carries the voice VLAN; None where the platform chooses by itself."""
    remembered: str
    """What the names of rows begin with that only remember what settings were before us."""

    def check(self, params: Mapping[str, Any], report: Report) -> None:
        """Report every module option that this platform cannot take."""

    def check_credentials(self, params: Mapping[str, Any], report: Report) -> None:
        """Report what nobody can log in with."""

    def check_pin(self, params: Mapping[str, Any], report: Report) -> None:
        """Report what is no fingerprint of what the device proves itself with."""

    def options_of(self, params: Mapping[str, Any]) -> Any:
        """The platform's options, of parameters that `check` let pass."""

    def prepare(self) -> None:
        """Do what is worth doing once, before Ansible forks its workers."""

    def rehearse_reading(self, observed: Observation, options: Any) -> None:
        """Read this device, which does not exist, in the way that `observe` reads a real one, as far as is worth it."""

    def open(self, target: Target) -> Any: ...

    def observe(self, session: Any, concerns: Sequence[str], options: Any) -> Observation: ...

    def offline(self, policy: SitePolicy, options: Any) -> Observation: ...

    def compile(
        self, policy: SitePolicy, concerns: Sequence[str], observed: Observation
    ) -> tuple[Desired, list[str]]: ...

    def withdraw(self, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]: ...

    def findings(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> list[Finding]: ...

    def guard(
        self, changes: Sequence[Change], observed: Observation, session: Any, policy: SitePolicy | None
    ) -> None: ...

    def begin(self, session: Any, changes: Sequence[Change], observed: Observation) -> Batch: ...

    def render(self, changes: Sequence[Change], observed: Observation) -> list[dict[str, Any]]: ...

    def owned(self, concerns: Sequence[str], observed: Observation) -> dict[str, Any]: ...

    def pending(self, changes: Sequence[Change], observed: Observation) -> list[str]:
        """What is not in force yet once the changes are made, such as settings that wait for a restart."""

    def awaiting_restart(self, observed: Observation) -> tuple[str, ...]:
        """The controls whose settings were written and wait for a restart."""

    def last_change(self, session: Any, observed: Observation) -> ChangedBy | None:
        """Who last changed the device, as it says; None where it does not. Asked only where something drifted.

        Raises `DeviceError` as reads do.
        """

    restart_notes: Collection[str]
    """What `pending` says of settings that wait for a restart."""

    def restart(self, session: Any) -> None:
        """Start the device again, where `pending` says that it waits for that."""

    def settle_flows(
        self, session: Any, policy: SitePolicy, controls: Collection[str], observed: Observation, clear: bool
    ) -> list[str]: ...
