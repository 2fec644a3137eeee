"""FortiGate sites made up by chance: what other people may have left on a unit before the first run.

A site is plain data (hypothesis shows it when an example fails); `built` makes the unit. What a release does not take
is left out, as it would never have got onto such a unit.
"""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from tests.devices.fortigate import FortiGate, Switches
from tests.devices.fortigate.errors import Rejection
from tests.promises.fortios.wire import Wire
from tests.support.units import TOKEN, USER, Unit, start_config

VERSIONS = ("7.0.5", "7.0.12", "7.2.0", "7.2.4", "7.2.8", "7.4.1", "7.4.4", "7.6.2")
MANAGEMENT_IP = "10.0.0.1"
PASSWORD = "Canary-Passw0rd!"
PHONES_SUBNET = "10.40.0.0/24"

SWITCH = st.sampled_from(["enable", "disable"])
WORDS = (
    st.text(
        st.characters(codec="utf-8", categories=("L", "N", "Zs"), include_characters="-_.,:/&()#%+!?="),
        min_size=1,
        max_size=24,
    )
    .map(str.strip)
    .filter(bool)
)
NAMES = st.one_of(
    st.sampled_from(
        ["VOIP-old", "voiph-signalling", "VOIPH", "100 %", "Zürich & Bern", "a/b", "#1", "-", "none of it"]
    ),
    WORDS,
).filter(lambda name: not name.startswith("VOIPH-"))

# Networks of every relation to the policy: inside, phones, provider, part of it, more than it, strangers, everything.
NETWORKS = (
    "10.0.0.0/8",
    "10.0.0.0/24",
    "10.40.0.0/24",
    "10.40.0.16/28",
    "192.168.9.0/24",
    "203.0.113.0/27",
    "203.0.113.8/29",
    "203.0.113.5/32",
    "203.0.113.0/24",
    "203.0.113.128/26",
    "192.0.2.0/24",
    "192.0.2.99/32",
    "0.0.0.0/0",
)
RANGES = (
    ("192.0.2.7", "192.0.2.120"),
    ("203.0.113.1", "203.0.113.30"),
    ("10.40.0.5", "10.40.0.50"),
    ("0.0.0.1", "223.255.255.254"),
)
NETWORKS6 = (
    "2001:db8:5060::/48",
    "2001:db8:5060:1::/64",
    "2001:db8::/32",
    "2001:db8:10::/64",
    "2001:db8:dead::/48",
    "::/0",
)
PORTS = (
    "5060",
    "5061",
    "5060-5061",
    "1-65535",
    "5060:1024-65535",
    "10000-10100",
    "15000",
    "443",
    "4000-6000",
    "53",
    "30000-30199",
    "20000",
)
INSIDE = ("10.0.0.50", "10.40.0.20", "10.10.10.25", "192.168.9.5")

ADDRESSES = st.one_of(
    st.sampled_from(NETWORKS).map(lambda cidr: {"subnet": cidr}),
    st.sampled_from(RANGES).map(lambda ends: {"type": "iprange", "start-ip": ends[0], "end-ip": ends[1]}),
    st.just({"type": "fqdn", "fqdn": "sbc.example.com"}),
    st.just({"type": "geography", "country": "DE"}),
)
SERVICES = st.fixed_dictionaries(
    {},
    optional={
        "tcp-portrange": st.lists(st.sampled_from(PORTS), min_size=1, max_size=2, unique=True).map(" ".join),
        "udp-portrange": st.lists(st.sampled_from(PORTS), min_size=1, max_size=2, unique=True).map(" ".join),
        "helper": st.sampled_from(["auto", "disable", "sip"]),
    },
).filter(lambda row: "tcp-portrange" in row or "udp-portrange" in row)


def _numbers(most: int) -> st.SearchStrategy[list[int]]:
    """References to made-up objects: numbers that are taken modulo of what there is."""
    return st.lists(st.integers(0, 40), min_size=1, max_size=most, unique=True)


