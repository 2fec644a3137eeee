"""Two starting points: a unit as it ships, and a site that has been run for years.

Both return plain JSON data, the form that ``FortiGate`` and ``--config FILE`` take: only what differs from a default.
"""

from __future__ import annotations

import copy
import ipaddress
import uuid
from typing import Any

from .editor import UUID_SPACE
from .facts import ACCESS_GROUPS
from .versions import Version

Row = dict[str, Any]

# id, name, protocol, port of the shipped helpers (DISA STIG V-234156).
SESSION_HELPERS = (
    (1, "pptp", 6, 1723), (2, "h323", 6, 1720), (3, "ras", 17, 1719), (4, "tns", 6, 1521), (5, "tftp", 17, 69),
    (6, "rtsp", 6, 554), (7, "rtsp", 6, 7070), (8, "rtsp", 6, 8554), (9, "ftp", 6, 21), (10, "mms", 6, 1863),
    (11, "pmap", 6, 111), (12, "pmap", 17, 111), (13, "sip", 17, 5060), (14, "dns-udp", 17, 53), (15, "rsh", 6, 514),
    (16, "rsh", 6, 512), (17, "dcerpc", 6, 135), (18, "dcerpc", 17, 135), (19, "mgcp", 17, 2427),
    (20, "mgcp", 17, 2727),
)
# name, category, tcp ports, udp ports of some predefined services.
SERVICES = (
    ("HTTP", "Web Access", "80", ""), ("HTTPS", "Web Access", "443", ""), ("FTP", "File Access", "21", ""),
    ("SMTP", "Email", "25", ""), ("IMAPS", "Email", "993", ""), ("DNS", "Network Services", "53", "53"),
    ("DHCP", "Network Services", "", "67-68"), ("NTP", "Network Services", "123", "123"),
    ("SNMP", "Network Services", "161-162", "161-162"), ("SYSLOG", "Network Services", "", "514"),
    ("SSH", "Remote Access", "22", ""), ("TELNET", "Remote Access", "23", ""), ("RDP", "Remote Access", "3389", ""),
    ("TFTP", "File Access", "", "69"), ("H323", "VoIP, Messaging & Other Applications", "1720 1503", "1719"),
    ("SIP", "VoIP, Messaging & Other Applications", "5060", "5060"),
    ("SIP-MSNmessenger", "VoIP, Messaging & Other Applications", "1863", ""), ("SMB", "File Access", "445", ""),
    ("LDAP", "Authentication", "389", "389"), ("IKE", "Tunneling", "", "500 4500"),
)


def members(*names: str) -> list[Row]:
    """A reference list."""
    return [{"name": name} for name in names]


def _profile(name: str, level: str) -> Row:
    return {"name": name, "scope": "global", **dict.fromkeys(ACCESS_GROUPS, level)}


def _with_uuid(path: str, rows: list[Row], key: str = "name") -> list[Row]:
    return [{**row, "uuid": str(uuid.uuid5(UUID_SPACE, f"root/{path}/{row[key]}"))} for row in rows]


def _management_address(management_ip: str) -> str:
    """The listening address as an interface address; loopback addresses get the whole of 127/8."""
    address = ipaddress.IPv4Address(management_ip)
    return f"{address} {'255.0.0.0' if address.is_loopback else '255.255.255.0'}"


def _services(version: Version) -> list[Row]:
    protocol = "TCP/UDP/UDP-Lite/SCTP" if version >= Version(7, 6, 0) else "TCP/UDP/SCTP"
    rows: list[Row] = [
        {"name": "ALL", "category": "General", "protocol": "IP"},
        {"name": "ALL_TCP", "category": "General", "protocol": protocol, "tcp-portrange": "1-65535"},
        {"name": "ALL_UDP", "category": "General", "protocol": protocol, "udp-portrange": "1-65535"},
        {"name": "ALL_ICMP", "category": "General", "protocol": "ICMP"},
        {"name": "PING", "category": "Network Services", "protocol": "ICMP", "icmptype": 8},
    ]
    for name, category, tcp, udp in SERVICES:
        row: Row = {"name": name, "category": category, "protocol": protocol}
        row.update({"tcp-portrange": tcp} if tcp else {})
        row.update({"udp-portrange": udp} if udp else {})
        rows.append(row)
    return rows


