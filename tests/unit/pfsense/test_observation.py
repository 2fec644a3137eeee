"""One answer to one observation: what is refused, what is not understood, what is saved and not in force."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood, Unsupported
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense import observation
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.batch import DESCRIPTION
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.observation import SECTIONS, section_path
from ansible_collections.voip.hardening.plugins.module_utils.platforms.pfsense.tables import FLOATING, RUNNING, table
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import ChangedBy, Unverifiable
from tests.unit.fortios.sites import site
from tests.unit.pfsense.boxes import (
    ALG,
    ALLOWLIST,
    MANAGEMENT,
    VOICE,
    Box,
    Raw,
    altered,
    answered,
    entry,
    harden,
    observed,
    plan,
    rows,
    run,
    saved,
    section,
    unit,
)

RULE = "VOIPH-allow-signalling"
SOURCE = "revision in config.xml"


def in_force(box: Box, **parts: Any) -> Raw:
    """What a box holds that is not in force."""
    return observed(box, **parts).document.singleton(table(RUNNING))


# What is asked for


def test_one_request_asks_for_everything() -> None:
    box = unit()
    observed(box)
    assert box.counters.requests == {"read": 1}


def test_accounts_are_asked_for_with_management_alone() -> None:
    assert observation.request([MANAGEMENT])["accounts"] is True
    assert observation.request([ALG, ALLOWLIST, VOICE])["accounts"] is False
    assert observed(unit(), MANAGEMENT).details.factory_password is True
    assert observed(unit(), ALG).details.factory_password is None


def test_no_secret_is_asked_for() -> None:
    """Of accounts, keys, certificates and the packages' settings nothing is read but which packages have some."""
    read = str(answered(unit())["config"])
    assert "bcrypt" not in read
    assert "this stands in for" not in read
    assert "authorizedkeys" not in read
    assert answered(unit())["config"]["installedpackages"]["siproxdsettings"] == {}


def test_what_a_box_says_of_itself() -> None:
    assert observed(unit(version="2.7.2", name="quay-fw1")).about == {
        "platform": "pfsense",
        "version": "2.7.2-RELEASE",
        "level": "23.3",
        "hostname": "quay-fw1",
    }


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        (
            {"time": "1749000000", "username": "admin@192.0.2.7", "description": "admin@192.0.2.7: saved a rule"},
            ChangedBy("admin@192.0.2.7", "2025-06-04T01:20:00Z", "admin@192.0.2.7: saved a rule", SOURCE),
        ),
        (
            {"time": "1749000000", "username": "(system)", "description": f"(system): {DESCRIPTION}"},
            ChangedBy(
                "(system)",
                "2025-06-04T01:20:00Z",
                f"(system): {DESCRIPTION}; this was a run of this collection",
                SOURCE,
            ),
        ),
        ({"time": "1749000000", "username": "", "description": ""}, None),
        ({"time": "", "username": "admin", "description": ""}, None),
        ({"time": "9" * 30, "username": "admin", "description": ""}, None),
        ({}, None),
    ],
)
def test_who_changed_it(revision: Raw, expected: ChangedBy | None) -> None:
    assert observed(unit(), revision=revision).details.changed_by == expected


def test_what_is_kept_beside_the_tables() -> None:
    details = observed(unit(backend="kea"), packages=["siproxd"]).details
    assert len(details.digest) == 64
    assert details.revision == "1749000000"
    assert details.groups == {"INSIDE": ("lan", "opt1")}
    assert details.addresses["lan"]["ipv4"] == "10.0.0.1"
    assert details.packages == ("siproxd",)
    assert (details.kea, details.disabled, details.armed, details.peer) == (True, False, "", "")


def test_lists_that_are_empty_in_php_are_empty() -> None:
    """An empty array is `[]` in JSON, whatever it was to hold."""
    seen = observed(unit(), config={"aliases/alias": [], "dhcpd": [], "filter/rule": "", "nat/rule": None}, tables=[])
    assert rows(seen.document, "aliases/alias") == rows(seen.document, "dhcpd") == {}
    assert rows(seen.document, "nat/rule") == rows(seen.document, "filter/rule", FLOATING) == {}


# Refused


