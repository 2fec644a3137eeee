"""Starting configurations: as a unit leaves the factory, and as one looks that has served a site for some years.

The first follows the default configuration of RELENG_2_7_2 after the set-up wizard.
"""

from __future__ import annotations

import base64
from typing import Any

from .accounts import FACTORY_HASH
from .configxml import Tree, dumped
from .versions import release

REVISION = "1749000000"
GUI_USER = "admin@192.168.1.100 (Local Database)"


def factory_tree(version: str = "2.8.0", *, name: str = "pfSense") -> Tree:
    """A unit from its box: wan by DHCP, lan 192.168.1.1/24, everything out of lan allowed, password `pfsense`."""
    return {
        "version": release(version).level,
        "lastchange": "",
        "system": {
            "optimization": "normal",
            "hostname": name,
            "domain": "home.arpa",
            "dnsserver": ["192.0.2.53"],
            "dnsallowoverride": "",
            "group": [
                {"name": "all", "description": "All Users", "scope": "system", "gid": "1998"},
                {
                    "name": "admins",
                    "description": "System Administrators",
                    "scope": "system",
                    "gid": "1999",
                    "member": ["0"],
                    "priv": ["page-all"],
                },
            ],
            "user": [
                {
                    "name": "admin",
                    "descr": "System Administrator",
                    "scope": "system",
                    "groupname": "admins",
                    "bcrypt-hash": FACTORY_HASH,
                    "uid": "0",
                    "priv": ["user-shell-access"],
                },
            ],
            "nextuid": "2000",
            "nextgid": "2000",
            "timeservers": "2.pfsense.pool.ntp.org",
            "webgui": {
                "protocol": "https",
                "loginautocomplete": "",
                "port": "",
                "max_procs": "2",
                "ssl-certref": "6650d1f2a7b3c",
                "dashboardcolumns": "2",
            },
            "disablenatreflection": "yes",
            "disablesegmentationoffloading": "",
            "disablelargereceiveoffloading": "",
            "ipv6allow": "",
            "maximumtableentries": "400000",
            "powerd_ac_mode": "hadp",
            "bogons": {"interval": "monthly"},
            "timezone": "Etc/UTC",
            "ssh": {"enable": "enabled"},
        },
        "interfaces": {
            "wan": {
                "enable": "",
                "if": "em0",
                "descr": "WAN",
                "spoofmac": "",
                "ipaddr": "dhcp",
                "dhcphostname": "",
                "blockbogons": "",
                "blockpriv": "",
                "ipaddrv6": "dhcp6",
                "dhcp6-duid": "",
                "dhcp6-ia-pd-len": "0",
            },
            "lan": {
                "enable": "",
                "if": "em1",
                "descr": "LAN",
                "ipaddr": "192.168.1.1",
                "subnet": "24",
                "ipaddrv6": "track6",
                "track6-interface": "wan",
                "track6-prefix-id": "0",
            },
        },
        "staticroutes": "",
        "dhcpd": {"lan": {"enable": "", "range": {"from": "192.168.1.100", "to": "192.168.1.199"}}},
        "snmpd": {"syslocation": "", "syscontact": "", "rocommunity": "public"},
        "diag": {"ipv6nat": {"ipaddr": ""}},
        "syslog": {"filterdescriptions": "1"},
        "nat": {"outbound": {"mode": "automatic"}},
        "filter": {
            "rule": [
                {
                    "type": "pass",
                    "ipprotocol": "inet",
                    "descr": "Default allow LAN to any rule",
                    "interface": "lan",
                    "tracker": "0100000101",
                    "source": {"network": "lan"},
                    "destination": {"any": ""},
                },
                {
                    "type": "pass",
                    "ipprotocol": "inet6",
                    "descr": "Default allow LAN IPv6 to any rule",
                    "interface": "lan",
                    "tracker": "0100000102",
                    "source": {"network": "lan"},
                    "destination": {"any": ""},
                },
            ],
        },
        "ipsec": "",
        "aliases": "",
        "proxyarp": "",
        "cron": {
            "item": [
                {
                    "minute": "1,31",
                    "hour": "0-5",
                    "mday": "*",
                    "month": "*",
                    "wday": "*",
                    "who": "root",
                    "command": "/usr/bin/nice -n20 adjkerntz -a",
                },
            ],
        },
        "wol": "",
        "rrd": {"enable": ""},
        "widgets": {"sequence": "system_information:col1:show", "period": "10"},
        "openvpn": "",
        "dnshaper": "",
        "unbound": {
            "enable": "",
            "dnssec": "",
            "port": "",
            "hideidentity": "",
            "hideversion": "",
            "dnssecstripped": "",
        },
        "vlans": "",
        "qinqs": "",
        "ppps": "",
        "gateways": "",
        "revision": {
            "time": REVISION,
            "description": f"{GUI_USER}: /wizard.php made changes",
            "username": GUI_USER,
        },
        "cert": [
            {
                "refid": "6650d1f2a7b3c",
                "descr": "GUI default (6650d1f2a7b3c)",
                "type": "server",
                "crt": _blob("certificate"),
                "prv": _blob("private key"),
            },
        ],
    }


