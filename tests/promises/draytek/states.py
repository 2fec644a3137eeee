"""What a Vigor holds and what is in force, as one state; comparing two of them.

Written from the meaning of the tables, not from the product.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.devices.vigor import Knobs, factory
from tests.oracles.drayos import Unit
from tests.oracles.logic import Truth
from tests.promises.draytek.wanted import PHONES, Wanted
from tests.support.states import differences

MARK = "VOIPH-"
FREE = "VOIPH-free"
"""What a place is called that was ours, on units that take no empty name."""
CLOCK = "VOIPH-wboot"
"""Remembers an instant: no two runs remember the same one."""
NOW, LATER = "now", "after a restart"
ANYTHING = ["u", 0, 0, 0, 1, 1, 65535, 65535]
"""How a rule's service is put back to `any`: there is no shorter way to say it."""

NEVER_SHOWN = ("VPN",)
"""Whether brute-force protection guards VPN log-ins no view tells, so that nobody can put it back."""

Config = dict[str, Any]


class View:
    """A configuration, asked of the packet oracle: answers are kept, since a plan changes little at every step."""

    def __init__(self, config: Config, clock: datetime) -> None:
        self.config = config
        self._clock = clock
        self._units: dict[bool, Unit] = {}
        self._answers: dict[Any, Truth] = {}

    def unit(self, inside: bool = False) -> Unit:
        """The packet oracle for it.

        `inside`: rules for what is forwarded inwards name the inside address, as DrayTek UK documents; otherwise what
        would be another way round on a unit where they name the outside one is not known.
        """
        if inside not in self._units:
            self._units[inside] = Unit(self.config, self._clock, after_nat=True if inside else None)
        return self._units[inside]

    def answer(self, question: Any, ask: Callable[[], Truth]) -> Truth:
        """What was answered to this question, or is now."""
        if question not in self._answers:
            self._answers[question] = ask()
        return self._answers[question]


@dataclass(eq=False)
class State:
    """A unit at one moment. `stored` is what views show and what a restart brings into force, `running` what is in
    force, `clock` its time."""

    stored: Config
    running: Config
    clock: datetime
    knobs: Knobs

    def __post_init__(self) -> None:
        later = View(self.stored, self.clock)
        self.views = {LATER: later, NOW: later if self.stored == self.running else View(self.running, self.clock)}

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, State) and (self.stored, self.running) == (other.stored, other.running)
        return bool(same)

    __hash__ = None  # type: ignore[assignment]


def copied(config: Config) -> Config:
    """A copy, made faster than by `copy`."""
    copy: Config = pickle.loads(pickle.dumps(config))
    return copy


# What packets meet

_REFERRED = {"o": "ip_objects", "g": "ip_groups", "o6": "ipv6_objects", "g6": "ipv6_groups"}


def in_effect(config: Config) -> str:
    """All of a configuration that anything can depend on: objects that nothing names, and sets that nothing leads to,
    do nothing. Equal texts for configurations that do the same."""
    sets, found = _reached(config), _Found(config)
    for rows in sets.values():
        for rule in rows["rules"].values():
            found.sides(rule["source"], rule["destination"])
            found.service(rule["service"])
    for table in ("portmaps", "openports"):
        for entry in config[table].values():
            kind, index = entry["source"]
            found.sides(["g" if kind else "o", index])
    management = config["management"]
    for index in (*management["acl"].values(), *(pair[1] for pair in management["lan_access"]["objects"].values())):
        found.sides(["o", index])
    rest = {name: value for name, value in config.items() if name not in _OBJECT_TABLES and name != "sets"}
    return json.dumps([rest, sets, found.entries], sort_keys=True)


_OBJECT_TABLES = ("ip_objects", "ip_groups", "ipv6_objects", "ipv6_groups", "service_objects", "service_groups")


def _reached(config: Config) -> Config:
    """The filter sets that the data filter and the call filter lead to."""
    waiting, sets = [config["filter"]["data"], config["filter"]["call"]], {}
    while waiting:
        number = str(waiting.pop())
        if number in config["sets"] and number not in sets:
            sets[number] = config["sets"][number]
            waiting += [sets[number]["next"], *(rule["branch"] for rule in sets[number]["rules"].values())]
    return sets


