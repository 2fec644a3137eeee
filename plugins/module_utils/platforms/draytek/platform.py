# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DrayTek Vigor as the engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any

from ... import hostkeys
from ...document.diff import DELETE, Change, Desired, apply_to
from ...document.model import Document, TableSpec
from ...document.render import rows_shown
from ...findings import Finding
from ...policy.model import SitePolicy
from ...posture.record import ChangedBy
from ...target import Target
from ..base import Observation
from . import exposure, guard, memory, names, options
from .batch import VigorBatch
from .blank import blank_observation
from .compiler import compile_policy, withdraw
from .models import Limits
from .observation import Reader
from .options import Options
from .ownership import Ownership
from .session import Session
from .tables import ACCESS_LIST, AFTER_RESTART, OBJECTS, REMOTE, VLAN, VLAN_ROWS, table
from .writer import commands_for

RESTART = (
    "restart: settings of LANs and the list of administrators take effect when the unit is started again "
    "(voip_allow_reboot: true does that)"
)


_WAITING = {memory.VOICE: "VLAN-1", memory.MANAGEMENT: "WEB-3"}
"""The control that settings of a concern are for that take effect after a restart."""


class DrayTek:
    """Vigor routers with DrayOS 3.9 to 4.x, by their command line."""

    name = "draytek"
    usual_parent: str | None = None
    remembered = names.REMEMBERED
    check = staticmethod(options.check)
    check_credentials = staticmethod(options.check_credentials)
    check_pin = staticmethod(hostkeys.check_pin)
    options_of = staticmethod(options.options_of)

    def prepare(self) -> None:
        """Load netmiko, which takes longer than a whole check."""
        import_module(f"{__package__}.driver")

    def rehearse_reading(self, observed: Observation, options: Options) -> None:
        """Nothing: what a check costs is waiting for the device."""

    def open(self, target: Target) -> Session:
        return Session(target)

    def observe(self, session: Session, concerns: Sequence[str], options: Options) -> Observation:
        """Read what these concerns look at.

        Raises `Unsupported` for units that must not be changed and `Misunderstood` for strange answers.
        """
        observed = Reader(session, concerns, options).observe()
        observed.findings += _of_the_way_in(session.target)
        return observed

    def offline(self, policy: SitePolicy, options: Options) -> Observation:
        """A unit as it leaves the factory, for showing the lines without one."""
        return blank_observation(options)

    def compile(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]:
        desired, remarks, observed.unverifiable = compile_policy(
            policy, concerns, observed.document, observed.details, observed.armed
        )
        return desired, remarks

    def withdraw(self, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]:
        return withdraw(concerns, observed.document, observed.details, observed.armed)

    def findings(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> list[Finding]:
        found: list[Finding] = []
        forwards = observed.details.forwards
        if forwards is not None:
            exposed = exposure.findings(policy, observed.document, forwards, observed.armed)
            found += [one for one in exposed if one.control != "WEB-1" or "voice_vlan" in concerns]
        if "management_access" in concerns:
            found += _left_open(observed)
        return found

    def guard(
        self, changes: Sequence[Change], observed: Observation, session: Session, policy: SitePolicy | None
    ) -> None:
        declared = policy.management.source if policy and policy.management else None
        source = str(declared or session.local_address)
        guard.check(changes, observed.document, guard.Path(session.peer_address, source, session.target.transport))

    def begin(self, session: Session, changes: Sequence[Change], observed: Observation) -> VigorBatch:
        return VigorBatch(session, changes, observed.document, observed.details)

    def render(self, changes: Sequence[Change], observed: Observation) -> list[dict[str, Any]]:
        lines = [line.text for change in changes for line in commands_for(change, observed.document, observed.details)]
        if any(change.table.path in (VLAN, VLAN_ROWS) for change in changes):
            lines.append("vlan restart")
        if lines:
            lines.append("sys commit")
        return [{"command": line} for line in lines]

    def owned(self, concerns: Sequence[str], observed: Observation) -> dict[str, Any]:
        """Our rows on the unit, by table and key; settings that concerns look at are shown whole."""
        ownership = Ownership(observed.document, observed.details.ports)
        return rows_shown(
            observed.document, lambda table, row: ownership.claims(table, row, concerns), TableSpec.key_of
        )

    def pending(self, changes: Sequence[Change], observed: Observation) -> list[str]:
        """Whether the unit has to be started again: for what this plan changes, or for what an earlier one changed."""
        if any(_takes_a_restart(change, observed.details.limits) for change in changes):
            return [RESTART]
        return [RESTART] if _waiting(apply_to(observed.document, list(changes)), observed) else []

    def awaiting_restart(self, observed: Observation) -> tuple[str, ...]:
        """What earlier runs wrote and the unit was not started for since."""
        return _waiting(observed.document, observed)

    def last_change(self, session: Session, observed: Observation) -> ChangedBy | None:
        """No documented line of a Vigor shows who changed it."""
        return None

    restart_notes: Collection[str] = (RESTART,)

    def restart(self, session: Session) -> None:
        session.restart()

    def settle_flows(
        self, session: Session, policy: SitePolicy, controls: Collection[str], observed: Observation, clear: bool
    ) -> list[str]:
        """A Vigor has no line that closes chosen sessions: those that are open live on until they time out."""
        if not {"FW-1", "FW-2", "FW-3", "SVC-1"} & set(controls):
            return []
        return ["sessions that were open before live on until they time out, with whomever they are"]


def _takes_a_restart(change: Change, limits: Limits) -> bool:
    if change.table.path == ACCESS_LIST:
        return limits.acl_restarts
    fields = set(change.after or {}) | (set(change.before or {}) if change.action == DELETE else set())
    return bool(fields & AFTER_RESTART.get(change.table.path, frozenset()))


def _waiting(document: Document, observed: Observation) -> tuple[str, ...]:
    """The controls whose settings wait for the next start, by notes of when the unit had started when they changed, in
    seconds since 1970."""
    noted = {row["name"]: row for row in document.tables.get(table(OBJECTS), ())}
    return tuple(
        _WAITING[concern]
        for concern, name in memory.STARTS.items()
        if name in noted and observed.details.started <= memory.number_of(noted[name]) + memory.CLOCK_SLACK
    )


def _of_the_way_in(target: Target) -> list[Finding]:
    """What is wrong with how we log in."""
    found = []
    if target.transport == "telnet":
        found.append(
            Finding("WEB-3", "high", "telnet", "the password travels unencrypted", "Use SSH (voip_transport: ssh)")
        )
    if target.legacy_ssh:
        found.append(
            Finding(
                "FWM-3",
                "medium",
                "SSH",
                "broken key exchange and ciphers are allowed for this host (voip_legacy_ssh)",
                "Update the unit's firmware, then take the variable away",
            )
        )
    if target.transport == "ssh" and not target.validate_certs and not target.fingerprint:
        found.append(Finding("WEB-3", "medium", "SSH", "the host key is not verified", "Pin it in voip_fingerprint"))
    if (target.username, target.password.reveal()) == ("admin", "admin"):
        found.append(
            Finding("ADM-4", "critical", "account admin", "it has the factory password", "Set a strong password")
        )
    return found


def _left_open(observed: Observation) -> list[Finding]:
    """What management_access leaves alone and a reviewer should see."""
    found = []
    row = observed.document.singleton(table(REMOTE))
    if observed.details.remote_is_shown and row["master"] and "tr069" in row["services"]:
        found.append(
            Finding(
                "WEB-3",
                "low",
                "TR-069",
                "the unit can be managed by TR-069 from the WAN",
                "Switch it off unless a VigorACS manages the unit",
            )
        )
    return found
