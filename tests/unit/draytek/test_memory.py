"""What settings were before a concern's first run: kept in the numbers of IP objects, and given back by `deleted`."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voip.hardening.plugins.module_utils.document.diff import Desired, Entry
from ansible_collections.voip.hardening.plugins.module_utils.document.model import Document, Row, RowId
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.memory import (
    Cell,
    cells_of,
    give_back,
    in_order,
    known_cells,
    remembered_lans,
    remembered_rows,
    talk_cells,
    to_remember,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.reader.management import (
    BFP_SERVICES,
    LAN_SERVICES,
    SERVICES,
)
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.tables import (
    BRUTE_FORCE,
    LAN_ACCESS,
    LANS,
    OBJECTS,
    REMOTE,
    RULES,
    SIP_ALG,
    SPECS,
    TALK,
    VLAN,
    VLAN_ROWS,
    table,
)
from ansible_collections.voip.hardening.plugins.module_utils.policy.model import CONCERNS

PORTS = tuple("p1 p2 p3 p4 p5 s1 s2 s3 s4 5gs1 5gs2 5gs3 5gs4".split())
ADDRESSES = st.integers(0, 2**32 - 1).map(lambda number: str(IPv4Address(number)))
SERVERS = st.one_of(st.just(""), st.integers(1, 2**32 - 1).map(lambda number: str(IPv4Address(number))))
LAN_NAMES = st.integers(1, 100).map(lambda number: f"LAN{number}")


def some_of(words: tuple[str, ...], *, in_their_order: bool = False) -> st.SearchStrategy[tuple[str, ...]]:
    """Some of these words, as a unit lists them: in their own order, or sorted."""
    chosen = st.sets(st.sampled_from(words))
    if in_their_order:
        return chosen.map(lambda found: tuple(word for word in words if word in found))
    return chosen.map(lambda found: tuple(sorted(found)))


ROWS: dict[str, st.SearchStrategy[Row]] = {
    LANS: st.fixed_dictionaries(
        {
            "address": ADDRESSES, "mask": ADDRESSES, "dhcp": st.booleans(), "start": ADDRESSES,
            "count": st.integers(0, 4095), "gateway": ADDRESSES, "lease": st.integers(1, 259200), "dns1": SERVERS,
            "dns2": SERVERS, "enabled": st.booleans(),
        }
    ),
    VLAN_ROWS: st.fixed_dictionaries(
        {
            "ports": some_of(PORTS, in_their_order=True), "vid": st.integers(0, 4095), "pri": st.integers(0, 7),
            "tagged": st.booleans(), "lan": LAN_NAMES,
        }
    ),
    SIP_ALG: st.fixed_dictionaries({"sip": st.booleans()}),
    VLAN: st.fixed_dictionaries({"enabled": st.booleans()}),
    REMOTE: st.fixed_dictionaries({"master": st.booleans(), "services": some_of(SERVICES)}),
    LAN_ACCESS: st.fixed_dictionaries(
        {
            "enabled": st.booleans(), "everywhere": st.booleans(), "services": some_of(LAN_SERVICES),
            "lans": st.sets(st.integers(1, 100)).map(lambda found: tuple(f"LAN{one}" for one in sorted(found))),
        }
    ),
    BRUTE_FORCE: st.fixed_dictionaries(
        {
            "enabled": st.booleans(), "services": some_of(BFP_SERVICES), "failures": st.integers(0, 255),
            "penalty": st.integers(0, 65535),
        }
    ),
    RULES: st.fixed_dictionaries({"enabled": st.booleans()}),
}
KEYS = {LANS: "LAN7", VLAN_ROWS: "3", RULES: "5.2"}


def round_trip(cells: list[Cell], row: Row, present: Row) -> Row:
    """What is read back of the numbers that a row's cells hold, on a row that is something else by then."""
    back = dict(present)
    for cell in cells:
        number = cell.pack(row)
        assert 0 <= number < 2**32
        back |= cell.unpack(number, back)
    return back


@pytest.mark.parametrize("path", ROWS)
@given(data=st.data())
def test_every_cell_gives_back_what_it_took(path: str, data: st.DataObject) -> None:
    row, present = data.draw(ROWS[path]), data.draw(ROWS[path])
    cells = cells_of(path, KEYS.get(path, ""), PORTS)
    assert {field for cell in cells for field in cell.fields} == set(row)
    assert round_trip(cells, row, present) == row


PAIRS = st.sets(
    st.tuples(st.integers(1, 100), st.integers(1, 100)).filter(lambda pair: pair[0] < pair[1]), max_size=12
).map(lambda found: in_order(f"{a}-{b}" for a, b in found))


