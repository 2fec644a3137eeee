# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FortiOS as the engine sees it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ...document.diff import Change, Desired, Entry
from ...document.model import Document, Row, RowId, TableId, TableSpec
from ...document.render import rows_shown
from ...errors import Refused, Unsupported
from ...findings import Finding
from ...https import check_pin, trusting_context, unverified_context
from ...policy.model import CONCERNS, SitePolicy
from ...posture.record import ChangedBy, Unverifiable
from ...target import Target
from ..base import Observation
from . import exposure, guard, names, options, reader
from .accounts import management_findings
from .batch import FACTORY_REVERT_SECONDS, REVERT_SECONDS, FortiOSBatch
from .blank import blank_document
from .compiler import READS, compile_policy, withdraw
from .compiler.topology import Topology
from .flows import settle_flows
from .options import Options
from .ownership import Ownership
from .rehearsal import session_with
from .session import Session
from .tables import GLOBAL, PATHS, describe_every_release, scope_of, specs_for
from .writer import request_for, table_path

_STATUS = "/api/v2/monitor/system/status"
_HA_STATE = "/api/v2/monitor/system/ha-checksums"
_ADMIN_STATE = "/api/v2/monitor/web-ui/state"
_REVISIONS = "/api/v2/monitor/system/config-revision"
_FIRST_READS = ("system/global", "system/settings", "system/central-management", "system/ha")
"""Tables that tell whether the unit may be changed at all."""

_UNSAID = Unverifiable(
    "ADM-4",
    "system/admin: the unit does not say whether an account has the factory password; try it by hand, or give the "
    "access profile of the login the right to see it",
    # Which releases say it is not documented, so that nobody knows whether this one should have.
    lasting=True,
)


@dataclass(frozen=True, slots=True)
class Details:
    """What the other steps need of an observation besides its tables."""

    vdoms: tuple[str, ...]
    default_password: bool | None = None
    unit: reader.Identity | None = None


