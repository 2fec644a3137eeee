"""Bad input is refused before any device is contacted; each error names the field, the value and what is allowed.

A playbook runs as users have it, with one bad input a host. All hosts are one and the same unit, which counts
connections; one host among them has good input and shows that it does. Errors are compared as a whole: what is missing
from a message, or too much in it, is as wrong as a connection.

Breaks of the product that this catches: input that is only noted, or looked at after the log-in; host bits that are
cut off; overlaps that are let pass; an empty list that means everything; a switch that becomes a number, a list that
becomes text; errors without the value, the hint or one of their fellows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.promises.bad_input.contradictions import CONTRADICTIONS
from tests.promises.bad_input.fields import FIELDS
from tests.promises.bad_input.options import OF_A_TASK, OPTIONS, VARIABLES
from tests.promises.base import BadInput, Live
from tests.promises.platforms import Platform
from tests.promises.tally import holding
from tests.support.playbooks import Run, Site
from tests.support.policies import policy
from tests.support.units import CONCERNS, MODULES

PROMISE = "bad input is refused"
GOOD = "good"
JUMP = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
BAD_INPUT = (*FIELDS, *CONTRADICTIONS, *VARIABLES)
FORKS = ("--forks", "4")
NO_CONCERNS = "concerns: unknown key; known: {}"


@pytest.fixture
def unit(platform: Platform) -> Iterator[Live]:
    with platform.live(secret="secret-of-the-unit") as live:
        yield live


def hosts_of(unit: Live, rows: Sequence[BadInput]) -> dict[str, dict[str, Any]]:
    """One host a row, and the good one."""
    names = [f"h{number}" for number, _row in enumerate(rows)]
    hosts = {name: unit.variables(**row.variables) for name, row in zip(names, rows, strict=True)}
    return {**hosts, GOOD: unit.variables(), "jump": JUMP}


def differences(run: Run, rows: Sequence[BadInput]) -> list[str]:
    """The hosts that did not fail, or with other lines."""
    found = []
    for number, row in enumerate(rows):
        with holding(PROMISE):
            entry = run.of(f"h{number}")
            told = str(entry["result"].get("msg", "")).splitlines()
            if entry["kind"] != "failed" or told != list(row.errors):
                found.append(f"{row.label}: {entry['kind']}\n  is:     {told}\n  should: {list(row.errors)}")
    return found


def assert_refused(unit: Live, site: Site, rows: Sequence[BadInput], playbook: str = "harden.yml") -> None:
    """Every row gets its errors, and the unit hears of the good host alone."""
    run = site.play(*FORKS, "--check", playbook=playbook)
    heard = unit.connections
    found = differences(run, rows)
    with holding(PROMISE):
        assert not found, "\n".join(found)
    assert run.result(GOOD)["plan"]
    assert site.play("--check", "--limit", GOOD, playbook=playbook).result(GOOD)["plan"]
    with holding(PROMISE):
        assert 0 < heard == unit.connections - heard, "somebody else connected"


def test_in_the_inventory(platform: Platform, unit: Live, tmp_path: Path) -> None:
    """The whole table, in one run of the playbook that users run."""
    rows = (*BAD_INPUT, *platform.bad_input)
    assert_refused(unit, Site(tmp_path, hosts_of(unit, rows)), rows)


def test_of_a_delegated_task(platform: Platform, unit: Live, tmp_path: Path) -> None:
    """The same table for a task that would run on a jump host: nothing of it gets there."""
    rows = (*BAD_INPUT, *platform.bad_input)
    site = Site(tmp_path, hosts_of(unit, rows))
    task = {"name": "Through the jump host", "voip.hardening.firewall": {}, "delegate_to": "jump"}
    assert_refused(unit, site, rows, playbook=site.playbook_file([task]))


def test_of_every_module(platform: Platform, unit: Live, tmp_path: Path) -> None:
    """Options in a task of each module."""
    rows = [(module, given, error) for module in MODULES for given, error in (*OF_A_TASK, *platform.bad_options)]
    rows += [(module, {"concerns": ["sip_alg"]}, NO_CONCERNS) for module in CONCERNS]
    site = Site(tmp_path, {GOOD: unit.variables()})
    tasks = [
        {"name": f"{module} {given}", f"voip.hardening.{module}": given, "ignore_errors": True}
        for module, given, _error in rows
    ]
    run = site.play("--check", playbook=site.playbook_file(tasks))
    assert len(run.results) == len(rows)
    found = []
    for (module, given, error), entry in zip(rows, run.results, strict=True):
        known = OPTIONS + (", concerns" if module == "firewall" else "")
        with holding(PROMISE):
            if (entry["kind"], entry["result"]["msg"]) != ("failed", error.format(known)):
                found.append(f"{module} {given}: {entry['kind']}: {entry['result'].get('msg')}")
    with holding(PROMISE):
        assert not found, "\n".join(found)
        assert unit.connections == 0
    assert site.play("--check", playbook=site.playbook_file([{"voip.hardening.sip_alg": {}}])).result(GOOD)["plan"]
    assert unit.connections > 0


PROFILES = {
    "broken": "name: broken\nsignalling: [192.0.2.0/24\n",
    "repeated": "name: repeated\nmedia: [192.0.2.0/24]\nmedia: [198.51.100.0/24]\n",
    "misnamed": "name: another\n",
    "listed": "- name: listed\n",
}
"""Profiles next to the inventory."""


def in_words(folder: Path) -> dict[str, tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Variables, and what the message must hold: Ansible, the operating system and YAML word part of it."""
    (folder / "providers").mkdir()
    for name, text in PROFILES.items():
        (folder / "providers" / f"{name}.yml").write_text(text, encoding="utf-8")
    path = str(folder / "providers")
    return {
        "an unknown profile": (
            {"voip_provider": "acme-voise"},
            ("provider profile 'acme-voise': no acme-voise.yml in ", path, "there are: ", "example-voice", "telnyx"),
        ),
        "broken YAML": ({"voip_provider": "broken"}, (f"{path}/broken.yml, line ", "not valid YAML: ")),
        "a repeated key": (
            {"voip_provider": "repeated"},
            (f"{path}/repeated.yml, line 3: not valid YAML: repeated key 'media'",),
        ),
        "another name": (
            {"voip_provider": "misnamed"},
            (f"{path}/misnamed.yml: name is 'another'; in this file it must be 'misnamed'",),
        ),
        "a list": ({"voip_provider": "listed"}, (f"{path}/listed.yml: not a provider profile, which is a mapping",)),
        "a template": ({"voip_policy": policy(transport="{{ nope }}")}, ("voip_policy: ", "'nope' is undefined")),
        "two templates": (
            {"voip_state": "{{ nope }}", "voip_timeout": "{{ never }}"},
            ("voip_state: ", "'nope' is undefined", "voip_timeout: ", "'never' is undefined"),
        ),
    }


def test_in_words_of_others(platform: Platform, unit: Live, tmp_path: Path) -> None:
    """Profile files, templates and files of trust: each is named, and nobody connects."""
    files = {label: (file.variables, file.words) for label, file in platform.bad_files(tmp_path).items()}
    cases = {**in_words(tmp_path), **files}
    hosts = {f"h{number}": unit.variables(**variables) for number, (variables, _w) in enumerate(cases.values())}
    run = Site(tmp_path, hosts).play(*FORKS)
    for number, (label, (_variables, words)) in enumerate(cases.items()):
        with holding(PROMISE):
            entry = run.of(f"h{number}")
            assert entry["kind"] == "failed", label
            assert [word for word in words if word not in entry["result"]["msg"]] == [], entry["result"]["msg"]
    with holding(PROMISE):
        assert unit.connections == 0
