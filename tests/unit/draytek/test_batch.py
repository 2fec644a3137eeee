"""One plan on its way to a Vigor: block rules that run out until they are proved, and lines that units differ in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import (
    CREATE,
    DELETE,
    UPDATE,
    Change,
    difference,
)
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, Row
from ansible_collections.voip.hardening.plugins.module_utils.errors import Refused
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.batch import (
    GUARD_MINUTES,
    VigorBatch,
    clock,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.commands import Command, allowed
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.details import Details
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.models import SMALL
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    LANS,
    OBJECTS,
    OPTIONS,
    RULES,
    SCHEDULES,
    SETS,
    SIP_ALG,
    SPECS,
    VLAN,
    VLAN_ROWS,
    table,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.words import Answer
from tests.devices.vigor import Vigor
from tests.unit.draytek.shapes import blocks, host, passes
from tests.unit.draytek.units import Logged, compiled, harden, observed, plan, row, typed, unit
from tests.unit.fortios.sites import site

TIME = "  Current System Time: [2026 Nov 08 Sun 08:01:30]"


class Unit:
    """A unit that notes what is typed. `refused`: lines that it refuses."""

    def __init__(self, answers: Mapping[str, str] | None = None, refused: Sequence[str] = ()) -> None:
        self.answers = {"sys time show": TIME, **(answers or {})}
        self.refused = refused
        self.typed: list[str] = []

    def read(self, text: str) -> str:
        assert not allowed(text).writes
        self.typed.append(text)
        return self.answers[text]

    def run(self, line: Command) -> str:
        self.typed.append(line.text)
        if line.text in self.refused:
            raise Refused(f"`{line.text}`: no")
        return self.answers.get(line.text, "")


BLOCK: Row = {**blocks(0), "id": "12.5", "set": "12", "name": "block-sip-out", "digest": "ABC234"}
PASS: Row = {**passes(0), "id": "12.1", "set": "12", "name": "allow-signalling", "digest": "ABC234"}
THEIRS: Row = {**blocks(1), "id": "5.2", "set": "5", "name": "HQ in", "digest": "", "enabled": False}
FREE_SCHEDULE: Row = {"id": "schedule 15", "enabled": False, "comment": "", "start": "2000-01-01 00:00", "minutes": 0}
GUARD: Row = {"id": "schedule 14", "enabled": True, "comment": "VOIPH-guard", "start": "2026-01-01 00:00",
              "minutes": 15}


def made(path: str, key: str, after: Row) -> Change:
    return Change(CREATE, table(path), key, key, (), after=after)


def altered(path: str, key: str, before: Row, after: Row) -> Change:
    return Change(UPDATE, table(path), key, key, (), before, after)


def batch(
    device: Unit, changes: Sequence[Change], free: Sequence[str] = ("schedule 15",), **tables: list[Row]
) -> VigorBatch:
    rows: dict[str, list[Row]] = {
        "object__ip__obj": [], "ipf__rule": [], "object__schedule": [FREE_SCHEDULE], **tables,
    }
    document = Document(SPECS, {table(path.replace("__", " ")): found for path, found in rows.items()})
    session: Any = device
    return VigorBatch(session, changes, document, Details(SMALL, "range", {SCHEDULES: tuple(free)}, {}))


def carried_out(device: Unit, changes: Sequence[Change], **options: Any) -> VigorBatch:
    """A batch whose plan was carried out, without being settled."""
    one = batch(device, changes, **options)
    one.start()
    for change in changes:
        one.send(change)
    one.commit()
    return one


def whole(row_: Row) -> str:
    """The line that makes a rule."""
    set_, _dot, place = row_["id"].partition(".")
    return f"ipf rule {set_} {place} -e 1 "


ARMING = [
    "sys time show", "object schedule set 15 -c VOIPH-guard", 'object schedule set 15 -D "2026 11 8"',
    'object schedule set 15 -T "8 0"', f'object schedule set 15 -d "0 {GUARD_MINUTES}"', "object schedule set 15 -a 0",
    'object schedule set 15 -h "0"', "object schedule set 15 -e 1",
]
DISARMING = [
    "object schedule set 15 -e 0", 'object schedule set 15 -D "2000 1 1"', 'object schedule set 15 -T "0 0"',
    'object schedule set 15 -d "0 0"', "object schedule set 15 -a 0", 'object schedule set 15 -h "0"',
    'object schedule set 15 -c ""',
]


def test_new_block_rules_run_out_until_they_are_proved() -> None:
    device = Unit()
    one = carried_out(device, [made(RULES, "12.1", PASS), made(RULES, "12.5", BLOCK)])
    assert (one.armed, one.atomic) == (60 * GUARD_MINUTES, False)
    assert one.lapse == "the new block rules cease to act by themselves"
    assert device.typed[:8] == ARMING
    # In the line that makes it block, so that it never blocks for good before it is proved.
    assert device.typed[8].startswith(whole(PASS))
    assert device.typed[8].endswith(' -t "i 1 0"')
    assert device.typed[9].startswith(whole(BLOCK))
    assert device.typed[9].endswith(' -t "i 1 15"')
    assert len(device.typed) == 10
    device.typed.clear()
    one.settle(device)  # type: ignore[arg-type]
    assert device.typed == ['ipf rule 12 5 -t "i 1 0"', *DISARMING, "sys commit"]
    assert one.armed == 0


def test_once_settled_only_flash_is_written_again() -> None:
    device = Unit()
    one = carried_out(device, [made(RULES, "12.5", BLOCK)])
    one.settle(device)  # type: ignore[arg-type]
    device.typed.clear()
    one.settle(device)  # type: ignore[arg-type]
    assert device.typed == ["sys commit"]


def test_another_session_settles_where_the_first_broke() -> None:
    first, second = Unit(), Unit()
    one = carried_out(first, [made(RULES, "12.5", BLOCK)])
    count = len(first.typed)
    one.settle(second)  # type: ignore[arg-type]
    assert len(first.typed) == count
    assert second.typed[0] == 'ipf rule 12 5 -t "i 1 0"'


NOT_ARMED: dict[str, list[Change]] = {
    "nothing": [],
    "a setting": [altered(SIP_ALG, "", {"sip": True}, {"sip": False})],
    "a rule that lets through": [made(RULES, "12.1", PASS)],
    "a rule of ours that goes": [Change(DELETE, table(RULES), "12.5", "", (), before=BLOCK)],
    "a rule of the site's that is switched on": [altered(RULES, "5.2", {"enabled": False}, {"enabled": True})],
    "a rule of the site's that is switched off": [altered(RULES, "5.2", {"enabled": True}, {"enabled": False})],
    "a block rule that logs": [altered(RULES, "12.5", {"log": False}, {"log": True})],
    "a rule of ours that lets through again": [altered(RULES, "12.1", {"enabled": False}, {"enabled": True})],
}


@pytest.mark.parametrize("changes", NOT_ARMED.values(), ids=NOT_ARMED)
def test_what_blocks_nobody_needs_no_guard(changes: list[Change]) -> None:
    device = Unit()
    alg = [{"master": True, "sip": True}]
    one = carried_out(device, changes, ipf__rule=[PASS, BLOCK, THEIRS], sys__sip_alg=alg)
    assert one.armed == 0
    assert not any("schedule" in line or "time" in line or ' -t "i 1 15"' in line for line in device.typed)


ARMED: dict[str, list[Change]] = {
    "a block rule that is switched on": [altered(RULES, "12.5", {"enabled": False}, {"enabled": True})],
    "a rule that blocks again": [altered(RULES, "12.5", {"action": "pass"}, {"action": "block"})],
    "another rule in its place": [altered(RULES, "12.5", {"name": "x", "action": "pass"},
                                          {"name": "block-sip-out", "digest": "ABC234", "action": "block"})],
}


@pytest.mark.parametrize("changes", ARMED.values(), ids=ARMED)
def test_what_blocks_again_is_guarded_too(changes: list[Change]) -> None:
    device = Unit()
    one = carried_out(device, changes, ipf__rule=[{**BLOCK}])
    assert one.armed
    assert device.typed[-1].startswith("ipf rule 12 5 ")
    assert device.typed[-1].endswith(' -t "i 1 15"')


def test_a_network_made_for_the_phones_is_never_open() -> None:
    """Nobody is there to be cut off from it: its rules do not run out."""
    device = Unit()
    deny = {**BLOCK, "id": "11.4", "set": "11", "name": "voice-deny-out"}
    lan = altered(LANS, "LAN3", {"enabled": False}, {"enabled": True})
    carried_out(device, [made(RULES, "12.5", BLOCK), made(RULES, "11.4", deny), lan])
    bound = [line for line in device.typed if ' -t "i 1 15"' in line]
    assert [line.split()[2:4] for line in bound] == [["12", "5"]]
    device = Unit()
    carried_out(device, [made(RULES, "11.4", deny)])
    assert device.typed[-1].endswith(' -t "i 1 15"')


def test_without_a_schedule_there_is_no_guard() -> None:
    device = Unit()
    one = carried_out(device, [made(RULES, "12.5", BLOCK)], free=())
    assert one.armed == 0
    assert [line for line in device.typed if "schedule" in line or "time" in line] == []


def test_without_a_clock_there_is_no_guard() -> None:
    device = Unit({"sys time show": "%% clock: unset"})
    one = carried_out(device, [made(RULES, "12.5", BLOCK)])
    assert one.armed == 0
    assert device.typed[0] == "sys time show"
    assert not any("schedule" in line for line in device.typed)


def test_a_guard_that_was_left_behind_is_used_again() -> None:
    device = Unit()
    carried_out(device, [made(RULES, "12.5", BLOCK)], free=(), object__schedule=[GUARD])
    assert device.typed[1] == "object schedule set 14 -c VOIPH-guard"
    assert device.typed[-2].endswith(' -t "i 1 14"')


def test_after_a_guard_that_was_left_behind_vlans_come_into_force() -> None:
    """The run that left it may have written some: no view shows whether they are in force."""
    device = Unit()
    carried_out(device, [made(RULES, "12.5", BLOCK)], free=(), object__schedule=[GUARD])
    assert device.typed[-1] == "vlan restart"


def test_a_guard_that_is_not_finished_is_taken_back() -> None:
    device = Unit(refused=["object schedule set 15 -a 0"])
    one = batch(device, [made(RULES, "12.5", BLOCK)])
    with pytest.raises(Refused):
        one.start()
    assert one.armed == 0
    device.refused = ()
    device.typed.clear()
    one.settle(device)  # type: ignore[arg-type]
    assert device.typed == [*DISARMING, "sys commit"]


def test_a_guard_that_begins_before_midnight() -> None:
    device = Unit({"sys time show": "[2027 Jan 01 Fri 00:00:10]"})
    carried_out(device, [made(RULES, "12.5", BLOCK)])
    assert device.typed[2:4] == ['object schedule set 15 -D "2026 12 31"', 'object schedule set 15 -T "23 59"']


CLOCKS: dict[str, datetime | None] = {
    "  Current System Time: [2026 Jan 05 Mon 12:00:00]": datetime(2026, 1, 5, 12, 0),
    "Current Time: 2026-11-08 08:01:30": datetime(2026, 11, 8, 8, 1),
    "Current Time: 2026/11/8, 8:01": datetime(2026, 11, 8, 8, 1),
    "System time : 2026.1.5 Mon 23:59:59": datetime(2026, 1, 5, 23, 59),
    "Sun Nov  8 08:01:30 2026": datetime(2026, 11, 8, 8, 1),
    "2026 November 08 08:01": datetime(2026, 11, 8, 8, 1),
    "Current System Time: [2000 Jan 01 Sat 00:10:00]": None,  # a unit that never learnt the time
    "Current Time: 2026-13-08 08:01": None,
    "Current Time: 2026-02-30 08:01": None,
    "Current Time: 2026-02-20 25:01": None,
    "Time: 08:01:30": None,
    "": None,
}


@pytest.mark.parametrize(("text", "moment"), CLOCKS.items(), ids=CLOCKS)
def test_what_time_it_is(text: str, moment: datetime | None) -> None:
    assert clock(Answer("sys time show", text)) == moment


# Lines that units differ in

GONE = Change(DELETE, table(OBJECTS), "object 190", "", (),
              before={"id": "object 190", "name": "VOIPH-YAAAEUEA", **host("192.0.2.80")})


def test_a_unit_that_takes_no_empty_name() -> None:
    device = Unit(refused=['object ip obj 190 -n ""'])
    carried_out(device, [GONE], object__ip__obj=[dict(GONE.before or {})])
    assert device.typed[-2:] == ['object ip obj 190 -n ""', "object ip obj 190 -n VOIPH-free"]


def test_a_unit_that_takes_no_empty_comment_of_a_schedule() -> None:
    device = Unit(refused=['object schedule set 14 -c ""'])
    carried_out(device, [Change(DELETE, table(SCHEDULES), "schedule 14", "", (), before=GUARD)])
    assert device.typed[-1] == "object schedule set 14 -c VOIPH-free"


@pytest.mark.parametrize("line", ["object ip obj 190 -i 0", "object ip obj 190 -s 0"])
def test_other_lines_that_are_refused_are_errors(line: str) -> None:
    device = Unit(refused=[line])
    one = batch(device, [GONE], object__ip__obj=[dict(GONE.before or {})])
    with pytest.raises(Refused):
        one.send(GONE)


def test_a_mark_that_is_refused_too_is_an_error() -> None:
    device = Unit(refused=['object ip obj 190 -n ""', "object ip obj 190 -n VOIPH-free"])
    with pytest.raises(Refused, match="VOIPH-free"):
        batch(device, [GONE], object__ip__obj=[dict(GONE.before or {})]).send(GONE)


HEAD = "% state   idx interface          opt type     data\n"
OPTION: Row = {"id": "lan3/66", "where": "lan3", "enabled": True, "type": "ascii", "data": "https://p.example.com/"}


def test_options_are_addressed_by_the_number_that_they_have_by_then() -> None:
    device = Unit({"srv dhcp option -l": f"{HEAD}% enable  9   LAN3               66  ASCII    old"})
    changes = [altered(OPTIONS, "lan3/66", {"index": 4, "data": "old"}, {"data": OPTION["data"]})]
    carried_out(device, changes)
    assert device.typed == [
        "srv dhcp option -l", "srv dhcp option -d 9", "srv dhcp option -e 1 -i 3 -c 66 -v https://p.example.com/",
    ]


def test_an_option_that_is_gone_is_not_taken_away_again() -> None:
    device = Unit({"srv dhcp option -l": HEAD})
    carried_out(device, [Change(DELETE, table(OPTIONS), "lan3/66", "", (), before={**OPTION, "index": 4})])
    assert device.typed == ["srv dhcp option -l"]


# Where our sets lead is looked up at once: once the filter starts with them, nothing else tells it

SET: Row = {"id": "12", "comment": "VOIPH-1", "next": "2"}
SHOWN = "Filter Set 12:\n\nComments        : VOIPH-1\nNext Filter Set : {}"


def test_a_set_leads_to_where_it_was_told_to() -> None:
    device = Unit({"ipf set 12 -v": SHOWN.format("Set#2")})
    carried_out(device, [made(SETS, "12", SET)])
    assert device.typed == ["ipf set 12 -m VOIPH-1", "ipf set 12 -n 2", "ipf set 12 -v"]


@pytest.mark.parametrize(("shown", "kept"), [("None", "0"), ("Set#5", "5")])
def test_a_set_that_leads_elsewhere_is_an_error(shown: str, kept: str) -> None:
    device = Unit({"ipf set 12 -v": SHOWN.format(shown)})
    with pytest.raises(Refused) as error:
        carried_out(device, [made(SETS, "12", SET)])
    assert str(error.value) == f"`ipf set 12 -n 2`: the unit took it and keeps {kept}"


def test_a_set_that_goes_leads_nowhere_we_would_look() -> None:
    device = Unit()
    carried_out(device, [Change(DELETE, table(SETS), "12", "", (), before=SET)])
    assert device.typed == ["ipf set 12 -n 0", 'ipf set 12 -m ""']


# VLANs come into force at a restart of theirs


def test_vlans_come_into_force_at_the_end() -> None:
    device = Unit()
    carried_out(device, [altered(VLAN_ROWS, "2", {"vid": 0}, {"vid": 40}),
                         altered(VLAN_ROWS, "2", {"pri": 0}, {"pri": 5})], free=())
    assert device.typed == ["vlan vid 2 40", "vlan pri 2 5", "vlan restart"]


def test_a_plan_with_vlans_leaves_a_mark_until_they_are_in_force() -> None:
    device = Unit()
    one = carried_out(device, [altered(VLAN_ROWS, "2", {"vid": 0}, {"vid": 40})])
    assert device.typed == [*ARMING, "vlan vid 2 40", "vlan restart"]
    device.typed.clear()
    one.settle(device)  # type: ignore[arg-type]
    assert device.typed == [*DISARMING, "sys commit"]


def test_other_plans_leave_vlans_alone() -> None:
    device = Unit()
    one = carried_out(device, [made(OBJECTS, "object 190", dict(GONE.before or {}))], object__ip__obj=[])
    one.settle(device)  # type: ignore[arg-type]
    assert "vlan restart" not in device.typed


def test_vlans_that_are_taken_back_come_into_force_too() -> None:
    device = Unit()
    change = altered(VLAN_ROWS, "2", {"vid": 0}, {"vid": 40})
    one = carried_out(device, [change], free=())
    for step in change.inverse():
        one.send(step)
    one.settle(device)  # type: ignore[arg-type]
    assert device.typed == ["vlan vid 2 40", "vlan restart", "vlan vid 2 0", "vlan restart", "sys commit"]


def test_settling_after_a_commit_restarts_nothing() -> None:
    device = Unit()
    one = carried_out(device, [altered(VLAN, "", {"enabled": True}, {"enabled": False})], free=())
    device.typed.clear()
    one.settle(device)  # type: ignore[arg-type]
    one.abort(device)
    assert device.typed == ["sys commit"]


# On a unit


def begun(device: Vigor) -> VigorBatch:
    """The batch of a whole plan that was carried out on a unit, up to its last step."""
    seen = observed(device)
    changes = plan(site(), seen)
    one = VigorBatch(Logged(device), changes, seen.document, seen.details)
    one.start()
    for change in changes:
        one.send(change)
    return one


def test_a_controller_that_is_lost_blocks_nobody_for_long() -> None:
    """The rules stand and do not act any more; the next run makes good what is missing."""
    device = unit()
    begun(device)
    assert device.schedule_holds(15)
    device.advance(60 * GUARD_MINUTES)
    assert not device.schedule_holds(15)
    left = harden(device, site())
    assert {(change.action, change.table.path) for change in left} == {("update", RULES), ("delete", SCHEDULES)}
    assert plan(site(), observed(device)) == []
    stored = device.stored()
    assert stored["schedules"] == {}
    assert all(rule["schedules"] == [0, 0, 0, 0] for rule in stored["sets"]["12"]["rules"].values())


def test_while_a_plan_is_proved_its_guard_is_no_difference() -> None:
    device = unit()
    begun(device).commit()
    again = observed(device)
    assert difference(again.document, compiled(site(), again, armed=True)[0]) == []
    assert difference(again.document, compiled(site(), again)[0]) != []


def test_a_guard_changes_no_state() -> None:
    """Whether a unit is as it was before is told without the schedule that came and went."""
    device = unit()
    before = observed(device, "sip_allowlist").document
    typed(device, "object schedule set 15 -c VOIPH-guard", "object schedule set 15 -e 1")
    after = observed(device, "sip_allowlist").document
    assert after.same_as(before)
    row(after, SCHEDULES, "schedule 15", id="schedule 14")
    assert not after.same_as(before)
