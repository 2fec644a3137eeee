"""Every documented command of the families that matter here, and which command lines must never be sent.

From Vigor3912 User's Guide 1.01, part VIII, and Vigor2927 User's Guide 2.2, part X (telnet commands); ``sys mpage``,
``mngt ssh_oldkex``, ``ipf default``, ``qos setdefault`` and ``fs`` are in the live help of a Vigor3912S 4.4.7. Where a
guide contradicts itself the wider range is taken and a note says so. Words are to be sent as the guides write them,
although a unit takes abbreviations; values of the kind On/Off in any case, as the guides do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .grammar import (
    CLASSES,
    Address,
    Command,
    Difference,
    Either,
    Form,
    Listed,
    Many,
    NotDocumented,
    Number,
    Optional,
    Pattern,
    Piece,
    Quoted,
    Text,
    Word,
    pieces,
)

SWITCH = Number((0, 1))
ON_OFF = Word(("on", "off"))
ABLE = Word(("enable", "disable"))
PORT = Number((1, 65535))
PORT_0 = Number((0, 65535))
SECONDS = Number((0, 2**31 - 1))
IP = Address()
ANY_TEXT = Text()
NAME = Text(14)  # "less than 15 characters"
SET = Number((1, 12), (1, 50))
SET_0 = Number((0, 12), (0, 50))
RULE = Number((1, 7), (1, 30))
IP_OBJECT, IP_OBJECT_0 = Number((1, 192)), Number((0, 192))
GROUP, GROUP_0 = Number((1, 32)), Number((0, 32))
IP6_OBJECT, IP6_OBJECT_0 = Number((1, 64)), Number((0, 64))
SERVICE, SERVICE_0 = Number((1, 96)), Number((0, 96))
SCHEDULE, SCHEDULE_0 = Number((1, 15)), Number((0, 15))
VLAN = Number((0, 15), (0, 99))


def _lans(first: int, prefix: str = "", dmz: str = "") -> Word:
    small = tuple(f"{prefix}{index}" for index in range(first, 9))
    return Word((*small, dmz) if dmz else small, tuple(f"{prefix}{index}" for index in range(first, 101)))


LAN = _lans(1, dmz="dmz")
LAN_2 = _lans(2, dmz="dmz")
PORTS = Word(
    ("p1", "p2", "p3", "p4", "p5", "s1", "s2", "s3", "s4", "5gs1", "5gs2", "5gs3", "5gs4"),
    tuple(f"p{index}" for index in range(1, 13)),
)
# The view of a rule on Vigor2927 prints DMZ as well, and its text on directions names it.
INTERFACES = Listed(
    ("all", *(f"LAN{index}" for index in range(1, 9)), "DMZ", "RT", "VPN", *(f"WAN{index}" for index in range(1, 10))),
    ("all", *(f"LAN{index}" for index in range(1, 101)), "DMZ", "RT", "VPN",
     *(f"WAN{index}" for index in range(1, 53))),
)


def _logged(first: Form) -> Quoted:
    """A value and whether it is logged, in quotes."""
    return Quoted((first, SWITCH))


def _loosely(first: Form) -> Quoted:
    """The same where the guides print no quotes although they do beside it: either way is taken."""
    return Quoted((first, SWITCH), bare=True)


def _word(*words: str) -> Word:
    return Word(words)


_SIDE = Quoted((Either((
    (_word("o"), IP_OBJECT_0, IP_OBJECT_0),
    (_word("g"), GROUP_0, GROUP_0),
    (_word("o6"), IP6_OBJECT_0, IP6_OBJECT_0, IP6_OBJECT_0),
    (_word("g6"), GROUP_0),
    (_word("c"), GROUP),
    (_word("u"), _word("0"), IP, IP),
    (_word("u"), _word("1"), IP),
    (_word("u"), _word("2")),
    (_word("u"), _word("3"), IP, IP),
)),))
_CHECK = Number((0, 3))
_SERVICES = Quoted((Either((
    (_word("o"), SERVICE),
    (_word("g"), GROUP),
    (_word("u"), Number((0, 255)), _CHECK, _CHECK, PORT, PORT, PORT, PORT),
)),))
_RULE_FLAGS: dict[str, tuple[Form, ...]] = {
    "-e": (SWITCH,),
    "-v": (),
    "-D": (Number((0, 2), (0, 3)),),
    "-I": (Quoted((_word("e", "d"), INTERFACES)),),
    "-O": (Quoted((_word("e", "d"), INTERFACES)),),
    "-s": (_SIDE,),
    "-d": (_SIDE,),
    "-S": (_SERVICES,),
    "-f": (_CHECK,),
    "-F": (_logged(_CHECK),),
    "-m": (_logged(SWITCH),),
    "-Y": (Quoted((Number((-1, 2)), Number((0, 200))), bare=True),),
    "-y": (SWITCH,),
    "-L": (_loosely(Number((0, 60000), (0, 300000))),),
    "-q": (_loosely(Number((1, 4))),),
    "-A": (Quoted((SWITCH,), bare=True),),
    "-l": (_loosely(_CHECK),),
    "-a": (_logged(GROUP_0),),
    "-u": (_loosely(Number((0, 8))),),
    "-w": (_logged(Number((0, 8))),),
    "-n": (_logged(Number((0, 8))),),
    "-N": (SET_0,),
    "-c": (Number((0, 20)),),
    "-C": (Quoted((PORT, SECONDS)),),
    "-b": (SWITCH,),
    "-t": (Quoted((Either((
        (_word("i"), Number((1, 4)), SCHEDULE_0),
        (_word("c"), SWITCH),
    )),)),),
    "-M": (ANY_TEXT,),
    "-U": (Quoted((_word("up", "down"),)),),
}
_RULE_NOTE = "the session limit of -L is printed as 0 to 150000 and 0 to 300000 for Vigor3912"
_MASK_TYPES: tuple[tuple[Form, ...], ...] = (
    (_word("0"), IP, IP), (_word("1"), IP), (_word("2"),), (_word("3"), IP, IP),
    (_word("4"), Pattern(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}", "a MAC address")),
)
_IP6 = Address(6)
_IP6_TYPES: tuple[tuple[Form, ...], ...] = (
    (_word("0"), _IP6, Number((0, 128))), (_word("0"), _IP6, _IP6, Number((0, 128))), (_word("1"), _IP6),
    (_word("1"), _IP6, _IP6), (_word("2"),), (_word("3"), _IP6, _IP6), (_word("3"), _IP6, _IP6, Number((0, 128))),
)
# The places that ``-v`` shows: ``[0:]`` to ``[11:]`` and ``[7:]`` on Vigor2927, to ``[99:]`` on Vigor3912.
_IP_MEMBERS = {"2927": 12, "3912": 100}
_OTHER_MEMBERS = {"2927": 8, "3912": 100}
_PORT_CHECK = (_CHECK, PORT, PORT)
_DAYS = _word("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_RMTCFG = _word("http", "https", "ftp", "telnet", "ssh", "tr069", "snmp", "enforce_https")
_ACCESS = Listed(("FTP", "HTTP", "HTTPS", "ENFORCE_HTTPS", "TELNET", "SSH", "None", "All"))
_ACCESS_LANS = Listed(
    (*(f"LAN{index}" for index in range(2, 17)), "DMZ", "None", "All"),
    (*(f"LAN{index}" for index in range(1, 101)), "None", "All"),
)
_BFP = Listed(("FTP", "HTTP", "HTTPS", "TELNET", "TR069", "SSH", "VPN", "None", "All"))
_WANS = Word((*(f"wan{index}" for index in range(1, 7)), "all"), (*(f"wan{index}" for index in range(1, 13)), "all"))
_NAT_ENTRY = Number((1, 40), (1, 260))
_ALIAS = Number((1, 32))
_QOS_ADDRESS = Pattern(r"any|\d+(\.\d+){3}(:\d+(\.\d+){3})?", "any, an address, or two with a colon between")
_QOS_RULE = Number((1, 99))  # the guides give no range
_QOS_OBJECTS = Pattern(r"\d+,\d+,\d+,\d+", "two IP objects and two IP groups with commas between")
_LAN_NAMES = _lans(1, "lan")
_V4_V6 = _word("v4", "v6")

COMMANDS: tuple[Command, ...] = (
    # ipf
    Command("ipf set", flags={
        "-v": (), "-c": (SET_0,), "-d": (SET_0,), "-p": (SWITCH, SWITCH), "-R": (Quoted((_V4_V6, SWITCH), bare=True),),
        "-L": (SWITCH,), "-C": (Number((0, 20)),), "-M": (GROUP_0, SWITCH), "-U": (Number((0, 8)), SWITCH),
        "-W": (Number((0, 8)), SWITCH), "-D": (Number((0, 8)), SWITCH), "-f": (SWITCH,), "-t": (SWITCH,),
        "-E": (Number((0, 50000)), SWITCH), "-Q": (Number((0, 4)), SWITCH),
        "-Y": (Number((-1, 2)), Number((0, 200))), "-y": (SWITCH,), "-w": (PORT_0,),
        "-A": (SWITCH,),
    }, alone=frozenset({"-v"}), only={"-c": "3912"},
        note="Vigor3912 has 50 sets, yet -c and -d are printed as 1 to 12"),
    Command("ipf set", (SET,), {"-v": (), "-m": (ANY_TEXT,), "-n": (SET_0,)}, alone=frozenset({"-v"}),
            note="Vigor3912 has 50 sets, yet -n is printed as 1 to 12; 0 (none) is what its view shows"),
    Command("ipf set", (SET, _word("rule"), RULE), _RULE_FLAGS, alone=frozenset({"-v", "-U"}), again=frozenset({"-t"}),
            note=_RULE_NOTE),
    Command("ipf rule", (SET, RULE), _RULE_FLAGS, alone=frozenset({"-v", "-U"}), again=frozenset({"-t"}),
            note=_RULE_NOTE),
    Command("ipf view", flags=dict.fromkeys(("-V", "-d", "-h", "-r", "-t", "-z", "-Z"), ())),
    Command("ipf flowtrack set", flags={"-r": (), "-e": ()}, several=False),
    Command("ipf flowtrack view", flags={"-f": (), "-b": ()}, several=False),
    Command("ipf default", classes=("3912",)),
    # object
    Command("object ip obj setdefault"),
    Command("object ip obj", (IP_OBJECT,), {
        "-v": (), "-n": (NAME,), "-i": (_word("0", "1", "3"),), "-s": (SWITCH,), "-a": (Either(_MASK_TYPES),),
    }, several=False),
    Command("object ip grp setdefault"),
    Command("object ip grp", (GROUP,), {
        "-v": (), "-n": (NAME,), "-i": (Number((0, 2)),),
        "-a": (Either(((Quoted((Many(IP_OBJECT_0, _IP_MEMBERS),)),), (Many(IP_OBJECT_0, _IP_MEMBERS),))),),
    }, several=False, note="the members are printed in quotes for Vigor3912 and without for Vigor2927"),
    Command("object ipv6 obj setdefault"),
    Command("object ipv6 obj", (IP6_OBJECT,), {
        "-v": (), "-n": (NAME,), "-e": (SWITCH,), "-s": (SWITCH,), "-a": (Either(_IP6_TYPES),),
    }, several=False, note="the guide of Vigor2927 prints the syntax of object ip obj here"),
    Command("object ipv6 grp setdefault"),
    Command("object ipv6 grp", (GROUP,), {
        "-v": (), "-n": (NAME,), "-a": (Many(IP6_OBJECT_0, _OTHER_MEMBERS),),
    }, several=False),
    Command("object country set", (GROUP,), {"-v": (), "-n": (NAME,), "-a": (Many(Number((0, 300))),)}, several=False),
    Command("object country activate"),
    Command("object country setdefault"),
    Command("object country list"),
    Command("object service obj setdefault"),
    Command("object service obj", (SERVICE,), {
        "-v": (), "-n": (NAME,), "-p": (Number((0, 255)),), "-s": _PORT_CHECK, "-d": _PORT_CHECK,
    }, several=False, note="the table of parameters says -i for the protocol; syntax and example say -p"),
    Command("object service grp setdefault"),
    Command("object service grp", (GROUP,), {
        "-v": (), "-n": (NAME,), "-a": (Many(SERVICE_0, _OTHER_MEMBERS),),
    }, several=False),
    Command("object schedule set", (SCHEDULE,), {
        "-e": (SWITCH,), "-c": (Text(32),), "-D": (Quoted((Number((2000, 2049)), Number((1, 12)), Number((1, 31)))),),
        "-T": (Quoted((Number((0, 23)), Number((0, 59)))),), "-d": (Quoted((Number((0, 23)), Number((0, 59)))),),
        "-a": (_CHECK,), "-I": (Number((0, 255)),),
        "-h": (Either(((Quoted((_word("1"), Many(_DAYS))),), (Quoted((_word("0"),), bare=True),))),),
    }, several=False, note="-h 2 (monthly) and 3 (cycle days) are listed for Vigor2927 without their values"),
    Command("object schedule view", (SCHEDULE,)),
    Command("object schedule setdefault"),
    # mngt
    *(Command(f"mngt {word}", (PORT,)) for word in (
        "ftpport", "httpport", "httpsport", "sslvpnport", "telnetport", "sshport"
    )),
    Command("mngt noping", (_word("on", "off", "viewlog", "clearlog"),)),
    Command("mngt defenseworm", (Either(((_word("on", "off", "viewlog", "clearlog"),), (_word("add", "del"), PORT))),)),
    Command("mngt rmtcfg", (Either(((_word("status", "enable", "disable"),), (_RMTCFG, ON_OFF))),)),
    Command("mngt lanaccess", flags={
        "-e": (SWITCH,), "-s": (_ACCESS,), "-i": (_ACCESS_LANS,), "-I": (Number((1, 192), (1, 500)),), "-E": (SWITCH,),
        "-f": (), "-d": (), "-v": (), "-h": (),
    }, alone=frozenset({"-f", "-d", "-v", "-h"}), note="-i names IP Routed Subnet too, with blanks"),
    Command("mngt echoicmp", (ABLE,)),
    Command("mngt accesslist list"),
    Command("mngt accesslist add", (Number((1, 10)), IP_OBJECT), classes=("2927",)),
    Command("mngt accesslist add", (_word("ip", "hostname"), Number((1, 10)), IP_OBJECT), classes=("3912",)),
    Command("mngt accesslist remove", (Number((1, 10)),)),
    Command("mngt accesslist flush"),
    Command("mngt wanlogin", (ABLE,)),
    Command("mngt snmp", flags={
        **dict.fromkeys(("-e", "-a", "-b", "-c"), (Number((1, 2)),)),
        **dict.fromkeys(("-g", "-s", "-t", "-o", "-q", "-u"), (Text(23, 1),)),
        "-m": (ANY_TEXT,), "-n": (ANY_TEXT,), "-T": (Number((0, 999)),), "-p": (Number((0, 2)),),
        "-r": (_word("0", "3", "4", "6"),), "-V": (),
    }, alone=frozenset({"-V"})),
    Command("mngt bfp", flags={
        "-e": (SWITCH,), "-s": (_BFP,), "-l": (Number((1, 255)),), "-p": (SECONDS,), "-u": (IP,), "-v": (),
    }, alone=frozenset({"-v"}), only={"-u": "2927"}),
    Command("mngt cert_import local_cert", (ANY_TEXT, ANY_TEXT)),
    Command("mngt cert_import trusted_ca", (ANY_TEXT,)),
    Command("mngt telnettimeout", (Number((60, 300)),)),
    Command("mngt sshtimeout", (Number((60, 300)),)),
    Command("mngt ip6_IIDs", flags={"-e": (SWITCH,), "-r": (Pattern(r"(LAN|WAN|USB)\d+", "LAN1, WAN1 ..."),), "-s": ()},
            several=False),
    Command("mngt ssh_oldkex", (ABLE,), classes=("3912",)),
    # msubnet
    *(Command(f"msubnet {word}", (LAN_2, ON_OFF)) for word in ("switch", "dhcps", "nat")),
    *(Command(f"msubnet {word}", (LAN_2, IP)) for word in (
        "addr", "nmask", "gateway", "startip", "pppip", "primWINS", "secWINS"
    )),
    Command("msubnet status", (LAN_2,)),
    Command("msubnet ipcnt", (LAN_2, Number((0, 220)))),
    Command("msubnet talk", (LAN, LAN, ON_OFF)),
    Command("msubnet nodetype", (LAN_2, _word("0", "1", "2", "4", "8"))),
    Command("msubnet tftp", (LAN_2, ANY_TEXT)),
    Command("msubnet mtu", (
        Word((*(f"LAN{index}" for index in range(1, 9)), "IP_Routed_Subnet", "DMZ"),
             (*(f"LAN{index}" for index in range(1, 101)), "IP_Routed_Subnet")),
        Number((1000, 1508)),
    ), note="Vigor2927 prints LAN1 to LAN6 and up to 1500, its help up to 1508, its list LAN8"),
    Command("msubnet leasetime", (LAN, Number((10, 259200), (1, 259200))),
            note="Vigor3912 takes it without a time too, and then sets the longest: not to be sent"),
    # srv dhcp
    Command("srv dhcp dhcp2", flags={
        "-l": (SWITCH,), "-m": (SWITCH,), "-e": (Pattern(r"\d(,\d)?", "a port or two with a comma"),),
        "-d": (Pattern(r"\d(,\d)?", "a port or two with a comma"),), "-v": (),
    }, alone=frozenset({"-v"})),
    Command("srv dhcp public start", (IP,)),
    Command("srv dhcp public cnt", (Number((0, 10)),)),
    Command("srv dhcp public status"),
    Command("srv dhcp public add", (Pattern(r"[0-9A-F]{2}(-[0-9A-F]{2}){5}", "a MAC address with dashes"),)),
    Command("srv dhcp public del", (Pattern(r"[0-9A-F]{2}(-[0-9A-F]{2}){5}|all|ALL", "a MAC address or all"),)),
    Command("srv dhcp dns1", (_LAN_NAMES, IP)),
    Command("srv dhcp dns2", (_LAN_NAMES, IP)),
    Command("srv dhcp frcdnsmanl", (ON_OFF,)),
    Command("srv dhcp gateway", (IP,)),
    Command("srv dhcp ipcnt", (Number((0, 256)),), note="the range is printed for Vigor3912 only"),
    Command("srv dhcp off"),
    Command("srv dhcp on"),
    Command("srv dhcp relay servip", (IP,)),
    Command("srv dhcp relay 2nd_servip", (IP,)),
    Command("srv dhcp relay subnet", (Number((1, 2)),)),
    Command("srv dhcp startip", (IP,)),
    Command("srv dhcp status", (Optional(_lans(1, "LAN", "ip_routed_subnet")),)),
    Command("srv dhcp leasetime", (Number((500, 1661992960), (0, 2**31 - 1)),),
            note="the range is printed for Vigor2927 only"),
    Command("srv dhcp nodetype", (_word("1", "2", "4", "8"),)),
    Command("srv dhcp primWINS", (Either(((IP,), (_word("clear"),))),)),
    Command("srv dhcp secWINS", (Either(((IP,), (_word("clear"),))),)),
    Command("srv dhcp expRecycleIP", (Number((5, 300)),)),
    Command("srv dhcp tftp", (ANY_TEXT,)),
    Command("srv dhcp tftpdel"),
    Command("srv dhcp option", flags={
        "-h": (), "-l": (), "-d": (Number((1, 255)),), "-e": (SWITCH,),
        "-i": (Either(((Word(("a", "r", "d"), ("a", "r")),), (Pattern(r"\d+(/\d+)*", "LANs with slashes between"),))),),
        "-s": (IP,), "-c": (Number((0, 255)),), "-v": (Text(None, 1),),
        "-x": (Pattern(r"[0-9A-Fa-f:]+", "hexadecimal digits"),), "-a": (IP,), "-u": (Number((1, 255)),), "-r": (),
    }, alone=frozenset({"-h", "-l", "-d", "-r"}), only={"-r": "2927"}),
    # srv nat
    Command("srv nat dmz", flags={"-v": ()}),
    Command("srv nat dmz", (Number((1, 6), (1, 12)), Number((1, 32), (1, 300))), {
        "-e": (SWITCH,), "-i": (IP,), "-r": (), "-v": (),
    }, alone=frozenset({"-r", "-v"})),
    Command("srv nat ipsecpass", (_word("on", "off", "status"),)),
    Command("srv nat openport", (_NAT_ENTRY, Number((1, 10))), {
        "-a": (SWITCH,), "-c": (Text(22),), "-l": (IP_OBJECT_0,), "-g": (SWITCH,), "-i": (IP,),
        "-w": (Number((1, 64)), _ALIAS), "-p": (_word("TCP", "UDP", "ALL"),), "-s": (PORT_0,), "-e": (PORT_0,),
        "-v": (), "-r": (_NAT_ENTRY,), "-f": (Optional(_NAT_ENTRY),),
    }, alone=frozenset({"-v", "-r", "-f"})),
    Command("srv nat portmap add", (
        _NAT_ENTRY, ANY_TEXT, _word("tcp", "udp"), PORT_0, SWITCH, IP_OBJECT_0, IP, PORT_0, _WANS, _ALIAS,
    )),
    Command("srv nat portmap del", (_NAT_ENTRY,)),
    Command("srv nat portmap disable", (_NAT_ENTRY,)),
    Command("srv nat portmap enable", (_NAT_ENTRY, _word("tcp", "udp"))),
    Command("srv nat portmap flush"),
    Command("srv nat portmap table"),
    Command("srv nat portmap view"),
    Command("srv nat trigger setdefault"),
    Command("srv nat trigger view"),
    Command("srv nat trigger", (Number((1, 40)),), {
        "-c": (ANY_TEXT,), "-e": (SWITCH,), "-s": (Number((0, 191)),), "-g": (SWITCH,), "-p": (Number((1, 3)),),
        "-t": (PORT_0,), "-P": (Number((1, 3)),), "-i": (PORT_0,), "-d": (), "-v": (),
    }, alone=frozenset({"-d", "-v"}), only={"-s": "2927"}),
    Command("srv nat status"),
    Command("srv nat showall"),
    Command("srv nat pseudoctl session", (SECONDS,), classes=("3912",)),
    Command("srv nat pseudoctl function", (_CHECK,), classes=("3912",)),
    Command("srv nat RSTTimeout", (Number((0, 10)),), classes=("3912",)),
    # sys
    Command("sys admin"),
    Command("sys adminuser Local", (SWITCH,)),
    Command("sys adminuser LDAP", (SWITCH,)),
    Command("sys adminuser edit", (Number((1, 8)), ANY_TEXT, ANY_TEXT)),
    Command("sys adminuser delete", (Number((1, 8)),)),
    Command("sys adminuser view", (Number((1, 8)),)),
    Command("sys cfg default"),
    Command("sys cfg status"),
    Command("sys cmdlog"),
    Command("sys ftpd", (ON_OFF,)),
    Command("sys domainname", (_word("wan1", "wan2"), Text(39, 1))),
    Command("sys iface"),
    Command("sys name", (_word("wan1", "wan2"), Text(39, 1))),
    Command("sys passwd", (Text(83, 1), Optional(Text(83, 1))),
            note="the syntax has the old and the new password, the example only one"),
    Command("sys reboot"),
    Command("sys autoreboot", (Either(((ON_OFF,), (Number((1, 9999)),))),)),
    Command("sys commit"),
    Command("sys tftpd"),
    Command("sys cc"),
    Command("sys version"),
    Command("sys qrybuf"),
    Command("sys pollbuf", (ON_OFF,)),
    Command("sys tr069 get", (Text(None, 1), Optional(_word("nextlevel")))),
    Command("sys tr069 set", (Text(None, 1), ANY_TEXT)),
    Command("sys tr069 log"),
    Command("sys tr069 save"),
    Command("sys tr069 clear"),
    Command("sys tr069 port", (PORT,)),
    Command("sys alg", flags={"-e": (SWITCH,)}, bare=True,
            note="the syntax of Vigor2927 has no -e; its example and its help have; bare it shows the state"),
    Command("sys sip_alg", flags={"-e": (SWITCH,), "-p": (PORT,), "-u": (SWITCH,), "-t": (SWITCH,)}),
    Command("sys rtsp_alg", flags={"-e": (SWITCH,), "-p": (PORT,), "-u": (SWITCH,), "-t": (SWITCH,), "-v": ()},
            alone=frozenset({"-v"})),
    Command("sys time server", (Text(39, 1),)),
    Command("sys time inquire"),
    Command("sys time show"),
    Command("sys time wan", (Number((0, 6), (0, 12)),)),
    Command("sys time zone", (Number((1, 73)),)),
    Command("sys time pseudo", flags={
        "-E": (SWITCH,), "-S": (),
        "-T": (Number((1000, 9999)), Number((1, 12)), Number((1, 31)), Number((0, 23)), Number((0, 59))),
    }, several=False),
    Command("sys mpage", (ABLE,), note="in the live help of a Vigor3912S 4.4.7 only; no guide has it"),
    # vlan
    Command("vlan group", (VLAN, _word("set", "set_ex"), Many(PORTS)), classes=("2927",),
            note="the id is printed as 0 to 7, the table has 0 to 15"),
    Command("vlan group", (VLAN, Either(((_word("add", "add_ex", "set", "set_ex"), Many(PORTS)), (_word("show"),)))),
            classes=("3912",)),
    Command("vlan off"),
    Command("vlan on"),
    Command("vlan pri", (VLAN, Number((0, 7))), note="the row is printed as 0 to 7, the table has more"),
    Command("vlan restart"),
    Command("vlan status"),
    Command("vlan subnet", (VLAN, _lans(1))),
    Command("vlan submode", (_word("on", "off", "status"),)),
    Command("vlan tagged", (Either(((VLAN, ON_OFF), (_word("unlimited", "p1_untag"), ON_OFF))),)),
    Command("vlan vid", (VLAN, Number((0, 4095))), note="the row is printed as 0 to 7, the table has more"),
    Command("vlan sysvid", (Either(((_word("show"),), (Number((0, 3980), (0, 3828)),))),)),
    # qos
    Command("qos setup", flags={
        "-h": (), "-W": (Number((1, 6), (1, 12)),), "-m": (_CHECK,), "-i": (Number((1, 100000)),),
        "-o": (Number((1, 100000)),), "-r": (Pattern(r"[1-4]:\d{1,3}", "a class and its share with a colon"),),
        "-u": (SWITCH,), "-p": (Number((0, 100)),), "-t": (SWITCH,), "-V": (), "-I": (SECONDS,), "-O": (SECONDS,),
        "-v": (SWITCH,), "-D": (),
    }, alone=frozenset({"-h", "-D"}), again=frozenset({"-r"})),
    Command("qos class", flags={
        "-h": (), "-c": (Number((1, 3)),), "-n": (Text(None, 1),), "-a": (), "-e": (_QOS_RULE,),
        "-d": (_QOS_RULE,), "-m": (SWITCH,), "-v": (SWITCH,), "-L": (_QOS_OBJECTS,), "-M": (_QOS_OBJECTS,),
        "-l": (Optional(_QOS_ADDRESS),), "-r": (Optional(_QOS_ADDRESS),),
        "-p": (Either(((Number((1, 20)),), (_word("ALL_AF"),))),), "-s": (Number((1, 30)),), "-u": (Number((1, 40)),),
        "-o": (SERVICE_0,), "-g": (GROUP_0,), "-S": (_word("d", "s"),), "-V": (Number((1, 3)),),
    }, alone=frozenset({"-h", "-V", "-S"}), again=frozenset({"-o", "-g"}),
        only=dict.fromkeys(("-v", "-L", "-M", "-o", "-g"), "3912")),
    Command("qos type", flags={
        "-a": (Text(None, 1),), "-e": (Number((1, 40)),), "-d": (Number((1, 40)),), "-n": (Text(None, 1),),
        "-t": (Number((0, 254)),), "-p": (Pattern(r"\d+:\d+", "two ports with a colon between"),), "-l": (),
    }, alone=frozenset({"-l"})),
    Command("qos voip", (ON_OFF,)),
    Command("qos setdefault", classes=("3912",)),
    # show
    *(Command(f"show {word}") for word in (
        "lan", "dmz", "dns", "openport", "nat", "portmap", "pmtime", "session", "status", "statistic"
    )),
    Command("show statistic reset", (Pattern(r"WAN\d+", "WAN1 ..."),)),
    # the others
    Command("portmaptime", flags={
        **dict.fromkeys(("-t", "-u", "-i", "-w", "-s"), (SECONDS,)), "-f": (), "-l": (),
    }, alone=frozenset({"-f", "-l"})),
    Command("exit", note="no guide has it; public clients of real units end their sessions with it"),
    Command("quit"),
)

# A question mark is handed to the command as if it were an argument: only after these it is known to show and not do.
SAFE_QUESTIONS = (
    "sys sip_alg", "msubnet talk", "msubnet mtu", "msubnet leasetime", "srv dhcp ipcnt", "srv nat showall",
    "mngt ssh_oldkex",
)


def check(line: str, model_class: str) -> None:
    """Compare a command line with what is documented for a class of models.

    NotDocumented names the first word, argument or flag that is not, and what is documented there. ValueError when
    there is no such class.
    """
    if model_class not in CLASSES:
        raise ValueError(f"model class {model_class!r}: allowed are {', '.join(CLASSES)}")
    try:
        given = pieces(line)
    except ValueError as error:
        raise NotDocumented(f"{line!r}: {error}") from None
    if "?" in line:
        safe = [
            command.words for command in COMMANDS if command.words in SAFE_QUESTIONS and model_class in command.classes
        ]
        if line not in [f"{words} ?" for words in safe]:
            raise NotDocumented(f"{line!r}: a question mark is documented to be harmless after {', '.join(safe)} only")
        return
    _compare(line, given, model_class)


def _compare(line: str, given: Sequence[Piece], model_class: str) -> None:
    differences: list[tuple[int, NotDocumented]] = []
    for command in COMMANDS:
        words = command.words.split()
        if [piece.text for piece in given[:len(words)]] != words or any(piece.quoted for piece in given[:len(words)]):
            continue
        if model_class not in command.classes:
            text = f"{command.words}: documented for the models of class {', '.join(command.classes)} only"
            differences.append((len(words), NotDocumented(text)))
            continue
        try:
            command.parse(given[len(words):], model_class)
        except Difference as difference:
            differences.append((len(words) + difference.place, difference))
        else:
            return
    if not differences:
        raise _unknown_words(line, given)
    raise max(differences, key=lambda each: each[0])[1]


def _unknown_words(line: str, given: Sequence[Piece]) -> NotDocumented:
    known: list[str] = []
    while True:
        place = len(known)
        following = dict.fromkeys(
            words[place] for command in COMMANDS
            if len(words := command.words.split()) > place and words[:place] == known
        )
        if place >= len(given) or given[place].quoted or given[place].text not in following:
            break
        known.append(given[place].text)
    got = given[place].text if place < len(given) else "the end of the line"
    where = f"{' '.join(known)}: " if known else ""
    return NotDocumented(f"{line!r}: {where}{got} is not documented; documented: {', '.join(following)}")


# Words that destroy or expose something, and why. A word in upper case stands for any single word.
_DESTRUCTIVE: tuple[tuple[str, str], ...] = (
    ("ipf default", "sets all filter rules to default, without asking"),
    ("qos setdefault", "sets QoS to default, without asking"),
    ("object ANY setdefault", "sets all profiles of a kind to default"),
    ("object ANY ANY setdefault", "sets all profiles of a kind to default"),
    ("csm appe prof setdefault", "sets application enforcement to default"),
    ("user setdefault", "sets all user profiles to default"),
    ("sys cfg default", "sets the whole unit to factory default"),
    ("sys halt", "stops the unit"),
    ("srv nat portmap flush", "clears all port redirections"),
    ("srv nat trigger setdefault", "clears all port triggering"),
    ("mngt accesslist flush", "clears the access list: management is open to all addresses"),
    ("linux clean", "deletes data of the applications"),
    ("fs", "changes or deletes files of the unit"),
    ("sys admin", "enters the vendor's test mode"),
    ("sys adminuser view", "shows a password"),
    ("sys cmdlog", "shows what was typed, passwords too"),
    ("sys tftpd", "opens a TFTP server that takes firmware"),
    ("sys ftpd on", "opens the FTP server"),
    ("sys license licera", "erases the licence"),
    ("sys tr069 clear", "clears all TR-069 parameters"),
    ("vlan tagged p1_untag off", "shuts untagged packets out of P1: the way in may be lost"),
    ("switch clear", "reboots the unit"),
    ("apm clear", "removes all profiles of access points"),
)
# Commands with a flag that does, given in any place; in both cases of its letter where the other means nothing else.
_DESTRUCTIVE_FLAGS: tuple[tuple[str, str, str], ...] = (
    ("qos setup", "Dd", "sets QoS of all WANs to default"),
    ("hwqos setup", "Dd", "sets hardware QoS to default"),
    ("mngt lanaccess", "fdFD", "flushes LAN access control or sets it to default"),
    ("srv nat openport", "fF", "sets all open ports to default"),
    ("srv dhcp option", "rR", "removes all DHCP options"),
    ("ha set", "Rr", "sets high availability to default"),
    ("portmaptime", "fF", "ends every session of the unit"),
    ("sys mailalert", "fF", "sets mail alerts to default"),
    ("sys daylightsave", "rR", "sets daylight saving to default"),
)
# Wherever it stands: some commands take it behind their flags.
_UNMISTAKABLE = re.compile(r"setd(e(f(a(u(lt?)?)?)?)?)?", re.IGNORECASE)


def destructive(line: str) -> str:
    """Why a line destroys or exposes something; empty when it does not.

    Read as a unit reads it: words in any case, abbreviated, with extra blanks. An abbreviation that fits a harmless
    word as well counts as harmful unless it is that word in full.
    """
    tokens = line.replace('"', " ").split()
    lowered = [token.lower() for token in tokens]
    if "?" in line and " ".join(lowered) not in [f"{command} ?" for command in SAFE_QUESTIONS]:
        return "a question mark is handed to the command, which may carry itself out"
    for words, why in _DESTRUCTIVE:
        if _spells(words.split(), lowered):
            return why
    for words, letters, why in _DESTRUCTIVE_FLAGS:
        wanted = words.split()
        if _spells(wanted, lowered) and any(
            token.startswith(tuple(f"-{letter}" for letter in letters)) for token in tokens[len(wanted):]
        ):
            return why
    return "sets something to default" if any(map(_UNMISTAKABLE.fullmatch, tokens)) else ""


def _spells(words: Sequence[str], tokens: Sequence[str]) -> bool:
    """Whether a line begins with these words, each perhaps abbreviated."""
    if len(tokens) < len(words):
        return False
    for place, (word, token) in enumerate(zip(words, tokens, strict=False)):
        if word == "ANY":
            continue
        if not word.startswith(token) or (token != word and token in _full_words(tuple(tokens[:place]))):
            return False
    return True


def _full_words(before: tuple[str, ...]) -> set[str]:
    """The documented words that may stand behind some others."""
    return {
        words[len(before)].lower() for command in COMMANDS
        if len(words := command.words.split()) > len(before)
        and all(word.lower().startswith(token) for word, token in zip(words, before, strict=False))
    }