RULES = st.fixed_dictionaries(
    {
        "srcintf": st.sampled_from(["wan1", "wan2", "internal", "dmz", "any", "phones"]),
        "dstintf": st.sampled_from(["wan1", "wan2", "internal", "dmz", "any", "phones"]),
        "srcaddr": _numbers(2),
        "dstaddr": _numbers(2),
        "service": _numbers(2),
        "action": st.sampled_from(["accept", "accept", "deny"]),
    },
    optional={
        "vip": st.integers(0, 5),
        "name": NAMES,
        "status": SWITCH,
        "schedule": st.sampled_from(["always", "office hours", "none"]),
        "six": st.tuples(st.integers(0, 8), st.integers(0, 8)),
        "srcaddr-negate": SWITCH,
        "dstaddr-negate": SWITCH,
        "service-negate": SWITCH,
        "nat": SWITCH,
        "match-vip": SWITCH,
        "voip-profile": st.sampled_from(["default", "strict", "our own"]),
        "logtraffic": st.sampled_from(["all", "utm", "disable"]),
        "comments": WORDS,
    },
)
VIPS = st.fixed_dictionaries(
    {
        "extip": st.sampled_from(["198.51.100.2", "198.51.100.3", "198.51.100.9"]),
        "extintf": st.sampled_from(["wan1", "any"]),
        "mappedip": st.sampled_from(INSIDE).map(lambda host: [{"range": host}]),
    },
    optional={
        "ports": st.tuples(
            st.sampled_from(["udp", "tcp"]), st.sampled_from(["5060", "5061", "443", "10000-10100", "5060-5061"])
        ),
        "src-filter": st.lists(
            st.sampled_from(["203.0.113.0/27", "192.0.2.0/24", "203.0.113.5", "192.0.2.1-192.0.2.120"]),
            min_size=1,
            max_size=2,
            unique=True,
        ).map(lambda ranges: [{"range": one} for one in ranges]),
    },
)
LOCAL_INS = st.fixed_dictionaries(
    {"srcaddr": _numbers(2), "service": _numbers(2), "action": st.sampled_from(["accept", "deny"])},
    optional={"srcaddr-negate": SWITCH, "service-negate": SWITCH, "status": SWITCH, "comments": WORDS},
)
TRUSTED = st.fixed_dictionaries(
    {
        "four": st.dictionaries(
            st.integers(1, 10),
            st.sampled_from(
                ["10.0.0.0 255.255.255.128", "192.0.2.0 255.255.255.0", "0.0.0.0 0.0.0.0", "10.0.0.9 255.255.255.255"]
            ),
            max_size=4,
        ),
        "six": st.dictionaries(st.integers(1, 10), st.sampled_from(["2001:db8:10::/64", "::/0"]), max_size=2),
    }
)
HELPERS = st.lists(
    st.tuples(st.sampled_from(["sip", "sip", "ftp", "mgcp"]), st.sampled_from([6, 17]), st.integers(2000, 9000)),
    max_size=3,
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "default-voip-alg-mode": st.sampled_from(["proxy-based", "kernel-helper-based"]),
        "sip-expectation": SWITCH,
        "sip-nat-trace": SWITCH,
    },
)
UNIT_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "admintimeout": st.integers(1, 480),
        "admin-lockout-threshold": st.integers(1, 10),
        "admin-lockout-duration": st.integers(1, 5000),
        # Not the number by which a rollback is known that a dead controller left armed (docs/fortios.md).
        "cfg-revert-timeout": st.integers(10, 5000).filter(lambda seconds: seconds != 307),
        "cfg-save": st.sampled_from(["automatic", "manual", "revert"]),
        "admin-telnet": SWITCH,
        "admin-https-ssl-versions": st.sampled_from(["tlsv1-1 tlsv1-2", "tlsv1-2 tlsv1-3", "tlsv1-3"]),
    },
)
PASSWORD_POLICY = st.fixed_dictionaries(
    {}, optional={"status": SWITCH, "minimum-length": st.integers(8, 40), "min-number": st.integers(0, 5)}
)
ACCESS = ("ping", "https", "ssh", "snmp", "http", "telnet", "fgfm")
"""In the order in which a unit keeps them, whatever the order they were given in."""
ALLOWED = st.sets(st.sampled_from(ACCESS), max_size=5).map(lambda chosen: sorted(chosen, key=ACCESS.index))
SITES = st.fixed_dictionaries(
    {
        "version": st.sampled_from(VERSIONS),
        "start": st.sampled_from(["factory", "factory", "lived-in"]),
        "wan": st.sampled_from(["plain", "plain", "zone", "sdwan"]),
        "voice": st.sampled_from(["none", "none", "vlan", "zone"]),
        "six": st.booleans(),
        "login": st.sampled_from(["token", "token", "password"]),
        "addresses": st.lists(st.tuples(NAMES, ADDRESSES), max_size=4),
        "addresses6": st.lists(st.tuples(NAMES, st.sampled_from(NETWORKS6)), max_size=2),
        "groups": st.lists(st.tuples(NAMES, _numbers(3)), max_size=2),
        "services": st.lists(st.tuples(NAMES, SERVICES), max_size=3),
        "service_groups": st.lists(st.tuples(NAMES, _numbers(3)), max_size=1),
        "vips": st.lists(st.tuples(NAMES, VIPS), max_size=3),
        "rules": st.lists(RULES, max_size=5),
        "order": st.randoms(use_true_random=False).map(lambda r: r.randrange(10**6)),
        "local_ins": st.lists(LOCAL_INS, max_size=2),
        "local_ins6": st.lists(LOCAL_INS, max_size=1),
        "accounts": st.lists(TRUSTED, max_size=2),
        "helpers": HELPERS,
        "settings": SETTINGS,
        "unit": UNIT_SETTINGS,
        "passwords": PASSWORD_POLICY,
        "allowed": st.tuples(ALLOWED, ALLOWED, ALLOWED),
    }
)
Site = dict[str, Any]


