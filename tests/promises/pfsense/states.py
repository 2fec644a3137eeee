"""What a pfSense holds and what is in force, as one state; comparing two of them.

Written from the meaning of config.xml, not from the product.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.devices.pfsense import interfaces
from tests.devices.pfsense.configxml import Tree
from tests.oracles.logic import Truth
from tests.promises.pfsense.sites import PHONES, Remembering
from tests.promises.pfsense.wanted import Wanted
from tests.support.states import differences

MARK, ALIAS_MARK = "VOIPH-", "VOIPH_"
NOTES = "voiphardening"
CONTAINERS = ("aliases", "vlans", "dhcpd", "nat", "filter", "installedpackages", "ifgroups", "interfaces")
"""Parts that hold nothing but lists: an empty one is as good as none."""


class View:
    """A configuration, asked of the packet oracle: answers are kept, since most steps change little.

    `rules` is the same without siproxd: what becomes of packets that the proxy takes nobody knows, but that it is on
    is a question of its own, and what the rules say of them without it is another.
    """

    def __init__(self, config: Tree) -> None:
        self.config = self.rules = config
        packages = config.get("installedpackages")
        if isinstance(packages, dict) and "siproxdsettings" in packages:
            others = {name: part for name, part in packages.items() if name != "siproxdsettings"}
            self.rules = {**config, "installedpackages": others}
        self._answers: dict[Any, Truth] = {}

    @cached_property
    def straight(self) -> View:
        """The same box if no rule named a gateway: everything goes where the routes lead."""
        rules = [{name: part for name, part in row.items() if name != "gateway"} for row in rules_of(self.rules)]
        return View({**self.rules, "filter": {**(self.rules.get("filter") or {}), "rule": rules}})

    def answer(self, question: Any, ask: Callable[[], Truth]) -> Truth:
        """What was answered to this question, or is now."""
        if question not in self._answers:
            self._answers[question] = ask()
        return self._answers[question]


@dataclass(eq=False)
class State:
    """A box at one moment: `stored` is its configuration, `view` the one in force with the addresses that came from
    outside; `running` what its daemons and pf hold."""

    stored: Tree
    view: View
    running: Tree

    @classmethod
    def of(cls, box: Remembering) -> State:
        """The state of a box."""
        with box.lock:
            running = copy.deepcopy(box.state())  # what it returns goes on changing with the box
            stored = running.pop("config")
            running.pop("restarts")
            # States of flows and what was asked for last are no part of what the site set.
            running.pop("states")
            return cls(stored, View(settled(box)), running)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and (self.stored, self.view.config, self.running) == (
            other.stored, other.view.config, other.running
        )

    __hash__ = None  # type: ignore[assignment]


def settled(box: Remembering) -> Tree:
    """The configuration in force, in which addresses that came from outside are set."""
    config = copy.deepcopy(box.in_force)
    for name, entry in config["interfaces"].items():
        found = interfaces.address(config, box.kernel, name)
        if entry.get("ipaddr") == "dhcp":
            entry.update(ipaddr=found.ipv4, subnet=str(found.bits4), gateway="dynamic")
        if entry.get("ipaddrv6") in ("dhcp6", "track6"):
            entry["ipaddrv6"] = found.ipv6
    return config


# Comparing


def comparable(state: State, *, numbers: bool = True) -> Tree:
    """A state without what says nothing of the site: who wrote last, when, and whether that was applied at once.

    `numbers` False leaves out what a run hands out for what is ours: the numbers of rules, the order of aliases and
    VLANs, which means nothing to pf, and in which order and at which number things were remembered.
    """
    stored, running = copy.deepcopy(state.stored), dict(state.running)
    stored.pop("revision", None)
    del running["dirty"], running["status"]
    _tidy(stored)
    if not numbers:
        ours = {row.get("tracker") for row in rules_of(stored) if is_ours(row)}
        running["running"] = [number for number in running["running"] if str(number) not in ours]
        for row in rules_of(stored):
            if is_ours(row):
                row.pop("tracker", None)
        for part, rows in (("aliases", "alias"), ("vlans", "vlan")):
            if isinstance(stored.get(part), dict):
                stored[part][rows] = sorted(stored[part][rows], key=lambda row: json.dumps(row, sort_keys=True))
        notes = (stored.get("installedpackages") or {}).get(NOTES)
        if isinstance(notes, dict):
            notes["config"] = sorted(json.dumps(_unnumbered(row), sort_keys=True) for row in notes["config"])
    return {"stored": stored, "running": running}


def _unnumbered(note: Tree) -> Tree:
    said = json.loads(note["detail"])
    return {**note, "detail": {name: value for name, value in said.items() if name != "n"}}


def _tidy(tree: Tree) -> None:
    for name in CONTAINERS:
        part = tree.get(name)
        if isinstance(part, dict):
            tree[name] = {key: value for key, value in part.items() if value not in ("", [], {})}
        if tree.get(name) in ("", {}, []):
            del tree[name]


def rules_of(tree: Tree) -> list[Tree]:
    """The filter rules."""
    return list((tree.get("filter") or {}).get("rule") or [])


def is_ours(row: Tree) -> bool:
    """Whether the collection made this rule, forward or VLAN."""
    return str(row.get("descr", "")).startswith(MARK)


def unlike(first: State, second: State) -> list[str]:
    """What differs, the numbers of our rules aside."""
    return differences(comparable(first, numbers=False), comparable(second, numbers=False))


def assert_same(before: State, after: State, *, numbers: bool = True) -> None:
    """The two hold the same."""
    lines = differences(comparable(before, numbers=numbers), comparable(after, numbers=numbers))
    assert not lines, "\n".join(lines[:20])


# What others made


def assert_foreign_untouched(before: State, after: State, wanted: Wanted) -> None:
    """Everything of others is as it was, but for what the concerns are about; everything new is ours."""
    was, now = (_kept(state.stored, wanted) for state in (before, after))
    lines = differences(was, now)
    assert not lines, "\n".join(lines[:20])


SIP_ALG = ("system/optimization", "system/udpfirsttimeout", "system/udpsingletimeout", "system/udpmultipletimeout",
           "installedpackages/siproxdsettings/config/0/sipenable", "nat/outbound/mode")
MANAGEMENT = (
    "system/webgui/protocol", "system/webgui/disablehttpredirect", "system/webgui/noantilockout",
    "system/webgui/session_timeout", "system/sshguard_threshold", "system/sshguard_blocktime",
)
_SETTINGS = {"sip_alg": SIP_ALG, "management_access": MANAGEMENT}


def _kept(stored: Tree, wanted: Wanted) -> Tree:
    """What of a configuration must stay."""
    tree = copy.deepcopy(stored)
    tree.pop("revision", None)
    if wanted["enforce_exclusive"] and "sip_allowlist" in wanted["concerns"]:
        for row in rules_of(tree):
            row.pop("disabled", None)
    tree["separators of floating rules"] = _anchors(tree)
    tree["separators of forwards"] = _forward_anchors(tree)
    _drop(tree, "filter/separator/floatingrules")
    for path in ("filter/rule", "nat/rule", "nat/outbound/rule", "vlans/vlan"):
        _without_ours(tree, path, is_ours)
    _without_ours(tree, "aliases/alias", lambda row: row["name"].startswith(ALIAS_MARK))
    ours = [name for name, one in tree["interfaces"].items() if one.get("descr", "").startswith(ALIAS_MARK)]
    for name in ours:
        del tree["interfaces"][name]
        if isinstance(tree.get("dhcpd"), dict):
            tree["dhcpd"].pop(name, None)
    if isinstance(tree.get("installedpackages"), dict):
        tree["installedpackages"].pop(NOTES, None)
    for concern, paths in _SETTINGS.items():
        if concern in wanted["concerns"]:
            for path in paths:
                _drop(tree, path)
    if "sip_alg" in wanted["concerns"]:
        # Manual rules that had no effect stay without one when they would get it.
        for row in ((tree.get("nat") or {}).get("outbound") or {}).get("rule") or []:
            row.pop("disabled", None)
    _tidy(tree)
    return tree


def _without_ours(tree: Tree, path: str, ours: Callable[[Tree], bool]) -> None:
    *above, last = path.split("/")
    holder: Any = tree
    for name in above:
        holder = holder.get(name) if isinstance(holder, dict) else None
    if isinstance(holder, dict) and isinstance(holder.get(last), list):
        holder[last] = [row for row in holder[last] if not ours(row)]
        if not holder[last]:
            del holder[last]


def _drop(tree: Tree, path: str) -> None:
    *above, last = path.split("/")
    holder: Any = tree
    for name in above:
        if isinstance(holder, list):
            holder = holder[int(name)] if int(name) < len(holder) else None
        else:
            holder = holder.get(name) if isinstance(holder, dict) else None
    if isinstance(holder, dict):
        holder.pop(last, None)


def _anchors(tree: Tree) -> Tree:
    """What stands behind each mark of a section: it has to stay with that."""
    marks = ((tree.get("filter") or {}).get("separator") or {})
    marks = marks.get("floatingrules") or {} if isinstance(marks, dict) else {}
    return _behind(marks, [row for row in rules_of(tree) if "floating" in row])


def _forward_anchors(tree: Tree) -> Tree:
    nat = tree.get("nat") or {}
    marks = nat.pop("separator", "") or {}
    return _behind(marks, list(nat.get("rule") or []))


def _behind(marks: Tree, rows: list[Tree]) -> Tree:
    found = {}
    for name, mark in marks.items():
        (row,) = mark["row"] if isinstance(mark["row"], list) else [mark["row"]]
        place = int(row.removeprefix("fr"))
        behind = next((row for row in rows[place:] if not is_ours(row)), None)
        rest = {key: value for key, value in mark.items() if key != "row"}
        found[name] = [json.dumps(behind, sort_keys=True), rest]
    return found


def phones_interface(config: Tree) -> str | None:
    """The interface that has the phones' network."""
    return next(
        (
            name for name, one in config["interfaces"].items()
            if one.get("ipaddr") == PHONES and one.get("subnet") == "24" and "enable" in one
        ),
        None,
    )
