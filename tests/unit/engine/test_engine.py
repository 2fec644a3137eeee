"""The engine against a device made up for these tests, which can fail at any step and in any way.

What the engine says of a failure is compared with what the device really holds: `old state restored` with the state
before the run, `new state in force` with a plan that has nothing left to do; and whatever it says, the next run
arrives.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import (
    Change,
    Desired,
    apply_to,
    difference,
)
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document
from ansible_collections.voip.hardening.plugins.module_utils.engine import (
    AGAIN,
    GRACE_SECONDS,
    IN_FORCE,
    RESTORED,
    ApplyFailed,
    Job,
    run,
)
from ansible_collections.voip.hardening.plugins.module_utils.errors import (
    DeviceError,
    LockOut,
    LoginRefused,
    Misunderstood,
    NotPossible,
    NotTrusted,
    Refused,
    Unreachable,
)
from ansible_collections.voip.hardening.plugins.module_utils.findings import Finding
from ansible_collections.voip.hardening.plugins.module_utils.platforms.base import Observation
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret
from ansible_collections.voip.hardening.plugins.module_utils.target import Target
from tests.unit.document.samples import (
    BLOCK,
    GROUP,
    PORT,
    RULE,
    SETTINGS,
    block,
    by_key,
    desired,
    device,
    group,
    port,
    rule,
    settings,
)

TARGET = Target(host="192.0.2.1", username="api", password=Secret("not shown"), timeout=300)
POLICY: SitePolicy = object()  # type: ignore[assignment]  # the engine hands it on and looks into nothing of it
FINDING = Finding("FW-1", "high", "rule theirs", "lets SIP in", "Remove it")
NOTE = Finding("SVC-1", "critical", "profile", "old", "")


def start() -> Document:
    return device(
        [block("theirs"), block("VOIPH-old"), block("VOIPH-a", 1)],
        [group("VOIPH-g", "VOIPH-old")],
        [port(1, "wan", note="https")],
        [rule(1, "theirs", "theirs"), rule(2, "VOIPH-r2", "VOIPH-g"), rule(3, "VOIPH-surplus", "VOIPH-old")],
    )


def wanted() -> Desired:
    return desired(
        {
            BLOCK: [block("VOIPH-a", 2), block("VOIPH-new")],
            GROUP: [group("VOIPH-g", "VOIPH-a", "VOIPH-new")],
            RULE: [rule(10, "VOIPH-r1", "VOIPH-g", action="deny"), rule(11, "VOIPH-r2", "VOIPH-g")],
        },
        {(SETTINGS, ""): {"mode": "new"}, (PORT, 1): {"note": ""}},
    )


STEPS = len(difference(start(), wanted()))


@dataclass
class Fault:
    """At which operation what goes wrong. Operations are counted over all sessions, logins and reads among them.

    `kind`: `refuse` (an answer with an error), `cut before` and `cut after` (the connection breaks before or after the
    operation took effect), `garbage` (not understood), `defect` (of our own, over an answer), `ignore` (answered with
    success and not stored).
    """

    at: int
    kind: str


@dataclass
class Device:
    """A device in memory: what it holds, what it has saved, what a transaction has collected, and what is to fail."""

    state: Document = field(default_factory=start)
    fault: Fault | None = None
    no_login: type[DeviceError] | None = None
    """Logins are refused this way after the first one ..."""
    no_logins: int = 0
    """... so many times."""
    atomic: bool = False
    revert: int = 0
    pending: list[Change] | None = None
    saved: Document | None = None
    operations: int = 0
    logins: int = 0
    writes: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)

    def operate(self, session: Session, name: str, effect: Any) -> Any:
        """Carry out one operation, unless it is the one that fails."""
        if session.broken or session.closed:
            raise Unreachable(f"{name}: the connection is broken")
        session.requests += 1
        self.operations += 1
        self.log.append(name)
        fails = self.fault is not None and self.fault.at == self.operations
        kind = self.fault.kind if self.fault and fails else ""
        if kind == "refuse":
            raise Refused(f"{name}: HTTP 500")
        if kind == "garbage":
            raise Misunderstood(f"{name}: garbage")
        if kind == "defect":
            raise KeyError(name)
        if kind == "cut before":
            session.broken = True
            raise Unreachable(f"{name}: the connection broke")
        result = effect() if kind != "ignore" else None
        if kind == "cut after":
            session.broken = True
            raise Unreachable(f"{name}: the connection broke")
        return result

    def expire(self) -> None:
        """What time does when nobody comes back: transactions end, the automatic rollback goes off."""
        self.pending = None
        if self.saved is not None:
            self.state, self.saved = self.saved, None


class Session:
    def __init__(self, device: Device, target: Target) -> None:
        self.device = device
        self.target = target
        self.requests = 0
        self.broken = False
        self.closed = False

    def __enter__(self) -> Session:
        self.device.logins += 1
        self.device.timeouts.append(self.target.timeout)
        if self.device.no_login is not None and 1 < self.device.logins <= 1 + self.device.no_logins:
            raise self.device.no_login("login: no")
        self.device.log.append("login")
        self.requests += 1
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        self.closed = True


class Batch:
    """Like a unit's: collected until commit where there are transactions; armed where it goes back by itself."""

    lapse = "the device goes back to its saved configuration by itself"

    def __init__(self, session: Session, changes: Sequence[Change]) -> None:
        self.device, self.session = session.device, session
        self.atomic, self.armed = False, 0
        self.changes = changes

    def start(self) -> None:
        if self.device.revert:
            self.armed = self.device.revert  # an answer that is lost leaves it armed
            self.device.operate(self.session, "arm", self._arm)
        if self.device.atomic and len(self.changes) > 1:
            self.device.operate(self.session, "begin", self._begin)
            self.atomic = True

    def _arm(self) -> None:
        self.device.saved = copy.deepcopy(self.device.state)

    def _begin(self) -> None:
        self.device.pending = []

    def send(self, change: Change) -> None:
        name = f"{change.action} {change.table} {change.key}"
        self.device.operate(self.session, name, lambda: self._take(change))

    def _take(self, change: Change) -> None:
        state = self.device.state
        if self.atomic and self.device.pending is not None:
            self.device.pending.append(change)
            return
        present = state.find(change.table, change.key)
        if (present is None) == (change.action != "create"):
            raise Refused(f"{change.action} {change.table} {change.key}: no such entry, or it is there already")
        self.device.writes.append(change.action)
        self.device.state = apply_to(state, [change])

    def commit(self) -> None:
        if self.atomic:
            self.device.operate(self.session, "commit", self._commit)
            self.atomic = False

    def _commit(self) -> None:
        for change in self.device.pending or ():
            self.device.writes.append(change.action)
            self.device.state = apply_to(self.device.state, [change])
        self.device.pending = None

    def abort(self, session: Session) -> None:
        self.device.operate(session, "abort", self._abort)

    def _abort(self) -> None:
        if self.device.pending is None:
            raise Refused("abort: no such transaction")
        self.device.pending = None

    def settle(self, session: Session) -> None:
        if self.armed:
            self.device.operate(session, "save", self._save)
            self.armed = 0

    def _save(self) -> None:
        self.device.saved = None


