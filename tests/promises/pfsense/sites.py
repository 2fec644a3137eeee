"""pfSense sites made up by chance: what other people may have left on a box before the first run.

A site is plain data (hypothesis shows it when an example fails); `built` makes the box. What a site names and does not
have is left as it is: boxes hold such rules too, and the vendor leaves them out without a word.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.devices.pfsense import Knobs, PfSense, dumped, factory_tree, lived_in_tree
from tests.devices.pfsense.accounts import with_password
from tests.devices.pfsense.configxml import Tree

PASSWORD = "Canary-Passw0rd!"
ADMIN = "admin"
LAN = "10.0.0.1"
CONTROLLER = "10.0.0.10"
WAN, WAN2 = "198.51.100.2", "198.51.100.130"
PHONES = "10.40.0.1"
"""The box's address in the phones' network, 10.40.0.0/24."""

VERSIONS = ("2.7.2", "2.8.0", "2.8.0", "24.11")
ON = st.booleans()
NAMES = st.sampled_from(["Old_phones", "voiph_signal", "Provider", "Printers", "x1", "Block_list", "SIP_old", "Pbx"])
TEXTS = st.one_of(
    st.just(""), st.sampled_from(["VOIP-1", "voiph-old", 'a "quoted" one', "<b> & more", "old PBX", "#1", "100%"]),
    st.text(st.characters(codec="ascii", categories=("L", "N"), include_characters="-_., /&()#%+!="), max_size=20),
).map(str.strip).filter(lambda text: not text.startswith("VOIPH-"))

# Of every relation to the policy: inside, phones, provider, part of it, more than it, strangers.
NETWORKS = (
    "10.0.0.0/8", "10.0.0.0/24", "10.40.0.0/24", "10.40.0.16/28", "203.0.113.0/27", "203.0.113.8/29",
    "203.0.113.0/24", "203.0.113.128/26", "192.0.2.0/24", "2001:db8:5060::/48",
)
HOSTS = ("203.0.113.5", "192.0.2.99", "10.0.0.20", "10.40.0.20", "172.16.5.10", "10.40.0.5")
ENTRIES = st.sampled_from([*NETWORKS, *HOSTS])
PORT_ENTRIES = st.sampled_from(["5060", "5061", "10000:20000", "443", "80", "5060:5090", "30000:30199"])
ALIASES = st.one_of(
    st.fixed_dictionaries({
        "name": NAMES, "type": st.just("network"), "address": st.lists(ENTRIES, max_size=3).map(" ".join),
    }),
    st.fixed_dictionaries({"name": NAMES, "type": st.just("host"), "address": st.lists(
        st.sampled_from([*HOSTS, "sip.example.net", "Servers", "Provider"]), max_size=3, unique=True
    ).map(" ".join)}),
    st.fixed_dictionaries(
        {"name": NAMES, "type": st.just("port"), "address": st.lists(PORT_ENTRIES, max_size=3).map(" ".join)}
    ),
    st.fixed_dictionaries({"name": NAMES, "type": st.just("urltable"), "address": st.just(""),
                           "url": st.just("https://lists.example.net/bad"), "updatefreq": st.just("7")}),
)

INTERFACES = st.sampled_from(["wan", "wan", "lan", "lan", "opt1", "opt2", "opt5", "opt7", "INSIDE", "openvpn", "opt40"])
PLACES = st.one_of(
    st.just({"any": ""}), st.just({"any": ""}),
    st.sampled_from(["lan", "wan", "opt1", "wanip", "(self)", "opt5", "opt40", "lanip"]).map(
        lambda name: {"network": name}
    ),
    st.sampled_from([*NETWORKS[:-1], *HOSTS]).map(lambda text: {"address": text}),
    NAMES.map(lambda name: {"address": name}), st.sampled_from(["Servers", "Trusted", "Gone"]).map(
        lambda name: {"address": name}
    ),
)
SIDES = st.tuples(PLACES, st.sampled_from([False, False, False, True])).map(
    lambda pair: {**pair[0], "not": ""} if pair[1] and "any" not in pair[0] else pair[0]
)
PORTS = st.sampled_from(
    ["", "", "", "5060", "5061", "5060-5090", "10000-20000", "443", "8443", "22", "53", "SIP_old", "WebPorts", "Gone"]
)
PROTOCOLS = st.sampled_from([None, None, "udp", "udp", "tcp", "tcp/udp", "icmp", "esp"])
RULES = st.fixed_dictionaries(
    {
        "interface": INTERFACES, "type": st.sampled_from(["pass", "pass", "pass", "block", "reject"]),
        "ipprotocol": st.sampled_from(["inet", "inet", "inet46", "inet6"]), "protocol": PROTOCOLS,
        "source": SIDES, "destination": SIDES, "port": PORTS, "descr": TEXTS,
        "tracker": st.integers(1_700_000_000, 1_700_000_004),
    },
    optional={
        "disabled": st.just(""), "log": st.just(""), "sched": st.just("office"), "gateway": st.just("WANGW"),
        "statetype": st.sampled_from(["sloppy state", "none"]), "tcpflags_any": st.just(""),
        "unheard_of": st.just("kept"), "tagged": st.just("marked"),
    },
)
FLOATING = st.tuples(
    RULES,
    st.fixed_dictionaries({
        "floating": st.just("yes"), "direction": st.sampled_from(["in", "out", "any"]),
        "interface": st.sampled_from(["any", "wan", "lan,opt1", "wan,opt7", "opt5", "INSIDE", "opt40"]),
        "type": st.sampled_from(["pass", "pass", "block", "match", "reject"]),
    }, optional={"quick": st.just("yes"), "vlanprioset": st.just("vo")}),
).map(lambda pair: {**pair[0], **pair[1]})
FORWARDS = st.fixed_dictionaries(
    {
        "interface": st.sampled_from(["wan", "wan", "wan", "opt7", "lan"]), "protocol": st.sampled_from(["udp", "tcp"]),
        "source": st.sampled_from([{"any": ""}, {"any": ""}, {"address": "203.0.113.0/24"}, {"address": "Provider"}]),
        "destination": st.sampled_from([{"network": "wanip"}, {"network": "wanip"}, {"any": ""}, {"address": WAN2}]),
        "ports": st.sampled_from([
            ("5060", "5060"), ("5061", "5061"), ("443", "8443"), ("5060-5070", "6060"), ("6000", "5060"),
            ("10000-20000", "10000"), ("SIP_old", "5060"), ("WebPorts", "WebPorts"),
        ]),
        "target": st.sampled_from(["10.0.0.20", "10.40.0.20", "10.40.0.5", "172.16.5.10", "Servers", "Gone"]),
        "linked": st.sampled_from(["rule", "rule", "pass", ""]), "descr": TEXTS,
    },
    optional={"disabled": st.just(""), "nordr": st.just(""), "natreflection": st.sampled_from(["disable", "purenat"])},
)
ONE_TO_ONE = st.fixed_dictionaries(
    {
        "external": st.sampled_from(["198.51.100.20", "198.51.100.21"]),
        "source": st.sampled_from([{"address": "10.0.0.20"}, {"address": "10.40.0.20"}]),
        "descr": TEXTS,
    },
    optional={"disabled": st.just("")},
)
OUTBOUND = st.fixed_dictionaries(
    {
        "network": st.sampled_from(["10.0.0.0/24", "10.40.0.0/24", "any", "Old_phones", "Gone"]),
        "to": st.sampled_from(["any", "203.0.113.0/24", "Provider"]), "descr": TEXTS,
    },
    optional={"staticnatport": st.just(""), "nonat": st.just(""), "disabled": st.just("")},
)
VLANS = st.fixed_dictionaries({
    "if": st.sampled_from(["em1", "em1", "em2"]), "tag": st.sampled_from(["20", "40", "40", "50"]),
    "name": st.sampled_from(["opt5", "opt40", ""]), "enable": ON,
    "network": st.sampled_from(["10.50.0.1/24"] * 5 + ["10.40.0.1/24"] * 5 + ["10.40.0.1/16", "192.168.44.1/24"]),
    "dhcp": ON,
})
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "system/optimization": st.sampled_from(["normal", "conservative", "aggressive", "high-latency"]),
        "system/udpfirsttimeout": st.sampled_from(["30", "300"]),
        "system/udpsingletimeout": st.sampled_from(["30", "200", "240"]),
        "system/udpmultipletimeout": st.sampled_from(["20", "900"]),
        "system/webgui/protocol": st.just("http"), "system/webgui/port": st.sampled_from(["8443", "444"]),
        "system/webgui/disablehttpredirect": st.just(""), "system/webgui/noantilockout": st.just(""),
        "system/webgui/session_timeout": st.sampled_from(["0", "5", "30"]),
        "system/ssh/port": st.just("2222"), "system/ssh/sshdkeyonly": st.just("both"),
        "system/sshguard_threshold": st.sampled_from(["10", "50"]),
        "system/sshguard_blocktime": st.sampled_from(["60", "7200"]),
        "system/ipv6allow": st.none(), "system/disablenatreflection": st.none(),
        "filter/bypassstaticroutes": st.just(""), "interfaces/wan/blockpriv": st.just(""),
        "hasync/synchronizetoip": st.just("10.0.0.2"),
        "installedpackages/miniupnpd": st.just(
            {"config": [{"enable": "on", "ext_iface": "wan", "iface_array": "lan"}]}
        ),
    },
)
SITES = st.fixed_dictionaries(
    {
        "version": st.sampled_from(VERSIONS), "start": st.sampled_from(["factory", "lived-in", "lived-in"]),
        "backend": st.sampled_from(["isc", "kea"]),
        "outbound": st.sampled_from(["automatic", "automatic", "hybrid", "advanced", "disabled"]),
        "siproxd": st.sampled_from(["on", "off", "absent"]),
        "aliases": st.lists(ALIASES, max_size=4, unique_by=lambda one: one["name"]),
        "rules": st.lists(st.one_of(RULES, RULES, FLOATING), max_size=7),
        "forwards": st.lists(FORWARDS, max_size=3),
        "one_to_one": st.lists(ONE_TO_ONE, max_size=1),
        "outbound_rules": st.lists(OUTBOUND, max_size=2),
        "vlans": st.lists(VLANS, max_size=2, unique_by=(
            lambda one: (one["if"], one["tag"]), lambda one: one["name"], lambda one: one["network"].split("/")[0],
        )),
        "wan2": st.sampled_from([False, False, True]),
        "group": ON, "vip": ON, "separators": ON, "unapplied": st.sampled_from([False] * 5 + [True]),
        "settings": SETTINGS,
    }
)
Site = dict[str, Any]


def bare(start: str = "factory", version: str = "2.8.0", **changes: Any) -> Site:
    """A site to which chance adds nothing, for tests that want to know what they have."""
    lists = ("aliases", "rules", "forwards", "one_to_one", "outbound_rules", "vlans")
    return {
        "version": version, "start": start, "backend": "isc", "outbound": "automatic", "siproxd": "on",
        **{name: [] for name in lists}, "wan2": False, "group": False, "vip": False, "separators": False,
        "unapplied": False, "settings": {}, **changes,
    }


def tree_of(site: Site) -> Tree:
    """The configuration of a site."""
    version, factory = site["version"], site["start"] == "factory"
    if factory:
        tree = factory_tree(version)
        tree["interfaces"]["lan"].update(ipaddr=LAN)
        tree["dhcpd"]["lan"]["range"] = {"from": "10.0.0.100", "to": "10.0.0.199"}
        tree["nat"]["outbound"]["mode"] = site["outbound"]
    else:
        tree = lived_in_tree(
            version, backend=site["backend"], outbound=site["outbound"], siproxd=site["siproxd"]
        )
        tree["interfaces"]["wan"]["subnet"] = "25"
        tree["interfaces"]["wan"].pop("blockpriv")
    with_password(tree, ADMIN, PASSWORD)
    _Builder(tree, site).build()
    return tree


def built(site: Site) -> PfSense:
    """The box, started some time ago."""
    box = Remembering(dumped(tree_of(site)), version=site["version"], knobs=Knobs())
    box.leases = {"em0": (WAN, 25)}
    box.boot()
    box.advance(3600)
    if site["unapplied"]:
        box.gui_write({"filter/rule/0/descr": "renamed and not applied"}, dirty=("filter",))
    return box


class Remembering(PfSense):
    """A box that remembers the configuration that the rules in force were made of."""

    in_force: Tree

    def reload_filter(self, config: Tree | None = None) -> None:
        super().reload_filter(config)
        if self.status == "Done" or not self.kernel.enabled:
            self.in_force = config if config is not None else self.parse(cached=True)


class _Builder:
    """Makes a site's additions to a configuration."""

    def __init__(self, tree: Tree, site: Site) -> None:
        self.tree, self.site = tree, site

    def build(self) -> None:
        self._interfaces()
        self._aliases()
        self._nat()
        self._rules()
        if self.site["separators"]:
            floating = sum("floating" in row for row in self.tree["filter"]["rule"])
            forwards = len(self.tree["nat"].get("rule") or [])
            self.tree["filter"]["separator"] = {
                **(self.tree["filter"].get("separator") or {}),
                "floatingrules": {f"sep{number}": {
                    "row": f"fr{min(place, floating)}", "text": "above", "color": "bg-info", "if": "floatingrules",
                } for number, place in enumerate((0, 2))},
            }
            self.tree["nat"]["separator"] = {
                "sep0": {"row": f"fr{min(1, forwards)}", "text": "web", "color": "bg-info"}
            }
        for path, value in self.site["settings"].items():
            self._set(path, value)

    def _set(self, path: str, value: Any) -> None:
        *above, last = path.split("/")
        holder = self.tree
        for name in above:
            if not isinstance(holder.get(name), dict):
                holder[name] = {}
            holder = holder[name]
        if value is None:
            holder.pop(last, None)
        else:
            holder[last] = value

    def _interfaces(self) -> None:
        interfaces, vlans = self.tree["interfaces"], []
        if self.site["wan2"]:
            vlans.append({"if": "em0", "tag": "900", "pcp": "", "descr": "line 2", "vlanif": "em0.900"})
            interfaces["opt7"] = {"descr": "WAN2", "if": "em0.900", "enable": "", "ipaddr": WAN2, "subnet": "25",
                                  "gateway": "WAN2GW", "spoofmac": ""}
            gateways = self.tree["gateways"] or {}
            self.tree["gateways"] = {**gateways, "gateway_item": [
                *gateways.get("gateway_item", []),
                {"interface": "opt7", "gateway": "198.51.100.129", "name": "WAN2GW", "weight": "1",
                 "ipprotocol": "inet", "descr": ""},
            ]}
        for one in self.site["vlans"]:
            device = f"{one['if']}.{one['tag']}"
            vlans.append({"if": one["if"], "tag": one["tag"], "pcp": "", "descr": "old", "vlanif": device})
            if one["name"]:
                address, _slash, bits = one["network"].partition("/")
                interfaces[one["name"]] = {
                    "descr": one["name"].upper().replace("OPT", "NET"), "if": device,
                    **({"enable": ""} if one["enable"] else {}), "ipaddr": address, "subnet": bits, "spoofmac": "",
                }
                if one["dhcp"]:
                    base = address.rsplit(".", 1)[0]
                    self.tree["dhcpd"][one["name"]] = {
                        "enable": "", "range": {"from": f"{base}.50", "to": f"{base}.99"}
                    }
        if vlans:
            present = self.tree["vlans"]["vlan"] if self.tree["vlans"] else []
            self.tree["vlans"] = {"vlan": [*present, *vlans]}
        if self.site["group"]:
            self.tree["ifgroups"] = {"ifgroupentry": [{"members": "lan opt1 opt5", "descr": "", "ifname": "INSIDE"}]}
        if self.site["vip"]:
            self.tree["virtualip"] = {"vip": [{
                "mode": "ipalias", "interface": "wan", "uniqid": "64c0000000001", "descr": "", "type": "single",
                "subnet_bits": "32", "subnet": "198.51.100.20",
            }]}

    def _aliases(self) -> None:
        # The web interface takes no alias of ports into one of addresses: pf would not load such a table.
        ports = {one["name"] for one in self.site["aliases"] if one["type"] == "port"}
        made = [{**one, "descr": "", "detail": ""} for one in self.site["aliases"]]
        for one in made:
            if one["type"] != "port":
                one["address"] = " ".join(entry for entry in one["address"].split() if entry not in ports)
        present = self.tree["aliases"]["alias"] if self.tree["aliases"] else []
        if present or made:
            self.tree["aliases"] = {"alias": [*present, *made]}

    def _nat(self) -> None:
        nat = self.tree["nat"]
        rules = list(nat.get("rule") or [])
        for number, one in enumerate(self.site["forwards"]):
            outside, inside = one["ports"]
            linked = {"rule": f"nat_{number:014x}.00000001"}.get(one["linked"], one["linked"])
            rules.append({
                "source": one["source"], "destination": {**one["destination"], "port": outside}, "ipprotocol": "inet",
                "protocol": one["protocol"], "target": one["target"], "local-port": inside,
                "interface": one["interface"], "descr": one["descr"], "associated-rule-id": linked,
                **{name: one[name] for name in ("disabled", "nordr", "natreflection") if name in one},
            })
        if rules:
            nat["rule"] = rules
        if self.site["one_to_one"]:
            nat["onetoone"] = [
                {**one, "interface": "wan", "ipprotocol": "inet", "destination": {"any": ""}}
                for one in self.site["one_to_one"]
            ]
        made = [
            {
                "source": {"network": one["network"]}, "sourceport": "", "descr": one["descr"], "target": "",
                "target_subnet": "", "interface": "wan", "poolopts": "", "source_hash_key": "",
                "destination": {"any": ""} if one["to"] == "any" else {"network": one["to"]},
                **{name: one[name] for name in ("staticnatport", "nonat", "disabled") if name in one},
            }
            for one in self.site["outbound_rules"]
        ]
        if made:
            nat["outbound"]["rule"] = [*(nat["outbound"].get("rule") or []), *made]

    def _rules(self) -> None:
        rules = self.tree["filter"]["rule"]
        for one in self.site["rules"]:
            row = {name: value for name, value in one.items() if name not in ("port", "protocol")}
            row |= {"id": "", "tracker": str(one["tracker"]), "source": dict(one["source"]),
                    "destination": dict(one["destination"])}
            if one["protocol"]:
                row["protocol"] = one["protocol"]
            if one["port"] and one["protocol"] in ("tcp", "udp", "tcp/udp"):
                row["destination"]["port"] = one["port"]
            rules.append(row)
        for forward in self.tree["nat"].get("rule") or []:
            linked = forward["associated-rule-id"]
            if linked.startswith("nat_") and not any(rule.get("associated-rule-id") == linked for rule in rules):
                rules.append({
                    "source": dict(forward["source"]), "interface": forward["interface"], "type": "pass",
                    "protocol": forward["protocol"], "ipprotocol": "inet", "associated-rule-id": linked,
                    "destination": {"address": forward["target"], "port": forward["local-port"]},
                    "descr": f"NAT {forward['descr']}", "tracker": str(1_710_000_000 + len(rules)),
                    **({"disabled": ""} if "disabled" in forward else {}),
                })
        # As the web interface keeps them: floating ones first, then by interface.
        order = ["wan", "lan", *(f"opt{number}" for number in range(1, 100))]
        rules.sort(key=lambda row: (
            "floating" not in row, order.index(row["interface"]) if row["interface"] in order else len(order)
        ) if "floating" not in row else (False, 0))
