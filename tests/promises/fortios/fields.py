"""The fields of a FortiGate's answers: where each one is, what it can be and what it cannot be.

Whether a field is an option, a number, a list of references comes from the vendor's schema, and what it cannot be
follows from that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.devices.fortigate import Request, facts
from tests.devices.fortigate.vendor_schema import Field, table
from tests.devices.fortigate.versions import Version
from tests.support.managed import managed_by
from tests.support.states import is_ours

DELETED = object()
STATUS, STATE, CLUSTER = "monitor/system/status", "monitor/web-ui/state", "monitor/system/ha-checksums"

LOOKED_AT = {
    "system/global": "vdom-mode cfg-save admin-telnet admintimeout admin-lockout-threshold admin-lockout-duration "
    "cfg-revert-timeout admin-https-ssl-versions",
    "system/settings": "ngfw-mode central-nat default-voip-alg-mode sip-expectation sip-nat-trace",
    "system/password-policy": "status apply-to minimum-length min-lower-case-letter min-upper-case-letter min-number",
    "system/sdwan": "status zone members",
    "system/central-management": "type",
    "system/ha": "mode",
    STATUS: "model_name model_number model hostname",
    STATE: "admin_using_default_password",
    CLUSTER: "serial_no is_root_primary is_root_master",
}
"""What comes whole, and the fields of it that the collection is about, from its documentation."""
_LLDP = "status tag vlan priority dscp"
MEMBERS = {
    ("system/interface", "ipv6"): "ip6-allowaccess",
    ("system/interface", "secondaryip"): "id ip allowaccess",
    ("system.dhcp/server", "ip-range"): "id start-ip end-ip",
    ("system.dhcp/server", "options"): "id code type value",
    ("system.lldp/network-policy", "voice"): _LLDP,
    ("system.lldp/network-policy", "voice-signaling"): _LLDP,
    ("system/sdwan", "members"): "seq-num interface zone",
}
"""Members of what is nested; other nested rows are references, which have one."""
_PORTS = ("protocol", "TCP/UDP")
USED_WHEN = {
    ("firewall/address", "subnet"): ("type", "ipmask"),
    ("firewall/address6", "ip6"): ("type", "ipprefix"),
    **{(f"firewall/address{v}", name): ("type", "iprange") for v in ("", "6") for name in ("start-ip", "end-ip")},
    **{(f"firewall/address{v}", "fqdn"): ("type", "fqdn") for v in ("", "6")},
    **{
        ("firewall.service/custom", name): _PORTS
        for name in ("tcp-portrange", "udp-portrange", "udp-idle-timer", "helper")
    },
    **{("firewall/vip", name): ("portforward", "enable") for name in ("protocol", "extport", "mappedport")},
    **{("firewall/vip", name): ("type", "static-nat") for name in ("extip", "mappedip")},
    **{("system/interface", name): ("type", "vlan") for name in ("vlanid", "interface")},
    ("firewall/policy", "voip-profile"): ("name", "lan-to-internet"),
    ("firewall/policy", "ips-voip-filter"): ("name", "lan-to-internet"),
    ("firewall/policy", "match-vip"): ("action", "deny"),
}
"""A field that means something only on some rows: another field, and how its value begins on those.