@dataclass
class FakePlatform:
    device: Device
    asked: Desired = field(default_factory=wanted)
    lock_out: bool = False
    name: str = "fake"
    waiting: tuple[str, ...] = ()
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    restart_notes: tuple[str, ...] = ()
    usual_parent: str | None = None

    def check(self, params: Mapping[str, Any], report: Any) -> None:
        pass

    check_credentials = check_pin = check

    def options_of(self, params: Mapping[str, Any]) -> Any:
        return None

    def prepare(self) -> None:
        pass

    def pending(self, changes: Sequence[Change], observed: Observation) -> list[str]:
        return list(self.waiting) if changes else []

    def restart(self, session: Session) -> None:
        self.calls.append(("restart",))

    def open(self, target: Target) -> Session:
        return Session(self.device, target)

    def observe(self, session: Session, concerns: Sequence[str], options: Any) -> Observation:
        self.calls.append(("observe", tuple(concerns), options))
        state: Document = self.device.operate(session, "read", lambda: copy.deepcopy(self.device.state))
        return Observation(state, {"platform": "fake", "version": "1"}, None, findings=[FINDING])

    def offline(self, policy: SitePolicy, options: Any) -> Observation:
        return Observation(start(), {"platform": "fake", "version": "0"}, None)

    def compile(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]:
        assert policy is POLICY
        return copy.deepcopy(self.asked), ["a remark"]

    def withdraw(self, concerns: Sequence[str], observed: Observation) -> tuple[Desired, list[str]]:
        return desired(kept={(SETTINGS, ""): {"mode": "old"}}), ["taken back"]

    def findings(self, policy: SitePolicy, concerns: Sequence[str], observed: Observation) -> list[Finding]:
        modes = observed.document.singleton(SETTINGS)["mode"]
        return [Finding("FW-3", "low", "settings", f"mode is {modes}", "")]

    def guard(
        self, changes: Sequence[Change], observed: Observation, session: Session, policy: SitePolicy | None
    ) -> None:
        self.calls.append(("guard", len(changes), len(self.device.writes)))
        if self.lock_out:
            raise LockOut("you would be locked out")

    def begin(self, session: Session, changes: Sequence[Change], observed: Observation) -> Batch:
        return Batch(session, changes)

    def render(self, changes: Sequence[Change], observed: Observation) -> list[dict[str, Any]]:
        return [{"action": change.action, "key": change.key} for change in changes]

    def owned(self, concerns: Sequence[str], observed: Observation) -> dict[str, Any]:
        return {"block": len(observed.document.rows(BLOCK))}

    def settle_flows(
        self, session: Session, policy: SitePolicy, controls: Any, observed: Observation, clear: bool
    ) -> list[str]:
        self.calls.append(("flows", tuple(sorted(controls)), clear))
        assert not session.closed
        assert not session.broken
        return ["sessions live on"]


