"""Which lines are asked for, and how the answers become one document: no more than the concerns at hand need."""

from __future__ import annotations

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood, Unsupported
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.commands import allowed
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    ACCESS_LIST,
    FILTER,
    GROUPS,
    OBJECTS,
    RULES,
    SCHEDULES,
    SERVICE_GROUPS,
    SERVICES,
    SETS,
    table,
)
from tests.unit.draytek.units import LARGE, MODELS, SMALL, harden, named_rows, observed, rows, typed, unit
from tests.unit.fortios.sites import site

ALG, ALLOWLIST, VOICE, MANAGEMENT = "sip_alg", "sip_allowlist", "voice_vlan", "management_access"
OBJECT_LINES = 64


def asked(*concerns: str, model: str = SMALL, config: str = "factory", **options: int) -> list[str]:
    """The lines that are sent to read a unit."""
    device = unit(model, config)
    observed(device, *concerns, **options)
    return [entry["line"] for entry in device.log]


def families(lines: list[str]) -> set[str]:
    """What lines are about, without numbers and options."""
    return {" ".join(word for word in line.split() if word.isalpha() or "_" in word) for line in lines}


SIP_ALG_ONLY = {"sys version", "object ip obj", "mngt accesslist list", "sys sip_alg"}
FILTERING = {
    "object ip obj", "object ip grp", "object service obj", "object service grp", "object schedule view", "ipf set",
    "ipf rule", "srv nat showall", "sys version", "mngt accesslist list",
}
NETWORKS = {
    "show lan", "show dns", "show status", "msubnet leasetime", "msubnet talk", "vlan status", "vlan sysvid show",
    "srv dhcp option",
}
ADMINISTRATORS = {
    "sys version", "object ip obj", "show lan", "mngt bfp", "mngt lanaccess", "mngt accesslist list",
    "mngt rmtcfg status",
}


@pytest.mark.parametrize(
    ("concerns", "found"),
    [
        ((ALG,), SIP_ALG_ONLY),
        ((ALLOWLIST,), FILTERING),
        ((VOICE,), FILTERING | NETWORKS),
        ((MANAGEMENT,), ADMINISTRATORS),
        ((ALG, ALLOWLIST, VOICE, MANAGEMENT), SIP_ALG_ONLY | FILTERING | NETWORKS | ADMINISTRATORS),
    ],
)
def test_only_what_the_concerns_need_is_asked_for(concerns: tuple[str, ...], found: set[str]) -> None:
    lines = asked(*concerns)
    assert families(lines) == found
    assert len(lines) == len(set(lines))
    assert not any(allowed(line).writes for line in lines)


def test_the_list_of_a_large_unit_counts_from_its_next_start() -> None:
    """So when it started last is looked up."""
    assert families(asked(MANAGEMENT, model=LARGE)) == ADMINISTRATORS | {"show status"}


@pytest.mark.parametrize("model", MODELS)
def test_only_the_block_that_is_kept_is_looked_through(model: str) -> None:
    lines = asked(ALLOWLIST, model=model, reserved=30)
    objects = [int(line.split()[3]) for line in lines if line.startswith("object ip obj ")]
    groups = [int(line.split()[3]) for line in lines if line.startswith("object ip grp ")]
    services = [int(line.split()[3]) for line in lines if line.startswith("object service obj ")]
    assert objects == list(range(192, 162, -1))
    assert groups == list(range(32, 20, -1))
    assert services == list(range(96, 64, -1))


def test_what_rules_and_lists_refer_to_outside_the_block_is_read_once() -> None:
    lines = asked(config="lived-in")
    assert [line for line in lines if line in ("object ip obj 1 -v", "object ip obj 2 -v", "object ip obj 5 -v")] == [
        "object ip obj 1 -v", "object ip obj 2 -v", "object ip obj 5 -v",
    ]
    seen = observed(unit(SMALL, "lived-in")).document
    assert {"object 1", "object 2", "object 3", "object 5"} <= set(rows(seen, OBJECTS))
    assert set(rows(seen, GROUPS)) == {"group 1"}
    assert set(rows(seen, SERVICES)) == {"service 2", "service 4"}


