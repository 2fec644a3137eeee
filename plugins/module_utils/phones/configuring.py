# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log in, look, plan; then, unless this is check mode: send, log in anew, look again.

It knows no vendor and no wire. What it promises: nothing is sent in check mode; no password is tried twice and no
log-in again after one was not answered for; whatever was sent is read back by a new log-in, or is said to be unknown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ..engine import AGAIN, RESTORED
from ..errors import DeviceError, LoginRefused, NotListening, NotPossible, Unavailable, Unreachable
from ..findings import Finding
from ..policy.model import SitePolicy
from ..secret import Secret
from ..target import Target
from .guard import refuse_nameless_servers
from .intents import Credentials, wanted
from .live import ADMIN, Observed, Plan, Reading, Step, plan_of, states_of, steps_to
from .logins import MOST_FAILURES
from .phone import MOST_LINES, SERVERS, Phone
from .session import Session
from .table import State, Value, same
from .vendors import Vendor

SETTLE_SECONDS = 2.0
"""A phone answers before it has taken what it was sent."""
LOOKS = 4
"""How often it is read, in one session, until it shows what it was sent."""

Opener: TypeAlias = Callable[[Target, str, str, Secret], Session]
"""Logs in once: target, hardware address, account, password. Raises `DeviceError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done with one live phone, checked. `policy` may be None for the state `gathered` alone.

    `candidates`: passwords that may let the administrator in, the likeliest first. `foreign`: the phone obeys its
    provider's server; `push`: it is changed all the same. `pause` waits for some seconds.
    """

    state: str
    check: bool
    vendor: Vendor
    phone: Phone
    target: Target
    username: str
    policy: SitePolicy | None
    credentials: Credentials
    candidates: tuple[Secret, ...]
    foreign: bool
    push: bool
    allow_reboot: bool
    send_unshown: bool
    findings: tuple[Finding, ...] = ()
    pause: Callable[[float], None] = time.sleep

    @property
    def audit(self) -> bool:
        """Whether the phone is somebody else's to change, and nobody asked for a push."""
        return self.foreign and not self.push

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        return () if self.policy is None else self.policy.phones.unconfirmed

    def asked(self, phone: Phone) -> dict[str, Value]:
        """What is wanted of the phone as it was found."""
        return {} if self.policy is None else wanted(self.policy, phone, self.credentials)


@dataclass(slots=True)
class Outcome:
    """What came of a job. `observed`: the phone as it was last seen; None where nothing could be read.

    `shown`: intents that show although nothing can be read. `lost`: why it was not read back after a change.
    """

    observed: Observed | None
    plan: Plan | None = None
    changed: bool = False
    pending: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    shown: Mapping[str, Value] = field(default_factory=dict)


class NotTaken(DeviceError):
    """Something was sent and the phone is not as it was wanted; `outcome` says in which state it is."""

    def __init__(self, message: str, outcome: str, result: Outcome) -> None:
        super().__init__(f"{message}. Outcome: {outcome}")
        self.outcome = outcome
        self.result = result


class LogIns:
    """All log-ins of one run: no password twice, and none at all after too many failed."""

    def __init__(self, job: Job, opener: Opener) -> None:
        self._job = job
        self._open = opener
        self._refused: list[Secret] = []
        self._failures = 0
        self._candidates = list(job.candidates)

    def now_in_force(self, password: Secret) -> None:
        """The phone was sent this password: it is the one to try."""
        self._refused = [one for one in self._refused if not same(one, password)]
        self._candidates = [password, *(one for one in self._candidates if not same(one, password))]

    @contextmanager
    def session(self) -> Iterator[tuple[Session, Secret]]:
        """A session, and the password that opened it. Raises `LoginRefused` when none does."""
        session, password = self._log_in()
        try:
            yield session, password
        finally:
            session.close()

    def _log_in(self) -> tuple[Session, Secret]:
        last: LoginRefused | None = None
        for password in self._candidates:
            if any(same(password, one) for one in self._refused):
                continue
            if self._failures >= MOST_FAILURES:
                break
            job = self._job
            try:
                return self._open(job.target, job.phone.mac, job.username, password), password
            except LoginRefused as error:
                self._failures += 1
                self._refused.append(password)
                last = error
                if error.final:
                    raise
        if last is None:
            raise LoginRefused(
                f"{self._job.target.host}: {self._failures} log-ins were refused and no other password is known; "
                "no more are tried, which might lock the phone"
            )
        raise last