def job(platform: FakePlatform, **changes: Any) -> Job:
    given: dict[str, Any] = {
        "platform": platform,
        "target": TARGET,
        "concerns": ("sip_alg",),
        "state": "replaced",
        "check": False,
        "policy": POLICY,
        "options": "options",
        **changes,
    }
    return Job(**given)


def reached(state: Document) -> bool:
    return difference(state, wanted()) == []


# What works


@pytest.mark.parametrize("atomic", [False, True])
@pytest.mark.parametrize("revert", [0, 300])
def test_a_run_makes_what_is_asked_for(atomic: bool, revert: int) -> None:
    platform = FakePlatform(Device(atomic=atomic, revert=revert))
    result = run(job(platform))
    assert result["changed"] is True
    assert reached(platform.device.state)
    assert len(result["plan"]) == STEPS == len(platform.device.writes)
    assert platform.device.saved is None
    assert platform.device.pending is None
    assert result["pending"] == ["sessions live on"]
    assert result["remarks"] == ["a remark"]
    assert result["platform"] == {"platform": "fake", "version": "1"}


def test_a_second_run_changes_nothing_and_writes_nothing() -> None:
    platform = FakePlatform(Device())
    run(job(platform))
    platform.device.writes.clear()
    platform.calls.clear()
    logins = platform.device.logins
    result = run(job(platform))
    assert (result["changed"], result["plan"], result["undo"], result["pending"]) == (False, [], [], [])
    assert result["diff"] == {"before": "", "after": ""}
    assert platform.device.writes == []
    assert platform.device.logins == logins + 1
    assert [call[0] for call in platform.calls] == ["observe"]


@pytest.mark.parametrize("atomic", [False, True])
def test_check_mode_writes_nothing_and_shows_what_a_run_carries_out(atomic: bool) -> None:
    checked = FakePlatform(Device(atomic=atomic, revert=300))
    shown = run(job(checked, check=True))
    assert checked.device.writes == []
    assert checked.device.log == ["login", "read"]
    assert checked.device.state.tables == start().tables
    carried_out = run(job(FakePlatform(Device(atomic=atomic, revert=300))))
    for part in ("changed", "plan", "diff", "undo", "platform"):
        assert shown[part] == carried_out[part]
    assert shown["changed"] is True


def test_the_plan_is_carried_out_in_its_order() -> None:
    platform = FakePlatform(Device())
    result = run(job(platform))
    operations = [line.split(" ")[0] for line in platform.device.log if line not in ("login", "read")]
    assert operations == [line.split(" ")[0] for line in result["plan"]]


def test_the_undo_record_takes_the_plan_back() -> None:
    result = run(job(FakePlatform(Device())))
    assert len(result["undo"]) >= STEPS
    first, last = result["undo"][0], result["undo"][-1]
    assert (last["action"], last["table"], last["key"]) == ("delete", "block", "VOIPH-new")
    assert (first["action"], first["table"], first["key"]) == ("create", "block", "VOIPH-old")
    assert first["fields"] == {"name": "VOIPH-old", "value": 0}
    updates = [step for step in result["undo"] if step["action"] == "update" and step["table"] == "settings"]
    assert [step["fields"] for step in updates] == [{"mode": "old"}]
    moves = [step for step in result["undo"] if step["action"] == "move"]
    assert moves
    assert all({"before", "after"} & set(step) for step in moves)


