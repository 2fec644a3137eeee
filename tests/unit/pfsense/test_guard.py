"""The way by which a box is managed stays open."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import CREATE, UPDATE, Change
from ansible_collections.voip.hardening.plugins.module_utils.errors import LockOut
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import guard
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.tables import INTERFACES, SSH, table
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import (
    MANAGEMENT,
    PEER,
    VOICE,
    Box,
    Raw,
    altered,
    harden,
    observed,
    plan,
    removal,
    run,
    saved,
    unit,
)

POLICY = site()


def checked(changes: list[Change], box: Box, source: str = "10.0.0.50", peer: str = PEER) -> None:
    guard.check(changes, observed(box).document, guard.Path(peer, 22, source))


@pytest.mark.parametrize(
    ("source", "open_"),
    [
        ("10.0.0.50", True),
        ("10.0.1.50", False),
        ("192.0.2.7", False),
        ("2001:db8:0:1::7", False),
        ("fe80::1%em1", False),
        ("somewhere", False),
        ("", False),
    ],
)
def test_we_are_one_of_the_administrators(source: str, open_: bool) -> None:
    changes = plan(POLICY, observed(unit()), MANAGEMENT)
    if open_:
        checked(changes, unit(), source)
        return
    with pytest.raises(LockOut) as error:
        checked(changes, unit(), source)
    assert str(error.value).startswith(f"the plan lets only 10.0.0.0/24 manage the box, and {source}, from where we")


def test_what_closes_the_way_already_has_let_us_in() -> None:
    """Whatever address the box sees us by, a run that leaves that as it is can be carried out."""
    box = harden(unit(), POLICY, MANAGEMENT)
    checked(plan(POLICY, observed(box), VOICE), box, "192.0.2.7")
    checked(removal(observed(box), MANAGEMENT), box, "192.0.2.7")
    with pytest.raises(LockOut):
        checked(plan(site(management__networks=["10.0.0.0/25"]), observed(box), MANAGEMENT), box, "192.0.2.7")


def test_what_is_not_in_force_has_let_nobody_in() -> None:
    box = saved(harden(unit(), POLICY, MANAGEMENT), {"system/domain": "x.example.net"}, "filter")
    with pytest.raises(LockOut):
        checked(plan(POLICY, observed(box), VOICE), box, "192.0.2.7")


def test_a_block_that_is_off_closes_nothing() -> None:
    box = altered(harden(unit(), POLICY, MANAGEMENT), "filter/rule", "VOIPH-block-management", disabled="")
    checked([], box, "192.0.2.7")
    with pytest.raises(LockOut):
        checked(plan(POLICY, observed(box), MANAGEMENT), box, "192.0.2.7")


def test_administrators_that_nobody_knows_are_nobody() -> None:
    box = altered(harden(unit(), POLICY, MANAGEMENT), "aliases/alias", "VOIPH_MANAGERS", type="urltable", address="")
    with pytest.raises(LockOut, match="lets only nobody manage"):
        checked([], box)


def test_the_declared_controller_counts() -> None:
    declared = site(management__controller_address="10.0.0.9")
    assert run(unit(), declared, source="192.0.2.7", check=True)["remarks"] == []
    (remark,) = run(unit(), POLICY, source="192.0.2.7", check=True)["remarks"]
    assert remark.startswith("a run would be refused: the plan lets only 10.0.0.0/24")
    with pytest.raises(LockOut):
        run(unit(), POLICY, source="192.0.2.7")


# Among the phones


def phones(name: str = "opt2") -> Box:
    def alter(tree: Raw) -> None:
        own = {"descr": "Phones", "if": "em2", "enable": "", "ipaddr": "10.40.0.1", "subnet": "24"}
        tree["interfaces"] = {**tree["interfaces"], name: own}

    return unit(tree=alter)


def test_a_controller_among_the_phones_would_lock_itself_out() -> None:
    with pytest.raises(LockOut) as error:
        checked(plan(POLICY, observed(phones()), VOICE), phones(), "10.40.0.50")
    assert str(error.value) == (
        "10.40.0.50, from where we connect, lies in 10.40.0.0/24, which the plan closes to everything but voice. "
        "Connect from another network"
    )


@pytest.mark.parametrize("source", ["10.0.0.50", "192.0.2.7", "2001:db8::7"])
def test_controllers_elsewhere(source: str) -> None:
    checked(plan(POLICY, observed(phones()), VOICE), phones(), source)


def test_the_vendors_own_rule_lets_lan_in() -> None:
    """As long as it is there: it comes before all rules of the user's (inc/filter.inc)."""
    box = phones("lan")
    checked(plan(POLICY, observed(box), VOICE), box, "10.40.0.50")
    gone = {"system/webgui/noantilockout": ""}
    with pytest.raises(LockOut):
        guard.check(
            plan(POLICY, observed(box), VOICE),
            observed(box, config=gone).document,
            guard.Path("10.40.0.1", 22, "10.40.0.50"),
        )


# The interface and SSH


def test_the_interface_by_which_we_come_stays() -> None:
    box = harden(unit(), POLICY)
    for changes in (removal(observed(box)), plan(site(voice_vlan__subnet="10.50.0.0/24"), observed(box))):
        assert any(change.table.path == INTERFACES for change in changes)
        checked(changes, box)
        with pytest.raises(LockOut, match=r"the plan changes interface opt3, by whose address 10\.40\.0\.1 the box is"):
            checked(changes, box, peer="10.40.0.1")


def test_an_interface_that_is_made_is_nobodys_way() -> None:
    changes = plan(POLICY, observed(unit()))
    assert any(change.table.path == INTERFACES and change.action == CREATE for change in changes)
    checked(changes, unit(), peer="10.40.0.1")


def test_ssh_stays_on() -> None:
    off = Change(UPDATE, table(SSH), "", "", ("WEB-3",), {"enabled": True}, {"enabled": False})
    with pytest.raises(LockOut, match="switches SSH off"):
        checked([off], unit())