A recorded answer (`start-ip` 10.100.77.240 and `end-ip` 255.255.255.255 on an address of type `ipmask`) and newer ones,
which leave such fields out, say that the others hold anything. A VoIP profile matters on a rule that may carry SIP;
`match-vip` on one that blocks (Fortinet article 192456).
"""
_ADDRESS = "192.0.2.77"
FORMS = {
    **{(path, name): "192.0.2.64 255.255.255.192" for path, n in facts.ADDRESS_AND_MASK.items() for name in n},
    **{(path, name): "2001:db8:77::/48" for path, names in facts.PREFIX6.items() for name in names},
    **{(path, name): _ADDRESS for path, names in facts.ADDRESS4.items() for name in names},
    **{(path, name): "2001:db8::77" for path, names in facts.ADDRESS6.items() for name in names},
    **{(path, name): "4711" for path, names in facts.PORT_RANGES.items() for name in names},
    ("firewall/vip", "extip"): _ADDRESS,
    ("firewall/vip", "mappedip.range"): _ADDRESS,
    ("firewall/vip", "src-filter.range"): _ADDRESS,
    ("firewall/shaping-policy", "diffservcode-forward"): "010101",
}
"""Texts of a certain form, and another one of that form."""
OTHERS = {
    ("system/interface", "allowaccess"): "ping https",
    ("system/interface", "ipv6.ip6-allowaccess"): "ping https",
    ("system/session-helper", "name"): "sip",
    ("system/global", "admin-https-ssl-versions"): "tlsv1-1",
    ("system/password-policy", "apply-to"): "ipsec-preshared-key",
    ("system/interface", "secondaryip"): [{"id": 1, "ip": "192.0.2.77 255.255.255.0", "allowaccess": "https"}],
    ("system.dhcp/server", "options"): [{"id": 1, "code": 66, "type": "string", "value": "https://192.0.2.77/"}],
}
"""Another value that is not as the policy wants it, where any other one could be."""
COULD_BE_MEANT = frozenset({("system/session-helper", "name")})
"""What is looked at in every row, since each could be the one that is meant."""
SMALLER = frozenset(
    "admin-lockout-duration minimum-length min-lower-case-letter min-upper-case-letter min-number".split()
)
"""Numbers of which the policy asks for at least so much, not for at most."""
ALWAYS_FILLED = frozenset(
    {
        ("firewall/policy", "srcintf"),
        ("firewall/policy", "dstintf"),
        ("firewall/local-in-policy", "intf"),
        ("firewall/local-in-policy6", "intf"),
    }
)
"""Lists that no unit lets be empty."""
PORT_LISTS = frozenset(("firewall.service/custom", name) for name in facts.PORT_RANGES["firewall.service/custom"])
"""Which may be empty."""
LIMIT_OF_THE_MODEL = frozenset({"guaranteed-bandwidth", "maximum-bandwidth"})
REFERRING = frozenset(
    "firewall/policy firewall/local-in-policy firewall/local-in-policy6 firewall/addrgrp firewall/addrgrp6 "
    "firewall/vip firewall.service/group firewall/vipgrp system/zone".split()
)
"""Tables whose references decide what is exposed: there, one that leads nowhere is tried on every row."""

WATCHED: dict[str, Any] = {
    "vips": [("forward", {"extip": "198.51.100.9", "extintf": "wan1", "mappedip": [{"range": "10.0.0.50"}]})],
    "local_ins6": [{"srcaddr": [0], "service": [0], "action": "accept"}],
    "more": [
        (
            "firewall/address6",
            {"name": "range6", "type": "iprange", "start-ip": "2001:db8:10::5", "end-ip": "2001:db8:10::9"},
        ),
        ("firewall/address6", {"name": "name6", "type": "fqdn", "fqdn": "six.example.com"}),
        ("firewall/addrgrp6", {"name": "group6", "member": [{"name": "range6"}]}),
        ("firewall/vipgrp", {"name": "forwards", "interface": "wan1", "member": [{"name": "VIP-Mail"}]}),
        ("system.lldp/network-policy", {"name": "others"}),
        (
            "firewall/shaping-policy",
            {"name": "video", "srcaddr": [{"name": "all"}], "dstaddr": [{"name": "all"}], "dstintf": [{"name": "dmz"}]}
            | {"service": [{"name": "ALL"}], "srcintf": [{"name": "internal"}], "traffic-shaper": "high-priority"},
        ),
    ],
}
"""What a site run for years has not yet, so that there is a row for every field, and one of others in every table."""

WRONG_TYPE: dict[str, Any] = {
    "deleted": DELETED,
    "null": None,
    "true": True,
    "a fraction": 1.5,
    "an object": {"nested": ["x"]},
    "a list": [["x"]],
}
NO_TEXT = {"a number": 5, "a control character": "a\x07b", "half a character": "\ud800", "too long": "x" * 5000}
NO_LIST: dict[str, Any] = {"a number": 5, "a text": "unheard-of", "texts": ["x"], "nulls": [None], "no member": [{}]}


@dataclass(frozen=True)
class Place:
    """One field of one answer: of which read, where in it, what it is called, what it is; whether it is kept exact."""

    read: str
    where: tuple[Any, ...]
    path: str
    field: str
    value: Any
    spec: Field
    kept: bool = False
    ours: bool = False
    key: bool = False


def places(reads: dict[str, Any]) -> Iterator[Place]:
    """Every field that matters in every answer. Of a table one row of ours stands for all of ours, and the first and
    the last of others for theirs."""
    for read, body in reads.items():
        path = path_of(read)
        if path.startswith("monitor/"):
            yield from _monitored(read, path, body["results"])
        elif isinstance(body["results"], dict):
            for name in LOOKED_AT[path].split():
                yield from _with_members(read, path, ("results", name), body["results"][name], body, None)
        else:
            for name in asked(read):
                for number in _rows(path, name, body["results"]):
                    row = body["results"][number]
                    yield from _with_members(read, path, ("results", number, name), row[name], body, row)


def _rows(path: str, name: str, rows: list[dict[str, Any]]) -> list[int]:
    """The rows in which a field is spoilt: those that use it."""
    using = [number for number, row in enumerate(rows) if uses(path, name, row)]
    ours = [number for number in using if is_ours(path, rows[number])]
    theirs = [number for number in using if number not in ours]
    return list(dict.fromkeys([*ours[:1], *theirs[:1], *theirs[-1:]]))


def uses(path: str, name: str, row: dict[str, Any]) -> bool:
    """Whether a field means something on this row."""
    field, beginning = USED_WHEN.get((path, name), ("", ""))
    return not field or (is_ours(path, row) and field == "name") or str(row[field]).startswith(beginning)


def _with_members(
    read: str, path: str, where: tuple[Any, ...], value: Any, body: dict[str, Any], row: dict[str, Any] | None
) -> Iterator[Place]:
    found = table(path, Version.parse(body["version"][1:]))
    assert found is not None
    name = str(where[-1])
    spec = found.fields[name]
    ours = row is not None and is_ours(path, row)
    kept = any(
        one.path == path and name in one.fields and (row is None or one.rows(row)) for one in managed_by("firewall")
    )
    kept = kept or (path, name) in COULD_BE_MEANT
    yield Place(read, where, path, name, value, spec, kept, ours, name == found.mkey)
    for member in MEMBERS.get((path, name), "").split():
        inner, step = (value, ()) if spec.kind == "object" else (value[0] if value else None, (0,))
        if inner is not None:
            label = f"{name}.{member}"
            yield Place(read, (*where, *step, member), path, label, inner[member], spec.children[member], kept, ours)


def _monitored(read: str, path: str, results: Any) -> Iterator[Place]:
    string, yes_or_no = Field("", "string"), Field("", "boolean")
    for name in LOOKED_AT[path].split():
        spec = yes_or_no if name.startswith(("is_", "admin_")) else string
        if path == CLUSTER:
            yield Place(read, ("results", 0, name), path, name, results[0][name], spec)
        else:
            yield Place(read, ("results", name), path, name, results[name], spec)


def referring(reads: dict[str, Any]) -> Iterator[Place]:
    """References of others, all of them."""
    for read, body in reads.items():
        path = path_of(read)
        found = table(path, Version.parse(body["version"][1:])) if path in REFERRING else None
        for number, row in enumerate(body["results"] if found is not None else ()):
            for name, value in row.items():
                spec = found.fields.get(name) if found is not None else None
                refers = spec is not None and spec.kind == "rows" and (path, f"{name}.{spec.mkey}") not in FORMS
                if spec is not None and refers and value and not is_ours(path, row):
                    yield Place(read, ("results", number, name), path, name, value, spec)


def impossible(place: Place) -> dict[str, Any]:
    """Values that the field cannot have."""
    spec, found = place.spec, dict(WRONG_TYPE)
    if spec.kind == "integer":
        found |= {"a text": "unheard-of", "empty": "", "too large": 10**30, "negative": -1, **_beyond(place)}
    elif spec.kind == "rows":
        found |= NO_LIST
        if (place.path, place.field) not in MEMBERS and place.path != CLUSTER:
            member = spec.mkey or ""
            found |= {"a member of null": [{member: None}], "an empty member": [{member: ""}]}
            if (place.path, f"{place.field}.{member}") in FORMS:
                found["unheard-of"] = [{member: "unheard-of"}]
        if place.value:
            found["twice"] = [place.value[0], place.value[0]]
        if (place.path, place.field) in ALWAYS_FILLED:
            found["empty"] = []
    elif spec.kind == "object":
        found |= {"a number": 5, "a text": "unheard-of", "empty": {}}
        del found["an object"]
    elif spec.kind == "boolean":
        found |= {"a number": 5, "a text": "no"}
        del found["true"]
    else:
        found |= NO_TEXT
        if spec.choices or (place.path, place.field) in FORMS:
            found["unheard-of"] = "unheard-of"
        if spec.choices and spec.kind == "words":
            found["one unheard-of"] = f"{spec.choices[0]} unheard-of"
        elif place.key or spec.choices or (place.path, place.field) in FORMS:
            found["empty"] = ""
        if (place.path, place.field) in PORT_LISTS:
            del found["empty"]
    return {how: value for how, value in found.items() if value is DELETED or value != place.value}


def _beyond(place: Place) -> dict[str, int]:
    """The numbers beside a field's range."""
    limits = facts.RANGES.get(place.path, {}).get(place.field)
    if limits is None or place.field in LIMIT_OF_THE_MODEL:
        return {}
    beyond = {"above": limits[1] + 1}
    if (place.path, place.field) not in facts.ZERO_ALLOWED or limits[0] > 1:
        beyond["below"] = limits[0] - 1
    return beyond