def run(job: Job, opener: Opener) -> Outcome:
    """Do the job. Raises `DeviceError`; `NotTaken` once something may have been changed."""
    logins = LogIns(job, opener)
    try:
        with logins.session() as (session, password):
            observed = look(job, session, password)
            outcome = Outcome(observed)
            if job.state == "gathered" or job.policy is None:
                return outcome
            outcome.plan = plan = _plan(job, observed)
            outcome.pending += [_held(job, plan)] if plan.held else []
            if job.audit or not plan.steps:
                return outcome
            if job.check:
                outcome.changed = any(step.due for step in plan.steps)
                outcome.remarks += _refusals(job, observed)
                return outcome
            _refuse(job, observed)
            return _carry_out(job, logins, session, outcome, plan)
    except NotListening as error:
        shown = closed_by(job, error)
        if shown is None:
            raise
        line = f"{job.target.host}: the policy has this way closed, so that nothing can be read: {error}"
        return Outcome(None, shown=shown, remarks=[line])


def have_fetched(job: Job, opener: Opener) -> None:
    """Have the phone fetch its files; in check mode it is only logged in to. Raises `DeviceError`.

    The phone may not have the newest password yet, which may be what it is to fetch: that one is tried last.
    """
    with LogIns(replace(job, candidates=job.candidates[::-1]), opener).session() as (session, _password):
        if not job.check:
            session.fetch()


def closed_by(job: Job, error: NotListening) -> Mapping[str, Value] | None:
    """What shows where nothing listens; None where the policy wants the way open."""
    if job.policy is None:
        return None
    asked = job.asked(job.phone)
    if error.shows and all(asked.get(intent) == value for intent, value in error.shows.items()):
        return error.shows
    return {} if asked.get("web.https") is False and not error.shows else None


def look(job: Job, session: Session, password: Secret) -> Observed:
    """The phone as it is: its lines first, where it does not show everything at once, and then all its parameters."""
    files, phone = job.vendor.files, job.phone
    reading = session.read([f"reg.{line}.address" for line in range(1, MOST_LINES + 1)])
    phone = _as_it_says(phone, reading)
    phone = phone.with_lines(files.lines(reading.values))
    if not reading.whole:
        more = session.read([*_names(job, phone), *_servers(phone)])
        reading = replace(more, values={**reading.values, **more.values}, sources={**reading.sources, **more.sources})
    return Observed(phone=phone, reading=reading, password=password)


def _names(job: Job, phone: Phone) -> list[str]:
    return [name for parameter in job.vendor.parameters for name in parameter.spelled(phone)]


def _servers(phone: Phone) -> list[str]:
    owners = [*(f"reg.{line.number}" for line in phone.lines), "voIpProt"]
    return [f"{owner}.server.{server}.address" for owner in owners for server in SERVERS]


def _as_it_says(phone: Phone, reading: Reading) -> Phone:
    """The phone with the firmware that it says it runs. Raises `NotPossible` for another phone."""
    said = reading.identity
    if said.mac and said.mac != phone.mac:
        raise NotPossible(
            f"this is the phone {said.mac}, not {phone.mac} (voip_phone_mac): its address belongs to another one now. "
            "Nothing was changed"
        )
    return phone.running(said.release) if said.release else phone


def _plan(job: Job, observed: Observed) -> Plan:
    steps = steps_to(job.vendor, observed, job.asked(observed.phone), job.unconfirmed)
    return plan_of(steps, job.allow_reboot, job.send_unshown)


def _held(job: Job, plan: Plan) -> str:
    return f"{job.phone.mac}: the phone restarts for {_names_of(plan.held)}; allow_reboot has it sent"


def _refuse(job: Job, observed: Observed) -> None:
    if job.policy is not None:
        servers = job.vendor.files.servers(observed.reading.values)
        refuse_nameless_servers(job.policy, job.asked(observed.phone), servers)


def _refusals(job: Job, observed: Observed) -> list[str]:
    """Check mode says beforehand that a run would be refused."""
    try:
        _refuse(job, observed)
    except NotPossible as error:
        return [f"a run would be refused: {error}"]
    return []


def _carry_out(job: Job, logins: LogIns, session: Session, outcome: Outcome, plan: Plan) -> Outcome:
    """Send the plan in its two parts, and look again by a new log-in after each."""
    if plan.first:
        _send(job, logins, session, outcome, plan)
    if plan.first and plan.last:
        try:
            with logins.session() as (fresh, _password):
                _finish(job, logins, fresh, outcome, plan)
        except NotTaken:
            raise
        except DeviceError as error:
            raise NotTaken(str(error), AGAIN, outcome) from None
    elif plan.last:
        _finish(job, logins, session, outcome, plan)
    return outcome


