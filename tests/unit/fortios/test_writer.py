"""Changes as REST requests: the vendor's methods, paths and spellings."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import (
    CREATE,
    DELETE,
    MOVE,
    UPDATE,
    Change,
    Place,
)
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Row, TableId
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.tables import PATHS, specs_for
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.writer import (
    Request,
    encode,
    request_for,
    table_path,
)
from tests.unit.fortios.wire import SINGLETONS, V700, V741, V742, V744, V764, Version, read, wire

CMDB = "/api/v2/cmdb"


def change(action: str, path: str, key: Any, scope: str = "root", **changes: Any) -> Change:
    return Change(action, TableId(scope, path), key, "name", ("FW-1",), **changes)


def request(step: Change, version: Version = V744, vdom: str = "root") -> Request:
    return request_for(step, specs_for(version)[step.table.path], vdom)


REQUESTS: dict[str, tuple[Change, dict[str, Any]]] = {
    "create": (
        change(
            CREATE,
            "firewall/address",
            "VOIPH-net-198.51.100.0-26",
            after={"name": "VOIPH-net-198.51.100.0-26", "type": "ipmask", "subnet": "198.51.100.0/26"},
        ),
        {
            "method": "POST",
            "path": f"{CMDB}/firewall/address",
            "params": {"vdom": "root"},
            "body": {"name": "VOIPH-net-198.51.100.0-26", "type": "ipmask", "subnet": "198.51.100.0 255.255.255.192"},
        },
    ),
    "create with a number of our choice": (
        change(CREATE, "firewall/policy", 8, after={"policyid": 8, "name": "VOIPH-x", "srcaddr": ("a", "b")}),
        {
            "method": "POST",
            "path": f"{CMDB}/firewall/policy",
            "params": {"vdom": "root"},
            "body": {"policyid": 8, "name": "VOIPH-x", "srcaddr": [{"name": "a"}, {"name": "b"}]},
        },
    ),
    "update of some fields": (
        change(UPDATE, "firewall.service/custom", "VOIPH-SIP", after={"tcp-portrange": ("5060", "5061")}),
        {
            "method": "PUT",
            "path": f"{CMDB}/firewall.service/custom/VOIPH-SIP",
            "params": {"vdom": "root"},
            "body": {"tcp-portrange": "5060 5061"},
        },
    ),
    "update of a singleton": (
        change(UPDATE, "system/settings", "", after={"sip-expectation": "disable"}),
        {
            "method": "PUT",
            "path": f"{CMDB}/system/settings",
            "params": {"vdom": "root"},
            "body": {"sip-expectation": "disable"},
        },
    ),
    "an empty list is sent, as it clears": (
        change(
            UPDATE, "system/interface", "wan1", "global", after={"allowaccess": (), "ipv6": {"ip6-allowaccess": ()}}
        ),
        {
            "method": "PUT",
            "path": f"{CMDB}/system/interface/wan1",
            "params": {"vdom": "root"},
            "body": {"allowaccess": "", "ipv6": {"ip6-allowaccess": ""}},
        },
    ),
    "names are quoted whole": (
        change(DELETE, "firewall/address", "VOIPH-a/b c?d&e%", before={"name": "x"}),
        {
            "method": "DELETE",
            "path": f"{CMDB}/firewall/address/VOIPH-a%2Fb%20c%3Fd%26e%25",
            "params": {"vdom": "root"},
        },
    ),
    "delete": (
        change(DELETE, "system/session-helper", 13, "global", before={"id": 13}),
        {"method": "DELETE", "path": f"{CMDB}/system/session-helper/13", "params": {"vdom": "root"}},
    ),
    "move before": (
        change(MOVE, "firewall/policy", 8, place=Place("before", 1)),
        {
            "method": "PUT",
            "path": f"{CMDB}/firewall/policy/8",
            "params": {"vdom": "root", "action": "move", "before": "1"},
        },
    ),
    "move after": (
        change(MOVE, "firewall/local-in-policy", 8, place=Place("after", 1)),
        {
            "method": "PUT",
            "path": f"{CMDB}/firewall/local-in-policy/8",
            "params": {"vdom": "root", "action": "move", "after": "1"},
        },
    ),
}


@pytest.mark.parametrize(("step", "expected"), REQUESTS.values(), ids=REQUESTS)
def test_request(step: Change, expected: dict[str, Any]) -> None:
    assert request(step).as_dict() == expected


@pytest.mark.parametrize("action", [CREATE, UPDATE, DELETE, MOVE])
def test_every_request_names_its_vdom_and_the_read_that_verifies_it(action: str) -> None:
    step = change(action, "firewall/policy", 8, after={"policyid": 8}, place=Place("before", 1))
    made = request(step, vdom="voice")
    assert made.params["vdom"] == "voice"
    assert made.verified_by == "firewall/policy"


def test_a_move_has_no_body() -> None:
    assert request(change(MOVE, "firewall/policy", 8, place=Place("before", 1))).body is None
    assert request(change(DELETE, "firewall/policy", 8)).body is None


@pytest.mark.parametrize(
    ("version", "sent"),
    [(V700, "wan1"), (V741, "wan1"), (V742, [{"name": "wan1"}]), (V764, [{"name": "wan1"}])],
)
def test_the_interface_of_a_local_in_policy_by_release(version: Version, sent: Any) -> None:
    spec = specs_for(version)["firewall/local-in-policy"]
    assert encode(spec, {"intf": ("wan1",)}) == {"intf": sent}


def test_a_field_that_the_release_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError, match="ips-voip-filter"):
        encode(specs_for(V700)["firewall/policy"], {"ips-voip-filter": ""})


def test_table_path() -> None:
    assert table_path("firewall.service/custom") == "/api/v2/cmdb/firewall.service/custom"


@pytest.mark.parametrize("version", [V700, V744, V764])
@pytest.mark.parametrize("path", PATHS)
def test_what_is_written_is_read_as_it_was(path: str, version: Version) -> None:
    row: Row = read(path, version)
    spec = specs_for(version)[path]
    body = encode(spec, row)
    assert {name: spec.fields[name].codec.read(body, name) for name in row} == row


@pytest.mark.parametrize("path", [path for path in PATHS if path not in SINGLETONS])
def test_what_a_unit_sends_is_written_in_the_same_words(path: str) -> None:
    sent = wire(path)
    body = encode(specs_for(V744)[path], read(path))

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: bare(item) for name, item in value.items() if name != "q_origin_key"}
        return [bare(item) for item in value] if isinstance(value, list) else value

    for name in body:
        if name in ("ipv6", "sip"):  # of these objects we know some members only
            assert bare(sent[name]) | body[name] == bare(sent[name])
        else:
            assert bare(sent[name]) == body[name]