@pytest.mark.parametrize("level", ["22.9", "23.2", "25.0", "19.1"])
def test_levels_that_are_not_known_are_refused(level: str) -> None:
    with pytest.raises(Unsupported, match=f"keeps its configuration at level {level}"):
        observed(unit(), level=level)


@pytest.mark.parametrize("level", ["23.3", "23.9", "24.0", "24.5"])
def test_levels_that_are_known(level: str) -> None:
    assert observed(unit(), level=level).about["level"] == level


@pytest.mark.parametrize("level", ["", "24", "x.y", "24.x", "\u0662\u0664.\u0660"])
def test_a_level_that_is_none(level: str) -> None:
    with pytest.raises(Misunderstood, match="read level"):
        observed(unit(), level=level)


def test_the_secondary_of_a_pair_is_refused() -> None:
    def paired(tree: Raw) -> None:
        tree["virtualip"] = {"vip": [{"mode": "carp", "interface": "lan", "subnet": "10.0.0.254", "uniqid": "1"}]}

    assert observed(unit(tree=paired)).about
    with pytest.raises(Unsupported, match="the secondary of a pair"):
        observed(unit(tree=paired, carp="BACKUP"))


# Not understood


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"version": ""}, "read version"),
        ({"version": None}, "read version"),
        ({"level": None}, "read level"),
        ({"hostname": 7}, "read hostname"),
        ({"digest": None}, "read digest"),
        ({"revision": "x"}, "revision"),
        ({"dirty": None}, "read dirty"),
        ({"dirty": [1]}, "read dirty, running"),
        ({"running": ["1"]}, "read dirty, running"),
        ({"running": "all"}, "read running"),
        ({"status": None}, "read status"),
        ({"tables": "x"}, "read tables"),
        ({"addresses": None}, "read addresses"),
        ({"packages": {"x": 1}}, "packages"),
        ({"carp": {}}, "read carp"),
        ({"carp": {"backup": True}}, "read carp"),
        ({"carp": {"backup": 0, "peer": {}}}, "carp peer"),
        ({"armed": "yes"}, "armed"),
        ({"armed": {"token": ["t"]}}, "armed token"),
        ({"factory_password": "no"}, "read factory_password"),
        ({"config": {"dhcpbackend": "dnsmasq"}}, "dhcpbackend: the box has 'dnsmasq'; known are isc and kea"),
        ({"config": {"system/webgui/protocol": "gopher"}}, "system/webgui protocol"),
        ({"config": {"system/webgui/port": "https"}}, "read system/webgui/port"),
        ({"config": {"system/ssh/port": []}}, "read system/ssh/port"),
        ({"config": {"system/udpfirsttimeout": "1m"}}, "read system/udpfirsttimeout"),
        ({"config": {"interfaces": ["wan"]}}, "interfaces"),
        ({"config": {"interfaces": {"wan": "x"}}}, "interfaces/wan"),
        ({"config": {"aliases/alias": {"x": 1}}}, "aliases/alias"),
        ({"config": {"ifgroups/ifgroupentry": "x"}}, "ifgroups/ifgroupentry"),
        ({"config": {"shaper/queue": "x"}}, "shaper/queue"),
        ({"config": {"installedpackages/voiphardening/config": "x"}}, "installedpackages/voiphardening/config"),
    ],
)
def test_a_strange_answer_names_its_place(parts: Raw, message: str) -> None:
    with pytest.raises(Misunderstood) as error:
        observed(unit(), **parts)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("path", [section_path(one) for one in SECTIONS])
def test_nothing_is_concluded_from_what_is_not_said(path: str) -> None:
    answer = answered(unit())
    del answer["config"][path]
    with pytest.raises(Misunderstood, match=f"the box says nothing of {path}"):
        observation.observed(answer)


# In force


def test_a_hardened_box_is_in_force() -> None:
    assert in_force(harden(unit(), site())) == {"unapplied": (), "missing": (), "rollback": ""}


@pytest.mark.parametrize("name", ["aliases", "filter", "natconf", "shaper", "dhcpd"])
def test_what_was_saved_and_not_applied_is_drift(name: str) -> None:
    box = saved(harden(unit(), site()), {"system/domain": "x.example.net"}, name)
    assert in_force(box)["unapplied"] == (name,)
    result = run(box, site())
    assert result["changed"]
    assert result["remarks"] == ["settings were saved on the box and not applied; applying ours applies them too"]
    assert box.dirty == []
    assert not run(box, site())["changed"]


