"""Who may manage a unit, and what is forwarded inwards, as the User's Guides print it and as units may."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.reader import management, nat
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.reader.nat import Forward
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.words import Answer

SMALL_LIST = """%% Access list :
  [Index]      [IP Object Index]      [IP/CIDR or StartIP ~ EndIP]
=======================================================================
  1          1                    Please setting index=1 for IP Object
  10         192                  192.0.2.0/24"""
LARGE_LIST = """%% Access list :
  [NO.]       [Type]      [Index]     [Description]
==============================================================================
  1           IP Object   1           Please setting index=1 for IP Object
  2           Hostname    3           admin.example.com"""
# `mngt lanaccess -v`, Vigor3912 Series User's Guide 1.01, with fewer LANs.
LAN_ACCESS = """Current LAN Access Control Setting:
* Enable:Yes
* Service:
   - FTP:Yes
   - HTTP:No
   - HTTPS:No
   - TELNET:No
   - SSH:Yes
   - TR069:No
   - Enforce HTTPS:Yes
* Subnet:
   - LAN 1: enabled
     - Specific IP(type:IP Object)(index:1) is disabled
   - LAN 2: disabled
     - Specific IP(type:IP Object)(index:0) is disabled
   - LAN 3: enabled
     - Specific IP(type:IP Object)(index:0) is disabled
   - IP Routed Subnet: disabled
     - Specific IP(type:IP Object)(index:0) is disabled"""
BRUTE_FORCE = """Current Brute Force Protection Setting:
* Enable: yes
* Service:
 - FTP:         yes
 - HTTP:        no
 - HTTPS:       no
 - TELNET:      no
 - TR069:       no
 - SSH:         yes
* Maximum login failures: 10
* Penalty period: 0"""
WORDS = """%% Remote configure function : Enable
%% HTTP server : Disable
%% HTTPS server : Enable
%% FTP server : Disable
%% TELNET server : Disable
%% SSH server : Enable
%% TR069 server : Disable
%% SNMP server : Disable
%% Enforce HTTPS : Enable"""
SENTENCES = """%% Remote configure function has been enabled.
%% HTTP server has been disabled.
%% HTTPS server has been enabled.
%% FTP server has been disabled.
%% TELNET server has been disabled.
%% SSH server has been enabled.
%% TR-069 server has been disabled.
%% SNMP server has been disabled.
%% Enforce HTTPS has been enabled."""
FORWARDS = """Index   Proto   WAN IP:Port                 Private IP:Port             Act
*****************************************************************************
R01     TCP     0.0.0.0:25600               192.168.1.10:51200          Y
R02     UDP     -- ALL --:5060              192.168.1.11:5062           Y
R03     TCP     203.0.113.2:443             192.168.1.12:8443           N
O01     ---     0.0.0.0:800~900             192.168.1.100:800~900     Y
O01     ---     0.0.0.0:0~0                 192.168.1.100:0~0         Y
D01     All     0.0.0.0                     192.168.1.96                Y