def bare(version: str = "7.4.4", start: str = "factory", **changes: Any) -> Site:
    """A site to which chance adds nothing, for tests that want to know what they have."""
    lists = (
        "addresses",
        "addresses6",
        "groups",
        "services",
        "service_groups",
        "vips",
        "rules",
        "local_ins",
        "local_ins6",
        "accounts",
        "helpers",
    )
    return {
        "version": version,
        "start": start,
        "wan": "plain",
        "voice": "none",
        "six": False,
        "login": "token",
        "order": 0,
        **{name: [] for name in lists},
        "settings": {},
        "unit": {},
        "passwords": {},
        "allowed": None,
        **changes,
    }


def members(names: list[str]) -> list[dict[str, str]]:
    """A reference list."""
    return [{"name": name} for name in dict.fromkeys(names)]


def built(site: Site, *, transactions: bool = True) -> Unit:
    """The unit, reached by a `Wire`; the API user's token is `TOKEN`, the password of `admin` is `PASSWORD`."""
    config = start_config(site["start"], site["version"], MANAGEMENT_IP)
    # Packets that bounce off the WAN interface back to the internet never were in the site.
    config["global"]["system/global"].update(
        {"allow-traffic-redirect": "disable", "ipv6-allow-traffic-redirect": "disable"}
    )
    names = _outside(config, site["wan"])
    _addresses_of_interfaces(config, site)
    role = site.get("ha", "standalone")
    if role != "standalone":
        config["global"]["system/ha"] = {"mode": "a-p"}
    device = FortiGate(config, switches=Switches(transactions=transactions), ha_role=role)
    device.add_api_user(USER, TOKEN, accprofile="super_admin", vdoms=("root",))
    device.set_password("admin", PASSWORD)
    login = {"username": "admin", "password": PASSWORD, "access_token": None} if site["login"] == "password" else {}
    unit = Unit(device, Wire(device, MANAGEMENT_IP), login)  # type: ignore[arg-type]
    _phones(unit, site, names)
    _objects_and_rules(unit, site, names)
    _settings(unit, site)
    for path, row in site.get("more", ()):
        unit.add(path, **copy.deepcopy(row))
    device.save()
    return unit


