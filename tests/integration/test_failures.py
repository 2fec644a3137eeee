"""Plans that the device does not carry out: the outcome that is told is the state that the device is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.devices.fortigate import Response, Switches
from tests.support.outcomes import assert_converges, assert_true, reference
from tests.support.policies import policy
from tests.support.states import assert_same
from tests.support.units import CONFIGS, Unit

Start = Callable[..., Unit]

TRANSACTIONS = pytest.mark.parametrize("transactions", [True, False], ids=["transaction", "one-by-one"])


def failed(unit: Unit, module: str = "firewall", **options: Any) -> tuple[str, str]:
    """Message and outcome of a run that must fail after it began; the outcome is true of the unit."""
    before = unit.state
    failure = unit.fail(module, **options)
    assert failure.result["changed"]
    assert failure.result["plan"]
    after = reference(before, module=module, **options)
    assert_true(failure.result["outcome"], before, after, unit.state)
    return failure.message, failure.result["outcome"]


@TRANSACTIONS
@pytest.mark.parametrize("nth", [1, 2, 7, 20, 45, 60])
@pytest.mark.parametrize("config", CONFIGS)
def test_a_refused_step(config: str, nth: int, transactions: bool, start: Start) -> None:
    """The n-th write is answered by a refusal: everything before it is taken back."""
    unit = start(config, switches=Switches(transactions=transactions))
    refuse_write(unit, nth)
    before = unit.state
    message, outcome = failed(unit)
    assert "HTTP 500, error -160 (the unit gives no more detail), the unit says: no." in message
    assert outcome == "old state restored"
    assert_converges(reference(before), unit)


def test_a_unit_that_moves_nothing_in_a_transaction(start: Start) -> None:
    """Moves inside a transaction are refused: the plan is carried out without one, to the same end."""
    unit = start("lived-in")
    before = unit.state
    answer = unit.device._answer

    def refusing(request: Any, striking: Any) -> Any:
        if ("action", "move") in request.query and request.header("X-TRANSACTION-ID"):
            return Response.of({"http_status": 500, "status": "error", "error": -61}, 500)
        return answer(request, striking)

    unit.device._answer = refusing  # type: ignore[method-assign]
    unit.run()
    assert_same(reference(before), unit.state, numbers=False)
    assert not unit.device.workspace.open
    assert unit.run()["plan"] == []


def refuse_write(unit: Unit, nth: int) -> None:
    """Let the device refuse the n-th change (transaction requests and the rollback's switch do not count)."""
    count = 0
    answer = unit.device._answer

    def refusing(request: Any, striking: Any) -> Any:
        nonlocal count
        body = request.body or b""
        if request.method != "GET" and "/cmdb/" in request.path and b"cfg-save" not in body:
            count += 1
            if count == nth:
                return Response.of({"http_status": 500, "status": "error", "error": -160, "cli_error": "no."}, 500)
        return answer(request, striking)

    unit.device._answer = refusing  # type: ignore[method-assign]


@TRANSACTIONS
@pytest.mark.parametrize(
    ("path", "room"),
    [("firewall/address", 5), ("firewall/policy", 3), ("firewall.service/custom", 26), ("system.dhcp/server", 0)],
)
def test_a_full_table(path: str, room: int, transactions: bool, start: Start) -> None:
    """The unit's limit is told with its reason, and what was made before is taken back."""
    unit = start("factory", switches=Switches(transactions=transactions), limits={path: room})
    before = unit.state
    message, outcome = failed(unit)
    assert path in message
    assert "the table is full" in message
    assert outcome == "old state restored"
    assert_same(before, unit.state)


@TRANSACTIONS
@pytest.mark.parametrize("status", [424, 500])
def test_both_forms_of_a_rejection(status: int, transactions: bool, start: Start) -> None:
    """Older releases refuse with 424, current ones with 500: the reason is the same sentence."""
    unit = start(
        "factory", switches=Switches(transactions=transactions, rejection_status=status), limits={"firewall/policy": 2}
    )
    message, outcome = failed(unit)
    assert f"HTTP {status}, error -4 (the table is full)" in message
    assert outcome == "old state restored"


def test_a_refusal_at_commit(start: Start) -> None:
    """A unit that looks at changes only when they are committed: nothing has taken effect."""
    unit = start(
        "factory", switches=Switches(transaction_validation="commit"), limits={"firewall/policy": 2}
    )
    before = unit.state
    message, outcome = failed(unit)
    assert "the table is full" in message
    assert outcome == "old state restored"
    assert_same(before, unit.state)


@TRANSACTIONS
@pytest.mark.parametrize(
    ("path", "field", "concern"),
    [
        ("firewall/policy", "logtraffic", "sip_allowlist"),
        ("firewall/policy", "srcaddr-negate", "sip_allowlist"),
        ("system/settings", "sip-nat-trace", "sip_alg"),
        ("firewall.service/custom", "udp-portrange", "sip_allowlist"),
        ("system/interface", "lldp-transmission", "voice_vlan"),
        ("system/global", "admin-lockout-duration", "management_access"),
    ],
)
def test_accepted_but_not_stored(path: str, field: str, concern: str, transactions: bool, start: Start) -> None:
    """A unit says success and keeps the old value: the fresh read finds it and the run fails, naming the field."""
    unit = start("factory", switches=Switches(transactions=transactions))
    unit.device.faults.plant(kind="ignore-field", path=path, field=field)
    message, outcome = failed(unit, concern)
    assert field in message
    assert outcome == "needs another run"
    unit.device.faults.clear()
    assert unit.run(concern)["changed"]
    assert unit.run(concern)["plan"] == []


@TRANSACTIONS
@pytest.mark.parametrize("status", [403, 502, 503])
def test_an_error_page_in_the_middle(status: int, transactions: bool, start: Start) -> None:
    """A page of the web server instead of an answer: named, and the outcome is what a fresh login finds."""
    unit = start("lived-in", switches=Switches(transactions=transactions))
    unit.device.faults.plant(kind="status", value=status, method="POST", path="cmdb/firewall/policy", at=2)
    message, _outcome = failed(unit)
    assert str(status) in message


@TRANSACTIONS
@pytest.mark.parametrize("kind", ["html", "truncated"])
def test_a_garbled_answer_to_a_write(kind: str, transactions: bool, start: Start) -> None:
    """The write took effect, its answer is not understood."""
    unit = start("lived-in", switches=Switches(transactions=transactions))
    unit.device.faults.plant(kind=kind, method="POST", path="cmdb/firewall/policy", at=2)
    failed(unit)


@pytest.mark.parametrize("kind", ["hang", "trickle"])
@TRANSACTIONS
def test_a_device_that_stalls_in_the_middle(kind: str, transactions: bool, start: Start) -> None:
    """The time for the device runs out; a new login within the grace finds out where it stands."""
    unit = start("factory", switches=Switches(transactions=transactions), timeout=3)
    unit.device.faults.plant(kind=kind, seconds=1, method="POST", path="cmdb/firewall/policy", at=2, times=1)
    message, _outcome = failed(unit)
    assert "timeout" in message


def test_no_new_login_after_the_commit(start: Start) -> None:
    """All connections after the first one are refused: the old login takes back what it can, and the truth is told."""
    unit = start("factory", switches=Switches(transactions=False))
    before = unit.state
    connections = iter(range(1_000_000))
    unit.device.faults.refuses_connection = lambda: next(connections) > 0  # type: ignore[method-assign]
    failure = unit.fail("sip_allowlist")
    outcome = failure.result["outcome"]
    del unit.device.faults.refuses_connection
    after = reference(before, module="sip_allowlist")
    assert_true(outcome, before, after, unit.state)


@TRANSACTIONS
def test_a_failed_removal(transactions: bool, start: Start) -> None:
    """`deleted` that is refused halfway leaves the unit hardened."""
    unit = start("lived-in", switches=Switches(transactions=transactions))
    unit.run()
    before = unit.state
    refuse_write(unit, 25)
    failure = unit.fail(state="deleted")
    assert failure.result["outcome"] == "old state restored"
    assert_same(before, unit.state, numbers=False)
    assert unit.run()["plan"] == []


@TRANSACTIONS
def test_a_failed_change_of_policy(transactions: bool, start: Start) -> None:
    """A change from tls to udp that is refused halfway leaves tls in force, and the next run gets there."""
    unit = start("lived-in", switches=Switches(transactions=transactions))
    unit.run()
    before = unit.state
    refuse_write(unit, 2)
    failure = unit.fail(policy=policy(transport="udp"))
    assert failure.result["outcome"] == "old state restored"
    assert_same(before, unit.state)
    assert unit.run(policy=policy(transport="udp"))["changed"]
    assert unit.run(policy=policy(transport="udp"))["plan"] == []


@TRANSACTIONS
def test_the_undo_record_takes_a_run_back(transactions: bool, start: Start) -> None:
    """The steps that a run returns as `undo` lead back to the start, carried out one by one in their order."""
    unit = start("lived-in", switches=Switches(transactions=transactions))
    before = unit.state
    result = unit.run("sip_allowlist")
    assert [step["action"] for step in result["undo"]].count("delete") == len(
        [line for line in result["plan"] if line.startswith("create ")]
    )
    for step in result["undo"]:
        scope, _colon, path = step["table"].partition(":")
        vdom = "root" if scope == "global" else scope
        if step["action"] == "delete":
            unit.remove(path, step["key"], vdom)
        elif step["action"] == "move":
            side = "before" if "before" in step else "after"
            unit.move(path, step["key"], vdom, **{side: step[side]})
    assert_same(before, unit.state)