@given(st.integers(1, 100), PAIRS, PAIRS)
def test_routing_of_one_lan_is_given_back_and_that_of_others_is_left(own: int, was: Any, present: Any) -> None:
    back = round_trip(talk_cells(f"LAN{own}"), {"pairs": was}, {"pairs": present})["pairs"]

    def of_it(pairs: tuple[str, ...]) -> set[str]:
        return {pair for pair in pairs if str(own) in pair.split("-")}

    assert of_it(back) == of_it(was)
    assert set(back) - of_it(back) == set(present) - of_it(present)
    assert back == in_order(back)


def test_pairs_are_sorted_by_number() -> None:
    assert in_order(["10-11", "1-10", "2-3", "1-2", "1-2"]) == ("1-2", "1-10", "2-3", "10-11")


def test_tables_whose_settings_are_not_remembered() -> None:
    assert cells_of(OBJECTS, "object 1", PORTS) == []
    assert cells_of(TALK, "", PORTS) == []


# When something is remembered

LAN: Row = {
    "id": "LAN2", "address": "192.168.2.1", "mask": "255.255.255.0", "dhcp": True, "start": "192.168.2.10",
    "count": 100, "gateway": "192.168.2.1", "lease": 259200, "dns1": "", "dns2": "", "enabled": False,
}
GUARD: Row = {"enabled": False, "services": (), "failures": 5, "penalty": 300}


def document(*objects: Row, **tables: list[Row]) -> Document:
    """A unit with objects and a few tables; `__` stands for a blank."""
    made = {table(path.replace("__", " ")): rows for path, rows in tables.items()}
    return Document(SPECS, {table(OBJECTS): list(objects), **made})


def note(name: str, number: int) -> Row:
    return {"id": "object 192", "name": name, "type": "single", "start": str(IPv4Address(number)), "end": "0.0.0.0"}


def wanted(path: str, key: str, **values: Any) -> dict[RowId, Entry]:
    return {RowId(table(path), key): Entry(values, ("VLAN-1",))}


def remembered(unit: Document, settings: dict[RowId, Entry], *concerns: str) -> dict[str, int]:
    found = to_remember(unit, PORTS, settings, (), concerns or CONCERNS)
    return {cell.name: number for cell, number in found}


def test_nothing_is_remembered_where_nothing_changes() -> None:
    unit = document(msubnet=[dict(LAN)])
    assert remembered(unit, wanted(LANS, "LAN2", enabled=False, count=100)) == {}


def test_a_lan_is_remembered_whole() -> None:
    """All that a policy may ask for: the next one may change what the first left as it was."""
    unit = document(msubnet=[dict(LAN)])
    settings = wanted(LANS, "LAN2", **{**LAN, "id": "LAN2", "enabled": True, "address": "10.40.0.1"})
    found = remembered(unit, settings)
    assert set(found) == {f"VOIPH-wL2{code}" for code in "xamsg12"}
    assert found["VOIPH-wL2a"] == int(IPv4Address("192.168.2.1"))
    assert found["VOIPH-wL21"] == 0


def test_one_setting_of_a_page_is_remembered_with_what_shares_its_number() -> None:
    unit = document(**{"mngt__bfp": [dict(GUARD)]})
    found = remembered(unit, wanted(BRUTE_FORCE, "", enabled=True))
    assert found == {"VOIPH-wbfp": 5 << 16 | 300}


def test_what_is_remembered_stays() -> None:
    unit = document(note("VOIPH-wbfp", 9), note("VOIPH-walg", 1), **{"mngt__bfp": [dict(GUARD)]})
    assert remembered(unit, {}, "management_access") == {"VOIPH-wbfp": 9}
    assert remembered(unit, {}, "sip_alg", "management_access") == {"VOIPH-wbfp": 9, "VOIPH-walg": 1}


def test_after_the_first_run_nothing_more_is_remembered() -> None:
    """What somebody spoilt later is repaired, and nobody wants it back."""
    hardened = {**GUARD, "enabled": True}
    pages: dict[str, list[Row]] = {
        "mngt__bfp": [hardened],
        "mngt__rmtcfg": [{"master": True, "services": ("http",)}],
    }
    settings = wanted(REMOTE, "", master=False, services=())
    begun = document(note("VOIPH-wbfp", 5 << 16 | 300), **pages)
    assert set(remembered(begun, settings)) == {"VOIPH-wbfp"}