def _outside(config: dict[str, Any], kind: str) -> dict[str, str]:
    """Put the WAN into a zone or into SD-WAN; what policies call the interfaces."""
    root = config["vdom"]["root"]
    if kind == "plain":
        return {}
    name = "Outside" if kind == "zone" else "virtual-wan-link"
    if kind == "zone":
        root.setdefault("system/zone", []).append(
            {"name": name, "intrazone": "deny", "interface": [{"interface-name": "wan1"}]}
        )
    else:
        root["system/sdwan"] = {
            "status": "enable",
            "zone": [{"name": name}],
            "members": [{"seq-num": 1, "interface": "wan1", "zone": name, "gateway": "198.51.100.1"}],
        }
    paths = ("firewall/policy", "firewall/local-in-policy") if kind == "zone" else ("firewall/policy",)
    for path in paths:
        for row in root.get(path, []):
            for field in ("srcintf", "dstintf", "intf"):
                if row.get(field) == "wan1":
                    row[field] = name
                elif isinstance(row.get(field), list):
                    row[field] = [{"name": name if item["name"] == "wan1" else item["name"]} for item in row[field]]
    return {"wan1": name}


def _addresses_of_interfaces(config: dict[str, Any], site: Site) -> None:
    ports = {row["name"]: row for row in config["global"]["system/interface"]}
    if site["six"]:
        ports["wan1"]["ipv6"] = {"ip6-address": "2001:db8:ffff::2/64", "ip6-allowaccess": "ping https ssh"}
        ports["internal"]["ipv6"] = {"ip6-address": "2001:db8:10::1/64", "ip6-allowaccess": "ping https"}
    if site["allowed"] is not None:
        four, six, second = site["allowed"]
        ports["wan1"]["allowaccess"] = " ".join(four)
        ports["wan2"]["allowaccess"] = " ".join(second)
        if site["six"]:
            ports["wan1"]["ipv6"]["ip6-allowaccess"] = " ".join(six)


def attempt(unit: Unit, path: str, **row: Any) -> bool:
    """Add a row as another administrator would; whether the unit took it."""
    try:
        unit.add(path, **row)
    except Rejection:
        return False
    return True


def _phones(unit: Unit, site: Site, names: dict[str, str]) -> None:
    """A voice VLAN that the site made itself, alone or as a member of a zone."""
    if site["voice"] == "none":
        return
    unit.add(
        "system/interface",
        name="phones",
        vdom="root",
        type="vlan",
        vlanid=40,
        interface="internal",
        ip="10.40.0.1 255.255.255.0",
        allowaccess="ping https",
        role="lan",
    )
    unit.add(
        "system.dhcp/server",
        interface="phones",
        netmask="255.255.255.0",
        default_gateway="10.40.0.1",
        ip_range=[{"id": 1, "start-ip": "10.40.0.100", "end-ip": "10.40.0.199"}],
    )
    if site["voice"] == "zone":
        unit.add("system/zone", name="Voice", interface=[{"interface-name": "phones"}])
        names["phones"] = "Voice"


def _objects_and_rules(unit: Unit, site: Site, names: dict[str, str]) -> None:
    attempt(unit, "voip/profile", name="our own")
    attempt(unit, "firewall.schedule/recurring", name="office hours", day="monday friday", start="08:00", end="18:00")
    addresses = ["all", "none"]
    for name, row in site["addresses"]:
        if attempt(unit, "firewall/address", name=name, **row):
            addresses.append(name)
    for name, numbers in site["groups"]:
        chosen = members([addresses[n % len(addresses)] for n in numbers])
        if attempt(unit, "firewall/addrgrp", name=name, member=chosen):
            addresses.append(name)
    six = ["all", "none"]
    for name, cidr in site["addresses6"]:
        if attempt(unit, "firewall/address6", name=name, ip6=cidr):
            six.append(name)
    services = ["ALL", "SIP", "HTTPS", "DNS", "Web Access"]
    for name, row in site["services"]:
        if attempt(unit, "firewall.service/custom", name=name, **row):
            services.append(name)
    for name, numbers in site["service_groups"]:
        chosen = members([services[n % len(services)] for n in numbers])
        if attempt(unit, "firewall.service/group", name=name, member=chosen):
            services.append(name)
    vips = []
    for name, row in site["vips"]:
        ports = row.get("ports")
        mapped = (
            {"portforward": "enable", "protocol": ports[0], "extport": ports[1], "mappedport": ports[1]}
            if ports
            else {}
        )
        rest = {key: value for key, value in row.items() if key != "ports"}
        if attempt(unit, "firewall/vip", name=name, **rest, **mapped):
            vips.append(name)
    known = _Known(addresses, six, services, vips, names)
    for number, rule in enumerate(site["rules"], 50):
        attempt(unit, "firewall/policy", policyid=number, **known.rule(rule))
    for path, rules, pool in (
        ("firewall/local-in-policy", site["local_ins"], addresses),
        ("firewall/local-in-policy6", site["local_ins6"], six),
    ):
        for number, rule in enumerate(rules, 50):
            attempt(unit, path, policyid=number, **known.local_in(rule, pool, site["version"]))
    _shuffled(unit, site["order"])