def factory_config(
    version: str = "7.4.4", *, management_ip: str = "127.0.1.1", hostname: str = "FortiGate-60F",
    vdoms: tuple[str, ...] = ("root",),
) -> dict[str, Any]:
    """A small-office unit as it ships: ``internal`` (the management address), wan1, wan2, dmz, one accept-all policy.

    The administrator ``admin`` has no password and may come from anywhere (``FortiGate.set_password`` sets one).
    More than one VDOM gives a unit in multi-vdom mode; interfaces and the policy are in the first one.
    """
    release = Version.parse(version)
    first = vdoms[0]
    ports: list[Row] = [
        {"name": "wan1", "type": "physical", "ip": "198.51.100.2 255.255.255.0", "role": "wan",
         "allowaccess": "ping https ssh"},
        {"name": "wan2", "type": "physical", "role": "wan", "allowaccess": "ping fgfm"},
        {"name": "dmz", "type": "physical", "ip": "10.10.10.1 255.255.255.0", "role": "dmz",
         "allowaccess": "ping https fgfm"},
        {"name": "internal", "type": "hard-switch", "ip": _management_address(management_ip), "role": "lan",
         "allowaccess": "ping https ssh fgfm"},
        *({"name": f"internal{n}", "type": "physical"} for n in range(1, 6)),
        {"name": "ssl.root", "type": "tunnel", "alias": "SSL VPN interface"},
    ]
    for index, port in enumerate(ports, 1):
        port.update({"vdom": first, "snmp-index": index})
    objects: dict[str, list[Row]] = {
        "firewall/address": _with_uuid("firewall/address", [
            {"name": "none", "subnet": "0.0.0.0 255.255.255.255"}, {"name": "all"},
            {"name": "SSLVPN_TUNNEL_ADDR1", "type": "iprange", "start-ip": "10.212.134.200",
             "end-ip": "10.212.134.210"},
        ]),
        "firewall/address6": _with_uuid("firewall/address6", [{"name": "all"}, {"name": "none", "ip6": "::/128"}]),
        "firewall.service/custom": _services(release),
        "firewall.service/group": [
            {"name": "Web Access", "member": members("DNS", "HTTP", "HTTPS")},
            {"name": "Email Access", "member": members("DNS", "IMAPS", "SMTP")},
        ],
        "firewall.schedule/recurring": [
            {"name": "always", "day": "sunday monday tuesday wednesday thursday friday saturday"}, {"name": "none"},
        ],
        "voip/profile": [
            {"name": "default", "comment": "Default VoIP profile."},
            {"name": "strict", "sip": {"malformed-request-line": "discard", "malformed-header-via": "discard",
                                       "malformed-header-from": "discard", "malformed-header-to": "discard"}},
        ],
        "firewall.shaper/traffic-shaper": [
            {"name": "high-priority", "maximum-bandwidth": 1048576, "per-policy": "enable"},
            {"name": "medium-priority", "maximum-bandwidth": 1048576, "priority": "medium", "per-policy": "enable"},
            {"name": "low-priority", "maximum-bandwidth": 1048576, "priority": "low", "per-policy": "enable"},
        ],
    }
    tables: dict[str, dict[str, Any]] = {vdom: copy.deepcopy(objects) for vdom in vdoms}
    for content in tables.values():
        content["system/sdwan"] = {"zone": [{"name": "virtual-wan-link"}]}
    tables[first]["firewall/policy"] = _with_uuid("firewall/policy", [
        {"policyid": 1, "srcintf": members("internal"), "dstintf": members("wan1"), "srcaddr": members("all"),
         "dstaddr": members("all"), "service": members("ALL"), "schedule": "always", "action": "accept",
         "nat": "enable"},
    ], "policyid")
    unit: dict[str, Any] = {
        "system/global": {"hostname": hostname, **({"vdom-mode": "multi-vdom"} if len(vdoms) > 1 else {}),
                          "management-vdom": first},
        "system/vdom": [{"name": vdom} for vdom in vdoms],
        "system/interface": ports,
        "system/accprofile": [
            _profile("super_admin", "read-write"), _profile("super_admin_readonly", "read"),
            _profile("prof_admin", "read-write"), _profile("read_only", "read"), _profile("no_access", "none"),
        ],
        "system/admin": [{"name": "admin", "accprofile": "super_admin", "vdom": members(*vdoms)}],
        "system/session-helper": [
            {"id": number, "name": name, "protocol": protocol, "port": port}
            for number, name, protocol, port in SESSION_HELPERS
        ],
        "system/dns": {"primary": "192.0.2.53", "secondary": "192.0.2.54"},
        "system/ntp": {"ntpsync": "enable"},
    }
    return {"version": str(release), "global": unit, "vdom": tables}


