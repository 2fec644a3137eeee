"""Somebody changes a pfSense behind our back: check mode finds exactly that, and a run puts exactly that right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.devices.pfsense.box import STATUS
from tests.devices.pfsense.tree import entries
from tests.support.pfsenses import PfSenseUnit, Tree, assert_same_pfsense, shared_by_flavours, without_revision

Start = Callable[..., PfSenseUnit]
RULES = "floating:filter/rule"
BLOCK, ALLOW = "VOIPH-block-sip-in-tcp", "VOIPH-allow-signalling"


@dataclass(frozen=True)
class Drift:
    """What somebody does, the plan that must come of it, and whether a run then makes the hardened configuration of
    it, and taking away the one before."""

    name: str
    do: Callable[[PfSenseUnit], object]
    plan: tuple[str, ...]
    restored: bool = True


def place_of(unit: PfSenseUnit, path: str, name: str) -> int:
    """The place of a rule, an alias or a VLAN of ours in its list."""
    found = entries(unit.stored, path)
    return next(n for n, one in enumerate(found) if name in (one.get("name"), one.get("descr")))


def saved(unit: PfSenseUnit, edits: Tree) -> None:
    """Somebody saves and applies."""
    unit.device.gui_write(edits)
    unit.device.gui_apply()


def rule_edited(name: str, **fields: Any) -> Callable[[PfSenseUnit], None]:
    """Somebody edits a rule; None takes an element away."""

    def do(unit: PfSenseUnit) -> None:
        place = place_of(unit, "filter/rule", name)
        rule = {**entries(unit.stored, "filter/rule")[place], **fields}
        saved(unit, {f"filter/rule/{place}": {field: value for field, value in rule.items() if value is not None}})

    return do


def rules_arranged(arrange: Callable[[list[Tree]], list[Tree]]) -> Callable[[PfSenseUnit], None]:
    """Somebody moves, copies or deletes rules."""
    return lambda unit: saved(unit, {"filter/rule": arrange(entries(unit.stored, "filter/rule"))})


def _block_last(rules: list[Tree]) -> list[Tree]:
    floating = [rule for rule in rules if "floating" in rule]
    moved = [rule for rule in floating if rule["descr"] == BLOCK]
    rest = [rule for rule in floating if rule["descr"] != BLOCK]
    return rest + moved + [rule for rule in rules if "floating" not in rule]


def _foreign_first(rules: list[Tree]) -> list[Tree]:
    rule = {**rules[0], "tracker": "1750001234", "descr": "in a hurry", "type": "pass", "interface": "wan"}
    return [rule, *rules]


def _surplus(rules: list[Tree]) -> list[Tree]:
    return [{**rules[0], "tracker": "1750001235", "descr": "VOIPH-allow-everything", "source": {"any": ""}}, *rules]


def _same_number(rules: list[Tree]) -> list[Tree]:
    ours = next(rule for rule in rules if rule["descr"] == BLOCK)
    return [*rules, {**rules[-1], "tracker": ours["tracker"], "descr": "copied by a script"}]


def alias_edited(name: str, address: str) -> Callable[[PfSenseUnit], None]:
    """Somebody changes what an alias stands for."""
    return lambda unit: saved(unit, {f"aliases/alias/{place_of(unit, 'aliases/alias', name)}/address": address})


def marked(*names: str) -> Callable[[PfSenseUnit], None]:
    """Somebody saved something there and applied nothing."""
    return lambda unit: unit.device.mark_dirty(*names)


def _rule_not_loaded(unit: PfSenseUnit) -> None:
    kernel = unit.device.kernel
    number = entries(unit.stored, "filter/rule")[place_of(unit, "filter/rule", BLOCK)]["tracker"]
    rules = tuple(rule for rule in kernel.loaded.rules if f"ridentifier {number} " not in rule)
    assert len(rules) < len(kernel.loaded.rules)
    kernel.loaded = replace(kernel.loaded, rules=rules, trackers=kernel.loaded.trackers - {int(number)})


def _table_emptied(unit: PfSenseUnit) -> None:
    unit.device.kernel.tables["VOIPH_MEDIA"] = []


def _load_failed(unit: PfSenseUnit) -> None:
    unit.device.files.write(STATUS, "There were error(s) loading the rules: pfctl: DIOCADDRULE: Device busy\n")


WAITING = 'update running unapplied {} -> "" [FW-1 FW-2]'
DRIFTS = (
    Drift(
        "rule lets everybody in",
        rule_edited(ALLOW, source={"any": ""}),
        (f"update {RULES} {ALLOW} source any -> 10.40.0.0/24 [FW-1 VLAN-3]",),
    ),
    Drift("rule off", rule_edited(BLOCK, disabled=""), (f"update {RULES} {BLOCK} disabled True -> False [FW-1]",)),
    Drift("rule silent", rule_edited(BLOCK, log=None), (f"update {RULES} {BLOCK} log False -> True [FW-1]",)),
    Drift("rule not quick", rule_edited(BLOCK, quick=None), (f"update {RULES} {BLOCK} quick False -> True [FW-1]",)),
    Drift(
        "rule for some packets only",
        rule_edited(BLOCK, **{"max-src-conn": "5", "sched": "night"}),
        (f'update {RULES} {BLOCK} rest max-src-conn=5 sched=night -> "" [FW-1]',),
    ),
    Drift(
        "rule gone",
        rules_arranged(lambda rules: [rule for rule in rules if rule["descr"] != BLOCK]),
        (f"create {RULES} {BLOCK} [FW-1]", f"move {RULES} {BLOCK} "),
    ),
    Drift("rule last", rules_arranged(_block_last), (f"move {RULES} {BLOCK} ",)),
    Drift("rules swapped", rules_arranged(lambda rules: [rules[1], rules[0], *rules[2:]]), (f"move {RULES} ",)),
    Drift("rule that only looks like ours", rules_arranged(_surplus), (f"delete {RULES} VOIPH-allow-everything",)),
    Drift(
        "number of ours on another rule",
        rules_arranged(_same_number),
        (f"update {RULES} {BLOCK} numbered False -> True [FW-1]", f"update running missing {BLOCK} "),
        restored=False,
    ),
    Drift(
        "alias wider",
        alias_edited("VOIPH_MEDIA", "0.0.0.0/1 203.0.113.128/26 2001:db8:5061::/48"),
        ("update aliases/alias VOIPH_MEDIA address ",),
    ),
    Drift(
        "alias in another order",
        alias_edited("VOIPH_MEDIA", "2001:db8:5061::/48 203.0.113.128/26"),
        (),
        restored=False,
    ),
    Drift(
        "VLAN without priority",
        lambda unit: saved(unit, {f"vlans/vlan/{place_of(unit, 'vlans/vlan', 'VOIPH-voice')}/pcp": ""}),
        ('update vlans/vlan em1.40 VOIPH-voice pcp "" -> 5 [VLAN-1]',),
    ),
    Drift(
        "interface off",
        lambda unit: saved(unit, {"interfaces/opt3/enable": None}),
        ("update interfaces VOIPH_VOICE enable False -> True [VLAN-1]", "update running missing VOIPH-allow-dns "),
    ),
    Drift(
        "interface with another address",
        lambda unit: saved(unit, {"interfaces/opt3/ipaddr": "10.40.0.2"}),
        ("update interfaces VOIPH_VOICE ipaddr 10.40.0.2 -> 10.40.0.1 [VLAN-1]",),
    ),
    Drift(
        "no provisioning",
        lambda unit: saved(unit, {"dhcpd/opt3/tftp": "", "dhcpd/opt3/numberoptions": ""}),
        ("update dhcpd opt3 url ",),
    ),
    Drift(
        "states end early",
        lambda unit: saved(unit, {"system/optimization": "normal"}),
        ("update system/optimization optimization normal -> conservative [FW-3]",),
    ),
    Drift(
        "proxy on",
        lambda unit: saved(unit, {"installedpackages/siproxdsettings/config/0/sipenable": "on"}),
        ("update installedpackages/siproxdsettings enabled True -> False [FW-3]",),
    ),
    Drift(
        "everybody in the LAN let in",
        lambda unit: saved(unit, {"system/webgui/noantilockout": None}),
        ("update system/webgui no_anti_lock_out False -> True [WEB-3 ADM-4]",),
    ),
    *(Drift(f"{name} not applied", marked(name), (WAITING.format(name),)) for name in ("filter", "natconf", "dhcpd")),
    Drift("several not applied", marked("aliases", "shaper"), (WAITING.format("aliases shaper"),)),
    Drift("rule not loaded", _rule_not_loaded, (f'update running missing {BLOCK} -> "" [FW-1 FW-2]',)),
    Drift("table emptied", _table_emptied, ('update running missing VOIPH_MEDIA -> "" [FW-1 FW-2]',)),
    Drift("load failed", _load_failed, ("update running unapplied the last reload ended with: There were error(s)",)),
)


def in_force(unit: PfSenseUnit) -> Tree:
    """What the box does, which its configuration only says."""
    state = unit.device.state()
    told = ("running", "tables", "devices", "ipv4", "dhcp", "siproxd")
    return {**{name: state[name] for name in told}, "rules": unit.device.kernel.loaded.rules}


@pytest.mark.parametrize(
    ("drift", "flavour"),
    shared_by_flavours(DRIFTS, 4),
    indirect=["flavour"],
    ids=lambda part: part if isinstance(part, str) else part.name.replace(" ", "-"),
)
def test_drift_is_found_and_repaired(drift: Drift, flavour: str, start_pfsense: Start) -> None:
    """The plan is the expected steps and no others; a run repairs it, and `deleted` still gives the start back."""
    unit = start_pfsense("lived-in", flavour=flavour)
    before = unit.device.xml
    unit.run()
    hardened, running = unit.stored, in_force(unit)
    drift.do(unit)
    kept = unit.kept

    found = unit.run(check=True)
    assert unit.kept == kept
    assert len(found["plan"]) == len(drift.plan), found["plan"]
    for line, expected in zip(found["plan"], drift.plan, strict=True):
        # A line that is given whole ends with its controls; others are too long to be repeated here.
        assert line == expected if expected.endswith("]") else line.startswith(expected), found["plan"]
    assert unit.run()["plan"] == found["plan"]
    assert (unit.device.dirty, unit.device.status, unit.armed) == ([], "Done", False)
    if all(" running " in line for line in drift.plan):
        assert unit.kept == kept  # what is only to be applied is not written
    assert unit.run(check=True)["plan"] == []
    if drift.restored:
        assert_same_pfsense(hardened, unit.stored)
        assert in_force(unit) == running
        unit.run(state="deleted")
        assert without_revision(unit.device.xml) == without_revision(before)


def test_a_foreign_rule_on_top_is_shadowed_again(flavour: str, start_pfsense: Start) -> None:
    """A rule of somebody else before ours is left as it is; ours go before it, and it is a finding until then."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.run()
    ours = [rule["descr"] for rule in entries(unit.stored, "filter/rule") if rule["descr"].startswith("VOIPH-")]
    rules_arranged(_foreign_first)(unit)
    theirs = entries(unit.stored, "filter/rule")[0]
    found = unit.run(check=True)
    assert all(line.startswith(f"move {RULES} VOIPH-") for line in found["plan"])
    assert len(found["plan"]) == len(ours)
    unit.run()
    rules = entries(unit.stored, "filter/rule")
    assert [rule["descr"] for rule in rules[: len(ours) + 2]] == [*ours, "in a hurry", "block guessers everywhere"]
    assert rules[len(ours)] == theirs
    assert unit.run()["plan"] == []


