"""Configurations of sites as public ones are shaped: much of everything that a pfSense can hold beside ours."""

from __future__ import annotations

import copy
from typing import Any

from tests.devices.pfsense import factory_tree, lived_in_tree

Tree = dict[str, Any]
ANY = {"any": ""}


def rule(tracker: str, interface: str, descr: str, source: Tree, destination: Tree, **more: Any) -> Tree:
    """A rule of a site's, with the few elements that it cannot lack; "" as `tracker` leaves that away."""
    numbered = {"tracker": tracker} if tracker else {}
    ends = {"source": source, "destination": destination, "descr": descr}
    return {**numbered, "type": "pass", "interface": interface, "ipprotocol": "inet", **more, **copy.deepcopy(ends)}


def pair_tree(version: str = "2.8.0") -> Tree:
    """The primary of a pair behind PPPoE, which copies its settings to the other one."""
    tree = factory_tree(version)
    tree["interfaces"]["wan"] |= {"if": "pppoe0", "ipaddr": "pppoe", "ipaddrv6": ""}
    line = {"ptpid": "0", "type": "pppoe", "if": "pppoe0", "ports": "em0", "username": "line", "password": "bGluZQ=="}
    tree["ppps"] = {"ppp": [{**line, "provider": "", "bandwidth": "", "mtu": "", "mru": "", "mrru": ""}]}
    tree["hasync"] = {"synchronizetoip": "192.168.1.3", "username": "admin", "password": "a pair's", "adminsync": "on"}
    return tree