def test_writing_is_verified_by_a_fresh_login() -> None:
    platform = FakePlatform(Device(atomic=True, revert=300))
    run(job(platform))
    log = platform.device.log
    assert log[:4] == ["login", "read", "arm", "begin"]
    assert log[-4:] == ["commit", "login", "read", "save"]


def test_a_step_that_was_not_stored_is_noticed() -> None:
    for at in range(2, 2 + STEPS):
        platform = FakePlatform(Device(fault=Fault(at, "ignore")))
        with pytest.raises(ApplyFailed) as failure:
            run(job(platform))
        # Where a later step stumbles over it, everything is taken back; else reading it again finds it.
        told_the_truth(failure.value, platform.device)
        unnoticed = platform.device.log[-1] == "read" and failure.value.outcome == AGAIN
        assert unnoticed == ("the device took every step and does not hold what was sent: " in str(failure.value))
        assert not reached(platform.device.state)
        run(job(platform))
        assert reached(platform.device.state)


def test_a_step_that_was_not_stored_does_not_leave_the_rollback_armed() -> None:
    platform = FakePlatform(Device(revert=300, fault=Fault(3, "ignore")))
    with pytest.raises(ApplyFailed):
        run(job(platform))
    assert platform.device.saved is None


def test_controls_that_changed_are_handed_to_the_flows() -> None:
    platform = FakePlatform(Device())
    run(job(platform, clear_sessions=True))
    assert platform.calls[-1] == ("flows", ("FW-1", "FW-3"), True)


def test_findings_are_those_of_the_state_that_is_left() -> None:
    result = run(job(FakePlatform(Device()), findings=(NOTE,)))
    assert [(one["control"], one["evidence"]) for one in result["findings"]] == [
        ("SVC-1", "old"),
        ("FW-1", "lets SIP in"),
        ("FW-3", "mode is new"),
    ]
    checked = run(job(FakePlatform(Device()), check=True))
    assert [one["evidence"] for one in checked["findings"]] == ["lets SIP in", "mode is old"]


def test_requests_are_counted_over_both_logins() -> None:
    platform = FakePlatform(Device())
    result = run(job(platform))
    assert result["requests"] == platform.device.operations + platform.device.logins == STEPS + 4


# Other states


def test_gathered_only_reads() -> None:
    platform = FakePlatform(Device())
    result = run(job(platform, state="gathered", policy=None))
    assert result == {
        "changed": False,
        "gathered": {"block": 3},
        "findings": [FINDING.as_dict()],
        "platform": {"platform": "fake", "version": "1"},
        "requests": 2,
    }
    assert platform.device.log == ["login", "read"]


def test_rendered_contacts_no_device() -> None:
    platform = FakePlatform(Device())
    result = run(job(platform, state="rendered", findings=(NOTE,)))
    assert len(result["rendered"]) == STEPS
    assert result["changed"] is False
    assert result["remarks"] == ["a remark"]
    assert result["platform"] == {"platform": "fake", "version": "0"}
    assert result["findings"] == [NOTE.as_dict()]
    assert (platform.device.logins, platform.device.operations) == (0, 0)


@pytest.mark.parametrize("policy", [None, POLICY])
def test_deleted_takes_away_what_is_ours_and_leaves_flows_alone(policy: SitePolicy | None) -> None:
    platform = FakePlatform(Device(state=device([block("theirs"), block("VOIPH-a")], mode=settings("new"))))
    result = run(job(platform, state="deleted", policy=policy))
    assert platform.device.state.tables == device([block("theirs")]).tables
    assert result["remarks"] == ["taken back"]
    assert result["pending"] == []
    assert not [call for call in platform.calls if call[0] == "flows"]


@pytest.mark.parametrize("state", ["replaced", "rendered"])
def test_a_state_that_needs_a_policy_and_has_none(state: str) -> None:
    platform = FakePlatform(Device())
    with pytest.raises(ValueError, match=f"policy: needed for state {state}"):
        run(job(platform, state=state, policy=None))
    assert platform.device.logins == 0


# Lock-out


def test_nothing_is_written_when_the_way_in_would_close() -> None:
    platform = FakePlatform(Device(revert=300), lock_out=True)
    with pytest.raises(LockOut):
        run(job(platform))
    assert platform.device.writes == []
    assert platform.device.saved is None
    assert ("guard", STEPS, 0) in platform.calls


