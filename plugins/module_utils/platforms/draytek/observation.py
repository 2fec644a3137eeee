# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a Vigor: which lines are asked for, and how their answers become tables.

Every view costs a round trip, so only those are asked for that the concerns at hand need: of the numbered places the
block that is kept for this collection, the filter sets that the data filter comes by or that may be ours, and whatever
rules, groups and lists refer to.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from ...document.model import MARK, Document, Row
from ...errors import Misunderstood
from ..base import Observation
from . import names
from .details import Details
from .models import IP_GROUPS, IP_OBJECTS, SCHEDULES, SERVICE_OBJECTS, Limits, limits_of
from .models import SERVICE_GROUPS as GROUPS_OF_SERVICES
from .options import Options
from .ownership import bears_mark
from .reader import identity, lan, management, nat, objects, rules
from .session import Session
from .tables import (
    ACCESS_LIST,
    BRUTE_FORCE,
    FILTER,
    GROUPS,
    LAN_ACCESS,
    LANS,
    OBJECTS,
    OPTIONS,
    REMOTE,
    RULES,
    SERVICE_GROUPS,
    SERVICES,
    SETS,
    SIP_ALG,
    SPECS,
    TALK,
    VLAN,
    VLAN_ROWS,
    table,
)
from .tables import SCHEDULES as SCHEDULE_TABLE
from .words import Answer, Labels

KEPT_GROUPS, KEPT_SERVICES, KEPT_SERVICE_GROUPS = 12, 32, 8
"""Of each kind, how many places from the highest down are kept for this collection. Of IP objects the user says."""
FILTERING = ("sip_allowlist", "voice_vlan")


