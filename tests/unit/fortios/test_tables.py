"""Our table of fields against the vendor's own schema, which ships in the pip package `ansible`.

The schema is read at test time from the vendor's source (see tests/devices/fortigate/vendor_schema.py, which also holds
the facts on releases that the vendor has not sampled, such as the cut at 7.2.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Change, difference
from ansible_collections.voip.hardening.plugins.module_utils.document.model import ORDERED, SINGLETON, Document
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.blank import blank_document
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.codecs import (
    Choice,
    Cidr,
    Group,
    Names,
    Number,
    Numbered,
    OneName,
    Respelled,
    Rows,
    Spelled,
    Text,
    Words,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.compiler import (
    compile_policy,
    withdraw,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.tables import (
    PATHS,
    scope_of,
    specs_for,
    wire_names,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.fortios.writer import request_for
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS, SitePolicy
from tests.devices.fortigate.facts import ORDERED_TABLES, is_global
from tests.devices.fortigate.vendor_schema import Field, table
from tests.devices.fortigate.versions import SAMPLED_VERSIONS, Version
from tests.unit.fortios.sites import site
from tests.unit.fortios.wire import document, refs

UNSAMPLED = tuple(Version.parse(text) for text in ("7.0.17", "7.2.5", "7.2.11", "7.4.9", "7.6.6"))
"""Releases that the vendor's schema has not sampled: they count as the last sampled one of their train, apart from the
facts that are known to have changed since (7.2.5: `ips-voip-filter`, Fortinet article 359796)."""
VERSIONS = (*SAMPLED_VERSIONS, *UNSAMPLED)

KINDS: dict[type, tuple[str, ...]] = {
    Text: ("string",),
    Choice: ("string",),
    Respelled: ("string",),
    Spelled: ("string",),
    Number: ("integer",),
    Words: ("string", "words"),
    Names: ("rows",),
    OneName: ("string",),
    Cidr: ("string",),
    Rows: ("rows",),
    Group: ("object",),
}
"""What the vendor calls a field that each codec reads."""


def fits(codec: Any, field: Field, where: str) -> Iterator[str]:
    """Where a codec and the vendor's field disagree."""
    if field.kind not in KINDS[type(codec)]:
        yield f"{where} is {field.kind}, and {type(codec).__name__} reads {KINDS[type(codec)]}"
    elif isinstance(codec, Names):
        yield from _member(codec.word, field, codec.member, where)
    elif isinstance(codec, (Rows, Group)):
        for name, inner in codec.members:
            yield from _member(inner, field, name, where)
    missed = set(field.choices) - options(codec)
    if missed:
        yield f"{where} may be {', '.join(sorted(missed))}, and is refused then"
    if options(codec) and not field.choices:
        yield f"{where} is free text, and {type(codec).__name__} takes options only"


def options(codec: Any) -> frozenset[str]:
    """The options that a codec takes; none where it takes any text."""
    while not isinstance(codec, Choice):
        inner = getattr(codec, "word", None) or getattr(codec, "codec", None)
        if inner is None:
            return frozenset()
        codec = inner
    return codec.options


def _member(codec: Any, field: Field, name: str, where: str) -> Iterator[str]:
    if name not in field.children:
        yield f"{where}.{name} is not there; {sorted(field.children)} are"
    else:
        yield from fits(codec, field.children[name], f"{where}.{name}")


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@pytest.mark.parametrize("path", PATHS)
def test_every_field_is_the_vendors(path: str, version: Version) -> None:
    vendor = table(path, version)
    assert vendor is not None
    spec = specs_for(tuple(version))[path]
    wrong = []
    for name, ours in spec.fields.items():
        codec: Any = ours.codec
        if isinstance(codec, Numbered):
            for one in codec.wire_names():
                found = vendor.fields.get(one)
                wrong += [f"{one} is not there"] if found is None else list(fits(Cidr(), found, one))
        elif name not in vendor.fields:
            wrong.append(f"{name} is not there")
        else:
            wrong += fits(codec, vendor.fields[name], name)
    assert wrong == []
    assert set(wire_names(spec)) <= set(vendor.fields)


@pytest.mark.parametrize("path", PATHS)
def test_a_field_is_left_out_only_where_the_vendor_leaves_it_out(path: str) -> None:
    latest = set(specs_for((7, 6, 4))[path].fields) | set(specs_for((7, 0, 0))[path].fields)
    for version in VERSIONS:
        vendor = table(path, version)
        assert vendor is not None
        left_out = latest - set(specs_for(tuple(version))[path].fields)
        assert left_out & set(vendor.fields) == set(), f"{version} has them"