def test_check_mode_says_that_a_run_would_be_refused() -> None:
    result = run(job(FakePlatform(Device(), lock_out=True), check=True))
    assert result["remarks"] == ["a remark", "a run would be refused: you would be locked out"]
    assert result["changed"] is True


def test_a_field_that_cannot_change_is_refused_before_anything_is_written() -> None:
    platform = FakePlatform(
        Device(state=device(ports=[port(3, "VOIPH-p", vlan=1)])), desired({PORT: [port(3, "VOIPH-p", vlan=2)]})
    )
    with pytest.raises(NotPossible, match="vlan is 1 on the device and the policy asks for 2"):
        run(job(platform))
    assert platform.device.writes == []


# Failures before anything is written


@pytest.mark.parametrize("kind", ["cut before", "cut after", "refuse", "garbage"])
def test_a_failed_first_read_is_no_failed_plan(kind: str) -> None:
    platform = FakePlatform(Device(fault=Fault(1, kind)))
    with pytest.raises(DeviceError) as failure:
        run(job(platform))
    assert not isinstance(failure.value, ApplyFailed)
    assert platform.device.writes == []


# Failures on the way: what is said is true


@dataclass(frozen=True)
class Unit:
    """What the device can do."""

    atomic: bool
    revert: int


UNITS = {
    "plain": Unit(False, 0),
    "with transactions": Unit(True, 0),
    "with a rollback": Unit(False, 300),
    "with both": Unit(True, 300),
}
KINDS = ("refuse", "cut before", "cut after", "garbage", "defect")


def _operations(unit: Unit) -> int:
    platform = FakePlatform(Device(atomic=unit.atomic, revert=unit.revert))
    run(job(platform))
    return platform.device.operations


def told_the_truth(failure: ApplyFailed, unit: Device) -> None:
    """The outcome is what the device holds."""
    if failure.outcome == RESTORED:
        assert by_key(unit.state) == by_key(start())
    elif failure.outcome == IN_FORCE:
        assert reached(unit.state)
    else:
        assert failure.outcome.startswith(AGAIN)
    assert str(failure).endswith(f". Outcome: {failure.outcome}")


def logins(platform: FakePlatform, operation: int) -> int:
    """How many lines of the log are logins before this operation."""
    seen = 0
    for index, line in enumerate(platform.device.log):
        seen += line == "login"
        if index + 1 - seen == operation:
            return seen
    raise AssertionError(f"operation {operation} is not in {platform.device.log}")


FAILURES = [
    pytest.param(unit, at, kind, id=f"{name}, {kind}, operation {at}")
    for name, unit in UNITS.items()
    for at in range(2, _operations(unit) + 1)
    for kind in KINDS
]