def _blob(text: str) -> str:
    return base64.b64encode(f"this stands in for a {text}".encode()).decode()


def _rule(number: int, interface: str, descr: str, source: Any, destination: Any, **more: Any) -> Tree:
    """A rule in the order of elements that the GUI writes."""
    return {
        "id": "",
        "tracker": str(number),
        "type": "pass",
        "interface": interface,
        "ipprotocol": "inet",
        "tag": "",
        "tagged": "",
        "max": "",
        "max-src-nodes": "",
        "max-src-conn": "",
        "max-src-states": "",
        "statetimeout": "",
        "statetype": "keep state",
        "os": "",
        **more,
        "source": source,
        "destination": destination,
        "descr": descr,
        "updated": {"time": "1748000000", "username": GUI_USER},
        "created": {"time": "1690000000", "username": GUI_USER},
    }


ANY = {"any": ""}


def lived_in_tree(
    version: str = "2.8.0",
    *,
    name: str = "branch-gw",
    backend: str = "isc",
    outbound: str = "automatic",
    siproxd: str = "on",
) -> Tree:
    """A site's unit: three networks, aliases, port forwards (SIP from anywhere among them), floating rules, a group of
    interfaces, rows between rules, disabled and doubled rules, OpenVPN, packages, and elements that nobody here knows.

    `backend`: isc or kea. `outbound`: automatic, hybrid, advanced or disabled. `siproxd`: on, off or absent.
    """
    tree = factory_tree(version, name=name)
    system = tree["system"]
    system |= {
        "domain": "branch.example.net",
        "backupcount": "",
        "aliasesresolveinterval": "300",
        "dnsserver": ["192.0.2.53", "192.0.2.54"],
        "webgui": {**system["webgui"], "port": "8443", "session_timeout": "240", "disablehttpredirect": ""},
        "ssh": {"enable": "enabled", "port": ""},
        "acb": {"enable": "no", "hint": 'a "quoted" hint & more'},
    }
    system["user"].append(
        {
            "scope": "user",
            "bcrypt-hash": "",
            "descr": "Robert O'Neil <ops>",
            "name": "ops",
            "expires": "",
            "dashboardcolumns": "2",
            "authorizedkeys": "",
            "ipsecpsk": "",
            "webguicss": "pfSense.css",
            "uid": "2000",
            "priv": ["user-shell-access", "page-all"],
            "disabled": "",
        }
    )
    system["nextuid"] = "2001"
    tree["interfaces"] = {
        "wan": {
            "enable": "",
            "if": "em0",
            "descr": "WAN",
            "spoofmac": "",
            "ipaddr": "198.51.100.2",
            "subnet": "24",
            "gateway": "WANGW",
            "blockbogons": "",
            "blockpriv": "",
        },
        "lan": {
            "enable": "",
            "if": "em1",
            "descr": "LAN",
            "ipaddr": "10.0.0.1",
            "subnet": "24",
            "ipaddrv6": "2001:db8:0:1::1",
            "subnetv6": "64",
        },
        "opt1": {"descr": "DMZ", "if": "em2", "enable": "", "ipaddr": "172.16.5.1", "subnet": "24", "spoofmac": ""},
        "opt2": {"descr": "Guests", "if": "em1.30", "ipaddr": "10.30.0.1", "subnet": "24", "spoofmac": ""},
    }
    tree["vlans"] = {"vlan": [{"if": "em1", "tag": "30", "pcp": "", "descr": "guests", "vlanif": "em1.30"}]}
    tree["gateways"] = {
        "gateway_item": [
            {
                "interface": "wan",
                "gateway": "198.51.100.1",
                "name": "WANGW",
                "weight": "1",
                "ipprotocol": "inet",
                "descr": "Interface wan Gateway",
                "defaultgw": "",
            },
        ],
        "defaultgw4": "WANGW",
    }
    tree["ifgroups"] = {"ifgroupentry": [{"members": "lan opt1", "descr": "inside", "ifname": "INSIDE"}]}
    tree["aliases"] = {
        "alias": [
            {
                "name": "Servers",
                "type": "host",
                "address": "172.16.5.10 172.16.5.11",
                "descr": "in the DMZ",
                "detail": "web||Entry added Mon, 01 Jan 2024 10:00:00 +0000",
            },
            {
                "name": "Offices",
                "type": "network",
                "address": "192.0.2.0/28 192.0.2.64/27",
                "descr": "",
                "detail": "one||two",
            },
            {"name": "WebPorts", "type": "port", "address": "80 443 8000:8010", "descr": "web", "detail": "||||"},
            {
                "name": "Trusted",
                "type": "host",
                "address": "Servers vpn.example.net",
                "descr": "nested & named",
                "detail": "||",
            },
            {"name": "Empty_ports", "type": "port", "address": "", "descr": "no longer used", "detail": ""},
        ],
    }
    tree["filter"] = {
        "rule": [
            _rule(
                1690000001,
                "wan,opt1",
                "block guessers everywhere",
                {"address": "Offices", "not": ""},
                {"any": "", "port": "22"},
                type="block",
                direction="in",
                floating="yes",
                quick="yes",
                protocol="tcp",
                log="",
            ),
            _rule(
                1690000002,
                "any",
                "queue the rest",
                ANY,
                ANY,
                type="match",
                direction="out",
                floating="yes",
                protocol="udp",
            ),
            _rule(1690000003, "INSIDE", "ping inside", ANY, {"network": "(self)"}, protocol="icmp", icmptype="echoreq"),
            _rule(
                1690000010,
                "wan",
                "NAT web server",
                ANY,
                {"address": "172.16.5.10", "port": "WebPorts"},
                protocol="tcp",
                **{"associated-rule-id": "nat_64be1c0c5a0f11.11111111"},
            ),
            _rule(
                1690000011,
                "wan",
                "NAT old PBX",
                ANY,
                {"address": "10.0.0.20", "port": "5060"},
                protocol="udp",
                **{"associated-rule-id": "nat_64be1c0c5a0f22.22222222"},
            ),
            _rule(
                1690000012,
                "wan",
                'remote GUI, "temporary"',
                {"address": "Offices"},
                {"network": "wanip", "port": "8443"},
                protocol="tcp",
            ),
            _rule(1690000012, "wan", "OpenVPN", ANY, {"network": "wanip", "port": "1194"}, protocol="udp"),
            _rule(
                1690000013,
                "wan",
                "old VPN",
                ANY,
                {"network": "wanip", "port": "500"},
                protocol="udp",
                disabled="",
            ),
            _rule(1690000014, "wan", "NAT left over", ANY, {"address": "Long_gone", "port": "25"}, protocol="tcp"),
            _rule(
                1690000020,
                "lan",
                "no mail out",
                {"network": "lan"},
                {"any": "", "port": "25"},
                type="reject",
                protocol="tcp",
            ),
            _rule(1690000021, "lan", "Default allow LAN to any rule", {"network": "lan"}, ANY),
            _rule(1690000022, "lan", "Default allow LAN IPv6 to any rule", {"network": "lan"}, ANY, ipprotocol="inet6"),
            _rule(1690000030, "opt1", "DMZ out", {"network": "opt1"}, {"network": "lan", "not": ""}),
            _rule(
                1690000031, "opt1", "DMZ ports", {"network": "opt1"}, {"any": "", "port": "Empty_ports"}, protocol="tcp"
            ),
            _rule(1690000040, "opt2", "guests out", {"network": "opt2"}, ANY),
            _rule(1690000050, "openvpn", "OpenVPN road warriors", ANY, {"network": "lan"}, ipprotocol="inet46"),
        ],
        "separator": {
            "wan": {"sep0": {"row": "fr2", "text": "Temporary & otherwise", "color": "bg-warning", "if": "wan"}},
            "lan": {"sep0": {"row": "fr0", "text": "LAN", "color": "bg-info", "if": "lan"}},
        },
    }
    tree["nat"] = {
        "separator": "",
        "outbound": {"mode": outbound, **({"rule": _outbound()} if outbound in ("hybrid", "advanced") else {})},
        "rule": [
            _forward("WebPorts", "tcp", "172.16.5.10", "web server", "nat_64be1c0c5a0f11.11111111"),
            _forward("5060", "udp", "10.0.0.20", "old PBX", "nat_64be1c0c5a0f22.22222222"),
            _forward("3389", "tcp", "10.0.0.30", "remote desktop", "", disabled=""),
        ],
    }
    tree["dhcpbackend"] = backend
    tree["dhcpd"] = {
        "lan": {
            "enable": "",
            "range": {"from": "10.0.0.100", "to": "10.0.0.199"},
            "defaultleasetime": "7200",
            "maxleasetime": "",
            "gateway": "",
            "domain": "",
            "dnsserver": ["10.0.0.1"],
            "ntpserver": ["10.0.0.1"],
            "tftp": "",
            "numberoptions": {"item": [{"number": "42", "type": "ip-address", "value": _encoded("10.0.0.1")}]},
            "staticmap": [
                {"mac": "00:53:00:00:00:01", "cid": "", "ipaddr": "10.0.0.20", "hostname": "pbx", "descr": "old PBX"},
            ],
        },
        "opt1": {"range": {"from": "172.16.5.100", "to": "172.16.5.150"}},
    }
    tree["openvpn"] = {
        "openvpn-server": [
            {"vpnid": "1", "mode": "server_tls_user", "protocol": "UDP4", "dev_mode": "tun", "local_port": "1194"}
        ],
    }
    tree["installedpackages"] = _packages(siproxd)
    tree["acme_like_extension"] = {
        "accountkeys": {"item": [{"name": "renewal", "secret": _blob("key")}]},
        "enabled": "",
    }
    tree["revision"] = {
        "time": REVISION,
        "description": f"{GUI_USER}: Firewall: Rules - saved/edited a firewall rule.",
        "username": GUI_USER,
    }
    return tree


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _forward(port: str, protocol: str, target: str, descr: str, associated: str, **more: Any) -> Tree:
    return {
        "source": {"any": ""},
        "destination": {"network": "wanip", "port": port},
        "ipprotocol": "inet",
        "protocol": protocol,
        "target": target,
        "local-port": port,
        "interface": "wan",
        "descr": descr,
        "associated-rule-id": associated,
        **more,
        "created": {"time": "1690000000", "username": GUI_USER},
        "updated": {"time": "1690000000", "username": GUI_USER},
    }