R:Port Redirection, O:Open Ports, D:DMZ"""


def access_list(text: str) -> Any:
    return management.access_list(Answer("mngt accesslist list", text))


def lan_access(text: str) -> Any:
    return management.lan_access(Answer("mngt lanaccess -v", text))


def brute_force(text: str) -> Any:
    return management.brute_force(Answer("mngt bfp -v", text))


def remote(text: str) -> Any:
    return management.remote(Answer("mngt rmtcfg status", text))


def forwards(text: str) -> Any:
    return nat.forwards(Answer("srv nat showall ?", text))


def test_access_lists() -> None:
    """An entry that names a host has no object."""
    assert access_list(SMALL_LIST) == {1: 1, 10: 192}
    assert access_list(LARGE_LIST) == {1: 1, 2: management.BY_NAME}
    assert access_list(SMALL_LIST.partition("  1   ")[0]) == {}


def test_access_from_the_lans() -> None:
    assert lan_access(LAN_ACCESS) == {
        "enabled": True,
        "services": ("ENFORCE_HTTPS", "FTP", "SSH"),
        "everywhere": False,
        "lans": ("LAN1", "LAN3"),
    }


def test_access_from_everywhere() -> None:
    text = LAN_ACCESS.replace("LAN 2: disabled", "LAN 2: enabled").replace("Subnet: disabled", "Subnet: enabled")
    assert (lan_access(text)["everywhere"], lan_access(text)["lans"]) == (True, ())


def test_a_dmz_that_is_shut_is_not_everywhere() -> None:
    text = LAN_ACCESS.replace("LAN 2: disabled", "LAN 2: enabled")
    text = text.replace("IP Routed Subnet: disabled", "DMZ: disabled\n   - IP Routed Subnet: enabled")
    assert (lan_access(text)["everywhere"], lan_access(text)["lans"]) == (False, ("LAN1", "LAN2", "LAN3"))


def test_what_keeps_guessers_out() -> None:
    assert brute_force(BRUTE_FORCE) == {"enabled": True, "services": ("FTP", "SSH"), "failures": 10, "penalty": 0}
    vpn = brute_force(BRUTE_FORCE.replace("* Maximum", " - VPN:         yes\n* Maximum"))
    assert vpn["services"] == ("FTP", "SSH", "VPN")


@pytest.mark.parametrize("text", [WORDS, SENTENCES])
def test_what_answers_to_the_wan(text: str) -> None:
    """No public example shows the text: words and sentences are understood."""
    assert remote(text) == {"master": True, "services": ("enforce_https", "https", "ssh")}


def test_nothing_answers_to_the_wan() -> None:
    found = remote(WORDS.replace("Enable\n", "Disable\n").replace("HTTPS : Enable", "HTTPS : Disable"))
    assert found == {"master": False, "services": ()}


@pytest.mark.parametrize(
    "text", ["", "%% rmtcfg flags: 0x0041", WORDS.replace("SSH server", "Shell"), WORDS.partition("\n")[2], "HTTP: on"]
)
def test_what_answers_to_the_wan_is_not_understood(text: str) -> None:
    """Where not every service is spoken of, nothing is concluded."""
    assert remote(text) is None


def test_what_is_forwarded() -> None:
    host = IPv4Address
    assert forwards(FORWARDS) == [
        Forward("R01", "port redirection", ("tcp",), (25600, 25600), host("192.168.1.10"), (51200, 51200)),
        Forward("R02", "port redirection", ("udp",), (5060, 5060), host("192.168.1.11"), (5062, 5062)),
        # Which protocol open ports have is not shown.
        Forward("O01", "open ports", ("tcp", "udp"), (800, 900), host("192.168.1.100"), (800, 900)),
        Forward("D01", "DMZ host", ("tcp", "udp"), (0, 65535), host("192.168.1.96"), (0, 65535)),
    ]


Read = Callable[[str], Any]
IN_LIST = "in the answer '%% Access list :'"
IN_LAN = "in the answer 'Current LAN Access Control Setting:'"
IN_BFP = "in the answer 'Current Brute Force Protection Setting:'"
IN_NAT = "in the answer 'Index   Proto   WAN IP:Port                 Private IP:Port             Act'"
STRANGE: dict[str, tuple[Read, str, str, str, str]] = {
    "no list": (
        access_list, SMALL_LIST, "Access list", "Accesses",
        "mngt accesslist list: no line '%% Access list :' in the answer '%% Accesses :'",
    ),
    "no table": (access_list, SMALL_LIST, "=", "-", f"mngt accesslist list: no table of the access list {IN_LIST}"),
    "a place that there is not": (
        access_list, SMALL_LIST, "  10 ", "  11 ",
        f"mngt accesslist list: 'index' is '11', no number from 1 to 10, {IN_LIST}",
    ),
    "an object that there is not": (
        access_list, SMALL_LIST, "192   ", "501   ",
        f"mngt accesslist list: 'object' is '501', no number from 1 to 500, {IN_LIST}",
    ),
    "something that is no entry": (
        access_list, LARGE_LIST, "IP Object   1", "Country 1",
        "mngt accesslist list: '1           Country 1           Please setting index=1 for IP Object', no entry, "
        f"{IN_LIST}",
    ),
    "no service": (lan_access, LAN_ACCESS, "- SSH", "- SHELL", f"mngt lanaccess -v: no line 'SSH' {IN_LAN}"),
    "a service that is neither on nor off": (
        lan_access, LAN_ACCESS, "FTP:Yes", "FTP:Maybe",
        f"mngt lanaccess -v: 'FTP' is 'Maybe', neither enabled nor disabled, {IN_LAN}",
    ),
    "a LAN that is neither in nor out": (
        lan_access, LAN_ACCESS, "LAN 2: disabled", "LAN 2: partly",
        f"mngt lanaccess -v: 'LAN 2' is 'partly', neither enabled nor disabled, {IN_LAN}",
    ),
    "no first LAN": (lan_access, LAN_ACCESS, "LAN 1:", "LAN A:", f"mngt lanaccess -v: no line 'LAN 1' {IN_LAN}"),
    "no switch": (lan_access, LAN_ACCESS, "* Enable", "* State", f"mngt lanaccess -v: no line 'Enable' {IN_LAN}"),
    "no guarded service": (
        brute_force, BRUTE_FORCE, " - TR069:       no\n", "", f"mngt bfp -v: no line 'TR069' {IN_BFP}",
    ),
    "too many failures": (
        brute_force, BRUTE_FORCE, "failures: 10", "failures: 256",
        f"mngt bfp -v: 'Maximum login failures' is '256', no number from 0 to 255, {IN_BFP}",
    ),
    "a penalty that is none": (
        brute_force, BRUTE_FORCE, "period: 0", "period: forever",
        f"mngt bfp -v: 'Penalty period' is 'forever', no number from 0 to 65535, {IN_BFP}",
    ),
    "a service that is on and off": (
        remote, WORDS, "%% SNMP server : Disable", "%% SSH server : Disable",
        "mngt rmtcfg status: ssh is on and off in the answer '%% Remote configure function : Enable'",
    ),
    "no table of redirections": (
        forwards, FORWARDS, "Proto", "Protocol",
        "srv nat showall ?: no table of redirections with its legend in the answer "
        "'Index   Protocol   WAN IP:Port                 Private IP:Port             Act'",
    ),
    "no legend": (
        forwards, FORWARDS, "D:DMZ", "", f"srv nat showall ?: no table of redirections with its legend {IN_NAT}",
    ),
    "a line that is cut": (
        forwards, FORWARDS, "192.168.1.96                Y", "192.168.1.96",
        f"srv nat showall ?: a line that is no redirection {IN_NAT}",
    ),
    "ports that there are not": (
        forwards, FORWARDS, "0.0.0.0:800~900 ", "0.0.0.0:800~70000 ", f"srv nat showall ?: ports '800~70000' {IN_NAT}",
    ),
    "a host that there is not": (
        forwards, FORWARDS, "192.168.1.96", "192.168.1.960",
        f"srv nat showall ?: 'Private IP' is '192.168.1.960', no IPv4 address, {IN_NAT}",
    ),
    "a redirection without ports": (
        forwards, FORWARDS, "0.0.0.0:25600", "0.0.0.0      ", f"srv nat showall ?: ports None {IN_NAT}",
    ),
}


@pytest.mark.parametrize(("read", "text", "old", "new", "said"), STRANGE.values(), ids=STRANGE)
def test_strange_answers(read: Read, text: str, old: str, new: str, said: str) -> None:
    assert old in text
    with pytest.raises(Misunderstood) as error:
        read(text.replace(old, new))
    assert str(error.value) == said
