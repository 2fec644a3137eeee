"""Answers of a unit: read as they are, or refused with the name of the request and the field. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import DeviceError, Misunderstood, Unsupported
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.reader import (
    Identity,
    check_answer,
    cluster_role,
    default_password,
    identity,
    last_change,
    read_params,
    rows,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.tables import PATHS, specs_for
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import ChangedBy
from tests.unit.fortios.wire import (
    DEFAULTS,
    KEYS,
    SINGLETONS,
    V700,
    V721,
    V725,
    V741,
    V742,
    V744,
    V764,
    Version,
    Wire,
    envelope,
    refs,
    wire,
)

REQUEST = "GET /api/v2/cmdb/some/table?vdom=root"
VERSIONS = (V700, V721, V725, V741, V742, V744, V764)


def parse(path: str, results: Any, version: Version = V744, **changes: Any) -> list[dict[str, Any]]:
    return rows(specs_for(version)[path], envelope(path, results, version, **changes), REQUEST)


def test_these_tests_know_every_table() -> None:
    assert set(DEFAULTS) == set(PATHS)


# What is well formed


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", PATHS)
def test_a_complete_answer_is_read(path: str, version: Version) -> None:
    row = wire(path, version)
    (found,) = parse(path, row if path in SINGLETONS else [row], version)
    assert set(found) == {name for name, field in specs_for(version)[path].fields.items() if field.counts_in(found)}


READ: dict[str, tuple[str, Wire, Wire]] = {
    "network with a dotted mask": (
        "firewall/address",
        {"name": "a", "subnet": "198.51.100.0 255.255.255.192"},
        {"name": "a", "type": "ipmask", "subnet": "198.51.100.0/26"},
    ),
    "interface": (
        "system/interface",
        {
            "name": "wan1",
            "ip": "198.51.100.130 255.255.255.192",
            "allowaccess": "ping https ssh",
            "ipv6": {"ip6-allowaccess": "ping https", "ip6-address": "2001:db8::1/64"},
            "secondaryip": [
                {"id": 2, "ip": "192.0.2.2 255.255.255.0", "allowaccess": "ping"},
                {"id": 1, "ip": "192.0.2.1 255.255.255.0", "allowaccess": ""},
            ],
        },
        {
            "ip": "198.51.100.130/26",
            "allowaccess": ("https", "ping", "ssh"),
            "ipv6": {"ip6-allowaccess": ("https", "ping")},
            "secondaryip": (
                {"id": 1, "ip": "192.0.2.1/24", "allowaccess": ()},
                {"id": 2, "ip": "192.0.2.2/24", "allowaccess": ("ping",)},
            ),
        },
    ),
    "policy": (
        "firewall/policy",
        {"policyid": 7, "srcintf": refs("b", "a"), "service": refs("SIP"), "voip-profile": "default"},
        {"policyid": 7, "srcintf": ("a", "b"), "service": ("SIP",), "voip-profile": "default"},
    ),
    "service": (
        "firewall.service/custom",
        {"name": "s", "tcp-portrange": "5061 5060", "udp-portrange": "10000-20000", "udp-idle-timer": "300"},
        {"tcp-portrange": ("5060", "5061"), "udp-portrange": ("10000-20000",), "udp-idle-timer": 300},
    ),
    "account": (
        "system/admin",
        {"trusthost1": "10.0.0.0 255.255.255.0", "ip6-trusthost10": "2001:db8::/32"},
        {
            "trusthosts": ("10.0.0.0/24", *["0.0.0.0/0"] * 9),
            "ip6-trusthosts": (*["::/0"] * 9, "2001:db8::/32"),
        },
    ),
    "zone": (
        "system/zone",
        {"interface": [{"interface-name": "wan2", "q_origin_key": "wan2"}, {"interface-name": "wan1"}]},
        {"interface": ("wan1", "wan2")},
    ),
    "settings": ("system/settings", {}, {"default-voip-alg-mode": "proxy-based", "sip-nat-trace": "enable"}),
}


@pytest.mark.parametrize(("path", "sent", "expected"), READ.values(), ids=READ)
def test_rows(path: str, sent: Wire, expected: Wire) -> None:
    row = wire(path, **sent)
    (found,) = parse(path, row if path in SINGLETONS else [row])
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("version", "sent"), [(V700, "wan1"), (V741, "wan1"), (V742, refs("wan1")), (V764, refs("wan1"))]
)
def test_the_interface_of_a_local_in_policy_is_a_list_from_742(version: Version, sent: Any) -> None:
    row = wire("firewall/local-in-policy", V744)
    row["intf"] = sent
    assert parse("firewall/local-in-policy", [row], version)[0]["intf"] == ("wan1",)


def test_keys_of_the_device_are_not_taken_for_fields() -> None:
    (found,) = parse("firewall/address", [wire("firewall/address") | {"uuid": "x", "q_origin_key": "all"}])
    assert not {"uuid", "q_origin_key"} & set(found)


# A recorded answer: an address says in the fields that it does not use what belongs to the others, its mask in
# `end-ip`; newer units leave such fields out.
UNUSED: dict[str, tuple[str, Wire, Wire, set[str]]] = {
    "network": (
        "firewall/address",
        {"name": "a", "type": "ipmask", "subnet": "10.100.77.240 255.255.255.255", "comment": ""},
        {"start-ip": "10.100.77.240", "end-ip": "255.255.255.255", "fqdn": ""},
        {"name", "type", "subnet", "comment"},
    ),
    "range": (
        "firewall/address",
        {"name": "a", "type": "iprange", "start-ip": "192.0.2.1", "end-ip": "192.0.2.9", "comment": ""},
        {"subnet": "192.0.2.1 192.0.2.9", "fqdn": ""},
        {"name", "type", "start-ip", "end-ip", "comment"},
    ),
    "name": (
        "firewall/address",
        {"name": "a", "type": "fqdn", "fqdn": "sip.example.com", "comment": ""},
        {"subnet": "", "start-ip": "", "end-ip": None},
        {"name", "type", "fqdn", "comment"},
    ),
    "service without ports": (
        "firewall.service/custom",
        {"name": "s", "protocol": "ICMP", "comment": ""},
        {"tcp-portrange": None, "udp-portrange": 0, "udp-idle-timer": "", "helper": ""},
        {"name", "protocol", "comment"},
    ),
    "forward of all ports": (
        "firewall/vip",
        {**wire("firewall/vip"), "portforward": "disable"},
        {"protocol": "", "extport": "", "mappedport": None},
        set(wire("firewall/vip")) - {"protocol", "extport", "mappedport", "q_origin_key"},
    ),
    "physical interface": (
        "system/interface",
        wire("system/interface"),
        {"vlanid": None, "interface": 5},
        set(wire("system/interface")) - {"vlanid", "interface", "q_origin_key"},
    ),
}


@pytest.mark.parametrize(("path", "used", "unused", "expected"), UNUSED.values(), ids=UNUSED)
def test_fields_that_a_row_does_not_use_are_not_looked_at(
    path: str, used: Wire, unused: Wire, expected: set[str]
) -> None:
    left_out = {name: value for name, value in used.items() if name not in unused}
    (with_them,), (without,) = parse(path, [used | unused]), parse(path, [left_out])
    assert with_them == without
    assert set(with_them) == expected


def test_the_devices_order_is_kept() -> None:
    numbers = [9, 2, 5]
    found = parse("firewall/policy", [wire("firewall/policy", policyid=number) for number in numbers])
    assert [row["policyid"] for row in found] == numbers


@pytest.mark.parametrize("path", ["system/interface", "system/admin", "firewall/address", "firewall/address6"])
def test_a_table_that_no_unit_has_empty(path: str) -> None:
    with pytest.raises(Misunderstood, match="no rows, and every unit has some: the access profile"):
        parse(path, [])


def test_an_empty_table() -> None:
    assert parse("firewall/policy", []) == []
    assert parse("firewall/policy", [], matched_count=0) == []


def test_a_singleton_may_come_as_a_list_of_one() -> None:
    assert parse("system/settings", [wire("system/settings")]) == parse("system/settings", wire("system/settings"))


# What is not (promise 7): every field of every table, gone or of another type, on old and new releases


USING: dict[tuple[str, str], Wire] = {
    **{
        (path, name): {"type": "iprange", "start-ip": first, "end-ip": last}
        for path, first, last in (
            ("firewall/address", "192.0.2.1", "192.0.2.9"),
            ("firewall/address6", "2001:db8::1", "2001:db8::9"),
        )
        for name in ("start-ip", "end-ip")
    },
    **{(path, "fqdn"): {"type": "fqdn"} for path in ("firewall/address", "firewall/address6")},
    **{("firewall/vip", name): {"portforward": "enable"} for name in ("protocol", "extport", "mappedport")},
    **{
        ("system/interface", name): {"type": "vlan", "vlanid": 40, "interface": "port1"}
        for name in ("vlanid", "interface")
    },
}
"""What makes a row use a field that the sample row does not."""


def _mutations() -> Iterator[Any]:
    for version in (V700, V744):
        for path in PATHS:
            row = wire(path, version)
            for name, spec_field in specs_for(version)[path].fields.items():
                codec = spec_field.codec
                for sent in codec.wire_names() if hasattr(codec, "wire_names") else (name,):
                    assert sent in row, f"{path} {sent} is missing from the sample answers"
                    yield pytest.param(path, version, name, sent, id=f"{'.'.join(map(str, version))} {path} {sent}")


@pytest.mark.parametrize(("path", "version", "name", "sent"), list(_mutations()))
def test_a_field_that_is_gone_or_strange_is_an_error_that_names_it(
    path: str, version: Version, name: str, sent: str
) -> None:
    def refusal(row: Wire) -> str:
        with pytest.raises(Misunderstood) as error:
            parse(path, row if path in SINGLETONS else [row], version)
        return str(error.value)

    row = wire(path, version) | USING.get((path, name), {})
    parse(path, row if path in SINGLETONS else [row], version)
    gone = {key: value for key, value in row.items() if key != sent}
    message = refusal(gone)
    assert message.startswith(f"{REQUEST}: ")
    assert f"lacks the field {sent!r}" in message
    assert "nothing is concluded" in message
    for strange in (None, True, 1.5, {"a": []}, [[]], 7 if isinstance(row[sent], (list, dict)) else [["x"]]):
        message = refusal(row | {sent: strange})
        assert message.startswith(f"{REQUEST}: ")
        assert f"{name} = " in message or f"lacks the field '{_inside(path, sent)}" in message


def _inside(path: str, sent: str) -> str:
    """The first field that is missed inside a nested object that came without any."""
    nested = DEFAULTS[path][sent]
    return "ip6-allowaccess" if sent == "ipv6" else str(next(iter(nested))) if isinstance(nested, dict) else sent


NESTED = [
    ("system/interface", "secondaryip", {"id": 1, "ip": "192.0.2.1 255.255.255.0", "allowaccess": "ping"}),
    ("system.dhcp/server", "ip-range", {"id": 1, "start-ip": "192.0.2.1", "end-ip": "192.0.2.9"}),
    ("system.dhcp/server", "options", {"id": 1, "code": 66, "type": "string", "value": "https://192.0.2.1/"}),
    ("firewall/policy", "srcaddr", {"name": "all"}),
    ("system/zone", "interface", {"interface-name": "wan1"}),
    ("firewall/vip", "mappedip", {"range": "192.0.2.1"}),
]


@pytest.mark.parametrize(
    ("path", "name", "nested", "gone"),
    [(path, name, nested, gone) for path, name, nested in NESTED for gone in nested],
)
def test_a_field_that_is_gone_from_a_nested_row_is_an_error(path: str, name: str, nested: Wire, gone: str) -> None:
    whole = wire(path) | {name: [nested]}
    parse(path, [whole])
    trimmed = wire(path) | {name: [{key: value for key, value in nested.items() if key != gone}]}
    with pytest.raises(Misunderstood, match=f"lacks the field '{gone}'"):
        parse(path, [trimmed])


@pytest.mark.parametrize(
    ("path", "name", "nested", "strange"),
    [(path, name, nested, strange) for path, name, nested in NESTED for strange in nested],
)
def test_a_nested_value_of_another_type_is_an_error(path: str, name: str, nested: Wire, strange: str) -> None:
    for value in (None, True, 1.5, {}, [[]]):
        with pytest.raises(Misunderstood, match=name):
            parse(path, [wire(path) | {name: [nested | {strange: value}]}])


def test_services_in_a_form_that_we_do_not_know_are_not_taken_for_none() -> None:
    for value in ([{"name": "https"}], [["https"]], [None]):
        with pytest.raises(Misunderstood, match="allowaccess"):
            parse("system/interface", [wire("system/interface", allowaccess=value)])


def test_a_silently_trimmed_object_is_never_taken_for_defaults() -> None:
    # What a token with too small a profile gets, with HTTP 200 (fortigate_exporter, ha-config-no-access.jsonnet).
    with pytest.raises(Misunderstood, match="the access profile of the login may not show it"):
        parse("system/ha", {"hbdev": ""})


@pytest.mark.parametrize("results", [None, "text", 5, {}, {"name": "a"}, ["a"], [None], [[]]])
def test_results_that_are_no_list_of_rows(results: Any) -> None:
    with pytest.raises(Misunderstood) as refusal:
        parse("firewall/address", results)
    assert str(refusal.value).startswith(f"{REQUEST}: results hold ")
    assert str(refusal.value).endswith("instead of a list of rows")


@pytest.mark.parametrize("results", [None, "text", 5, [], [{}, {}], [5]])
def test_results_that_are_no_object(results: Any) -> None:
    with pytest.raises(Misunderstood, match="instead of one object"):
        parse("system/settings", results)


def test_an_answer_without_results() -> None:
    sent = envelope("firewall/address", [])
    del sent["results"]
    with pytest.raises(Misunderstood) as refusal:
        rows(specs_for(V744)["firewall/address"], sent, REQUEST)
    assert str(refusal.value) == f"{REQUEST}: no results in the answer"


def test_a_key_that_occurs_twice() -> None:
    with pytest.raises(Misunderstood, match="the same policyid occurs more than once"):
        parse("firewall/policy", [wire("firewall/policy"), wire("firewall/policy")])


@pytest.mark.parametrize("count", [0, 2, 100])
def test_rows_that_did_not_all_come(count: int) -> None:
    with pytest.raises(Misunderstood, match=f"1 rows came of {count}"):
        parse("firewall/policy", [wire("firewall/policy")], matched_count=count)


@pytest.mark.parametrize("counted", [{"matched_count": "1"}, {"matched_count": True}, {"size": None}, {"size": [1]}])
def test_counts_that_are_none(counted: Wire) -> None:
    (name,) = counted
    with pytest.raises(Misunderstood, match=f"{name} is .* instead of a number"):
        parse("firewall/policy", [wire("firewall/policy")], **counted)


def test_the_row_is_named_and_long_values_are_cut() -> None:
    with pytest.raises(Misunderstood) as refusal:
        parse("firewall/policy", [wire("firewall/policy", policyid=42) | {"status": ["x" * 500]}])
    assert "row 42 has status = ['xxx" in str(refusal.value)
    assert len(str(refusal.value)) < 300


# Who the unit is

STATUS = {
    "version": "v7.4.4",
    "build": 2662,
    "serial": "FGT60FTK00000001",
    "results": {"model_name": "FortiGate", "model_number": "60F", "model": "FGT60F", "hostname": "fw1"},
}


def test_identity() -> None:
    unit = identity(STATUS, REQUEST)
    assert (unit.version, unit.release, unit.build) == ((7, 4, 4), "7.4.4", 2662)
    assert (unit.serial, unit.model, unit.hostname) == ("FGT60FTK00000001", "FortiGate 60F", "fw1")


def test_identity_of_a_unit_that_says_little() -> None:
    unit = identity(STATUS | {"results": {}}, REQUEST)
    assert (unit.model, unit.hostname) == ("", "")
    assert identity(STATUS | {"results": {"model": "FGVM64"}}, REQUEST).model == "FGVM64"


@pytest.mark.parametrize("release", ["7.0.0", "7.0.17", "7.2.11", "7.4.9", "7.6.6"])
def test_releases_that_are_supported(release: str) -> None:
    assert identity(STATUS | {"version": f"v{release}"}, REQUEST).release == release


@pytest.mark.parametrize("release", ["6.4.14", "5.6.0", "7.1.0", "7.8.0", "8.0.0", "70.4.0"])
def test_releases_that_are_not(release: str) -> None:
    with pytest.raises(Unsupported) as refusal:
        identity(STATUS | {"version": f"v{release}"}, REQUEST)
    assert str(refusal.value) == f"{REQUEST}: FortiOS {release} is not supported: 7.0, 7.2, 7.4, 7.6 are"


STRANGE: list[Wire] = [
    *({"version": version} for version in (None, "", "7.4.4", "v7.4", "v7.4.4-build", "v7.4.4\n", 7, ["v7.4.4"])),
    *({"build": build} for build in (None, "2662", [], True)),
    *({"serial": serial} for serial in (None, "", 5, "FGT 60F", "FGT60F\n", "x" * 33)),
    *({"results": results} for results in (None, [], "", 5)),
]


@pytest.mark.parametrize("changes", STRANGE)
def test_a_unit_that_does_not_say_who_it_is(changes: Wire) -> None:
    with pytest.raises(DeviceError) as refusal:
        identity(STATUS | changes, REQUEST)
    assert refusal.type is Misunderstood
    assert str(refusal.value).startswith(f"{REQUEST}: ")
    (name,) = changes
    assert name in str(refusal.value)


@pytest.mark.parametrize("name", ["model_name", "model_number", "model", "hostname"])
@pytest.mark.parametrize("value", [None, 5, ["a"], "a\x07", "x" * 5000])
def test_a_name_of_the_unit_that_is_none(name: str, value: Any) -> None:
    with pytest.raises(Misunderstood, match=f"{name} is "):
        identity(STATUS | {"results": {name: value}}, REQUEST)


UNIT = Identity((7, 4, 4), 2662, "FGT60FTK00000001", "FortiGate 60F", "fw1")


def test_an_answer_of_this_unit() -> None:
    sent = envelope("firewall/policy", [])
    check_answer(sent, REQUEST, UNIT, "root")
    check_answer(sent | {"vdom": "another"}, REQUEST, UNIT)


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": "FGT60FTK00000002"},
        {"serial": None},
        {"version": "v7.4.5"},
        {"version": None},
        {"build": 2663},
        {"build": "2662"},
        {"build": True},
        {"vdom": "another"},
        {"vdom": None},
    ],
)
def test_an_answer_of_another_unit_or_vdom(changes: Wire) -> None:
    (name,) = changes
    with pytest.raises(Misunderstood, match=f"{REQUEST.replace('?', '.')}: the answer's {name} is "):
        check_answer(envelope("firewall/policy", []) | changes, REQUEST, UNIT, "root")


@pytest.mark.parametrize("said", [True, "false", None, 0])
def test_an_answer_that_was_cut_off(said: Any) -> None:
    check_answer(envelope("firewall/policy", [], limit_reached=False), REQUEST, UNIT)
    with pytest.raises(Misunderstood, match=r"limit_reached is .*: not everything came"):
        check_answer(envelope("firewall/policy", [], limit_reached=said), REQUEST, UNIT)


@pytest.mark.parametrize(
    ("members", "role"),
    [
        ([], None),
        ([{"serial_no": "another", "is_root_primary": True}], None),
        ([{"serial_no": "me"}], None),
        ([{"serial_no": "me", "is_root_primary": True, "is_root_master": 1}], True),
        ([{"serial_no": "me", "is_root_master": 0}, {"serial_no": "another", "is_root_master": 1}], False),
    ],
)
def test_the_role_in_a_cluster(members: list[Wire], role: bool | None) -> None:
    assert cluster_role({"results": members}, REQUEST, "me") is role


@pytest.mark.parametrize(
    "members",
    [
        None,
        {},
        [5],
        [{"serial_no": "me", "is_root_primary": "yes"}],
        [{"serial_no": "me", "is_root_primary": None}],
        [{"serial_no": "me", "is_root_primary": [True]}],
        [{"serial_no": "me", "is_root_primary": True, "is_root_master": 0}],
        [{"serial_no": "me", "is_root_primary": True}, {"serial_no": "me", "is_root_primary": True}],
    ],
)
def test_a_role_that_is_not_understood(members: Any) -> None:
    with pytest.raises(Misunderstood) as refusal:
        cluster_role({"results": members}, REQUEST, "me")
    assert str(refusal.value).startswith(f"{REQUEST}: ")


@pytest.mark.parametrize(
    ("results", "said"),
    [({}, None), ({"admin_using_default_password": True}, True), ({"admin_using_default_password": False}, False)],
)
def test_the_factory_password(results: Wire, said: bool | None) -> None:
    assert default_password({"results": results}, REQUEST) is said


@pytest.mark.parametrize("results", [None, [], "x", *({"admin_using_default_password": v} for v in (None, 0, "no"))])
def test_a_factory_password_that_is_not_understood(results: Any) -> None:
    with pytest.raises(Misunderstood) as refusal:
        default_password({"results": results}, REQUEST)
    assert str(refusal.value).startswith(f"{REQUEST}: ")


# Who changed it

REVISIONS = [
    {"id": 2, "time": 1590345408, "version_id": "1", "admin": "alice", "comment": "Test SNMP"},
    {"id": 1, "time": 1590259051, "version_id": "1", "admin": "bob", "comment": ""},
]
"""As prometheus-community/fortigate_exporter recorded them, but for the names."""


def changed(account: str = "", unsaved: Any = False, revisions: Any = None) -> ChangedBy | None:
    told = REVISIONS if revisions is None else revisions
    return last_change({"results": {"revisions": told, "current_config_unsaved": unsaved}}, REQUEST, account)


def test_the_newest_revision_counts_wherever_it_stands() -> None:
    expected = ChangedBy(
        "alice", "2020-05-24T18:36:48Z", "revision 2: Test SNMP", "list of configuration revisions"
    )
    assert changed() == changed(revisions=REVISIONS[::-1]) == expected
    second = changed(revisions=REVISIONS[1:])
    assert second is not None
    assert (second.who, second.what) == ("bob", "revision 1")


def test_our_own_account_is_said_to_be_that() -> None:
    ours, theirs = changed("alice"), changed("bob")
    assert ours is not None
    assert theirs is not None
    assert ours.what == "revision 2: Test SNMP; this is the account by which this collection logs in"
    assert theirs.what == "revision 2: Test SNMP"


@pytest.mark.parametrize("unsaved", [True, None, "no"])
def test_what_was_not_saved_is_in_no_revision(unsaved: Any) -> None:
    found = changed(unsaved=unsaved)
    assert found is not None
    assert found.what == "revision 2: Test SNMP; there are changes that were not saved since, and nothing says by whom"


def test_a_unit_without_revisions_names_nobody() -> None:
    assert changed(revisions=[]) is None


@pytest.mark.parametrize(
    "results",
    [
        None, [], {}, {"revisions": None}, {"revisions": {}}, {"revisions": ["x"]},
        *({"revisions": [{**REVISIONS[0], name: value}]} for name, value in (
            ("id", "2"), ("time", "now"), ("time", 10**20), ("admin", 5), ("comment", None),
        )),
    ],
)  # fmt: skip
def test_revisions_that_are_not_understood(results: Any) -> None:
    with pytest.raises(Misunderstood) as refusal:
        last_change({"results": results}, REQUEST, "")
    assert str(refusal.value).startswith(f"{REQUEST}: ")


# What is asked for


def test_only_the_fields_that_we_know_are_asked_for() -> None:
    specs = specs_for(V744)
    assert read_params(specs["system/settings"], "root") == {"vdom": "root"}
    assert read_params(specs["firewall.service/group"], "voice") == {"vdom": "voice", "format": "name|member"}
    asked = read_params(specs["system/admin"], "root")["format"].split("|")
    assert {"trusthost1", "trusthost10", "ip6-trusthost10"} <= set(asked)
    assert "trusthosts" not in asked


@pytest.mark.parametrize("path", [path for path in PATHS if path not in SINGLETONS])
def test_the_key_is_always_asked_for(path: str) -> None:
    assert KEYS.get(path, "name") in read_params(specs_for(V744)[path], "root")["format"].split("|")