@pytest.mark.parametrize("name", ["interfaces", "vip", "staticroutes"])
def test_what_could_cut_the_way_off_is_not_applied_for_others(name: str) -> None:
    box = saved(harden(unit(), site()), {"system/domain": "x.example.net"}, name)
    assert in_force(box)["unapplied"] == ()
    result = run(box, site())
    assert not result["changed"]
    assert [one["subject"] for one in result["findings"] if "not applied" in one["evidence"]] == [name]
    assert box.dirty == [name]


def test_a_reload_that_failed_is_drift() -> None:
    box = harden(unit(), site())
    box.refuse_next("syntax error")
    saved(box, {"system/domain": "x.example.net"})
    (reason,) = in_force(box)["unapplied"]
    assert reason.startswith("the last reload ended with: There were error(s) loading the rules")
    assert run(box, site())["changed"]
    assert in_force(box)["unapplied"] == ()


def test_a_rule_that_does_not_run_is_drift() -> None:
    box = harden(unit(), site())
    number = int(entry(box, "filter/rule", RULE)["tracker"])
    seen = observed(box, running=[one for one in box.running if one != number])
    assert seen.document.singleton(table(RUNNING))["missing"] == (RULE,)
    assert [change.table.path for change in plan(site(), seen)] == [RUNNING]


def test_a_rule_that_is_off_need_not_run() -> None:
    box = altered(harden(unit(), site()), "filter/rule", RULE, disabled="")
    assert in_force(box)["missing"] == ()


@pytest.mark.parametrize(
    "entries",
    [None, [], ["198.51.100.0/26"], ["198.51.100.0/26", "2001:db8:5060::/48", "192.0.2.1"]],
    ids=["no table", "empty", "one is missing", "one too many"],
)
def test_an_alias_whose_table_says_something_else_is_drift(entries: list[str] | None) -> None:
    box = harden(unit(), site())
    loaded = {**answered(box)["tables"], "VOIPH_SIGNALLING": entries}
    assert in_force(box, tables=loaded)["missing"] == ("VOIPH_SIGNALLING",)


def test_an_alias_of_networks_is_compared_by_what_it_means() -> None:
    box = harden(unit(), site())
    loaded = {**answered(box)["tables"], "VOIPH_DNS": ["198.51.100.53"], "VOIPH_MEDIA": ["203.0.113.0/25"]}
    assert in_force(box, tables=loaded)["missing"] == ()


def test_an_alias_with_names_is_not_compared() -> None:
    """filterdns resolves it some time later."""
    box = harden(unit(), site())
    assert in_force(box, tables={**answered(box)["tables"], "VOIPH_NTP": []})["missing"] == ()


def test_an_alias_that_no_rule_uses_has_no_table() -> None:
    box = harden(unit(), site())
    tree = box.config
    saved(box, {"filter/rule": [one for one in section(tree, "filter/rule") if "VOIPH_DNS" not in str(one)]})
    assert in_force(box, tables={**answered(box)["tables"], "VOIPH_DNS": None})["missing"] == ()


def test_a_filter_that_is_off() -> None:
    """Nothing is in force, nothing can be said to be, and no run can change that."""

    def off(tree: Raw) -> None:
        tree["system"]["disablefilter"] = ""

    box = harden(unit(tree=off), site())
    saved(box, {"system/domain": "x.example.net"}, "filter")
    seen = observed(box)
    assert seen.document.singleton(table(RUNNING)) == {"unapplied": (), "missing": (), "rollback": ""}
    assert seen.unverifiable == [
        Unverifiable("FW-1", "whether the rules act: the packet filter is switched off", lasting=False)
    ]
    assert [(one.severity, one.subject) for one in seen.findings] == [("critical", "system/disablefilter")]
    assert not run(box, site())["changed"]


# A rollback that waits


@pytest.mark.parametrize(
    ("armed", "token", "waits"),
    [(None, "", ""), ([], "", ""), ({"token": "t", "since": 4900, "seconds": 120}, "t", "waits")],
)
def test_a_rollback_that_waits(armed: Any, token: str, waits: str) -> None:
    seen = observed(unit(), armed=armed)
    assert (seen.details.armed, seen.document.singleton(table(RUNNING))["rollback"]) == (token, waits)
