"""Every concern on every release and from both starting points: harden, again, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.managed import managed_by
from tests.support.policies import policy
from tests.support.states import MARK, assert_foreign_untouched, assert_same, is_ours, tables
from tests.support.units import CONCERNS, CONFIGS, MODULES, VERSIONS, Unit

Start = Callable[..., Unit]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("version", VERSIONS)
def test_harden_again_and_back(version: str, config: str, module: str, start: Start) -> None:
    """Check writes nothing and shows the plan that a run carries out; the next one is empty; deleted gives all back."""
    unit = start(config, version)
    before = unit.state

    shown = unit.run(module, check=True)
    assert shown["changed"]
    assert unit.writes == []
    assert_same(before, unit.state)

    done = unit.run(module)
    assert done["plan"] == shown["plan"]
    assert done["diff"] == shown["diff"]
    assert done["undo"] == shown["undo"]
    hardened = unit.state
    assert_foreign_untouched(before, hardened, managed_by(module))

    unit.forget()
    again = unit.run(module)
    assert (again["changed"], again["plan"]) == (False, [])
    assert unit.writes == []
    assert unit.state == hardened

    removal = unit.run(module, check=True, state="deleted")
    assert unit.state == hardened
    assert unit.run(module, state="deleted")["plan"] == removal["plan"]
    assert_same(before, unit.state)
    assert unit.run(module, state="deleted")["plan"] == []


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("first", CONCERNS)
def test_concerns_taken_back_one_by_one(first: str, config: str, start: Start) -> None:
    """After a full run each concern can be taken back alone; the others stay whole; in the end all is as before."""
    unit = start(config)
    before = unit.state
    unit.run()
    left = list(CONCERNS)
    for concern in (first, *(other for other in CONCERNS if other != first)):
        assert unit.run(concern, state="deleted")["changed"]
        left.remove(concern)
        # What other concerns keep was not taken along.
        for other in left:
            assert unit.run(other, check=True)["plan"] == [], (concern, other)
        assert unit.run(concern, state="deleted")["plan"] == []
    assert_same(before, unit.state)


@pytest.mark.parametrize("config", CONFIGS)
def test_concerns_one_by_one_are_the_same_as_all_at_once(config: str, start: Start) -> None:
    """Four runs of one concern each leave the unit as one run of all does, whichever order they come in."""
    whole = start(config)
    whole.run()
    for order in (CONCERNS, CONCERNS[::-1]):
        pieces = start(config)
        for concern in order:
            pieces.run(concern)
        assert pieces.run(check=True)["plan"] == []
        assert_same(_without_remembered(whole.state), _without_remembered(pieces.state), numbers=False)


def _without_remembered(state: dict[str, Any]) -> dict[str, Any]:
    """The state without the notes on what settings were before, whose wording depends on who wrote them."""
    addresses = state["vdom"]["root"]["firewall/address"]
    state["vdom"]["root"]["firewall/address"] = [
        row for row in addresses if not row["name"].startswith(f"{MARK}was-")
    ]
    return state


def test_concerns_can_be_chosen(start: Start) -> None:
    """`concerns` limits a run to some; a concern that the policy switches off is not looked at."""
    unit = start("lived-in")
    chosen = unit.run(concerns=["sip_alg"])
    alone = start("lived-in").run("sip_alg")
    assert chosen["plan"] == alone["plan"]

    off = {concern: False for concern in CONCERNS if concern != "sip_alg"}
    assert start("lived-in").run(policy=policy(concerns=off))["plan"] == alone["plan"]


def test_nothing_is_contacted_when_the_policy_switches_everything_off(start: Start) -> None:
    """A run without a concern left says so, and opens no connection."""
    unit = start("factory")
    result = unit.run("sip_alg", policy=policy(concerns={"sip_alg": False}))
    assert not result["changed"]
    assert "not contacted" in " ".join(result["remarks"])
    assert unit.device.counters.connections == 0


@pytest.mark.parametrize("module", MODULES)
def test_gathered_reads_only(module: str, start: Start) -> None:
    """`gathered` needs no policy, writes nothing, and shows every row of ours and none of others."""
    unit = start("lived-in")
    nothing = unit.run(module, state="gathered")
    assert not nothing["changed"]
    assert MARK not in repr(nothing["gathered"])
    unit.run(module)
    hardened = unit.state
    unit.forget()
    gathered = unit.run(module, state="gathered")["gathered"]
    assert unit.writes == []
    assert unit.state == hardened
    shown = {table.partition(":")[2]: rows for table, rows in gathered.items()}
    for _scope, path, content in tables(hardened):
        ours = [row for row in content if is_ours(path, row)] if isinstance(content, list) else []
        if ours:
            assert len(shown[path]) == len(ours), path


@pytest.mark.parametrize("version", VERSIONS)
def test_rendered_contacts_nothing_and_is_what_a_new_unit_takes(version: str, start: Start) -> None:
    """The rendered requests are those that a run sends, in their order, to a unit fresh from the factory."""
    unit = start("factory", version)
    # Only rules and objects: settings of a real unit have values that nobody can know without asking it.
    options: dict[str, Any] = {"concerns": ["sip_allowlist"], "policy": policy(wan_interfaces=["wan1"])}
    rendered = unit.run(state="rendered", version=version, host=None, access_token=None, **options)
    assert unit.device.counters.connections == 0
    assert not rendered["changed"]
    unit.run(**options)
    sent = [
        (entry["method"], entry["path"], entry["body"].get("name") or entry["body"].get("comments"))
        for entry in unit.writes
        if entry["method"] == "POST" and entry["path"] != "/api/v2/cmdb"
    ]
    shown = [
        (request["method"], request["path"], request["body"].get("name") or request["body"].get("comments"))
        for request in rendered["rendered"]
        if request["method"] == "POST"
    ]
    assert shown == sent
