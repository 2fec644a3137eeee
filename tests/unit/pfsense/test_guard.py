"""The way by which a box is managed stays open."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import CREATE, UPDATE, Change
from ansible_collections.voip.hardening.plugins.module_utils.errors import LockOut
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import guard
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.tables import INTERFACES, SSH, table
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import (
    ALLOWLIST,
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
    seen = observed(box)
    guard.check(changes, seen.document, guard.Path(peer, 22, source), seen.details.groups)


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
            {},
        )


# Rules of the site's that are switched off

FROM_HOME = "192.0.2.7"
EXCLUSIVE = site(enforce_exclusive=True)


def let_in(*rules: Raw, groups: tuple[Raw, ...] = ()) -> Box:
    """A box that is managed over the internet, by these rules of the site's."""

    def alter(tree: Raw) -> None:
        tree["filter"] = {"rule": list(rules)}
        if groups:
            tree["ifgroups"] = {"ifgroupentry": list(groups)}

    return unit(tree=alter)


def wan_rule(**fields: Any) -> Raw:
    rule = {"tracker": "1690000099", "type": "pass", "interface": "wan", "descr": "from home", "ipprotocol": "inet"}
    return {**rule, "source": {"address": FROM_HOME}, "destination": {"any": ""}, **fields}


SSH_IN = {"any": "", "port": "22"}
MANY = {"tracker": "1690000001", "descr": "everybody", "source": {"any": ""}}


@pytest.mark.parametrize(
    "box",
    [
        let_in(wan_rule()),
        let_in(wan_rule(source={"any": ""})),
        let_in(wan_rule(interface="wan,lan", floating="yes", quick="yes", direction="any")),
        let_in(wan_rule(interface="Lines"), groups=({"ifname": "Lines", "members": "wan opt1"},)),
        let_in(wan_rule(), wan_rule(**MANY, destination={"network": "wanip"}, protocol="tcp", disabled="")),
        # What stands behind a block, speaks of other ports or packets, or waits for an hour does not let us in.
        let_in(wan_rule(), wan_rule(**MANY, type="block"), wan_rule(tracker="2", protocol="tcp")),
        let_in(wan_rule(), wan_rule(**MANY, protocol="tcp", destination={"any": "", "port": "443"})),
        let_in(wan_rule(), wan_rule(**MANY, protocol="icmp")),
        let_in(wan_rule(), wan_rule(**MANY, protocol="tcp", ipprotocol="inet6")),
        let_in(wan_rule(), wan_rule(**MANY, protocol="tcp", sched="Hours", destination=SSH_IN)),
        let_in(wan_rule(), wan_rule(tracker="2", protocol="tcp", source={"address": FROM_HOME, "not": ""})),
    ],
)
def test_the_rule_by_which_we_come_is_not_switched_off(box: Box) -> None:
    """`enforce_exclusive` switches off what lets SIP of strangers in, which may be what lets us in."""
    changes = plan(EXCLUSIVE, observed(box), ALLOWLIST)
    assert any(change.after == {"disabled": True} for change in changes)
    with pytest.raises(LockOut, match=r"lets 192\.0\.2\.7, from where we connect, in by wan: (everybody, )?from home"):
        checked(changes, box, FROM_HOME, "198.51.100.2")


@pytest.mark.parametrize(
    ("box", "concerns", "source"),
    [
        (let_in(wan_rule()), (ALLOWLIST,), "10.0.0.50"),
        (let_in(wan_rule(), wan_rule(**MANY, protocol="tcp", destination=SSH_IN)), (ALLOWLIST,), ""),
        (let_in(wan_rule(), wan_rule(**MANY, protocol="tcp", destination={"any": "", "port": "20-25"})),
         (ALLOWLIST,), ""),
        (let_in(wan_rule(), wan_rule(tracker="2", protocol="tcp", destination={"network": "(self)", "port": "22"})),
         (ALLOWLIST,), ""),
        (let_in(wan_rule()), (ALLOWLIST, MANAGEMENT), ""),
        (let_in(wan_rule(source={"address": "192.0.2.99"})), (ALLOWLIST,), ""),
        (let_in(wan_rule(tracker="2", type="block", protocol="tcp"), wan_rule()), (ALLOWLIST,), ""),
    ],
    ids=["from LAN", "SSH too", "a range", "to the box", "with our rules", "not by it", "not even before"],
)  # fmt: skip
def test_rules_that_others_come_by(box: Box, concerns: tuple[str, ...], source: str) -> None:
    policy = site(enforce_exclusive=True, management__networks=["10.0.0.0/24", "192.0.2.0/28"])
    changes = plan(policy, observed(box), *concerns)
    assert any(change.after == {"disabled": True} for change in changes)
    checked(changes, box, source or FROM_HOME, "10.0.0.1" if source else "198.51.100.2")


def test_a_rule_that_comes_back_is_no_loss() -> None:
    box = harden(let_in(wan_rule()), EXCLUSIVE, ALLOWLIST)
    checked(removal(observed(box), ALLOWLIST), box, FROM_HOME, "198.51.100.2")


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