class Reader:
    """One look at one unit."""

    def __init__(self, session: Session, concerns: Sequence[str], options: Options) -> None:
        self.session = session
        self.concerns = tuple(concerns)
        self.options = options
        self.document = Document(SPECS)
        self.free: dict[str, tuple[str, ...]] = {}
        self.sets: dict[str, str] = {}
        self.room = 0
        self.service_room = 0
        self._first_of: dict[str, str] = {}
        self._sets_read: dict[int, Row] = {}
        self.unused_types: Counter[str] = Counter()
        self.ports: tuple[str, ...] = ()
        self.system_vids = (0, 0)
        self.forwards: tuple[nat.Forward, ...] | None = None
        self.remote_is_shown = True
        self.started = 0
        self.limits: Limits

    def ask(self, line: str) -> Answer:
        """The unit's answer to one line."""
        return Answer(line, self.session.read(line))

    def observe(self) -> Observation:
        """Read what the concerns look at. Raises `Unsupported` and `Misunderstood`."""
        unit = identity.identity(self.ask("sys version"))
        self.limits = limits_of(unit.model)
        if "voice_vlan" in self.concerns or ("management_access" in self.concerns and self.limits.acl_restarts):
            self.started = int(time.time()) - identity.uptime(self.ask("show status"))
        self._objects()
        self._access_list()
        managing = "management_access" in self.concerns
        filtering = any(concern in self.concerns for concern in FILTERING) or (managing and self._lists_ours())
        if filtering:
            self._groups_and_services()
            self._filter()
            self._schedules()
        if "sip_alg" in self.concerns:
            self.document.tables[table(SIP_ALG)] = [_sip_alg(self.ask("sys sip_alg ?"))]
        if "voice_vlan" in self.concerns or "management_access" in self.concerns:
            self._lans()
        if "voice_vlan" in self.concerns:
            self._vlans()
        if managing:
            self._management()
        self._referred()
        if filtering:
            self.forwards = tuple(nat.forwards(self.ask("srv nat showall ?")))
        about = {
            "platform": "draytek",
            "model": unit.model,
            "version": unit.version,
            "build": unit.build,
            "hostname": unit.name,
        }
        details = Details(
            self.limits,
            self.unused_types.most_common(1)[0][0] if self.unused_types else "any",
            self.free,
            self.sets,
            self.ports,
            self.room,
            self.service_room,
            self.system_vids,
            self.forwards,
            self.remote_is_shown,
            self.started,
            self.options.qos_class,
        )
        return Observation(self.document, about, details)

    # Numbered places

    def _objects(self) -> None:
        self._places(
            OBJECTS, objects.OBJECT, IP_OBJECTS, self.options.reserved, self._object, objects.is_free_ip_object
        )

    def _groups_and_services(self) -> None:
        self._places(GROUPS, objects.GROUP, IP_GROUPS, KEPT_GROUPS, self._group, objects.is_free_group)
        self._places(SERVICES, objects.SERVICE, SERVICE_OBJECTS, KEPT_SERVICES, self._service, objects.is_free_service)
        self._places(
            SERVICE_GROUPS,
            objects.SERVICE_GROUP,
            GROUPS_OF_SERVICES,
            KEPT_SERVICE_GROUPS,
            self._service_group,
            objects.is_free_group,
        )

    def _places(
        self,
        path: str,
        word: str,
        most: int,
        kept: int,
        read: Callable[[int], Row],
        is_free: Callable[[Row], bool],
    ) -> None:
        """The block of places that is kept for us, from the highest down."""
        rows: list[Row] = []
        free: list[str] = []
        for index in range(most, most - kept, -1):
            row = read(index)
            if is_free(row):
                if path == OBJECTS and row["name"] != objects.FREE_MARK:
                    self.unused_types[row["type"]] += 1
                free.append(f"{word} {index}")
            else:
                rows.append(row)
        self.document.tables[table(path)] = rows
        self.free[path] = tuple(free)

    def _object(self, index: int) -> Row:
        return objects.ip_object(self.ask(f"{OBJECTS} {index} -v"), index)

    def _group(self, index: int) -> Row:
        row = objects.group(self.ask(f"{GROUPS} {index} -v"), index, objects.GROUP, objects.OBJECT, IP_OBJECTS)
        self.room = self._same_room(row, GROUPS, self.room)
        return row

    def _service(self, index: int) -> Row:
        return objects.service_object(self.ask(f"{SERVICES} {index} -v"), index)

    def _service_group(self, index: int) -> Row:
        row = objects.group(
            self.ask(f"{SERVICE_GROUPS} {index} -v"), index, objects.SERVICE_GROUP, objects.SERVICE, SERVICE_OBJECTS
        )
        self.service_room = self._same_room(row, SERVICE_GROUPS, self.service_room)
        del row["interface"]
        return row

    def _same_room(self, row: Row, path: str, known: int) -> int:
        """How many members a group has room for, which is the same for all: fewer, and not all of one was shown."""
        room = int(row.pop("room"))
        if known and room != known:
            raise Misunderstood(
                f"{path} {row['id'].rpartition(' ')[2]}: room for {room} members, and {known} in "
                f"{path} {self._first_of[path]}"
            )
        if not known:
            self._first_of[path] = row["id"].rpartition(" ")[2]
        return room

    def _schedules(self) -> None:
        """From the highest down to the first that is free or ours: the one that guards new block rules. One that a
        rule names is not free, whether it is set up or not."""
        named = {number for row in self.document.rows(table(RULES)) for number in row["schedules"]}
        rows, free = [], []
        for index in range(SCHEDULES, 0, -1):
            row = objects.schedule(self.ask(f"object schedule view {index}"), index)
            if row["comment"] == names.GUARD:
                rows.append(row)
                break
            if index not in named and objects.is_free_schedule(row):
                free.append(row["id"])
                rows.append(row)
                break
            rows.append(row)
        self.document.tables[table(SCHEDULE_TABLE)] = rows
        self.free[SCHEDULE_TABLE] = tuple(free)

    # The filter

    def _filter(self) -> None:
        general = rules.general(self.ask("ipf set -v"))
        self.document.tables[table(FILTER)] = [general]
        sets: dict[str, Row] = {}
        found: dict[str, list[Row]] = {}
        waiting = [general["data"]]
        while waiting:
            number = waiting.pop(0)
            if number and number not in sets:
                self._read_set(number, sets, found)
                waiting += [sets[number]["next"], *(str(row["branch"]) for row in found[number])]
        self._look_for_ours(sets, found)
        everything = [row for listed in found.values() for row in listed]
        rules.over_all(everything)
        hosts, services = self._names(OBJECTS, GROUPS), self._names(SERVICES, SERVICE_GROUPS)
        self.document.tables[table(SETS)] = [row for row in sets.values() if not _is_free_set(row, found[row["id"]])]
        self.document.tables[table(RULES)] = [
            _resolved(row, hosts, services) for row in everything if not _is_free_rule(row)
        ]

    def _read_set(self, number: str, sets: dict[str, Row], found: dict[str, list[Row]]) -> None:
        index = int(number)
        sets[number] = self._set(index)
        found[number] = [
            rules.rule(self.ask(f"{RULES} {index} {place} -v"), index, place, self.limits.sets)
            for place in range(1, self.limits.rules + 1)
        ]
        if sets[number]["comment"] in names.SETS:
            self.sets.setdefault(sets[number]["comment"], number)

    def _look_for_ours(self, sets: dict[str, Row], found: dict[str, list[Row]]) -> None:
        """From the highest set down: ours that are not led to, and free ones, as many as our rules take. One that
        something leads to is not free, whatever is in it."""
        needed = names.needed_sets(self.limits.rules)
        led_to = {*sets, *(self._of_calls() if len(self.sets) < needed else ())}
        free: list[str] = []
        for index in range(self.limits.sets, 0, -1):
            if len(self.sets) + len(free) >= needed:
                break
            number = str(index)
            if number in sets:
                continue
            self._read_set(number, sets, found)
            if number not in led_to and _is_free_set(sets[number], found[number]):
                free.append(number)
            if number not in self.sets.values():
                # A set of the site's that the data filter does not come by: what is in it decides nothing.
                del sets[number], found[number]
        self.free[SETS] = tuple(free)

    def _of_calls(self) -> set[str]:
        """The sets that the call filter comes by."""
        number, passed = str(self.document.singleton(table(FILTER))["call"]), set[str]()
        while number and number not in passed:
            passed.add(number)
            number = str(self._set(int(number))["next"])
        return passed

    def _set(self, index: int) -> Row:
        if index not in self._sets_read:
            self._sets_read[index] = rules.filter_set(self.ask(f"{SETS} {index} -v"), index, self.limits.sets)
        return self._sets_read[index]

    def _names(self, objects_path: str, groups_path: str) -> rules.Names:
        words = {OBJECTS: objects.OBJECT, GROUPS: objects.GROUP}
        words |= {SERVICES: objects.SERVICE, SERVICE_GROUPS: objects.SERVICE_GROUP}

        def by_name(path: str) -> Mapping[str, str]:
            return {row["name"]: row["id"] for row in self.document.rows(table(path)) if row["name"]}

        return rules.Names(words[objects_path], words[groups_path], by_name(objects_path), by_name(groups_path))

    # LANs and VLANs

    def _lans(self) -> None:
        listed = self.ask("show lan")
        found = lan.lans(listed, self.limits.lans)
        if "voice_vlan" in self.concerns:
            servers = lan.name_servers(self.ask("show dns"))
            if set(servers) - set(found):
                raise listed.strange(f"no line of LAN{min(set(servers) - set(found))}, which `show dns` has,")
            answer = self.ask("msubnet leasetime ?")
            leases = lan.lease_seconds(answer)
            for number, row in found.items():
                if number not in servers or number not in leases:
                    raise answer.strange(f"no line of LAN{number} here or in `show dns`")
                row["dns1"], row["dns2"] = servers[number]
                row["lease"] = leases[number]
        self.document.tables[table(LANS)] = [found[number] for number in sorted(found)]

    def _vlans(self) -> None:
        pairs = lan.talk(self.ask("msubnet talk ?"), self.limits.lans)
        self.document.tables[table(TALK)] = [{"pairs": tuple(f"{a}-{b}" for a, b in sorted(pairs))}]
        enabled, rows, untagged, self.ports = lan.vlans(self.ask("vlan status"), self.limits.vlan_rows)
        self.document.tables[table(VLAN)] = [{"enabled": enabled, "p1_untagged": untagged}]
        self.document.tables[table(VLAN_ROWS)] = [rows[number] for number in sorted(rows)]
        self.system_vids = lan.system_vids(self.ask("vlan sysvid show"))
        self.document.tables[table(OPTIONS)] = lan.options(self.ask("srv dhcp option -l"))

    # Management

    def _access_list(self) -> None:
        """Looked at for every concern: an object that it names is in use, and no free place."""
        entries = management.access_list(self.ask("mngt accesslist list"))
        self.document.tables[table(ACCESS_LIST)] = [
            {"id": str(place), "object": f"{objects.OBJECT} {index}" if index else management.BY_NAME}
            for place, index in sorted(entries.items())
        ]

    def _lists_ours(self) -> bool:
        """Whether the access list has objects of ours, which a rule may use as well."""
        ours = {row["id"] for row in self.document.rows(table(OBJECTS)) if bears_mark(OBJECTS, row)}
        return any(row["object"] in ours for row in self.document.rows(table(ACCESS_LIST)))

    def _management(self) -> None:
        tables = self.document.tables
        tables[table(BRUTE_FORCE)] = [management.brute_force(self.ask("mngt bfp -v"))]
        tables[table(LAN_ACCESS)] = [management.lan_access(self.ask("mngt lanaccess -v"))]
        remote = management.remote(self.ask("mngt rmtcfg status"))
        self.remote_is_shown = remote is not None
        tables[table(REMOTE)] = [remote or {"master": True, "services": ()}]

    # What others refer to

    def _referred(self) -> None:
        """The groups and objects outside our block that rules and lists name, each once."""
        readers: tuple[tuple[str, str, Callable[[int], Row], int], ...] = (
            (GROUPS, objects.GROUP, self._group, IP_GROUPS),
            (OBJECTS, objects.OBJECT, self._object, IP_OBJECTS),
            (SERVICE_GROUPS, objects.SERVICE_GROUP, self._service_group, GROUPS_OF_SERVICES),
            (SERVICES, objects.SERVICE, self._service, SERVICE_OBJECTS),
        )
        for path, word, read, most in readers:
            if table(path) not in self.document.tables:
                continue
            rows = self.document.rows(table(path))
            known = {row["id"] for row in rows} | set(self.free[path])
            named = _keys(self.document, word, most)
            for key in named:
                if key not in known:
                    rows.append(read(int(key.rpartition(" ")[2])))
            # To fill a place that somebody names already would change what he means.
            self.free[path] = tuple(key for key in self.free[path] if key not in named)