SCOPE_UNSETTLED = ("system.lldp/network-policy",)
"""No public source says whether these belong to the unit or to a VDOM; with one VDOM it is the same."""


@pytest.mark.parametrize("path", PATHS)
def test_keys_shapes_and_scopes_are_the_vendors(path: str) -> None:
    vendor = table(path, Version(7, 4, 4))
    assert vendor is not None
    spec = specs_for((7, 4, 4))[path]
    assert (spec.shape == SINGLETON) == vendor.singleton
    assert spec.key == (vendor.mkey or "")
    assert (spec.shape == ORDERED) == (path in ORDERED_TABLES)
    if path not in SCOPE_UNSETTLED:
        assert (scope_of(path) == "global") == is_global(path)
    if vendor.integer_key:
        assert isinstance(spec.fields[spec.key].codec, Number)
    for special in (spec.identity, *spec.guarded, *spec.volatile):
        assert special == "" or special in spec.fields


@pytest.mark.parametrize("path", PATHS)
def test_no_option_is_known_that_no_release_has(path: str) -> None:
    """A misspelt option would be one that never comes."""
    known: dict[str, set[str]] = {}
    theirs: dict[str, set[str]] = {}
    for version in VERSIONS:
        vendor = table(path, version)
        assert vendor is not None
        for name, ours in specs_for(tuple(version))[path].fields.items():
            if not isinstance(ours.codec, Numbered):
                known.setdefault(name, set()).update(options(ours.codec))
                theirs.setdefault(name, set()).update(vendor.fields[name].choices)
    assert {name: found - theirs[name] for name, found in known.items() if found - theirs[name]} == {}


@pytest.mark.parametrize("path", PATHS)
def test_a_field_that_means_something_on_some_rows_stands_after_what_tells_which(path: str) -> None:
    for version in VERSIONS:
        seen: dict[str, Any] = {}
        for name, field in specs_for(tuple(version))[path].fields.items():
            if field.when is not None:
                other, values = field.when
                assert set(values) <= options(seen[other])
            seen[name] = field.codec


GROUPS = ("firewall/addrgrp", "firewall/addrgrp6", "firewall.service/group")


@pytest.mark.parametrize("version", [(7, 0, 0), (7, 2, 5), (7, 4, 4), (7, 6, 4)])
def test_rows_refer_to_tables_that_stand_before_their_own(version: tuple[int, int, int]) -> None:
    place = {path: index for index, path in enumerate(PATHS)}
    for path, spec in specs_for(version).items():
        for field in spec.fields.values():
            for target in field.refs:
                # Groups may hold groups; ours never do.
                assert place[target] < place[path] or (target == path and path in GROUPS)


@pytest.mark.parametrize("version", [Version(7, 0, 0), Version(7, 4, 4), Version(7, 6, 4)], ids=str)
def test_references_are_the_vendors(version: Version) -> None:
    """Where the vendor says what a field refers to, we name every table of ours among those, and no other."""
    for path, spec in specs_for(tuple(version)).items():
        vendor = table(path, version)
        assert vendor is not None
        for name, ours in spec.fields.items():
            if not ours.refs:
                continue
            field = vendor.fields[name]
            member = ours.codec.member if isinstance(ours.codec, Names) else ""
            sources = (field.children[member] if member else field).sources
            more = {"system/sdwan"} if isinstance(ours.codec, OneName) else set()  # from 7.4.2 on, as a list
            assert {source for source, _child in sources} & set(PATHS) == set(ours.refs) - more, f"{path} {name}"


def test_paths_keep_one_order_on_every_release() -> None:
    for version in VERSIONS:
        assert tuple(specs_for(tuple(version))) == PATHS


# What the compilers write, on every release, for policies of many kinds

POLICIES: dict[str, SitePolicy] = {
    "plain": site(voice_vlan__parent_interface="internal"),
    "udp": site(transport="udp", voice_vlan__parent_interface="internal"),
    "with a PBX": site(pbx={"address": "10.0.0.20"}, voice_vlan__parent_interface="internal"),
    "everything": site(
        voice_vlan={
            "id": 40,
            "subnet": "10.40.0.0/24",
            "parent_interface": "internal",
            "provisioning_url": "https://provisioning.example.com/",
            "ntp_servers": ["192.0.2.123"],
        },
        management={"networks": ["10.0.0.0/24", "2001:db8:1::/48"]},
        enforce_exclusive=True,
    ),
}


