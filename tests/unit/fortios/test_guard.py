"""The way by which a unit is managed stays open, or nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import (
    CREATE,
    UPDATE,
    Change,
    Desired,
    Entry,
    difference,
)
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, RowId, TableId
from ansible_collections.voip.hardening.plugins.module_utils.errors import LockOut
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.compiler import compile_policy
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.guard import (
    Path,
    check,
    guarded_changes,
)
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import Wire, document, wire

INTERFACE, ADMIN = TableId("global", "system/interface"), TableId("global", "system/admin")
INSIDE = Path(peer="10.0.0.1", source="10.0.0.5", account="admin")


def hardening(unit: Document, **changes: Any) -> list[Change]:
    """The plan that closes the management plane of a unit for the networks of the sample policy."""
    desired, _remarks = compile_policy(site(**changes), ("management_access",), unit, ("root",))
    return difference(unit, desired)


def settings(unit: Document, *kept: tuple[TableId, str, dict[str, Any]]) -> list[Change]:
    entries = {RowId(table, key): Entry(values, ("WEB-3",)) for table, key, values in kept}
    return difference(unit, Desired(lambda _table, _row: (), {}, entries))


ALLOWED: dict[str, Path] = {
    "by the inside address": INSIDE,
    "by the inside address with a token": Path("10.0.0.1", "10.0.0.5", ""),
    "by an account that the unit does not list (remote)": Path("10.0.0.1", "10.0.0.200", "radius-user"),
}


@pytest.mark.parametrize("path", ALLOWED.values(), ids=ALLOWED)
def test_allowed(path: Path) -> None:
    unit = document()
    check(hardening(unit), unit, path)


REFUSED: dict[str, tuple[Path, str]] = {
    "by the WAN": (
        Path("198.51.100.130", "10.0.0.5", "admin"),
        "the plan closes HTTPS on wan1, and the unit is reached through wan1 (198.51.100.130). Connect to an inside "
        "address of the unit (through the LAN or a VPN)",
    ),
    "by an address that is none of the unit's": (
        Path("203.0.113.77", "10.0.0.5", "admin"),
        "the plan closes HTTPS on wan1, and 203.0.113.77, by which the unit is reached, is the address of none of its "
        "interfaces, so it cannot be told whether that is the way we came. Connect to an inside address of the unit "
        "(through the LAN or a VPN)",
    ),
    "from outside the trusted networks": (
        Path("10.0.0.1", "10.0.9.9", "admin"),
        "the plan limits the accounts to hosts among which 10.0.9.9, from where we connect, is not, so that account "
        "'admin' could not log in from here again. Add its network to voip_policy.management.networks, or, where the "
        "unit sees another address (NAT, VPN), name that one in voip_policy.management.controller_address",
    ),
    "from outside the trusted networks with a token": (
        Path("10.0.0.1", "10.0.9.9", ""),
        "the plan limits the accounts to hosts among which 10.0.9.9, from where we connect, is not, so that any "
        "account could not log in from here again. Add its network to voip_policy.management.networks, or, where the "
        "unit sees another address (NAT, VPN), name that one in voip_policy.management.controller_address",
    ),
    "over IPv6, which the policy closes": (
        Path("10.0.0.1", "2001:db8::5", "admin"),
        "the plan limits the accounts to hosts among which 2001:db8::5, from where we connect, is not, so that account "
        "'admin' could not log in from here again. Add its network to voip_policy.management.networks, or, where the "
        "unit sees another address (NAT, VPN), name that one in voip_policy.management.controller_address",
    ),
}


@pytest.mark.parametrize(("path", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(path: Path, message: str) -> None:
    unit = document()
    with pytest.raises(LockOut) as refusal:
        check(hardening(unit), unit, path)
    assert str(refusal.value) == message


def test_an_address_with_an_interface_behind_it() -> None:
    unit = document()
    changes = hardening(unit, management__networks=["10.0.0.0/24", "2001:db8:1::/48"])
    check(changes, unit, Path("10.0.0.1%internal", "2001:db8:1::5%internal", "admin"))


def test_over_ipv6_from_a_trusted_network() -> None:
    unit = document()
    changes = hardening(unit, management__networks=["10.0.0.0/24", "2001:db8:1::/48"])
    check(changes, unit, Path("10.0.0.1", "2001:db8:1::5", "admin"))
    with pytest.raises(LockOut):
        check(changes, unit, Path("10.0.0.1", "2001:db8:2::5", "admin"))


def test_the_account_that_we_use_counts_and_no_other() -> None:
    narrow = {**{f"trusthost{i}": "10.0.0.9 255.255.255.255" for i in range(1, 11)}}
    rows: list[Wire] = [{"name": "admin"}, {"name": "api"} | narrow]
    unit = document(changes={"system/admin": rows})
    changes = hardening(unit)
    check(changes, unit, Path("10.0.0.1", "10.0.0.5", "admin"))
    check(changes, unit, Path("10.0.0.1", "10.0.0.5", ""))
    with pytest.raises(LockOut):
        check(changes, unit, Path("10.0.0.1", "10.0.0.5", "api"))


def test_an_interface_that_had_no_https_is_not_closed() -> None:
    unit = document(changes={"system/interface": [{"name": "wan1", "role": "wan", "allowaccess": "ssh ping"}]})
    changes = hardening(unit)
    assert any(change.table == INTERFACE for change in changes)
    check(changes, unit, Path("203.0.113.77", "10.0.0.5", "admin"))


def test_https_by_ipv6_counts_too() -> None:
    row = {"name": "wan1", "role": "wan", "ipv6": {"ip6-allowaccess": "https"}}
    unit = document(changes={"system/interface": [row]})
    with pytest.raises(LockOut, match="closes HTTPS on wan1"):
        check(hardening(unit), unit, Path("203.0.113.77", "10.0.0.5", "admin"))


def test_closing_the_interface_that_we_came_by() -> None:
    unit = document()
    with pytest.raises(LockOut, match="reached through internal"):
        check(settings(unit, (INTERFACE, "internal", {"allowaccess": ("ping",)})), unit, INSIDE)


def test_taking_the_address_away_that_we_came_by() -> None:
    unit = document()
    changes = settings(unit, (INTERFACE, "internal", {"ip": "10.0.0.2/24"}), (INTERFACE, "wan1", {"allowaccess": ()}))
    with pytest.raises(LockOut, match="the address of none of its interfaces"):
        check(changes, unit, INSIDE)


def test_a_plan_that_touches_no_way_in_is_not_looked_at() -> None:
    unit = document()
    desired, _remarks = compile_policy(site(), ("sip_alg",), unit, ("root",))
    changes = difference(unit, desired)
    assert changes
    assert guarded_changes(changes, unit) == []
    check(changes, unit, Path("203.0.113.77", "203.0.113.78", "nobody"))


def test_what_counts_as_touching_the_way_in() -> None:
    unit = document()
    cases: dict[str, tuple[Change, bool]] = {
        "services": (Change(UPDATE, INTERFACE, "wan1", "wan1", (), {"allowaccess": ()}, {"allowaccess": ()}), True),
        "trusted hosts": (Change(UPDATE, ADMIN, "admin", "admin", (), {"trusthosts": ()}, {"trusthosts": ()}), True),
        "role": (Change(UPDATE, INTERFACE, "wan1", "wan1", (), {"role": "wan"}, {"role": "lan"}), False),
        "a new interface": (
            Change(CREATE, INTERFACE, "v", "v", (), after=wire("system/interface", name="v")),
            False,
        ),
    }
    for name, (change, touched) in cases.items():
        assert bool(guarded_changes([change], unit)) is touched, name