def _send(job: Job, logins: LogIns, session: Session, outcome: Outcome, plan: Plan) -> None:
    """Send the first part of a plan and look at what came of it. Raises `NotTaken`."""
    steps = plan.first
    before, broken = outcome.observed, _write(session, steps, outcome)
    session.close()
    new = _password_of(steps)
    if new is not None:
        logins.now_in_force(new)
    try:
        outcome.observed, left = _settled(job, logins, steps)
    except DeviceError as error:
        outcome.changed, outcome.observed = True, _without(before, steps)
        if broken is None and isinstance(error, NotListening) and not plan.last:
            outcome.pending.append(f"{job.phone.mac}: it took what was sent and seems to restart: {error}")
            return
        message = str(error) if broken is None else f"{broken}; and it could not be looked at again: {error}"
        raise NotTaken(message, AGAIN, outcome) from None
    outcome.changed = outcome.changed or _differs(before, outcome.observed)
    if left:
        message = f"the phone did not take {_names_of(left)}" if broken is None else str(broken)
        raise NotTaken(message, AGAIN if outcome.changed else RESTORED, outcome)


def _write(session: Session, steps: Sequence[Step], outcome: Outcome) -> DeviceError | None:
    """Send steps once; returns what went wrong on the way. A phone that is busy is left alone: raises `NotTaken`."""
    try:
        session.write([step.setting for step in steps])
    except Unavailable as error:
        outcome.changed = outcome.changed or bool(session.taken)
        if session.taken:
            outcome.observed = _without(outcome.observed, steps)
        raise NotTaken(str(error), AGAIN if outcome.changed else RESTORED, outcome) from None
    except DeviceError as error:
        return error
    return None


def _without(observed: Observed | None, steps: Sequence[Step]) -> Observed | None:
    """What was seen, without what may be another value now."""
    if observed is None:
        return None
    names = {step.setting.name for step in steps}
    values = {name: value for name, value in observed.reading.values.items() if name not in names}
    password = Secret("") if _password_of(steps) is not None else observed.password
    return replace(observed, reading=replace(observed.reading, values=values), password=password)


def _names_of(steps: Sequence[Step]) -> str:
    return ", ".join(step.setting.name for step in steps)


def _password_of(steps: Sequence[Step]) -> Secret | None:
    return next((Secret(step.setting.text) for step in steps if step.setting.intent == ADMIN), None)


def _settled(job: Job, logins: LogIns, steps: Sequence[Step]) -> tuple[Observed, list[Step]]:
    """The phone by a new log-in, and which of the steps it has not taken. A slow one is read again, in that session."""
    job.pause(SETTLE_SECONDS)
    with logins.session() as (session, password):
        for look_number in range(LOOKS):
            if look_number:
                job.pause(SETTLE_SECONDS)
            observed = look(job, session, password)
            left = _left(job, observed, steps)
            if not left:
                break
    return observed, left


def _left(job: Job, observed: Observed, steps: Sequence[Step]) -> list[Step]:
    """The steps that the phone is known not to have taken; what it does not show is not among them."""
    asked = job.asked(observed.phone)
    now = {step.setting.name for step in steps_to(job.vendor, observed, asked, job.unconfirmed) if step.due}
    return [step for step in steps if step.setting.name in now]


def _differs(before: Observed | None, after: Observed | None) -> bool:
    if before is None or after is None:
        return True
    return dict(before.reading.values) != dict(after.reading.values) or not same(before.password, after.password)


def _finish(job: Job, logins: LogIns, session: Session, outcome: Outcome, plan: Plan) -> None:
    """Send what restarts the phone, or closes the way that we came by. It is looked at once more, if it lets us."""
    before, broken = outcome.observed, _write(session, plan.last, outcome)
    if broken is None and plan.restarts:
        job.pause(SETTLE_SECONDS)
        with suppress(Unreachable):  # it restarts by itself already
            session.restart()
    session.close()
    outcome.changed, mac = True, job.phone.mac
    try:
        outcome.observed, left = _settled(job, logins, plan.last)
    except DeviceError as error:
        outcome.observed = _without(before, plan.last)
        closed = isinstance(error, NotListening) and any(step.closes for step in plan.last)
        if not closed and not (plan.restarts and isinstance(error, Unreachable)):
            raise NotTaken(str(broken or error), AGAIN, outcome) from None
        if closed and isinstance(error, NotListening):
            outcome.shown = closed_by(job, error) or {}
        why = "this way is closed now, and what was sent last is not read back" if closed else "it restarts"
        outcome.pending.append(f"{mac}: {why}: {error}")
        return
    if left:
        message = f"the phone did not take {_names_of(left)}" if broken is None else str(broken)
        raise NotTaken(message, AGAIN, outcome)
    if plan.restarts:
        outcome.pending.append(f"{mac}: it was told to restart, and has not yet")


def final_states(job: Job, outcome: Outcome) -> dict[str, State]:
    """What is known of each intent in the end."""
    observed = outcome.observed or Observed(phone=job.phone, reading=Reading(), password=Secret(""))
    states = states_of(job.vendor, observed, job.unconfirmed)
    for intent, value in outcome.shown.items():
        states[intent] = State(tuple((name, value) for name, _value in states[intent].values))
    return states
