# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a firewall that writes nothing, and the record of how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine import Examination, Job, examine
from ..errors import Unsupported
from ..module import Failure, failing, prepared
from ..policy.catalogue import Control
from ..secret import redact
from . import judging
from .differences import differences
from .judging import Seen
from .record import DRIFT, Record, now, unsupported
from .redacting import redacted


def look(params: Mapping[str, Any], catalogue: Mapping[str, Control], host: str, site: str) -> dict[str, Any]:
    """How a firewall stands to its policy. `params` are those of `firewall`; `host` and `site` by their names.

    Returns the `posture`, and the `diff` of what a run would change. Raises `Failure`, also for a policy that asks for
    nothing: of nothing nobody can be sure.
    """
    job = prepared("firewall", params, check=True)
    if not job.concerns:
        line = "voip_policy.concerns: nothing is asked of this device, so that nothing can be said of it"
        raise Failure(line, {"errors": [line]})
    with failing(job.target.secrets):
        try:
            found = examine(job)
        except Unsupported as error:
            record, diff = unsupported(str(error), job.platform.name, host, site), {"before": "", "after": ""}
        else:
            record, diff = record_of(job, found, catalogue, host, site), found.plan.diff()
    secrets = job.target.secrets()
    return {"posture": redacted(record, secrets).as_dict(), "diff": redact(diff, secrets)}


def record_of(job: Job, found: Examination, catalogue: Mapping[str, Control], host: str, site: str) -> Record:
    """The record of a firewall that was looked at."""
    plan, about = found.plan, found.plan.observed.about
    drift = differences(plan.changes, plan.observed.document, job.platform.remembered)
    findings = tuple(finding.as_dict() for finding in found.findings)
    unverifiable = tuple(plan.observed.unverifiable)
    scope = judging.in_scope(catalogue, job.platform.name, job.concerns)
    seen = Seen(differences=drift, findings=findings, waiting=found.waiting, unverifiable=unverifiable)
    controls = judging.results(catalogue, scope, seen)
    classification = judging.classified(controls, unverifiable)
    changes = bool(plan.changes) or (job.allow_reboot and bool(found.waiting))
    return Record(
        host=host,
        site=site,
        platform=job.platform.name,
        model=about.get("model", ""),
        version=about.get("version", ""),
        classification=classification,
        message=found.refusal,
        read_at=now(),
        remediable=changes and not found.refusal,
        controls=controls,
        drift=drift,
        count=len(drift),
        findings=findings,
        pending=tuple(plan.pending),
        unverifiable=unverifiable,
        changed_by=found.changed_by if classification == DRIFT else None,
    )
