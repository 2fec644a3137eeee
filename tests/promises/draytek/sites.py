"""Vigor sites made up by chance: what other people may have left on a unit before the first run.

A site is plain data (hypothesis shows it when an example fails); `built` makes the unit. References are numbers that
are taken modulo of what there is, and what a model has no room for is left out.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.devices.vigor import Knobs, Model, Vigor, factory_config, lived_in_config, model_named
from tests.devices.vigor.factory import FILTER, RULE, SET, lan

MODELS = (
    "Vigor2927", "Vigor2927", "Vigor2927Lac", "Vigor2865", "Vigor2862", "Vigor2926", "Vigor3912", "Vigor3912",
    "Vigor3912S", "Vigor2962", "Vigor3910",
)
PASSWORD = "Canary-Passw0rd!"
ADMIN = "admin"
LAN1 = "192.168.1.1"
WAN1, WAN2 = "198.51.100.2", "198.51.100.10"
ENABLED_FOR = 10 * 86400
"""Seconds that a unit has been up when the first run comes."""

BIT = st.integers(0, 1)
NAMES = st.one_of(
    st.sampled_from(["VOIP-old", "voiph-signal", "VOIPH", "none", "100%", "a/b", "#1", "-", "Any", "10.0.0.1", "x,y"]),
    st.text(st.characters(codec="ascii", categories=("L", "N"), include_characters="-_.,/&()#%+!="), min_size=1,
            max_size=14),
).filter(lambda name: not name.startswith("VOIPH-"))
COMMENTS = st.one_of(st.just(""), st.sampled_from(["no SMB out", "VOIP-1", "old phones", "-", "a:b"]), NAMES)

# Of every relation to the policy: inside, phones, provider, part of it, more than it, strangers, everything.
MASKED = (
    ("10.0.0.0", "255.0.0.0"), ("192.168.1.0", "255.255.255.0"), ("10.40.0.0", "255.255.255.0"),
    ("10.40.0.16", "255.255.255.240"), ("203.0.113.0", "255.255.255.224"), ("203.0.113.8", "255.255.255.248"),
    ("203.0.113.0", "255.255.255.0"), ("203.0.113.128", "255.255.255.192"), ("192.0.2.0", "255.255.255.0"),
    ("0.0.0.0", "0.0.0.0"),
)
SINGLE = ("203.0.113.5", "192.0.2.99", "192.168.1.20", "10.40.0.20", "198.51.100.9")
RANGES = (("192.0.2.7", "192.0.2.120"), ("203.0.113.1", "203.0.113.30"), ("10.40.0.5", "10.40.0.50"),
          ("0.0.0.1", "223.255.255.254"))
ADDRESSES = st.one_of(
    st.sampled_from(MASKED).map(lambda pair: (0, *pair)),
    st.sampled_from(SINGLE).map(lambda one: (1, one, "0.0.0.0")),
    st.just((2, "0.0.0.0", "0.0.0.0")),
    st.sampled_from(RANGES).map(lambda pair: (3, *pair)),
)
OBJECTS = st.fixed_dictionaries(
    {"at": st.integers(1, 192), "name": NAMES, "address": ADDRESSES},
    optional={"interface": st.sampled_from([0, 1, 3]), "invert": BIT},
)
PORTS = st.sampled_from(
    [(5060, 5060), (5060, 5061), (1, 65535), (443, 443), (10000, 20000), (4000, 6000), (53, 53), (30000, 30199),
     (5061, 5061), (20000, 20000)]
)
SERVICES = st.fixed_dictionaries(
    {"at": st.integers(1, 96), "name": NAMES, "protocol": st.sampled_from([0, 1, 2, 6, 6, 17, 17, 47, 255]),
     "ports": PORTS},
    optional={"check": st.integers(0, 3), "source": PORTS},
)
NUMBER = st.integers(0, 40)
GROUPS = st.tuples(st.integers(1, 32), NAMES, st.lists(NUMBER, max_size=3, unique=True))
DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
SCHEDULES = st.fixed_dictionaries(
    {
        "at": st.integers(1, 15), "enabled": BIT, "comment": COMMENTS,
        "start": st.sampled_from(["2025-11-03 08:00", "2026-01-15 11:00", "2027-01-01 00:00"]),
        "minutes": st.integers(0, 23 * 60), "action": st.integers(0, 1), "days": st.sets(st.sampled_from(DAYS)),
    }
)
SIDE = st.one_of(
    st.just(["any"]), st.tuples(st.just("o"), NUMBER, NUMBER).map(list), st.tuples(st.just("g"), NUMBER).map(list),
    st.sampled_from(MASKED).map(lambda pair: ["u", 0, *pair]), st.sampled_from(SINGLE).map(lambda one: ["u", 1, one]),
    st.sampled_from(RANGES).map(lambda pair: ["u", 3, *pair]), st.just(["o6", 1, 0, 0]), st.just(["g6", 1]),
    st.just(["c", 3]),
)
SERVICE = st.one_of(
    st.just(["any"]), st.tuples(st.sampled_from(["o", "g"]), NUMBER).map(list),
    st.tuples(st.sampled_from([6, 17, 255]), PORTS).map(
        lambda pair: ["u", pair[0], 0, 0, 1, pair[1][0], 65535, pair[1][1]]
    ),
    st.just(["u", 1, 0, 0, 1, 1, 65535, 65535]),
)
INTERFACES = st.sampled_from([["all"], ["all"], ["LAN1"], ["LAN1", "LAN3"], ["WAN1"], ["WAN1", "WAN2"], ["LAN2"],
                              ["RT"], ["VPN"]])
RULES = st.fixed_dictionaries(
    {
        "at": st.integers(1, 30), "direction": st.integers(0, 3), "source": SIDE, "destination": SIDE,
        "service": SERVICE, "action": st.sampled_from([0, 0, 1, 2, 3]),
    },
    optional={
        "enabled": BIT, "comment": COMMENTS, "in": INTERFACES, "out": INTERFACES, "log": BIT,
        "branch": st.integers(0, 3), "fragments": st.integers(0, 3),
        "schedules": st.lists(st.integers(0, 15), min_size=4, max_size=4), "clear": BIT, "qos": st.integers(0, 4),
    },
)
SETS = st.fixed_dictionaries(
    {"at": st.integers(1, 50), "comment": COMMENTS, "rules": st.lists(RULES, max_size=4)},
    optional={"next": st.integers(0, 3)},
)
PORTMAPS = st.fixed_dictionaries(
    {
        "at": st.integers(1, 40), "enabled": BIT, "protocol": st.sampled_from(["tcp", "udp"]),
        "port": st.sampled_from([(5060, 5060), (5061, 5061), (443, 8443), (443, 443), (5060, 5070), (6000, 5060)]),
        "private": st.sampled_from(["192.168.1.20", "10.40.0.20", "10.40.0.5", "192.168.2.9"]),
        "wan": st.sampled_from(["wan1", "wan1", "wan2", "all"]), "source": st.one_of(st.just(-1), NUMBER),
    }
)
OPENPORTS = st.fixed_dictionaries(
    {
        "at": st.integers(1, 40), "enabled": BIT, "local": st.sampled_from(["192.168.1.20", "10.40.0.20"]),
        "wan": st.integers(1, 2), "source": st.one_of(st.just(-1), NUMBER),
        "items": st.lists(st.tuples(st.sampled_from(["TCP", "UDP", "ALL"]), PORTS), min_size=1, max_size=3),
    }
)
SUBNETS = ("192.168.{}", "192.168.{}", "192.168.{}", "10.40.0", "10.50.{}")
LANS = st.fixed_dictionaries(
    {"at": st.integers(2, 8), "enabled": st.sampled_from([0, 1, 1, 1]), "subnet": st.sampled_from(SUBNETS)},
    optional={"dhcp": BIT, "nat": BIT, "lease": st.integers(10, 259200), "count": st.integers(0, 220),
              "dns1": st.sampled_from(["", "192.168.1.53"]),
              "mask": st.sampled_from(["255.255.255.0"] * 7 + ["255.255.0.0"])},
)
ROWS = st.fixed_dictionaries(
    {"at": st.integers(0, 15), "tagged": BIT, "vid": st.sampled_from([0, 10, 20, 30, 40, 99]), "pri": st.integers(0, 7),
     "ports": st.sets(st.sampled_from(["p1", "p2", "p3", "p4", "p5"])), "lan": st.integers(1, 8)}
)
OPTIONS = st.fixed_dictionaries(
    {"enabled": BIT, "interface": st.sampled_from(["a", "1", "2", "3", "r"]), "code": st.sampled_from([66, 160, 42]),
     "kind": st.sampled_from([("v", "tftp.example.net"), ("v", "with a blank"), ("x", "0a0b"), ("a", "192.168.1.5")])}
)
REMOTE = ("http", "https", "ftp", "telnet", "ssh", "tr069", "snmp", "enforce_https")
ACCESS = ("FTP", "HTTP", "HTTPS", "TELNET", "SSH", "TR069", "ENFORCE_HTTPS")
GUARDED = ("FTP", "HTTP", "HTTPS", "TELNET", "TR069", "SSH", "VPN")
MANAGEMENT = st.fixed_dictionaries(
    {},
    optional={
        "remote": BIT, "wan_login": BIT, "ping": BIT, "services": st.sets(st.sampled_from(REMOTE)),
        "acl": st.dictionaries(st.integers(1, 10), NUMBER, max_size=3),
        "lan_access": st.tuples(
            BIT, st.one_of(st.sets(st.sampled_from(ACCESS)), *[st.just(set(ACCESS[:6]))] * 3),
            st.one_of(st.none(), st.sets(st.integers(1, 8))),
        ),
        "bfp": st.tuples(BIT, st.sets(st.sampled_from(GUARDED)), st.integers(1, 255), st.integers(0, 65535)),
        "ports": st.fixed_dictionaries({}, optional={"https": st.just(8443), "ssh": st.just(2222)}),
    },
)
KNOBS = st.fixed_dictionaries(
    {},
    optional={
        "references": st.sampled_from(["name", "both", "opaque"]),
        "empty_name": st.just("refused"),
        "remote_status": st.sampled_from(["sentences", "opaque"]),
        "protocol_words": st.sampled_from(["words", "numbers"]),
        "interface_lists": st.just("replace"),
        "empty_object_type": st.sampled_from([0, 1, 2]),
        "rule_comment": st.sampled_from([0, 14, 15]),
        "alg_off_reply": st.sampled_from(["", "Disable SIP ALG"]),
        "alg_off": st.just("Disable"),
        "mpage": st.just(False),
        "sysvid": st.sampled_from([1000, 1000, 1000, 3]),
        "dhcp_off": st.just(""),
        "vlan_off_forces": st.just(False),
        "group_slots": st.sampled_from([6, 12]),
    },
)
SITES = st.fixed_dictionaries(
    {
        "model": st.sampled_from(MODELS),
        "start": st.sampled_from(["factory", "factory", "lived-in"]),
        "objects": st.lists(OBJECTS, max_size=5),
        "groups": st.lists(GROUPS, max_size=3),
        "services": st.lists(SERVICES, max_size=4),
        "service_groups": st.lists(GROUPS, max_size=2),
        "schedules": st.lists(SCHEDULES, max_size=3),
        "sets": st.lists(SETS, max_size=4),
        "filter": st.fixed_dictionaries(
            {"data": st.sampled_from([1, 1, 1, 2, 0]), "default": st.sampled_from([0, 0, 0, 1])},
            optional={"call": st.integers(0, 2), "v4": BIT, "v6": BIT, "strict": BIT, "log": BIT},
        ),
        "portmaps": st.lists(PORTMAPS, max_size=3),
        "openports": st.lists(OPENPORTS, max_size=2),
        "dmz": st.sampled_from([None, None, None, "192.168.1.20", "10.40.0.20"]),
        "lans": st.lists(LANS, max_size=3),
        "talk": st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=2),
        "vlans": st.tuples(st.sampled_from([0, 1, 1]), BIT, st.lists(ROWS, max_size=3)),
        "options": st.lists(OPTIONS, max_size=2),
        "management": MANAGEMENT,
        "alg": st.fixed_dictionaries({}, optional={"master": BIT, "sip": BIT, "udp": BIT, "tcp": BIT}),
        "knobs": KNOBS,
        "reached": st.sampled_from([1, 1, 1, 1, 1, 2]),
    }
)
Site = dict[str, Any]


def bare(model: str = "Vigor2927", start: str = "factory", **changes: Any) -> Site:
    """A site to which chance adds nothing, for tests that want to know what they have."""
    lists = (
        "objects", "groups", "services", "service_groups", "schedules", "sets", "portmaps", "openports", "lans",
        "talk", "options",
    )
    return {
        "model": model, "start": start, **{name: [] for name in lists}, "filter": {}, "dmz": None, "vlans": None,
        "management": {}, "alg": {}, "knobs": {}, "reached": 1, **changes,
    }


def built(site: Site) -> tuple[Vigor, str]:
    """The unit, up for some days, and the address by which it is reached."""
    start = lived_in_config if site["start"] == "lived-in" else factory_config
    config = start(site["model"], lan_ip=LAN1, wans=2)
    for number, address in (("1", WAN1), ("2", WAN2)):
        config["wans"][number].update(address=address, gateway="198.51.100.1")
    config["accounts"] = {ADMIN: PASSWORD}
    _Builder(config, model_named(site["model"]), site).build()
    device = Vigor(config, knobs=Knobs(**site["knobs"]), clock=lambda: 0.0)
    device.advance(ENABLED_FOR)
    other = next((one["address"] for at, one in config["lans"].items() if at != "1" and one["enabled"]), LAN1)
    return device, other if site["reached"] == 2 else LAN1


class _Builder:
    """Makes a site's additions to a configuration."""

    def __init__(self, config: dict[str, Any], model: Model, site: Site) -> None:
        self.config, self.model, self.site = config, model, site

    def build(self) -> None:
        self._objects()
        self._sets()
        self._forwards()
        self._inside()
        self._management()
        self.config["alg"].update(self.site["alg"])

    def _objects(self) -> None:
        config, site = self.config, self.site
        for one in site["objects"]:
            kind, start, end = one["address"]
            config.setdefault("ip_objects", {})[str(one["at"])] = {
                "name": one["name"], "interface": one.get("interface", 0), "type": kind, "start": start, "end": end,
                "invert": one.get("invert", 0),
            }
        for one in site["services"]:
            config.setdefault("service_objects", {})[str(one["at"])] = {
                "name": one["name"], "protocol": one["protocol"], "source": [0, *one.get("source", (1, 65535))],
                "destination": [one.get("check", 0), *one["ports"]],
            }
        for at, name, members in site["groups"]:
            config["ip_groups"][str(at)] = {
                "name": name, "interface": 0, "members": self._indexes("ip_objects", members),
            }
        for at, name, members in site["service_groups"]:
            config["service_groups"][str(at)] = {
                "name": name, "members": self._indexes("service_objects", members),
            }
        for one in site["schedules"]:
            entry = {name: value for name, value in one.items() if name != "at"}
            entry["days"] = [day for day in DAYS if day in one["days"]]
            if one["comment"] or one["enabled"] or one["minutes"]:
                config["schedules"][str(one["at"])] = entry

    def _index(self, table: str, number: int) -> int:
        """One of the things that there are, 0 without any."""
        there = sorted(self.config[table], key=int)
        return int(there[number % len(there)]) if there else 0

    def _indexes(self, table: str, numbers: list[int]) -> list[int]:
        found = [self._index(table, number) for number in numbers]
        return [index for index in dict.fromkeys(found) if index]

    # The filter

    def _sets(self) -> None:
        config, site = self.config, self.site
        if site["start"] == "lived-in" and not site["sets"]:
            return
        places: list[int] = []
        for one in site["sets"]:
            at = 1 + (one["at"] - 1) % self.model.sets
            if at not in places:
                places.append(at)
        for one, at in zip(site["sets"], places, strict=False):
            entry = {**SET, "comment": one["comment"], "rules": {}}
            if places:
                entry["next"] = [0, *places][one.get("next", 0) % (len(places) + 1)]
            for rule in one["rules"]:
                made = self._rule(rule, places)
                if made != RULE:
                    entry["rules"][str(1 + (rule["at"] - 1) % self.model.rules)] = made
            config["sets"][str(at)] = entry
        chosen = site["filter"]
        config["filter"] = {**FILTER, **config["filter"]}
        if "data" in chosen:
            start = places[0] if places and chosen["data"] == 1 else 2
            config["filter"]["data"] = start if chosen["data"] else 0
            config["filter"]["default"] = [chosen["default"], chosen.get("log", 0)]
            config["filter"]["strict"] = chosen.get("strict", 0)
            config["filter"]["block_routing"] = {"v4": chosen.get("v4", 1), "v6": chosen.get("v6", 1)}
            if self.model.call_filter:
                config["filter"]["call"] = chosen.get("call", 1)

    def _rule(self, rule: dict[str, Any], places: list[int]) -> dict[str, Any]:
        made = {**RULE, "enabled": 1, **{name: value for name, value in rule.items() if name != "at"}}
        made["direction"] %= len(self.model.directions)
        inner, outer = set(self.model.lan_side), set(self.model.wan_side)
        ends = ((inner, outer), (outer, inner), (inner, inner), (outer, set()))[made["direction"]]
        for name, known in zip(("in", "out"), ends, strict=True):
            made[name] = ["all"] if not set(made[name]) <= known else made[name]
        for name in ("source", "destination"):
            made[name] = self._side(made[name])
        if made["service"][0] in ("o", "g"):
            table = "service_objects" if made["service"][0] == "o" else "service_groups"
            index = self._index(table, made["service"][1])
            made["service"] = [made["service"][0], index] if index else ["any"]
        made["branch"] = [0, *places][made["branch"] % (len(places) + 1)]
        return made

    def _side(self, side: list[Any]) -> list[Any]:
        kind, *rest = side
        if kind == "o":
            found = self._indexes("ip_objects", rest)
            return ["o", *found, *[0] * (2 - len(found))] if found else ["any"]
        if kind == "g":
            found = self._indexes("ip_groups", rest)
            return ["g", *found, 0] if found else ["any"]
        return side

    # What is let in

    def _forwards(self) -> None:
        config, site = self.config, self.site
        for one in site["portmaps"]:
            port, private_port = one["port"]
            config["portmaps"][str(one["at"])] = {
                "enabled": one["enabled"], "name": "x", "protocol": one["protocol"], "port": port,
                "source": self._source(one["source"]), "private": one["private"], "private_port": private_port,
                "wan": one["wan"], "alias": 1,
            }
        for one in site["openports"]:
            items = {
                str(number): {"protocol": protocol, "start": first, "end": last}
                for number, (protocol, (first, last)) in enumerate(one["items"], 1)
            }
            config["openports"][str(one["at"])] = {
                "enabled": one["enabled"], "comment": "x", "local": one["local"], "wan": one["wan"], "alias": 1,
                "source": self._source(one["source"]), "items": items,
            }
        if site["dmz"]:
            config["dmz"]["1"] = {"enabled": 1, "private": site["dmz"]}

    def _source(self, number: int) -> list[int]:
        return [0, 0] if number < 0 else [0, self._index("ip_objects", number)]

    # LANs

    def _inside(self) -> None:
        config, site = self.config, self.site
        taken = {"192.168.1"}
        for one in site["lans"]:
            net = one["subnet"].format(one["at"])
            if net in taken or ("mask" in one and net.startswith("192.")):
                continue
            taken.add(net)
            extra = {name: one[name] for name in ("dhcp", "nat", "lease", "count", "dns1", "mask") if name in one}
            config["lans"][str(one["at"])] = {
                **lan(one["at"]), "enabled": one["enabled"], "address": f"{net}.1", "start": f"{net}.10",
                "gateway": f"{net}.1", **extra,
            }
        for first, second in site["talk"]:
            pair = sorted((first, second))
            if first != second and pair not in config["talk"]:
                config["talk"] = sorted([*config["talk"], pair])
        if site["vlans"] is not None:
            enabled, untag, rows = site["vlans"]
            config["vlans"] = {"enabled": enabled, "untag_p1": untag, "rows": {}}
            used: set[int] = set()
            for one in rows:
                made = {name: value for name, value in one.items() if name != "at"}
                made["ports"] = [port for port in self.model.ports if port in one["ports"]]
                if made["vid"] in used:
                    made["vid"] = 0
                used |= {made["vid"]} - {0}
                if made != {"tagged": 0, "vid": 0, "pri": 0, "ports": [], "lan": 1}:
                    config["vlans"]["rows"][str(one["at"])] = made
            if enabled:
                # Somebody let untagged computers in by LAN1, else nobody could have set it up.
                first_row = {"tagged": 0, "vid": 0, "pri": 0, "ports": list(self.model.ports), "lan": 1}
                config["vlans"]["rows"].setdefault("0", first_row)
        for number, one in enumerate(site["options"], len(config["dhcp_options"]) + 1):
            kind, value = one["kind"]
            config["dhcp_options"].append(
                {"index": number, "enabled": one["enabled"], "interface": one["interface"], "code": one["code"],
                 "type": kind, "value": value}
            )

    def _management(self) -> None:
        management, given = self.config["management"], self.site["management"]
        for name in ("remote", "wan_login", "ping"):
            management[name] = given.get(name, management[name])
        if "services" in given:
            management["services"] = {name: int(name in given["services"]) for name in REMOTE}
        if "acl" in given:
            found = {str(at): self._index("ip_objects", number) for at, number in given["acl"].items()}
            management["acl"] = {at: index for at, index in found.items() if index}
        if "lan_access" in given:
            enabled, services, lans = given["lan_access"]
            listed = range(1, self.model.access_lans + 1) if lans is None else sorted({1, *lans})
            management["lan_access"] = {
                "enabled": enabled, "services": [name for name in ACCESS if name in services], "lans": list(listed),
                "objects": {},
            }
        if "bfp" in given:
            enabled, services, failures, penalty = given["bfp"]
            management["bfp"] = {
                "enabled": enabled, "services": [name for name in GUARDED if name in services], "failures": failures,
                "penalty": penalty,
            }
        management["ports"].update(given.get("ports", {}))
