# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe, compile, compare, plan; then, unless this is check mode: guard, apply, observe again, settle.

The engine knows no platform. What it promises: nothing is written in check mode; what check mode shows is what a run
carries out; after a failure it finds out by a new login which state the device is in, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from .document.diff import Change, Desired, Immutable, difference
from .document.render import before_and_after, plain, plan_line
from .errors import DeviceError, LockOut, NotPossible, Refused, Unreachable
from .findings import Finding, worst_first
from .platforms.base import Batch, Observation, Platform
from .policy.model import SitePolicy
from .posture.record import ChangedBy
from .target import Target

RESTART_SECONDS = 300
"""How long a device that was started again may take until it lets us in."""
RESTART_PAUSE_SECONDS = 5
GRACE_SECONDS = 60
"""What a run whose time is up still gets, once it has written, to find out by a new login where the device stands."""
NEEDS_POLICY = ("replaced", "rendered")
"""The states that make or show what a policy asks for."""
RESTORED, IN_FORCE, AGAIN = "old state restored", "new state in force", "needs another run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done with one device. `policy` may be None for the states `deleted` and `gathered`."""

    platform: Platform
    target: Target
    concerns: tuple[str, ...]
    state: str
    check: bool
    policy: SitePolicy | None
    options: Any
    clear_sessions: bool = False
    allow_reboot: bool = False
    findings: tuple[Finding, ...] = ()
    started: float = field(default_factory=time.monotonic)

    def reopen(self) -> Any:
        """A new login within the time that is left for the device, or within a grace once that is over."""
        left = self.target.timeout - (time.monotonic() - self.started)
        return self.platform.open(replace(self.target, timeout=max(left, GRACE_SECONDS)))