def other(place: Place) -> dict[str, Any]:
    """Another value that the field can have, and that is not as it should be."""
    spec, value, name = place.spec, place.value, (place.path, place.field)
    if name in OTHERS:
        found: Any = OTHERS[name]
    elif spec.kind == "integer":
        found = value + (-1 if place.field in SMALLER else 1)
    elif spec.kind == "rows":
        form = FORMS.get((place.path, f"{place.field}.{spec.mkey}"), "unheard-of")
        found = [] if name in MEMBERS else [{spec.mkey: form}]
    elif spec.choices:
        found = next(choice for choice in spec.choices if choice != value)
    else:
        found = FORMS.get(name, "unheard-of")
    return {} if found == value or spec.kind == "object" else {"another": found}


def asked_for(reads: dict[str, Any]) -> set[tuple[str, str]]:
    """(table, field) of everything that the requests ask for by name."""
    return {(path_of(read), name) for read in reads for name in asked(read)}


def asked(read: str) -> list[str]:
    """The fields that a request names: a unit may add others, such as `q_origin_key`."""
    return next((value.split("|") for name, value in Request.make("GET", read).query if name == "format"), [])


def path_of(read: str) -> str:
    """A read's table, or the whole path of a monitor call."""
    return read.partition("?")[0].partition("/api/v2/")[2].removeprefix("cmdb/")