# --- a site run for years --------------------------------------------------------------------------------------------

_NETWORKS = (
    ("HQ-LAN", "10.0.0.0 255.255.255.0"), ("HQ-Servers", "10.0.10.0 255.255.255.0"),
    ("Branch-North", "10.1.0.0 255.255.0.0"), ("Branch-South", "10.2.0.0 255.255.0.0"),
    ("Printers", "192.168.7.0 255.255.255.0"), ("Cameras", "192.168.8.0 255.255.255.0"),
    ("Old-PBX", "192.168.9.5 255.255.255.255"), ("Backup-NAS", "192.168.9.20 255.255.255.255"),
    ("Mailserver", "192.168.9.25 255.255.255.255"), ("ERP", "192.168.9.30 255.255.255.255"),
    ("Door-Phone", "192.168.9.44 255.255.255.255"), ("MSP-Office", "203.0.113.64 255.255.255.240"),
    ("Old-SIP-Trunk", "192.0.2.10 255.255.255.255"), ("Carrier-SBC-1", "203.0.113.10 255.255.255.255"),
    ("Carrier-SBC-2", "203.0.113.11 255.255.255.255"), ("Monitoring", "203.0.113.200 255.255.255.255"),
    ("Guest-WLAN", "172.20.0.0 255.255.252.0"),
)
_OTHER_ADDRESSES: tuple[Row, ...] = (
    {"name": "Homeoffice-Pool", "type": "iprange", "start-ip": "10.9.0.10", "end-ip": "10.9.0.99"},
    {"name": "Germany", "type": "geography", "country": "DE"},
    {"name": "update.example.com", "type": "fqdn", "fqdn": "update.example.com"},
    {"name": "portal.example.com", "type": "fqdn", "fqdn": "portal.example.com", "comment": "Do not delete! (Mueller)"},
)
_ADDRESS_GROUPS = (
    ("Branches", ("Branch-North", "Branch-South")), ("Internal-all", ("HQ-LAN", "HQ-Servers", "Branches")),
    ("Carrier-SBC", ("Carrier-SBC-1", "Carrier-SBC-2")), ("Management-Stations", ("MSP-Office", "Monitoring")),
)


def _policy(number: int, name: str, source: str, target: str, who: str, what: str, service: str, **extra: Any) -> Row:
    row: Row = {
        "policyid": number, "name": name, "srcintf": members(source), "dstintf": members(target),
        "srcaddr": members(who), "dstaddr": members(what), "service": members(service), "schedule": "always",
        "action": "accept",
    }
    row.update({field.replace("_", "-"): value for field, value in extra.items()})
    return row