class FortiOS:
    """FortiGate with FortiOS 7.0 to 7.6, by REST."""

    name = "fortios"
    usual_parent: str | None = "internal"
    remembered = names.REMEMBERED
    check = staticmethod(options.check)
    check_credentials = staticmethod(options.check_credentials)
    check_pin = staticmethod(check_pin)
    options_of = staticmethod(options.options_of)

    def prepare(self) -> None:
        """Load the system's certificate authorities, which takes longer than a whole check, and describe the tables."""
        trusting_context()
        unverified_context()
        describe_every_release()

    def rehearse_reading(self, observed: Observation, options: Options) -> None:
        self.observe(session_with(observed.document, options.version), CONCERNS, options)

    def open(self, target: Target) -> Session:
        return Session(target)

    def observe(self, session: Session, concerns: Sequence[str], options: Options) -> Observation:
        """Read what these concerns look at, each table once.

        Raises `Unsupported` for units that must not be changed and `Misunderstood` for strange answers.
        """
        answer = session.get(_STATUS, {"vdom": options.vdoms[0]})
        unit = reader.identity(answer.envelope(), answer.request)
        reader.check_answer(answer.envelope(), answer.request, unit)
        document = Document(specs_for(unit.version))
        wanted = {*_FIRST_READS, *(path for concern in concerns for path in READS[concern])}
        for path in (*_FIRST_READS, *(path for path in PATHS if path in wanted and path not in _FIRST_READS)):
            for vdom in (options.vdoms[0],) if scope_of(path) == GLOBAL else _vdoms_for(path, concerns, options):
                self._read(session, document, path, vdom, unit)
        findings = self._refuse_or_warn(session, document, options, unit)
        details = Details(options.vdoms, self._default_password(session, concerns, options, unit), unit)
        about = {
            "platform": self.name,
            "model": unit.model,
            "version": unit.release,
            "build": str(unit.build),
            "serial": unit.serial,
            "hostname": unit.hostname,
        }
        unverifiable = []
        if details.default_password is None and "management_access" in concerns:
            unverifiable.append(_UNSAID)
        return Observation(document, about, details, findings=findings, unverifiable=unverifiable)

    def _read(self, session: Session, document: Document, path: str, vdom: str, unit: reader.Identity) -> None:
        spec = document.specs[path]
        answer = session.get(table_path(path), reader.read_params(spec, vdom))
        envelope = answer.envelope()
        whole = scope_of(path) == GLOBAL
        # Which VDOM a unit with several names for a table of the whole unit, no public source says.
        reader.check_answer(envelope, answer.request, unit, "" if whole else vdom)
        document.tables[TableId(GLOBAL if whole else vdom, path)] = reader.rows(spec, envelope, answer.request)

    def _refuse_or_warn(
        self, session: Session, document: Document, options: Options, unit: reader.Identity
    ) -> list[Finding]:
        for vdom in options.vdoms:
            if document.singleton(TableId(vdom, "system/settings"))["ngfw-mode"] == "policy-based":
                raise Unsupported(
                    f"VDOM {vdom} works in policy-based NGFW mode, in which firewall policies mean something else"
                )
        if document.singleton(TableId(GLOBAL, "system/ha"))["mode"] != "standalone":
            self._refuse_secondary(session, options, unit)
        findings = []
        if document.singleton(TableId(GLOBAL, "system/central-management"))["type"] == "fortimanager":
            findings.append(
                Finding(
                    "AUD-3",
                    "medium",
                    "central management",
                    "the unit is managed by a FortiManager, which overwrites or blocks local changes",
                    "Make the same changes there, or take the unit out of its management",
                )
            )
        for vdom in options.vdoms:
            if document.singleton(TableId(vdom, "system/settings"))["central-nat"] == "enable":
                findings.append(
                    Finding(
                        "VLAN-3",
                        "medium",
                        f"VDOM {vdom}",
                        "central NAT is on, so that the NAT switch of policies is not used",
                        "See that the central SNAT table translates the voice subnet towards the WAN",
                    )
                )
        return findings

    def _refuse_secondary(self, session: Session, options: Options, unit: reader.Identity) -> None:
        answer = session.get(_HA_STATE, {"vdom": options.vdoms[0]})
        envelope = answer.envelope()
        reader.check_answer(envelope, answer.request, unit)
        role = reader.cluster_role(envelope, answer.request, unit.serial)
        if role is None:
            raise Unsupported(f"{answer.request}: the unit is in a cluster and does not say whether it is the primary")
        if not role:
            raise Unsupported(
                f"{answer.request}: {unit.serial} is the secondary of a cluster, which copies the primary; manage the "
                "primary"
            )

    def _default_password(
        self, session: Session, concerns: Sequence[str], options: Options, unit: reader.Identity
    ) -> bool | None:
        """Whether an account has the factory password; None where the unit does not say."""
        if "management_access" not in concerns:
            return None
        answer = session.get(_ADMIN_STATE, {"vdom": options.vdoms[0]})
        try:
            envelope = answer.envelope()
        except Refused:
            return None
        reader.check_answer(envelope, answer.request, unit)
        return reader.default_password(envelope, answer.request)

    def offline(self, policy: SitePolicy, options: Options) -> Observation:
        """A unit as it leaves the factory, for showing the requests without one."""
        release = ".".join(str(part) for part in options.version)
        about = {"platform": self.name, "model": "", "version": release}
        return Observation(blank_document(policy, options.vdoms, options.version), about, Details(options.vdoms))

    def compile(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]:
        desired, remarks = compile_policy(policy, concerns, observed.document, observed.details.vdoms)
        self._disarm_leftover(desired, observed)
        return desired, remarks

    def withdraw(self, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]:
        desired, remarks = withdraw(concerns, observed.document, observed.details.vdoms)
        self._disarm_leftover(desired, observed)
        return desired, remarks

    def _disarm_leftover(self, desired: Desired, observed: Observation) -> None:
        """A rollback that a controller armed and never disarmed is ours to disarm; the site's own mode is not."""
        table = TableId(GLOBAL, "system/global")
        present = observed.document.singleton(table)
        left_armed = present["cfg-save"] == "revert" and present["cfg-revert-timeout"] == REVERT_SECONDS
        if left_armed and not observed.armed:
            known = desired.settings.get(RowId(table, ""))
            row: Row = {
                **(known.row if known else {}),
                "cfg-save": "automatic",
                "cfg-revert-timeout": FACTORY_REVERT_SECONDS,
            }
            desired.settings[RowId(table, "")] = Entry(row, known.controls if known else ("WEB-3",))

    def findings(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> list[Finding]:
        found: list[Finding] = []
        document, vdom = observed.document, observed.details.vdoms[0]
        if "sip_allowlist" in concerns or "voice_vlan" in concerns:
            wan = Topology(policy, document, vdom, may_create=True).wan
            exposed = exposure.findings(policy, document, vdom, wan)
            found += [f for f in exposed if f.control != "WEB-1" or "voice_vlan" in concerns]
        if "management_access" in concerns:
            wan = Topology(policy, document, vdom, may_create=True).wan
            found += management_findings(document, wan, observed.details.default_password)
        return found

    def guard(
        self, changes: Sequence[Change], observed: Observation, session: Session, policy: SitePolicy | None
    ) -> None:
        declared = policy.management.source if policy and policy.management else None
        account = "" if session.target.access_token else session.target.username
        path = guard.Path(session.peer_address, str(declared or session.local_address), account)
        guard.check(changes, observed.document, path)

    def begin(self, session: Session, changes: Sequence[Change], observed: Observation) -> FortiOSBatch:
        return FortiOSBatch(session, changes, observed.document, observed.details.vdoms[0])

    def render(self, changes: Sequence[Change], observed: Observation) -> list[dict[str, Any]]:
        first = observed.details.vdoms[0]
        return [
            request_for(
                change,
                observed.document.spec(change.table),
                first if change.table.scope == GLOBAL else change.table.scope,
            ).as_dict()
            for change in changes
        ]

    def owned(self, concerns: Sequence[str], observed: Observation) -> dict[str, Any]:
        """Our rows on the unit, by table and name; settings that concerns look at are shown whole."""
        ownership = Ownership(observed.document)
        return rows_shown(
            observed.document, lambda table, row: ownership.claims(table, row, concerns), TableSpec.identify
        )

    def pending(self, changes: Sequence[Change], observed: Observation) -> list[str]:
        """Everything is in force as soon as it is written."""
        return []

    def awaiting_restart(self, observed: Observation) -> tuple[str, ...]:
        """Everything is in force as soon as it is written."""
        return ()

    def last_change(self, session: Session, observed: Observation) -> ChangedBy | None:
        """The newest revision that somebody saved; None on units that keep none.

        Source: prometheus-community/fortigate_exporter, pkg/probe/testdata/config-revision.jsonnet.
        """
        details: Details = observed.details
        answer = session.get(_REVISIONS, {"vdom": details.vdoms[0]})
        envelope = answer.envelope()
        if details.unit is not None:
            reader.check_answer(envelope, answer.request, details.unit)
        return reader.last_change(envelope, answer.request, session.target.username)

    restart_notes: Collection[str] = ()

    def restart(self, session: Session) -> None:
        """Nothing of ours waits for it."""

    def settle_flows(
        self, session: Session, policy: SitePolicy, controls: Collection[str], observed: Observation, clear: bool
    ) -> list[str]:
        vdoms = observed.details.vdoms
        # Where nothing of the rules was read, only the ALG was changed, and that concerns flows in every direction.
        known = TableId(GLOBAL, "system/interface") in observed.document.tables
        wan = Topology(policy, observed.document, vdoms[0], may_create=True).wan if known else ()
        return settle_flows(session, policy, controls, wan, vdoms, clear)


def _vdoms_for(path: str, concerns: Sequence[str], options: Options) -> tuple[str, ...]:
    """The ALG is switched off in every VDOM that voice crosses; rules and the voice VLAN live in the first."""
    everywhere = path in _FIRST_READS or ("sip_alg" in concerns and path in READS["sip_alg"])
    return options.vdoms if everywhere else options.vdoms[:1]
