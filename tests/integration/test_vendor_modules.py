"""The vendor's own modules (`fortinet.fortios`, unmodified) on the same unit: neither side spoils what the other made.

A call of the vendor's takes about a second, so that many of them share a playbook.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import vendor_modules as vendor
from tests.support.playbooks import Run, Site
from tests.support.states import MARK, assert_same, is_ours, tables
from tests.support.units import TOKEN, Unit

VERSION = "7.4.4"

# What the vendor's modules make: by table in the order in which it can be made, rows as the unit shows them.
THEIRS: dict[str, list[dict[str, Any]]] = {
    "firewall/address": [
        {"name": "theirs-1", "type": "ipmask", "subnet": "10.91.0.0 255.255.255.0", "comment": "made by hand"},
        {"name": "theirs-2", "type": "iprange", "start-ip": "10.92.0.10", "end-ip": "10.92.0.20"},
    ],
    "firewall/addrgrp": [{"name": "theirs", "member": [{"name": "theirs-1"}, {"name": "theirs-2"}]}],
    "firewall.service/custom": [{"name": "theirs-crm", "protocol": "TCP/UDP/SCTP", "tcp-portrange": "8443 9000-9010"}],
    "system/interface": [
        {
            "name": "theirs-vlan", "vdom": "root", "type": "vlan", "vlanid": 91, "interface": "internal",
            "mode": "static", "ip": "10.91.0.1 255.255.255.0", "allowaccess": "ping", "role": "lan",
        },
    ],
    "system/session-helper": [{"id": 91, "name": "ftp", "protocol": 6, "port": 2121}],
    "firewall/policy": [
        {
            "policyid": 91, "name": "theirs-crm", "srcintf": [{"name": "theirs-vlan"}], "dstintf": [{"name": "wan1"}],
            "srcaddr": [{"name": "theirs"}], "dstaddr": [{"name": "all"}], "service": [{"name": "theirs-crm"}],
            "schedule": "always", "action": "accept", "nat": "enable", "logtraffic": "all",
        },
    ],
}
KEYS = {
    "system/session-helper": "id",
    "system.dhcp/server": "id",
    "firewall/shaping-policy": "id",
    "firewall/policy": "policyid",
    "firewall/local-in-policy": "policyid",
    "firewall/local-in-policy6": "policyid",
}
CHANGES: dict[str, dict[str, Any]] = {
    "firewall/address": {"name": "theirs-1", "subnet": "10.91.128.0 255.255.128.0", "comment": "changed by hand"},
    "firewall/policy": {"policyid": 91, "status": "disable"},
}

# Fields that the vendor's check mode always sees as changed: it looks for the option's name, intf_dict, in the unit's
# answer, where the field is intf (issue 404 of fortinet-ansible-dev/ansible-galaxy-fortios-collection, cured in 2.5.1).
CHECK_MODE_DEFECTS = {"firewall/local-in-policy": {"intf_dict"}, "firewall/local-in-policy6": {"intf_dict"}}

# An empty list of words becomes null in what these modules compare, and the unit says "": left out of what is asked of
# them. That the unit holds it is looked at in what they read.
NOT_COMPARABLE = {"system/interface": {"ipv6"}}

pytestmark = pytest.mark.slow


def without_fields(body: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The body without these fields."""
    return {name: value for name, value in body.items() if name not in names}


class Vendor:
    """Runs tasks of the vendor's modules on a unit, a playbook at a time."""

    def __init__(self, unit: Unit, folder: Path) -> None:
        server = unit.server
        self._site = Site(folder, {"fgt": vendor.host_variables(server.host, server.port, server.ca_path, TOKEN)})
        self._playbook = folder / "vendor.json"

    def run(self, *tasks: dict[str, Any], options: tuple[str, ...] = ()) -> Run:
        """All of the tasks must go well."""
        play = {"name": "Vendor", "hosts": "fgt", "gather_facts": False, "tasks": list(tasks)}
        self._playbook.write_text(json.dumps([play]), encoding="utf-8")
        run = self._site.play(*options, playbook=str(self._playbook))
        assert run.status == 0, run.output
        assert [entry["kind"] for entry in run.results] == ["ok"] * len(tasks), run.output
        return run


def holds(whole: Any, part: Any) -> bool:
    """Whether a row that was read holds the fields that were written; lists hold the same elements, in order."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(name in whole and holds(whole[name], part[name]) for name in part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(holds, whole, part))
    return str(whole) == str(part)


def key_field(path: str) -> str:
    return KEYS.get(path, "name")


def read_rows(meta: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The rows of each answer of the vendor's fact module."""
    assert all(answer["http_status"] == 200 for answer in meta), meta
    return [answer["results"] for answer in meta]


def without_theirs(state: dict[str, Any]) -> dict[str, Any]:
    """The state without the rows that the vendor's modules made."""
    made = {(path, row[key_field(path)]) for path, rows in THEIRS.items() for row in rows}

    def kept(found: dict[str, Any]) -> dict[str, Any]:
        return {
            path: content
            if isinstance(content, dict)
            else [row for row in content if (path, row.get(key_field(path))) not in made]
            for path, content in found.items()
        }

    vdoms = {name: kept(found) for name, found in state["vdom"].items()}
    return {**state, "global": kept(state["global"]), "vdom": vdoms}


