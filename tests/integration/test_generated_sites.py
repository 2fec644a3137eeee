"""Sites made up by chance: whatever stands on a unit is left alone, and given back where it was changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.devices.fortigate import Switches
from tests.devices.fortigate.errors import Rejection
from tests.support.managed import managed_by
from tests.support.policies import policy
from tests.support.states import assert_foreign_untouched, assert_same
from tests.support.units import CONCERNS, VERSIONS, Unit, make_unit

INTERFACES = st.sampled_from(["wan1", "wan2", "internal", "dmz", "any"])
ADDRESSES = st.lists(st.sampled_from(["all", "none", "Inside", "Carrier", "Span"]), min_size=1, max_size=3, unique=True)
SERVICES = st.lists(st.sampled_from(["ALL", "SIP", "HTTPS", "DNS", "Many", "Web Access"]), min_size=1, unique=True)
SWITCH = st.sampled_from(["enable", "disable"])


def names(values: list[str]) -> list[dict[str, str]]:
    """A reference list."""
    return [{"name": value} for value in values]


POLICIES = st.fixed_dictionaries(
    {
        "srcintf": INTERFACES.map(lambda name: names([name])),
        "dstintf": INTERFACES.map(lambda name: names([name])),
        "srcaddr": ADDRESSES.map(names),
        "dstaddr": ADDRESSES.map(names),
        "service": SERVICES.map(names),
        "action": st.sampled_from(["accept", "deny"]),
        "status": SWITCH,
        "schedule": st.just("always"),
    },
    optional={
        "srcaddr-negate": SWITCH,
        "service-negate": SWITCH,
        "nat": SWITCH,
        "voip-profile": st.sampled_from(["default", "strict"]),
        "logtraffic": st.sampled_from(["all", "utm", "disable"]),
        "comments": st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), max_size=40),
    },
)
LOCAL_INS = st.fixed_dictionaries(
    {
        "srcaddr": ADDRESSES.map(names),
        "dstaddr": st.just(names(["all"])),
        "service": st.sampled_from(["SIP", "SNMP", "IKE"]).map(lambda name: names([name])),
        "action": st.sampled_from(["accept", "deny"]),
        "status": SWITCH,
        "schedule": st.just("always"),
    }
)
TRUSTED = st.lists(
    st.sampled_from(
        ["10.0.0.0 255.255.255.128", "192.0.2.0 255.255.255.0", "0.0.0.0 0.0.0.0", "10.0.0.9 255.255.255.255"]
    ),
    max_size=10,
)
HELPERS = st.lists(
    st.tuples(st.sampled_from(["sip", "ftp", "mgcp"]), st.sampled_from([6, 17]), st.integers(2000, 9000))
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "default-voip-alg-mode": st.sampled_from(["proxy-based", "kernel-helper-based"]),
        "sip-expectation": SWITCH,
        "sip-nat-trace": SWITCH,
    },
)
UNIT_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "admintimeout": st.integers(1, 480),
        "admin-lockout-threshold": st.integers(1, 10),
        "admin-lockout-duration": st.integers(1, 5000),
        "cfg-revert-timeout": st.integers(10, 5000),
        "cfg-save": st.sampled_from(["automatic", "manual", "revert"]),
        "admin-telnet": SWITCH,
    },
)
SITES = st.fixed_dictionaries(
    {
        "version": st.sampled_from(VERSIONS),
        "policies": st.lists(POLICIES, max_size=6),
        "local_ins": st.lists(LOCAL_INS, max_size=3),
        "accounts": st.lists(TRUSTED, max_size=3),
        "helpers": HELPERS,
        "settings": SETTINGS,
        "unit": UNIT_SETTINGS,
        "wan": st.lists(st.sampled_from(["ping", "https", "ssh", "http", "telnet", "snmp", "fgfm"]), unique=True),
        "transactions": st.booleans(),
        "concerns": st.lists(st.sampled_from(CONCERNS), min_size=1, unique=True),
        "transport": st.sampled_from(["tls", "tcp", "udp"]),
        "exclusive": st.booleans(),
    }
)


def built(site: dict[str, Any]) -> Unit:
    """A unit on which other people made all this; what the release does not take is left out."""
    unit = make_unit("factory", site["version"], switches=Switches(transactions=site["transactions"]))
    rows: list[tuple[str, dict[str, Any]]] = [
        ("firewall/address", {"name": "Inside", "subnet": "10.0.0.0 255.0.0.0"}),
        ("firewall/address", {"name": "Carrier", "subnet": "203.0.113.8 255.255.255.248"}),
        ("firewall/address", {"name": "Span", "type": "iprange", "start-ip": "192.0.2.7", "end-ip": "192.0.2.99"}),
        (
            "firewall.service/custom",
            {"name": "Many", "tcp-portrange": "5000-5100", "udp-portrange": "5060 10000-10100"},
        ),
    ]
    for n, row in enumerate(site["policies"]):
        inspected = {"utm-status": "enable"} if "voip-profile" in row else {}
        rows.append(("firewall/policy", {"name": f"rule {n}", **inspected, **row}))
    for row in site["local_ins"]:
        listed = site["version"] >= "7.4.2"
        rows.append(("firewall/local-in-policy", {"intf": names(["wan1"]) if listed else "wan1", **row}))
    for n, trusted in enumerate(site["accounts"]):
        hosts = {f"trusthost{i}": host for i, host in enumerate(trusted, 1)}
        rows.append(
            ("system/admin", {"name": f"person{n}", "accprofile": "prof_admin", "vdom": names(["root"]), **hosts})
        )
    for n, (name, protocol, port) in enumerate(site["helpers"], 50):
        rows.append(("system/session-helper", {"id": n, "name": name, "protocol": protocol, "port": port}))
    for path, row in rows:
        try:
            unit.add(path, **row)
        except Rejection:
            continue
    unit.edit("system/interface", "wan1", allowaccess=" ".join(site["wan"]))
    unit.edit("system/settings", "", **site["settings"])
    unit.edit("system/global", "", **site["unit"])
    unit.device.save()
    return unit


@pytest.mark.slow
# Without shrinking: it would take minutes, and a failing site is read as it is.
@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(site=SITES)
def test_any_site(site: dict[str, Any]) -> None:
    """Check tells the truth, the second run is empty, foreign rows stay as they are, `deleted` gives all back."""
    unit = built(site)
    options = {
        "concerns": site["concerns"],
        "policy": policy(transport=site["transport"], enforce_exclusive=site["exclusive"]),
    }
    with unit.server:
        before = unit.state
        shown = unit.run(check=True, **options)
        assert unit.writes == []
        assert unit.run(**options)["plan"] == shown["plan"]
        hardened = unit.state
        assert not unit.device.unsaved
        if not site["exclusive"]:
            allowed = [one for concern in site["concerns"] for one in managed_by(concern)]
            assert_foreign_untouched(before, hardened, allowed)
        assert unit.run(**options)["plan"] == []
        unit.run(state="deleted", concerns=site["concerns"])
        assert_same(before, unit.state)
