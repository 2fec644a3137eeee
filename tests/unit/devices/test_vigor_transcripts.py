"""What a Vigor prints, as its User's Guides and captures of real units show it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.devices.vigor import Knobs, Vigor, factory_config, lived_in_config
from tests.devices.vigor.factory import lan


def small(**knobs: object) -> Vigor:
    return Vigor(factory_config("Vigor2927Lac", "4.5.2.2"), knobs=Knobs(**knobs))  # type: ignore[arg-type]


def large(**knobs: object) -> Vigor:
    return Vigor(factory_config("Vigor3912S", "4.3.5"), knobs=Knobs(**knobs))  # type: ignore[arg-type]


def text(*lines: str) -> str:
    return "\r\n".join(lines)


REBOOT = (
    "", " This setting will take effect after rebooting.",
    ' Please use "sys reboot" command to reboot the router.',
)

# (line, answer) pairs run one after the other on a unit as delivered.
BOTH = [
    ("sys commit", ""),
    ("object ip obj 1 -n marketing", "OK."),
    ("object ip obj 1 -a 1 192.168.1.45", "OK."),
    ("object ip obj 1 -v", text(
        " IP Object Profile 1", " Name   :[marketing]", " Interface:[Any]", " Address type:[single]",
        " Start ip address:[192.168.1.45]", " End/Mask ip address:[0.0.0.0]", " MAC Address:[00:00:00:00:00:00]",
        " Invert Selection:[0]")),
    ("obj ipv6 obj 3 -a 3 2607:f0d0:1002:51::4 2607:f0d0:1002:51::4", "Setting saved."),
    ("obj ipv6 obj 3 -v", text(
        " IPv6 Object Profile 3", " Name   :[]", " Address Type:[range]", " Start IPv6 Address:[2607:F0D0:1002:51::4]",
        " End IPv6 Address:[2607:F0D0:1002:51::4]", " Prefix Length:[0]", " MAC Address:[00:00:00:00:00:00]",
        " Invert Selection:[0]", " Match Type:[0]")),
    ("object service obj 1 -n limit", ""),
    ("object service obj 1 -p 255", ""),
    ("object service obj 1 -s 1 120 240", ""),
    ("object service obj 1 -d 1 200 220", ""),
    ("object schedule set 1 -e 1", ""),
    ("object schedule set 1 -c Working", ""),
    ('object schedule set 1 -D "2023 11 23"', ""),
    ('object schedule set 1 -T "8 1"', ""),
    ('object schedule set 1 -d "2 30"', ""),
    ("object schedule set 1 -a 0", ""),
    ('object schedule set 1 -h "1 Mon Wed"', ""),
    ("object schedule view 1", text(
        "Index No.1", "", "-" * 50, "[v] Enable Schedule Setup", "        Comment [ Working ]",
        "        Start Date (yyyy-mm-dd)  [ 2023 ]-[ 11 ]-[ 23 ]", "        Start Time (hh:mm)       [  8 ]:[  1 ]",
        "        Duration Time (hh:mm)    [  2 ]:[ 30 ]", "        Action                   [ Force On ]",
        "        Idle Timeout             [   0 ] minute(s).(max. 255, 0 for default)", "        ", "-" * 68,
        "        How Often", "         [v] Weekdays",
        "             [ ]Sun  [v]Mon  [ ]Tue  [v]Wed  [ ]Thu  [ ]Fri  [ ]Sat")),
    ('ipf rule 3 1 -e 1 -M testtest -s "u 1 192.168.1.20" -F "0 1"', "Setting saved."),
    ('ipf set -R "v4 1"', "Setting saved."),
    ("ipf set 1 -m sansansan", ""),
    ("srv nat openport 1 1 -a 1 -c games -i 192.168.1.55 -w 1 1 -p TCP -s 56 -e 83", " Set WAN Port ok!!"),
    ("srv nat openport 1 1 -v", text(
        "%% Status: Enable", "%% Comment: games", "%% WAN Interface: WAN1", "%% Private IP address: 192.168.1.55",
        "Index   Protocal        Start Port      End Port", "*" * 65, "  1.    TCP             56              83")),
    ("show openport ?", text(
        "%%      Openport settings:", "Index   Status  Comment         Local IP Address", "*" * 56,
        "  1.    Enable  games           192.168.1.55", "Total 1 items listed.")),
    ("srv nat portmap add 1 name tcp 100 0 0 192.168.1.10 200 wan1 1", ""),
    ("mngt rmtcfg ftp on", text(
        "Enable server fail", "Remote configure function has been disabled",
        "please enable by enter mngt rmtcfg enable", "")),
    ("mngt rmtcfg enable", "%% Remote configure function has been enabled."),
    ("mngt rmtcfg ftp on", "%% FTP server has been enabled."),
    ("mngt wanlogin enable", "%% wan login enabled."),
    ("mngt echoicmp enable", "%% Echo ICMP packet enabled."),
    ("mngt telnetport 23", "% Set Telnet server port to 23 done."),
    ("mngt sshport 23", "% Set ssh port to 23 done."),
    ("mngt httpsport 443", "% Set web server port to 443 done."),
    ("mngt telnettimeout 100", "% Telnet timeout : 100s"),
    ("mngt sshtimeout 200", "% SSH timeout : 200s"),
    ("mngt ssh_oldkex ?", text("%% mngt ssh_oldkex enable/disable", "%% Current setting is disabled", "")),
    ("mngt acme ?", "invalid command !!"),
    ("mngt bfp -e 1", ""),
    ("mngt bfp -s FTP", ""),
    ("mngt bfp -l 10", ""),
    ("mngt bfp -p 0", ""),
    ("mngt bfp -v", text(
        "Current Brute Force Protection Setting:", "* Enable: yes", "* Service:", " - FTP:         yes",
        " - HTTP:        no", " - HTTPS:       no", " - TELNET:      no", " - TR069:       no", " - SSH:         no",
        "* Maximum login failures: 10", "* Penalty period: 0")),
    ("msubnet switch 2 On", text("% LAN2        Subnet On!", *REBOOT)),
    ("msubnet addr 2 192.168.5.1", text("% Set LAN2 subnet IP address done !!!", *REBOOT)),
    ("msubnet dhcps 3 off", text("% LAN3        Subnet DHCP Server disabled!", *REBOOT)),
    ("msubnet gateway 2 192.168.1.13", text("% Set LAN2 Dhcp Gateway IP done !!!", *REBOOT)),
    ("msubnet ipcnt 2 15", text(*REBOOT[1:])),
    ("msubnet talk 1 2 on", text("", "% Enable routing between LAN1        and LAN2       !", *REBOOT)),
    ("msubnet leasetime 1", "% Set LAN1 lease time: 259200"),
    ("msubnet leasetime 8 300", "% Set LAN8 lease time: 300"),
    ("msubnet mtu LAN1 1492", ""),
    ("srv dhcp dns1 lan8 168.95.1.1", text("% srv dhcp dns1 lan8 <DNS IP address>", "% Now: 168.95.1.1")),
    ("srv dhcp ipcnt ?", text("% srv dhcp ipcnt <IP counts>", "% Now: 150")),
    ("srv dhcp startip 192.168.1.53", text(*REBOOT[1:])),
    ("srv dhcp option -e 1 -c 18 -v /path", ""),
    ("srv dhcp option -l", text(
        "% state   idx interface          opt type     data", "% enable  1   ALL LAN            18  ASCII    /path")),
    ("vlan on", " VLAN is Enable!"),
    ("vlan pri 1 2", "VLAN1: Priority=2"),
    ("vlan restart ?", " VLAN restarts!!!"),
    ("vlan subnet group_id 2", text("% Vlan Group-0 using LAN2       !", *REBOOT)),
    ("vlan tagged unlimited on", "Unlimited mode is ON "),
    ("vlan submode status", "% vlan subnet mode : normal mode"),
    ("qos setup -m 3 -i 9500 -o 8500 -r 3:20", text(
        "", " WAN1 QOS mode is both", " inbound bandwidth set to 9500", " outbound bandwidth set to 8500",
        " WAN1 class 3 ratio set to 20", "QoS WAN1 set complete; restart QoS")),
    ("qos class -c 2 -n draytek -a -m 1 -l 192.168.1.50:192.168.1.80", text(
        "", " Following setting will set in the class2", " class 2 name set to draytek", " Add a rule in class2",
        " Class2 the 1 rule enabled", " Set local address type to Range, 192.168.1.50:192.168.1.80")),
    ("qos voip off", "QoS for VoIP: Disable; SIP Port: 5060"),
    ("sys autoreboot 2", text(" autoreboot is ON", " autoreboot time is 2 hour(s)")),
    ("sys name", "% input wan1/wan2 to set name"),
    ("sys sip_alg -p 65535", " Current listening port: 65535"),
    ("sys alg -e 1", "Enable ALG"),
    ("ipf default ?", "All filter rules was set to default values.\r\n"),
    ("qos setdefault ?", "setdefault!"),
]
SMALL = [
    ("sys version", text(
        "Router Model: Vigor2927Lac    Version: 4.5.2.2 English", "Profile version: 4.0.0    Status: 1 (0x47ae9d5a)",
        "Router IP: 192.168.1.1    Netmask: 255.255.255.0", "Firmware Build Date/Time: Jul  9 2026 11:31:06",
        "Router Name: DrayTek", "Revision: 6569_e31a944115 drayos2015_Vigor2927_452_fd593bfca2",
        "Router serial no: None")),
    ("sys sip_alg -e 1", " Enable SIP ALG"),
    ("sys sip_alg ?", text(
        "Usage: sys sip_alg <command> <parameter>", " -e: enable SIP ALG (0:disable, 1:enable)",
        " -p: set your listening port for SIP ALG", " -u: enable listen along UDP path (0:disable, 1:enable)",
        " -t: enable listen along TCP path (0:disable, 1:enable)", "", "Current SIP ALG status",
        " -ALG Master Switch: Disabled", " -SIP ALG: Enabled", " -Listen along UDP path: Yes",
        " -Listen along TCP path: No", " -Listening Port: 5060", " -Max sipalg session num: 512",
        " -Remain sipalg session num: 512")),
    ("object ip grp 2 -n First", text(
        " IP Group Profile 2", " Name   :[First]", " Interface:[Any]", " Included ip object index:",
        *(f" [{slot}:][0]" for slot in range(12)), "Set ok!")),
    ("object service obj 1 -p 255", ""),
    ("object service obj 1 -v", text(
        " Service Object Profile 1", " Name   :[]", " Protocol:[255]", " Source port check action:[=]",
        " Source port range:[1~65535]", " Destination port check action:[=]", " Destination port range:[1~65535]")),
    ("object service grp 1 -a 1 2", text(
        " Service Group Profile 1", " Name   :[]", " Included service object index:", " [0:][1]", " [1:][2]",
        *(f" [{slot}:][0]" for slot in range(2, 8)))),
    ("ipf set -v", text(
        "Data Filter: Enable (Start Filter Set = 2)", "Log Flag   : Disable", "",
        "Actions for packet not matching any rule:", "  Pass or Block     : Pass",
        "  CodePage          : ANSI(1252)-Latin I", "  Max Sessions Limit: 60000", "  Current Sessions  : 0",
        "  Mac Bind IP       : Non-Strict", "  QOS Class         : None", "  Packet Capture    : Disable",
        "  APP Enforcement   : None", "  URL Content Filter: None", "  WEB Content Filter: None",
        "  DNS Filter        : None", "  Load-Balance policy : Auto-select", "  ", "-" * 70,
        "  CodePage                   : ANSI(1252)-Latin I", "  Window size                : 65535",
        "  Session timeout            : 60", "  DrayTek Banner             : Enable", "  ", "-" * 70,
        "  Accept large incoming fragmented UDP or ICMP packets: Enable",
        "  Transparent Mode                                    : Disable", "  ", "-" * 70,
        "  Block routing packet from WAN:", "    [v] IPv4", "    [v] IPv6", "  ", "-" * 70,
        "  [ ] Enable Strict Security Firewall")),
    ("ipf rule 2 1 -v", text(
        "Filter Set 2 Rule 1:", "", "Status  : Disable", "Comments: <null>",
        "Index(1-15) in Schedule Setup: <null>, <null>, <null>, <null>", "",
        "Clear sessions when schedule is ON: Disable", "", "Direction     : LAN/DMZ/RT/VPN -> WAN",
        "Src Interface : LAN1, LAN2, LAN3, LAN4, LAN5, LAN6, LAN7, LAN8, DMZ, Routed, VPN",
        "Dst Interface : WAN1, WAN2, WAN3, WAN4, WAN5, WAN6, WAN7, WAN8, WAN9", "Source IP      : Any",
        "Destination IP : Any", "Service Type   : Any", "Fragments      : Don't Care", "",
        "Pass or Block              : Pass Immediately", "Branch to Other Filter Set : None",
        "Max Sessions Limit         : 60000", "Current Sessions           : 0",
        "Mac Bind IP                : Non-Strict", "Qos Class                  : None",
        "Packet Capture             : Disable", "APP Enforcement            : None",
        "URL Content Filter         : None", "WEB Content Filter         : None",
        "DNS Filter                 : None", "Load-Balance policy        : Auto-select",
        "Log                        : Disable", "-" * 70, "CodePage                   : ANSI(1252)-Latin I",
        "Window size                : 65535", "Session timeout            : 60",
        "DrayTek Banner             : Enable", "  ", "-" * 70, "  Strict Security Checking",
        "    [ ]APP Enforcement")),
    ("mngt accesslist add 1 1", "%% Set OK."),
    ("mngt accesslist list", text(
        "%% Access list :", "  [Index]      [IP Object Index]      [IP/CIDR or StartIP ~ EndIP]", "=" * 71,
        "  1          1                    Please setting index=1 for IP Object")),
    ("vlan group 3 set p1 s3 s4", text(
        " VLAN p1 p2 p3 p4 p5 s1 s2 s3 s4 5gs1 5gs2 5gs3 5gs4", f" {'-' * 63}", "   3  V                    V  V")),
    ("vlan subnet 0 2", text("% Vlan Group-0 using LAN2       !", *REBOOT)),
    ("vlan status", text(
        "VLAN is Disable :", "-" * 80,
        "VLAN Enable VID Pri    p1 p2 p3 p4 p5 s1 s2 s3 s4 5gs1 5gs2 5gs3 5gs4 subnet", "-" * 80,
        " 0    OFF    0   0                                                    2:LAN2",
        " 1    OFF    0   0                                                    1:LAN1",
        " 2    OFF    0   0                                                    1:LAN1",
        " 3    OFF    0   0     V                    V  V                      1:LAN1",
        *(f"{row:>2}    OFF    0   0                                                    1:LAN1"
          for row in range(4, 16)),
        "-" * 80,
        " Note: they are only untag for s1/s2/s3/s4/5gs1/5gs2/5gs3/5gs4, but they can join tag vlan with lan ports.",
        " Permit untagged device in P1 to access router: ON....")),
    ("vlan vid 1 4095", "VLAN1, vid=4095"),
    ("vlan off", text(
        " VLAN is Disable!", "  Force subnet LAN2/3/4/5/6/7/8/9/10/11/12/13/14/15/16 to be disabled!!")),
    ("msubnet nat 2 off", text(
        "% LAN2 Subnet is for Routing usage!",
        "%Note: If you have multiple WAN connections, please be reminded to setup a Load-Balance policy so that"
        " packets from this subnet will be forwarded to the right WAN interface!", *REBOOT)),
    ("msubnet leasetime ?", text(
        "% msubnet leasetime <1/2/3/4/5/6/7/8/dmz> <Lease Time (sec.)>",
        "% Now:LAN1 86400; LAN2 259200; LAN3 259200; LAN4 259200; LAN5 259200; LAN6 259200; LAN7 259200; LAN8 259200;"
        " DMZ Port 259200")),
    ("msubnet talk 1 2 on", text("", "% Enable routing between LAN1        and LAN2       !", *REBOOT)),
    ("msubnet talk ?", text(
        "% msubnet talk <1/2/3/4/5/6/7/8/dmz> <1/2/3/4/5/6/7/8/dmz> <On/Off>",
        "% where 1:LAN1, 2:LAN2, 3:LAN3, 4:LAN4, 5:LAN5, 6:LAN6, 7:LAN7, 8:LAN8, dmz:DMZ Port", "% Now:",
        "%              LAN1   LAN2   LAN3   LAN4   LAN5   LAN6   LAN7   LAN8   DMZ Port", "% LAN1          V",
        "% LAN2          V      V", "% LAN3                        V", "% LAN4                               V",
        "% LAN5                                      V", "% LAN6                                             V",
        "% LAN7                                                    V",
        "% LAN8                                                           V",
        "% DMZ Port                                                              V")),
]
LARGE = [
    ("sys sip_alg -e 1", text(" Auto enable ALG Master Switch", " Enable SIP ALG")),
    ("ipf set -c 3 -p 0 1", "Setting saved."),
    ("mngt accesslist add ip 1 1", '%% Set OK. Please do "sys re" to reboot the router!'),
    ("mngt accesslist list", text(
        "%% Access list :", "  [NO.]       [Type]      [Index]     [Description]", "=" * 78,
        "  1           IP Object   1           Please setting index=1 for IP Object")),
    ("vlan group 3 set p1 p4", text(" OK.", "Use cmd 'vlan status' if you want to check result.")),
    ("vlan sysvid 100", text(
        " You have set system VLAN ID to range: 100 ~ 367,", " We recommend that you reboot the system now.")),
    ("vlan sysvid show", " The system VLAN ID is in range: 100 ~ 367"),
    ("vlan off", " VLAN is Disable!"),
    ("object service obj 1 -p 255", ""),
    ("object service obj 1 -v", text(
        " Service Object Profile 1", " Name   :[]", " Protocol:[TCP/UDP]", " Source port check action:[=]",
        " Source port range:[1~65535]", " Destination port check action:[=]", " Destination port range:[1~65535]")),
    ("object ip grp 2 -n First", text(
        " IP Group Profile 2", " Name   :[First]", " Interface:[Any]", " Included ip object index:",
        *(f" [{slot}:][0]" for slot in range(100)), "", "Set ok!")),
    ("sys mpage ?", text(
        "Enable/Disable More Page", "Syntax:", "  sys mpage enable: Set enable show more page.",
        "  sys mpage disable: Set disable show more page.", "",
        "  (*) For test only, just save on memory, it will be reset after reboot.", "")),
]


@pytest.mark.parametrize(("make", "transcript"), [
    pytest.param(small, BOTH, id="2927-common"), pytest.param(large, BOTH, id="3912-common"),
    pytest.param(small, SMALL, id="2927"), pytest.param(large, LARGE, id="3912"),
])
def test_transcript(make: Callable[[], Vigor], transcript: list[tuple[str, str]]) -> None:
    device = make()
    for line, answer in transcript:
        shown = device.handle(line).text
        if line == "sys version":
            # What the number in brackets means, no source says.
            shown = shown.replace(shown.split("(")[1].split(")")[0], "0x47ae9d5a")
        assert shown == answer, line


def test_a_rule_of_a_3912() -> None:
    device = large()
    device.handle('ipf rule 3 1 -e 1 -M testtest -s "u 1 192.168.1.20" -F "0 1')
    rows = device.handle("ipf rule 3 1 -v").text.split("\r\n")
    lans = ", ".join(f"LAN{number}" for number in range(1, 101))
    wans = ", ".join(f"WAN{number}" for number in range(1, 53))
    assert rows[2:4] == ["Status  : Enable", "Comments: testtest"]
    at = rows.index("Direction     : LAN/RT/VPN -> WAN")
    assert rows[at + 1 : at + 5] == [
        f"Src Interface : {lans}, Routed, VPN, ", "", f"Dst Interface : {wans}", "Source IP      : 192.168.1.20",
    ]
    assert "Max Sessions Limit         : 300000" in rows
    assert "Log                        : Enable" in rows


def test_filter_settings_of_a_3912() -> None:
    device = large()
    device.handle("ipf set -c 3 -d 2 -L 1")
    rows = device.handle("ipf set -v").text.split("\r\n")
    assert rows[:4] == [
        "", "Call Filter: Enable (Start Filter Set = 3)", "Data Filter: Enable (Start Filter Set = 2)",
        "Log Flag   : Disable",
    ]
    assert rows[-1] == "  [v] Enable Strict Security Firewall"
    device.handle("ipf set -d 0")
    assert "Data Filter: Disable" in device.handle("ipf set -v").text.split("\r\n")


def test_a_lan_that_is_off() -> None:
    config = factory_config()
    config["lans"]["2"] = {
        **lan(2), "address": "0.0.0.0", "mask": "0.0.0.0", "dhcp": 0, "start": "0.0.0.10", "count": 50,
        "gateway": "0.0.0.0",
    }
    assert Vigor(config).handle("msubnet status 2").text == text(
        "% LAN2        Off: 0.0.0.0/0.0.0.0, PPP Start IP: 0.0.0.60", "% DHCP server: Off",
        "% Dhcp Gateway: 0.0.0.0, Start IP: 0.0.0.10, Pool Count: 50",
    )


def test_lan_summary() -> None:
    rows = large().handle("show lan").text.split("\r\n")
    assert rows[:3] == [
        "The LAN settings:", "Status   IP              Mask            DHCP Start IP        Pool Gateway",
        "-------- --------------- --------------- ---- --------------- ---- ---------------",
    ]
    assert rows[3:5] == [
        "[V]LAN1  192.168.1.1     255.255.255.0   V    192.168.1.10    150  192.168.1.1",
        "[X]LAN2  192.168.2.1     255.255.255.0   V    192.168.2.10    100  192.168.2.1",
    ]
    assert rows[12] == "[X]LAN10  192.168.10.1    255.255.255.0   V    192.168.10.10   100  192.168.10.1"
    assert rows[102].startswith("[X]LAN100  192.168.101.1 ")


def test_what_lines_do() -> None:
    device = small()
    rows = device.handle("show status").text.split("\r\n")
    assert rows[0] == "System Uptime:0:00:00"
    assert rows[5:9] == [
        "WAN 1 Status: Connected", "Enable:Yes       Line:Ethernet    Name:",
        "Mode:Static IP   Up Time:00:00:00    IP:203.0.113.2    GW IP:203.0.113.1",
        "TX Packets:47380      TX Rate(bps):2600 RX Packets:59135      RX Rate(bps):5704",
    ]
    assert rows[10:14] == [
        "WAN 2 Status: Disconnected", "Enable:No        Line:Ethernet    Name:",
        "Mode:---         Up Time:00:00:00    IP:---            GW IP:---",
        "TX Packets:0          TX Rate(bps):0   RX Packets:0          RX Rate(bps):0",
    ]
    device.advance(3661)
    assert device.handle("show status").text.startswith("System Uptime:1:01:01\r\n")


def test_translations_add_up() -> None:
    config = factory_config()
    config["wans"] = {}
    device = Vigor(config)
    device.handle("srv nat portmap add 1 x tcp 25600 0 0 192.168.1.10 51200 wan1 1")
    device.handle("srv nat portmap add 2 y tcp 13902 0 0 192.168.100.10 64288 all 1")
    device.handle("srv nat openport 1 1 -a 1 -i 192.168.1.100 -w 1 1 -p UDP -s 800 -e 900")
    device.handle("srv nat dmz 1 1 -i 192.168.1.96")
    device.handle("srv nat dmz 1 1 -e 1")
    rows = device.handle("srv nat showall ?").text.split("\r\n")
    assert rows[:6] == [
        "Index   Proto   WAN IP:Port                 Private IP:Port             Act", "*" * 77,
        "R01     TCP     0.0.0.0:25600               192.168.1.10:51200          Y",
        "R02     TCP     -- ALL --:13902             192.168.100.10:64288        Y", "",
        "O01     ---     0.0.0.0:800~900             192.168.1.100:800~900       Y",
    ]
    assert rows[6:15] == ["O01     ---     0.0.0.0:0~0                 192.168.1.100:0~0           Y"] * 9
    assert rows[15:] == [
        "", "D01     All     0.0.0.0                     192.168.1.96                Y", "",
        "R:Port Redirection, O:Open Ports, D:DMZ",
    ]


@pytest.mark.parametrize(("model", "head", "indent", "places"), [
    ("Vigor2927", ["* Enable:Yes", "  - FTP:No"], "  ", 18),
    ("Vigor3912", ["* Enable:Yes", "* Service:", "   - FTP:No"], "   ", 101),
])
def test_access_from_the_lans(model: str, head: list[str], indent: str, places: int) -> None:
    device = Vigor(factory_config(model))
    assert device.handle("mngt lanaccess -e 1 -s HTTPS,SSH -i LAN3 -I 5 -E 1").text == ""
    rows = device.handle("mngt lanaccess -v").text.split("\r\n")
    assert rows[0] == "Current LAN Access Control Setting:"
    assert rows[1 : 1 + len(head)] == head
    assert f"{indent}- HTTPS:Yes" in rows
    assert f"{indent}- Enforce HTTPS:No" in rows
    assert [f"{indent}- LAN 1: enabled", f"{indent}  - Specific IP(type:IP Object)(index:5) is enabled"] == rows[
        rows.index(f"{indent}- LAN 1: enabled") :][:2]
    assert f"{indent}- LAN 2: disabled" in rows
    assert f"{indent}- LAN 3: enabled" in rows
    assert rows[-2] == f"{indent}- IP Routed Subnet: disabled"
    assert sum(row.endswith(("enabled", "disabled")) and "Specific" in row for row in rows) == places


def test_members_stand_below_their_ports() -> None:
    device = Vigor(lived_in_config("Vigor3912S"))
    rows = device.handle("vlan status").text.split("\r\n")
    assert rows[0] == "VLAN  is Enable :"
    assert rows[2] == "VLAN Enable VID  Pri   p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11 p12  subnet"
    header, row = rows[2], rows[5]
    assert [name for name in header.split()[4:-1] if row[header.index(f"{name} ")] == "V"] == ["p3", "p4"]
    assert row[header.index("subnet") :] == "2:LAN2"
    assert row.split()[:4] == ["1", "ON", "20", "0"]
    assert len(rows) == 4 + 100 + 2