def theirs_as_stored(unit: Unit) -> str:
    """The vendor's rows byte for byte, in the unit's order."""
    return json.dumps([
        [row for row in unit.rows(path) if row[key_field(path)] in [one[key_field(path)] for one in made]]
        for path, made in THEIRS.items()
    ])


def foreign_rules(unit: Unit) -> list[int]:
    """The numbers of the rules that are not ours, from top to bottom."""
    return [row["policyid"] for row in unit.rows("firewall/policy") if not row["name"].startswith(MARK)]


def test_what_they_make_is_foreign_to_us(start: Callable[..., Unit], tmp_path: Path) -> None:
    """Created, changed, moved, read and deleted by the vendor's modules on a hardened unit; we leave it alone."""
    unit = start("lived-in", VERSION)
    unit.run()
    hardened = unit.state
    client = Vendor(unit, tmp_path)
    first_foreign = foreign_rules(unit)[0]

    made = [vendor.task(path, rows, VERSION) for path, rows in THEIRS.items()]
    changes = [vendor.task(path, [row], VERSION) for path, row in CHANGES.items()]
    wanted = [(path, row[key_field(path)]) for path, rows in THEIRS.items() for row in rows]
    run = client.run(
        *made, vendor.read(wanted), *changes, vendor.move("firewall/policy", 91, before=first_foreign)
    )
    created = [row for rows in THEIRS.values() for row in rows]
    read = read_rows(run.results[len(made)]["result"]["meta"])
    assert all(holds(rows, [row]) for rows, row in zip(read, created, strict=True)), read
    for path, change in CHANGES.items():
        assert holds(unit.row(path, change[key_field(path)], field=key_field(path)), change)
    assert foreign_rules(unit)[:2] == [91, first_foreign]
    assert_same(hardened, without_theirs(unit.state))

    changed_by_them, theirs = unit.state, theirs_as_stored(unit)
    unit.forget()
    check = unit.run(check=True)
    assert (check["changed"], check["plan"]) == (False, [])
    assert unit.run()["changed"] is False
    assert unit.writes == []
    assert unit.state == changed_by_them
    # Ours goes and comes again around theirs.
    assert unit.run(state="deleted")["changed"]
    assert theirs_as_stored(unit) == theirs
    assert unit.run()["changed"]
    assert theirs_as_stored(unit) == theirs
    assert foreign_rules(unit)[:2] == [91, first_foreign]

    gone = [
        vendor.task(path, [{key_field(path): row[key_field(path)]} for row in rows], VERSION, state="absent")
        for path, rows in reversed(THEIRS.items())
    ]
    client.run(*gone)
    assert_same(hardened, unit.state, numbers=False)
    assert unit.run(check=True)["plan"] == []


def test_what_we_make_they_read_back_equal(start: Callable[..., Unit], tmp_path: Path) -> None:
    """Their fact module reads what we wrote, and their modules, given what we wrote, would change nothing."""
    unit = start("lived-in", VERSION)
    unit.run()
    written: dict[str, list[dict[str, Any]]] = {}
    for entry in unit.writes:
        path = entry["path"].removeprefix("/api/v2/cmdb/")
        if entry["method"] == "POST" and entry["path"].startswith("/api/v2/cmdb/"):
            written.setdefault(path, []).append(entry["body"])
        for table, bodies in written.items():
            # What is made in one state and brought to another, such as an interface that goes up last.
            for body in bodies if entry["method"] == "PUT" and entry["body"] else ():
                if path == f"{table}/{body[key_field(table)]}":
                    body.update(entry["body"])
    lists = [(path, content) for _scope, path, content in tables(unit.state) if isinstance(content, list)]
    ours = Counter(path for path, rows in lists for row in rows if is_ours(path, row))
    assert {path: len(bodies) for path, bodies in written.items()} == ours
    hardened = unit.state

    client = Vendor(unit, tmp_path)
    reading = client.run(vendor.read([(path, None) for path in written]))
    found = dict(zip(written, read_rows(reading.result("fgt")["meta"]), strict=True))
    for path, bodies in written.items():
        for body in bodies:
            (row,) = [row for row in found[path] if str(row[key_field(path)]) == str(body[key_field(path)])]
            assert holds(row, body), (path, body, row)

    # One row a table: each call takes a second, and the rows of a table have the same fields.
    # Results hold their diffs from -vvv on.
    calls = [
        vendor.task(path, [without_fields(bodies[0], NOT_COMPARABLE.get(path, set()))], VERSION)
        for path, bodies in written.items()
    ]
    checks = client.run(*calls, options=("--check", "--diff", "-vvv"))
    for path, entry in zip(written, checks.results, strict=True):
        result = entry["result"]
        missed = CHECK_MODE_DEFECTS.get(path, set())
        assert result["changed"] == bool(missed), (path, result)
        if missed:
            assert set(result["diff"]["after"]) - set(result["diff"]["before"]) == missed
            assert holds(result["diff"]["after"], result["diff"]["before"]), result["diff"]
    assert unit.state == hardened