@pytest.mark.parametrize("name", ["interfaces", "vip", "staticroutes"])
def test_what_is_not_ours_to_apply(name: str, flavour: str, start_pfsense: Start) -> None:
    """Saved changes of interfaces, addresses and routes are no drift, stay as they are, and are a finding."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.run()
    unit.device.mark_dirty(name)
    again = unit.run()
    assert again["plan"] == []
    (finding,) = (one for one in again["findings"] if one["subject"] == name)
    assert "saved on the box and not applied" in finding["evidence"]
    unit.run("sip_alg", state="deleted")
    assert unit.device.dirty == [name]


def test_several_drifts_at_once(flavour: str, start_pfsense: Start) -> None:
    """One run finds and repairs all kinds together."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.run()
    hardened = unit.stored
    for drift in DRIFTS:
        if drift.restored and drift.name not in ("rules swapped", "rule gone", "rule not loaded", "load failed"):
            drift.do(unit)
    found = unit.run(check=True)
    assert unit.run()["plan"] == found["plan"]
    assert unit.run()["plan"] == []
    assert_same_pfsense(hardened, unit.stored)


def test_changes_to_what_is_not_ours_are_no_drift(flavour: str, start_pfsense: Start) -> None:
    """Everyday work of the site's own people is neither reported as drift nor undone, nor lost when ours goes."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.run()
    edits: Tree = {
        "aliases/alias/": {"name": "Printers", "type": "host", "address": "10.0.0.9", "descr": "", "detail": "new"},
        "interfaces/opt1/descr": "SERVERS",
        "system/hostname": "renamed",
    }
    saved(unit, edits)
    rules_arranged(lambda rules: [rule for rule in rules if rule["descr"] != "guests out"])(unit)
    assert unit.run(check=True)["plan"] == []
    unit.run(state="deleted")
    after = unit.stored
    assert after["aliases"]["alias"][-1]["name"] == "Printers"
    assert after["interfaces"]["opt1"]["descr"] == "SERVERS"
    assert after["system"]["hostname"] == "renamed"
    assert "guests out" not in [rule["descr"] for rule in after["filter"]["rule"]]
    assert "VOIPH" not in unit.device.xml


def test_a_setting_that_somebody_chose_since_is_left_to_them(flavour: str, start_pfsense: Start) -> None:
    """What is no longer what we set is not taken back, and that is said."""
    unit = start_pfsense("lived-in", flavour=flavour)
    unit.run()
    saved(unit, {"system/optimization": "high-latency", "system/webgui/session_timeout": "5"})
    remarks = " ".join(unit.run(state="deleted")["remarks"])
    assert "system/optimization  optimization: changed by somebody since we set it" in remarks
    assert unit.stored["system"]["optimization"] == "high-latency"
    assert unit.stored["system"]["webgui"]["session_timeout"] == "5"
    assert unit.run(state="deleted")["plan"] == []
