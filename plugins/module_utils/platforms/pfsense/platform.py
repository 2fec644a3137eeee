# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pfSense as the engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any

from ...document.diff import Change, Desired, Entry
from ...document.model import RowId, TableSpec
from ...document.render import rows_shown
from ...findings import Finding
from ...hostkeys import check_pin
from ...policy.model import SitePolicy
from ...posture.record import ChangedBy, Unverifiable
from ...target import Target
from ..base import Observation
from . import exposure, guard, names, observation, options, reader
from .batch import PfSenseBatch
from .blank import blank_answer
from .compiler import compile_policy, withdraw
from .details import Details
from .options import Options
from .ownership import Ownership
from .session import Session
from .tables import RUNNING, SSH, table
from .topology import Topology
from .writer import work_for

_OUTSIDE_CONTROLS = {"FW-1", "FW-2", "FW-3", "SVC-1", "VLAN-3"}
_UNSAID = Unverifiable(
    "ADM-4",
    "account admin: its password is not kept as a bcrypt hash, so that it cannot be compared with the factory password",
    # That is the site's choice (User Manager, Settings), and no run will see more.
    lasting=True,
)


class PfSense:
    """pfSense CE 2.7.2 and 2.8 and the Plus releases of that time, by SSH and their own PHP."""

    name = "pfsense"
    usual_parent: str | None = "lan"
    remembered = names.NOTE
    check = staticmethod(options.check)
    check_credentials = staticmethod(options.check_credentials)
    check_pin = staticmethod(check_pin)
    options_of = staticmethod(options.options_of)

    def prepare(self) -> None:
        """Load what logs in, which takes longer than a whole check."""
        import_module(f"{__package__.rpartition('.platforms')[0]}.ssh")

    def rehearse_reading(self, observed: Observation, options: Options) -> None:
        """Nothing: what a check costs is waiting for the box."""

    def open(self, target: Target) -> Session:
        return Session(target)

    def observe(self, session: Session, concerns: Sequence[str], options: Options) -> Observation:
        """Read what there is, in one request.

        Raises `Unsupported` for boxes that must not be changed and `Misunderstood` for strange answers.
        """
        answer = session.ask(observation.request(concerns))
        observed = observation.observed(answer, options.limiters)
        observed.findings += _of_the_way_in(session.target)
        if observed.details.factory_password is None and "management_access" in concerns:
            observed.unverifiable.append(_UNSAID)
        return observed

    def offline(self, policy: SitePolicy, options: Options) -> Observation:
        """A box as it leaves the factory, for showing what would be written without one."""
        return observation.observed(blank_answer(policy, options), options.limiters)

    def compile(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]:
        desired, remarks = compile_policy(policy, concerns, observed.document, observed.details)
        _put_leftover_away(desired, observed)
        return desired, remarks

    def withdraw(self, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]:
        desired, remarks = withdraw(concerns, observed.document, observed.details)
        _put_leftover_away(desired, observed)
        return desired, remarks

    def findings(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> list[Finding]:
        found: list[Finding] = []
        if "sip_allowlist" in concerns or "voice_vlan" in concerns:
            wan = Topology(policy, observed.document, observed.details, may_create=True).wan
            exposed = exposure.findings(policy, observed.document, observed.details, wan)
            found += [one for one in exposed if one.control != "WEB-1" or "voice_vlan" in concerns]
        if "management_access" in concerns:
            found += _of_the_accounts(observed)
        return found

    def guard(
        self, changes: Sequence[Change], observed: Observation, session: Session, policy: SitePolicy | None
    ) -> None:
        declared = policy.management.source if policy and policy.management else None
        port = session.target.port or 22
        path = guard.Path(session.peer_address, port, str(declared or session.local_address))
        guard.check(changes, observed.document, path, observed.details.groups)

    def begin(self, session: Session, changes: Sequence[Change], observed: Observation) -> PfSenseBatch:
        return PfSenseBatch(session, changes, observed.document, observed.details)

    def render(self, changes: Sequence[Change], observed: Observation) -> list[dict[str, Any]]:
        """The edits of config.xml, in the order in which they are made."""
        return work_for(changes, observed.document, observed.details).edits

    def owned(self, concerns: Sequence[str], observed: Observation) -> dict[str, Any]:
        """Our rows on the box, by table and key; settings that concerns look at are shown whole."""
        ownership = Ownership(observed.document)
        return rows_shown(
            observed.document, lambda table, row: ownership.claims(table, row, concerns), TableSpec.identify
        )

    def pending(self, changes: Sequence[Change], observed: Observation) -> list[str]:
        """Everything is in force as soon as it is applied."""
        return []

    def awaiting_restart(self, observed: Observation) -> tuple[str, ...]:
        """Everything is in force as soon as it is applied."""
        return ()

    def last_change(self, session: Session, observed: Observation) -> ChangedBy | None:
        """Who wrote the configuration that was read."""
        details: Details = observed.details
        return details.changed_by

    restart_notes: Collection[str] = ()

    def restart(self, session: Session) -> None:
        """Nothing of ours waits for it."""

    def settle_flows(
        self, session: Session, policy: SitePolicy, controls: Collection[str], observed: Observation, clear: bool
    ) -> list[str]:
        """States that were open before live on: with `clear`, those of the phones are closed."""
        if not _OUTSIDE_CONTROLS & set(controls):
            return []
        phones = policy.voice_vlan.subnet if policy.voice_vlan is not None else None
        if not clear:
            return ["states that were open before live on until they time out (voip_clear_sessions: true closes them)"]
        if phones is None:
            return ["states that were open before live on: without a voice VLAN nothing tells which are the phones'"]
        towards = {"source": "0.0.0.0/0", "destination": str(phones)}
        session.ask({"op": "flows", "kill": [{"source": str(phones)}, towards]})
        return []


def _put_leftover_away(desired: Desired, observed: Observation) -> None:
    """A rollback that a lost controller left armed would undo what is in force: it is ours to stop, once a log-in of
    ours has shown that the box is within reach. That of the plan being verified is stopped when that is done."""
    where = RowId(table(RUNNING), "")
    if observed.details.armed and not observed.armed:
        known = desired.settings.get(where)
        desired.settings[where] = Entry(
            {**(known.row if known else {}), "rollback": ""}, known.controls if known else ("FW-1",)
        )


def _of_the_way_in(target: Target) -> list[Finding]:
    """What is wrong with how we log in."""
    if target.validate_certs or target.fingerprint:
        return []
    return [Finding("WEB-3", "medium", "SSH", "the host key is not verified", "Pin it in voip_fingerprint")]


def _of_the_accounts(observed: Observation) -> list[Finding]:
    """What management_access leaves alone and a reviewer should see."""
    found = []
    config, document = observed.details.config, observed.document
    if observed.details.factory_password is True:
        found.append(
            Finding("ADM-4", "critical", "account admin", "it has the factory password", "Set a strong password")
        )
    if reader.text(config, "system/webgui/authmode", "system/webgui") in ("", "Local Database"):
        evidence = "accounts are local, for which pfSense has no second factor"
        advice = "Log in through RADIUS or LDAP with a second factor (System, User Manager, Authentication Servers)"
        found.append(Finding("ADM-1", "medium", "web interface", evidence, advice))
    if document.singleton(table(SSH))["key_only"] == "":
        evidence = "SSH takes a password alone"
        advice = "Ask for a key, or for both (System, Advanced, Admin Access)"
        found.append(Finding("ADM-1", "medium", "SSH", evidence, advice))
    return found