class _Found:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.entries: dict[str, Any] = {}

    def sides(self, *sides: list[Any]) -> None:
        for kind, *indexes in sides:
            for index in indexes if kind in _REFERRED else ():
                self._entry(_REFERRED[kind], index, "o" if kind == "g" else "o6")

    def service(self, service: list[Any]) -> None:
        if service[0] in ("o", "g"):
            self._entry("service_objects" if service[0] == "o" else "service_groups", service[1], "")

    def _entry(self, table: str, index: Any, members: str) -> None:
        entry = self.config[table].get(str(index))
        self.entries[f"{table} {index}"] = entry
        for member in (entry or {}).get("members", ()):
            if members:
                self.sides([members, member])
            else:
                self._entry("service_objects", member, "")


# Comparing


def comparable(state: State, *, numbers: bool = True) -> Config:
    """Both configurations of a state without what means nothing: places that are as they left the factory.

    `numbers` False leaves out, for what is ours, the numbers of the places that it is in, and the instant it remembers.
    """
    return {name: _tidied(config, state.knobs.empty_object_type, numbers) for name, config in _both(state)}


def _both(state: State) -> Iterator[tuple[str, Config]]:
    yield "stored", state.stored
    yield "running", state.running


def _tidied(config: Config, odd: int, numbers: bool) -> Config:
    tidy = copied(config)
    blanks = {
        "ip_objects": factory.ip_object(odd),
        "ip_groups": factory.IP_GROUP,
        "service_objects": factory.SERVICE_OBJECT,
        "service_groups": factory.SERVICE_GROUP,
    }
    for table, blank in blanks.items():
        for index, entry in list(tidy[table].items()):
            if entry["name"] == FREE:
                entry["name"] = ""
                # Cut off between its name and its address, or after it: there is none in it.
                if entry.get("start") == "0.0.0.0":
                    entry["type"] = blank["type"]
            if entry == blank:
                del tidy[table][index]
    for number, entry in list(tidy["sets"].items()):
        _tidy_set(entry)
        if entry == factory.SET:
            del tidy["sets"][number]
    tidy["schedules"] = {at: one for at, one in tidy["schedules"].items() if one != factory.SCHEDULE}
    tidy["lans"] = {at: one for at, one in tidy["lans"].items() if one != factory.lan(int(at))}
    guarded = tidy["management"]["bfp"]["services"]
    tidy["management"]["bfp"]["services"] = [name for name in guarded if name not in NEVER_SHOWN]
    return tidy if numbers else _Nameless(tidy).config


def _tidy_set(entry: Config) -> None:
    for place, rule in list(entry["rules"].items()):
        if rule["service"] == ANYTHING:
            rule["service"] = ["any"]
        if rule == factory.RULE:
            del entry["rules"][place]


class _Nameless:
    """A configuration in which what is ours goes by its name instead of by its number."""

    def __init__(self, config: Config) -> None:
        self.config = config
        names = {table: self._renamed(table) for table in _OBJECT_TABLES}
        for table, members in (("ip_groups", "ip_objects"), ("service_groups", "service_objects")):
            for entry in config[table].values():
                entry["members"] = sorted(str(names[members].get(str(one), one)) for one in entry["members"])
        sets = {number: entry["comment"] for number, entry in config["sets"].items() if _is_ours(entry["comment"])}
        for entry in config["sets"].values():
            entry["next"] = sets.get(str(entry["next"]), entry["next"])
            for rule in entry["rules"].values():
                self._rule(rule, names)
        config["sets"] = {sets.get(number, number): entry for number, entry in config["sets"].items()}
        for name in ("data", "call"):
            config["filter"][name] = sets.get(str(config["filter"][name]), config["filter"][name])
        acl = config["management"]["acl"]
        config["management"]["acl"] = {at: names["ip_objects"].get(str(index), index) for at, index in acl.items()}

    def _renamed(self, table: str) -> dict[str, str]:
        entries = self.config[table]
        ours = {index: entry["name"] for index, entry in entries.items() if _is_ours(entry["name"])}
        self.config[table] = {ours.get(index, index): entry for index, entry in entries.items()}
        if CLOCK in self.config[table]:
            self.config[table][CLOCK]["start"] = ""
        return ours

    def _rule(self, rule: Config, names: dict[str, dict[str, str]]) -> None:
        for field_name, tables in (("source", _REFERRED), ("destination", _REFERRED), ("service", _SERVICES)):
            kind, *rest = rule[field_name]
            if kind in tables:
                rule[field_name] = [kind, *(names[tables[kind]].get(str(index), index) for index in rest)]


