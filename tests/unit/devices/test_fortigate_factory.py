"""The two starting configurations: what is in them, and that the device itself would accept every row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.devices.fortigate import FortiGate, factory_config, lived_in_config
from tests.devices.fortigate.rows import Reader, defaults
from tests.devices.fortigate.rules import Write, check
from tests.unit.devices.fortigate_client import lived_in

VERSIONS = ["7.0.0", "7.0.17", "7.2.4", "7.2.11", "7.4.1", "7.4.9", "7.6.0", "7.6.6"]


@pytest.mark.parametrize("make", [factory_config, lived_in_config])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_row_is_one_that_the_device_accepts(make: Callable[[str], dict[str, Any]], version: str) -> None:
    device = FortiGate(make(version))
    config = device.config
    for tables in (config.unit, config.vdom["root"]):
        for path, content in tables.items():
            table = config.table(path)
            assert table is not None, path
            for row in [content] if table.singleton else content:
                body = {name: value for name, value in row.items() if name != "password"}
                assert Reader(table, config.version).read(body) == body
                whole = {**defaults(table, config.version), **body}
                check(Write(config, table, "root", body, whole, whole))


def test_what_years_leave_behind() -> None:
    unit = lived_in()
    addresses = unit.get("firewall/address") + unit.get("firewall/addrgrp")
    assert len(addresses) >= 25
    assert {"ipmask", "iprange", "fqdn", "geography"} <= {row["type"] for row in addresses}
    policies = {row["name"]: row for row in unit.get("firewall/policy")}
    assert len(policies) >= 12
    assert next(iter(policies.values()))["action"] == "deny"
    exposed = policies["PBX-from-anywhere"]
    assert [row["name"] for row in exposed["srcaddr"]] == ["all"]
    vips = {row["name"]: row for row in unit.get("firewall/vip")}
    assert (vips["VIP-Old-PBX"]["extport"], vips["VIP-Old-PBX"]["src-filter"]) == ("5060", [])
    assert vips["VIP-SBC"]["src-filter"]
    assert [name for name, row in policies.items() if row["voip-profile"]] == ["old trunk"]
    assert [name for name, row in policies.items() if row["status"] == "disable"] == ["vpn-in"]
    assert unit.get("system/zone")[0]["interface"][0]["interface-name"] == "guest-wlan"
    assert unit.get("system/interface/wan1")[0]["allowaccess"] == "ping https ssh snmp http telnet fgfm"
    assert {row["interface"] for row in unit.get("system.dhcp/server")} == {"guest-wlan", "internal"}


@pytest.mark.parametrize("make", [factory_config, lived_in_config])
def test_the_management_address_is_that_of_internal(make: Callable[..., dict[str, Any]]) -> None:
    device = FortiGate(make("7.4.4", management_ip="127.0.7.7"))
    assert device.gate.refuses("127.0.0.1", "127.0.7.7", device.sport) == ""
    port = device.gate.interface_of("127.0.7.7")
    assert port is not None
    assert (port["name"], port["ip"]) == ("internal", "127.0.7.7 255.0.0.0")