def _outbound() -> list[Tree]:
    """Rules of manual outbound NAT as the GUI makes them of the automatic ones."""
    made = []
    for network, descr, static in (
        ("10.0.0.0/24", "ISAKMP - LAN to WAN", True),
        ("10.0.0.0/24", "LAN to WAN", False),
        ("172.16.5.0/24", "DMZ to WAN", False),
    ):
        made.append(
            {
                "source": {"network": network},
                "sourceport": "",
                "descr": f"Auto created rule for {descr}",
                "target": "",
                "target_subnet": "",
                "interface": "wan",
                "poolopts": "",
                "source_hash_key": "",
                **({"staticnatport": "", "dstport": "500"} if static else {}),
                "destination": {"any": ""},
                "created": {"time": "1690000000", "username": "Manual Outbound NAT Switch"},
            }
        )
    return made


def _packages(siproxd: str) -> Tree:
    packages = [
        {
            "name": "openvpn-client-export",
            "descr": "exports clients",
            "version": "1.9.2",
            "configurationfile": "openvpn-client-export.xml",
        },
    ]
    made: Tree = {"package": packages}
    if siproxd != "absent":
        packages.append(
            {
                "name": "siproxd",
                "descr": "Proxy for handling NAT of multiple SIP devices",
                "version": "1.1.5",
                "configurationfile": "siproxd.xml",
                "include_file": "/usr/local/pkg/siproxd.inc",
            }
        )
        made["siproxdsettings"] = {
            "config": [
                {
                    "sipenable": siproxd,
                    "if_inbound": "lan",
                    "if_outbound": "wan",
                    "port": "5060",
                    "rtpenable": "1",
                    "rtplower": "7070",
                    "rtpupper": "7079",
                },
            ],
        }
    return made


def factory_config(version: str = "2.8.0", *, name: str = "pfSense") -> str:
    """The config.xml of `factory_tree`."""
    return dumped(factory_tree(version, name=name))


def lived_in_config(version: str = "2.8.0", **choices: Any) -> str:
    """The config.xml of `lived_in_tree`, which takes the choices."""
    return dumped(lived_in_tree(version, **choices))
