"""The way by which a Vigor is managed stays open, or nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import (
    UPDATE,
    Change,
    Desired,
    Entry,
    difference,
)
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, RowId
from ansible_collections.voip.hardening.plugins.module_utils.errors import LockOut
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.guard import Path, check
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    LAN_ACCESS,
    LANS,
    REMOTE,
    SIP_ALG,
    VLAN,
    table,
)
from tests.devices.vigor import Vigor
from tests.unit.draytek.units import SMALL, compiled, harden, observed, plan, removal, typed, unit
from tests.unit.fortios.sites import site

INSIDE = Path("192.168.1.1", "192.168.1.50", "ssh")
WAN, CONTROLLER = "203.0.113.2", "192.0.2.9"
MANAGEMENT = "management_access"
_INSIDE = "Connect to the address of LAN1 (through the LAN or a VPN)"


def hardening(device: Vigor, **changes: Any) -> tuple[list[Change], Document]:
    """The plan that closes the management of a unit, and the unit as it is before."""
    seen = observed(device)
    return plan(site(**changes), seen), seen.document


def settings(document: Document, *kept: tuple[str, str, dict[str, Any]]) -> list[Change]:
    entries = {RowId(table(path), key): Entry(values, ("WEB-3",)) for path, key, values in kept}
    return difference(document, Desired(lambda _table, _row: (), {}, entries))


def open_to_the_wan() -> Vigor:
    return typed(unit(SMALL, "lived-in"), "mngt rmtcfg ssh on")


OUTSIDE = {"management__networks": ["192.168.1.0/24", "192.0.2.0/24"]}


@pytest.mark.parametrize("service", ["ssh", "telnet"])
def test_by_the_first_lan(service: str) -> None:
    """A unit always lets LAN1 in, by the services that it offers there."""
    changes, document = hardening(unit(SMALL, "lived-in"))
    check(changes, document, Path("192.168.1.1", "192.168.1.50", service))


def test_by_an_address_with_an_interface_behind_it() -> None:
    changes, document = hardening(unit(SMALL, "lived-in"))
    check(changes, document, Path("192.168.1.1%eth0", "192.168.1.50", "ssh"))


def test_by_a_lan_of_the_administrators() -> None:
    changes, document = hardening(unit(SMALL, "lived-in"), management__networks=["192.168.2.0/24"])
    check(changes, document, Path("192.168.2.1", "192.168.2.50", "ssh"))


def test_by_the_wan_that_stays_open_for_the_controller() -> None:
    changes, document = hardening(open_to_the_wan(), **OUTSIDE)
    check(changes, document, Path(WAN, CONTROLLER, "ssh"))


REFUSED: dict[str, tuple[dict[str, Any], Path, str]] = {
    # policy, the way in, what is said of a unit that answers to HTTP, HTTPS, SSH and Telnet
    "by a LAN of nobody": (
        {},
        Path("192.168.2.1", "192.168.2.50", "ssh"),
        "the plan limits management from the LANs to LAN1 (FTP, HTTP, HTTPS, SSH, TELNET, TR069), and the unit is "
        "reached by ssh at 192.168.2.1, an address of LAN2. Add the network to voip_policy.management.networks, or: "
        f"{_INSIDE}",
    ),
    "by the WAN": (
        {},
        Path(WAN, CONTROLLER, "ssh"),
        f"the plan closes ssh to the internet, and {WAN}, by which the unit is reached, is the address of none of its "
        f"LANs, so that may be the way we came. {_INSIDE}",
    ),
    "by the WAN with a service that closes": (
        OUTSIDE,
        Path(WAN, CONTROLLER, "telnet"),
        f"the plan closes telnet to the internet, and {WAN}, by which the unit is reached, is the address of none of "
        f"its LANs, so that may be the way we came. {_INSIDE}",
    ),
    "by the WAN from where nobody may": (
        OUTSIDE,
        Path(WAN, "198.51.100.200", "ssh"),
        "the plan lets only the access list in from outside, and 198.51.100.200, from where we connect, is not on it. "
        "Name the address that the unit sees in voip_policy.management.controller_address",
    ),
}


@pytest.mark.parametrize(("policy", "path", "said"), REFUSED.values(), ids=REFUSED)
def test_refused(policy: dict[str, Any], path: Path, said: str) -> None:
    changes, document = hardening(open_to_the_wan(), **policy)
    with pytest.raises(LockOut) as refusal:
        check(changes, document, path)
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    "held",
    [
        ("object ip obj 5 -a 3 198.51.100.1 198.51.100.250",),  # a range is not looked into
        ("object ip obj 5 -a 0 198.51.100.0 255.255.255.0", "object ip obj 5 -s 1"),
        ("object ip obj 5 -a 2",),
    ],
)
def test_an_object_that_nobody_is_certain_of_lets_nobody_in(held: tuple[str, ...]) -> None:
    changes, document = hardening(typed(open_to_the_wan(), *held), **OUTSIDE)
    with pytest.raises(LockOut, match=r"198\.51\.100\.200"):
        check(changes, document, Path(WAN, "198.51.100.200", "ssh"))


def test_an_entry_of_the_site_lets_us_in() -> None:
    device = typed(open_to_the_wan(), "object ip obj 5 -a 0 198.51.100.0 255.255.255.0")
    changes, document = hardening(device, **OUTSIDE)
    check(changes, document, Path(WAN, "198.51.100.200", "ssh"))


def test_a_plan_that_touches_no_way_in_is_not_looked_at() -> None:
    seen = observed(unit(SMALL, "lived-in"), "sip_alg", "sip_allowlist")
    changes = difference(seen.document, compiled(site(), seen, "sip_alg", "sip_allowlist")[0])
    assert changes
    check(changes, seen.document, Path(WAN, CONTROLLER, "telnet"))


def test_a_lan_that_we_came_by_is_not_changed() -> None:
    document = observed(unit(SMALL, "lived-in")).document
    said = (
        f"the plan changes LAN2, by whose address 192.168.2.1 the unit is reached. {_INSIDE}"
    )
    for values in ({"address": "192.168.7.1"}, {"enabled": False}):
        with pytest.raises(LockOut) as refusal:
            check(settings(document, (LANS, "LAN2", values)), document, Path("192.168.2.1", "192.168.2.50", "ssh"))
        assert str(refusal.value) == said


def test_taking_the_phones_network_away_that_we_came_by() -> None:
    device = unit(SMALL, "lived-in")
    harden(device, site(), "voice_vlan")
    seen = observed(device)
    with pytest.raises(LockOut, match="the plan changes LAN3, by whose address"):
        check(removal(seen), seen.document, Path("10.40.0.1", "10.40.0.20", "ssh"))
    check(removal(seen), seen.document, INSIDE)


def test_other_lans_may_change() -> None:
    document = observed(unit(SMALL, "lived-in")).document
    check(settings(document, (LANS, "LAN3", {"enabled": True}), (VLAN, "", {"enabled": False})), document, INSIDE)


def test_a_service_that_the_first_lan_does_not_offer() -> None:
    document = observed(unit()).document
    kept = (LAN_ACCESS, "", {"enabled": True, "everywhere": False, "lans": ("LAN1",), "services": ("HTTPS",)})
    with pytest.raises(LockOut, match=r"reached by ssh at .*, an address of LAN1"):
        check(settings(document, kept), document, INSIDE)


def test_what_lets_more_in_is_taken() -> None:
    document = observed(unit()).document
    check(settings(document, (REMOTE, "", {"master": True, "services": ("ssh",)})), document,
          Path(WAN, CONTROLLER, "ssh"))


def test_lans_that_were_not_read_are_in_no_plan() -> None:
    seen = observed(unit(), "sip_alg")
    change = Change(UPDATE, table(SIP_ALG), "", "", ("FW-3",), {"sip": True}, {"sip": False})
    check([change], seen.document, Path(WAN, CONTROLLER, "ssh"))