def _policies() -> list[Row]:
    return [
        _policy(14, "block-bad-hosts", "internal", "wan1", "Cameras", "all", "ALL", action="deny", logtraffic="all"),
        _policy(3, "lan-to-internet", "internal", "wan1", "HQ-LAN", "all", "ALL", nat="enable", utm_status="enable",
                ssl_ssh_profile="certificate-inspection", av_profile="default"),
        _policy(4, "servers-out", "internal", "wan1", "HQ-Servers", "all", "Web Access", nat="enable"),
        _policy(5, "old trunk", "internal", "wan1", "Old-PBX", "Old-SIP-Trunk", "SIP", nat="enable",
                utm_status="enable", voip_profile="default", comments="SIP trunk until 2019; still needed?"),
        _policy(6, "PBX-from-anywhere", "wan1", "internal", "all", "VIP-Old-PBX", "SIP", logtraffic="all"),
        _policy(7, "SBC-in", "wan1", "internal", "Carrier-SBC", "VIP-SBC", "SIP"),
        _policy(9, "mail-in", "wan1", "dmz", "all", "VIP-Mail", "SMTP"),
        _policy(10, "vpn-in", "wan1", "internal", "Germany", "ERP", "RDP", status="disable"),
        _policy(11, "guest-out", "Guests", "wan1", "Guest-WLAN", "all", "Web Access", nat="enable"),
        _policy(12, "lan-to-dmz", "internal", "dmz", "Internal-all", "all", "ALL"),
        _policy(17, "updates", "dmz", "wan1", "all", "update.example.com", "HTTPS", nat="enable"),
        _policy(8, "homeoffice", "ssl.root", "internal", "Homeoffice-Pool", "HQ-Servers", "RDP"),
        _policy(2, "catch-all (old)", "internal", "wan1", "all", "all", "ALL", nat="enable"),
    ]


def _local_in(version: Version) -> list[Row]:
    def row(number: int, who: str, service: str, action: str) -> Row:
        intf: Any = members("wan1") if version >= Version(7, 4, 2) else "wan1"
        return {"policyid": number, "intf": intf, "srcaddr": members(who), "dstaddr": members("all"),
                "service": members(service), "schedule": "always", "action": action}

    return [
        row(1, "Management-Stations", "HTTPS", "accept"), row(2, "all", "IKE", "accept"),
        row(5, "all", "SNMP", "deny"),
    ]