def two_lines_tree(version: str = "2.8.0") -> Tree:
    """Two WANs with a group of gateways, hybrid NAT with a rule of its own, `conservative` already, a queue for voice,
    sections among the floating rules, a schedule, a limiter, virtual addresses, an alias of a file, old elements.
    """
    tree = lived_in_tree(version, outbound="hybrid", siproxd="absent")
    tree["system"]["optimization"] = "conservative"
    tree["system"]["firmware"] = {"branch": "stable", "alturl": ""}
    tree["interfaces"] |= {
        "opt2": {**tree["interfaces"]["opt2"], "descr": "Cams", "enable": "", "mtu": "1500", "odd_element": "kept"},
        "opt5": {"descr": "BACKUPLINE", "if": "em1.50", "enable": "", "ipaddr": "192.0.2.130", "subnet": "28",
                 "gateway": "BACKUPGW", "blockpriv": "", "spoofmac": ""},
        "opt9": {"descr": "LAB", "if": "em2.90", "ipaddr": "", "spoofmac": ""},
    }  # fmt: skip
    tree["vlans"]["vlan"] += [
        {"if": "em1", "tag": "50", "pcp": "", "descr": "line of the other provider", "vlanif": "em1.50"},
        {"if": "em2", "tag": "90", "pcp": "3", "descr": "", "vlanif": "em2.90"},
    ]
    gateways = tree["gateways"]
    gateways["gateway_item"].append(
        {"interface": "opt5", "gateway": "192.0.2.129", "name": "BACKUPGW", "weight": "1", "ipprotocol": "inet",
         "monitor_disable": "", "descr": ""}
    )  # fmt: skip
    gateways["gateway_group"] = [
        {
            "name": "Either",
            "item": ["WANGW|1|address", "BACKUPGW|2|address"],
            "trigger": "down",
            "descr": "either",
        }
    ]
    tree["aliases"]["alias"] += [
        {"name": "Cameras", "type": "host", "address": "10.30.0.21 10.30.0.22", "descr": "", "detail": "door||yard"},
        {"name": "Blocklist", "type": "urltable", "url": "https://lists.example.com/drop.txt", "updatefreq": "1",
         "address": "https://lists.example.com/drop.txt", "descr": "not fetched yet", "detail": "drop"},
        {"name": "AllPorts", "type": "port", "address": "WebPorts 5000", "descr": "nested", "detail": "||"},
    ]  # fmt: skip
    tree["schedules"] = {
        "schedule": [
            {"name": "Hours", "descr": "office", "schedlabel": "65a0b1c2d3e4f",
             "timerange": [{"position": "1,2,3,4,5,6,7", "hour": "0:00-23:59", "rangedescr": "always"}]}
        ],
    }  # fmt: skip
    tree["dnshaper"] = {
        "queue": [
            {"name": "Guests", "number": "1", "bandwidth": {"item": [
                {"bw": "10", "burst": "", "bwscale": "Mb", "bwsched": "none"}]}, "enabled": "on", "mask": "none",
             "sched": "fifo", "aqm": "droptail", "delay": "0", "plr": "0", "buckets": "", "qlimit": ""},
            *(
                {"name": f"Line{way}", "number": str(number), "bandwidth": {"item": [
                    {"bw": "40", "burst": "", "bwscale": "Mb", "bwsched": "none"}]}, "enabled": "on", "mask": "none",
                 "sched": "wf2q+", "aqm": "droptail", "delay": "0", "plr": "0", "buckets": "", "qlimit": "",
                 "queue": [{"name": f"Voice{way}", "number": str(number), "weight": "90", "mask": "none",
                            "enabled": "on", "aqm": "droptail"}]}
                for number, way in ((2, "Up"), (3, "Down"))
            ),
        ],
    }  # fmt: skip
    tree["shaper"] = {
        "queue": [
            {"interface": "wan", "name": "wan", "scheduler": "PRIQ", "bandwidth": "50", "bandwidthtype": "Mb",
             "enabled": "on", "queue": [
                 {"name": "qVoIP", "interface": "wan", "priority": "7", "enabled": "on", "ecn": "yes"},
                 {"name": "qDefault", "interface": "wan", "priority": "3", "enabled": "on", "default": "default"}]}
        ],
    }  # fmt: skip
    tree["virtualip"] = {
        "vip": [
            {"mode": "ipalias", "interface": "wan", "uniqid": "65a0b1c2d3e50", "descr": "second address",
             "type": "single", "subnet_bits": "32", "subnet": "198.51.100.3"}
        ],
    }  # fmt: skip
    tree["staticroutes"] = {"route": [{"network": "172.20.0.0/16", "gateway": "WANGW", "descr": "head office"}]}
    tree["hasync"] = {"pfsyncenabled": "", "pfsyncinterface": "lan"}
    tree["filter"]["rule"] += [
        rule("1690000060", "wan,opt5", "out by either line", ANY, ANY, floating="yes", direction="out", type="match",
             protocol="tcp", defaultqueue="qDefault"),
        rule("1690000061", "any", "drop what is listed", {"address": "Blocklist"}, ANY, floating="yes", quick="yes",
             direction="any", type="block"),
        rule("1690000062", "opt2", "cameras to their recorder", {"address": "Cameras"},
             {"address": "172.16.5.11", "port": "AllPorts"}, protocol="tcp/udp", sched="Hours", dnpipe="Guests"),
        rule("1690000063", "lan", "by either line", {"network": "lan"}, {"address": "192.0.2.224/27"},
             gateway="Either", ipprotocol="inet"),
        rule("", "opt2", "from before rules were numbered", {"network": "opt2"}, {"network": "opt2ip", "port": "53"},
             protocol="udp", foreign={"element": "kept", "item": [{"x": "1"}]}),
        rule("1690000065", "opt5", "rest of the line", ANY, {"network": "(self)"}, type="block", log=""),
        rule("1690000066", "opt2", "a range", {"network": "opt2"}, {"any": "", "port": "30000-30010"}, protocol="udp",
             statetype="sloppy state", statetimeout="900"),
    ]  # fmt: skip
    tree["filter"]["separator"]["floatingrules"] = {
        "sep0": {"row": "fr0", "text": "guessers", "color": "bg-info", "if": "floatingrules"},
        "sep1": {"row": "fr3", "text": "lists", "color": "bg-warning", "if": "floatingrules"},
    }
    tree["nat"]["outbound"]["rule"].insert(
        0,
        {"source": {"network": "10.30.0.0/24"}, "sourceport": "", "descr": "cameras not at all", "target": "",
         "interface": "wan", "poolopts": "", "nonat": "", "destination": {"network": "172.20.0.0/16"}},
    )  # fmt: skip
    tree["nat"]["onetoone"] = [
        {"external": "198.51.100.3", "source": {"address": "172.16.5.11"}, "destination": {"any": ""},
         "interface": "wan", "ipprotocol": "inet", "descr": "web server alone", "disabled": ""}
    ]  # fmt: skip
    tree["odd_package"] = {"config": [{"rowhelper": "text", "enabled": "on"}], "nested": {"item": [{"y": "2"}]}}
    return tree