class _Known:
    """The objects that there are, to make references of numbers."""

    def __init__(
        self, addresses: list[str], six: list[str], services: list[str], vips: list[str], names: dict[str, str]
    ) -> None:
        self.addresses, self.six, self.services, self.vips, self.names = addresses, six, services, vips, names

    def rule(self, rule: dict[str, Any]) -> dict[str, Any]:
        """A firewall policy; one that names a virtual IP leads to it alone."""
        row = {key: value for key, value in rule.items() if key not in ("vip", "six")}
        for field in ("srcintf", "dstintf"):
            row[field] = members([self.names.get(rule[field], rule[field])])
        row["srcaddr"] = members([self.addresses[n % len(self.addresses)] for n in rule["srcaddr"]])
        row["dstaddr"] = members([self.addresses[n % len(self.addresses)] for n in rule["dstaddr"]])
        row["service"] = members([self.services[n % len(self.services)] for n in rule["service"]])
        if "vip" in rule and self.vips:
            row["dstaddr"] = members([self.vips[rule["vip"] % len(self.vips)]])
        if "six" in rule:
            row["srcaddr6"] = members([self.six[rule["six"][0] % len(self.six)]])
            row["dstaddr6"] = members([self.six[rule["six"][1] % len(self.six)]])
        if "voip-profile" in row:
            row["utm-status"] = "enable"
        return {"schedule": "always", **row}

    def local_in(self, rule: dict[str, Any], pool: list[str], version: str) -> dict[str, Any]:
        """A local-in policy on the first WAN interface."""
        listed = tuple(int(part) for part in version.split(".")) >= (7, 4, 2)
        name = self.names.get("wan1", "wan1")
        name = "wan1" if name == "virtual-wan-link" else name
        return {
            **rule,
            "intf": members([name]) if listed else name,
            "srcaddr": members([pool[n % len(pool)] for n in rule["srcaddr"]]),
            "dstaddr": members(["all"]),
            "service": members([self.services[n % len(self.services)] for n in rule["service"]]),
            "schedule": "always",
        }


def _shuffled(unit: Unit, order: int) -> None:
    """Bring the policies into an order of chance."""
    ids = [row["policyid"] for row in unit.device.config.rows("firewall/policy", "root")]
    for position in range(len(ids) - 1, 0, -1):
        order, other = divmod(order, position + 1)
        if other != position:
            unit.move("firewall/policy", ids[position], before=ids[other])
            ids.insert(other, ids.pop(position))


def _settings(unit: Unit, site: Site) -> None:
    for number, (name, protocol, port) in enumerate(site["helpers"], 50):
        attempt(unit, "system/session-helper", id=number, name=name, protocol=protocol, port=port)
    for number, trusted in enumerate(site["accounts"]):
        hosts = {f"trusthost{i}": host for i, host in trusted["four"].items()}
        hosts.update({f"ip6-trusthost{i}": host for i, host in trusted["six"].items()})
        attempt(unit, "system/admin", name=f"person{number}", accprofile="prof_admin", vdom=members(["root"]), **hosts)
    unit.edit("system/settings", "", **copy.deepcopy(site["settings"]))
    unit.edit("system/password-policy", "", **copy.deepcopy(site["passwords"]))
    unit.edit("system/global", "", **copy.deepcopy(site["unit"]))