@dataclass(slots=True)
class Plan:
    """The steps, what they are worked out from, and remarks for the user."""

    observed: Observation
    changes: list[Change]
    remarks: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    def diff(self) -> dict[str, str]:
        """The rows that change, before and after, as YAML."""
        before, after = before_and_after(self.changes, self.observed.document)
        return {"before": before, "after": after}

    def as_result(self) -> dict[str, Any]:
        return {
            "changed": bool(self.changes),
            "plan": [plan_line(change, self.observed.document) for change in self.changes],
            "diff": self.diff(),
            "undo": [_undo_step(step) for change in reversed(self.changes) for step in change.inverse()],
            "platform": self.observed.about,
            "pending": list(self.pending),
            "unverifiable": self.observed.unverifiable_texts,
            "remarks": self.remarks,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """How a device stands to its policy; nothing was written.

    `refusal`: why a run that carried the plan out would be refused, or empty. `waiting`: the controls whose settings
    wait for a restart. `changed_by`: asked only where the plan has changes.
    """

    plan: Plan
    findings: tuple[Finding, ...]
    refusal: str
    waiting: tuple[str, ...]
    changed_by: ChangedBy | None


class ApplyFailed(DeviceError):
    """A plan was not carried out; `outcome` says in which state the device is now, `result` what was planned."""

    def __init__(self, message: str, outcome: str, result: dict[str, Any]) -> None:
        super().__init__(f"{message}. Outcome: {outcome}")
        self.outcome = outcome
        self.result = result


def run(job: Job) -> dict[str, Any]:
    """Do the job and return the module's result, not yet redacted.

    Raises `DeviceError`; `ApplyFailed` once something may have been written; `ValueError` for a state that needs a
    policy and has none.
    """
    if job.policy is None and job.state in NEEDS_POLICY:
        raise ValueError(f"policy: needed for state {job.state}")
    if job.state == "rendered" and job.policy is not None:
        return _rendered(job, job.policy)
    with job.platform.open(job.target) as session:
        observed = job.platform.observe(session, job.concerns, job.options)
        if job.state == "gathered":
            return _gathered(job, observed, session.requests)
        plan = _plan(job, observed)
        result = plan.as_result()
        if plan.changes and not job.check:
            job.platform.guard(plan.changes, observed, session, job.policy)
            observed = _apply(job, plan, session, result)
        elif plan.changes and (refusal := _refusal(job, plan, session)):
            result["remarks"] = [*plan.remarks, refusal]
        waits = any(note in job.platform.restart_notes for note in plan.pending)
        if waits and job.allow_reboot:
            if job.check:
                result["changed"] = True  # a run would start the device again, whatever else it does
            else:
                observed = _restarted(job, session, result)
        result["findings"] = _findings(job, observed)
        result["unverifiable"] = observed.unverifiable_texts
        result["requests"] = session.requests
    return result


def examine(job: Job) -> Examination:
    """Look at a device and write nothing, whatever the job says. Raises `DeviceError`."""
    with job.platform.open(job.target) as session:
        observed = job.platform.observe(session, job.concerns, job.options)
        plan = _plan(job, observed)
        return Examination(
            plan=plan,
            findings=tuple(_found(job, observed)),
            refusal=_refusal(job, plan, session) if plan.changes else "",
            waiting=job.platform.awaiting_restart(observed),
            changed_by=_last_change(job, session, observed) if plan.changes else None,
        )


def _last_change(job: Job, session: Any, observed: Observation) -> ChangedBy | None:
    """What the device says; a device that does not say it properly has drifted all the same."""
    try:
        return job.platform.last_change(session, observed)
    except DeviceError:
        return None


def _plan(job: Job, observed: Observation) -> Plan:
    desired, remarks = _desired(job, observed)
    try:
        changes = difference(observed.document, desired)
    except Immutable as error:
        raise NotPossible(str(error)) from None
    return Plan(observed, changes, remarks, job.platform.pending(changes, observed))


def _desired(job: Job, observed: Observation) -> tuple[Desired, list[str]]:
    if job.state == "deleted" or job.policy is None:
        return job.platform.withdraw(job.concerns, observed)
    return job.platform.compile(job.policy, job.concerns, observed)


def _refusal(job: Job, plan: Plan, session: Any) -> str:
    """Why a run would be refused, said beforehand; empty where it would not."""
    try:
        job.platform.guard(plan.changes, plan.observed, session, job.policy)
    except LockOut as error:
        return f"a run would be refused: {error}"
    return ""


def _apply(job: Job, plan: Plan, session: Any, result: dict[str, Any]) -> Observation:
    """Carry the plan out, prove it by a new login, settle. Returns what was then observed."""
    done: list[Change] = []
    batch = job.platform.begin(session, plan.changes, plan.observed)
    try:
        batch.start()
        for change in plan.changes:
            done.append(change)
            batch.send(change)
        batch.commit()
    except Exception as error:  # whatever it is, the device must not be left halfway without a word
        raise _recovered(job, plan, session, batch, done, error, result) from error
    return _verified(job, plan, session, batch, result)


def _verified(job: Job, plan: Plan, session: Any, batch: Batch, result: dict[str, Any]) -> Observation:
    try:
        fresh = job.reopen()
        fresh.__enter__()
    except DeviceError as error:
        # The old login may still work: take everything back by it before it is lost too.
        raise _recovered(job, plan, session, batch, plan.changes, error, result, by=session) from error
    try:
        observed = _read_back(job, batch, fresh)
        left = _plan(job, observed)
        flows = _settle(job, batch, fresh, lambda session: _settle_flows(job, plan, session, observed))
        if left.changes:
            lines = "; ".join(plan_line(change, observed.document) for change in left.changes)
            raise ApplyFailed(f"the device took every step and does not hold what was sent: {lines}", AGAIN, result)
        result["pending"] += flows
    except ApplyFailed:
        raise
    except Exception as error:  # whatever it is, nothing is proved, and nobody may take it for done
        message = f"everything was written, and proving it by a new login failed: {error}"
        raise ApplyFailed(message, f"{AGAIN}{_unless(batch)}", result) from error
    finally:
        session.requests += fresh.requests
        fresh.close()
    return observed


def _restarted(job: Job, session: Any, result: dict[str, Any]) -> Observation:
    """Start the device again, wait for it, and prove once more that it holds what was asked for."""
    result["changed"] = True
    session.close()
    try:
        with job.reopen() as fresh:
            job.platform.restart(fresh)
    except Exception as error:  # whatever it is, nobody may take it for started again
        message = f"what waits for a restart is written, and starting the device again failed: {error}"
        raise ApplyFailed(message, AGAIN, result) from error
    try:
        observed = _once_it_is_back(job)
    except Exception as error:  # whatever it is, nothing is proved, and nobody may take it for done
        message = f"the device was started again, and looking at it afterwards failed: {error}"
        raise ApplyFailed(message, AGAIN, result) from error
    left = _plan(job, observed)
    if left.changes:
        lines = "; ".join(plan_line(change, observed.document) for change in left.changes)
        raise ApplyFailed(f"the device does not hold after a restart what it held before: {lines}", AGAIN, result)
    result["pending"] = [*(one for one in result["pending"] if one not in job.platform.restart_notes), *left.pending]
    result["remarks"] = [*result["remarks"], "the device was started again and holds everything"]
    return observed


def _once_it_is_back(job: Job) -> Observation:
    """What is read once the device lets us in again. Raises `Unreachable` where it does not in time."""
    deadline = time.monotonic() + RESTART_SECONDS
    while True:
        time.sleep(RESTART_PAUSE_SECONDS)
        try:
            with job.reopen() as session:
                return job.platform.observe(session, job.concerns, job.options)
        except Unreachable:
            if time.monotonic() > deadline:
                raise


def _settle(job: Job, batch: Batch, session: Any, then: Callable[[Any], Any]) -> Any:
    """Settle, and do what is left to do. Should the connection break over it, once more by another login, since an
    armed rollback would fire. Returns what `then` returns."""
    try:
        batch.settle(session)
    except Unreachable:
        with job.reopen() as fresh:
            batch.settle(fresh)
            return then(fresh)
    return then(session)


def _unless(batch: Batch) -> str:
    """What happens by itself if nobody does anything."""
    if not batch.armed:
        return ""
    return f"; unless that happens {batch.lapse} within {batch.armed} s"


def _settle_flows(job: Job, plan: Plan, session: Any, observed: Observation) -> list[str]:
    """What became of flows that were open before; the device is hardened whether or not they could be closed."""
    if job.policy is None or job.state == "deleted":
        return []
    controls = {control for change in plan.changes for control in change.controls}
    try:
        return job.platform.settle_flows(session, job.policy, controls, observed, job.clear_sessions)
    except DeviceError as error:
        return [f"sessions that were open before were not all closed: {error}"]


def _recovered(
    job: Job,
    plan: Plan,
    session: Any,
    batch: Batch,
    done: Sequence[Change],
    error: Exception,
    result: dict[str, Any],
    by: Any = None,
) -> ApplyFailed:
    """Take back what was done, find out by a new login where the device stands, and word the failure."""
    try:
        outcome = _take_back(job, plan, batch, done, by if by is not None else _usable(session, error))
    except Exception as second:  # whatever it is, the first error and the state of things must not be lost over it
        return ApplyFailed(
            f"{error}; and finding out where the device stands failed too: {second}", f"{AGAIN}{_unless(batch)}", result
        )
    return ApplyFailed(str(error), outcome, result)


def _usable(session: Any, error: Exception) -> Any:
    """The session, unless it is the one that broke."""
    return None if isinstance(error, Unreachable) else session


def _take_back(job: Job, plan: Plan, batch: Batch, done: Sequence[Change], session: Any) -> str:
    if session is not None:
        _undo(batch, done, session)
    with job.reopen() as fresh:
        if session is None and batch.atomic:
            _abort(batch, fresh)
        outcome = _standing(job, plan, batch, fresh)
        if outcome == AGAIN and session is None:
            # The connection broke between the first and the last step: go back, by a login that works.
            _undo(job.platform.begin(fresh, (), plan.observed), done, fresh)
            outcome = _standing(job, plan, batch, fresh)
        if outcome != AGAIN:
            _settle(job, batch, fresh, lambda session: None)
    return outcome


def _standing(job: Job, plan: Plan, batch: Batch, session: Any) -> str:
    """In which state the device is, by reading it again."""
    observed = _read_back(job, batch, session)
    if observed.document.same_as(plan.observed.document):
        return RESTORED
    return AGAIN if _plan(job, observed).changes else IN_FORCE


def _read_back(job: Job, batch: Batch, session: Any) -> Observation:
    observed = job.platform.observe(session, job.concerns, job.options)
    observed.armed = bool(batch.armed)
    return observed


def _undo(batch: Batch, done: Sequence[Change], session: Any) -> None:
    """Take the steps back in reverse order; a step that had not taken effect is refused, and that is well."""
    if batch.atomic:
        _abort(batch, session)
        return
    for change in reversed(done):
        for step in change.inverse():
            try:
                batch.send(step)
            except Refused:
                continue


def _abort(batch: Batch, session: Any) -> None:
    with suppress(Refused):  # it was committed, or has expired: reading tells which
        batch.abort(session)


def _findings(job: Job, observed: Observation) -> list[dict[str, str]]:
    return [finding.as_dict() for finding in _found(job, observed)]


def _found(job: Job, observed: Observation) -> list[Finding]:
    found = [*job.findings, *observed.findings]
    if job.policy is not None:
        found += job.platform.findings(job.policy, job.concerns, observed)
    return worst_first(found)


def _gathered(job: Job, observed: Observation, requests: int) -> dict[str, Any]:
    return {
        "changed": False,
        "gathered": job.platform.owned(job.concerns, observed),
        "findings": _findings(job, observed),
        "platform": observed.about,
        "requests": requests,
    }


def _rendered(job: Job, policy: SitePolicy) -> dict[str, Any]:
    observed = job.platform.offline(policy, job.options)
    plan = _plan(job, observed)
    return {
        "changed": False,
        "rendered": job.platform.render(plan.changes, observed),
        "remarks": plan.remarks,
        "platform": observed.about,
        "findings": [finding.as_dict() for finding in worst_first(list(job.findings))],
    }


def _undo_step(change: Change) -> dict[str, Any]:
    step: dict[str, Any] = {"action": change.action, "table": str(change.table), "key": change.key, "name": change.name}
    if change.after is not None:
        step["fields"] = plain(change.after)
    if change.place is not None:
        step[change.place.side] = change.place.key
    return step