def lived_in_config(
    version: str = "7.4.4", *, management_ip: str = "127.0.1.1", hostname: str = "site-muster-fw1"
) -> dict[str, Any]:
    """A site that many hands have changed over the years: exposures to find, foreign objects to leave alone.

    WAN services wide open, a forward of SIP 5060 from anywhere to an old PBX, another one limited to a carrier, a
    policy with a VoIP profile, a disabled one, a deny at the top, a zone, local-in policies and four administrators.
    """
    config = factory_config(version, management_ip=management_ip, hostname=hostname)
    release = Version.parse(version)
    root, unit = config["vdom"]["root"], config["global"]
    ports = {row["name"]: row for row in unit["system/interface"]}
    ports["wan1"].update({"allowaccess": "ping https ssh snmp http telnet fgfm", "alias": "Uplink fibre"})
    ports["internal"]["allowaccess"] = "ping https ssh snmp http fgfm"
    ports["internal"]["secondary-IP"] = "enable"
    ports["internal"]["secondaryip"] = [{"id": 1, "ip": "192.168.9.1 255.255.255.0", "allowaccess": "ping"}]
    index = len(unit["system/interface"])
    vlans = (("guest-wlan", 20, "172.20.0.1 255.255.252.0"), ("cctv", 30, "192.168.8.1 255.255.255.0"))
    for name, vlan, address in vlans:
        index += 1
        unit["system/interface"].append({
            "name": name, "vdom": "root", "type": "vlan", "vlanid": vlan, "interface": "internal", "ip": address,
            "role": "lan", "allowaccess": "ping", "snmp-index": index,
        })
    root["system/zone"] = [
        {"name": "Guests", "intrazone": "deny", "interface": [{"interface-name": "guest-wlan"}]},
    ]
    root["firewall/address"] += _with_uuid("firewall/address", [
        *({"name": name, "subnet": subnet} for name, subnet in _NETWORKS), *(dict(row) for row in _OTHER_ADDRESSES),
    ])
    root["firewall/addrgrp"] = _with_uuid("firewall/addrgrp", [
        {"name": name, "member": members(*names)} for name, names in _ADDRESS_GROUPS
    ])
    root["firewall/address6"] += _with_uuid("firewall/address6", [{"name": "HQ-LAN-v6", "ip6": "2001:db8:10::/64"}])
    protocol = "TCP/UDP/UDP-Lite/SCTP" if release >= Version(7, 6, 0) else "TCP/UDP/SCTP"
    root["firewall.service/custom"] += [
        {"name": "ERP-Client", "protocol": protocol, "tcp-portrange": "7000-7005", "comment": "ERP thick client"},
        {"name": "PBX-RTP", "protocol": protocol, "udp-portrange": "30000-30199"},
    ]
    root["firewall/vip"] = _with_uuid("firewall/vip", [
        {"name": "VIP-Old-PBX", "extip": "198.51.100.2", "extintf": "wan1", "mappedip": [{"range": "192.168.9.5"}],
         "portforward": "enable", "protocol": "udp", "extport": "5060", "mappedport": "5060"},
        {"name": "VIP-SBC", "extip": "198.51.100.3", "extintf": "wan1", "mappedip": [{"range": "192.168.9.5"}],
         "portforward": "enable", "protocol": "udp", "extport": "5060", "mappedport": "5060",
         "src-filter": [{"range": "203.0.113.10-203.0.113.11"}]},
        {"name": "VIP-Mail", "extip": "198.51.100.4", "extintf": "wan1", "mappedip": [{"range": "10.10.10.25"}],
         "portforward": "enable", "protocol": "tcp", "extport": "25", "mappedport": "25"},
    ])
    root["firewall/policy"] = _with_uuid("firewall/policy", _policies(), "policyid")
    root["firewall/local-in-policy"] = _with_uuid("firewall/local-in-policy", _local_in(release), "policyid")
    root["system.dhcp/server"] = [
        {"id": 1, "interface": "guest-wlan", "netmask": "255.255.252.0", "default-gateway": "172.20.0.1",
         "ip-range": [{"id": 1, "start-ip": "172.20.0.50", "end-ip": "172.20.3.250"}], "dns-service": "default",
         "lease-time": 3600},
        {"id": 4, "interface": "internal", "netmask": ports["internal"]["ip"].split()[1],
         "default-gateway": management_ip, "dns-service": "default",
         "ip-range": [{"id": 1, "start-ip": "127.200.0.50", "end-ip": "127.200.0.200"}],
         "options": [{"id": 1, "code": 43, "type": "string", "value": "legacy-phones"}]},
    ]
    if not ipaddress.IPv4Address(management_ip).is_loopback:
        low = ipaddress.IPv4Interface(ports["internal"]["ip"].replace(" ", "/")).network.network_address
        root["system.dhcp/server"][1]["ip-range"] = [{"id": 1, "start-ip": str(low + 100), "end-ip": str(low + 200)}]
    unit["system/admin"] += [
        {"name": "msp-helpdesk", "accprofile": "prof_admin", "vdom": members("root"),
         "trusthost1": "203.0.113.64 255.255.255.240", "password": "ENC 1f0c"},
        {"name": "mueller", "accprofile": "super_admin", "vdom": members("root"), "password": "ENC 2e1d",
         "comments": "left the company?"},
        {"name": "noc", "accprofile": "super_admin", "vdom": members("root"), "password": "ENC 3d2e",
         "two-factor": "email", "email-to": "noc@example.com"},
    ]
    timezone = "26" if release < Version(7, 4, 2) else "Europe/Berlin"
    unit["system/global"].update({"admintimeout": 480, "timezone": timezone})
    unit["system/ntp"] = {"type": "custom", "ntpsync": "enable", "ntpserver": [{"id": 1, "server": "ntp.example.com"}]}
    root["log/setting"] = {"fwpolicy-implicit-log": "enable"}
    return config