_SERVICES = {"o": "service_objects", "g": "service_groups"}


def _is_ours(name: str) -> bool:
    return name.startswith(MARK)


def unlike(first: State, second: State) -> list[str]:
    """What differs, the numbers of our places aside."""
    return differences(comparable(first, numbers=False), comparable(second, numbers=False))


def assert_same(before: State, after: State, *, numbers: bool = True) -> None:
    """The two hold the same."""
    lines = differences(comparable(before, numbers=numbers), comparable(after, numbers=numbers))
    assert not lines, "\n".join(lines[:20])


# What others made


def assert_foreign_untouched(before: State, after: State, wanted: Wanted) -> None:
    """Everything of others is as it was, but for what the concerns are about; everything new is ours."""
    phones = phones_lan(after.stored) if phones_lan(before.stored) is None else None
    was, now = (_Others(state.stored, wanted, before.stored, phones).kept() for state in (before, after))
    lines = differences(was, now)
    assert not lines, "\n".join(lines[:20])


class _Others:
    """What of a configuration must stay: `start` is the one before the run, `phones` the LAN that it made the phones'
    network of."""

    def __init__(self, config: Config, wanted: Wanted, start: Config, phones: str | None) -> None:
        self.config = copied(config)
        self.concerns = set(wanted["concerns"])
        self.exclusive = wanted["enforce_exclusive"] and "sip_allowlist" in self.concerns
        self.start = start
        self.phones = phones

    def kept(self) -> Config:
        config = self.config
        for table in _OBJECT_TABLES:
            config[table] = {index: one for index, one in config[table].items() if not _is_ours(one["name"])}
        sets = config["sets"].items()
        config["sets"] = {n: one for n, one in sets if not _is_ours(one["comment"]) and one != factory.SET}
        if self.exclusive:
            for entry in config["sets"].values():
                for rule in entry["rules"].values():
                    del rule["enabled"]
        if self.concerns & {"sip_allowlist", "voice_vlan"}:
            del config["filter"]["data"]
        if "sip_alg" in self.concerns:
            del config["alg"]["sip"]
        if "voice_vlan" in self.concerns:
            self._without_phones()
        if "management_access" in self.concerns:
            self._without_access()
        return config

    def _without_phones(self) -> None:
        """Without the LAN of the phones, its row in the table of VLANs, and what it takes to switch VLANs on."""
        config, was = self.config, self.start["vlans"]
        lan = self.phones or phones_lan(self.start)
        if self.phones:
            config["lans"].pop(self.phones, None)
        config["talk"] = [pair for pair in config["talk"] if lan is None or int(lan) not in pair]
        vlans = config["vlans"]
        rows = vlans["rows"]
        for at, row in list(rows.items()):
            if row["tagged"] and row["vid"] == 40 and was["rows"].get(at, {}).get("vid") == 40:
                del row["pri"]
            elif (row["tagged"] and row["vid"] == 40) or not (row["tagged"] or row["vid"] or row["ports"]):
                del rows[at]
        if not was["enabled"]:
            del vlans["enabled"]
            rows.pop("0", None)
        config["dhcp_options"] = [
            {name: value for name, value in one.items() if name != "index"}
            for one in config["dhcp_options"]
            if one["interface"] != lan or one["code"] not in (66, 160)
        ]

    def _without_access(self) -> None:
        management = self.config["management"]
        for name in ("remote", "lan_access", "bfp", "services"):
            del management[name]
        ours = {at for at, index in management["acl"].items() if at not in self.start["management"]["acl"]}
        for at in ours:
            del management["acl"][at]


def phones_lan(config: Config) -> str | None:
    """The number of the LAN that has the phones' network."""
    return next((at for at, one in config["lans"].items() if one["enabled"] and one["address"] == PHONES), None)