def test_sets_are_followed_from_the_start_and_through_branches() -> None:
    device = typed(unit(), "ipf set 2 -n 4", "ipf rule 4 1 -e 1 -N 6 -F \"2 0\" -M branch", "ipf set 6 -m far")
    document = observed(device, ALLOWLIST).document
    assert set(rows(document, SETS)) == {"2", "4", "6"}
    assert set(rows(document, RULES)) == {"4.1"}


def test_sets_that_lead_in_a_circle_are_read_once() -> None:
    device = typed(unit(), "ipf set 2 -n 4", "ipf set 4 -n 2")
    assert set(rows(observed(device, ALLOWLIST).document, SETS)) == {"2", "4"}


def test_our_sets_are_found_wherever_they_are() -> None:
    """Also where a run was cut off before it led the filter to them."""
    device = unit()
    harden(device, site(), ALLOWLIST)
    typed(device, "ipf set -d 2")
    seen = observed(device, ALLOWLIST)
    assert seen.details.sets == {"VOIPH-1": "12"}
    assert len([row for row in seen.document.rows(table(RULES)) if row["set"] == "12"]) == 7


@pytest.mark.parametrize(("model", "free"), [(SMALL, ("12", "11")), (LARGE, ("50",))])
def test_free_sets_as_many_as_our_rules_take(model: str, free: tuple[str, ...]) -> None:
    assert observed(unit(model), ALLOWLIST).details.free[SETS] == free


def test_free_places_are_no_rows() -> None:
    seen = observed(unit())
    assert rows(seen.document, OBJECTS) == rows(seen.document, GROUPS) == rows(seen.document, SERVICES) == {}
    assert len(seen.details.free[OBJECTS]) == OBJECT_LINES
    assert seen.details.free[GROUPS][0] == "group 32"
    assert seen.details.free[SERVICE_GROUPS] == tuple(f"service group {number}" for number in range(32, 24, -1))


def test_a_place_that_a_rule_of_the_site_names_is_not_free() -> None:
    """It would change what the rule means, without a word."""
    device = typed(
        unit(),
        'ipf rule 2 1 -e 1 -M theirs -s "o 192 0" -d "g 32 0" -S "o 96"',
        'ipf rule 2 2 -e 1 -M too -S "g 32"',
        "mngt accesslist add 1 191",
    )
    free = observed(device).details.free
    assert not {"object 192", "object 191"} & set(free[OBJECTS])
    assert "group 32" not in free[GROUPS]
    assert "service 96" not in free[SERVICES]
    assert "service group 32" not in free[SERVICE_GROUPS]


@pytest.mark.parametrize(("kind", "word"), [(0, "mask"), (1, "single"), (2, "any"), (3, "range")])
def test_the_address_type_of_an_unused_object_is_learnt(kind: int, word: str) -> None:
    assert observed(unit(SMALL, empty_object_type=kind), ALG).details.unused_type == word


def test_the_room_of_groups_is_learnt() -> None:
    assert observed(unit(SMALL)).details.room == 12
    assert observed(unit(LARGE)).details.room == 100
    assert observed(unit(SMALL, group_slots=7)).details.room == 7


def test_a_schedule_that_is_free_is_the_guards() -> None:
    device = typed(unit(), "object schedule set 15 -c theirs", "object schedule set 14 -e 1")
    seen = observed(device, ALLOWLIST)
    assert seen.details.free[SCHEDULES] == ("schedule 13",)
    assert set(rows(seen.document, SCHEDULES)) == {"schedule 15", "schedule 14", "schedule 13"}


LED_TO = {
    "the data filter": "ipf set -d 50",
    "the call filter": "ipf set -c 50",
    "a set of the call filter": "ipf set 1 -n 50",
    "a set of the data filter": "ipf set 2 -n 50",
    "a rule": 'ipf rule 2 1 -e 1 -N 50 -M theirs -F "2 0"',
}


@pytest.mark.parametrize("line", LED_TO.values(), ids=LED_TO)
def test_an_empty_set_that_something_leads_to_is_not_free(line: str) -> None:
    """What we put into it would also count for what comes by there."""
    device = typed(unit(LARGE), line)
    asked_for = len(device.log)
    assert observed(device, ALLOWLIST).details.free[SETS] == ("49",)
    lines = [entry["line"] for entry in device.log[asked_for:]]
    assert len(lines) == len(set(lines))


