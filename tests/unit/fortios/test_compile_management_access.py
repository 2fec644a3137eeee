"""Management closed to the internet; what is stricter already is left alone."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import apply_to, difference
from ansible_collections.voip.hardening.plugins.module_utils.errors import NotPossible
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.compiler.management_access import (
    trusted_rows,
)
from tests.unit.fortios.compiled import compiled, kept
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import V700, V744, V764, Version, Wire, document

CONCERN = "management_access"
POLICY = site()
NOBODY, NOBODY6 = "255.255.255.255/32", "::1/128"
OPEN, OPEN6 = "0.0.0.0/0", "::/0"


def test_a_factory_unit() -> None:
    desired, remarks = compiled(POLICY, document(), CONCERN)
    assert kept(desired) == {
        ("global:system/interface", "wan1"): {"allowaccess": ("ping",), "ipv6": {"ip6-allowaccess": ()}},
        ("global:system/admin", "admin"): {
            "trusthosts": ("10.0.0.0/24", *[NOBODY] * 9),
            "ip6-trusthosts": (NOBODY6,) * 10,
        },
        ("global:system/global", ""): {
            "admintimeout": 5,
            "admin-lockout-threshold": 3,
            "admin-lockout-duration": 300,
            "admin-https-ssl-versions": ("tlsv1-2", "tlsv1-3"),
            "admin-telnet": "disable",
        },
        ("global:system/password-policy", ""): {
            "status": "enable",
            "apply-to": ("admin-password",),
            "minimum-length": 14,
            "min-lower-case-letter": 1,
            "min-upper-case-letter": 1,
            "min-number": 1,
        },
    }
    assert (desired.removed, remarks) == ({}, [])
    assert {table.path for table in desired.owned} == {"firewall/address"}


SERVICES: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "all of them": (
        "ping https ssh snmp http telnet fgfm",
        "ping https ssh snmp http telnet fgfm",
        ("fgfm", "ping"),
        ("fgfm", "ping"),
    ),
    "those of the central manager and of access points stay": (
        "fgfm fabric radius-acct probe-response ftm",
        "fgfm fabric",
        ("fabric", "fgfm", "ftm", "probe-response", "radius-acct"),
        ("fabric", "fgfm"),
    ),
    "none": ("", "", (), ()),
}


@pytest.mark.parametrize(("services", "services6", "left", "left6"), SERVICES.values(), ids=SERVICES)
def test_services_on_the_wan(
    services: str, services6: str, left: tuple[str, ...], left6: tuple[str, ...]
) -> None:
    row: Wire = {
        "name": "wan1",
        "role": "wan",
        "allowaccess": services,
        "ipv6": {"ip6-allowaccess": services6},
    }
    desired, _remarks = compiled(POLICY, document(changes={"system/interface": [row]}), CONCERN)
    assert kept(desired)[("global:system/interface", "wan1")] == {
        "allowaccess": left,
        "ipv6": {"ip6-allowaccess": left6},
    }


def test_inside_interfaces_are_left_alone() -> None:
    desired, _remarks = compiled(POLICY, document(), CONCERN)
    assert ("global:system/interface", "internal") not in kept(desired)


def test_every_wan_is_closed() -> None:
    unit = document(added={"system/interface": [{"name": "wan2", "role": "wan", "allowaccess": "https"}]})
    desired, _remarks = compiled(POLICY, unit, CONCERN)
    assert kept(desired)[("global:system/interface", "wan2")]["allowaccess"] == ()


V4, V6 = ip_network("10.0.0.0/24"), ip_network("2001:db8:1::/48")
ROWS: dict[str, tuple[tuple[str, ...], list[Any], int, tuple[str, ...]]] = {
    "open": ((OPEN,) * 10, [V4], 4, ("10.0.0.0/24", *[NOBODY] * 9)),
    "the first row open": ((OPEN, "10.0.0.5/32", *[OPEN] * 8), [V4], 4, ("10.0.0.0/24", *[NOBODY] * 9)),
    "narrower, the others open": (
        ("10.0.0.5/32", *[OPEN] * 9),
        [V4],
        4,
        ("10.0.0.5/32", *[NOBODY] * 9),
    ),
    "narrower": (("10.0.0.5/32", *[NOBODY] * 9), [V4], 4, ("10.0.0.5/32", *[NOBODY] * 9)),
    "in another place": ((NOBODY, "10.0.0.5/32", *[OPEN] * 8), [V4], 4, (NOBODY, "10.0.0.5/32", *[NOBODY] * 8)),
    "from elsewhere": (("192.0.2.0/24", *[OPEN] * 9), [V4], 4, ("10.0.0.0/24", *[NOBODY] * 9)),
    "from elsewhere too": (("10.0.0.5/32", "192.0.2.0/24", *[OPEN] * 8), [V4], 4, ("10.0.0.0/24", *[NOBODY] * 9)),
    "wider": (("10.0.0.0/8", *[NOBODY] * 9), [V4], 4, ("10.0.0.0/24", *[NOBODY] * 9)),
    "nobody": ((NOBODY,) * 10, [V4], 4, ("10.0.0.0/24", *[NOBODY] * 9)),
    "several": ((OPEN,) * 10, [V4, ip_network("192.0.2.9/32")], 4, ("10.0.0.0/24", "192.0.2.9/32", *[NOBODY] * 8)),
    "no network of this family": ((OPEN,) * 10, [], 4, (NOBODY,) * 10),
    "IPv6 open": ((OPEN6,) * 10, [V6], 6, ("2001:db8:1::/48", *[NOBODY6] * 9)),
    "IPv6 narrower": (("2001:db8:1::5/128", *[OPEN6] * 9), [V6], 6, ("2001:db8:1::5/128", *[NOBODY6] * 9)),
    "no IPv6": ((OPEN6,) * 10, [], 6, (NOBODY6,) * 10),
    "IPv6 that the policy does not name": (("2001:db8:1::5/128", *[OPEN6] * 9), [], 6, (NOBODY6,) * 10),
}


@pytest.mark.parametrize(("present", "allowed", "version", "expected"), ROWS.values(), ids=ROWS)
def test_trusted_rows(present: tuple[str, ...], allowed: list[Any], version: int, expected: tuple[str, ...]) -> None:
    assert trusted_rows(present, allowed, version) == expected


ALLOWED = [ip_network("10.0.0.0/24"), ip_network("192.0.2.0/28")]
SOME_ROWS = st.lists(
    st.sampled_from([OPEN, NOBODY, "10.0.0.0/24", "10.0.0.5/32", "192.0.2.3/32", "203.0.113.0/24", "10.0.0.0/8"]),
    min_size=10,
    max_size=10,
)


@given(SOME_ROWS)
def test_no_account_is_left_open(present: list[str]) -> None:
    rows = trusted_rows(present, ALLOWED, 4)
    assert len(rows) == 10
    for row in rows:
        network: Any = ip_network(row)
        assert row == NOBODY or any(network.subnet_of(outer) for outer in ALLOWED)
    # Somebody can always log in, and doing it again changes nothing.
    assert any(row != NOBODY for row in rows)
    assert trusted_rows(rows, ALLOWED, 4) == rows


def test_more_networks_than_an_account_takes() -> None:
    policy = site(management__networks=[f"10.{i}.0.0/24" for i in range(11)])
    with pytest.raises(NotPossible) as refusal:
        compiled(policy, document(), CONCERN)
    assert str(refusal.value) == "voip_policy.management.networks: 11 IPv4 networks; FortiOS takes 10 an account"


STRICTER: dict[str, tuple[str, Wire, str, Any]] = {
    "a shorter time-out": ("system/global", {"admintimeout": 2}, "admintimeout", 2),
    "a longer time-out": ("system/global", {"admintimeout": 480}, "admintimeout", 10),
    "fewer attempts": ("system/global", {"admin-lockout-threshold": 1}, "admin-lockout-threshold", 1),
    "more attempts": ("system/global", {"admin-lockout-threshold": 10}, "admin-lockout-threshold", 3),
    "a longer lock-out": ("system/global", {"admin-lockout-duration": 900}, "admin-lockout-duration", 900),
    "TLS 1.3 alone": (
        "system/global",
        {"admin-https-ssl-versions": "tlsv1-3"},
        "admin-https-ssl-versions",
        ("tlsv1-3",),
    ),
    "TLS 1.1 as well": (
        "system/global",
        {"admin-https-ssl-versions": "tlsv1-1 tlsv1-2 tlsv1-3"},
        "admin-https-ssl-versions",
        ("tlsv1-2", "tlsv1-3"),
    ),
    "TLS 1.1 alone": (
        "system/global",
        {"admin-https-ssl-versions": "tlsv1-1"},
        "admin-https-ssl-versions",
        ("tlsv1-2", "tlsv1-3"),
    ),
    "longer passwords": ("system/password-policy", {"minimum-length": 20}, "minimum-length", 20),
    "more figures": ("system/password-policy", {"min-number": 2}, "min-number", 2),
    "keys of tunnels as well": (
        "system/password-policy",
        {"apply-to": "ipsec-preshared-key"},
        "apply-to",
        ("admin-password", "ipsec-preshared-key"),
    ),
}


@pytest.mark.parametrize(("path", "present", "field", "expected"), STRICTER.values(), ids=STRICTER)
def test_what_is_stricter_stays(path: str, present: Wire, field: str, expected: Any) -> None:
    desired, _remarks = compiled(POLICY, document(changes={path: [present]}), CONCERN)
    assert kept(desired)[(f"global:{path}", "")][field] == expected


@pytest.mark.parametrize("version", [V700, V744, V764])
def test_a_second_run_changes_nothing(version: Version) -> None:
    unit = document(version, added={"system/admin": [{"name": "second"}]})
    after = apply_to(unit, difference(unit, compiled(POLICY, unit, CONCERN)[0]))
    assert difference(after, compiled(POLICY, after, CONCERN)[0]) == []