@pytest.mark.parametrize(("unit", "at", "kind"), FAILURES)
def test_what_is_said_of_a_failure_is_true(unit: Unit, at: int, kind: str) -> None:
    platform = FakePlatform(Device(atomic=unit.atomic, revert=unit.revert, fault=Fault(at, kind)))
    try:
        result = run(job(platform))
    except ApplyFailed as failure:
        told_the_truth(failure, platform.device)
        known = failure.outcome in (RESTORED, IN_FORCE)
    else:
        # Only what comes after the proof may break without making the run fail.
        assert platform.device.log[at - 1 + logins(platform, at)] == "save"
        assert reached(platform.device.state)
        assert result["changed"] is True
        known = True
    if known:
        assert platform.device.saved is None, "the rollback must not be left armed once the outcome is known"
    else:
        platform.device.expire()
    # Whatever happened, the next run arrives, and one after it finds nothing to do.
    run(job(platform))
    assert reached(platform.device.state)
    assert run(job(platform))["changed"] is False


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("kind", ["refuse", "cut before", "cut after"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_step_that_fails_once_is_taken_back(name: str, kind: str, step: int) -> None:
    unit = UNITS[name]
    first = 1 + bool(unit.atomic) + bool(unit.revert)
    platform = FakePlatform(Device(atomic=unit.atomic, revert=unit.revert, fault=Fault(first + step, kind)))
    with pytest.raises(ApplyFailed) as failure:
        run(job(platform))
    # Of the last step cut after it took effect nothing is left to do.
    last_and_done = step == STEPS and kind == "cut after" and not unit.atomic
    assert failure.value.outcome == (IN_FORCE if last_and_done else RESTORED)
    told_the_truth(failure.value, platform.device)
    assert platform.device.pending is None
    assert platform.device.saved is None


@pytest.mark.parametrize("kind", ["cut before", "cut after"])
def test_a_commit_of_which_nobody_knows_is_looked_up(kind: str) -> None:
    platform = FakePlatform(Device(atomic=True, fault=Fault(STEPS + 3, kind)))
    with pytest.raises(ApplyFailed) as failure:
        run(job(platform))
    assert platform.device.log[STEPS + 3] == "commit"
    assert failure.value.outcome == (IN_FORCE if kind == "cut after" else RESTORED)
    told_the_truth(failure.value, platform.device)


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("error", [Unreachable, LoginRefused, NotTrusted])
def test_when_no_new_login_works_everything_is_taken_back_by_the_old_one(name: str, error: type[DeviceError]) -> None:
    unit = UNITS[name]
    platform = FakePlatform(Device(atomic=unit.atomic, revert=unit.revert, no_login=error, no_logins=1))
    with pytest.raises(ApplyFailed) as failure:
        run(job(platform))
    assert failure.value.outcome == RESTORED
    told_the_truth(failure.value, platform.device)
    assert "login: no" in str(failure.value)


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("error", [Unreachable, LoginRefused, NotTrusted])
def test_when_no_login_works_at_all_it_says_that_it_does_not_know(name: str, error: type[DeviceError]) -> None:
    unit = UNITS[name]
    platform = FakePlatform(Device(atomic=unit.atomic, revert=unit.revert, no_login=error, no_logins=99))
    with pytest.raises(ApplyFailed) as failure:
        run(job(platform))
    assert failure.value.outcome.startswith(AGAIN)
    assert "finding out where the device stands failed too: login: no" in str(failure.value)
    rolls_back = "goes back to its saved configuration by itself within 300 s"
    assert (rolls_back in failure.value.outcome) == bool(unit.revert)
    # The old login took everything back; a unit with a rollback does the same by itself.
    assert by_key(platform.device.state) == by_key(start())
    platform.device.expire()
    assert by_key(platform.device.state) == by_key(start())


@pytest.mark.parametrize("unit", [UNITS["with a rollback"], UNITS["with both"]])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_unit_that_is_lost_goes_back_by_itself(unit: Unit, step: int) -> None:
    first = 2 + unit.atomic
    faulty = Device(
        atomic=unit.atomic,
        revert=unit.revert,
        fault=Fault(first + step, "cut after"),
        no_login=Unreachable,
        no_logins=99,
    )
    with pytest.raises(ApplyFailed) as failure:
        run(job(FakePlatform(faulty)))
    assert failure.value.outcome == (
        f"{AGAIN}; unless that happens the device goes back to its saved configuration by itself within 300 s"
    )
    faulty.expire()
    assert by_key(faulty.state) == by_key(start())


def test_the_failure_carries_the_plan() -> None:
    platform = FakePlatform(Device(fault=Fault(4, "refuse")))
    with pytest.raises(ApplyFailed) as failure:
        run(job(platform))
    assert len(failure.value.result["plan"]) == STEPS
    assert failure.value.result["platform"]["platform"] == "fake"


def test_a_refusal_is_named() -> None:
    platform = FakePlatform(Device(fault=Fault(2, "refuse")))
    with pytest.raises(ApplyFailed) as failure:
        run(job(platform))
    assert str(failure.value) == f"create block VOIPH-new: HTTP 500. Outcome: {RESTORED}"


def test_time_is_left_for_finding_out() -> None:
    platform = FakePlatform(Device())
    run(job(platform, target=replace(TARGET, timeout=GRACE_SECONDS / 2)))
    assert platform.device.timeouts == [GRACE_SECONDS / 2, GRACE_SECONDS]
    platform = FakePlatform(Device())
    run(job(platform))
    assert platform.device.timeouts[0] == 300
    assert GRACE_SECONDS < platform.device.timeouts[1] <= 300


def test_sessions_are_closed_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Session] = []

    def remember(self: FakePlatform, target: Target) -> Session:
        opened.append(Session(self.device, target))
        return opened[-1]

    monkeypatch.setattr(FakePlatform, "open", remember)
    for fault in (None, *(Fault(at, kind) for at in range(1, STEPS + 4) for kind in KINDS)):
        platform = FakePlatform(Device(fault=fault))
        try:
            run(job(platform))
        except (DeviceError, KeyError):
            assert fault is not None
    assert opened
    assert all(session.closed for session in opened)