def _keys(document: Document, word: str, most: int) -> list[str]:
    """The keys of one kind that rows refer to, in order."""
    fields = (
        (RULES, ("source", "destination", "service")),
        (GROUPS, ("member",)),
        (SERVICE_GROUPS, ("member",)),
        (ACCESS_LIST, ("object",)),
    )
    found: set[int] = set()
    for path, columns in fields:
        for row in document.tables.get(table(path), ()):
            for column in columns:
                found |= _numbers(row[column], word, most)
    return [f"{word} {number}" for number in sorted(found)]


def _numbers(value: str | Iterable[str], word: str, most: int) -> set[int]:
    listed = (value,) if isinstance(value, str) else value
    numbers = [key.removeprefix(f"{word} ") for key in listed if key.startswith(f"{word} ")]
    return {int(number) for number in numbers if number.isdigit() and 1 <= int(number) <= most}


def _sip_alg(answer: Answer) -> Row:
    labels = Labels(answer)
    return {
        "master": labels.switch("ALG Master Switch"),
        "sip": labels.switch("SIP ALG"),
        "udp": labels.switch("Listen along UDP path"),
        "tcp": labels.switch("Listen along TCP path"),
        "port": labels.number("Listening Port", 1, 65535),
    }


def _is_free_rule(row: Row) -> bool:
    """Whether a rule is as it left the factory."""
    return (
        not row["enabled"]
        and not row["comment"]
        and row["action"] == "pass"
        and not any(row["schedules"])
        and all(row[field] == "Any" for field in ("source", "destination", "service"))
    )


def _is_free_set(row: Row, found: Sequence[Row]) -> bool:
    return not row["comment"] and not row["next"] and all(_is_free_rule(one) for one in found)


def _resolved(row: Row, hosts: rules.Names, services: rules.Names) -> Row:
    name, digest = names.read_comment(row["comment"])
    resolved = {
        **row,
        "name": name,
        "digest": digest,
        "source": rules.side(row["source"], hosts),
        "destination": rules.side(row["destination"], hosts),
        "service": rules.side(row["service"], services),
    }
    del resolved["comment"]
    if name.startswith(MARK) and not digest:
        raise Misunderstood(
            f"{RULES} {row['id']}: the comment {name!r} bears our mark and is not one of ours; rename it, or clear "
            f"the rule"
        )
    return resolved
