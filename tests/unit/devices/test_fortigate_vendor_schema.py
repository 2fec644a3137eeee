"""The reading of the vendor's schemas: versions, wire names, overrides."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from tests.devices.fortigate import vendor_schema
from tests.devices.fortigate.errors import Rejection
from tests.devices.fortigate.rows import Reader
from tests.devices.fortigate.vendor_schema import Table, VendorSchemaMissing, table
from tests.devices.fortigate.versions import Version, snap


def resolved(path: str, version: str) -> Table:
    found = table(path, Version.parse(version))
    assert found is not None
    return found


def problem(path: str, version: str, body: dict[str, Any]) -> str:
    """The refusal of a body, empty when it is accepted."""
    try:
        Reader(resolved(path, version), Version.parse(version)).read(body)
    except Rejection as rejection:
        return rejection.reason
    return ""


@pytest.mark.parametrize(
    ("version", "sampled"),
    [("7.4.9", "7.4.4"), ("7.2.11", "7.2.4"), ("7.2.3", "7.2.2"), ("7.0.17", "7.0.12"), ("7.0.10", "7.0.8"),
     ("7.6.6", "7.6.4"), ("7.4.2", "7.4.2")],
)
def test_versions_snap_down_inside_their_train(version: str, sampled: str) -> None:
    assert str(snap(Version.parse(version))) == sampled


@pytest.mark.parametrize("version", ["6.4.14", "7.8.0", "8.0.0"])
def test_other_trains_are_refused(version: str) -> None:
    with pytest.raises(ValueError, match="outside the simulated trains"):
        snap(Version.parse(version))


FULL_POLICY = {
    "name": "VOIP-out", "srcintf": [{"name": "internal"}], "dstintf": [{"name": "wan1"}],
    "srcaddr": [{"name": "all"}], "dstaddr": [{"name": "all"}], "service": [{"name": "SIP"}], "schedule": "always",
    "action": "accept", "status": "enable", "nat": "enable", "logtraffic": "all", "comments": "x",
    "inspection-mode": "flow", "utm-status": "enable", "voip-profile": "default", "ips-voip-filter": "default",
    "diffserv-forward": "enable",
}


def test_a_whole_policy_passes() -> None:
    assert problem("firewall/policy", "7.4.4", FULL_POLICY) == ""


@pytest.mark.parametrize(
    ("path", "version", "body", "refusal"),
    [
        ("firewall/policy", "7.2.4", {"nat": "yes"}, "value parse error before 'yes'"),
        ("firewall/policy", "7.2.8", {"natt": "enable"}, "before 'natt'"),
        ("firewall/policy", "7.2.4", {"ips-voip-filter": "default"}, "exists in other releases"),
        ("firewall/policy", "7.2.8", {"dlp-sensor": "default"}, "exists in other releases"),
        ("system/settings", "7.4.4", {"sip-helper": "disable"}, "exists in other releases"),
        ("firewall.service/custom", "7.6.0", {"protocol": "TCP/UDP/SCTP"}, "before 'TCP/UDP/SCTP'"),
        ("firewall.service/custom", "7.4.4", {"protocol": "TCP/UDP/UDP-Lite/SCTP"}, "UDP-Lite"),
        ("firewall/local-in-policy", "7.4.4", {"intf": "wan1"}, "list of objects is expected at intf"),
        ("firewall/local-in-policy", "7.4.1", {"intf": [{"name": "wan1"}]}, "intf takes a string"),
        ("firewall/local-in-policy", "7.4.4", {"logtraffic": "enable"}, "exists in other releases"),
        ("voip/profile", "7.2.5", {"feature-set": "proxy"}, "before 'proxy'"),
        ("voip/profile", "7.2.4", {"feature-set": "voipd"}, "before 'voipd'"),
        ("system/global", "7.4.4", {"rest-api-key-url-query": "enable"}, "exists in other releases"),
        ("firewall/policy", "7.4.4", {"policyid": True}, "policyid takes an integer"),
        ("firewall/policy", "7.4.4", {"policyid": "4"}, "policyid takes an integer"),
        ("firewall/policy", "7.4.4", {"name": 4}, "name takes a string"),
        ("system/interface", "7.4.4", {"allowaccess": ["ping"]}, "one space-separated string"),
        ("system/interface", "7.4.4", {"allowaccess": "ping scim"}, "before 'scim'"),
        ("system.lldp/network-policy", "7.4.4", {"voice": {"tagg": "none"}}, "before 'voice.tagg'"),
    ],
)
def test_what_a_release_does_not_have_is_refused(path: str, version: str, body: dict[str, Any], refusal: str) -> None:
    assert refusal in problem(path, version, body)


@pytest.mark.parametrize(
    ("path", "version", "body"),
    [
        ("firewall.service/custom", "7.4.4", {"protocol": "TCP/UDP/SCTP"}),
        ("firewall.service/custom", "7.6.0", {"protocol": "TCP/UDP/UDP-Lite/SCTP"}),
        ("firewall/local-in-policy", "7.4.1", {"intf": "wan1"}),
        ("firewall/local-in-policy", "7.4.2", {"intf": [{"name": "wan1"}]}),
        ("firewall/local-in-policy", "7.6.0", {"logtraffic": "enable"}),
        ("voip/profile", "7.2.4", {"feature-set": "proxy"}),
        ("voip/profile", "7.2.5", {"feature-set": "voipd"}),
        ("voip/profile", "7.4.0", {"feature-set": "ips"}),
        ("firewall/policy", "7.2.5", {"ips-voip-filter": "default"}),
        ("firewall/policy", "7.4.2", {"capture-packet": "enable"}),
        ("system/global", "7.4.5", {"rest-api-key-url-query": "enable"}),
        ("system/interface", "7.6.0", {"allowaccess": "ping scim"}),
    ],
)
def test_what_a_release_has_is_accepted(path: str, version: str, body: dict[str, Any]) -> None:
    assert problem(path, version, body) == ""


def test_wire_names_that_differ_from_the_schema() -> None:
    assert {"802.1-tlvs", "802.3-tlvs"} <= resolved("switch-controller/lldp-profile", "7.4.4").fields.keys()
    assert "802_1X-settings" in resolved("switch-controller/managed-switch", "7.4.4").fields
    assert resolved("firewall/vip", "7.4.1").fields["ssl-certificate"].kind == "string"
    assert resolved("firewall/vip", "7.6.0").fields["ssl-certificate"].kind == "rows"


def test_keys_and_references_come_from_the_vendor() -> None:
    policy = resolved("firewall/policy", "7.4.4")
    assert policy.mkey == "policyid"
    assert policy.integer_key
    assert ("system/sdwan", "zone") in policy.fields["srcintf"].children["name"].sources
    assert resolved("system/settings", "7.4.4").singleton


def test_every_table_of_the_collection_resolves_in_every_train() -> None:
    for version in ("7.0.12", "7.2.8", "7.4.9", "7.6.4"):
        served = [path for path in vendor_schema.endpoints() if table(path, Version.parse(version))]
        assert len(served) > 400, version


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(VendorSchemaMissing, match="pip package 'ansible'"):
        vendor_schema.collection_folder()