def exposed(version: Version) -> Document:
    """A unit with a rule that carries SIP in, with a VoIP profile."""
    row = {
        "policyid": 5,
        "name": "sip in",
        "action": "accept",
        "srcintf": refs("wan1"),
        "dstintf": refs("internal"),
        "srcaddr": refs("all"),
        "dstaddr": refs("all"),
        "service": refs("SIP"),
        "voip-profile": "default",
    }
    return document(tuple(version), added={"firewall/policy": [row]})


def plans(version: Version) -> Iterator[tuple[Document, list[Change]]]:
    """What is done to units of this release: harden, and take away again."""
    for policy in POLICIES.values():
        for start in (exposed(version), blank_document(policy, ("root",), tuple(version))):
            desired, _remarks = compile_policy(policy, CONCERNS, start, ("root",))
            yield start, difference(start, desired)
    desired, _remarks = withdraw(CONCERNS, exposed(version), ("root",))
    yield exposed(version), difference(exposed(version), desired)


def refused_by(fields: dict[str, Field], body: dict[str, Any], where: str) -> Iterator[str]:
    """What the vendor's schema has against a request body."""
    for name, value in body.items():
        field = fields.get(name)
        place = f"{where} {name}"
        if field is None:
            yield f"{place}: unknown"
        elif field.kind == "integer":
            if isinstance(value, bool) or not isinstance(value, int):
                yield f"{place}: {value!r} is no number"
        elif field.kind in ("string", "words"):
            words = value.split() if field.kind == "words" and isinstance(value, str) else [value]
            if not isinstance(value, str):
                yield f"{place}: {value!r} is no text"
            elif field.choices and not set(words) <= {*field.choices, *([""] if not value else [])}:
                yield f"{place}: {value!r} is none of {field.choices}"
        elif field.kind == "object":
            yield from refused_by(field.children, value, place)
        else:
            for row in value:
                yield from refused_by(field.children, row, place)


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_everything_that_is_written_is_allowed_on_the_release(version: Version) -> None:
    wrong: set[str] = set()
    written: set[str] = set()
    for start, changes in plans(version):
        for change in changes:
            request = request_for(change, start.spec(change.table), "root")
            vendor = table(change.table.path, version)
            assert vendor is not None
            written.add(change.table.path)
            wrong |= set(refused_by(vendor.fields, dict(request.body or {}), change.table.path))
    assert wrong == set()
    assert {"firewall/policy", "firewall/vip", "system/interface", "system.dhcp/server", "system/admin"} <= written


# Lengths from the CLI references 7.0 to 7.6; the vendor's schema has none.
LENGTHS = {
    ("system/interface", "name"): 15,
    ("system/interface", "description"): 255,
    ("firewall/policy", "name"): 35,
    ("firewall/policy", "comments"): 1023,
    ("firewall/local-in-policy", "comments"): 1023,
    ("firewall/local-in-policy6", "comments"): 1023,
    ("firewall/shaping-policy", "name"): 35,
    ("firewall.shaper/traffic-shaper", "name"): 35,
    ("system.lldp/network-policy", "name"): 35,
    ("firewall/address", "name"): 79,
    ("firewall/address", "comment"): 255,
    ("firewall/address6", "name"): 79,
    ("firewall/addrgrp", "name"): 79,
    ("firewall/addrgrp6", "name"): 79,
    ("firewall.service/custom", "name"): 79,
    ("firewall/vip", "name"): 79,
}


def test_everything_that_is_written_is_short_enough() -> None:
    for start, changes in plans(Version(7, 4, 4)):
        for change in changes:
            for name, value in (change.after or {}).items():
                limit = LENGTHS.get((change.table.path, name))
                assert limit is None or len(value) <= limit, f"{change.table.path} {name}: {value}"
        assert start.tables


def test_rules_name_no_object_that_the_unit_has_not() -> None:
    """What is written refers to the unit's own objects or to ours, made before."""
    known = {"all", "ALL", "any"}
    for start, changes in plans(Version(7, 4, 4)):
        names = known | {str(row.get("name")) for rows in start.tables.values() for row in rows}
        for change in changes:
            spec = start.spec(change.table)
            for name, value in (change.after or {}).items():
                if spec.fields[name].refs and value:
                    assert set((value,) if isinstance(value, str) else value) <= names, f"{change.table} {name}"
            if change.action == "create":
                names.add(change.name)