def test_a_run_that_was_cut_off_before_the_first_setting_goes_on() -> None:
    pages: dict[str, list[Row]] = {
        "mngt__bfp": [dict(GUARD)],
        "mngt__rmtcfg": [{"master": True, "services": ("http",)}],
    }
    settings = {**wanted(REMOTE, "", master=False, services=()), **wanted(BRUTE_FORCE, "", enabled=True)}
    cut = document(note("VOIPH-wbfp", 5 << 16 | 300), **pages)
    assert set(remembered(cut, settings)) == {"VOIPH-wbfp", "VOIPH-wrmt"}


def test_concerns_begin_on_their_own() -> None:
    """The first run of one concern is not over because another one had its own."""
    pages: dict[str, list[Row]] = {
        "mngt__bfp": [{**GUARD, "enabled": True}],
        "sys__sip_alg": [{"master": True, "sip": True, "udp": True, "tcp": False, "port": 5060}],
    }
    unit = document(note("VOIPH-wbfp", 5 << 16 | 300), **pages)
    assert set(remembered(unit, wanted(SIP_ALG, "", sip=False))) == {"VOIPH-wbfp", "VOIPH-walg"}


def test_rules_are_remembered_one_by_one() -> None:
    """A rule that the site made after the first run is switched off and given back like those before."""
    unit = document(
        note("VOIPH-wR5.2", 1), **{"ipf__rule": [{"id": "5.2", "enabled": False}, {"id": "5.3", "enabled": True}]}
    )
    found = remembered(unit, wanted(RULES, "5.3", enabled=False))
    assert found == {"VOIPH-wR5.2": 1, "VOIPH-wR5.3": 1}


def test_objects_that_remember_nothing_are_left_alone() -> None:
    unit = document(note("VOIPH-wnothing", 1), note("VOIPH-ZMAHCADM", 1), note("walg", 1))
    assert known_cells(unit, PORTS) == {}


def test_what_an_earlier_run_made_the_phones_network_of() -> None:
    unit = document(
        note("VOIPH-wL3x", 1), note("VOIPH-wL3a", 1), note("VOIPH-wV0p", 1), note("VOIPH-wV2x", 1), note("wL4x", 1)
    )
    assert remembered_lans(unit) == ("LAN3",)
    assert remembered_rows(unit) == ("0", "2")


# Giving back


def given_back(unit: Document, *concerns: str) -> tuple[dict[tuple[str, Any], Row], list[str]]:
    desired = Desired(lambda _table, _row: ("WEB-3",), giving_back=True)
    remarks = give_back(desired, unit, PORTS, concerns or CONCERNS)
    return {(row_id.table.path, row_id.key): entry.row for row_id, entry in desired.settings.items()}, remarks


def test_settings_are_given_back_by_row() -> None:
    unit = document(
        note("VOIPH-wL2x", (0 << 31) | (1 << 30) | (100 << 18) | 86400),
        note("VOIPH-wL2a", int(IPv4Address("192.168.2.1"))),
        note("VOIPH-wL21", 0),
        note("VOIPH-wrmt", 1 << 8 | 1 << SERVICES.index("https")),
        msubnet=[{**LAN, "address": "10.40.0.1", "enabled": True, "dns1": "192.0.2.53"}],
        **{"mngt__rmtcfg": [{"master": False, "services": ()}]},
    )
    found, remarks = given_back(unit)
    assert remarks == []
    assert found == {
        (LANS, "LAN2"): {
            "enabled": False, "dhcp": True, "count": 100, "lease": 86400, "address": "192.168.2.1", "dns1": "",
        },
        (REMOTE, ""): {"master": True, "services": ("https",)},
    }
    assert set(given_back(unit, "management_access")[0]) == {(REMOTE, "")}


def test_the_lists_of_many_lans_are_given_back_together() -> None:
    row: Row = {"enabled": True, "everywhere": False, "services": ("HTTPS",), "lans": ("LAN1", "LAN33", "LAN64")}
    cells = cells_of(LAN_ACCESS, "", PORTS)
    unit = document(
        *(note(cell.name, cell.pack(row)) for cell in cells),
        **{"mngt__lanaccess": [{**row, "lans": ("LAN1", "LAN2", "LAN100"), "services": ("SSH",)}]},
    )
    found, _remarks = given_back(unit)
    assert found[LAN_ACCESS, ""] == row


def test_what_was_not_read_cannot_be_given_back() -> None:
    unit = document(note("VOIPH-wL2a", 1), note("VOIPH-wV9x", 1), msubnet=[dict(LAN)])
    assert given_back(unit)[1] == ["vlan row 9: not read, so tagged, vid, pri, lan is not given back"]