def test_rules_that_the_filter_does_not_come_by_are_nobodys_business() -> None:
    """They are read while a free set is looked for, which the next run does not do."""
    seen = observed(typed(unit(), 'ipf rule 12 1 -e 1 -M theirs -F "0 0"'), ALLOWLIST)
    assert seen.details.free[SETS] == ("11", "10")
    assert "12.1" not in rows(seen.document, RULES)
    assert "12" not in rows(seen.document, SETS)


def test_a_set_is_named_none_by_somebody() -> None:
    assert observed(typed(unit(), "ipf set 12 -m none"), ALLOWLIST).details.free[SETS] == ("11", "10")


def test_a_guard_that_was_left_behind_is_found() -> None:
    device = typed(unit(), "object schedule set 14 -c VOIPH-guard", "object schedule set 15 -c theirs")
    seen = observed(device, ALLOWLIST)
    assert seen.details.free[SCHEDULES] == ()
    assert rows(seen.document, SCHEDULES)["schedule 14"]["comment"] == "VOIPH-guard"


@pytest.mark.parametrize("references", ["index", "name", "both"])
def test_sides_are_understood_however_they_are_shown(references: str) -> None:
    device = unit(SMALL, "lived-in", references=references)
    harden(device, site(), ALLOWLIST)
    found = rows(observed(device, ALLOWLIST).document, RULES)
    assert found["12.1"]["destination"] == ("group 32",)
    assert found["12.1"]["service"] == ("service 96",)


def test_what_is_shown_of_others_by_name_is_not_resolved() -> None:
    """Their objects are outside the block, so what their names stand for is not known."""
    found = rows(observed(unit(SMALL, "lived-in", references="name"), ALLOWLIST).document, RULES)
    assert found["5.2"]["source"] == ("? HQ, it-office",)
    assert found["5.2"]["destination"] == ("192.168.1.0/255.255.255.0",)


def test_rules_that_name_every_interface() -> None:
    found = rows(observed(unit(SMALL, "lived-in"), ALLOWLIST).document, RULES)
    assert (found["5.1"]["incoming"], found["5.1"]["outgoing"]) == (("all",), ("all",))
    assert (found["2.2"]["incoming"], found["5.2"]["incoming"]) == (("LAN2",), ("WAN1",))


def test_a_rule_for_the_unit_itself_confuses_nobody() -> None:
    device = typed(unit(LARGE, "lived-in"), 'ipf rule 5 3 -e 1 -D 3 -M tohost -F "1 0"')
    harden(device, site())
    found = rows(observed(device).document, RULES)
    assert found["5.3"]["outgoing"] == ("Localhost",)
    assert {found[f"50.{place}"]["incoming"] for place in range(1, 15)} == {("all",)}


def test_the_filter_and_who_is_let_in() -> None:
    document = observed(unit(LARGE, "lived-in")).document
    assert document.singleton(table(FILTER)) == {"data": "2", "call": "1", "default": "pass"}
    assert rows(document, ACCESS_LIST) == {"1": {"id": "1", "object": "object 5"}}
    assert named_rows(document, OBJECTS)["it-office"]["start"] == "198.51.100.9"


def test_about_the_unit() -> None:
    about = observed(unit(SMALL, "lived-in"), ALG).about
    build = about.pop("build")
    assert about == {"platform": "draytek", "model": SMALL, "version": "4.4.5.1", "hostname": "branch-gw"}
    assert "drayos2015" in build


@pytest.mark.parametrize("line", ["show lan", "msubnet leasetime"])
def test_a_lan_that_one_answer_leaves_out(line: str) -> None:
    device = unit()
    text = {
        "show lan": "[V]LAN1  192.168.1.1     255.255.255.0   V    192.168.1.10    200  192.168.1.1\n[X]LAN9  ",
        "msubnet leasetime": "% Now:LAN1 86400",
    }[line]
    device.faults.plant(kind="garbage", line=f"^{line}", text=text)
    with pytest.raises(Misunderstood, match=line):
        observed(device, VOICE)


def test_units_that_must_not_be_changed_are_asked_for_nothing_else() -> None:
    device = unit()
    version = device.execute("sys version", log=False).text
    device.faults.plant(kind="garbage", line="sys version", text=version.replace("4.4.5.1", "5.3.1"))
    with pytest.raises(Unsupported):
        observed(device)
    assert [entry["line"] for entry in device.log] == ["sys version"]
